//! The API as a document (OpenAPI 3.1), made from the routes themselves.

use super::problem::Problem;
use axum::Json;
use axum::response::IntoResponse;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

/// What stands above all routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hòm Phiếu",
        description = "The centre of a district. Problems are `application/problem+json` (RFC 9457) with a stable `code`. \
                       Lists come in pages: ask with the `next` of one page as `after` for the following. Every read has an \
                       entity tag. Devices sign their requests; people sign in, programs send a bearer token. `x-access` \
                       names the roles that may use an operation.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem)),
    tags(
        (name = "session", description = "Signing in"),
        (name = "people", description = "People with accounts"),
        (name = "audit", description = "What was done, by whom"),
        (name = "set-up", description = "A round until its package is signed"),
        (name = "rounds", description = "Rounds and how their units stand"),
        (name = "decisions", description = "What is held or missing, decided by two people"),
        (name = "records", description = "What each unit's team noted, and what does not reconcile"),
        (name = "counting", description = "From a closed round to published figures"),
        (name = "results", description = "Published figures"),
        (name = "notices", description = "Who is told their result by when, and the ways by which it reaches them"),
        (name = "documents", description = "Pages for paper, and the figures of a year"),
        (name = "oversight", description = "Which units somebody should visit and why, and the visits"),
        (name = "periodic", description = "Rounds that come again: how often, what is due when"),
        (name = "devices", description = "Tablets and couriers"),
        (name = "tablets", description = "What tablets and couriers use"),
        (name = "status", description = "For those who watch the centre")
    )
)]
struct Frame;

/// The document without routes.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    let mut frame = Frame::openapi();
    let components = frame.components.get_or_insert_default();
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(super::access::COOKIE))),
    );
    components.add_security_scheme(
        "token",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
    );
    frame
}

/// The document, for the answer.
#[derive(Clone)]
pub(super) struct Document(pub Arc<utoipa::openapi::OpenApi>);

/// This document
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "status", operation_id = "openapi", responses(
    (status = 200, description = "the document", body = Object),
))]
pub(super) async fn document(
    axum::Extension(Document(document)): axum::Extension<Document>,
) -> impl IntoResponse {
    Json(document.as_ref().clone())
}
