//! Where the program takes what it has read of a record: the record itself, its state, minutes and findings.
//!
//! A change is taken apart and written anew, as somebody whose device is certified could: entry by entry, with a copy of
//! the tablet that goes another way. Whatever order that comes in, the record must be the same.

use crate::behind;
use crate::common::samples::{record_changes, record_story};
use crate::common::team::{Pen, Team, look, take_all};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use sync_core::cbor;
use sync_core::cose::{SecretKey, Unverified};
use sync_core::message::ItemKind;
use sync_core::package::{Sheet, Voting};
use sync_core::record::{
    Act, Close, Entry, EntryRef, Ground, Language, PersonId, Reader, Record, RecordChange, SealedChanges,
    SignedChange, Taken, Votes, plain, reconcile,
};

/// The sample's team, its tablet before it wrote anything, and what that tablet wrote.
struct Meeting {
    package: sync_core::id::PackageHash,
    unit: sync_core::id::UnitCode,
    sheet: Sheet,
    key: [u8; 32],
    changes: [SignedChange; 2],
}

static MEETING: LazyLock<Meeting> = LazyLock::new(|| {
    let (team, pen): (Team, Pen) = record_story();
    let sheet = team.world.sheet(0).clone();
    let key = *pen.tablet.key.seed();
    Meeting { package: team.package, unit: team.unit, sheet, key, changes: record_changes() }
});

fn pen() -> Pen {
    let (_, pen) = record_story();
    assert_eq!(*pen.tablet.key.seed(), MEETING.key);
    pen
}

fn record_of<'a>(changes: impl IntoIterator<Item = &'a SignedChange>) -> Record {
    let mut record = Record::new(MEETING.package, MEETING.unit.clone());
    take_all(&mut record, changes);
    record
}

/// A change on its own, and its entries.
pub fn change(bytes: &[u8]) {
    behind::item(ItemKind::RecordChange, bytes);
    let Ok(object) = Unverified::<RecordChange>::decode(bytes) else { return };
    // Whatever it claims is taken only if writing it again gives its hash.
    let claim = object.claim().clone();
    let mut alone = Record::new(claim.package, claim.unit.clone());
    let taken = alone.take(sync_core::cose::Signed::sign(claim.clone(), &SecretKey::from_seed(&[1; 32])));
    assert!(taken != Taken::New || alone.entries().count() == claim.entries.len());
    entries(&claim.entries);
}

/// An entry on its own.
pub fn entry(bytes: &[u8]) {
    if let Ok(entry) = cbor::decode::<Entry>(bytes) {
        entries(&[entry]);
    }
}

/// A sealed list: carried as it is, opened by its reader, and each change that was in it.
pub fn sealed(bytes: &[u8]) {
    behind::item(ItemKind::SealedRecordChange, bytes);
    let secret = [5; 32];
    if let Ok(sealed) = cbor::decode::<SealedChanges>(bytes)
        && let Ok(opened) = sealed.open(&secret)
    {
        opened.iter().for_each(|bytes| change(bytes));
    }
    // No search finds a seal that opens, so the bytes go under one.
    let seal = sync_core::ballot::BoxSecret::from_bytes(&secret).expect("a key").public();
    let reader = Reader { device: sync_core::id::DeviceId([4; 16]), seal };
    let mut rng = <rand_chacha::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(1);
    let list = vec![bytes.to_vec()];
    if let Ok(sealed) = SealedChanges::seal(&MEETING.package, &MEETING.unit, &reader, list.clone(), &mut rng)
    {
        // A list may hold nothing longer than a signed change.
        assert!(sealed.open(&secret).map_or(bytes.len() > 16 * 1024, |opened| opened == list));
    }
}

/// These entries beside those of the sample, written in one change, one by one, and by a copy the other way round.
fn entries(entries: &[Entry]) {
    let mut honest = pen();
    let mut changes: Vec<SignedChange> = MEETING.changes.to_vec();
    let mut other = honest.restarted(9);
    for entry in entries {
        if let Act::Join { name } = &entry.act {
            assert_eq!(PersonId::of(name), entry.person);
            assert_eq!(plain(&plain(name)), plain(name), "what is plain stays so");
        }
        changes.push(other.write(vec![entry.clone()]));
    }
    check(&changes);
    // A copy of the tablet writes them in its first change, and once more backwards: twins.
    changes.push(honest.write(entries.to_vec()));
    let mut copy = other.restarted(9);
    changes.extend(entries.iter().rev().map(|entry| copy.write(vec![entry.clone()])));
    check(&changes);
}

/// Two orders, one record; and whatever follows from it.
fn check(changes: &[SignedChange]) {
    let (record, backwards) = (record_of(changes), record_of(changes.iter().rev()));
    assert!(look(&record) == look(&backwards), "the order of arrival shows");
    assert!(record.state_at(&record.signed_heads()) == Some(record.state()));
    assert!(record.lacking(&record.heads()).is_empty() && !record.lacks_any(&record.heads()));
    let mut apart = record_of(&changes[..changes.len() / 2]);
    let given: Vec<SignedChange> = record.lacking(&apart.heads()).into_iter().cloned().collect();
    take_all(&mut apart, &given);
    assert!(apart.heads() == record.heads(), "what was lacking was not given");
    let found = findings(&record);
    assert!(found == findings(&backwards));
    let versions = record.versions();
    assert!(versions.iter().all(|version| !version.is_complete() || version.signed.len() >= 2));
    let places: BTreeSet<EntryRef> = record.entries().map(|(place, _)| place).collect();
    assert!(places.iter().all(|place| record.entry(place).is_some()));
}

fn findings(record: &Record) -> Vec<[u8; 16]> {
    let revoked: BTreeSet<_> = record.state().devices.into_iter().take(1).collect();
    let tablets: BTreeMap<_, _> = revoked.iter().map(|device| (*device, Close { total: Some(5) })).collect();
    let mut keys = Vec::new();
    for voting in [Voting::Permit, Voting::Attended] {
        let votes = Some(Votes { collected: 17 });
        let ground = Ground {
            sheet: Some(&MEETING.sheet),
            voting,
            tablets: tablets.clone(),
            revoked: &revoked,
            votes,
        };
        for finding in reconcile(record, &ground) {
            assert!(
                !finding.text(Language::Vietnamese).is_empty() && !finding.text(Language::English).is_empty()
            );
            keys.push(finding.key());
        }
    }
    keys
}
