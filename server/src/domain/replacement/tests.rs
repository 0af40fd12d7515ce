use super::*;
use crate::roster::{RosterOfficial, UnitKind};
use proptest::prelude::*;
use sync_core::id::RoundId;

const UNIT: &str = "A";

fn unit(officials: &[(&str, &str)], voters: u32) -> RosterUnit {
    let official = |(code, name): &(&str, &str)| RosterOfficial {
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        post: "Bí thư".to_owned(),
    };
    RosterUnit {
        code: UNIT.to_owned(),
        name: "Xã A".to_owned(),
        kind: UnitKind::GrassrootsCommittee,
        voters,
        officials: officials.iter().map(official).collect(),
        voter_names: Vec::new(),
        team: Vec::new(),
    }
}

fn slips(count: u32, seed: u8) -> Vec<Commitment> {
    (0..count)
        .map(|i| Commitment(std::array::from_fn(|at| if at == 15 { seed } else { i.to_be_bytes()[at % 4] })))
        .collect()
}

/// The unit as it was signed: two officials, 20 voters with 23 slips.
struct Signed {
    entry: UnitEntry,
    sheet: Sheet,
    elsewhere: BTreeMap<String, UnitCode>,
}

impl Signed {
    fn new(voting: Voting) -> Self {
        let first = unit(&[("A1", "Vàng Mi Một"), ("A2", "Giàng Hai")], 20);
        let sheet = Sheet {
            round: RoundId([7; 16]),
            unit: UnitCode::new(UNIT).unwrap(),
            officials: officials(&first),
            voters: first.voters,
            voter_names: Vec::new(),
            team: vec!["Tổ 1".to_owned()],
            permits: if voting == Voting::Permit { slips(slips_for(20), 1) } else { Vec::new() },
        };
        let entry = UnitEntry { code: sheet.unit.clone(), name: first.name, voting, sheet: sheet.hash() };
        let elsewhere = BTreeMap::from([("B1".to_owned(), UnitCode::new("B").unwrap())]);
        Self { entry, sheet, elsewhere }
    }

