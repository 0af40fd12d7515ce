//! Who may talk to the kiosk: the one browser that opened its link, and no page of another site in it.
//!
//! The page is served to this machine alone, but every program and every website open on the machine can reach a port
//! on it. So a request must name this very address as its host (else a name of somebody else that was made to point here
//! would do), carry the cookie that the one-time link gave, and, if it changes anything, come from our own page.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cookie::{Cookie, SameSite};
use rand_core::Rng;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq;

const COOKIE: &str = "homphieu_kiosk";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// 128 random bits, as text.
#[derive(Clone)]
struct Secret(String);

impl Secret {
    fn draw() -> Self {
        let mut bytes = [0; 16];
        rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut bytes);
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// What the gate knows.
#[derive(Clone)]
pub(super) struct Gate {
    hosts: Arc<[String; 2]>,
    /// Until somebody opened the link.
    link: Arc<Mutex<Option<Secret>>>,
    session: Secret,
}

impl Gate {
    pub fn new(address: SocketAddr) -> Self {
        let port = address.port();
        Self {
            hosts: Arc::new([format!("127.0.0.1:{port}"), format!("localhost:{port}")]),
            link: Arc::new(Mutex::new(Some(Secret::draw()))),
            session: Secret::draw(),
        }
    }

    /// The link that opens the page, once.
    pub fn link(&self) -> String {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = link.as_ref().map(|secret| secret.0.as_str()).unwrap_or_default();
        format!("http://{}/open/{secret}", self.hosts[0])
    }

    /// Spends the link: the answer carries the cookie, and leads to the page, so that the link stays in no history.
    pub fn open(&self, secret: &str) -> Response {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if !link.as_ref().is_some_and(|link| link.is(secret)) {
            return refuse(StatusCode::FORBIDDEN, &tr!("kiosk-spent"));
        }
        *link = None;
        let cookie = Cookie::build((COOKIE, self.session.0.clone())).http_only(true);
        let cookie = cookie.same_site(SameSite::Strict).path("/").build().to_string();
        let headers = [(header::SET_COOKIE, cookie), (header::LOCATION, "/".to_owned())];
        (StatusCode::SEE_OTHER, headers).into_response()
    }

    fn is_here(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| self.hosts.iter().any(|own| own == host))
    }

    /// Whether a page of ours sent it. Browsers name the origin with everything that may change something.
    fn is_own(&self, method: &Method, headers: &HeaderMap) -> bool {
        let site = headers.get(FETCH_SITE).and_then(|site| site.to_str().ok());
        if site.is_some_and(|site| site != "same-origin" && site != "none") {
            return false;
        }
        let own = |origin: &str| self.hosts.iter().any(|host| origin.strip_prefix("http://") == Some(host));
        match headers.get(header::ORIGIN) {
            Some(origin) => origin.to_str().is_ok_and(own),
            None => method.is_safe(),
        }
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        lines
            .flat_map(Cookie::split_parse)
            .flatten()
            .any(|cookie| cookie.name() == COOKIE && self.session.is(cookie.value()))
    }
}

/// Stands before every route but the one-time link and the style sheet.
pub(super) async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if !gate.knows(request.headers()) {
        return refuse(StatusCode::FORBIDDEN, &tr!("kiosk-not-opened"));
    }
    next.run(request).await
}

/// Stands before everything.
pub(super) async fn at_home(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if !gate.is_here(request.headers()) {
        return refuse(StatusCode::MISDIRECTED_REQUEST, &tr!("kiosk-other-host"));
    }
    if !gate.is_own(request.method(), request.headers()) {
        return refuse(StatusCode::FORBIDDEN, &tr!("kiosk-other-page"));
    }
    let mut answer = next.run(request).await;
    for (name, value) in super::page::HEADERS {
        answer.headers_mut().insert(HeaderName::from_static(name), header::HeaderValue::from_static(value));
    }
    answer
}

fn refuse(status: StatusCode, words: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], words.to_owned()).into_response()
}
