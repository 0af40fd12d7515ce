//! Signing in and out, passwords, second factors, and the own sessions.

use super::access::{COOKIE, Caller, SECURE_COOKIE};
use super::extract::{At, Body};
use super::listen::ClientAddress;
use super::rate::LoginRate;
use crate::domain::person::Person;
use crate::error::AppError;
use crate::service::{Centre, SESSION_SECONDS};
use crate::store::sessions::SessionRow;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderMap};
use cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// Whether cookies travel under TLS only: set where TLS ends here, or at a proxy before us.
#[derive(Debug, Clone, Copy)]
pub struct SecureCookies(pub bool);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// Login.
    #[schema(max_length = 100)]
    login: String,
    /// Password.
    #[schema(max_length = 200, value_type = String)]
    password: Zeroizing<String>,
    /// Code of the second factor, for those who have one.
    #[schema(max_length = 20)]
    code: Option<String>,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    id: uuid::Uuid,
    login: String,
    name: String,
    /// Roles.
    roles: Vec<&'static str>,
    /// The unit that somebody with the role `unit` works for.
    unit: Option<String>,
    /// Codes under which somebody with the role `official` is rated.
    officials: Vec<String>,
    /// Whether the password must be changed before anything else.
    must_change_password: bool,
    /// Whether signing in asks for a second factor.
    second_factor: bool,
    session: SessionView,
}

/// A session of a browser, or a token of a program.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    id: uuid::Uuid,
    /// `cookie` or `token`.
    kind: String,
    /// What it is called.
    label: String,
    /// When it began, in seconds since 1970.
    began: i64,
    /// When it was last used, to the minute.
    used: i64,
    /// When it ends.
    ends: i64,
}

impl From<&SessionRow> for SessionView {
    fn from(row: &SessionRow) -> Self {
        Self {
            id: uuid::Uuid::from_bytes(row.id),
            kind: row.kind.clone(),
            label: row.label.clone(),
            began: row.began,
            used: row.used,
            ends: row.ends,
        }
    }
}

fn me(person: &Person, session: &SessionRow) -> Me {
    Me {
        id: person.id.uuid(),
        login: person.login.clone(),
        name: person.name.clone(),
        roles: person.roles.iter().map(|role| role.code()).collect(),
        unit: person.unit.as_ref().map(ToString::to_string),
        officials: person.officials.iter().cloned().collect(),
        must_change_password: person.must_change,
        second_factor: person.second_factor,
        session: SessionView::from(session),
    }
}

/// Sign in
#[utoipa::path(post, path = "/api/v1/session", tag = "session", operation_id = "sign_in", request_body = SignIn, responses(
    (status = 201, description = "signed in; the session is in the cookie", body = Me),
    (status = 401, description = "login, password or code is wrong", body = super::problem::Problem, content_type = "application/problem+json"),
    (status = 403, description = "the account is closed", body = super::problem::Problem, content_type = "application/problem+json"),
    (status = 429, description = "too many wrong passwords, or too many tries", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn sign_in(
    State(centre): State<Centre>,
    secure: Option<Extension<SecureCookies>>,
    from: Option<Extension<ClientAddress>>,
    Extension(rate): Extension<Arc<LoginRate>>,
    headers: HeaderMap,
    Body(asked): Body<SignIn>,
) -> Result<Response, AppError> {
    rate.admit(from.map(|Extension(ClientAddress(address))| address), &asked.login)?;
    let browser = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let label = browser.filter(|text| !text.trim().is_empty()).unwrap_or("browser");
    let (secret, signed_in) =
        centre.sign_in(&asked.login, asked.password, asked.code.as_deref(), label).await?;
    rate.succeeded(&asked.login);
    let body = Json(me(&signed_in.person, &signed_in.session));
    let cookie = session_cookie(&secret, SESSION_SECONDS, secure);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], body).into_response())
}

fn session_cookie(value: &str, seconds: i64, secure: Option<Extension<SecureCookies>>) -> HeaderValue {
    let secure = secure.is_some_and(|Extension(SecureCookies(secure))| secure);
    let name = if secure { SECURE_COOKIE } else { COOKIE };
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .max_age(time::Duration::seconds(seconds));
    // A name and 64 hexadecimal digits are always a header.
    HeaderValue::from_str(&cookie.build().to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/v1/session", tag = "session", operation_id = "show_session", responses(
    (status = 200, description = "who is signed in", body = Me),
))]
pub(super) async fn show(caller: Caller) -> Json<Me> {
    Json(me(&caller.person, &caller.signed_in.session))
}

