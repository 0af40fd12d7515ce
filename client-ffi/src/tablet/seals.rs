//! Lists of record changes that were sealed or opened in this run.
//!
//! Whoever meets again hands over the same lists, for nobody says in a message which sealed lists are there. Sealing and
//! opening are the dearest steps of a meeting, so neither is done twice for the same bytes. Only memory knows; after a
//! restart, or after the store failed, both begin anew.

use crate::values::{Identity, bytes_hash};
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use sync_core::cbor;
use sync_core::id::{PackageHash, UnitCode};
use sync_core::record::{Reader, SealedChanges};
use zeroize::Zeroizing;

/// Most bytes of sealed lists that one unit keeps, enough for the record of a long meeting to a few readers.
const SEALED_MAX_BYTES: usize = 1024 * 1024;
/// Most opened lists that one unit remembers.
const OPENED_MAX: usize = 1_024;

/// What was sealed and opened of one unit.
#[derive(Default)]
pub(super) struct Seals {
    sealed: RefCell<Sealed>,
    /// Hashes of lists of which every change is in the record, with the number of changes.
    opened: BTreeMap<[u8; 32], usize>,
}

/// Sealed lists by what they were sealed from.
#[derive(Default)]
struct Sealed {
    lists: BTreeMap<[u8; 32], Vec<u8>>,
    /// Their bytes together.
    bytes: usize,
}

impl Seals {
    /// A list sealed to a reader, as it travels: the same bytes whenever it is the same list. Nothing if the reader's key
    /// is none.
    pub fn seal(
        &self,
        (package, unit): (&PackageHash, &UnitCode),
        identity: &Identity,
        reader: &Reader,
        list: Vec<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let mut rng = Again::new(identity, reader, &list);
        let name = bytes_hash(rng.key.as_ref());
        let mut kept = self.sealed.borrow_mut();
        if let Some(sealed) = kept.lists.get(&name) {
            return Some(sealed.clone());
        }
        let sealed = cbor::encode(&SealedChanges::seal(package, unit, reader, list, &mut rng).ok()?);
        kept.bytes += sealed.len();
        kept.lists.insert(name, sealed.clone());
        // The names are hashes, so what goes first is no better and no worse than another.
        while kept.bytes > SEALED_MAX_BYTES
            && let Some((_, gone)) = kept.lists.pop_first()
        {
            kept.bytes -= gone.len();
        }
        Some(sealed)
    }

    /// How many changes a list holds that was opened before and taken whole.
    pub fn opened(&self, sealed: &[u8]) -> Option<usize> {
        self.opened.get(&bytes_hash(sealed)).copied()
    }

    /// Remembers that every change of a list is in the record.
    pub fn note_opened(&mut self, sealed: &[u8], changes: usize) {
        if self.opened.len() >= OPENED_MAX {
            self.opened.pop_first();
        }
        self.opened.insert(bytes_hash(sealed), changes);
    }
}

/// Randomness for one seal that comes out the same whenever this device seals these changes to this reader: a hash
/// over a secret of the device and everything that is sealed. So the same record handed over twice is the same bytes,
/// also after a restart, and does not grow at those who carry it. Other changes give another ephemeral key.
struct Again {
    key: Zeroizing<[u8; 32]>,
    block: u64,
}

impl Again {
    fn new(identity: &Identity, reader: &Reader, list: &[Vec<u8>]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"homphieu/seal-again/1");
        hash.update(identity.seal.as_ref());
        hash.update(reader.device.as_bytes());
        hash.update(reader.seal);
        for change in list {
            hash.update((change.len() as u64).to_be_bytes());
            hash.update(change);
        }
        Self { key: Zeroizing::new(hash.finalize().into()), block: 0 }
    }
}

impl TryRng for Again {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.key.as_ref());
            hash.update(self.block.to_be_bytes());
            self.block += 1;
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Again {}
