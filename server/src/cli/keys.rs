//! `homphieu keys`: the trustees make the round's keys, and check their shares later. Offline, without database.

use super::io::Io;
use super::lang::causes::Cause;
use super::{CliError, file_error, offline, read_file};
use crate::print;
use std::io::Write;
use std::path::PathBuf;
use sync_core::ceremony::{Ceremony, KeyStatement, try_opening};
use sync_core::fingerprint;
use sync_core::id::RoundId;
use sync_core::secret::Share;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make the secret of a round, show each trustee a share once, read it back from paper, try to open with them.
    Make {
        /// The round's id, as `round import` printed it.
        #[arg(long)]
        round: uuid::Uuid,
        /// Shares that must come together to open.
        #[arg(long, default_value_t = 2)]
        threshold: u8,
        /// Trustees.
        #[arg(long, default_value_t = 3)]
        trustees: u8,
        /// Key file to write, with public halves only; it must not exist yet.
        #[arg(long)]
        out: PathBuf,
        /// Show shares as text only, without QR.
        #[arg(long)]
        no_qr: bool,
    },
    /// Read shares from paper and see whether they open what is sealed to a key file.
    Check {
        /// Key file of the round.
        #[arg(long)]
        keys: PathBuf,
    },
}

pub(super) fn run(command: Command, io: &mut Io) -> Result<(), CliError> {
    match command {
        Command::Make { round, threshold, trustees, out, no_qr } => {
            make(RoundId(round.into_bytes()), [threshold, trustees], &out, !no_qr, io)
        }
        Command::Check { keys } => check(&keys, io),
    }
}

fn make(
    round: RoundId,
    [threshold, trustees]: [u8; 2],
    out: &std::path::Path,
    qr: bool,
    io: &mut Io,
) -> Result<(), CliError> {
    // Reserved first: a ceremony that cannot write its file would be for nothing.
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(out)
        .map_err(|source| file_error("cannot write", out, source))?;
    let made = hold_ceremony(round, threshold, trustees, qr, io).and_then(|statement| {
        file.write_all(&statement)
            .and_then(|()| file.sync_all())
            .map_err(|source| file_error("cannot write", out, source))?;
        Ok(statement)
    });
    match made {
        Ok(statement) => {
            let statement = KeyStatement::open(&statement).map_err(offline)?;
            io.say(&tr!("ceremony-done", path = out.display().to_string()));
            say!("{} {}", tr!("name-keys"), fingerprint::line(&statement.id()));
            Ok(())
        }
        Err(error) => {
            drop(std::fs::remove_file(out));
            Err(error)
        }
    }
}

fn hold_ceremony(
    round: RoundId,
    threshold: u8,
    trustees: u8,
    qr: bool,
    io: &mut Io,
) -> Result<Vec<u8>, CliError> {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let mut ceremony = Ceremony::begin(round, threshold, trustees, &mut rng).map_err(offline)?;
    let name = round.uuid().to_string();
    io.say(&tr!("ceremony-begins", round = name.as_str(), threshold = threshold, trustees = trustees));
    for share in ceremony.shares().to_vec() {
        let index = share.index();
        io.say("");
        io.say(&tr!("ceremony-only", index = index));
        confirm(io, &tr!("ceremony-enter-to-see"))?;
        let text = share.reveal();
        let round = name.as_str();
        let head =
            tr!("ceremony-share", index = index, trustees = trustees, threshold = threshold, round = round);
        io.say(&head);
        for row in text.split('-').collect::<Vec<_>>().chunks(6) {
            io.say(&format!("    {}", row.join(" - ")));
        }
        if qr {
            io.say(&print::qr_terminal(&text));
        }
        io.say(&tr!("ceremony-copy"));
        confirm(io, &tr!("ceremony-enter-when-copied"))?;
        io.wipe_screen();
        loop {
            let typed = io.ask(&tr!("ceremony-type-back", index = index)).ok_or_else(broken_off)?;
            match ceremony.read_back(index, &typed) {
                Ok(()) => break,
                Err(error) => io.say(&format!("  {}", error.said())),
            }
        }
        io.wipe_screen();
        io.say(&tr!("ceremony-on-paper", index = index));
    }
    Ok(ceremony.finish(&mut rng).map_err(offline)?.into_bytes())
}

fn check(keys: &std::path::Path, io: &mut Io) -> Result<(), CliError> {
    let statement = KeyStatement::open(&read_file(keys)?).map_err(offline)?;
    let KeyStatement { round, keys } = statement.value();
    let shares = ask_shares(io, keys.threshold)?;
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let wrong = try_opening(round, keys, &shares, &mut rng).map_err(offline)?;
    for index in &wrong {
        io.say(&tr!("shares-wrong", index = *index));
    }
    say!("{}", tr!("shares-open", round = round.uuid().to_string()));
    if wrong.is_empty() { Ok(()) } else { Err(CliError::NotDone(tr!("shares-not-all-right"))) }
}

/// Reads shares until an empty line; a mistyped one is asked for again.
pub(super) fn ask_shares(io: &mut Io, needed: u8) -> Result<Vec<Share>, CliError> {
    io.say(&tr!("shares-needed", count = needed));
    let mut shares: Vec<Share> = Vec::new();
    loop {
        let typed = io.ask(&tr!("shares-ask")).unwrap_or_default();
        if typed.is_empty() {
            io.wipe_screen();
            return Ok(shares);
        }
        match Share::parse(&typed) {
            Ok(share) => {
                io.wipe_screen();
                io.say(&format!("  {}", tr!("shares-read", index = share.index())));
                shares.push(share);
            }
            Err(error) => io.say(&format!("  {}", error.said())),
        }
    }
}

fn confirm(io: &mut Io, question: &str) -> Result<(), CliError> {
    io.ask(question).map(drop).ok_or_else(broken_off)
}

fn broken_off() -> CliError {
    CliError::NotDone(tr!("ceremony-broken-off"))
}
