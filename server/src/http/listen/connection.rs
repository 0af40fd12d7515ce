//! One connection, from its first byte to its last.

use super::seats::SeatId;
use super::stall::Unstalled;
use super::{Hall, Phase, request};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// First byte of a TLS handshake (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;

/// A connection with its seat.
pub(super) struct Connection {
    pub hall: Arc<Hall>,
    pub seat: SeatId,
    pub peer: IpAddr,
    /// Dropped when it is over; who holds one is waited for at the end.
    pub guard: mpsc::Sender<()>,
}

impl Connection {
    /// Looks after it until it ends, is asked to leave, or everything ends. `gone` goes after the socket has closed.
    pub async fn attend(self, stream: TcpStream, leave: oneshot::Receiver<()>, gone: oneshot::Sender<()>) {
        tokio::select! {
            biased;
            _ = leave => {}
            () = self.hall.reached(Phase::Ending) => {}
            () = self.talk(stream) => {}
        }
        self.hall.leave(self.seat);
        drop(gone);
    }

    async fn talk(&self, stream: TcpStream) {
        // Answers are small and waited for. Where that cannot be set they are a little later.
        drop(stream.set_nodelay(true));
        let limits = &self.hall.limits;
        let Some(acceptor) = &self.hall.tls else {
            return self.serve(Unstalled::new(stream, limits.take_pause), true).await;
        };
        let handshake = async {
            let mut first = [0];
            if stream.peek(&mut first).await.ok()? > 0 && first != [HANDSHAKE] {
                return Some(Err(stream));
            }
            acceptor.accept(Unstalled::new(stream, limits.take_pause)).await.ok().map(Ok)
        };
        let shaken = tokio::select! {
            shaken = timeout(limits.handshake, handshake) => shaken,
            () = self.hall.reached(Phase::Finishing) => return,
        };
        match shaken {
            Ok(Some(Ok(stream))) => self.serve(stream, true).await,
            // Somebody forgot the s of https, and is told so.
            Ok(Some(Err(stream))) => self.serve(Unstalled::new(stream, limits.take_pause), false).await,
            Ok(None) | Err(_) => {}
        }
    }

    async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin, safe: bool) {
        let service = service_fn(|asked| async move {
            let answer = if safe { request::answer(self, asked).await } else { request::use_https() };
            Ok::<_, Infallible>(answer)
        });
        let limits = &self.hall.limits;
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_buf_size(limits.head_max)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.hall.reached(Phase::Finishing) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::trace!(%error, "a connection broke off");
        }
    }
}
