//! How often something was written that follows a round's ballot and changes nothing of the ballot itself: who was told,
//! what went out, visits, due days.
//!
//! It is a turn of its own beside the round's: to tell one official does not have everything that rests on the ballot
//! worked out anew. It tells what is kept in memory apart from what is stored, and nothing else.

use super::{Db, StoreError};
use sync_core::id::RoundId;

const TAKE: &str = "INSERT INTO follow_up (round, turn) VALUES ($1, 1) ON CONFLICT (round) DO UPDATE SET \
     turn = follow_up.turn + 1";

pub(super) const ALL: &[&str] = &[TAKE];

/// Takes the next turn, before anything is written: whoever else writes here waits.
pub async fn take_turn(db: &mut Db, round: &RoundId) -> Result<(), StoreError> {
    sqlx::query(TAKE).bind(round.0.to_vec()).execute(db).await?;
    Ok(())
}
