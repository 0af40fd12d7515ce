//! The trustees' page in a real browser, beside the command line that does the same.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use client_ffi::transport::Http;
use homphieu_tests::browser::{converse, play, tools};
use homphieu_tests::office::{OFFICIALS_CSV, Office, UNITS_CSV, choices, unit};
use homphieu_tests::server::{Server, refused, request, succeed};
use serde_json::{Value, json};
use std::path::PathBuf;
use sync_core::ceremony::Ceremony;
use sync_core::cose::Signed;
use sync_core::package::Mode;
use sync_core::secret::Share;

/// Where pictures of every view go, if somebody wants to look.
fn pictures() -> Vec<String> {
    std::env::var("HOMPHIEU_SCREENSHOTS").ok().into_iter().collect()
}

/// A unit that is large enough for a count that takes a while.
fn units() -> String {
    UNITS_CSV.replace("dang_bo,24", "dang_bo,240")
}

fn path(office: &Office, name: &str) -> PathBuf {
    office.home().join(name)
}

fn export(office: &Office, name: &str) -> PathBuf {
    let out = path(office, name);
    std::fs::write(
        &out,
        office.on_centre(async |centre| centre.bundle(&office.round).await.unwrap().to_bytes()),
    )
    .unwrap();
    out
}

/// What the command line counts with two shares.
fn counted(office: &Office, bundle: &str, result: &str) -> Vec<u8> {
    let [bundle, out] = [bundle, result].map(|name| path(office, name).display().to_string());
    let typed = format!("open\n{}\n{}\n\n", *office.shares[0].reveal(), *office.shares[2].reveal());
    succeed(&office.folder(), &["count", "--bundle", &bundle, "--out", &out], &typed);
    std::fs::read(out).unwrap()
}

/// Takes what the page counted: it must be what the command line counts, to the last byte.
fn hand_in(office: &Office, expected: &[u8], asked: &Value) -> Signed<sync_core::count::RoundResult> {
    let result = std::fs::read(asked["result"].as_str().unwrap()).unwrap();
    assert_eq!(result, expected, "the page and the command line give one result");
    let key = office.on_centre(async |centre| {
        centre.accept(&office.round, &result).await.unwrap();
        centre.bundle(&office.round).await.unwrap().package.value().keys.result_key
    });
    Signed::open(&result, &key).unwrap()
}

