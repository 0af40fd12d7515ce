//! The demo's unit without a network, as people read it: after every step each tablet says where its ballots are, and it
//! says what is so.
//!
//! The demo compares by itself and ends with an error if a tablet says anything else; here its words are compared, too.
//! `HOMPHIEU_BLESS=1` writes the transcripts anew, to be read before they are committed.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_tests::server::program;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The part of the demo's output from a line that begins so to the next empty line.
fn section(said: &str, title: &str) -> String {
    let lines = said.lines().skip_while(|line| !line.starts_with(title)).take_while(|line| !line.is_empty());
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

/// How many codes it takes to read a series is chance: on the line that says so, what follows the colon has no numbers.
fn without_chance(text: &str, codes: &str) -> String {
    let plain = |line: &str| match line.split_once(codes) {
        Some((what, numbers)) => {
            let words: Vec<&str> = numbers
                .split(' ')
                .map(|word| if word.bytes().all(|b| b.is_ascii_digit()) { "#" } else { word })
                .collect();
            format!("{what}{codes}{}\n", words.join(" "))
        }
        None => format!("{line}\n"),
    };
    text.lines().map(plain).collect()
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn plays_as_written(lang: &str, title: &str, codes: &str, right: &str) {
    let played = Command::new(program())
        .args(["demo", "--exit", "--units", "5", "--seed", "3", "--lang", lang])
        .output()
        .unwrap();
    let said = String::from_utf8(played.stdout).unwrap();
    assert!(played.status.success(), "{said}\n{}", String::from_utf8_lossy(&played.stderr));
    assert!(said.contains(right), "{said}");
    let told = without_chance(&section(&said, title), codes);
    let file = golden(&format!("unit-without-network.{lang}.txt"));
    if std::env::var_os("HOMPHIEU_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &told).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(told, written, "the transcript is another one than {}", file.display());
}

#[test]
fn every_state_of_a_unit_without_network_is_said_rightly_at_every_step_in_vietnamese() {
    plays_as_written("vi", "ĐƠN VỊ KHÔNG HỀ CÓ MẠNG", "quay lại: ", "trạng thái luôn đúng");
}

#[test]
fn every_state_of_a_unit_without_network_is_said_rightly_at_every_step_in_english() {
    plays_as_written("en", "A UNIT WITHOUT ANY NETWORK", "films them: ", "every state was true");
}

#[test]
fn the_demo_leaves_every_document_and_the_year_of_the_round_in_its_folder() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("demo");
    let played = Command::new(program())
        .args(["demo", "--exit", "--units", "5", "--seed", "4", "--lang", "en", "--data-dir"])
        .arg(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8(played.stdout).unwrap();
    assert!(played.status.success(), "{said}\n{}", String::from_utf8_lossy(&played.stderr));
    let told = said.lines().find(|line| line.contains("told in every way")).unwrap();
    assert!(told.trim_start().starts_with("found") && told.contains("4 of 4"), "{told}");
    let documents = folder.join("documents");
    let mut files = files_of(&documents);
    files.sort();
    let count = |ending: &str| files.iter().filter(|file| file.to_string_lossy().ends_with(ending)).count();
    for kind in ["ballot.pdf", "minutes.pdf"] {
        assert_eq!(count(kind), 5, "a {kind} of every unit: {files:?}");
    }
    for kind in
        ["slips-specimen.pdf", "/report.pdf", "notices.pdf", "plans.pdf", "round-report.pdf", ".xlsx", ".csv"]
    {
        assert!(count(kind) > 0, "no {kind} among {files:?}");
    }
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        let begins: &[u8] = match file.extension().unwrap().to_str().unwrap() {
            "pdf" => b"%PDF-",
            "xlsx" => b"PK",
            _ => "\u{feff}".as_bytes(),
        };
        assert!(bytes.starts_with(begins), "{}", file.display());
    }
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_of(&path) } else { vec![path] }).collect()
}
