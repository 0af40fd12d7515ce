//! What the office prints after the round: the whole set and the figures of the year, into the demo's folder.

use super::DemoError;
use crate::domain::calendar::day_of;
use crate::service::{Centre, WantedYear, YearFormat, now};
use homphieu_documents::Language;
use std::path::{Path, PathBuf};
use sync_core::id::RoundId;

/// What was printed.
pub(super) struct Printed {
    /// How many documents.
    pub documents: usize,
    /// Where they are.
    pub folder: PathBuf,
}

impl Printed {
    /// Says what lies where.
    pub(super) fn tell(&self) {
        say!("{}", tr!("demo-printed", count = self.documents, folder = self.folder.display().to_string()));
    }
}

/// Prints everything. The slips among it are specimens, whose codes are invented.
pub(super) async fn print(centre: &Centre, round: &RoundId, folder: &Path) -> Result<Printed, DemoError> {
    let folder = folder.join("documents");
    let failed = |error: crate::cli::CliError| DemoError::Other(error.to_string());
    let documents =
        crate::cli::documents::set(centre, round, &folder, Language::Vietnamese).await.map_err(failed)?;
    let year = day_of(now()).year();
    let number = u16::try_from(year).map_err(|error| DemoError::Other(error.to_string()))?;
    let wanted = WantedYear { year: number, training: true };
    for (format, ending) in [(YearFormat::Xlsx, "xlsx"), (YearFormat::Csv, "csv"), (YearFormat::Pdf, "pdf")] {
        let bytes = centre.year(wanted, format, Language::Vietnamese).await?;
        std::fs::write(folder.join(format!("year-{year}.{ending}")), bytes)?;
    }
    Ok(Printed { documents: documents + 3, folder })
}
