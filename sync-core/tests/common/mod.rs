//! One small world for every test: a round with keys, sheets, permits and tablets, all from one seed.
//!
//! What people in the story do is a method: enrol a tablet, mark a ballot, seal an envelope, send it to the centre,
//! make an order, count. What the centre has is a bundle, so that a test can end with an outsider's check of it.

pub mod plan;
pub mod reading;
pub mod samples;
pub mod team;

pub use plan::{Plan, attended_unit, permit_unit};

use plan::{entry, sheet_of};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::ballot::{Claim, Form, Marks, Place, Record, seal};
use sync_core::bundle::Bundle;
use sync_core::cose::{SecretKey, Signed};
use sync_core::count::{CountError, Line, RoundResult, UnitResult, count};
use sync_core::device::{Certificate, Revocation, Scope, SignedCertificate};
use sync_core::envelope::{Batch, Chain, Sealer, SignedEnvelope};
use sync_core::id::{DeviceId, Nullifier, RoundId, SheetHash, UnitCode};
use sync_core::order::{Decision, OpeningOrder, Ruling, UnitOrder};
use sync_core::package::{
    CentreKeys, Mode, Package, PermitChange, Rules, Sheet, SheetReplacement, current_sheet, default_levels,
};
use sync_core::permit::PermitCode;
use sync_core::record::{
    Act, Actor, Entry, Paper, PaperCount, PaperForm, PaperPlace, PersonId, Record as UnitRecord, Taken,
    Writer,
};
use sync_core::secret::{RoundSecret, Share};
use sync_core::survey::{Header, Survey, UnitFacts, survey};

/// The lines of one ballot as the voter marks them.
pub type Lines = Vec<Option<u8>>;

/// Levels of every round here.
pub const LEVELS: usize = 3;

/// A unit, its slips in the order of the hat, and the sheet that holds.
pub struct Unit {
    pub code: UnitCode,
    pub plan: Plan,
    pub sheet: SheetHash,
    pub slips: Vec<PermitCode>,
}

/// A round and everything the centre knows of it.
pub struct World {
    pub rng: ChaCha20Rng,
    pub round: RoundId,
    pub centre: SecretKey,
    pub secret: RoundSecret,
    pub shares: Vec<Share>,
    pub units: Vec<Unit>,
    pub archive: Bundle,
    /// Ids that were here when the round was closed, once it was.
    pub at_close: Option<BTreeSet<sync_core::id::EnvelopeId>>,
}

/// A tablet with its key and where its chain stands.
pub struct Tablet {
    pub key: SecretKey,
    pub seal: [u8; 32],
    pub device: DeviceId,
    pub unit: UnitCode,
    pub certificate: SignedCertificate,
    pub chain: Chain,
}

/// 32 bytes of the generator.
pub fn bytes32(rng: &mut ChaCha20Rng) -> [u8; 32] {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    bytes
}

impl World {
    /// A round whose units are called U1, U2 and so on, with the default rules.
    pub fn new(seed: u64, plans: &[Plan]) -> Self {
        Self::with_rules(seed, plans, Rules::default())
    }

