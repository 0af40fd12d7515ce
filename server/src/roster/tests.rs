//! Rosters as offices really send them.

use super::*;
use rust_xlsxwriter::{Format, Formula, Workbook};

pub(super) const WORKBOOK: &[u8] = include_bytes!("../../../data/dong-van-2018.xlsx");
const UNITS_CSV: &[u8] = include_bytes!("../../../data/units.csv");
const OFFICIALS_CSV: &[u8] = include_bytes!("../../../data/officials.csv");

pub(super) const UNITS: &str =
    "unit_code,name,kind,voters\n00712,Phó Bảng,dang_bo,30\nDB05,Chi bộ,chi_bo,4\n";
pub(super) const OFFICIALS: &str = "unit_code,ordinal,official_code,full_name,post\n00712,1,A1,Một,Bí thư\n\
                        00712,2,A2,Hai,Phó\nDB05,1,B1,Ba,Bí thư\n";

fn problems(units: &str, officials: &str) -> Vec<String> {
    match from_csv(units.as_bytes(), officials.as_bytes()) {
        Ok(roster) => panic!("accepted: {roster:?}"),
        Err(problems) => problems.all().iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
fn one(units: &str, officials: &str, place: &str, what: &str) {
    let found = problems(units, officials);
    assert!(found.iter().any(|p| p.starts_with(place) && p.contains(what)), "{place} {what}: {found:#?}");
}

#[test]
fn the_district_of_2018_reads_alike_from_workbook_and_csv() {
    let roster = from_workbook(WORKBOOK).unwrap();
    assert_eq!(roster, from_csv(UNITS_CSV, OFFICIALS_CSV).unwrap());
    assert_eq!(roster.units.len(), 69);
    assert_eq!(roster.units.iter().map(|unit| unit.officials.len()).sum::<usize>(), 442);
    let small = roster.units.iter().find(|unit| unit.code == "DB05").unwrap();
    assert_eq!(small.voters, 4);
}

#[test]
fn all_problems_are_reported_together_each_with_its_place() {
    let units =
        "unit_code,name,kind,voters\n00712,A,dang_bo,nhiều\n00712,B,dang_bo,5\nDB 1,C,chi_bo,0\nDB2,,tổ,3\n";
    let officials =
        "unit_code,ordinal,official_code,full_name,post\n00712,1,A1,X,Y\n00712,1,A1,Z,\n99999,x,A3,Z,W\n";
    let found = problems(units, officials);
    for (place, what) in [
        ("units.csv, row 2, column D (Số người ghi phiếu)", "\"nhiều\" is not a number of voters"),
        ("units.csv, row 3, column A (Mã đơn vị)", "in row 2 already"),
        ("units.csv, row 4, column A (Mã đơn vị)", "is not a code"),
        ("units.csv, row 4, column D", "\"0\" is not a number of voters"),
        ("units.csv, row 5, column B (Tên chi, đảng bộ)", "empty"),
        ("units.csv, row 5, column C (Loại)", "no kind"),
        ("units.csv, row 5", "DB2 has no officials"),
        ("officials.csv, row 3, column C (Mã)", "A1 is in row 2 already"),
        ("officials.csv, row 3, column B (TT)", "place 1 of this unit is in row 2 already"),
        ("officials.csv, row 3, column E (Chức vụ)", "empty"),
        ("officials.csv, row 4, column A (Mã đơn vị)", "99999 is not in the list"),
        ("officials.csv, row 4, column B (TT)", "\"x\" is no place"),
    ] {
        assert!(
            found.iter().any(|p| p.starts_with(place) && p.contains(what)),
            "{place}: {what}\n{found:#?}"
        );
    }
}

#[test]
fn a_missing_column_is_named_and_so_are_two_alike() {
    one("unit_code,name,kind\n", OFFICIALS, "units.csv", "\"Số người ghi phiếu\" is missing");
    one(UNITS, "unit_code,ordinal,full_name,post\n", "officials.csv", "\"Mã\" is missing");
    one(
        &UNITS.replace("unit_code,", "unit_code,Mã đơn vị,"),
        OFFICIALS,
        "units.csv, row 1, column B",
        "alike",
    );
}

#[test]
fn codes_whose_leading_zeros_a_spreadsheet_ate_are_found_in_csv() {
    one(&UNITS.replace("DB05", "715"), OFFICIALS, "units.csv, row 3", "enter 00715");
    one(UNITS, &OFFICIALS.replace("\n00712,2", "\n712,2"), "officials.csv, row 3", "enter 00712");
    one(&UNITS.replace("00712", "712"), OFFICIALS, "units.csv, row 2", "enter 00712");
    one(
        &UNITS.replace("DB05", "10715"),
        &OFFICIALS.replace("DB05", "715"),
        "officials.csv, row 4",
        "enter 00715",
    );
    let eaten = problems(&UNITS.replace("00712", "712"), OFFICIALS);
    assert_eq!(eaten.len(), 1, "the unit's officials are not reported as well: {eaten:#?}");
}

#[test]
fn units_that_are_simply_numbered_are_fine() {
    let units = "code,name,kind,voters\n9,A,chi_bo,3\n10,B,chi_bo,3\n";
    let officials = "unit_code,stt,code,name,post\n9,1,X.1,A,B\n10,1,X.2,A,B\n";
    let roster = from_csv(units.as_bytes(), officials.as_bytes()).unwrap();
    assert_eq!(roster.units.iter().map(|unit| unit.code.as_str()).collect::<Vec<_>>(), ["9", "10"]);
}

/// A workbook of two sheets: headers in a row, one unit, one official.
pub(super) struct Book {
    header_row: u32,
    extra: Vec<(usize, u32, u16, Typed)>,
}

/// What is typed over a cell.
#[derive(Clone)]
enum Typed {
    Text(&'static str),
    Number(f64),
    Date(f64),
    Failed,
}

impl Book {
    pub(super) fn plain() -> Self {
        Self { header_row: 0, extra: Vec::new() }
    }

    /// Types into a sheet (0 units, 1 officials), rows counted from the header.
    fn with(mut self, sheet: usize, row: u32, column: u16, typed: Typed) -> Self {
        self.extra.push((sheet, row, column, typed));
        self
    }

    fn write(&self, book: &mut Workbook, names: [&str; 2]) {
        let units = [
            vec!["Mã đơn vị", "Tên chi, đảng bộ", "Loại", "Số người ghi phiếu"],
            vec!["00712", "Phó Bảng", "Đảng bộ", "30"],
        ];
        let officials = [
            vec!["Mã đơn vị", "TT", "Mã", "Họ và tên", "Chức vụ"],
            vec!["00712", "1", "A1", "Một", "Bí thư"],
        ];
        for (i, (rows, name)) in [units, officials].iter().zip(names).enumerate() {
            let sheet = book.add_worksheet().set_name(name).unwrap();
            for (r, row) in (self.header_row..).zip(rows) {
                for (c, text) in (0..).zip(row) {
                    sheet.write(r, c, *text).unwrap();
                }
            }
            for (_, row, column, typed) in self.extra.iter().filter(|(of, ..)| *of == i) {
                let (row, column) = (self.header_row + row, *column);
                match typed {
                    Typed::Text(text) => sheet.write(row, column, *text).unwrap(),
                    Typed::Number(number) => sheet.write(row, column, *number).unwrap(),
                    Typed::Date(number) => {
                        let format = Format::new().set_num_format("dd/mm/yyyy");
                        sheet.write_with_format(row, column, *number, &format).unwrap()
                    }
                    Typed::Failed => {
                        sheet.write_formula(row, column, Formula::new("=1/0").set_result("#DIV/0!")).unwrap()
                    }
                };
            }
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut book = Workbook::new();
        self.write(&mut book, ["Đơn vị", "Người"]);
        book.save_to_buffer().unwrap()
    }

    #[track_caller]
    fn fails(&self, place: &str, what: &str) {
        let error = from_workbook(&self.bytes()).unwrap_err();
        let found: Vec<String> = error.all().iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|p| p.starts_with(place) && p.contains(what)), "{place} {what}: {found:#?}");
    }
}

#[test]
fn a_workbook_says_in_which_cell_what_is_wrong() {
    use Typed::{Date, Failed, Number, Text};
    assert_eq!(from_workbook(&Book::plain().bytes()).unwrap().units[0].voters, 30);
    let unit = |column, typed| Book::plain().with(0, 1, column, typed);
    unit(0, Number(712.0))
        .fails("Đơn vị, row 2, column A (Mã đơn vị)", "the number 712, which eats leading zeros");
    unit(0, Number(712.0)).fails("Đơn vị, row 2, column A", "enter 00712");
    unit(0, Number(71.5)).fails("Đơn vị, row 2, column A", "enter it again");
    unit(3, Number(30.5))
        .fails("Đơn vị, row 2, column D (Số người ghi phiếu)", "\"30.5\" is not a number of voters");
    for wrong in [-1.0, 0.0, 5001.0, 1e300, f64::MIN_POSITIVE] {
        unit(3, Number(wrong)).fails("Đơn vị, row 2, column D", "whole number from 1 to 5000");
    }
    for wrong in ["+5", "1.000", "5 người", "５", "0x5"] {
        unit(3, Text(wrong)).fails("Đơn vị, row 2, column D", "not a number of voters");
    }
    unit(3, Date(30.0)).fails("Đơn vị, row 2, column D", "error or a date");
    unit(1, Failed).fails("Đơn vị, row 2, column B", "error or a date");
    unit(2, Text("Tổ dân phố")).fails("Đơn vị, row 2, column C (Loại)", "enter \"Chi bộ\" or \"Đảng bộ\"");
    let official = |column, typed| Book::plain().with(1, 1, column, typed);
    official(2, Number(7.0)).fails("Người, row 2, column C (Mã)", "enter 7");
    official(0, Text("DB09")).fails("Người, row 2, column A", "DB09 is not in the list of units");
    official(0, Text("DB09")).fails("Đơn vị, row 2: ", "00712 has no officials");
    official(4, Text("\t ")).fails("Người, row 2, column E (Chức vụ)", "empty");
    let second = Book::plain().with(1, 2, 0, Text("00712")).with(1, 2, 1, Number(1.0));
    second.fails("Người, row 3, column B (TT)", "place 1 of this unit is in row 2 already");
}

#[test]
fn a_title_above_the_headers_and_gaps_between_rows_keep_the_row_numbers_of_the_spreadsheet() {
    use Typed::{Number, Text};
    let book = Book { header_row: 4, extra: vec![(0, 7, 0, Text("DB1")), (0, 7, 3, Number(0.0))] };
    let mut titled = Workbook::new();
    book.write(&mut titled, ["A", "B"]);
    titled.worksheet_from_index(0).unwrap().write(0, 0, "DANH SÁCH CHI, ĐẢNG BỘ").unwrap();
    let error = from_workbook(&titled.save_to_buffer().unwrap()).unwrap_err();
    assert_eq!(error.all()[0].row, Some(12), "{error}");
    assert!(error.to_string().contains("A, row 12, column D"), "{error}");
}

#[test]
fn sheets_are_known_by_their_headers_and_two_alike_are_a_question() {
    let sheet =
        |what| move |p: &Problem| matches!(&p.kind, ProblemKind::MissingSheet { what: w, .. } if *w == what);
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "Ghi chú").unwrap();
    let error = from_workbook(&book.save_to_buffer().unwrap()).unwrap_err();
    assert!(error.all().iter().any(sheet("units")) && error.all().iter().any(sheet("officials")), "{error}");
    Book::plain().write(&mut book, ["x", "y"]);
    assert!(from_workbook(&book.save_to_buffer().unwrap()).is_ok(), "a note beside them does no harm");
    Book::plain().write(&mut book, ["Đơn vị 2017", "Người 2017"]);
    let error = from_workbook(&book.save_to_buffer().unwrap()).unwrap_err();
    assert!(
        error.to_string().contains("Đơn vị 2017: this looks like a sheet of units, and so does x"),
        "{error}"
    );
    let mut book = Workbook::new();
    book.add_worksheet().write_row(0, 0, ["code", "name", "kind", "voters"]).unwrap();
    let error = from_workbook(&book.save_to_buffer().unwrap()).unwrap_err();
    assert_eq!(error.all().len(), 1, "{error}");
    assert!(error.all().iter().any(sheet("officials")), "{error}");
}

#[test]
fn how_people_really_type_is_accepted() {
    let plain = from_csv(UNITS.as_bytes(), OFFICIALS.as_bytes()).unwrap();
    let blanks = UNITS.replace("Phó Bảng", "  Phó   Bảng ").replace("DB05", "DB05 ") + "\n,,,\n   \n";
    assert_eq!(from_csv(blanks.as_bytes(), OFFICIALS.as_bytes()).unwrap(), plain, "blanks and empty rows");
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(UNITS).collect();
    assert_ne!(decomposed, UNITS);
    assert_eq!(from_csv(decomposed.as_bytes(), OFFICIALS.as_bytes()).unwrap(), plain, "decomposed accents");
    let semicolons = format!("\u{feff}{}", UNITS.replace(',', ";"));
    assert_eq!(from_csv(semicolons.as_bytes(), OFFICIALS.as_bytes()).unwrap(), plain, "as Excel writes it");
    let quoted = OFFICIALS.replace("A1,Một,Bí thư", "A1,Một,\"Bí thư, Chủ tịch\"").replace('\n', "\r\n");
    let roster = from_csv(UNITS.as_bytes(), quoted.as_bytes()).unwrap();
    assert_eq!(roster.units[0].officials[0].post, "Bí thư, Chủ tịch");
    let shuffled = "unit_code,ordinal,official_code,full_name,post\n00712,2,A2,Hai,Phó\nDB05,1,B1,Ba,Bí thư\n\
                    00712,1,A1,Một,Bí thư\n";
    assert_eq!(
        from_csv(UNITS.as_bytes(), shuffled.as_bytes()).unwrap(),
        plain,
        "ordered by place on the ballot"
    );
}

#[test]
fn rows_of_csv_are_numbered_as_a_spreadsheet_shows_them() {
    let bad = "DB06,A,tổ,3\n";
    one(&format!("{UNITS}\n\n{bad}"), OFFICIALS, "units.csv, row 6, column C", "no kind");
    let spanning = UNITS.replace("Phó Bảng", "\"Phó\nBảng\"") + bad;
    one(&spanning, OFFICIALS, "units.csv, row 4, column C", "no kind");
    one(&spanning.replace('\n', "\r\n"), OFFICIALS, "units.csv, row 4, column C", "no kind");
    one(
        &format!("\n,,\n{UNITS}{bad}").replace('\n', "\r"),
        OFFICIALS,
        "units.csv, row 6, column C",
        "no kind",
    );
    let titled = format!("Danh sách; chi bộ; đảng bộ; 2018\n{}", UNITS.replace(',', "\t"));
    assert!(from_csv(titled.as_bytes(), OFFICIALS.as_bytes()).is_ok(), "the headers tell the delimiter");
}

#[test]
fn a_column_that_is_missing_hides_nothing_in_the_other_file() {
    let found = problems("unit_code,name,kind\n", &OFFICIALS.replace("A2", "A1"));
    assert!(found.iter().any(|p| p.contains("is missing")), "{found:#?}");
    assert!(found.iter().any(|p| p.contains("A1 is in row 2 already")), "{found:#?}");
    assert!(!found.iter().any(|p| p.contains("not in the list of units")), "{found:#?}");
    let found = problems(&UNITS.replace("30", "0"), "unit_code,ordinal\n");
    assert!(found.iter().any(|p| p.starts_with("units.csv, row 2, column D")), "{found:#?}");
    assert!(!found.iter().any(|p| p.contains("no officials")), "{found:#?}");
}

#[test]
fn codes_that_differ_only_in_case_are_one_code() {
    one(&format!("{UNITS}db05,B,chi_bo,5\n"), OFFICIALS, "units.csv, row 4, column A", "row 3 already");
    one(UNITS, &OFFICIALS.replace("A2", "a1"), "officials.csv, row 3, column C", "row 2 already");
}

#[test]
fn every_repetition_is_told_where_the_first_stood() {
    let found = problems(UNITS, &OFFICIALS.replace("A2", "A1").replace("B1", "A1"));
    assert_eq!(found.iter().filter(|p| p.contains("A1 is in row 2 already")).count(), 2, "{found:#?}");
}

#[test]
fn problems_come_in_the_order_of_the_rows() {
    let units = format!("{UNITS}DB7,,chi_bo,5\n");
    let error = from_csv(units.as_bytes(), OFFICIALS.replace("DB05", "00712").as_bytes()).unwrap_err();
    let rows: Vec<_> = error.all().iter().map(|p| (p.sheet.as_str(), p.row)).collect();
    assert_eq!(
        rows,
        [("units.csv", Some(3)), ("units.csv", Some(4)), ("units.csv", Some(4)), ("officials.csv", Some(4)),]
    );
}

#[test]
fn a_roster_beyond_the_bounds_of_a_round_is_refused() {
    let units: String = (0..1001).map(|i| format!("U{i},A,chi_bo,5\n")).collect();
    one(&format!("unit_code,name,kind,voters\n{units}"), OFFICIALS, "units.csv: ", "more than 1000 units");
    let officials: String = (0..101).map(|i| format!("DB05,{},C{i},A,B\n", i + 2)).collect();
    one(
        UNITS,
        &format!("{OFFICIALS}{officials}"),
        "units.csv, row 3: ",
        "more than 100 officials in one unit",
    );
    one(&UNITS.replace(",4\n", ",5001\n"), OFFICIALS, "units.csv, row 3, column D", "from 1 to 5000");
    one("unit_code,name,kind,voters\n", OFFICIALS, "units.csv: ", "nothing below the headers");
}

#[test]
fn invisible_characters_are_refused_and_so_are_names_that_fit_no_format() {
    for hidden in ['\0', '\u{1b}', '\u{ad}', '\u{200b}', '\u{202e}', '\u{3164}', '\u{fffd}', '\u{e0041}'] {
        let units = UNITS.replace("Phó Bảng", &format!("Phó{hidden}Bảng"));
        one(&units, OFFICIALS, "units.csv, row 2, column B", "invisible");
    }
    for (name, fits) in [("ế".repeat(200), true), ("ế".repeat(201), false), ("😀".repeat(151), false)] {
        let officials = OFFICIALS.replace("Ba,", &format!("{name},"));
        if fits {
            let roster = from_csv(UNITS.as_bytes(), officials.as_bytes()).unwrap();
            assert!(roster.units[1].officials[0].name.len() <= sync_core::package::TEXT_MAX);
        } else {
            one(UNITS, &officials, "officials.csv, row 4, column D", "too long");
        }
    }
    one(
        UNITS,
        &OFFICIALS.replace("Ba,", &format!("{},", "x".repeat(5_000))),
        "officials.csv, row 4, column D",
        "too long",
    );
}
