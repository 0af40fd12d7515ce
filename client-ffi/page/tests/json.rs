//! Calls as JSON, to a tablet that nobody enrolled.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use client_ffi::Tablet;
use client_ffi::store::MemoryStore;
use homphieu_page::{Desk, Json, Problem, UnderWay};
use serde_json::{Value, json};

fn ask(call: &str, given: Value) -> Result<Value, Problem> {
    let mut tablet = Tablet::open(MemoryStore::default()).unwrap();
    let mut desk = Desk { tablet: &mut tablet, under_way: &mut UnderWay::default() };
    let answer = desk.answer::<Json>(call, given)?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

fn code(call: &str, given: Value) -> String {
    ask(call, given).unwrap_err().code
}

#[test]
fn a_call_is_answered_with_every_value_in_its_place() {
    let overview = ask("overview", json!([])).unwrap();
    assert_eq!(overview["round"], Value::Null);
    assert_eq!(overview["units"], json!([]));
    assert_eq!(overview["next"]["code"], "enrol");
    assert_eq!(ask("sheet", json!(["00712"])).unwrap(), Value::Null);
}

#[test]
fn what_the_tablet_refuses_is_told_with_its_own_words() {
    assert_eq!(code("cast", json!(["00712", "ABC", [0, null]])), "slip_length");
    assert_eq!(code("close", json!(["a unit of another world"])), "unit_code");
    assert_eq!(code("exportParcel", json!([null])), "not_enrolled");
    assert_eq!(code("importParcel", json!(["AAAA"])), "parcel_none");
}

#[test]
fn a_call_that_does_not_fit_is_refused_and_what_it_was_given_is_not_quoted() {
    assert_eq!(code("cast2", json!([])), "unknown_call");
    assert_eq!(code("Overview", json!([])), "unknown_call");
    let secret = "7KQW-3M9T";
    for (call, given) in [
        ("overview", json!([1])),
        ("overview", json!({})),
        ("overview", json!(null)),
        ("checkSlip", json!(["00712"])),
        ("checkSlip", json!([secret, 7])),
        ("checkSlip", json!(["00712", secret, secret])),
        ("cast", json!(["00712", secret, [secret]])),
        ("cast", json!(["00712", secret, [256]])),
        ("cast", json!(["00712", secret, [-1]])),
        ("cast", json!(["00712", secret, [0.5]])),
        ("cast", json!([["00712"], secret, []])),
        ("confirmSheet", json!(["00712", [[0, "1"]]])),
        ("importParcel", json!(["no base64!"])),
        ("importParcel", json!([[1, 2, 3]])),
        ("importParcel", json!([{ "base64": 5 }])),
    ] {
        let problem = ask(call, given.clone()).unwrap_err();
        assert_eq!((problem.case.as_str(), problem.code.as_str()), ("restart", "malformed_call"), "{given}");
        assert!(!format!("{problem:?}").contains(secret));
    }
}
