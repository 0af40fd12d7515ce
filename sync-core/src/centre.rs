//! The centre's admission, pure: who delivers, what becomes of each item of a request, and what the answer says.
//!
//! The host decodes a [`Request`], asks [`Admission::sender`] who sent it, judges each item, stores what is admitted
//! durably, and only then signs a receipt and fills an [`Answer`]. The server does so around its write transaction;
//! the simulator drives the same code over memory. *Store
//! first, judge later*: what is well formed, belongs here and is signed by a certified device is stored; whether it
//! counts is read from the set afterwards ([`crate::survey`]).

mod adopt;

use crate::cose::{PublicKey, SecretKey, Signed, SignedKind, Unverified};
use crate::device::{Certificate, Scope, SignedCertificate};
use crate::envelope::{Envelope, SignedEnvelope};
use crate::id::{DeviceId, EnvelopeId, PackageHash, UnitCode};
use crate::message::{Have, ITEMS_MAX, Item, ItemKind, MESSAGE_MAX, Message, Outcome, Request};
use crate::package::CentreKeys;
use crate::planted::{self, Bug};
use crate::receipt::{Holdings, Receipt, RoundStatement};
use crate::record::{RecordChange, SealedChanges, SignedChange};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Most envelopes one device may store for one unit, clones included; more is refused as [`Outcome::TooMany`].
pub const ENVELOPES_PER_DEVICE_MAX: u32 = crate::envelope::NUMBER_MAX;

/// Most envelopes of one unit, so that they can be named in one signed list.
pub const ENVELOPES_PER_UNIT_MAX: u32 = 4_096;
const _: () = assert!(ENVELOPES_PER_UNIT_MAX as usize <= crate::receipt::IDS_MAX);

/// What the centre knows when it admits: one package, one unit.
#[derive(Debug, Clone, Copy)]
pub struct Admission<'a> {
    /// The package of the round.
    pub package: &'a PackageHash,
    /// The unit the request is about.
    pub unit: &'a UnitCode,
    /// The centre's own keys, as the package names them.
    pub centre: &'a CentreKeys,
}

/// Looks up the public key of a certified device of this package.
pub trait Certificates {
    /// The key, if the device has a certificate here.
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey>;

    /// Whether these very bytes were judged good before, as far as somebody remembers. Couriers bring the same record
    /// changes again and again, and checking a signature takes longer than all the rest.
    fn was_checked(&self, bytes: &[u8]) -> bool {
        let _ = bytes;
        false
    }
}

/// Most objects that are remembered as checked: some megabytes.
const CHECKED_MAX: usize = 32 * 1024;

/// Signed objects that were checked, by the hash of their bytes; of too many the older half is forgotten. A signature
/// stays good whatever happens to what is stored, so this may outlive any transaction and any restore.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    newer: BTreeSet<[u8; 32]>,
    older: BTreeSet<[u8; 32]>,
}

impl Checked {
    /// Whether these very bytes are remembered.
    pub fn knows(&self, bytes: &[u8]) -> bool {
        let hash = crate::id::sha256(&[bytes]);
        self.newer.contains(&hash) || self.older.contains(&hash)
    }

    /// Remembers an object.
    pub fn note<T: SignedKind>(&mut self, object: &Signed<T>) {
        if self.newer.len() >= CHECKED_MAX / 2 {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(crate::id::sha256(&[object.bytes()]));
    }
}

/// An item that is to be stored.
#[derive(Debug, Clone)]
pub enum Admitted {
    /// An envelope. If its id is stored already, that is success.
    Envelope(SignedEnvelope),
    /// A certificate of ours that a backup had lost.
    Certificate(SignedCertificate),
    /// A change of the unit's record. Whether it follows on the writer's change before is for the record to say.
    Change(SignedChange),
    /// Changes of the unit's record that are sealed to us: to be opened, and each judged by itself.
    Sealed(SealedChanges),
    /// Changes sealed to somebody else: kept for that reader. They are nobody's word, so they get no receipt.
    Carried(SealedChanges),
    /// Something the centre itself issued and needs no copy of.
    Nothing,
}

/// Who delivers a request. The deliverer need not be the author of anything in it.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The device.
    pub device: DeviceId,
    /// What it is certified for.
    pub scope: Scope,
    /// Its certificate, if it was sent along because the centre did not know the device: to be stored.
    pub certificate: Option<SignedCertificate>,
}

