//! The sheets that hold, for paper: a page per unit with its digits, and its ballot form.

use super::access::Caller;
use super::drafts::BallotLine;
use super::extract::{Asked, At};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::replacements::SheetView;
use super::rounds::round;
use crate::error::AppError;
use crate::service::UnitSheet;
use axum::Json;
use serde::Serialize;
use sync_core::package::Voting;
use utoipa::ToSchema;

/// The sheet of a unit that holds.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldSheet {
    unit: String,
    name: String,
    attended: bool,
    voters: u32,
    /// In the order of the ballot.
    officials: Vec<BallotLine>,
    /// Names of the voters in the order of their numbers, or nothing.
    voter_names: Vec<String>,
    team: Vec<String>,
    /// Slips that are good.
    slips: usize,
    sheet: SheetView,
    /// Number of the replacement that brought it.
    replacement: Option<u32>,
    /// Digits of the page that no longer holds.
    replaces: Option<String>,
}

impl From<UnitSheet> for HeldSheet {
    fn from(of: UnitSheet) -> Self {
        let hash = of.sheet.hash();
        let line = |o: sync_core::package::Official| BallotLine { code: o.code, name: o.name, post: o.post };
        Self {
            unit: of.sheet.unit.to_string(),
            name: of.name,
            attended: of.voting == Voting::Attended,
            voters: of.sheet.voters,
            officials: of.sheet.officials.into_iter().map(line).collect(),
            voter_names: of.sheet.voter_names,
            team: of.sheet.team,
            slips: of.sheet.permits.len(),
            sheet: hash.into(),
            replacement: of.replaces.map(|(number, _)| number),
            replaces: of.replaces.map(|(_, old)| sync_core::fingerprint::line(&old.0)),
        }
    }
}

/// The sheets that hold, with the digits that teams compare
#[utoipa::path(get, path = "/api/v1/rounds/{round}/sheets", tag = "set-up", operation_id = "list_sheets",
    params(("round" = uuid::Uuid, Path), Paging), responses(
    (status = 200, description = "a page of sheets, by unit", body = Page<HeldSheet>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<HeldSheet>>, AppError> {
    let sheets = caller.centre.sheets_that_hold(&round(id)).await?;
    let sheets: Vec<HeldSheet> = sheets.into_iter().map(HeldSheet::from).collect();
    Ok(Json(paging.cut(sheets, |sheet| sheet.unit.clone())?))
}
