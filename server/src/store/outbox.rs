//! Messages on their way out.

use super::{Db, StoreError, fixed, number};
use crate::domain::contact::Channel;
use crate::domain::outgoing::{About, Message, MessageId, MessageKind, MessageState};
use sqlx::Row;
use sqlx::any::AnyRow;
use sync_core::id::{RoundId, UnitCode};

macro_rules! columns {
    () => {
        "id, once_key, kind, way, round, unit, official, order_number, name, address, words, made_at, state, tries, \
         next_at, done_at, why"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM outbox ", $rest)
    };
}

const ENQUEUE: &str = "INSERT INTO outbox (id, once_key, kind, way, round, unit, official, order_number, name, \
     address, words, made_at, state, tries, next_at, held_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
     $11, $12, 'waiting', 0, $12, 0) ON CONFLICT (once_key) DO NOTHING RETURNING id";
const GET: &str = select!("WHERE id = $1");
const BY_KEY: &str = select!("WHERE once_key = $1");
/// The first that is due, of the ways whose number is not 0.
const DUE: &str = "SELECT id FROM outbox WHERE state = 'waiting' AND next_at <= $1 AND held_until <= $1 AND \
     (CAST($2 AS BIGINT) <> 0 AND way = 'email' OR CAST($3 AS BIGINT) <> 0 AND way = 'webhook') \
     ORDER BY next_at, id LIMIT 1";
const CLAIM: &str = concat!(
    "UPDATE outbox SET held_by = $2, held_until = $3, tries = tries + 1 WHERE id = $1 AND state = 'waiting' AND \
     next_at <= $4 AND held_until <= $4 RETURNING ",
    columns!()
);
/// Also for what was given up meanwhile: it went out.
const SENT: &str = "UPDATE outbox SET state = 'sent', done_at = $2, held_by = NULL, held_until = 0, why = NULL \
     WHERE id = $1 AND state <> 'sent' RETURNING id";
const FAILED: &str = "UPDATE outbox SET state = $3, next_at = $4, done_at = $5, why = $6, held_by = NULL, \
     held_until = 0 WHERE id = $1 AND held_by = $2 AND state = 'waiting' RETURNING id";
const AGAIN: &str = "UPDATE outbox SET state = 'waiting', tries = 0, next_at = $2, done_at = NULL, way = $3, \
     name = $4, address = $5 WHERE id = $1 AND state <> 'sent' RETURNING id";
const GIVE_UP: &str = "UPDATE outbox SET state = 'given_up', done_at = $2 WHERE id = $1 AND \
     (state = 'waiting' OR state = 'failed') RETURNING id";
const WITHDRAW: &str = "UPDATE outbox SET state = 'given_up', done_at = $5, why = $6 WHERE kind = 'notice' AND state = 'waiting' \
     AND round = $1 AND unit = $2 AND official = $3 AND once_key <> $4";
const COUNT: &str =
    "SELECT state, way, COUNT(*) AS messages FROM outbox GROUP BY state, way ORDER BY state, way";

/// The newest first. A query of its own for one state or round, so that the database knows which index fits; the kind is
/// asked for only if the number before it is not 0, and the place only if there is a page before.
macro_rules! list {
    ($which:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM outbox WHERE ",
            $which,
            "(CAST($1 AS BIGINT) = 0 OR kind = $2) AND (CAST($3 AS BIGINT) = 0 OR (made_at, id) < ($4, $5)) \
             ORDER BY made_at DESC, id DESC LIMIT $6"
        )
    };
}

const LIST: &str = list!("");
const LIST_STATE: &str = list!("state = $7 AND ");
const LIST_ROUND: &str = list!("round = $7 AND ");
const LIST_ROUND_STATE: &str = list!("round = $7 AND state = $8 AND ");

pub(super) const ALL: &[&str] = &[
    ENQUEUE,
    GET,
    BY_KEY,
    DUE,
    CLAIM,
    SENT,
    FAILED,
    AGAIN,
    GIVE_UP,
    WITHDRAW,
    COUNT,
    LIST,
    LIST_STATE,
    LIST_ROUND,
    LIST_ROUND_STATE,
];

