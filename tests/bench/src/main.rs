//! `cargo xtask bench`: workloads against a real server process, the floor under them, and how merging and counting
//! grow.
//!
//! Each run prints one JSON line with the keys of the peers' benchmark; medians and ratios follow as a table. Nothing
//! here fails for being slow: figures are for people to judge.

mod engine;
mod fleet;
mod floor;
mod gather;
mod late;
mod link;
mod notices;
mod peers;
mod process;
mod report;
mod round;
mod scaling;
mod wire;

use clap::{Parser, Subcommand};
use engine::{Engine, Server};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
#[command(about, name = "cargo xtask bench")]
struct Args {
    /// Runs of each workload; medians are reported.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// One run of everything, no criterion.
    #[arg(long)]
    quick: bool,
    /// Only what bad links cost: computed, so that it takes seconds and is the same everywhere.
    #[arg(long)]
    link: bool,
    /// Only lists and searches of a hundred thousand notices.
    #[arg(long)]
    notices: bool,
    /// Folder of the peers' benchmark, to run it too and give ratios; it is not changed.
    #[arg(long)]
    peers: Option<PathBuf>,
    /// PostgreSQL server on which databases may be made (`postgres://…/postgres?…`), to measure that engine too.
    #[arg(long, requires = "postgres_process")]
    postgres: Option<String>,
    /// Process id of its first process, whose CPU time counts.
    #[arg(long, requires = "postgres")]
    postgres_process: Option<u32>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Subcommand)]
enum Role {
    /// Serve the floor (started by the benchmark itself).
    #[command(hide = true)]
    Floor {
        folder: PathBuf,
        #[arg(long)]
        signed: bool,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.role {
        Some(Role::Floor { folder, signed }) => floor::serve(&folder, signed),
        None if args.link => {
            link::print();
            Ok(())
        }
        None if args.notices => notices::print(),
        None => measure(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> Result<()> {
    let runs = if args.quick { 1 } else { args.runs.max(1) };
    let mut engines = vec![Engine::Sqlite];
    if let (Some(address), Some(process)) = (args.postgres.clone(), args.postgres_process) {
        engines.push(Engine::Postgres(Server { address, process }));
    }
    let mut lines = Vec::new();
    let mut note = |line: report::Line| -> Result<()> {
        println!("{}", serde_json::to_string(&line)?);
        lines.push(line);
        Ok(())
    };
    for run in 1..=runs {
        eprintln!("run {run} of {runs}");
        note(floor::district(false)?)?;
        note(floor::district(true)?)?;
        for engine in &engines {
            note(gather::run(engine, &gather::DISTRICT)?)?;
            note(gather::run(engine, &gather::HUB)?)?;
            note(late::run(engine)?)?;
        }
    }
    if let Some(folder) = &args.peers {
        lines.extend(peers::run(folder, if args.quick { 1 } else { 3 })?);
    }
    report::print(&lines);
    // Once each: the fleet takes a minute by its definition, and the largest count opens a hundred thousand ballots.
    let window = if args.quick { Duration::from_secs(5) } else { Duration::from_secs(60) };
    for engine in &engines {
        fleet::run(engine, window)?.print();
    }
    link::print();
    scaling::print(if args.quick { &[1_000] } else { &[1_000, 10_000, 100_000] })?;
    if !args.quick {
        eprintln!("criterion: `cargo bench --package homphieu-bench`");
    }
    Ok(())
}
