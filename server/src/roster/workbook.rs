//! XLSX, bounded: a workbook is a ZIP file, and a small one can unpack to gigabytes.

use super::problem::{ProblemKind, Problems};
use super::table::{Cell, Row, Table};
use calamine::{DataRef, Reader, Xlsx};
use std::io::{Cursor, Read};

/// Longest file in bytes.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most bytes that it may unpack to.
const UNPACKED_MAX: u64 = 64 * 1024 * 1024;
/// Most parts in it.
const PARTS_MAX: usize = 1_000;
/// Most cells that are read, and most columns of a row.
const CELLS_MAX: usize = 1_500_000;
const COLUMNS_MAX: u32 = 64;
const SHEETS_MAX: usize = 32;

/// Reads every sheet of a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Table>, Problems> {
    if bytes.len() > BYTES_MAX {
        return Err(Problems::one("workbook", ProblemKind::TooLarge));
    }
    check_unpacked(bytes)?;
    // The reader of spreadsheets is not ours and meets bytes from outside; should it panic on some, that is one more
    // way of not being a workbook.
    let read = std::panic::catch_unwind(|| read_sheets(bytes));
    read.unwrap_or_else(|_| Err(Problems::one("workbook", ProblemKind::NotAWorkbook)))
}

/// Unpacks every part once without keeping it; what a ZIP file says of its sizes cannot be believed.
fn check_unpacked(bytes: &[u8]) -> Result<(), Problems> {
    let not_a_workbook = || Problems::one("workbook", ProblemKind::NotAWorkbook);
    let too_large = || Problems::one("workbook", ProblemKind::TooLarge);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| not_a_workbook())?;
    if archive.len() > PARTS_MAX {
        return Err(too_large());
    }
    let mut room = UNPACKED_MAX;
    for i in 0..archive.len() {
        let part = archive.by_index(i).map_err(|_| not_a_workbook())?;
        let unpacked = std::io::copy(&mut part.take(room + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(|_| not_a_workbook())?;
        room = room.checked_sub(unpacked).ok_or_else(too_large)?;
    }
    Ok(())
}

fn read_sheets(bytes: &[u8]) -> Result<Vec<Table>, Problems> {
    let not_a_workbook = || Problems::one("workbook", ProblemKind::NotAWorkbook);
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| not_a_workbook())?;
    let mut tables = Vec::new();
    let mut room = CELLS_MAX;
    for name in workbook.sheet_names().into_iter().take(SHEETS_MAX) {
        let mut rows: Vec<Row> = Vec::new();
        // A sheet of another kind, such as a chart, has no cells.
        let Ok(mut cells) = workbook.worksheet_cells_reader(&name) else { continue };
        while let Some(cell) = cells.next_cell().map_err(|_| not_a_workbook())? {
            let (row, column) = cell.get_position();
            room = room.checked_sub(1).ok_or_else(|| Problems::one(&name, ProblemKind::TooLarge))?;
            if column < COLUMNS_MAX {
                put(&mut rows, row, column, value(cell.get_value()));
            }
        }
        rows.sort_by_key(|row| row.number);
        tables.push(Table { name, rows });
    }
    Ok(tables)
}

fn put(rows: &mut Vec<Row>, row: u32, column: u32, value: Cell) {
    // Rows as people count them.
    let number = row as usize + 1;
    if rows.last().is_none_or(|last| last.number != number) {
        rows.push(Row { number, cells: Vec::new() });
    }
    if let Some(row) = rows.last_mut() {
        let column = column as usize;
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::Empty);
        }
        row.cells[column] = value;
    }
}

fn value(data: &DataRef<'_>) -> Cell {
    match data {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        #[expect(clippy::cast_precision_loss, reason = "a number this large is refused in any column")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(value) => Cell::Text(value.to_string()),
        DataRef::DateTime(date) => Cell::Number(date.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Text(text.clone()),
        DataRef::Error(_) => Cell::Error,
    }
}
