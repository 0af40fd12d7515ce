//! What the documents say of the program is true: commands parse, named tests exist, packaging starts what there is.

#![expect(clippy::unwrap_used, reason = "a check that cannot read what it checks fails on the spot")]

use homphieu_tests::server::program;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands for a value in the documents, and a value of the right form. Everything else is taken as it is written.
const PLACEHOLDERS: [(&str, &str); 3] = [
    ("ID", "5b1bd6ad-8a44-4f0e-9d56-6a1de58b9fe0"),
    ("DEVICE", "00112233445566778899aabbccddeeff"),
    ("SESSION", "5b1bd6ad-8a44-4f0e-9d56-6a1de58b9fe0"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every document for people: those at the top and those in `docs`.
fn documents() -> Vec<(PathBuf, String)> {
    let folders = [root(), root().join("docs")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let documents = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut documents: Vec<_> =
        documents.map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())).collect();
    documents.sort();
    assert!(documents.len() > 5, "{} documents", documents.len());
    documents
}

/// A command line of a document, and whether it is announced for a later version (a block marked `planned`).
#[derive(Debug, PartialEq, Eq)]
struct Line {
    words: Vec<String>,
    planned: bool,
}

/// Every `homphieu …` in code, in blocks and in the running text.
fn command_lines(document: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut block: Option<bool> = None;
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(mark) = line.trim_start().strip_prefix("```") {
            block = if block.is_some() { None } else { Some(mark.trim() == "planned") };
            continue;
        }
        match block {
            Some(planned) => {
                let mut whole = line.trim().to_owned();
                while whole.ends_with('\\') {
                    whole.pop();
                    whole.push_str(lines.next().unwrap_or_default().trim());
                }
                found.extend(words(&whole).map(|words| Line { words, planned }));
            }
            None => {
                let code = line.split('`').skip(1).step_by(2);
                found.extend(code.filter_map(words).map(|words| Line { words, planned: false }));
            }
        }
    }
    found
}

/// The words from `homphieu` on, as a shell would cut them, up to a comment or a pipe. `None` if it is no such command.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut begun, mut quoted) = (String::new(), false, false);
    for c in line.chars().chain([' ']) {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            '#' if !quoted && !begun => break,
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    // `sudo -u homphieu homphieu …` runs the program, `useradd homphieu` and `chown homphieu FILE` do not.
    let at = match words.first()?.as_str() {
        "homphieu" => 0,
        "sudo" => words.windows(2).position(|pair| pair[0] == "homphieu" && pair[1] == "homphieu")? + 1,
        "podman" if words.get(1)? == "run" => words.iter().position(|word| word == "homphieu")?,
        _ => return None,
    };
    let end = words.iter().position(|word| ["|", ">", "&&", ";"].contains(&word.as_str()));
    let command = words.get(at..end.unwrap_or(words.len()))?;
    let value = |word: &String| {
        let found = PLACEHOLDERS.iter().find(|(name, _)| name == word);
        found.map_or_else(|| word.clone(), |(_, value)| (*value).to_owned())
    };
    Some(command.iter().map(value).collect())
}

