//! One sync request: who delivers it, what of it is stored, what the answer gives.

use super::writer::{Write, Written};
use super::{Centre, Certified, SignedRound};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::store::envelopes::Stored;
use crate::store::{Db, devices, envelopes, rounds, units};
use std::collections::BTreeSet;
use std::sync::Arc;
use sync_core::cbor::{self, FormatError};
use sync_core::centre::{Admission, Admitted, Certificates, HandshakeError, handshake};
use sync_core::cose::{PublicKey, Unverified};
use sync_core::device::{Certificate, Scope, SignedCertificate};
use sync_core::envelope::{Envelope, SignedEnvelope};
use sync_core::id::{DeviceId, EnvelopeId, PackageHash, RoundId, UnitCode};
use sync_core::message::{Item, ItemKind, MESSAGE_MAX, Message, Outcome, Request, accept_certificate};

/// A request whose sender is known.
struct Delivered {
    round: Arc<SignedRound>,
    device: DeviceId,
    scope: Scope,
    certificate: Option<SignedCertificate>,
    message: Message,
}

/// Keys of the devices that a message needs, loaded before it is judged.
struct Known(std::collections::BTreeMap<DeviceId, PublicKey>);

impl Certificates for Known {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        self.0.get(device).copied()
    }
}

impl Centre {
    /// Takes a sync request and gives the answer's bytes, once everything the receipt names is durable.
    ///
    /// # Errors
    /// [`AppError`]; nothing was stored then.
    pub async fn sync(&self, body: &[u8]) -> Result<Vec<u8>, AppError> {
        let delivered = self.receive(body).await?;
        let Delivered { round, message, .. } = &delivered;
        let hash = round.package.hash();
        let centre = round.package.value().centre.sign;
        let admission = Admission { package: &hash, unit: &message.unit, centre: &centre };
        let mut certificates: Vec<SignedCertificate> = delivered.certificate.iter().cloned().collect();
        let known = self.known_authors(&round.id, message, &centre, &certificates).await?;
        let mut envelopes = Vec::new();
        let mut places = Vec::new();
        let mut outcomes = Vec::new();
        for (place, item) in (0_u32..).zip(&message.give) {
            match admission.judge(item, &known) {
                Ok(Admitted::Envelope(envelope)) => {
                    envelopes.push(envelope);
                    places.push(place);
                }
                Ok(Admitted::Certificate(certificate)) => certificates.push(certificate),
                Ok(Admitted::Nothing) => {}
                Err(outcome) => outcomes.push((place, outcome)),
            }
        }
        let ids: Vec<EnvelopeId> = envelopes.iter().map(SignedEnvelope::envelope_id).collect();
        let mode = round.package.value().mode.code();
        let write = Write {
            round: round.id,
            package: hash,
            mode,
            unit: message.unit.clone(),
            certificates,
            envelopes,
        };
        let Written { stored, held } = if write.is_empty() {
            self.look_only(&write).await?
        } else {
            self.inner.writer.write(write).await?
        };
        let mut safe = Vec::new();
        for ((id, stored), place) in ids.iter().zip(&stored).zip(places) {
            match stored {
                Stored::New | Stored::AlreadyHere => safe.push(*id),
                Stored::TooMany => outcomes.push((place, Outcome::TooMany)),
            }
        }
        outcomes.sort_unstable();
        let receipt = admission.receipt(&safe, self.key());
        let mut answer = admission.answer(&held, receipt.as_ref(), outcomes);
        self.give_what_is_lacking(&delivered, &held, &mut answer).await?;
        Ok(cbor::encode(&answer))
    }

    /// A request that brings nothing needs no turn and no commit, only what the round's state allows.
    async fn look_only(&self, write: &Write) -> Result<Written, AppError> {
        let mut db = self.inner.store.reader().await?;
        let state = rounds::state(&mut db, &write.round).await?.and_then(|name| RoundState::parse(&name));
        if !state.is_some_and(|state| matches!(state, RoundState::Open | RoundState::Closed)) {
            return Err(super::writer::not_open());
        }
        Ok(Written { stored: Vec::new(), held: envelopes::ids(&mut db, &write.round, &write.unit).await? })
    }

