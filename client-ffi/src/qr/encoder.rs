//! Bytes as frames for a screen.

use super::{BYTES_MAX, FRAGMENT_BYTES, FRAGMENTS_MAX, QrError, SEQUENCES_PER_FRAGMENT, TYPE, image};
use qrcode::Version;
use sync_core::cbor::Writer;
use ur::bytewords::{Style, encode};
use ur::fountain;

/// Fragments in a mixture, at least, of a series with many. A mixture of few tells nothing where these few were read.
const MIXED_MIN: usize = 8;

/// A series of frames without end. Show them one after the other, some five a second, until the other side has them.
///
/// The same bytes always give the same frames. A series that is short enough is a single frame, again and again.
pub struct Encoder {
    message: Vec<u8>,
    series: fountain::Encoder,
    version: Version,
}

impl Encoder {
    /// The series of these bytes.
    ///
    /// # Errors
    /// [`QrError::Length`] for none, or more than [`BYTES_MAX`].
    pub fn new(bytes: &[u8]) -> Result<Self, QrError> {
        if !(1..=BYTES_MAX).contains(&bytes.len()) {
            return Err(QrError::Length { found: bytes.len() });
        }
        let mut w = Writer::new();
        w.bytes(bytes);
        let message = w.finish();
        let series = begin(&message);
        let version = image::version(longest(&message, series.fragment_count()));
        Ok(Self { message, series, version })
    }

    /// Fragments of the series, 1 to [`FRAGMENTS_MAX`]. That many frames and a few more are enough, whichever they are.
    pub fn fragments(&self) -> usize {
        self.series.fragment_count()
    }

    /// The next frame by number; after the last number the first.
    fn next_part(&mut self) -> (usize, fountain::Part) {
        if self.series.current_sequence() == SEQUENCES_PER_FRAGMENT * self.fragments() {
            self.series = begin(&self.message);
        }
        let part = self.series.next_part();
        (self.series.current_sequence(), part)
    }
}

fn begin(message: &[u8]) -> fountain::Encoder {
    let fragment = FRAGMENT_BYTES.max(message.len().div_ceil(FRAGMENTS_MAX));
    fountain::Encoder::new(message, fragment).expect("neither the message nor a fragment is empty")
}

/// Characters of the longest text among the frames of a series.
fn longest(message: &[u8], count: usize) -> usize {
    if count == 1 {
        return frame(&encode(message, Style::Minimal)).len();
    }
    let number = SEQUENCES_PER_FRAGMENT * count;
    let mut w = Writer::new();
    w.array(5).uint(number as u64).uint(count as u64).uint(message.len() as u64).uint(u32::MAX);
    w.bytes(&vec![0; message.len().div_ceil(count)]);
    numbered(number, count, &w.finish()).len()
}

fn frame(rest: &str) -> String {
    format!("ur:{TYPE}/{rest}")
}

fn numbered(number: usize, count: usize, cbor: &[u8]) -> String {
    frame(&format!("{number}-{count}/{}", encode(cbor, Style::Minimal)))
}

impl Iterator for Encoder {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let count = self.fragments();
        if count == 1 {
            return Some(Frame::of(&frame(&encode(&self.message, Style::Minimal)), self.version));
        }
        let least = (count / 4).clamp(1, MIXED_MIN);
        let (number, part) = loop {
            let (number, part) = self.next_part();
            if number <= count || part.indexes().len() >= least {
                break (number, part);
            }
        };
        let cbor = minicbor::to_vec(&part).expect("writing to a vector cannot fail");
        Some(Frame::of(&numbered(number, count, &cbor), self.version))
    }
}

/// One frame: the text of a QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    text: String,
    version: Version,
}

impl Frame {
    /// In capital letters, which a QR code holds in five and a half bits each.
    fn of(text: &str, version: Version) -> Self {
        Self { text: text.to_ascii_uppercase(), version }
    }

    /// The text of the code.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The size of the code, the same for all frames of a series.
    pub(super) fn version(&self) -> Version {
        self.version
    }
}
