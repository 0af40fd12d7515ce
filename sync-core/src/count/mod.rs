//! Opening and counting: a pure function of package, secret and opening orders.
//!
//! No clock, arrival order or locale takes part. A later order counts from all orders before it, because a unit's
//! figures change only if at least `min_publish` ballots become newly valid and none stops being valid; otherwise
//! the earlier figures stand, and the result says so. Else a subtraction would show single ballots. Facts that change
//! no figure are always those of the last order.

mod ahead;
mod papers;
mod percent;
mod permits;
mod result;

pub use ahead::{Answers, Openings, PART_MAX, Part, parts};
pub use papers::{Parts, Shown};
pub use percent::{Percent, over_half, two_thirds_or_more};
pub use permits::{Fact, InvalidReason};
pub use result::{Line, Papers, Pool, RoundResult, Signs, Totals, UnitResult};

use crate::ballot::{Marks, Opened};
use crate::cose::Signed;
use crate::envelope::SignedEnvelope;
use crate::id::{EnvelopeId, ObjectId, SheetHash, UnitCode};
use crate::order::{OpeningOrder, UnitOrder};
use crate::package::{Package, Sheet};
use crate::planted::{self, Bug};
use crate::record::{Paper, PaperForm};
use crate::secret::RoundSecret;
use papers::{JudgedPaper, add_lines};
use permits::{Found, Judged, Table};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Valid ballots from which signs of formalism are computed.
pub const SIGNS_MIN: usize = 20;

/// What a count works on. Signatures have been checked.
pub struct Material<'a> {
    /// The round.
    pub package: &'a Signed<Package>,
    /// Every sheet of every unit.
    pub sheets: BTreeMap<SheetHash, Sheet>,
    /// Envelopes.
    pub envelopes: BTreeMap<EnvelopeId, &'a SignedEnvelope>,
    /// Sealed paper counts, and the unit of each.
    pub papers: BTreeMap<ObjectId, (UnitCode, Paper)>,
}

/// Why a count cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CountError {
    /// No order was given.
    #[error("there is no opening order to count")]
    NoOrder,
    /// Orders do not follow on each other.
    #[error("opening order {number} does not follow on the one before")]
    OrderChain {
        /// Number of the order that does not fit.
        number: u32,
    },
    /// An order is for another package.
    #[error("opening order {number} belongs to another round package")]
    OtherPackage {
        /// Its number.
        number: u32,
    },
    /// The order names a unit that the package does not have.
    #[error("the order names unit {unit}, which is not in the round")]
    UnknownUnit {
        /// The unit.
        unit: UnitCode,
    },
    /// The order names a sheet that is not here.
    #[error("the sheet of unit {unit} that the order names is missing")]
    MissingSheet {
        /// The unit.
        unit: UnitCode,
    },
    /// The order names an envelope that is not here, or of another unit.
    #[error("the order names envelope {id} of unit {unit}, which is missing")]
    MissingEnvelope {
        /// The envelope.
        id: EnvelopeId,
        /// The unit.
        unit: UnitCode,
    },
    /// The order names a paper count that is not here, of another unit, or of another sheet.
    #[error("the order names paper count {id} of unit {unit}, which is missing")]
    MissingPaper {
        /// The paper count.
        id: ObjectId,
        /// The unit.
        unit: UnitCode,
    },
}

/// How far a count is, for progress: units done of units in all.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize);

/// Counts the last of `orders`, which are all orders of the round from the first on.
///
/// # Errors
/// [`CountError`].
pub fn count(
    material: &Material<'_>,
    orders: &[&Signed<OpeningOrder>],
    secret: &RoundSecret,
    progress: Progress<'_>,
) -> Result<Signed<RoundResult>, CountError> {
    count_opened(material, orders, secret, Openings::default(), progress)
}

/// Counts as [`count`] does, and opens only what was not opened ahead: see [`parts`].
///
/// # Errors
/// [`CountError`].
pub fn count_opened(
    material: &Material<'_>,
    orders: &[&Signed<OpeningOrder>],
    secret: &RoundSecret,
    opened: Openings,
    progress: Progress<'_>,
) -> Result<Signed<RoundResult>, CountError> {
    let round = material.package.value().round;
    let key = secret.result_key(&round);
    let opener = secret.box_secret(&round);
    let all = orders.iter().map(|order| order.value().units.len()).sum();
    let mut done = 0;
    // What was opened for an earlier order need not be opened again. Each unit has a memory of its own: what a
    // record amounts to depends on where it was found.
    let mut memory = opened.units;
    let mut standing = Standing::default();
    let mut before: Option<(ObjectId, Signed<RoundResult>)> = None;
    for order in orders {
        check_order(material, order, before.as_ref())?;
        let mut judged = Vec::new();
        for unit in &order.value().units {
            judged
                .push((unit, judge(material, unit, &opener, memory.entry(unit.unit.clone()).or_default())?));
            done += 1;
            progress(done, all);
        }
        let (units, pool) = standing.publish(material, judged);
        let result = RoundResult {
            package: material.package.hash(),
            number: order.value().number,
            order: order.digest(),
            previous: before.as_ref().map(|(_, result)| result.digest()),
            units,
            pool,
        };
        before = Some((order.digest(), Signed::sign(result, &key)));
    }
    before.map(|(_, result)| result).ok_or(CountError::NoOrder)
}

