//! `homphieu count`: the trustees open the ballots of a bundle and sign the result. Offline, without database.

use super::io::Io;
use super::keys::ask_shares;
use super::{CliError, file_error, offline, progress_bar, read_file};
use std::io::Write;
use std::path::PathBuf;
use sync_core::bundle::Bundle;
use sync_core::count::count;
use sync_core::fingerprint;
use sync_core::secret::join;
use sync_core::verify::verify;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Bundle of the round, as `export` wrote it.
    #[arg(long)]
    bundle: PathBuf,
    /// Result file to write; it must not exist yet.
    #[arg(long)]
    out: PathBuf,
}

pub(super) fn run(args: &Args, io: &mut Io) -> Result<(), CliError> {
    let bytes = read_file(&args.bundle)?;
    // A bundle in which anything does not fit is not opened at all.
    verify(&bytes, &[], &mut |_, _| ()).map_err(offline)?;
    let bundle = Bundle::open(&bytes).map_err(offline)?;
    let package = bundle.package.value();
    let none =
        || CliError::NotDone("the bundle has no opening order: make one with `round order`".to_owned());
    let order = bundle.orders.last().ok_or_else(none)?;
    let number = order.value().number;
    io.say(&format!("{}  (round {})", package.title, package.round.uuid()));
    io.say(&format!("package          {}", fingerprint::line(&bundle.package.id())));
    io.say(&format!("opening order {number}  {}", fingerprint::line(&order.id())));
    if let Some(before) = order.value().previous_order {
        io.say(&format!("order before     {}", fingerprint::line(&before.0)));
    }
    if let Some(before) = order.value().previous_result {
        io.say(&format!("result before    {}", fingerprint::line(&before.0)));
    }
    io.say("Compare these digits with what was announced and with your share paper. If another order");
    io.say(&format!(
        "with number {number} is noted there, stop: nobody may open two orders with one number."
    ));
    let agreed = io.ask("Type `open` to go on:").is_some_and(|line| line.as_str() == "open");
    if !agreed {
        return Err(CliError::NotDone("nothing was opened".to_owned()));
    }
    let shares = ask_shares(io, package.keys.threshold)?;
    let joined = join(&package.round, &package.keys, &shares).map_err(offline)?;
    for index in &joined.wrong {
        io.say(&format!("Share {index} is wrong, although its checksum fits; the others opened the round."));
    }
    let orders: Vec<_> = bundle.orders.iter().collect();
    let bar = progress_bar("Đếm phiếu · Counting units");
    let result = count(&bundle.material(), &orders, &joined.secret, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })
    .map_err(offline)?;
    bar.finish_and_clear();
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&args.out)?;
        file.write_all(result.bytes())?;
        file.sync_all()
    };
    write().map_err(|source| file_error("cannot write", &args.out, source))?;
    let totals = result.value().totals();
    io.say(&format!("{} ballots collected, {} valid", totals.collected, totals.valid));
    io.say("Note order and result on each share paper:");
    say!("order {number} {}", fingerprint::line(&order.id()));
    say!("result {number} {}", fingerprint::line(&result.id()));
    Ok(())
}
