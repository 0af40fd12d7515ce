//! Devices that lie in a record, with real keys: what a tablet would never write, and the truth about it.

use super::World;
use super::rogue::Act as RogueAct;
use crate::chance::Chance;
use crate::round::person_name;
use crate::truth::Written;
use std::collections::BTreeSet;
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::id::DeviceId;
use sync_core::message::{Item, ItemKind, Message};
use sync_core::package::VOTERS_MAX;
use sync_core::record::{
    Act, Actor, ChangeHash, Entry, EntryRef, FigureKind, Finding, FindingCode, PersonId, Reader,
    SealedChanges, SignedChange, Subject, Writer,
};

impl World {
    /// A device writes in a record what no tablet would.
    pub(super) fn lies_in_record(&mut self, at: usize, chance: &mut Chance) {
        let (act, unit) = (self.rogues[at].act, self.rogues[at].unit);
        let (one, two) = match act {
            RogueAct::RecordTwin => self.two_with_one_number(at, unit, chance),
            _ => {
                let changes = self.lies(at, unit, chance);
                (changes.clone(), changes)
            }
        };
        self.notes.fired(act.fault());
        let to = chance.below(self.bodies.len());
        // One side hears this, the other that; which first, nobody knows.
        if chance.hits(500) {
            self.record_request(at, &one);
            self.record_parcel(at, to, &two, chance);
        } else {
            self.record_parcel(at, to, &one, chance);
            self.record_request(at, &two);
        }
    }

    fn two_with_one_number(
        &mut self,
        at: usize,
        unit: usize,
        chance: &mut Chance,
    ) -> (Vec<SignedChange>, Vec<SignedChange>) {
        let mut writer = self.false_writer(at);
        let figure = |value| entry(unit, Act::Figure { kind: FigureKind::Present, value });
        let first = self.signs(at, unit, &mut writer, vec![join(unit)]);
        let mut twin = writer.clone();
        let mut one = vec![first.clone(), self.signs(at, unit, &mut writer, vec![figure(3)])];
        let two = vec![first, self.signs(at, unit, &mut twin, vec![figure(5)])];
        if chance.hits(500) {
            one.push(self.signs(at, unit, &mut writer, vec![entry(unit, Act::CheckIn { voter: 1 })]));
        }
        (one, two)
    }

    fn lies(&mut self, at: usize, unit: usize, chance: &mut Chance) -> Vec<SignedChange> {
        let mut writer = self.false_writer(at);
        match chance.below(6) {
            0 => vec![self.wrong_hash(at, unit, writer)],
            1 => {
                // In the name of a tablet whose key it does not have.
                let foreign = self.bodies[chance.below(self.bodies.len())].device;
                let mut writer = Writer::new(Actor::new(&foreign, self.rogues[at].run()));
                let change = self.sign_only(at, unit, &mut writer, vec![join(unit)]);
                self.truth.forged.insert(change.value().hash);
                vec![change]
            }
            2 => self.settles_in_a_circle(at, unit, writer),
            3 => {
                let device = DeviceId([0xab; 16]);
                let acts = [
                    Act::Figure { kind: FigureKind::Present, value: u32::MAX },
                    Act::CheckIn { voter: VOTERS_MAX },
                    Act::TabletTotal { device, total: u32::MAX },
                ];
                let entries = std::iter::once(join(unit)).chain(acts.map(|act| entry(unit, act)));
                vec![self.signs(at, unit, &mut writer, entries.chain([explains_itself(unit)]).collect())]
            }
            4 => {
                let other = (unit + 1) % self.round.units.len();
                let incident = Act::Incident { text: "Không có gì".to_owned() };
                vec![self.signs(at, other, &mut writer, vec![join(other), entry(other, incident)])]
            }
            _ => {
                // What it follows on nobody ever gets.
                drop(self.sign_only(at, unit, &mut writer, vec![join(unit)]));
                let change =
                    self.sign_only(at, unit, &mut writer, vec![entry(unit, Act::CheckIn { voter: 1 })]);
                self.truth.forged.insert(change.value().hash);
                vec![change]
            }
        }
    }

    fn wrong_hash(&mut self, at: usize, unit: usize, mut writer: Writer) -> SignedChange {
        let mut change = self.sign_only(at, unit, &mut writer, vec![join(unit)]).value().clone();
        change.hash = ChangeHash([0x66; 32]);
        self.truth.forged.insert(change.hash);
        Signed::sign(change, &self.rogues[at].key)
    }

