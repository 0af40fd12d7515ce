//! Published figures, whole or for one unit or official.

use super::access::Caller;
use super::extract::At;
use super::rounds::round;
use crate::domain::figures::{RoundFigures, UnitFigures};
use crate::domain::table;
use crate::error::AppError;
use axum::Json;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// Published figures of a round
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results", tag = "results", operation_id = "get_results", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "the figures of published units", body = RoundFigures),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn all(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<RoundFigures>, AppError> {
    Ok(Json(caller.centre.figures(&round(id)).await?))
}

/// Published figures of a round as a table
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results.csv", tag = "results", operation_id = "get_results_as_table", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "a line per official", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn csv(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Response, AppError> {
    let figures = caller.centre.figures(&round(id)).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"results.csv\""),
    ];
    Ok((headers, table::csv(&figures)).into_response())
}

/// Published figures of one unit
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results/units/{unit}", tag = "results", operation_id = "get_results_of_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "its figures", body = UnitFigures),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn unit(
    caller: Caller,
    At((id, code)): At<(uuid::Uuid, String)>,
) -> Result<Json<UnitFigures>, AppError> {
    let figures = caller.centre.figures(&round(id)).await?;
    let unit = figures.units.into_iter().find(|unit| unit.code == code);
    unit.map(Json)
        .ok_or_else(|| AppError::not_found("not_published", "no result of this unit is published yet"))
}

/// Published figures of one official: the unit with this official alone
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results/officials/{official}", tag = "results", operation_id = "get_results_of_official",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 200, description = "the unit's figures with this official alone", body = UnitFigures),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn official(
    caller: Caller,
    At((id, code)): At<(uuid::Uuid, String)>,
) -> Result<Json<UnitFigures>, AppError> {
    let figures = caller.centre.figures(&round(id)).await?;
    let found = figures.units.into_iter().find_map(|mut unit| {
        unit.officials.retain(|official| official.code == code);
        (!unit.officials.is_empty()).then_some(unit)
    });
    let missing = || AppError::not_found("not_published", "no result of this official is published yet");
    found.map(Json).ok_or_else(missing)
}
