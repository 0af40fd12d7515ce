//! The replica of one unit: grow-only sets of signed things, merged by union.
//!
//! Applying the same items in any order, any number of times, in any grouping, gives the same replica. Nothing is
//! judged on arrival but form, signature and belonging; what is held and what is missing is read from the set
//! ([`Replica::survey`]).
//!
//! A round statement ends that for what it lists: these envelopes leave, in whatever order both came, and never come
//! back. So do receipts that cover nothing else, and the sheets with their names, which nobody needs in a finished
//! round. Everything that no statement lists stays.

use crate::cbor::{self, Writer};
use crate::cose::{PublicKey, Signed, SignedKind, Unverified};
use crate::device::{Revocation, SignedCertificate};
use crate::envelope::{Envelope, SignedEnvelope};
use crate::id::{DeviceId, EnvelopeId, PackageHash, SheetHash, UnitCode};
use crate::message::{Have, Item, ItemKind, Outcome};
use crate::package::{Package, Sheet, SheetReplacement, current_sheet};
use crate::planted::{self, Bug};
use crate::receipt::{IDS_MAX, Receipt, RoundStatement};
use crate::record::{Record, RecordChange, SealedChanges, Taken};
use crate::survey::{Header, Survey, UnitFacts, survey};
use std::collections::{BTreeMap, BTreeSet};

/// Most items that wait for something they need.
pub const WAITING_MAX: usize = 256;
/// Most bytes that wait.
pub const WAITING_MAX_BYTES: usize = 2 * 1024 * 1024;

/// Most lists of sealed record changes that are carried for others, and their bytes.
pub const CARRIED_MAX: usize = 256;
/// Most bytes of sealed record changes that are carried.
pub const CARRIED_MAX_BYTES: usize = 4 * 1024 * 1024;

/// What a unit's tablet, or a courier for that unit, knows.
#[derive(Debug, Clone)]
pub struct Replica {
    package: PackageHash,
    centre: PublicKey,
    /// The device id under which the centre itself writes in records.
    centre_device: DeviceId,
    unit: UnitCode,
    first_sheet: SheetHash,
    sheets: BTreeMap<SheetHash, Sheet>,
    replacements: BTreeMap<[u8; 32], Signed<SheetReplacement>>,
    certificates: BTreeMap<[u8; 32], SignedCertificate>,
    revocations: BTreeMap<[u8; 32], Signed<Revocation>>,
    envelopes: BTreeMap<EnvelopeId, SignedEnvelope>,
    receipts: BTreeMap<[u8; 32], Signed<Receipt>>,
    statements: BTreeMap<[u8; 32], Signed<RoundStatement>>,
    record: Record,
    /// Record changes sealed to somebody, by their bytes: carried, never read here.
    carried: BTreeSet<Vec<u8>>,
    carried_bytes: usize,
    waiting: BTreeMap<Vec<u8>, ItemKind>,
    waiting_bytes: usize,
}

/// What applying an item did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is new here and now part of the replica: store it.
    New,
    /// It was here already, which is success.
    AlreadyHere,
    /// It is kept aside until something it needs arrives.
    Waits,
    /// It is refused and changed nothing.
    Refused(Outcome),
}

impl Replica {
    /// An empty replica of a unit; `None` if the package does not have the unit.
    pub fn new(package: &Signed<Package>, unit: &UnitCode) -> Option<Self> {
        let entry = package.value().unit(unit)?;
        Some(Self {
            package: package.hash(),
            centre: package.value().centre.sign,
            centre_device: package.value().centre.device(),
            unit: unit.clone(),
            first_sheet: entry.sheet,
            sheets: BTreeMap::new(),
            replacements: BTreeMap::new(),
            certificates: BTreeMap::new(),
            revocations: BTreeMap::new(),
            envelopes: BTreeMap::new(),
            receipts: BTreeMap::new(),
            statements: BTreeMap::new(),
            record: Record::new(package.hash(), unit.clone()),
            carried: BTreeSet::new(),
            carried_bytes: 0,
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
        })
    }

    /// The unit.
    pub fn unit(&self) -> &UnitCode {
        &self.unit
    }

