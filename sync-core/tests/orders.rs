//! Opening orders after the first: how they follow on each other, and when figures may change.

use crate::common::{Lines, Tablet, World, permit_unit, tally, unit_of};
use std::collections::BTreeSet;
use sync_core::cose::Signed;
use sync_core::count::{CountError, Fact, InvalidReason, RoundResult};
use sync_core::id::{EnvelopeId, ObjectId, PackageHash, SheetHash, UnitCode};
use sync_core::order::{OpeningOrder, Ruling};
use sync_core::verify::{VerifyError, verify};

const OFFICIALS: usize = 3;

/// One unit of 20 voters, of whom `first` vote before the first order is counted.
struct Story {
    world: World,
    tablet: Tablet,
    marked: Vec<Lines>,
    first: RoundResult,
}

fn begun(seed: u64, first: usize) -> Story {
    let mut world = World::new(seed, &[permit_unit(20, OFFICIALS)]);
    let tablet = world.enrol(0);
    let mut story = Story { first: empty(&world), world, tablet, marked: Vec::new() };
    if first > 0 {
        story.vote(0..first);
    }
    story.first = story.world.open_all();
    story
}

fn empty(world: &World) -> RoundResult {
    let order = ObjectId([0; 32]);
    RoundResult { package: world.package(), number: 1, order, previous: None, units: Vec::new(), pool: None }
}

impl Story {
    /// These slips vote, and one more envelope comes to the centre.
    fn vote(&mut self, slips: std::ops::Range<usize>) -> EnvelopeId {
        let mut ballots = Vec::new();
        for slip in slips {
            let lines = self.world.marks(0);
            ballots.push(self.world.ballot(0, slip, &lines));
            self.marked.push(lines);
        }
        self.world.send(&mut self.tablet, ballots, false).envelope_id()
    }

    fn stands(&mut self) -> RoundResult {
        let second = self.world.open_all();
        let (earlier, now) = (unit_of(&self.first, &self.world, 0), unit_of(&second, &self.world, 0));
        assert!(now.stands && !earlier.stands);
        assert_eq!((now.valid, &now.lines, &now.signs), (earlier.valid, &earlier.lines, &earlier.signs));
        assert_eq!((&now.invalid, &now.facts), (&earlier.invalid, &earlier.facts));
        second
    }

    fn changes(&mut self) -> RoundResult {
        let second = self.world.open_all();
        let now = unit_of(&second, &self.world, 0);
        assert!(!now.stands);
        assert_eq!(now.lines, Some(tally(&self.marked, OFFICIALS)));
        second
    }

    /// The order as it would be next, changed and signed, and what counting it says.
    fn refused(&mut self, change: impl FnOnce(&mut OpeningOrder)) -> CountError {
        let mut order = self.world.order(&[]).value().clone();
        change(&mut order);
        self.world.archive.orders.pop();
        self.world.archive.orders.push(Signed::sign(order, &self.world.centre));
        let error = self.world.try_count().expect_err("an order that cannot be counted");
        self.world.archive.orders.pop();
        error
    }
}

#[test]
fn an_order_over_the_same_envelopes_gives_the_same_figures_and_nothing_to_explain() {
    let mut story = begun(1, 8);
    let second = story.world.open_all();
    assert_eq!(second.units, story.first.units);
    assert_eq!(second.number, 2);
    assert_ne!(second.order, story.first.order);
    assert_eq!(second.previous, Some(story.world.archive.results[0].digest()));
}

#[test]
fn fewer_new_ballots_than_the_limit_leave_the_figures_and_the_fact_is_listed() {
    for new in 1..=4 {
        let mut story = begun(2, 8);
        story.vote(8..8 + new);
        story.stands();
    }
}

#[test]
fn as_many_new_ballots_as_the_limit_change_the_figures() {
    let mut story = begun(3, 8);
    story.vote(8..13);
    story.changes();
}

#[test]
fn ballots_of_several_late_envelopes_are_new_together() {
    let mut story = begun(4, 8);
    story.vote(8..10);
    story.vote(10..13);
    story.changes();
}

