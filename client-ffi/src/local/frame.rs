//! What two tablets say to each other: frames of `length ‖ CBOR`, bounded before anything is allocated.
//!
//! The guest speaks, the host answers, in turns:
//!
//! ```text
//! guest                                host
//!   Hello ──────────────────────────►
//!         ◄────────────────────────── Hello, or Refused
//!   Begin, Message… ────────────────►        one unit: what I hold, what you lack
//!         ◄────────────────────────── Begin, Message…
//!   …
//!   Wait ───────────────────────────►        tell me when others brought something
//!         ◄────────────────────────── Still, News, or End
//!   End ────────────────────────────►
//! ```

use std::io::{self, Read, Write};
use sync_core::cbor::{self, Format, FormatError, Reader, Writer, strictly_ascending};
use sync_core::cose::COSE_OVERHEAD;
use sync_core::device::Certificate;
use sync_core::id::{PackageHash, UnitCode};
use sync_core::message::{MESSAGE_MAX, Message};
use sync_core::package::{TEXT_MAX, UNITS_MAX};

const VERSION: u64 = 1;
/// Bytes of the length before a frame.
pub(super) const HEAD: usize = 4;
/// Longest frame before the hello of the other side was believed, in bytes.
pub(super) const FIRST_FRAME_MAX: usize = 96 * 1024;
/// Most hashes of what one side holds of a unit; what is beyond them may be given again, which does no harm.
pub(crate) const HOLDS_MAX: usize = 4_096;
/// Most messages in one turn.
const MESSAGES_MAX: u32 = 4_096;
const _: () = assert!(Frame::MAX_BYTES > HOLDS_MAX * 16 + 1024);
const _: () = assert!(FIRST_FRAME_MAX > UNITS_MAX * 35 + Certificate::MAX_BYTES + COSE_OVERHEAD + 1024);

/// First bytes of the hash of an item that a `have` does not name.
pub(crate) type Mark = [u8; 16];

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Who I am.
    Hello(Hello),
    /// I go on no further with you.
    Refused(Reason, String),
    /// A turn about one unit begins.
    Begin(Begin),
    /// A part of the turn.
    Message(Message),
    /// Nothing more from me now; tell me when there is more from you.
    Wait,
    /// There is nothing yet.
    Still,
    /// There is something new, of these units among others.
    News(Vec<UnitCode>),
    /// It is over.
    End,
}

/// Who speaks. TLS has shown which key the speaker has; the certificate says what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hello {
    /// The round.
    pub package: PackageHash,
    /// Its title, for people.
    pub title: String,
    /// The device's certificate, as signed by the centre.
    pub certificate: Vec<u8>,
    /// Units of which something is held, ascending.
    pub units: Vec<UnitCode>,
}

/// The head of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Begin {
    /// The unit.
    pub unit: UnitCode,
    /// Hashes of what is held and no `have` names, ascending: sheets, certificates, receipts and the like.
    pub holds: Vec<Mark>,
    /// So many messages follow.
    pub messages: u32,
    /// Items in them.
    pub items: u32,
    /// Bytes of them.
    pub bytes: u32,
}

/// Why one side goes on no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is in another round, whose title stands beside it.
    OtherRound,
    /// The centre did not certify the other's key.
    Stranger,
    /// The other is itself.
    Itself,
    /// All places are taken.
    Full,
    /// What came was no frame that could come now.
    Malformed,
    /// Its memory is full.
    NoRoom,
    /// It cannot store, or something else failed there.
    Failed,
}

impl Reason {
    const ALL: [Self; 7] = [
        Self::OtherRound,
        Self::Stranger,
        Self::Itself,
        Self::Full,
        Self::Malformed,
        Self::NoRoom,
        Self::Failed,
    ];
}

impl Format for Frame {
    const WHAT: &'static str = "frame of a local session";
    const MAX_BYTES: usize = MESSAGE_MAX + 16;

