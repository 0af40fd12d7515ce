//! Bundles that were put together wrongly: the first part that is wrong is named with its kind and place.

use crate::common::samples::small_round;
use crate::common::{Tablet, World, permit_unit};
use sync_core::bundle::{Bundle, BundleError, Part};
use sync_core::cbor::{FormatError, Reader, Writer};
use sync_core::cose::{BadSignature, OpenError};
use sync_core::device::{Scope, device_id};
use sync_core::id::{RoundId, UnitCode};
use sync_core::package::PermitChange;
use sync_core::record::{Act, Actor, Entry, FigureKind, PersonId, Writer as Chain};

const MAGIC: &str = "homphieu bundle";

/// A bundle as lists of byte strings, so that a test can put anything anywhere.
#[derive(Clone)]
struct Frame {
    package: Vec<u8>,
    lists: [Vec<Vec<u8>>; 8],
}

/// Which list holds which parts.
const PARTS: [Part; 8] = [
    Part::Sheet,
    Part::SheetReplacement,
    Part::Certificate,
    Part::Revocation,
    Part::Envelope,
    Part::Order,
    Part::Result,
    Part::RecordChange,
];

impl Frame {
    fn of(world: &World) -> Self {
        let bytes = world.archive.to_bytes();
        let mut r = Reader::new(&bytes);
        let read = |r: &mut Reader<'_>| -> Result<Self, FormatError> {
            let len = r.list_len(11, "bundle")?;
            assert_eq!(r.text(100, "magic")?, MAGIC);
            r.version_up_to(2, "bundle")?;
            let package = r.bytes(1 << 20, "package")?.to_vec();
            let mut lists: [Vec<Vec<u8>>; 8] = Default::default();
            for list in &mut lists[..len - 3] {
                *list = r.list(1_000, "parts", |r| Ok(r.bytes(1 << 20, "part")?.to_vec()))?;
            }
            Ok(Self { package, lists })
        };
        read(&mut r).expect("a bundle that was just written")
    }

    fn write(&self, magic: &str, version: u64) -> Vec<u8> {
        let mut w = Writer::new();
        w.array(11).text(magic).uint(version).bytes(&self.package);
        for list in &self.lists {
            w.list(list, |w, part| {
                w.bytes(part);
            });
        }
        w.finish()
    }

    fn list(&mut self, part: Part) -> &mut Vec<Vec<u8>> {
        let at = PARTS.iter().position(|listed| *listed == part).expect("a part that stands in a list");
        &mut self.lists[at]
    }

    fn open(&self) -> Result<(), BundleError> {
        Bundle::open(&self.write(MAGIC, 2)).map(drop)
    }

    /// What is said after a change of one list.
    fn with(&self, part: Part, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Result<(), BundleError> {
        let mut changed = self.clone();
        change(changed.list(part));
        changed.open()
    }
}

/// A round with at least two of every part.
fn round() -> World {
    let mut world = small_round();
    for _ in 0..2 {
        let lost = world.enrol(0);
        world.revoke(lost.device);
    }
    let tablet = world.enrol(0);
    for present in [4, 5] {
        let act = Act::Figure { kind: FigureKind::Present, value: present };
        world.note(&tablet, vec![Entry { person: PersonId::of("Lan"), at: None, act }]);
    }
    world.open_all();
    for name in ["Vàng", "Sùng"] {
        world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.officials[0].name = name.to_owned());
    }
    world.open_all();
    world
}

#[test]
fn a_frame_with_another_name_or_version_is_no_bundle() {
    let frame = Frame::of(&round());
    assert!(Bundle::open(&frame.write(MAGIC, 2)).is_ok());
    let malformed = BundleError::Format(FormatError::Malformed { what: "bundle" });
    assert_eq!(Bundle::open(&frame.write("homphieu-bundle", 2)).unwrap_err(), malformed);
    let later = BundleError::Format(FormatError::Version { what: "bundle", found: 3, known: 2 });
    assert_eq!(Bundle::open(&frame.write(MAGIC, 3)).unwrap_err(), later);
}

