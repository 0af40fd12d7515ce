//! Hostile bytes at every reader: they are refused with a reason, in bounded memory, and never end the program.
//!
//! Each target is a plain function over bytes. Where a reader takes changed bytes, they must be the one encoding of
//! what it read: then nothing can travel in two forms.

use crate::common::samples::{
    Sample, bundle_sample, other_samples, plain_samples, signed_samples, small_round,
};
use proptest::prelude::*;
use std::sync::LazyLock;
use sync_core::cbor::{self, FormatError};
use sync_core::cose::{OpenError, Signed, Unverified};
use sync_core::envelope::Envelope;
use sync_core::message::Message;
use sync_core::verify::verify;

static SIGNED: LazyLock<Vec<Sample>> = LazyLock::new(signed_samples);
static PLAIN: LazyLock<Vec<Sample>> = LazyLock::new(plain_samples);
static OTHER: LazyLock<Vec<Sample>> = LazyLock::new(other_samples);
static BUNDLE: LazyLock<Sample> = LazyLock::new(bundle_sample);

fn all() -> impl Iterator<Item = &'static Sample> {
    SIGNED.iter().chain(PLAIN.iter()).chain(OTHER.iter()).chain([&*BUNDLE])
}

fn cbor_samples() -> impl Iterator<Item = &'static Sample> {
    SIGNED.iter().chain(PLAIN.iter())
}

/// Memory that reading may take at one time: what it is, and how much for each byte of input. The dearest input is
/// a list of empty items, one byte each, which become 24 bytes of a vector that doubles as it grows.
const MEMORY_FIXED: u64 = 16 * 1024;
const MEMORY_PER_BYTE: u64 = 96;

/// Every place is tried, or with `HOMPHIEU_STRIDE` every so many-th: for runs that try a thousand broken cores.
fn stride() -> usize {
    let asked = std::env::var("HOMPHIEU_STRIDE").ok().and_then(|stride| stride.parse().ok());
    asked.unwrap_or(1).max(1)
}

/// Reads hostile bytes under the bound, and says whether they were taken.
fn feed(sample: &Sample, bytes: &[u8]) -> bool {
    let mut read = None;
    let memory = allocation_counter::measure(|| read = (sample.read)(bytes)).bytes_max;
    let bound = MEMORY_FIXED + MEMORY_PER_BYTE * bytes.len() as u64;
    assert!(memory <= bound, "{}: {memory} bytes of memory for {} bytes", sample.name, bytes.len());
    if let Some(again) = &read
        && is_cbor(sample)
    {
        assert!(again == bytes, "{} reads a second form of what it writes otherwise", sample.name);
    }
    read.is_some()
}

/// What people type is read forgivingly; everything else has one form.
fn is_cbor(sample: &Sample) -> bool {
    !OTHER.iter().any(|other| other.name == sample.name)
}

#[test]
fn every_sample_is_taken() {
    for sample in all() {
        assert!(feed(sample, &sample.bytes), "{}", sample.name);
    }
}

#[test]
fn no_truncated_sample_and_none_with_a_byte_more_is_taken() {
    for sample in all().filter(|sample| sample.name != "enrol-token") {
        for len in 0..sample.bytes.len() {
            assert!(!feed(sample, &sample.bytes[..len]), "{} cut to {len}", sample.name);
        }
        for extra in [0x00, b'0', 0xf6, 0xff] {
            assert!(!feed(sample, &[&sample.bytes[..], &[extra]].concat()), "{} and {extra:#x}", sample.name);
        }
    }
}

#[test]
fn a_token_cut_within_its_address_is_another_token_and_cut_before_it_is_none() {
    let sample = OTHER.iter().find(|sample| sample.name == "enrol-token").unwrap();
    let head = sample.bytes.len() - "http://127.0.0.1:8080".len();
    for len in 0..sample.bytes.len() {
        assert_eq!(feed(sample, &sample.bytes[..len]), len > head, "cut to {len}");
    }
}

#[test]
fn a_sample_with_any_bit_flipped_is_refused_or_is_the_one_form_of_another_value() {
    for sample in SIGNED.iter().chain(PLAIN.iter()).chain(OTHER.iter()) {
        for at in (0..sample.bytes.len() * 8).step_by(stride()) {
            let mut bytes = sample.bytes.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            feed(sample, &bytes);
        }
    }
}

