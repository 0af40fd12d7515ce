//! The API as others see it: the committed document, the table of routes, and hostile requests made from the document.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_server::domain::person::Role;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, request};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("server").join(name)
}

/// Compares with a committed file; `HOMPHIEU_BLESS=1` writes it.
fn committed(name: &str, now: &str) {
    if std::env::var_os("HOMPHIEU_BLESS").is_some() {
        std::fs::write(file(name), now).unwrap();
    }
    let there = std::fs::read_to_string(file(name)).unwrap_or_default();
    assert!(
        there == now,
        "server/{name} is stale: run `HOMPHIEU_BLESS=1 cargo test -p homphieu-tests --test api` and look at the change"
    );
}

fn document() -> Value {
    let office = Office::new();
    office.on_centre(async |centre| serde_json::to_value(homphieu_server::http::document(centre)).unwrap())
}

#[test]
fn the_committed_document_and_table_are_those_of_the_program() {
    let document = document();
    committed("openapi.json", &format!("{}\n", serde_json::to_string_pretty(&document).unwrap()));
    let mut table = String::from(
        "# Routes\n\nWho may use what, as the guard before each route enforces it. Made by the test `api` from the \
         routes themselves.\n\n| route | who | what |\n|---|---|---|\n",
    );
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let access = operation["x-access"].as_array().unwrap();
            let access: Vec<&str> = access.iter().map(|word| word.as_str().unwrap()).collect();
            let what = operation["summary"].as_str().unwrap();
            writeln!(table, "| `{} {path}` | {} | {what} |", method.to_uppercase(), access.join(", "))
                .unwrap();
        }
    }
    committed("ROUTES.md", &table);
}

#[test]
fn every_operation_says_what_it_is_for_and_what_it_may_answer() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{name}");
            assert!(!operation["tags"].as_array().unwrap().is_empty(), "{name}");
            assert!(ids.insert(operation["operationId"].to_string()), "{name}: its id is taken");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
        }
    }
}

/// The document has one schema of a name: the second type that has it would take the place of the first, unseen.
#[test]
fn no_two_types_of_the_document_have_one_name() {
    let mut known = BTreeSet::new();
    for folder in ["src/http", "src/domain"] {
        for entry in std::fs::read_dir(file(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = if path.is_file() { std::fs::read_to_string(&path).unwrap() } else { continue };
            for part in text.split("ToSchema)]").skip(1) {
                let words = part.split(|c: char| !c.is_alphanumeric() && c != '_');
                let mut after = words.skip_while(|word| !["struct", "enum"].contains(word)).skip(1);
                let name = after.next().unwrap().to_owned();
                assert!(known.insert(name.clone()), "{name} in {} has the name of another", path.display());
            }
        }
    }
    assert!(known.len() > 60 && known.contains("PersonView"), "the types were found: {known:?}");
}

/// The program of schemathesis, if it is there; xtask finds or installs it.
fn schemathesis() -> Option<PathBuf> {
    let given = std::env::var_os("HOMPHIEU_SCHEMATHESIS").map(PathBuf::from);
    let strict = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(given.is_some() || !strict, "schemathesis is missing and nothing may be skipped here");
    if given.is_none() {
        println!("skipped: schemathesis is missing; `cargo xtask test` gets it");
    }
    given
}

#[test]
fn requests_made_from_the_document_get_no_undocumented_answer_and_no_failure() {
    let Some(program) = schemathesis() else { return };
    let office = Office::new();
    let server = Server::start(&office.folder());
    let all: Vec<Role> = Role::ALL.into();
    office.hire("tat-ca", &all, |profile| profile.unit = Some(unit("A")));
    let bearer = office.bearer("tat-ca");
    let folder = office.home().join("schemathesis");
    std::fs::create_dir(&folder).unwrap();
    // Things that are there, so that requests come further than to what is not.
    let known =
        format!("[parameters]\nround = \"{}\"\nunit = \"A\"\nofficial = \"A1\"\n", office.round.uuid());
    std::fs::write(folder.join("schemathesis.toml"), known).unwrap();
    let hooks = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemathesis/hooks.py");
    // Its own password and sessions are left alone, so that it stays signed in to the end.
    let output = Command::new(program)
        .current_dir(&folder)
        .args(["run", &format!("{}/api/v1/openapi.json", server.address)])
        .args(["--header", &format!("Authorization: {bearer}")])
        .args(["--max-examples", "12", "--seed", "2018", "--no-color"])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"])
        .args(["--checks", "response_schema_conformance,response_headers_conformance"])
        .args(["--exclude-path", "/api/v1/password", "--exclude-path", "/api/v1/second-factor"])
        .args(["--exclude-path", "/api/v1/second-factor/removal"])
        // Events without end: the test `board` follows them.
        .args(["--exclude-operation-id", "sign_out", "--exclude-operation-id", "follow_board"])
        .env("PYTHONUTF8", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", hooks)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let alive = request("GET", &format!("{}/ready", server.address), &[], b"");
    assert_eq!(alive.status, 200, "the centre works on after it");
    println!(
        "{}",
        said.lines().rev().take(12).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    );
}
