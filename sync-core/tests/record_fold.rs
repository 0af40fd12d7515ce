//! What entries amount to: undo, conflicts, settlements, notes that replace notes, people.

use crate::common::team::{HOA, LAN, MINH, Team, committee, figure, noted, place, settle};
use sync_core::record::{
    Act, Actor, Entry, EntryRef, FigureKind, PersonId, Record, SignedChange, State, Topic, Writer, plain,
};

const PRESENT: FigureKind = FigureKind::Present;

fn present(state: &State) -> &Topic<u32> {
    &state.figures[&PRESENT]
}

fn state_of<'a>(team: &Team, changes: impl IntoIterator<Item = &'a SignedChange>) -> State {
    team.record_of(changes).state()
}

#[test]
fn figures_that_agree_hold_and_figures_that_differ_are_a_conflict() {
    let mut team = Team::new(60);
    let (mut a, mut b) = (team.pen(), team.pen());
    let (one, same) = (a.note(LAN, figure(PRESENT, 9)), b.note(MINH, figure(PRESENT, 9)));
    let other = b.note(MINH, figure(PRESENT, 8));
    assert_eq!(state_of(&team, [&one]).figure(PRESENT), Some(9));
    assert_eq!(state_of(&team, [&one, &same]).figure(PRESENT), Some(9));
    let state = state_of(&team, [&one, &same, &other]);
    assert!(present(&state).is_conflict());
    assert_eq!(state.figure(PRESENT), None);
    assert_eq!(present(&state).persons, [LAN, MINH].map(PersonId::of).into());
}

#[test]
fn what_is_undone_counts_no_more_whoever_undoes_it_and_an_undo_of_what_is_not_here_does_nothing() {
    let mut team = Team::new(61);
    let (mut a, mut b) = (team.pen(), team.pen());
    let noted_twice = a.write(vec![
        noted(LAN, figure(PRESENT, 9)),
        noted(LAN, Act::CheckIn { voter: 3 }),
        noted(LAN, Act::Slip { voter: 3 }),
        noted(LAN, Act::Incident { text: "mất điện".to_owned() }),
        noted(LAN, committee(LAN, MINH)),
        noted(LAN, Act::TabletTotal { device: a.device(), total: 5 }),
    ]);
    let undo = (0..6).map(|index| noted(MINH, Act::Undo { entry: place(&noted_twice, index) }));
    let undo = b.write(undo.collect());
    let nothing = state_of(&team, [&undo]);
    assert!(nothing.figures.is_empty() && nothing.register.is_empty());
    let state = state_of(&team, [&noted_twice, &undo]);
    assert!(state.figures.is_empty() && state.register.is_empty() && state.notes.is_empty());
    assert!(state.committee.is_none() && state.totals.is_empty());
    assert_eq!(state.writers, [LAN, MINH].map(PersonId::of).into(), "who wrote stays known");
}

#[test]
fn words_that_others_rely_on_cannot_be_undone() {
    let mut team = Team::new(62);
    let mut pen = team.pen();
    let figures = pen.write(vec![noted(LAN, figure(PRESENT, 9)), noted(LAN, figure(PRESENT, 8))]);
    let (first, second) = (place(&figures, 0), place(&figures, 1));
    let words = pen.write(vec![
        noted(MINH, settle(&[first, second], first)),
        noted(LAN, Act::Join { name: LAN.to_owned() }),
        noted(MINH, Act::Explain { finding: [1; 16], text: "đã đếm lại".to_owned() }),
        noted(MINH, Act::Undo { entry: first }),
    ]);
    let undo = pen.write((0..4).map(|index| noted(HOA, Act::Undo { entry: place(&words, index) })).collect());
    let before = state_of(&team, [&figures, &words]);
    let after = state_of(&team, [&figures, &words, &undo]);
    assert_eq!(after.persons, before.persons);
    assert_eq!(after.explanations, before.explanations);
    assert_eq!(after.figures, before.figures, "neither the settlement nor the undo came back");
}

