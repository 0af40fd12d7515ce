//! Permits, judged at the opening, nullifier by nullifier: the design's rules as a table.

use crate::common::{LEVELS, Lines, World, as_map, attended_unit, permit_unit, tally, unit_of};
use std::collections::BTreeMap;
use sync_core::ballot::{Claim, Record};
use sync_core::count::{Fact, InvalidReason, UnitResult};
use sync_core::id::Nullifier;
use sync_core::order::Ruling;
use sync_core::package::{PermitChange, commitment};
use sync_core::permit::{PermitCode, draw_permits};

const OFFICIALS: usize = 3;
/// Ballots that have nothing to do with the case and make the levels visible.
const OTHERS: usize = 5;
const A: [Option<u8>; OFFICIALS] = [Some(0), Some(1), None];
const B: [Option<u8>; OFFICIALS] = [Some(0), Some(2), None];

/// What is done with slip 0 (or beside it), as ballots that reach the centre.
enum Do {
    /// The voter's ballot, freshly sealed with these marks.
    Cast(&'static [Option<u8>]),
    /// The ballot before once more, to the last byte.
    Again,
    /// A fitting ballot whose marks are no levels of this round.
    Malformed,
    /// A ballot under the voter's nullifier with the code of another slip.
    OtherCode,
    /// A ballot under the voter's nullifier that claims no permit.
    NoCode,
    /// A ballot whose last byte was changed on the way.
    Broken,
    /// A ballot with a permit that was never issued.
    NeverIssued,
    /// A ballot with a permit of another unit.
    OtherUnit,
}
use Do::{Again, Broken, Cast, Malformed, NeverIssued, NoCode, OtherCode, OtherUnit};

struct Case {
    what: &'static str,
    done: &'static [Do],
    counts: Option<[Option<u8>; OFFICIALS]>,
    invalid: Option<InvalidReason>,
    facts: &'static [(Fact, u32)],
}

const fn valid(what: &'static str, done: &'static [Do], facts: &'static [(Fact, u32)]) -> Case {
    Case { what, done, counts: Some(A), invalid: None, facts }
}

const fn none(
    what: &'static str,
    done: &'static [Do],
    invalid: InvalidReason,
    facts: &'static [(Fact, u32)],
) -> Case {
    Case { what, done, counts: None, invalid: Some(invalid), facts }
}

const fn nothing(what: &'static str, done: &'static [Do], facts: &'static [(Fact, u32)]) -> Case {
    Case { what, done, counts: None, invalid: None, facts }
}

const TABLE: &[Case] = &[
    nothing("a slip nobody used", &[], &[]),
    valid("a ballot", &[Cast(&A)], &[]),
    nothing("never issued", &[NeverIssued], &[(Fact::NotIssued, 1)]),
    nothing("of another unit", &[OtherUnit], &[(Fact::NotIssued, 1)]),
    valid("never issued beside a ballot", &[NeverIssued, Cast(&A), OtherUnit], &[(Fact::NotIssued, 2)]),
    valid("byte-equal ones are one", &[Cast(&A), Again, Again], &[(Fact::ByteEqualCopy, 2)]),
    valid("equal marks count once", &[Cast(&A), Cast(&A)], &[(Fact::EqualMarks, 1)]),
    valid("three with equal marks", &[Cast(&A), Cast(&A), Cast(&A)], &[(Fact::EqualMarks, 2)]),
    none("different marks count none", &[Cast(&A), Cast(&B)], InvalidReason::Conflicting, &[]),
    none("two against one count none", &[Cast(&A), Cast(&A), Cast(&B)], InvalidReason::Conflicting, &[]),
    none(
        "copies make no majority",
        &[Cast(&B), Cast(&A), Again, Again],
        InvalidReason::Conflicting,
        &[(Fact::ByteEqualCopy, 2)],
    ),
    none("malformed marks", &[Malformed], InvalidReason::Malformed, &[]),
    none("malformed beside a ballot", &[Cast(&A), Malformed], InvalidReason::Malformed, &[]),
    none("malformed first", &[Malformed, Cast(&A)], InvalidReason::Malformed, &[]),
    valid("another code spoils nothing", &[OtherCode, Cast(&A)], &[(Fact::Forged, 1)]),
    valid("no code spoils nothing", &[Cast(&A), NoCode, OtherCode], &[(Fact::Forged, 2)]),
    valid("a broken one spoils nothing", &[Broken, Cast(&A)], &[(Fact::Forged, 1)]),
    valid(
        "everything at once",
        &[OtherCode, Cast(&A), Again, Broken, Cast(&A), NeverIssued],
        &[(Fact::NotIssued, 1), (Fact::ByteEqualCopy, 1), (Fact::EqualMarks, 1), (Fact::Forged, 2)],
    ),
    none(
        "a conflict beside a forgery",
        &[Cast(&A), OtherCode, Cast(&B)],
        InvalidReason::Conflicting,
        &[(Fact::Forged, 1)],
    ),
    none("only another code", &[OtherCode], InvalidReason::WrongCode, &[]),
    none("only ones without right code", &[OtherCode, NoCode], InvalidReason::WrongCode, &[]),
    none("only a broken one", &[Broken], InvalidReason::DoesNotOpen, &[]),
    none("only broken and forged", &[Broken, NoCode], InvalidReason::WrongCode, &[]),
];

impl Do {
    fn ballot(&self, world: &mut World, last: Option<&Record>) -> Record {
        let nullifier = world.nullifier(0, 0);
        let other = Claim::Permit(world.units[0].slips[20].clone());
        match self {
            Self::Cast(marks) => world.ballot(0, 0, marks),
            Self::Again => last.expect("something was cast before").clone(),
            Self::Malformed => {
                let own = Claim::Permit(world.units[0].slips[0].clone());
                world.seal_as(0, &own, nullifier, &[Some(0), Some(3), None], LEVELS + 1)
            }
            Self::OtherCode => world.seal_as(0, &other, nullifier, &B, LEVELS),
            Self::NoCode => world.seal_as(0, &Claim::Attended, nullifier, &B, LEVELS),
            Self::Broken => broken(&world.ballot(0, 0, &A)),
            Self::NeverIssued => {
                let code = PermitCode::draw(&mut world.rng);
                let nullifier = code.nullifier(&world.round, &world.units[0].code);
                world.seal_as(0, &Claim::Permit(code), nullifier, &A, LEVELS)
            }
            Self::OtherUnit => {
                let claim = Claim::Permit(world.units[1].slips[0].clone());
                let nullifier = world.nullifier(1, 0);
                world.seal_as(0, &claim, nullifier, &A, LEVELS)
            }
        }
    }
}

fn broken(record: &Record) -> Record {
    let mut bytes = record.as_bytes().to_vec();
    *bytes.last_mut().expect("a record is not empty") ^= 1;
    Record::from_slice(&bytes).expect("its length is unchanged")
}

/// Each ballot comes in an envelope of its own tablet, beside those of other voters.
fn figures(world: &mut World, unit: usize, ballots: Vec<Record>, others: &[Record]) -> UnitResult {
    let mut first = world.enrol(unit);
    world.send(&mut first, others.to_vec(), true);
    for ballot in ballots {
        let mut tablet = world.enrol(unit);
        world.send(&mut tablet, vec![ballot], true);
    }
    let result = world.open_all();
    unit_of(&result, world, unit).clone()
}

fn others(world: &mut World) -> (Vec<Record>, Vec<Lines>) {
    let lines: Vec<Lines> = (0..OTHERS).map(|_| world.marks(0)).collect();
    let ballots = lines.iter().enumerate().map(|(i, lines)| world.ballot(0, i + 1, lines)).collect();
    (ballots, lines)
}

#[test]
fn every_line_of_the_table_gives_what_the_design_says() {
    for (seed, case) in (100..).zip(TABLE) {
        // The order in which the ballots stand in envelopes follows ids, so several worlds try several orders.
        for turn in 0..3 {
            let mut world =
                World::new(seed * 10 + turn, &[permit_unit(30, OFFICIALS), permit_unit(9, OFFICIALS)]);
            let (other_ballots, mut marked) = others(&mut world);
            let mut ballots: Vec<Record> = Vec::new();
            for done in case.done {
                let ballot = done.ballot(&mut world, ballots.last());
                ballots.push(ballot);
            }
            let figures = figures(&mut world, 0, ballots, &other_ballots);
            marked.extend(case.counts.map(|marks| marks.to_vec()));
            assert_eq!(figures.lines, Some(tally(&marked, OFFICIALS)), "{}", case.what);
            assert_eq!(figures.valid as usize, marked.len(), "{}", case.what);
            let invalid: Vec<_> = case.invalid.iter().map(|reason| (*reason, 1)).collect();
            assert_eq!(figures.invalid, invalid, "{}", case.what);
            assert_eq!(as_map(&figures.facts), as_map(case.facts), "{}", case.what);
            assert_eq!(figures.collected() as usize, marked.len() + invalid.len(), "{}", case.what);
            assert_eq!(figures.invalid_ballots() as usize, invalid.len(), "{}", case.what);
        }
    }
}

#[test]
fn copies_within_one_envelope_cannot_be_made() {
    let mut world = World::new(1, &[permit_unit(30, OFFICIALS)]);
    let ballot = world.ballot(0, 0, &A);
    let len = ballot.as_bytes().len();
    assert!(sync_core::envelope::Batch::new(len, vec![ballot.clone(), ballot]).is_err());
}

fn attended(ballots: impl FnOnce(&mut World) -> Vec<Record>) -> UnitResult {
    let mut world = World::new(2, &[attended_unit(30, OFFICIALS)]);
    let others: Vec<_> = (0..OTHERS).map(|_| world.attended_ballot(0, &B)).collect();
    let ballots = ballots(&mut world);
    figures(&mut world, 0, ballots, &others)
}

#[test]
fn attended_byte_equal_ballots_are_one() {
    let figures = attended(|world| {
        let ballot = world.attended_ballot(0, &A);
        vec![ballot.clone(), ballot]
    });
    assert_eq!((figures.valid as usize, figures.collected() as usize), (OTHERS + 1, OTHERS + 1));
    assert_eq!(figures.facts, [(Fact::ByteEqualCopy, 1)]);
}

#[test]
fn attended_ballots_that_share_a_nullifier_are_two_and_the_fact_is_listed() {
    let figures = attended(|world| {
        let nullifier = Nullifier([4; 16]);
        [A, A, B].map(|marks| world.seal_as(0, &Claim::Attended, nullifier, &marks, LEVELS)).into()
    });
    assert_eq!(figures.valid as usize, OTHERS + 3);
    assert_eq!(figures.facts, [(Fact::SharedNullifier, 2)]);
    assert_eq!(figures.invalid, []);
}

#[test]
fn attended_ballots_that_do_not_open_or_claim_a_permit_are_invalid_each() {
    let figures = attended(|world| {
        let claim = Claim::Permit(PermitCode::draw(&mut world.rng));
        vec![
            broken(&world.attended_ballot(0, &A)),
            broken(&world.attended_ballot(0, &A)),
            world.seal_as(0, &claim, Nullifier([4; 16]), &A, LEVELS),
            world.seal_as(0, &Claim::Attended, Nullifier([5; 16]), &[Some(5); OFFICIALS], 9),
        ]
    });
    assert_eq!(figures.valid as usize, OTHERS);
    let invalid =
        [(InvalidReason::DoesNotOpen, 2), (InvalidReason::WrongCode, 1), (InvalidReason::Malformed, 1)];
    assert_eq!(figures.invalid, invalid);
    assert_eq!((figures.collected() as usize, figures.invalid_ballots()), (OTHERS + 4, 4));
}

/// A voter casts before a sheet is replaced; the envelope is held, and two people admit it.
fn replaced(permits: PermitChange, change: impl FnOnce(&mut World)) -> UnitResult {
    let mut world = World::new(3, &[permit_unit(30, OFFICIALS)]);
    let mut tablet = world.enrol(0);
    let old = world.ballot(0, 0, &A);
    let old = world.send(&mut tablet, vec![old], false).envelope_id();
    change(&mut world);
    let new_slips = permits == PermitChange::Replaced;
    assert_ne!(world.survey(0).held.get(&old), None);
    let first = if new_slips { 0 } else { 1 };
    let officials = world.sheet(0).officials.len();
    let marks = vec![Some(1); officials];
    let others = (first..first + OTHERS).map(|slip| world.ballot(0, slip, &marks)).collect();
    world.send(&mut tablet, others, true);
    world.order(&[(0, Ruling::Admit(old))]);
    let result = world.count();
    unit_of(&result, &world, 0).clone()
}

#[test]
fn admitted_ballots_of_a_replaced_sheet_count_if_officials_and_their_order_are_equal() {
    let figures = replaced(PermitChange::Kept, |world| {
        world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.officials[2].name = "Đúng Tên".to_owned());
    });
    assert_eq!((figures.valid as usize, figures.invalid), (OTHERS + 1, vec![]));
}

