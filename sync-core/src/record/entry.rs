//! What people note, entry by entry. An entry is never changed; a later one may undo it, replace it or settle it.

use super::names::PersonId;
use super::paper::Paper;
use super::plan::{Plan, Progress};
use super::{Actor, CHANGES_PER_ACTOR_MAX, EntryRef, MinutesHash};
use crate::cbor::{self, Format, FormatError, Reader, Writer, strictly_ascending};
use crate::id::DeviceId;
use crate::package::{TEXT_MAX, VOTERS_MAX, Voting};

/// Most members of a committee.
pub const MEMBERS_MAX: usize = 32;
/// Most entries that one settlement settles.
pub const SETTLED_MAX: usize = 64;
/// Most writers whose chains one signature covers.
pub const HEADS_MAX: usize = 256;
/// Latest moment that a note may name: minutes since 1970, some 8,000 years.
const MINUTES_MAX: u64 = u32::MAX as u64;

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, { $($(#[$each:meta])* $variant:ident = $number:literal => $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$each])* $variant),+ }

        impl $name {
            /// Every one in the order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Number on the wire.
            pub fn number(self) -> u8 {
                match self { $(Self::$variant => $number),+ }
            }

            /// Stable name for JSON and the command line.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The one with this stable name.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}
pub(super) use numbered;

numbered!(
    /// What a figure counts.
    FigureKind, {
        /// Voters called to the meeting.
        Summoned = 0 => "summoned",
        /// Voters present.
        Present = 1 => "present",
        /// Slips printed for the unit.
        Printed = 2 => "printed",
        /// Slips, or paper ballots, handed out.
        Issued = 3 => "issued",
        /// Slips in the paper urn: used.
        UsedSlips = 4 => "used_slips",
        /// Slips made unusable before casting.
        Spoiled = 5 => "spoiled",
        /// Slips never handed out.
        LeftOver = 6 => "left_over",
        /// Slips handed out, neither used nor spoiled.
        NotReturned = 7 => "not_returned",
        /// Where voting is attended: ballots that the team unlocked.
        Unlocked = 8 => "unlocked",
    }
);

numbered!(
    /// What a member of the committee does; chair and head sign the minutes.
    Post, {
        /// Leads the meeting.
        MeetingChair = 0 => "meeting_chair",
        /// Head of the counting committee.
        CountingHead = 1 => "counting_head",
        /// Member of the counting committee.
        CountingMember = 2 => "counting_member",
    }
);

impl FigureKind {
    /// The figures that the minutes of a unit need, by the way it votes, in the order of a meeting.
    pub fn needed(voting: Voting) -> &'static [Self] {
        match voting {
            Voting::Attended => &[Self::Summoned, Self::Present, Self::Unlocked],
            Voting::Permit => &[
                Self::Summoned,
                Self::Present,
                Self::Printed,
                Self::Issued,
                Self::UsedSlips,
                Self::Spoiled,
                Self::LeftOver,
                Self::NotReturned,
            ],
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let number = r.u8(u8::MAX, "kind of figure")?;
        let kind = Self::ALL.iter().find(|kind| kind.number() == number);
        kind.copied().ok_or(FormatError::Range { what: "kind of figure" })
    }
}

impl Post {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let number = r.u8(u8::MAX, "post of a committee")?;
        let post = Self::ALL.iter().find(|post| post.number() == number);
        post.copied().ok_or(FormatError::Range { what: "post of a committee" })
    }
}

/// A member of the committee.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// What the member does.
    pub post: Post,
    /// Full name.
    pub name: String,
}

/// What was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The person of this entry belongs to the team, under this name.
    Join {
        /// Full name; the entry's person follows from it.
        name: String,
    },
    /// A voter is present.
    CheckIn {
        /// Number of the voter on the sheet, from 1.
        voter: u32,
    },
    /// A slip was handed out to a voter; never which.
    Slip {
        /// Number of the voter.
        voter: u32,
    },
    /// An earlier entry was a mistake.
    Undo {
        /// The entry.
        entry: EntryRef,
    },
    /// A figure.
    Figure {
        /// What it counts.
        kind: FigureKind,
        /// The figure.
        value: u32,
    },
    /// Something unusual.
    Incident {
        /// What happened.
        text: String,
    },
    /// A note.
    Note {
        /// The note.
        text: String,
        /// The note or incident that it replaces.
        replaces: Option<EntryRef>,
    },
    /// Who leads the meeting and who counts.
    Committee {
        /// Members, ascending.
        members: Vec<Member>,
    },
    /// Why something that does not reconcile is as it is.
    Explain {
        /// [`super::Finding::key`] of what is explained: it changes with the numbers.
        finding: [u8; 16],
        /// The explanation.
        text: String,
    },
    /// Of several entries about one thing, the one that holds.
    Settle {
        /// The entries and settlements that are settled, ascending.
        entries: Vec<EntryRef>,
        /// The one that holds; an entry, not a settlement.
        holds: EntryRef,
    },
    /// Chair or counting head sign the minutes.
    SignOff {
        /// As what the person signs: chair or head.
        post: Post,
        /// How far the record had come: per writer the last change, ascending.
        heads: Vec<(Actor, u32)>,
        /// Hash of the minutes that follow from these changes.
        minutes: MinutesHash,
    },
    /// Signed minutes are to be corrected.
    Correct {
        /// Hash of the minutes that do not hold any more.
        minutes: MinutesHash,
        /// Why.
        reason: String,
    },
    /// The closing total of a tablet, as read aloud.
    TabletTotal {
        /// The tablet.
        device: DeviceId,
        /// Ballots cast on it.
        total: u32,
    },
    /// Two persons counted a box of paper ballots; the person of the entry is the first of them.
    Paper(Paper),
    /// A version of the correction plan of an official.
    Plan(Plan),
    /// A second person, the head of the unit or of the office, confirms a version of a plan.
    ConfirmPlan {
        /// The version.
        plan: EntryRef,
    },
    /// What became of a plan.
    PlanProgress(Progress),
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who noted it.
    pub person: PersonId,
    /// Minutes since 1970 by the tablet's clock, a note for people. Never at a check-in or slip: nothing may tell when
    /// a person voted.
    pub at: Option<u64>,
    /// What was noted.
    pub act: Act,
}

impl Entry {
    /// Whether entries of this kind may not carry a moment.
    pub fn is_timeless(act: &Act) -> bool {
        matches!(act, Act::CheckIn { .. } | Act::Slip { .. } | Act::Undo { .. })
    }
}

impl Format for Entry {
    const WHAT: &'static str = "record entry";
    const MAX_BYTES: usize = 15 * 1024;

    fn write(&self, w: &mut Writer) {
        let (kind, fields) = self.act.shape();
        w.array(3 + fields).uint(kind).bytes(&self.person.0);
        match self.at {
            Some(at) => w.uint(at),
            None => w.null(),
        };
        self.act.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let what = Self::WHAT;
        let len = r.list_len(9, what)?;
        let kind = r.u8(u8::MAX, "kind of entry")?;
        let person = PersonId::read(r)?;
        let at = r.maybe(what, |r| r.uint(0..=MINUTES_MAX, "moment of an entry"))?;
        let act = Act::read(kind, person, r)?;
        if act.shape() != (kind, len.wrapping_sub(3)) {
            return Err(FormatError::Malformed { what });
        }
        if at.is_some() && Self::is_timeless(&act) {
            return Err(FormatError::Range { what: "moment of an entry" });
        }
        if matches!(&act, Act::Join { name } if PersonId::of(name) != person) {
            return Err(FormatError::Range { what: "person" });
        }
        Ok(Self { person, at, act })
    }
}

impl Act {
    /// Whether it is about a correction plan: such entries are written also when the round is finished.
    pub fn is_of_a_plan(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::ConfirmPlan { .. } | Self::PlanProgress(_))
    }

    /// Number of the kind, and how many fields follow the first three.
    fn shape(&self) -> (u8, usize) {
        match self {
            Self::Join { .. } => (0, 1),
            Self::CheckIn { .. } => (1, 1),
            Self::Slip { .. } => (2, 1),
            Self::Undo { .. } => (3, 1),
            Self::Figure { .. } => (4, 2),
            Self::Incident { .. } => (5, 1),
            Self::Note { .. } => (6, 2),
            Self::Committee { .. } => (7, 1),
            Self::Explain { .. } => (8, 2),
            Self::Settle { .. } => (9, 2),
            Self::SignOff { .. } => (10, 3),
            Self::Correct { .. } => (11, 2),
            Self::TabletTotal { .. } => (12, 2),
            Self::Paper(_) => (13, 6),
            Self::Plan(_) => (14, 5),
            Self::ConfirmPlan { .. } => (15, 1),
            Self::PlanProgress(_) => (16, 3),
        }
    }

    fn write(&self, w: &mut Writer) {
        match self {
            Self::Join { name } => w.text(name),
            Self::CheckIn { voter } | Self::Slip { voter } => w.uint(*voter),
            Self::Undo { entry } => {
                entry.write(w);
                w
            }
            Self::Figure { kind, value } => w.uint(kind.number()).uint(*value),
            Self::Incident { text } => w.text(text),
            Self::Note { text, replaces } => {
                w.text(text);
                match replaces {
                    Some(entry) => entry.write(w),
                    None => {
                        w.null();
                    }
                }
                w
            }
            Self::Committee { members } => w.list(members, |w, member| {
                w.array(2).uint(member.post.number()).text(&member.name);
            }),
            Self::Explain { finding, text } => w.bytes(finding).text(text),
            Self::Settle { entries, holds } => {
                w.list(entries, |w, entry| entry.write(w));
                holds.write(w);
                w
            }
            Self::SignOff { post, heads, minutes } => {
                w.uint(post.number()).list(heads, |w, (actor, sequence)| {
                    w.array(2).bytes(&actor.0).uint(*sequence);
                });
                w.bytes(&minutes.0)
            }
            Self::Correct { minutes, reason } => w.bytes(&minutes.0).text(reason),
            Self::TabletTotal { device, total } => w.bytes(device.as_bytes()).uint(*total),
            Self::Paper(paper) => {
                paper.write(w);
                w
            }
            Self::Plan(plan) => {
                plan.write(w);
                w
            }
            Self::ConfirmPlan { plan } => {
                plan.write(w);
                w
            }
            Self::PlanProgress(progress) => {
                progress.write(w);
                w
            }
        };
    }

    fn read(kind: u8, person: PersonId, r: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(match kind {
            0 => Self::Join { name: some_text(r, "name")? },
            1 => Self::CheckIn { voter: voter(r)? },
            2 => Self::Slip { voter: voter(r)? },
            3 => Self::Undo { entry: EntryRef::read(r)? },
            4 => Self::Figure { kind: FigureKind::read(r)?, value: r.u32(u32::MAX, "figure")? },
            5 => Self::Incident { text: some_text(r, "incident")? },
            6 => Self::Note {
                text: some_text(r, "note")?,
                replaces: r.maybe("replaced note", EntryRef::read)?,
            },
            7 => Self::Committee { members: read_members(r)? },
            8 => Self::Explain { finding: r.fixed("finding")?, text: some_text(r, "explanation")? },
            9 => {
                let entries = r.list(SETTLED_MAX, "settled entries", EntryRef::read)?;
                if entries.is_empty() || !strictly_ascending(&entries) {
                    return Err(FormatError::Unsorted { what: "settled entries" });
                }
                Self::Settle { entries, holds: EntryRef::read(r)? }
            }
            10 => Self::SignOff {
                post: read_signer(r)?,
                heads: read_heads(r)?,
                minutes: MinutesHash(r.fixed("minutes")?),
            },
            11 => Self::Correct {
                minutes: MinutesHash(r.fixed("minutes")?),
                reason: some_text(r, "reason of a correction")?,
            },
            12 => Self::TabletTotal {
                device: DeviceId(r.fixed("device")?),
                total: r.u32(u32::MAX, "closing total")?,
            },
            13 => Self::Paper(Paper::read(person, r)?),
            14 => Self::Plan(Plan::read(r)?),
            15 => Self::ConfirmPlan { plan: EntryRef::read(r)? },
            16 => Self::PlanProgress(Progress::read(r)?),
            _ => return Err(FormatError::Range { what: "kind of entry" }),
        })
    }
}

