//! One sync request: who delivers it, what of it is stored, what the answer gives.

use super::record::{as_have, behind, changes_lacking, lacks_any};
use super::standing::load_replacements;
use super::writer::{Write, Written};
use super::{Centre, Certified, SignedRound};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::store::envelopes::Stored;
use crate::store::records::HeadRow;
use crate::store::{Db, devices, envelopes, records, rounds, statements, units};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, RwLock};
use sync_core::cbor::{self, FormatError};
use sync_core::centre::{
    Admission, Admitted, Answer, Certificates, Checked, HandshakeError, Sender, SenderError, authors,
    handshake, lacking, may_fetch,
};
use sync_core::cose::{PublicKey, Signed, Unverified};
use sync_core::device::{Certificate, Scope, SignedCertificate};
use sync_core::envelope::{Envelope, SignedEnvelope};
use sync_core::id::{DeviceId, EnvelopeId, PackageHash, RoundId, SheetHash, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome, Request};
use sync_core::package::{current_sheet, sheet_chain};
use sync_core::receipt::RoundStatement;
use sync_core::record::{RecordChange, SealedChanges, SignedChange, Taken};

/// How an asker on a bad link wants its answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// About so many bytes are to be given.
    pub answer_max: Option<usize>,
    /// The asker has this sheet, and those before it; if it is the one that holds, none is given.
    pub sheet: Option<SheetHash>,
}

/// A request whose sender is known.
struct Delivered {
    round: Arc<SignedRound>,
    sender: Sender,
    message: Message,
}

/// Keys of the devices that a message needs, loaded before it is judged; and what was judged before.
struct Known<'a>(BTreeMap<DeviceId, PublicKey>, &'a RwLock<Checked>);

/// Record changes that came sealed, by the place of the list in the message.
type Opened = BTreeMap<u32, Vec<Vec<u8>>>;

/// What of a message is to be stored, each with its place, and what became of the rest.
#[derive(Default)]
struct Sorted {
    certificates: Vec<SignedCertificate>,
    envelopes: Vec<(u32, SignedEnvelope)>,
    changes: Vec<(u32, SignedChange)>,
    /// The worst that became of anything in its place.
    outcomes: BTreeMap<u32, Outcome>,
}

impl Sorted {
    fn note(&mut self, place: u32, outcome: Outcome) {
        let worst = self.outcomes.entry(place).or_insert(outcome);
        *worst = outcome.max(*worst);
    }
}

impl Certificates for Known<'_> {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        self.0.get(device).copied()
    }

    fn was_checked(&self, bytes: &[u8]) -> bool {
        self.1.read().expect("no holder panics").knows(bytes)
    }
}

impl Centre {
    /// Takes a sync request and gives the answer's bytes, once everything the receipt names is durable.
    ///
    /// # Errors
    /// [`AppError`]; nothing was stored then.
    pub async fn sync(&self, body: &[u8]) -> Result<Vec<u8>, AppError> {
        self.sync_as_asked(body, &Asked::default()).await
    }

