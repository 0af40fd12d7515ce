//! The year-end figures, out of what was published and nothing else.

use super::{at_a_desk, base_of, rated, set_pages, shares};
use crate::domain::calendar::{day_of, day_text};
use crate::domain::figures::{RoundFigures, UnitFigures};
use crate::error::AppError;
use crate::service::{Centre, Round};
use crate::store::audit;
use homphieu_documents::{
    Code, Document, Head, Language, Level, Unit, Year, YearBallots, YearMarks, YearOfficial, YearRound,
    YearUnit, year_csv, year_xlsx,
};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use time::Date;

/// Earlier rounds that a letter tells.
pub(in crate::service) const EARLIER_MAX: usize = 3;
/// Rounds of one year, with the one before them: what has room beside each other on paper.
const COLUMNS_MAX: usize = 6;

/// How the figures of a year are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum YearFormat {
    /// A workbook.
    Xlsx,
    /// A table as text.
    Csv,
    /// On paper.
    Pdf,
}

/// Which figures of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedYear {
    /// The year.
    pub year: u16,
    /// Those of training rounds, which say so, instead of those that count. The two are never in one table.
    pub training: bool,
}

impl Centre {
    /// Years in which rounds were first published, the latest first, each with how many.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn years(&self) -> Result<Vec<(WantedYear, u32)>, AppError> {
        let mut years = BTreeMap::new();
        for training in [false, true] {
            for (_, first) in self.published_rounds(training).await? {
                *years.entry((Reverse(year_of(first)), training)).or_insert(0) += 1;
            }
        }
        let years = years.into_iter();
        Ok(years.map(|((Reverse(year), training), rounds)| (WantedYear { year, training }, rounds)).collect())
    }

    /// The figures of a year.
    ///
    /// # Errors
    /// [`AppError`] with code `nothing_published` if no round was published in that year.
    pub async fn year(
        &self,
        wanted: WantedYear,
        format: YearFormat,
        language: Language,
    ) -> Result<Vec<u8>, AppError> {
        let figures = self.year_figures(wanted, language).await?;
        match format {
            YearFormat::Pdf => set_pages(Document::Year(Box::new(figures)), language).await,
            YearFormat::Csv => at_a_desk(move || year_csv(&figures, language)).await,
            YearFormat::Xlsx => at_a_desk(move || year_xlsx(&figures, language)).await,
        }
    }

    async fn year_figures(&self, wanted: WantedYear, language: Language) -> Result<Year, AppError> {
        let year = wanted.year;
        let published = self.published_rounds(wanted.training).await?;
        let inside = |(_, first): &&(Round, Date)| year_of(*first) == year;
        let count = published.iter().filter(inside).count();
        if count == 0 {
            let detail = format!("no round was published in {year}");
            return Err(AppError::not_found("nothing_published", detail));
        }
        if count > COLUMNS_MAX {
            let detail =
                format!("{count} rounds were published in {year}; a table has room for {COLUMNS_MAX}");
            return Err(AppError::unprocessable("document_too_large", detail));
        }
        // The round before the year stands beside it, to compare with, where there is room.
        let before = published.iter().take_while(|one| !inside(one)).last().filter(|_| count < COLUMNS_MAX);
        let mut rounds = Vec::new();
        for (round, first) in before.into_iter().chain(published.iter().filter(inside)) {
            rounds.push((self.figures(&round.id).await?, *first));
        }
        Ok(table(wanted, &rounds, language))
    }

    /// The figures of earlier rounds of the same world, the latest first.
    pub(super) async fn earlier_figures(&self, round: &Round) -> Result<Vec<RoundFigures>, AppError> {
        let mut figures = Vec::new();
        for (earlier, _) in self.published_before(&round.id).await?.iter().skip(1).take(EARLIER_MAX) {
            figures.push(self.figures(earlier).await?);
        }
        Ok(figures)
    }

    /// Rounds of which anything is published, in the order and with the day of their first publication.
    async fn published_rounds(&self, training: bool) -> Result<Vec<(Round, Date)>, AppError> {
        let mut tx = self.begin().await?;
        let mut firsts = audit::first_published(&mut tx).await?;
        drop(tx);
        firsts.sort_by_key(|first| first.seq);
        let rounds = self.rounds().await?.into_iter().filter(|round| round.draft.official != training);
        let mut rounds: BTreeMap<String, Round> =
            rounds.map(|round| (round.id.uuid().to_string(), round)).collect();
        let known =
            firsts.into_iter().filter_map(|first| Some((rounds.remove(&first.object)?, day_of(first.at))));
        Ok(known.collect())
    }
}

fn year_of(day: Date) -> u16 {
    u16::try_from(day.year()).unwrap_or_default()
}

/// Rounds beside each other. A unit or official is the same under the same code; names and posts are the latest.
pub(super) fn table(wanted: WantedYear, rounds: &[(RoundFigures, Date)], language: Language) -> Year {
    let WantedYear { year, training } = wanted;
    let mut units: BTreeMap<&str, YearUnit> = BTreeMap::new();
    for (figures, _) in rounds.iter().rev() {
        for unit in &figures.units {
            let empty = || YearUnit {
                unit: Unit { code: unit.code.clone(), name: unit.name.clone() },
                rounds: vec![None; rounds.len()],
                officials: Vec::new(),
            };
            let known = units.entry(&unit.code).or_insert_with(empty);
            for official in &unit.officials {
                if known.officials.iter().all(|there| there.official.code != official.code) {
                    let rounds = vec![None; rounds.len()];
                    known.officials.push(YearOfficial { official: rated(official), rounds });
                }
            }
        }
    }
    for (place, (figures, _)) in rounds.iter().enumerate() {
        for unit in &figures.units {
            if let Some(known) = units.get_mut(unit.code.as_str()) {
                enter(known, place, unit);
            }
        }
    }
    let title = match language {
        Language::Vietnamese => format!("Năm {year}"),
        Language::English => format!("Year {year}"),
    };
    Year {
        // The day of the last publication and not today: the same figures are the same file.
        head: Head {
            round: title,
            training,
            made_on: rounds.iter().map(|(_, first)| day_text(*first)).max(),
            levels: Vec::new(),
        },
        year,
        rounds: rounds.iter().map(|(figures, first)| column(figures, *first)).collect(),
        units: units.into_values().collect(),
    }
}

fn enter(known: &mut YearUnit, place: usize, unit: &UnitFigures) {
    if let Some(cell) = known.rounds.get_mut(place) {
        *cell = Some(YearBallots {
            collected: unit.collected,
            valid: unit.valid,
            invalid: unit.invalid,
            percent_base: base_of(unit),
            base: unit.base,
            too_few: unit.too_few_ballots,
        });
    }
    for official in &unit.officials {
        let known = known.officials.iter_mut().find(|there| there.official.code == official.code);
        let cell = known.and_then(|known| known.rounds.get_mut(place));
        if let (Some(cell), Some(levels)) = (cell, &official.levels) {
            let invalid_lines = official.invalid_lines.unwrap_or_default();
            *cell = Some(YearMarks { levels: shares(levels), invalid_lines });
        }
    }
}

fn column(figures: &RoundFigures, first: Date) -> YearRound {
    let level =
        |level: &crate::domain::figures::LevelLabel| Level { vi: level.vi.clone(), en: level.en.clone() };
    YearRound {
        title: figures.title.clone(),
        published_on: day_text(first),
        levels: figures.levels.iter().map(level).collect(),
        proof: (figures.order, Code::new(&figures.digest)),
        unpublished: u32::try_from(figures.unpublished.len()).unwrap_or(u32::MAX),
    }
}
