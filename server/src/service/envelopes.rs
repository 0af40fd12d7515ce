//! The envelopes of a unit as facts: which tablet sealed which number with how many ballots, what of it is held, what was
//! decided, and what is missing. Nothing of when anything came, and nothing of a single ballot.

use super::standing::load_standing;
use super::{Centre, load_round};
use crate::error::AppError;
use crate::store::devices;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::{DeviceId, RoundId};
use sync_core::order::Ruling;
use sync_core::standing::UnitStanding;
use sync_core::survey::{Gap, Header, HoldReason};

/// What is here of one tablet in one unit.
#[derive(Debug, Clone)]
pub struct TabletEnvelopes {
    /// Its id.
    pub device: DeviceId,
    /// How people call it; nothing for the centre itself, which seals orphaned ballots.
    pub label: Option<String>,
    /// Whether it is revoked.
    pub revoked: bool,
    /// Its envelopes by number, then by id.
    pub envelopes: Vec<EnvelopeFact>,
    /// What is missing of it, each with whether two people wrote it off.
    pub gaps: Vec<(Gap, bool)>,
}

/// An envelope that is here.
#[derive(Debug, Clone)]
pub struct EnvelopeFact {
    /// Number, ballots, closing total, sheet.
    pub header: Header,
    /// Why it is held; nothing if it is not.
    pub held: BTreeSet<HoldReason>,
    /// What two people decided about it: whether it is counted.
    pub admitted: Option<bool>,
}

impl Centre {
    /// The envelopes of a unit by tablet, certified ones first and by name, also where none is here.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`, `not_signed`, `unknown_unit`.
    pub async fn unit_envelopes(
        &self,
        round: &RoundId,
        unit: &str,
    ) -> Result<Vec<TabletEnvelopes>, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let unit = stored.unit(unit)?;
        let standing = load_standing(&mut tx, self.kept(), &stored, &unit).await?;
        let labels =
            devices::list(&mut tx, round).await?.into_iter().map(|row| (row.id, row.label)).collect();
        Ok(by_tablet(&standing, &labels))
    }
}

fn by_tablet(standing: &UnitStanding, labels: &BTreeMap<DeviceId, String>) -> Vec<TabletEnvelopes> {
    let facts = &standing.facts;
    let authors = facts.envelopes.iter().map(|header| header.device);
    let missed = standing.survey.gaps.iter().map(Gap::device);
    let all: BTreeSet<DeviceId> = facts.certified.iter().copied().chain(authors).chain(missed).collect();
    let mut tablets: Vec<TabletEnvelopes> =
        all.into_iter().map(|device| of(standing, labels, device)).collect();
    tablets.sort_by_key(|tablet| {
        (!facts.certified.contains(&tablet.device), tablet.label.clone(), tablet.device)
    });
    tablets
}

fn of(standing: &UnitStanding, labels: &BTreeMap<DeviceId, String>, device: DeviceId) -> TabletEnvelopes {
    let (facts, survey) = (&standing.facts, &standing.survey);
    let admitted = |header: &Header| {
        standing.decisions.iter().find_map(|decision| match decision.ruling {
            Ruling::Admit(id) if id == header.id => Some(true),
            Ruling::LeaveOut(id) if id == header.id => Some(false),
            _ => None,
        })
    };
    let own = facts.envelopes.iter().filter(|header| header.device == device);
    let mut envelopes: Vec<EnvelopeFact> = own
        .map(|header| {
            let held = survey.held.get(&header.id).cloned().unwrap_or_default();
            // A decision about what is not held any more says nothing.
            let admitted = if held.is_empty() { None } else { admitted(header) };
            EnvelopeFact { header: header.clone(), held, admitted }
        })
        .collect();
    envelopes.sort_by_key(|fact| (fact.header.number, fact.header.id));
    let open = standing.open_gaps();
    let gaps = survey.gaps.iter().filter(|gap| gap.device() == device);
    TabletEnvelopes {
        device,
        label: labels.get(&device).cloned(),
        revoked: facts.revoked.contains(&device),
        envelopes,
        gaps: gaps.map(|gap| (*gap, !open.contains(gap))).collect(),
    }
}
