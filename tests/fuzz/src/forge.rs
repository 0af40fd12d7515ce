//! Signing again what was changed, so that hostile contents get past the signatures that would stop them.
//!
//! Whoever holds a key can sign anything: a certified tablet its envelopes, the centre its orders. Here all keys are
//! known. A reference that leads nowhere (to an envelope, a device, a sheet) is turned to one that is there, chosen
//! by its first byte, because no mutation would ever hit upon a hash.

use crate::common::World;
use std::collections::BTreeMap;
use sync_core::bundle::Bundle;
use sync_core::cbor::{self, FormatError, Reader};
use sync_core::cose::{SecretKey, Signed, SignedKind, Unverified};
use sync_core::count::RoundResult;
use sync_core::device::{Certificate, Revocation, SignedCertificate};
use sync_core::envelope::{Envelope, SignedEnvelope};
use sync_core::id::{DeviceId, EnvelopeId, PackageHash, SheetHash};
use sync_core::message::{Item, ItemKind};
use sync_core::order::{OpeningOrder, Ruling, UnitOrder};
use sync_core::package::{Sheet, SheetReplacement};
use sync_core::receipt::{Receipt, RoundStatement};
use sync_core::record::{Actor, RecordChange, SignedChange, Writer};

/// Signs for everybody in a round.
pub struct Forge<'a> {
    world: &'a World,
    package: PackageHash,
    /// Devices as they were, and as they are with keys that are known here.
    devices: BTreeMap<DeviceId, (DeviceId, u8)>,
    envelopes: Vec<EnvelopeId>,
    sheets: Vec<SheetHash>,
}

/// What is here already, or else something that is, by the first byte.
fn turn<T: PartialEq + Copy>(wanted: T, byte: u8, here: &[T]) -> T {
    match here.len() {
        0 => wanted,
        _ if here.contains(&wanted) => wanted,
        len => here[usize::from(byte) % len],
    }
}

fn claim<T: SignedKind + Clone>(bytes: &[u8]) -> Option<T> {
    Unverified::<T>::decode(bytes).ok().map(|object| object.claim().clone())
}

fn claims<T: SignedKind + Clone>(list: &[Vec<u8>]) -> impl Iterator<Item = T> {
    list.iter().filter_map(|bytes| claim(bytes))
}

impl<'a> Forge<'a> {
    /// Knows the sheets of the round, but no device yet.
    pub fn new(world: &'a World) -> Self {
        let sheets = world.archive.sheets.keys().copied().collect();
        Self { world, package: world.package(), devices: BTreeMap::new(), envelopes: Vec::new(), sheets }
    }

    fn device(&self, wanted: DeviceId) -> DeviceId {
        let here: Vec<_> = self.devices.values().map(|(device, _)| *device).collect();
        let wanted = self.devices.get(&wanted).map_or(wanted, |(device, _)| *device);
        turn(wanted, wanted.0[0], &here)
    }

    fn envelope_id(&self, wanted: EnvelopeId) -> EnvelopeId {
        turn(wanted, wanted.0[0], &self.envelopes)
    }

    fn sheet_hash(&self, wanted: SheetHash) -> SheetHash {
        turn(wanted, wanted.0[0], &self.sheets)
    }

    /// Gives the device a key of ours, the same for the same device, and certifies it.
    pub fn certificate(&mut self, claim: Certificate) -> SignedCertificate {
        Signed::sign(self.adopt(claim), &self.world.centre)
    }

    /// Gives a device a key of ours.
    pub fn adopt(&mut self, mut claim: Certificate) -> Certificate {
        let next = u8::try_from(self.devices.len() % 250).expect("below 250") + 1;
        let (_, key) = *self.devices.entry(claim.device()).or_insert((claim.device(), next));
        let old = claim.device();
        claim.package = self.package;
        claim.sign = SecretKey::from_seed(&[key; 32]).public();
        self.devices.insert(old, (claim.device(), key));
        claim
    }

    /// Signs an envelope as its device, or as one that is here.
    pub fn envelope(&mut self, mut claim: Envelope) -> SignedEnvelope {
        claim.package = self.package;
        claim.device = self.device(claim.device);
        claim.sheet = self.sheet_hash(claim.sheet);
        claim.previous = claim.previous.map(|id| self.envelope_id(id));
        let key =
            self.devices.values().find(|(device, _)| *device == claim.device).map_or(1, |(_, key)| *key);
        let signed = Signed::sign(claim, &SecretKey::from_seed(&[key; 32]));
        self.envelopes.push(signed.envelope_id());
        signed
    }

    fn revocation(&self, mut claim: Revocation) -> Signed<Revocation> {
        claim.package = self.package;
        claim.device = self.device(claim.device);
        Signed::sign(claim, &self.world.centre)
    }

    fn replacement(&self, mut claim: SheetReplacement) -> Signed<SheetReplacement> {
        claim.package = self.package;
        claim.old = self.sheet_hash(claim.old);
        claim.new = self.sheet_hash(claim.new);
        Signed::sign(claim, &self.world.centre)
    }

