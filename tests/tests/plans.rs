//! Correction plans: owed by a rule that shows nothing that is hidden, written on tablets without a network and at the
//! centre, settled where two wrote without each other, confirmed by a second person, followed until they are done.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::store::FileStore;
use client_ffi::transport::Http;
use client_ffi::{Acting, NewPlan, Tablet};
use homphieu_server::domain::calendar::{Calendar, day_of, day_text, parse_day};
use homphieu_server::domain::person::Role;
use homphieu_server::domain::plan::{PlanStage, Rule, Who};
use homphieu_server::store::plans::{PlanSearch, beginning};
use homphieu_tests::office::{INSPECTORS, ORGANISER, Office, unit};
use homphieu_tests::paper::{dense, text_of};
use homphieu_tests::server::{Answer, Server, request, succeed};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};
use sync_core::record::EntryRef;

struct Story {
    office: Office,
    server: Server,
    /// Two tablets of unit A.
    tablets: Vec<Tablet<FileStore>>,
}

impl Story {
    fn published() -> Self {
        Self::under(None)
    }

    /// Units A (24 voters), S (4, too few to be shown) and T voted, were counted and published.
    fn under(rule: Option<Rule>) -> Self {
        let office = Office::new();
        let server = Server::start(&office.folder());
        let mut tablets = Vec::new();
        for (code, name, voters) in
            [("A", "a", 0..24), ("A", "a2", 24..24), ("S", "s", 0..4), ("T", "t", 0..7)]
        {
            let mut tablet = office.tablet(name, &[code], &server.address);
            office.cast(&mut tablet, code, voters);
            tablet.close(&unit(code)).unwrap();
            tablet.sync(&Http::new(&server.address)).unwrap();
            tablets.push(tablet);
        }
        tablets.truncate(2);
        office.count();
        office.on_centre(async |centre| {
            if let Some(rule) = rule {
                centre.set_plan_rule(&office.round, rule, 0).await.unwrap();
            }
            let report = centre.publish(&office.round, &[]).await.unwrap();
            assert!(report.units.iter().all(|unit| unit.obstacles.is_empty()), "{report:?}");
        });
        office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
        office.hire("can-bo", &[Role::Official], |p| p.officials = BTreeSet::from(["A1".to_owned()]));
        Self { office, server, tablets }
    }

    fn send(&self, login: &str, method: &str, path: &str, body: &Value) -> Answer {
        let content = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.bytes(login, method, path, "application/json", &content)
    }

    fn bytes(&self, login: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let bearer = self.office.bearer(login);
        let url = format!("{}/api/v1{path}", self.server.address);
        let url = url.replace("{round}", &self.office.round.uuid().to_string());
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        request(method, &url, &headers, body)
    }

