//! Rows of cells under headers, whatever file they came from.

use super::problem::{InColumn, Problem, ProblemKind, Problems};
use crate::domain::text::tidy;

/// Longest text of a cell that is kept, in bytes; what is longer is no name and no code.
const CELL_MAX: usize = 4 * 1024;
/// Filled rows among which the headers are looked for: offices put a title above them.
pub(super) const HEADER_ROWS: usize = 20;

/// A cell as a person filled it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A text beyond any bound, not kept.
    Long,
    /// A cell that the spreadsheet holds as a number.
    Number(f64),
    /// A formula that failed, or a date.
    Error,
}

impl Cell {
    /// The cell of a text from outside.
    pub fn of_text(text: &str) -> Self {
        if text.len() > CELL_MAX {
            Self::Long
        } else if text.trim().is_empty() {
            Self::Empty
        } else {
            Self::Text(text.to_owned())
        }
    }

    /// The text, normalised (NFC), trimmed, inner blanks collapsed. A number as a person wrote it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty | Self::Long | Self::Error => String::new(),
            Self::Text(text) => tidy(text),
            Self::Number(number) => number.to_string(),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

/// One row and its number as the spreadsheet shows it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number, from 1.
    pub number: usize,
    /// Its cells, from the first column.
    pub cells: Vec<Cell>,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }

    /// How many of the columns have their header in this row.
    fn score(&self, columns: &[Column]) -> usize {
        let header: Vec<String> = self.cells.iter().map(|cell| cell.text().to_lowercase()).collect();
        let known = |column: &&Column| header.iter().any(|text| column.headers.contains(&text.as_str()));
        columns.iter().filter(known).count()
    }
}

/// A sheet or file.
#[derive(Debug, Clone)]
pub struct Table {
    /// What the sheet or file is called.
    pub name: String,
    /// Its rows, ascending.
    pub rows: Vec<Row>,
}

/// A column that is looked for, by any of its headers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// The header people are told of.
    pub name: &'static str,
    /// Everything it may be headed with, in lower case.
    pub headers: &'static [&'static str],
}

/// Columns of units: code, name, kind, voters.
pub(super) const UNITS: [Column; 4] = [
    Column { name: "Mã đơn vị", headers: &["mã đơn vị", "unit_code", "unit code", "code"] },
    Column {
        name: "Tên chi, đảng bộ",
        headers: &["tên chi, đảng bộ", "tên đơn vị", "name", "unit_name", "unit name"],
    },
    Column { name: "Loại", headers: &["loại", "kind"] },
    Column { name: "Số người ghi phiếu", headers: &["số người ghi phiếu", "voters"] },
];

/// Columns of officials: unit, place on the ballot, code, name, post.
pub(super) const OFFICIALS: [Column; 5] = [
    Column { name: "Mã đơn vị", headers: &["mã đơn vị", "unit_code", "unit code"] },
    Column { name: "TT", headers: &["tt", "stt", "ordinal"] },
    Column { name: "Mã", headers: &["mã", "mã cán bộ", "official_code", "official code", "code"] },
    Column {
        name: "Họ và tên", headers: &["họ và tên", "họ tên", "full_name", "full name", "name"]
    },
    Column { name: "Chức vụ", headers: &["chức vụ", "chức vụ, chức danh", "post"] },
];

/// Columns of voters' names: unit, number, name.
pub(super) const VOTERS: [Column; 3] = [
    Column { name: "Mã đơn vị", headers: &["mã đơn vị", "unit_code", "unit code"] },
    Column {
        name: "Số thứ tự",
        headers: &["số thứ tự", "số tt", "tt", "stt", "voter_number", "voter number", "number"],
    },
    Column {
        name: "Họ và tên",
        headers: &["họ và tên", "họ tên", "người ghi phiếu", "full_name", "full name", "voter_name", "name"],
    },
];

