//! A round in memory: a centre that signs, admits and answers as the real one does, without database or network.

#![expect(dead_code, reason = "each test binary uses a part of it")]

pub mod room;
pub mod team;

use client_ffi::Tablet;
use client_ffi::store::Store;
use client_ffi::transport::{Transport, TransportError};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::cell::RefCell;
use std::collections::BTreeMap;
use sync_core::ballot::{BoxSecret, Form, Marks, Opened, Place, Record};
use sync_core::cbor;
use sync_core::centre::{Admission, Admitted, Answer, Certificates, SenderError, lacking};
use sync_core::cose::{PublicKey, SecretKey, Signed, Unverified};
use sync_core::device::{Certificate, Scope, SignedCertificate};
use sync_core::enrol::{EnrolRequest, EnrolToken, Enrolment, TokenSecret};
use sync_core::envelope::SignedEnvelope;
use sync_core::fingerprint;
use sync_core::id::{DeviceId, EnvelopeId, RoundId, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome, Request};
use sync_core::package::{
    CentreKeys, Mode, Official, Package, PermitChange, Rules, Sheet, SheetReplacement, UnitEntry, Voting,
    default_levels,
};
use sync_core::permit::{PermitCode, draw_permits};
use sync_core::receipt::RoundStatement;
use sync_core::record::{Record as UnitRecord, SignedChange, Taken};
use sync_core::secret::RoundSecret;

pub const ROUND: RoundId = RoundId([3; 16]);
pub const OFFICIALS: usize = 3;
pub const BATCH_MIN: u32 = 3;

