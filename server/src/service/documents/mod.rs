//! Documents: what is stored, as plain data for the crate that sets pages. Nothing here knows more than is published:
//! every figure is taken from the figures that people see, small groups left out as there.

mod letters;
mod meeting;
mod plans;
mod reports;
mod set;
mod year;

pub use set::SetFile;
pub(in crate::service) use year::EARLIER_MAX;
pub use year::{WantedYear, YearFormat};

use super::{Centre, LetterSearch, Round, load_round, now};
use crate::domain::calendar::{day_of, day_text};
use crate::domain::draft::{Draft, DraftUnit};
use crate::domain::figures::{OfficialFigures, RoundFigures, UnitFigures};
use crate::domain::notice::Notice;
use crate::error::AppError;
use crate::store::notices;
use crate::ways::public_address;
use homphieu_documents::{
    Base, Document, DocumentError, Fact, Head, Language, Level, OfficialResult, RatedOfficial, Share, Unit,
    UnitResult, pdf,
};
use std::sync::LazyLock;
use sync_core::id::RoundId;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Which document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The form that voters of a unit mark on paper.
    Ballot(String),
    /// Permit slips of a unit with invented codes, marked as such.
    Specimens(String),
    /// Counting minutes of a unit.
    Minutes(String),
    /// Letters to every official of a unit.
    Notices(String),
    /// The letter to one official.
    Notice(String),
    /// Correction plans of every official of a unit: forms where nobody wrote one.
    Plans(String),
    /// One official's correction plan, or a form for it.
    Plan(String),
    /// Report of a unit.
    UnitReport(String),
    /// Report of the round.
    RoundReport,
}

/// Pages are set one or two at a time: it is work for a processor that also has to answer tablets.
static DESKS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// What is known of a round, loaded once for any number of its documents.
pub(super) struct Material {
    round: Round,
    figures: Option<RoundFigures>,
    notices: Vec<Notice>,
    earlier: Vec<RoundFigures>,
    made_on: String,
}

impl Centre {
    /// A document of a round as PDF.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`, `unknown_unit`, `unknown_notice`, `not_signed` or `not_published`.
    pub async fn document(
        &self,
        round: &RoundId,
        wanted: &Wanted,
        language: Language,
    ) -> Result<Vec<u8>, AppError> {
        let material = self.material(round).await?;
        set_pages(self.fill(&material, wanted, language).await?, language).await
    }

    /// Makes letters, each with a new one-time code, and sets them: a PDF for each unit, by its code. The codes are in
    /// them and nowhere else, so they are to be printed at once.
    ///
    /// # Errors
    /// As [`Self::make_letters`], and [`AppError`] with code `letter_address` for an address that is none.
    pub async fn letters_on_paper(
        &self,
        round: &RoundId,
        which: &LetterSearch,
        days: u16,
        address: &str,
        language: Language,
    ) -> Result<Vec<(String, Zeroizing<Vec<u8>>)>, AppError> {
        let address = public_address(address.trim())
            .map_err(|error| AppError::unprocessable("letter_address", error))?;
        let material = self.material(round).await?;
        let made = self.make_letters(round, which, days).await?;
        let mut papers = Vec::new();
        for (unit, notices) in letters::with_codes(&material, &made, &address)? {
            let bytes = set_pages(Document::Notices(notices), language).await?;
            papers.push((unit, Zeroizing::new(bytes)));
        }
        Ok(papers)
    }

    async fn material(&self, round: &RoundId) -> Result<Material, AppError> {
        let figures = match self.figures(round).await {
            Ok(figures) => Some(figures),
            Err(error) if ["not_published", "not_signed"].contains(&error.code()) => None,
            Err(error) => return Err(error),
        };
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, round).await?;
        let notices = notices::of_round(&mut tx, round).await?;
        drop(tx);
        let earlier = if figures.is_some() { self.earlier_figures(&stored).await? } else { Vec::new() };
        Ok(Material { round: stored, figures, notices, earlier, made_on: day_text(day_of(now())) })
    }

    /// The document as data.
    async fn fill(
        &self,
        material: &Material,
        wanted: &Wanted,
        language: Language,
    ) -> Result<Document, AppError> {
        Ok(match wanted {
            Wanted::Ballot(unit) => Document::Ballot(meeting::ballot(material, material.unit(unit)?)),
            Wanted::Specimens(unit) => Document::Slips(meeting::specimens(material, material.unit(unit)?)),
            Wanted::Minutes(unit) => {
                let looked = self.unit_record(&material.round.id, unit).await?;
                Document::Minutes(Box::new(meeting::minutes(
                    material,
                    material.unit(unit)?,
                    &looked,
                    language,
                )?))
            }
            Wanted::Notices(unit) => Document::Notices(letters::of_unit(material, unit)?),
            Wanted::Notice(official) => Document::Notices(letters::of_official(material, official)?),
            Wanted::Plans(unit) => Document::Plans(self.plans_of_unit(material, material.unit(unit)?).await?),
            Wanted::Plan(official) => Document::Plans(self.plan_of_official(material, official).await?),
            Wanted::UnitReport(unit) => {
                let looked = self.unit_record(&material.round.id, unit).await?;
                Document::UnitReport(Box::new(reports::of_unit(material, unit, &looked, language)?))
            }
            Wanted::RoundReport => Document::RoundReport(Box::new(reports::of_round(material)?)),
        })
    }
}

