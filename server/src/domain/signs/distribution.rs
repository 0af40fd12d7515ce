//! Whether the levels of a unit are far from those of the others: total variation distance, in integers.

use super::SMALLEST;

/// How many times as many ballots the others must have together, so that they are something to compare with.
const OTHERS_TIMES: u64 = 4;

/// ½√(levels − 1) + √(ln 1000 / 2) in thousandths, rounded up; by number of levels, from two on.
///
/// Let a ballot's vector be the shares of its lines by level. Over n independent ballots the mean distance D from what
/// they are drawn from is at most ½√((levels − 1)/n), and changing one ballot changes D by at most 1/n, so that
/// (McDiarmid) D exceeds its mean by √(ln 1000 / 2n) at most once in a thousand. Nothing is assumed about the lines of
/// one ballot, which do go together.
const BOUND: [u64; 8] = [2359, 2566, 2725, 2859, 2977, 3084, 3182, 3273];

/// How ballots are spread over the levels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    /// Valid ballots.
    pub ballots: u64,
    /// Marks by level over all officials, without blank lines.
    pub levels: Vec<u64>,
}

impl Spread {
    /// Adds what another has.
    pub fn add(&mut self, other: &Self) {
        self.ballots += other.ballots;
        self.levels.resize(self.levels.len().max(other.levels.len()), 0);
        self.levels.iter_mut().zip(&other.levels).for_each(|(sum, count)| *sum += count);
    }

    /// What is left of a sum without one of its parts.
    pub fn without(&self, part: &Self) -> Self {
        let left = |(sum, count): (&u64, &u64)| sum.saturating_sub(*count);
        let missing = std::iter::repeat(&0);
        Self {
            ballots: self.ballots.saturating_sub(part.ballots),
            levels: self.levels.iter().zip(part.levels.iter().chain(missing)).map(left).collect(),
        }
    }

    fn marks(&self) -> u128 {
        self.levels.iter().map(|count| u128::from(*count)).sum()
    }
}

