//! Opening orders that were made: what trustees compare with their papers, for whoever comes to the page later.

use super::access::Caller;
use super::extract::{Asked, At};
use super::page::{Page, Paging};
use super::rounds::round;
use crate::error::AppError;
use crate::service::MadeOrder;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// An opening order that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeOrderView {
    /// Its number, from 1.
    number: u32,
    /// The digest that trustees compare and write on their share.
    digest: String,
    /// Digest of its accepted result, which they compare before the next order; nothing while there is none.
    result: Option<String>,
}

impl From<MadeOrder> for MadeOrderView {
    fn from(order: MadeOrder) -> Self {
        let MadeOrder { number, digest, result } = order;
        Self { number, digest: digest.to_string(), result: result.map(|result| result.to_string()) }
    }
}

/// Opening orders of a round by number, with the digests that trustees compare
#[utoipa::path(get, path = "/api/v1/rounds/{round}/orders", tag = "counting", operation_id = "list_orders",
    params(("round" = uuid::Uuid, Path), Paging), responses(
    (status = 200, description = "a page of orders; the last one is that which is counted next, or was", body = Page<MadeOrderView>),
))]
pub(super) async fn list(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<MadeOrderView>>, AppError> {
    let orders = caller.centre.orders(&round(id)).await?;
    let orders = orders.into_iter().map(MadeOrderView::from).collect();
    // As many digits each, so that they are in the order of their numbers also as text.
    Ok(Json(paging.cut(orders, |order| format!("{:010}", order.number))?))
}
