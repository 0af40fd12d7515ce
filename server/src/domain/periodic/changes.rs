//! What changes between two rounds: units that are renamed or merged, officials who turn out to be one person. Each has a
//! day from which it holds; units and officials are named by their codes, for names are spelt in many ways.

use crate::domain::calendar::parse_day;
use serde::{Deserialize, Serialize};
use sync_core::id::is_code;
use thiserror::Error;
use time::Date;

/// Most changes that are kept.
pub const CHANGES_MAX: usize = 500;

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A unit has another name.
    Renamed {
        /// Its code.
        unit: String,
        /// Its name from now on.
        name: String,
    },
    /// A unit became part of another.
    Merged {
        /// Its code.
        unit: String,
        /// Code of the unit that it is part of.
        into: String,
    },
    /// Two codes are one person with several posts, who is rated once.
    OnePerson {
        /// Code under which they are not rated any more.
        official: String,
        /// Code under which they are.
        same_as: String,
    },
}

/// A change with the day from which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dated {
    /// The day, as `2026-11-27`.
    #[schema(format = Date, example = "2026-11-27")]
    pub valid_from: String,
    /// What changes.
    pub change: Change,
}

/// Every change that was noted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// In the order in which they were noted.
    #[schema(max_items = 500)]
    pub changes: Vec<Dated>,
}

/// Why changes are not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChangeError {
    /// Too many.
    #[error("at most {CHANGES_MAX} changes are kept")]
    TooMany,
    /// A day that is none.
    #[error("{0:?} is no day: write days as 2026-11-27")]
    Day(String),
    /// A code that is none.
    #[error("{0:?} is not a code: 1 to 32 letters, digits, dots, dashes")]
    Code(String),
    /// A name that is none.
    #[error("a name has 1 to 200 characters")]
    Name,
    /// Something that becomes part of itself.
    #[error("{0:?} cannot become part of itself")]
    Itself(String),
}

impl Changes {
    /// Checks every change by itself.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub fn check(&self) -> Result<(), ChangeError> {
        if self.changes.len() > CHANGES_MAX {
            return Err(ChangeError::TooMany);
        }
        self.changes.iter().try_for_each(|dated| {
            parse_day(&dated.valid_from).ok_or_else(|| ChangeError::Day(dated.valid_from.clone()))?;
            let code = |text: &String| match is_code(text) {
                true => Ok(()),
                false => Err(ChangeError::Code(text.clone())),
            };
            match &dated.change {
                Change::Renamed { unit, name } => {
                    code(unit)?;
                    let fits = crate::domain::visit::is_text(name, 200)
                        && name.trim() == name
                        && !name.contains('\n');
                    if fits { Ok(()) } else { Err(ChangeError::Name) }
                }
                Change::Merged { unit: one, into: other }
                | Change::OnePerson { official: one, same_as: other } => {
                    code(one)?;
                    code(other)?;
                    if one == other { Err(ChangeError::Itself(one.clone())) } else { Ok(()) }
                }
            }
        })
    }

    /// Those that hold on a day, the earliest first.
    pub fn until(&self, day: Date) -> Vec<&Change> {
        let mut found: Vec<(Date, &Change)> = self
            .changes
            .iter()
            .filter_map(|dated| Some((parse_day(&dated.valid_from)?, &dated.change)))
            .filter(|(from, _)| *from <= day)
            .collect();
        found.sort_by_key(|(from, _)| *from);
        found.into_iter().map(|(_, change)| change).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn merged(unit: &str, into: &str) -> Change {
        Change::Merged { unit: unit.to_owned(), into: into.to_owned() }
    }

    #[test]
    fn a_change_holds_from_its_day_on_and_in_the_order_of_days() {
        let dated = |valid_from: &str, change| Dated { valid_from: valid_from.to_owned(), change };
        let changes = vec![dated("2027-01-02", merged("A", "B")), dated("2027-01-01", merged("B", "C"))];
        let all = Changes { changes };
        assert_eq!(all.check(), Ok(()));
        assert_eq!(all.until(date!(2026 - 12 - 31)), [] as [&Change; 0]);
        assert_eq!(all.until(date!(2027 - 01 - 01)), [&merged("B", "C")]);
        assert_eq!(all.until(date!(2027 - 01 - 02)), [&merged("B", "C"), &merged("A", "B")]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let with = |day: &str, change| {
            Changes { changes: vec![Dated { valid_from: day.to_owned(), change }] }.check()
        };
        assert_eq!(with("1/1/2027", merged("A", "B")), Err(ChangeError::Day("1/1/2027".to_owned())));
        assert_eq!(with("2027-01-01", merged("A", "A")), Err(ChangeError::Itself("A".to_owned())));
        assert_eq!(with("2027-01-01", merged("A b", "B")), Err(ChangeError::Code("A b".to_owned())));
        let renamed = |name: &str| Change::Renamed { unit: "A".to_owned(), name: name.to_owned() };
        for bad in ["", " x", "a\nb", "a\u{0}"] {
            assert_eq!(with("2027-01-01", renamed(bad)), Err(ChangeError::Name), "{bad:?}");
        }
    }
}
