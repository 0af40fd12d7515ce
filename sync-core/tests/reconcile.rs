//! Whether a ballot reconciles: every gap at its edge, and who may explain it.

use crate::common::attended_unit;
use crate::common::plan::sheet_of;
use crate::common::team::{HOA, LAN, MINH, Pen, Team, committee, figure, noted, place, settle};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::DeviceId;
use sync_core::package::{Sheet, Voting};
use sync_core::record::{
    Act, Close, Entry, FigureKind, Finding, FindingCode, Ground, Language, Member, Minutes, MinutesHash,
    PersonId, Post, Record, Severity, Subject, Votes, reconcile,
};

use FigureKind::{Issued, LeftOver, NotReturned, Present, Printed, Spoiled, Summoned, Unlocked, UsedSlips};

/// A meeting in which everything fits: 12 summoned, 9 present, 15 slips, two tablets with 5 and 3 ballots.
struct Meeting {
    team: Team,
    record: Record,
    pens: [Pen; 2],
    sheet: Sheet,
    closes: [Option<u32>; 2],
    voting: Voting,
    votes: Option<u32>,
    revoked: BTreeSet<DeviceId>,
    figures: BTreeMap<FigureKind, u32>,
}

impl Meeting {
    fn new() -> Self {
        let mut team = Team::new(90);
        let pens = [team.pen(), team.pen()];
        let sheet = team.world.sheet(0).clone();
        assert_eq!((sheet.voters, sheet.permits.len()), (12, 15));
        let record = team.record();
        let figures = [
            (Summoned, 12),
            (Present, 9),
            (Printed, 15),
            (Issued, 9),
            (UsedSlips, 8),
            (Spoiled, 1),
            (LeftOver, 6),
            (NotReturned, 0),
        ];
        Self {
            team,
            record,
            pens,
            sheet,
            closes: [Some(5), Some(3)],
            voting: Voting::Permit,
            votes: Some(8),
            revoked: BTreeSet::new(),
            figures: figures.into(),
        }
    }

    /// The meeting with these figures instead.
    fn with(figures: &[(FigureKind, u32)]) -> Self {
        let mut meeting = Self::new();
        meeting.figures.extend(figures.iter().copied());
        meeting
    }

    fn attended(figures: &[(FigureKind, u32)]) -> Self {
        let mut meeting = Self::new();
        let mut rng = ChaCha20Rng::seed_from_u64(91);
        let (round, unit) = (meeting.team.world.round, meeting.team.unit.clone());
        meeting.sheet = sheet_of(&round, &unit, attended_unit(12, 2), &mut rng).0;
        meeting.voting = Voting::Attended;
        meeting.figures = [(Summoned, 12), (Present, 9), (Unlocked, 8)].into();
        meeting.figures.extend(figures.iter().copied());
        meeting
    }

    /// Notes everything and signs it; Lan counts figures, Minh reads totals aloud, Hoa notes the committee.
    fn noted(mut self) -> Self {
        let mut entries: Vec<Entry> =
            [LAN, MINH, HOA].map(|name| noted(name, Act::Join { name: name.to_owned() })).into();
        entries.extend(self.figures.iter().map(|(kind, value)| noted(LAN, figure(*kind, *value))));
        entries.push(noted(HOA, committee(LAN, MINH)));
        for (pen, total) in [(0, 5), (1, 3)] {
            let device = self.pens[pen].device();
            entries.push(noted(MINH, Act::TabletTotal { device, total }));
        }
        self.write(0, entries);
        self.sign();
        self
    }

    fn sign(&mut self) {
        let minutes = Minutes::of(self.record.package(), self.record.unit(), &self.record.state()).hash();
        let heads = self.record.signed_heads();
        let by = |name, post| noted(name, Act::SignOff { post, heads: heads.clone(), minutes });
        let entries = vec![by(LAN, Post::MeetingChair), by(MINH, Post::CountingHead)];
        self.write(0, entries);
    }

    fn write(&mut self, pen: usize, entries: Vec<Entry>) {
        let change = self.pens[pen].write(entries);
        self.record.take(change);
    }

    /// Notes something more, and has the minutes signed anew.
    fn further(mut self, person: &str, act: Act) -> Self {
        self.write(1, vec![noted(person, act)]);
        self.sign();
        self
    }

