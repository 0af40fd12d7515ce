//! `tablet enrol` and `tablet open`: the tablet joins a round, and its team compares the list with the paper.

use super::{At, AtUnit, Machine, open_store, typed};
use crate::cli::CliError;
use crate::cli::io::Io;
use client_ffi::TabletError;
use client_ffi::transport::Http;
use rand_core::Rng;
use sync_core::fingerprint;
use sync_core::id::UnitCode;
use sync_core::package::{Mode, Voting};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct EnrolArgs {
    #[command(flatten)]
    at: At,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct OpenArgs {
    #[command(flatten)]
    of: AtUnit,
    /// Two different groups of the paper's digits, as `2=04711` (place from 1); without them the command asks.
    #[arg(long = "group", value_name = "PLACE=DIGITS", num_args = 1, value_parser = group)]
    groups: Vec<(usize, String)>,
}

fn group(text: &str) -> Result<(usize, String), String> {
    let parts = text.split_once('=').and_then(|(place, digits)| Some((place.trim().parse().ok()?, digits)));
    match parts {
        Some((place @ 1..=fingerprint::GROUPS, digits)) => Ok((place - 1, digits.trim().to_owned())),
        _ => Err(tr!("tablet-group-form", groups = fingerprint::GROUPS)),
    }
}

pub(super) fn enrol(args: &EnrolArgs, io: &mut Io) -> Result<(), CliError> {
    let mut tablet = open_store(&args.at.folder)?;
    let token = typed(io, &tr!("tablet-token"), false)?;
    let http = Http::for_token(&token).map_err(TabletError::from)?;
    tablet.enrol(&token, &http)?;
    // It decides nothing; the next sync tries again.
    drop(tablet.fetch_guidance(&http));
    let package = tablet.package().ok_or(TabletError::NotEnrolled)?.value();
    say!("{}", tr!("tablet-enrolled", title = package.title.as_str()));
    if package.mode == Mode::Training {
        say!("{}", tr!("tablet-training"));
    }
    if let Some(device) = tablet.device() {
        say!("{}", tr!("tablet-device", device = device.to_string()));
    }
    if tablet.units().is_empty() {
        say!("{}", tr!("tablet-is-courier"));
    }
    for unit in tablet.units() {
        say!("{}", unit_line(&tablet, unit));
    }
    Ok(())
}

/// What the tablet says of a unit it serves.
fn unit_line(tablet: &Machine, unit: &UnitCode) -> String {
    let entry = tablet.package().and_then(|package| package.value().unit(unit));
    let name = entry.map(|entry| entry.name.as_str()).unwrap_or_default();
    let (officials, voters) =
        tablet.sheet(unit).map_or((0, 0), |sheet| (sheet.officials.len(), sheet.voters));
    let code = unit.as_str();
    if entry.is_some_and(|entry| entry.voting == Voting::Attended) {
        tr!("tablet-unit-attended", code = code, name = name, officials = officials, voters = voters)
    } else {
        tr!("tablet-unit", code = code, name = name, officials = officials, voters = voters)
    }
}

pub(super) fn open(args: &OpenArgs, io: &mut Io) -> Result<(), CliError> {
    let (mut tablet, unit) = args.of.open()?;
    let hash = match tablet.sheet(&unit) {
        Some(sheet) => sheet.hash(),
        None => return Err(TabletError::NoSheet(unit).into()),
    };
    let groups = match &args.groups[..] {
        [] => ask_groups(io, &hash.0)?,
        [first, second] => [first.clone(), second.clone()],
        _ => return Err(TabletError::TwoGroups.into()),
    };
    let [first, second] = &groups;
    tablet.confirm_sheet(&unit, &[(first.0, &first.1), (second.0, &second.1)])?;
    say!("{}", tr!("tablet-opened", unit = unit.as_str()));
    Ok(())
}

/// Shows the digits with two groups left out, and has those typed from the paper.
fn ask_groups(io: &mut Io, hash: &[u8; 32]) -> Result<[(usize, String); 2], CliError> {
    let mut random = [0; 8];
    rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut random);
    let blanks = fingerprint::blanks(random);
    let shown = fingerprint::groups(hash).into_iter().enumerate();
    let shown = shown.map(|(at, group)| if blanks.contains(&at) { "_____".to_owned() } else { group });
    io.say(&tr!("tablet-compare"));
    io.say(&format!("  {}", shown.collect::<Vec<_>>().join(" ")));
    let mut ask = |at: usize| -> Result<(usize, String), CliError> {
        Ok((at, typed(io, &tr!("tablet-group", place = at + 1), false)?.to_string()))
    };
    Ok([ask(blanks[0])?, ask(blanks[1])?])
}
