//! The kiosk's gate, with a tablet that is not enrolled behind it.

use super::*;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use client_ffi::store::FileStore;
use client_ffi::{Tablet, TabletError};
use tower::ServiceExt;

const PORT: u16 = 4711;

struct Hall {
    _folder: tempfile::TempDir,
    gate: Gate,
    router: Router,
}

impl Hall {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(folder.path()).map_err(TabletError::from).unwrap();
        let tablet = Arc::new(Mutex::new(Tablet::open(store).unwrap()));
        let gate = Gate::new(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)));
        Self { _folder: folder, router: router(tablet, gate.clone()), gate }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
    }

    /// Opens the link and gives the cookie.
    async fn open(&self) -> String {
        let link = self.gate.link();
        let path = link.strip_prefix("http://127.0.0.1:4711").unwrap().to_owned();
        let answer = self.ask(Method::GET, &path, &[("host", "127.0.0.1:4711")], "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn the_link_opens_the_page_once_and_for_one_browser() {
    let hall = Hall::new();
    let link = hall.gate.link();
    let path = link.strip_prefix("http://127.0.0.1:4711").unwrap().to_owned();
    let here = ("host", "127.0.0.1:4711");
    let wrong = hall.ask(Method::GET, "/open/0123", &[here], "").await;
    assert_eq!(wrong.status(), StatusCode::FORBIDDEN);
    let cookie = hall.open().await;
    assert_eq!(hall.ask(Method::GET, &path, &[here], "").await.status(), StatusCode::FORBIDDEN);
    let page = hall.ask(Method::GET, "/", &[here, ("cookie", &cookie)], "").await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
    let text = to_bytes(page.into_body(), 1 << 20).await.unwrap();
    assert!(String::from_utf8_lossy(&text).contains("<!doctype html>"));
}

#[tokio::test]
async fn nothing_is_shown_or_done_without_the_cookie() {
    let hall = Hall::new();
    let here = ("host", "127.0.0.1:4711");
    let own = ("origin", "http://127.0.0.1:4711");
    for cookie in ["", "homphieu_kiosk=", "homphieu_kiosk=00000000000000000000000000000000", "other=1"] {
        let asked = hall.ask(Method::GET, "/", &[here, ("cookie", cookie)], "").await;
        assert_eq!(asked.status(), StatusCode::FORBIDDEN, "{cookie}");
        let cast =
            hall.ask(Method::POST, "/api/v1/tablet/cast", &[here, own, ("cookie", cookie)], "{}").await;
        assert_eq!(cast.status(), StatusCode::FORBIDDEN, "{cookie}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_and_a_name_that_was_made_to_point_here_are_refused() {
    let hall = Hall::new();
    let cookie = hall.open().await;
    let known = ("cookie", cookie.as_str());
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:4711.evil.example", ""] {
        let asked = hall.ask(Method::GET, "/", &[("host", host), known], "").await;
        assert_eq!(asked.status(), StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    let here = ("host", "localhost:4711");
    let json = ("content-type", "application/json");
    let body = "{\"unit\":\"A\"}";
    for origin in ["http://evil.example", "https://127.0.0.1:4711", "http://127.0.0.1:4712", "null"] {
        let headers = [here, known, json, ("origin", origin)];
        let asked = hall.ask(Method::POST, "/api/v1/tablet/close", &headers, body).await;
        assert_eq!(asked.status(), StatusCode::FORBIDDEN, "{origin}");
    }
    let asked = hall.ask(Method::POST, "/api/v1/tablet/close", &[here, known, json], body).await;
    assert_eq!(asked.status(), StatusCode::FORBIDDEN, "what changes something names its origin");
    let crossing = [here, known, ("sec-fetch-site", "cross-site")];
    assert_eq!(hall.ask(Method::GET, "/", &crossing, "").await.status(), StatusCode::FORBIDDEN);
    let own = [here, known, json, ("origin", "http://localhost:4711"), ("sec-fetch-site", "same-origin")];
    let asked = hall.ask(Method::POST, "/api/v1/tablet/close", &own, body).await;
    assert_eq!(
        asked.status(),
        StatusCode::CONFLICT,
        "our own page gets as far as the tablet, which is not enrolled"
    );
}

#[tokio::test]
async fn a_ballot_that_is_none_is_refused_and_says_nothing_of_the_code() {
    let hall = Hall::new();
    let cookie = hall.open().await;
    let headers = [
        ("host", "localhost:4711"),
        ("cookie", cookie.as_str()),
        ("origin", "http://localhost:4711"),
        ("content-type", "application/json"),
    ];
    for (body, status) in [
        ("{\"unit\":\"A\",\"code\":\"ABCD-EFGH-JKMN-PQRS\",\"marks\":[0]}", StatusCode::UNPROCESSABLE_ENTITY),
        ("{\"unit\":\"A\",\"code\":\"ABCD\",\"marks\":[1]}", StatusCode::UNPROCESSABLE_ENTITY),
        ("{\"unit\":\"../\",\"code\":null,\"marks\":[1]}", StatusCode::UNPROCESSABLE_ENTITY),
        ("{\"unit\":\"A\",\"code\":null,\"marks\":[1,null]}", StatusCode::CONFLICT),
    ] {
        let answer = hall.ask(Method::POST, "/api/v1/tablet/cast", &headers, body).await;
        assert_eq!(answer.status(), status, "{body}");
        let text = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("ABCD"), "the code is not said back");
    }
    let long = format!("{{\"unit\":\"{}\"}}", "A".repeat(BODY_MAX));
    let answer = hall.ask(Method::POST, "/api/v1/tablet/cast", &headers, &long).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
