//! Where everything is, for the person who holds the tablet.

use crate::values::{Counts, Finished};
use client_ffi::NextStep;
use sync_core::record::Language;

/// What a tablet or courier says of itself.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Status {
    /// Its name, once it is enrolled.
    pub label: Option<String>,
    /// When it last reached the centre, in minutes since 1970 by its own clock, which may be wrong.
    pub last_contact: Option<u64>,
    /// Units that it takes ballots for.
    pub units: Vec<UnitStatus>,
    /// Envelopes of other units here.
    pub carried_envelopes: u64,
    /// Of these, envelopes that the centre has not confirmed.
    pub carried_unconfirmed: u64,
    /// Bytes that are carried for other units.
    pub carried_bytes: u64,
    /// Bytes that may be carried for them in all.
    pub carried_room: u64,
    /// What to do next: the most urgent.
    pub next: Step,
}

/// What a tablet says of a unit that it takes ballots for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
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
    pub others: u64,
    /// Envelopes that will be held, as far as this tablet can know.
    pub held: Vec<Held>,
    /// Items that wait for something they need.
    pub waiting: u64,
    /// What is left here, if the round is finished.
    pub finished: Option<Finished>,
    /// What to do next.
    pub next: Step,
}

/// A device that holds ballots of this tablet.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Taker {
    /// Its id.
    pub device: String,
    /// Its name, if it is known here.
    pub name: Option<String>,
    /// Ballots that it holds.
    pub ballots: u64,
}

/// Envelopes that are kept but not counted until two people decide.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Held {
    /// How many.
    pub envelopes: u64,
    /// Why, in Vietnamese.
    pub vi: String,
    /// Why, in English.
    pub en: String,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Step {
    /// Stable word.
    pub code: String,
    /// Ballots would be lost if this tablet broke now.
    pub only_here: bool,
    /// The sentence in Vietnamese.
    pub vi: String,
    /// The sentence in English.
    pub en: String,
}

impl From<NextStep> for Step {
    fn from(step: NextStep) -> Self {
        Self {
            code: step.code().to_owned(),
            only_here: step.is_unsafe(),
            vi: step.text(Language::Vietnamese),
            en: step.text(Language::English),
        }
    }
}

impl From<client_ffi::Status> for Status {
    fn from(status: client_ffi::Status) -> Self {
        Self {
            label: status.label,
            last_contact: status.last_contact,
            units: status.units.into_iter().map(Into::into).collect(),
            carried_envelopes: status.carried.envelopes as u64,
            carried_unconfirmed: status.carried.unconfirmed as u64,
            carried_bytes: status.carried.bytes as u64,
            carried_room: status.room,
            next: status.next.into(),
        }
    }
}

impl From<client_ffi::UnitStatus> for UnitStatus {
    fn from(status: client_ffi::UnitStatus) -> Self {
        let taker = |taker: client_ffi::Taker| Taker {
            device: taker.device.to_string(),
            name: taker.label,
            ballots: taker.ballots as u64,
        };
        let held = |held: &client_ffi::Held| Held {
            envelopes: held.envelopes as u64,
            vi: held.reason.label(Language::Vietnamese).to_owned(),
            en: held.reason.label(Language::English).to_owned(),
        };
        Self {
            unit: status.unit.to_string(),
            name: status.name,
            counts: status.counts.into(),
            closed: status.closed,
            handed_to: status.handed_to.into_iter().map(taker).collect(),
            others: status.others as u64,
            held: status.held.iter().map(held).collect(),
            waiting: status.waiting as u64,
            finished: status.finished.map(Into::into),
            next: status.next.into(),
        }
    }
}