#[test]
fn trustees_make_keys_count_twice_and_verify_on_a_page_without_network_that_keeps_no_share() {
    let Some(tools) = tools() else { return };
    let mut office = Office::drafted(&units(), OFFICIALS_CSV, choices(Mode::Official));
    let mut server = Server::start(&office.folder());
    let foreign = Office::new();
    // A share of this round whose checksum fits, and which is wrong all the same.
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let other = Ceremony::begin(office.round, 2, 3, &mut rng).unwrap();
    let hall = json!({
        "address": server.address,
        "round": office.round.uuid(),
        "wrong": other.shares()[1].reveal().to_string(),
        "foreign": foreign.shares[0].reveal().to_string(),
    });
    let mut expected = Vec::new();
    let more = pictures();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let said = converse(&tools, "trustees.mjs", &more, &hall, |asked| match asked["do"].as_str().unwrap() {
        // The command line reads the key file, and the papers open it.
        "vote" => {
            let keys = asked["keys"].as_str().unwrap();
            let papers: Vec<&str> =
                asked["papers"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
            let tried = format!("{}\n{}\n\n", papers[1], papers[2]);
            succeed(&office.folder(), &["keys", "check", "--keys", keys], &tried);
            let shares = papers.iter().map(|paper| Share::parse(paper).unwrap()).collect();
            office.sign(&std::fs::read(keys).unwrap(), shares, true);
            let mut tablet = office.tablet("a", &["A"], &server.address);
            office.cast(&mut tablet, "A", 0..200);
            tablet.close(&unit("A")).unwrap();
            tablet.sync(&Http::new(&server.address)).unwrap();
            office.on_centre(homphieu_tests::record::write_records);
            let early = export(&office, "early.hpb");
            office.on_centre(async |centre| {
                centre.close_round(&office.round).await.unwrap();
                centre.make_order(&office.round).await.unwrap();
            });
            let bundle = export(&office, "order.hpb");
            expected = counted(&office, "order.hpb", "result.hpr");
            let mut bytes = std::fs::read(&bundle).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            let tampered = path(&office, "tampered.hpb");
            std::fs::write(&tampered, bytes).unwrap();
            server.kill();
            json!({ "early": early, "bundle": bundle, "tampered": tampered })
        }
        // Ballots that come late, and a second order.
        "again" => {
            let first = hand_in(&office, &expected, asked);
            server.restart(&office.folder());
            let mut tablet = office.tablet("b", &["A"], &server.address);
            office.cast(&mut tablet, "A", 210..220);
            tablet.close(&unit("A")).unwrap();
            tablet.sync(&Http::new(&server.address)).unwrap();
            office.on_centre(async |centre| {
                centre.make_order(&office.round).await.unwrap();
            });
            let bundle = export(&office, "second.hpb");
            expected = counted(&office, "second.hpb", "second.hpr");
            server.kill();
            let digits = sync_core::fingerprint::line(&first.id());
            json!({ "bundle": bundle, "before": digits })
        }
        "publish" => {
            hand_in(&office, &expected, asked);
            json!({ "bundle": export(&office, "final.hpb") })
        }
        other => panic!("nobody knows how to {other}"),
    });
    assert!(said["secrets"].as_u64().unwrap() >= 3, "{said}");
    let final_bundle = path(&office, "final.hpb").display().to_string();
    let typed = format!("{}\n{}\n\n", *office.shares[1].reveal(), *office.shares[0].reveal());
    assert!(
        succeed(&office.folder(), &["verify", &final_bundle, "--shares"], &typed).contains("signed result")
    );
    refused(&office.folder(), &["verify", &path(&office, "tampered.hpb").display().to_string()], "");
}

#[test]
fn every_view_for_trustees_is_accessible_in_both_languages_and_says_what_a_hostile_file_is() {
    let Some(tools) = tools() else { return };
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..21);
    tablet.close(&unit("A")).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
    office.on_centre(async |centre| {
        centre.close_round(&office.round).await.unwrap();
        centre.make_order(&office.round).await.unwrap();
    });
    let hall = json!({
        "address": server.address,
        "round": office.round.uuid(),
        "bundle": export(&office, "order.hpb"),
        "shares": office.shares.iter().map(|share| share.reveal().to_string()).collect::<Vec<_>>(),
        "home": office.home(),
    });
    let more = pictures();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let said = play(&tools, "trustees-views.mjs", &more, &hall);
    assert!(said["views"].as_u64().unwrap() >= 12, "{said}");
}

#[test]
fn the_core_for_trustees_leaves_no_share_in_its_memory() {
    let Some(tools) = tools() else { return };
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..9);
    tablet.close(&unit("A")).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
    office.on_centre(async |centre| {
        centre.close_round(&office.round).await.unwrap();
        centre.make_order(&office.round).await.unwrap();
    });
    let hall = json!({
        "round": office.round.uuid(),
        "bundle": export(&office, "order.hpb"),
        "shares": office.shares.iter().map(|share| share.reveal().to_string()).collect::<Vec<_>>(),
    });
    let said = play(&tools, "trustees-memory.mjs", &[], &hall);
    assert_eq!((&said["found"], &said["planted"]), (&json!([]), &json!(true)), "{said}");
}

#[test]
fn the_page_for_trustees_is_served_under_a_policy_that_allows_own_code_alone() {
    if tools().is_none() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(&home.path().join("centre"));
    let get = |path: &str| request("GET", &format!("{}{path}", server.address), &[], b"");
    let page = get("/trustees/");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("http"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-cache");
    let text = String::from_utf8(page.body).unwrap();
    assert!(!text.contains("<style") && !text.contains("<script>") && !text.contains("://"), "{text}");
    let script = text.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(script.starts_with("/trustees/assets/"), "{script}");
    assert_eq!(get(script).header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(get("/trustees/sw.js").header("cache-control"), "no-cache");
    for absent in ["/trustees/index.html.gz", "/trustees/assets/none.js", "/trustees/..%2f..%2fCargo.toml"] {
        assert_eq!(get(absent).status, 404, "{absent}");
    }
}