/// Columns of teams: unit, name, and what somebody does, which is for the office alone.
pub(super) const TEAM: [Column; 3] = [
    Column { name: "Mã đơn vị", headers: &["mã đơn vị", "unit_code", "unit code"] },
    Column {
        name: "Họ và tên",
        headers: &["họ và tên", "họ tên", "tổ viên", "full_name", "full name", "person", "name"],
    },
    Column { name: "Nhiệm vụ", headers: &["nhiệm vụ", "chức trách", "duty", "task"] },
];

/// Every list of a roster.
pub(super) const LISTS: [&[Column]; 4] = [&UNITS, &OFFICIALS, &VOTERS, &TEAM];

/// Where the headers and the columns stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<const N: usize> {
    /// Number of the row of headers.
    pub header: usize,
    /// Place of each column.
    pub places: [usize; N],
}

impl Table {
    /// The filled row near the top that looks most like the headers of these columns.
    fn header(&self, columns: &[Column]) -> Option<&Row> {
        let top = self.rows.iter().filter(|row| !row.is_empty()).take(HEADER_ROWS);
        // Of rows that are equally good the first, which is why a later one must be better.
        top.map(|row| (row.score(columns), row))
            .reduce(|best, row| if row.0 > best.0 { row } else { best })
            .map(|(_, row)| row)
    }

    /// How many of the columns the table has.
    pub(super) fn score(&self, columns: &[Column]) -> usize {
        self.header(columns).map_or(0, |row| row.score(columns))
    }

    /// Filled rows below the headers.
    pub(super) fn body(&self, header: usize) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.number > header && !row.is_empty())
    }

    /// Where each column stands; every missing or doubled one is a problem.
    pub(super) fn find<const N: usize>(&self, columns: [Column; N]) -> Result<Found<N>, Vec<Problem>> {
        let row = self.header(&columns);
        let texts: Vec<String> = row
            .map(|row| row.cells.iter().map(|cell| cell.text().to_lowercase()).collect())
            .unwrap_or_default();
        let header = row.map(|row| row.number);
        let mut problems = Vec::new();
        let places = columns.map(|column| {
            let mut places = (0..texts.len()).filter(|i| column.headers.contains(&texts[*i].as_str()));
            let place = places.next();
            if place.is_none() {
                let kind = ProblemKind::MissingColumn { name: column.name };
                problems.push(self.problem(None, None, kind));
            }
            if let Some(double) = places.next() {
                problems.push(self.problem(header, Some((double, column.name)), ProblemKind::DoubleColumn));
            }
            place.unwrap_or_default()
        });
        if problems.is_empty() {
            Ok(Found { header: header.unwrap_or_default(), places })
        } else {
            Err(problems)
        }
    }

    pub(super) fn problem(
        &self,
        row: Option<usize>,
        column: Option<(usize, &str)>,
        kind: ProblemKind,
    ) -> Problem {
        let named = |(place, name)| InColumn { name: format!("{} ({name})", letters(place)), place };
        Problem { sheet: self.name.clone(), row, column: column.map(named).map(Box::new), kind }
    }

    /// Which list this is, whatever it is called; nothing if it is none.
    pub(super) fn list(&self) -> Option<List> {
        // Both kinds of sheet have a column of unit codes; each sheet is what it has more columns of.
        let (units, officials) = (self.score(&UNITS), self.score(&OFFICIALS));
        let most = units.max(officials);
        let name = self.name.to_lowercase();
        let called = |words: [&str; 2]| words.iter().any(|word| name.contains(word));
        // A list of names has columns that officials have as well: all of its own and nothing more tell it, or its name.
        let (voters, team) = (self.score(&VOTERS), self.score(&TEAM));
        let named = |score: usize, columns: usize| score == columns && score >= most && units < score;
        if named(team, TEAM.len()) || (team > 0 && most < 4 && called(["tổ công tác", "team"])) {
            Some(List::Team)
        } else if named(voters, VOTERS.len())
            || (voters > 0 && most < 4 && called(["người ghi phiếu", "voters"]))
        {
            Some(List::Voters)
        } else if most < 2 {
            None
        } else if units >= officials {
            Some(List::Units)
        } else {
            Some(List::Officials)
        }
    }

    /// The row of headers of a list, and the place of each column that is there, by its name.
    pub(super) fn columns(&self, list: List) -> Option<(usize, Vec<(usize, &'static str)>)> {
        let columns = list.columns();
        let row = self.header(columns)?;
        let texts: Vec<String> = row.cells.iter().map(|cell| cell.text().to_lowercase()).collect();
        let place = |column: &Column| {
            let place = texts.iter().position(|text| column.headers.contains(&text.as_str()));
            place.map(|place| (place, column.name))
        };
        Some((row.number, columns.iter().filter_map(place).collect()))
    }
}