/// Why nobody is taken for the sender of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SenderError {
    /// No certificate is known here, and none of ours came along.
    #[error("the centre does not know this device; send its certificate along")]
    UnknownDevice,
    /// The request is not signed by that device.
    #[error("the request is not signed by the device it names")]
    BadSignature,
}

/// Why a whole message is refused before its items are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HandshakeError {
    /// Another round, or another version of it.
    #[error("this message belongs to another round package")]
    OtherPackage,
    /// No such unit in the round.
    #[error("this unit is not in the round")]
    UnknownUnit,
}

/// Checks that a message is about this world at all.
///
/// # Errors
/// [`HandshakeError`].
pub fn handshake(
    message: &Message,
    package: &PackageHash,
    known_unit: impl FnOnce(&UnitCode) -> bool,
) -> Result<(), HandshakeError> {
    if message.package != *package {
        return Err(HandshakeError::OtherPackage);
    }
    if known_unit(&message.unit) { Ok(()) } else { Err(HandshakeError::UnknownUnit) }
}

impl Admission<'_> {
    /// Who sent a request, by what is known of the device it names, or by the certificate that came along.
    ///
    /// # Errors
    /// [`SenderError`].
    pub fn sender(
        &self,
        request: Unverified<Request>,
        known: Option<(PublicKey, Scope)>,
    ) -> Result<Sender, SenderError> {
        let device = request.claim().device;
        let (key, scope, certificate) = match known {
            Some((key, scope)) => (key, scope, None),
            None => {
                let attached = request.claim().certificate.as_deref();
                let attached =
                    attached.and_then(|bytes| SignedCertificate::open(bytes, &self.centre.sign).ok());
                let attached = attached
                    .filter(|c| c.value().device() == device && c.value().package == *self.package)
                    .ok_or(SenderError::UnknownDevice)?;
                (attached.value().sign, attached.value().scope.clone(), Some(attached))
            }
        };
        request.verify(&key).map_err(|_| SenderError::BadSignature)?;
        Ok(Sender { device, scope, certificate })
    }

    /// Keys of the devices whose certificates a message brings along.
    pub fn certified_in(&self, message: &Message) -> BTreeMap<DeviceId, PublicKey> {
        let certificates = message.give.iter().filter(|item| item.kind == ItemKind::Certificate);
        let certificates = certificates.filter_map(|item| self.judge_certificate(&item.bytes).ok());
        certificates.map(|c| (c.value().device(), c.value().sign)).collect()
    }

    /// Judges one item.
    ///
    /// # Errors
    /// The [`Outcome`] to report: it waits or is refused, and changes nothing.
    pub fn judge(&self, item: &Item, certificates: &impl Certificates) -> Result<Admitted, Outcome> {
        match item.kind {
            ItemKind::Envelope => self.judge_envelope(&item.bytes, certificates).map(Admitted::Envelope),
            ItemKind::Certificate => self.judge_certificate(&item.bytes).map(Admitted::Certificate),
            ItemKind::Package
            | ItemKind::Sheet
            | ItemKind::SheetReplacement
            | ItemKind::Revocation
            | ItemKind::Receipt
            | ItemKind::RoundStatement => Ok(Admitted::Nothing),
            ItemKind::RecordChange => self.judge_change(&item.bytes, certificates).map(Admitted::Change),
            ItemKind::SealedRecordChange => self.judge_sealed(&item.bytes),
        }
    }

    /// Judges a change of the record by form, belonging and signature.
    ///
    /// # Errors
    /// The [`Outcome`] to report.
    pub fn judge_change(
        &self,
        bytes: &[u8],
        certificates: &impl Certificates,
    ) -> Result<SignedChange, Outcome> {
        let object = Unverified::<RecordChange>::decode(bytes).map_err(|error| Outcome::from(&error))?;
        if object.claim().package != *self.package {
            return Err(Outcome::OtherPackage);
        }
        if object.claim().unit != *self.unit {
            return Err(Outcome::OtherUnit);
        }
        let key = self.key_of(&object.claim().actor.device(), certificates);
        let key = key.ok_or(Outcome::WaitsForCertificate)?;
        if certificates.was_checked(bytes) {
            return Ok(object.from_own_store());
        }
        object.verify(&key).map_err(|_| Outcome::BadSignature)
    }

    /// The key of an author. What we wrote ourselves comes back after a restore.
    fn key_of(&self, device: &DeviceId, certificates: &impl Certificates) -> Option<PublicKey> {
        let own = (*device == self.centre.device()).then_some(self.centre.sign);
        own.or_else(|| certificates.key_of(device))
    }

    fn judge_sealed(&self, bytes: &[u8]) -> Result<Admitted, Outcome> {
        let sealed: SealedChanges = crate::cbor::decode(bytes).map_err(|error| Outcome::from(&error))?;
        if sealed.package != *self.package {
            return Err(Outcome::OtherPackage);
        }
        if sealed.unit != *self.unit {
            return Err(Outcome::OtherUnit);
        }
        if sealed.reader == self.centre.device() {
            Ok(Admitted::Sealed(sealed))
        } else {
            Ok(Admitted::Carried(sealed))
        }
    }

    fn judge_envelope(
        &self,
        bytes: &[u8],
        certificates: &impl Certificates,
    ) -> Result<SignedEnvelope, Outcome> {
        let object = Unverified::<Envelope>::decode(bytes).map_err(|error| Outcome::from(&error))?;
        if object.claim().package != *self.package {
            return Err(Outcome::OtherPackage);
        }
        if object.claim().unit != *self.unit && !planted::is(Bug::SkipsUnitCheck) {
            return Err(Outcome::OtherUnit);
        }
        let key = self.key_of(&object.claim().device, certificates).ok_or(Outcome::WaitsForCertificate)?;
        object.verify(&key).map_err(|_| Outcome::BadSignature)
    }

    fn judge_certificate(&self, bytes: &[u8]) -> Result<SignedCertificate, Outcome> {
        let object = Unverified::<Certificate>::decode(bytes).map_err(|error| Outcome::from(&error))?;
        if object.claim().package != *self.package {
            return Err(Outcome::OtherPackage);
        }
        object.verify(&self.centre.sign).map_err(|_| Outcome::BadSignature)
    }

    /// The receipt for envelopes that are durably stored now; `None` if there are none.
    pub fn receipt(&self, stored: &[EnvelopeId], key: &SecretKey) -> Option<Signed<Receipt>> {
        let envelopes = ascending(stored);
        let (package, unit) = (*self.package, self.unit.clone());
        (!envelopes.is_empty()).then(|| Signed::sign(Receipt { package, unit, envelopes }, key))
    }

    /// The signed list of everything held for the unit.
    pub fn holdings(&self, held: &[EnvelopeId], key: &SecretKey) -> Signed<Holdings> {
        let (package, unit) = (*self.package, self.unit.clone());
        Signed::sign(Holdings { package, unit, envelopes: ascending(held) }, key)
    }

    /// The statement with which the round is finished for the unit; [`crate::finish`] says when, and what it lists.
    pub fn statement(&self, listed: &[EnvelopeId], key: &SecretKey) -> Signed<RoundStatement> {
        let (package, unit) = (*self.package, self.unit.clone());
        Signed::sign(RoundStatement { package, unit, envelopes: ascending(listed) }, key)
    }

    /// An answer that says what the centre holds, gives the receipt and, once the round is finished, the unit's
    /// statement, to whoever asks; and that tells what became of items that were not simply stored. What the asker
    /// lacks is added to it.
    pub fn answer(
        &self,
        held: Have,
        receipt: Option<&Signed<Receipt>>,
        statement: Option<&Signed<RoundStatement>>,
        outcomes: Vec<(u32, Outcome)>,
    ) -> Answer {
        let mut message = Message::new(*self.package, self.unit.clone());
        message.give.extend(receipt.map(|signed| Item::new(ItemKind::Receipt, signed.bytes())));
        message.give.extend(statement.map(|signed| Item::new(ItemKind::RoundStatement, signed.bytes())));
        message.outcomes = outcomes;
        let mut envelopes = ascending(&held.envelopes);
        // Heads of records go first: they are few, and nothing else tells what of the record is here.
        message.have = Some(Have { envelopes: Vec::new(), records: held.records });
        // The longest statement and the longest list do not fit into one message together. What `have` leaves out is
        // given again, which does no harm; a statement that never arrived would.
        let room = (MESSAGE_MAX - 1024).saturating_sub(crate::cbor::encode(&message).len());
        envelopes.truncate((room / 32).min(crate::receipt::IDS_MAX));
        if let Some(have) = &mut message.have {
            have.envelopes = envelopes;
        }
        Answer::new(message)
    }
}

