//! Where a tablet keeps what must survive a power cut: a small key-value store with an atomic, durable `put`.

mod faulty;
#[cfg(not(target_family = "wasm"))]
mod file;
mod journal;
mod memory;
mod stamp;

pub use faulty::{Fault, FaultyStore};
#[cfg(not(target_family = "wasm"))]
pub use file::{FileStore, MakesWay};
pub use journal::{Change, JournalStore};
pub use memory::MemoryStore;

use std::fmt;
use thiserror::Error;

/// Longest key in bytes.
pub const KEY_MAX: usize = 200;
/// Longest value in bytes: larger than anything the core encodes for a tablet.
pub const VALUE_MAX: usize = 4 * 1024 * 1024;

/// Name of a value: parts of ASCII letters, digits, `-`, `.` and `_`, joined by `~`. It is a file name everywhere.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The key of some parts.
    ///
    /// # Panics
    /// If a part is empty or has other characters: parts are unit codes, hexadecimal ids and fixed words.
    pub fn of(parts: &[&str]) -> Self {
        let key = Self(parts.join("~"));
        assert!(Self::parse(&key.0).is_some(), "a key has plain parts");
        key
    }

    /// The key with this text, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
        (text.len() <= KEY_MAX && text.split('~').all(part)).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its parts.
    pub fn parts(&self) -> Vec<&str> {
        self.0.split('~').collect()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// Why a store did not do it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another process uses the folder.
    #[error("the folder {folder} is in use by another program: close that one first")]
    InUse {
        /// The folder.
        folder: String,
    },
    /// A value is not what was written.
    #[error("the stored value {key} is damaged: keep this tablet as it is and ask the office")]
    Damaged {
        /// Its key.
        key: String,
    },
    /// A file that no tablet writes.
    #[error("the file {name} does not belong into a tablet's folder: move it away")]
    Foreign {
        /// Its name.
        name: String,
    },
    /// A value longer than [`VALUE_MAX`].
    #[error("the value {key} has {found} bytes, more than {VALUE_MAX}")]
    TooLong {
        /// Its key.
        key: Key,
        /// Its length.
        found: usize,
    },
    /// No room is left.
    #[error("the tablet's memory is full: free some space; what was confirmed is safe")]
    Full,
    /// The system failed.
    #[error("the tablet cannot {action} {key}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        key: String,
        /// Why not.
        source: std::io::Error,
    },
}

/// A tablet's store. After an error of a writing call it is unknown whether that value is the old or the new one,
/// never something between; whoever goes on reads again after [`Store::settle`].
pub trait Store {
    /// The value of a key.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it is not what was put, or [`StoreError::Io`].
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;

    /// Puts a value: when this returns, it survives a power cut, and at every instant before, the old one does.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError>;

    /// Destroys a value as well as the medium allows. A key that is not there is success.
    ///
    /// # Errors
    /// [`StoreError`].
    fn destroy(&mut self, key: &Key) -> Result<(), StoreError>;

    /// Every key, ascending.
    ///
    /// # Errors
    /// [`StoreError`], also for anything that does not belong there.
    fn keys(&self) -> Result<Vec<Key>, StoreError>;

    /// Makes durable whatever reads show now.
    ///
    /// # Errors
    /// [`StoreError`].
    fn settle(&mut self) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_file_name_on_every_system() {
        for good in ["box~DB05", "item~00712~5~ab", "A.b-c_d"] {
            assert_eq!(Key::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "~", "a~", "../x", ".hidden", "a/b", "a b", "ô", "a\0", &"x".repeat(201)] {
            assert!(Key::parse(bad).is_none(), "{bad:?}");
        }
    }
}
