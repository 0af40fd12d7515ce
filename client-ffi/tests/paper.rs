//! Two persons enter the count of a box of paper ballots on one tablet, whatever happens to it meanwhile.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::{Fault, FaultyStore, MemoryStore, Store};
use client_ffi::{Acting, PaperSeen, PaperView, Tablet, TabletError};
use common::{OFFICIALS, TEAM, World, rng, unit};
use sync_core::count::Line;
use sync_core::record::double_entry::{Cell, Correction};
use sync_core::record::{Language, Paper, PaperCount, PaperError, PaperForm, PersonId};

type Keeper<S> = Tablet<S, rand_chacha::ChaCha20Rng>;

const FORM: PaperForm = PaperForm { officials: OFFICIALS, levels: 3 };

/// Twelve valid ballots and one that does not count; `low` marks of the lowest level for the last official.
fn count(low: u32) -> PaperCount {
    let line = |low| Line { levels: vec![7, 4 - low, low], invalid: 1 };
    PaperCount { valid: 12, invalid: 1, lines: vec![line(0), line(2), line(low)] }
}

fn acts<S: Store>(tablet: &mut Keeper<S>, name: &str) -> Acting {
    let a = unit("A");
    let person = tablet.join(&a, name).unwrap();
    drop(tablet.set_pin(&a, &person, None, "4711"));
    tablet.act_as(&a, &person, "4711").unwrap()
}

/// A tablet whose team has joined.
fn begun(world: &World) -> MemoryStore {
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    for name in TEAM {
        acts(&mut tablet, name);
    }
    tablet.into_store()
}

fn people<S: Store>(tablet: &mut Keeper<S>) -> [Acting; 2] {
    TEAM.map(|name| acts(tablet, name))
}

/// The counts in the record, opened as the trustees would.
fn opened<S: Store>(world: &World, tablet: &Keeper<S>) -> Vec<(Paper, PaperCount)> {
    let open = |(_, paper): (_, Paper)| {
        let count = paper.open(FORM, (&world.package.hash(), &unit("A")), &world.box_secret());
        (paper, count.unwrap())
    };
    tablet.papers(&unit("A")).unwrap().into_iter().map(open).collect()
}

#[test]
fn what_two_persons_both_entered_is_sealed_into_the_record() {
    let world = World::with_names(1);
    let mut tablet = Tablet::open_with(begun(&world), rng(2)).unwrap();
    let [one, two] = people(&mut tablet);
    let a = unit("A");
    assert_eq!(tablet.paper(&a).unwrap(), PaperView::Empty);
    assert_eq!(tablet.paper_first(&one, count(1)).unwrap(), PaperView::First(one.person()));
    let persons = [one.person(), two.person()];
    let agreed = PaperView::Agreed { persons, valid: 12, invalid: 1 };
    assert_eq!(tablet.paper_second(&two, count(1)).unwrap(), agreed);
    tablet.paper_seal(&one, Some(29_000_000)).unwrap();
    assert_eq!(tablet.paper(&a).unwrap(), PaperView::Empty, "the next box can be counted");
    let papers = opened(&world, &tablet);
    let [(paper, numbers)] = papers.as_slice() else { panic!("one count") };
    assert_eq!((paper.collected, paper.valid, paper.invalid), (13, 12, 1));
    assert_eq!([paper.first, paper.second], persons);
    assert_eq!(*numbers, count(1));
    let report = tablet.sync(&world).unwrap();
    assert!(report.refused.is_empty() && report.failed.is_empty(), "{report:?}");
    assert_eq!(world.record(&a).state().papers.len(), 1, "the centre has it");
}

#[test]
fn a_difference_is_shown_and_only_there_one_takes_over_what_the_other_entered() {
    let world = World::with_names(2);
    let mut tablet = Tablet::open_with(begun(&world), rng(2)).unwrap();
    let [one, two] = people(&mut tablet);
    tablet.paper_first(&one, count(1)).unwrap();
    let PaperView::Differing { differences, .. } = tablet.paper_second(&two, count(3)).unwrap() else {
        panic!("they differ")
    };
    let cells: Vec<_> = differences.iter().map(|d| (d.cell, d.first, d.second)).collect();
    assert_eq!(cells, [(Cell::Level(2, 1), 3, 1), (Cell::Level(2, 2), 1, 3)]);
    let elsewhere = Correction::Line { official: 0, line: count(0).lines[0].clone() };
    let refused = tablet.paper_correct(&two, elsewhere);
    assert!(matches!(refused, Err(TabletError::Paper(PaperError::Agrees))), "{refused:?}");
    let stranger = acts(&mut tablet, "Thào Thị Mai");
    assert!(tablet.paper_keep_other(&stranger, Cell::Level(2, 2)).is_err());
    assert!(matches!(
        tablet.paper_keep_other(&two, Cell::Level(2, 2)).unwrap(),
        PaperView::Agreed { valid: 12, invalid: 1, .. }
    ));
    tablet.paper_seal(&stranger, None).unwrap();
    assert_eq!(opened(&world, &tablet)[0].1, count(1));
}

