//! One digest over everything of a round that its end rests on: two databases that give the same one hold the same.
//!
//! It covers the package, devices and revocations, and per unit the sheets with their replacements, what was here at
//! the close, every envelope byte for byte, decisions, every change of the record and publication; then orders and results. Statements and the
//! round's state are left out, so that it is the same before and after the round is finished. Everything is read by
//! key, so the engine plays no part.

use super::{Db, StoreError, decisions, devices, envelopes, orders, records, rounds, statements, units};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use sync_core::id::{EnvelopeId, RoundId, UnitCode};

const DOMAIN: &[u8] = b"homphieu/round-digest/1";
/// Stands before the changes of a unit's record. Nothing else that can stand there has its length.
const RECORD: &[u8] = b"record";

/// The digest; `None` if there is no such round, or its package is not signed.
pub async fn of_round(db: &mut Db, round: &RoundId) -> Result<Option<[u8; 32]>, StoreError> {
    let Some(package) = rounds::get(db, round).await?.and_then(|row| row.package) else { return Ok(None) };
    let mut sum = Sum(Sha256::new());
    sum.add(DOMAIN).add(&round.0).add(&package);
    let mut of_devices = devices::list(db, round).await?;
    of_devices.sort_by_key(|row| row.id);
    sum.count(of_devices.len());
    for row in &of_devices {
        sum.add(&row.certificate).maybe(row.revocation.as_deref());
    }
    let published: BTreeMap<UnitCode, u32> = units::published(db, round).await?.into_iter().collect();
    let mut codes: Vec<UnitCode> =
        units::permits(db, round).await?.into_iter().map(|(code, _)| code).collect();
    codes.sort();
    sum.count(codes.len());
    for unit in &codes {
        sum.add(unit.as_str().as_bytes());
        add_unit(db, round, unit, &mut sum).await?;
        sum.maybe(published.get(unit).map(|order| order.to_be_bytes()).as_ref().map(<[u8; 4]>::as_slice));
    }
    let mut left = statements::left_unpublished(db, round).await?;
    left.sort_by(|a, b| a.unit.cmp(&b.unit));
    sum.count(left.len());
    for row in &left {
        let [first, second] = &row.persons;
        sum.texts([row.unit.as_str(), first, second, &row.reason]);
    }
    let of_orders = orders::list(db, round).await?;
    sum.count(of_orders.len());
    for row in &of_orders {
        sum.add(&row.bytes).maybe(row.result.as_deref());
    }
    Ok(Some(sum.0.finalize().into()))
}

async fn add_unit(db: &mut Db, round: &RoundId, unit: &UnitCode, sum: &mut Sum) -> Result<(), StoreError> {
    let replacements = units::replacements(db, round, unit).await?;
    let sheets: BTreeMap<_, _> = units::sheets(db, round, unit).await?.into_iter().collect();
    sum.list(replacements.iter().map(Vec::as_slice)).list(sheets.values().map(Vec::as_slice));
    let mut at_close = envelopes::at_close(db, round, unit).await?;
    at_close.sort_unstable();
    sum.list(at_close.iter().map(|id| id.0.as_slice()));
    let ids = envelopes::ids(db, round, unit).await?;
    sum.count(ids.len());
    // A few at a time, so that a unit of any size takes little memory.
    let mut next = ids.first().copied();
    while let Some(first) = next {
        let found = envelopes::from(db, round, unit, &first).await?;
        for (id, bytes) in &found {
            sum.add(&id.0).add(bytes);
        }
        next = found.last().and_then(|(last, _)| after(&ids, last));
    }
    let mut decided = decisions::of_unit(db, round, unit).await?;
    decided.sort_by(|a, b| a.subject.cmp(&b.subject));
    sum.count(decided.len());
    for row in &decided {
        let [first, second] = &row.persons;
        sum.texts([row.subject.as_str(), &row.verdict, first, second, &row.reason]);
    }
    let changes = records::of_unit(db, round, unit).await?;
    // A unit without a record adds nothing: backups from before there were records stay what they say.
    if !changes.is_empty() {
        sum.add(RECORD).list(changes.iter().map(|change| change.bytes.as_slice()));
    }
    Ok(())
}

fn after(ids: &[EnvelopeId], last: &EnvelopeId) -> Option<EnvelopeId> {
    ids.get(ids.partition_point(|id| id <= last)).copied()
}

/// A running hash in which every part has its length before it, so that no two contents give the same bytes.
struct Sum(Sha256);

impl Sum {
    fn count(&mut self, count: usize) -> &mut Self {
        self.0.update((count as u64).to_be_bytes());
        self
    }

    fn add(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len());
        self.0.update(bytes);
        self
    }

    fn maybe(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        match bytes {
            None => self.count(0),
            Some(bytes) => self.count(1).add(bytes),
        }
    }

    fn list<'a>(&mut self, parts: impl ExactSizeIterator<Item = &'a [u8]>) -> &mut Self {
        self.count(parts.len());
        for part in parts {
            self.add(part);
        }
        self
    }

    fn texts<const N: usize>(&mut self, texts: [&str; N]) -> &mut Self {
        for text in texts {
            self.add(text.as_bytes());
        }
        self
    }
}
