//! What a tablet does for the people who hold it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::{Fault, FaultyStore, FileStore, Key, MemoryStore, Store};
use client_ffi::{Tablet, TabletError};
use common::{World, marks, rng, unit};
use sync_core::ballot::{Marks, Opened};
use sync_core::cbor;
use sync_core::enrol::Enrolment;
use sync_core::id::UnitCode;
use sync_core::message::{Item, ItemKind, Message, Outcome};
use sync_core::open_box::InsertError;
use sync_core::permit::LookupError;
use sync_core::survey::HoldReason;

type Memory = Tablet<MemoryStore, rand_chacha::ChaCha20Rng>;

fn cast_all(world: &World, tablet: &mut Memory, voters: std::ops::Range<usize>) {
    for voter in voters {
        tablet.cast(&unit("A"), world.permit("A", voter), &marks(voter)).unwrap();
    }
}

#[test]
fn nothing_is_cast_before_the_sheet_was_compared_with_paper() {
    let world = World::new(1);
    let mut tablet = Tablet::open_with(MemoryStore::default(), rng(1)).unwrap();
    let a = unit("A");
    assert!(matches!(tablet.close(&a), Err(TabletError::NotEnrolled)));
    tablet.enrol(&world.token(b'A'), &world).unwrap();
    let cast = |tablet: &mut Memory| tablet.cast(&a, world.permit("A", 0), &marks(0));
    assert!(matches!(cast(&mut tablet), Err(TabletError::SheetNotConfirmed)));
    let paper = sync_core::fingerprint::groups(&tablet.sheet_hash(&a).unwrap().0);
    let wrong = tablet.confirm_sheet(&a, &[(0, &paper[0]), (3, &paper[2])]);
    assert!(matches!(wrong, Err(TabletError::Digits(_))) || paper[2] == paper[3]);
    let same = tablet.confirm_sheet(&a, &[(1, &paper[1]), (1, &paper[1])]);
    assert!(matches!(same, Err(TabletError::TwoGroups)), "two groups, not one twice");
    assert!(matches!(cast(&mut tablet), Err(TabletError::SheetNotConfirmed)));
    world.confirm(&mut tablet, "A");
    cast(&mut tablet).unwrap();
    assert_eq!(tablet.counts(&a).in_box, 1);
}

#[test]
fn a_slip_works_once_here_and_only_in_its_unit() {
    let world = World::new(2);
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    let a = unit("A");
    cast_all(&world, &mut tablet, 0..7);
    for voter in 0..7 {
        let again = tablet.cast(&a, world.permit("A", voter), &marks(voter));
        assert!(
            matches!(again, Err(TabletError::Box(InsertError::AlreadyUsed))),
            "in the box or in an envelope"
        );
    }
    let mut tablet = Tablet::open_with(tablet.into_store(), rng(5)).unwrap();
    let again = tablet.cast(&a, world.permit("A", 1), &marks(1));
    assert!(matches!(again, Err(TabletError::Box(InsertError::AlreadyUsed))), "also after a restart");
    let other = tablet.cast(&a, world.permit("B", 0), &marks(0));
    assert!(matches!(other, Err(TabletError::Permit(LookupError::NotOfThisUnit))));
    let foreign = tablet.cast(&unit("B"), world.permit("B", 0), &marks(0));
    assert!(matches!(foreign, Err(TabletError::OtherUnit(_))));
    let short = tablet.cast(&a, world.permit("A", 20), &Marks::new(vec![None]));
    assert!(matches!(short, Err(TabletError::Marks(_))));
    assert_eq!(tablet.counts(&a).cast(), 7, "refusals change nothing");
}

#[test]
fn units_vote_the_way_the_package_says() {
    let world = World::new(3);
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    assert!(matches!(tablet.cast_attended(&unit("A"), &marks(0)), Err(TabletError::NeedsPermit(_))));
    let mut attended = Tablet::open_with(MemoryStore::default(), rng(2)).unwrap();
    attended.enrol(&world.token(b'T'), &world).unwrap();
    world.confirm(&mut attended, "T");
    let t = unit("T");
    assert!(matches!(attended.cast(&t, world.permit("A", 0), &marks(0)), Err(TabletError::Attended(_))));
    for voter in 0..4 {
        attended.cast_attended(&t, &marks(voter)).unwrap();
    }
    attended.close(&t).unwrap();
    let envelopes: Vec<_> = attended.replica(&t).unwrap().envelopes().cloned().collect();
    let opened: Vec<_> = envelopes
        .iter()
        .flat_map(|envelope| envelope.value().ballots.records())
        .map(|record| world.open("T", &record))
        .collect();
    assert_eq!(opened.len(), 4);
    assert!(opened.iter().all(|ballot| matches!(ballot, Opened::Marks(_))));
}

