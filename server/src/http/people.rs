//! People with accounts: for administrators.

use super::access::Caller;
use super::extract::{Asked, At, Body};
use super::page::{Page, Paging, position};
use super::session::SessionView;
use crate::domain::person::{Person, PersonId, Role};
use crate::error::AppError;
use crate::service::{PeopleSearch, Profile};
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use sync_core::id::UnitCode;
use utoipa::ToSchema;

/// A person.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonView {
    id: uuid::Uuid,
    login: String,
    name: String,
    /// Roles.
    roles: Vec<&'static str>,
    /// The unit that somebody with the role `unit` works for.
    unit: Option<String>,
    /// The unit in which they vote, if any.
    votes_in: Option<String>,
    /// Codes under which they are rated.
    officials: Vec<String>,
    disabled: bool,
    must_change_password: bool,
    second_factor: bool,
    /// Grows with every change; also the entity tag.
    version: u32,
}

impl From<&Person> for PersonView {
    fn from(person: &Person) -> Self {
        let code = |unit: &Option<UnitCode>| unit.as_ref().map(|unit| unit.as_str().to_owned());
        Self {
            id: person.id.uuid(),
            login: person.login.clone(),
            name: person.name.clone(),
            roles: person.roles.iter().map(|role| role.code()).collect(),
            unit: code(&person.unit),
            votes_in: code(&person.votes_in),
            officials: person.officials.iter().cloned().collect(),
            disabled: person.disabled,
            must_change_password: person.must_change,
            second_factor: person.second_factor,
            version: person.version,
        }
    }
}

/// A role by its name.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleName {
    Administrator,
    Organiser,
    Inspector,
    Unit,
    Official,
    Observer,
    Trustee,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Administrator => Self::Administrator,
            RoleName::Organiser => Self::Organiser,
            RoleName::Inspector => Self::Inspector,
            RoleName::Unit => Self::Unit,
            RoleName::Official => Self::Official,
            RoleName::Observer => Self::Observer,
            RoleName::Trustee => Self::Trustee,
        }
    }
}

/// What is said about a person. Where they vote and are rated must be said also if it is nowhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileBody {
    /// What others read.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    roles: Vec<RoleName>,
    /// For the role `unit`: the unit they work for.
    unit: Option<String>,
    /// The unit in which they vote; null if in none.
    #[serde(deserialize_with = "said")]
    #[schema(required = true)]
    votes_in: Option<String>,
    /// Codes under which they are rated; empty if under none.
    #[schema(max_items = 20)]
    officials: Vec<String>,
    /// Whether the account is closed.
    #[serde(default)]
    disabled: bool,
}

/// A field that may be null and must be there.
fn said<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

impl ProfileBody {
    fn profile(self) -> Result<Profile, AppError> {
        let unit = |code: Option<String>| {
            let code = code.map(|code| UnitCode::new(code.trim()));
            code.transpose().map_err(|error| AppError::unprocessable("person", error))
        };
        Ok(Profile {
            name: self.name,
            roles: self.roles.into_iter().map(Role::from).collect(),
            unit: unit(self.unit)?,
            votes_in: unit(self.votes_in)?,
            officials: self.officials.iter().map(|code| code.trim().to_owned()).collect::<BTreeSet<_>>(),
            disabled: self.disabled,
        })
    }
}

/// Which people are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PeopleQuery {
    /// Only people with this role.
    #[param(inline)]
    role: Option<RoleName>,
    /// Only people whose account is closed, or is not.
    disabled: Option<bool>,
    /// Only people whose login or name has this in it, however it is capitalised.
    #[param(max_length = 100)]
    text: Option<String>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// People by name
#[utoipa::path(get, path = "/api/v1/people", tag = "people", operation_id = "list_people", params(PeopleQuery), responses(
    (status = 200, description = "a page of people", body = Page<PersonView>),
))]
pub(super) async fn list(
    caller: Caller,
    Asked(query): Asked<PeopleQuery>,
) -> Result<Json<Page<PersonView>>, AppError> {
    let paging = Paging::new(query.limit, query.after);
    let limit = paging.limit()?;
    let which = PeopleSearch {
        role: query.role.map(Role::from),
        closed: query.disabled,
        text: query.text.unwrap_or_default(),
    };
    let found = caller.centre.people(&which, &paging.after()?, limit).await?;
    let full = found.len() == limit as usize;
    let next = found.last().filter(|_| full).map(|(key, _)| position(key));
    Ok(Json(Page { items: found.iter().map(|(_, person)| PersonView::from(person)).collect(), next }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPerson {
    /// What they type to sign in: small letters, digits, dots, dashes.
    #[schema(min_length = 2, max_length = 40)]
    login: String,
    profile: ProfileBody,
}

/// Somebody new, with the one-time password that they change when they first sign in.
#[derive(Serialize, ToSchema)]
pub(super) struct AddedPerson {
    person: PersonView,
    /// Shown once.
    one_time_password: String,
}

/// Add a person
#[utoipa::path(post, path = "/api/v1/people", tag = "people", operation_id = "add_person", request_body = NewPerson, responses(
    (status = 201, description = "added", body = AddedPerson),
))]
pub(super) async fn add(
    caller: Caller,
    Body(asked): Body<NewPerson>,
) -> Result<(StatusCode, Json<AddedPerson>), AppError> {
    let (person, password) = caller.centre.add_person(&asked.login, &asked.profile.profile()?).await?;
    let added = AddedPerson { person: PersonView::from(&person), one_time_password: password.to_string() };
    Ok((StatusCode::CREATED, Json(added)))
}

