//! The page for tablets in a real browser, against a real centre.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use homphieu_server::domain::draft::Choices;
use homphieu_tests::browser::{Tools, play, tools};
use homphieu_tests::door::Door;
use homphieu_tests::office::{OFFICIALS_CSV, Office, UNITS_CSV, choices, unit};
use homphieu_tests::server::{Server, program};
use homphieu_tests::traces::order;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use sync_core::fingerprint;
use sync_core::package::Mode;
use sync_core::record::FigureKind;

/// A centre, and what people in a hall have on paper.
struct Hall {
    office: Office,
    server: Server,
    paper: Value,
}

/// Where the pages have their tablets.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// In the browser: the page is the centre's.
    Browser,
    /// In the kiosk of the machine, over the native store. It reaches the centre by a door that scripts close.
    Kiosk,
}

impl Hall {
    fn new(mode: Mode, place: Place) -> Self {
        Self::of(Office::with(mode, true), place)
    }

    fn of(office: Office, place: Place) -> Self {
        let server = Server::start(&office.folder());
        let closed = office.folder().with_extension("closed");
        let target = server.address.strip_prefix("http://").unwrap().parse().unwrap();
        let door = (place == Place::Kiosk).then(|| Door::to(target, closed.clone()));
        let address = door.as_ref().map_or(&server.address, |door| &door.address);
        // The paper has these digits and names; here they are taken from another tablet of the unit.
        let other = office.tablet("other", &["A"], &server.address);
        let attended = office.tablet("attended", &["T"], &server.address);
        let sheet = other.sheet(&unit("A")).unwrap();
        let officials: Vec<&str> = sheet.officials.iter().map(|official| official.name.as_str()).collect();
        let slip = |code: &str, voter: usize| office.slips[&unit(code)][voter].reveal().to_string();
        let token = || office.token(&["A"], address);
        let paper = json!({
            "address": server.address,
            "token": token(),
            "other": token(),
            "tokens": [token(), token(), token()],
            "attended": office.token(&["T"], &server.address),
            "attended_digits": fingerprint::groups(&attended.sheet_hash(&unit("T")).unwrap().0),
            "attended_officials": ["Nguyễn Năm", "Hoàng Sáu"],
            "digits": fingerprint::groups(&other.sheet_hash(&unit("A")).unwrap().0),
            "officials": officials,
            "levels": other.package().unwrap().value().levels.len(),
            "slips": (0..8).map(|voter| slip("A", voter)).collect::<Vec<_>>(),
            "foreign": slip("S", 0),
            "kiosk": door.as_ref().map(|_| json!({ "program": program(), "closed": closed })),
        });
        Self { office, server, paper }
    }

    /// Ballots that the centre holds.
    fn ballots(&self) -> i64 {
        self.office.on_database(async |db: &mut sqlx::AnyConnection| {
            let sum = "SELECT CAST(coalesce(sum(ballots), 0) AS BIGINT) FROM envelope";
            sqlx::query_scalar(sum).fetch_one(db).await.unwrap()
        })
    }
}

fn from_enrolment_to_receipt(place: Place) {
    let Some(tools) = tools() else { return };
    let hall = Hall::new(Mode::Official, place);
    let said = play(&tools, "tablet.mjs", &[], &hall.paper);
    assert!(said["views"].as_u64().unwrap() >= 8, "{said}");
    assert_eq!(said["ballots"], hall.ballots(), "the centre holds what the voters were told");
}

fn hand_over_by_codes_and_files(place: Place) {
    let Some(tools) = tools() else { return };
    let hall = Hall::new(Mode::Training, place);
    let said = play(&tools, "hand.mjs", &[], &hall.paper);
    assert_eq!(
        said["ballots"],
        hall.ballots(),
        "the ballots of the tablet that never reached the centre are there"
    );
}

#[test]
fn a_tablet_page_goes_from_enrolment_to_receipt_without_network_while_voting_and_killed_in_casts() {
    from_enrolment_to_receipt(Place::Browser);
}

