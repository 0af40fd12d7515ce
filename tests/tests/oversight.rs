//! Oversight: every unit's stage, why somebody should visit it, signs of formalism, and the visits themselves.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::Http;
use homphieu_server::domain::calendar::{day_of, day_text, parse_day};
use homphieu_server::domain::periodic::reminder::{Owed, Whom};
use homphieu_server::domain::person::Role;
use homphieu_server::service::{Actor, Profile};
use homphieu_tests::office::{INSPECTORS, ORGANISER, Office, unit};
use homphieu_tests::server::{Answer, Server, request, succeed};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use sync_core::ballot::Marks;

#[path = "oversight/kept.rs"]
mod kept;
#[path = "oversight/periodic.rs"]
mod periodic;

struct Story {
    office: Office,
    server: Server,
}

fn day(days: i64) -> String {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    day_text(day_of(now + days * 86_400))
}

impl Story {
    fn begin() -> Self {
        let office = Office::new();
        let server = Server::start(&office.folder());
        Self { office, server }
    }

    /// So many voters of a unit cast on one tablet, marked as is said, and its box is closed.
    fn vote(&self, code: &str, voters: usize, marks: impl Fn(usize) -> Vec<Option<u8>>) {
        let mut tablet = self.office.tablet(&code.to_lowercase(), &[code], &self.server.address);
        let of = unit(code);
        for voter in 0..voters {
            let marks = Marks::new(marks(voter));
            match self.office.slips.get(&of) {
                Some(slips) => tablet.cast(&of, &slips[voter], &marks).unwrap(),
                None => tablet.cast_attended(&of, &marks).unwrap(),
            }
        }
        tablet.close(&of).unwrap();
        tablet.sync(&Http::new(&self.server.address)).unwrap();
    }

    fn publish(&self) {
        self.office.count();
        self.office.on_centre(async |centre| centre.publish(&self.office.round, &[]).await.unwrap());
    }

