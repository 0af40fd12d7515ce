//! `homphieu serve`.

use super::{CliError, Place, file_error};
use crate::http;
use crate::service::FIRST_LOGIN;
use std::net::SocketAddr;
use std::path::Path;
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on; port 0 takes a free one. The address is printed when the centre is ready.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

pub(super) async fn run(place: &Place, args: Args) -> Result<(), CliError> {
    let centre = place.open().await?;
    if let Some(password) = centre.first_person().await? {
        // On standard error, where a person looks and no program reads.
        eprintln!("First start. Sign in as {FIRST_LOGIN} with this one-time password and choose your own:");
        eprintln!("  {}", *password);
    }
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|source| file_error("cannot listen on", Path::new(&args.listen.to_string()), source))?;
    let address = listener
        .local_addr()
        .map_err(|source| file_error("cannot listen on", Path::new(&args.listen.to_string()), source))?;
    if !address.ip().is_loopback() {
        tracing::warn!("serving plain HTTP on {address}: anybody on this network can read names on sheets");
    }
    say!("http://{address}");
    http::serve(centre, listener, stop_signal())
        .await
        .map_err(|source| file_error("serving failed on", Path::new(&address.to_string()), source))
}

/// Resolves when the process is asked to end (interrupt or terminate).
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "only an interrupt will stop the centre cleanly");
            drop(interrupt.await);
        }
    }
}
