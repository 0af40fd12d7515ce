//! What an outsider refuses although every signature is good: a centre that signs a wrong order, trustees that sign a
//! wrong result. One thing is wrong at a time.

use crate::common::{Lines, Tablet, World, decision, permit_unit};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::bundle::Bundle;
use sync_core::cose::Signed;
use sync_core::count::{Line, Pool, RoundResult, SIGNS_MIN, Signs};
use sync_core::id::{DeviceId, EnvelopeId, ObjectId, SheetHash};
use sync_core::order::{OpeningOrder, Ruling, UnitOrder};
use sync_core::package::{PermitChange, SheetReplacement};
use sync_core::survey::{Gap, HoldReason};
use sync_core::verify::{Report, VerifyError, verify};

const OFFICIALS: usize = 2;

fn look(bundle: &Bundle) -> Result<Report, VerifyError> {
    verify(&bundle.to_bytes(), &[], &mut |_, _| {})
}

/// Units of which so many voted on one tablet each.
fn voted(seed: u64, voters: &[usize]) -> (World, Vec<Tablet>) {
    let mut world = World::new(seed, &vec![permit_unit(40, OFFICIALS); voters.len()]);
    let mut tablets = Vec::new();
    for (unit, voters) in voters.iter().enumerate() {
        tablets.push(world.enrol(unit));
        vote(&mut world, &mut tablets[unit], 0..*voters);
    }
    (world, tablets)
}

/// The same, ordered and counted.
fn counted(seed: u64, voters: &[usize]) -> World {
    let (mut world, _) = voted(seed, voters);
    world.open_all();
    world
}

fn vote(world: &mut World, tablet: &mut Tablet, slips: std::ops::Range<usize>) -> EnvelopeId {
    let unit = world.place_of(&tablet.unit);
    let cast = |slip: usize| {
        let lines: Lines = vec![Some(u8::try_from(slip % 3).expect("a level")), None];
        world.ballot(unit, slip, &lines)
    };
    let ballots = slips.map(cast).collect();
    world.send(tablet, ballots, false).envelope_id()
}

/// What is said when the last order is another one, and not counted.
fn ordered(world: &World, change: impl FnOnce(&mut OpeningOrder)) -> Result<Report, VerifyError> {
    let mut bundle = world.archive.clone();
    let mut order = bundle.orders.pop().expect("an order").value().clone();
    change(&mut order);
    bundle.results.truncate(bundle.orders.len());
    bundle.orders.push(Signed::sign(order, &world.centre));
    look(&bundle)
}

/// The same for the part of the first unit.
fn unit_ordered(world: &World, change: impl FnOnce(&mut UnitOrder)) -> Result<Report, VerifyError> {
    ordered(world, |order| change(&mut order.units[0]))
}

/// What is said when the trustees sign another result than the last.
fn resulted(world: &World, change: impl FnOnce(&mut RoundResult)) -> Result<Report, VerifyError> {
    look(&with_result(world, change))
}

fn with_result(world: &World, change: impl FnOnce(&mut RoundResult)) -> Bundle {
    let mut bundle = world.archive.clone();
    let mut result = bundle.results.pop().expect("a result").value().clone();
    change(&mut result);
    bundle.results.push(Signed::sign(result, &world.secret.result_key(&world.round)));
    bundle
}

#[test]
fn a_report_says_what_is_there() {
    let (mut world, mut tablets) = voted(1, &[6, 7]);
    let before = look(&world.archive).expect("a round that is not yet opened");
    assert_eq!((before.units, before.envelopes, before.ballots, before.orders), (2, 2, 13, 0));
    assert_eq!((before.result, before.after_last_order, before.recount), (None, 2, None));
    world.open_all();
    vote(&mut world, &mut tablets[0], 6..8);
    let after = look(&world.archive).expect("a round with a late envelope");
    assert_eq!((after.package, after.orders, after.ballots), (world.package(), 1, 15));
    assert_eq!((after.result, after.after_last_order), (Some(world.archive.results[0].digest()), 1));
}

