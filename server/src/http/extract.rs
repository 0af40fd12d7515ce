//! What handlers take out of a request, each refusal a problem like every other.

use crate::error::AppError;
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// A body in JSON.
pub(super) struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let body: Result<Json<T>, JsonRejection> = Json::from_request(request, state).await;
        Ok(Self(body?.0))
    }
}

/// Parts of the path.
pub(super) struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let path: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        Ok(Self(path?.0))
    }
}

/// The query.
pub(super) struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        Ok(Self(query?.0))
    }
}

/// Bytes as they are; for the document only.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "the document names it, nobody makes one")]
pub(super) struct Binary(Vec<u8>);
