//! What is wrong, as programs switch on it and fill into words of their own: a stable code, and what it names.

use super::ProblemKind;
use crate::domain::contact::{Channel, ContactError};

impl ProblemKind {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAWorkbook => "not_a_workbook",
            Self::OldWorkbook => "old_workbook",
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::MissingSheet { .. } => "missing_sheet",
            Self::TwoSheets { .. } => "two_sheets",
            Self::NoRows => "no_rows",
            Self::MissingColumn { .. } => "missing_column",
            Self::DoubleColumn => "double_column",
            Self::Empty => "empty",
            Self::Code { .. } => "code",
            Self::LeadingZeros { likely: Some(_), .. } => "leading_zeros_likely",
            Self::LeadingZeros { likely: None, .. } => "leading_zeros",
            Self::DuplicateUnit { .. } => "duplicate_unit",
            Self::DuplicateOfficial { .. } => "duplicate_official",
            Self::UnknownUnit { .. } => "unknown_unit",
            Self::NoOfficials { .. } => "no_officials",
            Self::Voters { .. } => "voters",
            Self::Kind { .. } => "kind",
            Self::Ordinal { .. } => "ordinal",
            Self::DuplicateOrdinal { .. } => "duplicate_ordinal",
            Self::VoterNumber { .. } => "voter_number",
            Self::DuplicateVoter { .. } => "duplicate_voter",
            Self::VoterNames { .. } => "voter_names",
            Self::DuplicateMember { .. } => "duplicate_member",
            Self::TooLong => "too_long",
            Self::Invisible => "invisible",
            Self::CellError => "cell_error",
            Self::TooMany { .. } => "too_many",
            Self::Contact { why } => contact(why),
            Self::DuplicateContact { .. } => "duplicate_contact",
            Self::UnknownOfficial { .. } => "unknown_official",
            Self::Way { .. } => "way",
        }
    }

    /// What it names, by the names that its words use.
    pub fn given(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::MissingSheet { what, columns } => {
                vec![("what", (*what).to_owned()), ("columns", columns.clone())]
            }
            Self::TwoSheets { what, other } => vec![("what", (*what).to_owned()), ("other", other.clone())],
            Self::MissingColumn { name } => vec![("name", (*name).to_owned())],
            Self::LeadingZeros { found, likely: Some(likely) } => {
                vec![("found", found.clone()), ("likely", likely.clone())]
            }
            Self::Code { found }
            | Self::LeadingZeros { found, likely: None }
            | Self::Voters { found }
            | Self::Kind { found }
            | Self::Ordinal { found } => vec![("found", found.clone())],
            Self::DuplicateUnit { code, first }
            | Self::DuplicateOfficial { code, first }
            | Self::DuplicateContact { code, first } => {
                vec![("code", code.clone()), ("first", first.to_string())]
            }
            Self::UnknownUnit { code } | Self::NoOfficials { code } => vec![("code", code.clone())],
            Self::DuplicateOrdinal { ordinal, first } => {
                vec![("ordinal", ordinal.to_string()), ("first", first.to_string())]
            }
            Self::VoterNumber { found, max } => vec![("found", found.clone()), ("max", max.to_string())],
            Self::DuplicateVoter { number, first } => {
                vec![("number", number.to_string()), ("first", first.to_string())]
            }
            Self::VoterNames { code, voters, names } => {
                vec![("code", code.clone()), ("voters", voters.to_string()), ("names", names.to_string())]
            }
            Self::DuplicateMember { name, first } => {
                vec![("name", name.clone()), ("first", first.to_string())]
            }
            Self::TooMany { what, max } => vec![("what", (*what).to_owned()), ("max", max.to_string())],
            Self::UnknownOfficial { code } => vec![("code", code.clone())],
            Self::Way { found } => vec![("found", found.clone())],
            Self::Contact { .. }
            | Self::NotAWorkbook
            | Self::OldWorkbook
            | Self::TooLarge
            | Self::NotUtf8
            | Self::NoRows
            | Self::DoubleColumn
            | Self::Empty
            | Self::TooLong
            | Self::Invisible
            | Self::CellError => Vec::new(),
        }
    }
}

/// Stable code of what a contact cannot be.
fn contact(why: &ContactError) -> &'static str {
    match why {
        ContactError::Code => "contact_code",
        ContactError::Name => "contact_name",
        ContactError::Email => "contact_email",
        ContactError::Phone => "contact_phone",
        ContactError::WayNeeds(Channel::Email) => "contact_needs_email",
        ContactError::WayNeeds(_) => "contact_needs_phone",
    }
}
