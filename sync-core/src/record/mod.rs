//! The unit's record: what a team notes together at its meeting, offline, on several tablets.
//!
//! Who came, how many slips went out, what happened, who is on the counting committee. It is a set of [`Entry`]s, never
//! edited in place; each tablet writes a chain of signed [`RecordChange`]s of its own, and a [`Record`] is the union of
//! all chains. Its [`State`] is a fold over the entries that gives the same answer in any order: two figures for one thing
//! that nobody settled are a conflict, shown as such. From state and envelopes follows whether the ballot
//! [`reconcile`]s, and the [`Minutes`] that chair and counting head sign.
//!
//! After the ballot the unit goes on writing in it: correction [`Plans`], which nothing of the minutes rests on.
//!
//! The record is a genuine Automerge document, and yet nobody's Automerge bytes are ever read: each side writes the
//! entries it was told of with its own Automerge and compares the hash ([`document`]). What is refused can hold back
//! nothing else, because no change ever depends on another tablet's.

mod chain;
mod change;
pub mod document;
pub mod double_entry;
mod entry;
mod fold;
mod log;
mod minutes;
mod names;
mod paper;
mod plan;
mod reconcile;
mod sealed;
mod words;

pub use chain::{CHANGES_PER_ACTOR_MAX, Head};
pub use change::{CHANGE_MAX, ENTRIES_MAX, RecordChange, SignedChange, Writer};
pub use entry::{Act, Entry, FigureKind, HEADS_MAX, MEMBERS_MAX, Member, Post, SETTLED_MAX};
pub use fold::{CheckIn, Explanation, Noted, Presence, SignOff, State, Topic};
pub use log::{ACTORS_MAX, ACTORS_PER_DEVICE_MAX, BYTES_PER_DEVICE_MAX, Record, Taken};
pub use minutes::{Minutes, MinutesHash, Version};
pub use names::{PersonId, plain};
pub use paper::{PAPER_MAX, Paper, PaperCount, PaperError, PaperForm, PaperPlace};
pub use plan::{By, DAY_MAX, MEASURES_MAX, Measure, Plan, Plans, Progress, SHORTCOMINGS_MAX};
pub use reconcile::{Close, Finding, FindingCode, Ground, Severity, Subject, Votes, reconcile};
pub use sealed::{Reader, SEALED_MAX, SealError, SealedChanges};
pub use words::Language;

use crate::cbor::{FormatError, Reader as CborReader, Writer as CborWriter};
use crate::id::{DeviceId, parse_hex};
use std::fmt;

/// One writer of the record: a device in one run of its program. 16 bytes of the device's id, then 8 random bytes for
/// each start, so that a tablet restored from an old copy never goes on with a chain of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(pub [u8; 24]);

impl Actor {
    /// Length in bytes.
    pub const LEN: usize = 24;

    /// The writer of one run of a device's program.
    pub fn new(device: &DeviceId, run: [u8; 8]) -> Self {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&device.0);
        bytes[16..].copy_from_slice(&run);
        Self(bytes)
    }

    /// The device that signs what this writer writes.
    pub fn device(&self) -> DeviceId {
        let mut device = [0; 16];
        device.copy_from_slice(&self.0[..16]);
        DeviceId(device)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Actor({self})")
    }
}

/// Hash of one change of an Automerge document, as Automerge computes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeHash(pub [u8; 32]);

impl ChangeHash {
    /// The first 8 bytes, which stand in `have`.
    pub fn short(&self) -> [u8; 8] {
        let mut short = [0; 8];
        short.copy_from_slice(&self.0[..8]);
        short
    }
}

impl fmt::Debug for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangeHash(")?;
        self.0[..8].iter().try_for_each(|b| write!(f, "{b:02x}"))?;
        write!(f, "…)")
    }
}

/// The place of one entry: its writer, the number of the change, and the place in it. Nobody chooses it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntryRef {
    /// The writer.
    pub actor: Actor,
    /// Number of the change in the writer's chain, from 1.
    pub sequence: u32,
    /// Place in the change, from 0.
    pub index: u8,
}

/// Place of the last entry that a change can hold.
const LAST_INDEX: u8 = 63;
const _: () = assert!(ENTRIES_MAX == LAST_INDEX as usize + 1);

impl EntryRef {
    /// The place as it prints itself: `WRITER-NUMBER-INDEX`, the writer in hexadecimal.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (writer, sequence, index) = (parts.next()?, parts.next()?, parts.next()?);
        let mut actor = [0; Actor::LEN];
        parse_hex(writer, &mut actor).ok()?;
        let place =
            Self { actor: Actor(actor), sequence: sequence.parse().ok()?, index: index.parse().ok()? };
        parts.next().is_none().then_some(place)
    }

    fn write(&self, w: &mut CborWriter) {
        w.array(3).bytes(&self.actor.0).uint(self.sequence).uint(self.index);
    }

    fn read(r: &mut CborReader<'_>) -> Result<Self, FormatError> {
        const WHAT: &str = "place of an entry";
        r.array(3, WHAT)?;
        let actor = Actor(r.fixed(WHAT)?);
        let sequence = r.u32(CHANGES_PER_ACTOR_MAX, WHAT)?;
        if sequence == 0 {
            return Err(FormatError::Range { what: WHAT });
        }
        Ok(Self { actor, sequence, index: r.u8(LAST_INDEX, WHAT)? })
    }
}

impl fmt::Display for EntryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.actor, self.sequence, self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_entry_reads_back_as_it_prints_itself_and_nothing_else_does() {
        let place = EntryRef { actor: Actor([0xab; 24]), sequence: 7, index: 63 };
        assert_eq!(EntryRef::parse(&place.to_string()), Some(place));
        for bad in ["", "ab-1-1", &format!("{place}-1"), &format!("{}é-1-1", "a".repeat(46)), "-1-1"] {
            assert_eq!(EntryRef::parse(bad), None, "{bad:?}");
        }
    }
}