/// Envelopes of a unit that an asker lacks. What a statement lists nobody needs any more.
pub fn lacking(held: &[EnvelopeId], have: &Have, statement: Option<&RoundStatement>) -> Vec<EnvelopeId> {
    let there = |ids: &[EnvelopeId], id| ids.binary_search(id).is_ok();
    let listed = |id| statement.is_some_and(|statement| there(&statement.envelopes, id));
    held.iter().filter(|id| !there(&have.envelopes, id) && !listed(id)).copied().collect()
}

/// The devices that wrote the envelopes and record changes of a message, as they claim.
pub fn authors(message: &Message) -> BTreeSet<DeviceId> {
    message.give.iter().filter_map(author).collect()
}

/// The device that wrote an envelope or a record change, as it claims; nothing for every other item.
pub fn author(item: &Item) -> Option<DeviceId> {
    match item.kind {
        ItemKind::Envelope => Some(Unverified::<Envelope>::decode(&item.bytes).ok()?.claim().device),
        ItemKind::RecordChange => {
            Some(Unverified::<RecordChange>::decode(&item.bytes).ok()?.claim().actor.device())
        }
        _ => None,
    }
}

/// Whether a device gets sheets and envelopes of a unit. Those who only deliver, and devices that are revoked, get
/// receipts and revocations alone.
pub fn may_fetch(scope: &Scope, unit: &UnitCode, revoked: bool) -> bool {
    (scope.covers(unit) || planted::is(Bug::GivesToCouriers)) && !revoked
}

