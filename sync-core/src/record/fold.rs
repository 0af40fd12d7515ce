//! From entries to what they amount to, in any order.

use super::entry::{Act, Entry, FigureKind, Member, Post};
use super::names::PersonId;
use super::paper::Paper;
use super::plan::{By, Loose, Plans};
use super::{Actor, EntryRef, MinutesHash};
use crate::id::{DeviceId, SheetHash};
use crate::planted::{self, Bug};
use std::collections::{BTreeMap, BTreeSet};

/// What several people may have noted about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic<T> {
    /// What stands: entries and settlements that no settlement names, each with who noted it and what it says.
    pub live: BTreeMap<EntryRef, (PersonId, T)>,
    /// Everybody who noted or settled something about it.
    pub persons: BTreeSet<PersonId>,
}

impl<T: PartialEq> Topic<T> {
    /// What holds; `None` while people disagree.
    pub fn value(&self) -> Option<&T> {
        let mut values = self.live.values().map(|(_, value)| value);
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    }

    /// Whether a person has to settle it.
    pub fn is_conflict(&self) -> bool {
        self.value().is_none()
    }
}

/// One note that a voter came, or that a slip was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CheckIn {
    /// Where it stands; its actor names the tablet.
    pub entry: EntryRef,
    /// Who noted it.
    pub person: PersonId,
}

/// What is noted of one voter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// Check-ins; more than one if two tablets noted the same voter.
    pub check_ins: Vec<CheckIn>,
    /// Slips handed out; never which.
    pub slips: Vec<CheckIn>,
}

/// An incident or a note that nothing replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Who.
    pub person: PersonId,
    /// When, by that tablet's clock, in minutes since 1970.
    pub at: Option<u64>,
    /// What.
    pub text: String,
    /// Whether it is an incident.
    pub incident: bool,
}

/// An explanation of something that does not reconcile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Where it stands.
    pub entry: EntryRef,
    /// Who explains.
    pub person: PersonId,
    /// The explanation.
    pub text: String,
}

/// A signature under minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// Who signs.
    pub person: PersonId,
    /// As what.
    pub post: Post,
    /// How far the record had come.
    pub heads: Vec<(Actor, u32)>,
    /// Hash of the minutes.
    pub minutes: MinutesHash,
    /// When, by that tablet's clock, in minutes since 1970.
    pub at: Option<u64>,
}

/// What the entries amount to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Names of those who joined.
    pub persons: BTreeMap<PersonId, String>,
    /// Everybody who noted anything.
    pub writers: BTreeSet<PersonId>,
    /// Devices that noted anything.
    pub devices: BTreeSet<DeviceId>,
    /// What is noted of each voter, by number.
    pub register: BTreeMap<u32, Presence>,
    /// Figures.
    pub figures: BTreeMap<FigureKind, Topic<u32>>,
    /// Who leads and counts.
    pub committee: Option<Topic<Vec<Member>>>,
    /// Closing totals as read aloud.
    pub totals: BTreeMap<DeviceId, Topic<u32>>,
    /// Counts of paper ballots.
    pub papers: BTreeMap<EntryRef, Paper>,
    /// Incidents and notes.
    pub notes: BTreeMap<EntryRef, Noted>,
    /// Explanations, by what they explain.
    pub explanations: BTreeMap<[u8; 16], Vec<Explanation>>,
    /// Signatures.
    pub sign_offs: BTreeMap<EntryRef, SignOff>,
    /// Corrections: by the minutes that do not hold any more, who says so and why.
    pub corrections: BTreeMap<MinutesHash, Vec<(PersonId, String)>>,
    /// Correction plans, by code of the official.
    pub plans: BTreeMap<String, Plans>,
}

/// A settlement: where it stands, who made it, what it names and what holds.
struct Settlement<'a> {
    place: EntryRef,
    person: PersonId,
    entries: &'a [EntryRef],
    holds: EntryRef,
}

type Originals<T> = BTreeMap<EntryRef, (PersonId, T)>;

