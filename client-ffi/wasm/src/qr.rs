//! QR series: shown by a screen, read by a camera.

use crate::problem::Problem;
use client_ffi::qr::{Decoder, Encoder, Received};
use wasm_bindgen::prelude::wasm_bindgen;

/// A series of codes without end: show some five a second.
#[wasm_bindgen]
pub struct QrSeries {
    frames: Encoder,
}

#[wasm_bindgen]
impl QrSeries {
    /// A series of these bytes, 1 to 256 KiB.
    ///
    /// # Errors
    /// [`Problem`].
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8]) -> Result<Self, Problem> {
        Ok(Self { frames: Encoder::new(bytes)? })
    }

    /// The next code as an SVG picture, dark on light, with its margin.
    #[wasm_bindgen(js_name = nextSvg)]
    pub fn next_svg(&mut self) -> String {
        self.frames.next().map(|frame| frame.svg()).unwrap_or_default()
    }

    /// How many codes the other side needs, about.
    pub fn needed(&self) -> usize {
        self.frames.fragments()
    }
}

/// Puts a series together from what a camera reads, in any order.
#[wasm_bindgen]
#[derive(Default)]
pub struct QrReader {
    decoder: Decoder,
}

#[wasm_bindgen]
impl QrReader {
    /// One that has seen nothing.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the text of a code; `true` when everything is here.
    ///
    /// # Errors
    /// [`Problem`]: go on with the next code.
    pub fn receive(&mut self, text: &str) -> Result<bool, Problem> {
        Ok(self.decoder.receive(text)? == Received::Complete)
    }

    /// How far it is, 0 to 100; 100 only when everything is here.
    pub fn percent(&self) -> u8 {
        self.decoder.progress().percent()
    }

    /// The bytes, once everything is here.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        self.decoder.bytes().map(<[u8]>::to_vec)
    }

    /// Drops what was read.
    #[wasm_bindgen(js_name = startOver)]
    pub fn start_over(&mut self) {
        self.decoder.start_over();
    }
}
