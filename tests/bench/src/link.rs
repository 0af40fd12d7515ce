//! What bad links cost: a unit of 120 ballots from three tablets, real tablets and a real centre under TLS, over a link
//! whose time is computed.

use homphieu_tests::link::{BALLOTS, Brought, Cuts, Profile, SATELLITE, TABLETS, TWO_G, Unit};
use std::time::Duration;

/// Ways in which luck is tried where packets are lost.
const SEEDS: u64 = 1_000;
/// Time between two cuts.
const CUT_EVERY: Duration = Duration::from_secs(10);

/// Prints a table.
pub fn print() {
    println!(
        "\nlink: {BALLOTS} ballots of {TABLETS} tablets in one sync, seconds computed; lost packets: median and 95 of a \
         hundred of {SEEDS} runs; floor: payload and four round trips"
    );
    println!(
        "{:<45} {:>9} {:>8} {:>8} {:>8} {:>6} {:>6} {:>8} {:>8} {:>6} {:>5}",
        "", "payload B", "floor s", "median", "95 %", "ratio", "95 %", "up B", "down B", "trips", "cuts"
    );
    let cut = TWO_G.without_loss().cut(Cuts::Every(CUT_EVERY));
    for (who, tablet) in [("courier brings", false), ("tablet brings and fetches", true)] {
        let run = |profile: Profile| {
            let unit = Unit::new();
            let mut tablets = unit.voted("tablet");
            let mut courier = unit.courier("courier", &tablets);
            let first = unit.bring(&mut courier, profile, 1);
            if tablet { unit.bring(&mut tablets[0], profile, 1) } else { first }
        };
        let brought = run(TWO_G.without_loss());
        for profile in [TWO_G.without_loss(), TWO_G, SATELLITE.without_loss(), SATELLITE] {
            line(who, &profile, &brought);
        }
        row(&format!("{who}, 2G, a cut every 10 s"), &cut, &[run(cut)]);
    }
}

fn line(who: &str, profile: &Profile, brought: &Brought) {
    let lossy = profile.loss_percent > 0;
    let runs: Vec<Brought> =
        (0..if lossy { SEEDS } else { 1 }).map(|seed| brought.over(*profile, seed)).collect();
    let loss = if lossy { format!("{} % lost", profile.loss_percent) } else { "nothing lost".to_owned() };
    row(&format!("{who}, {}, {loss}", profile.name), profile, &runs);
}

/// The middle one of some runs, and the one that is among the slowest.
fn row(what: &str, profile: &Profile, runs: &[Brought]) {
    let mut runs: Vec<&Brought> = runs.iter().collect();
    runs.sort_by_key(|run| run.spent.time);
    let (Some(median), Some(slow)) = (runs.get(runs.len() / 2), runs.get(runs.len() * 95 / 100)) else {
        return;
    };
    let spent = median.spent;
    println!(
        "{what:<45} {:>9} {:>8.1} {:>8.1} {:>8.1} {:>6.2} {:>6.2} {:>8} {:>8} {:>6} {:>5}",
        median.payload,
        profile.floor(median.payload).as_secs_f64(),
        spent.time.as_secs_f64(),
        slow.spent.time.as_secs_f64(),
        median.ratio(profile),
        slow.ratio(profile),
        spent.up,
        spent.down,
        spent.round_trips,
        spent.cuts,
    );
}
