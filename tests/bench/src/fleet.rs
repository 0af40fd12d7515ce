//! `fleet`: 500 tablets come back within a minute, each with ballots, each over a connection of its own.

use super::Result;
use super::engine::Engine;
use super::round::{Device, Round};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const UNITS: usize = 100;
const DEVICES: usize = 5;
const BALLOTS: usize = 40;

/// What the fleet saw, and what it cost.
pub struct Figures {
    peer: &'static str,
    window: Duration,
    /// Time to the receipt of each tablet in milliseconds, ascending.
    receipts: Vec<f64>,
    cpu_ms: f64,
    peak_rss: u64,
    stored: bool,
}

/// Tablets come at random moments of the window; each delivers one envelope and waits for its receipt.
pub fn run(engine: &Engine, window: Duration) -> Result<Figures> {
    let round = Round::new(engine, UNITS)?;
    let mut devices = round.devices(UNITS, DEVICES)?;
    for device in &mut devices {
        device.record(BALLOTS, true)?;
    }
    let server = round.serve()?;
    let cpu = round.cpu_ms(&server)?;
    let (begun, done) = (Instant::now(), Mutex::new(Vec::with_capacity(devices.len())));
    let visit = |device: &Device| -> Result<f64> {
        let [a, b]: [u8; 2] = homphieu_server::service::random();
        let moment = f64::from(u16::from_be_bytes([a, b])) / f64::from(u16::MAX);
        let body = device.request(&device.envelopes.iter().collect::<Vec<_>>(), Some(Vec::new()));
        std::thread::sleep(window.mul_f64(moment).saturating_sub(begun.elapsed()));
        let came = Instant::now();
        let ((_, receipt), _) = device.sync(&server.address, &body)?;
        let took = came.elapsed().as_secs_f64() * 1e3;
        if receipt { Ok(took) } else { Err("no receipt".into()) }
    };
    std::thread::scope(|scope| {
        for device in &devices {
            let (visit, done) = (&visit, &done);
            scope.spawn(move || done.lock().expect("no holder of this lock panics").push(visit(device)));
        }
    });
    let receipts = done.into_inner().expect("no holder of this lock panics");
    let mut receipts = receipts.into_iter().collect::<Result<Vec<f64>>>()?;
    receipts.sort_by(f64::total_cmp);
    let (cpu_ms, peak_rss) = (round.cpu_ms(&server)? - cpu, server.peak_rss()?);
    server.kill()?;
    Ok(Figures {
        peer: engine.peer(),
        window,
        receipts,
        cpu_ms,
        peak_rss,
        stored: round.stored()?.len() == UNITS * DEVICES,
    })
}

impl Figures {
    /// As a few lines for people.
    pub fn print(&self) {
        let at = |percent: usize| {
            self.receipts.get(self.receipts.len() * percent / 100).copied().unwrap_or(f64::NAN)
        };
        println!(
            "\nfleet, {}: {} tablets within {} s, one envelope each",
            self.peer,
            self.receipts.len(),
            self.window.as_secs()
        );
        println!(
            "to the receipt: p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms; server CPU {:.2} ms an envelope, peak {:.1} MiB{}",
            at(50),
            at(99),
            self.receipts.last().copied().unwrap_or(f64::NAN),
            self.cpu_ms / super::report::float(self.receipts.len() as u64),
            super::report::mebi(self.peak_rss),
            if self.stored { "" } else { "; NOT ALL WERE STORED" }
        );
    }
}
