//! What officials, units and the office write of a plan at the centre: entries of the unit's record.

use super::one;
use crate::domain::person::{Person, Role};
use crate::domain::plan::{PlanRow, day_number, revision};
use crate::error::AppError;
use crate::service::record::load_record;
use crate::service::{Centre, Round, load_round};
use crate::store::Tx;
use std::sync::Arc;
use sync_core::id::{RoundId, UnitCode};
use sync_core::package::TEXT_MAX;
use sync_core::record::{
    Act, MEASURES_MAX, Measure, PersonId, Plan, Plans, Progress, Record, SETTLED_MAX, SHORTCOMINGS_MAX,
};
use time::Date;

/// What a plan says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanText {
    /// What was found wanting.
    pub shortcomings: Vec<String>,
    /// What will be done, each by which day.
    pub measures: Vec<(String, Option<Date>)>,
}

/// A plan that somebody is about to write on.
struct Begun {
    tx: Tx,
    round: Round,
    row: PlanRow,
    record: Arc<Record>,
    plans: Plans,
}

impl Centre {
    /// The official, or their unit for them, writes a plan, or writes it anew from the revision that they read. Where
    /// people disagree, a version that was written from all that stand settles it.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `not_yours`, `unknown_plan`, `plan_changed` if it is not that revision
    /// any more, `plan_text`, `record_full`.
    pub async fn write_plan(
        &self,
        (round, unit): (&RoundId, Option<&str>),
        official: &str,
        read: &str,
        text: &PlanText,
    ) -> Result<(), AppError> {
        let begun = self.begin_plan((round, unit), official).await?;
        let person = self.actor().person()?;
        may_write(person, &begun.row)?;
        begun.is_still(read)?;
        let live = begun.plans.live();
        let plan = Plan {
            official: official.to_owned(),
            name: begun.row.name.clone(),
            based_on: live.iter().copied().take(SETTLED_MAX).collect(),
            shortcomings: lines(&text.shortcomings, SHORTCOMINGS_MAX)?,
            measures: measures(&text.measures)?,
        };
        let same = begun.plans.current().is_some_and(|(_, holds)| holds.said.says_the_same(&plan));
        if same && live.len() == 1 {
            return Ok(());
        }
        let what = if begun.plans.is_conflict() { "settled" } else { "written" };
        let detail = format!("{official}: {what}, {} measures", plan.measures.len());
        self.write_on(begun, Act::Plan(plan), ("plan_written", detail)).await
    }

    /// The head of the unit, or the office, confirms the plan as it holds: somebody else than who wrote it, and not
    /// the official. What is confirmed already stays so, which is success.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `not_yours`, `unknown_plan`, `plan_changed`, `no_plan`,
    /// `own_plan`, `same_person`.
    pub async fn confirm_plan(
        &self,
        (round, unit): (&RoundId, &str),
        official: &str,
        read: &str,
    ) -> Result<(), AppError> {
        let person = self.person_with(&[Role::Unit, Role::Organiser])?;
        let begun = self.begin_plan((round, Some(unit)), official).await?;
        if !person.has(Role::Organiser) {
            of_unit(person, &begun.row.unit)?;
        }
        begun.is_still(read)?;
        let (place, holds) = begun.holds()?;
        not_about(person, &begun.row)?;
        if holds.person == PersonId::of(&person.name) {
            return Err(AppError::forbidden(
                "same_person",
                "you wrote this version of the plan: a second person confirms it",
            ));
        }
        if begun.plans.confirmed().is_some() {
            return Ok(());
        }
        let detail = format!("{official}: {place}");
        self.write_on(begun, Act::ConfirmPlan { plan: place }, ("plan_confirmed", detail)).await
    }

    /// Notes what became of the plan as it holds. That it is done, the unit says, or the office, not the official.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `not_yours`, `unknown_plan`, `plan_changed`, `no_plan`, `plan_text`,
    /// `own_plan`.
    pub async fn note_plan_progress(
        &self,
        (round, unit): (&RoundId, Option<&str>),
        official: &str,
        read: &str,
        (text, done): (&str, bool),
    ) -> Result<(), AppError> {
        let begun = self.begin_plan((round, unit), official).await?;
        let person = self.actor().person()?;
        if !person.has(Role::Organiser) {
            may_write(person, &begun.row)?;
        }
        begun.is_still(read)?;
        let (plan, _) = begun.holds()?;
        if done {
            not_about(person, &begun.row)?;
        }
        let text = line(text)?;
        let detail = format!("{official}: {}{text}", if done { "done: " } else { "" });
        let act = Act::PlanProgress(Progress { plan, done, text });
        self.write_on(begun, act, ("plan_progress", detail)).await
    }

