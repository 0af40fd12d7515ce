//! Counts of paper ballots: from the entry of two persons to the result, and what nobody can read out of it.

use crate::common::{Lines, Tablet, World, attended_unit, permit_unit, tally};
use hpke::{Deserializable, OpModeS, Serializable};
use std::collections::{BTreeMap, BTreeSet};
use sync_core::cbor::{self, FormatError};
use sync_core::cose::Signed;
use sync_core::count::{CountError, Papers, RoundResult, Signs};
use sync_core::id::ObjectId;
use sync_core::record::{
    Act, Entry, EntryRef, FigureKind, FindingCode, Ground, Minutes, Paper, PersonId, RecordChange, Votes,
    reconcile,
};
use sync_core::standing::{Obstacle, UnitStanding};
use sync_core::verify::{Report, VerifyError, verify};

pub const OFFICIALS: usize = 2;

/// A world of one unit with this many ballots cast on its tablet, as marked.
fn meeting(seed: u64, cast: usize) -> (World, Tablet, Vec<Lines>) {
    let mut world = World::new(seed, &[permit_unit(60, OFFICIALS)]);
    let mut tablet = world.enrol(0);
    let marked: Vec<Lines> = (0..cast).map(|_| world.marks(0)).collect();
    let records = (0..).zip(&marked).map(|(slip, lines)| world.ballot(0, slip, lines)).collect();
    world.send(&mut tablet, records, true);
    (world, tablet, marked)
}

fn some_marks(world: &mut World, count: usize) -> Vec<Lines> {
    (0..count).map(|_| world.marks(0)).collect()
}

/// What an outsider with two shares finds.
pub fn outsider(world: &World) -> Report {
    verify(&world.archive.to_bytes(), &world.shares[..2], &mut |_, _| {}).expect("a sound bundle")
}

fn id_of(world: &World, paper: &Paper) -> ObjectId {
    paper.id(&world.package(), &world.units[0].code)
}

fn entry(paper: &Paper) -> Entry {
    Entry { person: paper.first, at: None, act: Act::Paper(paper.clone()) }
}

#[test]
fn paper_is_added_to_what_was_cast_on_tablets() {
    let (mut world, tablet, cast) = meeting(1, 12);
    let on_paper = some_marks(&mut world, 9);
    let paper = world.paper(&tablet, &on_paper, 2);
    let result = world.open_all();
    let unit = &result.units[0];
    assert_eq!((unit.valid, unit.collected(), unit.invalid_ballots()), (21, 23, 2));
    assert_eq!(unit.lines, Some(tally(&[cast, on_paper.clone()].concat(), OFFICIALS)));
    let lines = Some(tally(&on_paper, OFFICIALS));
    assert_eq!(unit.papers, Some(Papers { valid: 9, invalid: 2, unreadable: vec![], lines }));
    assert_eq!(unit.signs, None, "paper tells nothing of single ballots, so no signs although 21 are valid");
    assert_eq!(world.archive.orders[0].value().units[0].papers, [id_of(&world, &paper)]);
    let report = outsider(&world);
    assert_eq!((report.record_changes, report.papers), (1, 1));
    assert_eq!(report.recount.expect("with shares").0, report.result.expect("a result"));
    assert!(report.unopened_papers.is_empty() && report.undone_papers.is_empty());
}

#[test]
fn a_unit_may_vote_on_paper_alone() {
    let (mut world, tablet, _) = meeting(2, 0);
    let on_paper = some_marks(&mut world, 7);
    world.paper(&tablet, &on_paper, 0);
    let result = world.open_all();
    assert_eq!(result.units[0].lines, Some(tally(&on_paper, OFFICIALS)));
    assert_eq!(result.units[0].papers.as_ref().unwrap().lines, None, "it is the whole, not a part");
    outsider(&world);
}

