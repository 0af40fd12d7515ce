//! Opening orders and the results accepted for them.

use super::{Db, StoreError, number};
use sqlx::Row;
use sync_core::id::RoundId;

/// An order as stored.
#[derive(Debug, Clone)]
pub struct OrderRow {
    /// Its number, from 1.
    pub number: u32,
    /// The signed order.
    pub bytes: Vec<u8>,
    /// The signed result, once accepted.
    pub result: Option<Vec<u8>>,
}

const INSERT: &str = "INSERT INTO opening_order (round, number, bytes) VALUES ($1, $2, $3)";
const ACCEPT: &str = "UPDATE opening_order SET result = $3 WHERE round = $1 AND number = $2 AND result IS NULL RETURNING number";
const LIST: &str = "SELECT number, bytes, result FROM opening_order WHERE round = $1 ORDER BY number";

pub(super) const ALL: &[&str] = &[INSERT, ACCEPT, LIST];

/// Stores an order; its number is unique in the round.
pub async fn insert(db: &mut Db, round: &RoundId, number: u32, bytes: &[u8]) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT).bind(round.0.to_vec()).bind(i64::from(number)).bind(bytes.to_vec());
    query.execute(db).await?;
    Ok(())
}

/// Stores the result of an order that has none; `false` if it has one.
pub async fn accept(db: &mut Db, round: &RoundId, number: u32, result: &[u8]) -> Result<bool, StoreError> {
    let query = sqlx::query(ACCEPT).bind(round.0.to_vec()).bind(i64::from(number)).bind(result.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// The orders of a round, by number.
pub async fn list(db: &mut Db, round: &RoundId) -> Result<Vec<OrderRow>, StoreError> {
    let rows = sqlx::query(LIST).bind(round.0.to_vec()).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            Ok(OrderRow {
                number: number(row, "number", "order number")?,
                bytes: row.try_get("bytes")?,
                result: row.try_get("result")?,
            })
        })
        .collect()
}
