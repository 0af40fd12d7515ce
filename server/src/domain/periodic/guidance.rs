//! Guidance from the level above: a text for each step in the office, which the organisation board writes and whose every
//! version is kept.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest text, in characters; what is read without scrolling for long.
pub const TEXT_MAX: usize = 2_000;

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
    pub const ALL: [Self; 6] =
        [Self::SetUp, Self::Watch, Self::Decide, Self::Steer, Self::Results, Self::Oversee];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Watch => "watch",
            Self::Decide => "decide",
            Self::Steer => "steer",
            Self::Results => "results",
            Self::Oversee => "oversee",
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
}
