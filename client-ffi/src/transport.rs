//! The way to a centre: one request, one answer.

use sync_core::enrol::{EnrolToken, TokenError};
use thiserror::Error;

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
    },
    /// The centre's answer makes no sense.
    #[error(
        "the answer is not one of a centre ({0}): is the address right, or does this network ask for a login?"
    )]
    NotACentre(String),
}

/// Sends a request and waits for its answer.
pub trait Transport {
    /// Posts a CBOR body to a path such as `/api/v1/sync`.
    ///
    /// # Errors
    /// [`TransportError`].
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError>;
}

/// A centre over HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    base: String,
    agent: ureq::Agent,
}

impl Http {
    /// The centre at an address such as `http://127.0.0.1:8080`.
    pub fn new(address: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(std::time::Duration::from_secs(20)))
            .timeout_global(Some(std::time::Duration::from_secs(180)))
            .user_agent("homphieu-tablet")
            .build();
        Self { base: address.trim_end_matches('/').to_owned(), agent: config.into() }
    }

    /// The centre that a token names.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn for_token(text: &str) -> Result<Self, TokenError> {
        Ok(Self::new(&EnrolToken::parse(text)?.address))
    }
}

impl Transport for Http {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        let unreachable = |error: ureq::Error| TransportError::Unreachable(error.to_string());
        let url = format!("{}{path}", self.base);
        let request = self.agent.post(&url).header("content-type", "application/cbor");
        let mut answer = request.send(body).map_err(unreachable)?;
        let status = answer.status();
        let kind = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let problem = kind.is_some_and(|kind| kind.starts_with("application/problem+json"));
        let ours = kind.is_some_and(|kind| kind.starts_with("application/c"));
        let bytes = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec().map_err(unreachable)?;
        match status.as_u16() {
            200..=299 if ours => Ok(bytes),
            status if problem => Err(refused(status, &bytes)),
            status => Err(TransportError::NotACentre(format!("status {status}"))),
        }
    }
}

/// A problem of RFC 9457.
fn refused(status: u16, bytes: &[u8]) -> TransportError {
    let problem: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    let text =
        |name: &str| problem.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    TransportError::Refused { status, code: text("code"), detail: text("detail") }
}
