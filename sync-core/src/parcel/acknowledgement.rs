//! "This I hold now": how a tablet that nobody can ask learns that its envelopes are on another device.

use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::cose::{COSE_OVERHEAD, PublicKey, Signed, SignedKind, Unverified};
use crate::device::{Certificate, SignedCertificate};
use crate::id::{EnvelopeId, PackageHash, UnitCode};
use crate::message::Outcome;
use crate::package::VERSION;
use crate::receipt::{IDS_MAX, read_ids, write_ids};

/// A device's signed word on the envelopes of a unit that it holds.
///
/// It is a kind of its own and no request to the centre: a request that lay on a stick could be posted by whoever finds
/// it, and the centre would answer that finder with the unit's sheet and record as if it were the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The package.
    pub package: PackageHash,
    /// The unit.
    pub unit: UnitCode,
    /// The signer's certificate.
    pub certificate: Vec<u8>,
    /// Ids of envelopes, ascending.
    pub envelopes: Vec<EnvelopeId>,
}

impl Unverified<Acknowledgement> {
    /// Checks that a device of this round said so.
    ///
    /// # Errors
    /// [`Outcome::OtherPackage`], [`Outcome::BadSignature`], or that of a malformed certificate.
    pub fn check(
        self,
        package: &PackageHash,
        centre: &PublicKey,
    ) -> Result<(Signed<Acknowledgement>, SignedCertificate), Outcome> {
        let certificate = Unverified::<Certificate>::decode(&self.claim().certificate);
        let certificate = certificate.map_err(|error| Outcome::from(&error))?;
        if self.claim().package != *package || certificate.claim().package != *package {
            return Err(Outcome::OtherPackage);
        }
        let certificate = certificate.verify(centre).map_err(|_| Outcome::BadSignature)?;
        let signed = self.verify(&certificate.value().sign).map_err(|_| Outcome::BadSignature)?;
        Ok((signed, certificate))
    }
}

impl SignedKind for Acknowledgement {
    const DOMAIN: &'static str = "homphieu/acknowledgement/1";
}

impl Format for Acknowledgement {
    const WHAT: &'static str = "acknowledgement";
    const MAX_BYTES: usize = IDS_MAX * 32 + Certificate::MAX_BYTES + COSE_OVERHEAD + 256;

    fn write(&self, w: &mut Writer) {
        w.array(5).uint(VERSION).bytes(self.package.as_bytes()).text(self.unit.as_str());
        w.bytes(&self.certificate);
        write_ids(w, &self.envelopes);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(5, VERSION, Self::WHAT)?;
        Ok(Self {
            package: PackageHash(r.fixed("package hash")?),
            unit: UnitCode::read(r)?,
            certificate: r.bytes(Certificate::MAX_BYTES + COSE_OVERHEAD, "certificate")?.to_vec(),
            envelopes: read_ids(r)?,
        })
    }
}
