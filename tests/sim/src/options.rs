//! A world as options on a command line: how one is played again, and how a failing one is kept.

use crate::fault::Fault;
use crate::plan::{BALLOTS_MAX, COURIERS_MAX, Plan, TABLETS_MAX, UNITS_MAX};
use clap::{Args, Parser};

/// A seed, and what differs from the world that it draws.
#[derive(Debug, Args)]
pub struct WorldOptions {
    /// Seed of the world
    #[arg(long)]
    pub seed: u64,
    /// Units instead of those the seed draws
    #[arg(long)]
    pub units: Option<usize>,
    /// Voting tablets instead of those the seed draws
    #[arg(long)]
    pub tablets: Option<usize>,
    /// Couriers instead of those the seed draws
    #[arg(long)]
    pub couriers: Option<usize>,
    /// Voters instead of those the seed draws
    #[arg(long)]
    pub ballots: Option<usize>,
    /// Weight of a fault, 0 to 4, such as `partition=0`
    #[arg(long, value_name = "NAME=WEIGHT", value_parser = parse_weight)]
    pub fault: Vec<(Fault, u8)>,
}

#[derive(Parser)]
#[command(no_binary_name = true)]
struct Line {
    #[command(flatten)]
    world: WorldOptions,
}

impl WorldOptions {
    /// The world.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::of(self.seed);
        plan.units = self.units.unwrap_or(plan.units).clamp(1, UNITS_MAX);
        plan.tablets = self.tablets.unwrap_or(plan.tablets).clamp(plan.units, TABLETS_MAX);
        plan.couriers = self.couriers.unwrap_or(plan.couriers).min(COURIERS_MAX);
        plan.ballots = self.ballots.unwrap_or(plan.ballots).clamp(2, BALLOTS_MAX);
        for (fault, weight) in &self.fault {
            plan.faults.set(*fault, *weight);
        }
        plan
    }
}

impl Plan {
    /// Reads [`Plan::options`].
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(options: &str) -> Result<Self, String> {
        let line = Line::try_parse_from(options.split_whitespace()).map_err(|error| error.to_string())?;
        Ok(line.world.plan())
    }
}

fn parse_weight(text: &str) -> Result<(Fault, u8), String> {
    let (name, weight) = text.split_once('=').unwrap_or((text, "1"));
    let known = || Fault::ALL.map(|(_, name)| name).join(", ");
    let fault = Fault::parse(name).ok_or_else(|| format!("no such fault; there are {}", known()))?;
    match weight.parse() {
        Ok(weight @ 0..=4) => Ok((fault, weight)),
        _ => Err("a weight is 0 to 4".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_and_every_smaller_one_are_read_back_from_their_options() {
        for seed in 0..20 {
            let plan = Plan::of(seed);
            assert_eq!(Plan::parse(&plan.options()), Ok(plan.clone()));
            for smaller in plan.smaller() {
                assert_eq!(Plan::parse(&smaller.options()), Ok(smaller));
            }
        }
    }

    #[test]
    fn unknown_faults_and_weights_are_named() {
        assert!(Plan::parse("--seed 1 --fault earthquake=1").unwrap_err().contains("no such fault"));
        assert!(Plan::parse("--seed 1 --fault partition=5").unwrap_err().contains("0 to 4"));
    }
}
