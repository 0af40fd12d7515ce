//! What went wrong, as an app can act on it.

use crate::words;
use client_ffi::TabletError;
use client_ffi::store::StoreError;
use client_ffi::transport::TransportError;
use sync_core::open_box::InsertError;
use sync_core::parcel::ParcelError;
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

/// Which case of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Retry,
    AskOffice,
    WrongInput,
    NotYet,
    Closed,
    Finished,
    StoreFull,
    Damaged,
    Restart,
}

impl Problem {
    fn new(case: Case, code: &str, (vi, en): (String, String)) -> Self {
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

    /// What was typed or scanned is not of its form. Words of this crate's own say so.
    pub(crate) fn wrong_input(code: &str, en: String) -> Self {
        Self::new(Case::WrongInput, code, (words::vietnamese(code), en))
    }

    /// After a fault of the program in an earlier call, which may have left memory behind what is stored.
    pub(crate) fn restart() -> Self {
        let en = "the program met a fault of its own: close it and open it again; what was confirmed is safe";
        Self::new(Case::Restart, FAULT, (words::vietnamese(FAULT), en.to_owned()))
    }
}

/// Stable word of a fault of the program.
const FAULT: &str = "fault";

/// The case and the stable word of an error of the tablet.
fn judged(error: &TabletError) -> (Case, &'static str) {
    match error {
        TabletError::NotEnrolled => (Case::NotYet, "not_enrolled"),
        TabletError::Enrolled => (Case::AskOffice, "enrolled_already"),
        TabletError::Token(_) => (Case::WrongInput, "token"),
        TabletError::Enrolment { .. } => (Case::AskOffice, "enrolment_not_genuine"),
        TabletError::OtherUnit(_) => (Case::WrongInput, "other_unit"),
        TabletError::UnknownUnit(_) => (Case::WrongInput, "unknown_unit"),
        TabletError::NoSheet(_) => (Case::NotYet, "no_sheet"),
        TabletError::SheetNotConfirmed => (Case::NotYet, "sheet_not_confirmed"),
        TabletError::TwoGroups => (Case::WrongInput, "two_groups"),
        TabletError::Digits(_) => (Case::WrongInput, "digits_differ"),
        TabletError::Closed => (Case::Closed, "closed"),
        TabletError::Finished(_) => (Case::Finished, "finished"),
        TabletError::NeedsPermit(_) => (Case::WrongInput, "needs_slip"),
        TabletError::Attended(_) => (Case::WrongInput, "votes_attended"),
        TabletError::Permit(_) => (Case::WrongInput, "slip_not_of_unit"),
        TabletError::Box(InsertError::AlreadyUsed) => (Case::WrongInput, "slip_used"),
        TabletError::Box(InsertError::Full) => (Case::Closed, "box_full"),
        TabletError::Box(InsertError::Length) => (Case::AskOffice, "other_sheet"),
        TabletError::Marks(_) => (Case::WrongInput, "marks"),
        TabletError::Message { .. } => (Case::WrongInput, "parcel"),
        TabletError::Parcel(error) => match error {
            ParcelError::NotAParcel => (Case::WrongInput, "parcel_none"),
            ParcelError::Torn => (Case::WrongInput, "parcel_torn"),
            ParcelError::Format(_) | ParcelError::TooLong { .. } => (Case::WrongInput, "parcel"),
        },
        TabletError::OtherRound { .. } => (Case::WrongInput, "other_round"),
        TabletError::ChainFull => (Case::Closed, "chain_full"),
        TabletError::Store(error) => stored(error),
        TabletError::Damaged { .. } => (Case::Damaged, "damaged"),
        TabletError::Transport(error) => sent(error),
        // What else there is concerns the record, of which nothing crosses this boundary yet.
        _ => (Case::WrongInput, "refused"),
    }
}

fn stored(error: &StoreError) -> (Case, &'static str) {
    match error {
        StoreError::InUse { .. } => (Case::Restart, "store_in_use"),
        StoreError::Full => (Case::StoreFull, "store_full"),
        StoreError::Damaged { .. } => (Case::Damaged, "damaged"),
        StoreError::Foreign { .. } => (Case::AskOffice, "store_foreign"),
        StoreError::TooLong { .. } => (Case::AskOffice, "store_too_long"),
        StoreError::Io { .. } => (Case::Damaged, "store_fails"),
    }
}

fn sent(error: &TransportError) -> (Case, &'static str) {
    match error {
        TransportError::Unreachable(_) | TransportError::Broken(_) => (Case::Retry, "unreachable"),
        // As 503 says of itself, and as a centre behind a proxy that does not reach it looks.
        TransportError::Refused { status: 429 | 500.., .. } => (Case::Retry, "centre_busy"),
        TransportError::Refused { .. } => (Case::AskOffice, "centre_refused"),
        // Often the login page of a network, which is gone with the next one.
        TransportError::NotACentre(_) => (Case::Retry, "not_a_centre"),
        TransportError::Address(_) => (Case::AskOffice, "address"),
        TransportError::NotTheCentre(_) => (Case::AskOffice, "not_the_centre"),
    }
}

impl From<TabletError> for Problem {
    fn from(error: TabletError) -> Self {
        let (case, code) = judged(&error);
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
