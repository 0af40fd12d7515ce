//! Ways: to the centre, and from tablet to tablet by parcels that suffer what the plan allows.

use super::{Event, World};
use crate::body::Machine;
use crate::fault::Fault;
use crate::net::{Line, MEMORY_FIXED, MEMORY_PER_BYTE};
use client_ffi::TabletError;
use std::rc::Rc;
use sync_core::cbor;
use sync_core::id::DeviceId;
use sync_core::message::Message;
use sync_core::replica::{WAITING_MAX, WAITING_MAX_BYTES};

impl World {
    /// A tablet looks for the centre.
    pub(super) fn sync(&mut self, at: usize) {
        let cut_off = self.bodies[at].cut_off_until > self.notes.now();
        let (who, courier) = (self.bodies[at].name.clone(), self.bodies[at].is_courier());
        let line = Line { net: Rc::clone(&self.net), who, cut_off, courier };
        if let Some(done) = self.with(at, |tablet| tablet.sync(&line)) {
            self.notes.say(&line.who, || match &done {
                Ok(report) => format!(
                    "reaches the centre: {} requests, {} items new here, {} envelopes confirmed",
                    report.requests, report.received, report.confirmed
                ),
                Err(error) => format!("does not reach the centre: {error}"),
            });
            if let Err(error) = done {
                self.only_honest_errors(at, &error);
            }
            self.check_status(at);
        }
    }

    /// A transfer may fail for want of a network, of room, or of a medium that works; for nothing else.
    pub(super) fn only_honest_errors(&self, at: usize, error: &TabletError) {
        let honest = matches!(
            error,
            TabletError::Transport(_)
                | TabletError::Store(_)
                | TabletError::Message { .. }
                | TabletError::UnknownUnit(_)
        );
        self.notes.check("no tablet is stuck", honest, || format!("{}: {error}", self.bodies[at].name));
    }

    /// One tablet hands over everything it holds of every unit; or asks what the other lacks, and they talk.
    pub(super) fn hand(&mut self, from: usize, to: usize, talk: bool) {
        let now = self.notes.now();
        let cut = |body: &crate::body::Body| body.cut_off_until > now;
        if talk && (cut(&self.bodies[from]) || cut(&self.bodies[to])) {
            self.notes.fired(Fault::Partition);
            return;
        }
        let Some(tablet) = &self.bodies[from].tablet else { return };
        let mut messages: Vec<Message> = Vec::new();
        for unit in tablet.held_units() {
            if talk {
                messages.extend(tablet.have(&unit).ok());
            }
            // Sheets hold names: they go to tablets of the unit alone. So does a record, sealed to that very tablet, or
            // to the centre for whoever carries it.
            let of_unit = self.round.unit(&unit).is_some_and(|unit| self.bodies[to].own.contains(&unit));
            if !talk {
                let to_it =
                    of_unit.then(|| tablet.hand_over_to(&unit, &self.bodies[to].device).ok()).flatten();
                messages.extend(to_it.unwrap_or_else(|| tablet.hand_over(&unit).unwrap_or_default()));
            }
            if of_unit {
                messages.extend(tablet.share_sheet(&unit).unwrap_or_default());
            }
        }
        let (name, other) = (self.bodies[from].name.clone(), self.bodies[to].name.clone());
        self.notes.say(&name, || format!("hands {} parcels to {other}", messages.len()));
        for message in messages {
            self.send(to, &message, talk.then_some(from));
        }
    }

