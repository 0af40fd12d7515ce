//! Published figures beside earlier ones: what is compared, what is said to differ, and what nobody may see.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::Http;
use homphieu_server::domain::draft::{Base, Choices};
use homphieu_server::domain::person::Role;
use homphieu_tests::office::{INSPECTORS, OFFICIALS_CSV, Office, UNITS_CSV, choices, unit};
use homphieu_tests::server::{Answer, Server, request};
use serde_json::Value;
use std::collections::BTreeSet;
use sync_core::package::Mode;

fn titled(title: &str) -> Choices {
    Choices { title: title.to_owned(), ..choices(Mode::Official) }
}

/// Everybody votes, everything is counted, and these units are published.
fn hold(office: &Office, server: &Server, name: &str, published: &[&str]) {
    let transport = Http::new(&server.address);
    for (code, voters) in [("A", 0..21), ("S", 0..4), ("T", 0..6)] {
        let mut tablet = office.tablet(&format!("{name}-{code}"), &[code], &server.address);
        office.cast(&mut tablet, code, voters);
        tablet.close(&unit(code)).unwrap();
        tablet.sync(&transport).unwrap();
    }
    office.count();
    publish(office, published);
}

fn publish(office: &Office, units: &[&str]) {
    let units: Vec<String> = units.iter().map(ToString::to_string).collect();
    let report = office.on_centre(async |centre| centre.publish(&office.round, &units).await.unwrap());
    assert!(report.units.iter().all(|unit| unit.obstacles.is_empty()), "{:?}", report.units);
}

struct Reader<'a> {
    server: &'a Server,
    office: &'a Office,
    bearer: String,
}

impl Reader<'_> {
    fn ask(&self, path: &str) -> Answer {
        let url = format!("{}/api/v1/rounds/{}/{path}", self.server.address, self.office.round.uuid());
        request("GET", &url, &[("authorization", &self.bearer)], b"")
    }

    fn items(&self, path: &str) -> Vec<Value> {
        let answer = self.ask(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()["items"].as_array().unwrap().clone()
    }
}

