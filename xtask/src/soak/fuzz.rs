//! Hostile bytes: builds the fuzz targets with coverage and runs them, a few at a time.
//!
//! What a run finds stays under the target folder: new inputs in `fuzz/corpus`, harmful ones in `fuzz/found`, what
//! libFuzzer said in `fuzz/logs`. The seeds in `tests/fuzz/corpus` are read and never written.

use super::stats::Stats;
use crate::run::{RunError, Workspace, run};
use crate::setup;
use clap::Parser;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::thread;

/// Most memory of a target in MiB; what it starts with is some 30.
const MEMORY_MAX_MB: u32 = 512;
/// Most memory of one allocation in MiB. The bound of each single reading is much lower and kept by the targets.
const ALLOCATION_MAX_MB: u32 = 64;
/// Longest input in bytes: several times the longest list of smallest items, and still fast.
const INPUT_MAX_BYTES: u32 = 64 * 1024;
/// One input may not take longer, even on a machine that does much else.
const INPUT_MAX_SECONDS: u32 = 60;

/// Feed hostile bytes to every reader of the core, guided by coverage
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask soak --fuzz", no_binary_name = true)]
pub struct Options {
    /// How long each target runs
    #[arg(long, value_name = "M", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
    /// Only this target; may be given several times
    #[arg(long = "target", value_name = "NAME")]
    targets: Vec<String>,
    /// Targets that run at the same time [default: 2, or 1 on a single core]
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// Where everything lies.
struct Place {
    /// Folder of the fuzz crate.
    own: PathBuf,
    /// Cargo's folder for it, and for what is found.
    target: PathBuf,
}

/// How a target ended.
struct Ended {
    name: String,
    stats: Stats,
    /// Whether nothing was found.
    well: bool,
}

/// Runs the targets and says what they found; fails if any crashed or took too much memory.
pub fn run_all(workspace: &Workspace, options: &Options) -> Result<ExitCode, RunError> {
    let place = Place { own: workspace.root.join("tests/fuzz"), target: workspace.target.join("fuzz") };
    let targets =
        choose(targets(&place.own).map_err(|error| read_error(&place.own, error))?, &options.targets)?;
    let cargo_fuzz = setup::cargo_fuzz(workspace)?;
    let programs = build(&cargo_fuzz, &place)?;
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = options.jobs.map_or(cores.min(2), usize::from);
    let rounds = targets.len().div_ceil(jobs) as u64;
    println!(
        "{} targets, {} minutes each, {jobs} at a time: some {} minutes",
        targets.len(),
        options.minutes,
        rounds * options.minutes
    );
    let waiting = Mutex::new(VecDeque::from(targets));
    let ended = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(name) = next(&waiting) {
                    let one = run_one(&place, &programs, &name, options.minutes);
                    if let Ok(one) = &one {
                        println!("{}", one.line());
                    }
                    ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(one);
                }
            });
        }
    });
    let ended = ended.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut ended: Vec<Ended> = ended.into_iter().collect::<Result<_, _>>()?;
    ended.sort_by(|a, b| a.name.cmp(&b.name));
    println!("\n{}", table(&ended));
    if ended.iter().all(|one| one.well) {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "harmful inputs lie in {}; with the fix, put each into tests/fuzz/crashers/TARGET",
        place.target.join("found").display()
    );
    Ok(ExitCode::FAILURE)
}

fn next(waiting: &Mutex<VecDeque<String>>) -> Option<String> {
    waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front()
}

/// Names of all targets: the programs of the fuzz crate.
fn targets(own: &Path) -> io::Result<Vec<String>> {
    let files = fs::read_dir(own.join("src/bin"))?.collect::<io::Result<Vec<_>>>()?;
    let names =
        files.iter().map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let mut names: Vec<String> =
        names.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    Ok(names)
}

/// The targets that were asked for, or all.
fn choose(all: Vec<String>, wanted: &[String]) -> Result<Vec<String>, RunError> {
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(name)) {
        return Err(RunError::Unknown { what: "fuzz target", name: unknown.clone(), known: all.join(", ") });
    }
    Ok(all.into_iter().filter(|name| wanted.is_empty() || wanted.contains(name)).collect())
}

/// Builds all targets with coverage and checks of arithmetic, and gives the folder with the programs. The address
/// sanitizer stays off: the core forbids unsafe code, and without it a target runs several times as often.
fn build(cargo_fuzz: &Path, place: &Place) -> Result<PathBuf, RunError> {
    let mut command = Command::new(cargo_fuzz);
    command.args(["fuzz", "build", "--sanitizer", "none", "--fuzz-dir"]).arg(&place.own);
    command.arg("--target-dir").arg(&place.target).env_remove("RUSTFLAGS");
    run(&mut command)?;
    programs(&place.target).map_err(|error| read_error(&place.target, error))
}