/// An answer under way. What does not fit any more is left out: the asker sees in `have` that there is more, and asks
/// again.
#[derive(Debug)]
pub struct Answer {
    message: Message,
    room: usize,
    /// What the asker wants it to be limited to.
    asked: Option<usize>,
    /// Whether it holds something of which the asker sees in the next `have` that it came.
    began: bool,
}

impl Answer {
    fn new(message: Message) -> Self {
        let taken = crate::cbor::encode(&message).len();
        // The heads of lists may grow while items are added.
        let room = (MESSAGE_MAX - 1024).saturating_sub(taken);
        Self { message, room, asked: None, began: false }
    }

    /// Limits what is given from now on to about so many bytes, for an asker on a bad link. One envelope, record change
    /// or sheet is given in any case, with what it needs, so that whoever asks again and again gets everything.
    pub fn limit(&mut self, bytes: usize) {
        self.asked = Some(bytes);
    }

    /// Adds an item; `false` if there is no room for it.
    pub fn give(&mut self, item: Item) -> bool {
        // The head of an item takes at most 8 bytes.
        let cost = item.bytes.len() + 8;
        if self.asked.is_some_and(|left| self.began && cost > left) {
            // Nothing smaller may slip in behind it: it might need what was left out.
            self.asked = Some(0);
            return false;
        }
        let fits = cost <= self.room && self.message.give.len() < ITEMS_MAX;
        if fits {
            self.room -= cost;
            self.asked = self.asked.map(|left| left.saturating_sub(cost));
            self.began |= matches!(item.kind, ItemKind::Sheet | ItemKind::Envelope | ItemKind::RecordChange);
            self.message.give.push(item);
        }
        fits
    }

    /// The message.
    pub fn finish(self) -> Message {
        self.message
    }
}

fn ascending(ids: &[EnvelopeId]) -> Vec<EnvelopeId> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}
