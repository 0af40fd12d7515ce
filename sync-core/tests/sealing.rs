//! From the box into envelopes: which ballots leave, when, in which envelope, and what a chain never does.

use crate::common::{Tablet, World, permit_unit};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeSet;
use sync_core::ballot::{Record, record_len};
use sync_core::cbor::FormatError;
use sync_core::envelope::{Batch, Chain, NUMBER_MAX, Sealer, SignedEnvelope, batch_capacity};
use sync_core::id::{Nullifier, SheetHash, UnitCode};
use sync_core::open_box::{InsertError, OpenBox};

/// A record of a ballot on this many officials; `what` tells it apart from others, the rest is in no order.
fn record(officials: usize, what: u32) -> Record {
    let spread = what.wrapping_mul(0x9e37_79b1).to_be_bytes();
    let bytes = [&spread[..], &what.to_be_bytes(), &vec![0x5a; record_len(officials) - 8]].concat();
    Record::from_slice(&bytes).expect("long enough")
}

fn filled(officials: usize, count: u32) -> OpenBox {
    let unit = UnitCode::new("U1").expect("a code");
    let mut open_box = OpenBox::new(unit, SheetHash([3; 32]), record_len(officials));
    for what in 0..count {
        open_box.insert(record(officials, what)).expect("a fresh slip");
    }
    open_box
}

fn nullifiers(batch: &Batch) -> BTreeSet<Nullifier> {
    batch.records().map(|record| record.nullifier()).collect()
}

#[test]
fn a_box_says_what_is_in_it_in_no_order_but_that_of_nullifiers() {
    let open_box = filled(2, 9);
    assert_eq!((open_box.unit().as_str(), open_box.sheet(), open_box.len()), ("U1", SheetHash([3; 32]), 9));
    assert!(!open_box.is_empty() && filled(2, 0).is_empty());
    let waiting: Vec<Nullifier> = open_box.nullifiers().collect();
    assert!(waiting.is_sorted() && waiting.len() == 9);
    assert!((0..9).all(|what| open_box.contains(&record(2, what).nullifier())));
    assert!(!open_box.contains(&record(2, 9).nullifier()));
}

#[test]
fn a_ballot_of_another_length_does_not_go_into_the_box() {
    let mut open_box = filled(2, 3);
    for officials in [1, 3] {
        assert_eq!(open_box.insert(record(officials, 7)), Err(InsertError::Length));
    }
    assert_eq!(open_box, filled(2, 3));
}

#[test]
fn a_batch_leaves_at_twice_its_size_and_not_one_ballot_sooner() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for batch_min in [1, 2, 10] {
        assert_eq!(filled(2, 2 * batch_min - 1).cut(batch_min, &mut rng), None);
        let batch = filled(2, 2 * batch_min).cut(batch_min, &mut rng).expect("enough");
        assert_eq!(batch.len(), batch_min as usize);
    }
    let one = filled(2, 2).cut(0, &mut rng).expect("enough");
    assert_eq!(one.len(), 1, "a smallest batch of nothing is one of one ballot");
}

#[test]
fn a_smallest_batch_that_no_envelope_holds_leaves_as_a_full_envelope() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let full = batch_capacity(record_len(100));
    let count = u32::try_from(2 * full).expect("few");
    let batch = filled(100, count).cut(1_000, &mut rng).expect("two envelopes are waiting");
    assert_eq!(batch.len(), full);
    assert_eq!(filled(100, count - 1).cut(1_000, &mut rng), None);
}

/// How often each of 12 ballots was in the batch of 4 that left, over many boxes.
fn left(draws: u64, cut: impl Fn(&OpenBox, &mut ChaCha20Rng) -> Batch) -> Vec<u64> {
    let open_box = filled(2, 12);
    let mut left = vec![0; 12];
    for seed in 0..draws {
        let batch = cut(&open_box, &mut ChaCha20Rng::seed_from_u64(seed));
        for (place, nullifier) in open_box.nullifiers().enumerate() {
            left[place] += u64::from(nullifiers(&batch).contains(&nullifier));
        }
    }
    left
}

#[test]
fn which_ballots_leave_is_chance_and_every_ballot_has_the_same() {
    let often = left(1_200, |open_box, rng| open_box.cut(4, rng).expect("enough"));
    assert_eq!(often.iter().sum::<u64>(), 4 * 1_200);
    assert!(often.iter().all(|times| (320..480).contains(times)), "each about 400 times: {often:?}");
}

