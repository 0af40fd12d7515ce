//! Whom a way believes under TLS: the authorities of the system, or those of a file.

use super::{WaysError, read_file};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// TLS towards a server, believing the authorities of a PEM file alone, or those of the system.
pub(super) fn config(authorities: Option<&Path>) -> Result<Arc<ClientConfig>, WaysError> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(path) => {
            let wrong = || WaysError::Content { path: path.to_owned(), what: "certificates" };
            let bytes = read_file(path)?;
            for certificate in CertificateDer::pem_slice_iter(&bytes) {
                roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
            }
            if roots.is_empty() {
                return Err(wrong());
            }
        }
        None => {
            // One that does not parse is left out: others are there.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| WaysError::Tls(error.to_string()))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
