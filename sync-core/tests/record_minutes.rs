//! The minutes: frozen by their hash, signed by two persons, corrected by a new version beside the old.

use crate::common::team::{HOA, LAN, MINH, Pen, Team, committee, figure, noted, take_all};
use sync_core::record::{
    Act, EntryRef, FigureKind, HEADS_MAX, Minutes, MinutesHash, PersonId, Post, Record, SignedChange, Version,
};

const PRESENT: FigureKind = FigureKind::Present;

fn minutes(record: &Record) -> MinutesHash {
    Minutes::of(record.package(), record.unit(), &record.state()).hash()
}

/// A signature under what the record says now.
fn sign(pen: &mut Pen, record: &mut Record, person: &str, post: Post) -> SignedChange {
    let act = Act::SignOff { post, heads: record.signed_heads(), minutes: minutes(record) };
    let change = pen.note(person, act);
    record.take(change.clone());
    change
}

fn meeting(team: &mut Team) -> (Pen, Record) {
    let mut pen = team.pen();
    let entries = vec![noted(LAN, committee(LAN, MINH)), noted(LAN, figure(PRESENT, 9))];
    let record = team.record_of([&pen.write(entries)]);
    (pen, record)
}

fn versions(record: &Record) -> Vec<Version> {
    record.versions()
}

#[test]
fn minutes_are_complete_when_chair_and_head_signed_them_and_signatures_do_not_change_them() {
    let mut team = Team::new(80);
    let (mut pen, mut record) = meeting(&mut team);
    let before = minutes(&record);
    assert_eq!(versions(&record), []);
    sign(&mut pen, &mut record, LAN, Post::MeetingChair);
    assert!(!versions(&record)[0].is_complete(), "one signature is not enough");
    let mut other = team.pen();
    sign(&mut other, &mut record, MINH, Post::CountingHead);
    let versions = versions(&record);
    assert_eq!(
        versions.len(),
        1,
        "the second signed the same minutes although the first signature stands in the record"
    );
    assert!(versions[0].is_complete());
    assert_eq!((versions[0].hash, minutes(&record)), (before, before));
    assert_eq!(versions[0].minutes.as_ref().map(Minutes::hash), Some(before));
}

#[test]
fn one_person_in_both_posts_is_not_enough() {
    let mut team = Team::new(81);
    let (mut pen, mut record) = meeting(&mut team);
    for post in [Post::MeetingChair, Post::CountingHead] {
        sign(&mut pen, &mut record, LAN, post);
    }
    assert!(!versions(&record)[0].is_complete());
    sign(&mut pen, &mut record, MINH, Post::MeetingChair);
    assert!(versions(&record)[0].is_complete(), "chair Minh and head Lan are two");
}

#[test]
fn a_correction_ends_a_version_and_new_signatures_make_another_beside_it() {
    let mut team = Team::new(82);
    let (mut pen, mut record) = meeting(&mut team);
    sign(&mut pen, &mut record, LAN, Post::MeetingChair);
    sign(&mut pen, &mut record, MINH, Post::CountingHead);
    let old = minutes(&record);
    let reason = "đếm thiếu một người".to_owned();
    let wrong = record.state().figures[&PRESENT].live.keys().copied().next().expect("the figure");
    record.take(pen.write(vec![
        noted(MINH, Act::Correct { minutes: old, reason: reason.clone() }),
        noted(MINH, Act::Undo { entry: wrong }),
        noted(MINH, figure(PRESENT, 10)),
    ]));
    let corrected = &versions(&record)[0];
    assert!(!corrected.is_complete());
    assert_eq!(corrected.corrected, [(PersonId::of(MINH), reason)]);
    sign(&mut pen, &mut record, LAN, Post::MeetingChair);
    sign(&mut pen, &mut record, MINH, Post::CountingHead);
    let versions = versions(&record);
    assert_eq!(versions.len(), 2);
    assert_eq!((versions[0].hash, versions[1].hash), (old, minutes(&record)), "the one that holds is last");
    assert!(versions[1].is_complete() && !versions[0].is_complete());
    let figure = |version: &Version| version.minutes.as_ref().map(|minutes| minutes.figures[&PRESENT]);
    assert_eq!(figure(&versions[0]), Some(Some(9)), "the old version is still what was signed");
    assert_eq!(figure(&versions[1]), Some(Some(10)));
}