#[test]
fn a_batch_leaves_at_twice_the_smallest_batch_and_as_many_stay() {
    let world = World::new(4);
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    let a = unit("A");
    cast_all(&world, &mut tablet, 0..5);
    assert_eq!(tablet.replica(&a).unwrap().envelopes().count(), 0);
    cast_all(&world, &mut tablet, 5..6);
    assert_eq!((tablet.counts(&a).sealed, tablet.counts(&a).in_box), (3, 3));
    tablet.close(&a).unwrap();
    tablet.close(&a).unwrap();
    assert!(tablet.is_closed(&a));
    assert!(matches!(tablet.cast(&a, world.permit("A", 9), &marks(9)), Err(TabletError::Closed)));
    assert_eq!(tablet.replica(&a).unwrap().envelopes().count(), 2);
}

#[test]
fn a_tablet_nobody_used_closes_with_zero() {
    let world = World::new(5);
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    tablet.close(&unit("A")).unwrap();
    let envelope = tablet.replica(&unit("A")).unwrap().envelopes().next().unwrap().value().clone();
    assert_eq!((envelope.number, envelope.total, envelope.ballots.len()), (1, Some(0), 0));
}

#[test]
fn an_answer_that_does_not_lead_back_to_the_token_enrols_nobody() {
    let world = World::new(6);
    let mut tablet = Tablet::open_with(MemoryStore::default(), rng(1)).unwrap();
    let token = world.token(b'A');
    let request = tablet.enrol_request(&token).unwrap();
    let answer = client_ffi::transport::Transport::post(&world, "/api/v1/enrol", &request).unwrap();
    let read = || cbor::decode::<Enrolment>(&answer).unwrap();
    let mut other_device = Tablet::open_with(MemoryStore::default(), rng(2)).unwrap();
    other_device.enrol_request(&token).unwrap();
    let stolen = other_device.finish_enrolment(&token, &answer);
    assert!(matches!(stolen, Err(TabletError::Enrolment { what: "device certificate" })));
    let impostor = sync_core::enrol::EnrolToken {
        centre: sync_core::cose::SecretKey::from_seed(&[8; 32]).public(),
        secret: sync_core::enrol::TokenSecret([b'A'; 16]),
        address: "http://x".to_owned(),
    };
    let wrong = tablet.finish_enrolment(&impostor.to_text(), &answer);
    assert!(matches!(wrong, Err(TabletError::Enrolment { what: "centre" })));
    let mut foreign = read();
    foreign.items = vec![Item::new(ItemKind::Sheet, cbor::encode(&world.sheets[&unit("B")]))];
    let wrong = tablet.finish_enrolment(&token, &cbor::encode(&foreign));
    assert!(matches!(wrong, Err(TabletError::Enrolment { what: "unit sheet" })));
    let mut changed = world.sheets[&unit("A")].clone();
    changed.officials.swap(0, 1);
    let mut swapped = read();
    swapped.items = vec![Item::new(ItemKind::Sheet, cbor::encode(&changed))];
    let wrong = tablet.finish_enrolment(&token, &cbor::encode(&swapped));
    assert!(matches!(wrong, Err(TabletError::Enrolment { what: "unit sheet" })));
    assert!(matches!(
        tablet.finish_enrolment(&token, b"junk"),
        Err(TabletError::Enrolment { what: "answer" })
    ));
    assert!(tablet.package().is_none(), "nothing was taken so far");
    tablet.finish_enrolment(&token, &answer).unwrap();
    assert!(matches!(tablet.enrol_request(&token), Err(TabletError::Enrolled)));
}