/// Sign out
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", operation_id = "sign_out", responses(
    (status = 204, description = "signed out"),
))]
pub(super) async fn sign_out(
    caller: Caller,
    secure: Option<Extension<SecureCookies>>,
) -> Result<Response, AppError> {
    caller.centre.end_session(caller.person.id, &caller.signed_in.session.id).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session_cookie("", 0, secure))]).into_response())
}

/// The own sessions and tokens
#[utoipa::path(get, path = "/api/v1/sessions", tag = "session", operation_id = "list_sessions", responses(
    (status = 200, description = "the oldest first", body = Vec<SessionView>),
))]
pub(super) async fn list(caller: Caller) -> Result<Json<Vec<SessionView>>, AppError> {
    let rows = caller.centre.sessions_of(caller.person.id).await?;
    Ok(Json(rows.iter().map(SessionView::from).collect()))
}

/// End one of the own sessions
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "session", operation_id = "end_session",
    params(("session" = uuid::Uuid, Path)), responses(
    (status = 204, description = "ended"),
))]
pub(super) async fn end(caller: Caller, At(session): At<uuid::Uuid>) -> Result<StatusCode, AppError> {
    caller.centre.end_session(caller.person.id, session.as_bytes()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// The present one.
    #[schema(max_length = 200, value_type = String)]
    old: Zeroizing<String>,
    /// The new one.
    #[schema(min_length = 10, max_length = 200, value_type = String)]
    new: Zeroizing<String>,
}

/// Change the own password; every other session ends
#[utoipa::path(put, path = "/api/v1/password", tag = "session", operation_id = "change_password", request_body = NewPassword, responses(
    (status = 204, description = "changed"),
    (status = 429, description = "too many wrong passwords", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn change_password(
    caller: Caller,
    Body(asked): Body<NewPassword>,
) -> Result<StatusCode, AppError> {
    caller.centre.change_password(asked.old, asked.new, &caller.secret).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an authenticator is set up with; shown once.
#[derive(Serialize, ToSchema)]
pub(super) struct FactorView {
    /// In base32, to type.
    secret: String,
    /// The same as an address for a QR code.
    address: String,
}

/// Draw the secret of a second factor
#[utoipa::path(post, path = "/api/v1/second-factor", tag = "session", operation_id = "draw_second_factor", responses(
    (status = 201, description = "drawn; confirm it with a first code", body = FactorView),
    (status = 409, description = "there is one already", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn draw_factor(caller: Caller) -> Result<(StatusCode, Json<FactorView>), AppError> {
    let setup = caller.centre.draw_factor().await?;
    let view = FactorView { secret: setup.secret.to_string(), address: setup.address.to_string() };
    Ok((StatusCode::CREATED, Json(view)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstCode {
    /// The code that shows now.
    #[schema(max_length = 20)]
    code: String,
}

/// Ask for the second factor from now on
#[utoipa::path(put, path = "/api/v1/second-factor", tag = "session", operation_id = "turn_second_factor_on", request_body = FirstCode, responses(
    (status = 204, description = "on"),
    (status = 409, description = "no secret was drawn", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn turn_factor_on(
    caller: Caller,
    Body(asked): Body<FirstCode>,
) -> Result<StatusCode, AppError> {
    caller.centre.turn_factor_on(&asked.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OnceMore {
    /// Password.
    #[schema(max_length = 200, value_type = String)]
    password: Zeroizing<String>,
    /// Code of the second factor.
    #[schema(max_length = 20)]
    code: String,
}

/// Ask for no second factor any more
#[utoipa::path(post, path = "/api/v1/second-factor/removal", tag = "session", operation_id = "turn_second_factor_off", request_body = OnceMore, responses(
    (status = 204, description = "off"),
    (status = 409, description = "there is none", body = super::problem::Problem, content_type = "application/problem+json"),
    (status = 429, description = "too many wrong passwords", body = super::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn turn_factor_off(
    caller: Caller,
    Body(asked): Body<OnceMore>,
) -> Result<StatusCode, AppError> {
    caller.centre.turn_factor_off(asked.password, &asked.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What the program is called.
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    /// How many days it lives.
    #[schema(minimum = 1, maximum = 366)]
    days: u32,
}

/// A bearer token; shown once.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    token: String,
    session: SessionView,
}

/// Make a bearer token for a program
#[utoipa::path(post, path = "/api/v1/tokens", tag = "session", operation_id = "make_token", request_body = NewToken, responses(
    (status = 201, description = "made", body = TokenView),
))]
pub(super) async fn issue_token(
    caller: Caller,
    Body(asked): Body<NewToken>,
) -> Result<(StatusCode, Json<TokenView>), AppError> {
    let (secret, signed_in) = caller.centre.issue_token(&asked.label, asked.days).await?;
    let view = TokenView { token: secret.to_string(), session: SessionView::from(&signed_in.session) };
    Ok((StatusCode::CREATED, Json(view)))
}