#[test]
fn a_signature_under_other_minutes_than_follow_from_its_changes_is_worth_nothing() {
    let mut team = Team::new(83);
    let (mut pen, mut record) = meeting(&mut team);
    let heads = record.signed_heads();
    let lie = pen.note(
        LAN,
        Act::SignOff { post: Post::MeetingChair, heads: heads.clone(), minutes: MinutesHash([7; 32]) },
    );
    record.take(lie);
    let versions = versions(&record);
    assert_eq!((versions[0].signed.len(), versions[0].wrong.len()), (0, 1));
    // Under the right hash but other heads it is as wrong.
    let early = Act::SignOff { post: Post::CountingHead, heads: Vec::new(), minutes: minutes(&record) };
    record.take(pen.note(MINH, early));
    assert!(record.versions().iter().all(|version| version.signed.is_empty()));
}

#[test]
fn a_signature_over_changes_that_are_not_here_is_neither_wrong_nor_complete() {
    let mut team = Team::new(84);
    let (mut pen, mut record) = meeting(&mut team);
    let mut elsewhere = team.pen();
    let unseen = elsewhere.note(HOA, figure(FigureKind::Summoned, 12));
    let mut ahead = record.clone();
    ahead.take(unseen.clone());
    let (first, second) = (
        sign(&mut pen, &mut ahead, LAN, Post::MeetingChair),
        sign(&mut elsewhere, &mut ahead, MINH, Post::CountingHead),
    );
    record.take(first);
    let version = &versions(&record)[0];
    assert!(version.minutes.is_none() && version.wrong.is_empty() && !version.is_complete());
    record.take(unseen);
    record.take(second);
    assert!(versions(&record)[0].is_complete());
}

#[test]
fn twins_below_a_signature_take_its_ground_away() {
    let mut team = Team::new(85);
    let (mut pen, mut record) = meeting(&mut team);
    let mut copy = team.pen();
    let mut signer = team.pen();
    let mut twin = copy.copy();
    record.take(copy.note(HOA, figure(FigureKind::Summoned, 12)));
    sign(&mut signer, &mut record, LAN, Post::MeetingChair);
    sign(&mut pen, &mut record, MINH, Post::CountingHead);
    assert!(versions(&record)[0].is_complete());
    record.take(twin.note(HOA, figure(FigureKind::Summoned, 13)));
    assert!(versions(&record).iter().all(|version| !version.is_complete()));
}

#[test]
fn whatever_the_minutes_say_changes_their_hash_and_where_it_was_noted_does_not() {
    let mut team = Team::new(86);
    let mut pens = [team.pen(), team.pen()];
    let device = pens[0].device();
    let base = |pen: &mut Pen| pen.note(LAN, figure(PRESENT, 9));
    let [one, other] = [0, 1].map(|of| base(&mut pens[of]));
    let hash = minutes(&team.record_of([&one]));
    assert_eq!(minutes(&team.record_of([&other])), hash);
    assert_eq!(minutes(&team.record_of([&one, &other])), hash, "agreement is no further fact");
    let mut hashes = vec![hash];
    for act in [
        figure(PRESENT, 8),
        figure(FigureKind::Issued, 9),
        committee(LAN, MINH),
        committee(MINH, LAN),
        Act::CheckIn { voter: 1 },
        Act::Slip { voter: 1 },
        Act::TabletTotal { device, total: 3 },
        Act::Incident { text: "mưa to".to_owned() },
        Act::Note { text: "mưa to".to_owned(), replaces: None },
    ] {
        let further = pens[1].copy().note(MINH, act);
        hashes.push(minutes(&team.record_of([&one, &other, &further])));
    }
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 10);
    let state = team.record_of([&one]).state();
    let of = |package, unit: &str| {
        Minutes::of(&package, &sync_core::id::UnitCode::new(unit).expect("a code"), &state).hash()
    };
    assert_ne!(of(team.package, "U2"), hash);
    assert_ne!(of(sync_core::id::PackageHash([1; 32]), "U1"), hash);
}

