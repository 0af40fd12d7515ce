//! The end of a round: when the centre may finish it, and what a statement makes a tablet or courier delete.

use crate::common::{Tablet, World, bytes32, permit_unit};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use sync_core::cbor;
use sync_core::centre::{Admission, lacking};
use sync_core::cose::{SecretKey, Signed};
use sync_core::finish::{RoundStanding, Unfinished, listed};
use sync_core::id::{EnvelopeId, PackageHash, UnitCode};
use sync_core::message::{Have, ITEMS_MAX, Item, ItemKind, MESSAGE_MAX, Message, Outcome};
use sync_core::order::Ruling;
use sync_core::package::PermitChange;
use sync_core::receipt::{Holdings, IDS_MAX, Receipt, RoundStatement};
use sync_core::replica::{Applied, Replica};
use sync_core::standing::UnitStanding;
use sync_core::survey::HoldReason;

/// Two units that voted: three envelopes in the first, one in the second.
struct Voted {
    world: World,
    tablet: Tablet,
}

fn voted(seed: u64) -> Voted {
    let mut world = World::new(seed, &[permit_unit(30, 2), permit_unit(12, 2)]);
    let (mut tablet, mut other) = (world.enrol(0), world.enrol(1));
    for (from, to) in [(0, 8), (8, 15)] {
        let ballots = (from..to).map(|slip| world.ballot(0, slip, &[Some(0), Some(1)])).collect();
        world.send(&mut tablet, ballots, false);
    }
    let ballots = (0..6).map(|slip| world.ballot(1, slip, &[Some(0), None])).collect();
    world.send(&mut other, ballots, true);
    world.send(&mut tablet, Vec::new(), true);
    Voted { world, tablet }
}

impl Voted {
    fn unit(&self, at: usize) -> UnitCode {
        self.world.units[at].code.clone()
    }

    fn ids(&self, at: usize) -> Vec<EnvelopeId> {
        let unit = self.unit(at);
        let of_unit = self.world.archive.envelopes.iter().filter(|(_, e)| e.value().unit == unit);
        of_unit.map(|(id, _)| *id).collect()
    }

    fn close(&mut self) {
        self.world.at_close = Some(self.world.archive.envelopes.keys().copied().collect());
    }

    fn standings(&self) -> Vec<UnitStanding> {
        let order = self.world.archive.orders.last();
        let standing = |at: usize| {
            let part = order.and_then(|order| order.value().units.iter().find(|p| p.unit == self.unit(at)));
            let decisions = part.map(|part| part.decisions.clone()).unwrap_or_default();
            UnitStanding::new(self.unit(at), self.world.facts(at), decisions)
        };
        (0..self.world.units.len()).map(standing).collect()
    }

    /// What stands in the way, with these units published by these orders and these left unpublished.
    fn unfinished(&self, published: &[(usize, u32)], left: &[usize]) -> Vec<Unfinished> {
        let archive = &self.world.archive;
        let last = archive.orders.last().map(|order| {
            let number = order.value().number;
            let result = archive.results.iter().find(|result| result.value().number == number);
            (order.value(), result.map(Signed::value))
        });
        let published: BTreeMap<_, _> = published.iter().map(|(at, by)| (self.unit(*at), *by)).collect();
        let left: BTreeSet<_> = left.iter().map(|at| self.unit(*at)).collect();
        let units = self.standings();
        RoundStanding { units: &units, last, published: &published, left_unpublished: &left }.unfinished()
    }

    fn statement(&self, at: usize, envelopes: &[EnvelopeId]) -> Signed<RoundStatement> {
        let (package, unit) = (self.world.package(), self.unit(at));
        let centre = &self.world.archive.package.value().centre;
        let admission = Admission { package: &package, unit: &unit, centre };
        admission.statement(envelopes, &self.world.centre)
    }

