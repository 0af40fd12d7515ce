//! Dumps as they should be, and bytes that only claim to be one.

use super::keys::{Opener, Seal, generate, passphrase};
use super::{
    BackupId, Cell, DumpError, Encoder, Entry, FILE_MAX, FRAME_MAX, Header, MAGIC, Reader, Summary,
    path_allowed, summary,
};
use crate::store::Store;
use crate::store::tables::{Column, Kind, Table, kept};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::io::{Read, Write};

fn newest() -> i64 {
    Store::newest_schema()
}

fn header(schema: i64) -> Header {
    Header { program: "0.1.0".to_owned(), schema, taken_at: 1_542_931_200, id: BackupId([7; 16]) }
}

/// A row whose key follows from a number.
fn row(table: &Table, number: i64) -> Vec<Cell> {
    let cell = |column: &Column| match column.kind {
        Kind::Int => Cell::Int(number),
        _ if column.optional && number % 2 == 0 => Cell::Empty,
        Kind::Bytes => Cell::Bytes(number.to_be_bytes().repeat(3)),
        Kind::Text => Cell::Text(format!("Đồng Văn {number:04}")),
    };
    table.columns.iter().map(cell).collect()
}

/// A small dump with every part, and something that goes wrong on its way.
fn dump_with(schema: i64, mut spoil: impl FnMut(&mut Encoder, &Table)) -> Vec<u8> {
    let mut encoder = Encoder::begin(&header(schema));
    encoder.file("centre.key", &[9; 64]);
    encoder.file("tls/own.pem", b"certificate");
    for table in kept(schema) {
        encoder.table(&table);
        encoder.row(&row(&table, 1));
        encoder.row(&row(&table, 2));
        spoil(&mut encoder, &table);
        encoder.end_table();
    }
    encoder.round(&[1; 16], &[2; 32]);
    encoder.round(&[3; 16], &[4; 32]);
    encoder.end();
    encoder.take()
}

fn sample() -> Vec<u8> {
    dump_with(newest(), |_, _| ())
}

fn read(bytes: &[u8]) -> Result<Summary, DumpError> {
    summary(bytes, newest())
}

fn with_frame(mut bytes: Vec<u8>, len: u32, rest: &[u8]) -> Vec<u8> {
    bytes.extend_from_slice(&len.to_be_bytes());
    bytes.extend_from_slice(rest);
    bytes
}

#[test]
fn a_dump_reads_back_as_it_was_written() {
    let found = read(&sample()).unwrap();
    assert_eq!(found.header, header(newest()));
    assert_eq!(found.files, ["centre.key", "tls/own.pem"]);
    assert_eq!(found.rows.len(), kept(newest()).count());
    assert!(found.rows.iter().all(|(_, rows)| *rows == 2));
    assert_eq!(found.rounds, [([1; 16], [2; 32]), ([3; 16], [4; 32])]);
}

#[test]
fn a_dump_of_every_older_schema_still_reads() {
    for schema in 1..=newest() {
        let found = read(&dump_with(schema, |_, _| ())).unwrap();
        assert_eq!(found.rows.len(), kept(schema).count(), "schema {schema}");
    }
}

#[test]
fn cut_off_anywhere_it_is_refused() {
    let whole = sample();
    for len in 1..whole.len() {
        let error = read(&whole[..len]).unwrap_err();
        assert!(matches!(error, DumpError::CutOff), "cut to {len} bytes: {error}");
    }
    assert!(matches!(read(&[]), Err(DumpError::NotABackup)));
}

#[test]
fn any_flipped_bit_is_noticed() {
    let whole = sample();
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << bit;
            assert!(read(&bytes).is_err(), "bit {bit} of byte {place} was not missed");
        }
    }
}

#[test]
fn what_follows_the_end_is_refused() {
    let mut bytes = sample();
    bytes.push(0);
    assert!(matches!(read(&bytes), Err(DumpError::Trailing)));
}

