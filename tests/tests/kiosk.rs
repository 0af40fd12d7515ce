//! The kiosk as a program: beside other commands on the same folder, and in a local network.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, program, refused, succeed};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// A kiosk, and a browser that opened its link.
struct Kiosk {
    child: Child,
    links: Receiver<String>,
    agent: ureq::Agent,
    origin: String,
    cookie: String,
}

impl Kiosk {
    fn start(folder: &Path) -> Self {
        let mut kiosk = Command::new(program());
        kiosk.args(["tablet", "kiosk", "--listen", "127.0.0.1:0", "--folder"]).arg(folder);
        let mut child = kiosk.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (say, links) = channel();
        std::thread::spawn(move || lines.for_each(|line| drop(say.send(line))));
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent: ureq::Agent = config.build().into();
        let mut kiosk = Self { child, links, agent, origin: String::new(), cookie: String::new() };
        kiosk.open();
        kiosk
    }

    /// Opens the link that is shown now.
    fn open(&mut self) {
        let link = self.links.recv().unwrap();
        let answer = self.agent.get(&link).call().unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        self.cookie = cookie.split(';').next().unwrap().to_owned();
        self.origin = link.split("/open/").next().unwrap().to_owned();
    }

    /// The status and what is said.
    fn try_call(&self, name: &str, given: &Value) -> (u16, Value) {
        let post = self.agent.post(format!("{}/kiosk/call/{name}", self.origin));
        let post = post.header("cookie", &self.cookie).header("origin", &self.origin);
        let mut answer = post.header("content-type", "application/json").send(given.to_string()).unwrap();
        let body = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&body).unwrap())
    }

    fn call(&self, name: &str, given: &Value) -> Value {
        let (status, answer) = self.try_call(name, given);
        assert_eq!(status, 200, "{name}: {answer}");
        answer
    }

    fn refused(&self, name: &str, given: &Value) -> String {
        let (status, problem) = self.try_call(name, given);
        assert!((400..600).contains(&status), "{name}: {problem}");
        problem["code"].as_str().unwrap().to_owned()
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A centre, and tablets that are folders.
struct Hall {
    office: Office,
    server: Server,
}

impl Hall {
    fn new() -> Self {
        let office = Office::new();
        let server = Server::start(&office.folder());
        Self { office, server }
    }

    /// The folder of a tablet that is ready to take ballots.
    fn ready(&self, name: &str) -> PathBuf {
        drop(self.office.tablet(name, &["A"], &self.server.address));
        self.office.home().join(name)
    }

    fn slip(&self, voter: usize) -> String {
        self.office.slips[&unit("A")][voter].reveal().to_string()
    }

    fn command(&self, folder: &Path, command: &str, typed: &str) -> String {
        succeed(self.office.home(), &["tablet", command, "--folder", &folder.display().to_string()], typed)
    }
}

#[test]
fn other_commands_work_beside_a_kiosk_and_each_sees_what_the_others_did() {
    let hall = Hall::new();
    let folder = hall.ready("kiosk");
    let kiosk = Kiosk::start(&folder);
    kiosk.call("cast", &json!(["A", hall.slip(0), [0, null]]));
    let status = hall.command(&folder, "status", "");
    assert!(status.contains("1 ballot in the box"), "{status}");
    hall.command(&folder, "cast", &format!("{}\n1\n1\ncast\n", hall.slip(1)));
    assert_eq!(kiosk.call("overview", &json!([]))["units"][0]["counts"]["in_box"], 2);
    assert_eq!(kiosk.refused("cast", &json!(["A", hall.slip(1), [0, 0]])), "slip_used");
    kiosk.call("close", &json!(["A"]));
    let synced = hall.command(&folder, "sync", "");
    assert!(synced.contains('1'), "{synced}");
    let overview = kiosk.call("overview", &json!([]));
    assert_eq!(overview["units"][0]["counts"]["confirmed"], 2, "{overview}");
    assert_eq!(kiosk.call("sync", &json!([]))["confirmed"], 0, "there is nothing left to confirm");
    assert_eq!(kiosk.call("moving", &json!([])), Value::Null);
}

#[test]
fn while_a_session_is_open_others_are_told_at_once_and_get_the_tablet_when_it_is_over() {
    let hall = Hall::new();
    let [host, guest] = ["host", "guest"].map(|name| hall.ready(name));
    let kiosk = Kiosk::start(&host);
    assert_eq!(kiosk.call("session", &json!([])), Value::Null);
    kiosk.call("cast", &json!(["A", hall.slip(0), [0, 1]]));
    kiosk.call("close", &json!(["A"]));
    let session = kiosk.call("openSession", &json!([]));
    let invitation = session["invitation"].as_str().unwrap();
    let again = kiosk.call("openSession", &json!([]));
    assert_eq!(again["invitation"], session["invitation"], "one session at a time");
    assert_eq!(kiosk.refused("joinSession", &json!([invitation])), "session_open");
    let status = ["tablet", "status", "--folder", &host.display().to_string()];
    let told = refused(hall.office.home(), &status, "");
    assert!(told.contains("in use by another program"), "{told}");

    // Guests come from wherever they run, and the page goes on meanwhile.
    let folder = guest.display().to_string();
    succeed(hall.office.home(), &["tablet", "join", "--folder", &folder, invitation], "");
    let guests = loop {
        let seen = kiosk.call("session", &json!([]));
        if seen["guests"][0]["passed"].is_object() {
            break seen["guests"].clone();
        }
        std::thread::yield_now();
    };
    assert_eq!(guests[0]["passed"]["envelopes_given"], 1, "{guests}");
    let overview = kiosk.call("overview", &json!([]));
    assert_eq!(overview["units"][0]["counts"]["handed_over"], 1, "{overview}");
    assert_eq!(overview["next"]["only_here"], false);

    kiosk.call("endSession", &json!([]));
    while kiosk.call("session", &json!([]))["over"].is_null() {
        std::thread::yield_now();
    }
    assert_eq!(kiosk.call("session", &json!([]))["over"], "ended");
    succeed(hall.office.home(), &status, "");
    assert_eq!(kiosk.refused("joinSession", &json!([invitation])), "itself");
}

#[test]
fn a_folder_that_is_not_there_is_a_new_tablet_only_where_that_was_said() {
    let hall = Hall::new();
    let folder = hall.office.home().join("misspelt").display().to_string();
    let told = refused(hall.office.home(), &["tablet", "kiosk", "--folder", &folder], "");
    assert!(told.contains("misspelt"), "{told}");
    assert!(!hall.office.home().join("misspelt").exists());
}
