//! `tablet sync`: to the centre and back.
//!
//! A sync over a bad link takes minutes, and voters do not wait for it: whenever another command wants the tablet, the
//! sync makes way after the answer it waits for, and goes on afterwards where it was. While it waits for its next try
//! it does not hold the tablet at all.

use super::{At, Machine};
use crate::cli::CliError;
use crate::cli::lang::tablet::{
    kind as kind_words, outcome as outcome_words, transport as transport_words, words as tablet_words,
};
use client_ffi::retry::{Retry, Tried};
use client_ffi::store::{FileStore, StoreError};
use client_ffi::transport::{Http, Transport, TransportError};
use client_ffi::{SyncReport, TabletError, Way};
use std::cell::Cell;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SyncArgs {
    #[command(flatten)]
    at: At,
    /// Try again, each time after a longer wait, until it went through.
    #[arg(long)]
    keep_trying: bool,
}

pub(super) fn sync(args: &SyncArgs) -> Result<(), CliError> {
    let mut tablet = args.at.open()?;
    let _makes_way = FileStore::makes_way(&args.at.folder).map_err(TabletError::from)?;
    let http = Http::new(tablet.address().ok_or(TabletError::NotEnrolled)?);
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let mut retry = Retry::default();
    loop {
        let way = Yielding::new(&http, &args.at.folder);
        let tried = once(&mut tablet, &way);
        if tried.is_ok() {
            // It decides nothing; the next sync tries again.
            drop(tablet.fetch_guidance(&way));
        }
        let stamp = tablet.stamp();
        drop(tablet);
        if tried.is_err() && way.made_way.get() {
            tablet = again(args)?;
            continue;
        }
        let outcome = Tried::of(&tried);
        if !args.keep_trying || outcome == Tried::Done || !may_pass(&tried) {
            return told(tried);
        }
        if let Err(error) = &tried {
            eprintln!("{}", tablet_words(error));
        }
        let pause = retry.note(&outcome, stamp, &mut rng);
        eprintln!("{}", tr!("tablet-sync-again", seconds = pause.as_secs()));
        std::thread::sleep(pause);
        tablet = again(args)?;
    }
}

/// Opens the tablet once more. A voter may take as long as it takes; only a sync that was not asked to keep trying gives
/// up then.
fn again(args: &SyncArgs) -> Result<Machine, CliError> {
    loop {
        match args.at.open() {
            Err(CliError::Tablet(TabletError::Store(StoreError::InUse { .. }))) if args.keep_trying => {}
            other => return other,
        }
    }
}

/// A way to the centre that ends a sync between two requests when somebody waits for the tablet. The first request is
/// always made, so that however often somebody comes it goes on.
struct Yielding<'a, T> {
    way: &'a T,
    folder: &'a Path,
    asked: Cell<bool>,
    made_way: Cell<bool>,
}

impl<'a, T> Yielding<'a, T> {
    fn new(way: &'a T, folder: &'a Path) -> Self {
        Self { way, folder, asked: Cell::new(false), made_way: Cell::new(false) }
    }
}

impl<T: Transport> Transport for Yielding<'_, T> {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        if self.asked.replace(true) && FileStore::is_wanted(self.folder) {
            self.made_way.set(true);
            return Err(TransportError::Unreachable(tr!("tablet-busy")));
        }
        self.way.post(path, body)
    }

    fn minutes_now(&self) -> Option<u64> {
        self.way.minutes_now()
    }
}

/// One sync, with a line that says how far it is.
fn once(tablet: &mut Machine, way: &impl Transport) -> Result<SyncReport, TabletError> {
    let bar = indicatif::ProgressBar::new_spinner();
    let report = tablet.sync_watched(way, &mut |progress| {
        let (unit, bytes) = (progress.unit.as_str(), progress.done.bytes);
        bar.set_message(match progress.way {
            Way::Out => tr!("tablet-sync-out", unit = unit, bytes = bytes, total = progress.total.bytes),
            Way::In => tr!("tablet-sync-in", unit = unit, bytes = bytes),
        });
        bar.tick();
    });
    bar.finish_and_clear();
    report
}

/// Whether waiting may help: a network that is away, or a centre that is busy. What the tablet itself cannot do stays so.
fn may_pass(tried: &Result<SyncReport, TabletError>) -> bool {
    match tried {
        Ok(_) => true,
        Err(TabletError::Transport(error)) => !matches!(error, TransportError::Address(_)),
        Err(_) => false,
    }
}

fn told(tried: Result<SyncReport, TabletError>) -> Result<(), CliError> {
    let report = tried?;
    show(&report);
    if report.failed.is_empty() { Ok(()) } else { Err(CliError::NotDone(tr!("tablet-sync-partly"))) }
}

fn show(report: &SyncReport) {
    say!(
        "{}",
        tr!(
            "tablet-synced",
            confirmed = report.confirmed,
            received = report.received,
            up = report.bytes_up,
            down = report.bytes_down
        )
    );
    for unit in &report.finished {
        say!("{}", tr!("tablet-round-finished", unit = unit.as_str()));
    }
    for (unit, kind, outcome) in &report.refused {
        let item = kind_words(*kind);
        say!("{}", tr!("tablet-not-taken", unit = unit.as_str(), item = item, why = outcome_words(*outcome)));
    }
    for (unit, error) in &report.failed {
        let why = transport_words(error);
        say!("{}", tr!("tablet-unit-failed", unit = unit.as_str(), why = why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tablet::PATIENCE;

    struct Counting(Cell<u32>);

    impl Transport for Counting {
        fn post(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            self.0.set(self.0.get() + 1);
            Ok(Vec::new())
        }
    }

    #[test]
    fn a_sync_makes_way_between_requests_and_is_never_kept_from_its_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = FileStore::open(folder.path()).expect("a store");
        let _makes_way = FileStore::makes_way(folder.path()).expect("it can be said");
        let centre = Counting(Cell::new(0));
        let way = Yielding::new(&centre, folder.path());
        let asks = || (way.post("", b"").is_ok(), way.made_way.get());
        assert_eq!([asks(), asks()], [(true, false); 2], "nobody waits");
        let other = std::thread::spawn({
            let folder = folder.path().to_owned();
            move || FileStore::open_patiently(&folder, PATIENCE, || ()).map(drop)
        });
        while !FileStore::is_wanted(folder.path()) {
            std::thread::yield_now();
        }
        assert_eq!(asks(), (false, true));
        let again = Yielding::new(&centre, folder.path());
        assert!(again.post("", b"").is_ok());
        assert_eq!(centre.0.get(), 3);
        drop(store);
        other.join().expect("it ends").expect("the folder was free then");
        assert!(!FileStore::is_wanted(folder.path()));
    }
}
