//! `homphieu restore`.

use super::backup::OpenArgs;
use super::io::Io;
use super::{CliError, Place, block_on, config, moment, progress_bar};
use crate::service::{Proof, RoundProof, rehearse, restore};
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
    let bar = progress_bar(tr!("restore-bar"));
    bar.set_length(std::fs::metadata(&args.file).map_or(0, |file| file.len()));
    let mut progress = |read| bar.set_position(read);
    if args.rehearse {
        let below = args.scratch.clone().unwrap_or_else(std::env::temp_dir);
        let proof = block_on(rehearse(&args.file, &opener, &below, &mut progress))?;
        bar.finish_and_clear();
        print_proof(&proof?);
        say!("{}", tr!("restore-rehearsed"));
        return Ok(());
    }
    let report =
        block_on(restore(&args.file, &opener, (&place.folder, place.database.as_deref()), &mut progress))?;
    bar.finish_and_clear();
    let proof = report?.proof;
    print_proof(&proof);
    say!("{}", tr!("restore-done", path = place.folder.display().to_string()));
    // What serves later reads the settings, not the arguments of this command.
    let path = place.folder.join(config::FILE_NAME).display().to_string();
    match (&place.database, config::database_in(&place.folder)) {
        (Some(named), set) if set.as_ref() != Some(named) => {
            say!("{}", tr!("restore-name-database", path = path));
        }
        (None, Some(_)) => say!("{}", tr!("restore-unname-database", path = path)),
        _ => {}
    }
    say!("{}", tr!("restore-next"));
    say!("{}", tr!("restore-next-status", when = moment(proof.header.taken_at)));
    say!("{}", tr!("restore-lost"));
    for line in lost() {
        say!("  - {line}");
    }
    Ok(())
}

/// What no tablet brings back, in words for the operator.
fn lost() -> [String; 7] {
    [
        tr!("restore-lost-revocations"),
        tr!("restore-lost-decisions"),
        tr!("restore-lost-sheets"),
        tr!("restore-lost-state"),
        tr!("restore-lost-orders"),
        tr!("restore-lost-people"),
        tr!("restore-lost-invitations"),
    ]
}

fn print_proof(proof: &Proof) {
    let Proof { header, files, rows, rounds, audit_lines } = proof;
    let (name, when) = (header.id.to_string(), moment(header.taken_at));
    say!("{}", tr!("restore-from", name = name, when = when, version = header.program.as_str()));
    let all: u64 = rows.iter().map(|(_, rows)| rows).sum();
    say!("  {}", tr!("restore-rows", rows = all.to_string(), tables = rows.len().to_string()));
    say!("  {}", tr!("restore-files", files = files.join(", ")));
    say!("  {}", tr!("restore-audit", lines = audit_lines.to_string()));
    rounds.iter().for_each(print_round);
}

fn print_round(round: &RoundProof) {
    let id = round.id.to_string();
    let (envelopes, ballots) = (round.envelopes.to_string(), round.ballots.to_string());
    let (title, orders) = (round.title.as_str(), round.orders.to_string());
    let text = if round.counted {
        tr!(
            "restore-round-counted",
            id = id,
            title = title,
            envelopes = envelopes,
            ballots = ballots,
            orders = orders
        )
    } else {
        tr!(
            "restore-round",
            id = id,
            title = title,
            envelopes = envelopes,
            ballots = ballots,
            orders = orders
        )
    };
    say!("  {text}");
}
