//! A parcel: what one device hands to another as a file, or as the content of a QR series.
//!
//! ```text
//! 89 48 50 47 4F 49 0D 0A            "\x89HPGOI\r\n": no text, and a copy that changes line ends is seen
//! block*: kind (1) ‖ length (4, big endian) ‖ content ‖ check (8)
//!   kind 0   header, once, first
//!   kind 1   a sync message (see `message`), without `have`
//!   kind 2   an [`Acknowledgement`]: a device says what it holds
//!   kind 3   ballots of a box whose tablet can sign nothing any more (see [`OrphanBox`])
//!   kind 255 end: the number of blocks before it
//! ```
//!
//! The check is the beginning of SHA-256 over domain, place, kind and content. It guards against bad sticks, not against
//! people: what is inside is as untrusted as anything from outside, and each message is taken by itself. So a torn copy
//! gives whatever came before the tear, and a damaged block costs that block alone.

use crate::cbor::{self, Format, FormatError, Reader, Writer};
use crate::id::{DeviceId, PackageHash, sha256};
use crate::message::{MESSAGE_MAX, Message};
use crate::package::{Mode, TEXT_MAX, VERSION};
use crate::planted::{self, Bug};
use thiserror::Error;

mod acknowledgement;
mod orphan;

pub use acknowledgement::Acknowledgement;
pub use orphan::{OrphanBox, STORY_MAX};

/// How a parcel's file name ends.
pub const EXTENSION: &str = "hpgoi";
/// Longest parcel in bytes.
pub const PARCEL_MAX: usize = 256 * 1024 * 1024;

const MAGIC: &[u8; 8] = b"\x89HPGOI\r\n";
const DOMAIN: &[u8] = b"homphieu/parcel-block/1";
/// Kind and length before the content, check after it.
const HEAD: usize = 5;
const CHECK: usize = 8;
/// Longest content of one block: an acknowledgement with its certificate, or a message.
const BLOCK_MAX: usize = MESSAGE_MAX + 64 * 1024;

const KIND_HEADER: u8 = 0;
const KIND_MESSAGE: u8 = 1;
const KIND_ACKNOWLEDGEMENT: u8 = 2;
const KIND_ORPHAN: u8 = 3;
const KIND_END: u8 = 255;

/// For whom a parcel was made. Others may take it all the same: they carry on what is sealed to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// Whoever brings it on its way: nothing in it but envelopes and what is signed by the centre.
    Anyone,
    /// The centre, or whoever brings it there: also the record, sealed to the centre.
    Centre,
    /// A tablet of the unit: also the record, sealed to that tablet.
    Tablet(DeviceId),
}

/// What stands at the beginning of a parcel. It is signed by nobody and decides nothing; it is there so that people are
/// told what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The package that everything belongs to.
    pub package: PackageHash,
    /// Title of its round.
    pub title: String,
    /// Training or official.
    pub mode: Mode,
    /// Who made it, as it says.
    pub from: DeviceId,
    /// For whom.
    pub recipient: Recipient,
}

impl Format for Header {
    const WHAT: &'static str = "head of a parcel";
    const MAX_BYTES: usize = TEXT_MAX + 256;

    fn write(&self, w: &mut Writer) {
        w.array(7).uint(VERSION).bytes(self.package.as_bytes()).text(&self.title).uint(self.mode.code());
        w.bytes(self.from.as_bytes());
        match &self.recipient {
            Recipient::Anyone => w.uint(0_u8).null(),
            Recipient::Centre => w.uint(1_u8).null(),
            Recipient::Tablet(device) => w.uint(2_u8).bytes(device.as_bytes()),
        };
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(7, VERSION, Self::WHAT)?;
        let package = PackageHash(r.fixed("package hash")?);
        let title = r.text(TEXT_MAX, "title")?.to_owned();
        let mode = Mode::read(r)?;
        let from = DeviceId(r.fixed("device")?);
        let kind = r.u8(2, "recipient")?;
        let device = r.maybe("recipient", |r| Ok(DeviceId(r.fixed("recipient")?)))?;
        let recipient = match (kind, device) {
            (0, None) => Recipient::Anyone,
            (1, None) => Recipient::Centre,
            (2, Some(device)) => Recipient::Tablet(device),
            _ => return Err(FormatError::Range { what: "recipient" }),
        };
        Ok(Self { package, title, mode, from, recipient })
    }
}

/// Why a file cannot be taken at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParcelError {
    /// It does not begin as one.
    #[error("this is no parcel of Hòm Phiếu (a file ending in .{EXTENSION})")]
    NotAParcel,
    /// Its head is missing or damaged, and without that nothing in it can be told.
    #[error(
        "the beginning of this parcel is missing or damaged: copy it again, the tablet it came from still has everything"
    )]
    Torn,
    /// Its head cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// It is longer than [`PARCEL_MAX`].
    #[error("a parcel has at most {PARCEL_MAX} bytes, this file has {found}")]
    TooLong {
        /// Its bytes.
        found: usize,
    },
}

/// How whole a parcel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Condition {
    /// It ends before its end: something is missing.
    pub torn: bool,
    /// Blocks that do not pass their check.
    pub damaged: usize,
    /// Something follows on its end, such as a second copy. That is not looked at.
    pub trailing: bool,
}

