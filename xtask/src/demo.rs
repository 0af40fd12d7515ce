//! The commands that run our own release builds: a whole round, and the benchmark.
//!
//! They run in the person's current folder, so that paths among their options mean what they say.

use crate::run::{RunError, Workspace, cargo, run};
use std::env;
use std::ffi::OsString;
use std::process::Command;

/// Builds `homphieu` and gives the command that plays a round.
pub fn command(workspace: &Workspace, args: impl IntoIterator<Item = OsString>) -> Result<Command, RunError> {
    build_server()?;
    let program = format!("homphieu{}", env::consts::EXE_SUFFIX);
    let mut demo = Command::new(workspace.target.join("release").join(program));
    demo.arg("demo").args(args);
    Ok(demo)
}

/// Builds `homphieu`, which the benchmark starts as its server, and gives the command that measures it.
pub fn bench(args: impl IntoIterator<Item = OsString>) -> Result<Command, RunError> {
    build_server()?;
    let mut bench = cargo(["run", "--release", "--package", "homphieu-bench", "--"]);
    bench.args(args);
    Ok(bench)
}

fn build_server() -> Result<(), RunError> {
    run(&mut cargo(["build", "--release", "--package", "homphieu-server"]))
}