    /// The signed list of everything held for the unit that a signed request names.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn holdings(&self, body: &[u8]) -> Result<Vec<u8>, AppError> {
        let Delivered { round, message, .. } = self.receive(body).await?;
        let mut tx = self.begin().await?;
        let held = envelopes::ids(&mut tx, &round.id, &message.unit).await?;
        let hash = round.package.hash();
        let centre = round.package.value().centre.sign;
        let admission = Admission { package: &hash, unit: &message.unit, centre: &centre };
        Ok(admission.holdings(&held, self.key()).into_bytes())
    }

    /// Checks form, sender and world of a request.
    async fn receive(&self, body: &[u8]) -> Result<Delivered, AppError> {
        let request = Unverified::<Request>::decode(body).map_err(|e| malformed(&e))?;
        let message: Message = cbor::decode(&request.claim().message).map_err(|e| malformed(&e))?;
        let round = self.signed_round(&message.package).await?;
        let device = request.claim().device;
        let centre = round.package.value().centre.sign;
        let attached = request.claim().certificate.as_deref();
        let attached = attached.and_then(|bytes| accept_certificate(bytes, &centre, &device));
        let attached = attached.filter(|c| c.value().package == message.package);
        let (key, scope, certificate) = match self.device(&round.id, &device).await? {
            Some(known) => (known.key, known.scope.clone(), None),
            None => match attached {
                Some(c) => (c.value().sign, c.value().scope.clone(), Some(c)),
                None => {
                    return Err(AppError::forbidden(
                        "unknown_device",
                        "the centre does not know this device; send its certificate along",
                    ));
                }
            },
        };
        request.verify(&key).map_err(|e| AppError::unauthorised("bad_signature", e))?;
        handshake(&message, &round.package.hash(), |unit| round.package.value().unit(unit).is_some())
            .map_err(|error| match error {
                HandshakeError::OtherPackage => AppError::conflict("other_package", error),
                HandshakeError::UnknownUnit => AppError::not_found("unknown_unit", error),
            })?;
        Ok(Delivered { round, device, scope, certificate, message })
    }

    async fn signed_round(&self, hash: &PackageHash) -> Result<Arc<SignedRound>, AppError> {
        if let Some(round) = self.inner.signed_rounds.read().expect("no holder panics").get(hash) {
            return Ok(Arc::clone(round));
        }
        let mut tx = self.begin().await?;
        let row = rounds::by_package(&mut tx, hash).await?;
        let row = row.ok_or_else(|| {
            AppError::conflict(
                "other_package",
                "this tablet belongs to a round that this centre does not have",
            )
        })?;
        let round = super::read_round(row)?;
        let round = Arc::new(SignedRound { id: round.id, package: round.signed()?.clone() });
        self.inner.signed_rounds.write().expect("no holder panics").insert(*hash, Arc::clone(&round));
        Ok(round)
    }

    async fn device(&self, round: &RoundId, device: &DeviceId) -> Result<Option<Arc<Certified>>, AppError> {
        match self.remembered(round, device) {
            Some(found) => Ok(Some(found)),
            None => self.device_on(&mut *self.inner.store.reader().await?, round, device).await,
        }
    }

    fn remembered(&self, round: &RoundId, device: &DeviceId) -> Option<Arc<Certified>> {
        self.inner.certified.read().expect("no holder panics").get(&(*round, *device)).map(Arc::clone)
    }

    /// The same on a connection that is held already: whoever holds one must not wait for another.
    async fn device_on(
        &self,
        db: &mut Db,
        round: &RoundId,
        device: &DeviceId,
    ) -> Result<Option<Arc<Certified>>, AppError> {
        if let Some(found) = self.remembered(round, device) {
            return Ok(Some(found));
        }
        let Some(row) = devices::get(db, round, device).await? else { return Ok(None) };
        let certificate = Unverified::<Certificate>::decode(&row.certificate)
            .map_err(|_| crate::store::StoreError::Damaged { what: "certificate" })?;
        let found = Arc::new(Certified {
            key: certificate.claim().sign,
            scope: certificate.claim().scope.clone(),
            certificate: row.certificate,
        });
        let mut cache = self.inner.certified.write().expect("no holder panics");
        cache.insert((*round, *device), Arc::clone(&found));
        Ok(Some(found))
    }

    /// The keys of all authors in a message: certified here, or by a certificate of ours in the message itself.
    async fn known_authors(
        &self,
        round: &RoundId,
        message: &Message,
        centre: &PublicKey,
        attached: &[SignedCertificate],
    ) -> Result<Known, AppError> {
        let mut keys: std::collections::BTreeMap<_, _> =
            attached.iter().map(|c| (c.value().device(), c.value().sign)).collect();
        for item in message.give.iter().filter(|item| item.kind == ItemKind::Certificate) {
            if let Ok(c) = SignedCertificate::open(&item.bytes, centre)
                && c.value().package == message.package
            {
                keys.insert(c.value().device(), c.value().sign);
            }
        }
        let authors: BTreeSet<DeviceId> = message
            .give
            .iter()
            .filter(|item| item.kind == ItemKind::Envelope)
            .filter_map(|item| Some(Unverified::<Envelope>::decode(&item.bytes).ok()?.claim().device))
            .collect();
        for author in authors {
            if let Some(known) = self.device(round, &author).await? {
                keys.insert(author, known.key);
            }
        }
        Ok(Known(keys))
    }

    /// Adds what a tablet of the unit lacks, up to the size of one message; it asks again for the rest. Those who
    /// only deliver, and devices that are revoked, get receipts and revocations alone.
    async fn give_what_is_lacking(
        &self,
        delivered: &Delivered,
        held: &[EnvelopeId],
        answer: &mut Message,
    ) -> Result<(), AppError> {
        let Delivered { round, device, scope, message, .. } = delivered;
        let Some(have) = &message.have else { return Ok(()) };
        let mut db = self.inner.store.reader().await?;
        let revoked = devices::revoked(&mut db, &round.id).await?;
        let mut room = MESSAGE_MAX - 1024 - cbor::encode(answer).len().min(MESSAGE_MAX - 1024);
        let mut give = |answer: &mut Message, kind: ItemKind, bytes: Vec<u8>| {
            let fits = bytes.len() + 8 <= room && answer.give.len() < sync_core::message::ITEMS_MAX;
            if fits {
                room -= bytes.len() + 8;
                answer.give.push(Item::new(kind, bytes));
            }
            fits
        };
        for row in &revoked {
            if let Some(revocation) = &row.revocation {
                give(answer, ItemKind::Revocation, revocation.clone());
            }
        }
        if !scope.covers(&message.unit) || revoked.iter().any(|row| row.id == *device) {
            return Ok(());
        }
        for (kind, bytes) in replacements_and_sheets(&mut db, &round.id, &message.unit).await? {
            give(answer, kind, bytes);
        }
        let lacking: Vec<_> =
            held.iter().filter(|id| have.envelopes.binary_search(id).is_err()).copied().collect();
        let mut known_authors = BTreeSet::from([*device]);
        let mut next = lacking.first().copied();
        while let Some(first) = next {
            let found = envelopes::from(&mut db, &round.id, &message.unit, &first).await?;
            let last = found.last().map(|(id, _)| *id);
            for (_, bytes) in found.into_iter().filter(|(id, _)| lacking.binary_search(id).is_ok()) {
                let author =
                    Unverified::<Envelope>::decode(&bytes).ok().map(|envelope| envelope.claim().device);
                if let Some(author) = author.filter(|author| known_authors.insert(*author))
                    && let Some(known) = self.device_on(&mut db, &round.id, &author).await?
                {
                    give(answer, ItemKind::Certificate, known.certificate.clone());
                }
                if !give(answer, ItemKind::Envelope, bytes) {
                    return Ok(());
                }
            }
            next = last.and_then(|last| lacking.iter().find(|id| **id > last).copied());
        }
        Ok(())
    }
}

async fn replacements_and_sheets(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
) -> Result<Vec<(ItemKind, Vec<u8>)>, AppError> {
    let replacements = units::replacements(db, round, unit).await?;
    if replacements.is_empty() {
        return Ok(Vec::new());
    }
    let sheets = units::sheets(db, round, unit).await?.into_iter().map(|(_, bytes)| (ItemKind::Sheet, bytes));
    let replacements = replacements.into_iter().map(|bytes| (ItemKind::SheetReplacement, bytes));
    Ok(replacements.chain(sheets).collect())
}

fn malformed(error: &FormatError) -> AppError {
    match error {
        FormatError::Version { .. } => AppError::bad_request("unknown_version", error),
        FormatError::TooLong { .. } => AppError::bad_request("too_long", error),
        _ => AppError::bad_request("malformed", error),
    }
}
