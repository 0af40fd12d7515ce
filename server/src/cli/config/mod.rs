//! Settings of the centre: flags go before the environment, that before the file, that before what is built in.
//!
//! A setting is one argument of the command line and nothing else: every flag of `serve`, and every flag that all
//! commands share, is one. Its name in the file is that of the flag (`listen` for `--listen`), its variable
//! `HOMPHIEU_` with the same name in capitals unless it names another, its help, type and default are the flag's, and
//! `hide_env_values` marks it as secret. Values of the file become defaults of the arguments, so that they are parsed
//! by the same code. A setting must not `require` another flag in clap's sense, which does not look at defaults; what
//! belongs together is checked where it is used.

mod file;
mod settings;
mod show;
#[cfg(test)]
mod tests;

pub(super) use file::ConfigFile;
pub(super) use settings::Setting;
pub(super) use show::{Command, run};

use super::CliError;
use super::lang::{self, usage};
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Name of the file in the centre's folder.
pub(super) const FILE_NAME: &str = "homphieu.toml";

/// The command line with everything that was said elsewhere.
pub(super) struct Started {
    /// The command and its arguments.
    pub(super) cli: super::Cli,
    /// The settings, and where each comes from.
    pub(super) settings: Vec<Setting>,
    /// The file and what is wrong with it.
    pub(super) file: ConfigFile,
    /// Whether the centre's folder was named, and is not just the usual one.
    pub(super) folder_named: bool,
    /// What a later `serve` would be told, for commands that look at the settings; nothing if they are wrong.
    pub(super) serve: Option<super::serve::Args>,
}

/// Why no command came of the arguments.
pub(super) enum NotStarted {
    /// Help, version, or a complaint about the arguments.
    Usage(clap::Error),
    /// A file that cannot be read, or is wrong.
    Config(CliError),
}

impl From<clap::Error> for NotStarted {
    fn from(error: clap::Error) -> Self {
        Self::Usage(error)
    }
}

/// Reads arguments, environment and file.
pub(super) fn start(args: &[OsString]) -> Result<Started, NotStarted> {
    let bare = settings::with_environment(super::Cli::command());
    let first = finished(bare.clone()).try_get_matches_from(args)?;
    let mut file = match place(&first) {
        Some((path, found_in_folder)) => {
            file::read(&path, &bare, found_in_folder).map_err(NotStarted::Config)?
        }
        None => ConfigFile::default(),
    };
    if matches!(first.subcommand_name(), Some("demo")) && first.get_one::<PathBuf>("config").is_none() {
        // The demo makes a centre of its own; the one that lies around here is none of its business.
        file = ConfigFile::default();
    }
    let command = settings::with_defaults(bare, &file);
    let matches = finished(command.clone()).try_get_matches_from(args)?;
    let cli = super::Cli::from_arg_matches(&matches)?;
    if let Some(lang) = cli.lang {
        lang::set(lang);
    }
    // These help to find out what is wrong, so they run all the same.
    let mends = matches!(first.subcommand_name(), Some("config" | "doctor" | "completions" | "man"));
    if !file.problems.is_empty() && !mends {
        return Err(NotStarted::Config(CliError::Config(file.problem_lines())));
    }
    let folder_named = matches.value_source("data_dir") != Some(clap::parser::ValueSource::DefaultValue)
        || file.has("data-dir");
    let asks = matches!(first.subcommand_name(), Some("mail" | "webhook" | "notice"));
    let serve = if mends || asks { later_serve(&command, &cli.data_dir) } else { None };
    let settings = settings::resolve(&finished(command), &matches, &file);
    Ok(Started { cli, settings, file, folder_named, serve })
}

/// The database that the settings in a centre's folder name.
pub(super) fn database_in(folder: &Path) -> Option<String> {
    let bare = settings::with_environment(super::Cli::command());
    let file = file::read(&folder.join(FILE_NAME), &bare, true).ok()?;
    let named = file.entries.get("database-url")?.values.first()?;
    Some(named.to_string_lossy().into_owned())
}

/// The commands as they are shown and parsed: with clap's own arguments, in the language of the process.
pub(super) fn finished(mut command: clap::Command) -> clap::Command {
    command.build();
    let command = lang::help::in_language(command, lang::current());
    let codes = super::exit::table();
    command.mut_subcommand("exit-codes", |command| command.after_help(codes))
}

/// The arguments of a `serve` that is told nothing but the folder.
fn later_serve(command: &clap::Command, folder: &Path) -> Option<super::serve::Args> {
    let args = ["homphieu", "--data-dir"].map(OsString::from).into_iter();
    let args = args.chain([folder.as_os_str().to_owned(), "serve".into()]);
    let matches = finished(command.clone()).try_get_matches_from(args).ok()?;
    match super::Cli::from_arg_matches(&matches).ok()?.command {
        super::Command::Serve(serve) => Some(serve),
        _ => None,
    }
}

impl Started {
    /// What stands against serving with these settings, though each alone is of the right form; one a line.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let found = self.serve.as_ref().map(|serve| serve.contradictions(&self.cli.data_dir));
        found.unwrap_or_default().iter().map(lang::explain::words).collect()
    }
}

/// Where the file is, and whether it was found in the folder instead of named.
fn place(matches: &ArgMatches) -> Option<(PathBuf, bool)> {
    if let Some(named) = matches.get_one::<PathBuf>("config") {
        return Some((named.clone(), false));
    }
    let folder = matches.get_one::<PathBuf>("data_dir").map_or(Path::new("."), PathBuf::as_path);
    Some((folder.join(FILE_NAME), true)).filter(|(path, _)| path.exists())
}

/// Why a value was not taken, without the value: it may be secret.
fn reason(error: &clap::Error) -> String {
    usage::reason(error)
}