    fn findings(&self) -> Vec<Finding> {
        let tablets = self.pens.iter().zip(self.closes);
        let ground = Ground {
            sheet: Some(&self.sheet),
            voting: self.voting,
            tablets: tablets.map(|(pen, total)| (pen.device(), Close { total })).collect(),
            revoked: &self.revoked,
            votes: self.votes.map(|collected| Votes { collected }),
        };
        reconcile(&self.record, &ground)
    }

    fn codes(&self) -> Vec<FindingCode> {
        self.findings().iter().map(|finding| finding.code).collect()
    }

    fn only(&self) -> Finding {
        let findings = self.findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings[0].clone()
    }
}

fn codes(figures: &[(FigureKind, u32)]) -> Vec<FindingCode> {
    Meeting::with(figures).noted().codes()
}

#[test]
fn a_meeting_in_which_everything_fits_has_no_finding() {
    assert_eq!(Meeting::new().noted().findings(), []);
    assert_eq!(Meeting::attended(&[]).noted().findings(), []);
}

#[test]
fn without_a_record_that_is_all_there_is_to_say() {
    assert_eq!(Meeting::new().codes(), [FindingCode::NoRecord]);
}

#[test]
fn exactly_two_thirds_are_a_quorum_and_one_less_is_none() {
    // Of 12 summoned 8 are two thirds; of 13 it takes 9.
    for (summoned, present, quorum) in [(12, 9, true), (13, 9, true), (14, 9, false)] {
        let found = codes(&[(Summoned, summoned), (Present, present)]);
        let expected: &[FindingCode] = if quorum { &[] } else { &[FindingCode::NoQuorum] };
        assert_eq!(found, expected, "{present} of {summoned}");
    }
    let few = Meeting::attended(&[(Summoned, 12), (Present, 8), (Unlocked, 8)]).noted();
    assert_eq!(few.codes(), []);
    let mut less = Meeting::attended(&[(Summoned, 12), (Present, 7), (Unlocked, 7)]);
    less.votes = Some(7);
    assert_eq!(less.noted().codes(), [FindingCode::NoQuorum]);
    let most = u32::MAX;
    let found = Meeting::attended(&[(Summoned, most), (Present, most)]).noted().codes();
    assert_eq!(found, [], "the largest numbers overflow nothing");
}

#[test]
fn everybody_may_be_present_and_nobody_more() {
    assert_eq!(codes(&[(Summoned, 9), (Present, 9)]), []);
    assert_eq!(codes(&[(Summoned, 8), (Present, 9)]), [FindingCode::PresentAboveSummoned]);
}

#[test]
fn as_many_slips_as_voters_may_go_out_and_none_more() {
    assert_eq!(codes(&[(Present, 9), (Issued, 9)]), []);
    let more = [(Issued, 10), (LeftOver, 5), (Spoiled, 2)];
    assert_eq!(codes(&more), [FindingCode::IssuedAbovePresent]);
}

#[test]
fn slips_add_up_exactly() {
    assert_eq!(codes(&[(LeftOver, 5)]), [FindingCode::PrintedSum]);
    assert_eq!(codes(&[(LeftOver, 7)]), [FindingCode::PrintedSum]);
    assert_eq!(codes(&[(Spoiled, 0), (NotReturned, 1)]), []);
    assert_eq!(codes(&[(Spoiled, 0)]), [FindingCode::IssuedSum]);
    assert_eq!(codes(&[(Spoiled, 2)]), [FindingCode::IssuedSum]);
    assert_eq!(codes(&[(NotReturned, u32::MAX)]), [FindingCode::IssuedSum]);
}

#[test]
fn printed_slips_are_those_of_the_sheet() {
    let mut meeting = Meeting::with(&[(Printed, 16), (LeftOver, 7)]).noted();
    let finding = meeting.only();
    assert_eq!((finding.code, &finding.values[..]), (FindingCode::PrintedSheet, &[16, 15][..]));
    meeting.voting = Voting::Attended;
    assert!(!meeting.codes().contains(&FindingCode::PrintedSheet));
}

#[test]
fn ballots_that_came_in_are_the_used_slips_and_never_more_than_went_out() {
    for (votes, expected) in [
        (8, vec![]),
        (7, vec![FindingCode::CollectedDiffers]),
        (9, vec![FindingCode::CollectedDiffers]),
        (10, vec![FindingCode::CollectedAboveIssued, FindingCode::CollectedDiffers]),
    ] {
        for mut meeting in [Meeting::new(), Meeting::attended(&[])] {
            meeting.votes = Some(votes);
            assert_eq!(meeting.noted().codes(), expected, "{votes}");
        }
    }
    let mut travelling = Meeting::new();
    travelling.votes = None;
    assert_eq!(travelling.noted().codes(), [], "while ballots are on their way nothing is said of them");
}

