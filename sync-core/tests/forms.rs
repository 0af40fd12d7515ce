//! What no format lets through although each of its fields is right: lists out of order, numbers that contradict each
//! other, keys that are none. Everything here could be signed; nobody reads it.

use crate::common::reading::Read::{Fine, Range, Unsorted};
use crate::common::reading::{read, read_changed};
use crate::common::samples::{Sample, plain_samples};
use crate::common::{World, attended_unit, decision, permit_unit};
use sync_core::cbor::{self, FormatError, Writer};
use sync_core::cose::PublicKey;
use sync_core::count::{Fact, InvalidReason, Pool, RoundResult};
use sync_core::device::{Certificate, Scope};
use sync_core::envelope::{Batch, Envelope};
use sync_core::id::{DeviceId, EnvelopeId, ObjectId};
use sync_core::message::{Have, Message, Outcome, RecordHead};
use sync_core::open_box::OpenBox;
use sync_core::order::{OpeningOrder, Ruling};
use sync_core::package::{Package, PermitChange, SUITE, VERSION};
use sync_core::receipt::Receipt;
use sync_core::survey::Gap;

fn world() -> World {
    World::new(80, &[permit_unit(5, 2), attended_unit(4, 1)])
}

fn ids(bytes: [u8; 3]) -> Vec<EnvelopeId> {
    bytes.map(|byte| EnvelopeId([byte; 32])).to_vec()
}

/// Orders in which no list may stand: the second and third swapped, and one thing twice.
const ASCENDING: [u8; 3] = [1, 2, 3];
const WRONG: [[u8; 3]; 3] = [[1, 3, 2], [2, 1, 3], [1, 2, 2]];

#[test]
fn a_package_names_each_unit_and_each_level_once_and_units_in_order() {
    let world = world();
    let package = world.archive.package.value();
    assert_eq!(read_changed(package, |package| package.units.reverse()), Unsorted);
    assert_eq!(
        read_changed(package, |package| package.units[1].code = package.units[0].code.clone()),
        Unsorted
    );
    assert_eq!(read_changed(package, |package| package.levels.reverse()), Fine, "levels stand as people say");
    let twice = |package: &mut Package| package.levels[2].code = package.levels[0].code.clone();
    assert_eq!(read_changed(package, twice), Range);
    assert_eq!(read_changed(package, |package| package.levels[0].code = "quyết liệt".to_owned()), Range);
}

#[test]
fn a_package_of_another_suite_is_a_later_version() {
    let world = world();
    let mut bytes = cbor::encode(world.archive.package.value());
    assert_eq!(u64::from(bytes[2]), SUITE, "the suite follows the version");
    bytes[2] = 2;
    let error = cbor::decode::<Package>(&bytes).expect_err("an unknown suite");
    assert!(matches!(error, FormatError::Version { found: 2, known: SUITE, .. }), "{error}");
}

#[test]
fn a_sheet_names_each_official_and_each_permit_once() {
    let world = world();
    let sheet = world.sheet(0);
    let twice =
        |sheet: &mut sync_core::package::Sheet| sheet.officials[1].code = sheet.officials[0].code.clone();
    assert_eq!(read_changed(sheet, twice), Range);
    assert_eq!(read_changed(sheet, |sheet| sheet.officials[0].code = "ông A".to_owned()), Range);
    assert_eq!(read_changed(sheet, |sheet| sheet.officials.reverse()), Fine, "in the order of the ballot");
    assert_eq!(read_changed(sheet, |sheet| sheet.permits.swap(0, 1)), Unsorted);
    assert_eq!(read_changed(sheet, |sheet| sheet.permits[1] = sheet.permits[0]), Unsorted);
}

#[test]
fn a_replacement_replaces_a_sheet_by_another() {
    let replacement = world().replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    assert_eq!(read_changed(replacement.value(), |replacement| replacement.new = replacement.old), Range);
}

