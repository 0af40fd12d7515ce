//! A unit of 120 ballots on three tablets, and what it takes to bring it to the centre.

use super::{Event, Link, Profile, Spent, spent_on};
use crate::office::{Office, choices, unit};
use crate::server::{Server, succeed};
use client_ffi::store::FileStore;
use client_ffi::transport::{Http, TransportError};
use client_ffi::{Tablet, TabletError, Way};
use std::net::SocketAddr;
use sync_core::ballot::Marks;
use sync_core::package::Mode;

/// Tablets of the unit.
pub const TABLETS: usize = 3;
/// Ballots of the unit.
pub const BALLOTS: usize = 120;
const EACH: usize = BALLOTS / TABLETS;
const OFFICIALS: usize = 7;
/// A link over which nothing gets through after so many syncs never lets anything through.
const SYNCS_MAX: usize = 100;

/// The unit with its centre.
pub struct Unit {
    office: Office,
    server: Server,
}

/// What it took to bring the ballots home.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// Items that had to travel, in bytes: envelopes, certificates and entries there, receipts and what else was new
    /// here back; each once, without what messages, HTTP, TLS and TCP add.
    pub payload: u64,
    /// What was spent.
    pub spent: Spent,
    /// Requests of HTTP.
    pub requests: usize,
    /// Syncs until everything was confirmed.
    pub syncs: usize,
    /// What happened.
    pub events: Vec<Event>,
}

impl Brought {
    /// Time by the floor of the profile.
    pub fn ratio(&self, profile: &Profile) -> f64 {
        self.spent.time.as_secs_f64() / profile.floor(self.payload).as_secs_f64()
    }

    /// What the same would have cost on a link without cuts, with some luck.
    #[must_use]
    pub fn over(&self, profile: Profile, seed: u64) -> Self {
        Self { spent: spent_on(profile, seed, &self.events), ..self.clone() }
    }
}

impl Default for Unit {
    fn default() -> Self {
        Self::new()
    }
}

impl Unit {
    /// A centre under TLS of its own that serves a round with the unit `A`.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn new() -> Self {
        let units = format!("unit_code,name,kind,voters\nA,Đảng bộ xã A,dang_bo,{BALLOTS}\n");
        let mut officials = "unit_code,ordinal,official_code,full_name,post\n".to_owned();
        for place in 1..=OFFICIALS {
            officials.push_str(&format!("A,{place},A{place},Vàng Mí {place},Ủy viên\n"));
        }
        let mut choices = choices(Mode::Official);
        (choices.batch_min, choices.attended) = (10, Vec::new());
        let office = Office::of(&units, &officials, true, choices);
        succeed(&office.folder(), &["tls", "init", "--address", "127.0.0.1"], "");
        let server = Server::start(&office.folder());
        Self { office, server }
    }

    /// Three tablets that voted and closed, 40 ballots each; nothing of them is at the centre.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn voted(&self, name: &str) -> Vec<Tablet<FileStore>> {
        let a = unit("A");
        let tablet = |number: usize| {
            let mut tablet = self.enrolled(&format!("{name}-{number}"), &["A"]);
            for voter in number * EACH..(number + 1) * EACH {
                let marks = Marks::new((0..OFFICIALS).map(|n| u8::try_from((voter + n) % 3).ok()).collect());
                tablet.cast(&a, &self.office.slips[&a][voter], &marks).expect("cast");
            }
            tablet.close(&a).expect("closed");
            tablet
        };
        (0..TABLETS).map(tablet).collect()
    }

    /// A courier that carries the three tablets' ballots.
    ///
    /// # Panics
    /// If anything of it fails.
    pub fn courier(&self, name: &str, tablets: &[Tablet<FileStore>]) -> Tablet<FileStore> {
        let mut courier = self.enrolled(name, &[]);
        for tablet in tablets {
            for message in tablet.hand_over(&unit("A")).expect("handed over") {
                assert!(courier.take(&message).expect("taken").refused.is_empty());
            }
        }
        courier
    }

    fn enrolled(&self, name: &str, units: &[&str]) -> Tablet<FileStore> {
        let store = FileStore::open(&self.office.home().join(name)).expect("a folder");
        let mut tablet = Tablet::open(store).expect("a tablet");
        let token = self.office.token(units, &self.server.address);
        tablet.enrol(&token, &Http::for_token(&token).expect("a token")).expect("enrolled");
        for code in units {
            self.office.compare(&mut tablet, code);
        }
        tablet
    }

    /// Where the centre is.
    ///
    /// # Panics
    /// If it is nowhere.
    pub fn centre(&self) -> SocketAddr {
        self.server.address.trim_start_matches("https://").parse().expect("an address")
    }

    /// Lets a tablet synchronise over a link until a sync goes through.
    ///
    /// # Panics
    /// If it never does.
    pub fn bring(&self, tablet: &mut Tablet<FileStore>, profile: Profile, seed: u64) -> Brought {
        let link = Link::to_centre(self.centre(), profile, seed);
        let address = tablet.address().expect("it is enrolled").to_owned();
        let http = Http::new(&address.replace(&self.centre().to_string(), &link.address().to_string()));
        let mut brought = Brought::default();
        for _ in 0..SYNCS_MAX {
            brought.syncs += 1;
            let mut done = [0, 0];
            let tried = tablet.sync_watched(&http, &mut |progress| {
                done[usize::from(progress.way == Way::In)] = progress.done.bytes;
            });
            brought.payload += done[0] + done[1];
            match tried {
                Ok(report) => {
                    assert!(report.refused.is_empty() && report.failed.is_empty(), "{report:?}");
                    brought.requests += report.requests;
                    (brought.spent, brought.events) = (link.spent(), link.events());
                    return brought;
                }
                Err(TabletError::Transport(TransportError::Broken(_) | TransportError::Unreachable(_))) => {}
                Err(error) => panic!("{error}"),
            }
        }
        panic!("nothing gets through: {:?}", link.spent());
    }

    /// Ballots that the centre holds.
    ///
    /// # Panics
    /// If it cannot be asked.
    pub fn stored(&self) -> usize {
        let round = self.office.round;
        let (_, standings) =
            self.office.on_centre(async |centre| centre.standings(&round).await.expect("read"));
        standings.iter().flat_map(|s| &s.facts.envelopes).map(|header| header.ballots as usize).sum()
    }
}
