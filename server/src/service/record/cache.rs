//! Records that were read and folded before, for those who only look.
//!
//! This is a memory of what is stored, never a source of it. What is kept counts only while the unit's turn, which every
//! write on a unit raises, and the heads of all chains are those read in the very transaction that asks, so another
//! process on the same database can make nothing here stale. Whoever writes reads the record itself: within a write the
//! turn is that of the write, whatever it has done so far.

use super::take::restored;
use crate::error::AppError;
use crate::service::Round;
use crate::store::records::HeadRow;
use crate::store::{Db, StoreError, records, units};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use sync_core::id::{ObjectId, PackageHash, RoundId, SheetHash, UnitCode};
use sync_core::record::{Record, State};

/// Most bytes of signed changes of which records are kept. With its state a record takes three to eight times as much
/// memory, the more the more entries its changes hold (`tests/bench/benches/record.rs`).
const KEPT_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// A record with the state that follows from it.
#[derive(Debug)]
pub(in crate::service) struct Folded {
    /// The record.
    pub record: Arc<Record>,
    /// The state.
    pub state: State,
}

impl Folded {
    fn new(record: Record) -> Self {
        Self { state: record.state(), record: Arc::new(record) }
    }

    /// As [`Record::papers`].
    pub fn papers(&self, sheet: &SheetHash) -> BTreeSet<ObjectId> {
        let (package, unit) = (self.record.package(), self.record.unit());
        self.state.papers_of(Some(sheet)).iter().map(|paper| paper.id(package, unit)).collect()
    }
}

/// A unit's record: from those that are kept, if there are any to look among, else as it is stored.
pub(in crate::service) async fn load_record(
    db: &mut Db,
    kept: Option<&Records>,
    round: &Round,
    unit: &UnitCode,
) -> Result<Arc<Folded>, AppError> {
    let Some(kept) = kept else { return Ok(Arc::new(read(db, round, unit).await?)) };
    let basis = Basis {
        turn: units::turn(db, &round.id, unit).await?,
        heads: records::heads(db, &round.id, unit).await?,
    };
    let place = (round.id, unit.clone());
    if let Some(folded) = kept.find(&place, &basis) {
        return Ok(folded);
    }
    let folded = Arc::new(read(db, round, unit).await?);
    kept.keep(place, basis, &folded);
    Ok(folded)
}

async fn read(db: &mut Db, round: &Round, unit: &UnitCode) -> Result<Folded, AppError> {
    let package = round.signed()?.hash();
    Ok(Folded::new(stored(db, (&round.id, &package, unit)).await?))
}

/// A unit's record as it is stored.
pub(in crate::service) async fn stored(
    db: &mut Db,
    (round, package, unit): (&RoundId, &PackageHash, &UnitCode),
) -> Result<Record, StoreError> {
    let mut record = Record::new(*package, unit.clone());
    for row in records::of_unit(db, round, unit).await? {
        record.restore(restored(&row)?);
    }
    Ok(record)
}

/// What a kept record rests on.
#[derive(Debug, PartialEq, Eq)]
struct Basis {
    turn: Option<i64>,
    heads: Vec<HeadRow>,
}

impl Basis {
    fn bytes(&self) -> u64 {
        self.heads.iter().map(|head| head.size).fold(0, u64::saturating_add)
    }
}

type Place = (RoundId, UnitCode);

/// Records that were read before, those asked for last, within bounds.
#[derive(Debug, Default)]
pub(in crate::service) struct Records(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    kept: BTreeMap<Place, Kept>,
    /// Bytes of all of them.
    bytes: u64,
    /// How often somebody asked; tells which one was not asked for longest.
    asked: u64,
}

#[derive(Debug)]
struct Kept {
    basis: Basis,
    asked: u64,
    folded: Arc<Folded>,
}

impl Records {
    fn find(&self, place: &Place, basis: &Basis) -> Option<Arc<Folded>> {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.asked += 1;
        let asked = shelf.asked;
        let kept = shelf.kept.get_mut(place).filter(|kept| kept.basis == *basis)?;
        kept.asked = asked;
        Some(Arc::clone(&kept.folded))
    }

    fn keep(&self, place: Place, basis: Basis, folded: &Arc<Folded>) {
        let bytes = basis.bytes();
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.remove(&place);
        if bytes > KEPT_BYTES_MAX {
            return;
        }
        while shelf.bytes + bytes > KEPT_BYTES_MAX {
            let longest =
                shelf.kept.iter().min_by_key(|(_, kept)| kept.asked).map(|(place, _)| place.clone());
            match longest {
                Some(longest) => shelf.remove(&longest),
                None => return,
            }
        }
        shelf.bytes += bytes;
        let asked = shelf.asked;
        shelf.kept.insert(place, Kept { basis, asked, folded: Arc::clone(folded) });
    }
}

impl Shelf {
    fn remove(&mut self, place: &Place) {
        if let Some(gone) = self.kept.remove(place) {
            self.bytes -= gone.basis.bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::record::Actor;

    fn place(number: u8) -> Place {
        (RoundId([number; 16]), UnitCode::new("A").unwrap())
    }

    fn basis(turn: i64, size: u64) -> Basis {
        Basis {
            turn: Some(turn),
            heads: vec![HeadRow { actor: Actor([1; 24]), sequence: 1, hash: [0; 8], size }],
        }
    }

    fn folded() -> Arc<Folded> {
        Arc::new(Folded::new(Record::new(PackageHash([3; 32]), UnitCode::new("A").unwrap())))
    }

    #[test]
    fn only_the_very_same_basis_finds_a_record_and_the_one_asked_for_longest_ago_makes_room() {
        let records = Records::default();
        let third = KEPT_BYTES_MAX / 3;
        for number in 0..3 {
            records.keep(place(number), basis(7, third), &folded());
        }
        let found = |number, turn, size| records.find(&place(number), &basis(turn, size)).is_some();
        assert!(found(0, 7, third) && found(1, 7, third) && found(2, 7, third));
        assert!(!found(0, 8, third) && !found(0, 6, third) && !found(0, 7, third + 1) && !found(3, 7, third));
        assert!(found(0, 7, third), "asking for something else takes nothing away");
        assert!(found(2, 7, third));
        records.keep(place(4), basis(1, third), &folded());
        assert!(!found(1, 7, third) && found(0, 7, third) && found(2, 7, third) && found(4, 1, third));
        records.keep(place(5), basis(1, KEPT_BYTES_MAX + 1), &folded());
        assert!(!found(5, 1, KEPT_BYTES_MAX + 1), "one that is too large is not kept");
        records.keep(place(5), basis(1, KEPT_BYTES_MAX), &folded());
        assert!(found(5, 1, KEPT_BYTES_MAX) && !found(0, 7, third));
        records.keep(place(5), basis(2, 1), &folded());
        let shelf = records.0.lock().unwrap();
        assert_eq!((shelf.bytes, shelf.kept.len()), (1, 1), "a newer one takes the place of the older");
    }
}
