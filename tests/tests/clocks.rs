//! Clocks that are ten years away on either side, in real programs: tablets pin their centre and ask no certificate for
//! its dates, so that a flat battery never keeps a ballot from the centre.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use homphieu_tests::clock::Clock;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, program, run_under};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use sync_core::fingerprint;

/// A tablet that is a folder, and the clock it goes by.
struct Body<'a> {
    office: &'a Office,
    name: &'static str,
    clock: Option<&'a Clock>,
}

impl Body<'_> {
    fn at(&self, words: &str, more: &[&str], typed: &str) -> String {
        let folder = self.office.home().join(self.name).display().to_string();
        let mut args = vec!["tablet"];
        args.extend(words.split(' '));
        args.extend(["--folder", &folder]);
        args.extend(more);
        let output = run_under(self.clock, self.office.home(), &args, typed);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{args:?}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// Enrols for unit A by a token alone and compares the list with paper.
    fn enrol(&self, address: &str) {
        self.at("enrol", &[], &format!("{}\n", self.office.token(&["A"], address)));
        let store = FileStore::open(&self.office.home().join(self.name)).unwrap();
        let paper = fingerprint::groups(&Tablet::open(store).unwrap().sheet_hash(&unit("A")).unwrap().0);
        let groups = [format!("1={}", paper[0]), format!("6={}", paper[5])];
        self.at("open", &["--group", &groups[0], "--group", &groups[1]], "");
    }

    fn cast(&self, voters: std::ops::Range<usize>) {
        for voter in voters {
            let code = self.office.slips[&unit("A")][voter].reveal();
            self.at("cast", &[], &format!("{}\n1\n1\ncast\n", code.as_str()));
        }
    }

    fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.at("status", &["--json"], "")).unwrap()
    }

    /// Years since now by this tablet's own note of its last contact.
    fn years_away(&self) -> f64 {
        let minutes = self.status()["last_contact_minutes"].as_f64().unwrap();
        years_from_now(minutes * 60.0)
    }
}

fn years_from_now(seconds: f64) -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    (seconds - now.as_secs_f64()) / (365.25 * 86_400.0)
}

/// Whether somebody's clock was really away: a day more or less, for leap years.
fn is_about(years: f64, wanted: i32) -> bool {
    (years - f64::from(wanted)).abs() < 0.02
}

/// When the centre noted something last, by its own clock.
fn centre_noted(office: &Office, action: &str) -> f64 {
    let lines = office.on_centre(async |centre| {
        let what = homphieu_server::store::audit::Search { action: action.to_owned(), ..Default::default() };
        centre.audit(&what, 1).await.unwrap()
    });
    years_from_now(f64::from(i32::try_from(lines[0].at).unwrap()))
}

/// A round in which the tablet's clock and the centre's are so many years away.
fn played(tablet_years: i32, centre_years: i32) {
    let Some(tablet) = Clock::off_by(tablet_years) else { return };
    let Some(centre) = Clock::off_by(centre_years) else { return };
    let office = Office::new();
    // The authority and the certificate are of the real today; the centre's clock goes wrong afterwards.
    let made = run_under(None, &office.folder(), &["tls", "init", "--address", "127.0.0.1"], "");
    assert!(made.status.success());
    let server = Server::start_under(Some(&centre), &office.folder(), &[]);
    assert!(server.address.starts_with("https://"));
    let body = Body { office: &office, name: "tablet", clock: Some(&tablet) };
    body.enrol(&server.address);
    assert!(is_about(centre_noted(&office, "device_enrolled"), centre_years), "the centre's clock was away");
    body.cast(0..3);
    body.at("close", &["--yes"], "");
    body.at("sync", &[], "");
    assert!(is_about(body.years_away(), tablet_years), "the tablet's clock was away");
    let status = body.at("status", &[], "");
    assert!(status.contains("3 ballots confirmed by the centre"), "{status}");
    server.stop();
}

#[test]
fn a_tablet_whose_clock_is_ten_years_behind_is_confirmed_over_tls() {
    played(-10, 0);
}

#[test]
fn a_tablet_whose_clock_is_ten_years_ahead_is_confirmed_over_tls() {
    played(10, 0);
}

#[test]
fn a_centre_whose_clock_is_ten_years_behind_confirms_a_tablet_ten_years_ahead() {
    played(10, -10);
}

#[test]
fn a_centre_whose_clock_is_ten_years_ahead_confirms_a_tablet_ten_years_behind() {
    played(-10, 10);
}

#[test]
fn two_tablets_twenty_years_apart_exchange_in_a_local_network() {
    let Some(behind) = Clock::off_by(-10) else { return };
    let Some(ahead) = Clock::off_by(10) else { return };
    let office = Office::new();
    let server = Server::start(&office.folder());
    let one = Body { office: &office, name: "one", clock: Some(&behind) };
    let two = Body { office: &office, name: "two", clock: Some(&ahead) };
    for (body, voters) in [(&one, 0..2), (&two, 2..5)] {
        body.enrol(&server.address);
        body.cast(voters);
        body.at("close", &["--yes"], "");
    }
    let mut host = Command::new(program())
        .args(["tablet", "serve", "--listen", "127.0.0.1:0", "--no-qr", "--visits", "1", "--folder"])
        .arg(office.home().join("one"))
        .env("HOMPHIEU_LANG", "en")
        .envs(behind.variables())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut screen = BufReader::new(host.stdout.take().unwrap());
    let mut invitation = String::new();
    screen.read_line(&mut invitation).unwrap();
    let said = two.at("join", &[invitation.trim()], "");
    assert!(said.contains("Exchanged with"), "{said}");
    let mut rest = String::new();
    screen.read_to_string(&mut rest).unwrap();
    assert!(host.wait().unwrap().success(), "{rest}");
    for (body, count) in [(&one, 2), (&two, 3)] {
        let status = body.at("status", &[], "");
        assert!(status.contains(&format!("{count} ballots on another device too")), "{status}");
    }
}