#[test]
fn a_settlement_ends_a_conflict_and_a_later_figure_begins_another() {
    let mut team = Team::new(63);
    let (mut a, mut b) = (team.pen(), team.pen());
    let (nine, eight) = (a.note(LAN, figure(PRESENT, 9)), b.note(MINH, figure(PRESENT, 8)));
    let settled = a.note(HOA, settle(&[place(&nine, 0), place(&eight, 0)], place(&eight, 0)));
    let state = state_of(&team, [&nine, &eight, &settled]);
    assert_eq!(state.figure(PRESENT), Some(8));
    assert_eq!(present(&state).persons.len(), 3, "who settled is involved too");
    let late = b.note(MINH, figure(PRESENT, 7));
    assert!(present(&state_of(&team, [&nine, &eight, &settled, &late])).is_conflict());
    let again = a.note(HOA, settle(&[place(&settled, 0), place(&late, 0)], place(&late, 0)));
    assert_eq!(state_of(&team, [&nine, &eight, &settled, &late, &again]).figure(PRESENT), Some(7));
}

#[test]
fn two_who_settle_at_the_same_time_are_a_conflict_only_if_they_differ() {
    let mut team = Team::new(64);
    let (mut a, mut b) = (team.pen(), team.pen());
    let (nine, eight) = (a.note(LAN, figure(PRESENT, 9)), b.note(MINH, figure(PRESENT, 8)));
    let both = [place(&nine, 0), place(&eight, 0)];
    let for_nine = a.note(LAN, settle(&both, both[0]));
    let for_eight = b.note(MINH, settle(&both, both[1]));
    let also_nine = b.note(MINH, settle(&both, both[0]));
    assert_eq!(state_of(&team, [&nine, &eight, &for_nine]).figure(PRESENT), Some(9));
    let race = state_of(&team, [&nine, &eight, &for_nine, &for_eight, &also_nine]);
    assert!(present(&race).is_conflict());
    assert_eq!(present(&race).live.len(), 3, "the settlements stand, the figures do not");
    let races = [&for_nine, &for_eight, &also_nine].map(|change| place(change, 0));
    let end = a.note(HOA, settle(&races, both[1]));
    let state = state_of(&team, [&nine, &eight, &for_nine, &for_eight, &also_nine, &end]);
    assert_eq!(state.figure(PRESENT), Some(8));
}

#[test]
fn a_settlement_of_another_thing_settles_nothing_here() {
    let mut team = Team::new(65);
    let mut pen = team.pen();
    let figures = pen.write(vec![
        noted(LAN, figure(PRESENT, 9)),
        noted(LAN, figure(PRESENT, 8)),
        noted(LAN, figure(FigureKind::Issued, 8)),
    ]);
    let [nine, eight, issued] = [0, 1, 2].map(|index| place(&figures, index));
    let wrong = pen.note(MINH, settle(&[nine, eight], issued));
    assert!(present(&state_of(&team, [&figures, &wrong])).is_conflict());
    let unknown = pen.note(MINH, settle(&[nine, eight], EntryRef { sequence: 999, ..nine }));
    assert!(present(&state_of(&team, [&figures, &unknown])).is_conflict());
}

#[test]
fn when_what_a_settlement_kept_is_undone_the_others_stand_again() {
    let mut team = Team::new(66);
    let mut pen = team.pen();
    let figures = pen.write(vec![noted(LAN, figure(PRESENT, 9)), noted(LAN, figure(PRESENT, 8))]);
    let settled = pen.note(MINH, settle(&[place(&figures, 0), place(&figures, 1)], place(&figures, 0)));
    let undo = pen.note(LAN, Act::Undo { entry: place(&figures, 0) });
    assert_eq!(state_of(&team, [&figures, &settled, &undo]).figure(PRESENT), Some(8));
}

