//! The one-time code of a letter: with it an official opens the own result, without an account.
//!
//! It has 14 symbols of Crockford's base32, `XXXXXXX-XXXXXXX`: five that find it, eight that prove it, and one that checks
//! the others. It is shorter than the permit of a slip on purpose, so that no slip is ever taken for it or sent in its
//! place. Of the code only a keyed hash is stored, so it lives in the process that writes the letter alone.

use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;
use sync_core::permit::ALPHABET;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Symbols of a code with its check symbol.
pub const SYMBOLS: usize = 14;
/// Symbols that find it; they are no secret.
const SELECTOR: usize = 5;
/// Wrong tries after which a code is dead. With 40 bits to guess, ten tries find one code in a hundred thousand million.
pub const WRONG_MAX: u32 = 10;
/// Days for which a code holds unless the office says otherwise, and at most.
pub const USUAL_DAYS: u16 = 30;
/// Most days for which a code holds.
pub const MOST_DAYS: u16 = 90;

/// A code. It is wiped when dropped, and shown by [`LetterCode::reveal`] alone.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct LetterCode([u8; SYMBOLS]);

/// What is wrong with a typed code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Too few or too many symbols.
    #[error("the code of a letter has 14 letters and digits, {found} were given")]
    Length {
        /// Symbols found.
        found: usize,
    },
    /// A symbol that no code has.
    #[error("the symbol in place {place} is not used in codes; look at it again")]
    Symbol {
        /// Place of the symbol, from 1.
        place: usize,
    },
    /// The check symbol does not fit.
    #[error("one of the symbols is wrong; compare them with the letter")]
    Check,
}

impl LetterCode {
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

    /// Reads a code as people type it: case, blanks and hyphens do not matter, O is 0, I and L are 1.
    ///
    /// # Errors
    /// [`CodeError`] that says what to look at.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let (mut symbols, mut found) = (Zeroizing::new([0; SYMBOLS]), 0);
        for c in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—' | '_')) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            let value = ALPHABET.iter().position(|symbol| char::from(*symbol) == c);
            let value = value.and_then(|at| u8::try_from(at).ok());
            let value = value.ok_or(CodeError::Symbol { place: found + 1 })?;
            if let Some(slot) = symbols.get_mut(found) {
                *slot = value;
            }
            found += 1;
        }
        if found != SYMBOLS {
            return Err(CodeError::Length { found });
        }
        if check_symbol(&symbols[..SYMBOLS - 1]) != symbols[SYMBOLS - 1] {
            return Err(CodeError::Check);
        }
        Ok(Self(*symbols))
    }

    /// The text of the letter. Only what writes letters may call this.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(SYMBOLS + 1));
        for (i, symbol) in self.0.iter().enumerate() {
            if i == SYMBOLS / 2 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(symbol & 31)]));
        }
        text
    }

    /// By what it is found.
    pub fn selector(&self) -> String {
        self.0[..SELECTOR].iter().map(|symbol| char::from(ALPHABET[usize::from(symbol & 31)])).collect()
    }

    /// The hash that is stored of it, under a key of the centre: who steals the database alone finds no code by trying.
    pub fn hash(&self, key: &[u8; 32]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(b"homphieu/letter/1");
        mac.update(&self.0);
        mac.finalize().into_bytes().into()
    }

    /// Whether this is the code of which a hash was stored.
    pub fn fits(&self, key: &[u8; 32], stored: &[u8; 32]) -> bool {
        self.hash(key).ct_eq(stored).into()
    }
}

impl fmt::Debug for LetterCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LetterCode(…)")
    }
}

/// Luhn mod N with N = 32, as on slips.
fn check_symbol(symbols: &[u8]) -> u8 {
    let doubled = |(i, symbol): (usize, &u8)| {
        let value = u32::from(*symbol) * if i.is_multiple_of(2) { 2 } else { 1 };
        value / 32 + value % 32
    };
    let sum: u32 = symbols.iter().rev().enumerate().map(doubled).sum();
    u8::try_from((32 - sum % 32) % 32).expect("less than 32")
}

/// What is stored of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// Its hash.
    pub hash: [u8; 32],
    /// Number of the order whose result it opens.
    pub order: u32,
    /// Until when it holds, in seconds since 1970.
    pub ends_at: i64,
    /// Wrong tries so far.
    pub wrong: u32,
    /// Whether it was used to acknowledge.
    pub used: bool,
}

