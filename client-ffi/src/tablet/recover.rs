//! From the store to memory, at the start and after the store failed.

use super::handed::Handed;
use super::{Membership, Tablet, UnitState};
use crate::error::TabletError;
use crate::store::Store;
use crate::values::{
    BoxCipher, Identity, StoredChain, address_key, box_cipher_key, box_key, certificate_key, chain_key,
    confirmed_key, damaged, identity_key, item_of, load, package_key, read_sheet_hash,
};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use sync_core::cbor::Format;
use sync_core::cose::{Signed, Unverified};
use sync_core::device::{Scope, SignedCertificate};
use sync_core::id::{DeviceId, Nullifier, UnitCode};
use sync_core::message::{Item, ItemKind, Outcome};
use sync_core::package::Package;
use sync_core::planted::{self, Bug};
use sync_core::record::RecordChange;
use sync_core::replica::{Applied, Replica};

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Reads everything. What a crash left between two writes is put right: an envelope that was stored before its
    /// chain or box was counts, and its ballots leave the box.
    pub(super) fn reload(&mut self) -> Result<(), TabletError> {
        self.stale = true;
        let before = self.round.take().filter(|_| planted::is(Bug::RecordNumberAgain));
        if !planted::is(Bug::NoSettle) {
            self.store.settle()?;
        }
        self.identity = load(&self.store, &identity_key())?;
        let Some(package) = self.store.get(&package_key())? else {
            self.stale = false;
            return Ok(());
        };
        // Without its key an enrolled tablet must not pass for a fresh one: under a new key it would go on with the
        // numbers and the box of another device.
        if planted::is(Bug::ForgetsLostKey) && self.identity.is_none() {
            self.stale = false;
            return Ok(());
        }
        let identity = self.identity.as_ref().ok_or_else(|| damaged(&identity_key()))?;
        let package = Package::open(&package).map_err(|_| damaged(&package_key()))?;
        let certificate = self.store.get(&certificate_key())?.ok_or_else(|| damaged(&certificate_key()))?;
        let certificate = SignedCertificate::open(&certificate, &package.value().centre.sign)
            .map_err(|_| damaged(&certificate_key()))?;
        let address = self.store.get(&address_key())?.and_then(|bytes| String::from_utf8(bytes).ok());
        let address = address.ok_or_else(|| damaged(&address_key()))?;
        let mut units = load_units(&self.store, identity, &package, &certificate)?;
        for (unit, before) in before.into_iter().flat_map(|round| round.units) {
            if let Some(state) = units.get_mut(&unit) {
                state.writer = before.writer;
            }
        }
        self.round = Some(Membership { package, certificate, address, units });
        for unit in self.units().to_vec() {
            self.desk(&unit)?.put_right(&unit)?;
        }
        for unit in self.held_units() {
            let mut desk = self.desk(&unit)?;
            if desk.state.replica.is_finished() && !planted::is(Bug::LeavesRestOfDeletion) {
                desk.delete_listed(&unit)?;
            }
        }
        self.stale = false;
        Ok(())
    }
}

/// A replica that knows its own device.
pub(super) fn new_state(
    package: &Signed<Package>,
    certificate: &SignedCertificate,
    unit: &UnitCode,
) -> Result<UnitState, TabletError> {
    let mut replica = Replica::new(package, unit).ok_or_else(|| TabletError::UnknownUnit(unit.clone()))?;
    replica.apply(&Item::new(ItemKind::Certificate, certificate.bytes()));
    Ok(UnitState::new(replica))
}

fn load_units<S: Store>(
    store: &S,
    identity: &Identity,
    package: &Signed<Package>,
    certificate: &SignedCertificate,
) -> Result<BTreeMap<UnitCode, UnitState>, TabletError> {
    let mut units = BTreeMap::new();
    if let Scope::Units(own) = &certificate.value().scope {
        for unit in own {
            units.insert(unit.clone(), new_state(package, certificate, unit)?);
        }
    }
    let mut items = Vec::new();
    for key in store.keys()?.iter().filter(|key| key.parts().first() == Some(&"item")) {
        let bytes = store.get(key)?.unwrap_or_default();
        let (unit, item) = item_of(key, bytes).ok_or_else(|| damaged(key))?;
        items.push((unit, item, key.clone()));
    }
    // Record changes wait for the change before. Sheets wait for the replacement that names them, and envelopes for certificates, so those come first; before all
    // a round statement, by which a crash may have left any part of the rest.
    items.sort_by_cached_key(|(_, item, _)| {
        (
            item.kind != ItemKind::RoundStatement,
            item.kind != ItemKind::SheetReplacement,
            item.kind,
            number(item),
        )
    });
    if planted::is(Bug::DropsEnvelopeOnRestart)
        && items.last().is_some_and(|i| i.1.kind == ItemKind::Envelope)
    {
        items.pop();
    }
    for (unit, item, key) in items {
        if !units.contains_key(&unit) {
            units.insert(unit.clone(), new_state(package, certificate, &unit)?);
        }
        let state = units.get_mut(&unit).ok_or(TabletError::UnknownUnit(unit))?;
        match state.replica.restore(&item) {
            Applied::New | Applied::AlreadyHere => {}
            // A change whose predecessor is gone waits until somebody gives that back, and a crash may have left one
            // that the bounds refuse. Neither stands in the way of a ballot.
            Applied::Waits | Applied::Refused(Outcome::TooMany) if of_record(item.kind) => {}
            Applied::Waits | Applied::Refused(_) => return Err(damaged(&key)),
        }
    }
    for (unit, state) in &mut units {
        state.handed = Handed::load(store, unit)?;
        if certificate.value().scope.covers(unit) {
            load_own(store, &identity.device(), unit, state)?;
        }
    }
    Ok(units)
}

