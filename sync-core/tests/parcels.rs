//! Parcels as files: torn, damaged, doubled, hostile.

use crate::common::{Tablet, World, permit_unit};
use proptest::prelude::*;
use sync_core::cose::{SecretKey, Signed, Unverified};
use sync_core::id::{DeviceId, EnvelopeId, PackageHash, UnitCode};
use sync_core::message::{Item, ItemKind, Message, Outcome};
use sync_core::package::Mode;
use sync_core::parcel::{Acknowledgement, Header, Packer, Parcel, ParcelError, Piece, Recipient};

fn header(recipient: Recipient) -> Header {
    Header {
        package: PackageHash([7; 32]),
        title: "Đợt 2018".to_owned(),
        mode: Mode::Training,
        from: DeviceId([1; 16]),
        recipient,
    }
}

fn message(n: u8) -> Message {
    let mut message = Message::new(PackageHash([7; 32]), UnitCode::new("A").expect("a code"));
    message.give = vec![Item::new(ItemKind::Envelope, vec![n; 40 + usize::from(n)])];
    message
}

fn packed(messages: u8) -> Vec<u8> {
    let mut packer = Packer::new(&header(Recipient::Centre));
    for n in 0..messages {
        packer.message(&message(n));
    }
    packer.acknowledgement(b"signed");
    packer.finish()
}

/// The messages that come out.
fn messages(parcel: &Parcel<'_>) -> Vec<Message> {
    let pieces = parcel.pieces().filter_map(|piece| match piece {
        Ok(Piece::Message(message)) => Some(message),
        _ => None,
    });
    pieces.collect()
}

#[test]
fn what_goes_in_comes_out_for_every_recipient() {
    for recipient in [Recipient::Anyone, Recipient::Centre, Recipient::Tablet(DeviceId([9; 16]))] {
        let bytes = Packer::new(&header(recipient)).finish();
        let parcel = Parcel::read(&bytes).unwrap();
        assert_eq!((parcel.header.recipient, parcel.pieces().count()), (recipient, 0));
        assert!(parcel.condition.is_whole());
    }
    let bytes = packed(3);
    let parcel = Parcel::read(&bytes).unwrap();
    assert_eq!(parcel.header, header(Recipient::Centre));
    assert_eq!(messages(&parcel), [message(0), message(1), message(2)]);
    assert!(matches!(parcel.pieces().last(), Some(Ok(Piece::Acknowledgement(said))) if said == b"signed"));
}

#[test]
fn a_message_in_a_file_does_not_say_what_its_sender_has() {
    let mut asks = message(1);
    asks.have = Some(sync_core::message::Have::default());
    let mut packer = Packer::new(&header(Recipient::Anyone));
    packer.message(&asks);
    let bytes = packer.finish();
    assert_eq!(messages(&Parcel::read(&bytes).unwrap()), [message(1)]);
}

#[test]
fn a_copy_torn_at_any_byte_gives_what_came_before_the_tear_and_says_so() {
    let bytes = packed(4);
    let mut most = 0;
    for length in 0..bytes.len() {
        match Parcel::read(&bytes[..length]) {
            Ok(parcel) => {
                assert!(parcel.condition.torn && parcel.condition.damaged == 0, "{length}");
                let found = messages(&parcel);
                assert_eq!(found, (0..4).map(message).take(found.len()).collect::<Vec<_>>(), "{length}");
                assert!(found.len() >= most, "more bytes never give less");
                most = found.len();
            }
            Err(ParcelError::NotAParcel) => assert_eq!(length, 0),
            Err(error) => assert_eq!(error, ParcelError::Torn, "{length}"),
        }
    }
    assert_eq!(most, 4);
}

