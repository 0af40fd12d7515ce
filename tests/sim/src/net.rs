//! The way to the centre: a transport on which requests and answers suffer what the plan allows. Every message that
//! passes is searched for secrets, held to its bounds, and every receipt is held against what the centre has.

use crate::centre::{Centre, Failure, Stop};
use crate::chance::Chance;
use crate::fault::{Fault, Faults};
use crate::notes::Notes;
use crate::secrets::Secrets;
use client_ffi::transport::{Transport, TransportError};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use sync_core::cbor;
use sync_core::cose::Unverified;
use sync_core::id::{DeviceId, EnvelopeId, UnitCode};
use sync_core::message::{ItemKind, MESSAGE_MAX, Message, Request};
use sync_core::receipt::Receipt;

/// Memory that taking a message may need at one time: what the answer may hold, and per byte taken.
pub const MEMORY_FIXED: u64 = 4 * MESSAGE_MAX as u64;
/// The same per byte of the message.
pub const MEMORY_PER_BYTE: u64 = 128;

/// Decides when faults strike; each has draws of its own.
#[derive(Debug, Clone)]
pub struct Dice(Rc<RefCell<Streams>>, Notes);

#[derive(Debug)]
struct Streams {
    faults: Faults,
    chances: Vec<Chance>,
    always: bool,
}

impl Dice {
    /// The dice of a world.
    pub fn new(seed: u64, faults: Faults, notes: Notes) -> Self {
        let chances = Fault::ALL.iter().map(|(_, name)| Chance::of(seed, &format!("fault {name}"))).collect();
        Self(Rc::new(RefCell::new(Streams { faults, chances, always: false })), notes)
    }

    /// Whether the fault strikes here and now: with this probability in thousandths for each point of its weight. That
    /// it happened is counted.
    pub fn strikes(&self, fault: Fault, per_mille: usize) -> bool {
        let hit = self.is_due(fault, per_mille);
        if hit {
            self.1.fired(fault);
        }
        hit
    }

    /// The same for a fault that only happens if more comes together; whoever sees it happen counts it.
    pub fn is_due(&self, fault: Fault, per_mille: usize) -> bool {
        let Streams { faults, chances, always } = &mut *self.0.borrow_mut();
        let weight = faults.weight(fault);
        weight > 0 && (*always || chances[fault as usize].hits(per_mille * weight))
    }

    /// How often the fault is to be planned: none, or up to its weight.
    pub fn times(&self, fault: Fault) -> usize {
        let Streams { faults, chances, .. } = &mut *self.0.borrow_mut();
        match faults.weight(fault) {
            0 => 0,
            weight => 1 + chances[fault as usize].below(weight),
        }
    }

    /// A number in `0..bound` from the draws of the fault.
    pub fn below(&self, fault: Fault, bound: usize) -> usize {
        self.0.borrow_mut().chances[fault as usize].below(bound)
    }

    /// Whatever may strike strikes each time.
    pub fn always(&self, always: bool) {
        self.0.borrow_mut().always = always;
    }

    /// Changes what may strike from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.0.borrow_mut().faults = faults;
    }

    /// Damages a message in transit; says whether it did.
    pub fn damage(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        if self.strikes(Fault::MessageCut, 25) {
            bytes.truncate(self.below(Fault::MessageCut, bytes.len()));
        } else if self.strikes(Fault::MessageFlipped, 25) {
            let at = self.below(Fault::MessageFlipped, bytes.len() * 8);
            bytes[at / 8] ^= 1 << (at % 8);
        }
    }
}

/// What is under way to the centre, and what was seen.
pub struct Net {
    /// The centre.
    pub centre: Centre,
    /// Requests that arrive later, with the minute.
    pub late: Vec<(u64, Vec<u8>)>,
    /// Envelopes that some answer confirmed.
    pub receipts: BTreeSet<EnvelopeId>,
    /// Units whose sheets and envelopes a device may get from the centre, as the office noted it. Sheets hold names.
    pub may_fetch: BTreeMap<DeviceId, Vec<UnitCode>>,
    /// Whether faults are over.
    pub calm: bool,
    notes: Notes,
    dice: Dice,
    secrets: Rc<Secrets>,
}

impl Net {
    /// A network before its first message.
    pub fn new(centre: Centre, notes: Notes, dice: Dice, secrets: Rc<Secrets>) -> Self {
        let (late, receipts, may_fetch) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        Self { centre, late, receipts, may_fetch, calm: false, notes, dice, secrets }
    }

    /// Looks at something sent.
    pub fn watch(&self, message: &Message) {
        let bytes = cbor::encode(message);
        self.notes.check("message bounds", bytes.len() <= MESSAGE_MAX, || format!("{} bytes", bytes.len()));
        if let Some(leak) = self.secrets.in_message(message) {
            self.notes.broken("secrecy", format!("{leak} was sent"));
        }
    }

