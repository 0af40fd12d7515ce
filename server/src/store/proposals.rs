//! What one person proposed about something held or missing, until a second one confirms it.

use super::{Db, StoreError, fixed};
use crate::domain::person::PersonId;
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{RoundId, UnitCode};

/// A proposal as stored.
#[derive(Debug, Clone)]
pub struct ProposalRow {
    /// The unit.
    pub unit: UnitCode,
    /// Its id.
    pub id: [u8; 16],
    /// Who proposed it.
    pub person: PersonId,
    /// What it is about.
    pub subject: String,
    /// What is to be decided.
    pub verdict: String,
    /// Why.
    pub reason: String,
}

const INSERT: &str = "INSERT INTO proposal (round, unit, id, person, subject, verdict, reason) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const GET: &str = "SELECT unit, id, person, subject, verdict, reason FROM proposal WHERE round = $1 AND unit = $2 AND id = $3";
const LIST: &str =
    "SELECT unit, id, person, subject, verdict, reason FROM proposal WHERE round = $1 ORDER BY unit, id";
const TAKE_BACK: &str = "DELETE FROM proposal WHERE round = $1 AND unit = $2 AND id = $3 RETURNING id";
const SETTLED: &str = "DELETE FROM proposal WHERE round = $1 AND unit = $2 AND subject = $3";

pub(super) const ALL: &[&str] = &[INSERT, GET, LIST, TAKE_BACK, SETTLED];

/// Stores a proposal.
pub async fn insert(db: &mut Db, round: &RoundId, proposal: &ProposalRow) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT)
        .bind(round.0.to_vec())
        .bind(proposal.unit.as_str())
        .bind(proposal.id.to_vec())
        .bind(proposal.person.0.to_vec());
    let query = query.bind(proposal.subject.as_str()).bind(proposal.verdict.as_str());
    query.bind(proposal.reason.as_str()).execute(db).await?;
    Ok(())
}

/// One proposal.
pub async fn get(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    id: &[u8; 16],
) -> Result<Option<ProposalRow>, StoreError> {
    let query = sqlx::query(GET).bind(round.0.to_vec()).bind(unit.as_str()).bind(id.to_vec());
    query.fetch_optional(db).await?.as_ref().map(read).transpose()
}

/// Every open proposal of a round.
pub async fn list(db: &mut Db, round: &RoundId) -> Result<Vec<ProposalRow>, StoreError> {
    sqlx::query(LIST).bind(round.0.to_vec()).fetch_all(db).await?.iter().map(read).collect()
}

/// Removes one; `false` if it is not there.
pub async fn remove(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    id: &[u8; 16],
) -> Result<bool, StoreError> {
    let query = sqlx::query(TAKE_BACK).bind(round.0.to_vec()).bind(unit.as_str()).bind(id.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Removes every proposal about a subject that was decided.
pub async fn settled(db: &mut Db, round: &RoundId, unit: &UnitCode, subject: &str) -> Result<(), StoreError> {
    sqlx::query(SETTLED).bind(round.0.to_vec()).bind(unit.as_str()).bind(subject).execute(db).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<ProposalRow, StoreError> {
    let unit: String = row.try_get("unit")?;
    Ok(ProposalRow {
        unit: UnitCode::new(&unit).map_err(|_| StoreError::Damaged { what: "unit code" })?,
        id: fixed(row, "id", "proposal")?,
        person: PersonId(fixed(row, "person", "proposal")?),
        subject: row.try_get("subject")?,
        verdict: row.try_get("verdict")?,
        reason: row.try_get("reason")?,
    })
}