fn words(of: &Value) -> Vec<&str> {
    of.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn an_official_and_a_unit_stand_beside_earlier_rounds_of_the_same_kind_with_what_differs() {
    let mut office = Office::of(UNITS_CSV, OFFICIALS_CSV, true, titled("Đợt một"));
    let server = Server::start(&office.folder());
    hold(&office, &server, "mot", &["A", "S", "T"]);
    // A training with the same people is another world.
    office.one_more(UNITS_CSV, OFFICIALS_CSV, Choices { title: "Tập".to_owned(), ..choices(Mode::Training) });
    hold(&office, &server, "tap", &["A"]);
    let later =
        OFFICIALS_CSV.replace("Vàng Mí Một,Bí thư", "Vàng Mí Một,Chủ tịch").replace("A,2,A2", "A,2,A9");
    let other_base = Choices { percent_base: Base::Valid, ..titled("Đợt hai") };
    office.one_more(UNITS_CSV, &later, other_base);
    let inspector = office.bearer(INSPECTORS[0]);
    let reader = Reader { server: &server, office: &office, bearer: inspector };
    for path in ["comparison/rounds", "comparison/units", "comparison/units/A", "comparison/officials/A1"] {
        assert_eq!(reader.ask(path).code(), "not_published", "{path}");
    }
    hold(&office, &server, "hai", &["A", "S"]);

    let one = reader.items("comparison/officials/A1");
    let titles: Vec<_> = one.iter().map(|column| column["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Đợt hai", "Đợt một"], "its own round first, then the earlier one of its mode");
    assert_eq!(words(&one[0]["differs"]), Vec::<&str>::new());
    assert_eq!(words(&one[1]["differs"]), ["percent_base", "post"]);
    assert_eq!((&one[0]["base"], &one[0]["percent_base"]), (&21.into(), &"valid".into()));
    let published = reader.ask("results/officials/A1").json();
    assert_eq!(one[0]["shares"], published["officials"][0]["levels"], "the same figures as the result has");
    let of_unit = reader.items("comparison/units/A");
    assert_eq!(words(&of_unit[1]["differs"]), ["officials"]);
    assert_eq!(of_unit[0]["base"], 42, "two lines on each of 21 valid ballots");
    let whole = reader.items("comparison/rounds");
    assert_eq!(words(&whole[1]["differs"]), ["units"], "T is not published in this round");
    assert_eq!((&whole[0]["unpublished"], &whole[0]["left_out"]), (&1.into(), &1.into()));
    assert_eq!(reader.ask("comparison/officials/A2").code(), "not_published", "not of this round any more");

    // A small unit has no level, in no round, in no form.
    for column in reader.items("comparison/units/S").iter().chain(&reader.items("comparison/officials/S1")) {
        assert_eq!(
            (&column["shares"], &column["base"], &column["invalid_lines"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
    }
    let table = String::from_utf8(reader.ask("comparison/units/S/csv").body).unwrap();
    assert_eq!(table.lines().count(), 3, "a line for each round: {table}");
    let table = String::from_utf8(reader.ask("comparison/officials/A1/csv").body).unwrap();
    assert_eq!(table.lines().count(), 1 + 2 * 3, "a line for each level of each round: {table}");
    assert!(table.contains("percent_base post"), "{table}");

    // Pages follow on each other and bring every round once.
    let first = reader.ask("comparison/officials/A1?limit=1").json();
    assert_eq!(first["items"][0]["title"], "Đợt hai");
    let path = format!("comparison/officials/A1?limit=1&after={}", first["next"].as_str().unwrap());
    let second = reader.ask(&path).json();
    assert_eq!((&second["items"][0]["title"], &second["next"]), (&"Đợt một".into(), &Value::Null));
    assert_eq!(second["items"][0]["differs"], one[1]["differs"], "compared with its own round on every page");

    // What is published later is there at once.
    assert_eq!(reader.items("comparison/units").len(), 2);
    publish(&office, &["T"]);
    assert_eq!(reader.items("comparison/units").len(), 3);
    let found = reader.items("comparison/units?text=truong&order=lowest");
    assert_eq!(found.iter().map(|column| &column["unit"]["code"]).collect::<Vec<_>>(), ["T"]);
    assert_eq!(words(&reader.items("comparison/rounds")[1]["differs"]), Vec::<&str>::new());
}

#[test]
fn who_sees_only_the_own_compares_only_the_own() {
    let mut office = Office::of(UNITS_CSV, OFFICIALS_CSV, true, titled("Đợt một"));
    let server = Server::start(&office.folder());
    hold(&office, &server, "mot", &["A"]);
    office.one_more(UNITS_CSV, OFFICIALS_CSV, titled("Đợt hai"));
    hold(&office, &server, "hai", &["A", "T"]);
    office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    office.hire("can-bo", &[Role::Official], |profile| profile.officials = BTreeSet::from(["A1".to_owned()]));
    let reader = |login: &str| Reader { server: &server, office: &office, bearer: office.bearer(login) };
    let (of_unit, official) = (reader("xa-a"), reader("can-bo"));
    assert_eq!(of_unit.items("comparison/units/A").len(), 2);
    assert_eq!(official.items("comparison/officials/A1").len(), 2);
    for (who, path, code) in [
        (&of_unit, "comparison/units/T", "not_yours"),
        (&of_unit, "comparison/units", "role"),
        (&of_unit, "comparison/rounds", "role"),
        (&of_unit, "comparison/officials/A1", "role"),
        (&official, "comparison/officials/A2", "not_yours"),
        (&official, "comparison/units/A", "role"),
        (&official, "comparison/rounds.csv", "role"),
    ] {
        assert_eq!(who.ask(path).code(), code, "{path}");
    }
}
