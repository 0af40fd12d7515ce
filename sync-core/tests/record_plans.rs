//! Correction plans in a record: what holds, what people have to settle, and that no order of arrival matters.

use crate::common::samples::plan_entry;
use crate::common::team::{HOA, LAN, MINH, Pen, Team, noted, place};
use proptest::prelude::*;
use sync_core::cbor::{self, FormatError};
use sync_core::record::{
    Act, Actor, DAY_MAX, Entry, EntryRef, MEASURES_MAX, Measure, Minutes, Plan, Plans, Progress, SETTLED_MAX,
    SHORTCOMINGS_MAX, SignedChange, State,
};

fn plan(official: &str, words: &str, based_on: &[EntryRef]) -> Act {
    let mut based_on = based_on.to_vec();
    based_on.sort_unstable();
    Act::Plan(Plan {
        official: official.to_owned(),
        name: "Vàng Mí Sử".to_owned(),
        based_on,
        shortcomings: vec![words.to_owned()],
        measures: vec![Measure { text: words.to_owned(), by: Some(20_000) }],
    })
}

fn progress(plan: EntryRef, done: bool) -> Act {
    Act::PlanProgress(Progress { plan, done, text: "đã làm".to_owned() })
}

fn plans<'a>(team: &Team, changes: impl IntoIterator<Item = &'a SignedChange>) -> Plans {
    let state: State = team.record_of(changes).state();
    state.plans.get("A1").cloned().unwrap_or_default()
}

#[test]
fn a_version_that_names_the_one_before_takes_its_place_and_the_history_stays() {
    let mut team = Team::new(210);
    let mut pen = team.pen();
    let first = pen.note(LAN, plan("A1", "một", &[]));
    let second = pen.note(LAN, plan("A1", "hai", &[place(&first, 0)]));
    let plans = plans(&team, [&first, &second]);
    assert_eq!(plans.current().map(|(place, _)| place), Some(place(&second, 0)));
    assert_eq!((plans.versions.len(), plans.is_conflict()), (2, false));
}

#[test]
fn two_who_wrote_without_each_other_disagree_until_a_version_names_both() {
    let mut team = Team::new(211);
    let (mut a, mut b) = (team.pen(), team.pen());
    let first = a.note(LAN, plan("A1", "một", &[]));
    let base = [place(&first, 0)];
    let (one, other) = (a.note(LAN, plan("A1", "hai", &base)), b.note(MINH, plan("A1", "ba", &base)));
    let both = [place(&one, 0), place(&other, 0)];
    let disagree = plans(&team, [&first, &one, &other]);
    assert!(disagree.is_conflict() && disagree.current().is_none());
    assert_eq!(disagree.live(), both.into());
    let settled = a.note(HOA, plan("A1", "hai", &both));
    let settled = plans(&team, [&first, &one, &other, &settled]);
    assert!(!settled.is_conflict() && settled.versions.len() == 4);
}

#[test]
fn two_who_wrote_the_same_agree_and_either_may_be_confirmed() {
    let mut team = Team::new(212);
    let (mut a, mut b) = (team.pen(), team.pen());
    let (one, same) = (a.note(LAN, plan("A1", "một", &[])), b.note(MINH, plan("A1", "một", &[])));
    let mut c = team.pen();
    for confirmed in [&one, &same] {
        let head = c.copy().note(HOA, Act::ConfirmPlan { plan: place(confirmed, 0) });
        let agreed = plans(&team, [&one, &same, &head]);
        assert!(!agreed.is_conflict() && agreed.confirmed().is_some());
    }
    let differs = c.note(MINH, plan("A1", "hai", &[place(&one, 0)]));
    assert!(plans(&team, [&one, &same, &differs]).is_conflict(), "it did not know the second");
}

#[test]
fn nobody_confirms_what_they_wrote_or_what_is_about_themselves() {
    let mut team = Team::new(213);
    let (mut a, mut b) = (team.pen(), team.pen());
    let written = a.note(LAN, plan("A1", "một", &[]));
    let version = place(&written, 0);
    for (person, counts) in [(LAN, false), ("vàng  mí SỬ", false), (HOA, true)] {
        let mut copy = b.copy();
        let said = copy.note(person, Act::ConfirmPlan { plan: version });
        assert_eq!(plans(&team, [&written, &said]).confirmed().is_some(), counts, "{person}");
    }
    let mistaken = b.note(HOA, Act::ConfirmPlan { plan: version });
    let undone = b.note(HOA, Act::Undo { entry: place(&mistaken, 0) });
    assert!(plans(&team, [&written, &mistaken, &undone]).confirmed().is_none());
}

