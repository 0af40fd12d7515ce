//! What a tablet stores, value by value: the names of the values, and the few that are not items of the core.

use crate::error::TabletError;
use crate::store::{Key, Store};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use sync_core::cbor::{self, Format, FormatError, Reader, Writer};
use sync_core::cose::SecretKey;
use sync_core::envelope::Chain;
use sync_core::id::{DeviceId, EnvelopeId, SheetHash, UnitCode};
use sync_core::message::{Item, ItemKind};
use sync_core::record::PersonId;
use zeroize::Zeroizing;

const VERSION: u64 = 1;

/// Key of the device's secret halves.
pub(crate) fn identity_key() -> Key {
    Key::of(&["identity"])
}

/// Key of the centre's address.
pub(crate) fn address_key() -> Key {
    Key::of(&["address"])
}

/// Key of the package. It is written last at enrolment, so its presence means enrolled.
pub(crate) fn package_key() -> Key {
    Key::of(&["package"])
}

/// Key of the device's own certificate.
pub(crate) fn certificate_key() -> Key {
    Key::of(&["certificate"])
}

/// Key of an item of a unit's replica: kind and hash of its bytes.
pub(crate) fn item_key(unit: &UnitCode, item: &Item) -> Key {
    let hash: String = Sha256::digest(&item.bytes).iter().take(16).map(|b| format!("{b:02x}")).collect();
    Key::of(&["item", unit.as_str(), &(item.kind as u8).to_string(), &hash])
}

/// Hash of bytes, to know them again.
pub(crate) fn bytes_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Key of a unit's open box.
pub(crate) fn box_key(unit: &UnitCode) -> Key {
    Key::of(&["box", unit.as_str()])
}

/// Key of the key that the open box lies under.
pub(crate) fn box_cipher_key(unit: &UnitCode) -> Key {
    Key::of(&["boxkey", unit.as_str()])
}

/// Key of a unit's chain of envelopes.
pub(crate) fn chain_key(unit: &UnitCode) -> Key {
    Key::of(&["chain", unit.as_str()])
}

/// Key of the hash of the sheet that was compared with paper.
pub(crate) fn confirmed_key(unit: &UnitCode) -> Key {
    Key::of(&["confirmed", unit.as_str()])
}

/// Key of what is remembered of the last contact with the centre.
pub(crate) fn contact_key() -> Key {
    Key::of(&["contact"])
}

/// Key of the guidance for teams, as the centre signed it.
pub(crate) fn guidance_key() -> Key {
    Key::of(&["guidance"])
}

/// Key of how much may be carried for others.
pub(crate) fn room_key() -> Key {
    Key::of(&["room"])
}

/// Key of the own envelopes that others hold.
pub(crate) fn handed_key(unit: &UnitCode) -> Key {
    Key::of(&["handed", unit.as_str()])
}

/// Key of a unit's double entry of a paper count.
pub(crate) fn paper_key(unit: &UnitCode) -> Key {
    Key::of(&["paper", unit.as_str()])
}

/// Key of the key that the double entry lies under.
pub(crate) fn paper_cipher_key(unit: &UnitCode) -> Key {
    Key::of(&["paperkey", unit.as_str()])
}

/// Key of a sealed paper count that is not in the record yet.
pub(crate) fn paper_entry_key(unit: &UnitCode) -> Key {
    Key::of(&["paperentry", unit.as_str()])
}

/// Key of a person's PIN on this tablet.
pub(crate) fn pin_key(person: &PersonId) -> Key {
    Key::of(&["pin", &person.to_string()])
}

/// Whether a value holds names, or secrets of the device or of a person. The open box does not: its ballots are sealed,
/// and its own key lies beside it, so that it can be saved when everything private is lost.
pub(crate) fn is_private(key: &Key) -> bool {
    let names = [ItemKind::Sheet, ItemKind::SheetReplacement, ItemKind::RecordChange];
    match key.parts().as_slice() {
        ["identity"] | ["pin" | "paper" | "paperkey", ..] => true,
        ["item", _, kind, _] => {
            let kind = kind.parse::<usize>().ok().and_then(|kind| ItemKind::ALL.get(kind));
            kind.is_none_or(|kind| names.contains(kind))
        }
        _ => false,
    }
}

/// The unit and item behind a key of [`item_key`].
pub(crate) fn item_of(key: &Key, bytes: Vec<u8>) -> Option<(UnitCode, Item)> {
    let parts = key.parts();
    let ["item", unit, kind, _] = parts.as_slice() else { return None };
    let kind = *ItemKind::ALL.get(kind.parse::<usize>().ok()?)?;
    Some((UnitCode::new(unit).ok()?, Item::new(kind, bytes)))
}

/// Reads a value of a format, or says which one is damaged.
pub(crate) fn load<T: Format>(store: &impl Store, key: &Key) -> Result<Option<T>, TabletError> {
    let read = |bytes: Vec<u8>| cbor::decode(&bytes).map_err(|_| damaged(key));
    store.get(key)?.map(read).transpose()
}

pub(crate) fn damaged(key: &Key) -> TabletError {
    TabletError::Damaged { key: key.to_string() }
}

/// Secret halves of the device's keys, made on the device and never leaving it.
pub(crate) struct Identity {
    pub sign: SecretKey,
    pub seal: Zeroizing<[u8; 32]>,
    /// What follows from both, computed once: it is asked for with every envelope.
    device: DeviceId,
}

