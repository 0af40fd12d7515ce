//! What the opened ballots of one unit amount to, permit by permit.

use super::papers::JudgedPaper;
use crate::ballot::{BoxSecret, Form, Marks, Opened, Place, Record};
use crate::id::{Nullifier, ObjectId, PackageHash, RoundId, SheetHash};
use crate::package::{Sheet, Voting};
use crate::planted::{self, Bug};
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
    /// Paper counts.
    pub papers: BTreeMap<ObjectId, JudgedPaper>,
}

impl Judged {
    /// Whether the same ballots count and as many do not, whatever facts were seen beside them.
    pub fn same_figures(&self, other: &Self) -> bool {
        self.valid == other.valid && self.invalid == other.invalid && self.papers == other.papers
    }
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
        let mut by_nullifier: BTreeMap<Nullifier, BTreeMap<&Record, BTreeSet<SheetHash>>> = BTreeMap::new();
        let mut distinct = 0;
        for (record, sheet) in records {
            let ballots = by_nullifier.entry(record.nullifier()).or_default();
            let found_under = ballots.entry(record).or_default();
            distinct += usize::from(found_under.is_empty());
            found_under.insert(*sheet);
        }
        if records.len() > distinct {
            note(&mut judged.facts, Fact::ByteEqualCopy, records.len() - distinct);
        }
        for (nullifier, ballots) in by_nullifier {
            if self.voting == Voting::Permit && !self.sheet.issued(&nullifier) {
                note(&mut judged.facts, Fact::NotIssued, ballots.len());
                if planted::is(Bug::CollectsNotIssued) {
                    note(&mut judged.invalid, InvalidReason::WrongCode, ballots.len());
                }
                continue;
            }
            let opened: Vec<_> = ballots
                .iter()
                .map(|(record, found_under)| (*record, self.open(record, found_under, memory)))
                .collect();
            match self.voting {
                Voting::Permit => judge_permit(&nullifier, &opened, &mut judged),
                Voting::Attended => judge_attended(&opened, &mut judged),
            }
        }
        judged
    }

    /// Opens a record under the sheets of the envelopes it was found in. The seal binds the sheet, so it opens under
    /// one of them at most; a copy under another changes nothing.
    fn open(
        &self,
        record: &Record,
        found_under: &BTreeSet<SheetHash>,
        memory: &mut BTreeMap<Found, Opened>,
    ) -> Attempt {
        let under = |hash: &SheetHash, memory: &mut BTreeMap<Found, Opened>| {
            let opened = self.open_under(record, hash, memory);
            let same_officials = self.sheets.get(hash).is_some_and(|sheet| sheet.same_ballot(self.sheet))
                || planted::is(Bug::CountsOtherOfficials);
            (opened != Opened::Closed).then_some(Attempt { opened, same_officials })
        };
        let attempt = found_under.iter().find_map(|hash| under(hash, memory));
        attempt.unwrap_or(Attempt { opened: Opened::Closed, same_officials: false })
    }

    fn open_under(&self, record: &Record, hash: &SheetHash, memory: &mut BTreeMap<Found, Opened>) -> Opened {
        let found = (record.clone(), *hash);
        if let Some(opened) = memory.get(&found) {
            return opened.clone();
        }
        // A ballot of an unknown sheet, or of another unit's, cannot be read here; it stays closed.
        let sheet = self.sheets.get(hash).filter(|sheet| sheet.unit == self.sheet.unit);
        let opened = sheet.map_or(Opened::Closed, |sheet| {
            let form = Form { officials: sheet.officials.len(), levels: self.levels };
            let place = Place { package: self.package, unit: &sheet.unit, sheet: hash };
            let permits = (self.voting == Voting::Permit).then_some(self.round);
            self.secret.open(record, form, place, permits)
        });
        memory.insert(found, opened.clone());
        opened
    }
}

/// What a record turned out to be, and whether its sheet asks for the same officials as the one that holds.
struct Attempt {
    opened: Opened,
    same_officials: bool,
}

fn judge_permit(nullifier: &Nullifier, ballots: &[(&Record, Attempt)], judged: &mut Judged) {
    let fits = |opened: &Opened| matches!(opened, Opened::Marks(_) | Opened::Malformed);
    let fitting: Vec<&Attempt> =
        ballots.iter().map(|(_, attempt)| attempt).filter(|attempt| fits(&attempt.opened)).collect();
    let Some(first) = fitting.first() else {
        let only_closed = ballots.iter().all(|(_, attempt)| attempt.opened == Opened::Closed);
        let reason = if only_closed { InvalidReason::DoesNotOpen } else { InvalidReason::WrongCode };
        note(&mut judged.invalid, reason, 1);
        return;
    };
    if ballots.len() > fitting.len() {
        note(&mut judged.facts, Fact::Forged, ballots.len() - fitting.len());
    }
    let reason = if fitting.iter().any(|attempt| attempt.opened == Opened::Malformed) {
        Some(InvalidReason::Malformed)
    } else if fitting.iter().any(|attempt| !attempt.same_officials) {
        Some(InvalidReason::OtherOfficials)
    } else if fitting.iter().any(|attempt| attempt.opened != first.opened)
        && !planted::is(Bug::CountsFirstOfConflicting)
    {
        Some(InvalidReason::Conflicting)
    } else {
        None
    };
    match (reason, &first.opened) {
        (None, Opened::Marks(marks)) => {
            if fitting.len() > 1 {
                note(&mut judged.facts, Fact::EqualMarks, fitting.len() - 1);
            }
            judged.valid.insert(nullifier.0.to_vec(), marks.clone());
            if planted::is(Bug::CountsEqualMarksTwice) && fitting.len() > 1 {
                judged.valid.insert([nullifier.0.as_slice(), &[2]].concat(), marks.clone());
            }
        }
        (reason, _) => note(&mut judged.invalid, reason.unwrap_or(InvalidReason::Malformed), 1),
    }
}

fn judge_attended(ballots: &[(&Record, Attempt)], judged: &mut Judged) {
    if ballots.len() > 1 {
        note(&mut judged.facts, Fact::SharedNullifier, ballots.len() - 1);
    }
    for (record, attempt) in ballots {
        match &attempt.opened {
            Opened::Marks(marks) if attempt.same_officials => {
                judged.valid.insert(record.as_bytes().to_vec(), marks.clone());
            }
            Opened::Marks(_) => note(&mut judged.invalid, InvalidReason::OtherOfficials, 1),
            Opened::Malformed => note(&mut judged.invalid, InvalidReason::Malformed, 1),
            Opened::Misfit => note(&mut judged.invalid, InvalidReason::WrongCode, 1),
            Opened::Closed => note(&mut judged.invalid, InvalidReason::DoesNotOpen, 1),
        }
    }
}

fn note<K: Ord>(counts: &mut BTreeMap<K, u32>, what: K, times: usize) {
    let count = counts.entry(what).or_default();
    *count = count.saturating_add(u32::try_from(times).unwrap_or(u32::MAX));
}