#[test]
fn something_else_says_that_it_is_no_backup() {
    for other in
        [&b"PK\x03\x04 a workbook"[..], b"SQLite format 3\0", b"\0", b"homphieu-bundle\n............"]
    {
        assert!(matches!(read(other), Err(DumpError::NotABackup)), "{other:?}");
    }
    assert!(matches!(read(b"age-encryption.org/v1\n"), Err(DumpError::Encrypted)));
}

#[test]
fn another_version_and_a_newer_schema_are_named() {
    let mut other = sample();
    let version = MAGIC.len() + 4 + 2;
    assert_eq!(other[version], 1);
    other[version] = 2;
    assert!(matches!(read(&other), Err(DumpError::Version { found: 2 })));
    let mut encoder = Encoder::begin(&header(newest() + 1));
    encoder.end();
    let error = read(&encoder.take()).unwrap_err();
    assert!(matches!(&error, DumpError::NewerSchema { found, .. } if *found == newest() + 1));
    assert!(error.to_string().contains("0.1.0"), "it says which version to install: {error}");
    for none in [0, -1, i64::MIN] {
        let mut encoder = Encoder::begin(&header(none));
        encoder.end();
        assert!(matches!(read(&encoder.take()), Err(DumpError::Damaged { .. })));
    }
}

#[test]
fn claims_of_great_length_take_no_memory() {
    let head = || {
        let mut encoder = Encoder::begin(&header(newest()));
        encoder.take()
    };
    let too_long = with_frame(head(), FRAME_MAX + 1, &[0; 100]);
    let cut_off = with_frame(head(), FRAME_MAX, &[0; 100]);
    // A row that claims a cell of four gigabytes.
    let mut encoder = Encoder::begin(&header(newest()));
    encoder.table(&kept(newest()).next().unwrap());
    let claim = with_frame(encoder.take(), 8, &[0x87, 3, 0x5a, 0xff, 0xff, 0xff, 0xff, 0]);
    let used = allocation_counter::measure(|| {
        assert!(matches!(read(&too_long), Err(DumpError::TooLong { .. })));
        assert!(matches!(read(&cut_off), Err(DumpError::CutOff)));
        assert!(matches!(read(&claim), Err(DumpError::Damaged { .. })));
    });
    assert!(used.bytes_max < 256 * 1024, "{used:?}");
}

#[test]
fn memory_does_not_grow_with_the_number_of_rows() {
    fn peak(rows: i64) -> u64 {
        let table = kept(newest()).next().unwrap();
        let mut encoder = Encoder::begin(&header(newest()));
        let mut bytes = encoder.take();
        encoder.table(&table);
        for number in 1..=rows {
            encoder.row(&row(&table, number));
        }
        bytes.append(&mut encoder.take());
        let mut found = 0;
        let used = allocation_counter::measure(|| {
            let mut reader = Reader::open(&bytes[..], newest()).unwrap();
            while let Ok(Some(_)) = reader.next() {
                found += 1;
            }
        });
        assert_eq!(found, rows + 1);
        used.bytes_max
    }
    assert!(peak(5_000) < peak(50) + 16 * 1024);
}

#[test]
fn rows_out_of_order_or_twice_are_refused() {
    let table = kept(newest()).next().unwrap();
    for numbers in [[2_i64, 1], [1, 1]] {
        let mut encoder = Encoder::begin(&header(newest()));
        encoder.table(&table);
        numbers.iter().for_each(|number| encoder.row(&row(&table, *number)));
        assert!(matches!(read(&encoder.take()), Err(DumpError::Damaged { what: "the order of its rows" })));
    }
}

