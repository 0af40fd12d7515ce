//! Units' records in tests: a device whose key the test holds, and the record that a careful team would write.

use crate::office::{Office, unit};
use homphieu_server::service::{Centre, InviteScope};
use std::collections::BTreeSet;
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed};
use sync_core::device::device_id;
use sync_core::enrol::{EnrolRequest, EnrolToken, Enrolment};
use sync_core::id::{DeviceId, RoundId, SheetHash};
use sync_core::message::{Have, Item, ItemKind, Message, Request};
use sync_core::package::{Package, Sheet, Voting};
use sync_core::record::{
    Act, Actor, Entry, FigureKind, Member, Minutes, PersonId, Post, Record, SignedChange, Taken, Writer,
};

/// Who leads every meeting of the tests.
pub const CHAIR: &str = "Nguyễn Chủ Trì";
/// Who heads every counting committee of the tests.
pub const HEAD: &str = "Trần Trưởng Ban";

/// A certified device whose key the test holds, and its writer of one unit's record.
pub struct Scribe {
    /// Its signing key.
    pub key: SecretKey,
    /// Its X25519 secret, to which others seal.
    pub seal: [u8; 32],
    /// Its id.
    pub id: DeviceId,
    /// Its certificate.
    pub certificate: Vec<u8>,
    /// The package.
    pub package: Signed<Package>,
    /// The unit.
    pub code: String,
    sheet: SheetHash,
    writer: Writer,
}

/// An entry of somebody without a moment.
pub fn entry(name: &str, act: Act) -> Entry {
    Entry { person: PersonId::of(name), at: None, act }
}

impl Scribe {
    /// Enrols a device for units, or as a courier if there are none, that writes in the record of a unit.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn enrol(centre: &Centre, round: &RoundId, code: &str, units: &[&str]) -> Self {
        let scope = match units {
            [] => InviteScope::Courier,
            units => InviteScope::Units(units.iter().map(ToString::to_string).collect()),
        };
        let token = centre.invite(round, &scope, "Máy ghi", "http://127.0.0.1:8080").await;
        let parsed = EnrolToken::parse(&token.expect("a token").to_text()).expect("a token");
        let key = SecretKey::from_seed(&homphieu_server::service::random());
        let seal = homphieu_server::service::random();
        let public = sync_core::ballot::BoxSecret::from_bytes(&seal).expect("a key").public();
        let enrol = EnrolRequest { secret: parsed.secret.clone(), sign: key.public(), seal: public };
        let answer = centre.enrol(&Signed::sign(enrol, &key).into_bytes()).await.expect("enrolled");
        let answer: Enrolment = cbor::decode(&answer).expect("an enrolment");
        let package = Package::open(&answer.package).expect("a package");
        let id = device_id(&key.public(), &public);
        let sheet = package.value().unit(&unit(code)).expect("the unit").sheet;
        let writer = Writer::new(Actor::new(&id, homphieu_server::service::random()));
        Self { key, seal, id, certificate: answer.certificate, package, code: code.to_owned(), sheet, writer }
    }

    /// The program is started again: a new chain begins.
    pub fn restart(&mut self) {
        self.writer = Writer::new(Actor::new(&self.id, homphieu_server::service::random()));
    }

    /// The writer as it is, to be set back to: what a copied tablet does.
    pub fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// Signs the next change.
    ///
    /// # Panics
    /// If there are no entries or too many.
    pub fn write(&mut self, entries: Vec<Entry>) -> SignedChange {
        let place = (&self.package.hash(), &unit(&self.code), &self.sheet);
        self.writer.write(place, entries, &self.key).expect("a change")
    }

    /// A message that gives these, and asks for what the centre has.
    pub fn message(&self, give: Vec<Item>) -> Message {
        let mut message = Message::new(self.package.hash(), unit(&self.code));
        message.have = Some(Have::default());
        message.give = give;
        message
    }

    /// The same as a signed request.
    pub fn request(&self, message: &Message) -> Vec<u8> {
        let message = cbor::encode(message);
        let request = Request { device: self.id, nonce: [1; 8], certificate: None, message };
        Signed::sign(request, &self.key).into_bytes()
    }

    /// Gives items to a centre; the answer.
    ///
    /// # Panics
    /// If it is refused as a whole.
    pub async fn give(&self, centre: &Centre, give: Vec<Item>) -> Message {
        let answer = centre.sync(&self.request(&self.message(give))).await.expect("an answer");
        cbor::decode(&answer).expect("a message")
    }
}

/// A change as an item in clear.
pub fn clear(change: &SignedChange) -> Item {
    Item::new(ItemKind::RecordChange, change.bytes())
}

impl Office {
    /// As [`write_record`].
    ///
    /// # Panics
    /// If anything of it is refused.
    pub fn write_record(&self, code: &str) {
        self.on_centre(async |centre| write_record(centre, &self.round, code).await);
    }
}

/// Writes the record of every unit that has a tablet, in the one round of a centre.
///
/// # Panics
/// If anything of it is refused.
pub async fn write_records(centre: &Centre) {
    write_records_of(centre, &centre.only_round().await.expect("one round")).await;
}

