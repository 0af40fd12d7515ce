//! From two tables to a roster, or to everything that is wrong with them.

use super::field::Place;
use super::problem::{ProblemKind, Problems};
use super::table::{Cell, Chosen, Found, List, OFFICIALS, TEAM, Table, UNITS, VOTERS};
use super::{Roster, RosterOfficial, RosterUnit, UnitKind};
use std::collections::BTreeMap;
use sync_core::package::{OFFICIALS_MAX, UNITS_MAX};

/// Digits of an area code, which is what unit codes with leading zeros mostly are.
const AREA_DIGITS: usize = 5;

/// Checks the lists of a roster together.
pub(super) fn roster(chosen: &Chosen<'_>) -> Result<Roster, Problems> {
    let Chosen { units, officials, voters, team } = *chosen;
    let columns = (units.find(UNITS), officials.find(OFFICIALS));
    let of_voters = voters.map(|table| (table, table.find(VOTERS)));
    let of_team = team.map(|table| (table, table.find(TEAM)));
    let codes = |table, header: Option<(usize, usize)>| (table, header);
    let mut width_of = vec![
        codes(units, columns.0.as_ref().ok().map(|found| (found.header, found.places[0]))),
        codes(officials, columns.1.as_ref().ok().map(|found| (found.header, found.places[0]))),
    ];
    for (table, found) in of_voters.iter().chain(&of_team) {
        width_of.push(codes(table, found.as_ref().ok().map(|found| (found.header, found.places[0]))));
    }
    let width = code_width(&width_of);
    let check = |table| Check { table, width, problems: Problems::new(Vec::new()) };
    let (mut of_units, mut of_officials) = (check(units), check(officials));
    // What is missing in one table must not hide what is wrong in the other.
    let voters_column = columns.0.as_ref().ok().map(|found| found.places[3]);
    let mut found = columns.0.map(|found| of_units.units(found));
    let places = found.as_ref().ok().map(|found| by_code(found));
    let rated = columns.1.map(|found| of_officials.officials(found, places.as_ref()));
    let mut further = Vec::new();
    for (list, named) in [(List::Voters, of_voters), (List::Team, of_team)] {
        let Some((table, columns)) = named else { continue };
        let mut of_list = check(table);
        // Without units nobody knows whose names these are.
        let units = found.as_mut().ok().zip(places.as_ref());
        match (columns, units) {
            (Err(problems), _) => problems.into_iter().for_each(|problem| of_list.problems.push(problem)),
            (Ok(columns), Some((units, places))) if list == List::Voters => {
                of_list.voters_of(columns, units, places);
            }
            (Ok(columns), Some((units, places))) => of_list.team_of(columns, units, places),
            (Ok(_), None) => {}
        }
        further.push(of_list.problems);
    }
    if let (Ok(units), Some(column)) = (&found, voters_column) {
        of_units.names_fit(units, column);
    }
    let joined = |first: Problems, rest: Vec<Problems>| rest.into_iter().fold(first, Problems::join);
    let none = || Problems::new(Vec::new());
    match (found, rated) {
        (Ok(mut found), Ok(rated)) => {
            of_units.give_officials(&mut found, rated);
            let problems = joined(none().join(of_units.problems).join(of_officials.problems), further);
            if problems.is_empty() {
                Ok(Roster { units: found.into_iter().map(|(_, unit)| unit).collect() })
            } else {
                Err(problems)
            }
        }
        (found, rated) => {
            found.err().into_iter().flatten().for_each(|problem| of_units.problems.push(problem));
            rated.err().into_iter().flatten().for_each(|problem| of_officials.problems.push(problem));
            Err(joined(none().join(of_units.problems).join(of_officials.problems), further))
        }
    }
}

/// Places of the units in their list.
fn by_code(units: &[(usize, RosterUnit)]) -> BTreeMap<String, usize> {
    units.iter().enumerate().map(|(place, (_, unit))| (unit.code.clone(), place)).collect()
}

/// How long unit codes of digits are that kept their leading zeros; 0 if nothing tells.
fn code_width(tables: &[(&Table, Option<(usize, usize)>)]) -> usize {
    let mut width = 0;
    for (table, columns) in tables {
        let Some((header, column)) = columns else { continue };
        for row in table.body(*header) {
            let Some(Cell::Text(text)) = row.cells.get(*column) else { continue };
            let code = text.trim();
            let digits = code.bytes().all(|b| b.is_ascii_digit());
            if digits && (code.starts_with('0') || code.len() == AREA_DIGITS) {
                width = width.max(code.len());
            }
        }
    }
    width
}

