//! Checks a bundle as an outsider: without shares that everything fits together, with k shares also the count.

mod records;

use crate::bundle::{Bundle, BundleError};
use crate::cose::Signed;
use crate::count::{CountError, Line, Pool, RoundResult, SIGNS_MIN, Shown, UnitResult, count};
use crate::id::{DeviceId, EnvelopeId, ObjectId, PackageHash, UnitCode};
use crate::order::{OpeningOrder, Ruling, UnitOrder};
use crate::package::sheet_chain;
use crate::secret::{JoinError, Share, join};
use crate::survey::{Gap, Header, HoldReason, UnitFacts, survey};
use records::{PaperCounts, check_records, note_records, plausible_papers, shown_apart};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Why a bundle does not stand.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// A part is not genuine.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Orders do not begin with 1 and follow on each other, in number and digest.
    #[error("opening order {number} does not follow on the one before")]
    OrderChain {
        /// Its number.
        number: u32,
    },
    /// An order does not name exactly the units of the round.
    #[error("opening order {number} does not name exactly the units of the round")]
    OrderUnits {
        /// Its number.
        number: u32,
    },
    /// An order names what is not in the bundle, or names it twice.
    #[error(
        "opening order {number} names something for unit {unit} that is not in the bundle, or twice: {what}"
    )]
    Unfounded {
        /// Number of the order.
        number: u32,
        /// The unit.
        unit: UnitCode,
        /// What it names.
        what: &'static str,
    },
    /// A held envelope is admitted without a decision of two people, or one that is not held is left out.
    #[error("opening order {number}: envelope {id} of unit {unit} is opened or left out without good reason")]
    Undecided {
        /// Number of the order.
        number: u32,
        /// The unit.
        unit: UnitCode,
        /// The envelope.
        id: EnvelopeId,
    },
    /// A later order forgets an envelope that an earlier one knew.
    #[error("opening order {number} forgets envelope {id} of unit {unit}")]
    Forgotten {
        /// Number of the order.
        number: u32,
        /// The unit.
        unit: UnitCode,
        /// The envelope.
        id: EnvelopeId,
    },
    /// A result does not belong to its order, or to the result before.
    #[error("result {number} does not belong to opening order {number}")]
    ResultChain {
        /// Its number.
        number: u32,
    },
    /// Figures that cannot be right, or levels shown for a group that is too small.
    #[error("result {number}: the figures of unit {unit} cannot be right")]
    Figures {
        /// Number of the result.
        number: u32,
        /// The unit.
        unit: UnitCode,
    },
    /// The sum of the small units cannot be right.
    #[error("result {number}: the sum of the small units cannot be right")]
    Pool {
        /// Number of the result.
        number: u32,
    },
    /// A record that does not stand by itself.
    #[error("the record of unit {unit}: change {number} of device {device} {what}")]
    Record {
        /// The unit.
        unit: UnitCode,
        /// Who wrote the change.
        device: DeviceId,
        /// Its number.
        number: u32,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The shares do not open the round.
    #[error(transparent)]
    Shares(#[from] JoinError),
    /// The order cannot be counted.
    #[error(transparent)]
    Count(#[from] CountError),
    /// The recount gives another result.
    #[error("the recount gives another result: {recounted} instead of {signed}")]
    Recount {
        /// Digest of the result in the bundle.
        signed: ObjectId,
        /// Digest of the recount.
        recounted: ObjectId,
    },
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The package; compare its digits with the paper.
    pub package: PackageHash,
    /// Units in the round.
    pub units: usize,
    /// Envelopes, all signed by certified devices.
    pub envelopes: usize,
    /// Sealed ballots in them.
    pub ballots: usize,
    /// Opening orders.
    pub orders: usize,
    /// Digest of the last result, if there is one.
    pub result: Option<ObjectId>,
    /// What is missing and not written off, per unit, by the last order.
    pub open_gaps: BTreeMap<UnitCode, BTreeSet<Gap>>,
    /// Envelopes that the last order leaves out although no two people decided so, per unit.
    pub undecided: BTreeMap<UnitCode, BTreeSet<EnvelopeId>>,
    /// Tablets with a certificate for a unit that the last order does not know, per unit. Enrolled after the order,
    /// or kept out of it: whoever checks should ask.
    pub unlisted_tablets: BTreeMap<UnitCode, BTreeSet<DeviceId>>,
    /// Envelopes that came after the last order.
    pub after_last_order: usize,
    /// Changes of records, all signed by certified devices or the centre, each giving the hash that it signs.
    pub record_changes: usize,
    /// Paper counts that the last order opens.
    pub papers: usize,
    /// Paper counts that stand in the records and follow the sheet, but that the last order does not open, per unit.
    pub unopened_papers: BTreeMap<UnitCode, BTreeSet<ObjectId>>,
    /// Paper counts that the last order opens although they were undone, or do not stand for a twin, per unit.
    pub undone_papers: BTreeMap<UnitCode, BTreeSet<ObjectId>>,
    /// Devices that wrote two record changes with one number, per unit.
    pub twins: BTreeMap<UnitCode, BTreeSet<DeviceId>>,
    /// With shares: digest of the recount, and indexes of shares that were found wrong.
    pub recount: Option<(ObjectId, Vec<u8>)>,
}

/// Checks bytes that claim to be a bundle. With shares it also opens and counts; `progress` hears units done of all.
///
/// # Errors
/// [`VerifyError`] with the first thing that does not stand.
pub fn verify(
    bytes: &[u8],
    shares: &[Share],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, VerifyError> {
    let bundle = Bundle::open(bytes)?;
    let mut report = verify_opened(&bundle)?;
    if !shares.is_empty() {
        let package = bundle.package.value();
        let joined = join(&package.round, &package.keys, shares)?;
        let orders: Vec<_> = bundle.orders.iter().collect();
        let recounted = count(&bundle.material(), &orders, &joined.secret, progress)?;
        check_recount(&bundle, &recounted)?;
        report.recount = Some((recounted.digest(), joined.wrong));
    }
    Ok(report)
}

/// Holds a recount of the last order against the result in the bundle, if that is of the same order.
///
/// # Errors
/// [`VerifyError::Recount`].
pub fn check_recount(bundle: &Bundle, recounted: &Signed<RoundResult>) -> Result<(), VerifyError> {
    let expected = bundle.results.last().filter(|result| result.value().number == recounted.value().number);
    match expected {
        Some(signed) if signed.digest() != recounted.digest() => {
            Err(VerifyError::Recount { signed: signed.digest(), recounted: recounted.digest() })
        }
        _ => Ok(()),
    }
}

/// Checks a bundle whose parts were opened, without shares.
///
/// # Errors
/// [`VerifyError`] with the first thing that does not stand.
pub fn verify_opened(bundle: &Bundle) -> Result<Report, VerifyError> {
    let mut report = Report {
        package: bundle.package.hash(),
        units: bundle.package.value().units.len(),
        envelopes: bundle.envelopes.len(),
        ballots: bundle.envelopes.values().map(|envelope| envelope.value().ballots.len()).sum(),
        orders: bundle.orders.len(),
        result: bundle.results.last().map(Signed::digest),
        open_gaps: BTreeMap::new(),
        undecided: BTreeMap::new(),
        unlisted_tablets: BTreeMap::new(),
        after_last_order: 0,
        record_changes: bundle.records.len(),
        papers: 0,
        unopened_papers: BTreeMap::new(),
        undone_papers: BTreeMap::new(),
        twins: BTreeMap::new(),
        recount: None,
    };
    let papers = bundle.papers();
    let records = check_records(bundle)?;
    check_orders(bundle, &papers, &mut report)?;
    note_records(bundle, &records, &mut report);
    check_results(bundle, &papers)?;
    Ok(report)
}

fn check_orders(bundle: &Bundle, papers: &PaperCounts, report: &mut Report) -> Result<(), VerifyError> {
    let units: Vec<_> = bundle.package.value().units.iter().map(|unit| &unit.code).collect();
    let mut before: Option<&Signed<OpeningOrder>> = None;
    for order in &bundle.orders {
        let value = order.value();
        let number = value.number;
        let expected = before.map_or(1, |order| order.value().number + 1);
        // A later order names the result before it, and that result must be here.
        let result_before = bundle.results.iter().find(|result| result.value().number + 1 == number);
        if number != expected
            || value.previous_order != before.map(Signed::digest)
            || value.previous_result != result_before.map(Signed::digest)
        {
            return Err(VerifyError::OrderChain { number });
        }
        if !value.units.iter().map(|unit| &unit.unit).eq(units.iter().copied()) {
            return Err(VerifyError::OrderUnits { number });
        }
        report.open_gaps.clear();
        for (i, unit) in value.units.iter().enumerate() {
            let gaps = check_unit_order(bundle, papers, number, unit)?;
            if !gaps.is_empty() {
                report.open_gaps.insert(unit.unit.clone(), gaps);
            }
            if let Some(earlier) = before.and_then(|order| order.value().units.get(i)) {
                let now = listed(unit);
                if let Some(id) = listed(earlier).into_iter().find(|id| !now.contains(id)) {
                    return Err(VerifyError::Forgotten { number, unit: unit.unit.clone(), id });
                }
            }
        }
        before = Some(order);
    }
    for unit in before.iter().flat_map(|order| &order.value().units) {
        note_open_questions(bundle, unit, report);
    }
    let known: usize =
        before.map_or(0, |order| order.value().units.iter().map(|unit| listed(unit).len()).sum());
    report.after_last_order = bundle.envelopes.len().saturating_sub(known);
    Ok(())
}

/// What an order may contain without being wrong, and what a person should still ask about.
fn note_open_questions(bundle: &Bundle, order: &UnitOrder, report: &mut Report) {
    let decided = |id: &EnvelopeId| order.decisions.iter().any(|d| d.ruling == Ruling::LeaveOut(*id));
    let undecided: BTreeSet<_> = order.left_out.iter().map(|(id, _)| *id).filter(|id| !decided(id)).collect();
    if !undecided.is_empty() {
        report.undecided.insert(order.unit.clone(), undecided);
    }
    let certified = bundle.certificates.iter().filter(|c| c.value().scope.covers(&order.unit));
    let unlisted: BTreeSet<_> =
        certified.map(|c| c.value().device()).filter(|device| !order.tablets.contains(device)).collect();
    if !unlisted.is_empty() {
        report.unlisted_tablets.insert(order.unit.clone(), unlisted);
    }
}

fn listed(unit: &UnitOrder) -> BTreeSet<EnvelopeId> {
    unit.admitted.iter().copied().chain(unit.left_out.iter().map(|(id, _)| *id)).collect()
}

/// Surveys the unit again from the facts that the order names, and holds the order against it.
fn check_unit_order(
    bundle: &Bundle,
    papers: &PaperCounts,
    number: u32,
    order: &UnitOrder,
) -> Result<BTreeSet<Gap>, VerifyError> {
    let unit = &order.unit;
    let unfounded = |what| VerifyError::Unfounded { number, unit: unit.clone(), what };
    let ids = listed(order);
    if ids.len() != order.admitted.len() + order.left_out.len() {
        return Err(unfounded("an envelope"));
    }
    let mut envelopes = Vec::new();
    for id in &ids {
        let envelope = bundle.envelopes.get(id).filter(|envelope| envelope.value().unit == *unit);
        envelopes.push(Header::from(envelope.ok_or_else(|| unfounded("an envelope"))?));
    }
    let sheet = bundle.sheets.get(&order.sheet).filter(|sheet| sheet.unit == *unit);
    let first = bundle.package.value().unit(unit).map(|entry| entry.sheet);
    // An order may be older than a replacement, so any sheet that ever held may be the one it names.
    let replacements = bundle.replacements.iter().filter(|r| r.value().unit == *unit);
    let in_chain = first.is_some_and(|first| sheet_chain(first, replacements).contains(&order.sheet));
    if sheet.is_none() || !in_chain {
        return Err(unfounded("a sheet"));
    }
    let certified = |device: &DeviceId| {
        bundle.certificates.iter().any(|c| c.value().device() == *device && c.value().scope.covers(unit))
    };
    if !order.tablets.iter().all(certified) {
        return Err(unfounded("a tablet"));
    }
    let revoked = |device: &DeviceId| bundle.revocations.iter().any(|r| r.value().device == *device);
    if !order.revoked.iter().all(revoked) {
        return Err(unfounded("a revocation"));
    }
    let known = |id: &ObjectId| papers.get(id).is_some_and(|(of, p)| of == unit && p.sheet == order.sheet);
    if !order.papers.iter().all(known) {
        return Err(unfounded("a paper count"));
    }
    let found = survey(&UnitFacts {
        centre: Some(bundle.package.value().centre.device()),
        sheets: bundle
            .sheets
            .iter()
            .filter(|(_, sheet)| sheet.unit == *unit)
            .map(|(hash, sheet)| (*hash, sheet.record_len()))
            .collect(),
        current: Some(order.sheet),
        certified: order.tablets.iter().copied().collect(),
        revoked: order.revoked.iter().copied().collect(),
        at_close: None,
        envelopes,
        papers: BTreeSet::new(),
    });
    check_decisions(number, order, &found.held)?;
    let written_off: BTreeSet<Gap> = order
        .decisions
        .iter()
        .filter_map(|decision| match decision.ruling {
            Ruling::WriteOff(gap) => Some(gap),
            _ => None,
        })
        .collect();
    Ok(found.gaps.difference(&written_off).copied().collect())
}

fn check_decisions(
    number: u32,
    order: &UnitOrder,
    held: &BTreeMap<EnvelopeId, BTreeSet<HoldReason>>,
) -> Result<(), VerifyError> {
    let undecided = |id: &EnvelopeId| VerifyError::Undecided { number, unit: order.unit.clone(), id: *id };
    let admit: BTreeSet<_> = order
        .decisions
        .iter()
        .filter_map(|decision| match decision.ruling {
            Ruling::Admit(id) => Some(id),
            _ => None,
        })
        .collect();
    for id in &order.admitted {
        if held.contains_key(id) && !admit.contains(id) {
            return Err(undecided(id));
        }
    }
    for (id, reasons) in &order.left_out {
        let found = held.get(id).cloned().unwrap_or_default();
        // Lateness is known to the centre alone; every other reason can be found again.
        let known: BTreeSet<_> = reasons.iter().copied().filter(|r| *r != HoldReason::Late).collect();
        if reasons.is_empty() || known != found || admit.contains(id) {
            return Err(undecided(id));
        }
    }
    Ok(())
}

fn check_results(bundle: &Bundle, papers: &PaperCounts) -> Result<(), VerifyError> {
    let mut shown: BTreeMap<UnitCode, Shown> = BTreeMap::new();
    let mut before: Option<&Signed<RoundResult>> = None;
    for result in &bundle.results {
        let value = result.value();
        let number = value.number;
        let order = bundle.orders.iter().find(|order| order.value().number == number);
        let order = order.ok_or(VerifyError::ResultChain { number })?;
        let fits = number == before.map_or(1, |result| result.value().number + 1)
            && value.order == order.digest()
            && value.previous == before.map(Signed::digest)
            && order.value().previous_result == value.previous
            && value.units.iter().map(|unit| &unit.unit).eq(order
                .value()
                .units
                .iter()
                .map(|unit| &unit.unit));
        if !fits {
            return Err(VerifyError::ResultChain { number });
        }
        for (unit, order) in value.units.iter().zip(&order.value().units) {
            let fits = plausible(bundle, unit, value)
                && plausible_papers(papers, unit, order)
                && shown_apart(bundle, unit, &mut shown);
            if !fits {
                return Err(VerifyError::Figures { number, unit: unit.unit.clone() });
            }
        }
        if let Some(pool) = &value.pool
            && !plausible_pool(bundle, value, pool)
        {
            return Err(VerifyError::Pool { number });
        }
        before = Some(result);
    }
    Ok(())
}

/// A sum of small units: at least two of them, none shown alone, together enough, and every line accounted for.
fn plausible_pool(bundle: &Bundle, result: &RoundResult, pool: &Pool) -> bool {
    let package = bundle.package.value();
    let mut valid = 0_u64;
    let mut lines = 0_u64;
    for code in &pool.units {
        let unit = result.units.iter().find(|unit| unit.unit == *code);
        let sheet = unit.and_then(|unit| bundle.sheets.get(&unit.sheet));
        let (Some(unit), Some(sheet)) = (unit, sheet) else { return false };
        valid += u64::from(unit.valid);
        lines += u64::from(unit.valid) * sheet.officials.len() as u64;
    }
    let marks = pool.levels.iter().fold(pool.invalid, |sum, count| sum.saturating_add(*count));
    pool.units.len() >= 2
        && pool.levels.len() == package.levels.len()
        && u64::from(pool.valid) == valid
        && pool.valid >= package.rules.min_publish
        && marks == lines
}

fn plausible(bundle: &Bundle, unit: &UnitResult, result: &RoundResult) -> bool {
    let package = bundle.package.value();
    let pooled = result.pool.as_ref().is_some_and(|pool| pool.units.binary_search(&unit.unit).is_ok());
    let Some(sheet) = bundle.sheets.get(&unit.sheet).filter(|sheet| sheet.unit == unit.unit) else {
        return false;
    };
    let shown = unit.valid >= package.rules.min_publish && !pooled;
    match &unit.lines {
        None => !shown && unit.signs.is_none(),
        Some(lines) => {
            shown
                && unit.signs.is_some() == (unit.papers.is_none() && unit.valid as usize >= SIGNS_MIN)
                && adds_up(lines, sheet.officials.len(), package.levels.len(), unit.valid)
        }
    }
}

fn adds_up(lines: &[Line], officials: usize, levels: usize, valid: u32) -> bool {
    lines.len() == officials
        && lines.iter().all(|line| {
            let marks: u64 = line.levels.iter().map(|count| u64::from(*count)).sum();
            line.levels.len() == levels && marks + u64::from(line.invalid) == u64::from(valid)
        })
}
