//! A courier: what it holds, how much it takes, and what it brings back.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::{MemoryStore, Store};
use client_ffi::{CARRY_ROOM, ImportReport, NextStep, Tablet};
use common::team::{Memory, courier, noted};
use common::{TEAM, World, marks, official, rng, unit, voter_name};
use sync_core::message::{ItemKind, Outcome};
use sync_core::parcel::Recipient;

fn closed(world: &World, seed: u64, voters: std::ops::Range<usize>) -> Memory {
    let mut tablet = world.tablet(MemoryStore::default(), seed);
    cast(world, &mut tablet, voters);
    tablet
}

fn cast(world: &World, tablet: &mut Memory, voters: std::ops::Range<usize>) {
    for voter in voters {
        tablet.cast(&unit("A"), world.permit("A", voter), &marks(voter)).unwrap();
    }
    tablet.close(&unit("A")).unwrap();
}

fn refused(report: &ImportReport) -> &[(ItemKind, Outcome)] {
    &report.units[&unit("A")].refused
}

fn contains(value: &[u8], part: &[u8]) -> bool {
    value.windows(part.len()).any(|found| found == part)
}

/// Whatever nobody may find on a courier.
fn secrets(world: &World) -> Vec<String> {
    let officials = (0..common::OFFICIALS).map(|i| official(i).name);
    let codes = world.permits.values().flatten().map(|code| code.reveal().to_string());
    let bare = world.permits.values().flatten().map(|code| code.reveal().replace('-', ""));
    let noted = ["Giàng Seo Phử", "Giàng Thị Mỷ"].map(str::to_owned);
    let voters = (1..=37).map(voter_name);
    voters.chain(TEAM.map(str::to_owned)).chain(noted).chain(officials).chain(codes).chain(bare).collect()
}

#[test]
fn no_byte_that_a_courier_holds_is_a_ballot_a_code_or_a_name() {
    let world = World::with_names(61);
    let (mut tablet, _acting) = noted(&world, 1);
    cast(&world, &mut tablet, 0..9);
    let author = tablet.store().values().values().any(|value| contains(value, "Cán bộ".as_bytes()));
    assert!(author, "what is looked for stands on the tablet itself");
    let mut carrier = courier(&world);
    carrier.import(&tablet.export(Recipient::Centre).unwrap()).unwrap();
    // Whatever else a careless hand gives it.
    for message in tablet.share_sheet(&unit("A")).unwrap() {
        carrier.take(&message).unwrap();
    }
    carrier.sync(&world).unwrap();
    assert!(carrier.courier().unwrap().carried.parcels > 0, "the record is carried, sealed");
    let secrets = secrets(&world);
    let look = |carrier: &Memory| {
        for (key, value) in carrier.store().values() {
            for secret in &secrets {
                assert!(!contains(value, secret.as_bytes()), "{secret} in {key}");
                assert!(!key.as_str().contains(secret.as_str()));
            }
            let clear = [ItemKind::Sheet, ItemKind::SheetReplacement, ItemKind::RecordChange];
            let kinds = clear.map(|kind| (kind as u8).to_string());
            assert!(
                !matches!(key.parts()[..], ["item", _, kind, _] if kinds.iter().any(|clear| clear == kind))
            );
            let own =
                ["box", "boxkey", "chain", "confirmed", "handed", "paper", "paperkey", "paperentry", "pin"];
            assert!(!own.contains(&key.parts()[0]), "{key} is of a device that takes ballots");
        }
    };
    look(&carrier);
    let again = Tablet::open_with(carrier.into_store(), rng(3)).unwrap();
    look(&again);
}

