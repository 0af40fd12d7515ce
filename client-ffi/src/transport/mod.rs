//! The way to a centre: one request, one answer.

#[cfg(not(target_family = "wasm"))]
mod http;
#[cfg(not(target_family = "wasm"))]
mod pin;
#[cfg(not(target_family = "wasm"))]
mod tls;

#[cfg(not(target_family = "wasm"))]
pub use http::Http;

use std::time::Duration;
use sync_core::address::AddressError;
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

/// What an answer over HTTP means: its bytes, or why they are none. `kind` and `after` are its `Content-Type` and
/// `Retry-After`.
///
/// # Errors
/// [`TransportError::Refused`], [`TransportError::NotACentre`].
pub fn judge(
    status: u16,
    kind: Option<&str>,
    after: Option<&str>,
    bytes: Vec<u8>,
) -> Result<Vec<u8>, TransportError> {
    let kind = kind.unwrap_or_default();
    // Seconds alone are understood: a date would need a clock that is right.
    let after = after.and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
    match status {
        200..=299 if kind.starts_with("application/c") => Ok(bytes),
        status if kind.starts_with("application/problem+json") => Err(refused(status, &bytes, after)),
        status => Err(TransportError::NotACentre(format!("status {status}"))),
    }
}

/// A problem of RFC 9457.
fn refused(status: u16, bytes: &[u8], after: Option<Duration>) -> TransportError {
    let problem: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    let text =
        |name: &str| problem.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    TransportError::Refused { status, code: text("code"), detail: text("detail"), after }
}
