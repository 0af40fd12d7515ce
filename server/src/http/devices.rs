//! What the office does with devices.

use super::session::Administrator;
use crate::error::AppError;
use crate::service::{Centre, InviteScope};
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sync_core::cose::Unverified;
use sync_core::device::{Certificate, Scope};
use sync_core::id::{DeviceId, RoundId};

#[derive(Serialize)]
pub(super) struct DeviceView {
    id: String,
    label: String,
    courier: bool,
    units: Vec<String>,
    revoked: bool,
}

pub(super) async fn list(
    _: Administrator,
    State(centre): State<Centre>,
    path: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<Vec<DeviceView>>, AppError> {
    let rows = centre.devices(&super::rounds::id(path)?).await?;
    let view = |row: crate::store::devices::DeviceRow| {
        let certificate = Unverified::<Certificate>::decode(&row.certificate).ok();
        let units = match certificate.as_ref().map(|c| &c.claim().scope) {
            Some(Scope::Units(units)) => units.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        };
        DeviceView {
            id: row.id.to_string(),
            label: row.label,
            courier: units.is_empty(),
            units,
            revoked: row.revocation.is_some(),
        }
    };
    Ok(Json(rows.into_iter().map(view).collect()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    label: String,
    /// Units, or nothing for a courier.
    units: Option<Vec<String>>,
    /// Address under which the device reaches the centre.
    address: String,
}

#[derive(Serialize)]
pub(super) struct Invited {
    token: String,
}

pub(super) async fn invite(
    _: Administrator,
    State(centre): State<Centre>,
    path: Result<Path<uuid::Uuid>, PathRejection>,
    body: Result<Json<Invitation>, JsonRejection>,
) -> Result<(StatusCode, Json<Invited>), AppError> {
    let Json(invitation) = body?;
    let scope = invitation.units.map_or(InviteScope::Courier, InviteScope::Units);
    let round = super::rounds::id(path)?;
    let token = centre.invite(&round, &scope, &invitation.label, &invitation.address).await?;
    Ok((StatusCode::CREATED, Json(Invited { token: token.to_text() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RevocationRequest {
    reason: String,
}

pub(super) async fn revoke(
    _: Administrator,
    State(centre): State<Centre>,
    path: Result<Path<(uuid::Uuid, String)>, PathRejection>,
    body: Result<Json<RevocationRequest>, JsonRejection>,
) -> Result<StatusCode, AppError> {
    let Path((round, device)) = path?;
    let unknown = || AppError::not_found("unknown_device", "a device id has 32 hexadecimal digits");
    let device: DeviceId = device.parse().map_err(|_| unknown())?;
    let Json(request) = body?;
    centre.revoke(&RoundId(round.into_bytes()), &device, &request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
