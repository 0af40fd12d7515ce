//! Notices of results: who was told, who is to be told by when, who is late.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging, position};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::calendar::{day_text, parse_day};
use crate::domain::contact::Channel;
use crate::domain::notice::{Notice, Stage, Tally, Way};
use crate::error::AppError;
use crate::store::notices::{NoticeSearch, Place, place};
use axum::Json;
use serde::{Deserialize, Serialize};
use sync_core::id::{RoundId, UnitCode};
use utoipa::ToSchema;

/// The notice of a result to an official.
#[derive(Serialize, ToSchema)]
pub(super) struct NoticeView {
    round: uuid::Uuid,
    unit: String,
    /// Code of the official.
    official: String,
    name: String,
    post: String,
    /// Number of the order whose result it tells.
    order: u32,
    /// Day of publication, as `2026-11-27`.
    made_on: String,
    /// Last day on which it is in time.
    due_on: String,
    /// How it stands today.
    stage: Stage,
    /// How it was sent out; nothing while it was not.
    sent: Option<SentView>,
    /// How they were told; nothing while it is not known that they were.
    told: Option<ToldView>,
}

/// That a notice was sent out. It does not say that anybody saw it.
#[derive(Serialize, ToSchema)]
struct SentView {
    /// Day, as `2026-11-27`.
    on: String,
    /// How.
    way: Channel,
}

/// That an official was told.
#[derive(Serialize, ToSchema)]
struct ToldView {
    /// Day, as `2026-11-27`.
    on: String,
    /// How.
    way: Way,
    /// Login of who noted it.
    by: String,
}

impl From<(Notice, Stage)> for NoticeView {
    fn from((notice, stage): (Notice, Stage)) -> Self {
        Self {
            round: notice.round.uuid(),
            unit: notice.unit.to_string(),
            official: notice.official,
            name: notice.name,
            post: notice.post,
            order: notice.order,
            made_on: day_text(notice.made_on),
            due_on: day_text(notice.due_on),
            stage,
            sent: notice.sent.map(|sent| SentView { on: day_text(sent.on), way: sent.way }),
            told: notice.told.map(|told| ToldView { on: day_text(told.on), way: told.way, by: told.by }),
        }
    }
}

/// Which notices are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NoticeQuery {
    /// Only of this round.
    round: Option<uuid::Uuid>,
    /// Only of this unit.
    #[param(max_length = 40)]
    unit: Option<String>,
    /// Only those that stand like this.
    #[param(inline)]
    stage: Option<Stage>,
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

/// Notices of results, by the day on which they are due
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices", operation_id = "list_notices", params(NoticeQuery), responses(
    (status = 200, description = "a page of notices", body = Page<NoticeView>),
))]
pub(super) async fn list(
    caller: Caller,
    Asked(query): Asked<NoticeQuery>,
) -> Result<Json<Page<NoticeView>>, AppError> {
    let unit = query.unit.map(|code| UnitCode::new(code.trim())).transpose();
    let which = NoticeSearch {
        round: query.round.map(round),
        unit: unit.map_err(|error| AppError::bad_request("query", error))?,
        stage: query.stage,
        text: searched(query.text)?,
    };
    page(&caller, &which, &Paging::new(query.limit, query.after)).await
}

