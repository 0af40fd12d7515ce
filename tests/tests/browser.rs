//! The page for tablets in a real browser, against a real centre.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::Server;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use sync_core::fingerprint;

/// What xtask sets up: the packages of `tests/browser`, a browser, and the built pages.
struct Tools {
    packages: PathBuf,
    browser: PathBuf,
}

fn tools() -> Option<Tools> {
    let given = |name| std::env::var_os(name).map(PathBuf::from);
    let found = given("HOMPHIEU_BROWSER_PACKAGES").zip(given("HOMPHIEU_BROWSER"));
    let strict = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(found.is_some() || !strict, "a browser is missing and nothing may be skipped here");
    if found.is_none() {
        println!(
            "skipped: a browser, its packages or the built pages are missing; `cargo xtask test` gets them"
        );
    }
    found.map(|(packages, browser)| Tools { packages, browser })
}

/// Plays a script in the browser; what it says at the end.
fn play(tools: &Tools, script: &str, hall: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(script);
    let mut node = Command::new("node");
    node.arg(script).arg(&tools.packages).arg(&tools.browser);
    let mut running =
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(hall.to_string().as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_tablet_page_goes_from_enrolment_to_receipt_without_network_while_voting_and_killed_in_casts() {
    let Some(tools) = tools() else { return };
    let office = Office::new();
    let server = Server::start(&office.folder());
    // The paper has these digits and names; here they are taken from another tablet of the unit.
    let other = office.tablet("other", &["A"], &server.address);
    let sheet = other.sheet(&unit("A")).unwrap();
    let officials: Vec<&str> = sheet.officials.iter().map(|official| official.name.as_str()).collect();
    let slip = |code: &str, voter: usize| office.slips[&unit(code)][voter].reveal().to_string();
    let said = play(
        &tools,
        "tablet.mjs",
        &json!({
            "address": server.address,
            "token": office.token(&["A"], &server.address),
            "digits": fingerprint::groups(&other.sheet_hash(&unit("A")).unwrap().0),
            "officials": officials,
            "levels": other.package().unwrap().value().levels.len(),
            "slips": (0..8).map(|voter| slip("A", voter)).collect::<Vec<_>>(),
            "foreign": slip("S", 0),
        }),
    );
    assert!(said["views"].as_u64().unwrap() >= 8, "{said}");
    let ballots = office.on_database(async |db: &mut sqlx::AnyConnection| {
        let sum = "SELECT CAST(sum(ballots) AS BIGINT) FROM envelope";
        sqlx::query_scalar::<_, i64>(sum).fetch_one(db).await.unwrap()
    });
    assert_eq!(said["ballots"], ballots, "the centre holds what the voters were told");
}
