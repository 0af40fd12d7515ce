//! What a team notes together on several tablets, and what it sees of it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use client_ffi::store::{MemoryStore, Store};
use client_ffi::{Acting, Earlier, NewPlan, Tablet, TabletError};
use common::{TEAM, World, marks, rng, unit, voter_name};
use sync_core::record::{EntryRef, FigureKind, FindingCode, Language, Member, PersonId, Post};

type Memory = Tablet<MemoryStore, rand_chacha::ChaCha20Rng>;

const CHAIR: &str = TEAM[0];
const HEAD: &str = TEAM[1];

/// Somebody joins and acts on a tablet.
fn acts<S: Store>(tablet: &mut Tablet<S, rand_chacha::ChaCha20Rng>, code: &str, name: &str) -> Acting {
    let unit = unit(code);
    let person = tablet.join(&unit, name).unwrap();
    tablet.set_pin(&unit, &person, None, "4711").unwrap();
    tablet.act_as(&unit, &person, "4711").unwrap()
}

/// Everybody synchronises until nothing is new.
fn settle_down(world: &World, tablets: &mut [Memory]) {
    for _ in 0..2 {
        for tablet in tablets.iter_mut() {
            let report = tablet.sync(world).unwrap();
            assert!(report.refused.is_empty() && report.failed.is_empty(), "{report:?}");
        }
    }
}

fn tablets(world: &World, count: u64) -> Vec<Memory> {
    (1..=count).map(|seed| world.tablet(MemoryStore::default(), seed)).collect()
}

fn committee() -> Vec<Member> {
    let member = |post, name: &str| Member { post, name: name.to_owned() };
    vec![
        member(Post::MeetingChair, CHAIR),
        member(Post::CountingHead, HEAD),
        member(Post::CountingMember, "Thào Thị Mai"),
    ]
}

/// A complete record that reconciles, as one person of the team notes it.
fn whole(tablet: &mut Memory, acting: &Acting, voters: u32) {
    for voter in 1..=voters {
        tablet.check_in(acting, voter, true).unwrap();
    }
    for (kind, value) in [
        (FigureKind::Summoned, voters),
        (FigureKind::Present, voters),
        (FigureKind::Printed, 40),
        (FigureKind::Issued, voters),
        (FigureKind::UsedSlips, voters),
        (FigureKind::Spoiled, 0),
        (FigureKind::LeftOver, 40 - voters),
        (FigureKind::NotReturned, 0),
    ] {
        tablet.figure(acting, kind, value, Earlier::Stands, Some(25_000_000)).unwrap();
    }
    tablet.committee(acting, committee(), Earlier::Stands, None).unwrap();
}

fn codes(tablet: &Memory) -> Vec<FindingCode> {
    tablet.findings(&unit("A")).unwrap().iter().map(|finding| finding.code).collect()
}

#[test]
fn four_tablets_disagree_and_one_settles_for_all() {
    let world = World::with_names(1);
    let a = unit("A");
    let mut four = tablets(&world, 4);
    for (at, tablet) in four.iter_mut().enumerate() {
        let acting = acts(tablet, "A", &format!("Người {at}"));
        let value = 20 + u32::try_from(at).unwrap();
        tablet.figure(&acting, FigureKind::Present, value, Earlier::Stands, None).unwrap();
    }
    settle_down(&world, &mut four);
    for tablet in &four {
        let view = tablet.record_view(&a, Language::English).unwrap();
        assert_eq!((view.figures[0].value, view.figures[0].live.len()), (None, 4));
        assert!(codes(tablet).contains(&FindingCode::Conflict));
    }
    let live = four[3].record_view(&a, Language::Vietnamese).unwrap().figures[0].live.clone();
    let chosen = live.iter().find(|one| one.value == 22).unwrap().entry;
    let acting = acts(&mut four[3], "A", HEAD);
    four[3].settle(&acting, chosen, None).unwrap();
    assert!(matches!(four[3].settle(&acting, chosen, None), Err(TabletError::NothingToSettle)));
    settle_down(&world, &mut four);
    for tablet in &four {
        let state = tablet.record_state(&a).unwrap();
        assert_eq!(state.figure(FigureKind::Present), Some(22));
        assert_eq!(
            tablet.record(&a).unwrap().document_heads(),
            world.record(&a).document_heads(),
            "one document everywhere"
        );
    }
    let other = acts(&mut four[0], "A", CHAIR);
    four[0].figure(&other, FigureKind::Present, 25, Earlier::Stands, None).unwrap();
    assert!(codes(&four[0]).contains(&FindingCode::Conflict), "a later figure is a new conflict");
    four[0].figure(&other, FigureKind::Present, 26, Earlier::Settled, None).unwrap();
    assert_eq!(four[0].record_state(&a).unwrap().figure(FigureKind::Present), Some(26));
}

