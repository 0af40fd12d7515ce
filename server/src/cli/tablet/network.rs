//! `tablet sync`: to the centre and back.

use super::{At, Machine};
use crate::cli::CliError;
use crate::cli::lang::tablet::{
    kind as kind_words, outcome as outcome_words, transport as transport_words, words as tablet_words,
};
use client_ffi::retry::{Retry, Tried};
use client_ffi::transport::{Http, TransportError};
use client_ffi::{SyncReport, TabletError, Way};

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
    let http = Http::new(tablet.address().ok_or(TabletError::NotEnrolled)?);
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let mut retry = Retry::default();
    loop {
        let tried = once(&mut tablet, &http);
        let outcome = Tried::of(&tried);
        if !args.keep_trying || outcome == Tried::Done || !may_pass(&tried) {
            return told(tried);
        }
        if let Err(error) = &tried {
            eprintln!("{}", tablet_words(error));
        }
        let pause = retry.note(&outcome, tablet.stamp(), &mut rng);
        eprintln!("{}", tr!("tablet-sync-again", seconds = pause.as_secs()));
        std::thread::sleep(pause);
    }
}

/// One sync, with a line that says how far it is.
fn once(tablet: &mut Machine, http: &Http) -> Result<SyncReport, TabletError> {
    let bar = indicatif::ProgressBar::new_spinner();
    let report = tablet.sync_watched(http, &mut |progress| {
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
