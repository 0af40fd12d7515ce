//! Correction plans of many: lists, figures, and who owes one.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::notices::searched;
use super::page::{Page, Paging, position};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::calendar::day_text;
use crate::domain::plan::{PlanRow, PlanStage, PlanTally, Rule, Who};
use crate::error::AppError;
use crate::service::PlanRule;
use crate::store::plans::{Place, PlanSearch, beginning, place};
use axum::Json;
use serde::{Deserialize, Serialize};
use sync_core::id::{RoundId, UnitCode};
use utoipa::ToSchema;

/// Who owes a plan until when, and how far it is.
#[derive(Serialize, ToSchema)]
pub(super) struct PlanView {
    round: uuid::Uuid,
    unit: String,
    /// Code of the official.
    official: String,
    name: String,
    post: String,
    /// Whether a plan is owed.
    owed: bool,
    /// Day of publication, as `2026-11-27`.
    made_on: String,
    /// Last day on which it is in time.
    due_on: String,
    /// How it stands today.
    stage: PlanStage,
    /// Day on which the centre first knew of a plan.
    written_on: Option<String>,
    /// Whether an owed plan came in time; nothing while none came.
    in_time: Option<bool>,
    /// Last day that a measure names.
    ends_on: Option<String>,
    /// Whether that day is over and the plan is not done.
    behind: bool,
}

impl PlanView {
    pub(super) fn new(plan: &PlanRow, stage: PlanStage, behind: bool) -> Self {
        Self {
            round: plan.round.uuid(),
            unit: plan.unit.to_string(),
            official: plan.official.clone(),
            name: plan.name.clone(),
            post: plan.post.clone(),
            owed: plan.owed,
            made_on: day_text(plan.made_on),
            due_on: day_text(plan.due_on),
            stage,
            written_on: plan.written_on.map(day_text),
            in_time: plan.in_time(),
            ends_on: plan.ends_on.map(day_text),
            behind,
        }
    }
}

/// Which plans are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PlanQuery {
    /// Only of this round.
    round: Option<uuid::Uuid>,
    /// Only of this unit.
    #[param(max_length = 40)]
    unit: Option<String>,
    /// Only those that stand like this.
    #[param(inline)]
    stage: Option<PlanStage>,
    /// Only with this in name, post or a code, with or without diacritics.
    #[param(max_length = 100)]
    text: Option<String>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// Plans: what waits for somebody first, the oldest due day before others
#[utoipa::path(get, path = "/api/v1/plans", tag = "plans", operation_id = "list_plans", params(PlanQuery), responses(
    (status = 200, description = "a page of plans", body = Page<PlanView>),
))]
pub(super) async fn list(
    caller: Caller,
    Asked(query): Asked<PlanQuery>,
) -> Result<Json<Page<PlanView>>, AppError> {
    let unit = query.unit.map(|code| UnitCode::new(code.trim())).transpose();
    let which = PlanSearch {
        round: query.round.map(round),
        unit: unit.map_err(|error| AppError::bad_request("query", error))?,
        stage: query.stage,
        text: searched(query.text)?,
    };
    page(&caller, &which, &Paging::new(query.limit, query.after)).await
}

