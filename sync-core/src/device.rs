//! Devices: their certificate, signed by the centre, and its revocation.

use crate::cbor::{Format, FormatError, Reader, Writer, strictly_ascending};
use crate::cose::{PublicKey, Signed, SignedKind};
use crate::id::{DeviceId, PackageHash, UnitCode, sha256_16};
use crate::package::{TEXT_MAX, UNITS_MAX, VERSION};

/// What a device may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Take ballots for these units (ascending), and carry for any.
    Units(Vec<UnitCode>),
    /// Carry only.
    Courier,
}

impl Scope {
    /// Whether the device may take ballots for this unit.
    pub fn covers(&self, unit: &UnitCode) -> bool {
        matches!(self, Self::Units(units) if units.binary_search(unit).is_ok())
    }
}

/// The centre's word that a device belongs to this round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The package.
    pub package: PackageHash,
    /// Ed25519 key of its envelopes and requests.
    pub sign: PublicKey,
    /// X25519 key that record entries for it are sealed to.
    pub seal: [u8; 32],
    /// What it may do.
    pub scope: Scope,
    /// Name for people, such as "Máy 2".
    pub label: String,
}

impl Certificate {
    /// The device's id: first 16 bytes of SHA-256(domain ‖ both public keys).
    pub fn device(&self) -> DeviceId {
        device_id(&self.sign, &self.seal)
    }
}

/// The id that follows from a device's public keys.
pub fn device_id(sign: &PublicKey, seal: &[u8; 32]) -> DeviceId {
    DeviceId(sha256_16(&[b"homphieu/device/1", &sign.to_bytes(), seal]))
}

impl SignedKind for Certificate {
    const DOMAIN: &'static str = "homphieu/certificate/1";
}

impl Format for Certificate {
    const WHAT: &'static str = "device certificate";
    const MAX_BYTES: usize = 40 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(6).uint(VERSION).bytes(self.package.as_bytes());
        w.bytes(&self.sign.to_bytes()).bytes(&self.seal);
        match &self.scope {
            Scope::Units(units) => w.list(units, |w, unit| {
                w.text(unit.as_str());
            }),
            Scope::Courier => w.null(),
        };
        w.text(&self.label);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(6, VERSION, Self::WHAT)?;
        let certificate = Self {
            package: PackageHash(r.fixed("package hash")?),
            sign: PublicKey::read(r, "device key")?,
            seal: r.fixed("device key")?,
            scope: match r.maybe("scope", |r| r.list(UNITS_MAX, "scope", UnitCode::read))? {
                Some(units) => Scope::Units(units),
                None => Scope::Courier,
            },
            label: r.text(TEXT_MAX, "label")?.to_owned(),
        };
        match &certificate.scope {
            Scope::Units(units) if units.is_empty() || !strictly_ascending(units) => {
                Err(FormatError::Unsorted { what: "scope" })
            }
            _ => Ok(certificate),
        }
    }
}

/// The centre's word that a device is no longer trusted. Its envelopes are held from then on, never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The package.
    pub package: PackageHash,
    /// The device.
    pub device: DeviceId,
    /// Why, for people.
    pub reason: String,
}

impl SignedKind for Revocation {
    const DOMAIN: &'static str = "homphieu/revocation/1";
}

impl Format for Revocation {
    const WHAT: &'static str = "revocation";
    const MAX_BYTES: usize = 1024;

    fn write(&self, w: &mut Writer) {
        w.array(4)
            .uint(VERSION)
            .bytes(self.package.as_bytes())
            .bytes(self.device.as_bytes())
            .text(&self.reason);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(4, VERSION, Self::WHAT)?;
        Ok(Self {
            package: PackageHash(r.fixed("package hash")?),
            device: DeviceId(r.fixed("device")?),
            reason: r.text(TEXT_MAX, "reason")?.to_owned(),
        })
    }
}

/// A certificate that was checked.
pub type SignedCertificate = Signed<Certificate>;
