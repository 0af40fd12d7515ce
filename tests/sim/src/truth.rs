//! What really happened, as the world itself recorded it. Checkers judge by this, never by the system's own opinion.

use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::{DeviceId, EnvelopeId, SheetHash};
use sync_core::record::{Actor, ChangeHash, Entry, EntryRef, PersonId};

/// The lines of a ballot as they were marked.
pub type Lines = Vec<Option<u8>>;

/// A ballot that a voter cast on a tablet.
#[derive(Debug, Clone)]
pub struct Cast {
    /// Index of the unit.
    pub unit: usize,
    /// Index of the tablet.
    pub body: usize,
    /// What was marked.
    pub marks: Lines,
    /// The sheet it was marked on.
    pub sheet: SheetHash,
    /// The sealed record, as it lay in the box.
    pub record: Vec<u8>,
    /// Whether the tablet told the voter that the ballot is in the box.
    pub told: bool,
    /// Why nobody can be asked for it any more, if so: its tablet's store was lost before it left.
    pub excused: Option<&'static str>,
}

/// An entry that a tablet confirmed to the person who noted it.
#[derive(Debug, Clone)]
pub struct Told {
    /// Index of the unit.
    pub unit: usize,
    /// Index of the tablet.
    pub body: usize,
    /// Where it stands.
    pub place: EntryRef,
    /// What it says.
    pub entry: Entry,
    /// Why nobody can be asked for it any more, if so.
    pub excused: Option<&'static str>,
}

/// A change as its device signed it.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Its hash.
    pub hash: ChangeHash,
}

/// How a record came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// By the cast with this index.
    Cast(usize),
    /// By a malicious tablet, sealed in a place of its unit but with a claim that does not give its nullifier.
    WrongClaim(usize, SheetHash),
    /// By a malicious tablet, so that it does not open in any place.
    Noise,
    /// By a malicious tablet in an attended unit, sealed rightly: nothing tells it from a real one.
    Counted(usize, SheetHash, Lines),
}

/// Everything recorded.
#[derive(Debug, Default)]
pub struct Truth {
    /// Ballots in the order of casting.
    pub casts: Vec<Cast>,
    /// Every record there ever was.
    pub records: BTreeMap<Vec<u8>, Made>,
    /// Units each device was certified for.
    pub scopes: BTreeMap<DeviceId, Vec<usize>>,
    /// Devices that the office revoked.
    pub revoked: BTreeSet<DeviceId>,
    /// Malicious devices.
    pub rogues: BTreeSet<DeviceId>,
    /// Devices whose store was copied or set back: their numbers may fork.
    pub forked: BTreeSet<DeviceId>,
    /// Units whose sheet was reissued.
    pub reissued: BTreeSet<usize>,
    /// What the centre had when the round was closed, if it is closed.
    pub at_close: Option<BTreeSet<EnvelopeId>>,
    /// Records in envelopes that the office let go: they are at the centre, and may be nowhere else.
    pub let_go: BTreeSet<Vec<u8>>,
    /// Entries of unit records that were confirmed to a person.
    pub told: Vec<Told>,
    /// Every change that anybody signed, by unit, writer and number: more than one only of one who lies.
    pub written: BTreeMap<(usize, Actor, u32), Vec<Written>>,
    /// Who asked which tablet to note something in which unit.
    pub asked: BTreeSet<(DeviceId, usize, PersonId)>,
    /// Units whose chair and head signed when all was put in order.
    pub signed: BTreeSet<usize>,
    /// Changes that nobody may ever take, for their hash or signature is wrong.
    pub forged: BTreeSet<ChangeHash>,
    /// Envelopes that each tablet or courier, by index, ever held.
    pub held: BTreeMap<usize, BTreeSet<EnvelopeId>>,
    /// How often the centre was restored from a backup.
    pub restores: usize,
}
