//! The round's secret and its shares.
//!
//! One secret of 32 bytes, made in the ceremony, gives by HKDF-SHA256 (RFC 5869) the X25519 box key and the Ed25519
//! result key. It exists only as shares: Shamir over GF(256), k of n, never n of n. A share carries a tag of the
//! round, k, n, its index and a checksum, written as 18 groups of four Crockford base32 symbols.

use crate::ballot::BoxSecret;
use crate::cose::SecretKey;
use crate::id::{RoundId, sha256};
use crate::package::RoundKeys;
use crate::permit::ALPHABET;
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt;
use subtle::ConstantTimeEq;
use thiserror::Error;
use vsss_rs::Gf256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The secret of a round, wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RoundSecret([u8; 32]);

impl fmt::Debug for RoundSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoundSecret(…)")
    }
}

/// Most trustees.
pub const TRUSTEES_MAX: u8 = 15;

/// The numbers do not allow a sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("between 2 shares and one less than all of at most {TRUSTEES_MAX} must suffice to open")]
pub struct SharingError;

/// Whether k of n is allowed: 2 ≤ k < n ≤ [`TRUSTEES_MAX`]. With n of n, one lost share would lose the round.
///
/// # Errors
/// [`SharingError`].
pub fn check_sharing(threshold: u8, trustees: u8) -> Result<(), SharingError> {
    let fine = threshold >= 2 && threshold < trustees && trustees <= TRUSTEES_MAX;
    if fine { Ok(()) } else { Err(SharingError) }
}

impl RoundSecret {
    /// Draws a secret.
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Self([0; 32]);
        rng.fill_bytes(&mut secret.0);
        secret
    }

    fn derive(&self, round: &RoundId, info: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(round.as_bytes()), &self.0)
            .expand(info, key.as_mut())
            .expect("32 bytes are within the limit of HKDF-SHA256");
        key
    }

    /// The key that opens ballots.
    pub fn box_secret(&self, round: &RoundId) -> BoxSecret {
        BoxSecret::from_bytes(&self.box_key_bytes(round)).expect("any 32 bytes are an X25519 key")
    }

    /// The bytes of the key that opens ballots, for those who help to open on the same machine and sign nothing.
    pub fn box_key_bytes(&self, round: &RoundId) -> Zeroizing<[u8; 32]> {
        self.derive(round, b"homphieu/box-key/1")
    }

    /// The key that signs results.
    pub fn result_key(&self, round: &RoundId) -> SecretKey {
        SecretKey::from_seed(&self.derive(round, b"homphieu/result-key/1"))
    }

    /// The public halves, as they enter the package.
    ///
    /// # Errors
    /// [`SharingError`].
    pub fn public(&self, round: &RoundId, threshold: u8, trustees: u8) -> Result<RoundKeys, SharingError> {
        check_sharing(threshold, trustees)?;
        Ok(RoundKeys {
            box_key: self.box_secret(round).public(),
            result_key: self.result_key(round).public(),
            threshold,
            trustees,
        })
    }

    /// Splits the secret into shares with indexes 1 to n.
    ///
    /// # Errors
    /// [`SharingError`].
    pub fn split(
        &self,
        round: &RoundId,
        threshold: u8,
        trustees: u8,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Share>, SharingError> {
        check_sharing(threshold, trustees)?;
        let raw = Gf256::split_bytes(usize::from(threshold), usize::from(trustees), self.0, rng)
            .map_err(|_| SharingError)?;
        Ok(raw
            .into_iter()
            .map(Zeroizing::new)
            .filter_map(|bytes| {
                let (index, value) = bytes.split_first()?;
                let value = value.try_into().ok()?;
                Some(Share { round: tag(round), threshold, trustees, index: *index, value })
            })
            .collect())
    }
}

const SHARE_VERSION: u8 = 1;
const SHARE_BYTES: usize = 45;
/// Groups of four symbols in which a share is written.
pub const GROUPS: usize = 18;

/// One trustee's share, wiped when dropped and never printed by `Debug`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Share {
    round: [u8; 4],
    threshold: u8,
    trustees: u8,
    index: u8,
    value: [u8; 32],
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({} of {})", self.index, self.trustees)
    }
}

