//! `tablet serve` and `tablet join`: tablets in one local network, without any centre.

use super::At;
use crate::cli::CliError;
use crate::cli::lang::language;
use crate::cli::lang::tablet::{kind, outcome};
use client_ffi::local::{Event, Host, HostOptions, Invitation, JoinOptions, Step, Visit, join_with};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ServeArgs {
    #[command(flatten)]
    at: At,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "0.0.0.0:0")]
    listen: SocketAddr,
    /// End after so many minutes in which nobody came.
    #[arg(long, value_name = "MINUTES", default_value_t = 10)]
    idle: u64,
    /// End when so many visits are over; for scripts.
    #[arg(long, value_name = "COUNT")]
    visits: Option<usize>,
    /// Text only.
    #[arg(long)]
    no_qr: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct JoinArgs {
    #[command(flatten)]
    at: At,
    /// What the other tablet shows: HPL1.…
    invitation: String,
    /// Stay, and take what others bring, until the session ends.
    #[arg(long)]
    stay: bool,
}

pub(super) fn serve(args: &ServeArgs) -> Result<(), CliError> {
    let tablet = Arc::new(Mutex::new(args.at.open()?));
    let options =
        HostOptions { idle: Duration::from_secs(args.idle.saturating_mul(60)), ..HostOptions::default() };
    let host = Host::open_with(tablet, args.listen, options).map_err(|error| refused(&error))?;
    let invitation = host.invitation().to_string();
    say!("{invitation}");
    if !args.no_qr {
        eprintln!("{}", crate::print::qr_terminal(&invitation));
    }
    eprintln!("{}", tr!("local-waiting"));
    let mut visits = 0;
    for event in host.events() {
        match event {
            Event::Came(who) => say!("{}", tr!("local-came", label = who.label)),
            Event::Left(visit, why) => {
                show(&visit);
                if let Some(why) = why {
                    say!("  {}", why.text(language()));
                }
                visits += 1;
                if args.visits.is_some_and(|most| visits >= most) {
                    break;
                }
            }
            Event::TurnedAway(from, why) => {
                say!("{}", tr!("local-turned-away", address = from.to_string(), why = why.text(language())));
            }
            Event::Moved(..) | Event::Over(_) => {}
        }
    }
    let report = host.end();
    say!("{}", tr!("local-over", visits = report.visits.len()));
    Ok(())
}

pub(super) fn join(args: &JoinArgs) -> Result<(), CliError> {
    let mut tablet = args.at.open()?;
    let invitation: Invitation =
        args.invitation.trim().parse().map_err(|_| CliError::NotDone(tr!("local-no-invitation")))?;
    let options = JoinOptions { stay: args.stay, ..JoinOptions::default() };
    let watch = |step: &Step| {
        match step {
            Step::Met(who) => say!("{}", tr!("local-met", label = who.label.as_str())),
            Step::Waiting => eprintln!("{}", tr!("local-staying")),
            Step::Moved(_) => {}
        }
        ControlFlow::Continue(())
    };
    match join_with(&mut tablet, &invitation, &options, watch) {
        Ok(visit) => {
            show(&visit);
            Ok(())
        }
        Err(failed) => {
            if let Some(visit) = &failed.report {
                show(visit);
            }
            Err(refused(&failed.error))
        }
    }
}

fn refused(error: &client_ffi::local::LocalError) -> CliError {
    CliError::NotDone(error.text(language()))
}

/// What passed, unit by unit.
fn show(visit: &Visit) {
    say!("{}", tr!("local-visit", label = visit.who.label.as_str()));
    if visit.is_empty() {
        say!("  {}", tr!("local-nothing"));
    }
    for (unit, passed) in &visit.units {
        let (came, went) = (passed.envelopes_received, passed.envelopes_given);
        let (new, given) = (passed.new, passed.given.items);
        say!(
            "  {}",
            tr!("local-passed", unit = unit.as_str(), new = new, came = came, given = given, went = went)
        );
    }
    for (unit, of, why) in &visit.refused_here {
        say!("  {}", tr!("tablet-not-taken", unit = unit.as_str(), item = kind(*of), why = outcome(*why)));
    }
    for (unit, of, why) in &visit.refused_there {
        let (item, why) = (kind(*of), outcome(*why));
        say!("  {}", tr!("local-not-taken-there", unit = unit.as_str(), item = item, why = why));
    }
}
