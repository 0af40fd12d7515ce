//! Checkers outside the system. They judge from what the world recorded, and work holds, counts and publication out
//! again in their own words.

pub mod holds;
pub mod tally;