fn of_record(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::RecordChange | ItemKind::SealedRecordChange)
}

/// The number of a record change in its chain, so that each comes after the one it follows on.
fn number(item: &Item) -> u32 {
    if item.kind != ItemKind::RecordChange {
        return 0;
    }
    Unverified::<RecordChange>::decode(&item.bytes).map_or(0, |change| change.claim().sequence)
}

fn load_own<S: Store>(
    store: &S,
    device: &DeviceId,
    unit: &UnitCode,
    state: &mut UnitState,
) -> Result<(), TabletError> {
    state.confirmed_sheet = read_sheet_hash(store, &confirmed_key(unit))?;
    state.chain = load::<StoredChain>(store, &chain_key(unit))?.map(|chain| chain.0).unwrap_or_default();
    if planted::is(Bug::NumbersBeginAnew) && !state.chain.closed {
        state.chain = sync_core::envelope::Chain::default();
    }
    state.cipher = BoxCipher::load(store, &box_cipher_key(unit))?;
    state.open_box = match &state.cipher {
        Some(cipher) => cipher.read(store, &box_key(unit), unit)?,
        None => None,
    };
    let closed = state.chain.closed || state.own_envelopes(device).any(|e| e.value().total.is_some());
    // Without its key a box is noise. That is right after the close, and a loss at any other time.
    if state.cipher.is_none() && !closed && store.get(&box_key(unit))?.is_some() {
        return Err(damaged(&box_cipher_key(unit)));
    }
    if state.open_box.as_ref().is_some_and(|open_box| open_box.unit() != unit) {
        return Err(damaged(&box_key(unit)));
    }
    Ok(())
}

impl<S: Store, R: CryptoRng> super::Desk<'_, S, R> {
    /// Brings chain and box in line with the envelopes of this device that are here, and notes which slips were used.
    /// It does the same after a crash and when own envelopes come back from the centre to a tablet that was restored
    /// from an old copy.
    pub(super) fn put_right(&mut self, unit: &UnitCode) -> Result<(), TabletError> {
        let device = self.identity.device();
        let mut own: Vec<_> = self.state.own_envelopes(&device).cloned().collect();
        own.sort_by_key(|envelope| envelope.value().number);
        let before = self.state.chain;
        for envelope in &own {
            let (value, chain) = (envelope.value(), &mut self.state.chain);
            if planted::is(Bug::NumbersBeginAnew) {
                break;
            }
            if value.number == chain.number + 1 && value.previous == chain.last && !chain.closed {
                chain.number = value.number;
                chain.last = Some(envelope.envelope_id());
                chain.ballots += u32::try_from(value.ballots.len()).unwrap_or(u32::MAX);
                chain.closed = value.total.is_some();
            }
        }
        if self.state.chain != before {
            self.store_chain(unit)?;
        }
        if let Some(open_box) = &self.state.open_box {
            let rest = own.iter().fold(open_box.clone(), |rest, e| rest.without(&e.value().ballots));
            if rest != *open_box && !planted::is(Bug::NoRescueAtStart) {
                self.store_box(unit, rest)?;
            }
        }
        let sealed = own.iter().flat_map(|envelope| envelope.value().ballots.records());
        let mut used: std::collections::BTreeSet<Nullifier> =
            sealed.map(|record| record.nullifier()).collect();
        used.extend(self.state.open_box.iter().flat_map(|open_box| open_box.nullifiers()));
        self.state.used = used;
        // A key without a box is what a crash left of a box that was made or destroyed.
        if self.state.cipher.is_some() && self.state.open_box.is_none() {
            self.destroy_box(unit)?;
        }
        if self.state.chain.closed {
            // The close may have come back from elsewhere, to a tablet that was copied or set back, while ballots wait
            // here. Nobody can close this box again, so they leave now; beyond the close they are held.
            let waiting = self.state.open_box.as_ref().is_some_and(|open_box| !open_box.is_empty());
            if waiting && planted::is(Bug::KeepsAfterForeignClose) {
            } else if waiting {
                self.seal_all(unit, true)?;
            } else {
                self.destroy_box(unit)?;
            }
        }
        Ok(())
    }

    pub(super) fn store_chain(&mut self, unit: &UnitCode) -> Result<(), TabletError> {
        let chain = StoredChain(self.state.chain);
        Ok(self.store.put(&chain_key(unit), &sync_core::cbor::encode(&chain))?)
    }

    pub(super) fn store_box(
        &mut self,
        unit: &UnitCode,
        open_box: sync_core::open_box::OpenBox,
    ) -> Result<(), TabletError> {
        if self.state.cipher.is_none() {
            self.state.cipher = Some(BoxCipher::make(self.store, &box_cipher_key(unit), self.rng)?);
        }
        if let Some(cipher) = &self.state.cipher {
            cipher.save(self.store, &box_key(unit), unit, &open_box, self.rng)?;
        }
        self.state.open_box = Some(open_box);
        Ok(())
    }

    /// The box goes first: a box whose key is missing is a loss, and a crash between the two must not look like one.
    /// With the key, which goes at the next start at the latest, every old version that the medium kept becomes noise.
    pub(super) fn destroy_box(&mut self, unit: &UnitCode) -> Result<(), TabletError> {
        self.state.cipher = None;
        self.state.open_box = None;
        for key in [box_key(unit), box_cipher_key(unit)] {
            if self.store.get(&key)?.is_some() {
                self.store.destroy(&key)?;
            }
        }
        Ok(())
    }
}

const _: () = assert!(StoredChain::MAX_BYTES <= crate::store::VALUE_MAX);
