//! Who may deliver to the centre, what it learns from a message about authors, and how far an answer is filled.

use crate::common::{Tablet, World, permit_unit};
use sync_core::cbor;
use sync_core::centre::{Admission, HandshakeError, SenderError, authors, handshake, may_fetch};
use sync_core::cose::{PublicKey, SecretKey, Signed, Unverified};
use sync_core::device::{Certificate, Scope, SignedCertificate};
use sync_core::id::{DeviceId, PackageHash, UnitCode};
use sync_core::message::{Have, ITEMS_MAX, Item, ItemKind, MESSAGE_MAX, Message, Request};

fn admission<'a>(world: &'a World, package: &'a PackageHash, unit: &'a UnitCode) -> Admission<'a> {
    Admission { package, unit, centre: &world.archive.package.value().centre }
}

fn world() -> World {
    World::new(21, &[permit_unit(12, 2), permit_unit(12, 2)])
}

/// Asks who sent a request of `device`, signed with `key`, with a certificate along or not.
fn sender(
    world: &World,
    device: DeviceId,
    key: &SecretKey,
    along: Option<&SignedCertificate>,
    known: Option<(PublicKey, Scope)>,
) -> Result<(DeviceId, bool), SenderError> {
    let (package, unit) = (world.package(), world.units[0].code.clone());
    let admission = admission(world, &package, &unit);
    let request = Request {
        device,
        nonce: [1; 8],
        certificate: along.map(|certificate| certificate.bytes().to_vec()),
        message: cbor::encode(&Message::new(package, unit.clone())),
    };
    let bytes = Signed::sign(request, key).into_bytes();
    let request = Unverified::decode(&bytes).expect("a request");
    let sender = admission.sender(request, known)?;
    Ok((sender.device, sender.certificate.is_some()))
}

fn known(tablet: &Tablet) -> Option<(PublicKey, Scope)> {
    Some((tablet.key.public(), tablet.certificate.value().scope.clone()))
}

#[test]
fn a_known_device_needs_no_certificate_and_an_unknown_one_is_known_by_ours() {
    let mut world = world();
    let tablet = world.enrol(0);
    let (device, key) = (tablet.device, &tablet.key);
    assert_eq!(sender(&world, device, key, None, known(&tablet)), Ok((device, false)));
    assert_eq!(sender(&world, device, key, Some(&tablet.certificate), None), Ok((device, true)));
    assert_eq!(sender(&world, device, key, None, None), Err(SenderError::UnknownDevice));
}

#[test]
fn a_certificate_of_another_device_round_or_centre_makes_nobody_known() {
    let mut world = world();
    let (tablet, other) = (world.enrol(0), world.enrol(0));
    let unknown = Err(SenderError::UnknownDevice);
    assert_eq!(sender(&world, tablet.device, &tablet.key, Some(&other.certificate), None), unknown);
    let mut foreign = tablet.certificate.value().clone();
    foreign.package = PackageHash([9; 32]);
    let foreign: Signed<Certificate> = Signed::sign(foreign, &world.centre);
    assert_eq!(sender(&world, tablet.device, &tablet.key, Some(&foreign), None), unknown);
    let own = Signed::sign(tablet.certificate.value().clone(), &tablet.key);
    assert_eq!(sender(&world, tablet.device, &tablet.key, Some(&own), None), unknown);
}

#[test]
fn a_request_that_another_key_signed_is_refused_whether_its_device_is_known_or_not() {
    let mut world = world();
    let (tablet, other) = (world.enrol(0), world.enrol(0));
    let bad = Err(SenderError::BadSignature);
    assert_eq!(sender(&world, tablet.device, &other.key, None, known(&tablet)), bad);
    assert_eq!(sender(&world, tablet.device, &other.key, Some(&tablet.certificate), None), bad);
}

#[test]
fn a_message_brings_its_authors_along_by_certificates_of_this_round_alone() {
    let mut world = world();
    let mut tablet = world.enrol(0);
    let ballot = world.ballot(0, 1, &[Some(0), None]);
    let envelope = world.send(&mut tablet, vec![ballot], true);
    let (package, unit) = (world.package(), world.units[0].code.clone());
    let admission = admission(&world, &package, &unit);
    let mut message = Message::new(package, unit.clone());
    message.give.push(Item::new(ItemKind::Envelope, envelope.bytes()));
    assert_eq!(authors(&message).into_iter().collect::<Vec<_>>(), [tablet.device]);
    assert!(admission.certified_in(&message).is_empty());
    let mut foreign = tablet.certificate.value().clone();
    foreign.package = PackageHash([9; 32]);
    let foreign = Signed::sign(foreign, &world.centre);
    message.give.push(Item::new(ItemKind::Certificate, foreign.bytes()));
    assert!(admission.certified_in(&message).is_empty(), "one of another round says nothing here");
    message.give.push(Item::new(ItemKind::Certificate, tablet.certificate.bytes()));
    let certified: Vec<_> = admission.certified_in(&message).into_iter().collect();
    assert_eq!(certified, [(tablet.device, tablet.key.public())]);
}

#[test]
fn a_message_of_another_package_or_of_no_unit_is_turned_away() {
    let world = world();
    let here = world.package();
    let unit = world.units[0].code.clone();
    let known = |code: &UnitCode| world.archive.package.value().unit(code).is_some();
    assert_eq!(handshake(&Message::new(here, unit.clone()), &here, known), Ok(()));
    let foreign = Message::new(PackageHash([9; 32]), unit);
    assert_eq!(handshake(&foreign, &here, known), Err(HandshakeError::OtherPackage));
    let nowhere = Message::new(here, UnitCode::new("Z").expect("a code"));
    assert_eq!(handshake(&nowhere, &here, known), Err(HandshakeError::UnknownUnit));
}

#[test]
fn only_unrevoked_tablets_of_the_unit_get_its_sheets_and_envelopes() {
    let unit = UnitCode::new("U1").expect("a code");
    let own = Scope::Units(vec![unit.clone()]);
    let other = Scope::Units(vec![UnitCode::new("U2").expect("a code")]);
    assert!(may_fetch(&own, &unit, false));
    assert!(!may_fetch(&own, &unit, true));
    assert!(!may_fetch(&other, &unit, false));
    assert!(!may_fetch(&Scope::Courier, &unit, false));
}

#[test]
fn an_answer_is_filled_up_to_one_message_and_no_further() {
    let world = world();
    let (package, unit) = (world.package(), world.units[0].code.clone());
    let admission = admission(&world, &package, &unit);
    for size in [0, 100, 5_000, MESSAGE_MAX / 2, MESSAGE_MAX - 2_000, MESSAGE_MAX] {
        let mut answer = admission.answer(Have::default(), None, None, Vec::new());
        let item = Item::new(ItemKind::Envelope, vec![7; size]);
        let mut given = 0;
        while answer.give(item.clone()) {
            given += 1;
        }
        let message = answer.finish();
        assert_eq!(message.give.len(), given);
        assert!(given <= ITEMS_MAX);
        let bytes = cbor::encode(&message);
        assert!(bytes.len() <= MESSAGE_MAX, "{} bytes of items of {size}", bytes.len());
        assert_eq!(cbor::decode::<Message>(&bytes), Ok(message), "the asker can read it");
        // What was left out would not have fitted, or the list is full.
        assert!(
            given == ITEMS_MAX || bytes.len() + size + 8 > MESSAGE_MAX - 1_100,
            "{given} of {size} bytes"
        );
    }
}
