//! The record as a screen shows it, in one language, with names where they are known.

use super::paper::PaperView;
use super::register::Lookup;
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;
use sync_core::id::{DeviceId, SheetHash, UnitCode};
use sync_core::record::{
    EntryRef, FigureKind, Finding, Language, Member, MinutesHash, Paper, PersonId, Post, Severity, State,
    Topic, Version,
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
    /// Paper counts that two persons entered alike and that were sealed.
    pub papers: Vec<PaperSeen>,
    /// Where the double entry of a box on this tablet stands and who must do what; nothing while nobody has begun.
    pub paper_step: Option<String>,
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

/// A sealed paper count: what of it can be read before the trustees open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperSeen {
    /// Ballots in the box.
    pub collected: u32,
    /// Valid ballots.
    pub valid: u32,
    /// Ballots that do not count.
    pub invalid: u32,
    /// Who entered the numbers, the first one first.
    pub entered: [String; 2],
    /// Whether it follows the sheet that holds; another one is not opened.
    pub counts: bool,
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
    /// Who explained it and how, if a second person did.
    pub explained: Option<(String, String)>,
    /// The finding itself, with what it is about.
    pub finding: Finding,
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
            papers: papers(&state, &people, &self.state(unit)?.replica.current_sheet()),
            paper_step: self.paper_step(unit, &people, language)?,
            notes: notes(&state, &people),
            findings: findings.iter().map(|finding| people.finding(finding, &state, language)).collect(),
            minutes,
            versions: self.versions(unit)?.iter().map(|version| people.version(version, minutes)).collect(),
        })
    }
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Whoever has not entered numbers yet must not see those of others, so this says none of them.
    fn paper_step(
        &self,
        unit: &UnitCode,
        people: &Lookup,
        language: Language,
    ) -> Result<Option<String>, TabletError> {
        Ok(match self.paper_stored(unit) {
            Ok(view) => people.paper_step(&view, language),
            // The sheet is on its way, or was replaced while numbers were being entered.
            Err(TabletError::NoSheet(_)) => None,
            Err(error @ TabletError::PaperSheet(_)) => Some(error.text(language)),
            Err(error) => return Err(error),
        })
    }
}

fn papers(state: &State, people: &Lookup, holds: &SheetHash) -> Vec<PaperSeen> {
    let seen = |paper: &Paper| PaperSeen {
        collected: paper.collected,
        valid: paper.valid,
        invalid: paper.invalid,
        entered: [&paper.first, &paper.second].map(|person| people.called(person)),
        counts: paper.sheet == *holds,
    };
    state.papers_of(None).into_iter().map(seen).collect()
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

    /// Where a double entry stands, and who must do what.
    fn paper_step(&self, view: &PaperView, language: Language) -> Option<String> {
        let vietnamese = language == Language::Vietnamese;
        let said = match view {
            PaperView::Empty => return None,
            PaperView::First(person) => {
                let who = self.called(person);
                match vietnamese {
                    true => format!(
                        "{who} đã nhập số phiếu giấy. Người thứ hai hãy nhập lại, không xem số đã nhập."
                    ),
                    false => format!(
                        "{who} entered the numbers of the paper ballots. A second person now enters them again, without \
                         seeing the first ones."
                    ),
                }
            }
            PaperView::Differing { persons, differences } => {
                let [one, two] = persons.each_ref().map(|person| self.called(person));
                let places = differences.len();
                match vietnamese {
                    true => format!(
                        "{one} và {two} nhập khác nhau ở {places} chỗ. Hãy xem lại phiếu: ai nhập sai thì sửa số của mình."
                    ),
                    false => format!(
                        "{one} and {two} entered different numbers in {places} places. Look at the ballots: whoever is \
                         wrong corrects the own number."
                    ),
                }
            }
            PaperView::Agreed { persons, .. } => {
                let [one, two] = persons.each_ref().map(|person| self.called(person));
                match vietnamese {
                    true => {
                        format!("{one} và {two} nhập giống nhau. Hãy niêm phong số phiếu giấy ngay bây giờ.")
                    }
                    false => format!("{one} and {two} entered the same numbers. Seal the paper count now."),
                }
            }
        };
        Some(said)
    }

    fn finding(&self, finding: &Finding, state: &State, language: Language) -> FindingView {
        let words = state.explanations.get(&finding.key()).into_iter().flatten();
        let explained = words.into_iter().find(|words| Some(words.entry) == finding.explained);
        FindingView {
            key: finding.key(),
            code: finding.code.code(),
            severity: finding.severity(),
            blocks: finding.blocks(),
            text: finding.text(language),
            involved: finding.involved.iter().map(|person| self.called(person)).collect(),
            explained: explained.map(|words| (self.called(&words.person), words.text.clone())),
            finding: finding.clone(),
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
