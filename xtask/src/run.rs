//! Starting other programs, so that a failure always names the command that failed.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use thiserror::Error;

/// Why a task ended early.
#[derive(Debug, Error)]
pub enum RunError {
    /// The program is not there or may not be run.
    #[error("`{command}` could not be started: {source}")]
    Start {
        /// The command line.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// The program said no.
    #[error("`{command}` ended with {status}")]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// `cargo metadata` answered something unexpected.
    #[error("`cargo metadata` did not name the {0}; is this a checkout of the project?")]
    Metadata(&'static str),
    /// A tool is missing where nothing may be skipped.
    #[error("{what} is missing and nothing may be skipped here; {how}")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// How to get it.
        how: String,
    },
    /// Something of this name is not there.
    #[error("there is no {what} {name}; known are: {known}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// The name that was given.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A step of several failed.
    #[error("stopped at step `{step}`: {source}")]
    Step {
        /// Its name.
        step: &'static str,
        /// Why it failed.
        source: Box<RunError>,
    },
}

/// Where the checkout and its build results lie.
#[derive(Debug)]
pub struct Workspace {
    /// Folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder, wherever the person has put it.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo, from the current folder.
    pub fn find() -> Result<Self, RunError> {
        let mut command = cargo(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
        command.stderr(Stdio::inherit());
        let output = command.output().map_err(|source| start_error(&command, source))?;
        if !output.status.success() {
            return Err(RunError::Failed { command: line(&command), status: output.status });
        }
        Self::from_metadata(&output.stdout)
    }

    fn from_metadata(json: &[u8]) -> Result<Self, RunError> {
        let metadata: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
        let path = |field, what| {
            metadata
                .get(field)
                .and_then(|value| value.as_str())
                .map(PathBuf::from)
                .ok_or(RunError::Metadata(what))
        };
        Ok(Self {
            root: path("workspace_root", "root of the workspace")?,
            target: path("target_directory", "target folder")?,
        })
    }
}

/// A cargo command, of the toolchain that runs this program.
pub fn cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    // `cargo run` describes this program in the environment; build scripts that watch these variables would then
    // build again each time the two ways of starting cargo take turns.
    for (name, _) in env::vars_os().filter(|(name, _)| describes_a_package(name)) {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end with our input and outputs.
pub fn run(command: &mut Command) -> Result<(), RunError> {
    let status = command.status().map_err(|source| start_error(command, source))?;
    if status.success() { Ok(()) } else { Err(RunError::Failed { command: line(command), status }) }
}

/// Whether a command can be run and ends well; says nothing.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Becomes the command, so that its exit code and the signals meant for it are its own.
#[cfg(unix)]
pub fn hand_over(mut command: Command) -> Result<ExitCode, RunError> {
    let source = std::os::unix::process::CommandExt::exec(&mut command);
    Err(start_error(&command, source))
}

/// Runs the command and ends with its exit code.
#[cfg(not(unix))]
pub fn hand_over(mut command: Command) -> Result<ExitCode, RunError> {
    let status = command.status().map_err(|source| start_error(&command, source))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The command as a person would type it.
fn line(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned();
    command.get_args().fold(name, |line, arg| line + " " + &arg.to_string_lossy())
}

fn start_error(command: &Command, source: io::Error) -> RunError {
    RunError::Start { command: line(command), source }
}

fn describes_a_package(name: &OsString) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_named_with_its_arguments_and_how_it_ended() {
        let error =
            run(cargo(["--list", "--no-such-option"]).stderr(Stdio::null())).expect_err("no such option");
        assert!(error.to_string().starts_with("`cargo --list --no-such-option` ended with exit"), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-program-anywhere")).expect_err("it does not exist");
        assert!(error.to_string().starts_with("`no-such-program-anywhere` could not be started"), "{error}");
        assert!(!succeeds(&mut Command::new("no-such-program-anywhere")));
    }

    #[test]
    fn cargo_is_started_without_the_description_of_this_package() {
        let command = cargo(["--version"]);
        let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).collect();
        assert!(removed.iter().any(|(name, _)| *name == "CARGO_PKG_NAME"), "{removed:?}");
        assert!(
            removed.iter().all(|(name, _)| *name != "CARGO_HOME" && *name != "CARGO_TARGET_DIR"),
            "{removed:?}"
        );
    }

    #[test]
    fn answers_of_cargo_that_name_no_folder_are_refused() {
        for json in [&b""[..], b"{", b"[]", br#"{"workspace_root":"/w"}"#, br#"{"workspace_root":1}"#] {
            assert!(matches!(Workspace::from_metadata(json), Err(RunError::Metadata(_))));
        }
        let found = Workspace::from_metadata(br#"{"workspace_root":"/w","target_directory":"/t"}"#);
        assert_eq!(found.expect("both are named").target, PathBuf::from("/t"));
    }
}
