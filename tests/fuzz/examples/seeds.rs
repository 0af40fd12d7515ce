//! Writes the seeds of every target into `corpus`: `cargo run --manifest-path tests/fuzz/Cargo.toml --example seeds`.
//!
//! They are the samples, and a few composed of them that no sample is: what many devices send at once, and rounds
//! with later orders. The same bytes are written each time; what a campaign has added stays.

use homphieu_fuzz::common::World;
use homphieu_fuzz::common::samples::small_round;
use homphieu_fuzz::{samples, target_of};
use std::fs;
use std::path::Path;
use sync_core::cbor;
use sync_core::message::{Item, ItemKind, Message};
use sync_core::order::Ruling;

fn main() {
    for sample in samples() {
        let target = target_of(sample.name).expect("a target for every sample");
        write(target, sample.name, &sample.bytes);
    }
    let message = everything();
    write("message", "message-everything", &message);
    write("bundle", "bundle-twice-opened", &twice_opened());
}

fn write(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join(name), bytes).expect("the file can be written");
}

/// A message that gives every sample a message may carry.
fn everything() -> Vec<u8> {
    let empty = samples().iter().find(|sample| sample.name == "message-empty").expect("a sample");
    let mut message: Message = cbor::decode(&empty.bytes).expect("a message");
    let kinds = [
        ("certificate", ItemKind::Certificate),
        ("envelope", ItemKind::Envelope),
        ("receipt", ItemKind::Receipt),
        ("record-change", ItemKind::RecordChange),
        ("revocation", ItemKind::Revocation),
        ("round-statement", ItemKind::RoundStatement),
        ("sealed-changes", ItemKind::SealedRecordChange),
        ("sheet", ItemKind::Sheet),
        ("sheet-replacement", ItemKind::SheetReplacement),
    ];
    for (target, kind) in kinds {
        let of_kind = samples().iter().filter(|sample| target_of(sample.name) == Some(target));
        message.give.extend(of_kind.map(|sample| Item::new(kind, sample.bytes.clone())));
    }
    cbor::encode(&message)
}

/// A round with a revoked tablet, a replaced sheet, a decision, and a second order after late ballots.
fn twice_opened() -> Vec<u8> {
    let mut world: World = small_round();
    let mut late = world.enrol(0);
    world.open_all();
    world.replace_sheet(0, sync_core::package::PermitChange::Kept, |sheet| sheet.team.clear());
    let ballots: Vec<_> = (5..7).map(|slip| world.ballot(0, slip, &[Some(0), None])).collect();
    let envelope = world.send(&mut late, ballots, true);
    world.revoke(late.device);
    world.order(&[(0, Ruling::Admit(envelope.envelope_id()))]);
    world.count();
    world.archive.to_bytes()
}
