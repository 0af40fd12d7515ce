//! What of the record goes to the centre: changes in clear from a tablet of the unit, sealed lists from whoever carries
//! them.

use super::Tablet;
use super::sync::Exchange;
use crate::error::TabletError;
use crate::store::Store;
use crate::values::bytes_hash;
use rand_core::CryptoRng;
use sync_core::cose::Unverified;
use sync_core::id::UnitCode;
use sync_core::message::{Item, ItemKind, Message, RecordHead};
use sync_core::record::RecordChange;

/// A longer record is not sent before the centre said what it has of it. Until then, in the first request after a
/// start, a short one is sent whole, which spares a round trip.
const UNASKED_BYTES_MAX: usize = 16 * 1024;

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// What the centre lacks of the record, as far as this run of the program heard, and did not get in this sync.
    pub(super) fn record_to_give(&mut self, exchange: &mut Exchange) -> Result<Vec<Item>, TabletError> {
        let unit = &exchange.unit;
        let state = self.state(unit)?;
        let mut give = Vec::new();
        if self.units().contains(unit) {
            let record = state.replica.record();
            let changes = match &state.centre_heads {
                Some(heads) => record.lacking(heads),
                None => {
                    let all = record.lacking(&[]);
                    let bytes: usize = all.iter().map(|change| change.bytes().len()).sum();
                    if bytes <= UNASKED_BYTES_MAX { all } else { Vec::new() }
                }
            };
            for change in changes {
                if exchange.changes.insert(change.id()) {
                    give.push(Item::new(ItemKind::RecordChange, change.bytes()));
                }
            }
        }
        for item in state.replica.carried() {
            let hash = bytes_hash(&item.bytes);
            if !state.delivered.contains(&hash) && exchange.changes.insert(hash) {
                give.push(item);
            }
        }
        Ok(give)
    }

    /// Remembers what an answer tells of the centre's record, and which sealed lists it took. Only memory knows: after
    /// a restart they are offered again, and so reach a centre that lost them.
    pub(super) fn note_delivered(
        &mut self,
        exchange: &Exchange,
        piece: &Message,
        answer: &Message,
    ) -> Result<(), TabletError> {
        let desk = self.desk(&exchange.unit)?;
        if let Some(have) = &answer.have {
            desk.state.centre_heads = Some(have.records.clone());
        }
        for (place, item) in (0_u32..).zip(&piece.give) {
            let told = answer.outcomes.binary_search_by_key(&place, |(at, _)| *at).is_ok();
            if item.kind == ItemKind::SealedRecordChange && !told {
                desk.state.delivered.insert(bytes_hash(&item.bytes));
            }
        }
        Ok(())
    }

    pub(super) fn centre_heads(&self, unit: &UnitCode) -> Result<Option<&[RecordHead]>, TabletError> {
        Ok(self.state(unit)?.centre_heads.as_deref())
    }
}

impl Exchange {
    /// A change whose predecessor the centre lacks may be sent once more: what its heads show to be missing goes first.
    pub(super) fn repeats(&mut self, item: &Item) -> bool {
        let Ok(change) = Unverified::<RecordChange>::decode(&item.bytes) else { return false };
        item.kind == ItemKind::RecordChange
            && self.repeated.insert(change.id())
            && self.changes.remove(&change.id())
    }
}