#[test]
fn steps_out_of_turn_and_one_person_twice_are_refused_and_change_nothing() {
    let world = World::with_names(3);
    let mut tablet = Tablet::open_with(begun(&world), rng(2)).unwrap();
    let [one, two] = people(&mut tablet);
    let a = unit("A");
    let out_of_turn = |said: Result<_, TabletError>| matches!(said, Err(TabletError::PaperStep { .. }));
    assert!(out_of_turn(tablet.paper_second(&two, count(1)).map(drop)));
    assert!(out_of_turn(tablet.paper_seal(&one, None).map(drop)));
    assert_eq!(tablet.paper(&a).unwrap(), PaperView::Empty);
    tablet.paper_first(&one, count(1)).unwrap();
    assert!(out_of_turn(tablet.paper_first(&two, count(1)).map(drop)));
    assert!(out_of_turn(tablet.paper_seal(&one, None).map(drop)));
    let same = tablet.paper_second(&one, count(1));
    assert!(matches!(same, Err(TabletError::Paper(PaperError::SamePerson))), "{same:?}");
    let sums = tablet.paper_second(&two, PaperCount { valid: 11, ..count(1) });
    assert!(matches!(sums, Err(TabletError::Paper(PaperError::Sum { line: 1, found: 12, valid: 11 }))));
    assert_eq!(tablet.paper(&a).unwrap(), PaperView::First(one.person()));
    tablet.paper_discard(&two).unwrap();
    assert_eq!(tablet.paper(&a).unwrap(), PaperView::Empty);
    assert!(tablet.papers(&a).unwrap().is_empty());
}

#[test]
fn the_record_shows_no_number_before_two_agree_and_all_is_sealed_but_who_must_do_what() {
    let world = World::with_names(3);
    let mut tablet = Tablet::open_with(begun(&world), rng(2)).unwrap();
    let [one, two] = people(&mut tablet);
    let a = unit("A");
    let shown = |tablet: &Keeper<MemoryStore>| {
        let [vi, en] = [Language::Vietnamese, Language::English].map(|l| tablet.record_view(&a, l).unwrap());
        assert_eq!(vi.papers, en.papers);
        (en.papers, vi.paper_step, en.paper_step)
    };
    // Numbers that stand nowhere in the words: 61 in the box, of which 53 count.
    let line = |levels: [u32; 3]| Line { levels: levels.to_vec(), invalid: 0 };
    let count = |low| PaperCount {
        valid: 53,
        invalid: 8,
        lines: vec![line([53, 0, 0]), line([0, 53, 0]), line([53 - low, 0, low])],
    };
    assert_eq!(shown(&tablet), (Vec::new(), None, None));
    let step = |tablet: &Keeper<MemoryStore>, vi: &str, en: &str| {
        let (papers, said_vi, said_en) = shown(tablet);
        assert!(papers.is_empty(), "{papers:?}");
        for (said, expected) in [(said_vi.unwrap(), vi), (said_en.unwrap(), en)] {
            assert!(said.contains(expected) && said.contains(TEAM[0]), "{said}");
            assert!(!said.contains("53") && !said.contains("61") && !said.contains('8'), "{said}");
        }
    };
    tablet.paper_first(&one, count(1)).unwrap();
    step(&tablet, "Người thứ hai hãy nhập lại", "A second person now enters");
    tablet.paper_second(&two, count(3)).unwrap();
    step(&tablet, "khác nhau ở 2 chỗ", "different numbers in 2 places");
    tablet.paper_keep_other(&two, Cell::Level(2, 2)).unwrap();
    step(&tablet, "Hãy niêm phong", "Seal the paper count now");
    tablet.paper_seal(&one, None).unwrap();
    let sealed =
        PaperSeen { collected: 61, valid: 53, invalid: 8, entered: TEAM.map(str::to_owned), counts: true };
    assert_eq!(shown(&tablet), (vec![sealed.clone()], None, None));
    tablet.paper_first(&one, count(1)).unwrap();
    tablet.sync(&world).unwrap();
    world.replace_sheet("A");
    tablet.sync(&world).unwrap();
    let (papers, vi, en) = shown(&tablet);
    assert_eq!(
        papers,
        [PaperSeen { counts: false, ..sealed }],
        "it follows a sheet that does not hold any more"
    );
    let (vi, en) = (vi.unwrap(), en.unwrap());
    assert!(vi.contains("nhập lại") && en.contains("enter them anew"), "{vi} {en}");
    tablet.paper_discard(&two).unwrap();
    assert_eq!(shown(&tablet).1, None);
}

