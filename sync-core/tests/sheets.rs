//! Sheets and what replaces them: which one holds, whatever order the statements come in, and when two mean the same.

use crate::common::{World, attended_unit, permit_unit};
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::id::{Nullifier, SheetHash, UnitCode};
use sync_core::package::{PermitChange, Sheet, SheetError, SheetReplacement, current_sheet, sheet_chain};
use sync_core::permit::{LookupError, look_up};

const FIRST: SheetHash = SheetHash([0; 32]);

fn hash(byte: u8) -> SheetHash {
    SheetHash([byte; 32])
}

/// A statement with this number that the first sheet here is replaced by the second.
fn replacement(world: &World, number: u32, old: SheetHash, new: SheetHash) -> Signed<SheetReplacement> {
    let (package, unit) = (world.package(), world.units[0].code.clone());
    let (permits, reason) = (PermitChange::Kept, "Sai họ tên".to_owned());
    Signed::sign(SheetReplacement { package, unit, number, old, new, permits, reason }, &world.centre)
}

fn world() -> World {
    World::new(110, &[permit_unit(5, 2), attended_unit(5, 2)])
}

#[test]
fn replacements_follow_on_each_other_in_whatever_order_they_come() {
    let world = world();
    let [one, two, three] = [(1, FIRST, hash(1)), (2, hash(1), hash(2)), (3, hash(2), hash(3))]
        .map(|(number, old, new)| replacement(&world, number, old, new));
    let whole = vec![FIRST, hash(1), hash(2), hash(3)];
    for order in [[&one, &two, &three], [&three, &two, &one], [&two, &three, &one]] {
        assert_eq!(sheet_chain(FIRST, order), whole);
        assert_eq!(current_sheet(FIRST, order), hash(3));
    }
    assert_eq!(sheet_chain(FIRST, [&three, &one]), whole[..2], "the second is still on its way");
    assert_eq!(sheet_chain(FIRST, []), [FIRST]);
    assert_eq!(current_sheet(FIRST, []), FIRST);
}

#[test]
fn a_replacement_that_follows_on_another_sheet_or_has_another_number_does_not_count() {
    let world = world();
    let one = replacement(&world, 1, FIRST, hash(1));
    for (number, old) in [(2, FIRST), (2, hash(7)), (3, hash(1)), (1, hash(1))] {
        let odd = replacement(&world, number, old, hash(9));
        assert_eq!(sheet_chain(FIRST, [&one, &odd]), [FIRST, hash(1)], "{number} on {old:?}");
    }
}

#[test]
fn of_two_replacements_with_one_number_the_same_holds_everywhere() {
    let world = world();
    let (a, b) = (replacement(&world, 1, FIRST, hash(1)), replacement(&world, 1, FIRST, hash(2)));
    let smaller = if a.id() < b.id() { hash(1) } else { hash(2) };
    assert_eq!([current_sheet(FIRST, [&a, &b]), current_sheet(FIRST, [&b, &a])], [smaller, smaller]);
}

#[test]
fn a_ballot_means_the_same_under_equal_codes_in_equal_order_in_the_same_unit() {
    let world = world();
    let sheet = world.sheet(0);
    let changed = |change: &dyn Fn(&mut Sheet)| {
        let mut other = sheet.clone();
        change(&mut other);
        sheet.same_ballot(&other)
    };
    assert!(changed(&|_| ()));
    assert!(changed(&|sheet| sheet.officials[0].name = "Đúng Tên".to_owned()));
    assert!(changed(&|sheet| sheet.officials[1].post = "Bí thư".to_owned()));
    assert!(!changed(&|sheet| sheet.officials.reverse()));
    assert!(!changed(&|sheet| sheet.officials.truncate(1)));
    assert!(!changed(&|sheet| sheet.officials[0].code = "khac".to_owned()));
    assert!(!changed(&|sheet| sheet.unit = UnitCode::new("U2").expect("a code")), "codes of another unit");
}

#[test]
fn a_sheet_is_opened_under_its_own_hash_alone() {
    let world = world();
    let sheet = world.sheet(0);
    let bytes = cbor::encode(sheet);
    assert_eq!(Sheet::open(&bytes, &sheet.hash()).as_ref(), Ok(sheet));
    let unit = sheet.unit.clone();
    assert_eq!(Sheet::open(&bytes, &world.sheet(1).hash()), Err(SheetError::Hash { unit }));
    assert!(matches!(Sheet::open(&bytes[1..], &sheet.hash()), Err(SheetError::Format(_))));
}

#[test]
fn a_slip_is_looked_up_in_the_sheet_of_its_own_unit() {
    let world = World::new(111, &[permit_unit(5, 2), permit_unit(5, 2)]);
    for (slip, code) in world.units[0].slips.iter().enumerate() {
        assert_eq!(look_up(code, world.sheet(0)), Ok(world.nullifier(0, slip)));
        assert_eq!(look_up(code, world.sheet(1)), Err(LookupError::NotOfThisUnit));
    }
    assert!(!world.sheet(0).issued(&Nullifier([0; 16])));
}
