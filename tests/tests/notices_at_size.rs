//! Twenty years of notices: every page and every search gives what it should, in order, once.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use homphieu_server::domain::calendar::{day_of, day_text};
use homphieu_server::domain::notice::Stage;
use homphieu_server::store::notices::{NoticeSearch, Place, place};
use homphieu_tests::notices::{Filled, fill};
use homphieu_tests::office::{Office, unit};
use std::time::{SystemTime, UNIX_EPOCH};
use sync_core::id::RoundId;

fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    day_text(day_of(i64::try_from(now).unwrap()))
}

fn stage(one: &Filled, today: &str) -> Stage {
    match (one.open, one.late) {
        (true, _) if one.due_on.as_str() < today => Stage::Overdue,
        (true, _) => Stage::Waiting,
        (false, true) => Stage::Late,
        (false, false) => Stage::InTime,
    }
}

fn fits(one: &Filled, which: &NoticeSearch, today: &str) -> bool {
    which.round.is_none_or(|round| round.0 == one.round)
        && which.unit.as_ref().is_none_or(|unit| unit.as_str() == one.unit)
        && which.stage.is_none_or(|asked| asked == stage(one, today))
        && one.plain.contains(&which.text)
}

#[test]
fn a_hundred_thousand_notices_of_the_same_people_are_paged_and_searched_without_a_gap_or_a_repetition() {
    every_page_is_right(5_000);
}

#[test]
fn a_hundred_thousand_notices_of_always_other_people_are_as_well() {
    every_page_is_right(100_000);
}

fn every_page_is_right(people: u32) {
    let office = Office::with(sync_core::package::Mode::Training, false);
    let filled = fill(&office, 20, 5_000, people);
    assert_eq!(filled.len(), 100_000);
    let (newest, today) = (RoundId(filled.last().unwrap().round), today());
    let any = NoticeSearch::default;
    let mut asked = vec![
        NoticeSearch { text: "cb7777".to_owned(), ..any() },
        NoticeSearch { text: "mi 4242".to_owned(), unit: Some(unit("A")), ..any() },
        NoticeSearch { text: "nobody".to_owned(), ..any() },
        NoticeSearch { round: Some(newest), ..any() },
        NoticeSearch { round: Some(newest), unit: Some(unit("T")), ..any() },
    ];
    for stage in [Stage::Waiting, Stage::Overdue, Stage::Late] {
        asked.push(NoticeSearch { stage: Some(stage), ..any() });
    }
    for stage in Stage::ALL {
        asked.push(NoticeSearch { stage: Some(stage), round: Some(newest), ..any() });
        asked.push(NoticeSearch {
            stage: Some(stage),
            text: "99".to_owned(),
            unit: Some(unit("S")),
            ..any()
        });
    }
    office.on_centre(async |centre| {
        for which in &asked {
            let expected: Vec<_> = filled.iter().filter(|one| fits(one, which, &today)).collect();
            let (mut after, mut found) = (Place::default(), Vec::new());
            loop {
                let page = centre.notices(which, &after, 200).await.unwrap();
                let full = page.len() == 200;
                after = page.last().map(|(last, _)| place(last)).unwrap_or_default();
                found.extend(page);
                if !full {
                    break;
                }
            }
            assert_eq!(found.len(), expected.len(), "{which:?}");
            for ((notice, stands), one) in found.iter().zip(expected) {
                let key = (day_text(notice.due_on), notice.unit.as_str(), &notice.official, notice.round.0);
                assert_eq!(key, (one.due_on.clone(), one.unit, &one.official, one.round), "{which:?}");
                assert_eq!(*stands, stage(one, &today));
            }
        }
        let tallies = centre.round_tallies(&newest).await.unwrap();
        let of_round: Vec<_> = filled.iter().filter(|one| one.round == newest.0).collect();
        let count = |asked| of_round.iter().filter(|one| stage(one, &today) == asked).count();
        let tally = &tallies.notices;
        let got = [tally.waiting, tally.overdue, tally.in_time, tally.late].map(|n| n as usize);
        assert_eq!(got, Stage::ALL.map(count));
        assert_eq!(tallies.notices_of.len(), 3);
    });
}
