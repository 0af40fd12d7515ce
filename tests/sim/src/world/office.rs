//! The office: backups, revocations, reissued sheets, closing and opening the round, orders and counts.

use super::World;
use crate::check::tally::Tally;
use crate::fault::Fault;
use std::collections::BTreeSet;
use sync_core::cose::Signed;
use sync_core::count::count;
use sync_core::device::Revocation;

impl World {
    /// The nightly backup.
    pub(super) fn back_up(&mut self) {
        self.notes.say("office", || "backs up the centre".to_owned());
        self.centre_backup = self.net.borrow().centre.books.clone();
    }

    /// The centre is restored from its backup. The office enters again what its own papers say: revocations, reissued
    /// sheets, and whether the round is closed. Orders and results are never behind a backup, for one is made with each.
    pub(super) fn restore_centre(&mut self) {
        self.notes.fired(Fault::RestoredCentre);
        self.notes.say("office", || "restores the centre from its backup".to_owned());
        self.truth.restores += 1;
        let was_open = {
            let mut net = self.net.borrow_mut();
            let was_open = net.centre.books.open;
            net.centre.books = self.centre_backup.clone();
            was_open
        };
        for device in self.truth.revoked.clone() {
            self.enter_revocation(device);
        }
        for unit in self.truth.reissued.clone() {
            self.enter_reissue(unit);
        }
        let open = self.net.borrow().centre.books.open;
        match (was_open, open) {
            (true, false) => self.open_round(),
            (false, true) => self.close_round(false),
            _ => {}
        }
        self.truth.at_close.clone_from(&self.net.borrow().centre.books.at_close);
    }

    /// A tablet is revoked: it was lost, or somebody is not trusted.
    pub(super) fn revoke(&mut self, at: usize) {
        self.notes.fired(Fault::RevokedTablet);
        let device = self.bodies[at].device;
        self.notes.say("office", || format!("revokes {}", self.bodies[at].name));
        self.truth.revoked.insert(device);
        self.net.borrow_mut().may_fetch.remove(&device);
        self.enter_revocation(device);
    }

    fn enter_revocation(&mut self, device: sync_core::id::DeviceId) {
        let mut net = self.net.borrow_mut();
        let revocation =
            Revocation { package: net.centre.package.hash(), device, reason: "Máy bị mất".to_owned() };
        let revocation = Signed::sign(revocation, net.centre.key());
        net.centre.books.revocations.entry(device).or_insert(revocation);
    }

    /// A unit's sheet is reissued.
    pub(super) fn reissue(&mut self, unit: usize) {
        self.notes.fired(Fault::SheetReissued);
        self.notes.say("office", || format!("reissues the sheet of unit {}", unit + 1));
        self.truth.reissued.insert(unit);
        self.enter_reissue(unit);
    }

    fn enter_reissue(&mut self, unit: usize) {
        let reissue = &self.round.units[unit].reissue;
        let books = &mut self.net.borrow_mut().centre.books;
        if !books.replacements.iter().any(|known| known.id() == reissue.statement.id()) {
            books.replacements.push(reissue.statement.clone());
            books.sheets.push(reissue.sheet.clone());
        }
    }

    /// The round is closed, and perhaps counted as it stands.
    pub(super) fn close_round(&mut self, count: bool) {
        if !self.net.borrow().centre.books.open {
            return;
        }
        self.notes.say("office", || "closes the round".to_owned());
        self.net.borrow_mut().centre.close_round();
        // The world keeps its own list of what was here.
        let here: BTreeSet<_> = {
            let net = self.net.borrow();
            net.centre.books.envelopes.values().flat_map(std::collections::BTreeMap::keys).copied().collect()
        };
        self.truth.at_close = Some(here);
        if count {
            self.count();
        }
    }

    /// The round was closed too early.
    pub(super) fn think_again(&mut self) {
        if !self.net.borrow().centre.books.open {
            self.notes.fired(Fault::ClosedTooEarly);
            self.open_round();
        }
    }

    /// The round is opened again.
    fn open_round(&mut self) {
        self.notes.say("office", || "opens the round again".to_owned());
        self.net.borrow_mut().centre.open_round();
        self.truth.at_close = None;
    }

    /// An order is made and counted, and the result is held against the truth.
    pub(super) fn count(&mut self) {
        self.check_holds();
        self.net.borrow_mut().centre.order();
        let bundle = self.net.borrow().centre.bundle();
        let orders: Vec<_> = bundle.orders.iter().collect();
        let counted = count(&bundle.material(), &orders, &self.round.secret, &mut |_, _| {});
        let result = match counted {
            Ok(result) => result,
            Err(error) => {
                self.notes.broken("the count", format!("the order cannot be counted: {error}"));
                return;
            }
        };
        self.notes.say("trustees", || format!("count order {}", result.value().number));
        let order = bundle.orders.last().expect("it was just made").value();
        let mut tally = Tally::of(&self.round, &self.truth, order, &bundle);
        tally.check(result.value(), self.results.last(), &self.round, &self.notes);
        self.results.push(tally);
        self.net.borrow_mut().centre.books.results.push(result);
        self.back_up();
    }
}
