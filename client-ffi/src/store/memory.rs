//! A store that lasts as long as the process: for tests and simulations.

use super::{Key, Store, StoreError};
use std::collections::BTreeMap;

/// Values in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryStore {
    values: BTreeMap<Key, Vec<u8>>,
}

impl MemoryStore {
    /// Every value, as somebody who takes the tablet apart would find them.
    pub fn values(&self) -> &BTreeMap<Key, Vec<u8>> {
        &self.values
    }

    /// A value to change behind the tablet's back.
    pub fn value_mut(&mut self, key: &Key) -> Option<&mut Vec<u8>> {
        self.values.get_mut(key)
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.values.get(key).cloned())
    }

    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        self.values.insert(key.clone(), value.to_vec());
        Ok(())
    }

    fn destroy(&mut self, key: &Key) -> Result<(), StoreError> {
        self.values.remove(key);
        Ok(())
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(self.values.keys().cloned().collect())
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
