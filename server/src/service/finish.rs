//! The end of a round: everything is checked once more, then each unit gets the statement by which tablets delete.

use super::counting::{Counted, load_counted};
use super::record::Records;
use super::setup::change_state;
use super::standing::{load_standing, load_standings};
use super::{Centre, Round, load_round};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::store::restoration::{self, WithoutRow};
use crate::store::statements::LeftRow;
use crate::store::{Db, StoreError, backups, devices, digest, statements, units};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::centre::Admission;
use sync_core::cose::Signed;
use sync_core::finish::{RoundStanding, Unfinished, listed};
use sync_core::id::{DeviceId, RoundId, UnitCode};
use sync_core::standing::UnitStanding;

/// How far a round is from its end.
#[derive(Debug, Clone)]
pub enum Ending {
    /// It is not closed yet, so its end is not in sight.
    NotClosed(RoundState),
    /// It is closed, and this stands in the way; nothing if it may be finished now.
    Closed(Vec<Unfinished>),
    /// It is finished: as many units have a statement.
    Finished(usize),
}

/// A closed round with all that its end rests on.
struct AtTheEnd {
    counted: Vec<Counted>,
    unfinished: Vec<Unfinished>,
}

impl Centre {
    /// What stands in the way of finishing a round.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn ending(&self, round: &RoundId) -> Result<Ending, AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        match stored.state {
            RoundState::Finished => {
                let units = statements::count(&mut tx, round).await?;
                Ok(Ending::Finished(usize::try_from(units).unwrap_or_default()))
            }
            RoundState::Closed => Ok(Ending::Closed(look(&mut tx, self.kept(), &stored).await?.unfinished)),
            state => Ok(Ending::NotClosed(state)),
        }
    }

    /// Finishes a closed round and issues the statement of every unit, all in one transaction. Gives what stands in
    /// the way; with nothing in it the round is finished now. A finished round is finished again with success.
    ///
    /// # Errors
    /// [`AppError`] with code `round_state` if the round is not closed.
    pub async fn finish_round(&self, round: &RoundId) -> Result<Vec<Unfinished>, AppError> {
        let mut tx = self.begin_units(round).await?;
        let stored = load_round(&mut tx, round).await?;
        match stored.state {
            RoundState::Finished => return Ok(Vec::new()),
            RoundState::Closed => {}
            state => return Err(not_at_its_end(state)),
        }
        let AtTheEnd { counted, unfinished } = look(&mut tx, None, &stored).await?;
        if !unfinished.is_empty() {
            return Ok(unfinished);
        }
        let order = counted.last().ok_or(StoreError::Damaged { what: "opening order" })?.order.value();
        let package = stored.signed()?.hash();
        for part in &order.units {
            let admission = Admission { package: &package, unit: &part.unit, centre: &self.keys() };
            let statement = admission.statement(&listed(part), self.key());
            statements::insert(&mut tx, round, &part.unit, statement.bytes()).await?;
        }
        change_state(&mut tx, round, RoundState::Finished).await?;
        let detail = format!("by order {}; tablets may delete", order.number);
        self.commit(tx, "round_finished", round.uuid(), detail).await?;
        Ok(Vec::new())
    }

    /// Tablets of a round without which two people finish it.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn going_on_without(&self, round: &RoundId) -> Result<Vec<WithoutRow>, AppError> {
        let mut tx = self.begin().await?;
        load_round(&mut tx, round).await?;
        Ok(restoration::going_on_without(&mut tx, round).await?)
    }

    /// Units that two people left unpublished.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn left_unpublished(&self, round: &RoundId) -> Result<Vec<LeftRow>, AppError> {
        let mut tx = self.begin().await?;
        load_round(&mut tx, round).await?;
        Ok(statements::left_unpublished(&mut tx, round).await?)
    }
}

/// To whoever asks for the end of a round that is not closed.
pub fn not_at_its_end(state: RoundState) -> AppError {
    AppError::conflict(
        "round_state",
        format!("the round is {state}; close it, count it and publish it before it is finished"),
    )
}

