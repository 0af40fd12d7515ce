//! Ballots are cast in a known order; no byte that is stored or sent follows it, or tells when it was.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use client_ffi::Tablet;
use client_ffi::store::{FileStore, Key, Store};
use client_ffi::transport::{Http, Transport, TransportError};
use homphieu_tests::office::{Office, marks, unit};
use homphieu_tests::server::Server;
use homphieu_tests::traces::{Trace, moment, order};
use std::cell::RefCell;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use sync_core::cbor;
use sync_core::open_box::OpenBox;

const VOTERS: usize = 23;

/// A network that keeps everything that passes.
struct Wiretap {
    http: Http,
    seen: RefCell<Vec<Vec<u8>>>,
}

impl Transport for Wiretap {
    fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, TransportError> {
        let answer = self.http.post(path, body)?;
        self.seen.borrow_mut().extend([body.to_vec(), answer.clone()]);
        Ok(answer)
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Every file below a folder, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
    }
    found.sort();
    found
}

/// The open box as a thief would read it, who has the key beside it.
fn opened_box(store: &FileStore) -> Vec<u8> {
    let value = |key: &str| store.get(&Key::parse(key).unwrap()).unwrap().unwrap();
    let (key, sealed) = (value("boxkey~A"), value("box~A"));
    let cipher = XChaCha20Poly1305::new_from_slice(&key).unwrap();
    let nonce: [u8; 24] = sealed[..24].try_into().unwrap();
    cipher.decrypt(&XNonce::from(nonce), Payload { msg: &sealed[24..], aad: b"A" }).unwrap()
}

/// Everything that one voting session leaves anywhere, with the order of casting and the time it took.
struct Session {
    cast: Vec<[u8; 16]>,
    from: u64,
    to: u64,
    /// Values that hold ballots, as stored or sent.
    places: Vec<(String, Vec<u8>)>,
    /// Whether a file of the tablet has a time.
    timed: Vec<Trace>,
    log: Vec<u8>,
}

fn session() -> Session {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("tablet", &["A"], &server.address);
    let a = unit("A");
    let folder = office.home().join("tablet");
    // That the office invited and the tablet enrolled is noted to the second, as it should be; voting begins in a
    // later one, so that a moment of it is told from those.
    let enrolled = now();
    while now() == enrolled {
        std::hint::spin_loop();
    }
    let slips = &office.slips[&a];
    let mut session = Session {
        cast: slips[..VOTERS].iter().map(|slip| slip.nullifier(&office.round, &a).0).collect(),
        from: now(),
        to: 0,
        places: Vec::new(),
        timed: Vec::new(),
        log: Vec::new(),
    };
    for (voter, slip) in slips[..VOTERS].iter().enumerate() {
        tablet.cast(&a, slip, &marks(voter)).unwrap();
        session.places.push((format!("the open box after ballot {voter}"), opened_box(tablet.store())));
        for (name, bytes) in files(&folder) {
            session.places.push((format!("file {name} after ballot {voter}"), bytes));
        }
    }
    session.timed = timed(&folder);
    tablet.close(&a).unwrap();
    session.to = now();
    let wiretap = Wiretap { http: Http::new(&server.address), seen: RefCell::default() };
    tablet.sync(&wiretap).unwrap();
    session.timed.extend(timed(&folder));
    let sent = wiretap.seen.into_inner().into_iter().enumerate();
    session.places.extend(sent.map(|(i, bytes)| (format!("message {i}"), bytes)));
    session.places.extend(files(&folder).into_iter().map(|(name, bytes)| (format!("file {name}"), bytes)));
    // With the log of the database still there, and after it was tidied.
    let centre = |when: &str, places: &mut Vec<_>| {
        places.extend(
            files(&office.folder()).into_iter().map(|(name, b)| (format!("centre's {name}, {when}"), b)),
        );
        places.push((format!("centre's tables, {when}"), office.database_values()));
    };
    centre("running", &mut session.places);
    server.stop();
    centre("stopped", &mut session.places);
    session.log = std::fs::read(office.folder().with_extension("log")).unwrap();
    drop(Tablet::open(tablet.into_store()).unwrap());
    session
}

fn timed(folder: &Path) -> Vec<Trace> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let timed = paths.chain([folder.to_owned()]).filter(|path| {
        let meta = std::fs::metadata(path).unwrap();
        // The lock is made at the start of the program and says only that it runs.
        meta.mtime() != 0 && !path.ends_with(".lock")
    });
    timed
        .map(|path| Trace::Moment { place: path.display().to_string(), what: "file time".to_owned() })
        .collect()
}

