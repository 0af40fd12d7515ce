//! What must be settled before figures are published, and what figures never show.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::Http;
use homphieu_server::domain::person::Role;
use homphieu_server::service::Obstructed;
use homphieu_tests::office::{INSPECTORS, ORGANISER, Office, marks, unit};
use homphieu_tests::server::{Server, request};
use serde_json::json;
use sync_core::ballot::Marks;
use sync_core::id::DeviceId;
use sync_core::order::Ruling;
use sync_core::standing::Obstacle;
use sync_core::survey::{Gap, HoldReason};

const TWO: [&str; 2] = INSPECTORS;

/// Every unit votes on a tablet of its own; those of `open` stay unclosed.
fn voted(open: &[&str]) -> (Office, Server, Vec<DeviceId>) {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut devices = Vec::new();
    for (code, voters) in [("A", 24), ("S", 4), ("T", 7)] {
        let mut tablet = office.tablet(code, &[code], &server.address);
        office.cast(&mut tablet, code, 0..voters);
        if !open.contains(&code) {
            tablet.close(&unit(code)).unwrap();
        }
        tablet.sync(&Http::new(&server.address)).unwrap();
        devices.push(tablet.device().unwrap());
    }
    (office, server, devices)
}

fn obstacles(office: &Office, code: &str) -> Vec<Obstacle> {
    let report =
        office.on_centre(async |centre| centre.publish(&office.round, &[code.to_owned()]).await.unwrap());
    let obstacles = report.units.into_iter().next().unwrap().obstacles.into_iter();
    let of_unit = |obstacle| match obstacle {
        Obstructed::Unit(obstacle) => obstacle,
        Obstructed::Interest(interest) => panic!("{interest}"),
    };
    obstacles.map(of_unit).collect()
}

fn decide(office: &Office, code: &str, ruling: Ruling, by: [&str; 2], reason: &str) -> Result<(), String> {
    let decided =
        office.on_centre(async |centre| centre.decide(&office.round, code, ruling, by, reason).await);
    decided.map_err(|error| error.code().to_owned())
}

#[test]
fn a_missing_close_blocks_publication_until_two_people_write_it_off() {
    let (office, _server, devices) = voted(&["A"]);
    office.count();
    let gap = Gap::Close { device: devices[0] };
    assert_eq!(obstacles(&office, "A"), [Obstacle::Missing(gap)]);
    assert!(obstacles(&office, "T").is_empty(), "another unit is not concerned");
    let write_off = Ruling::WriteOff(gap);
    let refused = |by, reason| decide(&office, "A", write_off, by, reason).unwrap_err();
    assert_eq!(refused([TWO[0], " MAY "], "mất máy"), "same_person", "one person is not two");
    assert_eq!(refused([TWO[0], ""], "mất máy"), "unknown_person");
    assert_eq!(refused([TWO[0], ORGANISER], "mất máy"), "role", "both are inspectors");
    assert_eq!(refused(TWO, " "), "decision", "a reason is needed");
    let other = Ruling::WriteOff(Gap::Close { device: DeviceId([1; 16]) });
    assert_eq!(decide(&office, "A", other, TWO, "x").unwrap_err(), "nothing_to_decide");
    decide(&office, "A", write_off, TWO, "máy rơi xuống suối").unwrap();
    assert!(obstacles(&office, "A").is_empty());
}

#[test]
fn held_envelopes_block_publication_until_decided_and_counted_as_decided() {
    let (office, server, devices) = voted(&[]);
    office.on_centre(async |centre| centre.revoke(&office.round, &devices[0], "mất máy").await.unwrap());
    office.count();
    let held = obstacles(&office, "A");
    assert!(
        held.iter()
            .all(|o| matches!(o, Obstacle::Undecided(_, why) if why.contains(&HoldReason::RevokedDevice)))
    );
    assert!(held.len() > 1);
    for obstacle in &held {
        if let Obstacle::Undecided(id, _) = obstacle {
            decide(&office, "A", Ruling::Admit(*id), TWO, "máy đã tìm thấy").unwrap();
        }
    }
    assert_eq!(obstacles(&office, "A"), [Obstacle::OrderOutdated], "what was decided must be counted first");
    office.on_centre(async |centre| {
        office.count_again(centre).await;
        // The same result again is success, an order without news is refused.
        let bundle = centre.bundle(&office.round).await.unwrap();
        let last = bundle.results.last().unwrap().bytes().to_vec();
        centre.accept(&office.round, &last).await.unwrap();
        assert_eq!(centre.make_order(&office.round).await.unwrap_err().code(), "nothing_new");
        assert_eq!(centre.accept(&office.round, &last[..last.len() - 1]).await.unwrap_err().code(), "result");
    });
    assert!(obstacles(&office, "A").is_empty());
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    assert_eq!(figures.units.iter().find(|u| u.code == "A").unwrap().valid, 24);
    drop(server);
}

