//! One frame as it is read: fenced before anything is believed or kept of it.

use super::{FRAGMENTS_MAX, FRAME_MAX, MESSAGE_MAX, QrError, SEQUENCES_PER_FRAGMENT, TYPE};
use sync_core::cbor::{FormatError, Reader, Writer};
use ur::bytewords::{Style, decode};
use ur::fountain::Part;

/// What every frame of a series says of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Series {
    /// Fragments, 1 to [`FRAGMENTS_MAX`].
    pub(super) count: usize,
    /// Bytes of the message, 1 to [`MESSAGE_MAX`].
    pub(super) length: usize,
    /// CRC-32 of the message.
    pub(super) checksum: u32,
}

impl Series {
    /// Bytes of each fragment; the last one is filled up with zeros.
    pub(super) fn fragment_bytes(&self) -> usize {
        self.length.div_ceil(self.count)
    }
}

/// A frame within all bounds, whose text and content agree.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) series: Series,
    /// The fragments that are mixed in this frame, each below the count, none twice.
    pub(super) fragments: Vec<usize>,
    /// Their sum: the fragments added bit by bit.
    pub(super) sum: Vec<u8>,
}

/// Reads the text of a QR code.
pub(super) fn read(text: &str) -> Result<Read, QrError> {
    let text = text.trim();
    if text.len() > FRAME_MAX {
        return Err(QrError::TooLong { found: text.len() });
    }
    let text = text.to_ascii_lowercase();
    let typed = text.strip_prefix("ur:").ok_or(QrError::NotASeries)?;
    let (kind, rest) = typed.split_once('/').ok_or(QrError::NotASeries)?;
    if kind != TYPE {
        return Err(QrError::OtherType);
    }
    match rest.split_once('/') {
        Some((place, words)) => multipart(place, &bytes(words)?),
        None => whole(bytes(rest)?),
    }
}

fn bytes(words: &str) -> Result<Vec<u8>, QrError> {
    decode(words, Style::Minimal).map_err(|_| QrError::Damaged { what: "its checksum" })
}

/// A message short enough for one code stands there as it is: the only fragment of a series.
fn whole(message: Vec<u8>) -> Result<Read, QrError> {
    if !(1..=MESSAGE_MAX).contains(&message.len()) {
        return Err(QrError::Bounds { what: "bytes" });
    }
    let series = Series { count: 1, length: message.len(), checksum: checksum(&message) };
    Ok(Read { series, fragments: vec![0], sum: message })
}

/// The checksum of a message: CRC-32 as in BCR-2024-001.
pub(super) fn checksum(message: &[u8]) -> u32 {
    crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(message)
}

fn multipart(place: &str, cbor: &[u8]) -> Result<Read, QrError> {
    let (sequence, count) = place.split_once('-').ok_or(QrError::Damaged { what: "its number" })?;
    let (sequence, count) = (number(sequence)?, number(count)?);
    // The bounds first by what the text says: what is inside is read afterwards, and must say the same.
    if !(1..=FRAGMENTS_MAX).contains(&count) {
        return Err(QrError::Bounds { what: "fragments" });
    }
    if !(1..=SEQUENCES_PER_FRAGMENT * count).contains(&sequence) {
        return Err(QrError::Bounds { what: "frames" });
    }
    let inside = Inside::read(cbor).map_err(|error| match error {
        FormatError::Range { what } => QrError::Bounds { what },
        _ => QrError::Damaged { what: "its content" },
    })?;
    if (inside.sequence, inside.series.count) != (sequence, count) {
        return Err(QrError::Damaged { what: "its number and its content" });
    }
    let size = inside.series.fragment_bytes();
    // With these sizes the last fragment would hold nothing, and no writer cuts a message like that.
    if inside.sum.len() != size || (count - 1) * size >= inside.series.length {
        return Err(QrError::Damaged { what: "its sizes" });
    }
    // The only thing left to the crate: which fragments are mixed follows from number, count and checksum.
    let part: Part = minicbor::decode(cbor).map_err(|_| QrError::Damaged { what: "its content" })?;
    Ok(Read { series: inside.series, fragments: part.indexes(), sum: inside.sum })
}

/// A number as it is written: digits, without zeros before them, far below overflow.
fn number(text: &str) -> Result<usize, QrError> {
    let plain = text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or(QrError::Damaged { what: "its number" })
}

/// The CBOR in a frame: `[sequence, count, length, checksum, sum]`.
struct Inside {
    sequence: usize,
    series: Series,
    sum: Vec<u8>,
}

impl Inside {
    fn read(cbor: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "frame";
        let mut r = Reader::new(cbor);
        r.array(5, WHAT)?;
        let sequence = bounded(&mut r, FRAGMENTS_MAX * SEQUENCES_PER_FRAGMENT, "frames")?;
        let count = bounded(&mut r, FRAGMENTS_MAX, "fragments")?;
        let length = bounded(&mut r, MESSAGE_MAX, "bytes")?;
        let checksum = r.u32(u32::MAX, WHAT)?;
        let sum = r.bytes(FRAME_MAX, WHAT)?.to_vec();
        r.end(WHAT)?;
        let read = Self { sequence, series: Series { count, length, checksum }, sum };
        if read.write() == cbor { Ok(read) } else { Err(FormatError::NotCanonical { what: WHAT }) }
    }

    fn write(&self) -> Vec<u8> {
        let Series { count, length, checksum } = self.series;
        let mut w = Writer::new();
        w.array(5).uint(self.sequence as u64).uint(count as u64).uint(length as u64);
        w.uint(checksum).bytes(&self.sum);
        w.finish()
    }
}

fn bounded(r: &mut Reader<'_>, max: usize, what: &'static str) -> Result<usize, FormatError> {
    let value = r.uint(1..=max as u64, what)?;
    usize::try_from(value).map_err(|_| FormatError::Range { what })
}
