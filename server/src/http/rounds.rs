//! What the office reads of rounds.

use super::session::Administrator;
use crate::domain::figures::{RoundFigures, UnitFigures};
use crate::domain::table;
use crate::error::AppError;
use crate::service::{Centre, Round, UnitStatus};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sync_core::id::RoundId;
use sync_core::standing::UnitStanding;

type RoundPath = Result<Path<uuid::Uuid>, PathRejection>;

#[derive(Serialize)]
pub(super) struct RoundView {
    id: uuid::Uuid,
    title: String,
    mode: &'static str,
    state: &'static str,
    units: usize,
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

pub(super) async fn list(
    _: Administrator,
    State(centre): State<Centre>,
) -> Result<Json<Vec<RoundView>>, AppError> {
    Ok(Json(centre.rounds().await?.iter().map(RoundView::from).collect()))
}

pub(super) async fn show(
    _: Administrator,
    State(centre): State<Centre>,
    path: RoundPath,
) -> Result<Json<RoundView>, AppError> {
    Ok(Json(RoundView::from(&centre.round(&id(path)?).await?)))
}

pub(super) async fn units(
    _: Administrator,
    State(centre): State<Centre>,
    path: RoundPath,
) -> Result<Json<Vec<UnitStatus>>, AppError> {
    Ok(Json(centre.status(&id(path)?).await?))
}

/// What waits for a decision in one unit.
#[derive(Serialize)]
pub(super) struct UnitHolds {
    unit: String,
    held: Vec<Held>,
    missing: Vec<String>,
}

#[derive(Serialize)]
struct Held {
    envelope: String,
    device: String,
    number: u32,
    ballots: u32,
    reasons: Vec<&'static str>,
    decided: bool,
}

impl UnitHolds {
    fn of(standing: &UnitStanding) -> Option<Self> {
        let undecided = standing.undecided();
        let held: Vec<Held> = standing
            .facts
            .envelopes
            .iter()
            .filter_map(|header| {
                let reasons = standing.survey.held.get(&header.id)?;
                Some(Held {
                    envelope: header.id.to_string(),
                    device: header.device.to_string(),
                    number: header.number,
                    ballots: header.ballots,
                    reasons: reasons.iter().map(|reason| reason.code()).collect(),
                    decided: !undecided.contains_key(&header.id),
                })
            })
            .collect();
        let missing: Vec<String> =
            standing.open_gaps().iter().map(crate::domain::decision::gap_text).collect();
        let something = !held.is_empty() || !missing.is_empty();
        something.then(|| Self { unit: standing.unit.to_string(), held, missing })
    }
}

pub(super) async fn holds(
    _: Administrator,
    State(centre): State<Centre>,
    path: RoundPath,
) -> Result<Json<Vec<UnitHolds>>, AppError> {
    let (_, standings) = centre.standings(&id(path)?).await?;
    Ok(Json(standings.iter().filter_map(UnitHolds::of).collect()))
}

pub(super) async fn results(
    _: Administrator,
    State(centre): State<Centre>,
    path: RoundPath,
) -> Result<Json<RoundFigures>, AppError> {
    Ok(Json(centre.figures(&id(path)?).await?))
}

pub(super) async fn results_csv(
    _: Administrator,
    State(centre): State<Centre>,
    path: RoundPath,
) -> Result<Response, AppError> {
    let figures = centre.figures(&id(path)?).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"results.csv\""),
    ];
    Ok((headers, table::csv(&figures)).into_response())
}

pub(super) async fn unit_results(
    _: Administrator,
    State(centre): State<Centre>,
    path: Result<Path<(uuid::Uuid, String)>, PathRejection>,
) -> Result<Json<UnitFigures>, AppError> {
    let Path((round, code)) = path?;
    let figures = centre.figures(&RoundId(round.into_bytes())).await?;
    let unit = figures.units.into_iter().find(|unit| unit.code == code);
    unit.map(Json)
        .ok_or_else(|| AppError::not_found("not_published", "no result of this unit is published yet"))
}

/// The figures of one official: the unit with this official alone.
pub(super) async fn official_results(
    _: Administrator,
    State(centre): State<Centre>,
    path: Result<Path<(uuid::Uuid, String)>, PathRejection>,
) -> Result<Json<UnitFigures>, AppError> {
    let Path((round, code)) = path?;
    let figures = centre.figures(&RoundId(round.into_bytes())).await?;
    let found = figures.units.into_iter().find_map(|mut unit| {
        unit.officials.retain(|official| official.code == code);
        (!unit.officials.is_empty()).then_some(unit)
    });
    let missing = || AppError::not_found("not_published", "no result of this official is published yet");
    found.map(Json).ok_or_else(missing)
}

pub(super) async fn bundle(
    _: Administrator,
    State(centre): State<Centre>,
    path: RoundPath,
) -> Result<Response, AppError> {
    let bytes = centre.bundle(&id(path)?).await?.to_bytes();
    let headers =
        [(CONTENT_TYPE, "application/cbor"), (CONTENT_DISPOSITION, "attachment; filename=\"round.hpb\"")];
    Ok((headers, bytes).into_response())
}

pub(super) fn id(path: RoundPath) -> Result<RoundId, AppError> {
    let Path(uuid) = path?;
    Ok(RoundId(uuid.into_bytes()))
}
