//! Files of correction plans: sent in pieces, given out to be saved and never to be shown as a page.

use super::access::Caller;
use super::extract::{Asked, At};
use super::rounds::round;
use crate::domain::attachment::disposition;
use crate::domain::record::unhex;
use crate::error::AppError;
use crate::service::FilePiece;
use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which piece of a file comes.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PieceQuery {
    /// Name of the file, for people; nothing is stored under it.
    #[param(max_length = 400)]
    name: String,
    /// Length of the whole file in bytes, at most 4 MiB.
    #[param(minimum = 1, maximum = 4_194_304)]
    size: u64,
    /// Number of the piece, from 0; every one but the last has 131072 bytes.
    #[param(maximum = 31)]
    piece: u32,
}

/// What of a file is here.
#[derive(Serialize, ToSchema)]
pub(super) struct PiecesView {
    /// Numbers of the pieces that are here.
    have: Vec<u32>,
    /// Whether that is all, and the file is kept.
    complete: bool,
}

async fn add(
    caller: &Caller,
    (id, unit, official, file): (uuid::Uuid, Option<&str>, &str, &str),
    query: &PieceQuery,
    bytes: &Bytes,
) -> Result<Json<PiecesView>, AppError> {
    let piece =
        FilePiece { id: &hash(file)?, name: &query.name, size: query.size, number: query.piece, bytes };
    let (have, complete) = caller.centre.add_plan_file((&round(id), unit), official, piece).await?;
    Ok(Json(PiecesView { have, complete }))
}

async fn give(
    caller: &Caller,
    (id, unit, official, file): (uuid::Uuid, Option<&str>, &str, &str),
) -> Result<Response, AppError> {
    let (file, kind, content) = caller.centre.plan_file((&round(id), unit), official, &hash(file)?).await?;
    let headers = [
        (CONTENT_TYPE, kind.media_type().to_owned()),
        (CONTENT_DISPOSITION, disposition(&file.name, kind)),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, content).into_response())
}

fn hash(text: &str) -> Result<[u8; 32], AppError> {
    let unknown = || AppError::not_found("unknown_file", "a file is named by the 64 digits of its SHA-256");
    unhex(text).ok_or_else(unknown)
}

/// Add a piece of a file to the plan of an official
#[utoipa::path(put, path = "/api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}", tag = "plans", operation_id = "add_plan_file_of_unit",
    request_body(content = super::extract::Binary, content_type = "application/octet-stream"),
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("official" = String, Path), ("file" = String, Path), PieceQuery), responses(
    (status = 200, description = "what is here now", body = PiecesView),
))]
pub(super) async fn add_for(
    caller: Caller,
    At((id, unit, official, file)): At<(uuid::Uuid, String, String, String)>,
    Asked(query): Asked<PieceQuery>,
    bytes: Bytes,
) -> Result<Json<PiecesView>, AppError> {
    add(&caller, (id, Some(&unit), &official, &file), &query, &bytes).await
}

/// Add a piece of a file to the own plan
#[utoipa::path(put, path = "/api/v1/rounds/{round}/officials/{official}/plan/files/{file}", tag = "plans", operation_id = "add_plan_file",
    request_body(content = super::extract::Binary, content_type = "application/octet-stream"),
    params(("round" = uuid::Uuid, Path), ("official" = String, Path), ("file" = String, Path), PieceQuery), responses(
    (status = 200, description = "what is here now", body = PiecesView),
))]
pub(super) async fn add_own(
    caller: Caller,
    At((id, official, file)): At<(uuid::Uuid, String, String)>,
    Asked(query): Asked<PieceQuery>,
    bytes: Bytes,
) -> Result<Json<PiecesView>, AppError> {
    add(&caller, (id, None, &official, &file), &query, &bytes).await
}

/// A file of the plan of an official
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}", tag = "plans", operation_id = "get_plan_file_of_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("official" = String, Path), ("file" = String, Path)), responses(
    (status = 200, description = "the file", content_type = "application/octet-stream", body = super::extract::Binary),
))]
pub(super) async fn of_unit(
    caller: Caller,
    At((id, unit, official, file)): At<(uuid::Uuid, String, String, String)>,
) -> Result<Response, AppError> {
    give(&caller, (id, Some(&unit), &official, &file)).await
}

/// A file of the own plan
#[utoipa::path(get, path = "/api/v1/rounds/{round}/officials/{official}/plan/files/{file}", tag = "plans", operation_id = "get_plan_file",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path), ("file" = String, Path)), responses(
    (status = 200, description = "the file", content_type = "application/octet-stream", body = super::extract::Binary),
))]
pub(super) async fn of_official(
    caller: Caller,
    At((id, official, file)): At<(uuid::Uuid, String, String)>,
) -> Result<Response, AppError> {
    give(&caller, (id, None, &official, &file)).await
}

/// Take a file of the plan of an official away
#[utoipa::path(delete, path = "/api/v1/rounds/{round}/units/{unit}/plans/{official}/files/{file}", tag = "plans", operation_id = "remove_plan_file_of_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("official" = String, Path), ("file" = String, Path)), responses(
    (status = 204, description = "it is away"),
))]
pub(super) async fn remove_for(
    caller: Caller,
    At((id, unit, official, file)): At<(uuid::Uuid, String, String, String)>,
) -> Result<StatusCode, AppError> {
    caller.centre.remove_plan_file((&round(id), Some(&unit)), &official, &hash(&file)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a file of the own plan away
#[utoipa::path(delete, path = "/api/v1/rounds/{round}/officials/{official}/plan/files/{file}", tag = "plans", operation_id = "remove_plan_file",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path), ("file" = String, Path)), responses(
    (status = 204, description = "it is away"),
))]
pub(super) async fn remove_own(
    caller: Caller,
    At((id, official, file)): At<(uuid::Uuid, String, String)>,
) -> Result<StatusCode, AppError> {
    caller.centre.remove_plan_file((&round(id), None), &official, &hash(&file)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
