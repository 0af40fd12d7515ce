//! The record as a set of changes: whatever way they take, the record is the same, and two sides that talk end equal.

use crate::common::bytes32;
use crate::common::team::{
    HOA, LAN, MINH, Pen, Team, committee, figure, look, noted, place, settle, take_all,
};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;
use sync_core::id::SheetHash;
use sync_core::message::{Item, ItemKind};
use sync_core::record::{
    Act, Actor, ChangeHash, Entry, EntryRef, FigureKind, Record, SealedChanges, SignedChange, Taken,
};
use sync_core::replica::{Applied, Replica};

fn pick(rng: &mut ChaCha20Rng, bound: usize) -> usize {
    usize::try_from(rng.next_u64() % bound as u64).expect("less than a usize")
}

fn shuffle<T>(items: &mut [T], rng: &mut ChaCha20Rng) {
    for i in (1..items.len()).rev() {
        items.swap(i, pick(rng, i + 1));
    }
}

/// What somebody may note who saw these entries.
fn any_entry(rng: &mut ChaCha20Rng, seen: &[EntryRef]) -> Entry {
    let person = [LAN, MINH, HOA][pick(rng, 3)];
    let voter = u32::try_from(pick(rng, 5) + 1).expect("few voters");
    let value = voter % 3;
    let kind = FigureKind::ALL[pick(rng, 3)];
    let any = |rng: &mut ChaCha20Rng| (!seen.is_empty()).then(|| seen[pick(rng, seen.len())]);
    let act = match (pick(rng, 9), any(rng)) {
        (0, _) => Act::Join { name: person.to_owned() },
        (1, _) => Act::CheckIn { voter },
        (2, _) => Act::Slip { voter },
        (3, Some(entry)) => Act::Undo { entry },
        (4, replaces) => Act::Note { text: "đã đọc lại".to_owned(), replaces },
        (5, Some(entry)) => {
            let holds = any(rng).unwrap_or(entry);
            settle(&[entry], holds)
        }
        (6, _) => committee(person, HOA),
        _ => figure(kind, value),
    };
    noted(person, act)
}

/// Everything that was ever signed: by five writers, of whom some were copied, each copy once more or not.
struct Story {
    team: Team,
    changes: Vec<SignedChange>,
}

fn story(seed: u64, copies: usize) -> Story {
    let mut team = Team::new(seed);
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut pens: Vec<Pen> = (0..3).map(|_| team.pen()).collect();
    pens.push(pens[0].restarted(2));
    let other_sheet = SheetHash(bytes32(&mut rng));
    let (mut changes, mut seen) = (Vec::new(), Vec::new());
    let mut left = copies;
    for _ in 0..24 {
        if left > 0 && pick(&mut rng, 4) == 0 {
            let of = pick(&mut rng, pens.len());
            // A copy under another sheet may write the very same entries: that is one change in two forms.
            let copy = if left.is_multiple_of(2) { pens[of].copy() } else { pens[of].under(other_sheet) };
            let entries = vec![any_entry(&mut rng, &seen)];
            let (mut a, mut b) = (pens[of].copy(), copy);
            changes.extend([a.write(entries.clone()), b.write(entries)]);
            pens[of] = a;
            pens.push(b);
            left -= 1;
        }
        let of = pick(&mut rng, pens.len());
        let entries: Vec<Entry> = (0..=pick(&mut rng, 3)).map(|_| any_entry(&mut rng, &seen)).collect();
        let change = pens[of].write(entries);
        seen.push(place(&change, 0));
        changes.push(change);
    }
    Story { team, changes }
}

/// The record that must come of these changes, by the rule alone: up to the first number that two hashes claim.
fn by_the_rule(changes: &[SignedChange]) -> BTreeMap<Actor, (Vec<ChangeHash>, Vec<ChangeHash>)> {
    let mut expected = BTreeMap::new();
    for change in changes {
        expected.entry(change.value().actor).or_insert_with(|| (Vec::new(), Vec::new()));
    }
    for (actor, (chain, twins)) in &mut expected {
        loop {
            let sequence = u32::try_from(chain.len() + 1).expect("few changes");
            let of_actor = changes.iter().map(|change| change.value()).filter(|c| c.actor == *actor);
            let next = of_actor.filter(|c| c.sequence == sequence && c.previous == chain.last().copied());
            let mut hashes: Vec<ChangeHash> = next.map(|change| change.hash).collect();
            hashes.sort_unstable();
            hashes.dedup();
            match hashes.as_slice() {
                [] => break,
                [only] => chain.push(*only),
                [first, second, ..] => {
                    twins.extend([*first, *second]);
                    break;
                }
            }
        }
    }
    expected
}

