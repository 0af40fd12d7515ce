//! Each planted bug is seen by a checker within a stated number of worlds: the checkers can fail.

#![cfg(feature = "planted-bugs")]

use homphieu_sim::bugs::{catch, worlds_for};
use sync_core::planted::Bug;

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

#[test]
fn without_a_planted_bug_the_same_build_breaks_no_rule() {
    for seed in 0..3 {
        let plan = homphieu_sim::plan::Plan::of(seed);
        assert_eq!(homphieu_sim::play(&plan, false).broken, None, "seed {seed}");
    }
}