#[test]
fn two_boxes_are_both_counted_and_a_copied_entry_is_one_box() {
    let (mut world, tablet, _) = meeting(3, 6);
    let other = world.enrol(0);
    let (one, two) = (some_marks(&mut world, 5), some_marks(&mut world, 3));
    let paper = world.paper(&tablet, &one, 0);
    world.paper(&tablet, &two, 1);
    world.note(&other, vec![Entry { at: Some(5), ..entry(&paper) }]);
    world.note(&tablet, vec![entry(&paper)]);
    let result = world.open_all();
    assert_eq!((result.units[0].valid, result.units[0].collected()), (14, 15));
    assert_eq!(outsider(&world).papers, 2);
}

#[test]
fn an_undone_count_is_not_opened_and_a_new_one_takes_its_place() {
    let (mut world, tablet, cast) = meeting(4, 6);
    let (wrong, right) = (some_marks(&mut world, 5), some_marks(&mut world, 5));
    world.paper(&tablet, &wrong, 0);
    let at = world.record(0).state().papers.keys().next().copied().unwrap();
    let undo = Entry { person: PersonId::of("Lan"), at: None, act: Act::Undo { entry: at } };
    world.note(&tablet, vec![undo]);
    world.paper(&tablet, &right, 0);
    let result = world.open_all();
    assert_eq!(result.units[0].lines, Some(tally(&[cast, right].concat(), OFFICIALS)));
    outsider(&world);
}

/// A count whose entry was changed after sealing is invalid as a whole, and named.
fn spoiled(change: impl FnOnce(&mut Paper)) {
    let (mut world, tablet, cast) = meeting(5, 6);
    let marks = some_marks(&mut world, 8);
    let mut paper = world.paper(&tablet, &marks, 1);
    world.archive.records.clear();
    change(&mut paper);
    world.note(&tablet, vec![entry(&paper)]);
    let result = world.open_all();
    let unit = &result.units[0];
    assert_eq!(unit.lines, Some(tally(&cast, OFFICIALS)));
    let unreadable = vec![id_of(&world, &paper)];
    let invalid = paper.collected;
    assert_eq!(unit.papers, Some(Papers { valid: 0, invalid, unreadable, lines: None }));
    assert_eq!(unit.collected(), 6 + invalid);
    outsider(&world);
}

#[test]
fn a_count_opens_only_as_it_was_sealed() {
    spoiled(|paper| paper.second = PersonId::of("Ai đó"));
    spoiled(|paper| paper.first = PersonId::of("Ai đó"));
    spoiled(|paper| {
        paper.valid -= 1;
        paper.invalid += 1;
    });
    spoiled(|paper| *paper.sealed.last_mut().unwrap() ^= 1);
    spoiled(|paper| paper.sealed[0] ^= 1);
    spoiled(|paper| paper.sealed = vec![0; 70]);
}

/// Seals a plaintext by the words of FORMAT.md, without the program's own help.
fn sealed_by_hand(world: &mut World, paper: &Paper, plain: &[u8]) -> Vec<u8> {
    let code = world.units[0].code.as_str().as_bytes();
    let numbers = [paper.collected, paper.valid, paper.invalid].map(u32::to_be_bytes).concat();
    let package = world.package();
    let parts: [&[u8]; 7] = [
        &package.0,
        &paper.sheet.0,
        &paper.first.0,
        &paper.second.0,
        &numbers,
        &[u8::try_from(code.len()).expect("a short code")],
        code,
    ];
    let aad = parts.concat();
    let key = world.archive.package.value().keys.box_key;
    let key = <hpke::kem::X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&key).expect("a key");
    let (encapped, sealed) =
        hpke::single_shot_seal_with_rng::<
            hpke::aead::ChaCha20Poly1305,
            hpke::kdf::HkdfSha256,
            hpke::kem::X25519HkdfSha256,
        >(&OpModeS::Base, &key, b"homphieu/paper-seal/1", plain, &aad, &mut world.rng)
        .expect("it can be sealed");
    [encapped.to_bytes().as_slice(), &sealed].concat()
}

fn counted_by_hand(plain: &[u8]) -> (Option<Papers>, bool) {
    let (mut world, tablet, _) = meeting(6, 6);
    let marks = some_marks(&mut world, 3);
    let mut paper = world.paper(&tablet, &marks, 0);
    world.archive.records.clear();
    paper.sealed = sealed_by_hand(&mut world, &paper, plain);
    world.note(&tablet, vec![entry(&paper)]);
    let result = world.open_all();
    outsider(&world);
    let papers = result.units[0].papers.clone();
    let readable = papers.as_ref().is_some_and(|papers| papers.unreadable.is_empty());
    (papers, readable)
}

