//! The server is killed at random moments: nothing with a receipt is missing, and tablets finish after the restart.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::Tablet;
use client_ffi::store::FileStore;
use client_ffi::transport::{Http, Transport, TransportError};
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::Server;
use proptest::prelude::*;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use sync_core::id::EnvelopeId;

const TABLETS: usize = 6;
const PER_TABLET: usize = 4;

/// A network on which the server is killed around the n-th request of all tablets together: at the same moment as
/// that request is sent, so that the kill falls before, into or after the server's work on it.
struct Deadly<'a> {
    http: Http,
    victim: Pid,
    sent: &'a AtomicUsize,
    at: usize,
    spin: u32,
}

impl Transport for Deadly<'_> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        if self.sent.fetch_add(1, Ordering::SeqCst) != self.at {
            return self.http.post(path, body);
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // Not a wait for anything: it moves the kill by a random little.
                for _ in 0..self.spin {
                    std::hint::spin_loop();
                }
                kill_process(self.victim, Signal::KILL).unwrap();
            });
            self.http.post(path, body)
        })
    }
}

/// Envelopes that a receipt on this tablet covers.
fn confirmed(tablet: &Tablet<FileStore>) -> BTreeSet<EnvelopeId> {
    tablet.replica(&unit("A")).map(|replica| replica.confirmed()).unwrap_or_default()
}

fn held(office: &Office) -> BTreeSet<EnvelopeId> {
    let (_, standings) = office.on_centre(async |centre| centre.standings(&office.round).await.unwrap());
    let standing = standings.into_iter().find(|standing| standing.unit == unit("A")).unwrap();
    standing.facts.envelopes.iter().map(|header| header.id).collect()
}

/// Tablets synchronise side by side while the server is killed once per entry of `kills`; then it stays up.
fn storm(kills: &[(usize, u32)]) {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let tablets: Vec<Mutex<Tablet<FileStore>>> = (0..TABLETS)
        .map(|i| {
            let mut tablet = office.tablet(&format!("tablet-{i}"), &["A"], &server.address);
            office.cast(&mut tablet, "A", i * PER_TABLET..(i + 1) * PER_TABLET);
            tablet.close(&unit("A")).unwrap();
            Mutex::new(tablet)
        })
        .collect();
    drop(server);
    for (at, spin) in kills {
        let mut server = Server::start(&office.folder());
        let sent = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for tablet in &tablets {
                scope.spawn(|| {
                    let http = Http::new(&server.address);
                    let deadly = Deadly { http, victim: server.id(), sent: &sent, at: *at, spin: *spin };
                    // Whether this one got through before the kill is chance; an error is no loss.
                    drop(tablet.lock().unwrap().sync(&deadly));
                });
            }
        });
        server.kill();
        let stored = held(&office);
        for tablet in &tablets {
            let promised = confirmed(&tablet.lock().unwrap());
            assert!(promised.is_subset(&stored), "a receipt was given for what is not there: {kills:?}");
        }
    }
    let server = Server::start(&office.folder());
    for tablet in &tablets {
        let mut tablet = tablet.lock().unwrap();
        tablet.sync(&Http::new(&server.address)).unwrap();
        let counts = tablet.counts(&unit("A"));
        assert_eq!((counts.confirmed, counts.cast()), (PER_TABLET, PER_TABLET), "{kills:?}");
    }
    drop(server);
    let sealed: BTreeSet<EnvelopeId> = tablets
        .iter()
        .flat_map(|tablet| {
            let tablet = tablet.lock().unwrap();
            let device = tablet.device().unwrap();
            let replica = tablet.replica(&unit("A")).unwrap();
            let own = replica.envelopes().filter(|envelope| envelope.value().device == device);
            own.map(|envelope| envelope.envelope_id()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(held(&office), sealed, "everything is there once: {kills:?}");
    office.count();
    let report =
        office.on_centre(async |centre| centre.publish(&office.round, &["A".to_owned()]).await.unwrap());
    assert!(report.units[0].obstacles.is_empty());
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    assert_eq!(figures.units[0].valid as usize, TABLETS * PER_TABLET);
}

#[test]
fn killed_at_every_request_in_turn_the_centre_keeps_its_word() {
    storm(&(0..TABLETS).map(|at| (at, 0)).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn killed_at_random_moments_the_centre_keeps_its_word(
        kills in proptest::collection::vec((0_usize..TABLETS, 0_u32..400_000), 1..5)
    ) {
        storm(&kills);
    }
}
