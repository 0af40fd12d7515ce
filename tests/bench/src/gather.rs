//! `district` and `hub`: every device of every unit delivers one closing envelope, then fetches what the others sealed.

use super::Result;
use super::engine::Engine;
use super::process::own_cpu_ms;
use super::report::Line;
use super::round::{Device, Round};
use super::wire;
use std::time::Instant;

/// A workload: its name as the peers have it, units, devices a unit, ballots a device.
pub struct Workload {
    name: &'static str,
    units: usize,
    devices: usize,
    ballots: usize,
}

/// 69 units × 3 devices × 40 ballots.
pub const DISTRICT: Workload = Workload { name: "district", units: 69, devices: 3, ballots: 40 };
/// 1 unit × 10 devices × 1000 ballots.
pub const HUB: Workload = Workload { name: "hub", units: 1, devices: 10, ballots: 1_000 };

/// One run: every device delivers (until then `t_durable`), then fetches what the others of its unit sealed (`t_all`).
pub fn run(engine: &Engine, workload: &Workload) -> Result<Line> {
    let round = Round::new(engine, workload.units)?;
    let mut devices = round.devices(workload.units, workload.devices)?;
    let recording = Instant::now();
    for device in &mut devices {
        device.record(workload.ballots, true)?;
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
    let (cpu, own_cpu, begun) = (round.cpu_ms(&server)?, own_cpu_ms(), Instant::now());
    let (pushed, up) =
        wire::all(pushes, |(device, body): (&Device, Vec<u8>)| device.sync(&server.address, &body))?;
    let t_durable = begun.elapsed().as_secs_f64() * 1e3;
    let push_cpu = round.cpu_ms(&server)? - cpu;
    let (pulled, down) =
        wire::all(pulls, |(device, body): (&Device, Vec<u8>)| device.fetch(&server.address, body))?;
    let t_all = begun.elapsed().as_secs_f64() * 1e3;
    let mut line = Line::new(engine.peer(), workload.name);
    line.record_ms = record_ms;
    line.t_durable = t_durable;
    line.t_all = t_all;
    line.srv_cpu_ms = round.cpu_ms(&server)? - cpu;
    line.srv_push_cpu_ms = push_cpu;
    line.cli_cpu_ms = own_cpu_ms() - own_cpu;
    line.srv_peak_rss = server.peak_rss()?;
    line.srv_start_rss = server.start_rss();
    line.up = up.up + down.up;
    line.push_up = up.up;
    line.down = up.down + down.down;
    line.conns = up.requests + down.requests;
    line.payload = (devices.len() * workload.ballots * super::round::BALLOT) as u64;
    (line.disk, line.disk_blocks, line.disk_files) = round.disk()?;
    server.kill()?;
    let mut recorded: Vec<_> =
        devices.iter().flat_map(|device| &device.envelopes).map(|envelope| envelope.envelope_id()).collect();
    recorded.sort_unstable();
    let every_answer = pushed.iter().all(|(_, receipt)| *receipt)
        && pulled.iter().all(|others| *others == workload.devices - 1);
    line.verified = every_answer && round.stored()? == recorded;
    Ok(line)
}
