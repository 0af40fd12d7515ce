//! What is kept but not counted, and what is missing: each reason from objects that honest software could have made.

use crate::common::{Tablet, World, attended_unit, permit_unit, unit_of};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::device::Scope;
use sync_core::envelope::SignedEnvelope;
use sync_core::id::{EnvelopeId, SheetHash};
use sync_core::message::{Item, ItemKind};
use sync_core::order::Ruling;
use sync_core::package::PermitChange;
use sync_core::replica::Replica;
use sync_core::survey::{Gap, HoldReason, Survey};
use sync_core::verify::{VerifyError, verify};

struct Hall {
    world: World,
    slip: usize,
}

impl Hall {
    fn new(seed: u64) -> Self {
        Self { world: World::new(seed, &[permit_unit(60, 3), permit_unit(60, 3)]), slip: 0 }
    }

    /// Some voters of the first unit vote on this tablet, and an envelope goes to the centre.
    fn send(&mut self, tablet: &mut Tablet, voters: usize, closing: bool) -> EnvelopeId {
        let envelope = self.seal(tablet, voters, closing);
        self.arrives(&envelope)
    }

    /// The same, but the envelope stays on the tablet.
    fn seal(&mut self, tablet: &mut Tablet, voters: usize, closing: bool) -> SignedEnvelope {
        let mut ballots = Vec::new();
        for _ in 0..voters {
            let lines = self.world.marks(0);
            ballots.push(self.world.ballot(0, self.slip, &lines));
            self.slip += 1;
        }
        self.world.seal_envelope(tablet, self.world.units[0].sheet, ballots, closing)
    }

    fn arrives(&mut self, envelope: &SignedEnvelope) -> EnvelopeId {
        self.world.archive.add_envelope(envelope.clone());
        envelope.envelope_id()
    }

    fn survey(&self) -> Survey {
        self.world.survey(0)
    }

    fn held(&self) -> BTreeMap<EnvelopeId, Vec<HoldReason>> {
        let held = self.survey().held;
        held.into_iter().map(|(id, reasons)| (id, reasons.into_iter().collect())).collect()
    }
}

fn only<const N: usize>(held: [(EnvelopeId, &[HoldReason]); N]) -> BTreeMap<EnvelopeId, Vec<HoldReason>> {
    held.into_iter().map(|(id, reasons)| (id, reasons.to_vec())).collect()
}

#[test]
fn honest_tablets_that_closed_leave_nothing_held_and_nothing_missing() {
    let mut hall = Hall::new(1);
    let (mut busy, mut unused) = (hall.world.enrol(0), hall.world.enrol(0));
    hall.send(&mut busy, 10, false);
    hall.send(&mut busy, 10, false);
    hall.send(&mut busy, 13, true);
    hall.send(&mut unused, 0, true);
    assert_eq!(hall.survey(), Survey::default());
}

#[test]
fn envelopes_of_a_revoked_tablet_are_held_also_those_that_came_before() {
    let mut hall = Hall::new(2);
    let (mut lost, mut other) = (hall.world.enrol(0), hall.world.enrol(0));
    let before = hall.send(&mut lost, 3, false);
    hall.send(&mut other, 3, true);
    assert_eq!(hall.held(), only([]));
    hall.world.revoke(lost.device);
    let after = hall.send(&mut lost, 3, true);
    let reason: &[_] = &[HoldReason::RevokedDevice];
    assert_eq!(hall.held(), only([(before, reason), (after, reason)]));
    assert_eq!(hall.survey().gaps, BTreeSet::new(), "nothing more is expected of it");
}

#[test]
fn what_comes_after_the_close_of_the_round_is_late_whatever_the_tablet_says() {
    let mut hall = Hall::new(3);
    let mut tablet = hall.world.enrol(0);
    let before = hall.send(&mut tablet, 3, false);
    hall.world.at_close = Some([before].into());
    let late = hall.send(&mut tablet, 3, true);
    assert_eq!(hall.held(), only([(late, &[HoldReason::Late])]));
}

#[test]
fn both_envelopes_of_a_cloned_tablet_are_held_and_the_first_has_no_privilege() {
    for first_is_clone in [false, true] {
        let mut hall = Hall::new(4);
        let mut tablet = hall.world.enrol(0);
        hall.send(&mut tablet, 3, false);
        let mut clone = tablet.twin();
        let mut sealed = [hall.seal(&mut tablet, 3, true), hall.seal(&mut clone, 2, true)];
        if first_is_clone {
            sealed.reverse();
        }
        hall.arrives(&sealed[0]);
        assert_eq!(hall.held(), only([]), "one alone looks right");
        hall.arrives(&sealed[1]);
        let reason: &[_] = &[HoldReason::ClonedTablet];
        let ids = sealed.each_ref().map(SignedEnvelope::envelope_id);
        assert_eq!(hall.held(), only([(ids[0], reason), (ids[1], reason)]));
    }
}

