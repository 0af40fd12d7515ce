//! Nothing stays untranslated, nothing is translated for nobody.

use super::*;
use crate::cli::{Cli, CliError, config};
use crate::error::AppError;
use clap::{Command, CommandFactory};
use fluent_bundle::FluentResource;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Keys of a language's files, those of help apart, with the variables that each uses.
fn keys(files: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for file in files {
        let resource = FluentResource::try_new((*file).to_owned())
            .unwrap_or_else(|(_, errors)| panic!("a file of texts does not parse: {errors:?}"));
        assert!(!file.contains('\t'), "Fluent takes no tabs");
        for (name, text) in messages(file) {
            let twice = keys.insert(name.clone(), variables(&text));
            assert!(twice.is_none(), "{name} is there twice");
        }
        drop(resource);
    }
    keys
}

/// Each message with its source.
fn messages(file: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        let begins =
            line.split_once(" =").filter(|(name, _)| name.starts_with(|c: char| c.is_ascii_lowercase()));
        match (begins, found.last_mut()) {
            (Some((name, text)), _) => found.push((name.to_owned(), text.to_owned())),
            (None, Some((_, text))) => {
                text.push('\n');
                text.push_str(line);
            }
            (None, None) => assert!(line.trim().is_empty(), "{line} belongs to no message"),
        }
    }
    found
}

fn variables(text: &str) -> BTreeSet<String> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    text.split('$').skip(1).map(|rest| rest.split(word).next().unwrap().to_owned()).collect()
}

fn without_help() -> Vec<&'static str> {
    VI.iter().copied().filter(|file| !file.contains("\nhomphieu =")).collect()
}

