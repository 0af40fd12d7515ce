//! One file a value: written beside, synced, renamed into place, and the folder synced.
//!
//! A file begins with a magic and SHA-256(domain ‖ key ‖ value), so a damaged, shortened or exchanged file is found.
//! File times are set to 0: they would tell when the last ballot was cast.

use super::stamp::{HEAD, head, unstamped};
use super::{Key, Store, StoreError, VALUE_MAX};
use rustix::fs::{FlockOperation, Timespec, Timestamps, flock, futimens};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LOCK: &str = ".lock";
/// Held by whoever waits for the folder.
const WANTED: &str = ".wanted";
/// Held by whoever has the folder and makes way for others.
const YIELDS: &str = ".yields";
/// How often whoever waits looks whether the folder is free.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Ending of a file that is being written; no key has a plus. What a crash leaves was never confirmed.
const DRAFT: &str = "+draft";

/// A store in a folder of its own, locked against other processes.
#[derive(Debug)]
pub struct FileStore {
    folder: PathBuf,
    handle: File,
    _lock: File,
    discarded: usize,
}

impl FileStore {
    /// Opens a folder, or makes it. What an unfinished write left behind is removed: it was never confirmed.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another process has it, [`StoreError::Foreign`] or [`StoreError::Io`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let fail = |action| move |source| io_error(action, &folder.display().to_string(), source);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(fail("make the folder"))?;
        let lock = lock_file(folder, LOCK).map_err(fail("lock the folder"))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(StoreError::InUse { folder: folder.display().to_string() });
        }
        let handle = File::open(folder).map_err(fail("open the folder"))?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            // The folder's own name must survive a power cut, too.
            File::open(parent).and_then(|parent| parent.sync_all()).map_err(fail("sync the folder of"))?;
        }
        for name in [WANTED, YIELDS] {
            let made = lock_file(folder, name).and_then(|file| timeless(&file));
            made.map_err(fail("prepare the folder"))?;
        }
        let mut store = Self { folder: folder.to_owned(), handle, _lock: lock, discarded: 0 };
        store.discard_drafts()?;
        store.keys()?;
        store.settle()?;
        Ok(store)
    }

    /// As [`FileStore::open`], but where another process has the folder and makes way ([`FileStore::makes_way`]), it is
    /// told so, and waited for so long. `waits` is called once before that.
    ///
    /// # Errors
    /// As [`FileStore::open`].
    pub fn open_patiently(
        folder: &Path,
        patience: Duration,
        waits: impl FnOnce(),
    ) -> Result<Self, StoreError> {
        let (began, mut waits) = (Instant::now(), Some(waits));
        let mut wanted = None;
        loop {
            match Self::open(folder) {
                Err(StoreError::InUse { .. }) if is_held(folder, YIELDS) && began.elapsed() < patience => {}
                other => return other,
            }
            if let Some(waits) = waits.take() {
                waits();
                wanted = hold(folder, WANTED).ok();
            }
            debug_assert!(wanted.is_some(), "the file was made when the folder was opened");
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Says that whoever opens this folder now, and until the guard is dropped, makes way for other processes: looks now
    /// and then whether it [is wanted](FileStore::is_wanted), and closes it for a while.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn makes_way(folder: &Path) -> Result<MakesWay, StoreError> {
        let held = hold(folder, YIELDS).map(MakesWay);
        held.map_err(|error| io_error("prepare the folder", &folder.display().to_string(), error))
    }

    /// Whether another process waits for this folder.
    pub fn is_wanted(folder: &Path) -> bool {
        is_held(folder, WANTED)
    }

    /// Unfinished writes that were found at the start and removed.
    pub fn discarded(&self) -> usize {
        self.discarded
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn discard_drafts(&mut self) -> Result<(), StoreError> {
        for name in self.names()?.iter().filter(|name| name.ends_with(DRAFT)) {
            std::fs::remove_file(self.folder.join(name)).map_err(|e| io_error("remove", name, e))?;
            self.discarded += 1;
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<String>, StoreError> {
        let failed = |source| io_error("list", "the folder", source);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            match name.into_string() {
                Ok(name) if [LOCK, WANTED, YIELDS].contains(&name.as_str()) => {}
                Ok(name) => names.push(name),
                Err(name) => return Err(StoreError::Foreign { name: name.to_string_lossy().into_owned() }),
            }
        }
        Ok(names)
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(key.as_str())
    }

    fn sync_folder(&self) -> std::io::Result<()> {
        // The folder's own times would tell of the last change as well.
        timeless(&self.handle)?;
        self.handle.sync_all()
    }
}

impl Store for FileStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let mut file = match File::open(self.path(key)) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("read", key.as_str(), error)),
        };
        let damaged = || StoreError::Damaged { key: key.to_string() };
        let mut bytes = Vec::new();
        let limit = (HEAD + VALUE_MAX + 1) as u64;
        (&mut file).take(limit).read_to_end(&mut bytes).map_err(|e| io_error("read", key.as_str(), e))?;
        unstamped(key, bytes).map(Some).ok_or_else(damaged)
    }

    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        if value.len() > VALUE_MAX {
            return Err(StoreError::TooLong { key: key.clone(), found: value.len() });
        }
        let draft = self.folder.join(format!("{key}{DRAFT}"));
        let write = || -> std::io::Result<()> {
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&draft)?;
            file.write_all(&head(key, value))?;
            file.write_all(value)?;
            timeless(&file)?;
            file.sync_all()?;
            std::fs::rename(&draft, self.path(key))?;
            self.sync_folder()
        };
        write().map_err(|error| io_error("write", key.as_str(), error))
    }

    fn destroy(&mut self, key: &Key) -> Result<(), StoreError> {
        let path = self.path(key);
        let destroy = || -> std::io::Result<()> {
            let mut file = match std::fs::OpenOptions::new().write(true).open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error),
            };
            // Overwritten where it lies first; flash may keep an old copy, which is why a box has a key of its own.
            let length = usize::try_from(file.metadata()?.len()).unwrap_or(0).min(HEAD + VALUE_MAX);
            file.write_all(&vec![0; length])?;
            file.sync_all()?;
            std::fs::remove_file(&path)?;
            self.sync_folder()
        };
        destroy().map_err(|error| io_error("destroy", key.as_str(), error))
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let mut keys = Vec::new();
        for name in self.names()? {
            match Key::parse(&name) {
                Some(key) => keys.push(key),
                None => return Err(StoreError::Foreign { name }),
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        self.sync_folder().map_err(|error| io_error("sync", "the folder", error))
    }
}