    /// Everything that a tablet of the first unit may meet, without any statement.
    fn items(&self) -> Vec<Item> {
        let archive = &self.world.archive;
        let unit = self.unit(0);
        let mut items: Vec<Item> = Vec::new();
        items.extend(archive.replacements.iter().map(|r| Item::new(ItemKind::SheetReplacement, r.bytes())));
        let sheets = archive.sheets.values().filter(|sheet| sheet.unit == unit);
        items.extend(sheets.map(|sheet| Item::new(ItemKind::Sheet, cbor::encode(sheet))));
        items.extend(archive.certificates.iter().map(|c| Item::new(ItemKind::Certificate, c.bytes())));
        let own = archive.envelopes.values().filter(|envelope| envelope.value().unit == unit);
        items.extend(own.map(|e| Item::new(ItemKind::Envelope, e.bytes())));
        let ids = self.ids(0);
        for envelopes in [ids[..1].to_vec(), ids[1..].to_vec()] {
            let receipt = Receipt { package: self.world.package(), unit: unit.clone(), envelopes };
            items.push(Item::new(ItemKind::Receipt, Signed::sign(receipt, &self.world.centre).bytes()));
        }
        items
    }

    fn replica(&self) -> Replica {
        let mut replica = self.empty();
        for item in self.items() {
            assert_eq!(replica.apply(&item).0, Applied::New, "{item:?}");
        }
        replica
    }

    fn empty(&self) -> Replica {
        Replica::new(&self.world.archive.package, &self.unit(0)).expect("its unit")
    }
}

fn item(statement: &Signed<RoundStatement>) -> Item {
    Item::new(ItemKind::RoundStatement, statement.bytes())
}

fn here(replica: &Replica) -> Vec<EnvelopeId> {
    replica.envelopes().map(|envelope| envelope.envelope_id()).collect()
}

#[test]
fn a_round_is_finished_when_all_is_counted_decided_and_published_and_then_every_envelope_is_listed() {
    let mut voted = voted(1);
    assert_eq!(voted.unfinished(&[], &[]), [Unfinished::NoOrder]);
    voted.close();
    voted.world.order(&[]);
    let unpublished = |at| Unfinished::Unpublished(voted.unit(at));
    let nothing_published = [unpublished(0), unpublished(1)];
    assert_eq!(voted.unfinished(&[], &[])[0], Unfinished::NotCounted(1));
    assert_eq!(voted.unfinished(&[], &[])[1..], nothing_published);
    voted.world.count();
    assert_eq!(
        voted.unfinished(&[], &[]),
        [Unfinished::Unpublished(voted.unit(0)), Unfinished::Unpublished(voted.unit(1))]
    );
    assert_eq!(voted.unfinished(&[(0, 1)], &[]), [Unfinished::Unpublished(voted.unit(1))]);
    assert_eq!(voted.unfinished(&[(0, 1), (1, 1)], &[]), []);
    assert_eq!(voted.unfinished(&[(0, 1)], &[1]), [], "two people left it unpublished, in writing");
    let order = voted.world.archive.orders[0].value();
    for (at, part) in order.units.iter().enumerate() {
        assert_eq!(listed(part), voted.ids(at));
    }
}

#[test]
fn what_comes_or_is_decided_after_the_order_stands_in_the_way_until_it_is_counted() {
    let mut voted = voted(2);
    voted.close();
    voted.world.order(&[]);
    voted.world.count();
    let all = [(0, 1), (1, 1)];
    assert_eq!(voted.unfinished(&all, &[]), []);
    let mut late = voted.world.enrol(1);
    let outdated = Unfinished::OrderOutdated(voted.unit(1));
    assert_eq!(voted.unfinished(&all, &[]), std::slice::from_ref(&outdated), "another tablet of the unit");
    let envelope = voted.world.send(&mut late, Vec::new(), true).envelope_id();
    let held = Unfinished::Undecided(voted.unit(1), envelope, BTreeSet::from([HoldReason::Late]));
    assert_eq!(voted.unfinished(&all, &[]), [outdated, held.clone()]);
    voted.world.order(&[]);
    voted.world.count();
    assert_eq!(
        voted.unfinished(&all, &[1]),
        [Unfinished::Unpublished(voted.unit(0)), held],
        "published by an order that is not the last; and what nobody decided about waits although it was left out"
    );
    voted.world.order(&[(1, Ruling::LeaveOut(envelope))]);
    voted.world.count();
    assert_eq!(voted.unfinished(&[(0, 3), (1, 3)], &[]), []);
    let order = voted.world.archive.orders[2].value();
    let left_out: Vec<_> = order.units[1].left_out.iter().map(|(id, _)| *id).collect();
    assert_eq!(left_out, [envelope]);
    assert!(listed(&order.units[1]).contains(&envelope), "left out is decided, too");
}

