//! Reports: of a unit, of a round, of a year.

use super::{Base, Code, Fact, Figure, Head, Level, RatedOfficial, Share, Unit, UnitResult};
use serde::{Deserialize, Serialize};

/// A unit's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitReport {
    /// The round.
    pub head: Head,
    /// The unit.
    pub unit: Unit,
    /// What was noted of the meeting.
    pub figures: Vec<Figure>,
    /// The published result.
    pub result: UnitResult,
    /// Stable codes of the signs of formalism that were seen; nothing where there are too few ballots to tell.
    pub signs: Option<Vec<String>>,
    /// Facts seen at the opening.
    pub facts: Vec<Fact>,
    /// What does not reconcile, in words, below them what was said to explain it, and whether it counts as explained.
    pub findings: Vec<(String, bool)>,
    /// How many were told their result.
    pub notices: Told,
    /// Number of the counted order and digest of its result.
    pub proof: (u32, Code),
}

/// How many were told their result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Notices.
    pub notices: u32,
    /// Told by the due day.
    pub in_time: u32,
    /// Told after it.
    pub late: u32,
    /// Not told, with time left.
    pub waiting: u32,
    /// Not told, and late.
    pub overdue: u32,
    /// Days until half of those who were told had been.
    pub median_days: Option<u32>,
}

/// A round's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundReport {
    /// The round.
    pub head: Head,
    /// Units of the round.
    pub units_in_all: u32,
    /// Sums over what is published.
    pub totals: Sums,
    /// Published units.
    pub units: Vec<UnitLine>,
    /// Units that are not published.
    pub unpublished: Vec<Unit>,
    /// Codes of small units whose levels are in no sum.
    pub left_out: Vec<String>,
    /// Small units as one sum: their codes, valid ballots, marks.
    pub small_units: Option<(Vec<String>, u32, Vec<Share>)>,
    /// How many were told their result.
    pub notices: Told,
    /// Number of the counted order and digest of its result.
    pub proof: (u32, Code),
}

/// Sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Ballots collected.
    pub collected: u64,
    /// Of these valid.
    pub valid: u64,
    /// Of these invalid.
    pub invalid: u64,
    /// Marks by level.
    pub levels: Vec<Share>,
    /// Blank lines.
    pub invalid_lines: u64,
    /// Marks and blank lines: what the percentages of sums refer to.
    pub marks: u64,
}

/// One unit in a round's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitLine {
    /// The unit.
    pub unit: Unit,
    /// Officials on its ballot.
    pub officials: u32,
    /// Ballots collected.
    pub collected: u32,
    /// Of these valid.
    pub valid: u32,
    /// Marks by level over its officials; nothing where it is too small.
    pub levels: Option<Vec<Share>>,
    /// Marks and blank lines.
    pub marks: u64,
    /// Whether the team unlocked each ballot.
    pub attended: bool,
}

/// The year: every unit and official with the rounds that were published in it, and the one before for comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Year {
    /// The head; its round is a title for the year.
    pub head: Head,
    /// The year.
    pub year: u16,
    /// Rounds, the earliest first: the columns.
    pub rounds: Vec<YearRound>,
    /// Units by code.
    pub units: Vec<YearUnit>,
}

/// A round as a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearRound {
    /// Title.
    pub title: String,
    /// Day on which it was first published, as `2026-11-27`.
    pub published_on: String,
    /// Its levels, highest first.
    pub levels: Vec<Level>,
    /// Number of the counted order and digest of its result.
    pub proof: (u32, Code),
    /// Units that are not published.
    pub unpublished: u32,
}

/// A unit over the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearUnit {
    /// The unit, under its latest name.
    pub unit: Unit,
    /// Ballots by round; nothing where it was not in the round or is not published.
    pub rounds: Vec<Option<YearBallots>>,
    /// Its officials by the order of the latest ballot.
    pub officials: Vec<YearOfficial>,
}

/// A unit's ballots in a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearBallots {
    /// Collected.
    pub collected: u32,
    /// Of these valid.
    pub valid: u32,
    /// Of these invalid.
    pub invalid: u32,
    /// What percentages refer to.
    pub percent_base: Base,
    /// The base itself.
    pub base: u64,
    /// Whether the unit is too small to show anything by level.
    pub too_few: bool,
}

/// An official over the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearOfficial {
    /// Who, with the latest name and post.
    pub official: RatedOfficial,
    /// Marks by round; nothing where there are none to show.
    pub rounds: Vec<Option<YearMarks>>,
}

/// An official's marks in a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearMarks {
    /// By level, highest first.
    pub levels: Vec<Share>,
    /// Valid ballots whose line is blank.
    pub invalid_lines: u32,
}
