//! The seal of ballots against RFC 9180: appendix A.2.1 is our suite (DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! ChaCha20-Poly1305) in base mode.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use std::convert::Infallible;
use sync_core::ballot::{BoxSecret, Claim, Form, Marks, Opened, Place, seal};
use sync_core::id::{Nullifier, PackageHash, SheetHash, UnitCode};

/// Values as the RFC prints them.
const IKM_E: &str = "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b";
const PK_EM: &str = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a";
const IKM_R: &str = "1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df";
const PK_RM: &str = "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a";
const SK_RM: &str = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb";
const INFO: &str = "4f6465206f6e2061204772656369616e2055726e";
const PLAINTEXT: &str = "4265617574792069732074727574682c20747275746820626561757479";
/// Sequence number, associated data, ciphertext.
const ENCRYPTIONS: [(u32, &str, &str); 6] = [
    (
        0,
        "436f756e742d30",
        "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
    ),
    (
        1,
        "436f756e742d31",
        "6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c",
    ),
    (
        2,
        "436f756e742d32",
        "71146bd6795ccc9c49ce25dda112a48f202ad220559502cef1f34271e0cb4b02b4f10ecac6f48c32f878fae86b",
    ),
    (
        4,
        "436f756e742d34",
        "63357a2aa291f5a4e5f27db6baa2af8cf77427c7c1a909e0b37214dd47db122bb153495ff0b02e9e54a50dbe16",
    ),
    (
        255,
        "436f756e742d323535",
        "18ab939d63ddec9f6ac2b60d61d36a7375d2070c9b683861110757062c52b8880a5f6b3936da9cd6c23ef2a95c",
    ),
    (
        256,
        "436f756e742d323536",
        "7a4a13e9ef23978e2c520fd4d2e757514ae160cd0cd05e556ef692370ca53076214c0c40d4c728d6ed9e727a5b",
    ),
];
/// Exporter context, exported value of 32 bytes.
const EXPORTS: [(&str, &str); 3] = [
    ("", "4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e"),
    ("00", "8c1df14732580e5501b00f82b10a1647b40713191b7c1240ac80e2b68808ba69"),
    ("54657374436f6e74657874", "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53"),
];

type Secret = <X25519HkdfSha256 as Kem>::PrivateKey;
type Public = <X25519HkdfSha256 as Kem>::PublicKey;
type Encapped = <X25519HkdfSha256 as Kem>::EncappedKey;

fn unhex(text: &str) -> Vec<u8> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).expect("a hexadecimal digit");
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::try_from(digit(&pair[0]) * 16 + digit(&pair[1])).expect("two digits are a byte"))
        .collect()
}

/// A source of randomness that gives the bytes of the vector once, and then nothing.
struct Given(Vec<u8>);

impl rand_core::TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("the suite asks for bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("the suite asks for bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(bytes.len());
        bytes.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Given {}

#[test]
fn the_suite_seals_opens_and_exports_as_the_rfc_prints() {
    let recipient = Public::from_bytes(&unhex(PK_RM)).unwrap();
    let mut rng = Given(unhex(IKM_E));
    let (encapped, mut sender) =
        hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient,
            &unhex(INFO),
            &mut rng,
        )
        .unwrap();
    assert_eq!(encapped.to_bytes().to_vec(), unhex(PK_EM));
    let secret = Secret::from_bytes(&unhex(SK_RM)).unwrap();
    let encapped = Encapped::from_bytes(&unhex(PK_EM)).unwrap();
    let mut receiver = hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &encapped,
        &unhex(INFO),
    )
    .unwrap();
    for sequence in 0..=256 {
        let printed = ENCRYPTIONS.iter().find(|(number, ..)| *number == sequence);
        let aad = printed.map_or(Vec::new(), |(_, aad, _)| unhex(aad));
        let sealed = sender.seal(&unhex(PLAINTEXT), &aad).unwrap();
        if let Some((_, _, ciphertext)) = printed {
            assert_eq!(sealed, unhex(ciphertext), "sequence number {sequence}");
        }
        assert_eq!(receiver.open(&sealed, &aad).unwrap(), unhex(PLAINTEXT), "sequence number {sequence}");
    }
    for (context, value) in EXPORTS {
        let mut exported = [0; 32];
        receiver.export(&unhex(context), &mut exported).unwrap();
        assert_eq!(exported.to_vec(), unhex(value));
    }
}

#[test]
fn keys_are_derived_and_public_halves_computed_as_the_rfc_prints() {
    let (secret, public) = X25519HkdfSha256::derive_keypair(&unhex(IKM_R));
    assert_eq!(public.to_bytes().to_vec(), unhex(PK_RM));
    let ours = BoxSecret::from_bytes(&secret.to_bytes().into()).unwrap();
    assert_eq!(ours.public().to_vec(), unhex(PK_RM));
    let printed: [u8; 32] = unhex(SK_RM).try_into().unwrap();
    assert_eq!(BoxSecret::from_bytes(&printed).unwrap().public().to_vec(), unhex(PK_RM));
}

#[test]
fn a_ballot_is_one_message_of_this_suite_that_any_implementation_opens() {
    let printed: [u8; 32] = unhex(SK_RM).try_into().unwrap();
    let ours = BoxSecret::from_bytes(&printed).unwrap();
    let unit = UnitCode::new("00712").unwrap();
    let (package, sheet) = (PackageHash([1; 32]), SheetHash([2; 32]));
    let place = Place { package: &package, unit: &unit, sheet: &sheet };
    let (form, nullifier) = (Form { officials: 3, levels: 3 }, Nullifier([3; 16]));
    let marks = Marks::new(vec![Some(0), None, Some(2)]);
    let mut rng = Given(unhex(IKM_E));
    let record = seal(&Claim::Attended, &nullifier, &marks, form, place, &ours.public(), &mut rng).unwrap();
    let bytes = record.as_bytes();
    assert_eq!(bytes[..16], nullifier.0);
    assert_eq!(bytes[16..48].to_vec(), unhex(PK_EM), "the same ephemeral key as in the RFC");
    let aad = [&package.0[..], &sheet.0, &nullifier.0, b"00712"].concat();
    let plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &Secret::from_bytes(&printed).unwrap(),
        &Encapped::from_bytes(&bytes[16..48]).unwrap(),
        b"homphieu/ballot/1",
        &bytes[48..],
        &aad,
    )
    .unwrap();
    // Format 1, ten bytes for the code, then a byte for each line: 0 is blank.
    assert_eq!(plain, [&[1][..], &[0; 10], &[1, 0, 3]].concat());
    assert_eq!(ours.open(&record, form, place, None), Opened::Marks(marks));
}
