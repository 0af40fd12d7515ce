//! Guidance for teams as their tablets fetch it: signed for the round of whoever asks.

use super::guidance::name;
use super::load_setting;
use crate::domain::periodic::guidance::{Guidance as Written, GuidanceStep};
use crate::error::AppError;
use crate::service::Centre;
use sync_core::cose::Signed;
use sync_core::guidance::{Guidance, TeamStep, TeamText};
use sync_core::id::ObjectId;

impl Centre {
    /// The guidance for teams that holds, signed, for the device that signed this request; nothing if it is the one that
    /// the device has, or nobody ever wrote any.
    ///
    /// # Errors
    /// [`AppError`], as of a sync request.
    pub async fn team_guidance(
        &self,
        body: &[u8],
        known: Option<ObjectId>,
    ) -> Result<Option<Vec<u8>>, AppError> {
        let package = self.asked_by_device(body).await?.package.hash();
        let mut tx = self.begin().await?;
        let mut guidance = Guidance { package, version: 0, texts: Vec::new() };
        for step in TeamStep::ALL {
            let found = load_setting::<Written>(&mut tx, &name(GuidanceStep::of_team(step))).await?;
            guidance.version = guidance.version.saturating_add(found.revision);
            let Written { vi, en } = found.content;
            if !(vi.is_empty() && en.is_empty()) {
                guidance.texts.push(TeamText { step, vi, en });
            }
        }
        if guidance.version == 0 && known.is_none() {
            return Ok(None);
        }
        // Equal texts give equal bytes, so there is nothing to keep.
        let signed = Signed::sign(guidance, self.key());
        Ok(Some(signed).filter(|signed| Some(signed.digest()) != known).map(Signed::into_bytes))
    }
}
