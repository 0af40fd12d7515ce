//! What stands before a value where it is kept: a magic and SHA-256(domain ‖ key ‖ value), so a damaged, shortened or
//! exchanged value is found and named.

use super::{Key, VALUE_MAX};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 4] = b"HPV1";
/// Bytes before the value.
pub(super) const HEAD: usize = MAGIC.len() + 32;

/// What stands before this value.
pub(super) fn head(key: &Key, value: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(b"homphieu/stored/1");
    hash.update((key.as_str().len() as u64).to_be_bytes());
    hash.update(key.as_str());
    hash.update(value);
    [MAGIC.as_slice(), &hash.finalize()].concat()
}

/// The value of kept bytes, if they are what was kept under this key.
pub(super) fn unstamped(key: &Key, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    if bytes.len() < HEAD || bytes.len() > HEAD + VALUE_MAX {
        return None;
    }
    let value = bytes.split_off(HEAD);
    (bytes == head(key, &value)).then_some(value)
}
