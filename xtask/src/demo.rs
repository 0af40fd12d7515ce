//! The commands that run our own program: a whole round, and the benchmark.
//!
//! They run in the person's current folder, so that paths among their options mean what they say.

use crate::run::{RunError, Workspace, cargo, run};
use crate::{setup, web};
use std::env;
use std::ffi::OsString;
use std::process::Command;

/// Builds `homphieu` and gives the command that plays a round.
pub fn command(workspace: &Workspace, args: impl IntoIterator<Item = OsString>) -> Result<Command, RunError> {
    // Where the pages cannot be built, the round is played all the same.
    web::build(workspace)?;
    build_server()?;
    Ok(demo(workspace, "release", args))
}

/// The same round with the program that the tests ran: an optimised build takes ten times as long as the round itself.
pub fn checked(workspace: &Workspace, args: impl IntoIterator<Item = OsString>) -> Result<Command, RunError> {
    // With the tests, so that nothing has to be compiled a second time for want of their features.
    let build = ["build", "--workspace", "--tests", "--bin", "homphieu"];
    run(cargo(build).current_dir(&workspace.root))?;
    Ok(demo(workspace, "debug", args))
}

fn demo(workspace: &Workspace, profile: &str, args: impl IntoIterator<Item = OsString>) -> Command {
    let program = format!("homphieu{}", env::consts::EXE_SUFFIX);
    let mut demo = Command::new(workspace.target.join(profile).join(program));
    demo.arg("demo").args(args);
    demo
}

/// Builds `homphieu`, which the benchmark starts as its server, and measures it; on PostgreSQL too, where it is there.
pub fn bench(args: impl IntoIterator<Item = OsString>) -> Result<(), RunError> {
    build_server()?;
    let mut bench = cargo(["run", "--release", "--package", "homphieu-bench", "--"]);
    bench.args(args);
    let postgres = setup::postgres()?;
    if let Some(server) = &postgres {
        let process = server.process().to_string();
        bench.args(["--postgres", &server.address, "--postgres-process", &process]);
    }
    run(&mut bench)
}

fn build_server() -> Result<(), RunError> {
    run(&mut cargo(["build", "--release", "--package", "homphieu-server"]))
}
