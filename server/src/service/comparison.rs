//! What is needed to compare: published figures that are kept in memory, and which rounds came before.

use super::counting::load_counted;
use super::shelf::Shelf;
use super::standing::load_sheets_of_round;
use super::{Centre, load_signed};
use crate::domain::calendar::day_of;
use crate::domain::comparison::{self, Column, Published, Side};
use crate::domain::figures::{RoundFigures, round_figures};
use crate::error::AppError;
use crate::store::{audit, rounds, units};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use sync_core::id::{RoundId, UnitCode};

/// Published figures as they were last put together, with the turns they rest on.
pub(super) type Kept = Shelf<i64, RoundFigures>;

/// A published round, and on which day its first unit was.
#[derive(Debug, Clone)]
pub struct PublishedRound {
    round: RoundId,
    at: i64,
    figures: Arc<RoundFigures>,
}

impl PublishedRound {
    fn view(&self) -> Published<'_> {
        Published { round: self.round, day: day_of(self.at), figures: &self.figures }
    }
}

/// What stands beside a round's own in earlier rounds.
#[derive(Debug, Clone, Copy)]
pub enum Compared<'a> {
    /// The round as a whole.
    Round,
    /// A unit with this code.
    Unit(&'a str),
    /// An official with this code.
    Official(&'a str),
}

impl Compared<'_> {
    fn sides(self, published: &Published) -> Vec<Side> {
        match self {
            Self::Round => vec![comparison::of_round(published)],
            Self::Unit(code) => {
                let same = published.figures.units.iter().filter(|unit| unit.code == code);
                same.map(|unit| comparison::of_unit(published, unit)).collect()
            }
            Self::Official(code) => comparison::of_official(published, code).collect(),
        }
    }
}

impl Centre {
    /// The figures of published units.
    ///
    /// # Errors
    /// [`AppError`] with code `not_published` if there is none, `not_signed`, `unknown_round`.
    pub async fn figures(&self, round: &RoundId) -> Result<RoundFigures, AppError> {
        Ok((*self.kept_figures(round).await?).clone())
    }

    /// The same for those who only read, as they were put together last if nothing was written since.
    ///
    /// # Errors
    /// As [`Self::figures`].
    pub async fn kept_figures(&self, round: &RoundId) -> Result<Arc<RoundFigures>, AppError> {
        let mut tx = self.begin().await?;
        // Within the transaction, so that what is kept is what these turns made.
        let turns = rounds::mark(&mut tx, round).await?.map_or(0, |mark| mark.turns);
        if let Some(figures) = self.inner.figures.find(round, &turns) {
            return Ok(figures);
        }
        let package = load_signed(&mut tx, round).await?;
        let published = units::published(&mut tx, round).await?;
        let none = || AppError::not_found("not_published", "no result of this round is published yet");
        let order = published.iter().map(|(_, order)| *order).max().ok_or_else(none)?;
        let counted = load_counted(&mut tx, round, package.value()).await?;
        let result = counted.iter().filter_map(|c| c.result.as_ref()).find(|r| r.value().number == order);
        let result = result.ok_or_else(none)?;
        let sheets = load_sheets_of_round(&mut tx, round).await?;
        let published: BTreeSet<UnitCode> = published.into_iter().map(|(unit, _)| unit).collect();
        let digest = result.digest().to_string();
        let figures = Arc::new(round_figures(package.value(), &sheets, result.value(), digest, &published));
        self.inner.figures.keep(*round, turns, &figures);
        Ok(figures)
    }

    /// The round itself and those of its mode that were published before it, the latest first.
    ///
    /// # Errors
    /// [`AppError`] with code `not_published` while nothing of the round is, `unknown_round`.
    pub async fn published_before(&self, round: &RoundId) -> Result<Vec<(RoundId, i64)>, AppError> {
        let mut tx = self.begin().await?;
        let modes = rounds::light(&mut tx).await?.into_iter().map(|round| (round.id, round.mode));
        let modes: BTreeMap<RoundId, i64> = modes.collect();
        let mut known = audit::first_published(&mut tx).await?;
        known.sort_by_key(|known| std::cmp::Reverse(known.seq));
        let known: Vec<(RoundId, i64)> = known
            .into_iter()
            .filter_map(|first| {
                Some((RoundId(uuid::Uuid::try_parse(&first.object).ok()?.into_bytes()), first.at))
            })
            .filter(|(id, _)| modes.contains_key(id) && modes.get(id) == modes.get(round))
            .collect();
        let own = known.iter().position(|(id, _)| id == round);
        let Some(own) = own else {
            load_signed(&mut tx, round).await?;
            return Err(AppError::not_found("not_published", "no result of this round is published yet"));
        };
        Ok(known[own..].to_vec())
    }

    /// Compares with some rounds that were published before, of which the first may be the round itself. A round in which
    /// there is nothing to compare is left out.
    ///
    /// # Errors
    /// [`AppError`] with code `not_published` if there is nothing to compare with.
    pub async fn compare(
        &self,
        round: (RoundId, i64),
        rounds: &[(RoundId, i64)],
        what: Compared<'_>,
    ) -> Result<Vec<Column>, AppError> {
        let own = self.published(round).await?;
        let none =
            || AppError::not_found("not_published", "no result of this is published yet in this round");
        let with = what.sides(&own.view()).into_iter().next().ok_or_else(none)?;
        let mut sides = Vec::new();
        for round in rounds {
            match self.published(*round).await {
                Ok(published) => sides.extend(what.sides(&published.view())),
                Err(error) if error.code() == "not_published" => {}
                Err(error) => return Err(error),
            }
        }
        Ok(comparison::beside(&with, sides))
    }

    /// The units of a round beside each other, in the order of their codes.
    ///
    /// # Errors
    /// [`AppError`] with code `not_published`.
    pub async fn compare_units(&self, round: &RoundId) -> Result<Vec<Column>, AppError> {
        let own = *self.published_before(round).await?.first().expect("it begins with the round itself");
        let own = self.published(own).await?;
        let view = own.view();
        let sides: Vec<Side> =
            view.figures.units.iter().map(|unit| comparison::of_unit(&view, unit)).collect();
        let Some(with) = sides.first().cloned() else { return Ok(Vec::new()) };
        Ok(comparison::beside(&with, sides))
    }

    async fn published(&self, (round, at): (RoundId, i64)) -> Result<PublishedRound, AppError> {
        Ok(PublishedRound { round, at, figures: self.kept_figures(&round).await? })
    }
}
