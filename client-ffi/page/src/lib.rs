//! The tablet as its page calls it. The page runs in a browser over the tablet as WebAssembly, and in the kiosk over the
//! tablet on this machine; both take the calls of `calls` by name, with the values of this crate. What differs is only
//! how values cross: as JavaScript's own, or as JSON ([`Wire`]).
//!
//! **A new call** is one line in `calls.rs` and the function that it names; its TypeScript types follow from it.

mod calls;
mod guidance;
mod hand;
mod json;
mod look;
mod minutes;
mod noting;
mod people;
mod plans;
mod problem;
mod record;
mod register;
mod session;
mod values;
mod vote;
mod wire;

#[cfg(feature = "typescript")]
pub use calls::{Answers, Given};
pub use guidance::StepText;
pub use hand::UnderWay;
pub use json::Json;
pub use minutes::{Finding, Said, Signed, Version};
pub use noting::NewMember;
pub use people::Person;
pub use plans::{OfficialPlan, PlanMeasure, PlanProgress, PlanVersion};
pub use problem::Problem;
pub use record::{Figure, LiveCommittee, LiveNumber, Member, Note, Paper, Total, UnitRecord};
pub use register::{CheckedIn, Noted, Register, Voter};
pub use session::{Guest, Passed, Session};
pub use values::{
    Counts, Finished, Held, ImportReport, Level, Official, Overview, Progress, Round, Seen, Sheet, Step,
    SyncReport, Taker, Text, UnitProblem, UnitStatus,
};
pub use wire::{Bytes, Pin, Slip, Wire};

use client_ffi::{SystemRng, Tablet};

/// What calls work on.
pub struct Desk<'a, S, R = SystemRng> {
    /// The tablet.
    pub tablet: &'a mut Tablet<S, R>,
    /// What its page has under way.
    pub under_way: &'a mut UnderWay,
}