/// What is wrong with a typed share.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShareError {
    /// Not 72 symbols.
    #[error("a share has {GROUPS} groups of four, {found} symbols were given")]
    Length {
        /// Symbols found.
        found: usize,
    },
    /// A symbol that is not used.
    #[error("group {group} has a symbol that is not used in shares")]
    Symbol {
        /// Group, from 1.
        group: usize,
    },
    /// The checksum does not fit.
    #[error("the share is mistyped somewhere: its checksum does not fit; compare it with the paper")]
    Checksum,
    /// Written by a newer program.
    #[error("this share has another format version; update the program")]
    Version,
}

impl Share {
    /// Which share it is, from 1.
    pub fn index(&self) -> u8 {
        self.index
    }

    /// Shares needed to open.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// Shares made.
    pub fn trustees(&self) -> u8 {
        self.trustees
    }

    /// Whether it is a share of this round.
    pub fn belongs_to(&self, round: &RoundId) -> bool {
        self.round == tag(round)
    }

    /// The text for paper and QR. Only the ceremony may show it.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0_u8; SHARE_BYTES]);
        bytes[0] = SHARE_VERSION;
        bytes[1..5].copy_from_slice(&self.round);
        bytes[5..8].copy_from_slice(&[self.threshold, self.trustees, self.index]);
        bytes[8..40].copy_from_slice(&self.value);
        let checksum = checksum(&bytes[..40]);
        bytes[40..].copy_from_slice(&checksum);
        let mut text = Zeroizing::new(String::with_capacity(GROUPS * 5));
        // Five bytes are eight symbols, two groups.
        for (i, five) in bytes.chunks(5).enumerate() {
            let bits = five.iter().fold(0_u64, |acc, byte| acc << 8 | u64::from(*byte));
            for place in 0..8 {
                if place % 4 == 0 && (i, place) != (0, 0) {
                    text.push('-');
                }
                let symbol = usize::try_from(bits >> (5 * (7 - place)) & 31).expect("five bits");
                text.push(char::from(ALPHABET[symbol]));
            }
        }
        text
    }

    /// Reads a share as people type it: case, blanks and hyphens do not matter, O is 0, I and L are 1.
    ///
    /// # Errors
    /// [`ShareError`].
    pub fn parse(text: &str) -> Result<Self, ShareError> {
        let mut symbols = Zeroizing::new(Vec::with_capacity(GROUPS * 4));
        let mut found = 0;
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let symbol = crate::permit::symbol_value(c);
            let symbol = symbol.ok_or(ShareError::Symbol { group: found / 4 + 1 })?;
            if found < GROUPS * 4 {
                symbols.push(symbol);
            }
            found += 1;
        }
        if found != GROUPS * 4 {
            return Err(ShareError::Length { found });
        }
        let mut bytes = Zeroizing::new([0_u8; SHARE_BYTES]);
        for (eight, five) in symbols.chunks(8).zip(bytes.chunks_mut(5)) {
            let bits = eight.iter().fold(0_u64, |acc, symbol| acc << 5 | u64::from(*symbol));
            five.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        if !bool::from(checksum(&bytes[..40]).ct_eq(&bytes[40..])) {
            return Err(ShareError::Checksum);
        }
        if bytes[0] != SHARE_VERSION {
            return Err(ShareError::Version);
        }
        let mut share =
            Self { round: [0; 4], threshold: bytes[5], trustees: bytes[6], index: bytes[7], value: [0; 32] };
        share.round.copy_from_slice(&bytes[1..5]);
        share.value.copy_from_slice(&bytes[8..40]);
        Ok(share)
    }
}

fn checksum(bytes: &[u8]) -> [u8; 5] {
    let hash = sha256(&[b"homphieu/share/1", bytes]);
    [hash[0], hash[1], hash[2], hash[3], hash[4]]
}