#[test]
fn two_clones_that_went_on_differ_from_each_other_in_their_whole_tail() {
    let mut hall = Hall::new(5);
    let mut tablet = hall.world.enrol(0);
    let mut clone = tablet.twin();
    let ours = [hall.send(&mut tablet, 2, false), hall.send(&mut tablet, 2, true)];
    let theirs = [hall.send(&mut clone, 2, false), hall.send(&mut clone, 2, true)];
    let reason: &[_] = &[HoldReason::ClonedTablet];
    let all = [ours[0], ours[1], theirs[0], theirs[1]].map(|id| (id, reason));
    assert_eq!(hall.held(), only(all));
}

#[test]
fn an_envelope_beyond_its_tablets_close_is_held_and_the_close_is_not() {
    let mut hall = Hall::new(6);
    let mut tablet = hall.world.enrol(0);
    let mut restored = tablet.twin();
    hall.send(&mut tablet, 2, true);
    hall.seal(&mut restored, 2, false);
    let beyond = hall.send(&mut restored, 2, false);
    let expected: &[_] = &[HoldReason::BeyondClose, HoldReason::BrokenChain];
    assert_eq!(hall.held(), only([(beyond, expected)]));
}

#[test]
fn two_closes_of_one_tablet_hold_the_second() {
    let mut hall = Hall::new(7);
    let mut tablet = hall.world.enrol(0);
    hall.send(&mut tablet, 2, true);
    tablet.chain.closed = false;
    let again = hall.send(&mut tablet, 1, true);
    assert_eq!(hall.held(), only([(again, &[HoldReason::BeyondClose])]));
    assert_eq!(hall.survey().gaps, BTreeSet::new());
}

#[test]
fn ballots_sealed_under_a_replaced_sheet_are_held_once_the_replacement_is_known() {
    let mut hall = Hall::new(8);
    let mut tablet = hall.world.enrol(0);
    let old = hall.send(&mut tablet, 3, false);
    assert_eq!(hall.held(), only([]));
    hall.world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.officials[1].post = "Bí thư".to_owned());
    hall.send(&mut tablet, 3, true);
    assert_eq!(hall.held(), only([(old, &[HoldReason::ReplacedSheet])]));
}

#[test]
fn ballots_under_a_sheet_that_nobody_here_knows_are_held() {
    let mut hall = Hall::new(9);
    let mut tablet = hall.world.enrol(0);
    let lines = hall.world.marks(0);
    let ballot = hall.world.ballot(0, 0, &lines);
    let envelope = hall.world.seal_envelope(&mut tablet, SheetHash([8; 32]), vec![ballot], true);
    let id = hall.arrives(&envelope);
    assert_eq!(hall.held(), only([(id, &[HoldReason::UnknownSheet])]));
}

#[test]
fn the_sheet_of_another_unit_is_an_unknown_sheet_here() {
    let mut hall = Hall::new(10);
    let mut tablet = hall.world.enrol(0);
    let envelope = hall.world.seal_envelope(&mut tablet, hall.world.units[1].sheet, Vec::new(), true);
    let id = hall.arrives(&envelope);
    assert_eq!(hall.held(), only([(id, &[HoldReason::UnknownSheet])]));
}

#[test]
fn a_tablet_of_another_unit_and_a_courier_are_out_of_scope() {
    let mut hall = Hall::new(11);
    let unit = hall.world.units[0].code.clone();
    let elsewhere = Scope::Units(vec![hall.world.units[1].code.clone()]);
    let mut neighbour = hall.world.enrol_with(elsewhere, unit.clone());
    let mut courier = hall.world.enrol_with(Scope::Courier, unit);
    let ids = [hall.send(&mut neighbour, 2, true), hall.send(&mut courier, 2, true)];
    let reason: &[_] = &[HoldReason::OutOfScope];
    assert_eq!(hall.held(), only([(ids[0], reason), (ids[1], reason)]));
    assert_eq!(hall.survey().gaps, BTreeSet::new(), "no close is expected of them");
}

#[test]
fn ballots_of_another_length_than_their_sheet_gives_are_held() {
    let mut hall = Hall::new(12);
    let mut tablet = hall.world.enrol(0);
    let longer = hall.world.ballot(0, 0, &[Some(0); 4]);
    let envelope = hall.world.seal_envelope(&mut tablet, hall.world.units[0].sheet, vec![longer], true);
    let id = hall.arrives(&envelope);
    assert_eq!(hall.held(), only([(id, &[HoldReason::BallotLength])]));
}

