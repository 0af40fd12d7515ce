//! From two tables to a roster, or to everything that is wrong with them.

use super::problem::{Problem, ProblemKind, Problems};
use super::table::{Cell, OFFICIALS, Row, Table, UNITS};
use super::{Roster, RosterOfficial, RosterUnit, UnitKind};
use std::collections::BTreeMap;
use sync_core::id::is_code;
use sync_core::package::{OFFICIALS_MAX, UNITS_MAX, VOTERS_MAX};

/// Longest name or post in characters; in UTF-8 it fits every format.
const TEXT_MAX: usize = 200;

/// Checks units and officials together.
pub(super) fn roster(units: &Table, officials: &Table) -> Result<Roster, Problems> {
    let mut check = Check { problems: Vec::new(), width: 0 };
    let columns = match (units.find(UNITS), officials.find(OFFICIALS)) {
        (Ok(units), Ok(officials)) => (units, officials),
        (units, officials) => {
            let all = [units.err(), officials.err()].into_iter().flatten().flatten();
            return Err(Problems::new(all.collect()));
        }
    };
    check.width = code_width(units, columns.0[0]);
    let mut found = check.units(units, columns.0);
    let places: BTreeMap<String, usize> =
        found.iter().enumerate().map(|(i, (_, unit))| (unit.code.clone(), i)).collect();
    let rated = check.officials(officials, columns.1, &places);
    for (place, (_, unit)) in found.iter_mut().enumerate() {
        let mut own: Vec<_> = rated.iter().filter(|(unit, ..)| *unit == place).collect();
        own.sort_by_key(|(_, ordinal, _)| *ordinal);
        unit.officials = own.into_iter().map(|(.., official)| official.clone()).collect();
    }
    for (row, unit) in &found {
        let kind = match unit.officials.len() {
            0 => ProblemKind::NoOfficials { code: unit.code.clone() },
            count if count > OFFICIALS_MAX => {
                ProblemKind::TooMany { what: "officials in one unit", max: OFFICIALS_MAX }
            }
            _ => continue,
        };
        check.problems.push(units.problem(Some(*row), None, kind));
    }
    if found.is_empty() && check.problems.is_empty() {
        check.problems.push(units.problem(None, None, ProblemKind::Empty));
    }
    if found.len() > UNITS_MAX {
        check.problems.push(units.problem(
            None,
            None,
            ProblemKind::TooMany { what: "units", max: UNITS_MAX },
        ));
    }
    if check.problems.is_empty() {
        Ok(Roster { units: found.into_iter().map(|(_, unit)| unit).collect() })
    } else {
        Err(Problems::new(check.problems))
    }
}

/// How long unit codes of digits are where they kept a leading zero; 0 if none has one.
fn code_width(units: &Table, column: usize) -> usize {
    let codes = units.body().filter_map(|row| match row.cells.get(column) {
        Some(Cell::Text(text)) => Some(text.trim().to_owned()),
        _ => None,
    });
    let zero = codes.filter(|code| code.starts_with('0') && code.bytes().all(|b| b.is_ascii_digit()));
    zero.map(|code| code.len()).max().unwrap_or(0)
}

struct Check {
    problems: Vec<Problem>,
    width: usize,
}

/// An official with the place of the unit and on the ballot.
type Rated = (usize, u32, RosterOfficial);

impl Check {
    fn units(&mut self, table: &Table, columns: [usize; 4]) -> Vec<(usize, RosterUnit)> {
        let mut found: Vec<(usize, RosterUnit)> = Vec::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for row in table.body() {
            let at = |i: usize| Place { table, row, column: columns[i], name: UNITS[i].name };
            let code = self.code(&at(0), true);
            let name = self.text(&at(1));
            let kind = self.kind(&at(2));
            let voters = self.voters(&at(3));
            if let Some(code) = &code
                && let Some(first) = seen.get(code).copied()
            {
                self.note(&at(0), ProblemKind::DuplicateUnit { code: code.clone(), first });
                continue;
            }
            if let Some(code) = &code {
                seen.insert(code.clone(), row.number);
            }
            // A unit with a problem elsewhere still is one, so that its officials are not reported as lost.
            if let Some(code) = code {
                let unit = RosterUnit {
                    code,
                    name: name.unwrap_or_default(),
                    kind: kind.unwrap_or(UnitKind::PartyCell),
                    voters: voters.unwrap_or(1),
                    officials: Vec::new(),
                };
                found.push((row.number, unit));
            }
        }
        found
    }