    /// Takes an item. Items that waited for it are taken with it and returned, so that they can be stored too.
    pub fn apply(&mut self, item: &Item) -> (Applied, Vec<Item>) {
        let applied = self.take(item);
        match applied {
            // Nothing waits for an envelope or for what is carried, and for a record change only others.
            Applied::New if item.kind == ItemKind::RecordChange => (applied, self.wake_changes()),
            Applied::New if !matches!(item.kind, ItemKind::Envelope | ItemKind::SealedRecordChange) => {
                (applied, self.wake())
            }
            Applied::Waits => (self.set_aside(item), Vec::new()),
            _ => (applied, Vec::new()),
        }
    }

    /// Takes back an item that was taken before and stored by this very program. A record change is not written again
    /// to compare hashes, and one whose predecessor is gone waits for it.
    pub fn restore(&mut self, item: &Item) -> Applied {
        let applied = match item.kind {
            ItemKind::RecordChange => self.take_change(&item.bytes, true),
            _ => return self.apply(item).0,
        };
        if applied == Applied::Waits { self.set_aside(item) } else { applied }
    }

    fn take(&mut self, item: &Item) -> Applied {
        if self.was_checked(item) {
            return Applied::AlreadyHere;
        }
        match item.kind {
            ItemKind::Sheet => self.take_sheet(&item.bytes),
            ItemKind::SheetReplacement => {
                let belongs = |value: &SheetReplacement| (value.package, Some(&value.unit).cloned());
                match self.check(&item.bytes, belongs) {
                    Ok(_) if self.is_finished() => Applied::AlreadyHere,
                    Ok(signed) => insert(&mut self.replacements, signed),
                    Err(outcome) => Applied::Refused(outcome),
                }
            }
            ItemKind::Certificate => {
                match self.check::<crate::device::Certificate>(&item.bytes, |value| (value.package, None)) {
                    Ok(signed) => insert(&mut self.certificates, signed),
                    Err(outcome) => Applied::Refused(outcome),
                }
            }
            ItemKind::Revocation => {
                match self.check::<Revocation>(&item.bytes, |value| (value.package, None)) {
                    Ok(signed) => insert(&mut self.revocations, signed),
                    Err(outcome) => Applied::Refused(outcome),
                }
            }
            ItemKind::Receipt => {
                let belongs = |value: &Receipt| (value.package, Some(value.unit.clone()));
                match self.check(&item.bytes, belongs) {
                    Ok(signed) if self.covers_nothing_else(signed.value()) => Applied::AlreadyHere,
                    Ok(signed) => insert(&mut self.receipts, signed),
                    Err(outcome) => Applied::Refused(outcome),
                }
            }
            ItemKind::RoundStatement => self.take_statement(&item.bytes),
            ItemKind::Envelope => self.take_envelope(&item.bytes),
            ItemKind::RecordChange => self.take_change(&item.bytes, false),
            ItemKind::SealedRecordChange => self.carry(&item.bytes),
            ItemKind::Package => Applied::Refused(Outcome::NotTaken),
        }
    }

    /// A change of the record, signed by the device that its writer names.
    fn take_change(&mut self, bytes: &[u8], stored: bool) -> Applied {
        let object = match Unverified::<RecordChange>::decode(bytes) {
            Ok(object) => object,
            Err(error) => return Applied::Refused(Outcome::from(&error)),
        };
        let claim = object.claim();
        if let Err(outcome) = self.belongs(&claim.package, &claim.unit) {
            return Applied::Refused(outcome);
        }
        if self.record.holds(&claim.actor, claim.sequence, bytes) {
            return Applied::AlreadyHere;
        }
        let Some(key) = self.key_of(&claim.actor.device()) else { return Applied::Waits };
        let Ok(change) = object.verify(&key) else { return Applied::Refused(Outcome::BadSignature) };
        if planted::is(Bug::RecordRefusesRevoked) && self.revoked().contains(&change.value().actor.device()) {
            return Applied::Refused(Outcome::NotTaken);
        }
        let taken = if stored { self.record.restore(change) } else { self.record.take(change) };
        match taken {
            Taken::New => Applied::New,
            Taken::AlreadyHere => Applied::AlreadyHere,
            Taken::WaitsForPredecessor => Applied::Waits,
            Taken::Refused(outcome) => Applied::Refused(outcome),
        }
    }