/// A person with the tag that a change must name.
fn tagged(person: &Person) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{}\"", person.version));
    let headers = [(header::ETAG, tag.unwrap_or(HeaderValue::from_static("\"\"")))];
    (headers, Json(PersonView::from(person))).into_response()
}

/// One person
#[utoipa::path(get, path = "/api/v1/people/{person}", tag = "people", operation_id = "show_person", params(("person" = uuid::Uuid, Path)), responses(
    (status = 200, description = "the person", body = PersonView),
))]
pub(super) async fn show(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Response, AppError> {
    Ok(tagged(&caller.centre.person(PersonId(id.into_bytes())).await?))
}

/// Change a person
#[utoipa::path(put, path = "/api/v1/people/{person}", tag = "people", operation_id = "change_person", request_body = ProfileBody,
    params(("person" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header, description = "the entity tag of the person as you know them")),
    responses(
    (status = 200, description = "changed", body = PersonView),
    (status = 409, description = "nobody would be administrator", body = super::problem::Problem, content_type = "application/problem+json"),
    (status = 412, description = "changed meanwhile", body = super::problem::Problem, content_type = "application/problem+json"),
    (status = 428, description = "no If-Match", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn change(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    headers: HeaderMap,
    Body(asked): Body<ProfileBody>,
) -> Result<Response, AppError> {
    let given = headers.get(header::IF_MATCH).ok_or_else(|| AppError::Refused {
        status: 428,
        code: "if_match",
        detail: "say with If-Match which version you change: the entity tag you were given".to_owned(),
    })?;
    // A tag that is none matches no version.
    let version = given.to_str().ok().and_then(|tag| tag.trim().trim_matches('"').parse().ok()).unwrap_or(0);
    let person = caller.centre.change_person(PersonId(id.into_bytes()), version, &asked.profile()?).await?;
    Ok(tagged(&person))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    /// Whether the second factor is lost too.
    #[serde(default)]
    forget_second_factor: bool,
}

/// A new one-time password; shown once.
#[derive(Serialize, ToSchema)]
pub(super) struct ResetDone {
    one_time_password: String,
}

/// Give a person a new one-time password; their sessions end
#[utoipa::path(post, path = "/api/v1/people/{person}/password", tag = "people", operation_id = "reset_password", request_body = Reset,
    params(("person" = uuid::Uuid, Path)), responses(
    (status = 201, description = "given", body = ResetDone),
))]
pub(super) async fn reset(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Body(asked): Body<Reset>,
) -> Result<(StatusCode, Json<ResetDone>), AppError> {
    let id = PersonId(id.into_bytes());
    let password = caller.centre.reset_password(id, asked.forget_second_factor).await?;
    Ok((StatusCode::CREATED, Json(ResetDone { one_time_password: password.to_string() })))
}

/// Sessions and tokens of a person
#[utoipa::path(get, path = "/api/v1/people/{person}/sessions", tag = "people", operation_id = "list_sessions_of_person", params(("person" = uuid::Uuid, Path)), responses(
    (status = 200, description = "the oldest first", body = Vec<SessionView>),
))]
pub(super) async fn sessions(
    caller: Caller,
    At(id): At<uuid::Uuid>,
) -> Result<Json<Vec<SessionView>>, AppError> {
    let id = PersonId(id.into_bytes());
    caller.centre.person(id).await?;
    Ok(Json(caller.centre.sessions_of(id).await?.iter().map(SessionView::from).collect()))
}

/// End a session of a person
#[utoipa::path(delete, path = "/api/v1/people/{person}/sessions/{session}", tag = "people", operation_id = "end_session_of_person",
    params(("person" = uuid::Uuid, Path), ("session" = uuid::Uuid, Path)), responses(
    (status = 204, description = "ended"),
))]
pub(super) async fn end_session(
    caller: Caller,
    At((id, session)): At<(uuid::Uuid, uuid::Uuid)>,
) -> Result<StatusCode, AppError> {
    caller.centre.end_session(PersonId(id.into_bytes()), session.as_bytes()).await?;
    Ok(StatusCode::NO_CONTENT)
}
