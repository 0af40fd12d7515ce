//! What is printed for a round: slips with permits, and a page per unit sheet.

use super::round::Named;
use super::{CliError, chosen, file_error};
use crate::print;
use crate::service::{Centre, Slips};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use sync_core::id::RoundId;
use sync_core::package::Mode;

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
}

pub(super) async fn permits(centre: &Centre, args: PermitArgs) -> Result<(), CliError> {
    let round = chosen(centre, args.round.round).await?;
    if let Some(out) = &args.out {
        refuse_inside(centre.folder(), out)?;
    }
    let draft = centre.round(&round).await?.draft;
    let slips = centre.draw_slips(&round, &args.units).await?;
    let pages: Vec<print::UnitSlips<'_>> = slips.iter().map(Slips::page).collect();
    match &args.out {
        Some(out) => {
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(out)
                .map_err(|source| file_error("cannot write", out, source))?;
            print::slips_html(&mut file, &draft.title, !draft.official, &pages)
                .and_then(|()| file.sync_all())
                .map_err(|source| file_error("cannot write", out, source))?;
        }
        None => print::slips_html(&mut std::io::stdout().lock(), &draft.title, !draft.official, &pages)
            .map_err(|source| file_error("cannot write", Path::new("standard output"), source))?,
    }
    let count: usize = slips.iter().map(|unit| unit.codes.len()).sum();
    let word = tr!("slips-word");
    eprintln!("{}", tr!("slips-count", count = count, units = slips.len()));
    eprint!("{} ", tr!("slips-type", word = word.as_str()));
    drop(std::io::stderr().flush());
    let mut line = String::new();
    drop(std::io::stdin().lock().read_line(&mut line));
    if line.trim() != word {
        return Err(CliError::NotDone(tr!("slips-void")));
    }
    centre.confirm_slips(&round, &slips).await?;
    eprintln!("{}", tr!("slips-kept"));
    Ok(())
}

/// Writes a page per unit into a folder.
pub(super) async fn write_sheets(centre: &Centre, round: &RoundId, folder: &Path) -> Result<(), CliError> {
    let bundle = centre.bundle(round).await?;
    let package = bundle.package.value();
    for unit in &package.units {
        let Some(sheet) = bundle.sheets.get(&unit.sheet) else { continue };
        let training = package.mode == Mode::Training;
        let page = print::SheetPage { title: &package.title, training, unit: &unit.name, sheet };
        let mut html = Vec::new();
        let path = folder.join(format!("{}.html", unit.code));
        print::sheet_page(&mut html, &page)
            .and_then(|()| std::fs::write(&path, html))
            .map_err(|source| file_error("cannot write", &path, source))?;
    }
    let folder = folder.display().to_string();
    eprintln!("{}", tr!("sheets-written", count = package.units.len(), folder = folder));
    Ok(())
}

/// The page with the codes must not lie beside the database.
fn refuse_inside(folder: &Path, out: &Path) -> Result<(), CliError> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().map_err(|source| file_error("cannot write", out, source))?;
    let folder = folder.canonicalize().map_err(|source| file_error("cannot read", folder, source))?;
    if parent.starts_with(&folder) {
        return Err(CliError::NotDone(tr!("slips-inside")));
    }
    Ok(())
}
