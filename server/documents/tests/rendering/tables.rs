//! The year as workbook and as CSV.

use crate::samples::year;
use calamine::{Data, Reader, Xlsx};
use homphieu_documents::*;
use std::io::Cursor;

fn csv(year: &Year) -> Vec<csv::StringRecord> {
    let bytes = year_csv(year, Language::Vietnamese).expect("a table");
    let text = String::from_utf8(bytes).expect("text");
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark").to_owned();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a row")).collect()
}

fn sheet(year: &Year, place: usize) -> calamine::Range<Data> {
    let bytes = year_xlsx(year, Language::Vietnamese).expect("a workbook");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    book.worksheet_range_at(place).expect("a sheet").expect("its cells")
}

#[test]
fn the_same_figures_are_the_same_bytes_and_others_are_others() {
    let mut other = year();
    other.units[0].rounds[0].as_mut().unwrap().valid += 1;
    for language in Language::ALL {
        assert_eq!(year_csv(&year(), language), year_csv(&year(), language));
        assert_eq!(year_xlsx(&year(), language).unwrap(), year_xlsx(&year(), language).unwrap());
        assert_ne!(year_csv(&year(), language), year_csv(&other, language));
        assert_ne!(year_xlsx(&year(), language).unwrap(), year_xlsx(&other, language).unwrap());
    }
}

#[test]
fn every_row_has_a_cell_for_every_head_and_every_percentage_its_base() {
    let rows = csv(&year());
    let heads: Vec<&str> = rows[0].iter().collect();
    assert!(rows.iter().all(|row| row.len() == heads.len()));
    for (place, _) in heads.iter().enumerate().filter(|(_, head)| head.ends_with("(%)")) {
        let round = heads[place].split(" – ").next().unwrap();
        let base = heads.iter().position(|head| *head == format!("{round} – Mẫu số")).unwrap();
        for row in rows[1..].iter().filter(|row| !row[place].is_empty()) {
            assert!(!row[base].is_empty(), "{row:?}");
        }
    }
    let sheet = sheet(&year(), 0);
    assert_eq!(sheet.width(), heads.len());
    for (row, line) in rows.iter().zip(sheet.rows()) {
        for (text, cell) in row.iter().zip(line) {
            match cell {
                Data::Float(number) => assert_eq!(text.parse::<f64>().unwrap(), *number),
                Data::String(value) => assert_eq!(text, value),
                Data::Empty => assert!(text.is_empty()),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn no_text_becomes_a_formula_in_either() {
    for text in ["=HYPERLINK(\"http://x\",\"y\")", "+1", "-1", "@x", "\t=1", "=1+1", "'=1"] {
        let mut figures = year();
        figures.units[0].unit.name = text.into();
        figures.units[0].officials[0].official.name = text.into();
        figures.rounds[0].title = text.into();
        for row in &csv(&figures)[1..] {
            assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])), "{row:?}");
        }
        let cell = sheet(&figures, 0).get((1, 3)).cloned();
        assert_eq!(cell, Some(Data::String(text.into())), "a string, as it was written");
        let bytes = year_xlsx(&figures, Language::English).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        for place in 0..3 {
            let name = book.sheet_names()[place].clone();
            assert!(book.worksheet_formula(&name).unwrap().is_empty(), "{name}");
        }
    }
    assert_eq!(defused("=1"), "'=1");
    assert_eq!(defused("Vàng Mí Một"), "Vàng Mí Một");
}

#[test]
fn what_is_hidden_or_missing_is_empty_and_a_base_of_nothing_is_a_dash() {
    let mut figures = year();
    let rows = csv(&figures);
    let small = rows.iter().find(|row| &row[0] == "DB07").unwrap();
    assert!(small.iter().skip(5).take(13).all(str::is_empty), "it was not in the first round: {small:?}");
    assert!(small.iter().any(|cell| cell == "quá ít phiếu"));
    let after = small.iter().position(|cell| cell == "quá ít phiếu").unwrap() + 1;
    assert!(small.iter().skip(after).all(str::is_empty), "nothing by level: {small:?}");
    figures.units[0].officials[0].rounds[1].as_mut().unwrap().levels[0] = Share { count: 0, percent: None };
    assert!(csv(&figures)[1].iter().any(|cell| cell == "–"));
}

#[test]
fn a_sheet_says_days_as_days_counts_as_counts_and_keeps_whom_a_row_is_about_in_sight() {
    let figures = year();
    let rounds = sheet(&figures, 2);
    for (line, round) in (1..).zip(&figures.rounds) {
        let Some(Data::DateTime(day)) = rounds.get((line, 2)) else { panic!("{:?}", rounds.get((line, 2))) };
        let (year, month, date, ..) = day.to_ymd_hms_milli();
        assert_eq!(
            format!("{year:04}-{month:02}-{date:02}"),
            round.published_on,
            "a day, however it is shown"
        );
        assert!(matches!(rounds.get((line, 0)), Some(Data::Float(_))), "{:?}", rounds.get((line, 0)));
        assert!(matches!(rounds.get((line, 5)), Some(Data::String(digest)) if *digest == round.proof.1.text));
    }
    let officials = sheet(&figures, 0);
    for row in officials.rows().skip(1) {
        assert!(
            row[..5].iter().all(|cell| matches!(cell, Data::String(_))),
            "codes keep their zeros: {row:?}"
        );
    }
    let bytes = year_xlsx(&figures, Language::Vietnamese).expect("a workbook");
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook");
    let mut part = |name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut parts.by_name(name).expect("a part"), &mut text).expect("XML");
        text
    };
    let shown = part("xl/worksheets/sheet1.xml");
    assert!(shown.contains("xSplit=\"4\" ySplit=\"1\"") && shown.contains("<autoFilter"), "{shown:.900}");
    assert!(part("xl/styles.xml").contains("dd/mm/yyyy"));
}