    /// The same, with an answer as the asker wants it.
    ///
    /// # Errors
    /// As [`Centre::sync`].
    pub async fn sync_as_asked(&self, body: &[u8], asked: &Asked) -> Result<Vec<u8>, AppError> {
        let delivered = self.receive(body).await?;
        let Delivered { round, message, .. } = &delivered;
        let hash = round.package.hash();
        let centre = &round.package.value().centre;
        let admission = Admission { package: &hash, unit: &message.unit, centre };
        let (mut sorted, written) = self.store_delivered(&delivered, &admission).await?;
        let Written { stored, taken, held, heads, statement } = written;
        self.note_contact(&round.id, &delivered.sender.device);
        if let Err(error) = self.hear(&delivered, &held, &heads).await {
            // What it brought is stored, and its receipt must not wait for a note about it.
            tracing::warn!("it is not noted that a tablet was heard from after the restore: {error}");
        }
        let mut safe = Vec::new();
        for ((place, envelope), stored) in std::mem::take(&mut sorted.envelopes).iter().zip(stored) {
            match stored {
                Stored::New | Stored::AlreadyHere => safe.push(envelope.envelope_id()),
                Stored::TooMany => sorted.note(*place, Outcome::TooMany),
            }
        }
        for ((place, _), taken) in std::mem::take(&mut sorted.changes).iter().zip(taken) {
            match taken {
                Taken::New | Taken::AlreadyHere => {}
                Taken::WaitsForPredecessor => sorted.note(*place, Outcome::WaitsForPredecessor),
                Taken::Refused(outcome) => sorted.note(*place, outcome),
            }
        }
        let outcomes = sorted.outcomes.into_iter().collect();
        let receipt = admission.receipt(&safe, self.key());
        let statement = statement
            .map(|bytes| super::counting::open::<RoundStatement>(&bytes, &centre.sign, "round statement"))
            .transpose()?;
        let have = Have { envelopes: held.clone(), records: as_have(&heads) };
        let mut answer = admission.answer(have, receipt.as_ref(), statement.as_ref(), outcomes);
        if let Some(bytes) = asked.answer_max {
            answer.limit(bytes);
        }
        let given = (statement.as_ref(), asked.sheet);
        self.give_what_is_lacking(&delivered, (&held, &heads), given, &mut answer).await?;
        Ok(cbor::encode(&answer.finish()))
    }

    /// Takes a message that somebody of the office brings in a file: as a sync request, without an answer. Gives how many
    /// envelopes are new and how many were here, and how many items were not taken.
    ///
    /// # Errors
    /// [`AppError`]; nothing was stored then.
    pub(super) async fn take_brought(&self, message: Message) -> Result<(usize, usize, usize), AppError> {
        let round = self.signed_round(&message.package).await?;
        let sender = Sender { device: self.keys().device(), scope: Scope::Courier, certificate: None };
        let delivered = Delivered { round, sender, message };
        let hash = delivered.round.package.hash();
        let centre = &delivered.round.package.value().centre;
        let admission = Admission { package: &hash, unit: &delivered.message.unit, centre };
        let (sorted, written) = self.store_delivered(&delivered, &admission).await?;
        let of = |what| written.stored.iter().filter(|stored| **stored == what).count();
        let refused = written.taken.iter().filter(|taken| !matches!(taken, Taken::New | Taken::AlreadyHere));
        let not_taken = sorted.outcomes.len() + of(Stored::TooMany) + refused.count();
        Ok((of(Stored::New), of(Stored::AlreadyHere), not_taken))
    }

    /// Judges every item of a message and stores what is admitted.
    async fn store_delivered(
        &self,
        delivered: &Delivered,
        admission: &Admission<'_>,
    ) -> Result<(Sorted, Written), AppError> {
        let Delivered { round, message, .. } = delivered;
        let opened = self.open_sealed(message);
        let mut sorted = self.sort(delivered, admission, &opened).await?;
        let write = Write {
            round: round.id,
            package: round.package.hash(),
            mode: round.package.value().mode.code(),
            unit: message.unit.clone(),
            certificates: std::mem::take(&mut sorted.certificates),
            envelopes: sorted.envelopes.iter().map(|(_, envelope)| envelope.clone()).collect(),
            changes: sorted.changes.iter().map(|(_, change)| change.clone()).collect(),
        };
        let written = if write.is_empty() {
            self.look_only(&write).await?
        } else {
            self.inner.writer.write(write).await?
        };
        Ok((sorted, written))
    }

    /// Opens what was sealed to the centre. What does not open is left out, and judged as malformed.
    fn open_sealed(&self, message: &Message) -> Opened {
        let mut opened = Opened::new();
        for (place, item) in (0_u32..).zip(&message.give) {
            if item.kind == ItemKind::SealedRecordChange
                && let Ok(sealed) = cbor::decode::<SealedChanges>(&item.bytes)
                && sealed.reader == self.keys().device()
                && let Ok(changes) = sealed.open(&self.inner.seal)
            {
                opened.insert(place, changes);
            }
        }
        opened
    }

