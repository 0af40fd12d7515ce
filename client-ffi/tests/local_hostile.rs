//! Whoever does not belong in a local session, or misbehaves there: told in words, and nobody else's loss.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::Tablet;
use client_ffi::local::{Event, HostOptions, Invitation, LocalError};
use client_ffi::store::{Key, MemoryStore, Store, StoreError};
use common::room::{Rogue, alone, host, host_with, meet, read_frame, shared, write_frame};
use common::team::{items_of, noted};
use common::{World, marks, rng, unit};
use proptest::prelude::*;
use rand_chacha::rand_core::Rng;
use std::io::Read;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync_core::address::Pin;
use sync_core::cbor::{self, Writer};
use sync_core::cose::Signed;
use sync_core::device::Revocation;
use sync_core::id::DeviceId;
use sync_core::message::{Item, ItemKind, Message};

/// A session that an honest tablet can still join, whatever happened before.
fn still_serves(world: &World, invitation: &Invitation, seed: u64) {
    let mut honest = world.tablet(MemoryStore::default(), seed);
    meet(&mut honest, invitation).unwrap();
}

fn away(event: Option<Event>) -> LocalError {
    match event {
        Some(Event::TurnedAway(_, why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn another_key_than_the_invitation_names_gets_nothing_at_all() {
    let world = World::new(1);
    let (one, three) =
        (shared(world.tablet(MemoryStore::default(), 1)), shared(world.tablet(MemoryStore::default(), 3)));
    let (session, other) = (host(&one), host(&three));
    let wrong = Invitation::new(other.invitation().pin(), session.invitation().addresses().to_vec()).unwrap();
    let mut two = world.tablet(MemoryStore::default(), 2);
    for wrong in [&wrong, &Invitation::new(Pin([7; 32]), wrong.addresses().to_vec()).unwrap()] {
        let refused = meet(&mut two, wrong).unwrap_err();
        assert!(matches!(refused.error, LocalError::NotTheHost), "{refused:?}");
        assert!(refused.report.is_none());
    }
    still_serves(&world, session.invitation(), 4);
    assert_eq!(session.end().turned_away, 2);
}

#[test]
fn tablets_of_different_rounds_are_told_so_on_both_sides() {
    let world = World::new(2);
    let other = World::new(3);
    assert_ne!(world.package.hash(), other.package.hash());
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let session = host(&one);
    let mut stray = other.tablet(MemoryStore::default(), 2);
    let before = stray.store().clone();
    let refused = meet(&mut stray, session.invitation()).unwrap_err();
    let named = |error: &LocalError| matches!(error, LocalError::OtherRound { theirs, ours } if theirs == "Thử" && ours == "Thử");
    assert!(named(&refused.error), "{refused:?}");
    assert_eq!(stray.store().values(), before.values());
    assert!(named(&away(session.events().next())));
    still_serves(&world, session.invitation(), 4);
}

#[test]
fn a_stranger_with_somebody_elses_certificate_or_none_is_not_believed() {
    let world = World::new(4);
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let session = host(&one);
    let certified = Rogue::certified(&world, 21);
    let thief = Rogue { key: sync_core::cose::SecretKey::from_seed(&[22; 32]), ..certified };
    let nobody = Rogue { certificate: Vec::new(), key: sync_core::cose::SecretKey::from_seed(&[23; 32]) };
    for rogue in [&thief, &nobody] {
        let mut stream = rogue.connect(session.invitation());
        write_frame(&mut stream, &rogue.hello(&world));
        let answer = read_frame(&mut stream).unwrap();
        assert_eq!(answer[..3], [0x83, 1, 1], "refused as a stranger");
        assert!(read_frame(&mut stream).is_none(), "and told nothing else");
        assert!(matches!(away(session.events().next()), LocalError::Stranger));
    }
    still_serves(&world, session.invitation(), 4);
    assert_eq!(session.end().visits.len(), 1);
}

#[test]
fn a_tablet_does_not_join_itself_or_a_copy_of_itself() {
    let world = World::new(5);
    let tablet = world.tablet(MemoryStore::default(), 1);
    let mut copy = Tablet::open_with(tablet.store().clone(), rng(9)).unwrap();
    let one = shared(tablet);
    let session = host(&one);
    let refused = meet(&mut copy, session.invitation()).unwrap_err();
    assert!(matches!(refused.error, LocalError::Itself));
}

#[test]
fn a_revoked_tablet_hands_over_its_ballots_and_gets_no_names_and_no_envelopes() {
    let world = World::with_names(6);
    let a = unit("A");
    let (mut one, _) = noted(&world, 1);
    one.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
    one.close(&a).unwrap();
    let (mut stolen, acting) = noted(&world, 2);
    stolen.incident(&acting, "mất máy", None).unwrap();
    stolen.cast(&a, world.permit("A", 1), &marks(1)).unwrap();
    stolen.close(&a).unwrap();
    revoke(&world, &mut one, stolen.device().unwrap());
    let one = shared(one);
    let session = host(&one);
    let report = meet(&mut stolen, session.invitation()).unwrap();
    assert!(!report.who.revoked);
    let seen = session.end();
    assert!(seen.visits[0].who.revoked);
    let one = alone(one);
    let replica = one.replica(&a).unwrap();
    assert_eq!(replica.envelopes().count(), 2, "its ballots are not lost");
    assert_eq!(stolen.replica(&a).unwrap().envelopes().count(), 1);
    assert!(stolen.replica(&a).unwrap().revoked().contains(&stolen.device().unwrap()), "it learns of it");
    assert_eq!(stolen.record_state(&a).unwrap().present(), 1, "only what it noted itself");
    // Knowing that it is revoked it gives the record sealed to the centre alone.
    assert_eq!(items_of(&stolen.hand_over(&a).unwrap(), ItemKind::RecordChange), []);
    let two = shared(world.tablet(MemoryStore::default(), 3));
    let session = host(&two);
    meet(&mut stolen, session.invitation()).unwrap();
    session.end();
    let two = alone(two);
    assert_eq!(two.record_state(&a).unwrap().present(), 0);
    assert_eq!(two.replica(&a).unwrap().carried().count(), 1);
    assert_eq!(two.replica(&a).unwrap().envelopes().count(), 1);
}

fn revoke(world: &World, tablet: &mut Tablet<MemoryStore, rand_chacha::ChaCha20Rng>, device: DeviceId) {
    let revocation = Revocation { package: world.package.hash(), device, reason: "mất".to_owned() };
    let mut message = Message::new(world.package.hash(), unit("A"));
    let signed = Signed::sign(revocation, &world.centre_key);
    message.give = vec![Item::new(ItemKind::Revocation, signed.bytes())];
    assert_eq!(tablet.take(&message).unwrap().new, 1);
}

#[test]
fn silent_and_slow_connections_cost_a_place_for_a_while_and_nobody_else_the_session() {
    let world = World::new(7);
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let session = host(&one);
    let address = session.invitation().addresses()[0];
    let silent: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
    let full =
        session.events().take(100).filter(|event| matches!(event, Event::TurnedAway(_, LocalError::Full)));
    assert_eq!(full.count(), 100, "only a few of one address are listened to");
    drop(silent);
    // All are gone, and their places free, once the end of each is told; some were still waiting at the door.
    let ended = session.events().filter(|event| matches!(event, Event::TurnedAway(..))).take(100);
    assert_eq!(ended.count(), 100);
    still_serves(&world, session.invitation(), 4);
    assert_eq!(session.end().turned_away, 200);
}

#[test]
fn who_says_nothing_in_time_is_let_go() {
    let world = World::new(8);
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let hasty = HostOptions { first: Duration::from_millis(1), ..HostOptions::default() };
    let session = host_with(&one, hasty);
    let mut silent = TcpStream::connect(session.invitation().addresses()[0]).unwrap();
    assert!(matches!(away(session.events().next()), LocalError::Slow));
    assert_eq!(silent.read(&mut [0; 1]).unwrap_or(0), 0, "it is hung up on");
    session.end();
    let patient = HostOptions { patience: Duration::ZERO, ..HostOptions::default() };
    let session = host_with(&one, patient);
    let rogue = Rogue::certified(&world, 31);
    let mut stream = rogue.connect(session.invitation());
    write_frame(&mut stream, &rogue.hello(&world));
    let left = session.events().find_map(|event| match event {
        Event::Left(visit, why) => Some((visit, why)),
        _ => None,
    });
    assert!(matches!(left, Some((_, Some(LocalError::Slow)))), "{left:?}");
}

#[test]
fn a_device_that_joins_again_takes_the_place_of_its_dead_connection() {
    let world = World::new(9);
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let session = host(&one);
    let rogue = Rogue::certified(&world, 41);
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = rogue.connect(session.invitation());
        write_frame(&mut stream, &rogue.hello(&world));
        assert_eq!(read_frame(&mut stream).unwrap()[..2], [0x86, 0], "a hello");
        streams.push(stream);
    }
    still_serves(&world, session.invitation(), 4);
    drop(streams);
    let left: Vec<_> = session
        .events()
        .filter_map(|event| match event {
            Event::Left(visit, Some(why)) => Some((visit, why)),
            _ => None,
        })
        .take(20)
        .collect();
    let superseded = left.iter().filter(|(_, why)| matches!(why, LocalError::Superseded));
    assert_eq!(superseded.count(), 19);
}

/// What a certified device may send after its hello that is no turn.
fn nonsense() -> Vec<Vec<u8>> {
    let begin = |messages: u32| {
        let mut w = Writer::new();
        w.array(6).uint(2_u8).text("A").bytes(&[]).uint(messages).uint(0_u8).uint(0_u8);
        w.finish()
    };
    vec![
        vec![],
        vec![0xff; 300],
        vec![0x81, 5],
        vec![0x81, 9],
        begin(1)[..5].to_vec(),
        [begin(1), vec![0]].concat(),
    ]
}

#[test]
fn frames_that_make_no_sense_end_that_connection_alone_and_are_answered() {
    let world = World::new(10);
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let before = one.lock().unwrap().store().clone();
    let session = host(&one);
    for (i, frame) in nonsense().into_iter().enumerate() {
        let rogue = Rogue::certified(&world, 50 + u8::try_from(i).unwrap());
        let mut stream = rogue.connect(session.invitation());
        write_frame(&mut stream, &rogue.hello(&world));
        read_frame(&mut stream).unwrap();
        write_frame(&mut stream, &frame);
        assert_eq!(read_frame(&mut stream).unwrap()[..3], [0x83, 1, 4], "not understood: {frame:?}");
        let left = session.events().find_map(|event| match event {
            Event::Left(_, why) => why,
            _ => None,
        });
        assert!(matches!(left, Some(LocalError::Malformed(_))), "{left:?}");
    }
    // A length that is too long is not waited for.
    let rogue = Rogue::certified(&world, 70);
    let mut stream = rogue.connect(session.invitation());
    write_frame(&mut stream, &rogue.hello(&world));
    read_frame(&mut stream).unwrap();
    std::io::Write::write_all(&mut stream, &u32::MAX.to_be_bytes()).unwrap();
    assert_eq!(read_frame(&mut stream).unwrap()[..3], [0x83, 1, 4]);
    still_serves(&world, session.invitation(), 4);
    session.end();
    let after = one.lock().unwrap();
    assert_eq!(
        after.store().values().len(),
        before.values().len() + 1,
        "one more certificate, of the honest one"
    );
}

#[test]
fn a_turn_about_another_unit_round_or_nobodys_unit_is_refused() {
    let world = World::new(11);
    let one = shared(world.tablet(MemoryStore::default(), 1));
    let session = host(&one);
    let message = |package, code: &str| cbor::encode(&Message::new(package, unit(code)));
    let ours = world.package.hash();
    let cases = [
        ("A", message(ours, "B")),
        ("A", message(World::new(12).package.hash(), "A")),
        ("XX", message(ours, "XX")),
    ];
    for (i, (code, message)) in cases.into_iter().enumerate() {
        let rogue = Rogue::certified(&world, 80 + u8::try_from(i).unwrap());
        let mut stream = rogue.connect(session.invitation());
        write_frame(&mut stream, &rogue.hello(&world));
        read_frame(&mut stream).unwrap();
        let mut w = Writer::new();
        w.array(6).uint(2_u8).text(code).bytes(&[]).uint(1_u8).uint(0_u8).uint(0_u8);
        write_frame(&mut stream, &w.finish());
        let mut w = Writer::new();
        w.array(2).uint(3_u8).bytes(&message);
        write_frame(&mut stream, &w.finish());
        assert_eq!(read_frame(&mut stream).unwrap()[..3], [0x83, 1, 4]);
    }
    still_serves(&world, session.invitation(), 4);
    assert_eq!(one.lock().unwrap().held_units(), [unit("A")]);
}

/// A store that has no room while it is told so.
#[derive(Default)]
struct Narrow {
    inner: MemoryStore,
    full: bool,
}

impl Store for Narrow {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        if self.full { Err(StoreError::Full) } else { self.inner.put(key, value) }
    }

    fn destroy(&mut self, key: &Key) -> Result<(), StoreError> {
        self.inner.destroy(key)
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.inner.keys()
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        self.inner.settle()
    }
}

#[test]
fn a_host_whose_memory_is_full_says_so_and_the_guest_has_everything() {
    let world = World::new(13);
    let a = unit("A");
    let tablet = world.tablet(Narrow::default(), 1);
    let one = Arc::new(Mutex::new(tablet));
    let session = client_ffi::local::Host::open(Arc::clone(&one), common::room::loopback()).unwrap();
    let mut two = world.tablet(MemoryStore::default(), 2);
    two.cast(&a, world.permit("A", 0), &marks(0)).unwrap();
    two.close(&a).unwrap();
    one.lock().unwrap().store_mut().full = true;
    let refused = meet(&mut two, session.invitation()).unwrap_err();
    assert!(matches!(refused.error, LocalError::NoRoomThere), "{refused:?}");
    assert_eq!(two.counts(&a).sealed, 1);
    one.lock().unwrap().store_mut().full = false;
    let report = meet(&mut two, session.invitation()).unwrap();
    assert_eq!(report.units[&a].envelopes_given, 1);
    assert_eq!(two.counts(&a).handed_over, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_bytes_come_at_whatever_step_the_session_lives(seed in any::<u64>(), step in 0..3_usize, length in 0..600_usize) {
        let world = World::new(14);
        let one = shared(world.tablet(MemoryStore::default(), 1));
        let session = host(&one);
        let mut noise = vec![0; length];
        rng(seed).fill_bytes(&mut noise);
        let address = session.invitation().addresses()[0];
        if step == 0 {
            let mut socket = TcpStream::connect(address).unwrap();
            std::io::Write::write_all(&mut socket, &noise).ok();
        } else {
            let rogue = Rogue::certified(&world, 91);
            let mut stream = rogue.connect(session.invitation());
            if step == 2 {
                write_frame(&mut stream, &rogue.hello(&world));
                read_frame(&mut stream).unwrap();
            }
            std::io::Write::write_all(&mut stream, &noise).ok();
            stream.conn.send_close_notify();
            std::io::Write::flush(&mut stream).ok();
        }
        still_serves(&world, session.invitation(), 4);
        session.end();
    }
}
