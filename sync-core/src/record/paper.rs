//! Counts of paper ballots: two persons counted, the numbers by level are sealed, and only how many ballots there were
//! stays readable.
//!
//! One entry is one box of paper. Several of a unit are all counted, unless they are undone; an entry that was copied
//! to another place is still one, for its [id](Paper::id) follows from what it says and not from where it stands.

use super::names::PersonId;
use crate::ballot::BoxSecret;
use crate::cbor::{FormatError, Reader, Writer};
use crate::count::Line;
use crate::id::{ObjectId, PackageHash, SheetHash, UnitCode, sha256};
use crate::package::{OFFICIALS_MAX, VOTERS_MAX};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

type Kem = hpke::kem::X25519HkdfSha256;
type Kdf = hpke::kdf::HkdfSha256;
type Aead = hpke::aead::ChaCha20Poly1305;

const INFO: &[u8] = b"homphieu/paper-seal/1";
const FORMAT: u8 = 1;
const ENCAPPED_LEN: usize = 32;
const TAG_LEN: usize = 16;
/// Most ballots of one paper count.
pub const PAPER_MAX: u32 = VOTERS_MAX;
const _: () = assert!(PAPER_MAX <= u16::MAX as u32);

/// What a paper count must look like: that of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperForm {
    /// Officials on the sheet.
    pub officials: usize,
    /// Levels of the round.
    pub levels: usize,
}

impl PaperForm {
    /// Length of the sealed numbers: the same for every count on one sheet.
    pub const fn sealed_len(self) -> usize {
        ENCAPPED_LEN + 1 + self.officials * (self.levels + 1) * 2 + TAG_LEN
    }

    /// Shortest and longest sealed numbers of any sheet.
    const SEALED: std::ops::RangeInclusive<usize> =
        Self { officials: 1, levels: 2 }.sealed_len()
            ..=Self { officials: OFFICIALS_MAX, levels: 9 }.sealed_len();
}

/// What was counted from the ballots of one box. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PaperCount {
    /// Valid ballots.
    pub valid: u32,
    /// Ballots that do not count as a whole.
    pub invalid: u32,
    /// Per official, in the order of the sheet.
    pub lines: Vec<Line>,
}

impl fmt::Debug for PaperCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaperCount(…)")
    }
}

/// Why numbers cannot be a paper count. Nothing has changed when this is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PaperError {
    /// Not one line per official.
    #[error("the sheet has {expected} officials, {found} lines were entered")]
    Lines {
        /// Officials on the sheet.
        expected: usize,
        /// Lines given.
        found: usize,
    },
    /// A line without one number per level.
    #[error("line {line} needs one number for each of the {levels} levels")]
    Levels {
        /// Line, from 1.
        line: usize,
        /// Levels of the round.
        levels: usize,
    },
    /// Numbers of one official that do not add up.
    #[error("line {line} adds up to {found}, but there are {valid} valid ballots; count this line again")]
    Sum {
        /// Line, from 1.
        line: usize,
        /// Its levels and invalid lines together.
        found: u64,
        /// Valid ballots.
        valid: u32,
    },
    /// No ballots, or more than a unit can have.
    #[error("a paper count has 1 to {PAPER_MAX} ballots")]
    Ballots,
    /// Both entries by one person.
    #[error("a second person has to enter the numbers, who did not enter them first")]
    SamePerson,
    /// Somebody who entered nothing wants to correct.
    #[error("only the two persons who entered the numbers can correct them, each their own")]
    NotYours,
    /// A correction of what does not differ.
    #[error("both entries agree there; only what differs is corrected")]
    Agrees,
    /// The ballots differ, so no line can be settled yet.
    #[error("first agree on how many ballots are valid and invalid")]
    BallotsFirst,
    /// The box key in the package is no usable key.
    #[error("the round's box key cannot be used; the package is wrong")]
    BoxKey,
}

