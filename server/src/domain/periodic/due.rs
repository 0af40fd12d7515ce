//! By which day each unit is to hold its ballot and sign its minutes.

use crate::domain::calendar::parse_day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// Due days of a round.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DueDays {
    /// For every unit that has none of its own, as `2026-11-27`.
    #[serde(default)]
    #[schema(format = Date, example = "2026-11-27")]
    pub all: Option<String>,
    /// Of single units, by code.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
}

/// Why due days are not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DueError {
    /// A day that is none.
    #[error("{0:?} is no day: write days as 2026-11-27")]
    Day(String),
    /// A unit that the round does not have.
    #[error("there is no unit {0:?} in the round")]
    Unit(String),
}

impl DueDays {
    /// The due day of a unit, if it has one.
    pub fn of(&self, unit: &str) -> Option<&str> {
        self.units.get(unit).or(self.all.as_ref()).map(String::as_str)
    }

    /// Checks that days are days and units are units.
    ///
    /// # Errors
    /// [`DueError`].
    pub fn check(&self, known: impl Fn(&str) -> bool) -> Result<(), DueError> {
        if let Some(unit) = self.units.keys().find(|unit| !known(unit)) {
            return Err(DueError::Unit(unit.clone()));
        }
        match self.all.iter().chain(self.units.values()).find(|day| parse_day(day).is_none()) {
            Some(day) => Err(DueError::Day(day.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_its_own_day_or_that_of_all() {
        let units = BTreeMap::from([("B".to_owned(), "2026-12-05".to_owned())]);
        let due = DueDays { all: Some("2026-12-01".to_owned()), units };
        assert_eq!((due.of("A"), due.of("B")), (Some("2026-12-01"), Some("2026-12-05")));
        assert_eq!(DueDays::default().of("A"), None);
        assert_eq!(due.check(|unit| unit == "B"), Ok(()));
        assert_eq!(due.check(|_| false), Err(DueError::Unit("B".to_owned())));
        let wrong = DueDays { all: Some("2026-02-30".to_owned()), ..DueDays::default() };
        assert_eq!(wrong.check(|_| true), Err(DueError::Day("2026-02-30".to_owned())));
    }
}
