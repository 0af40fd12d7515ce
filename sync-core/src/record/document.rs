//! The record as an Automerge document. No other module names Automerge.
//!
//! *Rebuild, never parse.* Automerge panics on some hostile changes, takes gigabytes for others, and may accept changes
//! after which it cannot read its own file. So no bytes of others ever reach it. Each change is written here from entries
//! that were read by our own strict reader; that the hash comes out as the writer signed it shows that both sides hold
//! the same genuine Automerge change.
//!
//! The document: `package` (bytes), `unit` (text), `version` (1), and `entries`, a map from the place of an entry
//! (`actor-sequence-index`, the actor in hexadecimal) to its bytes. It begins with one change that follows from package
//! and unit; each writer's chain depends on that beginning and on itself alone.

use super::{Actor, ChangeHash};
use crate::id::{PackageHash, UnitCode, sha256};
use automerge::legacy::{Change as Expanded, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Automerge, Change, ObjType, ScalarValue};
use std::num::NonZeroU64;

/// Version of the document's shape.
const SHAPE: u64 = 1;
/// Operations of the beginning: they number the first operation of every chain.
const GENESIS_OPS: u64 = 4;

/// Where a change stands in its writer's chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub actor: Actor,
    pub sequence: u32,
    pub previous: Option<ChangeHash>,
    /// Operations of the chain before this change.
    pub ops: u64,
}

/// The hash of the change that every record of this unit begins with.
pub fn genesis(package: &PackageHash, unit: &UnitCode) -> ChangeHash {
    hash_of(&genesis_change(package, unit))
}

/// The hash that Automerge gives a change with these entries.
pub(super) fn change_hash(
    package: &PackageHash,
    unit: &UnitCode,
    link: &Link,
    entries: &[Vec<u8>],
) -> ChangeHash {
    let beginning = match link.previous {
        Some(previous) => previous,
        None => genesis(package, unit),
    };
    hash_of(&change(&genesis_actor(package, unit), beginning, link, entries))
}

/// The document with these chains, as any Automerge program opens it, and its heads. Each chain is a writer and the
/// entries of its changes from the first on.
pub fn export<'a>(
    package: &PackageHash,
    unit: &UnitCode,
    chains: impl Iterator<Item = (Actor, Vec<Vec<Vec<u8>>>)> + 'a,
) -> (Vec<u8>, Vec<ChangeHash>) {
    let first = genesis_change(package, unit);
    let beginning = hash_of(&first);
    let root = genesis_actor(package, unit);
    let mut changes = vec![first];
    for (actor, entries) in chains {
        let mut link = Link { actor, sequence: 0, previous: None, ops: 0 };
        let mut last = beginning;
        for entries in entries {
            link.sequence += 1;
            let next = change(&root, last, &link, &entries);
            link.ops += entries.len() as u64;
            last = hash_of(&next);
            changes.push(next);
        }
    }
    // Automerge gives a new document a random actor; this one never writes, and its actor is set all the same.
    let mut document = Automerge::new().with_actor(root.clone());
    document.apply_changes(changes).expect("changes that were made here, each after the one it depends on");
    let mut heads: Vec<ChangeHash> = document.get_heads().iter().map(|hash| ChangeHash(hash.0)).collect();
    heads.sort_unstable();
    (document.save(), heads)
}

fn genesis_actor(package: &PackageHash, unit: &UnitCode) -> ActorId {
    let hash = sha256(&[b"homphieu/record-genesis/1", package.as_bytes(), unit.as_str().as_bytes()]);
    ActorId::from(&hash[..Actor::LEN])
}

fn genesis_change(package: &PackageHash, unit: &UnitCode) -> Change {
    let put = |key: &str, value: ScalarValue| op(ObjectId::Root, key, OpType::Put(value));
    let operations = vec![
        op(ObjectId::Root, "entries", OpType::Make(ObjType::Map)),
        put("package", ScalarValue::Bytes(package.as_bytes().to_vec())),
        put("unit", ScalarValue::Str(unit.as_str().into())),
        put("version", ScalarValue::Uint(SHAPE)),
    ];
    debug_assert_eq!(operations.len() as u64, GENESIS_OPS);
    write(genesis_actor(package, unit), 1, NonZeroU64::MIN, Vec::new(), operations)
}

fn change(root: &ActorId, previous: ChangeHash, link: &Link, entries: &[Vec<u8>]) -> Change {
    let map = ObjectId::Id(OpId(1, root.clone()));
    let operations = entries
        .iter()
        .enumerate()
        .map(|(index, bytes)| {
            let key = format!("{}-{}-{index}", link.actor, link.sequence);
            op(map.clone(), &key, OpType::Put(ScalarValue::Bytes(bytes.clone())))
        })
        .collect();
    let start = NonZeroU64::MIN.saturating_add(GENESIS_OPS + link.ops);
    let actor = ActorId::from(&link.actor.0[..]);
    write(actor, u64::from(link.sequence), start, vec![automerge::ChangeHash(previous.0)], operations)
}

