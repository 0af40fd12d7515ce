//! A ballot: one mark per official, sealed to the round's box key before anything is stored.
//!
//! The plaintext has the same length for everyone in a unit: format byte, packed permit code (10 bytes; zeros where
//! voting is attended), one byte per official (0: left blank, 1 to 9: level). It is sealed with HPKE (RFC 9180, base
//! mode, X25519, HKDF-SHA256, ChaCha20-Poly1305); the associated data binds package, unit, sheet and nullifier, so a
//! ballot opens only in the place it was cast for. A *record* is nullifier ‖ encapsulated key ‖ ciphertext.

use crate::id::{Nullifier, PackageHash, SheetHash, UnitCode};
use crate::permit::PermitCode;
use crate::planted::{self, Bug};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

type Kem = hpke::kem::X25519HkdfSha256;
type Kdf = hpke::kdf::HkdfSha256;
type Aead = hpke::aead::ChaCha20Poly1305;

const INFO: &[u8] = b"homphieu/ballot/1";
const FORMAT: u8 = 1;
const CODE_LEN: usize = 10;
const NULLIFIER_LEN: usize = 16;
const ENCAPPED_LEN: usize = 32;
const TAG_LEN: usize = 16;

/// Length in bytes of a record on a ballot with this many officials.
pub const fn record_len(officials: usize) -> usize {
    NULLIFIER_LEN + ENCAPPED_LEN + 1 + CODE_LEN + officials + TAG_LEN
}

/// The marks of one ballot: per official the place of a level (from 0), or nothing where the line is left blank.
/// Wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Zeroize, ZeroizeOnDrop)]
pub struct Marks(Vec<Option<u8>>);

impl Marks {
    /// Marks in the order of the sheet.
    pub fn new(marks: Vec<Option<u8>>) -> Self {
        Self(marks)
    }

    /// The marks in the order of the sheet.
    pub fn lines(&self) -> &[Option<u8>] {
        &self.0
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Marks(…)")
    }
}

/// Why marks cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MarkError {
    /// Not one line per official.
    #[error("the ballot has {expected} lines, {found} were given")]
    Lines {
        /// Officials on the sheet.
        expected: usize,
        /// Lines given.
        found: usize,
    },
    /// A mark beyond the levels of the round.
    #[error("line {line} has a mark that is no level of this round")]
    Level {
        /// Line, from 1.
        line: usize,
    },
    /// The box key in the package is no usable key.
    #[error("the round's box key cannot be used; the package is wrong")]
    BoxKey,
}

/// Where a ballot belongs; it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The package.
    pub package: &'a PackageHash,
    /// The unit.
    pub unit: &'a UnitCode,
    /// The sheet it was marked on.
    pub sheet: &'a SheetHash,
}

/// A sealed ballot with its nullifier.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record(Vec<u8>);

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} bytes)", self.0.len())
    }
}

impl Record {
    /// A record from bytes that an envelope holds; `None` if it is shorter than any record.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= record_len(0)).then(|| Self(bytes.to_vec()))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its nullifier.
    pub fn nullifier(&self) -> Nullifier {
        let mut nullifier = [0; NULLIFIER_LEN];
        nullifier.copy_from_slice(&self.0[..NULLIFIER_LEN]);
        Nullifier(nullifier)
    }
}

/// Who may cast this ballot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The holder of a permit.
    Permit(PermitCode),
    /// Nobody in particular: the team unlocked the tablet; the nullifier is random.
    Attended,
}

/// Seals a ballot. `nullifier` is the permit's, or a random one where voting is attended.
///
/// # Errors
/// [`MarkError`]; `levels` is the number of levels and `officials` of lines.
pub fn seal(
    claim: &Claim,
    nullifier: &Nullifier,
    marks: &Marks,
    form: Form,
    place: Place<'_>,
    box_key: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Result<Record, MarkError> {
    form.check(marks)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(1 + CODE_LEN + form.officials));
    plain.push(FORMAT);
    match claim {
        Claim::Permit(code) => plain.extend_from_slice(Zeroizing::new(code.pack()).as_ref()),
        Claim::Attended => plain.extend_from_slice(&[0; CODE_LEN]),
    }
    plain.extend(marks.0.iter().map(|mark| mark.map_or(0, |level| level + 1)));
    let key = <Kem as hpke::Kem>::PublicKey::from_bytes(box_key).map_err(|_| MarkError::BoxKey)?;
    let aad = place.associated_data(nullifier);
    let (encapped, sealed) =
        hpke::single_shot_seal_with_rng::<Aead, Kdf, Kem>(&OpModeS::Base, &key, INFO, &plain, &aad, rng)
            .map_err(|_| MarkError::BoxKey)?;
    Ok(Record([nullifier.0.as_slice(), encapped.to_bytes().as_slice(), &sealed].concat()))
}

