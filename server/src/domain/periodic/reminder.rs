//! Who is reminded of what on which day. Pure: what is owed and what day it is are arguments.
//!
//! Each thing that is owed has days on which somebody is reminded of it: once so many days before it is due (and not before
//! half of the time that they were given has passed), on the day after it was due, and then every so many days until it is
//! done. The inspection committee is told once it is late by so many days, and again as often. That the next round begins is
//! said a month before, for a round takes weeks to prepare. On any day the last of these days that has come counts, and a reminder is known by it: a
//! centre that was switched off for a week reminds once when it comes back, and nobody is reminded twice for one of them.

use super::rhythm::Rhythm;
use crate::domain::calendar::day_text;
use serde::Serialize;
use sync_core::id::RoundId;
use time::{Date, Duration};

/// Days after which nobody is reminded any more: by then people have spoken to each other.
const GIVEN_UP_AFTER: u32 = 92;

/// Days before the next round on which organisers are reminded of it, unless the rhythm says more.
const ROUND_BEFORE: u8 = 30;

/// What somebody owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// A unit has to hold its ballot and sign its minutes.
    Ballot,
    /// An official has to be told the own result.
    Notice,
    /// An official has to write a correction plan.
    Plan,
    /// An official has to do what the plan says by the last day that a measure names.
    PlanBehind,
    /// A unit has to confirm a plan that is written, or to settle which of several versions stands.
    PlanConfirmation,
    /// A unit has to put right what a visit found.
    FollowUp,
    /// The organisation board has to begin the next round.
    NextRound,
}

impl Owed {
    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ballot => "ballot",
            Self::Notice => "notice",
            Self::Plan => "plan",
            Self::PlanBehind => "plan_behind",
            Self::PlanConfirmation => "plan_confirmation",
            Self::FollowUp => "follow_up",
            Self::NextRound => "next_round",
        }
    }

    /// Whether it is about an official, whose code then says which of its kind it is.
    pub fn is_of_official(self) -> bool {
        matches!(self, Self::Notice | Self::Plan | Self::PlanBehind | Self::PlanConfirmation)
    }
}

/// Who is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// Those who work for the unit.
    Unit,
    /// The official.
    Official,
    /// The inspection committee.
    Inspectors,
    /// The organisation board.
    Organisers,
}

impl Whom {
    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Official => "official",
            Self::Inspectors => "inspectors",
            Self::Organisers => "organisers",
        }
    }
}

/// Something that is owed and not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debt {
    /// What.
    pub owed: Owed,
    /// The round; of the next one, the round after which it comes.
    pub round: RoundId,
    /// Code of the unit; empty for the next round.
    pub unit: String,
    /// Which of its kind in the unit: code of an official, a visit and the place of its finding; empty for the ballot and the
    /// next round.
    pub which: String,
    /// Day on which they were told that they owe it, if they were.
    pub since: Option<Date>,
    /// Last day on which it is in time.
    pub due_on: Date,
}

/// A reminder that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// What is owed.
    pub debt: Debt,
    /// Who is reminded.
    pub whom: Whom,
    /// The day that it belongs to, today or before.
    pub day: Date,
    /// Days by which the thing is late today; 0 while it is not.
    pub days_late: u32,
}

impl Reminder {
    /// Names the reminder: whoever sends one under this name sends no second.
    pub fn key(&self) -> String {
        let Debt { owed, round, unit, which, .. } = &self.debt;
        let (owed, whom, day) = (owed.code(), self.whom.code(), day_text(self.day));
        format!("remind/{}/{owed}/{unit}/{which}/{whom}/{day}", round.uuid())
    }
}

/// The reminders that are due today for things that are owed.
pub fn due(debts: &[Debt], rhythm: &Rhythm, today: Date) -> Vec<Reminder> {
    let mut reminders = Vec::new();
    for debt in debts {
        let late = u32::try_from((today - debt.due_on).whole_days()).unwrap_or_default();
        if late > GIVEN_UP_AFTER {
            continue;
        }
        let mut remind = |whom, day: Option<Date>| {
            if let Some(day) = day {
                reminders.push(Reminder { debt: debt.clone(), whom, day, days_late: late });
            }
        };
        let day = reminded_on(debt, rhythm, today);
        match debt.owed {
            Owed::Ballot | Owed::FollowUp | Owed::PlanConfirmation => remind(Whom::Unit, day),
            Owed::NextRound => remind(Whom::Organisers, day),
            Owed::Notice | Owed::Plan | Owed::PlanBehind => {
                remind(Whom::Official, day);
                // The unit hands out letters and helps with plans; it need not hear of them before they are late.
                remind(Whom::Unit, day.filter(|_| late > 0));
            }
        }
        remind(Whom::Inspectors, escalated_on(debt.due_on, rhythm, today));
    }
    reminders
}

