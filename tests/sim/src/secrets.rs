//! What must never be seen in clear: permit codes anywhere, nullifiers anywhere but in envelopes.

use aho_corasick::AhoCorasick;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeSet;
use sync_core::cbor;
use sync_core::id::{RoundId, UnitCode};
use sync_core::message::{Item, ItemKind, Message};
use sync_core::permit::PermitCode;

/// Searches written and sent bytes for every permit of the round.
#[derive(Debug)]
pub struct Secrets {
    codes: AhoCorasick,
    nullifiers: AhoCorasick,
    names: AhoCorasick,
    /// Items of messages in which nothing was found. Everything is handed over again and again, and searching it each
    /// time took as long as all that the tablets do.
    clean: Searched,
    /// The same for names.
    nameless: Searched,
    /// Parcels in which nothing was found.
    parcels: RefCell<BTreeSet<[u8; 32]>>,
}

/// Items that were searched, by kind and hash.
#[derive(Debug, Default)]
struct Searched(RefCell<BTreeSet<(ItemKind, [u8; 32])>>);

impl Searched {
    /// Whether something is found in an item that was not searched before.
    fn finds(&self, item: &Item, search: impl FnOnce() -> bool) -> bool {
        let name = (item.kind, Sha256::digest(&item.bytes).into());
        if self.0.borrow().contains(&name) {
            return false;
        }
        let found = search();
        if !found {
            self.0.borrow_mut().insert(name);
        }
        found
    }
}

/// What was found in clear.
pub type Leak = &'static str;

impl Secrets {
    /// The search for all permits of all units, and for names.
    pub fn of<'a>(
        round: &RoundId,
        permits: impl Iterator<Item = (&'a UnitCode, &'a PermitCode)>,
        names: &[String],
    ) -> Self {
        let mut codes: Vec<Vec<u8>> = Vec::new();
        let mut nullifiers: Vec<Vec<u8>> = Vec::new();
        for (unit, code) in permits {
            let text = code.reveal();
            codes.push(text.as_bytes().to_vec());
            codes.push(text.replace('-', "").into_bytes());
            codes.push(packed(&text));
            nullifiers.push(code.nullifier(round, unit).0.to_vec());
        }
        let search = |patterns: &[Vec<u8>]| AhoCorasick::new(patterns).expect("few patterns");
        let names: Vec<Vec<u8>> = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        Self {
            codes: search(&codes),
            nullifiers: search(&nullifiers),
            names: search(&names),
            clean: Searched::default(),
            nameless: Searched::default(),
            parcels: RefCell::default(),
        }
    }

    /// Looks through something written under a key.
    pub fn in_value(&self, key: &str, value: &[u8]) -> Option<Leak> {
        if self.codes.is_match(key.as_bytes()) || self.codes.is_match(value) {
            return Some("a permit code");
        }
        // Only envelopes show nullifiers; in a box they are under its cipher.
        let envelope = is_envelope_key(key);
        (!envelope && self.nullifiers.is_match(value)).then_some("a nullifier outside an envelope")
    }

    /// Looks through something sent: a request, an answer or a parcel.
    pub fn in_message(&self, message: &Message) -> Option<Leak> {
        let frame = cbor::encode(&Message { give: Vec::new(), ..message.clone() });
        let code = |item: &Item| self.codes.is_match(&item.bytes);
        let nullifier =
            |item: &Item| item.kind != ItemKind::Envelope && self.nullifiers.is_match(&item.bytes);
        let found = |item: &&Item| self.clean.finds(item, || code(item) || nullifier(item));
        match message.give.iter().find(found) {
            Some(item) if code(item) => Some("a permit code"),
            Some(_) => Some("a nullifier outside an envelope"),
            None if self.codes.is_match(&frame) => Some("a permit code"),
            None => self.nullifiers.is_match(&frame).then_some("a nullifier outside an envelope"),
        }
    }
}

impl Secrets {
    /// Whether bytes name a voter or somebody of a team. Nothing may that a courier holds, or that travels otherwise
    /// than between a tablet of the unit and the centre; sheets go from hand to hand within a unit, and are left out.
    pub fn names_somebody(&self, bytes: &[u8]) -> bool {
        self.names.is_match(bytes)
    }

    /// Looks through a parcel, or what lies on a courier: neither shows a permit code or names anybody.
    pub fn in_parcel(&self, bytes: &[u8]) -> Option<Leak> {
        let hash = Sha256::digest(bytes).into();
        match () {
            () if self.parcels.borrow().contains(&hash) => None,
            () if self.codes.is_match(bytes) => Some("a permit code"),
            () if self.names.is_match(bytes) => Some("a name"),
            () => {
                self.parcels.borrow_mut().insert(hash);
                None
            }
        }
    }

    /// Whether anything in a message but its sheets names somebody, and be it only inside what is not sealed.
    pub fn message_names_somebody(&self, message: &Message) -> bool {
        let mut open = message.give.iter().filter(|item| item.kind != ItemKind::Sheet);
        open.any(|item| {
            item.kind == ItemKind::RecordChange
                || self.nameless.finds(item, || self.names.is_match(&item.bytes))
        })
    }
}

fn is_envelope_key(key: &str) -> bool {
    let parts: Vec<_> = key.split('~').collect();
    matches!(parts.as_slice(), ["item", _, kind, _] if *kind == (ItemKind::Envelope as u8).to_string())
}

/// The code as ten bytes, five bits a symbol: how a ballot carries it inside the seal.
fn packed(text: &str) -> Vec<u8> {
    let symbols = text.bytes().filter(|byte| *byte != b'-');
    let value = symbols.fold(0_u128, |value, symbol| {
        let place = sync_core::permit::ALPHABET.iter().position(|known| *known == symbol);
        value << 5 | place.expect("a code has only these symbols") as u128
    });
    value.to_be_bytes()[6..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::rng_for;
    use sync_core::id::PackageHash;

    #[test]
    fn codes_are_found_however_they_are_written_and_nullifiers_only_outside_envelopes() {
        let (round, unit) = (RoundId([1; 16]), UnitCode::new("A").unwrap());
        let code = PermitCode::draw(&mut rng_for(1, "test"));
        let secrets = Secrets::of(&round, std::iter::once((&unit, &code)), &[]);
        let text = code.reveal();
        for leak in [text.as_bytes().to_vec(), text.replace('-', "").into_bytes(), packed(&text)] {
            assert!(secrets.in_value("note~A", &[b"..", leak.as_slice(), b".."].concat()).is_some());
        }
        let nullifier = code.nullifier(&round, &unit).0;
        assert!(secrets.in_value("box~A", &nullifier).is_some());
        assert!(secrets.in_value("item~A~5~00", &nullifier).is_none());
        let mut message = Message::new(PackageHash([0; 32]), unit);
        message.give.push(Item::new(ItemKind::Envelope, nullifier));
        assert!(secrets.in_message(&message).is_none());
        message.give.push(Item::new(ItemKind::Receipt, nullifier));
        assert!(secrets.in_message(&message).is_some());
    }
}
