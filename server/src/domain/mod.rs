//! Decisions without IO: what a round is made of, what may follow on what, what may be shown.

pub mod decision;
pub mod draft;
pub mod figures;
pub mod state;
pub mod table;
