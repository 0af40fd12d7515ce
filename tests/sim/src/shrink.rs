//! Making a failing world smaller, as long as the same rule stays broken.

use crate::plan::Plan;
use crate::play;

/// Most worlds that are played to find a smaller one.
const TRIES_MAX: usize = 400;

/// The smallest world found in which the rule that `plan` breaks is still broken; `plan` itself if it breaks none.
pub fn shrink(plan: &Plan) -> Plan {
    let Some(rule) = play(plan, false).broken.map(|broken| broken.rule) else { return plan.clone() };
    let mut small = plan.clone();
    let mut tries = 0;
    'smaller: while tries < TRIES_MAX {
        for candidate in small.smaller() {
            tries += 1;
            if play(&candidate, false).broken.is_some_and(|broken| broken.rule == rule) {
                small = candidate;
                continue 'smaller;
            }
        }
        break;
    }
    small
}

/// The command that plays a world with its log.
pub fn command(plan: &Plan) -> String {
    format!("cargo run --release -p homphieu-sim -- replay {}", plan.options())
}
