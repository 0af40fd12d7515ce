//! That this centre came out of a backup, and which tablets have not shown since that nothing of theirs is missing.

use super::{Db, StoreError, fixed};
use crate::dump::BackupId;
use sqlx::Row;
use sync_core::id::{DeviceId, RoundId, UnitCode};

/// A restore as noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestorationRow {
    /// The backup.
    pub backup: BackupId,
    /// When that was taken, in seconds since 1970.
    pub taken_at: i64,
    /// When it was restored.
    pub restored_at: i64,
}

/// A tablet of a unit.
pub type Tablet = (RoundId, UnitCode, DeviceId);

const NEXT: &str = "SELECT COUNT(*) AS restored FROM restoration";
const INSERT: &str =
    "INSERT INTO restoration (number, backup, taken_at, restored_at) VALUES ($1, $2, $3, $4)";
const LAST: &str = "SELECT backup, taken_at, restored_at FROM restoration ORDER BY number DESC LIMIT 1";
const FORGET: &str = "DELETE FROM unheard";
const EXPECT: &str = "INSERT INTO unheard (round, unit, device) SELECT device_unit.round, device_unit.unit, \
     device_unit.device FROM device_unit JOIN device ON device.round = device_unit.round AND \
     device.id = device_unit.device WHERE device.revocation IS NULL";
const UNHEARD: &str = "SELECT round, unit, device FROM unheard ORDER BY round, unit, device";
const HEARD: &str = "DELETE FROM unheard WHERE round = $1 AND unit = $2 AND device = $3";
const VOID_INVITES: &str = "DELETE FROM invite WHERE device IS NULL";

pub(super) const ALL: &[&str] = &[NEXT, INSERT, LAST, FORGET, EXPECT, UNHEARD, HEARD, VOID_INVITES];

/// Notes a restore: every tablet that is not revoked has yet to be heard from, and invitations that nobody had used
/// when the backup was taken are void, since they may have been used afterwards.
pub async fn note(db: &mut Db, row: &RestorationRow) -> Result<(), StoreError> {
    let before: i64 = sqlx::query(NEXT).fetch_one(&mut *db).await?.try_get("restored")?;
    let query = sqlx::query(INSERT).bind(before + 1).bind(row.backup.0.to_vec());
    query.bind(row.taken_at).bind(row.restored_at).execute(&mut *db).await?;
    sqlx::query(FORGET).execute(&mut *db).await?;
    sqlx::query(EXPECT).execute(&mut *db).await?;
    sqlx::query(VOID_INVITES).execute(db).await?;
    Ok(())
}

/// The last restore, if this centre ever came out of a backup.
pub async fn last(db: &mut Db) -> Result<Option<RestorationRow>, StoreError> {
    let row = sqlx::query(LAST).fetch_optional(db).await?;
    row.map(|row| {
        Ok(RestorationRow {
            backup: BackupId(fixed(&row, "backup", "backup")?),
            taken_at: row.try_get("taken_at")?,
            restored_at: row.try_get("restored_at")?,
        })
    })
    .transpose()
}

/// Tablets that were not heard from since.
pub async fn unheard(db: &mut Db) -> Result<Vec<Tablet>, StoreError> {
    let rows = sqlx::query(UNHEARD).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let unit: String = row.try_get("unit")?;
            let unit = UnitCode::new(&unit).map_err(|_| StoreError::Damaged { what: "unit code" })?;
            Ok((RoundId(fixed(row, "round", "round")?), unit, DeviceId(fixed(row, "device", "device id")?)))
        })
        .collect()
}

/// A tablet of a unit was heard from.
pub async fn heard(db: &mut Db, (round, unit, device): &Tablet) -> Result<(), StoreError> {
    let query = sqlx::query(HEARD).bind(round.0.to_vec()).bind(unit.as_str());
    query.bind(device.0.to_vec()).execute(db).await?;
    Ok(())
}
