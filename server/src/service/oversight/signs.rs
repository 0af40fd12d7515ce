//! Signs of formalism of every unit of a round, from what is published and from units' records.

use crate::domain::calendar::day_of;
use crate::domain::figures::{RoundFigures, UnitFigures};
use crate::domain::signs::{
    Attendance, Sign, Spread, Timing, far_from, nobody_missing, signed_early, written_later,
};
use crate::error::AppError;
use crate::service::evidence::last_close;
use crate::service::record::{Records, load_record};
use crate::service::shelf::Shelf;
use crate::service::{Board, Centre, Round, UnitStatus};
use crate::store::{Db, StoreError, envelopes};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::id::UnitCode;
use sync_core::package::Voting;
use sync_core::record::FigureKind;
use time::Date;

/// What a unit's record and results show.
#[derive(Debug, Clone, Default)]
pub(in crate::service) struct Found {
    /// Entries that somebody of the unit wrote.
    pub entries: usize,
    /// Day of the first of them, as its tablet's clock had it.
    pub first_noted_on: Option<Date>,
    /// Day of the last signature, likewise.
    pub signed_on: Option<Date>,
    /// Signs of formalism.
    pub signs: Vec<Sign>,
}

/// What was found in each unit of a round, by code.
pub(in crate::service) type InRound = BTreeMap<String, Found>;

/// What was found last, with the turns it rests on: whoever writes takes one.
pub(in crate::service) type Kept = Shelf<(String, i64), InRound>;

impl Centre {
    /// What records and results show, by unit, as it was worked out last if nothing was written since.
    pub(super) async fn found(
        &self,
        db: &mut Db,
        round: &Round,
        figures: Option<&RoundFigures>,
        board: &Board,
    ) -> Result<Arc<InRound>, AppError> {
        let turns = board.turns();
        if let Some(found) = self.inner.found.find(&round.id, &turns) {
            return Ok(found);
        }
        let found = Arc::new(find((db, self.kept()), round, figures, board).await?);
        self.inner.found.keep(round.id, turns, &found);
        Ok(found)
    }
}

/// What is found, by unit.
async fn find(
    (db, kept): (&mut Db, Option<&Records>),
    round: &Round,
    figures: Option<&RoundFigures>,
    board: &Board,
) -> Result<InRound, AppError> {
    let package = round.signed()?.value();
    let centre = package.centre.device();
    let closed_at = last_close(db, round).await?.and_then(|close| minutes(close.at));
    let far = far_units(figures);
    let mut all = BTreeMap::new();
    for status in board.units.iter().map(|unit| &unit.status) {
        let code = UnitCode::new(&status.code).map_err(|_| StoreError::Damaged { what: "unit code" })?;
        let entry = package.unit(&code).ok_or(StoreError::Damaged { what: "round" })?;
        let folded = load_record(db, kept, round, &code).await?;
        let came_in_time =
            closed_at.is_some() && !envelopes::at_close(db, &round.id, &code).await?.is_empty();
        let own = || folded.record.entries().filter(|(place, _)| place.actor.device() != centre);
        let timing = Timing::of(&folded.record, &centre, closed_at.filter(|_| came_in_time));
        let mut found = Found {
            entries: own().count(),
            first_noted_on: own().filter_map(|(_, entry)| entry.at).min().and_then(day),
            signed_on: folded.state.sign_offs.values().filter_map(|sign| sign.at).max().and_then(day),
            signs: Vec::new(),
        };
        let published =
            figures.and_then(|figures| figures.units.iter().find(|unit| unit.code == status.code));
        let counted = published.and_then(|unit| unit.signs.as_ref());
        let shown = [
            (Sign::UniformBallots, counted.is_some_and(|signs| signs.uniform_ballots)),
            (Sign::OnlyHighest, counted.is_some_and(|signs| signs.only_highest)),
            (Sign::FarFromOthers, far.get(&status.code).copied().unwrap_or_default()),
            (Sign::NobodyMissing, nobody_missing(&attendance(status, entry.voting)).unwrap_or_default()),
            (Sign::SignedEarly, signed_early(&folded.record)),
            (Sign::WrittenLater, written_later(&timing).is_some()),
        ];
        found.signs.extend(shown.into_iter().filter(|(_, yes)| *yes).map(|(sign, _)| sign));
        all.insert(status.code.clone(), found);
    }
    Ok(all)
}

/// Which published units are far from all others together. Only figures take part that are published themselves, so that
/// nothing follows from this which does not follow from them.
fn far_units(figures: Option<&RoundFigures>) -> BTreeMap<String, bool> {
    let Some(figures) = figures else { return BTreeMap::new() };
    let spreads: Vec<(&str, Spread)> =
        figures.units.iter().filter_map(|unit| Some((unit.code.as_str(), spread(unit)?))).collect();
    let mut sum = Spread::default();
    spreads.iter().for_each(|(_, spread)| sum.add(spread));
    let far =
        |(code, own): &(&str, Spread)| far_from(own, &sum.without(own)).map(|far| ((*code).to_owned(), far));
    spreads.iter().filter_map(far).collect()
}

/// How the ballots of a unit are spread, if it is large enough to show it.
fn spread(unit: &UnitFigures) -> Option<Spread> {
    let mut spread = Spread::default();
    for official in &unit.officials {
        let levels = official.levels.as_ref()?.iter().map(|share| share.count).collect();
        spread.add(&Spread { ballots: 0, levels });
    }
    spread.ballots = u64::from(unit.valid);
    Some(spread)
}

fn attendance(status: &UnitStatus, voting: Voting) -> Attendance {
    let figure = |kind: FigureKind| status.record.figures.get(kind.code()).copied().flatten();
    let (issued, used) = match voting {
        Voting::Permit => (figure(FigureKind::Issued), Some(figure(FigureKind::UsedSlips))),
        Voting::Attended => (figure(FigureKind::Unlocked), None),
    };
    let (summoned, present) = (figure(FigureKind::Summoned), figure(FigureKind::Present));
    Attendance { voters: status.voters, summoned, present, issued, used }
}

/// A moment in seconds as entries note it.
fn minutes(seconds: i64) -> Option<u64> {
    u64::try_from(seconds).ok().map(|seconds| seconds / 60)
}

/// The day of a moment in minutes.
fn day(minutes: u64) -> Option<Date> {
    i64::try_from(minutes).ok()?.checked_mul(60).map(day_of)
}
