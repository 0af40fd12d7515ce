//! The board that pages watch: events of what changes, for those who may see it, for as long as they may.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::Http;
use homphieu_server::domain::person::Role;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, request};
use serde_json::Value;
use std::io::{BufRead, BufReader};

/// One page that watches.
struct Page {
    lines: Box<dyn Iterator<Item = std::io::Result<String>>>,
}

/// What came: an event with its id, or a word that there is nothing new.
#[derive(Debug)]
enum News {
    Board { id: String, view: Value },
    Nothing,
}

impl News {
    fn board(self) -> (String, Value) {
        match self {
            Self::Board { id, view } => (id, view),
            Self::Nothing => panic!("a board was to come"),
        }
    }
}

impl Page {
    fn open(server: &Server, office: &Office, bearer: &str, last: Option<&str>) -> Self {
        let url = format!("{}/api/v1/rounds/{}/board", server.address, office.round.uuid());
        let mut asked = ureq::get(url).header("authorization", bearer);
        if let Some(last) = last {
            asked = asked.header("last-event-id", last);
        }
        let answer = asked.call().unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-cache");
        Self { lines: Box::new(BufReader::new(answer.into_body().into_reader()).lines()) }
    }

    /// The next thing that is said; nothing once the stream has ended.
    fn next(&mut self) -> Option<News> {
        let (mut id, mut view, mut said) = (None, None, false);
        loop {
            let line = self.lines.next()?.ok()?;
            if line.is_empty()
                && let (Some(id), Some(view)) = (id.clone(), view.take())
            {
                return Some(News::Board { id, view });
            }
            if line.is_empty() && said {
                return Some(News::Nothing);
            }
            match line.split_once(':').map(|(name, text)| (name, text.trim_start())) {
                Some(("id", text)) => id = Some(text.to_owned()),
                Some(("data", text)) => view = Some(serde_json::from_str(text).unwrap()),
                Some(("event", text)) => assert_eq!(text, "board"),
                Some(("", "here")) => said = true,
                _ => {}
            }
        }
    }
}

fn codes(view: &Value) -> Vec<&str> {
    view["units"].as_array().unwrap().iter().map(|unit| unit["code"].as_str().unwrap()).collect()
}

#[test]
fn a_page_sees_every_unit_once_and_then_what_changes_and_goes_on_where_it_was() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.hire("xem", &[Role::Observer], |_| ());
    let bearer = office.bearer("xem");
    let mut page = Page::open(&server, &office, &bearer, None);
    let (_, first) = page.next().unwrap().board();
    assert_eq!(
        (codes(&first), &first["whole"], &first["state"]),
        (vec!["A", "S", "T"], &true.into(), &"open".into())
    );
    assert_eq!((&first["units"][0]["tablets"], &first["units"][0]["ballots"]), (&1.into(), &0.into()));

    office.cast(&mut tablet, "A", 0..8);
    tablet.sync(&Http::new(&server.address)).unwrap();
    let (mut id, mut view) = page.next().unwrap().board();
    // That the tablet spoke may be seen before what it brought.
    while view["units"][0]["ballots"] == 0 {
        (id, view) = page.next().unwrap().board();
    }
    assert_eq!((codes(&view), &view["whole"]), (vec!["A"], &false.into()), "the others are as they were");
    assert_eq!((&view["units"][0]["ballots"], &view["units"][0]["silent"]), (&4.into(), &0.into()));
    assert!(view["units"][0]["heard"].as_i64().unwrap() % 60 == 0, "to the minute: {view}");

    // Who has everything is told nothing again; whoever has something else gets all of it.
    let mut again = Page::open(&server, &office, &bearer, Some(&id));
    assert!(matches!(again.next(), Some(News::Nothing)));
    let mut other = Page::open(&server, &office, &bearer, Some("0000"));
    assert_eq!(codes(&other.next().unwrap().board().1), ["A", "S", "T"]);
    office.on_centre(async |centre| centre.close_round(&office.round).await.unwrap());
    for page in [&mut page, &mut again, &mut other] {
        let (closed, view) = page.next().unwrap().board();
        assert_eq!((&view["state"], &view["whole"]), (&"closed".into(), &false.into()), "{view}");
        id = closed;
    }

    // The centre ends although pages watch, and a page goes on at the next one.
    server.stop();
    assert!([&mut page, &mut again, &mut other].into_iter().all(|page| page.next().is_none()));
    let log = std::fs::read_to_string(office.folder().with_extension("log")).unwrap();
    assert!(!log.contains("were not finished in time"), "pages that watch hold nothing up");
    let server = Server::start(&office.folder());
    let (_, view) = Page::open(&server, &office, &bearer, Some(&id)).next().unwrap().board();
    assert_eq!(view["units"][0]["ballots"], 4, "what was confirmed is there");
    assert!(view["units"][0]["heard"].is_null(), "when a tablet spoke is nowhere on the disk");
}

