//! What lies under the seal: ballots sealed by a program of another's making, byte by byte.

use crate::common::LEVELS;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeS, Serializable};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sync_core::ballot::{BoxSecret, Claim, Form, MarkError, Marks, Opened, Place, Record, record_len, seal};
use sync_core::id::{Nullifier, PackageHash, RoundId, SheetHash, UnitCode};
use sync_core::permit::PermitCode;

const ROUND: RoundId = RoundId([9; 16]);
const OFFICIALS: usize = 3;
const FORM: Form = Form { officials: OFFICIALS, levels: LEVELS };
const ATTENDED: [u8; 10] = [0; 10];

struct Hall {
    secret: BoxSecret,
    package: PackageHash,
    unit: UnitCode,
    sheet: SheetHash,
}

impl Hall {
    fn new() -> Self {
        Self {
            secret: BoxSecret::from_bytes(&[5; 32]).expect("a key"),
            package: PackageHash([1; 32]),
            unit: UnitCode::new("00712").expect("a code"),
            sheet: SheetHash([2; 32]),
        }
    }

    fn place(&self) -> Place<'_> {
        Place { package: &self.package, unit: &self.unit, sheet: &self.sheet }
    }

    /// The bytes of a record with this under the seal, as `FORMAT.md` says that a record is made.
    fn sealed(&self, nullifier: Nullifier, plain: &[u8]) -> Vec<u8> {
        let data = [&self.package.0[..], &self.sheet.0, &nullifier.0, self.unit.as_str().as_bytes()].concat();
        let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&self.secret.public()).expect("a key");
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let (encapped, sealed) = hpke::single_shot_seal_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            X25519HkdfSha256,
        >(&OpModeS::Base, &key, b"homphieu/ballot/1", plain, &data, &mut rng)
        .expect("a seal");
        [&nullifier.0[..], &encapped.to_bytes(), &sealed].concat()
    }

    fn opened(&self, record: &Record, permit_of: Option<&RoundId>) -> Opened {
        self.secret.open(record, FORM, self.place(), permit_of)
    }

    fn attended(&self, format: u8, code: [u8; 10], lines: &[u8]) -> Opened {
        let plain = [&[format][..], &code, lines].concat();
        let record = Record::from_slice(&self.sealed(Nullifier([4; 16]), &plain)).expect("a record");
        self.opened(&record, None)
    }
}

fn marks(lines: [Option<u8>; OFFICIALS]) -> Opened {
    Opened::Marks(Marks::new(lines.to_vec()))
}

#[test]
fn marks_are_read_one_byte_a_line_with_nothing_for_a_blank_one() {
    let hall = Hall::new();
    assert_eq!(hall.attended(1, ATTENDED, &[0, 1, 3]), marks([None, Some(0), Some(2)]));
    assert_eq!(hall.attended(1, ATTENDED, &[2, 2, 2]), marks([Some(1); OFFICIALS]));
}

#[test]
fn another_format_or_another_number_of_lines_or_levels_is_malformed() {
    let hall = Hall::new();
    assert_eq!(hall.attended(2, ATTENDED, &[0, 1, 3]), Opened::Malformed);
    assert_eq!(hall.attended(0, ATTENDED, &[0, 1, 3]), Opened::Malformed);
    for lines in [&[][..], &[1], &[1, 1], &[1, 1, 1, 1], &[0, 1, 4], &[255, 0, 0]] {
        assert_eq!(hall.attended(1, ATTENDED, lines), Opened::Malformed, "{lines:?}");
    }
}

#[test]
fn an_attended_ballot_claims_no_permit() {
    let hall = Hall::new();
    for at in 0..10 {
        let mut code = ATTENDED;
        code[at] = 1;
        assert_eq!(hall.attended(1, code, &[1, 1, 1]), Opened::Misfit, "byte {at}");
    }
}

#[test]
fn a_record_is_never_shorter_than_one_without_officials() {
    let shortest = record_len(0);
    assert_eq!(shortest, 75);
    assert!(Record::from_slice(&vec![7; shortest - 1]).is_none());
    let record = Record::from_slice(&vec![7; shortest]).expect("just long enough");
    let hall = Hall::new();
    assert_eq!(hall.opened(&record, None), Opened::Closed);
    // So a seal around less than format and code is no record at all, and nothing has to be read from it.
    assert!(Record::from_slice(&hall.sealed(Nullifier([4; 16]), &[1; 10])).is_none());
}

#[test]
fn a_ballot_with_a_permit_carries_its_code_and_fits_in_its_own_unit_and_round_alone() {
    let hall = Hall::new();
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let code = PermitCode::draw(&mut rng);
    let nullifier = code.nullifier(&ROUND, &hall.unit);
    let lines = Marks::new(vec![Some(2), None, Some(0)]);
    let claim = Claim::Permit(code);
    let record = seal(&claim, &nullifier, &lines, FORM, hall.place(), &hall.secret.public(), &mut rng);
    let record = record.expect("marks that can be sealed");
    assert_eq!(record.nullifier(), nullifier);
    assert_eq!(hall.opened(&record, Some(&ROUND)), Opened::Marks(lines));
    assert_eq!(hall.opened(&record, Some(&RoundId([8; 16]))), Opened::Misfit);
    assert_eq!(hall.opened(&record, None), Opened::Misfit, "it claims a permit where there are none");
}

#[test]
fn marks_that_do_not_fit_the_ballot_are_refused_by_line() {
    let hall = Hall::new();
    let sealed = |lines: Vec<Option<u8>>| {
        let mut rng = ChaCha20Rng::seed_from_u64(9);
        let (nullifier, key) = (Nullifier([4; 16]), hall.secret.public());
        seal(&Claim::Attended, &nullifier, &Marks::new(lines), FORM, hall.place(), &key, &mut rng).map(drop)
    };
    assert_eq!(sealed(vec![Some(0), Some(2), None]), Ok(()));
    assert_eq!(sealed(vec![None; 2]), Err(MarkError::Lines { expected: 3, found: 2 }));
    assert_eq!(sealed(vec![None; 4]), Err(MarkError::Lines { expected: 3, found: 4 }));
    assert_eq!(sealed(vec![Some(3), None, None]), Err(MarkError::Level { line: 1 }));
    assert_eq!(sealed(vec![Some(0), None, Some(255)]), Err(MarkError::Level { line: 3 }));
}

#[test]
fn a_box_key_that_is_no_key_is_the_packages_fault() {
    let hall = Hall::new();
    let mut rng = ChaCha20Rng::seed_from_u64(10);
    let lines = Marks::new(vec![None; OFFICIALS]);
    let sealed = seal(&Claim::Attended, &Nullifier([4; 16]), &lines, FORM, hall.place(), &[0; 32], &mut rng);
    assert_eq!(sealed, Err(MarkError::BoxKey));
}