#[test]
fn settlements_in_a_circle_are_a_conflict_that_one_more_settlement_ends() {
    let mut team = Team::new(67);
    let mut honest = team.pen();
    let mut liar = team.pen();
    let figures = honest.write(vec![noted(LAN, figure(PRESENT, 9)), noted(LAN, figure(PRESENT, 8))]);
    let [nine, eight] = [0, 1].map(|index| place(&figures, index));
    // Places of entries can be told beforehand, so a liar can name what is not yet written, and itself.
    let own = |index| EntryRef { actor: liar.writer.actor(), sequence: 1, index };
    let circle = vec![
        noted(HOA, settle(&[nine, eight, own(1)], nine)),
        noted(HOA, settle(&[own(0)], eight)),
        noted(HOA, settle(&[own(2)], eight)),
    ];
    let circle = liar.write(circle);
    let state = state_of(&team, [&figures, &circle]);
    assert!(present(&state).is_conflict());
    assert!(present(&state).live.is_empty(), "each is named by another or by itself");
    let end = honest.note(MINH, settle(&[nine, eight], nine));
    assert_eq!(state_of(&team, [&figures, &circle, &end]).figure(PRESENT), Some(9));
}

#[test]
fn a_committee_and_a_closing_total_conflict_and_settle_as_figures_do() {
    let mut team = Team::new(68);
    let (mut a, mut b) = (team.pen(), team.pen());
    let device = a.device();
    let ours =
        a.write(vec![noted(LAN, committee(LAN, HOA)), noted(LAN, Act::TabletTotal { device, total: 5 })]);
    let theirs =
        b.write(vec![noted(MINH, committee(MINH, HOA)), noted(MINH, Act::TabletTotal { device, total: 6 })]);
    let state = state_of(&team, [&ours, &theirs]);
    assert!(state.committee.as_ref().is_some_and(Topic::is_conflict));
    assert!(state.totals[&device].is_conflict());
    let both = |index| [place(&ours, index), place(&theirs, index)];
    let settled = b.write(vec![
        noted(HOA, settle(&both(0), place(&ours, 0))),
        noted(HOA, settle(&both(1), place(&theirs, 1))),
    ]);
    let state = state_of(&team, [&ours, &theirs, &settled]);
    let Act::Committee { members } = committee(LAN, HOA) else { unreachable!() };
    assert_eq!(state.committee.and_then(|topic| topic.value().cloned()), Some(members));
    assert_eq!(state.totals[&device].value(), Some(&6));
}

#[test]
fn a_double_check_in_shows_both_tablets_and_both_persons() {
    let mut team = Team::new(69);
    let (mut a, mut b) = (team.pen(), team.pen());
    let (one, two) = (a.note(LAN, Act::CheckIn { voter: 4 }), b.note(MINH, Act::CheckIn { voter: 4 }));
    let state = state_of(&team, [&one, &two]);
    let seen: Vec<_> =
        state.register[&4].check_ins.iter().map(|noted| (noted.entry.actor.device(), noted.person)).collect();
    let mut expected = vec![(a.device(), PersonId::of(LAN)), (b.device(), PersonId::of(MINH))];
    expected.sort_unstable();
    assert_eq!(seen, expected);
    assert_eq!(state.present(), 1, "it is one voter");
    let undo = b.note(MINH, Act::Undo { entry: place(&two, 0) });
    assert_eq!(state_of(&team, [&one, &two, &undo]).register[&4].check_ins.len(), 1);
}

#[test]
fn a_note_takes_the_place_of_what_it_replaces_until_it_is_undone() {
    let mut team = Team::new(70);
    let (mut first, mut pen) = (team.pen(), team.pen());
    let old = first.note(LAN, Act::Incident { text: "mất điện 5 phút".to_owned() });
    let replaces = Some(place(&old, 0));
    let new = pen.note(MINH, Act::Note { text: "mất điện 15 phút".to_owned(), replaces });
    let texts = |state: &State| state.notes.values().map(|note| note.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&state_of(&team, [&old, &new])), ["mất điện 15 phút"]);
    assert_eq!(texts(&state_of(&team, [&new])), ["mất điện 15 phút"], "what it replaces need not be here");
    let undo = pen.note(MINH, Act::Undo { entry: place(&new, 0) });
    assert_eq!(texts(&state_of(&team, [&old, &new, &undo])), ["mất điện 5 phút"]);
}

