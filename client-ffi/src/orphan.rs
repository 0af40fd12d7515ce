//! Saving what is on a tablet whose device key is gone: a store that [`crate::Tablet`] refuses to go on with.
//!
//! Without its key a tablet can seal nothing any more, and under a new one it would be another device. So its envelopes
//! leave as they are, and the ballots in its box leave unsigned, with the story of what happened. The office holds them
//! until two people have decided. Nothing of the store is changed.

use crate::error::TabletError;
use crate::store::{Key, Store, StoreError};
use crate::tablet::OPEN_KINDS;
use crate::values::{
    BoxCipher, Identity, box_cipher_key, box_key, certificate_key, identity_key, item_of, load, package_key,
};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use sync_core::cbor;
use sync_core::cose::{Signed, Unverified};
use sync_core::device::SignedCertificate;
use sync_core::envelope::Envelope;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::message::{Item, ItemKind, Message, pieces};
use sync_core::open_box::OpenBox;
use sync_core::package::Package;
use sync_core::parcel::{Header, OrphanBox, Packer, Recipient, STORY_MAX};
use sync_core::record::{Reader, RecordChange, SealedChanges};

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// A parcel for the office.
    pub parcel: Vec<u8>,
    /// Sealed envelopes in it.
    pub envelopes: usize,
    /// Ballots from boxes in it, which nobody signed for.
    pub ballots: usize,
    /// Stored values that could not be read. Keep the tablet: somebody else may still read them.
    pub lost: Vec<String>,
}

/// Saves everything on a store whose device key is gone or damaged. `story` says what happened, for those who decide.
/// The same store and story give the same ballots again, and the centre takes each once.
///
/// # Errors
/// [`TabletError::NotOrphaned`] if the tablet can sign, [`TabletError::NotEnrolled`] if not even its round is readable,
/// [`TabletError::Story`] without a story, or the store's.
pub fn export(store: &impl Store, story: &str) -> Result<Saved, TabletError> {
    export_with(store, story, &mut rand_core::UnwrapErr(getrandom::SysRng))
}

/// As [`export`], with another source of randomness.
///
/// # Errors
/// As [`export`].
pub fn export_with(store: &impl Store, story: &str, rng: &mut impl CryptoRng) -> Result<Saved, TabletError> {
    let story = story.trim();
    if story.is_empty() || story.len() > STORY_MAX || story.chars().any(char::is_control) {
        return Err(TabletError::Story { found: story.len() });
    }
    let package = readable(store, &package_key())?.and_then(|bytes| Package::open(&bytes).ok());
    let package = package.ok_or(TabletError::NotEnrolled)?;
    let certificate = readable(store, &certificate_key())?;
    let certificate =
        certificate.and_then(|bytes| SignedCertificate::open(&bytes, &package.value().centre.sign).ok());
    let device = certificate.as_ref().map(|certificate| certificate.value().device());
    let identity = load::<Identity>(store, &identity_key()).ok().flatten();
    if identity.is_some_and(|identity| device.is_none_or(|device| identity.device() == device)) {
        return Err(TabletError::NotOrphaned);
    }
    let mut wreck = Wreck { store, package: &package, device, lost: Vec::new() };
    let mut packer = Packer::new(&Header {
        package: package.hash(),
        title: package.value().title.clone(),
        mode: package.value().mode,
        from: device.unwrap_or(DeviceId([0; 16])),
        recipient: Recipient::Centre,
    });
    let (mut envelopes, mut ballots) = (0, 0);
    for (unit, items) in wreck.items(certificate.as_ref())? {
        envelopes += items.iter().filter(|item| item.kind == ItemKind::Envelope).count();
        let give = wreck.to_give(&unit, &items, rng);
        for message in pieces(Message::new(package.hash(), unit.clone()), give) {
            packer.message(&message);
        }
        for orphan in wreck.orphans(&unit, &items, story)? {
            ballots += orphan.ballots.len();
            packer.orphan(&orphan);
        }
    }
    Ok(Saved { parcel: packer.finish(), envelopes, ballots, lost: wreck.lost })
}

/// A store that no tablet can go on with.
struct Wreck<'a, S> {
    store: &'a S,
    package: &'a Signed<Package>,
    device: Option<DeviceId>,
    lost: Vec<String>,
}