#[test]
fn what_is_left_for_the_close_is_divided_evenly_and_by_chance() {
    let capacity = u32::try_from(batch_capacity(record_len(2))).expect("few");
    let open_box = filled(2, capacity + 3);
    let mut first = BTreeSet::new();
    for seed in 0..12 {
        let batches = open_box.last_batches(&mut ChaCha20Rng::seed_from_u64(seed));
        let sizes: Vec<usize> = batches.iter().map(Batch::len).collect();
        assert_eq!(sizes.len(), 2);
        assert!(
            sizes[0].abs_diff(sizes[1]) <= 1 && sizes.iter().sum::<usize>() == open_box.len(),
            "{sizes:?}"
        );
        let all: BTreeSet<Nullifier> = batches.iter().flat_map(nullifiers).collect();
        assert!(open_box.nullifiers().eq(all), "each ballot once");
        first.insert(nullifiers(&batches[0]));
        // About half of the lower half of the nullifiers is among them: they came by chance, not in order.
        let half: BTreeSet<Nullifier> = open_box.nullifiers().take(open_box.len() / 2).collect();
        let together = nullifiers(&batches[0]).intersection(&half).count();
        assert!((open_box.len() / 5..open_box.len() / 3).contains(&together), "{together}");
    }
    assert_eq!(first.len(), 12, "never the same twice");
    assert_eq!(filled(2, capacity).last_batches(&mut ChaCha20Rng::seed_from_u64(1)).len(), 1);
    let none = filled(2, 0).last_batches(&mut ChaCha20Rng::seed_from_u64(1));
    assert_eq!(none.iter().map(Batch::len).collect::<Vec<_>>(), [0], "an empty box closes too");
}

#[test]
fn only_the_very_ballots_of_an_envelope_leave_the_box() {
    let open_box = filled(2, 6);
    let other = |what| {
        let mut bytes = record(2, what).as_bytes().to_vec();
        *bytes.last_mut().expect("not empty") ^= 1;
        Record::from_slice(&bytes).expect("its length is unchanged")
    };
    let batch = Batch::new(record_len(2), vec![record(2, 1), other(2), record(2, 9)]).expect("a batch");
    let rest = open_box.without(&batch);
    assert_eq!(rest.len(), 5);
    assert!(!rest.contains(&record(2, 1).nullifier()), "it is in the envelope");
    assert!(rest.contains(&record(2, 2).nullifier()), "another ballot under the same slip is not this one");
}

struct Booth {
    world: World,
    tablet: Tablet,
}

impl Booth {
    fn new() -> Self {
        let mut world = World::new(90, &[permit_unit(20, 2)]);
        let tablet = world.enrol(0);
        Self { world, tablet }
    }

    fn seal(
        &self,
        chain: &Chain,
        ballots: u32,
        closing: bool,
    ) -> Result<(SignedEnvelope, Chain), FormatError> {
        let batch = Batch::new(record_len(2), (0..ballots).map(|what| record(2, what)).collect());
        let Tablet { device, unit, key, .. } = &self.tablet;
        let sheet = self.world.units[0].sheet;
        let sealer = Sealer { package: self.world.package(), unit, sheet, device: *device, key };
        sealer.seal(chain, batch.expect("a batch"), closing)
    }
}

#[test]
fn a_chain_counts_links_and_states_its_total_at_the_close() {
    let booth = Booth::new();
    let (first, chain) = booth.seal(&Chain::default(), 3, false).expect("the first envelope");
    assert_eq!((first.value().number, first.value().previous, first.value().total), (1, None, None));
    let last = Some(first.envelope_id());
    assert_eq!(chain, Chain { number: 1, last, ballots: 3, closed: false });
    let (second, chain) = booth.seal(&chain, 2, true).expect("the closing envelope");
    assert_eq!((second.value().number, second.value().previous, second.value().total), (2, last, Some(5)));
    assert_eq!(chain, Chain { number: 2, last: Some(second.envelope_id()), ballots: 5, closed: true });
}

#[test]
fn an_envelope_is_empty_only_to_close_and_only_once() {
    let booth = Booth::new();
    let start = Chain::default();
    let refused = |sealed: Result<(SignedEnvelope, Chain), FormatError>| {
        matches!(sealed, Err(FormatError::Range { what: "envelope number" }))
    };
    assert!(refused(booth.seal(&start, 0, false)));
    let (_, closed) = booth.seal(&start, 0, true).expect("an unused tablet closes");
    assert!(refused(booth.seal(&closed, 0, true)) && refused(booth.seal(&closed, 0, false)));
    // A tablet that was set back learns of its own close while ballots wait: they leave, and are held.
    for closing in [false, true] {
        let (beyond, chain) = booth.seal(&closed, 1, closing).expect("ballots never stay behind");
        assert_eq!((beyond.value().number, chain.closed), (2, true), "what was closed stays closed");
    }
}

#[test]
fn a_full_chain_takes_no_more_and_a_total_never_overflows() {
    let booth = Booth::new();
    let before =
        Chain { number: NUMBER_MAX - 1, last: Some(sync_core::id::EnvelopeId([1; 32])), ..Chain::default() };
    let (last, chain) = booth.seal(&before, 1, false).expect("the last number");
    assert_eq!(last.value().number, NUMBER_MAX);
    assert!(booth.seal(&chain, 1, true).is_err());
    let many = Chain { ballots: u32::MAX - 1, ..before };
    assert!(booth.seal(&many, 1, true).is_ok());
    assert!(matches!(booth.seal(&many, 2, true), Err(FormatError::Range { what: "closing total" })));
}