fn check_order(
    material: &Material<'_>,
    order: &Signed<OpeningOrder>,
    before: Option<&(ObjectId, Signed<RoundResult>)>,
) -> Result<(), CountError> {
    let value = order.value();
    let number = value.number;
    if value.package != material.package.hash() {
        return Err(CountError::OtherPackage { number });
    }
    let expected = before.map_or(1, |(_, result)| result.value().number + 1);
    let order_before = before.map(|(digest, _)| *digest);
    let result_before = before.map(|(_, result)| result.digest());
    if number != expected || value.previous_order != order_before || value.previous_result != result_before {
        return Err(CountError::OrderChain { number });
    }
    Ok(())
}

fn judge(
    material: &Material<'_>,
    order: &UnitOrder,
    secret: &crate::ballot::BoxSecret,
    memory: &mut BTreeMap<Found, Opened>,
) -> Result<Judged, CountError> {
    let package = material.package.value();
    let unit = order.unit.clone();
    let entry = package.unit(&unit).ok_or(CountError::UnknownUnit { unit: unit.clone() })?;
    let sheet = material.sheets.get(&order.sheet).filter(|sheet| sheet.unit == unit);
    let sheet = sheet.ok_or(CountError::MissingSheet { unit: unit.clone() })?;
    let mut records = Vec::new();
    let left_out = order.left_out.iter().map(|(id, _)| id).filter(|_| planted::is(Bug::CountsLeftOut));
    for id in order.admitted.iter().chain(left_out) {
        let envelope = material.envelopes.get(id).map(|signed| signed.value());
        let envelope = envelope.filter(|envelope| envelope.unit == unit);
        let envelope = envelope.ok_or(CountError::MissingEnvelope { id: *id, unit: unit.clone() })?;
        records.extend(envelope.ballots.records().map(|record| (record, envelope.sheet)));
    }
    let table = Table {
        package: &material.package.hash(),
        round: &package.round,
        voting: entry.voting,
        levels: package.levels.len(),
        sheet,
        sheets: &material.sheets,
        secret,
    };
    let mut judged = table.judge(&records, memory);
    judged.papers = judge_papers(material, order, sheet, secret)?;
    Ok(judged)
}

fn judge_papers(
    material: &Material<'_>,
    order: &UnitOrder,
    sheet: &Sheet,
    secret: &crate::ballot::BoxSecret,
) -> Result<BTreeMap<ObjectId, JudgedPaper>, CountError> {
    let unit = &order.unit;
    let form = PaperForm { officials: sheet.officials.len(), levels: material.package.value().levels.len() };
    let package = material.package.hash();
    let judge = |id: &ObjectId| {
        let found = material.papers.get(id).filter(|(of, paper)| of == unit && paper.sheet == order.sheet);
        let (_, paper) = found.ok_or_else(|| CountError::MissingPaper { id: *id, unit: unit.clone() })?;
        let count = paper.open(form, (&package, unit), secret);
        Ok((*id, JudgedPaper { collected: paper.collected, count }))
    };
    order.papers.iter().map(judge).collect()
}

/// What has been shown by the orders so far.
#[derive(Default)]
struct Standing {
    units: BTreeMap<UnitCode, (Judged, SheetHash)>,
    pool: Option<BTreeSet<UnitCode>>,
    shown: BTreeMap<UnitCode, Shown>,
}

impl Standing {
    fn publish(
        &mut self,
        material: &Material<'_>,
        judged: Vec<(&UnitOrder, Judged)>,
    ) -> (Vec<UnitResult>, Option<Pool>) {
        let limit = material.package.value().rules.min_publish;
        let mut stands = BTreeSet::new();
        for (order, now) in judged {
            let code = order.unit.clone();
            match self.units.get(&code) {
                Some((earlier, _))
                    if !earlier.same_figures(&now) && !self.may_change(&code, earlier, &now, limit) =>
                {
                    stands.insert(code);
                }
                _ => {
                    self.units.insert(code, (now, order.sheet));
                }
            }
        }
        self.choose_pool(limit);
        let pooled = self.pool.clone().unwrap_or_default();
        let mut units = Vec::new();
        for (code, (judged, sheet)) in &self.units {
            let limit = if planted::is(Bug::ShowsSmallGroups) { 1 } else { limit };
            let now = (judged.all_valid() >= limit && !pooled.contains(code))
                .then(|| Shown::next(self.shown.get(code).copied(), judged.parts(), limit));
            units.push(unit_result(material, code, judged, *sheet, stands.contains(code), now));
            if let Some(now) = now {
                self.shown.insert(code.clone(), now);
            }
        }
        (units, self.pool.as_ref().map(|pool| self.pool_result(material, pool)))
    }