#[test]
fn orders_begin_with_one_and_follow_on_each_other() {
    let (mut world, mut tablets) = voted(2, &[6]);
    let odd = Some(ObjectId([9; 32]));
    world.order(&[]);
    let begun_at_two = ordered(&world, |order| {
        (order.number, order.previous_order, order.previous_result) = (2, odd, odd);
    });
    assert_eq!(begun_at_two, Err(VerifyError::OrderChain { number: 2 }));
    world.count();
    vote(&mut world, &mut tablets[0], 6..8);
    world.order(&[]);
    assert!(ordered(&world, |_| ()).is_ok());
    let second = Err(VerifyError::OrderChain { number: 2 });
    assert_eq!(ordered(&world, |order| order.previous_order = odd), second);
    assert_eq!(ordered(&world, |order| order.previous_result = odd), second);
    assert_eq!(ordered(&world, |order| order.number = 3), Err(VerifyError::OrderChain { number: 3 }));
    let mut uncounted = world.archive.clone();
    uncounted.results.clear();
    assert_eq!(look(&uncounted), second, "the result that it names is not here");
}

#[test]
fn an_order_names_exactly_the_units_of_the_round() {
    let world = counted(3, &[6, 6]);
    let wrong = Err(VerifyError::OrderUnits { number: 1 });
    assert_eq!(ordered(&world, |order| order.units.truncate(1)), wrong);
    assert_eq!(ordered(&world, |order| drop(order.units.remove(0))), wrong);
    let other = |order: &mut OpeningOrder| {
        order.units[1].unit = sync_core::id::UnitCode::new("U9").expect("a code");
    };
    assert_eq!(ordered(&world, other), wrong);
}

#[test]
fn an_order_names_each_envelope_of_its_unit_once() {
    let world = counted(4, &[6, 6]);
    let unit = world.units[0].code.clone();
    let unfounded = Err(VerifyError::Unfounded { number: 1, unit, what: "an envelope" });
    let orders = &world.archive.orders[0].value().units;
    let (own, theirs) = (orders[0].admitted[0], orders[1].admitted[0]);
    let late = BTreeSet::from([HoldReason::Late]);
    assert_eq!(
        unit_ordered(&world, |unit| unit.left_out.push((own, late.clone()))),
        unfounded,
        "opened and left out"
    );
    assert_eq!(unit_ordered(&world, |unit| unit.admitted = vec![EnvelopeId([3; 32])]), unfounded, "nowhere");
    assert_eq!(unit_ordered(&world, |unit| unit.admitted = vec![theirs]), unfounded, "of another unit");
    assert_eq!(unit_ordered(&world, |unit| unit.left_out = vec![(theirs, late)]), unfounded);
}

#[test]
fn an_order_names_a_sheet_that_held_for_its_unit() {
    let (mut world, mut tablets) = voted(5, &[6, 6]);
    let (first, theirs) = (world.units[0].sheet, world.units[1].sheet);
    world.replace_sheet(1, PermitChange::Kept, |sheet| sheet.team.clear());
    world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let second = world.units[0].sheet;
    vote(&mut world, &mut tablets[0], 6..12);
    world.order(&[]);
    assert!(ordered(&world, |_| ()).is_ok());
    assert_eq!(world.archive.orders[0].value().units[0].sheet, second);
    let unit = world.units[0].code.clone();
    let unfounded = Err(VerifyError::Unfounded { number: 1, unit: unit.clone(), what: "a sheet" });
    for sheet in [theirs, SheetHash([9; 32])] {
        assert_eq!(unit_ordered(&world, |unit| unit.sheet = sheet), unfounded);
    }
    // A replacement that follows on no other: its sheet is here, but never held.
    let mut loose = world.sheet(0).clone();
    loose.voters = 39;
    let never = loose.hash();
    world.archive.add_sheet(loose);
    let reason = "Sai số cử tri".to_owned();
    let (package, permits) = (world.package(), PermitChange::Kept);
    let replacement = SheetReplacement { package, unit, number: 5, old: first, new: never, permits, reason };
    world.archive.replacements.push(Signed::sign(replacement, &world.centre));
    assert!(ordered(&world, |_| ()).is_ok());
    assert_eq!(unit_ordered(&world, |unit| unit.sheet = never), unfounded);
}

