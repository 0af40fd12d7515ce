//! Bytes that no office sends: files built to exhaust, to mislead or to break what reads them.

use super::tests::{Book, OFFICIALS, UNITS, WORKBOOK};
use super::*;
use std::io::{Cursor, Read, Write};

fn kind(bytes: &[u8]) -> ProblemKind {
    from_workbook(bytes).unwrap_err().all()[0].kind.clone()
}

/// A ZIP file of these parts.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in parts {
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The parts of a workbook.
fn parts(workbook: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let count = archive.len();
    let part = |i| {
        let mut part = archive.by_index(i).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        (part.name().unwrap().into_owned(), content)
    };
    (0..count).map(part).collect()
}

/// These parts, with some put in place of their own, or added.
fn changed(own: &[(String, Vec<u8>)], changes: &[(&str, &[u8])]) -> Vec<u8> {
    let kept = own.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    let mut all: Vec<(&str, &[u8])> =
        kept.map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    all.extend(changes);
    archive(&all)
}

/// The district's workbook with changed parts.
fn workbook_with(changes: &[(&str, &[u8])]) -> Vec<u8> {
    changed(&parts(WORKBOOK), changes)
}

/// A sheet of these rows, as XML.
fn sheet(rows: &str) -> Vec<u8> {
    let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    format!("<worksheet xmlns=\"{space}\"><sheetData>{rows}</sheetData></worksheet>").into_bytes()
}