    fn ask(&self, login: &str, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = self.office.bearer(login);
        let url = format!("{}/api/v1{path}", self.server.address);
        let url = url.replace("{round}", &self.office.round.uuid().to_string());
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        request(method, &url, &headers, &body)
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.ask(INSPECTORS[0], "GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    fn units(&self, query: &str) -> Vec<Value> {
        self.get(&format!("/rounds/{{round}}/oversight/units{query}"))["items"].as_array().unwrap().clone()
    }

    fn one(&self, code: &str) -> Value {
        self.units("").into_iter().find(|unit| unit["code"] == code).unwrap()
    }
}

fn codes(units: &[Value]) -> Vec<&str> {
    units.iter().map(|unit| unit["code"].as_str().unwrap()).collect()
}

fn reasons(unit: &Value) -> Vec<&str> {
    unit["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

/// Marks that show nothing: levels change from voter to voter.
fn mixed(voter: usize) -> Vec<Option<u8>> {
    homphieu_tests::office::marks(voter).lines().to_vec()
}

fn visit(planned_on: &str) -> Value {
    json!({ "state": "planned", "planned_on": planned_on, "made_on": null, "people": ["Sùng Thị Máy"], "purpose": "Xem sổ" })
}

#[test]
fn every_unit_is_in_its_stage_and_who_needs_a_visit_comes_first() {
    let story = Story::begin();
    let before = story.get("/rounds/{round}/oversight");
    assert_eq!(
        (&before["units_all"], &before["units_held"], &before["units_to_visit"]),
        (&json!(3), &json!(0), &json!(0))
    );
    assert_eq!(before["stages"][0], json!({ "stage": "not_begun", "units": 3 }));
    story.vote("A", 23, mixed);
    story.vote("T", 7, mixed);
    assert_eq!((&story.one("A")["stage"], &story.one("S")["stage"]), (&json!("closed"), &json!("not_begun")));
    assert_eq!(reasons(&story.one("A")), [] as [&str; 0], "the round goes on");
    story.publish();
    let after = story.get("/rounds/{round}/oversight");
    let counts =
        ["units_all", "units_held", "units_published", "units_to_visit"].map(|what| after[what].clone());
    assert_eq!(counts, [3, 2, 2, 1].map(Value::from));
    let units = story.units("");
    assert_eq!(codes(&units), ["S", "A", "T"]);
    assert_eq!(reasons(&units[0]), ["never_voted"]);
    assert_eq!(units[0]["reasons"][0]["vi"], "đợt đã đóng mà đơn vị chưa bỏ phiếu");
    let steps: Vec<_> = units[1]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["stage"].clone(), step["on"].clone()))
        .collect();
    let on = |stage: &str, day: Option<String>| (json!(stage), json!(day));
    let expected = [
        on("prepared", None),
        on("voting", None),
        on("closed", None),
        on("minuted", None),
        on("counted", Some(day(0))),
        on("published", Some(day(0))),
    ];
    assert_eq!(steps, expected, "only what somebody noted has a day");
    assert_eq!(units[1]["notices"]["waiting"], 2);
    for (query, expected) in [
        ("?visit=true", vec!["S"]),
        ("?visit=false", vec!["A", "T"]),
        ("?stage=published", vec!["A", "T"]),
        ("?late=true", vec![]),
        ("?text=dang%20bo", vec!["A"]),
        ("?text=chua%20bo%20phieu", vec!["S"]),
        ("?sign=uniform_ballots", vec![]),
    ] {
        assert_eq!(codes(&story.units(query)), expected, "{query}");
    }
    let page = story.get("/rounds/{round}/oversight/units?limit=2");
    assert_eq!(codes(page["items"].as_array().unwrap()), ["S", "A"]);
    let rest = story.units(&format!("?limit=2&after={}", page["next"].as_str().unwrap()));
    assert_eq!(codes(&rest), ["T"]);
    for bad in ["?stage=lost", "?limit=0", "?text=%00", "?sign=x", "?after=zz"] {
        let path = format!("/rounds/{{round}}/oversight/units{bad}");
        assert_eq!(story.ask(INSPECTORS[0], "GET", &path, &Value::Null).code(), "query", "{bad}");
    }
    let trend = story.get("/oversight/trend");
    assert_eq!((&trend[0]["units_published"], &trend[0]["units_to_visit"]), (&json!(2), &json!(1)));
    let shown = succeed(&story.office.folder(), &["oversight", "show", "--lang", "en"], "");
    assert!(shown.starts_with("2 of 3 units held their ballot"), "{shown}");
    assert!(shown.contains("the round is closed and the unit has not voted"), "{shown}");
    let signs = succeed(&story.office.folder(), &["oversight", "signs", "--lang", "vi"], "");
    assert_eq!(signs.matches("Khi nào báo nhầm").count(), 6, "{signs}");
}

#[test]
fn twenty_ballots_that_are_all_the_same_are_signs_and_nineteen_are_none() {
    for (voters, signs) in [(19, json!([])), (20, json!(["uniform_ballots", "only_highest"]))] {
        let story = Story::begin();
        story.vote("A", voters, |_| vec![Some(0), Some(0)]);
        story.publish();
        let unit = story.one("A");
        assert_eq!(unit["signs"], signs, "{voters} ballots");
        assert_eq!(reasons(&unit).len(), signs.as_array().unwrap().len());
    }
}

#[test]
fn a_unit_where_nobody_is_ever_missing_shows_it_in_words() {
    let story = Story::begin();
    story.vote("A", 24, mixed);
    story.vote("T", 7, mixed);
    story.publish();
    assert_eq!(story.one("A")["signs"], json!(["nobody_missing"]));
    assert_eq!(story.one("T")["signs"], json!([]), "seven voters are too few to say anything");
    let words = story.get("/rounds/{round}/oversight");
    let sign =
        words["signs"].as_array().unwrap().iter().find(|sign| sign["code"] == "nobody_missing").unwrap();
    for part in ["name", "formula", "false_alarms"] {
        assert!(
            sign[part]["vi"].as_str().unwrap().len() > 20 && sign[part]["en"] != sign[part]["vi"],
            "{part}"
        );
    }
}

/// Two rounds in which everything published is equal and the small unit marks otherwise must look the same: what oversight
/// says of signs follows from what is published, so nothing can be subtracted from it.
#[test]
fn nothing_of_a_small_unit_shows_in_oversight_nor_by_subtraction() {
    let seen = [0_u8, 2].map(|level| {
        let story = Story::begin();
        story.vote("A", 23, mixed);
        story.vote("S", 4, |_| vec![Some(level), Some(level)]);
        story.vote("T", 7, mixed);
        story.publish();
        let csv = story.ask(INSPECTORS[0], "GET", "/rounds/{round}/oversight.csv?lang=en", &Value::Null);
        assert_eq!(csv.status, 200);
        let mut whole = story.get("/rounds/{round}/oversight");
        whole["units"] = json!(story.units(""));
        (whole, String::from_utf8(csv.body).unwrap())
    });
    assert_eq!(seen[0], seen[1]);
    let text = seen[0].0.to_string();
    assert!(!text.contains("\"levels\"") && !text.contains("percent"), "no figure by level is here: {text}");
}

#[test]
fn a_due_day_makes_units_late_and_is_set_by_whoever_saw_the_last_one() {
    let story = Story::begin();
    let set = |revision: u32, due: Value| {
        let body = json!({ "revision": revision, "due": due });
        story.ask(ORGANISER, "PUT", "/rounds/{round}/due-days", &body)
    };
    assert_eq!(set(0, json!({ "all": day(-3), "units": { "T": day(0) } })).status, 200);
    assert_eq!(set(0, json!({ "all": day(9) })).code(), "changed_meanwhile");
    for bad in [json!({ "all": "tomorrow" }), json!({ "units": { "X": day(0) } })] {
        assert_eq!((set(1, bad.clone()).status, set(1, bad).code()), (422, "due_days".to_owned()));
    }
    assert_eq!((story.one("A")["days_late"].clone(), reasons(&story.one("A"))), (json!(3), vec!["overdue"]));
    assert_eq!(story.one("T")["days_late"], Value::Null, "today is in time");
    assert_eq!(codes(&story.units("?late=true")), ["A", "S"]);
    assert_eq!(story.ask(INSPECTORS[0], "PUT", "/rounds/{round}/due-days", &json!({})).code(), "role");
    let rhythm = json!({ "months": 6, "remind_before": 3, "remind_every": 5, "escalate_after": 10 });
    let set = |revision: u32, rhythm: &Value| {
        story.ask(ORGANISER, "PUT", "/rhythm", &json!({ "revision": revision, "rhythm": rhythm }))
    };
    assert_eq!(story.get("/rhythm")["rhythm"]["months"], 12);
    assert_eq!(set(0, &rhythm).json()["revision"], 1);
    assert_eq!(set(0, &rhythm).code(), "changed_meanwhile");
    assert_eq!(
        set(1, &json!({ "months": 0, "remind_before": 3, "remind_every": 5, "escalate_after": 10 })).code(),
        "rhythm"
    );
    assert_eq!(story.get("/rhythm")["rhythm"]["months"], 6);
}

#[test]
fn a_visit_is_planned_made_and_followed_up_and_two_inspectors_do_not_write_over_each_other() {
    let story = Story::begin();
    let path = "/rounds/{round}/units/A/visits";
    let planned = story.ask(INSPECTORS[0], "POST", path, &visit(&day(3)));
    assert_eq!(planned.status, 201, "{planned:?}");
    let planned = planned.json();
    assert_eq!((&planned["revision"], &planned["by"]), (&json!(1), &json!(INSPECTORS[0])));
    assert_eq!(story.one("A")["visits"]["planned_on"], json!(day(3)));
    let one = format!("{path}/{}", planned["id"].as_str().unwrap());
    let mut made = visit(&day(3));
    made["state"] = json!("made");
    made["made_on"] = json!(day(0));
    made["findings"] =
        json!([{ "text": "Chưa họp", "measure": "Họp lại", "due_on": day(-1), "follow_up": "open" }]);
    let change = |login: &str, revision: u32, content: &Value| {
        story.ask(login, "PUT", &one, &json!({ "revision": revision, "content": content }))
    };
    assert_eq!(change(INSPECTORS[1], 1, &made).json()["revision"], 2);
    let second = change(INSPECTORS[0], 1, &made);
    assert_eq!((second.status, second.code()), (409, "changed_meanwhile".to_owned()));
    assert_eq!(reasons(&story.one("A")), ["follow_ups_overdue"]);
    made["findings"][0]["follow_up"] = json!("done");
    assert_eq!(change(INSPECTORS[0], 2, &made).json()["revision"], 3);
    assert_eq!(story.one("A")["visits"]["overdue"], 0);
    let history = story.get(&one);
    let states: Vec<_> = history.as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, ["planned", "made", "made"], "every revision is kept");
    assert_eq!(story.get("/rounds/{round}/visits")["items"].as_array().unwrap().len(), 1);
    let log = succeed(&story.office.folder(), &["audit", "list", "--action", "visit_made"], "");
    assert_eq!(log.lines().count(), 2, "{log}");
}

