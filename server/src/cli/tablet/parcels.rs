//! `tablet export`, `tablet import` and `tablet qr`: handing over without any network.

use super::{At, Machine};
use crate::cli::lang::tablet::{kind, outcome};
use crate::cli::{CliError, file_error, read_file};
use client_ffi::ImportReport;
use client_ffi::qr::{Decoder, Encoder, Frame, Received};
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use sync_core::parcel::{EXTENSION, Recipient};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExportArgs {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    recipient: For,
    /// File to write, ending in .hpgoi; it must not exist yet.
    #[arg(long)]
    out: PathBuf,
}

/// For whom something is handed over.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct For {
    /// For whom: `centre`, `anyone` (envelopes only), or the id of a tablet of the unit.
    #[arg(long = "for", value_name = "WHOM", default_value = "centre", value_parser = recipient)]
    recipient: Recipient,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportArgs {
    #[command(flatten)]
    at: At,
    /// Parcels, in any order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Also write what this device holds now, signed, for those who handed something over.
    #[arg(long, value_name = "FILE")]
    acknowledge: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum QrCommand {
    /// Show a hand-over as a series of QR codes, again and again, for the camera of another tablet.
    Show(ShowArgs),
    /// Take a hand-over from the texts of QR codes, one a line, in any order, on standard input.
    Read(ReadArgs),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ShowArgs {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    recipient: For,
    /// Show what this device holds, signed, instead: for those who handed something over.
    #[arg(long, conflicts_with = "recipient")]
    acknowledge: bool,
    /// Print the texts of this many codes, one a line, instead of drawing them.
    #[arg(long, value_name = "COUNT")]
    text: Option<usize>,
    /// Write one pass of the series as pictures into this folder instead.
    #[arg(long, value_name = "FOLDER", conflicts_with = "text")]
    svg: Option<PathBuf>,
    /// Codes a second.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=20))]
    rate: u8,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReadArgs {
    #[command(flatten)]
    at: At,
}

fn recipient(text: &str) -> Result<Recipient, String> {
    match text {
        "centre" => Ok(Recipient::Centre),
        "anyone" => Ok(Recipient::Anyone),
        device => device.parse().map(Recipient::Tablet).map_err(|_| tr!("tablet-for-form")),
    }
}

pub(super) fn export(args: &ExportArgs) -> Result<(), CliError> {
    check_name(&args.out)?;
    let parcel = args.at.open()?.export(args.recipient.recipient)?;
    write_new(&args.out, &parcel)?;
    say!("{}", tr!("tablet-exported", path = args.out.display().to_string(), bytes = parcel.len()));
    say!("{}", tr!("tablet-exported-keep"));
    Ok(())
}

pub(super) fn import(args: &ImportArgs) -> Result<(), CliError> {
    let mut tablet = args.at.open()?;
    let mut whole = true;
    for file in &args.files {
        let bytes = read_file(file)?;
        // One bad file does not hold back the next.
        match tablet.import(&bytes) {
            Ok(report) => {
                say!("{}", file.display());
                whole &= report.condition.is_whole();
                show(&report);
            }
            Err(error) => {
                whole = false;
                say!("{}: {}", file.display(), crate::cli::lang::tablet::words(&error));
            }
        }
    }
    if let Some(out) = &args.acknowledge {
        write_new(out, &tablet.acknowledge()?)?;
        say!("{}", tr!("tablet-acknowledged-to", path = out.display().to_string()));
    }
    if whole { Ok(()) } else { Err(CliError::NotDone(tr!("tablet-import-partly"))) }
}

/// What came of a parcel.
fn show(report: &ImportReport) {
    let from = report.from.1.clone().unwrap_or_else(|| report.from.0.to_string());
    say!("  {}", tr!("tablet-from", from = from));
    if report.condition.torn {
        say!("  {}", tr!("tablet-torn"));
    }
    let damaged = report.condition.damaged + report.unreadable;
    if damaged > 0 {
        say!("  {}", tr!("tablet-damaged-parts", count = damaged));
    }
    if report.condition.trailing {
        say!("  {}", tr!("tablet-trailing"));
    }
    if report.brought_nothing() && report.condition.is_whole() {
        say!("  {}", tr!("tablet-nothing-new"));
    }
    for (unit, became) in &report.units {
        let (envelopes, receipts) = (became.envelopes, became.receipts);
        let (new, here, waiting) = (became.new, became.already_here, became.waiting);
        let unit = unit.as_str();
        say!(
            "  {}",
            tr!(
                "tablet-imported",
                unit = unit,
                new = new,
                envelopes = envelopes,
                receipts = receipts,
                here = here,
                waiting = waiting
            )
        );
        if became.held > 0 {
            say!("  {}", tr!("tablet-import-held", unit = unit, count = became.held));
        }
        if became.finished {
            say!("  {}", tr!("tablet-round-finished", unit = unit));
        }
        for (of, why) in &became.refused {
            say!("  {}", tr!("tablet-not-taken", unit = unit, item = kind(*of), why = outcome(*why)));
        }
    }
    if report.orphans > 0 {
        say!("  {}", tr!("tablet-orphans", count = report.orphans));
    }
    for device in &report.acknowledged {
        say!("  {}", tr!("tablet-acknowledged", device = device.to_string()));
    }
}

pub(super) fn qr(command: QrCommand) -> Result<(), CliError> {
    match command {
        QrCommand::Show(args) => qr_show(&args),
        QrCommand::Read(args) => qr_read(args.at.open()?),
    }
}

fn qr_show(args: &ShowArgs) -> Result<(), CliError> {
    let mut tablet = args.at.open()?;
    let parcel =
        if args.acknowledge { tablet.acknowledge()? } else { tablet.export(args.recipient.recipient)? };
    // The tablet is free again while the codes are shown.
    drop(tablet);
    let series = Encoder::new(&parcel).map_err(|_| too_long(parcel.len()))?;
    let (fragments, bytes) = (series.fragments(), parcel.len());
    if let Some(count) = args.text {
        series.take(count).for_each(|frame| say!("{}", frame.text()));
        return Ok(());
    }
    if let Some(folder) = &args.svg {
        return pictures(folder, series.take(fragments));
    }
    if !std::io::stdout().is_terminal() {
        return Err(CliError::NotDone(tr!("tablet-qr-terminal")));
    }
    let pause = std::time::Duration::from_secs(1) / u32::from(args.rate);
    for (at, frame) in series.enumerate() {
        // Home, then the code, then what is left of a larger screen is wiped (ECMA-48).
        let line = tr!("tablet-qr-frame", number = at + 1, fragments = fragments, bytes = bytes);
        let shown = write!(std::io::stdout(), "\x1b[H{}\n{line}\x1b[J", frame.terminal());
        if shown.and_then(|()| std::io::stdout().flush()).is_err() {
            break;
        }
        std::thread::sleep(pause);
    }
    Ok(())
}

fn pictures(folder: &Path, frames: impl Iterator<Item = Frame>) -> Result<(), CliError> {
    std::fs::create_dir_all(folder).map_err(|source| file_error("cannot make", folder, source))?;
    let mut count = 0;
    for (at, frame) in frames.enumerate() {
        write_new(&folder.join(format!("{:04}.svg", at + 1)), frame.svg().as_bytes())?;
        count += 1;
    }
    say!("{}", tr!("tablet-qr-pictures", count = count, path = folder.display().to_string()));
    Ok(())
}

fn qr_read(mut tablet: Machine) -> Result<(), CliError> {
    let mut decoder = Decoder::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|source| file_error("cannot read", Path::new("-"), source))?;
        // A camera sees all kinds of codes; what is none of ours is passed over.
        if decoder.receive(line.trim()) == Ok(Received::Complete) {
            break;
        }
    }
    match decoder.bytes() {
        Some(parcel) => {
            let report = tablet.import(parcel)?;
            show(&report);
            Ok(())
        }
        None => Err(CliError::NotDone(tr!("tablet-qr-incomplete"))),
    }
}

fn too_long(bytes: usize) -> CliError {
    CliError::NotDone(tr!("tablet-qr-too-long", bytes = bytes))
}

/// A parcel is known by how its name ends, on whatever machine the stick is looked at.
pub(super) fn check_name(path: &Path) -> Result<(), CliError> {
    if path.extension().is_some_and(|extension| extension == EXTENSION) {
        Ok(())
    } else {
        Err(CliError::NotDone(tr!("tablet-extension", extension = EXTENSION)))
    }
}

/// Writes a file that must not be there yet, durably, wholly or not at all: a stick may be pulled out at any moment.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let failed = |source| file_error("cannot write", path, source);
    if path.exists() {
        return Err(failed(std::io::ErrorKind::AlreadyExists.into()));
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        // The name must last, too. Some sticks cannot sync a folder, and then the file itself is all there is.
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        drop(std::fs::File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()));
        Ok(())
    };
    write().map_err(|source| {
        // Half a file would only puzzle whoever finds it; the reason is told anyway.
        drop(std::fs::remove_file(&draft));
        failed(source)
    })
}
