//! How far a transfer is, for a bar on a screen.

use sync_core::id::UnitCode;

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

    pub(crate) fn of<'a>(items: impl IntoIterator<Item = &'a sync_core::message::Item>) -> Self {
        let mut amount = Self::default();
        for item in items {
            amount.add(1, item.bytes.len());
        }
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
