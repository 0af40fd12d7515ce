//! Envelopes: the unit of storage. There is no row per ballot.

use super::{Db, StoreError, fixed, number};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::centre::{ENVELOPES_PER_DEVICE_MAX, ENVELOPES_PER_UNIT_MAX};
use sync_core::envelope::SignedEnvelope;
use sync_core::id::{DeviceId, EnvelopeId, RoundId, SheetHash, UnitCode};
use sync_core::survey::Header;

/// What became of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    New,
    /// It was there, which is success.
    AlreadyHere,
    /// Its device has stored too many for this unit, or all devices together.
    TooMany,
}

const INSERT: &str = "INSERT INTO envelope \
     (round, unit, id, device, number, previous, sheet, total, ballots, record_len, bytes) \
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE \
     (SELECT COUNT(*) FROM envelope WHERE round = $1 AND unit = $2 AND device = $4) < $12 AND \
     (SELECT COUNT(*) FROM envelope WHERE round = $1 AND unit = $2) < $13 \
     ON CONFLICT DO NOTHING RETURNING number";
const EXISTS: &str = "SELECT number FROM envelope WHERE round = $1 AND unit = $2 AND id = $3";
const IDS: &str = "SELECT id FROM envelope WHERE round = $1 AND unit = $2 ORDER BY id";
const HEADERS: &str = "SELECT id, device, number, previous, sheet, total, ballots, record_len FROM envelope \
     WHERE round = $1 AND unit = $2 ORDER BY id";
const FROM: &str =
    "SELECT id, bytes FROM envelope WHERE round = $1 AND unit = $2 AND id >= $3 ORDER BY id LIMIT 4";
const OF_UNIT: &str = "SELECT bytes FROM envelope WHERE round = $1 AND unit = $2 ORDER BY id";
const NOTE_CLOSE: &str = "INSERT INTO at_close (round, unit, envelope) \
     SELECT round, unit, id FROM envelope WHERE round = $1 ON CONFLICT DO NOTHING";
const FORGET_CLOSE: &str = "DELETE FROM at_close WHERE round = $1";
const AT_CLOSE: &str = "SELECT envelope FROM at_close WHERE round = $1 AND unit = $2 ORDER BY envelope";

pub(super) const ALL: &[&str] =
    &[INSERT, EXISTS, IDS, HEADERS, FROM, OF_UNIT, NOTE_CLOSE, FORGET_CLOSE, AT_CLOSE];

/// Stores an envelope once.
pub async fn insert(db: &mut Db, round: &RoundId, envelope: &SignedEnvelope) -> Result<Stored, StoreError> {
    let header = Header::from(envelope);
    let unit = envelope.value().unit.as_str();
    let query = sqlx::query(INSERT)
        .bind(round.0.to_vec())
        .bind(unit)
        .bind(header.id.0.to_vec())
        .bind(header.device.0.to_vec())
        .bind(i64::from(header.number))
        .bind(header.previous.map(|id| id.0.to_vec()))
        .bind(header.sheet.0.to_vec())
        .bind(header.total.map(i64::from))
        .bind(i64::from(header.ballots))
        .bind(i64::try_from(header.record_len).unwrap_or(i64::MAX))
        .bind(envelope.bytes().to_vec())
        .bind(i64::from(ENVELOPES_PER_DEVICE_MAX))
        .bind(i64::from(ENVELOPES_PER_UNIT_MAX));
    if query.fetch_optional(&mut *db).await?.is_some() {
        return Ok(Stored::New);
    }
    let exists = sqlx::query(EXISTS).bind(round.0.to_vec()).bind(unit).bind(header.id.0.to_vec());
    let exists = exists.fetch_optional(db).await?.is_some();
    Ok(if exists { Stored::AlreadyHere } else { Stored::TooMany })
}

/// Ids of all envelopes of a unit, ascending.
pub async fn ids(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<EnvelopeId>, StoreError> {
    let rows = sqlx::query(IDS).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| Ok(EnvelopeId(fixed(row, "id", "envelope id")?))).collect()
}

/// Headers of all envelopes of a unit.
pub async fn headers(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<Header>, StoreError> {
    let rows = sqlx::query(HEADERS).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter().map(header).collect()
}

/// The next few envelopes of a unit from an id on, by id: enough for one step, never much memory.
pub async fn from(
    db: &mut Db,
    round: &RoundId,
    unit: &UnitCode,
    first: &EnvelopeId,
) -> Result<Vec<(EnvelopeId, Vec<u8>)>, StoreError> {
    let query = sqlx::query(FROM).bind(round.0.to_vec()).bind(unit.as_str()).bind(first.0.to_vec());
    let rows = query.fetch_all(db).await?;
    rows.iter().map(|row| Ok((EnvelopeId(fixed(row, "id", "envelope id")?), row.try_get("bytes")?))).collect()
}

/// The bytes of every envelope of a unit, by id.
pub async fn of_unit(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = sqlx::query(OF_UNIT).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| Ok(row.try_get("bytes")?)).collect()
}

/// Notes which envelopes of the round are here now that it is closed.
pub async fn note_close(db: &mut Db, round: &RoundId) -> Result<(), StoreError> {
    sqlx::query(NOTE_CLOSE).bind(round.0.to_vec()).execute(db).await?;
    Ok(())
}

/// Forgets the close of a round that is opened again.
pub async fn forget_close(db: &mut Db, round: &RoundId) -> Result<(), StoreError> {
    sqlx::query(FORGET_CLOSE).bind(round.0.to_vec()).execute(db).await?;
    Ok(())
}

/// Envelopes of a unit that were here at the close.
pub async fn at_close(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<EnvelopeId>, StoreError> {
    let rows = sqlx::query(AT_CLOSE).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| Ok(EnvelopeId(fixed(row, "envelope", "envelope id")?))).collect()
}

fn header(row: &AnyRow) -> Result<Header, StoreError> {
    let previous: Option<Vec<u8>> = row.try_get("previous")?;
    let total: Option<i64> = row.try_get("total")?;
    Ok(Header {
        id: EnvelopeId(fixed(row, "id", "envelope id")?),
        device: DeviceId(fixed(row, "device", "device id")?),
        number: number(row, "number", "envelope number")?,
        previous: previous.as_deref().and_then(EnvelopeId::from_slice),
        sheet: SheetHash(fixed(row, "sheet", "sheet hash")?),
        total: total.and_then(|total| u32::try_from(total).ok()),
        ballots: number(row, "ballots", "number of ballots")?,
        record_len: number(row, "record_len", "ballot length")? as usize,
    })
}
