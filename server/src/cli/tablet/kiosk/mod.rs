//! `tablet kiosk`: the tablet's page on this machine, over the native store. Nobody logs what a body holds: nothing here
//! logs at all.

mod gate;
mod page;

use super::{At, Machine, look};
use crate::cli::lang::{Lang, current};
use crate::cli::{CliError, block_on, file_error};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use client_ffi::TabletError;
use gate::Gate;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use sync_core::ballot::Marks;
use sync_core::id::UnitCode;
use sync_core::permit::PermitCode;
use zeroize::Zeroizing;

/// Longest request body in bytes: a ballot of a hundred lines takes far less.
const BODY_MAX: usize = 16 * 1024;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct KioskArgs {
    #[command(flatten)]
    at: At,
    /// Port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// The tablet, for one request after the other.
type Shared = Arc<Mutex<Machine>>;

pub(super) fn run(args: &KioskArgs) -> Result<(), CliError> {
    let tablet = Arc::new(Mutex::new(args.at.open()?));
    block_on(serve(tablet, args.port))?
}

async fn serve(tablet: Shared, port: u16) -> Result<(), CliError> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |source| file_error("cannot listen on", std::path::Path::new(&wanted.to_string()), source);
    let listener = tokio::net::TcpListener::bind(wanted).await.map_err(failed)?;
    let gate = Gate::new(listener.local_addr().map_err(failed)?);
    say!("{}", gate.link());
    eprintln!("{}", tr!("kiosk-open"));
    let stop = async {
        // A process that cannot hear the signal is ended by it.
        drop(tokio::signal::ctrl_c().await);
    };
    axum::serve(listener, router(tablet, gate)).with_graceful_shutdown(stop).await.map_err(failed)
}

fn router(tablet: Shared, gate: Gate) -> Router {
    let inside = Router::new()
        .route("/", get(status_page))
        .route("/api/v1/tablet/status", get(status))
        .route("/api/v1/tablet/cast", post(cast))
        .route("/api/v1/tablet/close", post(close))
        .with_state(tablet)
        .layer(middleware::from_fn_with_state(gate.clone(), gate::guard));
    let door = Router::new().route("/open/{secret}", get(open)).with_state(gate.clone());
    Router::new()
        .route("/kiosk.css", get(([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE)))
        .merge(inside)
        .merge(door)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(gate, gate::at_home))
}

async fn open(State(gate): State<Gate>, Path(secret): Path<String>) -> Response {
    gate.open(&secret)
}

/// Does something with the tablet on a thread where it may wait for the disk.
async fn with<T: Send + 'static>(
    tablet: Shared,
    work: impl FnOnce(&mut Machine) -> Result<T, TabletError> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(move || {
        // Whoever panicked while holding the tablet changed nothing that the store does not hold.
        work(&mut tablet.lock().unwrap_or_else(PoisonError::into_inner))
    });
    Ok(done.await.map_err(|_| Problem::broken())??)
}

async fn status_page(State(tablet): State<Shared>) -> Result<Html<String>, Problem> {
    with(tablet, |tablet| {
        let status = tablet.status()?;
        let lang = if current() == Lang::Vi { "vi" } else { "en" };
        Ok(Html(page::page(lang, &look::title(&status), look::is_training(&status), &look::blocks(&status))))
    })
    .await
}

async fn status(State(tablet): State<Shared>) -> Result<Json<serde_json::Value>, Problem> {
    with(tablet, |tablet| Ok(Json(look::json(&tablet.status()?)))).await
}

/// A ballot as the page sends it. It has no `Debug`, and is wiped after use.
#[derive(serde::Deserialize)]
struct Ballot {
    unit: String,
    /// The slip's code; nothing where voting is attended.
    code: Option<Zeroizing<String>>,
    /// A level from 1 for each official, or nothing for a line left blank.
    marks: Zeroizing<Vec<Option<u8>>>,
}

async fn cast(
    State(tablet): State<Shared>,
    ballot: Result<Json<Ballot>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(ballot) = ballot?;
    let unit = unit(&ballot.unit)?;
    let code = ballot.code.as_ref().map(|code| PermitCode::parse(code));
    let code = code.transpose().map_err(|error| Problem::wrong("code", error.to_string()))?;
    let marks = ballot.marks.iter().map(|mark| mark.map(|level| level.checked_sub(1).ok_or(())).transpose());
    let marks: Result<Vec<_>, ()> = marks.collect();
    let marks = Marks::new(marks.map_err(|()| Problem::wrong("marks", tr!("kiosk-marks")))?);
    with(tablet, move |tablet| match code {
        Some(code) => tablet.cast(&unit, &code, &marks),
        None => tablet.cast_attended(&unit, &marks),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(serde::Deserialize)]
struct OfUnit {
    unit: String,
}

async fn close(
    State(tablet): State<Shared>,
    of: Result<Json<OfUnit>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let unit = unit(&of?.unit)?;
    with(tablet, move |tablet| tablet.close(&unit)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn unit(code: &str) -> Result<UnitCode, Problem> {
    UnitCode::new(code).map_err(|error| Problem::wrong("unit", error.to_string()))
}

/// Why it was not done (RFC 9457).
struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Problem {
    fn wrong(code: &'static str, detail: String) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, code, detail }
    }

    fn broken() -> Self {
        let detail = tr!("kiosk-broken");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "internal", detail }
    }
}

/// What the framework says of a body that does not fit may quote it, so it is not passed on.
impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self { status: rejection.status(), code: "body", detail: tr!("kiosk-body") }
    }
}

impl From<TabletError> for Problem {
    fn from(error: TabletError) -> Self {
        let (status, code) = match error {
            TabletError::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "store"),
            TabletError::Damaged { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "damaged"),
            TabletError::Transport(_) => (StatusCode::BAD_GATEWAY, "transport"),
            _ => (StatusCode::CONFLICT, "refused"),
        };
        Self { status, code, detail: crate::cli::lang::tablet::words(&error) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body =
            serde_json::json!({ "status": self.status.as_u16(), "code": self.code, "detail": self.detail });
        let mut answer = (self.status, Json(body)).into_response();
        let kind = header::HeaderValue::from_static("application/problem+json");
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        answer
    }
}

#[cfg(test)]
mod tests;
