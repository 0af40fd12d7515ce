//! A mail server and a gateway that really listen, and misbehave as they are told.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a server does with one connection that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// Greets with 421 and goes.
    Busy,
    /// Answers the recipient with this code.
    Recipient(u16),
    /// Answers the sign-in with 535.
    SignIn,
    /// Takes the whole mail, keeps it, and cuts the line before it says so.
    CutAfterData,
    /// Cuts the line in the middle of the mail, and keeps nothing.
    CutInData,
    /// Says that it can no STARTTLS.
    NoTls,
}

/// A mail as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom, as the envelope said.
    pub to: String,
    /// Head and body as they came.
    pub text: String,
}

impl Mail {
    /// The value of a header, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
        let start = format!("{name}: ");
        head.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
    }
}

/// A listener with a thread per connection; it ends when dropped, and then nobody answers on its port.
struct Listening {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    fn at(port: u16, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let serve = Arc::new(serve);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if asked.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), serve) = (stream, Arc::clone(&serve)) else { continue };
                stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time-out");
                std::thread::spawn(move || serve(stream));
            }
        });
        Self { address, stop, thread: Some(thread) }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// A mail server on 127.0.0.1.
pub struct MailServer {
    listening: Listening,
    inbox: Arc<Mutex<Vec<Mail>>>,
    plan: Arc<Mutex<VecDeque<Mischief>>>,
}

impl MailServer {
    /// One on a free port, without TLS.
    ///
    /// # Panics
    /// If there is no free port.
    pub fn start() -> Self {
        Self::at(0, None)
    }

    /// One with STARTTLS, which takes mail under TLS alone, with the certificate of `homphieu tls init` in a folder.
    ///
    /// # Panics
    /// If there is none.
    pub fn with_tls(folder: &Path) -> Self {
        let file = std::fs::read(folder.join("tls/server.pem")).expect("a certificate");
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&file).map(|one| one.expect("PEM")).collect();
        let key = PrivateKeyDer::from_pem_slice(&file).expect("a key");
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let config = builder.with_no_client_auth().with_single_cert(chain, key).expect("a certificate");
        Self::at(0, Some(Arc::new(config)))
    }

    /// One on this port, as one that comes back.
    ///
    /// # Panics
    /// If it is taken.
    pub fn at(port: u16, tls: Option<Arc<ServerConfig>>) -> Self {
        let (inbox, plan) = (Arc::<Mutex<Vec<Mail>>>::default(), Arc::<Mutex<VecDeque<Mischief>>>::default());
        let (kept, planned) = (Arc::clone(&inbox), Arc::clone(&plan));
        let listening = Listening::at(port, move |stream| {
            let mischief = planned.lock().expect("no holder panics").pop_front();
            // A client that goes away is no matter of the server.
            drop(speak(&stream, mischief, tls.as_ref(), &kept));
        });
        Self { listening, inbox, plan }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.listening.address.port()
    }

    /// What it does with the next connections, one each; after them everything is as it should be.
    ///
    /// # Panics
    /// Never; nobody panics with the plan.
    pub fn plan(&self, mischief: &[Mischief]) {
        self.plan.lock().expect("no holder panics").extend(mischief);
    }

    /// What arrived so far.
    ///
    /// # Panics
    /// Never; nobody panics with the inbox.
    pub fn inbox(&self) -> Vec<Mail> {
        self.inbox.lock().expect("no holder panics").clone()
    }
}

trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

