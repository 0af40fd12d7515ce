//! How the notices and plans of a round stand, by unit: counted once for everybody who looks.

use super::shelf::Shelf;
use super::{Centre, load_round};
use crate::domain::calendar::day_of;
use crate::domain::notice::Tally;
use crate::domain::plan::PlanTally;
use crate::error::AppError;
use crate::store::rounds::{self, Mark};
use crate::store::{Db, notices, plans};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::id::{RoundId, UnitCode};
use time::Date;

/// What changes with everything that is written of a round.
///
/// # Errors
/// [`AppError`] with code `unknown_round`.
pub(super) async fn load_mark(db: &mut Db, round: &RoundId) -> Result<Mark, AppError> {
    if let Some(mark) = rounds::mark(db, round).await? {
        return Ok(mark);
    }
    // Says that there is none.
    load_round(db, round).await?;
    Err(AppError::Internal("a round is there and is not".to_owned()))
}

/// What changes with everything that is written of a round, and with the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    mark: Mark,
    day: Date,
}

impl Basis {
    /// Of a round as it is stored now. It is read before anything that rests on it: who writes meanwhile is seen the next
    /// time.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn of(db: &mut Db, round: &RoundId, now: i64) -> Result<Self, AppError> {
        Ok(Self { mark: load_mark(db, round).await?, day: day_of(now) })
    }

    /// The day.
    pub fn day(&self) -> Date {
        self.day
    }
}

/// The figures of the rounds that were asked for last.
pub(super) type Kept = Shelf<Basis, Tallies>;

/// The notices and plans of a round in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tallies {
    /// All notices.
    pub notices: Tally,
    /// Those of each unit that has any, by code.
    pub notices_of: BTreeMap<UnitCode, Tally>,
    /// Day on which the first notice of a unit was made.
    pub first_made: BTreeMap<UnitCode, Date>,
    /// All plans.
    pub plans: PlanTally,
    /// Those of each published unit, by code.
    pub plans_of: BTreeMap<UnitCode, PlanTally>,
}

impl Tallies {
    async fn count(db: &mut Db, round: &RoundId, today: Date) -> Result<Self, AppError> {
        let (notices, plans) = (notices::count(db, round).await?, plans::count(db, round).await?);
        let mut first_made: BTreeMap<UnitCode, Date> = BTreeMap::new();
        for (unit, kind, _) in &notices {
            let first = first_made.entry(unit.clone()).or_insert(kind.made_on);
            *first = kind.made_on.min(*first);
        }
        Ok(Self {
            notices: Tally::of(notices.iter().map(|(_, kind, many)| (*kind, *many)), today),
            first_made,
            notices_of: group(notices)
                .into_iter()
                .map(|(unit, kinds)| (unit, Tally::of(kinds, today)))
                .collect(),
            plans: PlanTally::of(plans.iter().map(|(_, kind, many)| (*kind, *many)), today),
            plans_of: group(plans)
                .into_iter()
                .map(|(unit, kinds)| (unit, PlanTally::of(kinds, today)))
                .collect(),
        })
    }
}

fn group<K>(kinds: Vec<(UnitCode, K, u32)>) -> BTreeMap<UnitCode, Vec<(K, u32)>> {
    let mut units: BTreeMap<UnitCode, Vec<(K, u32)>> = BTreeMap::new();
    for (unit, kind, many) in kinds {
        units.entry(unit).or_default().push((kind, many));
    }
    units
}

impl Centre {
    /// How the notices and plans of a round stand on the day of the basis.
    pub(super) async fn tallies(
        &self,
        db: &mut Db,
        round: &RoundId,
        basis: &Basis,
    ) -> Result<Arc<Tallies>, AppError> {
        if let Some(tallies) = self.inner.tallies.find(round, basis) {
            return Ok(tallies);
        }
        let tallies = Arc::new(Tallies::count(db, round, basis.day()).await?);
        self.inner.tallies.keep(*round, basis.clone(), &tallies);
        Ok(tallies)
    }

    /// How the notices and plans of a round stand today.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn round_tallies(&self, round: &RoundId) -> Result<Arc<Tallies>, AppError> {
        let mut tx = self.begin().await?;
        let basis = Basis::of(&mut tx, round, super::now()).await?;
        self.tallies(&mut tx, round, &basis).await
    }
}
