//! Where everything is, for the person who holds the tablet, and what to do next.
//!
//! Everything here follows from what is stored. Ballots appear as numbers only, and of a courier's parcels not even whose
//! they are.

mod words;

use super::{Counts, Finished, Tablet};
use crate::error::TabletError;
use crate::store::Store;
use crate::values::{Number, contact_key, load};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use sync_core::cbor;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::open_box::OpenBox;
use sync_core::package::Mode;
use sync_core::planted::{self, Bug};
use sync_core::survey::HoldReason;

/// What a tablet or courier says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its id, once it has keys.
    pub device: Option<DeviceId>,
    /// Its name, once it is enrolled.
    pub label: Option<String>,
    /// Title and mode of its round, once it is enrolled.
    pub round: Option<(String, Mode)>,
    /// When it last reached the centre, in minutes since 1970 by its own clock, which may be wrong.
    pub last_contact: Option<u64>,
    /// Units that it takes ballots for, by code.
    pub units: Vec<UnitStatus>,
    /// Of other units, only how much there is.
    pub carried: Carried,
    /// Bytes of envelopes and sealed lists that may be carried for them in all.
    pub room: u64,
    /// What to do next with this tablet: the most urgent of its units', or the courier's.
    pub next: NextStep,
}

/// What a tablet says of a unit that it takes ballots for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitStatus {
    /// The unit.
    pub unit: UnitCode,
    /// Its name.
    pub name: String,
    /// Ballots cast on this tablet, each in its furthest state.
    pub counts: Counts,
    /// Whether the box is closed.
    pub closed: bool,
    /// Which devices showed that they hold ballots of this tablet which the centre has not confirmed.
    pub handed_to: Vec<Taker>,
    /// Envelopes of other tablets of the unit that are here as well.
    pub others: usize,
    /// Envelopes that will be held as far as this tablet can know, by reason.
    pub held: Vec<Held>,
    /// Items that wait here for something they need.
    pub waiting: usize,
    /// Whether the round is finished for the unit, and what of this tablet the statement does not cover.
    pub finished: Option<Finished>,
    /// What to do next.
    pub next: NextStep,
}

/// A device that holds ballots of this tablet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taker {
    /// The device.
    pub device: DeviceId,
    /// Its name, if its certificate is here.
    pub label: Option<String>,
    /// Ballots of this tablet that it holds.
    pub ballots: usize,
}

/// Envelopes that are kept but not counted until two people decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Why.
    pub reason: HoldReason,
    /// How many.
    pub envelopes: usize,
}

/// What is carried for units that this device takes no ballots for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carried {
    /// Units.
    pub units: usize,
    /// Envelopes here.
    pub envelopes: usize,
    /// Of these, envelopes that no receipt covers.
    pub unconfirmed: usize,
    /// Sealed lists of record changes.
    pub parcels: usize,
    /// Bytes of envelopes and sealed lists.
    pub bytes: usize,
}

