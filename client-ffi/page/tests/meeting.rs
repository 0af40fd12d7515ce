//! What a team notes on the page, call by call as it crosses, on tablets of a round in memory.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../../tests/common/mod.rs"]
mod common;

use client_ffi::Tablet;
use client_ffi::store::MemoryStore;
use common::{TEAM, World};
use homphieu_page::{Desk, Json, Problem, UnderWay};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

const CHAIR: &str = TEAM[0];
const HEAD: &str = TEAM[1];

/// A tablet and what its page has under way.
struct Page {
    tablet: Tablet<MemoryStore, ChaCha20Rng>,
    under_way: UnderWay,
}

impl Page {
    fn new(world: &World, seed: u64) -> Self {
        Self { tablet: world.tablet(MemoryStore::default(), seed), under_way: UnderWay::default() }
    }

    fn ask(&mut self, call: &str, given: Value) -> Result<Value, Problem> {
        let mut desk = Desk { tablet: &mut self.tablet, under_way: &mut self.under_way };
        Ok(serde_json::from_slice(&desk.answer::<Json>(call, given)?).unwrap())
    }

    fn done(&mut self, call: &str, given: Value) -> Value {
        self.ask(call, given).unwrap_or_else(|problem| panic!("{call}: {problem:?}"))
    }

    fn refused(&mut self, call: &str, given: Value) -> String {
        self.ask(call, given).unwrap_err().code
    }

    fn id(&mut self, name: &str) -> Value {
        let team = self.done("persons", json!(["A"]));
        let of_name = |person: &&Value| person["name"] == name;
        team.as_array().unwrap().iter().find(of_name).unwrap()["id"].clone()
    }

    fn acts(&mut self, name: &str, pin: &str) {
        let id = self.id(name);
        self.done("setPin", json!(["A", id, null, pin]));
        self.done("actAs", json!(["A", id, pin]));
    }

    fn record(&mut self) -> Value {
        self.done("record", json!(["A"]))
    }

    fn figure(&mut self, kind: &str, typed: &str, settles: bool) {
        self.done("figure", json!(["A", kind, typed, settles, 29_000_000]));
    }
}

fn meet(world: &World, pages: &mut [Page]) {
    for _ in 0..2 {
        pages.iter_mut().for_each(|page| drop(page.tablet.sync(world).unwrap()));
    }
}

/// What stands of the figure of this kind.
fn figure<'a>(record: &'a Value, kind: &str) -> &'a Value {
    record["figures"].as_array().unwrap().iter().find(|figure| figure["kind"] == kind).unwrap()
}

