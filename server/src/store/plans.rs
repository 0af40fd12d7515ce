//! Correction plans: who owes one, and how far each is. What they say is in units' records.

use super::names;
use super::{Db, StoreError, containing, fixed, number};
use crate::domain::calendar::{day_text, parse_day};
use crate::domain::plan::{PlanRow, PlanStage, PlanStanding, Rule, State, Who};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{RoundId, UnitCode};
use sync_core::record::plain;
use time::Date;

const RULE: &str = "SELECT who, working_days, revision FROM plan_rule WHERE round = $1";
/// Takes the place of the revision before it alone.
const SET_RULE: &str = "INSERT INTO plan_rule (round, who, working_days, revision) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (round) DO UPDATE SET who = $2, working_days = $3, revision = $4 WHERE plan_rule.revision = $5";
/// A later publication says anew who owes a plan. Whoever owed one already keeps the day, and what is written stays.
const MAKE: &str = "INSERT INTO plan (round, unit, official, name, post, plain, owed, made_on, due_on, state, rank) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'none', $10) ON CONFLICT (round, unit, official) DO UPDATE SET \
     name = excluded.name, post = excluded.post, plain = excluded.plain, owed = excluded.owed, \
     made_on = CASE WHEN plan.owed = 1 THEN plan.made_on ELSE excluded.made_on END, \
     due_on = CASE WHEN plan.owed = 1 THEN plan.due_on ELSE excluded.due_on END, \
     rank = CASE WHEN plan.state = 'none' THEN excluded.rank ELSE plan.rank END";
const PROJECT: &str = "UPDATE plan SET state = $4, rank = $5, ends_on = $6, written_on = COALESCE(written_on, $7), \
     state_on = $8 WHERE round = $1 AND unit = $2 AND official = $3";
const GET: &str = "SELECT round, unit, official, name, post, owed, made_on, due_on, state, ends_on, written_on, \
     state_on FROM plan WHERE round = $1 AND official = $2 ORDER BY unit";
const OF_UNIT: &str = "SELECT round, unit, official, name, post, owed, made_on, due_on, state, ends_on, written_on, \
     state_on FROM plan WHERE round = $1 AND unit = $2 ORDER BY official";
const OF_ROUND: &str = "SELECT round, unit, official, name, post, owed, made_on, due_on, state, ends_on, written_on, \
     state_on FROM plan WHERE round = $1 ORDER BY unit, official";
/// How many of each unit are alike: there are fewer kinds than plans, and nothing else of them is read.
const COUNT: &str = "SELECT unit, owed, due_on, state, ends_on, written_on, COUNT(*) AS many FROM plan WHERE round = $1 \
     GROUP BY unit, owed, due_on, state, ends_on, written_on ORDER BY unit";
const FIRST_NAMES: &str = first_names!("plan");
/// A query of its own for each way to stand, and for one round or all: only then does the database know which index fits.
/// The place in lists tells how a plan stands. Unit and text are asked for only if the number before them is not 0.
macro_rules! search {
    ($which:literal) => {
        search!($which, "(CAST($3 AS BIGINT) = 0 OR plain LIKE $4 ESCAPE '!')")
    };
    ($which:literal, $text:literal) => {
        concat!(
            "SELECT round, unit, official, name, post, owed, made_on, due_on, state, ends_on, written_on, state_on FROM \
             plan WHERE ",
            $which,
            "(CAST($1 AS BIGINT) = 0 OR unit = $2) AND ",
            $text,
            " AND (rank, due_on, unit, official, round) > ($5, $6, $7, $8, $9) ",
            "ORDER BY rank, due_on, unit, official, round LIMIT $10"
        )
    };
}

/// The same by names, where not many have the text.
macro_rules! by_name {
    ($which:literal) => {
        concat!(
            names!("plan"),
            search!(
                $which,
                "CAST($3 AS BIGINT) = 1 AND plain IN (SELECT plain FROM names WHERE plain LIKE $4 ESCAPE '!')"
            )
        )
    };
}

const SEARCH: &str = search!("");
const SEARCH_RANK: &str = search!("rank = $11 AND ");
const SEARCH_DUE: &str = search!("rank = $11 AND due_on >= $12 AND ");
const SEARCH_OVERDUE: &str = search!("rank = $11 AND due_on < $12 AND ");
const NAMED: &str = by_name!("");
const NAMED_RANK: &str = by_name!("rank = $11 AND ");
const NAMED_DUE: &str = by_name!("rank = $11 AND due_on >= $12 AND ");
const NAMED_OVERDUE: &str = by_name!("rank = $11 AND due_on < $12 AND ");
const ROUND: &str = search!("round = $11 AND ");
const ROUND_RANK: &str = search!("round = $11 AND rank = $12 AND ");
const ROUND_DUE: &str = search!("round = $11 AND rank = $12 AND due_on >= $13 AND ");
const ROUND_OVERDUE: &str = search!("round = $11 AND rank = $12 AND due_on < $13 AND ");
/// Only the demo asks for this: it has no weeks to wait.
const BACKDATE: &str = "UPDATE plan SET made_on = $3, due_on = $4 WHERE round = $1 AND unit = $2";

