//! The centre over memory: the rules are those of `sync_core::centre`, this file only loads and stores around them,
//! as the server does around its database. A commit is one step; the centre may stop before or after it.

use crate::round::SEAL_SECRET;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::bundle::Bundle;
use sync_core::cbor;
use sync_core::centre::{
    Admission, Admitted, Certificates, Checked, ENVELOPES_PER_DEVICE_MAX, ENVELOPES_PER_UNIT_MAX,
    SenderError, authors, handshake, lacking, may_fetch,
};
use sync_core::cose::{PublicKey, SecretKey, Signed, Unverified};
use sync_core::device::{Certificate, Revocation, Scope, SignedCertificate};
use sync_core::enrol::{EnrolRequest, Enrolment};
use sync_core::envelope::SignedEnvelope;
use sync_core::id::{DeviceId, EnvelopeId, Nullifier, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome, Request};
use sync_core::order::{Decision, OpeningOrder};
use sync_core::package::{Package, Sheet, SheetReplacement, Voting, current_sheet};
use sync_core::receipt::RoundStatement;
use sync_core::record::{
    Close, Finding, Ground, Record, RecordChange, SealedChanges, SignedChange, Taken, Votes, reconcile,
};
use sync_core::standing::UnitStanding;
use sync_core::survey::{Header, UnitFacts};

/// Everything that a backup of the centre holds.
#[derive(Clone)]
pub struct Books {
    /// Whether the round is open; envelopes are taken either way.
    pub open: bool,
    /// Certificates by device.
    pub certificates: BTreeMap<DeviceId, SignedCertificate>,
    /// Revocations by device.
    pub revocations: BTreeMap<DeviceId, Signed<Revocation>>,
    /// Sheet replacements in the order of their making.
    pub replacements: Vec<Signed<SheetReplacement>>,
    /// Every sheet.
    pub sheets: Vec<Sheet>,
    /// Envelopes by unit and id.
    pub envelopes: BTreeMap<UnitCode, BTreeMap<EnvelopeId, SignedEnvelope>>,
    /// What teams noted, by unit.
    pub records: BTreeMap<UnitCode, Record>,
    /// Ids that were here when the round was closed.
    pub at_close: Option<BTreeSet<EnvelopeId>>,
    /// Decisions of two people by unit.
    pub decisions: BTreeMap<UnitCode, Vec<Decision>>,
    /// Orders and results.
    pub orders: Vec<Signed<OpeningOrder>>,
    /// Results of the orders.
    pub results: Vec<Signed<sync_core::count::RoundResult>>,
    /// Statements by which units are finished.
    pub statements: BTreeMap<UnitCode, Signed<RoundStatement>>,
}

/// Where the centre stops, if it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Nothing was stored.
    BeforeCommit,
    /// Everything was stored, nothing was answered.
    AfterCommit,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A problem with this status and code.
    Problem(u16, &'static str),
    /// The connection broke, for the centre stopped.
    Stopped(Stop),
}

/// The centre.
pub struct Centre {
    key: SecretKey,
    /// The round.
    pub package: Signed<Package>,
    /// What is durably stored.
    pub books: Books,
    checked: Checked,
}

struct Keys<'a>(BTreeMap<DeviceId, PublicKey>, &'a Checked);

impl Certificates for Keys<'_> {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        self.0.get(device).copied()
    }

    fn was_checked(&self, bytes: &[u8]) -> bool {
        self.1.knows(bytes)
    }
}

impl Centre {
    /// A centre whose round is open for voting.
    pub fn new(key: SecretKey, package: Signed<Package>, sheets: Vec<Sheet>) -> Self {
        let envelopes = package.value().units.iter().map(|unit| (unit.code.clone(), BTreeMap::new()));
        let hash = package.hash();
        let records = package.value().units.iter();
        let records = records.map(|unit| (unit.code.clone(), Record::new(hash, unit.code.clone())));
        let records = records.collect();
        let books = Books {
            open: true,
            certificates: BTreeMap::new(),
            revocations: BTreeMap::new(),
            replacements: Vec::new(),
            sheets,
            envelopes: envelopes.collect(),
            records,
            at_close: None,
            decisions: BTreeMap::new(),
            orders: Vec::new(),
            results: Vec::new(),
            statements: BTreeMap::new(),
        };
        Self { key, package, books, checked: Checked::default() }
    }

