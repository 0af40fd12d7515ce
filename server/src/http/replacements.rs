//! Replacing the sheet of one unit. New slips are drawn for a page to print (`slips`); here comes what confirms them.

use super::access::Caller;
use super::drafts::BallotLine;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rosters::{Grid, not_a_roster, roster_of};
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
use sync_core::package::{PermitChange, Sheet, SheetReplacement};
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

/// A corrected roster, of the whole district or of this unit alone: as tables, or as two CSV files (comma, semicolon or
/// tab).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CorrectedRoster {
    /// Its tables.
    #[serde(default)]
    #[schema(max_items = 32)]
    tables: Vec<Grid>,
    /// Without tables: units with code, name, kind, voters.
    #[serde(default)]
    #[schema(max_length = 131_072)]
    units: String,
    /// Without tables: officials with unit, place on the ballot, code, name, post.
    #[serde(default)]
    #[schema(max_length = 131_072)]
    officials: String,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
    /// Whether all slips are to be replaced.
    #[serde(default)]
    new_slips: bool,
}

impl CorrectedRoster {
    /// # Errors
    /// [`AppError`] with code `roster` and every problem in its place.
    fn read(&self) -> Result<Roster, AppError> {
        read(&self.tables, &self.units, &self.officials)
    }
}

fn read(tables: &[Grid], units: &str, officials: &str) -> Result<Roster, AppError> {
    if !tables.is_empty() {
        return roster_of(tables.to_vec());
    }
    from_csv(units.as_bytes(), officials.as_bytes()).map_err(|problems| not_a_roster(&problems))
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
    /// The sheet that would hold, unless something stands against it; nothing either where slips are still to be drawn,
    /// for they are part of it.
    new: Option<SheetView>,
    /// What stands on the sheet that holds now.
    before: SheetContent,
    /// What would stand on it, unless something stands against it.
    after: Option<SheetContent>,
    changes: Vec<Remark>,
    /// What people should know before they go on.
    notes: Vec<Remark>,
    /// Everything that stands against it.
    problems: Vec<Remark>,
}

/// What people read on a sheet.
#[derive(Serialize, ToSchema)]
struct SheetContent {
    voters: u32,
    /// In the order of the ballot.
    officials: Vec<BallotLine>,
    voter_names: Vec<String>,
    team: Vec<String>,
    /// Slips that are good.
    slips: usize,
}

impl From<&Sheet> for SheetContent {
    fn from(sheet: &Sheet) -> Self {
        let line = |o: &sync_core::package::Official| BallotLine {
            code: o.code.clone(),
            name: o.name.clone(),
            post: o.post.clone(),
        };
        Self {
            voters: sheet.voters,
            officials: sheet.officials.iter().map(line).collect(),
            voter_names: sheet.voter_names.clone(),
            team: sheet.team.clone(),
            slips: sheet.permits.len(),
        }
    }
}

impl From<SheetPreview> for PreviewView {
    fn from(preview: SheetPreview) -> Self {
        let mut view = Self {
            holds: preview.holds.into(),
            new: None,
            before: SheetContent::from(&preview.sheet),
            after: None,
            changes: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
        };
        match preview.corrected {
            Ok(corrected) => {
                view.new = Some(corrected.sheet.hash().into());
                view.after = Some(SheetContent::from(&corrected.sheet));
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
    let round = round(id);
    let voters = roster.units.iter().find(|known| known.code == unit).map(|known| known.voters);
    // For a look alone: the slips that will be printed are others.
    let slips = match voters.filter(|_| asked.new_slips) {
        Some(voters) => Some(caller.centre.draw_new_slips(&round, &unit, voters).await?),
        None => None,
    };
    let correction =
        SheetCorrection { unit: &unit, roster: &roster, slips: slips.as_ref(), reason: &asked.reason };
    let mut view = PreviewView::from(caller.centre.preview_replacement(&round, correction).await?);
    if asked.new_slips {
        view.new = None;
    }
    Ok(Json(view))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReplacement {
    /// Its tables.
    #[serde(default)]
    #[schema(max_items = 32)]
    tables: Vec<Grid>,
    /// Without tables: units with code, name, kind, voters.
    #[serde(default)]
    #[schema(max_length = 131_072)]
    units: String,
    /// Without tables: officials with unit, place on the ballot, code, name, post.
    #[serde(default)]
    #[schema(max_length = 131_072)]
    officials: String,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
    /// Hexadecimal digits of what confirms slips that were drawn for it and lie there on paper; nothing if the earlier
    /// slips stay good.
    #[serde(default)]
    #[schema(max_length = 180_000)]
    slips: Option<String>,
    /// Hash of the sheet that is replaced, as the preview showed it.
    #[schema(min_length = 64, max_length = 64)]
    holds: String,
}

/// Replace the sheet of a unit; its slips stay good, or new ones that were printed take their place
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
    let NewReplacement { tables, units, officials, reason, slips, holds } = asked;
    let roster = read(&tables, &units, &officials)?;
    let seen: SheetHash = holds.parse().map_err(|_| {
        AppError::unprocessable(
            "sheet_hash",
            "name the sheet that is replaced by the 64 digits of the preview",
        )
    })?;
    let round = round(id);
    let slips = match slips.as_deref().map(from_hex) {
        Some(bytes) => Some(caller.centre.printed_for(&round, &unit, &bytes).await?),
        None => None,
    };
    let correction = SheetCorrection { unit: &unit, roster: &roster, slips: slips.as_ref(), reason: &reason };
    let signed = caller.centre.replace_sheet(&round, correction, &seen).await?;
    Ok((StatusCode::CREATED, Json(ReplacementView::from(&signed))))
}

/// Bytes of hexadecimal digits; nothing of what is none.
fn from_hex(digits: &str) -> Vec<u8> {
    let byte = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..digits.len()).step_by(2).map_while(byte).collect()
}
