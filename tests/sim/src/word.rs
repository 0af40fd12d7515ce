//! The office's word that a round is over, as the office gave it: by it alone may a medium lose anything.

use crate::disk::Values;
use client_ffi::store::Key;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use sync_core::cose::{Signed, Unverified};
use sync_core::envelope::Envelope;
use sync_core::id::{EnvelopeId, UnitCode};
use sync_core::message::ItemKind;
use sync_core::receipt::{Receipt, RoundStatement};

/// Every statement that the office signed, by unit: its bytes, and what it lists.
#[derive(Debug, Clone, Default)]
pub struct Word(Rc<RefCell<BTreeMap<String, Vec<Given>>>>);

#[derive(Debug)]
struct Given {
    bytes: Vec<u8>,
    listed: BTreeSet<EnvelopeId>,
}

impl Word {
    /// The office signs a statement.
    pub fn give(&self, statement: &Signed<RoundStatement>) {
        let value = statement.value();
        let listed = value.envelopes.iter().copied().collect();
        let given = Given { bytes: statement.bytes().to_vec(), listed };
        self.0.borrow_mut().entry(value.unit.to_string()).or_default().push(given);
    }

    /// Everything that any statement of a unit lists.
    pub fn listed(&self, unit: &UnitCode) -> BTreeSet<EnvelopeId> {
        let word = self.0.borrow();
        word.get(unit.as_str()).into_iter().flatten().flat_map(|given| &given.listed).copied().collect()
    }

    /// Whether the office signed these bytes as a statement of this unit.
    pub fn is_given(&self, unit: &str, bytes: &[u8]) -> bool {
        self.0.borrow().get(unit).is_some_and(|all| all.iter().any(|given| given.bytes == bytes))
    }

    /// Whether an item of a unit may go from a medium: by a statement of the office that would survive a power cut on
    /// this very medium, an envelope that it lists, a receipt that names nothing else, or a sheet.
    pub fn lets_go(&self, durable: &Values, unit: &str, kind: ItemKind, bytes: &[u8]) -> bool {
        let word = self.0.borrow();
        let here =
            |given: &&Given| durable.iter().any(|(key, value)| *value == given.bytes && is_of(key, unit));
        let given: Vec<&Given> = word.get(unit).into_iter().flatten().filter(here).collect();
        let listed = |id: &EnvelopeId| given.iter().any(|given| given.listed.contains(id));
        match kind {
            ItemKind::Sheet | ItemKind::SheetReplacement => !given.is_empty(),
            ItemKind::Envelope => {
                Unverified::<Envelope>::decode(bytes).is_ok_and(|envelope| listed(&EnvelopeId(envelope.id())))
            }
            ItemKind::Receipt => Unverified::<Receipt>::decode(bytes)
                .is_ok_and(|receipt| !given.is_empty() && receipt.claim().envelopes.iter().all(listed)),
            _ => false,
        }
    }
}

fn is_of(key: &Key, unit: &str) -> bool {
    matches!(key.parts().as_slice(), ["item", of, ..] if *of == unit)
}
