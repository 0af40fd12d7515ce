//! A unit's record as it stands, held against sheet, tablets and envelopes.

use super::cache::{Records, load_record};
use super::summary::{Explained, FindingSummary};
use super::take::restored;
use crate::error::AppError;
use crate::service::standing::{load_sheets, load_standing};
use crate::service::{Centre, Round, load_round};
use crate::store::{Db, StoreError, devices, envelopes, records};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use sync_core::cose::Unverified;
use sync_core::device::Certificate;
use sync_core::envelope::Envelope;
use sync_core::id::{DeviceId, EnvelopeId, Nullifier, RoundId, UnitCode};
use sync_core::package::{Sheet, Voting};
use sync_core::record::{Close, Finding, Ground, PersonId, Record, SignedChange, State, Votes, reconcile};
use sync_core::standing::UnitStanding;

/// A unit's record with what it is held against and what does not reconcile.
#[derive(Debug, Clone)]
pub struct UnitRecord {
    /// The record.
    pub record: Arc<Record>,
    /// What its entries amount to; names of the sheet's team are among the persons.
    pub state: State,
    /// The sheet that holds, if it is here.
    pub sheet: Option<Sheet>,
    /// What does not reconcile.
    pub findings: Vec<Finding>,
    /// Labels of the devices that wrote in it or belong to the unit.
    pub labels: BTreeMap<DeviceId, String>,
    /// The id under which the centre itself writes.
    pub centre: DeviceId,
}

impl UnitRecord {
    /// How people call a device; nothing if it is unknown here.
    pub fn label(&self, device: &DeviceId) -> &str {
        self.labels.get(device).map_or("", String::as_str)
    }

    /// What was said to explain a finding.
    pub fn explanations(&self, finding: &Finding) -> Vec<Explained> {
        Explained::of(finding, &self.state, self.sheet.as_ref())
    }

    /// What does not reconcile, with what was said to explain it.
    pub fn summaries(&self) -> Vec<FindingSummary> {
        let of = |finding| FindingSummary::of(finding, &self.state, self.sheet.as_ref());
        self.findings.iter().map(of).collect()
    }
}

impl Centre {
    /// The record of a unit.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`, `not_signed` or `unknown_unit`.
    pub async fn unit_record(&self, round: &RoundId, unit: &str) -> Result<UnitRecord, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let unit = stored.unit(unit)?;
        load_unit_record(&mut tx, self.kept(), &stored, &unit).await
    }
}

/// The record of a unit within one transaction.
pub(in crate::service) async fn load_unit_record(
    db: &mut Db,
    kept: Option<&Records>,
    round: &Round,
    unit: &UnitCode,
) -> Result<UnitRecord, AppError> {
    let standing = load_standing(db, kept, round, unit).await?;
    let folded = load_record(db, kept, round, unit).await?;
    let sheet = current_sheet(db, round, &standing).await?;
    let findings = findings_of(db, round, &standing, (&folded.record, sheet.as_ref())).await?;
    let mut state = folded.state.clone();
    let team = sheet.iter().flat_map(|sheet| &sheet.team);
    for name in team {
        state.persons.entry(PersonId::of(name)).or_insert_with(|| name.clone());
    }
    let concerned: BTreeSet<DeviceId> = standing.facts.certified.union(&state.devices).copied().collect();
    let mut labels = BTreeMap::new();
    for device in concerned {
        if let Some(row) = devices::get(db, &round.id, &device).await? {
            let certificate = Unverified::<Certificate>::decode(&row.certificate);
            let label = certificate.map_or(row.label, |certificate| certificate.claim().label.clone());
            labels.insert(device, label);
        }
    }
    let centre = round.signed()?.value().centre.device();
    let record = Arc::clone(&folded.record);
    Ok(UnitRecord { record, state, sheet, findings, labels, centre })
}

/// Every change that is stored of a unit, also what is left out for a twin: who checks a bundle sees all of it.
pub(in crate::service) async fn load_changes(
    db: &mut Db,
    round: &Round,
    unit: &UnitCode,
) -> Result<Vec<SignedChange>, AppError> {
    let rows = records::of_unit(db, &round.id, unit).await?;
    Ok(rows.iter().map(restored).collect::<Result<_, _>>()?)
}

