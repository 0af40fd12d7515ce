//! How the record travels. It holds names, so it leaves a tablet in two ways only.
//!
//! In clear: in a request to the centre and in its answer ([`Route::Centre`]), and between two tablets of the unit in a
//! local session ([`Route::Local`]); TLS keeps both from others. These two are the boundary: changes in clear are taken
//! there alone, and only for a unit that this device is certified for. Whatever comes by another route may have been
//! read by anybody, and a courier must never hold names, so a change in clear is refused there, even where it is genuine.
//!
//! Sealed: everywhere else. To the centre, for whoever comes by; to a tablet of the unit that is named by its device
//! id. What is sealed to somebody else is carried as it is. What is sealed to this tablet is opened, and each change in
//! it is then as untrusted as any other.

use super::{Desk, Tablet};
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::exchange::Taken;
use crate::values::item_key;
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::cbor;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::message::{Item, ItemKind, Message, Outcome, RecordHead, pieces};
use sync_core::planted::{self, Bug};
use sync_core::record::{Actor, Reader, SealedChanges, SignedChange};
use sync_core::replica::Applied;

/// By which way a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// An answer of the centre, over TLS.
    Centre,
    /// A local session over TLS with a tablet of the unit, neither side being known as revoked. A browser has none.
    #[cfg_attr(target_family = "wasm", expect(dead_code, reason = "only the native tablet meets others"))]
    Local,
    /// A file, a courier, a peer of whom nothing is known.
    Open,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// What this tablet hands over to another tablet of the unit, named by its device id: as [`Tablet::hand_over`],
    /// and the record sealed to that tablet.
    ///
    /// # Errors
    /// [`TabletError::UnknownTablet`] if it is not known here as a tablet of the unit, or is revoked.
    pub fn hand_over_to(&self, unit: &UnitCode, device: &DeviceId) -> Result<Vec<Message>, TabletError> {
        let reader = self.reader(unit, device)?;
        let give = self.open_items(unit)?;
        Ok(pieces(self.message(unit)?, give.into_iter().chain(self.parcels(unit, &reader, &[])?)))
    }

    /// Takes a message of another tablet of the unit, named by its device id, and answers it: as [`Tablet::answer`],
    /// and with what that tablet lacks of the record, sealed to it.
    ///
    /// # Errors
    /// As [`Tablet::take`], and [`TabletError::UnknownTablet`].
    pub fn answer_to(
        &mut self,
        message: &Message,
        device: &DeviceId,
    ) -> Result<(Taken, Vec<Message>), TabletError> {
        let reader = self.reader(&message.unit, device)?;
        self.answer_sealed(message, &reader)
    }

    /// The centre as a reader of what is sealed.
    pub(super) fn centre_reader(&self) -> Result<Reader, TabletError> {
        let centre = &self.membership()?.package.value().centre;
        Ok(Reader { device: centre.device(), seal: centre.seal })
    }

    fn reader(&self, unit: &UnitCode, device: &DeviceId) -> Result<Reader, TabletError> {
        let replica = &self.state(unit)?.replica;
        let certificates = replica.certificates().map(|signed| signed.value());
        let mut of_unit = certificates.filter(|certificate| certificate.scope.covers(unit));
        let found = of_unit.find(|certificate| certificate.device() == *device);
        let found = found.filter(|_| !replica.revoked().contains(device));
        let found = found.ok_or_else(|| TabletError::UnknownTablet(*device, unit.clone()))?;
        Ok(Reader { device: *device, seal: found.seal })
    }

    /// The record sealed to a reader who is as far as `theirs`, and what is carried for others.
    pub(super) fn parcels(
        &self,
        unit: &UnitCode,
        reader: &Reader,
        theirs: &[RecordHead],
    ) -> Result<Vec<Item>, TabletError> {
        let replica = &self.state(unit)?.replica;
        let mut items = self.sealed(unit, reader, &replica.record().lacking(theirs))?;
        let own: BTreeSet<&[u8]> = items.iter().map(|item| item.bytes.as_slice()).collect();
        let others: Vec<Item> =
            replica.carried().filter(|item| !own.contains(item.bytes.as_slice())).collect();
        items.extend(others);
        Ok(items)
    }

    /// Seals changes, each writer's by themselves: lists that are full stay the same when more is noted.
    fn sealed(
        &self,
        unit: &UnitCode,
        reader: &Reader,
        changes: &[&SignedChange],
    ) -> Result<Vec<Item>, TabletError> {
        let round = self.membership()?;
        let identity = self.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
        let mut writers: BTreeMap<Actor, Vec<Vec<u8>>> = BTreeMap::new();
        for change in changes {
            writers.entry(change.value().actor).or_default().push(change.bytes().to_vec());
        }
        let mut items = Vec::new();
        for list in writers.into_values().flat_map(SealedChanges::cut) {
            // Only a key that is none cannot be sealed to; then the record waits for the way over the centre.
            let place = (&round.package.hash(), unit);
            if let Some(sealed) = self.state(unit)?.seals.seal(place, identity, reader, list) {
                items.push(Item::new(ItemKind::SealedRecordChange, sealed));
            }
        }
        Ok(items)
    }
}

impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
    /// Takes one item by itself: it is taken and stored, waits, or is refused. Gives how many envelopes were stored.
    pub(super) fn take_item(
        &mut self,
        unit: &UnitCode,
        route: Route,
        (place, item): (u32, &Item),
        taken: &mut Taken,
    ) -> Result<usize, TabletError> {
        let covered = self.certificate.value().scope.covers(unit);
        match item.kind {
            ItemKind::RecordChange
                if (route == Route::Open || !covered) && !planted::is(Bug::RecordTakenInClear) =>
            {
                taken.refused.push((place, Outcome::NotTaken));
                Ok(0)
            }
            // Names: whoever only carries for a unit must not hold them, whatever somebody hands it.
            ItemKind::Sheet if !covered && !planted::is(Bug::HandsNamesOn) => {
                taken.refused.push((place, Outcome::NotTaken));
                Ok(0)
            }
            ItemKind::SealedRecordChange => {
                if let Some(known) = self.state.seals.opened(&item.bytes) {
                    taken.already_here += known;
                    return Ok(0);
                }
                let sealed = cbor::decode::<SealedChanges>(&item.bytes).ok();
                match sealed.filter(|sealed| sealed.reader == self.identity.device()) {
                    Some(sealed) => self.open_sealed(unit, (place, item), &sealed, taken).map(|()| 0),
                    None => self.apply(unit, place, item, taken),
                }
            }
            _ => self.apply(unit, place, item, taken),
        }
    }

    /// Opens what is sealed to this tablet and takes each change by itself. It is stored in clear, as every tablet of
    /// the unit stores it.
    fn open_sealed(
        &mut self,
        unit: &UnitCode,
        (place, item): (u32, &Item),
        sealed: &SealedChanges,
        taken: &mut Taken,
    ) -> Result<(), TabletError> {
        let belongs = (sealed.package, &sealed.unit) == (self.package.hash(), unit);
        if !belongs || !self.certificate.value().scope.covers(unit) {
            let outcome = if belongs { Outcome::NotTaken } else { Outcome::OtherUnit };
            taken.refused.push((place, outcome));
            return Ok(());
        }
        let Ok(changes) = sealed.open(&self.identity.seal) else {
            taken.refused.push((place, Outcome::Malformed));
            return Ok(());
        };
        let (all, mut inner) = (changes.len(), Taken::default());
        for bytes in changes {
            self.apply(unit, place, &Item::new(ItemKind::RecordChange, bytes), &mut inner)?;
        }
        if inner.new + inner.already_here == all {
            self.state.seals.note_opened(&item.bytes, all);
        }
        taken.new += inner.new;
        taken.already_here += inner.already_here;
        taken.waiting += inner.waiting;
        for (kind, count) in inner.kinds {
            *taken.kinds.entry(kind).or_default() += count;
        }
        // One place of the message has one outcome; the changes beside the refused one were taken.
        taken.refused.extend(inner.refused.first());
        Ok(())
    }

    fn apply(
        &mut self,
        unit: &UnitCode,
        place: u32,
        item: &Item,
        taken: &mut Taken,
    ) -> Result<usize, TabletError> {
        let (applied, woken) = self.state.replica.apply(item);
        let mut envelopes = 0;
        match applied {
            Applied::New => {
                taken.new += 1;
                if planted::is(Bug::DeletesOnReceipt) && item.kind == ItemKind::Receipt {
                    let mine = self.state.replica.items().into_iter();
                    if let Some(gone) = mine.into_iter().find(|item| item.kind == ItemKind::Envelope) {
                        self.store.destroy(&item_key(unit, &gone))?;
                    }
                }
                for stored in std::iter::once(item).chain(&woken) {
                    *taken.kinds.entry(stored.kind).or_default() += 1;
                    self.store.put(&item_key(unit, stored), &stored.bytes)?;
                    envelopes += usize::from(stored.kind == ItemKind::Envelope);
                }
            }
            Applied::AlreadyHere => taken.already_here += 1,
            Applied::Waits => taken.waiting += 1,
            Applied::Refused(outcome) => taken.refused.push((place, outcome)),
        }
        Ok(envelopes)
    }
}