fn voter(r: &mut Reader<'_>) -> Result<u32, FormatError> {
    let voter = r.u32(VOTERS_MAX, "number of a voter")?;
    if voter == 0 { Err(FormatError::Range { what: "number of a voter" }) } else { Ok(voter) }
}

/// A text that says something.
fn some_text(r: &mut Reader<'_>, what: &'static str) -> Result<String, FormatError> {
    let text = r.text(TEXT_MAX, what)?;
    if text.trim().is_empty() { Err(FormatError::Range { what }) } else { Ok(text.to_owned()) }
}

fn read_members(r: &mut Reader<'_>) -> Result<Vec<Member>, FormatError> {
    let members = r.list(MEMBERS_MAX, "committee", |r| {
        r.array(2, "member of the committee")?;
        Ok(Member { post: Post::read(r)?, name: some_text(r, "name")? })
    })?;
    if members.is_empty() || !strictly_ascending(&members) {
        return Err(FormatError::Unsorted { what: "committee" });
    }
    Ok(members)
}

fn read_signer(r: &mut Reader<'_>) -> Result<Post, FormatError> {
    match Post::read(r)? {
        Post::CountingMember => Err(FormatError::Range { what: "who signs minutes" }),
        post => Ok(post),
    }
}

fn read_heads(r: &mut Reader<'_>) -> Result<Vec<(Actor, u32)>, FormatError> {
    const WHAT: &str = "heads under a signature";
    let heads = r.list(HEADS_MAX, WHAT, |r| {
        r.array(2, WHAT)?;
        Ok((Actor(r.fixed(WHAT)?), r.u32(CHANGES_PER_ACTOR_MAX, WHAT)?))
    })?;
    let ascending = heads.is_sorted_by(|a, b| a.0 < b.0);
    if !ascending || heads.iter().any(|(_, sequence)| *sequence == 0) {
        return Err(FormatError::Unsorted { what: WHAT });
    }
    Ok(heads)
}

/// The bytes of an entry as they are signed and written into the document.
pub(super) fn entry_bytes(entry: &Entry) -> Vec<u8> {
    cbor::encode(entry)
}