#[test]
fn an_order_needs_a_closed_round_and_the_result_of_the_one_before() {
    let (office, _server, _) = voted(&[]);
    office.on_centre(async |centre| {
        let order =
            async || centre.make_order(&office.round).await.map(drop).map_err(|e| e.code().to_owned());
        assert_eq!(order().await, Err("round_state".to_owned()));
        centre.close_round(&office.round).await.unwrap();
        order().await.unwrap();
        assert_eq!(order().await, Err("result_missing".to_owned()));
    });
}

#[test]
fn what_trustees_compare_of_every_order_is_asked_for_again_by_those_who_may() {
    let (office, server, _) = voted(&[]);
    office.hire("giu-khoa", &[Role::Trustee], |_| ());
    office.hire("xem", &[Role::Observer], |_| ());
    let url = format!("{}/api/v1/rounds/{}/orders", server.address, office.round.uuid());
    let bearers = [ORGANISER, INSPECTORS[0], "giu-khoa"].map(|login| office.bearer(login));
    let orders = |query: &str, bearer: &str| {
        let answer = request("GET", &format!("{url}{query}"), &[("authorization", bearer)], b"");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    assert_eq!(orders("", &bearers[0]), json!({ "items": [], "next": null }), "nothing is ordered yet");
    office.on_centre(async |centre| centre.close_round(&office.round).await.unwrap());
    let made = request("POST", &url, &[("authorization", &bearers[0])], b"");
    assert_eq!(made.status, 201, "{made:?}");
    let first = made.json()["digest"].clone();
    let waiting = json!({ "number": 1, "digest": first, "result": null });
    for bearer in &bearers {
        assert_eq!(orders("", bearer)["items"], json!([waiting]), "as it was shown when it was made");
    }
    let refused = request("GET", &url, &[("authorization", &office.bearer("xem"))], b"");
    assert_eq!((refused.status, refused.code().as_str()), (403, "role"));
    let result = office.on_centre(async |centre| {
        let result = office.result(centre).await;
        let digest = centre.accept(&office.round, &result).await.unwrap().digest();
        digest.to_string()
    });
    // A second order comes after something was decided; what it rests on stays in the list, page after page.
    let mut late = office.tablet("late", &["A"], &server.address);
    late.close(&unit("A")).unwrap();
    late.sync(&Http::new(&server.address)).unwrap();
    let second = request("POST", &url, &[("authorization", &bearers[0])], b"").json();
    assert_eq!(second["number"], 2, "{second}");
    let counted = json!({ "number": 1, "digest": first, "result": result });
    let last = json!({ "number": 2, "digest": second["digest"], "result": null });
    assert_eq!(orders("", &bearers[2])["items"], json!([counted, last]));
    let page = orders("?limit=1", &bearers[2]);
    assert_eq!(page["items"], json!([counted]));
    let rest = orders(&format!("?limit=1&after={}", page["next"].as_str().unwrap()), &bearers[2]);
    assert_eq!(rest, json!({ "items": [last], "next": null }));
    // What a trustee computes from the bundle is the same.
    let bundle = office.on_centre(async |centre| centre.bundle(&office.round).await.unwrap());
    let digests: Vec<_> = bundle.orders.iter().map(|order| order.digest().to_string()).collect();
    assert_eq!(json!(digests), json!([first, second["digest"]]));
}

#[test]
fn a_unit_that_never_voted_is_not_published_as_zero() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("A", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..24);
    tablet.close(&unit("A")).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
    office.count();
    assert!(obstacles(&office, "A").is_empty());
    let codes: Vec<_> = obstacles(&office, "T").iter().map(Obstacle::code).collect();
    assert_eq!(codes, ["no_tablet", "no_record"]);
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    assert_eq!(figures.unpublished, ["S", "T"]);
}

