//! `homphieu round take-orphan`: what was saved from a tablet that lost its key.

use super::io::Io;
use super::round::Named;
use super::user::sign_in;
use super::{CliError, chosen, read_file};
use crate::service::Centre;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct OrphanArgs {
    #[command(flatten)]
    round: Named,
    /// The parcel that was saved from the tablet.
    parcel: PathBuf,
    /// Login of the organiser who takes it; asks for their password.
    #[arg(long = "as", env = "HOMPHIEU_USER")]
    login: String,
}

pub(super) async fn run(centre: &Centre, args: OrphanArgs) -> Result<(), CliError> {
    let round = chosen(centre, args.round.round).await?;
    let bytes = read_file(&args.parcel)?;
    let own = sign_in(centre, &mut Io::standard(), &args.login).await?;
    let taken = own.take_orphans(&round, &bytes).await?;
    say!("{}", tr!("orphan-envelopes", new = taken.envelopes, here = taken.envelopes_here));
    for (unit, envelope, ballots) in &taken.held {
        let (unit, envelope) = (unit.as_str(), envelope.to_string());
        say!("{}", tr!("orphan-held", unit = unit, count = *ballots, envelope = envelope));
    }
    if taken.already_here > 0 {
        say!("{}", tr!("orphan-here", count = taken.already_here));
    }
    if !taken.held.is_empty() {
        say!("{}", tr!("orphan-decide"));
    }
    if taken.refused > 0 {
        say!("{}", tr!("orphan-refused", count = taken.refused));
    }
    if taken.torn {
        return Err(CliError::NotDone(tr!("orphan-torn")));
    }
    Ok(())
}