#[test]
fn numbers_that_do_not_add_up_spoil_the_whole_count() {
    let good = [1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0];
    let (papers, readable) = counted_by_hand(&good);
    assert!(
        readable && papers.is_some_and(|papers| papers.valid == 3),
        "written by hand it opens all the same"
    );
    for (what, at, byte) in [("format", 0, 2), ("one more", 2, 2), ("many more", 1, 1), ("one less", 10, 2)] {
        let mut plain = good;
        plain[at] = byte;
        assert!(!counted_by_hand(&plain).1, "{what}");
    }
    assert!(!counted_by_hand(&good[..15]).1, "too short");
    assert!(!counted_by_hand(&[&good[..], &[0, 0]].concat()).1, "too long");
}

#[test]
fn an_entry_that_cannot_be_a_paper_count_is_refused() {
    let (mut world, tablet, _) = meeting(7, 0);
    let marks = some_marks(&mut world, 4);
    let paper = world.paper(&tablet, &marks, 1);
    let read = |change: &dyn Fn(&mut Paper)| {
        let mut paper = paper.clone();
        change(&mut paper);
        cbor::decode::<Entry>(&cbor::encode(&entry(&paper))).map(drop)
    };
    let range = |what| Err(FormatError::Range { what });
    assert_eq!(read(&|_| ()), Ok(()));
    assert_eq!(read(&|p| p.collected += 1), range("paper ballots"));
    assert_eq!(read(&|p| (p.collected, p.valid, p.invalid) = (0, 0, 0)), range("paper ballots"));
    assert_eq!(read(&|p| p.valid = u32::MAX), range("paper ballots"));
    assert_eq!(read(&|p| p.second = p.first), range("second person of a paper count"));
    assert_eq!(read(&|p| p.sealed.truncate(50)), range("sealed paper count"));
    assert!(read(&|p| p.sealed.resize(3_000, 0)).is_err());
}

#[test]
fn every_count_on_one_sheet_is_sealed_to_one_length() {
    let (mut world, tablet, _) = meeting(8, 0);
    let lengths: BTreeSet<usize> = [1, 2, 50]
        .map(|count| {
            let marks = some_marks(&mut world, count);
            world.paper(&tablet, &marks, 7).sealed.len()
        })
        .into();
    assert_eq!(lengths, BTreeSet::from([32 + 1 + 2 * 4 * 2 + 16]));
}

#[test]
fn in_a_later_order_paper_counts_only_if_it_is_no_small_group_itself() {
    for (more, changes) in [(4, false), (5, true)] {
        let (mut world, tablet, _) = meeting(9, 12);
        world.open_all();
        let marks = some_marks(&mut world, more);
        world.paper(&tablet, &marks, 0);
        let result = world.open_all();
        let unit = &result.units[0];
        assert_eq!(unit.stands, !changes, "{more}");
        assert_eq!(unit.valid as usize, if changes { 12 + more } else { 12 });
        assert_eq!(unit.papers.is_some(), changes);
        outsider(&world);
    }
}

#[test]
fn a_count_that_is_undone_after_it_was_opened_leaves_the_figures_as_they_stand() {
    let (mut world, tablet, _) = meeting(10, 12);
    let marks = some_marks(&mut world, 6);
    let paper = world.paper(&tablet, &marks, 0);
    let first = world.open_all();
    let at = world.record(0).state().papers.keys().next().copied().unwrap();
    let undo = Entry { person: PersonId::of("Lan"), at: None, act: Act::Undo { entry: at } };
    world.note(&tablet, vec![undo]);
    let report = outsider(&world);
    let ids = BTreeSet::from([id_of(&world, &paper)]);
    assert_eq!(report.undone_papers, BTreeMap::from([(world.units[0].code.clone(), ids)]));
    let second = world.open_all();
    assert!(second.units[0].stands);
    assert_eq!(second.units[0].lines, first.units[0].lines);
    assert!(outsider(&world).undone_papers.is_empty(), "the last order does not open it any more");
}

