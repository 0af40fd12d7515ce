//! What is held, with the evidence of each envelope.

use super::record::{Records, load_record};
use super::standing::{load_replacements, load_standing};
use super::{Centre, Round, load_round};
use crate::domain::evidence::{
    Evidence, Known, KnownDevice, OrphanStory, RoundClose, evidence, read_orphan_line,
};
use crate::error::AppError;
use crate::store::audit::{self, Search};
use crate::store::{Db, StoreError, devices};
use std::collections::BTreeMap;
use sync_core::cose::Unverified;
use sync_core::device::{Certificate, Revocation};
use sync_core::id::{DeviceId, EnvelopeId, RoundId, UnitCode};
use sync_core::record::Act;
use sync_core::standing::UnitStanding;
use sync_core::survey::{Gap, HoldReason};

/// What waits for two people in one unit.
#[derive(Debug, Clone)]
pub struct UnitHolds {
    /// The unit.
    pub unit: UnitCode,
    /// Every held envelope, by id.
    pub held: Vec<Evidence>,
    /// What is missing and not written off, with the label of the tablet.
    pub missing: Vec<(Gap, String)>,
}

impl Centre {
    /// What is held or missing, by unit; units where nothing is are left out.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`, `not_signed`.
    pub async fn holds(&self, round: &RoundId) -> Result<Vec<UnitHolds>, AppError> {
        // The board knows in which units anything is: the others need not be worked out once more.
        let board = self.board(round).await?;
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let mut standings = Vec::new();
        for unit in board.units.iter().filter(|unit| unit.status.waits) {
            let code = stored.unit(&unit.status.code)?;
            standings.push(load_standing(&mut tx, self.kept(), &stored, &code).await?);
        }
        let waits = |s: &UnitStanding| !s.survey.held.is_empty() || !s.open_gaps().is_empty();
        let mut all = Vec::new();
        let mut known = Known::default();
        if standings.iter().any(waits) {
            known.devices = known_devices(&mut tx, round).await?;
            known.close = last_close(&mut tx, &stored).await?;
        }
        for standing in standings.iter().filter(|standing| waits(standing)) {
            let centre = &stored.signed()?.value().centre;
            let replaced = load_replacements(&mut tx, round, &standing.unit, &centre.sign).await?;
            known.replacements = replaced.into_iter().map(|signed| signed.value().clone()).collect();
            known.orphans = orphans((&mut tx, self.kept()), &stored, standing, &known.devices).await?;
            let label = |gap: &Gap| known.devices.get(&gap.device()).map(|d| d.label.clone());
            let missing = standing.open_gaps().into_iter();
            all.push(UnitHolds {
                unit: standing.unit.clone(),
                held: evidence(standing, &known),
                missing: missing.map(|gap| (gap, label(&gap).unwrap_or_default())).collect(),
            });
        }
        all.sort_by(|a, b| a.unit.cmp(&b.unit));
        Ok(all)
    }
}

async fn known_devices(db: &mut Db, round: &RoundId) -> Result<BTreeMap<DeviceId, KnownDevice>, AppError> {
    let mut known = BTreeMap::new();
    for row in devices::list(db, round).await? {
        let certificate = Unverified::<Certificate>::decode(&row.certificate);
        let certificate = certificate.map_err(|_| StoreError::Damaged { what: "certificate" })?;
        let revoked = row.revocation.as_deref().map(Unverified::<Revocation>::decode).transpose();
        let revoked = revoked.map_err(|_| StoreError::Damaged { what: "revocation" })?;
        let device = KnownDevice {
            label: certificate.claim().label.clone(),
            scope: certificate.claim().scope.clone(),
            revoked: revoked.map(|revocation| revocation.claim().reason.clone()),
        };
        known.insert(row.id, device);
    }
    Ok(known)
}

/// The close by which envelopes are late: the last one that the log tells of, while it stands.
pub(super) async fn last_close(db: &mut Db, round: &Round) -> Result<Option<RoundClose>, AppError> {
    if !round.state.is_over() {
        return Ok(None);
    }
    let action = "round_closed".to_owned();
    let what = Search { action, object: round.id.uuid().to_string(), ..Search::default() };
    let found = audit::search(db, &what, 1).await?.into_iter().next();
    Ok(found.map(|entry| RoundClose { at: entry.at, by: entry.actor }))
}

/// The stories of a unit's orphaned boxes. They are read from the centre's own entries, also where somebody of the unit
/// undid one: what is held stays held.
async fn orphans(
    (db, kept): (&mut Db, Option<&Records>),
    round: &Round,
    standing: &UnitStanding,
    devices: &BTreeMap<DeviceId, KnownDevice>,
) -> Result<BTreeMap<EnvelopeId, OrphanStory>, AppError> {
    let mut stories = BTreeMap::new();
    if !standing.survey.held.values().any(|reasons| reasons.contains(&HoldReason::Orphan)) {
        return Ok(stories);
    }
    let centre = round.signed()?.value().centre.device();
    let folded = load_record(db, kept, round, &standing.unit).await?;
    let names = &folded.state.persons;
    for (_, entry) in folded.record.entries().filter(|(place, _)| place.actor.device() == centre) {
        let Act::Incident { text } = &entry.act else { continue };
        if let Some((device, id, story)) = read_orphan_line(text) {
            let known = device.and_then(|device| devices.get(&device));
            let story = OrphanStory {
                device,
                label: known.map(|device| device.label.clone()),
                story: story.to_owned(),
                taken_by: names.get(&entry.person).cloned().unwrap_or_default(),
            };
            stories.insert(id, story);
        }
    }
    Ok(stories)
}
