//! Handing over in a local network: a session that this tablet opens, or another one's that it joins.

use super::desk::Desk;
use crate::print::qr_picture;
use client_ffi::Case;
use client_ffi::local::{Event, Host, Invitation, JoinOptions, LocalError, Over, Step, join_with};
use homphieu_page::{Guest, Passed, Problem, Progress, Session, Text};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Most guests that are shown; a session lets in fewer at one time, but they may come and go.
const GUESTS_MAX: usize = 64;

/// A session that was opened here. Dropping it ends the session.
pub(super) struct Hosting {
    /// It belongs to the thread that listens to it.
    host: Weak<Host>,
    seen: Arc<Mutex<Session>>,
}

impl Hosting {
    pub(super) fn is_open(&self) -> bool {
        self.host.strong_count() > 0
    }

    pub(super) fn refresh(&self) {
        if let Some(host) = self.host.upgrade() {
            host.refresh();
        }
    }

    fn seen(&self) -> Session {
        look(&self.seen).clone()
    }
}

impl Drop for Hosting {
    fn drop(&mut self) {
        if let Some(host) = self.host.upgrade() {
            host.stop();
        }
    }
}

/// Opens a session, or gives the one that is open.
pub(super) fn open(desk: &Desk, listen: SocketAddr) -> Result<Session, Problem> {
    desk.shared(|held, tablet| {
        if let Some(hosting) = held.hosting.as_ref().filter(|hosting| hosting.is_open()) {
            return Ok(hosting.seen());
        }
        let host = Arc::new(Host::open(tablet, listen)?);
        let invitation = host.invitation().to_string();
        let code = qr_picture(&invitation);
        let session = Session { invitation, code, guests: Vec::new(), turned_away: None, over: None };
        let hosting = Hosting { host: Arc::downgrade(&host), seen: Arc::new(Mutex::new(session.clone())) };
        let seen = Arc::clone(&hosting.seen);
        std::thread::spawn(move || {
            let mut over = None;
            for event in host.events() {
                match event {
                    Event::Over(why) => over = Some(why),
                    event => note(&mut look(&seen), event),
                }
            }
            // Who hears that it is over finds the tablet free.
            drop(host);
            look(&seen).over = over.map(word).map(str::to_owned);
        });
        held.hosting = Some(hosting);
        Ok(session)
    })
}

/// The session that is open, or the last one.
pub(super) fn current(desk: &Desk) -> Option<Session> {
    let mut held = desk.held();
    let seen = held.hosting.as_ref().map(Hosting::seen);
    // Whoever is told that it is over may count on others getting the tablet.
    held.let_go(desk.folder());
    seen
}

/// Ends it. Whoever is in the middle of something has a few seconds; [`current`] tells when it is over.
pub(super) fn end(desk: &Desk) {
    if let Some(host) = desk.held().hosting.as_ref().and_then(|hosting| hosting.host.upgrade()) {
        host.stop();
    }
}

/// Joins another tablet's session and exchanges everything both ways.
pub(super) fn join(desk: &Desk, invitation: &str) -> Result<Passed, Problem> {
    let invitation: Invitation = invitation.parse().map_err(LocalError::from)?;
    desk.stop.store(false, Ordering::Relaxed);
    let joined = desk.shared(|held, tablet| {
        if held.is_hosting() {
            return Err(Problem::new(Case::NotYet, "session_open", crate::cli::lang::tablet::session_open));
        }
        let mut tablet = tablet.lock().unwrap_or_else(PoisonError::into_inner);
        let visit = join_with(&mut tablet, &invitation, &JoinOptions::default(), |step| {
            if let Step::Moved(progress) = step {
                desk.moves(progress);
            }
            if desk.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        Ok(Passed::from(&visit.map_err(|failed| failed.error)?))
    });
    desk.rests();
    joined
}

fn look(seen: &Mutex<Session>) -> MutexGuard<'_, Session> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(session: &mut Session, event: Event) {
    match event {
        Event::Came(who) => {
            let device = who.device.to_string();
            // Most often it is the one that just failed.
            session.turned_away = None;
            session.guests.retain(|guest| guest.device != device);
            if session.guests.len() < GUESTS_MAX {
                let name = who.label;
                session.guests.push(Guest { device, name, progress: None, passed: None, problem: None });
            }
        }
        Event::Moved(device, progress) => {
            if let Some(guest) = find(session, &device.to_string()) {
                guest.progress = Some(Progress::from(&progress));
            }
        }
        Event::Left(visit, why) => {
            if let Some(guest) = find(session, &visit.who.device.to_string()) {
                guest.progress = None;
                guest.passed = Some(Passed::from(&*visit));
                guest.problem = why.map(|why| Text::new(|language| why.text(language)));
            }
        }
        Event::TurnedAway(_, why) => {
            session.turned_away = Some(Text::new(|language| why.text(language)));
        }
        Event::Over(_) => {}
    }
}

fn word(over: Over) -> &'static str {
    match over {
        Over::Ended => "ended",
        Over::Idle => "idle",
        Over::Late => "late",
        Over::NoNetwork => "no_network",
    }
}

fn find<'a>(session: &'a mut Session, device: &str) -> Option<&'a mut Guest> {
    session.guests.iter_mut().find(|guest| guest.device == device)
}
