//! The audit log over HTTP.

use super::access::Caller;
use super::extract::Asked;
use super::page::{Page, limit};
use crate::domain::audit::Entry;
use crate::error::AppError;
use crate::store::audit::Search;
use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One line of the log.
#[derive(Serialize, ToSchema)]
pub(super) struct EntryView {
    /// Number, from 1.
    seq: u64,
    /// When, in seconds since 1970.
    at: i64,
    /// Login, `operator` or `centre`.
    actor: String,
    /// What was done.
    action: String,
    /// On what.
    object: String,
    detail: String,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let Entry { seq, at, actor, action, object, detail } = entry;
        Self { seq, at, actor, action, object, detail }
    }
}

/// What is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Who: a login, `operator` or `centre`.
    #[param(max_length = 100)]
    actor: Option<String>,
    /// What was done.
    #[param(max_length = 100)]
    action: Option<String>,
    /// On what.
    #[param(max_length = 200)]
    object: Option<String>,
    /// What stands somewhere in the object or the detail; of letters A to Z the case does not count.
    #[param(max_length = 200)]
    text: Option<String>,
    /// From this moment, in seconds since 1970.
    #[param(minimum = 0)]
    from: Option<i64>,
    /// To this moment.
    #[param(minimum = 0)]
    to: Option<i64>,
    /// Most lines of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(minimum = 1)]
    after: Option<u64>,
}

/// Lines of the audit log, the newest first
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", operation_id = "search_audit", params(AuditQuery), responses(
    (status = 200, description = "a page of lines", body = Page<EntryView>),
))]
pub(super) async fn search(
    caller: Caller,
    Asked(query): Asked<AuditQuery>,
) -> Result<Json<Page<EntryView>>, AppError> {
    let text = |text: Option<String>| match text {
        Some(text) if text.contains('\0') => {
            Err(AppError::bad_request("query", "a text has no NUL character"))
        }
        text => Ok(text.unwrap_or_default()),
    };
    let what = Search {
        actor: text(query.actor)?,
        action: text(query.action)?,
        object: text(query.object)?,
        text: text(query.text)?,
        from: query.from,
        to: query.to,
        before: query.after,
    };
    let limit = limit(query.limit)?;
    let found = caller.centre.audit(&what, limit).await?;
    let full = found.len() == limit as usize;
    let next = found.last().filter(|last| full && last.seq > 1).map(|last| last.seq.to_string());
    Ok(Json(Page { items: found.into_iter().map(EntryView::from).collect(), next }))
}

/// The signed end of the log, to be noted elsewhere
#[utoipa::path(get, path = "/api/v1/audit/head", tag = "audit", operation_id = "audit_head", responses(
    (status = 200, description = "number and hash of the last line, signed by the centre", content_type = "application/cose", body = super::extract::Binary),
))]
pub(super) async fn head(caller: Caller) -> Result<Response, AppError> {
    let head = caller.centre.audit_head().await?;
    let head = head.ok_or_else(|| AppError::not_found("empty_log", "nothing was noted yet"))?;
    Ok(([(CONTENT_TYPE, "application/cose")], head).into_response())
}
