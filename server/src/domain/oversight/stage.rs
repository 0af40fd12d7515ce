//! How far a unit is, from "not begun" to "published", with what is known of when.

use serde::{Deserialize, Serialize};
use sync_core::record::Language;
use time::Date;

/// How far a unit is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
// Notices have a stage too, and the API's document has one schema of a name.
#[schema(as = UnitStage)]
pub enum Stage {
    /// No tablet, no entry, no ballot.
    #[default]
    NotBegun,
    /// It has tablets.
    Prepared,
    /// Something was noted, or ballots came.
    Voting,
    /// Every tablet closed.
    Closed,
    /// Chair and counting head signed the minutes as they are now.
    Minuted,
    /// Its ballots are in an accepted result.
    Counted,
    /// Two people left it unpublished.
    LeftUnpublished,
    /// Its result is published.
    Published,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 8] = [
        Self::NotBegun,
        Self::Prepared,
        Self::Voting,
        Self::Closed,
        Self::Minuted,
        Self::Counted,
        Self::LeftUnpublished,
        Self::Published,
    ];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotBegun => "not_begun",
            Self::Prepared => "prepared",
            Self::Voting => "voting",
            Self::Closed => "closed",
            Self::Minuted => "minuted",
            Self::Counted => "counted",
            Self::LeftUnpublished => "left_unpublished",
            Self::Published => "published",
        }
    }

    /// The stage with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == text)
    }

    /// Whether the unit did what it had to: ballot held, minutes signed.
    pub fn is_held(self) -> bool {
        self >= Self::Minuted
    }

    /// Its name for people.
    pub fn label(self, language: Language) -> &'static str {
        let (vi, en) = match self {
            Self::NotBegun => ("chưa bắt đầu", "not begun"),
            Self::Prepared => ("đã có máy", "has tablets"),
            Self::Voting => ("đang bỏ phiếu", "voting"),
            Self::Closed => ("đã chốt hòm", "boxes closed"),
            Self::Minuted => ("đã ký biên bản", "minutes signed"),
            Self::Counted => ("đã kiểm phiếu", "counted"),
            Self::LeftUnpublished => ("để lại không công bố", "left unpublished"),
            Self::Published => ("đã công bố", "published"),
        };
        match language {
            Language::Vietnamese => vi,
            Language::English => en,
        }
    }
}

/// A step that a unit took, with the day if one is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Step {
    /// Which.
    pub stage: Stage,
    /// On which day, as `2026-11-27`, by the clock of whoever noted it; nothing if no day is noted.
    pub on: Option<String>,
}

/// How far a unit is, and what is known of when. Of ballots and closing envelopes no time is kept anywhere, so these steps
/// have no day of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// How far it is.
    pub stage: Stage,
    /// Day of the first entry in its record, by a tablet's clock.
    pub first_noted_on: Option<Date>,
    /// Day of the last signature under its minutes, by a tablet's clock.
    pub signed_on: Option<Date>,
    /// Day on which the result with its ballots was accepted.
    pub counted_on: Option<Date>,
    /// Day of publication.
    pub published_on: Option<Date>,
}

impl Progress {
    /// The steps that the unit took, in order.
    pub fn steps(&self) -> Vec<Step> {
        let taken = Stage::ALL.into_iter().filter(|stage| *stage <= self.stage);
        // A unit is left unpublished or published, never both.
        let taken = taken.filter(|stage| *stage != Stage::LeftUnpublished || self.stage == *stage);
        let day = |stage| match stage {
            Stage::Voting => self.first_noted_on,
            Stage::Minuted => self.signed_on,
            Stage::Counted => self.counted_on,
            Stage::Published => self.published_on,
            _ => None,
        };
        taken.skip(1).map(|stage| Step { stage, on: super::maybe_day(day(stage)) }).collect()
    }
}

/// What a stage follows from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    /// Tablets certified and not revoked.
    pub tablets: usize,
    /// Of these, tablets that closed.
    pub closed: usize,
    /// Entries of its record and envelopes that came.
    pub traces: usize,
    /// Whether the minutes are signed as they are now.
    pub signed: bool,
    /// Whether it is in an accepted result with at least one ballot.
    pub counted: bool,
    /// Whether two people left it unpublished.
    pub left: bool,
    /// Whether it is published.
    pub published: bool,
}

/// The stage that follows from what is seen: the furthest that holds.
pub fn stage_of(seen: Seen) -> Stage {
    let all_closed = seen.tablets > 0 && seen.closed == seen.tablets;
    match seen {
        Seen { published: true, .. } => Stage::Published,
        Seen { left: true, .. } => Stage::LeftUnpublished,
        Seen { counted: true, .. } => Stage::Counted,
        Seen { signed: true, .. } if all_closed || seen.tablets == 0 => Stage::Minuted,
        Seen { traces: 1.., .. } if all_closed => Stage::Closed,
        Seen { traces: 1.., .. } => Stage::Voting,
        Seen { tablets: 1.., .. } => Stage::Prepared,
        _ => Stage::NotBegun,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_furthest_stage_that_holds_is_the_stage() {
        let none = Seen::default();
        assert_eq!(stage_of(none), Stage::NotBegun);
        assert_eq!(stage_of(Seen { tablets: 2, ..none }), Stage::Prepared);
        let voting = Seen { tablets: 2, closed: 1, traces: 1, ..none };
        assert_eq!(stage_of(voting), Stage::Voting);
        assert_eq!(
            stage_of(Seen { signed: true, ..voting }),
            Stage::Voting,
            "a box is open, so nothing is done"
        );
        let closed = Seen { closed: 2, ..voting };
        assert_eq!(stage_of(closed), Stage::Closed);
        assert_eq!(stage_of(Seen { signed: true, ..closed }), Stage::Minuted);
        assert_eq!(stage_of(Seen { counted: true, ..closed }), Stage::Counted);
        assert_eq!(stage_of(Seen { counted: true, left: true, ..closed }), Stage::LeftUnpublished);
        assert_eq!(stage_of(Seen { published: true, ..none }), Stage::Published);
        assert_eq!(
            stage_of(Seen { closed: 0, tablets: 0, traces: 3, ..none }),
            Stage::Voting,
            "revoked tablets"
        );
    }

    #[test]
    fn steps_say_a_day_only_where_one_is_noted() {
        let progress = Progress {
            stage: Stage::Counted,
            signed_on: Some(date!(2026 - 11 - 20)),
            published_on: Some(date!(2026 - 11 - 27)),
            ..Progress::default()
        };
        let steps: Vec<_> = progress.steps().into_iter().map(|step| (step.stage, step.on)).collect();
        let signed = Some("2026-11-20".to_owned());
        let expected = [
            (Stage::Prepared, None),
            (Stage::Voting, None),
            (Stage::Closed, None),
            (Stage::Minuted, signed),
            (Stage::Counted, None),
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn stages_are_known_by_their_names() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.code()), Some(stage));
        }
        assert_eq!(Stage::parse("Closed"), None);
    }
}