#[test]
fn settlements_that_race_are_a_conflict_that_can_be_settled() {
    let world = World::with_names(2);
    let a = unit("A");
    let mut two = tablets(&world, 2);
    let acting: Vec<_> = two.iter_mut().zip(TEAM).map(|(tablet, name)| acts(tablet, "A", name)).collect();
    for at in 0..2 {
        let value = 20 + u32::try_from(at).unwrap();
        two[at].figure(&acting[at], FigureKind::Issued, value, Earlier::Stands, None).unwrap();
    }
    settle_down(&world, &mut two);
    let live: Vec<_> =
        two[0].record_state(&a).unwrap().figures[&FigureKind::Issued].live.keys().copied().collect();
    for at in 0..2 {
        two[at].settle(&acting[at], live[at], None).unwrap();
    }
    settle_down(&world, &mut two);
    let standing = &two[0].record_state(&a).unwrap().figures[&FigureKind::Issued];
    assert_eq!((standing.live.len(), standing.is_conflict()), (2, true), "two settlements");
    let settlement = *standing.live.keys().next().unwrap();
    two[1].settle(&acting[1], settlement, None).unwrap();
    settle_down(&world, &mut two);
    for tablet in &two {
        assert!(!tablet.record_state(&a).unwrap().figures[&FigureKind::Issued].is_conflict());
    }
}

#[test]
fn a_double_check_in_shows_both_tablets_and_both_persons_and_is_not_refused() {
    let world = World::with_names(3);
    let a = unit("A");
    let mut two = tablets(&world, 2);
    let acting: Vec<_> = two.iter_mut().zip(TEAM).map(|(tablet, name)| acts(tablet, "A", name)).collect();
    assert_eq!(two[0].check_in(&acting[0], 7, true).unwrap().twice, []);
    assert_eq!(two[1].check_in(&acting[1], 7, false).unwrap().twice, [], "offline it cannot know");
    settle_down(&world, &mut two);
    let voter = &two[0].register(&a, "7").unwrap()[0];
    let seen: Vec<_> = voter.check_ins.iter().map(|s| (s.device, s.name.clone().unwrap())).collect();
    for (tablet, name) in two.iter().zip(TEAM) {
        assert!(seen.contains(&(tablet.device().unwrap(), name.to_owned())), "{seen:?}");
    }
    assert!(codes(&two[0]).contains(&FindingCode::DoubleCheckIn));
    let again = two[1].check_in(&acting[1], 7, true).unwrap();
    assert_eq!((again.twice.len(), again.slips_before.len()), (2, 1), "now it knows, and warns");
    let entries = two[1].record(&a).unwrap().entries().count();
    two[1].check_in(&acting[1], 7, true).unwrap();
    assert_eq!(two[1].record(&a).unwrap().entries().count(), entries, "a tap too many notes nothing");
    let voter = two[1].register(&a, "7").unwrap()[0].clone();
    for seen in voter.check_ins.iter().chain(&voter.slips).filter(|seen| seen.person == acting[1].person()) {
        two[1].undo(&acting[0], seen.entry).unwrap();
        two[1].undo(&acting[0], seen.entry).unwrap();
    }
    settle_down(&world, &mut two);
    assert!(!codes(&two[0]).contains(&FindingCode::DoubleCheckIn));
    let all = two[0].record(&a).unwrap().entries();
    let timeless = all.filter(|(_, entry)| sync_core::record::Entry::is_timeless(&entry.act));
    assert!(timeless.into_iter().all(|(_, entry)| entry.at.is_none()));
}

