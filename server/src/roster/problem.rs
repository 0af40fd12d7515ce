//! What is wrong with a roster: where, what, and what to do.

use crate::domain::contact::ContactError;
use std::fmt;
use thiserror::Error;

/// Problems that are listed one by one, and problems that are kept at all; more are counted.
const LISTED_MAX: usize = 200;
const KEPT_MAX: usize = 1_000;
/// Most characters of a cell or of a sheet's name that are shown.
const SHOWN_MAX: usize = 40;

/// One problem and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Sheet or file.
    pub sheet: String,
    /// Row as the spreadsheet numbers it, if the problem has one.
    pub row: Option<usize>,
    /// Its column, if the problem has one.
    pub column: Option<Box<InColumn>>,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InColumn {
    /// Letter and header.
    pub name: String,
    /// Place, from 0.
    pub place: usize,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProblemKind {
    /// Not an XLSX workbook.
    #[error("this is not an Excel workbook: save the roster as .xlsx and import that file")]
    NotAWorkbook,
    /// A workbook with a password, or in the format of before 2007.
    #[error(
        "this workbook has a password or is an old .xls: save it as .xlsx without a password and import that file"
    )]
    OldWorkbook,
    /// Larger than any roster.
    #[error("the file is larger than any roster: remove pictures and other sheets, or export CSV")]
    TooLarge,
    /// Not UTF-8.
    #[error("the file is not UTF-8: save it as \"CSV UTF-8\"")]
    NotUtf8,
    /// No sheet looks like this one.
    #[error("there is no sheet of {what}: it needs the columns {columns}")]
    MissingSheet {
        /// Which list.
        what: &'static str,
        /// The headers.
        columns: String,
    },
    /// Two sheets look alike.
    #[error("this looks like a sheet of {what}, and so does {other}: keep one of them")]
    TwoSheets {
        /// Which list.
        what: &'static str,
        /// The other sheet.
        other: String,
    },
    /// No row below the headers.
    #[error("there is nothing below the headers: enter the rows")]
    NoRows,
    /// A column is missing.
    #[error("the column \"{name}\" is missing: add it to the row of headers")]
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
    /// A spreadsheet made a number of a code or a phone number.
    #[error(
        "this is stored as the number {found}, which eats leading zeros: format the column as text and enter {}", .likely.as_deref().unwrap_or("it again")
    )]
    LeadingZeros {
        /// What stands there.
        found: String,
        /// What was probably meant.
        likely: Option<String>,
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
    /// Somebody has two rows of contacts.
    #[error("the contact of {code} is in row {first} already: keep one of the two rows")]
    DuplicateContact {
        /// Whose it is.
        code: String,
        /// Where it stood first.
        first: usize,
    },
    /// No round has this official.
    #[error("no round has an official {code}: correct the code, or import the round first")]
    UnknownOfficial {
        /// The code.
        code: String,
    },
    /// Not a way to reach somebody.
    #[error("{found:?} is no way: enter \"E-mail\", \"Tin nhắn\" or \"Thư\"")]
    Way {
        /// What stands there.
        found: String,
    },
    /// Something of a contact that cannot be.
    #[error("{why}")]
    Contact {
        /// What is wrong.
        why: ContactError,
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
    #[error("{found:?} is no kind of unit: enter \"Chi bộ\" or \"Đảng bộ\"")]
    Kind {
        /// What stands there.
        found: String,
    },
    /// Not a place on the ballot.
    #[error("{found:?} is no place on the ballot: number the officials of a unit 1, 2, 3 …")]
    Ordinal {
        /// What stands there.
        found: String,
    },
    /// Two officials of a unit have one place on the ballot.
    #[error(
        "place {ordinal} of this unit is in row {first} already: number its officials 1, 2, 3 …, each once"
    )]
    DuplicateOrdinal {
        /// The place.
        ordinal: u32,
        /// Where it stood first.
        first: usize,
    },
    /// Not the number of a voter of the unit.
    #[error("{found:?} is no voter's number here: number the voters of this unit from 1 to {max}")]
    VoterNumber {
        /// What stands there.
        found: String,
        /// Voters of the unit.
        max: u32,
    },
    /// Two voters of a unit have one number.
    #[error("voter {number} of this unit is in row {first} already: number its voters 1, 2, 3 …, each once")]
    DuplicateVoter {
        /// The number.
        number: u32,
        /// Where it stood first.
        first: usize,
    },
    /// Not every voter has a name.
    #[error(
        "unit {code} has {voters} voters and {names} of them have names: name all of them, or none, or correct the number"
    )]
    VoterNames {
        /// The unit.
        code: String,
        /// Number of voters.
        voters: u32,
        /// Names in the list.
        names: usize,
    },
    /// Somebody stands twice in a unit's team.
    #[error("{name:?} is in row {first} already: each person stands in a unit's team once")]
    DuplicateMember {
        /// The name.
        name: String,
        /// Where it stood first.
        first: usize,
    },
    /// A text that is too long.
    #[error("the text is too long: shorten it to 200 characters")]
    TooLong,
    /// A text with control characters or others that nobody sees.
    #[error("the text has invisible or damaged characters: delete it and type it again")]
    Invisible,
    /// A formula that failed, or a date.
    #[error("the cell holds an error or a date: format it as text and enter the value")]
    CellError,
    /// More than a round can have.
    #[error("there are more than {max} {what}: divide the roster")]
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
            write!(f, ", column {}", column.name)?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// Every problem of a roster: those of the units first, then those of the officials, each in the order of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    count: usize,
}

impl Problems {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { count: problems.len(), kept: problems }
    }

    pub(super) fn one(sheet: &str, kind: ProblemKind) -> Self {
        Self::new(vec![Problem { sheet: sheet.to_owned(), row: None, column: None, kind }])
    }

    /// Adds one. A file in which every cell is wrong must not become a list many times its size.
    pub(super) fn push(&mut self, problem: Problem) {
        self.count += 1;
        if self.kept.len() < KEPT_MAX {
            self.kept.push(problem);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// These and those of a further sheet, in the order of its rows.
    pub(super) fn join(mut self, mut other: Self) -> Self {
        other.kept.sort_by_key(|problem| problem.row);
        self.kept.append(&mut other.kept);
        Self { kept: self.kept, count: self.count + other.count }
    }

    /// The problems that are told one by one.
    pub fn listed(&self) -> &[Problem] {
        &self.kept[..self.kept.len().min(LISTED_MAX)]
    }

    /// How many more there are.
    pub fn unlisted(&self) -> usize {
        self.count - self.listed().len()
    }

    /// The problems, at most 1,000 of each sheet.
    pub fn all(&self) -> &[Problem] {
        &self.kept
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.listed() {
            writeln!(f, "{problem}")?;
        }
        match self.unlisted() {
            0 => Ok(()),
            more => writeln!(f, "… and {more} more problems"),
        }
    }
}

impl std::error::Error for Problems {}

/// A text from outside as it may stand in a message: short, and nothing in it that a terminal obeys.
pub(super) fn shown(text: &str) -> String {
    let mut characters = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut shown: String = characters.by_ref().take(SHOWN_MAX).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}
