//! `tablet kiosk`: the page for tablets on this machine, over the native store. The page is the one that a centre
//! serves; what it asks of a tablet (`homphieu-page`) goes here by HTTP instead of to WebAssembly. Nobody logs what a
//! body holds: nothing here logs at all.
//!
//! The page has an address of its own, `/kiosk/`, by which it knows where it is. A service worker that some page of a
//! centre left at the same port answers for `/tablet/` alone, so it can never bring another page instead.

mod calls;
mod desk;
mod gate;
mod session;

pub(in crate::cli) use gate::Refusal;

use super::{At, open_store};
use crate::cli::{CliError, block_on, file_error};
use crate::http::web;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use client_ffi::Case;
use desk::Desk;
use gate::Gate;
use homphieu_page::Problem;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroize;

/// Where the page is; it knows by this where its calls go.
const PAGE: &str = "/kiosk/";
/// Where its calls go.
const CALLS: &str = "/kiosk/call/";
/// Longest request body in bytes: a ballot of a hundred lines takes far less, and so does a code of a series.
const BODY_MAX: usize = 64 * 1024;
/// The same for a parcel, which stands there as base64.
const PARCEL_BODY_MAX: usize = 64 * 1024 * 1024;
/// How long what is under way may take to end when the program is to.
const GRACE: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct KioskArgs {
    #[command(flatten)]
    at: At,
    /// Make the folder, for a tablet that is not enrolled yet.
    #[arg(long)]
    new: bool,
    /// Port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Address and port at which sessions with other tablets are opened; port 0 takes a free one.
    #[arg(long, default_value = "0.0.0.0:0")]
    listen: SocketAddr,
}

pub(super) fn run(args: &KioskArgs) -> Result<(), CliError> {
    // What cannot be opened is told here, and not only on the page.
    let tablet = if args.new { open_store(&args.at.folder)? } else { args.at.open()? };
    let desk = Desk::new(args.at.folder.clone(), args.listen, tablet)?;
    block_on(serve(desk, args.port))?
}

async fn serve(desk: Arc<Desk>, port: u16) -> Result<(), CliError> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |source| file_error("cannot listen on", std::path::Path::new(&wanted.to_string()), source);
    let listener = tokio::net::TcpListener::bind(wanted).await.map_err(failed)?;
    let gate = Gate::new(listener.local_addr().map_err(failed)?);
    say!("{}", gate.link());
    eprintln!("{}", tr!("kiosk-open"));
    let (stop, mut stopped) = tokio::sync::watch::channel(());
    let signal = async move {
        // A process that cannot hear the signal is ended by it.
        drop(tokio::signal::ctrl_c().await);
        drop(stop);
    };
    let serving = axum::serve(listener, router(desk, gate)).with_graceful_shutdown(signal);
    let late = async {
        drop(stopped.changed().await);
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        done = serving => done.map_err(failed),
        () = late => Ok(()),
    }
}

fn router(desk: Arc<Desk>, gate: Gate) -> Router {
    let inside = Router::new()
        .route(PAGE, get(web::tablet))
        .route(&format!("{CALLS}{{name}}"), post(call))
        .with_state(desk)
        .layer(middleware::from_fn_with_state(gate.clone(), gate::guard));
    let door = Router::new().route("/open/{secret}", get(open)).with_state(gate.clone());
    Router::new()
        .route("/", get(|| async { Redirect::to(PAGE) }))
        // There the page would take itself for one of a centre.
        .route("/tablet/", get(|| async { Redirect::to(PAGE) }))
        .route("/tablet/index.html", get(|| async { Redirect::to(PAGE) }))
        .route("/tablet/{*path}", get(web::part_of_tablet))
        // Here nothing is to come from a cache: the program itself is there.
        .route("/tablet/sw.js", get(|| async { StatusCode::NOT_FOUND }))
        .merge(inside)
        .merge(door)
        .layer(middleware::from_fn_with_state(gate, gate::at_home))
}

async fn open(State(gate): State<Gate>, Path(secret): Path<String>) -> Response {
    let answer = gate.open(&secret);
    if answer.status().is_redirection() {
        // Whoever closes the browser needs another one to come back; it ends what the last one opened.
        say!("{}", gate.link());
    }
    answer
}

async fn call(State(desk): State<Arc<Desk>>, Path(name): Path<String>, request: Request) -> Response {
    let given = request.headers().get(header::CONTENT_TYPE).map(header::HeaderValue::as_bytes);
    if given != Some(b"application/json") {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, &Problem::malformed_call());
    }
    let parcel = name == "importParcel";
    let Ok(body) = to_bytes(request.into_body(), if parcel { PARCEL_BODY_MAX } else { BODY_MAX }).await
    else {
        let problem = if parcel { parcel_too_long() } else { Problem::malformed_call() };
        return refused(StatusCode::PAYLOAD_TOO_LARGE, &problem);
    };
    let parsed = serde_json::from_slice(&body);
    wipe(body);
    let Ok(given) = parsed else { return refused(StatusCode::BAD_REQUEST, &Problem::malformed_call()) };
    // Long calls wait for networks; a thread of their own keeps nobody, and need not end before the program does.
    let (done, answer) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || drop(done.send(calls::answer(&desk, &name, given))));
    match answer.await.unwrap_or_else(|_| Err(Problem::fault())) {
        Ok(json) => answered(StatusCode::OK, json),
        Err(problem) => refused(status(&problem), &problem),
    }
}

/// A slip or marks may stand in it.
fn wipe(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

fn parcel_too_long() -> Problem {
    Problem::new(Case::WrongInput, "parcel_too_long", |language| {
        crate::cli::lang::tablet::parcel_too_long(language, PARCEL_BODY_MAX / 4 * 3 / (1024 * 1024))
    })
}

/// The status that fits a problem. The page looks at the problem alone.
fn status(problem: &Problem) -> StatusCode {
    match (problem.case.as_str(), problem.code.as_str()) {
        (_, "unknown_call") => StatusCode::NOT_FOUND,
        (_, "malformed_call") => StatusCode::BAD_REQUEST,
        ("wrong_input", _) => StatusCode::UNPROCESSABLE_ENTITY,
        ("retry", _) => StatusCode::SERVICE_UNAVAILABLE,
        ("store_full", _) => StatusCode::INSUFFICIENT_STORAGE,
        ("damaged" | "restart", _) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::CONFLICT,
    }
}

/// Says why it was not done. Nothing that was given stands in it but what the tablet's own errors name.
fn refused(status: StatusCode, problem: &Problem) -> Response {
    answered(status, serde_json::to_vec(problem).unwrap_or_default())
}

fn answered(status: StatusCode, json: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, json).into_response()
}

#[cfg(test)]
mod tests;
