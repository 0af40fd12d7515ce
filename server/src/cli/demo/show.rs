//! What the demo shows: a table for a person, the faults found, and one line for programs.

use super::truth::Expected;
use crate::domain::figures::{RoundFigures, UnitFigures};
use serde::Serialize;
use std::collections::BTreeMap;

/// One kind of planted fault and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub what: &'static str,
    pub planted: usize,
    pub found: usize,
    pub how: &'static str,
}

/// The machine-readable summary.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub seed: u64,
    pub units: usize,
    pub officials: usize,
    pub tablets: usize,
    pub ballots_cast: usize,
    pub ballots_collected: u64,
    pub ballots_counted: u64,
    pub held: BTreeMap<&'static str, usize>,
    pub invalid: BTreeMap<&'static str, u32>,
    pub facts: BTreeMap<&'static str, u32>,
    pub envelopes: usize,
    pub requests: usize,
    pub bytes_up: usize,
    pub bytes_down: usize,
    pub seconds: f64,
    pub result_digest: String,
    pub differences: usize,
}

/// The results as a table, one row per unit.
pub(super) fn results(figures: &RoundFigures) {
    say!("\nKẾT QUẢ · RESULTS  ({}, order {})", figures.title, figures.order);
    for (i, level) in figures.levels.iter().enumerate() {
        say!("  {}: {} · {}", i + 1, level.vi, level.en);
    }
    say!("  Marks of all officials of a unit together, in percent of its marked lines.");
    say!(
        "{:<7} {:<34} {:>9} {:>6} {:>7} {:>8} {:>8} {:>8}  note",
        "unit",
        "name",
        "collected",
        "valid",
        "invalid",
        "1",
        "2",
        "3"
    );
    for unit in &figures.units {
        say!(
            "{:<7} {:<34} {:>9} {:>6} {:>7} {}  {}",
            unit.code,
            shorten(&unit.name, 34),
            unit.collected,
            unit.valid,
            unit.invalid,
            shares(unit, figures.levels.len()),
            notes(unit)
        );
    }
    let totals = &figures.totals;
    let sums: Vec<u64> = totals.levels.iter().map(|share| share.count).collect();
    say!(
        "{:<7} {:<34} {:>9} {:>6} {:>7} {}  without {}",
        "all",
        "",
        totals.collected,
        totals.valid,
        totals.invalid,
        percents(&sums),
        if totals.left_out.is_empty() { "none".to_owned() } else { totals.left_out.join(", ") }
    );
}

fn shares(unit: &UnitFigures, levels: usize) -> String {
    if unit.too_few_ballots {
        return " ".repeat(9 * levels - 1);
    }
    let mut sums = vec![0_u64; levels];
    for share in unit.officials.iter().filter_map(|official| official.levels.as_ref()) {
        sums.iter_mut().zip(share).for_each(|(sum, share)| *sum += share.count);
    }
    percents(&sums)
}

fn percents(sums: &[u64]) -> String {
    let all = sums.iter().sum();
    let percent = |count: &u64| {
        let percent = sync_core::count::Percent::of(*count, all);
        format!("{:>8}", percent.map_or_else(|| "–".to_owned(), |percent| percent.to_string()))
    };
    sums.iter().map(percent).collect::<Vec<_>>().join(" ")
}

fn notes(unit: &UnitFigures) -> String {
    let mut notes: Vec<String> = Vec::new();
    if unit.too_few_ballots {
        notes.push("quá ít phiếu · too few ballots".to_owned());
    }
    if unit.attended {
        notes.push("attended".to_owned());
    }
    let counted = unit.invalid_by_reason.iter().chain(&unit.facts);
    notes.extend(counted.map(|reason| format!("{} {}", reason.count, reason.code)));
    notes.join(", ")
}

fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width - 1).collect();
    format!("{kept}…")
}

/// Every planted fault and whether it was found.
pub(super) fn faults(found: &[Found]) {
    say!("\nLỖI ĐÃ CÀI · PLANTED FAULTS");
    for fault in found {
        let mark = if fault.is_right() { "found" } else { "WRONG" };
        say!("  {mark}  {:<46} {:>3} of {:>3}  {}", fault.what, fault.found, fault.planted, fault.how);
    }
}

impl Found {
    /// Whether every planted fault of this kind was found, and there was one.
    pub fn is_right(&self) -> bool {
        self.planted > 0 && self.found == self.planted
    }
}

/// Counts against planted truth.
pub(super) fn verdict(expected: &[Expected], differences: &[String]) {
    let collected: u64 = expected.iter().map(|unit| u64::from(unit.collected)).sum();
    let lines: usize = expected.iter().map(|unit| unit.lines.len()).sum();
    say!("\nSO VỚI SỰ THẬT · AGAINST THE PLANTED TRUTH");
    if differences.is_empty() {
        say!(
            "  every figure of {} units and {lines} officials is right, {collected} ballots",
            expected.len()
        );
    }
    for difference in differences {
        say!("  DIFFERENT  {difference}");
    }
}
