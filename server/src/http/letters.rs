//! The own result of an official by the one-time code of a letter, without an account. The code travels in the body of a
//! request alone: what stands in an address is kept by browsers, proxies and logs.

use super::extract::Body;
use super::listen::ClientAddress;
use super::problem::Problem;
use super::rate::LetterRate;
use super::results::PublishedUnit;
use crate::domain::calendar::day_text;
use crate::domain::comparison::Column;
use crate::domain::notice::{Notice, Stage};
use crate::error::AppError;
use crate::service::Centre;
use axum::Json;
use axum::extract::{Extension, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// The code of a letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TypedCode {
    /// Its 14 letters and digits; case, blanks and hyphens do not matter.
    #[schema(max_length = 60, value_type = String)]
    code: Zeroizing<String>,
}

/// How the notice of an official stands, for themselves.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnNotice {
    name: String,
    post: String,
    unit: String,
    /// Day of publication, as `2026-11-27`.
    made_on: String,
    /// Last day on which it is in time.
    due_on: String,
    stage: Stage,
    /// Day on which they said that they saw it.
    told_on: Option<String>,
}

impl From<(Notice, Stage)> for OwnNotice {
    fn from((notice, stage): (Notice, Stage)) -> Self {
        Self {
            name: notice.name,
            post: notice.post,
            unit: notice.unit.to_string(),
            made_on: day_text(notice.made_on),
            due_on: day_text(notice.due_on),
            stage,
            told_on: notice.told.map(|told| day_text(told.on)),
        }
    }
}

/// The own result.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnResult {
    notice: OwnNotice,
    /// The figures of the unit with this official alone.
    result: PublishedUnit,
    /// The same official in the rounds that were published before, the latest first; nothing by level where there were too
    /// few ballots.
    earlier: Vec<Column>,
}

/// Open the own result with the code of a letter
#[utoipa::path(post, path = "/api/v1/letter/opening", tag = "notices", operation_id = "open_letter", request_body = TypedCode, responses(
    (status = 200, description = "the own result", body = OwnResult),
    (status = 403, description = "the code opens nothing, or nothing any more", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "too many tries", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn open(
    State(centre): State<Centre>,
    from: Option<Extension<ClientAddress>>,
    Extension(rate): Extension<Arc<LetterRate>>,
    Body(typed): Body<TypedCode>,
) -> Result<Json<OwnResult>, AppError> {
    rate.admit(from.map(|Extension(ClientAddress(address))| address))?;
    let opened = centre.open_letter(&typed.code).await?;
    let missing = || AppError::not_found("not_published", "no result is published yet");
    let result = PublishedUnit::new(opened.figures).ok_or_else(missing)?;
    Ok(Json(OwnResult { notice: (opened.notice, opened.stage).into(), result, earlier: opened.earlier }))
}

/// Say with the code of a letter that the own result was seen; the code is used up
#[utoipa::path(post, path = "/api/v1/letter/acknowledgement", tag = "notices", operation_id = "acknowledge_letter", request_body = TypedCode, responses(
    (status = 200, description = "noted, now or before", body = OwnNotice),
    (status = 403, description = "the code opens nothing, or nothing any more", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "too many tries", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn acknowledge(
    State(centre): State<Centre>,
    from: Option<Extension<ClientAddress>>,
    Extension(rate): Extension<Arc<LetterRate>>,
    Body(typed): Body<TypedCode>,
) -> Result<Json<OwnNotice>, AppError> {
    rate.admit(from.map(|Extension(ClientAddress(address))| address))?;
    Ok(Json(centre.acknowledge_letter(&typed.code).await?.into()))
}
