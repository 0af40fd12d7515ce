//! What a unit's record costs: 500 voters, 6 tablets, 5,000 entries, written one and ten to a change.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use sync_core::cose::SecretKey;
use sync_core::id::{DeviceId, PackageHash, SheetHash, UnitCode};
use sync_core::package::Voting;
use sync_core::record::{
    Act, Actor, Entry, FigureKind, Ground, PersonId, Record, SignedChange, Writer, reconcile,
};

const ENTRIES: u32 = 5_000;
const VOTERS: u32 = 500;
const TABLETS: u8 = 6;

fn empty() -> Record {
    Record::new(PackageHash([1; 32]), UnitCode::new("A").expect("a code"))
}

/// The changes of six tablets by turns: check-ins and slips of every voter, then figures that are noted again and again.
fn changes(entries_each: u32) -> Vec<SignedChange> {
    let record = empty();
    let person = PersonId::of("Giàng Thị Lan");
    let act = |number: u32| match number {
        ..VOTERS => Act::CheckIn { voter: number + 1 },
        VOTERS..1_000 => Act::Slip { voter: number - VOTERS + 1 },
        _ => Act::Figure { kind: FigureKind::ALL[number as usize % 9], value: number },
    };
    let mut pens: Vec<(Writer, SecretKey)> = (1..=TABLETS)
        .map(|n| (Writer::new(Actor::new(&DeviceId([n; 16]), [n; 8])), SecretKey::from_seed(&[n; 32])))
        .collect();
    let starts = (0..ENTRIES).step_by(entries_each as usize);
    let written = starts.zip((0..usize::from(TABLETS)).cycle()).map(|(start, tablet)| {
        let numbers = start..start + entries_each;
        let entries = numbers.map(|number| Entry { person, at: None, act: act(number) }).collect();
        let (writer, key) = &mut pens[tablet];
        let place = (record.package(), record.unit(), &SheetHash([2; 32]));
        writer.write(place, entries, key).expect("entries that fit")
    });
    written.collect()
}

fn taken(changes: &[SignedChange]) -> Record {
    let mut record = empty();
    for change in changes {
        black_box(record.take(change.clone()));
    }
    record
}

/// The same into a record that has the first half already: what a tablet does that meets another.
fn merged(changes: &[SignedChange]) -> Record {
    let mut record = taken(&changes[..changes.len() / 2]);
    for change in changes {
        black_box(record.take(change.clone()));
    }
    record
}

/// Most bytes that work takes at once, what it gives back among them.
fn peak<T>(work: impl FnOnce() -> T) -> u64 {
    allocation_counter::measure(|| drop(black_box(work()))).bytes_max
}

fn records(c: &mut Criterion) {
    for entries_each in [1, 10] {
        let changes = changes(entries_each);
        let bytes: usize = changes.iter().map(|change| change.bytes().len()).sum();
        let record = taken(&changes);
        let document = record.document();
        println!(
            "{entries_each} to a change: {} bytes of sync and {} of document for each entry",
            bytes / ENTRIES as usize,
            document.len() / ENTRIES as usize
        );
        println!(
            "{entries_each} to a change: {} bytes at most to take all, {} to merge them into one half, {} for the state",
            peak(|| taken(&changes)),
            peak(|| merged(&changes)),
            peak(|| record.state())
        );
        let mut group = c.benchmark_group(format!("record, {entries_each} to a change"));
        group.sample_size(10).throughput(Throughput::Elements(u64::from(ENTRIES)));
        group.bench_function("take: write again and compare", |b| b.iter(|| taken(&changes)));
        group.bench_function("merge into the first half", |b| {
            b.iter_batched(
                || taken(&changes[..changes.len() / 2]),
                |mut record| {
                    for change in &changes {
                        black_box(record.take(change.clone()));
                    }
                    record
                },
                BatchSize::LargeInput,
            );
        });
        group.bench_function("restore from the own store", |b| {
            let given = || (empty(), changes.clone());
            b.iter_batched(
                given,
                |(mut record, changes)| {
                    for change in changes {
                        black_box(record.restore(change));
                    }
                    record
                },
                BatchSize::LargeInput,
            );
        });
        group.bench_function("state", |b| b.iter(|| record.state()));
        group.bench_function("reconcile", |b| {
            let revoked = BTreeSet::new();
            let tablets = BTreeMap::new();
            let ground =
                Ground { sheet: None, voting: Voting::Permit, tablets, revoked: &revoked, votes: None };
            b.iter(|| reconcile(&record, &ground));
        });
        group.bench_function("export as a document", |b| b.iter(|| record.document()));
        group.finish();
    }
}

criterion_group!(benches, records);
criterion_main!(benches);
