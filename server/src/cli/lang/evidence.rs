//! What is known about a held envelope, in the language of the process.

use crate::cli::moment;
use crate::domain::evidence::{Evidence, HoldFact, OrphanStory};
use sync_core::package::{PermitChange, SheetReplacement};
use sync_core::survey::Header;

/// Text that others wrote, for a terminal: what would turn the line around or move the cursor is made visible.
pub(in crate::cli) fn plain(text: &str) -> String {
    let moves = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if moves(c) { '\u{fffd}' } else { c }).collect()
}

/// The envelope itself: tablet, number and what it follows, closing total, sheet.
pub(in crate::cli) fn envelope(held: &Evidence) -> String {
    let header = &held.header;
    let tablet = held.label.as_deref().map_or_else(|| tr!("evidence-centre"), plain);
    let device = header.device.to_string();
    let mut said = vec![tr!("evidence-tablet", tablet = tablet, device = device)];
    said.push(match header.previous {
        Some(id) => tr!("evidence-follows", number = header.number, previous = id.to_string()),
        None => tr!("evidence-first", number = header.number),
    });
    if let Some(total) = header.total {
        said.push(tr!("evidence-closes", total = total));
    }
    said.push(tr!("evidence-sheet", sheet = header.sheet.to_string()));
    said.join("; ")
}

/// What one reason rests on.
pub(in crate::cli) fn fact(fact: &HoldFact) -> String {
    match fact {
        HoldFact::RevokedDevice { reason } => tr!("evidence-revoked", reason = plain(reason)),
        HoldFact::Late { close: Some(close) } => {
            tr!("evidence-late", at = moment(close.at), who = plain(&close.by))
        }
        HoldFact::Late { close: None } => tr!("evidence-late-unknown"),
        HoldFact::ClonedTablet { twins } => tr!("evidence-cloned", others = others(twins)),
        HoldFact::BeyondClose { closes } => tr!("evidence-beyond", others = others(closes)),
        HoldFact::ReplacedSheet { replacement: Some(made), .. } => replaced(made),
        HoldFact::ReplacedSheet { replacement: None, .. } => tr!("evidence-replaced-unknown"),
        HoldFact::UnknownSheet { holds } => {
            let holds = holds.map_or_else(|| "?".to_owned(), |hash| hash.to_string());
            tr!("evidence-unknown-sheet", holds = holds)
        }
        HoldFact::OutOfScope { units } if units.is_empty() => tr!("evidence-courier"),
        HoldFact::OutOfScope { units } => {
            let units: Vec<_> = units.iter().map(ToString::to_string).collect();
            tr!("evidence-scope", units = units.join(", "))
        }
        HoldFact::BallotLength { found, expected } => {
            let expected = expected.map_or_else(|| "?".to_owned(), |bytes| bytes.to_string());
            tr!("evidence-length", found = *found, expected = expected)
        }
        HoldFact::BrokenChain { before } => tr!("evidence-broken", others = others(before)),
        HoldFact::Orphan(Some(story)) => orphan(story),
        HoldFact::Orphan(None) => tr!("evidence-orphan-unknown"),
    }
}

fn replaced(made: &SheetReplacement) -> String {
    let (number, new, reason) = (made.number, made.new.to_string(), plain(&made.reason));
    match made.permits {
        PermitChange::Kept => tr!("evidence-replaced", number = number, new = new, reason = reason),
        PermitChange::Replaced => {
            tr!("evidence-replaced-slips", number = number, new = new, reason = reason)
        }
    }
}

fn orphan(told: &OrphanStory) -> String {
    let device = told.device.map_or_else(|| "?".to_owned(), |device| device.to_string());
    let tablet = told.label.as_deref().map_or(device, plain);
    tr!("evidence-orphan", tablet = tablet, who = plain(&told.taken_by), story = plain(&told.story))
}

fn others(headers: &[Header]) -> String {
    let one = |header: &Header| {
        let (id, number, ballots) = (header.id.to_string(), header.number, header.ballots);
        match header.total {
            Some(total) => {
                tr!("evidence-other-closes", id = id, number = number, ballots = ballots, total = total)
            }
            None => tr!("evidence-other", id = id, number = number, ballots = ballots),
        }
    };
    headers.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_others_wrote_moves_the_cursor_or_turns_a_line_around() {
        let hostile = "Máy \u{1b}[2J\u{202e}2\u{2066}\u{200f}\r\n<b>";
        let shown = plain(hostile);
        assert_eq!(shown, "Máy \u{fffd}[2J\u{fffd}2\u{fffd}\u{fffd}\u{fffd}\u{fffd}<b>");
        assert_eq!(plain("Giàng Thị Hai – máy số 2"), "Giàng Thị Hai – máy số 2");
    }
}
