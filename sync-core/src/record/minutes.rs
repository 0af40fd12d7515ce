//! The counting minutes: built from the record, frozen by hash when chair and counting head sign.
//!
//! Signatures and corrections are not part of the minutes; everything else that people noted is. A correction is made by
//! further entries, a word why, and new signatures: then there is a new version beside the old.

use super::entry::{FigureKind, HEADS_MAX, Member, Post};
use super::fold::State;
use super::log::Record;
use super::names::PersonId;
use super::{Actor, EntryRef};
use crate::cbor::Writer;
use crate::id::{DeviceId, ObjectId, PackageHash, UnitCode, sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Hash of minutes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinutesHash(pub [u8; 32]);

impl fmt::Display for MinutesHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for MinutesHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MinutesHash({self})")
    }
}

/// What the minutes say. Where people disagree and nobody settled it, there is no figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minutes {
    /// The package.
    pub package: PackageHash,
    /// The unit.
    pub unit: UnitCode,
    /// Who led and who counted; nothing while it is not noted or in conflict.
    pub committee: Vec<Member>,
    /// Figures that are noted.
    pub figures: BTreeMap<FigureKind, Option<u32>>,
    /// Voters in the register, and slips handed out by it.
    pub register: (u32, u32),
    /// Voters who are checked in more than once.
    pub twice: BTreeSet<u32>,
    /// Closing totals of the tablets.
    pub totals: BTreeMap<DeviceId, Option<u32>>,
    /// Paper counts: by id the ballots collected, valid and invalid.
    pub papers: BTreeMap<ObjectId, (u32, u32, u32)>,
    /// Incidents and notes: whether it is an incident, and what it says.
    pub notes: Vec<(bool, String)>,
}

impl Minutes {
    /// The minutes that follow from a state.
    pub fn of(package: &PackageHash, unit: &UnitCode, state: &State) -> Self {
        let committee = state.committee.as_ref().and_then(|topic| topic.value().cloned());
        let papers = state.papers_of(None).into_iter();
        let papers = papers
            .map(|paper| (paper.id(package, unit), (paper.collected, paper.valid, paper.invalid)))
            .collect();
        let twice = state.register.iter().filter(|(_, voter)| voter.check_ins.len() > 1);
        Self {
            package: *package,
            unit: unit.clone(),
            committee: committee.unwrap_or_default(),
            figures: state.figures.iter().map(|(kind, topic)| (*kind, topic.value().copied())).collect(),
            register: (state.present(), state.slips()),
            twice: twice.map(|(voter, _)| *voter).collect(),
            totals: state.totals.iter().map(|(device, topic)| (*device, topic.value().copied())).collect(),
            papers,
            notes: state.notes.values().map(|note| (note.incident, note.text.clone())).collect(),
        }
    }

    /// Their hash: SHA-256(domain ‖ encoding), in hexadecimal on paper.
    pub fn hash(&self) -> MinutesHash {
        MinutesHash(sha256(&[b"homphieu/minutes/1", &self.bytes()]))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut w = Writer::new();
        let maybe = |w: &mut Writer, value: Option<u32>| match value {
            Some(value) => {
                w.uint(value);
            }
            None => {
                w.null();
            }
        };
        w.array(9).bytes(self.package.as_bytes()).text(self.unit.as_str());
        w.list(&self.committee, |w, member| {
            w.array(2).uint(member.post.number()).text(&member.name);
        });
        w.array(self.figures.len());
        for (kind, value) in &self.figures {
            w.array(2).uint(kind.number());
            maybe(&mut w, *value);
        }
        w.array(2).uint(self.register.0).uint(self.register.1);
        w.array(self.twice.len());
        for voter in &self.twice {
            w.uint(*voter);
        }
        w.array(self.totals.len());
        for (device, total) in &self.totals {
            w.array(2).bytes(device.as_bytes());
            maybe(&mut w, *total);
        }
        w.array(self.papers.len());
        for (id, (collected, valid, invalid)) in &self.papers {
            w.array(4).bytes(id.as_bytes()).uint(*collected).uint(*valid).uint(*invalid);
        }
        w.list(&self.notes, |w, (incident, text)| {
            w.array(2).flag(*incident).text(text);
        });
        w.finish()
    }
}

/// One version of the minutes that somebody signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Hash as signed.
    pub hash: MinutesHash,
    /// The minutes, rebuilt from the changes that the signature covers; `None` while some of these are not here.
    pub minutes: Option<Minutes>,
    /// Signatures that name changes from which other minutes follow: they are worth nothing.
    pub wrong: Vec<EntryRef>,
    /// Who signed, as what, and where the signature stands.
    pub signed: Vec<(Post, PersonId, EntryRef)>,
    /// Why the minutes do not hold any more, if somebody said so.
    pub corrected: Vec<(PersonId, String)>,
}

impl Version {
    /// Whether chair and counting head, two persons, signed these minutes, and nobody corrected them since.
    pub fn is_complete(&self) -> bool {
        let signers = |post| self.signed.iter().filter(move |(as_what, ..)| *as_what == post);
        let two = signers(Post::MeetingChair)
            .any(|(_, chair, _)| signers(Post::CountingHead).any(|(_, head, _)| head != chair));
        two && self.minutes.is_some() && self.corrected.is_empty()
    }
}

/// What a signature under the minutes of now names: how far every writer had come. Where there are more writers than an
/// entry names, those are left out without whom the very same minutes follow: a device that lies may write under many
/// names, and what of it was undone, or never was part of the minutes, must not keep anybody from signing. Nothing if
/// too many are left.
pub(super) fn heads_to_sign(record: &Record) -> Option<Vec<(Actor, u32)>> {
    let mut heads = record.signed_heads();
    if heads.len() <= HEADS_MAX {
        return Some(heads);
    }
    let minutes = |state: &State| Minutes::of(record.package(), record.unit(), state).hash();
    let now = minutes(&record.state());
    let mut step = heads.len().next_power_of_two() / 2;
    while step > 0 && heads.len() > HEADS_MAX {
        let mut from = 0;
        while from < heads.len() && heads.len() > HEADS_MAX {
            let to = heads.len().min(from + step);
            let rest = [&heads[..from], &heads[to..]].concat();
            match record.state_at(&rest).is_some_and(|state| minutes(&state) == now) {
                true => heads = rest,
                false => from = to,
            }
        }
        step /= 2;
    }
    (heads.len() <= HEADS_MAX).then_some(heads)
}

/// Every signed version; the one whose hash is that of the minutes now comes last.
pub(super) fn versions(record: &Record, package: &PackageHash, unit: &UnitCode) -> Vec<Version> {
    let state = record.state();
    let now = Minutes::of(package, unit, &state).hash();
    let mut versions: BTreeMap<(bool, MinutesHash), Version> = BTreeMap::new();
    for (place, sign_off) in &state.sign_offs {
        let rebuilt = record.state_at(&sign_off.heads).map(|state| Minutes::of(package, unit, &state));
        let wrong = rebuilt.as_ref().is_some_and(|minutes| minutes.hash() != sign_off.minutes);
        let hash = sign_off.minutes;
        let version = versions.entry((hash == now, hash)).or_insert_with(|| Version {
            hash,
            minutes: None,
            wrong: Vec::new(),
            signed: Vec::new(),
            corrected: state.corrections.get(&hash).cloned().unwrap_or_default(),
        });
        if wrong {
            version.wrong.push(*place);
            continue;
        }
        version.minutes = version.minutes.take().or(rebuilt);
        version.signed.push((sign_off.post, sign_off.person, *place));
    }
    versions.into_values().collect()
}
