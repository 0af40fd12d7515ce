//! The file against a command line that has a setting of every kind.

use super::file::{ConfigFile, parse};
use super::settings::{self, Setting, Source};
use crate::cli::{Cli, lang};
use clap::{Arg, ArgAction, Command, CommandFactory, value_parser};
use proptest::prelude::*;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A text, an address, a path, a number, a list, a choice, a flag and a secret.
fn command() -> Command {
    let long = |name: &'static str| Arg::new(name.replace('-', "_")).long(name).action(ArgAction::Set);
    let path = value_parser!(PathBuf);
    let shared = Command::new("homphieu")
        .arg(long("data-dir").global(true).value_parser(path.clone()))
        .arg(long("config").global(true).value_parser(path.clone()))
        .arg(long("lang").global(true).value_parser(value_parser!(lang::Lang)));
    shared.subcommand(Command::new("other").arg(long("elsewhere"))).subcommand(
        Command::new("serve")
            .arg(long("listen").value_parser(value_parser!(SocketAddr)).default_value("127.0.0.1:8080"))
            .arg(long("tls-cert").value_parser(path))
            .arg(long("keep").value_parser(value_parser!(u32).range(1..=99)))
            .arg(Arg::new("recipient").long("recipient").action(ArgAction::Append))
            .arg(Arg::new("behind_proxy").long("behind-proxy").action(ArgAction::SetTrue))
            .arg(long("database-url").hide_env_values(true)),
    )
}

fn read(text: &str) -> ConfigFile {
    parse(text, &command(), Path::new("/etc/homphieu"), false)
}

fn values(file: &ConfigFile, key: &str) -> Vec<String> {
    let entry = file.entries.get(key).unwrap_or_else(|| panic!("{key} is set: {:?}", file.problems));
    entry.values.iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_value_of_every_kind_is_read_with_its_line() {
    let file = read(
        "# the centre\nlisten = \"0.0.0.0:443\"\n\ntls-cert = \"cert.pem\"\nkeep = 1_0\nbehind-proxy = true\n\
         recipient = [\"a\", \"b\"]\nlang = \"vi\"\ndata-dir = \"/var/lib/homphieu\"\n",
    );
    assert_eq!(file.problems, []);
    assert_eq!(values(&file, "listen"), ["0.0.0.0:443"]);
    assert_eq!(values(&file, "tls-cert"), ["/etc/homphieu/cert.pem"], "from the file's folder");
    assert_eq!(values(&file, "data-dir"), ["/var/lib/homphieu"], "an absolute path stays");
    assert_eq!(values(&file, "keep"), ["10"]);
    assert_eq!(values(&file, "recipient"), ["a", "b"]);
    assert_eq!(values(&file, "behind-proxy"), ["true"]);
    let lines = ["listen", "tls-cert", "keep", "recipient"].map(|key| file.entries[key].line);
    assert_eq!(lines, [2, 4, 5, 7]);
}

#[test]
fn every_problem_is_told_at_once_each_with_its_line_and_without_the_value() {
    let file = read(
        "listen = \"secret-here\"\nkeep = 100\nkeep = 2\nlang = \"fr\"\ntls-cert = 1.5\nelsewhere = \"x\"\n\
         behind-proxy = \"yes\"\nlisten-to = \"x\"\ndatabase-url = [\"a\"]\nconfig = \"other.toml\"\n[limits]\nx = 1\n\
         recipient = [[1]]\n",
    );
    let lines: Vec<usize> = file.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], "{:#?}", file.problems);
    assert_eq!(file.entries.len(), 0);
    let said = file.problem_lines().join("\n");
    assert!(!said.contains("secret-here"), "{said}");
    assert!(said.contains("vi, en"), "what is possible is said: {said}");
    assert!(said.contains("`listen-to`; there are data-dir, lang, listen, "), "{said}");
}

#[test]
fn a_file_in_the_folder_cannot_move_the_folder() {
    let text = "data-dir = \"/elsewhere\"\n";
    assert!(read(text).problems.is_empty());
    let inside = parse(text, &command(), Path::new("/x"), true);
    assert_eq!(inside.problems.len(), 1);
    assert!(!inside.has("data-dir"));
}

