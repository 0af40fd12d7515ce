//! What is wrong with a roster: where, what, and what to do.

use std::fmt;
use thiserror::Error;

/// Problems that are listed one by one; more are counted.
const LISTED_MAX: usize = 200;

/// One problem and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Sheet or file.
    pub sheet: String,
    /// Row as the spreadsheet numbers it, if the problem has one.
    pub row: Option<usize>,
    /// Column letter and header, if the problem has one.
    pub column: Option<String>,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProblemKind {
    /// Not an XLSX workbook.
    #[error("this is not an Excel workbook: save the roster as .xlsx and import that file")]
    NotAWorkbook,
    /// Larger than any roster.
    #[error("the file is larger than any roster: remove pictures and other sheets, or export CSV")]
    TooLarge,
    /// Not UTF-8.
    #[error("the file is not UTF-8: save it as \"CSV UTF-8\"")]
    NotUtf8,
    /// No sheet looks like this one.
    #[error("there is no sheet of {what}: it needs the columns {columns}")]
    MissingSheet {
        /// Units or officials.
        what: &'static str,
        /// The headers.
        columns: String,
    },
    /// A column is missing.
    #[error("the column \"{name}\" is missing: add it to the first row")]
    MissingColumn {
        /// Its header.
        name: &'static str,
    },
    /// Two columns have one header.
    #[error("two columns are headed alike: keep one of them")]
    DoubleColumn,
    /// A cell is empty.
    #[error("the cell is empty: fill it in")]
    Empty,
    /// A code with other characters.
    #[error("{found:?} is not a code: use 1 to 32 letters A–Z, digits, hyphens, dots or underscores")]
    Code {
        /// What stands there.
        found: String,
    },
    /// A spreadsheet made a number of a code.
    #[error(
        "the code is stored as the number {found}, which eats leading zeros: format the column as text and enter {likely}"
    )]
    LeadingZeros {
        /// What stands there.
        found: String,
        /// What was probably meant.
        likely: String,
    },
    /// A unit code stands twice.
    #[error("unit {code} is in row {first} already: give it another code, or remove one of the two rows")]
    DuplicateUnit {
        /// The code.
        code: String,
        /// Where it stood first.
        first: usize,
    },
    /// An official's code stands twice.
    #[error(
        "official {code} is in row {first} already: every official has a code of their own and is rated once"
    )]
    DuplicateOfficial {
        /// The code.
        code: String,
        /// Where it stood first.
        first: usize,
    },
    /// The unit is not in the list of units.
    #[error("unit {code} is not in the list of units: add it there, or correct the code")]
    UnknownUnit {
        /// The code.
        code: String,
    },
    /// Nobody is rated.
    #[error("unit {code} has no officials to rate: add them, or remove the unit")]
    NoOfficials {
        /// The code.
        code: String,
    },
    /// Not a number of voters.
    #[error("{found:?} is not a number of voters: enter a whole number from 1 to 5000")]
    Voters {
        /// What stands there.
        found: String,
    },
    /// Not a kind of unit.
    #[error("{found:?} is neither \"Chi bộ\" nor \"Đảng bộ\"")]
    Kind {
        /// What stands there.
        found: String,
    },
    /// Not a place on the ballot.
    #[error("{found:?} is no place on the ballot: number the officials of a unit 1, 2, 3 …, each once")]
    Ordinal {
        /// What stands there.
        found: String,
    },
    /// A text with control characters or too long.
    #[error("the text is longer than 200 characters or has invisible characters: enter it again")]
    Text,
    /// A formula that failed.
    #[error("the cell shows an error instead of a value: enter the value")]
    CellError,
    /// More than a round can have.
    #[error("there are more than {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.sheet)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// Every problem of a roster, in the order of sheets and rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    pub(super) fn one(sheet: &str, kind: ProblemKind) -> Self {
        Self(vec![Problem { sheet: sheet.to_owned(), row: None, column: None, kind }])
    }

    /// The problems.
    pub fn all(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.0.iter().take(LISTED_MAX) {
            writeln!(f, "{problem}")?;
        }
        match self.0.len().checked_sub(LISTED_MAX) {
            Some(more) if more > 0 => writeln!(f, "… and {more} more problems"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Problems {}