    /// Judges every item by itself, and every change that came sealed.
    async fn sort(
        &self,
        delivered: &Delivered,
        admission: &Admission<'_>,
        opened: &Opened,
    ) -> Result<Sorted, AppError> {
        let Delivered { round, sender, message } = delivered;
        let mut sorted =
            Sorted { certificates: sender.certificate.iter().cloned().collect(), ..Sorted::default() };
        let known = self.known_authors(&round.id, (message, opened), admission, &sorted.certificates).await?;
        for (place, item) in (0_u32..).zip(&message.give) {
            match admission.judge(item, &known) {
                Ok(Admitted::Envelope(envelope)) => sorted.envelopes.push((place, envelope)),
                Ok(Admitted::Certificate(certificate)) => sorted.certificates.push(certificate),
                Ok(Admitted::Nothing) => {}
                Ok(Admitted::Change(change)) => sorted.changes.push((place, change)),
                // Whoever carries it for another tablet keeps carrying it; the centre is no courier.
                Ok(Admitted::Carried(_)) => sorted.note(place, Outcome::NotTaken),
                Ok(Admitted::Sealed(_)) => {
                    let Some(changes) = opened.get(&place) else {
                        sorted.note(place, Outcome::Malformed);
                        continue;
                    };
                    for bytes in changes {
                        match admission.judge_change(bytes, &known) {
                            Ok(change) => sorted.changes.push((place, change)),
                            Err(outcome) => sorted.note(place, outcome),
                        }
                    }
                }
                Err(outcome) => sorted.note(place, outcome),
            }
        }
        if !sorted.changes.is_empty() {
            let mut checked = self.inner.checked.write().expect("no holder panics");
            sorted.changes.iter().for_each(|(_, change)| checked.note(change));
        }
        Ok(sorted)
    }

    /// After a restore: a tablet all of whose envelopes and record changes are here again was heard from.
    async fn hear(
        &self,
        delivered: &Delivered,
        held: &[EnvelopeId],
        heads: &[HeadRow],
    ) -> Result<(), AppError> {
        let Delivered { round, sender, message } = delivered;
        let (tablet, Some(have)) = ((round.id, message.unit.clone(), sender.device), &message.have) else {
            return Ok(());
        };
        if !self.is_unheard(&tablet) || !have.envelopes.iter().all(|id| held.binary_search(id).is_ok()) {
            return Ok(());
        }
        let mut db = self.inner.store.reader().await?;
        if !lacks_any(&mut db, (&round.id, &message.unit), heads, &have.records).await? {
            drop(db);
            self.heard(&tablet).await?;
        }
        Ok(())
    }

    /// A request that brings nothing needs no turn and no commit, only what the round's state allows.
    async fn look_only(&self, write: &Write) -> Result<Written, AppError> {
        let mut db = self.inner.store.reader().await?;
        let state = rounds::state(&mut db, &write.round).await?.and_then(|name| RoundState::parse(&name));
        if !state.is_some_and(RoundState::takes_envelopes) {
            return Err(super::writer::not_open());
        }
        let held = envelopes::ids(&mut db, &write.round, &write.unit).await?;
        let heads = records::heads(&mut db, &write.round, &write.unit).await?;
        let statement = statements::of_unit(&mut db, &write.round, &write.unit).await?;
        Ok(Written { stored: Vec::new(), taken: Vec::new(), held, heads, statement })
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

    /// The round of a device that signed a request, for answers that depend on nothing else in it.
    pub(super) async fn asked_by_device(&self, body: &[u8]) -> Result<Arc<SignedRound>, AppError> {
        Ok(self.receive(body).await?.round)
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
        (message, opened): (&Message, &Opened),
        admission: &Admission<'_>,
        attached: &[SignedCertificate],
    ) -> Result<Known<'_>, AppError> {
        let mut keys = admission.certified_in(message);
        keys.extend(attached.iter().map(|c| (c.value().device(), c.value().sign)));
        let sealed = opened.values().flatten();
        let sealed = sealed.filter_map(|bytes| Unverified::<RecordChange>::decode(bytes).ok());
        let sealed: BTreeSet<DeviceId> = sealed.map(|change| change.claim().actor.device()).collect();
        for author in authors(message).union(&sealed).copied() {
            if let Some(known) = self.device(round, &author).await? {
                keys.insert(author, known.key);
            }
        }
        Ok(Known(keys, &self.inner.checked))
    }

