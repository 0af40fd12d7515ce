//! Files on a stick: written, harmed, read, acknowledged, and read again when nobody remembers them.

use super::way::{Holdings, holdings, is_of_the_medium};
use super::{Event, World};
use crate::fault::Fault;
use client_ffi::{ImportReport, TabletError};
use std::rc::Rc;
use sync_core::id::DeviceId;
use sync_core::parcel::{Packer, Parcel, Piece};

/// Old files that are remembered.
const OLD_MAX: usize = 24;

/// A file as it lies on a stick, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct File {
    bytes: Rc<Vec<u8>>,
    /// Which tablet or courier wrote it; `None` for one of another round.
    from: Option<usize>,
    /// Whether it is no longer as it was written.
    harmed: bool,
    /// Whether something follows on its end.
    doubled: bool,
    /// Whether only its head says that it is of this round.
    false_head: bool,
    /// What its writer held, if it says all of that.
    held: Option<Holdings>,
    /// For an acknowledgement: who gave it.
    acknowledges: Option<DeviceId>,
}

impl File {
    fn new(bytes: Vec<u8>, from: usize) -> Self {
        Self {
            bytes: Rc::new(bytes),
            from: Some(from),
            harmed: false,
            doubled: false,
            false_head: false,
            held: None,
            acknowledges: None,
        }
    }
}

impl World {
    /// Everything goes on a stick for another tablet.
    pub(super) fn write_stick(&mut self, from: usize, to: usize) {
        let Some((bytes, held)) = self.export(from, to) else { return };
        let file = File { held: Some(held), ..File::new(bytes, from) };
        if self.old.len() < OLD_MAX {
            self.old.push(file.clone());
        }
        if self.dice.strikes(Fault::StickLost, 60) {
            return;
        }
        self.carry(to, file);
    }