#[test]
fn rows_of_another_shape_are_refused() {
    let unit = || kept(newest()).find(|table| table.name == "unit").unwrap();
    let good = row(&unit(), 3);
    let spoilt = |change: &dyn Fn(&mut Vec<Cell>)| {
        let mut cells = good.clone();
        change(&mut cells);
        cells
    };
    let wrong = [
        spoilt(&|cells| cells.push(Cell::Empty)),
        spoilt(&|cells| drop(cells.pop())),
        spoilt(&|cells| cells[0] = Cell::Text("text where bytes belong".to_owned())),
        spoilt(&|cells| cells[1] = Cell::Empty),
        spoilt(&|cells| cells[1] = Cell::Text("NUL \0 inside".to_owned())),
        spoilt(&|cells| cells[2] = Cell::Bytes(vec![1])),
    ];
    for cells in wrong {
        let bytes = dump_with(newest(), |encoder, table| {
            if table.name == "unit" {
                encoder.row(&cells);
            }
        });
        assert!(matches!(read(&bytes), Err(DumpError::Damaged { .. })), "{cells:?}");
    }
    let fine = dump_with(newest(), |encoder, table| encoder.row(&row(table, 3)));
    assert!(read(&fine).is_ok(), "the same with a right row is read");
}

#[test]
fn tables_missing_unknown_or_with_other_columns_are_refused() {
    let tables: Vec<Table> = kept(newest()).collect();
    let dump_of = |tables: &[Table]| {
        let mut encoder = Encoder::begin(&header(newest()));
        for table in tables {
            encoder.table(table);
            encoder.end_table();
        }
        encoder.end();
        encoder.take()
    };
    assert!(read(&dump_of(&tables)).is_ok());
    assert!(read(&dump_of(&tables[1..])).is_err(), "the first is missing");
    assert!(read(&dump_of(&tables[..tables.len() - 1])).is_err(), "the last is missing");
    let mut exchanged = tables.clone();
    exchanged.swap(0, 1);
    assert!(read(&dump_of(&exchanged)).is_err());
    let mut twice = tables.clone();
    twice.push(tables[0].clone());
    assert!(read(&dump_of(&twice)).is_err());
    let mut renamed = tables;
    renamed[0].columns[1].name = "other";
    assert!(read(&dump_of(&renamed)).is_err());
}

#[test]
fn files_that_would_leave_the_folder_or_touch_the_database_are_refused() {
    for path in
        ["/etc/passwd", "../key", "a/../../key", "a//b", "./a", "", "homphieu.db", "homphieu.db-wal", "a\nb"]
    {
        assert!(!path_allowed(path), "{path:?}");
        let mut encoder = Encoder::begin(&header(newest()));
        encoder.file(path, b"x");
        assert!(read(&encoder.take()).is_err_and(|e| matches!(e, DumpError::Damaged { .. })), "{path:?}");
    }
    let mut encoder = Encoder::begin(&header(newest()));
    let large = vec![0; usize::try_from(FILE_MAX).unwrap() + 1];
    encoder.file("centre.key", &large);
    assert!(matches!(read(&encoder.take()), Err(DumpError::TooLong { .. })));
    let mut encoder = Encoder::begin(&header(newest()));
    let largest = vec![0; usize::try_from(FILE_MAX).unwrap()];
    for number in 0..17 {
        encoder.file(&format!("file-{number:02}"), &largest);
    }
    assert!(matches!(read(&encoder.take()), Err(DumpError::TooLong { .. })), "all files together");
}

fn sealed(seal: &Seal, bytes: &[u8]) -> (Vec<u8>, Opener) {
    let mut out = Vec::new();
    let (mut writer, check) = seal.wrap(&mut out).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap();
    (out, check)
}

fn opened(bytes: &[u8], opener: &Opener) -> Result<Summary, DumpError> {
    summary(opener.unwrap(bytes)?, newest())
}

