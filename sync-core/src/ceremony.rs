//! The ceremony: a round's secret is drawn, split, read back from paper, tried, and forgotten.
//!
//! Only the public halves leave it, as a [`KeyStatement`] signed by the result key itself, so that nobody can put
//! keys into a package whose secret half was never made.

use crate::ballot::{Claim, Form, Marks, Opened, Place, seal};
use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::cose::{OpenError, Signed, SignedKind, Unverified};
use crate::id::{Nullifier, PackageHash, RoundId, SheetHash, UnitCode};
use crate::package::{RoundKeys, VERSION};
use crate::secret::{JoinError, RoundSecret, Share, ShareError, SharingError, join};
use rand_core::CryptoRng;
use thiserror::Error;

/// The public halves of a round's secret, signed by its result key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatement {
    /// The round.
    pub round: RoundId,
    /// Its public keys and how the secret is shared.
    pub keys: RoundKeys,
}

impl SignedKind for KeyStatement {
    const DOMAIN: &'static str = "homphieu/key-statement/1";
}

impl Format for KeyStatement {
    const WHAT: &'static str = "key statement";
    const MAX_BYTES: usize = 256;

    fn write(&self, w: &mut Writer) {
        w.array(3).uint(VERSION).bytes(self.round.as_bytes());
        self.keys.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(3, VERSION, Self::WHAT)?;
        Ok(Self { round: RoundId(r.fixed("round")?), keys: RoundKeys::read(r)? })
    }
}

impl KeyStatement {
    /// Reads a statement that is signed by the result key it names.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(bytes: &[u8]) -> Result<Signed<Self>, OpenError> {
        let statement = Unverified::<Self>::decode(bytes)?;
        let key = statement.claim().keys.result_key;
        Ok(statement.verify(&key)?)
    }
}

/// Why a share that was typed back is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadBackError {
    /// It cannot be read.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// It reads, but is not the share that was asked for.
    #[error("this is not share {index}: type the one that was just copied")]
    Other {
        /// The share asked for.
        index: u8,
    },
}

/// Why a ceremony does not end with keys.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TrialError {
    /// A share was not read back from paper.
    #[error("share {index} was not read back from paper")]
    NotReadBack {
        /// The share.
        index: u8,
    },
    /// The shares on paper do not join.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// A ballot sealed to the new key does not open with the joined secret.
    #[error("the trial opening failed: make the keys again")]
    Opening,
}

/// A ceremony under way. The secret and its shares are wiped when it is dropped.
pub struct Ceremony {
    round: RoundId,
    secret: RoundSecret,
    keys: RoundKeys,
    shares: Vec<Share>,
    on_paper: Vec<Option<Share>>,
}

