//! A signed webhook: one POST of JSON to a gateway that sends SMS or speaks to a messenger.
//!
//! It is signed as Standard Webhooks has it (<https://www.standardwebhooks.com>): HMAC-SHA256 over id, time and body, under
//! a key that only the gateway has. The id is the message's own and the same on every try.

use super::mail::is_this_machine;
use super::{STEP_MAX, WaysError, read_file, trust};
use crate::domain::outgoing::{Failure, Message};
use axum::body::Bytes;
use axum::http::{Request, StatusCode, Uri, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde::Serialize;
use sha2::Sha256;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// How the text of a key begins.
pub const KEY_PREFIX: &str = "whsec_";
/// Bytes of a key, at least and at most.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Settings of the webhook.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// Where the gateway listens.
    pub address: String,
    /// File with the key.
    pub key_file: Option<PathBuf>,
    /// File with the authorities that are believed instead of the system's.
    pub authorities: Option<PathBuf>,
}

/// Speaks to a gateway.
#[derive(Clone)]
pub struct Gateway {
    uri: Uri,
    host: String,
    port: u16,
    tls: Option<(Arc<rustls::ClientConfig>, ServerName<'static>)>,
    key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("host", &self.host).finish_non_exhaustive()
    }
}

/// What a gateway gets: whom to reach and what to say.
#[derive(Serialize)]
struct Body<'a> {
    /// `notice`, `reminder` or `escalation`.
    r#type: &'static str,
    /// When the message was made, in seconds since 1970.
    made_at: i64,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    /// Phone number with its country.
    to: &'a str,
    name: &'a str,
    /// One text in each language, for gateways of short messages.
    text_vi: String,
    text_en: String,
    /// Where to read more.
    link: Option<&'a str>,
}

impl Gateway {
    /// A gateway with these settings. Nothing is connected yet.
    ///
    /// # Errors
    /// [`WaysError`].
    pub fn new(settings: &WebhookSettings) -> Result<Self, WaysError> {
        let wrong = || WaysError::Address { setting: "webhook", found: settings.address.clone() };
        let uri: Uri = settings.address.trim().parse().map_err(|_| wrong())?;
        let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']).to_owned();
        // What stands before an at sign would be a password on its way.
        if settings.address.contains(['@', '#']) {
            return Err(wrong());
        }
        let (tls, usual) = match uri.scheme_str() {
            Some("https") => {
                let name = ServerName::try_from(host.clone()).map_err(|_| wrong())?;
                (Some((trust::config(settings.authorities.as_deref())?, name)), 443)
            }
            Some("http") if is_this_machine(&host) => (None, 80),
            Some("http") => return Err(WaysError::Clear { setting: "webhook" }),
            _ => return Err(wrong()),
        };
        let needs = || WaysError::Needs { setting: "webhook", needs: "webhook-key-file" };
        let path = settings.key_file.as_ref().ok_or_else(needs)?;
        let key = read_key(&read_file(path)?);
        let key = key.ok_or_else(|| WaysError::Content { path: path.clone(), what: "a webhook key" })?;
        Ok(Self { port: uri.port_u16().unwrap_or(usual), uri, host, tls, key })
    }

    /// Sends a message once. No redirect is followed.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn send(&self, message: &Message, link: Option<&str>) -> Result<(), Failure> {
        let request = self.request(message, link, crate::service::now())?;
        let away =
            |error: &dyn std::fmt::Display| Failure::Away(format!("the gateway is not reached: {error}"));
        let connect = TcpStream::connect((self.host.as_str(), self.port));
        let stream = within(connect).await?.map_err(|error| away(&error))?;
        let status = match &self.tls {
            None => talk(stream, request).await?,
            Some((config, name)) => {
                let connector = tokio_rustls::TlsConnector::from(Arc::clone(config));
                let stream = within(connector.connect(name.clone(), stream)).await?;
                talk(stream.map_err(|error| away(&error))?, request).await?
            }
        };
        judge(status)
    }

    fn request(
        &self,
        message: &Message,
        link: Option<&str>,
        now: i64,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let join = |pick: fn(&crate::domain::outgoing::Both) -> &str| {
            message.words.lines.iter().map(pick).collect::<Vec<_>>().join(" ")
        };
        let body = Body {
            r#type: message.kind.code(),
            made_at: message.made_at,
            data: Data {
                to: &message.address,
                name: &message.name,
                text_vi: join(|both| &both.vi),
                text_en: join(|both| &both.en),
                link,
            },
        };
        let failed = |error: &dyn std::fmt::Display| Failure::ForGood(error.to_string());
        let body = serde_json::to_vec(&body).map_err(|error| failed(&error))?;
        let id = message.id.uuid().to_string();
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        Request::post(path)
            .header(header::HOST, authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "homphieu")
            .header("webhook-id", &id)
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", sign(&self.key, &id, now, &body))
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| failed(&error))
    }
}

