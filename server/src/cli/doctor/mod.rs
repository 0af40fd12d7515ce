//! `homphieu doctor`: whether this machine is fit to run the centre. It changes nothing, unless it is told to rebuild.
//!
//! Each check looks, and a pure function judges what it saw; so what is judged can be tested without a full disk or a
//! wrong clock.

mod calendar;
mod certificate;
mod database;
mod folder;
mod machine;
mod network;
mod rebuild;
mod ways;

use super::CliError;
use super::config::{Setting, Started};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
    /// Check every change of units' records again, and make what is projected from them anew.
    #[arg(long, conflicts_with = "json")]
    rebuild: bool,
}

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum State {
    /// As it should be.
    Ok,
    /// The centre runs, but somebody should look.
    Warn,
    /// The centre does not run, or not safely.
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(in crate::cli) struct Finding {
    /// Stable name of the check.
    check: &'static str,
    state: State,
    /// What was found.
    found: String,
    /// What to do about it.
    advice: Option<String>,
}

impl Finding {
    pub(in crate::cli) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), advice: None }
    }

    pub(in crate::cli) fn warn(
        check: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Warn, found: found.into(), advice: Some(advice.into()) }
    }

    pub(in crate::cli) fn fail(
        check: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { check, state: State::Fail, found: found.into(), advice: Some(advice.into()) }
    }
}

/// What is to be examined.
struct Patient<'a> {
    folder: &'a Path,
    settings: &'a [Setting],
    settings_file: Option<&'a Path>,
}

impl Patient<'_> {
    /// The value of a setting, if there is such a setting and it has one.
    fn value(&self, key: &str) -> Option<&std::ffi::OsStr> {
        self.settings.iter().find(|setting| setting.key == key)?.value()
    }

    /// Whether a setting that is true or false is true.
    fn is_on(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value == "true")
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.value(key).map(PathBuf::from)
    }
}

pub(super) async fn run(args: &Args, started: &Started) -> Result<(), CliError> {
    if args.rebuild {
        return rebuild::run(started).await;
    }
    let patient = Patient {
        folder: &started.cli.data_dir,
        settings: &started.settings,
        settings_file: started.file.path.as_deref(),
    };
    let mut findings = vec![settings(started)];
    findings.extend(folder::examine(&patient));
    findings.extend(database::examine(&patient).await);
    findings.extend(network::examine(&patient));
    findings.extend(certificate::examine(&patient));
    findings.extend(machine::examine(&patient));
    findings.push(calendar::examine(patient.folder, crate::service::now()));
    findings.extend(ways::examine(started.serve.as_ref().map(super::serve::Args::ways)));
    report(&findings, args.json)
}

/// What is asked of any folder that holds something dear: who may look into it, and how much still fits.
pub(in crate::cli) fn of_folder(folder: &Path) -> Vec<Finding> {
    folder::examine_folder(folder)
}

/// Whether the clock can be right, looking at what was written in the folder.
pub(in crate::cli) fn of_clock(folder: &Path) -> Finding {
    machine::examine_clock(folder)
}

/// Shows what was found; any fault ends the program as one.
pub(in crate::cli) fn report(findings: &[Finding], json: bool) -> Result<(), CliError> {
    let faults = findings.iter().filter(|finding| finding.state == State::Fail).count();
    if json {
        let report = serde_json::json!({ "fit": faults == 0, "checks": findings });
        say!("{}", serde_json::to_string_pretty(&report).expect("findings are plain data"));
    } else {
        findings.iter().for_each(show);
    }
    if faults == 0 { Ok(()) } else { Err(CliError::Fault(tr!("doctor-faults", count = faults))) }
}

fn settings(started: &Started) -> Finding {
    let problems = started.file.problem_lines();
    if !problems.is_empty() {
        return Finding::fail("settings", problems.join("; "), tr!("doctor-settings-advice"));
    }
    let contradictions = started.contradictions();
    if !contradictions.is_empty() {
        return Finding::fail("settings", contradictions.join("; "), tr!("doctor-settings-advice"));
    }
    match &started.file.path {
        Some(path) => Finding::ok("settings", path.display().to_string()),
        None => Finding::ok("settings", tr!("doctor-settings-none")),
    }
}

fn show(finding: &Finding) {
    let mark = match finding.state {
        State::Ok => tr!("doctor-ok"),
        State::Warn => tr!("doctor-warn"),
        State::Fail => tr!("doctor-fail"),
    };
    say!("{mark:<8} {:<13} {}", name(finding.check), finding.found);
    if let Some(advice) = &finding.advice {
        say!("{:<22} → {advice}", "");
    }
}

/// The check's name for people.
fn name(check: &str) -> String {
    match check {
        "settings" => tr!("doctor-name-settings"),
        "folder" => tr!("doctor-name-folder"),
        "secrets" => tr!("doctor-name-secrets"),
        "writing" => tr!("doctor-name-writing"),
        "disk" => tr!("doctor-name-disk"),
        "database" => tr!("doctor-name-database"),
        "backup" => tr!("doctor-name-backup"),
        "listen" => tr!("doctor-name-listen"),
        "exposure" => tr!("doctor-name-exposure"),
        "certificate" => tr!("doctor-name-certificate"),
        "calendar" => tr!("doctor-name-calendar"),
        "clock" => tr!("doctor-name-clock"),
        "zone" => tr!("doctor-name-zone"),
        "files" => tr!("doctor-name-files"),
        "core" => tr!("doctor-name-core"),
        "tablet" => tr!("doctor-name-tablet"),
        "round" => tr!("doctor-name-round"),
        "list" => tr!("doctor-name-list"),
        other => other.to_owned(),
    }
}
