//! The roster of a district: its units, their voters and rated officials, read from a workbook or two CSV files.
//!
//! Everything that is wrong is reported together, each with its place and what to do about it; a roster with a
//! problem is not imported at all.

mod check;
mod contacts;
mod csv_file;
mod field;
#[cfg(test)]
mod hostile;
mod people;
mod problem;
mod said;
mod table;
#[cfg(test)]
mod tests;
mod workbook;
mod written;

pub use contacts::{RosterContact, contacts};
pub use problem::{InColumn, Problem, ProblemKind, Problems};
pub use table::{Cell, List, Row, Table};
pub use written::to_workbook;

use serde::{Deserialize, Serialize};

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Smallest organisation (chi bộ).
    PartyCell,
    /// Organisation made of several cells (đảng bộ).
    GrassrootsCommittee,
}

/// A roster in which everything fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Units in the order of the file.
    pub units: Vec<RosterUnit>,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterUnit {
    /// Its code, unique in the roster.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: UnitKind,
    /// Number of voters, 1 to 5,000.
    pub voters: u32,
    /// Rated officials in the order of the ballot, 1 to 100.
    pub officials: Vec<RosterOfficial>,
    /// Names of all voters in the order of their numbers, or nothing.
    pub voter_names: Vec<String>,
    /// Names of its team, or nothing.
    pub team: Vec<String>,
}

/// One rated official.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterOfficial {
    /// Stable code, unique in the roster.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Post held.
    pub post: String,
}

/// The CSV files of a roster.
#[derive(Debug, Clone, Copy)]
pub struct CsvFiles<'a> {
    /// Units.
    pub units: &'a [u8],
    /// Officials.
    pub officials: &'a [u8],
    /// Names of voters, if there are any.
    pub voters: Option<&'a [u8]>,
    /// Teams of the units, if there are any.
    pub team: Option<&'a [u8]>,
}

/// Most tables of a roster, and most cells in them.
const TABLES_MAX: usize = 32;
const CELLS_MAX: usize = 1_500_000;

/// Reads the roster from a workbook (XLSX) with a sheet of units and one of officials; further sheets may name the voters
/// and the teams.
///
/// # Errors
/// [`Problems`], all of them together.
pub fn from_workbook(bytes: &[u8]) -> Result<Roster, Problems> {
    from_tables(&workbook::read(bytes)?)
}

/// Reads the roster from two CSV files (UTF-8; comma, semicolon or tab).
///
/// # Errors
/// [`Problems`], all of them together.
pub fn from_csv(units: &[u8], officials: &[u8]) -> Result<Roster, Problems> {
    from_csv_files(CsvFiles { units, officials, voters: None, team: None })
}

/// The same with names of voters and teams.
///
/// # Errors
/// [`Problems`], all of them together.
pub fn from_csv_files(files: CsvFiles<'_>) -> Result<Roster, Problems> {
    let read = |name: &str, bytes, columns: &[table::Column]| csv_file::read(name, bytes, &[columns]);
    let units = read("units.csv", files.units, &table::UNITS);
    let officials = read("officials.csv", files.officials, &table::OFFICIALS);
    let voters = files.voters.map(|bytes| read("voters.csv", bytes, &table::VOTERS)).transpose();
    let team = files.team.map(|bytes| read("team.csv", bytes, &table::TEAM)).transpose();
    match (units, officials, voters, team) {
        (Ok(units), Ok(officials), Ok(voters), Ok(team)) => {
            let (voters, team) = (voters.as_ref(), team.as_ref());
            check::roster(&table::Chosen { units: &units, officials: &officials, voters, team })
        }
        (units, officials, voters, team) => {
            let problems = [units.err(), officials.err(), voters.err(), team.err()];
            Err(Problems::new(problems.into_iter().flatten().collect()))
        }
    }
}

/// The tables of a file, as a person filled them: every sheet of a workbook, or the one table of a CSV file, which is
/// called `name`.
///
/// # Errors
/// [`Problems`] if it is neither.
pub fn read_tables(name: &str, bytes: &[u8]) -> Result<Vec<Table>, Problems> {
    if workbook::looks_like_one(bytes) {
        return workbook::read(bytes);
    }
    let name = problem::shown(name);
    csv_file::read(&name, bytes, &table::LISTS).map(|table| vec![table]).map_err(|p| Problems::new(vec![p]))
}

/// Checks tables that were read before, or filled elsewhere.
///
/// # Errors
/// [`Problems`], all of them together.
pub fn from_tables(tables: &[Table]) -> Result<Roster, Problems> {
    let cells: usize = tables.iter().flat_map(|table| &table.rows).map(|row| row.cells.len()).sum();
    if tables.len() > TABLES_MAX || cells > CELLS_MAX {
        return Err(Problems::one("workbook", ProblemKind::TooLarge));
    }
    check::roster(&table::choose(tables)?)
}

/// Place and name of a column that a list knows.
pub type KnownColumn = (usize, &'static str);

/// What a table is a list of, with the row of its headers, and each column of it that is there.
pub fn list_of(table: &Table) -> Option<(List, usize, Vec<KnownColumn>)> {
    let list = table.list()?;
    let (header, columns) = table.columns(list)?;
    Some((list, header, columns))
}

/// A roster as the tables that an office would fill, each row where a spreadsheet would have it.
pub fn to_tables(roster: &Roster) -> Vec<Table> {
    let table = |list: List, name: &str, rows: Vec<Vec<String>>| {
        let header = list.columns().iter().map(|column| column.name.to_owned()).collect();
        let rows = std::iter::once(header).chain(rows).enumerate();
        let row = |(place, cells): (usize, Vec<String>)| Row {
            number: place + 1,
            cells: cells.iter().map(|text| Cell::of_text(text)).collect(),
        };
        Table { name: name.to_owned(), rows: rows.map(row).collect() }
    };
    let units = roster.units.iter().map(|unit| {
        let kind = if unit.kind == UnitKind::PartyCell { "Chi bộ" } else { "Đảng bộ" };
        vec![unit.code.clone(), unit.name.clone(), kind.to_owned(), unit.voters.to_string()]
    });
    let of_unit = |unit: &RosterUnit, place: usize, more: [&str; 3]| {
        let place = [unit.code.clone(), (place + 1).to_string()];
        place.into_iter().chain(more.map(str::to_owned)).collect::<Vec<_>>()
    };
    let officials = roster.units.iter().flat_map(|unit| {
        let official =
            |(place, o): (usize, &RosterOfficial)| of_unit(unit, place, [&o.code, &o.name, &o.post]);
        unit.officials.iter().enumerate().map(official).collect::<Vec<_>>()
    });
    let voters: Vec<Vec<String>> = roster
        .units
        .iter()
        .flat_map(|unit| {
            let voter = |(place, name): (usize, &String)| {
                vec![unit.code.clone(), (place + 1).to_string(), name.clone()]
            };
            unit.voter_names.iter().enumerate().map(voter).collect::<Vec<_>>()
        })
        .collect();
    let team: Vec<Vec<String>> = roster
        .units
        .iter()
        .flat_map(|unit| {
            unit.team
                .iter()
                .map(|name| vec![unit.code.clone(), name.clone(), String::new()])
                .collect::<Vec<_>>()
        })
        .collect();
    let mut tables = vec![
        table(List::Units, "Đơn vị", units.collect()),
        table(List::Officials, "Người được lấy phiếu", officials.collect()),
    ];
    if !voters.is_empty() {
        tables.push(table(List::Voters, "Người ghi phiếu", voters));
    }
    if !team.is_empty() {
        tables.push(table(List::Team, "Tổ công tác", team));
    }
    tables
}
