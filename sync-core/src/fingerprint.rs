//! A hash as people compare it: six groups of five digits, two of which they type from paper.

use thiserror::Error;

/// Groups in a fingerprint; five bytes of the hash each, so about 99 bits are compared.
pub const GROUPS: usize = 6;

/// The typed digits are not those on the tablet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("group {group} differs: compare the paper with the tablet again, and stop if it still differs")]
pub struct GroupDiffers {
    /// Which group, from 1.
    pub group: usize,
}

/// The six groups of a hash.
pub fn groups(hash: &[u8; 32]) -> [String; GROUPS] {
    std::array::from_fn(|i| {
        let value = hash[i * 5..i * 5 + 5].iter().fold(0_u64, |acc, b| acc << 8 | u64::from(*b));
        format!("{:05}", value % 100_000)
    })
}

/// The groups in one line, as printed.
pub fn line(hash: &[u8; 32]) -> String {
    groups(hash).join(" ")
}

/// Two different groups to leave blank on the screen, drawn from 8 random bytes.
pub fn blanks(random: [u8; 8]) -> [usize; 2] {
    let draw = u64::from_le_bytes(random);
    let count = GROUPS as u64;
    let first = draw % count;
    let second = (first + 1 + draw / count % (count - 1)) % count;
    let (low, high) = (first.min(second), first.max(second));
    [low, high].map(|i| usize::try_from(i).unwrap_or(0))
}

/// Checks what a person typed for the group at `index` (from 0); spaces are ignored.
///
/// # Errors
/// [`GroupDiffers`].
pub fn confirm(hash: &[u8; 32], index: usize, typed: &str) -> Result<(), GroupDiffers> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    match groups(hash).get(index) {
        Some(group) if *group == digits => Ok(()),
        _ => Err(GroupDiffers { group: index + 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blanks_are_two_different_groups_whatever_is_drawn() {
        for draw in 0..1000_u64 {
            let [a, b] = blanks(draw.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
            assert!(a < b && b < GROUPS);
        }
    }

    #[test]
    fn each_two_groups_are_left_blank_as_often_as_any_other_two() {
        let mut often = std::collections::BTreeMap::new();
        for draw in 0..30_u64 {
            *often.entry(blanks(draw.to_le_bytes())).or_insert(0) += 1;
        }
        assert_eq!(often.len(), 15);
        assert!(often.values().all(|times| *times == 2), "{often:?}");
    }

    #[test]
    fn a_wrong_or_swapped_group_is_named() {
        let hash = std::array::from_fn(|i| u8::try_from(i * 7).unwrap());
        let right = groups(&hash);
        assert_eq!(confirm(&hash, 2, &format!(" {} ", right[2])), Ok(()));
        assert_eq!(confirm(&hash, 2, &right[3]), Err(GroupDiffers { group: 3 }));
        assert_eq!(confirm(&hash, GROUPS, "00000"), Err(GroupDiffers { group: 7 }));
    }
}
