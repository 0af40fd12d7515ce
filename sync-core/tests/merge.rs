//! Merge laws: whatever way the same items take, the replica and the result are the same, byte for byte.

use crate::common::{World, permit_unit};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use std::sync::LazyLock;
use sync_core::cbor;
use sync_core::message::{Item, ItemKind, Outcome};
use sync_core::package::PermitChange;
use sync_core::receipt::Receipt;
use sync_core::replica::{Applied, Replica};

/// A finished story of one unit: every kind of item, a clone, a revoked tablet, a replaced sheet, late joiners.
struct Story {
    world: World,
    items: Vec<Item>,
    whole: Vec<u8>,
    result: Vec<u8>,
}

static STORY: LazyLock<Story> = LazyLock::new(story);

fn story() -> Story {
    let mut world = World::new(21, &[permit_unit(24, 2)]);
    let sheet = |world: &World| Item::new(ItemKind::Sheet, cbor::encode(world.sheet(0)));
    let mut items = vec![sheet(&world)];
    let mut tablets = [world.enrol(0), world.enrol(0), world.enrol(0)];
    let mut twin = tablets[1].twin();
    let mut slip = 0;
    for (which, ballots, closing) in [(0, 6, false), (1, 3, false), (0, 2, true), (2, 4, false), (1, 0, true)]
    {
        let records = (0..ballots).map(|_| {
            slip += 1;
            let lines = world.marks(0);
            world.ballot(0, slip - 1, &lines)
        });
        let records = records.collect();
        world.send(&mut tablets[which], records, closing);
    }
    world.send(&mut twin, Vec::new(), true);
    let replacement = world.replace_sheet(0, PermitChange::Kept, |sheet| {
        sheet.officials[0].name = "Nguyễn Văn Một".to_owned();
    });
    items.push(Item::new(ItemKind::SheetReplacement, replacement.bytes()));
    items.push(sheet(&world));
    let lines = world.marks(0);
    let ballot = world.ballot(0, slip, &lines);
    world.send(&mut tablets[2], vec![ballot], true);
    world.revoke(tablets[2].device);
    let archive = &world.archive;
    items.extend(archive.certificates.iter().map(|c| Item::new(ItemKind::Certificate, c.bytes())));
    items.extend(archive.revocations.iter().map(|r| Item::new(ItemKind::Revocation, r.bytes())));
    items.extend(archive.envelopes.values().map(|e| Item::new(ItemKind::Envelope, e.bytes())));
    let unit = world.units[0].code.clone();
    let ids: Vec<_> = archive.envelopes.keys().copied().collect();
    for envelopes in [ids[..2].to_vec(), ids.clone()] {
        let receipt = Receipt { package: world.package(), unit: unit.clone(), envelopes };
        let signed = sync_core::cose::Signed::sign(receipt, &world.centre);
        items.push(Item::new(ItemKind::Receipt, signed.bytes()));
    }
    let mut replica = empty(&world);
    items.iter().for_each(|item| drop(replica.apply(item)));
    let whole = replica.canonical_bytes();
    let result = result_of(&world, &replica);
    Story { world, items, whole, result }
}

fn empty(world: &World) -> Replica {
    Replica::new(&world.archive.package, &world.units[0].code).expect("its unit")
}

/// The result that trustees sign when the centre's envelopes are those of this replica.
fn result_of(world: &World, replica: &Replica) -> Vec<u8> {
    let mut other = World::new(21, &[permit_unit(24, 2)]);
    assert_eq!(other.package(), world.package());
    other.units[0].sheet = world.units[0].sheet;
    other.archive = world.archive.clone();
    other.archive.envelopes.clear();
    replica.envelopes().for_each(|envelope| other.archive.add_envelope(envelope.clone()));
    other.order(&[]);
    other.try_count().expect("an order that can be counted").into_bytes()
}

/// A way for the items to come: an order, with `extra` repetitions.
fn shuffled(seed: u64, extra: usize) -> Vec<Item> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut pick = |bound: usize| usize::try_from(rng.next_u64() % bound as u64).expect("less than a usize");
    let mut items = STORY.items.clone();
    for _ in 0..extra {
        items.push(STORY.items[pick(STORY.items.len())].clone());
    }
    for i in (1..items.len()).rev() {
        items.swap(i, pick(i + 1));
    }
    items
}

