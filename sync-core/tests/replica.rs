//! One replica: what it takes for which unit, what waits in it and for how long, and what it says of itself.

use crate::common::{Tablet, World, permit_unit};
use sync_core::cbor;
use sync_core::cose::{Signed, SignedKind};
use sync_core::device::{Certificate, Revocation};
use sync_core::id::{PackageHash, UnitCode};
use sync_core::message::{Item, ItemKind, Outcome};
use sync_core::package::{PermitChange, Sheet, SheetReplacement};
use sync_core::receipt::Receipt;
use sync_core::replica::{Applied, Replica, WAITING_MAX, WAITING_MAX_BYTES};

fn world() -> World {
    World::new(97, &[permit_unit(20, 2), permit_unit(20, 2)])
}

fn empty(world: &World) -> Replica {
    Replica::new(&world.archive.package, &world.units[0].code).expect("its unit")
}

fn item<T: SignedKind>(kind: ItemKind, signed: &Signed<T>) -> Item {
    Item::new(kind, signed.bytes())
}

fn sheet_item(sheet: &Sheet) -> Item {
    Item::new(ItemKind::Sheet, cbor::encode(sheet))
}

fn take(replica: &mut Replica, item: &Item) -> Applied {
    replica.apply(item).0
}

/// A sheet of the first unit that nobody named, in exactly so many bytes.
fn unknown_sheet(world: &World, which: u32, len: usize) -> Item {
    let mut sheet = world.sheet(0).clone();
    sheet.voters = 300;
    sheet.voter_names = vec![format!("{which:05}{}", "x".repeat(400)); 300];
    let missing = |sheet: &Sheet| len.checked_sub(cbor::encode(sheet).len()).expect("room for names");
    for place in 0..300 {
        let more = missing(&sheet).min(190);
        sheet.voter_names[place].push_str(&"x".repeat(more));
    }
    assert_eq!(missing(&sheet), 0);
    sheet_item(&sheet)
}

#[test]
fn a_broken_copy_of_what_is_here_is_refused_as_if_nothing_were_here() {
    let mut world = world();
    let mut replica = empty(&world);
    let tablet = world.enrol(0);
    let replacement = world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let (package, unit) = (world.package(), world.units[0].code.clone());
    let revocation = Revocation { package, device: tablet.device, reason: "Máy bị mất".to_owned() };
    let receipt = Receipt { package, unit, envelopes: Vec::new() };
    let items = [
        item(ItemKind::SheetReplacement, &replacement),
        item(ItemKind::Certificate, &tablet.certificate),
        item(ItemKind::Revocation, &Signed::sign(revocation, &world.centre)),
        item(ItemKind::Receipt, &Signed::sign(receipt, &world.centre)),
    ];
    for good in items {
        assert_eq!(take(&mut replica, &good), Applied::New, "{:?}", good.kind);
        let mut broken = good.clone();
        *broken.bytes.last_mut().expect("bytes") ^= 1;
        assert_eq!(take(&mut replica, &broken), Applied::Refused(Outcome::BadSignature), "{:?}", good.kind);
        assert_eq!(take(&mut replica, &good), Applied::AlreadyHere, "{:?}", good.kind);
    }
}

#[test]
fn a_package_without_the_unit_gives_no_replica() {
    let world = world();
    let nowhere = UnitCode::new("U9").expect("a code");
    assert!(Replica::new(&world.archive.package, &nowhere).is_none());
    assert_eq!(*empty(&world).unit(), world.units[0].code);
}

#[test]
fn a_replica_says_which_sheet_holds_and_whether_it_is_here() {
    let mut world = world();
    let mut replica = empty(&world);
    let first = world.sheet(0).clone();
    assert_eq!((replica.current_sheet(), replica.sheet()), (first.hash(), None));
    assert_eq!(take(&mut replica, &sheet_item(&first)), Applied::New);
    assert_eq!(replica.sheet(), Some(&first));
    assert_eq!(take(&mut replica, &sheet_item(&first)), Applied::AlreadyHere);
    let replacement = world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    assert_eq!(take(&mut replica, &item(ItemKind::SheetReplacement, &replacement)), Applied::New);
    let second = world.sheet(0).clone();
    assert_eq!((replica.current_sheet(), replica.sheet()), (second.hash(), None));
    assert_eq!(take(&mut replica, &sheet_item(&second)), Applied::New);
    assert_eq!(replica.sheet(), Some(&second));
}

