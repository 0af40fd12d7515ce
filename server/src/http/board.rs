//! The board as it changes, for pages that stay open (server-sent events).

use super::access::Caller;
use super::extract::At;
use super::listen::Closing;
use super::problem::Problem;
use super::rounds::{UnitView, round};
use crate::error::AppError;
use crate::service::Board;
use axum::extract::Extension;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use sync_core::id::RoundId;
use utoipa::ToSchema;

/// How often it is looked whether something changed.
const TICK: Duration = Duration::from_secs(1);

/// What changed on the board since the event before.
#[derive(Serialize, ToSchema)]
pub(super) struct BoardView {
    /// Whether these are all units, and not only those that changed.
    whole: bool,
    /// State of the round.
    state: String,
    /// Since when the running process listens to tablets, in seconds since 1970.
    since: i64,
    /// Units, by code.
    units: Vec<UnitView>,
}

/// One page that watches.
struct Watch {
    caller: Caller,
    round: RoundId,
    closing: Option<Closing>,
    /// Name of the board that the page has.
    known: Option<String>,
    /// What was looked at last: the centre gives the same one as long as nothing changed.
    seen: Option<Arc<Board>>,
    /// What it has, once something was sent.
    sent: BTreeMap<String, UnitView>,
    started: bool,
}

/// The board as it changes
///
/// Events `board`: at first all units, then those that changed. The id of an event names the board as it is with it; who
/// asks again with `Last-Event-ID` gets nothing that they have. Watching counts as using the session; it ends with it.
#[utoipa::path(get, path = "/api/v1/rounds/{round}/board", tag = "rounds", operation_id = "follow_board",
    params(
        ("round" = uuid::Uuid, Path),
        ("Last-Event-ID" = Option<String>, Header, description = "the id of the last event that came", max_length = 100),
    ), responses(
    (status = 200, description = "events without end, each with what changed", content_type = "text/event-stream", body = BoardView),
    (status = 409, description = "the round is not signed yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn follow(
    caller: Caller,
    At(id): At<uuid::Uuid>,
    closing: Option<Extension<Closing>>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, AppError> {
    let round = round(id);
    // What is wrong is a problem like everywhere, and not a stream that ends.
    caller.centre.board(&round).await?;
    let known = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let closing = closing.map(|Extension(closing)| closing);
    let watch = Watch { caller, round, closing, known, seen: None, sent: BTreeMap::new(), started: false };
    let events = stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

impl Watch {
    /// The next event, once there is one; nothing when the watching is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.started {
                self.pause().await?;
            }
            let board = self.caller.centre.board(&self.round).await.ok()?;
            if self.seen.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, &board)) {
                continue;
            }
            self.seen = Some(Arc::clone(&board));
            let first = !self.started;
            self.started = true;
            if let Some(event) = self.look(&board) {
                return Some(event);
            }
            if first {
                // The page sees at once that it is heard, though it has everything.
                return Some(Event::default().comment("here"));
            }
        }
    }

    /// Waits a little. Nothing if the centre is being closed, or who watches may not any more.
    async fn pause(&self) -> Option<()> {
        let closed = async {
            match &self.closing {
                Some(closing) => closing.begun().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = closed => return None,
            () = tokio::time::sleep(TICK) => {}
        }
        let session = self.caller.centre.session(&self.caller.secret).await.ok()??;
        (session.person.version == self.caller.person.version).then_some(())
    }

    /// What this board has that the page has not.
    fn look(&mut self, board: &Board) -> Option<Event> {
        let mut units: Vec<UnitView> = board.units.iter().map(UnitView::from).collect();
        units.retain(|unit| self.caller.sees_unit(&unit.code));
        units.sort_by(|a, b| a.code.cmp(&b.code));
        let whole = BoardView { whole: true, state: board.state.clone(), since: board.since, units };
        let name = name(&whole);
        if self.known.as_ref() == Some(&name) {
            self.sent.extend(whole.units.into_iter().map(|unit| (unit.code.clone(), unit)));
            return None;
        }
        let mut view = whole;
        let all = std::mem::take(&mut view.units);
        view.whole = self.sent.is_empty();
        for unit in all {
            if self.sent.get(&unit.code) != Some(&unit) {
                self.sent.insert(unit.code.clone(), unit.clone());
                view.units.push(unit);
            }
        }
        self.known = Some(name.clone());
        Event::default().event("board").id(name).json_data(&view).ok()
    }
}

/// What a board is called: by its content, so that every process gives it the same name.
fn name(board: &BoardView) -> String {
    let bytes = serde_json::to_vec(board).unwrap_or_default();
    Sha256::digest(&bytes).iter().take(16).map(|b| format!("{b:02x}")).collect()
}
