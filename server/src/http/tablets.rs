//! What tablets and couriers use. Bodies are `application/cbor`; requests are signed by the device.

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

pub(super) async fn enrol(
    State(centre): State<Centre>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, AppError> {
    answer(CBOR, centre.enrol(&cbor_body(&headers, body)?).await?)
}

pub(super) async fn sync(
    State(centre): State<Centre>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, AppError> {
    answer(CBOR, centre.sync(&cbor_body(&headers, body)?).await?)
}

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
