//! Decisions of two people: how they are named, stored and put into an order.

use sync_core::id::{DeviceId, EnvelopeId};
use sync_core::order::Ruling;
use sync_core::package::TEXT_MAX;
use sync_core::survey::Gap;
use thiserror::Error;

/// Why a decision is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecisionError {
    /// Not two different persons.
    #[error("a decision needs two different persons, each with a name of at most 200 characters")]
    Persons,
    /// No reason.
    #[error("a decision needs a reason of at most 200 characters")]
    Reason,
}

/// The two persons by their names, in order, and their reason, if it is two and there is one.
///
/// # Errors
/// [`DecisionError`].
pub fn people(persons: [&str; 2], reason: &str) -> Result<([String; 2], String), DecisionError> {
    let mut by = persons.map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
    // Two spellings of one name are one person.
    if !by.iter().all(|name| is_reason(name)) || by[0].to_lowercase() == by[1].to_lowercase() {
        return Err(DecisionError::Persons);
    }
    by.sort();
    let reason = reason.trim().to_owned();
    if is_reason(&reason) { Ok((by, reason)) } else { Err(DecisionError::Reason) }
}

/// Whether a text may stand as a reason, or as a name under one: one line of 1 to 200 characters that every format
/// holds.
pub fn is_reason(text: &str) -> bool {
    (1..=200).contains(&text.chars().count()) && text.len() <= TEXT_MAX && !text.chars().any(char::is_control)
}

/// What a ruling is about, as stored text, and its verdict.
fn to_text(ruling: &Ruling) -> (String, &'static str) {
    match ruling {
        Ruling::Admit(id) => (format!("envelope:{id}"), "admit"),
        Ruling::LeaveOut(id) => (format!("envelope:{id}"), "leave_out"),
        Ruling::WriteOff(gap) => (gap_text(gap), "write_off"),
    }
}

/// The ruling that was stored.
pub fn from_text(subject: &str, verdict: &str) -> Option<Ruling> {
    let mut parts = subject.split(':');
    let (kind, id) = (parts.next()?, parts.next()?);
    let mut number = || parts.next()?.parse().ok();
    match (kind, verdict) {
        ("envelope", "admit") => id.parse().ok().map(Ruling::Admit),
        ("envelope", "leave_out") => id.parse().ok().map(Ruling::LeaveOut),
        (_, "write_off") => {
            let device: DeviceId = id.parse().ok()?;
            Some(Ruling::WriteOff(match kind {
                "number" => Gap::Number { device, number: number()? },
                "close" => Gap::Close { device },
                "total" => Gap::Total { device, stated: number()?, found: number()? },
                _ => return None,
            }))
        }
        _ => None,
    }
}

/// What two people decide, one proposing and another confirming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// What is to happen to something held or missing. It goes into the next order.
    Ruling(Ruling),
    /// The unit will never be published: it never voted, or what is missing there will not come. Without this, a round
    /// with such a unit is never finished.
    LeaveUnpublished,
    /// The round may be finished without this tablet, which was not heard from since a restore: it is lost, or will not
    /// come in time. What it still holds then comes late. The next restore forgets this.
    GoOnWithout(DeviceId),
}

impl From<Ruling> for Matter {
    fn from(ruling: Ruling) -> Self {
        Self::Ruling(ruling)
    }
}

/// What [`Matter::LeaveUnpublished`] is about, as stored text.
const WHOLE_UNIT: &str = "unit";
const LEAVE_UNPUBLISHED: &str = "leave_unpublished";
/// What stands before the device in what [`Matter::GoOnWithout`] is about.
const TABLET: &str = "tablet:";
const GO_ON_WITHOUT: &str = "go_on_without";

impl Matter {
    /// What it is about, as stored text, and the verdict.
    pub fn to_text(&self) -> (String, &'static str) {
        match self {
            Self::Ruling(ruling) => to_text(ruling),
            Self::LeaveUnpublished => (WHOLE_UNIT.to_owned(), LEAVE_UNPUBLISHED),
            Self::GoOnWithout(device) => (format!("{TABLET}{device}"), GO_ON_WITHOUT),
        }
    }

    /// The matter that was stored, or that people named.
    pub fn from_text(subject: &str, verdict: &str) -> Option<Self> {
        match (subject, verdict) {
            (WHOLE_UNIT, LEAVE_UNPUBLISHED) => Some(Self::LeaveUnpublished),
            (subject, GO_ON_WITHOUT) => subject.strip_prefix(TABLET)?.parse().ok().map(Self::GoOnWithout),
            _ => from_text(subject, verdict).map(Self::Ruling),
        }
    }
}

/// A gap as people name it on the command line: `number:DEVICE:N`, `close:DEVICE`, `total:DEVICE:STATED:FOUND`.
pub fn gap_text(gap: &Gap) -> String {
    match gap {
        Gap::Number { device, number } => format!("number:{device}:{number}"),
        Gap::Close { device } => format!("close:{device}"),
        Gap::Total { device, stated, found } => format!("total:{device}:{stated}:{found}"),
    }
}

/// The gap that people named.
pub fn parse_gap(text: &str) -> Option<Gap> {
    match from_text(text, "write_off")? {
        Ruling::WriteOff(gap) => Some(gap),
        _ => None,
    }
}

/// An envelope id as people name it: in full.
pub fn parse_envelope(text: &str) -> Option<EnvelopeId> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_under_two_spellings_is_not_two() {
        for persons in [["Vàng A", "vàng  a "], ["", "B"], ["A", "A"]] {
            assert_eq!(people(persons, "vì"), Err(DecisionError::Persons));
        }
        assert_eq!(people(["B", "A"], " "), Err(DecisionError::Reason));
        assert_eq!(people(["B", "A"], "vì").unwrap().0, ["A", "B"]);
    }

    #[test]
    fn every_ruling_survives_being_stored() {
        let device = DeviceId([3; 16]);
        for ruling in [
            Ruling::Admit(EnvelopeId([1; 32])),
            Ruling::LeaveOut(EnvelopeId([2; 32])),
            Ruling::WriteOff(Gap::Number { device, number: 7 }),
            Ruling::WriteOff(Gap::Close { device }),
            Ruling::WriteOff(Gap::Total { device, stated: 9, found: 8 }),
        ] {
            let (subject, verdict) = to_text(&ruling);
            assert_eq!(from_text(&subject, verdict), Some(ruling));
            assert_eq!(Matter::from_text(&subject, verdict), Some(Matter::Ruling(ruling)));
        }
        let (subject, verdict) = Matter::LeaveUnpublished.to_text();
        assert_eq!(Matter::from_text(&subject, verdict), Some(Matter::LeaveUnpublished));
        let (subject, verdict) = Matter::GoOnWithout(device).to_text();
        assert_eq!(Matter::from_text(&subject, verdict), Some(Matter::GoOnWithout(device)));
        for subject in ["unit", "tablet:", "tablet:xx", "close:03030303030303030303030303030303"] {
            assert_eq!(Matter::from_text(subject, "go_on_without"), None);
        }
        assert_eq!(Matter::from_text(&subject, "write_off"), None);
        assert_eq!(Matter::from_text("unit", "admit"), None);
        assert_eq!(Matter::from_text("close:xx", "leave_unpublished"), None);
        assert_eq!(from_text("close:xx", "write_off"), None);
    }
}
