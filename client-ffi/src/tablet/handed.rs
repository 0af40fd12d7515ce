//! Which own envelopes are on other devices too, and on which: what those showed that they hold.
//!
//! That another device holds an envelope is known from a message of it that names the envelope, never from having sent
//! it. Where the way vouches for the device (a local session, a signed acknowledgement), its name is kept with it.

use super::{Desk, Tablet};
use crate::error::TabletError;
use crate::store::Store;
use crate::values::{Ids, damaged, handed_key};
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::cbor::{self, Format, FormatError, Reader, Writer};
use sync_core::id::{DeviceId, EnvelopeId, UnitCode};
use sync_core::message::Have;
use sync_core::receipt::IDS_MAX;

/// Most devices that are remembered for one envelope; that more have it makes it no safer for people.
const TAKERS_MAX: usize = 8;
const VERSION: u64 = 2;

/// Own envelopes that others hold, each with the devices that are known by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Handed(pub BTreeMap<EnvelopeId, BTreeSet<DeviceId>>);

impl Handed {
    /// What is stored for a unit. Version 1 was the ids alone.
    pub fn load(store: &impl Store, unit: &UnitCode) -> Result<Self, TabletError> {
        let key = handed_key(unit);
        let read = |bytes: Vec<u8>| {
            let unnamed = || cbor::decode::<Ids>(&bytes).map(Self::from);
            cbor::decode(&bytes).or_else(|_| unnamed()).map_err(|_| damaged(&key))
        };
        Ok(store.get(&key)?.map(read).transpose()?.unwrap_or_default())
    }

    /// Takes note; gives whether anything is new.
    fn add(&mut self, id: EnvelopeId, by: Option<DeviceId>) -> bool {
        let known = self.0.contains_key(&id);
        let takers = self.0.entry(id).or_default();
        let named = by.is_some_and(|device| takers.len() < TAKERS_MAX && takers.insert(device));
        named || !known
    }
}

impl From<Ids> for Handed {
    fn from(ids: Ids) -> Self {
        Self(ids.0.into_iter().map(|id| (id, BTreeSet::new())).collect())
    }
}

impl Format for Handed {
    const WHAT: &'static str = "envelopes handed over";
    const MAX_BYTES: usize = 1024 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(2).uint(VERSION);
        let all: Vec<_> = self.0.iter().collect();
        w.list(&all, |w, (id, takers)| {
            let takers: Vec<u8> = takers.iter().flat_map(|device| device.0).collect();
            w.array(2).bytes(id.as_bytes()).bytes(&takers);
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(2, VERSION, Self::WHAT)?;
        let all = r.list(IDS_MAX, Self::WHAT, |r| {
            r.array(2, Self::WHAT)?;
            let id = EnvelopeId(r.fixed(Self::WHAT)?);
            let takers = cbor::sorted_entries(r.bytes(TAKERS_MAX * 16, Self::WHAT)?, Self::WHAT)?;
            Ok((id, takers.into_iter().map(DeviceId).collect()))
        })?;
        if all.is_sorted_by(|a: &(EnvelopeId, _), b| a.0 < b.0) {
            Ok(Self(all.into_iter().collect()))
        } else {
            Err(FormatError::Unsorted { what: Self::WHAT })
        }
    }
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// The other side showed what it holds. `by` is the device, if the way by which the word came vouches for it.
    pub(super) fn note_handed(
        &mut self,
        unit: &UnitCode,
        have: &Have,
        by: Option<DeviceId>,
    ) -> Result<(), TabletError> {
        let desk = self.desk(unit)?;
        let device = desk.identity.device();
        let own: BTreeSet<EnvelopeId> =
            desk.state.own_envelopes(&device).map(|envelope| envelope.envelope_id()).collect();
        let mut news = false;
        for id in have.envelopes.iter().filter(|id| own.contains(id)) {
            news |= desk.state.handed.add(*id, by);
        }
        if news {
            desk.store.put(&handed_key(unit), &cbor::encode(&desk.state.handed))?;
        }
        Ok(())
    }
}

impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
    /// Forgets envelopes that a statement lists.
    pub(super) fn forget_handed(&mut self, unit: &UnitCode) -> Result<(), TabletError> {
        let replica = &self.state.replica;
        let before = self.state.handed.0.len();
        self.state.handed.0.retain(|id, _| !replica.is_listed(id));
        let left = self.state.handed.0.len();
        match left {
            _ if left == before => Ok(()),
            0 => Ok(self.store.destroy(&handed_key(unit))?),
            _ => Ok(self.store.put(&handed_key(unit), &cbor::encode(&self.state.handed))?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u8) -> EnvelopeId {
        EnvelopeId([n; 32])
    }

    #[test]
    fn what_an_older_program_stored_is_read_without_names() {
        let unit = UnitCode::new("A").unwrap();
        let mut store = crate::store::MemoryStore::default();
        assert_eq!(Handed::load(&store, &unit).unwrap(), Handed::default());
        store.put(&handed_key(&unit), &cbor::encode(&Ids(vec![id(1), id(2)]))).unwrap();
        let read = Handed::load(&store, &unit).unwrap();
        assert_eq!(read.0.keys().copied().collect::<Vec<_>>(), [id(1), id(2)]);
        assert!(read.0.values().all(BTreeSet::is_empty));
    }

    #[test]
    fn a_device_is_new_once_and_more_than_eight_are_not_remembered() {
        let mut handed = Handed::default();
        assert!(handed.add(id(1), None));
        assert!(!handed.add(id(1), None));
        for n in 0..8 {
            assert!(handed.add(id(1), Some(DeviceId([n; 16]))));
            assert!(!handed.add(id(1), Some(DeviceId([n; 16]))));
        }
        assert!(!handed.add(id(1), Some(DeviceId([9; 16]))));
        assert_eq!(cbor::decode::<Handed>(&cbor::encode(&handed)).unwrap(), handed);
    }

    proptest! {
        #[test]
        fn whatever_lies_in_the_store_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(cbor::decode::<Handed>(&bytes));
        }
    }
}