    /// Adds what the sender lacks and may have, up to the size of one message; it asks again for the rest.
    async fn give_what_is_lacking(
        &self,
        delivered: &Delivered,
        (held, heads): (&[EnvelopeId], &[HeadRow]),
        (statement, sheet): (Option<&Signed<RoundStatement>>, Option<SheetHash>),
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
            for item in replacements_and_sheets(&mut db, round, &message.unit, sheet).await? {
                answer.give(item);
            }
        }
        let lacking = lacking(held, have, statement.map(Signed::value));
        let mut giving =
            Giving { round, unit: &message.unit, known: BTreeSet::from([sender.device]), answer };
        let room = self.give_envelopes(&mut db, &lacking, &mut giving).await?;
        // Names again.
        if room && statement.is_none() {
            self.give_changes(&mut db, heads, have, &mut giving).await?;
        }
        Ok(())
    }

    /// Gives envelopes, each after its author's certificate; `false` once there is no room.
    async fn give_envelopes(
        &self,
        db: &mut Db,
        lacking: &[EnvelopeId],
        giving: &mut Giving<'_>,
    ) -> Result<bool, AppError> {
        let mut next = lacking.first().copied();
        while let Some(first) = next {
            let found = envelopes::from(db, &giving.round.id, giving.unit, &first).await?;
            let last = found.last().map(|(id, _)| *id);
            for (_, bytes) in found.into_iter().filter(|(id, _)| lacking.binary_search(id).is_ok()) {
                if let Ok(envelope) = Unverified::<Envelope>::decode(&bytes) {
                    self.give_certificate(db, &envelope.claim().device, giving).await?;
                }
                if !giving.answer.give(Item::new(ItemKind::Envelope, bytes)) {
                    return Ok(false);
                }
            }
            next = last.and_then(|last| lacking.iter().find(|id| **id > last).copied());
        }
        Ok(true)
    }

    /// Gives changes of the record in clear, each writer's after the certificate of its device.
    async fn give_changes(
        &self,
        db: &mut Db,
        heads: &[HeadRow],
        have: &Have,
        giving: &mut Giving<'_>,
    ) -> Result<(), AppError> {
        let place = (&giving.round.id, &giving.round.package.hash(), giving.unit);
        for (here, theirs) in behind(heads, &have.records) {
            let changes = changes_lacking(db, place, here, theirs.as_ref()).await?;
            if !changes.is_empty() {
                self.give_certificate(db, &here.actor.device(), giving).await?;
            }
            for bytes in changes {
                if !giving.answer.give(Item::new(ItemKind::RecordChange, bytes)) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The certificate of an author whom the asker may not know, once. The centre's own key is in the package.
    async fn give_certificate(
        &self,
        db: &mut Db,
        author: &DeviceId,
        giving: &mut Giving<'_>,
    ) -> Result<(), AppError> {
        if giving.known.insert(*author)
            && let Some(known) = self.device_on(db, &giving.round.id, author).await?
        {
            giving.answer.give(Item::new(ItemKind::Certificate, known.certificate.as_slice()));
        }
        Ok(())
    }
}

/// An answer that is being filled.
struct Giving<'a> {
    round: &'a SignedRound,
    unit: &'a UnitCode,
    /// Devices whose certificates the asker has, or gets with this answer.
    known: BTreeSet<DeviceId>,
    answer: &'a mut Answer,
}

/// Where a sheet was replaced, and the asker does not have the one that holds: the replacements, and the sheets in the
/// order in which tablets need them. Several large ones do not fit into one answer together, and without the one that holds nobody can vote.
async fn replacements_and_sheets(
    db: &mut Db,
    round: &SignedRound,
    unit: &UnitCode,
    there: Option<SheetHash>,
) -> Result<Vec<Item>, AppError> {
    let package = round.package.value();
    let replacements = load_replacements(db, &round.id, unit, &package.centre.sign).await?;
    let Some(entry) = package.unit(unit).filter(|_| !replacements.is_empty()) else { return Ok(Vec::new()) };
    if there == Some(current_sheet(entry.sheet, replacements.iter())) {
        return Ok(Vec::new());
    }
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
