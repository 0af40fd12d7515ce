//! The centre over memory: the rules are those of `sync_core::centre`, this file only loads and stores around them,
//! as the server does around its database. A commit is one step; the centre may stop before or after it.

use std::collections::{BTreeMap, BTreeSet};
use sync_core::bundle::Bundle;
use sync_core::cbor;
use sync_core::centre::{
    Admission, Admitted, Certificates, ENVELOPES_PER_DEVICE_MAX, ENVELOPES_PER_UNIT_MAX, SenderError,
    authors, handshake, lacking, may_fetch,
};
use sync_core::cose::{PublicKey, SecretKey, Signed, Unverified};
use sync_core::device::{Certificate, Revocation, Scope, SignedCertificate};
use sync_core::enrol::{EnrolRequest, Enrolment};
use sync_core::envelope::{Envelope, SignedEnvelope};
use sync_core::id::{DeviceId, EnvelopeId, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome, Request};
use sync_core::order::{Decision, OpeningOrder};
use sync_core::package::{Package, Sheet, SheetReplacement, current_sheet};
use sync_core::receipt::RoundStatement;
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
}

struct Keys(BTreeMap<DeviceId, PublicKey>);

impl Certificates for Keys {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        self.0.get(device).copied()
    }
}

impl Centre {
    /// A centre whose round is open for voting.
    pub fn new(key: SecretKey, package: Signed<Package>, sheets: Vec<Sheet>) -> Self {
        let envelopes = package.value().units.iter().map(|unit| (unit.code.clone(), BTreeMap::new()));
        let books = Books {
            open: true,
            certificates: BTreeMap::new(),
            revocations: BTreeMap::new(),
            replacements: Vec::new(),
            sheets,
            envelopes: envelopes.collect(),
            at_close: None,
            decisions: BTreeMap::new(),
            orders: Vec::new(),
            results: Vec::new(),
            statements: BTreeMap::new(),
        };
        Self { key, package, books }
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
        let mut keys = admission.certified_in(&message);
        keys.extend(sender.certificate.iter().map(|c| (c.value().device(), c.value().sign)));
        for author in authors(&message) {
            keys.extend(self.books.certificates.get(&author).map(|c| (author, c.value().sign)));
        }
        let keys = Keys(keys);
        let mut certificates: Vec<SignedCertificate> = sender.certificate.iter().cloned().collect();
        let (mut envelopes, mut outcomes) = (Vec::new(), Vec::new());
        for (place, item) in (0_u32..).zip(&message.give) {
            match admission.judge(item, &keys) {
                Ok(Admitted::Envelope(envelope)) => envelopes.push((place, envelope)),
                Ok(Admitted::Certificate(certificate)) => certificates.push(certificate),
                Ok(Admitted::Nothing) => {}
                Ok(Admitted::Change(_) | Admitted::Sealed(_) | Admitted::Carried(_)) => {
                    outcomes.push((place, Outcome::NotTaken));
                }
                Err(outcome) => outcomes.push((place, outcome)),
            }
        }
        if stop == Some(Stop::BeforeCommit) {
            return Err(Failure::Stopped(Stop::BeforeCommit));
        }
        let mut safe = Vec::new();
        for (place, envelope) in envelopes {
            let id = envelope.envelope_id();
            if self.books.store(&message.unit, envelope) {
                safe.push(id);
            } else {
                outcomes.push((place, Outcome::TooMany));
            }
        }
        for certificate in certificates {
            self.books.certificates.entry(certificate.value().device()).or_insert(certificate);
        }
        if stop == Some(Stop::AfterCommit) {
            return Err(Failure::Stopped(Stop::AfterCommit));
        }
        outcomes.sort_unstable();
        let receipt = admission.receipt(&safe, &self.key);
        let held: Vec<EnvelopeId> = self.books.envelopes[&message.unit].keys().copied().collect();
        let statement = self.books.statements.get(&message.unit);
        let mut answer = admission.answer(
            Have { envelopes: held, records: Vec::new() },
            receipt.as_ref(),
            statement,
            outcomes,
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

impl Books {
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
        for id in lacking(&held, have, statement.map(Signed::value)) {
            let envelope = &of_unit[&id];
            let author = Unverified::<Envelope>::decode(envelope.bytes()).ok().map(|e| e.claim().device);
            if let Some(author) = author.filter(|author| known_authors.insert(*author)) {
                let certificate = self.certificates.get(&author).map(Signed::bytes);
                certificate.map(|bytes| answer.give(Item::new(ItemKind::Certificate, bytes)));
            }
            if !answer.give(Item::new(ItemKind::Envelope, envelope.bytes())) {
                return;
            }
        }
    }
}
