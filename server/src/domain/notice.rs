//! Notices of results: each rated official is told the own result by a due day, and it is known that they were.

use super::calendar::{Calendar, day_text};
use super::contact::Channel;
use super::outgoing::MessageState;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use sync_core::id::{RoundId, UnitCode};
use thiserror::Error;
use time::Date;

/// Working days in which an official is told, unless the publication says otherwise.
pub const USUAL_DAYS: u16 = 5;
/// Most that a publication may say.
pub const MOST_DAYS: u16 = 60;

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The round.
    pub round: RoundId,
    /// The unit in which they were rated.
    pub unit: UnitCode,
    /// Code of the official.
    pub official: String,
    /// Number of the order whose result it tells.
    pub order: u32,
    /// Name, as it stood on the ballot.
    pub name: String,
    /// Post, as it stood on the ballot.
    pub post: String,
    /// Day on which it was made.
    pub made_on: Date,
    /// Last day on which it is in time.
    pub due_on: Date,
    /// How it was sent out; nothing while it was not.
    pub sent: Option<Dispatch>,
    /// How they were told; nothing while it is not known that they were.
    pub told: Option<Told>,
}

/// That a notice was sent out. It does not say that anybody saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dispatch {
    /// On which day.
    pub on: Date,
    /// By which way.
    pub way: Channel,
}

/// How an official is reached, who is still to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The way that is noted for them now; a letter where none is.
    pub way: Channel,
    /// The message that goes or went to them, if one was made.
    pub message: Option<Posted>,
}

/// How the message of a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// The way it goes.
    pub way: Channel,
    /// How it stands.
    pub state: MessageState,
    /// On which day it was sent, failed or was given up.
    pub on: Option<Date>,
}

/// That somebody was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// On which day.
    pub on: Date,
    /// The moment itself, in seconds since 1970, where they said so themselves; of a signature on paper only the day is
    /// known.
    pub at: Option<i64>,
    /// How.
    pub way: Way,
    /// Login of who noted it.
    pub by: String,
}

/// How an official acknowledges a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// On the official's own page, signed in.
    Page,
    /// A printed letter with their signature, which the unit or the office noted.
    Paper,
    /// With the one-time code of a letter, without signing in.
    Code,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Page, Self::Paper, Self::Code];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Paper => "paper",
            Self::Code => "code",
        }
    }

    /// The way with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == text)
    }
}

/// How a notice stands on some day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// There is time left.
    Waiting,
    /// There is none, and nothing is known.
    Overdue,
    /// They were told by the due day.
    InTime,
    /// They were told after it.
    Late,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Overdue, Self::InTime, Self::Late];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Overdue => "overdue",
            Self::InTime => "in_time",
            Self::Late => "late",
        }
    }

    /// The stage with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == text)
    }
}

/// Why a day on which somebody was told on paper is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ToldError {
    /// Before the result was published.
    #[error("that is before the result was published on {}", day_text(*.0))]
    BeforeItWasMade(Date),
    /// In the future.
    #[error("that is after today, {}", day_text(*.0))]
    AfterToday(Date),
}

/// What of a notice decides how it counts: many of a round are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Day on which it was made.
    pub made_on: Date,
    /// Last day on which it is in time.
    pub due_on: Date,
    /// Whether it was sent out.
    pub sent: bool,
    /// On which day they were told and how; nothing while it is not known that they were.
    pub told: Option<(Date, Way)>,
}

impl Standing {
    /// How it stands on this day.
    pub fn stage(&self, today: Date) -> Stage {
        match self.told {
            None if today > self.due_on => Stage::Overdue,
            None => Stage::Waiting,
            Some((on, _)) if on > self.due_on => Stage::Late,
            Some(_) => Stage::InTime,
        }
    }
}

impl Notice {
    /// What decides how it counts.
    pub fn standing(&self) -> Standing {
        let told = self.told.as_ref().map(|told| (told.on, told.way));
        Standing { made_on: self.made_on, due_on: self.due_on, sent: self.sent.is_some(), told }
    }

    /// How it stands on this day.
    pub fn stage(&self, today: Date) -> Stage {
        self.standing().stage(today)
    }

    /// Whether somebody can have been told on this day.
    ///
    /// # Errors
    /// [`ToldError`].
    pub fn may_be_told(&self, on: Date, today: Date) -> Result<(), ToldError> {
        if on < self.made_on {
            return Err(ToldError::BeforeItWasMade(self.made_on));
        }
        if on > today { Err(ToldError::AfterToday(today)) } else { Ok(()) }
    }
}

/// When a notice is due that is made on this day.
pub fn due(calendar: &Calendar, made_on: Date, working_days: u16) -> Date {
    calendar.after(made_on, working_days.min(MOST_DAYS))
}

/// How the notices of a unit, or of many, stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Tally {
    /// All.
    pub notices: u32,
    /// Not known to be told, with time left.
    pub waiting: u32,
    /// Not known to be told, and late.
    pub overdue: u32,
    /// Told by the due day.
    pub in_time: u32,
    /// Told after it.
    pub late: u32,
    /// Of all, those that were sent out by letter, e-mail or webhook.
    pub sent: u32,
    /// Of those who were told, how many acknowledged on their own page.
    pub by_page: u32,
    /// On paper.
    pub by_paper: u32,
    /// With the code of a letter.
    pub by_code: u32,
    /// Days from publication until half of those who were told had been; nothing while nobody was. Of an even number it
    /// is the later of the two in the middle.
    pub median_days: Option<u32>,
}

