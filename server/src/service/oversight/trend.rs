//! How rounds compare, the last ones first.

use crate::domain::calendar::{day_of, day_text};
use crate::domain::notice::Tally;
use crate::domain::plan::PlanTally;
use crate::error::AppError;
use crate::service::Centre;
use serde::Serialize;
use utoipa::ToSchema;

/// Rounds that are compared.
const ROUNDS_MAX: usize = 12;

/// A round in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RoundTrend {
    /// The round.
    pub round: uuid::Uuid,
    /// Its title.
    pub title: String,
    /// `official` or `training`.
    pub mode: &'static str,
    /// Day on which its package was signed.
    pub signed_on: Option<String>,
    /// Units.
    pub units_all: u32,
    /// Units that held their ballot and signed their minutes.
    pub units_held: u32,
    /// Published units.
    pub units_published: u32,
    /// Units behind their due day.
    pub units_late: u32,
    /// Units with a sign of formalism.
    pub units_with_signs: u32,
    /// Units that somebody should visit.
    pub units_to_visit: u32,
    /// Its notices of results.
    pub notices: Tally,
    /// Its correction plans.
    pub plans: PlanTally,
    /// What visits found that is to be put right.
    pub follow_ups_open: u32,
}

impl Centre {
    /// The last signed rounds, the newest first.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn oversight_trend(&self) -> Result<Vec<RoundTrend>, AppError> {
        let mut rounds = self.round_summaries().await?;
        rounds.retain(|round| round.package.is_some());
        rounds.sort_by_key(|round| (std::cmp::Reverse(round.signed_at), round.id));
        let mut trend = Vec::new();
        for round in rounds.into_iter().take(ROUNDS_MAX) {
            let overseen = self.oversight(&round.id).await?;
            let seen = &overseen.whole;
            let count = |of: fn(&super::UnitOversight) -> bool| {
                u32::try_from(overseen.units.iter().filter(|unit| of(unit)).count()).unwrap_or(u32::MAX)
            };
            trend.push(RoundTrend {
                round: round.id.uuid(),
                title: round.title.clone(),
                mode: if round.official { "official" } else { "training" },
                signed_on: round.signed_at.map(|at| day_text(day_of(at))),
                units_all: seen.units_all,
                units_held: seen.units_held,
                units_published: seen.units_published,
                units_late: count(|unit| unit.days_late.is_some()),
                units_with_signs: count(|unit| !unit.signs.is_empty()),
                units_to_visit: seen.units_to_visit,
                follow_ups_open: overseen.units.iter().map(|unit| unit.visits.open).sum(),
                notices: seen.notices.clone(),
                plans: seen.plans.clone(),
            });
        }
        Ok(trend)
    }
}
