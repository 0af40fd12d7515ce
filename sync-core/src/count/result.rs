//! The result of an order: counts per official and level, never single ballots, signed by the result key.

use super::permits::{Fact, InvalidReason};
use crate::cbor::{Format, FormatError, Reader, Writer, sorted_entries, strictly_ascending};
use crate::cose::SignedKind;
use crate::id::{ObjectId, PackageHash, SheetHash, UnitCode};
use crate::order::{ORDERS_MAX, PAPERS_MAX};
use crate::package::{OFFICIALS_MAX, UNITS_MAX, VERSION};

/// The version of results in which paper was counted. Others keep version 1.
const WITH_PAPERS: u64 = 2;

/// Counts of one official.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Ballots per level, highest first.
    pub levels: Vec<u32>,
    /// Valid ballots whose line for this official is blank.
    pub invalid: u32,
}

/// Signs of formalism that need ballots: yes or no, only in units with at least 20 valid ballots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// More than half of the valid ballots give one and the same level to every official.
    pub uniform_ballots: bool,
    /// No mark below the highest level anywhere.
    pub only_highest: bool,
}

/// Figures of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitResult {
    /// The unit.
    pub unit: UnitCode,
    /// The sheet that its lines follow.
    pub sheet: SheetHash,
    /// Valid ballots.
    pub valid: u32,
    /// Collected but invalid, by reason.
    pub invalid: Vec<(InvalidReason, u32)>,
    /// Facts, with how often.
    pub facts: Vec<(Fact, u32)>,
    /// Whether the figures of an earlier order stand, although this order would have changed them: too few new
    /// ballots, or one would stop being valid.
    pub stands: bool,
    /// Counts in the order of the sheet; nothing below the publication limit.
    pub lines: Option<Vec<Line>>,
    /// Signs of formalism, where there are enough ballots, and none of paper.
    pub signs: Option<Signs>,
    /// How much of it was on paper, where paper was counted.
    pub papers: Option<Papers>,
}

/// The part of a unit's figures that was on paper. It is contained in the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Papers {
    /// Valid ballots.
    pub valid: u32,
    /// Invalid ballots, with all those of counts that cannot be read.
    pub invalid: u32,
    /// Paper counts that do not open or do not add up, ascending.
    pub unreadable: Vec<ObjectId>,
    /// Counts in the order of the sheet, only where neither this part nor the rest is a small group.
    pub lines: Option<Vec<Line>>,
}

impl UnitResult {
    /// Ballots collected: valid and invalid.
    pub fn collected(&self) -> u32 {
        let on_paper = self.papers.as_ref().map_or(0, |papers| papers.invalid);
        let invalid = self.invalid.iter().map(|(_, count)| *count).fold(on_paper, u32::saturating_add);
        self.valid.saturating_add(invalid)
    }

    /// Ballots collected but invalid.
    pub fn invalid_ballots(&self) -> u32 {
        self.collected() - self.valid
    }
}

/// Units below the publication limit, shown as one sum because together they reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// The units, by code.
    pub units: Vec<UnitCode>,
    /// Valid ballots together.
    pub valid: u32,
    /// Marks per level over all officials together.
    pub levels: Vec<u64>,
    /// Blank lines together.
    pub invalid: u64,
}

/// The result of one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundResult {
    /// The package.
    pub package: PackageHash,
    /// Number of the order.
    pub number: u32,
    /// Digest of the order.
    pub order: ObjectId,
    /// Digest of the result before.
    pub previous: Option<ObjectId>,
    /// Every unit of the order, by code.
    pub units: Vec<UnitResult>,
    /// Small units together.
    pub pool: Option<Pool>,
}

/// Sums over the units whose levels are shown, the pool included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Ballots collected in all units, shown or not.
    pub collected: u64,
    /// Valid ballots in all units.
    pub valid: u64,
    /// Marks per level, over what is shown.
    pub levels: Vec<u64>,
    /// Blank lines, over what is shown.
    pub invalid_lines: u64,
    /// Small units whose levels are in no sum.
    pub left_out: Vec<UnitCode>,
}

