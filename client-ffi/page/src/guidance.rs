//! Guidance of the organisation board as the page shows it.

use crate::{Desk, Problem};
use client_ffi::store::Store;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

/// Guidance for a step of the team's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct StepText {
    /// The step: `compare`, `check_in`, `vote`, `close`, `minutes`, `hand_over` or `plans`.
    pub step: String,
    /// In Vietnamese, with line breaks; may be empty.
    pub vi: String,
    /// In English, with line breaks; may be empty.
    pub en: String,
}

pub(crate) fn guidance<S: Store, R: CryptoRng>(desk: &mut Desk<'_, S, R>) -> Result<Vec<StepText>, Problem> {
    let texts = desk.tablet.guidance()?.map(|guidance| guidance.texts).unwrap_or_default();
    let text = |text: sync_core::guidance::TeamText| StepText {
        step: text.step.code().to_owned(),
        vi: text.vi,
        en: text.en,
    };
    Ok(texts.into_iter().map(text).collect())
}