fn apply_all(items: &[Item]) -> Replica {
    let mut replica = empty(&STORY.world);
    for item in items {
        let (applied, _) = replica.apply(item);
        assert!(!matches!(applied, Applied::Refused(_)), "{item:?}: {applied:?}");
    }
    replica
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_with_any_repetition_gives_the_same_replica(seed: u64, extra in 0..20_usize) {
        let replica = apply_all(&shuffled(seed, extra));
        prop_assert_eq!(replica.canonical_bytes(), STORY.whole.clone());
        prop_assert_eq!(replica.survey(), apply_all(&STORY.items).survey());
    }

    #[test]
    fn any_grouping_and_any_side_merged_into_the_other_gives_the_same_replica(
        seed: u64, extra in 0..20_usize, first in 0..20_usize, second in 0..20_usize,
    ) {
        let items = shuffled(seed, extra);
        let (a, rest) = items.split_at(first.min(items.len()));
        let (b, c) = rest.split_at(second.min(rest.len()));
        let [a, b, c] = [a, b, c].map(apply_all);
        let (mut left, mut right) = (a.clone(), b.clone());
        left.merge(&b);
        left.merge(&c);
        right.merge(&c);
        right.merge(&a);
        prop_assert_eq!(left.canonical_bytes(), STORY.whole.clone());
        prop_assert_eq!(right.canonical_bytes(), STORY.whole.clone());
    }

    #[test]
    fn merging_two_partial_replicas_gives_the_same_whichever_is_first_and_once_more_changes_nothing(
        seed: u64, first in 0..20_usize, second in 0..20_usize,
    ) {
        let items = shuffled(seed, 0);
        let a = apply_all(&items[..first.min(items.len())]);
        let b = apply_all(&items[items.len() - second.min(items.len())..]);
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(&b);
        ba.merge(&a);
        prop_assert_eq!(ab.canonical_bytes(), ba.canonical_bytes());
        let before = ab.canonical_bytes();
        ab.merge(&a);
        ab.merge(&ba);
        prop_assert_eq!(ab.canonical_bytes(), before);
    }

    #[test]
    fn a_subset_that_is_completed_later_gives_the_same_replica_and_the_same_result(
        seed: u64, keep in 0..20_usize,
    ) {
        let items = shuffled(seed, 3);
        let mut replica = apply_all(&items[..keep.min(items.len())]);
        // A tablet stops here and starts again from what it stored.
        let stored = replica.items();
        replica = apply_all(&stored);
        items.iter().rev().for_each(|item| drop(replica.apply(item)));
        prop_assert_eq!(replica.canonical_bytes(), STORY.whole.clone());
        prop_assert_eq!(result_of(&STORY.world, &replica), STORY.result.clone());
    }

    #[test]
    fn what_woke_up_is_reported_once_so_that_storing_what_is_reported_stores_everything(seed: u64) {
        let mut replica = empty(&STORY.world);
        let mut stored = Vec::new();
        for item in shuffled(seed, 5) {
            let (applied, woken) = replica.apply(&item);
            stored.extend((applied == Applied::New).then_some(item));
            stored.extend(woken);
        }
        let mut distinct = stored.clone();
        distinct.sort_by(|a, b| (a.kind, &a.bytes).cmp(&(b.kind, &b.bytes)));
        distinct.dedup();
        prop_assert_eq!(distinct.len(), stored.len());
        prop_assert_eq!(apply_all(&stored).canonical_bytes(), STORY.whole.clone());
    }
}

#[test]
fn the_same_envelope_by_five_routes_is_one_envelope() {
    let envelope = STORY.items.iter().find(|item| item.kind == ItemKind::Envelope).unwrap();
    let mut replica = apply_all(&STORY.items);
    for _ in 0..5 {
        assert_eq!(replica.apply(envelope).0, Applied::AlreadyHere);
    }
    assert_eq!(replica.canonical_bytes(), STORY.whole);
}

#[test]
fn a_refused_item_changes_nothing() {
    let mut replica = apply_all(&STORY.items);
    let envelope = STORY.items.iter().find(|item| item.kind == ItemKind::Envelope).unwrap();
    let mut forged = envelope.bytes.clone();
    let payload = forged.len() - 66 - 20;
    forged[payload] ^= 1;
    let stranger = World::new(22, &[permit_unit(24, 2)]);
    let sheet = cbor::encode(stranger.sheet(0));
    for (item, outcome) in [
        (Item::new(ItemKind::Envelope, forged), Outcome::BadSignature),
        (Item::new(ItemKind::Envelope, b"".as_slice()), Outcome::Malformed),
        (Item::new(ItemKind::Receipt, envelope.bytes.clone()), Outcome::Malformed),
        (Item::new(ItemKind::RoundStatement, envelope.bytes.clone()), Outcome::Malformed),
        (Item::new(ItemKind::RecordChange, envelope.bytes.clone()), Outcome::Malformed),
    ] {
        assert_eq!(replica.apply(&item), (Applied::Refused(outcome), Vec::new()), "{item:?}");
        assert_eq!(replica.canonical_bytes(), STORY.whole);
    }
    assert_eq!(replica.apply(&Item::new(ItemKind::Sheet, sheet)).0, Applied::Waits, "an unknown sheet waits");
}

#[test]
fn a_flood_of_items_that_wait_is_bounded_and_shuts_nobody_out() {
    let mut world = World::new(23, &[permit_unit(5, 1)]);
    let mut replica = empty(&world);
    for _ in 0..=sync_core::replica::WAITING_MAX {
        let mut tablet = world.enrol(0);
        let envelope = world.send(&mut tablet, Vec::new(), true);
        let applied = replica.apply(&Item::new(ItemKind::Envelope, envelope.bytes())).0;
        assert_eq!(applied, Applied::Waits, "the newest always finds room");
    }
    // Once certificates come, what waited is taken; what had to make room comes again from its sender.
    for certificate in &world.archive.certificates {
        replica.apply(&Item::new(ItemKind::Certificate, certificate.bytes()));
    }
    assert_eq!(replica.envelopes().count(), sync_core::replica::WAITING_MAX);
    for envelope in world.archive.envelopes.values() {
        replica.apply(&Item::new(ItemKind::Envelope, envelope.bytes()));
    }
    assert_eq!(replica.envelopes().count(), world.archive.envelopes.len());
}
