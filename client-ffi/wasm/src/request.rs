//! What the page sends to the centre.

use wasm_bindgen::prelude::wasm_bindgen;

/// A request to the centre. It may leave when what is pending is durable.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Path with its query.
    #[wasm_bindgen(readonly)]
    pub path: String,
    /// The body.
    #[wasm_bindgen(readonly)]
    pub body: Vec<u8>,
}

impl From<client_ffi::Post> for Request {
    fn from(post: client_ffi::Post) -> Self {
        Self { path: post.path, body: post.body }
    }
}