#[test]
fn every_needed_figure_is_missed_where_it_is_not_noted() {
    for kind in [Summoned, Present, Printed, Issued, UsedSlips, Spoiled, LeftOver, NotReturned] {
        let mut meeting = Meeting::new();
        meeting.figures.remove(&kind);
        let finding = meeting.noted().only();
        assert_eq!((finding.code, finding.subject), (FindingCode::FigureMissing, Subject::Figure(kind)));
    }
    for kind in [Summoned, Present, Unlocked] {
        let mut meeting = Meeting::attended(&[]);
        meeting.figures.remove(&kind);
        let finding = meeting.noted().only();
        assert_eq!((finding.code, finding.subject), (FindingCode::FigureMissing, Subject::Figure(kind)));
    }
}

#[test]
fn a_conflict_is_named_with_its_values_and_hides_what_follows_from_them() {
    let meeting = Meeting::new().noted().further(MINH, figure(Present, 3));
    let finding = meeting.only();
    assert_eq!((finding.code, &finding.values[..]), (FindingCode::Conflict, &[3, 9][..]));
    assert_eq!(finding.involved, [LAN, MINH].map(PersonId::of).into());
    let figures = &meeting.record.state().figures[&Present];
    let places: Vec<_> = figures.live.keys().copied().collect();
    let nine = *figures.live.iter().find(|(_, (_, value))| *value == 9).expect("nine").0;
    assert_eq!(meeting.further(HOA, settle(&places, nine)).codes(), []);
}

#[test]
fn conflicts_about_a_committee_or_a_total_are_named() {
    let meeting = Meeting::new().noted().further(LAN, committee(MINH, HOA));
    assert!(meeting.codes().contains(&FindingCode::Conflict));
    let meeting = Meeting::new().noted();
    let device = meeting.pens[0].device();
    let finding = meeting.further(LAN, Act::TabletTotal { device, total: 6 }).only();
    assert_eq!((finding.code, finding.subject), (FindingCode::Conflict, Subject::Tablet(device)));
}

