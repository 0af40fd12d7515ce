//! Backups that this centre made, and which of them hold which state of a round.

use super::{Db, StoreError, fixed};
use crate::dump::BackupId;
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::RoundId;

/// A backup as noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRow {
    /// Its id.
    pub id: BackupId,
    /// When it was taken, in seconds since 1970.
    pub taken_at: i64,
    /// Name of its file.
    pub name: String,
    /// Length of the file in bytes.
    pub size: u64,
    /// Digest of the dump inside.
    pub digest: [u8; 32],
    /// SHA-256 of the file.
    pub file_digest: [u8; 32],
    /// Whether the file is encrypted.
    pub encrypted: bool,
    /// Whether the file was read back whole from its disk, opened and checked after it was written.
    pub verified: bool,
}

const INSERT: &str = "INSERT INTO backup (id, taken_at, name, size, digest, file_digest, encrypted, verified) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const LIST: &str = "SELECT id, taken_at, name, size, digest, file_digest, encrypted, verified FROM backup \
     ORDER BY taken_at DESC, id";
const REMOVE_ROUNDS: &str = "DELETE FROM backup_round WHERE backup = $1";
const REMOVE: &str = "DELETE FROM backup WHERE id = $1";
const NOTE: &str = "INSERT INTO backup_round (backup, round, digest, verified) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (backup, round) DO UPDATE SET digest = $3, verified = $4";
const VERIFIED: &str =
    "SELECT backup FROM backup_round WHERE round = $1 AND digest = $2 AND verified <> 0 LIMIT 1";

pub(super) const ALL: &[&str] = &[INSERT, LIST, REMOVE_ROUNDS, REMOVE, NOTE, VERIFIED];

/// Notes the state of a round that a backup holds, and whether the backup was read back and checked.
pub async fn note(
    db: &mut Db,
    backup: &[u8],
    round: &RoundId,
    digest: &[u8; 32],
    verified: bool,
) -> Result<(), StoreError> {
    let query = sqlx::query(NOTE).bind(backup.to_vec()).bind(round.0.to_vec());
    query.bind(digest.to_vec()).bind(i64::from(verified)).execute(db).await?;
    Ok(())
}

/// Whether a checked backup holds exactly this state of a round. An older one that holds the same is as good as the
/// newest.
pub async fn is_verified(db: &mut Db, round: &RoundId, digest: &[u8; 32]) -> Result<bool, StoreError> {
    let query = sqlx::query(VERIFIED).bind(round.0.to_vec()).bind(digest.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Notes a backup and the digest of what it holds of each round.
pub async fn insert(
    db: &mut Db,
    backup: &BackupRow,
    rounds: &[(RoundId, [u8; 32])],
) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT).bind(backup.id.0.to_vec()).bind(backup.taken_at);
    let query = query.bind(backup.name.as_str()).bind(i64::try_from(backup.size).unwrap_or(i64::MAX));
    let query = query.bind(backup.digest.to_vec()).bind(backup.file_digest.to_vec());
    query.bind(i64::from(backup.encrypted)).bind(i64::from(backup.verified)).execute(&mut *db).await?;
    for (round, digest) in rounds {
        note(db, &backup.id.0, round, digest, backup.verified).await?;
    }
    Ok(())
}

/// Every backup that was noted and not removed, the newest first.
pub async fn list(db: &mut Db) -> Result<Vec<BackupRow>, StoreError> {
    sqlx::query(LIST).fetch_all(db).await?.iter().map(read).collect()
}

/// Forgets a backup whose file is gone.
pub async fn remove(db: &mut Db, id: &BackupId) -> Result<(), StoreError> {
    sqlx::query(REMOVE_ROUNDS).bind(id.0.to_vec()).execute(&mut *db).await?;
    sqlx::query(REMOVE).bind(id.0.to_vec()).execute(db).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<BackupRow, StoreError> {
    let size: i64 = row.try_get("size")?;
    Ok(BackupRow {
        id: BackupId(fixed(row, "id", "backup")?),
        taken_at: row.try_get("taken_at")?,
        name: row.try_get("name")?,
        size: u64::try_from(size).map_err(|_| StoreError::Damaged { what: "backup" })?,
        digest: fixed(row, "digest", "backup")?,
        file_digest: fixed(row, "file_digest", "backup")?,
        encrypted: row.try_get::<i64, _>("encrypted")? != 0,
        verified: row.try_get::<i64, _>("verified")? != 0,
    })
}
