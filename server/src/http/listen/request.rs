//! One request: its body, its turn, its work, and an answer whatever happens.

use super::connection::Connection;
use super::peer::ClientAddress;
use super::seats::SeatId;
use super::{Closing, Hall, Phase};
use crate::error::AppError;
use crate::http::body_max;
use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, EXPECT, HeaderValue};
use axum::http::{HeaderMap, Request, Response};
use axum::response::IntoResponse;
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};
use tower::ServiceExt;

/// Seconds after which it is worth trying again.
const TRY_AGAIN: u32 = 5;

/// Bytes that are heard out of a body that is refused.
const HEARD_OUT_MAX: usize = 16 * 1024 * 1024;
/// Longest pause of somebody who is heard out.
const HEARD_OUT_PAUSE: Duration = Duration::from_secs(5);

/// Answers a request. Only a complete one is worked on, in its turn and for no longer than its time.
pub(super) async fn answer(connection: &Connection, request: Request<Incoming>) -> Response<Body> {
    let answer = attend(connection, request).await;
    connection.hall.seats().rest(connection.seat);
    answer.unwrap_or_else(|(error, close)| {
        let mut response = error.into_response();
        if close {
            // What is left of the request on the line cannot be told from a next one.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    })
}

/// To whoever speaks HTTP without TLS where TLS is spoken.
pub(super) fn use_https() -> Response<Body> {
    let error =
        AppError::bad_request("use_https", "this centre speaks TLS only: begin the address with https://");
    let mut response = error.into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// To a connection for which there is no seat, as bytes.
pub(super) fn no_seat() -> Vec<u8> {
    let body = "{\"type\":\"/problems/busy\",\"code\":\"busy\",\"title\":\"Service Unavailable\",\"status\":503,\
                \"detail\":\"there are too many connections from this address: try again\"}";
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: {TRY_AGAIN}\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn busy() -> AppError {
    AppError::Unavailable {
        code: "busy",
        detail: "the centre has too much to do at the moment: try again".to_owned(),
        seconds: TRY_AGAIN,
    }
}

/// The answer, or a problem and whether the connection must be closed after it.
async fn attend(
    connection: &Connection,
    request: Request<Incoming>,
) -> Result<Response<Body>, (AppError, bool)> {
    let (mut parts, mut body) = request.into_parts();
    let Connection { hall, seat, peer, guard } = connection;
    let client = match &hall.proxies {
        None => *peer,
        Some(proxies) if proxies.include(*peer) => proxies.behind(*peer, &parts.headers),
        Some(_) => {
            let detail = "this centre is reached through its proxy only";
            hear_out(hall, *seat, &parts.headers, body).await;
            return Err((AppError::forbidden("not_through_proxy", detail), true));
        }
    };
    let (body, room) = match read_body(hall, *seat, body_max(parts.uri.path()), &mut body).await {
        Ok(read) => read,
        Err(error) => {
            // Whoever was too slow was waited for long enough.
            if !matches!(error, AppError::Refused { status: 408, .. }) {
                hear_out(hall, *seat, &parts.headers, body).await;
            }
            return Err((error, true));
        }
    };
    let place = Arc::clone(&hall.waiting).try_acquire_owned().map_err(|_| (busy(), false))?;
    if !hall.seats().work(*seat) {
        return Err((busy(), true));
    }
    parts.extensions.insert(ClientAddress(client));
    parts.extensions.insert(Closing(hall.phase.clone()));
    let request = Request::from_parts(parts, Body::from(body));
    let (hall, guard) = (Arc::clone(hall), guard.clone());
    // A task of its own: what was begun is finished also if the asker hangs up, and a panic ends nothing else.
    let work = tokio::spawn(async move {
        let _kept_to_the_end = (room, guard);
        let work = async {
            let _turn = hall.running.acquire().await;
            drop(place);
            hall.app.clone().oneshot(request).await
        };
        tokio::select! {
            worked = timeout(hall.limits.work, work) => worked.map_err(|_| too_slow()),
            () = hall.reached(Phase::Ending) => Err(busy()),
        }
    });
    match work.await {
        Ok(Ok(Ok(response))) => Ok(response),
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(error)) => Err((error, false)),
        Err(error) => Err((AppError::Internal(format!("a handler ended badly: {error}")), false)),
    }
}

fn too_slow() -> AppError {
    AppError::Unavailable {
        code: "too_slow",
        detail: "this took too long and was given up: try again when there is less to do".to_owned(),
        seconds: TRY_AGAIN,
    }
}

/// Takes in a body with the memory it holds.
async fn read_body(
    hall: &Hall,
    seat: SeatId,
    most: usize,
    body: &mut Incoming,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), AppError> {
    if body.is_end_stream() {
        return Ok((Bytes::new(), None));
    }
    if body.size_hint().lower() > most as u64 {
        return Err(AppError::too_long(most));
    }
    hall.seats().send(seat);
    let end = Instant::now() + hall.limits.body;
    let mut bytes = Vec::new();
    let mut held: Option<OwnedSemaphorePermit> = None;
    loop {
        let until = end.min(Instant::now() + hall.limits.body_pause);
        let frame = timeout_at(until, body.frame()).await.map_err(|_| AppError::Refused {
            status: 408,
            code: "too_slow",
            detail: "the request came too slowly: try again where the network is better".to_owned(),
        })?;
        let Some(frame) = frame else { return Ok((bytes.into(), held)) };
        let frame = frame.map_err(|_| AppError::bad_request("malformed", "the request broke off"))?;
        // Trailers mean nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > most {
            return Err(AppError::too_long(most));
        }
        let room = room_for(hall, seat, data.len()).await?;
        match &mut held {
            Some(held) => held.merge(room),
            None => held = Some(room),
        }
        bytes.extend_from_slice(&data);
    }
}

/// Takes what still comes of a refused body and forgets it. A connection that is closed while bytes come in is reset,
/// and a reset takes the answer away from a sender who sends first and listens then, as nearly all do.
async fn hear_out(hall: &Hall, seat: SeatId, headers: &HeaderMap, mut body: Incoming) {
    // Whoever asked first and waits for leave has not begun, and must not be asked to.
    if headers.contains_key(EXPECT) {
        return;
    }
    hall.seats().send(seat);
    let end = Instant::now() + hall.limits.body;
    let mut heard = 0;
    while heard < HEARD_OUT_MAX {
        let until = end.min(Instant::now() + HEARD_OUT_PAUSE);
        let Ok(Some(Ok(frame))) = timeout_at(until, body.frame()).await else { return };
        heard += frame.data_ref().map_or(0, Bytes::len);
    }
}

/// Memory for so many bytes. If there is none, whoever has been sending longest goes.
async fn room_for(hall: &Hall, seat: SeatId, bytes: usize) -> Result<OwnedSemaphorePermit, AppError> {
    let bytes = u32::try_from(bytes).map_err(|_| AppError::too_long(u32::MAX as usize))?;
    loop {
        if let Ok(room) = Arc::clone(&hall.bodies).try_acquire_many_owned(bytes) {
            return Ok(room);
        }
        let door = hall.seats().slowest_leaves(seat);
        let Some(door) = door else { break };
        door.close().await;
    }
    let room = timeout(hall.limits.body_pause, Arc::clone(&hall.bodies).acquire_many_owned(bytes)).await;
    room.ok().and_then(Result::ok).ok_or_else(busy)
}