#[test]
fn an_envelope_that_follows_on_another_than_the_one_here_is_held() {
    let mut hall = Hall::new(13);
    let mut tablet = hall.world.enrol(0);
    let mut restored = tablet.twin();
    hall.send(&mut tablet, 2, false);
    hall.seal(&mut restored, 2, false);
    let after = hall.send(&mut restored, 2, true);
    assert_eq!(hall.held(), only([(after, &[HoldReason::BrokenChain])]));
}

#[test]
fn every_reason_has_its_own_stable_number_and_name() {
    let names: BTreeSet<_> = HoldReason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(names.len(), HoldReason::ALL.len());
    for (number, reason) in HoldReason::ALL.iter().enumerate() {
        assert_eq!(*reason as usize, number, "the number on the wire");
    }
}

#[test]
fn a_missing_envelope_is_asked_for_by_number_and_holds_nothing() {
    let mut hall = Hall::new(14);
    let mut tablet = hall.world.enrol(0);
    let device = tablet.device;
    let first = hall.seal(&mut tablet, 2, false);
    let second = hall.seal(&mut tablet, 2, false);
    hall.send(&mut tablet, 2, true);
    let number = |number| Gap::Number { device, number };
    assert_eq!(hall.survey(), Survey { gaps: [number(1), number(2)].into(), ..Survey::default() });
    hall.arrives(&second);
    assert_eq!(hall.survey(), Survey { gaps: [number(1)].into(), ..Survey::default() });
    hall.arrives(&first);
    assert_eq!(hall.survey(), Survey::default());
}

#[test]
fn a_tablet_that_did_not_close_is_missing_its_close_even_if_nobody_used_it() {
    let mut hall = Hall::new(15);
    let (mut open, silent) = (hall.world.enrol(0), hall.world.enrol(0));
    hall.send(&mut open, 2, false);
    let gaps = [open.device, silent.device].map(|device| Gap::Close { device });
    assert_eq!(hall.survey(), Survey { gaps: gaps.into(), ..Survey::default() });
}

#[test]
fn a_closing_total_that_is_not_the_number_of_ballots_is_named_only_when_all_envelopes_are_here() {
    let mut hall = Hall::new(16);
    let mut tablet = hall.world.enrol(0);
    let first = hall.seal(&mut tablet, 3, false);
    tablet.chain.ballots = 9;
    hall.send(&mut tablet, 2, true);
    let device = tablet.device;
    assert_eq!(hall.survey().gaps, [Gap::Number { device, number: 1 }].into());
    hall.arrives(&first);
    assert_eq!(hall.survey().gaps, [Gap::Total { device, stated: 11, found: 5 }].into());
}

#[test]
fn two_certificates_of_one_device_make_one_tablet_with_both_scopes() {
    let mut hall = Hall::new(17);
    let unit = hall.world.units[0].code.clone();
    let mut tablet = hall.world.enrol_with(Scope::Courier, unit.clone());
    let id = hall.send(&mut tablet, 2, true);
    assert_eq!(hall.held(), only([(id, &[HoldReason::OutOfScope])]));
    let mut wider = tablet.certificate.value().clone();
    wider.scope = Scope::Units(vec![unit]);
    hall.world.archive.certificates.push(Signed::sign(wider, &hall.world.centre));
    assert_eq!(hall.survey(), Survey::default());
}

#[test]
fn all_reasons_that_apply_are_given_not_only_the_first() {
    let mut hall = Hall::new(18);
    let mut tablet = hall.world.enrol(0);
    let mut clone = tablet.twin();
    let first = hall.send(&mut tablet, 2, false);
    hall.world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    hall.world.revoke(tablet.device);
    hall.world.at_close = Some([first].into());
    let late = hall.send(&mut clone, 2, false);
    let held = hall.held();
    use HoldReason::{ClonedTablet, Late, ReplacedSheet, RevokedDevice};
    assert_eq!(held[&first], [RevokedDevice, ClonedTablet, ReplacedSheet]);
    assert_eq!(held[&late], [RevokedDevice, Late, ClonedTablet]);
}

