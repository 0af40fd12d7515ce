//! A change: some entries of one writer, linked to the writer's change before, signed by its device.

use super::document::{self, Link};
use super::entry::{Entry, entry_bytes};
use super::{Actor, CHANGES_PER_ACTOR_MAX, ChangeHash};
use crate::cbor::{self, Format, FormatError, Reader, Writer as CborWriter};
use crate::cose::{SecretKey, Signed, SignedKind};
use crate::id::{PackageHash, SheetHash, UnitCode};
use crate::package::VERSION;

/// Most entries of one change.
pub const ENTRIES_MAX: usize = 64;
/// Longest change in bytes, without its signature.
pub const CHANGE_MAX: usize = 16 * 1024;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// The package.
    pub package: PackageHash,
    /// The unit.
    pub unit: UnitCode,
    /// The sheet it was written under: a mark, nothing is judged by it.
    pub sheet: SheetHash,
    /// The writer; its first 16 bytes name the device that signs.
    pub actor: Actor,
    /// 1, 2, 3 … within the writer's chain.
    pub sequence: u32,
    /// Hash of the writer's change before; nothing for the first, which follows on the document's beginning.
    pub previous: Option<ChangeHash>,
    /// The entries, 1 to [`ENTRIES_MAX`].
    pub entries: Vec<Entry>,
    /// The hash that Automerge gives this change. A reader writes the same entries and compares.
    pub hash: ChangeHash,
}

/// A change whose signature was made or checked here.
pub type SignedChange = Signed<RecordChange>;

impl RecordChange {
    /// The entries as they stand in the document.
    pub(super) fn entry_bytes(&self) -> Vec<Vec<u8>> {
        self.entries.iter().map(entry_bytes).collect()
    }

    /// The hash that our own Automerge gives these entries, when `ops` operations of the chain come before.
    pub(super) fn rebuilt_hash(&self, ops: u64) -> ChangeHash {
        let link = Link { actor: self.actor, sequence: self.sequence, previous: self.previous, ops };
        document::change_hash(&self.package, &self.unit, &link, &self.entry_bytes())
    }
}

impl SignedKind for RecordChange {
    const DOMAIN: &'static str = "homphieu/record-change/1";
}

impl Format for RecordChange {
    const WHAT: &'static str = "record change";
    const MAX_BYTES: usize = CHANGE_MAX;

    fn write(&self, w: &mut CborWriter) {
        w.array(9).uint(VERSION).bytes(self.package.as_bytes()).text(self.unit.as_str());
        w.bytes(self.sheet.as_bytes()).bytes(&self.actor.0).uint(self.sequence);
        w.maybe_bytes(self.previous.as_ref().map(|hash| &hash.0[..]));
        w.list(&self.entries, |w, entry| entry.write(w));
        w.bytes(&self.hash.0);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(9, VERSION, Self::WHAT)?;
        let change = Self {
            package: PackageHash(r.fixed("package hash")?),
            unit: UnitCode::read(r)?,
            sheet: SheetHash(r.fixed("sheet hash")?),
            actor: Actor(r.fixed("writer")?),
            sequence: r.u32(CHANGES_PER_ACTOR_MAX, "number of a change")?,
            previous: r.maybe("change before", |r| r.fixed("change before"))?.map(ChangeHash),
            entries: r.list(ENTRIES_MAX, "entries", Entry::read)?,
            hash: ChangeHash(r.fixed("hash of a change")?),
        };
        let first = change.sequence == 1;
        if change.sequence == 0 || first != change.previous.is_none() || change.entries.is_empty() {
            return Err(FormatError::Range { what: "number of a change" });
        }
        Ok(change)
    }
}

/// One run of a device's program that writes: its place in the chain, moved on by each change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    actor: Actor,
    sequence: u32,
    last: Option<ChangeHash>,
    ops: u64,
}

impl Writer {
    /// A writer that has written nothing yet. `actor` must be new with every start of the program.
    pub fn new(actor: Actor) -> Self {
        Self { actor, sequence: 0, last: None, ops: 0 }
    }

    /// A writer that goes on after its own changes, given from the first in their order: what one run of a program has
    /// stored, for a program that keeps nothing of it in memory.
    pub fn following<'a>(actor: Actor, changes: impl Iterator<Item = &'a RecordChange>) -> Self {
        changes.fold(Self::new(actor), |writer, change| Self {
            actor,
            sequence: change.sequence,
            last: Some(change.hash),
            ops: writer.ops + change.entries.len() as u64,
        })
    }

    /// Who writes.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The number of the next change.
    pub fn next(&self) -> u32 {
        self.sequence + 1
    }

    /// Signs the next change. `None` if there is no entry, or more than [`ENTRIES_MAX`], or they are longer than
    /// [`CHANGE_MAX`] together, or the chain is full: the caller then begins another change, or another writer.
    pub fn write(
        &mut self,
        (package, unit, sheet): (&PackageHash, &UnitCode, &SheetHash),
        entries: Vec<Entry>,
        key: &SecretKey,
    ) -> Option<SignedChange> {
        if entries.is_empty() || entries.len() > ENTRIES_MAX || self.sequence >= CHANGES_PER_ACTOR_MAX {
            return None;
        }
        let mut change = RecordChange {
            package: *package,
            unit: unit.clone(),
            sheet: *sheet,
            actor: self.actor,
            sequence: self.sequence + 1,
            previous: self.last,
            entries,
            hash: ChangeHash([0; 32]),
        };
        let bytes = cbor::encode(&change);
        // What nobody could read is not signed.
        cbor::decode::<RecordChange>(&bytes).ok()?;
        change.hash = change.rebuilt_hash(self.ops);
        self.sequence = change.sequence;
        self.last = Some(change.hash);
        self.ops += change.entries.len() as u64;
        Some(Signed::sign(change, key))
    }
}