#[test]
fn an_order_lists_tablets_and_revocations_that_are_there() {
    let (mut world, _) = voted(6, &[6, 6]);
    let lost = world.enrol(0);
    world.revoke(lost.device);
    world.order(&[]);
    assert_eq!(world.archive.orders[0].value().units[0].revoked, [lost.device]);
    assert!(ordered(&world, |_| ()).is_ok());
    let unfounded = |what| Err(VerifyError::Unfounded { number: 1, unit: world.units[0].code.clone(), what });
    let theirs = world.archive.orders[0].value().units[1].tablets[0];
    let own = world.archive.orders[0].value().units[0].tablets.clone();
    for device in [theirs, DeviceId([9; 16])] {
        assert_eq!(unit_ordered(&world, |unit| unit.tablets = vec![device]), unfounded("a tablet"));
    }
    let trusted = own.into_iter().find(|device| *device != lost.device).expect("two tablets");
    assert_eq!(unit_ordered(&world, |unit| unit.revoked = vec![trusted]), unfounded("a revocation"));
    let paper = |unit: &mut UnitOrder| unit.papers = vec![ObjectId([1; 32])];
    assert_eq!(unit_ordered(&world, paper), unfounded("a paper count"), "there are no papers yet");
}

#[test]
fn what_is_held_is_left_out_for_its_reasons_or_admitted_by_two_people() {
    let (mut world, tablets) = voted(7, &[6]);
    world.revoke(tablets[0].device);
    world.order(&[]);
    let id = world.archive.orders[0].value().units[0].left_out[0].0;
    let undecided = Err(VerifyError::Undecided { number: 1, unit: world.units[0].code.clone(), id });
    assert!(ordered(&world, |_| ()).is_ok());
    let reasons = |reasons: &[HoldReason]| {
        unit_ordered(&world, |unit| unit.left_out[0].1 = reasons.iter().copied().collect())
    };
    use HoldReason::{ClonedTablet, Late, RevokedDevice};
    assert!(reasons(&[RevokedDevice, Late]).is_ok(), "lateness is the centre's word");
    assert_eq!(reasons(&[Late]), undecided);
    assert_eq!(reasons(&[RevokedDevice, ClonedTablet]), undecided);
    let admitted = |unit: &mut UnitOrder| {
        unit.left_out.clear();
        unit.admitted = vec![id];
    };
    assert_eq!(unit_ordered(&world, admitted), undecided);
    let by_leaving_out = |unit: &mut UnitOrder| {
        admitted(unit);
        unit.decisions = vec![decision(Ruling::LeaveOut(id))];
    };
    assert_eq!(unit_ordered(&world, by_leaving_out), undecided);
    let by_two = |unit: &mut UnitOrder| {
        admitted(unit);
        unit.decisions = vec![decision(Ruling::Admit(id))];
    };
    assert!(unit_ordered(&world, by_two).is_ok());
    let admitted_and_left_out = |unit: &mut UnitOrder| unit.decisions = vec![decision(Ruling::Admit(id))];
    assert_eq!(unit_ordered(&world, admitted_and_left_out), undecided);
}

#[test]
fn what_a_person_should_ask_about_is_reported_by_unit() {
    let (mut world, tablets) = voted(8, &[6, 6, 6]);
    world.revoke(tablets[1].device);
    world.revoke(tablets[2].device);
    let held = |world: &World, unit: usize| *world.survey(unit).held.keys().next().expect("it is held");
    let (open, decided) = (held(&world, 1), held(&world, 2));
    world.order(&[(2, Ruling::LeaveOut(decided))]);
    let late_comer = world.enrol(0);
    let report = look(&world.archive).expect("an order that is right");
    let unit = |at: usize| world.units[at].code.clone();
    assert_eq!(report.undecided, BTreeMap::from([(unit(1), BTreeSet::from([open]))]));
    assert_eq!(report.unlisted_tablets, BTreeMap::from([(unit(0), BTreeSet::from([late_comer.device]))]));
    let close = Gap::Close { device: tablets[0].device };
    assert_eq!(report.open_gaps, BTreeMap::from([(unit(0), BTreeSet::from([close]))]));
}

