//! Tablets, a courier and the centre on hosts of their own, as people run them: the program at a terminal of each host,
//! over links that are cut while something is on its way.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use homphieu_tests::hosts::Hosts;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{program, succeed};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use sync_core::fingerprint;

const CENTRE: usize = 0;
const ONE: usize = 1;
const TWO: usize = 2;
const THREE: usize = 3;
const COURIER: usize = 4;
const PER_TABLET: usize = 6;
/// How the program ends when it does not reach the centre.
const UNREACHABLE: i32 = 4;
/// Cuts while tablets synchronise; each link is mended after each, so that something gets through.
const CUTS: usize = 24;
/// Packets of a host after which its link is cut: it is known by then whose address is whose, and a connection is being
/// made or used.
const PACKETS: u64 = 3;

struct District {
    office: Office,
    hosts: Hosts,
    server: Child,
    address: String,
}

/// A process that is killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl District {
    /// A centre under TLS on a host of its own, and four more hosts; nothing where the machine cannot have them.
    fn new() -> Option<Self> {
        let hosts = match Hosts::new(5) {
            Ok(hosts) => hosts,
            Err(why) => {
                println!("skipped: this machine cannot have several hosts ({why}); as root on Linux it can");
                return None;
            }
        };
        let office = Office::new();
        let here = hosts.address(CENTRE).to_string();
        succeed(&office.folder(), &["tls", "init", "--address", &here], "");
        let mut server = hosts
            .command(CENTRE, program())
            .arg("--data-dir")
            .arg(office.folder())
            .args(["serve", "--listen", &format!("{here}:0")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with(&format!("https://{here}:")), "{address:?}");
        Some(Self { office, hosts, server, address: address.trim().to_owned() })
    }

    fn folder(&self, host: usize) -> PathBuf {
        self.office.home().join(format!("host-{host}"))
    }

    /// `homphieu tablet` on a host.
    fn command(&self, host: usize, words: &[&str]) -> Command {
        let mut command = self.hosts.command(host, program());
        command.arg("tablet").args(words).arg("--folder").arg(self.folder(host));
        command.env("HOMPHIEU_LANG", "en");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn tries(&self, host: usize, words: &[&str], typed: &str) -> Output {
        let mut child = self.command(host, words).spawn().unwrap();
        // A command that needs no input may be gone already.
        drop(child.stdin.take().unwrap().write_all(typed.as_bytes()));
        child.wait_with_output().unwrap()
    }

    /// Does something on a host, to its end; what it says.
    fn on(&self, host: usize, words: &[&str], typed: &str) -> String {
        let output = self.tries(host, words, typed);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} on host {host}: {said}\n{why}", words[0]);
        said
    }

    /// In the box, sealed, handed over, confirmed.
    fn counts(&self, host: usize) -> [u64; 4] {
        let status: serde_json::Value =
            serde_json::from_str(&self.on(host, &["status", "--json"], "")).unwrap();
        let ballots = &status["units"][0]["ballots"];
        ["in_box", "sealed", "handed_over", "confirmed"].map(|state| ballots[state].as_u64().unwrap())
    }

    fn enrol(&self, host: usize, units: &[&str]) {
        let token = self.office.token(units, &self.address);
        self.on(host, &["enrol"], &format!("{token}\n"));
    }

    /// A tablet that voted and closed, by its host's number.
    fn vote(&self, host: usize) {
        self.enrol(host, &["A"]);
        // The paper has the digits of the sheet; here they are read where the tablet keeps it.
        let store = FileStore::open(&self.folder(host)).unwrap();
        let hash = Tablet::open(store).unwrap().sheet_hash(&unit("A")).unwrap();
        let paper = fingerprint::groups(&hash.0);
        let groups = [format!("2={}", paper[1]), format!("5={}", paper[4])];
        self.on(host, &["open", "--group", &groups[0], "--group", &groups[1]], "");
        for slip in &self.office.slips[&unit("A")][(host - 1) * PER_TABLET..host * PER_TABLET] {
            self.on(host, &["cast"], &format!("{}\n1\n2\ncast\n", slip.reveal().as_str()));
        }
        self.on(host, &["close", "--yes"], "");
        assert_eq!(self.counts(host), [0, PER_TABLET as u64, 0, 0]);
    }

    /// Opens a session on a host; it is over when the process is dropped.
    fn serve(&self, host: usize) -> (Running, String) {
        let mut serving = self.command(host, &["serve", "--no-qr"]).stderr(Stdio::null()).spawn().unwrap();
        let mut invitation = String::new();
        let mut screen = BufReader::new(serving.stdout.take().unwrap());
        screen.read_line(&mut invitation).unwrap();
        assert!(invitation.starts_with("HPL1."), "{invitation:?}");
        // Somebody goes on reading the screen, so that it never fills up.
        std::thread::spawn(move || screen.lines().map_while(Result::ok).for_each(drop));
        (Running(serving), invitation.trim().to_owned())
    }

    /// Lets a host begin something, cuts its link while it is at it, and takes its power.
    fn cut_in_the_middle_and_killed(&self, host: usize, words: &[&str]) {
        let before = self.hosts.sent(host);
        let mut child = Running(self.command(host, words).spawn().unwrap());
        while self.hosts.sent(host) < before + PACKETS && child.0.try_wait().unwrap().is_none() {}
        self.hosts.cut(host);
        drop(child);
        self.hosts.join(host);
    }

    /// Ballots of unit A that the centre holds.
    fn stored(&self) -> usize {
        let round = self.office.round;
        let (_, standings) = self.office.on_centre(async |centre| centre.standings(&round).await.unwrap());
        let standing = standings.into_iter().find(|standing| standing.unit == unit("A")).unwrap();
        standing.facts.envelopes.iter().map(|header| header.ballots as usize).sum()
    }
}

