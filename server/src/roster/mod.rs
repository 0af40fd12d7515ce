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
mod problem;
mod table;
#[cfg(test)]
mod tests;
mod workbook;

pub use contacts::{RosterContact, contacts};
pub use problem::{Problem, ProblemKind, Problems};

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

/// Reads the roster from a workbook (XLSX) with one sheet of units and one of officials.
///
/// # Errors
/// [`Problems`], all of them together.
pub fn from_workbook(bytes: &[u8]) -> Result<Roster, Problems> {
    let sheets = workbook::read(bytes)?;
    let (units, officials) = table::choose(&sheets)?;
    check::roster(units, officials)
}

/// Reads the roster from two CSV files (UTF-8; comma, semicolon or tab).
///
/// # Errors
/// [`Problems`], all of them together.
pub fn from_csv(units: &[u8], officials: &[u8]) -> Result<Roster, Problems> {
    let units = csv_file::read("units.csv", units, &table::UNITS);
    let officials = csv_file::read("officials.csv", officials, &table::OFFICIALS);
    match (units, officials) {
        (Ok(units), Ok(officials)) => check::roster(&units, &officials),
        (units, officials) => {
            Err(Problems::new([units.err(), officials.err()].into_iter().flatten().collect()))
        }
    }
}