    /// A unit's figures change only if enough ballots become newly valid and none stops being valid. Where nothing by
    /// level was shown before, alone or in a sum, there is nothing to subtract from, and any number may come.
    fn may_change(&self, code: &UnitCode, earlier: &Judged, now: &Judged, limit: u32) -> bool {
        let pooled = self.pool.as_ref().is_some_and(|pool| pool.contains(code));
        let shown = earlier.all_valid() >= limit || pooled;
        now.keeps(earlier)
            && (now.newly_valid(earlier) >= limit || !shown || planted::is(Bug::ShowsAnyDifference))
    }

    /// Once a sum of small units is shown its members stay together: were one shown alone later, the difference of
    /// two sums would be its first ballots.
    fn choose_pool(&mut self, limit: u32) {
        if self.pool.is_some() {
            return;
        }
        let small: BTreeSet<_> = self
            .units
            .iter()
            .filter(|(_, (judged, _))| (1..limit).contains(&judged.all_valid()))
            .map(|(code, _)| code.clone())
            .collect();
        let together: u64 = small.iter().map(|code| u64::from(self.units[code].0.all_valid())).sum();
        if small.len() >= 2 && together >= u64::from(limit) {
            self.pool = Some(small);
        }
    }

    fn pool_result(&self, material: &Material<'_>, pool: &BTreeSet<UnitCode>) -> Pool {
        let mut result = Pool {
            units: pool.iter().cloned().collect(),
            valid: 0,
            levels: vec![0; material.package.value().levels.len()],
            invalid: 0,
        };
        for (judged, _) in pool.iter().filter_map(|code| self.units.get(code)) {
            result.valid = result.valid.saturating_add(judged.all_valid());
            for line in judged.paper_lines().flatten() {
                let levels = result.levels.iter_mut().zip(&line.levels);
                levels.for_each(|(sum, count)| *sum += u64::from(*count));
                result.invalid += u64::from(line.invalid);
            }
            for mark in judged.valid.values().flat_map(Marks::lines) {
                match mark.and_then(|level| result.levels.get_mut(usize::from(level))) {
                    Some(count) => *count += 1,
                    None => result.invalid += 1,
                }
            }
        }
        result
    }
}

fn unit_result(
    material: &Material<'_>,
    code: &UnitCode,
    judged: &Judged,
    sheet: SheetHash,
    stands: bool,
    shown: Option<Shown>,
) -> UnitResult {
    let levels = material.package.value().levels.len();
    let officials = material.sheets.get(&sheet).map_or(0, |sheet| sheet.officials.len());
    let on_paper = || {
        let mut sum = vec![Line { levels: vec![0; levels], invalid: 0 }; officials];
        judged.paper_lines().for_each(|lines| add_lines(&mut sum, lines));
        sum
    };
    let all = || {
        let mut sum = lines(judged.valid.values(), officials, levels);
        add_lines(&mut sum, &on_paper());
        sum
    };
    // A sum of paper ballots does not tell how any one of them was marked, so signs are for tablets alone.
    let signs_known = judged.papers.is_empty() && judged.valid.len() >= SIGNS_MIN;
    UnitResult {
        unit: code.clone(),
        sheet,
        valid: judged.all_valid(),
        invalid: judged.invalid.iter().map(|(reason, count)| (*reason, *count)).collect(),
        facts: judged.facts.iter().map(|(fact, count)| (*fact, *count)).collect(),
        stands,
        lines: shown.map(|_| all()),
        signs: (shown.is_some() && signs_known).then(|| signs(judged.valid.values())),
        papers: judged.papers_result(shown.filter(Shown::apart).map(|_| on_paper())),
    }
}

fn lines<'a>(ballots: impl Iterator<Item = &'a Marks>, officials: usize, levels: usize) -> Vec<Line> {
    let mut lines = vec![Line { levels: vec![0; levels], invalid: 0 }; officials];
    for marks in ballots {
        for (line, mark) in lines.iter_mut().zip(marks.lines()) {
            match mark.and_then(|level| line.levels.get_mut(usize::from(level))) {
                Some(count) => *count += 1,
                None => line.invalid += 1,
            }
        }
    }
    lines
}

fn signs<'a>(ballots: impl Iterator<Item = &'a Marks>) -> Signs {
    let (mut all, mut uniform, mut below) = (0_usize, 0, false);
    for marks in ballots {
        let lines = marks.lines();
        all += 1;
        uniform += usize::from(
            lines.first().is_some_and(|first| first.is_some() && lines.iter().all(|mark| mark == first)),
        );
        below |= lines.iter().flatten().any(|level| *level > 0);
    }
    Signs { uniform_ballots: uniform * 2 > all, only_highest: !below }
}