/// Keeps a promise to make way.
#[derive(Debug)]
pub struct MakesWay(#[expect(dead_code, reason = "it is held by being open")] File);

/// Holds a file together with others that do.
fn hold(folder: &Path, name: &str) -> std::io::Result<File> {
    let file = File::open(folder.join(name))?;
    flock(&file, FlockOperation::LockShared)?;
    Ok(file)
}

fn is_held(folder: &Path, name: &str) -> bool {
    let file = File::open(folder.join(name));
    file.is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_err())
}

fn lock_file(folder: &Path, name: &str) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600).open(folder.join(name))
}

fn timeless(file: &File) -> std::io::Result<()> {
    let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
    Ok(futimens(file, &Timestamps { last_access: zero, last_modification: zero })?)
}

fn io_error(action: &'static str, key: &str, source: std::io::Error) -> StoreError {
    match source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Io { action, key: key.to_owned(), source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    #[test]
    fn values_survive_and_a_second_process_is_turned_away() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = FileStore::open(folder.path()).unwrap();
        store.put(&key("box~A"), b"one").unwrap();
        store.put(&key("box~A"), b"two").unwrap();
        assert!(matches!(FileStore::open(folder.path()), Err(StoreError::InUse { .. })));
        drop(store);
        let store = FileStore::open(folder.path()).unwrap();
        assert_eq!(store.get(&key("box~A")).unwrap().unwrap(), b"two");
        assert_eq!(store.get(&key("box~B")).unwrap(), None);
        assert_eq!(store.keys().unwrap(), [key("box~A")]);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_of_a_file_is_found_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = FileStore::open(folder.path()).unwrap();
        store.put(&key("chain~A"), b"value").unwrap();
        let path = folder.path().join("chain~A");
        let good = std::fs::read(&path).unwrap();
        let named = |store: &FileStore| match store.get(&key("chain~A")) {
            Err(StoreError::Damaged { key }) => assert_eq!(key, "chain~A"),
            other => panic!("{other:?}"),
        };
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, bad).unwrap();
            named(&store);
        }
        for length in 0..good.len() {
            std::fs::write(&path, &good[..length]).unwrap();
            named(&store);
        }
        std::fs::write(&path, &good).unwrap();
        std::fs::copy(&path, folder.path().join("chain~B")).unwrap();
        assert!(
            matches!(store.get(&key("chain~B")), Err(StoreError::Damaged { .. })),
            "a file under another name"
        );
    }

    #[test]
    fn what_an_unfinished_write_left_is_discarded_and_foreign_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("box~A+draft"), b"half").unwrap();
        assert_eq!(FileStore::open(folder.path()).unwrap().discarded(), 1);
        std::fs::write(folder.path().join("photo (1).jpg"), b"x").unwrap();
        match FileStore::open(folder.path()) {
            Err(StoreError::Foreign { name }) => assert_eq!(name, "photo (1).jpg"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn file_times_tell_nothing_and_files_are_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = FileStore::open(folder.path()).unwrap();
        store.put(&key("box~A"), b"x").unwrap();
        let meta = std::fs::metadata(folder.path().join("box~A")).unwrap();
        assert_eq!((meta.mtime(), meta.mtime_nsec(), meta.atime()), (0, 0, 0));
        assert_eq!(meta.mode() & 0o777, 0o600);
        let meta = std::fs::metadata(folder.path()).unwrap();
        assert_eq!((meta.mtime(), meta.mtime_nsec()), (0, 0));
    }

    #[test]
    fn a_destroyed_value_is_gone_and_destroying_nothing_is_success() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = FileStore::open(folder.path()).unwrap();
        store.put(&key("boxkey~A"), &[7; 32]).unwrap();
        store.destroy(&key("boxkey~A")).unwrap();
        store.destroy(&key("boxkey~A")).unwrap();
        assert_eq!(store.get(&key("boxkey~A")).unwrap(), None);
    }
}
