//! One valid sample of every format, always the same bytes, with the plain function that reads it.
//!
//! A reader takes bytes from outside and gives the bytes that its value encodes to, or nothing where it refuses.

use super::team::{HOA, LAN, MINH, Pen, Team, committee, figure, noted, settle};
use super::{LEVELS, Lines, Tablet, World, attended_unit, decision, permit_unit};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeSet;
use sync_core::address::{CentreAddress, Pin};
use sync_core::ballot::{BoxSecret, Form, Opened, Place, Record};
use sync_core::bundle::Bundle;
use sync_core::cbor::{self, Format};
use sync_core::centre::Admission;
use sync_core::ceremony::{Ceremony, KeyStatement};
use sync_core::cose::{SecretKey, Signed, SignedKind, Unverified};
use sync_core::count::{Fact, InvalidReason, Line, Pool, RoundResult, Signs, UnitResult};
use sync_core::device::{Certificate, Revocation, Scope};
use sync_core::enrol::{EnrolRequest, EnrolToken, Enrolment, TokenSecret};
use sync_core::envelope::Envelope;
use sync_core::guidance::{Guidance, TeamStep, TeamText};
use sync_core::id::{DeviceId, EnvelopeId, ObjectId, PackageHash, RoundId, SheetHash, UnitCode};
use sync_core::message::{Have, Item, ItemKind, Message, Outcome, RecordHead, Request};
use sync_core::open_box::OpenBox;
use sync_core::order::{OpeningOrder, Ruling, UnitOrder};
use sync_core::package::{Mode, Package, PermitChange, Sheet, SheetReplacement};
use sync_core::parcel::{Acknowledgement, Header, OrphanBox, Packer, Parcel, Piece, Recipient};
use sync_core::permit::PermitCode;
use sync_core::receipt::{Holdings, Receipt, RoundStatement};
use sync_core::record::double_entry::DoubleEntry;
use sync_core::record::{
    Act, Actor, Entry, EntryRef, FigureKind, Measure, MinutesHash, PaperCount, PaperForm, PersonId, Plan,
    Post, Progress, Reader, RecordChange, SealedChanges, SignedChange,
};
use sync_core::secret::Share;
use sync_core::survey::{Gap, HoldReason};

/// Reads bytes from outside.
pub type Read = fn(&[u8]) -> Option<Vec<u8>>;

/// A format with its reader and a sample.
pub struct Sample {
    pub name: &'static str,
    pub read: Read,
    pub bytes: Vec<u8>,
}

fn sample(name: &'static str, read: Read, bytes: impl Into<Vec<u8>>) -> Sample {
    Sample { name, read, bytes: bytes.into() }
}

/// Reads a format that is not signed.
fn plain<T: Format>(bytes: &[u8]) -> Option<Vec<u8>> {
    cbor::decode::<T>(bytes).ok().map(|value| cbor::encode(&value))
}

/// Reads a signed object without checking who signed it. What cannot be signed again is given as it was.
fn signed<T: SignedKind + Clone>(bytes: &[u8]) -> Option<Vec<u8>> {
    let object = Unverified::<T>::decode(bytes).ok()?;
    let again = Signed::sign(object.claim().clone(), &SecretKey::from_seed(&[1; 32]));
    let payload = bytes.len().checked_sub(64)?;
    Some([&again.bytes()[..payload], &bytes[payload..]].concat())
}

fn text(bytes: &[u8], read: impl FnOnce(&str) -> Option<String>) -> Option<Vec<u8>> {
    std::str::from_utf8(bytes).ok().and_then(read).map(String::into_bytes)
}

fn bundle(bytes: &[u8]) -> Option<Vec<u8>> {
    Bundle::open(bytes).ok().map(|bundle| bundle.to_bytes())
}

fn permit(bytes: &[u8]) -> Option<Vec<u8>> {
    text(bytes, |text| PermitCode::parse(text).ok().map(|code| code.reveal().to_string()))
}

