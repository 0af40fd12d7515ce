//! Handing over by file, and what people see meanwhile: the story of a unit whose tablets never reach a network.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::MemoryStore;
use client_ffi::{NextStep, TabletError};
use common::team::{Memory, acts, courier, noted};
use common::{World, marks, unit};
use sync_core::cose::{Signed, Unverified};
use sync_core::device::Revocation;
use sync_core::message::{Item, ItemKind, Message, Request};
use sync_core::parcel::{Header, Packer, Parcel, Piece, Recipient};
use sync_core::record::Language;

fn cast(world: &World, tablet: &mut Memory, voters: std::ops::Range<usize>) {
    for voter in voters {
        tablet.cast(&unit("A"), world.permit("A", voter), &marks(voter)).unwrap();
    }
}

fn step(tablet: &Memory) -> NextStep {
    tablet.status().unwrap().next
}

/// In the box, sealed, handed over, confirmed, counted and deleted.
fn counts(tablet: &Memory) -> [usize; 5] {
    let counts = tablet.counts(&unit("A"));
    [counts.in_box, counts.sealed, counts.handed_over, counts.confirmed, counts.finished]
}

#[test]
fn a_tablet_without_network_sees_every_state_and_what_to_do_next() {
    let world = World::new(41);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    let mut courier = courier(&world);
    assert_eq!((step(&tablet), step(&courier)), (NextStep::Vote, NextStep::Collect));
    cast(&world, &mut tablet, 0..7);
    assert_eq!(step(&tablet), NextStep::GoOn { only_here: 7 });
    tablet.close(&a).unwrap();
    assert_eq!((step(&tablet), counts(&tablet)), (NextStep::HandOver { only_here: 7 }, [0, 7, 0, 0, 0]));
    let file = tablet.export(Recipient::Centre).unwrap();
    assert_eq!(step(&tablet), NextStep::HandOver { only_here: 7 }, "a file on a stick is no other device");
    let report = courier.import(&file).unwrap();
    assert!(report.condition.is_whole());
    assert_eq!(report.units[&a].envelopes, tablet.replica(&a).unwrap().envelopes().count());
    let envelopes = report.units[&a].envelopes;
    assert_eq!(step(&courier), NextStep::Deliver { envelopes });
    let said = tablet.import(&courier.acknowledge().unwrap()).unwrap();
    assert_eq!(said.acknowledged, [courier.device().unwrap()]);
    let status = tablet.status().unwrap();
    assert_eq!(
        (status.next, counts(&tablet)),
        (NextStep::WaitForReceipt { unconfirmed: 7 }, [0, 0, 7, 0, 0])
    );
    let taker = &status.units[0].handed_to[0];
    assert_eq!((taker.device, taker.ballots), (courier.device().unwrap(), 7));
    assert!(taker.label.is_some(), "the courier is shown by name");
    courier.sync(&world).unwrap();
    assert_eq!(step(&courier), NextStep::Collect, "everything it carries is confirmed");
    let back = tablet.import(&courier.export(Recipient::Anyone).unwrap()).unwrap();
    assert!(back.units[&a].receipts > 0);
    assert_eq!((step(&tablet), counts(&tablet)), (NextStep::Keep, [0, 0, 0, 7, 0]));
    assert!(
        tablet.status().unwrap().units[0].handed_to.is_empty(),
        "what is confirmed needs no other device"
    );
    world.finish("A");
    courier.sync(&world).unwrap();
    let end = tablet.import(&courier.export(Recipient::Anyone).unwrap()).unwrap();
    assert!(end.units[&a].finished);
    assert_eq!((step(&tablet), counts(&tablet)), (NextStep::PutAway, [0, 0, 0, 0, 7]));
    for language in [Language::Vietnamese, Language::English] {
        assert!(!step(&tablet).text(language).is_empty());
    }
}

