//! Messages on their way out: what they say, how they stand, when they are tried again.

use super::contact::Channel;
use serde::{Deserialize, Serialize};
use sync_core::id::{RoundId, UnitCode};

/// Most tries of one message. With [`wait_after`] the last one is about five days after the first, as mail servers do it
/// (RFC 5321, 4.5.4.1).
pub const TRIES_MAX: u32 = 35;
/// Seconds until the second try; each further wait is twice as long.
const FIRST_WAIT: i64 = 60;
/// Longest wait between two tries, in seconds.
const WAIT_MAX: i64 = 4 * 3600;
/// Longest subject and longest paragraph, in characters.
const SUBJECT_MAX: usize = 200;
const LINE_MAX: usize = 2_000;
/// Most paragraphs.
const LINES_MAX: usize = 40;

/// The page of the console on which officials read their own result, say that they saw it, and write their plan.
pub const OWN_PAGE: &str = "/console/#/own";

/// Id of a message: random. It is the same on every try and in every way, so that a receiver can drop what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageId(pub [u8; 16]);

impl MessageId {
    /// As people and receivers see it.
    pub fn uuid(self) -> uuid::Uuid {
        uuid::Uuid::from_bytes(self.0)
    }
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A result waits for an official.
    Notice,
    /// Something is due or late.
    Reminder,
    /// Somebody else is late, and this one oversees it.
    Escalation,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Notice, Self::Reminder, Self::Escalation];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Reminder => "reminder",
            Self::Escalation => "escalation",
        }
    }

    /// The kind with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == text)
    }
}

/// How a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It is tried, or tried again.
    Waiting,
    /// The server or gateway took it. Whether anybody read it is not known by that.
    Sent,
    /// It was refused for good, or tried too often; a person may have it tried again.
    Failed,
    /// A person gave it up.
    GivenUp,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::GivenUp];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
        }
    }

    /// The state with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == text)
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Both {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Both {
    /// The same in both languages. Nothing in it ends a line or hides something.
    pub fn new(vi: &str, en: &str) -> Self {
        Self { vi: one_line(vi, LINE_MAX), en: one_line(en, LINE_MAX) }
    }
}

/// What a message says. It never holds figures, marks or codes: mail and gateways read what they carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Subject.
    pub subject: Both,
    /// Paragraphs.
    pub lines: Vec<Both>,
    /// Page of the centre that it leads to, from the root, as `/console/`; the address before it is known to whoever
    /// sends.
    pub page: Option<String>,
}

impl Words {
    /// Bounded words.
    pub fn new(subject: &Both, lines: Vec<Both>, page: Option<&str>) -> Self {
        let subject = Both { vi: one_line(&subject.vi, SUBJECT_MAX), en: one_line(&subject.en, SUBJECT_MAX) };
        Self { subject, lines: lines.into_iter().take(LINES_MAX).collect(), page: page.map(str::to_owned) }
    }
}

/// A text on one line, without anything that nobody sees.
fn one_line(text: &str, most: usize) -> String {
    let seen = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    seen.filter(|c| !super::text::is_invisible(*c)).take(most).collect()
}

/// What a message is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The round.
    pub round: Option<RoundId>,
    /// The unit.
    pub unit: Option<UnitCode>,
    /// Code of the official.
    pub official: Option<String>,
    /// Number of the order, of a notice.
    pub order: Option<u32>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// What it is, by whoever made it; there is one message with it.
    pub key: String,
    /// What it is.
    pub kind: MessageKind,
    /// The way it goes: e-mail or webhook.
    pub way: Channel,
    /// What it is about.
    pub about: About,
    /// To whom.
    pub name: String,
    /// Where.
    pub address: String,
    /// What it says.
    pub words: Words,
    /// When it was made, in seconds since 1970.
    pub made_at: i64,
    /// How it stands.
    pub state: MessageState,
    /// Tries so far, with the one under way.
    pub tries: u32,
    /// When it is tried next, while it waits.
    pub next_at: i64,
    /// When it was sent, failed or was given up.
    pub done_at: Option<i64>,
    /// Why the last try failed.
    pub why: Option<String>,
}

/// How a try ended that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nobody answered, or we were not let in: others that go the same way would fare alike.
    Away(String),
    /// This one may do later.
    ForNow(String),
    /// Saying it again changes nothing.
    ForGood(String),
}

impl Failure {
    /// Why, for people.
    pub fn why(&self) -> &str {
        match self {
            Self::Away(why) | Self::ForNow(why) | Self::ForGood(why) => why,
        }
    }

    /// The state that follows, and when it is tried next.
    pub fn then(&self, tries: u32, now: i64) -> (MessageState, i64) {
        match self {
            Self::Away(_) | Self::ForNow(_) if tries < TRIES_MAX => {
                (MessageState::Waiting, now.saturating_add(wait_after(tries)))
            }
            _ => (MessageState::Failed, now),
        }
    }
}

/// Seconds from a try that failed, the first being 1, to the next.
pub fn wait_after(tries: u32) -> i64 {
    let doubled = FIRST_WAIT.checked_shl(tries.saturating_sub(1).min(16)).unwrap_or(WAIT_MAX);
    doubled.min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_four_hours_and_the_tries_span_five_days() {
        let waits: Vec<_> = (1..=10).map(wait_after).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 14_400, 14_400]);
        assert_eq!((wait_after(0), wait_after(u32::MAX)), (60, WAIT_MAX));
        let days = (1..TRIES_MAX).map(wait_after).sum::<i64>() / 86_400;
        assert_eq!(days, 4, "four days and some hours");
    }

    #[test]
    fn what_may_do_later_is_tried_until_the_last_try_and_what_may_not_never_again() {
        let later = Failure::ForNow("busy".to_owned());
        assert_eq!(later.then(1, 1_000), (MessageState::Waiting, 1_060));
        assert_eq!(later.then(TRIES_MAX - 1, 0), (MessageState::Waiting, WAIT_MAX));
        assert_eq!(later.then(TRIES_MAX, 7), (MessageState::Failed, 7));
        assert_eq!(Failure::ForGood(String::new()).then(1, 7), (MessageState::Failed, 7));
    }

    #[test]
    fn words_stay_on_their_line_and_within_bounds() {
        let hostile = "Kết quả\r\nBcc: a@b.vn\u{202e}\0 \u{2028}x";
        let words = Words::new(&Both::new(hostile, "x"), vec![Both::new(hostile, "y"); 100], Some("/n"));
        assert_eq!(words.subject.vi, "Kết quả  Bcc: a@b.vn  x");
        assert_eq!(words.lines.len(), LINES_MAX);
        assert_eq!(Both::new(&"ă".repeat(9_999), "").vi.chars().count(), LINE_MAX);
    }

    #[test]
    fn kinds_and_states_are_known_by_their_names() {
        for kind in MessageKind::ALL {
            assert_eq!(MessageKind::parse(kind.code()), Some(kind));
        }
        for state in MessageState::ALL {
            assert_eq!(MessageState::parse(state.code()), Some(state));
        }
    }
}
