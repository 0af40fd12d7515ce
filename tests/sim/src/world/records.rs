//! At the end: every replica of a record against the others, the centre, and the truth.

use super::World;
use crate::check::record::{Expected, counting};
use std::collections::BTreeSet;
use sync_core::record::{ChangeHash, FindingCode};

impl World {
    /// Everything that holds of the records when the faults have stopped.
    pub(super) fn check_records(&self) {
        for unit in 0..self.round.units.len() {
            self.check_nothing_forged(unit);
            self.check_told(unit);
            self.check_same_record(unit);
            self.check_amounts(unit);
        }
    }

    /// Tablets of a unit that work and get what the centre has: revoked ones hear nothing any more.
    pub(super) fn readers(&self, unit: usize) -> impl Iterator<Item = usize> {
        (0..self.bodies.len()).filter(move |at| {
            let body = &self.bodies[*at];
            let trusted = !self.truth.revoked.contains(&body.device);
            body.gone.is_none() && body.own.contains(&unit) && trusted
        })
    }

    /// Every change anywhere is one that a person asked an honest tablet for, or a known lie that may be taken.
    fn check_nothing_forged(&self, unit: usize) {
        let net = self.net.borrow();
        let code = &self.round.units[unit].code;
        let tablets = self.bodies.iter().filter_map(|body| body.tablet.as_ref()?.replica(code));
        let records = std::iter::once(&net.centre.books.records[code]).chain(tablets.map(|r| r.record()));
        for change in records.flat_map(|record| record.changes()).map(|change| change.value()) {
            let written = self.truth.written.get(&(unit, change.actor, change.sequence));
            let known = written
                .is_some_and(|all| all.iter().any(|w| w.hash == change.hash && w.entries == change.entries));
            let forged = self.truth.forged.contains(&change.hash);
            self.notes.check("nothing from nowhere", known && !forged, || {
                format!(
                    "the record of {code} has change {} of {} that nobody wrote",
                    change.sequence, change.actor
                )
            });
            let device = change.actor.device();
            let asked = |person| self.truth.asked.contains(&(device, unit, person));
            let honest = !self.truth.rogues.contains(&device);
            let all = change.entries.iter().all(|entry| asked(entry.person));
            self.notes.check("nothing from nowhere", all || !honest, || {
                format!("the record of {code} has an entry that nobody asked for")
            });
        }
    }

    /// What a person was told is at the centre, and on every tablet that hears of it.
    pub(super) fn check_told(&self, unit: usize) {
        let net = self.net.borrow();
        let code = &self.round.units[unit].code;
        for told in self.truth.told.iter().filter(|told| told.unit == unit) {
            let body = &self.bodies[told.body];
            if told.excused.is_some() || body.gone.is_some() {
                continue;
            }
            let at_centre = net.centre.books.records[code].entry(&told.place) == Some(&told.entry);
            self.notes.check("nothing noted is lost", at_centre, || {
                format!("{:?}, noted on {}, is not at the centre", told.entry, body.name)
            });
            for at in self.readers(unit) {
                let tablet = self.bodies[at].tablet.as_ref();
                let entry = tablet.and_then(|tablet| tablet.record(code)?.entry(&told.place));
                self.notes.check("nothing noted is lost", entry == Some(&told.entry), || {
                    format!("{:?}, noted on {}, is not on {}", told.entry, body.name, self.bodies[at].name)
                });
            }
        }
    }

    /// All have one record: heads, document and what it amounts to.
    fn check_same_record(&self, unit: usize) {
        let net = self.net.borrow();
        let code = &self.round.units[unit].code;
        let online = self.readers(unit).any(|at| !self.bodies[at].never_online);
        let readers: Vec<usize> = self.readers(unit).collect();
        let record = |at: usize| self.bodies[at].tablet.as_ref().and_then(|tablet| tablet.record(code));
        let centre = Some(&net.centre.books.records[code]).filter(|_| online);
        let Some(model) = centre.or_else(|| record(*readers.first()?)) else { return };
        for at in readers {
            let Some(here) = record(at) else { continue };
            let same = here.heads() == model.heads()
                && here.document_heads() == model.document_heads()
                && here.state() == model.state();
            self.notes.check("replicas converge", same, || {
                let count = |record: &sync_core::record::Record| record.changes().count();
                format!(
                    "{} has another record of {code}: {} changes, the others {}",
                    self.bodies[at].name,
                    count(here),
                    count(model)
                )
            });
        }
    }

    /// What the record amounts to is what follows from the truth, and so are the findings in the simple cases.
    fn check_amounts(&self, unit: usize) {
        let net = self.net.borrow();
        let code = &self.round.units[unit].code;
        let record = &net.centre.books.records[code];
        let arrived: BTreeSet<ChangeHash> = record.changes().map(|change| change.value().hash).collect();
        let expected = Expected::of(&counting(&self.truth, unit, &arrived));
        if let Some(what) = expected.differs(&record.state()) {
            self.notes.broken("the record is right", format!("unit {code}: {what}"));
        }
        let findings = net.centre.standing_with_record(code).findings;
        if let Some(what) = expected.misjudged(&findings) {
            self.notes.broken("findings are right", format!("unit {code}: {what}"));
        }
        if let Some(what) = Expected::explained_by_involved(record, &findings) {
            self.notes.broken("findings are right", format!("unit {code}: {what}"));
        }
        let outdated =
            findings.iter().any(|f| matches!(f.code, FindingCode::NotSigned | FindingCode::MinutesOutdated));
        let fetched = self.readers(unit).any(|at| !self.bodies[at].never_online);
        self.notes.check(
            "findings are right",
            !(self.truth.signed.contains(&unit) && fetched && outdated),
            || format!("unit {code}: chair and head signed last, and that does not count"),
        );
    }
}
