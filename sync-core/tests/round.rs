//! A round from the booth to the result, in memory: what was marked is what is counted, ballot by ballot.

use crate::common::{Lines, Tablet, World, attended_unit, permit_unit, tally, unit_of};
use std::collections::BTreeSet;
use sync_core::ballot::Record;
use sync_core::cbor;
use sync_core::centre::{Admission, Admitted, Certificates, handshake};
use sync_core::cose::PublicKey;
use sync_core::count::SIGNS_MIN;
use sync_core::id::{DeviceId, EnvelopeId};
use sync_core::message::{Have, ITEMS_MAX, Item, ItemKind, Message, Outcome, pieces};
use sync_core::open_box::OpenBox;
use sync_core::replica::{Applied, Replica};
use sync_core::verify::verify;

const BIG: usize = 0;
const ATTENDED: usize = 1;
const SMALL: usize = 2;
const BATCH_MIN: u32 = 10;

/// A tablet in its booth: box, chain and replica.
struct Booth {
    tablet: Tablet,
    open_box: OpenBox,
    replica: Replica,
}

impl Booth {
    fn open(world: &mut World, unit: usize) -> Self {
        let tablet = world.enrol(unit);
        let sheet = world.sheet(unit);
        let open_box = OpenBox::new(sheet.unit.clone(), sheet.hash(), sheet.record_len());
        let mut replica = Replica::new(&world.archive.package, &tablet.unit).expect("its unit");
        let certificate = Item::new(ItemKind::Certificate, tablet.certificate.bytes());
        assert_eq!(replica.apply(&Item::new(ItemKind::Sheet, cbor::encode(sheet))).0, Applied::New);
        assert_eq!(replica.apply(&certificate).0, Applied::New);
        Self { tablet, open_box, replica }
    }

    fn cast(&mut self, world: &mut World, ballot: Record) {
        self.open_box.insert(ballot).expect("a fresh slip");
        if let Some(batch) = self.open_box.cut(BATCH_MIN, &mut world.rng) {
            assert_eq!(batch.len(), BATCH_MIN as usize);
            self.seal(world, batch.records().collect(), false);
        }
    }

    fn close(&mut self, world: &mut World) {
        let batches = self.open_box.last_batches(&mut world.rng);
        for (i, batch) in batches.iter().enumerate() {
            self.seal(world, batch.records().collect(), i + 1 == batches.len());
        }
        assert!(self.open_box.is_empty());
    }

    fn seal(&mut self, world: &World, records: Vec<Record>, closing: bool) {
        let sheet = self.open_box.sheet();
        let envelope = world.seal_envelope(&mut self.tablet, sheet, records, closing);
        assert_eq!(self.replica.apply(&Item::new(ItemKind::Envelope, envelope.bytes())).0, Applied::New);
        self.open_box = self.open_box.without(&envelope.value().ballots);
    }

    /// One round trip with the centre: gives what no receipt covers, takes the answer.
    fn sync(&mut self, world: &mut World) -> usize {
        deliver(world, &mut self.replica)
    }
}

/// Gives everything in a replica that no receipt covers, in pieces, and takes the answers. Returns how many pieces.
fn deliver(world: &mut World, replica: &mut Replica) -> usize {
    let confirmed = replica.confirmed();
    let certificates = replica.items().into_iter().filter(|item| item.kind == ItemKind::Certificate);
    let open = replica.envelopes().filter(|envelope| !confirmed.contains(&envelope.envelope_id()));
    let envelopes = open.map(|envelope| Item::new(ItemKind::Envelope, envelope.bytes()));
    let mut first = Message::new(world.package(), replica.unit().clone());
    first.have = Some(replica.have());
    let messages = pieces(first, certificates.chain(envelopes).collect::<Vec<_>>());
    for message in &messages {
        let answer = at_the_centre(world, &cbor::encode(message));
        let answer: Message = cbor::decode(&answer).expect("an answer");
        assert_eq!(answer.outcomes, [], "nothing is refused");
        for item in &answer.give {
            replica.apply(item);
        }
    }
    messages.len()
}

struct Known<'a>(&'a World);

impl Certificates for Known<'_> {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        let known = self.0.archive.certificates.iter().find(|c| c.value().device() == *device);
        known.map(|certificate| certificate.value().sign)
    }
}