#[test]
fn what_stood_in_between_is_measured_from_the_figures_last_shown() {
    let mut story = begun(5, 8);
    story.vote(8..11);
    story.first = story.stands();
    story.first.units[0].stands = false;
    story.vote(11..13);
    let third = story.changes();
    assert_eq!(third.number, 3);
    verify(&story.world.archive.to_bytes(), &story.world.shares[..2], &mut |_, _| {}).unwrap();
}

#[test]
fn a_ballot_that_would_stop_being_valid_keeps_all_figures_however_many_are_new() {
    let mut story = begun(6, 8);
    // A second, different ballot under slip 0 makes that permit's ballots conflicting.
    let other: Lines = story.marked[0].iter().map(|m| Some(m.map_or(0, |m| (m + 1) % 3))).collect();
    let spoiler = story.world.ballot(0, 0, &other);
    let mut ballots = vec![spoiler];
    for slip in 8..18 {
        let lines = story.world.marks(0);
        ballots.push(story.world.ballot(0, slip, &lines));
    }
    story.world.send(&mut story.tablet, ballots, false);
    story.stands();
}

#[test]
fn an_envelope_left_out_later_keeps_the_figures_it_was_counted_in() {
    let mut story = begun(7, 8);
    story.vote(8..14);
    let device = story.tablet.device;
    story.world.revoke(device);
    let second = story.stands();
    assert_eq!(second.units[0].valid, 8);
    assert_eq!(story.world.archive.orders[1].value().units[0].admitted, []);
}

#[test]
fn a_conflict_that_was_seen_first_is_counted_as_invalid_and_stays_so() {
    let mut story = begun(8, 6);
    let (lines, other) = (vec![Some(0); OFFICIALS], vec![Some(2); OFFICIALS]);
    let twice = [story.world.ballot(0, 6, &lines), story.world.ballot(0, 6, &other)];
    story.world.send(&mut story.tablet, twice.to_vec(), false);
    story.stands();
    story.vote(7..12);
    let third = story.world.open_all();
    let figures = unit_of(&third, &story.world, 0);
    assert_eq!(figures.invalid, [(InvalidReason::Conflicting, 1)]);
    assert_eq!((figures.valid, figures.collected()), (11, 12));
}

#[test]
fn a_fact_that_changes_no_figure_is_listed_and_no_figure_is_said_to_stand() {
    let mut story = begun(16, 8);
    let again = story.marked[0].clone();
    let copy = story.world.ballot(0, 0, &again);
    story.world.send(&mut story.tablet, vec![copy], false);
    story.changes();
    let second = story.world.archive.results[1].value().clone();
    let (earlier, now) = (unit_of(&story.first, &story.world, 0), unit_of(&second, &story.world, 0));
    assert_eq!((&earlier.facts[..], &now.facts[..]), (&[][..], &[(Fact::EqualMarks, 1)][..]));
    assert_eq!((now.valid, &now.invalid), (earlier.valid, &earlier.invalid));
}

#[test]
fn an_order_that_does_not_follow_on_the_one_before_is_not_counted() {
    let mut story = begun(9, 8);
    let chain = CountError::OrderChain { number: 2 };
    let odd = Some(ObjectId([9; 32]));
    assert_eq!(story.refused(|order| order.previous_order = odd), chain);
    assert_eq!(story.refused(|order| order.previous_result = odd), chain);
    assert_eq!(story.refused(|order| order.number = 3), CountError::OrderChain { number: 3 });
    let again = story.refused(|order| {
        order.number = 1;
        (order.previous_order, order.previous_result) = (None, None);
    });
    assert_eq!(again, CountError::OrderChain { number: 1 }, "no second order with the same number");
}

#[test]
fn an_order_that_names_what_is_not_here_is_not_counted_and_says_what() {
    let mut story = begun(10, 8);
    let unit = story.world.units[0].code.clone();
    let (nowhere, missing) = (UnitCode::new("U9").unwrap(), EnvelopeId([3; 32]));
    let error = story.refused(|order| order.package = PackageHash([1; 32]));
    assert_eq!(error, CountError::OtherPackage { number: 2 });
    let error = story.refused(|order| order.units[0].unit = nowhere.clone());
    assert_eq!(error, CountError::UnknownUnit { unit: nowhere });
    let error = story.refused(|order| order.units[0].sheet = SheetHash([1; 32]));
    assert_eq!(error, CountError::MissingSheet { unit: unit.clone() });
    let error = story.refused(|order| order.units[0].admitted.push(missing));
    assert_eq!(error, CountError::MissingEnvelope { id: missing, unit });
    story.world.archive.orders.clear();
    assert_eq!(story.world.try_count().unwrap_err(), CountError::NoOrder);
}

