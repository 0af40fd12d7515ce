//! The unit's record as the page shows it.

use crate::minutes::{Finding, Version};
use crate::{Desk, Problem, Text};
use client_ffi::Acting;
use client_ffi::store::Store;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sync_core::id::UnitCode;
use sync_core::record::{FigureKind, Language, PersonId};

/// What a unit's team noted together, as far as it is on this tablet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct UnitRecord {
    /// Voters who are checked in.
    pub present: u32,
    /// Slips that the register handed out.
    pub slips: u32,
    /// Every figure that the minutes need, in the order of a meeting, then others that somebody noted.
    pub figures: Vec<Figure>,
    /// Closing totals: every tablet of the unit, then others that somebody noted.
    pub totals: Vec<Total>,
    /// Who leads and counts; nobody while it is not noted or people disagree.
    pub committee: Vec<Member>,
    /// What stands about the committee.
    pub committees: Vec<LiveCommittee>,
    /// Paper counts that two persons entered and that were sealed.
    pub papers: Vec<Paper>,
    /// Incidents and notes that stand.
    pub notes: Vec<Note>,
    /// What does not reconcile.
    pub findings: Vec<Finding>,
    /// Hash of the minutes as they are now.
    pub minutes: String,
    /// Signed versions of the minutes; the one that follows from the record now comes last.
    pub versions: Vec<Version>,
}

/// A figure, noted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Figure {
    /// What it counts, as a stable word.
    pub kind: String,
    /// Its name.
    pub label: Text,
    /// What holds; nothing while nobody noted it or people disagree.
    pub value: Option<u32>,
    /// What stands; several that differ are a conflict.
    pub live: Vec<LiveNumber>,
}

/// A tablet's closing total, noted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Total {
    /// The tablet's id.
    pub device: String,
    /// Its name, if it is known here.
    pub tablet: Option<String>,
    /// It is this tablet.
    pub here: bool,
    /// What holds; nothing while nobody noted it or people disagree.
    pub value: Option<u32>,
    /// What stands; several that differ are a conflict.
    pub live: Vec<LiveNumber>,
}

/// A number that somebody noted or settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct LiveNumber {
    /// Where it stands: what settles it names this.
    pub entry: String,
    /// The number.
    pub value: u32,
    /// Who noted it, if the name is known here.
    pub person: Option<String>,
    /// The id of the tablet on which it was noted.
    pub device: String,
    /// The tablet's name, if it is known here.
    pub tablet: Option<String>,
    /// It was noted on this tablet.
    pub here: bool,
}

/// A committee that somebody noted or settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct LiveCommittee {
    /// Where it stands: what settles it names this.
    pub entry: String,
    /// Its members.
    pub members: Vec<Member>,
    /// Who noted it, if the name is known here.
    pub person: Option<String>,
    /// The id of the tablet on which it was noted.
    pub device: String,
    /// The tablet's name, if it is known here.
    pub tablet: Option<String>,
    /// It was noted on this tablet.
    pub here: bool,
}

/// A member of the committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Member {
    /// What the member does: `meeting_chair`, `counting_head` or `counting_member`.
    pub post: String,
    /// The same in words.
    pub label: Text,
    /// Full name.
    pub name: String,
    /// The id of the person of this name.
    pub person: String,
}

/// A sealed paper count: what of it can be read before the trustees open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Paper {
    /// Ballots in the box.
    pub collected: u32,
    /// Valid ballots.
    pub valid: u32,
    /// Ballots that do not count.
    pub invalid: u32,
    /// It follows the list that holds; another one is not opened.
    pub counts: bool,
}

/// An incident or a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Note {
    /// Where it stands, to undo or replace it.
    pub entry: String,
    /// It is an incident.
    pub incident: bool,
    /// What it says.
    pub text: String,
    /// Who noted it, if the name is known here.
    pub person: Option<String>,
    /// When, by that tablet's clock, in minutes since 1970.
    #[cfg_attr(feature = "typescript", tsify(type = "number | null"))]
    pub at: Option<u64>,
}

impl Member {
    fn new(member: &sync_core::record::Member) -> Self {
        Self {
            post: member.post.code().to_owned(),
            label: Text::new(|language| member.post.label(language).to_owned()),
            name: member.name.clone(),
            person: PersonId::of(&member.name).to_string(),
        }
    }
}

fn numbers(live: Vec<client_ffi::Live<u32>>, here: &str) -> Vec<LiveNumber> {
    let number = |live: client_ffi::Live<u32>| {
        let device = live.entry.actor.device().to_string();
        LiveNumber {
            entry: live.entry.to_string(),
            value: live.value,
            person: live.name,
            here: device == here,
            device,
            tablet: live.tablet,
        }
    };
    live.into_iter().map(number).collect()
}

fn committee(live: client_ffi::Live<Vec<sync_core::record::Member>>, here: &str) -> LiveCommittee {
    let device = live.entry.actor.device().to_string();
    LiveCommittee {
        entry: live.entry.to_string(),
        members: live.value.iter().map(Member::new).collect(),
        person: live.name,
        here: device == here,
        device,
        tablet: live.tablet,
    }
}

