//! What a server keeps in memory never hides what another process writes.

use super::*;
use homphieu_server::domain::letter::LetterCode;
use homphieu_server::service::{Centre, LetterSearch};

/// How the round stands as the server says it, in each of the places that are kept.
fn seen(story: &Story) -> (Value, Value, Value, Value) {
    let mut whole = story.get("/rounds/{round}/oversight");
    whole["units"] = json!(story.units(""));
    let figures = |what: &str| story.get(&format!("/rounds/{{round}}/{what}/figures"));
    (whole, figures("notices"), figures("plans"), story.get("/oversight/trend"))
}

#[test]
fn whatever_follows_the_ballot_is_seen_at_once_also_from_another_process() {
    let story = Story::begin();
    story.vote("A", 23, mixed);
    story.vote("T", 7, mixed);
    story.publish();
    let round = story.office.round;
    let as_person = async |centre: &Centre, login: &str| {
        centre.acting_for(Actor::Person(centre.person_named(login).await.unwrap()))
    };
    let today = parse_day(&day(0)).unwrap();
    let before = seen(&story);
    assert_eq!(seen(&story), before, "while nobody writes, it stays");
    assert_eq!((&before.1["all"]["in_time"], &before.1["all"]["sent"]), (&json!(0), &json!(0)));

    story.office.on_centre(async |centre| {
        let organiser = as_person(centre, ORGANISER).await;
        organiser.note_signed(&round, "A", "A1", today).await.unwrap();
    });
    let signed = seen(&story);
    assert_eq!(signed.1["all"]["in_time"], 1);
    assert_eq!(signed.3[0]["notices"]["in_time"], 1);
    assert_eq!(signed.0["notices"]["waiting"], 3);
    let waiting = |seen: &Value| seen["units"][1]["notices"]["waiting"].clone();
    assert_eq!((waiting(&before.0), waiting(&signed.0)), (json!(2), json!(1)));

    let code: LetterCode = story.office.on_centre(async |centre| {
        let organiser = as_person(centre, ORGANISER).await;
        let which = LetterSearch { officials: ["A2".to_owned()].into(), ..LetterSearch::default() };
        organiser.make_letters(&round, &which, 30).await.unwrap().remove(0).code
    });
    assert_eq!(seen(&story).1["all"]["sent"], 1);
    story.office.on_centre(async |centre| centre.acknowledge_letter(&code.reveal()).await.unwrap());
    assert_eq!(
        (seen(&story).1["all"]["in_time"].clone(), seen(&story).1["all"]["by_code"].clone()),
        (json!(2), json!(1))
    );

    story.office.on_centre(async |centre| {
        let inspector = as_person(centre, INSPECTORS[1]).await;
        let content = serde_json::from_value(visit(&day(3))).unwrap();
        inspector.plan_visit(&round, "S", content).await.unwrap();
    });
    let visited = seen(&story);
    assert_eq!(visited.0["units"][0]["visits"]["planned_on"], json!(day(3)));

    story.office.on_centre(async |centre| {
        let organiser = as_person(centre, ORGANISER).await;
        let due = serde_json::from_value(json!({ "all": day(-3) })).unwrap();
        organiser.set_due_days(&round, due, 0).await.unwrap();
    });
    let late = seen(&story);
    assert_eq!(
        (late.0["units"][0]["days_late"].clone(), late.3[0]["units_late"].clone()),
        (json!(3), json!(1))
    );
    assert_eq!(visited.3[0]["units_late"], 0);
}
