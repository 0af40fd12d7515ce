//! Where the program takes what it has read: replica, admission, look-up, count and check.
//!
//! Each function gets the bytes that its target got. It tries them as they are and, where a signature would stop
//! them, signed again ([`Forge`]). None may panic, and each asserts what must hold whatever it is given.

use crate::common::samples::small_round;
use crate::common::{Tablet, World, attended_unit, permit_unit};
use crate::forge::Forge;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use sync_core::bundle::Bundle;
use sync_core::cbor;
use sync_core::centre::{self, Admission};
use sync_core::ceremony::KeyStatement;
use sync_core::cose::{PublicKey, SecretKey, Signed, Unverified};
use sync_core::count::{RoundResult, count};
use sync_core::device::Scope;
use sync_core::enrol::Enrolment;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::message::{Have, Item, Message, Request, pieces};
use sync_core::open_box::OpenBox;
use sync_core::order::OpeningOrder;
use sync_core::package::Package;
use sync_core::parcel::OrphanBox;
use sync_core::permit::{PermitCode, look_up};
use sync_core::record::double_entry::DoubleEntry;
use sync_core::replica::{Replica, WAITING_MAX};
use sync_core::secret::{Share, join};
use sync_core::verify::verify;

pub use sync_core::message::ItemKind;

/// Takes the bytes further.
pub type Behind = fn(&[u8]);

/// The round that the samples are of, and its tablet.
static HALL: LazyLock<(World, Tablet)> = LazyLock::new(|| {
    let mut world = World::new(30, &[permit_unit(5, 2), attended_unit(4, 1)]);
    let tablet = world.enrol(0);
    (world, tablet)
});

/// The round that the sample bundle is of, opened once.
static OFFICE: LazyLock<World> = LazyLock::new(|| {
    let mut world = small_round();
    world.open_all();
    world
});

/// What that tablet knows: itself, as it is and under the key that it has when it is forged.
static KNOWN: LazyLock<Replica> = LazyLock::new(|| {
    let mut replica = Replica::new(&HALL.0.archive.package, unit()).expect("a unit of the round");
    let forged = Forge::new(&HALL.0).certificate(HALL.1.certificate.value().clone());
    for certificate in [&HALL.1.certificate, &forged] {
        replica.apply(&Item::new(ItemKind::Certificate, certificate.bytes()));
    }
    replica
});

static KNOWN_KEYS: LazyLock<BTreeMap<DeviceId, PublicKey>> = LazyLock::new(|| {
    let (package, centre) = (HALL.0.package(), &HALL.0.archive.package.value().centre);
    let mut message = Message::new(package, unit().clone());
    message.give = KNOWN.items();
    Admission { package: &package, unit: unit(), centre }.certified_in(&message)
});

fn unit() -> &'static UnitCode {
    &HALL.0.units[0].code
}

/// Has nowhere to go.
pub fn nothing(_: &[u8]) {}

/// One item on its own, as it is and as its signer would have signed it.
pub fn item(kind: ItemKind, bytes: &[u8]) {
    deliver_both(&[Item::new(kind, bytes)]);
}

fn deliver_both(give: &[Item]) {
    deliver(give);
    let mut forge = Forge::new(&HALL.0);
    forge.adopt(HALL.1.certificate.value().clone());
    let forged = forge.items(give);
    if forged != give {
        deliver(&forged);
    }
}

/// Everything that a message gives.
pub fn message(bytes: &[u8]) {
    let Ok(mut message) = cbor::decode::<Message>(bytes) else { return };
    let _ = centre::handshake(&message, &HALL.0.package(), |unit| {
        HALL.0.archive.package.value().unit(unit).is_some()
    });
    deliver_both(&message.give);
    let give = std::mem::take(&mut message.give);
    let cut = pieces(message, give.clone());
    assert!(cut.iter().all(|piece| cbor::decode::<Message>(&cbor::encode(piece)).is_ok()));
    assert!(
        cut.into_iter().flat_map(|piece| piece.give).eq(give),
        "cutting loses nothing that was in a message"
    );
}

