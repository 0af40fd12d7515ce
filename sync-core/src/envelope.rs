//! Sealed envelopes: signed batches of ballots, the unit of replication and of storage.

use crate::ballot::{Record, record_len};
use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::cose::{SecretKey, Signed, SignedKind};
use crate::id::{DeviceId, EnvelopeId, PackageHash, SheetHash, UnitCode};
use crate::package::{OFFICIALS_MAX, VERSION};
use crate::planted::{self, Bug};

/// Most bytes of ballots in one envelope.
pub const BALLOTS_MAX_BYTES: usize = 128 * 1024;
/// Highest number of an envelope; bounds what one device can store.
pub const NUMBER_MAX: u32 = 512;

/// A batch of sealed ballots of one tablet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The package.
    pub package: PackageHash,
    /// The unit.
    pub unit: UnitCode,
    /// The sheet the ballots were marked on.
    pub sheet: SheetHash,
    /// The tablet that sealed it.
    pub device: DeviceId,
    /// 1 for the tablet's first envelope of the unit, then 2, and so on.
    pub number: u32,
    /// The envelope before; nothing only for number 1.
    pub previous: Option<EnvelopeId>,
    /// In the closing envelope: ballots in all envelopes of this tablet and unit, this one included.
    pub total: Option<u32>,
    /// The ballots.
    pub ballots: Batch,
}

/// Records of one length in ascending order, each once.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    record_len: usize,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} × {} bytes)", self.len(), self.record_len)
    }
}

impl Batch {
    /// Sorts records into a batch.
    ///
    /// # Errors
    /// [`FormatError`] if a record has another length, one stands twice, or they are more than
    /// [`BALLOTS_MAX_BYTES`].
    pub fn new(record_len: usize, mut records: Vec<Record>) -> Result<Self, FormatError> {
        records.sort_unstable();
        let bytes = records.iter().flat_map(|record| record.as_bytes()).copied().collect();
        if records.iter().any(|record| record.as_bytes().len() != record_len) {
            return Err(FormatError::Range { what: "ballot length" });
        }
        Self::checked(record_len, bytes)
    }

    fn checked(record_len: usize, bytes: Vec<u8>) -> Result<Self, FormatError> {
        let what = "ballots of an envelope";
        if bytes.len() > BALLOTS_MAX_BYTES {
            return Err(FormatError::TooLong { what, found: bytes.len(), limit: BALLOTS_MAX_BYTES });
        }
        if !(self::record_len(1)..=self::record_len(OFFICIALS_MAX)).contains(&record_len) {
            return Err(FormatError::Range { what: "ballot length" });
        }
        if !bytes.len().is_multiple_of(record_len) {
            return Err(FormatError::Malformed { what });
        }
        if !bytes.chunks(record_len).is_sorted_by(|a, b| a < b) {
            return Err(FormatError::Unsorted { what });
        }
        Ok(Self { record_len, bytes })
    }

    pub(crate) fn write(&self, w: &mut Writer) {
        w.uint(self.record_len as u64).bytes(&self.bytes);
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let record_len = r.u32(u32::from(u16::MAX), "ballot length")? as usize;
        Self::checked(record_len, r.bytes(BALLOTS_MAX_BYTES, "ballots")?.to_vec())
    }

    /// The batch without ballots that are known elsewhere; nothing if none is left.
    pub fn without(&self, known: impl Fn(&Record) -> bool) -> Option<Self> {
        let bytes: Vec<u8> =
            self.records().filter(|record| !known(record)).flat_map(|r| r.as_bytes().to_vec()).collect();
        (!bytes.is_empty()).then_some(Self { record_len: self.record_len, bytes })
    }

    /// Number of ballots.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.record_len
    }

    /// Whether there is none, as in the close of a tablet nobody used.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Length of each record in bytes.
    pub fn record_len(&self) -> usize {
        self.record_len
    }

    /// The records, ascending.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        self.bytes.chunks(self.record_len).filter_map(Record::from_slice)
    }
}

/// Most ballots of this length that one envelope holds.
pub fn batch_capacity(record_len: usize) -> usize {
    BALLOTS_MAX_BYTES / record_len.max(1)
}

/// An envelope that is signed, or whose signature was checked.
pub type SignedEnvelope = Signed<Envelope>;