    fn officials(
        &mut self,
        table: &Table,
        columns: [usize; 5],
        units: &BTreeMap<String, usize>,
    ) -> Vec<Rated> {
        let mut found = Vec::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut ordinals: BTreeMap<(usize, u32), usize> = BTreeMap::new();
        for row in table.body() {
            let at = |i: usize| Place { table, row, column: columns[i], name: OFFICIALS[i].name };
            let unit = self.code(&at(0), true).and_then(|code| {
                let place = units.get(&code).copied();
                if place.is_none() {
                    self.note(&at(0), ProblemKind::UnknownUnit { code });
                }
                place
            });
            let ordinal = self.ordinal(&at(1));
            let code = self.code(&at(2), false);
            let (name, post) = (self.text(&at(3)), self.text(&at(4)));
            if let Some(code) = &code
                && let Some(first) = seen.insert(code.clone(), row.number)
            {
                self.note(&at(2), ProblemKind::DuplicateOfficial { code: code.clone(), first });
            }
            if let (Some(unit), Some(ordinal)) = (unit, ordinal)
                && ordinals.insert((unit, ordinal), row.number).is_some()
            {
                self.note(&at(1), ProblemKind::Ordinal { found: ordinal.to_string() });
            }
            if let Some(unit) = unit {
                let official = RosterOfficial {
                    code: code.unwrap_or_default(),
                    name: name.unwrap_or_default(),
                    post: post.unwrap_or_default(),
                };
                found.push((unit, ordinal.unwrap_or(u32::MAX), official));
            }
        }
        found
    }

    fn note(&mut self, at: &Place<'_>, kind: ProblemKind) {
        self.problems.push(at.table.problem(Some(at.row.number), Some((at.column, at.name)), kind));
    }

    /// The filled cell at a place, or a problem.
    fn filled<'a>(&mut self, at: &Place<'a>) -> Option<&'a Cell> {
        match at.row.cells.get(at.column) {
            Some(Cell::Error) => self.note(at, ProblemKind::CellError),
            Some(cell) if !cell.text().is_empty() => return Some(cell),
            _ => self.note(at, ProblemKind::Empty),
        }
        None
    }

    fn code(&mut self, at: &Place<'_>, of_unit: bool) -> Option<String> {
        let cell = self.filled(at)?;
        let text = cell.text();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let shortened = of_unit && digits && text.len() < self.width;
        if matches!(cell, Cell::Number(_)) || shortened {
            let width = if of_unit { self.width.max(5) } else { text.len() };
            let likely = if digits { format!("{text:0>width$}") } else { "the code".to_owned() };
            self.note(at, ProblemKind::LeadingZeros { found: text, likely });
            return None;
        }
        if !is_code(&text) {
            self.note(at, ProblemKind::Code { found: text });
            return None;
        }
        Some(text)
    }

    fn text(&mut self, at: &Place<'_>) -> Option<String> {
        let text = self.filled(at)?.text();
        if text.chars().count() > TEXT_MAX || text.chars().any(is_invisible) {
            self.note(at, ProblemKind::Text);
            return None;
        }
        Some(text)
    }

    fn kind(&mut self, at: &Place<'_>) -> Option<UnitKind> {
        let text = self.filled(at)?.text();
        match text.to_lowercase().as_str() {
            "chi bộ" | "chi_bo" | "party_cell" => Some(UnitKind::PartyCell),
            "đảng bộ" | "dang_bo" | "grassroots_committee" => Some(UnitKind::GrassrootsCommittee),
            _ => {
                self.note(at, ProblemKind::Kind { found: text });
                None
            }
        }
    }

    fn voters(&mut self, at: &Place<'_>) -> Option<u32> {
        let text = self.filled(at)?.text();
        let number = text.parse::<u32>().ok().filter(|number| (1..=VOTERS_MAX).contains(number));
        if number.is_none() {
            self.note(at, ProblemKind::Voters { found: text });
        }
        number
    }

    fn ordinal(&mut self, at: &Place<'_>) -> Option<u32> {
        let text = self.filled(at)?.text();
        let number = text.parse::<u32>().ok().filter(|number| (1..=10_000).contains(number));
        if number.is_none() {
            self.note(at, ProblemKind::Ordinal { found: text });
        }
        number
    }
}

/// Characters that a person cannot see: controls, direction marks, zero-width ones.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A cell with everything that is needed to name it.
struct Place<'a> {
    table: &'a Table,
    row: &'a Row,
    column: usize,
    name: &'static str,
}
