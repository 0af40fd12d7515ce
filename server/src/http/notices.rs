//! Notices of results: who was told, who is to be told by when, who is late.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging, position};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::calendar::{day_text, parse_day};
use crate::domain::contact::Channel;
use crate::domain::notice::{Notice, Posted, Reach, Stage, Tally, USUAL_DAYS, Way};
use crate::domain::outgoing::MessageState;
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
    /// How they are reached; nothing once they were told.
    reached: Option<ReachView>,
    /// How they were told; nothing while it is not known that they were.
    told: Option<ToldView>,
}

/// How an official is reached, who is still to be told. No address is in it.
#[derive(Serialize, ToSchema)]
struct ReachView {
    /// The way that is noted for them now; a letter where none is.
    way: Channel,
    /// The message that goes or went to them, if one was made.
    message: Option<PostedView>,
}

/// How the message of a notice stands.
#[derive(Serialize, ToSchema)]
struct PostedView {
    /// The way it goes.
    way: Channel,
    state: MessageState,
    /// Day on which it was sent, failed or was given up, as `2026-11-27`.
    on: Option<String>,
}

impl From<Reach> for ReachView {
    fn from(reach: Reach) -> Self {
        let view =
            |posted: Posted| PostedView { way: posted.way, state: posted.state, on: posted.on.map(day_text) };
        Self { way: reach.way, message: reach.message.map(view) }
    }
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
    /// The moment, in seconds since 1970, where they said so themselves; nothing for a signature on paper.
    at: Option<i64>,
    /// How.
    way: Way,
    /// Login of who noted it.
    by: String,
}

impl NoticeView {
    fn new(notice: Notice, stage: Stage, reach: Option<Reach>) -> Self {
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
            reached: reach.map(ReachView::from),
            told: notice.told.map(|told| ToldView {
                on: day_text(told.on),
                at: told.at,
                way: told.way,
                by: told.by,
            }),
        }
    }
}

/// Notices with how each official is reached.
async fn views(caller: &Caller, found: Vec<(Notice, Stage)>) -> Result<Vec<NoticeView>, AppError> {
    let notices: Vec<&Notice> = found.iter().map(|(notice, _)| notice).collect();
    let reach = caller.centre.reach(&notices).await?;
    let views =
        found.into_iter().zip(reach).map(|((notice, stage), reach)| NoticeView::new(notice, stage, reach));
    Ok(views.collect())
}

async fn view(caller: &Caller, (notice, stage): (Notice, Stage)) -> Result<Json<NoticeView>, AppError> {
    let reach = caller.centre.reach(&[&notice]).await?.into_iter().next().flatten();
    Ok(Json(NoticeView::new(notice, stage, reach)))
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
    Ok(Json(Page { items: views(caller, found).await?, next }))
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
    let tallies = caller.centre.round_tallies(&round(id)).await?;
    let view =
        |(unit, tally): (&UnitCode, &Tally)| UnitTally { unit: unit.to_string(), tally: tally.clone() };
    let units = tallies.notices_of.iter().map(view).collect();
    Ok(Json(NoticeFiguresView { all: tallies.notices.clone(), units }))
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
    view(&caller, caller.centre.notice(&round(id), &official).await?).await
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
    view(&caller, caller.centre.acknowledge(&round(id), &official).await?).await
}

/// Within how many days officials are to be told.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DueDayQuery {
    /// Working days from publication on.
    #[param(minimum = 1, maximum = 60, default = 5)]
    working_days: Option<u16>,
}

/// A day on which notices are due.
#[derive(Serialize, ToSchema)]
pub(super) struct DueDayView {
    working_days: u16,
    /// Last day on which who is told is told in time, as `2026-11-27`.
    due_on: String,
}

/// On which day notices are due of what is published today
#[utoipa::path(get, path = "/api/v1/notices/due-day", tag = "notices", operation_id = "get_notice_due_day", params(DueDayQuery), responses(
    (status = 200, description = "by the days on which offices work", body = DueDayView),
    (status = 422, description = "so many days are not given", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn due_day(
    caller: Caller,
    Asked(query): Asked<DueDayQuery>,
) -> Result<Json<DueDayView>, AppError> {
    let working_days = query.working_days.unwrap_or(USUAL_DAYS);
    let due_on = day_text(caller.centre.notices_due_on(working_days)?);
    Ok(Json(DueDayView { working_days, due_on }))
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
    view(&caller, caller.centre.note_signed(&round(id), &unit, &official, on).await?).await
}
