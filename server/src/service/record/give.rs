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

/// Whether somebody with these heads may have changes that are not here. Of a chain that is shorter than ours only the
/// last change tells whether it is the beginning of ours, or a copied device's that went another way.
pub(in crate::service) async fn lacks_any(
    db: &mut Db,
    of: (&RoundId, &UnitCode),
    heads: &[HeadRow],
    theirs: &[RecordHead],
) -> Result<bool, StoreError> {
    let here: BTreeMap<[u8; 24], &HeadRow> = heads.iter().map(|head| (head.actor.0, head)).collect();
    for head in theirs {
        let Some(here) = here.get(&head.actor).filter(|here| here.sequence >= head.sequence) else {
            return Ok(true);
        };
        let known = if here.sequence == head.sequence {
            here.hash == head.hash
        } else {
            let rows = records::chain(db, of, &here.actor, head.sequence..=head.sequence).await?;
            let mut known = false;
            for row in &rows {
                known |= restored(row)?.value().hash.short() == head.hash;
            }
            known
        };
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
