//! What was typed, scanned or filmed and is not of its form.

use crate::problem::Problem;
use client_ffi::qr::QrError;
use sync_core::id::IdError;
use sync_core::permit::PermitError;

impl From<IdError> for Problem {
    fn from(error: IdError) -> Self {
        let code = if error == IdError::Code { "unit_code" } else { "device_id" };
        Self::wrong_input(code, error.to_string())
    }
}

impl From<PermitError> for Problem {
    fn from(error: PermitError) -> Self {
        let code = match error {
            PermitError::Length { .. } => "slip_length",
            PermitError::Symbol { .. } => "slip_symbol",
            PermitError::Check => "slip_check",
        };
        Self::wrong_input(code, error.to_string())
    }
}

impl From<QrError> for Problem {
    fn from(error: QrError) -> Self {
        let code = match error {
            QrError::Length { .. } => "qr_length",
            QrError::NotASeries => "qr_not_a_series",
            QrError::OtherType => "qr_other_type",
            QrError::TooLong { .. } | QrError::Damaged { .. } => "qr_damaged",
            QrError::Bounds { .. } => "qr_bounds",
            QrError::Contradiction => "qr_contradiction",
        };
        Self::wrong_input(code, error.to_string())
    }
}
