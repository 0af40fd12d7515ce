//! A unit as the centre sees it: what the next order opens and leaves out, and what stands in the way of publishing.

use crate::common::{Tablet, World, decision, permit_unit, unit_of};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::count::UnitResult;
use sync_core::device::Scope;
use sync_core::envelope::SignedEnvelope;
use sync_core::id::{DeviceId, EnvelopeId};
use sync_core::order::{Ruling, UnitOrder};
use sync_core::package::PermitChange;
use sync_core::standing::{Obstacle, UnitStanding};
use sync_core::survey::{Gap, HoldReason};
use sync_core::verify::verify;

/// Two units of 60 voters; what is told happens in the first.
struct Hall {
    world: World,
    slip: usize,
}

impl Hall {
    fn new(seed: u64) -> Self {
        Self { world: World::new(seed, &[permit_unit(60, 2), permit_unit(60, 2)]), slip: 0 }
    }

    fn seal(&mut self, tablet: &mut Tablet, voters: usize, closing: bool) -> SignedEnvelope {
        let ballots = (0..voters).map(|_| {
            self.slip += 1;
            self.world.ballot(0, self.slip - 1, &[Some(1), Some(2)])
        });
        let ballots = ballots.collect();
        self.world.seal_envelope(tablet, self.world.units[0].sheet, ballots, closing)
    }

    fn send(&mut self, tablet: &mut Tablet, voters: usize, closing: bool) -> EnvelopeId {
        let envelope = self.seal(tablet, voters, closing);
        self.world.archive.add_envelope(envelope.clone());
        envelope.envelope_id()
    }

    /// Where the unit stands after these rulings.
    fn standing(&self, rulings: &[Ruling]) -> UnitStanding {
        let decisions = rulings.iter().copied().map(decision).collect();
        UnitStanding::new(self.world.units[0].code.clone(), self.world.facts(0), decisions)
    }

    /// What stands in the way before anything was counted, besides that.
    fn obstacles(&self, rulings: &[Ruling]) -> Vec<Obstacle> {
        let mut obstacles = self.standing(rulings).obstacles(None);
        assert_eq!(obstacles.pop(), Some(Obstacle::NotCounted));
        obstacles
    }

    /// The unit's part of the last order, and its figures.
    fn counted(&mut self, rulings: &[Ruling]) -> (UnitOrder, UnitResult) {
        let rulings: Vec<_> = rulings.iter().map(|ruling| (0, *ruling)).collect();
        let order = self.world.order(&rulings).value().units[0].clone();
        let result = self.world.count();
        (order, unit_of(&result, &self.world, 0).clone())
    }
}

fn sorted<const N: usize>(mut ids: [EnvelopeId; N]) -> Vec<EnvelopeId> {
    ids.sort_unstable();
    ids.to_vec()
}

fn order_of(standing: &UnitStanding) -> UnitOrder {
    standing.order().expect("its sheet is known")
}

#[test]
fn a_unit_whose_tablets_closed_opens_everything_and_only_waits_for_the_count() {
    let mut hall = Hall::new(1);
    let (mut one, mut two) = (hall.world.enrol(0), hall.world.enrol(0));
    let ids =
        sorted([hall.send(&mut one, 4, false), hall.send(&mut one, 3, true), hall.send(&mut two, 2, true)]);
    let standing = hall.standing(&[]);
    let order = order_of(&standing);
    assert_eq!((order.admitted, order.left_out), (ids, Vec::new()));
    assert_eq!(standing.ballots(), 9);
    assert_eq!(standing.obstacles(None), [Obstacle::NotCounted]);
    let (order, result) = hall.counted(&[]);
    assert_eq!(hall.standing(&[]).obstacles(Some((&order, &result))), []);
}

