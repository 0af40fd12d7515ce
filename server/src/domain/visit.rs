//! Visits of the inspection committee to a unit: planned, made, what was found, and what is to be put right by when.

use super::calendar::parse_day;
use serde::{Deserialize, Serialize};
use sync_core::id::{RoundId, UnitCode};
use thiserror::Error;
use time::Date;

/// Most people of a visit.
pub const PEOPLE_MAX: usize = 10;
/// Most findings of a visit.
pub const FINDINGS_MAX: usize = 30;
/// Longest text of a finding, a measure or a purpose, in characters.
pub const TEXT_MAX: usize = 1_000;

/// How far a visit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// It is to be made.
    Planned,
    /// It was made.
    Made,
    /// It will not be made.
    CalledOff,
}

/// How far what was found is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FollowUp {
    /// Nothing is to be done.
    Nothing,
    /// It is to be done.
    Open,
    /// It is done.
    Done,
}

/// Something that a visit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitFinding {
    /// What was found.
    #[schema(min_length = 1, max_length = 1000)]
    pub text: String,
    /// What the unit is to do about it; empty if nothing.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub measure: String,
    /// By which day, as `2026-11-27`; needed while something is to be done.
    #[schema(format = Date)]
    pub due_on: Option<String>,
    /// How far that is.
    pub follow_up: FollowUp,
}

/// What stands about a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitContent {
    /// How far it is.
    pub state: VisitState,
    /// The day for which it is planned, as `2026-11-27`.
    #[schema(format = Date, example = "2026-11-27")]
    pub planned_on: String,
    /// The day on which it was made.
    #[schema(format = Date)]
    pub made_on: Option<String>,
    /// Who goes.
    #[schema(min_items = 1, max_items = 10)]
    pub people: Vec<String>,
    /// What for.
    #[schema(min_length = 1, max_length = 1000)]
    pub purpose: String,
    /// What was found; only of a visit that was made.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub findings: Vec<VisitFinding>,
}

/// A visit as it stands after somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The round.
    pub round: RoundId,
    /// The unit.
    pub unit: UnitCode,
    /// Its id.
    pub id: [u8; 16],
    /// How many times it was written; every earlier one is kept.
    pub revision: u32,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Login of who wrote it.
    pub by: String,
    /// What stands about it.
    pub content: VisitContent,
}

/// What is wrong with what somebody wrote about a visit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VisitError {
    /// A day that is none.
    #[error("write days as 2026-11-27")]
    Day,
    /// Made without a day, or a day without being made.
    #[error("a visit that was made has the day on which it was; another has none")]
    MadeOn,
    /// Made in the future.
    #[error("a visit is made today or before")]
    Future,
    /// Nobody, too many, or a name that is none.
    #[error("name 1 to {PEOPLE_MAX} people, each with 1 to 100 characters")]
    People,
    /// A text that is missing, too long, or holds control characters.
    #[error("a text has 1 to {TEXT_MAX} characters")]
    Text,
    /// Findings of a visit that was not made, or too many.
    #[error("only a visit that was made has findings, at most {FINDINGS_MAX}")]
    Findings,
    /// Something to be done without what or by when.
    #[error("what is to be done needs words and the day by which it is to be done")]
    Measure,
}

impl VisitContent {
    /// Checks what somebody wrote, without blanks around it.
    ///
    /// # Errors
    /// [`VisitError`].
    pub fn checked(mut self, today: Date) -> Result<Self, VisitError> {
        let trim = |text: &mut String| *text = text.trim().to_owned();
        trim(&mut self.planned_on);
        trim(&mut self.purpose);
        self.people.iter_mut().for_each(trim);
        self.findings.iter_mut().for_each(|found| {
            trim(&mut found.text);
            trim(&mut found.measure);
        });
        parse_day(&self.planned_on).ok_or(VisitError::Day)?;
        let made =
            self.made_on.as_deref().map(|day| parse_day(day.trim()).ok_or(VisitError::Day)).transpose()?;
        if made.is_some() != (self.state == VisitState::Made) {
            return Err(VisitError::MadeOn);
        }
        if made.is_some_and(|day| day > today) {
            return Err(VisitError::Future);
        }
        let name = |name: &String| is_text(name, 100) && !name.contains('\n');
        if !(1..=PEOPLE_MAX).contains(&self.people.len()) || !self.people.iter().all(name) {
            return Err(VisitError::People);
        }
        if !is_text(&self.purpose, TEXT_MAX) {
            return Err(VisitError::Text);
        }
        let may_find = self.state == VisitState::Made || self.findings.is_empty();
        if !may_find || self.findings.len() > FINDINGS_MAX {
            return Err(VisitError::Findings);
        }
        self.findings.iter().try_for_each(check_finding)?;
        Ok(self)
    }