#[test]
fn a_certificate_is_for_some_units_in_order_or_for_a_courier() {
    let mut world = world();
    let tablet = world.enrol(0);
    let codes = [0, 1].map(|unit| world.units[unit].code.clone());
    let for_units = |units: &[usize]| {
        let scope = Scope::Units(units.iter().map(|unit| codes[*unit].clone()).collect());
        read(&Certificate { scope, ..tablet.certificate.value().clone() })
    };
    assert_eq!([for_units(&[0]), for_units(&[0, 1])], [Fine, Fine]);
    assert_eq!([for_units(&[]), for_units(&[1, 0]), for_units(&[0, 0])], [Unsorted, Unsorted, Unsorted]);
    let courier = Certificate { scope: Scope::Courier, ..tablet.certificate.value().clone() };
    assert_eq!(read(&courier), Fine);
}

#[test]
fn an_envelope_follows_on_one_unless_it_is_the_first_and_is_empty_only_to_close() {
    let mut world = world();
    let mut tablet = world.enrol(0);
    let ballot = world.ballot(0, 0, &[Some(0), None]);
    let full = world.send(&mut tablet, vec![ballot], false).value().clone();
    let before = Some(EnvelopeId([1; 32]));
    assert_eq!(read_changed(&full, |envelope| envelope.previous = before), Range);
    assert_eq!(read_changed(&full, |envelope| envelope.number = 2), Range);
    let second = Envelope { number: 2, previous: before, ..full };
    assert_eq!(read(&second), Fine);
    let none = Batch::new(second.ballots.record_len(), Vec::new()).expect("an empty batch");
    let empty = Envelope { ballots: none, ..second };
    assert_eq!(read(&empty), Range);
    assert_eq!(read_changed(&empty, |envelope| envelope.total = Some(1)), Fine);
}

#[test]
fn a_batch_holds_records_of_its_length_each_once() {
    let mut world = world();
    let short = world.ballot(0, 0, &[Some(0), None]);
    let long = world.ballot(0, 1, &[Some(0), None, None]);
    let len = short.as_bytes().len();
    assert!(matches!(Batch::new(len, vec![short.clone(), long]), Err(FormatError::Range { .. })));
    assert!(matches!(Batch::new(len, vec![short.clone(), short.clone()]), Err(FormatError::Unsorted { .. })));
    assert_eq!(Batch::new(len, vec![short.clone()]).map(|batch| batch.records().collect()), Ok(vec![short]));
}

#[test]
fn lists_of_ids_ascend() {
    let world = world();
    let receipt =
        Receipt { package: world.package(), unit: world.units[0].code.clone(), envelopes: ids(ASCENDING) };
    assert_eq!(read(&receipt), Fine);
    for wrong in WRONG {
        assert_eq!(read_changed(&receipt, |receipt| receipt.envelopes = ids(wrong)), Unsorted, "{wrong:?}");
    }
}

#[test]
fn a_message_tells_of_each_item_and_each_actor_once_and_in_order() {
    let world = world();
    let message = Message::new(world.package(), world.units[0].code.clone());
    let outcomes = |places: [u8; 3]| {
        read_changed(&message, |message| {
            message.outcomes = places.map(|at| (u32::from(at), Outcome::TooMany)).to_vec();
        })
    };
    let heads = |actors: [u8; 3]| {
        let head = |actor| RecordHead { actor: [actor; 24], sequence: 1, hash: [0; 8] };
        let have = Have { envelopes: Vec::new(), records: actors.map(head).to_vec() };
        read_changed(&message, |message| message.have = Some(have))
    };
    assert_eq!([outcomes(ASCENDING), heads(ASCENDING)], [Fine, Fine]);
    for wrong in WRONG {
        assert_eq!([outcomes(wrong), heads(wrong)], [Unsorted, Unsorted], "{wrong:?}");
    }
}

fn first_order(world: &mut World) -> OpeningOrder {
    world.order(&[]).value().clone()
}