#[test]
fn admitted_ballots_of_a_replaced_sheet_with_other_officials_or_order_are_invalid() {
    let swapped = replaced(PermitChange::Kept, |world| {
        world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.officials.swap(0, 1));
    });
    let fewer = replaced(PermitChange::Kept, |world| {
        world.replace_sheet(0, PermitChange::Kept, |sheet| drop(sheet.officials.pop()));
    });
    for figures in [swapped, fewer] {
        assert_eq!(figures.valid as usize, OTHERS);
        assert_eq!(figures.invalid, [(InvalidReason::OtherOfficials, 1)]);
    }
}

#[test]
fn attended_ballots_of_a_replaced_sheet_count_under_the_same_officials_alone() {
    for (officials, valid, invalid) in
        [(3, OTHERS + 1, vec![]), (2, OTHERS, vec![(InvalidReason::OtherOfficials, 1)])]
    {
        let mut world = World::new(7, &[attended_unit(30, OFFICIALS)]);
        let mut tablet = world.enrol(0);
        let old = world.attended_ballot(0, &A);
        let old = world.send(&mut tablet, vec![old], false).envelope_id();
        world.replace_sheet(0, PermitChange::Kept, |sheet| {
            sheet.team.clear();
            sheet.officials.truncate(officials);
        });
        let others = (0..OTHERS).map(|_| world.attended_ballot(0, &B[..officials])).collect();
        world.send(&mut tablet, others, true);
        world.order(&[(0, Ruling::Admit(old))]);
        let result = world.count();
        let figures = unit_of(&result, &world, 0);
        assert_eq!((figures.valid as usize, &figures.invalid), (valid, &invalid));
    }
}

