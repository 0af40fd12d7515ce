//! Backups over HTTP: which there are, how planned ones are doing, and whether this centre came out of one.

use super::access::Caller;
use super::problem::Problem;
use crate::error::AppError;
use crate::service::{BackupProgress, BackupState, Restoration, Unheard};
use crate::store::backups::BackupRow;
use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// Backups of the centre.
#[derive(Serialize, ToSchema)]
pub(super) struct BackupsView {
    /// How often one is planned, in seconds; nothing if this process plans none.
    planned_every: Option<u64>,
    /// Planned backups that failed one after the other since the last good one.
    failures: u32,
    /// Why the last one failed.
    failure: Option<String>,
    /// The same as a stable code, as problems have.
    failure_code: Option<&'static str>,
    /// Whether the newest is older than it should ever be; without a plan, never.
    overdue: bool,
    /// How far the one is that is being written now; nothing while none is.
    making: Option<MakingView>,
    /// Backups that were noted and not removed, the newest first.
    backups: Vec<BackupView>,
    /// The last restore, if this centre ever came out of a backup.
    restored: Option<RestoredView>,
}

/// A backup that is being written.
#[derive(Serialize, ToSchema)]
pub(super) struct MakingView {
    /// Rows that are written.
    done: u64,
    /// Rows in all; 0 until they are counted.
    all: u64,
}

/// A backup as noted.
#[derive(Serialize, ToSchema)]
pub(super) struct BackupView {
    /// Its name in 32 hexadecimal digits.
    id: String,
    /// When it was taken, in seconds since 1970.
    taken_at: i64,
    /// Name of its file.
    name: String,
    /// Length of the file in bytes.
    size: u64,
    /// Whether the file is encrypted.
    encrypted: bool,
    /// Whether the file was read back from its disk, opened and checked after it was written.
    verified: bool,
}

/// A restore.
#[derive(Serialize, ToSchema)]
pub(super) struct RestoredView {
    /// Name of the backup.
    backup: String,
    /// When that was taken, in seconds since 1970.
    taken_at: i64,
    /// When it was restored.
    restored_at: i64,
    /// Tablets that have not shown since that the centre holds everything they hold.
    unheard: Vec<UnheardView>,
}

/// A tablet that was not heard from since a restore.
#[derive(Serialize, ToSchema)]
pub(super) struct UnheardView {
    /// The round.
    round: uuid::Uuid,
    /// The unit.
    unit: String,
    /// Its id.
    device: String,
    /// What it is called.
    label: String,
    /// Whether two people decided to finish the round without it.
    going_on: bool,
}

impl From<BackupRow> for BackupView {
    fn from(row: BackupRow) -> Self {
        let BackupRow { id, taken_at, name, size, encrypted, verified, .. } = row;
        Self { id: id.to_string(), taken_at, name, size, encrypted, verified }
    }
}

impl From<Restoration> for RestoredView {
    fn from(restoration: Restoration) -> Self {
        let Restoration { backup, taken_at, restored_at, unheard } = restoration;
        let view = |Unheard { round, unit, device, label, going_on }| UnheardView {
            round,
            unit,
            device,
            label,
            going_on,
        };
        Self { backup, taken_at, restored_at, unheard: unheard.into_iter().map(view).collect() }
    }
}

/// Backups, how planned ones are doing, and whether this centre was restored from one
#[utoipa::path(get, path = "/api/v1/backups", tag = "backup", operation_id = "list_backups", responses(
    (status = 200, description = "the newest first", body = BackupsView),
))]
pub(super) async fn list(caller: Caller) -> Result<Json<BackupsView>, AppError> {
    Ok(Json(view(&caller).await?))
}

/// Begin a backup now, at the place and for the keys with which this process was started
///
/// It is answered as soon as it is begun; what becomes of it is seen where backups are listed.
#[utoipa::path(post, path = "/api/v1/backups", tag = "backup", operation_id = "back_up_now", responses(
    (status = 202, description = "begun", body = BackupsView),
    (status = 409, description = "`no_backup_planned`: this process was started without a place for backups; `backup_running`: one is being written", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn make(caller: Caller) -> Result<(StatusCode, Json<BackupsView>), AppError> {
    caller.centre.back_up_now()?;
    Ok((StatusCode::ACCEPTED, Json(view(&caller).await?)))
}

async fn view(caller: &Caller) -> Result<BackupsView, AppError> {
    let BackupState { every, failures, failure, failure_code, overdue, making, .. } =
        caller.centre.backup_state().await?;
    let backups = caller.centre.backups().await?;
    let restored = caller.centre.restoration().await?;
    Ok(BackupsView {
        planned_every: every,
        failures,
        failure,
        failure_code,
        overdue,
        making: making.map(|BackupProgress { done, all }| MakingView { done, all }),
        backups: backups.into_iter().map(BackupView::from).collect(),
        restored: restored.map(RestoredView::from),
    })
}
