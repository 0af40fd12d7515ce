//! Reports of a unit and of a round.

use super::meeting::{figures, in_core, with_explanations};
use super::{Material, facts, result_of, shares, unit_of};
use crate::domain::calendar::day_of;
use crate::domain::figures::{RoundFigures, Share as PublishedShare, UnitFigures};
use crate::domain::notice::{Notice, Tally};
use crate::error::AppError;
use crate::service::UnitRecord;
use crate::service::now;
use homphieu_documents::{Code, Language, RoundReport, Share, Sums, Told, Unit, UnitLine, UnitReport};
use sync_core::count::Percent;
use sync_core::record;

pub(super) fn of_unit(
    material: &Material,
    code: &str,
    looked: &UnitRecord,
    language: Language,
) -> Result<UnitReport, AppError> {
    let (published, unit) = material.result(code)?;
    let minutes = record::Minutes::of(looked.record.package(), looked.record.unit(), &looked.state);
    let signs = unit.signs.as_ref().map(|signs| {
        let seen = [(signs.uniform_ballots, "uniform_ballots"), (signs.only_highest, "only_highest")];
        seen.iter().filter(|(seen, _)| *seen).map(|(_, code)| (*code).to_owned()).collect()
    });
    let core = in_core(language);
    let findings = looked.findings.iter();
    let findings =
        findings.map(|finding| (with_explanations(looked, finding, core), finding.explained.is_some()));
    Ok(UnitReport {
        head: material.head(true),
        unit: Unit { code: unit.code.clone(), name: unit.name.clone() },
        figures: figures(&minutes),
        result: result_of(unit),
        signs,
        facts: facts(&unit.facts),
        findings: findings.collect(),
        notices: told(material.notices.iter().filter(|notice| notice.unit.as_str() == unit.code)),
        proof: (published.order, Code::new(&published.digest)),
    })
}

pub(super) fn of_round(material: &Material) -> Result<RoundReport, AppError> {
    let figures = material.published()?;
    let draft = &material.round.draft;
    let totals = &figures.totals;
    let unpublished = draft.units.iter().filter(|unit| figures.unpublished.contains(&unit.code));
    Ok(RoundReport {
        head: material.head(true),
        units_in_all: u32::try_from(draft.units.len()).unwrap_or(u32::MAX),
        totals: Sums {
            collected: totals.collected,
            valid: totals.valid,
            invalid: totals.invalid,
            levels: shares(&totals.levels),
            invalid_lines: totals.invalid_lines,
            marks: marks(&totals.levels, totals.invalid_lines),
        },
        units: figures.units.iter().map(|unit| line(figures, unit)).collect(),
        unpublished: unpublished.map(unit_of).collect(),
        left_out: totals.left_out.clone(),
        small_units: figures
            .small_units
            .as_ref()
            .map(|small| (small.units.clone(), small.valid, shares(&small.levels))),
        notices: told(material.notices.iter()),
        proof: (figures.order, Code::new(&figures.digest)),
    })
}

fn marks(levels: &[PublishedShare], invalid_lines: u64) -> u64 {
    levels.iter().map(|share| share.count).sum::<u64>() + invalid_lines
}

/// A unit in one line: sums over its officials, each of whom is shown by itself elsewhere.
fn line(figures: &RoundFigures, unit: &UnitFigures) -> UnitLine {
    let mut sums = vec![0; figures.levels.len()];
    let mut blank = 0;
    let mut shown = !unit.officials.is_empty();
    for official in &unit.officials {
        let Some(levels) = &official.levels else {
            shown = false;
            break;
        };
        levels.iter().zip(&mut sums).for_each(|(share, sum)| *sum += share.count);
        blank += u64::from(official.invalid_lines.unwrap_or_default());
    }
    let marks: u64 = if shown { sums.iter().sum::<u64>() + blank } else { 0 };
    let share = |count: &u64| Share {
        count: *count,
        percent: Percent::of(*count, marks).map(|percent| percent.to_string()),
    };
    UnitLine {
        unit: Unit { code: unit.code.clone(), name: unit.name.clone() },
        officials: u32::try_from(unit.officials.len()).unwrap_or(u32::MAX),
        collected: unit.collected,
        valid: unit.valid,
        levels: shown.then(|| sums.iter().map(share).collect()),
        marks,
        attended: unit.attended,
    }
}

fn told<'a>(notices: impl Iterator<Item = &'a Notice>) -> Told {
    let tally = Tally::of(notices.map(|notice| (notice.standing(), 1)), day_of(now()));
    Told {
        notices: tally.notices,
        in_time: tally.in_time,
        late: tally.late,
        waiting: tally.waiting,
        overdue: tally.overdue,
        median_days: tally.median_days,
    }
}
