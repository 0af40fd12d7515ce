//! `homphieu export`.

use super::{CliError, chosen, file_error};
use crate::service::Centre;
use std::io::Write;
use std::path::PathBuf;

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
    say!(
        "{}: {} bytes, {} envelopes, {} orders, {} results",
        args.out.display(),
        bytes.len(),
        bundle.envelopes.len(),
        bundle.orders.len(),
        bundle.results.len()
    );
    say!("package {}", sync_core::fingerprint::line(&bundle.package.id()));
    if let Some(order) = bundle.orders.last() {
        say!("opening order {} {}", order.value().number, sync_core::fingerprint::line(&order.id()));
    }
    Ok(())
}