impl Signed<Envelope> {
    /// The envelope's id.
    pub fn envelope_id(&self) -> EnvelopeId {
        EnvelopeId(self.id())
    }
}

impl SignedKind for Envelope {
    const DOMAIN: &'static str = "homphieu/envelope/1";
}

impl Format for Envelope {
    const WHAT: &'static str = "envelope";
    const MAX_BYTES: usize = BALLOTS_MAX_BYTES + 512;

    fn write(&self, w: &mut Writer) {
        w.array(10).uint(VERSION).bytes(self.package.as_bytes()).text(self.unit.as_str());
        w.bytes(self.sheet.as_bytes()).bytes(self.device.as_bytes()).uint(self.number);
        w.maybe_bytes(self.previous.as_ref().map(EnvelopeId::as_bytes));
        match self.total {
            Some(total) => w.uint(total),
            None => w.null(),
        };
        self.ballots.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(10, VERSION, Self::WHAT)?;
        let envelope = Self {
            package: PackageHash(r.fixed("package hash")?),
            unit: UnitCode::read(r)?,
            sheet: SheetHash(r.fixed("sheet hash")?),
            device: DeviceId(r.fixed("device")?),
            number: r.u32(NUMBER_MAX, "envelope number")?,
            previous: r.maybe("previous envelope", |r| r.fixed("previous envelope"))?.map(EnvelopeId),
            total: r.maybe("closing total", |r| r.u32(u32::MAX, "closing total"))?,
            ballots: Batch::read(r)?,
        };
        if envelope.number == 0 || (envelope.number == 1) != envelope.previous.is_none() {
            return Err(FormatError::Range { what: "envelope number" });
        }
        if envelope.ballots.is_empty() && envelope.total.is_none() {
            return Err(FormatError::Range { what: "ballots of an envelope" });
        }
        Ok(envelope)
    }
}

/// What every envelope of one tablet and unit has in common, and where its chain stands.
/// Number and link outlive a wipe of the tablet, so that no number is ever used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain {
    /// Number of the last envelope, 0 before the first.
    pub number: u32,
    /// Id of the last envelope.
    pub last: Option<EnvelopeId>,
    /// Ballots in all envelopes so far.
    pub ballots: u32,
    /// Whether the last envelope was the closing one.
    pub closed: bool,
}

/// Who seals, for where.
#[derive(Debug, Clone, Copy)]
pub struct Sealer<'a> {
    /// The package.
    pub package: PackageHash,
    /// The unit.
    pub unit: &'a UnitCode,
    /// The sheet of the ballots.
    pub sheet: SheetHash,
    /// The tablet.
    pub device: DeviceId,
    /// Its key.
    pub key: &'a SecretKey,
}

impl Sealer<'_> {
    /// Signs the next envelope of a chain; `closing` states the total. Gives the chain as it stands after it. Beyond a
    /// close only ballots leave, never an empty envelope: a tablet that was copied or restored may learn of a close of
    /// its own while ballots wait in its box. What leaves there is held.
    ///
    /// # Errors
    /// [`FormatError::Range`] if the chain is full, or an empty envelope would not be its first closing one.
    pub fn seal(
        &self,
        chain: &Chain,
        ballots: Batch,
        closing: bool,
    ) -> Result<(SignedEnvelope, Chain), FormatError> {
        let empty_is_right = closing && !chain.closed;
        if chain.number >= NUMBER_MAX || (ballots.is_empty() && !empty_is_right) {
            return Err(FormatError::Range { what: "envelope number" });
        }
        let count = u32::try_from(ballots.len()).map_err(|_| FormatError::Range { what: "ballots" })?;
        let total = chain.ballots.checked_add(count).ok_or(FormatError::Range { what: "closing total" })?;
        let envelope = Envelope {
            package: self.package,
            unit: self.unit.clone(),
            sheet: self.sheet,
            device: self.device,
            number: chain.number + 1,
            previous: chain.last,
            total: closing.then_some(if planted::is(Bug::WrongTotal) { chain.ballots } else { total }),
            ballots,
        };
        let number = envelope.number;
        let signed = Signed::sign(envelope, self.key);
        let chain = Chain {
            number,
            last: Some(signed.envelope_id()),
            ballots: total,
            closed: chain.closed || closing,
        };
        Ok((signed, chain))
    }
}
