//! How the record travels: in clear to the centre alone, sealed everywhere else, and whatever happens on the way.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::{MemoryStore, Store};
use client_ffi::transport::{Transport, TransportError};
use client_ffi::{Earlier, Tablet, TabletError};
use common::team::{acts, courier, items_of, noted, same_record};
use common::{TEAM, World, marks, rng, unit};
use std::collections::BTreeSet;
use sync_core::cbor;
use sync_core::id::DeviceId;
use sync_core::message::{Item, ItemKind, Message};
use sync_core::record::{Act, FigureKind};

#[test]
fn one_round_trip_brings_one_change_to_the_centre_and_then_only_what_is_new() {
    let world = World::with_names(1);
    let a = unit("A");
    let (mut tablet, acting) = noted(&world, 1);
    assert_eq!(tablet.sync(&world).unwrap().requests, 1, "a short record goes unasked");
    same_record(&world, &[&tablet]);
    tablet.incident(&acting, "hết", None).unwrap();
    assert_eq!(tablet.sync(&world).unwrap().requests, 1);
    let body = world.requests.borrow().last().unwrap().clone();
    let given = items_of(&[sent(&body)], ItemKind::RecordChange);
    assert_eq!(given.len(), 1, "the centre has the rest");
    same_record(&world, &[&tablet]);
    let report = tablet.sync(&world).unwrap();
    assert_eq!((report.requests, report.received), (1, 0));
    assert_eq!(items_of(&[sent(world.requests.borrow().last().unwrap())], ItemKind::RecordChange), []);
    let mut other = world.tablet(MemoryStore::default(), 2);
    let report = other.sync(&world).unwrap();
    assert!(report.refused.is_empty());
    same_record(&world, &[&other]);
    assert_eq!(other.record_state(&a).unwrap().present(), 1);
}

fn sent(body: &[u8]) -> Message {
    let request = sync_core::cose::Unverified::<sync_core::message::Request>::decode(body).unwrap();
    cbor::decode(&request.claim().message).unwrap()
}

#[test]
fn envelopes_stand_before_the_record_in_every_message() {
    let world = World::with_names(2);
    let a = unit("A");
    let (mut tablet, _) = noted(&world, 1);
    tablet.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
    tablet.close(&a).unwrap();
    let record = [ItemKind::RecordChange, ItemKind::SealedRecordChange];
    let ordered = |give: &[Item]| {
        let envelope = give.iter().rposition(|item| item.kind == ItemKind::Envelope).unwrap();
        let change = give.iter().position(|item| record.contains(&item.kind)).unwrap();
        assert!(envelope < change);
    };
    ordered(&tablet.hand_over(&a).unwrap()[0].give);
    tablet.sync(&world).unwrap();
    ordered(&sent(world.requests.borrow().last().unwrap()).give);
}

#[test]
fn a_lost_answer_does_no_harm_and_a_refilled_centre_has_everything() {
    struct Lossy<'a>(&'a World);
    impl Transport for Lossy<'_> {
        fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
            drop(self.0.post(path, body));
            Err(TransportError::Unreachable("lost".to_owned()))
        }
    }
    let world = World::with_names(3);
    let a = unit("A");
    let (mut tablet, acting) = noted(&world, 1);
    assert!(matches!(tablet.sync(&Lossy(&world)), Err(TabletError::Transport(_))));
    tablet.incident(&acting, "thêm", None).unwrap();
    tablet.sync(&world).unwrap();
    same_record(&world, &[&tablet]);
    let backup = world.record(&a);
    for _ in 0..3 {
        tablet.incident(&acting, "sau bản sao lưu", None).unwrap();
        tablet.sync(&world).unwrap();
    }
    world.records.borrow_mut().insert(a.clone(), backup);
    tablet.incident(&acting, "sau khi khôi phục", None).unwrap();
    let report = tablet.sync(&world).unwrap();
    assert!(report.refused.is_empty(), "{report:?}");
    assert!(report.requests <= 2);
    same_record(&world, &[&tablet]);
    world.records.borrow_mut().clear();
    *world.forgets_devices.borrow_mut() = true;
    let report = tablet.sync(&world).unwrap();
    assert!(report.refused.is_empty(), "{report:?}");
    same_record(&world, &[&tablet]);
}

