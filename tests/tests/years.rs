//! Lists after many years: pages and searches miss nothing and repeat nothing, and how long they take.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_tests::browser::{play, tools};
use homphieu_tests::server::{Answer, Server, request};
use homphieu_tests::years::{
    Extent, ORGANISER, Years, official_code, official_name, published_on, unit_code,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Instant;

struct Reader {
    years: Years,
    server: Server,
    round: String,
}

impl Reader {
    fn new(extent: Extent) -> Self {
        let years = Years::fill(extent);
        let server = Server::start_quiet(&years.folder());
        let round = years.rounds.last().unwrap().uuid().to_string();
        Self { years, server, round }
    }

    /// `{round}` is the latest round.
    fn ask(&self, path: &str) -> Answer {
        let url = format!("{}/api/v1{}", self.server.address, path.replace("{round}", &self.round));
        let answer = request("GET", &url, &[("authorization", &self.years.bearer)], b"");
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer
    }

    /// Every item of a list, page after page.
    fn whole(&self, path: &str, limit: usize) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let between = if path.contains('?') { '&' } else { '?' };
            let page = self.ask(&format!("{path}{between}limit={limit}{after}")).json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit, "{path}");
            all.extend(items.iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }
}

fn set(items: &[Value], part: &str) -> BTreeSet<String> {
    items.iter().map(|item| item.pointer(part).unwrap().as_str().unwrap().to_owned()).collect()
}

#[test]
fn with_700_units_pages_follow_on_each_other_and_searches_find_everybody_and_nobody_else() {
    const EXTENT: Extent = Extent { units: 700, officials: 3, rounds: 2 };
    let reader = Reader::new(EXTENT);
    let every: BTreeSet<String> = (0..EXTENT.units).map(unit_code).collect();
    for (path, part) in [
        ("/rounds/{round}/units", "/code"),
        ("/rounds/{round}/roster", "/code"),
        ("/rounds/{round}/comparison/units", "/unit/code"),
        ("/rounds/{round}/comparison/units?order=lowest", "/unit/code"),
        ("/rounds/{round}/comparison/units?order=highest", "/unit/code"),
    ] {
        let all = reader.whole(path, 97);
        assert_eq!((all.len(), set(&all, part)), (EXTENT.units, every.clone()), "{path}");
    }
    let people: BTreeSet<String> = (0..EXTENT.units)
        .flat_map(|unit| (0..EXTENT.officials).map(move |place| official_code(unit, place)))
        .collect();
    let all = reader.whole("/notices?round={round}", 200);
    assert_eq!((all.len(), set(&all, "/official")), (people.len(), people.clone()), "each once");
    let stages = ["overdue", "waiting", "late", "in_time"];
    let by_stage = stages.map(|stage| reader.whole(&format!("/notices?round={{round}}&stage={stage}"), 200));
    assert_eq!(by_stage.iter().map(Vec::len).sum::<usize>(), people.len(), "each stands in one way");
    let figures = reader.ask("/rounds/{round}/notices/figures").json();
    for (stage, notices) in stages.iter().zip(&by_stage) {
        assert_eq!(figures["all"][stage].as_u64().unwrap(), notices.len() as u64, "{stage}");
    }
    assert_eq!(reader.whole("/notices", 200).len(), people.len() * EXTENT.rounds, "of every round");

    plans_and_messages(&reader, &people, EXTENT);

    // Names without diacritics, in any case, with what a pattern would mean.
    let named = |text: &str| -> BTreeSet<String> {
        let found = (0..EXTENT.units).flat_map(|unit| (0..EXTENT.officials).map(move |place| (unit, place)));
        let found = found.filter(|(unit, place)| official_name(*unit, *place) == text);
        found.map(|(unit, place)| official_code(unit, place)).collect()
    };
    let wanted = named("Giàng Thị Páo");
    assert!(!wanted.is_empty());
    for text in ["giang thi pao", "GI%C3%80NG%20TH%E1%BB%8A%20P%C3%81O", "Gi%C3%A0ng Th%E1%BB%8B P%C3%A1o"] {
        let found = reader.whole(&format!("/notices?round={{round}}&text={}", text.replace(' ', "%20")), 7);
        assert_eq!((found.len(), set(&found, "/official")), (wanted.len(), wanted.clone()), "{text}");
    }
    for nobody in ["%25", "_", "!", "khong%20co%20ai", "%F0%9F%92%A9"] {
        assert_eq!(
            reader.whole(&format!("/notices?round={{round}}&text={nobody}"), 200).len(),
            0,
            "{nobody}"
        );
    }
    let unit = reader.whole(&format!("/notices?round={{round}}&unit={}", unit_code(699)), 200);
    assert_eq!(unit.len(), EXTENT.officials);
    let found = reader.whole("/rounds/{round}/comparison/units?text=so%20699", 200);
    assert_eq!(set(&found, "/unit/code"), BTreeSet::from([unit_code(699)]));

    // The years: an official stands beside the round before, and no small unit shows a level anywhere.
    let beside =
        reader.whole(&format!("/rounds/{{round}}/comparison/officials/{}", official_code(5, 0)), 200);
    let titles: Vec<String> =
        (0..EXTENT.rounds).map(|round| format!("Đợt lấy phiếu {}", published_on(round))).collect();
    assert_eq!(beside.iter().map(|column| column["title"].as_str().unwrap()).collect::<Vec<_>>(), titles);
    let small: Vec<_> = reader
        .whole("/rounds/{round}/comparison/units", 200)
        .into_iter()
        .filter(|unit| unit["valid"] == 4)
        .collect();
    assert_eq!(small.len(), EXTENT.units / 30, "every thirtieth unit");
    assert!(small.iter().all(|unit| unit["shares"].is_null() && unit["base"].is_null()));
}

