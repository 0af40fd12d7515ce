//! Changes that travel by file, QR series or courier: they hold names, so they are sealed to one reader.

use super::change::CHANGE_MAX;
use crate::cbor::{self, Format, FormatError, Reader as CborReader, Writer};
use crate::cose::COSE_OVERHEAD;
use crate::id::{DeviceId, PackageHash, UnitCode};
use crate::package::VERSION;
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use thiserror::Error;

type Kem = hpke::kem::X25519HkdfSha256;
type Kdf = hpke::kdf::HkdfSha256;
type Aead = hpke::aead::ChaCha20Poly1305;

const INFO: &[u8] = b"homphieu/record-seal/1";
/// Longest sealed list of changes in bytes; several of them fit into one message.
pub const SEALED_MAX: usize = 48 * 1024;
/// Most changes in one.
const LIST_MAX: usize = 1_024;
const TAG_LEN: usize = 16;

/// Who can read what is sealed: the centre under its own device id, or a tablet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Its device id; see [`crate::device::device_id`].
    pub device: DeviceId,
    /// Its X25519 key.
    pub seal: [u8; 32],
}

/// Signed changes, sealed to one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedChanges {
    /// The package.
    pub package: PackageHash,
    /// The unit.
    pub unit: UnitCode,
    /// Who can read it.
    pub reader: DeviceId,
    /// Encapsulated key of HPKE (RFC 9180).
    encapped: [u8; 32],
    ciphertext: Vec<u8>,
}

/// Why changes cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// The reader's key is no usable key, or the changes are too long together.
    #[error("the changes cannot be sealed to this reader")]
    Seal,
    /// It was sealed to somebody else, or changed on its way.
    #[error("it cannot be opened here: it was sealed to somebody else, or changed on its way")]
    Open,
}

/// The plaintext: changes as they travel.
struct Changes(Vec<Vec<u8>>);

impl Format for Changes {
    const WHAT: &'static str = "list of record changes";
    const MAX_BYTES: usize = SEALED_MAX;

    fn write(&self, w: &mut Writer) {
        w.list(&self.0, |w, bytes| {
            w.bytes(bytes);
        });
    }

    fn read(r: &mut CborReader<'_>) -> Result<Self, FormatError> {
        let bytes =
            |r: &mut CborReader<'_>| Ok(r.bytes(CHANGE_MAX + COSE_OVERHEAD, "record change")?.to_vec());
        Ok(Self(r.list(LIST_MAX, Self::WHAT, bytes)?))
    }
}

impl SealedChanges {
    /// Seals signed changes, as they travel, to a reader. What does not fit is for the caller to cut: see
    /// [`SealedChanges::cut`].
    ///
    /// # Errors
    /// [`SealError::Seal`].
    pub fn seal(
        package: &PackageHash,
        unit: &UnitCode,
        reader: &Reader,
        changes: Vec<Vec<u8>>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealError> {
        let plain = cbor::encode(&Changes(changes));
        if plain.len() > SEALED_MAX {
            return Err(SealError::Seal);
        }
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&reader.seal).map_err(|_| SealError::Seal)?;
        let aad = aad(package, unit, &reader.device);
        let (encapped, ciphertext) =
            hpke::single_shot_seal_with_rng::<Aead, Kdf, Kem>(&OpModeS::Base, &key, INFO, &plain, &aad, rng)
                .map_err(|_| SealError::Seal)?;
        let encapped = encapped.to_bytes().as_slice().try_into().map_err(|_| SealError::Seal)?;
        Ok(Self { package: *package, unit: unit.clone(), reader: reader.device, encapped, ciphertext })
    }

    /// Cuts changes into lists that can be sealed.
    pub fn cut(changes: impl IntoIterator<Item = Vec<u8>>) -> Vec<Vec<Vec<u8>>> {
        let mut lists: Vec<Vec<Vec<u8>>> = Vec::new();
        let mut room = 0;
        for change in changes {
            let cost = change.len() + 8;
            let full = lists.last().is_none_or(|list| list.len() >= LIST_MAX);
            if full || cost > room {
                lists.push(Vec::new());
                room = SEALED_MAX - 16;
            }
            room = room.saturating_sub(cost);
            if let Some(last) = lists.last_mut() {
                last.push(change);
            }
        }
        lists
    }

    /// Opens it with the reader's secret key. The changes are as untrusted as any from outside.
    ///
    /// # Errors
    /// [`SealError::Open`].
    pub fn open(&self, secret: &[u8; 32]) -> Result<Vec<Vec<u8>>, SealError> {
        let secret = <Kem as hpke::Kem>::PrivateKey::from_bytes(secret).map_err(|_| SealError::Open)?;
        let encapped =
            <Kem as hpke::Kem>::EncappedKey::from_bytes(&self.encapped).map_err(|_| SealError::Open)?;
        let aad = aad(&self.package, &self.unit, &self.reader);
        let plain = hpke::single_shot_open::<Aead, Kdf, Kem>(
            &OpModeR::Base,
            &secret,
            &encapped,
            INFO,
            &self.ciphertext,
            &aad,
        )
        .map_err(|_| SealError::Open)?;
        Ok(cbor::decode::<Changes>(&plain).map_err(|_| SealError::Open)?.0)
    }
}

fn aad(package: &PackageHash, unit: &UnitCode, reader: &DeviceId) -> Vec<u8> {
    [package.as_bytes(), reader.as_bytes(), unit.as_str().as_bytes()].concat()
}

impl Format for SealedChanges {
    const WHAT: &'static str = "sealed record changes";
    const MAX_BYTES: usize = SEALED_MAX + 256;

    fn write(&self, w: &mut Writer) {
        w.array(6).uint(VERSION).bytes(self.package.as_bytes()).text(self.unit.as_str());
        w.bytes(self.reader.as_bytes()).bytes(&self.encapped).bytes(&self.ciphertext);
    }

    fn read(r: &mut CborReader<'_>) -> Result<Self, FormatError> {
        r.versioned(6, VERSION, Self::WHAT)?;
        let sealed = Self {
            package: PackageHash(r.fixed("package hash")?),
            unit: UnitCode::read(r)?,
            reader: DeviceId(r.fixed("reader")?),
            encapped: r.fixed("encapsulated key")?,
            ciphertext: r.bytes(SEALED_MAX + TAG_LEN, Self::WHAT)?.to_vec(),
        };
        if sealed.ciphertext.len() < TAG_LEN {
            return Err(FormatError::Range { what: Self::WHAT });
        }
        Ok(sealed)
    }
}
