//! Guidance from the level above: a text for each step in the office and of a team's work on its tablets, which the
//! organisation board writes and whose every version is kept.

use serde::{Deserialize, Serialize};
use sync_core::guidance::{GUIDANCE_TEXT_MAX, TeamStep};
use thiserror::Error;

/// Longest text, in characters; what is read without scrolling for long.
pub const TEXT_MAX: usize = GUIDANCE_TEXT_MAX;

/// A step at which somebody may need to know how it is done here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuidanceStep {
    /// Office: setting a round up.
    SetUp,
    /// Office: watching the units.
    Watch,
    /// Office: deciding what is held or missing.
    Decide,
    /// Office: closing, counting, publishing.
    Steer,
    /// Office: reading results and telling people.
    Results,
    /// Office: visits.
    Oversee,
    /// Team: comparing the list with paper.
    TeamCompare,
    /// Team: checking voters in, handing out slips.
    TeamCheckIn,
    /// Team: looking after the vote.
    TeamVote,
    /// Team: closing the box.
    TeamClose,
    /// Team: counting slips, figures, minutes.
    TeamMinutes,
    /// Team: handing ballots over.
    TeamHandOver,
    /// Team: correction plans.
    TeamPlans,
}

/// The text of a step; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Guidance {
    /// In Vietnamese.
    #[schema(max_length = 2000)]
    pub vi: String,
    /// In English.
    #[schema(max_length = 2000)]
    pub en: String,
}

/// A text that is too long or holds control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("guidance has at most {TEXT_MAX} characters in each language, and no control characters")]
pub struct GuidanceError;

impl GuidanceStep {
    /// Every step.
    pub const ALL: [Self; 13] = [
        Self::SetUp,
        Self::Watch,
        Self::Decide,
        Self::Steer,
        Self::Results,
        Self::Oversee,
        Self::TeamCompare,
        Self::TeamCheckIn,
        Self::TeamVote,
        Self::TeamClose,
        Self::TeamMinutes,
        Self::TeamHandOver,
        Self::TeamPlans,
    ];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Watch => "watch",
            Self::Decide => "decide",
            Self::Steer => "steer",
            Self::Results => "results",
            Self::Oversee => "oversee",
            Self::TeamCompare => "team_compare",
            Self::TeamCheckIn => "team_check_in",
            Self::TeamVote => "team_vote",
            Self::TeamClose => "team_close",
            Self::TeamMinutes => "team_minutes",
            Self::TeamHandOver => "team_hand_over",
            Self::TeamPlans => "team_plans",
        }
    }

    /// The step of a team on its tablet that this one stands for.
    pub fn of_team(step: TeamStep) -> Self {
        match step {
            TeamStep::Compare => Self::TeamCompare,
            TeamStep::CheckIn => Self::TeamCheckIn,
            TeamStep::Vote => Self::TeamVote,
            TeamStep::Close => Self::TeamClose,
            TeamStep::Minutes => Self::TeamMinutes,
            TeamStep::HandOver => Self::TeamHandOver,
            TeamStep::Plans => Self::TeamPlans,
        }
    }
}

impl Guidance {
    /// Without blanks around it, if it fits.
    ///
    /// # Errors
    /// [`GuidanceError`].
    pub fn checked(self) -> Result<Self, GuidanceError> {
        let text = |text: String| {
            let text = text.replace("\r\n", "\n").trim().to_owned();
            let fits = text.is_empty() || crate::domain::visit::is_text(&text, TEXT_MAX);
            if fits { Ok(text) } else { Err(GuidanceError) }
        };
        Ok(Self { vi: text(self.vi)?, en: text(self.en)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_lines_and_its_bound() {
        let of = |vi: &str| Guidance { vi: vi.to_owned(), en: String::new() }.checked();
        assert_eq!(of(" Đọc to.\r\nRồi ký. ").unwrap().vi, "Đọc to.\nRồi ký.");
        assert!(of(&"ă".repeat(TEXT_MAX)).is_ok());
        assert_eq!(of(&"ă".repeat(TEXT_MAX + 1)), Err(GuidanceError));
        assert_eq!(of("a\u{0}b"), Err(GuidanceError));
        assert!(of("").is_ok(), "taking a text away");
    }

    #[test]
    fn every_step_is_known_by_its_name() {
        for step in GuidanceStep::ALL {
            let code = serde_json::to_value(step).unwrap();
            assert_eq!(code, step.code());
        }
    }

    #[test]
    fn every_step_of_a_team_can_be_written_for() {
        for step in TeamStep::ALL {
            let written = GuidanceStep::of_team(step);
            assert_eq!(written.code(), format!("team_{}", step.code()));
            assert!(GuidanceStep::ALL.contains(&written));
        }
    }
}
