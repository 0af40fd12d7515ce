//! What others may send: changes where none belong, junk, twins, and words of a revoked tablet.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::MemoryStore;
use client_ffi::transport::{Transport, TransportError};
use client_ffi::{Tablet, TabletError};
use common::team::{courier, items_of, noted};
use common::{World, rng, unit};
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed};
use sync_core::device::{Certificate, Revocation, Scope, SignedCertificate};
use sync_core::id::DeviceId;
use sync_core::message::{Item, ItemKind, Message, Outcome};
use sync_core::record::{Act, Actor, Entry, FindingCode, PersonId, Reader, SealedChanges, Writer};

/// A certified device that does what it likes.
struct Rogue {
    key: SecretKey,
    certificate: SignedCertificate,
}

impl Rogue {
    fn new(world: &World) -> Self {
        let key = SecretKey::from_seed(&[66; 32]);
        let certificate = Certificate {
            package: world.package.hash(),
            sign: key.public(),
            seal: [1; 32],
            scope: Scope::Units(vec![unit("A")]),
            label: "Máy lạ".to_owned(),
        };
        let certificate = Signed::sign(certificate, &world.centre_key);
        world.certificates.borrow_mut().insert(certificate.value().device(), certificate.clone());
        Self { key, certificate }
    }

    fn device(&self) -> DeviceId {
        self.certificate.value().device()
    }

    /// The next change of a writer, which may have been copied before.
    fn writes(&self, world: &World, writer: &mut Writer, voter: u32) -> Item {
        let a = unit("A");
        let person = PersonId::of("Kẻ Lạ");
        let entries = vec![Entry { person, at: None, act: Act::CheckIn { voter } }];
        let about = (&world.package.hash(), &a, &world.sheets[&a].hash());
        let change = writer.write(about, entries, &self.key).unwrap();
        Item::new(ItemKind::RecordChange, change.bytes())
    }
}

#[test]
fn a_courier_and_an_open_route_take_no_change_in_clear() {
    let world = World::with_names(6);
    let a = unit("A");
    let (tablet, _) = noted(&world, 1);
    let clear = tablet.record(&a).unwrap().changes();
    let mut message = Message::new(world.package.hash(), a.clone());
    message.give = clear.map(|change| Item::new(ItemKind::RecordChange, change.bytes())).collect();
    let refused: Vec<_> = (0..).zip(&message.give).map(|(at, _)| (at, Outcome::NotTaken)).collect();
    let mut courier = courier(&world);
    let mut other = world.tablet(MemoryStore::default(), 2);
    for taker in [&mut courier, &mut other] {
        taker.take(&Message::new(world.package.hash(), a.clone())).unwrap();
        let before = taker.store().clone();
        assert_eq!(taker.take(&message).unwrap().refused, refused);
        assert_eq!(*taker.store(), before);
    }
    /// A centre that answers a courier with what it should not.
    struct Leaky<'a>(&'a World, Message);
    impl Transport for Leaky<'_> {
        fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
            drop(self.0.post(path, body)?);
            Ok(cbor::encode(&self.1))
        }
    }
    let before = courier.store().clone();
    courier.sync(&Leaky(&world, message)).unwrap();
    assert_eq!(*courier.store(), before, "not even from the centre");
}

#[test]
fn what_is_sealed_to_a_device_that_is_no_tablet_of_the_unit_is_not_opened() {
    let world = World::with_names(14);
    let a = unit("A");
    let (tablet, _) = noted(&world, 1);
    let mut courier = courier(&world);
    let device = courier.device().unwrap();
    assert!(matches!(tablet.hand_over_to(&a, &device), Err(TabletError::UnknownTablet(..))));
    let certificate = world.certificates.borrow()[&device].clone();
    let reader = Reader { device, seal: certificate.value().seal };
    let changes = tablet.record(&a).unwrap().changes().map(|change| change.bytes().to_vec()).collect();
    let sealed = SealedChanges::seal(&world.package.hash(), &a, &reader, changes, &mut rng(3)).unwrap();
    let mut message = Message::new(world.package.hash(), a.clone());
    message.give.push(Item::new(ItemKind::SealedRecordChange, cbor::encode(&sealed)));
    assert_eq!(courier.take(&message).unwrap().refused, [(0, Outcome::NotTaken)]);
    assert_eq!(courier.replica(&a).unwrap().carried().count(), 0);
    assert!(courier.replica(&a).unwrap().record().is_empty());
}

