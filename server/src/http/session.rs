//! Who asks: for now one administrator token, made at first start.

use crate::error::AppError;
use crate::service::Centre;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use subtle::ConstantTimeEq;

/// Proof that the asker gave the administrator token.
pub(super) struct Administrator;

impl FromRequestParts<Centre> for Administrator {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, centre: &Centre) -> Result<Self, AppError> {
        let given = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer "));
        let token = centre.admin_token()?;
        let right = given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(token.as_bytes())));
        if right {
            Ok(Self)
        } else {
            Err(AppError::unauthorised(
                "token",
                "give the administrator token (file admin-token in the centre's folder) as bearer token",
            ))
        }
    }
}