/// Votes of the small unit that differ, everything else alike; what is published may not differ.
fn published(small: impl Fn(usize) -> Marks) -> Vec<String> {
    let office = Office::new();
    let server = Server::start(&office.folder());
    for (code, voters) in [("A", 24), ("S", 4), ("T", 7)] {
        let mut tablet = office.tablet(code, &[code], &server.address);
        for voter in 0..voters {
            match code {
                "S" => tablet.cast(&unit("S"), &office.slips[&unit("S")][voter], &small(voter)).unwrap(),
                code => office.cast(&mut tablet, code, voter..voter + 1),
            }
        }
        tablet.close(&unit(code)).unwrap();
        tablet.sync(&Http::new(&server.address)).unwrap();
    }
    office.count();
    let bearer = office.bearer(ORGANISER);
    let base = format!("{}/api/v1/rounds/{}", server.address, office.round.uuid());
    let mut seen = Vec::new();
    // Units are published one after another: what each step adds must not show the small one either.
    for publish in [&["A", "S"][..], &["T"]] {
        let units: Vec<String> = publish.iter().map(ToString::to_string).collect();
        let report = office.on_centre(async |centre| centre.publish(&office.round, &units).await.unwrap());
        assert!(report.units.iter().all(|unit| unit.obstacles.is_empty()));
        for path in [
            "/results",
            "/results.csv",
            "/results/sums.csv",
            "/results/units/S",
            "/results/officials/S1",
            "/results/units/A",
            "/units",
        ] {
            let answer = request("GET", &format!("{base}{path}"), &[("authorization", &bearer)], b"");
            assert_eq!(answer.status, 200, "{path}: {}", answer.code());
            let text = String::from_utf8(answer.body).unwrap();
            // When a device last spoke says nothing of a ballot, and the minute may end between two rounds.
            let mut parts = text.split("\"heard\":");
            let first = parts.next().unwrap_or_default().to_owned();
            let text =
                parts.fold(first, |text, part| text + part.trim_start_matches(|c: char| c.is_ascii_digit()));
            // The digest covers signatures and random keys; it is the one thing that always differs.
            let lines = text.split(['{', '}', '\n']).map(|part| match part.find("\"digest\":\"") {
                Some(at) => format!("{}{}", &part[..at], &part[at + 75..]),
                None => part.to_owned(),
            });
            seen.push(format!("{path}: {}", lines.collect::<Vec<_>>().join("|")));
        }
    }
    let result =
        office.on_centre(async |centre| centre.bundle(&office.round).await.unwrap().results.pop().unwrap());
    let small = result.value().units.iter().find(|u| u.unit == unit("S")).unwrap();
    assert_eq!((small.valid, small.lines.is_none(), small.signs.is_none()), (4, true, true));
    seen.push(format!("{:?}", result.value().totals()));
    seen.push(format!("{:?}", result.value().pool));
    seen
}

#[test]
fn nothing_published_changes_when_a_unit_of_four_votes_otherwise() {
    let all_high = published(|_| Marks::new(vec![Some(0), Some(0)]));
    let all_low = published(|_| Marks::new(vec![Some(2), Some(2)]));
    let mixed = published(marks);
    assert_eq!(all_high, all_low);
    assert_eq!(all_high, mixed);
    assert!(all_high.iter().any(|text| text.contains("too_few_ballots")), "and the small unit is there");
}