/// The program of a device, started so often that its writers alone are as many as one device may have.
fn starts(team: &mut Team, times: u8) -> Vec<Pen> {
    let pen = team.pen();
    (0..times).map(|run| pen.restarted(run)).collect()
}

#[test]
fn devices_that_write_under_hundreds_of_names_keep_nobody_from_signing() {
    let mut team = Team::new(86);
    let (mut pen, mut record) = meeting(&mut team);
    // Whatever one may write under a name that leaves no trace in the minutes, or none that was not undone.
    let check_in = Act::CheckIn { voter: 3 };
    let came = pen.note(LAN, check_in.clone());
    let place = |change: &SignedChange| EntryRef {
        actor: change.value().actor,
        sequence: change.value().sequence,
        index: 0,
    };
    take_all(&mut record, [&came]);
    let mut junk = Vec::new();
    for (at, mut liar) in (0..3).flat_map(|_| starts(&mut team, 100)).enumerate() {
        let act = match at % 4 {
            0 => Act::Join { name: HOA.to_owned() },
            1 => Act::Undo { entry: EntryRef { index: 9, ..place(&came) } },
            2 => Act::Explain { finding: [7; 16], text: "không".to_owned() },
            _ => Act::Incident { text: format!("rác {at}") },
        };
        let change = liar.note(HOA, act);
        take_all(&mut record, [&change]);
        if at % 4 == 3 {
            junk.push(place(&change));
        }
    }
    assert_eq!(record.signed_heads().len(), 301);
    let heads = record.heads_to_sign().expect("the notes that stand are few enough");
    assert!(heads.len() <= HEADS_MAX);
    let undone = junk.iter().map(|entry| noted(LAN, Act::Undo { entry: *entry })).collect::<Vec<_>>();
    for entries in undone.chunks(60) {
        take_all(&mut record, [&pen.write(entries.to_vec())]);
    }
    let minutes = minutes(&record);
    for (person, post) in [(LAN, Post::MeetingChair), (MINH, Post::CountingHead)] {
        let heads = record.heads_to_sign().expect("everything else was undone");
        take_all(&mut record, [&pen.note(person, Act::SignOff { post, heads, minutes })]);
    }
    let last = versions(&record).pop().expect("a version");
    assert!(last.is_complete() && last.hash == minutes && last.wrong.is_empty());
    assert_eq!(last.minutes.expect("rebuilt from the heads").register, (1, 0));
}

#[test]
fn minutes_that_rest_on_too_many_writers_cannot_be_signed_until_entries_are_undone() {
    let mut team = Team::new(87);
    let (mut pen, mut record) = meeting(&mut team);
    let mut places = Vec::new();
    for (at, mut liar) in (0..3).flat_map(|_| starts(&mut team, 90)).enumerate() {
        let change = liar.note(HOA, Act::Incident { text: format!("rác {at}") });
        places.push(EntryRef { actor: change.value().actor, sequence: 1, index: 0 });
        take_all(&mut record, [&change]);
    }
    assert_eq!(record.heads_to_sign(), None);
    let spare = places.len() + 1 - HEADS_MAX;
    for entry in &places[..spare] {
        assert_eq!(record.heads_to_sign(), None);
        take_all(&mut record, [&pen.note(LAN, Act::Undo { entry: *entry })]);
    }
    assert_eq!(record.heads_to_sign().map(|heads| heads.len()), Some(HEADS_MAX));
}