#[test]
fn a_count_that_came_after_the_order_makes_it_outdated_and_a_check_asks_why() {
    let (mut world, tablet, _) = meeting(11, 12);
    let result = world.open_all();
    let standing = |world: &World| {
        let unit = UnitStanding::new(world.units[0].code.clone(), world.facts(0), Vec::new());
        unit.obstacles(Some((&world.archive.orders[0].value().units[0], &result.units[0])))
    };
    assert_eq!(standing(&world), []);
    let marks = some_marks(&mut world, 6);
    let paper = world.paper(&tablet, &marks, 0);
    assert_eq!(standing(&world), [Obstacle::OrderOutdated]);
    let ids = BTreeSet::from([id_of(&world, &paper)]);
    assert_eq!(outsider(&world).unopened_papers, BTreeMap::from([(world.units[0].code.clone(), ids)]));
}

#[test]
fn an_order_that_names_a_count_which_is_nowhere_is_no_order() {
    let (mut world, tablet, _) = meeting(12, 12);
    let marks = some_marks(&mut world, 6);
    let paper = world.paper(&tablet, &marks, 0);
    world.order(&[]);
    world.archive.records.clear();
    let unit = world.units[0].code.clone();
    let id = id_of(&world, &paper);
    assert_eq!(world.try_count().unwrap_err(), CountError::MissingPaper { id, unit: unit.clone() });
    let said = verify(&world.archive.to_bytes(), &[], &mut |_, _| {}).unwrap_err();
    assert_eq!(said, VerifyError::Unfounded { number: 1, unit, what: "a paper count" });
}

#[test]
fn an_order_stays_countable_when_its_count_turns_out_to_stand_beside_a_twin() {
    let (mut world, tablet, _) = meeting(13, 12);
    let marks = some_marks(&mut world, 6);
    let paper = world.paper(&tablet, &marks, 0);
    let result = world.open_all();
    let change = world.archive.records[0].value().clone();
    let mut writer = sync_core::record::Writer::new(change.actor);
    let note = Act::Note { text: "Ghi chú khác".to_owned(), replaces: None };
    let note = Entry { person: PersonId::of("Lan"), at: None, act: note };
    let place = (&change.package, &change.unit, &change.sheet);
    world.archive.records.push(writer.write(place, vec![note], &tablet.key).unwrap());
    let report = outsider(&world);
    assert_eq!(report.recount.unwrap().0, report.result.unwrap());
    let unit = world.units[0].code.clone();
    assert_eq!(report.twins, BTreeMap::from([(unit.clone(), BTreeSet::from([tablet.device]))]));
    assert_eq!(report.undone_papers, BTreeMap::from([(unit, BTreeSet::from([id_of(&world, &paper)]))]));
    assert_eq!(result.units[0].valid, 18);
}

#[test]
fn a_record_with_a_hole_or_a_wrong_hash_is_no_record() {
    let (mut world, tablet, _) = meeting(14, 12);
    let note = |text: &str| {
        let act = Act::Note { text: text.to_owned(), replaces: None };
        vec![Entry { person: PersonId::of("Lan"), at: None, act }]
    };
    let place = (world.package(), world.units[0].code.clone(), world.units[0].sheet);
    let place = (&place.0, &place.1, &place.2);
    let mut writer = sync_core::record::Writer::new(sync_core::record::Actor::new(&tablet.device, [1; 8]));
    let chain: Vec<_> =
        ["một", "hai"].iter().map(|text| writer.write(place, note(text), &tablet.key).unwrap()).collect();
    world.archive.records = vec![chain[1].clone()];
    let record = |number, what| {
        let (unit, device) = (world.units[0].code.clone(), tablet.device);
        VerifyError::Record { unit, device, number, what }
    };
    let said = |world: &World| verify(&world.archive.to_bytes(), &[], &mut |_, _| {}).unwrap_err();
    assert_eq!(said(&world), record(2, "does not follow on any change in the bundle"));
    let mut wrong: RecordChange = chain[0].value().clone();
    wrong.hash.0[0] ^= 1;
    let wrong = Signed::sign(wrong, &tablet.key);
    let expected = record(1, "does not give the hash that it signs");
    world.archive.records = vec![wrong];
    assert_eq!(said(&world), expected);
}

