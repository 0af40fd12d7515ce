//! `district`: 69 units × 3 devices × 40 ballots, one closing envelope a device.

use super::Result;
use super::process::{disk, own_cpu_ms};
use super::report::Line;
use super::round::{Device, Round};
use super::wire;
use std::time::Instant;

const UNITS: usize = 69;
const DEVICES: usize = 3;
const BALLOTS: usize = 40;

/// One run: every device delivers (until then `t_durable`), then fetches what the others of its unit sealed (`t_all`).
pub fn run() -> Result<Line> {
    let round = Round::new(UNITS)?;
    let mut devices = round.devices(UNITS, DEVICES)?;
    let recording = Instant::now();
    for device in &mut devices {
        device.record(BALLOTS, true)?;
    }
    let record_ms = recording.elapsed().as_secs_f64() * 1e3;
    let pushes: Vec<(&Device, Vec<u8>)> = devices
        .iter()
        .map(|device| (device, device.request(&device.envelopes.iter().collect::<Vec<_>>(), None)))
        .collect();
    let pulls: Vec<(&Device, Vec<u8>)> = devices
        .iter()
        .map(|device| {
            let own = device.envelopes.iter().map(|envelope| envelope.envelope_id()).collect();
            (device, device.request(&[], Some(own)))
        })
        .collect();
    let server = round.serve()?;
    let (cpu, own_cpu, begun) = (server.cpu_ms()?, own_cpu_ms(), Instant::now());
    let send = |(device, body): (&Device, Vec<u8>)| device.sync(&server.address, &body);
    let (pushed, up) = wire::all(pushes, send)?;
    let t_durable = begun.elapsed().as_secs_f64() * 1e3;
    let push_cpu = server.cpu_ms()? - cpu;
    let (pulled, down) = wire::all(pulls, send)?;
    let t_all = begun.elapsed().as_secs_f64() * 1e3;
    let mut line = Line::new("homphieu", "district");
    line.record_ms = record_ms;
    line.t_durable = t_durable;
    line.t_all = t_all;
    line.srv_cpu_ms = server.cpu_ms()? - cpu;
    line.srv_push_cpu_ms = push_cpu;
    line.cli_cpu_ms = own_cpu_ms() - own_cpu;
    line.srv_peak_rss = server.peak_rss()?;
    line.srv_start_rss = server.start_rss();
    line.up = up.up + down.up;
    line.push_up = up.up;
    line.down = up.down + down.down;
    line.conns = up.requests + down.requests;
    line.payload = (devices.len() * BALLOTS * super::round::BALLOT) as u64;
    (line.disk, line.disk_blocks, line.disk_files) = disk(&round.folder())?;
    server.kill()?;
    let mut recorded: Vec<_> =
        devices.iter().flat_map(|device| &device.envelopes).map(|envelope| envelope.envelope_id()).collect();
    recorded.sort_unstable();
    let every_answer =
        pushed.iter().all(|(_, receipt)| *receipt) && pulled.iter().all(|(others, _)| *others == DEVICES - 1);
    line.verified = every_answer && round.stored()? == recorded;
    Ok(line)
}
