//! Which envelopes of a unit are to be held, and why, worked out from the truth.

use crate::round::Round;
use crate::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::envelope::SignedEnvelope;
use sync_core::id::{EnvelopeId, SheetHash};
use sync_core::survey::HoldReason;

/// The holds of one unit.
pub type Holds = BTreeMap<EnvelopeId, BTreeSet<HoldReason>>;

/// Works the holds of a unit out, one envelope against all others.
pub fn expected(
    round: &Round,
    truth: &Truth,
    unit: usize,
    envelopes: &BTreeMap<EnvelopeId, SignedEnvelope>,
) -> Holds {
    let mut holds = Holds::new();
    for (id, envelope) in envelopes {
        let reasons = reasons(round, truth, unit, id, envelope, envelopes);
        if !reasons.is_empty() {
            holds.insert(*id, reasons);
        }
    }
    holds
}

fn reasons(
    round: &Round,
    truth: &Truth,
    unit: usize,
    id: &EnvelopeId,
    envelope: &SignedEnvelope,
    all: &BTreeMap<EnvelopeId, SignedEnvelope>,
) -> BTreeSet<HoldReason> {
    let value = envelope.value();
    let same_tablet = || all.iter().filter(|(_, other)| other.value().device == value.device);
    let sheets = sheets(round, truth, unit);
    let known = sheets.get(&value.sheet);
    let before: Vec<_> = same_tablet()
        .filter(|(_, other)| other.value().number + 1 == value.number)
        .map(|(id, _)| *id)
        .collect();
    let mut reasons = BTreeSet::new();
    let mut hold = |reason, holds: bool| {
        if holds {
            reasons.insert(reason);
        }
    };
    hold(HoldReason::RevokedDevice, truth.revoked.contains(&value.device));
    // Nobody saves the box of a dead tablet in these worlds.
    hold(HoldReason::Orphan, false);
    let scope = truth.scopes.get(&value.device);
    hold(HoldReason::OutOfScope, scope.is_none_or(|units| !units.contains(&unit)));
    hold(HoldReason::Late, truth.at_close.as_ref().is_some_and(|here| !here.contains(id)));
    hold(HoldReason::UnknownSheet, known.is_none());
    hold(HoldReason::BallotLength, known.is_some_and(|(length, _)| *length != value.ballots.record_len()));
    hold(HoldReason::ReplacedSheet, known.is_some_and(|(_, current)| !current));
    hold(
        HoldReason::ClonedTablet,
        same_tablet().any(|(other, e)| other != id && e.value().number == value.number),
    );
    hold(
        HoldReason::BeyondClose,
        same_tablet().any(|(_, other)| other.value().total.is_some() && other.value().number < value.number),
    );
    hold(
        HoldReason::BrokenChain,
        !before.is_empty() && value.previous.is_none_or(|previous| !before.contains(&previous)),
    );
    reasons
}

/// The sheets that the unit ever had: length of a record, and whether it holds now.
fn sheets(round: &Round, truth: &Truth, unit: usize) -> BTreeMap<SheetHash, (usize, bool)> {
    let reissued = truth.reissued.contains(&unit);
    let unit = &round.units[unit];
    let mut sheets = BTreeMap::from([(unit.first.hash(), (unit.first.record_len(), !reissued))]);
    if reissued {
        let sheet = &unit.reissue.sheet;
        sheets.insert(sheet.hash(), (sheet.record_len(), true));
    }
    sheets
}
