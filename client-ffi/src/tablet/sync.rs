//! Synchronising with the centre: one round trip where nothing is missing, more only where something is.

use super::Tablet;
use super::carry::Route;
use crate::error::TabletError;
use crate::progress::{Progress, Way};
use crate::store::Store;
use crate::transport::{Transport, TransportError};
use rand_core::CryptoRng;
use std::collections::{BTreeSet, VecDeque};
use sync_core::cbor;
use sync_core::centre::author;
use sync_core::cose::Signed;
use sync_core::id::{DeviceId, EnvelopeId, UnitCode};
use sync_core::message::{Item, ItemKind, Message, Outcome, Request, pieces_of};
use sync_core::planted::{self, Bug};

/// Most exchanges with the centre for one unit in one sync; what is then left waits for the next.
///
/// Over a bad link an answer may bring a single envelope.
const EXCHANGES_MAX: usize = 1_024;

/// What a sync did.
#[derive(Debug, Default)]
pub struct SyncReport {
    /// Requests sent.
    pub requests: usize,
    /// Requests that broke off and were sent again in smaller pieces.
    pub broken: usize,
    /// Bytes of request bodies.
    pub bytes_up: usize,
    /// Bytes of answer bodies.
    pub bytes_down: usize,
    /// Items that were new on this tablet.
    pub received: usize,
    /// Envelopes that a receipt covers since this sync.
    pub confirmed: usize,
    /// Units whose round statement came with this sync: the round is finished there.
    pub finished: Vec<UnitCode>,
    /// Items that the centre did not take, with the reason.
    pub refused: Vec<(UnitCode, ItemKind, Outcome)>,
    /// Units that could not be synchronised at all, with the reason; the others were.
    pub failed: Vec<(UnitCode, TransportError)>,
}

/// One unit's sync under way.
pub(super) struct Exchange<'a, T> {
    pub(super) unit: &'a UnitCode,
    transport: &'a T,
    report: &'a mut SyncReport,
    watch: &'a mut dyn FnMut(&Progress),
    progress: [Progress; 2],
    /// Envelopes sent in this sync, so that none is sent again and again.
    tried: BTreeSet<EnvelopeId>,
    /// What the centre said it holds.
    theirs: BTreeSet<EnvelopeId>,
    received: usize,
    /// Record changes sent in this sync, by id, and those of them that were sent once more.
    pub(super) changes: BTreeSet<[u8; 32]>,
    pub(super) repeated: BTreeSet<[u8; 32]>,
}

impl<T> Exchange<'_, T> {
    /// A piece got through, and an answer came.
    fn went(&mut self, piece: &Message, answer: &Message) {
        for (progress, message) in self.progress.iter_mut().zip([piece, answer]) {
            progress.done.add_all(&message.give);
            if progress.way == Way::In {
                progress.total = progress.done;
            }
            if !message.give.is_empty() {
                (self.watch)(progress);
            }
        }
    }
}

