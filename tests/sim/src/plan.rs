//! How large a world is and what may happen in it, all from one seed.

use crate::chance::Chance;
use crate::fault::{Fault, Faults};
use std::fmt::Write;

/// Bounds of a world.
pub const UNITS_MAX: usize = 3;
/// Most tablets of all units together.
pub const TABLETS_MAX: usize = 12;
/// Most voters of all units together.
pub const BALLOTS_MAX: usize = 200;
/// Most couriers.
pub const COURIERS_MAX: usize = 2;

/// One world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed of every draw.
    pub seed: u64,
    /// Units, 1 to 3.
    pub units: usize,
    /// Voting tablets of all units together, at least one a unit.
    pub tablets: usize,
    /// Couriers.
    pub couriers: usize,
    /// Voters of all units together.
    pub ballots: usize,
    /// What may go wrong.
    pub faults: Faults,
}

impl Plan {
    /// The world of a seed. Most are small, where faults meet each other; one in twelve is as large as they get.
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed, "size");
        let large = chance.hits(80);
        let units = 1 + chance.below(UNITS_MAX);
        let pick = |chance: &mut Chance, low: usize, usual: usize, most: usize| {
            low + chance.below(if large { most } else { usual } - low + 1)
        };
        Self {
            seed,
            units,
            tablets: pick(&mut chance, units, units + 3, TABLETS_MAX),
            couriers: chance.below(COURIERS_MAX + 1),
            ballots: pick(&mut chance, 2, 45, BALLOTS_MAX),
            faults: Faults::draw(seed),
        }
    }

    /// The options that make this world again.
    pub fn options(&self) -> String {
        let mut text = format!("--seed {}", self.seed);
        let usual = Self::of(self.seed);
        for (name, mine, drawn) in [
            ("units", self.units, usual.units),
            ("tablets", self.tablets, usual.tablets),
            ("couriers", self.couriers, usual.couriers),
            ("ballots", self.ballots, usual.ballots),
        ] {
            if mine != drawn {
                write!(text, " --{name} {mine}").expect("a string takes text");
            }
        }
        for (fault, name) in Fault::ALL {
            if self.faults.weight(fault) != usual.faults.weight(fault) {
                write!(text, " --fault {name}={}", self.faults.weight(fault)).expect("a string takes text");
            }
        }
        text
    }

    /// Worlds a step smaller than this one, the boldest first: without a fault, or with fewer of something.
    pub fn smaller(&self) -> Vec<Self> {
        let mut plans = Vec::new();
        for fault in self.faults.active() {
            let mut plan = self.clone();
            plan.faults.set(fault, 0);
            plans.push(plan);
        }
        let mut fewer = |change: &dyn Fn(&mut Self)| {
            let mut plan = self.clone();
            change(&mut plan);
            plan.tablets = plan.tablets.max(plan.units);
            if plan != *self {
                plans.push(plan);
            }
        };
        fewer(&|plan| plan.units = 1);
        fewer(&|plan| plan.couriers = 0);
        fewer(&|plan| plan.tablets = plan.tablets.div_ceil(2).max(1));
        fewer(&|plan| plan.tablets = plan.tablets.saturating_sub(1).max(1));
        fewer(&|plan| plan.ballots = plan.ballots.div_ceil(2).max(2));
        fewer(&|plan| plan.ballots = plan.ballots.saturating_sub(1).max(2));
        plans
    }
}
