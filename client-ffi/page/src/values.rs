//! What the page sees: texts, numbers, and lists of them. Its types are written from these.

use client_ffi::transport::TransportError;
use client_ffi::{NextStep, UnitImport, Way};
use serde::{Deserialize, Serialize};
use sync_core::id::UnitCode;
use sync_core::package::{Mode, Package};
use sync_core::parcel::Condition;
use sync_core::record::Language;

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Text {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// What is said in each language.
    pub fn new(text: impl Fn(Language) -> String) -> Self {
        Self { vi: text(Language::Vietnamese), en: text(Language::English) }
    }
}

/// The round that a tablet belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
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

pub(crate) fn round(package: &Package, address: &str) -> Round {
    let level = |level: &sync_core::package::Level| Level {
        code: level.code.clone(),
        label: Text::new(|language| match language {
            Language::Vietnamese => level.vi.clone(),
            Language::English => level.en.clone(),
        }),
    };
    Round {
        title: package.title.clone(),
        training: package.mode == Mode::Training,
        levels: package.levels.iter().map(level).collect(),
        address: address.to_owned(),
    }
}

/// One of the ratings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Level {
    /// Stable code.
    pub code: String,
    /// Its label.
    pub label: Text,
}

/// What a unit votes about. It holds names: show it only to the unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Sheet {
    /// Name of the unit.
    pub unit_name: String,
    /// Those on the ballot, in the order of its lines.
    pub officials: Vec<Official>,
    /// Number of voters.
    pub voters: u32,
    /// The team unlocks each ballot; otherwise each needs a slip.
    pub attended: bool,
    /// The team did compare it with paper. While this is false nothing can be cast.
    pub confirmed: bool,
}

/// Somebody on the ballot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Official {
    /// Stable code.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Post held.
    pub post: String,
}

/// Where the ballots cast on this tablet are, each in the furthest state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Counts {
    /// In the open box.
    pub in_box: usize,
    /// In envelopes that are only here.
    pub sealed: usize,
    /// In envelopes that another tablet or courier holds as well.
    pub handed_over: usize,
    /// In envelopes that the centre has confirmed.
    pub confirmed: usize,
    /// Counted or decided about, and deleted here.
    pub finished: usize,
}

impl From<client_ffi::Counts> for Counts {
    fn from(counts: client_ffi::Counts) -> Self {
        let client_ffi::Counts { in_box, sealed, handed_over, confirmed, finished } = counts;
        Self { in_box, sealed, handed_over, confirmed, finished }
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Step {
    /// Stable word.
    pub code: String,
    /// Ballots would be lost if this tablet broke now.
    pub only_here: bool,
    /// The sentence.
    pub text: Text,
}

impl From<NextStep> for Step {
    fn from(step: NextStep) -> Self {
        Self {
            code: step.code().to_owned(),
            only_here: step.is_unsafe(),
            text: Text::new(|language| step.text(language)),
        }
    }
}

/// What is left here of a unit whose round is finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Finished {
    /// Own envelopes that came too late for the count or never arrived.
    pub left: usize,
    /// Ballots in the open box.
    pub in_box: usize,
}

/// A device that holds ballots of this tablet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Taker {
    /// Its id.
    pub device: String,
    /// Its name, if it is known here.
    pub name: Option<String>,
    /// Ballots that it holds.
    pub ballots: usize,
}

/// Envelopes that are kept but not counted until two people decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Held {
    /// How many.
    pub envelopes: usize,
    /// Why.
    pub reason: Text,
}

/// What a tablet says of a unit that it takes ballots for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct UnitStatus {
    /// The unit.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// Ballots cast on this tablet.
    pub counts: Counts,
    /// The box is closed.
    pub closed: bool,
    /// Devices that showed that they hold ballots which the centre has not confirmed.
    pub handed_to: Vec<Taker>,
    /// Envelopes of other tablets of the unit.
    pub others: usize,
    /// Envelopes that will be held, as far as this tablet can know.
    pub held: Vec<Held>,
    /// What is left here, if the round is finished.
    pub finished: Option<Finished>,
    /// What to do next.
    pub next: Step,
}