#[test]
fn a_flipped_bit_costs_one_part_at_most_unless_it_hides_where_the_next_begins() {
    let bytes = packed(4);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            let Ok(parcel) = Parcel::read(&bad) else { continue };
            assert!(!parcel.condition.is_whole(), "bit {bit} of byte {at} is seen");
            let found = messages(&parcel);
            assert!(found.iter().all(|found| (0..4).any(|n| *found == message(n))), "nothing is invented");
            assert!(parcel.condition.torn || found.len() >= 3, "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_doubled_copy_is_read_once_and_noticed_and_a_stretched_one_too() {
    let bytes = packed(2);
    for doubled in [[bytes.clone(), bytes.clone()].concat(), [bytes.clone(), vec![0; 512]].concat()] {
        let parcel = Parcel::read(&doubled).unwrap();
        assert!(parcel.condition.trailing && parcel.condition.is_whole());
        assert_eq!(messages(&parcel).len(), 2);
    }
    assert!(!Parcel::read(&bytes).unwrap().condition.trailing);
}

#[test]
fn parts_that_changed_places_are_not_taken_for_whole() {
    let (first, second) = (packed(1), packed(2));
    // The end of another parcel, with another number of parts before it.
    let end = 5 + 4 + 8;
    let mixed = [&second[..second.len() - end], &first[first.len() - end..]].concat();
    assert!(!Parcel::read(&mixed).unwrap().condition.is_whole());
}

#[test]
fn a_file_that_went_through_a_text_program_is_no_parcel() {
    let bytes = packed(1);
    let unix: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\r').collect();
    assert_eq!(Parcel::read(&unix).unwrap_err(), ParcelError::NotAParcel);
    assert_eq!(Parcel::read(b"PK\x03\x04").unwrap_err(), ParcelError::NotAParcel);
    assert_eq!(Parcel::read(b"").unwrap_err(), ParcelError::NotAParcel);
}

#[test]
fn a_parcel_of_a_later_version_is_named_as_such() {
    let mut packer = Packer::new(&header(Recipient::Centre));
    packer.message(&message(1));
    let bytes = packer.finish();
    let mut later = bytes.clone();
    // The head's array is followed by its version.
    let at = 8 + 5 + 1;
    assert_eq!(later[at], 1);
    later[at] = 9;
    assert_eq!(Parcel::read(&later).unwrap_err(), ParcelError::Torn, "the check covers the head");
    assert!(Parcel::read(&bytes).is_ok());
}

proptest! {
    #[test]
    fn hostile_bytes_take_little_memory_and_never_end_the_program(
        tail in proptest::collection::vec(any::<u8>(), 0..400),
        keep in 0_usize..200,
    ) {
        let whole = packed(2);
        let bytes = [&whole[..keep.min(whole.len())], &tail].concat();
        let memory = allocation_counter::measure(|| {
            if let Ok(parcel) = Parcel::read(&bytes) {
                parcel.pieces().for_each(drop);
            }
        });
        prop_assert!(memory.bytes_max <= 16 * 1024 + 96 * bytes.len() as u64);
    }
}

fn acknowledged(world: &World, by: &Tablet) -> Acknowledgement {
    Acknowledgement {
        package: world.package(),
        unit: by.unit.clone(),
        certificate: by.certificate.bytes().to_vec(),
        envelopes: vec![EnvelopeId([1; 32]), EnvelopeId([2; 32])],
    }
}

fn check(world: &World, bytes: &[u8]) -> Result<DeviceId, Outcome> {
    let object = Unverified::<Acknowledgement>::decode(bytes).map_err(|_| Outcome::Malformed)?;
    let (signed, certificate) = object.check(&world.package(), &world.centre.public())?;
    assert_eq!(signed.value().envelopes.len(), 2);
    Ok(certificate.value().device())
}

#[test]
fn an_acknowledgement_is_the_word_of_a_device_of_this_round_or_of_nobody() {
    let mut world = World::new(61, &[permit_unit(5, 2)]);
    let (tablet, other) = (world.enrol(0), world.enrol(0));
    let said = acknowledged(&world, &tablet);
    let genuine = Signed::sign(said.clone(), &tablet.key);
    assert_eq!(check(&world, genuine.bytes()), Ok(tablet.device));
    let by_other = Signed::sign(said.clone(), &other.key);
    assert_eq!(check(&world, by_other.bytes()), Err(Outcome::BadSignature));
    let foreign = Acknowledgement { package: PackageHash([9; 32]), ..said.clone() };
    assert_eq!(check(&world, Signed::sign(foreign, &tablet.key).bytes()), Err(Outcome::OtherPackage));
    let certificate = Signed::sign(tablet.certificate.value().clone(), &SecretKey::from_seed(&[8; 32]));
    let stranger = Acknowledgement { certificate: certificate.into_bytes(), ..said.clone() };
    assert_eq!(check(&world, Signed::sign(stranger, &tablet.key).bytes()), Err(Outcome::BadSignature));
    let none = Acknowledgement { certificate: vec![1, 2, 3], ..said };
    assert_eq!(check(&world, Signed::sign(none, &tablet.key).bytes()), Err(Outcome::Malformed));
    for at in 0..genuine.bytes().len() {
        let mut bytes = genuine.bytes().to_vec();
        bytes[at] ^= 1;
        assert!(check(&world, &bytes).is_err(), "byte {at}");
    }
}

#[test]
fn a_parcel_with_something_of_every_kind_is_read_and_packs_to_the_same_bytes_again() {
    let sample = crate::common::samples::parcel_sample();
    let parcel = Parcel::read(&sample.bytes).unwrap();
    assert!(parcel.condition.is_whole());
    let kinds: Vec<_> = parcel.pieces().map(|piece| std::mem::discriminant(&piece.unwrap())).collect();
    assert!(kinds.len() == 3 && kinds[0] != kinds[1] && kinds[1] != kinds[2]);
    assert_eq!((sample.read)(&sample.bytes).as_ref(), Some(&sample.bytes));
}