fn share(bytes: &[u8]) -> Option<Vec<u8>> {
    text(bytes, |text| Share::parse(text).ok().map(|share| share.reveal().to_string()))
}

fn token(bytes: &[u8]) -> Option<Vec<u8>> {
    text(bytes, |text| EnrolToken::parse(text).ok().map(|token| token.to_text()))
}

fn address(bytes: &[u8]) -> Option<Vec<u8>> {
    text(bytes, |text| CentreAddress::parse(text).ok().map(|address| address.to_string()))
}

fn id(bytes: &[u8]) -> Option<Vec<u8>> {
    text(bytes, |text| text.parse::<ObjectId>().ok().map(|id| id.to_string()))
}

/// Reads a parcel and packs what could be read anew.
fn parcel(bytes: &[u8]) -> Option<Vec<u8>> {
    let parcel = Parcel::read(bytes).ok()?;
    let mut packer = Packer::new(&parcel.header);
    for piece in parcel.pieces().flatten() {
        match piece {
            Piece::Message(message) => packer.message(&message),
            Piece::Acknowledgement(said) => packer.acknowledgement(&said),
            Piece::Orphan(orphan) => packer.orphan(&orphan),
        }
    }
    Some(packer.finish())
}

/// Opens a record, which must never do more than stay closed.
fn record(bytes: &[u8]) -> Option<Vec<u8>> {
    let record = Record::from_slice(bytes)?;
    let unit = UnitCode::new("U1").ok()?;
    let place = Place { package: &PackageHash([1; 32]), unit: &unit, sheet: &SheetHash([2; 32]) };
    let form = Form { officials: 3, levels: LEVELS };
    let opened = BoxSecret::from_bytes(&[5; 32])?.open(&record, form, place, None);
    (opened != Opened::Closed).then(|| record.as_bytes().to_vec())
}

/// Every signed format and its parts' readers.
pub fn signed_samples() -> Vec<Sample> {
    let mut story = Story::new();
    let package = story.world.archive.package.bytes().to_vec();
    let statement = key_statement();
    let [order, orphans] = [false, true].map(|with| Signed::sign(story.order(with), &story.world.centre));
    let result = Signed::sign(story.result(), &story.world.secret.result_key(&story.world.round));
    let key = &story.tablet.key;
    let request = Request {
        device: story.tablet.device,
        nonce: [3; 8],
        certificate: Some(story.tablet.certificate.bytes().to_vec()),
        message: cbor::encode(&Message::new(story.world.package(), story.unit())),
    };
    let enrol = EnrolRequest { secret: TokenSecret([9; 16]), sign: key.public(), seal: story.tablet.seal };
    let [receipt, holdings, done] = story.id_lists();
    let [first, second] = record_changes();
    vec![
        sample("package", signed::<Package>, package),
        sample("key-statement", signed::<KeyStatement>, statement),
        sample("sheet-replacement", signed::<SheetReplacement>, story.replacement.bytes()),
        sample("certificate", signed::<Certificate>, story.tablet.certificate.bytes()),
        sample("certificate-courier", signed::<Certificate>, story.courier.certificate.bytes()),
        sample("revocation", signed::<Revocation>, story.world.archive.revocations[0].bytes()),
        sample("envelope-first", signed::<Envelope>, story.envelopes[0].clone()),
        sample("envelope-close", signed::<Envelope>, story.envelopes[1].clone()),
        sample("envelope-empty-close", signed::<Envelope>, story.envelopes[2].clone()),
        sample("receipt", signed::<Receipt>, receipt),
        sample("holdings", signed::<Holdings>, holdings),
        sample("guidance", signed::<Guidance>, story.guidance()),
        sample("round-statement", signed::<RoundStatement>, done),
        sample("opening-order", signed::<OpeningOrder>, order.bytes()),
        sample("opening-order-orphans", signed::<OpeningOrder>, orphans.bytes()),
        sample("result", signed::<RoundResult>, result.bytes()),
        sample("record-change-first", signed::<RecordChange>, first.bytes()),
        sample("record-change", signed::<RecordChange>, second.bytes()),
        sample("request", signed::<Request>, Signed::sign(request, key).bytes()),
        sample("enrol-request", signed::<EnrolRequest>, Signed::sign(enrol, key).bytes()),
        sample("acknowledgement", signed::<Acknowledgement>, story.acknowledgement().bytes()),
    ]
}