/// Each plan and each message stands in one list by how it stands, and in the order of the list.
fn plans_and_messages(reader: &Reader, people: &BTreeSet<String>, extent: Extent) {
    let all = reader.whole("/plans?round={round}", 200);
    assert_eq!((all.len(), set(&all, "/official")), (people.len(), people.clone()), "each once");
    assert_eq!(reader.whole("/plans", 173).len(), people.len() * extent.rounds, "of every round");
    let stages = ["due", "overdue", "conflict", "written", "confirmed", "in_progress", "done", "not_owed"]
        .map(|stage| {
            let in_round = reader.whole(&format!("/plans?round={{round}}&stage={stage}"), 61);
            assert!(in_round.iter().all(|plan| plan["stage"] == stage), "{stage}");
            let everywhere = reader.whole(&format!("/plans?stage={stage}"), 200);
            let here = everywhere.iter().filter(|plan| plan["round"] == reader.round.as_str()).count();
            assert_eq!(here, in_round.len(), "{stage}");
            in_round
        });
    let one_by_one: Vec<&Value> = all.iter().map(|plan| &plan["official"]).collect();
    let by_stage: Vec<&Value> = stages.iter().flatten().map(|plan| &plan["official"]).collect();
    assert_eq!(one_by_one, by_stage, "what waits for somebody first");
    let figures = reader.ask("/rounds/{round}/plans/figures").json();
    for (stage, plans) in ["due", "overdue", "conflict", "written"].iter().zip(&stages) {
        assert_eq!(figures["all"][stage].as_u64().unwrap(), plans.len() as u64, "{stage}");
    }

    let all = reader.whole("/outbox?round={round}", 200);
    assert_eq!((all.len(), set(&all, "/official")), (people.len(), people.clone()), "each once");
    let states = ["waiting", "sent"].map(|state| {
        let in_round = reader.whole(&format!("/outbox?round={{round}}&state={state}"), 61);
        assert!(in_round.iter().all(|message| message["state"] == state), "{state}");
        let everywhere = reader.whole(&format!("/outbox?state={state}"), 200);
        (in_round.len(), everywhere.len())
    });
    let [waiting, sent] = states;
    assert_eq!(waiting.0 + sent.0, people.len());
    assert_eq!(waiting.1 + sent.1, reader.whole("/outbox", 199).len());

    // What is late is late because of the unit's own, whichever way the committee looks.
    let units = reader.whole("/rounds/{round}/oversight/units", 97);
    assert_eq!(units.len(), extent.units);
    let trend = reader.ask("/oversight/trend").json();
    let own = trend.as_array().unwrap().iter().find(|one| one["round"] == reader.round.as_str()).unwrap();
    assert_eq!(own["plans"], figures["all"]);
    let overdue = units.iter().map(|unit| unit["plans_overdue"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(overdue, figures["all"]["overdue"].as_u64().unwrap());
}

/// Middle and slow end of some times.
fn spread(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    (at(50), at(99))
}

/// No test: what `cargo xtask bench --console` prints.
#[test]
#[ignore = "measures; run by `cargo xtask bench --console`"]
fn console_bench() {
    let number =
        |name: &str, usual: usize| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let runs = number("HOMPHIEU_RUNS", 100).max(1);
    let extent = Extent { units: 700, officials: 6, rounds: number("HOMPHIEU_ROUNDS", 40).max(2) };
    let began = Instant::now();
    let reader = Reader::new(extent);
    println!(
        "{extent:?}, filled in {:.0} s, {runs} runs; milliseconds of a request, connection included",
        began.elapsed().as_secs_f64()
    );
    println!("{:<58} {:>9} {:>9} {:>9} {:>9}", "", "first", "p50", "p99", "kB");
    let unit = unit_code(345);
    let official = official_code(345, 2);
    for path in [
        "/rounds".to_owned(),
        "/rounds/{round}".to_owned(),
        "/rounds/{round}/units?limit=200".to_owned(),
        "/rounds/{round}/roster?limit=200".to_owned(),
        "/rounds/{round}/devices".to_owned(),
        "/rounds/{round}/holds?limit=200".to_owned(),
        "/rounds/{round}/results".to_owned(),
        format!("/rounds/{{round}}/results/units/{unit}"),
        format!("/rounds/{{round}}/results/officials/{official}"),
        "/rounds/{round}/comparison/rounds?limit=10".to_owned(),
        "/rounds/{round}/comparison/units".to_owned(),
        "/rounds/{round}/comparison/units?order=lowest&text=so%2069".to_owned(),
        format!("/rounds/{{round}}/comparison/units/{unit}?limit=10"),
        format!("/rounds/{{round}}/comparison/officials/{official}?limit=10"),
        "/notices".to_owned(),
        "/notices?text=giang%20thi%20pao".to_owned(),
        "/notices?round={round}".to_owned(),
        "/notices?round={round}&stage=overdue".to_owned(),
        "/notices?round={round}&text=giang%20thi%20pao".to_owned(),
        "/notices?round={round}&text=khong%20co%20ai".to_owned(),
        "/rounds/{round}/notices/figures".to_owned(),
        "/plans".to_owned(),
        "/plans?stage=overdue".to_owned(),
        "/plans?text=giang%20thi%20pao".to_owned(),
        "/plans?text=khong%20co%20ai".to_owned(),
        "/plans?round={round}".to_owned(),
        "/plans?round={round}&stage=written".to_owned(),
        "/rounds/{round}/plans/figures".to_owned(),
        "/outbox".to_owned(),
        "/outbox?state=waiting".to_owned(),
        "/outbox?round={round}&state=failed".to_owned(),
        "/outbox/figures".to_owned(),
        "/rounds/{round}/oversight".to_owned(),
        "/rounds/{round}/oversight/units".to_owned(),
        "/oversight/trend".to_owned(),
        "/audit".to_owned(),
        "/audit?text=khong".to_owned(),
    ] {
        let mut bytes = 0;
        let mut time = || {
            let began = Instant::now();
            bytes = reader.ask(&path).body.len();
            began.elapsed().as_secs_f64() * 1e3
        };
        let first = time();
        let (middle, slow) = spread((0..runs).map(|_| time()).collect());
        println!("{path:<58} {first:>9.1} {middle:>9.1} {slow:>9.1} {:>9.1}", bytes as f64 / 1e3);
    }
    let Some(tools) = tools() else { return };
    let hall = json!({
        "address": reader.server.address,
        "login": ORGANISER.0,
        "password": ORGANISER.1,
        "round": reader.round,
        "unit": unit,
        "official": official,
    });
    let said = play(&tools, "console-bench.mjs", &[&runs.min(5).to_string()], &hall);
    for line in said["figures"].as_array().unwrap() {
        println!("{line}");
    }
}