#[test]
fn nobody_visits_where_they_vote_and_what_cannot_be_is_refused() {
    let story = Story::begin();
    let path = "/rounds/{round}/units/A/visits";
    story.office.hire("kiem-tra-a", &[Role::Inspector], |profile| profile.votes_in = Some(unit("A")));
    assert_eq!(story.ask("kiem-tra-a", "POST", path, &visit(&day(1))).code(), "interest");
    assert_eq!(story.ask(ORGANISER, "POST", path, &visit(&day(1))).code(), "role");
    let other = "/rounds/{round}/units/X/visits";
    assert_eq!(story.ask(INSPECTORS[0], "POST", other, &visit(&day(1))).code(), "unknown_unit");
    let nobody = format!("{path}/00000000-0000-4000-8000-000000000000");
    let change = json!({ "revision": 1, "content": visit(&day(1)) });
    assert_eq!(story.ask(INSPECTORS[0], "PUT", &nobody, &change).code(), "unknown_visit");
    assert_eq!(story.ask(INSPECTORS[0], "GET", &nobody, &Value::Null).code(), "unknown_visit");
    for bad in [
        visit("tomorrow"),
        json!({ "state": "made", "planned_on": day(0), "made_on": day(1), "people": ["M"], "purpose": "x" }),
        json!({ "state": "planned", "planned_on": day(0), "made_on": null, "people": [], "purpose": "x" }),
        json!({ "state": "planned", "planned_on": day(0), "made_on": null, "people": ["a\u{0}b"], "purpose": "x" }),
    ] {
        assert_eq!(story.ask(INSPECTORS[0], "POST", path, &bad).code(), "visit", "{bad}");
    }
    assert_eq!(story.get("/rounds/{round}/visits")["items"], json!([]));
}

