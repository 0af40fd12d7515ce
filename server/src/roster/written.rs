//! Lists as a workbook (XLSX), the way an office fills one: what is a code or a name is text, what is counted a number.

use super::{Cell, Table, list_of};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use std::io;

/// Headers under which whole numbers stand.
const COUNTED: [&str; 3] = ["Số người ghi phiếu", "TT", "Số thứ tự"];

/// Tables as a workbook with a sheet each. The same tables give the same bytes.
///
/// # Errors
/// [`io::Error`] if a table does not fit into a sheet, or has a name that no sheet can have.
pub fn to_workbook(tables: &[Table]) -> io::Result<Vec<u8>> {
    workbook(tables).map_err(io::Error::other)
}

fn workbook(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // A date of now would make every copy another file.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let head = Format::new().set_bold();
    // As text, so that a code keeps its zeros and no name becomes a formula.
    let text = Format::new().set_num_format("@").set_quote_prefix();
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(&table.name)?;
        let (header, columns) = list_of(table).map_or((0, Vec::new()), |(_, row, columns)| (row, columns));
        let counted =
            |column: usize| columns.iter().any(|(place, name)| *place == column && COUNTED.contains(name));
        for row in &table.rows {
            let line =
                u32::try_from(row.number.saturating_sub(1)).map_err(|_| XlsxError::RowColumnLimitError)?;
            for (column, cell) in row.cells.iter().enumerate() {
                let at = u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)?;
                let number = Some(cell.text()).filter(|_| row.number != header && counted(column));
                match (cell, number.and_then(|number| number.parse::<u32>().ok())) {
                    (_, Some(number)) => sheet.write_number(line, at, f64::from(number))?,
                    (Cell::Number(number), None) => sheet.write_number(line, at, *number)?,
                    (Cell::Text(words), None) => {
                        let format = if row.number == header { &head } else { &text };
                        sheet.write_string_with_format(line, at, words, format)?
                    }
                    (Cell::Empty | Cell::Long | Cell::Error, None) => sheet,
                };
            }
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::super::tests::WORKBOOK;
    use super::super::{CsvFiles, from_csv_files, from_workbook, read_tables, to_tables};
    use super::*;

    #[test]
    fn a_roster_comes_back_from_its_workbook_with_voters_team_and_every_zero() {
        let roster = from_csv_files(CsvFiles {
            units: "unit_code,name,kind,voters\n00712,=1+1,dang_bo,2\n".as_bytes(),
            officials: "unit_code,ordinal,official_code,full_name,post\n00712,1,007,Một,Bí thư\n".as_bytes(),
            voters: Some("unit_code,number,name\n00712,1,A\n00712,2,B\n".as_bytes()),
            team: Some("unit_code,name,duty\n00712,Chủ Trì,x\n".as_bytes()),
        })
        .unwrap();
        let bytes = to_workbook(&to_tables(&roster)).unwrap();
        assert_eq!(from_workbook(&bytes).unwrap(), roster);
        assert_eq!(bytes, to_workbook(&to_tables(&roster)).unwrap(), "the same bytes each time");
        let tables = read_tables("x", &bytes).unwrap();
        assert_eq!(tables.len(), 4);
        assert_eq!(tables[0].rows[1].cells[0], Cell::Text("00712".to_owned()));
        assert_eq!(tables[0].rows[1].cells[3], Cell::Number(2.0), "a count is a number");
    }

    #[test]
    fn the_district_of_2018_is_written_and_read_again() {
        let roster = from_workbook(WORKBOOK).unwrap();
        assert_eq!(from_workbook(&to_workbook(&to_tables(&roster)).unwrap()).unwrap(), roster);
    }
}
