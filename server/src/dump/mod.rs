//! The centre as one stream of bytes, the same for every database engine: what a backup holds. `BACKUP.md` describes
//! every byte.
//!
//! [`Encoder`] writes it, [`Reader`] reads it back strictly and a frame at a time, [`keys`] seals and opens the file
//! around it (age). Nothing here knows the database: rows are lists of [`Cell`]s in the columns of
//! [`crate::store::tables`].

mod cell;
#[cfg(test)]
mod hostile;
pub mod keys;
mod read;
mod write;

pub use cell::Cell;
pub use read::{Reader, Summary, summary};
pub use write::Encoder;

use thiserror::Error;

/// First bytes of a dump.
pub const MAGIC: &[u8; 16] = b"homphieu-backup\n";
/// Version of the format.
pub const VERSION: u64 = 1;
/// Longest frame in bytes. The longest cells are a round's import and its results, each at most 16 MiB by the bounds of
/// what they hold.
pub const FRAME_MAX: u32 = 64 * 1024 * 1024;
/// Longest file of the centre's folder that a backup holds, in bytes.
pub const FILE_MAX: u64 = 1024 * 1024;
/// Most files of the centre's folder that a backup holds.
pub const FILES_MAX: usize = 256;
/// Most bytes of all such files together.
pub const FILES_TOTAL_MAX: u64 = 16 * 1024 * 1024;
/// Longest path of such a file in bytes.
pub const PATH_MAX: usize = 200;
/// Most rounds whose digests a backup states.
pub const ROUNDS_MAX: usize = 10_000;

/// What a dump says of itself first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Version of the program that wrote it.
    pub program: String,
    /// Number of the last migration of the database it was taken from.
    pub schema: i64,
    /// When it was taken, in seconds since 1970: a note for people.
    pub taken_at: i64,
    /// Random name of this backup.
    pub id: BackupId,
}

/// Name of a backup.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackupId(pub [u8; 16]);

impl std::fmt::Display for BackupId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for BackupId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BackupId({self})")
    }
}

/// One part of a dump after its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file of the centre's folder.
    File {
        /// Its path below the folder, with `/` between names.
        path: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Rows of this table follow: its place in [`Reader::tables`].
    Table(usize),
    /// A row of the table.
    Row(Vec<Cell>),
    /// The table ends.
    TableEnd {
        /// Rows it has.
        rows: u64,
    },
    /// What the dump holds of a round, see [`crate::store::digest`].
    Round {
        /// The round.
        id: [u8; 16],
        /// Digest of what it holds of it.
        digest: [u8; 32],
    },
}

/// Why bytes are no backup that can be used. Nothing was changed.
#[derive(Debug, Error)]
pub enum DumpError {
    /// It is something else.
    #[error("this is no backup of Hòm Phiếu: look for a file written by `homphieu backup`")]
    NotABackup,
    /// It is encrypted and no key was given.
    #[error("this backup is encrypted: give the key file with --identity, or --passphrase")]
    Encrypted,
    /// None of the keys opens it.
    #[error("this backup was encrypted for somebody else: none of the given keys opens it")]
    WrongKey,
    /// A key is no key.
    #[error("{what} is no {expected}")]
    Key {
        /// What was given, never a secret.
        what: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The format is of another version.
    #[error(
        "this backup has format {found}, this program knows format {VERSION}: use the program's newer version"
    )]
    Version {
        /// The version found.
        found: u64,
    },
    /// It comes from a newer program.
    #[error(
        "this backup was taken by version {program} of the program from a newer database ({found}, this program knows \
         {known}): install that version, or a later one, and restore with it"
    )]
    NewerSchema {
        /// Migration found.
        found: i64,
        /// Newest migration known.
        known: i64,
        /// Version of the program that wrote it.
        program: String,
    },
    /// It ends early.
    #[error("this backup is cut off: it was not copied or written whole; use another copy")]
    CutOff,
    /// Something in it is not what the format says.
    #[error("this backup is damaged ({what}): use another copy or another backup")]
    Damaged {
        /// What.
        what: &'static str,
    },
    /// Something in it is longer than the format allows.
    #[error("this backup is damaged ({what} is longer than the {limit} bytes allowed): use another copy")]
    TooLong {
        /// What.
        what: &'static str,
        /// Most bytes allowed.
        limit: u64,
    },
    /// Its bytes are not those that were written.
    #[error("this backup is damaged (its digest is another one): use another copy or another backup")]
    Digest,
    /// Bytes follow its end.
    #[error("something follows the end of this backup: use another copy")]
    Trailing,
    /// It could not be read at all.
    #[error("cannot read the backup: {0}")]
    Io(std::io::Error),
}

impl DumpError {
    /// An error of reading. A stream that ends early, and a cipher that does not stand, say what they mean.
    fn reading(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::CutOff,
            std::io::ErrorKind::InvalidData => Self::Damaged { what: "the encrypted file" },
            _ => Self::Io(error),
        }
    }
}

/// Whether a path may stand in a backup: plain names below the centre's folder, none that the database uses.
pub fn path_allowed(path: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && name != "." && name != "..";
    !path.is_empty()
        && path.len() <= PATH_MAX
        && !path.chars().any(|c| c.is_control() || c == '\\')
        && path.split('/').all(plain)
        && !path.starts_with(crate::store::DATABASE_FILE)
}
