//! Lines for programs and a table for people.

use serde::{Deserialize, Serialize};

/// One run. Times in milliseconds, sizes in bytes; names as in the peers' benchmark.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    pub peer: String,
    pub workload: String,
    pub rtt: f64,
    pub record_ms: f64,
    pub t_durable: f64,
    pub t_all: f64,
    pub srv_cpu_ms: f64,
    /// Of that, until everything was stored.
    pub srv_push_cpu_ms: f64,
    pub cli_cpu_ms: f64,
    pub srv_peak_rss: u64,
    pub srv_start_rss: u64,
    pub up: u64,
    /// Of that, until everything was stored.
    pub push_up: u64,
    pub down: u64,
    /// Ballots × 112 bytes.
    pub payload: u64,
    pub conns: u64,
    pub disk: u64,
    pub disk_blocks: u64,
    pub disk_files: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
    pub verified: bool,
}

/// The part of `late` that counts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Late {
    pub t_durable: f64,
    pub srv_cpu_ms: f64,
    pub cli_cpu_ms: f64,
    pub up: u64,
    pub down: u64,
    pub round_trips: u64,
}

impl Line {
    /// An empty line of a peer and workload.
    pub fn new(peer: &str, workload: &str) -> Self {
        Self { peer: peer.to_owned(), workload: workload.to_owned(), ..Self::default() }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The peers that ran a workload.
fn peers_of<'a>(lines: &'a [Line], workload: &str) -> Vec<&'a str> {
    let mut peers: Vec<&str> =
        lines.iter().filter(|l| l.workload == workload).map(|l| l.peer.as_str()).collect();
    peers.sort_unstable();
    peers.dedup();
    peers
}

/// Median of a field over the runs of a peer and workload.
type Medians<'a> = &'a dyn Fn(&str, &str, fn(&Line) -> f64) -> f64;

/// The table of a workload in which every device delivers and fetches.
fn gathered(lines: &[Line], workload: &str, what: &str, median: Medians<'_>) {
    println!(
        "\n{workload}: {what}, medians; server CPU with that of a database server (-pg), peak without it"
    );
    println!(
        "{:<14} {:>14} {:>14} {:>10} {:>10} {:>10} {:>10}",
        "", "server CPU ms", "until stored", "stored ms", "up kB", "down kB", "peak MiB"
    );
    for peer in peers_of(lines, workload) {
        let of = |field| median(peer, workload, field);
        println!(
            "{peer:<14} {:>14.1} {:>14} {:>10.1} {:>10.1} {:>10.1} {:>10.1}",
            of(|l| l.srv_cpu_ms),
            // The peers do not tell the two apart.
            Some(of(|l| l.srv_push_cpu_ms))
                .filter(|ms| *ms > 0.0)
                .map_or("–".to_owned(), |ms| format!("{ms:.1}")),
            of(|l| l.t_durable),
            of(|l| kilo(l.up)),
            of(|l| kilo(l.down)),
            of(|l| mebi(l.srv_peak_rss)),
        );
    }
}

/// Medians and ratios.
pub fn print(lines: &[Line]) {
    let ours = |peer: &str, workload: &str, field: fn(&Line) -> f64| {
        let runs =
            lines.iter().filter(|l| l.peer == peer && l.workload == workload && l.verified && l.rtt == 0.0);
        median(runs.map(field).collect())
    };
    gathered(lines, "district", "69 units × 3 devices × 40 ballots of 112 bytes", &ours);
    gathered(lines, "hub", "1 unit × 10 devices × 1000 ballots of 112 bytes", &ours);
    let peers = peers_of(lines, "district");
    let whole = ours("homphieu", "district", |l| l.srv_cpu_ms);
    for own in peers.iter().filter(|peer| peer.starts_with("homphieu")) {
        let push = ours(own, "district", |l| l.srv_push_cpu_ms);
        for floor in ["floor-signed", "floor-blob"] {
            let ratio = push / ours(floor, "district", |l| l.srv_push_cpu_ms);
            println!("{own} until stored : {floor} = {ratio:.2}");
        }
    }
    for peer in peers.iter().filter(|peer| !peer.starts_with("floor") && !peer.starts_with("homphieu")) {
        println!(
            "{peer} : homphieu, server CPU until all devices hold all = {:.1}",
            ours(peer, "district", |l| l.srv_cpu_ms) / whole
        );
    }
    let ratio = ours("homphieu", "district", |l| kilo(l.push_up) / kilo(l.payload));
    println!("bytes up until stored : payload = {ratio:.3}");
    println!("\nlate: one ballot more after 3 × 1000, medians");
    println!(
        "{:<14} {:>12} {:>8} {:>8} {:>14} {:>12}",
        "", "stored ms", "up B", "down B", "server CPU ms", "round trips"
    );
    let mut late: Vec<&str> =
        lines.iter().filter(|l| l.workload == "late").map(|l| l.peer.as_str()).collect();
    late.sort_unstable();
    late.dedup();
    for peer in late {
        let of = |field: fn(&Late) -> f64| {
            let runs =
                lines.iter().filter(|l| l.peer == peer && l.workload == "late" && l.verified && l.rtt == 0.0);
            median(runs.filter_map(|l| l.late.as_ref()).map(field).collect())
        };
        let trips = of(|l| float(l.round_trips));
        println!(
            "{peer:<14} {:>12.2} {:>8.0} {:>8.0} {:>14.2} {:>12}",
            of(|l| l.t_durable),
            of(|l| float(l.up)),
            of(|l| float(l.down)),
            of(|l| l.srv_cpu_ms),
            if trips > 0.0 { format!("{trips:.0}") } else { "see RESULTS".to_owned() },
        );
    }
    let failed = lines.iter().filter(|line| !line.verified).count();
    if failed > 0 {
        println!("{failed} runs failed their verification and are in no median");
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes far below 2^53")]
pub fn float(bytes: u64) -> f64 {
    bytes as f64
}

fn kilo(bytes: u64) -> f64 {
    float(bytes) / 1e3
}

pub fn mebi(bytes: u64) -> f64 {
    float(bytes) / f64::from(1 << 20)
}