#[test]
fn ballots_go_by_courier_and_the_receipt_comes_back_the_same_way() {
    let world = World::new(7);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..8);
    tablet.close(&a).unwrap();
    let mut courier = Tablet::open_with(MemoryStore::default(), rng(2)).unwrap();
    courier.enrol(&world.token(b'C'), &world).unwrap();
    for message in tablet.hand_over(&a).unwrap() {
        let bytes = cbor::encode(&message);
        assert_eq!(courier.take_bytes(&bytes).unwrap().refused, []);
        assert_eq!(courier.take_bytes(&bytes).unwrap().new, 0, "again is success and changes nothing");
    }
    assert_eq!(tablet.counts(&a).sealed, 8);
    tablet.take(&courier.have(&a).unwrap()).unwrap();
    assert_eq!(tablet.counts(&a).handed_over, 8);
    let report = courier.sync(&world).unwrap();
    assert_eq!((report.confirmed, report.refused.len(), report.failed.len()), (2, 0, 0));
    let mut tablet = Tablet::open_with(tablet.into_store(), rng(3)).unwrap();
    assert_eq!(tablet.counts(&a).handed_over, 8, "known after a restart");
    for message in courier.hand_over(&a).unwrap() {
        tablet.take(&message).unwrap();
    }
    assert_eq!(tablet.counts(&a).confirmed, 8);
    assert_eq!(world.held(&a).len(), 2);
    for key in courier.store().keys().unwrap() {
        let value = courier.store().get(&key).unwrap().unwrap();
        let text = String::from_utf8_lossy(&value).into_owned();
        assert!(!text.contains("Cán bộ"), "a courier holds no names: {key}");
    }
}

#[test]
fn one_round_trip_is_enough_and_a_lost_answer_does_no_harm() {
    let world = World::new(8);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..8);
    tablet.close(&a).unwrap();
    let report = tablet.sync(&world).unwrap();
    assert_eq!((report.requests, report.confirmed), (1, 2));
    let report = tablet.sync(&world).unwrap();
    assert_eq!((report.requests, report.confirmed, report.received), (1, 0, 0));

    struct Lossy<'a>(&'a World);
    impl client_ffi::transport::Transport for Lossy<'_> {
        fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, client_ffi::transport::TransportError> {
            drop(self.0.post(path, body));
            Err(client_ffi::transport::TransportError::Unreachable("lost".to_owned()))
        }
    }
    let mut other = world.tablet(MemoryStore::default(), 2);
    other.cast(&a, world.permit("A", 30), &marks(30)).unwrap();
    other.close(&a).unwrap();
    assert!(matches!(other.sync(&Lossy(&world)), Err(TabletError::Transport(_))));
    assert_eq!(other.counts(&a).confirmed, 0, "no receipt, no word of confirmation");
    assert_eq!(world.held(&a).len(), 3);
    other.sync(&world).unwrap();
    assert_eq!(other.counts(&a).confirmed, 1);
    assert_eq!(world.held(&a).len(), 3, "the same envelope twice is one envelope");
}

#[test]
fn tablets_refill_a_centre_that_was_restored_from_a_backup() {
    let world = World::new(9);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..8);
    tablet.close(&a).unwrap();
    tablet.sync(&world).unwrap();
    let lost = *world.stored.borrow().keys().next().unwrap();
    world.stored.borrow_mut().remove(&lost);
    *world.forgets_devices.borrow_mut() = true;
    tablet.sync(&world).unwrap();
    assert!(world.stored.borrow().contains_key(&lost), "although a receipt covered it");
}

#[test]
fn ballots_in_a_copied_tablet_leave_when_the_close_of_the_original_comes_back() {
    let world = World::new(18);
    let a = unit("A");
    let mut original = world.tablet(MemoryStore::default(), 1);
    original.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
    let mut copy = Tablet::open_with(original.store().clone(), rng(78)).unwrap();
    copy.cast(&a, world.permit("A", 1), &marks(1)).unwrap();
    original.close(&a).unwrap();
    for message in original.hand_over(&a).unwrap() {
        copy.take(&message).unwrap();
    }
    assert!(copy.is_closed(&a));
    let counts = copy.counts(&a);
    assert_eq!((counts.in_box, counts.cast()), (0, 2), "the ballot that waited is in an envelope");
    assert!(matches!(copy.cast(&a, world.permit("A", 2), &marks(2)), Err(TabletError::Closed)));
    copy.close(&a).unwrap();
    copy.sync(&world).unwrap();
    assert_eq!(copy.counts(&a).confirmed, 2);
    let survey = copy.replica(&a).unwrap().survey();
    let reasons: Vec<_> = survey.held.values().flatten().collect();
    assert_eq!(reasons, [&HoldReason::BeyondClose], "it is held, and the good envelope is not");
}

