//! What crosses the boundary: texts, numbers, bytes and lists of them.

use crate::problem::Problem;
use client_ffi::transport::TransportError;
use sync_core::id::UnitCode;
use sync_core::message::{ItemKind, Outcome};

/// The round that a tablet belongs to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Round {
    /// Title for people.
    pub title: String,
    /// A round for practice: nothing of it counts, and it must never look like a real one.
    pub training: bool,
    /// Levels from highest to lowest; a mark is a place in this list, from 0.
    pub levels: Vec<Level>,
    /// The centre's address.
    pub address: String,
}

/// One of the ratings.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Level {
    /// Stable code.
    pub code: String,
    /// Vietnamese label.
    pub vi: String,
    /// English label.
    pub en: String,
}

/// What a unit votes about. It holds names: show it only to the unit.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Sheet {
    /// Name of the unit.
    pub unit_name: String,
    /// Those on the ballot, in the order of its lines.
    pub officials: Vec<Official>,
    /// Number of voters.
    pub voters: u32,
    /// The team unlocks each ballot; otherwise each needs a slip.
    pub attended: bool,
    /// The six groups of digits to compare with paper; the two that are not here the team types from the paper. Others
    /// are left out at each call.
    pub digits: Vec<Option<String>>,
    /// The team did compare it. While this is false nothing can be cast.
    pub confirmed: bool,
}

/// Somebody on the ballot.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Official {
    /// Stable code.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Post held.
    pub post: String,
}

/// A group of digits that the team typed from paper.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TypedGroup {
    /// Which group, from 0.
    pub place: u32,
    /// The five digits; spaces do not matter.
    pub digits: String,
}

/// Where the ballots cast on this tablet are, each in the furthest state.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Counts {
    /// In the open box.
    pub in_box: u64,
    /// In envelopes that are only here.
    pub sealed: u64,
    /// In envelopes that another tablet or courier holds as well.
    pub handed_over: u64,
    /// In envelopes that the centre has confirmed.
    pub confirmed: u64,
    /// Counted or decided about, and deleted here.
    pub finished: u64,
}

/// What is left here of a unit whose round is finished.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Finished {
    /// Own envelopes that came too late for the count or never arrived; the next exchange brings them on.
    pub left: u64,
    /// Ballots in the open box; closing it seals them.
    pub in_box: u64,
}

/// What a sync with the centre did.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncReport {
    /// Requests sent.
    pub requests: u64,
    /// Bytes sent.
    pub bytes_up: u64,
    /// Bytes received.
    pub bytes_down: u64,
    /// Items that were new on this tablet.
    pub received: u64,
    /// Envelopes that the centre confirmed since.
    pub confirmed: u64,
    /// Units whose round is finished.
    pub finished: Vec<String>,
    /// What the centre did not take; the rest was.
    pub refused: Vec<NotTaken>,
    /// Units that could not be synchronised; the others were.
    pub failed: Vec<UnitProblem>,
}

/// Something that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NotTaken {
    /// The unit.
    pub unit: String,
    /// What it is: `envelope`, `receipt` and so on, or nothing where that is not known.
    pub kind: String,
    /// Why, as a stable word: `malformed`, `bad_signature`, `other_package` and so on (`sync-core/FORMAT.md`).
    pub reason: String,
}

/// Why one unit could not be synchronised.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct UnitProblem {
    /// The unit.
    pub unit: String,
    /// Stable word.
    pub code: String,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// What became of what was handed to this tablet. Each item is taken or not by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct Taken {
    /// New here, and stored.
    pub new_here: u64,
    /// Here already, which is success.
    pub already_here: u64,
    /// Waiting for something that they need.
    pub waiting: u64,
    /// Not taken.
    pub refused: Vec<NotTaken>,
}

impl From<client_ffi::Counts> for Counts {
    fn from(counts: client_ffi::Counts) -> Self {
        Self {
            in_box: counts.in_box as u64,
            sealed: counts.sealed as u64,
            handed_over: counts.handed_over as u64,
            confirmed: counts.confirmed as u64,
            finished: counts.finished as u64,
        }
    }
}

impl From<client_ffi::Finished> for Finished {
    fn from(finished: client_ffi::Finished) -> Self {
        Self { left: finished.left.len() as u64, in_box: finished.in_box as u64 }
    }
}

impl From<client_ffi::SyncReport> for SyncReport {
    fn from(report: client_ffi::SyncReport) -> Self {
        let refused = report.refused.iter();
        Self {
            requests: report.requests as u64,
            bytes_up: report.bytes_up as u64,
            bytes_down: report.bytes_down as u64,
            received: report.received as u64,
            confirmed: report.confirmed as u64,
            finished: report.finished.iter().map(ToString::to_string).collect(),
            refused: refused
                .map(|(unit, kind, outcome)| NotTaken::new(unit, Some(*kind), *outcome))
                .collect(),
            failed: report.failed.into_iter().map(|(unit, error)| UnitProblem::new(&unit, error)).collect(),
        }
    }
}

impl Taken {
    /// Adds what became of a message of a unit, of which the items had these kinds.
    pub(crate) fn add(&mut self, unit: &UnitCode, kinds: &[ItemKind], taken: &client_ffi::Taken) {
        self.new_here += taken.new as u64;
        self.already_here += taken.already_here as u64;
        self.waiting += taken.waiting as u64;
        self.refused.extend(taken.refused.iter().map(|(place, outcome)| {
            let kind = usize::try_from(*place).ok().and_then(|place| kinds.get(place));
            NotTaken::new(unit, kind.copied(), *outcome)
        }));
    }
}

impl NotTaken {
    fn new(unit: &UnitCode, kind: Option<ItemKind>, outcome: Outcome) -> Self {
        let kind = kind.map(word).unwrap_or_default().to_owned();
        Self { unit: unit.to_string(), kind, reason: outcome.code().to_owned() }
    }
}

fn word(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Package => "package",
        ItemKind::Sheet => "sheet",
        ItemKind::SheetReplacement => "sheet_replacement",
        ItemKind::Certificate => "certificate",
        ItemKind::Revocation => "revocation",
        ItemKind::Envelope => "envelope",
        ItemKind::RecordChange => "record_change",
        ItemKind::SealedRecordChange => "sealed_record_change",
        ItemKind::Receipt => "receipt",
        ItemKind::RoundStatement => "round_statement",
    }
}

impl UnitProblem {
    fn new(unit: &UnitCode, error: TransportError) -> Self {
        let (code, vi, en) = Problem::from(error).into_words();
        Self { unit: unit.to_string(), code, vi, en }
    }
}