/// The last day up to today on which whoever owes is reminded.
fn reminded_on(Debt { owed, since, due_on, .. }: &Debt, rhythm: &Rhythm, today: Date) -> Option<Date> {
    if today <= *due_on {
        let days = match owed {
            Owed::NextRound => rhythm.remind_before.max(ROUND_BEFORE),
            _ => rhythm.remind_before,
        };
        let before = due_on.checked_sub(Duration::days(days.into()))?;
        // Whoever was told a moment ago needs no reminder beside it.
        let half = since.map(|since| {
            let half = Duration::days((*due_on - since).whole_days().max(0) / 2 + 1);
            since.checked_add(half).unwrap_or(since)
        });
        let first = half.map_or(before, |half| before.max(half));
        return (rhythm.remind_before > 0 && today >= first).then_some(first);
    }
    every(due_on.next_day()?, rhythm.remind_every, today)
}

/// The last day up to today on which the inspection committee is told.
fn escalated_on(due_on: Date, rhythm: &Rhythm, today: Date) -> Option<Date> {
    let first = due_on.checked_add(Duration::days(rhythm.escalate_after.into()))?;
    every(first, rhythm.remind_every, today)
}

/// The last day up to today among the first and every so many days after it.
fn every(first: Date, days: u8, today: Date) -> Option<Date> {
    let since = (today - first).whole_days();
    let days = i64::from(days.max(1));
    if since < 0 { None } else { today.checked_sub(Duration::days(since % days)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use time::macros::date;

    const DUE: Date = date!(2026 - 12 - 10);

    fn debt(owed: Owed) -> Debt {
        Debt {
            owed,
            round: RoundId([1; 16]),
            unit: "A".to_owned(),
            which: "A1".to_owned(),
            since: None,
            due_on: DUE,
        }
    }

    fn on(owed: Owed, today: Date) -> Vec<(Whom, Date)> {
        let found = due(&[debt(owed)], &Rhythm::default(), today);
        found.into_iter().map(|reminder| (reminder.whom, reminder.day)).collect()
    }

    #[test]
    fn the_first_reminder_is_a_week_before_and_the_next_on_the_day_after() {
        assert_eq!(on(Owed::Ballot, date!(2026 - 12 - 02)), []);
        for day in [date!(2026 - 12 - 03), date!(2026 - 12 - 07), DUE] {
            assert_eq!(on(Owed::Ballot, day), [(Whom::Unit, date!(2026 - 12 - 03))], "{day}");
        }
        assert_eq!(on(Owed::Ballot, date!(2026 - 12 - 11)), [(Whom::Unit, date!(2026 - 12 - 11))]);
        assert_eq!(on(Owed::Ballot, date!(2026 - 12 - 16)), [(Whom::Unit, date!(2026 - 12 - 11))]);
    }

    #[test]
    fn the_committee_is_told_a_week_after_the_due_day_and_every_week_again() {
        let told = |today| on(Owed::Ballot, today).into_iter().find(|(whom, _)| *whom == Whom::Inspectors);
        assert_eq!(told(date!(2026 - 12 - 16)), None);
        assert_eq!(told(date!(2026 - 12 - 17)), Some((Whom::Inspectors, date!(2026 - 12 - 17))));
        assert_eq!(told(date!(2026 - 12 - 23)), Some((Whom::Inspectors, date!(2026 - 12 - 17))));
        assert_eq!(told(date!(2026 - 12 - 24)), Some((Whom::Inspectors, date!(2026 - 12 - 24))));
    }

    #[test]
    fn a_unit_hears_of_its_officials_only_once_they_are_late() {
        assert_eq!(on(Owed::Notice, DUE), [(Whom::Official, date!(2026 - 12 - 03))]);
        let late = on(Owed::Plan, date!(2026 - 12 - 11));
        assert_eq!(late, [(Whom::Official, date!(2026 - 12 - 11)), (Whom::Unit, date!(2026 - 12 - 11))]);
    }

    #[test]
    fn of_a_plan_that_is_behind_the_official_hears_then_the_unit_and_the_committee() {
        let behind =
            |today| on(Owed::PlanBehind, today).into_iter().map(|(whom, _)| whom).collect::<Vec<_>>();
        assert_eq!(behind(DUE), [Whom::Official], "the day itself is not late");
        assert_eq!(behind(date!(2026 - 12 - 11)), [Whom::Official, Whom::Unit]);
        assert_eq!(behind(date!(2026 - 12 - 17)), [Whom::Official, Whom::Unit, Whom::Inspectors]);
    }

    #[test]
    fn of_a_plan_that_waits_for_the_head_the_unit_hears_and_then_the_committee() {
        let waits =
            |today| on(Owed::PlanConfirmation, today).into_iter().map(|(whom, _)| whom).collect::<Vec<_>>();
        assert_eq!(waits(DUE), [Whom::Unit]);
        assert_eq!(waits(date!(2026 - 12 - 11)), [Whom::Unit]);
        assert_eq!(waits(date!(2026 - 12 - 17)), [Whom::Unit, Whom::Inspectors]);
    }

    #[test]
    fn organisers_hear_of_the_next_round_a_month_before_and_after_its_day() {
        assert_eq!(on(Owed::NextRound, date!(2026 - 11 - 09)), []);
        for day in [date!(2026 - 11 - 10), DUE] {
            assert_eq!(on(Owed::NextRound, day), [(Whom::Organisers, date!(2026 - 11 - 10))], "{day}");
        }
        let late = on(Owed::NextRound, date!(2026 - 12 - 11));
        assert_eq!(late, [(Whom::Organisers, date!(2026 - 12 - 11))]);
        let committee = (Whom::Inspectors, date!(2026 - 12 - 17));
        assert!(on(Owed::NextRound, date!(2026 - 12 - 17)).contains(&committee));
    }

    #[test]
    fn who_was_told_today_is_not_reminded_today_but_once_half_of_the_time_has_passed() {
        let told = |since, today| {
            let debt = Debt { since: Some(since), ..debt(Owed::Notice) };
            due(&[debt], &Rhythm::default(), today).first().map(|reminder| reminder.day)
        };
        for day in [date!(2026 - 12 - 03), date!(2026 - 12 - 06)] {
            assert_eq!(told(date!(2026 - 12 - 03), day), None, "{day}");
        }
        for day in [date!(2026 - 12 - 07), DUE] {
            assert_eq!(told(date!(2026 - 12 - 03), day), Some(date!(2026 - 12 - 07)), "{day}");
        }
        assert_eq!(told(date!(2026 - 11 - 01), date!(2026 - 12 - 03)), Some(date!(2026 - 12 - 03)));
        assert_eq!((told(DUE, DUE), told(Date::MAX, DUE)), (None, None));
    }

    #[test]
    fn who_looks_every_day_and_who_comes_back_after_weeks_are_never_told_twice_of_one_day() {
        let rhythm = Rhythm { remind_every: 3, escalate_after: 5, ..Rhythm::default() };
        let (mut seen, mut sent) = (BTreeSet::new(), 0);
        let mut today = date!(2026 - 11 - 25);
        while today < date!(2027 - 01 - 20) {
            // Twice a day, as two processes do.
            for reminder in [(); 2].iter().flat_map(|()| due(&[debt(Owed::Ballot)], &rhythm, today)) {
                assert!(reminder.day <= today);
                sent += usize::from(seen.insert(reminder.key()));
            }
            today = today.next_day().unwrap();
        }
        // One before, then days 11 Dec to 19 Jan every third (14), and from 15 Dec every third (12).
        assert_eq!(sent, 1 + 14 + 12);
        let back = due(&[debt(Owed::Ballot)], &rhythm, date!(2027 - 01 - 19));
        assert_eq!(back.len(), 2, "once to the unit, once to the committee, for all the weeks");
        assert!(back.iter().all(|reminder| seen.contains(&reminder.key())));
    }

    #[test]
    fn no_reminder_before_if_none_is_wanted_and_no_panic_at_the_ends_of_time() {
        let none = Rhythm { remind_before: 0, ..Rhythm::default() };
        assert_eq!(due(&[debt(Owed::Ballot)], &none, DUE), []);
        for due_on in [Date::MIN, Date::MAX] {
            for today in [Date::MIN, Date::MAX] {
                due(&[Debt { due_on, ..debt(Owed::Plan) }], &Rhythm::default(), today);
            }
        }
    }

    #[test]
    fn after_a_quarter_of_a_year_nobody_is_reminded_any_more() {
        let last = DUE.checked_add(Duration::days(92)).unwrap();
        assert!(!on(Owed::Plan, last).is_empty());
        assert_eq!(on(Owed::Plan, last.next_day().unwrap()), []);
    }

    #[test]
    fn two_things_two_people_and_two_days_have_names_of_their_own() {
        let a = Reminder { debt: debt(Owed::Plan), whom: Whom::Official, day: DUE, days_late: 0 };
        let keys: BTreeSet<String> = [
            a.clone(),
            Reminder { whom: Whom::Unit, ..a.clone() },
            Reminder { day: DUE.next_day().unwrap(), ..a.clone() },
            Reminder { debt: debt(Owed::Notice), ..a.clone() },
            Reminder { debt: Debt { which: "A2".to_owned(), ..debt(Owed::Plan) }, ..a },
        ]
        .iter()
        .map(Reminder::key)
        .collect();
        assert_eq!(keys.len(), 5);
    }
}