fn tag(round: &RoundId) -> [u8; 4] {
    let hash = sha256(&[b"homphieu/share-round/1", round.as_bytes()]);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Why shares do not open the round.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JoinError {
    /// A share of another round.
    #[error("share {index} belongs to another round")]
    OtherRound {
        /// Its index.
        index: u8,
    },
    /// A share that says other numbers than the package.
    #[error("share {index} was made for another number of trustees")]
    OtherSharing {
        /// Its index.
        index: u8,
    },
    /// Two different shares say they are the same one.
    #[error("share {index} was given twice with different content; one of them is wrong")]
    Twice {
        /// Their index.
        index: u8,
    },
    /// Too few.
    #[error("{needed} different shares are needed, {found} were given")]
    TooFew {
        /// Needed.
        needed: u8,
        /// Distinct shares given.
        found: usize,
    },
    /// No k of them give the secret of the package.
    #[error("no {needed} of the shares given open this round: at least one is wrong; bring another one")]
    NoneFits {
        /// Needed.
        needed: u8,
    },
}

/// A joined secret, and the shares that were found wrong on the way.
#[derive(Debug)]
pub struct Joined {
    /// The secret, checked against the package.
    pub secret: RoundSecret,
    /// Indexes of shares that do not belong to it although their checksum fits.
    pub wrong: Vec<u8>,
}

/// Joins shares and checks the secret against the public keys. If the first k do not give it, other k of them are
/// tried, so one wrong share among enough does not stop the count; it is then named.
///
/// # Errors
/// [`JoinError`].
pub fn join(round: &RoundId, keys: &RoundKeys, shares: &[Share]) -> Result<Joined, JoinError> {
    let mut distinct: BTreeMap<u8, &Share> = BTreeMap::new();
    for share in shares {
        let index = share.index;
        if !share.belongs_to(round) {
            return Err(JoinError::OtherRound { index });
        }
        let known = (1..=keys.trustees).contains(&index);
        if !known || share.threshold != keys.threshold || share.trustees != keys.trustees {
            return Err(JoinError::OtherSharing { index });
        }
        if distinct.insert(index, share).is_some_and(|other| other != share) {
            return Err(JoinError::Twice { index });
        }
    }
    let needed = keys.threshold;
    let distinct: Vec<&Share> = distinct.into_values().collect();
    if distinct.len() < usize::from(needed) {
        return Err(JoinError::TooFew { needed, found: distinct.len() });
    }
    let fits = |chosen: &[&Share]| {
        let secret = combine(chosen)?;
        let public = secret.public(round, keys.threshold, keys.trustees).ok()?;
        (public == *keys).then_some(secret)
    };
    let mut chosen = Vec::new();
    let (good, secret) = first_subset(&distinct, usize::from(needed), &mut chosen, &fits)
        .ok_or(JoinError::NoneFits { needed })?;
    let wrong = distinct
        .iter()
        .filter(|share| !good.iter().any(|other| other.index == share.index))
        .filter(|share| {
            let mut with = good.clone();
            with[0] = share;
            fits(&with).is_none()
        })
        .map(|share| share.index)
        .collect();
    Ok(Joined { secret, wrong })
}

/// The first k shares, in the order of subsets, that fit. At most 6,435 subsets (8 of 15) are tried.
fn first_subset<'a>(
    rest: &[&'a Share],
    missing: usize,
    chosen: &mut Vec<&'a Share>,
    fits: &impl Fn(&[&Share]) -> Option<RoundSecret>,
) -> Option<(Vec<&'a Share>, RoundSecret)> {
    if missing == 0 {
        return fits(chosen).map(|secret| (chosen.clone(), secret));
    }
    for (i, share) in rest.iter().enumerate() {
        chosen.push(share);
        let found = first_subset(&rest[i + 1..], missing - 1, chosen, fits);
        chosen.pop();
        if found.is_some() {
            return found;
        }
    }
    None
}

fn combine(shares: &[&Share]) -> Option<RoundSecret> {
    let mut raw: Vec<Vec<u8>> =
        shares.iter().map(|share| [&[share.index][..], &share.value].concat()).collect();
    let joined = Gf256::combine_bytes(&raw).ok().map(Zeroizing::new);
    raw.zeroize();
    let bytes: [u8; 32] = joined?.as_slice().try_into().ok()?;
    Some(RoundSecret(bytes))
}
