//! Many worlds, one seed each: how fast they go, how often each fault happened, and which broke a rule.

use crate::fault::Fault;
use crate::notes::Broken;
use crate::plan::Plan;
use crate::{play, shrink};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Worlds from which on a fault that never happened is a failure of the simulator.
const ENOUGH: u64 = 500;
/// Failures after which there is no point in going on.
const FAILURES_MAX: usize = 5;
/// How often a line says how far it is, where no bar can.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// What a campaign found.
#[derive(Debug, Default)]
pub struct Campaign {
    /// Worlds played.
    pub worlds: u64,
    /// Time it took.
    pub took: Duration,
    /// Ballots cast and counted as valid in all of them.
    pub ballots: (usize, usize),
    /// How often each fault happened, and in how many worlds.
    pub fired: BTreeMap<Fault, (u64, u64)>,
    /// Broken rules by seed, with the command that plays the smallest such world.
    pub broken: BTreeMap<u64, (Broken, String)>,
}

/// Processor cores of this machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Plays worlds `from`, `from + 1` and so on, until `seeds` of them are played or the time is over.
pub fn run(from: u64, seeds: u64, minutes: Option<u64>, jobs: usize) -> Campaign {
    let start = Instant::now();
    let progress = Progress::new(seeds, start);
    let next = AtomicU64::new(from);
    let shared = Mutex::new(Campaign::default());
    let over = || minutes.is_some_and(|minutes| start.elapsed() >= Duration::from_secs(minutes * 60));
    // A panic in a world is a broken rule; its text is in the report, not all over the progress bar.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let enough = shared.lock().expect("no holder panics").broken.len() >= FAILURES_MAX;
                    if seed >= from + seeds || over() || enough {
                        return;
                    }
                    let plan = Plan::of(seed);
                    let outcome = play(&plan, false);
                    let found = outcome
                        .broken
                        .clone()
                        .map(|broken| (broken, shrink::command(&shrink::shrink(&plan))));
                    let mut campaign = shared.lock().expect("no holder panics");
                    campaign.note(seed, &outcome, found);
                    progress.show(&campaign);
                }
            });
        }
    });
    std::panic::set_hook(hook);
    progress.bar.finish_and_clear();
    let mut campaign = shared.into_inner().expect("no holder panics");
    campaign.took = start.elapsed();
    campaign
}

/// What is seen meanwhile: a bar, or where nobody looks at a terminal a line now and then.
struct Progress {
    bar: ProgressBar,
    start: Instant,
    said: Mutex<Instant>,
}

impl Progress {
    fn new(seeds: u64, start: Instant) -> Self {
        let bar = ProgressBar::new(seeds);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} worlds, {per_sec}, {eta} left {msg}");
        bar.set_style(style.expect("the template is right"));
        Self { bar, start, said: Mutex::new(start) }
    }

    /// One more world was played.
    fn show(&self, campaign: &Campaign) {
        let broken = campaign.broken.len();
        self.bar.set_message(format!("{broken} broken"));
        self.bar.inc(1);
        let mut said = self.said.lock().expect("no holder panics");
        if self.bar.is_hidden() && said.elapsed() >= LINE_EVERY {
            *said = Instant::now();
            let rate = campaign.worlds as f64 / self.start.elapsed().as_secs_f64();
            let seeds = self.bar.length().unwrap_or_default();
            eprintln!("{} of {seeds} worlds, {rate:.1} a second, {broken} broken", campaign.worlds);
        }
    }
}

impl Campaign {
    fn note(&mut self, seed: u64, outcome: &crate::world::Outcome, broken: Option<(Broken, String)>) {
        self.worlds += 1;
        self.ballots.0 += outcome.cast;
        self.ballots.1 += outcome.valid;
        for (fault, _) in Fault::ALL {
            let times = outcome.fired[fault as usize];
            let entry = self.fired.entry(fault).or_default();
            entry.0 += times;
            entry.1 += u64::from(times > 0);
        }
        if let Some(broken) = broken {
            self.broken.insert(seed, broken);
        }
    }

    /// Faults that never happened although there were worlds enough.
    pub fn silent(&self) -> Vec<Fault> {
        if self.worlds < ENOUGH {
            return Vec::new();
        }
        Fault::ALL
            .into_iter()
            .map(|(fault, _)| fault)
            .filter(|fault| self.fired.get(fault).is_none_or(|(times, _)| *times == 0))
            .collect()
    }

    /// Whether every rule held, and every fault happened.
    pub fn is_clean(&self) -> bool {
        self.broken.is_empty() && self.silent().is_empty() && self.worlds > 0
    }
}

impl fmt::Display for Campaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        let rate = (self.worlds as f64) / seconds.max(0.001);
        writeln!(f, "{:<20} {:>10} {:>10}", "fault", "happened", "in worlds")?;
        for (fault, (times, worlds)) in &self.fired {
            writeln!(f, "{:<20} {times:>10} {worlds:>10}", fault.name())?;
        }
        let (cast, valid) = self.ballots;
        writeln!(
            f,
            "\n{} worlds in {seconds:.0} s, {rate:.1} a second; {cast} ballots cast, {valid} valid",
            self.worlds
        )?;
        for fault in self.silent() {
            writeln!(f, "NEVER HAPPENED: {fault}")?;
        }
        for (seed, (broken, command)) in &self.broken {
            writeln!(f, "BROKEN by seed {seed}: {}: {}\n  {command}", broken.rule, broken.what)?;
        }
        let verdict =
            if self.is_clean() { "every rule holds, and every fault happened" } else { "not clean" };
        let verdict = if self.is_clean() && self.worlds < ENOUGH { "every rule holds" } else { verdict };
        writeln!(f, "{verdict}")
    }
}