#[test]
fn exporting_changes_nothing_and_the_same_state_gives_the_same_file() {
    let world = World::new(42);
    let (mut tablet, _) = noted(&world, 1);
    cast(&world, &mut tablet, 0..7);
    let before = tablet.store().clone();
    for recipient in [Recipient::Anyone, Recipient::Centre, Recipient::Tablet(tablet.device().unwrap())] {
        let file = tablet.export(recipient).unwrap();
        assert_eq!(tablet.export(recipient).unwrap(), file);
    }
    assert!(*tablet.store() == before, "a stick that is pulled out loses nothing here");
}

#[test]
fn a_second_copy_brings_nothing_and_says_so() {
    let world = World::new(43);
    let (mut tablet, mut courier) = (world.tablet(MemoryStore::default(), 1), courier(&world));
    cast(&world, &mut tablet, 0..7);
    let file = tablet.export(Recipient::Anyone).unwrap();
    assert!(!courier.import(&file).unwrap().brought_nothing());
    let again = courier.import(&file).unwrap();
    assert!(again.brought_nothing() && again.units[&unit("A")].already_here > 0);
    let doubled = courier.import(&[file.clone(), file].concat()).unwrap();
    assert!(doubled.condition.trailing && doubled.brought_nothing());
}

#[test]
fn a_copy_torn_anywhere_loses_nothing_for_the_whole_one_comes_after_it() {
    let world = World::new(44);
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast(&world, &mut tablet, 0..12);
    tablet.close(&unit("A")).unwrap();
    let file = tablet.export(Recipient::Centre).unwrap();
    for length in (0..file.len()).step_by(97) {
        let mut courier = courier(&world);
        if let Ok(report) = courier.import(&file[..length]) {
            assert!(report.condition.torn);
        }
        courier.import(&file).unwrap();
        assert_eq!(
            courier.replica(&unit("A")).unwrap().have().envelopes,
            tablet.replica(&unit("A")).unwrap().have().envelopes
        );
    }
}

#[test]
fn another_rounds_parcel_is_named_and_changes_nothing() {
    let (world, other) = (World::new(45), World::new(46));
    let mut stranger = other.tablet(MemoryStore::default(), 2);
    cast(&other, &mut stranger, 0..7);
    let file = stranger.export(Recipient::Centre).unwrap();
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    let before = tablet.store().clone();
    let refused = tablet.import(&file).unwrap_err();
    assert!(
        matches!(&refused, TabletError::OtherRound { title, .. } if *title == other.package.value().title)
    );
    assert!(*tablet.store() == before);
    assert!(matches!(tablet.import(b"%PDF-1.7"), Err(TabletError::Parcel(_))));
}

#[test]
fn the_record_goes_sealed_to_the_named_tablet_and_in_no_parcel_for_anyone() {
    let world = World::new(47);
    let (mut tablet, acting) = noted(&world, 1);
    let mut second = world.tablet(MemoryStore::default(), 2);
    drop(acts(&mut second, "Lý A Páo"));
    drop(acting);
    // They must know each other to seal to each other: certificates are open.
    tablet.import(&second.export(Recipient::Anyone).unwrap()).unwrap();
    let open = tablet.export(Recipient::Anyone).unwrap();
    let report = second.import(&open).unwrap();
    assert_eq!(report.from.1.as_deref(), tablet.status().unwrap().label.as_deref());
    assert_eq!(second.record_state(&unit("A")).unwrap().present(), 0);
    let named = tablet.export(Recipient::Tablet(second.device().unwrap())).unwrap();
    for text in ["Mỷ", "Giàng Seo Phử"] {
        let found = |file: &[u8]| file.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!found(&open) && !found(&named), "no name leaves in clear");
    }
    // A courier carries what it cannot read.
    let mut courier = courier(&world);
    let carried = courier.import(&named).unwrap();
    assert!(carried.units[&unit("A")].new > 0);
    assert!(courier.status().unwrap().carried.parcels > 0);
    let brought = courier.export(Recipient::Tablet(second.device().unwrap())).unwrap();
    second.import(&brought).unwrap();
    assert_eq!(second.record_state(&unit("A")).unwrap().present(), 1);
}

