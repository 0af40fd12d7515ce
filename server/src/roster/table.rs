//! Rows of cells under headers, whatever file they came from.

use super::problem::{Problem, ProblemKind, Problems};
use crate::domain::text::tidy;

/// Longest text of a cell that is kept, in bytes; what is longer is no name and no code.
const CELL_MAX: usize = 4 * 1024;
/// Filled rows among which the headers are looked for: offices put a title above them.
pub(super) const HEADER_ROWS: usize = 20;

/// A cell as a person filled it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Empty,
    Text(String),
    /// A text beyond any bound, not kept.
    Long,
    /// A cell that the spreadsheet holds as a number.
    Number(f64),
    /// A formula that failed, or a date.
    Error,
}

impl Cell {
    /// The cell of a text from outside.
    pub fn of_text(text: &str) -> Self {
        if text.len() > CELL_MAX {
            Self::Long
        } else if text.trim().is_empty() {
            Self::Empty
        } else {
            Self::Text(text.to_owned())
        }
    }

    /// The text, normalised (NFC), trimmed, inner blanks collapsed. A number as a person wrote it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty | Self::Long | Self::Error => String::new(),
            Self::Text(text) => tidy(text),
            Self::Number(number) => number.to_string(),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

/// One row and its number as the spreadsheet shows it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub number: usize,
    pub cells: Vec<Cell>,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }

    /// How many of the columns have their header in this row.
    fn score(&self, columns: &[Column]) -> usize {
        let header: Vec<String> = self.cells.iter().map(|cell| cell.text().to_lowercase()).collect();
        let known = |column: &&Column| header.iter().any(|text| column.headers.contains(&text.as_str()));
        columns.iter().filter(known).count()
    }
}

/// A sheet or file.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub name: String,
    pub rows: Vec<Row>,
}

/// A column that is looked for, by any of its headers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// The header people are told of.
    pub name: &'static str,
    /// Everything it may be headed with, in lower case.
    pub headers: &'static [&'static str],
}

/// Columns of units: code, name, kind, voters.
pub(super) const UNITS: [Column; 4] = [
    Column { name: "Mã đơn vị", headers: &["mã đơn vị", "unit_code", "unit code", "code"] },
    Column {
        name: "Tên chi, đảng bộ",
        headers: &["tên chi, đảng bộ", "tên đơn vị", "name", "unit_name", "unit name"],
    },
    Column { name: "Loại", headers: &["loại", "kind"] },
    Column { name: "Số người ghi phiếu", headers: &["số người ghi phiếu", "voters"] },
];

/// Columns of officials: unit, place on the ballot, code, name, post.
pub(super) const OFFICIALS: [Column; 5] = [
    Column { name: "Mã đơn vị", headers: &["mã đơn vị", "unit_code", "unit code"] },
    Column { name: "TT", headers: &["tt", "stt", "ordinal"] },
    Column { name: "Mã", headers: &["mã", "mã cán bộ", "official_code", "official code", "code"] },
    Column {
        name: "Họ và tên", headers: &["họ và tên", "họ tên", "full_name", "full name", "name"]
    },
    Column { name: "Chức vụ", headers: &["chức vụ", "chức vụ, chức danh", "post"] },
];

/// Where the headers and the columns stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<const N: usize> {
    /// Number of the row of headers.
    pub header: usize,
    /// Place of each column.
    pub places: [usize; N],
}

impl Table {
    /// The filled row near the top that looks most like the headers of these columns.
    fn header(&self, columns: &[Column]) -> Option<&Row> {
        let top = self.rows.iter().filter(|row| !row.is_empty()).take(HEADER_ROWS);
        // Of rows that are equally good the first, which is why a later one must be better.
        top.map(|row| (row.score(columns), row))
            .reduce(|best, row| if row.0 > best.0 { row } else { best })
            .map(|(_, row)| row)
    }