fn parses(words: &[String]) -> Result<(), String> {
    let parsed = homphieu_server::cli::commands().try_get_matches_from(words);
    let only_shown = |error: &clap::Error| !error.use_stderr();
    match parsed {
        Ok(_) => Ok(()),
        Err(error) if only_shown(&error) => Ok(()),
        // A group of commands may be named in the running text.
        Err(error) if error.kind() == clap::error::ErrorKind::MissingSubcommand => Ok(()),
        Err(error) if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn every_command_line_in_the_documents_parses_and_what_is_announced_is_not_there_yet() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (path, document) in documents() {
        for line in command_lines(&document) {
            seen += 1;
            let told = format!("{}: {}", path.display(), line.words.join(" "));
            match (parses(&line.words), line.planned) {
                (Err(why), false) => wrong.push(format!("{told}\n{why}")),
                (Ok(()), true) => wrong.push(format!("{told}\nthis is there now: take `planned` away")),
                _ => {}
            }
        }
    }
    assert!(seen > 60, "only {seen} command lines were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn command_lines_are_found_where_people_write_them() {
    let document = "Run `homphieu doctor --json`, not `useradd homphieu`.\n\n```\nsudo -u homphieu homphieu round \\\n  \
                    open --round ID   # opens\nchown homphieu file\n```\n\n```planned\nhomphieu fly\n```\n";
    let line = |words: &str, planned| Line { words: words.split(' ').map(str::to_owned).collect(), planned };
    let id = PLACEHOLDERS[0].1;
    assert_eq!(
        command_lines(document),
        [
            line("homphieu doctor --json", false),
            line(&format!("homphieu round open --round {id}"), false),
            line("homphieu fly", true)
        ]
    );
    assert_eq!(words("homphieu round import --title \"Đợt 2018\" x.xlsx | head").unwrap()[4], "Đợt 2018");
    assert!(parses(&line("homphieu doctor --jsn", false).words).is_err());
    assert!(parses(&line("homphieu fly", false).words).is_err());
}

#[test]
fn every_test_that_the_threats_name_exists() {
    let text = std::fs::read_to_string(root().join("THREATS.md")).unwrap();
    let named: Vec<_> =
        text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(".rs::")).collect();
    assert!(named.len() > 30, "only {} tests are named", named.len());
    for (file, function) in named {
        let path = root().join(format!("{file}.rs"));
        let source =
            std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("there is no {}", path.display()));
        let at =
            source.find(&format!("fn {function}(")).unwrap_or_else(|| panic!("no {function} in {file}.rs"));
        let before = source[..at].trim_end().trim_end_matches("async").trim_end();
        let before = before.lines().next_back().unwrap_or_default().trim();
        let is_test = ["#[test]", "#[tokio::test]"].iter().any(|mark| before.ends_with(mark));
        assert!(is_test, "{function} in {file}.rs is no test, but follows {before:?}");
    }
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    for (path, document) in documents() {
        for rest in document.split("](").skip(1) {
            let target = rest.split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(path.parent().unwrap().join(target).exists(), "{} leads to {target}", path.display());
            }
        }
    }
}

#[test]
fn the_container_and_the_systemd_unit_start_commands_that_parse() {
    let unit = std::fs::read_to_string(root().join("packaging/homphieu.service")).unwrap();
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let start: Vec<String> =
        start.replace("/usr/local/bin/homphieu", "homphieu").split(' ').map(str::to_owned).collect();
    parses(&start).unwrap();
    assert_eq!(start[..2], ["homphieu", "serve"]);
    let recipe = std::fs::read_to_string(root().join("packaging/Containerfile")).unwrap();
    let list = |word: &str| {
        let list = recipe.lines().find_map(|line| line.strip_prefix(word)).unwrap().trim();
        serde_json::from_str::<Vec<String>>(list).unwrap()
    };
    let line: Vec<String> = [list("ENTRYPOINT"), list("CMD")].concat();
    parses(&line).unwrap();
    assert!(line.contains(&"serve".to_owned()));
}

#[test]
fn systemd_takes_the_unit_and_finds_it_well_closed() {
    let there = Command::new("systemd-analyze").arg("--version").output();
    if !there.is_ok_and(|output| output.status.success()) {
        println!("skipped: systemd-analyze is missing; it comes with systemd");
        return;
    }
    let unit = std::fs::read_to_string(root().join("packaging/homphieu.service")).unwrap();
    // Here neither the user nor the installed program exists.
    let unit = unit.replace("/usr/local/bin/homphieu", &program().display().to_string());
    let unit = unit.replace("User=homphieu\nGroup=homphieu\n", "DynamicUser=yes\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("homphieu.service");
    std::fs::write(&path, &unit).unwrap();
    let analyze = |args: &[&str]| {
        let output = Command::new("systemd-analyze").args(args).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said.into_owned())
    };
    let (_, said) = analyze(&["verify", "--man=no"]);
    assert!(!said.contains("homphieu.service:"), "systemd finds fault: {said}");
    // Tenths of its scale from 0 (closed) to 10 (open).
    let (closed, said) = analyze(&["security", "--offline=true", "--threshold=20"]);
    assert!(closed, "{said}");
}
