//! Tablets at the command line: a unit without any network, from enrolment to receipt, as a transcript that people read.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use homphieu_tests::link::{Link, SATELLITE};
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, program, refused, run, succeed};
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use sync_core::fingerprint;

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

    fn path(&self, name: &str) -> PathBuf {
        self.office.home().join(name)
    }

    fn args<'a>(words: &'a str, folder: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut args = vec!["tablet"];
        args.extend(words.split(' '));
        args.extend(["--folder", folder]);
        args.extend(more);
        args
    }

    /// Runs a tablet's command that must succeed.
    fn at(&self, name: &str, words: &str, more: &[&str], typed: &str) -> String {
        let folder = self.path(name).display().to_string();
        succeed(self.office.home(), &Self::args(words, &folder, more), typed)
    }

    fn refused(&self, name: &str, words: &str, more: &[&str], typed: &str) -> String {
        let folder = self.path(name).display().to_string();
        refused(self.office.home(), &Self::args(words, &folder, more), typed)
    }

    fn enrol(&self, name: &str, units: &[&str]) {
        self.enrol_over(name, units, &self.server.address);
    }

    fn enrol_over(&self, name: &str, units: &[&str], address: &str) {
        let token = self.office.token(units, address);
        self.at(name, "enrol", &[], &format!("{token}\n"));
    }

    /// Enrols a tablet of unit A and compares its list with paper.
    fn ready(&self, name: &str) {
        self.ready_over(name, &self.server.address);
    }

    fn ready_over(&self, name: &str, address: &str) {
        self.enrol_over(name, &["A"], address);
        // The paper has the digits of the sheet; here they are read where the tablet keeps it.
        let store = FileStore::open(&self.path(name)).unwrap();
        let hash = Tablet::open(store).unwrap().sheet_hash(&unit("A")).unwrap();
        let paper = fingerprint::groups(&hash.0);
        let groups = [format!("2={}", paper[1]), format!("5={}", paper[4])];
        self.at(name, "open", &["--group", &groups[0], "--group", &groups[1]], "");
    }

    /// A voter's slip, and one level for the first official.
    fn ballot(&self, voter: usize) -> String {
        let code = self.office.slips[&unit("A")][voter].reveal();
        let officials = 2;
        let marks = "1\n".repeat(officials);
        format!("{}\n{marks}cast\n", code.as_str())
    }

    fn cast(&self, name: &str, voters: std::ops::Range<usize>) {
        for voter in voters {
            assert_eq!(self.at(name, "cast", &[], &self.ballot(voter)), "The ballot is in the box.\n");
        }
    }

    /// A command that goes on beside others; what it says to people is read line by line.
    fn begin(&self, name: &str, words: &str, typed: &str) -> (Child, BufReader<ChildStderr>) {
        let folder = self.path(name).display().to_string();
        let mut child = Command::new(program())
            .args(Self::args(words, &folder, &[]))
            .env("HOMPHIEU_LANG", "en")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        (child, said)
    }

    fn status(&self, name: &str) -> String {
        self.at(name, "status", &[], "")
    }

    fn next(&self, name: &str) -> String {
        let status = self.at(name, "status", &["--json"], "");
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        status["next"].as_str().unwrap().to_owned()
    }
}

/// Reads until a line begins like this.
fn hears(said: &mut impl BufRead, beginning: &str) {
    let mut lines = said.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with(beginning)), "it says: {beginning}");
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn a_unit_without_network_is_confirmed_by_a_stick_and_a_courier_and_every_state_is_said_rightly() {
    let hall = Hall::new();
    hall.ready("one");
    hall.enrol("courier", &[]);
    assert!(hall.status("one").contains("→ Ready to vote."));
    hall.cast("one", 0..5);
    let status = hall.status("one");
    assert!(status.contains("5 ballots in the box"), "{status}");
    assert!(status.contains("→ Voting goes on. 5 ballots are on this tablet alone"), "{status}");
    hall.at("one", "close", &["--yes"], "");
    assert!(hall.status("one").contains("→ 5 ballots are on this tablet alone: hand over"));
    let (stick, back, word) = (hall.path("a.hpgoi"), hall.path("back.hpgoi"), hall.path("word.hpgoi"));
    let said = hall.at("one", "export", &["--out", &shown(&stick)], "");
    assert!(said.contains("Everything is still on this tablet"), "{said}");
    let refused = hall.refused("one", "export", &["--out", &shown(&stick)], "");
    assert!(refused.contains("exists") || refused.contains("already"), "never over another file: {refused}");
    let said = hall.at("courier", "import", &[&shown(&stick), "--acknowledge", &shown(&word)], "");
    assert!(said.contains("A:") && said.contains("envelope"), "{said}");
    let status = hall.status("courier");
    assert!(status.contains("not confirmed by the centre") && status.contains("go where there is a network"));
    hall.at("one", "import", &[&shown(&word)], "");
    let status = hall.status("one");
    assert!(status.contains("5 ballots on another device too, not confirmed by the centre"), "{status}");
    assert!(status.contains("handed to ") && status.contains("wait for the receipt"), "{status}");
    let said = hall.at("courier", "sync", &[], "");
    assert!(said.starts_with("Synchronised:"), "{said}");
    assert_eq!(hall.next("courier"), "collect");
    hall.at("courier", "export", &["--for", "anyone", "--out", &shown(&back)], "");
    hall.at("one", "import", &[&shown(&back)], "");
    let status = hall.status("one");
    assert!(status.contains("5 ballots confirmed by the centre"), "{status}");
    assert!(status.contains("→ The centre has confirmed everything"), "{status}");
    assert!(status.contains("never reached"), "the tablet itself was never there: {status}");
}

