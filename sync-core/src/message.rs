//! The sync message: the one thing that every route carries.
//!
//! `{version, package hash, unit, have?, give, outcomes}`. A request gives what no receipt covers yet; the answer
//! gives receipts and what the asker lacks, names what it holds (`have`), and says of every item that was not simply
//! stored what became of it. A file or QR series is a message without `have`.

use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::cose::SignedKind;
use crate::id::{EnvelopeId, PackageHash, UnitCode};
use crate::package::VERSION;
use crate::planted::{self, Bug};
use crate::receipt::{read_ids, write_ids};

/// Longest message in bytes; larger gives are cut into several messages by [`pieces`].
pub const MESSAGE_MAX: usize = 256 * 1024;
/// Most items in one message.
pub const ITEMS_MAX: usize = 1_024;

/// What an item of `give` is. Numbers are fixed for every kind the design knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemKind {
    /// A signed round package.
    Package,
    /// A unit's sheet.
    Sheet,
    /// A signed sheet replacement.
    SheetReplacement,
    /// A signed device certificate.
    Certificate,
    /// A signed revocation.
    Revocation,
    /// A signed envelope.
    Envelope,
    /// A signed change of the unit's record, in clear.
    RecordChange,
    /// A change of the unit's record, sealed to its reader.
    SealedRecordChange,
    /// A signed receipt.
    Receipt,
    /// A signed round statement.
    RoundStatement,
}

impl ItemKind {
    /// Every kind in the order of its number.
    pub const ALL: [Self; 10] = [
        Self::Package,
        Self::Sheet,
        Self::SheetReplacement,
        Self::Certificate,
        Self::Revocation,
        Self::Envelope,
        Self::RecordChange,
        Self::SealedRecordChange,
        Self::Receipt,
        Self::RoundStatement,
    ];

    fn code(self) -> u64 {
        self as u64
    }
}

/// One thing given: its kind and its bytes as they travel, not yet checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// The kind.
    pub kind: ItemKind,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({} bytes)", self.kind, self.bytes.len())
    }
}

impl Item {
    /// An item.
    pub fn new(kind: ItemKind, bytes: impl Into<Vec<u8>>) -> Self {
        Self { kind, bytes: bytes.into() }
    }
}

/// What became of an item that was not simply stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Its author's certificate is not known here; send it along. Not stored.
    WaitsForCertificate,
    /// Something it follows on is not here yet; send that along. Not stored.
    WaitsForPredecessor,
    /// It is not in its format.
    Malformed,
    /// Its signature does not fit.
    BadSignature,
    /// It belongs to another package.
    OtherPackage,
    /// It belongs to another unit, or to none of the round.
    OtherUnit,
    /// Its format version is unknown here.
    UnknownVersion,
    /// The kind is not taken by this side.
    NotTaken,
    /// Too many of its kind are here from that device.
    TooMany,
}

impl Outcome {
    /// Every outcome in the order of its number.
    pub const ALL: [Self; 9] = [
        Self::WaitsForCertificate,
        Self::WaitsForPredecessor,
        Self::Malformed,
        Self::BadSignature,
        Self::OtherPackage,
        Self::OtherUnit,
        Self::UnknownVersion,
        Self::NotTaken,
        Self::TooMany,
    ];

    /// Whether it may be taken later as it is.
    pub fn waits(self) -> bool {
        matches!(self, Self::WaitsForCertificate | Self::WaitsForPredecessor)
    }

    /// Stable name for logs and JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::WaitsForCertificate => "waits_for_certificate",
            Self::WaitsForPredecessor => "waits_for_predecessor",
            Self::Malformed => "malformed",
            Self::BadSignature => "bad_signature",
            Self::OtherPackage => "other_package",
            Self::OtherUnit => "other_unit",
            Self::UnknownVersion => "unknown_version",
            Self::NotTaken => "not_taken",
            Self::TooMany => "too_many",
        }
    }
}

impl From<&FormatError> for Outcome {
    fn from(error: &FormatError) -> Self {
        match error {
            FormatError::Version { .. } => Self::UnknownVersion,
            _ => Self::Malformed,
        }
    }
}

/// What one side holds of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Have {
    /// Ids of envelopes, ascending.
    pub envelopes: Vec<EnvelopeId>,
    /// Per record actor (24 bytes, ascending) the last sequence and 8 bytes of that change's hash.
    pub records: Vec<RecordHead>,
}

/// How far the record of one actor is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordHead {
    /// Device id ‖ 8 random bytes.
    pub actor: [u8; 24],
    /// Last sequence.
    pub sequence: u32,
    /// First bytes of the last change's hash; they expose twins.
    pub hash: [u8; 8],
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The package both sides must share.
    pub package: PackageHash,
    /// The unit it is about.
    pub unit: UnitCode,
    /// What the sender holds; absent in files and QR series, and from those who only deliver.
    pub have: Option<Have>,
    /// What it gives.
    pub give: Vec<Item>,
    /// In an answer: place in the request's `give`, and what became of that item.
    pub outcomes: Vec<(u32, Outcome)>,
}

impl Message {
    /// A message that gives nothing yet.
    pub fn new(package: PackageHash, unit: UnitCode) -> Self {
        Self { package, unit, have: None, give: Vec::new(), outcomes: Vec::new() }
    }
}

impl Format for Message {
    const WHAT: &'static str = "sync message";
    const MAX_BYTES: usize = MESSAGE_MAX;

