//! After the ballot: letters to those who were rated, and their plans.

use super::{Base, Code, Head, Level, RatedOfficial, Scanned, Share, Unit};
use serde::{Deserialize, Serialize};

/// Letters to the officials of a unit, each on a page of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// The round.
    pub head: Head,
    /// The unit.
    pub unit: Unit,
    /// The letters.
    pub letters: Vec<Letter>,
}

/// What one official is told: the own result, and nobody else's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// To whom.
    pub official: RatedOfficial,
    /// Last day on which it is in time, as `2026-11-27`.
    pub due_on: Option<String>,
    /// The result.
    pub own: Own,
    /// Earlier rounds, the latest first.
    pub earlier: Vec<Earlier>,
    /// A way to one's own page with a code that works once.
    pub access: Option<LetterAccess>,
    /// Number of the counted order and digest of its result.
    pub result: (u32, Code),
}

/// The figures of one official with what they refer to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// Ballots collected in the unit.
    pub collected: u32,
    /// Of these valid.
    pub valid: u32,
    /// Of these invalid.
    pub invalid: u32,
    /// What percentages refer to.
    pub percent_base: Base,
    /// The base itself.
    pub base: u64,
    /// Marks by level, highest first; nothing where there are too few ballots to show any.
    pub levels: Option<Vec<Share>>,
    /// Valid ballots whose line is blank.
    pub invalid_lines: Option<u32>,
    /// Lowest level: more than half of the base.
    pub over_half: bool,
    /// Lowest level: two thirds of the base or more.
    pub two_thirds_or_more: bool,
    /// Whether the team unlocked each ballot.
    pub attended: bool,
    /// Whether figures of an earlier order stand.
    pub earlier_stand: bool,
}

/// The same official in an earlier round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Title of that round.
    pub round: String,
    /// Unit in which they were rated then.
    pub unit: String,
    /// Its levels, highest first.
    pub levels: Vec<Level>,
    /// What percentages refer to.
    pub percent_base: Base,
    /// The base itself.
    pub base: u64,
    /// Marks by level; nothing where there were too few ballots.
    pub shares: Option<Vec<Share>>,
}

/// A way to one's own page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterAccess {
    /// Address to type.
    pub address: Code,
    /// The code.
    pub code: Code,
    /// Both to be scanned.
    pub scanned: Scanned,
    /// Last day on which it works, as `2026-11-27`.
    pub until: Option<String>,
}

/// Correction plans of a unit's officials, each on pages of its own: forms to write on, or plans as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plans {
    /// The round.
    pub head: Head,
    /// The unit.
    pub unit: Unit,
    /// The plans.
    pub plans: Vec<Plan>,
}

/// A plan to correct what was found wanting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Whose.
    pub official: RatedOfficial,
    /// Day by which it is owed, as `2026-11-27`.
    pub due_on: Option<String>,
    /// What it says; without it there is room to write.
    pub content: Option<PlanContent>,
}

/// What a plan says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanContent {
    /// Stable code of how it stands, as `confirmed`.
    pub stage: String,
    /// What is to be put right.
    pub shortcomings: Vec<String>,
    /// What is done about it.
    pub measures: Vec<Measure>,
    /// How it goes.
    pub progress: Vec<Progress>,
    /// That a second person confirmed it.
    pub confirmed: Option<Confirmed>,
}

/// That a plan was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// By whom, if their name is known.
    pub by: Option<String>,
    /// Day, as people noted it.
    pub on: Option<String>,
}

/// Something that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// What.
    pub text: String,
    /// By which day.
    pub due_on: Option<String>,
    /// On which day it was done.
    pub done_on: Option<String>,
}

/// A note of how it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Day, as people noted it.
    pub on: Option<String>,
    /// Who says so, if their name is known.
    pub by: Option<String>,
    /// What.
    pub text: String,
}
