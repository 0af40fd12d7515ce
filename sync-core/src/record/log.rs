//! The record of one unit as a set of signed changes: merge is union, chain by chain.

use super::chain::{Chain, Head};
use super::change::SignedChange;
use super::fold::State;
use super::minutes::{self, Version};
use super::{Actor, ChangeHash, EntryRef, document};
use crate::id::{DeviceId, ObjectId, PackageHash, SheetHash, UnitCode};
use crate::message::{Outcome, RecordHead};
use crate::record::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Most writers of one record: so many heads fit into one message.
pub const ACTORS_MAX: usize = 1_000;
/// Most writers of one device: it gets one for each start in which it notes something.
pub const ACTORS_PER_DEVICE_MAX: usize = 128;
/// Most bytes of changes of one device.
pub const BYTES_PER_DEVICE_MAX: usize = 4 * 1024 * 1024;

/// What taking a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is new here: store it.
    New,
    /// It was here already, or stands beyond twins where it is left out for good.
    AlreadyHere,
    /// The change before it is not here. Keep it aside.
    WaitsForPredecessor,
    /// It is refused and changed nothing.
    Refused(Outcome),
}

/// The record of one unit.
#[derive(Debug, Clone)]
pub struct Record {
    package: PackageHash,
    unit: UnitCode,
    chains: BTreeMap<Actor, Chain>,
    /// Bytes taken from each device, also of what further twins left out since: whoever stores what is new stores it.
    bytes: BTreeMap<DeviceId, usize>,
}

impl Record {
    /// A record without entries.
    pub fn new(package: PackageHash, unit: UnitCode) -> Self {
        Self { package, unit, chains: BTreeMap::new(), bytes: BTreeMap::new() }
    }

    /// Takes a change of this package and unit whose signature was checked against the device that its writer names.
    /// The same changes in any order, any number of times, give the same record, within the bounds.
    pub fn take(&mut self, change: SignedChange) -> Taken {
        self.add(change, false)
    }

    /// Takes back a change that was taken before and stored by this very program. It is not written again to compare
    /// hashes, so a long record is read fast.
    pub fn restore(&mut self, change: SignedChange) -> Taken {
        self.add(change, true)
    }

    fn add(&mut self, change: SignedChange, stored: bool) -> Taken {
        let actor = change.value().actor;
        let device = actor.device();
        let len = change.bytes().len();
        let new_actor = !self.chains.contains_key(&actor);
        if new_actor && (self.chains.len() >= ACTORS_MAX || self.actors_of(&device) >= ACTORS_PER_DEVICE_MAX)
        {
            return Taken::Refused(Outcome::TooMany);
        }
        let bytes = self.bytes.get(&device).copied().unwrap_or(0);
        if bytes + len > BYTES_PER_DEVICE_MAX {
            let here = self.chains.get(&actor).is_some_and(|chain| chain.has(&change));
            return if here { Taken::AlreadyHere } else { Taken::Refused(Outcome::TooMany) };
        }
        let mut fresh = Chain::default();
        let chain = self.chains.get_mut(&actor).unwrap_or(&mut fresh);
        let taken = chain.take(change, stored);
        if taken == Taken::New {
            self.bytes.insert(device, bytes + len);
            if new_actor {
                self.chains.insert(actor, fresh);
            }
        }
        taken
    }

    fn actors_of(&self, device: &DeviceId) -> usize {
        let from = Actor::new(device, [0; 8]);
        let to = Actor::new(device, [0xff; 8]);
        self.chains.range(from..=to).count()
    }

    /// Whether nothing was ever noted.
    pub fn is_empty(&self) -> bool {
        self.chains.is_empty()
    }

    /// How far each writer's chain is here, ascending.
    pub fn heads(&self) -> Vec<RecordHead> {
        let head = |(actor, chain): (&Actor, &Chain)| {
            let Head { sequence, hash } = chain.head()?;
            Some(RecordHead { actor: actor.0, sequence, hash })
        };
        self.chains.iter().filter_map(head).collect()
    }

    /// How far one writer's chain is here.
    pub fn head_of(&self, actor: &Actor) -> Option<Head> {
        self.chains.get(actor)?.head()
    }

    /// Changes that somebody with these heads lacks, each writer's in their order.
    pub fn lacking(&self, theirs: &[RecordHead]) -> Vec<&SignedChange> {
        let theirs: BTreeMap<Actor, Head> = theirs
            .iter()
            .map(|head| (Actor(head.actor), Head { sequence: head.sequence, hash: head.hash }))
            .collect();
        self.chains.iter().flat_map(|(actor, chain)| chain.lacking(theirs.get(actor))).collect()
    }

