//! Who may talk to the kiosk: the one browser that opened its link, and no page of another site in it.
//!
//! The page is served to this machine alone, but every program and every website open on the machine can reach a port
//! on it. So a request must name this very address as its host (else a name of somebody else that was made to point here
//! would do), carry the cookie that the one-time link gave, and, if it changes anything, come from our own page.
//! A link works once. The next one is shown when it was used: opening that ends what the last one opened.

use super::PAGE;
use crate::cli::lang::language;
use crate::cli::lang::tablet::refusal;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use client_ffi::Case;
use cookie::{Cookie, SameSite};
use homphieu_page::Problem;
use rand_core::Rng;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use subtle::ConstantTimeEq;

const COOKIE: &str = "homphieu_kiosk";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

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
    doors: Arc<Mutex<Doors>>,
}

struct Doors {
    /// What the next link has.
    link: Secret,
    /// Of the browser that opened the last one.
    session: Option<Secret>,
}

impl Gate {
    pub fn new(address: SocketAddr) -> Self {
        let port = address.port();
        Self {
            hosts: Arc::new([format!("127.0.0.1:{port}"), format!("localhost:{port}")]),
            doors: Arc::new(Mutex::new(Doors { link: Secret::draw(), session: None })),
        }
    }

    /// The link that opens the page, once.
    pub fn link(&self) -> String {
        format!("http://{}/open/{}", self.hosts[0], self.doors().link.0)
    }

    /// Spends the link: the answer carries the cookie, and leads to the page, so that the link stays in no history.
    pub fn open(&self, secret: &str) -> Response {
        let mut doors = self.doors();
        if !doors.link.is(secret) {
            return refuse_page(StatusCode::FORBIDDEN, Refusal::Spent);
        }
        doors.link = Secret::draw();
        let session = doors.session.insert(Secret::draw());
        let cookie = Cookie::build((COOKIE, session.0.clone())).http_only(true);
        let cookie = cookie.same_site(SameSite::Strict).path("/").build().to_string();
        let headers = [
            (header::SET_COOKIE, cookie),
            (header::LOCATION, PAGE.to_owned()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (header::REFERRER_POLICY, "no-referrer".to_owned()),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }

    fn doors(&self) -> MutexGuard<'_, Doors> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
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
        let doors = self.doors();
        let Some(session) = &doors.session else { return false };
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        lines
            .flat_map(Cookie::split_parse)
            .flatten()
            .any(|cookie| cookie.name() == COOKIE && session.is(cookie.value()))
    }
}

/// Stands before the page and its calls.
pub(super) async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if !gate.knows(request.headers()) {
        return refuse(&request, StatusCode::FORBIDDEN, Refusal::NotOpened);
    }
    next.run(request).await
}

/// Stands before everything.
pub(super) async fn at_home(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if !gate.is_here(request.headers()) {
        return refuse(&request, StatusCode::MISDIRECTED_REQUEST, Refusal::OtherHost);
    }
    if !gate.is_own(request.method(), request.headers()) {
        return refuse(&request, StatusCode::FORBIDDEN, Refusal::OtherPage);
    }
    let mut answer = next.run(request).await;
    let own = HeaderValue::from_static("same-origin");
    answer.headers_mut().insert(RESOURCE_POLICY, own);
    answer
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(in crate::cli) enum Refusal {
    /// The link was used.
    #[error("this link was used: the next one stands where `tablet kiosk` runs")]
    Spent,
    /// Nobody opened a link here, or somebody else opened a later one.
    #[error(
        "this page was not opened by the link, or by an older one: open the link that `tablet kiosk` shows"
    )]
    NotOpened,
    /// Another name was made to point here.
    #[error("this page is served on this machine alone")]
    OtherHost,
    /// Another site's page sent it.
    #[error("this request does not come from the tablet's own page")]
    OtherPage,
}

impl Refusal {
    fn code(self) -> &'static str {
        match self {
            Self::Spent => "link_spent",
            Self::NotOpened => "not_opened",
            Self::OtherHost => "other_host",
            Self::OtherPage => "other_page",
        }
    }
}

/// A call is told in a way that the page understands, a person in words.
fn refuse(request: &Request, status: StatusCode, why: Refusal) -> Response {
    if request.uri().path().starts_with(super::CALLS) {
        let problem = Problem::new(Case::Restart, why.code(), |language| refusal(language, why));
        return super::refused(status, &problem);
    }
    refuse_page(status, why)
}

fn refuse_page(status: StatusCode, why: Refusal) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, refusal(language(), why)).into_response()
}