fn traces(session: &Session) -> Vec<Trace> {
    let mut found = session.timed.clone();
    for (place, bytes) in &session.places {
        found.extend(order(place, &session.cast, bytes));
        found.extend(moment(place, session.from, session.to, bytes));
    }
    found
}

fn place_of(trace: &Trace) -> String {
    match trace {
        Trace::Order { place, .. } | Trace::Moment { place, .. } => place.clone(),
    }
}

#[test]
fn nothing_stored_or_sent_follows_the_order_of_casting() {
    let first = traces(&session());
    if first.is_empty() {
        return;
    }
    // Chance makes a pattern in a hundred thousand places now and then, a fault of the program always does.
    let again = traces(&session());
    let both: Vec<_> = again.iter().filter(|t| first.iter().any(|f| place_of(f) == place_of(t))).collect();
    assert!(both.is_empty(), "{both:#?}");
}

#[test]
fn the_log_says_nothing_of_ballots_codes_or_names() {
    let session = session();
    let log = String::from_utf8_lossy(&session.log).to_lowercase();
    assert!(log.contains("sync") || log.len() > 1_000, "the log was on: {} bytes", log.len());
    for nullifier in &session.cast {
        let hex: String = nullifier.iter().map(|b| format!("{b:02x}")).collect();
        assert!(!log.contains(&hex), "a nullifier is in the log");
        assert!(!session.log.windows(16).any(|window| window == nullifier), "a nullifier is in the log");
    }
    for name in ["vàng mí", "giàng thị", "bí thư"] {
        assert!(!log.contains(name), "a name is in the log");
    }
}

#[test]
fn the_search_finds_a_sort_that_was_taken_out() {
    let session = session();
    let (_, plain) = session.places.iter().find(|(place, _)| place.ends_with("after ballot 22")).unwrap();
    let open_box: OpenBox = cbor::decode(plain).unwrap();
    assert!(open_box.len() >= 4);
    // An envelope and a box of the same ballots as they were cast.
    let unsorted: Vec<u8> =
        session.cast.iter().flat_map(|nullifier| [&nullifier[..], &[7; 61]].concat()).collect();
    assert!(matches!(order("mutated", &session.cast, &unsorted), Some(Trace::Order { percent: 100, .. })));
    let reversed: Vec<u8> = session.cast.iter().rev().flatten().copied().collect();
    assert!(order("mutated", &session.cast, &reversed).is_some());
    let mut sorted = session.cast.clone();
    sorted.sort_unstable();
    let near = order("sorted", &session.cast, &sorted.concat());
    assert!(near.is_none(), "sorting hides it: {near:?}");
}

#[test]
fn the_search_finds_a_timestamp_that_was_added() {
    let session = session();
    let (from, to) = (session.from, session.to.max(session.from + 1));
    let at = from + (to - from) / 2;
    let ballot: Vec<u8> = session.cast.concat();
    let nanos = at * 1_000_000_000 + 5;
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century fit exactly")]
    let added: Vec<Vec<u8>> = vec![
        u32::try_from(at).unwrap().to_be_bytes().to_vec(),
        u32::try_from(at).unwrap().to_le_bytes().to_vec(),
        (at * 1_000).to_be_bytes().to_vec(),
        (at * 1_000_000).to_le_bytes().to_vec(),
        nanos.to_be_bytes().to_vec(),
        (at as f64 + 0.25).to_be_bytes().to_vec(),
        at.to_string().into_bytes(),
    ];
    for stamp in added {
        let mutated = [&ballot[..100], &stamp, &ballot[100..]].concat();
        assert!(moment("mutated", from, to, &mutated).is_some(), "{stamp:?}");
    }
}

#[test]
fn a_centre_and_its_log_of_changes_hold_no_plain_permit_or_mark() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let mut tablet = office.tablet("tablet", &["A"], &server.address);
    office.cast(&mut tablet, "A", 0..VOTERS);
    tablet.close(&unit("A")).unwrap();
    tablet.sync(&Http::new(&server.address)).unwrap();
    let mut everywhere = files(&office.folder());
    everywhere.push(("tables".to_owned(), office.database_values()));
    everywhere.extend(files(&office.home().join("tablet")));
    for slip in &office.slips[&unit("A")] {
        let text = slip.reveal();
        let bare = text.replace('-', "");
        for (name, bytes) in &everywhere {
            let holds = |what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
            assert!(!holds(&text) && !holds(&bare), "a permit code is in {name}");
        }
    }
}
