//! Rows of cells under headers, whatever file they came from.

use super::problem::{Problem, ProblemKind, Problems};
use unicode_normalization::UnicodeNormalization;

/// A cell as a person filled it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Empty,
    Text(String),
    /// A cell that the spreadsheet holds as a number.
    Number(f64),
    /// A formula that failed.
    Error,
}

impl Cell {
    /// The text, normalised (NFC), trimmed, inner blanks collapsed. A number as a person wrote it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty | Self::Error => String::new(),
            Self::Text(text) => tidy(text),
            Self::Number(number) => number.to_string(),
        }
    }
}

pub(super) fn tidy(text: &str) -> String {
    text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One row and its number as the spreadsheet shows it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub number: usize,
    pub cells: Vec<Cell>,
}

impl Row {
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| *cell != Cell::Error && cell.text().is_empty())
    }
}

/// A sheet or file; its first filled row holds the headers.
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

impl Table {
    /// The first filled row.
    fn header(&self) -> Option<&Row> {
        self.rows.iter().find(|row| !row.is_empty())
    }

    /// Filled rows below the header.
    pub fn body(&self) -> impl Iterator<Item = &Row> {
        let header = self.header().map_or(0, |row| row.number);
        self.rows.iter().filter(move |row| row.number > header && !row.is_empty())
    }

    /// Where each column stands; every missing or doubled one is a problem.
    pub fn find<const N: usize>(&self, columns: [Column; N]) -> Result<[usize; N], Vec<Problem>> {
        let header: Vec<String> = self
            .header()
            .map(|row| row.cells.iter().map(|cell| cell.text().to_lowercase()).collect())
            .unwrap_or_default();
        let mut problems = Vec::new();
        let found = columns.map(|column| {
            let mut places = (0..header.len()).filter(|i| column.headers.contains(&header[*i].as_str()));
            let place = places.next();
            if place.is_none() {
                problems.push(self.problem(None, None, ProblemKind::MissingColumn { name: column.name }));
            }
            if let Some(double) = places.next() {
                let row = self.header().map(|row| row.number);
                problems.push(self.problem(row, Some((double, column.name)), ProblemKind::DoubleColumn));
            }
            place.unwrap_or_default()
        });
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }

    pub fn problem(&self, row: Option<usize>, column: Option<(usize, &str)>, kind: ProblemKind) -> Problem {
        let column = column.map(|(place, name)| format!("{} ({name})", letters(place)));
        Problem { sheet: self.name.clone(), row, column, kind }
    }

    fn score(&self, columns: &[Column]) -> usize {
        let header: Vec<String> = self
            .header()
            .map(|row| row.cells.iter().map(|cell| cell.text().to_lowercase()).collect())
            .unwrap_or_default();
        let known = |column: &&Column| header.iter().any(|text| column.headers.contains(&text.as_str()));
        columns.iter().filter(known).count()
    }
}

/// Finds the sheet of units and the sheet of officials by their headers, whatever they are called.
pub(super) fn choose(tables: &[Table]) -> Result<(Table, Table), Problems> {
    let best = |columns: &[Column], apart: Option<usize>| {
        let scored = tables.iter().enumerate().filter(|(i, _)| Some(*i) != apart);
        let scored = scored.map(|(i, table)| (table.score(columns), i)).filter(|(score, _)| *score >= 2);
        scored.max_by_key(|(score, i)| (*score, usize::MAX - i)).map(|(_, i)| i)
    };
    // Officials have more columns of their own, so their sheet is told apart first.
    let officials = best(&OFFICIALS[1..], None);
    let units = best(&UNITS, officials);
    match (units, officials) {
        (Some(units), Some(officials)) => Ok((tables[units].clone(), tables[officials].clone())),
        (units, officials) => {
            let missing = |what, columns: &[Column]| Problem {
                sheet: "workbook".to_owned(),
                row: None,
                column: None,
                kind: ProblemKind::MissingSheet {
                    what,
                    columns: columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", "),
                },
            };
            let problems = [
                units.is_none().then(|| missing("units", &UNITS)),
                officials.is_none().then(|| missing("officials", &OFFICIALS)),
            ];
            Err(Problems::new(problems.into_iter().flatten().collect()))
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