    fn write(&self, w: &mut Writer) {
        w.array(6).uint(VERSION).bytes(self.package.as_bytes()).text(self.unit.as_str());
        match &self.have {
            None => {
                w.null();
            }
            Some(have) => {
                w.array(2);
                write_ids(w, &have.envelopes);
                w.list(&have.records, |w, head| {
                    w.array(3).bytes(&head.actor).uint(head.sequence).bytes(&head.hash);
                });
            }
        }
        w.list(&self.give, |w, item| {
            w.array(2).uint(item.kind.code()).bytes(&item.bytes);
        });
        w.list(&self.outcomes, |w, (at, outcome)| {
            w.array(2).uint(*at).uint(*outcome as u64);
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(6, VERSION, Self::WHAT)?;
        let message = Self {
            package: PackageHash(r.fixed("package hash")?),
            unit: UnitCode::read(r)?,
            have: r.maybe("have", Have::read)?,
            give: r.list(ITEMS_MAX, "items", |r| {
                r.array(2, "item")?;
                let kind = pick(&ItemKind::ALL, r, "item kind")?;
                Ok(Item { kind, bytes: r.bytes(MESSAGE_MAX, "item")?.to_vec() })
            })?,
            outcomes: r.list(ITEMS_MAX, "outcomes", |r| {
                r.array(2, "outcome")?;
                Ok((r.u32(u32::MAX, "outcome")?, pick(&Outcome::ALL, r, "outcome")?))
            })?,
        };
        if !message.outcomes.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(FormatError::Unsorted { what: "outcomes" });
        }
        Ok(message)
    }
}

impl Have {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(2, "have")?;
        let have = Self {
            envelopes: read_ids(r)?,
            records: r.list(ITEMS_MAX, "record heads", |r| {
                r.array(3, "record head")?;
                Ok(RecordHead {
                    actor: r.fixed("actor")?,
                    sequence: r.u32(u32::MAX, "sequence")?,
                    hash: r.fixed("hash")?,
                })
            })?,
        };
        if !have.records.is_sorted_by(|a, b| a.actor < b.actor) {
            return Err(FormatError::Unsorted { what: "record heads" });
        }
        Ok(have)
    }
}

fn pick<T: Copy>(all: &[T], r: &mut Reader<'_>, what: &'static str) -> Result<T, FormatError> {
    let at = r.u8(u8::MAX, what)?;
    all.get(usize::from(at)).copied().ok_or(FormatError::Range { what })
}

/// Cuts what is to be given into messages of at most [`MESSAGE_MAX`] bytes, each of which is accepted on its own, so
/// that a dropped link resumes where it was. `first` carries `have` and outcomes; there is always at least one
/// message. An item that no message can hold is left out; nothing that this crate builds is that large.
pub fn pieces(first: Message, give: impl IntoIterator<Item = Item>) -> Vec<Message> {
    pieces_of(first, give, MESSAGE_MAX)
}

/// As [`pieces`], but with messages of at most about `bytes` bytes, for links that break before a large one is through.
/// An item that is larger than that travels alone: with whatever `bytes`, each message but the first has at least one.
pub fn pieces_of(first: Message, give: impl IntoIterator<Item = Item>, bytes: usize) -> Vec<Message> {
    let soft = bytes.min(MESSAGE_MAX);
    let empty = Message::new(first.package, first.unit.clone());
    // The head of an item takes at most 8 bytes, and the list's own head may grow by 2.
    let cost = |item: &Item| item.bytes.len() + 8;
    let spare =
        |message: &Message| MESSAGE_MAX - 16 - crate::cbor::encode(message).len().min(MESSAGE_MAX - 16);
    let whole = spare(&empty);
    let mut room = spare(&first);
    let mut used = 0;
    let mut done = vec![first];
    for item in give {
        let cost = cost(&item);
        if cost > whole {
            continue;
        }
        let full = done.last().is_none_or(|message| message.give.len() >= ITEMS_MAX);
        let enough = used > 0 && used + cost > soft;
        if (cost > room || full || enough) && !planted::is(Bug::SendsInOnePiece) {
            done.push(empty.clone());
            room = whole;
            used = 0;
        }
        room = room.saturating_sub(cost);
        used += cost;
        if let Some(last) = done.last_mut() {
            last.give.push(item);
        }
    }
    done
}

/// A message signed by the device that delivers it, which need not be the author of anything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The delivering device.
    pub device: crate::id::DeviceId,
    /// Random, so that two requests never have the same bytes.
    pub nonce: [u8; 8],
    /// Its certificate, sent only after the centre said that it does not know the device.
    pub certificate: Option<Vec<u8>>,
    /// The message's bytes.
    pub message: Vec<u8>,
}

impl SignedKind for Request {
    const DOMAIN: &'static str = "homphieu/request/1";
}

impl Format for Request {
    const WHAT: &'static str = "sync request";
    const MAX_BYTES: usize = MESSAGE_MAX + 44 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(5).uint(VERSION).bytes(self.device.as_bytes()).bytes(&self.nonce);
        w.maybe_bytes(self.certificate.as_deref()).bytes(&self.message);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(5, VERSION, Self::WHAT)?;
        let certificate_max = crate::device::Certificate::MAX_BYTES + crate::cose::COSE_OVERHEAD;
        Ok(Self {
            device: crate::id::DeviceId(r.fixed("device")?),
            nonce: r.fixed("nonce")?,
            certificate: r
                .maybe("certificate", |r| r.bytes(certificate_max, "certificate"))?
                .map(<[u8]>::to_vec),
            message: r.bytes(MESSAGE_MAX, "sync message")?.to_vec(),
        })
    }
}
