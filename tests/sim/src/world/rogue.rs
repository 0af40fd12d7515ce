//! Malicious devices with valid certificates: they have real keys, and sign what no program of ours would.

use super::World;
use crate::chance::{Chance, rng_for};
use crate::fault::Fault;
use rand_core::Rng;
use sync_core::cbor;
use sync_core::cose::{SecretKey, Signed, Unverified};
use sync_core::device::{Certificate, Scope, SignedCertificate};
use sync_core::envelope::Envelope;
use sync_core::id::{DeviceId, EnvelopeId};
use sync_core::message::{Have, Item, ItemKind, MESSAGE_MAX, Message, Request};

/// What a malicious device does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Ballots that nobody cast.
    Forge,
    /// An envelope after its own close.
    AfterClose,
    /// A number left out, or a wrong link.
    Gap,
    /// Two envelopes with one number.
    Twins,
    /// Another sheet, another length, another unit.
    Sheet,
    /// A huge closing total.
    Count,
    /// Two signatures on one envelope.
    Signatures,
    /// Many envelopes.
    Flood,
    /// The largest envelopes there may be, which no single message holds together.
    Bulk,
    /// As a courier: throws away what it is given.
    Drop,
    /// As a courier: delivers late.
    Withhold,
    /// As a courier: delivers into another unit.
    Replay,
    /// As a courier: says that it has everything.
    Lie,
    /// Two changes of a record with one number.
    RecordTwin,
    /// Changes of a record that lie.
    RecordLie,
    /// As a courier: puts another unit's name on a sealed record.
    Reseal,
}

impl Act {
    pub const ALL: [Self; 16] = [
        Self::Forge,
        Self::AfterClose,
        Self::Gap,
        Self::Twins,
        Self::Sheet,
        Self::Count,
        Self::Signatures,
        Self::Flood,
        Self::Bulk,
        Self::Drop,
        Self::Withhold,
        Self::Replay,
        Self::Lie,
        Self::RecordTwin,
        Self::RecordLie,
        Self::Reseal,
    ];

    /// The switch of this act.
    pub fn fault(self) -> Fault {
        match self {
            Self::Forge => Fault::ForgedBallots,
            Self::AfterClose => Fault::RogueAfterClose,
            Self::Gap => Fault::RogueGap,
            Self::Twins => Fault::RogueTwins,
            Self::Sheet => Fault::RogueSheet,
            Self::Count => Fault::RogueCount,
            Self::Signatures => Fault::RogueSignatures,
            Self::Flood => Fault::RogueFlood,
            Self::Bulk => Fault::RogueBulk,
            Self::Drop => Fault::CourierDrops,
            Self::Withhold => Fault::CourierWithholds,
            Self::Replay => Fault::CourierReplays,
            Self::Lie => Fault::CourierLies,
            Self::RecordTwin => Fault::RecordTwin,
            Self::RecordLie => Fault::RecordLiar,
            Self::Reseal => Fault::ResealedRecord,
        }
    }

    fn is_courier(self) -> bool {
        matches!(self, Self::Drop | Self::Withhold | Self::Replay | Self::Lie | Self::Reseal)
    }
}

/// One malicious device.
pub struct Rogue {
    pub act: Act,
    pub unit: usize,
    pub key: SecretKey,
    pub device: DeviceId,
    pub number: u32,
    pub last: Option<EnvelopeId>,
    certificate: Option<SignedCertificate>,
    bag: Vec<Message>,
    acts: u64,
}

impl Rogue {
    pub fn new(act: Act, unit: usize, key: SecretKey) -> Self {
        let device = DeviceId([0; 16]);
        Self { act, unit, key, device, certificate: None, number: 0, last: None, bag: Vec::new(), acts: 0 }
    }
}

impl Rogue {
    /// A run of its program, another each time it acts.
    pub fn run(&self) -> [u8; 8] {
        self.acts.to_be_bytes()
    }

    /// Its certificate.
    pub fn certificate(&self) -> Option<&SignedCertificate> {
        self.certificate.as_ref()
    }
}

impl World {
    /// The office certifies it like any other.
    pub(super) fn enrol_rogue(&mut self, mut rogue: Rogue) {
        let own = if rogue.act.is_courier() { Vec::new() } else { vec![rogue.unit] };
        let scope = if own.is_empty() {
            Scope::Courier
        } else {
            Scope::Units(vec![self.round.units[rogue.unit].code.clone()])
        };
        let claim = Certificate {
            package: self.round.package.hash(),
            sign: rogue.key.public(),
            seal: [9; 32],
            scope,
            label: format!("rogue {}", rogue.act.fault()),
        };
        rogue.device = claim.device();
        let signed = Signed::sign(claim, &self.round.centre);
        self.net.borrow_mut().centre.books.certificates.insert(rogue.device, signed.clone());
        rogue.certificate = Some(signed);
        self.note_scope(rogue.device, own);
        self.truth.rogues.insert(rogue.device);
        self.rogues.push(rogue);
        self.centre_backup = self.net.borrow().centre.books.clone();
    }