/// One request and the status of its answer. What stands in the answer is of no interest.
async fn talk<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<StatusCode, Failure> {
    let cut = |error: hyper::Error| Failure::Away(format!("the gateway gave no answer: {error}"));
    let (mut sender, connection) =
        within(hyper::client::conn::http1::handshake(TokioIo::new(stream))).await?.map_err(cut)?;
    let connection = tokio::spawn(connection);
    let answer = within(sender.send_request(request)).await;
    connection.abort();
    Ok(answer?.map_err(cut)?.status())
}

async fn within<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let late = |_| Failure::Away("the gateway gave no answer in time".to_owned());
    tokio::time::timeout(STEP_MAX, work).await.map_err(late)
}

fn judge(status: StatusCode) -> Result<(), Failure> {
    let why = format!("the gateway answered {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(()),
        // Ours to mend: the address, the key, or a gateway that went elsewhere.
        300..=399 | 401 | 403 | 404 | 405 | 410 => Err(Failure::Away(why)),
        400..=499 if !matches!(status.as_u16(), 408 | 409 | 425 | 429) => Err(Failure::ForGood(why)),
        _ => Err(Failure::ForNow(why)),
    }
}

/// The signature of a body: `v1,` and base64.
pub fn sign(key: &[u8], id: &str, at: i64, body: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// A key as it stands in its file.
fn read_key(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = std::str::from_utf8(bytes).ok()?.trim().strip_prefix(KEY_PREFIX)?;
    let key = Zeroizing::new(STANDARD.decode(text).ok()?);
    KEY_BYTES.contains(&key.len()).then_some(key)
}

/// A new key, as it stands in a file.
pub fn new_key() -> Zeroizing<String> {
    let key = Zeroizing::new(crate::service::random::<32>());
    Zeroizing::new(format!("{KEY_PREFIX}{}\n", STANDARD.encode(key.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_of_the_standard_s_own_example() {
        let key = read_key(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b"{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn keys_are_read_back_and_others_are_none() {
        assert_eq!(read_key(new_key().as_bytes()).unwrap().len(), 32);
        for bad in
            ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!", &"x".repeat(500)]
        {
            assert!(read_key(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_answers_that_mean_taken_end_it_and_a_redirect_is_not_followed() {
        let status = |code: u16| judge(StatusCode::from_u16(code).unwrap());
        assert!([200, 201, 202, 204].into_iter().all(|code| status(code).is_ok()));
        for code in [301, 302, 307, 308, 401, 403, 404, 410] {
            assert!(matches!(status(code), Err(Failure::Away(_))), "{code}");
        }
        for code in [400, 413, 415, 422] {
            assert!(matches!(status(code), Err(Failure::ForGood(_))), "{code}");
        }
        for code in [408, 429, 500, 502, 503] {
            assert!(matches!(status(code), Err(Failure::ForNow(_))), "{code}");
        }
    }

    #[test]
    fn addresses_without_tls_are_refused_beyond_this_machine_and_so_are_passwords_in_them() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), new_key().as_bytes()).unwrap();
        let made = |address: &str| {
            let (address, key_file) = (address.to_owned(), Some(file.path().to_owned()));
            Gateway::new(&WebhookSettings { address, key_file, authorities: None })
        };
        assert!(made("http://127.0.0.1:9/x").is_ok() && made("http://[::1]:9").is_ok());
        assert!(matches!(made("http://10.0.0.1/x"), Err(WaysError::Clear { .. })));
        for bad in ["", "x", "ftp://a.vn", "https://u:p@a.vn/x", "https://a.vn/#x", "https:///x"] {
            assert!(matches!(made(bad), Err(WaysError::Address { .. })), "{bad}");
        }
    }
}