impl PaperCount {
    /// Ballots in the box.
    pub fn collected(&self) -> u32 {
        self.valid.saturating_add(self.invalid)
    }

    /// Whether it has the form of the sheet and every line adds up to the valid ballots.
    ///
    /// # Errors
    /// [`PaperError`] with the first thing that is wrong.
    pub fn check(&self, form: PaperForm) -> Result<(), PaperError> {
        check_ballots(self.valid, self.invalid)?;
        if self.lines.len() != form.officials {
            return Err(PaperError::Lines { expected: form.officials, found: self.lines.len() });
        }
        let mut lines = self.lines.iter().enumerate();
        lines.try_for_each(|(at, line)| check_line(at, line, self.valid, form))
    }

    /// Seals the numbers by level to the round's box key.
    ///
    /// # Errors
    /// Those of [`PaperCount::check`], [`PaperError::SamePerson`], or [`PaperError::BoxKey`].
    pub fn seal(
        &self,
        form: PaperForm,
        place: &PaperPlace<'_>,
        (first, second): (PersonId, PersonId),
        box_key: &[u8; 32],
        rng: &mut impl CryptoRng,
    ) -> Result<Paper, PaperError> {
        self.check(form)?;
        if first == second {
            return Err(PaperError::SamePerson);
        }
        let mut paper = Paper {
            sheet: *place.sheet,
            first,
            second,
            collected: self.collected(),
            valid: self.valid,
            invalid: self.invalid,
            sealed: Vec::new(),
        };
        let mut plain = Zeroizing::new(Vec::with_capacity(form.sealed_len()));
        plain.push(FORMAT);
        for number in self.lines.iter().flat_map(|line| line.levels.iter().chain([&line.invalid])) {
            let number = u16::try_from(*number).map_err(|_| PaperError::Ballots)?;
            plain.extend_from_slice(&number.to_be_bytes());
        }
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(box_key).map_err(|_| PaperError::BoxKey)?;
        let aad = paper.associated_data(place.package, place.unit);
        let (encapped, sealed) =
            hpke::single_shot_seal_with_rng::<Aead, Kdf, Kem>(&OpModeS::Base, &key, INFO, &plain, &aad, rng)
                .map_err(|_| PaperError::BoxKey)?;
        paper.sealed = [encapped.to_bytes().as_slice(), &sealed].concat();
        Ok(paper)
    }
}

pub(super) fn check_ballots(valid: u32, invalid: u32) -> Result<(), PaperError> {
    let collected = u64::from(valid) + u64::from(invalid);
    if (1..=u64::from(PAPER_MAX)).contains(&collected) { Ok(()) } else { Err(PaperError::Ballots) }
}

pub(super) fn check_line(at: usize, line: &Line, valid: u32, form: PaperForm) -> Result<(), PaperError> {
    let number = at + 1;
    if line.levels.len() != form.levels {
        return Err(PaperError::Levels { line: number, levels: form.levels });
    }
    let found = line.levels.iter().map(|count| u64::from(*count)).sum::<u64>() + u64::from(line.invalid);
    if found == u64::from(valid) { Ok(()) } else { Err(PaperError::Sum { line: number, found, valid }) }
}

/// Where a paper count belongs; it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct PaperPlace<'a> {
    /// The package.
    pub package: &'a PackageHash,
    /// The unit.
    pub unit: &'a UnitCode,
    /// The sheet that the paper ballots follow.
    pub sheet: &'a SheetHash,
}

/// A sealed paper count as it stands in an entry, whose person entered the numbers first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Paper {
    /// The sheet that the paper ballots follow.
    pub sheet: SheetHash,
    /// Who entered the numbers first.
    pub first: PersonId,
    /// Who entered them a second time.
    pub second: PersonId,
    /// Ballots in the box.
    pub collected: u32,
    /// Valid ballots.
    pub valid: u32,
    /// Ballots that do not count.
    pub invalid: u32,
    /// Encapsulated key and ciphertext of HPKE (RFC 9180).
    pub sealed: Vec<u8>,
}

