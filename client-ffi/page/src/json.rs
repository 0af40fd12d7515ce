//! Values as JSON, for the kiosk.

use crate::{Problem, Wire};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::ser::Formatter;
use serde_json::{Serializer, Value};
use std::io;

/// JSON; bytes that are answered stand in it as `{"base64": "…"}`, so that the page knows them.
pub struct Json;

impl Wire for Json {
    type Given = Value;
    type Answer = Vec<u8>;

    fn read<T: DeserializeOwned>(given: Value) -> Result<T, Problem> {
        serde_json::from_value(given).map_err(|_| Problem::malformed_call())
    }

    fn write<T: Serialize>(answer: &T) -> Result<Vec<u8>, Problem> {
        let mut json = Vec::new();
        let written = answer.serialize(&mut Serializer::with_formatter(&mut json, Tagged));
        written.map(|()| json).map_err(|_| Problem::fault())
    }
}

struct Tagged;

impl Formatter for Tagged {
    fn write_byte_array<W: ?Sized + io::Write>(&mut self, writer: &mut W, bytes: &[u8]) -> io::Result<()> {
        write!(writer, r#"{{"base64":"{}"}}"#, STANDARD.encode(bytes))
    }
}