#[test]
fn what_is_no_roster_is_refused_whatever_its_size() {
    assert_eq!(kind(b""), ProblemKind::NotAWorkbook);
    assert_eq!(kind(b"PK\x03\x04junk"), ProblemKind::NotAWorkbook);
    assert_eq!(kind(&vec![b'x'; 100 << 20]), ProblemKind::TooLarge);
    assert_eq!(kind(&WORKBOOK[..WORKBOOK.len() / 2]), ProblemKind::NotAWorkbook);
    assert_eq!(kind(UNITS.as_bytes()), ProblemKind::NotAWorkbook);
    assert_eq!(kind(&archive(&[])), ProblemKind::NotAWorkbook);
    assert_eq!(kind(&archive(&[("notes.txt", b"hello")])), ProblemKind::NotAWorkbook);
    assert_eq!(kind(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."), ProblemKind::OldWorkbook);
    let csv = |bytes: &[u8]| from_csv(bytes, bytes).unwrap_err().all()[0].kind.clone();
    assert_eq!(csv(&vec![b'x'; 100 << 20]), ProblemKind::TooLarge);
    assert_eq!(csv(&vec![b'\n'; 16 << 20]), ProblemKind::MissingColumn { name: "Mã đơn vị" });
    assert_eq!(csv("x\n".repeat(120_000).as_bytes()), ProblemKind::TooLarge);
    assert_eq!(csv(b"\xff\xfem\0\xe3\0"), ProblemKind::NotUtf8);
    assert_eq!(csv(WORKBOOK), ProblemKind::NotUtf8);
    assert!(from_csv(b"", b"").is_err());
    assert!(from_csv(OFFICIALS.as_bytes(), UNITS.as_bytes()).is_err(), "the two files swapped");
}

#[test]
fn a_small_file_that_unpacks_to_more_than_any_roster_is_refused() {
    let bomb = archive(&[("xl/media/image1.png", &vec![0; 65 << 20])]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(kind(&bomb), ProblemKind::TooLarge);
    let many: Vec<String> = (0..1_001).map(|i| format!("xl/{i}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(kind(&archive(&many)), ProblemKind::TooLarge);
    let formats = "<xf/>".repeat(500_000);
    assert_eq!(kind(&workbook_with(&[("xl/styles.xml", formats.as_bytes())])), ProblemKind::TooLarge);
}

#[test]
fn a_count_that_no_memory_holds_is_refused_before_it_is_believed() {
    let with = |head: &str| {
        let strings = format!("<?xml version=\"1.0\"?>{head}<si><t>x</t></si></sst>");
        from_workbook(&workbook_with(&[("xl/sharedStrings.xml", strings.as_bytes())]))
    };
    assert!(with("<sst uniqueCount=\"1\">").is_ok());
    for head in [
        "<sst uniqueCount=\"99999999999999\">",
        "<sst count='1' uniqueCount = '00000000000099999999999'>",
        "<!-- <sst uniqueCount=\"1\"> --><sst uniqueCount=\"999999999999\">",
        "<sst uniqueCount=\"18446744073709551615\">",
    ] {
        assert_eq!(with(head).unwrap_err().all()[0].kind, ProblemKind::TooLarge, "{head}");
    }
    let wide: Vec<u8> =
        "<sst uniqueCount=\"99999999999999\">".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [b"\xff\xfe".as_slice(), &wide].concat();
    assert_eq!(kind(&workbook_with(&[("xl/SharedStrings.xml", &wide)])), ProblemKind::NotAWorkbook);
}

#[test]
fn one_long_string_in_every_cell_is_not_copied_for_each() {
    let strings = format!("<sst uniqueCount=\"1\"><si><t>{}</t></si></sst>", "x".repeat(1 << 20));
    let rows: String =
        (1..=50_000).map(|r| format!("<row r=\"{r}\"><c r=\"A{r}\" t=\"s\"><v>0</v></c></row>")).collect();
    let book = workbook_with(&[
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", &sheet(&rows)),
    ]);
    // 50 GB if every cell held it.
    assert!(matches!(kind(&book), ProblemKind::MissingSheet { .. }));
    let strings = strings.replace(&"x".repeat(1 << 20), &"x".repeat(4_000));
    let book = workbook_with(&[
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", &sheet(&rows)),
    ]);
    assert_eq!(kind(&book), ProblemKind::TooLarge);
}

#[test]
fn cells_far_to_the_right_or_below_cost_no_memory() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write(1_048_575, 16_383, "x").unwrap();
    assert!(matches!(kind(&book.save_to_buffer().unwrap()), ProblemKind::MissingSheet { .. }));
    let rows: String =
        (1..=30_000).map(|r| format!("<row r=\"{r}\"><c r=\"BL{r}\"><v>1</v></c></row>")).collect();
    let book = workbook_with(&[("xl/worksheets/sheet1.xml", &sheet(&rows))]);
    assert_eq!(kind(&book), ProblemKind::TooLarge, "30,000 rows of 64 cells each");
    for place in ["A0", "A4294967295", "A99999999999", "ZZZZZZZZ1", "1A", "", "é1"] {
        let row = format!("<row r=\"1\"><c r=\"{place}\"><v>1</v></c></row>");
        assert!(
            from_workbook(&workbook_with(&[("xl/worksheets/sheet1.xml", &sheet(&row))])).is_err(),
            "{place}"
        );
    }
}

#[test]
fn a_damaged_workbook_never_reads_as_another_roster_in_silence() {
    let good = from_workbook(WORKBOOK).unwrap();
    // Every byte of a part is under a checksum, so what still reads must read the same.
    for at in (0..WORKBOOK.len()).step_by(97) {
        let mut bad = WORKBOOK.to_vec();
        bad[at] ^= 0x10;
        if let Ok(roster) = from_workbook(&bad) {
            assert_eq!(roster, good, "byte {at}");
        }
    }
}

#[test]
fn no_change_inside_a_workbook_panics() {
    // Under a right checksum, so that the reader of the XML meets the changed bytes.
    let own = parts(&Book::plain().bytes());
    let is_read = |name: &str| !name.contains("theme") && !name.contains("docProps");
    let mut refused = 0;
    for (name, content) in own.iter().filter(|(name, _)| is_read(name)) {
        let step = content.len() / 100 + 1;
        for at in (0..content.len()).step_by(step) {
            for change in [0x00, b'<', b'"', b'9', 0xff] {
                let mut bad = content.clone();
                bad[at] = change;
                refused += u32::from(from_workbook(&changed(&own, &[(name, &bad)])).is_err());
            }
            refused += u32::from(from_workbook(&changed(&own, &[(name, &content[..at])])).is_err());
        }
    }
    assert!(refused > 1_000, "most changes are noticed: {refused}");
}

#[test]
fn what_a_message_shows_of_a_file_is_short_and_harmless() {
    let long = "\u{1b}[2J".repeat(500);
    let units = format!("{UNITS}{long},A,{long},{long}\n");
    let error = from_csv(units.as_bytes(), OFFICIALS.as_bytes()).unwrap_err().to_string();
    assert!(!error.contains('\u{1b}') && error.len() < 1_000, "{error:?}");
    let rows = "x,A,tổ,0\n".repeat(3_000);
    let error = from_csv(format!("{UNITS}{rows}").as_bytes(), OFFICIALS.as_bytes()).unwrap_err();
    assert_eq!(error.all().len(), 1_000);
    let text = error.to_string();
    assert_eq!(text.lines().count(), 201);
    assert!(text.ends_with("… and 8800 more problems\n"), "{}", text.lines().last().unwrap());
}

proptest::proptest! {
    #[test]
    fn no_csv_panics(units in ".{0,300}", officials in "([^,\n]{0,8}[,;\n\"]){0,60}") {
        drop(from_csv(units.as_bytes(), officials.as_bytes()));
        drop(from_csv(UNITS.as_bytes(), officials.as_bytes()));
        let below = format!("{OFFICIALS}{officials}");
        drop(from_csv(UNITS.as_bytes(), below.as_bytes()));
        drop(from_workbook(units.as_bytes()));
    }
}
