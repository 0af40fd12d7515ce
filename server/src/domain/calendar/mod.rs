//! Working days of offices in Viet Nam: Monday to Friday, without public holidays.
//!
//! Holidays with a date of their own (1 January, 30 April, 1 May, 2 September), and the day off in place of one that
//! falls on a weekend, follow from the Labour Code of 2019, articles 111 and 112. Tết, the day of the Hùng kings and days that are
//! changed for others are decided year by year: they are data, and an office puts its own in their place.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use thiserror::Error;
use time::{Date, Duration, Month, OffsetDateTime, UtcOffset, Weekday};

/// The days that are known as this program is made.
const BUILT_IN: &str = include_str!("days-off.csv");
/// Longest file of days that is read, in bytes.
pub const FILE_MAX: u64 = 1024 * 1024;
/// Furthest due date, in working days.
pub const DAYS_MAX: u16 = 250;

/// Which days an office works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    decided: BTreeMap<Date, bool>,
    years: BTreeSet<i32>,
}

/// A line of a file of days that says nothing certain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: write `2027-02-05,off,Tết` or `2027-02-13,worked,…`")]
pub struct CalendarError {
    /// The line, from 1.
    pub line: usize,
}

impl Calendar {
    /// The calendar with the days that are known as this program is made.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn built_in() -> Self {
        BUILT_IN.parse().expect("the built-in days are well formed")
    }

    /// Whether the days of this year that are decided year by year are known.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// Whether offices are open on this day.
    pub fn is_working(&self, day: Date) -> bool {
        match self.decided.get(&day) {
            Some(open) => *open,
            None => !is_weekend(day) && !is_fixed(day) && !in_place_of_one(day),
        }
    }

    /// The working day that comes so many working days after this one, which is not counted itself. At most
    /// [`DAYS_MAX`] are counted.
    pub fn after(&self, day: Date, working_days: u16) -> Date {
        let (mut day, mut left) = (day, working_days.min(DAYS_MAX));
        while left > 0 {
            let Some(next) = day.next_day() else { return day };
            day = next;
            left -= u16::from(self.is_working(day));
        }
        day
    }
}

impl FromStr for Calendar {
    type Err = CalendarError;

    /// Reads lines of day, kind and name; empty ones, those that begin with `#` and a first one with names of columns
    /// are left out.
    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let mut decided = BTreeMap::new();
        for (line, text) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') || text.starts_with("day,") {
                continue;
            }
            let wrong = CalendarError { line: line + 1 };
            let mut parts = text.splitn(3, ',').map(str::trim);
            let (Some(day), Some(kind)) = (parts.next().and_then(parse_day), parts.next()) else {
                return Err(wrong);
            };
            let open = match kind {
                "off" => false,
                "worked" => true,
                _ => return Err(wrong),
            };
            if decided.insert(day, open).is_some_and(|before| before != open) {
                return Err(wrong);
            }
        }
        let years = decided.keys().map(|day| day.year()).collect();
        Ok(Self { decided, years })
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn is_fixed(day: Date) -> bool {
    let fixed = [(Month::January, 1), (Month::April, 30), (Month::May, 1), (Month::September, 2)];
    fixed.contains(&(day.month(), day.day()))
}

/// Whether a holiday fell on the weekend before, so that this working day is off in its place. Two that fall on one
/// weekend take the two days after it.
fn in_place_of_one(day: Date) -> bool {
    let before =
        |days| day.checked_sub(Duration::days(days)).is_some_and(|day| is_weekend(day) && is_fixed(day));
    match day.weekday() {
        Weekday::Monday => before(1) || before(2),
        // Saturday and Sunday both, or Sunday with the Monday itself a holiday.
        Weekday::Tuesday => {
            let monday = day.previous_day().is_some_and(is_fixed);
            (before(2) && before(3)) || (monday && (before(2) || before(3)))
        }
        _ => false,
    }
}

/// The day as it is in Viet Nam at a moment, in seconds since 1970: seven hours east of Greenwich, all year.
pub fn day_of(moment: i64) -> Date {
    let east = UtcOffset::from_hms(7, 0, 0).unwrap_or(UtcOffset::UTC);
    let moment = OffsetDateTime::from_unix_timestamp(moment).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.to_offset(east).date()
}

/// A day as `2027-02-05`.
pub fn parse_day(text: &str) -> Option<Date> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u16>().ok())?;
    let month = Month::try_from(u8::try_from(number(month)?).ok()?).ok()?;
    Date::from_calendar_date(i32::from(number(year)?), month, u8::try_from(number(day)?).ok()?).ok()
}

/// The same the other way. Such texts are ordered as their days are.
pub fn day_text(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
}

/// A day as people who read Vietnamese write it.
pub fn vietnamese_day(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), u8::from(day.month()), day.year())
}

