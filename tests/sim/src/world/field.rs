//! Running programs on tablets: starting them, noticing that they died, and looking at what they hold.

use super::{Event, World};
use crate::disk::Values;
use crate::look;
use crate::truth::{Cast, Made};
use client_ffi::{Tablet, TabletError};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::UnitCode;
use sync_core::message::Message;

/// What a tablet holds of one of its own units.
pub struct Holding {
    /// Records in the open box.
    pub in_box: BTreeSet<Vec<u8>>,
    /// Records in own envelopes, with how often.
    pub sealed: BTreeMap<Vec<u8>, usize>,
}

impl World {
    /// The program starts, unless it runs or never will.
    pub(super) fn start(&mut self, at: usize) {
        let seed = self.plan.seed;
        let body = &mut self.bodies[at];
        if body.tablet.is_some() || body.gone.is_some() {
            return;
        }
        body.disk.revive();
        let rng = body.next_rng(seed);
        match Tablet::open_with(body.disk.clone(), rng) {
            Ok(tablet) => {
                self.notes.say(&body.name, || "starts".to_owned());
                body.tablet = Some(tablet);
                body.stale = body.disk.take_failed();
                self.note_holdings(at);
                self.look(at);
                self.nothing_lost(at);
                self.no_twins(at);
                self.no_entry_lost(at);
                self.close_pending(at);
            }
            Err(error) => {
                let full = self.full(at);
                self.notes.check("no tablet is stuck", full, || {
                    format!("{} does not start: {error}", self.bodies[at].name)
                });
                if self.mishaps_go_on() {
                    self.after(30, Event::Start { body: at });
                }
            }
        }
    }

    fn full(&self, at: usize) -> bool {
        self.bodies[at].disk.is_faulty()
    }

    /// Everything was looked at: casts with an open end that were not found are not there.
    pub(super) fn close_pending(&mut self, at: usize) {
        let lost = self.bodies[at].pending.iter().any(|pending| pending.told);
        self.notes.check("nothing lost", !lost, || {
            format!("{} confirmed a ballot and does not hold it", self.bodies[at].name)
        });
        self.bodies[at].pending.clear();
    }

    /// Does something with the running program; `None` if it does not run. Afterwards the world looks at what the
    /// tablet holds, or notices that its program died.
    pub(super) fn with<T>(
        &mut self,
        at: usize,
        work: impl FnOnce(&mut crate::body::Machine) -> Result<T, TabletError>,
    ) -> Option<Result<T, TabletError>> {
        let done = self.step(at, work)?;
        if self.bodies[at].tablet.is_some() && !self.bodies[at].stale {
            self.look(at);
        }
        Some(done)
    }

    /// The same for one step of many: what the tablet holds is noted, and looked at when all are done.
    pub(super) fn step<T>(
        &mut self,
        at: usize,
        work: impl FnOnce(&mut crate::body::Machine) -> Result<T, TabletError>,
    ) -> Option<Result<T, TabletError>> {
        let done = work(self.bodies[at].tablet.as_mut()?);
        if self.bodies[at].disk.is_dead() {
            self.dies(at);
            return Some(done);
        }
        if let Err(error @ TabletError::Damaged { .. }) = &done {
            self.notes.broken("no tablet is stuck", format!("{}: {error}", self.bodies[at].name));
        }
        // After a failed write memory and medium may differ until the program reads again.
        self.bodies[at].stale = self.bodies[at].disk.take_failed();
        self.note_holdings(at);
        Some(done)
    }

    /// Has a program whose write failed read everything again, by something that changes nothing. Says whether it did.
    pub(super) fn reread(&mut self, at: usize) -> bool {
        let own = self.bodies[at].own.first().map(|unit| self.round.units[*unit].code.clone());
        // Empty: its own word of what it holds would pass for somebody else's.
        let message = own.map(|code| Message::new(self.round.package.hash(), code));
        if self.bodies[at].stale
            && let Some(message) = message
        {
            let _ = self.with(at, |tablet| tablet.take(&message));
        }
        self.bodies[at].tablet.is_some() && !self.bodies[at].stale
    }

    /// The program is gone; somebody starts the tablet again soon.
    pub(super) fn dies(&mut self, at: usize) {
        self.notes.say(&self.bodies[at].name, || "its program ends".to_owned());
        self.bodies[at].tablet = None;
        let wait = 2 + (self.planned * 7) % 40;
        self.after(wait, Event::Start { body: at });
    }

