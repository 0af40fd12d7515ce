//! Opening a session for other tablets.

use super::conversation::{Conversation, Happened, Word};
use super::error::LocalError;
use super::hold::{Hold, say_why};
use super::invitation::{ADDRESSES_MAX, Invitation};
use super::link::Link;
use super::lobby::{Event, HostReport, Lobby, Over};
use super::talk::Outgoing;
use super::tls;
use super::visit::Visit;
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;
use rustls::ServerConfig;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The bounds of a session.
#[derive(Debug, Clone, Copy)]
pub struct HostOptions {
    /// It ends after so long in which nobody came and nothing passed.
    pub idle: Duration,
    /// It ends after so long in any case.
    pub total: Duration,
    /// How long a stranger has to show who it is.
    pub first: Duration,
    /// How long a guest may be silent.
    pub patience: Duration,
    /// Most guests at one time.
    pub guests: usize,
}

impl Default for HostOptions {
    fn default() -> Self {
        Self {
            idle: Duration::from_mins(15),
            total: Duration::from_hours(4),
            first: Duration::from_secs(20),
            patience: Duration::from_mins(1),
            guests: 8,
        }
    }
}

/// A session of this tablet: others join it by its invitation. The tablet can be used meanwhile; it is locked for a
/// moment at a time. Dropping it ends the session.
pub struct Host {
    lobby: Arc<Lobby>,
    invitation: Invitation,
    address: SocketAddr,
    threads: Vec<JoinHandle<()>>,
}

impl Host {
    /// Opens a session at an address of this machine; with port 0 at a free port. At `0.0.0.0` or `[::]` it is open in
    /// every network, and the invitation names the addresses that this machine has there.
    ///
    /// # Errors
    /// [`LocalError::NoNetwork`], or [`LocalError::Tablet`] if the tablet is not enrolled.
    pub fn open<S, R>(tablet: Arc<Mutex<Tablet<S, R>>>, address: SocketAddr) -> Result<Self, LocalError>
    where
        S: Store + Send + 'static,
        R: CryptoRng + Send + 'static,
    {
        Self::open_with(tablet, address, HostOptions::default())
    }

    /// Opens a session with other bounds.
    ///
    /// # Errors
    /// As [`Host::open`].
    pub fn open_with<S, R>(
        mut tablet: Arc<Mutex<Tablet<S, R>>>,
        address: SocketAddr,
        options: HostOptions,
    ) -> Result<Self, LocalError>
    where
        S: Store + Send + 'static,
        R: CryptoRng + Send + 'static,
    {
        let key = tablet.with(|tablet| tablet.own_key())?;
        let config = Arc::new(tls::host(&key).map_err(LocalError::of_tls)?);
        let no_network = |error: std::io::Error| LocalError::NoNetwork(error.to_string());
        let listener = TcpListener::bind(address).map_err(no_network)?;
        let address = listener.local_addr().map_err(no_network)?;
        let invitation = Invitation::new(tls::pin_of(&key.public()), advertised(address)?)
            .ok_or_else(|| LocalError::NoNetwork("this machine has no address".to_owned()))?;
        let lobby = Arc::new(Lobby::new(options));
        let keeper = {
            let lobby = Arc::clone(&lobby);
            thread::spawn(move || {
                lobby.until_over();
                wake(address);
                lobby.empty();
            })
        };
        let door = {
            let lobby = Arc::clone(&lobby);
            thread::spawn(move || let_in(&listener, &lobby, &tablet, &config))
        };
        Ok(Self { lobby, invitation, address, threads: vec![keeper, door] })
    }

    /// What others join by, for a screen.
    pub fn invitation(&self) -> &Invitation {
        &self.invitation
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What happens, from the first event that was not looked at yet; waits for the next, and ends after
    /// [`Event::Over`].
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        std::iter::from_fn(|| self.lobby.next_event())
    }

    /// Tells guests who stay that something is new on this tablet, such as an envelope that was sealed meanwhile.
    pub fn refresh(&self) {
        self.lobby.brought();
    }

    /// Lets the session come to its end as [`Host::end`] does, without waiting for it: [`Event::Over`] tells when it is
    /// there.
    pub fn stop(&self) {
        self.lobby.end(Over::Ended);
    }

    /// Ends the session: who waits is told, who is in the middle of something has a few seconds to finish.
    pub fn end(mut self) -> HostReport {
        self.finish();
        self.lobby.report()
    }

    fn finish(&mut self) {
        self.lobby.end(Over::Ended);
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing more to do either.
            thread.join().ok();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.finish();
    }
}

/// The addresses that others may reach this one at.
fn advertised(address: SocketAddr) -> Result<Vec<SocketAddr>, LocalError> {
    if !address.ip().is_unspecified() {
        return Ok(vec![address]);
    }
    let found = if_addrs::get_if_addrs().map_err(|error| LocalError::NoNetwork(error.to_string()))?;
    let mut found: Vec<IpAddr> = found
        .into_iter()
        .filter(|one| !one.is_loopback() && !one.is_link_local())
        .map(|one| one.ip())
        .collect();
    found.retain(|ip| ip.is_ipv4() || address.is_ipv6());
    // Hotspots and the networks of offices have the older kind.
    found.sort_by_key(|ip| (ip.is_ipv6(), *ip));
    found.truncate(ADDRESSES_MAX);
    Ok(found.into_iter().map(|ip| SocketAddr::new(ip, address.port())).collect())
}