    /// Its signing key, with which the office makes certificates, orders and replacements.
    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    /// Certifies a device that shows its keys. The office made its token for this scope.
    pub fn enrol(&mut self, body: &[u8], scope: &Scope, label: &str) -> Vec<u8> {
        let request = Unverified::<EnrolRequest>::decode(body).expect("our own tablet asks");
        let key = request.claim().sign;
        let request = request.verify(&key).expect("our own tablet signs");
        let EnrolRequest { sign, seal, .. } = request.value();
        let package = self.package.hash();
        let certificate =
            Certificate { package, sign: *sign, seal: *seal, scope: scope.clone(), label: label.to_owned() };
        let certificate = Signed::sign(certificate, &self.key);
        let covers = |unit: &UnitCode| scope.covers(unit);
        let replacements = self.books.replacements.iter().filter(|r| covers(&r.value().unit));
        let replacements = replacements.map(|r| Item::new(ItemKind::SheetReplacement, r.bytes()));
        let sheets = self.books.sheets.iter().filter(|sheet| covers(&sheet.unit));
        let sheets = sheets.map(|sheet| Item::new(ItemKind::Sheet, cbor::encode(sheet)));
        let items = replacements.chain(sheets).collect();
        let answer = Enrolment {
            package: self.package.bytes().to_vec(),
            certificate: certificate.bytes().to_vec(),
            items,
        };
        self.books.certificates.insert(certificate.value().device(), certificate);
        cbor::encode(&answer)
    }

    /// Takes a request and answers it. With a planned stop the centre dies there, and there is no answer.
    pub fn sync(&mut self, body: &[u8], stop: Option<Stop>) -> Result<Vec<u8>, Failure> {
        let malformed = |_| Failure::Problem(400, "malformed");
        let request = Unverified::<Request>::decode(body).map_err(malformed)?;
        let message: Message = cbor::decode(&request.claim().message).map_err(malformed)?;
        let package = self.package.hash();
        let known_unit = |unit: &UnitCode| self.package.value().unit(unit).is_some();
        if message.package != package {
            return Err(Failure::Problem(409, "other_package"));
        }
        let centre = self.package.value().centre.clone();
        let admission = Admission { package: &package, unit: &message.unit, centre: &centre };
        let known = self.books.certificates.get(&request.claim().device);
        let known = known.map(|c| (c.value().sign, c.value().scope.clone()));
        let sender = admission.sender(request, known).map_err(|error| match error {
            SenderError::UnknownDevice => Failure::Problem(403, "unknown_device"),
            SenderError::BadSignature => Failure::Problem(401, "bad_signature"),
        })?;
        handshake(&message, &package, known_unit).map_err(|_| Failure::Problem(404, "unknown_unit"))?;
        let opened = open_sealed(&message, centre.device());
        let mut keys = admission.certified_in(&message);
        keys.extend(sender.certificate.iter().map(|c| (c.value().device(), c.value().sign)));
        let sealed = opened.values().flatten().filter_map(|bytes| author_of(bytes));
        for author in authors(&message).into_iter().chain(sealed) {
            keys.extend(self.books.certificates.get(&author).map(|c| (author, c.value().sign)));
        }
        let sorted = sort(&message, &admission, &Keys(keys, &self.checked), &opened);
        sorted.changes.iter().for_each(|(_, change)| self.checked.note(change));
        let Sorted { mut certificates, envelopes, changes, mut outcomes } = sorted;
        certificates.extend(sender.certificate.iter().cloned());
        if stop == Some(Stop::BeforeCommit) {
            return Err(Failure::Stopped(Stop::BeforeCommit));
        }
        let mut safe = Vec::new();
        for (place, envelope) in envelopes {
            let id = envelope.envelope_id();
            if self.books.store(&message.unit, envelope) {
                safe.push(id);
            } else {
                outcomes.insert(place, Outcome::TooMany);
            }
        }
        self.books.note(&message.unit, changes, &mut outcomes);
        for certificate in certificates {
            self.books.certificates.entry(certificate.value().device()).or_insert(certificate);
        }
        if stop == Some(Stop::AfterCommit) {
            return Err(Failure::Stopped(Stop::AfterCommit));
        }
        let receipt = admission.receipt(&safe, &self.key);
        let held: Vec<EnvelopeId> = self.books.envelopes[&message.unit].keys().copied().collect();
        let statement = self.books.statements.get(&message.unit);
        let mut answer = admission.answer(
            Have { envelopes: held, records: self.books.records[&message.unit].heads() },
            receipt.as_ref(),
            statement,
            outcomes.into_iter().collect(),
        );
        let revoked = self.books.revocations.contains_key(&sender.device);
        self.books.give_what_is_lacking(
            &message,
            &mut answer,
            may_fetch(&sender.scope, &message.unit, revoked),
            sender.device,
        );
        Ok(cbor::encode(&answer.finish()))
    }

