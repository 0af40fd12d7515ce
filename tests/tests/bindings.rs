//! The tablet as an app in another language has it: a whole round in Python, against a real server.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::MemoryStore;
use client_ffi::transport::Http;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::Server;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use sync_core::fingerprint;

const VOTERS: usize = 20;
const ATTENDED: usize = 6;

/// Whether Python is there. If not, says so; where nothing may be skipped that is a failure.
fn python_is_there() -> bool {
    let quiet = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    let there = quiet.is_ok_and(|status| status.success());
    let strict = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(there || !strict, "python3 is missing and nothing may be skipped here");
    if !there {
        println!("skipped: python3 is missing; get it to try the bindings");
    }
    there
}

/// Writes the bindings; the folder with one folder a language. Cargo built the library as a part of these tests.
fn bindings(folder: &Path) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = format!("{}homphieu_tablet{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    homphieu_bindgen::write(&test.with_file_name(library), folder).unwrap();
    folder.to_owned()
}

fn play(bindings: &Path, plan: &Path, stage: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bindings/round.py");
    let mut python = Command::new("python3");
    let played = python.arg(script).arg(bindings.join("python")).arg(plan).arg(stage).output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(played.status.success(), "{stage}:\n{}\n{}", said(&played.stdout), said(&played.stderr));
}

/// Ballots that the centre holds, by unit.
fn stored(office: &Office) -> BTreeMap<String, usize> {
    let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
    let ballots = |standing: &sync_core::standing::UnitStanding| {
        standing.facts.envelopes.iter().map(|header| header.ballots as usize).sum()
    };
    standings.iter().map(|standing| (standing.unit.to_string(), ballots(standing))).collect()
}

#[test]
fn a_round_in_python_is_cast_carried_killed_opened_again_and_confirmed() {
    if !python_is_there() {
        return;
    }
    let office = Office::new();
    let server = Server::start(&office.folder());
    let bindings = bindings(&office.home().join("bindings"));
    // The office has the digits on paper; here they come from the package that any device gets.
    let mut paper = Tablet::open(MemoryStore::default()).unwrap();
    paper.enrol(&office.token(&[], &server.address), &Http::new(&server.address)).unwrap();
    let digits: BTreeMap<&str, _> = ["A", "T"]
        .into_iter()
        .map(|code| {
            let package = paper.package().unwrap().value();
            (code, fingerprint::groups(&package.unit(&unit(code)).unwrap().sheet.0))
        })
        .collect();
    let slips: Vec<String> = office.slips[&unit("A")].iter().map(|slip| slip.reveal().to_string()).collect();
    let token = |units: &[&str]| office.token(units, &server.address);
    let plan = serde_json::json!({
        "home": office.home(),
        "tokens": { "first": token(&["A"]), "second": token(&["T"]), "courier": token(&[]) },
        "digits": digits,
        "slips": slips,
        "voters": VOTERS,
        "attended": ATTENDED,
    });
    let file = office.home().join("plan.json");
    std::fs::write(&file, plan.to_string()).unwrap();

    play(&bindings, &file, "field");
    drop(server);
    play(&bindings, &file, "without_centre");

    let stored = stored(&office);
    assert_eq!((stored["A"], stored["T"]), (VOTERS, ATTENDED), "every ballot is there once");
}

#[test]
fn kotlin_and_swift_have_the_same_calls_and_problems() {
    let folder = tempfile::tempdir().unwrap();
    let bindings = bindings(folder.path());
    let read = |path: &str| std::fs::read_to_string(bindings.join(path)).unwrap();
    let kotlin = read("kotlin/vn/homphieu/tablet/homphieu_tablet.kt");
    let swift = read("swift/HomPhieuTablet.swift");
    for call in
        ["confirmSheet", "cast", "castAttended", "close", "sync", "exportParcel", "importParcel", "nextFrame"]
    {
        assert!(kotlin.contains(&format!("fun `{call}`(")), "Kotlin has no {call}");
        assert!(swift.contains(&format!("func {call}(")), "Swift has no {call}");
    }
    for case in [
        "Retry",
        "AskOffice",
        "WrongInput",
        "NotYet",
        "Closed",
        "Finished",
        "StoreFull",
        "Damaged",
        "Restart",
    ] {
        assert!(kotlin.contains(&format!("class {case}(")), "Kotlin has no {case}");
        assert!(swift.contains(&format!("case {case}(")), "Swift has no {case}");
    }
}
