//! `homphieu serve`.

use super::{CliError, Place, file_error};
use crate::http::{self, Front, Limits, Network, Proxies};
use crate::service::FIRST_LOGIN;
use crate::tls::{Authority, Certificates, FOLDER, SERVER_FILE, Source};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};

/// Where it listens if it is told nothing: without TLS for this machine alone, with TLS for everybody.
pub(super) fn default_listen(tls: bool) -> SocketAddr {
    if tls { (Ipv4Addr::UNSPECIFIED, 8443).into() } else { (Ipv4Addr::LOCALHOST, 8080).into() }
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address and port to listen on; port 0 takes a free one. What to open is printed when the centre is ready.
    /// [default: 0.0.0.0:8443 under TLS, 127.0.0.1:8080 without]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Certificate chain in PEM, the server's first; read again when it changes or on SIGHUP. Without it the centre
    /// uses what `tls init` made.
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// Key of the certificate, in PEM without password.
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// A proxy does TLS: take plain HTTP from it, and from nobody else, and believe its X-Forwarded-For.
    #[arg(long)]
    behind_proxy: bool,
    /// The proxy's address or network, such as 172.18.0.0/16, if it is not on this machine.
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    proxy: Vec<Network>,
    #[command(flatten)]
    backup: super::backup::PlannedArgs,
    #[command(flatten)]
    ways: super::ways::WaysArgs,
}

pub(super) async fn run(place: &Place, args: Args) -> Result<(), CliError> {
    let (planned, ways) = (args.backup.read()?, args.ways.read()?);
    let centre = place.open().await?;
    if let Some(password) = centre.first_person().await? {
        // On standard error, where a person looks and no program reads.
        eprintln!("{}", tr!("serve-first-start", login = FIRST_LOGIN));
        eprintln!("  {}", *password);
    }
    if let Some(restoration) = centre.restoration().await?
        && !restoration.unheard.is_empty()
    {
        let taken = super::moment(restoration.taken_at);
        eprintln!("{}", tr!("serve-restored", taken = taken, count = restoration.unheard.len()));
    }
    let own = Authority::at(&place.folder.join(FOLDER));
    let tls = match source(&args, &own)? {
        Some(source) => Some(load(source)?),
        None => None,
    };
    let listen = args.listen(tls.is_some())?;
    let failed = |source| file_error("cannot listen on", Path::new(&listen.to_string()), source);
    let listener = http::listener(listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let stop = stop_signal().map_err(failed)?;
    let limits = Limits::default().fitting(http::raise_open_files());
    if let Some(planned) = planned {
        centre.plan_backups(planned);
    }
    centre.keep_sending(ways);
    centre.keep_reminding();
    say!("{}", shown(address, tls.is_some(), &own, args.tls_cert.is_none()));
    let front = Front { limits, tls, proxies: args.behind_proxy.then_some(Proxies(args.proxy)) };
    Ok(http::serve(centre, listener, front, stop).await?)
}

impl Args {
    /// Where to listen. Plain HTTP for a network is refused, unless a proxy does TLS.
    fn listen(&self, tls: bool) -> Result<SocketAddr, CliError> {
        let listen = self.listen.unwrap_or(default_listen(tls));
        if tls || self.behind_proxy || listen.ip().is_loopback() {
            Ok(listen)
        } else {
            Err(CliError::NotDone(tr!("serve-plain-refused", address = listen.to_string())))
        }
    }

    /// Every reason for which a centre in this folder would refuse to serve with these settings, though each alone is
    /// of the right form.
    pub(super) fn contradictions(&self, folder: &Path) -> Vec<CliError> {
        let source = source(self, &Authority::at(&folder.join(FOLDER)));
        let listen = source.and_then(|source| self.listen(source.is_some()));
        let ways = self.ways.read().err().map(CliError::from);
        listen.err().into_iter().chain(self.backup.read().err()).chain(ways).collect()
    }

    /// How messages leave.
    pub(super) fn ways(&self) -> &super::ways::WaysArgs {
        &self.ways
    }
}

/// Where the certificate comes from: named files, or the centre's own. A proxy before us has its own.
fn source(args: &Args, own: &Authority) -> Result<Option<Source>, CliError> {
    match (&args.tls_cert, &args.tls_key) {
        (Some(_), Some(_)) if args.behind_proxy => Err(CliError::NotDone(tr!("serve-tls-or-proxy"))),
        (Some(certificate), Some(key)) => {
            Ok(Some(Source::Files { certificate: certificate.clone(), key: key.clone() }))
        }
        (None, None) if args.behind_proxy || !own.path(SERVER_FILE).exists() => Ok(None),
        (None, None) => Ok(Some(Source::Own(own.clone()))),
        _ => Err(CliError::NotDone(tr!("serve-tls-both"))),
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

/// Resolves when the process is asked to end (interrupt or terminate). Both are listened for from this call on, not only
/// once somebody waits: who read the address may ask for the end at once.
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Asks for the certificate to be read again. Where there is none it must not end the centre.
    let hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        let _no_end = hangup;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
