//! The open box: sealed ballots that wait on one tablet, as one small value sorted by nullifier.

use crate::ballot::Record;
use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::envelope::{Batch, batch_capacity};
use crate::id::{Nullifier, SheetHash, UnitCode};
use crate::package::VERSION;
use crate::planted::{self, Bug};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use thiserror::Error;

/// Most ballots that wait in one box. A box is cut long before, except where `batch_min` is very large.
pub const BOX_MAX: usize = 6_000;

/// Ballots that wait. Neither order nor time of casting can be told from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBox {
    unit: UnitCode,
    sheet: SheetHash,
    record_len: usize,
    ballots: BTreeMap<Nullifier, Record>,
}

/// Why a ballot does not go into the box.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InsertError {
    /// Its permit is used here.
    #[error("this slip was already used on this tablet")]
    AlreadyUsed,
    /// No room; the box must be closed.
    #[error("the box on this tablet is full: close it and go on with another tablet")]
    Full,
    /// A ballot of another length, which is a bug or another sheet.
    #[error("the ballot does not belong to this box's sheet")]
    Length,
}

impl OpenBox {
    /// An empty box for ballots of one sheet.
    pub fn new(unit: UnitCode, sheet: SheetHash, record_len: usize) -> Self {
        Self { unit, sheet, record_len, ballots: BTreeMap::new() }
    }

    /// The unit.
    pub fn unit(&self) -> &UnitCode {
        &self.unit
    }

    /// Nullifiers of the ballots that wait, ascending.
    pub fn nullifiers(&self) -> impl Iterator<Item = Nullifier> {
        self.ballots.keys().copied()
    }

    /// The sheet of its ballots.
    pub fn sheet(&self) -> SheetHash {
        self.sheet
    }

    /// Ballots that wait.
    pub fn len(&self) -> usize {
        self.ballots.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.ballots.is_empty()
    }

    /// Whether a ballot with this permit waits.
    pub fn contains(&self, nullifier: &Nullifier) -> bool {
        self.ballots.contains_key(nullifier)
    }

    /// Puts a ballot in.
    ///
    /// # Errors
    /// [`InsertError`]; the box is then as it was.
    pub fn insert(&mut self, ballot: Record) -> Result<(), InsertError> {
        if ballot.as_bytes().len() != self.record_len {
            return Err(InsertError::Length);
        }
        if self.ballots.len() >= BOX_MAX {
            return Err(InsertError::Full);
        }
        match self.ballots.entry(ballot.nullifier()) {
            std::collections::btree_map::Entry::Occupied(_) => Err(InsertError::AlreadyUsed),
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(ballot);
                Ok(())
            }
        }
    }

    /// The batch that leaves when enough ballots wait: `batch_min` of them, chosen at random, once twice as many are
    /// there, so that at least as many stay for the close. `None` before that. The box itself is not changed: the
    /// envelope is stored first, then the box without it ([`OpenBox::without`]).
    pub fn cut(&self, batch_min: u32, rng: &mut impl CryptoRng) -> Option<Batch> {
        let size = (batch_min.max(1) as usize).min(batch_capacity(self.record_len));
        let enough = if planted::is(Bug::CutAtBatchMin) { size } else { size * 2 };
        if self.ballots.len() < enough {
            return None;
        }
        let mut waiting: Vec<&Record> = self.ballots.values().collect();
        for chosen in 0..size {
            let other = chosen + below(waiting.len() - chosen, rng);
            waiting.swap(chosen, other);
        }
        Batch::new(self.record_len, waiting.into_iter().take(size).cloned().collect()).ok()
    }

    /// What is left for the closing envelope. Where one envelope cannot hold it, earlier batches of nearly equal
    /// size, again chosen at random, come first; the last one closes.
    pub fn last_batches(&self, rng: &mut impl CryptoRng) -> Vec<Batch> {
        let mut waiting: Vec<Record> = self.ballots.values().cloned().collect();
        for chosen in 0..waiting.len() {
            let other = chosen + below(waiting.len() - chosen, rng);
            waiting.swap(chosen, other);
        }
        let batches = waiting.len().div_ceil(batch_capacity(self.record_len)).max(1);
        let size = waiting.len().div_ceil(batches).max(1);
        let mut last: Vec<Batch> = waiting
            .chunks(size)
            .filter_map(|records| Batch::new(self.record_len, records.to_vec()).ok())
            .collect();
        if last.is_empty() {
            last.extend(Batch::new(self.record_len, Vec::new()));
        }
        last
    }

    /// Everything that waits, in as few batches as envelopes can hold it, by nullifier: the same each time, for a box that
    /// can be cut no more.
    pub fn all_batches(&self) -> Vec<Batch> {
        let waiting: Vec<Record> = self.ballots.values().cloned().collect();
        let chunks = waiting.chunks(batch_capacity(self.record_len).max(1));
        chunks.filter_map(|records| Batch::new(self.record_len, records.to_vec()).ok()).collect()
    }

    /// The box without the ballots of a batch that is safely stored.
    #[must_use]
    pub fn without(&self, batch: &Batch) -> Self {
        let mut rest = self.clone();
        if planted::is(Bug::BoxKeepsSealed) {
            return rest;
        }
        for record in batch.records() {
            if rest.ballots.get(&record.nullifier()) == Some(&record) {
                rest.ballots.remove(&record.nullifier());
            }
        }
        rest
    }
}