/// Lets the door look up from waiting for the next one.
fn wake(mut address: SocketAddr) {
    if address.ip().is_unspecified() {
        let own = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        address.set_ip(own);
    }
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok();
}

fn let_in<S, R>(
    listener: &TcpListener,
    lobby: &Arc<Lobby>,
    tablet: &Arc<Mutex<Tablet<S, R>>>,
    config: &Arc<ServerConfig>,
) where
    S: Store + Send + 'static,
    R: CryptoRng + Send + 'static,
{
    let mut failures = 0;
    while !lobby.is_over() {
        let (socket, from) = match listener.accept() {
            Ok(came) => came,
            Err(_) if failures < 100 => {
                // A guest that hung up at once, or no file handle is free: others are about to leave.
                failures += 1;
                thread::sleep(Duration::from_millis(20));
                continue;
            }
            Err(_) => return lobby.end(Over::NoNetwork),
        };
        failures = 0;
        if lobby.is_over() {
            return;
        }
        let Some(seat) = lobby.seat(&socket, from) else { continue };
        let (door, tablet, config) = (Arc::clone(lobby), Arc::clone(tablet), Arc::clone(config));
        let thread = thread::Builder::new().spawn(move || {
            let seated = Seated { lobby: &door, seat };
            let (visit, error) = receive(seated.lobby, seat, tablet, socket, &config);
            seated.lobby.leave(seat, visit, error);
        });
        if thread.is_err() {
            lobby.leave(seat, None, Some(LocalError::Full));
        }
    }
}

/// Gives the seat back whatever becomes of the thread.
struct Seated<'a> {
    lobby: &'a Lobby,
    seat: u64,
}

impl Drop for Seated<'_> {
    fn drop(&mut self) {
        self.lobby.leave(self.seat, None, Some(LocalError::Broken));
    }
}

/// A connection from its first byte to its last.
fn receive<H: Hold>(
    lobby: &Lobby,
    seat: u64,
    mut hold: H,
    socket: TcpStream,
    config: &Arc<ServerConfig>,
) -> (Option<Visit>, Option<LocalError>) {
    let (mut link, mut conversation, known) = match greet(lobby, seat, &mut hold, socket, config) {
        Ok(known) => known,
        Err(error) => return (None, Some(error)),
    };
    let done = serve(lobby, &mut hold, &mut link, &mut conversation, known);
    if let Err(error) = &done {
        say_why(&mut link, &mut conversation, error);
    }
    let visit = conversation.into_visit().map(|visit| Visit { traffic: link.traffic(), ..visit });
    (visit, done.err())
}

/// Finds out who came. Gives how much was brought before, too.
fn greet<H: Hold>(
    lobby: &Lobby,
    seat: u64,
    hold: &mut H,
    socket: TcpStream,
    config: &Arc<ServerConfig>,
) -> Result<(Link, Conversation, u64), LocalError> {
    let (mut link, key) = Link::to_guest(socket, config, lobby.options.first)?;
    let mut conversation = Conversation::host(key);
    let came = link.receive(conversation.limit());
    let met = came.and_then(|frame| hold.with(|tablet| Ok(conversation.take(tablet, frame)))?);
    let known = met.and_then(|happened| match happened {
        Happened::Met(who) => lobby.welcome(seat, &who),
        _ => Err(LocalError::Malformed("no hello".to_owned())),
    });
    match known {
        Ok(known) => {
            conversation.admit();
            Ok((link, conversation, known))
        }
        Err(error) => {
            conversation.turn_away(matches!(error, LocalError::Ended));
            say_why(&mut link, &mut conversation, &error);
            Err(error)
        }
    }
}

/// Answers a guest until it leaves or the session is over.
fn serve<H: Hold>(
    lobby: &Lobby,
    hold: &mut H,
    link: &mut Link,
    conversation: &mut Conversation,
    mut known: u64,
) -> Result<(), LocalError> {
    let Some(who) = conversation.visit().map(|visit| visit.who.clone()) else { return Ok(()) };
    loop {
        while let Some(Outgoing { frame, progress }) = conversation.next_frame() {
            link.send(&frame)?;
            progress.into_iter().for_each(|progress| lobby.moved(&who, progress));
        }
        link.set_patience(lobby.options.patience);
        if conversation.is_over() {
            return Ok(());
        }
        let frame = link.receive(conversation.limit())?;
        match hold.with(|tablet| Ok(conversation.take(tablet, frame)))?? {
            Happened::Moved(progress) => lobby.moved(&who, progress),
            Happened::Heard { new, progress } => {
                progress.into_iter().for_each(|progress| lobby.moved(&who, progress));
                if new > 0 {
                    lobby.brought();
                    known += 1;
                }
            }
            Happened::Asked => {
                let word = match lobby.await_news(known) {
                    Some(true) => Word::News,
                    Some(false) => Word::Still,
                    None => Word::End,
                };
                if word == Word::News {
                    known = lobby.news();
                }
                hold.with(|tablet| Ok(conversation.tell(tablet, word)))??;
            }
            Happened::Nothing | Happened::Met(_) | Happened::Over => {}
        }
    }
}
