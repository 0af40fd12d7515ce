//! `homphieu verify`: anybody checks a bundle; with k shares, also the count. Offline, without database.

use super::io::Io;
use super::keys::ask_shares;
use super::{CliError, offline, progress_bar, read_file};
use crate::domain::decision::gap_text;
use std::path::PathBuf;
use sync_core::bundle::Bundle;
use sync_core::fingerprint;
use sync_core::verify::{Report, verify};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Bundle of the round, as `export` wrote it.
    bundle: PathBuf,
    /// Also open and recount with shares, which are asked for.
    #[arg(long)]
    shares: bool,
}

pub(super) fn run(args: &Args, io: &mut Io) -> Result<(), CliError> {
    let bytes = read_file(&args.bundle)?;
    let mut shares = Vec::new();
    if args.shares {
        let bundle = Bundle::open(&bytes).map_err(offline)?;
        shares = ask_shares(io, bundle.package.value().keys.threshold)?;
        if shares.is_empty() {
            return Err(CliError::NotDone(tr!("shares-none")));
        }
    }
    let bar = progress_bar(tr!("verify-bar"));
    let report = verify(&bytes, &shares, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })
    .map_err(offline)?;
    bar.finish_and_clear();
    print_report(&report);
    Ok(())
}

fn print_records(report: &Report) {
    if report.record_changes > 0 {
        say!("{}", tr!("verify-records", changes = report.record_changes, papers = report.papers));
    }
    for (unit, devices) in &report.twins {
        say!("{}", tr!("verify-twins", unit = unit.as_str(), count = devices.len()));
    }
    for (unit, papers) in &report.unopened_papers {
        say!("{}", tr!("verify-papers-unopened", unit = unit.as_str(), count = papers.len()));
    }
    for (unit, papers) in &report.undone_papers {
        say!("{}", tr!("verify-papers-undone", unit = unit.as_str(), count = papers.len()));
    }
}

fn print_report(report: &Report) {
    say!("{} {}", tr!("name-package"), fingerprint::line(&report.package.0));
    let genuine = tr!(
        "verify-genuine",
        units = report.units,
        envelopes = report.envelopes,
        ballots = report.ballots,
        orders = report.orders
    );
    say!("{genuine}");
    if report.after_last_order > 0 {
        say!("{}", tr!("verify-after", count = report.after_last_order));
    }
    for (unit, gaps) in &report.open_gaps {
        for gap in gaps {
            say!("{}", tr!("verify-missing", unit = unit.as_str(), gap = gap_text(gap)));
        }
    }
    for (unit, envelopes) in &report.undecided {
        say!("{}", tr!("verify-undecided", unit = unit.as_str(), count = envelopes.len()));
    }
    for (unit, tablets) in &report.unlisted_tablets {
        say!("{}", tr!("verify-unlisted", unit = unit.as_str(), count = tablets.len()));
    }
    print_records(report);
    match &report.result {
        Some(result) => say!("{} {}  ({result})", tr!("name-result"), fingerprint::line(&result.0)),
        None => say!("{}", tr!("verify-no-result")),
    }
    if let Some((digest, wrong)) = &report.recount {
        for index in wrong {
            say!("{}", tr!("shares-wrong", index = *index));
        }
        say!("{} {}  ({digest})", tr!("name-recount"), fingerprint::line(&digest.0));
        if report.result.as_ref() == Some(digest) {
            say!("{}", tr!("verify-same"));
        }
    }
}
