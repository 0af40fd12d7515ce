//! A unit's team at its meeting: tablets that write one record together.

use super::{Tablet, World, permit_unit};
use sync_core::centre::{Admission, Admitted, Certificates};
use sync_core::cose::{PublicKey, SecretKey, Signed};
use sync_core::id::{DeviceId, PackageHash, SheetHash, UnitCode};
use sync_core::message::{Item, ItemKind, Outcome, RecordHead};
use sync_core::record::{
    Act, Actor, ChangeHash, Entry, EntryRef, FigureKind, Member, PersonId, Post, Record, RecordChange,
    SignedChange, State, Taken, Writer,
};
use sync_core::replica::Replica;

/// People of the story; the sheet names nobody of them.
pub const LAN: &str = "Giàng Thị Lan";
pub const MINH: &str = "Vàng Mí Minh";
pub const HOA: &str = "Lò Thị Hoa";

/// The unit, and what its tablets write into.
pub struct Team {
    pub world: World,
    pub package: PackageHash,
    pub unit: UnitCode,
    pub sheet: SheetHash,
}

/// A tablet in one run of its program.
pub struct Pen {
    pub tablet: Tablet,
    pub writer: Writer,
    place: (PackageHash, UnitCode, SheetHash),
}

impl Team {
    /// A team in a unit of a dozen voters.
    pub fn new(seed: u64) -> Self {
        let world = World::new(seed, &[permit_unit(12, 2), permit_unit(5, 1)]);
        let (package, unit, sheet) = (world.package(), world.units[0].code.clone(), world.units[0].sheet);
        Self { world, package, unit, sheet }
    }

    /// A new tablet, in its first run.
    pub fn pen(&mut self) -> Pen {
        let tablet = self.world.enrol(0);
        let place = (self.package, self.unit.clone(), self.sheet);
        Pen { writer: Writer::new(Actor::new(&tablet.device, [1; 8])), tablet, place }
    }

    /// A record in which nothing was noted.
    pub fn record(&self) -> Record {
        Record::new(self.package, self.unit.clone())
    }

    /// A record with these changes, taken one after the other.
    pub fn record_of<'a>(&self, changes: impl IntoIterator<Item = &'a SignedChange>) -> Record {
        let mut record = self.record();
        take_all(&mut record, changes);
        record
    }
}

impl Pen {
    /// The next change, with these entries.
    pub fn write(&mut self, entries: Vec<Entry>) -> SignedChange {
        let (package, unit, sheet) = &self.place;
        self.writer.write((package, unit, sheet), entries, &self.tablet.key).expect("entries that fit")
    }

    /// The next change, with one entry.
    pub fn note(&mut self, person: &str, act: Act) -> SignedChange {
        self.write(vec![noted(person, act)])
    }

    /// A copy that stands where this one stands: what is restored from a backup without a new run.
    pub fn copy(&self) -> Self {
        Self { tablet: self.tablet.twin(), writer: self.writer.clone(), place: self.place.clone() }
    }

    /// The same tablet, started again.
    pub fn restarted(&self, run: u8) -> Self {
        let writer = Writer::new(Actor::new(&self.tablet.device, [run; 8]));
        Self { writer, ..self.copy() }
    }

    /// The same tablet under another sheet.
    pub fn under(&self, sheet: SheetHash) -> Self {
        let mut copy = self.copy();
        copy.place.2 = sheet;
        copy
    }

    /// The tablet's id.
    pub fn device(&self) -> DeviceId {
        self.tablet.device
    }
}

/// Signs a change after somebody changed it, as a liar with a good key does.
pub fn forged(change: &SignedChange, key: &SecretKey, lie: impl FnOnce(&mut RecordChange)) -> SignedChange {
    let mut value = change.value().clone();
    lie(&mut value);
    Signed::sign(value, key)
}

/// Memory that refusing may take, however much the bytes announce; what they hold themselves comes on top.
pub const MEMORY: u64 = 64 * 1024;

/// A tablet of the unit with the certificate of every device.
pub fn replica(team: &Team) -> Replica {
    let mut replica = Replica::new(&team.world.archive.package, &team.unit).expect("its unit");
    for certificate in &team.world.archive.certificates {
        replica.apply(&Item::new(ItemKind::Certificate, certificate.bytes()));
    }
    replica
}

/// The certificates that the centre has.
pub struct Known<'a>(pub &'a Team);

impl Certificates for Known<'_> {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        let mut certificates = self.0.world.archive.certificates.iter();
        certificates.find(|c| c.value().device() == *device).map(|c| c.value().sign)
    }
}

/// What the centre says of an item.
pub fn judged(team: &Team, item: &Item) -> Result<Admitted, Outcome> {
    let centre = &team.world.archive.package.value().centre;
    Admission { package: &team.package, unit: &team.unit, centre }.judge(item, &Known(team))
}

/// An entry without a moment.
pub fn noted(person: &str, act: Act) -> Entry {
    Entry { person: PersonId::of(person), at: None, act }
}

/// An act: a figure.
pub fn figure(kind: FigureKind, value: u32) -> Act {
    Act::Figure { kind, value }
}

/// An act: the committee with its chair and head.
pub fn committee(chair: &str, head: &str) -> Act {
    let mut members = vec![
        Member { post: Post::MeetingChair, name: chair.to_owned() },
        Member { post: Post::CountingHead, name: head.to_owned() },
    ];
    members.sort();
    Act::Committee { members }
}

/// An act: these entries are settled, and one of them holds.
pub fn settle(entries: &[EntryRef], holds: EntryRef) -> Act {
    let mut entries = entries.to_vec();
    entries.sort_unstable();
    Act::Settle { entries, holds }
}

/// Where the entry of a change stands.
pub fn place(change: &SignedChange, index: u8) -> EntryRef {
    EntryRef { actor: change.value().actor, sequence: change.value().sequence, index }
}

/// Takes changes as a replica does: what waits is tried again while anything comes of it. Gives what was new.
pub fn take_all<'a>(
    record: &mut Record,
    changes: impl IntoIterator<Item = &'a SignedChange>,
) -> Vec<SignedChange> {
    let mut waiting: Vec<&SignedChange> = changes.into_iter().collect();
    let mut new = Vec::new();
    loop {
        let before = waiting.len();
        waiting.retain(|change| match record.take((*change).clone()) {
            Taken::New => {
                new.push((*change).clone());
                false
            }
            Taken::WaitsForPredecessor => true,
            Taken::AlreadyHere => false,
            Taken::Refused(outcome) => panic!("refused: {outcome:?}"),
        });
        if waiting.len() == before || waiting.is_empty() {
            return new;
        }
    }
}

/// Everything by which two records may differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub bytes: Vec<Vec<u8>>,
    pub heads: Vec<RecordHead>,
    pub document: Vec<ChangeHash>,
    pub state: State,
}

/// What a record amounts to.
pub fn look(record: &Record) -> Look {
    Look {
        bytes: record.changes().map(|change| change.bytes().to_vec()).collect(),
        heads: record.heads(),
        document: record.document_heads(),
        state: record.state(),
    }
}