/// What the centre does with a request: judge, store, then sign a receipt.
fn at_the_centre(world: &mut World, request: &[u8]) -> Vec<u8> {
    let message: Message = cbor::decode(request).expect("a message");
    let package = world.package();
    let known = |unit: &_| world.archive.package.value().unit(unit).is_some();
    handshake(&message, &package, known).expect("this round");
    let centre = world.archive.package.value().centre.clone();
    let admission = Admission { package: &package, unit: &message.unit, centre: &centre };
    let mut stored = Vec::new();
    let mut outcomes = Vec::new();
    for (at, item) in (0..).zip(&message.give) {
        let judged = admission.judge(item, &Known(world));
        match judged {
            Ok(Admitted::Envelope(envelope)) => {
                stored.push(envelope.envelope_id());
                world.archive.add_envelope(envelope);
            }
            Ok(_) => {}
            Err(outcome) => outcomes.push((at, outcome)),
        }
    }
    let held: Vec<EnvelopeId> = world.archive.envelopes.keys().copied().collect();
    let receipt = admission.receipt(&stored, &world.centre);
    cbor::encode(
        &admission
            .answer(Have { envelopes: held, records: Vec::new() }, receipt.as_ref(), None, outcomes)
            .finish(),
    )
}

/// A voted round: booths closed and synced in an unlike order, with what was marked per unit.
fn voted(seed: u64) -> (World, Vec<Vec<Lines>>) {
    let mut world = World::new(seed, &[permit_unit(34, 6), attended_unit(12, 3), permit_unit(4, 2)]);
    let mut marked: Vec<Vec<Lines>> = vec![Vec::new(); 3];
    let mut booths: Vec<Booth> =
        [BIG, BIG, ATTENDED, ATTENDED, SMALL, SMALL].map(|unit| Booth::open(&mut world, unit)).into();
    for (unit, voters, first) in [(BIG, 32, 0), (ATTENDED, 12, 2), (SMALL, 4, 4)] {
        for voter in 0..voters {
            let lines = world.marks(unit);
            let ballot = match unit {
                ATTENDED => world.attended_ballot(unit, &lines),
                _ => world.ballot(unit, voter, &lines),
            };
            // The first tablet of the large unit takes enough for an early envelope; the last one stays unused.
            let booth = match unit {
                BIG => first + usize::from(voter % 4 == 0),
                ATTENDED => first + voter % 2,
                _ => first,
            };
            booths[booth].cast(&mut world, ballot);
            marked[unit].push(lines);
        }
    }
    booths.iter_mut().for_each(|booth| booth.close(&mut world));
    assert_eq!(booths[0].tablet.chain.number, 2, "one early envelope and the close");
    // One tablet never sees the network: another one of its unit carries its envelope.
    let stranded = booths.remove(1);
    booths[0].replica.merge(&stranded.replica);
    for booth in booths.iter_mut().rev() {
        assert_eq!(booth.sync(&mut world), 1);
        let all: BTreeSet<_> = booth.replica.have().envelopes.into_iter().collect();
        assert_eq!(booth.replica.confirmed(), all, "one round trip confirms everything");
    }
    (world, marked)
}

#[test]
fn the_counts_of_every_unit_equal_what_was_marked() {
    for seed in 0..4 {
        let (mut world, marked) = voted(seed);
        let result = world.open_all();
        for unit in [BIG, ATTENDED] {
            let figures = unit_of(&result, &world, unit);
            let officials = world.units[unit].plan.officials;
            assert_eq!(figures.lines, Some(tally(&marked[unit], officials)), "seed {seed}, unit {unit}");
            assert_eq!(figures.valid as usize, marked[unit].len());
            assert_eq!((&figures.invalid, &figures.facts, figures.stands), (&vec![], &vec![], false));
            assert_eq!(figures.signs.is_some(), marked[unit].len() >= SIGNS_MIN);
        }
        let small = unit_of(&result, &world, SMALL);
        assert_eq!((small.valid, small.collected()), (4, 4));
        assert_eq!((&small.lines, &small.signs), (&None, &None));
        assert_eq!((result.number, result.previous, &result.pool), (1, None, &None));
        let totals = result.totals();
        assert_eq!((totals.collected, totals.valid), (48, 48));
        assert_eq!(totals.left_out, [world.units[SMALL].code.clone()]);
    }
}

#[test]
fn an_outsider_finds_the_bundle_sound_and_with_shares_recounts_the_same_digest() {
    let (mut world, _) = voted(5);
    world.open_all();
    let bytes = world.archive.to_bytes();
    let report = verify(&bytes, &[], &mut |_, _| {}).unwrap();
    assert_eq!((report.units, report.ballots, report.orders), (3, 48, 1));
    assert!(report.open_gaps.is_empty() && report.after_last_order == 0);
    let recounted = verify(&bytes, &world.shares[1..], &mut |_, _| {}).unwrap();
    assert_eq!(recounted.recount, Some((report.result.unwrap(), Vec::new())));
}

#[test]
fn progress_is_heard_for_every_unit_of_every_order() {
    let (mut world, _) = voted(6);
    world.open_all();
    world.order(&[]);
    let orders: Vec<_> = world.archive.orders.iter().collect();
    let mut heard = Vec::new();
    let material = world.archive.material();
    sync_core::count::count(&material, &orders, &world.secret, &mut |done, all| heard.push((done, all)))
        .unwrap();
    assert_eq!(heard, (1..=6).map(|done| (done, 6)).collect::<Vec<_>>());
}