/// Every Rust source of these folders of the server, this file apart.
fn sources(folders: &[&str]) -> Vec<String> {
    fn read(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else if !path.ends_with("tests.rs") {
                let source = std::fs::read_to_string(path).unwrap();
                let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.push(code.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    let mut found = Vec::new();
    for folder in folders {
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut found);
    }
    found
}

/// Keys that the sources name in `tr!("…"`, `vi!("…"` or `text("…"`, with the variables they give.
fn named_in_sources() -> BTreeMap<String, Vec<BTreeSet<String>>> {
    let mut named: BTreeMap<String, Vec<BTreeSet<String>>> = BTreeMap::new();
    for source in sources(&["cli"]) {
        for (start, is_macro) in [("tr!(", true), ("vi!(", true), ("text(", false), ("vietnamese(", false)] {
            for (at, _) in source.match_indices(start) {
                let rest = source[at + start.len()..].trim_start().strip_prefix('"');
                let word_goes_on = source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                let Some(rest) = rest.filter(|_| !word_goes_on) else { continue };
                let (key, rest) = rest.split_once('"').unwrap();
                let given = is_macro.then(|| given(rest));
                named.entry(key.to_owned()).or_default().extend(given);
            }
        }
    }
    named
}

/// The names before each ` = ` up to the end of a macro call.
fn given(rest: &str) -> BTreeSet<String> {
    let mut depth = 1;
    let end = rest.char_indices().find(|(_, c)| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    let call = &rest[..end.unwrap().0];
    let names =
        call.split(" = ").filter_map(|part| part.split([',', ' ', '\n']).rfind(|word| !word.is_empty()));
    let count = call.matches(" = ").count();
    names.take(count).map(str::to_owned).collect()
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_variables() {
    // English says these by itself: in clap, and in the words of the errors and of the domain.
    let only = [
        "usage-",
        "error-",
        "action-",
        "core-",
        "noticed-",
        "obstacle-",
        "unfinished-",
        "roster-",
        "correction-",
        "refusal-",
    ];
    let vietnamese_only = |key: &str| only.iter().any(|part| key.starts_with(part));
    let mut vi = keys(&without_help());
    vi.retain(|key, _| !vietnamese_only(key));
    assert_eq!(vi, keys(EN));
}

#[test]
fn every_text_that_the_sources_name_is_there_and_every_text_is_named() {
    let vi = keys(&without_help());
    let named = named_in_sources();
    let missing: Vec<_> = named.keys().filter(|key| !vi.contains_key(*key)).collect();
    assert!(missing.is_empty(), "no text for {missing:#?}");
    let composed = ["error-", "action-", "usage-help", "usage-version"];
    let unused: Vec<_> = vi
        .keys()
        .filter(|key| !named.contains_key(*key) && !composed.iter().any(|part| key.starts_with(part)))
        .collect();
    assert!(unused.is_empty(), "nobody says {unused:#?}");
    for (key, calls) in &named {
        for given in calls {
            assert_eq!(given, &vi[key], "{key}: what is given is not what the text uses");
        }
    }
}

#[test]
fn every_error_code_and_every_failed_action_has_its_vietnamese_words() {
    let vi = keys(&without_help());
    let (mut codes, mut actions) = (BTreeSet::new(), BTreeSet::new());
    let literal = |text: &str| {
        let text = text.trim_start().strip_prefix('"')?;
        text.split_once('"').map(|(literal, _)| literal.to_owned())
    };
    for source in sources(&["service", "domain", "store", "http"]) {
        for start in
            ["conflict(", "not_found(", "forbidden(", "unprocessable(", "bad_request(", "unauthorised("]
        {
            let calls = source.match_indices(start).filter(|(at, _)| source[..*at].ends_with("AppError::"));
            codes.extend(calls.filter_map(|(at, _)| literal(&source[at + start.len()..])));
        }
        codes.extend(source.split("code: ").skip(1).filter_map(literal));
    }
    codes.retain(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    for source in sources(&["service", "cli"]) {
        actions.extend(source.split("file_error(").skip(1).filter_map(literal));
        let action = source.split("action: ").skip(1).filter_map(literal);
        actions.extend(action.filter(|words| words.starts_with("cannot ")));
    }
    assert!(codes.contains("unknown_round") && codes.contains("changed_meanwhile"), "{codes:?}");
    assert!(actions.contains("cannot read"), "{actions:?}");
    let action = |action: &String| format!("action-{}", action.replace(' ', "-"));
    let known = [
        "error-internal",
        "error-disk-full",
        "error-read-only",
        "error-busy",
        "error-damaged",
        "error-migrate",
        "error-database-unreachable",
        "error-database-address",
        "error-database-newer",
        "error-database-not-let-in",
        "error-database-setting",
        "error-tls-exists",
        "error-tls-making",
        "error-tls-no-address",
        "error-tls-no-authority",
        "error-tls-no-certificate",
        "error-tls-no-key",
        "error-tls-outside",
        "error-tls-unusable",
        "error-tls-wrong-key",
        "error-ways-address",
        "error-ways-clear",
        "error-ways-file",
        "error-ways-from",
        "error-ways-needs",
        "error-ways-tls",
    ];
    let wanted: BTreeSet<_> = codes
        .iter()
        .map(|code| explain::error_key(code))
        .chain(actions.iter().map(action))
        .chain(known.map(str::to_owned))
        .collect();
    let there: BTreeSet<_> =
        vi.into_keys().filter(|key| key.starts_with("error-") || key.starts_with("action-")).collect();
    let missing: Vec<_> = wanted.difference(&there).collect();
    let unused: Vec<_> = there.difference(&wanted).collect();
    assert!(missing.is_empty() && unused.is_empty(), "missing {missing:#?}, unused {unused:#?}");
}

/// Every command and argument that has help, as `command` or `command.argument`, with its English.
fn helped(command: &Command, path: &str, found: &mut BTreeMap<String, String>) {
    let path = if path.is_empty() { "homphieu".to_owned() } else { format!("{path}-{}", command.get_name()) };
    found.insert(path.clone(), command.get_about().map(ToString::to_string).unwrap_or_default());
    for arg in command.get_arguments() {
        let english = arg.get_help().map(ToString::to_string).unwrap_or_default();
        found.insert(format!("{path}.{}", help::attribute(arg)), english);
    }
    for inner in command.get_subcommands() {
        helped(inner, &path, found);
    }
}

#[test]
fn every_command_and_argument_is_explained_in_both_languages_and_nothing_else_is() {
    let mut wanted = BTreeMap::new();
    helped(&Cli::command(), "", &mut wanted);
    let without: Vec<_> = wanted.iter().filter(|(_, english)| english.is_empty()).collect();
    assert!(without.is_empty(), "without a doc comment: {without:#?}");
    let file = VI.iter().find(|file| !without_help().contains(file)).unwrap();
    let mut there = BTreeSet::new();
    for (name, text) in messages(file) {
        if name.starts_with("shared-") {
            assert!(file.contains(&format!("{{ {name} }}")), "nobody refers to {name}");
            continue;
        }
        for attribute in text.split("\n    .").skip(1) {
            there.insert(format!("{name}.{}", attribute.split_once(" =").unwrap().0));
        }
        there.insert(name);
    }
    let missing: Vec<_> = wanted.iter().filter(|(key, _)| !there.contains(*key)).collect();
    let unused: Vec<_> = there.iter().filter(|key| !wanted.contains_key(*key)).collect();
    assert!(missing.is_empty() && unused.is_empty(), "missing {missing:#?}, unused {unused:#?}");
}

#[test]
fn a_page_of_help_in_vietnamese_has_no_english_left() {
    let mut command = Cli::command();
    command.build();
    let mut command = help::in_language(command, Lang::Vi);
    fn every_page(command: &mut Command, pages: &mut Vec<String>) {
        pages.push(command.render_help().to_string());
        pages.push(command.render_long_help().to_string());
        command.get_subcommands_mut().for_each(|inner| every_page(inner, pages));
    }
    let mut pages = Vec::new();
    every_page(&mut command, &mut pages);
    assert!(pages.len() > 60, "only {} pages", pages.len());
    for page in &pages {
        for word in [
            "Usage",
            "Options",
            "Commands",
            "Arguments",
            "default:",
            "Print help",
            "possible",
            "[env",
            "OPTIONS",
        ] {
            assert!(!page.contains(word), "{word} stands in\n{page}");
        }
        assert!(page.contains("Cách dùng: homphieu"), "{page}");
    }
    let round = command.find_subcommand_mut("round").unwrap().find_subcommand_mut("import").unwrap();
    let page = round.render_help().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("[mặc định: 10]") && page.contains("collected, summoned"), "{page}");
}

#[test]
fn the_language_is_that_of_the_flag_else_the_variable_else_the_locale() {
    let asked_with = |args: &str, variables: &[(&str, &str)]| {
        let args: Vec<OsString> = args.split(' ').map(OsString::from).collect();
        asked(&args, |name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| value.into()))
    };
    for (args, variables, expected) in [
        ("homphieu", &[][..], Lang::En),
        ("homphieu", &[("LANG", "vi_VN.UTF-8")], Lang::Vi),
        ("homphieu", &[("LANG", "vi")], Lang::Vi),
        ("homphieu", &[("LANG", "vi_VN.UTF-8"), ("LC_ALL", "C.UTF-8")], Lang::En),
        ("homphieu", &[("LANG", "vi_VN.UTF-8"), ("LC_ALL", "")], Lang::Vi),
        ("homphieu", &[("LANG", "en_GB"), ("LC_MESSAGES", "vi_VN")], Lang::Vi),
        ("homphieu", &[("LANG", "vie_US"), ("LC_CTYPE", "vi_VN")], Lang::En),
        ("homphieu", &[("LANG", "vi_VN"), ("HOMPHIEU_LANG", "en")], Lang::En),
        ("homphieu --lang vi serve", &[("HOMPHIEU_LANG", "en")], Lang::Vi),
        ("homphieu serve --lang=VI", &[("LC_ALL", "C")], Lang::Vi),
        ("homphieu count -- --lang vi", &[], Lang::En),
        ("homphieu --lang", &[("LANG", "vi")], Lang::Vi),
        ("homphieu --lang xx", &[("LANG", "vi")], Lang::Vi),
    ] {
        assert_eq!(asked_with(args, variables), expected, "{args} {variables:?}");
    }
}

#[test]
fn a_text_without_vietnamese_is_said_in_english_and_one_without_either_by_its_key() {
    assert_eq!(find(Lang::En, "exit-done", None, &[]).unwrap(), "done");
    assert_eq!(find(Lang::Vi, "exit-done", None, &[]).unwrap(), "xong");
    assert_eq!(text("no-such-text", &[]), "no-such-text");
}

#[test]
fn errors_end_with_the_exit_code_that_the_table_gives_their_kind() {
    use crate::cli::exit::Exit;
    use crate::store::StoreError;
    let refused = CliError::App(AppError::conflict("signed", "x"));
    assert_eq!(Exit::from(&refused), Exit::Refused);
    assert_eq!(Exit::from(&CliError::App(AppError::Store(StoreError::Full))), Exit::Unreachable);
    assert_eq!(Exit::from(&CliError::App(AppError::Store(StoreError::Damaged { what: "x" }))), Exit::Failed);
    assert_eq!(Exit::from(&CliError::Config(vec![])), Exit::Usage);
    let numbers: Vec<u8> = Exit::ALL.iter().map(|exit| *exit as u8).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    drop(config::finished(Cli::command()));
}