pub(super) const ALL: &[&str] = &[
    RULE,
    SET_RULE,
    MAKE,
    PROJECT,
    GET,
    OF_UNIT,
    OF_ROUND,
    COUNT,
    FIRST_NAMES,
    SEARCH,
    SEARCH_RANK,
    SEARCH_DUE,
    SEARCH_OVERDUE,
    NAMED,
    NAMED_RANK,
    NAMED_DUE,
    NAMED_OVERDUE,
    ROUND,
    ROUND_RANK,
    ROUND_DUE,
    ROUND_OVERDUE,
    BACKDATE,
];

/// Which plans are looked for; all, if nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanSearch {
    /// Only of this round.
    pub round: Option<RoundId>,
    /// Only of this unit.
    pub unit: Option<UnitCode>,
    /// Only those that stand like this.
    pub stage: Option<PlanStage>,
    /// Only with this in the name, the post or a code, with or without diacritics.
    pub text: String,
}

/// A place in the list: rank, day, unit, official, round.
pub type Place = (i64, String, String, String, Vec<u8>);

/// The place before all others.
pub fn beginning() -> Place {
    (-1, String::new(), String::new(), String::new(), Vec::new())
}

/// The place of a plan.
pub fn place(plan: &PlanRow) -> Place {
    let (unit, official) = (plan.unit.as_str().to_owned(), plan.official.clone());
    (plan.state.rank(plan.owed), day_text(plan.due_on), unit, official, plan.round.0.to_vec())
}

/// The rule of a round with its revision, if somebody set one.
pub async fn rule(db: &mut Db, round: &RoundId) -> Result<Option<(Rule, u32)>, StoreError> {
    let damaged = || StoreError::Damaged { what: "rule of plans" };
    let Some(row) = sqlx::query(RULE).bind(round.0.to_vec()).fetch_optional(db).await? else {
        return Ok(None);
    };
    let who: String = row.try_get("who")?;
    let days: i64 = row.try_get("working_days")?;
    let who = Who::parse(&who).ok_or_else(damaged)?;
    let rule = Rule { who, working_days: u16::try_from(days).map_err(|_| damaged())? };
    Ok(Some((rule, number(&row, "revision", "rule of plans")?)))
}

