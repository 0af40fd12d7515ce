//! Backups: everything of the centre in one file, checked as it lies on its disk, and noted.

mod file;
mod folder;
mod plan;

pub use file::Piece;
pub(super) use file::sync_folder;
pub use folder::Folder;
pub(super) use folder::put;
pub(super) use plan::Health;
pub use plan::{BackupProgress, BackupState, Planned};

use super::{Centre, now, random};
use crate::dump::keys::Seal;
use crate::dump::{BackupId, DumpError, Encoder, Header};
use crate::error::AppError;
use crate::store::backups::{self, BackupRow};
use crate::store::tables::kept;
use crate::store::{Store, StoreError, Tx, digest, dump, rounds};
use futures_util::TryStreamExt;
use std::path::{Path, PathBuf};
use sync_core::id::RoundId;
use tokio::sync::mpsc;

/// Bytes that are collected before they go on their way.
const CHUNK: usize = 64 * 1024;
/// Chunks on their way to the disk; further ones wait.
const QUEUE: usize = 16;

/// Where a backup goes and who may open it.
#[derive(Clone)]
pub struct BackupPlan {
    /// A folder, in which it gets a name of its own, or a file that is not there yet.
    pub to: PathBuf,
    /// Whether it has to be a folder. Where one is not there any more a disk was pulled; a file of that name would be
    /// written to the disk that the backup is to survive.
    pub into_folder: bool,
    /// Who may open it.
    pub seal: Seal,
    /// How many backups to keep in the folder; older ones are removed once this one is checked.
    pub keep: Option<usize>,
}

/// A backup that was written and checked.
#[derive(Debug, Clone)]
pub struct BackupReport {
    /// Its file.
    pub path: PathBuf,
    /// As noted.
    pub row: BackupRow,
    /// Rows of all tables.
    pub rows: u64,
    /// Files of the centre's folder inside.
    pub files: Vec<String>,
    /// What lies in the centre's folder and is not inside, each with the reason.
    pub left_out: Vec<String>,
    /// Rounds inside.
    pub rounds: usize,
    /// Older backups that were removed.
    pub removed: Vec<String>,
    /// Older backups that were due to be removed and were not, each with the reason.
    pub not_removed: Vec<String>,
}

/// What a dump held that was written out.
#[derive(Debug, Clone)]
pub struct Dumped {
    /// Digest over everything.
    pub digest: [u8; 32],
    /// Rows of all tables.
    pub rows: u64,
    /// Rounds, each with the digest of what is held of it.
    pub rounds: Vec<(RoundId, [u8; 32])>,
}

impl From<DumpError> for AppError {
    fn from(error: DumpError) -> Self {
        match &error {
            DumpError::Io(_) => AppError::conflict("backup_unreadable", error),
            DumpError::Encrypted | DumpError::WrongKey | DumpError::Key { .. } => {
                AppError::unprocessable("backup_key", error)
            }
            DumpError::NewerSchema { .. } | DumpError::Version { .. } => {
                AppError::unprocessable("backup_newer", error)
            }
            _ => AppError::unprocessable("backup_damaged", error),
        }
    }
}

