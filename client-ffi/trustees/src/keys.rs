//! A key file, and whether shares on paper open what is sealed to it.

use crate::checked::kind_of;
use crate::look::KeyLook;
use crate::problem::{Code, Problem};
use crate::shares::{Given, Shares};
use rand_core::CryptoRng;
use sync_core::ceremony::{KeyStatement, try_opening};
use sync_core::cose::Signed;
use sync_core::fingerprint;
use wasm_bindgen::prelude::wasm_bindgen;

/// A key file that was read, and the shares that are tried on it.
#[wasm_bindgen]
pub struct Keys {
    statement: Signed<KeyStatement>,
    pub(crate) shares: Shares,
}

impl Keys {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`Problem`] that says what the file is instead, where that is known.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let statement = KeyStatement::open(bytes).map_err(|error| match kind_of(bytes) {
            Some(Code::FileIsKeys) | None => error.into(),
            Some(other) => Problem::new(other),
        })?;
        let KeyStatement { round, keys } = statement.value();
        let shares = Shares::new(*round, keys.clone());
        Ok(Self { shares, statement })
    }

    /// What it says.
    pub fn look(&self) -> KeyLook {
        let KeyStatement { round, keys } = self.statement.value();
        KeyLook {
            round: round.uuid().to_string(),
            threshold: keys.threshold,
            trustees: keys.trustees,
            digits: fingerprint::groups(&self.statement.id()).to_vec(),
        }
    }

    /// Takes a share, as it is typed.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn share(&mut self, typed: &str) -> Result<Given, Problem> {
        self.shares.add(typed)
    }

    /// Opens a trial ballot with the shares; indexes of those that are wrong although their checksums fit.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn open_with(&self, rng: &mut impl CryptoRng) -> Result<Vec<u8>, Problem> {
        let KeyStatement { round, keys } = self.statement.value();
        Ok(try_opening(round, keys, self.shares.all(), rng)?)
    }
}
