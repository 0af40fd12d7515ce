//! Files that belong to correction plans, in pieces.

use super::{Db, StoreError, fixed};
use crate::domain::attachment::{Attachment, Kind};
use crate::domain::calendar::{day_text, parse_day};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{RoundId, UnitCode};

const ADD: &str = "INSERT INTO plan_attachment (round, unit, official, id, name, kind, size, added_on, added_by) \
     VALUES ($1, $2, $3, $4, $5, NULL, $6, $7, $8) ON CONFLICT (round, unit, official, id) DO NOTHING";
const ADD_PIECE: &str = "INSERT INTO plan_attachment_piece (round, unit, official, id, number, bytes) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (round, unit, official, id, number) DO NOTHING";
const COMPLETE: &str =
    "UPDATE plan_attachment SET kind = $5 WHERE round = $1 AND unit = $2 AND official = $3 AND id = $4";
const LIST: &str = "SELECT id, name, kind, size, added_on, added_by FROM plan_attachment WHERE round = $1 AND unit = $2 \
     AND official = $3 ORDER BY added_on, name, id";
const HAVE: &str = "SELECT number FROM plan_attachment_piece WHERE round = $1 AND unit = $2 AND official = $3 AND id = $4 \
     ORDER BY number";
const PIECES: &str = "SELECT bytes FROM plan_attachment_piece WHERE round = $1 AND unit = $2 AND official = $3 AND id = $4 \
     ORDER BY number";
const REMOVE_PIECES: &str =
    "DELETE FROM plan_attachment_piece WHERE round = $1 AND unit = $2 AND official = $3 AND id = $4";
const REMOVE: &str =
    "DELETE FROM plan_attachment WHERE round = $1 AND unit = $2 AND official = $3 AND id = $4 RETURNING id";

pub(super) const ALL: &[&str] = &[ADD, ADD_PIECE, COMPLETE, LIST, HAVE, PIECES, REMOVE_PIECES, REMOVE];

/// Whose plan: round, unit, official.
pub type Of<'a> = (&'a RoundId, &'a UnitCode, &'a str);

macro_rules! of {
    ($query:expr, $of:expr, $id:expr) => {{
        let (round, unit, official) = $of;
        sqlx::query($query)
            .bind(round.0.to_vec())
            .bind(unit.as_str().to_owned())
            .bind(official.to_owned())
            .bind($id.to_vec())
    }};
}

/// Begins a file, unless it is there.
pub async fn add(db: &mut Db, of: Of<'_>, file: &Attachment) -> Result<(), StoreError> {
    let query = of!(ADD, of, file.id).bind(file.name.as_str()).bind(i64::from(file.size));
    query.bind(day_text(file.added_on)).bind(file.added_by.as_str()).execute(db).await?;
    Ok(())
}

/// Keeps a piece, unless it is there.
pub async fn add_piece(
    db: &mut Db,
    of: Of<'_>,
    id: &[u8; 32],
    (number, bytes): (u32, &[u8]),
) -> Result<(), StoreError> {
    of!(ADD_PIECE, of, id).bind(i64::from(number)).bind(bytes.to_vec()).execute(db).await?;
    Ok(())
}

/// All of a file is here, and this is its type.
pub async fn complete(db: &mut Db, of: Of<'_>, id: &[u8; 32], kind: Kind) -> Result<(), StoreError> {
    of!(COMPLETE, of, id).bind(kind.code()).execute(db).await?;
    Ok(())
}

/// Every file of a plan, whole or not.
pub async fn list(db: &mut Db, (round, unit, official): Of<'_>) -> Result<Vec<Attachment>, StoreError> {
    let query = sqlx::query(LIST).bind(round.0.to_vec()).bind(unit.as_str()).bind(official);
    query.fetch_all(db).await?.iter().map(read).collect()
}

/// Numbers of the pieces that are here.
pub async fn have(db: &mut Db, of: Of<'_>, id: &[u8; 32]) -> Result<Vec<u32>, StoreError> {
    let rows = of!(HAVE, of, id).fetch_all(db).await?;
    rows.iter().map(|row| super::number(row, "number", "attachment")).collect()
}

/// What is here of the content, in its order.
pub async fn content(db: &mut Db, of: Of<'_>, id: &[u8; 32]) -> Result<Vec<u8>, StoreError> {
    let mut all = Vec::new();
    for row in of!(PIECES, of, id).fetch_all(db).await? {
        all.extend(row.try_get::<Vec<u8>, _>("bytes")?);
    }
    Ok(all)
}

/// Takes a file away; `false` if it is not there.
pub async fn remove(db: &mut Db, of: Of<'_>, id: &[u8; 32]) -> Result<bool, StoreError> {
    of!(REMOVE_PIECES, of, id).execute(&mut *db).await?;
    Ok(of!(REMOVE, of, id).fetch_optional(db).await?.is_some())
}

fn read(row: &AnyRow) -> Result<Attachment, StoreError> {
    let damaged = || StoreError::Damaged { what: "attachment" };
    let kind: Option<String> = row.try_get("kind")?;
    let on: String = row.try_get("added_on")?;
    Ok(Attachment {
        id: fixed(row, "id", "attachment")?,
        name: row.try_get("name")?,
        kind: kind.map(|kind| Kind::parse(&kind).ok_or_else(damaged)).transpose()?,
        size: super::number(row, "size", "attachment")?,
        added_on: parse_day(&on).ok_or_else(damaged)?,
        added_by: row.try_get("added_by")?,
    })
}