#[test]
fn the_last_order_alone_says_what_is_open() {
    let (mut world, mut tablets) = voted(9, &[6]);
    world.open_all();
    assert_eq!(look(&world.archive).expect("sound").open_gaps.len(), 1);
    world.send(&mut tablets[0], Vec::new(), true);
    world.order(&[]);
    let report = look(&world.archive).expect("sound");
    assert_eq!((report.open_gaps.len(), report.after_last_order), (0, 0));
}

#[test]
fn a_result_belongs_to_its_order_and_names_its_units() {
    let world = counted(10, &[6, 6]);
    let wrong = Err(VerifyError::ResultChain { number: 1 });
    assert!(resulted(&world, |_| ()).is_ok());
    assert_eq!(resulted(&world, |result| result.order = ObjectId([9; 32])), wrong);
    assert_eq!(resulted(&world, |result| result.units.truncate(1)), wrong);
    let later = |result: &mut RoundResult| (result.number, result.previous) = (2, Some(ObjectId([9; 32])));
    assert_eq!(
        resulted(&world, later),
        Err(VerifyError::ResultChain { number: 2 }),
        "there is no such order"
    );
    let mut second = counted(10, &[6, 6]);
    second.open_all();
    assert!(resulted(&second, |_| ()).is_ok());
    let wrong = Err(VerifyError::ResultChain { number: 2 });
    assert_eq!(resulted(&second, |result| result.previous = Some(ObjectId([9; 32]))), wrong);
    assert_eq!(resulted(&second, |result| result.order = second.archive.orders[0].digest()), wrong);
}

#[test]
fn the_lines_of_a_unit_account_for_each_ballot_and_follow_its_sheet() {
    let world = counted(11, &[6, 7]);
    let wrong = Err(VerifyError::Figures { number: 1, unit: world.units[0].code.clone() });
    let lines = |change: &dyn Fn(&mut Vec<Line>)| {
        resulted(&world, |result| change(result.units[0].lines.as_mut().expect("enough ballots")))
    };
    assert!(lines(&|_| ()).is_ok());
    assert_eq!(lines(&|lines| lines.truncate(1)), wrong, "an official is missing");
    assert_eq!(lines(&|lines| lines.push(lines[0].clone())), wrong, "one too many");
    assert_eq!(lines(&|lines| lines[0].levels.push(0)), wrong, "a level that the round does not have");
    assert_eq!(lines(&|lines| lines[1].levels.truncate(2)), wrong);
    assert_eq!(lines(&|lines| lines[1].invalid -= 1), wrong, "a ballot too few");
    assert_eq!(lines(&|lines| lines[0].invalid += 1), wrong, "a ballot too many");
    let theirs = world.units[1].sheet;
    assert_eq!(resulted(&world, |result| result.units[0].sheet = theirs), wrong);
    assert_eq!(resulted(&world, |result| result.units[0].sheet = SheetHash([9; 32])), wrong);
}

#[test]
fn signs_of_formalism_are_there_from_twenty_ballots_on_and_never_before() {
    let signs = Some(Signs { uniform_ballots: false, only_highest: false });
    for (voters, there) in [(SIGNS_MIN - 1, false), (SIGNS_MIN, true), (SIGNS_MIN + 1, true)] {
        let world = counted(12, &[voters]);
        let wrong = Err(VerifyError::Figures { number: 1, unit: world.units[0].code.clone() });
        assert_eq!(world.archive.results[0].value().units[0].signs.is_some(), there);
        let (with, without) = (
            resulted(&world, |result| result.units[0].signs = signs),
            resulted(&world, |r| r.units[0].signs = None),
        );
        let (right, other) = if there { (with, without) } else { (without, with) };
        assert!(right.is_ok());
        assert_eq!(other, wrong, "{voters}");
    }
}

#[test]
fn levels_are_shown_exactly_where_there_are_enough_ballots() {
    for (voters, shown) in [(4, false), (5, true)] {
        let world = counted(13, &[voters]);
        let wrong = Err(VerifyError::Figures { number: 1, unit: world.units[0].code.clone() });
        let count = u32::try_from(voters).expect("few");
        let all = vec![Line { levels: vec![count, 0, 0], invalid: 0 }; OFFICIALS];
        let other = if shown { None } else { Some(all) };
        assert!(resulted(&world, |_| ()).is_ok());
        assert_eq!(resulted(&world, |result| result.units[0].lines = other), wrong, "{voters}");
    }
}

