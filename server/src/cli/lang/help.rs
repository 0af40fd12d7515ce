//! Help in Vietnamese: walks the commands and replaces every text that clap shows. The doc comments are the English.
//!
//! The texts of a command stand under its path, `homphieu-round-import`; those of its arguments are attributes of it.

use super::{Lang, find, vietnamese};
use clap::builder::{Resettable, StyledStr};
use clap::{Arg, Command};

/// How a page of help is laid out; as clap's own, with a heading that can be said.
const PAGE: &str =
    "{before-help}{about-with-newline}\n{usage-heading-here} {usage}\n\n{all-args}{after-help}";

/// The commands with their help in this language. They must be built, so that clap's own arguments are there too.
pub(in crate::cli) fn in_language(command: Command, lang: Lang) -> Command {
    match lang {
        Lang::En => command,
        Lang::Vi => translate(command, &mut Vec::new()),
    }
}

fn translate(command: Command, path: &mut Vec<String>) -> Command {
    // `help round` shows what `round` is.
    let is_help = command.get_name() == "help";
    if !is_help {
        path.push(command.get_name().to_owned());
    }
    let key = path.join("-");
    let page = PAGE.replace("{usage-heading-here}", &vietnamese("usage-heading", &[]));
    let mut command = command
        .help_template(page)
        .subcommand_help_heading(vietnamese("usage-commands", &[]))
        .subcommand_value_name(vietnamese("usage-command", &[]))
        .mut_args(|arg| argument(arg, &key))
        .mut_subcommands(|inner| translate(inner, path));
    let about =
        if is_help { Some(vietnamese("usage-help-command", &[])) } else { find(Lang::Vi, &key, None, &[]) };
    if let Some(about) = about {
        let (short, long) = short_and_long(&about);
        command = command.about(short).long_about(long);
    }
    if !is_help {
        path.pop();
    }
    usage(command)
}

/// The line of usage, whose one word that is not ours clap writes itself.
fn usage(mut command: Command) -> Command {
    let line = command.render_usage().to_string();
    let line = line.trim_start_matches("Usage:").trim();
    let line = line.replace("[OPTIONS]", &format!("[{}]", vietnamese("usage-options", &[]).to_uppercase()));
    command.override_usage(line)
}

/// The first paragraph is for lists, the whole for the page of its own.
fn short_and_long(text: &str) -> (StyledStr, Resettable<StyledStr>) {
    match text.split_once("\n\n") {
        Some((short, _)) => (short.to_owned().into(), Resettable::Value(text.to_owned().into())),
        None => (text.to_owned().into(), Resettable::Reset),
    }
}

/// The name of an argument's text: an attribute of its command.
pub(super) fn attribute(arg: &Arg) -> String {
    arg.get_id().as_str().replace('_', "-").to_lowercase()
}

fn argument(arg: Arg, key: &str) -> Arg {
    let name = attribute(&arg);
    let own = match name.as_str() {
        "help" | "version" => Some(vietnamese(&format!("usage-{name}"), &[])),
        _ => {
            let key = if arg.is_global_set() { "homphieu" } else { key };
            find(Lang::Vi, key, Some(&name), &[])
        }
    };
    let heading = match (arg.is_positional(), arg.is_global_set()) {
        (true, _) => vietnamese("usage-arguments", &[]),
        (_, true) => vietnamese("usage-shared-options", &[]),
        _ => vietnamese("usage-options", &[]),
    };
    let Some(mut help) = own else { return arg.help_heading(heading) };
    for note in notes(&arg) {
        help.push(' ');
        help.push_str(&note);
    }
    let (short, long) = short_and_long(&help);
    arg.help(short)
        .long_help(long)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_env(true)
        .hide_possible_values(true)
}

/// What clap would add in English: default, environment, possible values.
fn notes(arg: &Arg) -> Vec<String> {
    let takes_value = arg.get_action().takes_values();
    let mut notes = Vec::new();
    let defaults: Vec<_> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if takes_value && !defaults.join("").is_empty() && !arg.is_hide_default_value_set() {
        notes.push(vietnamese("usage-default", &[("value", defaults.join(",").into())]));
    }
    if let Some(name) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        notes.push(vietnamese("usage-environment", &[("value", name.to_string_lossy().into_owned().into())]));
    }
    let possible: Vec<_> = arg.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect();
    if takes_value && !possible.is_empty() && !arg.is_hide_possible_values_set() {
        notes.push(vietnamese("usage-possible", &[("value", possible.join(", ").into())]));
    }
    notes
}
