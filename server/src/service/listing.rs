//! Rounds as lists show them. Rosters and packages are large, so they are read once and not for every list.

use super::{Centre, load_round};
use crate::domain::state::RoundState;
use crate::error::AppError;
use crate::store::audit::{self, Search};
use crate::store::{StoreError, rounds};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use sync_core::id::{PackageHash, RoundId};

/// Rounds as they were last read, with the turn they rest on.
pub(super) type Kept = RwLock<BTreeMap<RoundId, (i64, Arc<RoundSummary>)>>;

/// A round without its roster.
#[derive(Debug, Clone)]
pub struct RoundSummary {
    /// Its id.
    pub id: RoundId,
    /// Title for people.
    pub title: String,
    /// Whether it counts.
    pub official: bool,
    /// Its state.
    pub state: RoundState,
    /// Number of units.
    pub units: usize,
    /// Hash of the package, once signed.
    pub package: Option<PackageHash>,
    /// When that was, in seconds since 1970.
    pub signed_at: Option<i64>,
}

impl Centre {
    /// Every round, by id.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn round_summaries(&self) -> Result<Vec<Arc<RoundSummary>>, AppError> {
        let mut tx = self.begin().await?;
        let mut all = Vec::new();
        for row in rounds::light(&mut tx).await? {
            let state = RoundState::parse(&row.state).ok_or(StoreError::Damaged { what: "round" })?;
            let known = self.inner.listed.read().expect("no holder panics").get(&row.id).cloned();
            if let Some((_, known)) = known.filter(|(turn, known)| *turn == row.turn && known.state == state)
            {
                all.push(known);
                continue;
            }
            let round = load_round(&mut tx, &row.id).await?;
            let signed = Search {
                action: "round_signed".to_owned(),
                object: row.id.uuid().to_string(),
                ..Search::default()
            };
            let signed = audit::search(&mut tx, &signed, 1).await?;
            let summary = Arc::new(RoundSummary {
                id: round.id,
                title: round.draft.title,
                official: round.draft.official,
                state,
                units: round.draft.units.len(),
                package: round.package.map(|package| package.hash()),
                signed_at: signed.first().map(|line| line.at),
            });
            let mut kept = self.inner.listed.write().expect("no holder panics");
            kept.insert(row.id, (row.turn, Arc::clone(&summary)));
            drop(kept);
            all.push(summary);
        }
        Ok(all)
    }
}