#[test]
fn a_replaced_sheet_asks_for_the_numbers_anew() {
    let world = World::with_names(4);
    let mut tablet = Tablet::open_with(begun(&world), rng(2)).unwrap();
    let [one, two] = people(&mut tablet);
    tablet.paper_first(&one, count(1)).unwrap();
    world.replace_sheet("A");
    tablet.sync(&world).unwrap();
    assert!(matches!(tablet.paper_second(&two, count(1)), Err(TabletError::PaperSheet(_))));
    tablet.paper_discard(&one).unwrap();
    tablet.paper_first(&one, count(1)).unwrap();
}

#[test]
fn no_number_by_level_lies_on_the_tablet_in_clear_and_nothing_is_left_of_it_after_sealing() {
    let world = World::with_names(5);
    let mut tablet = Tablet::open_with(begun(&world), rng(2)).unwrap();
    let [one, two] = people(&mut tablet);
    tablet.paper_first(&one, count(1)).unwrap();
    let line = [0x82, 0x83, 7, 4, 0, 1];
    let lies_open = |tablet: &Keeper<MemoryStore>| {
        let mut values = tablet.store().values().values();
        values.any(|value| value.windows(line.len()).any(|window| window == line))
    };
    let plain = sync_core::cbor::encode(&{
        let person = PersonId::of("Lan");
        let state = sync_core::record::double_entry::DoubleEntry::new(world.sheets[&unit("A")].hash(), FORM);
        let sync_core::record::double_entry::DoubleEntry::Empty(empty) = state else { panic!("it is new") };
        sync_core::record::double_entry::DoubleEntry::First(empty.first(person, count(1)).unwrap())
    });
    assert!(plain.windows(line.len()).any(|window| window == line), "the test knows what to look for");
    assert!(!lies_open(&tablet));
    tablet.paper_second(&two, count(1)).unwrap();
    assert!(!lies_open(&tablet));
    tablet.paper_seal(&two, None).unwrap();
    let keys = tablet.store().keys().unwrap();
    assert!(!keys.iter().any(|key| key.as_str().starts_with("paper")), "{keys:?}");
}

/// Two persons enter a box that differs in one line, one corrects, and it is sealed; over a store that fails at one
/// write. After the failure they look how far it is and go on from there.
fn play(start: MemoryStore, at: usize, fault: Fault, restart: bool) -> Keeper<FaultyStore> {
    let a = unit("A");
    let mut tablet = Tablet::open_with(FaultyStore::failing(start, at, fault), rng(2)).unwrap();
    let mut sealing = false;
    for _ in 0..20 {
        let done = (|| {
            let mut act = |name: &str| tablet.act_as(&a, &PersonId::of(name), "4711");
            let (one, two) = (act(TEAM[0])?, act(TEAM[1])?);
            match tablet.paper(&a)? {
                // What was being sealed when the tablet failed is in the record by now.
                PaperView::Empty if sealing && !tablet.papers(&a)?.is_empty() => Ok(true),
                PaperView::Empty => tablet.paper_first(&one, count(1)).map(|_| false),
                PaperView::First(_) => tablet.paper_second(&two, count(3)).map(|_| false),
                PaperView::Differing { .. } => {
                    tablet.paper_keep_other(&two, Cell::Level(2, 2)).map(|_| false)
                }
                PaperView::Agreed { .. } => {
                    sealing = true;
                    tablet.paper_seal(&one, None).map(|_| true)
                }
            }
        })();
        match done {
            Ok(true) => return tablet,
            Ok(false) | Err(TabletError::Store(_)) => {}
            Err(error) => panic!("write {at} {fault:?}: {error}"),
        }
        if tablet.store().struck() {
            if restart {
                let left = tablet.into_store().into_inner();
                tablet = Tablet::open_with(FaultyStore::failing(left, usize::MAX, fault), rng(3)).unwrap();
            } else {
                tablet.store_mut().revive();
            }
        }
    }
    panic!("write {at} {fault:?}: it never ended")
}

#[test]
fn a_fault_at_every_write_loses_no_number_and_counts_no_box_twice() {
    let world = World::with_names(6);
    let begun = begun(&world);
    let writes = play(begun.clone(), usize::MAX, Fault::Before, true).store().writes();
    assert!(writes >= 8, "key, three states, entry, record and what is destroyed: {writes}");
    for at in 0..writes {
        for fault in [Fault::Before, Fault::After] {
            for restart in [true, false] {
                let mut tablet = play(begun.clone(), at, fault, restart);
                let what = format!("write {at}, {fault:?}, restart {restart}");
                assert_eq!(tablet.paper(&unit("A")).unwrap(), PaperView::Empty, "{what}");
                let papers = opened(&world, &tablet);
                assert_eq!(papers.len(), 1, "{what}");
                assert_eq!(papers[0].1, count(1), "{what}");
                let keys = tablet.store().keys().unwrap();
                assert!(!keys.iter().any(|key| key.as_str().starts_with("paper")), "{what}: {keys:?}");
            }
        }
    }
}
