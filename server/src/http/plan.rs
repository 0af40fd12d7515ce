//! The correction plan of one official: read, written, confirmed, followed until it is done.
//!
//! An official writes the own plan, a unit those of its officials: the same acts under two addresses.

use super::access::Caller;
use super::extract::{At, Body};
use super::plans::PlanView;
use super::problem::Problem;
use super::rounds::round;
use crate::domain::attachment::Attachment;
use crate::domain::calendar::{day_text, parse_day};
use crate::error::AppError;
use crate::service::{PlanDetail, PlanSaid, PlanText, ProgressDetail, VersionDetail};
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A plan with its history.
#[derive(Serialize, ToSchema)]
pub(super) struct WholePlan {
    #[serde(flatten)]
    plan: PlanView,
    round_title: String,
    unit_name: String,
    /// Names what stands now: whoever writes says from which revision.
    revision: String,
    /// Every version, those that stand last.
    versions: Vec<PlanVersion>,
    /// Who confirmed the plan as it holds.
    confirmed: Option<PlanSaidView>,
    /// What became of it.
    progress: Vec<PlanProgress>,
    /// Its files.
    files: Vec<PlanFile>,
}

/// Who said something, and where.
#[derive(Serialize, ToSchema)]
struct PlanSaidView {
    /// Name, if it is known.
    person: Option<String>,
    /// Label of the tablet on which it was written; nothing for the centre.
    tablet: Option<String>,
    /// Minutes since 1970 by that device's clock: a note, nothing rests on it.
    at: Option<u64>,
}

/// A version of a plan.
#[derive(Serialize, ToSchema)]
struct PlanVersion {
    /// Its place in the unit's record.
    entry: String,
    /// Whether it stands. If several do and differ, a further version settles it.
    stands: bool,
    said: PlanSaidView,
    /// Places of the versions from which it was written.
    based_on: Vec<String>,
    /// What was found wanting.
    shortcomings: Vec<String>,
    /// What will be done.
    measures: Vec<PlanMeasure>,
}

/// Something that will be done.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanMeasure {
    /// What, at most 600 bytes.
    #[schema(min_length = 1, max_length = 600)]
    text: String,
    /// By which day, as `2027-03-31`; nothing if it has no end.
    #[schema(format = Date, example = "2027-03-31")]
    by: Option<String>,
}

/// What became of a plan.
#[derive(Serialize, ToSchema)]
struct PlanProgress {
    entry: String,
    /// Whether it says that everything is done.
    done: bool,
    text: String,
    said: PlanSaidView,
}

/// A file of a plan.
#[derive(Serialize, ToSchema)]
struct PlanFile {
    /// SHA-256 of the content, in hexadecimal.
    id: String,
    /// Name for people.
    name: String,
    /// `pdf`, `jpg` or `png`, by content; nothing while pieces are missing.
    kind: Option<&'static str>,
    /// Length in bytes.
    size: u32,
    added_on: String,
    /// Login of who added it.
    added_by: String,
}

impl From<PlanSaid> for PlanSaidView {
    fn from(PlanSaid { person, tablet, at }: PlanSaid) -> Self {
        Self { person, tablet, at }
    }
}

impl From<VersionDetail> for PlanVersion {
    fn from(version: VersionDetail) -> Self {
        let measure = |(text, by): (String, Option<time::Date>)| PlanMeasure { text, by: by.map(day_text) };
        Self {
            entry: version.entry.to_string(),
            stands: version.stands,
            said: version.said.into(),
            based_on: version.based_on.iter().map(ToString::to_string).collect(),
            shortcomings: version.shortcomings,
            measures: version.measures.into_iter().map(measure).collect(),
        }
    }
}

impl From<ProgressDetail> for PlanProgress {
    fn from(ProgressDetail { entry, done, text, said }: ProgressDetail) -> Self {
        Self { entry: entry.to_string(), done, text, said: said.into() }
    }
}

impl From<Attachment> for PlanFile {
    fn from(file: Attachment) -> Self {
        Self {
            id: file.id.iter().map(|byte| format!("{byte:02x}")).collect(),
            name: file.name,
            kind: file.kind.map(crate::domain::attachment::Kind::code),
            size: file.size,
            added_on: day_text(file.added_on),
            added_by: file.added_by,
        }
    }
}

impl From<PlanDetail> for WholePlan {
    fn from(detail: PlanDetail) -> Self {
        Self {
            plan: PlanView::new(&detail.row, detail.stage, detail.behind),
            round_title: detail.round_title,
            unit_name: detail.unit_name,
            revision: detail.revision,
            versions: detail.versions.into_iter().map(Into::into).collect(),
            confirmed: detail.confirmed.map(Into::into),
            progress: detail.progress.into_iter().map(Into::into).collect(),
            files: detail.files.into_iter().map(Into::into).collect(),
        }
    }
}

/// A plan as it is written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPlan {
    /// The `revision` that was read.
    #[schema(max_length = 40)]
    revision: String,
    /// What was found wanting, 1 to 8, each at most 600 bytes.
    shortcomings: Vec<String>,
    /// What will be done, 1 to 12.
    measures: Vec<PlanMeasure>,
}

impl NewPlan {
    fn text(self) -> Result<(String, PlanText), AppError> {
        let wrong = || AppError::unprocessable("plan_day", "write the day of a measure as 2027-03-31");
        let measure = |PlanMeasure { text, by }: PlanMeasure| {
            let by = by.filter(|day| !day.trim().is_empty());
            let by = by.map(|day| parse_day(day.trim()).ok_or_else(wrong)).transpose()?;
            Ok((text, by))
        };
        let measures = self.measures.into_iter().map(measure).collect::<Result<_, AppError>>()?;
        Ok((self.revision, PlanText { shortcomings: self.shortcomings, measures }))
    }
}