impl Drop for District {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

#[test]
fn three_tablets_and_a_courier_on_hosts_of_their_own_bring_every_ballot_home_over_links_that_are_cut() {
    let Some(district) = District::new() else { return };
    let all = PER_TABLET as u64;
    for host in [ONE, TWO, THREE] {
        district.vote(host);
    }
    district.enrol(COURIER, &[]);

    // Without a network a tablet says so at once, and nothing has changed.
    district.hosts.turn_off(ONE);
    let refused = district.tries(ONE, &["sync"], "");
    assert_eq!(refused.status.code(), Some(UNREACHABLE), "{}", String::from_utf8_lossy(&refused.stderr));
    assert_eq!(district.counts(ONE), [0, all, 0, 0]);
    district.hosts.turn_on(ONE);

    // Two tablets synchronise while their links come and go.
    let syncing: Vec<Child> =
        [ONE, TWO].map(|host| district.command(host, &["sync"]).spawn().unwrap()).into();
    for _ in 0..CUTS {
        for host in [ONE, TWO] {
            district.hosts.cut(host);
            district.hosts.join(host);
        }
    }
    for child in syncing {
        let output = child.wait_with_output().unwrap();
        let known = [Some(0), Some(UNREACHABLE)].contains(&output.status.code());
        assert!(known, "{}", String::from_utf8_lossy(&output.stderr));
    }
    district.cut_in_the_middle_and_killed(ONE, &["sync"]);
    for host in [ONE, TWO] {
        district.on(host, &["sync"], "");
        assert_eq!(district.counts(host), [0, 0, 0, all]);
    }
    assert_eq!(district.stored(), 2 * PER_TABLET);

    // The centre is out of reach. A courier's session takes the third one's ballots, though it is cut off on the way.
    district.hosts.cut(CENTRE);
    {
        let (_session, invitation) = district.serve(COURIER);
        district.cut_in_the_middle_and_killed(THREE, &["join", &invitation]);
        district.on(THREE, &["join", &invitation], "");
        district.on(TWO, &["join", &invitation], "");
    }
    assert_eq!(district.counts(THREE), [0, 0, all, 0], "the courier showed that it holds them");
    assert_eq!(district.counts(TWO), [0, 0, 0, all]);

    // Where the courier finds a network, it is cut off and killed, too.
    district.hosts.cut(THREE);
    district.hosts.join(CENTRE);
    district.cut_in_the_middle_and_killed(COURIER, &["sync"]);
    district.on(COURIER, &["sync"], "");
    assert_eq!(district.stored(), 3 * PER_TABLET);
    district.hosts.cut(CENTRE);
    district.hosts.join(THREE);
    {
        let (_session, invitation) = district.serve(THREE);
        district.on(COURIER, &["join", &invitation], "");
    }
    assert_eq!(district.counts(THREE), [0, 0, 0, all], "confirmed without ever having reached the centre");
    let status = district.on(THREE, &["status"], "");
    assert!(status.contains("never reached"), "{status}");
    district.hosts.join(CENTRE);
    for host in [ONE, TWO, COURIER] {
        district.on(host, &["sync"], "");
    }
    assert_eq!(district.stored(), 3 * PER_TABLET, "nothing is there twice");
}
