//! From box to envelopes. Write order: envelope first, then chain, then the box without its ballots.

use super::Desk;
use crate::error::TabletError;
use crate::store::Store;
use crate::values::item_key;
use rand_core::CryptoRng;
use sync_core::ballot::Record;
use sync_core::envelope::{Batch, NUMBER_MAX, Sealer};
use sync_core::id::{SheetHash, UnitCode};
use sync_core::message::{Item, ItemKind};
use sync_core::open_box::OpenBox;
use sync_core::planted::{self, Bug};

/// Numbers that are kept for the close, and for sheets that are replaced: a full box of the longest ballots leaves in
/// nine envelopes.
const NUMBERS_KEPT: u32 = 64;

impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
    /// Seals a batch if enough ballots wait.
    pub(super) fn cut(&mut self, unit: &UnitCode) -> Result<(), TabletError> {
        let Some(open_box) = self.state.open_box.clone() else { return Ok(()) };
        if self.state.chain.number >= NUMBER_MAX - NUMBERS_KEPT {
            return Ok(());
        }
        match open_box.cut(self.package.value().rules.batch_min, self.rng) {
            Some(batch) => self.seal_batch(unit, &open_box, batch, false).map(drop),
            None => Ok(()),
        }
    }

    /// Seals everything that waits; the last envelope closes, if asked, and then the box and its key are destroyed.
    pub(super) fn seal_all(&mut self, unit: &UnitCode, closing: bool) -> Result<(), TabletError> {
        let Some(mut open_box) = self.state.open_box.clone() else { return Ok(()) };
        if closing || !open_box.is_empty() {
            let mut batches = open_box.last_batches(self.rng);
            if planted::is(Bug::CloseForgetsOne) && open_box.len() > 1 {
                let records: Vec<_> = batches[0].records().skip(1).collect();
                batches[0] =
                    Batch::new(batches[0].record_len(), records).map_err(|_| TabletError::ChainFull)?;
            }
            let last = batches.len();
            for (i, batch) in batches.into_iter().enumerate() {
                open_box = self.seal_batch(unit, &open_box, batch, closing && i + 1 == last)?;
            }
        }
        self.destroy_box(unit)
    }

    fn seal_batch(
        &mut self,
        unit: &UnitCode,
        open_box: &OpenBox,
        batch: Batch,
        closing: bool,
    ) -> Result<OpenBox, TabletError> {
        let sheet: SheetHash = open_box.sheet();
        let rest = open_box.without(&batch);
        let batch = if planted::is(Bug::SpoilsWhenSealing) { spoiled(batch) } else { batch };
        let sealer = Sealer {
            package: self.package.hash(),
            unit,
            sheet,
            device: self.identity.device(),
            key: &self.identity.sign,
        };
        let sealed = sealer.seal(&self.state.chain, batch, closing);
        let (envelope, chain) = sealed.map_err(|_| TabletError::ChainFull)?;
        let item = Item::new(ItemKind::Envelope, envelope.bytes());
        if planted::is(Bug::BoxBeforeEnvelope) {
            self.store_box(unit, rest.clone())?;
        }
        self.store.put(&item_key(unit, &item), &item.bytes)?;
        self.state.replica.apply(&item);
        self.state.chain = chain;
        self.store_chain(unit)?;
        if rest.is_empty() {
            // The whole box is destroyed next; a crash before that finds its ballots in the envelope.
            self.state.open_box = Some(rest.clone());
        } else {
            self.store_box(unit, rest.clone())?;
        }
        Ok(rest)
    }
}

/// What a planted bug makes of a batch.
fn spoiled(batch: Batch) -> Batch {
    let mut records: Vec<Vec<u8>> = batch.records().map(|record| record.as_bytes().to_vec()).collect();
    if let Some(byte) = records.first_mut().and_then(|record| record.last_mut()) {
        *byte ^= 1;
    }
    let records = records.iter().filter_map(|bytes| Record::from_slice(bytes)).collect();
    Batch::new(batch.record_len(), records).unwrap_or(batch)
}