/// The revision that somebody read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanRead {
    /// The `revision` of the plan.
    #[schema(max_length = 40)]
    revision: String,
}

/// What became of a plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProgress {
    /// The `revision` that was read.
    #[schema(max_length = 40)]
    revision: String,
    /// What was done, at most 600 bytes.
    #[schema(min_length = 1, max_length = 600)]
    text: String,
    /// Whether everything is done: that the unit says, or the office.
    #[serde(default)]
    done: bool,
}

/// The plan of an official of a unit
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/plans/{official}", tag = "plans", operation_id = "get_plan_of_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("official" = String, Path)), responses(
    (status = 200, description = "the plan", body = WholePlan),
))]
pub(super) async fn of_unit(
    caller: Caller,
    At((id, unit, official)): At<(uuid::Uuid, String, String)>,
) -> Result<Json<WholePlan>, AppError> {
    Ok(Json(caller.centre.plan(&round(id), Some(&unit), &official).await?.into()))
}

/// The own plan
#[utoipa::path(get, path = "/api/v1/rounds/{round}/officials/{official}/plan", tag = "plans", operation_id = "get_plan",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 200, description = "the plan", body = WholePlan),
))]
pub(super) async fn of_official(
    caller: Caller,
    At((id, official)): At<(uuid::Uuid, String)>,
) -> Result<Json<WholePlan>, AppError> {
    Ok(Json(caller.centre.plan(&round(id), None, &official).await?.into()))
}

async fn write(
    caller: &Caller,
    (id, unit, official): (uuid::Uuid, Option<&str>, &str),
    plan: NewPlan,
) -> Result<Json<WholePlan>, AppError> {
    let (read, text) = plan.text()?;
    caller.centre.write_plan((&round(id), unit), official, &read, &text).await?;
    Ok(Json(caller.centre.plan(&round(id), unit, official).await?.into()))
}

/// Write the plan of an official for them, or settle versions that differ
#[utoipa::path(put, path = "/api/v1/rounds/{round}/units/{unit}/plans/{official}", tag = "plans", operation_id = "write_plan_of_unit",
    request_body = NewPlan, params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("official" = String, Path)), responses(
    (status = 200, description = "written", body = WholePlan),
    (status = 409, description = "somebody else wrote on it meanwhile", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn write_for(
    caller: Caller,
    At((id, unit, official)): At<(uuid::Uuid, String, String)>,
    Body(plan): Body<NewPlan>,
) -> Result<Json<WholePlan>, AppError> {
    write(&caller, (id, Some(&unit), &official), plan).await
}

/// Write the own plan
#[utoipa::path(put, path = "/api/v1/rounds/{round}/officials/{official}/plan", tag = "plans", operation_id = "write_plan",
    request_body = NewPlan, params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 200, description = "written", body = WholePlan),
    (status = 409, description = "somebody else wrote on it meanwhile", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn write_own(
    caller: Caller,
    At((id, official)): At<(uuid::Uuid, String)>,
    Body(plan): Body<NewPlan>,
) -> Result<Json<WholePlan>, AppError> {
    write(&caller, (id, None, &official), plan).await
}

/// Confirm the plan of an official, as a second person
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/plans/{official}/confirmation", tag = "plans", operation_id = "confirm_plan",
    request_body = PlanRead, params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("official" = String, Path)), responses(
    (status = 204, description = "confirmed, now or before"),
    (status = 409, description = "somebody else wrote on it meanwhile, or no plan holds", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn confirm(
    caller: Caller,
    At((id, unit, official)): At<(uuid::Uuid, String, String)>,
    Body(PlanRead { revision }): Body<PlanRead>,
) -> Result<StatusCode, AppError> {
    caller.centre.confirm_plan((&round(id), &unit), &official, &revision).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn note(
    caller: &Caller,
    (id, unit, official): (uuid::Uuid, Option<&str>, &str),
    progress: NewProgress,
) -> Result<StatusCode, AppError> {
    let NewProgress { revision, text, done } = progress;
    caller.centre.note_plan_progress((&round(id), unit), official, &revision, (&text, done)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Note what became of the plan of an official
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/plans/{official}/progress", tag = "plans", operation_id = "note_plan_progress_of_unit",
    request_body = NewProgress, params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("official" = String, Path)), responses(
    (status = 204, description = "noted"),
    (status = 409, description = "somebody else wrote on it meanwhile, or no plan holds", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn progress_for(
    caller: Caller,
    At((id, unit, official)): At<(uuid::Uuid, String, String)>,
    Body(progress): Body<NewProgress>,
) -> Result<StatusCode, AppError> {
    note(&caller, (id, Some(&unit), &official), progress).await
}

/// Note what became of the own plan
#[utoipa::path(post, path = "/api/v1/rounds/{round}/officials/{official}/plan/progress", tag = "plans", operation_id = "note_plan_progress",
    request_body = NewProgress, params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 204, description = "noted"),
    (status = 409, description = "somebody else wrote on it meanwhile, or no plan holds", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn progress_own(
    caller: Caller,
    At((id, official)): At<(uuid::Uuid, String)>,
    Body(progress): Body<NewProgress>,
) -> Result<StatusCode, AppError> {
    note(&caller, (id, None, &official), progress).await
}