impl Ceremony {
    /// Draws a secret and splits it.
    ///
    /// # Errors
    /// [`SharingError`] unless 2 ≤ threshold < trustees ≤ [`crate::secret::TRUSTEES_MAX`].
    pub fn begin(
        round: RoundId,
        threshold: u8,
        trustees: u8,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SharingError> {
        let secret = RoundSecret::draw(rng);
        let keys = secret.public(&round, threshold, trustees)?;
        let shares = secret.split(&round, threshold, trustees, rng)?;
        let on_paper = vec![None; shares.len()];
        Ok(Self { round, secret, keys, shares, on_paper })
    }

    /// The shares, each to be shown once to its trustee alone.
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// Takes what a trustee typed from paper as the share with this index (from 1).
    ///
    /// # Errors
    /// [`ReadBackError`]; the trustee looks at the paper and types again.
    pub fn read_back(&mut self, index: u8, typed: &str) -> Result<(), ReadBackError> {
        let typed = Share::parse(typed)?;
        let at = self.shares.iter().position(|share| share.index() == index && *share == typed);
        match at.and_then(|at| self.on_paper.get_mut(at)) {
            Some(slot) => {
                *slot = Some(typed);
                Ok(())
            }
            None => Err(ReadBackError::Other { index }),
        }
    }

    /// Tries the shares as they stand on paper: in groups of k, so that each takes part, they must give the secret
    /// that opens a ballot sealed to the public key. Then only the public halves are left.
    ///
    /// # Errors
    /// [`TrialError`].
    pub fn finish(self, rng: &mut impl CryptoRng) -> Result<Signed<KeyStatement>, TrialError> {
        let mut on_paper = Vec::new();
        for (slot, share) in self.on_paper.iter().zip(&self.shares) {
            on_paper.push(slot.clone().ok_or(TrialError::NotReadBack { index: share.index() })?);
        }
        let needed = usize::from(self.keys.threshold);
        for first in 0..on_paper.len() {
            let group: Vec<Share> = on_paper.iter().cycle().skip(first).take(needed).cloned().collect();
            try_opening(&self.round, &self.keys, &group, rng)?;
        }
        let statement = KeyStatement { round: self.round, keys: self.keys.clone() };
        Ok(Signed::sign(statement, &self.secret.result_key(&self.round)))
    }
}

/// Joins shares and opens a ballot that was just sealed to the public key.
///
/// # Errors
/// [`TrialError`].
pub fn try_opening(
    round: &RoundId,
    keys: &RoundKeys,
    shares: &[Share],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, TrialError> {
    let joined = join(round, keys, shares)?;
    let unit = UnitCode::new("trial").map_err(|_| TrialError::Opening)?;
    let (package, sheet, nullifier) = (PackageHash([0; 32]), SheetHash([0; 32]), Nullifier([0; 16]));
    let place = Place { package: &package, unit: &unit, sheet: &sheet };
    let form = Form { officials: 2, levels: 2 };
    let marks = Marks::new(vec![Some(1), None]);
    let record = seal(&Claim::Attended, &nullifier, &marks, form, place, &keys.box_key, rng)
        .map_err(|_| TrialError::Opening)?;
    match joined.secret.box_secret(round).open(&record, form, place, None) {
        Opened::Marks(opened) if opened == marks => Ok(joined.wrong),
        _ => Err(TrialError::Opening),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;

    const ROUND: RoundId = RoundId([7; 16]);

    fn begun(rng: &mut ChaCha20Rng) -> Ceremony {
        Ceremony::begin(ROUND, 2, 3, rng).unwrap()
    }

    #[test]
    fn a_ceremony_gives_keys_only_after_every_share_was_read_back() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut ceremony = begun(&mut rng);
        let texts: Vec<_> = ceremony.shares().iter().map(Share::reveal).collect();
        ceremony.read_back(1, &texts[0]).unwrap();
        ceremony.read_back(3, &texts[2].to_lowercase()).unwrap();
        assert_eq!(
            ceremony.read_back(2, &texts[0]),
            Err(ReadBackError::Other { index: 2 }),
            "another trustee's share is not this one"
        );
        assert_eq!(ceremony.finish(&mut rng).unwrap_err(), TrialError::NotReadBack { index: 2 });
    }

    #[test]
    fn the_statement_holds_the_public_halves_and_only_their_owner_can_sign_it() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let mut ceremony = begun(&mut rng);
        for share in ceremony.shares().to_vec() {
            ceremony.read_back(share.index(), &share.reveal()).unwrap();
        }
        let shares = ceremony.shares().to_vec();
        let statement = ceremony.finish(&mut rng).unwrap();
        let read = KeyStatement::open(statement.bytes()).unwrap();
        assert_eq!(read.value(), statement.value());
        assert_eq!(try_opening(&ROUND, &read.value().keys, &shares[1..], &mut rng), Ok(Vec::new()));

        let mut stolen = read.value().clone();
        stolen.keys.box_key = [9; 32];
        let forged = Signed::sign(stolen, &crate::cose::SecretKey::from_seed(&[1; 32]));
        assert!(KeyStatement::open(forged.bytes()).is_err());
    }
}
