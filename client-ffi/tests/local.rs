//! Tablets that meet in a local network: what passes, to whom, and what survives a broken link.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::local::{Event, Host, HostOptions, JoinOptions, LocalError, Over, Step, join, join_with};
use client_ffi::store::{MemoryStore, Store};
use client_ffi::{Tablet, Way};
use common::room::{Cut, alone, host, host_with, loopback, meet, shared};
use common::team::{Memory, acts, courier, noted};
use common::{TEAM, World, marks, rng, unit, voter_name};
use std::net::{SocketAddr, TcpStream};
use std::ops::ControlFlow;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use sync_core::message::ItemKind;

/// A tablet of unit `A` whose box is closed over ballots of its own.
fn voted(world: &World, seed: u64, voters: std::ops::Range<usize>) -> Memory {
    let mut tablet = world.tablet(MemoryStore::default(), seed);
    cast(world, &mut tablet, voters);
    tablet
}

fn cast(world: &World, tablet: &mut Memory, voters: std::ops::Range<usize>) {
    let a = unit("A");
    for voter in voters {
        tablet.cast(&a, world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.close(&a).unwrap();
}

fn envelopes(tablet: &Memory) -> usize {
    tablet.replica(&unit("A")).map_or(0, |replica| replica.envelopes().count())
}

fn same_replica(one: &Memory, two: &Memory) {
    let a = unit("A");
    assert_eq!(one.replica(&a).unwrap().canonical_bytes(), two.replica(&a).unwrap().canonical_bytes());
}

#[test]
fn two_tablets_of_a_unit_end_with_the_same_and_know_that_the_other_has_it() {
    let world = World::with_names(1);
    let a = unit("A");
    let (mut one, acting) = noted(&world, 1);
    cast(&world, &mut one, 0..4);
    let mut two = voted(&world, 2, 10..15);
    let theirs = acts(&mut two, TEAM[0]);
    two.incident(&theirs, "mất điện", None).unwrap();
    let one = shared(one);
    let session = host(&one);
    let mut steps = Vec::new();
    let report = join(&mut two, session.invitation(), |step| {
        steps.push(step.clone());
        ControlFlow::Continue(())
    })
    .unwrap();
    let other = session.end();
    let mut one = alone(one);
    same_replica(&one, &two);
    assert_eq!(one.record(&a).unwrap().heads(), two.record(&a).unwrap().heads());
    assert_eq!((one.counts(&a).handed_over, two.counts(&a).handed_over), (4, 5));
    assert_eq!(
        (report.who.device, other.visits[0].who.device),
        (one.device().unwrap(), two.device().unwrap())
    );
    let (here, there) = (report.units[&a], other.visits[0].units[&a]);
    assert!(here.new > 0 && here.envelopes_received > 0 && here.envelopes_given > 0);
    assert_eq!((here.received, here.given), (there.given, there.received), "both tell the same");
    assert_eq!(report.traffic.sent, other.visits[0].traffic.received);
    assert!((report.refused_here.is_empty(), report.refused_there.is_empty()) == (true, true), "{report:?}");
    assert!(matches!(&steps[0], Step::Met(who) if who.device == one.device().unwrap()));
    for way in [Way::In, Way::Out] {
        let last = steps.iter().rev().find_map(|step| match step {
            Step::Moved(progress) if progress.way == way => Some(progress),
            _ => None,
        });
        assert_eq!(last.map(|progress| progress.done), last.map(|progress| progress.total));
        assert!(last.is_some_and(|progress| progress.total.bytes > 0 && progress.unit == a));
    }
    one.incident(&acting, "có điện", None).unwrap();
}

#[test]
fn a_second_meeting_costs_one_round_trip_and_gives_nothing() {
    let world = World::with_names(2);
    let (one, _) = noted(&world, 1);
    let mut two = voted(&world, 2, 0..5);
    let one = shared(one);
    let session = host(&one);
    meet(&mut two, session.invitation()).unwrap();
    let again = meet(&mut two, session.invitation()).unwrap();
    assert!(again.is_empty(), "{again:?}");
    assert!(again.traffic.sent + again.traffic.received < 4_000, "{again:?}");
    session.end();
}

#[test]
fn names_pass_between_tablets_of_the_unit_and_the_record_is_not_even_sealed() {
    let world = World::with_names(3);
    let a = unit("A");
    let (one, _) = noted(&world, 1);
    world.replace_sheet_with("A", |sheet| sheet.team.push("Thào A Sùng".to_owned()));
    let mut one = one;
    one.sync(&world).unwrap();
    let new = one.sheet_hash(&a).unwrap();
    let mut two = world.tablet(MemoryStore::default(), 2);
    assert_ne!(two.sheet_hash(&a).unwrap(), new);
    let one = shared(one);
    let session = host(&one);
    meet(&mut two, session.invitation()).unwrap();
    session.end();
    assert_eq!(two.sheet_hash(&a).unwrap(), new);
    assert!(two.sheet(&a).unwrap().team.contains(&"Thào A Sùng".to_owned()), "the list came along");
    assert_eq!(two.record_state(&a).unwrap().present(), 1);
    assert_eq!(two.replica(&a).unwrap().carried().count(), 0);
    let two = Tablet::open_with(two.into_store(), rng(8)).unwrap();
    assert_eq!(two.record_state(&a).unwrap().present(), 1, "what was taken is stored");
}

#[test]
fn a_courier_as_guest_or_host_carries_ballots_and_the_sealed_record_and_holds_no_name() {
    let world = World::with_names(4);
    let a = unit("A");
    for courier_hosts in [false, true] {
        let (mut tablet, _) = noted(&world, 1);
        cast(&world, &mut tablet, 0..4);
        let mut carrier = courier(&world);
        if courier_hosts {
            let shared = shared(carrier);
            let session = host(&shared);
            meet(&mut tablet, session.invitation()).unwrap();
            meet(&mut tablet, session.invitation()).unwrap();
            session.end();
            carrier = alone(shared);
        } else {
            let shared = shared(tablet);
            let session = host(&shared);
            let report = meet(&mut carrier, session.invitation()).unwrap();
            assert!(!report.who.courier);
            let seen = session.end();
            assert!(seen.visits[0].who.courier);
            tablet = alone(shared);
        }
        assert_eq!(tablet.counts(&a).handed_over, 4);
        assert_eq!(envelopes(&carrier), envelopes(&tablet));
        assert_eq!(carrier.replica(&a).unwrap().carried().count(), 1);
        let names = [TEAM[0], TEAM[1], "Giàng", "Phử", "ngất", "Ưởng", "Cán bộ 1"];
        assert!(voter_name(2).contains("Giàng"));
        for (key, value) in carrier.store().values() {
            for name in names {
                let found = value.windows(name.len()).any(|window| window == name.as_bytes());
                assert!(!found, "{name} in {key}");
            }
        }
        carrier.sync(&world).unwrap();
        assert_eq!(world.record(&a).heads(), tablet.record(&a).unwrap().heads());
        let shared = shared(carrier);
        let session = host(&shared);
        meet(&mut tablet, session.invitation()).unwrap();
        session.end();
        assert_eq!(tablet.counts(&a).confirmed, 4, "the receipt came back the same way");
    }
}

#[test]
fn a_tablet_of_another_unit_carries_without_names_and_each_keeps_its_own() {
    let world = World::with_names(5);
    let (a, b) = (unit("A"), unit("B"));
    let (mut one, _) = noted(&world, 1);
    cast(&world, &mut one, 0..3);
    let mut other = Tablet::open_with(MemoryStore::default(), rng(2)).unwrap();
    other.enrol(&world.token(b'B'), &world).unwrap();
    world.confirm(&mut other, "B");
    other.cast(&b, world.permit("B", 0), &marks(0)).unwrap();
    other.close(&b).unwrap();
    let one = shared(one);
    let session = host(&one);
    meet(&mut other, session.invitation()).unwrap();
    session.end();
    let one = alone(one);
    assert_eq!(one.held_units(), other.held_units());
    assert!(other.sheet(&a).is_none() && one.sheet(&b).is_none());
    assert!(other.record(&a).is_none_or(|record| record.heads().is_empty()));
    assert_eq!((one.counts(&a).handed_over, other.counts(&b).handed_over), (3, 1));
}

#[test]
fn eight_join_at_once_stay_and_all_nine_end_with_the_same() {
    let world = World::new(6);
    let a = unit("A");
    let one = shared(voted(&world, 1, 0..3));
    let session = host(&one);
    let (done, all_done) = mpsc::channel();
    let guests: Vec<_> = (0..8_usize)
        .map(|i| {
            let mut tablet = voted(&world, 10 + i as u64, 3 + 4 * i..7 + 4 * i);
            let (invitation, mut done) = (session.invitation().clone(), Some(done.clone()));
            thread::spawn(move || {
                let options = JoinOptions { stay: true, ..JoinOptions::default() };
                let report = join_with(&mut tablet, &invitation, &options, |step| {
                    if matches!(step, Step::Waiting) {
                        done.take().into_iter().for_each(|done| done.send(()).unwrap());
                    }
                    ControlFlow::Continue(())
                });
                (tablet, report)
            })
        })
        .collect();
    all_done.iter().take(8).for_each(drop);
    assert_eq!(envelopes(&one.lock().unwrap()), 9, "everybody is through once");
    let mut ninth = voted(&world, 90, 36..38);
    let refused = meet(&mut ninth, session.invitation()).unwrap_err();
    assert!(matches!(refused.error, LocalError::Full), "{refused:?}");
    assert_eq!(ninth.counts(&a).sealed, 2, "who is refused has everything");
    let report = session.end();
    assert_eq!(report.over, Over::Ended);
    assert_eq!(report.visits.len(), 8);
    let mut guests: Vec<Memory> = guests
        .into_iter()
        .map(|guest| {
            let (tablet, report) = guest.join().unwrap();
            report.unwrap();
            tablet
        })
        .collect();
    let session = host(&one);
    for guest in &mut guests {
        meet(guest, session.invitation()).unwrap();
    }
    session.end();
    for guest in &guests {
        same_replica(guest, &one.lock().unwrap());
        assert_eq!(guest.counts(&a).handed_over, 4);
    }
    assert_eq!(one.lock().unwrap().counts(&a).handed_over, 3);
}

/// Waits until nobody is let in any more, by trying.
fn until_shut(address: SocketAddr) {
    while TcpStream::connect(address).is_ok() {}
}

#[test]
fn a_session_that_ends_hears_out_who_is_in_the_middle_of_something() {
    for stay in [true, false] {
        let world = World::new(16);
        let a = unit("A");
        let one = shared(voted(&world, 1, 0..3));
        let session = host(&one);
        let (address, invitation) = (session.address(), session.invitation().clone());
        let mut two = voted(&world, 2, 3..9);
        let (something, passed) = mpsc::channel();
        let guest = thread::spawn(move || {
            let options = JoinOptions { stay, ..JoinOptions::default() };
            let report = join_with(&mut two, &invitation, &options, |step| {
                // What the host gives has come; what this one gives is yet to be sent.
                if matches!(step, Step::Moved(progress) if progress.way == Way::In) {
                    something.send(()).unwrap();
                    until_shut(address);
                }
                ControlFlow::Continue(())
            });
            (two, report)
        });
        passed.recv().unwrap();
        session.end();
        let (two, report) = guest.join().unwrap();
        assert!(report.unwrap().units[&a].envelopes_given > 0, "stays: {stay}");
        assert_eq!(two.counts(&a).handed_over, 6, "stays: {stay}");
        same_replica(&two, &one.lock().unwrap());
    }
}

#[test]
fn who_stays_gets_what_comes_later_and_can_be_stopped() {
    let world = World::with_names(7);
    let a = unit("A");
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let session = Arc::new(host(&one));
    let (waiting, waits) = mpsc::channel();
    let invitation = session.invitation().clone();
    let mut two = world.tablet(MemoryStore::default(), 2);
    let stays = thread::spawn(move || {
        let options = JoinOptions { stay: true, ..JoinOptions::default() };
        let mut waited = false;
        let result = join_with(&mut two, &invitation, &options, |step| match step {
            Step::Moved(progress) if waited && progress.way == Way::In && progress.done == progress.total => {
                ControlFlow::Break(())
            }
            Step::Waiting => {
                waited = true;
                waiting.send(()).ok();
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Continue(()),
        });
        (two, result)
    });
    waits.recv().unwrap();
    let mut three = voted(&world, 3, 0..4);
    meet(&mut three, session.invitation()).unwrap();
    let (two, result) = stays.join().unwrap();
    let stopped = result.unwrap_err();
    assert!(matches!(stopped.error, LocalError::Stopped), "{stopped:?}");
    assert_eq!(envelopes(&two), envelopes(&three));
    assert!(stopped.report.unwrap().units[&a].envelopes_received > 0);
    // What is done on the host itself is news too.
    let mut four = world.tablet(MemoryStore::default(), 4);
    let invitation = session.invitation().clone();
    let (waiting, waits) = mpsc::channel();
    let stays = thread::spawn(move || {
        let options = JoinOptions { stay: true, ..JoinOptions::default() };
        join_with(&mut four, &invitation, &options, |step| {
            if matches!(step, Step::Waiting) {
                waiting.send(()).ok();
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        four
    });
    waits.recv().unwrap();
    cast(&world, &mut one.lock().unwrap(), 10..14);
    session.refresh();
    waits.recv().unwrap();
    Arc::into_inner(session).unwrap().end();
    let four = stays.join().unwrap();
    same_replica(&four, &one.lock().unwrap());
}

#[test]
fn a_link_that_is_cut_at_any_byte_loses_nothing_and_a_second_meeting_finishes() {
    let world = World::with_names(8);
    let a = unit("A");
    let (mut one, _) = noted(&world, 1);
    cast(&world, &mut one, 0..4);
    let two = voted(&world, 2, 10..15);
    let stores = (one.into_store(), two.into_store());
    let whole = {
        let (one, mut two) = opened(&stores);
        let one = shared(one);
        let session = host(&one);
        let cut = Cut::after(usize::MAX, session.invitation());
        meet(&mut two, &cut.invitation).unwrap();
        session.end();
        cut.end()
    };
    let mut broken = 0;
    for at in (0..whole).step_by(61) {
        let (one, mut two) = opened(&stores);
        let one = shared(one);
        let session = host(&one);
        let cut = Cut::after(at, session.invitation());
        broken += usize::from(meet(&mut two, &cut.invitation).is_err());
        cut.end();
        session.end();
        let after = (alone(one).into_store(), two.into_store());
        let (one, mut two) = opened(&after);
        assert!(one.counts(&a).cast() == 4 && two.counts(&a).cast() == 5, "cut after {at} bytes");
        let theirs: Vec<_> = two.replica(&a).unwrap().have().envelopes;
        assert!(
            one.counts(&a).handed_over == 0 || own(&one).iter().all(|id| theirs.contains(id)),
            "what counts as handed over is there"
        );
        let one = shared(one);
        let session = host(&one);
        meet(&mut two, session.invitation()).unwrap();
        session.end();
        let one = alone(one);
        same_replica(&one, &two);
        assert_eq!((one.counts(&a).handed_over, two.counts(&a).handed_over), (4, 5));
    }
    assert!(broken > 50, "{broken} links broke");
}

fn opened(stores: &(MemoryStore, MemoryStore)) -> (Memory, Memory) {
    let open = |store: &MemoryStore, seed| Tablet::open_with(store.clone(), rng(seed)).unwrap();
    (open(&stores.0, 70), open(&stores.1, 71))
}

fn own(tablet: &Memory) -> Vec<sync_core::id::EnvelopeId> {
    let device = tablet.device().unwrap();
    let replica = tablet.replica(&unit("A")).unwrap();
    replica.envelopes().filter(|e| e.value().device == device).map(|e| e.envelope_id()).collect()
}

#[test]
fn a_large_record_travels_in_pieces_and_a_cut_costs_no_more_than_one() {
    let world = World::with_names(9);
    let a = unit("A");
    let (mut one, acting) = noted(&world, 1);
    for _ in 0..400 {
        one.incident(&acting, &"dài ".repeat(80), None).unwrap();
    }
    let one = shared(one);
    let session = host(&one);
    let mut two = world.tablet(MemoryStore::default(), 2);
    let cut = Cut::after(150_000, session.invitation());
    let broken = meet(&mut two, &cut.invitation).unwrap_err();
    cut.end();
    assert!(matches!(broken.error, LocalError::Cut(_)), "{broken:?}");
    let first = broken.report.unwrap().units[&a].received.bytes;
    assert!(first > 50_000, "{first} bytes were through");
    let rest = meet(&mut two, session.invitation()).unwrap().units[&a].received.bytes;
    assert!(rest < 200_000, "{rest} bytes came the second time");
    session.end();
    assert_eq!(two.record(&a).unwrap().heads(), one.lock().unwrap().record(&a).unwrap().heads());
}

#[test]
fn a_finished_round_is_told_and_deleted_by_who_never_saw_the_centre_again() {
    let world = World::with_names(10);
    let a = unit("A");
    let mut one = voted(&world, 1, 0..4);
    let mut two = voted(&world, 2, 4..8);
    one.sync(&world).unwrap();
    two.sync(&world).unwrap();
    world.finish("A");
    one.sync(&world).unwrap();
    let one = shared(one);
    let session = host(&one);
    meet(&mut two, session.invitation()).unwrap();
    session.end();
    assert_eq!((two.counts(&a).finished, envelopes(&two)), (4, 0));
    assert!(two.sheet(&a).is_none());
}

#[test]
fn a_session_ends_by_itself_when_nobody_comes_or_its_time_is_over() {
    let world = World::new(11);
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let idle = HostOptions { idle: Duration::ZERO, ..HostOptions::default() };
    let late = HostOptions { total: Duration::ZERO, ..HostOptions::default() };
    for (options, over) in [(idle, Over::Idle), (late, Over::Late)] {
        let session = host_with(&one, options);
        let last = session.events().last().unwrap();
        assert!(matches!(last, Event::Over(found) if found == over), "{last:?}");
        assert_eq!(session.events().count(), 0, "nothing follows");
        let invitation = session.invitation().clone();
        assert_eq!(session.end().over, over);
        let mut two = world.tablet(MemoryStore::default(), 2);
        let gone = meet(&mut two, &invitation).unwrap_err();
        assert!(matches!(gone.error, LocalError::Unreachable(_)), "{gone:?}");
    }
}

#[test]
fn a_tablet_without_round_opens_and_joins_nothing() {
    let world = World::new(12);
    let empty = || Tablet::open_with(MemoryStore::default(), rng(1)).unwrap();
    let refused = Host::open(shared(empty()), loopback()).err().unwrap();
    assert!(matches!(refused, LocalError::Tablet(client_ffi::TabletError::NotEnrolled)));
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let session = host(&one);
    let refused = meet(&mut empty(), session.invitation()).unwrap_err();
    assert!(matches!(refused.error, LocalError::Tablet(client_ffi::TabletError::NotEnrolled)));
    assert_eq!(session.end().visits.len(), 0);
}

#[test]
fn what_is_carried_for_a_courier_is_never_a_sheet_whoever_hands_it_over() {
    let world = World::with_names(13);
    let a = unit("A");
    let tablet = world.tablet(MemoryStore::default(), 1);
    let mut carrier = courier(&world);
    for message in tablet.share_sheet(&a).unwrap() {
        let taken = carrier.take(&message).unwrap();
        assert_eq!(taken.new, 0);
        assert!(taken.refused.len() == message.give.len(), "{taken:?}");
    }
    assert!(carrier.store().keys().unwrap().iter().all(|key| {
        let sheet = (ItemKind::Sheet as u8).to_string();
        !(key.as_str().starts_with("item~A~") && key.parts()[2] == sheet)
    }));
}