    fn carry(&mut self, bytes: &[u8]) -> Applied {
        let sealed: SealedChanges = match cbor::decode(bytes) {
            Ok(sealed) => sealed,
            Err(error) => return Applied::Refused(Outcome::from(&error)),
        };
        if let Err(outcome) = self.belongs(&sealed.package, &sealed.unit) {
            return Applied::Refused(outcome);
        }
        if self.carried.len() >= CARRIED_MAX || self.carried_bytes + bytes.len() > CARRIED_MAX_BYTES {
            return Applied::Refused(Outcome::TooMany);
        }
        self.carried_bytes += bytes.len();
        self.carried.insert(bytes.to_vec());
        Applied::New
    }

    /// Whether something that names a package and a unit is of this world.
    fn belongs(&self, package: &PackageHash, unit: &UnitCode) -> Result<(), Outcome> {
        match () {
            () if *package != self.package => Err(Outcome::OtherPackage),
            () if *unit != self.unit => Err(Outcome::OtherUnit),
            () => Ok(()),
        }
    }

    /// Whether these very bytes are here. Everything is handed over again and again, and reading it and checking its
    /// signature takes longer than all the rest. (A record change is looked for by its number, once that is read.)
    fn was_checked(&self, item: &Item) -> bool {
        match item.kind {
            ItemKind::SheetReplacement => is_among(&self.replacements, &item.bytes),
            ItemKind::Certificate => is_among(&self.certificates, &item.bytes),
            ItemKind::Revocation => is_among(&self.revocations, &item.bytes),
            ItemKind::Receipt => is_among(&self.receipts, &item.bytes),
            ItemKind::SealedRecordChange => self.carried.contains(&item.bytes),
            _ => false,
        }
    }

    fn take_statement(&mut self, bytes: &[u8]) -> Applied {
        let belongs = |value: &RoundStatement| {
            let unit = (!planted::is(Bug::TakesForeignStatement)).then(|| value.unit.clone());
            (value.package, unit)
        };
        let signed = match self.check(bytes, belongs) {
            Ok(signed) => signed,
            Err(outcome) => return Applied::Refused(outcome),
        };
        let applied = insert(&mut self.statements, signed);
        let gone: Vec<EnvelopeId> = self.envelopes.keys().filter(|id| self.is_listed(id)).copied().collect();
        for id in gone {
            self.envelopes.remove(&id);
        }
        let receipts = std::mem::take(&mut self.receipts);
        self.receipts =
            receipts.into_iter().filter(|(_, receipt)| !self.covers_nothing_else(receipt.value())).collect();
        self.sheets.clear();
        self.replacements.clear();
        applied
    }

    fn covers_nothing_else(&self, receipt: &Receipt) -> bool {
        self.is_finished() && receipt.envelopes.iter().all(|id| self.is_listed(id))
    }

    /// Reads something the centre signed for this package (and unit, where it names one).
    fn check<T: SignedKind>(
        &self,
        bytes: &[u8],
        belongs: impl FnOnce(&T) -> (PackageHash, Option<UnitCode>),
    ) -> Result<Signed<T>, Outcome> {
        let object = Unverified::<T>::decode(bytes).map_err(|error| Outcome::from(&error))?;
        let (package, unit) = belongs(object.claim());
        self.belongs(&package, unit.as_ref().unwrap_or(&self.unit))?;
        #[cfg(feature = "planted-bugs")]
        if planted::is(Bug::TakesForgedStatement) && T::DOMAIN == RoundStatement::DOMAIN {
            return Ok(object.believe());
        }
        object.verify(&self.centre).map_err(|_| Outcome::BadSignature)
    }

