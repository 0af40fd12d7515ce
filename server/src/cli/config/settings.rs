//! Which arguments are settings, and what each comes to.

use super::file::ConfigFile;
use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use std::ffi::{OsStr, OsString};

/// Arguments that all commands share and that are no settings.
const NO_SETTINGS: [&str; 3] = ["config", "help", "version"];

/// What a setting comes to.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Setting {
    /// Its name: that of the flag, and in the file.
    pub(in crate::cli) key: String,
    /// Its values; several only where it may be repeated, none where it is not set.
    pub(in crate::cli) values: Vec<OsString>,
    /// Where they come from.
    pub(in crate::cli) source: Source,
    /// The argument that it is.
    pub(super) arg: Arg,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Source {
    /// The command line.
    Flag,
    /// This environment variable.
    Environment(String),
    /// This line of the file.
    File(usize),
    /// The program itself.
    BuiltIn,
}

impl Setting {
    /// Its value, if it has one.
    pub(in crate::cli) fn value(&self) -> Option<&OsStr> {
        self.values.first().map(OsString::as_os_str)
    }

    /// Whether its value is for nobody to see.
    pub(in crate::cli) fn is_secret(&self) -> bool {
        self.arg.is_hide_env_values_set()
    }

    /// Whether its value stands in the file.
    pub(in crate::cli) fn is_from_file(&self) -> bool {
        matches!(self.source, Source::File(_))
    }

    /// What may be shown of its values.
    pub(in crate::cli) fn shown(&self) -> String {
        let shown: Vec<_> = self.values.iter().map(|value| value.to_string_lossy().into_owned()).collect();
        if self.is_secret() {
            shown.iter().map(|value| masked(value)).collect::<Vec<_>>().join(", ")
        } else {
            shown.join(", ")
        }
    }
}

/// A secret value: of an address all but the password, of anything else nothing.
fn masked(value: &str) -> String {
    let address = value.split_once("://").and_then(|(scheme, rest)| {
        let (people, place) = rest.rsplit_once('@').unwrap_or(("", rest));
        // What follows the question mark may hold a password, too.
        let place = place.split('?').next().unwrap_or_default();
        let user = people.split(':').next().unwrap_or_default();
        let plain = |text: &str| !text.contains(['@', ' ']);
        (plain(scheme) && plain(user) && plain(place)).then(|| match user {
            "" => format!("{scheme}://{place}"),
            user => format!("{scheme}://{user}:…@{place}"),
        })
    });
    address.unwrap_or_else(|| "…".to_owned())
}

/// The arguments that are settings, those of all commands first.
pub(super) fn arguments(command: &Command) -> Vec<Arg> {
    let shared = command.get_arguments().filter(|arg| arg.is_global_set());
    let serve = command.find_subcommand("serve").into_iter();
    let serve = serve.flat_map(Command::get_arguments).filter(|arg| !arg.is_global_set());
    let is_setting =
        |arg: &&Arg| arg.get_long().is_some_and(|long| !NO_SETTINGS.contains(&long)) && !arg.is_positional();
    shared.chain(serve).filter(is_setting).cloned().collect()
}

/// The commands with a variable for every setting.
pub(super) fn with_environment(command: Command) -> Command {
    let name = |arg: &Arg| {
        let long = arg.get_long().unwrap_or_default();
        format!("HOMPHIEU_{}", long.replace('-', "_").to_uppercase())
    };
    change_settings(command, |arg| {
        let variable = name(&arg);
        if arg.get_env().is_some() { arg } else { arg.env(variable) }
    })
}

/// The commands with the values of the file as defaults.
pub(super) fn with_defaults(command: Command, file: &ConfigFile) -> Command {
    change_settings(command, |arg| match arg.get_long().and_then(|long| file.entries.get(long)) {
        Some(entry) => arg.default_values(entry.values.clone()),
        None => arg,
    })
}

/// The commands as if no variable were set, to try single values.
pub(super) fn flag_command(command: &Command) -> Command {
    change_settings(command.clone(), |arg| arg.env(Resettable::<clap::builder::OsStr>::Reset))
}

fn change_settings(mut command: Command, change: impl Fn(Arg) -> Arg) -> Command {
    for arg in arguments(&command) {
        let id = arg.get_id().clone();
        command = if arg.is_global_set() {
            command.mut_arg(id, &change)
        } else {
            command.mut_subcommand("serve", |serve| serve.mut_arg(id, &change))
        };
    }
    command
}

/// What every setting comes to, for the command that was parsed as well as for a later `serve`.
pub(super) fn resolve(command: &Command, matches: &ArgMatches, file: &ConfigFile) -> Vec<Setting> {
    let serve = matches.subcommand_matches("serve");
    let found = |arg: Arg| {
        let id = arg.get_id().as_str();
        let parsed = if arg.is_global_set() { Some(matches) } else { serve };
        let by_flag = parsed.filter(|m| m.value_source(id) == Some(ValueSource::CommandLine));
        let key = arg.get_long().unwrap_or_default().to_owned();
        let variable = arg.get_env().and_then(|name| Some((name.to_owned(), std::env::var_os(name)?)));
        let (values, source) = match (by_flag, variable, file.entries.get(&key)) {
            (Some(matches), _, _) => {
                let raw = matches.get_raw(id).map(|raw| raw.map(OsStr::to_owned).collect());
                (raw.unwrap_or_default(), Source::Flag)
            }
            (_, Some((name, value)), _) => {
                (vec![value], Source::Environment(name.to_string_lossy().into_owned()))
            }
            (_, _, Some(entry)) => (entry.values.clone(), Source::File(entry.line)),
            _ => {
                let built_in = arg.get_default_values().iter().map(|value| value.to_os_string());
                (built_in.collect(), Source::BuiltIn)
            }
        };
        Setting { key, values, source, arg }
    };
    arguments(command).into_iter().map(found).collect()
}
