//! Planned backups of a serving centre, and one out of turn when somebody asks for it.

use super::super::{Actor, Centre, now};
use super::BackupPlan;
use crate::domain::person::Role;
use crate::domain::schedule::{Now, Past, due_in, overdue};
use crate::error::AppError;
use crate::store::backups::BackupRow;
use serde::Serialize;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Longest sleep in seconds: a machine that was asleep, or whose clock was set, is noticed that soon.
const LOOK_EVERY: u64 = 60;
/// Seconds until it is looked again whether a backup that somebody asked for is written.
const WAIT: u64 = 1;

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
    /// The same as a stable code.
    pub failure_code: Option<&'static str>,
    /// Whether the newest is older than it should ever be; without a plan, never.
    pub overdue: bool,
    /// How far the one is that is being written, if one is.
    pub making: Option<BackupProgress>,
}

/// How far a backup is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BackupProgress {
    /// Rows that are written.
    pub done: u64,
    /// Rows in all; 0 until they are counted.
    pub all: u64,
}

/// What this process knows of its planned backups.
pub(in crate::service) struct Health {
    began: Instant,
    known: Mutex<Known>,
    task: Mutex<Option<JoinHandle<()>>>,
    /// Where planned backups go and for whom: the only place to which somebody who asks can have one written.
    planned: Mutex<Option<Planned>>,
    /// The backup that is being written. Of two at once each would only slow the other.
    making: Mutex<Option<BackupProgress>>,
    asked: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Known {
    every: Option<u64>,
    own: Option<u64>,
    failed: Option<(u32, u64)>,
    reason: Option<(String, &'static str)>,
}

impl Health {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            known: Mutex::default(),
            task: Mutex::default(),
            planned: Mutex::default(),
            making: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    /// Ends planned backups. One that is being written is given up, and its unfinished file removed.
    pub async fn stop(&self) {
        for task in [&self.task, &self.asked] {
            let task = task.lock().expect("no holder panics").take();
            if let Some(task) = task {
                task.abort();
                // Aborted, or done; either way its connection is free now.
                drop(task.await);
            }
        }
    }

    fn now(&self) -> Now {
        Now { wall: now(), steady: self.began.elapsed().as_secs() }
    }

    fn past(&self, last: Option<&BackupRow>) -> Past {
        let known = self.known.lock().expect("no holder panics");
        Past { noted: last.map(|row| row.taken_at), own: known.own, failed: known.failed }
    }

    fn planned(&self, planned: &Planned) {
        self.known.lock().expect("no holder panics").every = Some(planned.every);
        *self.planned.lock().expect("no holder panics") = Some(planned.clone());
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
        known.reason = Some((reason.to_string(), reason.code()));
        failures
    }
}

/// That a backup is being written, for as long as this lives.
struct Making(Centre);

impl Making {
    /// Nothing if one is being written already.
    fn begin(centre: &Centre) -> Option<Self> {
        let mut making = centre.inner.backups.making.lock().expect("no holder panics");
        if making.is_some() {
            return None;
        }
        *making = Some(BackupProgress::default());
        Some(Self(centre.clone()))
    }

    /// Writes it, checks it, and notes how it went.
    async fn write(self, plan: &BackupPlan) {
        let health = &self.0.inner.backups;
        let progress = |done, all| {
            *health.making.lock().expect("no holder panics") = Some(BackupProgress { done, all });
        };
        match self.0.backup(plan, &progress).await {
            Ok(report) => {
                tracing::info!("backup {} written and checked: {} bytes", report.row.name, report.row.size);
                for reason in report.not_removed.iter().chain(&report.left_out) {
                    tracing::warn!("backup: left as it is: {reason}");
                }
                health.done();
            }
            Err(error) => {
                let failures = health.failed(&error);
                tracing::error!(failures, "the backup failed, and a planned one is tried again: {error}");
            }
        }
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        *self.0.inner.backups.making.lock().expect("no holder panics") = None;
    }
}

impl Centre {
    /// Begins to make planned backups, until the centre is closed.
    pub fn plan_backups(&self, planned: Planned) {
        self.inner.backups.planned(&planned);
        let task = tokio::spawn(run(self.acting_for(Actor::Centre), planned));
        if let Some(before) = self.inner.backups.task.lock().expect("no holder panics").replace(task) {
            before.abort();
        }
    }

    /// Begins a backup out of turn, at the planned place and for those who may open planned ones; what becomes of it says
    /// [`Self::backup_state`].
    ///
    /// # Errors
    /// [`AppError`] with code `person_needed`, `role`, `no_backup_planned`, `backup_running`.
    pub fn back_up_now(&self) -> Result<(), AppError> {
        self.person_with(&[Role::Administrator])?;
        let health = &self.inner.backups;
        let planned = health.planned.lock().expect("no holder panics").clone();
        let Some(Planned { plan, .. }) = planned else {
            let detail = "no place for backups was named when this centre was started: start it with --backup-to and \
                          --backup-recipient, or make one with `homphieu backup`";
            return Err(AppError::conflict("no_backup_planned", detail));
        };
        let Some(making) = Making::begin(self) else {
            let detail = "a backup is being written: wait until it is done, then ask for another if it is still needed";
            return Err(AppError::conflict("backup_running", detail));
        };
        let task = tokio::spawn(async move { making.write(&plan).await });
        *health.asked.lock().expect("no holder panics") = Some(task);
        Ok(())
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
        let making = *health.making.lock().expect("no holder panics");
        let known = health.known.lock().expect("no holder panics");
        Ok(BackupState {
            every: known.every,
            last_taken_at: last.as_ref().map(|row| row.taken_at),
            last_size: last.as_ref().map(|row| row.size),
            failures: known.failed.map_or(0, |(failures, _)| failures),
            failure: known.reason.as_ref().map(|(detail, _)| detail.clone()),
            failure_code: known.reason.as_ref().map(|(_, code)| *code),
            overdue: known.every.is_some_and(|every| overdue(every, &past, at)),
            making,
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
            0 => match Making::begin(self) {
                Some(making) => {
                    making.write(&planned.plan).await;
                    Ok(None)
                }
                // The one that somebody asked for will do.
                None => Ok(Some(WAIT)),
            },
            wait => Ok(Some(wait)),
        }
    }
}

async fn run(centre: Centre, planned: Planned) {
    loop {
        match centre.backup_if_due(&planned).await {
            Ok(Some(wait)) => tokio::time::sleep(Duration::from_secs(wait.min(LOOK_EVERY))).await,
            Ok(None) => {}
            Err(error) => {
                let failures = centre.inner.backups.failed(&error);
                tracing::error!(failures, "it could not be told whether a backup is due: {error}");
                tokio::time::sleep(Duration::from_secs(LOOK_EVERY)).await;
            }
        }
    }
}