/// Every other format in CBOR.
pub fn plain_samples() -> Vec<Sample> {
    let mut story = Story::new();
    let enrolment = Enrolment {
        package: vec![1; 20],
        certificate: vec![2; 20],
        items: vec![Item::new(ItemKind::Sheet, vec![3]), Item::new(ItemKind::SheetReplacement, vec![4])],
    };
    vec![
        sample("sheet", plain::<Sheet>, cbor::encode(story.world.sheet(0))),
        sample("sheet-attended", plain::<Sheet>, cbor::encode(story.world.sheet(1))),
        sample("sheet-named", plain::<Sheet>, cbor::encode(&story.named_sheet())),
        sample("open-box", plain::<OpenBox>, cbor::encode(&story.open_box())),
        sample("message", plain::<Message>, cbor::encode(&story.message())),
        sample("message-empty", plain::<Message>, {
            cbor::encode(&Message::new(story.world.package(), story.unit()))
        }),
        sample("message-finished", plain::<Message>, cbor::encode(&story.last_answer())),
        sample("enrolment", plain::<Enrolment>, cbor::encode(&enrolment)),
        sample("record-entry", plain::<Entry>, cbor::encode(&every_entry(DeviceId([5; 16]))[10])),
        sample("sealed-changes", plain::<SealedChanges>, cbor::encode(&sealed_changes())),
        sample("orphan-box", plain::<OrphanBox>, cbor::encode(&story.orphan_box())),
    ]
}

/// The formats of the record.
pub fn record_samples() -> Vec<Sample> {
    let samples = signed_samples().into_iter().chain(plain_samples());
    samples.filter(|sample| sample.name.starts_with("record-") || sample.name == "sealed-changes").collect()
}

/// The two changes of a tablet: one with a single entry, and one with an entry of every kind.
pub fn record_changes() -> [SignedChange; 2] {
    let (_, mut pen) = record_story();
    let first = pen.note(LAN, Act::Join { name: LAN.to_owned() });
    let second = pen.write(every_entry(pen.device()));
    [first, second]
}

/// The team that wrote [`record_changes`], and its tablet before it wrote anything.
pub fn record_story() -> (Team, Pen) {
    let mut team = Team::new(35);
    let pen = team.pen();
    (team, pen)
}

/// An entry of every kind, with every field in every form.
pub fn every_entry(device: DeviceId) -> Vec<Entry> {
    let actor = Actor::new(&device, [1; 8]);
    let at = |index| EntryRef { actor, sequence: 1, index };
    let later = |person, act| Entry { at: Some(29_876_543), ..noted(person, act) };
    let heads = vec![(actor, 1), (Actor([0xee; 24]), 4_096)];
    let minutes = MinutesHash([8; 32]);
    vec![
        noted(MINH, Act::Join { name: MINH.to_owned() }),
        noted(LAN, Act::CheckIn { voter: 1 }),
        noted(LAN, Act::Slip { voter: 5_000 }),
        noted(MINH, Act::Undo { entry: EntryRef { index: 63, ..at(0) } }),
        later(LAN, figure(FigureKind::Present, 300)),
        later(HOA, Act::Incident { text: "Mất điện 10 phút".to_owned() }),
        noted(HOA, Act::Note { text: "Đã có điện lại".to_owned(), replaces: None }),
        later(HOA, Act::Note { text: "Mất điện 15 phút".to_owned(), replaces: Some(at(5)) }),
        noted(LAN, committee(LAN, MINH)),
        noted(HOA, Act::Explain { finding: [7; 16], text: "Một người về sớm".to_owned() }),
        later(MINH, settle(&[at(4), at(9)], at(4))),
        later(LAN, Act::SignOff { post: Post::MeetingChair, heads, minutes }),
        noted(MINH, Act::Correct { minutes, reason: "Đếm thiếu".to_owned() }),
        noted(MINH, Act::TabletTotal { device, total: 17 }),
    ]
}