impl RoundResult {
    /// The totals of the round.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        let mut add = |levels: &[u64], invalid: u64| {
            totals.levels.resize(totals.levels.len().max(levels.len()), 0);
            totals.levels.iter_mut().zip(levels).for_each(|(sum, level)| *sum += level);
            totals.invalid_lines += invalid;
        };
        for line in self.units.iter().filter_map(|unit| unit.lines.as_ref()).flatten() {
            let levels: Vec<u64> = line.levels.iter().map(|count| u64::from(*count)).collect();
            add(&levels, u64::from(line.invalid));
        }
        if let Some(pool) = &self.pool {
            add(&pool.levels, pool.invalid);
        }
        let pooled = |unit: &&UnitResult| {
            self.pool.as_ref().is_some_and(|pool| pool.units.binary_search(&unit.unit).is_ok())
        };
        for unit in &self.units {
            totals.collected += u64::from(unit.collected());
            totals.valid += u64::from(unit.valid);
            if unit.lines.is_none() && !pooled(&unit) {
                totals.left_out.push(unit.unit.clone());
            }
        }
        totals
    }
}

impl SignedKind for RoundResult {
    const DOMAIN: &'static str = "homphieu/result/1";
}

impl Format for RoundResult {
    const WHAT: &'static str = "result";
    const MAX_BYTES: usize = 16 * 1024 * 1024;

