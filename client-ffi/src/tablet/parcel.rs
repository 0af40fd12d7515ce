//! Handing over by file, or by anything else that carries bytes one way: export, import, and the word that comes back.
//!
//! Exporting deletes nothing and marks nothing: a stick may be pulled out or lost. That something
//! arrived is known from a receipt of the centre, or from an acknowledgement that the taker signs.

use super::carry::Route;
use super::{Tablet, Taken};
use crate::error::TabletError;
use crate::store::Store;
use crate::values::item_key;
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use sync_core::cose::{Signed, Unverified};
use sync_core::id::{DeviceId, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome};
use sync_core::parcel::{Acknowledgement, Condition, Header, Packer, Parcel, Piece, Recipient};
use sync_core::planted::{self, Bug};

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Who made the parcel, as it says, and that device's name, if it is known here.
    pub from: (DeviceId, Option<String>),
    /// For whom it was made.
    pub recipient: Recipient,
    /// How whole it was. What was whole is taken all the same.
    pub condition: Condition,
    /// Parts that could not be read, each by itself.
    pub unreadable: usize,
    /// Per unit what became of its items.
    pub units: BTreeMap<UnitCode, UnitImport>,
    /// Boxes whose tablets lost their keys. Only the office takes them: bring it this very file.
    pub orphans: usize,
    /// Devices that acknowledged what they hold of this tablet's.
    pub acknowledged: Vec<DeviceId>,
}

/// What an import did to one unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitImport {
    /// Envelopes that are new here.
    pub envelopes: usize,
    /// Receipts that are new here.
    pub receipts: usize,
    /// Whether the round statement is new here.
    pub finished: bool,
    /// Items that are new here, with the above.
    pub new: usize,
    /// Items that were here already, which is success.
    pub already_here: usize,
    /// Items that wait for something they need.
    pub waiting: usize,
    /// Envelopes of the unit that will be held, as far as this tablet can know, and that were not before.
    pub held: usize,
    /// Items that were refused, with the reason.
    pub refused: Vec<(ItemKind, Outcome)>,
}

impl ImportReport {
    /// Whether nothing in it was new: a second copy, or one that came late.
    pub fn brought_nothing(&self) -> bool {
        self.acknowledged.is_empty() && self.units.values().all(|unit| unit.new == 0)
    }
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Everything that this device hands over, as one parcel. For a tablet that it does not know as one of a unit, that
    /// unit's record is sealed to the centre. The same state gives the same bytes.
    ///
    /// # Errors
    /// [`TabletError::NotEnrolled`], or the store's.
    pub fn export(&mut self, recipient: Recipient) -> Result<Vec<u8>, TabletError> {
        self.attempt(|tablet| {
            let mut packer = Packer::new(&tablet.parcel_header(recipient)?);
            for unit in tablet.held_units() {
                let messages = match recipient {
                    Recipient::Anyone => tablet.hand_over_openly(&unit)?,
                    Recipient::Centre => tablet.hand_over(&unit)?,
                    Recipient::Tablet(device) => match tablet.hand_over_to(&unit, &device) {
                        Err(TabletError::UnknownTablet(..)) => tablet.hand_over(&unit)?,
                        other => other?,
                    },
                };
                for message in messages.iter().filter(|message| !message.give.is_empty()) {
                    packer.message(message);
                    let given = message.give.iter().filter(|item| item.kind == ItemKind::Envelope);
                    let forgets = planted::is(Bug::DeletesHandedOn) && tablet.units().is_empty();
                    for item in given.filter(|_| forgets) {
                        tablet.store.destroy(&item_key(&unit, item))?;
                    }
                }
            }
            Ok(packer.finish())
        })
    }

    /// What this device holds of every unit, signed, for those who handed it over: with it they know that their
    /// envelopes are on another device, and on which.
    ///
    /// # Errors
    /// [`TabletError::NotEnrolled`], or the store's.
    pub fn acknowledge(&mut self) -> Result<Vec<u8>, TabletError> {
        self.attempt(|tablet| {
            let mut packer = Packer::new(&tablet.parcel_header(Recipient::Anyone)?);
            for unit in tablet.held_units() {
                let identity = tablet.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
                let round = tablet.membership()?;
                let said = Acknowledgement {
                    package: round.package.hash(),
                    certificate: round.certificate.bytes().to_vec(),
                    envelopes: tablet.state(&unit)?.replica.have().envelopes,
                    unit,
                };
                packer.acknowledgement(Signed::sign(said, &identity.sign).bytes());
            }
            Ok(packer.finish())
        })
    }

    /// Takes a parcel, for whomever it was made: what is for others is carried on. Each part is taken by itself, so of a
    /// torn copy everything before the tear is here afterwards. The same parcel again is success.
    ///
    /// # Errors
    /// [`TabletError::Parcel`] if it is none, [`TabletError::OtherRound`], or the store's.
    pub fn import(&mut self, bytes: &[u8]) -> Result<ImportReport, TabletError> {
        let parcel = Parcel::read(bytes)?;
        self.attempt(|tablet| tablet.import_parcel(&parcel))
    }