#[test]
fn an_envelope_of_another_unit_is_not_opened_in_this_one() {
    let mut world = World::new(11, &[permit_unit(9, 2), permit_unit(9, 2)]);
    let mut theirs = world.enrol(1);
    let id = world.send(&mut theirs, Vec::new(), true).envelope_id();
    let mut order = world.order(&[]).value().clone();
    order.units[0].admitted = vec![id];
    world.archive.orders = vec![Signed::sign(order, &world.centre)];
    let unit = world.units[0].code.clone();
    assert_eq!(world.try_count().unwrap_err(), CountError::MissingEnvelope { id, unit });
}

#[test]
fn an_outsider_sees_an_order_that_forgets_or_opens_without_a_decision() {
    let mut story = begun(12, 8);
    let late = story.vote(8..14);
    let device = story.tablet.device;
    story.world.revoke(device);
    let honest = story.world.order(&[]).value().clone();
    let first = story.world.archive.orders[0].value().units[0].admitted[0];
    let unit = story.world.units[0].code.clone();
    let mut see = |change: &dyn Fn(&mut OpeningOrder)| {
        let mut order = honest.clone();
        change(&mut order);
        story.world.archive.orders[1] = Signed::sign(order, &story.world.centre);
        verify(&story.world.archive.to_bytes(), &[], &mut |_, _| {})
    };
    assert!(see(&|_| ()).is_ok());
    let forgotten = see(&|order| order.units[0].left_out.retain(|(id, _)| *id != first));
    assert_eq!(forgotten, Err(VerifyError::Forgotten { number: 2, unit: unit.clone(), id: first }));
    let undecided = |id| Err(VerifyError::Undecided { number: 2, unit: unit.clone(), id });
    let opened = see(&|order| {
        order.units[0].left_out.retain(|(id, _)| *id != late);
        order.units[0].admitted = vec![late];
    });
    assert_eq!(opened, undecided(late));
    let without_reason = see(&|order| order.units[0].left_out[0].1.clear());
    assert_eq!(without_reason, undecided(honest.units[0].left_out[0].0));
    let blind = see(&|order| order.units[0].revoked.clear());
    assert_eq!(blind, undecided(honest.units[0].left_out[0].0), "revoked devices cannot be left unsaid");
    let lost = see(&|order| order.units.clear());
    assert_eq!(lost, Err(VerifyError::OrderUnits { number: 2 }));
}

#[test]
fn an_outsider_sees_an_envelope_that_is_left_out_for_no_reason() {
    let mut story = begun(14, 8);
    let mut order = story.world.archive.orders[0].value().clone();
    let id = order.units[0].admitted.remove(0);
    order.units[0].left_out = vec![(id, BTreeSet::new())];
    story.world.archive.orders = vec![Signed::sign(order, &story.world.centre)];
    story.world.archive.results.clear();
    let unit = story.world.units[0].code.clone();
    let seen = verify(&story.world.archive.to_bytes(), &[], &mut |_, _| {});
    assert_eq!(seen, Err(VerifyError::Undecided { number: 1, unit, id }));
}

#[test]
fn two_people_may_admit_what_is_held_and_their_decision_is_part_of_the_order() {
    let mut story = begun(13, 8);
    let late = story.vote(8..14);
    let device = story.tablet.device;
    story.world.revoke(device);
    let first = story.world.archive.orders[0].value().units[0].admitted[0];
    story.world.order(&[(0, Ruling::Admit(late)), (0, Ruling::Admit(first))]);
    let second = story.world.count();
    assert_eq!(unit_of(&second, &story.world, 0).lines, Some(tally(&story.marked, OFFICIALS)));
    verify(&story.world.archive.to_bytes(), &story.world.shares, &mut |_, _| {}).unwrap();
}
