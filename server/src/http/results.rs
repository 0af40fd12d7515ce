//! Published figures, whole or for one unit or official.

use super::access::Caller;
use super::extract::At;
use super::rounds::round;
use crate::domain::figures::{LevelLabel, RoundFigures, UnitFigures};
use crate::domain::table;
use crate::error::AppError;
use axum::Json;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

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
    Ok(as_table(&*caller.centre.kept_figures(&round(id)).await?))
}

/// Sums of a round as a table of its own: published units together, and small units together
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results/sums.csv", tag = "results", operation_id = "get_sums_as_table", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "a line per sum", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn sums_csv(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Response, AppError> {
    Ok(attached("sums", table::sums_csv(&*caller.centre.kept_figures(&round(id)).await?)))
}

fn as_table(figures: &RoundFigures) -> Response {
    attached("results", table::csv(figures))
}

/// A table as a file.
pub(super) fn attached(name: &str, table: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    (headers, table).into_response()
}

/// Published figures of one unit, with what is needed to read them.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct PublishedUnit {
    /// Title of the round.
    title: String,
    /// `official` or `training`.
    mode: &'static str,
    /// Number of the counted order.
    order: u32,
    /// Digest of the result.
    digest: String,
    /// Levels, highest first.
    levels: Vec<LevelLabel>,
    #[serde(flatten)]
    figures: UnitFigures,
}

impl PublishedUnit {
    /// Of figures that were narrowed to one unit.
    pub(super) fn new(mut figures: RoundFigures) -> Option<Self> {
        let RoundFigures { title, mode, order, digest, levels, .. } = figures;
        let figures = figures.units.pop()?;
        Some(Self { title, mode, order, digest, levels, figures })
    }
}

/// The figures of one unit and nothing else.
async fn of_unit(caller: &Caller, id: uuid::Uuid, code: &str) -> Result<RoundFigures, AppError> {
    let mut figures = caller.centre.figures(&round(id)).await?;
    figures.units.retain(|unit| unit.code == code);
    some(figures, "no result of this unit is published yet")
}

/// The figures of one official and nothing else.
async fn of_official(caller: &Caller, id: uuid::Uuid, code: &str) -> Result<RoundFigures, AppError> {
    let mut figures = caller.centre.figures(&round(id)).await?;
    for unit in &mut figures.units {
        unit.officials.retain(|official| official.code == code);
    }
    figures.units.retain(|unit| !unit.officials.is_empty());
    figures.units.truncate(1);
    some(figures, "no result of this official is published yet")
}

fn some(figures: RoundFigures, otherwise: &str) -> Result<RoundFigures, AppError> {
    if figures.units.is_empty() { Err(AppError::not_found("not_published", otherwise)) } else { Ok(figures) }
}

fn one(figures: RoundFigures) -> Result<Json<PublishedUnit>, AppError> {
    let missing = || AppError::not_found("not_published", "no result is published yet");
    PublishedUnit::new(figures).map(Json).ok_or_else(missing)
}

/// Published figures of one unit
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results/units/{unit}", tag = "results", operation_id = "get_results_of_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "its figures", body = PublishedUnit),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn unit(
    caller: Caller,
    At((id, code)): At<(uuid::Uuid, String)>,
) -> Result<Json<PublishedUnit>, AppError> {
    one(of_unit(&caller, id, &code).await?)
}

/// Published figures of one unit as a table
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results/units/{unit}/csv", tag = "results", operation_id = "get_results_of_unit_as_table",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "a line per official", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn unit_csv(
    caller: Caller,
    At((id, code)): At<(uuid::Uuid, String)>,
) -> Result<Response, AppError> {
    Ok(as_table(&of_unit(&caller, id, &code).await?))
}

/// Published figures of one official: the unit with this official alone
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results/officials/{official}", tag = "results", operation_id = "get_results_of_official",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 200, description = "the unit's figures with this official alone", body = PublishedUnit),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn official(
    caller: Caller,
    At((id, code)): At<(uuid::Uuid, String)>,
) -> Result<Json<PublishedUnit>, AppError> {
    one(of_official(&caller, id, &code).await?)
}

/// Published figures of one official as a table
#[utoipa::path(get, path = "/api/v1/rounds/{round}/results/officials/{official}/csv", tag = "results", operation_id = "get_results_of_official_as_table",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 200, description = "one line", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn official_csv(
    caller: Caller,
    At((id, code)): At<(uuid::Uuid, String)>,
) -> Result<Response, AppError> {
    Ok(as_table(&of_official(&caller, id, &code).await?))
}