#[test]
fn a_full_courier_says_so_takes_the_rest_and_loses_nothing() {
    let world = World::new(62);
    let mut tablet = closed(&world, 1, 0..12);
    let mut carrier = courier(&world);
    assert_eq!(carrier.courier().unwrap().left(), CARRY_ROOM);
    let sizes: Vec<u64> = tablet
        .replica(&unit("A"))
        .unwrap()
        .envelopes()
        .map(|envelope| envelope.bytes().len() as u64)
        .collect();
    assert!(sizes.len() > 1);
    let all: u64 = sizes.iter().sum();
    carrier.set_carry_room(all - 1).unwrap();
    let file = tablet.export(Recipient::Anyone).unwrap();
    let report = carrier.import(&file).unwrap();
    assert_eq!(refused(&report), [(ItemKind::Envelope, Outcome::TooMany)], "the one that does not go in");
    assert_eq!(report.units[&unit("A")].envelopes, sizes.len() - 1);
    // What it holds is success again, what it lacks is refused again; also after a restart.
    let mut carrier = Tablet::open_with(carrier.into_store(), rng(4)).unwrap();
    let again = carrier.import(&file).unwrap();
    assert!(again.brought_nothing());
    assert_eq!(refused(&again), refused(&report));
    let view = carrier.courier().unwrap();
    assert!(view.left() < *sizes.iter().max().unwrap() && view.carried.bytes as u64 <= view.room);
    // The tablet does not take for handed over what was refused.
    tablet.import(&carrier.acknowledge().unwrap()).unwrap();
    let counts = tablet.counts(&unit("A"));
    assert_eq!(counts.handed_over + counts.sealed, 12);
    assert!(
        matches!(tablet.status().unwrap().next, NextStep::HandOver { .. }),
        "not everything is elsewhere"
    );
    carrier.set_carry_room(all).unwrap();
    assert_eq!(refused(&carrier.import(&file).unwrap()), []);
    assert_eq!(carrier.courier().unwrap().left(), 0);
}

#[test]
fn a_full_courier_brings_receipts_and_the_statement_back_and_has_room_again_by_it() {
    let world = World::new(63);
    let a = unit("A");
    let mut tablet = closed(&world, 1, 0..7);
    let mut carrier = courier(&world);
    carrier.import(&tablet.export(Recipient::Anyone).unwrap()).unwrap();
    carrier.set_carry_room(0).unwrap();
    let held = carrier.courier().unwrap().carried.envelopes;
    carrier.sync(&world).unwrap();
    let view = carrier.courier().unwrap();
    assert_eq!((view.carried.envelopes, view.carried.unconfirmed), (held, 0), "a receipt deletes nothing");
    tablet.import(&carrier.export(Recipient::Anyone).unwrap()).unwrap();
    assert_eq!(tablet.counts(&a).confirmed, 7);
    // Full as it is, it takes what one tablet brings of the centre's word to another.
    let mut second = courier(&world);
    second.set_carry_room(0).unwrap();
    let brought = second.import(&tablet.export(Recipient::Anyone).unwrap()).unwrap();
    assert!(brought.units[&a].receipts > 0);
    assert!(refused(&brought).iter().all(|(kind, _)| *kind == ItemKind::Envelope));
    world.finish("A");
    carrier.sync(&world).unwrap();
    assert_eq!(carrier.courier().unwrap().carried.bytes, 0, "the statement makes room");
    tablet.import(&carrier.export(Recipient::Anyone).unwrap()).unwrap();
    assert_eq!(tablet.status().unwrap().next, NextStep::PutAway);
}

#[test]
fn what_a_tablet_carries_never_keeps_out_its_own_unit() {
    let world = World::new(64);
    let mut first = closed(&world, 1, 0..7);
    let mut second = world.tablet(MemoryStore::default(), 2);
    second.set_carry_room(0).unwrap();
    let report = second.import(&first.export(Recipient::Anyone).unwrap()).unwrap();
    assert_eq!(refused(&report), []);
    assert!(report.units[&unit("A")].envelopes > 0);
}

#[test]
fn a_damaged_setting_stands_in_no_ballots_way() {
    let world = World::new(65);
    let mut tablet = closed(&world, 1, 0..7);
    let mut carrier = courier(&world);
    carrier.set_carry_room(1).unwrap();
    let mut store = carrier.into_store();
    let key = store.keys().unwrap().into_iter().find(|key| key.as_str() == "room").unwrap();
    store.value_mut(&key).unwrap().clear();
    let mut carrier = Tablet::open_with(store, rng(5)).unwrap();
    assert_eq!(refused(&carrier.import(&tablet.export(Recipient::Anyone).unwrap()).unwrap()), []);
    assert_eq!(carrier.courier().unwrap().room, CARRY_ROOM);
}
