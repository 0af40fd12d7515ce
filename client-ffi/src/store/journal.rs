//! A store for a medium that is asked in transactions, such as a browser's database: values in memory, and the changes
//! since the last transaction in their order.
//!
//! `put` alone makes nothing durable here. Whoever holds the store writes [`JournalStore::pending`] in **one**
//! transaction before anything is told to anybody or sent anywhere, and then says [`JournalStore::committed`]. If that
//! fails, the store and the tablet over it are thrown away, and both are opened again over what the medium has.

use super::stamp::{head, unstamped};
use super::{Key, Store, StoreError, VALUE_MAX};
use crate::values;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// One change that is not durable yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Under which name.
    pub key: Key,
    /// What is kept there, stamped; nothing: what was there is destroyed.
    pub bytes: Option<Zeroizing<Vec<u8>>>,
}

impl Change {
    /// Whether the medium must keep it under a key of the platform: it holds names, or secrets of device or person.
    /// Sealed ballots and what the centre signed need none, and can be saved if that key is lost.
    pub fn is_private(&self) -> bool {
        values::is_private(&self.key)
    }
}

/// Values in memory, with what is not durable yet.
#[derive(Debug, Default)]
pub struct JournalStore {
    /// Nothing: what was kept there is not what was written.
    values: BTreeMap<Key, Option<Zeroizing<Vec<u8>>>>,
    pending: Vec<Change>,
}

impl JournalStore {
    /// The store over what a medium has, each value as [`Change::bytes`] gave it; one that the medium cannot read any
    /// more may be given empty. A damaged value is named when it is read, so that the others can be saved.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] for a name that no tablet writes.
    pub fn open(kept: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, StoreError> {
        let mut values = BTreeMap::new();
        for (name, bytes) in kept {
            let Some(key) = Key::parse(&name) else { return Err(StoreError::Foreign { name }) };
            let value = unstamped(&key, bytes).map(Zeroizing::new);
            values.insert(key, value);
        }
        Ok(Self { values, pending: Vec::new() })
    }

    /// What to write now, in one transaction, in this order.
    pub fn pending(&self) -> &[Change] {
        &self.pending
    }

    /// The transaction is durable.
    pub fn committed(&mut self) {
        self.pending.clear();
    }
}

impl Store for JournalStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let damaged = || StoreError::Damaged { key: key.to_string() };
        let value = |value: &Option<Zeroizing<Vec<u8>>>| value.as_ref().map(|value| value.to_vec());
        self.values.get(key).map(|kept| value(kept).ok_or_else(damaged)).transpose()
    }

    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        if value.len() > VALUE_MAX {
            return Err(StoreError::TooLong { key: key.clone(), found: value.len() });
        }
        let bytes = Zeroizing::new([head(key, value), value.to_vec()].concat());
        self.pending.push(Change { key: key.clone(), bytes: Some(bytes) });
        self.values.insert(key.clone(), Some(Zeroizing::new(value.to_vec())));
        Ok(())
    }

    fn destroy(&mut self, key: &Key) -> Result<(), StoreError> {
        if self.values.remove(key).is_some() {
            self.pending.push(Change { key: key.clone(), bytes: None });
        }
        Ok(())
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(self.values.keys().cloned().collect())
    }

    /// What reads show is durable as soon as the transaction is that everybody waits for.
    fn settle(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sync_core::message::ItemKind;

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    /// What a medium has after it did these changes.
    fn played(changes: &[Change]) -> BTreeMap<String, Vec<u8>> {
        let mut kept = BTreeMap::new();
        for change in changes {
            match &change.bytes {
                Some(bytes) => kept.insert(change.key.to_string(), bytes.to_vec()),
                None => kept.remove(change.key.as_str()),
            };
        }
        kept
    }

    proptest! {
        #[test]
        fn a_medium_that_did_the_pending_changes_opens_to_the_same_values(
            steps in prop::collection::vec((0..6_u8, prop::option::of(prop::collection::vec(any::<u8>(), 0..20))), 0..40),
        ) {
            let mut store = JournalStore::default();
            for (name, value) in steps {
                let key = key(&format!("item~{name}"));
                match value {
                    Some(value) => store.put(&key, &value).unwrap(),
                    None => store.destroy(&key).unwrap(),
                }
            }
            let opened = JournalStore::open(played(store.pending())).unwrap();
            prop_assert_eq!(&opened.values, &store.values);
            prop_assert!(opened.pending().is_empty());
            store.committed();
            prop_assert!(store.pending().is_empty());
        }
    }

    #[test]
    fn every_flipped_bit_every_cut_and_every_exchange_of_kept_values_is_named_and_others_are_read() {
        let mut store = JournalStore::default();
        store.put(&key("chain~A"), b"value").unwrap();
        let good = store.pending()[0].bytes.clone().unwrap().to_vec();
        store.put(&key("box~A"), b"whole").unwrap();
        let whole = store.pending()[1].bytes.clone().unwrap().to_vec();
        let named = |name: &str, bytes: Vec<u8>| {
            let kept = [(name.to_owned(), bytes), ("box~A".to_owned(), whole.clone())];
            let opened = JournalStore::open(kept).unwrap();
            match opened.get(&key(name)) {
                Err(StoreError::Damaged { key }) => assert_eq!(key, name),
                other => panic!("{other:?}"),
            }
            assert_eq!(opened.get(&key("box~A")).unwrap().unwrap(), b"whole");
        };
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            named("chain~A", bad);
        }
        (0..good.len()).for_each(|length| named("chain~A", good[..length].to_vec()));
        named("chain~B", good);
        assert!(matches!(
            JournalStore::open([("a b".to_owned(), Vec::new())]),
            Err(StoreError::Foreign { .. })
        ));
    }

    #[test]
    fn names_and_secrets_are_private_and_ballots_can_be_saved_without_any_key() {
        let private = |text: &str| Change { key: key(text), bytes: None }.is_private();
        for name in ["identity", "pin~0a", "paper~A", "paperkey~A"] {
            assert!(private(name), "{name}");
        }
        for name in
            ["box~A", "boxkey~A", "chain~A", "package", "certificate", "contact", "guidance", "handed~A"]
        {
            assert!(!private(name), "{name}");
        }
        for (number, kind) in ItemKind::ALL.iter().enumerate() {
            let names = [ItemKind::Sheet, ItemKind::SheetReplacement, ItemKind::RecordChange].contains(kind);
            assert_eq!(private(&format!("item~A~{number}~ab")), names, "{kind:?}");
        }
    }
}
