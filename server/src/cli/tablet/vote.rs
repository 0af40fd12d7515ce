//! `tablet cast` and `tablet close`.

use super::{AtUnit, Machine, language, typed};
use crate::cli::CliError;
use crate::cli::io::Io;
use client_ffi::TabletError;
use sync_core::ballot::Marks;
use sync_core::id::UnitCode;
use sync_core::package::{Level, Voting};
use sync_core::permit::PermitCode;
use sync_core::record::Language;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CastArgs {
    #[command(flatten)]
    of: AtUnit,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CloseArgs {
    #[command(flatten)]
    of: AtUnit,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

/// One ballot, from slip to box. Nothing of it stays on the screen.
pub(super) fn cast(args: &CastArgs, io: &mut Io) -> Result<(), CliError> {
    let (mut tablet, unit) = args.of.open()?;
    let done = fill_in(&mut tablet, &unit, io);
    io.wipe_screen();
    done?;
    say!("{}", tr!("tablet-cast"));
    Ok(())
}

fn fill_in(tablet: &mut Machine, unit: &UnitCode, io: &mut Io) -> Result<(), CliError> {
    let round = tablet.package().ok_or(TabletError::NotEnrolled)?.value();
    let voting = round.unit(unit).map(|entry| entry.voting);
    let levels = round.levels.clone();
    let code = match voting {
        Some(Voting::Attended) => None,
        Some(Voting::Permit) => Some(ask_code(io)?),
        None => return Err(TabletError::UnknownUnit(unit.clone()).into()),
    };
    let sheet = tablet.sheet(unit).ok_or_else(|| TabletError::NoSheet(unit.clone()))?;
    let lines: Vec<String> = sheet.officials.iter().map(|o| format!("{} – {}", o.name, o.post)).collect();
    let mut marks = Vec::with_capacity(lines.len());
    io.say(&legend(&levels));
    for (at, line) in lines.iter().enumerate() {
        io.say(&format!("{}. {line}", at + 1));
        marks.push(ask_mark(io, &levels)?);
    }
    io.say(&tr!("tablet-review"));
    for (line, mark) in lines.iter().zip(&marks) {
        let level = mark.and_then(|mark| levels.get(usize::from(mark)));
        io.say(&format!(
            "  {line}: {}",
            level.map_or_else(|| tr!("tablet-blank"), |level| label(level).to_owned())
        ));
    }
    let word = tr!("tablet-cast-word");
    if *typed(io, &tr!("tablet-cast-confirm", word = word.as_str()), false)? != word {
        return Err(CliError::NotDone(tr!("tablet-not-cast")));
    }
    match code {
        Some(code) => tablet.cast(unit, &code, &Marks::new(marks))?,
        None => tablet.cast_attended(unit, &Marks::new(marks))?,
    }
    Ok(())
}

/// A slip's code, typed until it has the form of one.
fn ask_code(io: &mut Io) -> Result<PermitCode, CliError> {
    loop {
        let line = typed(io, &tr!("tablet-code"), true)?;
        match PermitCode::parse(&line) {
            Ok(code) => return Ok(code),
            Err(_) => io.say(&tr!("tablet-code-wrong")),
        }
    }
}

/// A level's number from 1, or nothing for a line that stays blank on purpose.
fn ask_mark(io: &mut Io, levels: &[Level]) -> Result<Option<u8>, CliError> {
    let most = levels.len();
    loop {
        let line = typed(io, &tr!("tablet-mark", most = most), true)?;
        if line.is_empty() || *line == "-" {
            return Ok(None);
        }
        match line.parse::<u8>() {
            Ok(number) if (1..=most).contains(&usize::from(number)) => return Ok(Some(number - 1)),
            _ => io.say(&tr!("tablet-mark-wrong", most = most)),
        }
    }
}

fn label(level: &Level) -> &str {
    match language() {
        Language::Vietnamese => &level.vi,
        Language::English => &level.en,
    }
}

fn legend(levels: &[Level]) -> String {
    let lines = levels.iter().enumerate().map(|(at, level)| format!("  {}  {}", at + 1, label(level)));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn close(args: &CloseArgs, io: &mut Io) -> Result<(), CliError> {
    let (mut tablet, unit) = args.of.open()?;
    let counts = tablet.counts(&unit);
    if !args.yes && !tablet.is_closed(&unit) {
        let word = tr!("tablet-close-word");
        let question =
            tr!("tablet-close-confirm", unit = unit.as_str(), count = counts.cast(), word = word.as_str());
        if *typed(io, &question, false)? != word {
            return Err(CliError::NotDone(tr!("tablet-not-closed")));
        }
    }
    tablet.close(&unit)?;
    say!("{}", tr!("tablet-closed", unit = unit.as_str(), count = tablet.counts(&unit).cast()));
    Ok(())
}
