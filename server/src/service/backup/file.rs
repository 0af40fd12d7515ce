//! The file of a backup: written beside its place, synced, read back from the disk, opened, checked, renamed.

use super::BackupPlan;
use crate::dump::keys::{Opener, Seal};
use crate::dump::{DumpError, Header, summary};
use crate::error::AppError;
use crate::service::file_error;
use crate::store::Store;
use crate::store::backups::BackupRow;
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// What goes to the disk.
#[derive(Debug)]
pub enum Piece {
    /// The next bytes of the dump.
    Bytes(Vec<u8>),
    /// The dump is whole.
    End {
        /// Its digest.
        digest: [u8; 32],
    },
}

/// A file that lies in its place and was checked.
pub(super) struct Written {
    pub size: u64,
    pub digest: [u8; 32],
}

/// Where a backup goes: into a folder under a name of its own, or to the file that was named.
pub(super) fn place(plan: &BackupPlan, centre: &Path, header: &Header) -> Result<PathBuf, AppError> {
    let path = if plan.to.is_dir() {
        let at = time::OffsetDateTime::from_unix_timestamp(header.taken_at);
        let format = time::macros::format_description!("[year][month][day]-[hour][minute][second]");
        let at = at.ok().and_then(|at| at.format(format).ok()).unwrap_or_else(|| "no-date".to_owned());
        let ending = if plan.seal.encrypts() { ".hpbackup.age" } else { ".hpbackup" };
        plan.to.join(format!("homphieu-{at}-{}{ending}", &header.id.to_string()[..8]))
    } else if plan.into_folder {
        return Err(no_folder(&plan.to));
    } else {
        plan.to.clone()
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(no_folder(folder));
    }
    if path.exists() {
        let detail = format!("{} is there already: name another file, or a folder", path.display());
        return Err(AppError::conflict("backup_exists", detail));
    }
    let real = |path: &Path| path.canonicalize().map_err(|source| file_error("cannot use", path, source));
    if real(folder)?.starts_with(real(centre)?) {
        return Err(AppError::conflict(
            "backup_inside",
            "this place lies in the centre's own folder and is lost with it: name another disk",
        ));
    }
    Ok(path)
}

fn no_folder(folder: &Path) -> AppError {
    let detail = format!("there is no folder {}: make it, or mount the disk it is on", folder.display());
    AppError::not_found("backup_folder", detail)
}

/// A file under a name that says it is not finished. It goes away unless it is kept.
struct Part {
    path: PathBuf,
    kept: bool,
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, "an unfinished backup could not be removed: {}", self.path.display());
        }
    }
}

/// Writes what comes, to its end, and checks it where it lies. Nothing is left unless it is whole and good.
pub(super) fn write(
    path: &Path,
    seal: &Seal,
    mut pieces: mpsc::Receiver<Piece>,
) -> Result<Written, AppError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let failed = |source| write_error(path, source);
    let file = open_part(&part).map_err(failed)?;
    let mut part = Part { path: part, kept: false };
    let (mut sealed, opener) = seal.wrap(BufWriter::new(Hashed::new(file))).map_err(failed)?;
    let digest = loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) => sealed.write_all(&bytes).map_err(failed)?,
            Some(Piece::End { digest }) => break digest,
            None => return Err(AppError::conflict(super::STOPPED, "the backup was stopped")),
        }
    };
    let hashed =
        sealed.finish().and_then(|buffer| buffer.into_inner().map_err(Into::into)).map_err(failed)?;
    let (file, written) = hashed.done();
    file.sync_all().map_err(failed)?;
    drop(file);
    check(&part.path, &opener, &written, digest)?;
    rename_new(&part.path, path).map_err(failed)?;
    part.kept = true;
    sync_folder(path).map_err(failed)?;
    Ok(written)
}

/// A file to write to. What an earlier process was killed over is begun anew; what another one is writing is not.
fn open_part(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)
        .map_err(|_| std::io::Error::from(ErrorKind::AlreadyExists))?;
    file.set_len(0)?;
    Ok(file)
}

/// Gives the file its name, and no other file's: what has come there since stays. Sticks whose file system cannot
/// promise that are looked at once more.
fn rename_new(from: &Path, to: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if to.exists() => {
            Err(ErrorKind::AlreadyExists.into())
        }
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => std::fs::rename(from, to),
        other => Ok(other?),
    }
}

/// Reads the file back from its disk and through everything that a restore would.
fn check(path: &Path, opener: &Opener, written: &Written, digest: [u8; 32]) -> Result<(), AppError> {
    let failed = |source| file_error("cannot read the backup back from", path, source);
    let file = File::open(path).map_err(failed)?;
    // What lies in memory would say nothing about the disk. Where a system cannot forget it, the check is weaker.
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    let mut hashed = Hashed::new(file);
    let found = summary(opener.unwrap(&mut hashed)?, Store::newest_schema());
    let (_, read) = hashed.done();
    let found = found.map_err(|error| match error {
        DumpError::Io(source) => failed(source),
        error => unlike_written(path, &error),
    })?;
    if (read.size, read.digest) != (written.size, written.digest) || found.digest != digest {
        return Err(unlike_written(path, &"other bytes came back"));
    }
    Ok(())
}

fn unlike_written(path: &Path, what: &dyn std::fmt::Display) -> AppError {
    let folder = path.parent().unwrap_or(Path::new(".")).display();
    let detail =
        format!("the disk of {folder} does not give back what was written ({what}): use another one");
    AppError::conflict("backup_disk", detail)
}

fn write_error(path: &Path, source: std::io::Error) -> AppError {
    let folder = path.parent().unwrap_or(Path::new(".")).display();
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => AppError::conflict(
            "backup_no_room",
            format!(
                "there is no room for the backup in {folder}: free some space or name another disk; nothing was left \
                 there, and the centre is as it was"
            ),
        ),
        _ => file_error("cannot write the backup", path, source),
    }
}

/// Whether a file is still what was written there.
pub(super) async fn is_still(path: &Path, row: &BackupRow) -> std::io::Result<bool> {
    let (path, row) = (path.to_owned(), row.clone());
    let look = move || {
        if std::fs::metadata(&path)?.len() != row.size {
            return Ok(false);
        }
        let mut hashed = Hashed::new(File::open(&path)?);
        std::io::copy(&mut hashed, &mut std::io::sink())?;
        Ok(hashed.done().1.digest == row.file_digest)
    };
    tokio::task::spawn_blocking(look).await.map_err(std::io::Error::other)?
}

/// Removes a file durably.
pub(super) fn remove(path: &Path) -> std::io::Result<()> {
    std::fs::remove_file(path)?;
    sync_folder(path)
}

/// Makes names in the folder of a file durable, where the file system can.
pub(in crate::service) fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match File::open(folder)?.sync_all() {
        // Some file systems of sticks and of networks have no such thing.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        other => other,
    }
}

/// A stream whose bytes are counted and hashed.
struct Hashed<T> {
    inner: T,
    digest: Sha256,
    size: u64,
}

impl<T> Hashed<T> {
    fn new(inner: T) -> Self {
        Self { inner, digest: Sha256::new(), size: 0 }
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
    }

    fn done(self) -> (T, Written) {
        (self.inner, Written { size: self.size, digest: self.digest.finalize().into() })
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.pass(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.pass(&bytes[..read]);
        Ok(read)
    }
}
