//! Slips for a page to print. Their codes leave the centre in this one answer and are kept nowhere; what confirms them
//! holds nothing but what the sheets will show.

use super::access::Caller;
use super::extract::{At, Binary, Body};
use super::problem::Problem;
use super::rounds::round;
use crate::error::AppError;
use crate::service::DrawnSlips;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The slips of one unit.
#[derive(Serialize, ToSchema)]
struct PrintedUnit {
    unit: String,
    name: String,
    /// Codes, in random order.
    codes: Vec<String>,
}

/// Slips, shown this one time.
#[derive(Serialize, ToSchema)]
pub(super) struct SlipsToPrint {
    units: Vec<PrintedUnit>,
    /// Hexadecimal digits of what is handed in as bytes once the slips lie there on paper.
    confirmation: String,
}

impl From<DrawnSlips> for SlipsToPrint {
    fn from(drawn: DrawnSlips) -> Self {
        let unit = |slips: &crate::service::Slips| PrintedUnit {
            unit: slips.unit.to_string(),
            name: slips.name.clone(),
            codes: slips.codes.iter().map(|code| code.reveal().to_string()).collect(),
        };
        let confirmation = drawn.confirmation.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { units: drawn.slips.iter().map(unit).collect(), confirmation }
    }
}

/// Which slips to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SlipsAsked {
    /// Codes of the units; all that vote with slips, if empty.
    #[schema(max_items = 1000)]
    units: Vec<String>,
}

/// Draw slips for a page to print; they are shown once and kept nowhere
#[utoipa::path(post, path = "/api/v1/rounds/{round}/slips", tag = "set-up", operation_id = "draw_slips", request_body = SlipsAsked,
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "the slips, and what confirms them", body = SlipsToPrint),
    (status = 409, description = "the package is signed already", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn draw(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Body(asked): Body<SlipsAsked>,
) -> Result<Json<SlipsToPrint>, AppError> {
    Ok(Json(caller.centre.draw_to_print(&round(id), &asked.units).await?.into()))
}

/// Confirm that slips lie there on paper; earlier ones of their units are void
#[utoipa::path(post, path = "/api/v1/rounds/{round}/slips/confirmation", tag = "set-up", operation_id = "confirm_slips",
    params(("round" = uuid::Uuid, Path)), request_body(content = Binary, content_type = "application/cose"), responses(
    (status = 204, description = "confirmed, now or before"),
    (status = 409, description = "the round changed after they were drawn, or is signed", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn confirm(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, AppError> {
    caller.centre.confirm_printed(&round(id), &body?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// For how many voters.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSlipsAsked {
    /// Voters of the unit from now on.
    #[schema(minimum = 1, maximum = 5000)]
    voters: u32,
}

/// Draw new slips for the corrected sheet of a unit, for a page to print; they are shown once and kept nowhere
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/slips", tag = "set-up", operation_id = "draw_new_slips", request_body = NewSlipsAsked,
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "the slips, and what confirms them", body = SlipsToPrint),
    (status = 409, description = "the package is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn draw_new(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(asked): Body<NewSlipsAsked>,
) -> Result<Json<SlipsToPrint>, AppError> {
    Ok(Json(caller.centre.draw_new_to_print(&round(id), &unit, asked.voters).await?.into()))
}