/// The same at a centre with several rounds.
///
/// # Panics
/// If anything of it is refused.
pub async fn write_records_of(centre: &Centre, round: &RoundId) {
    let (_, standings) = centre.standings(round).await.expect("standings");
    for standing in standings.iter().filter(|standing| !standing.facts.certified.is_empty()) {
        write_record(centre, round, standing.unit.as_str()).await;
    }
}

/// Writes, or writes again, the record of a unit as a careful team would after its tablets closed: everything that is
/// here was cast, and chair and counting head signed.
///
/// # Panics
/// If anything of it is refused.
pub async fn write_record(centre: &Centre, round: &RoundId, code: &str) {
    let mut scribe = Scribe::enrol(centre, round, code, &[]).await;
    let mut record: Record = centre.unit_record(round, code).await.expect("a record").record.as_ref().clone();
    let first = scribe.write(entries(centre, round, code).await);
    assert_eq!(record.take(first.clone()), Taken::New);
    let second = scribe.write(sign_offs(&record));
    let answer = scribe.give(centre, vec![clear(&first), clear(&second)]).await;
    assert_eq!(answer.outcomes, [], "the record of {code} is taken");
}

/// Chair and counting head sign a record as it is.
pub fn sign_offs(record: &Record) -> Vec<Entry> {
    let minutes = Minutes::of(record.package(), record.unit(), &record.state()).hash();
    let heads = record.signed_heads();
    let sign = |(post, name)| entry(name, Act::SignOff { post, heads: heads.clone(), minutes });
    [(Post::MeetingChair, CHAIR), (Post::CountingHead, HEAD)].map(sign).to_vec()
}

/// Everything that reconciles with what is here; what an earlier call noted is undone.
async fn entries(centre: &Centre, round: &RoundId, code: &str) -> Vec<Entry> {
    let (stored, standings) = centre.standings(round).await.expect("standings");
    let standing = standings.into_iter().find(|standing| standing.unit == unit(code)).expect("the unit");
    let package = stored.signed().expect("a package").value();
    let looked = centre.unit_record(round, code).await.expect("a record");
    let sheet = looked.sheet.as_ref().expect("a sheet");
    let voting = package.unit(&unit(code)).expect("a unit").voting;
    // Slips that were replaced are in no urn any more.
    let void = if voting == Voting::Permit { not_issued(centre, round, sheet).await } else { 0 };
    let collected = u32::try_from(standing.ballots() - void).expect("not that many");
    let printed = u32::try_from(sheet.permits.len()).expect("not that many");
    let figures = match voting {
        Voting::Attended => vec![(FigureKind::Unlocked, collected)],
        Voting::Permit => vec![
            (FigureKind::Printed, printed),
            (FigureKind::Issued, collected),
            (FigureKind::UsedSlips, collected),
            (FigureKind::Spoiled, 0),
            (FigureKind::LeftOver, printed - collected),
            (FigureKind::NotReturned, 0),
        ],
    };
    let both = [(FigureKind::Summoned, sheet.voters), (FigureKind::Present, sheet.voters)];
    let figures = both.into_iter().chain(figures);
    let state = looked.record.state();
    let old = state.figures.values().flat_map(|topic| topic.live.keys());
    let old: BTreeSet<_> = old.chain(state.totals.values().flat_map(|topic| topic.live.keys())).collect();
    let mut acts = vec![committee()];
    acts.extend(old.into_iter().map(|entry| Act::Undo { entry: *entry }));
    acts.extend(figures.map(|(kind, value)| Act::Figure { kind, value }));
    let closes = standing.facts.envelopes.iter().filter_map(|header| Some((header.device, header.total?)));
    let certified = closes.filter(|(device, _)| standing.facts.certified.contains(device));
    acts.extend(certified.map(|(device, total)| Act::TabletTotal { device, total }));
    joins().into_iter().chain(acts.into_iter().map(|act| entry(CHAIR, act))).collect()
}

/// Ballots that are here of slips which the sheet that holds does not have.
async fn not_issued(centre: &Centre, round: &RoundId, sheet: &Sheet) -> u64 {
    let bundle = centre.bundle(round).await.expect("a bundle");
    let of_unit = bundle.envelopes.values().filter(|envelope| envelope.value().unit == sheet.unit);
    let ballots = of_unit.flat_map(|envelope| envelope.value().ballots.records());
    ballots.filter(|ballot| !sheet.issued(&ballot.nullifier())).map(|_| 1).sum()
}

/// Chair and counting head join the team.
pub fn joins() -> Vec<Entry> {
    [CHAIR, HEAD].map(|name| entry(name, Act::Join { name: name.to_owned() })).to_vec()
}

/// The committee of every unit of the tests.
pub fn committee() -> Act {
    let mut members = vec![
        Member { post: Post::MeetingChair, name: CHAIR.to_owned() },
        Member { post: Post::CountingHead, name: HEAD.to_owned() },
    ];
    members.sort();
    Act::Committee { members }
}
