//! The audit log. A line goes into the same transaction as what it tells of, as the last write before the commit: the
//! head is one row, and whoever changes it holds it until then.

use super::{Db, StoreError, fixed};
use crate::domain::audit::{AuditHead, Entry, Hash};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::cose::{SecretKey, Signed};

const TAKE: &str = "UPDATE audit_head SET seq = seq + 1 WHERE one = 1 RETURNING seq, hash";
const INSERT: &str =
    "INSERT INTO audit (seq, at, actor, action, object, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const SET_HEAD: &str = "UPDATE audit_head SET hash = $1, signed = $2 WHERE one = 1";
const HEAD: &str = "SELECT signed FROM audit_head WHERE one = 1";
const AFTER: &str =
    "SELECT seq, at, actor, action, object, detail, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";
const SEARCH: &str = "SELECT seq, at, actor, action, object, detail, hash FROM audit WHERE seq < $1 \
     AND ($2 = '' OR actor = $2) AND ($3 = '' OR action = $3) AND ($4 = '' OR object = $4) AND at >= $5 AND at <= $6 \
     AND ($8 = '' OR lower(object) LIKE $8 ESCAPE '!' OR lower(detail) LIKE $8 ESCAPE '!') ORDER BY seq DESC LIMIT $7";

const FIRST_PUBLISHED: &str = "SELECT object, CAST(min(seq) AS BIGINT) AS seq, CAST(min(at) AS BIGINT) AS at FROM audit \
     WHERE action = 'units_published' GROUP BY object";

pub(super) const ALL: &[&str] = &[TAKE, INSERT, SET_HEAD, HEAD, AFTER, SEARCH, FIRST_PUBLISHED];

/// When a unit of a round was first published.
#[derive(Debug, Clone)]
pub struct FirstPublished {
    /// The round, as the log names it.
    pub object: String,
    /// Place in the log: no clock decides what came before.
    pub seq: i64,
    /// In seconds since 1970.
    pub at: i64,
}

/// What is looked for; an empty text matches everything.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what.
    pub object: String,
    /// What stands somewhere in the object or the detail; of letters A to Z the case does not count.
    pub text: String,
    /// From this moment, in seconds since 1970.
    pub from: Option<i64>,
    /// To this moment.
    pub to: Option<i64>,
    /// Only entries before this number, for the next page.
    pub before: Option<u64>,
}

/// Appends a line; its number is set here.
pub async fn append(db: &mut Db, key: &SecretKey, mut entry: Entry) -> Result<(), StoreError> {
    let damaged = || StoreError::Damaged { what: "audit head" };
    let row = sqlx::query(TAKE).fetch_optional(&mut *db).await?.ok_or_else(damaged)?;
    let seq: i64 = row.try_get("seq")?;
    let previous: Option<Vec<u8>> = row.try_get("hash")?;
    let previous: Hash = match previous {
        Some(bytes) => bytes.try_into().map_err(|_| damaged())?,
        None => Hash::default(),
    };
    entry.seq = u64::try_from(seq).map_err(|_| damaged())?;
    let hash = entry.hash(&previous);
    let query = sqlx::query(INSERT).bind(seq).bind(entry.at).bind(entry.actor).bind(entry.action);
    query.bind(entry.object).bind(entry.detail).bind(hash.to_vec()).execute(&mut *db).await?;
    let head = Signed::sign(AuditHead { seq: entry.seq, hash }, key);
    sqlx::query(SET_HEAD).bind(hash.to_vec()).bind(head.into_bytes()).execute(db).await?;
    Ok(())
}

/// The signed head, if anything was ever written.
pub async fn head(db: &mut Db) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query(HEAD).fetch_optional(db).await?;
    Ok(row.map(|row| row.try_get("signed")).transpose()?.flatten())
}

/// Every round of which something was ever published.
pub async fn first_published(db: &mut Db) -> Result<Vec<FirstPublished>, StoreError> {
    let rows = sqlx::query(FIRST_PUBLISHED).fetch_all(db).await?;
    let read = |row: &AnyRow| {
        Ok(FirstPublished {
            object: row.try_get("object")?,
            seq: row.try_get("seq")?,
            at: row.try_get("at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// The next lines after a number, with the hash stored beside each.
pub async fn after(db: &mut Db, seq: u64, limit: u32) -> Result<Vec<(Entry, Hash)>, StoreError> {
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    let rows = sqlx::query(AFTER).bind(seq).bind(i64::from(limit)).fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// Lines that match, the newest first.
pub async fn search(db: &mut Db, what: &Search, limit: u32) -> Result<Vec<Entry>, StoreError> {
    let before = what.before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
    let query = sqlx::query(SEARCH).bind(before).bind(what.actor.as_str()).bind(what.action.as_str());
    let query =
        query.bind(what.object.as_str()).bind(what.from.unwrap_or(0)).bind(what.to.unwrap_or(i64::MAX));
    let rows = query.bind(i64::from(limit)).bind(anywhere(&what.text)).fetch_all(db).await?;
    rows.iter().map(|row| Ok(read(row)?.0)).collect()
}

/// The pattern of a text that may stand anywhere. Both engines lower A to Z alone in columns compared byte by byte.
fn anywhere(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for c in text.to_ascii_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern + "%"
}

fn read(row: &AnyRow) -> Result<(Entry, Hash), StoreError> {
    let seq: i64 = row.try_get("seq")?;
    let entry = Entry {
        seq: u64::try_from(seq).map_err(|_| StoreError::Damaged { what: "audit entry" })?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        detail: row.try_get("detail")?,
    };
    Ok((entry, fixed(row, "hash", "audit entry")?))
}
