//! What the threads of a session share: who is there, what is new, and whether it is over.

use super::error::LocalError;
use super::host::HostOptions;
use super::visit::{Visit, Who};
use crate::progress::Progress;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use sync_core::id::DeviceId;

/// Most connections whose hello has not come yet, and most of them from one address.
const UNKNOWN_MAX: usize = 16;
const UNKNOWN_PER_ADDRESS_MAX: usize = 8;
/// Most events that wait to be looked at. Beyond it progress is left out first, then everything.
const EVENTS_MAX: usize = 1_024;
const EVENTS_OF_PROGRESS_MAX: usize = 256;
/// Most visits that a report names.
const VISITS_MAX: usize = 1_024;
/// How long a guest is told in one go that there is nothing new.
const STILL: Duration = Duration::from_secs(5);
/// How long those who are in the middle of something may go on when a session ends.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// A person ended it.
    Ended,
    /// Nobody came and nothing passed for as long as it was to wait.
    Idle,
    /// It was open for as long as it was to be.
    Late,
    /// The network was taken away.
    NoNetwork,
}

/// What happens in a session.
#[derive(Debug)]
pub enum Event {
    /// A tablet was recognised.
    Came(Who),
    /// Something passed between it and this one.
    Moved(DeviceId, Progress),
    /// It left, or was lost; with the reason if it was not done.
    Left(Arc<Visit>, Option<LocalError>),
    /// Somebody was not let in.
    TurnedAway(IpAddr, LocalError),
    /// The session is over; nothing follows.
    Over(Over),
}

/// What came of a session.
#[derive(Debug, Clone)]
pub struct HostReport {
    /// Why it ended.
    pub over: Over,
    /// Every visit, in the order in which they ended; at most the first 1,024.
    pub visits: Vec<Arc<Visit>>,
    /// How many were not let in.
    pub turned_away: usize,
}

pub(super) struct Lobby {
    pub options: HostOptions,
    hall: Mutex<Hall>,
    bell: Condvar,
}

struct Hall {
    over: Option<Over>,
    told_over: bool,
    opened: Instant,
    busy: Instant,
    news: u64,
    seats: BTreeMap<u64, Seat>,
    next: u64,
    events: VecDeque<Event>,
    visits: Vec<Arc<Visit>>,
    turned_away: usize,
}

struct Seat {
    from: SocketAddr,
    socket: TcpStream,
    guest: Option<DeviceId>,
    superseded: bool,
}

impl Lobby {
    pub(super) fn new(options: HostOptions) -> Self {
        let now = Instant::now();
        let hall = Hall {
            over: None,
            told_over: false,
            opened: now,
            busy: now,
            news: 0,
            seats: BTreeMap::new(),
            next: 0,
            events: VecDeque::new(),
            visits: Vec::new(),
            turned_away: 0,
        };
        Self { options, hall: Mutex::new(hall), bell: Condvar::new() }
    }

    /// No holder of this lock can leave it half changed, so what a panicking thread left is as good as ever.
    fn hall(&self) -> MutexGuard<'_, Hall> {
        self.hall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection that has said nothing yet; none if there are too many of these, or it is over.
    pub(super) fn seat(&self, socket: &TcpStream, from: SocketAddr) -> Option<u64> {
        let mut hall = self.hall();
        let unknown = hall.seats.values().filter(|seat| seat.guest.is_none());
        let from_there = unknown.clone().filter(|seat| seat.from.ip() == from.ip()).count();
        let full = unknown.count() >= UNKNOWN_MAX || from_there >= UNKNOWN_PER_ADDRESS_MAX;
        let socket = socket.try_clone().ok()?;
        if full || hall.over.is_some() {
            hall.turned_away += 1;
            hall.tell(Event::TurnedAway(from.ip(), LocalError::Full));
            return None;
        }
        let id = hall.next;
        hall.next += 1;
        hall.seats.insert(id, Seat { from, socket, guest: None, superseded: false });
        Some(id)
    }

    /// A recognised guest keeps its place, if there is one for it. An older connection of the same device goes.
    pub(super) fn welcome(&self, id: u64, who: &Who) -> Result<u64, LocalError> {
        let mut hall = self.hall();
        if hall.over.is_some() {
            return Err(LocalError::Ended);
        }
        for seat in hall.seats.values_mut().filter(|seat| seat.guest == Some(who.device)) {
            seat.superseded = true;
            seat.guest = None;
            seat.socket.shutdown(Shutdown::Both).ok();
        }
        let guests = hall.seats.values().filter(|seat| seat.guest.is_some()).count();
        if guests >= self.options.guests {
            return Err(LocalError::Full);
        }
        if let Some(seat) = hall.seats.get_mut(&id) {
            seat.guest = Some(who.device);
        }
        hall.busy = Instant::now();
        hall.tell(Event::Came(who.clone()));
        self.bell.notify_all();
        Ok(hall.news)
    }

