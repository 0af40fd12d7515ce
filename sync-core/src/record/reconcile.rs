//! Whether a unit's ballot reconciles: what people noted against itself, against the sheet, and against the envelopes.
//!
//! Every gap is a [`Finding`] with a code. An error blocks publication until it is corrected; a warning, until a second
//! person, who noted nothing of what it rests on, explained it in writing.

use super::entry::{FigureKind, Post, numbered};
use super::fold::State;
use super::log::Record;
use super::minutes::Minutes;
use super::names::PersonId;
use super::paper::Paper;
use super::{Actor, EntryRef};
use crate::id::{DeviceId, sha256_16};
use crate::package::{Sheet, Voting};
use crate::planted::{self, Bug};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

numbered!(
    /// What does not reconcile.
    FindingCode, {
        /// Nothing was noted of the meeting.
        NoRecord = 0 => "no_record",
        /// People disagree and nobody settled it.
        Conflict = 1 => "conflict",
        /// A figure that the minutes need was not noted.
        FigureMissing = 2 => "figure_missing",
        /// More present than summoned.
        PresentAboveSummoned = 3 => "present_above_summoned",
        /// More slips handed out than voters present.
        IssuedAbovePresent = 4 => "issued_above_present",
        /// Printed is not handed out and left over.
        PrintedSum = 5 => "printed_sum",
        /// Handed out is not used, spoiled and not returned.
        IssuedSum = 6 => "issued_sum",
        /// More ballots came in than slips were handed out.
        CollectedAboveIssued = 7 => "collected_above_issued",
        /// Used slips are not the ballots that came in.
        CollectedDiffers = 8 => "collected_differs",
        /// Less than two thirds of those summoned are present.
        NoQuorum = 9 => "no_quorum",
        /// Nobody noted who leads and who counts.
        NoCommittee = 10 => "no_committee",
        /// A member of the committee is on the ballot.
        CommitteeOnBallot = 11 => "committee_on_ballot",
        /// A voter is checked in twice, or got two slips.
        DoubleCheckIn = 12 => "double_check_in",
        /// The register has another number of voters than the figure.
        RegisterPresent = 13 => "register_present",
        /// The register has another number of slips than the figure.
        RegisterIssued = 14 => "register_issued",
        /// A voter's number is not on the sheet.
        VoterUnknown = 15 => "voter_unknown",
        /// Other printed slips than the sheet has permits.
        PrintedSheet = 16 => "printed_sheet",
        /// A tablet closed with another total than was read aloud.
        TabletTotal = 17 => "tablet_total",
        /// A tablet of the unit closed, and its total was not noted.
        TabletNotNoted = 18 => "tablet_not_noted",
        /// A total was noted of a tablet that is none of the unit.
        TabletUnknown = 19 => "tablet_unknown",
        /// Chair and counting head have not both signed.
        NotSigned = 20 => "not_signed",
        /// Something was noted after the minutes were signed.
        MinutesOutdated = 21 => "minutes_outdated",
        /// A signature under other minutes than follow from what it covers.
        SignatureWrong = 22 => "signature_wrong",
        /// A device wrote two changes with one number.
        Twins = 23 => "twins",
        /// A revoked device noted something.
        RevokedWriter = 24 => "revoked_writer",
        /// Somebody noted something without having joined the team.
        UnknownPerson = 25 => "unknown_person",
        /// A paper count follows another sheet than the one that holds, so it cannot be counted.
        PaperSheet = 26 => "paper_sheet",
    }
);

/// How heavy a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Needs a written explanation by a second person.
    Warning,
    /// Blocks publication until it is corrected.
    Error,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The whole record.
    Unit,
    /// A figure.
    Figure(FigureKind),
    /// The committee.
    Committee,
    /// A member of the committee, by name.
    Member(String),
    /// A voter, by number.
    Voter(u32),
    /// A tablet.
    Tablet(DeviceId),
    /// A writer.
    Writer(Actor),
    /// An entry.
    Entry(EntryRef),
    /// A person of whom no name is known.
    Person(PersonId),
}

