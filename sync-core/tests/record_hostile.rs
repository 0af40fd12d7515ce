//! Hostile changes of a record: refused with a reason, in constant memory, and without harm to anybody else's.

use crate::common::samples::Sample;
use crate::common::team::{
    HOA, Known, LAN, MEMORY, MINH, Team, figure, forged, judged, look, noted, place, replica,
};
use sync_core::cbor;
use sync_core::centre::{Admission, Admitted, Certificates, Checked};
use sync_core::cose::{PublicKey, SecretKey, Signed, Unverified};
use sync_core::id::{DeviceId, PackageHash, UnitCode};
use sync_core::message::{Item, ItemKind, Outcome};
use sync_core::record::{
    ACTORS_PER_DEVICE_MAX, Act, Actor, BYTES_PER_DEVICE_MAX, CHANGES_PER_ACTOR_MAX, ChangeHash, ENTRIES_MAX,
    Entry, EntryRef, FigureKind, HEADS_MAX, MEMBERS_MAX, Member, MinutesHash, PersonId, Post, RecordChange,
    SETTLED_MAX, SealedChanges, Taken, Writer,
};
use sync_core::replica::Applied;

const PRESENT: FigureKind = FigureKind::Present;

#[test]
fn a_hash_that_the_entries_do_not_give_is_refused_and_the_chain_goes_on() {
    let mut team = Team::new(102);
    let mut pen = team.pen();
    let (first, second) = (pen.note(LAN, figure(PRESENT, 9)), pen.note(LAN, figure(PRESENT, 8)));
    let key = &pen.tablet.key;
    let mut record = team.record_of([&first]);
    let before = look(&record);
    for lie in [
        forged(&second, key, |change| change.hash.0[31] ^= 1),
        forged(&second, key, |change| change.hash = first.value().hash),
        forged(&second, key, |change| change.entries[0] = noted(LAN, figure(PRESENT, 7))),
        forged(&second, key, |change| change.entries.push(noted(LAN, figure(PRESENT, 7)))),
        forged(&second, key, |change| change.entries.insert(0, noted(LAN, figure(PRESENT, 7)))),
        forged(&first, key, |change| change.entries[0].person = PersonId::of(MINH)),
        forged(&first, key, |change| change.hash = ChangeHash([0; 32])),
    ] {
        assert_eq!(record.take(lie), Taken::Refused(Outcome::Malformed));
        assert_eq!(look(&record), before);
    }
    assert_eq!(record.take(second), Taken::New);
}

#[test]
fn a_change_of_another_writer_package_or_unit_is_refused() {
    let mut team = Team::new(103);
    let (mut pen, other) = (team.pen(), team.pen());
    let good = pen.note(LAN, figure(PRESENT, 9));
    let key = &pen.tablet.key;
    let mut replica = replica(&team);
    let before = replica.canonical_bytes();
    let stolen = forged(&good, key, |change| change.actor = Actor::new(&other.device(), [1; 8]));
    let nobody = forged(&good, key, |change| change.actor = Actor([7; 24]));
    let package = forged(&good, key, |change| change.package = PackageHash([1; 32]));
    let unit = forged(&good, key, |change| change.unit = UnitCode::new("U2").expect("a code"));
    for (change, outcome) in
        [(stolen, Outcome::BadSignature), (package, Outcome::OtherPackage), (unit, Outcome::OtherUnit)]
    {
        let item = Item::new(ItemKind::RecordChange, change.bytes());
        assert_eq!(replica.apply(&item).0, Applied::Refused(outcome));
        assert_eq!(judged(&team, &item).err(), Some(outcome));
        assert_eq!(replica.canonical_bytes(), before);
    }
    let item = Item::new(ItemKind::RecordChange, nobody.bytes());
    assert_eq!(replica.apply(&item).0, Applied::Waits);
    assert_eq!(judged(&team, &item).err(), Some(Outcome::WaitsForCertificate));
}

#[test]
fn what_was_written_for_another_unit_has_another_hash_even_if_it_is_signed_again() {
    let mut team = Team::new(104);
    let mut pen = team.pen();
    let here = pen.copy().note(LAN, figure(PRESENT, 9));
    let unit = UnitCode::new("U2").expect("a code");
    let place = (&team.package, &unit, &team.sheet);
    let there =
        pen.writer.write(place, vec![noted(LAN, figure(PRESENT, 9))], &pen.tablet.key).expect("it fits");
    assert_ne!(here.value().hash, there.value().hash);
    let moved = forged(&there, &pen.tablet.key, |change| change.unit = team.unit.clone());
    assert_eq!(team.record().take(moved), Taken::Refused(Outcome::Malformed));
}

