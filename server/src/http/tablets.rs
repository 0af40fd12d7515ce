//! What tablets and couriers use. Bodies are `application/cbor`; requests are signed by the device.

use super::problem::Problem;
use crate::error::AppError;
use crate::service::{Asked, Centre};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use sync_core::message::MESSAGE_MAX;

/// Least that an answer can be limited to, in bytes.
const ANSWER_MIN: usize = 256;
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

/// How an answer is wanted.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SyncQuery {
    /// On a link that breaks: about so many bytes of what the device lacks are given, and one thing in any case. The
    /// device asks again for the rest, as always.
    #[param(minimum = 256, maximum = 262_144)]
    answer_max: Option<u32>,
    /// Hash of the newest sheet of the unit that the device has; if it is the one that holds, no sheet is given.
    #[param(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    sheet: Option<String>,
}

impl SyncQuery {
    fn asked(self) -> Result<Asked, AppError> {
        let wrong = |detail| AppError::bad_request("query", detail);
        let bounds = ANSWER_MIN..=MESSAGE_MAX;
        let answer_max = self.answer_max.map(|bytes| {
            let bytes = usize::try_from(bytes).ok().filter(|bytes| bounds.contains(bytes));
            bytes.ok_or_else(|| wrong("`answer_max` is 256 to 262144 bytes"))
        });
        let sheet =
            self.sheet.map(|hash| hash.parse().map_err(|_| wrong("`sheet` is 64 hexadecimal digits")));
        Ok(Asked { answer_max: answer_max.transpose()?, sheet: sheet.transpose()? })
    }
}

/// Give envelopes; the answer gives a receipt and what the device lacks
#[utoipa::path(post, path = "/api/v1/sync", tag = "tablets", operation_id = "sync", params(SyncQuery), request_body(content = super::extract::Binary, content_type = "application/cbor"), responses(
    (status = 200, description = "a sync message, as FORMAT.md has it", content_type = "application/cbor", body = super::extract::Binary),
    (status = 401, description = "not signed by the device", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "the device is not known here", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "another round, or one that takes nothing now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn sync(
    State(centre): State<Centre>,
    super::extract::Asked(query): super::extract::Asked<SyncQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, AppError> {
    answer(CBOR, centre.sync_as_asked(&cbor_body(&headers, body)?, &query.asked()?).await?)
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

/// Which guidance a device has.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct GuidanceQuery {
    /// Digest of the guidance that the device has; if it is the one that holds, the answer is empty.
    #[param(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    known: Option<String>,
}

/// Guidance of the organisation board for the steps on a tablet, signed
#[utoipa::path(post, path = "/api/v1/team-guidance", tag = "tablets", operation_id = "get_team_guidance", params(GuidanceQuery), request_body(content = super::extract::Binary, content_type = "application/cbor"), responses(
    (status = 200, description = "guidance, as FORMAT.md has it; empty if nothing is new", content_type = "application/cose", body = super::extract::Binary),
    (status = 401, description = "not signed by the device", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "the device is not known here", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "another round", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn team_guidance(
    State(centre): State<Centre>,
    super::extract::Asked(query): super::extract::Asked<GuidanceQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, AppError> {
    let wrong = |_| AppError::bad_request("query", "`known` is 64 hexadecimal digits");
    let known = query.known.map(|digest| digest.parse().map_err(wrong)).transpose()?;
    let guidance = centre.team_guidance(&cbor_body(&headers, body)?, known).await?;
    answer(COSE, guidance.unwrap_or_default())
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