    async fn begin_plan(
        &self,
        (round, unit): (&RoundId, Option<&str>),
        official: &str,
    ) -> Result<Begun, AppError> {
        self.actor().person()?;
        let unit = {
            let mut tx = self.begin().await?;
            one(&mut tx, round, unit, official).await?.unit
        };
        let mut tx = self.begin_unit(round, unit.as_str()).await?;
        let stored = load_round(&mut tx, round).await?;
        let row = one(&mut tx, round, Some(unit.as_str()), official).await?;
        let folded = load_record(&mut tx, None, &stored, &unit).await?;
        let plans = folded.state.plans.get(official).cloned().unwrap_or_default();
        Ok(Begun { tx, round: stored, row, record: Arc::clone(&folded.record), plans })
    }

    async fn write_on(&self, begun: Begun, act: Act, said: (&str, String)) -> Result<(), AppError> {
        let Begun { tx, round, row, record, .. } = begun;
        self.write_entry(tx, (&round, &row.unit), &record, act, said).await
    }
}

impl Begun {
    fn is_still(&self, read: &str) -> Result<(), AppError> {
        if revision(&self.plans.live()) == read.trim() {
            return Ok(());
        }
        Err(AppError::conflict(
            "plan_changed",
            "somebody else wrote on this plan meanwhile: read it again, and bring in what you wrote",
        ))
    }

    fn holds(&self) -> Result<(sync_core::record::EntryRef, &sync_core::record::By<Plan>), AppError> {
        self.plans.current().ok_or_else(|| {
            AppError::conflict(
                "no_plan",
                "there is no plan that holds: it is not written yet, or its versions differ and are to be settled",
            )
        })
    }
}

/// Whether somebody writes this plan: the official, or their unit.
pub(super) fn may_write(person: &Person, row: &PlanRow) -> Result<(), AppError> {
    if person.has(Role::Official) && person.officials.contains(&row.official) {
        return Ok(());
    }
    of_unit(person, &row.unit)
}

fn of_unit(person: &Person, unit: &UnitCode) -> Result<(), AppError> {
    if person.has(Role::Unit) && person.unit.as_ref() == Some(unit) {
        return Ok(());
    }
    Err(AppError::forbidden("not_yours", "a plan is written by the official or by their unit"))
}

fn not_about(person: &Person, row: &PlanRow) -> Result<(), AppError> {
    let own =
        person.officials.contains(&row.official) || PersonId::of(&person.name) == PersonId::of(&row.name);
    if own {
        return Err(AppError::forbidden(
            "own_plan",
            "this is your own plan: somebody else confirms it and calls it done",
        ));
    }
    Ok(())
}

fn measures(measures: &[(String, Option<Date>)]) -> Result<Vec<Measure>, AppError> {
    let texts: Vec<String> = measures.iter().map(|(text, _)| text.clone()).collect();
    let texts = lines(&texts, MEASURES_MAX)?.into_iter();
    let measure = |(text, (_, day)): (String, &(String, Option<Date>))| {
        let by =
            day.map(|day| day_number(day).filter(|day| *day <= sync_core::record::DAY_MAX).ok_or_else(wrong));
        Ok(Measure { text, by: by.transpose()? })
    };
    texts.zip(measures).map(measure).collect()
}

fn lines(texts: &[String], most: usize) -> Result<Vec<String>, AppError> {
    if texts.is_empty() || texts.len() > most {
        return Err(wrong());
    }
    texts.iter().map(|text| line(text)).collect()
}

/// A text that says something and fits into an entry. Lines below each other become one: a record holds no control
/// characters.
fn line(text: &str) -> Result<String, AppError> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX { Err(wrong()) } else { Ok(text.to_owned()) }
}

fn wrong() -> AppError {
    AppError::unprocessable(
        "plan_text",
        format!(
            "a plan has 1 to {SHORTCOMINGS_MAX} shortcomings and 1 to {MEASURES_MAX} measures, each of which says \
             something in at most {TEXT_MAX} bytes; days are between 1970 and 2243"
        ),
    )
}
