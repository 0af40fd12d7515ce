//! Changes of a unit's record come in: judged against what is stored, and stored.
//!
//! Everything here happens under the unit's turn, so no other process takes a change of the unit meanwhile. Only the
//! chains of those writers are loaded of whom something came.

use crate::service::plans;
use crate::store::records::{self, ChangeRow, HeadRow};
use crate::store::{Db, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::cose::Unverified;
use sync_core::id::{PackageHash, RoundId, UnitCode};
use sync_core::message::Outcome;
use sync_core::record::{
    ACTORS_MAX, ACTORS_PER_DEVICE_MAX, Actor, BYTES_PER_DEVICE_MAX, CHANGES_PER_ACTOR_MAX, Record,
    RecordChange, SignedChange, Taken,
};

/// Takes changes whose signatures were checked, in whatever order they came, and stores what is new. `heads` is how far
/// every chain of the unit is stored, and is afterwards how far it is then.
pub(in crate::service) async fn take(
    db: &mut Db,
    (round, package, unit): (&RoundId, &PackageHash, &UnitCode),
    heads: &mut Vec<HeadRow>,
    changes: &[SignedChange],
) -> Result<Vec<Taken>, StoreError> {
    let place = (round, unit);
    let actors: BTreeSet<Actor> = changes.iter().map(|change| change.value().actor).collect();
    let mut stored = Stored { record: Record::new(*package, unit.clone()), lengths: BTreeMap::new() };
    for actor in actors.iter().filter(|actor| find(heads, actor).is_ok()) {
        stored.load(db, place, actor).await?;
    }
    // By number, so that a change finds the one before it also if that came later in the message.
    let mut order: Vec<usize> = (0..changes.len()).collect();
    order.sort_by_key(|at| (changes[*at].value().actor, changes[*at].value().sequence));
    let mut taken = vec![Taken::AlreadyHere; changes.len()];
    for at in order {
        let change = &changes[at];
        taken[at] = match stored.beyond_bounds(heads, change) {
            true => Taken::Refused(Outcome::TooMany),
            false => stored.record.take(change.clone()),
        };
        if taken[at] == Taken::New {
            stored.keep(db, place, change).await?;
            stored.project(heads, &change.value().actor);
        }
    }
    let news = taken.iter().zip(changes).filter(|(taken, _)| **taken == Taken::New);
    for actor in news.map(|(_, change)| change.value().actor).collect::<BTreeSet<_>>() {
        if let Ok(at) = find(heads, &actor) {
            records::put_head(db, round, unit, &heads[at]).await?;
        }
    }
    if taken.contains(&Taken::New) {
        plans::project(db, (round, package, unit)).await?;
    }
    Ok(taken)
}

/// What is stored of the writers concerned.
struct Stored {
    record: Record,
    /// Bytes of every stored change, by writer, number and id.
    lengths: BTreeMap<(Actor, u32, [u8; 32]), u64>,
}

impl Stored {
    async fn load(
        &mut self,
        db: &mut Db,
        place: (&RoundId, &UnitCode),
        actor: &Actor,
    ) -> Result<(), StoreError> {
        for row in records::chain(db, place, actor, 1..=CHANGES_PER_ACTOR_MAX).await? {
            self.lengths.insert((*actor, row.sequence, row.id), row.bytes.len() as u64);
            self.record.restore(restored(&row)?);
        }
        Ok(())
    }

    /// Whether a change that is not here yet would go beyond what one device, or all, may store. The record sees only
    /// the writers that were loaded.
    fn beyond_bounds(&self, heads: &[HeadRow], change: &SignedChange) -> bool {
        let (actor, sequence) = (change.value().actor, change.value().sequence);
        if self.lengths.contains_key(&(actor, sequence, change.id())) {
            return false;
        }
        let device = actor.device();
        let of_device = || heads.iter().filter(|head| head.actor.device() == device);
        let fresh = find(heads, &actor).is_err();
        let bytes: u64 = of_device().map(|head| head.size).sum();
        fresh && (heads.len() >= ACTORS_MAX || of_device().count() >= ACTORS_PER_DEVICE_MAX)
            || bytes + change.bytes().len() as u64 > BYTES_PER_DEVICE_MAX as u64
    }

    /// Stores a new change. Of those that claim one number the ones stay that the record keeps: two twins, and of the
    /// forms of one change the smallest.
    async fn keep(
        &mut self,
        db: &mut Db,
        place: (&RoundId, &UnitCode),
        change: &SignedChange,
    ) -> Result<(), StoreError> {
        let (actor, sequence) = (change.value().actor, change.value().sequence);
        let row = ChangeRow { sequence, id: change.id(), bytes: change.bytes().to_vec() };
        records::put(db, place, &actor, &row).await?;
        self.lengths.insert((actor, sequence, row.id), row.bytes.len() as u64);
        let same = self.lengths.range((actor, sequence, [0; 32])..=(actor, sequence, [0xff; 32]));
        let same: Vec<[u8; 32]> = same.map(|((.., id), _)| *id).collect();
        let kept: BTreeSet<[u8; 32]> = self.record.at(&actor, sequence).map(SignedChange::id).collect();
        for id in same.iter().filter(|id| !kept.contains(*id) && kept.contains(&change.id())) {
            records::remove(db, place, &actor, (sequence, id)).await?;
            self.lengths.remove(&(actor, sequence, *id));
        }
        Ok(())
    }

    /// Brings the head of a writer up to date.
    fn project(&self, heads: &mut Vec<HeadRow>, actor: &Actor) {
        let Some(head) = head_of(&self.record, actor, &self.lengths) else { return };
        match find(heads, actor) {
            Ok(at) => heads[at] = head,
            Err(at) => heads.insert(at, head),
        }
    }
}

/// How far a writer's chain is, with the bytes of all its stored changes.
fn head_of(
    record: &Record,
    actor: &Actor,
    lengths: &BTreeMap<(Actor, u32, [u8; 32]), u64>,
) -> Option<HeadRow> {
    let head = record.head_of(actor)?;
    let size = lengths.range((*actor, 0, [0; 32])..=(*actor, u32::MAX, [0xff; 32])).map(|(_, len)| len).sum();
    Some(HeadRow { actor: *actor, sequence: head.sequence, hash: head.hash, size })
}

/// The heads that follow from all changes of a unit, each of which counts where the record says so.
pub(super) fn heads_of(record: &Record, rows: &[(Actor, ChangeRow)]) -> Vec<HeadRow> {
    let lengths: BTreeMap<_, _> =
        rows.iter().map(|(actor, row)| ((*actor, row.sequence, row.id), row.bytes.len() as u64)).collect();
    let actors: BTreeSet<Actor> = rows.iter().map(|(actor, _)| *actor).collect();
    actors.iter().filter_map(|actor| head_of(record, actor, &lengths)).collect()
}

/// Where a writer's head is, or belongs.
fn find(heads: &[HeadRow], actor: &Actor) -> Result<usize, usize> {
    heads.binary_search_by_key(actor, |head| head.actor)
}

/// A change that was checked before it was stored.
pub(super) fn restored(row: &ChangeRow) -> Result<SignedChange, StoreError> {
    let damaged = |_| StoreError::Damaged { what: "record change" };
    Ok(Unverified::<RecordChange>::decode(&row.bytes).map_err(damaged)?.from_own_store())
}