impl Tally {
    /// Counts notices as they stand on this day, each kind with how many are like it.
    pub fn of(notices: impl IntoIterator<Item = (Standing, u32)>, today: Date) -> Self {
        let mut tally = Self::default();
        let mut days: BTreeMap<u32, u32> = BTreeMap::new();
        for (notice, many) in notices {
            tally.notices += many;
            match notice.stage(today) {
                Stage::Waiting => tally.waiting += many,
                Stage::Overdue => tally.overdue += many,
                Stage::InTime => tally.in_time += many,
                Stage::Late => tally.late += many,
            }
            tally.sent += if notice.sent { many } else { 0 };
            let Some((on, way)) = notice.told else { continue };
            match way {
                Way::Page => tally.by_page += many,
                Way::Paper => tally.by_paper += many,
                Way::Code => tally.by_code += many,
            }
            if let Ok(after) = u32::try_from((on - notice.made_on).whole_days()) {
                *days.entry(after).or_default() += many;
            }
        }
        let mut before = days.values().sum::<u32>() / 2;
        let middle = days.into_iter().find(|(_, many)| {
            let here = before < *many;
            before = before.saturating_sub(*many);
            here
        });
        tally.median_days = middle.map(|(days, _)| days);
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn notice(told: Option<Date>) -> Notice {
        Notice {
            round: RoundId([1; 16]),
            unit: UnitCode::new("A").unwrap(),
            official: "A1".to_owned(),
            order: 1,
            name: "Vàng Mí Một".to_owned(),
            post: "Bí thư".to_owned(),
            made_on: date!(2026 - 11 - 23),
            due_on: date!(2026 - 11 - 30),
            sent: None,
            told: told.map(|on| Told { on, at: None, way: Way::Paper, by: "lan".to_owned() }),
        }
    }

    #[test]
    fn the_due_day_itself_is_in_time_and_the_next_is_not() {
        assert_eq!(notice(None).stage(date!(2026 - 11 - 30)), Stage::Waiting);
        assert_eq!(notice(None).stage(date!(2026 - 12 - 01)), Stage::Overdue);
        let told = |on| notice(Some(on)).stage(date!(2027 - 01 - 01));
        assert_eq!(told(date!(2026 - 11 - 30)), Stage::InTime);
        assert_eq!(told(date!(2026 - 12 - 01)), Stage::Late);
    }

    #[test]
    fn nobody_is_told_before_the_result_is_there_or_tomorrow() {
        let (made, today) = (date!(2026 - 11 - 23), date!(2026 - 11 - 27));
        for good in [made, date!(2026 - 11 - 25), today] {
            assert_eq!(notice(None).may_be_told(good, today), Ok(()));
        }
        let early = notice(None).may_be_told(date!(2026 - 11 - 22), today);
        assert_eq!(early, Err(ToldError::BeforeItWasMade(made)));
        let late = notice(None).may_be_told(date!(2026 - 11 - 28), today);
        assert_eq!(late, Err(ToldError::AfterToday(today)));
    }

    #[test]
    fn a_tally_counts_each_notice_once() {
        let told = [date!(2026 - 11 - 24), date!(2026 - 11 - 30), date!(2026 - 12 - 02)];
        let mut notices: Vec<Notice> = told.into_iter().map(|on| notice(Some(on))).collect();
        notices.push(notice(None));
        let each = |notices: &[Notice]| -> Vec<_> { notices.iter().map(|one| (one.standing(), 1)).collect() };
        let on = |today| Tally::of(each(&notices), today);
        let tally = on(date!(2026 - 11 - 30));
        assert_eq!((tally.notices, tally.waiting, tally.overdue, tally.in_time, tally.late), (4, 1, 0, 2, 1));
        assert_eq!((tally.sent, tally.by_page, tally.by_paper, tally.by_code), (0, 0, 3, 0));
        assert_eq!(tally.median_days, Some(7));
        assert_eq!(on(date!(2026 - 12 - 01)).overdue, 1);
        assert_eq!(Tally::of(each(&notices[3..]), date!(2026 - 11 - 30)).median_days, None);
        assert_eq!(Tally::of([], date!(2026 - 11 - 30)), Tally::default());
    }

    #[test]
    fn notices_that_are_alike_count_together_as_one_by_one() {
        let today = date!(2026 - 12 - 05);
        let kinds: Vec<Standing> = [None, Some(24), Some(25), Some(27), Some(30)]
            .map(|day| notice(day.and_then(|day| date!(2026 - 11 - 01).replace_day(day).ok())).standing())
            .into();
        // Every way in which up to three of each kind stand together.
        for all in 0..4_u32.pow(5) {
            let many = |kind: u32| all / 4_u32.pow(kind) % 4;
            let together = kinds.iter().zip(0..).map(|(kind, place)| (*kind, many(place)));
            let one_by_one = together.clone().flat_map(|(kind, many)| (0..many).map(move |_| (kind, 1)));
            let mut days: Vec<u32> = together
                .clone()
                .filter_map(|(kind, many)| Some(((kind.told?.0 - kind.made_on).whole_days(), many)))
                .flat_map(|(days, many)| (0..many).map(move |_| u32::try_from(days).unwrap()))
                .collect();
            days.sort_unstable();
            let tally = Tally::of(together, today);
            assert_eq!(tally, Tally::of(one_by_one, today));
            assert_eq!(tally.median_days, days.get(days.len() / 2).copied(), "{days:?}");
        }
    }

    #[test]
    fn ways_and_stages_are_known_by_their_names() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.code()), Some(stage));
        }
        for way in Way::ALL {
            assert_eq!(Way::parse(way.code()), Some(way));
        }
        assert_eq!((Stage::parse("Late"), Way::parse("")), (None, None));
    }
}
