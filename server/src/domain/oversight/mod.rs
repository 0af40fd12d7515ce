//! Oversight: how far each unit is, how late, and which ones somebody should visit, and why. Pure: what is stored and what
//! day it is are arguments.
//!
//! **Who comes first.** Units are ordered by the number of their reasons that stand in the way of the result, then by the
//! number of those that are late, then by the number of signs of formalism, each the more the earlier; then by days
//! behind the due day; then by code. A unit without any reason needs no visit.

mod reason;
mod stage;

pub use reason::{Grade, Reason};
pub use stage::{Progress, Seen, Stage, Step, stage_of};

use super::calendar::day_text;
use super::notice::Tally;
use super::signs::Sign;
use serde::Serialize;
use std::cmp::Reverse;
use sync_core::record::Language;
use time::Date;

/// The rule above in the words that stand beside the list.
pub fn rule(language: Language) -> &'static str {
    match language {
        Language::Vietnamese => {
            "Xếp theo số lý do cản trở kết quả, rồi số lý do chậm trễ, rồi số dấu hiệu hình thức, nhiều hơn đứng trước; sau đó theo số \
             ngày quá hạn, rồi theo mã đơn vị. Đơn vị không có lý do nào thì không cần đến. Dấu hiệu là lý do để xem, không phải kết \
             luận."
        }
        Language::English => {
            "Ordered by the number of reasons that stand in the way of the result, then of those that are late, then of signs of \
             formalism, more of them first; then by days past the due day, then by code. A unit without a reason needs no visit. A \
             sign is a reason to look, not a verdict."
        }
    }
}

/// What is known of a unit, as far as reasons follow from it.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// How far it is.
    pub progress: Progress,
    /// By when its ballot was to be held and its minutes signed.
    pub due_on: Option<Date>,
    /// Whether the round is closed: from then on nothing is on its way any more.
    pub closed: bool,
    /// Held envelopes that nobody decided.
    pub held: usize,
    /// What is missing and not written off.
    pub gaps: usize,
    /// What of its record stands in the way of publication.
    pub blocking: usize,
    /// Things about which people of its team disagree.
    pub conflicts: usize,
    /// Notices of results.
    pub notices: Tally,
    /// Correction plans that are overdue.
    pub plans_overdue: u32,
    /// Correction plans past the last day of their measures and not done.
    pub plans_behind: u32,
    /// What earlier visits found and is not put right by its day.
    pub follow_ups_overdue: u32,
    /// Signs of formalism.
    pub signs: Vec<Sign>,
}

/// Days by which a unit is behind its due day: until it was done, or until today. Nothing if it was in time, has time
/// left, or has no due day.
pub fn days_late(facts: &Facts, today: Date) -> Option<u32> {
    let due = facts.due_on?;
    let until = if facts.progress.stage.is_held() {
        // Without a day nobody knows; it is not called late.
        facts.progress.signed_on?
    } else {
        today
    };
    u32::try_from((until - due).whole_days()).ok().filter(|days| *days > 0)
}

/// Why somebody should visit a unit; the gravest first.
pub fn reasons(facts: &Facts, today: Date) -> Vec<Reason> {
    let mut found = Vec::new();
    let mut some = |count: usize, reason: fn(u32) -> Reason| {
        if count > 0 {
            found.push(reason(u32::try_from(count).unwrap_or(u32::MAX)));
        }
    };
    // While the round goes on these come and go; they count once the unit said that it is done, or the round is closed.
    if facts.closed || facts.progress.stage.is_held() {
        some(facts.held, Reason::Held);
        some(facts.gaps, Reason::Missing);
        // Who never met has no record; that is said by the stage.
        if facts.progress.stage > Stage::Prepared {
            some(facts.blocking, Reason::DoesNotReconcile);
        }
        some(facts.conflicts, Reason::Conflicts);
    }
    if facts.closed && facts.progress.stage <= Stage::Prepared {
        found.push(Reason::NeverVoted);
    }
    if facts.progress.stage == Stage::LeftUnpublished {
        found.push(Reason::LeftUnpublished);
    }
    if let Some(days) = days_late(facts, today) {
        found.push(if facts.progress.stage.is_held() {
            Reason::HeldLate(days)
        } else {
            Reason::Overdue(days)
        });
    }
    if facts.notices.overdue > 0 {
        found.push(Reason::NoticesOverdue(facts.notices.overdue));
    }
    if facts.plans_overdue > 0 {
        found.push(Reason::PlansOverdue(facts.plans_overdue));
    }
    if facts.plans_behind > 0 {
        found.push(Reason::PlansBehind(facts.plans_behind));
    }
    if facts.follow_ups_overdue > 0 {
        found.push(Reason::FollowUpsOverdue(facts.follow_ups_overdue));
    }
    found.extend(facts.signs.iter().map(|sign| Reason::Sign(*sign)));
    found.sort_by_key(|reason| reason.grade());
    found
}

