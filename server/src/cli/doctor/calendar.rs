//! The days off by which notices of results are due.

use super::Finding;
use crate::domain::calendar::{Calendar, day_of};
use crate::service::{DAYS_OFF_FILE, calendar_of};
use std::path::Path;
use time::{Date, Duration};

/// How long before a new year its days off should be known, in days.
const AHEAD: i64 = 30;

pub(super) fn examine(folder: &Path, now: i64) -> Finding {
    match calendar_of(folder) {
        Ok(calendar) => judge(&calendar, day_of(now)),
        Err(error) => {
            Finding::fail("calendar", error.to_string(), tr!("doctor-calendar-form", file = DAYS_OFF_FILE))
        }
    }
}

fn judge(calendar: &Calendar, today: Date) -> Finding {
    let soon = today.checked_add(Duration::days(AHEAD)).unwrap_or(today);
    let unknown = [today.year(), soon.year()].into_iter().find(|year| !calendar.knows(*year));
    match unknown {
        None => Finding::ok("calendar", tr!("doctor-calendar-known", year = soon.year().to_string())),
        Some(year) => Finding::warn(
            "calendar",
            tr!("doctor-calendar-unknown", year = year.to_string()),
            tr!("doctor-calendar-advice", file = DAYS_OFF_FILE),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;
    use time::macros::date;

    #[test]
    fn a_year_whose_days_off_nobody_knows_is_said_a_month_ahead() {
        let calendar = Calendar::built_in();
        let state = |today| judge(&calendar, today).state;
        assert_eq!(state(date!(2026 - 11 - 30)), State::Ok);
        assert_eq!(state(date!(2026 - 12 - 31)), State::Warn);
        assert_eq!(state(date!(2040 - 06 - 01)), State::Warn);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(DAYS_OFF_FILE), "tomorrow,off\n").unwrap();
        assert_eq!(examine(folder.path(), 0).state, State::Fail);
    }
}