#[test]
fn hostile_names_are_text_in_every_table_and_list() {
    let hostile = "=HYPERLINK(\"http://x\")";
    let units = format!("unit_code,name,kind,voters\nA,\"{}\",chi_bo,24\n", hostile.replace('"', "\"\""));
    let officials = "unit_code,ordinal,official_code,full_name,post\nA,1,A1,<b>Vàng</b>,Bí thư\n";
    let mut choices = homphieu_tests::office::choices(sync_core::package::Mode::Official);
    choices.attended.clear();
    let office = Office::of(&units, officials, true, choices);
    let server = Server::start(&office.folder());
    let story = Story { office, server };
    assert_eq!(story.one("A")["name"], hostile);
    let csv = story.ask(INSPECTORS[0], "GET", "/rounds/{round}/oversight.csv", &Value::Null);
    let text = String::from_utf8(csv.body).unwrap();
    assert!(text.contains("\"'=HYPERLINK"), "a spreadsheet would take it for a formula: {text}");
    let path = "/rounds/{round}/units/A/visits";
    let mut odd = visit(&day(1));
    odd["purpose"] = json!("<script>alert(1)</script> \u{202e}%_!'");
    assert_eq!(story.ask(INSPECTORS[0], "POST", path, &odd).json()["purpose"], odd["purpose"]);
}

#[test]
fn of_two_inspectors_who_write_at_the_same_moment_one_is_told() {
    let story = Story::begin();
    let path = "/rounds/{round}/units/A/visits";
    let id = story.ask(INSPECTORS[0], "POST", path, &visit(&day(1))).json()["id"].clone();
    let hex = id.as_str().unwrap().replace('-', "");
    let id: Vec<u8> = (0..16).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    let id: [u8; 16] = id.try_into().unwrap();
    let round = story.office.round;
    let outcomes = story.office.on_centre(async |centre| {
        let mut both = Vec::new();
        for login in INSPECTORS {
            let person = centre.person_named(login).await.unwrap();
            let own = centre.acting_for(Actor::Person(person));
            both.push(tokio::spawn(async move {
                let content = serde_json::from_value(visit(&day(2))).unwrap();
                own.change_visit(&round, "A", (&id, 1), content).await.map(|visit| visit.revision)
            }));
        }
        let mut outcomes = Vec::new();
        for task in both {
            outcomes.push(task.await.unwrap().map_err(|error| error.code()));
        }
        outcomes
    });
    let written = outcomes.iter().filter(|outcome| **outcome == Ok(2)).count();
    let told = outcomes.iter().filter(|outcome| matches!(outcome, Err("changed_meanwhile" | "busy"))).count();
    assert_eq!((written, told), (1, 1), "{outcomes:?}");
}

#[test]
fn a_unit_reads_what_visits_found_that_it_is_to_put_right_and_nothing_else_of_them() {
    let story = Story::begin();
    story.office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    let made = json!({
        "state": "made", "planned_on": day(0), "made_on": day(0), "people": ["Vàng Mí Đi"], "purpose": "vì sao đến",
        "findings": [
            { "text": "thấy ổn", "measure": "", "due_on": null, "follow_up": "nothing" },
            { "text": "thiếu sổ", "measure": "ghi lại sổ", "due_on": day(3), "follow_up": "open" },
        ],
    });
    let planned = story.ask(INSPECTORS[0], "POST", "/rounds/{round}/units/A/visits", &made);
    assert_eq!(planned.status, 201, "{planned:?}");
    let read = story.ask("xa-a", "GET", "/rounds/{round}/units/A/follow-ups", &Value::Null).json();
    let texts: Vec<_> =
        read["items"].as_array().expect("items").iter().map(|one| &one["finding"]["text"]).collect();
    assert_eq!(texts, ["thiếu sổ"]);
    assert!(!read.to_string().contains("vì sao đến"), "why somebody came is the committee's");
    assert_eq!(
        story.ask("xa-a", "GET", "/rounds/{round}/units/S/follow-ups", &Value::Null).code(),
        "not_yours"
    );
}