    fn correct(
        &self,
        unit: Option<&RosterUnit>,
        new_permits: Option<&[Commitment]>,
        change: impl FnOnce(&mut Situation<'_>),
    ) -> Result<Corrected, Vec<SheetProblem>> {
        let mut situation = Situation {
            entry: &self.entry,
            sheet: &self.sheet,
            replaced: 0,
            rated_elsewhere: &self.elsewhere,
            meeting: Meeting::default(),
        };
        change(&mut situation);
        Correction { unit, new_permits, reason: " sai tên " }.apply(&situation)
    }
}

#[test]
fn a_misspelt_name_changes_the_name_and_keeps_slips_team_and_the_meaning_of_ballots() {
    let signed = Signed::new(Voting::Permit);
    let right = unit(&[("A1", "Vàng Mí Một"), ("A2", "Giàng Hai")], 20);
    let corrected = signed.correct(Some(&right), None, |_| ()).unwrap();
    let (from, to) = ("Vàng Mi Một".to_owned(), "Vàng Mí Một".to_owned());
    assert_eq!(corrected.changes, [Change::Name { code: "A1".to_owned(), from, to }]);
    assert_eq!(corrected.notes, []);
    assert_eq!((corrected.number, corrected.permits), (1, PermitChange::Kept));
    assert_eq!(
        (&corrected.sheet.permits, &corrected.sheet.team),
        (&signed.sheet.permits, &signed.sheet.team)
    );
    assert!(corrected.sheet.same_ballot(&signed.sheet));
    let statement = corrected.statement(PackageHash([1; 32]), signed.sheet.hash());
    assert_eq!((statement.old, statement.new), (signed.sheet.hash(), corrected.sheet.hash()));
    assert_eq!(statement.reason, "sai tên");
}

#[test]
fn the_same_correction_twice_is_the_same_sheet_so_that_it_can_be_done_again_after_a_restore() {
    let signed = Signed::new(Voting::Permit);
    let right = unit(&[("A1", "Vàng Mí Một"), ("A2", "Giàng Hai")], 20);
    let once = || signed.correct(Some(&right), None, |_| ()).unwrap();
    assert_eq!(once().sheet.hash(), once().sheet.hash());
}

#[test]
fn who_comes_goes_or_moves_is_named_and_old_ballots_are_said_to_be_lost() {
    let signed = Signed::new(Voting::Permit);
    let other = unit(&[("A2", "Giàng Hai"), ("A3", "Lầu Ba"), ("A1", "Vàng Mi Một")], 20);
    let corrected = signed.correct(Some(&other), None, |_| ()).unwrap();
    let codes: Vec<_> = corrected.changes.iter().map(Change::code).collect();
    assert_eq!(codes, ["added", "order"]);
    assert_eq!(corrected.notes, [Note::OtherBallot]);
    let fewer = unit(&[("A2", "Giàng Hai")], 20);
    let corrected = signed.correct(Some(&fewer), None, |_| ()).unwrap();
    assert_eq!(corrected.changes.iter().map(Change::code).collect::<Vec<_>>(), ["removed"]);
    assert!(corrected.changes[0].to_string().contains("Vàng Mi Một"));
}

#[test]
fn more_voters_than_slips_are_refused_until_all_slips_are_new() {
    let signed = Signed::new(Voting::Permit);
    let with = |voters| unit(&[("A1", "Vàng Mi Một"), ("A2", "Giàng Hai")], voters);
    let corrected = signed.correct(Some(&with(23)), None, |_| ()).unwrap();
    assert_eq!(corrected.changes, [Change::Voters { from: 20, to: 23 }]);
    assert_eq!(corrected.notes, [Note::FewToSpare { permits: 23, voters: 23, wanted: 26 }]);
    let refused = signed.correct(Some(&with(24)), None, |_| ()).unwrap_err();
    assert_eq!(refused, [SheetProblem::TooFewSlips { permits: 23, voters: 24 }]);
    let new = slips(slips_for(24), 2);
    let corrected = signed.correct(Some(&with(24)), Some(&new), |_| ()).unwrap();
    assert_eq!((corrected.permits, &corrected.sheet.permits), (PermitChange::Replaced, &new));
    assert_eq!(corrected.notes, [Note::SlipsVoid]);
    let wrong = signed.correct(Some(&with(24)), Some(&new[1..]), |_| ()).unwrap_err();
    assert_eq!(wrong, [SheetProblem::WrongSlips { printed: 26, wanted: 27 }]);
}

#[test]
fn lost_slips_alone_are_a_reason_to_replace_them() {
    let signed = Signed::new(Voting::Permit);
    let same = unit(&[("A1", "Vàng Mi Một"), ("A2", "Giàng Hai")], 20);
    assert_eq!(signed.correct(Some(&same), None, |_| ()).unwrap_err(), [SheetProblem::Unchanged]);
    let corrected = signed.correct(Some(&same), Some(&slips(23, 2)), |_| ()).unwrap();
    assert_eq!(corrected.changes, [Change::Slips { from: 23, to: 23 }]);
}

#[test]
fn nothing_is_replaced_after_the_first_check_in_but_envelopes_only_warn() {
    let signed = Signed::new(Voting::Permit);
    let right = unit(&[("A1", "Vàng Mí Một"), ("A2", "Giàng Hai")], 20);
    let begun = signed.correct(Some(&right), None, |s| s.meeting.checked_in = 1).unwrap_err();
    assert_eq!(begun, [SheetProblem::MeetingBegun { checked_in: 1 }]);
    let meeting = Meeting { checked_in: 0, envelopes: 2, ballots: 9 };
    let corrected = signed.correct(Some(&right), None, |s| s.meeting = meeting).unwrap();
    assert_eq!(corrected.notes, [Note::Arrived { envelopes: 2, ballots: 9 }]);
}

#[test]
fn everything_that_stands_against_it_is_said_at_once() {
    let signed = Signed::new(Voting::Attended);
    let wrong = unit(&[("A1", "Vàng Mi Một"), ("b1", "Của đơn vị khác")], 20);
    let mut situation = Situation {
        entry: &signed.entry,
        sheet: &signed.sheet,
        replaced: REPLACEMENTS_MAX,
        rated_elsewhere: &signed.elsewhere,
        meeting: Meeting { checked_in: 3, ..Meeting::default() },
    };
    let new = slips(23, 2);
    let asked = Correction { unit: Some(&wrong), new_permits: Some(&new), reason: "\n" };
    let problems = asked.apply(&situation).unwrap_err();
    let codes: Vec<_> = problems.iter().map(SheetProblem::code).collect();
    assert_eq!(codes, ["reason", "meeting_begun", "too_often", "attended", "rated_elsewhere"]);
    situation.replaced = 0;
    let nobody = Correction { unit: None, new_permits: None, reason: "x" }.apply(&situation).unwrap_err();
    let codes: Vec<_> = nobody.iter().map(SheetProblem::code).collect();
    assert_eq!(codes, ["meeting_begun", "not_in_roster"]);
}

#[test]
fn a_sheet_that_names_its_voters_keeps_their_names_or_says_that_it_cannot() {
    let mut signed = Signed::new(Voting::Permit);
    signed.sheet.voter_names = (0..20).map(|i| format!("Người {i}")).collect();
    let right = unit(&[("A1", "Vàng Mí Một"), ("A2", "Giàng Hai")], 20);
    let corrected = signed.correct(Some(&right), None, |_| ()).unwrap();
    assert_eq!(corrected.sheet.voter_names, signed.sheet.voter_names);
    let more = unit(&[("A1", "Vàng Mí Một"), ("A2", "Giàng Hai")], 21);
    let refused = signed.correct(Some(&more), None, |_| ()).unwrap_err();
    assert_eq!(refused, [SheetProblem::VoterNames { names: 20, voters: 21 }]);
}

#[test]
fn the_name_of_the_unit_stays_as_it_was_signed_and_that_is_said() {
    let signed = Signed::new(Voting::Attended);
    let mut right = unit(&[("A1", "Vàng Mí Một"), ("A2", "Giàng Hai")], 20);
    right.name = "Xã Á".to_owned();
    let corrected = signed.correct(Some(&right), None, |_| ()).unwrap();
    assert_eq!(corrected.notes, [Note::NameStays { signed: "Xã A".to_owned() }]);
}

proptest! {
    /// Whatever is accepted reads back, says what it changes, and means the same to old ballots exactly if no note
    /// says otherwise.
    #[test]
    fn an_accepted_sheet_is_the_corrected_roster_and_nothing_else(
        names in proptest::collection::btree_map("[A-C][1-4]", "[a-c]{1,2}", 1..6),
        shuffle in any::<u64>(),
        voters in 1_u32..40,
        new in any::<bool>(),
    ) {
        let signed = Signed::new(Voting::Permit);
        let mut rated: Vec<(&str, &str)> = names.iter().map(|(c, n)| (c.as_str(), n.as_str())).collect();
        let len = rated.len();
        rated.rotate_left(usize::try_from(shuffle % 7).unwrap() % len);
        let asked = unit(&rated, voters);
        let fresh = slips(slips_for(voters), 9);
        match signed.correct(Some(&asked), new.then_some(fresh.as_slice()), |_| ()) {
            Ok(corrected) => {
                prop_assert_eq!(&corrected.sheet.officials, &officials(&asked));
                prop_assert_eq!(corrected.sheet.voters, voters);
                prop_assert!(!corrected.changes.is_empty());
                let other = corrected.notes.contains(&Note::OtherBallot);
                prop_assert_eq!(corrected.sheet.same_ballot(&signed.sheet), !other);
                prop_assert!(corrected.sheet.permits.len() >= voters as usize);
                prop_assert_eq!(new, corrected.sheet.permits != signed.sheet.permits);
                cbor::decode::<Sheet>(&cbor::encode(&corrected.sheet)).unwrap();
            }
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }
}
