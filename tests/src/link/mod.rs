//! A bad link on 127.0.0.1: a proxy between a real tablet and a real centre, or between two tablets of a session, that
//! counts what passes, computes what it would have cost ([`Profile`]), and cuts connections.
//!
//! Nothing waits: bytes pass at once, and only the clock of the link is slow. So a test over 2G takes no time, and gives
//! the same seconds on every machine. Where a cut falls follows from the bytes alone, so it falls there every time.
//!
//! One side speaks at a time, as in TLS, HTTP/1.1 and sessions between tablets. There is one exception: a centre hands
//! out a ticket of TLS 1.3 when it has seen the client's last word of the greeting, while the client goes on without
//! waiting for it. Which of the two the proxy sees first is chance, so it lets the ticket pass first, and counts it with
//! the answer that it would have come with.

mod clock;
mod unit;

pub use clock::{Cuts, Event, HEADER, Profile, SATELLITE, SEGMENT, Spent, TWO_G, Way, spent_on};
pub use unit::{BALLOTS, Brought, TABLETS, Unit};

use clock::Clock;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// First byte of a TLS record of the greeting, of one that means nothing any more, and of one that is encrypted.
const GREETING: u8 = 22;
const CHANGE: u8 = 20;
const ENCRYPTED: u8 = 23;
/// Most bytes that are looked at together.
const CHUNK: usize = 16 * 1024;

/// A link to somebody. It is closed when dropped, with everything on it.
pub struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    target: SocketAddr,
    /// Whether the target hands out a ticket after each greeting.
    tickets: bool,
    clock: Mutex<Clock>,
    open: Mutex<Vec<TcpStream>>,
    ended: AtomicBool,
}

impl Shared {
    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    /// A link to a centre. What is lost on it follows from the seed.
    ///
    /// # Panics
    /// If this machine has no free port.
    pub fn to_centre(target: SocketAddr, profile: Profile, seed: u64) -> Self {
        Self::to(target, true, profile, seed)
    }

    /// A link to a tablet that has a session open.
    ///
    /// # Panics
    /// If this machine has no free port.
    pub fn to_tablet(target: SocketAddr, profile: Profile, seed: u64) -> Self {
        Self::to(target, false, profile, seed)
    }

    fn to(target: SocketAddr, tickets: bool, profile: Profile, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let clock = Mutex::new(Clock::new(profile, seed));
        let ended = AtomicBool::new(false);
        let shared = Arc::new(Shared { target, tickets, clock, open: Mutex::default(), ended });
        let here = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if here.ended.load(Ordering::Acquire) {
                    break;
                }
                connect(&here, stream);
            }
        });
        Self { address, shared, accepting: Some(accepting) }
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was spent so far. All that the one who connects has received is in it.
    pub fn spent(&self) -> Spent {
        self.shared.clock().spent()
    }

    /// What happened so far, for [`spent_on`].
    pub fn events(&self) -> Vec<Event> {
        self.shared.clock().events()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        drop(TcpStream::connect(self.address));
        for stream in self.shared.open().drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

/// Joins one who connects with the target, unless the link is cut meanwhile or nobody is there.
fn connect(shared: &Arc<Shared>, near: TcpStream) {
    let lives = shared.clock().connects();
    let Some(far) = lives.then(|| TcpStream::connect(shared.target).ok()).flatten() else { return };
    let (ticket, came) = (Mutex::new(Ticket::NotDue), Condvar::new());
    let pair = Arc::new(Pair { near, far, ticket, came });
    let copies = (pair.near.try_clone(), pair.far.try_clone());
    let (Ok(near), Ok(far)) = copies else { return };
    shared.open().extend([near, far]);
    drop((pair.near.set_nodelay(true), pair.far.set_nodelay(true)));
    let (here, there) = (Arc::clone(shared), Arc::clone(&pair));
    std::thread::spawn(move || up(&here, &there));
    let here = Arc::clone(shared);
    std::thread::spawn(move || down(&here, &pair));
}

/// One connection.
struct Pair {
    near: TcpStream,
    far: TcpStream,
    ticket: Mutex<Ticket>,
    came: Condvar,
}

/// Where the ticket is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ticket {
    /// Nobody waits for one.
    NotDue,
    /// The greeting is over, and it comes now.
    Due,
    /// So many bytes of it came, and are not counted yet.
    Came(u64),
}

