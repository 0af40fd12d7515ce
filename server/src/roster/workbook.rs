//! XLSX, bounded: a workbook is a ZIP file, and a small one can unpack to gigabytes, or make its reader ask for them.

use super::problem::{ProblemKind, Problems, shown};
use super::table::{Cell, Row, Table};
use calamine::{DataRef, Reader, Xlsx};
use std::io::{Cursor, Read};

/// Longest file in bytes.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most bytes that it may unpack to: twice the largest round.
const UNPACKED_MAX: u64 = 64 * 1024 * 1024;
/// Most bytes of the part with the cell formats, each of which costs its reader a hundred times its length.
const STYLES_MAX: usize = 2 * 1024 * 1024;
/// Most parts in it.
const PARTS_MAX: usize = 1_000;
/// Most cells that are kept, gaps in a row included, and most columns of a row.
const CELLS_MAX: usize = 1_500_000;
const COLUMNS_MAX: u32 = 64;
/// Most bytes of text that are kept; one shared string can stand in every cell.
const TEXTS_MAX: usize = 64 * 1024 * 1024;
const SHEETS_MAX: usize = 32;

/// How workbooks begin that are encrypted, or older than XLSX.
pub(super) const COMPOUND_FILE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Whether a file is a workbook rather than text, by how it begins.
pub(super) fn looks_like_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || bytes.starts_with(&COMPOUND_FILE)
}

/// Reads every sheet of a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Table>, Problems> {
    let checked = if bytes.len() > BYTES_MAX {
        Err(ProblemKind::TooLarge)
    } else if bytes.starts_with(&COMPOUND_FILE) {
        Err(ProblemKind::OldWorkbook)
    } else {
        check_parts(bytes)
    };
    // The reader of spreadsheets is not ours and panics on some bytes, such as a cell in row 99999999999, where its
    // arithmetic is checked; that is one more way of not being a workbook.
    let read = checked.and_then(|()| {
        std::panic::catch_unwind(|| read_sheets(bytes)).unwrap_or(Err(ProblemKind::NotAWorkbook))
    });
    read.map_err(|kind| Problems::one("workbook", kind))
}

/// Unpacks every part once, one at a time; what a ZIP file says of its sizes cannot be believed.
fn check_parts(bytes: &[u8]) -> Result<(), ProblemKind> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| ProblemKind::NotAWorkbook)?;
    if archive.len() > PARTS_MAX {
        return Err(ProblemKind::TooLarge);
    }
    let mut room = UNPACKED_MAX;
    for i in 0..archive.len() {
        let part = archive.by_index(i).map_err(|_| ProblemKind::NotAWorkbook)?;
        let name = part.name().map_err(|_| ProblemKind::NotAWorkbook)?.to_ascii_lowercase();
        let mut content = Vec::new();
        part.take(room + 1).read_to_end(&mut content).map_err(|_| ProblemKind::NotAWorkbook)?;
        room = room.checked_sub(content.len() as u64).ok_or(ProblemKind::TooLarge)?;
        if name.ends_with("styles.xml") && content.len() > STYLES_MAX {
            return Err(ProblemKind::TooLarge);
        }
        if name.ends_with("sharedstrings.xml") {
            check_shared_strings(&content)?;
        }
    }
    Ok(())
}

/// The reader allocates at once for as many strings as this part says it has, and an allocation that fails ends the
/// process, where a panic would be caught.
fn check_shared_strings(content: &[u8]) -> Result<(), ProblemKind> {
    const COUNT: &[u8] = b"uniqueCount";
    // XML has no such bytes; encodings that could hide the word from this search do.
    if content.iter().any(|b| *b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r')) {
        return Err(ProblemKind::NotAWorkbook);
    }
    let mut rest = content;
    while let Some(at) = rest.windows(COUNT.len()).position(|window| window == COUNT) {
        rest = &rest[at + COUNT.len()..];
        let value = rest.trim_ascii_start().strip_prefix(b"=").unwrap_or_default();
        let digits = value.trim_ascii_start().iter().skip(1).take_while(|b| b.is_ascii_digit());
        let count =
            digits.fold(0_usize, |sum, b| sum.saturating_mul(10).saturating_add(usize::from(b - b'0')));
        if count > CELLS_MAX {
            return Err(ProblemKind::TooLarge);
        }
    }
    Ok(())
}

fn read_sheets(bytes: &[u8]) -> Result<Vec<Table>, ProblemKind> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| ProblemKind::NotAWorkbook)?;
    let mut tables = Vec::new();
    let mut room = Room { cells: CELLS_MAX, texts: TEXTS_MAX };
    for name in workbook.sheet_names().into_iter().take(SHEETS_MAX) {
        let mut rows: Vec<Row> = Vec::new();
        // A sheet of another kind, such as a chart, has no cells.
        let Ok(mut cells) = workbook.worksheet_cells_reader(&name) else { continue };
        while let Some(cell) = cells.next_cell().map_err(|_| ProblemKind::NotAWorkbook)? {
            let (row, column) = cell.get_position();
            let value = value(cell.get_value());
            if column < COLUMNS_MAX && value != Cell::Empty {
                room.put(&mut rows, row as usize, column as usize, value)?;
            }
        }
        rows.sort_by_key(|row| row.number);
        tables.push(Table { name: shown(&name), rows });
    }
    Ok(tables)
}

/// What may still be kept.
struct Room {
    cells: usize,
    texts: usize,
}

impl Room {
    fn put(&mut self, rows: &mut Vec<Row>, row: usize, column: usize, cell: Cell) -> Result<(), ProblemKind> {
        // Rows as people count them.
        let number = row + 1;
        if rows.last().is_none_or(|last| last.number != number) {
            rows.push(Row { number, cells: Vec::new() });
        }
        let Some(row) = rows.last_mut() else { return Ok(()) };
        if let Cell::Text(text) = &cell {
            self.texts = self.texts.checked_sub(text.len()).ok_or(ProblemKind::TooLarge)?;
        }
        if row.cells.len() <= column {
            let gap = column + 1 - row.cells.len();
            self.cells = self.cells.checked_sub(gap).ok_or(ProblemKind::TooLarge)?;
            row.cells.resize(column + 1, Cell::Empty);
        }
        row.cells[column] = cell;
        Ok(())
    }
}

fn value(data: &DataRef<'_>) -> Cell {
    match data {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => Cell::of_text(text),
        DataRef::SharedString(text) => Cell::of_text(text),
        #[expect(clippy::cast_precision_loss, reason = "a number this large is refused in any column")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(value) => Cell::Text(value.to_string()),
        // A date that a spreadsheet made of "1-2" is nothing that a roster can hold.
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) | DataRef::Error(_) => {
            Cell::Error
        }
    }
}
