//! What malicious devices sign: ballots that nobody cast, and envelopes that no program of ours would seal.

use super::World;
use super::rogue::{Act, Rogue};
use crate::chance::Chance;
use crate::truth::Made;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use rand_core::Rng;
use sha2::{Digest, Sha512};
use sync_core::ballot::{Claim, Form, Marks, Place, Record, record_len, seal};
use sync_core::cbor::{self, Writer};
use sync_core::cose::{SecretKey, Signed, SignedKind};
use sync_core::envelope::{BALLOTS_MAX_BYTES, Batch, Envelope, SignedEnvelope};
use sync_core::id::{DeviceId, EnvelopeId, Nullifier, PackageHash, SheetHash, UnitCode};
use sync_core::message::MESSAGE_MAX;
use sync_core::package::{Sheet, Voting};
use sync_core::permit::PermitCode;

/// Envelopes of one flood: more than may wait.
const FLOOD: u32 = 300;
/// Envelopes of one bulk: with all else that belongs to them longer than a message may be.
const BULK: u32 = 2;
const _: () = assert!(BULK as usize * BALLOTS_MAX_BYTES >= MESSAGE_MAX);

impl World {
    /// Records for its envelopes. What is made is noted in the truth.
    pub(super) fn rogue_records(&mut self, act: Act, unit: usize, chance: &mut Chance) -> Vec<Record> {
        let sheet = self.round.units[unit].first.clone();
        let count = match act {
            Act::Forge => 1 + chance.below(4),
            Act::Bulk => return self.noise_records(&sheet, BALLOTS_MAX_BYTES / sheet.record_len(), chance),
            _ => usize::from(act == Act::Twins) + chance.below(2),
        };
        let mut records: Vec<Record> = (0..count)
            .filter_map(|_| match chance.below(4) {
                0 => Some(self.unfit_record(unit, &sheet, false, chance)),
                1 => Some(self.unfit_record(unit, &sheet, true, chance)),
                2 => self.copied_record(&sheet, chance),
                _ => Some(self.noise_record(&sheet, chance)),
            })
            .collect();
        records.sort();
        records.dedup();
        records
    }

    /// A ballot for no permit, or under one that was seen, with a claim that does not fit; where voting is attended
    /// mostly one that nothing tells from a real one.
    fn unfit_record(&mut self, unit: usize, sheet: &Sheet, seen: bool, chance: &mut Chance) -> Record {
        let known: Vec<&Vec<u8>> = self.truth.records.keys().collect();
        let mut nullifier = Nullifier([0; 16]);
        if seen && !known.is_empty() {
            nullifier.0.copy_from_slice(&chance.pick(&known)[..16]);
        } else {
            chance.rng().fill_bytes(&mut nullifier.0);
        }
        let attended = self.round.units[unit].voting == Voting::Attended;
        let lines: Vec<Option<u8>> = sheet.officials.iter().map(|_| Some(0)).collect();
        let (claim, made) = if attended && chance.hits(700) {
            (Claim::Attended, Made::Counted(unit, sheet.hash(), lines.clone()))
        } else {
            (Claim::Permit(PermitCode::draw(chance.rng())), Made::WrongClaim(unit, sheet.hash()))
        };
        let package = self.round.package.hash();
        let place = Place { package: &package, unit: &sheet.unit, sheet: &sheet.hash() };
        let form = Form { officials: sheet.officials.len(), levels: crate::round::LEVELS };
        let key = self.round.package.value().keys.box_key;
        let record = seal(&claim, &nullifier, &Marks::new(lines), form, place, &key, chance.rng());
        let record = record.expect("marks of the form");
        self.truth.records.insert(record.as_bytes().to_vec(), made);
        record
    }

    /// A copy of a ballot that passed by.
    fn copied_record(&self, sheet: &Sheet, chance: &mut Chance) -> Option<Record> {
        let fits = |bytes: &&Vec<u8>| bytes.len() == sheet.record_len();
        let seen: Vec<&Vec<u8>> = self.truth.records.keys().filter(fits).collect();
        if seen.is_empty() { None } else { Record::from_slice(chance.pick::<&Vec<u8>>(&seen)) }
    }

    fn noise_records(&mut self, sheet: &Sheet, count: usize, chance: &mut Chance) -> Vec<Record> {
        let mut records: Vec<Record> = (0..count).map(|_| self.noise_record(sheet, chance)).collect();
        records.sort();
        records
    }

    fn noise_record(&mut self, sheet: &Sheet, chance: &mut Chance) -> Record {
        let mut bytes = vec![0; sheet.record_len()];
        chance.rng().fill_bytes(&mut bytes);
        self.truth.records.insert(bytes.clone(), Made::Noise);
        Record::from_slice(&bytes).expect("the length of a record")
    }

    /// Signed envelopes of the kind it sends, as bytes.
    pub(super) fn rogue_envelopes(
        &mut self,
        at: usize,
        records: Vec<Record>,
        chance: &mut Chance,
    ) -> Vec<Vec<u8>> {
        let own = &self.round.units[self.rogues[at].unit];
        let other = &self.round.units[(self.rogues[at].unit + 1) % self.round.units.len()];
        let record_len = own.first.record_len();
        let pen = Pen {
            package: self.round.package.hash(),
            unit: own.code.clone(),
            sheet: own.first.hash(),
            other: (other.code.clone(), other.first.hash()),
            ballots: Batch::new(record_len, records).expect("records of one length"),
        };
        pen.envelopes(&mut self.rogues[at], chance)
    }
}

