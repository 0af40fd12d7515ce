//! Decisions of two people: one proposes, another confirms.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::decision::Matter;
use crate::error::AppError;
use crate::service::Proposal;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one person proposed and nobody has confirmed yet.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposalView {
    id: uuid::Uuid,
    unit: String,
    /// `envelope:ID`, what is missing, `unit`, or `tablet:DEVICE`.
    subject: String,
    /// `admit`, `leave_out`, `write_off`, `leave_unpublished` or `go_on_without`.
    verdict: &'static str,
    /// Who proposed it.
    person: uuid::Uuid,
    /// Their name.
    by: String,
    reason: String,
}

impl From<Proposal> for ProposalView {
    fn from(proposal: Proposal) -> Self {
        let (subject, verdict) = proposal.matter.to_text();
        Self {
            id: uuid::Uuid::from_bytes(proposal.id),
            unit: proposal.unit.to_string(),
            subject,
            verdict,
            person: proposal.person.uuid(),
            by: proposal.by,
            reason: proposal.reason,
        }
    }
}

/// What waits for a second person
#[utoipa::path(get, path = "/api/v1/rounds/{round}/proposals", tag = "decisions", operation_id = "list_proposals",
    params(("round" = uuid::Uuid, Path), Paging), responses(
    (status = 200, description = "a page of proposals", body = Page<ProposalView>),
))]
pub(super) async fn list(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<ProposalView>>, AppError> {
    let all = caller.centre.proposals(&round(id)).await?;
    let mut all: Vec<ProposalView> = all.into_iter().map(ProposalView::from).collect();
    let key = |proposal: &ProposalView| format!("{} {}", proposal.unit, proposal.id);
    all.sort_by_key(key);
    Ok(Json(paging.cut(all, key)?))
}

/// What is to happen to something held or missing, to the unit, or without a tablet.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Count a held envelope.
    Admit,
    /// Leave a held envelope out.
    LeaveOut,
    /// Go on without what is missing.
    WriteOff,
    /// Never publish the unit; only after the close.
    LeaveUnpublished,
    /// Finish the round without a tablet that was not heard from since a restore; only after the close.
    GoOnWithout,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProposal {
    /// `envelope:ID`, or what is missing, as `holds` names it; `unit` to leave the unit unpublished; `tablet:DEVICE`
    /// to go on without a tablet.
    #[schema(max_length = 200)]
    subject: String,
    verdict: Verdict,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

/// Propose a decision about something held or missing, to leave a unit unpublished, or to finish without a tablet
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/proposals", tag = "decisions", operation_id = "propose_decision", request_body = NewProposal,
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path)), responses(
    (status = 201, description = "it waits for a second person", body = ProposalView),
    (status = 409, description = "this is not held, missing or waited for; the round is not closed, or the unit is published", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn propose(
    caller: Caller,
    At((id, unit)): At<(uuid::Uuid, String)>,
    Body(asked): Body<NewProposal>,
) -> Result<(StatusCode, Json<ProposalView>), AppError> {
    let verdict = match asked.verdict {
        Verdict::Admit => "admit",
        Verdict::LeaveOut => "leave_out",
        Verdict::WriteOff => "write_off",
        Verdict::LeaveUnpublished => "leave_unpublished",
        Verdict::GoOnWithout => "go_on_without",
    };
    let matter = Matter::from_text(asked.subject.trim(), verdict).ok_or_else(|| {
        let detail =
            "name what is held or missing as the list of holds does; `unit` to leave the unit unpublished, \
             `tablet:DEVICE` to go on without a tablet";
        AppError::unprocessable("decision", detail)
    })?;
    let proposal = caller.centre.propose(&round(id), &unit, matter, &asked.reason).await?;
    Ok((StatusCode::CREATED, Json(ProposalView::from(proposal))))
}

/// Confirm what somebody else proposed
#[utoipa::path(post, path = "/api/v1/rounds/{round}/units/{unit}/proposals/{proposal}/confirmation", tag = "decisions", operation_id = "confirm_decision",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("proposal" = uuid::Uuid, Path)), responses(
    (status = 204, description = "decided"),
    (status = 409, description = "this is not held or missing any more", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn confirm(
    caller: Caller,
    At((id, unit, proposal)): At<(uuid::Uuid, String, uuid::Uuid)>,
) -> Result<StatusCode, AppError> {
    caller.centre.confirm(&round(id), &unit, proposal.as_bytes()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a proposal back, or turn somebody else's down
#[utoipa::path(delete, path = "/api/v1/rounds/{round}/units/{unit}/proposals/{proposal}", tag = "decisions", operation_id = "withdraw_proposal",
    params(("round" = uuid::Uuid, Path), ("unit" = String, Path), ("proposal" = uuid::Uuid, Path)), responses(
    (status = 204, description = "gone"),
))]
pub(super) async fn withdraw(
    caller: Caller,
    At((id, unit, proposal)): At<(uuid::Uuid, String, uuid::Uuid)>,
) -> Result<StatusCode, AppError> {
    caller.centre.withdraw(&round(id), &unit, proposal.as_bytes()).await?;
    Ok(StatusCode::NO_CONTENT)
}
