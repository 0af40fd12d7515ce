//! A store that fails at a chosen write: the tool with which crash safety is shown, write by write.

use super::{Key, MemoryStore, Store, StoreError};

/// How a write fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The write does not happen.
    Before,
    /// The write happens, and is reported as failed.
    After,
}

/// A store in memory whose n-th write fails, and all after it: the process is dead from then on, until
/// [`FaultyStore::revive`].
#[derive(Debug, Clone, Default)]
pub struct FaultyStore {
    inner: MemoryStore,
    writes: usize,
    fault: Option<(usize, Fault)>,
    dead: bool,
}

impl FaultyStore {
    /// A store whose write number `at` (from 0) fails.
    pub fn failing(inner: MemoryStore, at: usize, fault: Fault) -> Self {
        Self { inner, writes: 0, fault: Some((at, fault)), dead: false }
    }

    /// Writes so far.
    pub fn writes(&self) -> usize {
        self.writes
    }

    /// Whether the fault has struck.
    pub fn struck(&self) -> bool {
        self.dead
    }

    /// Writes succeed again, as after a restart or when room was made.
    pub fn revive(&mut self) {
        self.fault = None;
        self.dead = false;
    }

    /// What survives.
    pub fn into_inner(self) -> MemoryStore {
        self.inner
    }

    fn write(
        &mut self,
        change: impl FnOnce(&mut MemoryStore) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = || StoreError::Io {
            action: "write",
            key: "a value".to_owned(),
            source: std::io::Error::other("planted fault"),
        };
        if self.dead {
            return Err(failed());
        }
        let now = self.writes;
        self.writes += 1;
        match self.fault {
            Some((at, fault)) if at == now => {
                self.dead = true;
                if fault == Fault::After {
                    change(&mut self.inner)?;
                }
                Err(failed())
            }
            _ => change(&mut self.inner),
        }
    }
}

impl Store for FaultyStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        self.write(|inner| inner.put(key, value))
    }

    fn destroy(&mut self, key: &Key) -> Result<(), StoreError> {
        self.write(|inner| inner.destroy(key))
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.inner.keys()
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
