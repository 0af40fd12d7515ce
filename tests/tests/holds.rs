//! What two people are shown of a held envelope before they decide: one fact for each reason, over real HTTP and on the
//! command line in both languages.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::orphan;
use client_ffi::store::{Key, Store};
use homphieu_tests::device::{Device, item};
use homphieu_tests::office::{INSPECTORS, OFFICIALS_CSV, ORGANISER, Office, UNITS_CSV, unit};
use homphieu_tests::server::{Server, request, succeed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use sync_core::envelope::{Chain, SignedEnvelope};
use sync_core::id::EnvelopeId;
use sync_core::survey::HoldReason;

fn begun() -> (Office, Server) {
    let office = Office::new();
    let server = Server::start(&office.folder());
    (office, server)
}

/// What is held in a unit, as an inspector reads it.
fn holds(office: &Office, server: &Server, code: &str) -> Value {
    let url = format!("{}/api/v1/rounds/{}/holds", server.address, office.round.uuid());
    let answer = request("GET", &url, &[("authorization", &office.bearer(INSPECTORS[0]))], b"");
    assert_eq!(answer.status, 200, "{}", answer.code());
    let page = answer.json();
    let mut units = page["items"].as_array().unwrap().iter();
    units.find(|unit| unit["unit"] == code).cloned().unwrap_or(Value::Null)
}

/// One held envelope, and its only fact.
fn held(office: &Office, server: &Server, envelope: &SignedEnvelope) -> (Value, Value) {
    let all = holds(office, server, "A");
    let id = envelope.envelope_id().to_string();
    let found = all["held"].as_array().unwrap().iter().find(|held| held["envelope"] == id.as_str());
    let found = found.unwrap_or_else(|| panic!("{id} is not held: {all}")).clone();
    let facts = found["evidence"].as_array().unwrap();
    assert_eq!(facts.len(), 1, "{found}");
    assert_eq!(found["reasons"], json!([facts[0]["reason"]]));
    (found.clone(), facts[0].clone())
}

fn other(envelope: &SignedEnvelope) -> Value {
    let value = envelope.value();
    json!({
        "envelope": envelope.envelope_id().to_string(),
        "number": value.number,
        "ballots": value.ballots.len(),
        "closing_total": value.total,
    })
}

#[test]
fn of_a_revoked_tablet_the_envelope_and_the_reason_of_the_revocation_are_shown() {
    let (office, server) = begun();
    let device = Device::enrol_as("Máy 7", &office, &server, &["A"]);
    let (first, chain) = device.envelope("A", &Chain::default(), 1, false);
    let (last, _) = device.envelope("A", &chain, 2, true);
    device.give(&server, "A", vec![item(&first), item(&last)]);
    office.on_centre(async |centre| centre.revoke(&office.round, &device.id, "bị mất ở chợ").await.unwrap());
    let (found, fact) = held(&office, &server, &last);
    assert_eq!(fact, json!({ "reason": "revoked_device", "revocation": "bị mất ở chợ" }));
    let sheet = device.sheet.as_ref().unwrap().hash().to_string();
    let expected = json!({
        "envelope": last.envelope_id().to_string(), "device": device.id.to_string(), "label": "Máy 7",
        "number": 2, "previous": first.envelope_id().to_string(), "ballots": 1, "closing_total": 2, "sheet": sheet,
        "reasons": ["revoked_device"], "evidence": [fact], "decided": false,
    });
    assert_eq!(found, expected, "and nothing more");
    assert_eq!(held(&office, &server, &first).0["previous"], Value::Null);
}

#[test]
fn of_a_late_envelope_the_close_is_shown_and_of_an_earlier_close_nothing() {
    let (office, server) = begun();
    let device = Device::enrol(&office, &server, &["A"]);
    let close = async |centre: &homphieu_server::service::Centre| {
        centre.close_round(&office.round).await.unwrap();
    };
    office.on_centre(close);
    let (late, _) = device.envelope("A", &Chain::default(), 1, true);
    device.give(&server, "A", vec![item(&late)]);
    let fact = held(&office, &server, &late).1;
    assert_eq!((&fact["reason"], &fact["close"]["by"]), (&json!("late"), &json!(ORGANISER)));
    assert!(fact["close"]["at"].as_i64().unwrap() > 1_700_000_000);
    office.on_centre(async |centre| centre.open_round(&office.round).await.unwrap());
    assert_eq!(holds(&office, &server, "A"), Value::Null, "opened again, nothing is late");
}

#[test]
fn of_a_cloned_tablet_each_twin_names_the_others_of_its_number_alone() {
    let (office, server) = begun();
    let device = Device::enrol(&office, &server, &["A"]);
    let twins = [1, 2, 3].map(|fill| device.envelope("A", &Chain::default(), fill, false).0);
    let same_number = Device::enrol(&office, &server, &["A"]);
    let (innocent, _) = same_number.envelope("A", &Chain::default(), 9, false);
    device.give(&server, "A", twins.iter().chain([&innocent]).map(item).collect());
    for twin in &twins {
        let mut others: Vec<Value> =
            twins.iter().filter(|one| one.envelope_id() != twin.envelope_id()).map(other).collect();
        others.sort_by_key(|view| view["envelope"].as_str().unwrap().to_owned());
        let fact = held(&office, &server, twin).1;
        assert_eq!(fact, json!({ "reason": "cloned_tablet", "twins": others }));
    }
    assert_eq!(holds(&office, &server, "A")["held"].as_array().unwrap().len(), 3);
}

#[test]
fn beyond_a_close_the_first_close_is_shown_with_its_total() {
    let (office, server) = begun();
    let device = Device::enrol(&office, &server, &["A"]);
    let (first, chain) = device.envelope("A", &Chain::default(), 1, false);
    let (close, after) = device.envelope("A", &chain, 2, true);
    let (beyond, after) = device.envelope("A", &Chain { closed: false, ..after }, 3, true);
    let (further, _) = device.envelope("A", &Chain { closed: false, ..after }, 4, false);
    device.give(&server, "A", [&first, &close, &beyond, &further].map(item).to_vec());
    for envelope in [&beyond, &further] {
        let fact = held(&office, &server, envelope).1;
        assert_eq!(fact, json!({ "reason": "beyond_close", "closes": [other(&close)] }));
    }
    assert_eq!(other(&close)["closing_total"], 2);
}

#[test]
fn of_a_replaced_sheet_the_replacement_that_ended_it_and_the_sheet_that_holds_are_shown() {
    let (office, server) = begun();
    let device = Device::enrol(&office, &server, &["A"]);
    let right = OFFICIALS_CSV.replace("Vàng Mí Một", "Vàng Mí Mốt");
    office.replace_sheet("A", UNITS_CSV, &right, false).unwrap();
    office.replace_sheet("A", UNITS_CSV, OFFICIALS_CSV, true).unwrap();
    let (old, _) = device.envelope("A", &Chain::default(), 1, true);
    device.give(&server, "A", vec![item(&old)]);
    let made = office.on_centre(async |centre| centre.replacements(&office.round, "A").await.unwrap());
    let [first, second] = made.as_slice() else { panic!("{made:?}") };
    let fact = held(&office, &server, &old).1;
    let expected = json!({
        "reason": "replaced_sheet", "replacement": 1, "replaced_by": first.value().new.to_string(),
        "new_slips": false, "why": "sai tên", "holds": second.value().new.to_string(),
    });
    assert_eq!(fact, expected);
}

#[test]
fn of_unknown_sheets_foreign_tablets_and_other_lengths_it_is_shown_what_would_have_been_right() {
    let (office, server) = begun();
    let device = Device::enrol(&office, &server, &["A"]);
    let sheet = device.sheet.clone().unwrap();
    let holds = sheet.hash().to_string();
    let mut renamed = device.copy();
    if let Some(sheet) = &mut renamed.sheet {
        sheet.officials[0].name = "Ai đó".to_owned();
    }
    let (unknown, chain) = renamed.envelope("A", &Chain::default(), 1, false);
    let long = (sheet.hash(), sheet.record_len() + 5);
    let (long, _) = device.envelope_of("A", &chain, long, 2, true);
    device.give(&server, "A", vec![item(&unknown), item(&long)]);
    assert_eq!(held(&office, &server, &unknown).1, json!({ "reason": "unknown_sheet", "holds": holds }));
    let (found, expected) = (sheet.record_len() + 5, sheet.record_len());
    let fact = held(&office, &server, &long).1;
    assert_eq!(fact, json!({ "reason": "ballot_length", "found": found, "expected": expected }));

    let elsewhere = Device { sheet: Some(sheet.clone()), ..Device::enrol(&office, &server, &["S", "T"]) };
    let courier = Device { sheet: Some(sheet), ..Device::enrol(&office, &server, &[]) };
    for (foreign, units, fill) in [(&elsewhere, json!(["S", "T"]), 3), (&courier, json!([]), 4)] {
        let (envelope, _) = foreign.envelope("A", &Chain::default(), fill, true);
        foreign.give(&server, "A", vec![item(&envelope)]);
        let fact = held(&office, &server, &envelope).1;
        assert_eq!(fact, json!({ "reason": "out_of_scope", "units": units }));
    }
}

#[test]
fn of_a_broken_chain_what_it_claims_to_follow_and_what_has_the_number_before_are_shown() {
    let (office, server) = begun();
    let device = Device::enrol(&office, &server, &["A"]);
    let (first, chain) = device.envelope("A", &Chain::default(), 1, false);
    let elsewhere = EnvelopeId([7; 32]);
    let (broken, _) = device.envelope("A", &Chain { last: Some(elsewhere), ..chain }, 2, true);
    device.give(&server, "A", vec![item(&first), item(&broken)]);
    let (found, fact) = held(&office, &server, &broken);
    assert_eq!(found["previous"], elsewhere.to_string());
    assert_eq!(fact, json!({ "reason": "broken_chain", "before": [other(&first)] }));
}

/// What was saved from a tablet that lost its key, taken by the organiser; the envelope that holds its ballots.
fn orphaned(office: &Office, server: &Server, story: &str) -> EnvelopeId {
    let mut tablet = office.tablet("dead", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..3);
    let mut store = tablet.into_store();
    store.destroy(&Key::parse("identity").unwrap()).unwrap();
    let saved = orphan::export(&store, story).unwrap();
    let taken =
        office.on_centre(async |centre| centre.take_orphans(&office.round, &saved.parcel).await.unwrap());
    taken.held[0].1
}

#[test]
fn of_an_orphaned_box_the_story_stays_with_who_brought_it_also_where_the_unit_undoes_the_note() {
    use homphieu_tests::record::{Scribe, clear, entry};
    use sync_core::record::Act;
    let (office, server) = begun();
    let story = "Rơi xuống suối. Khóa hỏng <b>";
    let id = orphaned(&office, &server, story);
    let note = office.on_centre(async |centre| {
        let record = centre.unit_record(&office.round, "A").await.unwrap();
        *record.state.notes.keys().next().unwrap()
    });
    office.on_centre(async |centre| {
        let mut scribe = Scribe::enrol(centre, &office.round, "A", &["A"]).await;
        let undo = scribe.write(vec![entry("Ai đó", Act::Undo { entry: note })]);
        assert!(scribe.give(centre, vec![clear(&undo)]).await.outcomes.is_empty());
        let record = centre.unit_record(&office.round, "A").await.unwrap();
        assert!(record.state.notes.is_empty(), "the unit hid the note");
    });
    let all = holds(&office, &server, "A");
    let held = &all["held"][0];
    assert_eq!((&held["envelope"], &held["label"]), (&json!(id.to_string()), &Value::Null), "{all}");
    let fact = &held["evidence"][0];
    assert_eq!((&fact["reason"], &fact["story"]), (&json!("orphan"), &json!(story)));
    assert_eq!((&fact["taken_by"], &fact["label"]), (&json!("Phạm Thị Lan"), &json!("Máy")));
    assert_eq!(fact["tablet"].as_str().unwrap().len(), 32);
}

#[test]
fn labels_and_reasons_that_others_wrote_stay_text_in_json_and_on_the_terminal() {
    let (office, server) = begun();
    let label = "\"},{\"x\":\"<script>\u{202e}{ $id }";
    let device = Device::enrol_as(label, &office, &server, &["A"]);
    let (envelope, _) = device.envelope("A", &Chain::default(), 1, true);
    device.give(&server, "A", vec![item(&envelope)]);
    let why = "<img src=x> \u{2066}{ $label }";
    office.on_centre(async |centre| centre.revoke(&office.round, &device.id, why).await.unwrap());
    let (found, fact) = held(&office, &server, &envelope);
    assert_eq!((&found["label"], &fact["revocation"]), (&json!(label), &json!(why)));
    for lang in ["en", "vi"] {
        let shown = succeed(&office.folder(), &["--lang", lang, "round", "holds"], "");
        assert!(shown.contains("\"},{\"x\":\"<script>\u{fffd}{ $id }"), "{shown}");
        assert!(shown.contains("<img src=x> \u{fffd}{ $label }"), "{shown}");
        assert!(!shown.contains(['\u{202e}', '\u{2066}']), "{shown}");
    }
}

/// An office where every reason to hold an envelope is met.
fn every_reason() -> (Office, Server) {
    let (office, server) = begun();
    orphaned(&office, &server, "Rơi xuống suối");
    let enrol = |units: &[&str]| Device::enrol(&office, &server, units);
    let device = enrol(&["A"]);
    let sheet = device.sheet.clone().unwrap();
    let (first, chain) = device.envelope("A", &Chain::default(), 1, false);
    let (close, after) = device.envelope("A", &chain, 2, true);
    let (twin, _) = device.envelope("A", &chain, 3, true);
    let beyond = Chain { closed: false, last: Some(EnvelopeId([7; 32])), ..after };
    let (beyond, _) = device.envelope("A", &beyond, 4, false);
    device.give(&server, "A", [&first, &close, &twin, &beyond].map(item).to_vec());
    let foreign = enrol(&["S"]);
    let strange = (sync_core::id::SheetHash([5; 32]), 90);
    let (strange, _) = foreign.envelope_of("A", &Chain::default(), strange, 5, true);
    foreign.give(&server, "A", vec![item(&strange)]);
    let revoked = enrol(&["A"]);
    let long = (sheet.hash(), sheet.record_len() + 1);
    let (long, _) = revoked.envelope_of("A", &Chain::default(), long, 6, true);
    let right = OFFICIALS_CSV.replace("Vàng Mí Một", "Vàng Mí Mốt");
    office.replace_sheet("A", UNITS_CSV, &right, false).unwrap();
    office.on_centre(async |centre| {
        centre.revoke(&office.round, &revoked.id, "mất máy").await.unwrap();
        centre.close_round(&office.round).await.unwrap();
    });
    revoked.give(&server, "A", vec![item(&long)]);
    (office, server)
}

#[test]
fn every_reason_has_its_evidence_in_both_languages_and_none_tells_of_a_ballot() {
    let (office, server) = every_reason();
    let all = holds(&office, &server, "A");
    let facts = all["held"].as_array().unwrap().iter().flat_map(|held| held["evidence"].as_array().unwrap());
    let seen: BTreeSet<String> = facts.map(|fact| fact["reason"].as_str().unwrap().to_owned()).collect();
    let known: BTreeSet<String> = HoldReason::ALL.iter().map(|reason| reason.code().to_owned()).collect();
    assert_eq!(seen, known);
    let words = [
        (
            "en",
            [
                "the tablet was revoked",
                "closed the round at",
                "gave the same number",
                "had closed with",
                "replacement 1 ended",
                "issued no such sheet",
                "certified for: S",
                "a ballot in it has",
                "the number before",
                "brought by Phạm Thị Lan",
            ],
        ),
        (
            "vi",
            [
                "máy đã bị thu hồi",
                "đóng đợt lúc",
                "cùng số",
                "máy đã đóng hòm",
                "bị thay lần 1",
                "không phát hành danh sách này",
                "được cấp chứng thư cho: S",
                "mỗi phiếu trong bao",
                "số liền trước",
                "người mang đến: Phạm Thị Lan",
            ],
        ),
    ];
    for (lang, expected) in words {
        let shown = succeed(&office.folder(), &["--lang", lang, "round", "holds"], "");
        for words in expected {
            assert!(shown.contains(words), "{words} is missing in\n{shown}");
        }
        assert!(!shown.contains("evidence-"), "{shown}");
        for slip in office.slips[&unit("A")].iter() {
            assert!(!shown.contains(slip.reveal().as_str()), "a permit is shown");
        }
    }
    let text = all.to_string();
    for name in ["bytes", "nullifier", "permit", "marks", "record_len"] {
        assert!(!text.contains(name), "{name} in {text}");
    }
}

#[test]
fn somebody_of_another_unit_sees_no_evidence_of_this_one() {
    use homphieu_server::domain::person::Role;
    let (office, server) = every_reason();
    office.hire("nguoi-t", &[Role::Unit], |profile| profile.unit = Some(unit("T")));
    let url = format!("{}/api/v1/rounds/{}/holds", server.address, office.round.uuid());
    let answer = request("GET", &url, &[("authorization", &office.bearer("nguoi-t"))], b"");
    assert_eq!((answer.status, &answer.json()["items"]), (200, &json!([])));
}