    /// It acts once.
    pub(super) fn rogue_acts(&mut self, at: usize) {
        self.rogues[at].acts += 1;
        let (act, unit) = (self.rogues[at].act, self.rogues[at].unit);
        let purpose = format!("rogue {} {}", act.fault(), self.rogues[at].acts);
        let mut chance = Chance::of(self.plan.seed, &purpose);
        if act == Act::Bulk && (self.rogues[at].acts > 1 || !chance.hits(400)) {
            // One bulk in some worlds shows all there is to see; more would only take time.
            return;
        }
        self.notes.say("rogue", || format!("{}", act.fault()));
        if act.is_courier() {
            return self.bad_courier(at, &mut chance);
        }
        if matches!(act, Act::RecordTwin | Act::RecordLie) {
            return self.lies_in_record(at, &mut chance);
        }
        let records = self.rogue_records(act, unit, &mut chance);
        // Who meant to copy a ballot may find none to copy.
        if act != Act::Forge || !records.is_empty() {
            self.notes.fired(act.fault());
        }
        let envelopes = self.rogue_envelopes(at, records, &mut chance);
        let claimed = |bytes: &Vec<u8>| {
            let object = Unverified::<Envelope>::decode(bytes).expect("it was just signed");
            object.claim().unit.clone()
        };
        let code = envelopes.first().map_or_else(|| self.round.units[unit].code.clone(), claimed);
        let certificate = self.rogues[at].certificate.iter();
        let certificate = certificate.map(|c| Item::new(ItemKind::Certificate, c.bytes()));
        let envelopes = envelopes.iter().map(|bytes| Item::new(ItemKind::Envelope, bytes.as_slice()));
        let give: Vec<Item> = certificate.chain(envelopes).collect();
        let first = Message::new(self.round.package.hash(), code);
        let (forwards, backwards) = (cut(&first, &mut give.iter()), cut(&first, &mut give.iter().rev()));
        // To the centre, to a tablet, or both, in one order or the other.
        let to = chance.below(self.bodies.len());
        match chance.below(3) {
            0 => forwards.iter().for_each(|message| self.rogue_request(at, message)),
            1 => forwards.iter().for_each(|message| self.rogue_parcel(to, message)),
            _ => {
                backwards.iter().for_each(|message| self.rogue_parcel(to, message));
                forwards.iter().for_each(|message| self.rogue_request(at, message));
            }
        }
    }

    pub(super) fn rogue_parcel(&mut self, to: usize, message: &Message) {
        self.parcels += 1;
        let number = self.parcels;
        let bytes = cbor::encode(message);
        self.after(1, super::Event::Parcel { to, bytes, number, answer_to: None });
    }

    pub(super) fn rogue_request(&mut self, at: usize, message: &Message) {
        let rogue = &self.rogues[at];
        let mut nonce = [0; 8];
        rng_for(self.plan.seed, &format!("nonce {at} {}", rogue.acts)).fill_bytes(&mut nonce);
        let certificate = rogue.certificate.as_ref().map(|c| c.bytes().to_vec());
        let request = Request { device: rogue.device, nonce, certificate, message: cbor::encode(message) };
        let body = Signed::sign(request, &rogue.key).into_bytes();
        drop(self.net.borrow_mut().deliver(&body));
    }

    /// A courier that is not what it seems: it takes what a tablet hands over, and does as it likes.
    fn bad_courier(&mut self, at: usize, chance: &mut Chance) {
        let from = chance.below(self.bodies.len());
        let Some(tablet) = &self.bodies[from].tablet else { return };
        let units = tablet.held_units();
        let taken: Vec<Message> =
            units.iter().flat_map(|unit| tablet.hand_over(unit).unwrap_or_default()).collect();
        let act = self.rogues[at].act;
        let happens = |world: &Self, message: &Message| {
            if message.give.iter().any(|item| item.kind == ItemKind::Envelope) {
                world.notes.fired(act.fault());
            }
        };
        match act {
            // What it was given is never seen again.
            Act::Drop => taken.iter().for_each(|message| happens(self, message)),
            Act::Reseal => self.reseals(at, taken, chance),
            Act::Withhold => {
                let held_back = std::mem::replace(&mut self.rogues[at].bag, taken);
                for message in held_back {
                    happens(self, &message);
                    self.rogue_request(at, &message);
                }
            }
            Act::Replay => {
                let other = self.round.units[chance.below(self.round.units.len())].code.clone();
                for mut message in taken {
                    if message.unit != other {
                        happens(self, &message);
                    }
                    message.unit = other.clone();
                    let to = chance.below(self.bodies.len());
                    self.rogue_parcel(to, &message);
                    self.rogue_request(at, &message);
                }
            }
            _ => {
                // It says that it has all that it saw and threw away, and some that nobody ever sealed.
                for message in taken {
                    happens(self, &message);
                    let envelopes = message.give.iter().filter(|item| item.kind == ItemKind::Envelope);
                    let mut ids: Vec<EnvelopeId> = envelopes
                        .filter_map(|item| Unverified::<Envelope>::decode(&item.bytes).ok())
                        .map(|object| EnvelopeId(object.id()))
                        .collect();
                    ids.push(EnvelopeId([0xee; 32]));
                    ids.sort();
                    ids.dedup();
                    let mut lie = Message::new(message.package, message.unit.clone());
                    lie.have = Some(Have { envelopes: ids, records: Vec::new() });
                    self.rogue_parcel(from, &lie);
                    self.rogue_request(at, &lie);
                }
            }
        }
    }
}

/// Its items in messages of a size that is taken. What our own programs cut by is under test.
fn cut(first: &Message, give: &mut dyn Iterator<Item = &Item>) -> Vec<Message> {
    let mut messages = vec![first.clone()];
    let mut size = 0;
    for item in give {
        size += item.bytes.len();
        if size > MESSAGE_MAX - 16 * 1024 {
            size = item.bytes.len();
            messages.push(first.clone());
        }
        messages.last_mut().expect("it begins with one").give.push(item.clone());
    }
    messages
}