#[test]
fn only_the_first_order_follows_on_nothing() {
    let mut world = world();
    let first = first_order(&mut world);
    let (order, result) = (Some(ObjectId([1; 32])), Some(ObjectId([2; 32])));
    for (number, previous_order, previous_result, expected) in [
        (1, None, None, Fine),
        (1, order, None, Range),
        (1, None, result, Range),
        (1, order, result, Range),
        (2, order, result, Fine),
        (2, None, result, Range),
        (2, order, None, Range),
        (2, None, None, Range),
    ] {
        let changed = OpeningOrder { number, previous_order, previous_result, ..first.clone() };
        assert_eq!(read(&changed), expected, "{number} {previous_order:?} {previous_result:?}");
    }
}

#[test]
fn every_list_of_an_order_ascends() {
    let mut world = world();
    let order = first_order(&mut world);
    assert_eq!(read_changed(&order, |order| order.units.reverse()), Unsorted);
    let lists = |numbers: [u8; 3]| {
        let devices = || numbers.map(|byte| DeviceId([byte; 16])).to_vec();
        [
            read_changed(&order, |order| order.units[0].tablets = devices()),
            read_changed(&order, |order| order.units[0].revoked = devices()),
            read_changed(&order, |order| order.units[0].admitted = ids(numbers)),
            read_changed(&order, |order| {
                order.units[0].left_out =
                    ids(numbers).into_iter().map(|id| (id, Default::default())).collect();
            }),
            read_changed(&order, |order| {
                let decided = |id: EnvelopeId| decision(Ruling::Admit(id));
                order.units[0].decisions = ids(numbers).into_iter().map(decided).collect();
            }),
            read_changed(&order, |order| {
                order.units[0].papers = numbers.map(|byte| ObjectId([byte; 32])).to_vec();
            }),
        ]
    };
    assert!(lists(ASCENDING).iter().all(|read| *read == Fine));
    for wrong in WRONG {
        assert_eq!(lists(wrong), [Unsorted, Unsorted, Unsorted, Unsorted, Unsorted, Unsorted], "{wrong:?}");
    }
}

#[test]
fn a_decision_is_of_two_persons_in_order_and_has_a_reason() {
    let mut world = world();
    let order = first_order(&mut world);
    let decided = |by: [&str; 2], reason: &str| {
        let mut decision = decision(Ruling::LeaveOut(EnvelopeId([1; 32])));
        (decision.by, decision.reason) = (by.map(str::to_owned), reason.to_owned());
        read_changed(&order, |order| order.units[0].decisions = vec![decision])
    };
    assert_eq!(decided(["Lan", "Minh"], "đã đối chiếu"), Fine);
    for by in [["Minh", "Lan"], ["Lan", "Lan"], ["", "Minh"], [" ", "Minh"]] {
        assert_eq!(decided(by, "đã đối chiếu"), Range, "{by:?}");
    }
    for reason in ["", " \u{a0}"] {
        assert_eq!(decided(["Lan", "Minh"], reason), Range, "{reason:?}");
    }
}

#[test]
fn every_kind_of_ruling_is_read_as_it_was_written() {
    let mut world = world();
    let order = first_order(&mut world);
    let (device, id) = (DeviceId([4; 16]), EnvelopeId([5; 32]));
    for ruling in [
        Ruling::Admit(id),
        Ruling::LeaveOut(id),
        Ruling::WriteOff(Gap::Number { device, number: 7 }),
        Ruling::WriteOff(Gap::Close { device }),
        Ruling::WriteOff(Gap::Total { device, stated: 9, found: 8 }),
    ] {
        let read = read_changed(&order, |order| order.units[0].decisions = vec![decision(ruling)]);
        assert_eq!(read, Fine, "{ruling:?}");
    }
}

fn result(world: &mut World) -> RoundResult {
    world.open_all();
    world.archive.results[0].value().clone()
}

#[test]
fn only_the_first_result_follows_on_nothing() {
    let mut world = world();
    let first = result(&mut world);
    let before = Some(ObjectId([1; 32]));
    for (number, previous, expected) in
        [(1, None, Fine), (1, before, Range), (2, before, Fine), (2, None, Range)]
    {
        let changed = RoundResult { number, previous, ..first.clone() };
        assert_eq!(read(&changed), expected, "{number} {previous:?}");
    }
}

