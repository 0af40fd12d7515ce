//! When the next planned backup is due. Pure: both clocks are arguments.

/// Longest wait after a failure, in seconds.
const RETRY_MAX: u64 = 3600;
/// Wait after the first failure, in seconds; it doubles with each further one.
const RETRY_FIRST: u64 = 60;

/// What is known of backups made so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Past {
    /// When the newest noted backup was taken, in seconds since 1970 by the clock of then.
    pub noted: Option<i64>,
    /// When this process last finished one, in seconds of its steady clock.
    pub own: Option<u64>,
    /// Failures in a row since, and when the last one was, in seconds of the steady clock.
    pub failed: Option<(u32, u64)>,
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Seconds since 1970, right or wrong.
    pub wall: i64,
    /// Seconds since some moment; never jumps.
    pub steady: u64,
}

/// Seconds until the next backup is due when one is wanted every so many seconds; 0 if it is due now.
///
/// A noted moment in the future means that a clock was or is wrong. It is not waited for: a backup too many harms nobody.
pub fn due_in(every: u64, past: &Past, now: Now) -> u64 {
    let waited = [since_noted(past, now), past.own.map(|own| now.steady.saturating_sub(own))];
    let due = match waited.into_iter().flatten().min() {
        Some(waited) => every.saturating_sub(waited),
        None => 0,
    };
    let retry = past.failed.map_or(0, |(failures, at)| {
        let doubled = RETRY_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let wait = doubled.min(RETRY_MAX).min(every.max(1));
        wait.saturating_sub(now.steady.saturating_sub(at))
    });
    due.max(retry)
}

/// Whether the newest backup is older than it should ever be, so that somebody should look: half again the time wanted.
pub fn overdue(every: u64, past: &Past, now: Now) -> bool {
    let waited = [since_noted(past, now), past.own.map(|own| now.steady.saturating_sub(own))];
    waited.into_iter().flatten().min().is_none_or(|waited| waited > every.saturating_add(every / 2))
}

fn since_noted(past: &Past, now: Now) -> Option<u64> {
    past.noted.and_then(|noted| u64::try_from(now.wall.checked_sub(noted)?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: u64 = 24 * 3600;

    fn at(wall: i64, steady: u64) -> Now {
        Now { wall, steady }
    }

    #[test]
    fn without_any_backup_one_is_due_at_once() {
        assert_eq!(due_in(DAY, &Past::default(), at(0, 0)), 0);
        assert!(overdue(DAY, &Past::default(), at(0, 0)));
    }

    #[test]
    fn a_restart_does_not_begin_the_wait_anew() {
        let past = Past { noted: Some(1_000_000), ..Past::default() };
        assert_eq!(due_in(DAY, &past, at(1_000_000 + 3600, 5)), DAY - 3600);
        assert_eq!(due_in(DAY, &past, at(1_000_000 + 90_000, 5)), 0, "it was switched off when it was due");
    }

    #[test]
    fn a_clock_that_was_set_back_neither_stops_backups_nor_makes_one_after_the_other() {
        let before = Past { noted: Some(2_000_000), ..Past::default() };
        assert_eq!(due_in(DAY, &before, at(1_000, 5)), 0, "noted in the future: not waited for");
        let after = Past { own: Some(6), ..before };
        assert_eq!(due_in(DAY, &after, at(1_000, 7)), DAY - 1, "own backups are counted by the steady clock");
    }

    #[test]
    fn a_clock_that_jumps_ahead_makes_one_backup_not_many() {
        let past = Past { noted: Some(1_000), own: Some(10), failed: None };
        assert_eq!(due_in(DAY, &past, at(9_000_000, 20)), DAY - 10);
    }

    #[test]
    fn failures_are_tried_again_later_and_later_but_never_later_than_an_hour() {
        let wait =
            |failures| due_in(DAY, &Past { failed: Some((failures, 100)), ..Past::default() }, at(0, 100));
        let waits: Vec<u64> = (1..=8).map(wait).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(wait(u32::MAX), 3600);
        let past = Past { failed: Some((1, 100)), ..Past::default() };
        assert_eq!(due_in(DAY, &past, at(0, 160)), 0);
    }

    #[test]
    fn somebody_should_look_once_half_again_the_time_has_passed() {
        let past = Past { noted: Some(0), ..Past::default() };
        assert!(!overdue(DAY, &past, at(36 * 3600, 0)));
        assert!(overdue(DAY, &past, at(36 * 3600 + 1, 0)));
    }

    proptest! {
        #[test]
        fn no_clock_makes_it_wait_longer_than_the_time_wanted_or_panic(
            every in 1_u64..=10 * DAY, noted: Option<i64>, own: Option<u64>, failed: Option<(u32, u64)>,
            wall: i64, steady: u64,
        ) {
            let past = Past { noted, own, failed };
            prop_assert!(due_in(every, &past, at(wall, steady)) <= every);
            overdue(every, &past, at(wall, steady));
        }
    }
}
