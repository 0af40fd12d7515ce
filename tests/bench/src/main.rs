//! `cargo xtask bench`: the workloads `district` and `late` against a real server process, and the floor under them.
//!
//! Each run prints one JSON line with the keys of the peers' benchmark; medians and ratios follow as a table. Nothing
//! here fails for being slow: figures are for people to judge.

mod district;
mod floor;
mod late;
mod peers;
mod process;
mod report;
mod round;
mod wire;

use clap::{Parser, Subcommand};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

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
            &district::run,
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
    if !args.quick {
        eprintln!("criterion: `cargo bench --package homphieu-bench`");
    }
    Ok(())
}
