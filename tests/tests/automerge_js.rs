//! A unit's record in the hands of another implementation: the JavaScript Automerge opens what we export.

#![expect(clippy::unwrap_used, reason = "a test fails on the spot")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use sync_core::cbor;
use sync_core::cose::SecretKey;
use sync_core::id::{DeviceId, PackageHash, SheetHash, UnitCode};
use sync_core::record::{Act, Actor, Entry, FigureKind, PersonId, Record, SignedChange, Taken, Writer};

/// The folder with the packages of `tests/automerge-js`; xtask installs it.
fn packages() -> Option<PathBuf> {
    let given = std::env::var_os("HOMPHIEU_AUTOMERGE_JS").map(PathBuf::from);
    let strict = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(
        given.is_some() || !strict,
        "the JavaScript Automerge is missing and nothing may be skipped here"
    );
    if given.is_none() {
        println!("skipped: the JavaScript Automerge is missing; `cargo xtask test` gets it");
    }
    given
}

/// What the JavaScript side finds in a document.
fn opened(packages: &Path, document: &[u8]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("automerge-js/check.mjs");
    let mut node = Command::new("node");
    let node = node.arg(script).arg(packages).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = node.spawn().unwrap();
    running.stdin.take().unwrap().write_all(document).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the JavaScript side must find in a record's document.
fn expected(record: &Record) -> Value {
    let entries: BTreeMap<String, String> =
        record.entries().map(|(place, entry)| (place.to_string(), hex(&cbor::encode(entry)))).collect();
    let heads: Vec<String> = record.document_heads().iter().map(|head| hex(&head.0)).collect();
    let counted: u32 = record.signed_heads().iter().map(|(_, last)| last).sum();
    serde_json::json!({
        "heads": heads,
        "again": heads,
        "changes": counted + 1,
        "package": hex(record.package().as_bytes()),
        "unit": record.unit().as_str(),
        "version": 1,
        "fields": ["entries", "package", "unit", "version"],
        "entries": entries,
    })
}

/// A tablet in one run of its program.
struct Pen {
    writer: Writer,
    key: SecretKey,
}

impl Pen {
    fn new(number: u8) -> Self {
        let writer = Writer::new(Actor::new(&DeviceId([number; 16]), [number; 8]));
        Self { writer, key: SecretKey::from_seed(&[number; 32]) }
    }

    fn write(&mut self, record: &Record, acts: Vec<Act>) -> SignedChange {
        let entry = |act| Entry { person: PersonId::of("Giàng Thị Lan"), at: None, act };
        let place = (record.package(), record.unit(), &SheetHash([3; 32]));
        self.writer.write(place, acts.into_iter().map(entry).collect(), &self.key).unwrap()
    }
}

fn empty() -> Record {
    Record::new(PackageHash([0xaa; 32]), UnitCode::new("00712").unwrap())
}

#[test]
fn the_javascript_automerge_opens_a_record_and_finds_its_heads_and_every_entry() {
    let Some(packages) = packages() else { return };
    let mut record = empty();
    for number in 1..=6 {
        let mut pen = Pen::new(number);
        for change in 1..=20_u32 {
            let mut acts: Vec<Act> = (1..=change % 4).map(|voter| Act::CheckIn { voter }).collect();
            acts.push(Act::Incident {
                text: format!("Máy {number}, lần {change}: mất điện. {}", "á".repeat(200)),
            });
            acts.push(Act::Figure { kind: FigureKind::Present, value: change });
            let change = pen.write(&record, acts);
            assert_eq!(record.take(change), Taken::New);
        }
    }
    let found = opened(&packages, &record.document());
    assert_eq!(found["entries"].as_object().unwrap().len(), record.entries().count());
    assert_eq!(found, expected(&record));
}

#[test]
fn the_javascript_automerge_opens_an_empty_record_and_one_that_ends_before_twins() {
    let Some(packages) = packages() else { return };
    let mut record = empty();
    assert_eq!(opened(&packages, &record.document()), expected(&record));
    let (mut pen, mut copy) = (Pen::new(1), Pen::new(1));
    let first = pen.write(&record, vec![Act::CheckIn { voter: 1 }]);
    copy.write(&record, vec![Act::CheckIn { voter: 1 }]);
    let one = pen.write(&record, vec![Act::CheckIn { voter: 2 }]);
    let other = copy.write(&record, vec![Act::CheckIn { voter: 3 }]);
    for change in [first, one, other] {
        assert_eq!(record.take(change), Taken::New);
    }
    let found = opened(&packages, &record.document());
    assert_eq!(found["entries"].as_object().unwrap().len(), 1);
    assert_eq!(found, expected(&record));
}
