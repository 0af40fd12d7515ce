//! The end of a round: statements, and units that two people left unpublished.

use super::{Db, StoreError};
use sqlx::Row;
use sync_core::id::{RoundId, UnitCode};

const INSERT: &str = "INSERT INTO statement (round, unit, bytes) VALUES ($1, $2, $3)";
const OF_UNIT: &str = "SELECT bytes FROM statement WHERE round = $1 AND unit = $2";
const COUNT: &str = "SELECT COUNT(*) AS units FROM statement WHERE round = $1";
const LEAVE: &str = "INSERT INTO left_unpublished (round, unit, first_person, second_person, reason) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (round, unit) DO UPDATE SET first_person = $3, second_person = $4, \
     reason = $5";
const LEFT: &str =
    "SELECT unit, first_person, second_person, reason FROM left_unpublished WHERE round = $1 ORDER BY unit";

pub(super) const ALL: &[&str] = &[INSERT, OF_UNIT, COUNT, LEAVE, LEFT];

/// A unit that two people left unpublished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftRow {
    /// The unit.
    pub unit: UnitCode,
    /// The two persons.
    pub persons: [String; 2],
    /// Why.
    pub reason: String,
}

/// Stores the statement of a unit, of which there is one.
pub async fn insert(db: &mut Db, round: &RoundId, unit: &UnitCode, bytes: &[u8]) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT).bind(round.0.to_vec()).bind(unit.as_str()).bind(bytes.to_vec());
    query.execute(db).await?;
    Ok(())
}

/// The signed statement of a unit, once the round is finished.
pub async fn of_unit(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query(OF_UNIT).bind(round.0.to_vec()).bind(unit.as_str()).fetch_optional(db).await?;
    row.map(|row| Ok(row.try_get("bytes")?)).transpose()
}

/// Units that have a statement.
pub async fn count(db: &mut Db, round: &RoundId) -> Result<i64, StoreError> {
    Ok(sqlx::query(COUNT).bind(round.0.to_vec()).fetch_one(db).await?.try_get("units")?)
}

/// Notes that two people leave a unit unpublished; a later word takes the place of an earlier one.
pub async fn leave_unpublished(db: &mut Db, round: &RoundId, left: &LeftRow) -> Result<(), StoreError> {
    let [first, second] = &left.persons;
    let query = sqlx::query(LEAVE).bind(round.0.to_vec()).bind(left.unit.as_str());
    query.bind(first.as_str()).bind(second.as_str()).bind(left.reason.as_str()).execute(db).await?;
    Ok(())
}

/// Units that two people left unpublished, by code.
pub async fn left_unpublished(db: &mut Db, round: &RoundId) -> Result<Vec<LeftRow>, StoreError> {
    let rows = sqlx::query(LEFT).bind(round.0.to_vec()).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let code: String = row.try_get("unit")?;
            Ok(LeftRow {
                unit: UnitCode::new(&code).map_err(|_| StoreError::Damaged { what: "unit code" })?,
                persons: [row.try_get("first_person")?, row.try_get("second_person")?],
                reason: row.try_get("reason")?,
            })
        })
        .collect()
}
