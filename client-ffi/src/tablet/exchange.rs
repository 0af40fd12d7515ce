//! Messages: what a tablet gives, what it takes, and what it says it has. The same for every route.

use super::Tablet;
use super::carry::Route;
use super::finish::is_statement;
use super::recover::new_state;
use crate::error::TabletError;
use crate::store::Store;
use rand_core::CryptoRng;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::cbor;
use sync_core::id::{EnvelopeId, UnitCode};
use sync_core::message::{Item, ItemKind, Message, Outcome, pieces};
use sync_core::planted::{self, Bug};
use sync_core::record::Reader;
use sync_core::replica::Applied;

/// What became of a message that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// Items that are new here and stored now.
    pub new: usize,
    /// Items that were here already, which is success.
    pub already_here: usize,
    /// Items that wait for something they need, such as a certificate.
    pub waiting: usize,
    /// Items that were refused, by their place in the message; each alone, the others were taken.
    pub refused: Vec<(u32, Outcome)>,
    /// Of what is new, how many of each kind. What waited for one of these items counts with it.
    pub kinds: BTreeMap<ItemKind, usize>,
}

/// What anybody may see and carry.
pub(crate) const OPEN_KINDS: [ItemKind; 5] = [
    ItemKind::Certificate,
    ItemKind::Revocation,
    ItemKind::Envelope,
    ItemKind::Receipt,
    ItemKind::RoundStatement,
];

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// What this tablet hands over of a unit to whoever carries it: envelopes with their authors' certificates,
    /// revocations, receipts and the round statement, then the record, sealed to the centre, and what is carried sealed
    /// to others; cut into messages that are each accepted on their own. The same record gives the same bytes.
    ///
    /// # Errors
    /// [`TabletError`].
    pub fn hand_over(&self, unit: &UnitCode) -> Result<Vec<Message>, TabletError> {
        let give = self.open_items(unit)?;
        let sealed = self.parcels(unit, &self.centre_reader()?, &[])?;
        Ok(pieces(self.message(unit)?, give.into_iter().chain(sealed)))
    }

    /// As [`Tablet::hand_over`], without the record: only what anybody may see.
    ///
    /// # Errors
    /// [`TabletError`].
    pub fn hand_over_openly(&self, unit: &UnitCode) -> Result<Vec<Message>, TabletError> {
        Ok(pieces(self.message(unit)?, self.open_items(unit)?))
    }

    /// What anybody may see of a unit, in the order in which it is handed over.
    pub(super) fn open_items(&self, unit: &UnitCode) -> Result<Vec<Item>, TabletError> {
        let state = self.state(unit)?;
        let planted = |item: &Item| {
            planted::is(Bug::HandsNamesOn) && item.kind == ItemKind::Sheet
                || planted::is(Bug::RecordHandedInClear) && item.kind == ItemKind::RecordChange
        };
        let give = state.replica.items().into_iter();
        let give = give.filter(|item| OPEN_KINDS.contains(&item.kind) || planted(item));
        let foreign = |item: &Item| {
            planted::is(Bug::CourierKeepsAll) && item.kind == ItemKind::Envelope && self.units().is_empty()
        };
        Ok(give.filter(|item| !foreign(item)).collect())
    }

    /// The sheets of a unit with their replacements, for another tablet of the unit. They hold names.
    ///
    /// # Errors
    /// [`TabletError`].
    pub fn share_sheet(&self, unit: &UnitCode) -> Result<Vec<Message>, TabletError> {
        let state = self.state(unit)?;
        let kinds = [ItemKind::SheetReplacement, ItemKind::Sheet];
        let give = state.replica.items().into_iter().filter(|item| kinds.contains(&item.kind));
        Ok(pieces(self.message(unit)?, give))
    }

    /// A message that only says what is here; of a finished round also by whose word nothing is here any more.
    ///
    /// # Errors
    /// [`TabletError`].
    pub fn have(&self, unit: &UnitCode) -> Result<Message, TabletError> {
        let mut message = self.message(unit)?;
        message.have = Some(self.state(unit).map(|state| state.replica.have()).unwrap_or_default());
        let statements = self.state(unit).map(|state| state.replica.statements().collect::<Vec<_>>());
        // Should both be at their longest, the other side learns what is finished when things are handed over.
        Ok(pieces(message, statements.unwrap_or_default()).swap_remove(0))
    }

    /// Takes a message of another tablet, whatever way it came. Each item is taken, waits or is refused on its own.
    /// If the message says what the other side has, own envelopes among it count as handed over.
    ///
    /// # Errors
    /// [`TabletError::Message`] if it belongs to another round, [`TabletError::UnknownUnit`], or the store's.
    pub fn take(&mut self, message: &Message) -> Result<Taken, TabletError> {
        self.attempt(|tablet| {
            let taken = tablet.take_items(message, Route::Open)?;
            if let Some(have) = &message.have {
                tablet.note_handed(&message.unit, have, None)?;
            }
            Ok(taken)
        })
    }

    /// Takes a message from its bytes.
    ///
    /// # Errors
    /// [`TabletError::Message`] if they are no message, otherwise as [`Tablet::take`].
    pub fn take_bytes(&mut self, bytes: &[u8]) -> Result<Taken, TabletError> {
        let message = cbor::decode(bytes).map_err(|e| TabletError::Message { what: e.to_string() });
        assert!(message.is_ok() || !planted::is(Bug::PanicsOnCut), "only the beginning of a message arrived");
        self.take(&message?)
    }

    /// Takes a message and answers it: with what is here now, and what the other side lacks of it; of the record
    /// sealed to the centre.
    ///
    /// # Errors
    /// As [`Tablet::take`].
    pub fn answer(&mut self, message: &Message) -> Result<(Taken, Vec<Message>), TabletError> {
        let centre = self.centre_reader()?;
        self.answer_sealed(message, &centre)
    }

    pub(super) fn answer_sealed(
        &mut self,
        message: &Message,
        reader: &Reader,
    ) -> Result<(Taken, Vec<Message>), TabletError> {
        let taken = self.take(message)?;
        let mut first = self.have(&message.unit)?;
        first.outcomes.clone_from(&taken.refused);
        first.give.clear();
        let theirs: BTreeSet<EnvelopeId> =
            message.have.iter().flat_map(|have| &have.envelopes).copied().collect();
        let state = self.state(&message.unit)?;
        let lacking: Vec<_> =
            state.replica.envelopes().filter(|envelope| !theirs.contains(&envelope.envelope_id())).collect();
        let authors: BTreeSet<_> = lacking.iter().map(|envelope| envelope.value().device).collect();
        let certificates = authors.iter().flat_map(|author| state.replica.certificates_of(author));
        let envelopes = lacking.iter().map(|envelope| Item::new(ItemKind::Envelope, envelope.bytes()));
        let receipts = state.replica.receipts().map(|receipt| Item::new(ItemKind::Receipt, receipt.bytes()));
        let give = state.replica.statements().chain(certificates).chain(envelopes).chain(receipts);
        let heads = message.have.as_ref().map_or(&[][..], |have| &have.records);
        let give: Vec<Item> = give.chain(self.parcels(&message.unit, reader, heads)?).collect();
        Ok((taken, pieces(first, give)))
    }

    pub(super) fn message(&self, unit: &UnitCode) -> Result<Message, TabletError> {
        Ok(Message::new(self.membership()?.package.hash(), unit.clone()))
    }

    /// Applies and stores items; statements last, when the chain knows of every own envelope among the others.
    pub(super) fn take_items(&mut self, message: &Message, route: Route) -> Result<Taken, TabletError> {
        self.make_room_for(message)?;
        let mut taken = Taken::default();
        let items = (0_u32..).zip(&message.give);
        let (statements, others): (Vec<_>, Vec<_>) = items.partition(|(_, item)| is_statement(item));
        self.take_others(&message.unit, route, &others, &mut taken)?;
        for (place, item) in statements {
            let mut desk = self.desk(&message.unit)?;
            match desk.state.replica.apply(item).0 {
                Applied::New => {
                    taken.new += 1;
                    *taken.kinds.entry(item.kind).or_default() += 1;
                    desk.finish(&message.unit, item)?;
                }
                Applied::AlreadyHere | Applied::Waits => taken.already_here += 1,
                Applied::Refused(outcome) => taken.refused.push((place, outcome)),
            }
        }
        taken.refused.sort_unstable();
        Ok(taken)
    }

    fn take_others(
        &mut self,
        unit: &UnitCode,
        route: Route,
        items: &[(u32, &Item)],
        taken: &mut Taken,
    ) -> Result<(), TabletError> {
        let mut own = 0;
        let mut room = self.room_for(unit)?;
        let mut desk = self.desk(unit)?;
        for (place, item) in items {
            if let Some(outcome) = room.refuses(&desk.state.replica, item) {
                taken.refused.push((*place, outcome));
                continue;
            }
            let before = taken.new;
            own += desk.take_item(unit, route, (*place, item), taken)?;
            if taken.new > before {
                room.takes(item);
            }
        }
        // A tablet that was restored from an old copy gets its own later envelopes back this way.
        if own > 0 && self.units().contains(unit) {
            self.desk(unit)?.put_right(unit)?;
        }
        Ok(())
    }

    /// A replica for a unit that is carried for the first time.
    fn make_room_for(&mut self, message: &Message) -> Result<(), TabletError> {
        let round = self.round.as_mut().ok_or(TabletError::NotEnrolled)?;
        if message.package != round.package.hash() {
            return Err(TabletError::Message { what: "it belongs to another round".to_owned() });
        }
        if !round.units.contains_key(&message.unit) {
            let state = new_state(&round.package, &round.certificate, &message.unit)?;
            round.units.insert(message.unit.clone(), state);
        }
        Ok(())
    }
}