#[test]
fn every_obstacle_has_a_code_and_says_what_to_do() {
    let unit = UnitCode::new("U1").expect("a code");
    let all = [
        Unfinished::NoOrder,
        Unfinished::NotCounted(2),
        Unfinished::OrderOutdated(unit.clone()),
        Unfinished::Undecided(unit.clone(), EnvelopeId([1; 32]), BTreeSet::from([HoldReason::Late])),
        Unfinished::Unpublished(unit.clone()),
        Unfinished::NotBackedUp,
    ];
    let codes: BTreeSet<_> = all.iter().map(Unfinished::code).collect();
    assert_eq!(codes.len(), all.len(), "no two have one code");
    let of_units: Vec<bool> = all.iter().map(|why| why.unit() == Some(&unit)).collect();
    assert_eq!(of_units, [false, false, true, true, true, false]);
    assert!(all.iter().all(|why| why.text().len() > 20));
    assert!(all[1].text().contains("order 2"));
    assert!(all[3].text().contains("late"), "{}", all[3].text());
}

#[test]
fn a_statement_takes_away_what_it_lists_its_receipts_and_the_names_and_nothing_else() {
    let mut voted = voted(3);
    voted.world.replace_sheet(0, PermitChange::Kept, |sheet| {
        sheet.officials[0].name = "Nguyễn Văn Một".to_owned();
    });
    let mut replica = voted.replica();
    let ids = voted.ids(0);
    assert!(!replica.is_finished() && replica.sheet().is_some());
    let (gone, left) = ids.split_at(2);
    let statement = item(&voted.statement(0, gone));
    assert!(voted.items().iter().all(|item| !replica.may_delete(item)), "no statement, nothing deleted");
    assert_eq!(replica.apply(&statement).0, Applied::New);
    assert_eq!(here(&replica), left);
    assert!(replica.is_finished() && replica.sheet().is_none());
    assert_eq!(replica.receipts().count(), 1, "one receipt covers an envelope that stays");
    assert_eq!(replica.have().envelopes, left);
    let kinds = |replica: &Replica| {
        let mut kinds: BTreeMap<ItemKind, usize> = BTreeMap::new();
        replica.items().iter().for_each(|item| *kinds.entry(item.kind).or_default() += 1);
        kinds
    };
    let expected = [
        (ItemKind::Certificate, 2),
        (ItemKind::Envelope, 1),
        (ItemKind::Receipt, 1),
        (ItemKind::RoundStatement, 1),
    ];
    assert_eq!(kinds(&replica), BTreeMap::from(expected));
    // What may be deleted from where it is stored is what is not here any more.
    let kept = replica.items();
    for item in voted.items() {
        assert_eq!(replica.may_delete(&item), !kept.contains(&item), "{item:?}");
    }
    assert!(!replica.may_delete(&statement));
    assert!(!replica.may_delete(&Item::new(ItemKind::Envelope, b"unreadable".as_slice())));
    let before = replica.canonical_bytes();
    for item in voted.items() {
        let applied = replica.apply(&item).0;
        assert_eq!(applied, Applied::AlreadyHere, "an old message brings nothing back: {item:?}");
    }
    assert_eq!(replica.canonical_bytes(), before);
    let rest = item(&voted.statement(0, left));
    assert_eq!(replica.apply(&rest).0, Applied::New, "the centre finished again");
    assert_eq!((here(&replica).len(), replica.receipts().count()), (0, 0));
}

