//! Ballots that many workers open ahead give the result of the one who opens them all, to the last byte.

use crate::common::{World, attended_unit, permit_unit};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sync_core::ballot::BoxSecret;
use sync_core::cbor::{decode, encode};
use sync_core::cose::Signed;
use sync_core::count::{Answers, Openings, Part, RoundResult, count_opened, parts};

/// Two orders over slips, attended voting, slips used twice, a copy, a forgery and a slip that nobody printed.
fn world(seed: u64) -> World {
    let mut world = World::new(seed, &[permit_unit(30, 3), attended_unit(9, 2), permit_unit(4, 1)]);
    for (unit, voters) in [(0, 0..16), (1, 0..9), (2, 0..2), (0, 10..22)] {
        let mut tablet = world.enrol(unit);
        let mut ballots = Vec::new();
        for voter in voters {
            let lines = world.marks(unit);
            ballots.push(match unit {
                1 => world.attended_ballot(unit, &lines),
                _ => world.ballot(unit, voter, &lines),
            });
        }
        world.send(&mut tablet, ballots, true);
        if unit == 2 {
            world.open_all();
        }
    }
    world.order(&[]);
    world
}

/// Through bytes, as between workers, in an order of their own.
fn opened_ahead(world: &World, most: usize, rng: &mut ChaCha20Rng, some: bool) -> Signed<RoundResult> {
    let orders: Vec<_> = world.archive.orders.iter().collect();
    let material = world.archive.material();
    let mut all = parts(&material, &orders, most);
    for at in (1..all.len()).rev() {
        let other = usize::try_from(rng.next_u64() % (at as u64 + 1)).expect("a place");
        all.swap(at, other);
    }
    if some {
        all.truncate(all.len() / 2);
    }
    let key = BoxSecret::from_bytes(&world.secret.box_key_bytes(&world.round)).expect("a key");
    let mut openings = Openings::default();
    for part in all {
        assert!(part.len() <= most);
        let worker: Part = decode(&encode(&part)).expect("a part");
        let answers: Answers = decode(&encode(&worker.open(&key))).expect("answers");
        assert!(openings.take(&part, answers), "it is what was asked");
    }
    count_opened(&material, &orders, &world.secret, openings, &mut |_, _| ()).expect("a result")
}

#[test]
fn whoever_opened_the_ballots_and_in_whatever_parts_the_result_is_the_same_to_the_last_byte() {
    for seed in 0..4 {
        let world = world(seed);
        let alone = world.try_count().expect("a result");
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for most in [1, 3, 7, 64, 5_000] {
            let many = opened_ahead(&world, most, &mut rng, false);
            assert_eq!(many.bytes(), alone.bytes(), "seed {seed}, parts of {most}");
        }
        let half = opened_ahead(&world, 2, &mut rng, true);
        assert_eq!(half.bytes(), alone.bytes(), "what nobody opened the count opens itself");
    }
}

#[test]
fn answers_of_another_part_or_in_another_form_are_not_taken() {
    let world = world(9);
    let orders: Vec<_> = world.archive.orders.iter().collect();
    let all = parts(&world.archive.material(), &orders, 7);
    let key = world.secret.box_secret(&world.round);
    let answers: Vec<Answers> = all.iter().map(|part| part.open(&key)).collect();
    let mut openings = Openings::default();
    let first = &all[0];
    for (part, answers) in all.iter().zip(&answers).filter(|(part, _)| part.len() != first.len()) {
        assert!(!openings.take(first, answers.clone()), "{} answers for {}", part.len(), first.len());
    }
    // Three lines are asked for here and two there, each with three levels.
    let attended =
        answers.iter().zip(&all).find(|(_, part)| encode(*part) != encode(first) && part.len() == 7);
    let (mut wrong, at) = (encode(&answers[0]), attended.is_some());
    assert!(at && openings.take(first, decode(&wrong).expect("as it was")));
    let beyond = wrong.iter_mut().rev().find(|byte| **byte <= 3).expect("a mark");
    *beyond = 4;
    assert!(!openings.take(first, decode(&wrong).expect("in the format")), "there is no fourth level");
    assert!(decode::<Answers>(&[0x81, 0x41, 9]).is_err() && decode::<Part>(&[0x88]).is_err());
}
