//! Published figures beside each other: units of one round, and a round, a unit or an official in earlier rounds.
//!
//! Everything here is taken from [`RoundFigures`], which show nothing of what is hidden or not published. The only sums
//! made are those of lines that all stand there, so nothing can be subtracted that could not be before.

use super::calendar::day_text;
use super::figures::{LevelLabel, OfficialFigures, RoundFigures, Share, UnitFigures};
use super::table::cell;
use serde::Serialize;
use std::collections::BTreeSet;
use sync_core::count::Percent;
use sync_core::id::RoundId;
use time::Date;

/// The published figures of a round, and since when there are any.
#[derive(Debug, Clone, Copy)]
pub struct Published<'a> {
    /// The round.
    pub round: RoundId,
    /// Day on which its first unit was published.
    pub day: Date,
    /// What is published of it.
    pub figures: &'a RoundFigures,
}

/// What stands beside others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Column {
    /// The round.
    pub round: uuid::Uuid,
    /// Title of the round.
    pub title: String,
    /// Day on which the first unit of the round was published, as `2026-11-27`.
    pub day: String,
    /// The unit; nothing where a whole round is meant.
    pub unit: Option<Named>,
    /// The official, with name and post as they stood on this ballot.
    pub official: Option<RatedAs>,
    /// Ballots collected.
    pub collected: u64,
    /// Valid ballots.
    pub valid: u64,
    /// Invalid ballots.
    pub invalid: u64,
    /// Levels of this round, highest first.
    pub levels: Vec<LevelLabel>,
    /// What the percentages refer to: `collected` or `valid` ballots of an official; `marks` on valid ballots, blank lines
    /// among them, where several officials are taken together.
    pub percent_base: &'static str,
    /// The base itself; nothing where no level is shown.
    pub base: Option<u64>,
    /// Counts, highest level first; nothing where there are too few ballots.
    pub shares: Option<Vec<Share>>,
    /// Blank lines.
    pub invalid_lines: Option<u64>,
    /// Lowest level of an official: more than half of the base.
    pub over_half: Option<bool>,
    /// Lowest level of an official: two thirds of the base or more.
    pub two_thirds_or_more: Option<bool>,
    /// Small units whose levels are in no sum of this round.
    pub left_out: usize,
    /// Units of the round that are not published.
    pub unpublished: usize,
    /// What makes it hard to compare with the first one.
    pub differs: Vec<Difference>,
}

/// A unit by code and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Named {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// An official as they stood on a ballot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RatedAs {
    /// Stable code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
}

/// What makes two columns hard to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The scale had other levels.
    Levels,
    /// Percentages refer to something else.
    PercentBase,
    /// The official held another post.
    Post,
    /// The official was rated in another unit.
    Unit,
    /// The official, or the unit, had another name.
    Name,
    /// Slips there, ballots unlocked by the team here.
    Voting,
    /// Other units took part, or are published.
    Units,
    /// Other officials were rated.
    Officials,
}

/// In which order units stand beside each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitsOrder {
    /// By code.
    #[default]
    Code,
    /// The largest share of the highest level first.
    Highest,
    /// The largest share of the lowest level first.
    Lowest,
}

impl UnitsOrder {
    /// What a unit is sorted by: no two have the same. Units without levels come last.
    pub fn key(self, column: &Column) -> String {
        let shares = column.shares.as_deref().unwrap_or_default();
        let share = match self {
            Self::Code => None,
            Self::Highest => shares.first(),
            Self::Lowest => shares.last(),
        };
        let base = column.base.filter(|base| *base > 0);
        // In thousandths of a per cent; a share has a base.
        let part = share.zip(base).map(|(share, base)| share.count.saturating_mul(100_000) / base);
        let rank =
            if self == Self::Code { 0 } else { part.map_or(999_999, |part| 100_000 - part.min(100_000)) };
        format!("{rank:06}{}", column.unit.as_ref().map(|unit| unit.code.as_str()).unwrap_or_default())
    }
}