    /// How many of the columns the table has.
    pub fn score(&self, columns: &[Column]) -> usize {
        self.header(columns).map_or(0, |row| row.score(columns))
    }

    /// Filled rows below the headers.
    pub fn body(&self, header: usize) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.number > header && !row.is_empty())
    }

    /// Where each column stands; every missing or doubled one is a problem.
    pub fn find<const N: usize>(&self, columns: [Column; N]) -> Result<Found<N>, Vec<Problem>> {
        let row = self.header(&columns);
        let texts: Vec<String> = row
            .map(|row| row.cells.iter().map(|cell| cell.text().to_lowercase()).collect())
            .unwrap_or_default();
        let header = row.map(|row| row.number);
        let mut problems = Vec::new();
        let places = columns.map(|column| {
            let mut places = (0..texts.len()).filter(|i| column.headers.contains(&texts[*i].as_str()));
            let place = places.next();
            if place.is_none() {
                let kind = ProblemKind::MissingColumn { name: column.name };
                problems.push(self.problem(None, None, kind));
            }
            if let Some(double) = places.next() {
                problems.push(self.problem(header, Some((double, column.name)), ProblemKind::DoubleColumn));
            }
            place.unwrap_or_default()
        });
        if problems.is_empty() {
            Ok(Found { header: header.unwrap_or_default(), places })
        } else {
            Err(problems)
        }
    }

    pub fn problem(&self, row: Option<usize>, column: Option<(usize, &str)>, kind: ProblemKind) -> Problem {
        let column = column.map(|(place, name)| format!("{} ({name})", letters(place)));
        Problem { sheet: self.name.clone(), row, column, kind }
    }
}

/// Finds the sheet of units and the sheet of officials by their headers, whatever they are called.
pub(super) fn choose(tables: &[Table]) -> Result<(&Table, &Table), Problems> {
    let scores = |table: &Table| (table.score(&UNITS), table.score(&OFFICIALS));
    let scored: Vec<(&Table, (usize, usize))> = tables.iter().map(|table| (table, scores(table))).collect();
    // Both kinds of sheet have a column of unit codes; each sheet is what it has more columns of.
    let units = scored.iter().filter(|(_, (units, officials))| units >= officials);
    let officials = scored.iter().filter(|(_, (units, officials))| officials > units);
    let units = only_best("units", &UNITS, units.map(|(table, (score, _))| (*table, *score)));
    let officials = only_best("officials", &OFFICIALS, officials.map(|(table, (_, score))| (*table, *score)));
    match (units, officials) {
        (Ok(units), Ok(officials)) => Ok((units, officials)),
        (units, officials) => {
            Err(Problems::new([units.err(), officials.err()].into_iter().flatten().collect()))
        }
    }
}

/// The one sheet with the most of the columns. Two that are equally good are a question for a person: last year's
/// list beside this year's must not be taken by chance.
fn only_best<'a>(
    what: &'static str,
    columns: &[Column],
    scored: impl Iterator<Item = (&'a Table, usize)>,
) -> Result<&'a Table, Problem> {
    let scored: Vec<_> = scored.filter(|(_, score)| *score >= 2).collect();
    let best = scored.iter().map(|(_, score)| *score).max().unwrap_or_default();
    let mut of_best = scored.iter().filter(|(_, score)| *score == best).map(|(table, _)| *table);
    match (of_best.next(), of_best.next()) {
        (Some(table), None) => Ok(table),
        (Some(table), Some(other)) => {
            Err(other.problem(None, None, ProblemKind::TwoSheets { what, other: table.name.clone() }))
        }
        (None, _) => {
            let columns = columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
            let kind = ProblemKind::MissingSheet { what, columns };
            Err(Problem { sheet: "workbook".to_owned(), row: None, column: None, kind })
        }
    }
}

/// The letters of a column as spreadsheets show them.
fn letters(place: usize) -> String {
    let mut text = String::new();
    let mut rest = place + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
        text.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    text
}
