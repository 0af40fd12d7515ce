//! Levels and rules of a round: data, with the defaults of the source case.

use super::TEXT_MAX;
use crate::cbor::{FormatError, Reader};
use crate::id::{CODE_MAX, is_code};

/// Whether a round counts or only trains people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For practice; nothing of it ever counts.
    Training,
    /// The real round.
    Official,
}

/// How a unit votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voting {
    /// Each ballot needs a permit from a slip.
    Permit,
    /// The team unlocks each ballot; the result carries a mark.
    Attended,
}

/// One of the ratings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Stable code.
    pub code: String,
    /// Vietnamese label.
    pub vi: String,
    /// English label.
    pub en: String,
}

/// The number that percentages refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PercentBase {
    /// Ballots collected (the default).
    Collected,
    /// Voters summoned.
    Summoned,
    /// Voters present.
    Present,
    /// Valid ballots.
    Valid,
}

/// Counting and batch rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Base of the percentages.
    pub percent_base: PercentBase,
    /// Ballots that leave a box together at least, 1 to 1,000; default 10.
    pub batch_min: u32,
    /// Valid ballots below which nothing by level leaves the count, 2 to 1,000; default 5.
    pub min_publish: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { percent_base: PercentBase::Collected, batch_min: 10, min_publish: 5 }
    }
}

/// The three levels of the decisiveness rating, highest first.
pub fn default_levels() -> Vec<Level> {
    [
        (
            "decisive_consistent",
            "Có quyết liệt, thường xuyên và hiệu quả",
            "Decisive, consistent and effective",
        ),
        ("decisive_inconsistent", "Có quyết liệt nhưng không thường xuyên", "Decisive but not consistent"),
        ("not_decisive", "Không quyết liệt", "Not decisive"),
    ]
    .map(|(code, vi, en)| Level { code: code.to_owned(), vi: vi.to_owned(), en: en.to_owned() })
    .to_vec()
}

/// Numbers of an enumeration on the wire.
macro_rules! codes {
    ($name:ident, $what:literal, $($variant:ident = $code:literal),+) => {
        impl $name {
            /// Number on the wire.
            pub fn code(self) -> u64 {
                match self { $(Self::$variant => $code),+ }
            }

            pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
                match r.uint(0..=u64::MAX, $what)? {
                    $($code => Ok(Self::$variant),)+
                    _ => Err(FormatError::Range { what: $what }),
                }
            }
        }
    };
}
pub(crate) use codes;

codes!(Mode, "mode", Training = 0, Official = 1);
codes!(Voting, "voting", Permit = 0, Attended = 1);
codes!(PercentBase, "percentage base", Collected = 0, Summoned = 1, Present = 2, Valid = 3);

impl Rules {
    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(3, "rules")?;
        let rules = Self {
            percent_base: PercentBase::read(r)?,
            batch_min: r.u32(1_000, "smallest batch")?,
            min_publish: r.u32(1_000, "publication limit")?,
        };
        if rules.batch_min < 1 || rules.min_publish < 2 {
            return Err(FormatError::Range { what: "rules" });
        }
        Ok(rules)
    }
}

pub(super) fn read_levels(r: &mut Reader<'_>) -> Result<Vec<Level>, FormatError> {
    let levels = r.list(9, "levels", |r| {
        r.array(3, "level")?;
        let code = r.text(CODE_MAX, "level code")?;
        if !is_code(code) {
            return Err(FormatError::Range { what: "level code" });
        }
        Ok(Level {
            code: code.to_owned(),
            vi: r.text(TEXT_MAX, "level label")?.to_owned(),
            en: r.text(TEXT_MAX, "level label")?.to_owned(),
        })
    })?;
    let mut codes: Vec<_> = levels.iter().map(|level| &level.code).collect();
    codes.sort_unstable();
    if levels.len() < 2 || !crate::cbor::strictly_ascending(&codes) {
        return Err(FormatError::Range { what: "levels" });
    }
    Ok(levels)
}