impl Difference {
    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Levels => "levels",
            Self::PercentBase => "percent_base",
            Self::Post => "post",
            Self::Unit => "unit",
            Self::Name => "name",
            Self::Voting => "voting",
            Self::Units => "units",
            Self::Officials => "officials",
        }
    }
}

/// One side of a comparison: what is shown, and what else decides whether it compares.
#[derive(Debug, Clone)]
pub struct Side {
    column: Column,
    attended: Option<bool>,
    /// Units of a round, officials of a unit.
    members: BTreeSet<String>,
}

/// Base of sums over several officials.
const MARKS: &str = "marks";

/// A round as a whole.
pub fn of_round(published: &Published) -> Side {
    let figures = published.figures;
    let totals = &figures.totals;
    let counts = totals.levels.iter().map(|share| share.count).collect::<Vec<_>>();
    let mut column = column(published);
    (column.collected, column.valid, column.invalid) = (totals.collected, totals.valid, totals.invalid);
    take_marks(&mut column, Some((counts, totals.invalid_lines)));
    (column.left_out, column.unpublished) = (totals.left_out.len(), figures.unpublished.len());
    let members = figures.units.iter().map(|unit| unit.code.clone()).collect();
    Side { column, attended: None, members }
}

/// A unit with all its officials together.
pub fn of_unit(published: &Published, unit: &UnitFigures) -> Side {
    let mut column = column_of_unit(published, unit);
    let mut sum = Some((vec![0; published.figures.levels.len()], 0));
    for official in &unit.officials {
        sum = sum.zip(official.levels.as_ref()).map(|((mut counts, blank), shares)| {
            counts.iter_mut().zip(shares).for_each(|(count, share)| *count += share.count);
            (counts, blank + u64::from(official.invalid_lines.unwrap_or(0)))
        });
    }
    take_marks(&mut column, sum);
    let members = unit.officials.iter().map(|official| official.code.clone()).collect();
    Side { column, attended: Some(unit.attended), members }
}

/// An official, in each unit in which they were rated.
pub fn of_official<'a>(published: &'a Published, code: &'a str) -> impl Iterator<Item = Side> + 'a {
    published.figures.units.iter().flat_map(move |unit| {
        let same = unit.officials.iter().filter(move |official| official.code == code);
        same.map(move |official| official_side(published, unit, official))
    })
}

fn official_side(published: &Published, unit: &UnitFigures, official: &OfficialFigures) -> Side {
    let mut column = column_of_unit(published, unit);
    column.official = Some(RatedAs {
        code: official.code.clone(),
        name: official.name.clone(),
        post: official.post.clone(),
    });
    column.percent_base = unit.percent_base;
    column.base = official.levels.as_ref().map(|_| unit.base);
    column.shares.clone_from(&official.levels);
    column.invalid_lines = official.invalid_lines.map(u64::from);
    column.over_half = official.over_half;
    column.two_thirds_or_more = official.two_thirds_or_more;
    Side { column, attended: Some(unit.attended), members: BTreeSet::new() }
}

/// The columns of several sides; each says in what it differs from the one with which all are compared.
pub fn beside(with: &Side, sides: Vec<Side>) -> Vec<Column> {
    let column = |side: Side| Column { differs: differences(with, &side), ..side.column };
    sides.into_iter().map(column).collect()
}

fn differences(with: &Side, side: &Side) -> Vec<Difference> {
    let (one, other) = (&with.column, &side.column);
    let post = |column: &Column| column.official.as_ref().map(|official| official.post.clone());
    let unit = |column: &Column| column.unit.as_ref().map(|unit| unit.code.clone());
    // Who is compared: the official, else the unit.
    let name = |column: &Column| match (&column.official, &column.unit) {
        (Some(official), _) => Some(official.name.clone()),
        (None, unit) => unit.as_ref().map(|unit| unit.name.clone()),
    };
    let of_rounds = one.unit.is_none();
    let of_officials = one.official.is_some();
    // Two units of one round are meant to be two.
    let same_unit = unit(one) == unit(other);
    let found = [
        (one.levels != other.levels, Difference::Levels),
        (one.percent_base != other.percent_base, Difference::PercentBase),
        (post(one) != post(other), Difference::Post),
        (of_officials && !same_unit, Difference::Unit),
        ((of_officials || same_unit) && name(one) != name(other), Difference::Name),
        (with.attended != side.attended, Difference::Voting),
        (of_rounds && with.members != side.members, Difference::Units),
        (!of_rounds && !of_officials && same_unit && with.members != side.members, Difference::Officials),
    ];
    found.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
}

