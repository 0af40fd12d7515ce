//! Mistakes made on purpose: breaks the core in one small way at a time and sees whether its tests notice.
//!
//! What is not worth breaking, and why, stands in `.cargo/mutants.toml`. The report stays under the target folder.

use crate::run::{RunError, Workspace};
use crate::setup;
use clap::Parser;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Break the core in small ways, one at a time, and see which of them its tests do not notice
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask soak --mutants", no_binary_name = true)]
pub struct Options {
    /// Only files that fit this pattern, such as `**/survey.rs`; may be given several times
    #[arg(long = "file", value_name = "GLOB")]
    files: Vec<String>,
    /// Only the K-th of N equal parts, K from 0, so that several machines share the work
    #[arg(long, value_name = "K/N", value_parser = shard)]
    shard: Option<String>,
}

/// How many mutants ended how.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    caught: u64,
    missed: u64,
    unviable: u64,
    timeout: u64,
}

/// Runs the mutants and says how many the tests noticed. What they miss is a report and no failure; that nothing
/// could be tried is one.
pub fn run_all(workspace: &Workspace, options: &Options) -> Result<ExitCode, RunError> {
    let program = setup::cargo_mutants(workspace)?;
    let report = workspace.target.join("mutants");
    fs::create_dir_all(&report).map_err(|source| RunError::File { path: report.clone(), source })?;
    let mut command = command(&program, &report, setup::has_nextest(), options);
    command.current_dir(&workspace.root);
    // It ends with 2 for missed mutants and 3 for slow ones; whether it ran at all is seen in the report.
    let status = command
        .status()
        .map_err(|source| RunError::Start { command: program.display().to_string(), source })?;
    let outcomes = report.join("mutants.out/outcomes.json");
    let json = fs::read(&outcomes).map_err(|source| RunError::File { path: outcomes.clone(), source })?;
    let figures = Figures::read(&json);
    println!("{}", figures.line());
    println!("those that were missed are listed in {}", report.join("mutants.out/missed.txt").display());
    let ran = matches!(status.code(), Some(0 | 2 | 3)) && figures.tried() > 0;
    Ok(if ran { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn command(program: &Path, report: &Path, nextest: bool, options: &Options) -> Command {
    let mut command = Command::new(program);
    command.args(["mutants", "--package", "sync-core", "--output"]).arg(report);
    if nextest {
        // It stops at the first test that fails, where the usual way ends all that have begun: twice as fast.
        command.args(["--test-tool", "nextest"]);
    }
    // Nobody steps through these builds, and without symbols they are linked sooner.
    command.env("CARGO_PROFILE_DEV_DEBUG", "false").env_remove("RUSTFLAGS");
    // Where hostile bytes are put at every place in turn, every seventh will do: it comes by every bit of a byte.
    command.env("HOMPHIEU_STRIDE", "7");
    for file in &options.files {
        command.args(["--file", file]);
    }
    if let Some(shard) = &options.shard {
        command.args(["--shard", shard]);
    }
    command
}

fn shard(text: &str) -> Result<String, String> {
    let parts =
        text.split_once('/').and_then(|(k, n)| Some((k.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
    match parts {
        Some((k, n)) if k < n => Ok(text.to_owned()),
        _ => Err("a part is written K/N with K from 0 to N-1, such as 0/4".to_owned()),
    }
}

impl Figures {
    /// Reads the report; what is not said counts as 0.
    fn read(json: &[u8]) -> Self {
        let report: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
        let figure = |name: &str| report.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
        Self {
            caught: figure("caught"),
            missed: figure("missed"),
            unviable: figure("unviable"),
            timeout: figure("timeout"),
        }
    }

    fn tried(&self) -> u64 {
        self.caught + self.missed + self.timeout
    }

    /// A mutant that never ends was noticed too: the tests hang. One that does not build says nothing.
    fn line(&self) -> String {
        let Self { caught, missed, unviable, timeout } = self;
        let noticed = caught + timeout;
        let tenths = (noticed * 1_000).checked_div(self.tried()).unwrap_or(0);
        format!(
            "{caught} caught, {missed} missed, {timeout} timed out, {unviable} unviable: {}.{} % of {} noticed",
            tenths / 10,
            tenths % 10,
            self.tried()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, clap::Error> {
        Options::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn files_and_a_part_are_handed_to_cargo_mutants() {
        let options = parse("--file **/survey.rs --file **/order.rs --shard 1/4").expect("options");
        let line = |nextest| {
            let command = command("cargo-mutants".as_ref(), "report".as_ref(), nextest, &options);
            let line: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
            line.join(" ")
        };
        let (begin, end) = (
            "mutants --package sync-core --output report",
            "--file **/survey.rs --file **/order.rs --shard 1/4",
        );
        assert_eq!(line(false), format!("{begin} {end}"));
        assert_eq!(line(true), format!("{begin} --test-tool nextest {end}"));
    }

    #[test]
    fn a_part_beyond_the_last_is_refused() {
        for wrong in ["4/4", "1", "a/b", "-1/2", "0/0"] {
            assert!(parse(&format!("--shard={wrong}")).is_err(), "{wrong}");
        }
        assert!(parse("--shard 3/4").is_ok());
    }

    #[test]
    fn what_does_not_build_is_no_part_of_the_percentage() {
        let figures = Figures::read(br#"{"total_mutants":9,"caught":5,"missed":1,"unviable":2,"timeout":1}"#);
        assert_eq!(figures.line(), "5 caught, 1 missed, 1 timed out, 2 unviable: 85.7 % of 7 noticed");
    }

    #[test]
    fn an_empty_report_is_no_hundred_percent() {
        for json in [&b""[..], b"[]", b"{}", br#"{"caught":"many"}"#] {
            assert_eq!(Figures::read(json), Figures::default());
        }
        assert!(Figures::default().line().ends_with("0.0 % of 0 noticed"));
    }
}
