//! Names of voters and of the units' teams, which a roster may have.

use super::RosterUnit;
use super::check::Check;
use super::field::Place;
use super::problem::ProblemKind;
use super::table::{Found, TEAM, VOTERS};
use std::collections::BTreeMap;

/// Most people of a unit's team, as the format of sheets has it.
const TEAM_MAX: usize = 100;
/// Most voters with names in one round: their names lie in the draft until it is signed.
const NAMES_MAX: usize = 200_000;

/// Units with their rows, and their places by code.
type Units = [(usize, RosterUnit)];
type ByCode = BTreeMap<String, usize>;

impl Check<'_> {
    /// Gives every unit the names of its voters in the order of their numbers.
    pub fn voters_of(&mut self, columns: Found<3>, units: &mut Units, by_code: &ByCode) {
        let mut named: BTreeMap<(usize, u32), (usize, String)> = BTreeMap::new();
        let mut rows = 0;
        for row in self.table.body(columns.header) {
            let table = self.table;
            let at = |i: usize| Place { table, row, column: columns.places[i], name: VOTERS[i].name };
            let places: [Place<'_>; 3] = std::array::from_fn(at);
            let unit = self.known_unit(&places[0], by_code);
            let max = unit.map(|unit| units[unit].1.voters).filter(|voters| *voters > 0);
            let max = max.unwrap_or(sync_core::package::VOTERS_MAX);
            let number = self.number(&places[1], max, |found| ProblemKind::VoterNumber { found, max });
            let name = self.text(&places[2]);
            rows += 1;
            let Some(unit) = unit else { continue };
            // A row with a problem of its own still is a voter, so that the number of names is not a second one.
            let Some(number) = number else {
                units[unit].1.voter_names.push(String::new());
                continue;
            };
            if let Some((first, _)) = named.get(&(unit, number)) {
                let first = *first;
                self.note(&places[1], ProblemKind::DuplicateVoter { number, first });
                units[unit].1.voter_names.push(String::new());
                continue;
            }
            named.insert((unit, number), (row.number, name.unwrap_or_default()));
        }
        if rows > NAMES_MAX {
            let kind = ProblemKind::TooMany { what: "voters", max: NAMES_MAX };
            self.problems.push(self.table.problem(None, None, kind));
        }
        for ((unit, _), (_, name)) in named {
            units[unit].1.voter_names.push(name);
        }
    }

    /// Gives every unit its team, in the order of the list.
    pub fn team_of(&mut self, columns: Found<3>, units: &mut Units, by_code: &ByCode) {
        let mut seen: BTreeMap<(usize, String), usize> = BTreeMap::new();
        for row in self.table.body(columns.header) {
            let table = self.table;
            let at = |i: usize| Place { table, row, column: columns.places[i], name: TEAM[i].name };
            let unit = self.known_unit(&at(0), by_code);
            let name = self.text(&at(1));
            let (Some(unit), Some(name)) = (unit, name) else { continue };
            // A person is known by the name alone.
            if let Some(first) = seen.get(&(unit, name.to_lowercase())).copied() {
                self.note(&at(1), ProblemKind::DuplicateMember { name, first });
                continue;
            }
            seen.insert((unit, name.to_lowercase()), row.number);
            let team = &mut units[unit].1.team;
            team.push(name);
            if team.len() == TEAM_MAX + 1 {
                self.note(&at(0), ProblemKind::TooMany { what: "team", max: TEAM_MAX });
            }
        }
    }

    /// Of a unit either every voter has a name or none.
    pub fn names_fit(&mut self, units: &Units, column: usize) {
        for (row, unit) in units {
            let names = unit.voter_names.len();
            if unit.voters > 0 && names > 0 && names != unit.voters as usize {
                let kind = ProblemKind::VoterNames { code: unit.code.clone(), voters: unit.voters, names };
                let column = Some((column, super::table::UNITS[3].name));
                self.problems.push(self.table.problem(Some(*row), column, kind));
            }
        }
    }

    fn known_unit(&mut self, at: &Place<'_>, by_code: &ByCode) -> Option<usize> {
        let code = self.unit_code(at)?;
        let unit = by_code.get(&code).copied();
        if unit.is_none() {
            self.note(at, ProblemKind::UnknownUnit { code });
        }
        unit
    }
}
