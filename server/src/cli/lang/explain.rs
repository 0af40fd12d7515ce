//! Errors in words. English is what the error itself says. In Vietnamese, an error with a stable code has a sentence of
//! its own (`error-<code>`), and the English detail follows, for it names what is concerned.

use super::{Lang, current, find};
use crate::cli::CliError;
use crate::error::AppError;
use crate::store::StoreError;
use crate::tls::TlsError;
use crate::ways::WaysError;
use std::io::ErrorKind;

/// What to tell a person about an error.
pub(in crate::cli) fn words(error: &CliError) -> String {
    match current() {
        Lang::Vi => in_vietnamese(error).unwrap_or_else(|| error.to_string()),
        Lang::En => in_english(error).unwrap_or_else(|| error.to_string()),
    }
}

/// Of files the system's own words are for programmers; everything else says its English by itself.
fn in_english(error: &CliError) -> Option<String> {
    match error {
        CliError::App(AppError::File { action, path, source }) | CliError::File { action, path, source } => {
            Some(format!("{action} {path}: {}", file_reason(source)))
        }
        _ => None,
    }
}

fn in_vietnamese(error: &CliError) -> Option<String> {
    match error {
        CliError::App(AppError::File { action, path, source }) | CliError::File { action, path, source } => {
            let action = find(Lang::Vi, &format!("action-{}", action.replace(' ', "-")), None, &[]);
            Some(format!("{} {path}: {}", action?, file_reason(source)))
        }
        CliError::App(AppError::Store(error)) => Some(store(error)),
        CliError::Tls(TlsError::File { action, path, source }) => {
            let action = find(Lang::Vi, &format!("action-{}", action.replace(' ', "-")), None, &[]);
            Some(format!("{} {}: {}", action?, path.display(), file_reason(source)))
        }
        CliError::Tablet(error) => Some(super::tablet::words(error)),
        CliError::Ways(error) => Some(with_detail(&ways(error), &error.to_string())),
        CliError::Tls(error) => Some(with_detail(&tls(error), &error.to_string())),
        CliError::App(error) => {
            let sentence = find(Lang::Vi, &error_key(error.code()), None, &[])?;
            Some(with_detail(&sentence, &error.to_string()))
        }
        // Said in the language of the process already.
        CliError::Config(_) | CliError::NotDone(_) | CliError::Fault(_) | CliError::Offline(_) => None,
    }
}

/// The key under which an error code is explained.
pub(super) fn error_key(code: &str) -> String {
    format!("error-{}", code.replace('_', "-"))
}

fn store(error: &StoreError) -> String {
    match error {
        StoreError::Full => tr!("error-disk-full"),
        StoreError::ReadOnly => tr!("error-read-only"),
        StoreError::Busy | StoreError::Raced => tr!("error-busy"),
        StoreError::Unreachable => tr!("error-database-unreachable"),
        StoreError::Address => tr!("error-database-address"),
        StoreError::NotLetIn { .. } => with_detail(&tr!("error-database-not-let-in"), &error.to_string()),
        StoreError::Setting { .. } => with_detail(&tr!("error-database-setting"), &error.to_string()),
        StoreError::Damaged { .. } => with_detail(&tr!("error-damaged"), &error.to_string()),
        StoreError::Newer(_) => with_detail(&tr!("error-database-newer"), &error.to_string()),
        StoreError::Migrate(_) => with_detail(&tr!("error-migrate"), &error.to_string()),
        StoreError::Sql(_) => with_detail(&tr!("error-internal"), &error.to_string()),
    }
}

fn tls(error: &TlsError) -> String {
    match error {
        TlsError::File { .. } | TlsError::Unusable { .. } => tr!("error-tls-unusable"),
        TlsError::NoCertificate { .. } => tr!("error-tls-no-certificate"),
        TlsError::NoKey { .. } => tr!("error-tls-no-key"),
        TlsError::WrongKey { .. } => tr!("error-tls-wrong-key"),
        TlsError::Exists { .. } => tr!("error-tls-exists"),
        TlsError::NoAuthority { .. } => tr!("error-tls-no-authority"),
        TlsError::NoAddress => tr!("error-tls-no-address"),
        TlsError::Outside { .. } => tr!("error-tls-outside"),
        TlsError::Making(_) => tr!("error-tls-making"),
    }
}

fn ways(error: &WaysError) -> String {
    match error {
        WaysError::Needs { .. } => tr!("error-ways-needs"),
        WaysError::From { .. } => tr!("error-ways-from"),
        WaysError::Address { .. } => tr!("error-ways-address"),
        WaysError::Clear { .. } => tr!("error-ways-clear"),
        WaysError::File { .. } | WaysError::Content { .. } => tr!("error-ways-file"),
        WaysError::Tls(_) => tr!("error-ways-tls"),
    }
}

pub(super) fn with_detail(sentence: &str, detail: &str) -> String {
    format!("{sentence}\n  [{detail}]")
}

/// Why the system did not do it to a file, and what to do where that is not plain.
fn file_reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => tr!("io-permission-advice"),
        _ => io_reason(error),
    }
}

/// Why the system did not do it. What is rare keeps the system's own words.
pub(in crate::cli) fn io_reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => tr!("io-not-found"),
        ErrorKind::PermissionDenied => tr!("io-permission-denied"),
        ErrorKind::AlreadyExists => tr!("io-already-exists"),
        ErrorKind::StorageFull => tr!("io-storage-full"),
        ErrorKind::ReadOnlyFilesystem => tr!("io-read-only"),
        ErrorKind::AddrInUse => tr!("io-address-in-use"),
        ErrorKind::AddrNotAvailable => tr!("io-address-not-here"),
        ErrorKind::IsADirectory => tr!("io-is-a-folder"),
        ErrorKind::NotADirectory => tr!("io-not-a-folder"),
        ErrorKind::FileTooLarge => tr!("io-too-large"),
        _ => error.to_string(),
    }
}
