//! What is held or missing, with the evidence on which two people decide. Nothing here tells of a voter or a mark.

use super::access::Caller;
use super::extract::{Asked, At};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::decision::gap_text;
use crate::domain::evidence::{Evidence, HoldFact};
use crate::error::AppError;
use crate::service::UnitHolds;
use axum::Json;
use serde::Serialize;
use sync_core::package::PermitChange;
use sync_core::survey::Header;
use utoipa::ToSchema;

/// What waits for a decision in one unit.
#[derive(Serialize, ToSchema)]
pub(super) struct UnitHoldsView {
    unit: String,
    held: Vec<HeldView>,
    /// What is missing: `number:DEVICE:N`, `close:DEVICE`, `total:DEVICE:STATED:FOUND`.
    missing: Vec<String>,
}

impl From<UnitHolds> for UnitHoldsView {
    fn from(holds: UnitHolds) -> Self {
        Self {
            unit: holds.unit.to_string(),
            held: holds.held.iter().map(HeldView::from).collect(),
            missing: holds.missing.iter().map(|(gap, _)| gap_text(gap)).collect(),
        }
    }
}

/// An envelope that is held.
#[derive(Serialize, ToSchema)]
struct HeldView {
    envelope: String,
    device: String,
    /// How people call the tablet; nothing for an envelope that the centre itself sealed.
    label: Option<String>,
    number: u32,
    /// The envelope it follows on.
    previous: Option<String>,
    ballots: u32,
    /// Ballots of the tablet in all, if this envelope closes its box.
    closing_total: Option<u32>,
    /// Hash of the sheet it was sealed under.
    sheet: String,
    /// Why it is held: the reasons of `evidence`.
    reasons: Vec<&'static str>,
    /// What each reason rests on.
    evidence: Vec<FactView>,
    /// Whether two people decided about it.
    decided: bool,
}

impl From<&Evidence> for HeldView {
    fn from(evidence: &Evidence) -> Self {
        let header = &evidence.header;
        Self {
            envelope: header.id.to_string(),
            device: header.device.to_string(),
            label: evidence.label.clone(),
            number: header.number,
            previous: header.previous.map(|id| id.to_string()),
            ballots: header.ballots,
            closing_total: header.total,
            sheet: header.sheet.to_string(),
            reasons: evidence.facts.iter().map(|fact| fact.reason().code()).collect(),
            evidence: evidence.facts.iter().map(FactView::from).collect(),
            decided: evidence.decided,
        }
    }
}

/// Another envelope of the same tablet.
#[derive(Serialize, ToSchema)]
struct OtherView {
    envelope: String,
    number: u32,
    ballots: u32,
    closing_total: Option<u32>,
}

fn others(headers: &[Header]) -> Vec<OtherView> {
    let view = |header: &Header| OtherView {
        envelope: header.id.to_string(),
        number: header.number,
        ballots: header.ballots,
        closing_total: header.total,
    };
    headers.iter().map(view).collect()
}

/// A close of the round.
#[derive(Serialize, ToSchema)]
struct CloseView {
    /// In seconds since 1970, by the centre's clock.
    at: i64,
    /// Login, or `operator`.
    by: String,
}

/// A fact about a held envelope.
#[derive(Serialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
enum FactView {
    /// The tablet was revoked.
    RevokedDevice {
        /// Why, as the revocation has it.
        revocation: String,
    },
    /// It was not here when the round was closed.
    Late { close: Option<CloseView> },
    /// Other envelopes of the tablet have its number.
    ClonedTablet { twins: Vec<OtherView> },
    /// The tablet had closed with a lower number.
    BeyondClose { closes: Vec<OtherView> },
    /// Its sheet was replaced.
    ReplacedSheet {
        /// Number of the replacement that ended its sheet.
        replacement: Option<u32>,
        /// Hash of the sheet that came in its place.
        replaced_by: Option<String>,
        /// Whether all slips were replaced with it.
        new_slips: Option<bool>,
        /// Why it was replaced.
        why: Option<String>,
        /// Hash of the sheet that holds now.
        holds: Option<String>,
    },
    /// This centre issued no such sheet.
    UnknownSheet {
        /// Hash of the sheet that holds now.
        holds: Option<String>,
    },
    /// The tablet is certified for other units, or for none.
    OutOfScope { units: Vec<String> },
    /// Ballots have another length than their sheet gives.
    BallotLength {
        /// Bytes of a ballot in it.
        found: usize,
        /// Bytes by its sheet.
        expected: Option<usize>,
    },
    /// It does not follow on what its tablet sealed before.
    BrokenChain {
        /// Envelopes with the number before.
        before: Vec<OtherView>,
    },
    /// Ballots from the box of a tablet that lost its key.
    Orphan {
        /// The tablet, as what was left of it says; nobody vouches for it.
        tablet: Option<String>,
        label: Option<String>,
        /// What happened, in the words of whoever saved the box.
        story: Option<String>,
        /// Who brought it to the centre.
        taken_by: Option<String>,
    },
}

impl From<&HoldFact> for FactView {
    fn from(fact: &HoldFact) -> Self {
        match fact {
            HoldFact::RevokedDevice { reason } => Self::RevokedDevice { revocation: reason.clone() },
            HoldFact::Late { close } => {
                let close = close.as_ref();
                Self::Late { close: close.map(|close| CloseView { at: close.at, by: close.by.clone() }) }
            }
            HoldFact::ClonedTablet { twins } => Self::ClonedTablet { twins: others(twins) },
            HoldFact::BeyondClose { closes } => Self::BeyondClose { closes: others(closes) },
            HoldFact::ReplacedSheet { replacement, holds } => {
                let made = replacement.as_ref();
                Self::ReplacedSheet {
                    replacement: made.map(|made| made.number),
                    replaced_by: made.map(|made| made.new.to_string()),
                    new_slips: made.map(|made| made.permits == PermitChange::Replaced),
                    why: made.map(|made| made.reason.clone()),
                    holds: holds.map(|hash| hash.to_string()),
                }
            }
            HoldFact::UnknownSheet { holds } => {
                Self::UnknownSheet { holds: holds.map(|hash| hash.to_string()) }
            }
            HoldFact::OutOfScope { units } => {
                Self::OutOfScope { units: units.iter().map(ToString::to_string).collect() }
            }
            HoldFact::BallotLength { found, expected } => {
                Self::BallotLength { found: *found, expected: *expected }
            }
            HoldFact::BrokenChain { before } => Self::BrokenChain { before: others(before) },
            HoldFact::Orphan(story) => {
                let story = story.as_ref();
                Self::Orphan {
                    tablet: story.and_then(|story| story.device).map(|device| device.to_string()),
                    label: story.and_then(|story| story.label.clone()),
                    story: story.map(|story| story.story.clone()),
                    taken_by: story.map(|story| story.taken_by.clone()),
                }
            }
        }
    }
}

/// What is held or missing, by unit, with the evidence of each envelope
#[utoipa::path(get, path = "/api/v1/rounds/{round}/holds", tag = "rounds", operation_id = "list_holds",
    params(("round" = uuid::Uuid, Path), Paging), responses(
    (status = 200, description = "a page of units with something held or missing", body = Page<UnitHoldsView>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<UnitHoldsView>>, AppError> {
    let holds = caller.centre.holds(&round(id)).await?;
    let mut units: Vec<UnitHoldsView> = holds.into_iter().map(UnitHoldsView::from).collect();
    units.retain(|unit| caller.sees_unit(&unit.unit));
    Ok(Json(paging.cut(units, |unit| unit.unit.clone())?))
}
