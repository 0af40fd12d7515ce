//! The page for tablets in a real browser, against a real centre.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use homphieu_tests::browser::{play, tools};
use homphieu_tests::hall::{Hall, Place};
use homphieu_tests::office::{OFFICIALS_CSV, ORGANISER, Office, UNITS_CSV, choices, unit};
use homphieu_tests::server::request;
use sync_core::package::Mode;
use sync_core::record::FigureKind;

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

fn a_plan_written_offline(place: Place) {
    let Some(tools) = tools() else { return };
    let hall = Hall::new(Mode::Official, place);
    guided(&hall);
    let folder = std::env::var("HOMPHIEU_SCREENSHOTS").ok();
    let more: Vec<&str> = folder.iter().map(String::as_str).collect();
    let said = play(&tools, "plans.mjs", &more, &hall.paper);
    let looked =
        hall.office.on_centre(async |centre| centre.unit_record(&hall.office.round, "A").await.unwrap());
    let state = looked.record.state();
    let plan = &state.plans["A1"];
    let (_, holds) = plan.current().unwrap();
    assert_eq!(
        (&holds.said.shortcomings[0], &holds.said.measures[0].text),
        (&text(&said["what"]), &text(&said["measure"]))
    );
    assert!(plan.confirmed().is_some() && plan.is_in_progress() && plan.done().is_none());
}

/// The organisation board wrote what teams are to know about plans and about voting.
fn guided(hall: &Hall) {
    let bearer = hall.office.bearer(ORGANISER);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    for (step, vi, en) in [
        ("team_plans", "Viết rõ <b>ngày</b>.\nViết ngắn.", ""),
        ("team_vote", "Không ai đứng sau lưng.", "Nobody stands behind them."),
    ] {
        let body = serde_json::json!({ "revision": 0, "text": { "vi": vi, "en": en } }).to_string();
        let url = format!("{}/api/v1/guidance/{step}", hall.server.address);
        assert_eq!(request("PUT", &url, &headers, body.as_bytes()).status, 200);
    }
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn a_tablet_page_writes_a_plan_without_network_and_the_centre_has_it_afterwards() {
    a_plan_written_offline(Place::Browser);
}

#[test]
fn a_kiosk_writes_a_plan_without_network_and_the_centre_has_it_afterwards() {
    a_plan_written_offline(Place::Kiosk);
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
