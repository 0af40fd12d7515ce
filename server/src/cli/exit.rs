//! How the program ends: a number that scripts and systemd switch on.

use super::CliError;
use crate::error::AppError;
use crate::store::StoreError;
use crate::tls::TlsError;
use crate::ways::WaysError;
use client_ffi::TabletError;
use client_ffi::transport::TransportError;
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Everything that was asked for is done.
    Done = 0,
    /// It failed, or a check found a fault.
    Failed = 1,
    /// The arguments or the settings file are wrong; nothing was begun.
    Usage = 2,
    /// Something stands in the way that a person can settle; nothing was changed.
    Refused = 3,
    /// A file, the disk, the network address or the database cannot be reached or written.
    Unreachable = 4,
}

impl Exit {
    /// Every way, in the order of the numbers.
    pub(super) const ALL: [Self; 5] =
        [Self::Done, Self::Failed, Self::Usage, Self::Refused, Self::Unreachable];

    /// What it means, for people.
    pub(super) fn meaning(self) -> String {
        match self {
            Self::Done => tr!("exit-done"),
            Self::Failed => tr!("exit-failed"),
            Self::Usage => tr!("exit-usage"),
            Self::Refused => tr!("exit-refused"),
            Self::Unreachable => tr!("exit-unreachable"),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<&CliError> for Exit {
    fn from(error: &CliError) -> Self {
        match error {
            CliError::Config(_) => Self::Usage,
            CliError::NotDone(_) => Self::Refused,
            CliError::App(
                AppError::Refused { .. } | AppError::Later { .. } | AppError::Unavailable { .. },
            ) => Self::Refused,
            CliError::App(AppError::Internal(_)) => Self::Failed,
            CliError::Tablet(TabletError::Damaged { .. }) => Self::Failed,
            CliError::Tablet(
                TabletError::Store(_)
                | TabletError::Transport(TransportError::Unreachable(_) | TransportError::Broken(_)),
            ) => Self::Unreachable,
            CliError::Tablet(_) => Self::Refused,
            CliError::Tls(TlsError::File { .. }) => Self::Unreachable,
            CliError::Ways(WaysError::File { .. }) => Self::Unreachable,
            CliError::Tls(_) | CliError::Ways(_) => Self::Refused,
            CliError::App(AppError::Store(StoreError::Damaged { .. })) => Self::Failed,
            CliError::App(AppError::Store(StoreError::Newer(_))) => Self::Refused,
            CliError::App(AppError::Store(_) | AppError::File { .. }) | CliError::File { .. } => {
                Self::Unreachable
            }
            CliError::Offline(_) | CliError::Fault(_) => Self::Failed,
        }
    }
}

/// The table of codes, a line each.
pub(super) fn table() -> String {
    let lines = Exit::ALL.map(|exit| format!("{}  {}", exit as u8, exit.meaning()));
    lines.join("\n")
}
