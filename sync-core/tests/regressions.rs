//! Faults that were found once and must not come back.

use crate::common::{Lines, World, attended_unit, permit_unit, unit_of};
use sync_core::ballot::{Record, record_len};
use sync_core::cbor::{self, FormatError, Writer};
use sync_core::cose::Signed;
use sync_core::id::{SheetHash, UnitCode};
use sync_core::message::{Item, ItemKind, Message};
use sync_core::open_box::{BOX_MAX, InsertError, OpenBox};
use sync_core::order::Ruling;
use sync_core::package::OFFICIALS_MAX;
use sync_core::receipt::Receipt;
use sync_core::replica::{Applied, Replica};

#[test]
fn ballots_copied_into_another_unit_spoil_nothing_in_their_own() {
    let mut world = World::new(1, &[attended_unit(20, 2), permit_unit(20, 2)]);
    let (mut thief, mut tablet) = (world.enrol(0), world.enrol(1));
    let marks: Lines = vec![Some(1), None];
    let ballots: Vec<Record> = (0..6).map(|slip| world.ballot(1, slip, &marks)).collect();
    let foreign_sheet = world.units[1].sheet;
    let copy = world.seal_envelope(&mut thief, foreign_sheet, ballots.clone(), true);
    world.archive.add_envelope(copy.clone());
    world.send(&mut tablet, ballots, true);
    world.order(&[(0, Ruling::Admit(copy.envelope_id()))]);
    let result = world.count();
    assert_eq!(unit_of(&result, &world, 1).valid, 6, "opened as what they are, whatever was tried elsewhere");
    assert_eq!(unit_of(&result, &world, 0).valid, 0);
}

#[test]
fn a_box_filled_to_the_brim_with_the_longest_ballots_reads_back() {
    let length = record_len(OFFICIALS_MAX);
    let mut open_box = OpenBox::new(UnitCode::new("A").unwrap(), SheetHash([1; 32]), length);
    let record = |i: usize| {
        let mut bytes = vec![0; length];
        bytes[..8].copy_from_slice(&(i as u64).to_be_bytes());
        Record::from_slice(&bytes).unwrap()
    };
    for i in 0..BOX_MAX {
        open_box.insert(record(i)).unwrap();
    }
    assert_eq!(open_box.insert(record(BOX_MAX)), Err(InsertError::Full));
    assert_eq!(cbor::decode::<OpenBox>(&cbor::encode(&open_box)).unwrap(), open_box);
}

#[test]
fn a_newer_version_is_named_as_such_even_where_it_has_another_length() {
    for length in [2, 6, 9] {
        let mut w = Writer::new();
        w.array(length).uint(2_u64);
        for _ in 1..length {
            w.null();
        }
        let refused = cbor::decode::<Message>(&w.finish());
        assert!(matches!(refused, Err(FormatError::Version { found: 2, known: 1, .. })), "{refused:?}");
    }
}

#[test]
fn one_content_under_two_good_signatures_ends_with_the_same_bytes_everywhere() {
    let mut world = World::new(2, &[permit_unit(20, 2)]);
    let mut tablet = world.enrol(0);
    let lines = world.marks(0);
    let ballot = world.ballot(0, 0, &lines);
    let envelope = world.send(&mut tablet, vec![ballot], true);
    let receipt = Receipt {
        package: world.package(),
        unit: world.units[0].code.clone(),
        envelopes: vec![envelope.envelope_id()],
    };
    // The library signs deterministically; another signer need not. A second signature is as good where it verifies,
    // and a bad one never replaces a good one.
    let good = Signed::sign(receipt, &world.centre);
    let mut smaller = good.bytes().to_vec();
    let at = smaller.len() - 64;
    smaller[at..].fill(0);
    let replica = |items: &[&[u8]]| {
        let mut replica = Replica::new(&world.archive.package, &world.units[0].code).unwrap();
        let applied: Vec<Applied> =
            items.iter().map(|bytes| replica.apply(&Item::new(ItemKind::Receipt, *bytes)).0).collect();
        (replica.canonical_bytes(), applied)
    };
    let (one, _) = replica(&[good.bytes()]);
    let (two, applied) = replica(&[good.bytes(), &smaller]);
    let (three, _) = replica(&[&smaller, good.bytes()]);
    assert!(one == two && two == three);
    assert!(
        matches!(applied[1], Applied::Refused(_)),
        "an id that is known is no excuse for a bad signature"
    );
}

#[test]
fn a_unit_of_which_nothing_was_shown_yet_takes_any_number_of_late_ballots() {
    for (first, late) in [(0, 3), (2, 2), (3, 4), (4, 1)] {
        let mut world = World::new(3, &[permit_unit(20, 2)]);
        let mut tablet = world.enrol(0);
        let cast = |world: &mut World, slips: std::ops::Range<usize>| -> Vec<Record> {
            slips.map(|slip| world.ballot(0, slip, &[Some(0), Some(1)])).collect()
        };
        if first > 0 {
            let ballots = cast(&mut world, 0..first);
            world.send(&mut tablet, ballots, false);
        }
        let before = world.open_all();
        assert!(unit_of(&before, &world, 0).lines.is_none());
        let ballots = cast(&mut world, first..first + late);
        world.send(&mut tablet, ballots, true);
        let after = world.open_all();
        let figures = unit_of(&after, &world, 0);
        assert_eq!((figures.valid as usize, figures.stands), (first + late, false));
        assert_eq!(figures.lines.is_some(), first + late >= 5, "and levels appear only at the limit");
    }
}