#[test]
fn a_page_shows_what_its_person_may_see_and_ends_with_their_session_or_roles() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    office.hire("xa-s", &[Role::Unit], |profile| profile.unit = Some(unit("S")));
    office.hire("quan", &[Role::Administrator], |_| ());
    let (own, administrator) = (office.bearer("xa-s"), office.bearer("quan"));
    let mut page = Page::open(&server, &office, &own, None);
    assert_eq!(codes(&page.next().unwrap().board().1), ["S"], "a unit sees its own");
    let ask = |method: &str, path: &str, more: &[(&str, &str)], body: &str| {
        let headers = [&[("authorization", administrator.as_str())], more].concat();
        request(method, &format!("{}/api/v1{path}", server.address), &headers, body.as_bytes())
    };
    let person = ask("GET", "/people?text=xa-s", &[], "").json()["items"][0].clone();
    let path = format!("/people/{}", person["id"].as_str().unwrap());
    let tag = format!("\"{}\"", person["version"]);
    let body = r#"{"name":"xa-s","roles":["unit"],"unit":"A","votes_in":null,"officials":[]}"#;
    let json = ("content-type", "application/json");
    assert_eq!(ask("PUT", &path, &[json, ("if-match", &tag)], body).status, 200);
    assert!(page.next().is_none(), "somebody else's unit now: the page asks anew");
    let mut page = Page::open(&server, &office, &own, None);
    assert_eq!(codes(&page.next().unwrap().board().1), ["A"]);
    for session in ask("GET", &format!("{path}/sessions"), &[], "").json().as_array().unwrap() {
        let gone = ask("DELETE", &format!("{path}/sessions/{}", session["id"].as_str().unwrap()), &[], "");
        assert_eq!(gone.status, 204);
    }
    assert!(page.next().is_none(), "who is signed out watches no longer");

    // Before there is anything to watch it is a problem, not a stream.
    let draft = Office::with(sync_core::package::Mode::Training, false);
    draft.hire("xem", &[Role::Observer], |_| ());
    let bearer = draft.bearer("xem");
    let none = "00000000-0000-4000-8000-000000000000";
    let address = Server::start(&draft.folder());
    let url = format!("{}/api/v1/rounds/{none}/board", address.address);
    assert_eq!(request("GET", &url, &[("authorization", &bearer)], b"").code(), "unknown_round");
}

#[test]
fn the_envelopes_of_a_unit_are_numbers_and_counts_with_gaps_named_and_tell_no_time() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("a", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..12);
    tablet.sync(&Http::new(&server.address)).unwrap();
    let device = tablet.device().unwrap().to_string();
    office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    let bearer = office.bearer("xa-a");
    let get = |code: &str| {
        let path = format!("/api/v1/rounds/{}/units/{code}/envelopes", office.round.uuid());
        request("GET", &format!("{}{path}", server.address), &[("authorization", &bearer)], b"")
    };
    let seen = get("A").json();
    let [only] = seen.as_array().unwrap().as_slice() else { panic!("{seen}") };
    assert_eq!((&only["device"], &only["revoked"]), (&device.clone().into(), &false.into()));
    assert_eq!(only["missing"][0]["name"], format!("close:{device}"));
    assert_eq!(only["missing"][0]["written_off"], false);
    let envelopes = only["envelopes"].as_array().unwrap();
    let ballots: u64 = envelopes.iter().map(|one| one["ballots"].as_u64().unwrap()).sum();
    assert_eq!(ballots, tablet.counts(&unit("A")).confirmed as u64);
    let numbers: Vec<u64> = envelopes.iter().map(|one| one["number"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted() && !numbers.is_empty(), "{numbers:?}");
    for one in envelopes {
        let facts: Vec<&str> = one.as_object().unwrap().keys().map(String::as_str).collect();
        let all = ["ballots", "closing_total", "decided", "envelope", "held", "number"];
        assert!(facts.iter().all(|fact| all.contains(fact)), "nothing of when it came: {facts:?}");
    }
    assert_eq!(get("S").code(), "not_yours");
}
