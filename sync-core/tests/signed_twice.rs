//! One content under two good signatures. The library signs deterministically, another signer need not: whoever has
//! the key can make any number of signatures of one object, and all replicas must still end with the same bytes.

use crate::common::{World, permit_unit};
use sha2::{Digest, Sha512};
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed, SignedKind, Unverified};
use sync_core::message::{Item, ItemKind};
use sync_core::package::PermitChange;
use sync_core::receipt::{Receipt, RoundStatement};
use sync_core::replica::{Applied, Replica};

/// Signs as RFC 8032 says, but with a nonce of one's own choice: the secret half of another key.
fn signed_otherwise<T: SignedKind>(value: &T, key: &SecretKey, nonce: &SecretKey) -> Vec<u8> {
    let usual = Signed::sign(value_again(value), key).into_bytes();
    let payload = cbor::encode(value);
    let mut w = cbor::Writer::new();
    w.array(4).text("Signature1").bytes(&[0xa1, 0x01, 0x27]).bytes(T::DOMAIN.as_bytes()).bytes(&payload);
    let message = w.finish();
    let secret_half = |key: &SecretKey| ed25519_dalek::SigningKey::from_bytes(&key.seed()).to_scalar();
    let (point, public) = (nonce.public().to_bytes(), key.public().to_bytes());
    let challenge = Sha512::new().chain_update(point).chain_update(public).chain_update(message).finalize();
    // The challenge is a number, lowest byte first; the secret is added up that many times, by doubling.
    let bits = challenge.iter().rev().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    let secret = secret_half(key);
    let nothing = secret + -secret;
    let product = bits.fold(nothing, |sum, bit| if bit { sum + sum + secret } else { sum + sum });
    let response = secret_half(nonce) + product;
    [&usual[..usual.len() - 64], &point, &response.to_bytes()].concat()
}

fn value_again<T: SignedKind>(value: &T) -> T {
    cbor::decode(&cbor::encode(value)).expect("what was just written")
}

/// Two good signatures of one value: the one with the smaller bytes, then the other.
fn both<T: SignedKind>(value: &T, key: &SecretKey) -> [Vec<u8>; 2] {
    let mut both = [1, 2].map(|seed| signed_otherwise(value, key, &SecretKey::from_seed(&[seed; 32])));
    both.sort();
    let ids = both.each_ref().map(|bytes| {
        let object = Unverified::<T>::decode(bytes).expect("its form");
        object.verify(&key.public()).expect("a good signature").id()
    });
    assert!(both[0] != both[1] && ids[0] == ids[1]);
    both
}

/// Everything that a unit's replica takes, each signed twice.
struct Story {
    world: World,
    /// What has to be known before.
    first: Item,
    twice: Vec<(ItemKind, [Vec<u8>; 2])>,
}

fn story() -> Story {
    let mut world = World::new(95, &[permit_unit(20, 2)]);
    let mut tablet = world.enrol(0);
    let ballot = world.ballot(0, 0, &[Some(0), None]);
    let envelope = world.send(&mut tablet, vec![ballot], true);
    let lost = world.enrol(0);
    world.revoke(lost.device);
    let replacement = world.replace_sheet(0, PermitChange::Kept, |sheet| sheet.team.clear());
    let receipt = Receipt {
        package: world.package(),
        unit: world.units[0].code.clone(),
        envelopes: vec![envelope.envelope_id()],
    };
    let Receipt { package, unit, envelopes } = receipt.clone();
    let statement = RoundStatement { package, unit, envelopes };
    let centre = &world.centre;
    let twice = vec![
        (ItemKind::Envelope, both(envelope.value(), &tablet.key)),
        (ItemKind::Certificate, both(lost.certificate.value(), centre)),
        (ItemKind::Revocation, both(world.archive.revocations[0].value(), centre)),
        (ItemKind::SheetReplacement, both(replacement.value(), centre)),
        (ItemKind::Receipt, both(&receipt, centre)),
        (ItemKind::RoundStatement, both(&statement, centre)),
    ];
    let first = Item::new(ItemKind::Certificate, tablet.certificate.bytes());
    Story { world, first, twice }
}

#[test]
fn every_replica_ends_with_the_smaller_bytes_whichever_came_first() {
    let Story { world, first, twice } = story();
    for (kind, [smaller, larger]) in twice {
        let applied = |order: [&Vec<u8>; 3]| {
            let mut replica = Replica::new(&world.archive.package, &world.units[0].code).expect("its unit");
            assert_eq!(replica.apply(&first).0, Applied::New);
            let said = order.map(|bytes| replica.apply(&Item::new(kind, bytes.as_slice())).0);
            (said, replica.canonical_bytes())
        };
        let (said, one) = applied([&smaller, &larger, &larger]);
        assert_eq!(said, [Applied::New, Applied::AlreadyHere, Applied::AlreadyHere], "{kind:?}");
        let (said, other) = applied([&larger, &larger, &smaller]);
        assert_eq!(
            said,
            [Applied::New, Applied::AlreadyHere, Applied::New],
            "{kind:?}: to be stored instead"
        );
        assert!(one == other, "{kind:?}");
        assert!(one.windows(smaller.len()).any(|window| *window == smaller[..]), "{kind:?}");
    }
}
