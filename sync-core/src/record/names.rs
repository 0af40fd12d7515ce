//! People of a unit's team, and names as they are searched for.

use crate::cbor::{FormatError, Reader};
use crate::id::sha256_16;
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A person who notes something. It follows from the name, so one name on two tablets is one person, and two people
/// mean two names. It is no protection: who holds an unlocked tablet can write any name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub [u8; 16]);

impl PersonId {
    /// The person of this name; case, spaces at the ends and repeated spaces make no difference.
    pub fn of(name: &str) -> Self {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        let name: String = words.join(" ").nfc().collect();
        Self(sha256_16(&[b"homphieu/person/1", name.as_bytes()]))
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self(r.fixed("person")?))
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonId({self})")
    }
}

/// A name without diacritics, in lower case, with single spaces: what somebody types who is in a hurry. `đ` becomes
/// `d`.
pub fn plain(name: &str) -> String {
    let stripped: String = name.nfd().filter(|letter| !is_combining_mark(*letter)).collect();
    let stripped = stripped.to_lowercase().replace('đ', "d");
    stripped.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_one_person_however_it_is_typed() {
        let person = PersonId::of("Vàng Mí Sử");
        assert_eq!(PersonId::of("  vàng  MÍ sử "), person);
        let decomposed: String = "Vàng Mí Sử".nfd().collect();
        assert_eq!(PersonId::of(&decomposed), person);
        assert_ne!(PersonId::of("Vang Mi Su"), person);
    }

    #[test]
    fn a_name_is_found_without_its_diacritics() {
        assert_eq!(plain("  Đặng  Thị Ưởng "), "dang thi uong");
        assert_eq!(plain("LÝ A PÁO"), "ly a pao");
    }
}