/// Every figure that is needed, with what was noted of it, and whatever else was noted.
fn figures(noted: Vec<client_ffi::FigureView>, needed: &[FigureKind], here: &str) -> Vec<Figure> {
    let mut noted: Vec<_> = noted.into_iter().map(|figure| (figure.kind, figure)).collect();
    let figure = |kind: FigureKind, found: Option<client_ffi::FigureView>| Figure {
        kind: kind.code().to_owned(),
        label: Text::new(|language| kind.label(language).to_owned()),
        value: found.as_ref().and_then(|found| found.value),
        live: numbers(found.map(|found| found.live).unwrap_or_default(), here),
    };
    let mut figures = Vec::with_capacity(needed.len());
    for kind in needed {
        let at = noted.iter().position(|(found, _)| found == kind);
        figures.push(figure(*kind, at.map(|at| noted.remove(at).1)));
    }
    figures.extend(noted.into_iter().map(|(kind, found)| figure(kind, Some(found))));
    figures
}

/// Every tablet of the unit, with what was noted of it, and others of which something was noted.
fn totals(noted: Vec<client_ffi::TotalView>, tablets: Vec<(String, String)>, here: &str) -> Vec<Total> {
    let total = |device: String, tablet, value, live| Total {
        here: device == here,
        device,
        tablet,
        value,
        live: numbers(live, here),
    };
    let mut noted: Vec<_> = noted.into_iter().map(|total| (total.device.to_string(), total)).collect();
    let mut totals = Vec::with_capacity(tablets.len());
    for (device, name) in tablets {
        let at = noted.iter().position(|(found, _)| *found == device);
        let found = at.map(|at| noted.remove(at).1);
        let (value, live) = found.map(|found| (found.value, found.live)).unwrap_or_default();
        totals.push(total(device, Some(name), value, live));
    }
    totals.extend(
        noted.into_iter().map(|(device, found)| total(device, found.tablet, found.value, found.live)),
    );
    totals
}

pub(crate) fn record<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
) -> Result<UnitRecord, Problem> {
    let unit = UnitCode::new(&unit)?;
    // Every sentence below is taken in both languages; those of the view in one of them are not used.
    let view = desk.tablet.record_view(&unit, Language::Vietnamese)?;
    let tablets = desk.tablet.tablets_of(&unit)?.into_iter();
    let tablets = tablets.map(|(device, name)| (device.to_string(), name)).collect();
    let entry = desk.tablet.package().and_then(|package| package.value().unit(&unit));
    let needed = entry.map(|entry| FigureKind::needed(entry.voting)).unwrap_or_default();
    let acting = desk.under_way.acting.as_ref().map(Acting::person);
    let here = desk.here();
    let paper = |paper: client_ffi::PaperSeen| {
        let client_ffi::PaperSeen { collected, valid, invalid, counts, .. } = paper;
        Paper { collected, valid, invalid, counts }
    };
    let note = |note: client_ffi::NoteView| Note {
        entry: note.entry.to_string(),
        incident: note.incident,
        text: note.text,
        person: note.name,
        at: note.at,
    };
    Ok(UnitRecord {
        present: view.present,
        slips: view.slips,
        figures: figures(view.figures, needed, &here),
        totals: totals(view.totals, tablets, &here),
        committee: view.committee.iter().map(Member::new).collect(),
        committees: view.committees.into_iter().map(|live| committee(live, &here)).collect(),
        papers: view.papers.into_iter().map(paper).collect(),
        notes: view.notes.into_iter().map(note).collect(),
        findings: view.findings.into_iter().map(|finding| Finding::new(finding, acting)).collect(),
        minutes: view.minutes.to_string(),
        versions: view.versions.into_iter().map(Version::from).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::id::DeviceId;
    use sync_core::package::Voting;
    use sync_core::record::{Actor, EntryRef};

    fn live(value: u32) -> client_ffi::Live<u32> {
        let entry = EntryRef { actor: Actor([1; 24]), sequence: 1, index: 0 };
        client_ffi::Live { entry, value, name: None, tablet: None }
    }

    #[test]
    fn figures_that_nobody_noted_are_asked_for_and_others_are_not_hidden() {
        let noted = |kind: FigureKind| client_ffi::FigureView {
            kind,
            label: "",
            value: None,
            live: vec![live(1), live(2)],
        };
        let shown = figures(
            vec![noted(FigureKind::Present), noted(FigureKind::Spoiled)],
            FigureKind::needed(Voting::Attended),
            &DeviceId([1; 16]).to_string(),
        );
        assert!(shown[1].live.iter().all(|live| live.here), "noted by the device that looks");
        let told: Vec<_> = shown.iter().map(|figure| (figure.kind.as_str(), figure.live.len())).collect();
        assert_eq!(told, [("summoned", 0), ("present", 2), ("unlocked", 0), ("spoiled", 2)]);
        assert_eq!((shown[1].label.vi.as_str(), shown[1].label.en.as_str()), ("có mặt", "present"));
    }

    #[test]
    fn every_tablet_of_the_unit_is_asked_for_its_total_and_strangers_are_not_hidden() {
        let noted = |device| client_ffi::TotalView {
            device: DeviceId([device; 16]),
            tablet: None,
            value: Some(5),
            live: vec![live(5)],
        };
        let [own, other] = [1, 2].map(|device| (DeviceId([device; 16]).to_string(), format!("Máy {device}")));
        let here = own.0.clone();
        let shown = totals(vec![noted(9), noted(2)], vec![own, other], &here);
        let told: Vec<_> =
            shown.iter().map(|total| (total.tablet.as_deref(), total.here, total.value)).collect();
        assert_eq!(
            told,
            [(Some("Máy 1"), true, None), (Some("Máy 2"), false, Some(5)), (None, false, Some(5))]
        );
    }
}
