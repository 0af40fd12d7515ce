//! Permits: single-use random codes, and the marks that show one as used.
//!
//! A code has 75 random bits as 15 Crockford base32 symbols and a 16th that checks them (Luhn mod 32). On a slip it
//! is written `XXXX-XXXX-XXXX-XXXX`. It is read forgivingly: case, blanks and hyphens do not matter, O is 0, I and L
//! are 1. From it follow the nullifier, and from that the commitment in the unit's sheet.

use crate::id::{Commitment, Nullifier, RoundId, UnitCode, sha256_16};
use crate::package::Sheet;
use rand_core::CryptoRng;
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub use crate::package::commitment;

/// Crockford's base32 alphabet: no I, L, O, U.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of a code with its check symbol.
pub const SYMBOLS: usize = 16;

/// A permit code. It is wiped when dropped, never printed by `Debug`, and shown only by [`PermitCode::reveal`].
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PermitCode([u8; SYMBOLS]);

/// What is wrong with a typed or scanned code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PermitError {
    /// Too few or too many symbols.
    #[error("a ballot permit has 16 letters and digits, {found} were given")]
    Length {
        /// Symbols found.
        found: usize,
    },
    /// A symbol that no code has.
    #[error("the symbol in place {place} is not used on slips; look at it again")]
    Symbol {
        /// Place of the symbol, from 1.
        place: usize,
    },
    /// The check symbol does not fit.
    #[error("one of the symbols is wrong; compare them with the slip")]
    Check,
}

impl PermitCode {
    /// Draws a code.
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut random = Zeroizing::new([0_u8; SYMBOLS - 1]);
        rng.fill_bytes(random.as_mut());
        let mut symbols = [0; SYMBOLS];
        for (symbol, byte) in symbols.iter_mut().zip(random.iter()) {
            *symbol = byte & 31;
        }
        symbols[SYMBOLS - 1] = check_symbol(&symbols[..SYMBOLS - 1]);
        Self(symbols)
    }

    /// Reads a code as people type it.
    ///
    /// # Errors
    /// [`PermitError`] that says what to look at.
    pub fn parse(text: &str) -> Result<Self, PermitError> {
        let mut symbols = [0; SYMBOLS];
        let mut found = 0;
        for c in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—' | '_')) {
            let value = symbol_value(c).ok_or(PermitError::Symbol { place: found + 1 })?;
            if let Some(slot) = symbols.get_mut(found) {
                *slot = value;
            }
            found += 1;
        }
        let code = Self(symbols);
        if found != SYMBOLS {
            return Err(PermitError::Length { found });
        }
        if check_symbol(&code.0[..SYMBOLS - 1]) != code.0[SYMBOLS - 1] {
            return Err(PermitError::Check);
        }
        Ok(code)
    }

    /// The text of the slip. Only what prints slips, or hands a typed code on, may call this.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(SYMBOLS + 3));
        for (i, symbol) in self.0.iter().enumerate() {
            if i > 0 && i % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(symbol & 31)]));
        }
        text
    }

    /// The nullifier in one unit of one round.
    pub fn nullifier(&self, round: &RoundId, unit: &UnitCode) -> Nullifier {
        let unit = unit.as_str().as_bytes();
        let len = [u8::try_from(unit.len()).expect("a unit code has at most 32 bytes")];
        let packed = Zeroizing::new(self.pack());
        Nullifier(sha256_16(&[b"homphieu/nullifier/1", round.as_bytes(), &len, unit, packed.as_ref()]))
    }

    /// Sixteen symbols of five bits, most significant first: how a ballot carries the code.
    pub(crate) fn pack(&self) -> [u8; 10] {
        let bits = self.0.iter().fold(0_u128, |acc, symbol| acc << 5 | u128::from(*symbol));
        let mut packed = [0; 10];
        packed.copy_from_slice(&bits.to_be_bytes()[6..]);
        packed
    }

    /// The code from its packed form, if its check symbol fits.
    pub(crate) fn unpack(packed: &[u8; 10]) -> Option<Self> {
        let bits = packed.iter().fold(0_u128, |acc, byte| acc << 8 | u128::from(*byte));
        let symbols = std::array::from_fn(|i| {
            let shifted = bits >> (5 * (SYMBOLS - 1 - i)) & 31;
            u8::try_from(shifted).expect("five bits fit a byte")
        });
        let code = Self(symbols);
        (check_symbol(&code.0[..SYMBOLS - 1]) == code.0[SYMBOLS - 1]).then_some(code)
    }
}

impl fmt::Debug for PermitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PermitCode(…)")
    }
}

/// Slips to print for a unit: one per voter and the larger of 3 and 5 % (rounded up) to spare.
pub fn slips_for(voters: u32) -> u32 {
    voters + (voters.div_ceil(20)).max(3)
}

/// Draws the permits of a unit: distinct codes in random order, and their commitments, ascending.
pub fn draw_permits(
    count: u32,
    round: &RoundId,
    unit: &UnitCode,
    rng: &mut impl CryptoRng,
) -> (Vec<PermitCode>, Vec<Commitment>) {
    let mut codes = Vec::new();
    let mut commitments = std::collections::BTreeSet::new();
    while codes.len() < count as usize {
        let code = PermitCode::draw(rng);
        if commitments.insert(commitment(&code.nullifier(round, unit))) {
            codes.push(code);
        }
    }
    (codes, commitments.into_iter().collect())
}

