//! Percentages and flags, in integers.

use std::fmt;

/// A percentage with two decimals, in hundredths of a percent. Never forced to add up to 100 with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub u64);

impl Percent {
    /// `part` of `base`, rounded half up; `None` for base 0, which is printed as "–".
    pub fn of(part: u64, base: u64) -> Option<Self> {
        if base == 0 {
            return None;
        }
        let twice = u128::from(part) * 20_000 + u128::from(base);
        u64::try_from(twice / (2 * u128::from(base))).ok().map(Self)
    }

    /// With a decimal comma, as in Vietnamese.
    pub fn vi(self) -> String {
        format!("{},{:02}", self.0 / 100, self.0 % 100)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// More than one half; exactly half is not.
pub fn over_half(low: u64, base: u64) -> bool {
    u128::from(low) * 2 > u128::from(base)
}

/// Two thirds or more; exactly two thirds is. Nothing is two thirds of a base of 0.
pub fn two_thirds_or_more(low: u64, base: u64) -> bool {
    base > 0 && u128::from(low) * 3 >= u128::from(base) * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_round_up_and_base_zero_has_no_percentage() {
        assert_eq!(Percent::of(1, 3).unwrap().to_string(), "33.33");
        assert_eq!(Percent::of(2, 3).unwrap().vi(), "66,67");
        assert_eq!(Percent::of(1, 800).unwrap().to_string(), "0.13", "0.125 rounds up");
        assert_eq!(Percent::of(7, 7).unwrap().to_string(), "100.00");
        assert_eq!(Percent::of(0, 0), None);
        assert_eq!(Percent::of(u64::MAX, u64::MAX).unwrap().to_string(), "100.00");
    }

    /// Held against exact fractions, written another way than it is computed: of all numbers of hundredths the one that is
    /// nearest to `10 000 × part / base`, and of two that are equally near the greater one.
    #[test]
    fn over_all_small_cases_percentages_and_flags_are_those_of_exact_fractions() {
        for base in 1..=120_u64 {
            for part in 0..=base {
                // Distances in units of 1/base.
                let distance = |hundredths: u64| (10_000 * part).abs_diff(hundredths * base);
                let nearest = (0..=10_000).rev().min_by_key(|hundredths| distance(*hundredths)).unwrap();
                assert_eq!(Percent::of(part, base), Some(Percent(nearest)), "{part} of {base}");
                let (numerator, denominator) = (i64::try_from(part).unwrap(), i64::try_from(base).unwrap());
                let beyond = |over: i64, under: i64| numerator * under - over * denominator;
                assert_eq!(over_half(part, base), beyond(1, 2) > 0, "{part} of {base}");
                assert_eq!(two_thirds_or_more(part, base), beyond(2, 3) >= 0, "{part} of {base}");
            }
        }
        let of_four: Vec<_> = (0..=4).map(|part| Percent::of(part, 4).unwrap().vi()).collect();
        assert_eq!(of_four, ["0,00", "25,00", "50,00", "75,00", "100,00"]);
        assert_eq!((Percent::of(0, 0), over_half(0, 0), two_thirds_or_more(0, 0)), (None, false, false));
    }

    #[test]
    fn exactly_half_is_not_over_half_and_exactly_two_thirds_is() {
        assert!(!over_half(5, 10) && over_half(6, 11) && !over_half(0, 0));
        assert!(two_thirds_or_more(6, 9) && !two_thirds_or_more(5, 9) && !two_thirds_or_more(0, 0));
    }
}
