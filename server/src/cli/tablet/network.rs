//! `tablet sync`: to the centre and back.

use super::At;
use crate::cli::CliError;
use crate::cli::lang::tablet::{kind as kind_words, outcome as outcome_words, transport_words};
use client_ffi::transport::Http;
use client_ffi::{SyncReport, TabletError};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SyncArgs {
    #[command(flatten)]
    at: At,
}

pub(super) fn sync(args: &SyncArgs) -> Result<(), CliError> {
    let mut tablet = args.at.open()?;
    let http = Http::new(tablet.address().ok_or(TabletError::NotEnrolled)?);
    let report = tablet.sync(&http)?;
    tablet.note_contact(minutes_now())?;
    show(&report);
    if report.failed.is_empty() { Ok(()) } else { Err(CliError::NotDone(tr!("tablet-sync-partly"))) }
}

/// Minutes since 1970 by this machine's clock, right or wrong.
fn minutes_now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() / 60)
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
