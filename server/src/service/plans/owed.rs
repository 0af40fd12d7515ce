//! Who owes a plan, when a unit is published; and what follows from its record for lists.

use super::{rule, today};
use crate::domain::figures::base;
use crate::domain::plan::{PlanRow, State, day_from};
use crate::error::AppError;
use crate::service::notices::Announcement;
use crate::service::record::stored;
use crate::service::standing::load_sheets;
use crate::store::{Db, StoreError, plans};
use sync_core::id::{PackageHash, RoundId, UnitCode};
use sync_core::record;

/// Notes for each official of a unit that is published now whether a plan is owed. Only what is published is looked at.
pub(in crate::service) async fn owe(
    db: &mut Db,
    announced: &Announcement<'_>,
    unit: &UnitCode,
) -> Result<(), AppError> {
    let (round, package) = (announced.round, announced.round.signed()?);
    let (rule, _) = rule(db, &round.id).await?;
    let part = announced.result.units.iter().find(|part| part.unit == *unit);
    let part = part.ok_or(StoreError::Damaged { what: "result" })?;
    let sheets = load_sheets(db, &round.id, unit).await?;
    let sheet = sheets.get(&part.sheet).ok_or(StoreError::Damaged { what: "sheet" })?;
    let (_, base) = base(package.value(), part);
    let made_on = today();
    let due_on = rule.due(announced.calendar, made_on);
    for (place, official) in sheet.officials.iter().enumerate() {
        let line = part.lines.as_ref().and_then(|lines| lines.get(place));
        let row = PlanRow {
            round: round.id,
            unit: unit.clone(),
            official: official.code.clone(),
            name: official.name.clone(),
            post: official.post.clone(),
            owed: rule.who.owes(line, base),
            made_on,
            due_on,
            state: State::None,
            ends_on: None,
            written_on: None,
            state_on: None,
        };
        plans::make(db, &row).await?;
    }
    project(db, (&round.id, &package.hash(), unit)).await?;
    Ok(())
}

/// Brings the plans of a unit up to its record; whether any of them changed. Before a unit is published there are none.
pub(in crate::service) async fn project(
    db: &mut Db,
    (round, package, unit): (&RoundId, &PackageHash, &UnitCode),
) -> Result<bool, StoreError> {
    let rows = plans::of_unit(db, round, unit).await?;
    if rows.is_empty() {
        return Ok(false);
    }
    let state = stored(db, (round, package, unit)).await?.state();
    let mut changed = false;
    for row in rows {
        let now = projected(&row, state.plans.get(&row.official));
        if now != row {
            plans::project(db, &now).await?;
            changed = true;
        }
    }
    Ok(changed)
}

/// A row as it follows from what the record says.
fn projected(row: &PlanRow, said: Option<&record::Plans>) -> PlanRow {
    let state = State::of(said);
    let live = said.map(record::Plans::live).unwrap_or_default();
    // While versions differ, the latest of their days: nobody is called late for a day that may not hold.
    let ends = said.and_then(|said| live.iter().filter_map(|place| said.versions[place].said.ends()).max());
    let written_on = row.written_on.or((state != State::None).then(today));
    let state_on = if state == row.state { row.state_on } else { Some(today()) };
    PlanRow { state, ends_on: ends.and_then(day_from), written_on, state_on, ..row.clone() }
}
