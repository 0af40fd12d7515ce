//! The pages: what `cargo xtask web` built, as part of the program. They need nothing from anywhere else, and may not.

use crate::error::AppError;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::Embed;
use std::borrow::Cow;

/// What was built, by its path below the root.
#[derive(Embed)]
#[folder = "web/dist"]
struct Built;

/// Own code alone, none of it in the page itself; WebAssembly is code. Nothing is sent anywhere but here, and nobody shows
/// the page in theirs.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: \
                      blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri \
                      'none'; form-action 'none'; frame-ancestors 'none'";

const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What was compressed beside each file: name of the coding, and how the copy's name ends. The smallest first; every browser
/// that opens the pages takes it, others take the second one.
const CODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// For a unit's team, for the office, and for those who hold the keys or check.
const PAGES: [&str; 3] = ["tablet", "console", "trustees"];

/// Where an official types the code of a letter. The letter has a short address for it, and never the code.
const LETTER: &str = "/console/#/letter";

/// Where pages and what they consist of are served.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let letter = || async { Redirect::to(LETTER) };
    let root = Router::new().route("/", get(|| async { Redirect::to("/tablet/") }));
    let root = root.route("/n", get(letter)).route("/n/", get(letter));
    PAGES.into_iter().fold(root, |router, name| router.merge(of_page(name)))
}

/// Where one page and what it consists of is served: below its name.
fn of_page<S: Clone + Send + Sync + 'static>(name: &'static str) -> Router<S> {
    let index = move |headers: HeaderMap| async move { page(&format!("{name}/index.html"), &headers) };
    let part = move |Path(path): Path<String>, headers: HeaderMap| async move {
        part(&format!("{name}/{path}"), &headers)
    };
    Router::new()
        .route(&format!("/{name}"), get(move || async move { Redirect::permanent(&format!("/{name}/")) }))
        .route(&format!("/{name}/"), get(index))
        .route(&format!("/{name}/{{*path}}"), get(part))
}

/// The page for tablets.
pub(crate) async fn tablet(headers: HeaderMap) -> Result<Response, AppError> {
    page("tablet/index.html", &headers)
}

/// What it consists of.
pub(crate) async fn part_of_tablet(
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    part(&format!("tablet/{path}"), &headers)
}

fn part(path: &str, headers: &HeaderMap) -> Result<Response, AppError> {
    // The name of an asset changes with its content, so whoever has it need never ask again.
    let asset = path.split('/').nth(1) == Some("assets");
    let cache = if asset { "public, max-age=31536000, immutable" } else { "no-cache" };
    file(path, cache, headers)
}

fn page(path: &str, headers: &HeaderMap) -> Result<Response, AppError> {
    if Built::get(path).is_none() {
        return Err(AppError::Refused {
            status: 404,
            code: "web_not_built",
            detail: "the pages are not in this program: run `cargo xtask web`, then build it again"
                .to_owned(),
        });
    }
    file(path, "no-cache", headers)
}

fn file(path: &str, cache: &'static str, headers: &HeaderMap) -> Result<Response, AppError> {
    let absent = || AppError::Refused {
        status: 404,
        code: "not_found",
        detail: "there is no such part of the pages".to_owned(),
    };
    let kind = kind(path).ok_or_else(absent)?;
    let plain = Built::get(path).ok_or_else(absent)?;
    let small = CODINGS
        .iter()
        .filter(|(coding, _)| takes(headers, coding))
        .find_map(|(coding, end)| Some((*coding, Built::get(&format!("{path}.{end}"))?)));
    let body = |bytes: Cow<'static, [u8]>| match bytes {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    let parts = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, cache),
        (VARY, "accept-encoding"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (PERMISSIONS, "camera=(self), fullscreen=(self), geolocation=(), microphone=()"),
        (OPENER, "same-origin"),
    ];
    Ok(match small {
        Some((coding, small)) => (parts, [(CONTENT_ENCODING, coding)], body(small.data)).into_response(),
        None => (StatusCode::OK, parts, body(plain.data)).into_response(),
    })
}

/// What is known of a file by the end of its name; anything else is not served.
fn kind(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

/// Whether a header names a coding and does not rule it out (RFC 9110, 12.5.3).
fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let named = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    named.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let this = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        this && !parts.any(|weight| weight.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_copy_is_sent_to_whoever_takes_its_coding_alone() {
        let taken = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            CODINGS.map(|(coding, _)| takes(&headers, coding))
        };
        for (value, expected) in [
            ("gzip, deflate, br, zstd", [true, true]),
            ("br", [true, false]),
            ("gzip", [false, true]),
            ("br;q=0, GZIP;q=0.5", [false, true]),
            ("deflate,gzip ; q=1", [false, true]),
            ("", [false, false]),
            ("gzip;q=0, BR;q=0.000", [false, false]),
            ("xgzip, brotli, *", [false, false]),
        ] {
            assert_eq!(taken(value), expected, "{value}");
        }
        assert!(!takes(&HeaderMap::new(), "br"));
    }

    #[test]
    fn what_no_page_consists_of_is_not_served() {
        for path in ["tablet/index.html.gz", "tablet/assets/a.map", "x", "tablet/../web.rs"] {
            assert!(file(path, "no-cache", &HeaderMap::new()).is_err(), "{path}");
        }
    }
}
