//! What a browser keeps of a tablet page, what it may lose, and what nobody finds in it.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use homphieu_server::domain::draft::Choices;
use homphieu_tests::browser::{play, tools};
use homphieu_tests::hall::{Hall, Place};
use homphieu_tests::office::{OFFICIALS_CSV, Office, UNITS_CSV, choices, unit};
use homphieu_tests::traces::order;
use serde_json::json;
use std::path::PathBuf;
use sync_core::package::Mode;

#[test]
fn a_slip_and_marks_lie_nowhere_after_a_cast_and_whatever_is_planted_is_found() {
    let Some(tools) = tools() else { return };
    let officials: String = (3..=24).map(|n| format!("A,{n},A{n},Người Số {n},Ủy viên\n")).collect();
    let officials = OFFICIALS_CSV.replace("S,1,S1", &format!("{officials}S,1,S1"));
    let hall = Hall::of(Office::of(UNITS_CSV, &officials, true, choices(Mode::Official)), Place::Browser);
    assert_eq!(hall.paper["officials"].as_array().unwrap().len(), 24);
    assert_eq!(play(&tools, "secrecy.mjs", &[], &hall.paper)["planted"], 7);
}

#[test]
fn old_versions_of_a_box_in_a_raw_profile_show_no_order_without_the_key_of_the_box() {
    const VOTERS: usize = 12;
    let Some(tools) = tools() else { return };
    // No envelope leaves before the close: then the sealed ballots of all voters leave at once.
    let chosen = Choices { batch_min: 10, ..choices(Mode::Official) };
    let mut hall = Hall::of(Office::of(UNITS_CSV, OFFICIALS_CSV, true, chosen), Place::Browser);
    let slips = &hall.office.slips[&unit("A")][..VOTERS];
    let cast: Vec<[u8; 16]> =
        slips.iter().map(|slip| slip.nullifier(&hall.office.round, &unit("A")).0).collect();
    let taken = hall.office.home().join("taken");
    hall.paper["slips"] = slips.iter().map(|slip| slip.reveal().to_string()).collect();
    hall.paper["profile"] = json!(hall.office.home().join("profile"));
    hall.paper["taken"] = json!(taken);
    let said = play(&tools, "boxes.mjs", &[], &hall.paper);

    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&taken).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut ballots_seen = false;
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        assert_eq!(order(&file.display().to_string(), &cast, &bytes), None);
        ballots_seen |= cast.iter().all(|nullifier| bytes.windows(16).any(|window| window == nullifier));
    }
    assert!(ballots_seen, "the sealed envelope with every ballot is among what was searched");

    // The key opens every old version and shows the order: so they were looked at, and nothing but the key keeps it.
    let key: [u8; 36 + 32] = hex(said["key"].as_str().unwrap()).try_into().unwrap();
    let key = &key[36..];
    let cipher = XChaCha20Poly1305::new_from_slice(key).unwrap();
    let versions = files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "box"));
    let mut shown: Vec<[u8; 16]> = Vec::new();
    for version in versions {
        let bytes = std::fs::read(version).unwrap();
        let (nonce, sealed) = bytes[36..].split_at(24);
        let nonce = XNonce::from(<[u8; 24]>::try_from(nonce).unwrap());
        let opened = cipher.decrypt(&nonce, Payload { msg: sealed, aad: b"A" }).unwrap();
        let inside = |nullifier: &&[u8; 16]| opened.windows(16).any(|window| window == nullifier.as_slice());
        let new: Vec<_> = cast.iter().filter(inside).filter(|one| !shown.contains(one)).copied().collect();
        shown.extend(new);
    }
    assert_eq!(shown, cast, "with its key the old versions of a box show the order of casting");
    let left = files
        .iter()
        .filter(|file| std::fs::read(file).unwrap().windows(key.len()).any(|window| window == key));
    println!(
        "reported: the key of the box that was closed still lies in {} of {} parts of the profile (THREATS.md says what \
         that means)",
        left.count(),
        files.len()
    );
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn what_a_browser_lost_is_named_with_what_to_do_and_sealed_ballots_are_saved_for_the_office() {
    let Some(tools) = tools() else { return };
    let mut hall = Hall::new(Mode::Official, Place::Browser);
    let saved = hall.office.home().join("saved.hpgoi");
    hall.paper["saved"] = json!(saved);
    assert_eq!(play(&tools, "eviction.mjs", &[], &hall.paper)["saved"], 1);
    let file = std::fs::read(saved).unwrap();
    let taken = hall.office.on_centre(async |centre| centre.take_orphans(&hall.office.round, &file).await);
    let held: Vec<usize> = taken.unwrap().held.iter().map(|(_, _, ballots)| *ballots).collect();
    assert_eq!(held, [1], "the office takes what the page saved");
}

#[test]
fn a_new_version_of_the_page_waits_until_nobody_votes_and_touches_no_ballot() {
    let Some(tools) = tools() else { return };
    let hall = Hall::new(Mode::Official, Place::Browser);
    assert_eq!(play(&tools, "update.mjs", &[], &hall.paper)["ballots"], 2);
}
