//! `homphieu keys`: the trustees make the round's keys, and check their shares later. Offline, without database.

use super::io::Io;
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
            io.say(&format!("Every share was read back and opens. Public keys are in {}.", out.display()));
            say!("keys {}", fingerprint::line(&statement.id()));
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
    io.say(&format!("Round {}: {threshold} of {trustees} shares will open it.", round.uuid()));
    for share in ceremony.shares().to_vec() {
        let index = share.index();
        io.say(&format!("\nOnly trustee {index} looks at the screen now. This share is shown once."));
        confirm(io, "Press Enter to see it.")?;
        let text = share.reveal();
        io.say(&format!("Share {index} of {trustees} ({threshold} open), version 1, round {}", round.uuid()));
        for row in text.split('-').collect::<Vec<_>>().chunks(6) {
            io.say(&format!("    {}", row.join(" - ")));
        }
        if qr {
            io.say(&print::qr_terminal(&text));
        }
        io.say("Copy it to paper by hand, or scan it to a printer without memory.");
        confirm(io, "Press Enter when it is on paper; it is wiped from the screen then.")?;
        io.wipe_screen();
        loop {
            let typed = io.ask(&format!("Type share {index} back from paper:")).ok_or_else(broken_off)?;
            match ceremony.read_back(index, &typed) {
                Ok(()) => break,
                Err(error) => io.say(&format!("  {error}")),
            }
        }
        io.wipe_screen();
        io.say(&format!("Share {index} is on paper."));
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
        io.say(&format!("Share {index} is wrong, although its checksum fits."));
    }
    say!("the shares open round {}", round.uuid());
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(CliError::NotDone("not every share given is right".to_owned()))
    }
}

/// Reads shares until an empty line; a mistyped one is asked for again.
pub(super) fn ask_shares(io: &mut Io, needed: u8) -> Result<Vec<Share>, CliError> {
    io.say(&format!("{needed} shares are needed. End with an empty line."));
    let mut shares: Vec<Share> = Vec::new();
    loop {
        let typed = io.ask("Share:").unwrap_or_default();
        if typed.is_empty() {
            io.wipe_screen();
            return Ok(shares);
        }
        match Share::parse(&typed) {
            Ok(share) => {
                io.wipe_screen();
                io.say(&format!("  share {} read", share.index()));
                shares.push(share);
            }
            Err(error) => io.say(&format!("  {error}")),
        }
    }
}

fn confirm(io: &mut Io, question: &str) -> Result<(), CliError> {
    io.ask(question).map(drop).ok_or_else(broken_off)
}

fn broken_off() -> CliError {
    CliError::NotDone(
        "the ceremony was broken off: no keys were made, and shares already copied are void".to_owned(),
    )
}