impl Paper {
    /// What an opening order names it by. It follows from what the entry says, but not from its place or moment.
    pub fn id(&self, package: &PackageHash, unit: &UnitCode) -> ObjectId {
        ObjectId(sha256(&[b"homphieu/paper/1", &self.associated_data(package, unit), &self.sealed]))
    }

    /// Opens it. Nothing if it does not open in this unit with this key, is not in the format, or does not add up.
    pub fn open(
        &self,
        form: PaperForm,
        (package, unit): (&PackageHash, &UnitCode),
        secret: &BoxSecret,
    ) -> Option<PaperCount> {
        let (encapped, sealed) = self.sealed.split_at_checked(ENCAPPED_LEN)?;
        let encapped = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapped).ok()?;
        let aad = self.associated_data(package, unit);
        let opened = hpke::single_shot_open::<Aead, Kdf, Kem>(
            &OpModeR::Base,
            secret.private(),
            &encapped,
            INFO,
            sealed,
            &aad,
        );
        let plain = Zeroizing::new(opened.ok()?);
        let (format, numbers) = plain.split_first()?;
        let (numbers, rest) = numbers.as_chunks::<2>();
        let each = form.levels + 1;
        if *format != FORMAT || !rest.is_empty() || numbers.len() != form.officials * each {
            return None;
        }
        let numbers: Vec<u32> = numbers.iter().map(|two| u32::from(u16::from_be_bytes(*two))).collect();
        let line = |numbers: &[u32]| {
            let (invalid, levels) = numbers.split_last()?;
            Some(Line { levels: levels.to_vec(), invalid: *invalid })
        };
        let lines = numbers.chunks(each).map(line).collect::<Option<Vec<Line>>>()?;
        let count = PaperCount { valid: self.valid, invalid: self.invalid, lines };
        (count.collected() == self.collected && count.check(form).is_ok()).then_some(count)
    }

    /// Everything readable: package hash ‖ sheet hash ‖ both persons ‖ collected ‖ valid ‖ invalid ‖ length of the unit
    /// code ‖ unit code.
    fn associated_data(&self, package: &PackageHash, unit: &UnitCode) -> Vec<u8> {
        let code = unit.as_str().as_bytes();
        let len = u8::try_from(code.len()).unwrap_or(u8::MAX);
        [
            &package.0[..],
            self.sheet.as_bytes(),
            &self.first.0,
            &self.second.0,
            &self.collected.to_be_bytes(),
            &self.valid.to_be_bytes(),
            &self.invalid.to_be_bytes(),
            &[len],
            code,
        ]
        .concat()
    }

    /// The fields of an entry, but its person.
    pub(super) fn write(&self, w: &mut Writer) {
        w.bytes(self.sheet.as_bytes()).uint(self.collected).uint(self.valid).uint(self.invalid);
        w.bytes(&self.second.0).bytes(&self.sealed);
    }

    pub(super) fn read(first: PersonId, r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let paper = Self {
            sheet: SheetHash(r.fixed("sheet hash")?),
            first,
            collected: r.u32(PAPER_MAX, "paper ballots")?,
            valid: r.u32(PAPER_MAX, "paper ballots")?,
            invalid: r.u32(PAPER_MAX, "paper ballots")?,
            second: PersonId::read(r)?,
            sealed: r.bytes(*PaperForm::SEALED.end(), "sealed paper count")?.to_vec(),
        };
        if paper.collected == 0 || paper.collected != paper.valid + paper.invalid {
            return Err(FormatError::Range { what: "paper ballots" });
        }
        if paper.second == paper.first {
            return Err(FormatError::Range { what: "second person of a paper count" });
        }
        if !PaperForm::SEALED.contains(&paper.sealed.len()) {
            return Err(FormatError::Range { what: "sealed paper count" });
        }
        Ok(paper)
    }
}
