//! Guidance of the organisation board on tablets: fetched from the own centre, signed, shown as it holds.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::store::FileStore;
use client_ffi::transport::{Http, Transport};
use client_ffi::{Tablet, TabletError};
use homphieu_tests::office::{ORGANISER, Office};
use homphieu_tests::server::{Server, request};
use serde_json::json;
use sync_core::guidance::{Guidance, TeamStep};

struct Story {
    office: Office,
    server: Server,
}

impl Story {
    fn begin() -> Self {
        let office = Office::new();
        let server = Server::start(&office.folder());
        Self { office, server }
    }

    fn http(&self) -> Http {
        Http::new(&self.server.address)
    }

    /// Writes over the version that was seen.
    fn write(&self, step: &str, seen: u32, vi: &str, en: &str) {
        let bearer = self.office.bearer(ORGANISER);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = json!({ "revision": seen, "text": { "vi": vi, "en": en } }).to_string();
        let url = format!("{}/api/v1/guidance/{step}", self.server.address);
        let answer = request("PUT", &url, &headers, body.as_bytes());
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    fn post(&self, (path, body): &(String, Vec<u8>)) -> Vec<u8> {
        self.http().post(path, body).unwrap()
    }
}

fn vi(tablet: &Tablet<FileStore>, step: TeamStep) -> Option<String> {
    let guidance: Guidance = tablet.guidance().unwrap()?;
    guidance.of(step).map(|text| text.vi.clone())
}

#[test]
fn a_tablet_has_what_the_board_wrote_after_it_asked_and_keeps_it_without_a_network() {
    let story = Story::begin();
    let mut tablet = story.office.tablet("a", &["A"], &story.server.address);
    assert!(!tablet.fetch_guidance(&story.http()).unwrap(), "nobody wrote any");
    assert_eq!(tablet.guidance().unwrap(), None);

    story.write("team_vote", 0, "Mỗi người một máy.\nKhông đứng sau lưng.", "");
    story.write("decide", 0, "của văn phòng", "");
    assert!(tablet.fetch_guidance(&story.http()).unwrap());
    assert_eq!(vi(&tablet, TeamStep::Vote).unwrap(), "Mỗi người một máy.\nKhông đứng sau lưng.");
    assert_eq!(tablet.guidance().unwrap().unwrap().texts.len(), 1, "nothing that is for the office");
    assert!(!tablet.fetch_guidance(&story.http()).unwrap(), "the same comes only once");

    let store = tablet.into_store();
    let mut again = Tablet::open(store).unwrap();
    assert!(vi(&again, TeamStep::Vote).is_some(), "kept over a restart");

    story.write("team_vote", 1, "", "");
    assert!(again.fetch_guidance(&story.http()).unwrap());
    assert_eq!(vi(&again, TeamStep::Vote), None, "what the board took away goes away");
}

#[test]
fn an_answer_is_empty_for_who_has_it_and_the_same_bytes_for_everybody_else() {
    let story = Story::begin();
    story.write("team_close", 0, "Hai người cùng xem.", "Two watch.");
    let mut one = story.office.tablet("a", &["A"], &story.server.address);
    let mut other = story.office.tablet("b", &["T"], &story.server.address);
    let asks = |tablet: &mut Tablet<FileStore>| tablet.guidance_request().unwrap().unwrap();
    let (first, second) = (asks(&mut one), asks(&mut other));
    assert_eq!(story.post(&first), story.post(&second));
    one.take_guidance(&story.post(&first)).unwrap();
    let known = asks(&mut one);
    assert!(known.0.contains("?known="), "{}", known.0);
    assert_eq!(story.post(&known), Vec::<u8>::new());
    story.write("team_close", 1, "Ba người cùng xem.", "");
    assert!(one.take_guidance(&story.post(&known)).unwrap(), "another one holds now");
    assert_eq!(vi(&one, TeamStep::Close).unwrap(), "Ba người cùng xem.");
}

#[test]
fn what_is_changed_on_the_way_or_of_another_centre_changes_nothing_on_the_tablet() {
    let (story, elsewhere) = (Story::begin(), Story::begin());
    story.write("team_plans", 0, "Viết rõ ngày.", "");
    elsewhere.write("team_plans", 0, "Của nơi khác.", "");
    let mut tablet = story.office.tablet("a", &["A"], &story.server.address);
    let mut stranger = elsewhere.office.tablet("b", &["A"], &elsewhere.server.address);
    tablet.fetch_guidance(&story.http()).unwrap();

    let foreign = elsewhere.post(&stranger.guidance_request().unwrap().unwrap());
    let request =
        story.office.tablet("c", &["A"], &story.server.address).guidance_request().unwrap().unwrap();
    let mut changed = story.post(&request);
    let place = changed.len() / 2;
    changed[place] ^= 1;
    for hostile in [&foreign, &changed, &changed[..40].to_vec(), &vec![0xff; 300_000]] {
        assert!(matches!(tablet.take_guidance(hostile), Err(TabletError::Transport(_))));
        assert_eq!(vi(&tablet, TeamStep::Plans).unwrap(), "Viết rõ ngày.");
    }
}

#[test]
fn only_a_device_of_the_round_is_told_and_a_courier_has_nothing_to_ask() {
    let story = Story::begin();
    story.write("team_vote", 0, "Chỉ cho tổ công tác.", "");
    let mut courier = story.office.tablet("c", &[], &story.server.address);
    assert_eq!(courier.guidance_request().unwrap(), None);
    assert!(!courier.fetch_guidance(&story.http()).unwrap());

    let elsewhere = Story::begin();
    let mut stranger = elsewhere.office.tablet("b", &["A"], &elsewhere.server.address);
    let (path, body) = stranger.guidance_request().unwrap().unwrap();
    let url = format!("{}{path}", story.server.address);
    let kind = [("content-type", "application/cbor")];
    assert_eq!(request("POST", &url, &kind, &body).status, 409, "of another round");
    let mut tablet = story.office.tablet("a", &["A"], &story.server.address);
    let (_, mut body) = tablet.guidance_request().unwrap().unwrap();
    *body.last_mut().unwrap() ^= 1;
    assert_eq!(request("POST", &url, &kind, &body).status, 401);
    let (_, body) = tablet.guidance_request().unwrap().unwrap();
    let wrong = request("POST", &format!("{url}?known=abc"), &kind, &body);
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "query"));
}

#[test]
fn a_sync_counts_its_requests_without_guidance_and_goes_through_where_there_is_none() {
    let story = Story::begin();
    story.write("team_vote", 0, "x", "");
    let mut tablet = story.office.tablet("a", &["A"], &story.server.address);
    assert_eq!(tablet.sync(&story.http()).unwrap().requests, 1, "one round trip");
    assert_eq!(tablet.guidance().unwrap(), None, "it is asked for beside a sync");
}
