//! Decisions of two people about what is held or missing.

use super::{Db, StoreError};
use sqlx::Row;
use sync_core::id::{RoundId, UnitCode};

/// A decision as stored. What subject and verdict mean is the domain's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// What it is about.
    pub subject: String,
    /// What was decided.
    pub verdict: String,
    /// The two persons.
    pub persons: [String; 2],
    /// Why.
    pub reason: String,
}

const PUT: &str = "INSERT INTO decision (round, unit, subject, verdict, first_person, second_person, reason) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (round, unit, subject) DO UPDATE SET verdict = $4, \
     first_person = $5, second_person = $6, reason = $7";
const OF_UNIT: &str = "SELECT subject, verdict, first_person, second_person, reason FROM decision \
     WHERE round = $1 AND unit = $2 ORDER BY subject";

pub(super) const ALL: &[&str] = &[PUT, OF_UNIT];

/// Stores a decision; a later one about the same subject takes its place.
pub async fn put(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    decision: &DecisionRow,
) -> Result<(), StoreError> {
    let [first, second] = &decision.persons;
    let query = sqlx::query(PUT).bind(round.0.to_vec()).bind(unit.as_str());
    let query = query.bind(decision.subject.as_str()).bind(decision.verdict.as_str());
    query.bind(first.as_str()).bind(second.as_str()).bind(decision.reason.as_str()).execute(db).await?;
    Ok(())
}

/// The decisions of a unit.
pub async fn of_unit(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<DecisionRow>, StoreError> {
    let rows = sqlx::query(OF_UNIT).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(DecisionRow {
                subject: row.try_get("subject")?,
                verdict: row.try_get("verdict")?,
                persons: [row.try_get("first_person")?, row.try_get("second_person")?],
                reason: row.try_get("reason")?,
            })
        })
        .collect()
}
