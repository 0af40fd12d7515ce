//! `homphieu config`.

use super::settings::{Source, arguments};
use super::{Started, file};
use crate::cli::CliError;
use clap::CommandFactory;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Command {
    /// Show every setting with its value and where it comes from, and everything that is wrong.
    Check,
    /// Print a file with every setting, all commented out, to begin from.
    Example,
}

pub(in crate::cli) fn run(command: &Command, started: &Started) -> Result<(), CliError> {
    match command {
        Command::Check => check(started),
        Command::Example => {
            say!("{}", example());
            Ok(())
        }
    }
}

fn check(started: &Started) -> Result<(), CliError> {
    match &started.file.path {
        Some(path) => say!("{}", tr!("config-file", path = path.display().to_string())),
        None => say!("{}", tr!("config-no-file")),
    }
    let keys = started.settings.iter().map(|setting| setting.key.len()).max().unwrap_or(0);
    let values = started.settings.iter().map(|setting| setting.shown().chars().count()).max().unwrap_or(0);
    for setting in &started.settings {
        let value = if setting.values.is_empty() { "–".to_owned() } else { setting.shown() };
        say!("  {:<keys$}  {value:<values$}  {}", setting.key, source(&setting.source));
    }
    let command = super::settings::with_environment(crate::cli::Cli::command());
    let mut problems = started.file.problem_lines();
    for setting in &started.settings {
        if let Source::Environment(name) = &setting.source
            && let Some(why) = file::refusal(&command, &setting.arg, &setting.values)
        {
            problems.push(tr!("config-bad-variable", name = name.as_str(), why = why));
        }
    }
    if problems.is_empty() {
        problems = started.contradictions();
    }
    if problems.is_empty() {
        say!("{}", tr!("config-right"));
        Ok(())
    } else {
        Err(CliError::Config(problems))
    }
}

fn source(source: &Source) -> String {
    match source {
        Source::Flag => tr!("config-source-flag"),
        Source::Environment(name) => tr!("config-source-environment", name = name.as_str()),
        Source::File(line) => tr!("config-source-file", line = *line),
        Source::BuiltIn => tr!("config-source-built-in"),
    }
}

/// A file in which every setting is explained and commented out.
pub(super) fn example() -> String {
    let command = super::finished(super::settings::with_environment(crate::cli::Cli::command()));
    let mut text = String::new();
    for line in tr!("config-example-head").lines() {
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
    for arg in arguments(&command) {
        let help =
            arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
        text.push('\n');
        for line in help.lines() {
            text.push_str(format!("# {line}").trim_end());
            text.push('\n');
        }
        let key = arg.get_long().unwrap_or_default();
        text.push_str(&format!("#{key} = {}\n", example_value(&arg)));
    }
    text.trim_end().to_owned()
}

/// Values of the settings that have none of their own, as an office might write them.
const EXAMPLES: [(&str, &str); 9] = [
    ("database-url", "\"postgres://homphieu@localhost/homphieu?host=/run/postgresql\""),
    ("listen", "\"0.0.0.0:8443\""),
    ("tls-cert", "\"/etc/ssl/certs/trung-tam.pem\""),
    ("tls-key", "\"/etc/ssl/private/trung-tam.key\""),
    ("proxy", "[\"172.18.0.0/16\"]"),
    ("backup-to", "\"/var/backups/homphieu\""),
    ("backup-recipient", "[\"age1…\"]"),
    ("backup-keep", "14"),
    ("data-dir", "\"/var/lib/homphieu\""),
];

fn example_value(arg: &clap::Arg) -> String {
    if let Some((_, value)) = EXAMPLES.iter().find(|(key, _)| Some(*key) == arg.get_long()) {
        return (*value).to_owned();
    }
    let quoted = |text: &str| {
        if text.parse::<i64>().is_ok() { text.to_owned() } else { format!("{text:?}") }
    };
    let default = arg.get_default_values().first().map(|value| quoted(&value.to_string_lossy()));
    let possible = || arg.get_possible_values().first().map(|value| quoted(value.get_name()));
    if !arg.get_action().takes_values() {
        return "true".to_owned();
    }
    let value = default.or_else(possible).unwrap_or_else(|| "\"…\"".to_owned());
    if matches!(arg.get_action(), clap::ArgAction::Append) { format!("[{value}]") } else { value }
}
