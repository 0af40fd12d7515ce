//! Rounds: how they stand, and what the organisation board does with them.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use crate::domain::notice::USUAL_DAYS;
use crate::error::AppError;
use crate::service::{BoardUnit, Ending, Round, RoundSummary, not_at_its_end};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sync_core::finish::Unfinished;
use sync_core::id::RoundId;
use utoipa::ToSchema;

/// A round.
#[derive(Serialize, ToSchema)]
pub(super) struct RoundView {
    id: uuid::Uuid,
    title: String,
    /// `official` or `training`.
    mode: &'static str,
    /// `draft`, `signed`, `open`, `closed` …
    state: &'static str,
    /// Number of units.
    units: usize,
    /// Hash of the package, once signed.
    package: Option<String>,
}

impl From<&Round> for RoundView {
    fn from(round: &Round) -> Self {
        Self {
            id: round.id.uuid(),
            title: round.draft.title.clone(),
            mode: if round.draft.official { "official" } else { "training" },
            state: round.state.name(),
            units: round.draft.units.len(),
            package: round.package.as_ref().map(|package| package.hash().to_string()),
        }
    }
}

impl From<&RoundSummary> for RoundView {
    fn from(round: &RoundSummary) -> Self {
        Self {
            id: round.id.uuid(),
            title: round.title.clone(),
            mode: if round.official { "official" } else { "training" },
            state: round.state.name(),
            units: round.units,
            package: round.package.map(|hash| hash.to_string()),
        }
    }
}

/// The round of a path.
pub(super) fn round(id: uuid::Uuid) -> RoundId {
    RoundId(id.into_bytes())
}

/// Rounds
#[utoipa::path(get, path = "/api/v1/rounds", tag = "rounds", operation_id = "list_rounds", params(Paging), responses(
    (status = 200, description = "a page of rounds", body = Page<RoundView>),
))]
pub(super) async fn list(
    caller: Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<RoundView>>, AppError> {
    let rounds = caller.centre.round_summaries().await?;
    let mut rounds: Vec<RoundView> = rounds.iter().map(|round| RoundView::from(round.as_ref())).collect();
    rounds.sort_by_key(|round| round.id);
    Ok(Json(paging.cut(rounds, |round| round.id.to_string())?))
}

/// One round
#[utoipa::path(get, path = "/api/v1/rounds/{round}", tag = "rounds", operation_id = "show_round", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "the round", body = RoundView),
))]
pub(super) async fn show(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<RoundView>, AppError> {
    Ok(Json(RoundView::from(&caller.centre.round(&round(id)).await?)))
}

/// A unit as the roster has it.
#[derive(Serialize, ToSchema)]
pub(super) struct RosterUnit {
    code: String,
    name: String,
    /// Voters on the roster.
    voters: u32,
}

/// Units of a round by code and name; nothing of how they stand
#[utoipa::path(get, path = "/api/v1/rounds/{round}/roster", tag = "rounds", operation_id = "list_roster",
    params(("round" = uuid::Uuid, Path), Paging), responses(
    (status = 200, description = "a page of units, by code", body = Page<RosterUnit>),
))]
pub(super) async fn roster(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<RosterUnit>>, AppError> {
    let stored = caller.centre.round(&round(id)).await?;
    let units = stored.draft.units.iter();
    let mut units: Vec<RosterUnit> = units
        .map(|unit| RosterUnit { code: unit.code.clone(), name: unit.name.clone(), voters: unit.voters })
        .collect();
    units.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(Json(paging.cut(units, |unit| unit.code.clone())?))
}

/// How a unit stands.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct UnitView {
    pub(super) code: String,
    name: String,
    /// Voters on the roster.
    voters: u32,
    /// Tablets certified and not revoked.
    tablets: usize,
    /// Of these, tablets that closed.
    closed: usize,
    /// Envelopes here.
    envelopes: usize,
    /// Sealed ballots in them.
    ballots: u64,
    /// Envelopes held and not decided.
    held: usize,
    /// What is missing and not written off.
    gaps: usize,
    /// Number of the order it is published by.
    published: Option<u32>,
    /// What of its record stands in the way of publication: errors, and warnings that nobody explained.
    findings: usize,
    /// Things about which people of its team disagree.
    conflicts: usize,
    /// Whether chair and counting head signed the minutes as they are now.
    signed: bool,
    /// When one of its tablets last spoke to this centre, in seconds since 1970, to the minute; as far as the running
    /// process knows.
    heard: Option<i64>,
    /// Tablets that have not closed and did not speak to this centre for a day; where one never did to the running process,
    /// the day counts from its start.
    silent: usize,
}

