//! The end of a round on a tablet or courier: what a statement of the centre lists is deleted, and nothing else.
//!
//! Order of writes: the chain catches up with the own envelopes that are here, then the statement is stored, then
//! what it lists is destroyed. So a tablet that deletes has the word by which it does, a crash in between is gone on
//! with at the next start, and what comes back later in some old message is known and ignored. What stays for good
//! is the statement, the certificates and revocations of the unit, and this tablet's own number and link.

use super::{Desk, Tablet};
use crate::error::TabletError;
use crate::store::Store;
use crate::values::{confirmed_key, item_key, item_of};
use rand_core::CryptoRng;
use sync_core::id::{EnvelopeId, UnitCode};
use sync_core::message::{Item, ItemKind};
use sync_core::open_box::OpenBox;
use sync_core::planted::{self, Bug};

/// What a finished round left on a tablet. With nothing in it, the tablet holds no ballot of the unit any more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finished {
    /// Own envelopes that the statement does not list: they came too late for the count, or never arrived. They stay
    /// here, and the next sync brings them to the centre, which keeps and holds them.
    pub left: Vec<EnvelopeId>,
    /// Ballots that still lie in the open box; closing it seals them.
    pub in_box: usize,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Whether the round is finished for a unit, by a statement of the centre, and what of this tablet the statement
    /// does not cover; `None` while the round goes on.
    pub fn finished(&self, unit: &UnitCode) -> Option<Finished> {
        let state = self.state(unit).ok().filter(|state| state.replica.is_finished())?;
        let device = self.device()?;
        let left = state.own_envelopes(&device).map(|envelope| envelope.envelope_id()).collect();
        Some(Finished { left, in_box: state.open_box.as_ref().map_or(0, OpenBox::len) })
    }
}

impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
    /// Takes a statement that is new here: stores it, then deletes.
    pub(super) fn finish(&mut self, unit: &UnitCode, statement: &Item) -> Result<(), TabletError> {
        if planted::is(Bug::DeletesBeforeStatement) {
            self.delete_listed(unit)?;
        }
        self.store.put(&item_key(unit, statement), &statement.bytes)?;
        self.delete_listed(unit)
    }

    /// Deletes whatever the statements here allow. After a crash in the middle it does the rest.
    pub(super) fn delete_listed(&mut self, unit: &UnitCode) -> Result<(), TabletError> {
        for key in self.store.keys()? {
            if !matches!(key.parts().as_slice(), ["item", of, ..] if *of == unit.as_str()) {
                continue;
            }
            let Some(bytes) = self.store.get(&key)? else { continue };
            if item_of(&key, bytes).is_some_and(|(_, item)| self.state.replica.may_delete(&item)) {
                self.store.destroy(&key)?;
            }
        }
        if self.state.open_box.as_ref().is_some_and(OpenBox::is_empty) {
            self.destroy_box(unit)?;
        }
        self.state.confirmed_sheet = None;
        if self.store.get(&confirmed_key(unit))?.is_some() {
            self.store.destroy(&confirmed_key(unit))?;
        }
        self.forget_handed(unit)
    }
}

/// The statements of a message apart from everything else, which is taken first.
pub(super) fn is_statement(item: &Item) -> bool {
    item.kind == ItemKind::RoundStatement
}