    /// How a unit stands.
    pub fn standing(&self, unit: &UnitCode) -> UnitStanding {
        let books = &self.books;
        let first = self.package.value().unit(unit).expect("a unit of the round").sheet;
        let replacements = books.replacements.iter().filter(|r| r.value().unit == *unit);
        let sheets = books.sheets.iter().filter(|sheet| sheet.unit == *unit);
        let covers = |c: &&SignedCertificate| c.value().scope.covers(unit);
        let facts = UnitFacts {
            centre: Some(self.package.value().centre.device()),
            sheets: sheets.map(|sheet| (sheet.hash(), sheet.record_len())).collect(),
            current: Some(current_sheet(first, replacements)),
            certified: books.certificates.values().filter(covers).map(|c| c.value().device()).collect(),
            revoked: books.revocations.keys().copied().collect(),
            at_close: books.at_close.clone(),
            envelopes: books.envelopes[unit].values().map(Header::from).collect(),
            papers: BTreeSet::new(),
        };
        UnitStanding::new(unit.clone(), facts, books.decisions.get(unit).cloned().unwrap_or_default())
    }

    /// How a unit stands, with what in its record does not reconcile.
    pub fn standing_with_record(&self, unit: &UnitCode) -> UnitStanding {
        let standing = self.standing(unit);
        let findings = self.findings(&standing);
        standing.with_findings(findings)
    }

    /// What in a unit's record does not reconcile with its sheet and the envelopes that an order would open.
    pub fn findings(&self, standing: &UnitStanding) -> Vec<Finding> {
        let (books, unit) = (&self.books, &standing.unit);
        let entry = self.package.value().unit(unit).expect("a unit of the round");
        let sheet = books.sheets.iter().find(|sheet| Some(sheet.hash()) == standing.facts.current);
        let admitted: BTreeSet<EnvelopeId> =
            standing.order().into_iter().flat_map(|order| order.admitted).collect();
        let mut tablets: BTreeMap<DeviceId, Close> =
            standing.facts.certified.iter().map(|device| (*device, Close::default())).collect();
        for header in standing.facts.envelopes.iter().filter(|header| admitted.contains(&header.id)) {
            if let (Some(total), Some(close)) = (header.total, tablets.get_mut(&header.device)) {
                close.total = close.total.max(Some(total));
            }
        }
        let all_known = standing.open_gaps().is_empty() && standing.undecided().is_empty();
        let votes =
            all_known.then(|| Votes { collected: self.collected(unit, &admitted, (entry.voting, sheet)) });
        let ground = Ground { sheet, voting: entry.voting, tablets, revoked: &standing.facts.revoked, votes };
        reconcile(&books.records[unit], &ground)
    }

    /// Ballots in these envelopes, as they can be told apart before anything is opened.
    fn collected(
        &self,
        unit: &UnitCode,
        admitted: &BTreeSet<EnvelopeId>,
        (voting, sheet): (Voting, Option<&Sheet>),
    ) -> u32 {
        let envelopes = self.books.envelopes[unit].iter().filter(|(id, _)| admitted.contains(id));
        let ballots = envelopes.flat_map(|(_, envelope)| envelope.value().ballots.records());
        let ballots: BTreeSet<Vec<u8>> = match voting {
            Voting::Attended => ballots.map(|ballot| ballot.as_bytes().to_vec()).collect(),
            Voting::Permit => {
                let issued = |n: &Nullifier| sheet.is_some_and(|sheet| sheet.issued(n));
                ballots.map(|ballot| ballot.nullifier()).filter(issued).map(|n| n.0.to_vec()).collect()
            }
        };
        u32::try_from(ballots.len()).expect("few ballots")
    }

