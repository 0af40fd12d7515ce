//! Rounds that come again: the next one, who is reminded of what, guidance for each step.

use super::*;

/// Whoever writes takes a turn, so that what is kept in memory is worked out anew.
const TURN: &str = "UPDATE unit SET turn = turn + 1";

#[test]
fn the_next_round_is_proposed_with_its_changes_marked_and_becomes_a_draft() {
    let story = Story::begin();
    let put = |revision: u32, changes: Value| {
        let body = json!({ "revision": revision, "changes": { "changes": changes } });
        story.ask(ORGANISER, "PUT", "/changes", &body)
    };
    let merged = json!({ "valid_from": day(1), "change": { "kind": "merged", "unit": "S", "into": "T" } });
    assert_eq!(put(0, json!([merged])).json()["revision"], 1);
    assert_eq!(put(0, json!([])).code(), "changed_meanwhile");
    let itself = json!({ "valid_from": day(1), "change": { "kind": "merged", "unit": "S", "into": "S" } });
    assert_eq!(put(1, json!([itself])).code(), "changes");
    let next = story.get("/rounds/{round}/next");
    let codes: Vec<_> = next["units"].as_array().unwrap().iter().map(|unit| unit["code"].clone()).collect();
    assert_eq!((codes, &next["units"][1]["voters"]), (vec![json!("A"), json!("T")], &json!(11)));
    assert_eq!(next["gone"], json!([{ "code": "S", "into": "T" }]));
    let draft = |login: &str, title: &str| {
        story.ask(login, "POST", "/rounds/{round}/next", &json!({ "title": title }))
    };
    assert_eq!(draft(INSPECTORS[0], "Đợt sau").code(), "role");
    assert_eq!(draft(ORGANISER, " ").code(), "draft");
    let made = draft(ORGANISER, "Đợt sau");
    assert_eq!(made.status, 201, "{made:?}");
    let shown = story.get(&format!("/rounds/{}", made.json()["id"].as_str().unwrap()));
    assert_eq!(
        (&shown["state"], &shown["units"], &shown["title"]),
        (&json!("draft"), &json!(2), &json!("Đợt sau"))
    );
}

#[test]
fn whoever_owes_something_is_reminded_and_nobody_of_what_is_done() {
    let story = Story::begin();
    let body = json!({ "revision": 0, "due": { "all": day(-10) } });
    assert_eq!(story.ask(ORGANISER, "PUT", "/rounds/{round}/due-days", &body).status, 200);
    story.vote("A", 23, mixed);
    story.publish();
    let all = story.get("/reminders");
    let mut seen: Vec<_> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["owed", "whom", "unit"].map(|what| one[what].as_str().unwrap().to_owned()).join(" "))
        .collect();
    seen.sort();
    let ballots = ["ballot inspectors S", "ballot inspectors T", "ballot unit S", "ballot unit T"];
    assert_eq!(seen, ballots, "A is done, and whoever got a notice today needs no reminder today");
    let later = || {
        let due = parse_day(&day(6)).unwrap();
        let due = story.office.on_centre(async |centre| centre.reminders_on(due).await.unwrap());
        let notices = due.reminders.into_iter().filter(|one| one.debt.owed == Owed::Notice);
        notices.map(|one| (one.whom, one.debt.which)).collect::<Vec<_>>()
    };
    let officials = ["A1", "A2"].map(|code| (Whom::Official, code.to_owned()));
    assert_eq!(later(), officials, "two officials of A are to be told");
    let told = json!({ "on": day(0) });
    assert_eq!(
        story.ask(ORGANISER, "POST", "/rounds/{round}/units/A/notices/A1/signature", &told).status,
        200
    );
    assert_eq!(later(), officials[1..], "nobody is reminded of what is done");
    let printed = succeed(&story.office.folder(), &["remind", "--dry-run", "--lang", "en"], "");
    assert_eq!(printed.matches("10 days late").count(), 4, "{printed}");
}

