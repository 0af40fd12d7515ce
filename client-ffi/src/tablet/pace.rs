//! How much is sent at a time. On a link that breaks, a large piece never gets through; on a good one, small pieces
//! waste round trips.

use sync_core::message::MESSAGE_MAX;

/// Smallest piece that is tried, in bytes; one item that is larger travels alone.
const LEAST: usize = 512;
/// On a link of which nothing is known but that it breaks, in bytes: what even GPRS carries within three seconds or so,
/// so that one connection brings something before the next cut.
const CAREFUL: usize = 8 * 1024;
/// After so many pieces in a row a size that broke before is tried again.
const CALM: u32 = 8;
/// So many breaks in a row without anything getting through, and there is no link.
const BREAKS_MAX: u32 = 12;

/// The size of pieces, as the link shows it to be good. Halved when one breaks, doubled while they get through, up to
/// what broke last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    bytes: usize,
    broke_at: usize,
    /// Most that got through in this sync.
    most: usize,
    calm: u32,
    breaks: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { bytes: MESSAGE_MAX, broke_at: usize::MAX, most: 0, calm: 0, breaks: 0 }
    }
}

impl Pace {
    /// About so many bytes, each way.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What the centre is asked to limit its answer to; nothing on a link that never broke.
    pub fn answer_max(&self) -> Option<usize> {
        (self.bytes < MESSAGE_MAX).then_some(self.bytes)
    }

    /// A piece of so many bytes, both ways, got through.
    pub fn through(&mut self, bytes: usize) {
        self.breaks = 0;
        self.most = self.most.max(bytes);
        if bytes * 2 < self.bytes {
            // It says nothing about larger ones.
            return;
        }
        self.calm += 1;
        if self.calm >= CALM {
            self.broke_at = self.broke_at.saturating_mul(2);
            self.calm = 0;
        }
        let next = self.bytes.saturating_mul(2).min(MESSAGE_MAX);
        if next < self.broke_at {
            self.bytes = next;
        }
    }

    /// A piece of so many bytes, or its answer, did not get through.
    pub fn broke(&mut self, bytes: usize) {
        self.calm = 0;
        self.breaks += 1;
        if bytes * 2 >= self.bytes || bytes > CAREFUL {
            // To send as much again would cost more than the round trip that is lost should it have been something else.
            self.broke_at = self.bytes.min(bytes.max(LEAST));
        } else if self.breaks > 1 {
            // The piece was small; it must have been the answer. How long that was nobody knows before a piece got
            // through: to find out by halves from the largest would waste a connection each time.
            self.broke_at = self.bytes.min(2 * CAREFUL.max(self.most));
        } else {
            // Once may be an old connection that the centre had hung up.
            return;
        }
        self.bytes = (self.broke_at / 2).max(LEAST);
    }

    /// Whether to try again at once, with less, after a break.
    pub fn goes_on(&self) -> bool {
        self.breaks < BREAKS_MAX
    }

    /// The next sync may hope again.
    pub fn begin(&mut self) {
        (self.breaks, self.most) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_link_that_never_broke_gets_the_largest_pieces_and_no_limit() {
        let mut pace = Pace::default();
        pace.through(MESSAGE_MAX);
        assert_eq!((pace.bytes(), pace.answer_max()), (MESSAGE_MAX, None));
    }

    #[test]
    fn a_size_that_broke_is_not_tried_again_before_several_smaller_ones_got_through() {
        let mut pace = Pace::default();
        pace.broke(MESSAGE_MAX);
        pace.broke(MESSAGE_MAX / 2);
        pace.through(MESSAGE_MAX / 4);
        pace.broke(40_000);
        assert!(pace.goes_on());
        assert_eq!(pace.bytes(), 20_000);
        for _ in 0..CALM - 1 {
            pace.through(20_000);
            assert_eq!(pace.bytes(), 20_000);
        }
        pace.through(20_000);
        assert_eq!(pace.bytes(), 40_000);
    }

    #[test]
    fn one_break_of_something_small_proves_nothing_and_two_mean_that_the_answer_was_too_large() {
        let mut pace = Pace::default();
        pace.broke(300);
        assert_eq!(pace.bytes(), MESSAGE_MAX);
        pace.broke(300);
        assert_eq!(pace.bytes(), CAREFUL);
        pace.broke(300);
        assert_eq!(pace.bytes(), CAREFUL / 2);
    }

    #[test]
    fn an_answer_that_broke_is_asked_for_in_pieces_as_large_as_what_got_through_before() {
        let mut pace = Pace::default();
        pace.through(40_000);
        pace.broke(300);
        pace.broke(300);
        assert_eq!(pace.bytes(), 40_000);
    }

    #[test]
    fn a_large_piece_that_broke_once_is_not_sent_again_as_large() {
        let mut pace = Pace::default();
        pace.broke(14_000);
        assert_eq!(pace.bytes(), 7_000);
        pace.through(7_000);
        assert_eq!(pace.bytes(), 7_000, "nor is what broke tried again at once");
    }

    #[test]
    fn small_things_that_get_through_do_not_make_pieces_larger() {
        let mut pace = Pace::default();
        pace.broke(MESSAGE_MAX / 4);
        pace.broke(MESSAGE_MAX / 4);
        let before = pace.bytes();
        for _ in 0..100 {
            pace.through(300);
        }
        assert_eq!(pace.bytes(), before);
    }

    proptest! {
        #[test]
        fn pieces_stay_within_their_bounds_and_breaks_in_a_row_have_an_end(
            steps in prop::collection::vec((any::<bool>(), 0..MESSAGE_MAX * 2), 0..200),
        ) {
            let mut pace = Pace::default();
            let mut row = 0;
            for (through, bytes) in steps {
                if through {
                    pace.through(bytes);
                    row = 0;
                } else {
                    row += 1;
                    pace.broke(bytes);
                    prop_assert_eq!(pace.goes_on(), row < BREAKS_MAX);
                }
                prop_assert!((LEAST..=MESSAGE_MAX).contains(&pace.bytes()));
            }
        }
    }
}
