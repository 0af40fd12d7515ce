//! Planned backups of a serving centre.

use super::super::{Actor, Centre, now};
use super::BackupPlan;
use crate::domain::schedule::{Now, Past, due_in, overdue};
use crate::error::AppError;
use crate::store::backups::BackupRow;
use serde::Serialize;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Longest sleep in seconds: a machine that was asleep, or whose clock was set, is noticed that soon.
const LOOK_EVERY: u64 = 60;

/// Backups that the centre makes by itself.
#[derive(Clone)]
pub struct Planned {
    /// Where and for whom.
    pub plan: BackupPlan,
    /// How often, in seconds.
    pub every: u64,
}

/// How planned backups are doing, for those who watch the centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupState {
    /// How often one is planned, in seconds; nothing if none is planned in this process.
    pub every: Option<u64>,
    /// When the newest checked backup was taken, in seconds since 1970.
    pub last_taken_at: Option<i64>,
    /// Size of its file in bytes.
    pub last_size: Option<u64>,
    /// Failures in a row since.
    pub failures: u32,
    /// Why the last one failed.
    pub failure: Option<String>,
    /// Whether the newest is older than it should ever be; without a plan, never.
    pub overdue: bool,
}

/// What this process knows of its planned backups.
pub(in crate::service) struct Health {
    began: Instant,
    known: Mutex<Known>,
    task: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Known {
    every: Option<u64>,
    own: Option<u64>,
    failed: Option<(u32, u64)>,
    reason: Option<String>,
}

impl Health {
    pub fn new() -> Self {
        Self { began: Instant::now(), known: Mutex::default(), task: Mutex::default() }
    }

    /// Ends planned backups. One that is being written is given up, and its unfinished file removed.
    pub async fn stop(&self) {
        let task = self.task.lock().expect("no holder panics").take();
        if let Some(task) = task {
            task.abort();
            // Aborted, or done; either way its connection is free now.
            drop(task.await);
        }
    }

    fn now(&self) -> Now {
        Now { wall: now(), steady: self.began.elapsed().as_secs() }
    }

    fn past(&self, last: Option<&BackupRow>) -> Past {
        let known = self.known.lock().expect("no holder panics");
        Past { noted: last.map(|row| row.taken_at), own: known.own, failed: known.failed }
    }

    fn planned(&self, every: u64) {
        self.known.lock().expect("no holder panics").every = Some(every);
    }

    fn done(&self) {
        let at = self.now().steady;
        let mut known = self.known.lock().expect("no holder panics");
        *known = Known { own: Some(at), every: known.every, ..Known::default() };
    }

    /// Notes a failure; how many in a row it makes.
    fn failed(&self, reason: &AppError) -> u32 {
        let at = self.now().steady;
        let mut known = self.known.lock().expect("no holder panics");
        let failures = known.failed.map_or(1, |(before, _)| before.saturating_add(1));
        known.failed = Some((failures, at));
        known.reason = Some(reason.to_string());
        failures
    }
}

impl Centre {
    /// Begins to make planned backups, until the centre is closed.
    pub fn plan_backups(&self, planned: Planned) {
        self.inner.backups.planned(planned.every);
        let task = tokio::spawn(run(self.acting_for(Actor::Centre), planned));
        if let Some(before) = self.inner.backups.task.lock().expect("no holder panics").replace(task) {
            before.abort();
        }
    }

    /// How backups are doing.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn backup_state(&self) -> Result<BackupState, AppError> {
        let last = self.last_backup().await?;
        let health = &self.inner.backups;
        let past = health.past(last.as_ref());
        let at = health.now();
        let known = health.known.lock().expect("no holder panics");
        Ok(BackupState {
            every: known.every,
            last_taken_at: last.as_ref().map(|row| row.taken_at),
            last_size: last.as_ref().map(|row| row.size),
            failures: known.failed.map_or(0, |(failures, _)| failures),
            failure: known.reason.clone(),
            overdue: known.every.is_some_and(|every| overdue(every, &past, at)),
        })
    }

    async fn last_backup(&self) -> Result<Option<BackupRow>, AppError> {
        Ok(self.backups().await?.into_iter().next())
    }

    /// Makes a backup if one is due; seconds until the next look otherwise.
    async fn backup_if_due(&self, planned: &Planned) -> Result<Option<u64>, AppError> {
        let health = &self.inner.backups;
        let last = self.last_backup().await?;
        match due_in(planned.every, &health.past(last.as_ref()), health.now()) {
            0 => {
                let report = self.backup(&planned.plan, &|_, _| ()).await?;
                tracing::info!("backup {} written and checked: {} bytes", report.row.name, report.row.size);
                for reason in report.not_removed.iter().chain(&report.left_out) {
                    tracing::warn!("backup: left as it is: {reason}");
                }
                Ok(None)
            }
            wait => Ok(Some(wait)),
        }
    }
}

async fn run(centre: Centre, planned: Planned) {
    loop {
        match centre.backup_if_due(&planned).await {
            Ok(Some(wait)) => tokio::time::sleep(Duration::from_secs(wait.min(LOOK_EVERY))).await,
            Ok(None) => centre.inner.backups.done(),
            Err(error) => {
                let failures = centre.inner.backups.failed(&error);
                tracing::error!(failures, "the planned backup failed and is tried again: {error}");
            }
        }
    }
}
