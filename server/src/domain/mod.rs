//! Decisions without IO: what a round is made of, what may follow on what, what may be shown, who may decide.

pub mod attachment;
pub mod audit;
pub mod calendar;
pub mod comparison;
pub mod contact;
pub mod decision;
pub mod draft;
pub mod evidence;
pub mod figures;
pub mod letter;
pub mod notice;
pub mod outgoing;
pub mod oversight;
pub mod periodic;
pub mod person;
pub mod plan;
pub mod record;
pub mod replacement;
pub mod schedule;
pub mod signs;
pub mod silence;
pub mod slips;
pub mod state;
pub mod table;
pub mod text;
pub mod visit;