impl fmt::Display for Subject {
    /// A stable name, such as `figure:present`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit => f.write_str("unit"),
            Self::Figure(kind) => write!(f, "figure:{}", kind.code()),
            Self::Committee => f.write_str("committee"),
            Self::Member(name) => write!(f, "member:{name}"),
            Self::Voter(number) => write!(f, "voter:{number}"),
            Self::Tablet(device) => write!(f, "tablet:{device}"),
            Self::Writer(actor) => write!(f, "writer:{actor}"),
            Self::Entry(place) => write!(f, "entry:{place}"),
            Self::Person(person) => write!(f, "person:{person}"),
        }
    }
}

/// Something that does not reconcile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What.
    pub code: FindingCode,
    /// About what.
    pub subject: Subject,
    /// The numbers that were compared, in the order in which its text names them.
    pub values: Vec<u32>,
    /// Who noted what it rests on. None of them can explain it.
    pub involved: BTreeSet<PersonId>,
    /// Who explained it, if a second person did.
    pub explained: Option<EntryRef>,
}

impl Finding {
    /// How heavy it is.
    pub fn severity(&self) -> Severity {
        match self.code {
            FindingCode::CollectedDiffers
            | FindingCode::DoubleCheckIn
            | FindingCode::RegisterPresent
            | FindingCode::RegisterIssued
            | FindingCode::VoterUnknown
            | FindingCode::PrintedSheet
            | FindingCode::TabletNotNoted
            | FindingCode::TabletUnknown
            | FindingCode::SignatureWrong
            | FindingCode::Twins
            | FindingCode::RevokedWriter
            | FindingCode::UnknownPerson => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Whether it stands in the way of publication.
    pub fn blocks(&self) -> bool {
        self.severity() == Severity::Error || self.explained.is_none()
    }

    /// What an explanation names: it follows from code, subject and numbers, so it does not serve for other numbers.
    pub fn key(&self) -> [u8; 16] {
        let subject = self.subject.to_string();
        let values: Vec<u8> = self.values.iter().flat_map(|value| value.to_be_bytes()).collect();
        sha256_16(&[
            b"homphieu/finding/1",
            self.code.code().as_bytes(),
            b"/",
            subject.as_bytes(),
            b"/",
            &values,
        ])
    }
}

/// How a tablet's box stands, as far as its envelopes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Close {
    /// The total that its closing envelope states; nothing while it has not closed.
    pub total: Option<u32>,
}

/// The ballots of a unit, as far as they are known before anything is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Votes {
    /// Ballots that came in on tablets: permits seen, or where voting is attended all ballots. What paper counts say
    /// comes on top.
    pub collected: u32,
}

/// What the record is held against.
#[derive(Debug, Clone)]
pub struct Ground<'a> {
    /// The sheet that holds, if it is here.
    pub sheet: Option<&'a Sheet>,
    /// How the unit votes.
    pub voting: Voting,
    /// Tablets certified for the unit, revoked or not.
    pub tablets: BTreeMap<DeviceId, Close>,
    /// Revoked devices.
    pub revoked: &'a BTreeSet<DeviceId>,
    /// The ballots; nothing while some are still on their way.
    pub votes: Option<Votes>,
}

/// Everything that does not reconcile, in a fixed order.
pub fn reconcile(record: &Record, ground: &Ground<'_>) -> Vec<Finding> {
    let mut state = record.state();
    if record.is_empty() {
        return vec![finding(FindingCode::NoRecord, Subject::Unit, &[], BTreeSet::new())];
    }
    if let Some(sheet) = ground.sheet {
        let team = sheet.team.iter().map(|name| (PersonId::of(name), name.clone()));
        state.persons.extend(team);
    }
    let check = Check { state: &state, ground };
    let mut findings = check.conflicts();
    findings.extend(check.figures());
    findings.extend(check.committee());
    findings.extend(check.register());
    findings.extend(check.tablets());
    findings.extend(check.writers());
    findings.extend(signatures(record, &state));
    for (first, second) in record.twins() {
        let entries = first.value().entries.iter().chain(&second.value().entries);
        let involved = entries.map(|entry| entry.person).collect();
        findings.push(finding(FindingCode::Twins, Subject::Writer(first.value().actor), &[], involved));
    }
    for finding in &mut findings {
        let words = state.explanations.get(&finding.key());
        let second = |person: &PersonId| {
            !finding.involved.contains(person) || planted::is(Bug::RecordInvolvedExplains)
        };
        finding.explained =
            words.into_iter().flatten().find(|words| second(&words.person)).map(|words| words.entry);
    }
    findings.sort();
    findings.dedup();
    findings
}

