//! Turns about units, the same for both sides: one says what it holds and gives, the other takes piece by piece.

use super::error::LocalError;
use super::frame::{Begin, Frame, Reason};
use super::visit::{Visit, note};
use crate::error::TabletError;
use crate::progress::{Amount, Progress, Way};
use crate::store::Store;
use crate::tablet::{Peer, Tablet, Taken, Told};
use rand_core::CryptoRng;
use std::collections::VecDeque;
use sync_core::id::UnitCode;
use sync_core::message::{ITEMS_MAX, ItemKind, Message, Outcome};

/// A frame that is to be sent, and how far the turn is once it is through.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub frame: Frame,
    pub progress: Option<Progress>,
}

impl From<Frame> for Outgoing {
    fn from(frame: Frame) -> Self {
        Self { frame, progress: None }
    }
}

/// One tablet's side of a session with one other.
pub(super) struct Talk {
    pub peer: Peer,
    pub visit: Visit,
    /// What is to be sent, in this order.
    pub out: VecDeque<Outgoing>,
    /// What was given in the turn that is not answered yet, by place.
    given: Vec<ItemKind>,
}

/// A turn of the other side that is being heard.
pub(super) struct Hearing {
    unit: UnitCode,
    left: u32,
    place: u32,
    path: Path,
    heard: Heard,
}

/// What a turn of the other side brought.
#[derive(Default)]
pub(super) struct Heard {
    /// What it says to hold.
    pub told: Told,
    /// What became here of what it gave, for the answer.
    pub outcomes: Vec<(u32, Outcome)>,
    /// Items that were new here.
    pub new: usize,
}

impl Hearing {
    /// A turn begins.
    pub(super) fn new(begin: Begin) -> Self {
        let path = Path::new(&begin, Way::In);
        let told = Told { holds: begin.holds, ..Told::default() };
        let heard = Heard { told, ..Heard::default() };
        Self { unit: begin.unit, left: begin.messages, place: 0, path, heard }
    }

    /// What it is about.
    pub(super) fn unit(&self) -> &UnitCode {
        &self.unit
    }

    /// What it brought.
    pub(super) fn take_heard(&mut self) -> Heard {
        std::mem::take(&mut self.heard)
    }

    /// Whether everything that was announced is here.
    pub(super) fn is_over(&self) -> bool {
        self.left == 0
    }
}

impl Talk {
    pub(super) fn new(peer: Peer, visit: Visit) -> Self {
        Self { peer, visit, out: VecDeque::new(), given: Vec::new() }
    }

    /// Takes a turn. Nothing is given unless it is known what the other side holds. Tells what is given; whether it
    /// arrives the other side's next frame says.
    pub(super) fn say<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &Tablet<S, R>,
        unit: &UnitCode,
        told: Option<&Told>,
        outcomes: Vec<(u32, Outcome)>,
    ) -> Result<Amount, LocalError> {
        let (begin, messages) = tablet.turn(unit, &self.peer, told, outcomes)?;
        let mut path = Path::new(&begin, Way::Out);
        self.given.clear();
        self.out.push_back(Frame::Begin(begin).into());
        for message in messages {
            self.given.extend(message.give.iter().map(|item| item.kind));
            let progress = path.went(Amount::of(&message.give));
            self.out.push_back(Outgoing { frame: Frame::Message(message), progress });
        }
        Ok(path.0.done)
    }

    /// Hears the next frame of a turn that has begun, and stores what is in it.
    pub(super) fn hear<S: Store, R: CryptoRng>(
        &mut self,
        tablet: &mut Tablet<S, R>,
        hearing: &mut Hearing,
        frame: Frame,
    ) -> Result<Option<Progress>, LocalError> {
        let Frame::Message(message) = frame else {
            return Err(LocalError::Malformed("a turn that was not finished".to_owned()));
        };
        if message.unit != hearing.unit {
            return Err(LocalError::Malformed("a message about another unit".to_owned()));
        }
        let taken = tablet.take_from(&self.peer, &message).map_err(not_of_ours)?;
        self.note_taken(&message, &taken);
        let Hearing { place, heard, path, left, .. } = hearing;
        let refused = taken.refused.iter().map(|(at, outcome)| (*place + at, *outcome));
        heard.outcomes.extend(refused.take(ITEMS_MAX - heard.outcomes.len()));
        heard.new += taken.new;
        *place = place.saturating_add(u32::try_from(message.give.len()).unwrap_or(u32::MAX));
        let progress = path.went(Amount::of(&message.give));
        self.note_outcomes(&message);
        if let Some(have) = message.have {
            heard.told.have = have;
        }
        *left -= 1;
        Ok(progress)
    }

    fn note_taken(&mut self, message: &Message, taken: &Taken) {
        for (at, outcome) in &taken.refused {
            let item = usize::try_from(*at).ok().and_then(|at| message.give.get(at));
            if let Some(item) = item {
                note(&mut self.visit.refused_here, (message.unit.clone(), item.kind, *outcome));
            }
        }
        let passed = self.visit.unit(&message.unit);
        let amount = Amount::of(&message.give);
        passed.received.items += amount.items;
        passed.received.bytes += amount.bytes;
        passed.envelopes_received += envelopes(message);
        passed.new += taken.new;
        passed.waiting += taken.waiting;
    }

    /// What became over there of what was given.
    fn note_outcomes(&mut self, message: &Message) {
        for (at, outcome) in &message.outcomes {
            let kind = usize::try_from(*at).ok().and_then(|at| self.given.get(at));
            if let Some(kind) = kind {
                note(&mut self.visit.refused_there, (message.unit.clone(), *kind, *outcome));
            }
        }
    }

    /// The other side answered: what was given is there.
    pub(super) fn note_given(&mut self, unit: &UnitCode, amount: Amount) {
        let envelopes = self.given.iter().filter(|kind| **kind == ItemKind::Envelope).count();
        let passed = self.visit.unit(unit);
        passed.given.items += amount.items;
        passed.given.bytes += amount.bytes;
        passed.envelopes_given += envelopes;
    }
}

/// A message of another round or of no unit is the other side's mistake, not this tablet's.
fn not_of_ours(error: TabletError) -> LocalError {
    match error {
        error @ (TabletError::Message { .. } | TabletError::UnknownUnit(_)) => {
            LocalError::Malformed(error.to_string())
        }
        other => other.into(),
    }
}

fn envelopes(message: &Message) -> usize {
    message.give.iter().filter(|item| item.kind == ItemKind::Envelope).count()
}

/// How far a turn is.
struct Path(Progress);

impl Path {
    fn new(begin: &Begin, way: Way) -> Self {
        let total = Amount { items: begin.items.into(), bytes: begin.bytes.into() };
        Self(Progress { unit: begin.unit.clone(), way, done: Amount::default(), total })
    }

    fn went(&mut self, amount: Amount) -> Option<Progress> {
        self.0.done.items += amount.items;
        self.0.done.bytes += amount.bytes;
        (amount.items > 0).then(|| self.0.clone())
    }
}

/// What the other side's refusal means.
pub(super) fn refused(reason: Reason, title: String, ours: &str) -> LocalError {
    match reason {
        Reason::OtherRound => LocalError::OtherRound { theirs: title, ours: ours.to_owned() },
        Reason::Stranger => LocalError::NotBelieved,
        Reason::Itself => LocalError::Itself,
        Reason::Full => LocalError::Full,
        Reason::Malformed => LocalError::NotUnderstood,
        Reason::NoRoom => LocalError::NoRoomThere,
        Reason::Failed => LocalError::FailedThere,
    }
}