    fn receipt(&self, mut claim: Receipt) -> Signed<Receipt> {
        claim.package = self.package;
        claim.envelopes = sorted(claim.envelopes.iter().map(|id| self.envelope_id(*id)));
        Signed::sign(claim, &self.world.centre)
    }

    fn round_statement(&self, mut claim: RoundStatement) -> Signed<RoundStatement> {
        claim.package = self.package;
        claim.envelopes = sorted(claim.envelopes.iter().map(|id| self.envelope_id(*id)));
        Signed::sign(claim, &self.world.centre)
    }

    /// Writes changes of a record as their writers would have, in the order of their numbers. Two with one number become
    /// twins; one with a number too high becomes the next.
    pub fn record_changes(&self, mut claims: Vec<RecordChange>) -> Vec<SignedChange> {
        claims.sort_by_key(|claim| claim.sequence);
        let mut writers: BTreeMap<Actor, Vec<Writer>> = BTreeMap::new();
        let written = claims.into_iter().map(|claim| {
            let mut run = [0; 8];
            run.copy_from_slice(&claim.actor.0[16..]);
            let actor = Actor::new(&self.device(claim.actor.device()), run);
            let known = self.devices.values().find(|(device, _)| *device == actor.device());
            let key = SecretKey::from_seed(&[known.map_or(1, |(_, key)| *key); 32]);
            let states = writers.entry(actor).or_insert_with(|| vec![Writer::new(actor)]);
            let at = (claim.sequence as usize - 1).min(states.len() - 1);
            let mut writer = states[at].clone();
            let place = (&self.package, &self.world.units[0].code, &claim.sheet);
            let signed = writer.write(place, claim.entries, &key).expect("what was read can be written");
            if at + 1 == states.len() {
                states.push(writer);
            }
            signed
        });
        written.collect()
    }

    /// Items as they would be if those who may sign them had.
    pub fn items(&mut self, give: &[Item]) -> Vec<Item> {
        let sheets = give.iter().filter(|item| item.kind == ItemKind::Sheet);
        let sheets = sheets.filter_map(|item| cbor::decode::<Sheet>(&item.bytes).ok());
        self.sheets.extend(sheets.map(|sheet| sheet.hash()));
        let mut forged = give.to_vec();
        for item in forged.iter_mut().filter(|item| item.kind == ItemKind::Certificate) {
            if let Some(claim) = claim(&item.bytes) {
                item.bytes = self.certificate(claim).into_bytes();
            }
        }
        let mut envelopes: Vec<(&mut Item, Envelope)> = forged
            .iter_mut()
            .filter(|item| item.kind == ItemKind::Envelope)
            .filter_map(|item| claim(&item.bytes).map(|claim| (item, claim)))
            .collect();
        // Each is linked to one before it.
        envelopes.sort_by_key(|(_, claim)| claim.number);
        for (item, claim) in envelopes {
            item.bytes = self.envelope(claim).into_bytes();
        }
        let changes = give.iter().filter(|item| item.kind == ItemKind::RecordChange);
        let changes = changes.filter_map(|item| claim(&item.bytes)).collect();
        forged.retain(|item| item.kind != ItemKind::RecordChange);
        let changes = self.record_changes(changes);
        forged.extend(changes.iter().map(|change| Item::new(ItemKind::RecordChange, change.bytes())));
        for item in &mut forged {
            let again = match item.kind {
                ItemKind::Revocation => claim(&item.bytes).map(|claim| self.revocation(claim).into_bytes()),
                ItemKind::SheetReplacement => {
                    claim(&item.bytes).map(|claim| self.replacement(claim).into_bytes())
                }
                ItemKind::Receipt => claim(&item.bytes).map(|claim| self.receipt(claim).into_bytes()),
                ItemKind::RoundStatement => {
                    claim(&item.bytes).map(|claim| self.round_statement(claim).into_bytes())
                }
                _ => None,
            };
            item.bytes = again.unwrap_or(std::mem::take(&mut item.bytes));
        }
        forged
    }

    /// The frame of a bundle with every part signed anew, without orders and results; these come along as claims.
    pub fn bundle(&mut self, bytes: &[u8]) -> Option<(Bundle, Vec<OpeningOrder>, Vec<RoundResult>)> {
        let [sheets, replacements, certificates, revocations, envelopes, orders, results] =
            lists(bytes).ok()?;
        let mut bundle = Bundle::new(self.world.archive.package.clone());
        bundle.sheets = self.world.archive.sheets.clone();
        let sheets: Vec<Sheet> = sheets.iter().filter_map(|bytes| cbor::decode(bytes).ok()).collect();
        let new = sheets.into_iter().filter(|sheet| !bundle.sheets.contains_key(&sheet.hash()));
        // A sheet that is not the first of its unit needs a replacement that names it.
        for (sheet, mut named) in new.zip(claims::<SheetReplacement>(&replacements)).collect::<Vec<_>>() {
            (named.unit, named.new) = (sheet.unit.clone(), sheet.hash());
            self.sheets.push(sheet.hash());
            bundle.replacements.push(self.replacement(named));
            bundle.add_sheet(sheet);
        }
        bundle.certificates = claims(&certificates).map(|claim| self.certificate(claim)).collect();
        bundle.revocations = claims(&revocations).map(|claim| self.revocation(claim)).collect();
        let mut envelopes: Vec<Envelope> = claims(&envelopes).collect();
        envelopes.sort_by_key(|claim| claim.number);
        envelopes.into_iter().for_each(|claim| bundle.add_envelope(self.envelope(claim)));
        Some((bundle, claims(&orders).collect(), claims(&results).collect()))
    }

