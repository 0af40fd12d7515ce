//! The chain of one writer: a beginning without doubt, and where two changes claim one number, both as evidence.

use super::change::SignedChange;
use super::log::Taken;
use super::{ChangeHash, EntryRef};
use crate::id::sha256;
use crate::message::Outcome;
use crate::planted::{self, Bug};
use crate::record::Entry;

/// Most changes of one writer.
pub const CHANGES_PER_ACTOR_MAX: u32 = 4_096;

/// How far a chain is known: what stands in `have`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last change; of the twins, where there are any.
    pub sequence: u32,
    /// First bytes of its hash; of the twins, first bytes of SHA-256 over both hashes, the smaller first.
    pub hash: [u8; 8],
}

/// One writer's chain. Whatever arrives in whatever order, the same set of changes gives the same chain: everything
/// up to the first number that two changes claim, and of those that claim it the two with the smallest hashes. What
/// lies beyond is left out for good.
///
/// Two changes with one hash are one: they differ at most in the mark of the sheet or in the signature. Heads name
/// hashes, so equal heads would hide such a pair from everybody who has only one of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    changes: Vec<SignedChange>,
    /// Operations of the chain up to and with each change.
    ops: Vec<u64>,
    /// Nothing, or two changes with the number after the last.
    twins: Vec<SignedChange>,
}

impl Chain {
    /// Takes a change of this writer whose signature was checked. `stored` is one that was taken before: its hash came
    /// out right then.
    pub fn take(&mut self, change: SignedChange, stored: bool) -> Taken {
        let sequence = change.value().sequence;
        let next = self.next();
        if planted::is(Bug::RecordWithoutPredecessor) && sequence > next && self.twins.is_empty() {
            self.ops.push(0);
            self.changes.push(change);
            return Taken::New;
        }
        if sequence > next {
            return if self.twins.is_empty() { Taken::WaitsForPredecessor } else { Taken::AlreadyHere };
        }
        if self.at(sequence).any(|known| known.id() == change.id()) {
            return self.keep_smaller(change);
        }
        let before = (sequence as usize).checked_sub(2);
        if change.value().previous != before.map(|at| self.changes[at].value().hash) {
            return Taken::WaitsForPredecessor;
        }
        let ops = before.map_or(0, |at| self.ops[at]);
        let compare = !stored && !planted::is(Bug::RecordAnyHash);
        if compare && change.value().rebuilt_hash(ops) != change.value().hash {
            return Taken::Refused(Outcome::Malformed);
        }
        if self.at(sequence).any(|known| known.value().hash == change.value().hash) {
            return self.keep_smaller(change);
        }
        if sequence == next && self.twins.is_empty() {
            self.ops.push(ops + change.value().entries.len() as u64);
            self.changes.push(change);
            return Taken::New;
        }
        if planted::is(Bug::RecordFirstTwinWins) {
            return Taken::AlreadyHere;
        }
        self.take_twin(change)
    }

    fn take_twin(&mut self, change: SignedChange) -> Taken {
        let hash = change.value().hash;
        let at = change.value().sequence as usize - 1;
        let mut twins = match self.changes.get(at) {
            Some(first) => vec![first.clone()],
            None => std::mem::take(&mut self.twins),
        };
        twins.push(change);
        twins.sort_unstable_by_key(|twin| twin.value().hash);
        twins.truncate(2);
        self.changes.truncate(at);
        self.ops.truncate(at);
        let kept = twins.iter().any(|twin| twin.value().hash == hash);
        self.twins = twins;
        if kept { Taken::New } else { Taken::AlreadyHere }
    }

    /// What is here with this number.
    pub fn at(&self, sequence: u32) -> impl Iterator<Item = &SignedChange> {
        let all = self.changes.get(sequence as usize - 1).into_iter().chain(&self.twins);
        all.filter(move |known| known.value().sequence == sequence)
    }