#[test]
fn a_hand_over_by_codes_needs_no_order_and_passes_over_what_is_none_of_ours() {
    let hall = Hall::new();
    hall.ready("one");
    hall.ready("two");
    hall.cast("one", 0..3);
    hall.at("one", "close", &["--yes"], "");
    let codes = hall.at("one", "qr show", &["--text", "200"], "");
    let mut lines: Vec<&str> = codes.lines().collect();
    lines.reverse();
    lines.truncate(150);
    lines.insert(3, "https://example.com/something-else");
    let said = hall.at("two", "qr read", &[], &lines.join("\n"));
    assert!(said.contains("A:"), "{said}");
    assert!(hall.status("two").contains("of other tablets of the unit"));
    let few = lines[..2].join("\n");
    assert!(hall.refused("two", "qr read", &[], &few).contains("go on filming"));
    let folder = hall.path("pictures");
    hall.at("one", "qr show", &["--svg", &shown(&folder)], "");
    let first = std::fs::read_to_string(folder.join("0001.svg")).unwrap();
    assert!(first.starts_with("<svg") || first.contains("<svg"));
}

#[test]
fn what_was_not_cast_leaves_nothing_and_the_slip_works_again() {
    let hall = Hall::new();
    hall.ready("one");
    let ballot = hall.ballot(0);
    let unsure = ballot.replace("cast\n", "no\n");
    assert!(hall.refused("one", "cast", &[], &unsure).contains("not cast"));
    let broken_off: String = ballot.lines().take(2).map(|line| format!("{line}\n")).collect();
    assert!(hall.refused("one", "cast", &[], &broken_off).contains("nothing was typed"));
    assert_eq!(hall.next("one"), "vote");
    hall.cast("one", 0..1);
    assert!(hall.refused("one", "cast", &[], &ballot).contains("already used"));
    assert!(hall.status("one").contains("1 ballot in the box"));
}

#[test]
fn people_check_voters_in_under_their_own_pin_and_see_a_second_check_in() {
    let hall = Hall::new();
    hall.ready("one");
    let typed = "4711\n4711\n";
    hall.at("one", "check-in", &["3", "--slip", "--person", "Lý A Páo", "--new"], typed);
    let wrong = hall.refused("one", "check-in", &["4", "--person", "ly a pao"], "0000\n");
    assert!(wrong.contains("PIN is wrong"), "{wrong}");
    let unknown = hall.refused("one", "check-in", &["4", "--person", "Nobody"], "4711\n");
    assert!(unknown.contains("Lý A Páo"), "the team is named: {unknown}");
    let listed = hall.at("one", "check-in", &["--search", "3"], "");
    assert!(listed.contains("here, has a slip"), "{listed}");
    let folder = hall.path("one").display().to_string();
    let again = ["tablet", "check-in", "3", "--person", "Sùng Thị B", "--new", "--folder", &folder];
    let again = run(hall.office.home(), &again, typed);
    assert!(again.status.success());
    let looked = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(looked.contains("LOOK") && looked.contains("Lý A Páo"), "{looked}");
}

#[test]
fn a_misspelt_folder_is_no_new_tablet_and_a_doctor_says_what_is_amiss() {
    let hall = Hall::new();
    let missing = hall.refused("nowhere", "status", &[], "");
    assert!(missing.contains("there is no tablet") && !hall.path("nowhere").exists(), "{missing}");
    hall.enrol("one", &["A"]);
    let looked = hall.at("one", "doctor", &[], "");
    assert!(looked.contains("its list was not compared with paper"), "{looked}");
    std::fs::write(hall.path("one").join("ghi chú.txt"), "x").unwrap();
    let folder = hall.path("one").display().to_string();
    let looked = run(hall.office.home(), &["tablet", "doctor", "--folder", &folder], "");
    assert_eq!(looked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&looked.stdout).contains("ghi chú.txt"));
}

