//! One sync request: who delivers it, what of it is stored, what the answer gives.

use super::standing::load_replacements;
use super::writer::{Write, Written};
use super::{Centre, Certified, SignedRound};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::store::envelopes::Stored;
use crate::store::{Db, devices, envelopes, rounds, statements, units};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use sync_core::cbor::{self, FormatError};
use sync_core::centre::{
    Admission, Admitted, Answer, Certificates, HandshakeError, Sender, SenderError, authors, handshake,
    lacking, may_fetch,
};
use sync_core::cose::{PublicKey, Signed, Unverified};
use sync_core::device::{Certificate, SignedCertificate};
use sync_core::envelope::{Envelope, SignedEnvelope};
use sync_core::id::{DeviceId, EnvelopeId, PackageHash, RoundId, SheetHash, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome, Request};
use sync_core::package::sheet_chain;
use sync_core::receipt::RoundStatement;

/// A request whose sender is known.
struct Delivered {
    round: Arc<SignedRound>,
    sender: Sender,
    message: Message,
}

/// Keys of the devices that a message needs, loaded before it is judged.
struct Known(BTreeMap<DeviceId, PublicKey>);

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
        let centre = &round.package.value().centre;
        let admission = Admission { package: &hash, unit: &message.unit, centre };
        let mut certificates: Vec<SignedCertificate> = delivered.sender.certificate.iter().cloned().collect();
        let known = self.known_authors(&round.id, message, &admission, &certificates).await?;
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
                Ok(Admitted::Change(_) | Admitted::Sealed(_) | Admitted::Carried(_)) => {
                    outcomes.push((place, Outcome::NotTaken));
                }
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
        let Written { stored, held, statement } = if write.is_empty() {
            self.look_only(&write).await?
        } else {
            self.inner.writer.write(write).await?
        };
        if let Err(error) = self.hear(&delivered, &held).await {
            // What it brought is stored, and its receipt must not wait for a note about it.
            tracing::warn!("it is not noted that a tablet was heard from after the restore: {error}");
        }
        let mut safe = Vec::new();
        for ((id, stored), place) in ids.iter().zip(&stored).zip(places) {
            match stored {
                Stored::New | Stored::AlreadyHere => safe.push(*id),
                Stored::TooMany => outcomes.push((place, Outcome::TooMany)),
            }
        }
        outcomes.sort_unstable();
        let receipt = admission.receipt(&safe, self.key());
        let statement = statement
            .map(|bytes| super::counting::open::<RoundStatement>(&bytes, &centre.sign, "round statement"))
            .transpose()?;
        let have = Have { envelopes: held.clone(), records: Vec::new() };
        let mut answer = admission.answer(have, receipt.as_ref(), statement.as_ref(), outcomes);
        self.give_what_is_lacking(&delivered, &held, statement.as_ref(), &mut answer).await?;
        Ok(cbor::encode(&answer.finish()))
    }

    /// After a restore: a tablet all of whose envelopes are here again was heard from.
    async fn hear(&self, delivered: &Delivered, held: &[EnvelopeId]) -> Result<(), AppError> {
        let Delivered { round, sender, message } = delivered;
        match &message.have {
            Some(have) if have.envelopes.iter().all(|id| held.binary_search(id).is_ok()) => {
                self.heard(&(round.id, message.unit.clone(), sender.device)).await
            }
            _ => Ok(()),
        }
    }

    /// A request that brings nothing needs no turn and no commit, only what the round's state allows.
    async fn look_only(&self, write: &Write) -> Result<Written, AppError> {
        let mut db = self.inner.store.reader().await?;
        let state = rounds::state(&mut db, &write.round).await?.and_then(|name| RoundState::parse(&name));
        if !state.is_some_and(RoundState::takes_envelopes) {
            return Err(super::writer::not_open());
        }
        let held = envelopes::ids(&mut db, &write.round, &write.unit).await?;
        let statement = statements::of_unit(&mut db, &write.round, &write.unit).await?;
        Ok(Written { stored: Vec::new(), held, statement })
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
        let centre = &round.package.value().centre;
        let admission = Admission { package: &hash, unit: &message.unit, centre };
        Ok(admission.holdings(&held, self.key()).into_bytes())
    }

    /// Checks form, sender and world of a request.
    async fn receive(&self, body: &[u8]) -> Result<Delivered, AppError> {
        let request = Unverified::<Request>::decode(body).map_err(|e| malformed(&e))?;
        let message: Message = cbor::decode(&request.claim().message).map_err(|e| malformed(&e))?;
        let round = self.signed_round(&message.package).await?;
        let device = request.claim().device;
        let centre = &round.package.value().centre;
        let hash = round.package.hash();
        let admission = Admission { package: &hash, unit: &message.unit, centre };
        let known = self.device(&round.id, &device).await?;
        let known = known.map(|known| (known.key, known.scope.clone()));
        let sender = admission.sender(request, known).map_err(|error| match error {
            SenderError::UnknownDevice => AppError::forbidden("unknown_device", error),
            SenderError::BadSignature => AppError::unauthorised("bad_signature", error),
        })?;
        handshake(&message, &round.package.hash(), |unit| round.package.value().unit(unit).is_some())
            .map_err(|error| match error {
                HandshakeError::OtherPackage => AppError::conflict("other_package", error),
                HandshakeError::UnknownUnit => AppError::not_found("unknown_unit", error),
            })?;
        Ok(Delivered { round, sender, message })
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
        admission: &Admission<'_>,
        attached: &[SignedCertificate],
    ) -> Result<Known, AppError> {
        let mut keys = admission.certified_in(message);
        keys.extend(attached.iter().map(|c| (c.value().device(), c.value().sign)));
        for author in authors(message) {
            if let Some(known) = self.device(round, &author).await? {
                keys.insert(author, known.key);
            }
        }
        Ok(Known(keys))
    }

    /// Adds what the sender lacks and may have, up to the size of one message; it asks again for the rest.
    async fn give_what_is_lacking(
        &self,
        delivered: &Delivered,
        held: &[EnvelopeId],
        statement: Option<&Signed<RoundStatement>>,
        answer: &mut Answer,
    ) -> Result<(), AppError> {
        let Delivered { round, sender, message } = delivered;
        let Some(have) = &message.have else { return Ok(()) };
        let mut db = self.inner.store.reader().await?;
        let revoked = devices::revoked(&mut db, &round.id).await?;
        for bytes in revoked.iter().filter_map(|row| row.revocation.as_ref()) {
            answer.give(Item::new(ItemKind::Revocation, bytes.as_slice()));
        }
        let is_revoked = revoked.iter().any(|row| row.id == sender.device);
        if !may_fetch(&sender.scope, &message.unit, is_revoked) {
            return Ok(());
        }
        // In a finished round nobody needs names any more.
        if statement.is_none() {
            for item in replacements_and_sheets(&mut db, round, &message.unit).await? {
                answer.give(item);
            }
        }
        let lacking = lacking(held, have, statement.map(Signed::value));
        let mut known_authors = BTreeSet::from([sender.device]);
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
                    answer.give(Item::new(ItemKind::Certificate, known.certificate.as_slice()));
                }
                if !answer.give(Item::new(ItemKind::Envelope, bytes)) {
                    return Ok(());
                }
            }
            next = last.and_then(|last| lacking.iter().find(|id| **id > last).copied());
        }
        Ok(())
    }
}

