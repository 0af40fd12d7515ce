//! A bare HTTP/1.1 client that counts every byte at its socket, and many devices at once.

use super::Result;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;

/// Devices that are under way at the same time.
const AT_ONCE: usize = 32;

/// What travelled.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traffic {
    pub up: u64,
    pub down: u64,
    pub requests: u64,
}

/// Posts a body over a connection of its own; the answer's body and what travelled.
pub fn post(address: &str, path: &str, body: &[u8]) -> Result<(Vec<u8>, Traffic)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/cbor\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let up = (head.len() + body.len()) as u64;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let mut down = reader.read_line(&mut line)?;
    if line.split(' ').nth(1) != Some("200") {
        let mut rest = String::new();
        reader.read_to_string(&mut rest)?;
        return Err(format!("{line}{rest}").into());
    }
    let mut length = 0;
    loop {
        line.clear();
        down += reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer)?;
    Ok((answer, Traffic { up, down: (down + length) as u64, requests: 1 }))
}

/// Does the same for many devices, several at a time; their results in order, and what travelled in all.
pub fn all<T: Send, U: Send>(
    devices: Vec<T>,
    work: impl Fn(T) -> Result<(U, Traffic)> + Sync,
) -> Result<(Vec<U>, Traffic)> {
    let length = devices.len();
    let queue = Mutex::new(devices.into_iter().enumerate());
    let done = Mutex::new(Vec::with_capacity(length));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(length) {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no holder of this lock panics").next();
                    let Some((place, device)) = next else { break };
                    let result = work(device);
                    done.lock().expect("no holder of this lock panics").push((place, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no holder of this lock panics");
    done.sort_by_key(|(place, _)| *place);
    let mut sum = Traffic::default();
    let mut results = Vec::with_capacity(length);
    for (_, result) in done {
        let (result, traffic) = result?;
        results.push(result);
        sum.up += traffic.up;
        sum.down += traffic.down;
        sum.requests += traffic.requests;
    }
    Ok((results, sum))
}