#[test]
fn only_the_holder_of_a_key_and_the_check_after_writing_open_an_encrypted_backup() {
    let (file, recipient) = generate();
    let holder = Opener::from_key_file(&file, "key").unwrap();
    let (other, _) = generate();
    let other = Opener::from_key_file(&other, "key").unwrap();
    let (bytes, check) = sealed(&Seal::to(&[recipient]).unwrap(), &sample());
    assert!(!bytes.windows(10).any(|window| window == b"centre.key"));
    assert!(opened(&bytes, &holder).is_ok());
    assert!(opened(&bytes, &check).is_ok());
    assert!(matches!(opened(&bytes, &other), Err(DumpError::WrongKey)));
    assert!(matches!(opened(&bytes, &Opener::Nothing), Err(DumpError::Encrypted)));
    let (again, check_again) = sealed(&Seal::to(&[generate().1]).unwrap(), &sample());
    assert!(
        matches!(opened(&again, &check), Err(DumpError::WrongKey)),
        "each file has a check key of its own"
    );
    assert!(opened(&again, &check_again).is_ok());
}

#[test]
fn a_passphrase_opens_and_another_does_not() {
    let seal = Seal::Passphrase(passphrase("mèo vạc lũng cú sà phìn"));
    let (bytes, check) = sealed(&seal, &sample());
    assert!(opened(&bytes, &check).is_ok());
    let wrong = Opener::Passphrase(passphrase("mèo vạc lũng cú sà phin"));
    assert!(matches!(opened(&bytes, &wrong), Err(DumpError::WrongKey)));
}

#[test]
fn an_encrypted_backup_that_was_cut_off_or_changed_is_refused() {
    let (file, recipient) = generate();
    let holder = Opener::from_key_file(&file, "key").unwrap();
    // More than one chunk of age, and a whole number of them: the end is the hard part.
    let seal = Seal::to(&[recipient]).unwrap();
    let mut encoder = Encoder::begin(&header(newest()));
    for number in 0..4 {
        encoder.file(&format!("file-{number}"), &vec![number; 40_000]);
    }
    for table in kept(newest()) {
        encoder.table(&table);
        encoder.end_table();
    }
    encoder.end();
    let (whole, _) = sealed(&seal, &encoder.take());
    assert!(opened(&whole, &holder).is_ok());
    for len in (0..whole.len()).step_by(997).chain([whole.len() - 1, whole.len() - 16]) {
        assert!(opened(&whole[..len], &holder).is_err(), "cut to {len}");
    }
    for place in (0..whole.len()).step_by(311) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        assert!(opened(&bytes, &holder).is_err(), "byte {place}");
    }
    let mut longer = whole;
    longer.extend_from_slice(&[0; 64 * 1024]);
    assert!(opened(&longer, &holder).is_err(), "bytes after the end");
}

#[test]
fn a_head_of_an_encrypted_file_without_end_takes_no_memory() {
    struct Endless(bool);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            buffer.fill(b'A');
            if !std::mem::replace(&mut self.0, true) {
                let begin = b"age-encryption.org/v1\n-> X25519 ";
                buffer[..begin.len()].copy_from_slice(begin);
            }
            Ok(buffer.len())
        }
    }
    let holder = Opener::from_key_file(&generate().0, "key").unwrap();
    let used = allocation_counter::measure(|| {
        assert!(matches!(holder.unwrap(Endless(false)).map(drop), Err(DumpError::Damaged { .. })));
    });
    assert!(used.bytes_max < 256 * 1024, "{used:?}");
}

#[test]
fn keys_are_read_forgivingly_and_never_repeated_in_an_error() {
    let (file, recipient) = generate();
    assert!(Opener::from_key_file(&format!("\r\n  # mine\r\n{}\r\n\r\n", *file), "key").is_ok());
    assert!(Seal::to(&[format!(" {recipient} ")]).is_ok());
    let secret = file.lines().last().unwrap().to_owned();
    let swapped = Seal::to(std::slice::from_ref(&secret)).err().unwrap().to_string();
    assert!(!swapped.contains(&secret), "{swapped}");
    let damaged = Opener::from_key_file(&secret[..secret.len() - 1], "stick/key").err().unwrap().to_string();
    assert!(damaged.contains("line 1 of stick/key") && !damaged.contains("AGE-SECRET"), "{damaged}");
    assert!(Opener::from_key_file("# nothing\n", "key").is_err());
    assert!(Seal::to(&[]).is_err());
}

