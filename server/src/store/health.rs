//! Looks at a database without changing it: whether it opens, is whole, and is as new as the program.

use super::engine::{is_postgres, url_path};
use super::{MIGRATIONS, StoreError};
use sqlx::{AnyConnection, Connection, Executor, Row, SqlSafeStr};
use std::path::Path;

const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
const NEWEST_BACKUP: &str = "SELECT MAX(taken_at) AS taken_at FROM backup WHERE verified <> 0";
/// The migration that brought the table of backups.
const BACKUPS_SINCE: i64 = 6;

/// Every query text of this file that any engine takes.
pub const ALL: &[&str] = &[APPLIED, NEWEST_BACKUP];

/// Questions that only SQLite answers: each damaged place is a row; none, or the single word `ok`, is good.
const SQLITE_CHECKS: [&str; 2] = ["PRAGMA integrity_check(20)", "PRAGMA foreign_key_check"];

/// What is known of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Damaged places, in the engine's words; at most some twenty.
    pub damage: Vec<String>,
    /// Migrations that this program has and the database lacks.
    pub missing: Vec<i64>,
    /// Migrations of the database that this program does not know: a newer one wrote it.
    pub unknown: Vec<i64>,
    /// When the newest checked backup was taken, in seconds since 1970, if there is one.
    pub newest_backup: Option<i64>,
}

/// Looks at `homphieu.db` in a folder, or at the PostgreSQL database at an address; either stays as it is. The whole
/// file of SQLite is read: this takes time on a large one. PostgreSQL watches over its own files.
///
/// # Errors
/// [`StoreError`] if it does not open.
pub async fn inspect(folder: &Path, database: Option<&str>) -> Result<Health, StoreError> {
    sqlx::any::install_default_drivers();
    let Some(address) = database else {
        let url = format!("sqlite://{}?mode=rw", url_path(&folder.join("homphieu.db")));
        let mut connection = AnyConnection::connect(&url).await?;
        // Opened for writing, yet nothing is written: one that may only read leaves SQLite's own files behind.
        connection.execute("PRAGMA query_only = 1".into_sql_str()).await?;
        let health = look(&mut connection).await;
        connection.close().await?;
        return health;
    };
    if !is_postgres(address) {
        return Err(StoreError::Address);
    }
    let mut connection = AnyConnection::connect(address).await?;
    let health = compare(&mut connection, Vec::new()).await;
    connection.close().await?;
    health
}

async fn look(connection: &mut AnyConnection) -> Result<Health, StoreError> {
    let mut damage = Vec::new();
    for check in SQLITE_CHECKS {
        match connection.fetch_all(check.into_sql_str()).await {
            Ok(rows) => {
                let words = rows.iter().map(|row| row.try_get::<String, _>(0).unwrap_or_default());
                damage.extend(words.filter(|text| text != "ok").map(|text| text.replace('\n', " ")));
            }
            // So badly damaged that the check itself breaks off, or no database at all.
            Err(error) => {
                damage.push(error.to_string());
                return Ok(Health { damage, missing: Vec::new(), unknown: Vec::new(), newest_backup: None });
            }
        }
    }
    compare(connection, damage).await
}

/// What was applied against what this program has. A database in which nothing was ever set up lacks everything.
async fn compare(connection: &mut AnyConnection, damage: Vec<String>) -> Result<Health, StoreError> {
    let known: Vec<i64> = MIGRATIONS.iter().map(|(version, ..)| *version).collect();
    let rows = match connection.fetch_all(APPLIED.into_sql_str()).await {
        Ok(rows) => rows,
        Err(error) if no_such_table(&error) => {
            return Ok(Health { damage, missing: known, unknown: Vec::new(), newest_backup: None });
        }
        Err(error) => return Err(error.into()),
    };
    let applied: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let not_in =
        |these: &[i64], those: &[i64]| these.iter().copied().filter(|v| !those.contains(v)).collect();
    let newest_backup = if applied.contains(&BACKUPS_SINCE) {
        connection.fetch_one(NEWEST_BACKUP.into_sql_str()).await?.try_get("taken_at")?
    } else {
        None
    };
    let (missing, unknown) = (not_in(&known, &applied), not_in(&applied, &known));
    Ok(Health { damage, missing, unknown, newest_backup })
}

fn no_such_table(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    // PostgreSQL has a code for it, SQLite only words.
    error.code().is_some_and(|code| code == "42P01") || error.message().contains("no such table")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use std::os::unix::fs::FileExt;

    async fn database() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        Store::open(folder.path(), None).await.unwrap().close().await;
        folder
    }

    async fn change(folder: &Path, sql: &'static str) {
        let url = format!("sqlite://{}", url_path(&folder.join("homphieu.db")));
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        connection.execute(sql.into_sql_str()).await.unwrap();
        connection.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_fresh_database_is_whole_and_up_to_date() {
        let folder = database().await;
        let health = inspect(folder.path(), None).await.unwrap();
        assert_eq!(health, Health { damage: vec![], missing: vec![], unknown: vec![], newest_backup: None });
    }

    #[tokio::test]
    async fn looking_neither_makes_nor_migrates_a_database() {
        let empty = tempfile::tempdir().unwrap();
        assert!(inspect(empty.path(), None).await.is_err());
        assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
        let folder = database().await;
        change(folder.path(), "DELETE FROM _sqlx_migrations WHERE version = 1").await;
        for _ in 0..2 {
            assert_eq!(inspect(folder.path(), None).await.unwrap().missing, [1], "it stays as it was");
        }
    }

    #[tokio::test]
    async fn the_database_of_a_newer_program_is_told_from_that_of_an_older_one() {
        let folder = database().await;
        change(
            folder.path(),
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'later', TRUE, x'00', 0)",
        )
        .await;
        let health = inspect(folder.path(), None).await.unwrap();
        assert_eq!((health.unknown, health.missing), (vec![9999], vec![]));
    }

    #[tokio::test]
    async fn overwritten_pages_are_found() {
        let folder = database().await;
        let path = folder.path().join("homphieu.db");
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let length = file.metadata().unwrap().len();
        file.write_all_at(&vec![0xa5; usize::try_from(length).unwrap() - 8192], 8192).unwrap();
        let health = inspect(folder.path(), None).await;
        assert!(health.is_err() || !health.unwrap().damage.is_empty());
        std::fs::write(&path, b"this is no database at all, and longer than the header of one".repeat(20))
            .unwrap();
        let health = inspect(folder.path(), None).await;
        assert!(health.is_err() || !health.unwrap().damage.is_empty());
    }
}
