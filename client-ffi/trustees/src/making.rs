//! The ceremony, share by share.

use crate::look::KeyFile;
use crate::problem::{Code, Problem};
use rand_core::CryptoRng;
use std::collections::BTreeSet;
use sync_core::ceremony::Ceremony;
use sync_core::fingerprint;
use sync_core::id::RoundId;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// A ceremony under way. Dropping it wipes the secret and its shares: nothing is left of it but paper.
#[wasm_bindgen]
pub struct Making {
    pub(crate) ceremony: Ceremony,
    shown: BTreeSet<u8>,
}

/// A round's id as people type or paste it.
pub(crate) fn round_id(text: &str) -> Result<RoundId, Problem> {
    let id = uuid::Uuid::parse_str(text.trim()).map_err(|_| Problem::new(Code::RoundId))?;
    Ok(RoundId(id.into_bytes()))
}

impl Making {
    /// Draws the secret of a round, and splits it so that `threshold` of `trustees` open.
    ///
    /// # Errors
    /// [`Problem`]: the id is none, or the numbers allow no sharing.
    pub fn of(round: &str, threshold: u8, trustees: u8, rng: &mut impl CryptoRng) -> Result<Self, Problem> {
        let ceremony = Ceremony::begin(round_id(round)?, threshold, trustees, rng)?;
        Ok(Self { ceremony, shown: BTreeSet::new() })
    }

    /// The text of a share, this one time.
    ///
    /// # Errors
    /// [`Problem`] the second time.
    pub fn reveal(&mut self, index: u8) -> Result<Zeroizing<String>, Problem> {
        let share = self.ceremony.shares().iter().find(|share| share.index() == index);
        let share = share.ok_or_else(|| Problem::new(Code::Fault))?;
        if !self.shown.insert(index) {
            return Err(Problem::new(Code::ShareShown).with("index", index));
        }
        Ok(share.reveal())
    }

    /// Takes what a trustee typed from paper.
    ///
    /// # Errors
    /// [`Problem`]; the trustee looks at the paper and types again.
    pub fn take_back(&mut self, index: u8, typed: &str) -> Result<(), Problem> {
        Ok(self.ceremony.read_back(index, typed)?)
    }

    /// Tries the shares as they stand on paper; then only the public halves are left.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn end(self, rng: &mut impl CryptoRng) -> Result<KeyFile, Problem> {
        let statement = self.ceremony.finish(rng)?;
        let digits = fingerprint::groups(&statement.id()).to_vec();
        Ok(KeyFile { digits, bytes: statement.into_bytes() })
    }
}
