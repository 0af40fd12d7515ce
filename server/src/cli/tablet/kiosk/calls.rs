//! What the page asks: the calls of every page, and those that take a way to the centre or to other tablets.

use super::desk::{Desk, Open};
use super::session;
use client_ffi::SyncRun;
use client_ffi::transport::{Http, Transport};
use client_ffi::{TabletError, transport::TransportError};
use homphieu_page::{Json, Problem, Progress, SyncReport, Wire};
use serde_json::Value;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// Does a call; what it answers is JSON.
pub(super) fn answer(desk: &Desk, name: &str, given: Value) -> Result<Vec<u8>, Problem> {
    match name {
        "enrol" => {
            let (token,): (String,) = Json::read(given)?;
            Json::write(&enrol(desk, &token)?)
        }
        "sync" => none(given).and_then(|()| Json::write(&sync(desk)?)),
        "moving" => none(given).and_then(|()| Json::write(&desk.moving())),
        "openSession" => none(given).and_then(|()| Json::write(&session::open(desk, desk.listen)?)),
        "session" => none(given).and_then(|()| Json::write(&session::current(desk))),
        "endSession" => none(given).and_then(|()| Json::write(&session::end(desk))),
        "joinSession" => {
            let (invitation,): (String,) = Json::read(given)?;
            Json::write(&session::join(desk, &invitation)?)
        }
        "stopJoining" => {
            none(given)?;
            desk.stop.store(true, Ordering::Relaxed);
            Json::write(&())
        }
        _ => desk.with(|desk| desk.answer::<Json>(name, given)),
    }
}

fn none(given: Value) -> Result<(), Problem> {
    Json::read::<[(); 0]>(given).map(|[]| ())
}

/// The keys are stored before the centre hears of them, and the tablet is free while the centre thinks.
fn enrol(desk: &Desk, token: &str) -> Result<(), Problem> {
    let request = desk.with(|desk| Ok(desk.tablet.enrol_request(token)?))?;
    let http = Http::for_token(token).map_err(TabletError::from)?;
    let answer = http.post("/api/v1/enrol", &request)?;
    desk.with(|desk| Ok(desk.tablet.finish_enrolment(token, &answer)?))?;
    guidance(desk, &http);
    Ok(())
}

/// Fetches guidance after what the page asked for. It decides nothing, so that has gone well whatever becomes of it, and the
/// next sync tries again.
fn guidance(desk: &Desk, http: &Http) {
    let Ok(Some((path, body))) = desk.with(|desk| Ok(desk.tablet.guidance_request()?)) else { return };
    if let Ok(answer) = http.post(&path, &body) {
        drop(desk.with(|desk| Ok(desk.tablet.take_guidance(&answer)?)));
    }
}

/// Request by request; between them others have their turn, so that nobody waits to vote for a slow network. If another
/// program had the tablet meanwhile, it begins anew with what is still missing.
fn sync(desk: &Desk) -> Result<SyncReport, Problem> {
    let _alone = desk.syncing.lock().unwrap_or_else(PoisonError::into_inner);
    let done = loop {
        match once(desk) {
            Err(Ended::OtherLife) => {}
            Err(Ended::Problem(problem)) => break Err(problem),
            Ok(report) => break Ok(report),
        }
    };
    desk.rests();
    done
}

enum Ended {
    /// Another program had the tablet.
    OtherLife,
    Problem(Problem),
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

fn once(desk: &Desk) -> Result<SyncReport, Ended> {
    let (mut run, http, life) = desk.in_life(|desk, life| {
        let http = Http::new(desk.tablet.address().ok_or(TabletError::NotEnrolled)?);
        Ok((desk.tablet.begin_sync()?, http, life))
    })?;
    while let Some(post) = step(desk, life, &mut run, |desk, run| Ok(run.next(desk.tablet)?))? {
        let answer: Result<Vec<u8>, TransportError> = http.post(&post.path, &post.body);
        step(desk, life, &mut run, |open, run| {
            Ok(run.answered(open.tablet, answer, &mut |progress| desk.moves(progress))?)
        })?;
    }
    guidance(desk, &http);
    let minutes = http.minutes_now();
    Ok(desk.with(|desk| Ok(run.end(desk.tablet, minutes).into()))?)
}

fn step<T>(
    desk: &Desk,
    life: u64,
    run: &mut SyncRun,
    work: impl FnOnce(&mut Open<'_>, &mut SyncRun) -> Result<T, Problem>,
) -> Result<T, Ended> {
    desk.in_life(|desk, now| if now == life { work(desk, run).map(Some) } else { Ok(None) })?
        .ok_or(Ended::OtherLife)
}

impl Desk {
    /// How far it is.
    pub(super) fn moves(&self, progress: &client_ffi::Progress) {
        *self.moving.lock().unwrap_or_else(PoisonError::into_inner) = Some(Progress::from(progress));
    }

    /// Nothing is under way any more.
    pub(super) fn rests(&self) {
        *self.moving.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn moving(&self) -> Option<Progress> {
        self.moving.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
