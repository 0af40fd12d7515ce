//! The one error of the centre's work: what a person reads, the code a program switches on, and an HTTP status.

use crate::store::StoreError;
use thiserror::Error;

/// Why the centre did not do it. Nothing was changed.
#[derive(Debug, Error)]
pub enum AppError {
    /// The request cannot be fulfilled as it is; the asker can do something about it.
    #[error("{detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable code.
        code: &'static str,
        /// What is wrong and what to do, safe to show.
        detail: String,
    },
    /// It was asked too often; it may be asked again later.
    #[error("{detail}")]
    Later {
        /// Stable code.
        code: &'static str,
        /// What to do, safe to show.
        detail: String,
        /// Seconds to wait.
        seconds: u32,
    },
    /// The centre cannot do it now; it may be asked again later.
    #[error("{detail}")]
    Unavailable {
        /// Stable code.
        code: &'static str,
        /// What to do, safe to show.
        detail: String,
        /// Seconds to wait.
        seconds: u32,
    },
    /// Something of the centre's own failed.
    #[error("{0}")]
    Internal(String),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "callers hand over an error or a text, whichever they have"
)]
impl AppError {
    /// The request is not in its form.
    pub fn bad_request(code: &'static str, detail: impl ToString) -> Self {
        Self::refused(400, code, detail.to_string())
    }

    /// The asker is not who it says, or said nothing.
    pub fn unauthorised(code: &'static str, detail: impl ToString) -> Self {
        Self::refused(401, code, detail.to_string())
    }

    /// The asker is known but may not.
    pub fn forbidden(code: &'static str, detail: impl ToString) -> Self {
        Self::refused(403, code, detail.to_string())
    }

    /// There is no such thing.
    pub fn not_found(code: &'static str, detail: impl ToString) -> Self {
        Self::refused(404, code, detail.to_string())
    }

    /// It does not fit the state that the thing is in.
    pub fn conflict(code: &'static str, detail: impl ToString) -> Self {
        Self::refused(409, code, detail.to_string())
    }

    /// The content cannot be right.
    pub fn unprocessable(code: &'static str, detail: impl ToString) -> Self {
        Self::refused(422, code, detail.to_string())
    }

    /// The body of a request is longer than it may be, in bytes.
    pub fn too_long(most: usize) -> Self {
        Self::refused(413, "too_long", format!("a request has at most {most} bytes; send less at a time"))
    }

    fn refused(status: u16, code: &'static str, detail: String) -> Self {
        Self::Refused { status, code, detail }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused { status, .. } => *status,
            Self::Later { .. } => 429,
            Self::Unavailable { .. }
            | Self::Store(
                StoreError::Full
                | StoreError::ReadOnly
                | StoreError::Busy
                | StoreError::Raced
                | StoreError::Unreachable,
            ) => 503,
            Self::Store(_) | Self::File { .. } | Self::Internal(_) => 500,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } | Self::Later { code, .. } | Self::Unavailable { code, .. } => code,
            Self::Store(StoreError::Full) => "disk_full",
            Self::Store(StoreError::ReadOnly) => "read_only",
            Self::Store(StoreError::Busy | StoreError::Raced) => "busy",
            Self::Store(StoreError::Unreachable) => "database_unreachable",
            Self::Store(_) | Self::File { .. } | Self::Internal(_) => "internal",
        }
    }
}