/// Shape of a ballot: how many lines and how many levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Lines.
    pub officials: usize,
    /// Levels to choose from.
    pub levels: usize,
}

impl Form {
    fn check(self, marks: &Marks) -> Result<(), MarkError> {
        if marks.0.len() != self.officials {
            return Err(MarkError::Lines { expected: self.officials, found: marks.0.len() });
        }
        let beyond = |mark: &Option<u8>| mark.is_some_and(|level| usize::from(level) >= self.levels);
        match marks.0.iter().position(beyond) {
            Some(at) => Err(MarkError::Level { line: at + 1 }),
            None => Ok(()),
        }
    }
}

/// What the opened bytes of a record turn out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// It does not open in this place with this key.
    Closed,
    /// It opens, but claims another permit than its nullifier says (or none, or one where there should be none).
    Misfit,
    /// It opens and claims rightly, but its marks are not in the format.
    Malformed,
    /// A ballot.
    Marks(Marks),
}

/// The round's box key with its secret half.
pub struct BoxSecret(<Kem as hpke::Kem>::PrivateKey);

impl BoxSecret {
    /// The key from its 32 bytes; `None` if they are no X25519 key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(bytes).ok().map(Self)
    }

    /// The key as HPKE takes it.
    pub(crate) fn private(&self) -> &<Kem as hpke::Kem>::PrivateKey {
        &self.0
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        <Kem as hpke::Kem>::sk_to_pk(&self.0).to_bytes().into()
    }

    /// Opens a record. `permit_of` is the round whose permits are claimed, or `None` where voting is attended.
    pub fn open(
        &self,
        record: &Record,
        form: Form,
        place: Place<'_>,
        permit_of: Option<&crate::id::RoundId>,
    ) -> Opened {
        let nullifier = record.nullifier();
        let (encapped, sealed) = record.0[NULLIFIER_LEN..].split_at(ENCAPPED_LEN);
        let Ok(encapped) = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapped) else {
            return Opened::Closed;
        };
        let aad = place.associated_data(&nullifier);
        let opened =
            hpke::single_shot_open::<Aead, Kdf, Kem>(&OpModeR::Base, &self.0, &encapped, INFO, sealed, &aad);
        let Ok(plain) = opened.map(Zeroizing::new) else { return Opened::Closed };
        let Some((head, lines)) = plain.split_first_chunk::<{ 1 + CODE_LEN }>() else {
            return Opened::Misfit;
        };
        let mut packed = Zeroizing::new([0; CODE_LEN]);
        packed.copy_from_slice(&head[1..]);
        let fits = match permit_of {
            Some(round) => {
                PermitCode::unpack(&packed).is_some_and(|code| code.nullifier(round, place.unit) == nullifier)
            }
            None => *packed == [0; CODE_LEN],
        };
        if !fits && !planted::is(Bug::CountsForged) {
            return Opened::Misfit;
        }
        let known = |mark: &u8| usize::from(*mark) <= form.levels;
        if head[0] != FORMAT || lines.len() != form.officials || !lines.iter().all(known) {
            return Opened::Malformed;
        }
        Opened::Marks(Marks(lines.iter().map(|mark| mark.checked_sub(1)).collect()))
    }
}