#[test]
fn two_tablets_exchange_in_a_local_network_and_each_knows_what_the_other_holds() {
    let hall = Hall::new();
    hall.ready("one");
    hall.ready("two");
    for (name, voters) in [("one", 0..3), ("two", 3..7)] {
        hall.cast(name, voters);
        hall.at(name, "close", &["--yes"], "");
    }
    let folder = hall.path("one");
    let mut host = Command::new(program())
        .args(["tablet", "serve", "--listen", "127.0.0.1:0", "--no-qr", "--visits", "1", "--folder"])
        .arg(&folder)
        .env("HOMPHIEU_LANG", "en")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut screen = BufReader::new(host.stdout.take().unwrap());
    let mut invitation = String::new();
    screen.read_line(&mut invitation).unwrap();
    let said = hall.at("two", "join", &[invitation.trim()], "");
    assert!(said.contains("Exchanged with") && said.contains("A: "), "{said}");
    let mut rest = String::new();
    screen.read_to_string(&mut rest).unwrap();
    assert!(host.wait().unwrap().success());
    assert!(rest.contains("came in") && rest.contains("The session is over: 1 visit."), "{rest}");
    for (name, count) in [("one", 3), ("two", 4)] {
        let status = hall.status(name);
        let known = format!("{count} ballots on another device too, not confirmed by the centre");
        assert!(status.contains(&known) && status.contains("handed to "), "{name}: {status}");
    }
    assert!(hall.refused("two", "join", &["HPL1.nonsense"], "").contains("no invitation"));
}

#[test]
fn voters_cast_while_a_sync_waits_for_its_next_try() {
    let mut hall = Hall::new();
    hall.ready("one");
    hall.server.kill();
    let (mut sync, mut said) = hall.begin("one", "sync --keep-trying", "");
    hears(&mut said, "Trying again in ");
    hall.cast("one", 0..1);
    assert!(hall.status("one").contains("1 ballot in the box"));
    assert!(sync.try_wait().unwrap().is_none(), "the sync is still there");
    sync.kill().unwrap();
    sync.wait().unwrap();
}

#[test]
fn a_voter_who_comes_during_a_sync_is_told_to_wait_and_casts_when_the_answer_is_there() {
    let hall = Hall::new();
    let centre = hall.server.address.trim_start_matches("http://").parse().unwrap();
    let link = Link::to_centre(centre, SATELLITE.without_loss(), 1);
    hall.ready_over("one", &format!("http://{}", link.address()));
    hall.cast("one", 0..1);
    hall.server.signal(Signal::STOP);
    let before = link.spent().up;
    let (mut sync, _said) = hall.begin("one", "sync", "");
    while link.spent().up < before + 300 {
        std::thread::yield_now();
    }
    let (mut cast, mut told) = hall.begin("one", "cast", &hall.ballot(1));
    hears(&mut told, "Another command has this tablet");
    hall.server.signal(Signal::CONT);
    assert!(sync.wait().unwrap().success() && cast.wait().unwrap().success());
    assert!(hall.status("one").contains("2 ballots in the box"));
}

#[test]
fn a_courier_sees_its_room_and_says_when_it_is_full() {
    let hall = Hall::new();
    hall.ready("one");
    hall.enrol("courier", &[]);
    assert!(hall.status("courier").contains("0.0 of 134.2 MB used, 134.2 MB left"));
    assert!(hall.at("courier", "room", &["1"], "").contains("0.0 of 1.0 MB used, 1.0 MB left"));
    assert!(hall.status("courier").contains("0.0 of 1.0 MB used, 1.0 MB left"), "it is kept");
    hall.refused("courier", "room", &["0"], "");
    // So little room can be set by apps alone.
    let mut courier = Tablet::open(FileStore::open(&hall.path("courier")).unwrap()).unwrap();
    courier.set_carry_room(10).unwrap();
    drop(courier);
    hall.cast("one", 0..5);
    hall.at("one", "close", &["--yes"], "");
    let stick = shown(&hall.path("a.hpgoi"));
    hall.at("one", "export", &["--out", &stick], "");
    let folder = hall.path("courier").display().to_string();
    let full = run(hall.office.home(), &["tablet", "import", &stick, "--folder", &folder], "");
    let said = String::from_utf8_lossy(&[full.stdout, full.stderr].concat()).into_owned();
    assert!(said.contains("full") || said.contains("room"), "{said}");
    assert!(hall.at("courier", "room", &["1"], "").contains("MB left"));
    hall.at("courier", "import", &[&stick], "");
    assert!(hall.status("courier").contains("1 envelope of 1 unit"), "there is room again");
}
