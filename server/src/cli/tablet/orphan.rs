//! `tablet save`: what is on a tablet that lost its key.

use super::At;
use super::parcels::{check_name, write_new};
use crate::cli::CliError;
use client_ffi::TabletError;
use client_ffi::orphan;
use client_ffi::store::FileStore;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SaveArgs {
    #[command(flatten)]
    at: At,
    /// What happened to the tablet, in one line, for those who decide about its ballots.
    #[arg(long)]
    story: String,
    /// File to write, ending in .hpgoi; it must not exist yet.
    #[arg(long)]
    out: PathBuf,
}

pub(super) fn save(args: &SaveArgs) -> Result<(), CliError> {
    check_name(&args.out)?;
    if !args.at.folder.is_dir() {
        return Err(CliError::NotDone(tr!("tablet-no-folder", path = args.at.folder.display().to_string())));
    }
    let store = FileStore::open(&args.at.folder).map_err(TabletError::from)?;
    let saved = orphan::export(&store, &args.story)?;
    write_new(&args.out, &saved.parcel)?;
    let path = args.out.display().to_string();
    say!("{}", tr!("tablet-saved", path = path, envelopes = saved.envelopes, ballots = saved.ballots));
    say!("{}", tr!("tablet-saved-office"));
    if saved.lost.is_empty() {
        return Ok(());
    }
    Err(CliError::NotDone(tr!("tablet-saved-lost", keys = saved.lost.join(", "))))
}