    /// Closes the round: what comes later is late.
    pub fn close_round(&mut self) {
        self.books.open = false;
        self.books.at_close = Some(self.books.envelopes.values().flat_map(BTreeMap::keys).copied().collect());
    }

    /// Opens a closed round again.
    pub fn open_round(&mut self) {
        self.books.open = true;
        self.books.at_close = None;
    }

    /// The next opening order over everything here.
    pub fn order(&mut self) {
        let units = self.package.value().units.iter();
        let units =
            units.map(|unit| self.standing(&unit.code).order().expect("the sheet is known")).collect();
        let before = self.books.orders.last();
        let order = OpeningOrder {
            package: self.package.hash(),
            number: before.map_or(1, |order| order.value().number + 1),
            previous_order: before.map(Signed::digest),
            previous_result: self.books.results.last().map(Signed::digest),
            units,
        };
        self.books.orders.push(Signed::sign(order, &self.key));
    }

    /// Everything as one bundle.
    pub fn bundle(&self) -> Bundle {
        let mut bundle = Bundle::new(self.package.clone());
        self.books.sheets.iter().for_each(|sheet| bundle.add_sheet(sheet.clone()));
        bundle.replacements.clone_from(&self.books.replacements);
        bundle.certificates = self.books.certificates.values().cloned().collect();
        bundle.revocations = self.books.revocations.values().cloned().collect();
        for envelope in self.books.envelopes.values().flat_map(BTreeMap::values) {
            bundle.add_envelope(envelope.clone());
        }
        bundle.orders.clone_from(&self.books.orders);
        bundle.results.clone_from(&self.books.results);
        bundle
    }
}

/// What of a message is to be stored, each with its place, and what became of the rest.
#[derive(Default)]
struct Sorted {
    certificates: Vec<SignedCertificate>,
    envelopes: Vec<(u32, SignedEnvelope)>,
    changes: Vec<(u32, SignedChange)>,
    outcomes: BTreeMap<u32, Outcome>,
}

/// What became of the worst in a place.
fn worst(outcomes: &mut BTreeMap<u32, Outcome>, place: u32, outcome: Outcome) {
    let worst = outcomes.entry(place).or_insert(outcome);
    *worst = outcome.max(*worst);
}

/// Record changes that came sealed to the centre, by the place of the list in the message.
fn open_sealed(message: &Message, centre: DeviceId) -> BTreeMap<u32, Vec<Vec<u8>>> {
    let sealed = (0_u32..).zip(&message.give).filter(|(_, item)| item.kind == ItemKind::SealedRecordChange);
    let opened = sealed.filter_map(|(place, item)| {
        let sealed: SealedChanges = cbor::decode(&item.bytes).ok()?;
        let changes = (sealed.reader == centre).then(|| sealed.open(&SEAL_SECRET).ok())??;
        Some((place, changes))
    });
    opened.collect()
}

fn author_of(change: &[u8]) -> Option<DeviceId> {
    Some(Unverified::<RecordChange>::decode(change).ok()?.claim().actor.device())
}

/// Judges every item by itself, and every change that came sealed.
fn sort(
    message: &Message,
    admission: &Admission<'_>,
    keys: &Keys<'_>,
    opened: &BTreeMap<u32, Vec<Vec<u8>>>,
) -> Sorted {
    let mut sorted = Sorted::default();
    for (place, item) in (0_u32..).zip(&message.give) {
        match admission.judge(item, keys) {
            Ok(Admitted::Envelope(envelope)) => sorted.envelopes.push((place, envelope)),
            Ok(Admitted::Certificate(certificate)) => sorted.certificates.push(certificate),
            Ok(Admitted::Nothing) => {}
            Ok(Admitted::Change(change)) => sorted.changes.push((place, change)),
            Ok(Admitted::Carried(_)) => worst(&mut sorted.outcomes, place, Outcome::NotTaken),
            Ok(Admitted::Sealed(_)) => match opened.get(&place) {
                None => worst(&mut sorted.outcomes, place, Outcome::Malformed),
                Some(changes) => {
                    for bytes in changes {
                        match admission.judge_change(bytes, keys) {
                            Ok(change) => sorted.changes.push((place, change)),
                            Err(outcome) => worst(&mut sorted.outcomes, place, outcome),
                        }
                    }
                }
            },
            Err(outcome) => worst(&mut sorted.outcomes, place, outcome),
        }
    }
    sorted
}

