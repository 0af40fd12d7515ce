//! Double entry of paper counts: the program against its drawing, walked at random.

use crate::common::Lines;
use proptest::prelude::*;
use sync_core::cbor::{self, FormatError};
use sync_core::count::Line;
use sync_core::id::SheetHash;
use sync_core::record::double_entry::{Cell, Compared, Correction, Difference, Differing, DoubleEntry};
use sync_core::record::{PaperCount, PaperError, PaperForm, PersonId};

const FORM: PaperForm = PaperForm { officials: 2, levels: 3 };
const SHEET: SheetHash = SheetHash([7; 32]);

fn people() -> [PersonId; 3] {
    ["Vàng Mí Sử", "Lý Thị Mai", "Sùng A Páo"].map(PersonId::of)
}

fn line(levels: [u32; 3], invalid: u32) -> Line {
    Line { levels: levels.to_vec(), invalid }
}

fn count(valid: u32, invalid: u32, lines: [([u32; 3], u32); 2]) -> PaperCount {
    PaperCount { valid, invalid, lines: lines.map(|(levels, blank)| line(levels, blank)).to_vec() }
}

fn ten() -> PaperCount {
    count(10, 1, [([5, 3, 2], 0), ([8, 1, 0], 1)])
}

fn begun() -> DoubleEntry {
    DoubleEntry::new(SHEET, FORM)
}

/// Two entries side by side.
fn both(first: PaperCount, second: PaperCount) -> Compared {
    let DoubleEntry::Empty(empty) = begun() else { panic!("a new one is empty") };
    let [one, other, _] = people();
    empty.first(one, first).expect("it adds up").second(other, second).expect("it adds up")
}

fn differing(first: PaperCount, second: PaperCount) -> Differing {
    match both(first, second) {
        Compared::Differing(differing) => differing,
        Compared::Agreed(_) => panic!("they differ"),
    }
}

fn agreed(compared: Compared) -> PaperCount {
    match compared {
        Compared::Agreed(agreed) => agreed.count().clone(),
        Compared::Differing(differing) => panic!("still different: {:?}", differing.differences()),
    }
}

#[test]
fn two_persons_who_enter_the_same_agree_at_once() {
    assert_eq!(agreed(both(ten(), ten())), ten());
}

#[test]
fn one_person_cannot_enter_both_however_the_name_is_typed() {
    let DoubleEntry::Empty(empty) = begun() else { panic!("a new one is empty") };
    let first = empty.first(PersonId::of("Lý Thị Mai"), ten()).unwrap();
    let (first, why) = first.second(PersonId::of("  LÝ thị  mai"), ten()).unwrap_err();
    assert_eq!(why, PaperError::SamePerson);
    assert_eq!(agreed(first.second(PersonId::of("Sùng A Páo"), ten()).unwrap()), ten());
}

#[test]
fn numbers_that_do_not_add_up_are_refused_and_the_line_is_named() {
    let refused = |count: PaperCount| {
        let DoubleEntry::Empty(empty) = begun() else { panic!("a new one is empty") };
        empty.first(people()[0], count).unwrap_err().1
    };
    let sum = |line, found| PaperError::Sum { line, found, valid: 10 };
    assert_eq!(refused(count(10, 1, [([5, 3, 1], 0), ([8, 1, 0], 1)])), sum(1, 9));
    assert_eq!(refused(count(10, 1, [([5, 3, 2], 0), ([8, 1, 0], 2)])), sum(2, 11));
    assert_eq!(refused(count(0, 0, [([0; 3], 0), ([0; 3], 0)])), PaperError::Ballots);
    assert_eq!(refused(count(u32::MAX, 1, [([0; 3], 0), ([0; 3], 0)])), PaperError::Ballots);
    let mut short = ten();
    short.lines.pop();
    assert_eq!(refused(short), PaperError::Lines { expected: 2, found: 1 });
    let mut narrow = ten();
    narrow.lines[1].levels.pop();
    assert_eq!(refused(narrow), PaperError::Levels { line: 2, levels: 3 });
}

#[test]
fn one_is_kept_and_the_other_corrects_only_what_differs() {
    let other = count(10, 1, [([5, 2, 3], 0), ([8, 1, 0], 1)]);
    let state = differing(ten(), other);
    let cells: Vec<_> = state.differences();
    let cell = |cell, first, second| Difference { cell, first, second };
    assert_eq!(cells, [cell(Cell::Level(0, 1), 3, 2), cell(Cell::Level(0, 2), 2, 3)]);
    let [one, two, stranger] = people();
    let (state, why) =
        state.correct(two, Correction::Line { official: 1, line: line([9, 1, 0], 0) }).unwrap_err();
    assert_eq!(why, PaperError::Agrees);
    let kept = state.kept(one, Cell::Level(0, 1)).unwrap();
    let (state, why) = state.correct(stranger, kept.clone()).unwrap_err();
    assert_eq!(why, PaperError::NotYours);
    assert_eq!(agreed(state.correct(two, kept).unwrap()), ten());
}

