//! Answers kept for requests that may be sent again.

use super::{Db, StoreError};
use crate::domain::person::PersonId;
use sqlx::Row;

/// What is known of an earlier request.
#[derive(Debug, Clone)]
pub struct AnsweredRow {
    /// Hash of the request.
    pub request: Vec<u8>,
    /// When it came, in seconds since 1970.
    pub at: i64,
    /// Its answer, sealed; nothing while it is worked on.
    pub answer: Option<(u16, Vec<u8>)>,
}

const BEGIN: &str = "INSERT INTO answered (person, request_key, request, at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT DO NOTHING RETURNING at";
const GET: &str = "SELECT request, at, status, answer FROM answered WHERE person = $1 AND request_key = $2";
const FINISH: &str = "UPDATE answered SET status = $3, answer = $4 WHERE person = $1 AND request_key = $2";
const FORGET: &str = "DELETE FROM answered WHERE person = $1 AND request_key = $2 AND status IS NULL";
const SWEEP: &str = "DELETE FROM answered WHERE at < $1";

pub(super) const ALL: &[&str] = &[BEGIN, GET, FINISH, FORGET, SWEEP];

/// Notes that a request is worked on; `false` if one with this key is known.
pub async fn begin(
    db: &mut Db,
    person: PersonId,
    key: &[u8; 32],
    request: &[u8; 32],
    now: i64,
) -> Result<bool, StoreError> {
    let query = sqlx::query(BEGIN).bind(person.0.to_vec()).bind(key.to_vec());
    Ok(query.bind(request.to_vec()).bind(now).fetch_optional(db).await?.is_some())
}

/// What is known of a request with this key.
pub async fn get(db: &mut Db, person: PersonId, key: &[u8; 32]) -> Result<Option<AnsweredRow>, StoreError> {
    let row = sqlx::query(GET).bind(person.0.to_vec()).bind(key.to_vec()).fetch_optional(db).await?;
    row.map(|row| {
        let status: Option<i64> = row.try_get("status")?;
        let answer: Option<Vec<u8>> = row.try_get("answer")?;
        let status = status.and_then(|status| u16::try_from(status).ok());
        Ok(AnsweredRow {
            request: row.try_get("request")?,
            at: row.try_get("at")?,
            answer: status.zip(answer),
        })
    })
    .transpose()
}

/// Keeps the answer.
pub async fn finish(
    db: &mut Db,
    person: PersonId,
    key: &[u8; 32],
    status: u16,
    answer: &[u8],
) -> Result<(), StoreError> {
    let query = sqlx::query(FINISH).bind(person.0.to_vec()).bind(key.to_vec()).bind(i64::from(status));
    query.bind(answer.to_vec()).execute(db).await?;
    Ok(())
}

/// Forgets a request that came to nothing, so that it can be sent again.
pub async fn forget(db: &mut Db, person: PersonId, key: &[u8; 32]) -> Result<(), StoreError> {
    sqlx::query(FORGET).bind(person.0.to_vec()).bind(key.to_vec()).execute(db).await?;
    Ok(())
}

/// Forgets what came before a moment.
pub async fn sweep(db: &mut Db, before: i64) -> Result<(), StoreError> {
    sqlx::query(SWEEP).bind(before).execute(db).await?;
    Ok(())
}
