//! The board: how the units of a round stand now, for everybody who watches. It is worked out once for all of them, and
//! again only after somebody wrote.
//!
//! When a device was last heard is kept in memory alone and to the minute: on the disk nothing tells when an envelope came.

use super::{Centre, UnitStatus, load_round, now};
use crate::error::AppError;
use crate::store::rounds;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use sync_core::id::{DeviceId, RoundId};

/// Boards that are kept; of older rounds each is worked out when it is asked for.
const KEPT_MAX: usize = 8;

/// How the units of a round stand.
#[derive(Debug)]
pub struct Board {
    mark: Mark,
    /// State of the round, by name.
    pub state: String,
    /// Since when this process listens, in seconds since 1970: what was heard before it does not know.
    pub since: i64,
    /// Units in the order of the package.
    pub units: Vec<BoardUnit>,
}

/// How a unit stands, and when its tablets were heard.
#[derive(Debug)]
pub struct BoardUnit {
    /// How it stands.
    pub status: UnitStatus,
    /// When one of its tablets was last heard, in seconds since 1970, to the minute.
    pub heard: Option<i64>,
    /// Tablets that have not closed and were not heard since this process listens.
    pub silent: usize,
}

/// What a board rests on. While it is the same, so is the board.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    state: String,
    turns: i64,
    contacts: u64,
}

/// What is kept of boards and contacts.
pub(super) struct Boards {
    since: i64,
    heard: RwLock<BTreeMap<(RoundId, DeviceId), i64>>,
    contacts: AtomicU64,
    kept: tokio::sync::Mutex<BTreeMap<RoundId, Arc<Board>>>,
}

impl Boards {
    /// Nothing was heard yet.
    pub fn new(since: i64) -> Self {
        Self {
            since,
            heard: RwLock::default(),
            contacts: AtomicU64::new(0),
            kept: tokio::sync::Mutex::default(),
        }
    }
}

impl Centre {
    /// The board of a round.
    ///
    /// # Errors
    /// [`AppError`]; `not_signed` while there is no package.
    pub async fn board(&self, round: &RoundId) -> Result<Arc<Board>, AppError> {
        let boards = &self.inner.boards;
        let mut kept = boards.kept.lock().await;
        // Read before the units are: who writes meanwhile is seen the next time.
        let contacts = boards.contacts.load(Ordering::SeqCst);
        let turns = rounds::turns(&mut *self.inner.store.reader().await?, round).await?;
        let Some((state, turns)) = turns else {
            // Says that there is none.
            load_round(&mut *self.inner.store.reader().await?, round).await?;
            return Err(AppError::Internal("a round is there and is not".to_owned()));
        };
        let mark = Mark { state, turns, contacts };
        if let Some(board) = kept.get(round).filter(|board| board.mark == mark) {
            return Ok(Arc::clone(board));
        }
        let status = self.status(round).await?;
        let units = self.with_contacts(round, status);
        let board = Arc::new(Board { state: mark.state.clone(), mark, since: boards.since, units });
        if kept.len() >= KEPT_MAX && !kept.contains_key(round) {
            kept.pop_first();
        }
        kept.insert(*round, Arc::clone(&board));
        Ok(board)
    }

    fn with_contacts(&self, round: &RoundId, status: Vec<UnitStatus>) -> Vec<BoardUnit> {
        let heard = self.inner.boards.heard.read().expect("no holder panics");
        let of = |device: &DeviceId| heard.get(&(*round, *device)).copied();
        let unit = |status: UnitStatus| BoardUnit {
            heard: status.active.iter().filter_map(|(device, _)| of(device)).max(),
            silent: status.active.iter().filter(|(device, closed)| !closed && of(device).is_none()).count(),
            status,
        };
        status.into_iter().map(unit).collect()
    }

    /// When a device was last heard, in seconds since 1970, to the minute.
    pub fn heard_at(&self, round: &RoundId, device: &DeviceId) -> Option<i64> {
        let heard = self.inner.boards.heard.read().expect("no holder panics");
        heard.get(&(*round, *device)).copied()
    }

    /// Since when this process listens, in seconds since 1970.
    pub fn listens_since(&self) -> i64 {
        self.inner.boards.since
    }

    /// Notes that a device spoke, which its signature has shown.
    pub(super) fn note_contact(&self, round: &RoundId, device: &DeviceId) {
        let minute = now() / 60 * 60;
        let mut heard = self.inner.boards.heard.write().expect("no holder panics");
        if heard.insert((*round, *device), minute) != Some(minute) {
            self.inner.boards.contacts.fetch_add(1, Ordering::SeqCst);
        }
    }
}
