//! The conversation of two tablets without a link: cut after any byte, it loses nothing and goes on another time.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::local::{Conversation, Happened, LocalError, Word};
use client_ffi::store::MemoryStore;
use common::team::Memory;
use common::{World, marks, unit};
use std::collections::VecDeque;
use sync_core::cose::{PublicKey, SecretKey};
use sync_core::id::EnvelopeId;

fn closed(world: &World, seed: u64, voters: std::ops::Range<usize>) -> Memory {
    let mut tablet = world.tablet(MemoryStore::default(), seed);
    for voter in voters {
        tablet.cast(&unit("A"), world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.close(&unit("A")).unwrap();
    tablet
}

/// The key that a tablet shows when a link is made.
fn key(world: &World, tablet: &Memory) -> PublicKey {
    world.certificates.borrow()[&tablet.device().unwrap()].value().sign
}

fn envelopes(tablet: &Memory) -> Vec<EnvelopeId> {
    tablet.replica(&unit("A")).unwrap().have().envelopes
}

/// Two tablets talk until they are done, or the link is cut after so many bytes. Gives the bytes that passed.
fn talk(world: &World, host: &mut Memory, guest: &mut Memory, cut: usize) -> usize {
    let mut here = Conversation::guest(guest, key(world, host), false).unwrap();
    let mut there = Conversation::host(key(world, guest));
    let mut passed = 0;
    let (mut to_host, mut to_guest) = (VecDeque::new(), VecDeque::new());
    loop {
        while let Some(bytes) = here.send() {
            passed += bytes.len();
            to_host.extend((passed <= cut).then_some(bytes));
        }
        while let Some(bytes) = there.send() {
            passed += bytes.len();
            to_guest.extend((passed <= cut).then_some(bytes));
        }
        if let Some(bytes) = to_host.pop_front() {
            if let Happened::Met(_) = there.receive(host, &bytes).unwrap() {
                there.admit();
            }
        } else if let Some(bytes) = to_guest.pop_front() {
            here.receive(guest, &bytes).unwrap();
        } else {
            return passed;
        }
    }
}

#[test]
fn a_link_that_is_cut_after_any_byte_loses_nothing_and_the_next_visit_goes_on() {
    let world = World::new(71);
    let fresh = || (closed(&world, 1, 0..9), closed(&world, 2, 9..15));
    let (mut host, mut guest) = fresh();
    let whole = talk(&world, &mut host, &mut guest, usize::MAX);
    let all = envelopes(&host);
    assert_eq!(envelopes(&guest), all);
    for cut in (0..whole).step_by(whole / 60) {
        let (mut host, mut guest) = fresh();
        let own = [envelopes(&host), envelopes(&guest)];
        talk(&world, &mut host, &mut guest, cut);
        for (tablet, own) in [(&host, &own[0]), (&guest, &own[1])] {
            assert!(own.iter().all(|id| envelopes(tablet).contains(id)), "cut after {cut} bytes");
            let counts = tablet.counts(&unit("A"));
            assert_eq!(counts.confirmed, 0, "nobody met the centre");
        }
        // What one says of the other is true: handed over is only what lies there.
        let on_host = own[1].iter().filter(|id| envelopes(&host).contains(id)).count();
        assert!(on_host > 0 || guest.counts(&unit("A")).handed_over == 0, "cut after {cut} bytes");
        talk(&world, &mut host, &mut guest, usize::MAX);
        assert_eq!(
            [envelopes(&host), envelopes(&guest)],
            [all.clone(), all.clone()],
            "cut after {cut} bytes"
        );
    }
}

#[test]
fn who_repeats_anothers_hello_with_a_key_of_its_own_is_told_no_more_than_that() {
    let world = World::new(72);
    let (mut host, guest) = (closed(&world, 1, 0..3), closed(&world, 2, 3..6));
    let hello = Conversation::guest(&guest, key(&world, &host), false).unwrap().send().unwrap();
    let mut there = Conversation::host(SecretKey::from_seed(&[77; 32]).public());
    assert!(matches!(there.receive(&mut host, &hello), Err(LocalError::Stranger)));
    let said = there.send().unwrap();
    assert!(said.len() < 16 && there.send().is_none() && there.is_over());
    assert!(there.visit().is_none());
}

#[test]
fn a_host_without_a_place_says_so_and_one_that_is_over_ends_it() {
    let world = World::new(73);
    let (mut host, mut guest) = (closed(&world, 1, 0..3), closed(&world, 2, 3..6));
    for (over, expected) in [(false, "no place"), (true, "ended")] {
        let mut here = Conversation::guest(&guest, key(&world, &host), true).unwrap();
        let mut there = Conversation::host(key(&world, &guest));
        let met = there.receive(&mut host, &here.send().unwrap()).unwrap();
        assert!(matches!(met, Happened::Met(_)));
        assert!(there.send().is_none(), "nothing is told before it is let in");
        there.turn_away(over);
        let said = there.send().unwrap();
        let error = here.receive(&mut guest, &said).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_guest_that_stays_hears_of_what_others_bring_and_of_the_end() {
    let world = World::new(74);
    let (mut host, mut guest) = (closed(&world, 1, 0..3), closed(&world, 2, 3..6));
    let mut here = Conversation::guest(&guest, key(&world, &host), true).unwrap();
    let mut there = Conversation::host(key(&world, &guest));
    let mut until_asked = |host: &mut Memory, guest: &mut Memory, there: &mut Conversation| loop {
        while let Some(bytes) = here.send() {
            match there.receive(host, &bytes).unwrap() {
                Happened::Met(_) => there.admit(),
                Happened::Asked => return,
                _ => {}
            }
        }
        while let Some(bytes) = there.send() {
            if here.receive(guest, &bytes).unwrap() == Happened::Over {
                return;
            }
        }
    };
    until_asked(&mut host, &mut guest, &mut there);
    let mut third = closed(&world, 3, 6..9);
    talk(&world, &mut host, &mut third, usize::MAX);
    assert_ne!(envelopes(&host), envelopes(&guest));
    there.tell(&host, Word::Still).unwrap();
    until_asked(&mut host, &mut guest, &mut there);
    there.tell(&host, Word::News).unwrap();
    until_asked(&mut host, &mut guest, &mut there);
    assert_eq!(envelopes(&host), envelopes(&guest));
    there.tell(&host, Word::End).unwrap();
    until_asked(&mut host, &mut guest, &mut there);
    assert!(there.is_over());
}