#[test]
fn a_replica_knows_envelopes_receipts_and_whose_certificates_to_give_along() {
    let mut world = world();
    let mut replica = empty(&world);
    let (mut one, other) = (world.enrol(0), world.enrol(0));
    for tablet in [&one, &other] {
        assert_eq!(take(&mut replica, &item(ItemKind::Certificate, &tablet.certificate)), Applied::New);
    }
    let envelope = world.send(&mut one, Vec::new(), true);
    let id = envelope.envelope_id();
    assert!(!replica.holds(&id) && replica.have().envelopes.is_empty());
    assert_eq!(take(&mut replica, &item(ItemKind::Envelope, &envelope)), Applied::New);
    assert!(replica.holds(&id) && replica.confirmed().is_empty());
    assert_eq!((replica.have().envelopes, replica.envelopes().count()), (vec![id], 1));
    let unit = world.units[0].code.clone();
    let receipt =
        Signed::sign(Receipt { package: world.package(), unit, envelopes: vec![id] }, &world.centre);
    assert_eq!(take(&mut replica, &item(ItemKind::Receipt, &receipt)), Applied::New);
    assert_eq!(replica.confirmed().into_iter().collect::<Vec<_>>(), [id]);
    assert_eq!(replica.receipts().cloned().collect::<Vec<_>>(), [receipt]);
    for tablet in [&one, &other] {
        let own = item(ItemKind::Certificate, &tablet.certificate);
        assert_eq!(replica.certificates_of(&tablet.device), [own]);
    }
}

#[test]
fn replicas_that_differ_in_anything_have_other_bytes() {
    let mut world = world();
    let mut tablet = world.enrol(0);
    world.revoke(tablet.device);
    let envelope = world.send(&mut tablet, Vec::new(), true);
    let first = sheet_item(world.sheet(0));
    let replacement = world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let (package, unit, envelopes) =
        (world.package(), world.units[0].code.clone(), vec![envelope.envelope_id()]);
    let receipt = Signed::sign(Receipt { package, unit, envelopes }, &world.centre);
    let items = [
        item(ItemKind::Envelope, &envelope),
        item(ItemKind::Certificate, &tablet.certificate),
        item(ItemKind::Revocation, &world.archive.revocations[0]),
        first,
        item(ItemKind::SheetReplacement, &replacement),
        item(ItemKind::Receipt, &receipt),
    ];
    let mut replica = empty(&world);
    let mut seen = vec![replica.canonical_bytes()];
    for (at, item) in items.iter().enumerate() {
        assert!(matches!(take(&mut replica, item), Applied::New | Applied::Waits), "{item:?}");
        let bytes = replica.canonical_bytes();
        assert!(!seen.contains(&bytes), "{item:?}: also what waits is part of it");
        let held = |item: &Item| bytes.windows(item.bytes.len()).any(|window| window == item.bytes);
        assert!(items[..=at].iter().all(held), "all of it is there, byte for byte");
        assert!(!items[at + 1..].iter().any(held));
        seen.push(bytes);
    }
}

#[test]
fn what_belongs_elsewhere_is_refused_by_what_it_is_about() {
    let mut world = world();
    let mut theirs = world.enrol(1);
    let envelope = world.send(&mut theirs, Vec::new(), true);
    let (package, there) = (PackageHash([9; 32]), world.units[1].code.clone());
    let here = world.units[0].code.clone();
    let replacement = world.replace_sheet(1, PermitChange::Kept, |sheet| sheet.team.clear());
    let receipt =
        |package, unit| Signed::sign(Receipt { package, unit, envelopes: Vec::new() }, &world.centre);
    let certificate = Certificate { package, ..theirs.certificate.value().clone() };
    let revocation = Revocation { package, device: theirs.device, reason: "Máy hỏng".to_owned() };
    let foreign = SheetReplacement { package, unit: here.clone(), ..replacement.value().clone() };
    let centre = &world.centre;
    use Outcome::{Malformed, NotTaken, OtherPackage, OtherUnit};
    let refused = [
        (item(ItemKind::Envelope, &envelope), OtherUnit),
        (sheet_item(world.sheet(1)), OtherUnit),
        (item(ItemKind::SheetReplacement, &replacement), OtherUnit),
        (item(ItemKind::Receipt, &receipt(world.package(), there)), OtherUnit),
        (item(ItemKind::Receipt, &receipt(package, here)), OtherPackage),
        (item(ItemKind::SheetReplacement, &Signed::sign(foreign, centre)), OtherPackage),
        (item(ItemKind::Certificate, &Signed::sign(certificate, centre)), OtherPackage),
        (item(ItemKind::Revocation, &Signed::sign(revocation, centre)), OtherPackage),
        (item(ItemKind::Package, &world.archive.package), NotTaken),
        (Item::new(ItemKind::RecordChange, b"junk".as_slice()), Malformed),
        (Item::new(ItemKind::SealedRecordChange, b"junk".as_slice()), Malformed),
    ];
    let mut replica = empty(&world);
    let before = replica.canonical_bytes();
    for (item, outcome) in refused {
        assert_eq!(replica.apply(&item), (Applied::Refused(outcome), Vec::new()), "{item:?}");
    }
    assert_eq!(replica.canonical_bytes(), before);
}

