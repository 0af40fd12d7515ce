//! Whole tables, row by row, for a backup and a restore. Their queries follow from [`super::tables`], where a test
//! prepares each.

use super::tables::{Kind, Table, tables};
use super::{Db, Engine, StoreError};
use crate::dump::Cell;
use futures_util::stream::{BoxStream, StreamExt};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

const SCHEMA: &str = "SELECT MAX(version) AS version FROM _sqlx_migrations";

/// A target that stalls, as sticks do, must not end the transaction that reads for it.
const WAIT_FOR_DISK: &str = "SET LOCAL idle_in_transaction_session_timeout = 0";

pub(super) const ALL: &[&str] = &[SCHEMA];

/// Lets this transaction rest for as long as the disk that a backup goes to takes. SQLite knows no such bound.
pub async fn wait_for_disk(db: &mut Db, engine: Engine) -> Result<(), StoreError> {
    if engine == Engine::Postgres {
        sqlx::query(WAIT_FOR_DISK).execute(db).await?;
    }
    Ok(())
}

/// Number of the last migration that the database has.
pub async fn schema(db: &mut Db) -> Result<i64, StoreError> {
    Ok(sqlx::query(SCHEMA).fetch_one(db).await?.try_get("version")?)
}

/// Every row of a table by primary key, a few in memory at a time.
pub fn rows<'a>(db: &'a mut Db, table: &'a Table) -> BoxStream<'a, Result<Vec<Cell>, StoreError>> {
    let rows = sqlx::query(AssertSqlSafe(table.select())).fetch(db);
    rows.map(|row| read(&row?, table)).boxed()
}

/// Stores a row of a table.
pub async fn insert(db: &mut Db, table: &Table, cells: Vec<Cell>) -> Result<(), StoreError> {
    let mut query = sqlx::query(AssertSqlSafe(table.insert()));
    for (cell, column) in cells.into_iter().zip(&table.columns) {
        query = match (cell, column.kind) {
            (Cell::Int(value), _) => query.bind(value),
            (Cell::Bytes(bytes), _) => query.bind(bytes),
            (Cell::Text(text), _) => query.bind(text),
            // Even nothing has a type for some engines.
            (Cell::Empty, Kind::Int) => query.bind(None::<i64>),
            (Cell::Empty, Kind::Bytes) => query.bind(None::<Vec<u8>>),
            (Cell::Empty, Kind::Text) => query.bind(None::<String>),
        };
    }
    query.execute(db).await?;
    Ok(())
}

/// How many rows a table has.
pub async fn count(db: &mut Db, table: &Table) -> Result<u64, StoreError> {
    let row = sqlx::query(AssertSqlSafe(table.count())).fetch_one(db).await?;
    u64::try_from(row.try_get::<i64, _>(0)?).map_err(|_| StoreError::Damaged { what: "number of rows" })
}

/// Takes every row of a table away: those that a migration wrote, before a restore brings its own.
pub async fn clear(db: &mut Db, table: &Table) -> Result<(), StoreError> {
    sqlx::query(AssertSqlSafe(table.clear())).execute(db).await?;
    Ok(())
}

/// The first table of a schema that has rows although nobody used the database, by name.
pub async fn first_used(db: &mut Db, schema: i64) -> Result<Option<&'static str>, StoreError> {
    let counted = tables().iter().filter(|table| table.since <= schema);
    for table in counted.filter(|table| table.keep != super::tables::Keep::Seeded) {
        if count(db, table).await? > 0 {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

fn read(row: &AnyRow, table: &Table) -> Result<Vec<Cell>, StoreError> {
    let cell = |(at, column): (usize, &super::tables::Column)| {
        Ok(match column.kind {
            Kind::Int => row.try_get::<Option<i64>, _>(at)?.map(Cell::Int),
            Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(at)?.map(Cell::Bytes),
            Kind::Text => row.try_get::<Option<String>, _>(at)?.map(Cell::Text),
        }
        .unwrap_or(Cell::Empty))
    };
    table.columns.iter().enumerate().map(cell).collect()
}
