//! How values cross.

use crate::Problem;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeOwned, Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use zeroize::Zeroizing;

/// A way for values to cross between the page and the tablet.
pub trait Wire {
    /// What a call is given: a list of values.
    type Given;
    /// What it answers.
    type Answer;

    /// Reads what a call is given.
    ///
    /// # Errors
    /// [`Problem`] if it is not of this type. What was read is never quoted.
    fn read<T: DeserializeOwned>(given: Self::Given) -> Result<T, Problem>;

    /// Writes what it answers.
    ///
    /// # Errors
    /// [`Problem`] if it cannot be written, which is a fault of the program.
    fn write<T: Serialize>(answer: &T) -> Result<Self::Answer, Problem>;
}

/// Bytes: in JavaScript a `Uint8Array`, in JSON a text of base64.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(type = "Uint8Array"))]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes, or a text of base64")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
                STANDARD.decode(text).map_err(|_| E::custom("no base64"))
            }
        }
        deserializer.deserialize_any(Either).map(Self)
    }
}

/// A slip's code as somebody typed or scanned it. It is wiped after use, and shown by nothing.
#[derive(Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(type = "string"))]
#[serde(from = "String")]
pub struct Slip(Zeroizing<String>);

impl From<String> for Slip {
    fn from(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }
}

impl Deref for Slip {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A person's PIN as it was typed. It is wiped after use, and shown by nothing.
#[derive(Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(type = "string"))]
#[serde(from = "String")]
pub struct Pin(Zeroizing<String>);

impl From<String> for Pin {
    fn from(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }
}

impl Deref for Pin {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
