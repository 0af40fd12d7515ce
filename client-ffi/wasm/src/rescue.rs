//! Saving what a database holds whose tablet lost its key, for the office.

use client_ffi::orphan;
use client_ffi::store::JournalStore;
use homphieu_page::Problem;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;

/// What was saved.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescue {
    /// A parcel for the office.
    #[wasm_bindgen(readonly)]
    pub parcel: Vec<u8>,
    /// Sealed envelopes in it.
    #[wasm_bindgen(readonly)]
    pub envelopes: usize,
    /// Ballots from boxes in it, which nobody signed for.
    #[wasm_bindgen(readonly)]
    pub ballots: usize,
    /// Names of values that could not be read.
    #[wasm_bindgen(readonly)]
    pub lost: Vec<String>,
}

/// Saves everything of a store whose device key is gone; nothing of it is changed. Its values are given as to
/// [`crate::Tablet::open`]; `story` says what happened, in one line, for those who decide.
///
/// # Errors
/// [`Problem`] if the tablet can sign, if not even its round is readable, or without a story.
#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "values cross the boundary")]
pub fn rescue(
    #[wasm_bindgen(unchecked_param_type = "[string, Uint8Array][]")] kept: Vec<Array>,
    story: String,
) -> Result<Rescue, Problem> {
    let value = |pair: Array| {
        let name = pair.get(0).as_string().unwrap_or_default();
        (name, Uint8Array::new(&pair.get(1)).to_vec())
    };
    let store = JournalStore::open(kept.into_iter().map(value))?;
    let saved = orphan::export(&store, &story)?;
    Ok(Rescue { parcel: saved.parcel, envelopes: saved.envelopes, ballots: saved.ballots, lost: saved.lost })
}
