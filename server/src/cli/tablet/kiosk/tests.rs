//! The kiosk's gate and its calls, with a tablet that is not enrolled behind them.

use super::*;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use client_ffi::store::FileStore;
use client_ffi::{Tablet, TabletError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path as File;
use tower::ServiceExt;

const PORT: u16 = 4711;
const HERE: (&str, &str) = ("host", "127.0.0.1:4711");
const OWN: (&str, &str) = ("origin", "http://127.0.0.1:4711");
const JSON: (&str, &str) = ("content-type", "application/json");
const OVERVIEW: &str = "/kiosk/call/overview";
const CAST: &str = "/kiosk/call/cast";

struct Hall {
    folder: tempfile::TempDir,
    gate: Gate,
    router: Router,
    desk: Arc<Desk>,
}

impl Hall {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(folder.path()).map_err(TabletError::from).unwrap();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let desk = Desk::new(folder.path().to_owned(), listen, Tablet::open(store).unwrap()).unwrap();
        let gate = Gate::new(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)));
        Self { folder, router: router(Arc::clone(&desk), gate.clone()), gate, desk }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.ask(Method::GET, path, headers, "").await
    }

    fn path_of_link(&self) -> String {
        self.gate.link().strip_prefix("http://127.0.0.1:4711").unwrap().to_owned()
    }

    /// Opens the link and gives the cookie.
    async fn open(&self) -> String {
        let answer = self.get(&self.path_of_link(), &[HERE]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()[header::LOCATION], "/kiosk/");
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Calls as our own page does.
    async fn call(&self, cookie: &str, path: &str, body: &str) -> (StatusCode, Value) {
        told(self.ask(Method::POST, path, &[HERE, OWN, JSON, ("cookie", cookie)], body).await).await
    }

    /// What lies in the folder.
    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir::<&File>(self.folder.path()).unwrap();
        let file = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.unwrap().path();
            (path.display().to_string(), std::fs::read(path).unwrap())
        };
        entries.map(file).collect()
    }
}

async fn told(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn text(answer: Response) -> String {
    String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_link_opens_the_page_once_and_the_next_one_ends_what_it_opened() {
    let hall = Hall::new();
    let path = hall.path_of_link();
    assert_eq!(hall.get("/open/0123", &[HERE]).await.status(), StatusCode::FORBIDDEN);
    let cookie = hall.open().await;
    assert_eq!(hall.call(&cookie, OVERVIEW, "[]").await.0, StatusCode::OK);
    let spent = hall.get(&path, &[HERE]).await;
    assert_eq!(spent.status(), StatusCode::FORBIDDEN);
    assert!(text(spent).await.contains("this link was used"));
    let later = hall.open().await;
    assert_ne!(later, cookie);
    assert_eq!(hall.call(&later, OVERVIEW, "[]").await.0, StatusCode::OK);
    let (status, problem) = hall.call(&cookie, OVERVIEW, "[]").await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("not_opened")));
}

#[tokio::test]
async fn nothing_is_shown_or_done_without_the_cookie() {
    let hall = Hall::new();
    let nobody = hall.call("", OVERVIEW, "[]").await;
    assert_eq!(nobody.0, StatusCode::FORBIDDEN, "before any link was opened");
    hall.open().await;
    for cookie in ["", "homphieu_kiosk=", "homphieu_kiosk=00000000000000000000000000000000", "other=1"] {
        let page = hall.get("/kiosk/", &[HERE, ("cookie", cookie)]).await;
        assert_eq!(page.status(), StatusCode::FORBIDDEN, "{cookie}");
        assert!(text(page).await.contains("tablet kiosk"), "a person is told what to do");
        for path in [OVERVIEW, CAST, "/kiosk/call/sync", "/kiosk/call/openSession", "/kiosk/call/none"] {
            let (status, problem) = hall.call(cookie, path, "[]").await;
            assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("not_opened")), "{path}");
            assert!(problem["text"]["vi"].is_string() && problem["text"]["en"].is_string(), "{problem}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_site_and_a_name_that_was_made_to_point_here_are_refused() {
    let hall = Hall::new();
    let cookie = hall.open().await;
    let known = ("cookie", cookie.as_str());
    let before = hall.stored();
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:4711.evil.example", ""] {
        for path in ["/kiosk/", "/", "/tablet/icon.svg", "/open/0123"] {
            let asked = hall.get(path, &[("host", host), known]).await;
            assert_eq!(asked.status(), StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
        }
        let headers = [("host", host), OWN, JSON, known];
        let (status, problem) = told(hall.ask(Method::POST, OVERVIEW, &headers, "[]").await).await;
        assert_eq!((status, &problem["code"]), (StatusCode::MISDIRECTED_REQUEST, &json!("other_host")));
    }
    for origin in ["http://evil.example", "https://127.0.0.1:4711", "http://127.0.0.1:4712", "null", ""] {
        let headers = [HERE, JSON, known, ("origin", origin)];
        let (status, problem) = told(hall.ask(Method::POST, OVERVIEW, &headers, "[]").await).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("other_page")), "{origin}");
    }
    let silent = hall.ask(Method::POST, OVERVIEW, &[HERE, JSON, known], "[]").await;
    assert_eq!(told(silent).await.0, StatusCode::FORBIDDEN, "a call names its origin");
    let crossing = [HERE, OWN, JSON, known, ("sec-fetch-site", "cross-site")];
    assert_eq!(told(hall.ask(Method::POST, OVERVIEW, &crossing, "[]").await).await.0, StatusCode::FORBIDDEN);
    assert_eq!(hall.get("/kiosk/", &[HERE, known, crossing[4]]).await.status(), StatusCode::FORBIDDEN);
    let own = [("host", "localhost:4711"), known, JSON, ("origin", "http://localhost:4711")];
    let (status, overview) = told(hall.ask(Method::POST, OVERVIEW, &own, "[]").await).await;
    assert_eq!((status, &overview["next"]["code"]), (StatusCode::OK, &json!("enrol")));
    assert_eq!(hall.stored(), before, "nothing was changed");
}

