//! The way to a centre: one request, one answer.

mod pin;
mod tls;

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use sync_core::address::{AddressError, CentreAddress, Trust};
use sync_core::enrol::{EnrolToken, TokenError};
use thiserror::Error;
use ureq::Timeout;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, TcpConnector};

/// Longest answer that is read, in bytes.
pub const ANSWER_MAX: u64 = 40 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// No connection, or it broke off. Whether the centre has what was sent is unknown; sending again does no harm.
    #[error("the centre cannot be reached now ({0}); everything stays on this tablet, try again later")]
    Unreachable(String),
    /// The centre answered with a problem.
    #[error("{detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable code of the problem.
        code: String,
        /// What is wrong, for a person.
        detail: String,
        /// How long the centre asks to wait before the next try.
        after: Option<Duration>,
    },
    /// The link broke after the centre was reached. Whether it has what was sent is unknown; sending again does no harm.
    #[error("the link to the centre broke ({0}); everything stays on this tablet, try again later")]
    Broken(String),
    /// The centre's answer makes no sense.
    #[error(
        "the answer is not one of a centre ({0}): is the address right, or does this network ask for a login?"
    )]
    NotACentre(String),
    /// The address would not be safe to use, or is none. Nothing was sent.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Whoever answers did not show that it is the centre of the pin. The request was not sent to it.
    #[error(
        "whoever answers at this address is not the centre that the token names ({0}); nothing was handed over: try \
         another network, and tell the office if it stays so"
    )]
    NotTheCentre(String),
}

/// Sends a request and waits for its answer.
pub trait Transport {
    /// Posts a CBOR body to a path such as `/api/v1/sync`.
    ///
    /// # Errors
    /// [`TransportError`].
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError>;

    /// Minutes since 1970 by the clock of this device, right or wrong, so that people can be told when the centre was
    /// last reached. Nothing where there is no clock.
    fn minutes_now(&self) -> Option<u64> {
        None
    }
}

/// A centre over HTTP, under TLS with a pin or, where [`CentreAddress`] says that it is good enough, in clear.
#[derive(Debug, Clone)]
pub struct Http {
    way: Result<Way, AddressError>,
}

#[derive(Debug, Clone)]
struct Way {
    base: String,
    agent: ureq::Agent,
}

impl Http {
    /// The centre at an address such as `https://192.168.1.10:8443#pin=…`. One that cannot be used is told when
    /// something is to be sent.
    pub fn new(address: &str) -> Self {
        Self { way: CentreAddress::parse(address).map(|address| Way::to(&address)) }
    }

    /// The centre that a token names.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn for_token(text: &str) -> Result<Self, TokenError> {
        Ok(Self::new(&EnrolToken::parse(text)?.address))
    }
}

impl Way {
    fn to(address: &CentreAddress) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_global(Some(Duration::from_secs(180)))
            .user_agent("homphieu-tablet")
            // The address decides where ballots go: no proxy of the surroundings, no redirection by who answers.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .https_only(matches!(address.trust(), Trust::Pinned(_)))
            .build();
        let resolver = DefaultResolver::default();
        let agent = match address.trust() {
            Trust::Plain => ureq::Agent::with_parts(config, TcpConnector::default(), resolver),
            Trust::Pinned(pin) => {
                let tls = tls::TlsConnector(Arc::new(pin::config(pin)));
                ureq::Agent::with_parts(config, TcpConnector::default().chain(tls), resolver)
            }
        };
        Self { base: address.base().to_owned(), agent }
    }
}

/// What a failed connection means.
fn failed(error: &ureq::Error) -> TransportError {
    match (tls::complaint(error), error) {
        (Some(complaint), _) => TransportError::NotTheCentre(complaint),
        (None, ureq::Error::Io(io)) if broke(io.kind()) => TransportError::Broken(error.to_string()),
        (None, ureq::Error::Protocol(_)) => TransportError::Broken(error.to_string()),
        (None, ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve)) => {
            TransportError::Unreachable(error.to_string())
        }
        (None, ureq::Error::Timeout(_)) => TransportError::Broken(error.to_string()),
        (None, _) => TransportError::Unreachable(error.to_string()),
    }
}

/// Kinds of errors that only a connection shows that was there.
fn broke(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

impl Transport for Http {
    fn minutes_now(&self) -> Option<u64> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs() / 60)
    }

    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        let way = self.way.as_ref().map_err(|error| *error)?;
        let url = format!("{}{path}", way.base);
        let request = way.agent.post(&url).header("content-type", "application/cbor");
        let mut answer = request.send(body).map_err(|error| failed(&error))?;
        let status = answer.status();
        let kind = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let problem = kind.is_some_and(|kind| kind.starts_with("application/problem+json"));
        let ours = kind.is_some_and(|kind| kind.starts_with("application/c"));
        // Seconds alone are understood: a date would need a clock that is right.
        let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
        let bytes = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
        let bytes = bytes.map_err(|error| failed(&error))?;
        match status.as_u16() {
            200..=299 if ours => Ok(bytes),
            status if problem => Err(refused(status, &bytes, after)),
            status => Err(TransportError::NotACentre(format!("status {status}"))),
        }
    }
}

/// A problem of RFC 9457.
fn refused(status: u16, bytes: &[u8], after: Option<Duration>) -> TransportError {
    let problem: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    let text =
        |name: &str| problem.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    TransportError::Refused { status, code: text("code"), detail: text("detail"), after }
}