impl Place<'_> {
    /// Package hash ‖ sheet hash ‖ nullifier ‖ unit code; only the last part varies in length.
    fn associated_data(&self, nullifier: &Nullifier) -> Vec<u8> {
        [self.package.as_bytes(), self.sheet.as_bytes(), &nullifier.0, self.unit.as_str().as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RoundId;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    const ROUND: RoundId = RoundId([9; 16]);
    const FORM: Form = Form { officials: 6, levels: 3 };

    struct Hall {
        rng: ChaCha20Rng,
        secret: BoxSecret,
        package: PackageHash,
        unit: UnitCode,
        sheet: SheetHash,
    }

    impl Hall {
        fn new() -> Self {
            Self {
                rng: ChaCha20Rng::seed_from_u64(7),
                secret: BoxSecret::from_bytes(&[5; 32]).unwrap(),
                package: PackageHash([1; 32]),
                unit: UnitCode::new("00712").unwrap(),
                sheet: SheetHash([2; 32]),
            }
        }

        fn place(&self) -> Place<'_> {
            Place { package: &self.package, unit: &self.unit, sheet: &self.sheet }
        }

        fn cast(&mut self, marks: Vec<Option<u8>>) -> (PermitCode, Record) {
            let code = PermitCode::draw(&mut self.rng);
            let nullifier = code.nullifier(&ROUND, &self.unit);
            let key = self.secret.public();
            let mut rng = self.rng.clone();
            let claim = Claim::Permit(code.clone());
            let record = seal(&claim, &nullifier, &Marks(marks), FORM, self.place(), &key, &mut rng).unwrap();
            self.rng = rng;
            (code, record)
        }
    }

    #[test]
    fn every_ballot_of_a_unit_has_the_same_length() {
        let mut hall = Hall::new();
        for marks in [vec![None; 6], vec![Some(0); 6], vec![Some(2), None, Some(1), None, None, Some(0)]] {
            assert_eq!(hall.cast(marks).1.as_bytes().len(), record_len(6));
        }
    }

    #[test]
    fn a_ballot_opens_only_in_its_own_package_unit_and_sheet() {
        let mut hall = Hall::new();
        let marks = vec![Some(2), None, Some(1), Some(0), None, Some(0)];
        let (_, record) = hall.cast(marks.clone());
        let opened = hall.secret.open(&record, FORM, hall.place(), Some(&ROUND));
        assert_eq!(opened, Opened::Marks(Marks(marks)));
        let package = PackageHash([8; 32]);
        let unit = UnitCode::new("00715").unwrap();
        let sheet = SheetHash([8; 32]);
        for place in [
            Place { package: &package, ..hall.place() },
            Place { unit: &unit, ..hall.place() },
            Place { sheet: &sheet, ..hall.place() },
        ] {
            assert_eq!(hall.secret.open(&record, FORM, place, Some(&ROUND)), Opened::Closed);
        }
    }

    #[test]
    fn a_ballot_forged_under_a_seen_nullifier_is_a_misfit() {
        let mut hall = Hall::new();
        let (_, honest) = hall.cast(vec![Some(0); 6]);
        let stranger = Claim::Permit(PermitCode::draw(&mut hall.rng.clone()));
        let key = hall.secret.public();
        let mut rng = ChaCha20Rng::seed_from_u64(99);
        for claim in [stranger, Claim::Attended] {
            let marks = Marks(vec![Some(2); 6]);
            let forged =
                seal(&claim, &honest.nullifier(), &marks, FORM, hall.place(), &key, &mut rng).unwrap();
            assert_eq!(hall.secret.open(&forged, FORM, hall.place(), Some(&ROUND)), Opened::Misfit);
        }
    }

    #[test]
    fn every_flipped_byte_keeps_a_record_closed() {
        let mut hall = Hall::new();
        let (_, record) = hall.cast(vec![Some(1); 6]);
        for at in 0..record.as_bytes().len() {
            let mut bytes = record.as_bytes().to_vec();
            bytes[at] ^= 1;
            let broken = Record::from_slice(&bytes).unwrap();
            assert_eq!(hall.secret.open(&broken, FORM, hall.place(), Some(&ROUND)), Opened::Closed, "{at}");
        }
    }

    #[test]
    fn marks_outside_the_form_are_refused_before_sealing() {
        assert_eq!(FORM.check(&Marks(vec![None; 5])), Err(MarkError::Lines { expected: 6, found: 5 }));
        let beyond = Marks(vec![None, None, Some(3), None, None, None]);
        assert_eq!(FORM.check(&beyond), Err(MarkError::Level { line: 3 }));
    }
}