/// Which messages are looked for; all, if nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxSearch {
    /// Only those that stand like this.
    pub state: Option<MessageState>,
    /// Only of this kind.
    pub kind: Option<MessageKind>,
    /// Only of this round.
    pub round: Option<RoundId>,
}

/// How many messages stand like this and go this way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// How they stand.
    pub state: MessageState,
    /// How they go.
    pub way: Channel,
    /// How many.
    pub messages: u64,
}

/// Stores a message that waits; `false` if there is one with its key.
pub async fn enqueue(db: &mut Db, message: &Message) -> Result<bool, StoreError> {
    let words = serde_json::to_string(&message.words).map_err(|_| damaged())?;
    let query = sqlx::query(ENQUEUE)
        .bind(message.id.0.to_vec())
        .bind(message.key.as_str())
        .bind(message.kind.code())
        .bind(message.way.code())
        .bind(message.about.round.map(|round| round.0.to_vec()))
        .bind(message.about.unit.as_ref().map(ToString::to_string))
        .bind(message.about.official.clone())
        .bind(message.about.order.map(i64::from));
    let query = query.bind(message.name.as_str()).bind(message.address.as_str()).bind(words);
    Ok(query.bind(message.made_at).fetch_optional(db).await?.is_some())
}

/// One message.
pub async fn get(db: &mut Db, id: MessageId) -> Result<Option<Message>, StoreError> {
    sqlx::query(GET).bind(id.0.to_vec()).fetch_optional(db).await?.map(|row| read(&row)).transpose()
}

/// The message with this key.
pub async fn by_key(db: &mut Db, key: &str) -> Result<Option<Message>, StoreError> {
    sqlx::query(BY_KEY).bind(key).fetch_optional(db).await?.map(|row| read(&row)).transpose()
}

/// The first message that is due by one of these ways and that nobody holds.
pub async fn due(
    db: &mut Db,
    now: i64,
    (email, webhook): (bool, bool),
) -> Result<Option<MessageId>, StoreError> {
    let query = sqlx::query(DUE).bind(now).bind(i64::from(email)).bind(i64::from(webhook));
    let row = query.fetch_optional(db).await?;
    row.map(|row| Ok(MessageId(fixed(&row, "id", "outbox")?))).transpose()
}

/// Takes a message for a while, and counts the try; nothing if somebody else has it or it is not due any more.
pub async fn claim(
    db: &mut Db,
    id: MessageId,
    by: &[u8; 16],
    until: i64,
    now: i64,
) -> Result<Option<Message>, StoreError> {
    let query = sqlx::query(CLAIM).bind(id.0.to_vec()).bind(by.to_vec()).bind(until).bind(now);
    query.fetch_optional(db).await?.map(|row| read(&row)).transpose()
}

/// Notes that a message was taken; `false` if that is known.
pub async fn sent(db: &mut Db, id: MessageId, at: i64) -> Result<bool, StoreError> {
    Ok(sqlx::query(SENT).bind(id.0.to_vec()).bind(at).fetch_optional(db).await?.is_some())
}