#[test]
fn a_later_version_waits_for_its_own_confirmation_and_is_not_done() {
    let mut team = Team::new(214);
    let (mut a, mut b) = (team.pen(), team.pen());
    let first = a.note(LAN, plan("A1", "một", &[]));
    let said = b.note(HOA, Act::ConfirmPlan { plan: place(&first, 0) });
    let done = b.note(HOA, progress(place(&first, 0), true));
    let before = plans(&team, [&first, &said, &done]);
    assert!(before.confirmed().is_some() && before.done().is_some() && before.is_in_progress());
    let second = a.note(LAN, plan("A1", "hai", &[place(&first, 0)]));
    let after = plans(&team, [&first, &said, &done, &second]);
    assert!(after.confirmed().is_none() && after.done().is_none() && !after.is_in_progress());
    assert_eq!((after.confirmations.len(), after.progress.len()), (1, 1), "what was said stays to be read");
}

#[test]
fn what_is_about_a_version_that_is_not_here_waits_unseen() {
    let mut team = Team::new(215);
    let (mut a, mut b) = (team.pen(), team.pen());
    let written = a.note(LAN, plan("A1", "một", &[]));
    let said = b.note(HOA, progress(place(&written, 0), true));
    assert_eq!(plans(&team, [&said]), Plans::default());
    assert!(plans(&team, [&said, &written]).done().is_some());
}

#[test]
fn versions_that_name_each_other_hide_nothing() {
    let mut team = Team::new(216);
    let (mut a, mut b) = (team.pen(), team.pen());
    let of = |pen: &Pen| EntryRef { actor: Actor::new(&pen.device(), [1; 8]), sequence: 1, index: 0 };
    let (at_a, at_b) = (of(&a), of(&b));
    let one = a.note(LAN, plan("A1", "một", &[at_a, at_b]));
    let other = b.note(MINH, plan("A1", "hai", &[at_a, at_b]));
    let plans = plans(&team, [&one, &other]);
    assert!(plans.is_conflict());
    assert_eq!(plans.live(), [at_a, at_b].into());
}

#[test]
fn plans_change_nothing_of_the_minutes_and_stay_with_their_official() {
    let mut team = Team::new(217);
    let mut pen = team.pen();
    let empty = team.record();
    let before = Minutes::of(empty.package(), empty.unit(), &empty.state()).hash();
    let first = pen.note(LAN, plan("A1", "một", &[]));
    let other = pen.note(LAN, plan("A2", "hai", &[place(&first, 0)]));
    let record = team.record_of([&first, &other]);
    let state = record.state();
    assert_eq!(Minutes::of(record.package(), record.unit(), &state).hash(), before);
    assert!(state.plans["A1"].current().is_some(), "what is based on another's plan replaces nothing");
    assert!(state.plans["A2"].current().is_some());
}

#[test]
fn the_bounds_of_a_plan_are_kept_by_who_reads_it() {
    let read = |change: &dyn Fn(&mut Plan)| {
        let mut entry = plan_entry(Vec::new());
        let Act::Plan(plan) = &mut entry.act else { unreachable!() };
        change(plan);
        cbor::decode::<Entry>(&cbor::encode(&entry)).err()
    };
    let range = |what| Some(FormatError::Range { what });
    let text = "ă".repeat(300);
    assert_eq!(read(&|_| ()), None);
    let fullest = |plan: &mut Plan| {
        plan.name = text.clone();
        plan.official = "x".repeat(32);
        plan.shortcomings = vec![text.clone(); SHORTCOMINGS_MAX];
        plan.measures = vec![Measure { text: text.clone(), by: Some(DAY_MAX) }; MEASURES_MAX];
        let place = |sequence| EntryRef { actor: Actor([9; 24]), sequence, index: 63 };
        plan.based_on = (4_000..4_000 + u32::try_from(SETTLED_MAX).unwrap()).map(place).collect();
    };
    assert_eq!(read(&fullest), None, "the fullest plan fits into an entry");
    assert_eq!(read(&|plan| plan.official = "A 1".to_owned()), range("official code"));
    assert_eq!(read(&|plan| plan.name = " ".to_owned()), range("name"));
    assert_eq!(read(&|plan| plan.shortcomings.clear()), range("plan"));
    assert_eq!(read(&|plan| plan.measures.clear()), range("plan"));
    assert_eq!(read(&|plan| plan.shortcomings[0] = "a\u{7}".to_owned()), range("shortcoming"));
    assert!(read(&|plan| plan.shortcomings = vec!["a".to_owned(); SHORTCOMINGS_MAX + 1]).is_some());
    assert!(read(&|plan| plan.measures[0].by = Some(DAY_MAX + 1)).is_some());
    assert!(read(&|plan| plan.measures[0].text = "ă".repeat(301)).is_some());
    let twice = EntryRef { actor: Actor([9; 24]), sequence: 1, index: 0 };
    assert_eq!(
        read(&|plan| plan.based_on = vec![twice, twice]),
        Some(FormatError::Unsorted { what: "versions of a plan" })
    );
}

