//! Where officials are reached, from one table: code, name, e-mail, phone, way.

use super::problem::{Problem, ProblemKind, Problems, shown};
use super::table::{Cell, Column, Row, Table};
use super::{csv_file, workbook};
use crate::domain::contact::{Channel, Contact, ContactError, ContactKind};
use std::collections::{BTreeMap, BTreeSet};

/// Most rows that are taken at once.
const ROWS_MAX: usize = 20_000;

const COLUMNS: [Column; 5] = [
    Column { name: "Mã", headers: &["mã", "mã cán bộ", "official_code", "official code", "code"] },
    Column {
        name: "Họ và tên", headers: &["họ và tên", "họ tên", "full_name", "full name", "name"]
    },
    Column {
        name: "E-mail", headers: &["e-mail", "email", "thư điện tử", "địa chỉ thư điện tử"]
    },
    Column { name: "Điện thoại", headers: &["điện thoại", "số điện thoại", "phone"] },
    Column { name: "Cách gửi", headers: &["cách gửi", "cách báo", "way"] },
];

/// A contact and the row in which it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterContact {
    /// Row as the spreadsheet numbers it.
    pub row: usize,
    /// The contact.
    pub contact: Contact,
}

/// Reads contacts of officials, from a workbook or CSV, whichever the bytes are. `name` is what a CSV file is called, for it
/// has no sheets with names of their own; `known` has the codes of all officials.
///
/// # Errors
/// [`Problems`], all of them together.
pub fn contacts(name: &str, bytes: &[u8], known: &BTreeSet<String>) -> Result<Vec<RosterContact>, Problems> {
    // A workbook is a ZIP file, and no table of text begins like one; older workbooks are told what to do.
    let is_workbook = bytes.starts_with(b"PK") || bytes.starts_with(&workbook::COMPOUND_FILE);
    if !is_workbook {
        let table = csv_file::read(&shown(name), bytes, &[&COLUMNS]);
        return read(&table.map_err(|problem| Problems::new(vec![problem]))?, known);
    }
    let sheets = workbook::read(bytes)?;
    let best = sheets.iter().map(|table| (table.score(&COLUMNS), table)).filter(|(score, _)| *score >= 3);
    let best = best.reduce(|best, one| if one.0 > best.0 { one } else { best });
    match best {
        Some((_, table)) => read(table, known),
        None => {
            let columns = COLUMNS.map(|column| column.name).join(", ");
            Err(Problems::one("workbook", ProblemKind::MissingSheet { what: "contacts", columns }))
        }
    }
}

fn read(table: &Table, known: &BTreeSet<String>) -> Result<Vec<RosterContact>, Problems> {
    let found = table.find(COLUMNS).map_err(Problems::new)?;
    let mut problems = Problems::new(Vec::new());
    let (mut contacts, mut rows) = (Vec::new(), BTreeMap::new());
    for row in table.body(found.header) {
        if contacts.len() >= ROWS_MAX {
            problems.push(table.problem(
                None,
                None,
                ProblemKind::TooMany { what: "contacts", max: ROWS_MAX },
            ));
            break;
        }
        match contact(row, &found.places) {
            Ok(contact) => {
                let at = Some((found.places[0], COLUMNS[0].name));
                if let Some(first) = rows.insert(contact.code.clone(), row.number) {
                    let kind = ProblemKind::DuplicateContact { code: contact.code.clone(), first };
                    problems.push(table.problem(Some(row.number), at, kind));
                } else if !known.contains(&contact.code) {
                    let kind = ProblemKind::UnknownOfficial { code: contact.code.clone() };
                    problems.push(table.problem(Some(row.number), at, kind));
                }
                contacts.push(RosterContact { row: row.number, contact });
            }
            Err((place, kind)) => {
                let at = Some((found.places[place], COLUMNS[place].name));
                let problem: Problem = table.problem(Some(row.number), at, kind);
                problems.push(problem);
            }
        }
    }
    if problems.is_empty() && contacts.is_empty() {
        problems.push(table.problem(None, None, ProblemKind::NoRows));
    }
    if problems.is_empty() { Ok(contacts) } else { Err(problems) }
}