/// What orders units: who comes first sorts first.
pub fn rank(reasons: &[Reason], days_late: Option<u32>, code: &str) -> impl Ord + use<> {
    let of = |grade| Reverse(reasons.iter().filter(|reason| reason.grade() == grade).count());
    let days = Reverse(days_late.unwrap_or_default());
    (of(Grade::Blocking), of(Grade::Late), of(Grade::Sign), days, code.to_owned())
}

/// How many units are how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StageCount {
    /// The stage.
    pub stage: Stage,
    /// Units that are there and no further.
    pub units: u32,
}

/// Counts units by stage; every stage is there.
pub fn count_stages(stages: &(impl Iterator<Item = Stage> + Clone)) -> Vec<StageCount> {
    let of = |stage: Stage| stages.clone().filter(|other| *other == stage).count();
    let count = |stage| StageCount { stage, units: u32::try_from(of(stage)).unwrap_or(u32::MAX) };
    Stage::ALL.into_iter().map(count).collect()
}

/// A day for people, or nothing.
pub fn maybe_day(day: Option<Date>) -> Option<String> {
    day.map(day_text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TODAY: Date = date!(2026 - 11 - 27);

    fn facts(stage: Stage) -> Facts {
        Facts { progress: Progress { stage, ..Progress::default() }, ..Facts::default() }
    }

    #[test]
    fn the_due_day_itself_is_not_late_and_the_next_day_is() {
        let due = |due_on| Facts { due_on: Some(due_on), ..facts(Stage::NotBegun) };
        assert_eq!(days_late(&due(TODAY), TODAY), None);
        assert_eq!(days_late(&due(date!(2026 - 11 - 26)), TODAY), Some(1));
        assert_eq!(reasons(&due(date!(2026 - 11 - 26)), TODAY), [Reason::Overdue(1)]);
        assert_eq!(days_late(&facts(Stage::NotBegun), TODAY), None, "no due day");
    }

    #[test]
    fn who_is_done_was_late_by_the_day_of_the_minutes_and_not_by_today() {
        let mut done = Facts { due_on: Some(date!(2026 - 11 - 01)), ..facts(Stage::Minuted) };
        assert_eq!(days_late(&done, TODAY), None, "no day is noted, so nobody knows");
        done.progress.signed_on = Some(date!(2026 - 11 - 01));
        assert_eq!(days_late(&done, TODAY), None);
        done.progress.signed_on = Some(date!(2026 - 11 - 04));
        assert_eq!(reasons(&done, TODAY), [Reason::HeldLate(3)]);
    }

    #[test]
    fn what_comes_and_goes_while_people_vote_is_no_reason_yet() {
        let mut voting = Facts { held: 1, gaps: 2, blocking: 3, conflicts: 1, ..facts(Stage::Voting) };
        assert_eq!(reasons(&voting, TODAY), []);
        voting.closed = true;
        let all = [Reason::Held(1), Reason::Missing(2), Reason::DoesNotReconcile(3), Reason::Conflicts(1)];
        assert_eq!(reasons(&voting, TODAY), all);
        let never = Facts { closed: true, blocking: 1, ..facts(Stage::NotBegun) };
        assert_eq!(reasons(&never, TODAY), [Reason::NeverVoted], "that it has no record is the same thing");
    }

    #[test]
    fn units_come_by_what_is_in_the_way_then_by_what_is_late_then_by_signs() {
        let sign = Reason::Sign(Sign::OnlyHighest);
        let mut units = [
            ("E", vec![], None),
            ("D", vec![sign, sign, sign], None),
            ("B", vec![Reason::Held(1)], None),
            ("C2", vec![Reason::Overdue(9), sign], Some(9)),
            ("C1", vec![Reason::Overdue(10), sign], Some(10)),
            ("A", vec![Reason::Held(1), Reason::NoticesOverdue(7)], None),
        ];
        units.sort_by_key(|(code, reasons, late)| rank(reasons, *late, code));
        assert_eq!(units.map(|(code, ..)| code), ["A", "B", "C1", "C2", "D", "E"]);
    }

    #[test]
    fn every_unit_is_in_one_stage() {
        let counts = count_stages(&[Stage::Voting, Stage::Voting, Stage::Published].into_iter());
        assert_eq!(counts.iter().map(|count| count.units).sum::<u32>(), 3);
        assert_eq!(counts.len(), Stage::ALL.len());
    }
}
