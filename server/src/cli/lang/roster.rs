//! What is wrong with a roster, in the language of the process. English is what the roster says itself.

use super::{Lang, current};
use crate::domain::contact::{Channel, ContactError};
use crate::roster::{Problem, ProblemKind, Problems};

/// Every problem that is listed, a line each.
pub(in crate::cli) fn problems(problems: &Problems) -> String {
    if current() == Lang::En {
        return problems.to_string();
    }
    let mut lines: Vec<String> = problems.listed().iter().map(line).collect();
    if problems.unlisted() > 0 {
        lines.push(vi!("roster-more", count = problems.unlisted()));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn line(problem: &Problem) -> String {
    let mut place = match problem.row {
        Some(row) => vi!("roster-place", sheet = problem.sheet.as_str(), row = row),
        None => problem.sheet.clone(),
    };
    if let Some(column) = &problem.column {
        place.push_str(", ");
        place.push_str(&vi!("roster-column", column = column.name.as_str()));
    }
    format!("{place}: {}", kind(&problem.kind))
}

fn kind(kind: &ProblemKind) -> String {
    match kind {
        ProblemKind::NotAWorkbook => vi!("roster-not-a-workbook"),
        ProblemKind::OldWorkbook => vi!("roster-old-workbook"),
        ProblemKind::TooLarge => vi!("roster-too-large"),
        ProblemKind::NotUtf8 => vi!("roster-not-utf8"),
        ProblemKind::MissingSheet { what, columns } => {
            vi!("roster-missing-sheet", what = list_of(what), columns = columns.as_str())
        }
        ProblemKind::TwoSheets { what, other } => {
            vi!("roster-two-sheets", what = list_of(what), other = other.as_str())
        }
        ProblemKind::NoRows => vi!("roster-no-rows"),
        ProblemKind::MissingColumn { name } => vi!("roster-missing-column", name = *name),
        ProblemKind::DoubleColumn => vi!("roster-double-column"),
        ProblemKind::Empty => vi!("roster-empty"),
        ProblemKind::Code { found } => vi!("roster-code", found = found.as_str()),
        ProblemKind::LeadingZeros { found, likely: Some(likely) } => {
            vi!("roster-leading-zeros-likely", found = found.as_str(), likely = likely.as_str())
        }
        ProblemKind::LeadingZeros { found, likely: None } => {
            vi!("roster-leading-zeros", found = found.as_str())
        }
        ProblemKind::DuplicateUnit { code, first } => {
            vi!("roster-duplicate-unit", code = code.as_str(), first = *first)
        }
        ProblemKind::DuplicateOfficial { code, first } => {
            vi!("roster-duplicate-official", code = code.as_str(), first = *first)
        }
        ProblemKind::DuplicateContact { code, first } => {
            vi!("roster-duplicate-contact", code = code.as_str(), first = *first)
        }
        ProblemKind::UnknownOfficial { code } => vi!("roster-unknown-official", code = code.as_str()),
        ProblemKind::Way { found } => vi!("roster-way", found = found.as_str()),
        ProblemKind::Contact { why } => contact(why),
        ProblemKind::UnknownUnit { code } => vi!("roster-unknown-unit", code = code.as_str()),
        ProblemKind::NoOfficials { code } => vi!("roster-no-officials", code = code.as_str()),
        ProblemKind::Voters { found } => vi!("roster-voters", found = found.as_str()),
        ProblemKind::Kind { found } => vi!("roster-kind", found = found.as_str()),
        ProblemKind::Ordinal { found } => vi!("roster-ordinal", found = found.as_str()),
        ProblemKind::DuplicateOrdinal { ordinal, first } => {
            vi!("roster-duplicate-ordinal", ordinal = *ordinal, first = *first)
        }
        ProblemKind::VoterNumber { found, max } => {
            vi!("roster-voter-number", found = found.as_str(), max = *max)
        }
        ProblemKind::DuplicateVoter { number, first } => {
            vi!("roster-duplicate-voter", number = *number, first = *first)
        }
        ProblemKind::VoterNames { code, voters, names } => {
            vi!("roster-voter-names", code = code.as_str(), voters = *voters, names = *names)
        }
        ProblemKind::DuplicateMember { name, first } => {
            vi!("roster-duplicate-member", name = name.as_str(), first = *first)
        }
        ProblemKind::TooLong => vi!("roster-too-long"),
        ProblemKind::Invisible => vi!("roster-invisible"),
        ProblemKind::CellError => vi!("roster-cell-error"),
        ProblemKind::TooMany { what, max } => {
            vi!("roster-too-many", max = *max, what = list_of(what))
        }
    }
}

/// What a list is of.
fn list_of(what: &str) -> String {
    match what {
        "units" => vi!("roster-list-units"),
        "voters" => vi!("roster-list-voters"),
        "team" => vi!("roster-list-team"),
        "contacts" => vi!("roster-list-contacts"),
        _ => vi!("roster-list-officials"),
    }
}

/// What is wrong with a contact.
pub(in crate::cli) fn contact_words(why: &ContactError) -> String {
    if current() == Lang::En { why.to_string() } else { contact(why) }
}

/// The same in Vietnamese.
fn contact(why: &ContactError) -> String {
    match why {
        ContactError::Code => vi!("roster-contact-code"),
        ContactError::Name => vi!("roster-contact-name"),
        ContactError::Email => vi!("roster-contact-email"),
        ContactError::Phone => vi!("roster-contact-phone"),
        ContactError::WayNeeds(Channel::Email) => vi!("roster-contact-needs-email"),
        ContactError::WayNeeds(_) => vi!("roster-contact-needs-phone"),
    }
}
