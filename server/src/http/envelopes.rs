//! The envelopes of a unit as facts, never as ballots, and nothing of when any of them came.

use super::access::Caller;
use super::extract::At;
use super::problem::Problem;
use super::rounds::round;
use crate::domain::decision::gap_text;
use crate::error::AppError;
use crate::service::{EnvelopeFact, TabletEnvelopes};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// What is here of one tablet.
#[derive(Serialize, ToSchema)]
pub(super) struct TabletEnvelopesView {
    device: String,
    /// How people call it; nothing for the centre itself, which seals the ballots of a tablet that lost its key.
    label: Option<String>,
    revoked: bool,
    /// Its envelopes, by number.
    envelopes: Vec<EnvelopeView>,
    /// What is missing of it.
    missing: Vec<MissingView>,
}

/// An envelope that is here. In which order envelopes came is kept nowhere.
#[derive(Serialize, ToSchema)]
struct EnvelopeView {
    envelope: String,
    number: u32,
    /// Sealed ballots in it.
    ballots: u32,
    /// Ballots of the tablet in all, if this envelope closes its box.
    closing_total: Option<u32>,
    /// Why it is held; empty if it is not.
    held: Vec<&'static str>,
    /// What two people decided about it, if it is held: `admit` or `leave_out`.
    decided: Option<&'static str>,
}

/// Something that is missing.
#[derive(Serialize, ToSchema)]
struct MissingView {
    /// `number:DEVICE:N`, `close:DEVICE`, `total:DEVICE:STATED:FOUND`.
    name: String,
    /// Whether two people wrote it off.
    written_off: bool,
}

impl From<&EnvelopeFact> for EnvelopeView {
    fn from(fact: &EnvelopeFact) -> Self {
        Self {
            envelope: fact.header.id.to_string(),
            number: fact.header.number,
            ballots: fact.header.ballots,
            closing_total: fact.header.total,
            held: fact.held.iter().map(|reason| reason.code()).collect(),
            decided: fact.admitted.map(|admitted| if admitted { "admit" } else { "leave_out" }),
        }
    }
}

impl From<&TabletEnvelopes> for TabletEnvelopesView {
    fn from(tablet: &TabletEnvelopes) -> Self {
        let missing = tablet.gaps.iter();
        Self {
            device: tablet.device.to_string(),
            label: tablet.label.clone(),
            revoked: tablet.revoked,
            envelopes: tablet.envelopes.iter().map(EnvelopeView::from).collect(),
            missing: missing
                .map(|(gap, written_off)| MissingView { name: gap_text(gap), written_off: *written_off })
                .collect(),
        }
    }
}

/// The envelopes of a unit by tablet: numbers, counts of ballots, what is held, decided and missing
#[utoipa::path(get, path = "/api/v1/rounds/{round}/units/{unit}/envelopes", tag = "rounds", operation_id = "list_envelopes",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 200, description = "every tablet of the unit, also one of which nothing is here", body = Vec<TabletEnvelopesView>),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn of_unit(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
) -> Result<Json<Vec<TabletEnvelopesView>>, AppError> {
    let tablets = caller.centre.unit_envelopes(&round(id), &unit).await?;
    Ok(Json(tablets.iter().map(TabletEnvelopesView::from).collect()))
}
