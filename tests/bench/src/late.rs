//! `late`: a unit of 3 × 1000 ballots is settled and everybody gone; one device records one ballot more and connects.

use super::Result;
use super::engine::Engine;
use super::process::own_cpu_ms;
use super::report::{Late, Line};
use super::round::Round;
use std::time::Instant;

/// One run.
pub fn run(engine: &Engine) -> Result<Line> {
    let round = Round::new(engine, 1)?;
    let mut devices = round.devices(1, 3)?;
    let server = round.serve()?;
    let mut settled = Vec::new();
    for device in &mut devices {
        device.record(1_000, false)?;
        let body = device.request(&device.envelopes.iter().collect::<Vec<_>>(), None);
        device.sync(&server.address, &body)?;
        settled.push(device.envelopes[0].envelope_id());
    }
    let device = &mut devices[0];
    let recording = Instant::now();
    device.record(1, true)?;
    let mut line = Line::new(engine.peer(), "late");
    line.record_ms = recording.elapsed().as_secs_f64() * 1e3;
    let newest = device.envelopes[1].clone();
    settled.push(newest.envelope_id());
    settled.sort_unstable();
    let body = device.request(&[&newest], Some(settled.clone()));
    let (cpu, own_cpu, begun) = (round.cpu_ms(&server)?, own_cpu_ms(), Instant::now());
    let ((others, receipt), traffic) = device.sync(&server.address, &body)?;
    let t_durable = begun.elapsed().as_secs_f64() * 1e3;
    line.late = Some(Late {
        t_durable,
        srv_cpu_ms: round.cpu_ms(&server)? - cpu,
        cli_cpu_ms: own_cpu_ms() - own_cpu,
        up: traffic.up,
        down: traffic.down,
        round_trips: traffic.requests,
    });
    line.t_durable = t_durable;
    line.t_all = t_durable;
    line.srv_peak_rss = server.peak_rss()?;
    line.srv_start_rss = server.start_rss();
    line.up = traffic.up;
    line.down = traffic.down;
    line.conns = traffic.requests;
    (line.disk, line.disk_blocks, line.disk_files) = round.disk()?;
    server.kill()?;
    line.verified = receipt && others == 0 && round.stored()? == settled;
    Ok(line)
}