    fn get(&self, login: &str, path: &str) -> Value {
        let answer = self.send(login, "GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// The plan of A1 as its official reads it.
    fn own(&self) -> Value {
        self.get("can-bo", OWN)
    }

    fn write_own(&self, words: &str) -> Answer {
        let revision = self.own()["revision"].clone();
        self.send("can-bo", "PUT", OWN, &text(&revision, words))
    }

    fn paper(&self, login: &str, path: &str) -> String {
        let answer = self.send(login, "GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        text_of(&answer.body)
    }

    fn stages(&self, which: &PlanSearch) -> Vec<(String, PlanStage)> {
        let found = self.office.on_centre(async |c| c.plans(which, &beginning(), 200).await.unwrap());
        found.into_iter().map(|(plan, stage, _)| (plan.official, stage)).collect()
    }

    fn stage_of(&self, official: &str) -> PlanStage {
        let all = self.stages(&PlanSearch::default());
        all.into_iter().find(|(code, _)| code == official).unwrap().1
    }

    fn sync(&mut self) {
        for at in [0, 1, 0, 1] {
            self.tablets[at].sync(&Http::new(&self.server.address)).unwrap();
        }
    }
}

const OWN: &str = "/rounds/{round}/officials/A1/plan";
const OWN_PAPER: &str = "/rounds/{round}/officials/A1/documents/plan";
const OF_UNIT: &str = "/rounds/{round}/units/A/plans/A1";

fn text(revision: &Value, words: &str) -> Value {
    json!({ "revision": revision, "shortcomings": [words], "measures": [{ "text": words, "by": "2099-03-31" }] })
}

/// Somebody of the team acts on a tablet.
fn act(tablet: &mut Tablet<FileStore>, name: &str) -> Acting {
    let person = tablet.join(&unit("A"), name).unwrap();
    if !tablet.persons(&unit("A")).unwrap().iter().any(|known| known.id == person && known.has_pin) {
        tablet.set_pin(&unit("A"), &person, None, "2468").unwrap();
    }
    tablet.act_as(&unit("A"), &person, "2468").unwrap()
}

fn offline(words: &str, based_on: Vec<EntryRef>) -> NewPlan {
    NewPlan {
        official: "A1".to_owned(),
        based_on,
        shortcomings: vec![words.to_owned()],
        measures: vec![(words.to_owned(), Some(60_000))],
    }
}

fn standing(tablet: &Tablet<FileStore>) -> Vec<EntryRef> {
    let plans = tablet.plans(&unit("A")).unwrap();
    plans[0].standing.iter().map(|version| version.entry).collect()
}

fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    day_text(day_of(i64::try_from(now).unwrap()))
}

#[test]
fn everybody_of_a_published_unit_owes_a_plan_by_the_rule_and_a_small_unit_owes_what_everybody_owes() {
    let story = Story::published();
    let all = story.stages(&PlanSearch::default());
    let codes: Vec<&str> = all.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["A1", "A2", "S1", "S2", "T1", "T2"]);
    assert!(all.iter().all(|(_, stage)| *stage == PlanStage::Due), "{all:?}");
    let due = Calendar::built_in().after(parse_day(&today()).unwrap(), 15);
    assert_eq!(story.own()["due_on"], day_text(due));
    let figures = story.get(ORGANISER, "/rounds/{round}/plans/figures");
    assert_eq!((&figures["all"]["owed"], &figures["units"][0]["due"]), (&json!(6), &json!(2)));
    let rule = json!({ "revision": 0, "who": "two_thirds", "working_days": 5 });
    let answer = story.send(ORGANISER, "PUT", "/rounds/{round}/plans/rule", &rule);
    assert_eq!((answer.status, answer.code()), (409, "rule_stands".to_owned()), "figures are known");
}

#[test]
fn of_two_who_say_who_owes_a_plan_the_second_is_told_and_writes_over_nothing() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let story = Story { office, server, tablets: Vec::new() };
    let path = "/rounds/{round}/plans/rule";
    let put = |revision: u32, who: &str| {
        let rule = json!({ "revision": revision, "who": who, "working_days": 5 });
        story.send(ORGANISER, "PUT", path, &rule)
    };
    assert_eq!(story.get(ORGANISER, path)["revision"], 0, "the usual rule was set by nobody");
    assert_eq!(put(0, "over_half").json()["revision"], 1);
    let second = put(0, "two_thirds");
    assert_eq!((second.status, second.code()), (409, "changed_meanwhile".to_owned()));
    assert_eq!(put(7, "two_thirds").code(), "changed_meanwhile");
    assert_eq!(story.get(ORGANISER, path)["who"], "over_half", "what the first one said stands");
    assert_eq!(put(1, "two_thirds").json()["revision"], 2);
}

