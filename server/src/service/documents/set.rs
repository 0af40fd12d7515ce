//! Everything of a round at once. A set is whole or it is not there.

use super::{Material, Wanted, set_pages};
use crate::error::AppError;
use crate::service::Centre;
use homphieu_documents::Language;
use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use std::sync::LazyLock;
use sync_core::id::RoundId;
use tokio::sync::Semaphore;
use zip::write::SimpleFileOptions;

/// A set that is put together in memory, one after the other: a district's is some tens of megabytes.
static ARCHIVES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(1));

/// A document of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFile {
    /// Its name in the folder of the set.
    pub name: String,
    /// As PDF.
    pub bytes: Vec<u8>,
}

impl Centre {
    /// Every document of a round in order, each given to `take` with its number and how many there are.
    ///
    /// Every unit has its ballot form, its minutes and specimens of its slips (where it votes with slips); of a published unit there are also its
    /// report, its letters and plans, with forms where nobody wrote one. A unit whose result two people left unpublished has none of these.
    ///
    /// # Errors
    /// [`AppError`] with code `units_not_published` while a unit is neither, and that of the first document that cannot
    /// be made, which it names: then there is no set.
    pub async fn document_set<E: From<AppError>>(
        &self,
        round: &RoundId,
        language: Language,
        mut take: impl FnMut(usize, usize, SetFile) -> Result<(), E>,
    ) -> Result<usize, E> {
        let material = self.material(round).await?;
        let wanted = self.wanted(&material).await?;
        let all = wanted.len();
        for (number, (name, wanted)) in (1..).zip(wanted) {
            let made = async { set_pages(self.fill(&material, &wanted, language).await?, language).await };
            let bytes = made.await.map_err(|error| without(&name, error))?;
            take(number, all, SetFile { name, bytes })?;
        }
        Ok(all)
    }

    /// The same as one ZIP file, which is whole or not there. Slips that vote are in no set, so they are not in here.
    ///
    /// # Errors
    /// As [`Self::document_set`].
    pub async fn document_archive(&self, round: &RoundId, language: Language) -> Result<Vec<u8>, AppError> {
        let _turn = ARCHIVES.acquire().await.map_err(|error| AppError::Internal(error.to_string()))?;
        // Pages are packed already, and a time of now would make every set another file.
        let stored = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default());
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let failed =
            |error: &dyn std::fmt::Display| AppError::Internal(format!("the set of documents: {error}"));
        self.document_set(round, language, |_, _, SetFile { name, bytes }| {
            archive.start_file(name, stored).map_err(|error| failed(&error))?;
            archive.write_all(&bytes).map_err(|error| failed(&error))
        })
        .await?;
        Ok(archive.finish().map_err(|error| failed(&error))?.into_inner())
    }

    async fn wanted(&self, material: &Material) -> Result<Vec<(String, Wanted)>, AppError> {
        let figures = material.published()?;
        let left: BTreeSet<String> = self
            .left_unpublished(&material.round.id)
            .await?
            .into_iter()
            .map(|left| left.unit.to_string())
            .collect();
        let waiting: Vec<&str> =
            figures.unpublished.iter().filter(|unit| !left.contains(*unit)).map(String::as_str).collect();
        if !waiting.is_empty() {
            let detail = format!(
                "{} unit(s) are neither published nor left unpublished by two people, first of all {}: a set is made of \
                 the whole round; single documents can be made now",
                waiting.len(),
                waiting.join(", ")
            );
            return Err(AppError::conflict("units_not_published", detail));
        }
        let mut wanted = vec![("round-report.pdf".to_owned(), Wanted::RoundReport)];
        for unit in &material.round.draft.units {
            let code = &unit.code;
            let mut add = |kind: &str, document: fn(String) -> Wanted| {
                wanted.push((format!("{code}/{kind}.pdf"), document(code.clone())));
            };
            add("ballot", Wanted::Ballot);
            if !unit.attended {
                add("slips-specimen", Wanted::Specimens);
            }
            add("minutes", Wanted::Minutes);
            if !left.contains(code) {
                add("report", Wanted::UnitReport);
                add("notices", Wanted::Notices);
                add("plans", Wanted::Plans);
            }
        }
        Ok(wanted)
    }
}

/// Why there is no set: the document that is missing, and why it is.
fn without(name: &str, error: AppError) -> AppError {
    match error {
        AppError::Refused { status, code, detail } => AppError::Refused {
            status,
            code,
            detail: format!("there is no set, for {name} cannot be made: {detail}"),
        },
        other => {
            // What the centre's own failure is stays in its log.
            tracing::error!("there is no set of documents, for {name} cannot be made");
            other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_that_cannot_be_made_names_the_document_that_is_missing() {
        let error = without("S/minutes.pdf", AppError::unprocessable("document_too_large", "too much"));
        assert_eq!((error.code(), error.status()), ("document_too_large", 422));
        assert!(error.to_string().contains("S/minutes.pdf") && error.to_string().contains("too much"));
        assert_eq!(without("S/minutes.pdf", AppError::Internal("x".to_owned())).code(), "internal");
    }
}
