//! Ballots of a box whose tablet can sign nothing any more: sealed by the centre, held, and counted if two people say so.

use crate::common::{Lines, Tablet, World, permit_unit, tally, unit_of};
use std::collections::BTreeSet;
use sync_core::ballot::Record;
use sync_core::cbor;
use sync_core::centre::{Admission, Admitted, Certificates};
use sync_core::cose::PublicKey;
use sync_core::count::{Fact, RoundResult};
use sync_core::envelope::{Batch, SignedEnvelope};
use sync_core::id::{DeviceId, EnvelopeId};
use sync_core::message::{Item, ItemKind, Outcome};
use sync_core::order::{OpeningOrder, Ruling};
use sync_core::parcel::OrphanBox;
use sync_core::replica::{Applied, Replica};
use sync_core::survey::{Gap, HoldReason};
use sync_core::verify::verify;

/// A unit whose second tablet dies with ballots in its box.
struct Hall {
    world: World,
    good: Tablet,
    dead: Tablet,
    marks: Vec<Lines>,
    waiting: Vec<Record>,
}

impl Hall {
    /// Six voters vote on the tablet that lives, six on the one that dies.
    fn new(seed: u64) -> Self {
        let mut world = World::new(seed, &[permit_unit(20, 2)]);
        let (mut good, dead) = (world.enrol(0), world.enrol(0));
        let marks: Vec<Lines> = (0..12).map(|_| world.marks(0)).collect();
        let mut ballots: Vec<Record> =
            (0..).zip(&marks).map(|(i, lines)| world.ballot(0, i, lines)).collect();
        let waiting = ballots.split_off(6);
        world.send(&mut good, ballots, true);
        Self { world, good, dead, marks, waiting }
    }

    fn orphan(&self, ballots: &[Record]) -> OrphanBox {
        let len = ballots[0].as_bytes().len();
        OrphanBox {
            package: self.world.package(),
            unit: self.dead.unit.clone(),
            device: Some(self.dead.device),
            sheet: self.world.units[0].sheet,
            ballots: Batch::new(len, ballots.to_vec()).expect("ballots of one length"),
            story: "Máy hỏng".to_owned(),
        }
    }

    fn centre(&self) -> DeviceId {
        self.world.archive.package.value().centre.device()
    }

    fn adopted(&self) -> Vec<SignedEnvelope> {
        let all = self.world.archive.envelopes.values();
        all.filter(|envelope| envelope.value().device == self.centre()).cloned().collect()
    }

    fn adopt(&mut self, ballots: &[Record]) -> Option<EnvelopeId> {
        let package = self.world.package();
        let centre = &self.world.archive.package.value().centre;
        let admission = Admission { package: &package, unit: &self.dead.unit, centre };
        let envelope = admission
            .adopt(&self.orphan(ballots), &self.adopted(), &self.world.centre)
            .expect("a number is left")?;
        self.world.archive.add_envelope(envelope.clone());
        Some(envelope.envelope_id())
    }

    /// The dead tablet never closes, which two people write off.
    fn count(&mut self, rulings: &[Ruling]) -> RoundResult {
        let lost = Ruling::WriteOff(Gap::Close { device: self.dead.device });
        let rulings: Vec<_> = rulings.iter().chain([&lost]).map(|ruling| (0, *ruling)).collect();
        self.world.order(&rulings);
        let result = self.world.count();
        assert!(verify(&self.world.archive.to_bytes(), &self.world.shares[..2], &mut |_, _| {}).is_ok());
        result
    }
}

struct Nobody;

impl Certificates for Nobody {
    fn key_of(&self, _: &DeviceId) -> Option<PublicKey> {
        None
    }
}

#[test]
fn orphaned_ballots_are_held_and_count_like_all_others_once_two_people_admit_them() {
    let mut hall = Hall::new(801);
    let id = hall.adopt(&hall.waiting.clone()).unwrap();
    let survey = hall.world.survey(0);
    assert_eq!(survey.held[&id], BTreeSet::from([HoldReason::Orphan]));
    assert_eq!(survey.held.len(), 1);
    assert_eq!(
        survey.gaps,
        BTreeSet::from([Gap::Close { device: hall.dead.device }]),
        "the centre closes nothing"
    );
    let result = hall.count(&[Ruling::Admit(id)]);
    let unit = unit_of(&result, &hall.world, 0);
    assert_eq!((unit.valid, unit.lines.as_ref()), (12, Some(&tally(&hall.marks, 2))));
}

