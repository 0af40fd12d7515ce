//! Somebody who means ill, or a browser gone wild, keeps no tablet out; and an end that is asked for keeps what was
//! promised.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::{Http, Transport, TransportError};
use homphieu_server::http::{Limits, raise_open_files};
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, succeed};
use rustix::process::{Signal, kill_process};
use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use sync_core::id::EnvelopeId;

/// Connections that do nothing.
const IDLE: usize = 10_000;
/// Connections that send a byte now and then.
const SLOW: usize = 200;
/// Time between two of their bytes.
const PAUSE: Duration = Duration::from_millis(20);

fn connect(address: &str) -> TcpStream {
    TcpStream::connect(address.split_once("://").unwrap().1).unwrap()
}

/// Whether the other side has not closed it.
fn is_open(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    match stream.read(&mut [0; 64]) {
        Err(error) => error.kind() == ErrorKind::WouldBlock,
        Ok(count) => count > 0,
    }
}

/// Sends heads and bodies a byte at a time, for as long as it is let, on connections that are opened anew when closed.
fn drip(address: &str, over: &Receiver<()>) {
    let head = b"POST /api/v1/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/cbor\r\n";
    let body = [head.as_slice(), b"content-length: 250000\r\n\r\n"].concat();
    let open = |n: usize| {
        let mut stream = connect(address);
        // Every other one is a head without end, the others a body that hardly comes.
        let begin = if n.is_multiple_of(2) { &head[..] } else { &body[..] };
        drop(stream.write_all(begin));
        stream
    };
    let mut slow: Vec<TcpStream> = (0..SLOW).map(open).collect();
    // Slow is what they are; the end of it comes at once.
    while over.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        for (n, stream) in slow.iter_mut().enumerate() {
            if stream.write_all(b"x").is_err() {
                *stream = open(n);
            }
        }
    }
}

/// A tablet enrols, casts and syncs while everything is full of others.
fn works_in_a_flood(tls: bool) {
    // Both sides of every connection are in this process's and the server's list of files.
    let idle = IDLE.min(usize::try_from(raise_open_files()).unwrap() - 2 * SLOW - 200);
    let office = Office::new();
    if tls {
        succeed(&office.folder(), &["tls", "init", "--address", "127.0.0.1"], "");
    }
    let server = Server::start(&office.folder());
    let (over, is_over) = channel();
    let address = server.address.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || drip(&address, &is_over));
        let crowd: Vec<TcpStream> = (0..idle).map(|_| connect(&server.address)).collect();
        let token = office.token(&["A"], &server.address);
        let store = FileStore::open(&office.home().join("tablet")).unwrap();
        let mut tablet = Tablet::open(store).unwrap();
        let http = Http::for_token(&token).unwrap();
        tablet.enrol(&token, &http).unwrap();
        let paper = sync_core::fingerprint::groups(&tablet.sheet_hash(&unit("A")).unwrap().0);
        tablet.confirm_sheet(&unit("A"), &[(0, &paper[0]), (5, &paper[5])]).unwrap();
        office.cast(&mut tablet, "A", 0..9);
        tablet.close(&unit("A")).unwrap();
        tablet.sync(&http).unwrap();
        assert_eq!(tablet.counts(&unit("A")).confirmed, 9);
        let open = crowd.iter().filter(|stream| is_open(stream)).count();
        drop(over);
        println!("{idle} idle connections and {SLOW} slow senders: {open} of the idle ones are still open");
        assert!(idle >= 5000, "only {idle} connections could be made: the limit of open files is too low");
        assert!(open <= Limits::default().connections_per_address_max, "{open} are still open");
    });
    server.stop();
}

#[test]
fn ten_thousand_idle_connections_and_slow_senders_do_not_stop_a_sync() {
    works_in_a_flood(false);
}

#[test]
fn nor_do_they_under_tls() {
    works_in_a_flood(true);
}

#[test]
fn a_request_that_was_begun_is_answered_after_the_end_was_asked_for() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut begun = connect(&server.address);
    begun
        .write_all(
            b"POST /api/v1/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/cbor\r\ncontent-length: 1000\r\n\
              expect: 100-continue\r\n\r\n",
        )
        .unwrap();
    let mut go_on = [0; 25];
    begun.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"));
    server.signal(Signal::TERM);
    // Until nobody listens any more, the end was not taken notice of.
    while TcpStream::connect(server.address.split_once("://").unwrap().1).is_ok() {}
    begun.write_all(&[0; 1000]).unwrap();
    let mut answer = String::new();
    begun.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("\"code\":\"malformed\""), "{answer}");
    server.wait();
}

/// A network on which the server is asked to end when the n-th request of all tablets together is sent.
struct Ending<'a> {
    http: Http,
    server: &'a Server,
    sent: &'a AtomicUsize,
    at: usize,
}

impl Transport for Ending<'_> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        if self.sent.fetch_add(1, Ordering::SeqCst) == self.at {
            kill_process(self.server.id(), Signal::TERM).unwrap();
        }
        self.http.post(path, body)
    }
}

#[test]
fn asked_to_end_in_the_middle_of_syncs_the_centre_ends_well_and_keeps_every_receipt() {
    const TABLETS: usize = 4;
    let office = Office::new();
    let server = Server::start(&office.folder());
    let tablets: Vec<Mutex<Tablet<FileStore>>> = (0..TABLETS)
        .map(|i| {
            let mut tablet = office.tablet(&format!("tablet-{i}"), &["A"], &server.address);
            office.cast(&mut tablet, "A", i * 3..(i + 1) * 3);
            tablet.close(&unit("A")).unwrap();
            Mutex::new(tablet)
        })
        .collect();
    server.stop();
    let confirmed = |tablet: &Tablet<FileStore>| tablet.replica(&unit("A")).unwrap().confirmed();
    for at in 0..TABLETS + 1 {
        let server = Server::start(&office.folder());
        let sent = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for tablet in &tablets {
                scope.spawn(|| {
                    let http = Http::new(&server.address);
                    let ending = Ending { http, server: &server, sent: &sent, at };
                    // Whether this one came before the end is chance; an error is no loss.
                    drop(tablet.lock().unwrap().sync(&ending));
                });
            }
        });
        if sent.load(Ordering::SeqCst) <= at {
            server.signal(Signal::TERM);
        }
        server.wait();
        let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
        let standing = standings.into_iter().find(|standing| standing.unit == unit("A")).unwrap();
        let held: BTreeSet<EnvelopeId> = standing.facts.envelopes.iter().map(|header| header.id).collect();
        for tablet in &tablets {
            let promised: BTreeSet<EnvelopeId> = confirmed(&tablet.lock().unwrap()).into_iter().collect();
            assert!(promised.is_subset(&held), "a receipt was given for what is not there ({at})");
        }
    }
    let server = Server::start(&office.folder());
    for tablet in &tablets {
        let mut tablet = tablet.lock().unwrap();
        tablet.sync(&Http::new(&server.address)).unwrap();
        assert_eq!(tablet.counts(&unit("A")).confirmed, 3);
    }
}
