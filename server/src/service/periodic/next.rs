//! The next round, proposed from the last one.

use super::load_setting;
use crate::domain::calendar::day_of;
use crate::domain::periodic::Changes;
use crate::domain::periodic::proposal::{NextRound, propose};
use crate::error::AppError;
use crate::service::{Centre, Round, load_round, now};
use crate::store::audit::{self, Search};
use crate::store::settings::Written;
use sync_core::id::RoundId;
use time::Date;

/// Name of the setting that holds what changed between rounds.
const CHANGES: &str = "changes";

impl Centre {
    /// What was noted to change between rounds.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn changes(&self) -> Result<Written<Changes>, AppError> {
        load_setting(&mut *self.inner.store.reader().await?, CHANGES).await
    }

    /// Notes what changes between rounds, on top of the revision that somebody saw.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `changes`, `changed_meanwhile`.
    pub async fn set_changes(&self, changes: Changes, seen: u32) -> Result<Written<Changes>, AppError> {
        changes.check().map_err(|error| AppError::unprocessable("changes", error))?;
        let tx = self.begin_write().await?;
        self.set(tx, CHANGES, (changes, seen), "changes_noted").await
    }

    /// The next round after one.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`, `not_signed`.
    pub async fn next_round(&self, last: &RoundId) -> Result<NextRound, AppError> {
        let (_, next) = self.proposed(last).await?;
        Ok(next)
    }

    /// Makes a draft of the next round, to be looked over like any other.
    ///
    /// # Errors
    /// As [`Self::next_round`], `draft` if its title is none.
    pub async fn draft_next_round(&self, last: &RoundId, title: &str) -> Result<Round, AppError> {
        let (stored, next) = self.proposed(last).await?;
        self.import(&next.roster(), next.choices(&stored.draft, title.to_owned())).await
    }

    async fn proposed(&self, last: &RoundId) -> Result<(Round, NextRound), AppError> {
        let mut tx = self.begin().await?;
        let stored = load_round(&mut tx, last).await?;
        stored.signed()?;
        let began = began_on(&mut tx, last).await?.unwrap_or_else(|| day_of(now()));
        let changes: Written<Changes> = load_setting(&mut tx, CHANGES).await?;
        let rhythm = load_setting(&mut tx, super::RHYTHM).await?.content;
        let next = propose(&stored.draft, began, &rhythm, &changes.content);
        Ok((stored, next))
    }
}

/// The day on which a round was first opened for voting, or else signed.
pub(super) async fn began_on(db: &mut crate::store::Db, round: &RoundId) -> Result<Option<Date>, AppError> {
    for action in ["round_opened", "round_signed"] {
        let object = round.uuid().to_string();
        let what = Search { action: action.to_owned(), object, ..Search::default() };
        // The newest come first.
        let lines = audit::search(db, &what, crate::service::PAGE_MAX).await?;
        if let Some(first) = lines.last() {
            return Ok(Some(day_of(first.at)));
        }
    }
    Ok(None)
}