#[test]
fn ballots_with_permits_that_were_all_replaced_are_not_issued() {
    let figures = replaced(PermitChange::Replaced, |world| {
        let code = world.units[0].code.clone();
        let (slips, permits) = draw_permits(33, &world.round, &code, &mut world.rng);
        world.replace_sheet(0, PermitChange::Replaced, |sheet| sheet.permits = permits);
        world.units[0].slips = slips;
    });
    assert_eq!((figures.valid as usize, figures.invalid), (OTHERS, vec![]));
    assert_eq!(figures.facts, [(Fact::NotIssued, 1)]);
}

#[test]
fn one_permit_used_on_the_old_and_the_new_sheet_counts_once_if_the_marks_are_equal() {
    for (second, expected) in
        [(A, (Some(OTHERS + 1), vec![])), (B, (None, vec![(InvalidReason::Conflicting, 1)]))]
    {
        let mut world = World::new(4, &[permit_unit(30, OFFICIALS)]);
        let mut tablet = world.enrol(0);
        let old = world.ballot(0, 0, &A);
        let old = world.send(&mut tablet, vec![old], false).envelope_id();
        world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
        let mut ballots: Vec<_> = (1..=OTHERS).map(|slip| world.ballot(0, slip, &B)).collect();
        ballots.push(world.ballot(0, 0, &second));
        world.send(&mut tablet, ballots, true);
        world.order(&[(0, Ruling::Admit(old))]);
        let result = world.count();
        let figures = unit_of(&result, &world, 0);
        assert_eq!(figures.valid as usize, expected.0.unwrap_or(OTHERS));
        assert_eq!(figures.invalid, expected.1);
    }
}