    /// Whether somebody with these heads may have something that is not here.
    pub fn lacks_any(&self, theirs: &[RecordHead]) -> bool {
        theirs.iter().any(|head| {
            let theirs = Head { sequence: head.sequence, hash: head.hash };
            self.chains.get(&Actor(head.actor)).is_none_or(|chain| chain.lacks(&theirs))
        })
    }

    /// Every change here, each writer's in their order, twins last.
    pub fn changes(&self) -> impl Iterator<Item = &SignedChange> {
        self.chains.values().flat_map(Chain::all)
    }

    /// Pairs of changes with one number of one writer: a copied device, or one that lies. Neither counts, nor what
    /// follows on them.
    pub fn twins(&self) -> impl Iterator<Item = (&SignedChange, &SignedChange)> {
        self.chains.values().filter_map(|chain| match chain.twins() {
            [first, second] => Some((first, second)),
            _ => None,
        })
    }

    /// What is kept of one number of a writer: one change, two where there are twins, nothing where it is beyond them.
    pub fn at(&self, actor: &Actor, sequence: u32) -> impl Iterator<Item = &SignedChange> {
        self.chains.get(actor).filter(|_| sequence > 0).into_iter().flat_map(move |chain| chain.at(sequence))
    }

    /// Whether these very bytes are kept under this number of a writer: then their signature was checked.
    pub fn holds(&self, actor: &Actor, sequence: u32, bytes: &[u8]) -> bool {
        self.at(actor, sequence).any(|known| known.bytes() == bytes)
    }

    /// The entry at a place, if it counts.
    pub fn entry(&self, place: &EntryRef) -> Option<&Entry> {
        let at = usize::try_from(place.sequence).ok()?.checked_sub(1)?;
        let change = self.chains.get(&place.actor)?.changes().get(at)?;
        change.value().entries.get(usize::from(place.index))
    }

    /// Entries that count, by writer and number.
    pub fn entries(&self) -> impl Iterator<Item = (EntryRef, &Entry)> {
        self.chains.values().flat_map(|chain| chain.entries(u32::MAX))
    }

    /// The state that follows from all entries.
    pub fn state(&self) -> State {
        State::fold(self.entries())
    }

    /// Ids of the paper counts that stand and follow this sheet.
    pub fn papers(&self, sheet: &SheetHash) -> BTreeSet<ObjectId> {
        let state = self.state();
        state.papers_of(Some(sheet)).iter().map(|paper| paper.id(&self.package, &self.unit)).collect()
    }

    /// The state at these heads; `None` while a change below them is not here.
    pub fn state_at(&self, heads: &[(Actor, u32)]) -> Option<State> {
        let mut entries = Vec::new();
        for (actor, last) in heads {
            let chain = self.chains.get(actor)?;
            if chain.changes().len() < *last as usize {
                return None;
            }
            entries.extend(chain.entries(*last));
        }
        Some(State::fold(entries.into_iter()))
    }

    /// The heads that a signature under the minutes of now names: of every writer, or where these are more than
    /// [`super::HEADS_MAX`], of so many from whom the very same minutes follow. `None` if more are needed: then entries
    /// must be undone first.
    pub fn heads_to_sign(&self) -> Option<Vec<(Actor, u32)>> {
        minutes::heads_to_sign(self)
    }

    /// The last change of each writer that counts.
    pub fn signed_heads(&self) -> Vec<(Actor, u32)> {
        let head = |(actor, chain): (&Actor, &Chain)| {
            let last = chain.changes().last()?;
            Some((*actor, last.value().sequence))
        };
        self.chains.iter().filter_map(head).collect()
    }

    /// Every version of the minutes that somebody signed, the one that holds last.
    pub fn versions(&self) -> Vec<Version> {
        minutes::versions(self, &self.package, &self.unit)
    }

    /// The package.
    pub fn package(&self) -> &PackageHash {
        &self.package
    }

    /// The unit.
    pub fn unit(&self) -> &UnitCode {
        &self.unit
    }

    /// The heads of the document: the last change of each writer, or its beginning. Equal heads mean equal documents.
    pub fn document_heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<ChangeHash> = self.chains.values().filter_map(Chain::last_hash).collect();
        if heads.is_empty() {
            heads.push(document::genesis(&self.package, &self.unit));
        }
        heads.sort_unstable();
        heads
    }

    /// The record as an Automerge document that any Automerge program opens.
    pub fn document(&self) -> Vec<u8> {
        let chains = self.chains.iter().map(|(actor, chain)| {
            let changes = chain.changes().iter().map(|change| change.value().entry_bytes());
            (*actor, changes.collect())
        });
        let (bytes, heads) = document::export(&self.package, &self.unit, chains);
        debug_assert_eq!(heads, self.document_heads());
        bytes
    }
}
