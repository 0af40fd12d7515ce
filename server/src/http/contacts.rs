//! Where officials and others are reached.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging, position};
use super::problem::{KIND, Problem};
use super::rosters::{FileQuery, RosterProblem};
use crate::domain::contact::{Channel, Contact, ContactKind};
use crate::error::AppError;
use crate::roster::Problems;
use crate::service::Centre;
use crate::store::contacts::ContactSearch;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How somebody is reached.
#[derive(Serialize, ToSchema)]
pub(super) struct ContactView {
    kind: ContactKind,
    /// Code of the official or unit, login of the person.
    code: String,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    way: Channel,
    /// Grows with every change; also the entity tag.
    version: u32,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        let Contact { kind, code, name, email, phone, way, version } = contact;
        Self { kind, code, name, email, phone, way, version }
    }
}

/// Which contacts are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ContactQuery {
    /// Only of this kind.
    #[param(inline)]
    kind: Option<ContactKind>,
    /// Only with this way.
    #[param(inline)]
    way: Option<Channel>,
    /// Only with this in name, code or address, with or without diacritics.
    #[param(max_length = 100)]
    text: Option<String>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// Contacts by kind and code
#[utoipa::path(get, path = "/api/v1/contacts", tag = "notices", operation_id = "list_contacts", params(ContactQuery), responses(
    (status = 200, description = "a page of contacts", body = Page<ContactView>),
))]
pub(super) async fn list(
    caller: Caller,
    Asked(query): Asked<ContactQuery>,
) -> Result<Json<Page<ContactView>>, AppError> {
    let paging = Paging::new(query.limit, query.after);
    let (limit, after) = (paging.limit()?, paging.after()?);
    let after = after.split_once(' ').unwrap_or_default();
    let text = query.text.unwrap_or_default();
    if text.contains('\0') {
        return Err(AppError::bad_request("query", "`text` is what stands in a name or address"));
    }
    let which = ContactSearch { kind: query.kind, way: query.way, text };
    let found = caller.centre.contacts(&which, after, limit).await?;
    let full = found.len() == limit as usize;
    let place = |contact: &Contact| format!("{} {}", contact.kind.code(), contact.code);
    let next = found.last().filter(|_| full).map(|contact| position(&place(contact)));
    Ok(Json(Page { items: found.into_iter().map(ContactView::from).collect(), next }))
}

/// A contact with the tag that a change must name.
fn tagged(contact: Contact) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{}\"", contact.version));
    let headers = [(header::ETAG, tag.unwrap_or(HeaderValue::from_static("\"\"")))];
    (headers, Json(ContactView::from(contact))).into_response()
}

/// One contact
#[utoipa::path(get, path = "/api/v1/contacts/{kind}/{contact}", tag = "notices", operation_id = "show_contact",
    params(("kind" = ContactKind, Path), ("contact" = String, Path)), responses(
    (status = 200, description = "the contact", body = ContactView),
))]
pub(super) async fn show(
    caller: Caller,
    At((kind, code)): At<(ContactKind, String)>,
) -> Result<Response, AppError> {
    Ok(tagged(caller.centre.contact(kind, &code).await?))
}

/// What is noted of a contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactBody {
    #[serde(default)]
    #[schema(max_length = 200)]
    name: String,
    /// Empty if there is none.
    #[serde(default)]
    #[schema(max_length = 254)]
    email: String,
    /// As `0912345678` or `+84912345678`; empty if there is none.
    #[serde(default)]
    #[schema(max_length = 40)]
    phone: String,
    way: Channel,
}

/// The version that a request names.
fn version(headers: &HeaderMap) -> Option<u32> {
    let tag = headers.get(header::IF_MATCH)?.to_str().ok();
    // A tag that is none matches no version.
    Some(tag.and_then(|tag| tag.trim().trim_matches('"').parse().ok()).unwrap_or(u32::MAX))
}

/// Note where somebody is reached: without If-Match somebody new, with it a change
#[utoipa::path(put, path = "/api/v1/contacts/{kind}/{contact}", tag = "notices", operation_id = "put_contact", request_body = ContactBody,
    params(("kind" = ContactKind, Path), ("contact" = String, Path),
        ("If-Match" = Option<String>, Header, description = "the entity tag of the contact as you know it; none if it is new")), responses(
    (status = 200, description = "noted", body = ContactView),
    (status = 412, description = "changed meanwhile, or there is one already", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn put(
    caller: Caller,
    At((kind, code)): At<(ContactKind, String)>,
    headers: HeaderMap,
    Body(asked): Body<ContactBody>,
) -> Result<Response, AppError> {
    let ContactBody { name, email, phone, way } = asked;
    let mut contact = Centre::read_contact(kind, &code, &name, (&email, &phone), way)?;
    contact.version = version(&headers).unwrap_or(0);
    Ok(tagged(caller.centre.put_contact(&contact).await?))
}

/// Forget where somebody is reached
#[utoipa::path(delete, path = "/api/v1/contacts/{kind}/{contact}", tag = "notices", operation_id = "forget_contact",
    params(("kind" = ContactKind, Path), ("contact" = String, Path),
        ("If-Match" = Option<String>, Header, description = "the entity tag of the contact as you know it")), responses(
    (status = 204, description = "forgotten"),
    (status = 412, description = "changed meanwhile", body = Problem, content_type = "application/problem+json"),
    (status = 428, description = "no If-Match", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn forget(
    caller: Caller,
    At((kind, code)): At<(ContactKind, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, AppError> {
    let version = version(&headers).ok_or_else(|| AppError::Refused {
        status: 428,
        code: "if_match",
        detail: "say with If-Match which version you change: the entity tag you were given".to_owned(),
    })?;
    caller.centre.forget_contact(kind, &code, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an import did.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportedContacts {
    added: u32,
    changed: u32,
    same: u32,
}

/// What is wrong with a table of contacts (RFC 9457, with every cell).
#[derive(Serialize, ToSchema)]
pub(super) struct ContactsRefused {
    #[serde(flatten)]
    problem: Problem,
    /// The first of them.
    problems: Vec<RosterProblem>,
    /// How many there are besides.
    more: usize,
}

impl From<&Problems> for ContactsRefused {
    fn from(problems: &Problems) -> Self {
        Self {
            problem: Problem::of(&Centre::not_contacts(problems)),
            problems: problems.listed().iter().map(RosterProblem::from).collect(),
            more: problems.unlisted(),
        }
    }
}

/// Take contacts of officials over from a workbook (XLSX) or CSV: code, name, e-mail, phone, way
#[utoipa::path(post, path = "/api/v1/contacts/import", tag = "notices", operation_id = "import_contacts", params(FileQuery),
    request_body(content = super::extract::Binary, content_type = "application/octet-stream"), responses(
    (status = 200, description = "taken over", body = ImportedContacts),
    (status = 422, description = "nothing was taken over; every problem with its cell", body = ContactsRefused, content_type = "application/problem+json"),
))]
pub(super) async fn import(
    caller: Caller,
    Asked(query): Asked<FileQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, AppError> {
    let name = query.name.unwrap_or_else(|| "CSV".to_owned());
    match caller.centre.read_contacts(&name, &body?).await? {
        Ok(rows) => {
            let done = caller.centre.import_contacts(&rows).await?;
            let done = ImportedContacts { added: done.added, changed: done.changed, same: done.same };
            Ok(Json(done).into_response())
        }
        Err(problems) => {
            let kind = [(header::CONTENT_TYPE, KIND), (header::CACHE_CONTROL, "no-store")];
            let refused = Json(ContactsRefused::from(&problems));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, kind, refused).into_response())
        }
    }
}
