//! SQL and nothing else: free functions on a connection, every query a named constant, rows converted at once.
//!
//! One query text serves every engine (sqlx `Any`): `$1` placeholders; integers of 64 bits, bytes, text and their
//! options only. A test prepares every constant.

pub mod answered;
pub mod attachments;
pub mod audit;
pub mod backups;
pub mod contacts;
pub mod decisions;
pub mod devices;
pub mod digest;
pub mod dump;
mod engine;
pub mod envelopes;
pub mod follow_up;
pub mod health;
pub mod letters;
#[macro_use]
mod names;
pub mod notices;
pub mod orders;
pub mod outbox;
pub mod people;
pub mod plans;
pub mod proposals;
pub mod records;
pub mod restoration;
pub mod rounds;
pub mod sessions;
pub mod settings;
pub mod statements;
pub mod tables;
pub mod units;
pub mod visits;

pub use engine::Engine;

use rustix::fs::FlockOperation;
use sqlx::any::AnyRow;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, AnyPool, Row, SqlSafeStr, Transaction};
use std::fs::File;
use std::path::Path;
use thiserror::Error;

/// A transaction on the centre's database.
pub type Tx = Transaction<'static, sqlx::Any>;
/// One connection.
pub type Db = AnyConnection;

/// Every query text of the store, so that a test can prepare each.
pub const QUERIES: &[&[&str]] = &[
    rounds::ALL,
    follow_up::ALL,
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
    statements::ALL,
    backups::ALL,
    dump::ALL,
    health::ALL,
    restoration::ALL,
    records::ALL,
    notices::ALL,
    contacts::ALL,
    outbox::ALL,
    letters::ALL,
    visits::ALL,
    settings::ALL,
    plans::ALL,
    attachments::ALL,
];

/// Name of the SQLite database in the centre's folder.
pub const DATABASE_FILE: &str = "homphieu.db";

/// Number, name, and the text for SQLite and for PostgreSQL. Both are kept in step by a test.
const MIGRATIONS: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "round",
        include_str!("../../migrations/sqlite/0001_round.sql"),
        include_str!("../../migrations/postgres/0001_round.sql"),
    ),
    (
        2,
        "people",
        include_str!("../../migrations/sqlite/0002_people.sql"),
        include_str!("../../migrations/postgres/0002_people.sql"),
    ),
    (
        3,
        "statement",
        include_str!("../../migrations/sqlite/0003_statement.sql"),
        include_str!("../../migrations/postgres/0003_statement.sql"),
    ),
    (
        4,
        "backup",
        include_str!("../../migrations/sqlite/0004_backup.sql"),
        include_str!("../../migrations/postgres/0004_backup.sql"),
    ),
    (
        5,
        "turns",
        include_str!("../../migrations/sqlite/0005_turns.sql"),
        include_str!("../../migrations/postgres/0005_turns.sql"),
    ),
    (
        6,
        "restoration",
        include_str!("../../migrations/sqlite/0006_restoration.sql"),
        include_str!("../../migrations/postgres/0006_restoration.sql"),
    ),
    (
        7,
        "collation",
        include_str!("../../migrations/sqlite/0007_collation.sql"),
        include_str!("../../migrations/postgres/0007_collation.sql"),
    ),
    (
        8,
        "record",
        include_str!("../../migrations/sqlite/0008_record.sql"),
        include_str!("../../migrations/postgres/0008_record.sql"),
    ),
    (
        9,
        "going on without tablets",
        include_str!("../../migrations/sqlite/0009_going_on.sql"),
        include_str!("../../migrations/postgres/0009_going_on.sql"),
    ),
    (
        10,
        "notices",
        include_str!("../../migrations/sqlite/0010_notice.sql"),
        include_str!("../../migrations/postgres/0010_notice.sql"),
    ),
    (
        11,
        "plans",
        include_str!("../../migrations/sqlite/0011_plan.sql"),
        include_str!("../../migrations/postgres/0011_plan.sql"),
    ),
    (
        12,
        "ways to people",
        include_str!("../../migrations/sqlite/0012_ways.sql"),
        include_str!("../../migrations/postgres/0012_ways.sql"),
    ),
    (
        13,
        "visits",
        include_str!("../../migrations/sqlite/0013_visit.sql"),
        include_str!("../../migrations/postgres/0013_visit.sql"),
    ),
    (
        14,
        "settings",
        include_str!("../../migrations/sqlite/0014_setting.sql"),
        include_str!("../../migrations/postgres/0014_setting.sql"),
    ),
    (
        15,
        "long lists",
        include_str!("../../migrations/sqlite/0015_long_lists.sql"),
        include_str!("../../migrations/postgres/0015_long_lists.sql"),
    ),
    (
        16,
        "followed until done",
        include_str!("../../migrations/sqlite/0016_followed_until_done.sql"),
        include_str!("../../migrations/postgres/0016_followed_until_done.sql"),
    ),
    (
        17,
        "long lists of plans",
        include_str!("../../migrations/sqlite/0017_long_lists_of_plans.sql"),
        include_str!("../../migrations/postgres/0017_long_lists_of_plans.sql"),
    ),
    (
        18,
        "after the ballot",
        include_str!("../../migrations/sqlite/0018_after_the_ballot.sql"),
        include_str!("../../migrations/postgres/0018_after_the_ballot.sql"),
    ),
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
    /// Another process was in the way in such a manner that only the whole transaction can be tried again.
    #[error("the centre's database was changed by another process at the same moment: try again")]
    Raced,
    /// The database server does not answer, or takes no more connections.
    #[error("the centre's database cannot be reached: see that it runs, and look again at what was done")]
    Unreachable,
    /// The address names no engine that is known.
    #[error(
        "the database address begins with postgres://; without one the database is a file in the centre's folder"
    )]
    Address,
    /// The database server knows no such user, password or database, or does not give the user what the centre needs.
    #[error(
        "the database server does not let the centre in: {why}; look at the user, password and name in `database-url`"
    )]
    NotLetIn {
        /// In the server's words.
        why: String,
    },
    /// The database has a setting with which the centre's promises do not hold.
    #[error(
        "the database has the setting {name} = {found}, and the centre needs {needed}: change it on the database \
         server (postgresql.conf; the encoding when the database is made) and start again"
    )]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        needed: &'static str,
    },
    /// A stored value does not read.
    #[error("a stored {what} is damaged: restore the database from a backup")]
    Damaged {
        /// What it should be.
        what: &'static str,
    },
    /// A newer program has brought the database up to a migration that this one does not know.
    #[error(
        "the centre's database was written by a newer program (migration {0}): install that one; going back needs the \
         backup from before the upgrade"
    )]
    Newer(i64),
    /// The database cannot be set up.
    #[error("the centre's database cannot be set up: {0}")]
    Migrate(sqlx::migrate::MigrateError),
    /// Anything else.
    #[error("the centre's database failed: {0}")]
    Sql(sqlx::Error),
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMissing(migration) => Self::Newer(migration),
            error => Self::Migrate(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        engine::meaning(error)
    }
}

