//! A centre that came out of a backup says so until every tablet has shown that nothing of its is missing.

use super::Centre;
use crate::error::AppError;
use crate::store::restoration::{self, RestorationRow, Tablet};
use crate::store::{StoreError, devices};
use serde::Serialize;

/// That this centre was restored, and what of it is not yet what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restoration {
    /// Name of the backup.
    pub backup: String,
    /// When it was taken, in seconds since 1970.
    pub taken_at: i64,
    /// When it was restored.
    pub restored_at: i64,
    /// Tablets that have not shown since that the centre holds everything they hold.
    pub unheard: Vec<Unheard>,
}

/// A tablet that was not heard from since a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unheard {
    /// The round.
    pub round: uuid::Uuid,
    /// The unit.
    pub unit: String,
    /// Its id.
    pub device: String,
    /// Its label.
    pub label: String,
    /// Whether two people decided to finish the round without it.
    pub going_on: bool,
}

impl Centre {
    /// The last restore, if this centre ever came out of a backup.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn restoration(&self) -> Result<Option<Restoration>, AppError> {
        let mut tx = self.begin().await?;
        let Some(row) = restoration::last(&mut tx).await? else { return Ok(None) };
        let mut unheard = Vec::new();
        for (round, unit, device) in restoration::unheard(&mut tx).await? {
            let label = devices::get(&mut tx, &round, &device).await?.map(|row| row.label);
            let without = restoration::going_on_without(&mut tx, &round).await?;
            unheard.push(Unheard {
                round: round.uuid(),
                unit: unit.to_string(),
                device: device.to_string(),
                label: label.unwrap_or_default(),
                going_on: without.iter().any(|row| row.unit == unit && row.device == device),
            });
        }
        let RestorationRow { backup, taken_at, restored_at } = row;
        Ok(Some(Restoration { backup: backup.to_string(), taken_at, restored_at, unheard }))
    }

    /// Whether a tablet was not heard from since a restore.
    pub(super) fn is_unheard(&self, tablet: &Tablet) -> bool {
        self.inner.unheard.read().expect("no holder panics").contains(tablet)
    }

    /// A tablet of a unit holds nothing that the centre lacks. Costs nothing unless it was waited for.
    pub(super) async fn heard(&self, tablet: &Tablet) -> Result<(), AppError> {
        if !self.is_unheard(tablet) {
            return Ok(());
        }
        let mut tx = self.begin_write().await?;
        restoration::heard(&mut tx, tablet).await?;
        tx.commit().await.map_err(StoreError::from)?;
        self.inner.unheard.write().expect("no holder panics").remove(tablet);
        Ok(())
    }
}