#[test]
fn a_sync_after_a_failed_write_is_not_stopped_by_a_unit_of_which_nothing_was_stored() {
    let world = World::new(20);
    let a = unit("A");
    let healthy = FaultyStore::failing(MemoryStore::default(), usize::MAX, Fault::Before);
    let mut tablet = world.tablet(healthy, 1);
    tablet.take(&Message::new(world.package.hash(), unit("B"))).unwrap();
    let stored = tablet.store().clone().into_inner();
    *tablet.store_mut() = FaultyStore::failing(stored, 0, Fault::Before);
    assert!(matches!(tablet.cast(&a, world.permit("A", 0), &marks(0)), Err(TabletError::Store(_))));
    tablet.store_mut().revive();
    let report = tablet.sync(&world).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
}

#[test]
fn an_enrolled_tablet_without_its_key_says_so_and_changes_nothing() {
    let world = World::new(19);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    tablet.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
    let mut store = tablet.into_store();
    store.destroy(&Key::of(&["identity"])).unwrap();
    match Tablet::open_with(store, rng(2)) {
        Err(TabletError::Damaged { key }) => assert_eq!(key, "identity"),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it passes for a fresh tablet"),
    }
}

#[test]
fn a_tablet_restored_from_an_old_copy_continues_its_chain_after_a_sync() {
    let world = World::new(10);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..2);
    let copy = tablet.store().clone();
    cast_all(&world, &mut tablet, 2..6);
    tablet.sync(&world).unwrap();
    drop(tablet);
    let mut restored = Tablet::open_with(copy, rng(77)).unwrap();
    assert_eq!(restored.counts(&a).in_box, 2);
    restored.sync(&world).unwrap();
    assert_eq!(restored.counts(&a).sealed, 3, "its own envelope came back");
    restored.sync(&world).unwrap();
    assert_eq!(restored.counts(&a).confirmed, 3, "and the next sync fetches the receipt");
    restored.close(&a).unwrap();
    let survey = restored.replica(&a).unwrap().survey();
    assert!(survey.held.is_empty(), "no number was used twice: {:?}", survey.held);
}

#[test]
fn a_cloned_tablet_is_found_and_both_copies_are_held() {
    let world = World::new(11);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..2);
    let mut clone = Tablet::open_with(tablet.store().clone(), rng(50)).unwrap();
    cast_all(&world, &mut tablet, 2..4);
    clone.cast(&a, world.permit("A", 9), &marks(9)).unwrap();
    tablet.close(&a).unwrap();
    clone.close(&a).unwrap();
    for message in clone.hand_over(&a).unwrap() {
        tablet.take(&message).unwrap();
    }
    let survey = tablet.replica(&a).unwrap().survey();
    assert_eq!(survey.held.len(), 2, "the first has no privilege");
    assert!(survey.held.values().all(|reasons| reasons.contains(&HoldReason::ClonedTablet)));
}

#[test]
fn a_replaced_sheet_stops_the_voting_until_it_was_compared_and_earlier_ballots_are_held() {
    let world = World::new(12);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..2);
    world.replace_sheet("A");
    tablet.sync(&world).unwrap();
    assert!(matches!(tablet.cast(&a, world.permit("A", 2), &marks(2)), Err(TabletError::SheetNotConfirmed)));
    world.confirm(&mut tablet, "A");
    assert_eq!(
        (tablet.counts(&a).in_box, tablet.counts(&a).sealed),
        (0, 2),
        "old ballots left in an envelope"
    );
    tablet.cast(&a, world.permit("A", 2), &marks(2)).unwrap();
    tablet.close(&a).unwrap();
    let replica = tablet.replica(&a).unwrap();
    let survey = replica.survey();
    assert_eq!(survey.held.len(), 1);
    assert!(survey.held.values().all(|reasons| reasons.contains(&HoldReason::ReplacedSheet)));
    assert!(survey.gaps.is_empty());
    assert_eq!(replica.sheet().unwrap().officials[0].name, "Cán bộ Một");
}