impl State {
    /// Folds entries; their order makes no difference.
    pub fn fold<'a>(entries: impl Iterator<Item = (EntryRef, &'a Entry)>) -> Self {
        let all: BTreeMap<EntryRef, &Entry> = entries.collect();
        let undone: BTreeSet<EntryRef> = all
            .values()
            .filter_map(|entry| match entry.act {
                Act::Undo { entry } => Some(entry),
                _ => None,
            })
            .collect();
        let stands = |place: &EntryRef, entry: &Entry| {
            planted::is(Bug::RecordUndoneCounts) || !(may_undo(&entry.act) && undone.contains(place))
        };
        let mut state = Self::default();
        let mut topics = Topics::default();
        for (place, entry) in &all {
            state.writers.insert(entry.person);
            state.devices.insert(place.actor.device());
            if stands(place, entry) {
                state.note(*place, entry, &mut topics);
            }
        }
        for noted in topics.replaced {
            state.notes.remove(&noted);
        }
        let settlements = topics.settlements;
        state.figures =
            topics.figures.into_iter().map(|(kind, all)| (kind, settle(all, &settlements))).collect();
        state.totals =
            topics.totals.into_iter().map(|(device, all)| (device, settle(all, &settlements))).collect();
        state.committee = (!topics.committee.is_empty()).then(|| settle(topics.committee, &settlements));
        topics.plans.settle(&mut state.plans);
        state
    }

    fn note<'a>(&mut self, entry: EntryRef, noted: &'a Entry, topics: &mut Topics<'a>) {
        let person = noted.person;
        match &noted.act {
            Act::Join { name } => {
                // One person may have typed the name in several ways; the smallest is as good as any.
                let known = self.persons.entry(person).or_insert_with(|| name.clone());
                if *name < *known {
                    known.clone_from(name);
                }
            }
            Act::CheckIn { voter }
                if planted::is(Bug::RecordHidesDouble)
                    && self.register.get(voter).is_some_and(|noted| !noted.check_ins.is_empty()) => {}
            Act::CheckIn { voter } => {
                self.register.entry(*voter).or_default().check_ins.push(CheckIn { entry, person });
            }
            Act::Slip { voter } => {
                self.register.entry(*voter).or_default().slips.push(CheckIn { entry, person });
            }
            Act::Undo { .. } => {}
            Act::Figure { kind, value } => {
                topics.figures.entry(*kind).or_default().insert(entry, (person, *value));
            }
            Act::Incident { text } => self.keep(entry, noted, text, true),
            Act::Note { text, replaces } => {
                self.keep(entry, noted, text, false);
                topics.replaced.extend(*replaces);
            }
            Act::Committee { members } => {
                topics.committee.insert(entry, (person, members.clone()));
            }
            Act::Explain { finding, text } => {
                let explained = Explanation { entry, person, text: text.clone() };
                self.explanations.entry(*finding).or_default().push(explained);
            }
            Act::Settle { entries, holds } => {
                topics.settlements.push(Settlement { place: entry, person, entries, holds: *holds });
            }
            Act::SignOff { post, heads, minutes } => {
                let (post, minutes, heads) = (*post, *minutes, heads.clone());
                self.sign_offs.insert(entry, SignOff { person, post, heads, minutes, at: noted.at });
            }
            Act::Correct { minutes, reason } => {
                self.corrections.entry(*minutes).or_default().push((person, reason.clone()));
            }
            Act::TabletTotal { device, total } => {
                topics.totals.entry(*device).or_default().insert(entry, (person, *total));
            }
            Act::Paper(paper) => {
                // On the wire the first person is the entry's, so nothing else counts here.
                self.writers.insert(paper.second);
                self.papers.insert(entry, Paper { first: person, ..paper.clone() });
            }
            Act::Plan(plan) => {
                let version = By { person, at: noted.at, said: plan.clone() };
                self.plans.entry(plan.official.clone()).or_default().versions.insert(entry, version);
            }
            Act::ConfirmPlan { plan } => {
                topics.plans.confirmations.push((entry, By { person, at: noted.at, said: *plan }));
            }
            Act::PlanProgress(progress) => {
                topics.plans.progress.push((entry, By { person, at: noted.at, said: progress.clone() }));
            }
        }
    }

    fn keep(&mut self, place: EntryRef, noted: &Entry, text: &str, incident: bool) {
        let (person, at) = (noted.person, noted.at);
        self.notes.insert(place, Noted { person, at, text: text.to_owned(), incident });
    }

    /// A figure that holds; `None` if nobody noted it or people disagree.
    pub fn figure(&self, kind: FigureKind) -> Option<u32> {
        self.figures.get(&kind)?.value().copied()
    }

    /// Voters who were checked in.
    pub fn present(&self) -> u32 {
        count(self.register.values().filter(|voter| !voter.check_ins.is_empty()).count())
    }

    /// Slips that were handed out.
    pub fn slips(&self) -> u32 {
        count(self.register.values().map(|voter| voter.slips.len()).sum())
    }

    /// Paper counts that stand, each once wherever it was copied to; those of one sheet, or of all.
    pub fn papers_of(&self, sheet: Option<&SheetHash>) -> BTreeSet<&Paper> {
        self.papers.values().filter(|paper| sheet.is_none_or(|sheet| paper.sheet == *sheet)).collect()
    }

    /// The name of a person, if it is known.
    pub fn name(&self, person: &PersonId) -> Option<&str> {
        self.persons.get(person).map(String::as_str)
    }
}

