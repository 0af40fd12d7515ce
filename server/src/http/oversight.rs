//! Oversight: how every unit stands, which ones somebody should visit and why, and the visits.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::oversight::{Stage, rule};
use crate::domain::signs::Sign;
use crate::domain::visit::{FollowUp, Visit, VisitContent, VisitFinding};
use crate::error::AppError;
use crate::service::{Oversight, RoundTrend, UnitOversight};
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sync_core::record::{Language, plain};
use utoipa::ToSchema;

/// A round as the inspection committee sees it, with the words that stand beside.
#[derive(Serialize, ToSchema)]
pub(super) struct OversightView {
    #[serde(flatten)]
    seen: Oversight,
    /// What orders the units.
    rule: Both,
    /// Every sign of formalism.
    signs: Vec<SignView>,
}

/// A text in both languages.
#[derive(Serialize, ToSchema)]
struct Both {
    vi: String,
    en: String,
}

/// What is said of a sign of formalism.
#[derive(Serialize, ToSchema)]
struct SignView {
    code: Sign,
    /// What was seen.
    name: Both,
    /// How it is computed.
    formula: Both,
    /// When it rings although nothing is wrong.
    false_alarms: Both,
}

impl From<Sign> for SignView {
    fn from(sign: Sign) -> Self {
        let [vi, en] = [Language::Vietnamese, Language::English].map(|language| sign.words(language));
        let both = |vi: &str, en: &str| Both { vi: vi.to_owned(), en: en.to_owned() };
        Self {
            code: sign,
            name: both(vi.name, en.name),
            formula: both(vi.formula, en.formula),
            false_alarms: both(vi.false_alarms, en.false_alarms),
        }
    }
}

/// How a round stands as a whole, and what its signs mean
#[utoipa::path(get, path = "/api/v1/rounds/{round}/oversight", tag = "oversight", operation_id = "get_oversight",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "how it stands", body = OversightView),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn show(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<OversightView>, AppError> {
    let seen = caller.centre.oversight(&round(id)).await?;
    let words = |language| rule(language).to_owned();
    let rule = Both { vi: words(Language::Vietnamese), en: words(Language::English) };
    let seen = seen.whole.clone();
    Ok(Json(OversightView { seen, rule, signs: Sign::ALL.into_iter().map(SignView::from).collect() }))
}

/// Which units are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OversightQuery {
    /// Only units that somebody should (or need not) visit.
    visit: Option<bool>,
    /// Only units that are (or are not) behind their due day.
    late: Option<bool>,
    /// Only units that are this far and no further.
    #[param(inline)]
    stage: Option<Stage>,
    /// Only units with this sign.
    #[param(inline)]
    sign: Option<Sign>,
    /// Only with this in code, name or a reason, with or without diacritics.
    #[param(max_length = 100)]
    text: Option<String>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

impl OversightQuery {
    fn wants(&self, unit: &UnitOversight) -> bool {
        let text = plain(self.text.as_deref().unwrap_or_default().trim());
        self.visit.is_none_or(|visit| unit.reasons.is_empty() != visit)
            && self.late.is_none_or(|late| unit.days_late.is_some() == late)
            && self.stage.is_none_or(|stage| unit.stage == stage)
            && self.sign.is_none_or(|sign| unit.signs.contains(&sign))
            && (text.is_empty() || unit.words().contains(&text))
    }
}

/// Units as the inspection committee sees them, those to visit first
#[utoipa::path(get, path = "/api/v1/rounds/{round}/oversight/units", tag = "oversight", operation_id = "list_oversight_units",
    params(("round" = uuid::Uuid, Path), OversightQuery), responses(
    (status = 200, description = "a page of units", body = Page<UnitOversight>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn units(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(query): Asked<OversightQuery>,
) -> Result<Json<Page<UnitOversight>>, AppError> {
    if query.text.as_ref().is_some_and(|text| text.contains('\0')) {
        return Err(AppError::bad_request("query", "`text` is what stands in a name"));
    }
    let paging = Paging::new(query.limit, query.after.clone());
    let seen = caller.centre.oversight(&round(id)).await?;
    // The place in the list goes on where a page stopped, as long as nothing changed; it is not what a unit is known by.
    let wanted = seen.units.iter().filter(|unit| query.wants(unit)).enumerate().collect();
    let page = paging.cut(wanted, |(place, _)| format!("{place:06}"))?;
    Ok(Json(Page { items: page.items.into_iter().map(|(_, unit)| unit.clone()).collect(), next: page.next }))
}

/// Which language a table has.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TableQuery {
    /// `vi` or `en`.
    #[param(inline, default = "vi")]
    lang: Option<Tongue>,
}

/// A language.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Tongue {
    Vi,
    En,
}

/// Units as the inspection committee sees them, as a table
#[utoipa::path(get, path = "/api/v1/rounds/{round}/oversight.csv", tag = "oversight", operation_id = "get_oversight_as_table",
    params(("round" = uuid::Uuid, Path), TableQuery), responses(
    (status = 200, description = "a line per unit, those to visit first", content_type = "text/csv; charset=utf-8", body = String),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn csv(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(query): Asked<TableQuery>,
) -> Result<Response, AppError> {
    let language = match query.lang {
        Some(Tongue::En) => Language::English,
        Some(Tongue::Vi) | None => Language::Vietnamese,
    };
    let seen = caller.centre.oversight(&round(id)).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"oversight.csv\""),
    ];
    Ok((headers, crate::service::oversight_table(&seen.units, language)).into_response())
}

