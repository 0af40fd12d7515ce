//! What came of two tablets meeting.

use super::link::Traffic;
use crate::progress::{Amount, Progress};
use crate::tablet::Peer;
use std::collections::BTreeMap;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::message::{ItemKind, Outcome};

/// Most refusals that a report names, each way.
pub const REFUSALS_MAX: usize = 64;

/// The tablet at the other end. The centre certified it for this round, and it showed that it has its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Its id.
    pub device: DeviceId,
    /// Its name for people, such as "Máy 2".
    pub label: String,
    /// Whether it only carries.
    pub courier: bool,
    /// Whether it is known here that the centre revoked it. Then its ballots are taken, and it gets no more than
    /// revocations, receipts and round statements.
    pub revoked: bool,
}

impl Who {
    pub(super) fn of(peer: &Peer, revoked: bool) -> Self {
        Self { device: peer.device(), label: peer.label().to_owned(), courier: peer.is_courier(), revoked }
    }
}

/// What passed between two tablets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// With whom.
    pub who: Who,
    /// By unit, what passed.
    pub units: BTreeMap<UnitCode, Passed>,
    /// What was refused here; at most [`REFUSALS_MAX`].
    pub refused_here: Vec<(UnitCode, ItemKind, Outcome)>,
    /// What was refused there; at most [`REFUSALS_MAX`].
    pub refused_there: Vec<(UnitCode, ItemKind, Outcome)>,
    /// Bytes over the link.
    pub traffic: Traffic,
}

/// What passed of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Passed {
    /// What came.
    pub received: Amount,
    /// Envelopes among it.
    pub envelopes_received: usize,
    /// Items that were new here and are stored.
    pub new: usize,
    /// Items that wait here for something they need.
    pub waiting: usize,
    /// What went, and was taken in by the other side.
    pub given: Amount,
    /// Envelopes among it.
    pub envelopes_given: usize,
}

impl Visit {
    pub(super) fn new(who: Who) -> Self {
        let (units, refused_here, refused_there) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { who, units, refused_here, refused_there, traffic: Traffic::default() }
    }

    /// Whether anything passed, either way.
    pub fn is_empty(&self) -> bool {
        self.units.values().all(|passed| passed.received.items == 0 && passed.given.items == 0)
    }

    pub(super) fn unit(&mut self, unit: &UnitCode) -> &mut Passed {
        self.units.entry(unit.clone()).or_default()
    }
}

/// Adds to a list of refusals, up to its bound.
pub(super) fn note(list: &mut Vec<(UnitCode, ItemKind, Outcome)>, refusal: (UnitCode, ItemKind, Outcome)) {
    if list.len() < REFUSALS_MAX && !list.contains(&refusal) {
        list.push(refusal);
    }
}

/// What happens while this tablet is joined to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The host was recognised.
    Met(Who),
    /// Something went on.
    Moved(Progress),
    /// Everything is exchanged; the tablet stays until others bring something or the session ends.
    Waiting,
}
