//! Devices: invitations, certificates, revocations.

use super::{Db, StoreError, fixed};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{DeviceId, RoundId, UnitCode};

/// An invitation to enrol.
#[derive(Debug, Clone)]
pub struct InviteRow {
    /// The round.
    pub round: RoundId,
    /// Label for people.
    pub label: String,
    /// Scope: unit codes separated by commas, or nothing for a courier.
    pub scope: String,
    /// The device that used it.
    pub device: Option<DeviceId>,
}

/// A device.
#[derive(Debug, Clone)]
pub struct DeviceRow {
    /// Its id.
    pub id: DeviceId,
    /// Label for people.
    pub label: String,
    /// Its signed certificate.
    pub certificate: Vec<u8>,
    /// Its signed revocation, if it is revoked.
    pub revocation: Option<Vec<u8>>,
}

const INVITE: &str = "INSERT INTO invite (secret_hash, round, label, scope) VALUES ($1, $2, $3, $4)";
const INVITED: &str = "SELECT round, label, scope, device FROM invite WHERE secret_hash = $1";
const USE_INVITE: &str =
    "UPDATE invite SET device = $2 WHERE secret_hash = $1 AND device IS NULL RETURNING label";
const INSERT: &str =
    "INSERT INTO device (round, id, label, certificate) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const INSERT_UNIT: &str =
    "INSERT INTO device_unit (round, unit, device) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const GET: &str = "SELECT id, label, certificate, revocation FROM device WHERE round = $1 AND id = $2";
const LIST: &str = "SELECT id, label, certificate, revocation FROM device WHERE round = $1 ORDER BY id";
const OF_UNIT: &str = "SELECT device FROM device_unit WHERE round = $1 AND unit = $2 ORDER BY device";
const REVOKE: &str =
    "UPDATE device SET revocation = $3 WHERE round = $1 AND id = $2 AND revocation IS NULL RETURNING id";
const REVOKED: &str = "SELECT id, label, certificate, revocation FROM device WHERE round = $1 AND revocation IS NOT NULL ORDER BY id";

pub(super) const ALL: &[&str] =
    &[INVITE, INVITED, USE_INVITE, INSERT, INSERT_UNIT, GET, LIST, OF_UNIT, REVOKE, REVOKED];

/// Stores an invitation under the hash of its secret.
pub async fn invite(
    db: &mut Db,
    secret_hash: &[u8; 32],
    round: &RoundId,
    label: &str,
    scope: &str,
) -> Result<(), StoreError> {
    let query = sqlx::query(INVITE).bind(secret_hash.to_vec()).bind(round.0.to_vec());
    query.bind(label).bind(scope).execute(db).await?;
    Ok(())
}

/// The invitation with this secret.
pub async fn invited(db: &mut Db, secret_hash: &[u8; 32]) -> Result<Option<InviteRow>, StoreError> {
    let row = sqlx::query(INVITED).bind(secret_hash.to_vec()).fetch_optional(db).await?;
    row.map(|row| {
        let device: Option<Vec<u8>> = row.try_get("device")?;
        Ok(InviteRow {
            round: RoundId(fixed(&row, "round", "round")?),
            label: row.try_get("label")?,
            scope: row.try_get("scope")?,
            device: device.as_deref().and_then(DeviceId::from_slice),
        })
    })
    .transpose()
}

/// Marks an invitation as used; `false` if it was used before.
pub async fn use_invite(db: &mut Db, secret_hash: &[u8; 32], device: &DeviceId) -> Result<bool, StoreError> {
    let query = sqlx::query(USE_INVITE).bind(secret_hash.to_vec()).bind(device.0.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Stores a certified device and the units of its scope; a device that is there stays as it is.
pub async fn insert(
    db: &mut Db,
    round: &RoundId,
    id: &DeviceId,
    label: &str,
    certificate: &[u8],
    units: &[UnitCode],
) -> Result<(), StoreError> {
    let query = sqlx::query(INSERT).bind(round.0.to_vec()).bind(id.0.to_vec());
    query.bind(label).bind(certificate.to_vec()).execute(&mut *db).await?;
    for unit in units {
        let query = sqlx::query(INSERT_UNIT).bind(round.0.to_vec()).bind(unit.as_str());
        query.bind(id.0.to_vec()).execute(&mut *db).await?;
    }
    Ok(())
}

/// The device with this id.
pub async fn get(db: &mut Db, round: &RoundId, id: &DeviceId) -> Result<Option<DeviceRow>, StoreError> {
    let row = sqlx::query(GET).bind(round.0.to_vec()).bind(id.0.to_vec()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Every device of the round.
pub async fn list(db: &mut Db, round: &RoundId) -> Result<Vec<DeviceRow>, StoreError> {
    sqlx::query(LIST).bind(round.0.to_vec()).fetch_all(db).await?.iter().map(read).collect()
}

/// Revoked devices of the round.
pub async fn revoked(db: &mut Db, round: &RoundId) -> Result<Vec<DeviceRow>, StoreError> {
    sqlx::query(REVOKED).bind(round.0.to_vec()).fetch_all(db).await?.iter().map(read).collect()
}

/// Devices certified for a unit, revoked or not.
pub async fn of_unit(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<DeviceId>, StoreError> {
    let rows = sqlx::query(OF_UNIT).bind(round.0.to_vec()).bind(unit.as_str()).fetch_all(db).await?;
    rows.iter().map(|row| Ok(DeviceId(fixed(row, "device", "device id")?))).collect()
}

/// Stores a revocation; `false` if the device is not there or is revoked already.
pub async fn revoke(
    db: &mut Db,
    round: &RoundId,
    id: &DeviceId,
    revocation: &[u8],
) -> Result<bool, StoreError> {
    let query = sqlx::query(REVOKE).bind(round.0.to_vec()).bind(id.0.to_vec()).bind(revocation.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}

fn read(row: &AnyRow) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        id: DeviceId(fixed(row, "id", "device id")?),
        label: row.try_get("label")?,
        certificate: row.try_get("certificate")?,
        revocation: row.try_get("revocation")?,
    })
}
