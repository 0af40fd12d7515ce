//! Whether a tablet is silent: nobody heard it for so long that somebody should ask. Pure: the clock is an argument.
//!
//! When a device was last heard is known to the running process alone. So what counts is the time since that, or, where
//! it was not heard yet, the time since the process listens: right after a start nobody is silent.

/// After so many seconds without a word a tablet is silent: a day, so that a meeting in the evening and its journey back
/// raise no alarm.
pub const SILENT_AFTER: i64 = 24 * 3600;

/// Since when a device has been silent, if it is: since it was last heard, or since this process listens. All moments in
/// seconds since 1970.
pub fn silent_since(heard: Option<i64>, listens: i64, now: i64) -> Option<i64> {
    let since = heard.unwrap_or(listens);
    (now >= silent_at(heard, listens)).then_some(since)
}

/// When a device becomes silent if nothing is heard of it until then.
pub fn silent_at(heard: Option<i64>, listens: i64) -> i64 {
    heard.unwrap_or(listens).saturating_add(SILENT_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_700_000_000;
    const WEEKS: i64 = 21 * 24 * 3600;

    #[test]
    fn after_a_restart_nobody_is_silent_until_a_day_went_by() {
        assert_eq!(silent_since(None, START, START), None);
        assert_eq!(silent_since(None, START, START + SILENT_AFTER - 1), None);
        assert_eq!(silent_since(None, START, START + SILENT_AFTER), Some(START));
    }

    #[test]
    fn who_was_heard_three_weeks_ago_is_silent_since_then() {
        let heard = START + 60;
        assert_eq!(silent_since(Some(heard), START, heard + WEEKS), Some(heard));
        assert_eq!(silent_since(Some(heard + WEEKS), START, heard + WEEKS), None, "it spoke again");
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nobody_silent() {
        assert_eq!(silent_since(Some(START), START, START - WEEKS), None);
        assert_eq!(silent_since(Some(i64::MAX), START, i64::MAX - 1), None);
    }
}