    /// Signs the next order of a bundle. Units that it lacks get an empty part.
    pub fn order(&self, bundle: &Bundle, mut claim: OpeningOrder) -> Signed<OpeningOrder> {
        let before = bundle.orders.last();
        claim.package = self.package;
        claim.number = before.map_or(1, |order| order.value().number + 1);
        claim.previous_order = before.map(Signed::digest);
        claim.previous_result = bundle.results.last().map(Signed::digest);
        let mut given = claim.units.into_iter();
        let units = bundle.package.value().units.iter().map(|entry| {
            let empty = UnitOrder {
                unit: entry.code.clone(),
                sheet: entry.sheet,
                tablets: Vec::new(),
                revoked: Vec::new(),
                admitted: Vec::new(),
                left_out: Vec::new(),
                decisions: Vec::new(),
                papers: Vec::new(),
            };
            UnitOrder { unit: entry.code.clone(), ..given.next().unwrap_or(empty) }
        });
        claim.units = units.map(|unit| self.unit_order(bundle, unit)).collect();
        Signed::sign(claim, &self.world.centre)
    }

    fn unit_order(&self, bundle: &Bundle, mut unit: UnitOrder) -> UnitOrder {
        let of_unit = bundle.envelopes.values().filter(|envelope| envelope.value().unit == unit.unit);
        let here: Vec<EnvelopeId> = of_unit.map(Signed::envelope_id).collect();
        let id = |id: EnvelopeId| turn(id, id.0[0], &here);
        let sheets: Vec<_> = bundle.sheets.iter().filter(|(_, sheet)| sheet.unit == unit.unit).collect();
        let sheets: Vec<SheetHash> = sheets.into_iter().map(|(hash, _)| *hash).collect();
        unit.sheet = turn(unit.sheet, unit.sheet.0[0], &sheets);
        unit.tablets = sorted(unit.tablets.iter().map(|device| self.device(*device)));
        unit.revoked = sorted(unit.revoked.iter().map(|device| self.device(*device)));
        unit.admitted = sorted(unit.admitted.iter().map(|wanted| id(*wanted)));
        let left_out: BTreeMap<_, _> =
            unit.left_out.into_iter().map(|(wanted, why)| (id(wanted), why)).collect();
        unit.left_out = left_out.into_iter().filter(|(id, _)| !unit.admitted.contains(id)).collect();
        for decision in &mut unit.decisions {
            decision.ruling = match decision.ruling {
                Ruling::Admit(wanted) => Ruling::Admit(id(wanted)),
                Ruling::LeaveOut(wanted) => Ruling::LeaveOut(id(wanted)),
                gap @ Ruling::WriteOff(_) => gap,
            };
        }
        unit.decisions.sort();
        unit.decisions.dedup_by(|a, b| a.ruling == b.ruling);
        unit.papers.clear();
        unit
    }

    /// Signs a result for the last order of a bundle, as trustees who lie together could.
    pub fn result(&self, bundle: &Bundle, mut claim: RoundResult) -> Option<Signed<RoundResult>> {
        let order = bundle.orders.last()?;
        claim.package = self.package;
        claim.number = order.value().number;
        claim.order = order.digest();
        claim.previous = bundle.results.last().map(Signed::digest);
        for unit in &mut claim.units {
            let of_unit = bundle.sheets.iter().filter(|(_, sheet)| sheet.unit == unit.unit);
            let sheets: Vec<SheetHash> = of_unit.map(|(hash, _)| *hash).collect();
            unit.sheet = turn(unit.sheet, unit.sheet.0[0], &sheets);
        }
        Some(Signed::sign(claim, &self.world.secret.result_key(&self.world.round)))
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items.dedup();
    items
}

/// The lists in a bundle's frame, whatever is in them.
fn lists(bytes: &[u8]) -> Result<[Vec<Vec<u8>>; 7], FormatError> {
    let mut r = Reader::new(bytes);
    r.array(10, "bundle")?;
    r.text(64, "bundle")?;
    r.u32(u32::MAX, "bundle")?;
    r.bytes(bytes.len(), "bundle")?;
    let mut lists: [Vec<Vec<u8>>; 7] = Default::default();
    for list in &mut lists {
        *list = r.list(1_000, "bundle", |r| Ok(r.bytes(bytes.len(), "bundle")?.to_vec()))?;
    }
    Ok(lists)
}
