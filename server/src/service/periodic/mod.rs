//! Rounds that come again: the rhythm, due days, and what is stored of them.

mod guidance;
mod next;
mod remind;
mod team;

pub use guidance::StepGuidance;
pub use remind::{Reminded, Reminding};

use super::{Centre, load_round, now};
use crate::domain::periodic::{DueDays, Rhythm};
use crate::domain::person::Role;
use crate::error::AppError;
use crate::store::Db;
use crate::store::settings::{self, Written};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_core::id::RoundId;

/// Name of the setting that holds the rhythm.
const RHYTHM: &str = "rhythm";

fn due_name(round: &RoundId) -> String {
    format!("due/{}", round.uuid())
}

/// A setting as it holds; the usual one, as revision 0, if nobody ever wrote it.
async fn load_setting<T: DeserializeOwned + Default>(
    db: &mut Db,
    name: &str,
) -> Result<Written<T>, AppError> {
    let written = settings::last(db, name).await?;
    Ok(written.unwrap_or_else(|| Written { revision: 0, at: 0, by: String::new(), content: T::default() }))
}

impl DueDays {
    /// The due days of a round.
    pub(super) async fn load(db: &mut Db, round: &RoundId) -> Result<Written<Self>, AppError> {
        load_setting(db, &due_name(round)).await
    }
}

impl Centre {
    /// How often rounds come, and when somebody is reminded.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn rhythm(&self) -> Result<Written<Rhythm>, AppError> {
        load_setting(&mut *self.inner.store.reader().await?, RHYTHM).await
    }

    /// Sets the rhythm, on top of the revision that somebody saw.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `rhythm`, `changed_meanwhile`.
    pub async fn set_rhythm(&self, rhythm: Rhythm, seen: u32) -> Result<Written<Rhythm>, AppError> {
        rhythm.check().map_err(|error| AppError::unprocessable("rhythm", error))?;
        let tx = self.begin_write().await?;
        self.set(tx, RHYTHM, (rhythm, seen), "rhythm_set").await
    }

    /// By which day each unit of a round is to be done.
    ///
    /// # Errors
    /// [`AppError`] with code `unknown_round`.
    pub async fn due_days(&self, round: &RoundId) -> Result<Written<DueDays>, AppError> {
        let mut tx = self.begin().await?;
        load_round(&mut tx, round).await?;
        DueDays::load(&mut tx, round).await
    }

    /// Sets the due days of a round, on top of the revision that somebody saw.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `unknown_round`, `due_days`, `changed_meanwhile`.
    pub async fn set_due_days(
        &self,
        round: &RoundId,
        due: DueDays,
        seen: u32,
    ) -> Result<Written<DueDays>, AppError> {
        let mut tx = self.begin_follow_up(round).await?;
        let stored = load_round(&mut tx, round).await?;
        let known = |unit: &str| stored.draft.unit(unit).is_some();
        due.check(known).map_err(|error| AppError::unprocessable("due_days", error))?;
        self.set(tx, &due_name(round), (due, seen), "due_days_set").await
    }

    /// Writes a setting as its next revision, if nobody wrote it since the one that was seen.
    async fn set<T: Serialize>(
        &self,
        mut tx: crate::store::Tx,
        name: &str,
        (content, seen): (T, u32),
        action: &str,
    ) -> Result<Written<T>, AppError> {
        let person = self.person_with(&[Role::Organiser])?;
        let last = settings::last::<serde_json::Value>(&mut tx, name).await?.map_or(0, |last| last.revision);
        let written = Written { revision: last + 1, at: now(), by: person.login.clone(), content };
        if last != seen || !settings::write(&mut tx, name, &written).await? {
            let detail = "somebody else changed it meanwhile: load it again, then change it";
            return Err(AppError::conflict("changed_meanwhile", detail));
        }
        let detail = serde_json::to_string(&written.content).unwrap_or_default();
        self.commit(tx, action, name, format!("revision {}: {detail}", written.revision)).await?;
        Ok(written)
    }
}
