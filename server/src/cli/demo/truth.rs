//! What the figures must be, counted from the plan alone, and how they differ from what was published.

use super::DemoError;
use super::field::Machine;
use super::plan::{Fate, Lines, UnitPlan};
use crate::domain::figures::{RoundFigures, UnitFigures};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::{Nullifier, RoundId};

/// Expected figures of one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub collected: u32,
    pub valid: u32,
    pub invalid: u32,
    /// Per official: ballots per level, then blank lines.
    pub lines: Vec<(Vec<u64>, u32)>,
    /// Slips used twice with equal marks, and with different marks.
    pub equal: u32,
    pub conflicting: u32,
}

/// The figures that follow from the plan. A ballot arrives unless its tablet was revoked, or lost before it left.
pub(super) fn expected(
    plan: &UnitPlan,
    machines: &[Machine],
    round: &RoundId,
    levels: usize,
) -> Result<Expected, DemoError> {
    let mut lost_boxes: BTreeMap<usize, BTreeSet<Nullifier>> = BTreeMap::new();
    for machine in machines.iter().filter(|m| m.code == plan.code && m.fate == Fate::NeverClosed) {
        lost_boxes.insert(machine.place, sent_nullifiers(machine)?);
    }
    let arrives = |tablet: usize, nullifier: Option<&Nullifier>| match plan.tablets[tablet] {
        Fate::Revoked => false,
        Fate::NeverClosed => {
            nullifier.is_some_and(|n| lost_boxes.get(&tablet).is_some_and(|sent| sent.contains(n)))
        }
        _ => true,
    };
    let mut expected = Expected { lines: vec![(vec![0; levels], 0); plan.officials], ..Expected::default() };
    for voter in &plan.voters {
        let nullifier = voter.permit.as_ref().map(|permit| permit.nullifier(round, &plan.code));
        let attempts =
            std::iter::once((voter.tablet, &voter.marks)).chain(voter.again.iter().map(|(t, m)| (*t, m)));
        let here: Vec<&Lines> = attempts
            .filter(|(tablet, _)| arrives(*tablet, nullifier.as_ref()))
            .map(|(_, marks)| marks)
            .collect();
        match here.as_slice() {
            [] => {}
            [first, rest @ ..] if rest.iter().all(|marks| marks == first) => {
                expected.valid += 1;
                expected.equal += u32::try_from(rest.len()).unwrap_or(u32::MAX);
                mark(&mut expected.lines, first);
            }
            _ => {
                expected.invalid += 1;
                expected.conflicting += 1;
            }
        }
    }
    expected.collected = expected.valid + expected.invalid;
    Ok(expected)
}

fn mark(lines: &mut [(Vec<u64>, u32)], marks: &Lines) {
    for ((levels, blank), mark) in lines.iter_mut().zip(marks) {
        match mark {
            Some(level) => levels[usize::from(*level)] += 1,
            None => *blank += 1,
        }
    }
}

/// Slips whose ballots left a tablet that was lost with its box open.
fn sent_nullifiers(machine: &Machine) -> Result<BTreeSet<Nullifier>, DemoError> {
    let tablet = machine.open()?;
    let own = tablet.replica(&machine.code).into_iter().flat_map(|replica| replica.envelopes());
    let own = own.filter(|envelope| envelope.value().device == machine.device);
    Ok(own.flat_map(|envelope| envelope.value().ballots.records()).map(|r| r.nullifier()).collect())
}

/// Every difference between what was planted and what was published, in words; none if the round is right.
pub(super) fn differences(
    plan: &[UnitPlan],
    expected: &[Expected],
    figures: &RoundFigures,
    (min_publish, is_published): (u32, &dyn Fn(usize) -> bool),
) -> Vec<String> {
    let mut found = Vec::new();
    let published = (0..plan.len()).filter(|place| is_published(*place)).count();
    if figures.units.len() != published {
        found.push(format!("{published} units were to be published and {} are", figures.units.len()));
    }
    let mut shown = vec![0_u64; figures.levels.len()];
    let mut blank = 0_u64;
    for (place, (unit, expected)) in plan.iter().zip(expected).enumerate() {
        if !is_published(place) {
            if !figures.unpublished.iter().any(|code| code == unit.code.as_str()) {
                found.push(format!("unit {} is published", unit.code));
            }
            continue;
        }
        match figures.units.iter().find(|figures| figures.code == unit.code.as_str()) {
            None => found.push(format!("unit {} has no figures", unit.code)),
            Some(figures) => {
                let small = expected.valid < min_publish;
                unit_differences(unit, expected, figures, small, &mut found);
                if !small {
                    for (levels, blanks) in &expected.lines {
                        shown.iter_mut().zip(levels).for_each(|(sum, count)| *sum += count);
                        blank += u64::from(*blanks);
                    }
                }
            }
        }
    }
    // A sum that held a small unit would show it by subtraction.
    let totals: Vec<u64> = figures.totals.levels.iter().map(|share| share.count).collect();
    if totals != shown || figures.totals.invalid_lines != blank {
        found.push(format!("the totals are {totals:?} instead of {shown:?}"));
    }
    found
}

fn unit_differences(
    plan: &UnitPlan,
    expected: &Expected,
    figures: &UnitFigures,
    small: bool,
    found: &mut Vec<String>,
) {
    let code = &plan.code;
    let ballots = (figures.collected, figures.valid, figures.invalid);
    if ballots != (expected.collected, expected.valid, expected.invalid) {
        found.push(format!(
            "unit {code}: collected, valid, invalid are {ballots:?} instead of {:?}",
            (expected.collected, expected.valid, expected.invalid)
        ));
    }
    if figures.officials.len() != plan.officials {
        found.push(format!(
            "unit {code}: {} officials instead of {}",
            figures.officials.len(),
            plan.officials
        ));
    }
    for (official, (levels, blank)) in figures.officials.iter().zip(&expected.lines) {
        let shown = official.levels.as_ref().map(|shares| shares.iter().map(|s| s.count).collect::<Vec<_>>());
        let wanted = (!small).then(|| levels.clone());
        if shown != wanted || official.invalid_lines != (!small).then_some(*blank) {
            found.push(format!("unit {code}, official {}: {shown:?} instead of {wanted:?}", official.code));
        }
    }
    if small && (figures.signs.is_some() || !figures.too_few_ballots) {
        found.push(format!("unit {code} is small and shows more than its ballots"));
    }
}