#[test]
fn a_rule_about_the_lowest_level_flags_whoever_the_published_figures_flag_and_nobody_that_is_hidden() {
    let story = Story::under(Some(Rule { who: Who::OverHalf, working_days: 5 }));
    let results = story.get(INSPECTORS[0], "/rounds/{round}/results");
    let mut flagged = BTreeSet::new();
    for one in results["units"].as_array().unwrap() {
        for official in one["officials"].as_array().unwrap() {
            assert_eq!(official["over_half"].is_null(), one["code"] == "S", "{official}");
            if official["over_half"] == true {
                flagged.insert(official["code"].as_str().unwrap().to_owned());
            }
        }
    }
    let owed = story.stages(&PlanSearch { stage: Some(PlanStage::Due), ..PlanSearch::default() });
    assert_eq!(owed.into_iter().map(|(code, _)| code).collect::<BTreeSet<_>>(), flagged);
    // What is told of the hidden unit is the same whatever its four ballots say.
    for official in ["S1", "S2"] {
        let plan = story.get(INSPECTORS[0], &format!("/rounds/{{round}}/units/S/plans/{official}"));
        assert_eq!((&plan["stage"], &plan["owed"]), (&json!("not_owed"), &json!(false)));
    }
    let figures = story.get(INSPECTORS[0], "/rounds/{round}/plans/figures");
    let of_s = figures["units"].as_array().unwrap().iter().find(|one| one["unit"] == "S").unwrap();
    assert_eq!(of_s["owed"], 0);
}

#[test]
fn an_official_writes_the_head_confirms_and_it_is_followed_until_it_is_done() {
    let story = Story::published();
    assert_eq!(story.write_own("Ít xuống cơ sở").status, 200);
    let plan = story.own();
    assert_eq!(
        (&plan["stage"], &plan["in_time"], &plan["written_on"]),
        (&json!("written"), &json!(true), &json!(today()))
    );
    let read = |plan: &Value| json!({ "revision": plan["revision"] });
    let confirmation = format!("{OF_UNIT}/confirmation");
    assert_eq!(story.send("can-bo", "POST", &confirmation, &read(&plan)).code(), "role");
    assert_eq!(story.send(INSPECTORS[0], "POST", &confirmation, &read(&plan)).code(), "role");
    let stale = json!({ "revision": "none" });
    assert_eq!(story.send("xa-a", "POST", &confirmation, &stale).code(), "plan_changed");
    for _ in 0..2 {
        assert_eq!(story.send("xa-a", "POST", &confirmation, &read(&plan)).status, 204, "again is success");
    }
    assert_eq!(story.stage_of("A1"), PlanStage::Confirmed);
    let note =
        |done: bool| json!({ "revision": plan["revision"], "text": "Đã xuống hai thôn", "done": done });
    let own = format!("{OWN}/progress");
    assert_eq!(story.send("can-bo", "POST", &own, &note(true)).code(), "own_plan");
    assert_eq!(story.send("can-bo", "POST", &own, &note(false)).status, 204);
    assert_eq!(story.stage_of("A1"), PlanStage::InProgress);
    assert_eq!(story.send("xa-a", "POST", &format!("{OF_UNIT}/progress"), &note(true)).status, 204);
    let plan = story.own();
    assert_eq!((&plan["stage"], plan["progress"].as_array().unwrap().len()), (&json!("done"), 2));
    // Who writes it anew begins anew, and the history stays.
    assert_eq!(story.write_own("Nói chưa đi đôi với làm").status, 200);
    let plan = story.own();
    assert_eq!((&plan["stage"], plan["versions"].as_array().unwrap().len()), (&json!("written"), 2));
    assert!(plan["confirmed"].is_null());
    let log = succeed(&story.office.folder(), &["audit", "list"], "");
    for action in ["plan_written", "plan_confirmed", "plan_progress"] {
        assert!(log.contains(action), "{action}: {log}");
    }
    let said = succeed(&story.office.folder(), &["plan", "show", "--official", "A1"], "");
    assert!(said.contains("Nói chưa đi đôi với làm"), "{said}");
    assert!(succeed(&story.office.folder(), &["plan", "list", "--stage", "due"], "").contains("A2"));
    assert!(!succeed(&story.office.folder(), &["plan", "figures"], "").is_empty());
}

