//! Synchronising with the centre: one round trip where nothing is missing, more only where something is.
//!
//! [`SyncRun`] does no IO of its own: it gives the next request and takes its answer. Whoever drives it makes durable
//! what the store took before a request leaves, so that nothing is sent that a crash could make untrue. Where a store
//! is durable when `put` returns, [`Tablet::sync`] is all that is needed.

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

/// A request to the centre: a body of CBOR to be posted to a path such as `/api/v1/sync`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Path with its query.
    pub path: String,
    /// The body.
    pub body: Vec<u8>,
}

/// A sync under way, step by step: [`SyncRun::next`] until it gives nothing, and after each request
/// [`SyncRun::answered`]. Leaving it in the middle does no harm: the next one begins with what is still missing.
#[derive(Debug)]
pub struct SyncRun {
    units: VecDeque<UnitCode>,
    exchange: Option<Exchange>,
    report: SyncReport,
}

/// One unit's sync under way.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) unit: UnitCode,
    progress: [Progress; 2],
    /// Confirmed before it began.
    before: BTreeSet<EnvelopeId>,
    /// Whether the round was finished before it began.
    finished: bool,
    /// Pieces to send; the first is the one that is on its way once it was asked for.
    left: VecDeque<Message>,
    /// What the centre could not take for want of a certificate, with the certificates.
    again: Vec<Item>,
    /// The centre asked for the device's own certificate.
    with_certificate: bool,
    /// Bytes of the request that is on its way.
    sent: usize,
    /// Rounds of pieces so far.
    rounds: usize,
    /// Envelopes sent in this sync, so that none is sent again and again.
    tried: BTreeSet<EnvelopeId>,
    /// What the centre said it holds.
    theirs: BTreeSet<EnvelopeId>,
    received: usize,
    /// Record changes sent in this sync, by id, and those of them that were sent once more.
    pub(super) changes: BTreeSet<[u8; 32]>,
    pub(super) repeated: BTreeSet<[u8; 32]>,
}