#[test]
fn a_long_record_is_sent_after_the_centre_said_what_it_has() {
    let world = World::with_names(4);
    let (mut tablet, acting) = noted(&world, 1);
    for _ in 0..60 {
        tablet.incident(&acting, &"dài ".repeat(100), None).unwrap();
    }
    assert_eq!(tablet.sync(&world).unwrap().requests, 2);
    same_record(&world, &[&tablet]);
    let mut tablet = Tablet::open_with(tablet.into_store(), rng(9)).unwrap();
    assert_eq!(
        tablet.sync(&world).unwrap().requests,
        1,
        "after a restart it asks first and has nothing to give"
    );
}

#[test]
fn a_courier_carries_the_record_sealed_to_the_centre_and_holds_no_name() {
    let world = World::with_names(5);
    let a = unit("A");
    let (mut tablet, acting) = noted(&world, 1);
    let mut courier = courier(&world);
    for _ in 0..3 {
        let given = tablet.hand_over(&a).unwrap();
        assert_eq!(items_of(&given, ItemKind::RecordChange), [], "never in clear");
        assert_eq!(given, tablet.hand_over(&a).unwrap(), "the same bytes again");
        for message in given {
            assert_eq!(courier.take(&message).unwrap().refused, []);
        }
    }
    let carried = courier.replica(&a).unwrap().carried().count();
    assert_eq!(carried, 1, "handed over thrice, here once");
    let tablet_again = Tablet::open_with(tablet.store().clone(), rng(3)).unwrap();
    assert_eq!(tablet_again.hand_over(&a).unwrap(), tablet.hand_over(&a).unwrap(), "also after a restart");
    let (_, answers) = tablet.answer(&courier.have(&a).unwrap()).unwrap();
    assert_eq!(items_of(&answers, ItemKind::RecordChange), []);
    let names = ["Giàng", "Phử", "ngất", TEAM[0], "Ưởng"];
    let mut courier = Tablet::open_with(courier.into_store(), rng(4)).unwrap();
    for (key, value) in courier.store().values() {
        for name in names {
            let found = value.windows(name.len()).any(|window| window == name.as_bytes());
            assert!(!found, "{name} in {key}");
        }
    }
    let report = courier.sync(&world).unwrap();
    assert_eq!((report.refused.len(), report.failed.len()), (0, 0), "{report:?}");
    same_record(&world, &[&tablet]);
    let again = courier.sync(&world).unwrap();
    assert_eq!(items_of(&[sent(world.requests.borrow().last().unwrap())], ItemKind::SealedRecordChange), []);
    assert_eq!(again.received, 0);
    tablet.incident(&acting, "hết", None).unwrap();
    for message in tablet.hand_over(&a).unwrap() {
        courier.take(&message).unwrap();
    }
    courier.sync(&world).unwrap();
    same_record(&world, &[&tablet]);
}

#[test]
fn tablets_of_a_unit_seal_the_record_to_each_other_without_any_centre() {
    let world = World::with_names(7);
    let a = unit("A");
    let (mut one, acting) = noted(&world, 1);
    let mut two = world.tablet(MemoryStore::default(), 2);
    let (first, second) = (one.device().unwrap(), two.device().unwrap());
    assert!(
        matches!(one.hand_over_to(&a, &second), Err(TabletError::UnknownTablet(..))),
        "no certificate yet"
    );
    for (from, to) in [(&one, &mut two)] {
        for message in from.hand_over(&a).unwrap() {
            to.take(&message).unwrap();
        }
    }
    for message in two.hand_over(&a).unwrap() {
        one.take(&message).unwrap();
    }
    for message in one.hand_over_to(&a, &second).unwrap() {
        assert_eq!(items_of(std::slice::from_ref(&message), ItemKind::RecordChange), []);
        assert_eq!(two.take(&message).unwrap().refused, []);
    }
    assert_eq!(two.record(&a).unwrap().heads(), one.record(&a).unwrap().heads());
    let theirs = acts(&mut two, TEAM[0]);
    two.figure(&theirs, FigureKind::Present, 9, Earlier::Stands, None).unwrap();
    one.incident(&acting, "thêm", None).unwrap();
    let (_, answers) = two.answer_to(&one.have(&a).unwrap(), &first).unwrap();
    for message in answers {
        one.take(&message).unwrap();
    }
    assert_eq!(one.record_state(&a).unwrap().figure(FigureKind::Present), Some(9));
    let two = Tablet::open_with(two.into_store(), rng(8)).unwrap();
    assert_eq!(two.record_state(&a).unwrap().present(), 1, "what was opened is stored");
}