#[test]
fn a_signed_object_with_any_bit_flipped_fails_its_signature_or_its_format() {
    let mut world = small_round();
    let mut tablet = world.enrol(0);
    let ballot = world.ballot(0, 7, &[Some(0), None]);
    let envelope = world.send(&mut tablet, vec![ballot], true);
    let key = tablet.key.public();
    for at in 0..envelope.bytes().len() * 8 {
        let mut bytes = envelope.bytes().to_vec();
        bytes[at / 8] ^= 1 << (at % 8);
        assert!(Signed::<Envelope>::open(&bytes, &key).is_err(), "bit {at}");
    }
}

#[test]
fn a_bundle_of_three_units_is_refused_with_any_byte_changed() {
    let mut world = small_round();
    world.open_all();
    let bytes = world.archive.to_bytes();
    assert!(verify(&bytes, &[], &mut |_, _| {}).is_ok());
    for at in (0..bytes.len()).step_by(stride()) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        let seen = verify(&bytes, &[], &mut |_, _| {});
        assert!(seen.is_err(), "byte {at}");
    }
}

#[test]
fn a_short_input_that_announces_gigabytes_takes_next_to_no_memory() {
    let announced: Vec<Vec<u8>> = [0x5a, 0x7a, 0x9a, 0xba]
        .iter()
        .flat_map(|head| [vec![*head, 0x7f, 0xff, 0xff, 0xff], vec![*head, 0, 0x10, 0, 0]])
        .chain([0x5b, 0x7b, 0x9b, 0xbb].map(|head| [vec![head], vec![0xff; 8]].concat()))
        .chain([0x5f, 0x7f, 0x9f, 0xbf].map(|head| vec![head]))
        .collect();
    for sample in all() {
        for head in &announced {
            for at in (0..sample.bytes.len().min(600)).step_by(stride()) {
                let replaced = [&sample.bytes[..at], head, &sample.bytes[at + 1..]].concat();
                feed(sample, &replaced);
                feed(sample, &[&sample.bytes[..at.min(64 - head.len())], head].concat());
            }
        }
    }
}

#[test]
fn a_flood_of_the_smallest_items_stays_within_the_memory_bound() {
    for sample in all() {
        for item in [0x80, 0x40, 0x60, 0xf6, 0x00, 0x81, 0xd2] {
            for head in [[0x99, 0x13, 0x88], [0x9a, 0x00, 0x00], [0x9f, 0x9f, 0x9f]] {
                for at in (0..sample.bytes.len().min(400)).step_by(stride()) {
                    let flood = [&sample.bytes[..at], &head, &[item; 600]].concat();
                    feed(sample, &flood);
                }
            }
        }
    }
}

#[test]
fn deep_nesting_ends_no_stack() {
    for sample in all().filter(|sample| is_cbor(sample)) {
        for item in [0x81, 0x9f, 0xd2, 0xa1, 0x5f] {
            for at in [0, 1, 2, 10, 40] {
                let mut bytes = sample.bytes[..at.min(sample.bytes.len())].to_vec();
                bytes.extend(vec![item; 100_000]);
                assert!(!feed(sample, &bytes));
            }
        }
    }
}

#[test]
fn an_input_over_the_limit_of_its_format_is_refused_before_anything_is_read() {
    let bytes = vec![0x80; 1024 * 1024 * 4];
    let memory = allocation_counter::measure(|| {
        let limit = sync_core::message::MESSAGE_MAX;
        let error = cbor::decode::<Message>(&bytes).unwrap_err();
        assert_eq!(error, FormatError::TooLong { what: "sync message", found: bytes.len(), limit });
        let error = Unverified::<Envelope>::decode(&bytes).err();
        assert!(matches!(error, Some(FormatError::TooLong { what: "envelope", .. })));
    });
    assert_eq!(memory.bytes_max, 0);
}

/// An item of CBOR in a byte sequence: where its head begins and ends, and where the item ends.
struct Node {
    start: usize,
    head: usize,
    end: usize,
    major: u8,
    value: u64,
}