#[test]
fn the_centre_writes_under_its_own_key_and_nobody_else_under_its_name() {
    let mut team = Team::new(105);
    let pen = team.pen();
    let actor = Actor::new(&team.world.archive.package.value().centre.device(), [1; 8]);
    let place = (&team.package, &team.unit, &team.sheet);
    let entries = vec![noted(HOA, Act::Explain { finding: [1; 16], text: "đã xem".to_owned() })];
    let by = |key: &SecretKey| Writer::new(actor).write(place, entries.clone(), key).expect("it fits");
    let mut replica = replica(&team);
    for (change, ours) in [(by(&pen.tablet.key), false), (by(&team.world.centre), true)] {
        let item = Item::new(ItemKind::RecordChange, change.bytes());
        let expected = if ours { Applied::New } else { Applied::Refused(Outcome::BadSignature) };
        assert_eq!(replica.apply(&item).0, expected);
        assert_eq!(judged(&team, &item).is_ok(), ours);
    }
}

#[test]
fn sealed_changes_of_another_package_or_unit_are_refused_and_never_read_by_who_carries_them() {
    let mut team = Team::new(106);
    let pen = team.pen();
    let rng = &mut team.world.rng.clone();
    let reader = sync_core::record::Reader { device: pen.device(), seal: [9; 32] };
    let mut seal = |package: &PackageHash, unit: &UnitCode| {
        let junk = vec![b"no change at all".to_vec()];
        let sealed = SealedChanges::seal(package, unit, &reader, junk, rng).expect("it fits");
        Item::new(ItemKind::SealedRecordChange, cbor::encode(&sealed))
    };
    let mut replica = replica(&team);
    let unit = UnitCode::new("U2").expect("a code");
    let foreign = [
        (seal(&PackageHash([1; 32]), &team.unit), Outcome::OtherPackage),
        (seal(&team.package, &unit), Outcome::OtherUnit),
    ];
    for (item, outcome) in foreign {
        assert_eq!(replica.apply(&item).0, Applied::Refused(outcome));
        assert_eq!(judged(&team, &item).err(), Some(outcome));
    }
    let item = seal(&team.package, &team.unit);
    assert_eq!(replica.apply(&item).0, Applied::New);
    assert_eq!(replica.apply(&item).0, Applied::AlreadyHere);
    assert!(matches!(judged(&team, &item), Ok(Admitted::Carried(_))));
}

/// The first changes of a writer need no predecessor, so they are as good as any to fill a record with.
fn filler(team: &Team, key: &SecretKey, device: DeviceId, run: u32, texts: usize) -> Signed<RecordChange> {
    let mut eight = [0; 8];
    eight[..4].copy_from_slice(&run.to_be_bytes());
    let place = (&team.package, &team.unit, &team.sheet);
    let text = "x".repeat(600);
    let entries = vec![noted(LAN, Act::Incident { text }); texts];
    Writer::new(Actor::new(&device, eight)).write(place, entries, key).expect("it fits")
}

#[test]
fn a_device_has_a_bounded_number_of_writers_and_bytes_and_what_is_here_stays_success() {
    let mut team = Team::new(107);
    let (pen, mut other) = (team.pen(), team.pen());
    let mut record = team.record();
    let most = u32::try_from(ACTORS_PER_DEVICE_MAX).expect("few");
    for run in 0..most {
        assert_eq!(record.take(filler(&team, &pen.tablet.key, pen.device(), run, 1)), Taken::New);
    }
    let beyond = filler(&team, &pen.tablet.key, pen.device(), most, 1);
    assert_eq!(record.take(beyond), Taken::Refused(Outcome::TooMany));
    assert_eq!(record.take(filler(&team, &pen.tablet.key, pen.device(), 0, 1)), Taken::AlreadyHere);
    assert_eq!(record.take(other.note(MINH, figure(PRESENT, 1))), Taken::New, "others are not shut out");
}