fn column(published: &Published) -> Column {
    Column {
        round: published.round.uuid(),
        title: published.figures.title.clone(),
        day: day_text(published.day),
        unit: None,
        official: None,
        collected: 0,
        valid: 0,
        invalid: 0,
        levels: published.figures.levels.clone(),
        percent_base: MARKS,
        base: None,
        shares: None,
        invalid_lines: None,
        over_half: None,
        two_thirds_or_more: None,
        left_out: 0,
        unpublished: 0,
        differs: Vec::new(),
    }
}

fn column_of_unit(published: &Published, unit: &UnitFigures) -> Column {
    Column {
        unit: Some(Named { code: unit.code.clone(), name: unit.name.clone() }),
        collected: u64::from(unit.collected),
        valid: u64::from(unit.valid),
        invalid: u64::from(unit.invalid),
        ..column(published)
    }
}

/// Shows marks over several officials, if there are any.
fn take_marks(column: &mut Column, sum: Option<(Vec<u64>, u64)>) {
    let Some((counts, blank)) = sum else { return };
    let base = counts.iter().sum::<u64>() + blank;
    if base == 0 {
        return;
    }
    let share = |(level, count): (&LevelLabel, u64)| Share {
        level: level.code.clone(),
        count,
        percent: Percent::of(count, base).map(|percent| percent.to_string()),
    };
    column.shares = Some(column.levels.iter().zip(counts).map(share).collect());
    (column.base, column.invalid_lines) = (Some(base), Some(blank));
}

/// Columns as CSV: a row for each level of each, for rounds may have other levels. A column without levels has one row.
pub fn csv(columns: &[Column]) -> String {
    let header = [
        "round",
        "title",
        "first_published",
        "unit_code",
        "unit_name",
        "official_code",
        "full_name",
        "post",
        "collected",
        "valid",
        "invalid",
        "level",
        "level_vi",
        "level_en",
        "count",
        "percent",
        "percent_base",
        "base",
        "invalid_lines",
        "note",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for column in columns {
        let official = column.official.as_ref();
        let unit = column.unit.as_ref();
        let text = |text: Option<&String>| text.map(|text| cell(text)).unwrap_or_default();
        let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let who = [
            column.round.to_string(),
            cell(&column.title),
            column.day.clone(),
            text(unit.map(|unit| &unit.code)),
            text(unit.map(|unit| &unit.name)),
            text(official.map(|official| &official.code)),
            text(official.map(|official| &official.name)),
            text(official.map(|official| &official.post)),
            column.collected.to_string(),
            column.valid.to_string(),
            column.invalid.to_string(),
        ];
        let few = column.shares.is_none().then_some("too_few_ballots");
        let note = column.differs.iter().map(|what| what.code()).chain(few).collect::<Vec<_>>().join(" ");
        let last = [column.percent_base.to_owned(), count(column.base), count(column.invalid_lines), note];
        let levels = match &column.shares {
            None => vec![std::array::from_fn(|_| String::new())],
            Some(shares) => {
                column.levels.iter().zip(shares).map(|(level, share)| level_cells(level, share)).collect()
            }
        };
        rows.extend(levels.into_iter().map(|level| [&who[..], &level, &last].concat()));
    }
    super::table::written(&rows)
}

fn level_cells(level: &LevelLabel, share: &Share) -> [String; 5] {
    let percent = share.percent.clone().unwrap_or_else(|| "–".to_owned());
    [level.code.clone(), cell(&level.vi), cell(&level.en), share.count.to_string(), percent]
}

#[cfg(test)]
mod tests;
