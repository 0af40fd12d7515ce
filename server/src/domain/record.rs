//! Units' records: how entries and findings are named, and how a register is searched.

use sync_core::package::Sheet;
use sync_core::record::{Presence, State, plain};

/// Which voters of a register are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// Part of a name, with or without diacritics, or a number.
    pub search: Option<String>,
    /// Only those who are, or are not, checked in.
    pub checked_in: Option<bool>,
    /// Only those who are, or are not, noted more than once.
    pub twice: Option<bool>,
}

/// Voters by number, those of the sheet and any others that were noted, with their names where the sheet has them.
pub fn register<'a>(
    sheet: Option<&'a Sheet>,
    state: &State,
    asked: &Register,
) -> Vec<(u32, Option<&'a str>, Presence)> {
    let of_sheet = sheet.map_or(0, |sheet| sheet.voters);
    let others = state.register.keys().copied().filter(|number| *number > of_sheet);
    let search = asked.search.as_deref().map(plain).filter(|text| !text.is_empty());
    let name = |number: u32| -> Option<&'a str> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        sheet?.voter_names.get(at).map(String::as_str)
    };
    let all = (1..=of_sheet).chain(others);
    let all =
        all.map(|number| (number, name(number), state.register.get(&number).cloned().unwrap_or_default()));
    all.filter(|(number, name, presence)| {
        let found = search.as_ref().is_none_or(|text| {
            number.to_string() == *text || name.is_some_and(|name| plain(name).contains(text.as_str()))
        });
        let twice = presence.check_ins.len() > 1 || presence.slips.len() > 1;
        found
            && asked.checked_in.is_none_or(|asked| presence.check_ins.is_empty() != asked)
            && asked.twice.is_none_or(|asked| twice == asked)
    })
    .collect()
}

/// The key of a finding as it is written: 32 hexadecimal digits.
pub fn finding_key(text: &str) -> Option<[u8; 16]> {
    unhex(text.trim())
}

/// Bytes as they are written in hexadecimal, two digits each.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::id::{RoundId, UnitCode};
    use sync_core::record::{Act, Actor, Entry, EntryRef, PersonId};

    #[test]
    fn a_finding_is_named_by_all_of_its_digits() {
        assert_eq!(finding_key(&"0f".repeat(16)), Some([0x0f; 16]));
        assert_eq!(finding_key(&"0".repeat(31)), None);
    }

    #[test]
    fn voters_are_found_by_number_and_by_name_without_diacritics() {
        let sheet = Sheet {
            round: RoundId([1; 16]),
            unit: UnitCode::new("A").unwrap(),
            officials: Vec::new(),
            voters: 3,
            voter_names: ["Đặng Thị Ưởng", "Vàng Mí Sử", "Lý A Páo"].map(str::to_owned).to_vec(),
            team: Vec::new(),
            permits: Vec::new(),
        };
        let person = PersonId::of("Máy");
        let entries = [2, 2, 9].map(|voter| Entry { person, at: None, act: Act::CheckIn { voter } });
        let place = |index| EntryRef { actor: Actor([1; 24]), sequence: 1, index };
        let state = State::fold((0_u8..).map(place).zip(&entries));
        let numbers = |asked: Register| -> Vec<u32> {
            register(Some(&sheet), &state, &asked).iter().map(|(number, ..)| *number).collect()
        };
        let search = |text: &str| numbers(Register { search: Some(text.to_owned()), ..Register::default() });
        assert_eq!(numbers(Register::default()), [1, 2, 3, 9], "whoever was noted is there");
        assert_eq!(
            (search("dang thi"), search("ƯỞNG"), search("2"), search("x")),
            (vec![1], vec![1], vec![2], vec![])
        );
        assert_eq!(numbers(Register { checked_in: Some(true), ..Register::default() }), [2, 9]);
        assert_eq!(numbers(Register { twice: Some(true), ..Register::default() }), [2]);
        assert_eq!(numbers(Register { checked_in: Some(false), ..Register::default() }), [1, 3]);
    }
}
