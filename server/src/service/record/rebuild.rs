//! Projections made anew from the stored changes, which are believed no more than if they came from outside.

use super::take::heads_of;
use crate::error::AppError;
use crate::service::{Centre, Round, load_round};
use crate::store::records::{ChangeRow, HeadRow};
use crate::store::{Db, StoreError, devices, records, rounds, units};
use std::collections::BTreeMap;
use sync_core::centre::{Admission, Certificates};
use sync_core::cose::PublicKey;
use sync_core::device::SignedCertificate;
use sync_core::id::{DeviceId, RoundId, UnitCode};
use sync_core::record::{Actor, Record, Taken};

/// What was made anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Units whose changes were looked at.
    pub units: usize,
    /// Changes whose signature and hash were checked.
    pub changes: usize,
    /// Units in which a projection was not what follows from the changes.
    pub mended: usize,
}

impl Rebuilt {
    fn add(&mut self, changes: usize, mended: bool) {
        self.units += 1;
        self.changes += changes;
        self.mended += usize::from(mended);
    }
}

/// Keys of every device of a round.
struct Keys(BTreeMap<DeviceId, PublicKey>);

impl Certificates for Keys {
    fn key_of(&self, device: &DeviceId) -> Option<PublicKey> {
        self.0.get(device).copied()
    }
}

impl Centre {
    /// Makes every projection anew from the stored changes, of which signatures and hashes are checked, unit by unit.
    ///
    /// # Errors
    /// [`AppError`] with code `record_damaged` if a change is not what its writer signed: projections are then as they
    /// were.
    pub async fn rebuild_projections(
        &self,
        progress: &mut dyn FnMut(&UnitCode),
    ) -> Result<Rebuilt, AppError> {
        let mut done = Rebuilt::default();
        let ids: Vec<RoundId> = rounds::list(&mut *self.inner.store.reader().await?)
            .await?
            .into_iter()
            .filter(|row| row.package.is_some())
            .map(|row| row.id)
            .collect();
        for id in ids {
            let round = self.round(&id).await?;
            for entry in &round.signed()?.value().units {
                progress(&entry.code);
                let (changes, mended) = self.rebuild_unit(&id, &entry.code).await?;
                done.add(changes, mended);
            }
        }
        Ok(done)
    }

    async fn rebuild_unit(&self, id: &RoundId, unit: &UnitCode) -> Result<(usize, bool), AppError> {
        let mut tx = self.begin_write().await?;
        units::take_any_turn(&mut tx, id, unit).await?;
        let round = load_round(&mut tx, id).await?;
        let (changes, heads) = proved(&mut tx, &round, unit).await?;
        let kept = records::heads(&mut tx, id, unit).await?;
        let had_summary = records::summary(&mut tx, id, unit).await?;
        records::clear_projections(&mut tx, id, unit).await?;
        for head in &heads {
            records::put_head(&mut tx, id, unit, head).await?;
        }
        let standing = crate::service::standing::load_standing(&mut tx, None, &round, unit).await?;
        let (_, fresh) = super::summary::summarise(&mut tx, None, &round, &standing).await?;
        let mut mended = kept != heads;
        if let Some(fresh) = fresh {
            // A summary that rests on something else is old, which is no damage.
            mended |= had_summary.is_some_and(|(basis, text)| fresh.contradicts(&basis, &text));
            fresh.keep(&mut tx, id).await?;
        }
        mended |= crate::service::plans::project(&mut tx, (id, &round.signed()?.hash(), unit)).await?;
        if mended {
            self.commit(tx, "projections_rebuilt", unit, format!("{changes} changes of its record")).await?;
        } else {
            tx.commit().await.map_err(StoreError::from)?;
        }
        Ok((changes, mended))
    }
}

/// The heads that follow from a unit's changes, each of which was verified as if it came from outside; and how many
/// changes there are.
pub(in crate::service) async fn proved(
    db: &mut Db,
    round: &Round,
    unit: &UnitCode,
) -> Result<(usize, Vec<HeadRow>), AppError> {
    let package = round.signed()?;
    let centre = &package.value().centre;
    let hash = package.hash();
    let admission = Admission { package: &hash, unit, centre };
    let mut keys = BTreeMap::new();
    for row in devices::list(db, &round.id).await? {
        let certificate = SignedCertificate::open(&row.certificate, &centre.sign);
        let certificate = certificate.map_err(|_| StoreError::Damaged { what: "certificate" })?;
        keys.insert(certificate.value().device(), certificate.value().sign);
    }
    let keys = Keys(keys);
    let mut record = Record::new(hash, unit.clone());
    let mut rows: Vec<(Actor, ChangeRow)> = Vec::new();
    for row in records::of_unit(db, &round.id, unit).await? {
        let damaged = |why: &str| {
            let detail = format!(
                "a stored change of the record of unit {unit} is not what its writer signed ({why}): restore the \
                 database from a backup; tablets bring what it lacks"
            );
            AppError::unprocessable("record_damaged", detail)
        };
        let change = admission.judge_change(&row.bytes, &keys).map_err(|outcome| damaged(outcome.code()))?;
        let actor = change.value().actor;
        if change.id() != row.id || change.value().sequence != row.sequence {
            return Err(damaged("its key is another's"));
        }
        match record.take(change) {
            // Beyond twins: kept as evidence.
            Taken::New | Taken::AlreadyHere => rows.push((actor, row)),
            Taken::WaitsForPredecessor => return Err(damaged("the change before it is missing")),
            Taken::Refused(outcome) => return Err(damaged(outcome.code())),
        }
    }
    Ok((rows.len(), heads_of(&record, &rows)))
}
