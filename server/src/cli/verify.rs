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
            return Err(CliError::NotDone("no share was given: nothing was recounted".to_owned()));
        }
    }
    let bar = progress_bar("Kiểm lại · Recounting units");
    let report = verify(&bytes, &shares, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })
    .map_err(offline)?;
    bar.finish_and_clear();
    print_report(&report);
    Ok(())
}

fn print_report(report: &Report) {
    say!("package {}", fingerprint::line(&report.package.0));
    say!(
        "genuine: {} units, {} envelopes with {} sealed ballots, {} opening orders",
        report.units,
        report.envelopes,
        report.ballots,
        report.orders
    );
    if report.after_last_order > 0 {
        say!("{} envelopes came after the last order and are not counted", report.after_last_order);
    }
    for (unit, gaps) in &report.open_gaps {
        for gap in gaps {
            say!("unit {unit}: missing {}", gap_text(gap));
        }
    }
    for (unit, envelopes) in &report.undecided {
        say!("unit {unit}: {} held envelopes are left out without a decision of two people", envelopes.len());
    }
    for (unit, tablets) in &report.unlisted_tablets {
        say!("unit {unit}: {} certified tablets are not in the last order; ask why", tablets.len());
    }
    match &report.result {
        Some(result) => say!("result {}  ({result})", fingerprint::line(&result.0)),
        None => say!("there is no result in the bundle yet"),
    }
    if let Some((digest, wrong)) = &report.recount {
        for index in wrong {
            say!("share {index} is wrong, although its checksum fits");
        }
        say!("recount {}  ({digest})", fingerprint::line(&digest.0));
        if report.result.as_ref() == Some(digest) {
            say!("the recount gives the signed result");
        }
    }
}
