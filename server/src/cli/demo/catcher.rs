//! A mail server and a gateway of the demo's own: they really listen, keep what they are given, and pass nothing on.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// How often each message was given, by the number that it carries.
type Kept = Arc<Mutex<BTreeMap<String, usize>>>;

/// What listens, and what it was given.
pub(super) struct Catcher {
    pub address: SocketAddr,
    kept: Kept,
}

impl Catcher {
    /// A mail server on a free port of this machine.
    pub fn mail() -> std::io::Result<Self> {
        Self::listen(take_mail)
    }

    /// A gateway on a free port of this machine.
    pub fn gateway() -> std::io::Result<Self> {
        Self::listen(take_post)
    }

    /// It listens until the program ends; nobody waits for it.
    fn listen(take: fn(&TcpStream, &Kept) -> std::io::Result<()>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let (address, kept) = (listener.local_addr()?, Kept::default());
        let keep = Arc::clone(&kept);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up in the middle tries again.
                let _ = take(&stream, &keep);
            }
        });
        Ok(Self { address, kept })
    }

    /// Different messages.
    pub fn different(&self) -> usize {
        self.kept.lock().expect("no holder panics").len()
    }

    /// Messages that came more than once, under the same number.
    pub fn repeated(&self) -> usize {
        self.kept.lock().expect("no holder panics").values().filter(|times| **times > 1).count()
    }
}

/// Notes a message. Before it is said to be taken: whoever hears so may count at once.
fn note(kept: &Kept, number: String) {
    *kept.lock().expect("no holder panics").entry(number).or_default() += 1;
}

/// One mail (RFC 5321), by its Message-ID.
fn take_mail(stream: &TcpStream, kept: &Kept) -> std::io::Result<()> {
    let (mut lines, mut out) = (BufReader::new(stream), stream);
    let mut number = String::new();
    out.write_all(b"220 demo\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.get(..4).unwrap_or_default().to_uppercase().as_str() {
            "DATA" => {
                out.write_all(b"354 go ahead\r\n")?;
                loop {
                    let mut line = String::new();
                    if lines.read_line(&mut line)? == 0 {
                        return Err(std::io::ErrorKind::UnexpectedEof.into());
                    }
                    if let Some(id) = line.strip_prefix("Message-ID: ") {
                        id.trim().clone_into(&mut number);
                    }
                    if line == ".\r\n" {
                        break;
                    }
                }
                note(kept, number);
                return out.write_all(b"250 taken\r\n");
            }
            _ => out.write_all(b"250 ok\r\n")?,
        }
    }
}

/// One POST, by its `webhook-id`.
fn take_post(stream: &TcpStream, kept: &Kept) -> std::io::Result<()> {
    let (mut lines, mut out) = (BufReader::new(stream), stream);
    let (mut number, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == "\r\n" {
            break;
        }
        match line.trim_end().split_once(": ") {
            Some(("webhook-id", id)) => id.clone_into(&mut number),
            Some(("content-length", text)) => length = text.parse().unwrap_or(0),
            _ => {}
        }
    }
    std::io::copy(&mut lines.take(length), &mut std::io::sink())?;
    note(kept, number);
    out.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}
