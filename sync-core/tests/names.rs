//! Names and numbers that programs outside rely on: in JSON, logs, exports, and on the wire. None may ever change.

use sync_core::count::{Fact, InvalidReason};
use sync_core::id::DeviceId;
use sync_core::message::{ItemKind, Outcome};
use sync_core::package::{Mode, PercentBase, PermitChange, Voting};
use sync_core::survey::{Gap, HoldReason};

#[test]
fn invalid_ballots_and_facts_keep_their_names() {
    assert_eq!(
        InvalidReason::ALL.map(InvalidReason::code),
        ["does_not_open", "wrong_code", "malformed", "conflicting", "other_officials"]
    );
    assert_eq!(
        Fact::ALL.map(Fact::code),
        ["not_issued", "byte_equal_copy", "equal_marks", "forged", "shared_nullifier"]
    );
}

#[test]
fn reasons_for_holding_keep_their_names() {
    let names = [
        "revoked_device",
        "late",
        "cloned_tablet",
        "beyond_close",
        "replaced_sheet",
        "unknown_sheet",
        "out_of_scope",
        "ballot_length",
        "broken_chain",
        "orphan",
    ];
    assert_eq!(HoldReason::ALL.map(HoldReason::code), names);
}

#[test]
fn outcomes_of_items_keep_their_names_and_only_two_of_them_say_to_wait() {
    let names = [
        "waits_for_certificate",
        "waits_for_predecessor",
        "malformed",
        "bad_signature",
        "other_package",
        "other_unit",
        "unknown_version",
        "not_taken",
        "too_many",
    ];
    assert_eq!(Outcome::ALL.map(Outcome::code), names);
    let waiting: Vec<_> = Outcome::ALL.into_iter().filter(|outcome| outcome.waits()).collect();
    assert_eq!(waiting, [Outcome::WaitsForCertificate, Outcome::WaitsForPredecessor]);
}

#[test]
fn every_kind_has_the_number_of_its_place() {
    assert!(ItemKind::ALL.iter().enumerate().all(|(place, kind)| *kind as usize == place));
    assert!(Outcome::ALL.iter().enumerate().all(|(place, outcome)| *outcome as usize == place));
    assert!(InvalidReason::ALL.iter().enumerate().all(|(place, reason)| *reason as usize == place));
    assert!(Fact::ALL.iter().enumerate().all(|(place, fact)| *fact as usize == place));
    assert_eq!([Mode::Training, Mode::Official].map(Mode::code), [0, 1]);
    assert_eq!([Voting::Permit, Voting::Attended].map(Voting::code), [0, 1]);
    assert_eq!([PermitChange::Kept, PermitChange::Replaced].map(PermitChange::code), [0, 1]);
    use PercentBase::{Collected, Present, Summoned, Valid};
    assert_eq!([Collected, Summoned, Present, Valid].map(PercentBase::code), [0, 1, 2, 3]);
}

#[test]
fn every_gap_says_which_tablet_it_concerns() {
    let device = DeviceId([3; 16]);
    for gap in
        [Gap::Number { device, number: 1 }, Gap::Close { device }, Gap::Total { device, stated: 2, found: 1 }]
    {
        assert_eq!(gap.device(), device);
    }
}
