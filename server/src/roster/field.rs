//! Single cells: what each must hold, and what is wrong if it does not.

use super::UnitKind;
use super::check::Check;
use super::problem::{ProblemKind, shown};
use super::table::{Cell, Row, Table};
use crate::domain::text::is_invisible;
use sync_core::id::is_code;
use sync_core::package::{TEXT_MAX, VOTERS_MAX};

/// Longest name or post in characters. Letters of Vietnamese have at most three bytes, so they fit every format.
const NAME_MAX: usize = 200;
/// Largest place on a ballot that is read; only the order counts.
const ORDINAL_MAX: u32 = 10_000;
/// Length of a code of digits when no other code tells: that of an area code.
const CODE_WIDTH: usize = 5;

/// A cell with everything that is needed to name it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub table: &'a Table,
    pub row: &'a Row,
    pub column: usize,
    pub name: &'static str,
}

impl Check<'_> {
    pub fn note(&mut self, at: &Place<'_>, kind: ProblemKind) {
        self.problems.push(at.table.problem(Some(at.row.number), Some((at.column, at.name)), kind));
    }

    /// The filled cell at a place, or a problem.
    fn filled<'c>(&mut self, at: &Place<'c>) -> Option<&'c Cell> {
        let problem = match at.row.cells.get(at.column) {
            None | Some(Cell::Empty) => ProblemKind::Empty,
            Some(Cell::Error) => ProblemKind::CellError,
            Some(Cell::Long) => ProblemKind::TooLong,
            Some(cell) => return Some(cell),
        };
        self.note(at, problem);
        None
    }

    /// A unit's code. Where a spreadsheet ate its zeros the likely code goes on, so that what depends on it is not
    /// reported as lost; the problem is noted, and nothing is imported.
    pub fn unit_code(&mut self, at: &Place<'_>) -> Option<String> {
        let cell = self.filled(at)?;
        let text = cell.text();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let shortened = digits && !text.starts_with('0') && text.len() < self.width;
        if !shortened && !matches!(cell, Cell::Number(_)) {
            return self.code(at);
        }
        let width = if self.width > 0 { self.width } else { CODE_WIDTH };
        let likely = digits.then(|| format!("{text:0>width$}"));
        self.note(at, ProblemKind::LeadingZeros { found: shown(&text), likely: likely.clone() });
        likely
    }

    /// A code that is not a number.
    pub fn code(&mut self, at: &Place<'_>) -> Option<String> {
        let cell = self.filled(at)?;
        let text = cell.text();
        if matches!(cell, Cell::Number(_)) {
            let likely = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.clone());
            self.note(at, ProblemKind::LeadingZeros { found: shown(&text), likely });
            return None;
        }
        if !is_code(&text) {
            self.note(at, ProblemKind::Code { found: shown(&text) });
            return None;
        }
        Some(text)
    }

    /// A name or a post.
    pub fn text(&mut self, at: &Place<'_>) -> Option<String> {
        let text = self.filled(at)?.text();
        let problem = if text.chars().any(is_invisible) {
            ProblemKind::Invisible
        } else if text.chars().count() > NAME_MAX || text.len() > TEXT_MAX {
            ProblemKind::TooLong
        } else {
            return Some(text);
        };
        self.note(at, problem);
        None
    }

    /// A kind of unit, in either language.
    pub fn kind(&mut self, at: &Place<'_>) -> Option<UnitKind> {
        let text = self.filled(at)?.text();
        match text.to_lowercase().as_str() {
            "chi bộ" | "chi_bo" | "party_cell" => Some(UnitKind::PartyCell),
            "đảng bộ" | "dang_bo" | "grassroots_committee" => Some(UnitKind::GrassrootsCommittee),
            _ => {
                self.note(at, ProblemKind::Kind { found: shown(&text) });
                None
            }
        }
    }

    /// A number of voters.
    pub fn voters(&mut self, at: &Place<'_>) -> Option<u32> {
        self.number(at, VOTERS_MAX, |found| ProblemKind::Voters { found })
    }

    /// A place on the ballot.
    pub fn ordinal(&mut self, at: &Place<'_>) -> Option<u32> {
        self.number(at, ORDINAL_MAX, |found| ProblemKind::Ordinal { found })
    }

    pub fn number(
        &mut self,
        at: &Place<'_>,
        max: u32,
        problem: impl Fn(String) -> ProblemKind,
    ) -> Option<u32> {
        let text = self.filled(at)?.text();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse::<u32>().ok().filter(|number| digits && (1..=max).contains(number));
        if number.is_none() {
            self.note(at, problem(shown(&text)));
        }
        number
    }
}