fn codes(record: &Value) -> Vec<&str> {
    record["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

#[test]
fn nobody_notes_anything_without_having_typed_a_pin_and_nobody_after_the_page_locked() {
    let world = World::with_names(21);
    let mut page = Page::new(&world, 1);
    let chair = page.id(CHAIR);
    let calls = [
        ("checkIn", json!(["A", 1, true])),
        ("handOutSlip", json!(["A", 1])),
        ("figure", json!(["A", "present", "1", false, 1])),
        ("committee", json!(["A", [], false, 1])),
        ("incident", json!(["A", "x", 1])),
        ("note", json!(["A", "x", null, 1])),
        ("correct", json!(["A", "x", 1])),
        ("explain", json!(["A", "00", "x", 1])),
    ];
    let nobody = |page: &mut Page| {
        for (call, given) in &calls {
            assert_eq!(page.refused(call, given.clone()), "nobody_acts", "{call}");
        }
        assert_eq!(page.tablet.record(&common::unit("A")).unwrap().entries().count(), 0);
    };
    nobody(&mut page);
    assert_eq!(page.refused("actAs", json!(["A", chair, "4711"])), "no_pin");
    for pin in ["", "123", "<b>1</b>", &"9".repeat(10_000), "\u{202e}1234"] {
        assert_eq!(page.refused("setPin", json!(["A", chair, null, pin])), "pin_form", "{pin:.20}");
    }
    page.done("setPin", json!(["A", chair, null, "4711"]));
    assert_eq!(page.refused("setPin", json!(["A", chair, null, "4712"])), "pin_set");
    assert_eq!(page.refused("actAs", json!(["A", "00", "4711"])), "not_on_team");
    page.done("actAs", json!(["A", chair, "4711"]));
    assert_eq!(page.refused("checkIn", json!(["B", 1, true])), "nobody_acts", "another unit");
    page.done("lock", json!([]));
    nobody(&mut page);
    // Whoever types a wrong PIN does not go on in the name of the one before.
    page.done("actAs", json!(["A", chair, "4711"]));
    assert_eq!(page.refused("actAs", json!(["A", chair, "0000"])), "pin_wrong");
    nobody(&mut page);
}

#[test]
fn a_voter_checked_in_on_two_tablets_is_told_with_tablet_and_person_and_the_mistake_undone() {
    let world = World::with_names(22);
    let mut pages = [Page::new(&world, 1), Page::new(&world, 2)];
    for (page, name) in pages.iter_mut().zip(TEAM) {
        page.acts(name, "4711");
        let before = page.done("checkIn", json!(["A", 7, true]));
        assert_eq!((&before["twice"], &before["slips_before"]), (&json!([]), &json!([])), "it cannot know");
    }
    meet(&world, &mut pages);
    let register = pages[0].done("register", json!(["A", "7", 5]));
    assert_eq!((&register["present"], &register["slips"]), (&json!(1), &json!(2)));
    let voter = &register["voters"][0];
    assert_eq!(voter["number"], 7);
    let mut seen: Vec<_> = voter["check_ins"].as_array().unwrap().iter().collect();
    seen.sort_by_key(|noted| noted["here"] == false);
    assert_eq!((&seen[0]["person"], &seen[1]["person"]), (&json!(CHAIR), &json!(HEAD)));
    assert_eq!((&seen[0]["here"], &seen[1]["here"]), (&json!(true), &json!(false)));
    let record = pages[0].record();
    let finding = &record["findings"].as_array().unwrap().iter().find(|f| f["voter"] == 7).unwrap();
    assert_eq!((&finding["code"], &finding["own"]), (&json!("double_check_in"), &json!(true)));
    for all in ["check_ins", "slips"] {
        let wrong = voter[all].as_array().unwrap().iter().find(|noted| noted["here"] == false).unwrap();
        pages[0].done("undo", json!(["A", wrong["entry"]]));
    }
    meet(&world, &mut pages);
    assert!(!codes(&pages[1].record()).contains(&"double_check_in"));
    // Without accents, and no more rows than the page asked for.
    let found = pages[1].done("register", json!(["A", "dang uong", 3]));
    assert_eq!((&found["found"], found["voters"].as_array().unwrap().len()), (&json!(13), 3));
}

#[test]
fn figures_noted_in_two_ways_show_both_sides_and_whoever_settles_says_which_holds() {
    let world = World::with_names(23);
    let mut pages = [Page::new(&world, 1), Page::new(&world, 2)];
    for ((page, name), typed) in pages.iter_mut().zip(TEAM).zip(["30", "31"]) {
        page.acts(name, "4711");
        page.figure("present", typed, false);
        assert_eq!(page.refused("figure", json!(["A", "present", "many", false, 1])), "number");
        assert_eq!(page.refused("figure", json!(["A", "ballots", "1", false, 1])), "malformed_call");
        assert_eq!(page.refused("settle", json!(["A", "no place", 1])), "malformed_call");
    }
    meet(&world, &mut pages);
    let record = pages[1].record();
    let present = figure(&record, "present");
    let sides: Vec<_> =
        present["live"].as_array().unwrap().iter().map(|one| (&one["value"], &one["person"])).collect();
    assert_eq!((&present["value"], sides.len()), (&Value::Null, 2));
    assert!(
        sides.contains(&(&json!(30), &json!(CHAIR))) && sides.contains(&(&json!(31), &json!(HEAD))),
        "{sides:?}"
    );
    let holds =
        present["live"].as_array().unwrap().iter().find(|one| one["value"] == 30).unwrap()["entry"].clone();
    pages[1].done("settle", json!(["A", holds, 1]));
    assert_eq!(pages[1].refused("settle", json!(["A", holds, 1])), "nothing_to_settle");
    meet(&world, &mut pages);
    assert_eq!(figure(&pages[0].record(), "present")["value"], 30);
    pages[0].figure("present", "32", true);
    assert_eq!(figure(&pages[0].record(), "present")["value"], 32, "what is noted as settled holds");
}

#[test]
fn two_persons_sign_with_their_own_pins_on_one_tablet_and_who_acts_stays_the_same() {
    let world = World::with_names(24);
    let mut page = Page::new(&world, 1);
    page.acts(CHAIR, "4711");
    let head = page.id(HEAD);
    page.done("setPin", json!(["A", head, null, "4712"]));
    let members = json!([
        { "post": "meeting_chair", "name": CHAIR },
        { "post": "counting_head", "name": HEAD },
        { "post": "counting_member", "name": "<b>Thào</b> \u{202e}Thị Mai" },
    ]);
    assert_eq!(page.refused("committee", json!(["A", [members[0]], false, 1])), "committee");
    page.done("committee", json!(["A", members, false, 1]));
    let long = "x".repeat(10_000);
    assert_eq!(page.refused("incident", json!(["A", long, 1])), "text");
    page.done("incident", json!(["A", "<img src=x onerror=alert(1)>", 1]));
    let record = page.record();
    assert_eq!(record["notes"][0]["text"], "<img src=x onerror=alert(1)>", "as it was typed");
    let chair =
        record["committee"].as_array().unwrap().iter().find(|m| m["post"] == "meeting_chair").unwrap();
    assert_eq!(chair["person"], page.id(CHAIR), "the member is known on the team");
    let sign = |page: &mut Page, who: &str, pin: &str, post: &str| {
        let id = page.id(who);
        page.ask("signOff", json!(["A", id, pin, post, 1])).map_err(|problem| problem.code)
    };
    assert_eq!(sign(&mut page, HEAD, "4711", "counting_head").unwrap_err(), "pin_wrong");
    assert_eq!(sign(&mut page, HEAD, "4712", "meeting_chair").unwrap_err(), "not_in_post");
    sign(&mut page, CHAIR, "4711", "meeting_chair").unwrap();
    sign(&mut page, HEAD, "4712", "counting_head").unwrap();
    let record = page.record();
    let version = &record["versions"][0];
    assert_eq!(
        (&version["now"], &version["complete"], &version["hash"]),
        (&json!(true), &json!(true), &record["minutes"])
    );
    page.done("note", json!(["A", "quên", null, 2]));
    let entries = page.tablet.record(&common::unit("A")).unwrap().entries();
    let last = entries.max_by_key(|(place, _)| *place).unwrap().1;
    assert_eq!(last.person, sync_core::record::PersonId::of(CHAIR), "who acts did not change");
    assert!(codes(&page.record()).contains(&"minutes_outdated"));
    page.done("correct", json!(["A", "quên ghi", 3]));
    assert_eq!(page.record()["versions"][0]["corrected"][0], json!({ "person": CHAIR, "text": "quên ghi" }));
}

#[test]
fn a_parcel_for_another_tablet_brings_it_the_record_and_one_for_the_centre_does_not() {
    let world = World::with_names(25);
    let mut pages = [Page::new(&world, 1), Page::new(&world, 2)];
    meet(&world, &mut pages);
    pages[0].acts(CHAIR, "4711");
    pages[0].figure("present", "30", false);
    let other = pages[1].tablet.device().unwrap().to_string();
    for (to, expected) in [(Value::Null, false), (json!(other), true)] {
        let parcel = pages[0].done("exportParcel", json!([to]));
        pages[1].done("importParcel", json!([parcel["base64"]]));
        let has = figure(&pages[1].record(), "present")["value"] == 30;
        assert_eq!(has, expected, "for {to}");
    }
    assert_eq!(pages[0].refused("exportParcel", json!(["<b>"])), "device_id");
}
