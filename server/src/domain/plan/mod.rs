//! Correction plans: who owes one by which day, and how far each is.
//!
//! What a plan says is in the unit's record, where officials, the unit's tablets and the office write it together. Here
//! is what follows from it, and from the figures that are published: never from figures that are not.

mod tally;

pub use tally::{PlanStanding, PlanTally};

use super::calendar::Calendar;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use sync_core::count::{Line, over_half, two_thirds_or_more};
use sync_core::id::{RoundId, UnitCode};
use sync_core::record::{EntryRef, Plans};
use thiserror::Error;
use time::{Date, Duration};

/// Working days in which a plan is written, unless the round's rule says otherwise.
pub const USUAL_DAYS: u16 = 15;
/// Most that a rule may say.
pub const MOST_DAYS: u16 = 250;
/// Days in which a version is confirmed, or differing ones are settled, where the plan's own due day leaves fewer.
const SETTLED_WITHIN: i64 = 7;

/// Who owes a plan once a unit is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Everybody who was rated.
    Everybody,
    /// Whoever got the lowest level from over half of the base.
    OverHalf,
    /// Whoever got it from two thirds or more.
    TwoThirds,
}

impl Who {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Everybody, Self::OverHalf, Self::TwoThirds];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::OverHalf => "over_half",
            Self::TwoThirds => "two_thirds",
        }
    }

    /// The one with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.code() == text)
    }

    /// Whether an official owes a plan. `line` is what is published of them: nothing where the unit is too small, and
    /// then nobody is flagged, whatever the ballots say.
    pub fn owes(self, line: Option<&Line>, base: u64) -> bool {
        let low = line.and_then(|line| line.levels.last()).copied().map(u64::from);
        match (self, low) {
            (Self::Everybody, _) => true,
            (_, None) => false,
            (Self::OverHalf, Some(low)) => over_half(low, base),
            (Self::TwoThirds, Some(low)) => two_thirds_or_more(low, base),
        }
    }
}

/// Who owes a plan in a round, and how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Who.
    pub who: Who,
    /// Within how many working days after publication.
    pub working_days: u16,
}

impl Default for Rule {
    fn default() -> Self {
        Self { who: Who::Everybody, working_days: USUAL_DAYS }
    }
}

/// A number of days that no rule may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a plan is due within 1 to {MOST_DAYS} working days")]
pub struct DaysError;

impl Rule {
    /// The rule, if its days are in bounds.
    ///
    /// # Errors
    /// [`DaysError`].
    pub fn checked(self) -> Result<Self, DaysError> {
        if (1..=MOST_DAYS).contains(&self.working_days) { Ok(self) } else { Err(DaysError) }
    }

    /// When a plan is due of a unit that is published on this day.
    pub fn due(self, calendar: &Calendar, made_on: Date) -> Date {
        calendar.after(made_on, self.working_days)
    }
}

/// What the record says of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody wrote one.
    None,
    /// Versions differ that were written without each other.
    Conflict,
    /// It is written.
    Written,
    /// A second person confirmed it.
    Confirmed,
    /// Something became of it since.
    InProgress,
    /// It is done.
    Done,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Conflict, Self::Written, Self::Confirmed, Self::InProgress, Self::Done];

    /// What follows from a record. Progress and end count once the plan is confirmed.
    pub fn of(plans: Option<&Plans>) -> Self {
        let Some(plans) = plans.filter(|plans| !plans.versions.is_empty()) else { return Self::None };
        if plans.is_conflict() {
            Self::Conflict
        } else if plans.confirmed().is_none() {
            Self::Written
        } else if plans.done().is_some() {
            Self::Done
        } else if plans.is_in_progress() {
            Self::InProgress
        } else {
            Self::Confirmed
        }
    }

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Conflict => "conflict",
            Self::Written => "written",
            Self::Confirmed => "confirmed",
            Self::InProgress => "in_progress",
            Self::Done => "done",
        }
    }

    /// The state with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == text)
    }

    /// Where it stands in lists: what waits for somebody comes first, what is not owed last.
    pub fn rank(self, owed: bool) -> i64 {
        match self {
            Self::None if owed => 0,
            Self::None => 6,
            Self::Conflict => 1,
            Self::Written => 2,
            Self::Confirmed => 3,
            Self::InProgress => 4,
            Self::Done => 5,
        }
    }
}

