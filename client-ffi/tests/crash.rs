//! The store fails or the power goes at every single write: no confirmed ballot is lost, none is there twice.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::{Fault, FaultyStore, MemoryStore, Store};
use client_ffi::{Tablet, TabletError};
use common::{World, marks, rng, unit};
use proptest::prelude::*;
use std::collections::BTreeMap;
use sync_core::ballot::Opened;
use sync_core::id::Nullifier;
use sync_core::open_box::InsertError;

const VOTERS: usize = 14;

/// A tablet that already voted a little, so that every kind of write comes up afterwards.
fn begun(world: &World) -> MemoryStore {
    world.tablet(MemoryStore::default(), 1).into_store()
}

/// How the team goes on after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GoesOn {
    /// The tablet is started again.
    Restart,
    /// Room was made, and the running program goes on.
    SameProcess,
}

/// Everybody votes and the box is closed, over a store that fails at planned writes. After a failure the voter tries
/// again, as the tablet tells them to. Gives the tablet at the end.
fn play(
    world: &World,
    start: MemoryStore,
    faults: &[(usize, Fault)],
    goes_on: GoesOn,
) -> (Tablet<FaultyStore, rand_chacha::ChaCha20Rng>, usize) {
    let unit = unit("A");
    let mut faults = faults.iter().copied();
    let arm = |inner: MemoryStore, fault: Option<(usize, Fault)>| match fault {
        Some((at, fault)) => FaultyStore::failing(inner, at, fault),
        None => FaultyStore::failing(inner, usize::MAX, Fault::Before),
    };
    let mut tablet = Tablet::open_with(arm(start, faults.next()), rng(2)).unwrap();
    let mut struck = 0;
    let mut voter = 0;
    while voter <= VOTERS {
        let done = match voter {
            VOTERS => tablet.close(&unit),
            _ => tablet.cast(&unit, world.permit("A", voter), &marks(voter)),
        };
        match done {
            Ok(()) => voter += 1,
            // The voter tried again after a failure, and the ballot was in the box after all.
            Err(TabletError::Box(InsertError::AlreadyUsed)) if struck > 0 => voter += 1,
            Err(TabletError::Store(_)) => {}
            Err(error) => panic!("voter {voter}: {error}"),
        }
        if tablet.store().struck() {
            struck += 1;
            let next = faults.next();
            match goes_on {
                GoesOn::SameProcess => tablet.store_mut().revive(),
                GoesOn::Restart => {
                    let mut store = arm(tablet.into_store().into_inner(), next);
                    tablet = loop {
                        match Tablet::open_with(store.clone(), rng(3 + struck as u64)) {
                            Ok(tablet) => break tablet,
                            // The store failed again while things were put right; what that start wrote is lost.
                            Err(_) => {
                                struck += 1;
                                store = arm(store.into_inner(), faults.next());
                            }
                        }
                    };
                }
            }
        }
    }
    (tablet, struck)
}

/// Every voter's ballot left exactly once, with the marks that were cast, in one unbroken chain that states the total.
fn check(world: &World, tablet: &Tablet<FaultyStore, rand_chacha::ChaCha20Rng>, what: &str) {
    let unit = unit("A");
    let mut envelopes: Vec<_> = tablet.replica(&unit).unwrap().envelopes().collect();
    envelopes.sort_by_key(|envelope| envelope.value().number);
    let mut found: BTreeMap<Nullifier, usize> = BTreeMap::new();
    let mut previous = None;
    for (i, envelope) in envelopes.iter().enumerate() {
        let value = envelope.value();
        assert_eq!(value.number as usize, i + 1, "{what}: numbers follow on each other");
        assert_eq!(value.previous, previous, "{what}: links follow on each other");
        previous = Some(envelope.envelope_id());
        for record in value.ballots.records() {
            *found.entry(record.nullifier()).or_default() += 1;
            let voter = (0..VOTERS)
                .find(|v| world.permit("A", *v).nullifier(&common::ROUND, &unit) == record.nullifier());
            assert_eq!(world.open("A", &record), Opened::Marks(marks(voter.unwrap())), "{what}");
        }
    }
    assert_eq!(found.len(), VOTERS, "{what}: every ballot left");
    assert!(found.values().all(|times| *times == 1), "{what}: no ballot left twice");
    assert_eq!(envelopes.last().unwrap().value().total, Some(14), "{what}: the total is stated");
    let counts = tablet.counts(&unit);
    assert_eq!((counts.in_box, counts.cast()), (0, VOTERS), "{what}");
    let keys = tablet.store().keys().unwrap();
    assert!(
        !keys.iter().any(|key| key.as_str().starts_with("box")),
        "{what}: box and key are destroyed: {keys:?}"
    );
}

