//! What went wrong, as an app can act on it.

use client_ffi::store::StoreError;
use client_ffi::transport::TransportError;
use client_ffi::{Case, TabletError};
use sync_core::record::Language;
use thiserror::Error;

/// What went wrong. Each case asks something else of the app; `code` is a stable word for the exact reason, `vi` and
/// `en` are the sentence for the person, which says what to do. Nothing was changed, unless the case says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Error, uniffi::Error)]
pub enum Problem {
    /// Try the same again later, by itself: no network, or the centre is busy. Everything stays on the tablet.
    #[error("{vi} ({en})")]
    Retry {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// Only the office can help: show the sentence, try no more.
    #[error("{vi} ({en})")]
    AskOffice {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// What was typed, scanned or handed over is not right: ask for it again.
    #[error("{vi} ({en})")]
    WrongInput {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// Something else has to be done first, such as comparing the list with paper.
    #[error("{vi} ({en})")]
    NotYet {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// This tablet takes no more ballots for the unit; others may.
    #[error("{vi} ({en})")]
    Closed {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// The round is finished in the unit.
    #[error("{vi} ({en})")]
    Finished {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// No room is left. What was confirmed is safe. The call that met this is not confirmed: after space was freed, do
    /// it again; should a slip then count as used, its ballot is in the box.
    #[error("{vi} ({en})")]
    StoreFull {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// A stored value is not what was written, or the memory fails. Keep the tablet as it is, and ask the office.
    #[error("{vi} ({en})")]
    Damaged {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
    /// The program cannot go on as it is: drop this object and open the tablet again. What was confirmed is safe.
    #[error("{vi} ({en})")]
    Restart {
        /// Stable word.
        code: String,
        /// In Vietnamese.
        vi: String,
        /// In English.
        en: String,
    },
}

impl Problem {
    pub(crate) fn new(case: Case, code: &str, (vi, en): (String, String)) -> Self {
        let code = code.to_owned();
        match case {
            Case::Retry => Self::Retry { code, vi, en },
            Case::AskOffice => Self::AskOffice { code, vi, en },
            Case::WrongInput => Self::WrongInput { code, vi, en },
            Case::NotYet => Self::NotYet { code, vi, en },
            Case::Closed => Self::Closed { code, vi, en },
            Case::Finished => Self::Finished { code, vi, en },
            Case::StoreFull => Self::StoreFull { code, vi, en },
            Case::Damaged => Self::Damaged { code, vi, en },
            Case::Restart => Self::Restart { code, vi, en },
        }
    }

    /// Stable word, in Vietnamese, in English.
    pub(crate) fn into_words(self) -> (String, String, String) {
        match self {
            Self::Retry { code, vi, en }
            | Self::AskOffice { code, vi, en }
            | Self::WrongInput { code, vi, en }
            | Self::NotYet { code, vi, en }
            | Self::Closed { code, vi, en }
            | Self::Finished { code, vi, en }
            | Self::StoreFull { code, vi, en }
            | Self::Damaged { code, vi, en }
            | Self::Restart { code, vi, en } => (code, vi, en),
        }
    }

    /// After a fault of the program in an earlier call, which may have left memory behind what is stored.
    pub(crate) fn restart() -> Self {
        let words = [Language::Vietnamese, Language::English].map(client_ffi::fault);
        let [vi, en] = words.map(str::to_owned);
        Self::new(Case::Restart, "fault", (vi, en))
    }
}

impl From<TabletError> for Problem {
    fn from(error: TabletError) -> Self {
        let (case, code) = error.judged();
        Self::new(case, code, (error.text(Language::Vietnamese), error.to_string()))
    }
}

impl From<TransportError> for Problem {
    fn from(error: TransportError) -> Self {
        TabletError::from(error).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        TabletError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_english_knows_follows() {
        let refused = TransportError::Refused {
            status: 403,
            code: "device_revoked".to_owned(),
            detail: "this device was revoked".to_owned(),
            after: None,
        };
        let (code, vi, en) = Problem::from(refused).into_words();
        assert_eq!((code.as_str(), en.as_str()), ("centre_refused", "this device was revoked"));
        assert!(vi.starts_with("Trung tâm không nhận.") && vi.contains(&en), "{vi}");
    }
}