/// What all envelopes of one act have in common.
struct Pen {
    package: PackageHash,
    unit: UnitCode,
    sheet: SheetHash,
    other: (UnitCode, SheetHash),
    ballots: Batch,
}

impl Pen {
    fn envelopes(&self, rogue: &mut Rogue, chance: &mut Chance) -> Vec<Vec<u8>> {
        match rogue.act {
            Act::AfterClose => {
                let close = self.next(rogue, |envelope| envelope.total = Some(0));
                let after = self.next(rogue, |_| ());
                vec![close.into_bytes(), after.into_bytes()]
            }
            Act::Gap => vec![self.gap(rogue, chance).into_bytes()],
            Act::Twins => {
                let before = (rogue.number, rogue.last);
                let empty = self.ballots.is_empty();
                let one = self.next(rogue, |envelope| envelope.total = empty.then_some(1));
                (rogue.number, rogue.last) = before;
                let two = self.next(rogue, |envelope| envelope.total = Some(7));
                vec![one.into_bytes(), two.into_bytes()]
            }
            Act::Sheet => vec![self.elsewhere(rogue, chance).into_bytes()],
            Act::Count => vec![self.next(rogue, |envelope| envelope.total = Some(1_000_000)).into_bytes()],
            Act::Signatures => {
                let one = self.next(rogue, |_| ());
                let two = signed_again(&one, &rogue.key);
                vec![one.into_bytes(), two]
            }
            // Of a device that nobody certified: they can only wait.
            Act::Flood => {
                (rogue.number, rogue.last) = (0, None);
                let stranger = |envelope: &mut Envelope| envelope.device = DeviceId([0xfe; 16]);
                (0..FLOOD).map(|_| self.next(rogue, stranger).into_bytes()).collect()
            }
            Act::Bulk => (0..BULK).map(|_| self.next(rogue, |_| ()).into_bytes()).collect(),
            _ => vec![self.next(rogue, |_| ()).into_bytes()],
        }
    }

    /// The next envelope of its chain, changed as it likes, and signed with its real key.
    fn next(&self, rogue: &mut Rogue, change: impl FnOnce(&mut Envelope)) -> SignedEnvelope {
        rogue.number += 1;
        let mut envelope = Envelope {
            package: self.package,
            unit: self.unit.clone(),
            sheet: self.sheet,
            device: rogue.device,
            number: rogue.number,
            previous: rogue.last,
            total: self.ballots.is_empty().then_some(0),
            ballots: self.ballots.clone(),
        };
        change(&mut envelope);
        let signed = Signed::sign(envelope, &rogue.key);
        rogue.number = signed.value().number;
        rogue.last = Some(signed.envelope_id());
        signed
    }

    /// Numbers left out, or a link to an envelope that never was.
    fn gap(&self, rogue: &mut Rogue, chance: &mut Chance) -> SignedEnvelope {
        let nowhere = EnvelopeId([3; 32]);
        let skip = u32::try_from(chance.below(3)).expect("small");
        let wrong_link = chance.hits(500);
        self.next(rogue, |envelope| {
            envelope.number += skip;
            let keep = envelope.previous.filter(|_| !wrong_link);
            // Only number 1 follows on nothing; the format knows no other.
            envelope.previous = (envelope.number > 1).then_some(keep.unwrap_or(nowhere));
        })
    }

    /// Under an unknown sheet, another unit's sheet, for another unit, or with ballots of another length.
    fn elsewhere(&self, rogue: &mut Rogue, chance: &mut Chance) -> SignedEnvelope {
        let (unit, sheet) = &self.other;
        // Where there is no other unit, its sheet would be the right one.
        let kind = match chance.below(4) {
            kind @ 1..=2 if *unit == self.unit => 3 * (kind - 1),
            kind => kind,
        };
        self.next(rogue, |envelope| match kind {
            0 => envelope.sheet = SheetHash([8; 32]),
            1 => envelope.sheet = *sheet,
            2 => {
                envelope.unit = unit.clone();
                envelope.sheet = *sheet;
            }
            _ => {
                envelope.ballots = Batch::new(record_len(50), Vec::new()).expect("an empty batch");
                envelope.total = Some(0);
            }
        })
    }
}

/// The same envelope under another good signature of the same key: Ed25519 with another nonce.
fn signed_again(envelope: &SignedEnvelope, key: &SecretKey) -> Vec<u8> {
    let seed = key.seed();
    let expanded: [u8; 64] = Sha512::digest(seed.as_ref()).into();
    let mut other = ExpandedSecretKey::from_bytes(&expanded);
    other.hash_prefix = [0x77; 32];
    let payload = cbor::encode(envelope.value());
    let mut w = Writer::new();
    w.array(4)
        .text("Signature1")
        .bytes(&[0xa1, 0x01, 0x27])
        .bytes(Envelope::DOMAIN.as_bytes())
        .bytes(&payload);
    let verifying = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    let signature = raw_sign::<Sha512>(&other, &w.finish(), &verifying);
    let mut bytes = envelope.bytes().to_vec();
    let at = bytes.len() - 64;
    bytes[at..].copy_from_slice(&signature.to_bytes());
    bytes
}
