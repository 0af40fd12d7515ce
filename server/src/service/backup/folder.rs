//! The files of the centre's folder that a backup holds: its key, its certificates, its settings.

use crate::dump::{FILE_MAX, FILES_MAX, FILES_TOTAL_MAX, path_allowed};
use crate::error::AppError;
use crate::service::{KEY_FILE, file_error};
use crate::store::DATABASE_FILE;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// Folders below the centre's folder are looked into this deep.
const DEPTH_MAX: usize = 4;

/// What a backup holds of the centre's folder.
pub struct Folder {
    /// Path below the folder and bytes, by path.
    pub files: Vec<(String, Zeroizing<Vec<u8>>)>,
    /// What is left out, each with the reason.
    pub left_out: Vec<String>,
}

impl Folder {
    /// Reads everything below the centre's folder but the database, which is read row by row.
    ///
    /// # Errors
    /// [`AppError::File`] if something cannot be read, or the centre's key is not there.
    pub fn read(folder: &Path) -> Result<Self, AppError> {
        let mut found = Self { files: Vec::new(), left_out: Vec::new() };
        found.read_below(folder, "", 0)?;
        found.files.sort_by(|(a, _), (b, _)| a.cmp(b));
        if found.files.iter().any(|(path, _)| path == KEY_FILE) {
            Ok(found)
        } else {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            Err(file_error("cannot read", &folder.join(KEY_FILE), missing))
        }
    }

    fn read_below(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), AppError> {
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = entries.map_err(|source| file_error("cannot read", folder, source))?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let failed = |source| file_error("cannot read", &path, source);
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if depth == 0 && name.starts_with(DATABASE_FILE) {
                continue;
            }
            // A link is followed for a file, since certificates often are links, and never for a folder.
            let metadata = match std::fs::metadata(&path) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(failed(error)),
            };
            if metadata.is_dir() {
                let link = entry.file_type().map_err(failed)?.is_symlink();
                match (link, depth + 1 < DEPTH_MAX) {
                    (false, true) => self.read_below(&path, &format!("{name}/"), depth + 1)?,
                    _ => self.left_out.push(format!("{name}: a folder too deep, or a link to one")),
                }
            } else if !metadata.is_file() {
                self.left_out.push(format!("{name}: no ordinary file"));
            } else if !path_allowed(&name) || entry.file_name().to_str().is_none() {
                self.left_out.push(format!("{name}: its name is too long or odd"));
            } else if metadata.len() > FILE_MAX {
                self.left_out.push(format!("{name}: {} bytes are too large for a setting", metadata.len()));
            } else if self.files.len() == FILES_MAX || self.total() + metadata.len() > FILES_TOTAL_MAX {
                self.left_out.push(format!("{name}: too many files in the centre's folder"));
            } else {
                let bytes = std::fs::read(&path).map(Zeroizing::new).map_err(failed)?;
                self.files.push((name, bytes));
            }
        }
        Ok(())
    }

    fn total(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }
}

/// Writes a file of a backup below a folder: durable, for the owner alone, never over another one.
pub(in crate::service) fn put(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), AppError> {
    let target = folder.join(path);
    let failed = |source| file_error("cannot write", &target, source);
    if let Some(parent) = target.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(failed)?;
    }
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&target).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    super::file::sync_folder(&target).map_err(failed)
}