/// How the last rounds compare, the newest first
#[utoipa::path(get, path = "/api/v1/oversight/trend", tag = "oversight", operation_id = "get_oversight_trend", responses(
    (status = 200, description = "at most twelve signed rounds", body = Vec<RoundTrend>),
))]
pub(super) async fn trend(caller: Caller) -> Result<Json<Vec<RoundTrend>>, AppError> {
    Ok(Json(caller.centre.oversight_trend().await?))
}

/// A visit.
#[derive(Serialize, ToSchema)]
pub(super) struct VisitView {
    id: uuid::Uuid,
    unit: String,
    /// How many times it was written; who changes it says which revision they saw.
    revision: u32,
    /// When it was written, in seconds since 1970.
    at: i64,
    /// Login of who wrote it.
    by: String,
    #[serde(flatten)]
    content: VisitContent,
}

impl From<Visit> for VisitView {
    fn from(visit: Visit) -> Self {
        Self {
            id: uuid::Uuid::from_bytes(visit.id),
            unit: visit.unit.to_string(),
            revision: visit.revision,
            at: visit.at,
            by: visit.by,
            content: visit.content,
        }
    }
}

/// A visit that somebody saw and changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VisitChange {
    /// The revision that it rests on.
    revision: u32,
    /// What stands about it from now on.
    content: VisitContent,
}

/// Every visit of a round, by unit
#[utoipa::path(get, path = "/api/v1/rounds/{round}/visits", tag = "oversight", operation_id = "list_visits",
    params(("round" = uuid::Uuid, Path), Paging), responses(
    (status = 200, description = "a page of visits as they stand", body = Page<VisitView>),
))]
pub(super) async fn visits(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<VisitView>>, AppError> {
    let all = caller.centre.visits(&round(id)).await?.into_iter().map(VisitView::from).collect();
    Ok(Json(paging.cut(all, |visit: &VisitView| format!("{} {}", visit.unit, visit.id))?))
}

/// What a visit found that a unit is to put right, as the unit reads it.
#[derive(Serialize, ToSchema)]
pub(super) struct FollowUpView {
    /// The visit that found it.
    visit: uuid::Uuid,
    /// Day of the visit, as `2026-11-27`.
    made_on: Option<String>,
    /// What was found, what is to be done about it by when, and how far that is.
    finding: VisitFinding,
}

/// What visits found that a unit is to put right
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/follow-ups", tag = "oversight", operation_id = "list_follow_ups",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), Paging), responses(
    (status = 200, description = "a page of findings about which something is to be done or was", body = Page<FollowUpView>),
))]
pub(super) async fn follow_ups(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<FollowUpView>>, AppError> {
    caller.centre.round(&round(id)).await?.unit(&unit)?;
    let mut all = Vec::new();
    for visit in caller.centre.visits(&round(id)).await?.into_iter().filter(|one| one.unit.as_str() == unit) {
        let (id, made_on) = (uuid::Uuid::from_bytes(visit.id), visit.content.made_on);
        let findings = visit.content.findings.into_iter().enumerate();
        for (place, finding) in findings.filter(|(_, found)| found.follow_up != FollowUp::Nothing) {
            all.push((place, FollowUpView { visit: id, made_on: made_on.clone(), finding }));
        }
    }
    let page = paging.cut(all, |(place, one)| format!("{} {place:03}", one.visit))?;
    Ok(Json(Page { items: page.items.into_iter().map(|(_, one)| one).collect(), next: page.next }))
}

/// Plan a visit, or note one that was made
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/visits", tag = "oversight", operation_id = "plan_visit", request_body = VisitContent,
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 201, description = "written", body = VisitView),
    (status = 409, description = "the unit has too many visits", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn plan(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(content): Body<VisitContent>,
) -> Result<(StatusCode, Json<VisitView>), AppError> {
    let visit = caller.centre.plan_visit(&round(id), &unit, content).await?;
    Ok((StatusCode::CREATED, Json(visit.into())))
}

/// Write a visit anew: that it was made, what was found, what was put right
#[utoipa::path(put, path = "/api/v1/rounds/{round}/units/{unit}/visits/{visit}", tag = "oversight", operation_id = "change_visit", request_body = VisitChange,
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("visit" = uuid::Uuid, Path)), responses(
    (status = 200, description = "written; every earlier revision is kept", body = VisitView),
    (status = 409, description = "somebody else wrote it meanwhile", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn change(
    caller: Caller,
    At((id, unit, visit)): At<(uuid::Uuid, String, uuid::Uuid)>,
    Body(change): Body<VisitChange>,
) -> Result<Json<VisitView>, AppError> {
    let on = (visit.as_bytes(), change.revision);
    Ok(Json(caller.centre.change_visit(&round(id), &unit, on, change.content).await?.into()))
}

/// A visit as it was written each time, the first one first
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/visits/{visit}", tag = "oversight", operation_id = "get_visit_history",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("visit" = uuid::Uuid, Path)), responses(
    (status = 200, description = "every revision", body = Vec<VisitView>),
))]
pub(super) async fn history(
    caller: Caller,
    At((id, unit, visit)): At<(uuid::Uuid, String, uuid::Uuid)>,
) -> Result<Json<Vec<VisitView>>, AppError> {
    let history = caller.centre.visit_history(&round(id), &unit, visit.as_bytes()).await?;
    Ok(Json(history.into_iter().map(VisitView::from).collect()))
}