/// What an outsider says of a result that holders of the key signed against the rules.
fn seen(world: &World, change: impl FnOnce(&mut RoundResult)) -> Result<(), VerifyError> {
    let mut result = world.archive.results[0].value().clone();
    change(&mut result);
    let mut bundle = world.archive.clone();
    bundle.results = vec![Signed::sign(result, &world.secret.result_key(&world.round))];
    verify(&bundle.to_bytes(), &[], &mut |_, _| {}).map(drop)
}

#[test]
fn an_outsider_refuses_figures_of_paper_that_cannot_be_right() {
    let (mut world, tablet, _) = meeting(15, 12);
    let marks = some_marks(&mut world, 9);
    world.paper(&tablet, &marks, 2);
    world.open_all();
    let wrong = Err(VerifyError::Figures { number: 1, unit: world.units[0].code.clone() });
    assert_eq!(seen(&world, |_| ()), Ok(()));
    let papers =
        |change: fn(&mut Papers)| seen(&world, |result| change(result.units[0].papers.as_mut().unwrap()));
    assert_eq!(papers(|p| p.valid += 1), wrong);
    assert_eq!(papers(|p| p.invalid += 1), wrong);
    assert_eq!(papers(|p| p.lines = None), wrong, "hidden without need");
    assert_eq!(papers(|p| p.lines.as_mut().unwrap()[0].levels[0] += 1), wrong);
    assert_eq!(papers(|p| p.unreadable = vec![ObjectId([1; 32])]), wrong);
    assert_eq!(seen(&world, |result| result.units[0].papers = None), wrong);
    let signs = Signs { uniform_ballots: false, only_highest: false };
    assert_eq!(seen(&world, |result| result.units[0].signs = Some(signs)), wrong);
}

#[test]
fn a_result_without_paper_keeps_the_bytes_of_version_1() {
    let (mut world, tablet, _) = meeting(16, 12);
    world.open_all();
    assert_eq!(cbor::encode(world.archive.results[0].value())[..2], [0x87, 1]);
    let marks = some_marks(&mut world, 9);
    world.paper(&tablet, &marks, 0);
    world.open_all();
    let result = world.archive.results[1].value();
    let mut bytes = cbor::encode(result);
    assert_eq!(bytes[..2], [0x87, 2]);
    assert_eq!(cbor::decode::<RoundResult>(&bytes).as_ref(), Ok(result));
    bytes[1] = 3;
    let later = FormatError::Version { what: "result", found: 3, known: 2 };
    assert_eq!(cbor::decode::<RoundResult>(&bytes), Err(later));
}

fn findings(world: &World, collected: u32) -> Vec<FindingCode> {
    let ground = Ground {
        sheet: Some(world.sheet(0)),
        voting: world.archive.package.value().units[0].voting,
        tablets: BTreeMap::new(),
        revoked: &BTreeSet::new(),
        votes: Some(Votes { collected }),
    };
    reconcile(&world.record(0), &ground).iter().map(|finding| finding.code).collect()
}

fn figures(world: &mut World, tablet: &Tablet, figures: &[(FigureKind, u32)]) {
    let note = |(kind, value): &(FigureKind, u32)| {
        let act = Act::Figure { kind: *kind, value: *value };
        Entry { person: PersonId::of("Lan"), at: None, act }
    };
    world.note(tablet, figures.iter().map(note).collect());
}

#[test]
fn the_ballots_that_came_in_are_those_on_tablets_and_those_on_paper() {
    use FigureKind::{Issued, UsedSlips};
    let (mut world, tablet, _) = meeting(17, 0);
    let marks = some_marks(&mut world, 8);
    world.paper(&tablet, &marks, 1);
    figures(&mut world, &tablet, &[(Issued, 21), (UsedSlips, 21)]);
    let differs = |on_tablets| findings(&world, on_tablets).contains(&FindingCode::CollectedDiffers);
    assert!(!differs(12) && differs(11) && differs(21));
    let above = |on_tablets| findings(&world, on_tablets).contains(&FindingCode::CollectedAboveIssued);
    assert!(!above(12) && above(13));
}

