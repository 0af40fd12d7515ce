//! The project's own commands, run as `cargo xtask COMMAND`.
//!
//! `demo` plays a whole round, `test` runs every test, `ci` runs every check there is, `bench` measures, `soak` runs
//! campaigns, `bindings` writes what apps in other languages need, `web` builds the pages. What a command needs and the machine lacks is fetched by
//! [`setup`]; every other program is started by [`run`].

mod bindings;
mod ci;
mod demo;
mod postgres;
mod run;
mod setup;
mod soak;
mod test;
mod web;

use clap::{Args, Parser, Subcommand};
use run::{RunError, Workspace};
use std::ffi::OsString;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build `homphieu` in release and play a whole round with it (`demo --help` lists its options)
    #[command(disable_help_flag = true)]
    Demo(Rest),
    /// Set up what the tests need and run all of them
    Test,
    /// Run every check: format, lints, dependencies and licences, docs, tests, a whole round
    Ci,
    /// Measure the server in release: `bench [--peers DIR] [--quick]`; the page for tablets: `bench --page
    /// [--runs N]`; the console with 700 units and 20 years of rounds: `bench --console [--runs N] [--rounds N]`
    #[command(disable_help_flag = true)]
    Bench(Rest),
    /// Write the bindings of the tablet for Kotlin, Swift and Python into target/bindings
    Bindings {
        /// Build the library without optimisation, which is sooner done
        #[arg(long)]
        debug: bool,
    },
    /// Build the pages into server/web/dist, from where the server takes them
    Web,
    /// Take pictures of every view of the pages, at three sizes in both languages, into target/screenshots
    Screenshots,
    /// Print the one-page guides for the team, as PDF, into target/guides
    Guides,
    /// Run a campaign: simulated rounds, hostile bytes (--fuzz) or broken code (--mutants)
    #[command(disable_help_flag = true)]
    Soak(Rest),
}

#[derive(Args)]
struct Rest {
    /// Passed on as they are
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

fn main() -> ExitCode {
    let task = Cli::parse().task;
    let done = Workspace::find().and_then(|workspace| perform(task, &workspace));
    done.unwrap_or_else(|error| {
        eprintln!("xtask: {error}");
        ExitCode::FAILURE
    })
}

fn perform(task: Task, workspace: &Workspace) -> Result<ExitCode, RunError> {
    match task {
        Task::Demo(rest) => run::hand_over(demo::command(workspace, rest.args)?),
        Task::Bench(rest) if rest.args.iter().any(|option| option == "--page") => {
            test::page_bench(workspace, &rest.args).map(|()| ExitCode::SUCCESS)
        }
        Task::Bench(rest) if rest.args.iter().any(|option| option == "--console") => {
            test::console_bench(workspace, &rest.args).map(|()| ExitCode::SUCCESS)
        }
        Task::Bench(rest) => demo::bench(rest.args).map(|()| ExitCode::SUCCESS),
        Task::Soak(rest) => soak::run(workspace, &rest.args),
        Task::Bindings { debug } => bindings::write(workspace, debug).map(|()| ExitCode::SUCCESS),
        Task::Web => web::build(workspace).map(|_| ExitCode::SUCCESS),
        Task::Screenshots => test::screenshots(workspace).map(|()| ExitCode::SUCCESS),
        Task::Guides => test::guides(workspace).map(|()| ExitCode::SUCCESS),
        Task::Test => test::run_all(workspace).map(|()| ExitCode::SUCCESS),
        Task::Ci => ci::run_all(workspace).map(|()| ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(line: &[&str]) -> Vec<OsString> {
        match Cli::try_parse_from(line).expect("the line is a command").task {
            Task::Demo(rest) | Task::Bench(rest) | Task::Soak(rest) => rest.args,
            Task::Bindings { .. } | Task::Web | Task::Screenshots | Task::Guides | Task::Test | Task::Ci => {
                panic!("takes nothing")
            }
        }
    }

    #[test]
    fn options_of_demo_bench_and_soak_are_passed_on_untouched() {
        assert_eq!(rest(&["xtask", "demo", "--exit", "--seed", "7"]), ["--exit", "--seed", "7"]);
        assert_eq!(rest(&["xtask", "demo", "--help"]), ["--help"]);
        assert_eq!(
            rest(&["xtask", "bench", "--peers", "../peers", "--quick"]),
            ["--peers", "../peers", "--quick"]
        );
        assert_eq!(rest(&["xtask", "soak", "--fuzz", "--help"]), ["--fuzz", "--help"]);
    }

    #[test]
    fn a_command_that_takes_nothing_refuses_options() {
        assert!(Cli::try_parse_from(["xtask", "ci", "--fast"]).is_err());
        assert!(Cli::try_parse_from(["xtask"]).is_err());
    }
}