impl Exchange {
    /// A piece got through, and an answer came.
    fn went(&mut self, piece: &Message, answer: &Message, watch: &mut dyn FnMut(&Progress)) {
        for (progress, message) in self.progress.iter_mut().zip([piece, answer]) {
            progress.done.add_all(&message.give);
            if progress.way == Way::In {
                progress.total = progress.done;
            }
            if !message.give.is_empty() {
                watch(progress);
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

impl SyncRun {
    /// The next request, or nothing when all is done. It may be asked for again, and is then signed anew. Before it
    /// leaves, everything that the store took has to be durable.
    ///
    /// # Errors
    /// The store's.
    pub fn next<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &mut Tablet<S, R>,
    ) -> Result<Option<Post>, TabletError> {
        loop {
            let Some(exchange) = &mut self.exchange else {
                let Some(unit) = self.units.pop_front() else { return Ok(None) };
                self.exchange = tablet.begin_exchange(&unit)?;
                continue;
            };
            if let Some(piece) = exchange.left.pop_front() {
                let post = tablet.signed(exchange, &piece);
                exchange.left.push_front(piece);
                let post = post?;
                self.report.requests += 1;
                self.report.bytes_up += post.body.len();
                return Ok(Some(post));
            }
            if tablet.goes_on(exchange)? {
                continue;
            }
            if let Some(exchange) = self.exchange.take() {
                tablet.end_exchange(exchange, &mut self.report)?;
            }
        }
    }

    /// Takes what came of the last request. What is refused for one unit is in the report, and the others go on; on a
    /// link that breaks it goes on with less.
    ///
    /// # Errors
    /// [`TabletError::Transport`] if the centre cannot be reached now, or the store's. The run has ended then.
    pub fn answered<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &mut Tablet<S, R>,
        answer: Result<Vec<u8>, TransportError>,
        watch: &mut dyn FnMut(&Progress),
    ) -> Result<(), TabletError> {
        let Some(exchange) = &mut self.exchange else { return Ok(()) };
        match &answer {
            Ok(bytes) => {
                self.report.bytes_down += bytes.len();
                tablet.pace.through(exchange.sent.max(bytes.len()));
            }
            Err(TransportError::Refused { code, .. })
                if code == "unknown_device" && !exchange.with_certificate =>
            {
                exchange.with_certificate = true;
                return Ok(());
            }
            Err(TransportError::Broken(_)) => {
                tablet.pace.broke(exchange.sent);
                if tablet.pace.goes_on() {
                    self.report.broken += 1;
                    exchange.with_certificate = false;
                    exchange.left = smaller(std::mem::take(&mut exchange.left), tablet.pace.bytes());
                    return Ok(());
                }
            }
            Err(_) => {}
        }
        match answer {
            Ok(bytes) => tablet.take_answer(exchange, &bytes, &mut self.report, watch),
            Err(error @ TransportError::Refused { .. }) => {
                let unit = self.exchange.take().map(|exchange| exchange.unit);
                self.report.failed.extend(unit.map(|unit| (unit, error)));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What it did. `minutes` is the time by this device's clock, since 1970, if it has one: people are told when the
    /// centre was last reached.
    pub fn end<S: Store, R: CryptoRng>(self, tablet: &mut Tablet<S, R>, minutes: Option<u64>) -> SyncReport {
        if let Some(at) = minutes {
            // It is for people alone; a sync that went through does not fail for it.
            drop(tablet.note_contact(at));
        }
        self.report
    }
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
        let mut run = self.begin_sync()?;
        while let Some(post) = run.next(self)? {
            run.answered(self, transport.post(&post.path, &post.body), watch)?;
        }
        Ok(run.end(self, transport.minutes_now()))
    }

    /// Begins a sync whose requests somebody else sends.
    ///
    /// # Errors
    /// [`TabletError::NotEnrolled`], or the store's.
    pub fn begin_sync(&mut self) -> Result<SyncRun, TabletError> {
        self.pace.begin();
        // After a failed write memory may still name a unit of which nothing was stored; it is read again first.
        let units: Vec<UnitCode> = self.attempt(|tablet| tablet.membership().map(|_| tablet.held_units()))?;
        Ok(SyncRun { units: units.into(), exchange: None, report: SyncReport::default() })
    }

    fn begin_exchange(&mut self, unit: &UnitCode) -> Result<Option<Exchange>, TabletError> {
        if planted::is(Bug::CourierKeepsAll) && self.units().is_empty() {
            return Ok(None);
        }
        let before = self.attempt(|tablet| Ok(tablet.state(unit)?.replica.confirmed()))?;
        let mut exchange = Exchange {
            unit: unit.clone(),
            progress: [Way::Out, Way::In].map(|way| Progress::begin(unit, way)),
            finished: self.state(unit)?.replica.is_finished(),
            before,
            left: VecDeque::new(),
            again: Vec::new(),
            with_certificate: false,
            sent: 0,
            rounds: 1,
            tried: BTreeSet::new(),
            theirs: BTreeSet::new(),
            received: 0,
            changes: BTreeSet::new(),
            repeated: BTreeSet::new(),
        };
        let mut give: Vec<Item> = Vec::new();
        for envelope in self.state(unit)?.replica.envelopes() {
            let id = envelope.envelope_id();
            if !exchange.before.contains(&id) {
                exchange.tried.insert(id);
                give.push(Item::new(ItemKind::Envelope, envelope.bytes()));
            }
        }
        // Ballots go first: nothing of the record may delay them.
        give.extend(self.record_to_give(&mut exchange)?);
        self.lay_out(&mut exchange, give)?;
        Ok(Some(exchange))
    }

    /// Cuts what is given into the pieces of a round; there is one also if nothing is given.
    fn lay_out(&self, exchange: &mut Exchange, give: Vec<Item>) -> Result<(), TabletError> {
        let mut first = self.message(&exchange.unit)?;
        if self.units().contains(&exchange.unit) {
            first.have = Some(self.state(&exchange.unit)?.replica.have());
        }
        exchange.progress[0].total.add_all(&give);
        exchange.left = pieces_of(first, give, self.pace.bytes()).into();
        Ok(())
    }

    /// After the last piece of a round: lays out another if there is anything to give or to fetch.
    fn goes_on(&mut self, exchange: &mut Exchange) -> Result<bool, TabletError> {
        let mut give = self.still_lacking(exchange)?;
        give.splice(0..0, std::mem::take(&mut exchange.again));
        give.extend(self.record_to_give(exchange)?);
        let more = exchange.received > 0 && self.lacks_any(&exchange.unit, &exchange.theirs)?;
        if give.is_empty() && !more || exchange.rounds == EXCHANGES_MAX {
            return Ok(false);
        }
        exchange.rounds += 1;
        exchange.received = 0;
        self.lay_out(exchange, give)?;
        Ok(true)
    }

    fn end_exchange(&mut self, exchange: Exchange, report: &mut SyncReport) -> Result<(), TabletError> {
        let replica = &self.state(&exchange.unit)?.replica;
        report.confirmed += replica.confirmed().difference(&exchange.before).count();
        if !exchange.finished && replica.is_finished() {
            report.finished.push(exchange.unit);
        }
        Ok(())
    }

    fn signed(&mut self, exchange: &mut Exchange, message: &Message) -> Result<Post, TabletError> {
        let mut nonce = [0; 8];
        self.rng.fill_bytes(&mut nonce);
        let path = match self.pace.answer_max() {
            Some(bytes) => format!("/api/v1/sync?answer_max={bytes}{}", self.sheet_known(&exchange.unit)),
            None => "/api/v1/sync".to_owned(),
        };
        let identity = self.identity.as_ref().ok_or(TabletError::NotEnrolled)?;
        let certificate = &self.membership()?.certificate;
        let request = Request {
            device: identity.device(),
            nonce,
            certificate: exchange.with_certificate.then(|| certificate.bytes().to_vec()),
            message: cbor::encode(message),
        };
        let body = Signed::sign(request, &identity.sign).into_bytes();
        exchange.sent = body.len();
        Ok(Post { path, body })
    }

    /// Takes the answer to the piece that was sent.
    fn take_answer(
        &mut self,
        exchange: &mut Exchange,
        answer: &[u8],
        report: &mut SyncReport,
        watch: &mut dyn FnMut(&Progress),
    ) -> Result<(), TabletError> {
        let Some(piece) = exchange.left.pop_front() else { return Ok(()) };
        exchange.with_certificate = false;
        let not_ours = |what: &str| TransportError::NotACentre(what.to_owned());
        let answer: Message = cbor::decode(answer).map_err(|error| not_ours(&error.to_string()))?;
        if answer.package != piece.package || answer.unit != piece.unit {
            return Err(not_ours("an answer to something else").into());
        }
        exchange.went(&piece, &answer, watch);
        let new = self.attempt(|tablet| tablet.take_items(&answer, Route::Centre))?.new;
        exchange.received += new;
        report.received += new;
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
                        exchange.again.extend(self.state(&exchange.unit)?.replica.certificates_of(&author));
                    }
                    exchange.again.push(item.clone());
                }
                None => report.refused.push((exchange.unit.clone(), item.kind, *outcome)),
            }
        }
        Ok(())
    }

    /// On a bad link the centre is spared sending lists that are here.
    fn sheet_known(&self, unit: &UnitCode) -> String {
        let here = self.sheet(unit).is_some();
        let hash = self.sheet_hash(unit).filter(|_| here);
        hash.map(|hash| format!("&sheet={hash}")).unwrap_or_default()
    }

    /// Envelopes that a receipt covers and the centre no longer has: it was restored from a backup.
    fn still_lacking(&self, exchange: &mut Exchange) -> Result<Vec<Item>, TabletError> {
        let mut give = Vec::new();
        for envelope in self.state(&exchange.unit)?.replica.envelopes() {
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