    pub(super) fn moved(&self, who: &Who, progress: Progress) {
        let mut hall = self.hall();
        hall.busy = Instant::now();
        if hall.events.len() < EVENTS_OF_PROGRESS_MAX {
            hall.tell(Event::Moved(who.device, progress));
            self.bell.notify_all();
        }
    }

    /// Something new is on this tablet.
    pub(super) fn brought(&self) {
        let mut hall = self.hall();
        hall.news += 1;
        hall.busy = Instant::now();
        self.bell.notify_all();
    }

    /// How much was brought so far.
    pub(super) fn news(&self) -> u64 {
        self.hall().news
    }

    /// Waits a while for more news than these; `None` once it is over.
    pub(super) fn await_news(&self, known: u64) -> Option<bool> {
        let nothing = |hall: &mut Hall| hall.over.is_none() && hall.news <= known;
        let waited = self.bell.wait_timeout_while(self.hall(), STILL, nothing);
        let (hall, _) = waited.unwrap_or_else(PoisonError::into_inner);
        hall.over.is_none().then_some(hall.news > known)
    }

    pub(super) fn is_over(&self) -> bool {
        self.hall().over.is_some()
    }

    /// A connection is gone.
    pub(super) fn leave(&self, id: u64, visit: Option<Visit>, error: Option<LocalError>) {
        let mut hall = self.hall();
        let Some(seat) = hall.seats.remove(&id) else { return };
        let error = error.map(|error| if seat.superseded { LocalError::Superseded } else { error });
        match (visit, error) {
            (Some(visit), error) => {
                let visit = Arc::new(visit);
                if hall.visits.len() < VISITS_MAX {
                    hall.visits.push(Arc::clone(&visit));
                }
                hall.tell(Event::Left(visit, error));
            }
            (None, Some(error)) => {
                hall.turned_away += 1;
                hall.tell(Event::TurnedAway(seat.from.ip(), error));
            }
            (None, None) => {}
        }
        self.bell.notify_all();
    }

    pub(super) fn end(&self, over: Over) {
        let mut hall = self.hall();
        hall.over.get_or_insert(over);
        self.bell.notify_all();
    }

    /// Waits until it is over, by itself or by somebody's word.
    pub(super) fn until_over(&self) {
        let mut hall = self.hall();
        while hall.over.is_none() {
            let now = Instant::now();
            let idle = hall.busy + self.options.idle;
            let late = hall.opened + self.options.total;
            if now >= late {
                hall.over = Some(Over::Late);
            } else if now >= idle {
                hall.over = Some(Over::Idle);
            } else {
                let waited = self.bell.wait_timeout(hall, late.min(idle) - now);
                hall = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        self.bell.notify_all();
    }

    /// Waits until everybody has left; who does not in time is shown out.
    pub(super) fn empty(&self) {
        let there = |hall: &mut Hall| !hall.seats.is_empty();
        let waited = self.bell.wait_timeout_while(self.hall(), GRACE, there);
        let (hall, _) = waited.unwrap_or_else(PoisonError::into_inner);
        for seat in hall.seats.values() {
            seat.socket.shutdown(Shutdown::Both).ok();
        }
        drop(self.bell.wait_while(hall, there).unwrap_or_else(PoisonError::into_inner));
    }

    /// The next event, waited for; nothing after the last.
    pub(super) fn next_event(&self) -> Option<Event> {
        let nothing =
            |hall: &mut Hall| hall.events.is_empty() && (hall.over.is_none() || !hall.seats.is_empty());
        let waited = self.bell.wait_while(self.hall(), nothing);
        let mut hall = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = hall.events.pop_front() {
            return Some(event);
        }
        let over = hall.over.filter(|_| !hall.told_over)?;
        hall.told_over = true;
        Some(Event::Over(over))
    }

    pub(super) fn report(&self) -> HostReport {
        let hall = self.hall();
        HostReport {
            over: hall.over.unwrap_or(Over::Ended),
            visits: hall.visits.clone(),
            turned_away: hall.turned_away,
        }
    }
}

impl Hall {
    fn tell(&mut self, event: Event) {
        if self.events.len() < EVENTS_MAX {
            self.events.push_back(event);
        }
    }
}
