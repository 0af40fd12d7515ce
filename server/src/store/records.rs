//! Units' records: signed changes as they travelled, and what is projected from them.

use super::{Db, StoreError, fixed, number};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{RoundId, UnitCode};
use sync_core::record::Actor;

/// How far a writer's chain is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRow {
    /// The writer.
    pub actor: Actor,
    /// Number of the last change that counts, or of the twins.
    pub sequence: u32,
    /// First bytes of its hash, as `have` names it.
    pub hash: [u8; 8],
    /// Bytes of all stored changes of this writer.
    pub size: u64,
}

/// A stored change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its number.
    pub sequence: u32,
    /// Its id.
    pub id: [u8; 32],
    /// Its bytes as they travelled.
    pub bytes: Vec<u8>,
}

const PUT: &str = "INSERT INTO record_change (round, unit, actor, sequence, id, bytes) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (round, unit, actor, sequence, id) DO UPDATE SET bytes = $6";
const REMOVE: &str =
    "DELETE FROM record_change WHERE round = $1 AND unit = $2 AND actor = $3 AND sequence = $4 AND id = $5";
const CHAIN: &str = "SELECT sequence, id, bytes FROM record_change WHERE round = $1 AND unit = $2 AND actor = $3 \
     AND sequence >= $4 AND sequence <= $5 ORDER BY sequence, id";
const OF_UNIT: &str = "SELECT sequence, id, bytes FROM record_change WHERE round = $1 AND unit = $2 \
     ORDER BY actor, sequence, id";
const PUT_HEAD: &str = "INSERT INTO record_head (round, unit, actor, sequence, hash, size) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (round, unit, actor) \
     DO UPDATE SET sequence = $4, hash = $5, size = $6";
const HEADS: &str =
    "SELECT actor, sequence, hash, size FROM record_head WHERE round = $1 AND unit = $2 ORDER BY actor";
const CLEAR_HEADS: &str = "DELETE FROM record_head WHERE round = $1 AND unit = $2";
const PUT_SUMMARY: &str = "INSERT INTO record_summary (round, unit, basis, summary) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (round, unit) DO UPDATE SET basis = $3, summary = $4";
const SUMMARY: &str = "SELECT basis, summary FROM record_summary WHERE round = $1 AND unit = $2";
const CLEAR_SUMMARY: &str = "DELETE FROM record_summary WHERE round = $1 AND unit = $2";

pub(super) const ALL: &[&str] =
    &[PUT, REMOVE, CHAIN, OF_UNIT, PUT_HEAD, HEADS, CLEAR_HEADS, PUT_SUMMARY, SUMMARY, CLEAR_SUMMARY];

/// Stores a change; one with this id gets these bytes.
pub async fn put(
    db: &mut Db,
    (round, unit): (&RoundId, &UnitCode),
    actor: &Actor,
    change: &ChangeRow,
) -> Result<(), StoreError> {
    let query = sqlx::query(PUT).bind(round.0.to_vec()).bind(unit.as_str()).bind(actor.0.to_vec());
    let query = query.bind(i64::from(change.sequence)).bind(change.id.to_vec()).bind(change.bytes.clone());
    query.execute(db).await?;
    Ok(())
}

/// Takes a change away: of three that claim one number, two are evidence enough.
pub async fn remove(
    db: &mut Db,
    (round, unit): (&RoundId, &UnitCode),
    actor: &Actor,
    (sequence, id): (u32, &[u8; 32]),
) -> Result<(), StoreError> {
    let query = sqlx::query(REMOVE).bind(round.0.to_vec()).bind(unit.as_str()).bind(actor.0.to_vec());
    query.bind(i64::from(sequence)).bind(id.to_vec()).execute(db).await?;
    Ok(())
}

/// Changes of one writer with these numbers, by number and id.
pub async fn chain(
    db: &mut Db,
    (round, unit): (&RoundId, &UnitCode),
    actor: &Actor,
    numbers: std::ops::RangeInclusive<u32>,
) -> Result<Vec<ChangeRow>, StoreError> {
    let query = sqlx::query(CHAIN).bind(round.0.to_vec()).bind(unit.as_str()).bind(actor.0.to_vec());
    let query = query.bind(i64::from(*numbers.start())).bind(i64::from(*numbers.end()));
    query.fetch_all(db).await?.iter().map(change).collect()
}

/// Every change of a unit, by writer, number and id.
pub async fn of_unit(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<ChangeRow>, StoreError> {
    let rows = sqlx::query(OF_UNIT).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter().map(change).collect()
}

/// Notes how far a writer's chain is stored.
pub async fn put_head(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    head: &HeadRow,
) -> Result<(), StoreError> {
    let query = sqlx::query(PUT_HEAD).bind(round.0.to_vec()).bind(unit.as_str()).bind(head.actor.0.to_vec());
    let query = query.bind(i64::from(head.sequence)).bind(head.hash.to_vec());
    query.bind(i64::try_from(head.size).unwrap_or(i64::MAX)).execute(db).await?;
    Ok(())
}

/// How far every writer's chain is stored, by writer.
pub async fn heads(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<HeadRow>, StoreError> {
    let rows = sqlx::query(HEADS).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let size: i64 = row.try_get("size")?;
            Ok(HeadRow {
                actor: Actor(fixed(row, "actor", "writer of a record")?),
                sequence: number(row, "sequence", "number of a record change")?,
                hash: fixed(row, "hash", "hash of a record change")?,
                size: u64::try_from(size).map_err(|_| StoreError::Damaged { what: "size of a record" })?,
            })
        })
        .collect()
}

/// Forgets what is projected from a unit's changes, before it is made anew.
pub async fn clear_projections(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<(), StoreError> {
    for query in [CLEAR_HEADS, CLEAR_SUMMARY] {
        sqlx::query(query).bind(round.0.to_vec()).bind(unit.as_str()).execute(&mut *db).await?;
    }
    Ok(())
}

/// Keeps the summary of a unit under what it rests on.
pub async fn put_summary(
    db: &mut Db,
    (round, unit): (&RoundId, &UnitCode),
    basis: &[u8; 32],
    summary: &str,
) -> Result<(), StoreError> {
    let query = sqlx::query(PUT_SUMMARY).bind(round.0.to_vec()).bind(unit.as_str());
    query.bind(basis.to_vec()).bind(summary).execute(db).await?;
    Ok(())
}

/// The summary of a unit, with what it rests on.
pub async fn summary(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
) -> Result<Option<(Vec<u8>, String)>, StoreError> {
    let row = sqlx::query(SUMMARY).bind(round.0.to_vec()).bind(unit.as_str()).fetch_optional(db).await?;
    row.map(|row| Ok((row.try_get("basis")?, row.try_get("summary")?))).transpose()
}

fn change(row: &AnyRow) -> Result<ChangeRow, StoreError> {
    Ok(ChangeRow {
        sequence: number(row, "sequence", "number of a record change")?,
        id: fixed(row, "id", "id of a record change")?,
        bytes: row.try_get("bytes")?,
    })
}