/// `cargo-fuzz` builds for the host by its full name, so that is a folder of its own.
fn programs(target: &Path) -> io::Result<PathBuf> {
    let folders = fs::read_dir(target)?.collect::<io::Result<Vec<_>>>()?;
    let built = folders.iter().map(|folder| folder.path().join("release"));
    built
        .filter(|folder| folder.is_dir())
        .max_by_key(|folder| fs::metadata(folder).and_then(|about| about.modified()).ok())
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Runs one target to its end.
fn run_one(place: &Place, programs: &Path, name: &str, minutes: u64) -> Result<Ended, RunError> {
    let folder = |kind: &str| -> Result<PathBuf, RunError> {
        let folder = place.target.join(kind).join(name);
        fs::create_dir_all(&folder).map_err(|error| read_error(&folder, error))?;
        Ok(folder)
    };
    let log = folder("logs")?.join("last.log");
    let file = File::create(&log).map_err(|error| read_error(&log, error))?;
    let mut found = folder("found")?.into_os_string();
    found.push("/");
    let mut prefix = std::ffi::OsString::from("-artifact_prefix=");
    prefix.push(found);
    let mut command = Command::new(programs.join(name));
    command
        .arg(format!("-max_total_time={}", minutes * 60))
        .arg(format!("-rss_limit_mb={MEMORY_MAX_MB}"))
        .arg(format!("-malloc_limit_mb={ALLOCATION_MAX_MB}"))
        .arg(format!("-max_len={INPUT_MAX_BYTES}"))
        .arg(format!("-timeout={INPUT_MAX_SECONDS}"))
        .args(["-print_final_stats=1".as_ref(), prefix.as_os_str()])
        .arg(folder("corpus")?)
        .arg(place.own.join("corpus").join(name))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file);
    let ended = run(&mut command);
    if let Err(error @ RunError::Start { .. }) = ended {
        return Err(error);
    }
    let said = fs::read(&log).map_err(|error| read_error(&log, error))?;
    let stats = Stats::read(&String::from_utf8_lossy(&said));
    Ok(Ended { name: name.to_owned(), stats, well: ended.is_ok() })
}

impl Ended {
    fn line(&self) -> String {
        let Stats { executions, per_second, coverage, peak_mb, .. } = &self.stats;
        let end = match (self.well, &self.stats.harm) {
            (true, _) => "nothing found".to_owned(),
            (false, Some(harm)) => format!("FOUND: {harm}"),
            (false, None) => "FAILED".to_owned(),
        };
        format!(
            "{}: {executions} executions, {per_second}/s, coverage {coverage}, peak {peak_mb} MB, {end}",
            self.name
        )
    }
}

fn table(ended: &[Ended]) -> String {
    let mut lines = vec![format!(
        "{:<20} {:>12} {:>9} {:>9} {:>8}  found",
        "target", "executions", "per s", "coverage", "peak MB"
    )];
    for one in ended {
        let Stats { executions, per_second, coverage, peak_mb, .. } = one.stats;
        let found = if one.well { "nothing" } else { one.stats.harm.as_deref().unwrap_or("it failed") };
        lines.push(format!(
            "{:<20} {executions:>12} {per_second:>9} {coverage:>9} {peak_mb:>8}  {found}",
            one.name
        ));
    }
    lines.join("\n")
}

fn read_error(path: &Path, source: io::Error) -> RunError {
    RunError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn parse(line: &str) -> Result<Options, clap::Error> {
        Options::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn each_target_gets_a_quarter_of_an_hour_unless_told_otherwise() {
        let options = parse("").expect("nothing is needed");
        assert_eq!((options.minutes, options.targets.len(), options.jobs), (15, 0, None));
        let options = parse("--minutes 2 --target message --target bundle --jobs 1").expect("options");
        assert_eq!((options.minutes, options.jobs), (2, Some(1)));
        assert_eq!(options.targets, ["message", "bundle"]);
        for wrong in ["--minutes 0", "--jobs 0", "--minutes soon", "extra"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_target_that_is_not_there_is_named_with_those_that_are() {
        let all = || names(&["bundle", "message"]);
        assert_eq!(choose(all(), &[]).expect("all"), all());
        assert_eq!(choose(all(), &names(&["message"])).expect("one"), ["message"]);
        let error = choose(all(), &names(&["massage"])).expect_err("no such target").to_string();
        assert!(error.contains("massage") && error.contains("bundle, message"), "{error}");
    }

    #[test]
    fn the_table_says_for_each_target_what_was_found() {
        let stats = Stats { executions: 12, per_second: 3, coverage: 40, peak_mb: 31, harm: None };
        let harm = Some("panicked at 'x'".to_owned());
        let ended = [
            Ended { name: "bundle".to_owned(), stats: stats.clone(), well: true },
            Ended { name: "id".to_owned(), stats: Stats { harm, ..stats.clone() }, well: false },
            Ended { name: "share".to_owned(), stats, well: false },
        ];
        let table = table(&ended);
        let lines: Vec<_> = table.lines().collect();
        assert!(lines[1].starts_with("bundle ") && lines[1].ends_with("31  nothing"), "{table}");
        assert!(lines[2].ends_with("panicked at 'x'") && lines[3].ends_with("it failed"), "{table}");
        assert!(ended[1].line().ends_with("FOUND: panicked at 'x'"), "{}", ended[1].line());
    }
}
