//! Messages on their way out.

use super::access::Caller;
use super::extract::{Asked, At};
use super::page::{Page, Paging, position};
use super::problem::Problem;
use super::rounds::round;
use crate::domain::contact::Channel;
use crate::domain::outgoing::{Message, MessageId, MessageKind, MessageState};
use crate::error::AppError;
use crate::store::outbox::OutboxSearch;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A message on its way out, or that went.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageView {
    /// The same on every try; the receiver sees it.
    id: uuid::Uuid,
    kind: MessageKind,
    way: Channel,
    round: Option<uuid::Uuid>,
    unit: Option<String>,
    official: Option<String>,
    name: String,
    /// E-mail address or phone number.
    address: String,
    /// Subject in Vietnamese.
    subject: String,
    state: MessageState,
    /// When it was made, in seconds since 1970.
    made_at: i64,
    tries: u32,
    /// When it is tried next, while it waits; 0 for at once.
    next_at: i64,
    /// When it was sent, failed or was given up.
    done_at: Option<i64>,
    /// Why the last try failed, or why it is not needed any more.
    why: Option<String>,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.uuid(),
            kind: message.kind,
            way: message.way,
            round: message.about.round.map(|round| round.uuid()),
            unit: message.about.unit.map(|unit| unit.to_string()),
            official: message.about.official,
            name: message.name,
            address: message.address,
            subject: message.words.subject.vi,
            state: message.state,
            made_at: message.made_at,
            tries: message.tries,
            next_at: message.next_at,
            done_at: message.done_at,
            why: message.why,
        }
    }
}

/// Which messages are asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OutboxQuery {
    /// Only those that stand like this.
    #[param(inline)]
    state: Option<MessageState>,
    /// Only of this kind.
    #[param(inline)]
    kind: Option<MessageKind>,
    /// Only of this round.
    round: Option<uuid::Uuid>,
    /// Most items of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 600)]
    after: Option<String>,
}

/// Messages on their way out, the newest first
#[utoipa::path(get, path = "/api/v1/outbox", tag = "notices", operation_id = "list_messages", params(OutboxQuery), responses(
    (status = 200, description = "a page of messages", body = Page<MessageView>),
))]
pub(super) async fn list(
    caller: Caller,
    Asked(query): Asked<OutboxQuery>,
) -> Result<Json<Page<MessageView>>, AppError> {
    let paging = Paging::new(query.limit, query.after);
    let limit = paging.limit()?;
    let which = OutboxSearch { state: query.state, kind: query.kind, round: query.round.map(round) };
    let found = caller.centre.messages(&which, read_place(&paging.after()?)?, limit).await?;
    let full = found.len() == limit as usize;
    let place = |message: &Message| format!("{} {}", message.made_at, message.id.uuid());
    let next = found.last().filter(|_| full).map(|message| position(&place(message)));
    Ok(Json(Page { items: found.into_iter().map(MessageView::from).collect(), next }))
}

fn read_place(text: &str) -> Result<Option<(i64, [u8; 16])>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    let place = text
        .split_once(' ')
        .and_then(|(at, id)| Some((at.parse().ok()?, uuid::Uuid::try_parse(id).ok()?.into_bytes())));
    let wrong = || AppError::bad_request("query", "`after` is the `next` of the page before, unchanged");
    place.map(Some).ok_or_else(wrong)
}

/// How many messages stand how.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageCount {
    state: MessageState,
    way: Channel,
    messages: u64,
}

/// How many messages wait, were sent, failed
#[utoipa::path(get, path = "/api/v1/outbox/figures", tag = "notices", operation_id = "count_messages", responses(
    (status = 200, description = "numbers by state and way", body = Vec<MessageCount>),
))]
pub(super) async fn figures(caller: Caller) -> Result<Json<Vec<MessageCount>>, AppError> {
    let counts = caller.centre.message_counts().await?.into_iter();
    let view = |count: crate::store::outbox::Count| MessageCount {
        state: count.state,
        way: count.way,
        messages: count.messages,
    };
    Ok(Json(counts.map(view).collect()))
}

/// Try a message again now
#[utoipa::path(post, path = "/api/v1/outbox/{message}/retry", tag = "notices", operation_id = "send_message_again",
    params(("message" = uuid::Uuid, Path)), responses(
    (status = 200, description = "it is tried as soon as somebody serves", body = MessageView),
    (status = 409, description = "it was sent", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn again(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<MessageView>, AppError> {
    Ok(Json(caller.centre.send_again(MessageId(id.into_bytes())).await?.into()))
}

/// Give a message up
#[utoipa::path(post, path = "/api/v1/outbox/{message}/surrender", tag = "notices", operation_id = "give_message_up",
    params(("message" = uuid::Uuid, Path)), responses(
    (status = 200, description = "given up, now or before", body = MessageView),
    (status = 409, description = "it was sent", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn give_up(caller: Caller, At(id): At<uuid::Uuid>) -> Result<Json<MessageView>, AppError> {
    Ok(Json(caller.centre.give_message_up(MessageId(id.into_bytes())).await?.into()))
}
