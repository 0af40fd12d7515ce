//! One of many who open the ballots of a count, each in a worker of its own.

use crate::problem::{Code, Problem};
use sync_core::ballot::BoxSecret;
use sync_core::cbor::{decode, encode};
use sync_core::count::Part;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// Holds the key that opens ballots, and signs nothing.
#[wasm_bindgen]
pub struct Opener {
    secret: BoxSecret,
}

impl Opener {
    /// With the box key of [`crate::Checked::join`].
    ///
    /// # Errors
    /// [`Problem`] if that is no key.
    pub fn with(key: &[u8]) -> Result<Self, Problem> {
        let key: Option<Zeroizing<[u8; 32]>> = key.try_into().ok().map(Zeroizing::new);
        let secret = key.and_then(|key| BoxSecret::from_bytes(&key));
        secret.map(|secret| Self { secret }).ok_or_else(|| Problem::new(Code::Fault))
    }

    /// Opens a part of a count.
    ///
    /// # Errors
    /// [`Problem`] if it is none.
    pub fn answer(&self, part: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let part: Part = decode(part).map_err(|_| Problem::new(Code::Fault))?;
        Ok(Zeroizing::new(encode(&part.open(&self.secret))))
    }
}