#[test]
fn a_plan_on_paper_is_a_form_until_somebody_wrote_it_and_what_stands_afterwards() {
    let story = Story::published();
    let vietnamese = |day: &Value| {
        let mut parts: Vec<&str> = day.as_str().unwrap().split('-').collect();
        parts.reverse();
        parts.join("/")
    };
    let empty = story.paper("can-bo", OWN_PAPER);
    assert!(empty.contains(&vietnamese(&story.own()["due_on"])), "it says by when: {empty}");
    assert!(!empty.contains(&dense("chờ xác nhận")), "{empty}");
    assert_eq!(story.write_own("Ít xuống [cơ sở] #pagebreak()").status, 200);
    let written = story.paper("can-bo", OWN_PAPER);
    for words in ["Ít xuống [cơ sở] #pagebreak()", "31/03/2099", "chờ xác nhận"] {
        assert!(written.contains(&dense(words)), "{words}: {written}");
    }
    let read = json!({ "revision": story.own()["revision"] });
    assert_eq!(story.send("xa-a", "POST", &format!("{OF_UNIT}/confirmation"), &read).status, 204);
    let note = json!({ "revision": read["revision"], "text": "Đã xuống hai thôn", "done": false });
    assert_eq!(story.send("xa-a", "POST", &format!("{OF_UNIT}/progress"), &note).status, 204);
    let both = story.paper("xa-a", "/rounds/{round}/units/A/documents/plans");
    let said = story.own();
    let confirmed = said["confirmed"]["person"].as_str().unwrap();
    for words in ["Ít xuống [cơ sở] #pagebreak()", "Đã xuống hai thôn", confirmed, "Giàng Thị Hai"]
    {
        assert!(both.contains(&dense(words)), "{words}: {both}");
    }
    assert!(both.contains(&vietnamese(&json!(today()))), "it says when that was noted: {both}");
    // Nobody else reads it.
    assert_eq!(
        story.send("can-bo", "GET", "/rounds/{round}/units/A/documents/plans", &Value::Null).status,
        403
    );
    let others = "/rounds/{round}/officials/A2/documents/plan";
    assert_eq!(story.send("can-bo", "GET", others, &Value::Null).code(), "not_yours");
}

#[test]
fn nobody_writes_over_what_they_did_not_read_and_nobody_writes_anothers() {
    let story = Story::published();
    let before = story.own()["revision"].clone();
    assert_eq!(story.send("xa-a", "PUT", OF_UNIT, &text(&before, "một")).status, 200);
    let late = story.send("can-bo", "PUT", OWN, &text(&before, "hai"));
    assert_eq!((late.status, late.code()), (409, "plan_changed".to_owned()));
    let plan = story.own();
    assert_eq!(plan["versions"][0]["shortcomings"], json!(["một"]), "nothing was written over");
    // Who wrote it does not confirm it.
    let read = json!({ "revision": plan["revision"] });
    assert_eq!(story.send("xa-a", "POST", &format!("{OF_UNIT}/confirmation"), &read).code(), "same_person");
    assert_eq!(story.send(ORGANISER, "POST", &format!("{OF_UNIT}/confirmation"), &read).status, 204);
    for path in ["/rounds/{round}/officials/A2/plan", "/rounds/{round}/officials/T1/plan"] {
        assert_eq!(story.send("can-bo", "PUT", path, &text(&before, "x")).code(), "not_yours", "{path}");
    }
    let other = "/rounds/{round}/units/T/plans/T1";
    assert_eq!(story.send("xa-a", "PUT", other, &text(&before, "x")).code(), "not_yours");
    assert_eq!(
        story.send("xa-a", "PUT", "/rounds/{round}/units/A/plans/T1", &text(&before, "x")).code(),
        "unknown_plan"
    );
    assert_eq!(story.send(ORGANISER, "PUT", OF_UNIT, &text(&before, "x")).code(), "role");
}