fn as_ruled(record: &Record) -> BTreeMap<Actor, (Vec<ChangeHash>, Vec<ChangeHash>)> {
    let mut found: BTreeMap<Actor, (Vec<ChangeHash>, Vec<ChangeHash>)> = BTreeMap::new();
    let counted = record.signed_heads().into_iter().collect::<BTreeMap<_, _>>();
    for change in record.changes().map(|change| change.value()) {
        let (chain, twins) = found.entry(change.actor).or_default();
        let counts = counted.get(&change.actor).is_some_and(|last| change.sequence <= *last);
        if counts { chain.push(change.hash) } else { twins.push(change.hash) }
    }
    found
}

/// One side says how far it is, the other gives what is lacking then.
fn exchange(from: &Record, to: &mut Record) -> usize {
    let heads = to.heads();
    let given: Vec<SignedChange> = from.lacking(&heads).into_iter().cloned().collect();
    take_all(to, &given).len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_repetition_gives_the_same_record_which_is_the_one_by_the_rule(
        seed in 0..1_000_u64, copies in 0..6_usize, order: u64, extra in 0..20_usize,
    ) {
        let Story { team, changes } = story(seed, copies);
        let expected = look(&team.record_of(&changes));
        let mut rng = ChaCha20Rng::seed_from_u64(order);
        let mut shuffled = changes.clone();
        shuffled.extend((0..extra).map(|_| changes[pick(&mut rng, changes.len())].clone()));
        shuffle(&mut shuffled, &mut rng);
        let record = team.record_of(&shuffled);
        prop_assert_eq!(look(&record), expected);
        prop_assert_eq!(as_ruled(&record), by_the_rule(&changes));
    }

    #[test]
    fn merging_is_commutative_associative_and_idempotent(
        seed in 0..1_000_u64, copies in 0..6_usize, order: u64, first in 0..30_usize, second in 0..30_usize,
    ) {
        let Story { team, mut changes } = story(seed, copies);
        shuffle(&mut changes, &mut ChaCha20Rng::seed_from_u64(order));
        let whole = look(&team.record_of(&changes));
        let (a, rest) = changes.split_at(first.min(changes.len()));
        let (b, c) = rest.split_at(second.min(rest.len()));
        for parts in [[a, b, c], [c, b, a], [b, a, c]] {
            let record = team.record_of(parts.concat().iter());
            prop_assert_eq!(&look(&record), &whole);
            let mut again = record.clone();
            prop_assert_eq!(take_all(&mut again, record.changes()).len(), 0);
            prop_assert_eq!(&look(&again), &whole);
        }
    }

    #[test]
    fn what_was_new_is_enough_to_start_again_from(seed in 0..1_000_u64, copies in 0..6_usize, order: u64) {
        let Story { team, mut changes } = story(seed, copies);
        shuffle(&mut changes, &mut ChaCha20Rng::seed_from_u64(order));
        let mut record = team.record();
        let mut stored = take_all(&mut record, &changes);
        stored.reverse();
        let mut restored = team.record();
        while stored.len() != {
            stored.retain(|change| restored.restore(change.clone()) == Taken::WaitsForPredecessor);
            stored.len()
        } {}
        prop_assert_eq!(look(&restored), look(&record));
    }

    #[test]
    fn two_sides_that_say_how_far_they_are_end_equal_after_two_exchanges(
        seed in 0..1_000_u64, copies in 0..6_usize, order: u64, of_a in 0..30_usize, of_b in 0..30_usize,
    ) {
        let Story { team, mut changes } = story(seed, copies);
        shuffle(&mut changes, &mut ChaCha20Rng::seed_from_u64(order));
        let mut a = team.record_of(&changes[..of_a.min(changes.len())]);
        let mut b = team.record_of(&changes[changes.len() - of_b.min(changes.len())..]);
        for _ in 0..2 {
            exchange(&a, &mut b);
            exchange(&b, &mut a);
        }
        let (seen_a, seen_b) = (look(&a), look(&b));
        prop_assert_eq!((&seen_a.heads, &seen_a.state), (&seen_b.heads, &seen_b.state));
        prop_assert_eq!(seen_a.document, seen_b.document);
        prop_assert!(!a.lacks_any(&b.heads()) && !b.lacks_any(&a.heads()));
        prop_assert!(a.lacking(&b.heads()).is_empty() && b.lacking(&a.heads()).is_empty());
    }

    #[test]
    fn who_has_something_new_for_us_says_so_by_its_heads(
        seed in 0..1_000_u64, copies in 0..6_usize, order: u64, of_a in 0..30_usize, of_b in 0..30_usize,
    ) {
        let Story { team, mut changes } = story(seed, copies);
        shuffle(&mut changes, &mut ChaCha20Rng::seed_from_u64(order));
        let mut a = team.record_of(&changes[..of_a.min(changes.len())]);
        let b = team.record_of(&changes[changes.len() - of_b.min(changes.len())..]);
        let lacks = a.lacks_any(&b.heads());
        let before = look(&a);
        take_all(&mut a, b.changes());
        let after = look(&a);
        prop_assert!(lacks || (before.heads == after.heads && before.state == after.state));
    }

    #[test]
    fn five_replicas_that_meet_in_pairs_end_equal(seed in 0..1_000_u64, copies in 0..6_usize, order: u64) {
        let Story { team, changes } = story(seed, copies);
        let mut rng = ChaCha20Rng::seed_from_u64(order);
        let mut records: Vec<Record> = (0..5).map(|_| team.record()).collect();
        for change in &changes {
            let of = pick(&mut rng, 5);
            take_all(&mut records[of], [change]);
        }
        // What came before its predecessor was dropped above: nothing but what is here can spread.
        let here: Vec<SignedChange> = records.iter().flat_map(Record::changes).cloned().collect();
        let mut rounds = 0;
        while (0..5).any(|i| records[i].heads() != records[0].heads()) {
            rounds += 1;
            prop_assert!(rounds <= 6, "still different after {} rounds", rounds);
            for (i, j) in (0..5).flat_map(|i| (0..5).map(move |j| (i, j))).filter(|(i, j)| i != j) {
                let from = records[i].clone();
                exchange(&from, &mut records[j]);
            }
        }
        let whole = team.record_of(&here);
        for record in &records {
            prop_assert_eq!(record.heads(), whole.heads());
            prop_assert_eq!(record.state(), whole.state());
            prop_assert_eq!(record.document_heads(), whole.document_heads());
        }
    }

    #[test]
    fn a_replica_takes_the_same_record_in_any_order_with_certificates_last(
        seed in 0..1_000_u64, copies in 0..4_usize, order: u64,
    ) {
        let Story { team, changes } = story(seed, copies);
        let expected = look(&team.record_of(&changes));
        let mut rng = ChaCha20Rng::seed_from_u64(order);
        let mut items: Vec<Item> =
            changes.iter().map(|change| Item::new(ItemKind::RecordChange, change.bytes())).collect();
        let certificates = team.world.archive.certificates.iter();
        items.extend(certificates.map(|c| Item::new(ItemKind::Certificate, c.bytes())));
        shuffle(&mut items, &mut rng);
        let mut replica = Replica::new(&team.world.archive.package, &team.unit).expect("its unit");
        let mut stored = Vec::new();
        for item in &items {
            let (applied, woken) = replica.apply(item);
            prop_assert!(!matches!(applied, Applied::Refused(_)), "{applied:?}");
            stored.extend((applied == Applied::New).then(|| item.clone()));
            stored.extend(woken);
        }
        prop_assert_eq!(look(replica.record()), expected.clone());
        let mut again = Replica::new(&team.world.archive.package, &team.unit).expect("its unit");
        stored.iter().for_each(|item| drop(again.apply(item)));
        prop_assert_eq!(look(again.record()), expected);
    }
}

