//! Rosters as offices really send them.

use super::*;
use rust_xlsxwriter::Workbook;

const WORKBOOK: &[u8] = include_bytes!("../../../data/dong-van-2018.xlsx");
const UNITS_CSV: &[u8] = include_bytes!("../../../data/units.csv");
const OFFICIALS_CSV: &[u8] = include_bytes!("../../../data/officials.csv");

const UNITS: &str = "unit_code,name,kind,voters\n00712,Phó Bảng,dang_bo,30\nDB05,Chi bộ,chi_bo,4\n";
const OFFICIALS: &str = "unit_code,ordinal,official_code,full_name,post\n00712,1,A1,Một,Bí thư\n00712,2,A2,Hai,Phó\nDB05,1,B1,Ba,Bí thư\n";

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
        ("units.csv, row 5, column C (Loại)", "neither"),
        ("units.csv, row 5", "DB2 has no officials"),
        ("officials.csv, row 3, column C (Mã)", "A1 is in row 2 already"),
        ("officials.csv, row 3, column B (TT)", "no place on the ballot"),
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
fn codes_whose_leading_zeros_a_spreadsheet_ate_are_found_in_both_forms() {
    one(&UNITS.replace("DB05", "715"), OFFICIALS, "units.csv, row 3", "enter 00715");
    one(UNITS, &OFFICIALS.replace("\n00712,2", "\n712,2"), "officials.csv, row 3", "enter 00712");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Đơn vị").unwrap();
    for (i, header) in ["Mã đơn vị", "Tên chi, đảng bộ", "Loại", "Số người ghi phiếu"].into_iter().enumerate()
    {
        sheet.write(0, u16::try_from(i).unwrap(), header).unwrap();
    }
    sheet.write(1, 0, 712).unwrap();
    sheet.write(1, 1, "Phó Bảng").unwrap();
    sheet.write(1, 2, "Đảng bộ").unwrap();
    sheet.write(1, 3, 30).unwrap();
    let sheet = book.add_worksheet().set_name("Người").unwrap();
    for (i, header) in ["Mã đơn vị", "TT", "Mã", "Họ và tên", "Chức vụ"].into_iter().enumerate()
    {
        sheet.write(0, u16::try_from(i).unwrap(), header).unwrap();
    }
    let error = from_workbook(&book.save_to_buffer().unwrap()).unwrap_err();
    assert!(error.to_string().contains("Đơn vị, row 2, column A (Mã đơn vị)"), "{error}");
    assert!(error.to_string().contains("enter 00712"), "{error}");
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
fn invisible_characters_and_endless_names_are_refused() {
    one(&UNITS.replace("Phó Bảng", "Phó\u{202e}Bảng"), OFFICIALS, "units.csv, row 2, column B", "invisible");
    one(&UNITS.replace("Phó Bảng", "Phó\u{0}Bảng"), OFFICIALS, "units.csv, row 2, column B", "invisible");
    one(UNITS, &OFFICIALS.replace("Ba,", &format!("{},", "B".repeat(201))), "officials.csv, row 4", "longer");
}

#[test]
fn what_is_no_roster_is_refused_whatever_its_size() {
    let code = |bytes: &[u8]| from_workbook(bytes).unwrap_err().all()[0].kind.clone();
    assert_eq!(code(b""), ProblemKind::NotAWorkbook);
    assert_eq!(code(b"PK\x03\x04junk"), ProblemKind::NotAWorkbook);
    assert_eq!(code(&vec![b'x'; 100 << 20]), ProblemKind::TooLarge);
    assert_eq!(code(&WORKBOOK[..WORKBOOK.len() / 2]), ProblemKind::NotAWorkbook);
    let csv = |bytes: &[u8]| from_csv(bytes, bytes).unwrap_err().all()[0].kind.clone();
    assert_eq!(csv(&vec![b'x'; 100 << 20]), ProblemKind::TooLarge);
    assert_eq!(csv(b"\xff\xfe"), ProblemKind::NotUtf8);
    assert!(from_csv(b"", b"").is_err());
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "hello").unwrap();
    let kind = code(&book.save_to_buffer().unwrap());
    assert!(matches!(kind, ProblemKind::MissingSheet { .. }), "{kind:?}");
}

#[test]
fn a_small_file_that_unpacks_to_gigabytes_is_refused_in_bounded_memory() {
    use std::io::Write;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/sharedStrings.xml", options).unwrap();
    let block = vec![b' '; 1 << 20];
    for _ in 0..65 {
        archive.write_all(&block).unwrap();
    }
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20);
    assert_eq!(from_workbook(&bomb).unwrap_err().all()[0].kind, ProblemKind::TooLarge);
}

#[test]
fn a_cell_in_the_last_corner_of_a_sheet_costs_no_memory() {
    let mut book = Workbook::new();
    book.add_worksheet().write(1_048_575, 16_383, "x").unwrap();
    assert!(from_workbook(&book.save_to_buffer().unwrap()).is_err());
}

#[test]
fn a_damaged_workbook_never_panics_and_never_reads_as_another_roster_in_silence() {
    let good = from_workbook(WORKBOOK).unwrap();
    // Every byte of a ZIP entry is under a checksum, so what still reads must read the same.
    for at in (0..WORKBOOK.len()).step_by(97) {
        let mut bad = WORKBOOK.to_vec();
        bad[at] ^= 0x10;
        if let Ok(roster) = from_workbook(&bad) {
            assert_eq!(roster, good, "byte {at}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_csv_panics(units in ".{0,300}", officials in "([^,\n]{0,8}[,;\n]){0,60}") {
        drop(from_csv(units.as_bytes(), officials.as_bytes()));
        drop(from_csv(UNITS.as_bytes(), officials.as_bytes()));
        drop(from_workbook(units.as_bytes()));
    }
}