#[test]
fn ballots_come_first_and_then_each_line_that_no_longer_fits() {
    let nine = count(9, 2, [([5, 3, 1], 0), ([7, 1, 0], 1)]);
    let state = differing(ten(), nine);
    assert!(state.differences().iter().all(|d| matches!(d.cell, Cell::Valid | Cell::Invalid)));
    let [one, two, _] = people();
    assert_eq!(state.kept(one, Cell::Level(0, 0)), None);
    let early = Correction::Line { official: 0, line: line([5, 3, 2], 0) };
    let (state, why) = state.correct(two, early.clone()).unwrap_err();
    assert_eq!(why, PaperError::BallotsFirst);
    let ballots = state.kept(one, Cell::Valid).unwrap();
    let Compared::Differing(state) = state.correct(two, ballots).unwrap() else { panic!("lines differ") };
    let wrong = Correction::Line { official: 0, line: line([5, 3, 1], 0) };
    let (state, why) = state.correct(two, wrong).unwrap_err();
    assert_eq!(why, PaperError::Sum { line: 1, found: 9, valid: 10 });
    let Compared::Differing(state) = state.correct(two, early).unwrap() else { panic!("one is left") };
    let kept = state.kept(one, Cell::Level(1, 0)).unwrap();
    assert_eq!(agreed(state.correct(two, kept).unwrap()), ten());
}

#[test]
fn lines_that_both_have_alike_must_fit_the_ballots_on_which_they_agree() {
    let state = differing(ten(), PaperCount { invalid: 2, ..ten() });
    let [one, two, _] = people();
    let eleven = Correction::Ballots { valid: 11, invalid: 1 };
    let Compared::Differing(state) = state.correct(one, eleven.clone()).unwrap() else {
        panic!("12 are not 11")
    };
    let (state, why) = state.correct(two, eleven).unwrap_err();
    assert_eq!(why, PaperError::Sum { line: 1, found: 10, valid: 11 });
    let back = state.kept(two, Cell::Valid).unwrap();
    assert_eq!(agreed(state.correct(one, back).unwrap()).invalid, 2);
}

/// What somebody at the tablet may try.
#[derive(Debug, Clone)]
enum Step {
    Enter(usize, PaperCount),
    Correct(usize, Correction),
    Keep(usize, usize),
    Discard,
    Restart,
}

fn some_count() -> impl Strategy<Value = PaperCount> {
    let ballot = prop::collection::vec(prop::option::weighted(0.9, 0..3_u8), 2);
    (prop::collection::vec(ballot, 0..4), 0..3_u32).prop_map(|(ballots, invalid): (Vec<Lines>, u32)| {
        let valid = u32::try_from(ballots.len()).expect("few ballots");
        PaperCount { valid, invalid, lines: crate::common::tally(&ballots, 2) }
    })
}

fn some_step() -> impl Strategy<Value = Step> {
    let line =
        (prop::array::uniform3(0..3_u32), 0..2_u32).prop_map(|(levels, invalid)| line(levels, invalid));
    let correction = prop_oneof![
        (0..4_u32, 0..3_u32).prop_map(|(valid, invalid)| Correction::Ballots { valid, invalid }),
        (0..3_usize, line).prop_map(|(official, line)| Correction::Line { official, line }),
    ];
    prop_oneof![
        4 => (0..3_usize, some_count()).prop_map(|(by, count)| Step::Enter(by, count)),
        4 => (0..3_usize, correction).prop_map(|(by, correction)| Step::Correct(by, correction)),
        4 => (0..3_usize, 0..6_usize).prop_map(|(by, cell)| Step::Keep(by, cell)),
        1 => Just(Step::Discard),
        2 => Just(Step::Restart),
    ]
}

fn name(state: &DoubleEntry) -> &'static str {
    match state {
        DoubleEntry::Empty(_) => "Empty",
        DoubleEntry::First(_) => "First",
        DoubleEntry::Differing(_) => "Differing",
        DoubleEntry::Agreed(_) => "Agreed",
    }
}

/// The arrows of the drawing in `double_entry.rs`, but the one to `Sealed`, which leaves the machine.
const DRAWING: &[(&str, &str, &str)] = &[
    ("Empty", "first", "First"),
    ("First", "second", "Agreed"),
    ("First", "second", "Differing"),
    ("Differing", "correct", "Differing"),
    ("Differing", "correct", "Agreed"),
    ("First", "discard", "Empty"),
    ("Differing", "discard", "Empty"),
    ("Agreed", "discard", "Empty"),
];