fn sealed_changes() -> SealedChanges {
    let (team, _) = record_story();
    let reader =
        Reader { device: DeviceId([4; 16]), seal: BoxSecret::from_bytes(&[5; 32]).expect("a key").public() };
    let changes = record_changes().map(SignedChange::into_bytes);
    let mut rng = ChaCha20Rng::seed_from_u64(34);
    SealedChanges::seal(&team.package, &team.unit, &reader, changes.into(), &mut rng).expect("they fit")
}

/// Formats that are no CBOR: what people type or scan, and a sealed ballot.
pub fn other_samples() -> Vec<Sample> {
    let story = Story::new();
    let token = EnrolToken {
        centre: story.world.centre.public(),
        secret: TokenSecret([9; 16]),
        address: "http://127.0.0.1:8080".to_owned(),
    };
    vec![
        sample("permit", permit, story.world.units[0].slips[0].reveal().as_bytes()),
        sample("share", share, story.world.shares[1].reveal().as_bytes()),
        sample("enrol-token", token_read(), token.to_text()),
        sample("address", address, format!("https://192.168.1.10:8443#pin={}", Pin([0x5c; 32]))),
        sample("id", id, ObjectId([0x4c; 32]).to_string()),
        sample("record", record, sealed_record().as_bytes()),
    ]
}

fn token_read() -> Read {
    token
}

/// A parcel with something of every kind. Unlike the others it is read as far as it goes.
pub fn parcel_sample() -> Sample {
    sample("parcel", parcel, Story::new().parcel())
}

/// The bundle of a small round of three units with an order and its result.
pub fn bundle_sample() -> Sample {
    let mut world = small_round();
    world.open_all();
    sample("bundle", bundle, world.archive.to_bytes())
}

/// The same round with paper ballots in one unit: a bundle of version 2 and what is new in it.
pub fn paper_samples() -> Vec<Sample> {
    let mut world = small_round();
    let tablet = world.enrol(0);
    let ballots = vec![vec![Some(0), Some(2)], vec![Some(1), None], vec![Some(0), Some(0)]];
    let paper = world.paper(&tablet, &ballots, 1);
    world.send(&mut { tablet }, Vec::new(), true);
    world.open_all();
    let entry = Entry { person: paper.first, at: Some(29_000_000), act: Act::Paper(paper) };
    let mut result = world.archive.results[0].value().clone();
    let base = |index| EntryRef { actor: Actor([0xee; 24]), sequence: 4_096, index };
    let confirmation = Entry { at: Some(1), ..noted(MINH, Act::ConfirmPlan { plan: base(63) }) };
    let text = "Đã tập huấn cho tổ".to_owned();
    let progress = noted(LAN, Act::PlanProgress(Progress { plan: base(0), done: true, text }));
    let lines = result.units[0].lines.clone();
    let papers = result.units[0].papers.as_mut().expect("paper was counted");
    papers.unreadable = vec![ObjectId([5; 32]), ObjectId([6; 32])];
    papers.lines = lines;
    let result = Signed::sign(result, &world.secret.result_key(&world.round));
    vec![
        sample("bundle-records", bundle, world.archive.to_bytes()),
        sample("result-papers", signed::<RoundResult>, result.bytes()),
        sample("paper-entry", plain::<Entry>, cbor::encode(&entry)),
        sample("plan-entry", plain::<Entry>, cbor::encode(&plan_entry(vec![base(1), base(7)]))),
        sample("plan-confirmation", plain::<Entry>, cbor::encode(&confirmation)),
        sample("plan-progress", plain::<Entry>, cbor::encode(&progress)),
        sample("double-entry", plain::<DoubleEntry>, cbor::encode(&double_entry())),
    ]
}