fn finding(code: FindingCode, subject: Subject, values: &[u32], involved: BTreeSet<PersonId>) -> Finding {
    Finding { code, subject, values: values.to_vec(), involved, explained: None }
}

struct Check<'a> {
    state: &'a State,
    ground: &'a Ground<'a>,
}

impl Check<'_> {
    fn conflicts(&self) -> Vec<Finding> {
        let figures = self.state.figures.iter().filter(|(_, topic)| topic.is_conflict());
        let figures = figures.map(|(kind, topic)| {
            let mut values: Vec<u32> = topic.live.values().map(|(_, value)| *value).collect();
            values.sort_unstable();
            values.dedup();
            finding(FindingCode::Conflict, Subject::Figure(*kind), &values, topic.persons.clone())
        });
        let totals = self.state.totals.iter().filter(|(_, topic)| topic.is_conflict());
        let totals = totals.map(|(device, topic)| {
            let values: BTreeSet<u32> = topic.live.values().map(|(_, value)| *value).collect();
            let values: Vec<u32> = values.into_iter().collect();
            finding(FindingCode::Conflict, Subject::Tablet(*device), &values, topic.persons.clone())
        });
        let committee = self.state.committee.as_ref().filter(|topic| topic.is_conflict());
        let committee = committee
            .map(|topic| finding(FindingCode::Conflict, Subject::Committee, &[], topic.persons.clone()));
        figures.chain(totals).chain(committee).collect()
    }

    /// Who noted these figures.
    fn involved(&self, kinds: &[FigureKind]) -> BTreeSet<PersonId> {
        let topics = kinds.iter().filter_map(|kind| self.state.figures.get(kind));
        topics.flat_map(|topic| topic.persons.iter().copied()).collect()
    }

    fn figures(&self) -> Vec<Finding> {
        use FigureKind::{Issued, LeftOver, NotReturned, Present, Printed, Spoiled, Summoned, UsedSlips};
        let attended = self.ground.voting == Voting::Attended;
        let needed = FigureKind::needed(self.ground.voting).iter();
        let missing = needed.filter(|kind| !self.state.figures.contains_key(kind));
        let mut findings: Vec<Finding> = missing
            .map(|kind| finding(FindingCode::FigureMissing, Subject::Figure(*kind), &[], BTreeSet::new()))
            .collect();
        let figure = |kind| self.state.figure(kind).map(u64::from);
        let mut compare = |code, kinds: &[FigureKind], fits: &dyn Fn(&[u64]) -> bool| {
            let Some(values) = kinds.iter().map(|kind| figure(*kind)).collect::<Option<Vec<u64>>>() else {
                return;
            };
            if !fits(&values) {
                let values: Vec<u32> = values.iter().map(|value| small(*value)).collect();
                findings.push(finding(code, Subject::Unit, &values, self.involved(kinds)));
            }
        };
        compare(FindingCode::PresentAboveSummoned, &[Present, Summoned], &|v| v[0] <= v[1]);
        compare(FindingCode::NoQuorum, &[Present, Summoned], &|v| 3 * v[0] >= 2 * v[1]);
        if !attended {
            compare(FindingCode::IssuedAbovePresent, &[Issued, Present], &|v| v[0] <= v[1]);
            compare(FindingCode::PrintedSum, &[Printed, Issued, LeftOver], &|v| v[0] == v[1] + v[2]);
            compare(FindingCode::IssuedSum, &[Issued, UsedSlips, Spoiled, NotReturned], &|v| {
                v[0] == v[1] + v[2] + v[3]
            });
        }
        findings.extend(self.ballots(attended));
        findings.extend(self.printed());
        findings.extend(self.other_sheets());
        findings
    }

    fn ballots(&self, attended: bool) -> Vec<Finding> {
        let Some(Votes { collected: on_tablets }) = self.ground.votes else { return Vec::new() };
        let papers = self.papers();
        let on_paper = papers.iter().map(|paper| u64::from(paper.collected)).sum::<u64>();
        let collected = small(u64::from(on_tablets) + on_paper);
        let by_paper: BTreeSet<PersonId> =
            papers.iter().flat_map(|paper| [paper.first, paper.second]).collect();
        let involved = |kind| self.involved(&[kind]).union(&by_paper).copied().collect();
        // Unlocks are of tablets alone; a slip, or its paper ballot, is handed out to each voter.
        let used_up = if attended { on_tablets } else { collected };
        let (limit, used) = if attended {
            (FigureKind::Present, FigureKind::Unlocked)
        } else {
            (FigureKind::Issued, FigureKind::UsedSlips)
        };
        let mut findings = Vec::new();
        if let Some(most) = self.state.figure(limit)
            && collected > most
        {
            let involved = involved(limit);
            let code = FindingCode::CollectedAboveIssued;
            findings.push(finding(code, Subject::Unit, &[collected, most], involved));
        }
        if let Some(used_slips) = self.state.figure(used)
            && used_up != used_slips
        {
            let involved = involved(used);
            let code = FindingCode::CollectedDiffers;
            findings.push(finding(code, Subject::Unit, &[used_up, used_slips], involved));
        }
        findings
    }

    /// The paper counts that can be counted.
    fn papers(&self) -> BTreeSet<&Paper> {
        self.state.papers_of(self.ground.sheet.map(Sheet::hash).as_ref())
    }

    /// Paper counts that cannot.
    fn other_sheets(&self) -> Vec<Finding> {
        let countable = self.papers();
        let others = self.state.papers.iter().filter(|(_, paper)| !countable.contains(paper));
        others
            .map(|(place, paper)| {
                let involved = BTreeSet::from([paper.first, paper.second]);
                finding(FindingCode::PaperSheet, Subject::Entry(*place), &[paper.collected], involved)
            })
            .collect()
    }

    fn printed(&self) -> Option<Finding> {
        let permits = small(self.ground.sheet?.permits.len() as u64);
        let printed = self.state.figure(FigureKind::Printed)?;
        (permits != printed && self.ground.voting == Voting::Permit).then(|| {
            let involved = self.involved(&[FigureKind::Printed]);
            finding(FindingCode::PrintedSheet, Subject::Unit, &[printed, permits], involved)
        })
    }

    fn committee(&self) -> Vec<Finding> {
        let Some(topic) = &self.state.committee else {
            return vec![finding(FindingCode::NoCommittee, Subject::Committee, &[], BTreeSet::new())];
        };
        let Some(members) = topic.value() else { return Vec::new() };
        let has = |post| members.iter().filter(|member| member.post == post).count() == 1;
        let mut findings = Vec::new();
        if !has(Post::MeetingChair) || !has(Post::CountingHead) {
            findings.push(finding(FindingCode::NoCommittee, Subject::Committee, &[], topic.persons.clone()));
        }
        let rated: BTreeSet<PersonId> = self
            .ground
            .sheet
            .iter()
            .flat_map(|sheet| &sheet.officials)
            .map(|official| PersonId::of(&official.name))
            .collect();
        // Who leads the meeting may be rated in it; who counts may not.
        let counting = members.iter().filter(|member| member.post != Post::MeetingChair);
        for member in counting.filter(|member| rated.contains(&PersonId::of(&member.name))) {
            let subject = Subject::Member(member.name.clone());
            findings.push(finding(FindingCode::CommitteeOnBallot, subject, &[], topic.persons.clone()));
        }
        findings
    }

    fn register(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (voter, presence) in &self.state.register {
            let involved: BTreeSet<PersonId> =
                presence.check_ins.iter().chain(&presence.slips).map(|noted| noted.person).collect();
            let unknown = self.ground.sheet.is_some_and(|sheet| *voter > sheet.voters);
            if unknown {
                let subject = Subject::Voter(*voter);
                findings.push(finding(FindingCode::VoterUnknown, subject, &[], involved.clone()));
            }
            if presence.check_ins.len() > 1 || presence.slips.len() > 1 {
                let values = [small(presence.check_ins.len() as u64), small(presence.slips.len() as u64)];
                let subject = Subject::Voter(*voter);
                findings.push(finding(FindingCode::DoubleCheckIn, subject, &values, involved));
            }
        }
        // Units may keep the register on paper; a register that was begun must fit.
        if !self.state.register.is_empty() {
            for (code, kind, found) in [
                (FindingCode::RegisterPresent, FigureKind::Present, self.state.present()),
                (FindingCode::RegisterIssued, FigureKind::Issued, self.state.slips()),
            ] {
                if let Some(noted) = self.state.figure(kind).filter(|noted| *noted != found) {
                    findings.push(finding(code, Subject::Unit, &[found, noted], self.involved(&[kind])));
                }
            }
        }
        findings
    }

    fn tablets(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (device, close) in &self.ground.tablets {
            let subject = Subject::Tablet(*device);
            match (close.total, self.state.totals.get(device)) {
                (Some(total), Some(topic)) => {
                    if let Some(noted) = topic.value().filter(|noted| **noted != total) {
                        let values = [total, *noted];
                        findings.push(finding(
                            FindingCode::TabletTotal,
                            subject,
                            &values,
                            topic.persons.clone(),
                        ));
                    }
                }
                (Some(total), None) => {
                    findings.push(finding(FindingCode::TabletNotNoted, subject, &[total], BTreeSet::new()));
                }
                (None, _) => {}
            }
        }
        for (device, topic) in &self.state.totals {
            if !self.ground.tablets.contains_key(device) {
                let subject = Subject::Tablet(*device);
                findings.push(finding(FindingCode::TabletUnknown, subject, &[], topic.persons.clone()));
            }
        }
        findings
    }

    fn writers(&self) -> Vec<Finding> {
        let revoked = self.state.devices.intersection(self.ground.revoked);
        let revoked = revoked.map(|device| {
            finding(FindingCode::RevokedWriter, Subject::Tablet(*device), &[], BTreeSet::new())
        });
        let unknown = self.state.writers.iter().filter(|person| !self.state.persons.contains_key(person));
        let unknown = unknown.map(|person| {
            finding(FindingCode::UnknownPerson, Subject::Person(*person), &[], BTreeSet::from([*person]))
        });
        revoked.chain(unknown).collect()
    }
}