/// Why a code opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Shut {
    /// There is none like it. The same is said of one that was tried wrongly too often, so that nobody learns whether
    /// there is one.
    #[error("this code opens nothing: compare it with the letter, or ask the office for a new letter")]
    Wrong,
    /// Its time is over.
    #[error("the time of this code is over: ask the office for a new letter")]
    Over,
    /// The official acknowledged with it.
    #[error(
        "this code was used to say that the result was seen, and opens nothing any more: ask the office for a new letter, or sign in"
    )]
    Used,
    /// A later result took the place of the one that it opened.
    #[error(
        "there is a later result than the one this code opened: wait for the new letter, or ask the office for it"
    )]
    Renewed,
}

impl StoredCode {
    /// Whether a typed code opens the notice of this order at this moment.
    ///
    /// # Errors
    /// [`Shut`].
    pub fn opens(&self, typed: &LetterCode, key: &[u8; 32], order: u32, now: i64) -> Result<(), Shut> {
        if self.wrong >= WRONG_MAX || !typed.fits(key, &self.hash) {
            return Err(Shut::Wrong);
        }
        if self.used {
            return Err(Shut::Used);
        }
        if self.order != order {
            return Err(Shut::Renewed);
        }
        if now >= self.ends_at { Err(Shut::Over) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use sync_core::permit::PermitCode;

    const KEY: [u8; 32] = [7; 32];

    fn code(seed: u64) -> LetterCode {
        LetterCode::draw(&mut ChaCha20Rng::seed_from_u64(seed))
    }

    proptest! {
        #[test]
        fn a_code_survives_careless_typing(seed: u64) {
            let code = code(seed);
            let text = code.reveal().to_lowercase().replace('0', "o").replace('1', "l").replace('-', " ");
            prop_assert_eq!(LetterCode::parse(&text), Ok(code));
        }

        #[test]
        fn every_single_wrong_symbol_is_found(seed: u64, place in 0..SYMBOLS, shift in 1..32_u8) {
            let mut wrong = code(seed);
            wrong.0[place] = (wrong.0[place] + shift) % 32;
            prop_assert_eq!(LetterCode::parse(&wrong.reveal()), Err(CodeError::Check));
        }

        #[test]
        fn no_slip_is_taken_for_the_code_of_a_letter(seed: u64) {
            let slip = PermitCode::draw(&mut ChaCha20Rng::seed_from_u64(seed));
            prop_assert_eq!(LetterCode::parse(&slip.reveal()), Err(CodeError::Length { found: 16 }));
            prop_assert!(PermitCode::parse(&code(seed).reveal()).is_err());
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,60}") {
            let _ = LetterCode::parse(&text);
        }
    }

    fn stored(code: &LetterCode) -> StoredCode {
        StoredCode { hash: code.hash(&KEY), order: 1, ends_at: 100, wrong: 0, used: false }
    }

    #[test]
    fn a_code_opens_until_its_last_second_and_only_the_result_of_its_letter() {
        let code = code(1);
        let stored = stored(&code);
        assert_eq!(stored.opens(&code, &KEY, 1, 99), Ok(()));
        assert_eq!(stored.opens(&code, &KEY, 1, 100), Err(Shut::Over));
        assert_eq!(stored.opens(&code, &KEY, 2, 99), Err(Shut::Renewed));
        assert_eq!(stored.opens(&self::code(2), &KEY, 1, 99), Err(Shut::Wrong));
        assert_eq!(stored.opens(&code, &[8; 32], 1, 99), Err(Shut::Wrong), "the key of another centre");
        assert_eq!(StoredCode { used: true, ..stored.clone() }.opens(&code, &KEY, 1, 99), Err(Shut::Used));
    }

    #[test]
    fn a_code_that_was_guessed_at_too_often_is_dead_and_looks_like_none() {
        let code = code(1);
        let tried = |wrong| StoredCode { wrong, ..stored(&code) };
        assert_eq!(tried(WRONG_MAX - 1).opens(&code, &KEY, 1, 0), Ok(()));
        assert_eq!(tried(WRONG_MAX).opens(&code, &KEY, 1, 0), Err(Shut::Wrong));
    }

    #[test]
    fn nothing_but_the_letter_shows_a_code() {
        let code = code(3);
        assert_eq!(format!("{code:?}"), "LetterCode(…)");
        assert_eq!(code.reveal().len(), SYMBOLS + 1);
        assert!(code.reveal().starts_with(&code.selector()));
        let hash: String = code.hash(&KEY).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!hash.contains(&*code.reveal()));
    }
}