#[test]
fn when_the_bytes_of_a_device_are_used_up_what_is_here_stays_success_and_others_go_on() {
    let mut team = Team::new(108);
    let (mut pen, mut other) = (team.pen(), team.pen());
    let mut record = team.record();
    let big = || vec![noted(LAN, Act::Incident { text: "x".repeat(600) }); 24];
    let first = pen.write(big());
    let mut next = first.clone();
    let mut bytes = 0;
    while record.take(next.clone()) == Taken::New {
        bytes += next.bytes().len();
        next = pen.write(big());
    }
    assert!(bytes <= BYTES_PER_DEVICE_MAX && bytes + next.bytes().len() > BYTES_PER_DEVICE_MAX);
    let before = look(&record);
    assert_eq!(record.take(next), Taken::Refused(Outcome::TooMany));
    assert_eq!(record.take(first), Taken::AlreadyHere, "it is here");
    assert_eq!(look(&record), before);
    assert_eq!(record.take(other.note(MINH, figure(PRESENT, 1))), Taken::New);
}

#[test]
fn a_chain_ends_with_its_last_number() {
    let mut team = Team::new(109);
    let mut pen = team.pen();
    let mut record = team.record();
    for _ in 0..CHANGES_PER_ACTOR_MAX {
        assert_eq!(record.take(pen.note(LAN, Act::CheckIn { voter: 1 })), Taken::New);
    }
    let place = (&team.package, &team.unit, &team.sheet);
    let entry = noted(LAN, Act::CheckIn { voter: 1 });
    assert!(pen.writer.write(place, vec![entry.clone()], &pen.tablet.key).is_none(), "another run goes on");
    let last = record.changes().last().expect("many").clone();
    let beyond = forged(&last, &pen.tablet.key, |change| {
        change.previous = Some(change.hash);
        change.sequence += 1;
    });
    assert!(Unverified::<RecordChange>::decode(beyond.bytes()).is_err());
    assert_eq!(pen.restarted(2).note(LAN, entry.act).value().sequence, 1);
}

#[test]
fn changes_and_entries_beyond_their_bounds_are_neither_written_nor_read() {
    let mut team = Team::new(110);
    let mut pen = team.pen();
    let change = pen.copy().note(LAN, figure(PRESENT, 1));
    let member = |i: usize| Member { post: Post::CountingMember, name: format!("Người {i:03}") };
    let at = |i: usize| EntryRef {
        index: 63,
        ..EntryRef { sequence: u32::try_from(i + 1).expect("few"), ..place(&change, 0) }
    };
    let head = |i: usize| {
        let mut actor = [1; 24];
        actor[..2].copy_from_slice(&u16::try_from(i).expect("few").to_be_bytes());
        (Actor(actor), 1)
    };
    let committee = |n| Act::Committee { members: (0..n).map(member).collect() };
    let settle = |n| Act::Settle { entries: (0..n).map(at).collect(), holds: at(0) };
    let sign_off = |n| Act::SignOff {
        post: Post::MeetingChair,
        heads: (0..n).map(head).collect(),
        minutes: MinutesHash([1; 32]),
    };
    let text = |n| Act::Note { text: "y".repeat(n), replaces: None };
    let sign = |act: Act, post| match act {
        Act::SignOff { heads, minutes, .. } => Act::SignOff { post, heads, minutes },
        act => act,
    };
    let cases = [
        (committee(MEMBERS_MAX), true),
        (committee(MEMBERS_MAX + 1), false),
        (committee(0), false),
        (Act::Committee { members: vec![member(1), member(0)] }, false),
        (Act::Committee { members: vec![member(1), member(1)] }, false),
        (settle(SETTLED_MAX), true),
        (settle(SETTLED_MAX + 1), false),
        (settle(0), false),
        (Act::Settle { entries: vec![at(1), at(0)], holds: at(0) }, false),
        (Act::Settle { entries: vec![at(0)], holds: EntryRef { sequence: 0, ..at(0) } }, false),
        (Act::Undo { entry: EntryRef { index: 64, ..at(0) } }, false),
        (Act::Undo { entry: EntryRef { sequence: CHANGES_PER_ACTOR_MAX, ..at(0) } }, true),
        (Act::Undo { entry: EntryRef { sequence: CHANGES_PER_ACTOR_MAX + 1, ..at(0) } }, false),
        (sign_off(HEADS_MAX), true),
        (sign_off(HEADS_MAX + 1), false),
        (sign_off(0), true),
        (sign(sign_off(1), Post::CountingHead), true),
        (sign(sign_off(1), Post::CountingMember), false),
        (text(600), true),
        (text(601), false),
        (text(0), false),
        (Act::Note { text: " \u{3000} ".to_owned(), replaces: None }, false),
        (Act::CheckIn { voter: 0 }, false),
        (Act::CheckIn { voter: 5_000 }, true),
        (Act::CheckIn { voter: 5_001 }, false),
        (Act::Slip { voter: 5_001 }, false),
        (figure(PRESENT, u32::MAX), true),
    ];
    let write = |entries: Vec<Entry>| {
        pen.writer.clone().write((&team.package, &team.unit, &team.sheet), entries, &pen.tablet.key)
    };
    for (act, fits) in cases {
        let entry = noted(LAN, act);
        assert_eq!(write(vec![entry.clone()]).is_some(), fits, "{entry:?}");
        let signed = forged(&change, &pen.tablet.key, |change| change.entries = vec![entry.clone()]);
        assert_eq!(Unverified::<RecordChange>::decode(signed.bytes()).is_ok(), fits, "{entry:?}");
    }
    let small = |n| vec![noted(LAN, Act::CheckIn { voter: 1 }); n];
    assert!(write(small(ENTRIES_MAX)).is_some() && write(small(ENTRIES_MAX + 1)).is_none());
    assert!(write(Vec::new()).is_none());
    let long = |n| vec![noted(LAN, text(600)); n];
    assert!(write(long(25)).is_some() && write(long(27)).is_none(), "together they are too long");
    assert_eq!(pen.note(LAN, figure(PRESENT, 1)), change, "what was not written moved nothing on");
}

