//! How messages leave the centre: by e-mail ([`Mailer`]), and by a signed webhook to gateways of other kinds ([`Gateway`]).
//!
//! A message says that something waits and where to read it. Figures never leave by these ways, and there is no setting for
//! it: mail and gateways keep what they carry, in clear, for as long as they like.

mod mail;
mod trust;
mod webhook;

pub use mail::{MailSettings, MailTls, Mailer, text_of};
pub use webhook::{Gateway, KEY_PREFIX, WebhookSettings, new_key, sign};

use crate::domain::contact::Channel;
use crate::domain::outgoing::{Failure, Message};
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// Longest that one try takes.
pub const TRY_MAX: Duration = Duration::from_secs(120);
/// Longest wait for one answer of a server.
const STEP_MAX: Duration = Duration::from_secs(30);
/// Largest file of a key, a password or certificates, in bytes.
const FILE_MAX: u64 = 256 * 1024;

/// The ways that are set up.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// E-mail.
    pub mail: Option<Mailer>,
    /// A gateway.
    pub webhook: Option<Gateway>,
    /// Where people open the centre, as `https://trung-tam.example`, without a slash at its end.
    pub address: Option<String>,
}

/// Why a way cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WaysError {
    /// A setting is missing that another one needs.
    #[error("{setting} needs {needs} too")]
    Needs {
        /// What was given.
        setting: &'static str,
        /// What is missing.
        needs: &'static str,
    },
    /// No e-mail address.
    #[error("{found:?} is no sender: write it as \"Huyện ủy <vanphong@vidu.vn>\"")]
    From {
        /// What was given.
        found: String,
    },
    /// No address of a server or page.
    #[error("{found:?} is no address for {setting}: write it as https://name, without user and password")]
    Address {
        /// Name of the setting.
        setting: &'static str,
        /// What was given.
        found: String,
    },
    /// Something secret would travel in clear.
    #[error(
        "{setting} without TLS would carry what is nobody's business over the network: only this machine itself may be reached so"
    )]
    Clear {
        /// Name of the setting.
        setting: &'static str,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A file that holds something else.
    #[error("{} is no file of {what}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl Ways {
    /// Sends a message once, whatever came of it before.
    ///
    /// # Errors
    /// [`Failure`], which says whether trying again makes sense.
    pub async fn send(&self, message: &Message) -> Result<(), Failure> {
        let link = self.link(message);
        let tried = async {
            match (message.way, &self.mail, &self.webhook) {
                (Channel::Email, Some(mail), _) => mail.send(message, link.as_deref()).await,
                (Channel::Webhook, _, Some(webhook)) => webhook.send(message, link.as_deref()).await,
                _ => Err(Failure::Away("this way is not set up".to_owned())),
            }
        };
        let late = || Failure::Away("no answer within two minutes".to_owned());
        tokio::time::timeout(TRY_MAX, tried).await.unwrap_or_else(|_| Err(late()))
    }

    /// The full address of the page that a message leads to.
    fn link(&self, message: &Message) -> Option<String> {
        Some(format!("{}{}", self.address.as_ref()?, message.words.page.as_ref()?))
    }
}

/// Where people open the centre, without a slash at its end.
///
/// # Errors
/// [`WaysError::Address`].
pub fn public_address(text: &str) -> Result<String, WaysError> {
    let wrong = || WaysError::Address { setting: "public-address", found: text.to_owned() };
    let uri: axum::http::Uri = text.trim().parse().map_err(|_| wrong())?;
    let authority = uri.authority().ok_or_else(wrong)?;
    let whole = matches!(uri.scheme_str(), Some("https" | "http"))
        && matches!(uri.path(), "" | "/")
        && uri.query().is_none()
        && !text.contains(['#', '@']);
    if whole { Ok(format!("{}://{authority}", uri.scheme_str().unwrap_or_default())) } else { Err(wrong()) }
}

/// A small file that the operator named.
fn read_file(path: &std::path::Path) -> Result<zeroize::Zeroizing<Vec<u8>>, WaysError> {
    use std::io::Read;
    let failed = |error: std::io::Error| WaysError::File { path: path.to_owned(), why: error.to_string() };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    file.take(FILE_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_an_origin_and_nothing_else() {
        for (given, read) in [
            ("https://phieu.dongvan.vn", "https://phieu.dongvan.vn"),
            (" https://10.0.0.5:8443/ ", "https://10.0.0.5:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(public_address(given).unwrap(), read);
        }
        for bad in [
            "",
            "phieu.vn",
            "ftp://a.vn",
            "https://a.vn/x",
            "https://a.vn?x=1",
            "https://u:p@a.vn",
            "https://a.vn/#x",
        ] {
            assert!(public_address(bad).is_err(), "{bad}");
        }
    }
}
