//! Notices of results: made with the publication, due on a working day, acknowledged once, found by whoever looks.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::Http;
use homphieu_server::domain::calendar::{Calendar, day_of, day_text, parse_day};
use homphieu_server::domain::notice::{Notice, Stage};
use homphieu_server::domain::person::Role;
use homphieu_server::store::notices::{NoticeSearch, Place};
use homphieu_tests::clock::Clock;
use homphieu_tests::office::{INSPECTORS, ORGANISER, Office, unit};
use homphieu_tests::server::{Answer, Server, refused, request, run_under, succeed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};
use sync_core::order::Ruling;
use sync_core::survey::Gap;

struct Story {
    office: Office,
    server: Server,
}

impl Story {
    /// Units A and T voted, were counted and published; S never voted.
    fn published() -> Self {
        let office = Office::new();
        let server = Server::start(&office.folder());
        for (code, voters) in [("A", 24), ("T", 7)] {
            let mut tablet = office.tablet(code, &[code], &server.address);
            office.cast(&mut tablet, code, 0..voters);
            tablet.close(&unit(code)).unwrap();
            tablet.sync(&Http::new(&server.address)).unwrap();
        }
        office.count();
        office.on_centre(async |centre| centre.publish(&office.round, &[]).await.unwrap());
        Self { office, server }
    }

    fn ask(&self, login: &str, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = self.office.bearer(login);
        let url = format!("{}/api/v1{path}", self.server.address);
        let url = url.replace("{round}", &self.office.round.uuid().to_string());
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        request(method, &url, &headers, &body)
    }

    fn get(&self, login: &str, path: &str) -> Value {
        let answer = self.ask(login, "GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    fn found(&self, which: &NoticeSearch) -> Vec<(Notice, Stage)> {
        self.office.on_centre(async |centre| centre.notices(which, &Place::default(), 200).await.unwrap())
    }
}

fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    day_text(day_of(i64::try_from(now).unwrap()))
}

fn codes(found: &[(Notice, Stage)]) -> Vec<&str> {
    found.iter().map(|(notice, _)| notice.official.as_str()).collect()
}

#[test]
fn every_official_of_a_published_unit_has_a_notice_due_five_working_days_later() {
    let story = Story::published();
    let found = story.found(&NoticeSearch::default());
    assert_eq!(codes(&found), ["A1", "A2", "T1", "T2"], "S is not published");
    let due = Calendar::built_in().after(parse_day(&today()).unwrap(), 5);
    for (notice, stage) in &found {
        assert_eq!((day_text(notice.made_on), notice.due_on, *stage), (today(), due, Stage::Waiting));
    }
    // Publishing once more makes nothing anew.
    let told = json!({ "on": today() });
    let path = "/rounds/{round}/units/A/notices/A1/signature";
    assert_eq!(story.ask(ORGANISER, "POST", path, &told).status, 200);
    story.office.on_centre(async |centre| centre.publish(&story.office.round, &[]).await.unwrap());
    assert_eq!(story.found(&NoticeSearch::default())[0].1, Stage::InTime);
}

#[test]
fn an_official_acknowledges_the_own_notice_once_and_nobody_elses() {
    let story = Story::published();
    story.office.hire("can-bo", &[Role::Official], |p| p.officials = BTreeSet::from(["A1".to_owned()]));
    let notice = story.get("can-bo", "/rounds/{round}/officials/A1/notice");
    assert_eq!((&notice["stage"], &notice["told"]), (&json!("waiting"), &Value::Null));
    let say = |official: &str| {
        let path = format!("/rounds/{{round}}/officials/{official}/notice/acknowledgement");
        story.ask("can-bo", "POST", &path, &Value::Null)
    };
    let first = say("A1").json();
    let told = &first["told"];
    assert_eq!((&told["on"], &told["way"], &told["by"]), (&json!(today()), &json!("page"), &json!("can-bo")));
    let at = told["at"].as_i64().expect("who says so on the page does it at a moment");
    assert_eq!(day_text(day_of(at)), today());
    assert_eq!(say("A1").json(), first, "again is success and changes nothing");
    for other in ["A2", "T1", "x"] {
        assert_eq!((say(other).status, say(other).code()), (403, "not_yours".to_owned()));
    }
    let log = succeed(&story.office.folder(), &["audit", "list", "--action", "notice_acknowledged"], "");
    assert_eq!(log.lines().count(), 1, "{log}");
    let list = succeed(&story.office.folder(), &["notice", "list", "--stage", "in_time"], "");
    assert!(list.contains(&format!("told on {} (", today())) && list.contains(" UTC)"), "{list}");
}