#[test]
fn a_sum_is_of_two_small_units_or_more_and_accounts_for_each_line() {
    let world = counted(14, &[6, 2, 3]);
    let wrong = Err(VerifyError::Pool { number: 1 });
    let pooled = |change: &dyn Fn(&mut Pool)| {
        resulted(&world, |result| change(result.pool.as_mut().expect("2 and 3 reach 5")))
    };
    assert!(pooled(&|_| ()).is_ok());
    assert_eq!(pooled(&|pool| pool.valid += 1), wrong);
    assert_eq!(pooled(&|pool| pool.levels[0] += 1), wrong, "a mark too many");
    assert_eq!(pooled(&|pool| pool.invalid -= 1), wrong, "a line too few");
    assert_eq!(pooled(&|pool| pool.levels.push(0)), wrong, "a level that the round does not have");
    assert_eq!(pooled(&|pool| pool.units[1] = sync_core::id::UnitCode::new("U9").expect("a code")), wrong);
    let hidden = |result: &mut RoundResult| {
        let pool = result.pool.as_mut().expect("2 and 3 reach 5");
        pool.units.insert(0, result.units[0].unit.clone());
        (pool.valid, pool.levels[0]) = (11, pool.levels[0] + 12);
        result.units[0].lines = None;
    };
    assert!(resulted(&world, hidden).is_ok(), "a unit may be kept in the sum that it once was in");
    let shown_twice = |result: &mut RoundResult| {
        let pool = result.pool.as_mut().expect("2 and 3 reach 5");
        pool.units.insert(0, result.units[0].unit.clone());
        (pool.valid, pool.levels[0]) = (11, pool.levels[0] + 12);
    };
    let unit = world.units[0].code.clone();
    assert_eq!(
        resulted(&world, shown_twice),
        Err(VerifyError::Figures { number: 1, unit }),
        "alone and in the sum"
    );
}

#[test]
fn one_unit_is_no_sum_and_too_few_ballots_make_none() {
    let world = counted(15, &[6, 2, 2]);
    let wrong = Err(VerifyError::Pool { number: 1 });
    assert_eq!(world.archive.results[0].value().pool, None);
    let code = |unit: usize| world.units[unit].code.clone();
    let alone = |result: &mut RoundResult| {
        result.units[0].lines = None;
        result.pool = Some(Pool { units: vec![code(0)], valid: 6, levels: vec![12, 0, 0], invalid: 0 });
    };
    assert_eq!(resulted(&world, alone), wrong, "so could any unit be hidden");
    let too_few = Pool { units: vec![code(1), code(2)], valid: 4, levels: vec![8, 0, 0], invalid: 0 };
    assert_eq!(resulted(&world, |result| result.pool = Some(too_few)), wrong);
}

#[test]
fn figures_that_could_be_right_and_are_not_are_found_by_whoever_has_the_shares() {
    let world = counted(16, &[6]);
    let turned = with_result(&world, |result| {
        let lines = result.units[0].lines.as_mut().expect("enough ballots");
        lines[0].levels.reverse();
        lines[0].levels[0] += lines[0].levels[1];
        lines[0].levels[1] = 0;
    });
    assert!(look(&turned).is_ok(), "nothing but the ballots speaks against it");
    let recounted = verify(&turned.to_bytes(), &world.shares, &mut |_, _| {});
    let (signed, honest) = (turned.results[0].digest(), world.archive.results[0].digest());
    assert_eq!(recounted, Err(VerifyError::Recount { signed, recounted: honest }));
    assert_ne!(signed, honest);
}

#[test]
fn whoever_has_the_shares_counts_also_what_is_ordered_and_not_yet_counted() {
    let (mut world, mut tablets) = voted(17, &[6]);
    world.open_all();
    vote(&mut world, &mut tablets[0], 6..12);
    world.order(&[]);
    let report = verify(&world.archive.to_bytes(), &world.shares, &mut |_, _| {}).expect("sound");
    let expected = world.try_count().expect("an order that can be counted").digest();
    assert_eq!(report.recount, Some((expected, Vec::new())));
    assert_ne!(report.result, Some(expected));
}