/// What is wrong with the signatures under the minutes.
fn signatures(record: &Record, state: &State) -> Vec<Finding> {
    let now = Minutes::of(record.package(), record.unit(), state).hash();
    let versions = record.versions();
    let mut findings: Vec<Finding> = versions
        .iter()
        .flat_map(|version| &version.wrong)
        .map(|place| {
            let involved = state.sign_offs.get(place).map(|sign_off| sign_off.person).into_iter().collect();
            finding(FindingCode::SignatureWrong, Subject::Entry(*place), &[], involved)
        })
        .collect();
    let members = state.committee.as_ref().and_then(|topic| topic.value());
    let is_member = |post: Post, person: &PersonId| {
        members.into_iter().flatten().any(|m| m.post == post && PersonId::of(&m.name) == *person)
    };
    let by_committee = |version: &super::Version| {
        let mut version = version.clone();
        version.signed.retain(|(post, person, _)| is_member(*post, person));
        version.is_complete()
    };
    let holds = versions.iter().find(|version| version.hash == now).is_some_and(by_committee);
    if !holds && !planted::is(Bug::RecordUnsignedHolds) {
        let before = versions.iter().any(|version| version.hash != now && by_committee(version));
        let code = if before { FindingCode::MinutesOutdated } else { FindingCode::NotSigned };
        findings.push(finding(code, Subject::Unit, &[], BTreeSet::new()));
    }
    findings
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
