//! ETags: who has an answer already is told so instead of getting it again.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Longest answer that gets a tag; a longer one, such as a bundle, is rarely asked for twice.
const TAGGED_MAX: usize = 4 * 1024 * 1024;

/// Tags answers to reads by their content. They are personal: no cache on the way keeps them, and a browser asks again
/// each time.
pub(super) async fn tag(request: Request, next: Next) -> Response {
    let read = request.method() == Method::GET;
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut response = next.run(request).await;
    if !response.headers().contains_key(CACHE_CONTROL) {
        let value = if read { "private, no-cache" } else { "no-store" };
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(value));
    }
    let length = http_body::Body::size_hint(response.body()).exact();
    let short = length.is_some_and(|length| length <= TAGGED_MAX as u64);
    if !read || response.status() != StatusCode::OK || response.headers().contains_key(ETAG) || !short {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, TAGGED_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let hash: String = Sha256::digest(&bytes).iter().take(16).map(|b| format!("{b:02x}")).collect();
    let tag = format!("\"{hash}\"");
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(ETAG, value);
    }
    if known.is_some_and(|known| matches(&known, &tag)) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Whether one of the tags in a header is this one (RFC 9110, 13.1.2: weak comparison).
fn matches(header: &str, tag: &str) -> bool {
    header.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_others_weak_or_strong() {
        let tag = "\"ab\"";
        for known in ["\"ab\"", "W/\"ab\"", "\"x\", \"ab\"", "*"] {
            assert!(matches(known, tag), "{known}");
        }
        for other in ["", "ab", "\"abc\"", "W/\"a\""] {
            assert!(!matches(other, tag), "{other}");
        }
    }
}
