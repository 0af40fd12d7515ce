//! What the demo shows: a table for a person, the faults found, and one line for programs.

use super::isolated::Journey;
use super::look::Look;
use super::truth::Expected;
use crate::cli::lang::standing::noticed;
use crate::cli::lang::{Lang, current, language};
use crate::domain::figures::{RoundFigures, UnitFigures};
use serde::Serialize;
use std::collections::BTreeMap;

/// One kind of planted fault and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub what: String,
    pub planted: usize,
    pub found: usize,
    pub how: String,
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
    say!("\n{}", tr!("demo-results", title = figures.title.as_str(), number = figures.order));
    for (i, level) in figures.levels.iter().enumerate() {
        say!("  {}: {}", i + 1, if current() == Lang::Vi { &level.vi } else { &level.en });
    }
    say!("  {}", tr!("demo-results-what"));
    let heads = tr!("demo-columns");
    let heads: Vec<&str> = heads.split('|').collect();
    if let [unit, name, collected, valid, invalid, note] = heads.as_slice() {
        let levels: String = (1..=figures.levels.len()).map(|level| format!(" {level:>8}")).collect();
        say!("{unit:<7} {name:<34} {collected:>9} {valid:>6} {invalid:>12}{levels}  {note}");
    }
    for unit in &figures.units {
        say!(
            "{:<7} {:<34} {:>9} {:>6} {:>12} {}  {}",
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
    let without = if totals.left_out.is_empty() { tr!("demo-none") } else { totals.left_out.join(", ") };
    let sums: Vec<u64> = totals.levels.iter().map(|share| share.count).collect();
    say!(
        "{:<7} {:<34} {:>9} {:>6} {:>12} {}  {}",
        tr!("demo-all"),
        "",
        totals.collected,
        totals.valid,
        totals.invalid,
        percents(&sums),
        tr!("demo-without", units = without)
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
        notes.push(tr!("demo-too-few"));
    }
    if unit.attended {
        notes.push(tr!("demo-attended"));
    }
    let counted = unit.invalid_by_reason.iter().chain(&unit.facts);
    notes.extend(counted.map(|reason| format!("{} {}", reason.count, noticed(reason.code))));
    notes.join(", ")
}

/// A text cut to a width.
pub(super) fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width - 1).collect();
    format!("{kept}…")
}

/// The unit without a network, step by step: what each tablet says that it did not say before.
pub(super) fn journey(journey: &Journey) {
    say!("\n{}", tr!("demo-way", unit = journey.unit.as_str()));
    let mut before: &[Look] = &[];
    for (number, scene) in (1..).zip(&journey.scenes) {
        say!("  {number:>2}. {}", scene.what);
        let said = |look: &&Look| {
            !before.iter().any(|known| known.ballots() == look.ballots() && known.place == look.place)
        };
        let news: Vec<&Look> = scene.looks.iter().filter(said).collect();
        for look in &news {
            say!("        {}: {}", look.label, look.ballots());
        }
        match news.first() {
            Some(look) => say!("        → {}", look.next()),
            None => say!("        {}", tr!("demo-way-same")),
        }
        for (name, next) in &scene.couriers {
            say!("        {name} → {}", next.text(language()));
        }
        before = &scene.looks;
    }
    for wrong in &journey.wrong {
        say!("  {}  {wrong}", tr!("demo-different"));
    }
}

/// Every planted fault and whether it was found.
pub(super) fn faults(found: &[Found]) {
    say!("\n{}", tr!("demo-faults"));
    for fault in found {
        let mark = if fault.is_right() { tr!("demo-found") } else { tr!("demo-not-found") };
        let of = tr!("demo-of", found = fault.found, planted = fault.planted);
        say!("  {mark:<7} {:<46} {of:>11}  {}", fault.what, fault.how);
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
    say!("\n{}", tr!("demo-verdict"));
    if differences.is_empty() {
        say!("  {}", tr!("demo-right", units = expected.len(), officials = lines, ballots = collected));
    }
    for difference in differences {
        say!("  {}  {difference}", tr!("demo-different"));
    }
}
