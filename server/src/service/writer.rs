//! One writer for synchronisation: requests that wait at the same time share one commit, and so one fsync.

use super::record::take;
use crate::error::AppError;
use crate::store::envelopes::Stored;
use crate::store::records::HeadRow;
use crate::store::{Db, Store, StoreError, devices, envelopes, records, statements, units};
use std::sync::Mutex;
use sync_core::device::{Scope, SignedCertificate};
use sync_core::envelope::SignedEnvelope;
use sync_core::id::{EnvelopeId, PackageHash, RoundId, UnitCode};
use sync_core::record::{SignedChange, Taken};
use tokio::sync::{mpsc, oneshot};

/// Most requests in one commit.
const BATCH_MAX: usize = 64;
/// Most requests that wait; further ones wait for room.
const QUEUE_MAX: usize = 256;

/// How often a batch is tried while other processes are in its way.
const ATTEMPTS: u32 = 4;

/// What one request stores.
pub(super) struct Write {
    pub round: RoundId,
    pub package: PackageHash,
    pub mode: u64,
    pub unit: UnitCode,
    pub certificates: Vec<SignedCertificate>,
    pub envelopes: Vec<SignedEnvelope>,
    pub changes: Vec<SignedChange>,
}

impl Write {
    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.envelopes.is_empty() && self.changes.is_empty()
    }
}

/// What is durably so once the answer arrives.
pub(super) struct Written {
    /// What became of each envelope, in order.
    pub stored: Vec<Stored>,
    /// What became of each change of the record, in order.
    pub taken: Vec<Taken>,
    /// Every envelope of the unit that is here now.
    pub held: Vec<EnvelopeId>,
    /// How far the record of the unit is here now, by writer.
    pub heads: Vec<HeadRow>,
    /// The unit's signed statement, if the round is finished.
    pub statement: Option<Vec<u8>>,
}

type Job = (Write, oneshot::Sender<Result<Written, AppError>>);

pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    done: tokio::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Writer {
    pub fn start(store: Store) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let task = tokio::spawn(run(store, receiver));
        Self { queue: Mutex::new(Some(sender)), done: tokio::sync::Mutex::new(Some(task)) }
    }

    /// Stores durably, then answers.
    pub async fn write(&self, write: Write) -> Result<Written, AppError> {
        let stopping = || AppError::conflict("stopping", "the centre is shutting down: try again later");
        let queue = self.queue.lock().expect("no holder of this lock panics").clone();
        let (answer, wait) = oneshot::channel();
        queue.ok_or_else(stopping)?.send((write, answer)).await.map_err(|_| stopping())?;
        wait.await.map_err(|_| stopping())?
    }

    /// Takes nothing more and waits until everything taken is stored.
    pub async fn stop(&self) {
        self.queue.lock().expect("no holder of this lock panics").take();
        if let Some(task) = self.done.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writer ended badly");
        }
    }
}

async fn run(store: Store, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(BATCH_MAX);
    while queue.recv_many(&mut jobs, BATCH_MAX).await > 0 {
        match write_all(&store, &jobs).await {
            Ok(results) => {
                for ((_, answer), result) in jobs.drain(..).zip(results) {
                    // A reader that went away does not need the answer; what it sent is stored.
                    drop(answer.send(result));
                }
            }
            Err(error) if jobs.len() == 1 => {
                for (_, answer) in jobs.drain(..) {
                    drop(answer.send(Err(error_again(&error))));
                }
            }
            // One request must not fail the others: each gets a commit of its own.
            Err(_) => {
                for (write, answer) in jobs.drain(..) {
                    let job = [(write, answer)];
                    let result = match write_all(&store, &job).await {
                        Ok(mut results) => results.pop(),
                        Err(error) => Some(Err(AppError::Store(error))),
                    };
                    let [(_, answer)] = job;
                    if let Some(result) = result {
                        drop(answer.send(result));
                    }
                }
            }
        }
    }
}

/// The round is not open for voting yet.
pub(super) fn not_open() -> AppError {
    AppError::conflict(
        "round_not_open",
        "the round does not take ballots yet: the office must open it for voting first",
    )
}

fn error_again(error: &StoreError) -> AppError {
    AppError::Store(match error {
        StoreError::Full => StoreError::Full,
        StoreError::ReadOnly => StoreError::ReadOnly,
        StoreError::Busy => StoreError::Busy,
        StoreError::Raced => StoreError::Raced,
        StoreError::Unreachable => StoreError::Unreachable,
        other => StoreError::Sql(sqlx::Error::Protocol(other.to_string())),
    })
}

async fn write_all(store: &Store, jobs: &[Job]) -> Result<Vec<Result<Written, AppError>>, StoreError> {
    let mut attempt = 1;
    loop {
        match write_once(store, jobs).await {
            // Another process held what this one needed and the other way round.
            Err(StoreError::Raced) if attempt < ATTEMPTS => attempt += 1,
            other => return other,
        }
    }
}

async fn write_once(store: &Store, jobs: &[Job]) -> Result<Vec<Result<Written, AppError>>, StoreError> {
    let mut tx = store.begin_write().await?;
    // Turns are taken in one order by everybody, so that nobody waits in a circle.
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|place| (jobs[*place].0.round, jobs[*place].0.unit.clone()));
    let mut results: Vec<Option<Result<Written, AppError>>> = jobs.iter().map(|_| None).collect();
    for place in order {
        results[place] = Some(write_one(&mut tx, &jobs[place].0).await?);
    }
    tx.commit().await?;
    Ok(results.into_iter().flatten().collect())
}

async fn write_one(db: &mut Db, write: &Write) -> Result<Result<Written, AppError>, StoreError> {
    let Write { round, package, mode, unit, certificates, envelopes, changes } = write;
    if !units::take_turn(db, round, unit, package, *mode).await? {
        return Ok(Err(not_open()));
    }
    for certificate in certificates {
        let value = certificate.value();
        let scope = match &value.scope {
            Scope::Units(units) => units.as_slice(),
            Scope::Courier => &[],
        };
        devices::insert(db, round, &value.device(), &value.label, certificate.bytes(), scope).await?;
    }
    let mut stored = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        stored.push(envelopes::insert(db, round, envelope).await?);
    }
    let mut heads = records::heads(db, round, unit).await?;
    let taken = match changes.as_slice() {
        [] => Vec::new(),
        changes => take(db, (round, package, unit), &mut heads, changes).await?,
    };
    let held = envelopes::ids(db, round, unit).await?;
    let statement = statements::of_unit(db, round, unit).await?;
    Ok(Ok(Written { stored, taken, held, heads, statement }))
}
