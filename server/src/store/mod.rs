//! SQL and nothing else: free functions on a connection, every query a named constant, rows converted at once.
//!
//! One query text serves every engine (sqlx `Any`): `$1` placeholders; integers of 64 bits, bytes, text and their
//! options only. A test prepares every constant.

pub mod answered;
pub mod audit;
pub mod decisions;
pub mod devices;
pub mod envelopes;
pub mod orders;
pub mod people;
pub mod proposals;
pub mod rounds;
pub mod sessions;
pub mod units;

use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, AnyPool, Executor, Row, SqlSafeStr, Transaction};
use std::path::Path;
use thiserror::Error;

/// A transaction on the centre's database.
pub type Tx = Transaction<'static, sqlx::Any>;
/// One connection.
pub type Db = AnyConnection;

/// Every query text of the store, so that a test can prepare each.
pub const QUERIES: &[&[&str]] = &[
    rounds::ALL,
    units::ALL,
    devices::ALL,
    envelopes::ALL,
    decisions::ALL,
    orders::ALL,
    people::ALL,
    sessions::ALL,
    proposals::ALL,
    answered::ALL,
    audit::ALL,
];

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "round", include_str!("../../migrations/sqlite/0001_round.sql")),
    (2, "people", include_str!("../../migrations/sqlite/0002_people.sql")),
];

/// Settings of each SQLite connection. `FULL` in WAL mode syncs at every commit; `secure_delete` leaves no old
/// content in free pages.
const PRAGMAS: &[(&str, &str)] = &[
    ("journal_mode", "wal"),
    ("synchronous", "2"),
    ("foreign_keys", "1"),
    ("secure_delete", "1"),
    ("busy_timeout", "15000"),
    ("cache_size", "-4096"),
];

/// Why the database did not do it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk of the centre is full: free some space and try again; nothing was changed")]
    Full,
    /// The database cannot be written.
    #[error("the centre's database is read-only: check the rights of its folder and the disk")]
    ReadOnly,
    /// Another process holds the database for too long.
    #[error("the centre's database is busy: try again")]
    Busy,
    /// A stored value does not read.
    #[error("a stored {what} is damaged: restore the database from a backup")]
    Damaged {
        /// What it should be.
        what: &'static str,
    },
    /// The database has been changed by a newer program, or cannot be set up.
    #[error("the centre's database cannot be set up: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Anything else.
    #[error("the centre's database failed: {0}")]
    Sql(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code()).map(|code| code.into_owned());
        // Primary result codes of SQLite; extended codes carry them in the low byte.
        match code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            Some(13) => Self::Full,
            Some(8) => Self::ReadOnly,
            Some(5 | 6) => Self::Busy,
            _ => Self::Sql(error),
        }
    }
}

/// The database of a centre.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
}

impl Store {
    /// Opens `homphieu.db` in a folder, sets it up and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}?mode=rwc", url_path(&folder.join("homphieu.db")));
        let pool = AnyPoolOptions::new()
            .max_connections(4)
            .after_connect(|connection, _| Box::pin(prepare_connection(connection)))
            .connect(&url)
            .await?;
        migrator().run(&pool).await?;
        Ok(Self { pool })
    }

    /// Begins a transaction that may write. It waits for other writers now, instead of failing at its first write
    /// because another one came between.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_write(&self) -> Result<Tx, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// A connection for single reads, each of which sees what is committed at its moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reader(&self) -> Result<PoolConnection<sqlx::Any>, StoreError> {
        Ok(self.pool.acquire().await?)
    }

    /// Begins a transaction that only reads.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(self.pool.begin().await?)
    }

    /// Waits until all connections are closed, so that the last one can tidy the write-ahead log.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Sets the PRAGMAs and reads each back, since SQLite ignores one that it does not take.
async fn prepare_connection(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for (name, value) in PRAGMAS {
        let set = format!("PRAGMA {name} = {value}");
        connection.fetch_all(sqlx::AssertSqlSafe(set).into_sql_str()).await?;
        let ask = format!("PRAGMA {name}");
        let row = connection.fetch_one(sqlx::AssertSqlSafe(ask).into_sql_str()).await?;
        let found = match row.try_get::<i64, _>(0) {
            Ok(number) => number.to_string(),
            Err(_) => row.try_get::<String, _>(0)?,
        };
        if found != *value {
            return Err(sqlx::Error::Protocol(format!("PRAGMA {name} is {found} instead of {value}")));
        }
    }
    Ok(())
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// A path as it may stand in a database address: everything unusual percent-encoded.
fn url_path(path: &Path) -> String {
    let encode = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    path.as_os_str().as_encoded_bytes().iter().map(encode).collect()
}

/// Bytes of a column as a fixed-length value.
fn fixed<const N: usize>(row: &AnyRow, column: &str, what: &'static str) -> Result<[u8; N], StoreError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    bytes.try_into().map_err(|_| StoreError::Damaged { what })
}

/// A number of a column that must fit 32 bits.
fn number(row: &AnyRow, column: &str, what: &'static str) -> Result<u32, StoreError> {
    let value: i64 = row.try_get(column)?;
    u32::try_from(value).map_err(|_| StoreError::Damaged { what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_query_prepares() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let mut connection = store.pool.acquire().await.unwrap();
        for query in QUERIES.iter().flat_map(|list| list.iter()) {
            connection.prepare(query.into_sql_str()).await.unwrap_or_else(|e| panic!("{query}: {e}"));
        }
    }

    #[tokio::test]
    async fn a_folder_with_blanks_and_accents_opens_twice() {
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("Huyện Đồng Văn ?#%");
        std::fs::create_dir(&odd).unwrap();
        Store::open(&odd).await.unwrap().close().await;
        Store::open(&odd).await.unwrap();
        assert!(odd.join("homphieu.db").exists());
    }
}