/// Whether a unit is far from all others together; nothing where that cannot be said.
pub fn far_from(unit: &Spread, others: &Spread) -> Option<bool> {
    let bound = u128::from(*BOUND.get(unit.levels.len().checked_sub(2)?)?);
    let (own, theirs) = (unit.marks(), others.marks());
    let enough = unit.ballots >= u64::from(SMALLEST)
        && others.ballots >= unit.ballots.saturating_mul(OTHERS_TIMES)
        && unit.levels.len() == others.levels.len();
    if !enough || own == 0 || theirs == 0 {
        return None;
    }
    // D = above / below, exactly.
    let mut above = 0_u128;
    for (count, other) in unit.levels.iter().zip(&others.levels) {
        let (count, other) = (u128::from(*count).checked_mul(theirs)?, u128::from(*other).checked_mul(own)?);
        above = above.checked_add(count.abs_diff(other))?;
    }
    let below = own.checked_mul(theirs)?.checked_mul(2)?;
    // D² n ≥ (bound / 1000)², both sides times (1000 below)². What is too large for the left side is larger than the right.
    let right = below.checked_mul(bound)?.checked_mul(below.checked_mul(bound)?)?;
    let left = above.checked_mul(1000).and_then(|above| above.checked_mul(above));
    let left = left.and_then(|square| square.checked_mul(u128::from(unit.ballots)));
    Some(above.checked_mul(4)? >= below && left.is_none_or(|left| left >= right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(ballots: u64, levels: &[u64]) -> Spread {
        Spread { ballots, levels: levels.to_vec() }
    }

    #[test]
    fn nineteen_ballots_say_nothing_and_twenty_do() {
        let others = spread(1_000, &[1_000, 0, 0]);
        assert_eq!(far_from(&spread(19, &[0, 0, 19]), &others), None);
        assert_eq!(far_from(&spread(20, &[0, 0, 20]), &others), Some(true));
    }

    #[test]
    fn the_others_need_four_times_as_many_ballots() {
        let unit = spread(20, &[0, 0, 20]);
        assert_eq!(far_from(&unit, &spread(79, &[79, 0, 0])), None);
        assert_eq!(far_from(&unit, &spread(80, &[80, 0, 0])), Some(true));
    }

    #[test]
    fn a_quarter_is_far_and_a_hair_less_is_not() {
        // Enough ballots that chance is no matter: 2.566² < 0.25² × 106.
        let others = spread(1_000_000, &[1_000_000, 0, 0]);
        assert_eq!(far_from(&spread(1_000, &[750, 250, 0]), &others), Some(true));
        assert_eq!(far_from(&spread(1_000, &[751, 249, 0]), &others), Some(false));
    }

    #[test]
    fn a_small_unit_must_be_further_away() {
        // With 20 ballots the bound is 2.566 / √20 = 0.5738: 12 of 20 marks moved are over it, 11 are not.
        let others = spread(1_000, &[1_000, 0, 0]);
        assert_eq!(far_from(&spread(20, &[9, 11, 0]), &others), Some(false));
        assert_eq!(far_from(&spread(20, &[8, 12, 0]), &others), Some(true));
        // With 106 ballots a quarter is over it (2.566² = 6.584 < 6.625), with 105 it is not (6.5625).
        let quarter = |ballots: u64| far_from(&spread(ballots, &[300, 100, 0]), &others);
        assert_eq!((quarter(105), quarter(106)), (Some(false), Some(true)));
    }

    #[test]
    fn it_is_what_rational_arithmetic_says_over_all_small_cases() {
        // Every spread of 24 marks of 20 to 28 ballots over three levels against two others; compared with sums over a
        // common denominator.
        for others in [[60, 30, 10], [1, 1, 998]] {
            let rest = spread(1_000, &others);
            let sum: u64 = others.iter().sum();
            for (first, second) in (0..=24).flat_map(|a| (0..=24 - a).map(move |b| (a, b))) {
                for ballots in 20..=28 {
                    let own = [first, second, 24 - first - second];
                    let distance: u64 = own.iter().zip(others).map(|(a, b)| (a * sum).abs_diff(b * 24)).sum();
                    let (above, below) = (u128::from(distance), u128::from(2 * 24 * sum));
                    let expected = 4 * above >= below
                        && above * above * 1_000_000 * u128::from(ballots) >= below * below * 2566 * 2566;
                    assert_eq!(far_from(&spread(ballots, &own), &rest), Some(expected), "{own:?} {ballots}");
                }
            }
        }
    }

    #[test]
    fn the_bounds_are_rounded_up_from_their_formula() {
        for (bound, levels) in BOUND.into_iter().zip(2_u32..) {
            let exact = 0.5 * f64::from(levels - 1).sqrt() + (1000_f64.ln() / 2.0).sqrt();
            let bound = f64::from(u32::try_from(bound).unwrap()) / 1000.0;
            assert!(bound >= exact && bound < exact + 0.001, "{levels}: {bound} {exact}");
        }
    }

    #[test]
    fn what_is_empty_or_too_large_says_nothing_and_does_not_panic() {
        let some = spread(100, &[1, 2, 3]);
        for (unit, others) in [
            (spread(20, &[0, 0, 0]), some.clone()),
            (spread(20, &[1, 0, 0]), spread(100, &[0, 0, 0])),
            (spread(20, &[20]), spread(100, &[100])),
            (spread(20, &[20, 1]), some.clone()),
            (spread(20, &[]), some),
            (spread(u64::MAX, &[u64::MAX; 3]), spread(u64::MAX, &[u64::MAX; 3])),
        ] {
            assert_eq!(far_from(&unit, &others), None, "{unit:?}");
        }
    }

    #[test]
    fn a_part_taken_out_of_a_sum_leaves_the_rest() {
        let (a, b) = (spread(20, &[1, 2, 3]), spread(30, &[4, 5, 6]));
        let mut sum = a.clone();
        sum.add(&b);
        assert_eq!(sum.without(&a), b);
        assert_eq!(sum.without(&b), a);
    }
}