/// What does not reconcile in a unit. It is worked out from what is stored, never from a projection.
pub(in crate::service) async fn load_findings(
    db: &mut Db,
    round: &Round,
    standing: &UnitStanding,
) -> Result<Vec<Finding>, AppError> {
    // Whoever asks writes on what it finds.
    let folded = load_record(db, None, round, &standing.unit).await?;
    let sheet = current_sheet(db, round, standing).await?;
    findings_of(db, round, standing, (&folded.record, sheet.as_ref())).await
}

pub(super) async fn findings_of(
    db: &mut Db,
    round: &Round,
    standing: &UnitStanding,
    (record, sheet): (&Record, Option<&Sheet>),
) -> Result<Vec<Finding>, AppError> {
    let voting = voting(round, &standing.unit)?;
    let votes = if record.is_empty() || !all_known(standing) {
        None
    } else {
        Some(votes(db, round, standing, (voting, sheet)).await?)
    };
    let ground = Ground { sheet, voting, tablets: closes(standing), revoked: &standing.facts.revoked, votes };
    Ok(reconcile(record, &ground))
}

/// While something is on its way, or nobody decided whether it counts, nobody knows how many ballots came in.
pub(super) fn all_known(standing: &UnitStanding) -> bool {
    standing.open_gaps().is_empty() && standing.undecided().is_empty()
}

fn voting(round: &Round, unit: &UnitCode) -> Result<Voting, AppError> {
    let entry = round.signed()?.value().unit(unit);
    Ok(entry.ok_or(StoreError::Damaged { what: "round" })?.voting)
}

pub(super) async fn current_sheet(
    db: &mut Db,
    round: &Round,
    standing: &UnitStanding,
) -> Result<Option<Sheet>, AppError> {
    let mut sheets = load_sheets(db, &round.id, &standing.unit).await?;
    Ok(standing.facts.current.and_then(|hash| sheets.remove(&hash)))
}

/// Tablets of the unit with the totals that their closes state, as far as these count.
pub(super) fn closes(standing: &UnitStanding) -> BTreeMap<DeviceId, Close> {
    let admitted = admitted(standing);
    let mut tablets: BTreeMap<DeviceId, Close> =
        standing.facts.certified.iter().map(|device| (*device, Close::default())).collect();
    for header in standing.facts.envelopes.iter().filter(|header| admitted.contains(&header.id)) {
        if let (Some(total), Some(close)) = (header.total, tablets.get_mut(&header.device)) {
            // Of a cloned tablet that two people admitted: the higher one, whichever came first.
            close.total = close.total.max(Some(total));
        }
    }
    tablets
}

/// Envelopes that an order made now would open.
pub(super) fn admitted(standing: &UnitStanding) -> BTreeSet<EnvelopeId> {
    standing.order().into_iter().flat_map(|order| order.admitted).collect()
}

/// Ballots that came in, as they can be told apart before anything is opened.
async fn votes(
    db: &mut Db,
    round: &Round,
    standing: &UnitStanding,
    (voting, sheet): (Voting, Option<&Sheet>),
) -> Result<Votes, AppError> {
    let admitted = admitted(standing);
    let mut permits: BTreeSet<Nullifier> = BTreeSet::new();
    let mut ballots: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut next = admitted.first().copied();
    while let Some(first) = next {
        let found = envelopes::from(db, &round.id, &standing.unit, &first).await?;
        for (_, bytes) in found.iter().filter(|(id, _)| admitted.contains(id)) {
            let envelope = Unverified::<Envelope>::decode(bytes);
            let envelope = envelope.map_err(|_| StoreError::Damaged { what: "envelope" })?;
            for ballot in envelope.claim().ballots.records() {
                match voting {
                    Voting::Permit => drop(permits.insert(ballot.nullifier())),
                    Voting::Attended => drop(ballots.insert(ballot.as_bytes().to_vec())),
                }
            }
        }
        next = found.last().and_then(|(last, _)| admitted.range(last..).find(|id| *id > last).copied());
    }
    let issued = permits.iter().filter(|nullifier| sheet.is_some_and(|sheet| sheet.issued(nullifier)));
    let collected = match voting {
        Voting::Permit => issued.count(),
        Voting::Attended => ballots.len(),
    };
    Ok(Votes { collected: u32::try_from(collected).unwrap_or(u32::MAX) })
}
