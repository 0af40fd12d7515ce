//! TLS of the centre: certificates from files or from an authority of its own, and their renewal without a restart.

mod authority;
mod certificates;
mod page;
#[cfg(test)]
mod tests;

pub use authority::{
    AUTHORITY_FILE, Authority, DOWNLOAD_FILE, Made, PAGE_FILE, RENEW_BEFORE, SERVER_FILE, ServedName,
};
pub use certificates::{Certificates, Source, pins};

use std::path::{Path, PathBuf};
use thiserror::Error;

/// Folder of the centre's own TLS files, inside the centre's folder.
pub const FOLDER: &str = "tls";

/// Why TLS cannot be set up. Nothing was changed.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file could not be read or written.
    #[error("{action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file does not hold a certificate.
    #[error("{path} holds no certificate: it should be PEM text with BEGIN CERTIFICATE, the server's first")]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file does not hold a key.
    #[error("{path} holds no private key: it should be PEM text with BEGIN PRIVATE KEY, without a password")]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Certificate and key are not of each other.
    #[error("the key in {key} does not belong to the first certificate in {certificate}")]
    WrongKey {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// A certificate or key that nothing can be done with.
    #[error("{path} cannot be used: {reason}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// An authority is there already.
    #[error(
        "there is an authority in {folder} already, and devices trust it: `homphieu tls renew` makes it a new \
         certificate. Move the folder away only to begin anew with every device"
    )]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no authority.
    #[error("there is no authority in {folder}: make one with `homphieu tls init --address ADDRESS`")]
    NoAuthority {
        /// The folder.
        folder: PathBuf,
    },
    /// No address to be reached at.
    #[error(
        "name at least one address under which devices and browsers reach the centre: --address 192.168.1.10"
    )]
    NoAddress,
    /// The authority may not vouch for an address.
    #[error(
        "the authority was made for the addresses {allowed} and those of local networks only, not for {address}: with \
         another name a new authority is needed"
    )]
    Outside {
        /// The address.
        address: String,
        /// What it was made for.
        allowed: String,
    },
    /// What was made does not work.
    #[error("no certificate could be made: {0}")]
    Making(#[from] rcgen::Error),
}

fn file_error(action: &'static str, path: &Path, source: std::io::Error) -> TlsError {
    TlsError::File { action, path: path.to_owned(), source }
}
