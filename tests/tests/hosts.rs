//! Tablets, a courier and the centre on hosts of their own, with links that are cut while something is on its way.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_tests::hosts::Hosts;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{program, succeed};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

const CENTRE: usize = 0;
const ONE: usize = 1;
const TWO: usize = 2;
const THREE: usize = 3;
const COURIER: usize = 4;
const PER_TABLET: usize = 6;
/// Exit code of a host that does not reach the centre.
const UNREACHABLE: i32 = 4;
/// Cuts while tablets synchronise; each link is mended after each, so that something gets through.
const CUTS: usize = 24;

struct District {
    office: Office,
    hosts: Hosts,
    server: Child,
    address: String,
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

    fn command(&self, host: usize, words: &[&str]) -> Command {
        let mut command = self.hosts.command(host, env!("CARGO_BIN_EXE_host"));
        command.arg(self.office.home().join(format!("host-{host}"))).args(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    /// Does something on a host, to its end; what it says.
    fn on(&self, host: usize, words: &[&str]) -> String {
        let output = self.command(host, words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{} on host {host}: {said}", words[0]);
        said
    }

    /// In the box, sealed, handed over, confirmed.
    fn counts(&self, host: usize) -> Vec<usize> {
        self.on(host, &["counts", "A"]).split_whitespace().map(|count| count.parse().unwrap()).collect()
    }

    fn enrol(&self, host: usize, units: &[&str]) {
        self.on(host, &["enrol", &self.office.token(units, &self.address)]);
    }

    /// A tablet that voted and closed, by its host's number.
    fn vote(&self, host: usize) {
        self.enrol(host, &["A"]);
        let slips = &self.office.slips[&unit("A")][(host - 1) * PER_TABLET..host * PER_TABLET];
        let slips: Vec<String> = slips.iter().map(|slip| slip.reveal().to_string()).collect();
        let words: Vec<&str> = ["cast", "A"].into_iter().chain(slips.iter().map(String::as_str)).collect();
        self.on(host, &words);
        self.on(host, &["close", "A"]);
        assert_eq!(self.counts(host), [0, PER_TABLET, 0, 0]);
    }

    /// Lets a host begin a sync, cuts its link before the first request is sent, lets it send, and takes its power.
    fn cut_in_the_middle_and_killed(&self, host: usize) {
        let mut syncing = self.command(host, &["sync", "step"]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(syncing.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "request\n");
        self.hosts.cut(host);
        writeln!(syncing.stdin.take().unwrap()).unwrap();
        syncing.kill().unwrap();
        syncing.wait().unwrap();
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
    for host in [ONE, TWO, THREE] {
        district.vote(host);
    }
    district.enrol(COURIER, &[]);

    // Without a network a tablet says so at once, and nothing has changed.
    district.hosts.turn_off(ONE);
    let refused = district.command(ONE, &["sync"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(UNREACHABLE), "{}", String::from_utf8_lossy(&refused.stdout));
    assert_eq!(district.counts(ONE), [0, PER_TABLET, 0, 0]);
    district.hosts.turn_on(ONE);

    // Two tablets synchronise while their links come and go.
    let mut syncing: Vec<Child> =
        [ONE, TWO].map(|host| district.command(host, &["sync"]).spawn().unwrap()).into();
    for _ in 0..CUTS {
        for host in [ONE, TWO] {
            district.hosts.cut(host);
            district.hosts.join(host);
        }
    }
    for child in &mut syncing {
        let code = child.wait().unwrap().code();
        assert!([Some(0), Some(UNREACHABLE)].contains(&code), "{code:?}");
    }
    district.cut_in_the_middle_and_killed(ONE);
    for host in [ONE, TWO] {
        district.on(host, &["sync"]);
        assert_eq!(district.counts(host), [0, 0, 0, PER_TABLET]);
    }
    assert_eq!(district.stored(), 2 * PER_TABLET);

    // The third has no network any more. A courier takes its ballots, and is cut off and killed on the way.
    district.hosts.cut(THREE);
    let stick = |name: &str| district.office.home().join(name).to_str().unwrap().to_owned();
    district.on(THREE, &["give", "A", &stick("there")]);
    district.on(COURIER, &["take", &stick("there")]);
    district.cut_in_the_middle_and_killed(COURIER);
    district.on(COURIER, &["sync"]);
    assert_eq!(district.stored(), 3 * PER_TABLET);
    district.on(COURIER, &["give", "A", &stick("back")]);
    district.on(THREE, &["take", &stick("back")]);
    assert_eq!(
        district.counts(THREE),
        [0, 0, 0, PER_TABLET],
        "confirmed without ever seeing a network again"
    );
    let unreachable = district.command(THREE, &["sync"]).output().unwrap();
    assert_eq!(unreachable.status.code(), Some(UNREACHABLE), "its link was cut all the time");
    for host in [ONE, TWO, COURIER] {
        district.on(host, &["sync"]);
    }
    assert_eq!(district.stored(), 3 * PER_TABLET, "nothing is there twice");
}