#[test]
fn junk_and_forgeries_beside_a_change_do_not_stop_it() {
    let world = World::with_names(9);
    let a = unit("A");
    let (mut one, _) = noted(&world, 1);
    let mut two = world.tablet(MemoryStore::default(), 2);
    two.sync(&world).unwrap();
    one.sync(&world).unwrap();
    let mut message = one.hand_over_to(&a, &two.device().unwrap()).unwrap().swap_remove(0);
    let good = items_of(std::slice::from_ref(&message), ItemKind::SealedRecordChange).swap_remove(0);
    message.give.retain(|item| item.kind == ItemKind::Certificate);
    let certificates = message.give.len();
    for at in [0, 40, 100, good.bytes.len() - 1] {
        let mut bad = good.clone();
        bad.bytes[at] ^= 1;
        message.give.push(bad);
    }
    message.give.push(Item::new(ItemKind::SealedRecordChange, vec![0x9f; 100]));
    message.give.push(Item::new(ItemKind::RecordChange, Vec::new()));
    message.give.push(good);
    let taken = two.take(&message).unwrap();
    assert!(taken.refused.len() >= 5, "{taken:?}");
    assert!(
        taken
            .refused
            .iter()
            .all(|(at, _)| (*at as usize) >= certificates && (*at as usize) < message.give.len() - 1)
    );
    assert_eq!(two.record_state(&a).unwrap().present(), 1);
}

#[test]
fn a_device_that_writes_twins_spoils_only_its_own_chain_in_whatever_order_they_come() {
    let world = World::with_names(15);
    let a = unit("A");
    let rogue = Rogue::new(&world);
    let mut writer = Writer::new(Actor::new(&rogue.device(), [1; 8]));
    let first = rogue.writes(&world, &mut writer, 1);
    let mut twin = writer.clone();
    let second = rogue.writes(&world, &mut writer, 2);
    let third = rogue.writes(&world, &mut writer, 3);
    let other = rogue.writes(&world, &mut twin, 4);
    let mut heads = Vec::new();
    for order in [[&first, &second, &third, &other], [&other, &third, &first, &second]] {
        let (mut tablet, _) = noted(&world, 1);
        let reader = Reader {
            device: tablet.device().unwrap(),
            seal: world.certificates.borrow()[&tablet.device().unwrap()].value().seal,
        };
        let mut message = Message::new(world.package.hash(), a.clone());
        message.give.push(Item::new(ItemKind::Certificate, rogue.certificate.bytes()));
        for item in order {
            let list = vec![item.bytes.clone()];
            let sealed = SealedChanges::seal(&world.package.hash(), &a, &reader, list, &mut rng(3)).unwrap();
            message.give.push(Item::new(ItemKind::SealedRecordChange, cbor::encode(&sealed)));
        }
        assert_eq!(tablet.take(&message).unwrap().refused, []);
        let tablet = Tablet::open_with(tablet.into_store(), rng(9)).unwrap();
        let state = tablet.record_state(&a).unwrap();
        assert_eq!(state.register.keys().copied().collect::<Vec<_>>(), [1], "what stands before them counts");
        assert_eq!(state.register[&1].check_ins.len(), 2, "theirs, and the honest one");
        let findings = tablet.findings(&a).unwrap();
        assert_eq!(findings.iter().filter(|finding| finding.code == FindingCode::Twins).count(), 1);
        let theirs = tablet.record(&a).unwrap().heads();
        heads.push(theirs.into_iter().find(|head| head.actor[..16] == rogue.device().0).unwrap());
    }
    assert_eq!(heads[0], heads[1]);
}

#[test]
fn a_revoked_tablet_gets_no_names_and_what_it_noted_stays_with_a_mark() {
    let world = World::with_names(16);
    let a = unit("A");
    let (mut bad, _) = noted(&world, 1);
    bad.sync(&world).unwrap();
    let mut good = world.tablet(MemoryStore::default(), 2);
    good.sync(&world).unwrap();
    let device = bad.device().unwrap();
    good.hand_over_to(&a, &device).unwrap();
    let revocation = Revocation { package: world.package.hash(), device, reason: "mất máy".to_owned() };
    let revocation = Signed::sign(revocation, &world.centre_key);
    let mut message = Message::new(world.package.hash(), a.clone());
    message.give.push(Item::new(ItemKind::Revocation, revocation.bytes()));
    good.take(&message).unwrap();
    assert!(matches!(good.hand_over_to(&a, &device), Err(TabletError::UnknownTablet(..))));
    let have = bad.have(&a).unwrap();
    assert!(matches!(good.answer_to(&have, &device), Err(TabletError::UnknownTablet(..))));
    assert_eq!(good.record_state(&a).unwrap().present(), 1);
    let codes: Vec<_> = good.findings(&a).unwrap().iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&FindingCode::RevokedWriter));
}
