//! What crosses the boundary: texts, numbers, bytes and lists of them.

use crate::problem::Problem;
use client_ffi::transport::TransportError;
use sync_core::guidance::TeamText;
use sync_core::id::UnitCode;
use sync_core::message::{ItemKind, Outcome};
use sync_core::parcel;

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

/// Guidance for a step of the team's work.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StepText {
    /// The step: `compare`, `check_in`, `vote`, `close`, `minutes`, `hand_over` or `plans`.
    pub step: String,
    /// In Vietnamese, with line breaks; may be empty.
    pub vi: String,
    /// In English, with line breaks; may be empty.
    pub en: String,
}

impl From<TeamText> for StepText {
    fn from(text: TeamText) -> Self {
        Self { step: text.step.code().to_owned(), vi: text.vi, en: text.en }
    }
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
    /// What it is: `envelope`, `receipt` and so on.
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

/// For whom a parcel is made. Others may take it all the same, and carry it on.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Recipient {
    /// Whoever comes by: envelopes, and what the centre signed.
    Anyone,
    /// The centre, or whoever brings it there: also the record, sealed to the centre.
    Centre,
    /// A tablet of the unit: also the record, sealed to that tablet.
    Tablet {
        /// Its id, as [`crate::Tablet::device`] gives it there.
        device: String,
    },
}

impl Recipient {
    pub(crate) fn read(&self) -> Result<parcel::Recipient, Problem> {
        Ok(match self {
            Self::Anyone => parcel::Recipient::Anyone,
            Self::Centre => parcel::Recipient::Centre,
            Self::Tablet { device } => parcel::Recipient::Tablet(device.parse()?),
        })
    }
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ImportReport {
    /// Id of the device that made the parcel, as it says.
    pub from_device: String,
    /// Its name, if it is known here.
    pub from_name: Option<String>,
    /// Something of the parcel is missing: copy it again. What was whole was taken.
    pub torn: bool,
    /// Parts that could not be read, each by itself.
    pub unreadable: u64,
    /// Nothing in it was new: a second copy, or one that came late.
    pub brought_nothing: bool,
    /// What became of the items of each unit.
    pub units: Vec<UnitImport>,
    /// Boxes of tablets that lost their keys. Only the office takes them: bring it this very file.
    pub orphans: u64,
    /// Ids of devices that acknowledged what they hold of this tablet's.
    pub acknowledged: Vec<String>,
}

/// What an import did to one unit. Each item is taken or not by itself.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct UnitImport {
    /// The unit.
    pub unit: String,
    /// Envelopes that are new here.
    pub envelopes: u64,
    /// Receipts that are new here.
    pub receipts: u64,
    /// The round is finished for the unit, which was not known here.
    pub finished: bool,
    /// Items that are new here, with the above.
    pub new_here: u64,
    /// Here already, which is success.
    pub already_here: u64,
    /// Waiting for something that they need.
    pub waiting: u64,
    /// Envelopes that will be held, as far as this tablet can know.
    pub held: u64,
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
            refused: refused.map(|(unit, kind, outcome)| NotTaken::new(unit, *kind, *outcome)).collect(),
            failed: report.failed.into_iter().map(|(unit, error)| UnitProblem::new(&unit, error)).collect(),
        }
    }
}

impl From<client_ffi::ImportReport> for ImportReport {
    fn from(report: client_ffi::ImportReport) -> Self {
        let brought_nothing = report.brought_nothing();
        let (device, from_name) = report.from;
        Self {
            from_device: device.to_string(),
            from_name,
            torn: !report.condition.is_whole(),
            unreadable: report.unreadable as u64,
            brought_nothing,
            units: report.units.into_iter().map(|(unit, import)| UnitImport::new(&unit, &import)).collect(),
            orphans: report.orphans as u64,
            acknowledged: report.acknowledged.iter().map(ToString::to_string).collect(),
        }
    }
}

impl UnitImport {
    fn new(unit: &UnitCode, import: &client_ffi::UnitImport) -> Self {
        let refused = import.refused.iter();
        Self {
            unit: unit.to_string(),
            envelopes: import.envelopes as u64,
            receipts: import.receipts as u64,
            finished: import.finished,
            new_here: import.new as u64,
            already_here: import.already_here as u64,
            waiting: import.waiting as u64,
            held: import.held as u64,
            refused: refused.map(|(kind, outcome)| NotTaken::new(unit, *kind, *outcome)).collect(),
        }
    }
}

impl NotTaken {
    fn new(unit: &UnitCode, kind: ItemKind, outcome: Outcome) -> Self {
        Self { unit: unit.to_string(), kind: word(kind).to_owned(), reason: outcome.code().to_owned() }
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