#[test]
fn a_list_that_was_opened_before_is_here_already_and_one_that_was_tampered_with_is_refused() {
    let world = World::with_names(6);
    let a = unit("A");
    let (mut first, acting) = noted(&world, 1);
    let mut second = world.tablet(MemoryStore::default(), 2);
    second.sync(&world).unwrap();
    let to = second.device().unwrap();
    first.sync(&world).unwrap();
    let messages = first.hand_over_to(&a, &to).unwrap();
    assert_eq!(first.hand_over_to(&a, &to).unwrap(), messages, "the same record is the same bytes");
    let take = |tablet: &mut Tablet<_, _>, messages: &[Message]| {
        messages.iter().map(|message| tablet.take(message).unwrap()).collect::<Vec<_>>()
    };
    let news = take(&mut second, &messages);
    let again = take(&mut second, &messages);
    let count = |taken: &[client_ffi::Taken]| taken.iter().map(|t| t.new + t.already_here).sum::<usize>();
    assert!(again.iter().all(|taken| taken.new == 0 && taken.refused.is_empty()));
    assert_eq!(count(&again), count(&news), "each change of it is counted");
    let mut tampered = messages.clone();
    for item in tampered.iter_mut().flat_map(|message| &mut message.give) {
        if item.kind == ItemKind::SealedRecordChange {
            *item.bytes.last_mut().unwrap() ^= 1;
        }
    }
    let refused = take(&mut second, &tampered);
    assert!(refused.iter().any(|taken| !taken.refused.is_empty()));
    // More noted is another list, which is opened.
    first.incident(&acting, "mưa to", None).unwrap();
    let more = take(&mut second, &first.hand_over_to(&a, &to).unwrap());
    assert_eq!(more.iter().map(|taken| taken.new).sum::<usize>(), 1);
    assert_eq!(first.record(&a).unwrap().heads(), second.record(&a).unwrap().heads());
}

#[test]
fn what_is_sealed_to_a_tablet_reaches_it_through_a_courier() {
    let world = World::with_names(8);
    let a = unit("A");
    let (mut one, _) = noted(&world, 1);
    let mut two = world.tablet(MemoryStore::default(), 2);
    two.sync(&world).unwrap();
    one.sync(&world).unwrap();
    let second = two.device().unwrap();
    let mut courier = courier(&world);
    for message in one.hand_over_to(&a, &second).unwrap() {
        assert_eq!(courier.take(&message).unwrap().refused, []);
    }
    for message in courier.hand_over(&a).unwrap() {
        assert_eq!(two.take(&message).unwrap().refused, []);
    }
    assert_eq!(two.record_state(&a).unwrap().present(), 1);
}

#[test]
fn changes_that_come_before_their_predecessor_wait_and_are_stored_when_it_comes() {
    struct Told(Message);
    impl Transport for Told {
        fn post(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            Ok(cbor::encode(&self.0))
        }
    }
    let world = World::with_names(10);
    let a = unit("A");
    let (mut one, _) = noted(&world, 1);
    one.sync(&world).unwrap();
    let mut two = world.tablet(MemoryStore::default(), 2);
    for message in one.hand_over(&a).unwrap() {
        two.take(&message).unwrap();
    }
    let changes: Vec<Item> = one
        .record(&a)
        .unwrap()
        .changes()
        .map(|change| Item::new(ItemKind::RecordChange, change.bytes()))
        .collect();
    for item in changes.iter().rev() {
        let mut message = Message::new(world.package.hash(), a.clone());
        message.give = vec![item.clone()];
        assert_eq!(two.sync(&Told(message)).unwrap().failed.len(), 0);
    }
    assert_eq!(two.record(&a).unwrap().heads(), one.record(&a).unwrap().heads());
    let two = Tablet::open_with(two.into_store(), rng(5)).unwrap();
    assert_eq!(two.record(&a).unwrap().heads(), one.record(&a).unwrap().heads(), "and survive a restart");
}

