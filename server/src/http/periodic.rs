//! Rounds that come again: the rhythm, due days, what the next round begins with, reminders, and guidance for each step.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::calendar::day_text;
use crate::domain::periodic::guidance::{Guidance, GuidanceStep};
use crate::domain::periodic::proposal::NextRound;
use crate::domain::periodic::reminder::{Owed, Reminder, Whom};
use crate::domain::periodic::{Changes, DueDays, Rhythm};
use crate::error::AppError;
use crate::store::settings::Written;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often rounds come, as it holds.
#[derive(Serialize, ToSchema)]
pub(super) struct RhythmView {
    /// How many times it was set; who sets it says which revision they saw. 0 while the usual one holds.
    revision: u32,
    /// Login of who set it; empty if nobody did.
    by: String,
    /// The rhythm itself.
    rhythm: Rhythm,
}

impl From<Written<Rhythm>> for RhythmView {
    fn from(written: Written<Rhythm>) -> Self {
        Self { revision: written.revision, by: written.by, rhythm: written.content }
    }
}

/// How often rounds come, and when somebody is reminded
#[utoipa::path(get, path = "/api/v1/rhythm", tag = "periodic", operation_id = "get_rhythm", responses(
    (status = 200, description = "as it holds", body = RhythmView),
))]
pub(super) async fn rhythm(caller: Caller) -> Result<Json<RhythmView>, AppError> {
    Ok(Json(caller.centre.rhythm().await?.into()))
}

/// A rhythm that somebody sets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RhythmChange {
    /// The revision that it rests on.
    revision: u32,
    /// The rhythm from now on.
    rhythm: Rhythm,
}

/// Set how often rounds come, and when somebody is reminded
#[utoipa::path(put, path = "/api/v1/rhythm", tag = "periodic", operation_id = "set_rhythm", request_body = RhythmChange, responses(
    (status = 200, description = "set", body = RhythmView),
    (status = 409, description = "somebody else set it meanwhile", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn set_rhythm(
    caller: Caller,
    Body(change): Body<RhythmChange>,
) -> Result<Json<RhythmView>, AppError> {
    Ok(Json(caller.centre.set_rhythm(change.rhythm, change.revision).await?.into()))
}

/// Due days of a round, as they hold.
#[derive(Serialize, ToSchema)]
pub(super) struct DueDaysView {
    /// How many times they were set; 0 while there are none.
    revision: u32,
    /// Login of who set them; empty if nobody did.
    by: String,
    /// The due days themselves.
    due: DueDays,
}

impl From<Written<DueDays>> for DueDaysView {
    fn from(written: Written<DueDays>) -> Self {
        Self { revision: written.revision, by: written.by, due: written.content }
    }
}

/// By which day each unit of a round is to be done
#[utoipa::path(get, path = "/api/v1/rounds/{round}/due-days", tag = "periodic", operation_id = "get_due_days",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "as they hold", body = DueDaysView),
))]
pub(super) async fn due_days(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<DueDaysView>, AppError> {
    Ok(Json(caller.centre.due_days(&round(id)).await?.into()))
}

/// Due days that somebody sets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DueDaysChange {
    /// The revision that they rest on.
    revision: u32,
    /// The due days from now on.
    due: DueDays,
}

/// Set by which day each unit of a round is to be done
#[utoipa::path(put, path = "/api/v1/rounds/{round}/due-days", tag = "periodic", operation_id = "set_due_days", request_body = DueDaysChange,
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "set", body = DueDaysView),
    (status = 409, description = "somebody else set them meanwhile", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn set_due_days(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Body(change): Body<DueDaysChange>,
) -> Result<Json<DueDaysView>, AppError> {
    Ok(Json(caller.centre.set_due_days(&round(id), change.due, change.revision).await?.into()))
}

/// What was noted to change between rounds, as it holds.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangesView {
    /// How many times it was written; 0 while nothing was.
    revision: u32,
    /// Login of who wrote it; empty if nobody did.
    by: String,
    /// The changes themselves.
    changes: Changes,
}

impl From<Written<Changes>> for ChangesView {
    fn from(written: Written<Changes>) -> Self {
        Self { revision: written.revision, by: written.by, changes: written.content }
    }
}

/// Units that are renamed or merged, and officials who are one person, each with the day from which that holds
#[utoipa::path(get, path = "/api/v1/changes", tag = "periodic", operation_id = "get_changes", responses(
    (status = 200, description = "as they hold", body = ChangesView),
))]
pub(super) async fn changes(caller: Caller) -> Result<Json<ChangesView>, AppError> {
    Ok(Json(caller.centre.changes().await?.into()))
}

/// Changes that somebody notes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangesChange {
    /// The revision that they rest on.
    revision: u32,
    /// Every change from now on.
    changes: Changes,
}

/// Note what changes between rounds
#[utoipa::path(put, path = "/api/v1/changes", tag = "periodic", operation_id = "set_changes", request_body = ChangesChange, responses(
    (status = 200, description = "noted", body = ChangesView),
    (status = 409, description = "somebody else noted some meanwhile", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn set_changes(
    caller: Caller,
    Body(change): Body<ChangesChange>,
) -> Result<Json<ChangesView>, AppError> {
    Ok(Json(caller.centre.set_changes(change.changes, change.revision).await?.into()))
}

/// The next round as it follows from this one, with what changes marked
#[utoipa::path(get, path = "/api/v1/rounds/{round}/next", tag = "periodic", operation_id = "propose_next_round",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "a proposal; nothing is stored", body = NextRound),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn next(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<NextRound>, AppError> {
    Ok(Json(caller.centre.next_round(&round(id)).await?))
}

