//! The count as it must come out, from what voters marked and what malicious devices made.

use crate::notes::Notes;
use crate::round::{LEVELS, ROUND, Round};
use crate::truth::{Lines, Made, Truth};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::bundle::Bundle;
use sync_core::count::{Fact, InvalidReason, Line, RoundResult, UnitResult};
use sync_core::id::SheetHash;
use sync_core::order::{OpeningOrder, UnitOrder};
use sync_core::package::{Sheet, Voting};

/// What one unit's admitted ballots amount to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct UnitTally {
    /// Valid ballots: by nullifier with permits, by the whole record without.
    valid: BTreeMap<Vec<u8>, Lines>,
    invalid: BTreeMap<InvalidReason, u32>,
    not_issued: u32,
    officials: usize,
}

/// What a whole order amounts to, and what its result showed.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    now: BTreeMap<usize, UnitTally>,
    shown: BTreeMap<usize, UnitTally>,
    pool: BTreeSet<usize>,
}

/// What a record is in the place where it was found.
enum Meaning {
    Marks(Lines, bool),
    Misfit,
    Closed,
}

impl Tally {
    /// Counts an order by the truth.
    pub fn of(round: &Round, truth: &Truth, order: &OpeningOrder, bundle: &Bundle) -> Self {
        let mut tally = Self::default();
        for part in &order.units {
            let unit = round.unit(&part.unit).expect("an order names units of the round");
            tally.now.insert(unit, count_unit(round, truth, unit, part, bundle));
        }
        tally.shown.clone_from(&tally.now);
        tally
    }

    /// Valid ballots of all units.
    pub fn valid(&self) -> usize {
        self.now.values().map(|unit| unit.valid.len()).sum()
    }

    /// Holds a result against the tally, and keeps what it shows: that may have to stand at the next order.
    pub fn check(&mut self, result: &RoundResult, before: Option<&Self>, round: &Round, notes: &Notes) {
        let limit = round.package.value().rules.min_publish as usize;
        if let Some(pool) = &result.pool {
            self.pool = pool.units.iter().filter_map(|code| round.unit(code)).collect();
        }
        for part in &result.units {
            let unit = round.unit(&part.unit).expect("a result names units of the round");
            let now = self.now[&unit].clone();
            let earlier = before.and_then(|before| Some((before.shown.get(&unit)?, before)));
            let stands = earlier.is_some_and(|(earlier, before)| {
                let kept = earlier.valid.iter().all(|(key, lines)| now.valid.get(key) == Some(lines));
                let new = now.valid.keys().filter(|key| !earlier.valid.contains_key(*key)).count();
                let visible = earlier.valid.len() >= limit || before.pool.contains(&unit);
                (visible && new < limit || !kept) && !same_figures(earlier, &now)
            });
            notes.check("the count", part.stands == stands, || {
                format!("unit {}: earlier figures stand: {} instead of {stands}", part.unit, part.stands)
            });
            if let Some((earlier, _)) = earlier.filter(|_| stands) {
                self.shown.insert(unit, earlier.clone());
            }
            compare_unit(part, &self.shown[&unit], limit, self.pool.contains(&unit), notes);
        }
        self.check_pool(result, limit, before, notes);
    }

    fn check_pool(&self, result: &RoundResult, limit: usize, before: Option<&Self>, notes: &Notes) {
        let small: BTreeSet<usize> = self
            .shown
            .iter()
            .filter(|(_, tally)| (1..limit).contains(&tally.valid.len()))
            .map(|(unit, _)| *unit)
            .collect();
        let together: usize = small.iter().map(|unit| self.shown[unit].valid.len()).sum();
        let earlier = before.map(|before| before.pool.clone()).unwrap_or_default();
        let expected = match () {
            () if !earlier.is_empty() => earlier,
            () if small.len() >= 2 && together >= limit => small,
            () => BTreeSet::new(),
        };
        notes.check("small groups", expected == self.pool, || {
            format!("units {:?} are shown as one sum instead of {expected:?}", self.pool)
        });
        let Some(pool) = &result.pool else { return };
        let marks = |level: Option<u8>| -> u64 {
            let lines = self.pool.iter().flat_map(|unit| self.shown[unit].valid.values().flatten());
            lines.filter(|mark| **mark == level).count() as u64
        };
        let levels: Vec<u64> = (0..LEVELS).map(|level| marks(u8::try_from(level).ok())).collect();
        let fits = pool.levels == levels && pool.invalid == marks(None);
        notes.check("the count", fits, || {
            format!("the sum of small units is {:?}, not {levels:?}", pool.levels)
        });
    }
}

fn same_figures(a: &UnitTally, b: &UnitTally) -> bool {
    a.valid == b.valid && a.invalid == b.invalid
}

fn compare_unit(part: &UnitResult, tally: &UnitTally, limit: usize, pooled: bool, notes: &Notes) {
    let unit = &part.unit;
    let invalid: BTreeMap<InvalidReason, u32> = part.invalid.iter().copied().collect();
    notes.check("the count", part.valid as usize == tally.valid.len() && invalid == tally.invalid, || {
        format!(
            "unit {unit}: {} valid and {invalid:?} instead of {} and {:?}",
            part.valid,
            tally.valid.len(),
            tally.invalid
        )
    });
    let not_issued = part.facts.iter().find(|(fact, _)| *fact == Fact::NotIssued).map_or(0, |(_, n)| *n);
    notes.check("the count", not_issued == tally.not_issued, || {
        format!("unit {unit}: {not_issued} ballots without a permit instead of {}", tally.not_issued)
    });
    let shown = tally.valid.len() >= limit && !pooled;
    notes.check("small groups", part.lines.is_some() == shown, || {
        format!("unit {unit} with {} valid ballots is shown by level: {}", tally.valid.len(), !shown)
    });
    if let Some(lines) = part.lines.as_ref().filter(|_| shown) {
        let expected = lines_of(tally);
        notes.check("the count", *lines == expected, || {
            format!("unit {unit}: counted {lines:?}, marked {expected:?}")
        });
    }
}

