//! The certificate that the centre shows now, from files that may change under it.

use super::authority::{Authority, RENEW_BEFORE, SERVER_FILE, first_certificate};
use super::{TlsError, file_error};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use sync_core::address::Pin;
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

/// How often files and dates are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Longest file of certificates or keys in bytes.
const FILE_MAX: u64 = 1024 * 1024;

/// Where certificate and key come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Files that somebody else keeps.
    Files {
        /// The chain, the server's certificate first.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// The centre's own authority, which is also asked for a new certificate in time.
    Own(Authority),
}

impl Source {
    fn files(&self) -> (PathBuf, PathBuf) {
        match self {
            Self::Files { certificate, key } => (certificate.clone(), key.clone()),
            Self::Own(authority) => (authority.path(SERVER_FILE), authority.path(SERVER_FILE)),
        }
    }
}

/// What tells whether a file was changed: its number, size and time of change.
type Mark = (u64, u64, i64, i64);

/// A certificate with its life.
#[derive(Debug)]
struct Shown {
    key: Arc<CertifiedKey>,
    begins: OffsetDateTime,
    ends: OffsetDateTime,
}

/// The certificate that is shown to those who connect, and its files.
#[derive(Debug)]
pub struct Certificates {
    source: Source,
    shown: RwLock<Shown>,
    seen: Mutex<[Option<Mark>; 2]>,
}

impl Certificates {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(source: Source) -> Result<Arc<Self>, TlsError> {
        let (certificate, key) = source.files();
        let seen = [mark(&certificate), mark(&key)];
        let shown = read(&certificate, &key)?;
        Ok(Arc::new(Self { source, shown: RwLock::new(shown), seen: Mutex::new(seen) }))
    }

    /// Reads both files again. The present certificate stays if they are not good.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn reload(&self) -> Result<(), TlsError> {
        let (certificate, key) = self.source.files();
        let marks = [mark(&certificate), mark(&key)];
        let shown = read(&certificate, &key)?;
        *self.shown.write().expect("no holder of this lock panics") = shown;
        // Only what was read well counts as seen, so that a half-written pair is looked at again.
        *self.seen.lock().expect("no holder of this lock panics") = marks;
        Ok(())
    }

    /// Whether the files are others than those that were read.
    pub fn changed(&self) -> bool {
        let (certificate, key) = self.source.files();
        let now = [mark(&certificate), mark(&key)];
        *self.seen.lock().expect("no holder of this lock panics") != now
    }

    /// What a person should be told of the certificate's life, and a renewal if it is the centre's own to make. Time is
    /// an argument.
    pub fn look_after(&self, now: OffsetDateTime) -> Option<String> {
        let (begins, ends) = self.life();
        if begins <= now && now < ends - RENEW_BEFORE {
            return None;
        }
        let state = if now < begins {
            format!("the certificate is good only from {} on: is this machine's clock right?", day(begins))
        } else if now >= ends {
            format!("the certificate ended on {}", day(ends))
        } else {
            format!("the certificate ends on {}", day(ends))
        };
        let Source::Own(authority) = &self.source else { return Some(format!("{state}; renew it")) };
        match authority.renew(None, now).and_then(|made| self.reload().map(|()| made)) {
            Ok(made) => Some(format!("{state}; a new one was made, good until {}", day(made.ends))),
            Err(error) => Some(format!("{state}, and no new one could be made: {error}")),
        }
    }

    /// Reads the files again when they changed or somebody asks (SIGHUP), and renews in time. Never ends by itself.
    pub async fn keep_fresh(self: Arc<Self>) {
        let asked = signal(SignalKind::hangup());
        let mut asked = match asked {
            Ok(asked) => Some(asked),
            Err(error) => {
                tracing::warn!(%error, "a new certificate is noticed by its file alone");
                None
            }
        };
        let mut told = String::new();
        loop {
            let by_hand = match &mut asked {
                Some(asked) => timeout(LOOK_EVERY, asked.recv()).await.is_ok(),
                None => {
                    sleep(LOOK_EVERY).await;
                    false
                }
            };
            let this = Arc::clone(&self);
            let looked =
                tokio::task::spawn_blocking(move || this.look(by_hand, OffsetDateTime::now_utc())).await;
            let words = looked.unwrap_or_default();
            // The same words are not said again every time.
            if by_hand || words != told {
                words.lines().for_each(|line| tracing::warn!("{line}"));
                told = words;
            }
        }
    }

    /// One look at files and dates: what should be told.
    fn look(&self, by_hand: bool, now: OffsetDateTime) -> String {
        let mut words = Vec::new();
        if by_hand || self.changed() {
            match self.reload() {
                Ok(()) => {
                    tracing::info!("the certificate was read again; it is good until {}", day(self.life().1));
                }
                Err(error) => words.push(format!("the certificate stays as it was: {error}")),
            }
        }
        words.extend(self.look_after(now));
        words.join("\n")
    }

    /// From when to when the present certificate is good.
    pub fn life(&self) -> (OffsetDateTime, OffsetDateTime) {
        let shown = self.shown.read().expect("no holder of this lock panics");
        (shown.begins, shown.ends)
    }

    /// TLS 1.2 and 1.3 with this certificate, whichever it is at the moment of a handshake.
    ///
    /// # Errors
    /// [`TlsError::Unusable`] if the build has no suites at all.
    pub fn config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let unusable = |error: rustls::Error| TlsError::Unusable {
            path: self.source.files().0,
            reason: error.to_string(),
        };
        let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::clone(self) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // One is enough to come back with a short greeting: it brings another along.
        config.send_tls13_tickets = 1;
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read().expect("no holder of this lock panics").key))
    }
}

