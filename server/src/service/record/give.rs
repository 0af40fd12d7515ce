//! What a tablet lacks of its unit's record.

use super::take::restored;
use crate::store::records::{self, ChangeRow, HeadRow};
use crate::store::{Db, StoreError};
use std::collections::BTreeMap;
use sync_core::id::{PackageHash, RoundId, UnitCode};
use sync_core::message::RecordHead;
use sync_core::record::{Actor, Record};

/// How far every chain is stored, as `have` says it.
pub(in crate::service) fn as_have(heads: &[HeadRow]) -> Vec<RecordHead> {
    heads
        .iter()
        .map(|head| RecordHead { actor: head.actor.0, sequence: head.sequence, hash: head.hash })
        .collect()
}

/// Whether somebody with these heads may have changes that are not here: the answer that the whole record would give, of
/// which only the changes are read that somebody's heads name.
pub(in crate::service) async fn lacks_any(
    db: &mut Db,
    (round, unit): (&RoundId, &UnitCode),
    heads: &[HeadRow],
    theirs: &[RecordHead],
) -> Result<bool, StoreError> {
    let here: BTreeMap<[u8; 24], &HeadRow> = heads.iter().map(|head| (head.actor.0, head)).collect();
    for head in theirs {
        let Some(here) = here.get(&head.actor) else { return Ok(true) };
        if head.sequence == 0 || (here.sequence, here.hash) == (head.sequence, head.hash) {
            continue;
        }
        if here.sequence < head.sequence {
            return Ok(true);
        }
        // A shorter chain may be another one, and twins may be known there as one of them.
        let named = records::chain(db, (round, unit), &here.actor, head.sequence..=head.sequence).await?;
        let mut known = false;
        for row in &named {
            known |= restored(row)?.value().hash.short() == head.hash;
        }
        if !known {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writers of whom somebody with these heads lacks something, as far as heads can tell.
pub(in crate::service) fn behind<'a>(
    heads: &'a [HeadRow],
    theirs: &[RecordHead],
) -> Vec<(&'a HeadRow, Option<RecordHead>)> {
    let theirs: BTreeMap<[u8; 24], &RecordHead> = theirs.iter().map(|head| (head.actor, head)).collect();
    let pairs = heads.iter().map(|here| (here, theirs.get(&here.actor.0).copied()));
    let differ = |here: &HeadRow, there: Option<&RecordHead>| {
        there.is_none_or(|there| there.sequence != here.sequence || there.hash != here.hash)
    };
    pairs.filter(|(here, there)| differ(here, *there)).map(|(here, there)| (here, there.cloned())).collect()
}

/// The changes of one writer that somebody with this head lacks, in their order.
pub(in crate::service) async fn lacking(
    db: &mut Db,
    (round, package, unit): (&RoundId, &PackageHash, &UnitCode),
    here: &HeadRow,
    theirs: Option<&RecordHead>,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let actor: &Actor = &here.actor;
    // Mostly the other is some changes behind on the very same chain, and then only these are read.
    if let Some(theirs) = theirs.filter(|theirs| (1..here.sequence).contains(&theirs.sequence)) {
        let rows = records::chain(db, (round, unit), actor, theirs.sequence..=here.sequence).await?;
        if let [known, rest @ ..] = rows.as_slice()
            && known.sequence == theirs.sequence
            && restored(known)?.value().hash.short() == theirs.hash
        {
            return Ok(rest.iter().map(|row| row.bytes.clone()).collect());
        }
    }
    let rows: Vec<ChangeRow> = records::chain(db, (round, unit), actor, 1..=here.sequence).await?;
    let mut record = Record::new(*package, unit.clone());
    for row in &rows {
        record.restore(restored(row)?);
    }
    let theirs: Vec<RecordHead> = theirs.cloned().into_iter().collect();
    Ok(record.lacking(&theirs).into_iter().map(|change| change.bytes().to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::record::take::take;
    use crate::store::Store;
    use sync_core::cose::SecretKey;
    use sync_core::device::device_id;
    use sync_core::id::SheetHash;
    use sync_core::record::{Act, Entry, PersonId, SignedChange, Writer};

    /// The package, unit and sheet of every change here.
    fn place() -> (PackageHash, UnitCode, SheetHash) {
        (PackageHash([3; 32]), UnitCode::new("A").unwrap(), SheetHash([4; 32]))
    }

    fn write(writer: &mut Writer, text: &str, key: &SecretKey) -> SignedChange {
        let entry =
            Entry { person: PersonId::of("Lan"), at: None, act: Act::Incident { text: text.to_owned() } };
        let (package, unit, sheet) = place();
        writer.write((&package, &unit, &sheet), vec![entry], key).unwrap()
    }

    /// Every record that one can have of these changes, each of which follows on one before it.
    fn records(changes: &[SignedChange]) -> Vec<Vec<SignedChange>> {
        let all = 0..1_u32 << changes.len();
        let chosen = all.map(|set| {
            let taken = changes.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0);
            taken.map(|(_, change)| change.clone()).collect::<Vec<_>>()
        });
        chosen.collect()
    }

    fn record_of(changes: &[SignedChange]) -> Record {
        let (package, unit, _) = place();
        let mut record = Record::new(package, unit);
        for change in changes {
            record.take(change.clone());
        }
        record
    }

    #[tokio::test]
    async fn the_stored_heads_say_what_the_whole_record_says_of_every_fork_of_a_chain() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), None).await.unwrap();
        let (package, unit, _) = place();
        let key = SecretKey::from_seed(&[7; 32]);
        let actor = Actor::new(&device_id(&key.public(), &[9; 32]), [1; 8]);
        // 1, 2, 3; another 2 with a 3 of its own; another 3.
        let mut writer = Writer::new(actor);
        let mut changes = vec![write(&mut writer, "một", &key)];
        let mut fork = writer.clone();
        changes.push(write(&mut writer, "hai", &key));
        let mut late = writer.clone();
        changes.push(write(&mut writer, "ba", &key));
        changes.push(write(&mut fork, "khác", &key));
        changes.push(write(&mut fork, "sau khác", &key));
        changes.push(write(&mut late, "ba khác", &key));
        let everything = records(&changes);
        let mut seen = [0; 2];
        for here in &everything {
            let mut db = store.begin_write().await.unwrap();
            let round = RoundId([5; 16]);
            for row in [
                "INSERT INTO round (id, mode, state, draft) VALUES ($1, 0, 'open', '')",
                "INSERT INTO unit (round, code) VALUES ($1, 'A')",
            ] {
                sqlx::query(row).bind(round.0.to_vec()).execute(&mut *db).await.unwrap();
            }
            let mut heads = Vec::new();
            take(&mut db, (&round, &package, &unit), &mut heads, here).await.unwrap();
            let whole = record_of(here);
            assert_eq!(as_have(&heads), whole.heads());
            for there in &everything {
                let theirs = record_of(there).heads();
                let exact = lacks_any(&mut db, (&round, &unit), &heads, &theirs).await.unwrap();
                assert_eq!(exact, whole.lacks_any(&theirs), "{heads:?} and {theirs:?}");
                seen[usize::from(exact)] += 1;
            }
            db.rollback().await.unwrap();
        }
        assert!(seen.iter().all(|times| *times > 100), "{seen:?}");
    }
}
