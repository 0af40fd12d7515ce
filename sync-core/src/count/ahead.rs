//! Opening ahead of a count: what the orders name is cut into parts that anybody who has the box key opens on their own,
//! in any order. The count then opens what is left. So many workers share the one step that takes long, and the result
//! is the same to the last byte.

use super::Material;
use super::permits::Found;
use crate::ballot::{BoxSecret, Form, Marks, Opened, Place, Record};
use crate::cbor::{Format, FormatError, Reader, Writer};
use crate::cose::Signed;
use crate::id::{PackageHash, RoundId, SheetHash, UnitCode};
use crate::order::OpeningOrder;
use crate::package::{OFFICIALS_MAX, Voting};
use std::collections::{BTreeMap, BTreeSet};

/// Ballots of one unit and one sheet that are opened together, with all that opening needs but the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    package: PackageHash,
    round: RoundId,
    unit: UnitCode,
    sheet: SheetHash,
    form: Form,
    permits: bool,
    records: Vec<Record>,
}

/// What the ballots of a part turned out to be, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers(Vec<Opened>);

/// What was opened ahead, unit by unit: what a record amounts to depends on where it was found.
#[derive(Default)]
pub struct Openings {
    pub(super) units: BTreeMap<UnitCode, BTreeMap<Found, Opened>>,
}

/// Most ballots of a part.
pub const PART_MAX: usize = 1_024;
const LEVELS_MAX: usize = u8::MAX as usize - 1;

/// Cuts what a count of these orders opens into parts of at most `most` ballots. What an order names and is not there is
/// left for the count to complain of.
pub fn parts(material: &Material<'_>, orders: &[&Signed<OpeningOrder>], most: usize) -> Vec<Part> {
    let package = material.package.value();
    let mut found: BTreeMap<(&UnitCode, SheetHash), BTreeSet<Record>> = BTreeMap::new();
    for order in orders.iter().flat_map(|order| &order.value().units) {
        let Some(entry) = package.unit(&order.unit) else { continue };
        let Some(holds) = material.sheets.get(&order.sheet) else { continue };
        let envelopes = order.admitted.iter().filter_map(|id| material.envelopes.get(id));
        for envelope in envelopes.map(|signed| signed.value()).filter(|envelope| envelope.unit == order.unit)
        {
            // Under a permit that was never issued nothing is opened.
            let opens =
                |record: &Record| entry.voting == Voting::Attended || holds.issued(&record.nullifier());
            let records = envelope.ballots.records().filter(opens);
            found.entry((&order.unit, envelope.sheet)).or_default().extend(records);
        }
    }
    let mut parts = Vec::new();
    for ((unit, hash), records) in found {
        let sheet = material.sheets.get(&hash).filter(|sheet| sheet.unit == *unit);
        let (Some(sheet), Some(entry)) = (sheet, package.unit(unit)) else { continue };
        let records: Vec<Record> = records.into_iter().collect();
        parts.extend(records.chunks(most.clamp(1, PART_MAX)).map(|records| Part {
            package: material.package.hash(),
            round: package.round,
            unit: unit.clone(),
            sheet: hash,
            form: Form { officials: sheet.officials.len(), levels: package.levels.len() },
            permits: entry.voting == Voting::Permit,
            records: records.to_vec(),
        }));
    }
    parts
}

impl Part {
    /// Ballots in it.
    #[expect(clippy::len_without_is_empty, reason = "a part has at least one ballot")]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Opens its ballots.
    pub fn open(&self, secret: &BoxSecret) -> Answers {
        let place = Place { package: &self.package, unit: &self.unit, sheet: &self.sheet };
        let permits = self.permits.then_some(&self.round);
        Answers(self.records.iter().map(|record| secret.open(record, self.form, place, permits)).collect())
    }
}

impl Openings {
    /// Takes what came of a part. Whether it belongs to it: one answer a ballot, each in the part's form.
    #[must_use]
    pub fn take(&mut self, part: &Part, answers: Answers) -> bool {
        let fits = |opened: &Opened| match opened {
            Opened::Marks(marks) => {
                let known =
                    |mark: &Option<u8>| mark.is_none_or(|level| usize::from(level) < part.form.levels);
                marks.lines().len() == part.form.officials && marks.lines().iter().all(known)
            }
            _ => true,
        };
        if answers.0.len() != part.records.len() || !answers.0.iter().all(fits) {
            return false;
        }
        let unit = self.units.entry(part.unit.clone()).or_default();
        let found = part.records.iter().map(|record| (record.clone(), part.sheet));
        unit.extend(found.zip(answers.0));
        true
    }
}

/// Between the workers of one machine, never in a file.
impl Format for Part {
    const WHAT: &'static str = "part of a count";
    // Beyond any part of envelopes as they are bounded.
    const MAX_BYTES: usize = 256 * 1024 * 1024;

    fn write(&self, w: &mut Writer) {
        w.array(8).bytes(self.package.as_bytes()).bytes(self.round.as_bytes()).text(self.unit.as_str());
        w.bytes(self.sheet.as_bytes()).uint(self.form.officials as u64).uint(self.form.levels as u64);
        w.flag(self.permits).list(&self.records, |w, record| {
            w.bytes(record.as_bytes());
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.array(8, Self::WHAT)?;
        Ok(Self {
            package: PackageHash(r.fixed(Self::WHAT)?),
            round: RoundId(r.fixed(Self::WHAT)?),
            unit: UnitCode::read(r)?,
            sheet: SheetHash(r.fixed(Self::WHAT)?),
            form: Form { officials: number(r, OFFICIALS_MAX)?, levels: number(r, LEVELS_MAX)? },
            permits: r.flag(Self::WHAT)?,
            records: r.list(PART_MAX, Self::WHAT, |r| {
                let bytes = r.bytes(Self::MAX_BYTES, Self::WHAT)?;
                Record::from_slice(bytes).ok_or(FormatError::Malformed { what: Self::WHAT })
            })?,
        })
    }
}

fn number(r: &mut Reader<'_>, most: usize) -> Result<usize, FormatError> {
    Ok(usize::from(r.u8(u8::try_from(most).unwrap_or(u8::MAX), Part::WHAT)?))
}

/// Between the workers of one machine, never in a file: a byte for what it is, then a byte a line.
impl Format for Answers {
    const WHAT: &'static str = "opened part of a count";
    const MAX_BYTES: usize = 1024 * 1024;

    fn write(&self, w: &mut Writer) {
        w.list(&self.0, |w, opened| {
            let bytes: Vec<u8> = match opened {
                Opened::Closed => vec![0],
                Opened::Misfit => vec![1],
                Opened::Malformed => vec![2],
                Opened::Marks(marks) => {
                    let lines =
                        marks.lines().iter().map(|mark| mark.map_or(0, |level| level.saturating_add(1)));
                    std::iter::once(3).chain(lines).collect()
                }
            };
            w.bytes(&bytes);
        });
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let one = |r: &mut Reader<'_>| match r.bytes(1 + OFFICIALS_MAX, Self::WHAT)? {
            [0] => Ok(Opened::Closed),
            [1] => Ok(Opened::Misfit),
            [2] => Ok(Opened::Malformed),
            [3, lines @ ..] => {
                Ok(Opened::Marks(Marks::new(lines.iter().map(|mark| mark.checked_sub(1)).collect())))
            }
            _ => Err(FormatError::Malformed { what: Self::WHAT }),
        };
        Ok(Self(r.list(PART_MAX, Self::WHAT, one)?))
    }
}
