//! Automerge's own bytes, put wherever something of a record is expected: nobody parses them.

use crate::common::team::{LAN, MEMORY, Team, figure, judged, noted, replica};
use sha2::{Digest, Sha256};
use sync_core::cbor::Writer as Cbor;
use sync_core::cose::SecretKey;
use sync_core::message::{Item, ItemKind, Outcome};
use sync_core::record::{Act, Actor, FigureKind};
use sync_core::replica::Applied;

const PRESENT: FigureKind = FigureKind::Present;

fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}

/// A chunk of Automerge's file format: magic, checksum, type, length, contents. Its checksum is good.
fn chunk(kind: u8, contents: &[u8]) -> Vec<u8> {
    let hashed = [&[kind][..], &leb(contents.len() as u64), contents].concat();
    [&[0x85, 0x6f, 0x4a, 0x83][..], &Sha256::digest(&hashed)[..4], &hashed].concat()
}

/// A change in Automerge's format: dependencies, writer, sequence, first operation, and columns (number and bytes).
fn automerge_change(
    deps: &[[u8; 32]],
    actor: &[u8],
    seq: u64,
    start: u64,
    columns: &[(u8, Vec<u8>)],
) -> Vec<u8> {
    let mut body = leb(deps.len() as u64);
    body.extend(deps.concat());
    body.extend([leb(actor.len() as u64), actor.to_vec(), leb(seq), leb(start), vec![0, 0, 0]].concat());
    body.extend(leb(columns.len() as u64));
    for (number, bytes) in columns {
        body.push(*number);
        body.extend(leb(bytes.len() as u64));
    }
    columns.iter().for_each(|(_, bytes)| body.extend(bytes));
    chunk(1, &body)
}

/// A run of one value, in a run-length column: as many as the head says, in a few bytes.
fn run(count: u64, value: u8) -> Vec<u8> {
    // The head is a signed number: one more bit.
    let mut head = leb(count);
    if head.last().is_some_and(|last| *last >= 0x40) {
        let last = head.len() - 1;
        head[last] |= 0x80;
        head.push(0);
    }
    head.push(value);
    head
}

/// Inputs known to harm programs that read Automerge's bytes.
fn known() -> Vec<(&'static str, Vec<u8>)> {
    const KEY: u8 = 0x15;
    const INSERT: u8 = 0x34;
    const ACTION: u8 = 0x42;
    const VALUE: u8 = 0x56;
    const PRED_NUM: u8 = 0x70;
    const PRED_ACTOR: u8 = 0x71;
    const PRED_CTR: u8 = 0x73;
    let huge = 1 << 40;
    let ops = |count| vec![(INSERT, leb(count)), (ACTION, run(count, 1)), (VALUE, run(count, 0))];
    let one = |mut more: Vec<(u8, Vec<u8>)>| {
        let mut columns =
            vec![(KEY, vec![0x7f, 1, b'k']), (INSERT, vec![1]), (ACTION, run(1, 1)), (VALUE, run(1, 0))];
        columns.append(&mut more);
        columns
    };
    let itself = one(vec![(PRED_NUM, run(1, 1)), (PRED_ACTOR, run(1, 0)), (PRED_CTR, run(1, 1))]);
    let whole = automerge_change(&[], &[1; 24], 1, 1, &one(Vec::new()));
    let mut wrong_sum = whole.clone();
    wrong_sum[4] ^= 1;
    vec![
        ("operations without end in a few bytes", automerge_change(&[], &[1], 1, 1, &ops(huge))),
        (
            "predecessors without end",
            automerge_change(&[], &[1], 1, 1, &one(vec![(PRED_NUM, run(1, 1)), (PRED_CTR, run(huge, 0))])),
        ),
        ("an operation that names itself as its predecessor", automerge_change(&[], &[1], 1, 1, &itself)),
        ("a gap in the sequence", automerge_change(&[], &[1], 1_000_000, 1, &one(Vec::new()))),
        ("sequence zero", automerge_change(&[], &[1], 0, 1, &one(Vec::new()))),
        ("a last operation beyond 64 bits", automerge_change(&[], &[1], 1, u64::MAX, &ops(4))),
        ("an unknown dependency", automerge_change(&[[9; 32]], &[1], 2, 2, &one(Vec::new()))),
        ("more dependencies than bytes", chunk(1, &leb(u64::MAX))),
        ("more columns than bytes", chunk(1, &[vec![0, 1, 1, 1, 1, 0, 0, 0], leb(u64::MAX)].concat())),
        (
            "a longer body than there is",
            [&[0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1][..], &leb(u64::MAX)].concat(),
        ),
        ("a wrong checksum", wrong_sum),
        ("a compressed change that is none", chunk(2, &[0xff; 16])),
        ("a document without operations", chunk(0, &[0, 0, 0, 0])),
        ("a document of more actors than bytes", chunk(0, &leb(1 << 60))),
        ("nothing but the magic", vec![0x85, 0x6f, 0x4a, 0x83]),
        ("an empty input", Vec::new()),
        ("a good change", whole),
    ]
}