#[test]
fn a_late_ballot_after_the_count_waits_for_enough_others() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut first = office.tablet("first", &["A"], &server.address);
    let mut late = office.tablet("late", &["A"], &server.address);
    office.cast(&mut first, "A", 0..12);
    office.cast(&mut late, "A", 12..13);
    first.close(&unit("A")).unwrap();
    late.close(&unit("A")).unwrap();
    first.sync(&Http::new(&server.address)).unwrap();
    office.count();
    late.sync(&Http::new(&server.address)).unwrap();
    let held: Vec<_> = obstacles(&office, "A");
    let Some(Obstacle::Undecided(id, why)) = held.first() else { panic!("{held:?}") };
    assert!(why.contains(&HoldReason::Late));
    decide(&office, "A", Ruling::Admit(*id), TWO, "đường bị sạt lở").unwrap();
    office.on_centre(async |centre| office.count_again(centre).await);
    let codes: Vec<_> = obstacles(&office, "A").iter().map(Obstacle::code).collect();
    assert_eq!(codes, ["collected_above_issued", "collected_differs", "tablet_not_noted"]);
    office.write_record("A");
    assert!(obstacles(&office, "A").is_empty());
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    let unit = figures.units.iter().find(|u| u.code == "A").unwrap();
    assert_eq!(
        (unit.valid, unit.earlier_figures_stand),
        (12, true),
        "one ballot would be shown by subtraction"
    );
}

/// What is held is decided by two people, goes into a later order, and changes what is shown only by the rules.
#[test]
fn enough_late_ballots_change_the_figures_and_what_two_people_leave_out_does_not() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let cast = |name: &str, voters: std::ops::Range<usize>| {
        let mut tablet = office.tablet(name, &["A"], &server.address);
        office.cast(&mut tablet, "A", voters);
        tablet.close(&unit("A")).unwrap();
        tablet
    };
    let mut first = cast("first", 0..12);
    let mut late = cast("late", 12..18);
    let mut later = cast("later", 18..24);
    first.sync(&Http::new(&server.address)).unwrap();
    office.count();
    late.sync(&Http::new(&server.address)).unwrap();
    later.sync(&Http::new(&server.address)).unwrap();
    let bearer = office.bearer(INSPECTORS[0]);
    let holds = format!("{}/api/v1/rounds/{}/holds", server.address, office.round.uuid());
    let listed = request("GET", &holds, &[("authorization", &bearer)], b"").json();
    let held = listed["items"][0]["held"].as_array().unwrap().clone();
    assert!(held.iter().all(|item| item["reasons"].to_string().contains("late") && item["decided"] == false));
    let of = |tablet: &client_ffi::Tablet<_>| tablet.device().unwrap().to_string();
    for (device, admit) in [(of(&late), true), (of(&later), false)] {
        for item in held.iter().filter(|item| item["device"] == device.as_str()) {
            let id = item["envelope"].as_str().unwrap().parse().unwrap();
            let ruling = if admit { Ruling::Admit(id) } else { Ruling::LeaveOut(id) };
            decide(&office, "A", ruling, TWO, "đường bị sạt lở").unwrap();
        }
    }
    office.on_centre(async |centre| office.count_again(centre).await);
    let order =
        office.on_centre(async |centre| centre.bundle(&office.round).await.unwrap().orders.pop().unwrap());
    let part = order.value().units.iter().find(|part| part.unit == unit("A")).unwrap();
    assert_eq!((order.value().number, part.decisions.len()), (2, held.len()), "decisions stand in the order");
    let left_out: u64 = held.iter().filter(|item| item["device"] == of(&later).as_str()).map(|_| 1).sum();
    assert_eq!(part.left_out.len() as u64, left_out);
    office.write_record("A");
    let codes: Vec<_> = obstacles(&office, "A").iter().map(Obstacle::code).collect();
    assert_eq!(
        codes,
        ["collected_differs"],
        "six ballots were cast and do not count: somebody explains that"
    );
    office.on_centre(async |centre| {
        let findings = centre.unit_record(&office.round, "A").await.unwrap().findings;
        let key = findings.iter().find(|finding| finding.blocks()).unwrap().key();
        centre.explain(&office.round, "A", &key, "hai người quyết định để lại sáu phiếu").await.unwrap();
    });
    assert!(obstacles(&office, "A").is_empty());
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    let unit = figures.units.iter().find(|u| u.code == "A").unwrap();
    assert_eq!((unit.valid, unit.earlier_figures_stand), (18, false));
}