impl Identity {
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        let mut seal = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        rng.fill_bytes(seal.as_mut());
        Self::of(&seed, seal)
    }

    fn of(seed: &[u8; 32], seal: Zeroizing<[u8; 32]>) -> Self {
        let sign = SecretKey::from_seed(seed);
        let device = sync_core::device::device_id(&sign.public(), &seal_public(&seal));
        Self { sign, seal, device }
    }

    pub fn device(&self) -> DeviceId {
        self.device
    }

    pub fn seal_public(&self) -> [u8; 32] {
        seal_public(&self.seal)
    }
}

fn seal_public(seal: &[u8; 32]) -> [u8; 32] {
    let secret = sync_core::ballot::BoxSecret::from_bytes(seal);
    secret.map(|secret| secret.public()).unwrap_or_default()
}

impl Format for Identity {
    const WHAT: &'static str = "device keys";
    const MAX_BYTES: usize = 128;

    fn write(&self, w: &mut Writer) {
        w.array(3).uint(VERSION).bytes(self.sign.seed().as_ref()).bytes(self.seal.as_ref());
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(3, VERSION, Self::WHAT)?;
        let seed = Zeroizing::new(r.fixed(Self::WHAT)?);
        Ok(Self::of(&seed, Zeroizing::new(r.fixed(Self::WHAT)?)))
    }
}

/// A chain as stored.
pub(crate) struct StoredChain(pub Chain);

impl Format for StoredChain {
    const WHAT: &'static str = "envelope chain";
    const MAX_BYTES: usize = 128;

    fn write(&self, w: &mut Writer) {
        let Chain { number, last, ballots, closed } = self.0;
        w.array(5).uint(VERSION).uint(number).maybe_bytes(last.as_ref().map(EnvelopeId::as_bytes));
        w.uint(ballots).flag(closed);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(5, VERSION, Self::WHAT)?;
        Ok(Self(Chain {
            number: r.u32(u32::MAX, Self::WHAT)?,
            last: r.maybe(Self::WHAT, |r| r.fixed(Self::WHAT))?.map(EnvelopeId),
            ballots: r.u32(u32::MAX, Self::WHAT)?,
            closed: r.flag(Self::WHAT)?,
        }))
    }
}

/// Ids of envelopes, ascending.
pub(crate) struct Ids(pub Vec<EnvelopeId>);

impl Format for Ids {
    const WHAT: &'static str = "envelope ids";
    const MAX_BYTES: usize = 64 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(2).uint(VERSION).bytes(&self.0.iter().flat_map(|id| id.0).collect::<Vec<_>>());
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(2, VERSION, Self::WHAT)?;
        let bytes = r.bytes(Self::MAX_BYTES, Self::WHAT)?;
        Ok(Self(cbor::sorted_entries(bytes, Self::WHAT)?.into_iter().map(EnvelopeId).collect()))
    }
}

/// A number of its own, such as a setting.
pub(crate) struct Number(pub u64);

impl Format for Number {
    const WHAT: &'static str = "stored number";
    const MAX_BYTES: usize = 16;

    fn write(&self, w: &mut Writer) {
        w.array(2).uint(VERSION).uint(self.0);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(2, VERSION, Self::WHAT)?;
        Ok(Self(r.uint(0..=u64::MAX, Self::WHAT)?))
    }
}

/// A sheet hash as stored.
pub(crate) fn read_sheet_hash(store: &impl Store, key: &Key) -> Result<Option<SheetHash>, TabletError> {
    let read = |bytes: Vec<u8>| SheetHash::from_slice(&bytes).ok_or_else(|| damaged(key));
    store.get(key)?.map(read).transpose()
}

/// The cipher of one value: XChaCha20-Poly1305 under a random key. Old versions of the value may survive in flash;
/// once this key is destroyed they are noise. What is stored is nonce ‖ ciphertext, bound to its unit.
pub(crate) struct BoxCipher(Zeroizing<[u8; 32]>);

impl BoxCipher {
    /// The stored cipher under this key, if there is one.
    pub fn load(store: &impl Store, key: &Key) -> Result<Option<Self>, TabletError> {
        let read = |bytes: Vec<u8>| {
            let bytes = Zeroizing::new(bytes);
            let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| damaged(key))?;
            Ok(Self(Zeroizing::new(bytes)))
        };
        store.get(key)?.map(read).transpose()
    }

    /// A new cipher, stored before anything lies under it.
    pub fn make(store: &mut impl Store, key: &Key, rng: &mut impl CryptoRng) -> Result<Self, TabletError> {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut());
        store.put(key, secret.as_ref())?;
        Ok(Self(secret))
    }

    pub fn save<T: Format>(
        &self,
        store: &mut impl Store,
        key: &Key,
        unit: &UnitCode,
        value: &T,
        rng: &mut impl CryptoRng,
    ) -> Result<(), TabletError> {
        let mut nonce = [0; 24];
        rng.fill_bytes(&mut nonce);
        let plain = Zeroizing::new(cbor::encode(value));
        let payload = Payload { msg: &plain, aad: unit.as_str().as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| damaged(key))?;
        Ok(store.put(key, &[nonce.as_slice(), &sealed].concat())?)
    }

    pub fn read<T: Format>(
        &self,
        store: &impl Store,
        key: &Key,
        unit: &UnitCode,
    ) -> Result<Option<T>, TabletError> {
        let Some(bytes) = store.get(key)? else { return Ok(None) };
        let (nonce, sealed) = bytes.split_first_chunk::<24>().ok_or_else(|| damaged(key))?;
        let payload = Payload { msg: sealed, aad: unit.as_str().as_bytes() };
        let plain = self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| damaged(key))?;
        cbor::decode(&Zeroizing::new(plain)).map(Some).map_err(|_| damaged(key))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}