#[tokio::test]
async fn hostile_calls_are_refused_in_a_typed_way_say_nothing_back_and_change_nothing() {
    let hall = Hall::new();
    let cookie = hall.open().await;
    let before = hall.stored();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let (bad, wrong) = (StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY);
    for (call, body, status, code) in [
        ("cast", "", bad, "malformed_call"),
        ("cast", "[", bad, "malformed_call"),
        ("cast", deep.as_str(), bad, "malformed_call"),
        ("cast", "{\"unit\":\"A\"}", bad, "malformed_call"),
        ("cast", "[\"A\",\"7KQW-3M9T-ABCD-EFGH\"]", bad, "malformed_call"),
        ("cast", "[\"A\",\"7KQW-3M9T-ABCD-EFGH\",[1e9]]", bad, "malformed_call"),
        ("cast", "[\"A\",\"7KQW-3M9T-ABCD-EFGH\",[0],1]", bad, "malformed_call"),
        ("cast", "[\"A\",\"7KQW\",[0]]", wrong, "slip_length"),
        ("cast", "[\"../identity\",\"7KQW-3M9T-ABCD-EFGH\",[0]]", wrong, "slip_check"),
        ("close", "[\"../identity\"]", wrong, "unit_code"),
        ("castAttended", "[\"A\",[0]]", StatusCode::CONFLICT, "not_enrolled"),
        ("importParcel", "[\"7KQW!\"]", bad, "malformed_call"),
        ("importParcel", "[\"AAAA\"]", wrong, "parcel_none"),
        ("enrol", "[7]", bad, "malformed_call"),
        ("enrol", "[\"7KQW\"]", wrong, "token"),
        ("joinSession", "[\"7KQW\"]", wrong, "no_invitation"),
        ("openSession", "[\"0.0.0.0:80\"]", bad, "malformed_call"),
        ("openSession", "[]", StatusCode::CONFLICT, "not_enrolled"),
        ("sync", "[]", StatusCode::CONFLICT, "not_enrolled"),
        ("sync", "{}", bad, "malformed_call"),
        ("answer", "[]", StatusCode::NOT_FOUND, "unknown_call"),
        ("CAST", "[]", StatusCode::NOT_FOUND, "unknown_call"),
        ("..%2f..%2fetc%2fpasswd", "[]", StatusCode::NOT_FOUND, "unknown_call"),
    ] {
        let (got, problem) = hall.call(&cookie, &format!("{CALLS}{call}"), body).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{call} {body:.80}");
        assert!(!problem.to_string().contains("7KQW"), "what was given is not said back: {problem}");
    }
    let plain = [HERE, OWN, ("content-type", "text/plain"), ("cookie", cookie.as_str())];
    let (status, _) = told(hall.ask(Method::POST, OVERVIEW, &plain, "[]").await).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "what a form of another site may send");
    assert_eq!(hall.stored(), before, "nothing was changed");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_read() {
    let hall = Hall::new();
    let cookie = hall.open().await;
    let long = format!("[\"{}\"]", "A".repeat(BODY_MAX));
    let (status, problem) = hall.call(&cookie, "/kiosk/call/checkSlip", &long).await;
    assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("malformed_call")));
    let (status, problem) = hall.call(&cookie, "/kiosk/call/importParcel", &long).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a parcel may be longer: {problem}");
    let long = format!("[\"{}\"]", "A".repeat(PARCEL_BODY_MAX));
    let (status, problem) = hall.call(&cookie, "/kiosk/call/importParcel", &long).await;
    assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("parcel_too_long")));
    assert!(problem["text"]["en"].as_str().unwrap().contains("tablet import"), "{problem}");
}

#[tokio::test]
async fn the_page_is_the_one_of_a_centre_without_its_service_worker() {
    let hall = Hall::new();
    let cookie = hall.open().await;
    let known = ("cookie", cookie.as_str());
    for elsewhere in ["/", "/tablet/", "/tablet/index.html"] {
        assert_eq!(hall.get(elsewhere, &[HERE]).await.headers()[header::LOCATION], "/kiosk/", "{elsewhere}");
    }
    assert_eq!(hall.get("/tablet/sw.js", &[HERE, known]).await.status(), StatusCode::NOT_FOUND);
    let page = hall.get("/kiosk/", &[HERE, known]).await;
    if page.status() == StatusCode::NOT_FOUND {
        assert!(text(page).await.contains("web_not_built"), "where the pages were not built that is said");
        return;
    }
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(text(page).await.contains("<!doctype html>"));
}

#[tokio::test]
async fn whoever_waits_for_the_tablet_gets_it_between_two_calls() {
    let hall = Hall::new();
    let cookie = hall.open().await;
    assert_eq!(hall.call(&cookie, OVERVIEW, "[]").await.0, StatusCode::OK);
    assert!(FileStore::open(hall.folder.path()).is_err(), "the kiosk has the tablet");
    let patience = Duration::from_mins(5);
    let store = FileStore::open_patiently(hall.folder.path(), patience, || ());
    let store = store.expect("the kiosk makes way though nobody calls it");
    // A call waits for whoever has it, and works on what is there then.
    let desk = Arc::clone(&hall.desk);
    let waiting = std::thread::spawn(move || calls::answer(&desk, "overview", json!([])));
    while !FileStore::is_wanted(hall.folder.path()) {
        std::thread::yield_now();
    }
    drop(store);
    assert!(waiting.join().unwrap().is_ok());
}
