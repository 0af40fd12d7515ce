//! From screen to camera: bytes as a series of QR codes, for two tablets that have nothing else between them.
//!
//! The bytes (a parcel; what they mean is nobody's business here) become a Uniform Resource of type `hpgoi` (Blockchain
//! Commons BCR-2020-005): a CBOR byte string, cut into fragments, each in bytewords (BCR-2020-012) with a checksum.
//! After a first pass with every fragment come mixtures of fragments (the fountain of BCR-2024-001), without end. The
//! camera may begin anywhere and miss any frames: about as many frames as there are fragments are enough, whichever.
//!
//! ```
//! use client_ffi::qr::{Decoder, Encoder, Received};
//!
//! # fn main() -> Result<(), client_ffi::qr::QrError> {
//! let parcel = vec![7; 3_000];
//! let mut decoder = Decoder::new();
//! for frame in Encoder::new(&parcel)?.skip(5) {
//!     println!("{}", frame.terminal());
//!     if decoder.receive(frame.text())? == Received::Complete {
//!         break;
//!     }
//! }
//! assert_eq!(decoder.bytes(), Some(&parcel[..]));
//! # Ok(())
//! # }
//! ```
//!
//! A camera sees whatever is held before it, so no frame is believed. [`Decoder`] bounds everything before it takes
//! memory for it, keeps at most as many rows as the series has fragments, and solves for the fragments itself: the
//! decoder of the crate `ur` peels only what a whole fragment is missing for, so it needs a fifth more frames on bad
//! links, and it keeps every frame it is given.

mod decoder;
mod encoder;
mod frame;
mod image;
mod solver;

pub use decoder::{Decoder, Progress, Received};
pub use encoder::{Encoder, Frame};

use thiserror::Error;

/// The type of the Uniform Resource, as it stands in every frame.
pub const TYPE: &str = "hpgoi";
/// Most fragments of a series.
pub const FRAGMENTS_MAX: usize = 1_024;
/// Frames of a series before they begin again, for each fragment.
pub const SEQUENCES_PER_FRAGMENT: usize = 16;
/// Longest message in bytes: what is carried, with the head of a CBOR byte string.
pub const MESSAGE_MAX: usize = 256 * 1_024;
/// Most bytes that one series carries.
pub const BYTES_MAX: usize = MESSAGE_MAX - HEAD_MAX;
/// Longest text of a frame that is looked at: the most that any QR code holds in capital letters and digits.
pub const FRAME_MAX: usize = 4_296;

/// Longest head of a CBOR byte string below 4 GiB.
const HEAD_MAX: usize = 5;
/// Bytes of a fragment where that keeps the series within [`FRAGMENTS_MAX`]: a code of 61 modules, which the camera of
/// an old phone still reads from a small screen, and which fits a terminal of 80 columns.
const FRAGMENT_BYTES: usize = 200;

/// Why a frame or a whole series was not taken. Nothing was changed, unless the error says that the series begins anew.
///
/// No text says what stood in the code: it may have been a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QrError {
    /// Nothing, or more than a series carries.
    #[error("a QR series carries 1 to {BYTES_MAX} bytes, and this has {found}: hand it over as a file")]
    Length {
        /// Bytes that were to be carried.
        found: usize,
    },
    /// Another QR code, such as a slip or a token.
    #[error("this QR code is not part of a series: hold the camera at the codes that change")]
    NotASeries,
    /// A series of another program.
    #[error("this QR series comes from another program")]
    OtherType,
    /// Longer than any QR code.
    #[error("this is longer than any QR code ({found} bytes)")]
    TooLong {
        /// Bytes of the text.
        found: usize,
    },
    /// A frame that is damaged, or says two different things.
    #[error("this QR code is damaged ({what}): the next ones will do")]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
    /// A frame beyond the bounds of a series.
    #[error("this QR series is larger than any of ours ({what})")]
    Bounds {
        /// What is beyond its bound.
        what: &'static str,
    },
    /// The frames were read well, yet contradict each other. Everything of the series was dropped.
    #[error("these QR codes do not make one whole: what was read so far was dropped, begin again")]
    Contradiction,
}