/// A record that also stands, byte for byte, in an envelope of the sheet that was replaced.
fn under_both_sheets(plan: crate::common::Plan) -> UnitResult {
    let mut world = World::new(5, &[plan]);
    let (mut tablet, mut odd) = (world.enrol(0), world.enrol(0));
    let old = world.units[0].sheet;
    world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let ballots: Vec<_> = (0..=OTHERS)
        .map(|slip| match plan.voting {
            sync_core::package::Voting::Permit => world.ballot(0, slip, &A),
            sync_core::package::Voting::Attended => world.attended_ballot(0, &A),
        })
        .collect();
    let copy = world.seal_envelope(&mut odd, old, vec![ballots[0].clone()], true);
    world.archive.add_envelope(copy.clone());
    world.send(&mut tablet, ballots, true);
    world.order(&[(0, Ruling::Admit(copy.envelope_id()))]);
    let result = world.count();
    unit_of(&result, &world, 0).clone()
}

#[test]
fn a_byte_equal_ballot_in_an_envelope_of_another_sheet_is_still_one_ballot() {
    for plan in [permit_unit(30, OFFICIALS), attended_unit(30, OFFICIALS)] {
        let figures = under_both_sheets(plan);
        assert_eq!((figures.valid as usize, figures.collected() as usize), (OTHERS + 1, OTHERS + 1));
    }
}

#[test]
fn the_sheet_shows_commitments_from_which_no_nullifier_follows() {
    let world = World::new(6, &[permit_unit(30, OFFICIALS)]);
    let sheet = world.sheet(0);
    let nullifiers: BTreeMap<_, _> =
        (0..world.units[0].slips.len()).map(|slip| (world.nullifier(0, slip).0, slip)).collect();
    assert_eq!(nullifiers.len(), 33);
    for (nullifier, _) in nullifiers {
        assert!(sheet.issued(&Nullifier(nullifier)));
        assert!(!sheet.permits.iter().any(|permit| permit.0 == nullifier));
        assert!(!sheet.issued(&Nullifier(commitment(&Nullifier(nullifier)).0)));
    }
}
