//! Lists, searches and figures of a hundred thousand notices: time of the centre from question to answer.

use crate::Result;
use homphieu_server::domain::notice::Stage;
use homphieu_server::service::Centre;
use homphieu_server::store::notices::{NoticeSearch, Place, place};
use homphieu_tests::notices::fill;
use homphieu_tests::office::{Office, unit};
use std::time::{Duration, Instant};
use sync_core::id::RoundId;
use sync_core::package::Mode;

/// Times each question is asked.
const TIMES: usize = 20;

/// Prints what each question takes: median and worst of [`TIMES`].
pub fn print() -> Result<()> {
    let office = Office::with(Mode::Training, false);
    eprintln!("filling in 100,000 notices of 20 rounds");
    let filled = fill(&office, 20, 5_000, 5_000);
    let (middle, last) = (&filled[filled.len() / 2], &filled[filled.len() - 1]);
    let newest = RoundId(last.round);
    let deep: Place =
        (middle.due_on.clone(), middle.unit.to_owned(), middle.official.clone(), middle.round.to_vec());
    let any = NoticeSearch::default;
    let text = |text: &str| NoticeSearch { text: text.to_owned(), ..any() };
    let stage = |stage| NoticeSearch { stage: Some(stage), ..any() };
    let round = NoticeSearch { round: Some(newest), ..any() };
    let questions: Vec<(&str, NoticeSearch, Place)> = vec![
        ("first page", any(), Place::default()),
        ("page in the middle", any(), deep),
        ("overdue", stage(Stage::Overdue), Place::default()),
        ("waiting", stage(Stage::Waiting), Place::default()),
        ("late", stage(Stage::Late), Place::default()),
        ("one round", round.clone(), Place::default()),
        (
            "one round, overdue or waiting",
            NoticeSearch { stage: Some(Stage::Waiting), ..round.clone() },
            Place::default(),
        ),
        ("one unit of one round", NoticeSearch { unit: Some(unit("T")), ..round.clone() }, Place::default()),
        ("a name that many have", text("vang mi"), Place::default()),
        ("a code of one", text("cb4777"), Place::default()),
        ("a name that nobody has", text("nobody"), Place::default()),
        (
            "a code of one, in one round",
            NoticeSearch { text: "cb2777".to_owned(), ..round },
            Place::default(),
        ),
    ];
    println!("| 100,000 notices of 20 rounds | found | median | worst of {TIMES} |\n|---|---|---|---|");
    office.on_centre(async |centre| -> Result<()> {
        for (what, which, after) in &questions {
            let mut times = Vec::with_capacity(TIMES);
            let mut found = 0;
            for _ in 0..TIMES {
                let begun = Instant::now();
                found = centre.notices(which, after, 50).await?.len();
                times.push(begun.elapsed());
            }
            line(what, found, times);
        }
        figures(centre, &newest).await
    })
}

async fn figures(centre: &Centre, round: &RoundId) -> Result<()> {
    let (mut times, mut found) = (Vec::with_capacity(TIMES), 0);
    for _ in 0..TIMES {
        let begun = Instant::now();
        found = centre.round_tallies(round).await?.notices.notices as usize;
        times.push(begun.elapsed());
    }
    line("figures of one round, by unit, counted once", found, times);
    // A full list, page after page, so that no page is slower than the first.
    let (mut after, mut times) = (Place::default(), Vec::new());
    loop {
        let begun = Instant::now();
        let page = centre.notices(&NoticeSearch::default(), &after, 200).await?;
        times.push(begun.elapsed());
        let Some((last, _)) = page.last() else { break };
        after = place(last);
    }
    line("every page of all", 200, times);
    Ok(())
}

fn line(what: &str, found: usize, mut times: Vec<Duration>) {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!("| {what} | {found} | {:.2} ms | {:.2} ms |", ms(median), ms(worst));
}
