//! Everything of a round at once. A set is whole or it is not there.

use super::{Material, Wanted, set_pages};
use crate::error::AppError;
use crate::service::Centre;
use homphieu_documents::Language;
use std::collections::BTreeSet;
use sync_core::id::RoundId;

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
    /// be made: then there is no set.
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
            let document = self.fill(&material, &wanted, language).await?;
            let bytes = set_pages(document, language).await?;
            take(number, all, SetFile { name, bytes })?;
        }
        Ok(all)
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