#[test]
fn a_fault_at_every_single_write_loses_nothing_and_doubles_nothing() {
    let world = World::new(1);
    let (calm, struck) = play(&world, begun(&world), &[], GoesOn::Restart);
    assert_eq!(struck, 0);
    check(&world, &calm, "calm");
    let writes = calm.store().writes();
    assert!(writes > 20, "the scenario writes {writes} times");
    for at in 0..writes {
        for fault in [Fault::Before, Fault::After] {
            for goes_on in [GoesOn::Restart, GoesOn::SameProcess] {
                let what = format!("write {at}, {fault:?}, {goes_on:?}");
                let (tablet, struck) = play(&world, begun(&world), &[(at, fault)], goes_on);
                assert_eq!(struck, 1, "{what}");
                check(&world, &tablet, &what);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn several_faults_in_a_row_lose_nothing(
        faults in proptest::collection::vec((0_usize..12, prop_oneof![Just(Fault::Before), Just(Fault::After)]), 1..5)
    ) {
        let world = World::new(1);
        let (tablet, _) = play(&world, begun(&world), &faults, GoesOn::Restart);
        check(&world, &tablet, &format!("{faults:?}"));
    }
}

#[test]
fn enrolment_that_breaks_off_at_any_write_can_be_repeated() {
    let world = World::new(2);
    let mut whole = Tablet::open_with(FaultyStore::default(), rng(1)).unwrap();
    whole.enrol(&world.token(b'A'), &world).unwrap();
    for at in 0..whole.store().writes() {
        for fault in [Fault::Before, Fault::After] {
            let store = FaultyStore::failing(MemoryStore::default(), at, fault);
            let mut tablet = Tablet::open_with(store, rng(1)).unwrap();
            let device = tablet.device();
            assert!(matches!(tablet.enrol(&world.token(b'A'), &world), Err(TabletError::Store(_))));
            let left = tablet.into_store().into_inner();
            let mut again = Tablet::open_with(left, rng(2)).unwrap();
            match again.enrol(&world.token(b'A'), &world) {
                // Everything was durable although the last write was reported as failed.
                Ok(()) | Err(TabletError::Enrolled) => {}
                Err(error) => panic!("write {at} {fault:?}: {error}"),
            }
            assert!(device.is_none() || again.device() == device);
            world.confirm(&mut again, "A");
            again.cast(&unit("A"), world.permit("A", 0), &marks(0)).unwrap();
        }
    }
}

#[test]
fn a_box_of_a_replaced_sheet_leaves_whole_whichever_write_fails() {
    let world = World::new(5);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    for voter in 0..2 {
        tablet.cast(&a, world.permit("A", voter), &marks(voter)).unwrap();
    }
    world.replace_sheet("A");
    tablet.sync(&world).unwrap();
    let paper = sync_core::fingerprint::groups(&tablet.sheet_hash(&a).unwrap().0);
    let digits = [(0, paper[0].as_str()), (3, paper[3].as_str())];
    let begun = tablet.into_store();
    let mut calm =
        Tablet::open_with(FaultyStore::failing(begun.clone(), usize::MAX, Fault::Before), rng(2)).unwrap();
    calm.confirm_sheet(&a, &digits).unwrap();
    assert!(calm.store().writes() >= 5, "envelope, chain, box, key, word of the comparison");
    for at in 0..calm.store().writes() {
        for fault in [Fault::Before, Fault::After] {
            for goes_on in [GoesOn::Restart, GoesOn::SameProcess] {
                let what = format!("write {at}, {fault:?}, {goes_on:?}");
                let store = FaultyStore::failing(begun.clone(), at, fault);
                let mut tablet = Tablet::open_with(store, rng(2)).unwrap();
                assert!(matches!(tablet.confirm_sheet(&a, &digits), Err(TabletError::Store(_))), "{what}");
                if goes_on == GoesOn::Restart {
                    let left = tablet.into_store().into_inner();
                    let store = FaultyStore::failing(left, usize::MAX, fault);
                    tablet =
                        Tablet::open_with(store, rng(3)).unwrap_or_else(|error| panic!("{what}: {error}"));
                }
                tablet.store_mut().revive();
                tablet.confirm_sheet(&a, &digits).unwrap();
                let counts = tablet.counts(&a);
                assert_eq!((counts.in_box, counts.sealed), (0, 2), "{what}");
                let keys = tablet.store().keys().unwrap();
                assert!(!keys.iter().any(|key| key.as_str().starts_with("box")), "{what}: {keys:?}");
                tablet.cast(&a, world.permit("A", 2), &marks(2)).unwrap();
                tablet.close(&a).unwrap();
                assert_eq!(tablet.counts(&a).cast(), 3, "{what}");
            }
        }
    }
}

#[test]
fn an_envelope_stored_before_its_box_takes_its_ballots_out_at_the_next_start() {
    let world = World::new(3);
    let unit = unit("A");
    let begun = begun(&world);
    let mut seen = 0;
    for at in 0..20 {
        let mut tablet =
            Tablet::open_with(FaultyStore::failing(begun.clone(), at, Fault::Before), rng(2)).unwrap();
        for voter in 0..6 {
            if tablet.store().struck() {
                break;
            }
            drop(tablet.cast(&unit, world.permit("A", voter), &marks(voter)));
        }
        let left = tablet.into_store().into_inner();
        let has = |start: &str| left.values().keys().any(|key| key.as_str().starts_with(start));
        if has("item~A~5~") && !has("chain~A") {
            seen += 1;
            let tablet = Tablet::open_with(left, rng(9)).unwrap();
            let counts = tablet.counts(&unit);
            assert_eq!(
                (counts.in_box, counts.sealed),
                (3, 3),
                "the envelope counts and its ballots left the box"
            );
            assert!(
                tablet.store().values().keys().any(|key| key.as_str() == "chain~A"),
                "the chain caught up"
            );
        }
    }
    assert_eq!(seen, 1, "the power went between envelope and chain once");
}

#[test]
fn numbers_go_on_after_the_tablet_was_wiped_of_its_envelopes() {
    let world = World::new(4);
    let unit = unit("A");
    let mut tablet = Tablet::open_with(begun(&world), rng(2)).unwrap();
    for voter in 0..6 {
        tablet.cast(&unit, world.permit("A", voter), &marks(voter)).unwrap();
    }
    let first = tablet.replica(&unit).unwrap().envelopes().next().unwrap().clone();
    // Everything that travelled may go once the round is stated to be finished; the chain stays.
    let mut store = tablet.into_store();
    for key in store.keys().unwrap().into_iter().filter(|key| key.as_str().starts_with("item~A~5~")) {
        store.destroy(&key).unwrap();
    }
    let mut tablet = Tablet::open_with(store, rng(3)).unwrap();
    assert_eq!(tablet.replica(&unit).unwrap().envelopes().count(), 0);
    tablet.close(&unit).unwrap();
    let last = tablet.replica(&unit).unwrap().envelopes().next().unwrap().value().clone();
    assert_eq!((last.number, last.previous), (2, Some(first.envelope_id())), "no number is used twice");
    assert_eq!(last.total, Some(6), "and the total still counts what left before");
}

/// A team notes a meeting over a store that fails at one write, and repeats what was not confirmed.
fn note_meeting(
    start: MemoryStore,
    at: usize,
    fault: Fault,
    goes_on: GoesOn,
) -> (Tablet<FaultyStore, rand_chacha::ChaCha20Rng>, bool) {
    let a = unit("A");
    let mut tablet = Tablet::open_with(FaultyStore::failing(start, at, fault), rng(2)).unwrap();
    let (mut step, mut struck) = (0, false);
    let person = sync_core::record::PersonId::of("Vàng Mí Sử");
    while step < 9 {
        let acts = |tablet: &mut Tablet<FaultyStore, _>| tablet.act_as(&a, &person, "4711");
        let done = match step {
            0 => tablet.join(&a, "Vàng Mí Sử").map(drop),
            1 => match tablet.set_pin(&a, &person, None, "4711") {
                Err(TabletError::PinSet) if struck => Ok(()),
                other => other,
            },
            2..=5 => acts(&mut tablet).and_then(|acting| tablet.check_in(&acting, step, true).map(drop)),
            6 | 7 => acts(&mut tablet).and_then(|acting| {
                let value = 30 + step;
                let kind = sync_core::record::FigureKind::Present;
                tablet.figure(&acting, kind, value, client_ffi::Earlier::Settled, None).map(drop)
            }),
            _ => acts(&mut tablet).and_then(|acting| tablet.incident(&acting, "mất điện", None).map(drop)),
        };
        match done {
            Ok(()) => step += 1,
            Err(TabletError::Store(_)) => {}
            Err(error) => panic!("step {step}: {error}"),
        }
        if tablet.store().struck() {
            struck = true;
            if goes_on == GoesOn::Restart {
                let left = tablet.into_store().into_inner();
                let store = FaultyStore::failing(left, usize::MAX, fault);
                // The worst source of randomness: it begins anew with each start.
                tablet = Tablet::open_with(store, rng(2)).unwrap();
            } else {
                tablet.store_mut().revive();
            }
        }
    }
    (tablet, struck)
}

#[test]
fn a_fault_at_every_write_of_the_record_loses_no_entry_and_writes_no_twin() {
    let world = World::new(6);
    let a = unit("A");
    let begun = begun(&world);
    let (calm, _) = note_meeting(begun.clone(), usize::MAX, Fault::Before, GoesOn::Restart);
    let writes = calm.store().writes();
    assert_eq!(writes, 9, "one write for each thing that is noted");
    for at in 0..writes {
        for fault in [Fault::Before, Fault::After] {
            for goes_on in [GoesOn::Restart, GoesOn::SameProcess] {
                let what = format!("write {at}, {fault:?}, {goes_on:?}");
                let (mut tablet, struck) = note_meeting(begun.clone(), at, fault, goes_on);
                assert!(struck, "{what}");
                let state = tablet.record_state(&a).unwrap();
                let once = |voter: u32| {
                    let seen = &state.register[&voter];
                    (seen.check_ins.len(), seen.slips.len()) == (1, 1)
                };
                assert!((2..=5).all(once), "{what}: each voter once");
                assert_eq!(state.figure(sync_core::record::FigureKind::Present), Some(37), "{what}");
                assert!(!state.notes.is_empty(), "{what}");
                tablet.store_mut().revive();
                tablet.sync(&world).unwrap();
                let again = Tablet::open_with(tablet.into_store().into_inner(), rng(9)).unwrap();
                assert_eq!(again.record_state(&a).unwrap(), state, "{what}: what was confirmed is stored");
                assert_eq!(world.record(&a).twins().count(), 0, "{what}");
                world.records.borrow_mut().clear();
            }
        }
    }
}