/// Plans of one unit
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/plans", tag = "plans", operation_id = "list_plans_of_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), Paging), responses(
    (status = 200, description = "a page of plans", body = Page<PlanView>),
))]
pub(super) async fn of_unit(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<PlanView>>, AppError> {
    caller.centre.round(&round(id)).await?.unit(&unit)?;
    let unit = UnitCode::new(&unit).map_err(|error| AppError::not_found("unknown_unit", error))?;
    let which = PlanSearch { round: Some(round(id)), unit: Some(unit), ..PlanSearch::default() };
    page(&caller, &which, &paging).await
}

async fn page(
    caller: &Caller,
    which: &PlanSearch,
    paging: &Paging,
) -> Result<Json<Page<PlanView>>, AppError> {
    let limit = paging.limit()?;
    let after = read_place(&paging.after()?)?;
    let found = caller.centre.plans(which, &after, limit).await?;
    let full = found.len() == limit as usize;
    let next = found.last().filter(|_| full).map(|(plan, ..)| position(&write_place(&place(plan))));
    let items = found.into_iter().map(|(plan, stage, behind)| PlanView::new(&plan, stage, behind));
    Ok(Json(Page { items: items.collect(), next }))
}

/// Between the parts of a place. It stands in none of them.
const BETWEEN: char = '\u{1f}';

fn write_place((rank, day, unit, official, round): &Place) -> String {
    let round: String = round.iter().map(|byte| format!("{byte:02x}")).collect();
    [&rank.to_string(), day.as_str(), unit, official, &round].join("\u{1f}")
}

fn read_place(text: &str) -> Result<Place, AppError> {
    if text.is_empty() {
        return Ok(beginning());
    }
    let wrong = || AppError::bad_request("query", "`after` is the `next` of the page before, unchanged");
    let parts: Vec<&str> = text.split(BETWEEN).collect();
    let &[rank, day, unit, official, round] = parts.as_slice() else { return Err(wrong()) };
    let round = RoundId(uuid::Uuid::try_parse(round).map_err(|_| wrong())?.into_bytes());
    let rank = rank.parse().map_err(|_| wrong())?;
    Ok((rank, day.to_owned(), unit.to_owned(), official.to_owned(), round.0.to_vec()))
}

/// The plans of a round in figures.
#[derive(Serialize, ToSchema)]
pub(super) struct PlanFiguresView {
    /// All together.
    all: PlanTally,
    /// Each published unit.
    units: Vec<UnitPlans>,
}

/// The plans of a unit in figures.
#[derive(Serialize, ToSchema)]
struct UnitPlans {
    unit: String,
    #[serde(flatten)]
    tally: PlanTally,
}

/// How many plans of a round are owed, in time, overdue, done
#[utoipa::path(get, path = "/api/v1/rounds/{round}/plans/figures", tag = "plans", operation_id = "get_plan_figures",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "figures, in all and by unit", body = PlanFiguresView),
))]
pub(super) async fn figures(
    caller: Caller,
    At(id): At<uuid::Uuid>,
) -> Result<Json<PlanFiguresView>, AppError> {
    let tallies = caller.centre.round_tallies(&round(id)).await?;
    let view =
        |(unit, tally): (&UnitCode, &PlanTally)| UnitPlans { unit: unit.to_string(), tally: tally.clone() };
    let units = tallies.plans_of.iter().map(view).collect();
    Ok(Json(PlanFiguresView { all: tallies.plans.clone(), units }))
}

/// Who owes a plan in a round.
#[derive(Serialize, ToSchema)]
pub(super) struct PlanRuleView {
    /// How many times it was set; who sets it says which revision they saw. 0 while the usual one holds.
    revision: u32,
    /// Who.
    who: Who,
    /// Within how many working days after publication.
    working_days: u16,
    /// Whether it may still be changed: no unit of the round is published.
    open: bool,
}

impl From<PlanRule> for PlanRuleView {
    fn from(PlanRule { rule: Rule { who, working_days }, revision, open }: PlanRule) -> Self {
        Self { revision, who, working_days, open }
    }
}

/// Who owes a plan in a round, and how soon
#[utoipa::path(get, path = "/api/v1/rounds/{round}/plans/rule", tag = "plans", operation_id = "get_plan_rule",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "the rule", body = PlanRuleView),
))]
pub(super) async fn rule(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<PlanRuleView>, AppError> {
    Ok(Json(caller.centre.plan_rule(&round(id)).await?.into()))
}

/// A new rule.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRule {
    /// The revision that it rests on.
    revision: u32,
    /// Who owes a plan.
    who: Who,
    /// Within how many working days after publication, 1 to 250.
    #[schema(minimum = 1, maximum = 250)]
    working_days: u16,
}

/// Say who owes a plan, before the first unit of the round is published
#[utoipa::path(put, path = "/api/v1/rounds/{round}/plans/rule", tag = "plans", operation_id = "set_plan_rule",
    request_body = NewRule, params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "it is the rule now", body = PlanRuleView),
    (status = 409, description = "a unit is published already, or somebody else set it meanwhile", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn set_rule(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Body(NewRule { revision, who, working_days }): Body<NewRule>,
) -> Result<Json<PlanRuleView>, AppError> {
    Ok(Json(caller.centre.set_plan_rule(&round(id), Rule { who, working_days }, revision).await?.into()))
}
