//! How far a transfer is, for a bar on a screen.

use sync_core::id::UnitCode;
use sync_core::message::Item;

/// Which way things go, as seen from this tablet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Away from here.
    Out,
    /// To here.
    In,
}

/// So many things of so many bytes. An item is an envelope, a certificate, a receipt, an entry of a record and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Items.
    pub items: u64,
    /// Their bytes, without what the way there adds.
    pub bytes: u64,
}

impl Amount {
    pub(crate) fn add(&mut self, items: usize, bytes: usize) {
        self.items = self.items.saturating_add(items as u64);
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }

    pub(crate) fn add_all<'a>(&mut self, items: impl IntoIterator<Item = &'a Item>) {
        for item in items {
            self.add(1, item.bytes.len());
        }
    }

    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut amount = Self::default();
        amount.add_all(items);
        amount
    }
}

/// How far the transfer of one unit is, one way. A transfer that is cut begins again with what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The unit.
    pub unit: UnitCode,
    /// Which way.
    pub way: Way,
    /// What is through.
    pub done: Amount,
    /// What there is to do in all, as far as it is known now.
    pub total: Amount,
}

impl Progress {
    pub(crate) fn begin(unit: &UnitCode, way: Way) -> Self {
        Self { unit: unit.clone(), way, done: Amount::default(), total: Amount::default() }
    }
}
