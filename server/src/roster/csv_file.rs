//! CSV as offices export it: UTF-8 with or without byte order mark; comma, semicolon or tab.

use super::problem::{Problem, ProblemKind};
use super::table::{Cell, Column, HEADER_ROWS, Row, Table};

/// Longest file in bytes.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most rows that are read: a full round and a margin.
const ROWS_MAX: usize = 110_000;
/// Most columns of a row that are kept.
const COLUMNS_MAX: usize = 64;

/// Reads a file that should have the columns of one of these lists.
pub(super) fn read(name: &str, bytes: &[u8], lists: &[&[Column]]) -> Result<Table, Problem> {
    let problem = |kind| Problem { sheet: name.to_owned(), row: None, column: None, kind };
    if bytes.len() > BYTES_MAX {
        return Err(problem(ProblemKind::TooLarge));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| problem(ProblemKind::NotUtf8))?;
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let table = |delimiter, rows_max| Table { name: name.to_owned(), rows: rows(&text, delimiter, rows_max) };
    // Spreadsheets in Vietnamese write semicolons, and titles hold commas; so the headers decide, not a count.
    let score = |delimiter: &u8| {
        let table = table(*delimiter, HEADER_ROWS * 4);
        lists.iter().map(|columns| table.score(columns)).max()
    };
    let delimiter = [b'\t', b';', b','].into_iter().max_by_key(score).unwrap_or(b',');
    let table = table(delimiter, ROWS_MAX + 1);
    if table.rows.len() > ROWS_MAX { Err(problem(ProblemKind::TooLarge)) } else { Ok(table) }
}

fn rows(text: &str, delimiter: u8, rows_max: usize) -> Vec<Row> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut number = 0;
    // The text is UTF-8 and rows may have any length, so no record can fail.
    let records = reader.into_records().map_while(Result::ok).take(rows_max);
    let row = |record: csv::StringRecord| {
        // The reader skips blank lines, and a quoted text may span several; a spreadsheet counts the former as rows
        // and the latter as one.
        let start =
            record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let blank =
            text.as_bytes().get(start..).unwrap_or_default().iter().take_while(|b| **b == b'\n').count();
        number += 1 + blank;
        Row { number, cells: record.iter().take(COLUMNS_MAX).map(Cell::of_text).collect() }
    };
    records.map(row).collect()
}
