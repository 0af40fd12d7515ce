//! Who may do what: every route says it where it is registered, one guard enforces it, and the same words go into the
//! OpenAPI document.

use super::problem::Problem;
use crate::domain::person::{Person, Role};
use crate::error::AppError;
use crate::service::{Actor, Centre, SignedIn};
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use sync_core::id::UnitCode;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt};

/// Name of the session cookie on loopback without TLS.
pub(super) const COOKIE: &str = "homphieu";
/// Name of the session cookie under TLS; browsers take it only from this host, for all of it, and secure.
pub(super) const SECURE_COOKIE: &str = "__Host-homphieu";

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody. Devices are known by the signature under their request.
    Open,
    /// Everybody with an account, also before they changed a password that was given to them.
    SignedIn,
    /// People with one of these roles. *unit* and *official* count only for their own unit and result.
    Roles(&'static [Role]),
}

impl Access {
    /// As it stands in documents.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Open => vec!["everybody"],
            Self::SignedIn => vec!["signed in"],
            Self::Roles(roles) => roles.iter().map(|role| role.code()).collect(),
        }
    }
}

/// Who asks.
#[derive(Clone)]
pub(super) struct Caller {
    /// The centre, acting for them.
    pub centre: Centre,
    /// The person.
    pub person: Arc<Person>,
    /// Their session.
    pub signed_in: Arc<SignedIn>,
    /// Its secret.
    pub secret: Arc<str>,
    /// Whether only what is their own may be shown.
    pub own_only: bool,
}

impl Caller {
    /// Whether a unit may be shown.
    pub fn sees_unit(&self, unit: &str) -> bool {
        !self.own_only || self.person.unit.as_ref().is_some_and(|own| own.as_str() == unit)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(not_signed_in)
    }
}

/// Puts the guard before a route, and its words into the document.
pub(super) fn guarded(
    centre: &Centre,
    access: Access,
    routes: UtoipaMethodRouter<Centre>,
) -> UtoipaMethodRouter<Centre> {
    let (schemas, mut paths, router) = routes;
    for item in paths.paths.values_mut() {
        for operation in operations(item) {
            describe(access, operation);
        }
    }
    let guard = axum::middleware::from_fn_with_state((centre.clone(), access), guard);
    (schemas, paths, router).layer(guard)
}

/// Every operation of a path.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn describe(access: Access, operation: &mut Operation) {
    let words = ExtensionsBuilder::new().add("x-access", access.words()).build();
    operation.extensions.get_or_insert_default().merge(words);
    let mut statuses = vec!["400", "404", "408", "503"];
    if access != Access::Open {
        let scopes: [&str; 0] = [];
        let ways = ["session", "token"].map(|way| SecurityRequirement::new(way, scopes));
        operation.security = Some(ways.into());
        statuses.extend(["401", "403"]);
    }
    if operation.request_body.is_some() {
        statuses.extend(["413", "415", "422"]);
    }
    for status in statuses {
        add_problem(operation, status);
    }
}

/// Says that an operation may answer with a problem of this status.
pub(super) fn add_problem(operation: &mut Operation, status: &str) {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let description = status.parse().ok().and_then(Problem::title).unwrap_or("problem");
    let response =
        ResponseBuilder::new().description(description).content("application/problem+json", content).build();
    operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
}

async fn guard(
    State((centre, access)): State<(Centre, Access)>,
    path: Result<RawPathParams, axum::extract::rejection::RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    if access == Access::Open {
        return next.run(request).await;
    }
    let (method, headers) = (request.method().clone(), request.headers().clone());
    match admit(&centre, access, path.ok().as_ref(), &method, &headers).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

async fn admit(
    centre: &Centre,
    access: Access,
    path: Option<&RawPathParams>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Caller, AppError> {
    let (secret, by_cookie) = secret_of(headers).ok_or_else(not_signed_in)?;
    let signed_in = centre.session(secret).await?.ok_or_else(not_signed_in)?;
    if by_cookie {
        refuse_other_sites(method, headers)?;
    }
    let person = Arc::clone(&signed_in.person);
    let own_only = match access {
        Access::Open | Access::SignedIn => false,
        Access::Roles(roles) => {
            if person.must_change {
                let detail = "change the password that was given to you first";
                return Err(AppError::forbidden("password_change_needed", detail));
            }
            only_own(&person, roles, path)?
        }
    };
    Ok(Caller {
        centre: centre.acting_for(Actor::Person(Arc::clone(&person))),
        secret: secret.into(),
        signed_in: Arc::new(signed_in),
        person,
        own_only,
    })
}

/// Whether somebody may use a route at all, and if so, whether only for what is their own.
fn only_own(person: &Person, roles: &[Role], path: Option<&RawPathParams>) -> Result<bool, AppError> {
    let has: Vec<Role> = roles.iter().copied().filter(|role| person.has(*role)).collect();
    if has.is_empty() {
        let names: Vec<_> = roles.iter().map(|role| role.code()).collect();
        let detail = format!("this is for people with the role {}", names.join(", "));
        return Err(AppError::forbidden("role", detail));
    }
    if has.iter().any(|role| !matches!(role, Role::Unit | Role::Official)) {
        return Ok(false);
    }
    let asked = |name: &str| path.and_then(|path| path.iter().find(|(key, _)| *key == name)).map(|(_, v)| v);
    let own_unit = person.unit.as_ref().map(UnitCode::as_str);
    let fits = match (asked("unit"), asked("official")) {
        (Some(unit), _) => has.contains(&Role::Unit) && own_unit == Some(unit),
        (None, Some(official)) => has.contains(&Role::Official) && person.officials.contains(official),
        (None, None) => true,
    };
    if fits {
        Ok(true)
    } else {
        Err(AppError::forbidden("not_yours", "your role shows only what is your own"))
    }
}

/// The secret that came along, and whether in a cookie.
fn secret_of(headers: &HeaderMap) -> Option<(&str, bool)> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(bearer) = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")) {
        return Some((bearer.trim(), false));
    }
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| [COOKIE, SECURE_COOKIE].contains(name)).map(|(_, value)| (value, true)).next()
}

/// A browser sends cookies also when another site's page asks it to. SameSite keeps that from happening; what the
/// browser says of where a request comes from is looked at as well.
fn refuse_other_sites(method: &Method, headers: &HeaderMap) -> Result<(), AppError> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same_site = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let host = text("host").unwrap_or_default();
    let origin = text("origin").and_then(|origin| origin.split_once("://"));
    let same_host = text("origin").is_none() || origin.is_some_and(|(_, authority)| authority == host);
    if same_site && same_host {
        Ok(())
    } else {
        Err(AppError::forbidden("other_site", "this request comes from a page of another site"))
    }
}

pub(super) fn not_signed_in() -> AppError {
    AppError::unauthorised("sign_in", "sign in, or send a bearer token")
}