pub fn unit(code: &str) -> UnitCode {
    UnitCode::new(code).unwrap()
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// Two units with slips (`A`, `B`) and one attended (`T`).
pub struct World {
    pub centre_key: SecretKey,
    pub package: Signed<Package>,
    pub sheets: BTreeMap<UnitCode, Sheet>,
    pub permits: BTreeMap<UnitCode, Vec<PermitCode>>,
    pub secret: RoundSecret,
    pub replacements: RefCell<Vec<(Signed<SheetReplacement>, Sheet)>>,
    pub stored: RefCell<BTreeMap<EnvelopeId, SignedEnvelope>>,
    pub statements: RefCell<BTreeMap<UnitCode, Signed<RoundStatement>>>,
    pub certificates: RefCell<BTreeMap<DeviceId, SignedCertificate>>,
    pub forgets_devices: RefCell<bool>,
    pub requests: RefCell<Vec<Vec<u8>>>,
    pub records: RefCell<BTreeMap<UnitCode, UnitRecord>>,
}

/// Names that stand nowhere but in a sheet and a record.
pub const TEAM: [&str; 2] = ["Vàng Mí Sử", "Lý A Páo"];
const SEAL_SECRET: [u8; 32] = [5; 32];

pub fn voter_name(number: u32) -> String {
    format!("{} Thị Ưởng {number}", ["Sùng", "Đặng", "Giàng"][number as usize % 3])
}

pub fn official(i: usize) -> Official {
    Official { code: format!("CB{i}"), name: format!("Cán bộ {i}"), post: "Bí thư".to_owned() }
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self::with(seed, false)
    }

    /// A world whose sheets name voters and team.
    pub fn with_names(seed: u64) -> Self {
        Self::with(seed, true)
    }

    fn with(seed: u64, names: bool) -> Self {
        let mut rng = rng(seed);
        let centre_key = SecretKey::from_seed(&[9; 32]);
        let secret = RoundSecret::draw(&mut rng);
        let mut sheets = BTreeMap::new();
        let mut permits = BTreeMap::new();
        for code in ["A", "B", "T"] {
            let unit = unit(code);
            let count = if code == "T" { 0 } else { 40 };
            let (codes, commitments) = draw_permits(count, &ROUND, &unit, &mut rng);
            let sheet = Sheet {
                round: ROUND,
                unit: unit.clone(),
                officials: (0..OFFICIALS).map(official).collect(),
                voters: 37,
                voter_names: if names { (1..=37).map(voter_name).collect() } else { Vec::new() },
                team: if names { TEAM.map(str::to_owned).to_vec() } else { Vec::new() },
                permits: commitments,
            };
            sheets.insert(unit.clone(), sheet);
            permits.insert(unit, codes);
        }
        let package = Package {
            round: ROUND,
            mode: Mode::Training,
            title: "Thử".to_owned(),
            levels: default_levels(),
            rules: Rules { batch_min: BATCH_MIN, ..Rules::default() },
            keys: secret.public(&ROUND, 2, 3).unwrap(),
            centre: CentreKeys { sign: centre_key.public(), seal: seal_public() },
            units: sheets
                .values()
                .map(|sheet| UnitEntry {
                    code: sheet.unit.clone(),
                    name: sheet.unit.to_string(),
                    voting: if sheet.unit.as_str() == "T" { Voting::Attended } else { Voting::Permit },
                    sheet: sheet.hash(),
                })
                .collect(),
        };
        Self {
            package: Signed::sign(package, &centre_key),
            centre_key,
            sheets,
            permits,
            secret,
            replacements: RefCell::default(),
            stored: RefCell::default(),
            statements: RefCell::default(),
            certificates: RefCell::default(),
            forgets_devices: RefCell::new(false),
            requests: RefCell::default(),
            records: RefCell::default(),
        }
    }

    /// A token whose secret names the scope, so that the centre needs no list.
    pub fn token(&self, scope: u8) -> String {
        let token = EnrolToken {
            centre: self.centre_key.public(),
            secret: TokenSecret([scope; 16]),
            address: "http://127.0.0.1:1".to_owned(),
        };
        token.to_text()
    }

    /// A tablet of unit `A` on a store, ready to vote.
    pub fn tablet<S: Store>(&self, store: S, seed: u64) -> Tablet<S, ChaCha20Rng> {
        let mut tablet = Tablet::open_with(store, rng(seed)).unwrap();
        tablet.enrol(&self.token(b'A'), self).unwrap();
        self.confirm(&mut tablet, "A");
        tablet
    }

    pub fn confirm<S: Store>(&self, tablet: &mut Tablet<S, ChaCha20Rng>, code: &str) {
        let unit = unit(code);
        let paper = fingerprint::groups(&tablet.sheet_hash(&unit).unwrap().0);
        tablet.confirm_sheet(&unit, &[(0, &paper[0]), (3, &paper[3])]).unwrap();
    }

    pub fn permit(&self, code: &str, i: usize) -> &PermitCode {
        &self.permits[&unit(code)][i]
    }

    /// Opens a record of a unit as the trustees will.
    pub fn open(&self, code: &str, record: &Record) -> Opened {
        let unit = unit(code);
        let hash = self.package.hash();
        let sheet = self.sheets[&unit].hash();
        let place = Place { package: &hash, unit: &unit, sheet: &sheet };
        let form = Form { officials: OFFICIALS, levels: 3 };
        let permits = (code != "T").then_some(&ROUND);
        self.box_secret().open(record, form, place, permits)
    }

    pub fn box_secret(&self) -> BoxSecret {
        self.secret.box_secret(&ROUND)
    }

    /// Replaces the sheet of a unit: a name was misspelt.
    pub fn replace_sheet(&self, code: &str) -> Vec<Item> {
        self.replace_sheet_with(code, |sheet| sheet.officials[0].name = "Cán bộ Một".to_owned())
    }

    /// Replaces the sheet of a unit that holds now, whatever it replaced itself.
    pub fn replace_sheet_with(&self, code: &str, change: impl FnOnce(&mut Sheet)) -> Vec<Item> {
        let unit = unit(code);
        let before: Vec<Sheet> = {
            let replaced = self.replacements.borrow();
            let of_unit = replaced.iter().filter(|(signed, _)| signed.value().unit == unit);
            std::iter::once(&self.sheets[&unit]).chain(of_unit.map(|(_, sheet)| sheet)).cloned().collect()
        };
        let old = before.last().unwrap();
        let mut new = old.clone();
        change(&mut new);
        let kept = new.permits == old.permits;
        let replacement = SheetReplacement {
            package: self.package.hash(),
            unit,
            number: u32::try_from(before.len()).unwrap(),
            old: old.hash(),
            new: new.hash(),
            permits: if kept { PermitChange::Kept } else { PermitChange::Replaced },
            reason: "sai tên".to_owned(),
        };
        let signed = Signed::sign(replacement, &self.centre_key);
        let items = vec![
            Item::new(ItemKind::SheetReplacement, signed.bytes()),
            Item::new(ItemKind::Sheet, cbor::encode(&new)),
        ];
        self.replacements.borrow_mut().push((signed, new));
        items
    }

    /// The centre finishes the round for a unit, over everything it holds of it.
    pub fn finish(&self, code: &str) -> Signed<RoundStatement> {
        let statement = self.statement(code, &self.held(&unit(code)));
        self.statements.borrow_mut().insert(unit(code), statement.clone());
        statement
    }

    /// A statement that the centre signs.
    pub fn statement(&self, code: &str, listed: &[EnvelopeId]) -> Signed<RoundStatement> {
        let (package, unit) = (self.package.hash(), unit(code));
        let admission = Admission { package: &package, unit: &unit, centre: &self.package.value().centre };
        admission.statement(listed, &self.centre_key)
    }

    fn enrol(&self, body: &[u8]) -> Vec<u8> {
        let request = Unverified::<EnrolRequest>::decode(body).unwrap();
        let key = request.claim().sign;
        let request = request.verify(&key).unwrap();
        let scope = request.value().secret.0[0];
        let units: Vec<UnitCode> = match scope {
            b'2' => vec![unit("A"), unit("B")],
            b'C' => Vec::new(),
            letter => vec![unit(&char::from(letter).to_string())],
        };
        let certificate = Certificate {
            package: self.package.hash(),
            sign: request.value().sign,
            seal: request.value().seal,
            scope: if units.is_empty() { Scope::Courier } else { Scope::Units(units.clone()) },
            label: "Máy".to_owned(),
        };
        let certificate = Signed::sign(certificate, &self.centre_key);
        let id = certificate.value().device();
        self.certificates.borrow_mut().insert(id, certificate.clone());
        let sheets = units.iter().map(|unit| Item::new(ItemKind::Sheet, cbor::encode(&self.sheets[unit])));
        cbor::encode(&Enrolment {
            package: self.package.bytes().to_vec(),
            certificate: certificate.into_bytes(),
            items: sheets.collect(),
        })
    }

    fn sync(&self, body: &[u8], wish: &Wish) -> Result<Vec<u8>, TransportError> {
        self.requests.borrow_mut().push(body.to_vec());
        let request = Unverified::<Request>::decode(body).unwrap();
        let message: Message = cbor::decode(&request.claim().message).unwrap();
        let hash = self.package.hash();
        let admission =
            Admission { package: &hash, unit: &message.unit, centre: &self.package.value().centre };
        let device = request.claim().device;
        let known = self.key_of(&device).map(|key| (key, Scope::Courier));
        let sender = match admission.sender(request, known) {
            Ok(sender) => sender,
            Err(SenderError::BadSignature) => panic!("a request that its sender did not sign"),
            Err(SenderError::UnknownDevice) => {
                return Err(TransportError::Refused {
                    status: 403,
                    code: "unknown_device".to_owned(),
                    detail: String::new(),
                    after: None,
                });
            }
        };
        if let Some(certificate) = sender.certificate {
            self.certificates.borrow_mut().insert(device, certificate);
            *self.forgets_devices.borrow_mut() = false;
        }
        let (mut safe, mut outcomes) = (Vec::new(), Vec::new());
        for (place, item) in (0_u32..).zip(&message.give) {
            match admission.judge(item, self) {
                Ok(Admitted::Envelope(envelope)) => {
                    safe.push(envelope.envelope_id());
                    self.stored.borrow_mut().insert(envelope.envelope_id(), envelope);
                }
                Ok(Admitted::Certificate(c)) => {
                    self.certificates.borrow_mut().insert(c.value().device(), c);
                }
                Ok(Admitted::Nothing) => {}
                Ok(Admitted::Change(change)) => {
                    outcomes.extend(self.take_change(&message.unit, change).map(|outcome| (place, outcome)));
                }
                Ok(Admitted::Sealed(sealed)) => {
                    let changes = sealed.open(&SEAL_SECRET).unwrap_or_default();
                    let judged = changes.iter().map(|bytes| admission.judge_change(bytes, self));
                    let told: Vec<Outcome> = judged
                        .filter_map(|change| match change {
                            Ok(change) => self.take_change(&message.unit, change),
                            Err(outcome) => Some(outcome),
                        })
                        .collect();
                    outcomes.extend(told.first().map(|outcome| (place, *outcome)));
                }
                Ok(Admitted::Carried(_)) => {}
                Err(outcome) => outcomes.push((place, outcome)),
            }
        }
        let receipt = admission.receipt(&safe, &self.centre_key);
        let held = self.held(&message.unit);
        let statements = self.statements.borrow();
        let statement = statements.get(&message.unit);
        let mut answer = admission.answer(
            Have { envelopes: held.clone(), records: self.record(&message.unit).heads() },
            receipt.as_ref(),
            statement,
            outcomes,
        );
        if let Some(bytes) = wish.answer_max {
            answer.limit(bytes);
        }
        self.give_lacking(&mut answer, &message, wish.sheet.as_ref());
        Ok(cbor::encode(&answer.finish()))
    }

    /// What somebody who says what they have lacks.
    fn give_lacking(&self, answer: &mut Answer, message: &Message, known: Option<&String>) {
        let Some(have) = &message.have else { return };
        let statements = self.statements.borrow();
        let statement = statements.get(&message.unit);
        let held = self.held(&message.unit);
        let replaced = self.replacements.borrow();
        let newest = replaced.iter().map(|(_, sheet)| sheet.hash().to_string()).next_back();
        for (replacement, sheet) in replaced.iter().filter(|_| known != newest.as_ref()) {
            answer.give(Item::new(ItemKind::SheetReplacement, replacement.bytes()));
            answer.give(Item::new(ItemKind::Sheet, cbor::encode(sheet)));
        }
        for certificate in self.certificates.borrow().values() {
            answer.give(Item::new(ItemKind::Certificate, certificate.bytes()));
        }
        for id in lacking(&held, have, statement.map(Signed::value)) {
            answer.give(Item::new(ItemKind::Envelope, self.stored.borrow()[&id].bytes()));
        }
        for change in self.record(&message.unit).lacking(&have.records) {
            answer.give(Item::new(ItemKind::RecordChange, change.bytes()));
        }
    }

    /// The unit's record at the centre.
    pub fn record(&self, unit: &UnitCode) -> UnitRecord {
        let fresh = || UnitRecord::new(self.package.hash(), unit.clone());
        self.records.borrow().get(unit).cloned().unwrap_or_else(fresh)
    }

    fn take_change(&self, unit: &UnitCode, change: SignedChange) -> Option<Outcome> {
        let mut record = self.record(unit);
        let taken = record.take(change);
        self.records.borrow_mut().insert(unit.clone(), record);
        match taken {
            Taken::New | Taken::AlreadyHere => None,
            Taken::WaitsForPredecessor => Some(Outcome::WaitsForPredecessor),
            Taken::Refused(outcome) => Some(outcome),
        }
    }

    pub fn held(&self, unit: &UnitCode) -> Vec<EnvelopeId> {
        let stored = self.stored.borrow();
        stored.iter().filter(|(_, e)| e.value().unit == *unit).map(|(id, _)| *id).collect()
    }
}

