//! Reaches what a browser tablet will use, so that the linker keeps it. Each export takes its input from a buffer that
//! is filled byte by byte: no pointer crosses the border.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::sync::Mutex;
use sync_core::ballot::{Claim, Form, Marks, Place, seal};
use sync_core::id::{PackageHash, UnitCode};
use sync_core::message::Message;
use sync_core::package::{Package, Sheet};
use sync_core::permit::{PermitCode, look_up};
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

/// Merges the message that was put after a package of `package_len` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn merge_message(package_len: usize) -> usize {
    let input = input();
    let Some((package, message)) = input.split_at_checked(package_len) else { return 0 };
    let Ok(package) = Package::open(package) else { return 1 };
    let Ok(message) = sync_core::cbor::decode::<Message>(message) else { return 2 };
    let Some(mut replica) = Replica::new(&package, &message.unit) else { return 3 };
    for item in &message.give {
        replica.apply(item);
    }
    replica.canonical_bytes().len()
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