#[test]
fn an_overdue_plan_is_a_reason_for_a_visit_and_is_reminded_of_until_it_is_written() {
    let story = Story::begin();
    story.office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    for (code, voters) in [("A", 23), ("S", 4), ("T", 7)] {
        story.vote(code, voters, mixed);
    }
    story.publish();
    let due = |days: i64| {
        let day = day(days);
        story.office.on_database(async |db| {
            let set = "UPDATE plan SET made_on = '2020-01-31', due_on = $1 WHERE unit = 'A'";
            let query = sqlx::query(set).bind(day);
            assert_eq!(query.execute(&mut *db).await.unwrap().rows_affected(), 2);
            sqlx::query(TURN).execute(db).await.unwrap();
        });
    };
    let reminded = || {
        let all = story.get("/reminders");
        let plans = all["items"].as_array().unwrap().iter().filter(|one| one["owed"] == "plan");
        let mut whom: Vec<_> =
            plans.map(|one| format!("{} {}", one["whom"].as_str().unwrap(), one["unit"])).collect();
        whom.sort();
        whom
    };
    let seen = || {
        let one = story.one("A");
        (one["plans_overdue"].clone(), reasons(&one).contains(&"plans_overdue"))
    };
    assert_eq!((seen(), reminded()), ((json!(0), false), Vec::new()), "there are weeks left");
    due(0);
    let officials = [r#"official "A""#, r#"official "A""#];
    assert_eq!((seen(), reminded()), ((json!(0), false), officials.map(str::to_owned).into()));
    due(-1);
    let with_unit = [r#"official "A""#, r#"official "A""#, r#"unit "A""#, r#"unit "A""#];
    assert_eq!((seen(), reminded()), ((json!(2), true), with_unit.map(str::to_owned).into()));
    let units = story.units("?visit=true");
    assert_eq!(codes(&units), ["A"]);
    assert_eq!(units[0]["reasons"][0]["vi"], "2 kế hoạch khắc phục quá hạn");
    assert_eq!(story.get("/rounds/{round}/oversight")["units_to_visit"], 1);
    due(-8);
    assert_eq!(reminded().iter().filter(|one| one.starts_with("inspectors")).count(), 2);
    let text =
        json!({ "revision": "none", "shortcomings": ["x"], "measures": [{ "text": "x", "by": null }] });
    let path = |official: &str| format!("/rounds/{{round}}/units/A/plans/{official}");
    assert_eq!(story.ask("xa-a", "PUT", &path("A1"), &text).status, 200);
    assert_eq!((seen(), reminded().len()), ((json!(1), true), 3), "A2 is still owed");
    assert_eq!(story.ask("xa-a", "PUT", &path("A2"), &text).status, 200);
    assert_eq!((seen(), reminded()), ((json!(0), false), Vec::new()), "late, but written");
}

/// Who is reminded today of what is owed of this kind, in order.
fn reminded_of(story: &Story, owed: &str) -> Vec<String> {
    let all = story.get("/reminders");
    let items = all["items"].as_array().expect("items").iter().filter(|one| one["owed"] == owed);
    let mut whom: Vec<String> =
        items.map(|one| format!("{} {}", one["whom"].as_str().expect("whom"), one["which"])).collect();
    whom.sort();
    whom
}

/// Writes into the row of a plan what weeks would have made of it.
fn set_plan(story: &Story, set: &str, official: &str, day: String) {
    let query = format!("UPDATE plan SET {set} WHERE official = $2");
    story.office.on_database(async |db| {
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(day).bind(official.to_owned());
        assert_eq!(query.execute(&mut *db).await.expect("the plan").rows_affected(), 1);
        sqlx::query(TURN).execute(db).await.expect("a turn");
    });
}

#[test]
fn a_plan_that_is_written_is_chased_until_somebody_confirmed_it_and_until_it_is_done() {
    let story = Story::begin();
    story.office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    story.vote("A", 23, mixed);
    story.publish();
    let text =
        json!({ "revision": "none", "shortcomings": ["x"], "measures": [{ "text": "x", "by": day(60) }] });
    assert_eq!(story.ask("xa-a", "PUT", "/rounds/{round}/units/A/plans/A1", &text).status, 200);
    let owed = ["plan_confirmation", "plan_behind"];
    assert!(owed.iter().all(|owed| reminded_of(&story, owed).is_empty()), "it was written today");

    // A week and its due day over, nobody confirmed it.
    let waits = |since: i64, due: i64| {
        set_plan(&story, "state_on = $1", "A1", day(since));
        set_plan(&story, "due_on = $1", "A1", day(due));
        reminded_of(&story, "plan_confirmation")
    };
    let unit = r#"unit "A1""#.to_owned();
    assert_eq!(
        waits(-7, -1),
        std::slice::from_ref(&unit),
        "the week's last day is in time, and somebody is reminded before it"
    );
    assert_eq!(waits(-20, 0), std::slice::from_ref(&unit), "so is the due day");
    assert_eq!(waits(-8, -1), std::slice::from_ref(&unit));
    assert_eq!(waits(-30, -7), [r#"inspectors "A1""#.to_owned(), unit]);

    // Its measures have a day, which is not late itself.
    set_plan(&story, "state = 'confirmed', ends_on = $1", "A1", day(0));
    assert!(reminded_of(&story, "plan_confirmation").is_empty(), "it is confirmed");
    set_plan(&story, "written_on = $1", "A1", day(-60));
    let official = r#"official "A1""#.to_owned();
    assert_eq!(reminded_of(&story, "plan_behind"), std::slice::from_ref(&official));
    let seen = |story: &Story| {
        let one = story.one("A");
        (one["plans_behind"].clone(), reasons(&one).contains(&"plans_behind"))
    };
    assert_eq!(seen(&story), (json!(0), false));
    set_plan(&story, "ends_on = $1", "A1", day(-1));
    assert_eq!(reminded_of(&story, "plan_behind"), [official, r#"unit "A1""#.to_owned()]);
    assert_eq!(seen(&story), (json!(1), true));
    assert_eq!(story.get("/rounds/{round}/oversight")["plans"]["behind"], 1);
    let csv = story.ask(INSPECTORS[0], "GET", "/rounds/{round}/oversight.csv", &Value::Null);
    assert!(
        String::from_utf8(csv.body).expect("text").contains("1 kế hoạch khắc phục quá ngày của biện pháp")
    );
    set_plan(&story, "ends_on = $1", "A1", day(-8));
    assert!(reminded_of(&story, "plan_behind").contains(&r#"inspectors "A1""#.to_owned()));
    set_plan(&story, "state = 'done', ends_on = $1", "A1", day(-8));
    assert_eq!(
        (reminded_of(&story, "plan_behind").len(), seen(&story)),
        (0, (json!(0), false)),
        "it is done"
    );
}

#[test]
fn organisers_are_reminded_of_the_next_round_and_inspectors_once_it_is_late() {
    let story = Story::begin();
    let due = |today: &str| {
        let today = parse_day(today).expect("a day");
        let found =
            story.office.on_centre(async |centre| centre.reminders_on(today).await.expect("reminders"));
        let next = found.reminders.into_iter().filter(|one| one.debt.owed == Owed::NextRound);
        next.map(|one| (one.whom, one.debt.unit)).collect::<Vec<_>>()
    };
    assert_eq!(due(&day(0)), [], "there is a year left");
    let begins = story.get("/rounds/{round}/next")["begins_on"].as_str().expect("a day").to_owned();
    let organisers = (Whom::Organisers, String::new());
    assert_eq!(due(&begins), std::slice::from_ref(&organisers));
    let week = parse_day(&begins).expect("a day") + std::time::Duration::from_secs(7 * 86_400);
    let late = due(&day_text(week));
    assert_eq!(late, [organisers, (Whom::Inspectors, String::new())]);
}

#[test]
fn guidance_is_written_in_versions_and_read_by_everybody_with_an_account() {
    let story = Story::begin();
    let put = |step: &str, revision: u32, vi: &str| {
        let body = json!({ "revision": revision, "text": { "vi": vi, "en": "" } });
        story.ask(ORGANISER, "PUT", &format!("/guidance/{step}"), &body)
    };
    assert_eq!(put("decide", 0, " Đọc to.\r\nRồi phát phiếu. ").json()["revision"], 1);
    assert_eq!(put("decide", 0, "khác").code(), "changed_meanwhile");
    assert_eq!(put("decide", 1, &"ă".repeat(2_001)).code(), "guidance");
    assert_eq!(put("nowhere", 0, "x").status, 404);
    assert_eq!(put("decide", 1, "").json()["revision"], 2);
    let history = story.get("/guidance/decide");
    let texts: Vec<_> = history.as_array().unwrap().iter().map(|one| one["text"]["vi"].clone()).collect();
    assert_eq!(texts, ["", "Đọc to.\nRồi phát phiếu."]);
    story.office.hire("quan-sat", &[Role::Observer], |_| ());
    let all = story.ask("quan-sat", "GET", "/guidance", &Value::Null);
    assert_eq!((all.status, all.json().as_array().unwrap().len()), (200, 13));
}

#[test]
fn a_reminder_goes_out_once_however_often_and_by_whomever_it_is_made() {
    let story = Story::begin();
    let body = json!({ "revision": 0, "due": { "all": day(-10) } });
    assert_eq!(story.ask(ORGANISER, "PUT", "/rounds/{round}/due-days", &body).status, 200);
    let put = |kind: &str, code: &str| {
        let contact =
            json!({ "name": "", "email": format!("{}@vidu.vn", code.to_lowercase()), "way": "email" });
        let answer = story.ask(ORGANISER, "PUT", &format!("/contacts/{kind}/{code}"), &contact);
        assert!(answer.status < 300, "{answer:?}");
    };
    put("unit", "A");
    put("person", INSPECTORS[1]);
    let twice = story.office.on_centre(async |centre| {
        let (one, other) = (centre.clone(), centre.clone());
        let both = (
            tokio::spawn(async move { one.remind().await }),
            tokio::spawn(async move { other.remind().await }),
        );
        [both.0.await.unwrap(), both.1.await.unwrap()]
    });
    let made: u32 = twice.iter().flatten().map(|done| done.made).sum();
    // Unit A is told; one of two inspectors has an address and is told of A, S and T.
    assert_eq!(made, 4, "{twice:?}");
    let again = story.office.on_centre(async |centre| centre.remind().await.unwrap());
    assert_eq!((again.made, again.before, again.no_address), (0, 4, 2 + 3), "{again:?}");
    let waiting = story.get("/outbox");
    let mut kinds: Vec<_> = waiting["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["escalation", "escalation", "escalation", "reminder"]);
    let log = succeed(&story.office.folder(), &["audit", "list", "--action", "reminders_made"], "");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn an_inspector_behind_more_accounts_than_a_page_holds_is_told_too() {
    let story = Story::begin();
    let body = json!({ "revision": 0, "due": { "all": day(-10) } });
    assert_eq!(story.ask(ORGANISER, "PUT", "/rounds/{round}/due-days", &body).status, 200);
    let contact = json!({ "name": "", "email": "kiemtra@vidu.vn", "way": "email" });
    let put = story.ask(ORGANISER, "PUT", &format!("/contacts/person/{}", INSPECTORS[1]), &contact);
    assert!(put.status < 300, "{put:?}");
    let made = story.office.on_centre(async |centre| {
        for number in 0..homphieu_server::service::PAGE_MAX {
            let official = Profile::outsider(&format!("An {number:03}"), &[Role::Official]);
            centre.add_person(&format!("a{number:03}"), &official).await.unwrap();
        }
        centre.remind().await.unwrap().made
    });
    assert_eq!(made, 3, "of A, S and T");
}