/// Notices of one unit
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/notices", tag = "notices", operation_id = "list_notices_of_unit",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), Paging), responses(
    (status = 200, description = "a page of notices", body = Page<NoticeView>),
))]
pub(super) async fn of_unit(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<NoticeView>>, AppError> {
    caller.centre.round(&round(id)).await?.unit(&unit)?;
    let unit = UnitCode::new(&unit).map_err(|error| AppError::not_found("unknown_unit", error))?;
    let which = NoticeSearch { round: Some(round(id)), unit: Some(unit), ..NoticeSearch::default() };
    page(&caller, &which, &paging).await
}

async fn page(
    caller: &Caller,
    which: &NoticeSearch,
    paging: &Paging,
) -> Result<Json<Page<NoticeView>>, AppError> {
    let limit = paging.limit()?;
    let after = read_place(&paging.after()?)?;
    let found = caller.centre.notices(which, &after, limit).await?;
    let full = found.len() == limit as usize;
    let next = found.last().filter(|_| full).map(|(notice, _)| position(&write_place(&place(notice))));
    Ok(Json(Page { items: found.into_iter().map(NoticeView::from).collect(), next }))
}

pub(super) fn searched(text: Option<String>) -> Result<String, AppError> {
    let text = text.unwrap_or_default();
    if text.contains('\0') {
        return Err(AppError::bad_request("query", "`text` is what stands in a name"));
    }
    Ok(text)
}

/// Between the parts of a place. It stands in none of them.
const BETWEEN: char = '\u{1f}';

fn write_place((day, unit, official, round): &Place) -> String {
    let round: String = round.iter().map(|byte| format!("{byte:02x}")).collect();
    [day.as_str(), unit, official, &round].join("\u{1f}")
}

fn read_place(text: &str) -> Result<Place, AppError> {
    if text.is_empty() {
        return Ok(Place::default());
    }
    let wrong = || AppError::bad_request("query", "`after` is the `next` of the page before, unchanged");
    let parts: Vec<&str> = text.split(BETWEEN).collect();
    let &[day, unit, official, round] = parts.as_slice() else { return Err(wrong()) };
    let round = RoundId(uuid::Uuid::try_parse(round).map_err(|_| wrong())?.into_bytes());
    Ok((day.to_owned(), unit.to_owned(), official.to_owned(), round.0.to_vec()))
}

/// The notices of a round in figures.
#[derive(Serialize, ToSchema)]
pub(super) struct NoticeFiguresView {
    /// All together.
    all: Tally,
    /// Each unit that has any.
    units: Vec<UnitTally>,
}

/// The notices of a unit in figures.
#[derive(Serialize, ToSchema)]
struct UnitTally {
    unit: String,
    #[serde(flatten)]
    tally: Tally,
}

/// How many notices of a round were in time, are waited for, are overdue
#[utoipa::path(get, path = "/api/v1/rounds/{round}/notices/figures", tag = "notices", operation_id = "get_notice_figures",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "figures, in all and by unit", body = NoticeFiguresView),
))]
pub(super) async fn figures(
    caller: Caller,
    At(id): At<uuid::Uuid>,
) -> Result<Json<NoticeFiguresView>, AppError> {
    let figures = caller.centre.notice_figures(&round(id)).await?;
    let units = figures.units.into_iter();
    Ok(Json(NoticeFiguresView {
        all: figures.all,
        units: units.map(|(unit, tally)| UnitTally { unit: unit.to_string(), tally }).collect(),
    }))
}

/// The notice of one official
#[utoipa::path(get, path = "/api/v1/rounds/{round}/officials/{official}/notice", tag = "notices", operation_id = "get_notice",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 200, description = "the notice", body = NoticeView),
))]
pub(super) async fn show(
    caller: Caller,
    At((id, official)): At<(uuid::Uuid, String)>,
) -> Result<Json<NoticeView>, AppError> {
    Ok(Json(caller.centre.notice(&round(id), &official).await?.into()))
}

/// Say that the own result was seen
#[utoipa::path(post, path = "/api/v1/rounds/{round}/officials/{official}/notice/acknowledgement", tag = "notices", operation_id = "acknowledge_notice",
    params(("round" = uuid::Uuid, Path), ("official" = String, Path)), responses(
    (status = 200, description = "acknowledged, now or before", body = NoticeView),
))]
pub(super) async fn acknowledge(
    caller: Caller,
    At((id, official)): At<(uuid::Uuid, String)>,
) -> Result<Json<NoticeView>, AppError> {
    Ok(Json(caller.centre.acknowledge(&round(id), &official).await?.into()))
}

/// What was sent out, and what is left for letters.
#[derive(Serialize, ToSchema)]
pub(super) struct SendingView {
    /// Goes out by e-mail now.
    email: u32,
    /// Goes out by webhook now.
    webhook: u32,
    /// Was on its way, or sent, before.
    before: u32,
    /// Gets a letter: no other way is known.
    letter: u32,
}

/// Send out what was not sent yet, to everybody who is reached by e-mail or webhook
#[utoipa::path(post, path = "/api/v1/rounds/{round}/notices/sending", tag = "notices", operation_id = "send_notices",
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "what goes out; asking again sends nothing twice", body = SendingView),
))]
pub(super) async fn send(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<SendingView>, AppError> {
    let done = caller.centre.send_notices(&round(id)).await?;
    let crate::service::SendingNotices { email, webhook, before, letter } = done;
    Ok(Json(SendingView { email, webhook, before, letter }))
}

/// A printed notice that the official signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    /// Day on which it was signed, as `2026-11-27`.
    #[schema(format = Date, example = "2026-11-27")]
    on: String,
}

/// Note that an official signed the printed notice
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/notices/{official}/signature", tag = "notices", operation_id = "note_signed_notice",
    request_body = Signature, params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("official" = String, Path)), responses(
    (status = 200, description = "noted, now or before", body = NoticeView),
    (status = 422, description = "no such day, or one on which nobody can have signed it", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn note_signed(
    caller: Caller,
    At((id, unit, official)): At<(uuid::Uuid, String, String)>,
    Body(signature): Body<Signature>,
) -> Result<Json<NoticeView>, AppError> {
    let wrong = || AppError::unprocessable("told_on", "write the day as 2026-11-27");
    let on = parse_day(signature.on.trim()).ok_or_else(wrong)?;
    Ok(Json(caller.centre.note_signed(&round(id), &unit, &official, on).await?.into()))
}