#[test]
fn no_check_in_slip_or_undo_carries_a_moment() {
    let mut team = Team::new(111);
    let pen = team.pen();
    let place = (&team.package, &team.unit, &team.sheet);
    let undo = EntryRef { actor: Actor([1; 24]), sequence: 1, index: 0 };
    for (act, timed) in [
        (Act::CheckIn { voter: 1 }, false),
        (Act::Slip { voter: 1 }, false),
        (Act::Undo { entry: undo }, false),
        (figure(PRESENT, 1), true),
        (Act::Incident { text: "mất điện".to_owned() }, true),
    ] {
        let entry = |at| vec![Entry { at, ..noted(LAN, act.clone()) }];
        let written = |at| pen.writer.clone().write(place, entry(at), &pen.tablet.key).is_some();
        assert_eq!(written(Some(29_000_000)), timed, "{act:?}");
        assert!(written(None));
        assert!(!written(Some(1 << 32)), "nor one that is out of all bounds");
    }
}

#[test]
fn the_number_and_the_link_of_a_change_agree() {
    let mut team = Team::new(112);
    let mut pen = team.pen();
    let (first, second) = (pen.note(LAN, figure(PRESENT, 1)), pen.note(LAN, figure(PRESENT, 2)));
    let key = &pen.tablet.key;
    for lie in [
        forged(&first, key, |change| change.previous = Some(ChangeHash([1; 32]))),
        forged(&first, key, |change| change.sequence = 0),
        forged(&first, key, |change| change.sequence = 2),
        forged(&second, key, |change| change.previous = None),
        forged(&second, key, |change| change.sequence = 1),
    ] {
        assert!(Unverified::<RecordChange>::decode(lie.bytes()).is_err());
    }
    let mut record = team.record_of([&first]);
    let elsewhere = forged(&second, key, |change| change.previous = Some(ChangeHash([1; 32])));
    assert_eq!(record.take(elsewhere), Taken::WaitsForPredecessor, "what it follows on may still come");
    let ahead = forged(&second, key, |change| change.sequence = 4_000);
    assert_eq!(record.take(ahead), Taken::WaitsForPredecessor);
}

#[test]
fn a_flood_of_changes_without_a_predecessor_waits_within_bounds_and_holds_back_nothing() {
    let mut team = Team::new(113);
    let (mut pen, mut honest) = (team.pen(), team.pen());
    let mut replica = replica(&team);
    let first = pen.note(LAN, figure(PRESENT, 1));
    let change = pen.note(LAN, figure(PRESENT, 2));
    for sequence in 2..1_000 {
        let ahead = forged(&change, &pen.tablet.key, |change| change.sequence = sequence + 1);
        replica.apply(&Item::new(ItemKind::RecordChange, ahead.bytes()));
    }
    assert!(replica.waiting().0 <= sync_core::replica::WAITING_MAX);
    let good = honest.note(MINH, figure(PRESENT, 3));
    assert_eq!(replica.apply(&Item::new(ItemKind::RecordChange, good.bytes())).0, Applied::New);
    assert_eq!(replica.apply(&Item::new(ItemKind::RecordChange, first.bytes())).0, Applied::New);
    assert_eq!(replica.record().signed_heads().len(), 2);
}

