//! Rounds that come again: how often, what is due when, who is reminded, and what the next one begins with.

pub mod changes;
mod due;
pub mod guidance;
pub mod proposal;
pub mod reminder;
mod rhythm;

pub use changes::Changes;
pub use due::{DueDays, DueError};
pub use rhythm::{Rhythm, RhythmError};
