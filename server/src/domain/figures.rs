//! Results as people read them: percentages with their base, flags, and nothing by level for a small group.
//!
//! Only published units are shown. What the count left out is nowhere here: this module adds labels, names and
//! percentages to a signed result and cannot know more than it.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::count::{Line, Percent, RoundResult, UnitResult, over_half, two_thirds_or_more};
use sync_core::id::{SheetHash, UnitCode};
use sync_core::package::{Mode, Official, Package, PercentBase, Sheet, Voting};

/// The results of a round.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RoundFigures {
    /// Title.
    pub title: String,
    /// `official` or `training`.
    pub mode: &'static str,
    /// Number of the counted order.
    pub order: u32,
    /// Digest of the result.
    pub digest: String,
    /// Levels, highest first.
    pub levels: Vec<LevelLabel>,
    /// Published units.
    pub units: Vec<UnitFigures>,
    /// Codes of units that are not published yet.
    pub unpublished: Vec<String>,
    /// Small units shown as one sum, if they are and all of them are published.
    pub small_units: Option<SmallUnits>,
    /// Sums over what is shown.
    pub totals: TotalFigures,
}

/// A level's code and labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LevelLabel {
    /// Stable code.
    pub code: String,
    /// Vietnamese label.
    pub vi: String,
    /// English label.
    pub en: String,
}

/// A count with its percentage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Share {
    /// Level code.
    pub level: String,
    /// Marks.
    pub count: u64,
    /// Two decimals; nothing where the base is 0.
    pub percent: Option<String>,
}

/// One official.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OfficialFigures {
    /// Stable code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
    /// Counts, highest level first; nothing where the unit is too small.
    pub levels: Option<Vec<Share>>,
    /// Valid ballots whose line is blank.
    pub invalid_lines: Option<u32>,
    /// Lowest level: more than half of the base.
    pub over_half: Option<bool>,
    /// Lowest level: two thirds of the base or more.
    pub two_thirds_or_more: Option<bool>,
}

/// One unit.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct UnitFigures {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether the team unlocked each ballot, so that nothing shows who was entitled.
    pub attended: bool,
    /// Ballots collected.
    pub collected: u32,
    /// Valid ballots.
    pub valid: u32,
    /// Invalid ballots.
    pub invalid: u32,
    /// Invalid ballots by reason; together they are `invalid`. On paper the counting committee judges, and only `paper`
    /// says how many there were.
    pub invalid_by_reason: Vec<Reason>,
    /// Facts seen at the opening.
    pub facts: Vec<Reason>,
    /// What the percentages refer to.
    pub percent_base: &'static str,
    /// The base itself.
    pub base: u64,
    /// Too few valid ballots to show levels.
    pub too_few_ballots: bool,
    /// Whether figures of an earlier order stand.
    pub earlier_figures_stand: bool,
    /// Signs of formalism, where there are enough ballots.
    pub signs: Option<SignFigures>,
    /// Officials in the order of the ballot.
    pub officials: Vec<OfficialFigures>,
}

/// A code with how often.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// Stable code.
    pub code: &'static str,
    /// How often.
    pub count: u32,
}

/// Code of invalid ballots on paper.
pub const ON_PAPER: &str = "paper";

/// Signs of formalism: yes or no.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SignFigures {
    /// More than half of the ballots give one level to everybody.
    pub uniform_ballots: bool,
    /// No mark below the highest level.
    pub only_highest: bool,
}

/// Small units as one sum.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SmallUnits {
    /// Their codes.
    pub units: Vec<String>,
    /// Valid ballots together.
    pub valid: u32,
    /// Marks per level over all their officials.
    pub levels: Vec<Share>,
    /// Blank lines.
    pub invalid_lines: u64,
}

/// Sums.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TotalFigures {
    /// Ballots collected in published units.
    pub collected: u64,
    /// Valid ballots in published units.
    pub valid: u64,
    /// Invalid ballots in published units.
    pub invalid: u64,
    /// Marks per level, over units whose levels are shown.
    pub levels: Vec<Share>,
    /// Blank lines, over units whose levels are shown.
    pub invalid_lines: u64,
    /// Small units whose levels are in no sum.
    pub left_out: Vec<String>,
}

/// The figures of the published units of a result.
pub fn round_figures(
    package: &Package,
    sheets: &BTreeMap<SheetHash, Sheet>,
    result: &RoundResult,
    digest: String,
    published: &BTreeSet<UnitCode>,
) -> RoundFigures {
    // Sums run over the same result without what is not published yet, so they never tell more than the units do.
    let mut shown = result.clone();
    shown.units.retain(|unit| published.contains(&unit.unit));
    shown.pool = shown.pool.filter(|pool| pool.units.iter().all(|unit| published.contains(unit)));
    let totals = shown.totals();
    let marks: u64 = totals.levels.iter().sum::<u64>() + totals.invalid_lines;
    RoundFigures {
        title: package.title.clone(),
        mode: match package.mode {
            Mode::Official => "official",
            Mode::Training => "training",
        },
        order: result.number,
        digest,
        levels: package
            .levels
            .iter()
            .map(|l| LevelLabel { code: l.code.clone(), vi: l.vi.clone(), en: l.en.clone() })
            .collect(),
        units: shown.units.iter().filter_map(|unit| unit_figures(package, sheets, unit)).collect(),
        unpublished: result
            .units
            .iter()
            .filter(|unit| !published.contains(&unit.unit))
            .map(|unit| unit.unit.to_string())
            .collect(),
        small_units: shown.pool.as_ref().map(|pool| SmallUnits {
            units: pool.units.iter().map(ToString::to_string).collect(),
            valid: pool.valid,
            levels: shares(package, &pool.levels, pool.levels.iter().sum::<u64>() + pool.invalid),
            invalid_lines: pool.invalid,
        }),
        totals: TotalFigures {
            collected: totals.collected,
            valid: totals.valid,
            invalid: totals.collected - totals.valid,
            levels: shares(package, &totals.levels, marks),
            invalid_lines: totals.invalid_lines,
            left_out: totals.left_out.iter().map(ToString::to_string).collect(),
        },
    }
}

