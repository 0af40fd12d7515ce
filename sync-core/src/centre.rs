//! The centre's admission, pure: what becomes of each item of a request, and what the answer says.
//!
//! The server executes it inside its write transaction; the simulator drives the same code over memory. *Store
//! first, judge later*: what is well formed, belongs here and is signed by a certified device is stored; whether it
//! counts is read from the set afterwards ([`crate::survey`]).

use crate::cose::{PublicKey, SecretKey, Signed, Unverified};
use crate::device::{Certificate, SignedCertificate};
use crate::envelope::{Envelope, SignedEnvelope};
use crate::id::{DeviceId, EnvelopeId, PackageHash, UnitCode};
use crate::message::{Have, Item, ItemKind, Message, Outcome};
use crate::receipt::{Holdings, Receipt};
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
    /// The centre's own key, which signs certificates.
    pub centre: &'a PublicKey,
}

/// Looks up the public key of a certified device of this package.
pub trait Certificates {
    /// The key, if the device has a certificate here.
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey>;
}

/// An item that is to be stored.
#[derive(Debug, Clone)]
pub enum Admitted {
    /// An envelope. If its id is stored already, that is success.
    Envelope(SignedEnvelope),
    /// A certificate of ours that a backup had lost.
    Certificate(SignedCertificate),
    /// Something the centre itself issued and needs no copy of.
    Nothing,
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
            ItemKind::RecordChange | ItemKind::SealedRecordChange => Err(Outcome::NotTaken),
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
        if object.claim().unit != *self.unit {
            return Err(Outcome::OtherUnit);
        }
        let key = certificates.key_of(&object.claim().device).ok_or(Outcome::WaitsForCertificate)?;
        object.verify(&key).map_err(|_| Outcome::BadSignature)
    }

    fn judge_certificate(&self, bytes: &[u8]) -> Result<SignedCertificate, Outcome> {
        let object = Unverified::<Certificate>::decode(bytes).map_err(|error| Outcome::from(&error))?;
        if object.claim().package != *self.package {
            return Err(Outcome::OtherPackage);
        }
        object.verify(self.centre).map_err(|_| Outcome::BadSignature)
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

    /// The answer's frame: what the centre holds, the receipt, and what became of items not simply stored.
    pub fn answer(
        &self,
        held: &[EnvelopeId],
        receipt: Option<&Signed<Receipt>>,
        outcomes: Vec<(u32, Outcome)>,
    ) -> Message {
        let mut message = Message::new(*self.package, self.unit.clone());
        let mut envelopes = ascending(held);
        envelopes.truncate(crate::receipt::IDS_MAX);
        message.have = Some(Have { envelopes, records: Vec::new() });
        message.give.extend(receipt.map(|signed| Item::new(ItemKind::Receipt, signed.bytes())));
        message.outcomes = outcomes;
        message
    }
}

fn ascending(ids: &[EnvelopeId]) -> Vec<EnvelopeId> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}
