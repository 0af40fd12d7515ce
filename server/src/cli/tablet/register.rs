//! `tablet check-in`: who is here, and who got a slip; never which.

use super::{AtUnit, Machine, typed};
use crate::cli::CliError;
use crate::cli::io::Io;
use client_ffi::{Acting, Person, Seen, Voter};
use sync_core::id::UnitCode;
use sync_core::record::plain;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckInArgs {
    #[command(flatten)]
    of: AtUnit,
    /// Number of the voter on the unit's list.
    #[arg(required_unless_present = "search")]
    voter: Option<u32>,
    /// A slip was handed out as well.
    #[arg(long, conflicts_with = "search")]
    slip: bool,
    /// Who notes it: a name of the team, with or without diacritics. The PIN is asked for.
    #[arg(long, required_unless_present = "search")]
    person: Option<String>,
    /// The person joins the team.
    #[arg(long, conflicts_with = "search")]
    new: bool,
    /// Only list voters whose number or name this finds; an empty text lists all.
    #[arg(long, value_name = "TEXT", conflicts_with = "voter")]
    search: Option<String>,
}

pub(super) fn check_in(args: &CheckInArgs, io: &mut Io) -> Result<(), CliError> {
    let (mut tablet, unit) = args.of.open()?;
    let (voter, person) = match (&args.search, args.voter, &args.person) {
        (Some(search), ..) => return list(&tablet, &unit, search),
        (None, Some(voter), Some(person)) => (voter, person),
        _ => return Err(CliError::NotDone(tr!("tablet-nothing-typed"))),
    };
    let acting = act(&mut tablet, &unit, person, args.new, io)?;
    let before = tablet.check_in(&acting, voter, args.slip)?;
    let name = tablet.register(&unit, &voter.to_string())?.into_iter().find(|known| known.number == voter);
    let name = name.and_then(|voter| voter.name).unwrap_or_default();
    say!("{}", tr!("tablet-checked-in", voter = voter, name = name));
    for seen in &before.twice {
        io.say(&tr!("tablet-twice", tablet = tablet_of(seen), person = person_of(seen)));
    }
    for seen in before.slips_before.iter().filter(|_| args.slip) {
        io.say(&tr!("tablet-slip-before", tablet = tablet_of(seen), person = person_of(seen)));
    }
    Ok(())
}

fn list(tablet: &Machine, unit: &UnitCode, search: &str) -> Result<(), CliError> {
    let voters = tablet.register(unit, search)?;
    if voters.is_empty() {
        say!("{}", tr!("tablet-nobody"));
    }
    for voter in voters {
        say!("{}", line(&voter));
    }
    Ok(())
}

fn line(voter: &Voter) -> String {
    let state = match (voter.check_ins.len(), voter.slips.is_empty()) {
        (0, true) => tr!("tablet-not-here"),
        (0, false) => tr!("tablet-slip-only"),
        (1, true) => tr!("tablet-here"),
        (1, false) => tr!("tablet-here-slip"),
        (times, _) => tr!("tablet-here-times", times = times),
    };
    format!("{:>5}  {:<32} {state}", voter.number, voter.name.as_deref().unwrap_or_default())
}

fn tablet_of(seen: &Seen) -> String {
    seen.tablet.clone().unwrap_or_else(|| seen.device.to_string())
}

fn person_of(seen: &Seen) -> String {
    seen.name.clone().unwrap_or_else(|| seen.person.to_string())
}

/// The person who acts: found on the team, or joining it, and known by a PIN.
fn act(
    tablet: &mut Machine,
    unit: &UnitCode,
    name: &str,
    joins: bool,
    io: &mut Io,
) -> Result<Acting, CliError> {
    let team = tablet.persons(unit)?;
    let found: Vec<&Person> = team.iter().filter(|person| plain(&person.name) == plain(name)).collect();
    let (id, has_pin) = match found[..] {
        [person] => (person.id, person.has_pin),
        [] if joins => (tablet.join(unit, name)?, false),
        _ => {
            let names: Vec<_> = team.iter().map(|person| person.name.as_str()).collect();
            return Err(CliError::NotDone(tr!("tablet-not-on-team", name = name, team = names.join(", "))));
        }
    };
    if !has_pin {
        let pin = typed(io, &tr!("tablet-new-pin"), true)?;
        if *typed(io, &tr!("tablet-pin-again"), true)? != *pin {
            return Err(CliError::NotDone(tr!("tablet-pins-differ")));
        }
        tablet.set_pin(unit, &id, None, &pin)?;
        return Ok(tablet.act_as(unit, &id, &pin)?);
    }
    let pin = typed(io, &tr!("tablet-pin", name = name), true)?;
    Ok(tablet.act_as(unit, &id, &pin)?)
}