/// The centre seals it, in the unit it names or in none, and never twice.
pub fn orphan_box(bytes: &[u8]) {
    let Ok(mut orphan) = cbor::decode::<OrphanBox>(bytes) else { return };
    (orphan.package, orphan.unit) = (HALL.0.package(), unit().clone());
    let centre = &HALL.0.archive.package.value().centre;
    let admission = Admission { package: &orphan.package, unit: unit(), centre };
    let sealed = admission.adopt(&orphan, &[], &HALL.0.centre).expect("the chain is empty");
    let sealed = sealed.expect("it has a ballot");
    assert!(sealed.value().ballots == orphan.ballots, "every ballot once");
    assert!(matches!(admission.adopt(&orphan, &[sealed], &HALL.0.centre), Ok(None)));
}

/// The envelopes, sheets and what belongs to them go to a tablet and to the centre.
fn deliver(give: &[Item]) {
    let mut replica = KNOWN.clone();
    let mut backwards = replica.clone();
    for item in give {
        replica.apply(item);
    }
    for item in give.iter().rev() {
        backwards.apply(item);
    }
    // Where too much waits some of it is let go, and what that is depends on the order.
    if give.len() <= WAITING_MAX {
        assert!(replica.canonical_bytes() == backwards.canonical_bytes(), "the order of arrival shows");
    }
    let known = replica.canonical_bytes();
    for item in give {
        replica.apply(item);
    }
    if give.len() <= WAITING_MAX {
        assert!(replica.canonical_bytes() == known, "what is here already changes something");
    }
    let survey = replica.survey();
    assert!(survey.held.keys().all(|id| replica.holds(id)), "something is held that is not here");
    assert!(
        replica.envelopes().all(|envelope| !replica.is_listed(&envelope.envelope_id())),
        "a listed envelope is still here"
    );
    assert!(replica.items().iter().all(|item| !replica.may_delete(item)), "what is here may be deleted");
    admit(give, &replica);
}

struct Keys(BTreeMap<DeviceId, PublicKey>);

impl centre::Certificates for Keys {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        self.0.get(device).copied()
    }
}

/// The centre takes no envelope that a tablet with the same certificates would not take.
fn admit(give: &[Item], replica: &Replica) {
    let (package, centre) = (HALL.0.package(), &HALL.0.archive.package.value().centre);
    let admission = Admission { package: &package, unit: unit(), centre };
    let mut message = Message::new(package, unit().clone());
    message.give = give.to_vec();
    centre::authors(&message);
    let keys = Keys(
        KNOWN_KEYS
            .iter()
            .map(|(device, key)| (*device, *key))
            .chain(admission.certified_in(&message))
            .collect(),
    );
    let mut stored = BTreeSet::new();
    for item in give {
        if let Ok(centre::Admitted::Envelope(envelope)) = admission.judge(item, &keys) {
            let id = envelope.envelope_id();
            assert!(replica.holds(&id) || replica.is_listed(&id), "the centre stores what a tablet refuses");
            stored.insert(envelope.envelope_id());
        }
    }
    let stored: Vec<_> = stored.into_iter().collect();
    let receipt = admission.receipt(&stored, &HALL.0.centre);
    assert_eq!(receipt.is_some(), !stored.is_empty());
    let have = Have { envelopes: stored, records: Vec::new() };
    let mut answer = admission.answer(have, receipt.as_ref(), None, Vec::new());
    for item in give {
        answer.give(item.clone());
    }
    let answer = cbor::encode(&answer.finish());
    assert!(cbor::decode::<Message>(&answer).is_ok(), "an answer that nobody can read");
}