#[test]
fn a_replica_that_heard_things_in_any_order_surveys_as_the_centre_does() {
    let mut hall = Hall::new(19);
    let first_sheet = Item::new(ItemKind::Sheet, cbor::encode(hall.world.sheet(0)));
    let mut tablets = [hall.world.enrol(0), hall.world.enrol(0), hall.world.enrol(0)];
    let mut clone = tablets[0].twin();
    hall.send(&mut tablets[0], 2, true);
    hall.send(&mut clone, 1, false);
    hall.send(&mut clone, 1, false);
    hall.send(&mut tablets[1], 2, false);
    let new = hall.world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    hall.seal(&mut tablets[2], 2, false);
    hall.send(&mut tablets[2], 2, true);
    hall.world.revoke(tablets[1].device);
    let archive = &hall.world.archive;
    let mut items = vec![first_sheet, Item::new(ItemKind::Sheet, cbor::encode(hall.world.sheet(0)))];
    items.push(Item::new(ItemKind::SheetReplacement, new.bytes()));
    items.extend(archive.certificates.iter().map(|c| Item::new(ItemKind::Certificate, c.bytes())));
    items.extend(archive.revocations.iter().map(|r| Item::new(ItemKind::Revocation, r.bytes())));
    items.extend(archive.envelopes.values().map(|e| Item::new(ItemKind::Envelope, e.bytes())));
    for turn in 0..items.len() {
        items.rotate_left(1);
        if turn % 2 == 1 {
            items.reverse();
        }
        let mut replica = Replica::new(&archive.package, &hall.world.units[0].code).unwrap();
        items.iter().for_each(|item| drop(replica.apply(item)));
        assert_eq!(replica.survey(), hall.survey(), "turn {turn}");
    }
    assert_eq!(hall.survey().held.len(), 4);
    assert_eq!(hall.survey().gaps.len(), 1);
}

#[test]
fn held_ballots_are_counted_only_when_two_people_admit_them() {
    let mut hall = Hall::new(20);
    let (mut lost, mut other) = (hall.world.enrol(0), hall.world.enrol(0));
    let held = hall.send(&mut lost, 6, true);
    hall.send(&mut other, 7, true);
    hall.world.revoke(lost.device);
    let result = hall.world.open_all();
    assert_eq!(unit_of(&result, &hall.world, 0).valid, 7);
    hall.world.order(&[(0, Ruling::Admit(held))]);
    let result = hall.world.count();
    assert_eq!(unit_of(&result, &hall.world, 0).valid, 13);
    verify(&hall.world.archive.to_bytes(), &hall.world.shares, &mut |_, _| {}).unwrap();
}

#[test]
fn what_is_missing_is_reported_until_two_people_write_it_off() {
    let mut hall = Hall::new(21);
    let (mut tablet, silent) = (hall.world.enrol(0), hall.world.enrol(1));
    hall.seal(&mut tablet, 2, false);
    hall.send(&mut tablet, 6, true);
    let number = Gap::Number { device: tablet.device, number: 1 };
    let close = Gap::Close { device: silent.device };
    hall.world.open_all();
    let units = [0, 1].map(|unit| hall.world.units[unit].code.clone());
    let report = verify(&hall.world.archive.to_bytes(), &[], &mut |_, _| {}).unwrap();
    assert_eq!(report.open_gaps[&units[0]], [number].into());
    assert_eq!(report.open_gaps[&units[1]], [close].into());
    hall.world.order(&[(0, Ruling::WriteOff(number)), (1, Ruling::WriteOff(close))]);
    hall.world.count();
    let report = verify(&hall.world.archive.to_bytes(), &[], &mut |_, _| {}).unwrap();
    assert!(report.open_gaps.is_empty());
}

#[test]
fn lateness_is_the_centres_word_and_every_other_reason_is_found_again() {
    let mut hall = Hall::new(22);
    let mut tablet = hall.world.enrol(0);
    let id = hall.send(&mut tablet, 6, true);
    hall.world.at_close = Some(BTreeSet::new());
    let honest = hall.world.order(&[]).value().clone();
    assert_eq!(honest.units[0].left_out, [(id, [HoldReason::Late].into())]);
    assert!(verify(&hall.world.archive.to_bytes(), &[], &mut |_, _| {}).is_ok());
    for reason in HoldReason::ALL.into_iter().filter(|reason| *reason != HoldReason::Late) {
        let mut order = honest.clone();
        order.units[0].left_out[0].1 = [reason].into();
        hall.world.archive.orders = vec![Signed::sign(order, &hall.world.centre)];
        let seen = verify(&hall.world.archive.to_bytes(), &[], &mut |_, _| {});
        let unit = hall.world.units[0].code.clone();
        assert_eq!(seen, Err(VerifyError::Undecided { number: 1, unit, id }), "{reason:?}");
    }
}

#[test]
fn attended_units_are_held_by_the_same_rules() {
    let mut world = World::new(23, &[attended_unit(12, 2)]);
    let mut tablet = world.enrol(0);
    let mut clone = tablet.twin();
    let ballots = [(); 2].map(|()| world.attended_ballot(0, &[Some(0), None]));
    world.send(&mut tablet, vec![ballots[0].clone()], true);
    world.send(&mut clone, vec![ballots[1].clone()], true);
    let reasons: BTreeSet<_> = world.survey(0).held.into_values().flatten().collect();
    assert_eq!(reasons, [HoldReason::ClonedTablet].into());
}
