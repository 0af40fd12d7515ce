//! A roster as a page shows it: the cells of what an office keeps, and everything that is wrong with them. Nothing is
//! stored; the same check decides when a round is made of it.

use super::access::Caller;
use super::extract::{Asked, Binary, Body};
use crate::error::AppError;
use crate::roster::{self, Cell, Problem as RosterFault, Problems, Roster, Row, Table};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A cell: a text, a number as a spreadsheet holds it, nothing, `true` for a text that was too long to keep, `false` for an
/// error or a date.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
enum GridCell {
    Text(String),
    Number(f64),
    Lost(bool),
    Nothing,
}

impl From<&Cell> for GridCell {
    fn from(cell: &Cell) -> Self {
        match cell {
            Cell::Empty => Self::Nothing,
            Cell::Text(text) => Self::Text(text.clone()),
            Cell::Number(number) => Self::Number(*number),
            Cell::Long => Self::Lost(true),
            Cell::Error => Self::Lost(false),
        }
    }
}

impl From<GridCell> for Cell {
    fn from(cell: GridCell) -> Self {
        match cell {
            GridCell::Text(text) => Self::of_text(&text),
            GridCell::Number(number) => Self::Number(number),
            GridCell::Lost(true) => Self::Long,
            GridCell::Lost(false) => Self::Error,
            GridCell::Nothing => Self::Empty,
        }
    }
}

/// A row and its number as the spreadsheet shows it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GridRow {
    #[schema(minimum = 1)]
    number: u32,
    #[schema(max_items = 64)]
    cells: Vec<GridCell>,
}

/// A sheet of a workbook, or a CSV file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Grid {
    #[schema(max_length = 100)]
    name: String,
    /// Rows, ascending.
    rows: Vec<GridRow>,
}

impl From<&Table> for Grid {
    fn from(table: &Table) -> Self {
        let row = |row: &Row| GridRow {
            number: u32::try_from(row.number).unwrap_or(u32::MAX),
            cells: row.cells.iter().map(GridCell::from).collect(),
        };
        Self { name: table.name.clone(), rows: table.rows.iter().map(row).collect() }
    }
}

/// Columns that any table may have.
const COLUMNS_MAX: usize = 64;

impl Grid {
    fn table(self) -> Result<Table, AppError> {
        let wrong = |detail: &str| AppError::unprocessable("roster_form", detail);
        if self.name.chars().count() > 100 || self.name.chars().any(char::is_control) {
            return Err(wrong("a table is called by one line of at most 100 characters"));
        }
        if !self.rows.is_sorted_by(|a, b| a.number < b.number)
            || self.rows.first().is_some_and(|r| r.number == 0)
        {
            return Err(wrong("rows are numbered from 1, ascending, each once"));
        }
        if self.rows.iter().any(|row| row.cells.len() > COLUMNS_MAX) {
            return Err(wrong("a row has at most 64 cells"));
        }
        let row = |row: GridRow| Row {
            number: row.number as usize,
            cells: row.cells.into_iter().map(Cell::from).collect(),
        };
        Ok(Table { name: self.name, rows: self.rows.into_iter().map(row).collect() })
    }
}

/// Tables as they came from a page.
pub(super) fn tables(grids: Vec<Grid>) -> Result<Vec<Table>, AppError> {
    grids.into_iter().map(Grid::table).collect()
}

/// The roster that tables make, where nothing may be wrong with it any more.
///
/// # Errors
/// [`AppError`] with code `roster` and every problem in its place.
pub(super) fn roster_of(grids: Vec<Grid>) -> Result<Roster, AppError> {
    roster::from_tables(&tables(grids)?).map_err(|problems| not_a_roster(&problems))
}

/// Every problem as one refusal.
pub(super) fn not_a_roster(problems: &Problems) -> AppError {
    AppError::unprocessable("roster", problems.to_string().trim_end())
}

/// A column that a list needs, and where it stands.
#[derive(Serialize, ToSchema)]
struct ColumnView {
    /// From 0.
    place: usize,
    name: &'static str,
}

/// What a table was taken for.
#[derive(Serialize, ToSchema)]
struct ListView {
    /// Name of the table.
    table: String,
    /// `units`, `officials`, `voters` or `team`; nothing if it is none and left out.
    list: Option<&'static str>,
    /// Number of the row of headers.
    header: Option<usize>,
    columns: Vec<ColumnView>,
}

/// One thing that is wrong, and where.
#[derive(Serialize, ToSchema)]
pub(super) struct RosterProblem {
    /// Name of the table; `workbook` if it is about the whole file.
    table: String,
    /// Number of the row.
    row: Option<usize>,
    /// Place of the column, from 0.
    column: Option<usize>,
    /// Letter and header of the column.
    column_name: Option<String>,
    /// Stable code.
    code: &'static str,
    /// What it names, for words in other languages.
    given: BTreeMap<&'static str, String>,
    /// What is wrong and what to do.
    detail: String,
}