/// What percentages and flags of a unit refer to: its name, and the number.
pub fn base(package: &Package, unit: &UnitResult) -> (&'static str, u64) {
    let (name, base) = match package.rules.percent_base {
        PercentBase::Valid => ("valid", unit.valid),
        // Bases that need the meeting's record are refused at import.
        PercentBase::Collected | PercentBase::Summoned | PercentBase::Present => {
            ("collected", unit.collected())
        }
    };
    (name, u64::from(base))
}

fn unit_figures(
    package: &Package,
    sheets: &BTreeMap<SheetHash, Sheet>,
    unit: &UnitResult,
) -> Option<UnitFigures> {
    let entry = package.unit(&unit.unit)?;
    let sheet = sheets.get(&unit.sheet)?;
    let (percent_base, base) = base(package, unit);
    let official = |(i, o): (usize, &Official)| {
        let line = unit.lines.as_ref().and_then(|lines| lines.get(i));
        official_figures(package, o, line, base)
    };
    Some(UnitFigures {
        code: unit.unit.to_string(),
        name: entry.name.clone(),
        attended: entry.voting == Voting::Attended,
        collected: unit.collected(),
        valid: unit.valid,
        invalid: unit.invalid_ballots(),
        invalid_by_reason: invalid_by_reason(unit),
        facts: unit.facts.iter().map(|(f, n)| Reason { code: f.code(), count: *n }).collect(),
        percent_base,
        base,
        too_few_ballots: unit.lines.is_none(),
        earlier_figures_stand: unit.stands,
        signs: unit
            .signs
            .map(|s| SignFigures { uniform_ballots: s.uniform_ballots, only_highest: s.only_highest }),
        officials: sheet.officials.iter().enumerate().map(official).collect(),
    })
}

/// Invalid ballots by reason; those of paper were judged by the people who counted it. The sum is the unit's invalid
/// ballots.
fn invalid_by_reason(unit: &UnitResult) -> Vec<Reason> {
    let on_paper = unit.papers.as_ref().map_or(0, |papers| papers.invalid);
    let on_tablets = unit.invalid.iter().map(|(reason, count)| Reason { code: reason.code(), count: *count });
    let on_paper = (on_paper > 0).then_some(Reason { code: ON_PAPER, count: on_paper });
    on_tablets.chain(on_paper).collect()
}

fn official_figures(
    package: &Package,
    official: &Official,
    line: Option<&Line>,
    base: u64,
) -> OfficialFigures {
    let counts = line.map(|line| line.levels.iter().map(|n| u64::from(*n)).collect::<Vec<_>>());
    let low = counts.as_ref().and_then(|counts| counts.last().copied());
    OfficialFigures {
        code: official.code.clone(),
        name: official.name.clone(),
        post: official.post.clone(),
        levels: counts.map(|counts| shares(package, &counts, base)),
        invalid_lines: line.map(|line| line.invalid),
        over_half: low.map(|low| over_half(low, base)),
        two_thirds_or_more: low.map(|low| two_thirds_or_more(low, base)),
    }
}

fn shares(package: &Package, counts: &[u64], base: u64) -> Vec<Share> {
    let share = |(level, count): (&sync_core::package::Level, &u64)| Share {
        level: level.code.clone(),
        count: *count,
        percent: Percent::of(*count, base).map(|percent| percent.to_string()),
    };
    package.levels.iter().zip(counts).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::count::{InvalidReason, Papers};

    #[test]
    fn reasons_add_up_to_the_invalid_ballots_also_where_paper_was_counted() {
        let mut unit = UnitResult {
            unit: UnitCode::new("A").unwrap(),
            sheet: SheetHash([1; 32]),
            valid: 20,
            invalid: vec![(InvalidReason::ALL[0], 2), (InvalidReason::ALL[1], 1)],
            facts: Vec::new(),
            stands: false,
            lines: None,
            signs: None,
            papers: None,
        };
        let sum = |unit: &UnitResult| invalid_by_reason(unit).iter().map(|reason| reason.count).sum::<u32>();
        assert_eq!((sum(&unit), unit.invalid_ballots()), (3, 3));
        let papers = |invalid| Some(Papers { valid: 9, invalid, unreadable: Vec::new(), lines: None });
        unit.papers = papers(0);
        assert!(invalid_by_reason(&unit).iter().all(|reason| reason.code != ON_PAPER));
        unit.papers = papers(4);
        assert_eq!((sum(&unit), unit.invalid_ballots()), (7, 7));
        assert_eq!(
            invalid_by_reason(&unit).last().map(|reason| (reason.code, reason.count)),
            Some((ON_PAPER, 4))
        );
    }
}
