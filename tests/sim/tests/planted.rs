//! Each planted bug is seen by a checker within a stated number of worlds: the checkers can fail.

#![cfg(feature = "planted-bugs")]

use homphieu_sim::bugs::{catch, worlds_for};
use homphieu_sim::check::RULES;
use homphieu_sim::model;
use std::collections::BTreeSet;
use sync_core::planted::{Bug, plant};

/// Every third bug from `first` on, so that the work spreads over processes.
fn all_are_caught(first: usize) {
    for (bug, name) in Bug::ALL.iter().skip(first).step_by(3) {
        let worlds = worlds_for(*bug);
        let caught = catch(*bug, worlds);
        assert!(caught.is_some(), "{name} is not seen in {worlds} worlds");
    }
}

#[test]
fn the_first_third_of_the_planted_bugs_is_caught() {
    all_are_caught(0);
}

#[test]
fn the_second_third_of_the_planted_bugs_is_caught() {
    all_are_caught(1);
}

#[test]
fn the_last_third_of_the_planted_bugs_is_caught() {
    all_are_caught(2);
}

/// Bugs that show in the smallest world: where a box is cut and closed, over crashes, restarts and lost answers.
const SMALL: &[Bug] = &[
    Bug::BoxKeepsSealed,
    Bug::WrongTotal,
    Bug::BoxBeforeEnvelope,
    Bug::DropsEnvelopeOnRestart,
    Bug::NoRescueAtStart,
    Bug::NumbersBeginAnew,
    Bug::DeletesOnReceipt,
    Bug::EmptyBoxStaysOpen,
    Bug::CloseForgetsOne,
    Bug::NotesNullifier,
];

#[test]
fn the_smallest_world_shows_bugs_of_cut_close_crash_and_restart() {
    for bug in SMALL {
        plant(Some(*bug));
        let report = model::explore(3);
        plant(None);
        assert!(report.broken.is_some(), "{bug:?} is not seen: {report}");
    }
}

/// The rows of the table in the docs: a bug, and the rule by which it is seen.
fn table() -> Vec<(&'static str, &'static str)> {
    let section = include_str!("../README.md").split("## Planted bugs").nth(1).expect("the section");
    let rows = section.split("\n## ").next().expect("the table").lines();
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, _, rule, _] = cells.as_slice() else { return None };
        Some((name.strip_prefix('`')?.strip_suffix('`')?, *rule))
    })
    .collect()
}

#[test]
fn the_table_in_the_docs_has_every_planted_bug_and_a_bug_for_every_rule() {
    let (named, rules): (Vec<&str>, BTreeSet<&str>) = table().into_iter().unzip();
    let all: Vec<&str> = Bug::ALL.iter().map(|(_, name)| *name).collect();
    assert_eq!(named, all);
    assert_eq!(rules, RULES.iter().copied().collect(), "a rule that was never seen to fail is none yet");
}

#[test]
fn without_a_planted_bug_the_same_build_breaks_no_rule() {
    for seed in 0..3 {
        let plan = homphieu_sim::plan::Plan::of(seed);
        assert_eq!(homphieu_sim::play(&plan, false).broken, None, "seed {seed}");
    }
}