#[test]
fn parts_out_of_order_or_twice_are_refused_in_every_list() {
    let frame = Frame::of(&round());
    for part in PARTS {
        let unsorted = Err(BundleError::Unsorted { part });
        assert_eq!(frame.with(part, |list| list.swap(0, 1)), unsorted, "{part} 1 and 2 swapped");
        assert_eq!(frame.with(part, |list| list[1] = list[0].clone()), unsorted, "{part} 1 twice");
        assert_eq!(frame.with(part, |list| list.insert(0, list[0].clone())), unsorted, "one {part} more");
    }
}

#[test]
fn junk_is_named_by_kind_and_place_in_every_list() {
    let frame = Frame::of(&round());
    for part in PARTS {
        let said = frame.with(part, |list| list[1] = b"junk".to_vec());
        assert!(
            matches!(said, Err(BundleError::Part { part: named, place: 2, source: OpenError::Format(_) }) if named == part),
            "{part}: {said:?}"
        );
    }
    let mut without = frame;
    without.package = b"junk".to_vec();
    assert!(matches!(without.open(), Err(BundleError::Part { part: Part::Package, place: 1, .. })));
}

#[test]
fn a_part_that_somebody_else_signed_is_named_in_every_list() {
    let frame = Frame::of(&round());
    for part in PARTS.into_iter().filter(|part| *part != Part::Sheet) {
        let said = frame.with(part, |list| *list[1].last_mut().expect("a signature") ^= 1);
        let source = OpenError::Signature(BadSignature);
        assert_eq!(said, Err(BundleError::Part { part, place: 2, source }), "{part}");
    }
}

#[test]
fn a_part_of_another_round_is_named_in_every_list() {
    let frame = Frame::of(&round());
    // Of the same seed, so the same centre and the same trustees sign there.
    let mut other = World::new(31, &[permit_unit(5, 2)]);
    let mut tablet = other.enrol(0);
    other.send(&mut tablet, Vec::new(), true);
    other.revoke(tablet.device);
    other.open_all();
    other.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let mut other = Frame::of(&other);
    let told_apart = [Part::Sheet, Part::Envelope, Part::RecordChange];
    for part in PARTS.into_iter().filter(|part| !told_apart.contains(part)) {
        let foreign = other.list(part)[0].clone();
        let said = frame.with(part, |list| list[1] = foreign);
        assert_eq!(said, Err(BundleError::Foreign { part, place: 2 }), "{part}");
    }
}

#[test]
fn an_envelope_needs_a_certificate_of_its_device_and_a_unit_of_the_round() {
    let mut world = round();
    let author = world.archive.envelopes.values().nth(1).expect("several envelopes").value().device;
    world.archive.certificates.retain(|c| c.value().device() != author);
    let said = Bundle::open(&world.archive.to_bytes()).unwrap_err();
    assert_eq!(said, BundleError::NoCertificate { place: 2, device: author });

    let mut world = round();
    let nowhere = UnitCode::new("U9").expect("a code");
    let mut stray = world.enrol_with(Scope::Units(vec![nowhere.clone()]), nowhere);
    let sheet = world.units[0].sheet;
    let envelope = world.seal_envelope(&mut stray, sheet, Vec::new(), true);
    world.archive.add_envelope(envelope.clone());
    let place =
        1 + world.archive.envelopes.keys().position(|id| *id == envelope.envelope_id()).expect("it is there");
    let said = Bundle::open(&world.archive.to_bytes()).unwrap_err();
    assert_eq!(said, BundleError::Foreign { part: Part::Envelope, place });
}

#[test]
fn a_record_change_needs_a_certificate_of_its_writer_or_the_centre_as_writer() {
    let mut world = round();
    let centre = world.archive.package.value().centre.clone();
    let own = device_id(&centre.sign, &centre.seal);
    let note = |text: &str| Entry {
        person: PersonId::of("Lan"),
        at: None,
        act: Act::Note { text: text.to_owned(), replaces: None },
    };
    let (package, unit, sheet) = (world.package(), world.units[0].code.clone(), world.units[0].sheet);
    let place = (&package, &unit, &sheet);
    let mut writer = Chain::new(Actor::new(&own, [1; 8]));
    let change = writer.write(place, vec![note("Đã gọi điện cho đơn vị")], &world.centre).expect("it fits");
    world.archive.records.push(change);
    let bundle = Bundle::open(&world.archive.to_bytes()).expect("the centre needs no certificate");
    assert_eq!(bundle.records.len(), 3);

    let author = world.archive.records[0].value().actor.device();
    world.archive.certificates.retain(|c| c.value().device() != author);
    let said = Bundle::open(&world.archive.to_bytes()).unwrap_err();
    assert!(matches!(said, BundleError::NoWriter { device, .. } if device == author), "{said}");
}