#[test]
fn a_request_repeated_because_its_answer_was_lost_changes_nothing_and_is_confirmed_again() {
    let mut world = World::new(7, &[permit_unit(6, 2)]);
    let mut booth = Booth::open(&mut world, 0);
    let lines = world.marks(0);
    let ballot = world.ballot(0, 0, &lines);
    booth.cast(&mut world, ballot);
    booth.close(&mut world);
    let mut message = Message::new(world.package(), booth.tablet.unit.clone());
    message.give = booth.replica.items().into_iter().filter(|i| i.kind == ItemKind::Envelope).collect();
    let lost = at_the_centre(&mut world, &cbor::encode(&message));
    let stored = world.archive.envelopes.clone();
    let answer = at_the_centre(&mut world, &cbor::encode(&message));
    assert_eq!(lost, answer);
    assert_eq!(world.archive.envelopes.len(), 1);
    assert_eq!(world.archive.envelopes, stored);
}

#[test]
fn one_bad_item_never_holds_back_the_next_and_is_named_with_its_place() {
    let mut world = World::new(8, &[permit_unit(6, 2), permit_unit(6, 2)]);
    let (mut ours, mut theirs) = (world.enrol(0), world.enrol(1));
    let sheets = [world.units[0].sheet, world.units[1].sheet];
    let good = world.seal_envelope(&mut ours, sheets[0], Vec::new(), true);
    let other_unit = world.seal_envelope(&mut theirs, sheets[1], Vec::new(), true);
    let mut stranger = World::new(9, &[permit_unit(6, 2)]);
    let mut foreign = stranger.enrol(0);
    let other_package = stranger.seal_envelope(&mut foreign, stranger.units[0].sheet, Vec::new(), true);
    let mut unknown = world.enrol(0);
    let waits = world.seal_envelope(&mut unknown, sheets[0], Vec::new(), true);
    world.archive.certificates.retain(|c| c.value().device() != unknown.device);
    let mut unsigned = good.bytes().to_vec();
    *unsigned.last_mut().unwrap() ^= 1;
    let envelope = |bytes: &[u8]| Item::new(ItemKind::Envelope, bytes);
    let mut message = Message::new(world.package(), ours.unit.clone());
    message.give = vec![
        envelope(b"junk"),
        envelope(&unsigned),
        envelope(other_unit.bytes()),
        envelope(other_package.bytes()),
        envelope(waits.bytes()),
        Item::new(ItemKind::RecordChange, b"junk"),
        Item::new(ItemKind::Certificate, foreign.certificate.bytes()),
        envelope(good.bytes()),
    ];
    let answer: Message = cbor::decode(&at_the_centre(&mut world, &cbor::encode(&message))).unwrap();
    assert_eq!(
        answer.outcomes,
        [
            (0, Outcome::Malformed),
            (1, Outcome::BadSignature),
            (2, Outcome::OtherUnit),
            (3, Outcome::OtherPackage),
            (4, Outcome::WaitsForCertificate),
            (5, Outcome::Malformed),
            (6, Outcome::OtherPackage),
        ]
    );
    assert_eq!(world.archive.envelopes.keys().copied().collect::<Vec<_>>(), [good.envelope_id()]);
}

#[test]
fn a_large_give_is_cut_into_pieces_that_are_each_accepted_on_their_own() {
    let mut world = World::new(10, &[permit_unit(6, 2)]);
    let mut courier = Replica::new(&world.archive.package, &world.units[0].code).unwrap();
    let big: Vec<u8> = vec![0x55; 100_000];
    let give: Vec<Item> = (0..7).map(|_| Item::new(ItemKind::Envelope, big.as_slice())).collect();
    let messages = pieces(Message::new(world.package(), courier.unit().clone()), give);
    assert_eq!(messages.iter().map(|message| message.give.len()).sum::<usize>(), 7);
    assert_eq!(messages.len(), 4);
    for message in &messages {
        let bytes = cbor::encode(message);
        assert!(bytes.len() <= sync_core::message::MESSAGE_MAX);
        assert_eq!(cbor::decode::<Message>(&bytes).as_ref(), Ok(message));
    }
    let many = (0..ITEMS_MAX * 2 + 1).map(|_| Item::new(ItemKind::Receipt, b"".as_slice()));
    let messages = pieces(Message::new(world.package(), courier.unit().clone()), many);
    let sizes: Vec<_> = messages.iter().map(|message| message.give.len()).collect();
    assert_eq!(sizes, [ITEMS_MAX, ITEMS_MAX, 1]);
    assert_eq!(deliver(&mut world, &mut courier), 1, "even nothing to give is one message, which asks");
}
