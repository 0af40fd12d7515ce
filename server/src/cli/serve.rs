//! `homphieu serve`.

use super::{CliError, Place, file_error};
use crate::http::{self, Front, Limits, Network, Proxies};
use crate::service::FIRST_LOGIN;
use crate::tls::{Authority, Certificates, FOLDER, SERVER_FILE, Source};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::net::TcpListener;

/// Where it listens without TLS: nobody but this machine.
const LISTEN_PLAIN: &str = "127.0.0.1:8080";
/// Where it listens under TLS: everybody.
const LISTEN_TLS: &str = "0.0.0.0:8443";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on; port 0 takes a free one. What to open is printed when the centre is ready.
    /// [default: 0.0.0.0:8443 under TLS, 127.0.0.1:8080 without]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Certificate chain in PEM, the server's first; read again when it changes or on SIGHUP. Without it the centre
    /// uses what `tls init` made.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Key of the certificate, in PEM without password.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy does TLS: take plain HTTP from it, and from nobody else, and believe its X-Forwarded-For. Without a
    /// value it is on this machine; otherwise its addresses or networks, such as 172.18.0.0/16.
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        conflicts_with = "tls_cert"
    )]
    behind_proxy: Option<Vec<Network>>,
}

pub(super) async fn run(place: &Place, args: Args) -> Result<(), CliError> {
    let centre = place.open().await?;
    if let Some(password) = centre.first_person().await? {
        // On standard error, where a person looks and no program reads.
        eprintln!("First start. Sign in as {FIRST_LOGIN} with this one-time password and choose your own:");
        eprintln!("  {}", *password);
    }
    let own = Authority::at(&place.folder.join(FOLDER));
    let tls = match source(&args, &own) {
        Some(source) => Some(load(source)?),
        None => None,
    };
    let listen =
        args.listen.map_or_else(|| if tls.is_some() { LISTEN_TLS } else { LISTEN_PLAIN }.parse(), Ok);
    let listen: SocketAddr = listen.map_err(super::offline)?;
    if tls.is_none() && args.behind_proxy.is_none() && !listen.ip().is_loopback() {
        return Err(CliError::NotDone(format!(
            "plain HTTP on {listen} would show everything to the whole network and is refused: make a certificate \
             with `homphieu tls init --address {}`, give one with --tls-cert and --tls-key, or say --behind-proxy if \
             a proxy does TLS",
            if listen.ip().is_unspecified() { "ADDRESS".to_owned() } else { listen.ip().to_string() }
        )));
    }
    let failed = |source| file_error("cannot listen on", Path::new(&listen.to_string()), source);
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let limits = Limits::default().fitting(http::raise_open_files());
    say!("{}", shown(address, tls.is_some(), &own, args.tls_cert.is_none()));
    let front = Front { limits, tls, proxies: args.behind_proxy.map(Proxies) };
    Ok(http::serve(centre, listener, front, stop_signal()).await?)
}

/// Where the certificate comes from: named files, or the centre's own. A proxy before us has its own.
fn source(args: &Args, own: &Authority) -> Option<Source> {
    match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => {
            Some(Source::Files { certificate: certificate.clone(), key: key.clone() })
        }
        _ if args.behind_proxy.is_some() || !own.path(SERVER_FILE).exists() => None,
        _ => Some(Source::Own(own.clone())),
    }
}

/// Loads a certificate and says what is to be said of its dates, before the first device sees it.
fn load(source: Source) -> Result<Arc<Certificates>, CliError> {
    let certificates = Certificates::load(source)?;
    if let Some(words) = certificates.look_after(OffsetDateTime::now_utc()) {
        tracing::warn!("{words}");
    }
    Ok(certificates)
}

/// What people open: an address of the certificate where it listens on all of them.
fn shown(address: SocketAddr, tls: bool, own: &Authority, is_own: bool) -> String {
    let scheme = if tls { "https" } else { "http" };
    let name = if tls && is_own && address.ip().is_unspecified() {
        own.names().ok().and_then(|names| names.into_iter().next())
    } else {
        None
    };
    match name {
        Some(name) => format!("{scheme}://{}:{}", name.host(), address.port()),
        None => format!("{scheme}://{address}"),
    }
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