/// Whether a unit can be left unpublished: the round is closed, and nobody has published it.
pub(super) async fn may_be_left(db: &mut Db, stored: &Round, unit: &UnitCode) -> Result<(), AppError> {
    if stored.state != RoundState::Closed {
        return Err(AppError::conflict(
            "round_state",
            format!("the round is {}; a unit is left unpublished only after the close", stored.state),
        ));
    }
    if units::published(db, &stored.id).await?.iter().any(|(published, _)| published == unit) {
        return Err(AppError::conflict(
            "already_published",
            format!("unit {unit} is published; that is not taken back"),
        ));
    }
    Ok(())
}

/// Whether it can be decided to finish without a tablet: the round is closed, and it is waited for in this unit.
pub(super) async fn may_go_on(
    db: &mut Db,
    stored: &Round,
    unit: &UnitCode,
    device: DeviceId,
) -> Result<(), AppError> {
    if stored.state != RoundState::Closed {
        return Err(AppError::conflict(
            "round_state",
            format!("the round is {}; until the close there is time to find the tablet", stored.state),
        ));
    }
    let standing = load_standing(db, None, stored, unit).await?;
    let unheard = restoration::unheard(db).await?.contains(&(stored.id, unit.clone(), device));
    if !unheard || standing.facts.is_whole(&device) {
        let detail = format!(
            "tablet {device} is not waited for in unit {unit}: all of it is here, it was heard from since the restore, \
             or it is no tablet of the unit"
        );
        return Err(AppError::conflict("nothing_to_decide", detail));
    }
    Ok(())
}

/// Tablets that may hold what a centre out of a backup does not know: not heard from since the restore, and not all that
/// they sealed is here. A tablet that only ever met couriers is not heard from either, but its close shows that nothing
/// of its is missing. Those without which two people go on are left out.
async fn waited_for(
    db: &mut Db,
    round: &RoundId,
    standings: &[UnitStanding],
) -> Result<Vec<Unfinished>, AppError> {
    let without = restoration::going_on_without(db, round).await?;
    let mut found = Vec::new();
    for (of, unit, device) in restoration::unheard(db).await? {
        let standing = standings.iter().find(|standing| standing.unit == unit);
        let decided = without.iter().any(|row| row.unit == unit && row.device == device);
        if of != *round || decided || standing.is_some_and(|standing| standing.facts.is_whole(&device)) {
            continue;
        }
        let label = devices::get(db, round, &device).await?.map(|row| row.label).unwrap_or_default();
        found.push(Unfinished::Unheard { unit, device, label });
    }
    Ok(found)
}

async fn look(db: &mut Db, kept: Option<&Records>, stored: &Round) -> Result<AtTheEnd, AppError> {
    let round = &stored.id;
    let standings = load_standings(db, kept, stored).await?;
    let counted = load_counted(db, &stored.id, stored.signed()?.value()).await?;
    let published: BTreeMap<UnitCode, u32> = units::published(db, round).await?.into_iter().collect();
    let left = statements::left_unpublished(db, round).await?;
    let left: BTreeSet<UnitCode> = left.into_iter().map(|row| row.unit).collect();
    let last = counted.last().map(|last| (last.order.value(), last.result.as_ref().map(Signed::value)));
    let standing = RoundStanding { units: &standings, last, published: &published, left_unpublished: &left };
    let mut unfinished = standing.unfinished();
    unfinished.extend(waited_for(db, round, &standings).await?);
    // What is not settled yet will change once more, so a backup is asked for last.
    if unfinished.is_empty() {
        let now = digest::of_round(db, round).await?.ok_or(StoreError::Damaged { what: "round" })?;
        if !backups::is_verified(db, round, &now).await? {
            unfinished.push(Unfinished::NotBackedUp);
        }
    }
    Ok(AtTheEnd { counted, unfinished })
}
