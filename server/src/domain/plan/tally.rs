//! How many plans stand how.

use super::{PlanStage, State};
use serde::Serialize;
use time::Date;

/// What of a plan decides how it counts: many of a round are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanStanding {
    /// Whether a plan is owed.
    pub owed: bool,
    /// Last day on which it is in time.
    pub due_on: Date,
    /// What the record says.
    pub state: State,
    /// Last day that a measure names.
    pub ends_on: Option<Date>,
    /// Day on which the centre first knew of a plan.
    pub written_on: Option<Date>,
}

impl PlanStanding {
    /// How it stands on this day.
    pub fn stage(&self, today: Date) -> PlanStage {
        match self.state {
            State::None if !self.owed => PlanStage::NotOwed,
            State::None if today > self.due_on => PlanStage::Overdue,
            State::None => PlanStage::Due,
            State::Conflict => PlanStage::Conflict,
            State::Written => PlanStage::Written,
            State::Confirmed => PlanStage::Confirmed,
            State::InProgress => PlanStage::InProgress,
            State::Done => PlanStage::Done,
        }
    }

    /// Whether the last day of its measures is over and it is not done.
    pub fn is_behind(&self, today: Date) -> bool {
        let open = !matches!(self.state, State::None | State::Done);
        open && self.ends_on.is_some_and(|end| today > end)
    }

    /// Whether it came in time; nothing while none came, or where none is owed.
    pub fn in_time(&self) -> Option<bool> {
        self.written_on.filter(|_| self.owed).map(|on| on <= self.due_on)
    }
}

/// How the plans of a unit, or of many, stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PlanTally {
    /// Plans that are owed.
    pub owed: u32,
    /// Owed, not written, with time left.
    pub due: u32,
    /// Owed, not written, and late.
    pub overdue: u32,
    /// Versions differ.
    pub conflict: u32,
    /// Written, waiting for confirmation.
    pub written: u32,
    /// Confirmed.
    pub confirmed: u32,
    /// Something became of it.
    pub in_progress: u32,
    /// Done.
    pub done: u32,
    /// Past the last day of its measures and not done.
    pub behind: u32,
    /// Owed, and known at the centre by the due day.
    pub in_time: u32,
    /// Owed, and known at the centre after it.
    pub late: u32,
}

impl PlanTally {
    /// Counts plans as they stand on this day, each kind with how many are like it.
    pub fn of(plans: impl IntoIterator<Item = (PlanStanding, u32)>, today: Date) -> Self {
        let mut tally = Self::default();
        for (plan, many) in plans {
            tally.owed += if plan.owed { many } else { 0 };
            tally.behind += if plan.is_behind(today) { many } else { 0 };
            match plan.in_time() {
                Some(true) => tally.in_time += many,
                Some(false) => tally.late += many,
                None => {}
            }
            match plan.stage(today) {
                PlanStage::NotOwed => {}
                PlanStage::Due => tally.due += many,
                PlanStage::Overdue => tally.overdue += many,
                PlanStage::Conflict => tally.conflict += many,
                PlanStage::Written => tally.written += many,
                PlanStage::Confirmed => tally.confirmed += many,
                PlanStage::InProgress => tally.in_progress += many,
                PlanStage::Done => tally.done += many,
            }
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn plan(owed: bool, state: State) -> PlanStanding {
        let written = state != State::None;
        PlanStanding {
            owed,
            due_on: date!(2026 - 12 - 14),
            state,
            ends_on: written.then_some(date!(2027 - 03 - 31)),
            written_on: written.then_some(date!(2026 - 12 - 14)),
        }
    }

    #[test]
    fn a_tally_counts_each_plan_once() {
        let today = date!(2026 - 12 - 15);
        let plans = [true, false].into_iter().flat_map(|owed| State::ALL.map(|state| (plan(owed, state), 1)));
        let tally = PlanTally::of(plans, today);
        let staged = tally.due
            + tally.overdue
            + tally.conflict
            + tally.written
            + tally.confirmed
            + tally.in_progress
            + tally.done;
        assert_eq!((tally.owed, staged), (6, 11), "all but the one that is not owed and not written");
        assert_eq!((tally.overdue, tally.in_time, tally.late), (1, 5, 0));
    }

    #[test]
    fn plans_that_are_alike_count_together_as_one_by_one() {
        for (owed, state) in [true, false].into_iter().flat_map(|owed| State::ALL.map(|state| (owed, state)))
        {
            for today in [date!(2026 - 12 - 14), date!(2026 - 12 - 15), date!(2027 - 04 - 01)] {
                let one = plan(owed, state);
                assert_eq!(PlanTally::of([(one, 3)], today), PlanTally::of([(one, 1), (one, 2)], today));
                assert_eq!(PlanTally::of([(one, 0)], today), PlanTally::default());
            }
        }
    }
}