/// The database of a centre.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
    pool: AnyPool,
}

impl Store {
    /// Opens `homphieu.db` in a folder, or a PostgreSQL database if its address is given, sets it up and brings its
    /// tables up to date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(folder: &Path, database: Option<&str>) -> Result<Self, StoreError> {
        Self::open_until(folder, database, i64::MAX).await
    }

    /// The same, with the tables brought up to date with this migration, but no later one: what a restore fills has the
    /// tables of its time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_until(folder: &Path, database: Option<&str>, schema: i64) -> Result<Self, StoreError> {
        // PostgreSQL has a lock of its own for this.
        let _in_turn = if database.is_none() { Some(in_turn(folder).await?) } else { None };
        let (engine, pool) = engine::open(folder, database).await?;
        migrator(engine, schema).run(&pool).await?;
        Ok(Self { engine, pool })
    }

    /// The newest migration that this program knows.
    pub fn newest_schema() -> i64 {
        MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or_default()
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_write(&self) -> Result<Tx, StoreError> {
        Ok(self.pool.begin_with(self.engine.begin_write()).await?)
    }

    /// A connection for single reads, each of which sees what is committed at its moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reader(&self) -> Result<PoolConnection<sqlx::Any>, StoreError> {
        Ok(self.pool.acquire().await?)
    }

    /// Begins a transaction that only reads, and sees everything as it was at one moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(self.pool.begin_with(self.engine.begin_read()).await?)
    }

    /// Waits until all connections are closed, so that the last one can tidy the write-ahead log.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Waits until nobody else sets up the SQLite database of a folder: several that start on an empty one at once would
/// each find it empty. The lock goes with the file.
async fn in_turn(folder: &Path) -> Result<File, StoreError> {
    let folder = File::open(folder).map_err(sqlx::Error::from)?;
    let locked = tokio::task::spawn_blocking(move || {
        rustix::fs::flock(&folder, FlockOperation::LockExclusive)?;
        Ok::<_, std::io::Error>(folder)
    });
    let locked = locked.await.map_err(std::io::Error::other).and_then(|locked| locked);
    Ok(locked.map_err(sqlx::Error::from)?)
}

fn migrator(engine: Engine, schema: i64) -> Migrator {
    let migrations = MIGRATIONS.iter().filter(|(version, ..)| *version <= schema);
    let migrations = migrations.map(|(version, name, sqlite, postgres)| {
        let sql = match engine {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        };
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
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

/// A pattern that finds a text anywhere, whatever stands in it.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::Executor;

    #[tokio::test]
    async fn every_query_prepares() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), None).await.unwrap();
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
        Store::open(&odd, None).await.unwrap().close().await;
        Store::open(&odd, None).await.unwrap();
        assert!(odd.join("homphieu.db").exists());
    }
}