#[test]
fn an_item_of_a_later_version_is_told_from_a_damaged_one() {
    let mut world = world();
    let certificate = world.enrol(0).certificate;
    // Head of the signed object, head of the payload's string, its array, and then the version.
    let version = 7 + 2 + 1;
    let with = |place: usize, value: u8| {
        let mut bytes = certificate.bytes().to_vec();
        bytes[place] = value;
        take(&mut empty(&world), &Item::new(ItemKind::Certificate, bytes))
    };
    assert_eq!(with(version, 1), Applied::New);
    assert_eq!(with(version, 2), Applied::Refused(Outcome::UnknownVersion));
    assert_eq!(with(version - 1, 0x85), Applied::Refused(Outcome::Malformed));
}

#[test]
fn an_envelope_of_another_package_is_refused_as_such() {
    let mut world = world();
    let mut replica = empty(&world);
    let mut other = World::new(97, &[permit_unit(20, 2)]);
    let Tablet { certificate, .. } = world.enrol(0);
    assert_eq!(take(&mut replica, &item(ItemKind::Certificate, &certificate)), Applied::New);
    let mut tablet = other.enrol(0);
    let envelope = other.send(&mut tablet, Vec::new(), true);
    let refused = Applied::Refused(Outcome::OtherPackage);
    assert_eq!(take(&mut replica, &item(ItemKind::Envelope, &envelope)), refused);
}

#[test]
fn what_waits_is_counted_once_and_no_more_once_it_is_taken() {
    let mut world = world();
    let mut replica = empty(&world);
    let mut tablets = [world.enrol(0), world.enrol(0)];
    let envelopes = tablets.each_mut().map(|tablet| world.send(tablet, Vec::new(), true));
    let lens = envelopes.each_ref().map(|envelope| envelope.bytes().len());
    assert_eq!(replica.waiting(), (0, 0));
    for _ in 0..2 {
        assert_eq!(take(&mut replica, &item(ItemKind::Envelope, &envelopes[0])), Applied::Waits);
        assert_eq!(replica.waiting(), (1, lens[0]), "the same once more is still one");
    }
    assert_eq!(take(&mut replica, &item(ItemKind::Envelope, &envelopes[1])), Applied::Waits);
    assert_eq!(replica.waiting(), (2, lens[0] + lens[1]));
    let (applied, woken) = replica.apply(&item(ItemKind::Certificate, &tablets[0].certificate));
    assert_eq!((applied, woken), (Applied::New, vec![item(ItemKind::Envelope, &envelopes[0])]));
    assert_eq!(replica.waiting(), (1, lens[1]), "the other still waits");
    replica.apply(&item(ItemKind::Certificate, &tablets[1].certificate));
    assert_eq!((replica.waiting(), replica.envelopes().count()), ((0, 0), 2));
}

#[test]
fn what_waits_fills_its_room_to_the_last_byte_and_then_makes_room_for_the_newest() {
    let world = world();
    let mut replica = empty(&world);
    let len = WAITING_MAX_BYTES / 16;
    for which in 1..=16 {
        assert_eq!(take(&mut replica, &unknown_sheet(&world, which, len)), Applied::Waits);
        assert_eq!(replica.waiting(), (which as usize, which as usize * len));
    }
    assert_eq!(take(&mut replica, &unknown_sheet(&world, 17, len)), Applied::Waits);
    assert_eq!(replica.waiting(), (16, WAITING_MAX_BYTES), "one had to go");
    assert_eq!(take(&mut replica, &unknown_sheet(&world, 18, len + 1)), Applied::Waits);
    assert_eq!(replica.waiting(), (15, 14 * len + len + 1), "two had to go for a larger one");
}

#[test]
fn no_more_items_wait_than_the_limit_however_small_they_are() {
    let world = world();
    let small = |which: u32| {
        let mut sheet = world.sheet(0).clone();
        sheet.voters = which;
        sheet_item(&sheet)
    };
    let most = u32::try_from(WAITING_MAX).expect("few");
    let mut replica = empty(&world);
    for which in 1..=most + 5 {
        // The first sheet has 20 voters; that one is known.
        assert_eq!(take(&mut replica, &small(which + 20)), Applied::Waits);
        assert_eq!(replica.waiting().0, which.min(most) as usize);
    }
}
