//! What voters hold in their hands.

use super::{Code, Head, RatedOfficial, Scanned, Unit};
use serde::{Deserialize, Serialize};

/// The form that voters mark on paper. It carries nothing that tells one from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BallotForm {
    /// The round.
    pub head: Head,
    /// The unit.
    pub unit: Unit,
    /// Who is rated, in the order of the ballot.
    pub officials: Vec<RatedOfficial>,
}

/// Permit slips, to be cut, folded and drawn from a hat. They are printed and forgotten: whoever makes them keeps no
/// copy of the pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slips {
    /// The round.
    pub head: Head,
    /// The unit.
    pub unit: Unit,
    /// Whether the codes are invented: then a mark across every page says so.
    pub specimen: bool,
    /// The slips, in random order.
    pub slips: Vec<Slip>,
}

/// One slip. It has no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// The code in its two halves, one a line, so that it is easy to type and folds away.
    pub halves: (Code, Code),
    /// The same to be scanned.
    pub scanned: Scanned,
}

impl Slip {
    /// Of a code in four groups.
    pub fn new(code: &str) -> Self {
        let (first, second) = code.split_at_checked(code.len() / 2).unwrap_or((code, ""));
        let half = |text: &str| Code::new(text.trim_matches('-'));
        Self { halves: (half(first), half(second)), scanned: Scanned::new(code) }
    }
}