    fn write(&self, w: &mut Writer) {
        let version = if self.units.iter().any(|unit| unit.papers.is_some()) { WITH_PAPERS } else { VERSION };
        w.array(7).uint(version).bytes(self.package.as_bytes()).uint(self.number);
        w.bytes(self.order.as_bytes()).maybe_bytes(self.previous.as_ref().map(ObjectId::as_bytes));
        w.list(&self.units, |w, unit| unit.write(version, w));
        match &self.pool {
            None => {
                w.null();
            }
            Some(pool) => {
                w.array(4).list(&pool.units, |w, unit| {
                    w.text(unit.as_str());
                });
                w.uint(pool.valid).list(&pool.levels, |w, count| {
                    w.uint(*count);
                });
                w.uint(pool.invalid);
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let version = r.versions(|_| 7, WITH_PAPERS, Self::WHAT)?;
        let result = Self {
            package: PackageHash(r.fixed("package hash")?),
            number: r.u32(ORDERS_MAX, "order number")?,
            order: ObjectId(r.fixed("order digest")?),
            previous: r.maybe("previous result", |r| r.fixed("previous result"))?.map(ObjectId),
            units: r.list(UNITS_MAX, "units", |r| UnitResult::read(version, r))?,
            pool: r.maybe("small units", |r| {
                r.array(4, "small units")?;
                Ok(Pool {
                    units: r.list(UNITS_MAX, "small units", UnitCode::read)?,
                    valid: r.u32(u32::MAX, "valid ballots")?,
                    levels: r.list(9, "levels", |r| r.uint(0..=u64::from(u32::MAX), "count"))?,
                    invalid: r.uint(0..=u64::from(u32::MAX), "count")?,
                })
            })?,
        };
        if result.number == 0 || (result.number == 1) != result.previous.is_none() {
            return Err(FormatError::Range { what: "order number" });
        }
        let codes: Vec<_> = result.units.iter().map(|unit| &unit.unit).collect();
        let pooled = result.pool.as_ref().map_or(&[][..], |pool| &pool.units);
        if !strictly_ascending(&codes) || !strictly_ascending(pooled) {
            return Err(FormatError::Unsorted { what: "units" });
        }
        Ok(result)
    }
}

impl UnitResult {
    fn write(&self, version: u64, w: &mut Writer) {
        w.array(if version == WITH_PAPERS { 9 } else { 8 })
            .text(self.unit.as_str())
            .bytes(self.sheet.as_bytes())
            .uint(self.valid);
        w.list(&self.invalid, |w, (reason, count)| {
            w.array(2).uint(*reason as u64).uint(*count);
        });
        w.list(&self.facts, |w, (fact, count)| {
            w.array(2).uint(*fact as u64).uint(*count);
        });
        w.flag(self.stands);
        write_lines(w, self.lines.as_deref());
        match &self.signs {
            None => w.null(),
            Some(signs) => w.array(2).flag(signs.uniform_ballots).flag(signs.only_highest),
        };
        match &self.papers {
            _ if version != WITH_PAPERS => {}
            None => {
                w.null();
            }
            Some(papers) => {
                let unreadable: Vec<u8> = papers.unreadable.iter().flat_map(|id| id.0).collect();
                w.array(4).uint(papers.valid).uint(papers.invalid).bytes(&unreadable);
                write_lines(w, papers.lines.as_deref());
            }
        }
    }

    fn read(version: u64, r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(if version == WITH_PAPERS { 9 } else { 8 }, "unit result")?;
        Ok(Self {
            unit: UnitCode::read(r)?,
            sheet: SheetHash(r.fixed("sheet hash")?),
            valid: r.u32(u32::MAX, "valid ballots")?,
            invalid: counts(r, &InvalidReason::ALL, "invalid ballots")?,
            facts: counts(r, &Fact::ALL, "facts")?,
            stands: r.flag("stands")?,
            lines: read_lines(r)?,
            signs: r.maybe("signs", |r| {
                r.array(2, "signs")?;
                Ok(Signs { uniform_ballots: r.flag("signs")?, only_highest: r.flag("signs")? })
            })?,
            papers: match version {
                WITH_PAPERS => r.maybe("paper", Papers::read)?,
                _ => None,
            },
        })
    }
}

impl Papers {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(4, "paper")?;
        let (valid, invalid) = (r.u32(u32::MAX, "valid ballots")?, r.u32(u32::MAX, "invalid ballots")?);
        let unreadable = r.bytes(PAPERS_MAX * ObjectId::LEN, "paper counts")?;
        let unreadable = sorted_entries(unreadable, "paper counts")?.into_iter().map(ObjectId).collect();
        Ok(Self { valid, invalid, unreadable, lines: read_lines(r)? })
    }
}

fn write_lines(w: &mut Writer, lines: Option<&[Line]>) {
    let Some(lines) = lines else {
        w.null();
        return;
    };
    w.list(lines, |w, line| {
        w.array(2).list(&line.levels, |w, count| {
            w.uint(*count);
        });
        w.uint(line.invalid);
    });
}

fn read_lines(r: &mut Reader<'_>) -> Result<Option<Vec<Line>>, FormatError> {
    let line = |r: &mut Reader<'_>| {
        r.array(2, "line")?;
        Ok(Line {
            levels: r.list(9, "levels", |r| r.u32(u32::MAX, "count"))?,
            invalid: r.u32(u32::MAX, "count")?,
        })
    };
    r.maybe("lines", |r| r.list(OFFICIALS_MAX, "lines", line))
}

fn counts<K: Copy + Ord>(
    r: &mut Reader<'_>,
    all: &[K],
    what: &'static str,
) -> Result<Vec<(K, u32)>, FormatError> {
    let counts = r.list(all.len(), what, |r| {
        r.array(2, what)?;
        let at = r.u8(u8::MAX, what)?;
        let key = all.get(usize::from(at)).copied().ok_or(FormatError::Range { what })?;
        Ok((key, r.u32(u32::MAX, what)?))
    })?;
    if counts.is_sorted_by(|a, b| a.0 < b.0) { Ok(counts) } else { Err(FormatError::Unsorted { what }) }
}