/// Walks one item of definite length and notes it and everything in it.
fn walk(bytes: &[u8], start: usize, nodes: &mut Vec<Node>) -> usize {
    let (major, short) = (bytes[start] >> 5, bytes[start] & 31);
    let extra = match short {
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => 0,
    };
    let digits = &bytes[start + 1..start + 1 + extra];
    let long = digits.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let value = if extra == 0 { u64::from(short) } else { long };
    let head = start + 1 + extra;
    let place = nodes.len();
    nodes.push(Node { start, head, end: head, major, value });
    let inside = usize::try_from(value).expect("samples are small");
    let end = match major {
        2 | 3 => head + inside,
        4 => (0..inside).fold(head, |at, _| walk(bytes, at, nodes)),
        5 => (0..inside * 2).fold(head, |at, _| walk(bytes, at, nodes)),
        6 => walk(bytes, head, nodes),
        _ => head,
    };
    nodes[place].end = end;
    end
}

/// Every other encoding of the same value that differs in one head: longer integers, and indefinite lengths.
fn other_encodings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut nodes = Vec::new();
    assert_eq!(walk(bytes, 0, &mut nodes), bytes.len());
    let mut others = Vec::new();
    for node in nodes.iter().filter(|node| node.major != 7) {
        let (before, inside, after) = (&bytes[..node.start], &bytes[node.head..node.end], &bytes[node.end..]);
        for (short, width) in [(24_u8, 1_usize), (25, 2), (26, 4), (27, 8)] {
            if node.head - node.start < 1 + width {
                let digits = &node.value.to_be_bytes()[8 - width..];
                let head = [&[node.major << 5 | short], digits].concat();
                others.push([before, &head, inside, after].concat());
            }
        }
        if matches!(node.major, 4 | 5) {
            others.push([before, &[node.major << 5 | 31], inside, &[0xff], after].concat());
        }
        if matches!(node.major, 2 | 3) {
            let whole = &bytes[node.start..node.end];
            others.push([before, &[node.major << 5 | 31], whole, &[0xff], after].concat());
        }
    }
    others
}

/// The payload of a signed object: where its head begins, and where it ends.
fn payload(bytes: &[u8]) -> (usize, usize, usize) {
    let mut nodes = Vec::new();
    walk(bytes, 0, &mut nodes);
    let strings: Vec<_> = nodes.iter().filter(|node| node.major == 2).collect();
    (strings[1].start, strings[1].head, strings[1].end)
}

fn string_head(len: usize) -> Vec<u8> {
    let mut w = cbor::Writer::new();
    w.bytes(&vec![0; len]);
    let mut head = w.finish();
    head.truncate(head.len() - len);
    head
}

#[test]
fn no_other_encoding_of_a_value_is_taken() {
    let mut tried = 0;
    for sample in cbor_samples() {
        for other in other_encodings(&sample.bytes) {
            assert!(!feed(sample, &other), "{}: {other:02x?}", sample.name);
            tried += 1;
        }
    }
    for sample in SIGNED.iter() {
        let (start, head, end) = payload(&sample.bytes);
        for other in other_encodings(&sample.bytes[head..end]) {
            let parts = [&sample.bytes[..start], &string_head(other.len()), &other, &sample.bytes[end..]];
            assert!(!feed(sample, &parts.concat()), "{}: payload {other:02x?}", sample.name);
            tried += 1;
        }
    }
    assert!(tried > 1_000);
}

#[test]
fn no_other_form_of_a_signed_object_is_taken() {
    for sample in SIGNED.iter() {
        let whole = &sample.bytes[..];
        // d2 84 43 a1 01 27 a0: tag 18, array of four, protected {1: -8}, unprotected {}.
        assert_eq!(whole[..7], [0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0]);
        let rest = &whole[7..];
        let (_, _, end) = payload(whole);
        let heads: [&[u8]; 16] = [
            &[0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0],
            &[0xd1, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0],
            &[0xd8, 0x12, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0],
            &[0xd9, 0xd9, 0xf7, 0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0],
            &[0xd2, 0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0],
            &[0xd2, 0x85, 0x43, 0xa1, 0x01, 0x27, 0xa0],
            &[0xd2, 0x9f, 0x43, 0xa1, 0x01, 0x27, 0xa0],
            &[0xd2, 0x84, 0x44, 0xa1, 0x01, 0x38, 0x07, 0xa0],
            &[0xd2, 0x84, 0x43, 0xbf, 0x01, 0x27, 0xa0],
            &[0xd2, 0x84, 0x45, 0xa2, 0x01, 0x27, 0x03, 0x00, 0xa0],
            &[0xd2, 0x84, 0x40, 0xa1, 0x01, 0x27],
            &[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0],
            &[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa1, 0x01, 0x27],
            &[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa1, 0x04, 0x41, 0x31],
            &[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xbf, 0xff],
            &[0xd2, 0x84, 0xa1, 0x01, 0x27, 0xa0],
        ];
        for head in heads {
            assert!(!feed(sample, &[head, rest].concat()), "{}: {head:02x?}", sample.name);
        }
        let detached = [&whole[..7], &[0xf6], &whole[end..]].concat();
        assert!(!feed(sample, &detached), "{}: detached payload", sample.name);
        for length in [63_u8, 65, 0] {
            let signature = [&[0x58, length], &vec![7; usize::from(length)][..]].concat();
            assert!(!feed(sample, &[&whole[..end], &signature].concat()), "{}: {length}", sample.name);
        }
    }
}