impl From<&BoardUnit> for UnitView {
    fn from(unit: &BoardUnit) -> Self {
        let s = &unit.status;
        Self {
            code: s.code.clone(),
            name: s.name.clone(),
            voters: s.voters,
            tablets: s.tablets,
            closed: s.closed,
            envelopes: s.envelopes,
            ballots: s.ballots,
            held: s.held,
            gaps: s.gaps,
            published: s.published,
            findings: s.record.blocking(),
            conflicts: s.record.conflicts,
            signed: s.record.signed,
            heard: unit.heard,
            silent: unit.silent.len(),
        }
    }
}

/// Which units are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UnitQuery {
    /// Only units with (or without) something held or missing.
    open: Option<bool>,
    /// Only units that are (or are not) published.
    published: Option<bool>,
    /// Only units whose record reconciles (or does not).
    reconciles: Option<bool>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// How every unit of a round stands
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units", tag = "rounds", operation_id = "list_units",
    params(("round" = uuid::Uuid, Path), UnitQuery), responses(
    (status = 200, description = "a page of units, by code", body = Page<UnitView>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn units(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(query): Asked<UnitQuery>,
) -> Result<Json<Page<UnitView>>, AppError> {
    let paging = Paging::new(query.limit, query.after);
    let board = caller.centre.board(&round(id)).await?;
    let mut units: Vec<UnitView> = board.units.iter().map(UnitView::from).collect();
    units.retain(|unit| {
        caller.sees_unit(&unit.code)
            && query.open.is_none_or(|open| (unit.held + unit.gaps > 0) == open)
            && query.published.is_none_or(|published| unit.published.is_some() == published)
            && query.reconciles.is_none_or(|reconciles| (unit.findings == 0) == reconciles)
    });
    units.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(Json(paging.cut(units, |unit| unit.code.clone())?))
}

/// Everything of a round for count and verification
#[utoipa::path(get, path = "/api/v1/rounds/{round}/bundle", tag = "counting", operation_id = "get_bundle", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "a bundle, as FORMAT.md has it", content_type = "application/cbor", body = super::extract::Binary),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn bundle(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Response, AppError> {
    let bytes = caller.centre.bundle(&round(id)).await?.to_bytes();
    let headers =
        [(CONTENT_TYPE, "application/cbor"), (CONTENT_DISPOSITION, "attachment; filename=\"round.hpb\"")];
    Ok((headers, bytes).into_response())
}

/// Open a signed round for voting, or one that was closed too early
#[utoipa::path(post, path = "/api/v1/rounds/{round}/opening", tag = "rounds", operation_id = "open_round", params(("round" = uuid::Uuid, Path)), responses(
    (status = 204, description = "open"),
    (status = 409, description = "it cannot be opened now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn open(caller: Caller, At(id): At<uuid::Uuid>) -> Result<StatusCode, AppError> {
    caller.centre.open_round(&round(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close a round: what comes later is held as late
#[utoipa::path(post, path = "/api/v1/rounds/{round}/closing", tag = "rounds", operation_id = "close_round", params(("round" = uuid::Uuid, Path)), responses(
    (status = 204, description = "closed"),
    (status = 409, description = "it cannot be closed now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn close(caller: Caller, At(id): At<uuid::Uuid>) -> Result<StatusCode, AppError> {
    caller.centre.close_round(&round(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What stands in the way of a round's end.
#[derive(Serialize, ToSchema)]
pub(super) struct EndingView {
    /// Whether the round is finished now.
    finished: bool,
    /// What stands in the way.
    obstacles: Vec<UnfinishedView>,
}

/// One thing that stands in the way of a round's end.
#[derive(Serialize, ToSchema)]
struct UnfinishedView {
    code: &'static str,
    /// The unit it is about, if it is about one.
    unit: Option<String>,
    /// The tablet that was not heard from since a restore, for `unheard_tablet`.
    device: Option<String>,
    /// What that tablet is called.
    label: Option<String>,
    /// What it is and what to do.
    detail: String,
}

impl From<&Unfinished> for UnfinishedView {
    fn from(what: &Unfinished) -> Self {
        let tablet = match what {
            Unfinished::Unheard { device, label, .. } => Some((device.to_string(), label.clone())),
            _ => None,
        };
        let (device, label) = tablet.unzip();
        let unit = what.unit().map(ToString::to_string);
        Self { code: what.code(), unit, device, label, detail: what.text() }
    }
}

/// Finish a round: after its final count and a checked backup every unit gets the statement by which tablets delete; refused while a tablet was not heard from since a restore
#[utoipa::path(post, path = "/api/v1/rounds/{round}/finish", tag = "rounds", operation_id = "finish_round", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "finished, now or before, or what stands in the way", body = EndingView),
    (status = 409, description = "it is not closed", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn finish(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<EndingView>, AppError> {
    let left = caller.centre.finish_round(&round(id)).await?;
    let obstacles = left.iter().map(UnfinishedView::from).collect();
    Ok(Json(EndingView { finished: left.is_empty(), obstacles }))
}

/// What stands in the way of a round's end, without ending it
#[utoipa::path(get, path = "/api/v1/rounds/{round}/finish", tag = "rounds", operation_id = "show_ending", params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "whether it is finished, or what stands in the way; nothing does if it can be finished now", body = EndingView),
    (status = 409, description = "it is not closed", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn ending(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<EndingView>, AppError> {
    let (finished, left) = match caller.centre.ending(&round(id)).await? {
        Ending::Finished(_) => (true, Vec::new()),
        Ending::Closed(left) => (false, left),
        Ending::NotClosed(state) => return Err(not_at_its_end(state)),
    };
    Ok(Json(EndingView { finished, obstacles: left.iter().map(UnfinishedView::from).collect() }))
}

/// An opening order.
#[derive(Serialize, ToSchema)]
pub(super) struct OrderView {
    number: u32,
    /// The digest that trustees compare and write on their share.
    digest: String,
}

/// Make the next opening order of a closed round
#[utoipa::path(post, path = "/api/v1/rounds/{round}/orders", tag = "counting", operation_id = "make_order", params(("round" = uuid::Uuid, Path)), responses(
    (status = 201, description = "made", body = OrderView),
    (status = 409, description = "there is nothing to order now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn make_order(
    caller: Caller,
    At(id): At<uuid::Uuid>,
) -> Result<(StatusCode, Json<OrderView>), AppError> {
    let order = caller.centre.make_order(&round(id)).await?;
    let view = OrderView { number: order.value().number, digest: order.digest().to_string() };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Hand in the trustees' signed result of the last order
#[utoipa::path(post, path = "/api/v1/rounds/{round}/result", tag = "counting", operation_id = "accept_result", params(("round" = uuid::Uuid, Path)),
    request_body(content = super::extract::Binary, content_type = "application/cose"), responses(
    (status = 200, description = "accepted, now or before", body = OrderView),
    (status = 409, description = "the order has another result, or there is none", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn accept(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<OrderView>, AppError> {
    let result = caller.centre.accept(&round(id), &body?).await?;
    Ok(Json(OrderView { number: result.value().number, digest: result.digest().to_string() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Publication {
    /// Codes of the units; all that can be, if empty.
    #[serde(default)]
    #[schema(max_items = 1000)]
    units: Vec<String>,
    /// Working days within which each official is told the own result; 5 if nothing is said.
    #[schema(minimum = 1, maximum = 60, default = 5)]
    notice_days: Option<u16>,
}

/// What publishing did for a unit.
#[derive(Serialize, ToSchema)]
pub(super) struct PublicationView {
    unit: String,
    published: bool,
    /// What stands in the way.
    obstacles: Vec<ObstacleView>,
}

/// What stands in the way of publishing a unit.
#[derive(Serialize, ToSchema)]
struct ObstacleView {
    code: &'static str,
    detail: String,
}

/// Publish units for which nothing stands in the way
#[utoipa::path(post, path = "/api/v1/rounds/{round}/publication", tag = "counting", operation_id = "publish_units", request_body = Publication,
    params(("round" = uuid::Uuid, Path)), responses(
    (status = 200, description = "what was published, and what stands in the way of the others", body = Vec<PublicationView>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn publish(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Body(asked): Body<Publication>,
) -> Result<Json<Vec<PublicationView>>, AppError> {
    let days = asked.notice_days.unwrap_or(USUAL_DAYS);
    let report = caller.centre.publish_within(&round(id), &asked.units, days).await?;
    let view = |outcome: crate::service::UnitOutcome| PublicationView {
        unit: outcome.unit.to_string(),
        published: outcome.obstacles.is_empty(),
        obstacles: outcome
            .obstacles
            .iter()
            .map(|obstacle| ObstacleView { code: obstacle.code(), detail: obstacle.to_string() })
            .collect(),
    };
    Ok(Json(report.units.into_iter().map(view).collect()))
}