/// The lists of a roster, found by their headers.
pub(super) struct Chosen<'a> {
    pub units: &'a Table,
    pub officials: &'a Table,
    pub voters: Option<&'a Table>,
    pub team: Option<&'a Table>,
}

/// What a list of a roster is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Units.
    Units,
    /// Rated officials.
    Officials,
    /// Names of voters.
    Voters,
    /// Teams of the units.
    Team,
}

impl List {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Officials => "officials",
            Self::Voters => "voters",
            Self::Team => "team",
        }
    }

    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Self::Units => &UNITS,
            Self::Officials => &OFFICIALS,
            Self::Voters => &VOTERS,
            Self::Team => &TEAM,
        }
    }
}

/// Finds the lists by their headers. Units and officials there must be.
pub(super) fn choose(tables: &[Table]) -> Result<Chosen<'_>, Problems> {
    let lists: Vec<(&Table, Option<List>)> = tables.iter().map(|table| (table, table.list())).collect();
    let best = |list: List| {
        let of_list = lists.iter().filter(move |(_, found)| *found == Some(list));
        only_best(list, of_list.map(|(table, _)| (*table, table.score(list.columns()))))
    };
    let needed = |list: List| match best(list) {
        Ok(Some(table)) => Ok(table),
        Ok(None) => Err(missing(list)),
        Err(problem) => Err(problem),
    };
    let found = (needed(List::Units), needed(List::Officials), best(List::Voters), best(List::Team));
    match found {
        (Ok(units), Ok(officials), Ok(voters), Ok(team)) => Ok(Chosen { units, officials, voters, team }),
        (units, officials, voters, team) => {
            let problems = [units.err(), officials.err(), voters.err(), team.err()];
            Err(Problems::new(problems.into_iter().flatten().collect()))
        }
    }
}

fn missing(list: List) -> Problem {
    let columns = list.columns().iter().map(|column| column.name).collect::<Vec<_>>().join(", ");
    let kind = ProblemKind::MissingSheet { what: list.name(), columns };
    Problem { sheet: "workbook".to_owned(), row: None, column: None, kind }
}

/// The one sheet with the most of the columns. Two that are equally good are a question for a person: last year's
/// list beside this year's must not be taken by chance.
fn only_best<'a>(
    list: List,
    scored: impl Iterator<Item = (&'a Table, usize)>,
) -> Result<Option<&'a Table>, Problem> {
    let scored: Vec<_> = scored.collect();
    let best = scored.iter().map(|(_, score)| *score).max().unwrap_or_default();
    let mut of_best = scored.iter().filter(|(_, score)| *score == best).map(|(table, _)| *table);
    match (of_best.next(), of_best.next()) {
        (Some(table), Some(other)) => {
            let kind = ProblemKind::TwoSheets { what: list.name(), other: table.name.clone() };
            Err(other.problem(None, None, kind))
        }
        (found, _) => Ok(found),
    }
}

/// The letters of a column as spreadsheets show them.
fn letters(place: usize) -> String {
    let mut text = String::new();
    let mut rest = place + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
        text.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    text
}
