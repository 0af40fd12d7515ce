//! The board: how the units of a round stand now, for everybody who watches. It is worked out once for all of them, and
//! again only after somebody wrote.
//!
//! When a device was last heard is kept in memory alone and to the minute: on the disk nothing tells when an envelope came.

use super::tallies::load_mark;
use super::{Centre, UnitStatus, now};
use crate::domain::silence::{silent_at, silent_since};
use crate::error::AppError;
use crate::store::rounds;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use sync_core::id::{DeviceId, RoundId};

/// Boards that are kept; of older rounds each is worked out when it is asked for.
const KEPT_MAX: usize = 16;

/// How the units of a round stand.
#[derive(Debug)]
pub struct Board {
    mark: Mark,
    /// When the next of its tablets becomes silent if nothing happens until then, in seconds since 1970.
    until: Option<i64>,
    /// State of the round, by name.
    pub state: String,
    /// Since when this process listens, in seconds since 1970: what was heard before it does not know.
    pub since: i64,
    /// Units in the order of the package.
    pub units: Vec<BoardUnit>,
}

impl Board {
    /// State of the round and turns that were taken: while they are the same, nobody wrote anything of the ballot.
    pub(super) fn turns(&self) -> (String, i64) {
        (self.mark.state.clone(), self.mark.turns)
    }
}

/// How a unit stands, and when its tablets were heard.
#[derive(Debug)]
pub struct BoardUnit {
    /// How it stands.
    pub status: UnitStatus,
    /// When one of its tablets was last heard, in seconds since 1970, to the minute.
    pub heard: Option<i64>,
    /// Tablets that have not closed and are silent, each with the moment since which it is.
    pub silent: BTreeMap<DeviceId, i64>,
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
        let rounds::Mark { state, turns, .. } =
            load_mark(&mut *self.inner.store.reader().await?, round).await?;
        let mark = Mark { state, turns, contacts };
        let moment = now();
        // Somebody becomes silent without anybody's doing anything.
        let stands =
            |board: &&Arc<Board>| board.mark == mark && board.until.is_none_or(|until| moment < until);
        if let Some(board) = kept.get(round).filter(stands) {
            return Ok(Arc::clone(board));
        }
        let status = self.status(round).await?;
        let (units, until) = self.with_contacts(round, status, moment);
        let board = Arc::new(Board { state: mark.state.clone(), mark, until, since: boards.since, units });
        if kept.len() >= KEPT_MAX && !kept.contains_key(round) {
            kept.pop_first();
        }
        kept.insert(*round, Arc::clone(&board));
        Ok(board)
    }

    /// Units with what was heard of their tablets, and when the next of these becomes silent.
    fn with_contacts(
        &self,
        round: &RoundId,
        status: Vec<UnitStatus>,
        moment: i64,
    ) -> (Vec<BoardUnit>, Option<i64>) {
        let Boards { since, heard, .. } = &self.inner.boards;
        let heard = heard.read().expect("no holder panics");
        let of = |device: &DeviceId| heard.get(&(*round, *device)).copied();
        let mut until: Option<i64> = None;
        let mut unit = |status: UnitStatus| {
            let mut silent = BTreeMap::new();
            for (device, _) in status.active.iter().filter(|(_, closed)| !closed) {
                match silent_since(of(device), *since, moment) {
                    Some(since) => drop(silent.insert(*device, since)),
                    None => {
                        let at = silent_at(of(device), *since);
                        until = Some(until.map_or(at, |until| until.min(at)));
                    }
                }
            }
            let last = status.active.iter().filter_map(|(device, _)| of(device)).max();
            BoardUnit { heard: last, silent, status }
        };
        let units = status.into_iter().map(&mut unit).collect();
        (units, until)
    }

    /// When a device was last heard, in seconds since 1970, to the minute.
    pub fn heard_at(&self, round: &RoundId, device: &DeviceId) -> Option<i64> {
        let heard = self.inner.boards.heard.read().expect("no holder panics");
        heard.get(&(*round, *device)).copied()
    }

    /// Silent tablets of a round, each with the moment since which it is; none while there is no package.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn silent(&self, round: &RoundId) -> Result<BTreeMap<DeviceId, i64>, AppError> {
        match self.board(round).await {
            Ok(board) => {
                Ok(board.units.iter().flat_map(|unit| &unit.silent).map(|(id, at)| (*id, *at)).collect())
            }
            Err(error) if error.code() == "not_signed" => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
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