/// The check of one table.
pub(super) struct Check<'a> {
    pub table: &'a Table,
    /// Length of unit codes of digits, or 0.
    pub width: usize,
    pub problems: Problems,
}

/// Officials by the place of their unit, each with the place on the ballot.
type Rated = BTreeMap<usize, Vec<(u32, RosterOfficial)>>;

impl Check<'_> {
    /// The units, each with its row.
    fn units(&mut self, columns: Found<4>) -> Vec<(usize, RosterUnit)> {
        let mut found: Vec<(usize, RosterUnit)> = Vec::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for row in self.table.body(columns.header) {
            let table = self.table;
            let at = |i: usize| Place { table, row, column: columns.places[i], name: UNITS[i].name };
            let places: [Place<'_>; 4] = std::array::from_fn(at);
            let code = self.unit_code(&places[0]);
            let name = self.text(&places[1]);
            let kind = self.kind(&places[2]);
            let voters = self.voters(&places[3]);
            let Some(code) = code else { continue };
            // People read DB05 and db05 as one.
            if let Some(first) = seen.get(&code.to_ascii_uppercase()).copied() {
                self.note(&places[0], ProblemKind::DuplicateUnit { code, first });
                continue;
            }
            seen.insert(code.to_ascii_uppercase(), row.number);
            // A unit with a problem elsewhere still is one, so that its officials are not reported as lost.
            let unit = RosterUnit {
                code,
                name: name.unwrap_or_default(),
                kind: kind.unwrap_or(UnitKind::PartyCell),
                // How many there are is not known, and nothing more is asked of their names.
                voters: voters.unwrap_or(0),
                officials: Vec::new(),
                voter_names: Vec::new(),
                team: Vec::new(),
            };
            found.push((row.number, unit));
        }
        if seen.is_empty() && self.problems.is_empty() {
            self.problems.push(self.table.problem(None, None, ProblemKind::NoRows));
        }
        if found.len() > UNITS_MAX {
            let kind = ProblemKind::TooMany { what: "units", max: UNITS_MAX };
            self.problems.push(self.table.problem(None, None, kind));
        }
        found
    }

    /// The officials; without a list of units, whether theirs exist is not asked.
    fn officials(&mut self, columns: Found<5>, units: Option<&BTreeMap<String, usize>>) -> Rated {
        let mut rated = Rated::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut ordinals: BTreeMap<(usize, u32), usize> = BTreeMap::new();
        for row in self.table.body(columns.header) {
            let table = self.table;
            let at = |i: usize| Place { table, row, column: columns.places[i], name: OFFICIALS[i].name };
            let places: [Place<'_>; 5] = std::array::from_fn(at);
            let unit = self.unit_code(&places[0]).and_then(|code| {
                let place = units?.get(&code).copied();
                if place.is_none() {
                    self.note(&places[0], ProblemKind::UnknownUnit { code });
                }
                place
            });
            let ordinal = self.ordinal(&places[1]);
            let code = self.code(&places[2]);
            let (name, post) = (self.text(&places[3]), self.text(&places[4]));
            if let Some(code) = &code {
                let first = *seen.entry(code.to_ascii_uppercase()).or_insert(row.number);
                if first != row.number {
                    self.note(&places[2], ProblemKind::DuplicateOfficial { code: code.clone(), first });
                }
            }
            let Some(unit) = unit else { continue };
            if let Some(ordinal) = ordinal {
                let first = *ordinals.entry((unit, ordinal)).or_insert(row.number);
                if first != row.number {
                    self.note(&places[1], ProblemKind::DuplicateOrdinal { ordinal, first });
                }
            }
            let official = RosterOfficial {
                code: code.unwrap_or_default(),
                name: name.unwrap_or_default(),
                post: post.unwrap_or_default(),
            };
            rated.entry(unit).or_default().push((ordinal.unwrap_or(u32::MAX), official));
        }
        rated
    }

    /// Gives every unit its officials in the order of the ballot.
    fn give_officials(&mut self, units: &mut [(usize, RosterUnit)], mut rated: Rated) {
        for (place, (row, unit)) in units.iter_mut().enumerate() {
            let mut own = rated.remove(&place).unwrap_or_default();
            own.sort_by_key(|(ordinal, _)| *ordinal);
            let kind = match own.len() {
                0 => Some(ProblemKind::NoOfficials { code: unit.code.clone() }),
                count if count > OFFICIALS_MAX => {
                    Some(ProblemKind::TooMany { what: "officials in one unit", max: OFFICIALS_MAX })
                }
                _ => None,
            };
            if let Some(kind) = kind {
                self.problems.push(self.table.problem(Some(*row), None, kind));
            }
            unit.officials = own.into_iter().map(|(_, official)| official).collect();
        }
    }
}