#[test]
fn a_bundle_without_records_keeps_the_bytes_of_version_1_and_one_with_an_empty_list_is_refused() {
    let bytes = small_round().archive.to_bytes();
    assert_eq!(bytes[..2], [0x8a, 0x6f], "an array of ten that begins with a text");
    let frame = Frame::of(&small_round());
    let said = Bundle::open(&frame.write(MAGIC, 2)).unwrap_err();
    assert_eq!(said, BundleError::Format(FormatError::NotCanonical { what: "bundle" }));
    let malformed = BundleError::Format(FormatError::Malformed { what: "bundle" });
    assert_eq!(Bundle::open(&frame.write(MAGIC, 1)).unwrap_err(), malformed, "version 1 has no such list");
}

#[test]
fn an_envelope_of_another_package_is_named() {
    let mut world = round();
    let Tablet { key, unit, certificate, .. } = world.enrol(0);
    let sealer = sync_core::envelope::Sealer {
        package: sync_core::id::PackageHash([9; 32]),
        unit: &unit,
        sheet: world.units[0].sheet,
        device: certificate.value().device(),
        key: &key,
    };
    let none =
        sync_core::envelope::Batch::new(world.sheet(0).record_len(), Vec::new()).expect("an empty batch");
    let (envelope, _) = sealer.seal(&Default::default(), none, true).expect("the first envelope");
    let id = envelope.envelope_id();
    world.archive.add_envelope(envelope);
    let place = 1 + world.archive.envelopes.keys().position(|other| *other == id).expect("it is there");
    let said = Bundle::open(&world.archive.to_bytes()).unwrap_err();
    assert_eq!(said, BundleError::Foreign { part: Part::Envelope, place });
}

#[test]
fn sheets_are_those_that_package_and_replacements_name_for_their_unit_and_round() {
    let frame = Frame::of(&round());
    let stranger = Frame::of(&World::new(77, &[permit_unit(5, 2)])).list(Part::Sheet)[0].clone();
    let said = frame.with(Part::Sheet, |list| list[1] = stranger);
    assert_eq!(said, Err(BundleError::UnknownSheet { place: 2 }));

    let changes: [fn(&mut sync_core::package::Sheet); 2] =
        [|sheet| sheet.round = RoundId([9; 16]), |sheet| sheet.unit = UnitCode::new("U2").expect("a code")];
    for change in changes {
        let mut world = small_round();
        world.replace_sheet(0, PermitChange::Kept, change);
        let said = Bundle::open(&world.archive.to_bytes()).unwrap_err();
        assert!(matches!(said, BundleError::UnknownSheet { .. }), "{said:?}");
    }

    for at in 0..frame.lists[0].len() {
        let said = frame.with(Part::Sheet, |list| drop(list.remove(at)));
        assert!(matches!(said, Err(BundleError::MissingSheet { .. })), "{said:?}");
    }
}

#[test]
fn whatever_order_parts_were_put_in_the_bundle_is_the_same() {
    let world = round();
    let bytes = world.archive.to_bytes();
    let mut shuffled = world.archive.clone();
    shuffled.replacements.reverse();
    shuffled.certificates.reverse();
    shuffled.revocations.reverse();
    shuffled.orders.reverse();
    shuffled.results.reverse();
    shuffled.records.reverse();
    assert_eq!(shuffled.to_bytes(), bytes);
    let read = Bundle::open(&bytes).expect("a sound bundle");
    assert_eq!(read.to_bytes(), bytes);
    assert_eq!((read.replacements.len(), read.certificates.len(), read.revocations.len()), (2, 6, 2));
    let numbers: Vec<u32> = read.orders.iter().map(|order| order.value().number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn every_part_has_a_name_that_a_message_can_use() {
    let mut names: Vec<String> = PARTS.iter().chain([&Part::Package]).map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), PARTS.len() + 1);
    assert!(names.iter().all(|name| !name.is_empty()));
}