#[test]
fn only_a_device_of_the_round_can_say_that_it_holds_something() {
    let (world, other) = (World::new(48), World::new(49));
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast(&world, &mut tablet, 0..7);
    tablet.close(&unit("A")).unwrap();
    let mut courier = courier(&world);
    courier.import(&tablet.export(Recipient::Anyone).unwrap()).unwrap();
    let said = courier.acknowledge().unwrap();
    // Somebody changes who says it, or what, and makes a whole parcel of it.
    let whole = Parcel::read(&said).unwrap();
    let Some(Ok(Piece::Acknowledgement(signed))) = whole.pieces().next() else { panic!("one was put in") };
    for at in 0..signed.len() {
        let mut forged = signed.clone();
        forged[at] ^= 1;
        let mut packer = Packer::new(&whole.header);
        packer.acknowledgement(&forged);
        let report = tablet.import(&packer.finish()).unwrap();
        assert!(report.acknowledged.is_empty() && report.unreadable == 1, "byte {at}");
        assert_eq!(counts(&tablet)[2], 0, "byte {at}");
    }
    let mut stranger = other.tablet(MemoryStore::default(), 5);
    assert!(tablet.import(&stranger.acknowledge().unwrap()).is_err());
    tablet.import(&said).unwrap();
    assert_eq!(counts(&tablet)[2], 7);
}

#[test]
fn an_acknowledgement_that_somebody_finds_is_no_request_to_the_centre() {
    let world = World::new(51);
    let (mut tablet, _) = noted(&world, 1);
    let said = tablet.acknowledge().unwrap();
    let parcel = Parcel::read(&said).unwrap();
    let Some(Ok(Piece::Acknowledgement(signed))) = parcel.pieces().next() else { panic!("one was put in") };
    // The centre answers a request of this tablet with names, whoever posts it.
    assert!(Unverified::<Request>::decode(&signed).is_err());
    assert_eq!(tablet.acknowledge().unwrap(), said, "the same state gives the same file");
}

#[test]
fn a_revoked_device_reassures_nobody() {
    let world = World::new(52);
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast(&world, &mut tablet, 0..7);
    let mut courier = courier(&world);
    courier.import(&tablet.export(Recipient::Anyone).unwrap()).unwrap();
    let package = world.package.hash();
    let revocation =
        Revocation { package, device: courier.device().unwrap(), reason: "mất máy".to_owned() };
    let mut message = Message::new(package, unit("A"));
    let revocation = Signed::sign(revocation, &world.centre_key);
    message.give.push(Item::new(ItemKind::Revocation, revocation.bytes()));
    tablet.take(&message).unwrap();
    let report = tablet.import(&courier.acknowledge().unwrap()).unwrap();
    assert_eq!((report.acknowledged.len(), counts(&tablet)[2]), (0, 0));
}

#[test]
fn one_bad_item_does_not_hold_back_the_next() {
    let world = World::new(50);
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast(&world, &mut tablet, 0..12);
    tablet.close(&unit("A")).unwrap();
    let mut messages = tablet.hand_over(&unit("A")).unwrap();
    let at = messages[0].give.iter().position(|item| item.kind == ItemKind::Envelope).unwrap();
    let last = messages[0].give[at].bytes.len() - 1;
    messages[0].give[at].bytes[last] ^= 1;
    let header = Header {
        package: world.package.hash(),
        title: "Đợt".to_owned(),
        mode: world.package.value().mode,
        from: tablet.device().unwrap(),
        recipient: Recipient::Centre,
    };
    let mut packer = Packer::new(&header);
    messages.iter().for_each(|message| packer.message(message));
    let mut courier = courier(&world);
    let report = courier.import(&packer.finish()).unwrap();
    let (refused, new) = (&report.units[&unit("A")].refused, report.units[&unit("A")].envelopes);
    assert_eq!(refused.len(), 1);
    assert_eq!(new + 1, tablet.replica(&unit("A")).unwrap().envelopes().count());
}