impl Centre {
    /// Makes a backup of everything as it is at one moment, while the centre goes on serving. The file is written
    /// beside its place, synced, read back from the disk, opened and checked to its end; only then it gets its name and
    /// is noted. `progress` hears rows done of all.
    ///
    /// # Errors
    /// [`AppError`]; no file is left then and nothing is noted, unless it says so.
    pub async fn backup(
        &self,
        plan: &BackupPlan,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<BackupReport, AppError> {
        let header = Header {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema: 0,
            taken_at: now(),
            id: BackupId(random()),
        };
        let path = file::place(plan, self.folder(), &header)?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (seal, target) = (plan.seal.clone(), path.clone());
        let disk = tokio::task::spawn_blocking(move || file::write(&target, &seal, receiver));
        let folder = Folder::read(self.folder())?;
        let dumped = self.dump(header.clone(), &folder, &sender, progress).await;
        if let Ok(dumped) = &dumped {
            // Without this the other side takes what it has for half a backup, and removes it.
            drop(sender.send(Piece::End { digest: dumped.digest }).await);
        }
        drop(sender);
        let written = disk.await.map_err(|error| AppError::File {
            action: "cannot write",
            path: path.display().to_string(),
            source: std::io::Error::other(error),
        })?;
        // A disk that fails also stops the dump; its own words are the better ones.
        let (written, dumped) = match (written, dumped) {
            (Ok(written), Ok(dumped)) => (written, dumped),
            (Err(error), Ok(_)) => return Err(error),
            (Err(error), Err(AppError::Refused { code: STOPPED, .. })) => return Err(error),
            (_, Err(error)) => return Err(error),
        };
        let row = BackupRow {
            id: header.id,
            taken_at: header.taken_at,
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            size: written.size,
            digest: dumped.digest,
            file_digest: written.digest,
            encrypted: plan.seal.encrypts(),
            verified: true,
        };
        self.note_made(&row, &dumped.rounds).await.map_err(|error| {
            let detail = format!("the backup {} is written and good, but not noted: {error}", path.display());
            AppError::conflict("backup_not_noted", detail)
        })?;
        let (removed, not_removed) = match plan.keep {
            // The backup is good whatever becomes of the older ones.
            Some(keep) => self
                .remove_old(path.parent().unwrap_or(Path::new(".")), keep, &row)
                .await
                .unwrap_or_else(|error| (Vec::new(), vec![error.to_string()])),
            None => (Vec::new(), Vec::new()),
        };
        Ok(BackupReport {
            path,
            row,
            rows: dumped.rows,
            files: folder.files.into_iter().map(|(path, _)| path).collect(),
            left_out: folder.left_out,
            rounds: dumped.rounds.len(),
            removed,
            not_removed,
        })
    }

    /// Writes everything as one stream, in pieces, as it is at one moment. The same rows and files give the same bytes
    /// under the same header, whatever the database engine; the header's schema is set here.
    ///
    /// # Errors
    /// [`AppError`], with code `backup_stopped` if nobody takes the pieces any more.
    pub async fn dump(
        &self,
        header: Header,
        folder: &Folder,
        out: &mpsc::Sender<Piece>,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Dumped, AppError> {
        let mut tx = self.begin().await?;
        dump::wait_for_disk(&mut tx, self.inner.store.engine()).await?;
        let schema = dump::schema(&mut tx).await?;
        let mut encoder = Encoder::begin(&Header { schema, ..header });
        for (path, bytes) in &folder.files {
            encoder.file(path, bytes);
        }
        let mut all = 0;
        for table in kept(schema) {
            all += dump::count(&mut tx, &table).await?;
        }
        let mut done = 0;
        for table in kept(schema) {
            encoder.table(&table);
            let mut rows = dump::rows(&mut tx, &table);
            while let Some(row) = rows.try_next().await? {
                encoder.row(&row);
                done += 1;
                if encoder.waiting() >= CHUNK {
                    progress(done, all);
                    send(out, encoder.take()).await?;
                }
            }
            drop(rows);
            encoder.end_table();
        }
        let rounds = round_digests(&mut tx).await?;
        for (round, digest) in &rounds {
            encoder.round(&round.0, digest);
        }
        tx.rollback().await.map_err(StoreError::from)?;
        let digest = encoder.end();
        send(out, encoder.take()).await?;
        progress(done, all);
        Ok(Dumped { digest, rows: done, rounds })
    }

    async fn note_made(&self, row: &BackupRow, rounds: &[(RoundId, [u8; 32])]) -> Result<(), AppError> {
        let mut tx = self.begin_write().await?;
        backups::insert(&mut tx, row, rounds).await?;
        self.commit(tx, "backup_made", row.id, &row.name).await
    }

    /// Every backup that was noted, the newest first.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn backups(&self) -> Result<Vec<BackupRow>, AppError> {
        Ok(backups::list(&mut *self.inner.store.reader().await?).await?)
    }

    /// Removes backups from a folder beyond the newest few: only files that this centre wrote and that are still what it
    /// wrote. The one just made stays whatever the clock says that it is.
    async fn remove_old(
        &self,
        folder: &Path,
        keep: usize,
        made: &BackupRow,
    ) -> Result<(Vec<String>, Vec<String>), AppError> {
        let there = self.backups().await?.into_iter();
        let there = there.filter(|row| row.id != made.id && folder.join(&row.name).is_file());
        let (mut removed, mut kept) = (Vec::new(), Vec::new());
        for row in there.skip(keep.saturating_sub(1)) {
            let path = folder.join(&row.name);
            match file::is_still(&path, &row).await {
                Ok(true) => {}
                Ok(false) => {
                    kept.push(format!("{}: it is not what was written here", row.name));
                    continue;
                }
                Err(error) => {
                    kept.push(format!("{}: {error}", row.name));
                    continue;
                }
            }
            // Forgotten first: a note of a backup that is gone would let a round be finished on it.
            let mut tx = self.begin_write().await?;
            backups::remove(&mut tx, &row.id).await?;
            self.commit(tx, "backup_removed", row.id, &row.name).await?;
            match file::remove(&path) {
                Ok(()) => removed.push(row.name),
                Err(error) => kept.push(format!("{}: {error}", row.name)),
            }
        }
        Ok((removed, kept))
    }
}

/// Digest of what is held of each round, by id.
pub(super) async fn round_digests(tx: &mut Tx) -> Result<Vec<(RoundId, [u8; 32])>, AppError> {
    let mut digests = Vec::new();
    for row in rounds::list(tx).await? {
        // A round whose package is not signed yet has nothing that could be lost but its import.
        if let Some(digest) = digest::of_round(tx, &row.id).await? {
            digests.push((row.id, digest));
        }
    }
    Ok(digests)
}

/// Reads a backup to its end and says what it holds.
///
/// # Errors
/// [`AppError`] with the first thing that does not stand.
pub fn check_backup(
    path: &Path,
    opener: &crate::dump::keys::Opener,
) -> Result<crate::dump::Summary, AppError> {
    let file = std::fs::File::open(path).map_err(|source| super::file_error("cannot read", path, source))?;
    Ok(crate::dump::summary(opener.unwrap(file)?, Store::newest_schema())?)
}

/// Code of the error of a dump whose pieces nobody takes.
const STOPPED: &str = "backup_stopped";

async fn send(out: &mpsc::Sender<Piece>, bytes: Vec<u8>) -> Result<(), AppError> {
    let stopped = |_| AppError::conflict(STOPPED, "the backup was stopped");
    out.send(Piece::Bytes(bytes)).await.map_err(stopped)
}