/// Subject and pin of every certificate in a file.
///
/// # Errors
/// [`TlsError`].
pub fn pins(path: &Path) -> Result<Vec<(String, Pin)>, TlsError> {
    let text = text(path)?;
    let none = || TlsError::NoCertificate { path: path.to_owned() };
    let mut pins = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let certificate = certificate.map_err(|_| none())?;
        let (_, parsed) = X509Certificate::from_der(&certificate).map_err(|_| none())?;
        pins.push((parsed.subject().to_string(), pin_of(&parsed)));
    }
    if pins.is_empty() { Err(none()) } else { Ok(pins) }
}

/// SHA-256 of a certificate's public key.
pub(super) fn pin_of(certificate: &X509Certificate<'_>) -> Pin {
    Pin(Sha256::digest(certificate.public_key().raw).into())
}

/// A day as people write it.
pub(super) fn day(at: OffsetDateTime) -> String {
    at.date().to_string()
}

fn mark(path: &Path) -> Option<Mark> {
    let data = std::fs::metadata(path).ok()?;
    Some((data.ino(), data.len(), data.mtime(), data.mtime_nsec()))
}

fn read(certificate: &Path, key: &Path) -> Result<Shown, TlsError> {
    let chain_text = text(certificate)?;
    let no_certificate = || TlsError::NoCertificate { path: certificate.to_owned() };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain_text.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| no_certificate())?;
    let first = first_certificate(&chain_text, certificate)?;
    let (_, parsed) = X509Certificate::from_der(&first).map_err(|_| no_certificate())?;
    let (begins, ends) = (parsed.validity().not_before, parsed.validity().not_after);
    let private = PrivateKeyDer::from_pem_slice(text(key)?.as_bytes())
        .map_err(|_| TlsError::NoKey { path: key.to_owned() })?;
    let certified =
        CertifiedKey::from_der(chain, private, &ring::default_provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::WrongKey { certificate: certificate.to_owned(), key: key.to_owned() }
            }
            error => TlsError::Unusable { path: key.to_owned(), reason: error.to_string() },
        })?;
    Ok(Shown { key: Arc::new(certified), begins: begins.to_datetime(), ends: ends.to_datetime() })
}

fn text(path: &Path) -> Result<Zeroizing<String>, TlsError> {
    let failed = |source| file_error("cannot read", path, source);
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > FILE_MAX {
        return Err(failed(std::io::ErrorKind::FileTooLarge.into()));
    }
    std::fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}
