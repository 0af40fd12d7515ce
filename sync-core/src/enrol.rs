//! Enrolment: how a device with its own fresh keys becomes part of a round.
//!
//! The centre makes a one-time token, shown as text and QR. The device answers it with its public keys, signed by
//! itself; the centre answers with the device's certificate, the package and the sheets of its units. The token
//! names the centre's key, so a device takes a package from nobody else.

use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::cose::{COSE_OVERHEAD, PublicKey, SignedKind};
use crate::device::Certificate;
use crate::message::{Item, ItemKind, MESSAGE_MAX};
use crate::package::{Package, TEXT_MAX, UNITS_MAX, VERSION};
use std::fmt;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A one-time token, as text `HPE1.<centre key>.<secret>.<address>` with hexadecimal key and secret.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolToken {
    /// The centre's signing key.
    pub centre: PublicKey,
    /// What shows that the device was invited.
    pub secret: TokenSecret,
    /// Address of the centre, such as `http://127.0.0.1:8080`.
    pub address: String,
}

/// The secret of a token: 16 random bytes, wiped when dropped and never printed by `Debug`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TokenSecret(pub [u8; 16]);

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

impl fmt::Debug for EnrolToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnrolToken({})", self.address)
    }
}

/// The text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is no enrolment token of Hòm Phiếu; scan it again, or have the office make a new one")]
pub struct TokenError;

impl EnrolToken {
    /// The text for screen, paper and QR.
    pub fn to_text(&self) -> String {
        format!("HPE1.{}.{}.{}", hex(&self.centre.to_bytes()), hex(&self.secret.0), self.address)
    }

    /// Reads the text; surrounding blanks do not matter.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let mut parts = text.trim().splitn(4, '.');
        let mut next = || parts.next().ok_or(TokenError);
        if next()? != "HPE1" {
            return Err(TokenError);
        }
        let key: crate::id::ObjectId = next()?.parse().map_err(|_| TokenError)?;
        let secret: crate::id::RoundId = next()?.parse().map_err(|_| TokenError)?;
        let address = next()?;
        if address.is_empty() || address.len() > TEXT_MAX || address.chars().any(char::is_control) {
            return Err(TokenError);
        }
        let centre = PublicKey::from_bytes(&key.0).ok_or(TokenError)?;
        Ok(Self { centre, secret: TokenSecret(secret.0), address: address.to_owned() })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A device's answer to a token, signed by the key it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolRequest {
    /// The secret of the token.
    pub secret: TokenSecret,
    /// Ed25519 key of the device.
    pub sign: PublicKey,
    /// X25519 key of the device.
    pub seal: [u8; 32],
}

impl SignedKind for EnrolRequest {
    const DOMAIN: &'static str = "homphieu/enrol/1";
}

impl Format for EnrolRequest {
    const WHAT: &'static str = "enrolment request";
    const MAX_BYTES: usize = 256;

    fn write(&self, w: &mut Writer) {
        w.array(4).uint(VERSION).bytes(&self.secret.0).bytes(&self.sign.to_bytes()).bytes(&self.seal);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(4, VERSION, Self::WHAT)?;
        Ok(Self {
            secret: TokenSecret(r.fixed("token")?),
            sign: PublicKey::read(r, "device key")?,
            seal: r.fixed("device key")?,
        })
    }
}

/// The centre's answer. Everything in it is signed, or named by a hash that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The package.
    pub package: Vec<u8>,
    /// The device's certificate.
    pub certificate: Vec<u8>,
    /// Sheets and sheet replacements of its units.
    pub items: Vec<Item>,
}

impl Format for Enrolment {
    const WHAT: &'static str = "enrolment";
    /// A device serves few units; this is room for many large ones.
    const MAX_BYTES: usize = 32 * 1024 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(4).uint(VERSION).bytes(&self.package).bytes(&self.certificate);
        w.list(&self.items, |w, item| {
            w.array(2).uint(item.kind as u64).bytes(&item.bytes);
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(4, VERSION, Self::WHAT)?;
        Ok(Self {
            package: r.bytes(Package::MAX_BYTES + COSE_OVERHEAD, "package")?.to_vec(),
            certificate: r.bytes(Certificate::MAX_BYTES + COSE_OVERHEAD, "certificate")?.to_vec(),
            items: r.list(UNITS_MAX * 4, "items", |r| {
                r.array(2, "item")?;
                let kind = match r.u8(u8::MAX, "item kind")? {
                    1 => ItemKind::Sheet,
                    2 => ItemKind::SheetReplacement,
                    _ => return Err(FormatError::Range { what: "item kind" }),
                };
                Ok(Item { kind, bytes: r.bytes(MESSAGE_MAX, "item")?.to_vec() })
            })?,
        })
    }
}