#[test]
fn every_entry_reads_back_as_it_was_written_and_no_other_field_count_is_taken() {
    let mut team = Team::new(114);
    let pen = team.pen();
    let entries = crate::common::samples::every_entry(pen.device());
    for entry in &entries {
        let bytes = cbor::encode(entry);
        assert_eq!(cbor::decode::<Entry>(&bytes).as_ref(), Ok(entry));
        for head in 0x80..=0x97_u8 {
            let changed = [&[head], &bytes[1..]].concat();
            assert_eq!(cbor::decode::<Entry>(&changed).is_ok(), head == bytes[0], "{entry:?}");
        }
        let other_kinds = (0..=30_u8).filter(|kind| *kind != bytes[1]);
        let taken = other_kinds.filter(|kind| {
            let kind = if *kind < 24 { vec![*kind] } else { vec![0x18, *kind] };
            let changed = [&bytes[..1], &kind, &bytes[2..]].concat();
            cbor::decode::<Entry>(&changed).is_ok_and(|entry| cbor::encode(&entry) != changed)
        });
        assert_eq!(taken.count(), 0, "another kind is another value or none");
    }
    let kinds: std::collections::BTreeSet<u8> = entries.iter().map(|entry| cbor::encode(entry)[1]).collect();
    assert_eq!(kinds, (0..=12).collect(), "every kind is among the samples");
}

#[test]
fn samples_of_the_record_are_read_in_little_memory_whatever_one_byte_says() {
    let samples: Vec<Sample> = crate::common::samples::record_samples();
    for sample in &samples {
        for at in 0..sample.bytes.len() {
            for value in [0x00, 0x1b, 0x5b, 0x7b, 0x9b, 0x9f, 0xbb, 0xff] {
                let mut bytes = sample.bytes.clone();
                bytes[at] = value;
                let memory = allocation_counter::measure(|| drop((sample.read)(&bytes))).bytes_max;
                assert!(memory <= MEMORY + 96 * bytes.len() as u64, "{}: {memory}", sample.name);
            }
        }
    }
}

#[test]
fn a_change_that_is_here_is_known_by_its_very_bytes_and_by_nothing_less() {
    let mut team = Team::new(113);
    let mut pen = team.pen();
    let change = pen.note(LAN, figure(PRESENT, 9));
    let mut replica = replica(&team);
    let item = |bytes: &[u8]| Item::new(ItemKind::RecordChange, bytes);
    assert_eq!(replica.apply(&item(change.bytes())).0, Applied::New);
    assert_eq!(replica.apply(&item(change.bytes())).0, Applied::AlreadyHere);
    let before = replica.canonical_bytes();
    let mut signed_otherwise = change.bytes().to_vec();
    *signed_otherwise.last_mut().expect("a signature") ^= 1;
    assert_eq!(replica.apply(&item(&signed_otherwise)).0, Applied::Refused(Outcome::BadSignature));
    assert_eq!(replica.canonical_bytes(), before);
}

/// The keys that a centre knows, and what it judged before.
struct Remembering<'a>(Option<&'a Team>, Checked);

impl Certificates for Remembering<'_> {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        self.0.and_then(|team| Known(team).key_of(device))
    }

    fn was_checked(&self, bytes: &[u8]) -> bool {
        self.1.knows(bytes)
    }
}

#[test]
fn what_the_centre_checked_before_still_needs_a_certificate_and_every_other_byte_a_signature() {
    let mut team = Team::new(114);
    let mut pen = team.pen();
    let change = pen.note(LAN, figure(PRESENT, 9));
    let mut signed_otherwise = change.bytes().to_vec();
    *signed_otherwise.last_mut().expect("a signature") ^= 1;
    let centre = &team.world.archive.package.value().centre;
    let admission = Admission { package: &team.package, unit: &team.unit, centre };
    let mut known = Remembering(Some(&team), Checked::default());
    let judged = |known: &Remembering<'_>, bytes: &[u8]| admission.judge_change(bytes, known);
    let first = judged(&known, change.bytes()).expect("a good change");
    known.1.note(&first);
    assert!(known.1.knows(change.bytes()) && !known.1.knows(&signed_otherwise));
    assert_eq!(judged(&known, change.bytes()), Ok(first));
    assert_eq!(judged(&known, &signed_otherwise), Err(Outcome::BadSignature));
    // A centre that came out of a backup has forgotten the device, whatever its program remembers.
    known.0 = None;
    assert_eq!(judged(&known, change.bytes()), Err(Outcome::WaitsForCertificate));
}