    /// Two settlements that settle each other, and with them a figure that somebody else noted.
    fn settles_in_a_circle(&mut self, at: usize, unit: usize, mut writer: Writer) -> Vec<SignedChange> {
        let actor = writer.actor();
        let place = |sequence, index| EntryRef { actor, sequence, index };
        let figure = Act::Figure { kind: FigureKind::Present, value: 1 };
        let first = self.signs(at, unit, &mut writer, vec![join(unit), entry(unit, figure)]);
        let honest = self.truth.told.iter().find(|told| {
            told.unit == unit && matches!(told.entry.act, Act::Figure { kind: FigureKind::Present, .. })
        });
        let honest = honest.map(|told| told.place);
        let settle = |other: EntryRef| {
            let mut entries: Vec<EntryRef> = honest.into_iter().chain([place(1, 1), other]).collect();
            entries.sort_unstable();
            entry(unit, Act::Settle { entries, holds: place(1, 1) })
        };
        let second = vec![settle(place(2, 1)), settle(place(2, 0))];
        vec![first, self.signs(at, unit, &mut writer, second)]
    }

    fn false_writer(&self, at: usize) -> Writer {
        Writer::new(Actor::new(&self.rogues[at].device, self.rogues[at].run()))
    }

    /// Signs a change that anybody may take, and notes it in the truth.
    fn signs(&mut self, at: usize, unit: usize, writer: &mut Writer, entries: Vec<Entry>) -> SignedChange {
        let change = self.sign_only(at, unit, writer, entries);
        let value = change.value();
        let written = self.truth.written.entry((unit, value.actor, value.sequence)).or_default();
        written.push(Written { entries: value.entries.clone(), hash: value.hash });
        change
    }

    fn sign_only(&self, at: usize, unit: usize, writer: &mut Writer, entries: Vec<Entry>) -> SignedChange {
        let plan = &self.round.units[unit];
        let about = (&self.round.package.hash(), &plan.code, &plan.first.hash());
        writer.write(about, entries, &self.rogues[at].key).expect("few entries")
    }

    /// Tells the centre, as a tablet of the unit does.
    fn record_request(&mut self, at: usize, changes: &[SignedChange]) {
        let Some(first) = changes.first() else { return };
        let mut message = Message::new(self.round.package.hash(), first.value().unit.clone());
        message
            .give
            .extend(self.rogues[at].certificate().map(|c| Item::new(ItemKind::Certificate, c.bytes())));
        message.give.extend(changes.iter().map(|c| Item::new(ItemKind::RecordChange, c.bytes())));
        self.rogue_request(at, &message);
    }

    /// Tells a tablet or courier: sealed to it, and sometimes in clear, which nobody may take from a stranger.
    fn record_parcel(&mut self, at: usize, to: usize, changes: &[SignedChange], chance: &mut Chance) {
        let Some(first) = changes.first() else { return };
        let (package, unit) = (self.round.package.hash(), first.value().unit.clone());
        let device = self.bodies[to].device;
        let seal = self.net.borrow().centre.books.certificates.get(&device).map(|c| c.value().seal);
        let Some(seal) = seal else { return };
        let list = changes.iter().map(|change| change.bytes().to_vec()).collect();
        let sealed = SealedChanges::seal(&package, &unit, &Reader { device, seal }, list, chance.rng())
            .expect("a real key");
        let mut message = Message::new(package, unit);
        message
            .give
            .extend(self.rogues[at].certificate().map(|c| Item::new(ItemKind::Certificate, c.bytes())));
        message.give.push(Item::new(ItemKind::SealedRecordChange, cbor::encode(&sealed)));
        if chance.hits(300) {
            message.give.extend(changes.iter().map(|c| Item::new(ItemKind::RecordChange, c.bytes())));
        }
        self.rogue_parcel(to, &message);
    }

    /// A courier puts another unit's name on what it carries sealed.
    pub(super) fn reseals(&mut self, at: usize, taken: Vec<Message>, chance: &mut Chance) {
        let other = self.round.units[chance.below(self.round.units.len())].code.clone();
        for message in taken.into_iter().filter(|message| message.unit != other) {
            let mut renamed = Message::new(message.package, other.clone());
            for item in message.give.iter().filter(|item| item.kind == ItemKind::SealedRecordChange) {
                let mut sealed: SealedChanges = cbor::decode(&item.bytes).expect("a tablet sealed it");
                sealed.unit = other.clone();
                renamed.give.push(Item::new(item.kind, cbor::encode(&sealed)));
            }
            if !renamed.give.is_empty() {
                self.notes.fired(crate::fault::Fault::ResealedRecord);
                let to = chance.below(self.bodies.len());
                self.rogue_parcel(to, &renamed);
                self.rogue_request(at, &renamed);
            }
        }
    }
}

/// Who lies does so in the name of the chair.
fn entry(unit: usize, act: Act) -> Entry {
    Entry { person: PersonId::of(&person_name(unit, 0)), at: None, act }
}

fn join(unit: usize) -> Entry {
    entry(unit, Act::Join { name: person_name(unit, 0) })
}

/// Who noted a voter that no sheet has says oneself that this is in order.
fn explains_itself(unit: usize) -> Entry {
    let finding = Finding {
        code: FindingCode::VoterUnknown,
        subject: Subject::Voter(VOTERS_MAX),
        values: Vec::new(),
        involved: BTreeSet::new(),
        explained: None,
    };
    entry(unit, Act::Explain { finding: finding.key(), text: "Không sao".to_owned() })
}
