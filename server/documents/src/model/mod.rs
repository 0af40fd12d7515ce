//! What documents are made of: plain data, as whoever has it fills it in.

mod after;
mod ballot;
mod minutes;
mod reports;

pub use after::{
    Confirmed, Earlier, Letter, LetterAccess, Measure, Notices, Own, Plan, PlanContent, Plans, Progress,
};
pub use ballot::{BallotForm, Slip, Slips};
pub use minutes::{CommitteeMember, Fact, Figure, Minutes, Proof, Tablet, Version};
pub use reports::{
    RoundReport, Sums, Told, UnitLine, UnitReport, Year, YearBallots, YearMarks, YearOfficial, YearRound,
    YearUnit,
};

use serde::{Deserialize, Serialize};

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Document {
    /// The form that voters mark on paper.
    Ballot(BallotForm),
    /// Permit slips.
    Slips(Slips),
    /// Counting minutes of a unit.
    Minutes(Box<Minutes>),
    /// Letters to officials.
    Notices(Notices),
    /// Correction plans, or forms for them.
    Plans(Plans),
    /// Report of a unit.
    UnitReport(Box<UnitReport>),
    /// Report of a round.
    RoundReport(Box<RoundReport>),
    /// Report of a year.
    Year(Box<Year>),
}

impl Document {
    /// Stable name, in file names too.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ballot(_) => "ballot",
            Self::Slips(_) => "slips",
            Self::Minutes(_) => "minutes",
            Self::Notices(_) => "notices",
            Self::Plans(_) => "plans",
            Self::UnitReport(_) => "unit-report",
            Self::RoundReport(_) => "round-report",
            Self::Year(_) => "year",
        }
    }
}

impl Document {
    /// What stands at its head.
    pub fn head(&self) -> &Head {
        match self {
            Self::Ballot(document) => &document.head,
            Self::Slips(document) => &document.head,
            Self::Minutes(document) => &document.head,
            Self::Notices(document) => &document.head,
            Self::Plans(document) => &document.head,
            Self::UnitReport(document) => &document.head,
            Self::RoundReport(document) => &document.head,
            Self::Year(document) => &document.head,
        }
    }
}

/// What stands at the head of every document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Title of the round.
    pub round: String,
    /// Whether nothing of it counts.
    pub training: bool,
    /// Day on which the document is made, as `2026-11-27`; without it there is a line to write the day on.
    pub made_on: Option<String>,
    /// Levels, highest first.
    pub levels: Vec<Level>,
}

/// A level's labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Somebody who is rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatedOfficial {
    /// Stable code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
}

/// Marks of one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Percentage with two decimals and a point, as it was published; nothing where the base is 0.
    pub percent: Option<String>,
}

/// What the figures of one official are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficialResult {
    /// Who.
    pub official: RatedOfficial,
    /// Marks by level, highest first; nothing where the unit is too small to show any.
    pub levels: Option<Vec<Share>>,
    /// Valid ballots whose line is blank.
    pub invalid_lines: Option<u32>,
    /// Lowest level: more than half of the base.
    pub over_half: bool,
    /// Lowest level: two thirds of the base or more.
    pub two_thirds_or_more: bool,
}

/// What percentages refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Ballots collected.
    Collected,
    /// Valid ballots.
    Valid,
}

/// Published figures of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitResult {
    /// Ballots collected.
    pub collected: u32,
    /// Of these valid.
    pub valid: u32,
    /// Of these invalid.
    pub invalid: u32,
    /// Why, by stable codes.
    pub reasons: Vec<Fact>,
    /// What percentages refer to.
    pub percent_base: Base,
    /// The base itself.
    pub base: u64,
    /// Whether the unit is too small to show anything by level.
    pub too_few: bool,
    /// Whether the team unlocked each ballot.
    pub attended: bool,
    /// Whether figures of an earlier order stand.
    pub earlier_stand: bool,
    /// Its officials, in the order of the ballot.
    pub officials: Vec<OfficialResult>,
}

/// What is scanned: the text of a QR code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scanned {
    /// The text.
    #[serde(rename = "$qr")]
    pub text: String,
}

/// What is compared letter by letter: a hash, an identity, a code. Plain ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The text.
    #[serde(rename = "$code")]
    pub text: String,
}

impl Scanned {
    /// Of a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl Code {
    /// Of a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}
