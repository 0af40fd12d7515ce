//! Units of a round: permits before the signature, sheets, publication, and the turn that orders writes.

use super::{Db, StoreError, fixed};
use sqlx::Row;
use sync_core::id::{PackageHash, RoundId, SheetHash, UnitCode};

const INSERT: &str = "INSERT INTO unit (round, code) VALUES ($1, $2)";
const TAKE_TURN: &str = "UPDATE unit SET turn = turn + 1 WHERE round = $1 AND code = $2 AND EXISTS (SELECT 1 FROM \
     round WHERE id = $1 AND package_hash = $3 AND mode = $4 AND state IN ('open', 'closed', 'finished')) RETURNING turn";
const TAKE_ANY_TURN: &str = "UPDATE unit SET turn = turn + 1 WHERE round = $1 AND code = $2 RETURNING turn";
const TURN: &str = "SELECT turn FROM unit WHERE round = $1 AND code = $2";
const SET_PERMITS: &str = "UPDATE unit SET permits = $3 WHERE round = $1 AND code = $2 RETURNING code";
const VOID_PERMITS: &str = "UPDATE unit SET permits = NULL WHERE round = $1 AND code = $2";
const DELETE: &str = "DELETE FROM unit WHERE round = $1 AND code = $2";
const PERMITS: &str = "SELECT code, permits FROM unit WHERE round = $1 ORDER BY code";
const INSERT_SHEET: &str =
    "INSERT INTO sheet (round, unit, hash, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const SHEETS: &str = "SELECT hash, bytes FROM sheet WHERE round = $1 AND unit = $2 ORDER BY hash";
const SHEETS_OF_ROUND: &str = "SELECT hash, bytes FROM sheet WHERE round = $1 ORDER BY unit, hash";
const REPLACEMENTS: &str = "SELECT bytes FROM replacement WHERE round = $1 AND unit = $2 ORDER BY number";
const INSERT_REPLACEMENT: &str =
    "INSERT INTO replacement (round, unit, number, bytes) VALUES ($1, $2, $3, $4)";
const PUBLISH: &str = "UPDATE unit SET published = $3 WHERE round = $1 AND code = $2 RETURNING code";
const PUBLISHED: &str =
    "SELECT code, published FROM unit WHERE round = $1 AND published IS NOT NULL ORDER BY code";

pub(super) const ALL: &[&str] = &[
    INSERT,
    TAKE_TURN,
    TAKE_ANY_TURN,
    TURN,
    SET_PERMITS,
    VOID_PERMITS,
    DELETE,
    PERMITS,
    INSERT_SHEET,
    SHEETS,
    SHEETS_OF_ROUND,
    REPLACEMENTS,
    INSERT_REPLACEMENT,
    PUBLISH,
    PUBLISHED,
];

