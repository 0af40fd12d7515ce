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
    let order = bundle.orders.last().ok_or_else(|| CliError::NotDone(tr!("count-no-order")))?;
    let number = order.value().number;
    let (title, round) = (package.title.as_str(), package.round.uuid().to_string());
    io.say(&tr!("count-round", title = title, round = round));
    let mut digits =
        vec![(tr!("name-package"), bundle.package.id()), (tr!("name-order", number = number), order.id())];
    digits.extend(order.value().previous_order.map(|before| (tr!("name-order-before"), before.0)));
    digits.extend(order.value().previous_result.map(|before| (tr!("name-result-before"), before.0)));
    let widest = digits.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, digest) in &digits {
        io.say(&format!("{name:<widest$}  {}", fingerprint::line(digest)));
    }
    io.say(&tr!("count-compare", number = number));
    let word = tr!("count-word");
    let agreed = io.ask(&tr!("count-type", word = word.as_str())).is_some_and(|line| *line == word);
    if !agreed {
        return Err(CliError::NotDone(tr!("count-not-opened")));
    }
    let shares = ask_shares(io, package.keys.threshold)?;
    let joined = join(&package.round, &package.keys, &shares).map_err(offline)?;
    for index in &joined.wrong {
        io.say(&tr!("count-wrong", index = *index));
    }
    let orders: Vec<_> = bundle.orders.iter().collect();
    let bar = progress_bar(tr!("count-bar"));
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
    io.say(&tr!("count-totals", collected = totals.collected, valid = totals.valid));
    io.say(&tr!("count-note"));
    say!("{}", tr!("count-order", number = number, digest = fingerprint::line(&order.id())));
    say!("{}", tr!("count-result", number = number, digest = fingerprint::line(&result.id())));
    Ok(())
}
