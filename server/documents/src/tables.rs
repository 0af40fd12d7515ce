//! The year-end figures as a workbook (XLSX) and as CSV, for whoever goes on reckoning with them.
//!
//! The same figures give the same bytes. Text of people is text in every cell: in a workbook it is written as a string
//! and marked so that editing it makes no formula of it either; in CSV, which knows no types, what a spreadsheet would
//! take for a formula gets an apostrophe before it.

use crate::data::{LIST_MAX, VALUES_MAX};
use crate::model::{Base, Level, Share, Year, YearBallots, YearMarks};
use crate::world::word;
use crate::{DocumentError, Language};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

/// One cell.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Text(String),
    Count(u64),
    /// Two decimals and a point, as published; nothing for a base of 0.
    Percent(Option<String>),
    /// As `2026-11-27`.
    Day(String),
    Empty,
}

/// A table: its heads, then its rows.
struct Table {
    heads: Vec<String>,
    /// Widths of the first columns in characters; all others are [`WIDTH`].
    widths: &'static [f64],
    /// Columns that stay where one reads to the right: whom a row is about.
    kept: u16,
    rows: Vec<Vec<Cell>>,
}

/// Width of a column of figures.
const WIDTH: f64 = 13.0;

/// Text that no spreadsheet takes for a formula, for files that know no types.
pub fn defused(text: &str) -> String {
    let starts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.starts_with(starts) { format!("'{text}") } else { text.to_owned() }
}

/// A line per official, with every round's ballots of the unit and marks of the official: UTF-8 with a byte order mark,
/// so that spreadsheets read the accents, RFC 4180 quoting.
///
/// # Errors
/// [`DocumentError`] if there is more than a file holds.
pub fn year_csv(year: &Year, language: Language) -> Result<Vec<u8>, DocumentError> {
    check(year)?;
    let table = officials(year, language);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let heads = table.heads.iter().map(|head| defused(head));
    writer.write_record(heads).expect("writing to memory cannot fail");
    for row in &table.rows {
        writer.write_record(row.iter().map(plain)).expect("writing to memory cannot fail");
    }
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend(writer.into_inner().expect("writing to memory cannot fail"));
    Ok(bytes)
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => defused(text),
        Cell::Count(count) => count.to_string(),
        Cell::Percent(percent) => percent.clone().unwrap_or_else(|| "–".to_owned()),
        Cell::Day(day) => day.clone(),
        Cell::Empty => String::new(),
    }
}

/// A workbook with three sheets: officials, units, and what the rounds are.
///
/// # Errors
/// [`DocumentError`] if there is more than a file holds.
pub fn year_xlsx(year: &Year, language: Language) -> Result<Vec<u8>, DocumentError> {
    check(year)?;
    workbook(year, language)
        .map_err(|error| DocumentError::NotSet { document: "year", why: error.to_string() })
}

fn workbook(year: &Year, language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let title = word("year-title", language).replace("{year}", &year.year.to_string());
    // A date of now would make every export another file.
    let made = ExcelDateTime::from_ymd(year.year.clamp(1900, 9999), 12, 31)?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&made));
    let sheets = [
        ("sheet-officials", officials(year, language)),
        ("sheet-units", units(year, language)),
        ("sheet-rounds", rounds(year, language)),
    ];
    for (name, table) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(word(name, language))?;
        write(sheet, &table, language)?;
    }
    workbook.save_to_buffer()
}

fn write(sheet: &mut Worksheet, table: &Table, language: Language) -> Result<(), XlsxError> {
    let cells = Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top).set_text_wrap();
    let head = cells.clone().set_bold().set_align(FormatAlign::Center);
    let text = cells.clone().set_num_format("@").set_quote_prefix();
    let percent = cells.clone().set_num_format("0.00");
    let day = cells.clone().set_align(FormatAlign::Left).set_num_format(match language {
        Language::Vietnamese => "dd/mm/yyyy",
        Language::English => "d mmmm yyyy",
    });
    for (column, name) in (0..).zip(&table.heads) {
        sheet.write_string_with_format(0, column, name, &head)?;
        sheet.set_column_width(column, table.widths.get(usize::from(column)).copied().unwrap_or(WIDTH))?;
    }
    for (line, row) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(value) => sheet.write_string_with_format(line, column, value, &text)?,
                #[expect(clippy::cast_precision_loss, reason = "counts of ballots are far below 2^53")]
                Cell::Count(count) => sheet.write_number_with_format(line, column, *count as f64, &cells)?,
                Cell::Percent(share) => match share.as_ref().and_then(|share| share.parse::<f64>().ok()) {
                    Some(share) => sheet.write_number_with_format(line, column, share, &percent)?,
                    None => sheet.write_string_with_format(line, column, "–", &text)?,
                },
                Cell::Day(value) => match ExcelDateTime::parse_from_str(value) {
                    Ok(moment) => sheet.write_datetime_with_format(line, column, &moment, &day)?,
                    Err(_) => sheet.write_string_with_format(line, column, value, &text)?,
                },
                Cell::Empty => sheet.write_blank(line, column, &cells)?,
            };
        }
    }
    sheet.set_freeze_panes(1, table.kept)?;
    if let (Some(last), Some(lines)) =
        (table.heads.len().checked_sub(1), u32::try_from(table.rows.len()).ok())
    {
        sheet.autofilter(0, 0, lines, u16::try_from(last).unwrap_or(u16::MAX))?;
    }
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