/// The contact of a row, or the column that is wrong and why.
fn contact(row: &Row, places: &[usize; 5]) -> Result<Contact, (usize, ProblemKind)> {
    let empty = Cell::Empty;
    let cells = places.map(|place| row.cells.get(place).unwrap_or(&empty));
    for (place, cell) in cells.iter().enumerate() {
        match cell {
            Cell::Error => return Err((place, ProblemKind::CellError)),
            Cell::Long => return Err((place, ProblemKind::TooLong)),
            // A spreadsheet eats the zero that phone numbers and codes begin with.
            Cell::Number(_) if place == 0 || place == 3 => {
                let found = cell.text();
                let likely = (place == 3 && !found.starts_with('0')).then(|| format!("0{found}"));
                return Err((place, ProblemKind::LeadingZeros { found: shown(&found), likely }));
            }
            Cell::Empty | Cell::Text(_) | Cell::Number(_) => {}
        }
    }
    let [code, name, email, phone, way] = cells.map(Cell::text);
    if code.is_empty() {
        return Err((0, ProblemKind::Empty));
    }
    // Without a way it is the one for which there is an address.
    let way = match way.as_str() {
        "" if !email.is_empty() => Channel::Email,
        "" if !phone.is_empty() => Channel::Webhook,
        "" => Channel::Letter,
        text => Channel::read(text).ok_or_else(|| (4, ProblemKind::Way { found: shown(text) }))?,
    };
    Contact::new(ContactKind::Official, &code, &name, &email, &phone, way).map_err(|error| {
        let place = match &error {
            ContactError::Code => 0,
            ContactError::Name => 1,
            ContactError::Email | ContactError::WayNeeds(Channel::Email) => 2,
            ContactError::Phone | ContactError::WayNeeds(_) => 3,
        };
        (place, ProblemKind::Contact { why: error })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> BTreeSet<String> {
        (1..=5_000).map(|n| format!("CB{n:04}")).collect()
    }

    fn problems(text: &str) -> Vec<String> {
        let problems = contacts("danh-ba.csv", text.as_bytes(), &known()).unwrap_err();
        problems.all().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_table_as_an_office_writes_it_is_read() {
        let text = "\u{feff}Danh bạ cán bộ;;;;\r\nMã;Họ và tên;E-mail;Điện thoại;Cách gửi\r\n\
                    CB0001;Vàng Mí Một;mot@dongvan.vn;0912 345 678;E-mail\r\nCB0002;Giàng Thị Hai;;0912345679;Zalo\r\n\
                    CB0003;;;;thư\r\nCB0004;;bon@dongvan.vn;;\r\n";
        let read = contacts("danh-ba.csv", text.as_bytes(), &known()).unwrap();
        let ways: Vec<_> = read.iter().map(|one| (one.row, one.contact.way, one.contact.address())).collect();
        assert_eq!(ways[0], (3, Channel::Email, Some("mot@dongvan.vn")));
        assert_eq!(ways[1], (4, Channel::Webhook, Some("+84912345679")));
        assert_eq!(ways[2], (5, Channel::Letter, None));
        assert_eq!(ways[3], (6, Channel::Email, Some("bon@dongvan.vn")));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_its_cell() {
        let text = "code,name,email,phone,way\nCB0001,A,not an address,,\nCB0002,B,,12345,\nCB0002,C,,,pigeon\n\
                    CB0003,D,,,email\nCB0003,E,,,\nCB0003,F,,,\nCB9999,G,,,\n,H,,,\nCB0005,=HYPERLINK(\"x\"),,,\n";
        let found = problems(text);
        let expected = [
            "row 2, column C (E-mail)",
            "row 3, column D (Điện thoại)",
            "row 4, column E (Cách gửi)",
            "row 5, column C (E-mail)",
            "row 7, column A (Mã)",
            "row 8, column A (Mã)",
            "row 9, column A (Mã)",
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (problem, place) in found.iter().zip(expected) {
            assert!(problem.contains(place), "{problem} / {place}");
        }
        assert!(problems("code,name\nCB0001,A\n").iter().all(|problem| problem.contains("is missing")));
        assert!(problems("code,name,email,phone,way\n")[0].contains("nothing below the headers"));
    }

    #[test]
    fn five_thousand_rows_are_read_and_a_file_of_nothing_but_mistakes_gives_a_bounded_list() {
        let rows = |email: &str| {
            let row = |n| format!("CB{n:04},Cán bộ {n},{email},,\n");
            format!("code,name,email,phone,way\n{}", (1..=5_000).map(row).collect::<String>())
        };
        assert_eq!(contacts("danh-ba.csv", rows("a@b.vn").as_bytes(), &known()).unwrap().len(), 5_000);
        let wrong = contacts("danh-ba.csv", rows("a@b").as_bytes(), &known()).unwrap_err();
        assert_eq!((wrong.all().len(), wrong.listed().len(), wrong.unlisted()), (1_000, 200, 4_800));
    }

    #[test]
    fn a_phone_number_that_a_spreadsheet_made_a_number_of_is_told_with_what_was_meant() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, header) in COLUMNS.iter().enumerate() {
            sheet.write_string(0, u16::try_from(column).unwrap(), header.name).unwrap();
        }
        sheet.write_string(1, 0, "CB0001").unwrap();
        sheet.write_number(1, 3, 912_345_678.0).unwrap();
        let problems =
            contacts("danh-ba.xlsx", &book.save_to_buffer().unwrap(), &known()).unwrap_err().to_string();
        assert!(problems.contains("column D") && problems.contains("0912345678"), "{problems}");
    }
}
