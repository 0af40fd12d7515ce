//! `cargo xtask bench`: workloads against a real server process, the floor under them, and how merging and counting
//! grow.
//!
//! Each run prints one JSON line with the keys of the peers' benchmark; medians and ratios follow as a table. Nothing
//! here fails for being slow: figures are for people to judge.

mod fleet;
mod floor;
mod gather;
mod late;
mod peers;
mod process;
mod report;
mod round;
mod scaling;
mod wire;

use clap::{Parser, Subcommand};
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
    /// Folder of the peers' benchmark, to run it too and give ratios; it is not changed.
    #[arg(long)]
    peers: Option<PathBuf>,
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
    let mut lines = Vec::new();
    for run in 1..=runs {
        eprintln!("run {run} of {runs}");
        for workload in [
            &(|| floor::district(false)) as &dyn Fn() -> Result<report::Line>,
            &|| floor::district(true),
            &|| gather::run(&gather::DISTRICT),
            &|| gather::run(&gather::HUB),
            &late::run,
        ] {
            let line = workload()?;
            println!("{}", serde_json::to_string(&line)?);
            lines.push(line);
        }
    }
    if let Some(folder) = &args.peers {
        lines.extend(peers::run(folder, if args.quick { 1 } else { 3 })?);
    }
    report::print(&lines);
    // Once each: the fleet takes a minute by its definition, and the largest count opens a hundred thousand ballots.
    let window = if args.quick { Duration::from_secs(5) } else { Duration::from_secs(60) };
    fleet::run(window)?.print();
    scaling::print(if args.quick { &[1_000] } else { &[1_000, 10_000, 100_000] })?;
    if !args.quick {
        eprintln!("criterion: `cargo bench --package homphieu-bench`");
    }
    Ok(())
}