/// Somebody's request, and the message in it.
pub fn request(bytes: &[u8]) {
    let Ok(request) = Unverified::<Request>::decode(bytes) else { return };
    let claim = request.claim().clone();
    let (package, centre) = (HALL.0.package(), &HALL.0.archive.package.value().centre);
    let admission = Admission { package: &package, unit: unit(), centre };
    let known = Some((HALL.1.key.public(), Scope::Courier));
    for (bytes, known) in [
        (bytes.to_vec(), None),
        (Signed::sign(claim.clone(), &HALL.1.key).into_bytes(), known),
        (Signed::sign(claim.clone(), &SecretKey::from_seed(&[1; 32])).into_bytes(), None),
    ] {
        let Ok(request) = Unverified::<Request>::decode(&bytes) else {
            panic!("what was signed cannot be read")
        };
        let sender = admission.sender(request, known);
        assert!(sender.is_err() || sender.is_ok_and(|sender| sender.device == claim.device));
    }
    message(&claim.message);
}

/// A device takes what its enrolment brings.
pub fn enrolment(bytes: &[u8]) {
    let Ok(enrolment) = cbor::decode::<Enrolment>(bytes) else { return };
    package(&enrolment.package);
    let mut give = vec![Item::new(ItemKind::Certificate, enrolment.certificate)];
    give.extend(enrolment.items);
    deliver_both(&give);
}

/// A round for every unit that a package names, also where its centre is another.
pub fn package(bytes: &[u8]) {
    let _ = Package::open(bytes);
    let Ok(package) = Unverified::<Package>::decode(bytes) else { return };
    let mut claim = package.claim().clone();
    claim.centre.sign = HALL.0.centre.public();
    let signed = Signed::sign(claim, &HALL.0.centre);
    let signed = Package::open(signed.bytes()).expect("a package that is signed");
    for entry in &signed.value().units {
        let replica = Replica::new(&signed, &entry.code).expect("a unit of the package");
        assert_eq!((replica.current_sheet(), replica.survey().held.len()), (entry.sheet, 0));
    }
    assert!(
        verify(&Bundle::new(signed).to_bytes(), &[], &mut |_, _| {}).is_err(),
        "a round without its sheets"
    );
}

/// A statement stands only under the key that it names.
pub fn key_statement(bytes: &[u8]) {
    if let Ok(statement) = KeyStatement::open(bytes) {
        assert!(statement.bytes() == bytes);
    }
}

/// A box is emptied batch by batch, and no ballot is lost or doubled on the way.
pub fn open_box(bytes: &[u8]) {
    let Ok(open_box) = cbor::decode::<OpenBox>(bytes) else { return };
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let all: Vec<_> = open_box.nullifiers().collect();
    assert!(open_box.len() == all.len() && all.iter().all(|nullifier| open_box.contains(nullifier)));
    let mut rest = open_box.clone();
    let mut left = BTreeSet::new();
    while let Some(batch) = rest.cut(2, &mut rng) {
        rest = rest.without(&batch);
        left.extend(batch.records().map(|record| record.nullifier()));
    }
    let last = rest.last_batches(&mut rng);
    // Ballots longer than those of any sheet fit into no envelope.
    if last.is_empty() {
        return;
    }
    for batch in last {
        left.extend(batch.records().map(|record| record.nullifier()));
    }
    assert!(left.into_iter().eq(all), "ballots were lost or doubled");
}

/// A code opens no unit that it was not drawn for.
pub fn permit(bytes: &[u8]) {
    let Some(code) = std::str::from_utf8(bytes).ok().and_then(|text| PermitCode::parse(text).ok()) else {
        return;
    };
    let known = HALL.0.units[0].slips.contains(&code);
    assert_eq!(look_up(&code, HALL.0.sheet(0)).is_ok(), known);
    assert!(look_up(&code, HALL.0.sheet(1)).is_err());
}