/// A version of a plan with a measure that has a day and one that has none.
pub fn plan_entry(based_on: Vec<EntryRef>) -> Entry {
    let measure = |text: &str, by| Measure { text: text.to_owned(), by };
    let plan = Plan {
        official: "A1".to_owned(),
        name: "Vàng Mí Sử".to_owned(),
        based_on,
        shortcomings: vec!["Ít xuống cơ sở".to_owned()],
        measures: vec![measure("Mỗi tháng xuống hai thôn", Some(20_800)), measure("Họp dân", None)],
    };
    Entry { at: Some(29_000_000), ..noted(LAN, Act::Plan(plan)) }
}

/// Two entries that differ in one line.
fn double_entry() -> DoubleEntry {
    let count = |low| PaperCount {
        valid: 300,
        invalid: 2,
        lines: vec![Line { levels: vec![200, 90 - low, low], invalid: 10 }],
    };
    let form = PaperForm { officials: 1, levels: LEVELS };
    let DoubleEntry::Empty(empty) = DoubleEntry::new(SheetHash([7; 32]), form) else { panic!("it is new") };
    let first = empty.first(PersonId::of("Lan"), count(5)).expect("it adds up");
    first.second(PersonId::of("Minh"), count(6)).expect("it adds up").into()
}

/// Three units, one of them attended and one below the limit, each with one closed tablet.
pub fn small_round() -> World {
    let mut world = World::new(31, &[permit_unit(5, 2), attended_unit(5, 1), permit_unit(4, 1)]);
    for (unit, voters) in [(0, 5), (1, 5), (2, 2)] {
        let mut tablet = world.enrol(unit);
        let cast = |voter| {
            let lines = world.marks(unit);
            match unit {
                1 => world.attended_ballot(unit, &lines),
                _ => world.ballot(unit, voter, &lines),
            }
        };
        let records = (0..voters).map(cast).collect();
        world.send(&mut tablet, records, true);
    }
    world
}

/// A record that opens in the place that [`record`] tries.
fn sealed_record() -> Record {
    use sync_core::ballot::{Claim, Marks, seal};
    let unit = UnitCode::new("U1").expect("a code");
    let place = Place { package: &PackageHash([1; 32]), unit: &unit, sheet: &SheetHash([2; 32]) };
    let form = Form { officials: 3, levels: LEVELS };
    let key = BoxSecret::from_bytes(&[5; 32]).expect("a key").public();
    let marks = Marks::new(vec![Some(0), None, Some(2)]);
    let mut rng = ChaCha20Rng::seed_from_u64(32);
    seal(&Claim::Attended, &sync_core::id::Nullifier([6; 16]), &marks, form, place, &key, &mut rng)
        .expect("marks that can be sealed")
}

fn key_statement() -> Vec<u8> {
    let mut rng = ChaCha20Rng::seed_from_u64(33);
    let mut ceremony = Ceremony::begin(RoundId([7; 16]), 2, 3, &mut rng).expect("2 of 3 is allowed");
    for share in ceremony.shares().to_vec() {
        ceremony.read_back(share.index(), &share.reveal()).expect("its own share");
    }
    ceremony.finish(&mut rng).expect("shares that were read back").into_bytes()
}

/// A round of which the samples are taken.
struct Story {
    world: World,
    tablet: Tablet,
    courier: Tablet,
    envelopes: Vec<Vec<u8>>,
    replacement: Signed<SheetReplacement>,
}

