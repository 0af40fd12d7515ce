//! A world that breaks everything: real tablets and the real admission of the centre, in one thread, over virtual time.
//!
//! One seed makes one [`plan::Plan`] and one [`world::World`]. Its [`fault::Fault`]s strike by the seed; checkers judge
//! by what the world recorded ([`truth`]), never by what the system says of itself. How to add a fault or a checker is
//! in `tests/sim/README.md`.

pub mod body;
#[cfg(feature = "planted-bugs")]
pub mod bugs;
pub mod centre;
pub mod chance;
pub mod check;
pub mod disk;
pub mod fault;
pub mod look;
pub mod model;
pub mod net;
pub mod notes;
pub mod options;
pub mod plan;
pub mod round;
pub mod secrets;
pub mod shrink;
pub mod small;
pub mod soak;
pub mod truth;
pub mod word;
pub mod world;

use notes::Notes;
use plan::Plan;
use world::{Outcome, World};

/// Plays a world to its end. A panic inside is a broken rule like any other.
pub fn play(plan: &Plan, with_log: bool) -> Outcome {
    let notes = if with_log { Notes::with_log() } else { Notes::default() };
    let inner = notes.clone();
    let plan = plan.clone();
    let run = std::panic::AssertUnwindSafe(move || World::new(plan, inner).run());
    std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        notes.broken("nothing panics", text);
        Outcome { broken: notes.first_broken(), fired: notes.counts(), log: notes.log(), cast: 0, valid: 0 }
    })
}