#[test]
fn an_envelope_that_no_statement_lists_is_taken_and_given_as_ever() {
    let mut voted = voted(4);
    let mut replica = voted.replica();
    replica.apply(&item(&voted.statement(0, &voted.ids(0))));
    assert_eq!(here(&replica), []);
    let mut late = voted.world.enrol(0);
    let certificate = Item::new(ItemKind::Certificate, late.certificate.bytes());
    let sheet = voted.world.units[0].sheet;
    let envelope = voted.world.seal_envelope(&mut late, sheet, Vec::new(), true);
    let late = Item::new(ItemKind::Envelope, envelope.bytes());
    assert_eq!(replica.apply(&late).0, Applied::Waits);
    assert_eq!(replica.apply(&certificate), (Applied::New, vec![late.clone()]));
    assert_eq!(here(&replica), [envelope.envelope_id()]);
    assert!(!replica.may_delete(&late));
}

#[test]
fn a_statement_of_another_unit_package_or_signer_is_refused_and_changes_nothing() {
    let voted = voted(5);
    let mut replica = voted.replica();
    let before = replica.canonical_bytes();
    let ids = voted.ids(0);
    let (package, unit) = (voted.world.package(), voted.unit(0));
    let genuine = RoundStatement { package, unit, envelopes: ids };
    let foreign = RoundStatement { unit: voted.unit(1), ..genuine.clone() };
    let other_round = RoundStatement { package: PackageHash([9; 32]), ..genuine.clone() };
    let centre = &voted.world.centre;
    let stranger = SecretKey::from_seed(&bytes32(&mut ChaCha20Rng::seed_from_u64(500)));
    let receipt = Receipt { package, unit: voted.unit(0), envelopes: genuine.envelopes.clone() };
    let holdings = Holdings { package, unit: voted.unit(0), envelopes: genuine.envelopes.clone() };
    let mut damaged = Signed::sign(genuine.clone(), centre).into_bytes();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    for (bytes, outcome) in [
        (Signed::sign(foreign, centre).into_bytes(), Outcome::OtherUnit),
        (Signed::sign(other_round, centre).into_bytes(), Outcome::OtherPackage),
        (Signed::sign(genuine.clone(), &voted.tablet.key).into_bytes(), Outcome::BadSignature),
        (Signed::sign(genuine.clone(), &stranger).into_bytes(), Outcome::BadSignature),
        (Signed::sign(receipt, centre).into_bytes(), Outcome::BadSignature),
        (Signed::sign(holdings, centre).into_bytes(), Outcome::BadSignature),
        (damaged, Outcome::BadSignature),
        (b"".to_vec(), Outcome::Malformed),
    ] {
        let applied = replica.apply(&Item::new(ItemKind::RoundStatement, bytes));
        assert_eq!(applied, (Applied::Refused(outcome), Vec::new()));
        assert_eq!(replica.canonical_bytes(), before);
    }
    assert_eq!(replica.apply(&item(&Signed::sign(genuine, centre))).0, Applied::New);
}

#[test]
fn a_centre_needs_no_statement_of_its_own() {
    let voted = voted(6);
    struct Nobody;
    impl sync_core::centre::Certificates for Nobody {
        fn key_of(&self, _: &sync_core::id::DeviceId) -> Option<sync_core::cose::PublicKey> {
            None
        }
    }
    let (package, unit) = (voted.world.package(), voted.unit(0));
    let centre = &voted.world.archive.package.value().centre;
    let admission = Admission { package: &package, unit: &unit, centre };
    let judged = admission.judge(&item(&voted.statement(0, &voted.ids(0))), &Nobody);
    assert!(matches!(judged, Ok(sync_core::centre::Admitted::Nothing)));
}

#[test]
fn what_waited_is_let_go_when_a_statement_lists_it() {
    let voted = voted(7);
    let mut replica = voted.empty();
    let (envelopes, sheets) = (voted.items(), voted.items());
    for item in envelopes.iter().filter(|item| item.kind == ItemKind::Envelope) {
        assert_eq!(replica.apply(item).0, Applied::Waits);
    }
    let (_, woken) = replica.apply(&item(&voted.statement(0, &voted.ids(0))));
    assert_eq!((woken.len(), replica.waiting()), (0, (0, 0)));
    for item in sheets.iter().filter(|item| item.kind == ItemKind::Sheet) {
        assert_eq!(replica.apply(item).0, Applied::AlreadyHere);
    }
}