impl Pair {
    fn ticket(&self) -> MutexGuard<'_, Ticket> {
        self.ticket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut(&self) {
        drop((self.near.shutdown(Shutdown::Both), self.far.shutdown(Shutdown::Both)));
        self.no_ticket();
    }

    /// None comes any more.
    fn no_ticket(&self) {
        let mut ticket = self.ticket();
        if *ticket == Ticket::Due {
            *ticket = Ticket::NotDue;
        }
        self.came.notify_all();
    }
}

/// Lets bytes pass to the target until one side is done or the link is cut.
fn up(shared: &Shared, pair: &Pair) {
    let (mut buffer, mut greeting) = (vec![0; CHUNK], Greeting::default());
    loop {
        let read = (&pair.near).read(&mut buffer).unwrap_or(0);
        let (mut bytes, mut passed) = (&buffer[..read], read > 0);
        while passed && !bytes.is_empty() {
            let (first, ends) = greeting.hears(bytes);
            if ends && shared.tickets {
                *pair.ticket() = Ticket::Due;
            }
            let arrived = shared.clock().sends(Way::Up, first as u64);
            let arrived = usize::try_from(arrived).unwrap_or(first);
            passed = (&pair.far).write_all(&bytes[..arrived]).is_ok() && arrived == first;
            bytes = &bytes[first..];
            let due = pair.came.wait_while(pair.ticket(), |ticket| passed && *ticket == Ticket::Due);
            drop(due);
        }
        if read == 0 {
            drop(pair.far.shutdown(Shutdown::Write));
            return;
        }
        if !passed {
            return pair.cut();
        }
    }
}

/// Lets bytes pass from the target until one side is done or the link is cut.
fn down(shared: &Shared, pair: &Pair) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = (&pair.far).read(&mut buffer).unwrap_or(0);
        if read == 0 {
            drop(pair.near.shutdown(Shutdown::Write));
            return pair.no_ticket();
        }
        let earlier = match &mut *pair.ticket() {
            Ticket::NotDue => Some(0),
            ticket @ Ticket::Due => {
                *ticket = Ticket::Came(read as u64);
                pair.came.notify_all();
                None
            }
            Ticket::Came(bytes) => Some(std::mem::take(bytes)),
        };
        let arrived = earlier.map_or(read, |earlier| {
            let arrived = shared.clock().sends(Way::Down, earlier + read as u64);
            usize::try_from(arrived.saturating_sub(earlier)).unwrap_or(read)
        });
        if (&pair.near).write_all(&buffer[..arrived]).is_err() || arrived < read {
            return pair.cut();
        }
    }
}

/// Knows in what the one who connects sends where the greeting of TLS ends: with its first encrypted record.
#[derive(Default)]
struct Greeting {
    over: bool,
    /// Bytes of the present record that are still to come, whether it is encrypted, and a head that is not whole.
    rest: usize,
    encrypted: bool,
    head: Vec<u8>,
}

impl Greeting {
    /// How many of these bytes belong together, and whether the greeting ends with them.
    fn hears(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut seen = 0;
        while !self.over && seen < bytes.len() {
            if self.rest == 0 {
                self.head.push(bytes[seen]);
                seen += 1;
                if self.head[0] != GREETING && self.head[0] != CHANGE && self.head[0] != ENCRYPTED {
                    // This is no TLS.
                    self.over = true;
                    break;
                }
                if let [kind, _, _, high, low] = self.head[..] {
                    self.encrypted = kind == ENCRYPTED;
                    self.rest = usize::from(u16::from_be_bytes([high, low]));
                    self.head.clear();
                }
                continue;
            }
            let some = self.rest.min(bytes.len() - seen);
            self.rest -= some;
            seen += some;
            if self.rest == 0 && self.encrypted {
                self.over = true;
                return (seen, true);
            }
        }
        (bytes.len(), false)
    }
}