    /// What is to be put right and was not by its day.
    pub fn overdue(&self, today: Date) -> usize {
        let late = |found: &&VisitFinding| {
            let due = found.due_on.as_deref().and_then(parse_day);
            found.follow_up == FollowUp::Open && due.is_some_and(|due| today > due)
        };
        self.findings.iter().filter(late).count()
    }

    /// What is to be put right.
    pub fn open(&self) -> usize {
        self.findings.iter().filter(|found| found.follow_up == FollowUp::Open).count()
    }
}

fn check_finding(found: &VisitFinding) -> Result<(), VisitError> {
    if !is_text(&found.text, TEXT_MAX) || !(found.measure.is_empty() || is_text(&found.measure, TEXT_MAX)) {
        return Err(VisitError::Text);
    }
    let due = found.due_on.as_deref().map(|day| parse_day(day).ok_or(VisitError::Day)).transpose()?;
    match found.follow_up {
        FollowUp::Nothing => Ok(()),
        FollowUp::Open | FollowUp::Done if due.is_some() && !found.measure.is_empty() => Ok(()),
        FollowUp::Open | FollowUp::Done => Err(VisitError::Measure),
    }
}

/// Whether a text is there, not too long, and such as every engine and page takes.
pub fn is_text(text: &str, most: usize) -> bool {
    let control = |c: char| c.is_control() && c != '\n';
    (1..=most).contains(&text.chars().count()) && !text.chars().any(control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 27);

    fn planned() -> VisitContent {
        VisitContent {
            state: VisitState::Planned,
            planned_on: "2026-12-01".to_owned(),
            made_on: None,
            people: vec!["Sùng Thị Máy".to_owned()],
            purpose: "Xem sổ".to_owned(),
            findings: Vec::new(),
        }
    }

    fn made() -> VisitContent {
        let found = VisitFinding {
            text: "Biên bản ký trước".to_owned(),
            measure: "Họp lại".to_owned(),
            due_on: Some("2026-12-10".to_owned()),
            follow_up: FollowUp::Open,
        };
        let made_on = Some("2026-11-27".to_owned());
        VisitContent { state: VisitState::Made, made_on, findings: vec![found], ..planned() }
    }

    #[test]
    fn a_planned_and_a_made_visit_are_taken() {
        assert_eq!(planned().checked(TODAY), Ok(planned()));
        assert_eq!(made().checked(TODAY), Ok(made()));
        let spaced = VisitContent { purpose: "  Xem sổ ".to_owned(), ..planned() };
        assert_eq!(spaced.checked(TODAY), Ok(planned()));
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let refused = |content: VisitContent| content.checked(TODAY).unwrap_err();
        assert_eq!(refused(VisitContent { planned_on: "1/12".into(), ..planned() }), VisitError::Day);
        assert_eq!(
            refused(VisitContent { made_on: Some("2026-11-27".into()), ..planned() }),
            VisitError::MadeOn
        );
        assert_eq!(refused(VisitContent { made_on: None, ..made() }), VisitError::MadeOn);
        assert_eq!(
            refused(VisitContent { made_on: Some("2026-11-28".into()), ..made() }),
            VisitError::Future
        );
        assert_eq!(refused(VisitContent { people: vec![], ..planned() }), VisitError::People);
        assert_eq!(refused(VisitContent { people: vec!["a\0".into()], ..planned() }), VisitError::People);
        assert_eq!(refused(VisitContent { people: vec!["a".into(); 11], ..planned() }), VisitError::People);
        assert_eq!(refused(VisitContent { purpose: " ".into(), ..planned() }), VisitError::Text);
        assert_eq!(refused(VisitContent { purpose: "x".repeat(1_001), ..planned() }), VisitError::Text);
        assert_eq!(refused(VisitContent { findings: made().findings, ..planned() }), VisitError::Findings);
        let with = |change: fn(&mut VisitFinding)| {
            let mut content = made();
            change(&mut content.findings[0]);
            content.checked(TODAY)
        };
        assert_eq!(with(|found| found.due_on = None), Err(VisitError::Measure));
        assert_eq!(with(|found| found.measure = String::new()), Err(VisitError::Measure));
        assert_eq!(with(|found| found.due_on = Some("tomorrow".into())), Err(VisitError::Day));
        assert_eq!(with(|found| found.text = String::new()), Err(VisitError::Text));
        assert!(with(|found| (found.follow_up, found.due_on) = (FollowUp::Nothing, None)).is_ok());
    }

    #[test]
    fn a_follow_up_is_overdue_after_its_day_until_it_is_done() {
        assert_eq!(made().overdue(date!(2026 - 12 - 10)), 0);
        assert_eq!((made().overdue(date!(2026 - 12 - 11)), made().open()), (1, 1));
        let mut done = made();
        done.findings[0].follow_up = FollowUp::Done;
        assert_eq!((done.overdue(date!(2027 - 01 - 01)), done.open()), (0, 0));
    }
}