#[test]
fn orphaned_ballots_that_are_left_out_stay_out_and_the_order_says_why() {
    let mut hall = Hall::new(802);
    let id = hall.adopt(&hall.waiting.clone()).unwrap();
    let result = hall.count(&[Ruling::LeaveOut(id)]);
    assert_eq!(unit_of(&result, &hall.world, 0).valid, 6);
    let order = hall.world.archive.orders[0].value();
    assert_eq!(order.units[0].left_out, [(id, BTreeSet::from([HoldReason::Orphan]))]);
    let bytes = cbor::encode(order);
    assert_eq!(bytes[1], 2, "readers of version 1 do not know this reason");
    let mut older = bytes.clone();
    older[1] = 1;
    assert!(cbor::decode::<OpeningOrder>(&older).is_err() && cbor::decode::<OpeningOrder>(&bytes).is_ok());
}

#[test]
fn the_same_box_twice_is_one_and_a_fuller_copy_brings_only_what_is_new() {
    let mut hall = Hall::new(803);
    let (some, all) = (hall.waiting[..4].to_vec(), hall.waiting.clone());
    let first = hall.adopt(&some).unwrap();
    assert_eq!(hall.adopt(&some), None);
    let second = hall.adopt(&all).unwrap();
    assert_eq!((hall.adopt(&all), hall.adopt(&some)), (None, None));
    let sizes: BTreeSet<usize> = hall.adopted().iter().map(|e| e.value().ballots.len()).collect();
    assert_eq!(sizes, BTreeSet::from([2, 4]));
    let held = hall.world.survey(0).held;
    assert!(
        [first, second].iter().all(|id| held[id] == BTreeSet::from([HoldReason::Orphan])),
        "they are a chain"
    );
    let result = hall.count(&[Ruling::Admit(first), Ruling::Admit(second)]);
    assert_eq!(unit_of(&result, &hall.world, 0).valid, 12);
}

#[test]
fn ballots_that_came_in_a_genuine_envelope_as_well_are_counted_once() {
    let mut hall = Hall::new(804);
    let waiting = hall.waiting.clone();
    let id = hall.adopt(&waiting).unwrap();
    hall.world.send(&mut hall.dead, waiting[..3].to_vec(), false);
    let result = hall.count(&[Ruling::Admit(id)]);
    let unit = unit_of(&result, &hall.world, 0);
    assert_eq!((unit.valid, unit.lines.as_ref()), (12, Some(&tally(&hall.marks, 2))));
    assert_eq!(unit.facts, [(Fact::ByteEqualCopy, 3)]);
}

#[test]
fn what_the_centre_sealed_comes_back_to_it_after_a_restore_and_tablets_carry_it() {
    let mut hall = Hall::new(805);
    hall.adopt(&hall.waiting.clone()).unwrap();
    let envelope = hall.adopted().remove(0);
    let item = Item::new(ItemKind::Envelope, envelope.bytes());
    let package = hall.world.package();
    let centre = &hall.world.archive.package.value().centre;
    let admission = Admission { package: &package, unit: &hall.good.unit, centre };
    assert!(matches!(admission.judge(&item, &Nobody), Ok(Admitted::Envelope(_))));
    let mut replica = Replica::new(&hall.world.archive.package, &hall.good.unit).unwrap();
    assert_eq!(replica.apply(&item).0, Applied::New);
    assert!(replica.survey().held[&envelope.envelope_id()].contains(&HoldReason::Orphan));
}

#[test]
fn a_box_of_another_round_or_unit_is_refused() {
    let hall = Hall::new(806);
    let other = World::new(807, &[permit_unit(5, 2), permit_unit(5, 2)]);
    let orphan = hall.orphan(&hall.waiting);
    let centre = &hall.world.archive.package.value().centre;
    let (own, foreign) = (hall.world.package(), other.package());
    let here = Admission { package: &own, unit: &other.units[1].code, centre };
    assert_eq!(here.adopt(&orphan, &[], &hall.world.centre).unwrap_err(), Outcome::OtherUnit);
    let there = Admission { package: &foreign, unit: &hall.dead.unit, centre };
    assert_eq!(there.adopt(&orphan, &[], &hall.world.centre).unwrap_err(), Outcome::OtherPackage);
}
