//! When a tablet tries again, without any clock of its own: whoever has one says how much time has passed.

use crate::error::TabletError;
use crate::tablet::SyncReport;
use crate::transport::TransportError;
use rand_core::Rng;
use std::time::Duration;

/// How long to wait between tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// After the first failure.
    pub first: Duration,
    /// After many.
    pub longest: Duration,
    /// After a success with nothing new here since: others may have brought something to the centre.
    pub regular: Duration,
}

impl Default for BackOff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            longest: Duration::from_mins(10),
            regular: Duration::from_mins(15),
        }
    }
}

/// A centre that asks for more patience than this is asked again nevertheless; its clock may be wrong too.
pub const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

impl BackOff {
    /// How long to wait after so many failures in a row (from 1): twice as long each time up to the longest, of which a
    /// half is left to chance, so that tablets that were cut off together do not all come back together.
    pub fn delay(&self, failures: u32, rng: &mut impl Rng) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let whole = self.first.saturating_mul(doubled).min(self.longest);
        let half = whole / 2;
        let chance = u64::try_from(half.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        half + Duration::from_millis(rng.next_u64() % chance)
    }
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// All went through.
    Done,
    /// Something did not; at least so long is to be waited.
    Failed(Duration),
}

impl Tried {
    /// What became of a sync. One in which a unit failed, failed: that unit has to be tried again.
    pub fn of(sync: &Result<SyncReport, TabletError>) -> Self {
        let asked = |error: &TransportError| match error {
            TransportError::Refused { after, .. } => after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        match sync {
            Ok(report) if report.failed.is_empty() => Self::Done,
            Ok(report) => {
                Self::Failed(report.failed.iter().map(|(_, error)| asked(error)).max().unwrap_or_default())
            }
            Err(TabletError::Transport(error)) => Self::Failed(asked(error)),
            Err(_) => Self::Failed(Duration::ZERO),
        }
    }
}

/// When the next sync is due. A sync that failed is due again also if nothing new happened on the tablet: what it could
/// not bring still has to go.
#[derive(Debug, Clone, Default)]
pub struct Retry {
    back_off: BackOff,
    /// Failures since the last success.
    failures: u32,
    /// How long to wait since the last try; nothing before the first.
    wait: Option<Duration>,
    /// What was here at the last success ([`crate::Tablet::stamp`]).
    settled: Option<[u8; 32]>,
}

impl Retry {
    /// With other times.
    pub fn new(back_off: BackOff) -> Self {
        Self { back_off, ..Self::default() }
    }

    /// Notes what became of a try. `stamp` is [`crate::Tablet::stamp`] after it. Gives how long to wait if nothing
    /// happens on the tablet.
    pub fn note(&mut self, tried: &Tried, stamp: [u8; 32], rng: &mut impl Rng) -> Duration {
        let wait = match tried {
            Tried::Done => {
                (self.failures, self.settled) = (0, Some(stamp));
                self.back_off.regular
            }
            Tried::Failed(asked) => {
                self.failures = self.failures.saturating_add(1);
                self.back_off.delay(self.failures, rng).max((*asked).min(RETRY_AFTER_MAX))
            }
        };
        self.wait = Some(wait);
        wait
    }

    /// How much longer to wait, `passed` after the last try. Nothing is waited before the first try, and none if
    /// something new happened since the last one went through; after a failure something new does not make it come
    /// sooner, for the link is no better for it.
    pub fn left(&self, passed: Duration, stamp: [u8; 32]) -> Duration {
        match self.wait {
            None => Duration::ZERO,
            Some(_) if self.failures == 0 && self.settled != Some(stamp) => Duration::ZERO,
            Some(wait) => wait.saturating_sub(passed),
        }
    }

    /// Whether a sync is due.
    pub fn is_due(&self, passed: Duration, stamp: [u8; 32]) -> bool {
        self.left(passed, stamp).is_zero()
    }

    /// A person asks for it now, or the device found a network: the next try is due, and the waiting begins anew.
    pub fn now(&mut self) {
        (self.failures, self.wait) = (0, None);
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn rng(seed: u64) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(seed)
    }

