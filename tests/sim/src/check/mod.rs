//! Checkers outside the system. They judge from what the world recorded, and work holds, counts and publication out
//! again in their own words.

pub mod holds;
pub mod record;
pub mod tally;

/// Every rule that a checker may see broken. A bug in the table of `tests/sim/README.md` shows each of them to fail.
pub const RULES: &[&str] = &[
    "counts are right",
    "couriers keep to their room",
    "findings are right",
    "gaps are seen",
    "held for the right reason",
    "memory bounds",
    "message bounds",
    "no tablet is stuck",
    "no tablet writes twins",
    "nothing ends uncounted",
    "nothing from nowhere",
    "nothing is deleted",
    "nothing lost",
    "nothing noted is lost",
    "nothing panics",
    "nothing twice",
    "publication",
    "receipts never lie",
    "replicas converge",
    "reports are right",
    "routes bring everything",
    "secrecy",
    "small groups",
    "status tells the truth",
    "strangers stay outside",
    "the count",
    "the office alone ends a round",
    "the record is right",
    "the round ends",
    "verify",
    "what is over goes",
];