impl From<&RosterFault> for RosterProblem {
    fn from(problem: &RosterFault) -> Self {
        Self {
            table: problem.sheet.clone(),
            row: problem.row,
            column: problem.column.as_ref().map(|column| column.place),
            column_name: problem.column.as_ref().map(|column| column.name.clone()),
            code: problem.kind.code(),
            given: problem.kind.given().into_iter().collect(),
            detail: problem.kind.to_string(),
        }
    }
}

/// What a roster has, if nothing is wrong with it.
#[derive(Serialize, ToSchema)]
struct RosterSum {
    units: usize,
    officials: usize,
    voters: u64,
    /// Voters with names.
    named: usize,
    /// People in teams.
    team: usize,
}

/// What is wrong with tables, and what they were taken for.
#[derive(Serialize, ToSchema)]
pub(super) struct RosterCheck {
    lists: Vec<ListView>,
    /// The first of them.
    problems: Vec<RosterProblem>,
    /// How many there are besides.
    more: usize,
    /// What a round would be made of; nothing as long as there is a problem.
    sum: Option<RosterSum>,
}

impl RosterCheck {
    fn of(tables: &[Table]) -> Self {
        let list = |table: &Table| {
            let (list, header, columns) = roster::list_of(table)
                .map_or((None, None, Vec::new()), |(list, header, columns)| {
                    (Some(list.name()), Some(header), columns)
                });
            let columns = columns.into_iter().map(|(place, name)| ColumnView { place, name }).collect();
            ListView { table: table.name.clone(), list, header, columns }
        };
        let lists = tables.iter().map(list).collect();
        match roster::from_tables(tables) {
            Ok(roster) => Self { lists, problems: Vec::new(), more: 0, sum: Some(sum(&roster)) },
            Err(problems) => Self {
                lists,
                problems: problems.listed().iter().map(RosterProblem::from).collect(),
                more: problems.unlisted(),
                sum: None,
            },
        }
    }
}

fn sum(roster: &Roster) -> RosterSum {
    let units = &roster.units;
    RosterSum {
        units: units.len(),
        officials: units.iter().map(|unit| unit.officials.len()).sum(),
        voters: units.iter().map(|unit| u64::from(unit.voters)).sum(),
        named: units.iter().map(|unit| unit.voter_names.len()).sum(),
        team: units.iter().map(|unit| unit.team.len()).sum(),
    }
}

/// A file as its tables, or why it is none.
#[derive(Serialize, ToSchema)]
pub(super) struct RosterFile {
    /// Its tables; none if the file cannot be read.
    tables: Vec<Grid>,
    /// What is wrong with them, as far as this file alone tells.
    check: RosterCheck,
}

/// What a file is called.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FileQuery {
    /// Its name, for a file that has no sheets with names of their own.
    #[param(max_length = 200)]
    pub name: Option<String>,
}

/// Read a workbook (XLSX) or a CSV file into cells, with every problem; nothing is stored
#[utoipa::path(post, path = "/api/v1/rosters/reading", tag = "set-up", operation_id = "read_roster", params(FileQuery),
    request_body(content = Binary, content_type = "application/octet-stream"), responses(
    (status = 200, description = "its cells, and what is wrong", body = RosterFile),
))]
pub(super) async fn read(
    _: Caller,
    Asked(query): Asked<FileQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<RosterFile>, AppError> {
    let bytes = body?;
    let name = query.name.unwrap_or_else(|| "CSV".to_owned());
    blocking(move || {
        let read = roster::read_tables(&name, &bytes);
        match read {
            Ok(tables) => RosterFile {
                tables: tables.iter().map(Grid::from).collect(),
                check: RosterCheck::of(&tables),
            },
            Err(problems) => RosterFile {
                tables: Vec::new(),
                check: RosterCheck {
                    lists: Vec::new(),
                    problems: problems.listed().iter().map(RosterProblem::from).collect(),
                    more: problems.unlisted(),
                    sum: None,
                },
            },
        }
    })
    .await
    .map(Json)
}

/// Tables to check.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tables {
    #[schema(max_items = 32)]
    tables: Vec<Grid>,
}

/// Check the cells of a roster; nothing is stored
#[utoipa::path(post, path = "/api/v1/rosters/check", tag = "set-up", operation_id = "check_roster", request_body = Tables, responses(
    (status = 200, description = "what is wrong, or what a round would be made of", body = RosterCheck),
))]
pub(super) async fn check(_: Caller, Body(asked): Body<Tables>) -> Result<Json<RosterCheck>, AppError> {
    let tables = tables(asked.tables)?;
    blocking(move || RosterCheck::of(&tables)).await.map(Json)
}

/// Works on a large roster aside, so that tablets are served meanwhile.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AppError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| AppError::Internal(format!("reading a roster ended badly: {error}")))
}