/// Stores a unit of a new round.
pub async fn insert(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<(), StoreError> {
    sqlx::query(INSERT).bind(round.0.to_vec()).bind(unit.as_str()).execute(db).await?;
    Ok(())
}

/// Begins every write on a unit: orders writers of all processes, and checks package, mode and state of the round
/// inside the transaction. `false` if the unit is not there or the round takes nothing.
pub async fn take_turn(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    package: &PackageHash,
    mode: u64,
) -> Result<bool, StoreError> {
    let query = sqlx::query(TAKE_TURN)
        .bind(round.0.to_vec())
        .bind(unit.as_str())
        .bind(package.0.to_vec())
        .bind(i64::try_from(mode).unwrap_or_default());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Begins a write of the office on a unit, whatever state the round is in. `false` if there is no such unit.
pub async fn take_any_turn(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<bool, StoreError> {
    let query = sqlx::query(TAKE_ANY_TURN).bind(round.0.to_vec()).bind(unit.as_str());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// How many writes on a unit began so far, as far as the transaction sees; nothing if there is no such unit.
pub async fn turn(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(TURN).bind(round.0.to_vec()).bind(unit.as_str()).fetch_optional(db).await?;
    row.map(|row| Ok(row.try_get("turn")?)).transpose()
}

/// Stores the commitments of printed slips; `false` if there is no such unit.
pub async fn set_permits(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    permits: &[u8],
) -> Result<bool, StoreError> {
    let query = sqlx::query(SET_PERMITS).bind(round.0.to_vec()).bind(unit.as_str()).bind(permits.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Forgets the slips of a unit.
pub async fn void_permits(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<(), StoreError> {
    sqlx::query(VOID_PERMITS).bind(round.0.to_vec()).bind(unit.as_str()).execute(db).await?;
    Ok(())
}

/// Removes a unit of a round that is not signed, which has nothing else yet.
pub async fn delete(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<(), StoreError> {
    sqlx::query(DELETE).bind(round.0.to_vec()).bind(unit.as_str()).execute(db).await?;
    Ok(())
}

/// Every unit of the round with the commitments of its printed slips, if they were confirmed.
pub async fn permits(db: &mut Db, round: &RoundId) -> Result<Vec<(UnitCode, Option<Vec<u8>>)>, StoreError> {
    let rows = sqlx::query(PERMITS).bind(round.0.to_vec()).fetch_all(db).await?;
    rows.iter().map(|row| Ok((code(row)?, row.try_get("permits")?))).collect()
}

/// Stores a sheet.
pub async fn insert_sheet(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    hash: &SheetHash,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT_SHEET).bind(round.0.to_vec()).bind(unit.as_str());
    query.bind(hash.0.to_vec()).bind(bytes.to_vec()).execute(db).await?;
    Ok(())
}

/// Every sheet the unit ever had.
pub async fn sheets(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
) -> Result<Vec<(SheetHash, Vec<u8>)>, StoreError> {
    let rows = sqlx::query(SHEETS).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| Ok((SheetHash(fixed(row, "hash", "sheet hash")?), row.try_get("bytes")?))).collect()
}

/// The sheets of all units of a round.
pub async fn sheets_of_round(db: &mut Db, round: &RoundId) -> Result<Vec<(SheetHash, Vec<u8>)>, StoreError> {
    let rows = sqlx::query(SHEETS_OF_ROUND).bind(round.0.to_vec()).fetch_all(db).await?;
    rows.iter().map(|row| Ok((SheetHash(fixed(row, "hash", "sheet hash")?), row.try_get("bytes")?))).collect()
}

/// The signed replacements of a unit's sheet, by number.
pub async fn replacements(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = sqlx::query(REPLACEMENTS).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| Ok(row.try_get("bytes")?)).collect()
}

/// Stores a sheet replacement; its number is unique per unit.
pub async fn insert_replacement(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    number: u32,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT_REPLACEMENT).bind(round.0.to_vec()).bind(unit.as_str());
    query.bind(i64::from(number)).bind(bytes.to_vec()).execute(db).await?;
    Ok(())
}

/// Notes by which order a unit is published.
pub async fn publish(db: &mut Db, round: &RoundId, unit: &UnitCode, order: u32) -> Result<bool, StoreError> {
    let query = sqlx::query(PUBLISH).bind(round.0.to_vec()).bind(unit.as_str()).bind(i64::from(order));
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Published units and the order each was published by.
pub async fn published(db: &mut Db, round: &RoundId) -> Result<Vec<(UnitCode, u32)>, StoreError> {
    let rows = sqlx::query(PUBLISHED).bind(round.0.to_vec()).fetch_all(db).await?;
    rows.iter().map(|row| Ok((code(row)?, super::number(row, "published", "order number")?))).collect()
}

fn code(row: &sqlx::any::AnyRow) -> Result<UnitCode, StoreError> {
    let text: String = row.try_get("code")?;
    UnitCode::new(&text).map_err(|_| StoreError::Damaged { what: "unit code" })
}
