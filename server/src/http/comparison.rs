//! Published figures beside each other.

use super::access::Caller;
use super::extract::{Asked, At};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::results::attached;
use super::rounds::round;
use crate::domain::comparison::{Column, UnitsOrder, csv};
use crate::error::AppError;
use crate::service::{Compared, PAGE_MAX};
use axum::Json;
use axum::response::Response;
use serde::Deserialize;
use sync_core::record::plain;

/// Which units are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UnitsQuery {
    /// Only with this in name or code, with or without diacritics.
    #[param(max_length = 100)]
    text: Option<String>,
    /// In which order; by code if nothing is said.
    #[param(inline)]
    order: Option<UnitsOrder>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// The published units of a round beside each other
#[utoipa::path(get, path = "/api/v1/rounds/{round}/comparison/units", tag = "results", operation_id = "compare_units",
    params(("round" = uuid::Uuid, Path), UnitsQuery), responses(
    (status = 200, description = "a page of units", body = Page<Column>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn units(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(query): Asked<UnitsQuery>,
) -> Result<Json<Page<Column>>, AppError> {
    let wanted = plain(&query.text.unwrap_or_default());
    let mut units = caller.centre.compare_units(&round(id)).await?;
    units.retain(|column| {
        let unit = column.unit.as_ref();
        unit.is_some_and(|unit| plain(&format!("{} {}", unit.name, unit.code)).contains(&wanted))
    });
    let order = query.order.unwrap_or_default();
    units.sort_by_cached_key(|column| order.key(column));
    Ok(Json(Paging::new(query.limit, query.after).cut(units, |column| order.key(column))?))
}

/// The published units of a round beside each other as a table
#[utoipa::path(get, path = "/api/v1/rounds/{round}/comparison/units.csv", tag = "results", operation_id = "compare_units_as_table",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "a line for each level of each unit", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn units_csv(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Response, AppError> {
    Ok(attached("units", csv(&caller.centre.compare_units(&round(id)).await?)))
}

/// A page of the round itself and what was published before it.
async fn page(
    caller: &Caller,
    id: uuid::Uuid,
    what: Compared<'_>,
    paging: &Paging,
) -> Result<Page<Column>, AppError> {
    let rounds = caller.centre.published_before(&round(id)).await?;
    let own = rounds[0];
    // By place, for a round that is published later stands before all of these.
    let keyed: Vec<_> = rounds.iter().rev().enumerate().rev().collect();
    let key = |(place, _): &(usize, &(sync_core::id::RoundId, i64))| format!("{:06}", 999_999 - place);
    let cut = paging.cut(keyed, key)?;
    let these: Vec<_> = cut.items.iter().map(|(_, round)| **round).collect();
    Ok(Page { items: caller.centre.compare(own, &these, what).await?, next: cut.next })
}

async fn table(caller: &Caller, id: uuid::Uuid, what: Compared<'_>) -> Result<Response, AppError> {
    let rounds = caller.centre.published_before(&round(id)).await?;
    let these = &rounds[..rounds.len().min(PAGE_MAX as usize)];
    Ok(attached("comparison", csv(&caller.centre.compare(rounds[0], these, what).await?)))
}

/// A round beside earlier rounds
#[utoipa::path(get, path = "/api/v1/rounds/{round}/comparison/rounds", tag = "results", operation_id = "compare_rounds",
    params(("round" = uuid::Uuid, Path), Paging), responses(
    (status = 200, description = "a page: what is asked for, then the same in earlier rounds", body = Page<Column>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn rounds(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<Column>>, AppError> {
    Ok(Json(page(&caller, id, Compared::Round, &paging).await?))
}

/// A round beside earlier rounds, as a table
#[utoipa::path(get, path = "/api/v1/rounds/{round}/comparison/rounds.csv", tag = "results", operation_id = "compare_rounds_as_table",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "a line for each level in each round", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn rounds_csv(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Response, AppError> {
    table(&caller, id, Compared::Round).await
}

/// A unit beside itself in earlier rounds
#[utoipa::path(get, path = "/api/v1/rounds/{round}/comparison/units/{unit}", tag = "results", operation_id = "compare_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), Paging), responses(
    (status = 200, description = "a page: what is asked for, then the same in earlier rounds", body = Page<Column>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn unit(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<Column>>, AppError> {
    Ok(Json(page(&caller, id, Compared::Unit(&unit), &paging).await?))
}

/// A unit beside itself in earlier rounds, as a table
#[utoipa::path(get, path = "/api/v1/rounds/{round}/comparison/units/{unit}/csv", tag = "results", operation_id = "compare_unit_as_table",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "a line for each level in each round", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn unit_csv(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
) -> Result<Response, AppError> {
    table(&caller, id, Compared::Unit(&unit)).await
}

/// An official beside earlier rounds, known by the code
#[utoipa::path(get, path = "/api/v1/rounds/{round}/comparison/officials/{official}", tag = "results", operation_id = "compare_official",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path), Paging), responses(
    (status = 200, description = "a page: what is asked for, then the same in earlier rounds", body = Page<Column>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn official(
    caller: Caller,
    At((id, official)): At<(uuid::Uuid, String)>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<Column>>, AppError> {
    Ok(Json(page(&caller, id, Compared::Official(&official), &paging).await?))
}

/// An official beside earlier rounds, known by the code, as a table
#[utoipa::path(get, path = "/api/v1/rounds/{round}/comparison/officials/{official}/csv", tag = "results", operation_id = "compare_official_as_table",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 200, description = "a line for each level in each round", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn official_csv(
    caller: Caller,
    At((id, official)): At<(uuid::Uuid, String)>,
) -> Result<Response, AppError> {
    table(&caller, id, Compared::Official(&official)).await
}
