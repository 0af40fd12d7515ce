//! One connection between two tablets: frames over TLS over TCP, each with a time by which it must be through.

use super::error::LocalError;
use super::frame::{Frame, FrameError, read_body, read_length, write_frame};
use super::tls::key_of;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use sync_core::cbor;
use sync_core::cose::PublicKey;

/// Slowest link that is waited for, in bytes a second.
const SLOWEST: usize = 1024;
/// How long parting takes at most, and how many bytes that nobody wants are taken meanwhile.
const PARTING: Duration = Duration::from_secs(1);
const UNHEARD_MAX: u64 = 4 * 1024 * 1024;

/// Bytes that passed over a link, without what TLS and TCP add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Sent.
    pub sent: u64,
    /// Received.
    pub received: u64,
}

pub(super) struct Link {
    tls: Tls,
    /// How long the other side may be silent.
    patience: Duration,
    traffic: Traffic,
}

enum Tls {
    Guest(StreamOwned<ClientConnection, Timed>),
    Host(StreamOwned<ServerConnection, Timed>),
}

impl Link {
    /// Greets the host under TLS. Who it is was decided when this returns.
    pub(super) fn to_host(
        socket: TcpStream,
        config: ClientConfig,
        patience: Duration,
    ) -> Result<Self, LocalError> {
        let name = socket.peer_addr().map_err(|error| LocalError::of_io(&error))?.ip().into();
        let mut socket = Timed::new(socket, patience)?;
        let mut connection = ClientConnection::new(Arc::new(config), name).map_err(LocalError::of_tls)?;
        connection.complete_io(&mut socket).map_err(|error| LocalError::of_io(&error))?;
        let tls = Tls::Guest(StreamOwned::new(connection, socket));
        Ok(Self { tls, patience, traffic: Traffic::default() })
    }

    /// Greets a guest under TLS, and tells its key. It has `first` for that and for its hello.
    pub(super) fn to_guest(
        socket: TcpStream,
        config: &Arc<ServerConfig>,
        first: Duration,
    ) -> Result<(Self, PublicKey), LocalError> {
        let mut socket = Timed::new(socket, first)?;
        let mut connection = ServerConnection::new(Arc::clone(config)).map_err(LocalError::of_tls)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut socket).map_err(|error| LocalError::of_io(&error))?;
        }
        let key = key_of(connection.peer_certificates()).ok_or(LocalError::Stranger)?;
        let tls = Tls::Host(StreamOwned::new(connection, socket));
        Ok((Self { tls, patience: first, traffic: Traffic::default() }, key))
    }

    /// The key of the host, as TLS saw it.
    pub(super) fn host_key(&self) -> Option<PublicKey> {
        match &self.tls {
            Tls::Guest(stream) => key_of(stream.conn.peer_certificates()),
            Tls::Host(_) => None,
        }
    }

    /// From now on so long.
    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    pub(super) fn traffic(&self) -> Traffic {
        self.traffic
    }

    pub(super) fn send(&mut self, frame: &Frame) -> Result<(), LocalError> {
        let bytes = cbor::encode(frame);
        let end = self.deadline(bytes.len());
        self.socket().until(end);
        write_frame(&mut self.tls, &bytes).map_err(|error| LocalError::of_io(&error))?;
        self.traffic.sent += bytes.len() as u64 + 4;
        Ok(())
    }

    /// The next frame. However slowly its bytes come, it must be whole in time.
    pub(super) fn receive(&mut self, limit: usize) -> Result<Frame, LocalError> {
        let end = self.deadline(0);
        self.socket().until(end);
        let length = read_length(&mut self.tls, limit).map_err(LocalError::of_frame)?;
        let end = self.deadline(length);
        self.socket().until(end);
        let frame = read_body(&mut self.tls, length).map_err(LocalError::of_frame)?;
        self.traffic.received += length as u64 + 4;
        Ok(frame)
    }

    fn deadline(&self, bytes: usize) -> Instant {
        Instant::now() + self.patience + Duration::from_secs((bytes / SLOWEST) as u64)
    }

    fn socket(&mut self) -> &mut Timed {
        match &mut self.tls {
            Tls::Guest(stream) => &mut stream.sock,
            Tls::Host(stream) => &mut stream.sock,
        }
    }
}

impl Link {
    /// Says that nothing more comes, and hears for a moment what the other side was about to say: a socket that is
    /// closed over unread bytes throws away its last words as well.
    pub(super) fn hang_up(&mut self) {
        self.say_goodbye();
        let socket = self.socket();
        if socket.socket.shutdown(Shutdown::Write).is_ok() {
            io::copy(&mut socket.take(UNHEARD_MAX), &mut io::sink()).ok();
        }
    }

    fn say_goodbye(&mut self) {
        self.socket().until(Instant::now() + PARTING);
        match &mut self.tls {
            Tls::Guest(stream) => stream.conn.send_close_notify(),
            Tls::Host(stream) => stream.conn.send_close_notify(),
        }
        self.tls.flush().ok();
    }
}

impl Drop for Link {
    /// Says that nothing more comes, so that the other side need not guess whether the link was cut.
    fn drop(&mut self) {
        self.say_goodbye();
    }
}

impl Read for Tls {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Guest(stream) => stream.read(buffer),
            Self::Host(stream) => stream.read(buffer),
        }
    }
}

impl Write for Tls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Guest(stream) => stream.write(bytes),
            Self::Host(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Guest(stream) => stream.flush(),
            Self::Host(stream) => stream.flush(),
        }
    }
}

/// A socket that is done with at a moment, however it drips.
struct Timed {
    socket: TcpStream,
    end: Instant,
}

impl Timed {
    fn new(socket: TcpStream, first: Duration) -> Result<Self, LocalError> {
        socket.set_nodelay(true).map_err(|error| LocalError::of_io(&error))?;
        Ok(Self { socket, end: Instant::now() + first })
    }

    fn until(&mut self, end: Instant) {
        self.end = end;
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        match self.end.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(Some(left)),
        }
    }
}

/// Systems name it differently when a socket's time is over.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(self.left()?)?;
        self.socket.read(buffer).map_err(timed_out)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        self.socket.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl LocalError {
    fn of_frame(error: FrameError) -> Self {
        match error {
            FrameError::Io(error) => Self::of_io(&error),
            FrameError::Format(error) => Self::Malformed(error.to_string()),
        }
    }
}
