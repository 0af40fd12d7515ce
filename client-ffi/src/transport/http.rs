//! HTTP by an agent of our own.

use super::pin;
use super::tls;
use super::{ANSWER_MAX, Transport, TransportError, judge};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use sync_core::address::{AddressError, CentreAddress, Trust};
use sync_core::enrol::{EnrolToken, TokenError};
use ureq::Timeout;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, TcpConnector};

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
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let (kind, after) =
            (header("content-type").map(str::to_owned), header("retry-after").map(str::to_owned));
        let status = answer.status().as_u16();
        let bytes = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
        let bytes = bytes.map_err(|error| failed(&error))?;
        judge(status, kind.as_deref(), after.as_deref(), bytes)
    }
}
