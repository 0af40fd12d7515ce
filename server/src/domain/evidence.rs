//! What is known about a held envelope: the facts on which two people decide. Nothing in it tells of a voter or a mark.

use std::collections::BTreeMap;
use sync_core::device::Scope;
use sync_core::id::{DeviceId, EnvelopeId, SheetHash, UnitCode};
use sync_core::package::SheetReplacement;
use sync_core::standing::UnitStanding;
use sync_core::survey::{Header, HoldReason};

/// A held envelope with what is known about it.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The envelope: tablet, number, the one before it, ballots, closing total.
    pub header: Header,
    /// How people call its tablet; nothing for an envelope that the centre itself sealed.
    pub label: Option<String>,
    /// Whether two people decided about it.
    pub decided: bool,
    /// One fact for each reason, in the order of reasons.
    pub facts: Vec<HoldFact>,
}

/// What a reason to hold an envelope rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldFact {
    /// Its tablet was revoked.
    RevokedDevice {
        /// Why, as the revocation has it.
        reason: String,
    },
    /// It was not here when the round was closed.
    Late {
        /// That close, if the log tells of it.
        close: Option<RoundClose>,
    },
    /// Other envelopes of its tablet have its number.
    ClonedTablet {
        /// These.
        twins: Vec<Header>,
    },
    /// Its tablet had closed with a lower number.
    BeyondClose {
        /// The closing envelopes with the lowest number: one, or twins.
        closes: Vec<Header>,
    },
    /// Its sheet was replaced.
    ReplacedSheet {
        /// By what: the replacement that ended its sheet.
        replacement: Option<SheetReplacement>,
        /// The sheet that holds now.
        holds: Option<SheetHash>,
    },
    /// Its sheet is none that this centre issued.
    UnknownSheet {
        /// The sheet that holds now.
        holds: Option<SheetHash>,
    },
    /// Its tablet is not certified for this unit.
    OutOfScope {
        /// Units that it is certified for; none for a courier.
        units: Vec<UnitCode>,
    },
    /// Its ballots have another length than its sheet gives.
    BallotLength {
        /// Length of a ballot in it, in bytes.
        found: usize,
        /// Length by its sheet, in bytes.
        expected: Option<usize>,
    },
    /// It does not follow on what its tablet sealed before.
    BrokenChain {
        /// Envelopes of its tablet that have the number before.
        before: Vec<Header>,
    },
    /// It holds ballots from the box of a tablet that lost its key.
    Orphan(Option<OrphanStory>),
}

impl HoldFact {
    /// The reason.
    pub fn reason(&self) -> HoldReason {
        match self {
            Self::RevokedDevice { .. } => HoldReason::RevokedDevice,
            Self::Late { .. } => HoldReason::Late,
            Self::ClonedTablet { .. } => HoldReason::ClonedTablet,
            Self::BeyondClose { .. } => HoldReason::BeyondClose,
            Self::ReplacedSheet { .. } => HoldReason::ReplacedSheet,
            Self::UnknownSheet { .. } => HoldReason::UnknownSheet,
            Self::OutOfScope { .. } => HoldReason::OutOfScope,
            Self::BallotLength { .. } => HoldReason::BallotLength,
            Self::BrokenChain { .. } => HoldReason::BrokenChain,
            Self::Orphan(_) => HoldReason::Orphan,
        }
    }
}

/// When a round was closed, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundClose {
    /// By the centre's clock, in seconds since 1970: a note for people.
    pub at: i64,
    /// Login, or `operator`.
    pub by: String,
}

/// How ballots from a box came to be sealed by the centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanStory {
    /// The tablet, as what was left of it says; nobody vouches for it.
    pub device: Option<DeviceId>,
    /// How people call it, if it is known here.
    pub label: Option<String>,
    /// What happened, in the words of whoever saved the box.
    pub story: String,
    /// Name of who brought it to the centre.
    pub taken_by: String,
}

/// A device as far as evidence needs it.
#[derive(Debug, Clone)]
pub struct KnownDevice {
    /// How people call it.
    pub label: String,
    /// What it is certified for.
    pub scope: Scope,
    /// Why it was revoked, if it was.
    pub revoked: Option<String>,
}

/// What evidence is made of, beside the facts of the unit.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Devices of the round.
    pub devices: BTreeMap<DeviceId, KnownDevice>,
    /// Replacements of the unit's sheet.
    pub replacements: Vec<SheetReplacement>,
    /// The last close of the round.
    pub close: Option<RoundClose>,
    /// Stories of the envelopes that the centre sealed.
    pub orphans: BTreeMap<EnvelopeId, OrphanStory>,
}

