//! Visits of the inspection committee, every revision of each.

use super::{Db, StoreError, fixed, number};
use crate::domain::visit::Visit;
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{RoundId, UnitCode};

const INSERT: &str = "INSERT INTO visit (round, unit, id, revision, at, written_by, content) VALUES ($1, $2, $3, $4, $5, \
     $6, $7) ON CONFLICT (round, unit, id, revision) DO NOTHING RETURNING revision";
const LAST: &str = "SELECT round, unit, id, revision, at, written_by, content FROM visit v WHERE round = $1 AND revision = \
     (SELECT max(o.revision) FROM visit o WHERE o.round = v.round AND o.unit = v.unit AND o.id = v.id) ORDER BY unit, id";
const HISTORY: &str = "SELECT round, unit, id, revision, at, written_by, content FROM visit WHERE round = $1 AND unit = $2 \
     AND id = $3 ORDER BY revision";

pub(super) const ALL: &[&str] = &[INSERT, LAST, HISTORY];

/// Writes a revision of a visit; `false` if there is one with this number.
pub async fn write(db: &mut Db, visit: &Visit) -> Result<bool, StoreError> {
    let content = serde_json::to_string(&visit.content).expect("a visit is plain data");
    let query = sqlx::query(INSERT).bind(visit.round.0.to_vec()).bind(visit.unit.as_str());
    let query = query.bind(visit.id.to_vec()).bind(i64::from(visit.revision)).bind(visit.at);
    let row = query.bind(visit.by.as_str()).bind(content).fetch_optional(db).await?;
    Ok(row.is_some())
}

/// Every visit of a round as it stands, by unit.
pub async fn of_round(db: &mut Db, round: &RoundId) -> Result<Vec<Visit>, StoreError> {
    sqlx::query(LAST).bind(round.0.to_vec()).fetch_all(db).await?.iter().map(read).collect()
}

/// A visit as it was written each time, the first one first.
pub async fn history(
    db: &mut Db,
    (round, unit): (&RoundId, &UnitCode),
    id: &[u8; 16],
) -> Result<Vec<Visit>, StoreError> {
    let query = sqlx::query(HISTORY).bind(round.0.to_vec()).bind(unit.as_str()).bind(id.to_vec());
    query.fetch_all(db).await?.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Visit, StoreError> {
    let damaged = || StoreError::Damaged { what: "visit" };
    let (unit, content): (String, String) = (row.try_get("unit")?, row.try_get("content")?);
    Ok(Visit {
        round: RoundId(fixed(row, "round", "visit")?),
        unit: UnitCode::new(&unit).map_err(|_| damaged())?,
        id: fixed(row, "id", "visit")?,
        revision: number(row, "revision", "visit")?,
        at: row.try_get("at")?,
        by: row.try_get("written_by")?,
        content: serde_json::from_str(&content).map_err(|_| damaged())?,
    })
}
