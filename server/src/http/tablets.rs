//! What tablets and couriers use. Bodies are `application/cbor`; requests are signed by the device.

use super::problem::Problem;
use crate::error::AppError;
use crate::service::Centre;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

const CBOR: &str = "application/cbor";
const COSE: &str = "application/cose; cose-type=\"cose-sign1\"";

/// Enrol a device with its one-time token
#[utoipa::path(post, path = "/api/v1/enrol", tag = "tablets", operation_id = "enrol_device", request_body(content = super::extract::Binary, content_type = "application/cbor"), responses(
    (status = 200, description = "certificate, package and sheets, as FORMAT.md has them", content_type = "application/cbor", body = super::extract::Binary),
    (status = 401, description = "not signed by the device", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "the token was used or never made", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn enrol(
    State(centre): State<Centre>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, AppError> {
    answer(CBOR, centre.enrol(&cbor_body(&headers, body)?).await?)
}

/// Give envelopes; the answer gives a receipt and what the device lacks
#[utoipa::path(post, path = "/api/v1/sync", tag = "tablets", operation_id = "sync", request_body(content = super::extract::Binary, content_type = "application/cbor"), responses(
    (status = 200, description = "a sync message, as FORMAT.md has it", content_type = "application/cbor", body = super::extract::Binary),
    (status = 401, description = "not signed by the device", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "the device is not known here", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "another round, or one that takes nothing now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn sync(
    State(centre): State<Centre>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, AppError> {
    answer(CBOR, centre.sync(&cbor_body(&headers, body)?).await?)
}

/// The centre's signed list of what it holds of a unit
#[utoipa::path(post, path = "/api/v1/holdings", tag = "tablets", operation_id = "get_holdings", request_body(content = super::extract::Binary, content_type = "application/cbor"), responses(
    (status = 200, description = "a signed list, as FORMAT.md has it", content_type = "application/cose", body = super::extract::Binary),
    (status = 401, description = "not signed by the device", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "the device is not known here", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "another round", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn holdings(
    State(centre): State<Centre>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, AppError> {
    answer(COSE, centre.holdings(&cbor_body(&headers, body)?).await?)
}

fn cbor_body(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Bytes, AppError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(CBOR)) {
        return Ok(body?);
    }
    Err(AppError::Refused { status: 415, code: "media_type", detail: format!("send the body as {CBOR}") })
}

fn answer(kind: &'static str, bytes: Vec<u8>) -> Result<Response, AppError> {
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}