/// Sets the rule of a round after the revision that somebody saw, 0 if there was none; `false` if that is not the last.
pub async fn set_rule(db: &mut Db, round: &RoundId, rule: Rule, seen: u32) -> Result<bool, StoreError> {
    let query = sqlx::query(SET_RULE).bind(round.0.to_vec()).bind(rule.who.code());
    let query = query.bind(i64::from(rule.working_days)).bind(i64::from(seen) + 1).bind(i64::from(seen));
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Makes the row of an official of a unit that is published now, or says anew whether a plan is owed.
pub async fn make(db: &mut Db, plan: &PlanRow) -> Result<(), StoreError> {
    let found_by = plain(&format!("{} {} {} {}", plan.name, plan.post, plan.official, plan.unit));
    let query = sqlx::query(MAKE)
        .bind(plan.round.0.to_vec())
        .bind(plan.unit.as_str())
        .bind(plan.official.as_str())
        .bind(plan.name.as_str())
        .bind(plan.post.as_str())
        .bind(found_by)
        .bind(i64::from(plan.owed));
    let query = query.bind(day_text(plan.made_on)).bind(day_text(plan.due_on));
    query.bind(State::None.rank(plan.owed)).execute(db).await?;
    Ok(())
}

/// Keeps what follows from the record. The first day on which anything was written stays.
pub async fn project(db: &mut Db, plan: &PlanRow) -> Result<(), StoreError> {
    let query = sqlx::query(PROJECT)
        .bind(plan.round.0.to_vec())
        .bind(plan.unit.as_str())
        .bind(plan.official.as_str())
        .bind(plan.state.code())
        .bind(plan.state.rank(plan.owed));
    let query = query.bind(plan.ends_on.map(day_text)).bind(plan.written_on.map(day_text));
    query.bind(plan.state_on.map(day_text)).execute(db).await?;
    Ok(())
}

/// The plans of an official of a round; one, unless two units have an official with this code.
pub async fn of_official(db: &mut Db, round: &RoundId, official: &str) -> Result<Vec<PlanRow>, StoreError> {
    sqlx::query(GET).bind(round.0.to_vec()).bind(official).fetch_all(db).await?.iter().map(read).collect()
}

/// Every plan of a unit, by official.
pub async fn of_unit(db: &mut Db, round: &RoundId, unit: &UnitCode) -> Result<Vec<PlanRow>, StoreError> {
    let query = sqlx::query(OF_UNIT).bind(round.0.to_vec()).bind(unit.as_str());
    query.fetch_all(db).await?.iter().map(read).collect()
}

/// Every plan of a round, by unit.
pub async fn of_round(db: &mut Db, round: &RoundId) -> Result<Vec<PlanRow>, StoreError> {
    sqlx::query(OF_ROUND).bind(round.0.to_vec()).fetch_all(db).await?.iter().map(read).collect()
}

/// How many plans of a round are alike, by unit.
pub async fn count(db: &mut Db, round: &RoundId) -> Result<Vec<(UnitCode, PlanStanding, u32)>, StoreError> {
    let damaged = || StoreError::Damaged { what: "plan" };
    let read = |row: &AnyRow| {
        let day = |text: String| parse_day(&text).ok_or_else(damaged);
        let maybe = |name: &str| row.try_get::<Option<String>, _>(name);
        let (unit, state): (String, String) = (row.try_get("unit")?, row.try_get("state")?);
        let owed: i64 = row.try_get("owed")?;
        let standing = PlanStanding {
            owed: owed != 0,
            due_on: day(row.try_get("due_on")?)?,
            state: State::parse(&state).ok_or_else(damaged)?,
            ends_on: maybe("ends_on")?.map(day).transpose()?,
            written_on: maybe("written_on")?.map(day).transpose()?,
        };
        let unit = UnitCode::new(&unit).map_err(|_| damaged())?;
        Ok((unit, standing, number(row, "many", "plan")?))
    };
    sqlx::query(COUNT).bind(round.0.to_vec()).fetch_all(db).await?.iter().map(read).collect()
}

/// Some plans, what waits for somebody first, from after a place on.
pub async fn search(
    db: &mut Db,
    which: &PlanSearch,
    today: Date,
    after: &Place,
    limit: u32,
) -> Result<Vec<PlanRow>, StoreError> {
    let rank = which.stage.map(PlanStage::rank);
    let (text, (after_rank, day, unit, official, round)) = (plain(&which.text), after.clone());
    // Within a round there are not many more rows than names.
    let named = which.round.is_none() && !text.is_empty() && !names::many(db, FIRST_NAMES, &text).await?;
    let sql = match (&which.round, named, which.stage) {
        (None, true, None) => NAMED,
        (None, true, Some(PlanStage::Due)) => NAMED_DUE,
        (None, true, Some(PlanStage::Overdue)) => NAMED_OVERDUE,
        (None, true, Some(_)) => NAMED_RANK,
        (None, false, None) => SEARCH,
        (None, false, Some(PlanStage::Due)) => SEARCH_DUE,
        (None, false, Some(PlanStage::Overdue)) => SEARCH_OVERDUE,
        (None, false, Some(_)) => SEARCH_RANK,
        (Some(_), _, None) => ROUND,
        (Some(_), _, Some(PlanStage::Due)) => ROUND_DUE,
        (Some(_), _, Some(PlanStage::Overdue)) => ROUND_OVERDUE,
        (Some(_), _, Some(_)) => ROUND_RANK,
    };
    let mut query = sqlx::query(sql)
        .bind(i64::from(which.unit.is_some()))
        .bind(which.unit.as_ref().map_or("", UnitCode::as_str).to_owned())
        .bind(i64::from(!text.is_empty()))
        .bind(containing(&text));
    query = query.bind(after_rank).bind(day).bind(unit).bind(official).bind(round).bind(i64::from(limit));
    if let Some(round) = &which.round {
        query = query.bind(round.0.to_vec());
    }
    if let Some(rank) = rank {
        query = query.bind(rank);
    }
    if matches!(which.stage, Some(PlanStage::Due | PlanStage::Overdue)) {
        query = query.bind(day_text(today));
    }
    query.fetch_all(db).await?.iter().map(read).collect()
}

/// Pretends that a unit was published on another day.
pub async fn backdate(
    db: &mut Db,
    (round, unit): (&RoundId, &UnitCode),
    (made_on, due_on): (Date, Date),
) -> Result<(), StoreError> {
    let query = sqlx::query(BACKDATE).bind(round.0.to_vec()).bind(unit.as_str());
    query.bind(day_text(made_on)).bind(day_text(due_on)).execute(db).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<PlanRow, StoreError> {
    let damaged = || StoreError::Damaged { what: "plan" };
    let day = |text: String| parse_day(&text).ok_or_else(damaged);
    let (unit, state): (String, String) = (row.try_get("unit")?, row.try_get("state")?);
    let owed: i64 = row.try_get("owed")?;
    Ok(PlanRow {
        round: RoundId(fixed(row, "round", "plan")?),
        unit: UnitCode::new(&unit).map_err(|_| damaged())?,
        official: row.try_get("official")?,
        name: row.try_get("name")?,
        post: row.try_get("post")?,
        owed: owed != 0,
        made_on: day(row.try_get("made_on")?)?,
        due_on: day(row.try_get("due_on")?)?,
        state: State::parse(&state).ok_or_else(damaged)?,
        ends_on: row.try_get::<Option<String>, _>("ends_on")?.map(day).transpose()?,
        written_on: row.try_get::<Option<String>, _>("written_on")?.map(day).transpose()?,
        state_on: row.try_get::<Option<String>, _>("state_on")?.map(day).transpose()?,
    })
}