fn op(obj: ObjectId, key: &str, action: OpType) -> Op {
    Op { action, obj, key: Key::Map(key.into()), pred: SortedVec::new(), insert: false }
}

fn write(
    actor_id: ActorId,
    seq: u64,
    start_op: NonZeroU64,
    deps: Vec<automerge::ChangeHash>,
    operations: Vec<Op>,
) -> Change {
    Change::from(Expanded {
        operations,
        actor_id,
        hash: None,
        seq,
        start_op,
        time: 0,
        message: None,
        deps,
        extra_bytes: Vec::new(),
        author: None,
    })
}

fn hash_of(change: &Change) -> ChangeHash {
    ChangeHash(change.hash().0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::transaction::{CommitOptions, Transactable};
    use automerge::{ROOT, ReadDoc};

    fn unit() -> UnitCode {
        UnitCode::new("00712").expect("a code")
    }

    /// The same chain, written by an ordinary Automerge program into a document of its own.
    fn written_by_hand(actor: Actor, changes: &[Vec<Vec<u8>>]) -> Vec<ChangeHash> {
        let package = PackageHash([0xaa; 32]);
        let mut document = Automerge::new().with_actor(genesis_actor(&package, &unit()));
        let mut tx = document.transaction();
        let map = tx.put_object(ROOT, "entries", ObjType::Map).expect("a map");
        tx.put(ROOT, "package", vec![0xaa_u8; 32]).expect("package");
        tx.put(ROOT, "unit", "00712").expect("unit");
        tx.put(ROOT, "version", 1_u64).expect("version");
        let (first, _) = tx.commit_with(CommitOptions::default().with_time(0));
        let mut hashes = vec![ChangeHash(first.expect("a change").0)];
        let mut document = document.with_actor(ActorId::from(&actor.0[..]));
        for (sequence, entries) in (1..).zip(changes) {
            let mut tx = document.transaction();
            for (index, bytes) in entries.iter().enumerate() {
                tx.put(&map, format!("{actor}-{sequence}-{index}"), bytes.clone()).expect("an entry");
            }
            let (hash, _) = tx.commit_with(CommitOptions::default().with_time(0));
            hashes.push(ChangeHash(hash.expect("a change").0));
        }
        hashes
    }

    #[test]
    fn a_change_has_the_hash_that_automerge_gives_who_writes_the_same_in_a_document_of_its_own() {
        let package = PackageHash([0xaa; 32]);
        let actor = Actor([7; 24]);
        let changes: Vec<Vec<Vec<u8>>> =
            (0..40_u8).map(|n| (0..=n % 5).map(|i| vec![n, i, 0xff]).collect()).collect();
        let expected = written_by_hand(actor, &changes);
        assert_eq!(genesis(&package, &unit()), expected[0]);
        let mut link = Link { actor, sequence: 0, previous: None, ops: 0 };
        for (entries, expected) in changes.iter().zip(&expected[1..]) {
            link.sequence += 1;
            let hash = change_hash(&package, &unit(), &link, entries);
            assert_eq!(hash, *expected, "change {}", link.sequence);
            link.ops += entries.len() as u64;
            link.previous = Some(hash);
        }
    }

    #[test]
    fn the_exported_document_holds_every_entry_and_ends_in_the_last_change_of_each_chain() {
        let package = PackageHash([0xaa; 32]);
        let chains = [
            (Actor([1; 24]), vec![vec![vec![1], vec![2]], vec![vec![3]]]),
            (Actor([2; 24]), vec![vec![vec![4]]]),
        ];
        let (bytes, heads) = export(&package, &unit(), chains.clone().into_iter());
        let mut expected: Vec<_> = chains
            .iter()
            .map(|(actor, changes)| *written_by_hand(*actor, changes).last().expect("a change"))
            .collect();
        expected.sort_unstable();
        assert_eq!(heads, expected);
        let document = Automerge::load(&bytes).expect("a document of our own");
        let (_, map) = document.get(ROOT, "entries").expect("read").expect("the entries");
        assert_eq!(document.length(&map), 4);
        let (value, _) = document.get(&map, format!("{}-2-0", Actor([1; 24]))).expect("read").expect("entry");
        assert_eq!(value.as_bytes(), Some(&[3_u8][..]));
    }

    #[test]
    fn an_empty_record_ends_in_its_beginning() {
        let package = PackageHash([0xaa; 32]);
        let (_, heads) = export(&package, &unit(), std::iter::empty());
        assert_eq!(heads, [genesis(&package, &unit())]);
    }
}
