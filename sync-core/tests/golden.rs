//! Golden bytes: every format is fixed, to the byte, by a file that a second implementation can be tried on.
//!
//! `HOMPHIEU_BLESS=1 cargo test -p sync-core golden` writes the files anew. Before version 1 is frozen that is
//! a change of a format to be reviewed; afterwards a format only changes together with its version.

use crate::common::samples::{
    Sample, bundle_sample, other_samples, paper_samples, plain_samples, record_changes, record_story,
    signed_samples,
};
use crate::common::team::{HOA, LAN, figure};
use crate::common::{World, attended_unit, permit_unit};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use sync_core::fingerprint;
use sync_core::id::{PackageHash, UnitCode};
use sync_core::package::commitment;
use sync_core::record::document::genesis;
use sync_core::record::{Act, FigureKind, Finding, FindingCode, Minutes, PersonId, Subject};

/// Samples and derived values; written to their files where that was asked for.
static ALL: LazyLock<(Vec<Sample>, [String; 2])> = LazyLock::new(|| {
    let mut samples = signed_samples();
    samples.extend(plain_samples());
    samples.extend(other_samples());
    samples.push(bundle_sample());
    samples.extend(paper_samples());
    let derived = [derived(), derived_record()];
    if std::env::var_os("HOMPHIEU_BLESS").is_some() {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).expect("the folder can be made");
        for sample in &samples {
            fs::write(file_of(sample), hex(&sample.bytes)).expect("the file can be written");
        }
        for (file, derived) in derived_files().iter().zip(&derived) {
            fs::write(file, derived).expect("the file can be written");
        }
    }
    (samples, derived)
});

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn file_of(sample: &Sample) -> PathBuf {
    folder().join(format!("{}.hex", sample.name))
}

fn derived_files() -> [PathBuf; 2] {
    ["derived.txt", "derived-record.txt"].map(|name| folder().join(name))
}

/// Hashes, ids and other values that follow from the samples' contents; no file holds them as bytes of a format.
fn derived() -> String {
    let mut world = World::new(30, &[permit_unit(5, 2), attended_unit(4, 1)]);
    let tablet = world.enrol(0);
    let nullifier = world.nullifier(0, 0);
    let short = |bytes: [u8; 16]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let values = [
        ("package hash", world.package().to_string()),
        ("package hash as people compare it", fingerprint::line(&world.package().0)),
        ("round as people see it", world.round.uuid().to_string()),
        ("sheet hash", world.units[0].sheet.to_string()),
        ("device id of certificate.hex", tablet.device.to_string()),
        ("id of certificate.hex", tablet.certificate.digest().to_string()),
        ("nullifier of permit.hex in sheet.hex", short(nullifier.0)),
        ("its commitment", short(commitment(&nullifier).0)),
    ];
    values.map(|(name, value)| format!("{name}: {value}\n")).concat()
}

/// What follows from a record. If Automerge ever gives other hashes, the record needs a new version: a change written
/// by one release would be refused by the other.
fn derived_record() -> String {
    let (mut team, pen) = record_story();
    let changes = record_changes();
    let [first, second] = &changes;
    let record = team.record_of(&changes);
    let short = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let twins = [1, 2].map(|value| pen.copy().note(LAN, figure(FigureKind::Summoned, value)));
    let twins = team.record_of(&twins).heads()[0].hash;
    let one_more = team.pen().note(HOA, Act::Slip { voter: 1 });
    let heads = team.record_of([first, second, &one_more]).document_heads();
    let example = |unit| genesis(&PackageHash([0xaa; 32]), &UnitCode::new(unit).expect("a code"));
    let minutes = Minutes::of(&team.package, &team.unit, &record.state()).hash();
    let found = Finding {
        code: FindingCode::NoQuorum,
        subject: Subject::Unit,
        values: vec![7, 12],
        involved: BTreeSet::new(),
        explained: None,
    };
    let values = [
        ("beginning of package aa…aa, unit 00712", short(&example("00712").0)),
        ("beginning of package aa…aa, unit U1", short(&example("U1").0)),
        ("beginning of record-change-first.hex", short(&genesis(&team.package, &team.unit).0)),
        ("person Giàng Thị Lan", PersonId::of(LAN).to_string()),
        ("hash of record-change-first.hex", short(&first.value().hash.0)),
        ("id of record-change-first.hex", first.digest().to_string()),
        ("hash of record-change.hex", short(&second.value().hash.0)),
        ("head of two twins", short(&twins)),
        ("heads of the document of both and one of another tablet", {
            heads.iter().map(|head| short(&head.0)).collect::<Vec<_>>().join(" ")
        }),
        ("minutes of both", minutes.to_string()),
        ("key of no quorum, 7 of 12", short(&found.key())),
    ];
    values.map(|(name, value)| format!("{name}: {value}\n")).concat()
}

fn hex(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes
        .chunks(32)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        .collect();
    lines.join("\n") + "\n"
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    let pairs =
        digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("hexadecimal digits"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("two hexadecimal digits")).collect()
}

#[test]
fn every_format_has_the_bytes_of_its_golden_file() {
    for sample in &ALL.0 {
        let golden = fs::read_to_string(file_of(sample)).unwrap_or_default();
        assert!(golden == hex(&sample.bytes), "{} differs from its golden file", sample.name);
    }
}

#[test]
fn every_golden_file_is_read_and_gives_the_same_bytes_again() {
    let mut read = BTreeSet::from(derived_files());
    for sample in &ALL.0 {
        let bytes = unhex(&fs::read_to_string(file_of(sample)).unwrap());
        assert_eq!((sample.read)(&bytes).as_ref(), Some(&bytes), "{}", sample.name);
        read.insert(file_of(sample));
    }
    let here: BTreeSet<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(here, read, "no file is left over from a format that is gone");
}

#[test]
fn hashes_and_ids_are_derived_as_in_the_golden_file() {
    for (file, derived) in derived_files().iter().zip(&ALL.1) {
        assert_eq!(fs::read_to_string(file).unwrap(), *derived);
    }
}

#[test]
fn the_samples_are_the_same_in_every_run() {
    for (one, other) in ALL.0.iter().zip(signed_samples()) {
        assert!(one.bytes == other.bytes, "{}", one.name);
    }
}
