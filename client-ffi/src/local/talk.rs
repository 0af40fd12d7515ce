//! Turns about units, the same for both sides: one says what it holds and gives, the other takes piece by piece.

use super::error::LocalError;
use super::frame::{Begin, Frame, Reason};
use super::link::Link;
use super::visit::{Visit, note};
use crate::error::TabletError;
use crate::progress::{Amount, Progress, Way};
use crate::store::Store;
use crate::tablet::{Peer, Tablet, Taken, Told};
use rand_core::CryptoRng;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use sync_core::id::UnitCode;
use sync_core::message::{ITEMS_MAX, ItemKind, Message, Outcome};

/// A tablet that is used for a moment at a time.
pub(super) trait Hold {
    type Store: Store;
    type Rng: CryptoRng;

    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Tablet<Self::Store, Self::Rng>) -> Result<T, TabletError>,
    ) -> Result<T, LocalError>;
}

impl<S: Store, R: CryptoRng> Hold for &mut Tablet<S, R> {
    type Store = S;
    type Rng = R;

    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Tablet<S, R>) -> Result<T, TabletError>,
    ) -> Result<T, LocalError> {
        Ok(work(self)?)
    }
}

impl<S: Store, R: CryptoRng> Hold for Arc<Mutex<Tablet<S, R>>> {
    type Store = S;
    type Rng = R;

    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Tablet<S, R>) -> Result<T, TabletError>,
    ) -> Result<T, LocalError> {
        let mut tablet = self.lock().map_err(|_| LocalError::Broken)?;
        Ok(work(&mut tablet)?)
    }
}

/// Is told how far a transfer is, and says whether to go on.
pub(super) type Watch<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// One tablet's side of a session with one other.
pub(super) struct Talk<H> {
    pub hold: H,
    pub link: Link,
    pub peer: Peer,
    pub visit: Visit,
    /// What was given in the turn that is not answered yet, by place.
    given: Vec<ItemKind>,
}

/// What a turn of the other side brought.
pub(super) struct Heard {
    /// What it says to hold.
    pub told: Told,
    /// What became here of what it gave, for the answer.
    pub outcomes: Vec<(u32, Outcome)>,
    /// Items that were new here.
    pub new: usize,
}

impl<H: Hold> Talk<H> {
    pub(super) fn new(hold: H, link: Link, peer: Peer, visit: Visit) -> Self {
        Self { hold, link, peer, visit, given: Vec::new() }
    }

    /// Takes a turn. Nothing is given unless it is known what the other side holds. Gives what was given; whether it
    /// arrived the other side's next frame says.
    pub(super) fn say(
        &mut self,
        unit: &UnitCode,
        told: Option<&Told>,
        outcomes: Vec<(u32, Outcome)>,
        watch: Watch<'_>,
    ) -> Result<Amount, LocalError> {
        let peer = &self.peer;
        let (begin, messages) = self.hold.with(|tablet| tablet.turn(unit, peer, told, outcomes))?;
        let mut path = Path::new(&begin, Way::Out);
        self.given.clear();
        self.link.send(&Frame::Begin(begin))?;
        for message in messages {
            self.given.extend(message.give.iter().map(|item| item.kind));
            let amount = Amount::of(&message.give);
            self.link.send(&Frame::Message(message))?;
            path.went(amount, watch)?;
        }
        Ok(path.0.done)
    }

    /// Hears the rest of a turn that has begun. Each message is stored before the next is read.
    pub(super) fn hear(&mut self, begin: Begin, watch: Watch<'_>) -> Result<Heard, LocalError> {
        let mut path = Path::new(&begin, Way::In);
        let mut heard = Heard { told: Told::default(), outcomes: Vec::new(), new: 0 };
        let mut place = 0;
        for _ in 0..begin.messages {
            let Frame::Message(message) = self.link.receive()? else {
                return Err(LocalError::Malformed("a turn that was not finished".to_owned()));
            };
            if message.unit != begin.unit {
                return Err(LocalError::Malformed("a message about another unit".to_owned()));
            }
            let peer = &self.peer;
            let taken = self.hold.with(|tablet| tablet.take_from(peer, &message)).map_err(not_of_ours)?;
            self.note_taken(&message, &taken);
            let refused = taken.refused.iter().map(|(at, outcome)| (place + at, *outcome));
            heard.outcomes.extend(refused.take(ITEMS_MAX - heard.outcomes.len()));
            heard.new += taken.new;
            place = place.saturating_add(u32::try_from(message.give.len()).unwrap_or(u32::MAX));
            path.went(Amount::of(&message.give), watch)?;
            self.note_outcomes(&message);
            if let Some(have) = message.have {
                heard.told.have = have;
            }
        }
        heard.told.holds = begin.holds;
        Ok(heard)
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

    /// Says why it goes on no further, if the other side can still hear it.
    pub(super) fn refuse(&mut self, error: &LocalError) {
        let reason = match error {
            LocalError::Malformed(_) => Reason::Malformed,
            error if error.is_full_here() => Reason::NoRoom,
            LocalError::Tablet(_) | LocalError::Broken => Reason::Failed,
            _ => return,
        };
        self.link.send(&Frame::Refused(reason, String::new())).ok();
    }
}

/// A message of another round or of no unit is the other side's mistake, not this tablet's.
fn not_of_ours(error: LocalError) -> LocalError {
    match error {
        LocalError::Tablet(error @ (TabletError::Message { .. } | TabletError::UnknownUnit(_))) => {
            LocalError::Malformed(error.to_string())
        }
        other => other,
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

    fn went(&mut self, amount: Amount, watch: Watch<'_>) -> Result<(), LocalError> {
        if amount.items == 0 {
            return Ok(());
        }
        self.0.done.items += amount.items;
        self.0.done.bytes += amount.bytes;
        match watch(self.0.clone()) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(LocalError::Stopped),
        }
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