/// One conversation (RFC 5321), in clear until STARTTLS.
fn speak(
    stream: &TcpStream,
    mischief: Option<Mischief>,
    tls: Option<&Arc<ServerConfig>>,
    inbox: &Mutex<Vec<Mail>>,
) -> std::io::Result<()> {
    let mut line: BufReader<Box<dyn Line>> = BufReader::new(Box::new(stream.try_clone()?));
    let say = |line: &mut BufReader<Box<dyn Line>>, text: &str| {
        line.get_mut().write_all(format!("{text}\r\n").as_bytes())
    };
    if mischief == Some(Mischief::Busy) {
        return say(&mut line, "421 too busy");
    }
    say(&mut line, "220 test ESMTP")?;
    let (mut to, mut secure) = (String::new(), false);
    loop {
        let mut command = String::new();
        if line.read_line(&mut command)? == 0 {
            return Ok(());
        }
        let word = command.split_whitespace().next().unwrap_or_default().to_uppercase();
        match word.as_str() {
            "EHLO" if tls.is_some() && !secure && mischief != Some(Mischief::NoTls) => {
                say(&mut line, "250-test\r\n250 STARTTLS")?;
            }
            "EHLO" => say(&mut line, "250-test\r\n250 AUTH PLAIN LOGIN")?,
            "STARTTLS" => {
                say(&mut line, "220 go ahead")?;
                let config = Arc::clone(tls.expect("TLS was offered"));
                let session = ServerConnection::new(config).map_err(std::io::Error::other)?;
                line = BufReader::new(Box::new(StreamOwned::new(session, stream.try_clone()?)));
                secure = true;
            }
            "AUTH" if mischief == Some(Mischief::SignIn) => {
                say(&mut line, "535 5.7.8 no such user or password")?;
            }
            "AUTH" => say(&mut line, "235 welcome")?,
            "MAIL" if tls.is_some() && !secure => say(&mut line, "530 5.7.0 STARTTLS first")?,
            "MAIL" => say(&mut line, "250 ok")?,
            "RCPT" => {
                command.trim_end().clone_into(&mut to);
                match mischief {
                    Some(Mischief::Recipient(code)) => say(&mut line, &format!("{code} not this one"))?,
                    _ => say(&mut line, "250 ok")?,
                }
            }
            "DATA" => {
                say(&mut line, "354 go ahead")?;
                let mut text = String::new();
                loop {
                    let mut one = String::new();
                    if line.read_line(&mut one)? == 0 || mischief == Some(Mischief::CutInData) {
                        return stream.shutdown(std::net::Shutdown::Both);
                    }
                    if one == ".\r\n" {
                        break;
                    }
                    text.push_str(one.strip_prefix('.').unwrap_or(&one));
                }
                let address = to.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                inbox.lock().expect("no holder panics").push(Mail { to: address, text });
                if mischief == Some(Mischief::CutAfterData) {
                    return stream.shutdown(std::net::Shutdown::Both);
                }
                say(&mut line, "250 taken")?;
            }
            "QUIT" => return say(&mut line, "221 bye"),
            _ => say(&mut line, "250 ok")?,
        }
    }
}

/// A request as a gateway got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Lines of the head.
    pub head: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Posted {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// A gateway on 127.0.0.1. It answers with the planned statuses, then with 202; 0 cuts the line.
pub struct GatewayServer {
    listening: Listening,
    got: Arc<Mutex<Vec<Posted>>>,
    plan: Arc<Mutex<VecDeque<u16>>>,
}

impl GatewayServer {
    /// One on a free port.
    ///
    /// # Panics
    /// If there is none.
    pub fn start() -> Self {
        let (got, plan) = (Arc::<Mutex<Vec<Posted>>>::default(), Arc::<Mutex<VecDeque<u16>>>::default());
        let (kept, planned) = (Arc::clone(&got), Arc::clone(&plan));
        let listening = Listening::at(0, move |stream| {
            let status = planned.lock().expect("no holder panics").pop_front().unwrap_or(202);
            drop(answer(&stream, status, &kept));
        });
        Self { listening, got, plan }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}/gui", self.listening.address)
    }

    /// What it answers next.
    ///
    /// # Panics
    /// Never; nobody panics with the plan.
    pub fn plan(&self, statuses: &[u16]) {
        self.plan.lock().expect("no holder panics").extend(statuses);
    }

    /// What it got so far.
    ///
    /// # Panics
    /// Never; nobody panics with the list.
    pub fn got(&self) -> Vec<Posted> {
        self.got.lock().expect("no holder panics").clone()
    }
}

fn answer(stream: &TcpStream, status: u16, got: &Mutex<Vec<Posted>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push(line.trim_end().to_owned());
    }
    if head.is_empty() {
        return Ok(());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    got.lock().expect("no holder panics").push(Posted { head, body });
    if status == 0 {
        return stream.shutdown(std::net::Shutdown::Both);
    }
    let location =
        if (300..400).contains(&status) { "location: http://127.0.0.1:9/elsewhere\r\n" } else { "" };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status} x\r\n{location}content-length: 0\r\nconnection: close\r\n\r\n")
}