/// Every order of a few things.
fn orders<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.len() < 2 {
        return vec![items.to_vec()];
    }
    let without = |i: usize| [&items[..i], &items[i + 1..]].concat();
    let begun = |i: usize| orders(&without(i)).into_iter().map(move |rest| (i, rest));
    (0..items.len()).flat_map(begun).map(|(i, rest)| [&[items[i].clone()], &rest[..]].concat()).collect()
}

#[test]
fn three_twins_and_what_follows_on_each_give_one_record_in_every_order() {
    let mut team = Team::new(50);
    let mut pen = team.pen();
    let first = pen.note(LAN, figure(FigureKind::Present, 10));
    let mut changes = vec![first.clone()];
    let mut hashes = Vec::new();
    for value in 1..=3 {
        let mut copy = pen.copy();
        let twin = copy.note(LAN, figure(FigureKind::Summoned, value));
        hashes.push(twin.value().hash);
        changes.push(twin);
        if value < 3 {
            changes.push(copy.note(LAN, figure(FigureKind::Printed, value)));
        }
    }
    hashes.sort_unstable();
    let expected = look(&team.record_of(&changes));
    for order in orders(&changes) {
        let record = team.record_of(&order);
        assert_eq!(look(&record), expected);
        let (one, other) = record.twins().next().expect("twins");
        assert_eq!([one.value().hash, other.value().hash], hashes[..2]);
        assert_eq!(record.document_heads(), [first.value().hash]);
    }
    assert_eq!(expected.state.figure(FigureKind::Present), Some(10));
    assert_eq!(expected.state.figure(FigureKind::Summoned), None, "no twin counts");
    assert_eq!(expected.state.figure(FigureKind::Printed), None, "nor does what follows on one");
}