    fn take_sheet(&mut self, bytes: &[u8]) -> Applied {
        let sheet: Sheet = match cbor::decode(bytes) {
            Ok(sheet) => sheet,
            Err(error) => return Applied::Refused(Outcome::from(&error)),
        };
        if sheet.unit != self.unit {
            return Applied::Refused(Outcome::OtherUnit);
        }
        if self.is_finished() {
            return Applied::AlreadyHere;
        }
        let hash = sheet.hash();
        if !self.sheet_hashes().contains(&hash) {
            return Applied::Waits;
        }
        match self.sheets.insert(hash, sheet) {
            None => Applied::New,
            Some(_) => Applied::AlreadyHere,
        }
    }

    fn take_envelope(&mut self, bytes: &[u8]) -> Applied {
        let object = match Unverified::<Envelope>::decode(bytes) {
            Ok(object) => object,
            Err(error) => return Applied::Refused(Outcome::from(&error)),
        };
        let claim = object.claim();
        if let Err(outcome) = self.belongs(&claim.package, &claim.unit) {
            return Applied::Refused(outcome);
        }
        let id = EnvelopeId(object.id());
        if self.is_listed(&id) && !planted::is(Bug::TakesBackDeleted) {
            return Applied::AlreadyHere;
        }
        if planted::is(Bug::FirstBytesStay) && self.envelopes.contains_key(&id) {
            return Applied::AlreadyHere;
        }
        let same_number =
            |e: &SignedEnvelope| e.value().device == claim.device && e.value().number == claim.number;
        if planted::is(Bug::KnowsByNumber) && self.envelopes.values().any(same_number) {
            return Applied::AlreadyHere;
        }
        let lacks = |previous: &EnvelopeId| !self.envelopes.contains_key(previous);
        if planted::is(Bug::RefusesWithoutPredecessor) && claim.previous.as_ref().is_some_and(lacks) {
            return Applied::Refused(Outcome::WaitsForPredecessor);
        }
        // Equal bytes need no second check. The same content under another good signature is the same envelope; the
        // smaller bytes stay, so that every replica ends with the same.
        if self.envelopes.get(&id).is_some_and(|known| known.bytes() <= bytes) {
            return Applied::AlreadyHere;
        }
        let Some(key) = self.key_of(&claim.device) else { return Applied::Waits };
        match object.verify(&key) {
            Ok(envelope) => {
                self.envelopes.insert(id, envelope);
                Applied::New
            }
            Err(_) => Applied::Refused(Outcome::BadSignature),
        }
    }

    fn set_aside(&mut self, item: &Item) -> Applied {
        if self.waiting.contains_key(&item.bytes) {
            return Applied::Waits;
        }
        if item.bytes.len() > WAITING_MAX_BYTES {
            return Applied::Refused(Outcome::TooMany);
        }
        // Nothing that waits has a receipt, so its sender still has it. Making room keeps a flood of junk from
        // shutting everybody else out for good.
        while !planted::is(Bug::WaitsWithoutBound)
            && (self.waiting.len() >= WAITING_MAX
                || self.waiting_bytes + item.bytes.len() > WAITING_MAX_BYTES)
        {
            let Some((bytes, _)) = self.waiting.pop_first() else { break };
            self.waiting_bytes -= bytes.len();
        }
        self.waiting_bytes += item.bytes.len();
        self.waiting.insert(item.bytes.clone(), item.kind);
        Applied::Waits
    }

    /// Tries everything that waits, again and again while a change of the record comes of it: another may follow on it.
    fn wake(&mut self) -> Vec<Item> {
        let mut woken = Vec::new();
        loop {
            self.waiting_bytes = 0;
            let before = woken.len();
            for (bytes, kind) in std::mem::take(&mut self.waiting) {
                let item = Item { kind, bytes };
                match self.take(&item) {
                    Applied::New if planted::is(Bug::WakesWithoutStoring) => {}
                    Applied::New => woken.push(item),
                    Applied::Waits => {
                        self.set_aside(&item);
                    }
                    Applied::AlreadyHere | Applied::Refused(_) => {}
                }
            }
            if !woken[before..].iter().any(|item| item.kind == ItemKind::RecordChange) {
                return woken;
            }
        }
    }

