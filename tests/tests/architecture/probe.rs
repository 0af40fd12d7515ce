//! Reaches what a browser tablet will use, so that the linker keeps it. Each export takes its input from a buffer that
//! is filled byte by byte: no pointer crosses the border.
//!
//! What of Automerge stands here is what every tablet runs: writing a change again to compare its hash. The export of a
//! record as a document is reached by `document_probe.rs`.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use sync_core::ballot::{Claim, Form, Marks, Place, seal};
use sync_core::id::{PackageHash, UnitCode};
use sync_core::message::Message;
use sync_core::package::{Package, Sheet, Voting};
use sync_core::permit::{PermitCode, look_up};
use sync_core::record::{Ground, Language, Taken, Votes, reconcile};
use sync_core::replica::Replica;
use sync_core::secret::Share;

static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[unsafe(no_mangle)]
pub extern "C" fn put(byte: u8) {
    INPUT.lock().unwrap().push(byte);
}

fn input() -> Vec<u8> {
    std::mem::take(&mut INPUT.lock().unwrap())
}

/// Seals a blank ballot on the sheet that was put.
#[unsafe(no_mangle)]
pub extern "C" fn seal_ballot(seed: u64, random: u64) -> usize {
    let mut rng = ChaCha20Rng::seed_from_u64(seed ^ random);
    let Ok(sheet) = sync_core::cbor::decode::<Sheet>(&input()) else { return 0 };
    let code = PermitCode::draw(&mut rng);
    let Ok(nullifier) = look_up(&code, &sheet) else { return 1 };
    let hash = sheet.hash();
    let place = Place { package: &PackageHash([0; 32]), unit: &sheet.unit, sheet: &hash };
    let form = Form { officials: sheet.officials.len(), levels: 3 };
    let marks = Marks::new(vec![None; form.officials]);
    seal(&Claim::Permit(code), &nullifier, &marks, form, place, &[9; 32], &mut rng)
        .map_or(2, |record| record.as_bytes().len())
}

/// A replica of the message that was put after a package of `package_len` bytes.
fn merged(package_len: usize) -> Option<Replica> {
    let input = input();
    let (package, message) = input.split_at_checked(package_len)?;
    let package = Package::open(package).ok()?;
    let message = sync_core::cbor::decode::<Message>(message).ok()?;
    let mut replica = Replica::new(&package, &message.unit)?;
    for item in &message.give {
        replica.apply(item);
    }
    Some(replica)
}

/// Merges the message that was put after a package of `package_len` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn merge_message(package_len: usize) -> usize {
    merged(package_len).map_or(0, |replica| replica.canonical_bytes().len())
}

/// Takes the record's changes of the message that was put, into a record of their own too, and reconciles it.
#[unsafe(no_mangle)]
pub extern "C" fn reconcile_record(package_len: usize, collected: u32) -> usize {
    let Some(replica) = merged(package_len) else { return 0 };
    let theirs = replica.record();
    let mut record = sync_core::record::Record::new(*theirs.package(), theirs.unit().clone());
    let new = theirs.changes().filter(|change| record.take((*change).clone()) == Taken::New).count();
    let revoked = BTreeSet::new();
    let ground = Ground {
        sheet: replica.sheet(),
        voting: Voting::Permit,
        tablets: BTreeMap::new(),
        revoked: &revoked,
        votes: Some(Votes { collected }),
    };
    let texts = reconcile(&record, &ground).iter().map(|found| found.text(Language::Vietnamese).len()).sum::<usize>();
    new + texts + record.versions().len() + record.document_heads().len()
}

/// Opens, checks and counts the bundle that was put, with the shares on its first lines.
#[unsafe(no_mangle)]
pub extern "C" fn verify_bundle(lines: usize) -> usize {
    let input = input();
    let mut parts = input.splitn(lines + 1, |byte| *byte == b'\n');
    let shares: Vec<Share> = parts
        .by_ref()
        .take(lines)
        .filter_map(|line| Share::parse(std::str::from_utf8(line).ok()?).ok())
        .collect();
    let bundle = parts.next().unwrap_or_default();
    sync_core::verify::verify(bundle, &shares, &mut |_, _| {}).map_or(0, |report| report.ballots)
}

/// The unit code that was put is one.
#[unsafe(no_mangle)]
pub extern "C" fn is_unit() -> bool {
    std::str::from_utf8(&input()).is_ok_and(|text| UnitCode::new(text).is_ok())
}