    /// A round with rules of its own.
    pub fn with_rules(seed: u64, plans: &[Plan], rules: Rules) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let round = RoundId::from_random(std::array::from_fn(|_| 0x5a));
        let centre = SecretKey::from_seed(&bytes32(&mut rng));
        let secret = RoundSecret::draw(&mut rng);
        let keys = secret.public(&round, 2, 3).expect("2 of 3 is allowed");
        let shares = secret.split(&round, 2, 3, &mut rng).expect("2 of 3 is allowed");
        let mut sheets = Vec::new();
        let mut units = Vec::new();
        for (i, plan) in plans.iter().enumerate() {
            let code = UnitCode::new(&format!("U{}", i + 1)).expect("a code");
            let (sheet, slips) = sheet_of(&round, &code, *plan, &mut rng);
            units.push(Unit { code, plan: *plan, sheet: sheet.hash(), slips });
            sheets.push(sheet);
        }
        let package = Package {
            round,
            mode: Mode::Training,
            title: "Lấy phiếu đánh giá, đợt thử".to_owned(),
            levels: default_levels(),
            rules,
            keys,
            centre: CentreKeys { sign: centre.public(), seal: [7; 32] },
            units: units.iter().map(entry).collect(),
        };
        let mut archive = Bundle::new(Signed::sign(package, &centre));
        sheets.into_iter().for_each(|sheet| archive.add_sheet(sheet));
        Self { rng, round, centre, secret, shares, units, archive, at_close: None }
    }

    /// The package hash.
    pub fn package(&self) -> sync_core::id::PackageHash {
        self.archive.package.hash()
    }

    /// The sheet of a unit that holds.
    pub fn sheet(&self, unit: usize) -> &Sheet {
        &self.archive.sheets[&self.units[unit].sheet]
    }

    /// Certifies a new tablet for one unit.
    pub fn enrol(&mut self, unit: usize) -> Tablet {
        let unit = self.units[unit].code.clone();
        self.enrol_with(Scope::Units(vec![unit.clone()]), unit)
    }

    /// Certifies a new device with any scope, which will try to seal for `unit`.
    pub fn enrol_with(&mut self, scope: Scope, unit: UnitCode) -> Tablet {
        let key = SecretKey::from_seed(&bytes32(&mut self.rng));
        let seal = bytes32(&mut self.rng);
        let label = format!("Máy {}", self.archive.certificates.len() + 1);
        let claim = Certificate { package: self.package(), sign: key.public(), seal, scope, label };
        let device = claim.device();
        let certificate = Signed::sign(claim, &self.centre);
        self.archive.certificates.push(certificate.clone());
        Tablet { key, seal, device, unit, certificate, chain: Chain::default() }
    }

    /// The centre revokes a device.
    pub fn revoke(&mut self, device: DeviceId) {
        let reason = "Máy bị mất".to_owned();
        let revocation = Revocation { package: self.package(), device, reason };
        self.archive.revocations.push(Signed::sign(revocation, &self.centre));
    }

    /// The centre replaces a unit's sheet by one that `change` makes of it.
    pub fn replace_sheet(
        &mut self,
        unit: usize,
        permits: PermitChange,
        change: impl FnOnce(&mut Sheet),
    ) -> Signed<SheetReplacement> {
        let old = self.units[unit].sheet;
        let mut sheet = self.sheet(unit).clone();
        change(&mut sheet);
        let code = self.units[unit].code.clone();
        let earlier = self.archive.replacements.iter().filter(|r| r.value().unit == code).count();
        let replacement = SheetReplacement {
            package: self.package(),
            unit: code,
            number: u32::try_from(earlier + 1).expect("few replacements"),
            old,
            new: sheet.hash(),
            permits,
            reason: "Sai họ tên".to_owned(),
        };
        self.units[unit].sheet = sheet.hash();
        self.archive.add_sheet(sheet);
        let signed = Signed::sign(replacement, &self.centre);
        self.archive.replacements.push(signed.clone());
        signed
    }

    /// Marks as a voter may make them: any level, some lines blank.
    pub fn marks(&mut self, unit: usize) -> Lines {
        let officials = self.units[unit].plan.officials;
        (0..officials).map(|_| u8::try_from(self.rng.next_u32() % 4).ok().filter(|mark| *mark < 3)).collect()
    }

    /// The nullifier of a slip.
    pub fn nullifier(&self, unit: usize, slip: usize) -> Nullifier {
        let unit = &self.units[unit];
        unit.slips[slip].nullifier(&self.round, &unit.code)
    }

    /// The ballot that the voter with this slip seals.
    pub fn ballot(&mut self, unit: usize, slip: usize, marks: &[Option<u8>]) -> Record {
        let claim = Claim::Permit(self.units[unit].slips[slip].clone());
        let nullifier = self.nullifier(unit, slip);
        self.seal_as(unit, &claim, nullifier, marks, LEVELS)
    }

    /// A ballot in an attended unit.
    pub fn attended_ballot(&mut self, unit: usize, marks: &[Option<u8>]) -> Record {
        let mut random = [0; 16];
        self.rng.fill_bytes(&mut random);
        self.seal_as(unit, &Claim::Attended, Nullifier(random), marks, LEVELS)
    }

    /// A ballot on a unit's sheet with any claim; more `levels` than the round has make it malformed.
    pub fn seal_as(
        &mut self,
        unit: usize,
        claim: &Claim,
        nullifier: Nullifier,
        marks: &[Option<u8>],
        levels: usize,
    ) -> Record {
        let package = self.package();
        let Unit { code, sheet, .. } = &self.units[unit];
        let place = Place { package: &package, unit: code, sheet };
        let form = Form { officials: marks.len(), levels };
        let key = self.archive.package.value().keys.box_key;
        let marks = Marks::new(marks.to_vec());
        seal(claim, &nullifier, &marks, form, place, &key, &mut self.rng).expect("marks that can be sealed")
    }

    /// An envelope on the sheet that holds, sent to the centre at once.
    pub fn send(&mut self, tablet: &mut Tablet, ballots: Vec<Record>, closing: bool) -> SignedEnvelope {
        let unit = self.place_of(&tablet.unit);
        let sheet = self.units[unit].sheet;
        let envelope = self.seal_envelope(tablet, sheet, ballots, closing);
        self.archive.add_envelope(envelope.clone());
        envelope
    }

    /// An envelope that stays on its tablet.
    pub fn seal_envelope(
        &self,
        tablet: &mut Tablet,
        sheet: SheetHash,
        ballots: Vec<Record>,
        closing: bool,
    ) -> SignedEnvelope {
        let len = self.archive.sheets.get(&sheet).map_or(LEVELS, Sheet::record_len);
        let len = ballots.first().map_or(len, |record| record.as_bytes().len());
        let batch = Batch::new(len, ballots).expect("ballots of one length");
        let Tablet { device, unit, key, chain, .. } = &*tablet;
        let sealer = Sealer { package: self.package(), unit, sheet, device: *device, key };
        let (envelope, after) = sealer.seal(chain, batch, closing).expect("an open chain");
        tablet.chain = after;
        envelope
    }

    /// Index of a unit.
    pub fn place_of(&self, code: &UnitCode) -> usize {
        self.units.iter().position(|unit| unit.code == *code).expect("a unit of the round")
    }

    /// What the centre finds held and missing for a unit.
    pub fn survey(&self, unit: usize) -> Survey {
        survey(&self.facts(unit))
    }

    /// What the centre knows of a unit.
    pub fn facts(&self, unit: usize) -> UnitFacts {
        let code = &self.units[unit].code;
        let archive = &self.archive;
        let first = archive.package.value().unit(code).expect("a unit of the round").sheet;
        let replacements = replacements_of(archive, code);
        let covers = |c: &&SignedCertificate| c.value().scope.covers(code);
        UnitFacts {
            centre: Some(archive.package.value().centre.device()),
            sheets: sheets_of(archive, code).map(|(hash, sheet)| (*hash, sheet.record_len())).collect(),
            current: Some(current_sheet(first, replacements)),
            certified: archive.certificates.iter().filter(covers).map(|c| c.value().device()).collect(),
            revoked: archive.revocations.iter().map(|r| r.value().device).collect(),
            at_close: self.at_close.clone(),
            envelopes: envelopes_of(archive, code).map(Header::from).collect(),
            papers: self.record(unit).papers(&current_sheet(first, replacements_of(archive, code))),
        }
    }

    /// The record of a unit, as everybody can build it.
    pub fn record(&self, unit: usize) -> UnitRecord {
        let code = &self.units[unit].code;
        let mut changes: Vec<_> =
            self.archive.records.iter().filter(|change| change.value().unit == *code).collect();
        changes.sort_by_key(|change| (change.value().actor, change.value().sequence));
        let mut record = UnitRecord::new(self.package(), code.clone());
        for change in changes {
            assert_ne!(record.take(change.clone()), Taken::WaitsForPredecessor);
        }
        record
    }

    /// A tablet notes entries in its unit's record, in one change of one more run of its program.
    pub fn note(&mut self, tablet: &Tablet, entries: Vec<Entry>) -> Actor {
        let mut run = [0; 8];
        self.rng.fill_bytes(&mut run);
        let mut writer = Writer::new(Actor::new(&tablet.device, run));
        let unit = self.place_of(&tablet.unit);
        let place = (&self.package(), &tablet.unit, &self.units[unit].sheet);
        let change = writer.write(place, entries, &tablet.key).expect("entries that fit into one change");
        self.archive.records.push(change);
        writer.actor()
    }

    /// Two persons count paper ballots with these marks, and as many that do not count, and note it on a tablet.
    pub fn paper(&mut self, tablet: &Tablet, ballots: &[Lines], invalid: u32) -> Paper {
        let unit = self.place_of(&tablet.unit);
        let (package, sheet) = (self.package(), self.units[unit].sheet);
        let officials = self.archive.sheets[&sheet].officials.len();
        let valid = u32::try_from(ballots.len()).expect("few ballots");
        let count = PaperCount { valid, invalid, lines: tally(ballots, officials) };
        let place = PaperPlace { package: &package, unit: &tablet.unit, sheet: &sheet };
        let persons = ("Lan", "Minh");
        let persons = (PersonId::of(persons.0), PersonId::of(persons.1));
        let key = self.archive.package.value().keys.box_key;
        let form = PaperForm { officials, levels: 3 };
        let paper = count.seal(form, &place, persons, &key, &mut self.rng).expect("it adds up");
        self.note(tablet, vec![Entry { person: persons.0, at: None, act: Act::Paper(paper.clone()) }]);
        paper
    }

    /// The next opening order over everything here: what is not held, and what is held but ruled to be admitted.
    pub fn order(&mut self, rulings: &[(usize, Ruling)]) -> Signed<OpeningOrder> {
        let units = (0..self.units.len()).map(|unit| self.unit_order(unit, rulings)).collect();
        let before = self.archive.orders.last();
        let order = OpeningOrder {
            package: self.package(),
            number: before.map_or(1, |order| order.value().number + 1),
            previous_order: before.map(Signed::digest),
            previous_result: self.archive.results.last().map(Signed::digest),
            units,
        };
        let signed = Signed::sign(order, &self.centre);
        self.archive.orders.push(signed.clone());
        signed
    }

    fn unit_order(&self, unit: usize, rulings: &[(usize, Ruling)]) -> UnitOrder {
        let facts = self.facts(unit);
        let held = survey(&facts).held;
        let mut decisions: Vec<Decision> =
            rulings.iter().filter(|(of, _)| *of == unit).map(|(_, ruling)| decision(*ruling)).collect();
        decisions.sort();
        let admit = |id| decisions.iter().any(|d| d.ruling == Ruling::Admit(id));
        let mut ids: Vec<_> = facts.envelopes.iter().map(|header| header.id).collect();
        ids.sort_unstable();
        let (admitted, rest): (Vec<_>, Vec<_>) =
            ids.into_iter().partition(|id| !held.contains_key(id) || admit(*id));
        UnitOrder {
            unit: self.units[unit].code.clone(),
            sheet: facts.current.expect("the facts name it"),
            tablets: facts.certified.iter().copied().collect(),
            revoked: facts.revoked.intersection(&facts.certified).copied().collect(),
            admitted,
            left_out: rest.into_iter().map(|id| (id, held[&id].clone())).collect(),
            decisions,
            papers: facts.papers.iter().copied().collect(),
        }
    }

    /// The trustees open and count every order so far.
    pub fn count(&mut self) -> RoundResult {
        let result = self.try_count().expect("orders that can be counted");
        let value = result.value().clone();
        self.archive.results.push(result);
        value
    }

    /// The signed result of the last order, or why there is none.
    pub fn try_count(&self) -> Result<Signed<RoundResult>, CountError> {
        let orders: Vec<_> = self.archive.orders.iter().collect();
        count(&self.archive.material(), &orders, &self.secret, &mut |_, _| {})
    }

    /// Order and count in one go, with nothing decided.
    pub fn open_all(&mut self) -> RoundResult {
        self.order(&[]);
        self.count()
    }
}