impl Condition {
    /// Whether everything that was put in came out.
    pub fn is_whole(&self) -> bool {
        !self.torn && self.damaged == 0
    }
}

/// A part of a parcel, not yet checked by anybody.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A message.
    Message(Message),
    /// Somebody says what they have: a signed [`Acknowledgement`] as it travels.
    Acknowledgement(Vec<u8>),
    /// Ballots that nobody could sign for. Only the office takes them.
    Orphan(OrphanBox),
}

/// A parcel as it was read.
#[derive(Debug, Clone)]
pub struct Parcel<'a> {
    /// Its head.
    pub header: Header,
    /// How whole it is.
    pub condition: Condition,
    blocks: Vec<(u8, &'a [u8])>,
}

/// Writes a parcel: a head, then parts.
#[derive(Debug, Clone)]
pub struct Packer {
    bytes: Vec<u8>,
    blocks: u32,
}

impl Packer {
    /// Begins a parcel.
    pub fn new(header: &Header) -> Self {
        let mut packer = Self { bytes: MAGIC.to_vec(), blocks: 0 };
        packer.block(KIND_HEADER, &cbor::encode(header));
        packer
    }

    /// Adds a message. What it has is left out: a file does not know who reads it.
    pub fn message(&mut self, message: &Message) {
        let message = Message { have: None, outcomes: Vec::new(), ..message.clone() };
        self.block(KIND_MESSAGE, &cbor::encode(&message));
    }

    /// Adds a signed acknowledgement as it travels.
    pub fn acknowledgement(&mut self, signed: &[u8]) {
        self.block(KIND_ACKNOWLEDGEMENT, signed);
    }

    /// Adds ballots that nobody can sign for.
    pub fn orphan(&mut self, orphan: &OrphanBox) {
        self.block(KIND_ORPHAN, &cbor::encode(orphan));
    }

    /// Ends it.
    pub fn finish(mut self) -> Vec<u8> {
        self.block(KIND_END, &self.blocks.to_be_bytes());
        self.bytes
    }

    fn block(&mut self, kind: u8, content: &[u8]) {
        // Longer than a message nothing is, and messages are cut to their bound.
        let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
        self.bytes.push(kind);
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend(content);
        self.bytes.extend(check(self.blocks, kind, content));
        self.blocks += 1;
    }
}

impl<'a> Parcel<'a> {
    /// Reads a parcel as far as it goes. Takes no more memory than a list of its blocks.
    ///
    /// # Errors
    /// [`ParcelError`]; then nothing in it can be used.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ParcelError> {
        if bytes.len() > PARCEL_MAX {
            return Err(ParcelError::TooLong { found: bytes.len() });
        }
        let Some(mut rest) = bytes.strip_prefix(MAGIC) else {
            let begun = bytes.len() < MAGIC.len() && MAGIC.starts_with(bytes) && !bytes.is_empty();
            return Err(if begun { ParcelError::Torn } else { ParcelError::NotAParcel });
        };
        let mut blocks = Vec::new();
        let torn = !planted::is(Bug::TornPassesForWhole);
        let mut condition = Condition { torn, ..Condition::default() };
        let mut place = 0;
        while let Some((block, after)) = Block::split(rest) {
            rest = after;
            let whole = block.check == check(place, block.kind, block.content);
            match block.kind {
                KIND_END if whole => {
                    condition.torn = block.content != place.to_be_bytes();
                    condition.trailing = !rest.is_empty();
                    break;
                }
                kind if whole => blocks.push((kind, block.content)),
                _ => condition.damaged += usize::from(!planted::is(Bug::HidesUnreadable)),
            }
            place += 1;
        }
        let header = match blocks.first() {
            Some((KIND_HEADER, content)) => cbor::decode(content)?,
            _ => return Err(ParcelError::Torn),
        };
        Ok(Self { header, condition, blocks })
    }

    /// Its parts in their order; what is none, or of a kind that a later version made, is told as such.
    pub fn pieces(&self) -> impl Iterator<Item = Result<Piece, FormatError>> {
        self.blocks.iter().skip(1).map(|(kind, content)| match *kind {
            KIND_MESSAGE => Ok(Piece::Message(cbor::decode(content)?)),
            KIND_ACKNOWLEDGEMENT => Ok(Piece::Acknowledgement(content.to_vec())),
            KIND_ORPHAN => Ok(Piece::Orphan(cbor::decode(content)?)),
            kind => Err(FormatError::Version { what: "part of a parcel", found: kind.into(), known: 3 }),
        })
    }
}

/// One block as it lies in the file.
struct Block<'a> {
    kind: u8,
    content: &'a [u8],
    check: &'a [u8],
}

impl<'a> Block<'a> {
    /// The first block and what follows; nothing if it is not all there, or longer than any can be.
    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let [kind, length @ ..] = head;
        let length =
            usize::try_from(u32::from_be_bytes(*length)).ok().filter(|length| *length <= BLOCK_MAX)?;
        let (content, rest) = rest.split_at_checked(length)?;
        let (check, rest) = rest.split_at_checked(CHECK)?;
        Some((Self { kind: *kind, content, check }, rest))
    }
}

fn check(place: u32, kind: u8, content: &[u8]) -> [u8; CHECK] {
    let hash = sha256(&[DOMAIN, &place.to_be_bytes(), &[kind], content]);
    std::array::from_fn(|at| hash[at])
}
