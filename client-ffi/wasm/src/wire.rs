//! Values as JavaScript's own.

use homphieu_page::{Problem, Wire};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tsify::serde_wasm_bindgen::{Serializer, from_value};
use tsify::{Ts, Tsify};
use wasm_bindgen::JsValue;

/// JavaScript values; what is missing is `null`.
pub(crate) struct Js;

impl Wire for Js {
    type Given = JsValue;
    type Answer = JsValue;

    fn read<T: DeserializeOwned>(given: JsValue) -> Result<T, Problem> {
        from_value(given).map_err(|_| Problem::malformed_call())
    }

    fn write<T: Serialize>(answer: &T) -> Result<JsValue, Problem> {
        let writer = Serializer::new().serialize_missing_as_null(true);
        answer.serialize(&writer).map_err(|_| Problem::fault())
    }
}

/// A value as the page sees it.
pub(crate) fn shown<T: Tsify + Serialize>(value: &T) -> Result<Ts<T>, Problem> {
    value.into_ts().map_err(|_| Problem::fault())
}