    /// A stick travels, and suffers.
    fn carry(&mut self, to: usize, mut file: File) {
        let mut bytes = (*file.bytes).clone();
        if self.dice.strikes(Fault::StickDoubled, 80) {
            if self.dice.below(Fault::StickDoubled, 2) == 0 {
                bytes.extend(file.bytes.iter());
                file.doubled = true;
            } else {
                self.after(3, Event::Plug { to, file: file.clone() });
            }
        }
        let length = file.bytes.len();
        if self.dice.strikes(Fault::StickTorn, 80) {
            bytes.truncate(self.dice.below(Fault::StickTorn, length));
            (file.harmed, file.doubled) = (true, false);
        } else if self.dice.strikes(Fault::StickPulled, 80) {
            let from = self.dice.below(Fault::StickPulled, length);
            // The last byte of a check may happen to be zero.
            file.harmed = bytes[from..length].iter().any(|byte| *byte != 0);
            bytes[from..].fill(0);
            file.doubled &= !file.harmed;
        } else if self.dice.strikes(Fault::StickDamaged, 80) {
            let bit = self.dice.below(Fault::StickDamaged, length * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            file.harmed = true;
        }
        file.bytes = Rc::new(bytes);
        let mut wait = 1;
        if self.plan.faults.on(Fault::MessageDelayed) && !self.net.borrow().calm {
            wait += self.dice.below(Fault::MessageDelayed, 2_000) as u64;
        }
        self.after(wait, Event::Plug { to, file });
    }

    /// An old stick turns up.
    pub(super) fn old_stick(&mut self, to: usize) {
        if self.old.is_empty() {
            return;
        }
        let file = self.old[self.dice.below(Fault::StickOld, self.old.len())].clone();
        self.notes.fired(Fault::StickOld);
        self.plug(to, &file);
    }

    /// A stick of another round turns up, or one whose head alone is of this round.
    pub(super) fn foreign_stick(&mut self, to: usize) {
        let foreign = self.foreign_parcel();
        let mut file = File { from: None, held: None, ..File::new(foreign.clone(), to) };
        if self.dice.below(Fault::StickForeign, 2) == 0
            && let Some(Ok(ours)) =
                self.step(to, |tablet| tablet.export(sync_core::parcel::Recipient::Anyone))
        {
            let ours = Parcel::read(&ours).expect("it was just written");
            let theirs = Parcel::read(&foreign).expect("it was just written");
            let mut packer = Packer::new(&ours.header);
            for piece in theirs.pieces() {
                if let Ok(Piece::Message(message)) = piece {
                    packer.message(&message);
                }
            }
            file.bytes = Rc::new(packer.finish());
            file.false_head = true;
        }
        self.notes.fired(Fault::StickForeign);
        self.plug(to, &file);
    }

    /// Somebody puts a stick in and takes what is on it.
    pub(super) fn plug(&mut self, to: usize, file: &File) {
        let Some(tablet) = &self.bodies[to].tablet else { return };
        let before = holdings(tablet);
        let (name, writes) = (self.bodies[to].name.clone(), self.bodies[to].disk.writes());
        // After a failed write the program first puts right what it finds.
        let stale = self.bodies[to].stale;
        let Some(done) = self.with(to, |tablet| tablet.import(&file.bytes)) else { return };
        self.notes.say(&name, || match &done {
            Ok(report) => format!("reads a stick of {} bytes: {report:?}", file.bytes.len()),
            Err(error) => format!("cannot read a stick of {} bytes: {error}", file.bytes.len()),
        });
        match done {
            Ok(report) => {
                self.check_report(to, file, &report, &before);
                self.check_status(to);
                if file.held.is_some() {
                    self.acknowledge(to, file);
                }
            }
            Err(TabletError::Parcel(_)) => {
                let unchanged = self.bodies[to].disk.writes() == writes;
                self.notes.check("reports are right", file.harmed && unchanged, || {
                    format!("{name} refuses a parcel that is whole, or changes something")
                });
            }
            Err(TabletError::OtherRound { .. }) => {
                let unchanged = self.bodies[to].disk.writes() == writes;
                self.notes.check(
                    "strangers stay outside",
                    file.from.is_none() && !file.false_head && (unchanged || stale),
                    || format!("{name} takes a parcel of its round for another's, or changes something"),
                );
            }
            Err(error) => {
                self.notes
                    .check("no tablet is stuck", is_of_the_medium(&error), || format!("{name}: {error}"));
            }
        }
    }

    /// What an import says against what was on the stick.
    fn check_report(&self, to: usize, file: &File, report: &ImportReport, before: &Holdings) {
        let name = &self.bodies[to].name;
        let Some(from) = file.from else {
            let new = report.units.values().map(|unit| unit.new).sum::<usize>();
            self.notes.check(
                "strangers stay outside",
                file.false_head && new == 0 && report.unreadable > 0,
                || format!("{name} takes something of another round"),
            );
            return;
        };
        let condition = report.condition;
        let right =
            condition.is_whole() != file.harmed && (file.harmed || condition.trailing == file.doubled);
        let sender = file.harmed || report.from.0 == self.bodies[from].device;
        self.notes.check("reports are right", right && sender, || {
            format!("{name} says {condition:?} of a file that is harmed: {}", file.harmed)
        });
        // Where a program has ended or a write failed it is not known what it holds; a copied tablet may seal at once what
        // its own envelopes of elsewhere leave over.
        let known = !self.bodies[to].stale && !self.truth.forked.contains(&self.bodies[to].device);
        if let Some(tablet) = self.bodies[to].tablet.as_ref().filter(|_| known) {
            let after = holdings(tablet);
            for (unit, said) in report.units.iter().filter(|(_, said)| !said.finished) {
                let none = Default::default();
                let new = after.get(unit).unwrap_or(&none).difference(before.get(unit).unwrap_or(&none));
                let new = new.count();
                // A second signature on an envelope is new, and no other envelope.
                let twice = self.plan.faults.on(Fault::RogueSignatures) && new < said.envelopes;
                self.notes.check("reports are right", new == said.envelopes || twice, || {
                    format!("{name} says that {} envelopes of {unit} are new, {new} are", said.envelopes)
                });
            }
        }
        let refused = report.units.values().flat_map(|unit| unit.refused.iter().map(|(_, outcome)| outcome));
        let full = self.note_refusals(to, refused);
        if let Some(held) = file.held.as_ref().filter(|_| !file.harmed && !full) {
            self.check_brought(to, held, "a stick");
            self.notes.check("reports are right", report.unreadable == 0, || {
                format!("{name} cannot read {} parts of a whole parcel", report.unreadable)
            });
        }
        if let Some(device) = file.acknowledges.filter(|_| !file.harmed) {
            let revoked = self.truth.revoked.contains(&device);
            self.notes.check("reports are right", revoked || report.acknowledged == [device], || {
                format!("{name} does not see whose acknowledgement it reads")
            });
        }
    }

    /// The word that it arrived travels back.
    fn acknowledge(&mut self, at: usize, file: &File) {
        let Some(back) = file.from.filter(|from| *from != at) else { return };
        let Some(done) = self.step(at, |tablet| tablet.acknowledge()) else { return };
        match done {
            Ok(bytes) => {
                self.watch_parcel(&bytes);
                if !self.dice.strikes(Fault::StickLost, 60) {
                    let holds = self.bodies[at].tablet.as_ref().is_some_and(|t| !t.held_units().is_empty());
                    let device = holds.then_some(self.bodies[at].device);
                    self.carry(back, File { acknowledges: device, ..File::new(bytes, at) });
                }
            }
            Err(error) => self.only_honest_errors(at, &error),
        }
    }
}
