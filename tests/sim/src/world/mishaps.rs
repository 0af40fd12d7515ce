//! What befalls tablets: crashes, power cuts, full memories, old copies, second copies, lost keys.

use super::{Event, World};
use crate::body::{Body, Copy, Pending};
use crate::chance::Chance;
use crate::disk::{Disk, Strike};
use crate::fault::Fault;
use client_ffi::TabletError;
use client_ffi::store::Key;
use std::rc::Rc;

impl World {
    /// A write to come goes wrong.
    pub(super) fn arm(&mut self, at: usize, writes: usize, strike: Strike) {
        if self.bodies[at].tablet.is_some() {
            self.bodies[at].disk.plan(writes, strike);
        }
    }

    /// Somebody switches the tablet off and on.
    pub(super) fn restart(&mut self, at: usize) {
        if self.bodies[at].tablet.is_some() && self.reread(at) {
            self.notes.fired(Fault::Restart);
            self.bodies[at].tablet = None;
            self.start(at);
        }
    }

    /// The memory is full, or free again.
    pub(super) fn fill(&mut self, at: usize, full: bool) {
        self.bodies[at].disk.set_full(full);
        self.notes.say(&self.bodies[at].name, || format!("memory full: {full}"));
    }

    /// The tablet reaches nobody.
    pub(super) fn cut_off(&mut self, at: usize, until: u64) {
        self.notes.say(&self.bodies[at].name, || "reaches nobody from now on".to_owned());
        self.bodies[at].cut_off_until = self.bodies[at].cut_off_until.max(until);
    }

    /// Somebody copies the tablet's medium.
    pub(super) fn copy(&mut self, at: usize) {
        if self.bodies[at].gone.is_none() {
            let body = &mut self.bodies[at];
            // What voters are told is of the tablet itself, not of its copy.
            let open = |pending: &Pending| Pending { told: false, ..pending.clone() };
            let (values, pending) = (body.disk.durable(), body.pending.iter().map(open).collect());
            body.backup =
                Some(Copy { values, casts: self.truth.casts.len(), told: self.truth.told.len(), pending });
        }
    }

    /// The copy takes the tablet's place. What was cast since and never left is lost with the medium: no program
    /// can answer for that.
    pub(super) fn restore(&mut self, at: usize) {
        let Some(Copy { values, casts, told, pending }) = self.bodies[at].backup.take() else { return };
        if self.bodies[at].gone.is_some() {
            return;
        }
        self.notes.fired(Fault::RestoredTablet);
        self.notes.say(&self.bodies[at].name, || "is restored from an old copy".to_owned());
        let body = &mut self.bodies[at];
        body.tablet = None;
        body.pending = pending;
        body.disk.replace(values);
        self.truth.forked.insert(body.device);
        for cast in self.truth.casts.iter_mut().skip(casts).filter(|cast| cast.body == at) {
            cast.excused = Some("its tablet was restored from an older copy");
        }
        for told in self.truth.told.iter_mut().skip(told).filter(|told| told.body == at) {
            told.excused = Some("its tablet was restored from an older copy");
        }
        self.start(at);
    }

    /// The copy runs beside the tablet.
    pub(super) fn clone_body(&mut self, at: usize) {
        let Some(Copy { values, pending, .. }) = self.bodies[at].backup.take() else { return };
        if self.bodies[at].gone.is_some() {
            return;
        }
        self.notes.fired(Fault::ClonedTablet);
        let name = format!("{} twin", self.bodies[at].name);
        self.notes.say(&self.bodies[at].name, || format!("is copied, and {name} runs beside it"));
        let disk = Disk::holding(&name, values, self.notes.clone(), Rc::clone(&self.secrets));
        disk.heed(&self.word);
        if self.bodies[at].is_courier() {
            disk.carries_only();
        }
        let mut twin = Body::new(name, self.bodies[at].own.clone(), disk);
        twin.device = self.bodies[at].device;
        twin.pending = pending;
        self.truth.forked.insert(twin.device);
        self.bodies.push(twin);
        let twin = self.bodies.len() - 1;
        self.start(twin);
        // Some of the voters to come stand before the twin.
        let mut chance = Chance::of(self.plan.seed, &format!("twin {twin}"));
        for event in self.agenda.values_mut() {
            if let Event::Vote { body, .. } = event
                && *body == at
                && chance.hits(400)
            {
                *body = twin;
            }
        }
        let sync = 600 + chance.between(0, 3000);
        self.after(sync, Event::Sync { body: twin });
    }

    /// The device key is gone. The program must say so; the tablet is put aside with what it holds.
    pub(super) fn lose_key(&mut self, at: usize) {
        let body = &mut self.bodies[at];
        if body.gone.is_some() {
            return;
        }
        self.notes.fired(Fault::KeyLost);
        self.notes.say(&body.name, || "loses its device key".to_owned());
        body.tablet = None;
        body.disk.lose(&Key::of(&["identity"]));
        body.disk.revive();
        // Reading makes durable whatever a failed write left to be seen; nothing else may change.
        let before = body.disk.shown();
        let rng = body.next_rng(self.plan.seed);
        let opened = client_ffi::Tablet::open_with(body.disk.clone(), rng);
        let named = matches!(&opened, Err(TabletError::Damaged { key }) if key == "identity");
        self.notes.check("no tablet is stuck", named, || {
            format!("{} opens without its key as if nothing had happened", body.name)
        });
        drop(opened);
        let unchanged = body.disk.shown() == before && body.disk.durable() == before;
        self.notes.check("nothing is deleted", unchanged, || format!("{} changed its store", body.name));
        body.gone = Some("its key is lost");
    }
}