    fn failed() -> Tried {
        Tried::Failed(Duration::ZERO)
    }

    proptest! {
        #[test]
        fn each_wait_lies_between_half_and_whole_of_a_time_that_doubles_up_to_the_longest(
            failures in 0..u32::MAX,
            seed in any::<u64>(),
        ) {
            let back_off = BackOff::default();
            let whole = if failures > 20 {
                back_off.longest
            } else {
                (back_off.first * 2_u32.pow(failures.max(1) - 1)).min(back_off.longest)
            };
            let delay = back_off.delay(failures, &mut rng(seed));
            prop_assert!(delay >= whole / 2 && delay <= whole, "{delay:?} of {whole:?}");
        }
    }

    #[test]
    fn tablets_that_failed_together_do_not_come_back_together() {
        let back_off = BackOff::default();
        let delays: std::collections::BTreeSet<Duration> =
            (0..100).map(|seed| back_off.delay(8, &mut rng(seed))).collect();
        assert!(delays.len() > 95, "{delays:?}");
    }

    #[test]
    fn a_failed_sync_is_due_again_although_nothing_new_happened() {
        let mut retry = Retry::default();
        assert!(retry.is_due(Duration::ZERO, [1; 32]), "the first is due at once");
        let wait = retry.note(&failed(), [1; 32], &mut rng(1));
        assert!(wait > Duration::ZERO && !retry.is_due(Duration::ZERO, [1; 32]));
        assert!(retry.is_due(wait, [1; 32]));
        assert!(!retry.is_due(Duration::ZERO, [2; 32]), "news make no link better");
    }

    #[test]
    fn a_success_begins_anew_and_only_news_or_the_regular_time_bring_the_next() {
        let mut retry = Retry::default();
        for _ in 0..50 {
            retry.note(&failed(), [1; 32], &mut rng(2));
        }
        assert_eq!(retry.failures(), 50);
        let regular = retry.note(&Tried::Done, [1; 32], &mut rng(2));
        assert_eq!((regular, retry.failures()), (BackOff::default().regular, 0));
        assert!(!retry.is_due(Duration::from_secs(1), [1; 32]));
        assert!(retry.is_due(Duration::ZERO, [2; 32]), "an envelope was sealed");
        assert!(retry.is_due(regular, [1; 32]));
        let next = retry.note(&failed(), [1; 32], &mut rng(2));
        assert!(next <= BackOff::default().first);
    }

    #[test]
    fn the_centre_is_given_the_time_it_asks_for_up_to_a_bound() {
        let mut retry = Retry::default();
        let minutes = Duration::from_mins(30);
        assert_eq!(retry.note(&Tried::Failed(minutes), [1; 32], &mut rng(3)), minutes);
        assert_eq!(retry.note(&Tried::Failed(Duration::MAX), [1; 32], &mut rng(3)), RETRY_AFTER_MAX);
        retry.now();
        assert!(retry.is_due(Duration::ZERO, [1; 32]), "unless a person wants it now");
    }

    #[test]
    fn a_sync_in_which_one_unit_failed_has_failed() {
        let unit = sync_core::id::UnitCode::new("A").expect("a code");
        let refused = |after| TransportError::Refused {
            status: 503,
            code: "busy".to_owned(),
            detail: String::new(),
            after,
        };
        let seconds = Duration::from_secs(7);
        let failed = vec![(unit.clone(), refused(None)), (unit, refused(Some(seconds)))];
        let report = SyncReport { failed, ..SyncReport::default() };
        assert_eq!(Tried::of(&Ok(report)), Tried::Failed(seconds));
        assert_eq!(Tried::of(&Ok(SyncReport::default())), Tried::Done);
        assert_eq!(Tried::of(&Err(refused(Some(seconds)).into())), Tried::Failed(seconds));
        assert_eq!(Tried::of(&Err(TabletError::NotEnrolled)), Tried::Failed(Duration::ZERO));
    }
}
