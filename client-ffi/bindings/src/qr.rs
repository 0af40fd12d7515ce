//! QR series, for apps that draw and scan codes themselves.

use crate::problem::Problem;
use client_ffi::qr::{Decoder, Encoder};
use std::sync::{Arc, Mutex, PoisonError};

/// One code to show.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct QrFrame {
    /// Text of the code: capital letters, digits and a few signs.
    pub text: String,
    /// The code as an SVG picture, dark on light, with its margin.
    pub svg: String,
}

/// A series of codes without end: show some five a second.
#[derive(uniffi::Object)]
pub struct QrSeries {
    frames: Mutex<Encoder>,
}

#[uniffi::export]
impl QrSeries {
    /// A series of these bytes, 1 to 256 KiB.
    ///
    /// # Errors
    /// [`Problem::WrongInput`].
    #[uniffi::constructor]
    #[expect(clippy::needless_pass_by_value, reason = "values cross the boundary")]
    pub fn new(bytes: Vec<u8>) -> Result<Arc<Self>, Problem> {
        Ok(Arc::new(Self { frames: Mutex::new(Encoder::new(&bytes)?) }))
    }

    /// The next code.
    pub fn next_frame(&self) -> QrFrame {
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = frames.next().expect("a series has no end");
        QrFrame { text: frame.text().to_owned(), svg: frame.svg() }
    }

    /// How many codes the other side needs, about.
    pub fn needed(&self) -> u64 {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).fragments() as u64
    }
}

/// What a code was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Received {
    /// It told something new.
    New,
    /// Nothing new.
    Known,
    /// It is of another series; nothing of it was taken. If that is the right one, start over.
    OtherSeries,
    /// Everything is here.
    Complete,
}

/// Puts a series together from what a camera reads, in any order.
#[derive(Default, uniffi::Object)]
pub struct QrReader {
    decoder: Mutex<Decoder>,
}

#[uniffi::export]
impl QrReader {
    /// One that has seen nothing.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Takes the text of a code.
    ///
    /// # Errors
    /// [`Problem::WrongInput`]: go on with the next code.
    #[expect(clippy::needless_pass_by_value, reason = "values cross the boundary")]
    pub fn receive(&self, text: String) -> Result<Received, Problem> {
        Ok(match self.decoder.lock().unwrap_or_else(PoisonError::into_inner).receive(&text)? {
            client_ffi::qr::Received::New => Received::New,
            client_ffi::qr::Received::Known => Received::Known,
            client_ffi::qr::Received::OtherSeries => Received::OtherSeries,
            client_ffi::qr::Received::Complete => Received::Complete,
        })
    }

    /// How far it is, 0 to 100; 100 only when everything is here.
    pub fn percent(&self) -> u8 {
        self.decoder.lock().unwrap_or_else(PoisonError::into_inner).progress().percent()
    }

    /// The bytes, once everything is here.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        self.decoder.lock().unwrap_or_else(PoisonError::into_inner).bytes().map(<[u8]>::to_vec)
    }

    /// Drops what was read.
    pub fn start_over(&self) {
        self.decoder.lock().unwrap_or_else(PoisonError::into_inner).start_over();
    }
}