#[test]
fn voters_are_found_by_number_and_without_diacritics() {
    let world = World::with_names(4);
    let a = unit("A");
    let tablet = world.tablet(MemoryStore::default(), 1);
    let numbers = |search: &str| -> Vec<u32> {
        tablet.register(&a, search).unwrap().iter().map(|voter| voter.number).collect()
    };
    assert_eq!(numbers("").len(), 37);
    assert_eq!(numbers("12"), [12]);
    assert_eq!(numbers("dang uong 1"), [1, 10, 13, 16, 19, 31]);
    assert_eq!(numbers(" ĐẶNG   thị ưởng 31"), [31]);
    assert_eq!(numbers("nobody"), [0; 0]);
    assert_eq!(tablet.register(&a, "12").unwrap()[0].name, Some(voter_name(12)));
    let unnamed = World::new(5);
    let tablet = unnamed.tablet(MemoryStore::default(), 1);
    assert_eq!(tablet.register(&a, "3").unwrap().len(), 9, "3 and 30 to 37");
    assert_eq!(tablet.register(&a, "dang").unwrap(), []);
}

#[test]
fn a_pin_tells_who_acts_and_wrong_ones_are_answered_ever_more_slowly() {
    let world = World::with_names(6);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    let person = PersonId::of(CHAIR);
    assert!(matches!(tablet.act_as(&a, &person, "1234"), Err(TabletError::NoPin)));
    for bad in ["123", "12a4", "1234567890123", "", "１２３４"] {
        assert!(matches!(tablet.set_pin(&a, &person, None, bad), Err(TabletError::PinForm)), "{bad}");
    }
    let stranger = PersonId::of("Ai Đó");
    assert!(matches!(tablet.set_pin(&a, &stranger, None, "1234"), Err(TabletError::NotOnTeam(_))));
    tablet.set_pin(&a, &person, None, "1234").unwrap();
    assert!(matches!(tablet.set_pin(&a, &person, None, "9999"), Err(TabletError::PinSet)));
    for pause in [0, 0, 1] {
        match tablet.act_as(&a, &person, "0000") {
            Err(TabletError::WrongPin { pause: found }) => assert_eq!(found, pause),
            other => panic!("{other:?}"),
        }
    }
    let mut tablet = Tablet::open_with(tablet.into_store(), rng(2)).unwrap();
    let paused = tablet.act_as(&a, &person, "1234");
    assert!(matches!(paused, Err(TabletError::PinPause { left: 0 })), "a restart does not end it");
    let mut tries = Vec::new();
    for _ in 0..9 {
        let mut skipped = 0;
        while let Err(TabletError::PinPause { .. }) = tablet.act_as(&a, &person, "0000") {
            skipped += 1;
        }
        tries.push(skipped);
    }
    assert_eq!(tries, [0, 2, 4, 8, 16, 32, 64, 64, 64]);
    for _ in 0..64 {
        assert!(tablet.act_as(&a, &person, "1234").is_err());
    }
    tablet.act_as(&a, &person, "1234").unwrap();
    assert!(matches!(
        tablet.set_pin(&a, &person, Some("0000"), "5678"),
        Err(TabletError::WrongPin { pause: 0 })
    ));
    tablet.set_pin(&a, &person, Some("1234"), "5678").unwrap();
    tablet.act_as(&a, &person, "5678").unwrap();
    let digits = [b"1234".as_slice(), b"5678"];
    for (key, value) in tablet.store().values().iter().filter(|(key, _)| key.as_str().starts_with("pin")) {
        assert!(!digits.iter().any(|pin| value.windows(4).any(|w| w == *pin)), "{key}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_a_word_and_changes_nothing() {
    let world = World::with_names(7);
    let a = unit("A");
    let mut tablet = world.tablet(MemoryStore::default(), 1);
    let acting = acts(&mut tablet, "A", CHAIR);
    let note = tablet.note(&acting, "bắt đầu muộn", None, Some(1)).unwrap();
    let figure = tablet.figure(&acting, FigureKind::Present, 1, Earlier::Stands, None).unwrap();
    let before = tablet.store().clone();
    let long = "x".repeat(601);
    assert!(matches!(tablet.check_in(&acting, 38, false), Err(TabletError::UnknownVoter { voters: 37, .. })));
    assert!(matches!(tablet.check_in(&acting, 0, false), Err(TabletError::UnknownVoter { .. })));
    assert!(matches!(tablet.incident(&acting, "  ", None), Err(TabletError::Text { .. })));
    assert!(matches!(tablet.incident(&acting, &long, None), Err(TabletError::Text { found: 601, .. })));
    assert!(matches!(tablet.incident(&acting, "x", Some(u64::MAX)), Err(TabletError::Moment { .. })));
    assert!(matches!(tablet.note(&acting, "x", Some(figure), None), Err(TabletError::NotANote)));
    let elsewhere = EntryRef { sequence: 99, ..note };
    assert!(matches!(tablet.undo(&acting, elsewhere), Err(TabletError::NoEntry(_))));
    assert!(matches!(tablet.settle(&acting, figure, None), Err(TabletError::NothingToSettle)));
    let half = vec![committee()[0].clone()];
    assert!(matches!(tablet.committee(&acting, half, Earlier::Stands, None), Err(TabletError::Committee)));
    let mut same = committee();
    same[1].name = CHAIR.to_uppercase();
    assert!(matches!(tablet.committee(&acting, same, Earlier::Stands, None), Err(TabletError::Committee)));
    let stranger = sync_core::id::DeviceId([1; 16]);
    let total = tablet.tablet_total(&acting, stranger, 1, Earlier::Stands, None);
    assert!(matches!(total, Err(TabletError::UnknownTablet(..))));
    assert!(matches!(tablet.explain(&acting, [1; 16], "x", None), Err(TabletError::NoFinding)));
    assert!(matches!(tablet.correct(&acting, "x", None), Err(TabletError::NothingSigned(_))));
    let signed = tablet.sign_off(&acting, Post::MeetingChair, None);
    assert!(matches!(signed, Err(TabletError::NotInPost(_))), "nobody noted a committee");
    assert!(matches!(tablet.join(&unit("B"), "x"), Err(TabletError::OtherUnit(_))));
    assert_eq!(*tablet.store(), before, "nothing was written");
    let mut crowd = committee();
    crowd.extend(
        (0..29).map(|i| Member { post: Post::CountingMember, name: format!("{i} {}", "x".repeat(590)) }),
    );
    let crowd = tablet.committee(&acting, crowd, Earlier::Stands, None);
    assert!(matches!(crowd, Err(TabletError::TooMuch)));
    assert_eq!(*tablet.store(), before);
    tablet.note(&acting, "bắt đầu\nlúc 8 giờ\n", Some(note), Some(2)).unwrap();
    let view = tablet.record_view(&a, Language::Vietnamese).unwrap();
    assert_eq!(view.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(), ["bắt đầu lúc 8 giờ"]);
    world.replace_sheet("A");
    tablet.sync(&world).unwrap();
    assert!(matches!(tablet.check_in(&acting, 1, false), Err(TabletError::SheetNotConfirmed)));
    tablet.close(&a).unwrap();
    tablet.sync(&world).unwrap();
    world.finish("A");
    tablet.sync(&world).unwrap();
    assert!(matches!(
        tablet.incident(&acting, "x", None),
        Err(TabletError::Finished(_) | TabletError::NotOnTeam(_))
    ));
}

#[test]
fn plans_go_on_when_the_round_is_finished_and_nothing_else_does() {
    let world = World::with_names(11);
    let a = unit("A");
    let mut two = tablets(&world, 2);
    let chair = acts(&mut two[0], "A", CHAIR);
    let plan = |based_on| NewPlan {
        official: "CB0".to_owned(),
        based_on,
        shortcomings: vec!["ít xuống\ncơ sở".to_owned()],
        measures: vec![("xuống thôn".to_owned(), Some(20_000))],
    };
    let version = two[0].write_plan(&chair, plan(Vec::new()), Some(1)).unwrap();
    assert!(matches!(two[0].confirm_plan(&chair, version, None), Err(TabletError::PlanSecondPerson)));
    let empty = NewPlan { shortcomings: vec![" ".to_owned()], ..plan(Vec::new()) };
    assert!(matches!(two[0].write_plan(&chair, empty, None), Err(TabletError::Text { .. })));
    let stranger = NewPlan { official: "X9".to_owned(), ..plan(Vec::new()) };
    assert!(matches!(two[0].write_plan(&chair, stranger, None), Err(TabletError::NoEntry(_))));
    let other = EntryRef { index: 63, ..version };
    assert!(matches!(two[0].write_plan(&chair, plan(vec![other]), None), Err(TabletError::NoEntry(_))));
    for tablet in &mut two {
        tablet.close(&a).unwrap();
    }
    for at in [0, 1, 0, 1] {
        two[at].sync(&world).unwrap();
    }
    world.finish("A");
    for tablet in &mut two {
        tablet.sync(&world).unwrap();
    }
    assert!(two[1].sheet(&a).is_none(), "the list is gone");
    let person = two[1].join(&a, "Người Mới").unwrap();
    two[1].set_pin(&a, &person, None, "2468").unwrap();
    let acting = two[1].act_as(&a, &person, "2468").unwrap();
    assert!(matches!(two[1].incident(&acting, "x", None), Err(TabletError::Finished(_))));
    two[1].confirm_plan(&acting, version, None).unwrap();
    two[1].note_plan_progress(&acting, version, ("đã xuống", true), None).unwrap();
    for at in [1, 0] {
        two[at].sync(&world).unwrap();
    }
    let seen = two[0].plans(&a).unwrap();
    assert_eq!((seen.len(), seen[0].done, seen[0].confirmed.as_deref()), (1, true, Some("Người Mới")));
    assert_eq!(seen[0].standing[0].shortcomings, ["ít xuống cơ sở"]);
    assert!(seen[0].post.is_none() && !seen[0].name.is_empty(), "the plan itself names whom it is about");
}

#[test]
fn an_attended_unit_has_no_slips_to_hand_out() {
    let world = World::with_names(8);
    let mut tablet = Tablet::open_with(MemoryStore::default(), rng(1)).unwrap();
    tablet.enrol(&world.token(b'T'), &world).unwrap();
    world.confirm(&mut tablet, "T");
    let acting = acts(&mut tablet, "T", CHAIR);
    assert!(matches!(tablet.check_in(&acting, 1, true), Err(TabletError::Attended(_))));
    tablet.check_in(&acting, 1, false).unwrap();
}

#[test]
fn two_persons_sign_on_two_tablets_and_a_correction_gives_a_new_version() {
    let world = World::with_names(9);
    let a = unit("A");
    let mut two = tablets(&world, 2);
    let chair = acts(&mut two[0], "A", CHAIR);
    let head = acts(&mut two[1], "A", HEAD);
    whole(&mut two[0], &chair, 30);
    for voter in 0..30 {
        two[voter % 2].cast(&a, world.permit("A", voter), &marks(voter)).unwrap();
    }
    let device: Vec<_> = two.iter().map(|tablet| tablet.device().unwrap()).collect();
    settle_down(&world, &mut two);
    for at in 0..2 {
        two[0].tablet_total(&chair, device[at], 15, Earlier::Stands, None).unwrap();
        two[at].close(&a).unwrap();
    }
    settle_down(&world, &mut two);
    assert_eq!(codes(&two[0]), [FindingCode::NotSigned], "everything else reconciles");
    let view = two[1].record_view(&a, Language::Vietnamese).unwrap();
    assert_eq!(view.committee, committee());
    assert_eq!(view.totals.iter().map(|total| total.value).collect::<Vec<_>>(), [Some(15), Some(15)]);
    assert_eq!((view.present, view.slips, view.committees[0].name.as_deref()), (30, 30, Some(CHAIR)));
    let first = two[0].sign_off(&chair, Post::MeetingChair, Some(25_000_100)).unwrap();
    assert!(matches!(two[0].sign_off(&chair, Post::CountingHead, None), Err(TabletError::NotInPost(_))));
    settle_down(&world, &mut two);
    assert_eq!(two[1].sign_off(&head, Post::CountingHead, None).unwrap(), first, "the same minutes");
    let entries = two[1].record(&a).unwrap().entries().count();
    assert_eq!(two[1].sign_off(&head, Post::CountingHead, None).unwrap(), first);
    assert_eq!(two[1].record(&a).unwrap().entries().count(), entries, "signed once");
    settle_down(&world, &mut two);
    assert!(two.iter().all(|tablet| codes(tablet).is_empty()), "nothing stands in the way");

    let forgotten = two[1].note(&head, "quên", None, None).unwrap();
    assert_eq!(codes(&two[1]), [FindingCode::MinutesOutdated]);
    two[1].undo(&head, forgotten).unwrap();
    assert!(codes(&two[1]).is_empty(), "the minutes are again what was signed");
    two[1].correct(&head, "quên ghi một việc", Some(25_000_200)).unwrap();
    let again = two[1].sign_off(&head, Post::CountingHead, None);
    assert!(matches!(again, Err(TabletError::SaidWrong)), "first what is right, then the signature");
    two[1].incident(&head, "mất điện 10 phút", Some(25_000_050)).unwrap();
    let second = two[1].sign_off(&head, Post::CountingHead, None).unwrap();
    settle_down(&world, &mut two);
    assert_eq!(codes(&two[0]), [FindingCode::NotSigned], "one signature is not two");
    assert_eq!(two[0].sign_off(&chair, Post::MeetingChair, None).unwrap(), second);
    settle_down(&world, &mut two);
    let versions = two[1].record_view(&a, Language::English).unwrap().versions;
    let told: Vec<_> = versions.iter().map(|v| (v.hash, v.now, v.complete, v.signed.len())).collect();
    assert_eq!(told, [(first, false, false, 2), (second, true, true, 2)], "the old beside the new");
    assert_eq!(versions[0].corrected, [(HEAD.to_owned(), "quên ghi một việc".to_owned())]);
    assert!(codes(&two[0]).is_empty());
    assert_eq!(world.record(&a).versions().len(), 2);
}

#[test]
fn nobody_signs_while_people_disagree_and_nobody_explains_own_figures() {
    let world = World::with_names(10);
    let a = unit("A");
    let mut two = tablets(&world, 2);
    let chair = acts(&mut two[0], "A", CHAIR);
    let head = acts(&mut two[1], "A", HEAD);
    whole(&mut two[0], &chair, 30);
    two[1].figure(&head, FigureKind::Printed, 41, Earlier::Stands, None).unwrap();
    settle_down(&world, &mut two);
    assert!(matches!(two[0].sign_off(&chair, Post::MeetingChair, None), Err(TabletError::Unsettled(1))));
    let state = two[0].record_state(&a).unwrap();
    let live = &state.figures[&FigureKind::Printed].live;
    let forty = live.iter().find(|(_, (_, value))| *value == 40).unwrap().0;
    two[0].settle(&chair, *forty, None).unwrap();
    two[0].hand_out_slip(&chair, 1).unwrap();
    two[0].hand_out_slip(&chair, 31).unwrap();
    let find =
        |tablet: &Memory, code| tablet.findings(&a).unwrap().into_iter().find(|finding| finding.code == code);
    let slips = find(&two[0], FindingCode::RegisterIssued).unwrap();
    assert!(matches!(two[0].explain(&chair, slips.key(), "x", None), Err(TabletError::SecondPerson)));
    settle_down(&world, &mut two);
    two[1].explain(&head, slips.key(), "một người đến muộn rồi về", None).unwrap();
    assert!(!find(&two[1], FindingCode::RegisterIssued).unwrap().blocks());
    let unsigned = find(&two[1], FindingCode::NotSigned).unwrap();
    assert!(matches!(two[1].explain(&head, unsigned.key(), "x", None), Err(TabletError::NotExplainable)));
    let view = two[1].record_view(&a, Language::Vietnamese).unwrap();
    let shown = view.findings.iter().find(|finding| finding.key == slips.key()).unwrap();
    assert!(shown.text.contains("31") && shown.text.contains("30"), "{}", shown.text);
    assert_eq!(shown.involved, [CHAIR]);
}