/// A signed change of a good writer with these bytes in the place of its list of entries.
fn with_entries(team: &Team, actor: Actor, entries: &[u8], key: &SecretKey) -> Vec<u8> {
    let mut w = Cbor::new();
    w.array(9).uint(1_u8).bytes(team.package.as_bytes()).text(team.unit.as_str());
    w.bytes(team.sheet.as_bytes()).bytes(&actor.0).uint(1_u8).null();
    let mut hash = Cbor::new();
    hash.bytes(&[0; 32]);
    let payload = [&w.finish()[..], entries, &hash.finish()].concat();
    // The signature does not matter: nothing is asked of it before the form is right.
    let mut cose = Cbor::new();
    cose.bytes(&payload).bytes(&key.seed()[..].repeat(2));
    [&[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0][..], &cose.finish()].concat()
}

fn bytes_item(bytes: &[u8]) -> Vec<u8> {
    let mut w = Cbor::new();
    w.bytes(bytes);
    w.finish()
}

#[test]
fn automerge_bytes_are_refused_in_constant_memory_wherever_an_entry_a_change_or_a_list_is_expected() {
    let mut team = Team::new(100);
    let mut pen = team.pen();
    let mut replica = replica(&team);
    let good = pen.note(LAN, figure(PRESENT, 9));
    let before = replica.canonical_bytes();
    for (what, bytes) in known() {
        let mut inputs: Vec<(ItemKind, Vec<u8>)> = vec![
            (ItemKind::RecordChange, bytes.clone()),
            (ItemKind::SealedRecordChange, bytes.clone()),
            (ItemKind::RecordChange, [good.bytes(), &bytes].concat()),
            (ItemKind::RecordChange, bytes_item(&bytes)),
            (ItemKind::SealedRecordChange, bytes_item(&bytes)),
        ];
        let lists = [
            bytes.clone(),
            bytes_item(&bytes),
            [&[0x81][..], &bytes].concat(),
            [&[0x81][..], &bytes_item(&bytes)].concat(),
        ];
        let actor = pen.restarted(9).writer.actor();
        inputs.extend(
            lists.map(|entries| {
                (ItemKind::RecordChange, with_entries(&team, actor, &entries, &pen.tablet.key))
            }),
        );
        for cut in [1, 8, 9, 12, bytes.len() / 2] {
            inputs.push((ItemKind::RecordChange, bytes[..cut.min(bytes.len())].to_vec()));
        }
        // A change that is appended to by nothing is the good one itself.
        inputs.retain(|(_, bytes)| bytes != good.bytes());
        for (kind, bytes) in inputs {
            let item = Item::new(kind, bytes);
            let mut seen = None;
            let memory = allocation_counter::measure(|| {
                seen = Some((replica.apply(&item).0, judged(&team, &item).err()));
            });
            let refused = (Applied::Refused(Outcome::Malformed), Some(Outcome::Malformed));
            assert_eq!(seen, Some(refused), "{what} as {kind:?}");
            assert!(memory.bytes_max <= MEMORY, "{what}: {} bytes of memory", memory.bytes_max);
        }
    }
    assert_eq!(replica.canonical_bytes(), before);
    assert_eq!(replica.apply(&Item::new(ItemKind::RecordChange, good.bytes())).0, Applied::New);
}

#[test]
fn automerge_bytes_as_a_text_are_a_text() {
    // What looks like a chunk may be written by people; it stays what it is.
    let mut team = Team::new(101);
    let mut pen = team.pen();
    let text = "\u{85}oJ".to_owned();
    let place = (&team.package, &team.unit, &team.sheet);
    let control = noted(LAN, Act::Note { text, replaces: None });
    assert!(
        pen.writer.clone().write(place, vec![control], &pen.tablet.key).is_none(),
        "control characters are none"
    );
    let change = pen.note(LAN, Act::Note { text: "oJ\u{fffd}".to_owned(), replaces: None });
    assert_eq!(team.record_of([&change]).state().notes.len(), 1);
}