#[test]
fn a_file_is_below_the_environment_and_that_below_a_flag() {
    let file = read("listen = \"127.0.0.2:1\"\nbehind-proxy = true\nrecipient = [\"a\", \"b\"]\nkeep = 3\n");
    let command = settings::with_defaults(settings::with_environment(command()), &file);
    let set_in_environment = command.find_subcommand("serve").unwrap().get_arguments();
    let names: Vec<_> = set_in_environment.filter_map(|arg| arg.get_env()?.to_str()).collect();
    assert!(
        names.contains(&"HOMPHIEU_BEHIND_PROXY") && names.contains(&"HOMPHIEU_DATABASE_URL"),
        "{names:?}"
    );
    let line = ["homphieu", "serve", "--keep", "4"];
    let matches = command.clone().try_get_matches_from(line).unwrap();
    let serve = matches.subcommand_matches("serve").unwrap();
    assert_eq!(serve.get_one::<SocketAddr>("listen").unwrap().to_string(), "127.0.0.2:1");
    assert!(serve.get_flag("behind_proxy"));
    let recipients: Vec<_> = serve.get_many::<String>("recipient").unwrap().collect();
    assert_eq!(recipients, ["a", "b"]);
    assert_eq!(serve.get_one::<u32>("keep"), Some(&4));
    let found = settings::resolve(&command, &matches, &file);
    let source = |key: &str| found.iter().find(|setting| setting.key == key).unwrap().source.clone();
    assert_eq!(source("listen"), Source::File(1));
    assert_eq!(source("recipient"), Source::File(3));
    assert_eq!(source("keep"), Source::Flag);
    assert_eq!(source("tls-cert"), Source::BuiltIn);
    assert!(found.iter().all(|setting| setting.key != "config" && setting.key != "elsewhere"));
}

#[test]
fn a_flag_that_all_commands_share_takes_its_default_from_the_file_in_each_of_them() {
    let file = read("data-dir = \"/srv\"\n");
    let mut command = settings::with_defaults(command(), &file);
    command.build();
    for line in [vec!["homphieu", "other"], vec!["homphieu", "serve"]] {
        let matches = command.clone().try_get_matches_from(line).unwrap();
        assert_eq!(matches.get_one::<PathBuf>("data_dir").unwrap(), Path::new("/srv"));
    }
    for line in [["homphieu", "--data-dir=/x", "other"], ["homphieu", "other", "--data-dir=/x"]] {
        let matches = command.clone().try_get_matches_from(line).unwrap();
        assert_eq!(matches.get_one::<PathBuf>("data_dir").unwrap(), Path::new("/x"));
    }
}

#[test]
fn secrets_are_shown_without_what_is_secret_in_them() {
    let shown = |value: &str| {
        let arg = command().find_subcommand("serve").unwrap().get_arguments().last().unwrap().clone();
        let values = vec![value.into()];
        Setting { key: "database-url".to_owned(), values, source: Source::Flag, arg }.shown()
    };
    for (value, expected) in [
        ("postgres://centre:pass@db:5432/homphieu", "postgres://centre:…@db:5432/homphieu"),
        ("postgres://centre:p@ss:w@rd@db/homphieu", "postgres://centre:…@db/homphieu"),
        ("postgres://db/homphieu?user=a&password=pass", "postgres://db/homphieu"),
        ("postgres://db/homphieu", "postgres://db/homphieu"),
        ("postgres://pass@word@db/homphieu", "…"),
        ("host=db password=pass", "…"),
        ("pass", "…"),
    ] {
        assert_eq!(shown(value), expected);
        assert!(!shown(value).contains("pass") && !shown(value).contains("rd"));
    }
}

#[test]
fn the_example_explains_every_setting_and_is_a_valid_file_once_its_marks_are_gone() {
    let example = super::show::example();
    let bare = settings::with_environment(Cli::command());
    let commented = parse(&example, &bare, Path::new("/x"), false);
    assert!(commented.problems.is_empty() && commented.entries.is_empty(), "nothing is set: {commented:?}");
    let keys: Vec<_> =
        settings::arguments(&bare).iter().map(|arg| arg.get_long().unwrap().to_owned()).collect();
    assert!(keys.iter().any(|key| key == "listen") && keys.iter().any(|key| key == "data-dir"));
    for key in keys {
        let line = example.lines().find(|line| line.starts_with(&format!("#{key} = ")));
        let line = line.unwrap_or_else(|| panic!("{key} is not in the example"));
        // A value that only its owner knows stands as dots.
        if !line.contains('…') {
            let set = parse(&line[1..], &bare, Path::new("/x"), false);
            assert!(set.problems.is_empty() && set.has(&key), "{line}: {:?}", set.problems);
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fail_and_whatever_is_taken_has_its_line(text in "\\PC{0,200}|[a-z\"= \\[\\]\n#.0-9-]{0,200}") {
        let file = read(&text);
        let lines = text.lines().count().max(1);
        prop_assert!(file.problems.iter().all(|problem| (1..=lines + 1).contains(&problem.line)));
        prop_assert!(file.entries.values().all(|entry| (1..=lines).contains(&entry.line)));
    }
}