#[test]
fn a_signed_letter_is_noted_for_a_day_on_which_it_can_have_been_signed() {
    let story = Story::published();
    story.office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    let sign = |login: &str, unit: &str, official: &str, on: &str| {
        let path = format!("/rounds/{{round}}/units/{unit}/notices/{official}/signature");
        story.ask(login, "POST", &path, &json!({ "on": on }))
    };
    let now = parse_day(&today()).unwrap();
    let days = [now.previous_day().unwrap(), now.next_day().unwrap()].map(day_text);
    for bad in ["", "27/11/2026", "2026-02-30", "9999999-01-01", &days[0], &days[1]] {
        let answer = sign("xa-a", "A", "A1", bad);
        assert_eq!((answer.status, answer.code()), (422, "told_on".to_owned()), "{bad}: {answer:?}");
    }
    assert_eq!(sign("xa-a", "T", "T1", &today()).code(), "not_yours");
    assert_eq!(sign("xa-a", "A", "T1", &today()).code(), "unknown_notice", "T1 is no official of A");
    assert_eq!(sign(ORGANISER, "S", "S1", &today()).code(), "unknown_notice", "S is not published");
    assert_eq!(sign(INSPECTORS[0], "A", "A1", &today()).code(), "role");
    let noted = sign("xa-a", "A", "A1", &today()).json();
    assert_eq!(noted["told"], json!({ "on": today(), "at": null, "way": "paper", "by": "xa-a" }));
    let mine = story.get("xa-a", "/rounds/{round}/units/A/notices");
    let stages: Vec<_> = mine["items"].as_array().unwrap().iter().map(|one| one["stage"].clone()).collect();
    assert_eq!(stages, ["in_time", "waiting"]);
    let figures = story.get(ORGANISER, "/rounds/{round}/notices/figures");
    assert_eq!(figures["all"]["in_time"], 1);
    assert_eq!(figures["units"][0]["unit"], "A");
    assert_eq!(figures["units"][0]["median_days"], 0);
    assert_eq!(figures["units"][1]["median_days"], Value::Null);
}

#[test]
fn notices_are_found_without_diacritics_by_stage_and_page_by_page() {
    let story = Story::published();
    let find = |text: &str| {
        let found = story.found(&NoticeSearch { text: text.to_owned(), ..NoticeSearch::default() });
        codes(&found).join(" ")
    };
    assert_eq!(find("vang mi"), "A1");
    assert_eq!(find("GIÀNG thị"), "A2");
    assert_eq!(find("bi thu"), "A1 T1");
    assert_eq!(find("t2"), "T2");
    for hostile in ["%", "_", "!", "' OR 1=1 --", "\\", "\u{202e}"] {
        assert_eq!(find(hostile), "", "{hostile}");
    }
    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let page = story.get(ORGANISER, &format!("/notices?limit=1&stage=waiting{after}"));
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["official"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, ["A1", "A2", "T1", "T2"]);
    for bad in ["stage=lost", "limit=0", "after=zz", "after=41", "text=%00", "unit=%20", "round=x"] {
        let answer = story.ask(ORGANISER, "GET", &format!("/notices?{bad}"), &Value::Null);
        assert_eq!((answer.status, answer.code()), (400, "query".to_owned()), "{bad}: {answer:?}");
    }
    assert_eq!(story.get(ORGANISER, "/notices?stage=overdue")["items"], json!([]));
}

