//! What a corrected sheet changes and what stands against it, in the language of the process. English is what the
//! domain says itself.

use super::{Lang, current};
use crate::domain::replacement::{Change, Note, SheetProblem};

/// Why a sheet is not replaced.
pub(in crate::cli) fn problem(problem: &SheetProblem) -> String {
    if current() == Lang::En {
        return problem.to_string();
    }
    match problem {
        SheetProblem::Reason => vi!("correction-reason"),
        SheetProblem::MeetingBegun { checked_in } => vi!("correction-meeting-begun", count = *checked_in),
        SheetProblem::NotInRoster { unit } => vi!("correction-not-in-roster", unit = unit.as_str()),
        SheetProblem::RatedElsewhere { code, unit } => {
            vi!("correction-rated-elsewhere", code = code.as_str(), unit = unit.as_str())
        }
        SheetProblem::TooFewSlips { permits, voters } => {
            vi!("correction-too-few-slips", slips = *permits, voters = *voters)
        }
        SheetProblem::Attended => vi!("correction-attended"),
        SheetProblem::WrongSlips { printed, wanted } => {
            vi!("correction-wrong-slips", printed = *printed, wanted = *wanted)
        }
        SheetProblem::VoterNames { names, voters } => {
            vi!("correction-voter-names", names = *names, voters = *voters)
        }
        SheetProblem::Unchanged => vi!("correction-unchanged"),
        SheetProblem::TooOften => vi!("correction-too-often"),
        SheetProblem::TooLarge(_) => vi!("correction-too-large"),
    }
}

/// One thing that changes.
pub(in crate::cli) fn change(change: &Change) -> String {
    if current() == Lang::En {
        return change.to_string();
    }
    match change {
        Change::Name { code, from, to } => {
            vi!("correction-name", code = code.as_str(), from = from.as_str(), to = to.as_str())
        }
        Change::Post { code, from, to } => {
            vi!("correction-post", code = code.as_str(), from = from.as_str(), to = to.as_str())
        }
        Change::Added { code, name, post, place } => vi!(
            "correction-added",
            code = code.as_str(),
            name = name.as_str(),
            post = post.as_str(),
            place = *place
        ),
        Change::Removed { code, name, post } => {
            vi!("correction-removed", code = code.as_str(), name = name.as_str(), post = post.as_str())
        }
        Change::Order(codes) => vi!("correction-order", codes = codes.join(", ")),
        Change::Voters { from, to } => vi!("correction-voters", from = *from, to = *to),
        Change::VoterNames { count } => vi!("correction-names", count = *count),
        Change::Team(names) => vi!("correction-team", names = names.join(", ")),
        Change::Slips { from, to } => vi!("correction-slips", from = *from, to = *to),
    }
}

/// One thing that should be known.
pub(in crate::cli) fn note(note: &Note) -> String {
    if current() == Lang::En {
        return note.to_string();
    }
    match note {
        Note::OtherBallot => vi!("correction-other-ballot"),
        Note::Arrived { envelopes, ballots } => {
            vi!("correction-arrived", envelopes = *envelopes, ballots = *ballots)
        }
        Note::SlipsVoid => vi!("correction-slips-void"),
        Note::FewToSpare { permits, voters, wanted } => {
            vi!("correction-few-to-spare", slips = *permits, voters = *voters, wanted = *wanted)
        }
        Note::NameStays { signed } => vi!("correction-name-stays", name = signed.as_str()),
    }
}