/// The evidence of every held envelope of a unit, by id.
pub fn evidence(standing: &UnitStanding, known: &Known) -> Vec<Evidence> {
    let undecided = standing.undecided();
    let mut all: Vec<Evidence> = standing
        .facts
        .envelopes
        .iter()
        .filter_map(|header| {
            let reasons = standing.survey.held.get(&header.id)?;
            Some(Evidence {
                header: header.clone(),
                label: known.devices.get(&header.device).map(|device| device.label.clone()),
                decided: !undecided.contains_key(&header.id),
                facts: reasons.iter().map(|reason| fact(*reason, header, standing, known)).collect(),
            })
        })
        .collect();
    all.sort_by_key(|evidence| evidence.header.id);
    all
}

fn fact(reason: HoldReason, header: &Header, standing: &UnitStanding, known: &Known) -> HoldFact {
    let facts = &standing.facts;
    let device = known.devices.get(&header.device);
    let others = |wanted: &dyn Fn(&Header) -> bool| -> Vec<Header> {
        let of_tablet = facts.envelopes.iter().filter(|other| other.device == header.device);
        of_tablet.filter(|other| wanted(other)).cloned().collect()
    };
    match reason {
        HoldReason::RevokedDevice => HoldFact::RevokedDevice {
            reason: device.and_then(|device| device.revoked.clone()).unwrap_or_default(),
        },
        HoldReason::Late => HoldFact::Late { close: known.close.clone() },
        HoldReason::ClonedTablet => HoldFact::ClonedTablet {
            twins: others(&|other| other.number == header.number && other.id != header.id),
        },
        HoldReason::BeyondClose => {
            let closes = others(&|other| other.total.is_some());
            let first = closes.iter().map(|other| other.number).min();
            let is_first = |other: &Header| Some(other.number) == first;
            HoldFact::BeyondClose { closes: closes.into_iter().filter(is_first).collect() }
        }
        HoldReason::ReplacedSheet => HoldFact::ReplacedSheet {
            replacement: known.replacements.iter().find(|made| made.old == header.sheet).cloned(),
            holds: facts.current,
        },
        HoldReason::UnknownSheet => HoldFact::UnknownSheet { holds: facts.current },
        HoldReason::OutOfScope => HoldFact::OutOfScope {
            units: match device.map(|device| &device.scope) {
                Some(Scope::Units(units)) => units.clone(),
                Some(Scope::Courier) | None => Vec::new(),
            },
        },
        HoldReason::BallotLength => HoldFact::BallotLength {
            found: header.record_len,
            expected: facts.sheets.get(&header.sheet).copied(),
        },
        HoldReason::BrokenChain => HoldFact::BrokenChain {
            before: others(&|other| other.number.checked_add(1) == Some(header.number)),
        },
        HoldReason::Orphan => HoldFact::Orphan(known.orphans.get(&header.id).cloned()),
    }
}

/// What the centre notes in the unit's record of ballots that it sealed: a Vietnamese line, as everything in a record.
pub fn orphan_line(device: Option<DeviceId>, ballots: usize, id: &EnvelopeId, story: &str) -> String {
    let tablet = device.map_or_else(|| "?".to_owned(), |device| device.to_string());
    format!("Hòm của máy {tablet} đã mất khóa: {ballots} phiếu tạm giữ trong bao {id}. {}", story.trim())
}

/// Reads [`orphan_line`] back: the tablet, the envelope and the story, which stands last, so that nothing in it is taken
/// for something else.
pub fn read_orphan_line(line: &str) -> Option<(Option<DeviceId>, EnvelopeId, &str)> {
    let (tablet, rest) = line.strip_prefix("Hòm của máy ")?.split_once(" đã mất khóa: ")?;
    let (_, rest) = rest.split_once(" phiếu tạm giữ trong bao ")?;
    let (id, story) = rest.split_once(". ")?;
    Some((tablet.parse().ok(), id.parse().ok()?, story))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_read_back_whole_and_cannot_pose_as_that_of_another_envelope() {
        let (device, id) = (DeviceId([7; 16]), EnvelopeId([8; 32]));
        let posing = orphan_line(None, 1, &EnvelopeId([9; 32]), "x");
        for story in ["Máy rơi xuống suối. Khóa hỏng.", posing.as_str(), "<b>đã mất khóa: </b>"]
        {
            for device in [Some(device), None] {
                let line = orphan_line(device, 12, &id, story);
                assert_eq!(read_orphan_line(&line), Some((device, id, story)));
            }
        }
        assert_eq!(read_orphan_line("Hòm của máy ? đã mất khóa"), None);
        assert_eq!(read_orphan_line(""), None);
    }
}
