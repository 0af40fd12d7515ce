//! What is printed for a round: slips with permits, and a page per unit sheet.

use super::io::Io;
use super::round::Named;
use super::{CliError, chosen, file_error};
use crate::print;
use crate::service::{Centre, Slips};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use sync_core::id::{RoundId, SheetHash};
use sync_core::package::{Mode, Package, Sheet};

#[derive(Debug, clap::Args)]
pub(super) struct PermitArgs {
    #[command(flatten)]
    round: Named,
    /// Only these units.
    #[arg(long, value_delimiter = ',')]
    units: Vec<String>,
    /// Page to write, outside the data folder; without it the page goes to standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Program that prints, with its arguments, as in `lp -d office`: it gets the slips of each unit as a PDF on its
    /// standard input, and no file is made.
    #[arg(long, value_name = "PROGRAM", conflicts_with = "out")]
    print: Option<String>,
}

pub(super) async fn permits(centre: &Centre, args: PermitArgs) -> Result<(), CliError> {
    let round = chosen(centre, args.round.round).await?;
    if let Some(out) = &args.out {
        refuse_inside(centre.folder(), out)?;
    }
    let draft = centre.round(&round).await?.draft;
    let slips = centre.draw_slips(&round, &args.units).await?;
    let training = !draft.official;
    match (&args.out, &args.print) {
        (Some(out), _) => write_slips(out, &draft.title, training, &slips)?,
        (None, Some(printer)) => {
            for unit in &slips {
                print_slips(printer, &unit.pdf(&draft)?)?;
            }
        }
        (None, None) => {
            let pages: Vec<print::UnitSlips<'_>> = slips.iter().map(Slips::page).collect();
            print::slips_html(&mut std::io::stdout().lock(), &draft.title, training, &pages)
                .map_err(|source| file_error("cannot write", Path::new("standard output"), source))?;
        }
    }
    confirm_printed(&mut Io::standard(), &slips)?;
    centre.confirm_slips(&round, &slips).await?;
    eprintln!("{}", tr!("slips-kept"));
    Ok(())
}

/// Hands a PDF with codes to a program that prints. Nobody else ever has it.
fn print_slips(printer: &str, pdf: &[u8]) -> Result<(), CliError> {
    let failed = |source| file_error("cannot start", Path::new(printer), source);
    let mut words = printer.split_whitespace();
    let none = || failed(std::io::Error::from(std::io::ErrorKind::InvalidInput));
    let mut command = Command::new(words.next().ok_or_else(none)?);
    let mut running = command.args(words).stdin(Stdio::piped()).spawn().map_err(failed)?;
    let given = running.stdin.take().map_or(Ok(()), |mut input| input.write_all(pdf));
    let ended = running.wait().map_err(failed)?;
    if given.is_ok() && ended.success() {
        return Ok(());
    }
    Err(CliError::NotDone(tr!("slips-not-printed", printer = printer)))
}

/// Writes the page with the codes to a file that is not there yet.
pub(super) fn write_slips(out: &Path, title: &str, training: bool, slips: &[Slips]) -> Result<(), CliError> {
    let pages: Vec<print::UnitSlips<'_>> = slips.iter().map(Slips::page).collect();
    let failed = |source| file_error("cannot write", out, source);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(out).map_err(failed)?;
    print::slips_html(&mut file, title, training, &pages).and_then(|()| file.sync_all()).map_err(failed)
}

/// Has a person type the word that says that every slip lies there on paper.
pub(super) fn confirm_printed(io: &mut Io, slips: &[Slips]) -> Result<(), CliError> {
    let count: usize = slips.iter().map(|unit| unit.codes.len()).sum();
    let word = tr!("slips-word");
    io.say(&tr!("slips-count", count = count, units = slips.len()));
    let typed = io.ask(&tr!("slips-type", word = word.as_str()));
    if typed.is_some_and(|typed| *typed == word) { Ok(()) } else { Err(CliError::NotDone(tr!("slips-void"))) }
}

/// Writes a page per unit into a folder.
pub(super) async fn write_sheets(centre: &Centre, round: &RoundId, folder: &Path) -> Result<(), CliError> {
    let bundle = centre.bundle(round).await?;
    let package = bundle.package.value();
    for unit in &package.units {
        let Some(sheet) = bundle.sheets.get(&unit.sheet) else { continue };
        write_sheet(&folder.join(format!("{}.html", unit.code)), package, &unit.name, sheet, None)?;
    }
    let folder = folder.display().to_string();
    eprintln!("{}", tr!("sheets-written", count = package.units.len(), folder = folder));
    Ok(())
}

/// Writes the page of one unit.
pub(super) fn write_sheet(
    path: &Path,
    package: &Package,
    unit: &str,
    sheet: &Sheet,
    replaces: Option<(u32, SheetHash)>,
) -> Result<(), CliError> {
    let training = package.mode == Mode::Training;
    let page = print::SheetPage { title: &package.title, training, unit, sheet, replaces };
    let mut html = Vec::new();
    print::sheet_page(&mut html, &page)
        .and_then(|()| std::fs::write(path, html))
        .map_err(|source| file_error("cannot write", path, source))
}

/// The page with the codes must not lie beside the database.
pub(super) fn refuse_inside(folder: &Path, out: &Path) -> Result<(), CliError> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().map_err(|source| file_error("cannot write", out, source))?;
    let folder = folder.canonicalize().map_err(|source| file_error("cannot read", folder, source))?;
    if parent.starts_with(&folder) {
        return Err(CliError::NotDone(tr!("slips-inside")));
    }
    Ok(())
}