fn cells(column: &Column) -> BoxedStrategy<Cell> {
    let some = match column.kind {
        Kind::Int => any::<i64>().prop_map(Cell::Int).boxed(),
        Kind::Bytes => vec(any::<u8>(), 0..80).prop_map(Cell::Bytes).boxed(),
        Kind::Text => "[^\0]{0,20}".prop_map(Cell::Text).boxed(),
    };
    if column.optional { prop_oneof![Just(Cell::Empty), some].boxed() } else { some }
}

/// Rows of a table by key.
fn rows(table: Table) -> BoxedStrategy<(Table, Vec<Vec<Cell>>)> {
    let cells: Vec<_> = table.columns.iter().map(cells).collect();
    let keys: Vec<bool> = table.columns.iter().map(|column| column.key).collect();
    let keyed = cells.prop_map(move |row| {
        let key = row.iter().zip(&keys).filter(|(_, key)| **key).map(|(cell, _)| cell.clone());
        (key.collect::<Vec<_>>(), row)
    });
    vec(keyed, 0..6)
        .prop_map(move |keyed| {
            let rows: std::collections::BTreeMap<_, _> = keyed.into_iter().collect();
            (table.clone(), rows.into_values().collect())
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_rows_there_are_reading_and_writing_again_gives_the_same_bytes(
        tables in kept(newest()).map(rows).collect::<Vec<_>>(),
        files in btree_map("[a-z]{1,8}(/[a-z.]{3,8})?", vec(any::<u8>(), 0..50), 0..4),
        taken_at: i64,
        id: [u8; 16],
    ) {
        let header = Header { taken_at, id: BackupId(id), ..header(newest()) };
        let mut encoder = Encoder::begin(&header);
        for (path, bytes) in files.iter().filter(|(path, _)| path_allowed(path)) {
            encoder.file(path, bytes);
        }
        for (table, rows) in &tables {
            encoder.table(table);
            rows.iter().for_each(|row| encoder.row(row));
            encoder.end_table();
        }
        encoder.end();
        let bytes = encoder.take();
        let mut reader = Reader::open(&bytes[..], newest()).unwrap();
        let mut again = Encoder::begin(reader.header());
        while let Some(entry) = reader.next().unwrap() {
            match entry {
                Entry::File { path, bytes } => again.file(&path, &bytes),
                Entry::Table(place) => again.table(&reader.tables()[place]),
                Entry::Row(cells) => again.row(&cells),
                Entry::TableEnd { .. } => again.end_table(),
                Entry::Round { id, digest } => again.round(&id, &digest),
            }
        }
        prop_assert_eq!(again.end(), reader.digest());
        prop_assert_eq!(again.take(), bytes);
    }

    #[test]
    fn whatever_bytes_come_nothing_panics_and_nothing_is_believed(
        begin in any::<bool>(), bytes in vec(any::<u8>(), 0..400), at in any::<prop::sample::Index>(),
    ) {
        let mut hostile = sample();
        if begin {
            // A whole beginning with rubbish in its midst.
            hostile.truncate(at.index(hostile.len()));
        } else {
            hostile.clear();
        }
        hostile.extend_from_slice(&bytes);
        if hostile != sample() {
            prop_assert!(read(&hostile).is_err());
        }
        for opener in [Opener::Nothing, Opener::from_key_file(&generate().0, "key").unwrap()] {
            let mut framed = b"age-encryption.org/v1\n-> X25519 ".to_vec();
            framed.extend_from_slice(&bytes);
            framed.extend_from_slice(b"\n--- ");
            framed.extend_from_slice(&bytes);
            prop_assert!(opened(&framed, &opener).is_err());
        }
    }
}
