//! What went wrong, as the page can act on it.

use crate::values::Text;
use client_ffi::store::StoreError;
use client_ffi::transport::TransportError;
use client_ffi::{Case, InputError, TabletError};
use serde::{Deserialize, Serialize};
use sync_core::id::IdError;
use sync_core::permit::PermitError;
use sync_core::record::Language;

/// What went wrong: what it asks of the page, a stable word for the exact reason, and the sentence for the person.
/// Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Problem {
    /// What it asks for: `retry`, `ask_office`, `wrong_input`, `not_yet`, `closed`, `finished`, `store_full`, `damaged` or
    /// `restart`.
    pub case: String,
    /// Stable word.
    pub code: String,
    /// For the person.
    pub text: Text,
}

impl Problem {
    /// One that is not of the tablet's own errors.
    pub fn new(case: Case, code: &str, text: impl Fn(Language) -> String) -> Self {
        let case = match case {
            Case::Retry => "retry",
            Case::AskOffice => "ask_office",
            Case::WrongInput => "wrong_input",
            Case::NotYet => "not_yet",
            Case::Closed => "closed",
            Case::Finished => "finished",
            Case::StoreFull => "store_full",
            Case::Damaged => "damaged",
            Case::Restart => "restart",
        };
        Self { case: case.to_owned(), code: code.to_owned(), text: Text::new(text) }
    }

    /// The page and the program do not fit: an old page calls a new program, or the other way round.
    pub fn unknown_call() -> Self {
        Self::new(Case::Restart, "unknown_call", |language| client_ffi::fault(language).to_owned())
    }

    /// A call was not given what it takes. What it was given is not quoted: it may be a slip.
    pub fn malformed_call() -> Self {
        Self::new(Case::Restart, "malformed_call", |language| client_ffi::fault(language).to_owned())
    }

    /// A fault of the program itself.
    pub fn fault() -> Self {
        Self::new(Case::Restart, "fault", |language| client_ffi::fault(language).to_owned())
    }
}

impl From<TabletError> for Problem {
    fn from(error: TabletError) -> Self {
        let (case, code) = error.judged();
        Self::new(case, code, |language| error.text(language))
    }
}

impl From<InputError> for Problem {
    fn from(error: InputError) -> Self {
        Self::new(Case::WrongInput, error.code(), |language| error.text(language))
    }
}

impl From<IdError> for Problem {
    fn from(error: IdError) -> Self {
        InputError::from(error).into()
    }
}

impl From<PermitError> for Problem {
    fn from(error: PermitError) -> Self {
        InputError::from(error).into()
    }
}

impl From<client_ffi::qr::QrError> for Problem {
    fn from(error: client_ffi::qr::QrError) -> Self {
        InputError::from(error).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        TabletError::from(error).into()
    }
}

#[cfg(not(target_family = "wasm"))]
impl From<client_ffi::local::LocalError> for Problem {
    fn from(error: client_ffi::local::LocalError) -> Self {
        let (case, code) = error.judged();
        Self::new(case, code, |language| error.text(language))
    }
}

impl From<TransportError> for Problem {
    fn from(error: TransportError) -> Self {
        TabletError::from(error).into()
    }
}

#[cfg(feature = "typescript")]
impl From<Problem> for wasm_bindgen::JsValue {
    fn from(problem: Problem) -> Self {
        use tsify::Tsify;
        // Texts alone are in it, which always cross. Whatever else is thrown, the page takes for a fault of the program.
        problem.into_ts().map_or(Self::UNDEFINED, Into::into)
    }
}
