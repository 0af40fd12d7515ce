//! Guidance for each step, every version of it.

use super::load_setting;
use crate::domain::periodic::guidance::{Guidance, GuidanceStep};
use crate::error::AppError;
use crate::service::{Centre, PAGE_MAX};
use crate::store::settings::{self, Written};

/// The guidance of a step as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepGuidance {
    /// The step.
    pub step: GuidanceStep,
    /// The text; revision 0 while nobody wrote one.
    pub written: Written<Guidance>,
}

pub(super) fn name(step: GuidanceStep) -> String {
    format!("guidance/{}", step.code())
}

impl Centre {
    /// The guidance of every step.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn guidance(&self) -> Result<Vec<StepGuidance>, AppError> {
        let mut tx = self.begin().await?;
        let mut all = Vec::new();
        for step in GuidanceStep::ALL {
            all.push(StepGuidance { step, written: load_setting(&mut tx, &name(step)).await? });
        }
        Ok(all)
    }

    /// Earlier versions of the guidance of a step, the last one first.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn guidance_history(&self, step: GuidanceStep) -> Result<Vec<Written<Guidance>>, AppError> {
        Ok(settings::history(&mut *self.inner.store.reader().await?, &name(step), PAGE_MAX).await?)
    }

    /// Writes the guidance of a step, on top of the version that somebody saw. An empty text takes it away.
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `guidance`, `changed_meanwhile`.
    pub async fn set_guidance(
        &self,
        step: GuidanceStep,
        guidance: Guidance,
        seen: u32,
    ) -> Result<Written<Guidance>, AppError> {
        let guidance = guidance.checked().map_err(|error| AppError::unprocessable("guidance", error))?;
        let tx = self.begin_write().await?;
        self.set(tx, &name(step), (guidance, seen), "guidance_written").await
    }
}