impl Tablet {
    /// A copy of the tablet as it stands: what a restored backup is.
    pub fn twin(&self) -> Self {
        Self {
            key: SecretKey::from_seed(&self.key.seed()),
            seal: self.seal,
            device: self.device,
            unit: self.unit.clone(),
            certificate: self.certificate.clone(),
            chain: self.chain,
        }
    }
}

fn sheets_of<'a>(
    archive: &'a Bundle,
    code: &'a UnitCode,
) -> impl Iterator<Item = (&'a SheetHash, &'a Sheet)> {
    archive.sheets.iter().filter(move |(_, sheet)| sheet.unit == *code)
}

fn replacements_of<'a>(
    archive: &'a Bundle,
    code: &'a UnitCode,
) -> impl Iterator<Item = &'a Signed<SheetReplacement>> {
    archive.replacements.iter().filter(move |r| r.value().unit == *code)
}

fn envelopes_of<'a>(archive: &'a Bundle, code: &'a UnitCode) -> impl Iterator<Item = &'a SignedEnvelope> {
    archive.envelopes.values().filter(move |envelope| envelope.value().unit == *code)
}

/// A ruling as two people sign it off.
pub fn decision(ruling: Ruling) -> Decision {
    Decision {
        ruling, by: ["Lan".to_owned(), "Minh".to_owned()], reason: "Đã đối chiếu biên bản".to_owned()
    }
}

/// The counts that ballots with these marks must give.
pub fn tally(ballots: &[Lines], officials: usize) -> Vec<Line> {
    let count = |official: usize, mark: Option<u8>| {
        let equal = ballots.iter().filter(|lines| lines[official] == mark).count();
        u32::try_from(equal).expect("few ballots")
    };
    (0..officials)
        .map(|official| Line {
            levels: (0..3).map(|level| count(official, Some(level))).collect(),
            invalid: count(official, None),
        })
        .collect()
}

/// The figures of one unit.
pub fn unit_of<'a>(result: &'a RoundResult, world: &World, unit: usize) -> &'a UnitResult {
    let code = &world.units[unit].code;
    result.units.iter().find(|unit| unit.unit == *code).expect("every unit is in the result")
}

/// Pairs as a map, to compare figures without their order.
pub fn as_map<K: Ord + Copy>(pairs: &[(K, u32)]) -> BTreeMap<K, u32> {
    pairs.iter().copied().collect()
}