#[test]
fn a_later_version_is_named_as_such_and_not_as_damage() {
    for sample in SIGNED.iter() {
        let (_, head, _) = payload(&sample.bytes);
        let mut bytes = sample.bytes.clone();
        let version = if sample.name == "opening-order-orphans" { 2 } else { 1 };
        assert_eq!(bytes[head + 1], version, "{}: the version follows the array", sample.name);
        bytes[head + 1] = 3;
        assert!(!feed(sample, &bytes));
    }
    let envelope = SIGNED.iter().find(|sample| sample.name == "envelope-first").unwrap();
    let (_, head, _) = payload(&envelope.bytes);
    let mut bytes = envelope.bytes.clone();
    bytes[head + 1] = 2;
    let error = Unverified::<Envelope>::decode(&bytes).err();
    assert_eq!(error, Some(FormatError::Version { what: "envelope", found: 2, known: 1 }));
}

#[test]
fn no_kind_of_object_is_taken_for_another() {
    for sample in cbor_samples() {
        let kind = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
        for other in all().filter(|other| kind(other.name) != kind(sample.name)) {
            // Lists of envelope ids look alike; there the domain in the signature tells them apart.
            let alike = ["receipt", "holdings", "round"];
            let ids = [sample, other].iter().all(|sample| alike.contains(&kind(sample.name).as_str()));
            assert_eq!(feed(sample, &other.bytes), ids, "{} as {}", other.name, sample.name);
        }
    }
}

#[test]
fn a_receipt_is_no_round_statement_although_it_looks_like_one() {
    use sync_core::receipt::{Receipt, RoundStatement};
    let world = small_round();
    let unit = world.units[0].code.clone();
    let receipt = Receipt { package: world.package(), unit, envelopes: Vec::new() };
    let signed = Signed::sign(receipt, &world.centre);
    let key = world.centre.public();
    let taken = Signed::<RoundStatement>::open(signed.bytes(), &key);
    assert!(
        matches!(taken, Err(OpenError::Signature(_))),
        "what may be deleted is never what was only stored"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for sample in all().filter(|sample| is_cbor(sample)) {
            prop_assert!(!feed(sample, &bytes));
        }
        for sample in OTHER.iter() {
            feed(sample, &bytes);
        }
    }

    #[test]
    fn samples_with_bytes_changed_cut_out_or_put_in_never_end_the_program(
        which: prop::sample::Index, at: prop::sample::Index, cut in 0..12_usize,
        put in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let samples: Vec<_> = all().collect();
        let sample = which.get(&samples);
        let at = at.index(sample.bytes.len());
        let end = (at + cut).min(sample.bytes.len());
        feed(sample, &[&sample.bytes[..at], &put, &sample.bytes[end..]].concat());
    }

    #[test]
    fn two_samples_spliced_are_refused_or_the_one_form_of_a_value(
        first: prop::sample::Index, second: prop::sample::Index,
        left: prop::sample::Index, right: prop::sample::Index,
    ) {
        let samples: Vec<_> = all().collect();
        let (first, second) = (first.get(&samples), second.get(&samples));
        let (left, right) = (left.index(first.bytes.len()), right.index(second.bytes.len()));
        let spliced = [&first.bytes[..left], &second.bytes[right..]].concat();
        feed(first, &spliced);
        feed(second, &spliced);
    }
}