/// Does a step: the arrow it took, if it took one, and the state after it.
fn step(state: DoubleEntry, step: Step) -> (Option<&'static str>, DoubleEntry) {
    let arrow = |name: &'static str, after: DoubleEntry| (Some(name), after);
    match (state, step) {
        (DoubleEntry::Empty(empty), Step::Enter(by, count)) => match empty.first(people()[by], count) {
            Ok(first) => arrow("first", DoubleEntry::First(first)),
            Err((same, _)) => (None, DoubleEntry::Empty(same)),
        },
        (DoubleEntry::First(first), Step::Enter(by, count)) => match first.second(people()[by], count) {
            Ok(compared) => arrow("second", compared.into()),
            Err((same, _)) => (None, DoubleEntry::First(same)),
        },
        (DoubleEntry::Differing(state), Step::Correct(by, correction)) => {
            match state.correct(people()[by], correction) {
                Ok(compared) => arrow("correct", compared.into()),
                Err((same, _)) => (None, DoubleEntry::Differing(same)),
            }
        }
        (DoubleEntry::Differing(state), Step::Keep(from, cell)) => {
            let differences = state.differences();
            let cell = differences[cell % differences.len()].cell;
            let [one, other] = state.persons();
            let (kept, corrects) = if from % 2 == 0 { (one, other) } else { (other, one) };
            let correction = state.kept(kept, cell).expect("it differs there");
            match state.correct(corrects, correction) {
                Ok(compared) => arrow("correct", compared.into()),
                Err((same, why)) => {
                    assert!(matches!(why, PaperError::Sum { .. }), "only a sum stops it: {why}");
                    (None, DoubleEntry::Differing(same))
                }
            }
        }
        (state, Step::Discard) if name(&state) != "Empty" => arrow("discard", state.discard()),
        (state, Step::Restart) => {
            let bytes = cbor::encode(&state);
            let again: DoubleEntry = cbor::decode(&bytes).expect("what was stored is read");
            assert_eq!(again, state, "a crash loses nothing");
            (None, again)
        }
        (state, _) => (None, state),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_machine_walks_exactly_the_arrows_of_its_drawing(steps in prop::collection::vec(some_step(), 1..40)) {
        let mut state = begun();
        for next in steps {
            let (from, before) = (name(&state), state.clone());
            let (arrow, after) = step(state, next);
            match arrow {
                Some(arrow) => prop_assert!(DRAWING.contains(&(from, arrow, name(&after))), "{from} {arrow}"),
                None => prop_assert_eq!(&after, &before, "a refused step changes nothing"),
            }
            match &after {
                DoubleEntry::Agreed(agreed) => {
                    prop_assert_eq!(agreed.count().check(FORM), Ok(()));
                    let [one, other] = agreed.persons();
                    prop_assert_ne!(one, other);
                }
                DoubleEntry::Differing(state) => {
                    let [one, other] = state.persons();
                    prop_assert_ne!(one, other);
                    prop_assert!(!state.differences().is_empty(), "there is something to correct");
                }
                DoubleEntry::Empty(_) | DoubleEntry::First(_) => {}
            }
            state = after;
        }
    }

    #[test]
    fn keeping_the_first_entry_everywhere_ends_with_it_in_few_steps(first in some_count(), second in some_count()) {
        prop_assume!(first.collected() > 0 && second.collected() > 0);
        let mut compared = both(first.clone(), second);
        let mut steps = 0;
        while let Compared::Differing(state) = compared {
            let cell = state.differences()[0].cell;
            let [one, other] = state.persons();
            let kept = state.kept(one, cell).expect("it differs");
            compared = match state.correct(other, kept) {
                Ok(compared) => compared,
                Err((_, why)) => return Err(TestCaseError::fail(why.to_string())),
            };
            steps += 1;
            prop_assert!(steps <= 3, "ballots and two lines");
        }
        prop_assert_eq!(agreed(compared), first);
    }

    #[test]
    fn stored_bytes_from_anywhere_are_read_as_they_are_or_refused(
        steps in prop::collection::vec(some_step(), 1..8), at: prop::sample::Index, flip in 1..=255_u8,
    ) {
        let state = steps.into_iter().fold(begun(), |state, next| step(state, next).1);
        let mut bytes = cbor::encode(&state);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = cbor::decode::<DoubleEntry>(&bytes) {
            prop_assert_eq!(cbor::encode(&other), bytes);
        }
    }
}

#[test]
fn what_is_stored_never_holds_two_entries_of_one_person() {
    let DoubleEntry::Empty(empty) = begun() else { panic!("a new one is empty") };
    let first = DoubleEntry::First(empty.first(people()[0], ten()).unwrap());
    let bytes = cbor::encode(&first);
    let head = 1 + 1 + 34 + 1 + 1;
    let mut twice = bytes[..head].to_vec();
    twice.push(0x82);
    twice.extend_from_slice(&bytes[head + 1..]);
    twice.extend_from_slice(&bytes[head + 1..]);
    assert_eq!(cbor::decode::<DoubleEntry>(&twice), Err(FormatError::Range { what: "double entry" }));
}