/// Where a sheet was replaced: the replacements, and the sheets in the order in which tablets need them. Several large
/// ones do not fit into one answer together, and without the one that holds nobody can vote.
async fn replacements_and_sheets(
    db: &mut Db,
    round: &SignedRound,
    unit: &UnitCode,
) -> Result<Vec<Item>, AppError> {
    let package = round.package.value();
    let replacements = load_replacements(db, &round.id, unit, &package.centre.sign).await?;
    let Some(entry) = package.unit(unit).filter(|_| !replacements.is_empty()) else { return Ok(Vec::new()) };
    let mut sheets: BTreeMap<SheetHash, Vec<u8>> =
        units::sheets(db, &round.id, unit).await?.into_iter().collect();
    let newest_first = sheet_chain(entry.sheet, &replacements).into_iter().rev();
    let sheets: Vec<Vec<u8>> = newest_first.filter_map(|hash| sheets.remove(&hash)).collect();
    let replacements =
        replacements.iter().map(|signed| Item::new(ItemKind::SheetReplacement, signed.bytes()));
    Ok(replacements.chain(sheets.into_iter().map(|bytes| Item::new(ItemKind::Sheet, bytes))).collect())
}

fn malformed(error: &FormatError) -> AppError {
    match error {
        FormatError::Version { .. } => AppError::bad_request("unknown_version", error),
        FormatError::TooLong { .. } => AppError::bad_request("too_long", error),
        _ => AppError::bad_request("malformed", error),
    }
}