    fn import_parcel(&mut self, parcel: &Parcel<'_>) -> Result<ImportReport, TabletError> {
        let Header { from, recipient, package, title, .. } = &parcel.header;
        let round = self.membership()?;
        if *package != round.package.hash() && !planted::is(Bug::ReadsForeignParcels) {
            let own = round.package.value().title.clone();
            return Err(TabletError::OtherRound { title: title.clone(), own });
        }
        let mut report = ImportReport {
            from: (*from, None),
            recipient: *recipient,
            condition: parcel.condition,
            unreadable: 0,
            orphans: 0,
            units: BTreeMap::new(),
            acknowledged: Vec::new(),
        };
        for piece in parcel.pieces() {
            match piece {
                Ok(Piece::Message(message)) => self.import_message(&message, &mut report)?,
                Ok(Piece::Acknowledgement(request)) => match self.acknowledged(&request)? {
                    Some(device) if !report.acknowledged.contains(&device) => {
                        report.acknowledged.push(device);
                    }
                    Some(_) => {}
                    None => report.unreadable += 1,
                },
                Ok(Piece::Orphan(_)) => report.orphans += 1,
                Err(_) => report.unreadable += 1,
            }
        }
        report.from.1 = self.label_of(from);
        Ok(report)
    }

    fn import_message(&mut self, message: &Message, report: &mut ImportReport) -> Result<(), TabletError> {
        let before = self.held_count(&message.unit);
        let taken = match self.take_items(message, Route::Open) {
            Ok(taken) => taken,
            // A message of another round, or of a unit that this one does not have, does not hold back the next.
            Err(TabletError::Message { .. } | TabletError::UnknownUnit(_)) => {
                report.unreadable += 1;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let Taken { new, already_here, waiting, refused, kinds } = taken;
        let held = self.held_count(&message.unit).saturating_sub(before);
        let unit = report.units.entry(message.unit.clone()).or_default();
        let of_kind = |kind| kinds.get(&kind).copied().unwrap_or(0);
        unit.envelopes += of_kind(ItemKind::Envelope);
        unit.receipts += of_kind(ItemKind::Receipt);
        unit.finished |= of_kind(ItemKind::RoundStatement) > 0;
        unit.new += new;
        unit.already_here += already_here;
        unit.waiting += waiting;
        unit.held += held;
        for (place, outcome) in refused {
            let item = usize::try_from(place).ok().and_then(|place| message.give.get(place));
            unit.refused.extend(item.map(|item| (item.kind, outcome)));
        }
        Ok(())
    }

    /// Takes somebody's word of what they hold, if it is signed by a device that the centre certified for this round. A
    /// device that is known to be revoked reassures nobody.
    fn acknowledged(&mut self, signed: &[u8]) -> Result<Option<DeviceId>, TabletError> {
        let Ok(said) = Unverified::<Acknowledgement>::decode(signed) else { return Ok(None) };
        let package = &self.membership()?.package;
        let (hash, centre) = (package.hash(), package.value().centre.sign);
        let Ok((said, certificate)) = said.check(&hash, &centre) else { return Ok(None) };
        let device = certificate.value().device();
        let Acknowledgement { unit, envelopes, .. } = said.value().clone();
        let Ok(state) = self.state(&unit) else {
            // About a unit that is not here: nothing of ours can be among it.
            return Ok(Some(device));
        };
        if state.replica.revoked().contains(&device) {
            return Ok(None);
        }
        self.note_handed(&unit, &Have { envelopes, records: Vec::new() }, Some(device))?;
        let item = Item::new(ItemKind::Certificate, certificate.bytes());
        let known = Message { give: vec![item], ..Message::new(hash, unit) };
        self.take_items(&known, Route::Open)?;
        Ok(Some(device))
    }

    fn parcel_header(&self, recipient: Recipient) -> Result<Header, TabletError> {
        let package = &self.membership()?.package;
        Ok(Header {
            package: package.hash(),
            title: package.value().title.clone(),
            mode: package.value().mode,
            from: self.device().ok_or(TabletError::NotEnrolled)?,
            recipient,
        })
    }

    fn held_count(&self, unit: &UnitCode) -> usize {
        self.state(unit).map_or(0, |state| state.replica.survey().held.len())
    }

    /// The name of a device, if its certificate is here in any unit.
    pub(super) fn label_of(&self, device: &DeviceId) -> Option<String> {
        let units = self.round.iter().flat_map(|round| round.units.values());
        let mut known = units.flat_map(|state| state.replica.certificates()).map(|signed| signed.value());
        known.find(|certificate| certificate.device() == *device).map(|found| found.label.clone())
    }
}
