//! Errors as `application/problem+json` (RFC 9457), the framework's own rejections included.

use crate::error::AppError;
use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Content type of a problem.
pub(super) const KIND: &str = "application/problem+json";

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Problem {
    /// Stable address of the kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// Stable code that programs switch on; also the end of `type`.
    code: &'static str,
    /// HTTP status in words.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What is wrong and what to do.
    detail: String,
}

impl Problem {
    /// An error as it is answered.
    pub fn of(error: &AppError) -> Self {
        let (status, code) = (error.status(), error.code());
        let detail = if status == 500 {
            // The one place where an unknown error is logged; the asker learns nothing of our insides.
            tracing::error!(%error, "a request failed");
            "the centre failed; its log says why".to_owned()
        } else {
            error.to_string()
        };
        let title = Self::title(status).unwrap_or("Error");
        Self { kind: format!("/problems/{code}"), code, title, status, detail }
    }

    /// The words of a status.
    pub fn title(status: u16) -> Option<&'static str> {
        StatusCode::from_u16(status).ok()?.canonical_reason()
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Json(Problem::of(&self)).into_response();
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(KIND));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"homphieu\""));
        }
        if let Self::Later { seconds, .. } | Self::Unavailable { seconds, .. } = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<BytesRejection> for AppError {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_long(super::BODY_MAX),
            _ => Self::bad_request("malformed", "the request broke off"),
        }
    }
}

impl From<JsonRejection> for AppError {
    fn from(rejection: JsonRejection) -> Self {
        let status = rejection.status().as_u16();
        let code = match status {
            413 => "too_long",
            415 => "media_type",
            _ => "malformed",
        };
        // What is JSON but not what was asked for is the asker's content, not their form.
        Self::Refused { status, code, detail: rejection.body_text() }
    }
}

impl From<PathRejection> for AppError {
    fn from(rejection: PathRejection) -> Self {
        Self::not_found("no_route", rejection.body_text())
    }
}

impl From<QueryRejection> for AppError {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request("query", rejection.body_text())
    }
}

/// No such address.
pub(super) async fn no_route() -> AppError {
    AppError::not_found("no_route", "there is nothing at this address")
}

/// No such method there.
pub(super) async fn wrong_method() -> AppError {
    AppError::Refused {
        status: 405,
        code: "method",
        detail: "this address does not take this method".to_owned(),
    }
}