#[test]
fn what_is_held_is_left_out_with_its_reasons_until_two_people_decide() {
    let mut hall = Hall::new(2);
    let (mut lost, mut other) = (hall.world.enrol(0), hall.world.enrol(0));
    let held = [hall.send(&mut lost, 2, false), hall.send(&mut lost, 2, true)];
    let free = hall.send(&mut other, 3, true);
    hall.world.revoke(lost.device);
    let why = BTreeSet::from([HoldReason::RevokedDevice]);

    let nothing_decided = hall.standing(&[]);
    let both = BTreeMap::from(held.map(|id| (id, &why)));
    assert_eq!(nothing_decided.undecided(), both);
    assert_eq!(order_of(&nothing_decided).admitted, [free]);
    let left_out: BTreeMap<_, _> = order_of(&nothing_decided).left_out.into_iter().collect();
    assert_eq!(left_out, BTreeMap::from(held.map(|id| (id, why.clone()))));

    let one_admitted = hall.standing(&[Ruling::Admit(held[0])]);
    assert_eq!(one_admitted.undecided(), BTreeMap::from([(held[1], &why)]));
    assert_eq!(order_of(&one_admitted).admitted, sorted([held[0], free]));
    assert_eq!(order_of(&one_admitted).left_out, [(held[1], why.clone())]);

    let decided = hall.standing(&[Ruling::Admit(held[0]), Ruling::LeaveOut(held[1])]);
    assert_eq!(decided.undecided(), BTreeMap::new());
    assert_eq!(
        order_of(&decided),
        UnitOrder { decisions: order_of(&decided).decisions, ..order_of(&one_admitted) }
    );
    assert_eq!(order_of(&decided).decisions.len(), 2);
    assert_eq!(hall.obstacles(&[Ruling::LeaveOut(held[1])]), [Obstacle::Undecided(held[0], why)]);
}

#[test]
fn what_is_missing_stands_in_the_way_until_each_piece_is_written_off() {
    let mut hall = Hall::new(3);
    let (mut tablet, silent) = (hall.world.enrol(0), hall.world.enrol(0));
    hall.seal(&mut tablet, 2, false);
    hall.send(&mut tablet, 3, true);
    let number = Gap::Number { device: tablet.device, number: 1 };
    let close = Gap::Close { device: silent.device };
    let both: BTreeSet<Gap> = hall.standing(&[]).open_gaps().into_iter().collect();
    assert_eq!(both, BTreeSet::from([number, close]));
    for (written_off, open) in [(number, close), (close, number)] {
        assert_eq!(hall.standing(&[Ruling::WriteOff(written_off)]).open_gaps(), [open]);
        assert_eq!(hall.obstacles(&[Ruling::WriteOff(written_off)]), [Obstacle::Missing(open)]);
    }
    let rulings = [Ruling::WriteOff(number), Ruling::WriteOff(close)];
    assert_eq!(hall.obstacles(&rulings), []);
    let second_envelope = Gap::Number { device: tablet.device, number: 2 };
    assert_eq!(hall.standing(&[Ruling::WriteOff(second_envelope)]).open_gaps().len(), 2, "another piece");
}

#[test]
fn a_decision_about_what_is_no_longer_held_or_missing_is_no_part_of_the_order() {
    let mut hall = Hall::new(4);
    let mut tablet = hall.world.enrol(0);
    let first = hall.seal(&mut tablet, 2, false);
    let last = hall.send(&mut tablet, 2, true);
    let gap = Gap::Number { device: tablet.device, number: 1 };
    let rulings = [Ruling::LeaveOut(first.envelope_id()), Ruling::WriteOff(gap), Ruling::Admit(last)];
    assert_eq!(order_of(&hall.standing(&rulings)).decisions, [decision(Ruling::WriteOff(gap))]);
    hall.world.archive.add_envelope(first);
    let order = order_of(&hall.standing(&rulings));
    assert_eq!(order.decisions, [], "the missing envelope came after all, and nothing holds it");
    assert_eq!(order.admitted.len(), 2);
    hall.world.revoke(tablet.device);
    let order = order_of(&hall.standing(&rulings));
    assert_eq!(order.decisions, [Ruling::Admit(last), rulings[0]].map(decision), "now they are held");
    assert_eq!(order.admitted, [last]);
}

#[test]
fn the_order_names_the_units_tablets_and_of_the_revoked_devices_those_that_concern_it() {
    let mut hall = Hall::new(5);
    let unit = hall.world.units[0].code.clone();
    let mut tablets = [hall.world.enrol(0), hall.world.enrol(0)];
    let (elsewhere, mut courier) = (hall.world.enrol(1), hall.world.enrol_with(Scope::Courier, unit));
    for author in tablets.iter_mut().chain([&mut courier]) {
        hall.send(author, 1, true);
    }
    for device in [tablets[1].device, elsewhere.device, courier.device] {
        hall.world.revoke(device);
    }
    let order = order_of(&hall.standing(&[]));
    let ascending = |mut devices: [DeviceId; 2]| {
        devices.sort_unstable();
        devices.to_vec()
    };
    assert_eq!(order.tablets, ascending([tablets[0].device, tablets[1].device]));
    assert_eq!(order.revoked, ascending([tablets[1].device, courier.device]));
}

