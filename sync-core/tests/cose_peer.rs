//! Signed objects against another implementation of COSE (RFC 9052): what we sign it verifies, and the other way.

use crate::common::{World, permit_unit};
use coset::iana::Algorithm;
use coset::{CoseSign1, CoseSign1Builder, Header, HeaderBuilder, TaggedCborSerializable};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fmt::Debug;
use sync_core::cbor;
use sync_core::ceremony::KeyStatement;
use sync_core::cose::{BadSignature, OpenError, PublicKey, SecretKey, Signed, SignedKind};
use sync_core::device::{Certificate, Revocation};
use sync_core::enrol::{EnrolRequest, TokenSecret};
use sync_core::envelope::Envelope;
use sync_core::message::{Message, Request};
use sync_core::order::OpeningOrder;
use sync_core::package::{Package, PermitChange, SheetReplacement};
use sync_core::receipt::{Holdings, Receipt, RoundStatement};

fn eddsa() -> Header {
    HeaderBuilder::new().algorithm(Algorithm::EdDSA).build()
}

/// The peer signs a value as it understands RFC 9052.
fn by_the_peer<T: SignedKind>(value: &T, key: &SecretKey, domain: &str) -> Vec<u8> {
    let key = SigningKey::from_bytes(&key.seed());
    CoseSign1Builder::new()
        .protected(eddsa())
        .payload(cbor::encode(value))
        .create_signature(domain.as_bytes(), |data| key.sign(data).to_bytes().to_vec())
        .build()
        .to_tagged_vec()
        .expect("the peer writes what it made")
}

fn peer_verifies(bytes: &[u8], domain: &str, key: &PublicKey) -> bool {
    let object = CoseSign1::from_tagged_slice(bytes).expect("the peer reads it");
    let key = VerifyingKey::from_bytes(&key.to_bytes()).expect("a key");
    let verify = |signature: &[u8], data: &[u8]| {
        let signature = Signature::from_slice(signature).map_err(drop)?;
        key.verify_strict(data, &signature).map_err(drop)
    };
    object.verify_signature(domain.as_bytes(), verify).is_ok()
}

/// Everything that holds between us and the peer for one object.
fn agree<T: SignedKind + Clone + PartialEq + Debug>(signed: &Signed<T>, key: &SecretKey) {
    let (what, domain, public) = (T::WHAT, T::DOMAIN, key.public());
    let object = CoseSign1::from_tagged_slice(signed.bytes()).expect("the peer reads it");
    assert_eq!(object.payload, Some(cbor::encode(signed.value())), "{what}");
    let algorithm = coset::RegisteredLabelWithPrivate::Assigned(Algorithm::EdDSA);
    assert_eq!(object.protected.header.alg, Some(algorithm), "{what}");
    assert!(object.unprotected.is_empty(), "{what}");
    assert!(peer_verifies(signed.bytes(), domain, &public), "{what}");
    assert!(!peer_verifies(signed.bytes(), "homphieu/other/1", &public), "{what}: the domain is signed");
    let stranger = SecretKey::from_seed(&[0x77; 32]);
    assert!(!peer_verifies(signed.bytes(), domain, &stranger.public()), "{what}");

    let theirs = by_the_peer(signed.value(), key, domain);
    assert_eq!(theirs, signed.bytes(), "{what}: Ed25519 signs the same bytes alike");
    let opened = Signed::<T>::open(&theirs, &public).expect("we read what the peer signed");
    assert_eq!((opened.value(), opened.id()), (signed.value(), signed.id()), "{what}");
    for (domain, by) in [("homphieu/other/1", key), (domain, &stranger)] {
        let refused = Signed::<T>::open(&by_the_peer(signed.value(), by, domain), &public);
        assert_eq!(refused.err(), Some(OpenError::Signature(BadSignature)), "{what}");
    }
}