impl Story {
    fn new() -> Self {
        let mut world = World::new(30, &[permit_unit(5, 2), attended_unit(4, 1)]);
        let (mut tablet, mut other) = (world.enrol(0), world.enrol(0));
        let unit = world.units[0].code.clone();
        let courier = world.enrol_with(Scope::Courier, unit);
        let lines: Vec<Lines> = vec![vec![Some(0), Some(2)], vec![None, Some(1)], vec![Some(1), None]];
        let records: Vec<_> = (0..).zip(&lines).map(|(slip, lines)| world.ballot(0, slip, lines)).collect();
        let envelopes = vec![
            world.send(&mut tablet, records[..2].to_vec(), false).into_bytes(),
            world.send(&mut tablet, records[2..].to_vec(), true).into_bytes(),
            world.send(&mut other, Vec::new(), true).into_bytes(),
        ];
        world.revoke(other.device);
        let replacement = world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
        Self { world, tablet, courier, envelopes, replacement }
    }

    fn unit(&self) -> UnitCode {
        self.world.units[0].code.clone()
    }

    fn ids(&self) -> Vec<EnvelopeId> {
        self.world.archive.envelopes.keys().copied().collect()
    }

    fn id_lists(&self) -> [Vec<u8>; 3] {
        let (package, unit, envelopes) = (self.world.package(), self.unit(), self.ids());
        let key = &self.world.centre;
        let receipt = Receipt { package, unit: unit.clone(), envelopes: envelopes.clone() };
        let holdings = Holdings { package, unit: unit.clone(), envelopes: envelopes.clone() };
        let done = RoundStatement { package, unit, envelopes };
        [
            Signed::sign(receipt, key).into_bytes(),
            Signed::sign(holdings, key).into_bytes(),
            Signed::sign(done, key).into_bytes(),
        ]
    }

    fn named_sheet(&self) -> Sheet {
        let mut sheet = self.world.sheet(1).clone();
        sheet.voter_names =
            ["Giàng Thị Sính", "Vàng Mí Sử", "Sùng Thị Máy", "Hờ Mí Lình"].map(str::to_owned).into();
        sheet
    }

    fn open_box(&mut self) -> OpenBox {
        let sheet = self.world.sheet(0);
        let mut open_box = OpenBox::new(self.unit(), sheet.hash(), sheet.record_len());
        for slip in 3..5 {
            let ballot = self.world.ballot(0, slip, &[Some(1), Some(1)]);
            open_box.insert(ballot).expect("a fresh slip");
        }
        open_box
    }

    fn acknowledgement(&self) -> Signed<Acknowledgement> {
        let said = Acknowledgement {
            package: self.world.package(),
            unit: self.unit(),
            certificate: self.courier.certificate.bytes().to_vec(),
            envelopes: self.ids(),
        };
        Signed::sign(said, &self.courier.key)
    }

    fn guidance(&self) -> Vec<u8> {
        let text = |step, vi: &str, en: &str| TeamText { step, vi: vi.to_owned(), en: en.to_owned() };
        let texts = vec![
            text(TeamStep::Compare, "Đọc to từng nhóm số.\nRồi gõ hai nhóm.", "Read each group aloud."),
            text(TeamStep::Plans, "", "Say by when."),
        ];
        let guidance = Guidance { package: self.world.package(), version: 3, texts };
        Signed::sign(guidance, &self.world.centre).into_bytes()
    }

    fn orphan_box(&mut self) -> OrphanBox {
        let open_box = self.open_box();
        OrphanBox {
            package: self.world.package(),
            unit: self.unit(),
            device: Some(self.tablet.device),
            sheet: open_box.sheet(),
            ballots: open_box.all_batches().remove(0),
            story: "Máy rơi xuống suối, bộ nhớ hỏng một phần".to_owned(),
        }
    }

    fn parcel(&mut self) -> Vec<u8> {
        let mut packer = Packer::new(&Header {
            package: self.world.package(),
            title: "Đợt 2018".to_owned(),
            mode: Mode::Official,
            from: self.tablet.device,
            recipient: Recipient::Tablet(self.courier.device),
        });
        packer.message(&self.message());
        packer.acknowledgement(self.acknowledgement().bytes());
        packer.orphan(&self.orphan_box());
        packer.finish()
    }

