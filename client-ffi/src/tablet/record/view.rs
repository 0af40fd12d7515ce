//! The record as a screen shows it, in one language, with names where they are known.

use super::register::Lookup;
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::record::{
    EntryRef, FigureKind, Finding, Language, Member, MinutesHash, PersonId, Post, Severity, State, Topic,
    Version,
};

/// A unit's record, ready to show. Every list has a fixed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// Voters who are checked in.
    pub present: u32,
    /// Slips handed out by the register.
    pub slips: u32,
    /// Figures that somebody noted.
    pub figures: Vec<FigureView>,
    /// Closing totals of tablets that somebody noted.
    pub totals: Vec<TotalView>,
    /// Who leads and counts; nothing while nobody noted it or people disagree.
    pub committee: Vec<Member>,
    /// What stands about the committee, to choose from when settling.
    pub committees: Vec<Live<Vec<Member>>>,
    /// Incidents and notes that stand.
    pub notes: Vec<NoteView>,
    /// What does not reconcile.
    pub findings: Vec<FindingView>,
    /// Hash of the minutes as they are now.
    pub minutes: MinutesHash,
    /// Signed versions; the one that follows from the record now comes last.
    pub versions: Vec<VersionView>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureView {
    /// What it counts.
    pub kind: FigureKind,
    /// Its name.
    pub label: &'static str,
    /// What holds; nothing while people disagree.
    pub value: Option<u32>,
    /// What stands, to choose from when settling.
    pub live: Vec<Live<u32>>,
}

/// A tablet's closing total as read aloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalView {
    /// The tablet.
    pub device: DeviceId,
    /// Its name, if it is known here.
    pub tablet: Option<String>,
    /// What holds; nothing while people disagree.
    pub value: Option<u32>,
    /// What stands, to choose from when settling.
    pub live: Vec<Live<u32>>,
}

/// An entry or settlement that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live<T> {
    /// Its place, which [`Tablet::settle`] takes.
    pub entry: EntryRef,
    /// What it says.
    pub value: T,
    /// Who noted it, if the name is known here.
    pub name: Option<String>,
    /// On which tablet, if its name is known here.
    pub tablet: Option<String>,
}

/// An incident or note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteView {
    /// Where it stands.
    pub entry: EntryRef,
    /// Whether it is an incident.
    pub incident: bool,
    /// What it says.
    pub text: String,
    /// Who noted it.
    pub name: Option<String>,
    /// When, by that tablet's clock, in minutes since 1970.
    pub at: Option<u64>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingView {
    /// What an explanation names.
    pub key: [u8; 16],
    /// Stable code.
    pub code: &'static str,
    /// How heavy it is.
    pub severity: Severity,
    /// Whether it stands in the way of publication.
    pub blocks: bool,
    /// What does not reconcile, and what to do.
    pub text: String,
    /// Names of those who cannot explain it.
    pub involved: Vec<String>,
}

/// A signed version of the minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionView {
    /// Hash of the minutes.
    pub hash: MinutesHash,
    /// Whether it is what follows from the record now.
    pub now: bool,
    /// Whether chair and counting head, two persons, signed it and nobody corrected it.
    pub complete: bool,
    /// Who signed: post and name.
    pub signed: Vec<(Post, String)>,
    /// Who said that it does not hold, and why.
    pub corrected: Vec<(String, String)>,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// The record of a unit, ready to show.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`].
    pub fn record_view(&self, unit: &UnitCode, language: Language) -> Result<RecordView, TabletError> {
        let state = self.record_state(unit)?;
        let people = Lookup::new(self, unit)?;
        let minutes = self.minutes(unit)?.hash();
        let committee = state.committee.as_ref();
        let findings = self.findings(unit)?;
        Ok(RecordView {
            present: state.present(),
            slips: state.slips(),
            figures: figures(&state, &people, language),
            totals: totals(&state, &people),
            committee: committee.and_then(|topic| topic.value().cloned()).unwrap_or_default(),
            committees: committee.map(|topic| people.live(topic)).unwrap_or_default(),
            notes: notes(&state, &people),
            findings: findings.iter().map(|finding| people.finding(finding, language)).collect(),
            minutes,
            versions: self.versions(unit)?.iter().map(|version| people.version(version, minutes)).collect(),
        })
    }
}

fn figures(state: &State, people: &Lookup, language: Language) -> Vec<FigureView> {
    let figure = |(kind, topic): (&FigureKind, &Topic<u32>)| FigureView {
        kind: *kind,
        label: kind.label(language),
        value: topic.value().copied(),
        live: people.live(topic),
    };
    state.figures.iter().map(figure).collect()
}

fn totals(state: &State, people: &Lookup) -> Vec<TotalView> {
    let total = |(device, topic): (&DeviceId, &Topic<u32>)| TotalView {
        device: *device,
        tablet: people.tablet(device),
        value: topic.value().copied(),
        live: people.live(topic),
    };
    state.totals.iter().map(total).collect()
}

fn notes(state: &State, people: &Lookup) -> Vec<NoteView> {
    let notes = state.notes.iter().map(|(entry, noted)| NoteView {
        entry: *entry,
        incident: noted.incident,
        text: noted.text.clone(),
        name: people.person(&noted.person),
        at: noted.at,
    });
    notes.collect()
}

impl Lookup {
    fn live<T: Clone>(&self, topic: &Topic<T>) -> Vec<Live<T>> {
        let one = |(entry, (person, value)): (&EntryRef, &(PersonId, T))| Live {
            entry: *entry,
            value: value.clone(),
            name: self.person(person),
            tablet: self.tablet(&entry.actor.device()),
        };
        topic.live.iter().map(one).collect()
    }

    /// The name of a person, or the beginning of the id of one who did not join.
    fn called(&self, person: &PersonId) -> String {
        self.person(person).unwrap_or_else(|| person.to_string().chars().take(8).collect())
    }

    fn finding(&self, finding: &Finding, language: Language) -> FindingView {
        FindingView {
            key: finding.key(),
            code: finding.code.code(),
            severity: finding.severity(),
            blocks: finding.blocks(),
            text: finding.text(language),
            involved: finding.involved.iter().map(|person| self.called(person)).collect(),
        }
    }

    fn version(&self, version: &Version, now: MinutesHash) -> VersionView {
        let called = |person: &PersonId| self.called(person);
        VersionView {
            hash: version.hash,
            now: version.hash == now,
            complete: version.is_complete(),
            signed: version.signed.iter().map(|(post, person, _)| (*post, called(person))).collect(),
            corrected: version.corrected.iter().map(|(who, why)| (called(who), why.clone())).collect(),
        }
    }
}