    /// Looks at what the tablet holds, as somebody who takes it apart: nothing twice, nothing that nobody cast, nothing
    /// told that is not there, and its own counts right.
    pub(super) fn look(&mut self, at: usize) {
        for unit in self.bodies[at].own.clone() {
            let Some(holding) = self.holding(at, unit) else { continue };
            let name = self.bodies[at].name.clone();
            let device = self.bodies[at].device;
            let twice = holding.in_box.iter().any(|record| holding.sealed.contains_key(record))
                || holding.sealed.values().any(|times| *times > 1);
            let forked = self.truth.forked.contains(&device);
            self.notes.check("nothing twice", !twice || forked, || format!("{name} holds a ballot twice"));
            let held: BTreeSet<&Vec<u8>> = holding.in_box.iter().chain(holding.sealed.keys()).collect();
            let unknown: Vec<Vec<u8>> =
                held.iter().filter(|r| !self.truth.records.contains_key(**r)).map(|r| (*r).clone()).collect();
            self.attribute(at, unit, unknown);
            let code = &self.round.units[unit].code;
            let Some(tablet) = &self.bodies[at].tablet else { continue };
            let counts = tablet.counts(code);
            let envelopes = tablet.replica(code).into_iter().flat_map(|replica| replica.envelopes());
            let own = envelopes.filter(|e| e.value().device == device);
            let receipts = &self.net.borrow().receipts;
            let (mut sealed, mut confirmed) = (0, 0);
            for envelope in own {
                sealed += envelope.value().ballots.len();
                if receipts.contains(&envelope.envelope_id()) {
                    confirmed += envelope.value().ballots.len();
                }
            }
            let here = counts.cast() - counts.finished;
            self.notes.check("counts are right", here == holding.in_box.len() + sealed, || {
                format!(
                    "{name} counts {counts:?}, {} lie in the box and {sealed} in envelopes",
                    holding.in_box.len()
                )
            });
            self.notes.check("receipts never lie", counts.confirmed <= confirmed, || {
                format!("{name} says {} ballots are confirmed, the centre said {confirmed}", counts.confirmed)
            });
        }
    }

    /// A record that the truth does not know yet must come from a cast with an open end.
    fn attribute(&mut self, at: usize, unit: usize, records: Vec<Vec<u8>>) {
        for record in records {
            let nullifier = record[..16].to_vec();
            let place = self.bodies[at].pending.iter().position(|pending| {
                let known = self.nullifier(unit, pending.voter, pending.sheet);
                pending.unit == unit && known.is_none_or(|known| known == nullifier)
            });
            let Some(place) = place else {
                let name = &self.bodies[at].name;
                self.notes.broken("nothing from nowhere", format!("{name} holds a ballot that nobody cast"));
                return;
            };
            let pending = self.bodies[at].pending.remove(place);
            self.record_cast(at, &pending, record);
        }
    }

    /// Notes that a ballot lies in the box.
    pub(super) fn record_cast(&mut self, at: usize, pending: &crate::body::Pending, record: Vec<u8>) {
        let cast = Cast {
            unit: pending.unit,
            body: at,
            marks: pending.marks.clone(),
            sheet: pending.sheet,
            record: record.clone(),
            told: pending.told,
            excused: None,
        };
        self.truth.casts.push(cast);
        self.truth.records.insert(record, Made::Cast(self.truth.casts.len() - 1));
    }

    /// Everything that voters were told is in the box is there, on the medium itself.
    pub(super) fn nothing_lost(&mut self, at: usize) {
        for unit in self.bodies[at].own.clone() {
            let Some(holding) = self.holding(at, unit) else { continue };
            for cast in self.truth.casts.iter().filter(|cast| cast.body == at && cast.unit == unit) {
                let there =
                    holding.in_box.contains(&cast.record) || holding.sealed.contains_key(&cast.record);
                let over = self.truth.let_go.contains(&cast.record);
                let excused = over || !cast.told || cast.excused.is_some();
                self.notes.check("nothing lost", there || excused, || {
                    format!("{} lost a ballot of unit {}", self.bodies[at].name, unit + 1)
                });
            }
        }
    }

    /// What a running tablet holds of an own unit.
    pub(super) fn holding(&self, at: usize, unit: usize) -> Option<Holding> {
        let body = &self.bodies[at];
        let code = &self.round.units[unit].code;
        let replica = body.tablet.as_ref()?.replica(code)?;
        let mut sealed = BTreeMap::new();
        for envelope in replica.envelopes().filter(|e| e.value().device == body.device) {
            for record in envelope.value().ballots.records() {
                *sealed.entry(record.as_bytes().to_vec()).or_default() += 1;
            }
        }
        let values = body.disk.shown();
        Some(Holding { in_box: self.open_box(at, code, &values), sealed })
    }

    /// Whether a record is on the medium, in box or envelope, so that it survives a power cut now.
    pub(super) fn is_durable(&self, at: usize, unit: usize, record: &[u8]) -> bool {
        let code = &self.round.units[unit].code;
        let values = self.bodies[at].disk.durable();
        let sealed = |envelope: &sync_core::envelope::Envelope| {
            envelope.ballots.records().any(|known| known.as_bytes() == record)
        };
        self.open_box(at, code, &values).contains(record) || look::envelopes(&values, code).iter().any(sealed)
    }

    /// The records in the open box on the medium.
    fn open_box(&self, at: usize, code: &UnitCode, values: &Values) -> BTreeSet<Vec<u8>> {
        let (records, sorted) = look::open_box(values, code).unwrap_or((Vec::new(), true));
        self.notes.check("secrecy", sorted, || format!("the box of {} is not sorted", self.bodies[at].name));
        records.into_iter().collect()
    }
}
