//! Codes of letters: hashes alone.

use super::{Db, StoreError, fixed, number};
use crate::domain::letter::StoredCode;
use sqlx::Row;
use sync_core::id::{RoundId, UnitCode};

const FORGET: &str = "DELETE FROM letter_code WHERE round = $1 AND unit = $2 AND official = $3";
const INSERT: &str = "INSERT INTO letter_code (round, unit, official, selector, hash, order_number, made_at, ends_at, \
     wrong) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) ON CONFLICT DO NOTHING RETURNING selector";
/// Whoever looks holds the row until the end of the transaction, so that tries at the same moment are all counted.
const FIND: &str = "UPDATE letter_code SET wrong = wrong WHERE selector = $1 RETURNING round, unit, official, hash, \
     order_number, ends_at, wrong, used_at";
const WRONG: &str = "UPDATE letter_code SET wrong = wrong + 1 WHERE selector = $1";
const USE: &str =
    "UPDATE letter_code SET used_at = $2 WHERE selector = $1 AND used_at IS NULL RETURNING selector";

pub(super) const ALL: &[&str] = &[FORGET, INSERT, FIND, WRONG, USE];

/// Whose code it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The round.
    pub round: RoundId,
    /// The unit.
    pub unit: UnitCode,
    /// Code of the official.
    pub official: String,
}

/// Stores a code in place of the one before; `false` if another official's is found by the same symbols.
pub async fn put(
    db: &mut Db,
    owner: &Owner,
    selector: &str,
    code: &StoredCode,
    now: i64,
) -> Result<bool, StoreError> {
    let key = (owner.round.0.to_vec(), owner.unit.as_str(), owner.official.as_str());
    let query = sqlx::query(FORGET).bind(key.0.clone()).bind(key.1).bind(key.2);
    query.execute(&mut *db).await?;
    let query = sqlx::query(INSERT).bind(key.0).bind(key.1).bind(key.2).bind(selector);
    let query = query.bind(code.hash.to_vec()).bind(i64::from(code.order)).bind(now).bind(code.ends_at);
    Ok(query.fetch_optional(db).await?.is_some())
}

/// The code that is found by these symbols, held until the transaction ends.
pub async fn find(db: &mut Db, selector: &str) -> Result<Option<(Owner, StoredCode)>, StoreError> {
    let Some(row) = sqlx::query(FIND).bind(selector).fetch_optional(db).await? else { return Ok(None) };
    let what = "letter_code";
    let unit: String = row.try_get("unit")?;
    let owner = Owner {
        round: RoundId(fixed(&row, "round", what)?),
        unit: UnitCode::new(&unit).map_err(|_| StoreError::Damaged { what })?,
        official: row.try_get("official")?,
    };
    let code = StoredCode {
        hash: fixed(&row, "hash", what)?,
        order: number(&row, "order_number", what)?,
        ends_at: row.try_get("ends_at")?,
        wrong: number(&row, "wrong", what)?,
        used: row.try_get::<Option<i64>, _>("used_at")?.is_some(),
    };
    Ok(Some((owner, code)))
}

/// Counts a wrong try.
pub async fn wrong(db: &mut Db, selector: &str) -> Result<(), StoreError> {
    sqlx::query(WRONG).bind(selector).execute(db).await?;
    Ok(())
}

/// Uses a code up; `false` if it was.
pub async fn use_up(db: &mut Db, selector: &str, now: i64) -> Result<bool, StoreError> {
    Ok(sqlx::query(USE).bind(selector).bind(now).fetch_optional(db).await?.is_some())
}
