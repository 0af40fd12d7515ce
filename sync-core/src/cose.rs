//! Signed objects: COSE_Sign1 (RFC 9052) with Ed25519 over a CBOR payload.
//!
//! The bytes that travel are the bytes that were signed. The form is fixed: tag 18, protected header
//! `{1: -8}` (alg: EdDSA), an empty unprotected map, the payload, a signature of 64 bytes. The domain of the
//! kind is the external data, so a signature for one kind never serves for another. An object's id is
//! SHA-256(domain ‖ protected ‖ payload): it does not depend on the signature.

use crate::cbor::{self, Format, FormatError, Reader, Writer};
use crate::id::{ObjectId, sha256};
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A kind of object that somebody signs.
pub trait SignedKind: Format {
    /// Domain string: external data of the signature and prefix of the id. None is a prefix of another.
    const DOMAIN: &'static str;
}

/// Protected header `{1: -8}`.
const PROTECTED: &[u8] = &[0xa1, 0x01, 0x27];
const TAG_SIGN1: u64 = 18;
/// Tag, array, headers, two string heads and the signature: what COSE adds to a payload at most.
pub const COSE_OVERHEAD: usize = 1 + 1 + 4 + 1 + 5 + 2 + 64;

/// The signature does not belong to these bytes and this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not fit: the object was changed, or signed by somebody else")]
pub struct BadSignature;

/// A public Ed25519 key (RFC 8032) that is safe for strict verification: no point of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key from its 32 bytes; `None` if they are no point, or one of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes).ok()?;
        (!key.is_weak()).then_some(Self(key))
    }

    /// The 32 bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    pub(crate) fn read(r: &mut Reader<'_>, what: &'static str) -> Result<Self, FormatError> {
        Self::from_bytes(&r.fixed(what)?).ok_or(FormatError::Range { what })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey(")?;
        self.to_bytes().iter().try_for_each(|b| write!(f, "{b:02x}"))?;
        write!(f, ")")
    }
}

/// A secret Ed25519 key, wiped when dropped and never printed.
pub struct SecretKey(ed25519_dalek::SigningKey);

impl SecretKey {
    /// The key from 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The 32 bytes to store; they are wiped when dropped.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// A signed object whose signature was made or checked here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed<T> {
    value: T,
    bytes: Vec<u8>,
    id: [u8; 32],
}

impl<T: SignedKind> Signed<T> {
    /// Signs a value.
    pub fn sign(value: T, key: &SecretKey) -> Self {
        let payload = cbor::encode(&value);
        let signature = key.0.sign(&to_be_signed(T::DOMAIN, &payload));
        let mut w = Writer::new();
        w.tag(TAG_SIGN1).array(4).bytes(PROTECTED);
        let mut bytes = w.finish();
        bytes.push(0xa0);
        let mut w = Writer::new();
        w.bytes(&payload).bytes(&signature.to_bytes());
        bytes.extend(w.finish());
        Self { value, bytes, id: object_id(T::DOMAIN, &payload) }
    }

    /// What was signed.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The bytes that travel.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The 32 bytes of the object's id.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }

    /// The id as the digest that people compare and later objects name.
    pub fn digest(&self) -> ObjectId {
        ObjectId(self.id)
    }

    /// Gives up the bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Reads and checks in one go, where the signer is known before.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Self, OpenError> {
        Ok(Unverified::decode(bytes)?.verify(key)?)
    }
}

/// Why a signed object is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// Not the format.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Not signed by whom it says.
    #[error(transparent)]
    Signature(#[from] BadSignature),
}

/// A signed object as it arrived: well formed, signature not yet checked.
pub struct Unverified<T> {
    value: T,
    bytes: Vec<u8>,
    id: [u8; 32],
    to_be_signed: Vec<u8>,
    signature: Signature,
}

impl<T: SignedKind> Unverified<T> {
    /// Reads an object strictly.
    ///
    /// # Errors
    /// [`FormatError`] for anything but the one form.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let what = T::WHAT;
        let limit = T::MAX_BYTES + COSE_OVERHEAD;
        if bytes.len() > limit {
            return Err(FormatError::TooLong { what, found: bytes.len(), limit });
        }
        // The head is one fixed byte string, so it is compared instead of parsed.
        let head = [&[0xd2, 0x84, 0x43], PROTECTED, &[0xa0]].concat();
        let rest = bytes.strip_prefix(head.as_slice()).ok_or(FormatError::Malformed { what })?;
        let mut r = Reader::new(rest);
        let payload = r.bytes(T::MAX_BYTES, what)?;
        let signature: [u8; 64] = r.fixed(what)?;
        r.end(what)?;
        let mut again = Writer::new();
        again.bytes(payload).bytes(&signature);
        if again.finish() != rest {
            return Err(FormatError::NotCanonical { what });
        }
        Ok(Self {
            value: cbor::decode(payload)?,
            bytes: bytes.to_vec(),
            id: object_id(T::DOMAIN, payload),
            to_be_signed: to_be_signed(T::DOMAIN, payload),
            signature: Signature::from_bytes(&signature),
        })
    }

    /// What the object claims, to find out whose key must check it.
    pub fn claim(&self) -> &T {
        &self.value
    }

    /// The id it will have.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }

    /// Checks the signature strictly (RFC 8032 without cofactor, no weak keys).
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(self, key: &PublicKey) -> Result<Signed<T>, BadSignature> {
        key.0.verify_strict(&self.to_be_signed, &self.signature).map_err(|_| BadSignature)?;
        Ok(Signed { value: self.value, bytes: self.bytes, id: self.id })
    }

    /// Believes bytes without checking the signature. Only for what this program checked itself before it stored it in
    /// a place that nobody else writes.
    pub fn from_own_store(self) -> Signed<T> {
        Signed { value: self.value, bytes: self.bytes, id: self.id }
    }

    /// What a planted bug does: no check at all.
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn believe(self) -> Signed<T> {
        Signed { value: self.value, bytes: self.bytes, id: self.id }
    }
}

/// Sig_structure of RFC 9052, section 4.4.
fn to_be_signed(domain: &str, payload: &[u8]) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(4).text("Signature1").bytes(PROTECTED).bytes(domain.as_bytes()).bytes(payload);
    w.finish()
}

fn object_id(domain: &str, payload: &[u8]) -> [u8; 32] {
    sha256(&[domain.as_bytes(), PROTECTED, payload])
}
