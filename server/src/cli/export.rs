//! `homphieu export`.

use super::{CliError, chosen, file_error};
use crate::service::Centre;
use std::io::Write;
use std::path::PathBuf;
use sync_core::fingerprint;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The round, if there is more than one.
    #[arg(long)]
    round: Option<uuid::Uuid>,
    /// File to write; it must not exist yet.
    #[arg(long)]
    out: PathBuf,
}

pub(super) async fn run(centre: &Centre, args: Args) -> Result<(), CliError> {
    let round = chosen(centre, args.round).await?;
    let bundle = centre.bundle(&round).await?;
    let bytes = bundle.to_bytes();
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&args.out)?;
        file.write_all(&bytes)?;
        file.sync_all()
    };
    write().map_err(|source| file_error("cannot write", &args.out, source))?;
    let written = tr!(
        "export-written",
        path = args.out.display().to_string(),
        bytes = bytes.len(),
        envelopes = bundle.envelopes.len(),
        orders = bundle.orders.len(),
        results = bundle.results.len()
    );
    say!("{written}");
    say!("{} {}", tr!("name-package"), fingerprint::line(&bundle.package.id()));
    if let Some(order) = bundle.orders.last() {
        let name = tr!("name-order", number = order.value().number);
        say!("{name} {}", fingerprint::line(&order.id()));
    }
    Ok(())
}
