//! The counting minutes of a unit.

use super::{Code, Head, Scanned, Unit, UnitResult};
use serde::{Deserialize, Serialize};

/// Counting minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minutes {
    /// The round.
    pub head: Head,
    /// The unit.
    pub unit: Unit,
    /// Who led the meeting and who counted.
    pub committee: Vec<CommitteeMember>,
    /// What was noted of the meeting, in the order in which it is read.
    pub figures: Vec<Figure>,
    /// The tablets of the unit.
    pub tablets: Vec<Tablet>,
    /// The published result; nothing while there is none.
    pub result: Option<UnitResult>,
    /// Incidents and notes, and explanations of what does not reconcile.
    pub notes: Vec<String>,
    /// Versions of the minutes that were signed on tablets.
    pub versions: Vec<Version>,
    /// What ties the paper to what is stored.
    pub proof: Proof,
}

/// Somebody of the meeting's committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitteeMember {
    /// `meeting_chair`, `counting_head` or `counting_member`.
    pub post: String,
    /// Name.
    pub name: String,
}

/// Something that was counted and noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Stable code, as `summoned`.
    pub code: String,
    /// How many; nothing where it was not noted or people disagree.
    pub count: Option<u32>,
}

/// A code with how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Stable code.
    pub code: String,
    /// How often.
    pub count: u32,
}

/// A tablet of the unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tablet {
    /// What people call it.
    pub label: String,
    /// Its identity.
    pub device: Code,
    /// Ballots cast on it, as its close says; nothing while it is open.
    pub total: Option<u32>,
}

/// Minutes as somebody signed them on a tablet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Their hash.
    pub hash: Code,
    /// Who signed, with their post.
    pub signed: Vec<CommitteeMember>,
    /// Whether they were corrected since.
    pub corrected: bool,
}

/// What ties a paper to what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Hash of the round's package.
    pub package: Code,
    /// Hash of the minutes that follow from the record as it is now.
    pub minutes: Code,
    /// Number of the counted order and digest of its result.
    pub result: Option<(u32, Code)>,
    /// All of it to be scanned.
    pub scanned: Scanned,
    /// Version of the program.
    pub program: Code,
}