#[test]
fn an_outsider_finds_the_order_of_a_troubled_unit_sound() {
    let mut hall = Hall::new(6);
    let (mut lost, mut copied, silent) = (hall.world.enrol(0), hall.world.enrol(0), hall.world.enrol(0));
    let mut copy = copied.twin();
    hall.send(&mut lost, 3, false);
    let cloned = [hall.send(&mut copied, 6, true), hall.send(&mut copy, 2, true)];
    hall.world.revoke(lost.device);
    let rulings = [
        Ruling::Admit(cloned[0]),
        Ruling::LeaveOut(cloned[1]),
        Ruling::WriteOff(Gap::Close { device: silent.device }),
    ];
    let order = order_of(&hall.standing(&rulings));
    let (signed, result) = hall.counted(&rulings);
    assert_eq!(signed, order);
    assert_eq!(result.valid, 6);
    verify(&hall.world.archive.to_bytes(), &hall.world.shares, &mut |_, _| {}).unwrap();
}

#[test]
fn without_a_sheet_there_is_no_order() {
    let hall = Hall::new(7);
    let standing = hall.standing(&[]);
    let mut facts = standing.facts.clone();
    facts.current = None;
    assert_eq!(UnitStanding::new(standing.unit.clone(), facts, Vec::new()).order(), None);
    assert!(standing.order().is_some());
}

#[test]
fn a_unit_without_a_tablet_has_not_voted_which_is_not_a_result_of_zero() {
    let mut hall = Hall::new(8);
    assert_eq!(hall.obstacles(&[]), [Obstacle::NoTablet]);
    let (order, result) = hall.counted(&[]);
    assert_eq!(hall.standing(&[]).obstacles(Some((&order, &result))), [Obstacle::NoTablet]);
    let mut tablet = hall.world.enrol(0);
    hall.send(&mut tablet, 0, true);
    assert_eq!(hall.obstacles(&[]), []);
}

#[test]
fn what_comes_or_is_decided_after_the_counted_order_needs_a_new_one() {
    let mut hall = Hall::new(9);
    let (mut tablet, mut lost) = (hall.world.enrol(0), hall.world.enrol(0));
    hall.send(&mut tablet, 6, true);
    let held = hall.send(&mut lost, 6, true);
    hall.world.revoke(lost.device);
    let left_out = [Ruling::LeaveOut(held)];
    let (order, result) = hall.counted(&left_out);
    let now = |hall: &Hall, rulings: &[Ruling]| hall.standing(rulings).obstacles(Some((&order, &result)));
    assert_eq!(now(&hall, &left_out), []);
    assert_eq!(now(&hall, &[Ruling::Admit(held)]), [Obstacle::OrderOutdated], "decided otherwise");

    let mut joined = hall.world.enrol(0);
    hall.send(&mut joined, 0, true);
    assert_eq!(now(&hall, &left_out), [Obstacle::OrderOutdated], "one more envelope");
}

#[test]
fn an_order_under_a_sheet_that_was_replaced_since_is_outdated() {
    let mut hall = Hall::new(10);
    let (order, result) = hall.counted(&[]);
    hall.world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let obstacles = hall.standing(&[]).obstacles(Some((&order, &result)));
    assert_eq!(obstacles, [Obstacle::NoTablet, Obstacle::OrderOutdated]);
}

#[test]
fn every_obstacle_has_a_name_of_its_own_and_says_which_thing_and_what_to_do() {
    let (device, id) = (DeviceId([0xab; 16]), EnvelopeId([0xcd; 32]));
    let reasons = BTreeSet::from([HoldReason::Late, HoldReason::ClonedTablet]);
    let late = [HoldReason::Late.code(), HoldReason::ClonedTablet.code()];
    let (device_text, id_text) = (device.to_string(), id.to_string());
    let told: [(Obstacle, &str, Vec<&str>); 7] = [
        (Obstacle::Undecided(id, reasons), "undecided_hold", vec![&id_text, late[0], late[1], "two people"]),
        (
            Obstacle::Missing(Gap::Number { device, number: 73 }),
            "missing_number",
            vec![&device_text, "73", "fetch it", "write it off"],
        ),
        (Obstacle::Missing(Gap::Close { device }), "missing_close", vec![&device_text, "close and sync"]),
        (
            Obstacle::Missing(Gap::Total { device, stated: 61, found: 59 }),
            "closing_total",
            vec![&device_text, "stated 61", "59 are here"],
        ),
        (Obstacle::NoTablet, "no_tablet", vec!["has not voted"]),
        (Obstacle::NotCounted, "not_counted", vec!["no accepted result"]),
        (Obstacle::OrderOutdated, "order_outdated", vec!["new order"]),
    ];
    for (obstacle, code, parts) in told {
        assert_eq!(obstacle.code(), code);
        for part in parts {
            assert!(obstacle.text().contains(part), "{code} does not say {part}: {}", obstacle.text());
        }
    }
}