/// What the next round is called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NextTitle {
    /// Its title.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
}

/// A draft that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct DraftMade {
    /// The new round.
    id: uuid::Uuid,
    title: String,
}

/// Make a draft of the next round
#[utoipa::path(post, path = "/api/v1/rounds/{round}/next", tag = "periodic", operation_id = "draft_next_round", request_body = NextTitle,
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 201, description = "a draft like any other, to be looked over", body = DraftMade),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn draft_next(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Body(asked): Body<NextTitle>,
) -> Result<(StatusCode, Json<DraftMade>), AppError> {
    let made = caller.centre.draft_next_round(&round(id), &asked.title).await?;
    Ok((StatusCode::CREATED, Json(DraftMade { id: made.id.uuid(), title: made.draft.title })))
}

/// Guidance for one step.
#[derive(Serialize, ToSchema)]
pub(super) struct GuidanceView {
    step: GuidanceStep,
    /// Its version; 0 while nobody wrote one.
    revision: u32,
    /// When it was written, in seconds since 1970.
    at: i64,
    /// Login of who wrote it.
    by: String,
    /// The text itself.
    text: Guidance,
}

fn guidance_view(step: GuidanceStep, written: Written<Guidance>) -> GuidanceView {
    GuidanceView { step, revision: written.revision, at: written.at, by: written.by, text: written.content }
}

/// Guidance for every step, from the organisation board
#[utoipa::path(get, path = "/api/v1/guidance", tag = "periodic", operation_id = "get_guidance", responses(
    (status = 200, description = "one for each step, empty where there is none", body = Vec<GuidanceView>),
))]
pub(super) async fn guidance(caller: Caller) -> Result<Json<Vec<GuidanceView>>, AppError> {
    let all = caller.centre.guidance().await?;
    Ok(Json(all.into_iter().map(|one| guidance_view(one.step, one.written)).collect()))
}

/// Every version of the guidance for a step, the last one first
#[utoipa::path(get, path = "/api/v1/guidance/{step}", tag = "periodic", operation_id = "get_guidance_history",
    params(("step" = GuidanceStep, Path)), responses(
    (status = 200, description = "versions", body = Vec<GuidanceView>),
))]
pub(super) async fn guidance_history(
    caller: Caller,
    At(step): At<GuidanceStep>,
) -> Result<Json<Vec<GuidanceView>>, AppError> {
    let all = caller.centre.guidance_history(step).await?;
    Ok(Json(all.into_iter().map(|written| guidance_view(step, written)).collect()))
}

/// Guidance that somebody writes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GuidanceChange {
    /// The version that it rests on.
    revision: u32,
    /// The text from now on.
    text: Guidance,
}

/// Write the guidance for a step
#[utoipa::path(put, path = "/api/v1/guidance/{step}", tag = "periodic", operation_id = "set_guidance", request_body = GuidanceChange,
    params(("step" = GuidanceStep, Path)), responses(
    (status = 200, description = "written", body = GuidanceView),
    (status = 409, description = "somebody else wrote it meanwhile", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn set_guidance(
    caller: Caller,
    At(step): At<GuidanceStep>,
    Body(change): Body<GuidanceChange>,
) -> Result<Json<GuidanceView>, AppError> {
    let written = caller.centre.set_guidance(step, change.text, change.revision).await?;
    Ok(Json(guidance_view(step, written)))
}

/// A reminder that is due today.
#[derive(Serialize, ToSchema)]
pub(super) struct ReminderView {
    /// What is owed.
    owed: Owed,
    /// Who is reminded.
    whom: Whom,
    round: uuid::Uuid,
    unit: String,
    /// Code of the official, or the visit and the place of its finding; empty for the ballot.
    which: String,
    /// Last day on which it is in time.
    due_on: String,
    /// Days by which it is late.
    days_late: u32,
    /// The day that the reminder belongs to.
    day: String,
}

/// Who is to be reminded today
#[utoipa::path(get, path = "/api/v1/reminders", tag = "periodic", operation_id = "list_reminders", params(Paging), responses(
    (status = 200, description = "a page of reminders, by round, what is owed, and unit", body = Page<ReminderView>),
))]
pub(super) async fn reminders(
    caller: Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<ReminderView>>, AppError> {
    let due = caller.centre.reminders().await?;
    let mut all: Vec<(String, ReminderView)> =
        due.reminders.into_iter().map(|one| (one.key(), ReminderView::from(one))).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let page = paging.cut(all, |(key, _)| key.clone())?;
    Ok(Json(Page { items: page.items.into_iter().map(|(_, view)| view).collect(), next: page.next }))
}

impl From<Reminder> for ReminderView {
    fn from(reminder: Reminder) -> Self {
        let Reminder { debt, whom, day, days_late } = reminder;
        Self {
            owed: debt.owed,
            whom,
            round: debt.round.uuid(),
            unit: debt.unit,
            which: debt.which,
            due_on: day_text(debt.due_on),
            days_late,
            day: day_text(day),
        }
    }
}