/// Entries about topics, before settlements are applied.
#[derive(Default)]
struct Topics<'a> {
    figures: BTreeMap<FigureKind, Originals<u32>>,
    committee: Originals<Vec<Member>>,
    totals: BTreeMap<DeviceId, Originals<u32>>,
    settlements: Vec<Settlement<'a>>,
    replaced: BTreeSet<EntryRef>,
    plans: Loose,
}

/// A settlement counts where the entry that shall hold is about this topic. What a settlement names stands no more;
/// that may be another settlement. Two that do not name each other are a new conflict.
fn settle<T: Clone>(originals: Originals<T>, settlements: &[Settlement<'_>]) -> Topic<T> {
    let of_topic: Vec<_> = settlements.iter().filter(|s| originals.contains_key(&s.holds)).collect();
    let named: BTreeSet<EntryRef> = of_topic.iter().flat_map(|s| s.entries.iter().copied()).collect();
    let mut persons: BTreeSet<PersonId> = originals.values().map(|(person, _)| *person).collect();
    persons.extend(of_topic.iter().map(|s| s.person));
    let settled = of_topic.iter().filter(|s| !named.contains(&s.place));
    let mut live: Originals<T> =
        settled.map(|s| (s.place, (s.person, originals[&s.holds].1.clone()))).collect();
    if planted::is(Bug::RecordOneSettlementWins) {
        live = live.pop_last().into_iter().collect();
    }
    live.extend(originals.into_iter().filter(|(place, _)| !named.contains(place)));
    Topic { live, persons }
}

impl Act {
    /// Whether an [`Act::Undo`] of such an entry counts.
    pub fn can_be_undone(&self) -> bool {
        may_undo(self)
    }
}

/// What was noted by mistake may be undone; words that others rely on are answered by further words.
fn may_undo(act: &Act) -> bool {
    match act {
        Act::CheckIn { .. }
        | Act::Slip { .. }
        | Act::Figure { .. }
        | Act::Incident { .. }
        | Act::Note { .. }
        | Act::Committee { .. }
        | Act::TabletTotal { .. }
        | Act::Paper(_)
        | Act::ConfirmPlan { .. }
        | Act::PlanProgress(_) => true,
        Act::Join { .. }
        | Act::Undo { .. }
        | Act::Explain { .. }
        | Act::Settle { .. }
        | Act::SignOff { .. }
        | Act::Correct { .. }
        | Act::Plan(_) => false,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