/// How a plan stands on some day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStage {
    /// None is owed, and none is written.
    NotOwed,
    /// One is owed, and there is time left.
    Due,
    /// There is none left.
    Overdue,
    /// Versions differ, and somebody has to settle it.
    Conflict,
    /// It waits for a second person's confirmation.
    Written,
    /// It is confirmed.
    Confirmed,
    /// Something became of it.
    InProgress,
    /// It is done.
    Done,
}

impl PlanStage {
    /// Every stage.
    pub const ALL: [Self; 8] = [
        Self::NotOwed,
        Self::Due,
        Self::Overdue,
        Self::Conflict,
        Self::Written,
        Self::Confirmed,
        Self::InProgress,
        Self::Done,
    ];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotOwed => "not_owed",
            Self::Due => "due",
            Self::Overdue => "overdue",
            Self::Conflict => "conflict",
            Self::Written => "written",
            Self::Confirmed => "confirmed",
            Self::InProgress => "in_progress",
            Self::Done => "done",
        }
    }

    /// The stage with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == text)
    }

    /// Where plans that stand like this are in lists. What is due and what is overdue stand together.
    pub fn rank(self) -> i64 {
        match self {
            Self::NotOwed => State::None.rank(false),
            Self::Due | Self::Overdue => State::None.rank(true),
            Self::Conflict => State::Conflict.rank(true),
            Self::Written => State::Written.rank(true),
            Self::Confirmed => State::Confirmed.rank(true),
            Self::InProgress => State::InProgress.rank(true),
            Self::Done => State::Done.rank(true),
        }
    }
}

/// What the centre holds about the plan of one official of a published unit, owed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// The round.
    pub round: RoundId,
    /// The unit in which they were rated.
    pub unit: UnitCode,
    /// Code of the official.
    pub official: String,
    /// Name, as it stood on the ballot.
    pub name: String,
    /// Post, as it stood on the ballot.
    pub post: String,
    /// Whether a plan is owed.
    pub owed: bool,
    /// Day of publication.
    pub made_on: Date,
    /// Last day on which it is in time.
    pub due_on: Date,
    /// What the record says.
    pub state: State,
    /// Last day that a measure names.
    pub ends_on: Option<Date>,
    /// Day on which the centre first knew of a plan. Tablets' clocks do not decide.
    pub written_on: Option<Date>,
    /// Day since which it stands as it does, likewise; nothing while nobody wrote one.
    pub state_on: Option<Date>,
}

impl PlanRow {
    /// What decides how it counts.
    pub fn standing(&self) -> PlanStanding {
        let Self { owed, due_on, state, ends_on, written_on, .. } = *self;
        PlanStanding { owed, due_on, state, ends_on, written_on }
    }

    /// How it stands on this day.
    pub fn stage(&self, today: Date) -> PlanStage {
        self.standing().stage(today)
    }

    /// As [`PlanStanding::is_behind`].
    pub fn is_behind(&self, today: Date) -> bool {
        self.standing().is_behind(today)
    }

    /// The day since which it waits for others: for a second person's confirmation, or for somebody who settles which
    /// version stands.
    pub fn waits_since(&self) -> Option<Date> {
        let waits = matches!(self.state, State::Written | State::Conflict);
        self.state_on.or(self.written_on).filter(|_| waits)
    }

    /// The last day on which these are in time: the plan's own due day, and never less than a week after it was written.
    pub fn settled_by(&self) -> Option<Date> {
        let since = self.waits_since()?;
        let week = since.checked_add(Duration::days(SETTLED_WITHIN)).unwrap_or(since);
        Some(if self.owed { self.due_on.max(week) } else { week })
    }

    /// As [`PlanStanding::in_time`].
    pub fn in_time(&self) -> Option<bool> {
        self.standing().in_time()
    }
}

