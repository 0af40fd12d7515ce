//! Planted bugs: how many worlds it takes until a checker sees each of them.

use crate::notes::Broken;
use crate::plan::Plan;
use crate::play;
use sync_core::planted::{Bug, plant};

/// Who saw a bug, and where.
#[derive(Debug, Clone)]
pub struct Caught {
    /// The first seed whose world shows it.
    pub seed: u64,
    /// What was broken.
    pub broken: Broken,
}

/// Worlds within which a bug is seen. Most take a handful; a medium that must lose its power at one moment takes more.
pub fn worlds_for(bug: Bug) -> u64 {
    match bug {
        Bug::NoSettle => 400,
        _ => 100,
    }
}

/// Plays worlds 0, 1, 2 … with a bug planted until one breaks a rule.
pub fn catch(bug: Bug, seeds: u64) -> Option<Caught> {
    plant(Some(bug));
    let caught = (0..seeds).find_map(|seed| {
        let broken = play(&Plan::of(seed), false).broken?;
        Some(Caught { seed, broken })
    });
    plant(None);
    caught
}
