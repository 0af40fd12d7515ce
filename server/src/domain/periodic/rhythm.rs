//! How often rounds come, and when somebody is reminded.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::{Date, Month};

/// Longest interval in months.
const MONTHS_MAX: u8 = 60;
/// Longest time before or after a due day, in days.
const DAYS_MAX: u8 = 60;

/// How often rounds come, and when somebody is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rhythm {
    /// Months from one round to the next.
    #[schema(minimum = 1, maximum = 60)]
    pub months: u8,
    /// Days before a due day on which whoever has to do something is reminded first.
    #[schema(minimum = 0, maximum = 60)]
    pub remind_before: u8,
    /// Days between two reminders of what is late.
    #[schema(minimum = 1, maximum = 60)]
    pub remind_every: u8,
    /// Days after a due day from which the inspection committee is told.
    #[schema(minimum = 1, maximum = 60)]
    pub escalate_after: u8,
}

/// A number out of its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{what} is from {min} to {max}")]
pub struct RhythmError {
    what: &'static str,
    min: u8,
    max: u8,
}

impl Default for Rhythm {
    /// A round a year; a week's notice, then every week; the committee after another week.
    fn default() -> Self {
        Self { months: 12, remind_before: 7, remind_every: 7, escalate_after: 7 }
    }
}

impl Rhythm {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`RhythmError`].
    pub fn check(&self) -> Result<(), RhythmError> {
        for (what, value, min, max) in [
            ("the number of months between two rounds", self.months, 1, MONTHS_MAX),
            ("the number of days before a due day", self.remind_before, 0, DAYS_MAX),
            ("the number of days between two reminders", self.remind_every, 1, DAYS_MAX),
            ("the number of days after a due day", self.escalate_after, 1, DAYS_MAX),
        ] {
            if !(min..=max).contains(&value) {
                return Err(RhythmError { what, min, max });
            }
        }
        Ok(())
    }

    /// The day on which the next round begins after one that began on this day: the same day of a later month, or the
    /// last day of that month where it is shorter.
    pub fn next(&self, began: Date) -> Date {
        let months = i32::from(u8::from(began.month())) - 1 + i32::from(self.months);
        let year = began.year() + months / 12;
        let month = Month::try_from(u8::try_from(months % 12 + 1).unwrap_or(12)).unwrap_or(Month::December);
        let last = month.length(year);
        Date::from_calendar_date(year, month, began.day().min(last)).unwrap_or(began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_next_round_begins_on_the_same_day_of_a_later_month() {
        let after = |months, began| Rhythm { months, ..Rhythm::default() }.next(began);
        assert_eq!(after(12, date!(2026 - 11 - 27)), date!(2027 - 11 - 27));
        assert_eq!(after(6, date!(2026 - 08 - 31)), date!(2027 - 02 - 28));
        assert_eq!(after(12, date!(2024 - 02 - 29)), date!(2025 - 02 - 28));
        assert_eq!(after(1, date!(2026 - 12 - 31)), date!(2027 - 01 - 31));
        assert_eq!(after(60, date!(2026 - 01 - 01)), date!(2031 - 01 - 01));
    }

    #[test]
    fn numbers_keep_their_bounds() {
        let usual = Rhythm::default();
        assert_eq!(usual.check(), Ok(()));
        for bad in [
            Rhythm { months: 0, ..usual },
            Rhythm { months: 61, ..usual },
            Rhythm { remind_before: 61, ..usual },
            Rhythm { remind_every: 0, ..usual },
            Rhythm { escalate_after: 0, ..usual },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
