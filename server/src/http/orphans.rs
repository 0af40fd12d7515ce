//! The parcel of a tablet that can sign nothing any more.

use super::access::Caller;
use super::extract::{At, Binary};
use super::problem::Problem;
use super::rounds::round;
use crate::error::AppError;
use crate::service::OrphansTaken;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use serde::Serialize;
use utoipa::ToSchema;

/// Ballots that the centre sealed and holds.
#[derive(Serialize, ToSchema)]
pub(super) struct AdoptedView {
    unit: String,
    /// The envelope about which two inspectors decide.
    envelope: String,
    ballots: usize,
}

/// What became of a parcel.
#[derive(Serialize, ToSchema)]
pub(super) struct OrphansView {
    /// Ballots from a box, sealed by the centre and held.
    held: Vec<AdoptedView>,
    /// Ballots from a box that were here already.
    already_here: usize,
    /// Envelopes of the tablet itself that are new.
    envelopes: usize,
    /// Envelopes of the tablet itself that were here already.
    envelopes_here: usize,
    /// Other things in it that were not taken.
    refused: usize,
    /// Whether something of the parcel is missing or damaged: copy it again.
    torn: bool,
}

impl From<OrphansTaken> for OrphansView {
    fn from(taken: OrphansTaken) -> Self {
        let adopted =
            |(unit, envelope, ballots): (sync_core::id::UnitCode, sync_core::id::EnvelopeId, usize)| {
                AdoptedView { unit: unit.to_string(), envelope: envelope.to_string(), ballots }
            };
        Self {
            held: taken.held.into_iter().map(adopted).collect(),
            already_here: taken.already_here,
            envelopes: taken.envelopes,
            envelopes_here: taken.envelopes_here,
            refused: taken.refused,
            torn: taken.torn,
        }
    }
}

/// Take what was saved from a tablet that lost its key
///
/// Its envelopes are stored as any others. Ballots from its box are sealed by the centre and held; the same parcel again
/// changes nothing. A longer parcel than a request may be is for the command line.
#[utoipa::path(post, path = "/api/v1/rounds/{round}/orphans", tag = "rounds", operation_id = "take_orphans",
    params(("round" = uuid::Uuid, Path)), request_body(content = Binary, content_type = "application/octet-stream"), responses(
    (status = 200, description = "what became of it", body = OrphansView),
    (status = 409, description = "another round, or one that takes nothing now", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "no parcel with an orphaned box", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn take(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<OrphansView>, AppError> {
    Ok(Json(caller.centre.take_orphans(&round(id), &body?).await?.into()))
}