#[test]
fn slips_that_were_replaced_are_refused_once_the_new_sheet_is_here_and_new_ones_work() {
    let world = World::new(18);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..2);
    let (new, commitments) = sync_core::permit::draw_permits(40, &common::ROUND, &a, &mut rng(77));
    world.replace_sheet_with("A", |sheet| sheet.permits = commitments);
    tablet.sync(&world).unwrap();
    world.confirm(&mut tablet, "A");
    let old = |tablet: &mut Memory, voter| tablet.cast(&a, world.permit("A", voter), &marks(voter));
    for voter in [0, 2] {
        let refused = old(&mut tablet, voter);
        assert!(matches!(refused, Err(TabletError::Permit(LookupError::NotOfThisUnit))), "used or not");
    }
    tablet.cast(&a, &new[0], &marks(0)).unwrap();
    let mut tablet = Tablet::open_with(tablet.into_store(), rng(9)).unwrap();
    tablet.cast(&a, &new[1], &marks(1)).unwrap();
    assert!(matches!(old(&mut tablet, 3), Err(TabletError::Permit(LookupError::NotOfThisUnit))));
    tablet.close(&a).unwrap();
    assert_eq!(tablet.replica(&a).unwrap().survey().held.len(), 1, "only what was sealed before");
}

#[test]
fn a_tablet_that_never_compares_the_new_sheet_still_closes_and_all_its_ballots_are_held() {
    let world = World::new(19);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..7);
    world.replace_sheet("A");
    tablet.sync(&world).unwrap();
    tablet.close(&a).unwrap();
    tablet.sync(&world).unwrap();
    assert_eq!(tablet.counts(&a).confirmed, 7, "held is stored and receipted like everything else");
    let replica = tablet.replica(&a).unwrap();
    let survey = replica.survey();
    assert_eq!(survey.held.len(), replica.envelopes().count());
    let only = std::collections::BTreeSet::from([HoldReason::ReplacedSheet]);
    assert!(survey.held.values().all(|reasons| *reasons == only));
    assert!(survey.gaps.is_empty());
}