impl<S: Store> Wreck<'_, S> {
    /// What can be read of the items of every unit, and of every unit with a box.
    fn items(
        &mut self,
        certificate: Option<&SignedCertificate>,
    ) -> Result<BTreeMap<UnitCode, Vec<Item>>, TabletError> {
        let mut found: BTreeMap<UnitCode, Vec<Item>> = BTreeMap::new();
        for key in self.store.keys()? {
            match key.parts().as_slice() {
                ["box", unit] => {
                    found.extend(
                        UnitCode::new(unit)
                            .ok()
                            .filter(|unit| !found.contains_key(unit))
                            .map(|unit| (unit, Vec::new())),
                    );
                }
                ["item", ..] => match readable(self.store, &key)?.and_then(|bytes| item_of(&key, bytes)) {
                    Some((unit, item)) => found.entry(unit).or_default().push(item),
                    None => self.lost.push(key.to_string()),
                },
                _ => {}
            }
        }
        let own = certificate.map(|certificate| Item::new(ItemKind::Certificate, certificate.bytes()));
        for items in found.values_mut() {
            items.extend(own.clone());
            items.sort_by(|a, b| (a.kind, &a.bytes).cmp(&(b.kind, &b.bytes)));
            items.dedup();
        }
        Ok(found)
    }

    /// What leaves as it is, and the record, which holds names, sealed to the centre.
    fn to_give(&self, unit: &UnitCode, items: &[Item], rng: &mut impl CryptoRng) -> Vec<Item> {
        let leaves = |kind| OPEN_KINDS.contains(&kind) || kind == ItemKind::SealedRecordChange;
        let mut give: Vec<Item> = items.iter().filter(|item| leaves(item.kind)).cloned().collect();
        let centre = &self.package.value().centre;
        let reader = Reader { device: centre.device(), seal: centre.seal };
        let mut changes: Vec<(u32, Vec<u8>)> = Vec::new();
        for item in items.iter().filter(|item| item.kind == ItemKind::RecordChange) {
            if let Ok(change) = Unverified::<RecordChange>::decode(&item.bytes) {
                changes.push((change.claim().sequence, item.bytes.clone()));
            }
        }
        // Each after the one it follows on.
        changes.sort_unstable();
        for list in SealedChanges::cut(changes.into_iter().map(|(_, bytes)| bytes)) {
            if let Ok(sealed) = SealedChanges::seal(&self.package.hash(), unit, &reader, list, rng) {
                give.push(Item::new(ItemKind::SealedRecordChange, cbor::encode(&sealed)));
            }
        }
        give
    }

    /// The ballots in a unit's box that no envelope here holds.
    fn orphans(
        &mut self,
        unit: &UnitCode,
        items: &[Item],
        story: &str,
    ) -> Result<Vec<OrphanBox>, TabletError> {
        let Some(open_box) = self.open_box(unit)? else { return Ok(Vec::new()) };
        let envelopes = items.iter().filter(|item| item.kind == ItemKind::Envelope);
        let envelopes = envelopes.filter_map(|item| Unverified::<Envelope>::decode(&item.bytes).ok());
        let rest = envelopes.fold(open_box, |rest, envelope| rest.without(&envelope.claim().ballots));
        let orphan = |ballots| OrphanBox {
            package: self.package.hash(),
            unit: unit.clone(),
            device: self.device,
            sheet: rest.sheet(),
            ballots,
            story: story.to_owned(),
        };
        Ok(rest.all_batches().into_iter().map(orphan).collect())
    }

    fn open_box(&mut self, unit: &UnitCode) -> Result<Option<OpenBox>, TabletError> {
        let key = box_key(unit);
        if self.store.get(&key).is_ok_and(|bytes| bytes.is_none()) {
            return Ok(None);
        }
        let read = match BoxCipher::load(self.store, &box_cipher_key(unit)) {
            Ok(Some(cipher)) => cipher.read::<OpenBox>(self.store, &key, unit),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        match read {
            Ok(Some(open_box)) if open_box.unit() == unit => return Ok(Some(open_box)),
            Ok(_) | Err(TabletError::Damaged { .. } | TabletError::Store(StoreError::Damaged { .. })) => {}
            Err(error) => return Err(error),
        }
        self.lost.push(key.to_string());
        Ok(None)
    }
}

/// A value as far as it can be read.
fn readable(store: &impl Store, key: &Key) -> Result<Option<Vec<u8>>, TabletError> {
    match store.get(key) {
        Err(StoreError::Damaged { .. }) => Ok(None),
        other => Ok(other?),
    }
}
