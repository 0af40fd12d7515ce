//! The two engines: how each is opened, what is relied on and asserted per connection, and what their errors mean.

use super::StoreError;
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Connection, Executor, Row, SqlSafeStr};
use std::path::Path;
use std::time::Duration;

/// Where the database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in the centre's folder; one machine.
    Sqlite,
    /// A server; several processes of the centre may share it.
    Postgres,
}

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

/// Settings of each PostgreSQL connection. A commit is answered when it is on the disk; whoever waits for a lock, or
/// holds one and does nothing, does so within bounds.
const SETTINGS: &[(&str, &str)] = &[
    // Before all others: until it is set, one that the database has of its own ends any statement, also this.
    ("statement_timeout", "5min"),
    ("synchronous_commit", "on"),
    ("default_transaction_isolation", "read committed"),
    ("standard_conforming_strings", "on"),
    ("lock_timeout", "15s"),
    ("idle_in_transaction_session_timeout", "1min"),
];

/// What a PostgreSQL server or database must be set to, since no connection can set it: what is answered has reached
/// the disk, and no row tells when it was written.
const SERVER: &[(&str, &str)] =
    &[("server_encoding", "UTF8"), ("fsync", "on"), ("track_commit_timestamp", "off")];

/// Tries of a setting while a limit that the database has of its own ends it.
const SET_TRIES: u32 = 8;

/// How long a request waits for a connection: longer than anybody waits for a lock, so that who holds the connections
/// has ended one way or the other.
const WAIT: Duration = Duration::from_secs(20);

impl Engine {
    /// How the folder of its migrations is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// What begins a transaction that may write. SQLite waits for other writers now, instead of failing at its first
    /// write because another one came between; PostgreSQL orders writers by the turns they take.
    pub(super) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// Connections of one process.
    fn connections(self) -> u32 {
        match self {
            Self::Sqlite => 4,
            Self::Postgres => 8,
        }
    }

    /// Sets what a connection relies on and reads each setting back, since SQLite ignores one that it does not take.
    async fn prepare(self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let (settings, server, set, ask) = match self {
            Self::Sqlite => (PRAGMAS, &[][..], "PRAGMA", "PRAGMA"),
            Self::Postgres => (SETTINGS, SERVER, "SET", "SHOW"),
        };
        for (name, value) in settings {
            let statement = format!("{set} {name} = '{value}'");
            for again in (0..SET_TRIES).rev() {
                let done = connection.fetch_all(sqlx::AssertSqlSafe(statement.clone()).into_sql_str()).await;
                match done {
                    Err(error) if again > 0 && was_cancelled(&error) => {}
                    done => {
                        done?;
                        break;
                    }
                }
            }
        }
        for (name, value) in settings.iter().chain(server) {
            let question = format!("{ask} {name}");
            let row = connection.fetch_one(sqlx::AssertSqlSafe(question).into_sql_str()).await?;
            let found = match row.try_get::<i64, _>(0) {
                Ok(number) => number.to_string(),
                Err(_) => row.try_get::<String, _>(0)?,
            };
            if found != *value {
                return Err(StoreError::Setting { name, found, needed: value });
            }
        }
        Ok(())
    }

    /// What begins a transaction that reads everything as it was at one moment.
    pub(super) fn begin_read(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
}

/// Whether a statement took longer than the database lets it (SQLSTATE 57014).
fn was_cancelled(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "57014")
}

/// Opens `homphieu.db` in a folder, or the PostgreSQL database at an address.
pub(super) async fn open(folder: &Path, database: Option<&str>) -> Result<(Engine, AnyPool), StoreError> {
    sqlx::any::install_default_drivers();
    let (engine, url) = match database {
        None => {
            let path = url_path(&folder.join("homphieu.db"));
            (Engine::Sqlite, format!("sqlite://{path}?mode=rwc"))
        }
        Some(url) if is_postgres(url) => (Engine::Postgres, url.to_owned()),
        Some(_) => return Err(StoreError::Address),
    };
    // A pool tries a connection that does not come up again and again, and in the end says only that it took long; a
    // first one by itself says why.
    let mut first = AnyConnection::connect(&url).await?;
    engine.prepare(&mut first).await?;
    first.close().await?;
    let options = AnyPoolOptions::new()
        .max_connections(engine.connections())
        .acquire_timeout(WAIT)
        // SQLite ends a transaction by itself when the disk is full, and the roll-back that sqlx then sends fails: a
        // connection that still believes in its transaction begins no other one.
        .before_acquire(|connection, _| Box::pin(std::future::ready(Ok(!connection.is_in_transaction()))))
        .after_connect(move |connection, _| {
            Box::pin(async move {
                let prepared = engine.prepare(connection).await;
                prepared.map_err(|error| match error {
                    StoreError::Sql(error) => error,
                    error => sqlx::Error::Configuration(error.into()),
                })
            })
        });
    Ok((engine, options.connect(&url).await?))
}

/// Whether an address names a PostgreSQL database.
pub(super) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// What an error of the database means for people.
pub(super) fn meaning(error: sqlx::Error) -> StoreError {
    if matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) {
        return StoreError::Unreachable;
    }
    let code = error.as_database_error().and_then(|e| e.code()).map(|code| code.into_owned());
    match code.as_deref() {
        Some(state) if state.len() == 5 => match state {
            // SQLSTATE, PostgreSQL appendix A.
            "53100" => StoreError::Full,
            "25006" => StoreError::ReadOnly,
            "40001" | "40P01" => StoreError::Raced,
            "55P03" => StoreError::Busy,
            "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "53300" => StoreError::Unreachable,
            state if state.starts_with("08") => StoreError::Unreachable,
            // Wrong user or password, no such database, no right to make tables in it.
            "28000" | "28P01" | "3D000" | "42501" => not_let_in(&error),
            _ => StoreError::Sql(error),
        },
        // The shared memory of the write-ahead log did not fit on the disk (SQLITE_IOERR_SHMSIZE).
        Some("4874") => StoreError::Full,
        // Primary result codes of SQLite; extended codes carry them in the low byte.
        Some(code) => match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(13) => StoreError::Full,
            // What cannot be opened cannot be written either: on a read-only disk that is what SQLite says of its
            // write-ahead log.
            Ok(8 | 14) => StoreError::ReadOnly,
            Ok(5 | 6) => StoreError::Busy,
            _ => StoreError::Sql(error),
        },
        None => StoreError::Sql(error),
    }
}

fn not_let_in(error: &sqlx::Error) -> StoreError {
    let why = error.as_database_error().map(|error| error.message().to_owned());
    StoreError::NotLetIn { why: why.unwrap_or_default() }
}

/// A path as it may stand in a database address: everything unusual percent-encoded.
pub(super) fn url_path(path: &Path) -> String {
    let encode = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    path.as_os_str().as_encoded_bytes().iter().map(encode).collect()
}