/// Cuts what is left to send anew. What the first of it says beside what it gives stays with the first.
fn smaller(left: VecDeque<Message>, bytes: usize) -> VecDeque<Message> {
    let mut left = left.into_iter();
    let Some(mut first) = left.next() else { return VecDeque::new() };
    let give = std::mem::take(&mut first.give).into_iter().chain(left.flat_map(|message| message.give));
    pieces_of(first, give.collect::<Vec<_>>(), bytes).into()
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Brings everything this tablet holds of every unit to the centre, and fetches what the centre has for it. An
    /// answer that is lost does no harm: the next sync sends the same again, and the centre says it is there.
    ///
    /// # Errors
    /// [`TabletError::Transport`] if the centre cannot be reached, or the store's. Refusals that concern one unit are
    /// in the report.
    pub fn sync(&mut self, transport: &impl Transport) -> Result<SyncReport, TabletError> {
        self.sync_watched(transport, &mut |_| ())
    }

    /// The same, telling how far it is. On a link that breaks pieces become smaller, and answers are asked to; it goes
    /// on where it broke for as long as anything gets through.
    ///
    /// # Errors
    /// As [`Tablet::sync`].
    pub fn sync_watched(
        &mut self,
        transport: &impl Transport,
        watch: &mut dyn FnMut(&Progress),
    ) -> Result<SyncReport, TabletError> {
        self.pace.begin();
        // After a failed write memory may still name a unit of which nothing was stored; it is read again first.
        let units: Vec<UnitCode> = self.attempt(|tablet| tablet.membership().map(|_| tablet.held_units()))?;
        let mut report = SyncReport::default();
        for unit in units {
            match self.sync_unit(&unit, transport, &mut report, watch) {
                Ok(()) => {}
                Err(TabletError::Transport(error @ TransportError::Refused { .. })) => {
                    report.failed.push((unit, error));
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(at) = transport.minutes_now() {
            // It is for people alone; a sync that went through does not fail for it.
            drop(self.note_contact(at));
        }
        Ok(report)
    }

    /// Synchronises one unit.
    ///
    /// # Errors
    /// As [`Tablet::sync`], and [`TabletError::Transport`] if the centre refuses.
    pub fn sync_unit(
        &mut self,
        unit: &UnitCode,
        transport: &impl Transport,
        report: &mut SyncReport,
        watch: &mut dyn FnMut(&Progress),
    ) -> Result<(), TabletError> {
        if planted::is(Bug::CourierKeepsAll) && self.units().is_empty() {
            return Ok(());
        }
        let before = self.attempt(|tablet| Ok(tablet.state(unit)?.replica.confirmed()))?;
        let finished = self.state(unit)?.replica.is_finished();
        let mut exchange = Exchange {
            unit,
            transport,
            report,
            watch,
            progress: [Way::Out, Way::In].map(|way| Progress::begin(unit, way)),
            tried: BTreeSet::new(),
            theirs: BTreeSet::new(),
            received: 0,
            changes: BTreeSet::new(),
            repeated: BTreeSet::new(),
        };
        let state = self.state(unit)?;
        let unconfirmed = |id: &EnvelopeId| !before.contains(id);
        let mut give: Vec<Item> = Vec::new();
        for envelope in state.replica.envelopes().filter(|e| unconfirmed(&e.envelope_id())) {
            exchange.tried.insert(envelope.envelope_id());
            give.push(Item::new(ItemKind::Envelope, envelope.bytes()));
        }
        // Ballots go first: nothing of the record may delay them.
        give.extend(self.record_to_give(&mut exchange)?);
        for _ in 0..EXCHANGES_MAX {
            exchange.received = 0;
            let again = self.send(&mut exchange, give)?;
            give = self.still_lacking(&mut exchange)?;
            give.splice(0..0, again);
            give.extend(self.record_to_give(&mut exchange)?);
            let more = exchange.received > 0 && self.lacks_any(unit, &exchange.theirs)?;
            if give.is_empty() && !more {
                break;
            }
        }
        let after = self.state(unit)?.replica.confirmed();
        exchange.report.confirmed += after.difference(&before).count();
        if !finished && self.state(unit)?.replica.is_finished() {
            report.finished.push(unit.clone());
        }
        Ok(())
    }

    /// Sends what is given, piece by piece; gives back what the centre could not take for want of a certificate,
    /// with the certificates.
    fn send<T: Transport>(
        &mut self,
        exchange: &mut Exchange<'_, T>,
        give: Vec<Item>,
    ) -> Result<Vec<Item>, TabletError> {
        let unit = exchange.unit;
        let mut first = self.message(unit)?;
        if self.units().contains(unit) {
            first.have = Some(self.state(unit)?.replica.have());
        }
        let mut again = Vec::new();
        exchange.progress[0].total.add_all(&give);
        let mut left = VecDeque::from(pieces_of(first, give, self.pace.bytes()));
        while let Some(piece) = left.pop_front() {
            let answer = match self.post(exchange, &piece) {
                Err(TabletError::Transport(TransportError::Broken(_))) if self.pace.goes_on() => {
                    exchange.report.broken += 1;
                    left.push_front(piece);
                    left = smaller(left, self.pace.bytes());
                    continue;
                }
                other => other?,
            };
            exchange.went(&piece, &answer);
            let new = self.attempt(|tablet| tablet.take_items(&answer, Route::Centre))?.new;
            exchange.received += new;
            exchange.report.received += new;
            exchange.theirs = answer.have.iter().flat_map(|have| &have.envelopes).copied().collect();
            self.note_delivered(exchange, &piece, &answer)?;
            let mut certificates: BTreeSet<DeviceId> = BTreeSet::new();
            for (place, outcome) in &answer.outcomes {
                let item = usize::try_from(*place).ok().and_then(|place| piece.give.get(place));
                let Some(item) = item else { continue };
                if *outcome == Outcome::WaitsForPredecessor && exchange.repeats(item) {
                    continue;
                }
                let author = author(item).filter(|_| *outcome == Outcome::WaitsForCertificate);
                match author.filter(|_| piece.give.iter().all(|item| item.kind != ItemKind::Certificate)) {
                    Some(author) => {
                        if certificates.insert(author) {
                            again.extend(self.state(unit)?.replica.certificates_of(&author));
                        }
                        again.push(item.clone());
                    }
                    None => exchange.report.refused.push((unit.clone(), item.kind, *outcome)),
                }
            }
        }
        Ok(again)
    }

    fn post<T: Transport>(
        &mut self,
        exchange: &mut Exchange<'_, T>,
        message: &Message,
    ) -> Result<Message, TabletError> {
        let answer = match self.post_signed(exchange, message, false) {
            Err(TabletError::Transport(TransportError::Refused { code, .. })) if code == "unknown_device" => {
                self.post_signed(exchange, message, true)?
            }
            other => other?,
        };
        let not_ours = |what: &str| TransportError::NotACentre(what.to_owned());
        let answer: Message = cbor::decode(&answer).map_err(|error| not_ours(&error.to_string()))?;
        if answer.package != message.package || answer.unit != message.unit {
            return Err(not_ours("an answer to something else").into());
        }
        Ok(answer)
    }

    fn post_signed<T: Transport>(
        &mut self,
        exchange: &mut Exchange<'_, T>,
        message: &Message,
        with_certificate: bool,
    ) -> Result<Vec<u8>, TabletError> {
        let mut nonce = [0; 8];
        self.rng.fill_bytes(&mut nonce);
        let path = match self.pace.answer_max() {
            Some(bytes) => format!("/api/v1/sync?answer_max={bytes}{}", self.sheet_known(exchange.unit)),
            None => "/api/v1/sync".to_owned(),
        };
        let identity = self.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
        let certificate = &self.membership()?.certificate;
        let request = Request {
            device: identity.device(),
            nonce,
            certificate: with_certificate.then(|| certificate.bytes().to_vec()),
            message: cbor::encode(message),
        };
        let body = Signed::sign(request, &identity.sign).into_bytes();
        exchange.report.requests += 1;
        exchange.report.bytes_up += body.len();
        match exchange.transport.post(&path, &body) {
            Ok(answer) => {
                exchange.report.bytes_down += answer.len();
                self.pace.through(body.len().max(answer.len()));
                Ok(answer)
            }
            Err(error) => {
                if matches!(error, TransportError::Broken(_)) {
                    self.pace.broke(body.len());
                }
                Err(error.into())
            }
        }
    }

    /// On a bad link the centre is spared sending lists that are here.
    fn sheet_known(&self, unit: &UnitCode) -> String {
        let here = self.sheet(unit).is_some();
        let hash = self.sheet_hash(unit).filter(|_| here);
        hash.map(|hash| format!("&sheet={hash}")).unwrap_or_default()
    }

    /// Envelopes that a receipt covers and the centre no longer has: it was restored from a backup.
    fn still_lacking<T>(&self, exchange: &mut Exchange<'_, T>) -> Result<Vec<Item>, TabletError> {
        let mut give = Vec::new();
        for envelope in self.state(exchange.unit)?.replica.envelopes() {
            let id = envelope.envelope_id();
            if planted::is(Bug::TrustsOldReceipt) {
                continue;
            }
            if !exchange.theirs.contains(&id) && exchange.tried.insert(id) {
                give.push(Item::new(ItemKind::Envelope, envelope.bytes()));
            }
        }
        Ok(give)
    }

    fn lacks_any(&self, unit: &UnitCode, theirs: &BTreeSet<EnvelopeId>) -> Result<bool, TabletError> {
        let replica = &self.state(unit)?.replica;
        Ok(self.units().contains(unit)
            && (theirs.iter().any(|id| !replica.holds(id) && !replica.is_listed(id))
                || self.centre_heads(unit)?.is_some_and(|heads| replica.record().lacks_any(heads))))
    }
}
