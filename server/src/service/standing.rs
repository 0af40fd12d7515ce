//! How units stand: facts, holds, gaps, decisions.

use super::record::{RecordSummary, Records, load_record, summarise};
use super::{Centre, Round, load_round};
use crate::domain::decision::from_text;
use crate::error::AppError;
use crate::store::{Db, StoreError, decisions, devices, envelopes, units};
use serde::Serialize;
use std::collections::BTreeMap;
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::id::{DeviceId, RoundId, SheetHash, UnitCode};
use sync_core::package::{Sheet, SheetReplacement, current_sheet};
use sync_core::standing::UnitStanding;
use sync_core::survey::UnitFacts;

/// How a unit stands, for the board.
#[derive(Debug, Clone, Serialize)]
pub struct UnitStatus {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Voters on the roster.
    pub voters: u32,
    /// Tablets certified and not revoked.
    pub tablets: usize,
    /// Of these, tablets that closed.
    pub closed: usize,
    /// Envelopes here.
    pub envelopes: usize,
    /// Sealed ballots in them.
    pub ballots: u64,
    /// Envelopes held and not decided.
    pub held: usize,
    /// Numbers, closes or totals that are missing and not written off.
    pub gaps: usize,
    /// Number of the order it is published by.
    pub published: Option<u32>,
    /// What its record amounts to.
    pub record: RecordSummary,
    /// Whether anything is held, decided or not, or missing.
    #[serde(skip)]
    pub waits: bool,
    /// The tablets that count for `tablets`, with whether each closed.
    #[serde(skip)]
    pub active: Vec<(DeviceId, bool)>,
}

impl Centre {
    /// How every unit of a signed round stands.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn standings(&self, round: &RoundId) -> Result<(Round, Vec<UnitStanding>), AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let standings = load_standings(&mut tx, self.kept(), &stored).await?;
        Ok((stored, standings))
    }

    /// The board of a round.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn status(&self, round: &RoundId) -> Result<Vec<UnitStatus>, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let published: BTreeMap<UnitCode, u32> =
            units::published(&mut tx, round).await?.into_iter().collect();
        let standings = load_standings(&mut tx, self.kept(), &stored).await?;
        let mut summaries = BTreeMap::new();
        let mut fresh = Vec::new();
        for standing in &standings {
            let (summary, made) = summarise(&mut tx, self.kept(), &stored, standing).await?;
            summaries.insert(standing.unit.clone(), summary);
            fresh.extend(made);
        }
        tx.rollback().await.map_err(StoreError::from)?;
        self.keep_summaries(round, fresh).await;
        let mut status = |standing: &UnitStanding| {
            let facts = &standing.facts;
            let roster = stored.draft.unit(standing.unit.as_str());
            let closed = |device: &DeviceId| {
                facts.envelopes.iter().any(|header| header.device == *device && header.total.is_some())
            };
            let active = facts.certified.difference(&facts.revoked);
            let active: Vec<_> = active.map(|device| (*device, closed(device))).collect();
            UnitStatus {
                code: standing.unit.to_string(),
                name: roster.map(|unit| unit.name.clone()).unwrap_or_default(),
                voters: roster.map_or(0, |unit| unit.voters),
                tablets: active.len(),
                closed: active.iter().filter(|(_, closed)| *closed).count(),
                envelopes: facts.envelopes.len(),
                ballots: standing.ballots(),
                held: standing.undecided().len(),
                waits: !standing.survey.held.is_empty() || !standing.open_gaps().is_empty(),
                gaps: standing.open_gaps().len(),
                published: published.get(&standing.unit).copied(),
                record: summaries.remove(&standing.unit).unwrap_or_default(),
                active,
            }
        };
        Ok(standings.iter().map(&mut status).collect())
    }
}

/// How every unit stands within one transaction.
pub(super) async fn load_standings(
    db: &mut Db,
    kept: Option<&Records>,
    round: &Round,
) -> Result<Vec<UnitStanding>, AppError> {
    let mut standings = Vec::new();
    for entry in &round.signed()?.value().units {
        standings.push(load_standing(db, kept, round, &entry.code).await?);
    }
    Ok(standings)
}

/// How one unit stands within one transaction.
pub(super) async fn load_standing(
    db: &mut Db,
    kept: Option<&Records>,
    round: &Round,
    unit: &UnitCode,
) -> Result<UnitStanding, AppError> {
    let missing = || AppError::not_found("unknown_unit", format!("there is no unit {unit} in the round"));
    let package = round.signed()?.value();
    let first = package.unit(unit).ok_or_else(missing)?.sheet;
    let at_close =
        if round.state.is_over() { Some(envelopes::at_close(db, &round.id, unit).await?) } else { None };
    let replacements = load_replacements(db, &round.id, unit, &package.centre.sign).await?;
    let revoked = devices::revoked(db, &round.id).await?;
    let current = current_sheet(first, &replacements);
    let facts = UnitFacts {
        centre: Some(package.centre.device()),
        sheets: load_sheets(db, &round.id, unit).await?.iter().map(|(h, s)| (*h, s.record_len())).collect(),
        current: Some(current),
        certified: devices::of_unit(db, &round.id, unit).await?.into_iter().collect(),
        revoked: revoked.into_iter().map(|row| row.id).collect(),
        at_close: at_close.map(|ids| ids.into_iter().collect()),
        envelopes: envelopes::headers(db, &round.id, unit).await?,
        papers: load_record(db, kept, round, unit).await?.papers(&current),
    };
    let damaged = || StoreError::Damaged { what: "decision" };
    let mut made = Vec::new();
    for row in decisions::of_unit(db, &round.id, unit).await? {
        let ruling = from_text(&row.subject, &row.verdict).ok_or_else(damaged)?;
        made.push(sync_core::order::Decision { ruling, by: row.persons, reason: row.reason });
    }
    Ok(UnitStanding::new(unit.clone(), facts, made))
}

/// The sheets of a unit as stored.
pub(super) async fn load_sheets(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
) -> Result<BTreeMap<SheetHash, Sheet>, AppError> {
    let rows = units::sheets(db, round, unit).await?;
    rows.into_iter()
        .map(|(hash, bytes)| match cbor::decode::<Sheet>(&bytes) {
            Ok(sheet) => Ok((hash, sheet)),
            Err(_) => Err(StoreError::Damaged { what: "sheet" }.into()),
        })
        .collect()
}

/// Every sheet of a round as stored.
pub(super) async fn load_sheets_of_round(
    db: &mut Db,
    round: &RoundId,
) -> Result<BTreeMap<SheetHash, Sheet>, AppError> {
    let read = |(hash, bytes): (SheetHash, Vec<u8>)| {
        let sheet = cbor::decode::<Sheet>(&bytes).map_err(|_| StoreError::Damaged { what: "sheet" })?;
        Ok((hash, sheet))
    };
    units::sheets_of_round(db, round).await?.into_iter().map(read).collect()
}

/// The replacements of a unit's sheet as stored.
pub(super) async fn load_replacements(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    centre: &sync_core::cose::PublicKey,
) -> Result<Vec<Signed<SheetReplacement>>, AppError> {
    let rows = units::replacements(db, round, unit).await?;
    rows.iter()
        .map(|bytes| match Signed::<SheetReplacement>::open(bytes, centre) {
            Ok(signed) => Ok(signed),
            Err(_) => Err(StoreError::Damaged { what: "sheet replacement" }.into()),
        })
        .collect()
}
