//! Everything reaches the centre: over HTTP in random order, by courier, again after lost answers.

use super::field::Machine;
use super::plan::{Fate, shuffle};
use super::{DemoError, in_parallel};
use client_ffi::store::FileStore;
use client_ffi::transport::{Http, Transport, TransportError};
use client_ffi::{SyncReport, Tablet, TabletError};
use indicatif::ProgressBar;
use rand_chacha::ChaCha20Rng;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use sync_core::parcel::Recipient;

/// What travelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    pub requests: usize,
    pub bytes_up: usize,
    pub bytes_down: usize,
    /// Tablets whose first answer was lost and whose second attempt confirmed everything.
    pub answers_lost: usize,
    /// Tablets that were confirmed without ever reaching a network.
    pub carried: usize,
}

impl Traffic {
    pub fn add(&mut self, report: &SyncReport) {
        self.requests += report.requests;
        self.bytes_up += report.bytes_up;
        self.bytes_down += report.bytes_down;
    }

    pub fn merge(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            bytes_up: self.bytes_up + other.bytes_up,
            bytes_down: self.bytes_down + other.bytes_down,
            answers_lost: self.answers_lost + other.answers_lost,
            carried: self.carried + other.carried,
        }
    }
}

/// A network on which the first answer gets lost after the centre gave it.
struct LosesFirst<'a> {
    http: &'a Http,
    lost: AtomicBool,
}

impl Transport for LosesFirst<'_> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        let answer = self.http.post(path, body)?;
        if self.lost.swap(true, Ordering::SeqCst) {
            Ok(answer)
        } else {
            Err(TransportError::Unreachable("the answer was lost".to_owned()))
        }
    }
}

/// Synchronises these tablets in random order.
pub(super) fn synchronise(
    machines: &[Machine],
    http: &Http,
    rng: &mut ChaCha20Rng,
    bar: &ProgressBar,
) -> Result<Traffic, DemoError> {
    let mut order: Vec<Machine> = machines.to_vec();
    shuffle(&mut order, rng);
    let traffic = in_parallel(order, |machine| {
        let mut traffic = Traffic::default();
        let mut tablet = machine.open()?;
        if machine.fate == Fate::LostAnswer {
            let lossy = LosesFirst { http, lost: AtomicBool::new(false) };
            let failed = tablet.sync(&lossy).is_err();
            let unsure = tablet.counts(&machine.code).confirmed == 0;
            drop(tablet);
            tablet = machine.open()?;
            traffic.add(&tablet.sync(http)?);
            traffic.answers_lost += usize::from(failed && unsure && all_confirmed(&tablet, &machine));
        } else {
            traffic.add(&tablet.sync(http)?);
        }
        if machine.fate == Fate::Cloned {
            let mut copy = Tablet::open(FileStore::open(&machine.clone_folder())?)?;
            traffic.add(&copy.sync(http)?);
        }
        bar.inc(1);
        Ok(traffic)
    })?;
    Ok(traffic.into_iter().fold(Traffic::default(), Traffic::merge))
}

/// A courier with a stick visits tablets that have no network, brings their envelopes to the centre, and the receipts
/// back.
pub(super) fn carry(
    courier: &mut Tablet<FileStore>,
    machines: &[Machine],
    stick: &Path,
    http: &Http,
    bar: &ProgressBar,
) -> Result<Traffic, DemoError> {
    let mut traffic = Traffic::default();
    let mut handed = 0;
    for machine in machines {
        let mut tablet = machine.open()?;
        let file = stick.join(format!("{}-{}.hpgoi", machine.code, machine.place));
        std::fs::write(&file, tablet.export(Recipient::Centre)?)?;
        courier.import(&std::fs::read(&file)?)?;
        let word = file.with_extension("word.hpgoi");
        std::fs::write(&word, courier.acknowledge()?)?;
        tablet.import(&std::fs::read(&word)?)?;
        let counts = tablet.counts(&machine.code);
        handed += usize::from(counts.handed_over == counts.cast());
        bar.inc(1);
    }
    if handed != machines.len() {
        return Err(DemoError::Other(
            "a tablet does not know that its envelopes were handed over".to_owned(),
        ));
    }
    traffic.add(&courier.sync(http)?);
    let word = word_of_the_centre(courier, stick)?;
    for machine in machines {
        let mut tablet = machine.open()?;
        tablet.import(&std::fs::read(&word)?)?;
        traffic.carried += usize::from(all_confirmed(&tablet, machine));
    }
    Ok(traffic)
}

/// What a courier brings back to tablets that have no network: one file for all of them.
pub(super) fn word_of_the_centre(
    courier: &mut Tablet<FileStore>,
    stick: &Path,
) -> Result<PathBuf, DemoError> {
    let file = stick.join("centre.hpgoi");
    std::fs::write(&file, courier.export(Recipient::Anyone)?)?;
    Ok(file)
}

fn all_confirmed(tablet: &Tablet<FileStore>, machine: &Machine) -> bool {
    let counts = tablet.counts(&machine.code);
    counts.confirmed == counts.cast()
}

/// Opens a courier and enrols it.
pub(super) fn courier(folder: &Path, token: &str) -> Result<Tablet<FileStore>, DemoError> {
    let mut courier = Tablet::open(FileStore::open(folder)?)?;
    courier.enrol(token, &Http::for_token(token).map_err(TabletError::from)?)?;
    Ok(courier)
}
