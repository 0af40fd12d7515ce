//! Who the centre is, without any clock.
//!
//! Tablets come back from weeks without power with their clock years away, and so may a centre's old desktop. So dates
//! in certificates decide nothing: what answers must have the name that was asked for and lead to the pinned key.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use sync_core::address::Pin;

/// Most certificates that are looked at; a longer chain is nobody's.
const CHAIN_MAX: usize = 8;

/// TLS 1.3 to the centre with this pin, and to nobody else.
pub(super) fn config(pin: Pin) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let verifier = PinVerifier { pin, provider: Arc::clone(&provider) };
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .expect("ring has suites of TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth()
}

/// Takes what leads to the pinned key, for the name asked for, at whatever time it says of itself.
#[derive(Debug)]
struct PinVerifier {
    pin: Pin,
    provider: Arc<CryptoProvider>,
}

impl PinVerifier {
    /// The certificates of the chain that carry the pinned key, as roots. What else such a certificate says is as good
    /// as anybody's word, but what it signed was signed with the key.
    fn roots(&self, chain: &[&CertificateDer<'_>]) -> Result<RootCertStore, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in chain {
            let key = ParsedCertificate::try_from(*certificate)?.subject_public_key_info();
            if Sha256::digest(&key).as_slice() == self.pin.0 {
                roots.add((*certificate).clone().into_owned())?;
            }
        }
        Ok(roots)
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain: Vec<_> = std::iter::once(end_entity).chain(intermediates).collect();
        if chain.len() > CHAIN_MAX {
            return Err(CertificateError::BadEncoding.into());
        }
        let roots = self.roots(&chain)?;
        if roots.is_empty() {
            return Err(CertificateError::UnknownIssuer.into());
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider)).build();
        let verifier = verifier.map_err(|error| Error::General(error.to_string()))?;
        // The time is taken from the certificates: from the first moment at which all of them hold. Every step ends at
        // a later beginning of one of them, so there are no more steps than certificates.
        let mut at = UnixTime::since_unix_epoch(Duration::ZERO);
        for _ in 0..chain.len() {
            match verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, at) {
                Err(Error::InvalidCertificate(CertificateError::NotValidYetContext {
                    not_before, ..
                })) if not_before > at => {
                    at = not_before;
                }
                decided => return decided,
            }
        }
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, at)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