#[test]
fn nobody_is_given_what_a_statement_lists() {
    let id = |n: u8| EnvelopeId([n; 32]);
    let held = [id(1), id(2), id(3), id(4)];
    let have = Have { envelopes: vec![id(2)], records: Vec::new() };
    assert_eq!(lacking(&held, &have, None), [id(1), id(3), id(4)]);
    let package = PackageHash([0; 32]);
    let unit = UnitCode::new("U1").expect("a code");
    let statement = RoundStatement { package, unit, envelopes: vec![id(1), id(2), id(3)] };
    assert_eq!(lacking(&held, &have, Some(&statement)), [id(4)]);
    assert_eq!(lacking(&held, &Have::default(), Some(&statement)), [id(4)]);
}

#[test]
fn the_longest_statement_reaches_a_tablet_beside_the_longest_receipt() {
    let voted = voted(8);
    let ids: Vec<EnvelopeId> = (0..IDS_MAX)
        .map(|n| {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&(n as u64).to_be_bytes());
            EnvelopeId(id)
        })
        .collect();
    let (package, unit) = (voted.world.package(), voted.unit(0));
    let centre = &voted.world.archive.package.value().centre;
    let admission = Admission { package: &package, unit: &unit, centre };
    let statement = admission.statement(&ids, &voted.world.centre);
    let receipt = admission.receipt(&ids[..ITEMS_MAX], &voted.world.centre);
    let outcomes: Vec<_> = (0..).map(|at| (at, Outcome::TooMany)).take(ITEMS_MAX).collect();
    let message = admission
        .answer(
            Have { envelopes: ids.clone(), records: Vec::new() },
            receipt.as_ref(),
            Some(&statement),
            outcomes,
        )
        .finish();
    let bytes = cbor::encode(&message);
    assert!(bytes.len() <= MESSAGE_MAX, "{} bytes", bytes.len());
    assert_eq!(cbor::decode::<Message>(&bytes), Ok(message.clone()));
    let kinds: Vec<_> = message.give.iter().map(|item| item.kind).collect();
    assert_eq!(kinds, [ItemKind::Receipt, ItemKind::RoundStatement]);
    let have = message.have.expect("an answer says what is held").envelopes;
    assert!(have.len() > 2_000 && have == ids[..have.len()], "the first of them, as many as fit");
    let alone = admission
        .answer(Have { envelopes: ids.clone(), records: Vec::new() }, None, None, Vec::new())
        .finish();
    assert_eq!(alone.have.expect("the same").envelopes.len(), IDS_MAX);
}

static STORY: LazyLock<(Voted, Vec<Item>)> = LazyLock::new(|| {
    let mut voted = voted(9);
    voted.world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let mut items = voted.items();
    // Two statements, as of a centre that finished again after it was restored; together they leave one envelope out.
    let ids = voted.ids(0);
    for listed in [&ids[..1], &ids[1..2]] {
        items.push(item(&voted.statement(0, listed)));
    }
    (voted, items)
});

proptest! {
    #[test]
    fn statements_and_what_they_list_may_come_in_any_order_and_any_number(seed in any::<u64>()) {
        let (voted, items) = &*STORY;
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut model = voted.empty();
        items.iter().for_each(|item| drop(model.apply(item)));
        prop_assert_eq!(here(&model).len(), 1);
        let mut replica = voted.empty();
        let mut shuffled: Vec<_> = items.iter().chain(items).collect();
        for at in (1..shuffled.len()).rev() {
            let other = usize::try_from(rng.next_u64() % (at as u64 + 1)).expect("small");
            shuffled.swap(at, other);
        }
        for item in shuffled {
            let (_, woken) = replica.apply(item);
            prop_assert!(woken.iter().all(|item| !replica.may_delete(item)));
        }
        prop_assert_eq!(replica.canonical_bytes(), model.canonical_bytes());
        let mut merged = voted.empty();
        merged.merge(&replica);
        prop_assert_eq!(merged.canonical_bytes(), model.canonical_bytes(), "a replica is told by its items");
    }
}
