//! What the opened ballots of one unit amount to, permit by permit.

use crate::ballot::{BoxSecret, Form, Marks, Opened, Place, Record};
use crate::id::{Nullifier, PackageHash, RoundId, SheetHash};
use crate::package::{Sheet, Voting};
use std::collections::{BTreeMap, BTreeSet};

/// Why a permit, or an attended ballot, was collected but is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InvalidReason {
    /// No ballot under the permit opens.
    DoesNotOpen,
    /// Ballots open, but none carries the permit's code.
    WrongCode,
    /// The marks are not in the format.
    Malformed,
    /// Ballots with the right code differ in their marks.
    Conflicting,
    /// Marked on a replaced sheet that has other officials.
    OtherOfficials,
}

/// Things seen at the opening that people should know; they change no figure by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Ballots whose permit was never issued for the unit; never collected.
    NotIssued,
    /// Further copies of a ballot, equal to the last byte.
    ByteEqualCopy,
    /// Further ballots of a permit with equal marks; counted once.
    EqualMarks,
    /// Ballots under a permit that do not carry its code, beside one that does; they spoil nothing.
    Forged,
    /// Attended: further ballots under one nullifier, each counted on its own.
    SharedNullifier,
}

impl InvalidReason {
    /// Every reason in the order of its number on the wire.
    pub const ALL: [Self; 5] =
        [Self::DoesNotOpen, Self::WrongCode, Self::Malformed, Self::Conflicting, Self::OtherOfficials];

    /// Stable name for JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::DoesNotOpen => "does_not_open",
            Self::WrongCode => "wrong_code",
            Self::Malformed => "malformed",
            Self::Conflicting => "conflicting",
            Self::OtherOfficials => "other_officials",
        }
    }
}

impl Fact {
    /// Every fact in the order of its number on the wire.
    pub const ALL: [Self; 5] =
        [Self::NotIssued, Self::ByteEqualCopy, Self::EqualMarks, Self::Forged, Self::SharedNullifier];

    /// Stable name for JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotIssued => "not_issued",
            Self::ByteEqualCopy => "byte_equal_copy",
            Self::EqualMarks => "equal_marks",
            Self::Forged => "forged",
            Self::SharedNullifier => "shared_nullifier",
        }
    }
}

/// The ballots of a unit once they are judged. `valid` is keyed by what stays the same when more envelopes come: the
/// nullifier of a permit, the whole record of an attended ballot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// Valid ballots.
    pub valid: BTreeMap<Vec<u8>, Marks>,
    /// Collected but invalid, by reason.
    pub invalid: BTreeMap<InvalidReason, u32>,
    /// Facts with how often.
    pub facts: BTreeMap<Fact, u32>,
}

/// Where the ballots of one unit are opened.
pub struct Table<'a> {
    /// The package.
    pub package: &'a PackageHash,
    /// The round.
    pub round: &'a RoundId,
    /// How the unit votes.
    pub voting: Voting,
    /// Levels of the round.
    pub levels: usize,
    /// The sheet that holds.
    pub sheet: &'a Sheet,
    /// Every sheet the unit ever had.
    pub sheets: &'a BTreeMap<SheetHash, Sheet>,
    /// The box key.
    pub secret: &'a BoxSecret,
}

/// A record and the sheet it was sealed under.
pub type Found = (Record, SheetHash);