/// Notes how a try failed; `false` if somebody else holds the message by now.
pub async fn failed(
    db: &mut Db,
    id: MessageId,
    by: &[u8; 16],
    (state, next_at): (MessageState, i64),
    done_at: Option<i64>,
    why: &str,
) -> Result<bool, StoreError> {
    let query = sqlx::query(FAILED).bind(id.0.to_vec()).bind(by.to_vec()).bind(state.code());
    let query = query.bind(next_at).bind(done_at).bind(why);
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Has a message tried again from now on, where it is to go; `false` if it was sent.
pub async fn again(db: &mut Db, message: &Message, now: i64) -> Result<bool, StoreError> {
    let query = sqlx::query(AGAIN).bind(message.id.0.to_vec()).bind(now).bind(message.way.code());
    let query = query.bind(message.name.as_str()).bind(message.address.as_str());
    Ok(query.fetch_optional(db).await?.is_some())
}

/// Gives a message up; `false` if it does not wait and did not fail.
pub async fn give_up(db: &mut Db, id: MessageId, now: i64) -> Result<bool, StoreError> {
    Ok(sqlx::query(GIVE_UP).bind(id.0.to_vec()).bind(now).fetch_optional(db).await?.is_some())
}

/// Gives up what waits to tell an official of a result, because it is not needed any more; but not the message with this
/// key.
pub async fn withdraw(
    db: &mut Db,
    (round, unit, official): (&RoundId, &UnitCode, &str),
    but: &str,
    now: i64,
    why: &str,
) -> Result<(), StoreError> {
    let query = sqlx::query(WITHDRAW).bind(round.0.to_vec()).bind(unit.as_str());
    query.bind(official).bind(but).bind(now).bind(why).execute(db).await?;
    Ok(())
}

/// How many messages stand how.
pub async fn count(db: &mut Db) -> Result<Vec<Count>, StoreError> {
    let rows = sqlx::query(COUNT).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let (state, way): (String, String) = (row.try_get("state")?, row.try_get("way")?);
            Ok(Count {
                state: MessageState::parse(&state).ok_or_else(damaged)?,
                way: Channel::parse(&way).ok_or_else(damaged)?,
                messages: u64::from(number(row, "messages", "outbox")?),
            })
        })
        .collect()
}

/// Some messages, the newest first, from after a place on.
pub async fn list(
    db: &mut Db,
    which: &OutboxSearch,
    after: Option<(i64, [u8; 16])>,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let (at, id) = after.unwrap_or_default();
    let sql = match (which.round, which.state) {
        (None, None) => LIST,
        (None, Some(_)) => LIST_STATE,
        (Some(_), None) => LIST_ROUND,
        (Some(_), Some(_)) => LIST_ROUND_STATE,
    };
    let query =
        sqlx::query(sql).bind(i64::from(which.kind.is_some())).bind(which.kind.map_or("", MessageKind::code));
    let mut query = query.bind(i64::from(after.is_some())).bind(at).bind(id.to_vec()).bind(i64::from(limit));
    if let Some(round) = which.round {
        query = query.bind(round.0.to_vec());
    }
    if let Some(state) = which.state {
        query = query.bind(state.code());
    }
    query.fetch_all(db).await?.iter().map(read).collect()
}

fn damaged() -> StoreError {
    StoreError::Damaged { what: "outbox" }
}

fn read(row: &AnyRow) -> Result<Message, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let round = row.try_get::<Option<Vec<u8>>, _>("round")?;
    let round = round.map(|bytes| bytes.try_into().map(RoundId).map_err(|_| damaged())).transpose()?;
    let unit = row.try_get::<Option<String>, _>("unit")?;
    let unit = unit.map(|code| UnitCode::new(&code).map_err(|_| damaged())).transpose()?;
    let order = row.try_get::<Option<i64>, _>("order_number")?;
    let order = order.map(|order| u32::try_from(order).map_err(|_| damaged())).transpose()?;
    Ok(Message {
        id: MessageId(fixed(row, "id", "outbox")?),
        key: text("once_key")?,
        kind: MessageKind::parse(&text("kind")?).ok_or_else(damaged)?,
        way: Channel::parse(&text("way")?).ok_or_else(damaged)?,
        about: About { round, unit, official: row.try_get("official")?, order },
        name: text("name")?,
        address: text("address")?,
        words: serde_json::from_str(&text("words")?).map_err(|_| damaged())?,
        made_at: row.try_get("made_at")?,
        state: MessageState::parse(&text("state")?).ok_or_else(damaged)?,
        tries: number(row, "tries", "outbox")?,
        next_at: row.try_get("next_at")?,
        done_at: row.try_get("done_at")?,
        why: row.try_get("why")?,
    })
}