fn lines_of(tally: &UnitTally) -> Vec<Line> {
    let count = |official: usize, level: Option<u8>| {
        let equal = tally.valid.values().filter(|lines| lines.get(official) == Some(&level)).count();
        u32::try_from(equal).expect("few ballots")
    };
    (0..tally.officials)
        .map(|official| Line {
            levels: (0..LEVELS).map(|level| count(official, u8::try_from(level).ok())).collect(),
            invalid: count(official, None),
        })
        .collect()
}

fn count_unit(round: &Round, truth: &Truth, unit: usize, part: &UnitOrder, bundle: &Bundle) -> UnitTally {
    let plan = &round.units[unit];
    let current = sheet_of(round, unit, &part.sheet);
    let mut found: BTreeMap<Vec<u8>, BTreeSet<SheetHash>> = BTreeMap::new();
    for envelope in part.admitted.iter().filter_map(|id| bundle.envelopes.get(id)) {
        for record in envelope.value().ballots.records() {
            found.entry(record.as_bytes().to_vec()).or_default().insert(envelope.value().sheet);
        }
    }
    let meaning = |record: &Vec<u8>, under: &BTreeSet<SheetHash>| -> Meaning {
        let same_officials = |hash: &SheetHash| {
            let codes = |sheet: &Sheet| sheet.officials.iter().map(|o| o.code.clone()).collect::<Vec<_>>();
            codes(sheet_of(round, unit, hash)) == codes(current)
        };
        match truth.records.get(record) {
            Some(Made::Cast(cast)) => {
                let cast = &truth.casts[*cast];
                if cast.unit == unit && under.contains(&cast.sheet) {
                    Meaning::Marks(cast.marks.clone(), same_officials(&cast.sheet))
                } else {
                    Meaning::Closed
                }
            }
            Some(Made::Counted(made_in, sheet, lines)) if *made_in == unit && under.contains(sheet) => {
                Meaning::Marks(lines.clone(), same_officials(sheet))
            }
            Some(Made::WrongClaim(made_in, sheet)) if *made_in == unit && under.contains(sheet) => {
                Meaning::Misfit
            }
            _ => Meaning::Closed,
        }
    };
    let mut tally = UnitTally { officials: current.officials.len(), ..UnitTally::default() };
    if plan.voting == Voting::Attended {
        for (record, under) in &found {
            match meaning(record, under) {
                Meaning::Marks(lines, true) => drop(tally.valid.insert(record.clone(), lines)),
                Meaning::Marks(_, false) => {
                    *tally.invalid.entry(InvalidReason::OtherOfficials).or_default() += 1;
                }
                Meaning::Misfit => *tally.invalid.entry(InvalidReason::WrongCode).or_default() += 1,
                Meaning::Closed => *tally.invalid.entry(InvalidReason::DoesNotOpen).or_default() += 1,
            }
        }
        return tally;
    }
    let issued = issued(round, unit, &part.sheet);
    let nullifiers: BTreeSet<Vec<u8>> = found.keys().map(|record| record[..16].to_vec()).collect();
    for nullifier in nullifiers {
        let ballots: Vec<Meaning> = found
            .iter()
            .filter(|(record, _)| record[..16] == nullifier)
            .map(|(record, under)| meaning(record, under))
            .collect();
        if issued.contains(&nullifier) {
            judge(nullifier, &ballots, &mut tally);
        } else {
            tally.not_issued += u32::try_from(ballots.len()).expect("few ballots");
        }
    }
    tally
}

/// One permit: fitting ballots with equal marks count once, with different ones none; those that do not fit spoil
/// nothing, and if there are only such, the permit is one invalid ballot.
fn judge(nullifier: Vec<u8>, ballots: &[Meaning], tally: &mut UnitTally) {
    let fitting: Vec<(&Lines, bool)> = ballots
        .iter()
        .filter_map(|ballot| match ballot {
            Meaning::Marks(lines, same_officials) => Some((lines, *same_officials)),
            _ => None,
        })
        .collect();
    let misfits = ballots.iter().any(|ballot| matches!(ballot, Meaning::Misfit));
    let reason = match fitting.first() {
        None if misfits => InvalidReason::WrongCode,
        None => InvalidReason::DoesNotOpen,
        Some(_) if fitting.iter().any(|(_, same)| !same) => InvalidReason::OtherOfficials,
        Some((first, _)) if fitting.iter().any(|(lines, _)| lines != first) => InvalidReason::Conflicting,
        Some((first, _)) => {
            tally.valid.insert(nullifier, (*first).clone());
            return;
        }
    };
    *tally.invalid.entry(reason).or_default() += 1;
}

fn sheet_of<'a>(round: &'a Round, unit: usize, hash: &SheetHash) -> &'a Sheet {
    let unit = &round.units[unit];
    if unit.reissue.sheet.hash() == *hash { &unit.reissue.sheet } else { &unit.first }
}

/// Nullifiers of the slips that are good under a sheet.
fn issued(round: &Round, unit: usize, sheet: &SheetHash) -> BTreeSet<Vec<u8>> {
    let unit = &round.units[unit];
    let new = unit.reissue.slips.as_ref().filter(|_| unit.reissue.sheet.hash() == *sheet);
    let slips = new.unwrap_or(&unit.slips);
    slips.iter().map(|slip| slip.nullifier(&ROUND, &unit.code).0.to_vec()).collect()
}