#[test]
fn a_kind_that_nobody_knows_is_outside_its_bounds() {
    let mut bytes = cbor::encode(&noted(LAN, plan("A1", "một", &[])));
    // The kind stands behind the head of the array.
    assert_eq!(bytes[1], 14);
    bytes[1] = 17;
    assert_eq!(cbor::decode::<Entry>(&bytes).err(), Some(FormatError::Range { what: "kind of entry" }));
}

/// What somebody does to a plan: who, on which of two tablets, and upon what of that which they know.
#[derive(Debug, Clone)]
enum Step {
    Write { tablet: usize, person: usize, words: u8, knows: prop::sample::Index },
    Settle { tablet: usize },
    Confirm { tablet: usize, person: usize, of: prop::sample::Index },
    Note { tablet: usize, done: bool, of: prop::sample::Index },
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (0..3_usize, 0..3_usize, 0..3_u8, index()).prop_map(|(tablet, person, words, knows)| Step::Write {
            tablet,
            person,
            words,
            knows
        }),
        (0..3_usize).prop_map(|tablet| Step::Settle { tablet }),
        (0..3_usize, 0..3_usize, index()).prop_map(|(tablet, person, of)| Step::Confirm {
            tablet,
            person,
            of
        }),
        (0..3_usize, any::<bool>(), index()).prop_map(|(tablet, done, of)| Step::Note { tablet, done, of }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_same_entries_give_the_same_plan_in_whatever_order_they_come(
        steps in prop::collection::vec(step(), 1..14),
        order in any::<prop::sample::Index>(),
    ) {
        let mut team = Team::new(219);
        let mut pens = [team.pen(), team.pen(), team.pen()];
        let people = [LAN, MINH, HOA];
        let mut changes: Vec<SignedChange> = Vec::new();
        let mut versions: Vec<EntryRef> = Vec::new();
        for step in steps {
            let one = |of: prop::sample::Index| (!versions.is_empty()).then(|| versions[of.index(versions.len())]);
            let (tablet, person, act) = match step {
                Step::Write { tablet, person, words, knows } => {
                    let base: Vec<_> = one(knows).into_iter().collect();
                    (tablet, person, plan("A1", ["một", "hai", "ba"][usize::from(words)], &base))
                }
                Step::Settle { tablet } => {
                    let mut live: Vec<_> = plans(&team, &changes).live().into_iter().collect();
                    live.truncate(SETTLED_MAX);
                    (tablet, 0, plan("A1", "chung", &live))
                }
                Step::Confirm { tablet, person, of } => match one(of) {
                    Some(plan) => (tablet, person, Act::ConfirmPlan { plan }),
                    None => continue,
                },
                Step::Note { tablet, done, of } => match one(of) {
                    Some(plan) => (tablet, 1, progress(plan, done)),
                    None => continue,
                },
            };
            let is_plan = matches!(act, Act::Plan(_));
            let change = pens[tablet].note(people[person], act);
            if is_plan {
                versions.push(place(&change, 0));
            }
            changes.push(change);
        }
        let expected = plans(&team, &changes);
        // Chains keep their own order; which chain comes first, and how they mix, is any.
        let mut shuffled = changes.clone();
        let mixed = |byte: &u8| usize::from(*byte).wrapping_mul(order.index(251) + 1) % 257;
        shuffled.sort_by_key(|change| {
            let change = change.value();
            (change.actor.0.iter().map(mixed).collect::<Vec<_>>(), change.sequence)
        });
        prop_assert_eq!(&plans(&team, &shuffled), &expected);
        // Everything twice is everything once.
        prop_assert_eq!(&plans(&team, changes.iter().chain(&shuffled)), &expected);
        // Something stands wherever anything was written, and it is never hidden by what it replaces.
        prop_assert_eq!(expected.live().is_empty(), expected.versions.is_empty());
    }
}