/// A day as people who read English write it, so that no two take it for another.
pub fn english_day(day: Date) -> String {
    format!("{} {} {:04}", day.day(), day.month(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        parse_day(text).unwrap_or_else(|| panic!("{text}"))
    }

    fn due(from: &str, days: u16) -> String {
        day_text(Calendar::built_in().after(day(from), days))
    }

    #[test]
    fn five_working_days_skip_weekends() {
        // A Monday, a Friday, a Saturday.
        assert_eq!(due("2026-11-23", 5), "2026-11-30");
        assert_eq!(due("2026-11-27", 5), "2026-12-04");
        assert_eq!(due("2026-11-28", 5), "2026-12-04");
        assert_eq!(due("2026-11-28", 0), "2026-11-28");
    }

    #[test]
    fn the_weeks_of_holidays_are_skipped() {
        // Tết of 2018 and of 2026; the last working day before, and the first one after.
        assert_eq!(due("2018-02-13", 1), "2018-02-21");
        assert_eq!(due("2026-02-13", 1), "2026-02-23");
        assert_eq!(due("2026-02-13", 5), "2026-02-27");
        // 30 April and 1 May, after the day of the Hùng kings.
        assert_eq!(due("2026-04-24", 5), "2026-05-06");
        // 2 September 2026 with the day before, the Monday changed for a Saturday that is worked.
        assert_eq!(due("2026-08-21", 1), "2026-08-22");
        assert_eq!(due("2026-08-28", 1), "2026-09-03");
    }

    #[test]
    fn a_holiday_on_a_weekend_has_another_day_off_in_its_place() {
        let calendar: Calendar = "".parse().unwrap();
        let off = |text| !calendar.is_working(day(text));
        // 2 September 2018 was a Sunday; 1 January 2022 a Saturday; 1 January 2023 a Sunday.
        assert!(off("2018-09-03") && !off("2018-09-04"));
        assert!(off("2022-01-03") && !off("2022-01-04"));
        assert!(off("2023-01-02") && !off("2023-01-03"));
        // 30 April 2022 and 1 May 2022 were Saturday and Sunday: both are made up for.
        assert!(off("2022-05-02") && off("2022-05-03") && !off("2022-05-04"));
        // 30 April 2017 was a Sunday, 1 May the Monday: the Tuesday is off.
        assert!(off("2017-05-02") && !off("2017-05-03"));
    }

    #[test]
    fn years_that_nobody_decided_yet_are_known_as_such() {
        let calendar = Calendar::built_in();
        assert!((2018..=2026).all(|year| calendar.knows(year)));
        assert!(!calendar.knows(2017) && !calendar.knows(2040));
    }

    #[test]
    fn what_is_no_day_is_refused_with_its_line() {
        for bad in ["2026-02-30,off", "2026-2-3,off", "+026-01-01,off", "2026-01-01", "2026-01-01,maybe", "x"]
        {
            assert_eq!(
                format!("# days\n\n{bad}").parse::<Calendar>(),
                Err(CalendarError { line: 3 }),
                "{bad}"
            );
        }
        assert!("2026-01-01,off\n2026-01-01,worked".parse::<Calendar>().is_err(), "both");
        assert!("\u{feff}day,kind,name\r\n2026-01-01 , off , một, hai\r\n".parse::<Calendar>().is_ok());
    }

    #[test]
    fn the_day_in_viet_nam_begins_seven_hours_before_that_of_greenwich() {
        assert_eq!(day_text(day_of(0)), "1970-01-01");
        assert_eq!(day_text(day_of(17 * 3600 - 1)), "1970-01-01");
        assert_eq!(day_text(day_of(17 * 3600)), "1970-01-02");
    }

    #[test]
    fn a_day_is_written_as_its_readers_write_it() {
        let fifth = day("2026-03-05");
        assert_eq!(
            (vietnamese_day(fifth).as_str(), english_day(fifth).as_str()),
            ("05/03/2026", "5 March 2026")
        );
    }

    proptest! {
        #[test]
        fn the_due_day_is_a_working_day_with_that_many_in_between(start in 0..4_000_i64, days in 1..60_u16) {
            let calendar = Calendar::built_in();
            let from = day("2016-01-01") + Duration::days(start);
            let due = calendar.after(from, days);
            prop_assert!(calendar.is_working(due));
            let between = std::iter::successors(from.next_day(), |day| day.next_day());
            let counted = between.take_while(|day| *day <= due).filter(|day| calendar.is_working(*day)).count();
            prop_assert_eq!(counted, usize::from(days));
        }

        #[test]
        fn a_day_survives_being_written(start in 0..100_000_i64) {
            let some = day("1900-01-01") + Duration::days(start);
            prop_assert_eq!(parse_day(&day_text(some)), Some(some));
        }
    }
}