impl Table<'_> {
    /// Judges the admitted records of the unit, in whatever order they come. `memory` keeps what was opened before.
    pub fn judge(&self, records: &[Found], memory: &mut BTreeMap<Found, Opened>) -> Judged {
        let mut judged = Judged::default();
        let mut by_nullifier: BTreeMap<Nullifier, BTreeSet<&Found>> = BTreeMap::new();
        for found in records {
            if !by_nullifier.entry(found.0.nullifier()).or_default().insert(found) {
                note(&mut judged.facts, Fact::ByteEqualCopy, 1);
            }
        }
        for (nullifier, ballots) in by_nullifier {
            match self.voting {
                Voting::Permit if !self.sheet.issued(&nullifier) => {
                    note(&mut judged.facts, Fact::NotIssued, ballots.len());
                }
                Voting::Permit => self.judge_permit(&nullifier, &ballots, memory, &mut judged),
                Voting::Attended => self.judge_attended(&ballots, memory, &mut judged),
            }
        }
        judged
    }

    fn judge_permit(
        &self,
        nullifier: &Nullifier,
        ballots: &BTreeSet<&Found>,
        memory: &mut BTreeMap<Found, Opened>,
        judged: &mut Judged,
    ) {
        let opened: Vec<(Opened, bool)> =
            ballots.iter().map(|found| (self.open(found, memory), self.same_officials(found))).collect();
        let misfits = opened.iter().filter(|(o, _)| matches!(o, Opened::Closed | Opened::Misfit)).count();
        let fitting: Vec<_> =
            opened.iter().filter(|(o, _)| matches!(o, Opened::Marks(_) | Opened::Malformed)).collect();
        let Some((first, _)) = fitting.first() else {
            let only_closed = opened.iter().all(|(o, _)| *o == Opened::Closed);
            let reason = if only_closed { InvalidReason::DoesNotOpen } else { InvalidReason::WrongCode };
            note(&mut judged.invalid, reason, 1);
            return;
        };
        if misfits > 0 {
            note(&mut judged.facts, Fact::Forged, misfits);
        }
        let reason = if fitting.iter().any(|(o, _)| *o == Opened::Malformed) {
            Some(InvalidReason::Malformed)
        } else if fitting.iter().any(|(_, same)| !same) {
            Some(InvalidReason::OtherOfficials)
        } else if fitting.iter().any(|(o, _)| o != first) {
            Some(InvalidReason::Conflicting)
        } else {
            None
        };
        match (reason, first) {
            (None, Opened::Marks(marks)) => {
                if fitting.len() > 1 {
                    note(&mut judged.facts, Fact::EqualMarks, fitting.len() - 1);
                }
                judged.valid.insert(nullifier.0.to_vec(), marks.clone());
            }
            (reason, _) => note(&mut judged.invalid, reason.unwrap_or(InvalidReason::Malformed), 1),
        }
    }

    fn judge_attended(
        &self,
        ballots: &BTreeSet<&Found>,
        memory: &mut BTreeMap<Found, Opened>,
        judged: &mut Judged,
    ) {
        if ballots.len() > 1 {
            note(&mut judged.facts, Fact::SharedNullifier, ballots.len() - 1);
        }
        for found in ballots {
            match self.open(found, memory) {
                Opened::Marks(marks) if self.same_officials(found) => {
                    judged.valid.insert(found.0.as_bytes().to_vec(), marks);
                }
                Opened::Marks(_) => note(&mut judged.invalid, InvalidReason::OtherOfficials, 1),
                Opened::Malformed => note(&mut judged.invalid, InvalidReason::Malformed, 1),
                Opened::Misfit => note(&mut judged.invalid, InvalidReason::WrongCode, 1),
                Opened::Closed => note(&mut judged.invalid, InvalidReason::DoesNotOpen, 1),
            }
        }
    }

    fn open(&self, found: &Found, memory: &mut BTreeMap<Found, Opened>) -> Opened {
        if let Some(opened) = memory.get(found) {
            return opened.clone();
        }
        let (record, hash) = found;
        // A ballot of an unknown sheet cannot be read; it stays closed.
        let opened = self.sheets.get(hash).map_or(Opened::Closed, |sheet| {
            let form = Form { officials: sheet.officials.len(), levels: self.levels };
            let place = Place { package: self.package, unit: &sheet.unit, sheet: hash };
            let permits = (self.voting == Voting::Permit).then_some(self.round);
            self.secret.open(record, form, place, permits)
        });
        memory.insert(found.clone(), opened.clone());
        opened
    }

    fn same_officials(&self, found: &Found) -> bool {
        self.sheets.get(&found.1).is_some_and(|sheet| sheet.same_ballot(self.sheet))
    }
}

fn note<K: Ord>(counts: &mut BTreeMap<K, u32>, what: K, times: usize) {
    let count = counts.entry(what).or_default();
    *count = count.saturating_add(u32::try_from(times).unwrap_or(u32::MAX));
}
