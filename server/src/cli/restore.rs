//! `homphieu restore`.

use super::backup::OpenArgs;
use super::io::Io;
use super::{CliError, Place, block_on, moment, progress_bar};
use crate::service::{Proof, Restoration, rehearse, restore};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    opener: OpenArgs,
    /// Restore into a folder that goes away again, prove that everything is whole, and change nothing.
    #[arg(long)]
    rehearse: bool,
    /// Where the copy of a rehearsal is made; it holds the centre's key while it is there [default: the system's folder
    /// for temporary files].
    #[arg(long, requires = "rehearse")]
    scratch: Option<PathBuf>,
}

pub(super) fn run(place: &Place, args: &Args, io: &mut Io) -> Result<(), CliError> {
    let opener = args.opener.read(io)?;
    let bar = progress_bar("restore");
    bar.set_length(std::fs::metadata(&args.file).map_or(0, |file| file.len()));
    let mut progress = |read| bar.set_position(read);
    if args.rehearse {
        let below = args.scratch.clone().unwrap_or_else(std::env::temp_dir);
        let proof = block_on(rehearse(&args.file, &opener, &below, &mut progress))?;
        bar.finish_and_clear();
        print_proof(&proof?);
        say!("The copy is removed. This backup restores.");
        return Ok(());
    }
    let report = block_on(restore(&args.file, &opener, (&place.folder, place.database.as_deref()), &mut progress))?;
    bar.finish_and_clear();
    let proof = report?.proof;
    print_proof(&proof);
    say!("Restored into {}.", place.folder.display());
    say!("Start the centre, then let every tablet and courier synchronise: they bring back what came after");
    say!("{}. `homphieu round status` names those not heard from yet.", moment(proof.header.taken_at));
    say!("No tablet brings back:");
    for line in Restoration::LOST {
        say!("  - {line}");
    }
    Ok(())
}

fn print_proof(proof: &Proof) {
    let Proof { header, files, rows, rounds, audit_lines } = proof;
    say!("Backup {}, taken {} by version {}:", header.id, moment(header.taken_at), header.program);
    let all: u64 = rows.iter().map(|(_, rows)| rows).sum();
    say!("  {all} rows in {} tables, as many as were written; every reference between them holds", rows.len());
    say!("  files: {}", files.join(", "));
    say!("  the audit log is whole: {audit_lines} lines");
    for round in rounds {
        let counted = if round.counted { ", counted and verified" } else { "" };
        say!(
            "  round {} ({}): {} envelopes with {} ballots, {} orders{counted}; every signature stands",
            round.id,
            round.title,
            round.envelopes,
            round.ballots,
            round.orders
        );
    }
}
