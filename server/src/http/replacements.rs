//! Replacing the sheet of one unit. New slips are drawn and printed by the command line alone: their codes live in the
//! process that writes them out, and never travel.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rounds::round;
use crate::error::AppError;
use crate::roster::{Roster, from_csv};
use crate::service::{SheetCorrection, SheetPreview};
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sync_core::cose::Signed;
use sync_core::fingerprint;
use sync_core::id::SheetHash;
use sync_core::package::{PermitChange, SheetReplacement};
use utoipa::ToSchema;

/// A sheet by its hash, and by the digits that teams compare with paper.
#[derive(Serialize, ToSchema)]
pub(super) struct SheetView {
    hash: String,
    /// Six groups of five digits.
    digits: String,
}

impl From<SheetHash> for SheetView {
    fn from(hash: SheetHash) -> Self {
        Self { hash: hash.to_string(), digits: fingerprint::line(&hash.0) }
    }
}

/// A replacement of a unit's sheet.
#[derive(Serialize, ToSchema)]
pub(super) struct ReplacementView {
    /// From 1.
    number: u32,
    /// The sheet that no longer holds.
    old: SheetView,
    /// The sheet that held from then on.
    new: SheetView,
    /// Whether all slips were replaced.
    new_slips: bool,
    reason: String,
}

impl From<&Signed<SheetReplacement>> for ReplacementView {
    fn from(signed: &Signed<SheetReplacement>) -> Self {
        let replacement = signed.value();
        Self {
            number: replacement.number,
            old: replacement.old.into(),
            new: replacement.new.into(),
            new_slips: replacement.permits == PermitChange::Replaced,
            reason: replacement.reason.clone(),
        }
    }
}

/// How often and why a unit's sheet was replaced
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/replacements", tag = "rounds", operation_id = "list_replacements",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), Paging), responses(
    (status = 200, description = "a page of replacements, by number", body = Page<ReplacementView>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<ReplacementView>>, AppError> {
    let all = caller.centre.replacements(&round(id), &unit).await?;
    let all: Vec<ReplacementView> = all.iter().map(ReplacementView::from).collect();
    Ok(Json(paging.cut(all, |replacement| format!("{:03}", replacement.number))?))
}

/// A corrected roster as two CSV files (comma, semicolon or tab), of the whole district or of this unit alone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CorrectedRoster {
    /// Units: code, name, kind, voters.
    #[schema(max_length = 131_072)]
    units: String,
    /// Officials: unit, place on the ballot, code, name, post.
    #[schema(max_length = 131_072)]
    officials: String,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

impl CorrectedRoster {
    /// # Errors
    /// [`AppError`] with code `roster` and every problem in its place.
    fn read(&self) -> Result<Roster, AppError> {
        let read = from_csv(self.units.as_bytes(), self.officials.as_bytes());
        read.map_err(|problems| AppError::unprocessable("roster", problems.to_string().trim_end()))
    }
}

/// A change, a warning or a problem.
#[derive(Serialize, ToSchema)]
struct Remark {
    /// Stable code.
    code: &'static str,
    detail: String,
}

/// What a replacement would do.
#[derive(Serialize, ToSchema)]
pub(super) struct PreviewView {
    /// The sheet that holds now; send its hash along when you replace it.
    holds: SheetView,
    /// The sheet that would hold, unless something stands against it.
    new: Option<SheetView>,
    changes: Vec<Remark>,
    /// What people should know before they go on.
    notes: Vec<Remark>,
    /// Everything that stands against it.
    problems: Vec<Remark>,
}

impl From<SheetPreview> for PreviewView {
    fn from(preview: SheetPreview) -> Self {
        let mut view = Self {
            holds: preview.holds.into(),
            new: None,
            changes: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
        };
        match preview.corrected {
            Ok(corrected) => {
                view.new = Some(corrected.sheet.hash().into());
                let change = |c: &crate::domain::replacement::Change| remark(c.code(), c);
                view.changes = corrected.changes.iter().map(change).collect();
                view.notes = corrected.notes.iter().map(|note| remark(note.code(), note)).collect();
            }
            Err(problems) => {
                view.problems = problems.iter().map(|problem| remark(problem.code(), problem)).collect();
            }
        }
        view
    }
}

fn remark(code: &'static str, detail: &impl ToString) -> Remark {
    Remark { code, detail: detail.to_string() }
}

/// See what a corrected roster would change on a unit's sheet
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/replacements/preview", tag = "rounds", operation_id = "preview_replacement", request_body = CorrectedRoster,
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "what would change, or what stands against it; nothing was changed", body = PreviewView),
    (status = 409, description = "no sheet is replaced now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn preview(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(asked): Body<CorrectedRoster>,
) -> Result<Json<PreviewView>, AppError> {
    let roster = asked.read()?;
    let correction = SheetCorrection { unit: &unit, roster: &roster, slips: None, reason: &asked.reason };
    Ok(Json(caller.centre.preview_replacement(&round(id), correction).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReplacement {
    /// Units: code, name, kind, voters.
    #[schema(max_length = 131_072)]
    units: String,
    /// Officials: unit, place on the ballot, code, name, post.
    #[schema(max_length = 131_072)]
    officials: String,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
    /// Hash of the sheet that is replaced, as the preview showed it.
    #[schema(min_length = 64, max_length = 64)]
    holds: String,
}

/// Replace the sheet of a unit; its slips stay good
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/replacements", tag = "rounds", operation_id = "replace_sheet", request_body = NewReplacement,
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 201, description = "signed; tablets get it with their next sync", body = ReplacementView),
    (status = 409, description = "no sheet is replaced now, or another one holds than was seen", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn replace(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(asked): Body<NewReplacement>,
) -> Result<(StatusCode, Json<ReplacementView>), AppError> {
    let NewReplacement { units, officials, reason, holds } = asked;
    let asked = CorrectedRoster { units, officials, reason };
    let roster = asked.read()?;
    let seen: SheetHash = holds.parse().map_err(|_| {
        AppError::unprocessable(
            "sheet_hash",
            "name the sheet that is replaced by the 64 digits of the preview",
        )
    })?;
    let correction = SheetCorrection { unit: &unit, roster: &roster, slips: None, reason: &asked.reason };
    let signed = caller.centre.replace_sheet(&round(id), correction, &seen).await?;
    Ok((StatusCode::CREATED, Json(ReplacementView::from(&signed))))
}
