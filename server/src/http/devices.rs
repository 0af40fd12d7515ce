//! What the office does with devices.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rounds::round;
use crate::error::AppError;
use crate::service::InviteScope;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sync_core::cose::Unverified;
use sync_core::device::{Certificate, Scope};
use sync_core::id::DeviceId;
use utoipa::ToSchema;

/// A tablet or courier.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceView {
    id: String,
    label: String,
    /// Whether it only carries.
    courier: bool,
    /// Units it takes ballots for.
    units: Vec<String>,
    revoked: bool,
    /// When it last spoke to this centre, in seconds since 1970, to the minute; as far as the running process knows.
    heard: Option<i64>,
    /// Since when nobody heard it, if that is for longer than a day and its box is still open, in seconds since 1970: since
    /// it last spoke, or since the running process listens where it never did to that.
    silent_since: Option<i64>,
}

/// Which devices are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeviceQuery {
    /// Only devices that take ballots for this unit.
    #[param(max_length = 100)]
    unit: Option<String>,
    /// Only devices that are (or are not) revoked.
    revoked: Option<bool>,
    /// Only couriers, or only tablets.
    courier: Option<bool>,
    /// Only tablets that are (or are not) silent.
    silent: Option<bool>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// Devices of a round
#[utoipa::path(get, path = "/api/v1/rounds/{round}/devices", tag = "devices", operation_id = "list_devices",
    params(("round" = uuid::Uuid, Path), DeviceQuery), responses(
    (status = 200, description = "a page of devices, by id", body = Page<DeviceView>),
))]
pub(super) async fn list(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(query): Asked<DeviceQuery>,
) -> Result<Json<Page<DeviceView>>, AppError> {
    let paging = Paging::new(query.limit, query.after);
    let round = round(id);
    let rows = caller.centre.devices(&round).await?;
    let silent = caller.centre.silent(&round).await?;
    let view = |row: crate::store::devices::DeviceRow| {
        let certificate = Unverified::<Certificate>::decode(&row.certificate).ok();
        let units = match certificate.as_ref().map(|c| &c.claim().scope) {
            Some(Scope::Units(units)) => units.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        };
        DeviceView {
            heard: caller.centre.heard_at(&round, &row.id),
            silent_since: silent.get(&row.id).copied(),
            id: row.id.to_string(),
            label: row.label,
            courier: units.is_empty(),
            units,
            revoked: row.revocation.is_some(),
        }
    };
    let mut devices: Vec<DeviceView> = rows.into_iter().map(view).collect();
    devices.retain(|device| {
        query.unit.as_ref().is_none_or(|unit| device.units.contains(unit))
            && query.revoked.is_none_or(|revoked| device.revoked == revoked)
            && query.courier.is_none_or(|courier| device.courier == courier)
            && query.silent.is_none_or(|silent| device.silent_since.is_some() == silent)
    });
    devices.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Json(paging.cut(devices, |device| device.id.clone())?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    /// What the device is called.
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    /// Units, or nothing for a courier.
    units: Option<Vec<String>>,
    /// Address under which the device reaches the centre.
    #[schema(min_length = 1, max_length = 200)]
    address: String,
}

/// A one-time token; shown once.
#[derive(Serialize, ToSchema)]
pub(super) struct Invited {
    token: String,
}

/// Invite a device
#[utoipa::path(post, path = "/api/v1/rounds/{round}/devices", tag = "devices", operation_id = "invite_device", request_body = Invitation,
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 201, description = "invited", body = Invited),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn invite(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Body(invitation): Body<Invitation>,
) -> Result<(StatusCode, Json<Invited>), AppError> {
    let scope = invitation.units.map_or(InviteScope::Courier, InviteScope::Units);
    let token = caller.centre.invite(&round(id), &scope, &invitation.label, &invitation.address).await?;
    Ok((StatusCode::CREATED, Json(Invited { token: token.to_text() })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RevocationRequest {
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

/// Revoke a device: its envelopes are held from now on
#[utoipa::path(post, path = "/api/v1/rounds/{round}/devices/{device}/revocation", tag = "devices", operation_id = "revoke_device",
    request_body = RevocationRequest,
    params(("round" = uuid::Uuid, Path), ("device" = String, Path, description = "32 hexadecimal digits")), responses(
    (status = 204, description = "revoked, now or before"),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn revoke(
    caller: Caller,
    At((id, device)): At<(uuid::Uuid, String)>,
    Body(request): Body<RevocationRequest>,
) -> Result<StatusCode, AppError> {
    let unknown = || AppError::not_found("unknown_device", "a device id has 32 hexadecimal digits");
    let device: DeviceId = device.parse().map_err(|_| unknown())?;
    caller.centre.revoke(&round(id), &device, &request.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