#[test]
fn the_peer_and_we_agree_on_every_kind_of_signed_object() {
    let mut world = World::new(40, &[permit_unit(6, 2)]);
    let mut tablet = world.enrol(0);
    let lines = world.marks(0);
    let ballot = world.ballot(0, 0, &lines);
    let envelope = world.send(&mut tablet, vec![ballot], true);
    world.revoke(tablet.device);
    let order = world.order(&[]);
    let result = world.try_count().unwrap();
    let replacement = world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let (package, unit) = (world.package(), tablet.unit.clone());
    let envelopes = vec![envelope.envelope_id()];
    let result_key = world.secret.result_key(&world.round);
    agree::<Package>(&world.archive.package, &world.centre);
    agree::<SheetReplacement>(&replacement, &world.centre);
    agree::<Certificate>(&tablet.certificate, &world.centre);
    agree::<Revocation>(&world.archive.revocations[0], &world.centre);
    agree::<Envelope>(&envelope, &tablet.key);
    agree::<OpeningOrder>(&order, &world.centre);
    agree(&result, &result_key);
    let receipt = Receipt { package, unit: unit.clone(), envelopes: envelopes.clone() };
    agree(&Signed::sign(receipt, &world.centre), &world.centre);
    let holdings = Holdings { package, unit: unit.clone(), envelopes: envelopes.clone() };
    agree(&Signed::sign(holdings, &world.centre), &world.centre);
    let statement = RoundStatement { package, unit: unit.clone(), envelopes };
    agree(&Signed::sign(statement, &world.centre), &world.centre);
    let keys = world.archive.package.value().keys.clone();
    agree(&Signed::sign(KeyStatement { round: world.round, keys }, &result_key), &result_key);
    let message = cbor::encode(&Message::new(package, unit));
    let request = Request { device: tablet.device, nonce: [1; 8], certificate: None, message };
    agree(&Signed::sign(request, &tablet.key), &tablet.key);
    let enrol = EnrolRequest { secret: TokenSecret([2; 16]), sign: tablet.key.public(), seal: tablet.seal };
    agree(&Signed::sign(enrol, &tablet.key), &tablet.key);
}

#[test]
fn what_the_peer_may_write_otherwise_is_refused_although_its_signature_is_good() {
    let world = World::new(41, &[permit_unit(6, 2)]);
    let unit = world.units[0].code.clone();
    let receipt = Receipt { package: world.package(), unit, envelopes: Vec::new() };
    let key = SigningKey::from_bytes(&world.centre.seed());
    let sign = |protected: Header, unprotected: Header| {
        CoseSign1Builder::new()
            .protected(protected)
            .unprotected(unprotected)
            .payload(cbor::encode(&receipt))
            .create_signature(Receipt::DOMAIN.as_bytes(), |data| key.sign(data).to_bytes().to_vec())
            .build()
    };
    let public = world.centre.public();
    let refused = |bytes: &[u8]| matches!(Signed::<Receipt>::open(bytes, &public), Err(OpenError::Format(_)));
    let plain = sign(eddsa(), Header::default());
    assert!(!refused(&plain.clone().to_tagged_vec().unwrap()), "the plain form is ours");
    assert!(refused(&coset::CborSerializable::to_vec(plain).unwrap()), "without tag");
    let key_id = HeaderBuilder::new().key_id(b"centre".to_vec()).build();
    assert!(refused(&sign(eddsa(), key_id).to_tagged_vec().unwrap()), "a key id");
    let twice = HeaderBuilder::new().algorithm(Algorithm::EdDSA).build();
    assert!(refused(&sign(eddsa(), twice).to_tagged_vec().unwrap()), "an unprotected algorithm");
    let more = HeaderBuilder::new().algorithm(Algorithm::EdDSA).content_type("application/cbor".to_owned());
    assert!(refused(&sign(more.build(), Header::default()).to_tagged_vec().unwrap()), "a content type");
    assert!(refused(&sign(Header::default(), eddsa()).to_tagged_vec().unwrap()), "nothing protected");
    let other = HeaderBuilder::new().algorithm(Algorithm::ES256).build();
    assert!(refused(&sign(other, Header::default()).to_tagged_vec().unwrap()), "another algorithm");
}

#[test]
fn the_id_follows_from_what_the_peer_reads_and_not_from_the_signature() {
    use sha2::{Digest, Sha256};
    let world = World::new(42, &[permit_unit(6, 2)]);
    let package = &world.archive.package;
    let object = CoseSign1::from_tagged_slice(package.bytes()).unwrap();
    let protected = coset::CborSerializable::to_vec(object.protected.header.clone()).unwrap();
    assert_eq!(protected, [0xa1, 0x01, 0x27], "algorithm (1): EdDSA (-8)");
    let mut hash = Sha256::new();
    for part in [Package::DOMAIN.as_bytes(), &protected, object.payload.as_deref().unwrap()] {
        hash.update(part);
    }
    assert_eq!(package.hash().0, <[u8; 32]>::from(hash.finalize()));
}