#[test]
fn a_note_that_replaces_a_figure_leaves_the_figure() {
    let mut team = Team::new(71);
    let mut pen = team.pen();
    let nine = pen.note(LAN, figure(PRESENT, 9));
    let note = pen.note(MINH, Act::Note { text: "không đúng".to_owned(), replaces: Some(place(&nine, 0)) });
    assert_eq!(state_of(&team, [&nine, &note]).figure(PRESENT), Some(9));
}

#[test]
fn one_name_typed_in_two_ways_is_one_person_with_one_name() {
    let mut team = Team::new(72);
    let (mut a, mut b) = (team.pen(), team.pen());
    let shouted = "GIÀNG  THỊ LAN";
    let one = a.note(LAN, Act::Join { name: LAN.to_owned() });
    let two = b.note(shouted, Act::Join { name: shouted.to_owned() });
    let (ab, ba) = (state_of(&team, [&one, &two]), state_of(&team, [&two, &one]));
    assert_eq!(ab, ba);
    assert_eq!(ab.persons.len(), 1);
    assert_eq!(ab.name(&PersonId::of(LAN)), Some(shouted));
}

#[test]
fn nobody_can_join_under_the_name_of_another_id() {
    let mut team = Team::new(73);
    let pen = team.pen();
    let entry = Entry { person: PersonId::of(MINH), at: None, act: Act::Join { name: LAN.to_owned() } };
    let mut writer = Writer::new(Actor::new(&pen.device(), [3; 8]));
    let place = (&team.package, &team.unit, &team.sheet);
    assert!(writer.write(place, vec![entry], &pen.tablet.key).is_none());
}

#[test]
fn the_state_at_heads_is_that_of_the_changes_up_to_them_and_none_while_one_is_missing() {
    let mut team = Team::new(74);
    let (mut a, mut b) = (team.pen(), team.pen());
    let ours = [1, 2, 3].map(|value| a.note(LAN, figure(PRESENT, value)));
    let theirs = b.note(MINH, Act::CheckIn { voter: 1 });
    let record = team.record_of(ours.iter().chain([&theirs]));
    let at = |heads: &[(Actor, u32)]| record.state_at(heads);
    assert_eq!(at(&[(a.writer.actor(), 2)]), Some(state_of(&team, &ours[..2])));
    assert_eq!(at(&[]), Some(State::default()));
    assert_eq!(at(&record.signed_heads()), Some(record.state()));
    assert_eq!(at(&[(a.writer.actor(), 4)]), None);
    assert_eq!(at(&[(Actor([9; 24]), 1)]), None);
}

#[test]
fn an_entry_is_found_at_its_place_and_nowhere_else() {
    let mut team = Team::new(75);
    let mut pen = team.pen();
    let change = pen.write(vec![noted(LAN, figure(PRESENT, 1)), noted(LAN, figure(PRESENT, 2))]);
    let record: Record = team.record_of([&change]);
    assert_eq!(record.entry(&place(&change, 1)), Some(&change.value().entries[1]));
    let here = place(&change, 0);
    for nowhere in [
        EntryRef { index: 2, ..here },
        EntryRef { sequence: 0, ..here },
        EntryRef { sequence: 2, ..here },
        EntryRef { actor: Actor([9; 24]), ..here },
    ] {
        assert_eq!(record.entry(&nowhere), None, "{nowhere}");
    }
}

#[test]
fn names_are_found_without_diacritics_case_or_double_spaces() {
    for (name, typed) in [
        ("Đặng Thị Ưởng", "dang thi uong"),
        ("ĐỖ VĂN ĐỨC", "do van duc"),
        ("Nguyễn  Hữu\tKỳ", "nguyen huu ky"),
        ("Sùng Mí Pó", "sung mi po"),
        ("Hầu Thị Mỷ", "hau thi my"),
    ] {
        assert_eq!(plain(name), typed);
        assert_eq!(plain(typed), typed, "what is plain stays so");
    }
    let letters = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ";
    for letter in letters.chars().chain(letters.to_uppercase().chars()) {
        let found = plain(&letter.to_string());
        assert!(found.len() == 1 && found.is_ascii(), "{letter} becomes {found}");
    }
}