    /// Sends a parcel on its way.
    pub(super) fn send(&mut self, to: usize, message: &Message, answer_to: Option<usize>) {
        self.net.borrow().watch(message);
        let names = self.secrets.message_names_somebody(message);
        self.notes.check("secrecy", !names, || "a parcel names somebody".to_owned());
        let bytes = cbor::encode(message);
        if !self.net.borrow().calm && self.dice.strikes(Fault::MessageLost, 40) {
            return;
        }
        let copies = if self.dice.strikes(Fault::MessageDoubled, 40) { 2 } else { 1 };
        for _ in 0..copies {
            let mut bytes = bytes.clone();
            self.dice.damage(&mut bytes);
            let mut wait = 1;
            if self.plan.faults.on(Fault::MessageReordered) {
                wait += self.dice.below(Fault::MessageReordered, 20) as u64;
            }
            if self.dice.strikes(Fault::MessageDelayed, 40) {
                wait += 60 + self.dice.below(Fault::MessageDelayed, 4320) as u64;
            }
            self.parcels += 1;
            let number = self.parcels;
            self.after(wait, Event::Parcel { to, bytes, number, answer_to });
        }
    }

    /// A parcel arrives.
    pub(super) fn parcel(&mut self, to: usize, bytes: &[u8], number: u64, answer_to: Option<usize>) {
        if self.bodies[to].tablet.is_none() {
            return;
        }
        if number < self.bodies[to].last_parcel && self.plan.faults.on(Fault::MessageReordered) {
            self.notes.fired(Fault::MessageReordered);
        }
        self.bodies[to].last_parcel = number;
        let name = self.bodies[to].name.clone();
        let asker = answer_to.map(|from| self.bodies[from].device);
        let mut answers = Vec::new();
        let mut memory = 0;
        let done = self.with(to, |tablet| {
            let mut done = Ok(());
            memory = allocation_counter::measure(|| {
                done = match answer_to {
                    None => tablet.take_bytes(bytes).map(drop),
                    Some(_) => cbor::decode(bytes)
                        .map_err(|e| TabletError::Message { what: e.to_string() })
                        .and_then(|message| answer(tablet, &message, asker.as_ref()))
                        .map(|messages| answers = messages),
                };
            })
            .bytes_max;
            done
        });
        let Some(done) = done else { return };
        // What an answer holds is as much as the tablet has; beyond that, only what the message itself asks for.
        let holds: usize = answers.iter().map(|message| cbor::encode(message).len()).sum();
        let bound = MEMORY_FIXED + MEMORY_PER_BYTE * (bytes.len() + holds) as u64;
        self.notes.check("memory bounds", memory <= bound, || {
            format!("{name} took {memory} bytes for a parcel of {}", bytes.len())
        });
        self.check_waiting(to);
        self.notes.say(&name, || match &done {
            Ok(()) => format!("takes a parcel of {} bytes", bytes.len()),
            Err(error) => format!("cannot take a parcel of {} bytes: {error}", bytes.len()),
        });
        if let Err(error) = done {
            return self.only_honest_errors(to, &error);
        }
        if let Some(from) = answer_to {
            for message in answers {
                self.send(from, &message, None);
            }
        }
    }

    /// What waits for something is bounded.
    fn check_waiting(&self, at: usize) {
        let Some(tablet) = &self.bodies[at].tablet else { return };
        for unit in tablet.held_units() {
            let (items, bytes) = tablet.replica(&unit).map_or((0, 0), sync_core::replica::Replica::waiting);
            let name = &self.bodies[at].name;
            self.notes.check("memory bounds", items <= WAITING_MAX && bytes <= WAITING_MAX_BYTES, || {
                format!("{items} items of {bytes} bytes wait on {name}")
            });
        }
    }
}

/// What a tablet answers: a tablet of the unit gets of the record what it lacks, anybody else something sealed to the centre.
fn answer(
    tablet: &mut Machine,
    message: &Message,
    asker: Option<&DeviceId>,
) -> Result<Vec<Message>, TabletError> {
    let known = asker.and_then(|device| match tablet.answer_to(message, device) {
        Err(TabletError::UnknownTablet(..) | TabletError::OtherUnit(_)) => None,
        done => Some(done),
    });
    let (_, messages) = known.unwrap_or_else(|| tablet.answer(message))?;
    Ok(messages)
}