#[test]
fn every_list_of_a_result_ascends() {
    let mut world = world();
    let first = result(&mut world);
    assert_eq!(read_changed(&first, |result| result.units.reverse()), Unsorted);
    let pooled = |units: [usize; 2]| {
        let units = units.map(|unit| first.units[unit].unit.clone()).to_vec();
        let pool = Pool { units, valid: 0, levels: vec![0; 3], invalid: 0 };
        read_changed(&first, |result| result.pool = Some(pool))
    };
    assert_eq!([pooled([0, 1]), pooled([1, 0]), pooled([1, 1])], [Fine, Unsorted, Unsorted]);
    let invalid = |reasons: [InvalidReason; 2]| {
        read_changed(&first, |result| result.units[0].invalid = reasons.map(|reason| (reason, 1)).to_vec())
    };
    let facts = |facts: [Fact; 2]| {
        read_changed(&first, |result| result.units[0].facts = facts.map(|fact| (fact, 1)).to_vec())
    };
    use Fact::{EqualMarks, Forged};
    use InvalidReason::{Conflicting, Malformed};
    assert_eq!([invalid([Malformed, Conflicting]), facts([EqualMarks, Forged])], [Fine, Fine]);
    assert_eq!([invalid([Conflicting, Malformed]), facts([Forged, EqualMarks])], [Unsorted, Unsorted]);
    assert_eq!([invalid([Malformed, Malformed]), facts([Forged, Forged])], [Unsorted, Unsorted]);
}

/// A box as a damaged or foreign program might write it.
fn written_box(record_len: u64, records: &[u8]) -> Result<OpenBox, FormatError> {
    let mut w = Writer::new();
    w.array(5).uint(VERSION).text("U1").bytes(&[1; 32]).uint(record_len).bytes(records);
    cbor::decode(&w.finish())
}

#[test]
fn a_box_that_was_not_written_by_us_is_refused_and_not_put_right() {
    let (a, b) = ([&[1; 16][..], &[7; 64]].concat(), [&[2; 16][..], &[7; 64]].concat());
    let again = [&[1; 16][..], &[8; 64]].concat();
    assert_eq!(written_box(80, &[&a[..], &b].concat()).map(|open_box| open_box.len()), Ok(2));
    assert!(matches!(written_box(80, &[&b[..], &a].concat()), Err(FormatError::NotCanonical { .. })));
    assert!(matches!(written_box(80, &[&a[..], &again].concat()), Err(FormatError::Unsorted { .. })));
    assert!(matches!(written_box(80, &a[1..]), Err(FormatError::Malformed { .. })), "a piece of a record");
    assert!(matches!(written_box(0, &[]), Err(FormatError::Malformed { .. })));
    assert!(matches!(written_box(8, &a), Err(FormatError::Malformed { .. })), "shorter than any record");
}

#[test]
fn a_key_of_small_order_is_no_key_anywhere() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(PublicKey::from_bytes(&neutral), None);
    let world = world();
    let good = world.centre.public();
    assert_eq!(PublicKey::from_bytes(&good.to_bytes()), Some(good));
    let bytes = cbor::encode(world.archive.package.value());
    let at = bytes.windows(32).position(|window| window == good.to_bytes()).expect("the package names it");
    let weak = [&bytes[..at], &neutral, &bytes[at + 32..]].concat();
    assert!(matches!(cbor::decode::<Package>(&weak), Err(FormatError::Range { what: "centre key" })));
}

#[test]
fn an_absent_value_is_not_an_empty_one() {
    let empty: Vec<Sample> =
        plain_samples().into_iter().filter(|sample| sample.name == "message-empty").collect();
    let message: Message = cbor::decode(&empty[0].bytes).expect("a sample");
    assert_eq!(message.have, None);
    let nothing = Message { have: Some(Have::default()), ..message.clone() };
    assert_eq!(read(&nothing), Fine);
    assert_ne!(cbor::encode(&nothing), cbor::encode(&message));
}
