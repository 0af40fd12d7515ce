//! The centre over HTTP: routes, who may use them, and problems as answers (RFC 9457).

mod devices;
mod problem;
mod rounds;
mod session;
mod tablets;

use crate::service::Centre;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::future::Future;
use sync_core::cbor::Format;
use sync_core::message::Request;
use tokio::net::TcpListener;

/// Largest body of a request in bytes: a signed sync request with a certificate.
const BODY_MAX: usize = Request::MAX_BYTES + sync_core::cose::COSE_OVERHEAD;

/// All routes.
pub fn router(centre: Centre) -> Router {
    Router::new()
        .route("/api/v1/enrol", post(tablets::enrol))
        .route("/api/v1/sync", post(tablets::sync))
        .route("/api/v1/holdings", post(tablets::holdings))
        .route("/api/v1/rounds", get(rounds::list))
        .route("/api/v1/rounds/{round}", get(rounds::show))
        .route("/api/v1/rounds/{round}/units", get(rounds::units))
        .route("/api/v1/rounds/{round}/holds", get(rounds::holds))
        .route("/api/v1/rounds/{round}/results", get(rounds::results))
        .route("/api/v1/rounds/{round}/results.csv", get(rounds::results_csv))
        .route("/api/v1/rounds/{round}/results/units/{unit}", get(rounds::unit_results))
        .route("/api/v1/rounds/{round}/results/officials/{official}", get(rounds::official_results))
        .route("/api/v1/rounds/{round}/bundle", get(rounds::bundle))
        .route("/api/v1/rounds/{round}/devices", get(devices::list).post(devices::invite))
        .route("/api/v1/rounds/{round}/devices/{device}/revocation", post(devices::revoke))
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(centre)
}

/// Serves until `stop` resolves, then finishes what it has begun and closes the database.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    centre: Centre,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let app = router(centre.clone());
    axum::serve(listener, app).with_graceful_shutdown(stop).await?;
    centre.close().await;
    Ok(())
}
