//! Which way two tablets hand things over, and what is the same for all ways.

use super::World;
use crate::body::Machine;
use crate::chance::Chance;
use crate::fault::Fault;
use client_ffi::{CARRY_ROOM, TabletError};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::{EnvelopeId, UnitCode};
use sync_core::message::Outcome;
use sync_core::parcel::Recipient;

/// How one tablet hands over to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Messages one way, as by whatever carries bytes.
    Given,
    /// Messages, each answered.
    Talk,
    /// A file on a stick, and the acknowledgement back.
    Stick,
    /// A session in a local network.
    Session,
    /// A series of QR codes from screen to camera.
    Screen,
}

impl Way {
    /// Any of them.
    pub(super) fn draw(chance: &mut Chance) -> Self {
        match chance.below(10) {
            0 => Self::Given,
            1 => Self::Talk,
            2..=4 => Self::Stick,
            5..=7 => Self::Session,
            _ => Self::Screen,
        }
    }
}

/// Envelopes by unit.
pub(super) type Holdings = BTreeMap<UnitCode, BTreeSet<EnvelopeId>>;

impl World {
    /// Two tablets meet.
    pub(super) fn meet(&mut self, from: usize, to: usize, way: Way) {
        match way {
            Way::Given => self.hand(from, to, false),
            Way::Talk => self.hand(from, to, true),
            Way::Stick => self.write_stick(from, to),
            Way::Session => self.open_session(from, &[to]),
            Way::Screen => self.show_series(from, to),
        }
    }

    /// Everything that a tablet hands over as one parcel, and what it held then.
    pub(super) fn export(&mut self, from: usize, to: usize) -> Option<(Vec<u8>, Holdings)> {
        let mut chance = Chance::of(self.plan.seed, &format!("export {}", self.parcels));
        self.parcels += 1;
        let recipient = match chance.below(4) {
            0 => Recipient::Anyone,
            1 => Recipient::Centre,
            _ => Recipient::Tablet(self.bodies[to].device),
        };
        let held = self.bodies[from].tablet.as_ref().map(holdings)?;
        let name = self.bodies[from].name.clone();
        match self.step(from, |tablet| tablet.export(recipient))? {
            Ok(bytes) => {
                self.watch_parcel(&bytes);
                self.notes.say(&name, || format!("exports {} bytes for {recipient:?}", bytes.len()));
                Some((bytes, held))
            }
            Err(error) => {
                self.only_honest_errors(from, &error);
                None
            }
        }
    }

    /// No parcel names anybody, or shows a slip.
    pub(super) fn watch_parcel(&self, bytes: &[u8]) {
        let leak = self.secrets.in_parcel(bytes);
        self.notes.check("secrecy", leak.is_none(), || {
            format!("{} in a parcel of {} bytes", leak.unwrap_or_default(), bytes.len())
        });
    }

    /// After something whole was handed over, nothing of it is missing there but what was refused for want of room.
    pub(super) fn check_brought(&self, to: usize, held: &Holdings, how: &str) {
        let body = &self.bodies[to];
        let Some(tablet) = &body.tablet else { return };
        for (unit, ids) in held {
            let replica = tablet.replica(unit);
            let here = |id: &EnvelopeId| replica.is_some_and(|r| r.holds(id) || r.is_listed(id));
            let missing = ids.iter().filter(|id| !here(id)).count();
            let waiting = replica.is_some_and(|r| r.waiting().0 > 0);
            self.notes.check("routes bring everything", missing == 0 || waiting, || {
                format!("{missing} envelopes of unit {unit} did not reach {} by {how}", body.name)
            });
        }
    }

    /// Somebody refused for want of room: that is what a full courier does.
    pub(super) fn note_refusals<'a>(
        &self,
        at: usize,
        mut outcomes: impl Iterator<Item = &'a Outcome>,
    ) -> bool {
        let full = outcomes.any(|outcome| *outcome == Outcome::TooMany);
        if full && self.bodies[at].room.is_some() {
            self.notes.fired(Fault::CourierFull);
        }
        full
    }

    /// What a tablet holds is noted, so that nobody can claim later that it held more.
    pub(super) fn note_holdings(&mut self, at: usize) {
        let Some(tablet) = &self.bodies[at].tablet else { return };
        let held = self.truth.held.entry(at).or_default();
        for unit in tablet.held_units() {
            held.extend(tablet.replica(&unit).into_iter().flat_map(|replica| replica.have().envelopes));
        }
    }

    /// At the end a courier that was full gets room; the office has another one.
    pub(super) fn make_room(&mut self, at: usize) {
        self.bodies[at].room = None;
        let little = self.bodies[at].tablet.as_ref().and_then(|tablet| tablet.courier().ok());
        if little.is_some_and(|view| view.room < CARRY_ROOM) {
            let made = self.with(at, |tablet| tablet.set_carry_room(CARRY_ROOM));
            self.notes.check("no tablet is stuck", matches!(made, Some(Ok(()))), || format!("{made:?}"));
        }
    }

    /// A courier has little room from the beginning.
    pub(super) fn limit_room(&mut self, at: usize) {
        if self.bodies[at].is_courier() && self.dice.is_due(Fault::CourierFull, 400) {
            let room = 200 + self.dice.below(Fault::CourierFull, 4_000) as u64;
            self.bodies[at].room = Some(room);
            let set = self.with(at, |tablet| tablet.set_carry_room(room));
            self.notes.check("no tablet is stuck", matches!(set, Some(Ok(()))), || format!("{set:?}"));
        }
    }
}

/// Envelopes on a tablet.
pub(super) fn holdings(tablet: &Machine) -> Holdings {
    let of = |unit: UnitCode| {
        let ids = tablet.replica(&unit).map(|replica| replica.have().envelopes).unwrap_or_default();
        (unit, ids.into_iter().collect())
    };
    tablet.held_units().into_iter().map(of).collect()
}

/// Whether an error comes from the tablet's own medium.
pub(super) fn is_of_the_medium(error: &TabletError) -> bool {
    matches!(error, TabletError::Store(_))
}