fn officials(year: &Year, language: Language) -> Table {
    let w = |key| word(key, language);
    let mut heads: Vec<String> =
        [w("code-of-unit"), w("unit"), w("code-of-official"), w("name"), w("post")].map(str::to_owned).into();
    for (number, round) in (1..).zip(&year.rounds) {
        let round_name = round_name(year, number, language);
        let of_round = |what: &str| format!("{round_name} – {what}");
        heads.extend(ballot_heads(language).map(of_round));
        heads.extend(round.levels.iter().flat_map(|level| {
            let label = label(level, language);
            [of_round(label), of_round(&format!("{label} (%)"))]
        }));
        heads.push(of_round(w("blank-lines")));
    }
    let mut rows = Vec::new();
    for unit in &year.units {
        for official in &unit.officials {
            let who = &official.official;
            let texts = [&unit.unit.code, &unit.unit.name, &who.code, &who.name, &who.post];
            let mut row: Vec<Cell> = texts.map(|text| Cell::Text(text.clone())).into();
            for (place, round) in year.rounds.iter().enumerate() {
                let ballots = unit.rounds.get(place).and_then(Option::as_ref);
                let marks = official.rounds.get(place).and_then(Option::as_ref);
                row.extend(ballot_cells(ballots, language));
                row.extend(mark_cells(marks, round.levels.len()));
            }
            rows.push(row);
        }
    }
    Table { heads, widths: &[10.0, 30.0, 12.0, 26.0, 24.0], kept: 4, rows }
}

fn units(year: &Year, language: Language) -> Table {
    let w = |key| word(key, language);
    let mut heads: Vec<String> = [w("code-of-unit"), w("unit")].map(str::to_owned).into();
    for number in 1..=year.rounds.len() {
        let round = round_name(year, number, language);
        heads.extend(ballot_heads(language).map(|what| format!("{round} – {what}")));
    }
    let row = |unit: &crate::model::YearUnit| {
        let mut row = vec![Cell::Text(unit.unit.code.clone()), Cell::Text(unit.unit.name.clone())];
        for place in 0..year.rounds.len() {
            row.extend(ballot_cells(unit.rounds.get(place).and_then(Option::as_ref), language));
        }
        row
    };
    Table { heads, widths: &[10.0, 34.0], kept: 2, rows: year.units.iter().map(row).collect() }
}

fn rounds(year: &Year, language: Language) -> Table {
    let w = |key| word(key, language);
    let heads = [
        w("place"),
        w("round-title"),
        w("round-published-on"),
        w("units-not-published"),
        w("order-number"),
        w("result-digest"),
    ];
    let rows = (1..).zip(&year.rounds).map(|(number, round)| {
        vec![
            Cell::Count(number),
            Cell::Text(round.title.clone()),
            Cell::Day(round.published_on.clone()),
            Cell::Count(u64::from(round.unpublished)),
            Cell::Count(u64::from(round.proof.0)),
            Cell::Text(round.proof.1.text.clone()),
        ]
    });
    let widths = &[6.0, 44.0, 18.0, 16.0, 12.0, 68.0];
    Table { heads: heads.map(str::to_owned).into(), widths, kept: 0, rows: rows.collect() }
}

/// A round as a head of columns. What is training says so wherever it stands.
fn round_name(year: &Year, number: usize, language: Language) -> String {
    let w = |key| word(key, language);
    let name = w("year-round").replace("{number}", &number.to_string());
    if year.head.training { format!("{name} ({})", w("training-short")) } else { name }
}

fn ballot_heads(language: Language) -> [&'static str; 6] {
    let w = |key| word(key, language);
    [w("collected"), w("valid"), w("invalid"), w("percent-base"), w("base"), w("remark")]
}

fn ballot_cells(ballots: Option<&YearBallots>, language: Language) -> [Cell; 6] {
    let Some(ballots) = ballots else { return std::array::from_fn(|_| Cell::Empty) };
    let w = |key| word(key, language);
    let base = match ballots.percent_base {
        Base::Collected => w("collected"),
        Base::Valid => w("valid"),
    };
    let remark = if ballots.too_few { Cell::Text(w("too-few-short").to_owned()) } else { Cell::Empty };
    let count = |count: u32| Cell::Count(u64::from(count));
    [
        count(ballots.collected),
        count(ballots.valid),
        count(ballots.invalid),
        Cell::Text(base.to_owned()),
        Cell::Count(ballots.base),
        remark,
    ]
}

fn mark_cells(marks: Option<&YearMarks>, levels: usize) -> Vec<Cell> {
    let Some(marks) = marks else { return vec![Cell::Empty; 2 * levels + 1] };
    let share = |share: &Share| [Cell::Count(share.count), Cell::Percent(share.percent.clone())];
    let mut cells: Vec<Cell> = marks.levels.iter().take(levels).flat_map(share).collect();
    cells.resize(2 * levels, Cell::Empty);
    cells.push(Cell::Count(u64::from(marks.invalid_lines)));
    cells
}

fn label(level: &Level, language: Language) -> &str {
    match language {
        Language::Vietnamese => &level.vi,
        Language::English => &level.en,
    }
}

fn check(year: &Year) -> Result<(), DocumentError> {
    if year.units.len() > LIST_MAX {
        return Err(DocumentError::TooMany { found: year.units.len() });
    }
    let officials: usize = year.units.iter().map(|unit| unit.officials.len()).sum();
    let levels: usize = year.rounds.iter().map(|round| 7 + 2 * round.levels.len()).sum();
    if officials.saturating_mul(levels) > 10 * VALUES_MAX { Err(DocumentError::TooLarge) } else { Ok(()) }
}