#[test]
fn a_result_that_a_later_opening_changes_is_told_anew_and_an_unchanged_one_is_not() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let http = Http::new(&server.address);
    let mut tablets = Vec::new();
    for (name, code, voters) in [("a", "A", 0..14), ("b", "A", 14..24), ("t", "T", 0..7)] {
        let mut tablet = office.tablet(name, &[code], &server.address);
        office.cast(&mut tablet, code, voters);
        if name != "b" {
            tablet.close(&unit(code)).unwrap();
            tablet.sync(&http).unwrap();
        }
        tablets.push(tablet);
    }
    let gap = Gap::Close { device: tablets[1].device().unwrap() };
    office.on_centre(homphieu_tests::record::write_records);
    office.on_centre(async |centre| {
        centre.close_round(&office.round).await.unwrap();
        centre.decide(&office.round, "A", Ruling::WriteOff(gap), INSPECTORS, "máy chưa về").await.unwrap();
        office.count_again(centre).await;
        let report = centre.publish(&office.round, &[]).await.unwrap();
        let done = report.units.iter().filter(|outcome| outcome.obstacles.is_empty()).count();
        assert_eq!(done, 2, "{report:?}");
        let today = parse_day(&today()).unwrap();
        for (unit, official) in [("A", "A1"), ("T", "T1")] {
            centre.note_signed(&office.round, unit, official, today).await.unwrap();
        }
    });
    tablets[1].close(&unit("A")).unwrap();
    tablets[1].sync(&http).unwrap();
    office.on_centre(homphieu_tests::record::write_records);
    office.on_centre(async |centre| {
        for holds in centre.holds(&office.round).await.unwrap() {
            for held in holds.held {
                let admit = Ruling::Admit(held.header.id);
                centre.decide(&office.round, "A", admit, INSPECTORS, "máy đã về").await.unwrap();
            }
        }
        office.count_again(centre).await;
        let report = centre.publish(&office.round, &[]).await.unwrap();
        let done: Vec<_> =
            report.units.iter().filter(|o| o.obstacles.is_empty()).map(|o| o.unit.as_str()).collect();
        assert_eq!(done, ["A", "T"], "{report:?}");
        let stage = async |official: &str| {
            let (notice, stage) = centre.notice(&office.round, official).await.unwrap();
            (notice.order, stage)
        };
        assert_eq!(stage("A1").await, (2, Stage::Waiting), "24 ballots are another result than 14");
        assert_eq!(stage("T1").await, (1, Stage::InTime), "the figures of T did not change");
    });
}

#[test]
fn the_command_line_says_who_is_late_and_takes_a_signature() {
    let story = Story::published();
    let folder = story.office.folder();
    let password = format!("mật khẩu của {ORGANISER}\n");
    story.office.bearer(ORGANISER);
    let sign = ["notice", "signed", "--unit", "A", "--official", "A1", "--on", &today(), "--as", ORGANISER];
    let told = succeed(&folder, &sign, &password);
    assert!(told.contains("Vàng Mí Một (A1)") && told.contains("told on"), "{told}");
    let figures = succeed(&folder, &["notice", "figures"], "");
    assert!(figures.lines().last().unwrap().contains("4 notices: 1 in time, 0 late, 3 waiting, 0 overdue"));
    let list = succeed(&folder, &["notice", "list", "--stage", "waiting", "--text", "ba thu"], "");
    assert_eq!(list.trim(), "no such notice");
    let bad = ["notice", "signed", "--unit", "A", "--official", "A2", "--on", "tomorrow", "--as", ORGANISER];
    assert!(refused(&folder, &bad, &password).contains("write the day as 2026-11-27"));
    let Some(later) = Clock::off_by(1) else { return };
    let overdue = run_under(Some(&later), &folder, &["notice", "list", "--stage", "overdue"], "");
    let overdue = String::from_utf8(overdue.stdout).unwrap();
    assert_eq!(overdue.lines().filter(|line| line.contains("OVERDUE since")).count(), 3, "{overdue}");
}

#[test]
fn days_off_of_the_office_take_the_place_of_the_built_in_ones() {
    let story = Story::published();
    let folder = story.office.folder();
    let publish = |days| {
        story.office.on_centre(async |centre| {
            let done = centre.publish_within(&story.office.round, &[], days).await;
            done.map(drop).map_err(|error| error.code().to_owned())
        })
    };
    std::fs::write(folder.join("days-off.csv"), "2026-02-30,off\n").unwrap();
    assert_eq!(
        publish(5),
        Err("calendar".to_owned()),
        "a day that is none stops it, before anything is published"
    );
    let mut every = String::from("day,kind,name\n");
    let mut day = parse_day(&today()).unwrap();
    for _ in 0..30 {
        day = day.next_day().unwrap();
        every.push_str(&format!("{},off,nghỉ\n", day_text(day)));
    }
    std::fs::write(folder.join("days-off.csv"), &every).unwrap();
    let calendar = story.office.on_centre(async |centre| centre.calendar().unwrap());
    assert!(calendar.after(parse_day(&today()).unwrap(), 1) > day);
    for bad in [0, 61] {
        assert_eq!(publish(bad), Err("notice_days".to_owned()));
    }
}