    fn write(&self, w: &mut Writer) {
        match self {
            Self::Hello(hello) => {
                w.array(6).uint(0_u8).uint(VERSION).bytes(hello.package.as_bytes()).text(&hello.title);
                write_units(w.bytes(&hello.certificate), &hello.units);
            }
            Self::Refused(reason, title) => {
                w.array(3).uint(1_u8).uint(*reason as u64).text(title);
            }
            Self::Begin(begin) => {
                w.array(6).uint(2_u8).text(begin.unit.as_str()).bytes(begin.holds.as_flattened());
                w.uint(begin.messages).uint(begin.items).uint(begin.bytes);
            }
            Self::Message(message) => {
                w.array(2).uint(3_u8).bytes(&cbor::encode(message));
            }
            Self::Wait => {
                w.array(1).uint(4_u8);
            }
            Self::Still => {
                w.array(1).uint(5_u8);
            }
            Self::News(units) => write_units(w.array(2).uint(6_u8), units),
            Self::End => {
                w.array(1).uint(7_u8);
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let len = r.list_len(6, Self::WHAT)?;
        let kind = r.u8(7, "kind of frame")?;
        match (kind, len) {
            (0, 6) => {
                r.version(VERSION, Self::WHAT)?;
                Ok(Self::Hello(Hello {
                    package: PackageHash(r.fixed("package hash")?),
                    title: r.text(TEXT_MAX, "title")?.to_owned(),
                    certificate: r.bytes(Certificate::MAX_BYTES + COSE_OVERHEAD, "certificate")?.to_vec(),
                    units: read_units(r)?,
                }))
            }
            (1, 3) => {
                let reason = r.u8(u8::MAX, "reason")?;
                let reason = Reason::ALL.get(usize::from(reason)).copied();
                let reason = reason.ok_or(FormatError::Range { what: "reason" })?;
                Ok(Self::Refused(reason, r.text(TEXT_MAX, "title")?.to_owned()))
            }
            (2, 6) => Ok(Self::Begin(Begin {
                unit: read_unit(r)?,
                holds: cbor::sorted_entries(r.bytes(HOLDS_MAX * 16, "holdings")?, "holdings")?,
                messages: r.u32(MESSAGES_MAX, "messages")?,
                items: r.u32(u32::MAX, "items")?,
                bytes: r.u32(u32::MAX, "bytes")?,
            })),
            (3, 2) => Ok(Self::Message(cbor::decode(r.bytes(MESSAGE_MAX, "sync message")?)?)),
            (4, 1) => Ok(Self::Wait),
            (5, 1) => Ok(Self::Still),
            (6, 2) => Ok(Self::News(read_units(r)?)),
            (7, 1) => Ok(Self::End),
            _ => Err(FormatError::Malformed { what: Self::WHAT }),
        }
    }
}

fn write_units(w: &mut Writer, units: &[UnitCode]) {
    w.list(units, |w, unit| {
        w.text(unit.as_str());
    });
}

fn read_units(r: &mut Reader<'_>) -> Result<Vec<UnitCode>, FormatError> {
    let units = r.list(UNITS_MAX, "units", read_unit)?;
    if strictly_ascending(&units) { Ok(units) } else { Err(FormatError::Unsorted { what: "units" }) }
}

fn read_unit(r: &mut Reader<'_>) -> Result<UnitCode, FormatError> {
    let text = r.text(sync_core::id::CODE_MAX, "unit code")?;
    UnitCode::new(text).map_err(|_| FormatError::Range { what: "unit code" })
}

/// Why no frame came.
#[derive(Debug)]
pub(super) enum FrameError {
    /// The link.
    Io(io::Error),
    /// The bytes.
    Format(FormatError),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A frame as it travels: its length in four bytes, the highest first, and its bytes.
pub(super) fn write_frame(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(bytes)?;
    out.flush()
}

/// The length of the next frame, if it is not longer than allowed.
pub(super) fn read_length(input: &mut impl Read, limit: usize) -> Result<usize, FrameError> {
    let mut head = [0; HEAD];
    input.read_exact(&mut head)?;
    let found = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if found > limit {
        return Err(FrameError::Format(FormatError::TooLong { what: Frame::WHAT, found, limit }));
    }
    Ok(found)
}

/// The bytes of a frame whose length is known. Memory is taken for what came, not for what was announced.
pub(super) fn read_body(input: &mut impl Read, length: usize) -> Result<Frame, FrameError> {
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    cbor::decode(&bytes).map_err(FrameError::Format)
}

/// Reads frames one after the other, as they come over a link, and writes them again; nothing if one is none or is not
/// whole. For tests that look for bytes which do harm.
#[doc(hidden)]
pub fn frames_again(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut again = Vec::new();
    while !bytes.is_empty() {
        let length = read_length(&mut bytes, Frame::MAX_BYTES).ok()?;
        let frame = read_body(&mut bytes, length).ok()?;
        write_frame(&mut again, &cbor::encode(&frame)).ok()?;
    }
    Some(again)
}

/// One frame of each kind, as they come over a link. For the same tests.
#[doc(hidden)]
pub fn sample_frames() -> Vec<Vec<u8>> {
    let units: Vec<UnitCode> =
        ["00712", "00713"].iter().filter_map(|code| UnitCode::new(code).ok()).collect();
    let (package, certificate) = (PackageHash([3; 32]), vec![7; 300]);
    let about = |unit: &UnitCode| {
        let holds = vec![[1; 16], [2; 16]];
        let begin = Begin { unit: unit.clone(), holds, messages: 2, items: 40, bytes: 90_000 };
        [Frame::Begin(begin), Frame::Message(Message::new(package, unit.clone()))]
    };
    let hello = Hello { package, title: "Đợt 1".to_owned(), certificate, units: units.clone() };
    let mut frames = vec![Frame::Hello(hello), Frame::Refused(Reason::OtherRound, "Đợt 2".to_owned())];
    frames.extend(units.first().into_iter().flat_map(about));
    frames.extend([Frame::Wait, Frame::Still, Frame::News(units), Frame::End]);
    let travels = |frame: &Frame| {
        let bytes = cbor::encode(frame);
        let length = u32::try_from(bytes.len()).unwrap_or_default();
        [length.to_be_bytes().as_slice(), &bytes].concat()
    };
    frames.iter().map(travels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn samples() -> Vec<Frame> {
        let body = |bytes: &Vec<u8>| cbor::decode(&bytes[4..]).expect("a frame");
        sample_frames().iter().map(body).collect()
    }

    #[test]
    fn every_frame_is_read_as_it_was_written_and_no_beginning_of_one_is_a_frame() {
        for frame in samples() {
            let bytes = cbor::encode(&frame);
            assert_eq!(cbor::decode(&bytes), Ok(frame));
            for end in 0..bytes.len() {
                assert!(cbor::decode::<Frame>(&bytes[..end]).is_err());
            }
        }
    }

    proptest! {
        #[test]
        fn changed_and_arbitrary_bytes_never_panic_and_have_one_form(
            which in 0..8_usize,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = cbor::encode(&samples()[which]);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            for bytes in [bytes, noise] {
                if let Ok(frame) = cbor::decode::<Frame>(&bytes) {
                    prop_assert_eq!(cbor::encode(&frame), bytes);
                }
            }
        }
    }

    #[test]
    fn a_frame_that_was_announced_and_does_not_come_whole_is_none() {
        let frames = sample_frames().concat();
        assert_eq!(frames_again(&frames).as_ref(), Some(&frames));
        let whole: Vec<usize> = sample_frames()
            .iter()
            .scan(0, |sum, frame| {
                *sum += frame.len();
                Some(*sum)
            })
            .collect();
        for end in 1..frames.len() {
            assert_eq!(frames_again(&frames[..end]).is_some(), whole.contains(&end), "{end}");
        }
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_anything_is_allocated() {
        for (length, limit) in [(u32::MAX, Frame::MAX_BYTES), (97 * 1024, FIRST_FRAME_MAX)] {
            let found = read_length(&mut length.to_be_bytes().as_slice(), limit);
            assert!(matches!(found, Err(FrameError::Format(FormatError::TooLong { .. }))));
        }
    }
}
