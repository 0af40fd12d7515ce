//! Records that a server keeps in memory are never older than what is stored, whoever wrote it: two real servers on one
//! database, on either engine.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_tests::office::{INSPECTORS, Office};
use homphieu_tests::record::{CHAIR, HEAD, Scribe, clear, entry, joins};
use homphieu_tests::server::{Answer, Server, post, request};
use serde_json::Value;
use sync_core::cbor;
use sync_core::message::Message;
use sync_core::record::{Act, FigureKind, SignedChange};

/// An office with two servers, and somebody who reads at both.
struct Two {
    office: Office,
    servers: [Server; 2],
    bearer: String,
}

impl Two {
    fn begin() -> Self {
        let office = Office::new();
        let servers = [Server::start(&office.folder()), Server::start(&office.folder())];
        let bearer = office.bearer(INSPECTORS[0]);
        Self { office, servers, bearer }
    }

    fn scribe(&self) -> Scribe {
        self.office.on_centre(async |centre| Scribe::enrol(centre, &self.office.round, "A", &["A"]).await)
    }

    fn get(&self, server: usize, what: &str) -> Answer {
        let address = &self.servers[server].address;
        let url = format!("{address}/api/v1/rounds/{}/{what}", self.office.round.uuid());
        request("GET", &url, &[("authorization", &self.bearer)], b"")
    }

    /// The record as a server tells it.
    fn record(&self, server: usize) -> Value {
        let answer = self.get(server, "units/A/record");
        assert_eq!(answer.status, 200, "{}", answer.code());
        answer.json()
    }

    /// What both servers say of a figure: the same, conflict or not.
    fn present(&self) -> (Value, bool) {
        let [one, two] = [0, 1].map(|server| self.record(server));
        assert_eq!(one, two, "both servers tell one record");
        let figure = one["figures"].as_array().unwrap().first().cloned().unwrap_or_default();
        (figure["value"].clone(), figure["conflict"] == true)
    }

    fn write(&self, server: usize, scribe: &Scribe, change: &SignedChange) {
        let body = scribe.request(&scribe.message(vec![clear(change)]));
        let answer = post(&self.servers[server].address, "/api/v1/sync", &body);
        assert_eq!(answer.status, 200, "{}", answer.code());
        let answer: Message = cbor::decode(&answer.body).unwrap();
        assert_eq!(answer.outcomes, []);
    }

    /// A request that begins to write in the record and is refused.
    fn refused(&self, server: usize) {
        let address = &self.servers[server].address;
        let url = format!("{address}/api/v1/rounds/{}/units/A/explanations", self.office.round.uuid());
        let headers = [("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        let body = format!("{{\"finding\":\"{}\",\"text\":\"vì\"}}", "0".repeat(32));
        assert_eq!(request("POST", &url, &headers, body.as_bytes()).code(), "unknown_finding");
    }
}

fn present(name: &str, value: u32) -> Vec<sync_core::record::Entry> {
    vec![entry(name, Act::Figure { kind: FigureKind::Present, value })]
}

#[test]
fn both_servers_tell_what_either_wrote_at_once() {
    let two = Two::begin();
    let (mut one, mut other) = (two.scribe(), two.scribe());
    let joined = one.write(joins());
    two.write(0, &one, &joined);
    assert_eq!(two.present(), (Value::Null, false));
    for step in 0..6_u32 {
        let server = step as usize % 2;
        let change = one.write(present(CHAIR, step));
        two.write(server, &one, &change);
        two.refused(1 - server);
        let (value, conflict) = two.present();
        assert_eq!(conflict, step > 0, "nothing replaces an earlier figure");
        assert_eq!(value, if step == 0 { Value::from("0") } else { Value::Null });
        two.refused(server);
        let settled = {
            let record = two.record(server);
            let said = record["figures"][0]["said"].as_array().unwrap().clone();
            said.into_iter().map(|said| said["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(settled.len(), step as usize + 1, "every figure that was written");
    }
    let before = two.record(0);
    // The other one of two twins changes no number of any chain, and yet everything that follows.
    let mut twin = other.writer().clone();
    let first = other.write(present(HEAD, 20));
    two.write(0, &other, &first);
    assert_ne!(two.record(1), before);
    assert_eq!(two.record(0), two.record(1));
    std::mem::swap(other.writer(), &mut twin);
    let second = other.write(present(HEAD, 21));
    two.write(1, &other, &second);
    let [here, there] = [0, 1].map(|server| two.record(server));
    assert_eq!(here, there);
    assert_eq!(here["twins"].as_array().unwrap().len(), 1, "{here}");
}

#[test]
fn a_database_that_was_set_back_to_the_very_same_turn_is_told_from_the_one_before() {
    let two = Two::begin();
    let mut scribe = two.scribe();
    let change = scribe.write(present(CHAIR, 20));
    two.write(0, &scribe, &change);
    assert_eq!(two.present(), (Value::from("20"), false));
    let turn_back = "UPDATE unit SET turn = turn - 1 WHERE code = 'A'";
    let change = scribe.write(present(CHAIR, 21));
    two.write(1, &scribe, &change);
    two.office.on_database(async |db: &mut sqlx::AnyConnection| {
        sqlx::query(turn_back).execute(db).await.unwrap();
    });
    assert_eq!(two.present(), (Value::Null, true));
}

#[test]
fn what_is_kept_is_not_read_again_until_something_is_written_and_whoever_writes_reads_what_is_stored() {
    let two = Two::begin();
    let mut scribe = two.scribe();
    let change = scribe.write(joins());
    two.write(0, &scribe, &change);
    let before = two.record(0);
    two.office.on_database(async |db: &mut sqlx::AnyConnection| {
        let damage = sqlx::query("UPDATE record_change SET bytes = $1").bind(vec![0_u8; 3]);
        assert_eq!(damage.execute(db).await.unwrap().rows_affected(), 1);
    });
    assert_eq!(two.record(0), before, "only what is in memory can tell this");
    assert_eq!(two.get(1, "units/A/record").status, 500, "this server never read it before");
    let address = &two.servers[0].address;
    let url = format!("{address}/api/v1/rounds/{}/units/A/notes", two.office.round.uuid());
    let headers = [("authorization", two.bearer.as_str()), ("content-type", "application/json")];
    assert_eq!(request("POST", &url, &headers, b"{\"text\":\"x\"}").status, 500, "no memory is written upon");
}