#[test]
fn a_kiosk_goes_from_enrolment_to_receipt_without_network_while_voting_and_killed_in_casts() {
    from_enrolment_to_receipt(Place::Kiosk);
}

#[test]
fn two_pages_without_network_hand_over_by_codes_and_files_and_the_other_one_brings_the_ballots() {
    hand_over_by_codes_and_files(Place::Browser);
}

#[test]
fn two_kiosks_without_network_hand_over_by_codes_and_files_and_the_other_one_brings_the_ballots() {
    hand_over_by_codes_and_files(Place::Kiosk);
}

#[test]
fn two_kiosks_in_a_local_network_exchange_everything_by_the_invitation_on_a_screen() {
    let Some(tools) = tools() else { return };
    let hall = Hall::new(Mode::Official, Place::Kiosk);
    let said = play(&tools, "local.mjs", &[], &hall.paper);
    assert_eq!(said["ballots"], hall.ballots(), "the guest brought what the host never did");
}

#[test]
fn pages_are_served_under_a_policy_that_allows_own_code_alone_and_nothing_else_is_served() {
    let Some(_) = tools() else { return };
    let hall = Hall::new(Mode::Official, Place::Browser);
    let get = |path: &str| {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        agent.get(format!("{}{path}", hall.server.address)).call().unwrap()
    };
    let header = |path: &str, name: &str| {
        get(path).headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!(header("/", "location"), "/tablet/");
    let policy = header("/tablet/", "content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("http"), "{policy}");
    let page = get("/tablet/").body_mut().read_to_string().unwrap();
    assert!(!page.contains("<style") && !page.contains("<script>") && !page.contains("://"), "{page}");
    let script = page.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(header(script, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(script, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(header("/tablet/sw.js", "cache-control"), "no-cache");
    for absent in
        ["/tablet/assets/none.js", "/tablet/index.html.gz", "/tablet/..%2f..%2fCargo.toml", "/assets/x.js"]
    {
        assert_eq!(get(absent).status(), 404, "{absent}");
    }
}

fn one_meeting_on_three_tablets(place: Place) {
    let Some(tools) = tools() else { return };
    // A long list: the page shows the beginning of it, and the rest when it is asked for.
    let units = UNITS_CSV.replace("dang_bo,24", "dang_bo,240");
    let office = Office::of(&units, OFFICIALS_CSV, true, choices(Mode::Official));
    let hall = Hall::of(office, place);
    let said = play(&tools, "session.mjs", &[], &hall.paper);
    assert_eq!(said["ballots"], hall.ballots(), "the centre holds what the voters were told");
    let looked =
        hall.office.on_centre(async |centre| centre.unit_record(&hall.office.round, "A").await.unwrap());
    let state = looked.record.state();
    let noted = [FigureKind::Summoned, FigureKind::Present, FigureKind::Issued, FigureKind::NotReturned];
    assert_eq!(noted.map(|kind| state.figure(kind)), [Some(8), Some(6), Some(6), Some(3)]);
    assert_eq!(state.register.keys().filter(|voter| !state.register[voter].check_ins.is_empty()).count(), 6);
    assert_eq!(state.register[&3].check_ins.len(), 1, "the wrong check-in was undone");
    assert!(state.notes.values().any(|note| note.text == "Mất điện 5 phút"), "{:?}", state.notes);
    let versions = looked.record.versions();
    let complete: Vec<_> = versions.iter().map(|version| version.is_complete()).collect();
    assert_eq!(complete, [false, true], "what was corrected stays beside what holds");
    let blocking: Vec<_> = looked.findings.iter().filter(|finding| finding.blocks()).collect();
    assert!(blocking.is_empty(), "{blocking:#?}");
}

#[test]
fn three_pages_hold_one_meeting_settle_what_they_noted_in_two_ways_and_sign_what_the_centre_accepts() {
    one_meeting_on_three_tablets(Place::Browser);
}

#[test]
fn three_kiosks_hold_one_meeting_settle_what_they_noted_in_two_ways_and_sign_what_the_centre_accepts() {
    one_meeting_on_three_tablets(Place::Kiosk);
}

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

#[test]
fn a_team_and_voters_need_nothing_but_a_keyboard_from_slip_to_confirmation() {
    let Some(tools) = tools() else { return };
    assert_eq!(
        play(&tools, "keyboard.mjs", &[], &Hall::new(Mode::Official, Place::Browser).paper)["ballots"],
        2
    );
}

#[test]
fn a_voter_who_goes_away_casts_nothing_and_one_without_a_slip_votes_once_the_team_unlocks() {
    let Some(tools) = tools() else { return };
    let hall = Hall::new(Mode::Official, Place::Browser);
    assert_eq!(play(&tools, "voters.mjs", &[], &hall.paper)["ballots"], hall.ballots());
}

#[test]
fn every_view_in_both_languages_is_accessible_large_enough_to_press_and_takes_any_text() {
    let Some(tools) = tools() else { return };
    let said = play(&tools, "views.mjs", &[], &Hall::new(Mode::Official, Place::Browser).paper);
    assert!(said["looked"].as_u64().unwrap() >= 40, "{said}");
}

#[test]
fn a_parcel_goes_to_another_app_where_the_browser_can_do_that_and_is_a_file_elsewhere() {
    let Some(tools) = tools() else { return };
    let said = play(&tools, "share.mjs", &[], &Hall::new(Mode::Official, Place::Browser).paper);
    assert!(said["bytes"].as_u64().unwrap() > 100, "{said}");
}

/// The demo, with its centre still up.
struct Demo {
    running: Child,
    said: String,
}

impl Demo {
    /// Reads on until the demo has said everything that a newcomer needs.
    fn start() -> Self {
        let mut demo = Command::new(program());
        demo.args(["demo", "--units", "5", "--seed", "3", "--port", "0", "--lang", "vi"]);
        let mut running = demo.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = String::new();
        let lines = BufReader::new(running.stdout.take().unwrap()).lines();
        for line in lines.map(Result::unwrap) {
            said.push_str(&line);
            said.push('\n');
            if line.contains("Tất cả tờ mã và tờ danh sách") {
                break;
            }
        }
        Self { running, said }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // As Ctrl-C does: it then takes its folder away.
        if let Some(id) = i32::try_from(self.running.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _: rustix::io::Result<()> = rustix::process::kill_process(id, rustix::process::Signal::INT);
        }
        drop(self.running.wait());
    }
}

#[test]
fn a_newcomer_votes_offline_hands_over_by_codes_and_sees_it_confirmed_with_what_the_demo_says() {
    let Some(tools) = tools() else { return };
    let demo = Demo::start();
    assert_eq!(play(&tools, "walk.mjs", &[], &json!({ "said": demo.said }))["confirmed"], 2);
}

/// Guides for the team that are one page each, and the language of those that quote the page's labels.
const GUIDES: [(&str, Option<&str>); 4] = [
    ("trang-may-tinh-bang", Some("vi")),
    ("tablet-page", Some("en")),
    ("khong-co-mang", None),
    ("no-network", None),
];

fn print_guides(tools: &Tools, folder: &Path) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let paths: Vec<PathBuf> = GUIDES.iter().map(|(name, _)| docs.join(format!("{name}.md"))).collect();
    let pages = play(tools, "guides.mjs", &[folder.to_str().unwrap()], &json!({ "guides": paths }));
    for (name, _) in GUIDES {
        assert_eq!(pages[name], 1, "{name} takes one page");
        assert!(folder.join(format!("{name}.pdf")).is_file());
    }
}

#[test]
fn each_guide_for_the_team_prints_on_one_page() {
    let Some(tools) = tools() else { return };
    print_guides(&tools, &tempfile::tempdir().unwrap().path().join("guides"));
}

/// Not a test: `cargo xtask guides` prints them.
#[test]
#[ignore = "prints, for people to take along"]
fn guides() {
    let Some(tools) = tools() else { return };
    let folder = PathBuf::from(std::env::var_os("HOMPHIEU_GUIDES").unwrap());
    print_guides(&tools, &folder);
    println!("{} guides are in {}", GUIDES.len(), folder.display());
}

#[test]
fn guides_quote_only_what_stands_on_the_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, language) in GUIDES {
        let Some(language) = language else { continue };
        let guide = std::fs::read_to_string(root.join(format!("docs/{name}.md"))).unwrap();
        let texts = std::fs::read(root.join(format!("server/web/src/texts/{language}.json"))).unwrap();
        let mut shown = Vec::new();
        leaves(&serde_json::from_slice(&texts).unwrap(), &mut shown);
        let quoted: Vec<&str> =
            guide.split('“').skip(1).map(|rest| rest.split('”').next().unwrap()).collect();
        assert!(quoted.len() > 15, "{name} quotes the page");
        for label in quoted {
            assert!(
                shown.iter().any(|text| text.starts_with(label)),
                "{name}: no text begins with “{label}”"
            );
        }
    }
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Object(parts) => parts.values().for_each(|part| leaves(part, found)),
        _ => {}
    }
}

/// Not a test: `cargo xtask screenshots` looks at every view.
#[test]
#[ignore = "makes pictures for people to look at"]
fn screenshots() {
    let Some(tools) = tools() else { return };
    let folder = std::env::var("HOMPHIEU_SCREENSHOTS").unwrap();
    for (script, place) in [("screenshots.mjs", Place::Browser), ("local.mjs", Place::Kiosk)] {
        let said = play(&tools, script, &[&folder], &Hall::new(Mode::Official, place).paper);
        println!("{} pictures of {script} are in {folder}", said["taken"]);
    }
}

/// Aims on a tablet with a sixth of this machine's CPU, in milliseconds: from switching on to ready, without a network; and
/// from the press to the word that the ballot is in the box.
const AIMS_MS: (f64, f64) = (3_000.0, 300.0);

/// Not a test: `cargo xtask bench --page` measures. Nothing fails for being slow.
#[test]
#[ignore = "measures, for people to judge"]
fn page_bench() {
    let Some(tools) = tools() else { return };
    let runs = std::env::var("HOMPHIEU_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(5_usize);
    // As many officials as a unit of the 2018 roster has, and a bit.
    let officials: String = (3..=7).map(|n| format!("A,{n},A{n},Người Số {n},Ủy viên\n")).collect();
    let officials = OFFICIALS_CSV.replace("S,1,S1", &format!("{officials}S,1,S1"));
    let mut hall = Hall::of(Office::of(UNITS_CSV, &officials, true, choices(Mode::Official)), Place::Browser);
    let slips = &hall.office.slips[&unit("A")];
    hall.paper["slips"] = slips.iter().map(|slip| slip.reveal().to_string()).collect();
    let runs = runs.clamp(1, slips.len() / 2);
    let said = play(&tools, "bench.mjs", &[&runs.to_string()], &hall.paper);
    println!("the page in Chromium, {} officials, medians of {runs} runs", said["officials"]);
    println!("| CPU | start to ready, offline | cast to confirmed | memory of page and core |");
    println!("|---|---|---|---|");
    for figure in said["figures"].as_array().unwrap() {
        let of = |name: &str| figure[name].as_f64().unwrap();
        let rate = of("rate");
        let aim = |ms: f64| if rate > 1.0 { format!(" (aim {ms:.0})") } else { String::new() };
        println!(
            "| {} | {:.0} ms{} | {:.0} ms{} | {:.1} MB |",
            if rate > 1.0 { format!("{rate} times slower") } else { "as it is".to_owned() },
            of("start_ms"),
            aim(AIMS_MS.0),
            of("cast_ms"),
            aim(AIMS_MS.1),
            of("bytes") / 1e6
        );
    }
}