pub fn seal_public() -> [u8; 32] {
    BoxSecret::from_bytes(&SEAL_SECRET).unwrap().public()
}

/// How a tablet wants its answer.
#[derive(Default)]
struct Wish {
    answer_max: Option<usize>,
    sheet: Option<String>,
}

impl Wish {
    fn of(path: &str) -> Self {
        let mut wish = Self::default();
        let query = path.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
            match name {
                "answer_max" => wish.answer_max = Some(value.parse().unwrap()),
                "sheet" => wish.sheet = Some(value.to_owned()),
                other => panic!("no such wish {other}"),
            }
        }
        wish
    }
}

impl Certificates for World {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        if *self.forgets_devices.borrow() {
            return None;
        }
        self.certificates.borrow().get(device).map(|c| c.value().sign)
    }
}

impl Transport for World {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        match path.split('?').next().unwrap_or_default() {
            "/api/v1/enrol" => Ok(self.enrol(body)),
            "/api/v1/sync" => self.sync(body, &Wish::of(path)),
            other => panic!("no such path {other}"),
        }
    }
}

/// Distinct marks for each voter, so that an exchanged ballot is seen.
pub fn marks(voter: usize) -> Marks {
    let line = |shift: usize| match (voter / 4_usize.pow(u32::try_from(shift).unwrap())) % 4 {
        3 => None,
        level => Some(u8::try_from(level).unwrap()),
    };
    Marks::new((0..OFFICIALS).map(line).collect())
}

/// A random number below `bound`.
pub fn below(rng: &mut ChaCha20Rng, bound: usize) -> usize {
    usize::try_from(rng.next_u64() % bound as u64).unwrap()
}
