//! From a socket to a request: connections, TLS, limits, and an end that keeps what was promised.

mod connection;
mod limits;
mod peer;
mod request;
mod seats;
mod stall;
#[cfg(test)]
mod tests;

pub use limits::{Limits, raise_open_files};
pub(super) use peer::counted;
pub use peer::{ClientAddress, Network, Proxies};

use crate::service::Centre;
use crate::tls::{Certificates, TlsError};
use axum::{Extension, Router};
use connection::Connection;
use seats::{SeatId, Seats};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// Pause after the system could not accept a connection for want of something.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Connections that the system keeps until they are accepted. With the usual 128, a district's tablets that return at
/// once wait whole seconds for their first packet to be sent again.
const BACKLOG: u32 = 4096;

/// Listens on an address.
///
/// # Errors
/// [`io::Error`] of the system: the address is taken, or of another machine.
pub fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // After a restart the port may be taken again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// How the centre stands towards the network.
#[derive(Debug, Clone, Default)]
pub struct Front {
    /// Limits.
    pub limits: Limits,
    /// The certificate, if TLS ends here.
    pub tls: Option<Arc<Certificates>>,
    /// The proxies, if TLS ends at one before us.
    pub proxies: Option<Proxies>,
}

/// What is still done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Everything.
    Serving,
    /// What was begun.
    Finishing,
    /// Nothing.
    Ending,
}

/// Known to every request: whether the centre is being closed, for answers that would not end by themselves.
#[derive(Clone)]
pub(in crate::http) struct Closing(watch::Receiver<Phase>);

impl Closing {
    /// Resolves when the centre begins to close.
    pub async fn begun(&self) {
        // Should the other side be gone, everything is over.
        drop(self.0.clone().wait_for(|now| *now >= Phase::Finishing).await);
    }
}

/// Asks a connection to go, and knows when it has gone.
#[derive(Debug)]
struct Door {
    leave: oneshot::Sender<()>,
    left: oneshot::Receiver<()>,
}

impl Door {
    /// Closes the connection; its socket is closed once this is done.
    async fn close(self) {
        drop(self.leave);
        // It ends by being dropped on the other side.
        drop(self.left.await);
    }
}

/// What all connections share.
struct Hall {
    limits: Limits,
    app: Router,
    tls: Option<TlsAcceptor>,
    proxies: Option<Proxies>,
    seats: Mutex<Seats<Door>>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
    phase: watch::Receiver<Phase>,
}

impl Hall {
    fn seats(&self) -> MutexGuard<'_, Seats<Door>> {
        self.seats.lock().expect("no holder of this lock panics")
    }

    /// Resolves when a phase is reached.
    async fn reached(&self, phase: Phase) {
        // Should the other side be gone, everything is over.
        drop(self.phase.clone().wait_for(|now| *now >= phase).await);
    }

    /// Finds a seat for a newcomer and looks after it until it leaves. Who must go for it has gone before.
    async fn admit(self: &Arc<Self>, stream: TcpStream, peer: IpAddr, guard: &mpsc::Sender<()>) {
        let by_proxy = self.proxies.as_ref().is_some_and(|proxies| proxies.include(peer));
        let counted = (!by_proxy).then(|| counted(peer));
        let (leave, asked_to_leave) = oneshot::channel();
        let (gone, left) = oneshot::channel();
        let taken = self.seats().take(counted, Door { leave, left });
        let Ok((seat, makes_room)) = taken else {
            // Without TLS whoever knocks can still be told; under TLS not before a handshake, which is work.
            if self.tls.is_none() {
                drop(stream.try_write(&request::no_seat()));
            }
            return;
        };
        if let Some(door) = makes_room {
            door.close().await;
        }
        let connection = Connection { hall: Arc::clone(self), seat, peer, guard: guard.clone() };
        tokio::spawn(connection.attend(stream, asked_to_leave, gone));
    }

    /// After the system refused a connection: if it is short of files, somebody at rest leaves.
    async fn make_room(&self, error: &io::Error) {
        tracing::debug!(%error, "a connection was not accepted");
        let short = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE, rustix::io::Errno::NOBUFS];
        if !short.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error())) {
            return;
        }
        let door = self.seats().longest_at_rest_leaves();
        if let Some(door) = door {
            door.close().await;
        }
        sleep(ACCEPT_PAUSE).await;
    }

    fn leave(&self, seat: SeatId) {
        drop(self.seats().leave(seat));
    }
}

/// Serves until `stop` resolves, then finishes what it has begun, within its limit, and closes the database.
///
/// # Errors
/// If TLS cannot be set up; a listener never fails for good.
pub async fn serve(
    centre: Centre,
    listener: TcpListener,
    front: Front,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), TlsError> {
    let secure = super::SecureCookies(front.tls.is_some() || front.proxies.is_some());
    let app = super::router(centre.clone()).layer(Extension(secure));
    let finish = front.limits.finish;
    serve_app(app, listener, front, stop).await?;
    if timeout(finish, centre.close()).await.is_err() {
        tracing::warn!("the database did not close in time; what was acknowledged is stored");
    }
    Ok(())
}

async fn serve_app(
    app: Router,
    listener: TcpListener,
    front: Front,
    stop: impl Future<Output = ()>,
) -> Result<(), TlsError> {
    let Front { limits, tls, proxies } = front;
    let acceptor = tls.as_ref().map(Certificates::config).transpose()?.map(TlsAcceptor::from);
    let (phase, phase_now) = watch::channel(Phase::Serving);
    let (guard, mut all_gone) = mpsc::channel(1);
    let hall = Arc::new(Hall {
        app,
        tls: acceptor,
        proxies,
        seats: Mutex::new(Seats::new(limits.connections_max, limits.connections_per_address_max)),
        running: Arc::new(Semaphore::new(limits.running_max)),
        waiting: Arc::new(Semaphore::new(limits.waiting_max)),
        bodies: Arc::new(Semaphore::new(limits.bodies_max)),
        phase: phase_now,
        limits,
    });
    let keeper = tls.map(|certificates| tokio::spawn(certificates.keep_fresh()));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => hall.admit(stream, peer.ip().to_canonical(), &guard).await,
            Err(error) => hall.make_room(&error).await,
        }
    }
    drop(listener);
    drop(guard);
    if let Some(keeper) = keeper {
        keeper.abort();
    }
    phase.send_replace(Phase::Finishing);
    let finish = hall.limits.finish;
    if timeout(finish, all_gone.recv()).await.is_err() {
        tracing::warn!("some requests were not finished in time; nothing of them was acknowledged");
        phase.send_replace(Phase::Ending);
        drop(timeout(finish, all_gone.recv()).await);
    }
    Ok(())
}
