//! Records and paper counts of a bundle, checked as an outsider.

use super::{Report, VerifyError, adds_up};
use crate::bundle::Bundle;
use crate::count::{Line, Papers, Parts, Shown, UnitResult};
use crate::id::{ObjectId, UnitCode};
use crate::message::Outcome;
use crate::order::UnitOrder;
use crate::record::{Paper, Record, SignedChange, Taken};
use std::collections::{BTreeMap, BTreeSet};

/// Paper counts by id, and the unit of each.
pub(super) type PaperCounts = BTreeMap<ObjectId, (UnitCode, Paper)>;

/// Builds every record anew from its changes.
pub(super) fn check_records(bundle: &Bundle) -> Result<BTreeMap<UnitCode, Record>, VerifyError> {
    let mut changes: Vec<&SignedChange> = bundle.records.iter().collect();
    changes.sort_by_key(|change| (change.value().actor, change.value().sequence));
    let mut records = BTreeMap::new();
    for signed in changes {
        let change = signed.value();
        let unit = &change.unit;
        let record =
            records.entry(unit.clone()).or_insert_with(|| Record::new(bundle.package.hash(), unit.clone()));
        let what = match record.take(signed.clone()) {
            Taken::New | Taken::AlreadyHere => continue,
            Taken::WaitsForPredecessor => "does not follow on any change in the bundle",
            Taken::Refused(Outcome::TooMany) => "is one too many",
            Taken::Refused(_) => "does not give the hash that it signs",
        };
        let (device, number) = (change.actor.device(), change.sequence);
        return Err(VerifyError::Record { unit: unit.clone(), device, number, what });
    }
    Ok(records)
}

/// What a person should ask about the records.
pub(super) fn note_records(bundle: &Bundle, records: &BTreeMap<UnitCode, Record>, report: &mut Report) {
    for (unit, record) in records {
        let twins: BTreeSet<_> = record.twins().map(|(first, _)| first.value().actor.device()).collect();
        if !twins.is_empty() {
            report.twins.insert(unit.clone(), twins);
        }
    }
    for order in bundle.orders.last().iter().flat_map(|order| &order.value().units) {
        let opened: BTreeSet<ObjectId> = order.papers.iter().copied().collect();
        let standing = records.get(&order.unit).map(|record| record.papers(&order.sheet)).unwrap_or_default();
        report.papers += opened.len();
        let mut note = |into: fn(&mut Report) -> &mut BTreeMap<_, _>, ids: BTreeSet<ObjectId>| {
            if !ids.is_empty() {
                into(report).insert(order.unit.clone(), ids);
            }
        };
        note(|report| &mut report.unopened_papers, standing.difference(&opened).copied().collect());
        note(|report| &mut report.undone_papers, opened.difference(&standing).copied().collect());
    }
}

/// Whether the paper in a unit's figures is that of the order; of an earlier one, where those figures stand.
pub(super) fn plausible_papers(papers: &PaperCounts, unit: &UnitResult, order: &UnitOrder) -> bool {
    let Some(Papers { valid, invalid, unreadable, .. }) = &unit.papers else {
        return unit.stands || order.papers.is_empty();
    };
    if unit.stands {
        let known = |id: &ObjectId| papers.get(id).is_some_and(|(of, _)| *of == unit.unit);
        return *valid <= unit.valid && unreadable.iter().all(known);
    }
    let mut sums = (0_u64, 0_u64);
    for id in &order.papers {
        let Some((_, paper)) = papers.get(id) else { return false };
        let counted = if unreadable.contains(id) { 0 } else { paper.valid };
        sums.0 += u64::from(counted);
        sums.1 += u64::from(paper.collected - counted);
    }
    !order.papers.is_empty()
        && *valid <= unit.valid
        && sums == (u64::from(*valid), u64::from(*invalid))
        && unreadable.iter().all(|id| order.papers.contains(id))
}

/// Whether the paper part is shown apart exactly where it may be, and adds up.
pub(super) fn shown_apart(bundle: &Bundle, unit: &UnitResult, shown: &mut BTreeMap<UnitCode, Shown>) -> bool {
    let package = bundle.package.value();
    let part = unit.papers.as_ref().and_then(|papers| papers.lines.as_ref());
    let Some(whole) = &unit.lines else { return part.is_none() };
    let paper = unit.papers.as_ref().map_or(0, |papers| papers.valid);
    let parts = Parts { tablets: unit.valid.saturating_sub(paper), paper };
    let now = Shown::next(shown.get(&unit.unit).copied(), parts, package.rules.min_publish);
    shown.insert(unit.unit.clone(), now);
    let Some(part) = part else { return !now.apart() };
    let within = |(part, whole): (&Line, &Line)| {
        part.invalid <= whole.invalid && part.levels.iter().zip(&whole.levels).all(|(p, w)| p <= w)
    };
    now.apart()
        && adds_up(part, whole.len(), package.levels.len(), paper)
        && part.iter().zip(whole).all(within)
}