#[test]
fn a_copied_and_a_restored_tablet_fork_nothing() {
    let world = World::with_names(11);
    let a = unit("A");
    let (mut tablet, acting) = noted(&world, 1);
    let copy = tablet.store().clone();
    tablet.incident(&acting, "sau khi chép", None).unwrap();
    tablet.sync(&world).unwrap();
    let mut clone = Tablet::open_with(copy.clone(), rng(50)).unwrap();
    let mut restored = Tablet::open_with(copy, rng(51)).unwrap();
    for (tablet, text) in [(&mut clone, "bản chép"), (&mut restored, "bản cũ")] {
        let acting = acts(tablet, "Giàng Seo Phử");
        tablet.incident(&acting, text, None).unwrap();
        tablet.sync(&world).unwrap();
    }
    for tablet in [&mut tablet, &mut clone, &mut restored] {
        tablet.sync(&world).unwrap();
    }
    same_record(&world, &[&tablet, &clone, &restored]);
    let record = world.record(&a);
    assert_eq!(record.twins().count(), 0);
    let texts: BTreeSet<_> = record
        .entries()
        .filter_map(|(_, entry)| match &entry.act {
            Act::Incident { text } => Some(text.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(texts.len(), 4, "nothing of any of them is lost: {texts:?}");
    let devices: BTreeSet<DeviceId> = record.entries().map(|(place, _)| place.actor.device()).collect();
    assert_eq!(devices.len(), 1);
}

#[test]
fn a_change_that_was_lost_here_holds_back_no_ballot_and_comes_back_from_the_centre() {
    let world = World::with_names(13);
    let a = unit("A");
    let (mut tablet, acting) = noted(&world, 1);
    tablet.sync(&world).unwrap();
    let first = tablet.record(&a).unwrap().changes().next().unwrap().bytes().to_vec();
    let mut store = tablet.into_store();
    let lost = |store: &MemoryStore| store.values().iter().find(|(_, v)| **v == first).unwrap().0.clone();
    let key = lost(&store);
    store.destroy(&key).unwrap();
    let mut tablet = Tablet::open_with(store, rng(9)).unwrap();
    assert_eq!(tablet.record_state(&a).unwrap().present(), 0, "what follows on it waits");
    tablet.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
    tablet.sync(&world).unwrap();
    same_record(&world, &[&tablet]);
    assert_eq!(lost(tablet.store()), key);
    tablet.incident(&acting, "tiếp", None).unwrap();
    tablet.sync(&world).unwrap();
    let tablet = Tablet::open_with(tablet.into_store(), rng(10)).unwrap();
    same_record(&world, &[&tablet]);
    assert_eq!(world.record(&a).twins().count(), 0);
}

#[test]
fn a_start_that_notes_nothing_leaves_no_trace_and_damage_is_named() {
    let world = World::with_names(12);
    let a = unit("A");
    let (tablet, _) = noted(&world, 1);
    let heads = tablet.record(&a).unwrap().heads();
    let tablet = Tablet::open_with(tablet.into_store(), rng(9)).unwrap();
    assert_eq!(tablet.record(&a).unwrap().heads(), heads);
    let mut store = tablet.into_store();
    let key = store.keys().unwrap().into_iter().find(|key| key.as_str().starts_with("item~A~6~")).unwrap();
    let good = store.get(&key).unwrap().unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        store.put(&key, &bad).unwrap();
        match Tablet::open_with(store.clone(), rng(9)) {
            Err(TabletError::Damaged { key: named }) => assert_eq!(named, key.as_str()),
            Err(error) => panic!("{error}"),
            Ok(tablet) => assert_ne!(tablet.record(&a).unwrap().heads(), heads, "byte {at}"),
        }
    }
    store.destroy(&key).unwrap();
    let mut tablet = Tablet::open_with(store, rng(9)).unwrap();
    tablet.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
}
