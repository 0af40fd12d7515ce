//! Reading the audit log: search, and the walk that shows that it is whole.

use super::Centre;
use crate::domain::audit::{AuditHead, Entry, Walk};
use crate::error::AppError;
use crate::store::audit::{self, Search};
use sync_core::cose::Signed;

/// Lines read at once.
const PAGE: u32 = 500;

/// What walking the log showed.
#[derive(Debug, Clone)]
pub struct AuditReport {
    /// Its end.
    pub head: AuditHead,
    /// The signed head as bytes; nothing while the log is empty.
    pub signed: Option<Vec<u8>>,
}

impl Centre {
    /// Lines of the log that match, the newest first.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn audit(&self, what: &Search, limit: u32) -> Result<Vec<Entry>, AppError> {
        Ok(audit::search(&mut *self.inner.store.reader().await?, what, limit.min(super::PAGE_MAX)).await?)
    }

    /// Walks the whole log, past a signed head that was noted elsewhere if one is given.
    ///
    /// # Errors
    /// [`AppError`] with code `audit` if the log is not what was written, or does not go on from that head.
    pub async fn verify_audit(&self, noted: Option<&[u8]>) -> Result<AuditReport, AppError> {
        let wrong = |error: &dyn std::fmt::Display| AppError::conflict("audit", error.to_string());
        let key = self.keys().sign;
        let noted = noted.map(|bytes| Signed::<AuditHead>::open(bytes, &key)).transpose();
        let noted = noted.map_err(|error| wrong(&error))?.map(|head| *head.value());
        // One transaction, so that lines written meanwhile do not look like a wrong head.
        let mut tx = self.begin().await?;
        let mut walk = Walk::past(noted);
        let signed = audit::head(&mut tx).await?;
        let mut last = 0;
        loop {
            let page = audit::after(&mut tx, last, PAGE).await?;
            let Some((entry, _)) = page.last() else { break };
            last = entry.seq;
            for (entry, hash) in &page {
                walk.step(entry, hash).map_err(|error| wrong(&error))?;
            }
        }
        let head = walk.end(signed.as_deref(), &key).map_err(|error| wrong(&error))?;
        Ok(AuditReport { head, signed })
    }

    /// The signed end of the log, to be noted elsewhere.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn audit_head(&self) -> Result<Option<Vec<u8>>, AppError> {
        Ok(audit::head(&mut *self.inner.store.reader().await?).await?)
    }
}
