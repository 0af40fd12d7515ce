//! Names of things: fixed-length hashes and random ids, one type each, so that none can pass for another.

use crate::cbor::{FormatError, Reader};
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The id from bytes that were stored or typed.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut id = [0; $len];
                parse_hex(text, &mut id)?;
                Ok(Self(id))
            }
        }
    };
}

bytes_id!(
    /// One round: random, made when the roster is imported.
    RoundId, 16
);
bytes_id!(
    /// Hash of a round package; two sides work together only if it is equal.
    PackageHash, 32
);
bytes_id!(
    /// Hash of a unit's sheet.
    SheetHash, 32
);
bytes_id!(
    /// A device: hash of its two public keys, so an id cannot be claimed without them.
    DeviceId, 16
);
bytes_id!(
    /// A sealed envelope.
    EnvelopeId, 32
);
bytes_id!(
    /// Any other signed object.
    ObjectId, 32
);

impl RoundId {
    /// The round's id as the UUID (version 4) that people see.
    pub fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_bytes(self.0)
    }

    /// A new id from 16 random bytes.
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(random).into_uuid().into_bytes())
    }
}

/// Hash of a permit that marks it as used without showing the code. Not printed by `Debug`: it stays out of logs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nullifier(pub [u8; 16]);

impl fmt::Debug for Nullifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nullifier(…)")
    }
}

/// Hash of a nullifier; a unit's sheet lists those of its permits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Commitment(pub [u8; 16]);

/// Code of a unit: 1 to 32 ASCII letters, digits, `-`, `.` or `_`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UnitCode(String);

/// Longest unit or official code in bytes.
pub const CODE_MAX: usize = 32;

/// Why a text is no code or id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// A code has another length or other characters than allowed.
    #[error("a code has 1 to 32 letters A–Z, digits, hyphens, dots or underscores")]
    Code,
    /// An id is not the right number of hexadecimal digits.
    #[error("an id has {digits} hexadecimal digits")]
    Hex {
        /// Digits expected.
        digits: usize,
    },
}

/// Whether a text may be the code of a unit or an official.
pub fn is_code(text: &str) -> bool {
    (1..=CODE_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

impl UnitCode {
    /// The code, if it is one.
    ///
    /// # Errors
    /// [`IdError::Code`].
    pub fn new(text: &str) -> Result<Self, IdError> {
        if is_code(text) { Ok(Self(text.to_owned())) } else { Err(IdError::Code) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let text = r.text(CODE_MAX, "unit code")?;
        Self::new(text).map_err(|_| FormatError::Range { what: "unit code" })
    }
}

impl fmt::Display for UnitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 over several parts in a row. Callers begin with a domain string and give lengths to what varies.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// The first 16 bytes of [`sha256`].
pub(crate) fn sha256_16(parts: &[&[u8]]) -> [u8; 16] {
    let hash = sha256(parts);
    let mut short = [0; 16];
    short.copy_from_slice(&hash[..16]);
    short
}

pub(crate) fn parse_hex(text: &str, out: &mut [u8]) -> Result<(), IdError> {
    let wrong = IdError::Hex { digits: out.len() * 2 };
    if text.len() != out.len() * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong);
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(pair).map_err(|_| wrong.clone())?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong.clone())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_print_and_parse() {
        let id = DeviceId([0xa7; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("a7".parse::<DeviceId>(), Err(IdError::Hex { digits: 32 }));
        assert_eq!("ế".repeat(8).parse::<DeviceId>(), Err(IdError::Hex { digits: 32 }));
    }

    #[test]
    fn a_nullifier_never_shows_in_a_debug_print() {
        assert_eq!(format!("{:?}", Nullifier([7; 16])), "Nullifier(…)");
    }

    #[test]
    fn a_code_with_space_accent_or_too_long_is_refused() {
        for wrong in ["", "00 712", "ĐB05", &"x".repeat(33), "a/b"] {
            assert_eq!(UnitCode::new(wrong), Err(IdError::Code), "{wrong}");
        }
        assert!(UnitCode::new("00712").is_ok());
    }
}