#[test]
fn earlier_twins_take_the_place_of_later_ones() {
    let mut team = Team::new(51);
    let mut pen = team.pen();
    let mut copy = pen.copy();
    let long = [1, 2, 3].map(|value| pen.note(LAN, figure(FigureKind::Present, value)));
    let late = {
        let mut copy = pen.copy();
        [4, 5]
            .map(|value| (value, copy.note(LAN, figure(FigureKind::Present, value))))
            .map(|(_, change)| change)
    };
    let other = pen.note(MINH, figure(FigureKind::Present, 9));
    let mut record = team.record_of(long.iter().chain(&late).chain([&other]));
    assert_eq!(record.signed_heads(), [(pen.writer.actor(), 3)]);
    let early = copy.note(MINH, figure(FigureKind::Present, 8));
    assert_eq!(record.take(early.clone()), Taken::New);
    assert_eq!(record.signed_heads(), [], "the very first is in doubt now");
    assert_eq!(record.state().figures.len(), 0);
    assert_eq!(record.heads()[0].sequence, 1);
    for change in long[1..].iter().chain(&late) {
        assert_eq!(record.take(change.clone()), Taken::AlreadyHere, "left out for good");
    }
    assert_eq!(look(&record), look(&team.record_of([&early, &long[0]])));
}

#[test]
fn the_same_entries_under_another_sheet_are_one_change_and_no_twins() {
    let mut team = Team::new(52);
    let mut pen = team.pen();
    let mut other = pen.under(SheetHash([9; 32]));
    let (one, two) = (pen.note(LAN, Act::CheckIn { voter: 1 }), other.note(LAN, Act::CheckIn { voter: 1 }));
    assert_eq!(one.value().hash, two.value().hash, "the sheet is a mark, not part of the document");
    assert_ne!(one.id(), two.id());
    let (ab, ba) = (team.record_of([&one, &two]), team.record_of([&two, &one]));
    assert_eq!(look(&ab), look(&ba));
    assert_eq!(ab.twins().count(), 0);
    let smaller = one.bytes().min(two.bytes());
    assert_eq!(ab.changes().map(SignedChange::bytes).collect::<Vec<_>>(), [smaller]);
    assert_eq!(ab.heads(), team.record_of([&one]).heads(), "equal heads hide nothing");
}

