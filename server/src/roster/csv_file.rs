//! CSV as offices export it: UTF-8 with or without byte order mark; comma, semicolon or tab.

use super::problem::{Problem, ProblemKind};
use super::table::{Cell, Row, Table};

/// Longest file in bytes.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most rows that are read: a full round and a margin.
const ROWS_MAX: usize = 110_000;

/// Reads a file.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Table, Problem> {
    let problem = |kind| Problem { sheet: name.to_owned(), row: None, column: None, kind };
    if bytes.len() > BYTES_MAX {
        return Err(problem(ProblemKind::TooLarge));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| problem(ProblemKind::NotUtf8))?;
    // The reader counts lines one late where they end in CR LF.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        // The text is UTF-8 and rows may have any length, so no record can fail.
        let record = record.map_err(|_| problem(ProblemKind::NotUtf8))?;
        if rows.len() >= ROWS_MAX {
            return Err(problem(ProblemKind::TooLarge));
        }
        let number = record.position().map_or(0, csv::Position::line);
        let cell = |text: &str| {
            if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
        };
        rows.push(Row {
            number: usize::try_from(number).unwrap_or(usize::MAX),
            cells: record.iter().take(64).map(cell).collect(),
        });
    }
    Ok(Table { name: name.to_owned(), rows })
}

/// What stands most often in the first line; spreadsheets in Vietnamese write semicolons.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| line.bytes().filter(|b| *b == delimiter).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|d| (count(*d), *d == b',')).unwrap_or(b',')
}