    fn wake_changes(&mut self) -> Vec<Item> {
        if self.waiting.values().any(|kind| *kind == ItemKind::RecordChange) {
            self.wake()
        } else {
            Vec::new()
        }
    }

    /// Takes everything another replica of the unit holds.
    pub fn merge(&mut self, other: &Self) {
        for item in other.items() {
            self.apply(&item);
        }
    }

    /// Everything here as items, in an order in which nothing has to wait.
    pub fn items(&self) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let replacements = self.replacements.values().map(Signed::bytes);
        items.extend(replacements.map(|bytes| Item::new(ItemKind::SheetReplacement, bytes)));
        items.extend(self.sheets.values().map(|sheet| Item::new(ItemKind::Sheet, cbor::encode(sheet))));
        items.extend(self.certificates.values().map(|c| Item::new(ItemKind::Certificate, c.bytes())));
        items.extend(self.revocations.values().map(|r| Item::new(ItemKind::Revocation, r.bytes())));
        items.extend(self.envelopes.values().map(|e| Item::new(ItemKind::Envelope, e.bytes())));
        items.extend(self.receipts.values().map(|r| Item::new(ItemKind::Receipt, r.bytes())));
        items.extend(self.statements());
        items.extend(self.record.changes().map(|c| Item::new(ItemKind::RecordChange, c.bytes())));
        items.extend(self.carried());
        items.extend(self.waiting.iter().map(|(bytes, kind)| Item::new(*kind, bytes.as_slice())));
        items
    }

    /// The whole replica in one encoding: equal replicas, and only those, have equal bytes.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new();
        let mut items: Vec<_> = self.items().into_iter().map(|item| (item.kind, item.bytes)).collect();
        items.sort_unstable();
        w.list(&items, |w, (kind, bytes)| {
            w.array(2).uint(*kind as u64).bytes(bytes);
        });
        w.finish()
    }

    /// Names what is here, for the other side. With more than [`IDS_MAX`] envelopes it names the first so many; what
    /// is then given twice does no harm.
    pub fn have(&self) -> Have {
        let envelopes = self.envelopes.keys().take(IDS_MAX).copied().collect();
        Have { envelopes, records: self.record.heads() }
    }

    /// The unit's record as far as it is here.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Sealed record changes that are carried for others.
    pub fn carried(&self) -> impl Iterator<Item = Item> {
        self.carried.iter().map(|bytes| Item::new(ItemKind::SealedRecordChange, bytes.as_slice()))
    }

    /// How many items wait for something they need, and their bytes: at most [`WAITING_MAX`] and
    /// [`WAITING_MAX_BYTES`].
    pub fn waiting(&self) -> (usize, usize) {
        (self.waiting.len(), self.waiting_bytes)
    }

    /// Whether a statement of the centre says that the round is finished for this unit.
    pub fn is_finished(&self) -> bool {
        !self.statements.is_empty()
    }

    /// Whether a statement lists an envelope: whatever is left of it here may be deleted.
    pub fn is_listed(&self, id: &EnvelopeId) -> bool {
        self.statements.values().any(|statement| statement.value().envelopes.binary_search(id).is_ok())
    }

    /// The round statements, by id. There is one, unless the centre finished the round again after it was restored.
    pub fn statements(&self) -> impl Iterator<Item = Item> {
        self.statements.values().map(|s| Item::new(ItemKind::RoundStatement, s.bytes()))
    }

    /// Whether an item of this unit that was taken once may be deleted from where it is stored: it is an envelope
    /// that a statement lists, a receipt that covers nothing else, or a sheet in a finished round. Nothing may that
    /// cannot be read.
    pub fn may_delete(&self, item: &Item) -> bool {
        if !self.is_finished() {
            return false;
        }
        match item.kind {
            ItemKind::Sheet | ItemKind::SheetReplacement => true,
            ItemKind::Envelope if planted::is(Bug::DeletesUnlisted) => true,
            ItemKind::Envelope => {
                let object = Unverified::<Envelope>::decode(&item.bytes);
                object.is_ok_and(|object| self.is_listed(&EnvelopeId(object.id())))
            }
            ItemKind::Receipt => {
                let object = Unverified::<Receipt>::decode(&item.bytes);
                object.is_ok_and(|object| self.covers_nothing_else(object.claim()))
            }
            ItemKind::Package
            | ItemKind::Certificate
            | ItemKind::Revocation
            | ItemKind::RecordChange
            | ItemKind::SealedRecordChange
            | ItemKind::RoundStatement => false,
        }
    }

    /// Whether an envelope is here.
    pub fn holds(&self, id: &EnvelopeId) -> bool {
        self.envelopes.contains_key(id)
    }

    /// Envelopes, by id.
    pub fn envelopes(&self) -> impl Iterator<Item = &SignedEnvelope> {
        self.envelopes.values()
    }

    /// Receipts, by id.
    pub fn receipts(&self) -> impl Iterator<Item = &Signed<Receipt>> {
        self.receipts.values()
    }

    /// Ids that some receipt covers.
    pub fn confirmed(&self) -> BTreeSet<EnvelopeId> {
        self.receipts.values().flat_map(|receipt| &receipt.value().envelopes).copied().collect()
    }

    /// The sheet that holds, if it is here.
    pub fn sheet(&self) -> Option<&Sheet> {
        self.sheets.get(&self.current_sheet())
    }

    /// Hash of the sheet that holds.
    pub fn current_sheet(&self) -> SheetHash {
        current_sheet(self.first_sheet, self.replacements.values())
    }

    /// Items that go with an envelope wherever it is not known that the reader has them: its author's certificates.
    pub fn certificates_of(&self, device: &DeviceId) -> Vec<Item> {
        let of_device = self.certificates.values().filter(|c| c.value().device() == *device);
        of_device.map(|c| Item::new(ItemKind::Certificate, c.bytes())).collect()
    }

    /// Certificates, by id.
    pub fn certificates(&self) -> impl Iterator<Item = &SignedCertificate> {
        self.certificates.values()
    }

    /// Devices that are revoked.
    pub fn revoked(&self) -> BTreeSet<DeviceId> {
        self.revocations.values().map(|revocation| revocation.value().device).collect()
    }

    /// What is held here and what is missing.
    pub fn survey(&self) -> Survey {
        let covers = |c: &&SignedCertificate| c.value().scope.covers(&self.unit);
        survey(&UnitFacts {
            centre: Some(self.centre_device),
            sheets: self.sheets.iter().map(|(hash, sheet)| (*hash, sheet.record_len())).collect(),
            current: Some(self.current_sheet()),
            certified: self.certificates.values().filter(covers).map(|c| c.value().device()).collect(),
            revoked: self.revocations.values().map(|r| r.value().device).collect(),
            at_close: None,
            envelopes: self.envelopes.values().map(Header::from).collect(),
            papers: BTreeSet::new(),
        })
    }

    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        if *device == self.centre_device {
            return Some(self.centre);
        }
        // Every certificate of a device has the same keys, for the id is their hash.
        self.certificates.values().find(|c| c.value().device() == *device).map(|c| c.value().sign)
    }

    fn sheet_hashes(&self) -> BTreeSet<SheetHash> {
        let replaced = self.replacements.values().map(|r| r.value().new);
        std::iter::once(self.first_sheet).chain(replaced).collect()
    }
}

fn is_among<T: SignedKind>(set: &BTreeMap<[u8; 32], Signed<T>>, bytes: &[u8]) -> bool {
    set.values().any(|known| known.bytes() == bytes)
}

fn insert<T: SignedKind>(set: &mut BTreeMap<[u8; 32], Signed<T>>, signed: Signed<T>) -> Applied {
    match set.entry(signed.id()) {
        std::collections::btree_map::Entry::Occupied(known) if known.get().bytes() <= signed.bytes() => {
            Applied::AlreadyHere
        }
        std::collections::btree_map::Entry::Occupied(mut known) => {
            known.insert(signed);
            Applied::New
        }
        std::collections::btree_map::Entry::Vacant(slot) => {
            slot.insert(signed);
            Applied::New
        }
    }
}
