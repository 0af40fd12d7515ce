//! What was typed, scanned or filmed and is not of its form.

use crate::problem::Problem;
use client_ffi::qr::QrError;
use client_ffi::{Case, InputError};
use sync_core::id::IdError;
use sync_core::permit::PermitError;
use sync_core::record::Language;

impl From<InputError> for Problem {
    fn from(error: InputError) -> Self {
        let words = (error.text(Language::Vietnamese), error.text(Language::English));
        Self::new(Case::WrongInput, error.code(), words)
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

impl From<QrError> for Problem {
    fn from(error: QrError) -> Self {
        InputError::from(error).into()
    }
}