/// Why a slip cannot be used here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LookupError {
    /// It was not issued for this unit and round.
    #[error("this slip was not issued for this unit; ask the team for help")]
    NotOfThisUnit,
}

/// Looks a permit up in the unit's sheet.
///
/// # Errors
/// [`LookupError::NotOfThisUnit`].
pub fn look_up(code: &PermitCode, sheet: &Sheet) -> Result<Nullifier, LookupError> {
    let nullifier = code.nullifier(&sheet.round, &sheet.unit);
    if sheet.issued(&nullifier) { Ok(nullifier) } else { Err(LookupError::NotOfThisUnit) }
}

pub(crate) fn symbol_value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let at = ALPHABET.iter().position(|symbol| char::from(*symbol) == c)?;
    u8::try_from(at).ok()
}

/// Luhn mod N with N = 32: finds every single wrong symbol and nearly every swap of neighbours.
fn check_symbol(symbols: &[u8]) -> u8 {
    let sum: u32 = symbols
        .iter()
        .rev()
        .enumerate()
        .map(|(i, symbol)| {
            let value = u32::from(*symbol) * if i % 2 == 0 { 2 } else { 1 };
            value / 32 + value % 32
        })
        .sum();
    u8::try_from((32 - sum % 32) % 32).expect("less than 32")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn code(seed: u64) -> PermitCode {
        PermitCode::draw(&mut ChaCha20Rng::seed_from_u64(seed))
    }

    proptest! {
        #[test]
        fn a_code_survives_careless_typing(seed: u64) {
            let code = code(seed);
            let text = code.reveal().to_lowercase().replace('0', "o").replace('1', "l").replace('-', " ");
            prop_assert_eq!(PermitCode::parse(&text), Ok(code.clone()));
            prop_assert_eq!(PermitCode::unpack(&code.pack()), Some(code));
        }

        #[test]
        fn every_single_wrong_symbol_is_found(seed: u64, place in 0..16_usize, shift in 1..32_u8) {
            let mut wrong = code(seed);
            wrong.0[place] = (wrong.0[place] + shift) % 32;
            prop_assert_eq!(PermitCode::parse(&wrong.reveal()), Err(PermitError::Check));
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,40}") {
            let _ = PermitCode::parse(&text);
        }
    }

    #[test]
    fn a_short_or_foreign_code_says_what_is_wrong() {
        assert_eq!(PermitCode::parse("1234"), Err(PermitError::Length { found: 4 }));
        assert_eq!(PermitCode::parse("12U4"), Err(PermitError::Symbol { place: 3 }));
        assert_eq!(PermitCode::parse(&"0".repeat(17)), Err(PermitError::Length { found: 17 }));
    }

    #[test]
    fn the_check_symbol_is_that_of_luhn_for_32_symbols() {
        // By hand: from the right every other value is doubled, its two digits in base 32 added; the sum and the check
        // make a multiple of 32. Where nothing is carried: 2 → 30 (Y), 1 → 31 (Z). Carried: 32 → 1 → 31, 62 → 31 → 1.
        for right in [
            "0000-0000-0000-0000",
            "0000-0000-0000-001Y",
            "0000-0000-0000-010Z",
            "0000-0000-0000-00GZ",
            "0000-0000-0000-00Z1",
            "0000-0000-0000-0Z01",
            "Z000-0000-0000-0001",
            "0Z00-0000-0000-0001",
        ] {
            assert_eq!(PermitCode::parse(right).map(|code| code.reveal().to_string()), Ok(right.to_owned()));
        }
    }

    #[test]
    fn any_dash_will_do_between_the_groups() {
        let code = code(2);
        for dash in ["", "–", "—", "_", " - ", "\u{a0}"] {
            assert_eq!(PermitCode::parse(&code.reveal().replace('-', dash)).as_ref(), Ok(&code), "{dash:?}");
        }
    }

    #[test]
    fn the_same_code_is_another_nullifier_in_another_unit_or_round() {
        let (a, b) = (UnitCode::new("A").unwrap(), UnitCode::new("B").unwrap());
        let (r, s) = (RoundId([1; 16]), RoundId([2; 16]));
        let code = code(1);
        assert_ne!(code.nullifier(&r, &a), code.nullifier(&r, &b));
        assert_ne!(code.nullifier(&r, &a), code.nullifier(&s, &a));
    }

    #[test]
    fn small_units_get_three_spare_slips_and_large_ones_five_percent() {
        assert_eq!([slips_for(4), slips_for(60), slips_for(61), slips_for(118)], [7, 63, 65, 124]);
    }

    #[test]
    fn commitments_come_sorted_and_do_not_follow_the_order_of_slips() {
        let unit = UnitCode::new("U").unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let (codes, commitments) = draw_permits(50, &RoundId([3; 16]), &unit, &mut rng);
        assert_eq!((codes.len(), commitments.len()), (50, 50));
        assert!(commitments.is_sorted());
        let in_slip_order: Vec<_> =
            codes.iter().map(|c| commitment(&c.nullifier(&RoundId([3; 16]), &unit))).collect();
        assert_ne!(in_slip_order, commitments);
    }
}
