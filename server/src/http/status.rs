//! Whether the centre is there, whether it can work, and figures for those who watch it. Nothing personal, and nothing
//! of a single envelope.

use super::access::Caller;
use crate::error::AppError;
use crate::service::Centre;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use serde::Serialize;
use std::sync::Arc;
use std::time::Instant;
use utoipa::ToSchema;

/// What a request is counted under: the route as it is registered, never the address that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
    status: u16,
}

/// What a duration is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Path {
    route: String,
}

/// Figures of the running process.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Route, Counter>,
    seconds: Family<Path, Histogram>,
    running: Gauge,
    backup: Gauge,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("homphieu");
        let requests = Family::default();
        registry.register("requests", "Requests by route and status", requests.clone());
        // From 1 ms to about 16 s.
        let seconds = Family::<Path, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.001, 2.0, 15))
        });
        registry.register("request_seconds", "Time to answer, by route", seconds.clone());
        let running = Gauge::default();
        registry.register("requests_running", "Requests being worked on", running.clone());
        let backup = Gauge::default();
        let help = "When the newest checked backup was taken, in seconds since 1970; 0 without one";
        registry.register("backup_taken_at_seconds", help, backup.clone());
        Self { registry, requests, seconds, running, backup }
    }
}

/// Counts a request.
pub(super) async fn measure(
    Extension(metrics): Extension<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    // Methods of one's own invention would make labels without end.
    let method =
        if request.method().as_str().len() <= 7 { request.method().to_string() } else { "other".to_owned() };
    let method = match method.as_str() {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method,
        _ => "other".to_owned(),
    };
    metrics.running.inc();
    let began = Instant::now();
    let response = next.run(request).await;
    metrics.running.dec();
    metrics.seconds.get_or_create(&Path { route: route.clone() }).observe(began.elapsed().as_secs_f64());
    metrics.requests.get_or_create(&Route { method, route, status: response.status().as_u16() }).inc();
    response
}

/// The process answers.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// Whether the process answers
#[utoipa::path(get, path = "/health", tag = "status", operation_id = "health", responses(
    (status = 200, description = "it does", body = Health),
))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the centre can work: its database answers and can be written
#[utoipa::path(get, path = "/ready", tag = "status", operation_id = "ready", responses(
    (status = 200, description = "it can", body = Health),
))]
pub(super) async fn ready(State(centre): State<Centre>) -> Result<Json<Health>, AppError> {
    centre.try_write().await?;
    Ok(Json(Health { status: "ok" }))
}

/// Figures of the running process, for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "status", operation_id = "metrics", responses(
    (status = 200, description = "in the OpenMetrics text format", content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8", body = String),
))]
pub(super) async fn metrics(
    caller: Caller,
    Extension(metrics): Extension<Arc<Metrics>>,
) -> Result<Response, AppError> {
    metrics.backup.set(caller.centre.backup_state().await?.last_taken_at.unwrap_or(0));
    let mut text = String::new();
    encode(&mut text, &metrics.registry).map_err(|error| AppError::File {
        action: "cannot write",
        path: "metrics".to_owned(),
        source: std::io::Error::other(error),
    })?;
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}