/// Names the versions that stand, for whoever writes on from what they read.
pub fn revision(live: &BTreeSet<EntryRef>) -> String {
    if live.is_empty() {
        return "none".to_owned();
    }
    let mut sum = Sha256::new();
    sum.update(b"homphieu/plan-revision/1");
    for place in live {
        sum.update(place.to_string().as_bytes());
        sum.update([0]);
    }
    sum.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A day as a record counts it: days since 1970.
pub fn day_number(day: Date) -> Option<u32> {
    u32::try_from((day - time::OffsetDateTime::UNIX_EPOCH.date()).whole_days()).ok()
}

/// The day that a record counts.
pub fn day_from(number: u32) -> Option<Date> {
    time::OffsetDateTime::UNIX_EPOCH.date().checked_add(Duration::days(i64::from(number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::record::{Actor, By, Measure, PersonId, Plan, Progress};
    use time::macros::date;

    fn line(low: u32, others: u32) -> Line {
        Line { levels: vec![others, 0, low], invalid: 0 }
    }

    #[test]
    fn exactly_half_owes_nothing_and_exactly_two_thirds_does() {
        let owes = |who: Who, low, base: u32| who.owes(Some(&line(low, base - low)), u64::from(base));
        for (low, base, half, thirds) in [
            (5, 10, false, false),
            (6, 11, true, false),
            (6, 10, true, false),
            (6, 9, true, true),
            (5, 9, true, false),
            (9, 9, true, true),
        ] {
            assert_eq!(
                (owes(Who::OverHalf, low, base), owes(Who::TwoThirds, low, base)),
                (half, thirds),
                "{low} of {base}"
            );
        }
        assert!(
            !owes(Who::OverHalf, 0, 0) && !owes(Who::TwoThirds, 0, 0),
            "nobody is flagged by a base of 0"
        );
        assert!(owes(Who::Everybody, 0, 0));
    }

    #[test]
    fn who_is_too_few_to_be_shown_is_never_flagged_and_owes_what_everybody_owes() {
        for base in [0, 1, 3, 4] {
            assert!(Who::Everybody.owes(None, base));
            assert!(!Who::OverHalf.owes(None, base) && !Who::TwoThirds.owes(None, base));
        }
    }

    #[test]
    fn days_are_working_days_and_a_rule_has_at_least_one() {
        let rule = |working_days| Rule { who: Who::Everybody, working_days };
        for (days, good) in [(0, false), (1, true), (MOST_DAYS, true), (MOST_DAYS + 1, false)] {
            assert_eq!(rule(days).checked().is_ok(), good, "{days}");
        }
        let due = |from, days| rule(days).due(&Calendar::built_in(), from);
        // The week before Tết 2026, and the week of 30 April.
        assert_eq!(due(date!(2026 - 02 - 12), 2), date!(2026 - 02 - 23));
        assert_eq!(due(date!(2026 - 04 - 24), 5), date!(2026 - 05 - 06));
        assert_eq!(due(date!(2026 - 11 - 23), 15), date!(2026 - 12 - 14));
    }

    fn row(owed: bool, state: State) -> PlanRow {
        PlanRow {
            round: RoundId([1; 16]),
            unit: UnitCode::new("A").unwrap(),
            official: "A1".to_owned(),
            name: "Vàng Mí Một".to_owned(),
            post: "Bí thư".to_owned(),
            owed,
            made_on: date!(2026 - 11 - 23),
            due_on: date!(2026 - 12 - 14),
            state,
            ends_on: (state != State::None).then_some(date!(2027 - 03 - 31)),
            written_on: (state != State::None).then_some(date!(2026 - 12 - 14)),
            state_on: None,
        }
    }

    #[test]
    fn a_plan_waits_for_others_until_its_due_day_and_never_less_than_a_week() {
        let waits = |owed, state, on| PlanRow { state_on: Some(on), ..row(owed, state) }.settled_by();
        for state in [State::Written, State::Conflict] {
            assert_eq!(waits(true, state, date!(2026 - 11 - 25)), Some(date!(2026 - 12 - 14)));
            assert_eq!(waits(true, state, date!(2026 - 12 - 14)), Some(date!(2026 - 12 - 21)));
            assert_eq!(waits(false, state, date!(2026 - 11 - 25)), Some(date!(2026 - 12 - 02)));
        }
        for state in [State::None, State::Confirmed, State::InProgress, State::Done] {
            assert_eq!(waits(true, state, date!(2026 - 11 - 25)), None, "{state:?}");
        }
        let before = row(true, State::Written).settled_by();
        assert_eq!(
            before,
            Some(date!(2026 - 12 - 21)),
            "without the day, that on which it was first known counts"
        );
    }

    #[test]
    fn the_due_day_itself_is_in_time_and_the_next_is_not() {
        let none = row(true, State::None);
        assert_eq!(none.stage(date!(2026 - 12 - 14)), PlanStage::Due);
        assert_eq!(none.stage(date!(2026 - 12 - 15)), PlanStage::Overdue);
        assert_eq!(row(false, State::None).stage(date!(2030 - 01 - 01)), PlanStage::NotOwed);
        let mut written = row(true, State::Written);
        assert_eq!(
            (written.in_time(), written.stage(date!(2030 - 01 - 01))),
            (Some(true), PlanStage::Written)
        );
        written.written_on = Some(date!(2026 - 12 - 15));
        assert_eq!(written.in_time(), Some(false));
        assert_eq!(
            row(false, State::Written).in_time(),
            None,
            "who owes nothing is neither in time nor late"
        );
    }

    #[test]
    fn a_plan_is_behind_after_its_last_day_until_it_is_done() {
        let behind = |state, day| row(true, state).is_behind(day);
        assert!(
            !behind(State::Confirmed, date!(2027 - 03 - 31))
                && behind(State::Confirmed, date!(2027 - 04 - 01))
        );
        assert!(!behind(State::Done, date!(2028 - 01 - 01)) && !behind(State::None, date!(2028 - 01 - 01)));
    }

    fn place(index: u8) -> EntryRef {
        EntryRef { actor: Actor([7; 24]), sequence: 1, index }
    }

    fn by<T>(said: T) -> By<T> {
        By { person: PersonId([1; 16]), at: None, said }
    }

    #[test]
    fn a_state_follows_step_by_step_and_nothing_counts_before_it_is_confirmed() {
        let version = |words: &str| {
            let measures = vec![Measure { text: words.to_owned(), by: None }];
            let (official, name) = ("A1".to_owned(), "Một".to_owned());
            by(Plan { official, name, based_on: Vec::new(), shortcomings: vec![words.to_owned()], measures })
        };
        let progress = |done| by(Progress { plan: place(0), done, text: "đã làm".to_owned() });
        let mut plans = Plans::default();
        assert_eq!((State::of(None), State::of(Some(&plans))), (State::None, State::None));
        plans.versions.insert(place(0), version("một"));
        plans.progress.insert(place(3), progress(true));
        assert_eq!(State::of(Some(&plans)), State::Written, "done, but nobody confirmed what");
        plans.progress.clear();
        plans.confirmations.insert(place(2), by(place(0)));
        assert_eq!(State::of(Some(&plans)), State::Confirmed);
        plans.progress.insert(place(3), progress(false));
        assert_eq!(State::of(Some(&plans)), State::InProgress);
        plans.progress.insert(place(4), progress(true));
        assert_eq!(State::of(Some(&plans)), State::Done);
        plans.versions.insert(place(1), version("hai"));
        assert_eq!(State::of(Some(&plans)), State::Conflict);
    }

    #[test]
    fn names_are_known_and_lists_put_first_what_waits() {
        for stage in PlanStage::ALL {
            assert_eq!(PlanStage::parse(stage.code()), Some(stage));
        }
        for state in State::ALL {
            assert_eq!(State::parse(state.code()), Some(state));
        }
        for who in Who::ALL {
            assert_eq!(Who::parse(who.code()), Some(who));
        }
        let ranks: BTreeSet<i64> = State::ALL.iter().map(|state| state.rank(true)).collect();
        assert_eq!(ranks.len(), State::ALL.len());
        assert!(State::None.rank(true) < State::Conflict.rank(true));
        assert!(State::None.rank(false) > State::Done.rank(true));
    }

    #[test]
    fn a_revision_changes_with_what_stands_and_with_nothing_else() {
        let of = |places: &[u8]| revision(&places.iter().map(|index| place(*index)).collect());
        assert_eq!(of(&[]), "none");
        assert_eq!(of(&[1, 2]), of(&[2, 1]));
        assert_ne!(of(&[1]), of(&[2]));
        assert_ne!(of(&[1]), of(&[1, 2]));
        assert_eq!((day_number(date!(1970 - 01 - 02)), day_from(1)), (Some(1), Some(date!(1970 - 01 - 02))));
        assert_eq!(day_number(date!(1969 - 12 - 31)), None);
    }
}