#[test]
fn where_voting_is_attended_unlocks_are_those_of_tablets_alone() {
    let mut world = World::new(18, &[attended_unit(60, OFFICIALS)]);
    let tablet = world.enrol(0);
    let marks = some_marks(&mut world, 8);
    world.paper(&tablet, &marks, 1);
    figures(&mut world, &tablet, &[(FigureKind::Unlocked, 12), (FigureKind::Present, 21)]);
    assert!(!findings(&world, 12).contains(&FindingCode::CollectedDiffers));
    assert!(findings(&world, 21).contains(&FindingCode::CollectedDiffers));
    assert!(findings(&world, 13).contains(&FindingCode::CollectedAboveIssued));
}

#[test]
fn a_count_on_a_replaced_sheet_is_not_opened_and_blocks_until_it_is_entered_anew() {
    let (mut world, tablet, _) = meeting(19, 12);
    let marks = some_marks(&mut world, 8);
    world.paper(&tablet, &marks, 1);
    assert!(!findings(&world, 12).contains(&FindingCode::PaperSheet));
    let change = sync_core::package::PermitChange::Kept;
    world.replace_sheet(0, change, |sheet| sheet.officials[0].name = "Vàng".to_owned());
    assert!(findings(&world, 12).contains(&FindingCode::PaperSheet));
    assert!(world.open_all().units[0].papers.is_none());
}

#[test]
fn minutes_hold_how_many_ballots_there_were_and_name_the_count() {
    let (mut world, tablet, _) = meeting(20, 12);
    let marks = some_marks(&mut world, 8);
    let paper = world.paper(&tablet, &marks, 1);
    let code = world.units[0].code.clone();
    let minutes = |world: &World| Minutes::of(&world.package(), &code, &world.record(0).state());
    let before = minutes(&world);
    assert_eq!(before.papers, BTreeMap::from([(id_of(&world, &paper), (9, 8, 1))]));
    world.note(&tablet, vec![entry(&paper)]);
    assert_eq!(minutes(&world).hash(), before.hash(), "a copy is nothing new");
    world.paper(&tablet, &marks, 1);
    assert_ne!(minutes(&world).hash(), before.hash());
}

#[test]
fn the_second_person_has_to_be_known_too() {
    let (mut world, tablet, _) = meeting(21, 12);
    let marks = some_marks(&mut world, 8);
    world.paper(&tablet, &marks, 1);
    let unknown = |world: &World| {
        findings(world, 12).iter().filter(|code| **code == FindingCode::UnknownPerson).count()
    };
    assert_eq!(unknown(&world), 2);
    let join = |name: &str| {
        let person = PersonId::of(name);
        Entry { person, at: None, act: Act::Join { name: name.to_owned() } }
    };
    world.note(&tablet, vec![join("Lan")]);
    assert_eq!(unknown(&world), 1);
    world.note(&tablet, vec![join("Minh")]);
    assert_eq!(unknown(&world), 0);
}

#[test]
fn whatever_order_copies_and_undoing_came_in_the_same_counts_stand() {
    let (mut world, tablet, _) = meeting(22, 0);
    let marks = some_marks(&mut world, 8);
    let paper = world.paper(&tablet, &marks, 1);
    world.note(&tablet, vec![entry(&paper)]);
    let sheet = world.units[0].sheet;
    let places: Vec<EntryRef> = world.record(0).state().papers.keys().copied().collect();
    let undo = |entry| Entry { person: PersonId::of("Minh"), at: None, act: Act::Undo { entry } };
    world.note(&tablet, vec![undo(places[0])]);
    assert_eq!(world.record(0).papers(&sheet).len(), 1, "the copy still stands");
    world.note(&tablet, vec![undo(places[1])]);
    assert!(world.record(0).papers(&sheet).is_empty());
}
