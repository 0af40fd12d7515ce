//! What tablets and couriers say of themselves, against what is true.

use super::World;
use crate::fault::Fault;
use client_ffi::{NextStep, UnitStatus};
use std::collections::BTreeSet;
use sync_core::id::EnvelopeId;

impl World {
    /// Nothing is shown as further than it is: *confirmed* only what the centre confirmed, *handed over* only what
    /// somebody else holds or held, by whoever is named.
    pub(super) fn check_status(&self, at: usize) {
        let body = &self.bodies[at];
        let Some(tablet) = body.tablet.as_ref().filter(|_| !body.stale) else { return };
        let status = match tablet.status() {
            Ok(status) => status,
            Err(error) => {
                return self.notes.broken("no tablet is stuck", format!("{}: {error}", body.name));
            }
        };
        status.units.iter().for_each(|unit| self.check_unit_status(at, unit));
        let carried = status.carried;
        let others = tablet.held_units().into_iter().filter(|unit| !tablet.units().contains(unit));
        let carried_ids =
            others.flat_map(|unit| tablet.replica(&unit).map(|r| r.have().envelopes).unwrap_or_default());
        let receipts = &self.net.borrow().receipts;
        let confirmed = carried_ids.filter(|id| receipts.contains(id)).count();
        self.notes.check(
            "status tells the truth",
            carried.envelopes - carried.unconfirmed <= confirmed,
            || format!("{} carries {carried:?}, the centre confirmed {confirmed}", body.name),
        );
        if let Some(room) = body.room {
            self.notes.check("couriers keep to their room", carried.bytes as u64 <= room, || {
                format!("{} carries {} bytes and has room for {room}", body.name, carried.bytes)
            });
        }
    }

    fn check_unit_status(&self, at: usize, said: &UnitStatus) {
        let body = &self.bodies[at];
        let Some(replica) = body.tablet.as_ref().and_then(|tablet| tablet.replica(&said.unit)) else {
            return;
        };
        let own: Vec<(EnvelopeId, usize)> = replica
            .envelopes()
            .filter(|envelope| envelope.value().device == body.device)
            .map(|envelope| (envelope.envelope_id(), envelope.value().ballots.len()))
            .collect();
        let net = self.net.borrow();
        let at_centre = net.centre.books.envelopes.get(&said.unit);
        // A centre that was restored confirmed what it no longer holds; until it is refilled nobody can know better.
        let restored = self.truth.restores > 0;
        let confirmed = |id: &EnvelopeId| {
            net.receipts.contains(id) && (restored || at_centre.is_some_and(|all| all.contains_key(id)))
        };
        let ballots = |really: &dyn Fn(&EnvelopeId) -> bool| -> usize {
            own.iter().filter(|(id, _)| really(id)).map(|(_, ballots)| ballots).sum()
        };
        let counts = said.counts;
        let most = ballots(&confirmed);
        self.notes.check("status tells the truth", counts.confirmed <= most, || {
            format!("{} shows {counts:?} of unit {}, {most} ballots are confirmed", body.name, said.unit)
        });
        let held_by = |id: &EnvelopeId, who: &dyn Fn(usize) -> bool| {
            self.truth.held.iter().any(|(at, ids)| who(*at) && ids.contains(id))
        };
        let elsewhere = |id: &EnvelopeId| {
            held_by(id, &|other| other != at) || at_centre.is_some_and(|all| all.contains_key(id))
        };
        let lies = self.plan.faults.on(Fault::CourierLies) || restored;
        let most = ballots(&elsewhere);
        self.notes.check(
            "status tells the truth",
            lies || counts.handed_over + counts.confirmed <= most,
            || {
                format!(
                    "{} shows {counts:?} of unit {}, {most} ballots are elsewhere; it names {:?}",
                    body.name, said.unit, said.handed_to
                )
            },
        );
        for taker in &said.handed_to {
            let most = ballots(&|id| held_by(id, &|other| self.bodies[other].device == taker.device));
            self.notes.check("status tells the truth", taker.ballots <= most, || {
                format!("{} says that {taker:?} holds its ballots, it has {most}", body.name)
            });
        }
        let rests = matches!(said.next, NextStep::Keep | NextStep::PutAway);
        let left = counts.in_box + counts.sealed + counts.handed_over;
        self.notes.check("status tells the truth", !rests || left == 0, || {
            format!("{} says {:?} with {counts:?}", body.name, said.next)
        });
    }

    /// When all have finished, everybody shows it: each ballot confirmed, nothing left to bring anywhere.
    pub(super) fn check_statuses(&self) {
        for (at, body) in self.bodies.iter().enumerate().filter(|(_, body)| body.gone.is_none()) {
            self.check_status(at);
            let Some(Ok(status)) = body.tablet.as_ref().map(|tablet| tablet.status()) else { continue };
            for unit in &status.units {
                let counts = unit.counts;
                let done = counts.confirmed + counts.finished == counts.cast()
                    && unit.handed_to.is_empty()
                    && matches!(unit.next, NextStep::Keep | NextStep::PutAway | NextStep::BringLate);
                self.notes.check("status tells the truth", done, || {
                    format!("{} shows at the end {counts:?} of {}: {:?}", body.name, unit.unit, unit.next)
                });
            }
            let honest: BTreeSet<NextStep> = [NextStep::Collect].into();
            let done = !body.is_courier() || honest.contains(&status.next);
            self.notes.check("status tells the truth", done && status.carried.unconfirmed == 0, || {
                format!("{} shows at the end {:?}: {:?}", body.name, status.carried, status.next)
            });
        }
    }
}