#[test]
fn words_that_say_nothing_or_too_much_and_days_that_are_none_are_refused() {
    let story = Story::published();
    let with = |shortcomings: Value, measures: Value| {
        let body = json!({ "revision": "none", "shortcomings": shortcomings, "measures": measures });
        story.send("can-bo", "PUT", OWN, &body).code()
    };
    let good = json!([{ "text": "x", "by": null }]);
    for bad in [json!([]), json!([" \n "]), json!(["ă".repeat(301)]), json!(vec!["x"; 9])] {
        assert_eq!(with(bad.clone(), good.clone()), "plan_text", "{bad}");
    }
    for bad in [
        json!([]),
        json!([{ "text": "", "by": null }]),
        json!(vec![json!({ "text": "x", "by": null }); 13]),
        json!([{ "text": "x", "by": "1960-01-01" }]),
    ] {
        assert_eq!(with(json!(["x"]), bad.clone()), "plan_text", "{bad}");
    }
    assert_eq!(with(json!(["x"]), json!([{ "text": "x", "by": "31/3/2027" }])), "plan_day");
    let markup = "<img src=x onerror=alert(1)> =HYPERLINK(\"x\")\u{202e}";
    assert_eq!(story.write_own(&format!("{markup}\nhai dòng")).status, 200);
    assert_eq!(
        story.own()["versions"][0]["shortcomings"][0],
        format!("{markup} hai dòng"),
        "kept as words, in one line"
    );
}

#[test]
fn two_tablets_offline_and_the_centre_write_one_plan_and_each_shows_the_conflict_until_it_is_settled() {
    let mut story = Story::published();
    let [first, second] = ["Lý Thị Ghi", "Vàng Văn Chép"];
    let mut entries = Vec::new();
    for (at, name) in [first, second].into_iter().enumerate() {
        let acting = act(&mut story.tablets[at], name);
        entries.push(
            story.tablets[at].write_plan(&acting, offline(name, Vec::new()), Some(29_000_000)).unwrap(),
        );
    }
    assert_eq!(story.write_own("tại trung tâm").status, 200);
    assert_eq!(story.stage_of("A1"), PlanStage::Written, "the tablets have no network");
    story.sync();
    assert_eq!(story.stage_of("A1"), PlanStage::Conflict);
    let plan = story.own();
    let standing_there =
        plan["versions"].as_array().unwrap().iter().filter(|one| one["stands"] == true).count();
    assert_eq!(standing_there, 3);
    let tablets: Vec<_> =
        plan["versions"].as_array().unwrap().iter().map(|one| one["said"]["tablet"].is_null()).collect();
    assert_eq!(tablets.iter().filter(|centre| **centre).count(), 1);
    let paper = story.paper("can-bo", OWN_PAPER);
    for words in [first, second, "tại trung tâm"] {
        assert!(paper.contains(&dense(words)), "whoever settles it reads all three: {paper}");
    }
    assert_eq!(paper.matches(&dense("chờ thống nhất")).count(), 3, "{paper}");
    for tablet in &story.tablets {
        assert!(tablet.plans(&unit("A")).unwrap()[0].conflict);
        assert_eq!(standing(tablet).len(), 3, "the tablets know of each other and of the centre");
    }
    let read = json!({ "revision": plan["revision"] });
    assert_eq!(story.send("xa-a", "POST", &format!("{OF_UNIT}/confirmation"), &read).code(), "no_plan");
    // One tablet settles two of the three without knowing the centre's: that stays to be settled.
    let acting = act(&mut story.tablets[0], first);
    let settled = offline("thống nhất", standing(&story.tablets[0]));
    story.tablets[0].write_plan(&acting, settled, Some(29_000_001)).unwrap();
    assert_eq!(story.stage_of("A1"), PlanStage::Conflict, "still on its way");
    story.sync();
    assert_eq!(story.stage_of("A1"), PlanStage::Written);
    assert_eq!(standing(&story.tablets[1]).len(), 1);
    // The other tablet confirms it, also without a network.
    let acting = act(&mut story.tablets[1], second);
    let version = standing(&story.tablets[1])[0];
    story.tablets[1].confirm_plan(&acting, version, None).unwrap();
    story.tablets[1].note_plan_progress(&acting, version, ("Đã họp dân", false), None).unwrap();
    story.sync();
    assert_eq!(story.stage_of("A1"), PlanStage::InProgress);
    assert_eq!(story.own()["confirmed"]["person"], second);
    assert_eq!(story.tablets[0].plans(&unit("A")).unwrap()[0].confirmed.as_deref(), Some(second));
    // Whatever is projected follows from the record alone.
    let before = story.stages(&PlanSearch::default());
    story.office.on_database(async |db| {
        sqlx::query("UPDATE plan SET state = 'none', rank = 0, ends_on = NULL").execute(db).await.unwrap();
    });
    assert_eq!(story.stage_of("A1"), PlanStage::Due);
    let told = succeed(&story.office.folder(), &["doctor", "--rebuild"], "");
    assert_eq!(story.stages(&PlanSearch::default()), before, "{told}");
}