impl Books {
    /// Adds changes to a unit's record; each writer's by number, so that one finds the change before it also if that
    /// came later in the message.
    fn note(
        &mut self,
        unit: &UnitCode,
        mut changes: Vec<(u32, SignedChange)>,
        outcomes: &mut BTreeMap<u32, Outcome>,
    ) {
        changes.sort_by_key(|(_, change)| (change.value().actor, change.value().sequence));
        let record = self.records.get_mut(unit).expect("a unit of the round");
        for (place, change) in changes {
            match record.take(change) {
                Taken::New | Taken::AlreadyHere => {}
                Taken::WaitsForPredecessor => worst(outcomes, place, Outcome::WaitsForPredecessor),
                Taken::Refused(outcome) => worst(outcomes, place, outcome),
            }
        }
    }

    /// Stores an envelope once; `false` if its device or unit has too many.
    fn store(&mut self, unit: &UnitCode, envelope: SignedEnvelope) -> bool {
        let of_unit = self.envelopes.entry(unit.clone()).or_default();
        let id = envelope.envelope_id();
        if of_unit.contains_key(&id) {
            return true;
        }
        let device = envelope.value().device;
        let of_device = of_unit.values().filter(|known| known.value().device == device).count();
        if of_device >= ENVELOPES_PER_DEVICE_MAX as usize || of_unit.len() >= ENVELOPES_PER_UNIT_MAX as usize
        {
            return false;
        }
        of_unit.insert(id, envelope);
        true
    }

    fn give_what_is_lacking(
        &self,
        message: &Message,
        answer: &mut sync_core::centre::Answer,
        may_fetch: bool,
        asker: DeviceId,
    ) {
        let Some(have) = &message.have else { return };
        for revocation in self.revocations.values() {
            answer.give(Item::new(ItemKind::Revocation, revocation.bytes()));
        }
        if !may_fetch {
            return;
        }
        let statement = self.statements.get(&message.unit);
        // Nobody needs sheets and their names in a finished round.
        let of_unit = |unit: &UnitCode| *unit == message.unit && statement.is_none();
        let replacements: Vec<_> = self.replacements.iter().filter(|r| of_unit(&r.value().unit)).collect();
        for replacement in &replacements {
            answer.give(Item::new(ItemKind::SheetReplacement, replacement.bytes()));
        }
        if !replacements.is_empty() {
            for sheet in self.sheets.iter().filter(|sheet| of_unit(&sheet.unit)) {
                answer.give(Item::new(ItemKind::Sheet, cbor::encode(sheet)));
            }
        }
        let mut known_authors = BTreeSet::from([asker]);
        let of_unit = &self.envelopes[&message.unit];
        let held: Vec<EnvelopeId> = of_unit.keys().copied().collect();
        let finished = statement.is_some();
        for id in lacking(&held, have, statement.map(Signed::value)) {
            let envelope = &of_unit[&id];
            self.give_certificate(&envelope.value().device, &mut known_authors, answer);
            if !answer.give(Item::new(ItemKind::Envelope, envelope.bytes())) {
                return;
            }
        }
        // Names again.
        let record = (!finished).then(|| &self.records[&message.unit]);
        for change in record.into_iter().flat_map(|record| record.lacking(&have.records)) {
            self.give_certificate(&change.value().actor.device(), &mut known_authors, answer);
            if !answer.give(Item::new(ItemKind::RecordChange, change.bytes())) {
                return;
            }
        }
    }

    /// The certificate of an author whom the asker may not know, once.
    fn give_certificate(
        &self,
        author: &DeviceId,
        known: &mut BTreeSet<DeviceId>,
        answer: &mut sync_core::centre::Answer,
    ) {
        if known.insert(*author)
            && let Some(certificate) = self.certificates.get(author)
        {
            answer.give(Item::new(ItemKind::Certificate, certificate.bytes()));
        }
    }
}