#[test]
fn a_tablet_that_was_off_for_two_replacements_ends_with_the_last_sheet_whatever_came_first() {
    let world = World::new(20);
    let a = unit("A");
    let items = [
        world.replace_sheet("A"),
        world.replace_sheet_with("A", |sheet| {
            sheet.officials.push(common::official(7));
            sheet.voters = 39;
        }),
    ]
    .concat();
    let mut orders: Vec<Vec<usize>> = vec![vec![]];
    for i in 0..items.len() {
        let with = |order: &Vec<usize>| {
            (0..=order.len()).map(|at| [&order[..at], &[i], &order[at..]].concat()).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(with).collect();
    }
    assert_eq!(orders.len(), 24);
    for order in orders {
        // It enrolled before anything was replaced, so it has the first sheet and ballots under it.
        let replaced = world.replacements.take();
        let mut tablet = world.tablet(MemoryStore::default(), 1);
        world.replacements.replace(replaced);
        cast_all(&world, &mut tablet, 0..2);
        for i in &order {
            let mut message = Message::new(world.package.hash(), a.clone());
            message.give.push(items[*i].clone());
            tablet.take(&message).unwrap();
            // Switched off in between: what waits is not stored and is given again.
            tablet = Tablet::open_with(tablet.into_store(), rng(2)).unwrap();
        }
        tablet.sync(&world).unwrap();
        let wide = Marks::new(vec![Some(0); common::OFFICIALS + 1]);
        let cast = tablet.cast(&a, world.permit("A", 2), &wide);
        assert!(matches!(cast, Err(TabletError::SheetNotConfirmed)), "{order:?}");
        world.confirm(&mut tablet, "A");
        // The new ballot is longer, so it can be in no envelope with an old one.
        tablet.cast(&a, world.permit("A", 2), &wide).unwrap();
        tablet.close(&a).unwrap();
        let survey = tablet.replica(&a).unwrap().survey();
        assert_eq!((survey.held.len(), survey.gaps.len()), (1, 0), "{order:?}");
    }
}

#[test]
fn another_rounds_parcel_is_named_and_one_bad_item_blocks_nothing() {
    let (world, other) = (World::new(13), World::new(14));
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    let foreign = Message::new(other.package.hash(), a.clone());
    assert!(matches!(tablet.take(&foreign), Err(TabletError::Message { .. })));
    let nowhere = Message::new(world.package.hash(), UnitCode::new("Z").unwrap());
    assert!(matches!(tablet.take(&nowhere), Err(TabletError::UnknownUnit(_))));
    assert!(matches!(tablet.take_bytes(b"\xff"), Err(TabletError::Message { .. })));
    let mut author = world.tablet(MemoryStore::default(), 2);
    author.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
    author.close(&a).unwrap();
    let mut message = author.hand_over(&a).unwrap().remove(0);
    let good = message.give.clone();
    let mut bad = good.last().unwrap().clone();
    let middle = bad.bytes.len() / 2;
    bad.bytes[middle] ^= 1;
    message.give.insert(0, bad);
    message.give.insert(1, Item::new(ItemKind::RecordChange, vec![0x80]));
    let taken = tablet.take(&message).unwrap();
    assert_eq!(taken.refused.last(), Some(&(1, Outcome::NotTaken)));
    assert_eq!(
        tablet.replica(&a).unwrap().envelopes().count(),
        1,
        "the good envelope behind bad ones is here"
    );
}

#[test]
fn an_answer_gives_what_the_other_side_lacks() {
    let world = World::new(15);
    let a = unit("A");
    let mut first = world.tablet(MemoryStore::default(), 1);
    let mut second = world.tablet(MemoryStore::default(), 2);
    cast_all(&world, &mut first, 0..4);
    first.close(&a).unwrap();
    second.cast(&a, world.permit("A", 20), &marks(20)).unwrap();
    second.close(&a).unwrap();
    let mut question = first.hand_over(&a).unwrap().remove(0);
    question.have = first.have(&a).unwrap().have;
    let (taken, answer) = second.answer(&question).unwrap();
    assert!(taken.refused.is_empty());
    for message in &answer {
        first.take(message).unwrap();
    }
    let bytes = |tablet: &Memory| tablet.replica(&a).unwrap().have();
    assert_eq!(bytes(&first), bytes(&second), "both hold the same envelopes");
    assert_eq!(first.counts(&a).handed_over, 4, "the answer said that they arrived");
}

#[test]
fn every_damaged_value_is_found_and_named() {
    let world = World::new(16);
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    cast_all(&world, &mut tablet, 0..7);
    tablet.sync(&world).unwrap();
    let store = tablet.into_store();
    for key in store.keys().unwrap() {
        // Without these the tablet is another tablet, or the value says nothing that could be checked.
        if ["address", "confirmed~A", "identity"].contains(&key.as_str()) {
            continue;
        }
        let mut bad = store.clone();
        let value = bad.value_mut(&key).unwrap();
        let middle = value.len() / 2;
        value[middle] ^= 0x40;
        match Tablet::open_with(bad, rng(1)) {
            Err(TabletError::Damaged { .. }) => {}
            Err(error) => panic!("{key}: {error}"),
            Ok(_) => assert!(key.as_str().starts_with("chain"), "{key} was taken"),
        }
    }
}

#[test]
fn a_tablet_on_files_survives_being_switched_off_after_every_ballot() {
    let world = World::new(17);
    let a = unit("A");
    let folder = tempfile::tempdir().unwrap();
    drop(world.tablet(FileStore::open(folder.path()).unwrap(), 1));
    for voter in 0..9 {
        let mut tablet = Tablet::open(FileStore::open(folder.path()).unwrap()).unwrap();
        tablet.cast(&a, world.permit("A", voter), &marks(voter)).unwrap();
    }
    let mut tablet = Tablet::open(FileStore::open(folder.path()).unwrap()).unwrap();
    tablet.close(&a).unwrap();
    tablet.sync(&world).unwrap();
    assert_eq!(tablet.counts(&a).confirmed, 9);
}
