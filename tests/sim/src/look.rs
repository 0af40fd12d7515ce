//! Looking into a tablet's medium as somebody who takes it apart.

use crate::disk::Values;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use client_ffi::store::Key;
use std::collections::BTreeSet;
use sync_core::cbor;
use sync_core::cose::Unverified;
use sync_core::envelope::Envelope;
use sync_core::id::{EnvelopeId, UnitCode};
use sync_core::message::ItemKind;
use sync_core::open_box::OpenBox;
use sync_core::record::RecordChange;

/// The records in a unit's open box, deciphered with the key beside it, and whether they are sorted. `None` where
/// there is no box, or only noise: between the end of its key and its own, that is meant.
pub fn open_box(values: &Values, unit: &UnitCode) -> Option<(Vec<Vec<u8>>, bool)> {
    let value = |kind: &str| values.get(&Key::of(&[kind, unit.as_str()]));
    let key: [u8; 32] = value("boxkey")?.as_slice().try_into().ok()?;
    let (nonce, sealed) = value("box")?.split_first_chunk::<24>()?;
    let payload = Payload { msg: sealed, aad: unit.as_str().as_bytes() };
    let plain = XChaCha20Poly1305::new((&key).into()).decrypt(&XNonce::from(*nonce), payload).ok()?;
    let open_box = cbor::decode::<OpenBox>(&plain).ok()?;
    let Some(first) = open_box.nullifiers().next() else { return Some((Vec::new(), true)) };
    // The records are one byte string at the end of the encoding.
    let start = plain.windows(16).position(|window| window == first.0)?;
    let length = (plain.len() - start) / open_box.len();
    let records: Vec<Vec<u8>> = plain[start..].chunks(length).map(<[u8]>::to_vec).collect();
    let sorted = records.is_sorted();
    Some((records, sorted))
}

/// The envelopes of a unit on a medium, whoever signed them.
pub fn envelopes(values: &Values, unit: &UnitCode) -> Vec<Envelope> {
    stored(values, unit).map(|object| object.claim().clone()).collect()
}

/// Their ids.
pub fn envelope_ids(values: &Values, unit: &UnitCode) -> Vec<EnvelopeId> {
    stored(values, unit).map(|object| EnvelopeId(object.id())).collect()
}

/// The units of which a medium holds a sheet.
pub fn units_of_sheets(values: &Values) -> BTreeSet<String> {
    let sheet = (ItemKind::Sheet as u8).to_string();
    let unit = |key: &Key| match key.parts().as_slice() {
        ["item", unit, kind, _] if *kind == sheet => Some((*unit).to_owned()),
        _ => None,
    };
    values.keys().filter_map(unit).collect()
}

/// The record changes of a unit on a medium, whoever signed them.
pub fn changes(values: &Values, unit: &UnitCode) -> Vec<RecordChange> {
    let kind = (ItemKind::RecordChange as u8).to_string();
    let of_unit = move |key: &Key| matches!(key.parts().as_slice(), ["item", of, k, _] if *of == unit.as_str() && *k == kind);
    let stored = values.iter().filter(|(key, _)| of_unit(key));
    let changes = stored.filter_map(|(_, bytes)| Unverified::<RecordChange>::decode(bytes).ok());
    changes.map(|object| object.claim().clone()).collect()
}

fn stored(values: &Values, unit: &UnitCode) -> impl Iterator<Item = Unverified<Envelope>> {
    let kind = (ItemKind::Envelope as u8).to_string();
    let of_unit = move |key: &Key| matches!(key.parts().as_slice(), ["item", of, k, _] if *of == unit.as_str() && *k == kind);
    let stored = values.iter().filter(move |(key, _)| of_unit(key));
    stored.filter_map(|(_, bytes)| Unverified::<Envelope>::decode(bytes).ok())
}
