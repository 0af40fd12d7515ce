//! Correction plans: who owes one, what it says, and how far it is.
//!
//! What people write goes into the unit's record, also at the centre: so whoever writes on a tablet without a network
//! and whoever writes here see each other's words, and where one did not know the other's, both. The table of plans
//! holds who owes one, until when, and what lists ask of the record. The rule says who owes one. It is the centre's and
//! not the package's, for no tablet needs it and no ballot is counted by it; it is set before the first result of the
//! round is published, so that nobody chooses it by the figures.

mod files;
mod owed;
mod show;
mod write;

pub use files::FilePiece;
pub(in crate::service) use owed::{owe, project};
pub use show::{PlanDetail, PlanSaid, ProgressDetail, VersionDetail};
pub use write::PlanText;

use super::{Centre, load_round, now};
use crate::domain::calendar::day_of;
use crate::domain::person::Role;
use crate::domain::plan::{PlanRow, PlanStage, Rule};
use crate::error::AppError;
use crate::store::plans::{self, Place, PlanSearch};
use crate::store::{Db, units};
use sync_core::id::{RoundId, UnitCode};
use time::Date;

/// Who owes a plan in a round, as it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanRule {
    /// The rule itself; the usual one while nobody set any.
    pub rule: Rule,
    /// How many times it was set; 0 while the usual one holds.
    pub revision: u32,
    /// Whether it may still be changed: no unit of the round is published.
    pub open: bool,
}

impl Centre {
    /// Some plans, what waits for somebody first, from after a place on: each with how it stands today, and whether the
    /// last day of its measures is over.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn plans(
        &self,
        which: &PlanSearch,
        after: &Place,
        limit: u32,
    ) -> Result<Vec<(PlanRow, PlanStage, bool)>, AppError> {
        let today = today();
        let mut tx = self.begin().await?;
        let found = plans::search(&mut tx, which, today, after, limit).await?;
        let with_stage = |plan: PlanRow| {
            let (stage, behind) = (plan.stage(today), plan.is_behind(today));
            (plan, stage, behind)
        };
        Ok(found.into_iter().map(with_stage).collect())
    }

    /// Who owes a plan in a round, and whether that may still be changed.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn plan_rule(&self, round: &RoundId) -> Result<PlanRule, AppError> {
        let mut tx = self.begin().await?;
        load_round(&mut tx, round).await?;
        let open = units::published(&mut tx, round).await?.is_empty();
        let (rule, revision) = rule(&mut tx, round).await?;
        Ok(PlanRule { rule, revision, open })
    }

    /// Says who owes a plan, before the first unit of the round is published, on top of the revision that somebody saw.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `unknown_round`, `plan_days`, `rule_stands`, `changed_meanwhile`.
    pub async fn set_plan_rule(&self, round: &RoundId, rule: Rule, seen: u32) -> Result<PlanRule, AppError> {
        self.person_with(&[Role::Organiser])?;
        let rule = rule.checked().map_err(|error| AppError::unprocessable("plan_days", error))?;
        let mut tx = self.begin_round(round).await?;
        load_round(&mut tx, round).await?;
        if !units::published(&mut tx, round).await?.is_empty() {
            return Err(AppError::conflict(
                "rule_stands",
                "a result of this round is published: who owes a plan is not changed once figures are known",
            ));
        }
        if !plans::set_rule(&mut tx, round, rule, seen).await? {
            let detail = "somebody else changed it meanwhile: load it again, then change it";
            return Err(AppError::conflict("changed_meanwhile", detail));
        }
        let detail = format!("{} within {} working days", rule.who.code(), rule.working_days);
        self.commit(tx, "plan_rule_set", round.uuid(), detail).await?;
        Ok(PlanRule { rule, revision: seen + 1, open: true })
    }
}

impl Centre {
    /// Pretends that a unit was published on another day, and its plans due on one: the demo has no weeks to wait.
    ///
    /// # Errors
    /// [`AppError`].
    pub(crate) async fn backdate_plans(
        &self,
        round: &RoundId,
        unit: &UnitCode,
        days: (Date, Date),
    ) -> Result<(), AppError> {
        let mut tx = self.begin_unit(round, unit.as_str()).await?;
        plans::backdate(&mut tx, (round, unit), days).await?;
        self.commit(tx, "plans_backdated", unit, "by the demo").await
    }
}

async fn rule(db: &mut Db, round: &RoundId) -> Result<(Rule, u32), AppError> {
    Ok(plans::rule(db, round).await?.unwrap_or_default())
}

/// Today, where the district is.
fn today() -> Date {
    day_of(now())
}

/// The row of an official's plan.
async fn one(db: &mut Db, round: &RoundId, unit: Option<&str>, official: &str) -> Result<PlanRow, AppError> {
    load_round(db, round).await?;
    let found = plans::of_official(db, round, official).await?.into_iter();
    let mut of_unit = found.filter(|plan| unit.is_none_or(|unit| plan.unit.as_str() == unit));
    let none = "there is no plan of this official yet: the unit is not published, or the code is another";
    of_unit.next().ok_or_else(|| AppError::not_found("unknown_plan", none))
}