/// A share that was changed opens nothing, alone or beside a good one.
pub fn share(bytes: &[u8]) {
    let Some(share) = std::str::from_utf8(bytes).ok().and_then(|text| Share::parse(text).ok()) else {
        return;
    };
    let package = HALL.0.archive.package.value();
    let good = &HALL.0.shares;
    let joined = join(&package.round, &package.keys, &[good[0].clone(), share.clone()]);
    assert_eq!(joined.is_ok(), good[1..].contains(&share));
}

/// Anybody checks the bundle, and trustees count what is in it.
pub fn bundle(bytes: &[u8]) {
    let _ = verify(bytes, &[], &mut |_, _| {});
    let mut forge = Forge::new(&OFFICE);
    let Some((bundle, orders, results)) = forge.bundle(bytes) else { return };
    open_in_turn(&forge, bundle, orders, &results);
}

/// The sample round is opened by another order.
pub fn order(bytes: &[u8]) {
    let Ok(order) = Unverified::<OpeningOrder>::decode(bytes) else { return };
    let mut forge = Forge::new(&OFFICE);
    let (bundle, _, _) = forge.bundle(&OFFICE.archive.to_bytes()).expect("a bundle");
    open_in_turn(&forge, bundle, vec![order.claim().clone()], &[]);
}

/// The sample round has another result.
pub fn result(bytes: &[u8]) {
    let Ok(result) = Unverified::<RoundResult>::decode(bytes) else { return };
    let totals = result.claim().totals();
    assert!(totals.valid <= totals.collected);
    let mut forge = Forge::new(&OFFICE);
    let (bundle, orders, _) = forge.bundle(&OFFICE.archive.to_bytes()).expect("a bundle");
    open_in_turn(&forge, bundle, orders, &[result.claim().clone()]);
}

/// Counts every order; what was counted must stand up to whoever checks it whenever the order does.
fn open_in_turn(forge: &Forge<'_>, mut bundle: Bundle, orders: Vec<OpeningOrder>, results: &[RoundResult]) {
    // More orders say nothing more, and each counts all before it.
    for claim in orders.into_iter().take(3) {
        let order = forge.order(&bundle, claim);
        bundle.orders.push(order);
        let ordered = verify(&bundle.to_bytes(), &[], &mut |_, _| {});
        for claim in results {
            let Some(lie) = forge.result(&bundle, claim.clone()) else { continue };
            let mut told = bundle.clone();
            told.results.push(lie);
            let _ = verify(&told.to_bytes(), &[], &mut |_, _| {});
        }
        let orders: Vec<_> = bundle.orders.iter().collect();
        let Ok(result) = count(&bundle.material(), &orders, &OFFICE.secret, &mut |_, _| {}) else { return };
        bundle.results.push(result);
        let counted = verify(&bundle.to_bytes(), &[], &mut |_, _| {});
        assert!(ordered.is_err() || counted.is_ok(), "an honest count is not believed: {counted:?}");
    }
}

/// A double entry from the store, settled: one entry is kept and the other corrected until both agree. What they agree
/// on adds up, whatever was stored.
pub fn double_entry(bytes: &[u8]) {
    let Ok(state) = cbor::decode::<DoubleEntry>(bytes) else { return };
    let form = state.form();
    for kept in 0..2 {
        let mut state = state.clone();
        // Ballots, and each line once.
        for _ in 0..=form.officials + 1 {
            let DoubleEntry::Differing(both) = state else { break };
            let (persons, differences) = (both.persons(), both.differences());
            let cell = differences.first().expect("what differs somewhere").cell;
            let correction = both.kept(persons[kept], cell).expect("it differs there");
            state = match both.correct(persons[1 - kept], correction) {
                Ok(compared) => compared.into(),
                Err((same, _)) => return assert_eq!(same.differences(), differences),
            };
        }
        match state {
            DoubleEntry::Agreed(agreed) => assert_eq!(agreed.count().check(form), Ok(())),
            DoubleEntry::Differing(_) => panic!("it never ends"),
            DoubleEntry::Empty(_) | DoubleEntry::First(_) => {}
        }
    }
}