/// A number in `0..bound` without bias that matters (64 random bits), for `bound` ≥ 1.
fn below(bound: usize, rng: &mut impl CryptoRng) -> usize {
    let scaled = (u128::from(rng.next_u64()) * bound as u128) >> 64;
    usize::try_from(scaled).expect("less than a usize")
}

impl Format for OpenBox {
    const WHAT: &'static str = "open box";
    const MAX_BYTES: usize = BOX_MAX * crate::ballot::record_len(crate::package::OFFICIALS_MAX) + 512;

    fn write(&self, w: &mut Writer) {
        let records: Vec<u8> = self.ballots.values().flat_map(|record| record.as_bytes()).copied().collect();
        w.array(5).uint(VERSION).text(self.unit.as_str()).bytes(self.sheet.as_bytes());
        w.uint(self.record_len as u64).bytes(&records);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(5, VERSION, Self::WHAT)?;
        let unit = UnitCode::read(r)?;
        let sheet = SheetHash(r.fixed("sheet hash")?);
        let record_len = r.u32(u32::from(u16::MAX), "ballot length")? as usize;
        let bytes = r.bytes(Self::MAX_BYTES, "ballots")?;
        let mut open_box = Self::new(unit, sheet, record_len);
        if record_len < crate::ballot::record_len(1) || !bytes.len().is_multiple_of(record_len) {
            return Err(FormatError::Malformed { what: "ballots" });
        }
        for record in bytes.chunks(record_len).filter_map(Record::from_slice) {
            open_box.insert(record).map_err(|_| FormatError::Unsorted { what: "ballots" })?;
        }
        Ok(open_box)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    const LEN: usize = crate::ballot::record_len(3);

    fn filled(count: usize, rng: &mut ChaCha20Rng) -> OpenBox {
        let mut open_box = OpenBox::new(UnitCode::new("U").unwrap(), SheetHash([1; 32]), LEN);
        for _ in 0..count {
            let mut bytes = [0; LEN];
            rng.fill_bytes(&mut bytes);
            open_box.insert(Record::from_slice(&bytes).unwrap()).unwrap();
        }
        open_box
    }

    proptest! {
        #[test]
        fn a_cut_takes_the_smallest_batch_and_leaves_at_least_as_many(
            seed: u64, count in 0..60_usize, batch_min in 1..20_u32,
        ) {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let open_box = filled(count, &mut rng);
            match open_box.cut(batch_min, &mut rng) {
                None => prop_assert!(count < 2 * batch_min as usize),
                Some(batch) => {
                    let rest = open_box.without(&batch);
                    prop_assert_eq!(batch.len(), batch_min as usize);
                    prop_assert_eq!(rest.len() + batch.len(), count);
                    prop_assert!(rest.len() >= batch.len());
                }
            }
        }

        #[test]
        fn a_box_reads_back_as_written_and_whatever_the_order_of_casting(seed: u64, count in 0..30_usize) {
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            let open_box = filled(count, &mut rng);
            let mut backwards = OpenBox::new(open_box.unit.clone(), open_box.sheet, LEN);
            for record in open_box.ballots.values().rev() {
                backwards.insert(record.clone()).unwrap();
            }
            let bytes = crate::cbor::encode(&open_box);
            prop_assert_eq!(crate::cbor::encode(&backwards), bytes.clone());
            prop_assert_eq!(crate::cbor::decode::<OpenBox>(&bytes), Ok(open_box));
        }
    }

    #[test]
    fn a_permit_used_twice_is_refused_and_changes_nothing() {
        let mut open_box = filled(4, &mut ChaCha20Rng::seed_from_u64(1));
        let before = open_box.clone();
        let mut again = open_box.ballots.values().next().unwrap().as_bytes().to_vec();
        *again.last_mut().unwrap() ^= 1;
        let again = Record::from_slice(&again).unwrap();
        assert_eq!(open_box.insert(again), Err(InsertError::AlreadyUsed));
        assert_eq!(open_box, before);
    }

    #[test]
    fn the_last_batches_hold_everything_and_fit_into_envelopes() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let open_box = filled(4_000, &mut rng);
        let batches = open_box.last_batches(&mut rng);
        assert_eq!(batches.iter().map(Batch::len).sum::<usize>(), 4_000);
        assert!(batches.len() > 1 && batches.iter().all(|batch| batch.len() > 1_000));
        assert_eq!(filled(0, &mut rng).last_batches(&mut rng).len(), 1);
    }
}