impl From<client_ffi::UnitStatus> for UnitStatus {
    fn from(status: client_ffi::UnitStatus) -> Self {
        let taker = |taker: client_ffi::Taker| Taker {
            device: taker.device.to_string(),
            name: taker.label,
            ballots: taker.ballots,
        };
        let held = |held: &client_ffi::Held| Held {
            envelopes: held.envelopes,
            reason: Text::new(|language| held.reason.label(language).to_owned()),
        };
        let finished =
            |finished: client_ffi::Finished| Finished { left: finished.left.len(), in_box: finished.in_box };
        Self {
            unit: status.unit.to_string(),
            name: status.name,
            counts: status.counts.into(),
            closed: status.closed,
            handed_to: status.handed_to.into_iter().map(taker).collect(),
            others: status.others,
            held: status.held.iter().map(held).collect(),
            finished: status.finished.map(finished),
            next: status.next.into(),
        }
    }
}

/// What a tablet or courier says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Overview {
    /// Its id, once it has keys.
    pub device: Option<String>,
    /// Its name, once it is enrolled.
    pub label: Option<String>,
    /// The round, once it is enrolled.
    pub round: Option<Round>,
    /// When it last reached the centre, in minutes since 1970 by its own clock, which may be wrong.
    #[cfg_attr(feature = "typescript", tsify(type = "number | null"))]
    pub last_contact: Option<u64>,
    /// Units that it takes ballots for; none for a courier.
    pub units: Vec<UnitStatus>,
    /// Envelopes of other units here.
    pub carried_envelopes: usize,
    /// Of these, envelopes that the centre has not confirmed.
    pub carried_unconfirmed: usize,
    /// What to do next: the most urgent.
    pub next: Step,
}

/// How far a transfer of one unit is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Progress {
    /// The unit.
    pub unit: String,
    /// Away from here.
    pub out: bool,
    /// Things that are through.
    pub done: f64,
    /// Things in all, as far as is known now.
    pub total: f64,
}

impl From<&client_ffi::Progress> for Progress {
    fn from(progress: &client_ffi::Progress) -> Self {
        // Counts of things on one tablet: far below where a float loses units.
        let [done, total] = [progress.done, progress.total].map(|amount| amount.items as f64);
        Self { unit: progress.unit.to_string(), out: progress.way == Way::Out, done, total }
    }
}

/// What a sync with the centre did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct SyncReport {
    /// Requests sent.
    pub requests: usize,
    /// Items that were new on this tablet.
    pub received: usize,
    /// Envelopes that the centre confirmed since.
    pub confirmed: usize,
    /// Things that the centre did not take.
    pub refused: usize,
    /// Units that could not be synchronised; the others were.
    pub failed: Vec<UnitProblem>,
}

/// Why one unit could not be synchronised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct UnitProblem {
    /// The unit.
    pub unit: String,
    /// Why.
    pub text: Text,
}

impl From<client_ffi::SyncReport> for SyncReport {
    fn from(report: client_ffi::SyncReport) -> Self {
        let problem = |(unit, error): (UnitCode, TransportError)| UnitProblem {
            unit: unit.to_string(),
            text: Text::new(|language| error.text(language)),
        };
        Self {
            requests: report.requests,
            received: report.received,
            confirmed: report.confirmed,
            refused: report.refused.len(),
            failed: report.failed.into_iter().map(problem).collect(),
        }
    }
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ImportReport {
    /// Who made the parcel.
    pub from: String,
    /// Its name, if it is known here.
    pub name: Option<String>,
    /// Nothing of it was cut off.
    pub whole: bool,
    /// Things that were new here.
    pub new: usize,
    /// Things that were here already.
    pub already_here: usize,
    /// Envelopes of it.
    pub envelopes: usize,
    /// Receipts of it.
    pub receipts: usize,
    /// Things that were refused.
    pub refused: usize,
    /// Devices that said with it, signed, what they hold.
    pub acknowledged: usize,
}

impl From<client_ffi::ImportReport> for ImportReport {
    fn from(report: client_ffi::ImportReport) -> Self {
        let Condition { torn, damaged, .. } = report.condition;
        let sum = |of: fn(&UnitImport) -> usize| report.units.values().map(of).sum();
        Self {
            from: report.from.0.to_string(),
            name: report.from.1.clone(),
            whole: !torn && damaged + report.unreadable == 0,
            new: sum(|unit| unit.new),
            already_here: sum(|unit| unit.already_here),
            envelopes: sum(|unit| unit.envelopes),
            receipts: sum(|unit| unit.receipts),
            refused: sum(|unit| unit.refused.len()),
            acknowledged: report.acknowledged.len(),
        }
    }
}

/// What came of a code of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Seen {
    /// How far the series is, 0 to 100; 100 only when everything is here.
    pub percent: u8,
    /// What its import did, once everything is here.
    pub report: Option<ImportReport>,
}