#[test]
fn the_same_entries_brought_by_a_stick_and_again_by_the_network_are_there_once() {
    let mut story = Story::published();
    // So that the two know each other.
    story.sync();
    let acting = act(&mut story.tablets[0], "Lý Thị Ghi");
    story.tablets[0].write_plan(&acting, offline("một", Vec::new()), None).unwrap();
    let other = story.tablets[1].device().unwrap();
    let parcel = story.tablets[0].export(sync_core::parcel::Recipient::Tablet(other)).unwrap();
    for _ in 0..2 {
        story.tablets[1].import(&parcel).unwrap();
    }
    assert_eq!(standing(&story.tablets[1]).len(), 1);
    let http = Http::new(&story.server.address);
    story.tablets[1].sync(&http).unwrap();
    assert_eq!(story.own()["versions"].as_array().unwrap().len(), 1, "brought by the other tablet");
    story.tablets[0].sync(&http).unwrap();
    assert_eq!(story.own()["versions"].as_array().unwrap().len(), 1);
}

#[test]
fn what_was_written_on_a_tablet_before_anything_was_published_counts_once_it_is() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..24);
    tablet.close(&unit("A")).unwrap();
    let acting = act(&mut tablet, "Lý Thị Ghi");
    tablet.write_plan(&acting, offline("sớm", Vec::new()), None).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
    office.count();
    let found = office.on_centre(async |centre| {
        assert!(centre.plans(&PlanSearch::default(), &beginning(), 9).await.unwrap().is_empty());
        centre.publish(&office.round, &[]).await.unwrap();
        centre.plans(&PlanSearch::default(), &beginning(), 9).await.unwrap()
    });
    assert_eq!(
        found.iter().map(|(_, stage, _)| *stage).collect::<Vec<_>>(),
        [PlanStage::Due, PlanStage::Written]
    );
}