    /// Of the forms of one change the one with the smaller bytes stays, so that all end with the same.
    fn keep_smaller(&mut self, change: SignedChange) -> Taken {
        let at = change.value().sequence as usize - 1;
        let mut known = self.changes.get_mut(at).into_iter().chain(&mut self.twins);
        match known.find(|known| known.value().hash == change.value().hash) {
            Some(known) if change.bytes() < known.bytes() => {
                *known = change;
                Taken::New
            }
            _ => Taken::AlreadyHere,
        }
    }

    /// Whether taking this very change would change nothing.
    pub fn has(&self, change: &SignedChange) -> bool {
        let sequence = change.value().sequence;
        let beyond = !self.twins.is_empty() && sequence > self.next();
        beyond || self.at(sequence).any(|known| known.id() == change.id())
    }

    fn next(&self) -> u32 {
        self.changes.last().map_or(1, |last| last.value().sequence + 1)
    }

    /// How far it is known; nothing while it is empty.
    pub fn head(&self) -> Option<Head> {
        if let [first, second] = self.twins.as_slice() {
            if planted::is(Bug::RecordHidesTwins) {
                return Some(Head { sequence: self.next(), hash: first.value().hash.short() });
            }
            let both = ChangeHash(sha256(&[&first.value().hash.0, &second.value().hash.0]));
            return Some(Head { sequence: self.next(), hash: both.short() });
        }
        let last = self.changes.last()?.value();
        Some(Head { sequence: last.sequence, hash: last.hash.short() })
    }

    /// Hash of the last change that is in the document.
    pub fn last_hash(&self) -> Option<ChangeHash> {
        self.changes.last().map(|change| change.value().hash)
    }

    /// What somebody lacks who is as far as `theirs`. Where the two differ before that, everything: it is rare, and
    /// shows both sides the twins.
    pub fn lacking(&self, theirs: Option<&Head>) -> impl Iterator<Item = &SignedChange> {
        let from = match theirs {
            None => 0,
            Some(theirs) if self.head().as_ref() == Some(theirs) => usize::MAX,
            Some(theirs) => self.common(theirs),
        };
        let all = self.changes.iter().chain(&self.twins);
        all.skip(from)
    }

    /// How many changes somebody at `theirs` surely has.
    fn common(&self, theirs: &Head) -> usize {
        let at = theirs.sequence as usize;
        let here = |change: &SignedChange| change.value().hash.short() == theirs.hash;
        match at.checked_sub(1).and_then(|at| self.changes.get(at)) {
            Some(change) if here(change) => at,
            Some(_) => 0,
            None if self.twins.is_empty() => usize::MAX,
            None if at == self.changes.len() + 1 && self.twins.iter().any(here) => self.changes.len(),
            None => 0,
        }
    }

    /// Whether somebody at `theirs` may have something that is not here. Beyond our twins, that is another change
    /// with a number before.
    pub fn lacks(&self, theirs: &Head) -> bool {
        let Some(at) = (theirs.sequence as usize).checked_sub(1) else { return false };
        if self.head().as_ref() == Some(theirs) {
            return false;
        }
        let mut here = self.changes.get(at).into_iter().chain(self.at(theirs.sequence));
        !here.any(|change| change.value().hash.short() == theirs.hash)
    }

    /// Changes that count, then twins.
    pub fn all(&self) -> impl Iterator<Item = &SignedChange> {
        self.changes.iter().chain(&self.twins)
    }

    /// Changes that count.
    pub fn changes(&self) -> &[SignedChange] {
        &self.changes
    }

    /// The two changes with one number, if there are any.
    pub fn twins(&self) -> &[SignedChange] {
        &self.twins
    }

    /// Entries that count, up to a number.
    pub fn entries(&self, last: u32) -> impl Iterator<Item = (EntryRef, &Entry)> {
        let changes = self.changes.iter().map(|change| change.value());
        changes.take_while(move |change| change.sequence <= last).flat_map(|change| {
            let place = |index| EntryRef { actor: change.actor, sequence: change.sequence, index };
            (0_u8..).zip(&change.entries).map(move |(index, entry)| (place(index), entry))
        })
    }
}