#[test]
fn there_is_one_chair_and_one_head_and_who_counts_is_not_on_the_ballot() {
    let member = |post, name: &str| Member { post, name: name.to_owned() };
    let (chair, head) = (member(Post::MeetingChair, LAN), member(Post::CountingHead, MINH));
    let rated = "nguyễn văn 1";
    let cases = [
        (vec![chair.clone(), head.clone()], vec![]),
        (vec![head.clone()], vec![FindingCode::NoCommittee, FindingCode::NotSigned]),
        (vec![chair.clone()], vec![FindingCode::NoCommittee, FindingCode::NotSigned]),
        (vec![chair.clone(), member(Post::MeetingChair, HOA), head.clone()], vec![FindingCode::NoCommittee]),
        (vec![chair.clone(), head.clone(), member(Post::CountingHead, HOA)], vec![FindingCode::NoCommittee]),
        (vec![chair.clone(), head.clone(), member(Post::CountingMember, HOA)], vec![]),
        (
            vec![chair.clone(), head.clone(), member(Post::CountingMember, rated)],
            vec![FindingCode::CommitteeOnBallot],
        ),
        (
            vec![chair, member(Post::CountingHead, rated)],
            vec![FindingCode::CommitteeOnBallot, FindingCode::NotSigned],
        ),
        (vec![member(Post::MeetingChair, rated), head], vec![FindingCode::NotSigned]),
    ];
    for (mut members, expected) in cases {
        members.sort();
        let mut meeting = Meeting::new().noted();
        let old: Vec<_> = meeting.record.state().committee.expect("noted").live.into_keys().collect();
        meeting
            .write(0, vec![noted(LAN, Act::Undo { entry: old[0] }), noted(HOA, Act::Committee { members })]);
        meeting.sign();
        let found: BTreeSet<_> =
            meeting.codes().into_iter().filter(|c| *c != FindingCode::MinutesOutdated).collect();
        let outdated = meeting.codes().contains(&FindingCode::MinutesOutdated);
        let expected: BTreeSet<_> =
            expected.into_iter().filter(|c| !outdated || *c != FindingCode::NotSigned).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_register_that_was_begun_must_fit_the_figures() {
    let check_ins =
        |voters: u32| (1..=voters).map(|voter| noted(LAN, Act::CheckIn { voter })).collect::<Vec<_>>();
    let slips = |voters: u32| (1..=voters).map(|voter| noted(LAN, Act::Slip { voter })).collect::<Vec<_>>();
    for (present, issued, expected) in [
        (9, 9, vec![]),
        (10, 9, vec![FindingCode::RegisterPresent]),
        (9, 8, vec![FindingCode::RegisterIssued]),
        (8, 0, vec![FindingCode::RegisterPresent, FindingCode::RegisterIssued]),
    ] {
        let mut meeting = Meeting::new().noted();
        meeting.write(0, [check_ins(present), slips(issued)].concat());
        meeting.sign();
        assert_eq!(meeting.codes(), expected, "{present} present, {issued} slips");
    }
}

#[test]
fn a_voter_who_is_there_twice_or_not_on_the_sheet_is_named() {
    let mut meeting = Meeting::new().noted();
    let voters = (1..=8).chain([12]);
    meeting.write(0, voters.clone().map(|voter| noted(LAN, Act::CheckIn { voter })).collect());
    meeting.write(0, voters.map(|voter| noted(LAN, Act::Slip { voter })).collect());
    meeting.sign();
    assert_eq!(meeting.codes(), [], "the last number of the sheet is one of it");
    let twice = meeting.further(MINH, Act::CheckIn { voter: 12 });
    let finding = twice.only();
    assert_eq!((finding.code, finding.subject), (FindingCode::DoubleCheckIn, Subject::Voter(12)));
    assert_eq!(finding.involved, [LAN, MINH].map(PersonId::of).into());
    let beyond = twice.further(MINH, Act::CheckIn { voter: 13 });
    assert_eq!(
        beyond.codes(),
        [FindingCode::DoubleCheckIn, FindingCode::RegisterPresent, FindingCode::VoterUnknown]
    );
}

#[test]
fn closing_totals_are_those_that_were_read_aloud() {
    let closed = |closes| {
        let mut meeting = Meeting::new();
        meeting.closes = closes;
        meeting.noted()
    };
    assert_eq!(closed([Some(5), None]).codes(), [], "what has not closed is another matter");
    let finding = closed([Some(6), Some(3)]).only();
    assert_eq!((finding.code, &finding.values[..]), (FindingCode::TabletTotal, &[6, 5][..]));
    let mut unnoted = Meeting::new().noted();
    unnoted.pens[1] = unnoted.team.pen();
    let found = unnoted.codes();
    assert_eq!(found, [FindingCode::TabletNotNoted, FindingCode::TabletUnknown]);
}

#[test]
fn minutes_are_signed_by_those_of_the_committee_and_anew_after_each_change() {
    let mut meeting = Meeting::new();
    meeting.closes = [None, None];
    meeting = meeting.noted();
    assert_eq!(meeting.codes(), []);
    meeting.write(1, vec![noted(LAN, Act::Note { text: "thêm".to_owned(), replaces: None })]);
    assert_eq!(meeting.codes(), [FindingCode::MinutesOutdated]);
    meeting.sign();
    assert_eq!(meeting.codes(), []);
    let mut meeting = Meeting::new().noted();
    let minutes =
        Minutes::of(meeting.record.package(), meeting.record.unit(), &meeting.record.state()).hash();
    meeting.write(1, vec![noted(MINH, Act::Correct { minutes, reason: "sai".to_owned() })]);
    assert_eq!(meeting.codes(), [FindingCode::NotSigned]);
}

#[test]
fn a_signature_of_somebody_outside_the_committee_is_none() {
    let mut meeting = Meeting::new();
    meeting.write(0, vec![noted(LAN, committee(LAN, HOA))]);
    let meeting = meeting.noted();
    let undo: Vec<_> = meeting.record.state().committee.expect("two").live.into_keys().collect();
    let places: Vec<_> = undo.clone();
    let first = *places.iter().min_by_key(|place| place.sequence).expect("the first");
    // Minh signed as head, but the committee that holds names Hoa.
    let meeting = meeting.further(HOA, settle(&places, first));
    assert_eq!(meeting.codes(), [FindingCode::NotSigned]);
}

#[test]
fn a_wrong_signature_twins_a_revoked_writer_and_a_stranger_are_warnings() {
    let heads = Meeting::new().noted().record.signed_heads();
    let act = Act::SignOff { post: Post::MeetingChair, heads, minutes: MinutesHash([1; 32]) };
    let wrong = Meeting::new().noted().further(HOA, act).only();
    assert_eq!((wrong.code, wrong.severity()), (FindingCode::SignatureWrong, Severity::Warning));
    assert_eq!(wrong.involved, [PersonId::of(HOA)].into(), "who signed cannot explain it");

    let mut meeting = Meeting::new().noted();
    let (mut pen, mut copy) = (meeting.pens[1].restarted(5), meeting.pens[1].restarted(5));
    meeting.record.take(pen.note(HOA, figure(Present, 1)));
    meeting.record.take(copy.note(MINH, figure(Present, 2)));
    let twins = meeting.only();
    assert_eq!((twins.code, twins.severity()), (FindingCode::Twins, Severity::Warning));
    assert_eq!(twins.involved, [HOA, MINH].map(PersonId::of).into());

    let mut meeting = Meeting::new().noted();
    meeting.revoked.insert(meeting.pens[0].device());
    meeting.revoked.insert(meeting.pens[1].device());
    let revoked = meeting.only();
    assert_eq!(
        (revoked.code, revoked.subject),
        (FindingCode::RevokedWriter, Subject::Tablet(meeting.pens[0].device()))
    );

    let stranger = Meeting::new().noted().further("Người Lạ", Act::Incident { text: "ai đó".to_owned() });
    let finding = stranger.only();
    assert_eq!((finding.code, finding.severity()), (FindingCode::UnknownPerson, Severity::Warning));
    let known = stranger.further("Người Lạ", Act::Join { name: "người lạ".to_owned() });
    assert_eq!(known.codes(), []);
    let of_the_sheet = Meeting::new().noted().further("Lò Thị Mai", Act::Incident { text: "tôi".to_owned() });
    assert_eq!(of_the_sheet.codes(), [], "the sheet's team need not join");
}

#[test]
fn a_warning_is_explained_by_a_second_person_and_by_nobody_involved() {
    let mut meeting = Meeting::new();
    meeting.votes = Some(7);
    let mut meeting = meeting.noted();
    let finding = meeting.only();
    assert_eq!(finding.involved, [PersonId::of(LAN)].into());
    assert!(finding.blocks());
    let explain =
        |person| noted(person, Act::Explain { finding: finding.key(), text: "một người về".to_owned() });
    meeting.write(1, vec![explain(LAN)]);
    assert_eq!(meeting.only().explained, None, "Lan counted the slips herself");
    let change = meeting.pens[1].write(vec![explain(MINH)]);
    meeting.record.take(change.clone());
    let explained = meeting.only();
    assert_eq!(explained.explained, Some(place(&change, 0)));
    assert!(!explained.blocks());
    meeting.votes = Some(6);
    assert!(meeting.only().blocks(), "the explanation was of other numbers");
}

#[test]
fn no_explanation_lifts_an_error() {
    let mut meeting = Meeting::with(&[(LeftOver, 5)]).noted();
    let finding = meeting.only();
    meeting.write(1, vec![noted(MINH, Act::Explain { finding: finding.key(), text: "mất".to_owned() })]);
    let explained = meeting.only();
    assert!(explained.explained.is_some() && explained.blocks());
}

#[test]
fn a_key_names_code_subject_and_numbers() {
    let base = Finding {
        code: FindingCode::DoubleCheckIn,
        subject: Subject::Voter(1),
        values: vec![2, 1],
        involved: BTreeSet::new(),
        explained: None,
    };
    let mut keys: Vec<[u8; 16]> = [
        base.clone(),
        Finding { code: FindingCode::VoterUnknown, ..base.clone() },
        Finding { subject: Subject::Voter(12), ..base.clone() },
        Finding { values: vec![2], ..base.clone() },
        Finding { values: vec![1, 2], ..base.clone() },
        Finding { values: vec![2, 1, 0], ..base.clone() },
    ]
    .map(|finding| finding.key())
    .into();
    let involved = Finding { involved: [PersonId::of(LAN)].into(), ..base.clone() };
    assert_eq!(involved.key(), base.key());
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 6);
}

#[test]
fn every_finding_says_something_in_both_languages_even_without_numbers() {
    for code in FindingCode::ALL {
        let finding = |values| Finding {
            code: *code,
            subject: Subject::Unit,
            values,
            involved: BTreeSet::new(),
            explained: None,
        };
        for values in [vec![], vec![1, 2, 3, 4], vec![u32::MAX; 4]] {
            let [vi, en] = [Language::Vietnamese, Language::English].map(|l| finding(values.clone()).text(l));
            assert!(!vi.is_empty() && !en.is_empty() && vi != en, "{code:?}");
        }
        assert_eq!(FindingCode::from_code(code.code()), Some(*code));
    }
}