/// What the person who holds the tablet should do next. Ordered: of several, the last is the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NextStep {
    /// Nothing of this tablet is left anywhere but at the centre, and the round is finished.
    PutAway,
    /// A courier with nothing to carry.
    Collect,
    /// The centre has confirmed everything: keep the tablet until the round is finished.
    Keep,
    /// Voting goes on, and nothing is cast here yet.
    Vote,
    /// Voting goes on; so many ballots are on this tablet alone.
    GoOn {
        /// Ballots in the box or in envelopes that nobody else has.
        only_here: usize,
    },
    /// Another device has everything; the centre has not confirmed it yet.
    WaitForReceipt {
        /// Ballots that no receipt covers.
        unconfirmed: usize,
    },
    /// A courier should reach the centre.
    Deliver {
        /// Envelopes that no receipt covers.
        envelopes: usize,
    },
    /// The box is closed and ballots are on this tablet alone: hand them over.
    HandOver {
        /// Ballots that nobody else has.
        only_here: usize,
    },
    /// The round was finished without something that is here: bring it to the centre.
    BringLate,
    /// The round is finished, but ballots are in the box: close it and bring them to the centre.
    CloseLate {
        /// Ballots in the box.
        in_box: usize,
    },
    /// Compare the unit's list with the paper.
    Compare,
    /// The unit's list is missing: fetch it.
    FetchSheet,
    /// Enrol with a token from the office.
    Enrol,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Where everything is, and what to do next.
    ///
    /// # Errors
    /// The store's, or [`TabletError::Damaged`].
    pub fn status(&self) -> Result<Status, TabletError> {
        let Some(round) = &self.round else {
            return Ok(Status {
                device: self.device(),
                label: None,
                round: None,
                last_contact: None,
                units: Vec::new(),
                carried: Carried::default(),
                room: self.courier()?.room,
                next: NextStep::Enrol,
            });
        };
        let package = round.package.value();
        let units = self.units().iter().map(|unit| self.unit_status(unit)).collect::<Result<Vec<_>, _>>()?;
        let carried = self.carried();
        let courier = match carried.unconfirmed {
            0 if self.units().is_empty() => Some(NextStep::Collect),
            0 => None,
            envelopes => Some(NextStep::Deliver { envelopes }),
        };
        let next = units.iter().map(|unit| unit.next).chain(courier).max().unwrap_or(NextStep::Collect);
        Ok(Status {
            device: self.device(),
            label: Some(round.certificate.value().label.clone()),
            round: Some((package.title.clone(), package.mode)),
            last_contact: load::<Number>(&self.store, &contact_key())?.map(|minutes| minutes.0),
            units,
            carried,
            room: self.courier()?.room,
            next,
        })
    }

    /// Remembers when the centre was reached, for people alone.
    pub(super) fn note_contact(&mut self, at: u64) -> Result<(), TabletError> {
        self.attempt(|tablet| Ok(tablet.store.put(&contact_key(), &cbor::encode(&Number(at)))?))
    }

    fn unit_status(&self, unit: &UnitCode) -> Result<UnitStatus, TabletError> {
        let round = self.membership()?;
        let state = self.state(unit)?;
        let mut counts = self.counts(unit);
        if planted::is(Bug::ConfirmsHandedOver) {
            counts.confirmed += std::mem::take(&mut counts.handed_over);
        }
        let survey = state.replica.survey();
        let mut held: BTreeMap<HoldReason, usize> = BTreeMap::new();
        for reason in survey.held.values().flatten() {
            *held.entry(*reason).or_default() += 1;
        }
        let own = self.device();
        let others =
            state.replica.envelopes().filter(|envelope| Some(envelope.value().device) != own).count();
        let entry = round.package.value().unit(unit);
        Ok(UnitStatus {
            unit: unit.clone(),
            name: entry.map(|entry| entry.name.clone()).unwrap_or_default(),
            counts,
            closed: state.chain.closed,
            handed_to: self.takers(unit)?,
            others,
            held: held.into_iter().map(|(reason, envelopes)| Held { reason, envelopes }).collect(),
            waiting: state.replica.waiting().0,
            finished: self.finished(unit),
            next: self.next_step(unit, counts)?,
        })
    }

    fn next_step(&self, unit: &UnitCode, counts: Counts) -> Result<NextStep, TabletError> {
        let state = self.state(unit)?;
        let only_here = counts.in_box + counts.sealed;
        if let Some(finished) = self.finished(unit) {
            return Ok(match finished {
                Finished { in_box: 0, left } if left.is_empty() => NextStep::PutAway,
                Finished { in_box: 0, .. } => NextStep::BringLate,
                Finished { in_box, .. } => NextStep::CloseLate { in_box },
            });
        }
        Ok(if state.chain.closed {
            // The close itself is an envelope, also one without ballots, and counts like the rest.
            let close_alone = self.close_is_unconfirmed(unit)?;
            match (only_here, counts.handed_over) {
                (0, 0) if close_alone => NextStep::HandOver { only_here: 0 },
                (0, 0) => NextStep::Keep,
                (0, unconfirmed) => NextStep::WaitForReceipt { unconfirmed },
                (only_here, _) => NextStep::HandOver { only_here },
            }
        } else if state.replica.sheet().is_none() {
            NextStep::FetchSheet
        } else if !self.is_confirmed(unit) {
            NextStep::Compare
        } else if state.open_box.as_ref().is_none_or(OpenBox::is_empty) && only_here == 0 {
            NextStep::Vote
        } else {
            NextStep::GoOn { only_here }
        })
    }

    /// Whether an own envelope is neither confirmed nor known to be elsewhere.
    fn close_is_unconfirmed(&self, unit: &UnitCode) -> Result<bool, TabletError> {
        let state = self.state(unit)?;
        let Some(device) = self.device() else { return Ok(false) };
        let confirmed = state.replica.confirmed();
        let mut own = state.own_envelopes(&device).map(|envelope| envelope.envelope_id());
        Ok(own.any(|id| !confirmed.contains(&id) && !state.handed.0.contains_key(&id)))
    }

    fn takers(&self, unit: &UnitCode) -> Result<Vec<Taker>, TabletError> {
        let state = self.state(unit)?;
        let Some(own) = self.device() else { return Ok(Vec::new()) };
        let confirmed = state.replica.confirmed();
        let mut ballots: BTreeMap<DeviceId, usize> = BTreeMap::new();
        for envelope in state.own_envelopes(&own) {
            let id = envelope.envelope_id();
            for taker in state.handed.0.get(&id).into_iter().flatten().filter(|_| !confirmed.contains(&id)) {
                *ballots.entry(*taker).or_default() += envelope.value().ballots.len();
            }
        }
        let taker = |(device, ballots)| Taker { device, label: self.label_of(&device), ballots };
        Ok(ballots.into_iter().map(taker).collect())
    }

    pub(super) fn carried(&self) -> Carried {
        let mut carried = Carried::default();
        let Some(round) = &self.round else { return carried };
        for (unit, state) in &round.units {
            if self.units().contains(unit) {
                continue;
            }
            let confirmed = state.replica.confirmed();
            carried.units += 1;
            for envelope in state.replica.envelopes() {
                carried.envelopes += 1;
                carried.unconfirmed += usize::from(!confirmed.contains(&envelope.envelope_id()));
                carried.bytes += envelope.bytes().len();
            }
            for item in state.replica.carried() {
                carried.parcels += 1;
                carried.bytes += item.bytes.len();
            }
        }
        carried
    }
}
