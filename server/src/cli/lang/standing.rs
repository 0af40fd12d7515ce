//! How a round and its units stand, in the language of the process. English is what the domain says itself.

use super::{Lang, current};
use crate::domain::figures::ON_PAPER;
use crate::domain::person::Interest;
use crate::domain::state::RoundState;
use crate::service::Obstructed;
use std::collections::BTreeSet;
use sync_core::finish::Unfinished;
use sync_core::id::EnvelopeId;
use sync_core::record::Language;
use sync_core::standing::Obstacle;
use sync_core::survey::{Gap, HoldReason};

/// The state of a round.
pub(in crate::cli) fn state(state: RoundState) -> String {
    match state {
        RoundState::Draft => tr!("state-draft"),
        RoundState::Signed => tr!("state-signed"),
        RoundState::Open => tr!("state-open"),
        RoundState::Closed => tr!("state-closed"),
        RoundState::Finished => tr!("state-finished"),
    }
}

/// Why an envelope is held.
pub(in crate::cli) fn reasons(reasons: &BTreeSet<HoldReason>) -> String {
    let said = reasons.iter().map(|reason| match current() {
        Lang::Vi => reason.label(Language::Vietnamese).to_owned(),
        Lang::En => reason.code().to_owned(),
    });
    said.collect::<Vec<_>>().join(", ")
}

/// What the count found about ballots, by its stable name: why one is invalid, or a fact.
pub(in crate::cli) fn noticed(code: &str) -> String {
    let vietnamese = match code {
        "does_not_open" => vi!("noticed-does-not-open"),
        "wrong_code" => vi!("noticed-wrong-code"),
        "malformed" => vi!("noticed-malformed"),
        "conflicting" => vi!("noticed-conflicting"),
        "other_officials" => vi!("noticed-other-officials"),
        ON_PAPER => vi!("noticed-paper"),
        "not_issued" => vi!("noticed-not-issued"),
        "byte_equal_copy" => vi!("noticed-byte-equal-copy"),
        "equal_marks" => vi!("noticed-equal-marks"),
        "forged" => vi!("noticed-forged"),
        "shared_nullifier" => vi!("noticed-shared-nullifier"),
        other => other.to_owned(),
    };
    if current() == Lang::Vi { vietnamese } else { code.replace('_', " ") }
}

/// Why a unit is not published.
pub(in crate::cli) fn obstructed(obstructed: &Obstructed) -> String {
    match (current(), obstructed) {
        (Lang::En, obstructed) => obstructed.to_string(),
        (Lang::Vi, Obstructed::Unit(obstacle)) => obstacle_in_vietnamese(obstacle),
        (Lang::Vi, Obstructed::Interest(Interest::VotesThere)) => vi!("obstacle-votes-there"),
        (Lang::Vi, Obstructed::Interest(Interest::RatedThere)) => vi!("obstacle-rated-there"),
    }
}

/// What stands in the way of finishing a round.
pub(in crate::cli) fn unfinished(unfinished: &Unfinished) -> String {
    match current() {
        Lang::Vi => unfinished_in_vietnamese(unfinished),
        Lang::En => unfinished.text(),
    }
}

fn unfinished_in_vietnamese(unfinished: &Unfinished) -> String {
    match unfinished {
        Unfinished::NoOrder => vi!("unfinished-no-order"),
        Unfinished::NotCounted(number) => vi!("unfinished-not-counted", number = *number),
        Unfinished::OrderOutdated(_) => obstacle_in_vietnamese(&Obstacle::OrderOutdated),
        Unfinished::Undecided(_, id, why) => undecided(*id, why),
        Unfinished::Unpublished(_) => vi!("unfinished-unpublished"),
        Unfinished::Unheard { .. } => vi!("unfinished-unheard"),
        Unfinished::NotBackedUp => vi!("unfinished-not-backed-up"),
    }
}

fn obstacle_in_vietnamese(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Undecided(id, why) => undecided(*id, why),
        Obstacle::Missing(Gap::Number { device, number }) => {
            vi!("obstacle-number", number = *number, device = device.to_string())
        }
        Obstacle::Missing(Gap::Close { device }) => vi!("obstacle-close", device = device.to_string()),
        Obstacle::Missing(Gap::Total { device, stated, found }) => {
            vi!("obstacle-total", device = device.to_string(), stated = *stated, found = *found)
        }
        Obstacle::NoTablet => vi!("obstacle-no-tablet"),
        Obstacle::NotCounted => vi!("obstacle-not-counted"),
        Obstacle::OrderOutdated => vi!("obstacle-order-outdated"),
        Obstacle::Record(finding) => finding.text(Language::Vietnamese),
    }
}

fn undecided(id: EnvelopeId, why: &BTreeSet<HoldReason>) -> String {
    let why: Vec<_> = why.iter().map(|reason| reason.label(Language::Vietnamese)).collect();
    vi!("obstacle-undecided", id = id.to_string(), reasons = why.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::count::{Fact, InvalidReason};

    #[test]
    fn whatever_a_count_can_find_has_its_words() {
        let codes = InvalidReason::ALL.map(InvalidReason::code).into_iter().chain(Fact::ALL.map(Fact::code));
        for code in codes.chain([ON_PAPER]) {
            let key = format!("noticed-{}", code.replace('_', "-"));
            assert_ne!(crate::cli::lang::vietnamese(&key, &[]), key);
            assert!(!noticed(code).contains('_'));
        }
    }
}
