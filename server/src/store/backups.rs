//! Which backups hold which state of a round.

use super::{Db, StoreError};
use sync_core::id::RoundId;

const NOTE: &str = "INSERT INTO backup_round (backup, round, digest, verified) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (backup, round) DO UPDATE SET digest = $3, verified = $4";
const VERIFIED: &str =
    "SELECT backup FROM backup_round WHERE round = $1 AND digest = $2 AND verified <> 0 LIMIT 1";

pub(super) const ALL: &[&str] = &[NOTE, VERIFIED];

/// Notes the state of a round that a backup holds, and whether the backup was read back and checked.
pub async fn note(
    db: &mut Db,
    backup: &[u8],
    round: &RoundId,
    digest: &[u8; 32],
    verified: bool,
) -> Result<(), StoreError> {
    let query = sqlx::query(NOTE).bind(backup.to_vec()).bind(round.0.to_vec());
    query.bind(digest.to_vec()).bind(i64::from(verified)).execute(db).await?;
    Ok(())
}

/// Whether a checked backup holds exactly this state of a round. An older one that holds the same is as good as the
/// newest.
pub async fn is_verified(db: &mut Db, round: &RoundId, digest: &[u8; 32]) -> Result<bool, StoreError> {
    let query = sqlx::query(VERIFIED).bind(round.0.to_vec()).bind(digest.to_vec());
    Ok(query.fetch_optional(db).await?.is_some())
}
