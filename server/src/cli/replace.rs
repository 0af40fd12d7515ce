//! `homphieu round replace-sheet`: show what a corrected roster changes, print new slips if there are any, sign.

use super::io::Io;
use super::lang::correction as words;
use super::round::{Named, RosterFiles};
use super::user::sign_in;
use super::{CliError, chosen, file_error, paper};
use crate::domain::replacement::Corrected;
use crate::service::{Centre, SheetCorrection, SheetPreview, Slips};
use std::path::{Path, PathBuf};
use sync_core::fingerprint;
use sync_core::id::RoundId;
use sync_core::package::Package;

#[derive(Debug, clap::Args)]
pub(super) struct ReplaceArgs {
    #[command(flatten)]
    round: Named,
    /// The unit; of others nothing is taken from the roster.
    #[arg(long)]
    unit: String,
    #[command(flatten)]
    files: RosterFiles,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Replace all slips, which were lost or are too few: page to write the new ones to, outside the data folder.
    #[arg(long, value_name = "PAGE")]
    new_permits: Option<PathBuf>,
    /// Folder for the unit's new page to print, with its officials and the digits its team types.
    #[arg(long)]
    sheets: Option<PathBuf>,
    /// Only show what would change.
    #[arg(long)]
    preview: bool,
    /// Login of the organiser who replaces the sheet; asks for their password.
    #[arg(long = "as", env = "HOMPHIEU_USER", required_unless_present = "preview")]
    login: Option<String>,
}

pub(super) async fn run(centre: &Centre, args: ReplaceArgs, io: &mut Io) -> Result<(), CliError> {
    let roster = args.files.read()?;
    let round = chosen(centre, args.round.round).await?;
    if let Some(page) = &args.new_permits {
        paper::refuse_inside(centre.folder(), page)?;
    }
    let centre = match &args.login {
        Some(login) if !args.preview => sign_in(centre, io, login).await?,
        _ => centre.clone(),
    };
    let voters = roster.units.iter().find(|unit| unit.code == args.unit.trim()).map(|unit| unit.voters);
    let slips = match (&args.new_permits, voters) {
        (Some(_), Some(voters)) => Some(centre.draw_new_slips(&round, &args.unit, voters).await?),
        _ => None,
    };
    let correction =
        SheetCorrection { unit: &args.unit, roster: &roster, slips: slips.as_ref(), reason: &args.reason };
    let preview = centre.preview_replacement(&round, correction).await?;
    let corrected = show(&preview, args.preview && slips.is_some())?;
    if args.preview {
        say!("{}", tr!("replace-only-shown"));
        return Ok(());
    }
    let unit = preview.unit.as_str();
    let typed = io.ask(&tr!("replace-type-unit", unit = unit));
    if typed.is_none_or(|typed| *typed != *unit) {
        return Err(CliError::NotDone(tr!("replace-not-done")));
    }
    let stored = centre.round(&round).await?;
    let package = stored.signed()?.value();
    // Written before the signature, named after it: neither may be missing once the other is there.
    let page = match &args.sheets {
        Some(folder) => Some(Page::write(folder, package, &preview, corrected)?),
        None => None,
    };
    print_and_sign(&centre, io, &round, &args, correction, &preview, &stored.draft).await?;
    say!("{}", tr!("replace-done", unit = unit, number = corrected.number));
    if let Some(page) = page {
        say!("{}", tr!("replace-page", page = page.keep()?));
    }
    say!("{}", tr!("replace-next"));
    if slips.is_some() {
        say!("{}", tr!("replace-next-slips"));
    }
    Ok(())
}

/// The new slips first, as the sheet is signed only once they lie there on paper.
async fn print_and_sign(
    centre: &Centre,
    io: &mut Io,
    round: &RoundId,
    args: &ReplaceArgs,
    correction: SheetCorrection<'_>,
    preview: &SheetPreview,
    draft: &crate::domain::draft::Draft,
) -> Result<(), CliError> {
    if let (Some(out), Some(slips)) = (&args.new_permits, correction.slips) {
        let slips: &[Slips] = std::slice::from_ref(slips);
        paper::write_slips(out, &draft.title, !draft.official, slips)?;
        paper::confirm_printed(io, slips)?;
    }
    let signed = centre.replace_sheet(round, correction, &preview.holds).await;
    if args.new_permits.is_some() {
        io.say(&if signed.is_ok() { tr!("slips-kept") } else { tr!("slips-void") });
    }
    Ok(signed.map(drop)?)
}

/// Shows what would change; everything that stands against it is said at once. Slips that are drawn for a look are
/// not the ones that will be printed, so neither are the digits.
fn show(preview: &SheetPreview, slips_for_a_look: bool) -> Result<&Corrected, CliError> {
    let (unit, name) = (preview.unit.as_str(), preview.name.as_str());
    let corrected = match &preview.corrected {
        Ok(corrected) => corrected,
        Err(problems) => {
            for problem in problems {
                eprintln!("{unit}: {}", words::problem(problem));
            }
            return Err(CliError::NotDone(tr!("replace-refused", count = problems.len())));
        }
    };
    say!("{}", tr!("replace-title", unit = unit, name = name, number = corrected.number));
    for change in &corrected.changes {
        say!("  {}", words::change(change));
    }
    for note in &corrected.notes {
        say!("  ! {}", words::note(note));
    }
    say!("{}", tr!("replace-old-digits", digits = fingerprint::line(&preview.holds.0)));
    if !slips_for_a_look {
        say!("{}", tr!("replace-new-digits", digits = fingerprint::line(&corrected.sheet.hash().0)));
    }
    Ok(corrected)
}

/// The unit's new page under a name that says that it does not hold yet; gone again if it never does.
struct Page {
    draft: PathBuf,
    path: PathBuf,
}

impl Page {
    fn write(
        folder: &Path,
        package: &Package,
        preview: &SheetPreview,
        corrected: &Corrected,
    ) -> Result<Self, CliError> {
        std::fs::create_dir_all(folder).map_err(|source| file_error("cannot make", folder, source))?;
        let path = folder.join(format!("{}.html", preview.unit));
        let page = Self { draft: path.with_extension("html.new"), path };
        let replaces = Some((corrected.number, preview.holds));
        paper::write_sheet(&page.draft, package, &preview.name, &corrected.sheet, replaces)?;
        Ok(page)
    }

    fn keep(mut self) -> Result<String, CliError> {
        // The sheet holds now: should the name not change, the page must stay under the one it has.
        let draft = std::mem::take(&mut self.draft);
        std::fs::rename(&draft, &self.path)
            .map_err(|source| file_error("cannot write", &self.path, source))?;
        Ok(self.path.display().to_string())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // After `keep` there is nothing under this name any more.
        drop(std::fs::remove_file(&self.draft));
    }
}
