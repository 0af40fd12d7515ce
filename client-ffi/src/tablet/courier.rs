//! Carrying for units that this device takes no ballots for: how much room there is, and what is seen of it.
//!
//! A courier that is full refuses politely: the item gets the outcome [`Outcome::TooMany`], everything else in the same
//! message is taken, and whoever handed it over still has it and sees by the next `have` that it did not arrive.
//! Only what fills a device is measured, envelopes and sealed lists. Receipts, certificates, revocations and statements
//! always pass, because they are few and signed by the centre, and a statement is what makes room again. Nothing of the
//! device's own units is ever refused for what it carries.

use super::{Carried, Tablet};
use crate::error::TabletError;
use crate::store::Store;
use crate::values::{Number, load, room_key};
use rand_core::CryptoRng;
use sync_core::cbor;
use sync_core::cose::Unverified;
use sync_core::envelope::Envelope;
use sync_core::id::{EnvelopeId, UnitCode};
use sync_core::message::{Item, ItemKind, Outcome};
use sync_core::planted::{self, Bug};
use sync_core::replica::Replica;

/// Bytes of envelopes and sealed lists that a device carries for others, unless it is told otherwise. With the receipts
/// and certificates beside them they still fit into one parcel of [`sync_core::parcel::PARCEL_MAX`].
pub const CARRY_ROOM: u64 = 128 * 1024 * 1024;

/// What the person who carries sees: numbers only, neither units by name nor whose ballots they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CourierView {
    /// How much is carried.
    pub carried: Carried,
    /// Bytes of envelopes and sealed lists that may be carried in all.
    pub room: u64,
}

impl CourierView {
    /// Bytes that still go in.
    pub fn left(&self) -> u64 {
        self.room.saturating_sub(self.carried.bytes as u64)
    }
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// What is carried for others, and how much more goes in.
    ///
    /// # Errors
    /// The store's.
    pub fn courier(&self) -> Result<CourierView, TabletError> {
        Ok(CourierView { carried: self.carried(), room: self.room()? })
    }

    /// Says how many bytes of envelopes and sealed lists may be carried for others. Less than is here deletes nothing; it
    /// only lets nothing more in.
    ///
    /// # Errors
    /// The store's.
    pub fn set_carry_room(&mut self, bytes: u64) -> Result<(), TabletError> {
        self.attempt(|tablet| Ok(tablet.store.put(&room_key(), &cbor::encode(&Number(bytes)))?))
    }

    /// What still goes in for a unit: without bound for one that this device takes ballots for.
    pub(super) fn room_for(&self, unit: &UnitCode) -> Result<RoomLeft, TabletError> {
        let bound = !self.membership()?.certificate.value().scope.covers(unit);
        Ok(RoomLeft(if bound { Some(self.courier()?.left()) } else { None }))
    }

    fn room(&self) -> Result<u64, TabletError> {
        match load::<Number>(&self.store, &room_key()) {
            Ok(room) => Ok(room.map_or(CARRY_ROOM, |room| room.0)),
            // A setting that cannot be read stands in no ballot's way.
            Err(TabletError::Damaged { .. }) => Ok(CARRY_ROOM),
            Err(error) => Err(error),
        }
    }
}

/// Bytes that still go in while a message is taken; nothing where there is no bound.
pub(super) struct RoomLeft(Option<u64>);

impl RoomLeft {
    /// Whether the item has to be refused. What is here already takes no more room, and is success as ever.
    pub(super) fn refuses(&self, replica: &Replica, item: &Item) -> Option<Outcome> {
        let full = self.0.is_some_and(|left| item.bytes.len() as u64 > left);
        let full = full && !planted::is(Bug::CarriesBeyondRoom);
        (full && fills(item) && !is_here(replica, item)).then_some(Outcome::TooMany)
    }

    /// The item was taken.
    pub(super) fn takes(&mut self, item: &Item) {
        if let Some(left) = self.0.as_mut().filter(|_| fills(item)) {
            *left = left.saturating_sub(item.bytes.len() as u64);
        }
    }
}

fn fills(item: &Item) -> bool {
    matches!(item.kind, ItemKind::Envelope | ItemKind::SealedRecordChange)
}

fn is_here(replica: &Replica, item: &Item) -> bool {
    if item.kind == ItemKind::SealedRecordChange {
        return replica.carried().any(|known| known.bytes == item.bytes);
    }
    let Ok(envelope) = Unverified::<Envelope>::decode(&item.bytes) else { return false };
    let id = EnvelopeId(envelope.id());
    replica.is_listed(&id) || replica.holds(&id)
}
