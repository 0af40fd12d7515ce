//! The simulator's command line: replay one world, or play many.

use clap::{Args, Parser, Subcommand};
use homphieu_sim::fault::Fault;
use homphieu_sim::options::WorldOptions;
use homphieu_sim::{model, play, shrink, soak};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "sim", about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Play one world and print what happened, in order, by whom
    Replay(Replay),
    /// Play many worlds and count how often each fault happened
    Soak(Soak),
    /// Play every order of events and every crash of the smallest world
    Model {
        /// Most events of one history
        #[arg(long, default_value_t = model::DEPTH)]
        depth: usize,
    },
    /// Plant each bug in turn and print the first world that shows it
    #[cfg(feature = "planted-bugs")]
    Bugs {
        /// Most worlds for one bug
        #[arg(long, default_value_t = 1_000)]
        seeds: u64,
        /// Only bugs whose name has this in it
        #[arg(long, default_value = "")]
        only: String,
    },
}

#[derive(Args)]
struct Replay {
    #[command(flatten)]
    world: WorldOptions,
    /// Only the end, without the log
    #[arg(long)]
    quiet: bool,
}

#[derive(Args)]
struct Soak {
    /// How many worlds
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Stop after so many minutes
    #[arg(long)]
    minutes: Option<u64>,
    /// Threads; each plays worlds of its own
    #[arg(long)]
    jobs: Option<usize>,
}

fn main() -> ExitCode {
    match Cli::parse().task {
        Task::Replay(options) => replay(&options),
        Task::Soak(options) => {
            let jobs = options.jobs.unwrap_or_else(soak::cores).max(1);
            let done = soak::run(options.from, options.seeds, options.minutes, jobs);
            print!("{done}");
            if done.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Task::Model { depth } => {
            let report = model::explore(depth);
            print!("{report}");
            if report.broken.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        #[cfg(feature = "planted-bugs")]
        Task::Bugs { seeds, only } => bugs(seeds, &only),
    }
}

#[cfg(feature = "planted-bugs")]
fn bugs(seeds: u64, only: &str) -> ExitCode {
    std::panic::set_hook(Box::new(|_| ()));
    let mut missed = 0;
    for (bug, name) in sync_core::planted::Bug::ALL.iter().filter(|(_, name)| name.contains(only)) {
        match homphieu_sim::bugs::catch(*bug, seeds) {
            Some(homphieu_sim::bugs::Caught { seed, broken }) => {
                let what: String = broken.what.chars().take(120).collect();
                println!("{name:<28} seed {seed:>4}  {}: {what}", broken.rule);
            }
            None => {
                missed += 1;
                println!("{name:<28} MISSED by {seeds} worlds");
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(options: &Replay) -> ExitCode {
    let plan = options.world.plan();
    let outcome = play(&plan, !options.quiet);
    for line in &outcome.log {
        println!("{line}");
    }
    let faults: Vec<&str> = plan.faults.active().map(Fault::name).collect();
    println!(
        "\n{} units, {} tablets, {} couriers, {} voters; faults: {}",
        plan.units,
        plan.tablets,
        plan.couriers,
        plan.ballots,
        if faults.is_empty() { "none".to_owned() } else { faults.join(", ") }
    );
    match &outcome.broken {
        None => {
            println!("{} ballots cast, {} valid; every rule holds", outcome.cast, outcome.valid);
            ExitCode::SUCCESS
        }
        Some(broken) => {
            println!("BROKEN: {}: {}", broken.rule, broken.what);
            let small = shrink::shrink(&plan);
            println!("smallest world that breaks it: {}", shrink::command(&small));
            ExitCode::FAILURE
        }
    }
}