#[test]
fn a_side_that_has_only_one_twin_learns_of_the_other_whichever_it_has() {
    let mut team = Team::new(53);
    let mut pen = team.pen();
    let mut copy = pen.copy();
    let ours = [1, 2, 3].map(|value| pen.note(LAN, figure(FigureKind::Present, value)));
    let theirs = [7].map(|value| copy.note(MINH, figure(FigureKind::Present, value)));
    let (mut a, mut b) = (team.record_of(&ours), team.record_of(&theirs));
    assert!(a.lacks_any(&b.heads()), "their first change is another, although ours is the longer chain");
    assert!(b.lacks_any(&a.heads()));
    assert!(exchange(&a, &mut b) > 0);
    assert!(exchange(&b, &mut a) > 0);
    assert_eq!(look(&a), look(&b));
    assert_eq!(a.twins().count(), 1);
}

#[test]
fn every_replica_exports_the_same_document() {
    let Story { team, changes } = story(54, 2);
    let mut backwards = changes.clone();
    backwards.reverse();
    let (a, b) = (team.record_of(&changes), team.record_of(&backwards));
    assert_eq!(a.document(), b.document());
    assert_eq!(a.document_heads(), b.document_heads());
}

#[test]
fn a_tablet_that_starts_again_writes_a_chain_of_its_own() {
    let mut team = Team::new(55);
    let mut pen = team.pen();
    let before = pen.note(LAN, figure(FigureKind::Present, 1));
    let mut again = pen.restarted(2);
    let after = again.note(LAN, figure(FigureKind::Summoned, 2));
    let lost = pen.note(LAN, figure(FigureKind::Printed, 3));
    let record = team.record_of([&before, &after, &lost]);
    assert_eq!(record.twins().count(), 0);
    assert_eq!(record.state().figures.len(), 3);
    assert_eq!(record.signed_heads().len(), 2);
}

#[test]
fn changes_sealed_to_a_reader_open_for_it_alone_and_lose_nothing() {
    use sync_core::record::{Reader, SealError};
    let Story { team, changes } = story(56, 3);
    let mut rng = ChaCha20Rng::seed_from_u64(56);
    let secret = bytes32(&mut rng);
    let seal = sync_core::ballot::BoxSecret::from_bytes(&secret).expect("a key").public();
    let reader = Reader { device: sync_core::device::device_id(&team.world.centre.public(), &seal), seal };
    let many = (0..40).flat_map(|_| changes.iter().map(|change| change.bytes().to_vec()));
    let many: Vec<Vec<u8>> = many.collect();
    let lists = SealedChanges::cut(many.clone());
    assert!(lists.len() > 1, "more than one fits into");
    let mut opened = Vec::new();
    for list in lists {
        let sealed =
            SealedChanges::seal(&team.package, &team.unit, &reader, list, &mut rng).expect("it fits");
        assert_eq!(sealed.open(&bytes32(&mut rng)), Err(SealError::Open));
        let mut moved = sealed.clone();
        moved.unit = sync_core::id::UnitCode::new("U2").expect("a code");
        assert_eq!(moved.open(&secret), Err(SealError::Open), "it belongs to its unit");
        opened.extend(sealed.open(&secret).expect("its reader opens it"));
    }
    assert_eq!(opened, many);
}

#[test]
fn a_change_of_one_entry_takes_less_than_350_bytes_and_one_of_ten_less_than_150_for_each() {
    let mut team = Team::new(57);
    let mut pen = team.pen();
    pen.note(LAN, Act::CheckIn { voter: 1 });
    let any = |voter| [noted(LAN, Act::CheckIn { voter }), noted(LAN, Act::Slip { voter })];
    for entry in any(5_000).into_iter().chain([noted(MINH, figure(FigureKind::Present, 5_000))]) {
        let bytes = pen.write(vec![entry]).bytes().len();
        assert!(bytes < 350, "{bytes} bytes");
    }
    let ten = pen.write((4_990..4_995).flat_map(any).collect()).bytes().len();
    assert!(ten < 10 * 150, "{ten} bytes");
}
