//! What the organisation board sets beside rounds, every revision of each.

use super::{Db, StoreError, number};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

const INSERT: &str = "INSERT INTO setting (name, revision, at, written_by, content) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (name, revision) DO NOTHING RETURNING revision";
const LAST: &str = "SELECT name, revision, at, written_by, content FROM setting WHERE name = $1 ORDER BY revision DESC LIMIT 1";
const HISTORY: &str = "SELECT name, revision, at, written_by, content FROM setting WHERE name = $1 ORDER BY revision DESC \
     LIMIT $2";

pub(super) const ALL: &[&str] = &[INSERT, LAST, HISTORY];

/// A setting as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    /// How many times it was written.
    pub revision: u32,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Login of who wrote it.
    pub by: String,
    /// What it says.
    pub content: T,
}

/// Writes a revision of a setting; `false` if there is one with this number.
pub async fn write<T: Serialize>(db: &mut Db, name: &str, written: &Written<T>) -> Result<bool, StoreError> {
    let content = serde_json::to_string(&written.content).expect("a setting is plain data");
    let query = sqlx::query(INSERT).bind(name).bind(i64::from(written.revision)).bind(written.at);
    Ok(query.bind(written.by.as_str()).bind(content).fetch_optional(db).await?.is_some())
}

/// A setting as it holds; nothing if nobody ever wrote it.
pub async fn last<T: DeserializeOwned>(db: &mut Db, name: &str) -> Result<Option<Written<T>>, StoreError> {
    sqlx::query(LAST).bind(name).fetch_optional(db).await?.as_ref().map(read).transpose()
}

/// A setting as it was written each time, the last one first, at most so many.
pub async fn history<T: DeserializeOwned>(
    db: &mut Db,
    name: &str,
    most: u32,
) -> Result<Vec<Written<T>>, StoreError> {
    let rows = sqlx::query(HISTORY).bind(name).bind(i64::from(most)).fetch_all(db).await?;
    rows.iter().map(read).collect()
}

fn read<T: DeserializeOwned>(row: &AnyRow) -> Result<Written<T>, StoreError> {
    let content: String = row.try_get("content")?;
    Ok(Written {
        revision: number(row, "revision", "setting")?,
        at: row.try_get("at")?,
        by: row.try_get("written_by")?,
        content: serde_json::from_str(&content).map_err(|_| StoreError::Damaged { what: "setting" })?,
    })
}
