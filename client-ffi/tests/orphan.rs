//! A tablet whose key is gone: what is on it still leaves, and nothing of it is changed.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::{Key, MemoryStore, Store};
use client_ffi::{Tablet, TabletError, orphan};
use common::team::{Memory, noted};
use common::{TEAM, World, marks, rng, unit};
use std::collections::BTreeSet;
use sync_core::ballot::Record;
use sync_core::message::ItemKind;
use sync_core::parcel::{OrphanBox, Parcel, Piece, Recipient, STORY_MAX};

const STORY: &str = "Máy rơi xuống suối";

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// A tablet of unit `A` with an envelope, ballots in its box, and a record; then its key is gone.
fn wreck(world: &World, ballots: usize) -> (Memory, MemoryStore) {
    let (mut tablet, _) = noted(world, 1);
    for voter in 0..ballots {
        tablet.cast(&unit("A"), world.permit("A", voter), &marks(voter)).unwrap();
    }
    let mut store = tablet.store().clone();
    store.destroy(&key("identity")).unwrap();
    (tablet, store)
}

fn orphans(parcel: &[u8]) -> Vec<OrphanBox> {
    let parcel = Parcel::read(parcel).unwrap();
    let pieces = parcel.pieces().map(Result::unwrap);
    let orphans = pieces.filter_map(|piece| match piece {
        Piece::Orphan(orphan) => Some(orphan),
        _ => None,
    });
    orphans.collect()
}

fn kinds(parcel: &[u8]) -> BTreeSet<ItemKind> {
    let parcel = Parcel::read(parcel).unwrap();
    let pieces = parcel.pieces().map(Result::unwrap);
    let items = pieces.flat_map(|piece| match piece {
        Piece::Message(message) => message.give,
        _ => Vec::new(),
    });
    items.map(|item| item.kind).collect()
}

#[test]
fn everything_leaves_and_each_ballot_once() {
    let world = World::with_names(901);
    let (tablet, store) = wreck(&world, 8);
    assert!(matches!(Tablet::open_with(store.clone(), rng(1)), Err(TabletError::Damaged { .. })));
    let before = store.clone();
    let saved = orphan::export_with(&store, STORY, &mut rng(2)).unwrap();
    assert!(store == before, "nothing was changed");
    let counts = tablet.counts(&unit("A"));
    assert!(counts.in_box > 0 && counts.sealed > 0);
    assert_eq!((saved.ballots, saved.lost.len()), (counts.in_box, 0));
    assert_eq!(saved.envelopes, tablet.replica(&unit("A")).unwrap().envelopes().count());
    let parcel = Parcel::read(&saved.parcel).unwrap();
    assert_eq!((parcel.header.from, parcel.header.recipient), (tablet.device().unwrap(), Recipient::Centre));
    let sealed = tablet.replica(&unit("A")).unwrap().envelopes().flat_map(|e| e.value().ballots.records());
    let mut all: Vec<Record> = sealed.collect();
    for orphan in orphans(&saved.parcel) {
        assert_eq!((orphan.device, orphan.story.as_str()), (tablet.device(), STORY));
        assert_eq!(orphan.sheet, tablet.sheet_hash(&unit("A")).unwrap());
        all.extend(orphan.ballots.records());
    }
    let once: BTreeSet<Record> = all.iter().cloned().collect();
    assert_eq!((all.len(), once.len()), (8, 8));
}

#[test]
fn no_name_leaves_but_sealed_to_the_centre() {
    let world = World::with_names(902);
    let (_, store) = wreck(&world, 3);
    let saved = orphan::export_with(&store, STORY, &mut rng(2)).unwrap();
    let kinds = kinds(&saved.parcel);
    assert!(kinds.contains(&ItemKind::SealedRecordChange) && kinds.contains(&ItemKind::Certificate));
    assert!(!kinds.contains(&ItemKind::Sheet) && !kinds.contains(&ItemKind::RecordChange));
    for name in TEAM.into_iter().chain(["Giàng Seo Phử", "Giàng Thị Mỷ"]) {
        assert!(!saved.parcel.windows(name.len()).any(|window| window == name.as_bytes()), "{name}");
    }
}

#[test]
fn the_same_store_gives_the_same_ballots_again() {
    let world = World::new(903);
    let (_, store) = wreck(&world, 3);
    let [one, other] = [2, 3].map(|seed| orphan::export_with(&store, STORY, &mut rng(seed)).unwrap());
    assert_eq!(orphans(&one.parcel), orphans(&other.parcel));
}

#[test]
fn a_tablet_that_can_sign_is_sent_the_usual_way() {
    let world = World::new(904);
    let (tablet, mut store) = wreck(&world, 3);
    let whole = tablet.store();
    assert!(matches!(orphan::export(whole, STORY), Err(TabletError::NotOrphaned)));
    assert!(matches!(orphan::export(&MemoryStore::default(), STORY), Err(TabletError::NotEnrolled)));
    for story in ["", "  ", "một\ndòng", &"x".repeat(STORY_MAX + 1)] {
        assert!(matches!(orphan::export(&store, story), Err(TabletError::Story { .. })), "{story:?}");
    }
    // The key of another device is not this tablet's.
    let other = world.tablet(MemoryStore::default(), 5);
    store.put(&key("identity"), &other.store().get(&key("identity")).unwrap().unwrap()).unwrap();
    assert_eq!(orphan::export(&store, STORY).unwrap().ballots, 3);
}

#[test]
fn what_is_damaged_is_named_and_everything_else_leaves() {
    let world = World::new(905);
    let (_, whole) = wreck(&world, 8);
    let all = orphan::export_with(&whole, STORY, &mut rng(2)).unwrap();
    for damaged in whole.keys().unwrap() {
        let mut store = whole.clone();
        store.put(&damaged, b"\x00 damaged").unwrap();
        let parts = damaged.parts();
        let saved = orphan::export_with(&store, STORY, &mut rng(2));
        match parts[0] {
            "package" => assert!(matches!(saved, Err(TabletError::NotEnrolled))),
            "box" | "boxkey" => {
                let saved = saved.unwrap();
                assert_eq!((saved.ballots, saved.envelopes), (0, all.envelopes));
                assert_eq!(saved.lost, ["box~A"], "{damaged}");
            }
            _ => assert_eq!(saved.unwrap().ballots, all.ballots, "{damaged}"),
        }
    }
}

#[test]
fn a_tablet_or_courier_that_is_handed_the_parcel_takes_the_envelopes_and_says_that_the_office_takes_the_box()
{
    let world = World::new(906);
    let (_, store) = wreck(&world, 8);
    let saved = orphan::export_with(&store, STORY, &mut rng(2)).unwrap();
    let mut courier = common::team::courier(&world);
    let report = courier.import(&saved.parcel).unwrap();
    assert_eq!((report.units[&unit("A")].envelopes, report.orphans), (saved.envelopes, 1));
}