    fn message(&self) -> Message {
        let mut message = Message::new(self.world.package(), self.unit());
        let heads = [1, 2].map(|i| RecordHead { actor: [i; 24], sequence: 300, hash: [i; 8] });
        message.have = Some(Have { envelopes: self.ids(), records: heads.into() });
        let items = ItemKind::ALL.iter().enumerate();
        message.give = items.map(|(i, kind)| Item::new(*kind, vec![0x61; i])).collect();
        message.outcomes = (0..).zip(Outcome::ALL).collect();
        message
    }

    /// The answer to a courier when the round is finished: an envelope that came too late has its receipt, and the
    /// statement lists the others.
    fn last_answer(&self) -> Message {
        let (package, unit, key) = (self.world.package(), self.unit(), &self.world.centre);
        let centre = &self.world.archive.package.value().centre;
        let admission = Admission { package: &package, unit: &unit, centre };
        let ids = self.ids();
        let receipt = admission.receipt(&ids[2..], key);
        let statement = admission.statement(&ids[..2], key);
        admission
            .answer(
                Have { envelopes: ids, records: Vec::new() },
                receipt.as_ref(),
                Some(&statement),
                Vec::new(),
            )
            .finish()
    }

    /// An order with every kind of decision and every reason, so that each has its bytes fixed.
    fn order(&mut self, orphans: bool) -> OpeningOrder {
        let device = self.tablet.device;
        let ids = self.ids();
        let mut decisions = [
            Ruling::Admit(ids[0]),
            Ruling::LeaveOut(ids[1]),
            Ruling::WriteOff(Gap::Number { device, number: 2 }),
            Ruling::WriteOff(Gap::Close { device }),
            Ruling::WriteOff(Gap::Total { device, stated: 300, found: 17 }),
        ]
        .map(decision);
        decisions.sort();
        let sheet = self.world.units[0].sheet;
        let reasons =
            HoldReason::ALL.into_iter().filter(|why| orphans || *why != HoldReason::Orphan).collect();
        let unit = UnitOrder {
            unit: self.unit(),
            sheet,
            tablets: vec![DeviceId([1; 16]), DeviceId([2; 16])],
            revoked: vec![DeviceId([2; 16])],
            admitted: vec![ids[0]],
            left_out: vec![(ids[1], reasons), (ids[2], BTreeSet::from([HoldReason::Late]))],
            decisions: decisions.into(),
            papers: vec![ObjectId([7; 32])],
        };
        OpeningOrder {
            package: self.world.package(),
            number: 2,
            previous_order: Some(ObjectId([8; 32])),
            previous_result: Some(ObjectId([9; 32])),
            units: vec![unit],
        }
    }

    /// A result with everything that a result can say.
    fn result(&self) -> RoundResult {
        let sheet = self.world.units[0].sheet;
        let line = |levels: [u32; LEVELS], invalid| Line { levels: levels.into(), invalid };
        let shown = UnitResult {
            unit: self.unit(),
            sheet,
            valid: 300,
            invalid: InvalidReason::ALL.into_iter().zip(1..).collect(),
            facts: Fact::ALL.into_iter().zip(20..).collect(),
            stands: true,
            lines: Some(vec![line([100, 100, 90], 10), line([300, 0, 0], 0)]),
            signs: Some(Signs { uniform_ballots: false, only_highest: true }),
            papers: None,
        };
        let small = |code: &str| UnitResult {
            unit: UnitCode::new(code).expect("a code"),
            sheet,
            valid: 3,
            invalid: Vec::new(),
            facts: Vec::new(),
            stands: false,
            lines: None,
            signs: None,
            papers: None,
        };
        let units = vec![shown, small("U2"), small("U3")];
        let pooled = units[1..].iter().map(|unit| unit.unit.clone()).collect();
        RoundResult {
            package: self.world.package(),
            number: 2,
            order: ObjectId([8; 32]),
            previous: Some(ObjectId([9; 32])),
            units,
            pool: Some(Pool { units: pooled, valid: 6, levels: vec![4, 5, 2], invalid: 1 }),
        }
    }
}
