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

const GO_ON: &str = "INSERT INTO going_on_without (round, unit, device, first_person, second_person, reason) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (round, unit, device) DO UPDATE SET first_person = $4, \
     second_person = $5, reason = $6";
const WITHOUT: &str = "SELECT unit, device, first_person, second_person, reason FROM going_on_without \
     WHERE round = $1 ORDER BY unit, device";
const WAIT_AGAIN: &str = "DELETE FROM going_on_without";

pub(super) const ALL: &[&str] =
    &[NEXT, INSERT, LAST, FORGET, EXPECT, UNHEARD, HEARD, VOID_INVITES, GO_ON, WITHOUT, WAIT_AGAIN];

/// A tablet of a unit without which two people finish a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutRow {
    /// The unit.
    pub unit: UnitCode,
    /// The tablet.
    pub device: DeviceId,
    /// The two persons.
    pub persons: [String; 2],
    /// Why.
    pub reason: String,
}

/// Notes a restore: every tablet that is not revoked has yet to be heard from, whatever was decided about it after an
/// earlier restore, and invitations that nobody had used when the backup was taken are void, since they may have been
/// used afterwards.
pub async fn note(db: &mut Db, row: &RestorationRow) -> Result<(), StoreError> {
    let before: i64 = sqlx::query(NEXT).fetch_one(&mut *db).await?.try_get("restored")?;
    let query = sqlx::query(INSERT).bind(before + 1).bind(row.backup.0.to_vec());
    query.bind(row.taken_at).bind(row.restored_at).execute(&mut *db).await?;
    sqlx::query(FORGET).execute(&mut *db).await?;
    sqlx::query(WAIT_AGAIN).execute(&mut *db).await?;
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

/// Notes that two people finish a round without a tablet; a later word takes the place of an earlier one.
pub async fn go_on_without(db: &mut Db, round: &RoundId, row: &WithoutRow) -> Result<(), StoreError> {
    let [first, second] = &row.persons;
    let query = sqlx::query(GO_ON).bind(round.0.to_vec()).bind(row.unit.as_str()).bind(row.device.0.to_vec());
    query.bind(first.as_str()).bind(second.as_str()).bind(row.reason.as_str()).execute(db).await?;
    Ok(())
}

/// Tablets without which two people finish a round, by unit.
pub async fn going_on_without(db: &mut Db, round: &RoundId) -> Result<Vec<WithoutRow>, StoreError> {
    let rows = sqlx::query(WITHOUT).bind(round.0.to_vec()).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let unit: String = row.try_get("unit")?;
            Ok(WithoutRow {
                unit: UnitCode::new(&unit).map_err(|_| StoreError::Damaged { what: "unit code" })?,
                device: DeviceId(fixed(row, "device", "device id")?),
                persons: [row.try_get("first_person")?, row.try_get("second_person")?],
                reason: row.try_get("reason")?,
            })
        })
        .collect()
}