#[test]
fn files_come_in_pieces_are_told_by_their_content_and_go_out_to_be_saved_only() {
    let story = Story::published();
    let mut content = b"%PDF-1.7\n".to_vec();
    content.resize(200_000, b'x');
    let digest =
        |content: &[u8]| Sha256::digest(content).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let put = |login: &str, base: &str, content: &[u8], name: &str, piece: usize| {
        let part = content.chunks(131_072).nth(piece).unwrap_or_default();
        let path =
            format!("{base}/files/{}?name={name}&size={}&piece={piece}", digest(content), content.len());
        story.bytes(login, "PUT", &path, "application/octet-stream", part)
    };
    // The second piece first; the first one twice.
    let name = "..%2F..%2Fetc%2Fb%E1%BA%A3n%20qu%C3%A9t.html";
    assert_eq!(put("can-bo", OWN, &content, name, 1).json(), json!({ "have": [1], "complete": false }));
    let unfinished = format!("{OWN}/files/{}", digest(&content));
    assert_eq!(story.send("can-bo", "GET", &unfinished, &Value::Null).code(), "unknown_file");
    for _ in 0..2 {
        assert_eq!(put("can-bo", OWN, &content, name, 0).json(), json!({ "have": [0, 1], "complete": true }));
    }
    let file = story.own()["files"][0].clone();
    assert_eq!((&file["name"], &file["kind"]), (&json!("bản quét"), &json!("pdf")));
    let of_unit = format!("{OF_UNIT}/files/{}", digest(&content));
    let given = story.send(INSPECTORS[0], "GET", &of_unit, &Value::Null);
    assert_eq!((given.status, &given.body[..]), (200, &content[..]));
    for (header, begins) in [
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "attachment; "),
        ("content-type", "application/pdf"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    ] {
        assert!(given.header(header).starts_with(begins), "{header}: {given:?}");
    }
    // What is no document, whatever its name says; and a file that is not what was announced.
    let page = b"<script>alert(1)</script>".to_vec();
    assert_eq!(put("xa-a", OF_UNIT, &page, "x.pdf", 0).code(), "file_kind");
    let mut lie = b"%PDF-".to_vec();
    lie.resize(140_000, b'y');
    let path = format!("{OF_UNIT}/files/{}?name=x&size=140000", "ab".repeat(32));
    let send = |piece: usize| {
        let part = lie.chunks(131_072).nth(piece).unwrap();
        story.bytes("xa-a", "PUT", &format!("{path}&piece={piece}"), "application/octet-stream", part)
    };
    assert_eq!(send(0).status, 200);
    assert_eq!(send(1).code(), "file_content");
    assert_eq!(story.own()["files"].as_array().unwrap().len(), 1, "nothing of it stays");
    for (size, piece, code) in [
        ("0", 0, "file_size"),
        ("4194305", 0, "file_size"),
        ("131073", 1, "file_piece"),
        ("9", 7, "file_piece"),
    ] {
        let path = format!("{OF_UNIT}/files/{}?name=x&size={size}&piece={piece}", "cd".repeat(32));
        assert_eq!(
            story.bytes("xa-a", "PUT", &path, "application/octet-stream", b"%PDF-").code(),
            code,
            "{size} {piece}"
        );
    }
    for number in 0..5_u8 {
        let small = [b"%PDF-".as_slice(), &[number]].concat();
        assert_eq!(put("xa-a", OF_UNIT, &small, "x", 0).status, 200);
    }
    assert_eq!(put("xa-a", OF_UNIT, b"%PDF-seven", "x", 0).code(), "too_many_files");
    assert_eq!(put("can-bo", "/rounds/{round}/officials/A2/plan", &content, "x", 0).code(), "not_yours");
    // The official takes away what is theirs, the unit any.
    let of_the_unit = digest(&[b"%PDF-".as_slice(), &[0]].concat());
    assert_eq!(
        story.send("can-bo", "DELETE", &format!("{OWN}/files/{of_the_unit}"), &Value::Null).code(),
        "not_yours"
    );
    assert_eq!(story.send("xa-a", "DELETE", &of_unit, &Value::Null).status, 204);
    assert_eq!(story.send("xa-a", "DELETE", &of_unit, &Value::Null).code(), "unknown_file");
    // Files are in a backup like everything else.
    let backup = story.office.home().join("backup");
    succeed(&story.office.folder(), &["backup", "--unencrypted", "--to", backup.to_str().unwrap()], "");
}

#[test]
fn plans_are_found_without_diacritics_by_stage_and_page_by_page() {
    let story = Story::published();
    story.write_own("một");
    let found = |query: &str| -> Vec<String> {
        let all = story.get(ORGANISER, &format!("/plans?{query}"));
        all["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["official"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(found("text=vang%20mi"), ["A1"]);
    assert_eq!(found("stage=written"), ["A1"]);
    assert_eq!(found("stage=overdue"), Vec::<String>::new());
    assert_eq!(found("unit=T"), ["T1", "T2"]);
    assert_eq!(found("text=%25"), Vec::<String>::new());
    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let page = story.get(ORGANISER, &format!("/plans?limit=2{after}"));
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|one| one["official"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["A2", "S1", "S2", "T1", "T2", "A1"], "what waits for somebody comes first");
    for bad in ["after=zz", "after=41", "stage=Late", "limit=0"] {
        let answer = story.send(ORGANISER, "GET", &format!("/plans?{bad}"), &Value::Null);
        assert_eq!((answer.status, answer.code()), (400, "query".to_owned()), "{bad}");
    }
}