impl Material {
    fn unit(&self, code: &str) -> Result<&DraftUnit, AppError> {
        let missing = || AppError::not_found("unknown_unit", format!("there is no unit {code} in the round"));
        self.round.draft.unit(code.trim()).ok_or_else(missing)
    }

    fn published(&self) -> Result<&RoundFigures, AppError> {
        let none = || AppError::not_found("not_published", "no result of this round is published yet");
        self.figures.as_ref().ok_or_else(none)
    }

    /// The published figures of a unit.
    fn result(&self, code: &str) -> Result<(&RoundFigures, &UnitFigures), AppError> {
        self.unit(code)?;
        let none = || AppError::not_found("not_published", "no result of this unit is published yet");
        let figures = self.published()?;
        Ok((figures, figures.units.iter().find(|unit| unit.code == code.trim()).ok_or_else(none)?))
    }

    /// `made_on`: the day that stands on paper which says how things stand today.
    fn head(&self, dated: bool) -> Head {
        head_of(&self.round.draft, dated.then(|| self.made_on.clone()))
    }
}

fn head_of(draft: &Draft, made_on: Option<String>) -> Head {
    let level =
        |level: &crate::domain::draft::DraftLevel| Level { vi: level.vi.clone(), en: level.en.clone() };
    Head {
        round: draft.title.clone(),
        training: !draft.official,
        made_on,
        levels: draft.levels.iter().map(level).collect(),
    }
}

/// The slips of a unit as PDF, for the process that prints them.
pub(super) fn slips(draft: &Draft, slips: &super::Slips) -> Result<Vec<u8>, AppError> {
    pdf(&Document::Slips(meeting::slips(draft, slips)), Language::Vietnamese).map_err(refused)
}

/// Sets a document, beside the threads that answer.
pub(super) async fn set_pages(document: Document, language: Language) -> Result<Vec<u8>, AppError> {
    at_a_desk(move || pdf(&document, language)).await
}

/// Does work that takes a processor for a while.
pub(super) async fn at_a_desk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DocumentError> + Send + 'static,
) -> Result<T, AppError> {
    let _desk = DESKS.acquire().await.map_err(|error| AppError::Internal(error.to_string()))?;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| AppError::Internal(error.to_string()))?.map_err(refused)
}

fn refused(error: DocumentError) -> AppError {
    match error {
        DocumentError::NotSet { .. } => AppError::Internal(error.to_string()),
        DocumentError::TooMany { .. } | DocumentError::TooLarge | DocumentError::TooLongToScan { .. } => {
            AppError::unprocessable("document_too_large", error)
        }
    }
}

fn unit_of(unit: &DraftUnit) -> Unit {
    Unit { code: unit.code.clone(), name: unit.name.clone() }
}

fn rated(official: &OfficialFigures) -> RatedOfficial {
    RatedOfficial { code: official.code.clone(), name: official.name.clone(), post: official.post.clone() }
}

fn shares(shares: &[crate::domain::figures::Share]) -> Vec<Share> {
    shares.iter().map(|share| Share { count: share.count, percent: share.percent.clone() }).collect()
}

fn base_of(unit: &UnitFigures) -> Base {
    if unit.percent_base == "valid" { Base::Valid } else { Base::Collected }
}

fn facts(reasons: &[crate::domain::figures::Reason]) -> Vec<Fact> {
    reasons.iter().map(|reason| Fact { code: reason.code.to_owned(), count: reason.count }).collect()
}

fn result_of(unit: &UnitFigures) -> UnitResult {
    let official = |official: &OfficialFigures| OfficialResult {
        official: rated(official),
        levels: official.levels.as_deref().map(shares),
        invalid_lines: official.invalid_lines,
        over_half: official.over_half == Some(true),
        two_thirds_or_more: official.two_thirds_or_more == Some(true),
    };
    UnitResult {
        collected: unit.collected,
        valid: unit.valid,
        invalid: unit.invalid,
        reasons: facts(&unit.invalid_by_reason),
        percent_base: base_of(unit),
        base: unit.base,
        too_few: unit.too_few_ballots,
        attended: unit.attended,
        earlier_stand: unit.earlier_figures_stand,
        officials: unit.officials.iter().map(official).collect(),
    }
}
