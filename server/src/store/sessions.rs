//! Sessions of browsers and bearer tokens of programs. Only hashes of their secrets are stored.

use super::{Db, StoreError, fixed};
use crate::domain::person::PersonId;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A session as stored.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Id by which it is named; not the secret.
    pub id: [u8; 16],
    /// Whose it is.
    pub person: PersonId,
    /// `cookie` or `token`.
    pub kind: String,
    /// What people call it: a browser, a program.
    pub label: String,
    /// When it began, in seconds since 1970.
    pub began: i64,
    /// When it was last used, to the minute.
    pub used: i64,
    /// When it ends.
    pub ends: i64,
}

const INSERT: &str = "INSERT INTO session (secret_hash, id, person, kind, label, began, used, ends) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const GET: &str = "SELECT id, person, kind, label, began, used, ends FROM session WHERE secret_hash = $1";
const TOUCH: &str = "UPDATE session SET used = $2 WHERE secret_hash = $1 AND used < $2";
const LIST: &str =
    "SELECT id, person, kind, label, began, used, ends FROM session WHERE person = $1 ORDER BY began, id";
const END: &str = "DELETE FROM session WHERE person = $1 AND id = $2 RETURNING kind";
const END_OTHERS: &str = "DELETE FROM session WHERE person = $1 AND secret_hash <> $2";
const SWEEP: &str = "DELETE FROM session WHERE ends < $1 OR (kind = 'cookie' AND used < $2)";

pub(super) const ALL: &[&str] = &[INSERT, GET, TOUCH, LIST, END, END_OTHERS, SWEEP];

/// Stores a session under the hash of its secret.
pub async fn insert(db: &mut Db, secret_hash: &[u8; 32], session: &SessionRow) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT)
        .bind(secret_hash.to_vec())
        .bind(session.id.to_vec())
        .bind(session.person.0.to_vec())
        .bind(session.kind.as_str())
        .bind(session.label.as_str());
    query.bind(session.began).bind(session.used).bind(session.ends).execute(db).await?;
    Ok(())
}

/// The session with this secret.
pub async fn get(db: &mut Db, secret_hash: &[u8; 32]) -> Result<Option<SessionRow>, StoreError> {
    let row = sqlx::query(GET).bind(secret_hash.to_vec()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Notes that a session is in use.
pub async fn touch(db: &mut Db, secret_hash: &[u8; 32], now: i64) -> Result<(), StoreError> {
    sqlx::query(TOUCH).bind(secret_hash.to_vec()).bind(now).execute(db).await?;
    Ok(())
}

/// Every session of a person.
pub async fn list(db: &mut Db, person: PersonId) -> Result<Vec<SessionRow>, StoreError> {
    let rows = sqlx::query(LIST).bind(person.0.to_vec()).fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// Ends one session of a person; `false` if there is none.
pub async fn end(db: &mut Db, person: PersonId, id: &[u8; 16]) -> Result<bool, StoreError> {
    let query = sqlx::query(END).bind(person.0.to_vec()).bind(id.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Ends every session of a person but the one with this secret; all of them if it is none of theirs.
pub async fn end_others(db: &mut Db, person: PersonId, secret_hash: &[u8; 32]) -> Result<(), StoreError> {
    sqlx::query(END_OTHERS).bind(person.0.to_vec()).bind(secret_hash.to_vec()).execute(db).await?;
    Ok(())
}

/// Forgets what has ended, and browsers not seen since a moment.
pub async fn sweep(db: &mut Db, now: i64, idle_since: i64) -> Result<(), StoreError> {
    sqlx::query(SWEEP).bind(now).bind(idle_since).execute(db).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        id: fixed(row, "id", "session")?,
        person: PersonId(fixed(row, "person", "session")?),
        kind: row.try_get("kind")?,
        label: row.try_get("label")?,
        began: row.try_get("began")?,
        used: row.try_get("used")?,
        ends: row.try_get("ends")?,
    })
}