    /// A request reaches the centre. Gives the answer as it left.
    pub fn deliver(&mut self, body: &[u8]) -> Result<Vec<u8>, Failure> {
        let stop = match () {
            () if self.calm => None,
            () if self.dice.is_due(Fault::CentreCrashBefore, 20) => Some(Stop::BeforeCommit),
            () if self.dice.is_due(Fault::CentreCrashAfter, 20) => Some(Stop::AfterCommit),
            () => None,
        };
        let mut answer = Err(Failure::Problem(500, "unanswered"));
        let memory = allocation_counter::measure(|| answer = self.centre.sync(body, stop)).bytes_max;
        let bound = MEMORY_FIXED + MEMORY_PER_BYTE * body.len() as u64;
        self.notes.check("memory bounds", memory <= bound, || {
            format!("the centre took {memory} bytes for a request of {}", body.len())
        });
        match &answer {
            Ok(bytes) => self.watch_answer(body, bytes),
            Err(Failure::Stopped(Stop::BeforeCommit)) => self.notes.fired(Fault::CentreCrashBefore),
            Err(Failure::Stopped(Stop::AfterCommit)) => self.notes.fired(Fault::CentreCrashAfter),
            Err(Failure::Problem(..)) => {}
        }
        answer
    }

    /// What a courier sends and gets names nobody.
    fn names_nobody(&self, line: &Line, bytes: &[u8], what: &str) {
        let names = line.courier && self.secrets.names_somebody(bytes);
        self.notes.check("secrecy", !names, || format!("{}: {what} names somebody", line.who));
    }

    fn watch_answer(&mut self, asked: &[u8], bytes: &[u8]) {
        let Ok(message) = cbor::decode::<Message>(bytes) else {
            self.notes.broken("message bounds", "the centre's answer is no message");
            return;
        };
        self.watch(&message);
        let asker = Unverified::<Request>::decode(asked).expect("it was answered").claim().device;
        let of_unit = self.may_fetch.get(&asker).is_some_and(|units| units.contains(&message.unit));
        let fetched = [ItemKind::Sheet, ItemKind::SheetReplacement, ItemKind::Envelope];
        let gives = message.give.iter().any(|item| fetched.contains(&item.kind));
        self.notes.check("secrecy", of_unit || !gives, || {
            format!("the centre gives {asker}, which may not have it, what is of unit {}", message.unit)
        });
        for item in message.give.iter().filter(|item| item.kind == ItemKind::Receipt) {
            let receipt = Unverified::<Receipt>::decode(&item.bytes).expect("the centre signs receipts");
            for id in &receipt.claim().envelopes {
                let unit = &receipt.claim().unit;
                let stored = self.centre.books.envelopes.get(unit).is_some_and(|ids| ids.contains_key(id));
                self.notes
                    .check("receipts never lie", stored, || format!("{id} is confirmed and not stored"));
                self.receipts.insert(*id);
            }
        }
    }

    /// Requests that were held up arrive now; their answers find nobody.
    pub fn deliver_late(&mut self, now: u64) {
        let (due, later) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = later;
        let due: Vec<(u64, Vec<u8>)> = due;
        for (_, body) in due {
            self.notes.say("network", || "a request that was held up reaches the centre".to_owned());
            drop(self.deliver(&body));
        }
    }
}

/// One tablet's connection.
pub struct Line {
    /// The network.
    pub net: Rc<RefCell<Net>>,
    /// Who speaks.
    pub who: String,
    /// Whether it reaches nobody.
    pub cut_off: bool,
    /// Whether it only carries: then no name may pass.
    pub courier: bool,
}

impl Transport for Line {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        let unreachable = |why: &str| TransportError::Unreachable(why.to_owned());
        let mut net = self.net.borrow_mut();
        if path != "/api/v1/sync" {
            return Err(TransportError::NotACentre(format!("no such path: {path}")));
        }
        match Unverified::<Request>::decode(body).map(|r| cbor::decode::<Message>(&r.claim().message)) {
            Ok(Ok(message)) => net.watch(&message),
            _ => net.notes.broken("message bounds", "a tablet's own request cannot be read"),
        }
        net.names_nobody(self, body, "its request");
        let dice = net.dice.clone();
        let faulty = !net.calm;
        if self.cut_off {
            net.notes.fired(Fault::Partition);
            return Err(unreachable("no network"));
        }
        if faulty && dice.strikes(Fault::MessageLost, 40) {
            net.notes.say(&self.who, || "the request is lost".to_owned());
            return Err(unreachable("lost"));
        }
        let now = net.notes.now();
        if faulty && dice.strikes(Fault::MessageDelayed, 40) {
            let at = now + 60 + dice.below(Fault::MessageDelayed, 4320) as u64;
            net.late.push((at, body.to_vec()));
            net.notes.say(&self.who, || "the request is held up on its way".to_owned());
            return Err(unreachable("timed out"));
        }
        if faulty && dice.strikes(Fault::MessageDoubled, 40) {
            let at = now + dice.below(Fault::MessageDoubled, 2880) as u64;
            net.late.push((at, body.to_vec()));
        }
        let mut body = body.to_vec();
        if faulty {
            dice.damage(&mut body);
        }
        let mut answer = match net.deliver(&body) {
            Ok(answer) => {
                net.names_nobody(self, &answer, "the centre's answer to it");
                answer
            }
            Err(Failure::Problem(status, code)) => {
                net.notes.say("centre", || format!("refuses a request of {}: {code}", self.who));
                let (code, detail) = (code.to_owned(), code.to_owned());
                return Err(TransportError::Refused { status, code, detail, after: None });
            }
            Err(Failure::Stopped(stop)) => {
                net.notes.say("centre", || format!("stops: {stop:?}"));
                return Err(unreachable("the connection broke"));
            }
        };
        if faulty && dice.strikes(Fault::AnswerLost, 60) {
            net.notes.say(&self.who, || "the answer is lost".to_owned());
            return Err(unreachable("no answer"));
        }
        if faulty {
            dice.damage(&mut answer);
        }
        Ok(answer)
    }
}
