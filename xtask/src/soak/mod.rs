//! Campaigns, for nights and weekends: rounds out of the simulator, hostile bytes, and mistakes made on purpose.
//!
//! None is part of `ci`: each says more the longer it runs. What one finds becomes an ordinary test.

mod fuzz;
mod mutants;
mod stats;

use crate::run::{self, RunError, Workspace, cargo};
use clap::Parser;
use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

/// Run a campaign: many simulated rounds, or with --fuzz hostile bytes, or with --mutants broken code
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask soak", no_binary_name = true, after_help = MORE)]
struct Help {
    /// Rounds to simulate, each from a seed of its own
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
    /// The first seed
    #[arg(long, value_name = "S")]
    from: Option<u64>,
    /// Stop after so many minutes, however many rounds that were
    #[arg(long, value_name = "M")]
    minutes: Option<u64>,
    /// Feed hostile bytes to every reader instead (`--fuzz --help` lists its options)
    #[arg(long)]
    fuzz: bool,
    /// Break the core in small ways and see which its tests do not notice (`--mutants --help`)
    #[arg(long)]
    mutants: bool,
}

const MORE: &str = "Every other option goes to the simulator as it is.";

/// What was asked for.
#[derive(Debug)]
enum Campaign {
    Simulator(Vec<OsString>),
    Fuzz(fuzz::Options),
    Mutants(mutants::Options),
}

/// Runs the campaign that the arguments name.
pub fn run(workspace: &Workspace, args: &[OsString]) -> Result<ExitCode, RunError> {
    match Campaign::parse(args).unwrap_or_else(|error| error.exit()) {
        Campaign::Simulator(args) => run::hand_over(simulator(&args)),
        Campaign::Fuzz(options) => fuzz::run_all(workspace, &options),
        Campaign::Mutants(options) => mutants::run_all(workspace, &options),
    }
}

impl Campaign {
    fn parse(args: &[OsString]) -> Result<Self, clap::Error> {
        let asked = |option: &str| args.iter().any(|arg| arg == OsStr::new(option));
        match (asked("--fuzz"), asked("--mutants")) {
            (true, false) => fuzz::Options::try_parse_from(without(args, "--fuzz")).map(Self::Fuzz),
            (false, true) => mutants::Options::try_parse_from(without(args, "--mutants")).map(Self::Mutants),
            // Whatever is wrong is said by the parser that knows the whole of it.
            (true, true) => Err(clap::Error::raw(
                clap::error::ErrorKind::ArgumentConflict,
                "--fuzz and --mutants are two campaigns; run one after the other\n",
            )),
            (false, false) if args.is_empty() || asked("--help") || asked("-h") => {
                Help::try_parse_from(["--help"]).map(|_| Self::Simulator(Vec::new()))
            }
            (false, false) => Ok(Self::Simulator(args.to_vec())),
        }
    }
}

/// The arguments but for the one that chose the parser.
fn without<'a>(args: &'a [OsString], option: &'a str) -> impl Iterator<Item = OsString> + 'a {
    args.iter().filter(move |arg| *arg != OsStr::new(option)).cloned()
}

fn simulator(args: &[OsString]) -> std::process::Command {
    let mut command = cargo(["run", "--release", "--package", "homphieu-sim", "--", "soak"]);
    command.args(args);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::error::ErrorKind;

    fn parse(line: &str) -> Result<Campaign, clap::Error> {
        Campaign::parse(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn options_of_the_simulator_are_passed_on_untouched() {
        let Ok(Campaign::Simulator(args)) = parse("--seeds 500 --from 7 --minutes 3 --plan wild -v") else {
            panic!("the simulator's");
        };
        let command = simulator(&args);
        let line: Vec<_> = command.get_args().collect();
        let tail = ["--", "soak", "--seeds", "500", "--from", "7", "--minutes", "3", "--plan", "wild", "-v"];
        assert!(line.ends_with(&tail.map(OsStr::new)), "{line:?}");
    }

    #[test]
    fn the_two_other_campaigns_read_their_options_wherever_their_name_stands() {
        assert!(matches!(parse("--fuzz --minutes 2"), Ok(Campaign::Fuzz(_))));
        assert!(matches!(parse("--minutes 2 --fuzz"), Ok(Campaign::Fuzz(_))));
        assert!(matches!(parse("--mutants --shard 1/4"), Ok(Campaign::Mutants(_))));
        assert_eq!(parse("--fuzz --seeds 3").expect_err("not of fuzz").kind(), ErrorKind::UnknownArgument);
    }

    #[test]
    fn two_campaigns_at_once_are_refused() {
        assert_eq!(parse("--fuzz --mutants").expect_err("one only").kind(), ErrorKind::ArgumentConflict);
    }

    #[test]
    fn help_is_given_for_each_campaign_and_where_nothing_is_asked_for() {
        for (line, says) in [
            ("", "cargo xtask soak [OPTIONS]"),
            ("--help", "--mutants"),
            ("--fuzz --help", "cargo xtask soak --fuzz [OPTIONS]"),
            ("--mutants -h", "--shard <K/N>"),
        ] {
            let help = parse(line).expect_err("help ends the program");
            assert_eq!(help.kind(), ErrorKind::DisplayHelp);
            assert!(help.to_string().contains(says), "{help}");
        }
    }
}
