//! `Idempotency-Key`: a request that is sent again because its answer was lost does nothing twice.

use super::access::Caller;
use crate::error::AppError;
use crate::service::Earlier;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Required};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt};

/// Name of the header.
const HEADER: &str = "idempotency-key";
/// Longest key in characters.
const KEY_MAX: usize = 100;
/// Longest body of a request or answer that is remembered.
const BODY_MAX: usize = 64 * 1024;

/// Lets a route be asked again with the same key.
pub(super) fn repeatable<S: Clone + Send + Sync + 'static>(
    routes: UtoipaMethodRouter<S>,
) -> UtoipaMethodRouter<S> {
    let (schemas, mut paths, router) = routes;
    for operation in paths.paths.values_mut().flat_map(super::access::operations) {
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter()));
        super::access::add_problem(operation, "409");
        super::access::add_problem(operation, "422");
    }
    (schemas, paths, router).layer(axum::middleware::from_fn(once))
}

fn parameter() -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(KEY_MAX)).min_length(Some(1));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("a text of your own; the same request with the same key is done once within a day"))
        .schema(Some(text.pattern(Some("^[!-~]+$")).build()))
        .build()
}

async fn once(request: Request, next: Next) -> Response {
    match request.headers().get(HEADER).cloned() {
        Some(key) => with_key(&key, request, next).await.unwrap_or_else(IntoResponse::into_response),
        None => next.run(request).await,
    }
}

async fn with_key(key: &HeaderValue, request: Request, next: Next) -> Result<Response, AppError> {
    let key = key.to_str().ok().filter(|key| (1..=KEY_MAX).contains(&key.len()));
    let plain = |key: &&str| key.bytes().all(|b| b.is_ascii_graphic());
    let key = key.filter(plain).ok_or_else(|| {
        AppError::bad_request("idempotency_key", "an idempotency key has 1 to 100 visible ASCII characters")
    })?;
    let caller = request.extensions().get::<Caller>().cloned().ok_or_else(super::access::not_signed_in)?;
    let key: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX).await.map_err(|_| AppError::Refused {
        status: 413,
        code: "too_long",
        detail: format!("with an idempotency key a request has at most {BODY_MAX} bytes"),
    })?;
    let digest = Sha256::new()
        .chain_update(parts.method.as_str())
        .chain_update([0])
        .chain_update(parts.uri.path())
        .chain_update([0])
        .chain_update(&body);
    let person = caller.person.id;
    match caller.centre.begin_once(person, &key, &digest.finalize().into()).await? {
        Earlier::New => {}
        Earlier::UnderWay => {
            return Err(AppError::conflict("under_way", "this request is being worked on: wait a little"));
        }
        Earlier::Other => {
            let detail = "another request was sent with this idempotency key: choose a new one";
            return Err(AppError::unprocessable("idempotency_key", detail));
        }
        Earlier::Done { status, body } => return Ok(again(status, body)),
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, BODY_MAX).await.unwrap_or_default();
    let done = parts.status.is_success().then_some((parts.status.as_u16(), bytes.as_ref()));
    caller.centre.end_once(person, &key, done).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn again(status: u16, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    response
}
