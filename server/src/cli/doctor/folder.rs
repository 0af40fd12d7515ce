//! The centre's folder: who may look into it, whether it takes writes, how much still fits.

use super::{Finding, Patient};
use crate::cli::lang::explain::io_reason;
use crate::tls::SERVER_FILE;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Free bytes below which the centre may stop at any moment.
const FREE_MIN: u64 = 100 * 1024 * 1024;
/// Free bytes below which somebody should make room; a round of a district with its backups takes some 100 MiB.
const FREE_ENOUGH: u64 = 1024 * 1024 * 1024;
/// Free entries of the file system below which no new file can be counted on.
const FREE_ENTRIES_MIN: u64 = 1000;

pub(super) fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let folder = patient.folder;
    let shown = folder.display().to_string();
    match std::fs::metadata(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let advice = tr!("doctor-folder-missing-advice");
            let missing = Finding::warn("folder", tr!("doctor-folder-missing", path = shown), advice);
            // The disk that it will lie on.
            let above = folder.ancestors().skip(1).find(|above| above.is_dir()).unwrap_or(Path::new("."));
            return vec![missing, space(above)];
        }
        Ok(found) if found.is_dir() => {}
        _ => return examine_folder(folder),
    }
    let mut findings = examine_folder(folder);
    findings.splice(1..1, [secrets(patient), writing(folder)]);
    findings
}

/// What is asked of a folder that is there, whatever it holds.
pub(super) fn examine_folder(folder: &Path) -> Vec<Finding> {
    let shown = folder.display().to_string();
    let rights = match std::fs::metadata(folder) {
        Ok(found) if found.is_dir() => rights(&shown, &found, rustix::process::geteuid().as_raw()),
        Ok(_) => return vec![Finding::fail("folder", shown, tr!("doctor-folder-no-folder"))],
        Err(error) => {
            let found = format!("{shown}: {}", io_reason(&error));
            return vec![Finding::fail("folder", found, tr!("doctor-folder-no-folder"))];
        }
    };
    vec![rights, space(folder)]
}

/// Only the owner may look in, and it should be the owner who asks: files made by another user lock the owner out.
fn rights(shown: &str, found: &Metadata, me: u32) -> Finding {
    let mode = found.mode() & 0o7777;
    let seen = format!("{shown}, {mode:04o}");
    if mode & 0o077 != 0 {
        Finding::fail("folder", seen, tr!("doctor-folder-open", path = shown))
    } else if found.uid() != me {
        let owner = i64::from(found.uid());
        Finding::warn("folder", seen, tr!("doctor-folder-other-owner", owner = owner))
    } else {
        Finding::ok("folder", seen)
    }
}

fn secrets(patient: &Patient<'_>) -> Finding {
    let key = patient.folder.join("centre.key");
    if !key.exists() {
        return if patient.folder.join("homphieu.db").exists() {
            Finding::fail("secrets", tr!("doctor-secrets-key-lost"), tr!("doctor-secrets-key-lost-advice"))
        } else {
            Finding::ok("secrets", tr!("doctor-secrets-none-yet"))
        };
    }
    let open: Vec<String> = secret_files(patient, key)
        .into_iter()
        .filter(|path| std::fs::metadata(path).is_ok_and(|found| found.mode() & 0o077 != 0))
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        Finding::ok("secrets", tr!("doctor-secrets-closed"))
    } else {
        let paths = open.join(" ");
        let advice = tr!("doctor-secrets-open-advice", paths = paths.as_str());
        Finding::fail("secrets", tr!("doctor-secrets-open", paths = paths.as_str()), advice)
    }
}

/// Files that hold a secret: the centre's key, the key of TLS, a settings file with a password in it.
fn secret_files(patient: &Patient<'_>, key: PathBuf) -> Vec<PathBuf> {
    let mut files = vec![key];
    files.extend(patient.path("tls-key"));
    if let Ok(entries) = std::fs::read_dir(patient.folder.join("tls")) {
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        let secret = |name: &OsStr| name == SERVER_FILE || name.to_string_lossy().contains("key");
        files.extend(paths.filter(|path| path.file_name().is_some_and(secret)));
    }
    let in_file = |setting: &super::Setting| setting.is_secret() && setting.is_from_file();
    if patient.settings.iter().any(in_file) {
        files.extend(patient.settings_file.map(Path::to_owned));
    }
    files
}

/// Writes a file durably and takes it away again.
fn writing(folder: &Path) -> Finding {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(&[0; 4096])?;
        file.sync_all()
    };
    let written = write();
    drop(std::fs::remove_file(&path));
    match written {
        Ok(()) => Finding::ok("writing", tr!("doctor-writing-works")),
        Err(error) => Finding::fail("writing", io_reason(&error), tr!("doctor-writing-advice")),
    }
}

fn space(folder: &Path) -> Finding {
    match rustix::fs::statvfs(folder) {
        // Some file systems have no fixed number of entries and say 0 of 0.
        Ok(found) => {
            let entries = if found.f_files == 0 { u64::MAX } else { found.f_favail };
            judge_space(found.f_bavail.saturating_mul(found.f_frsize), entries)
        }
        Err(error) => Finding::warn("disk", error.to_string(), tr!("doctor-disk-advice")),
    }
}

fn judge_space(free: u64, entries: u64) -> Finding {
    let mebibytes = free / (1024 * 1024);
    let found = tr!("doctor-disk-free", free = mebibytes);
    if entries < FREE_ENTRIES_MIN {
        Finding::fail("disk", tr!("doctor-disk-entries", entries = entries), tr!("doctor-disk-advice"))
    } else if free < FREE_MIN {
        Finding::fail("disk", found, tr!("doctor-disk-advice"))
    } else if free < FREE_ENOUGH {
        Finding::warn("disk", found, tr!("doctor-disk-advice"))
    } else {
        Finding::ok("disk", found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn little_space_is_a_warning_and_none_a_fault_whether_bytes_or_entries_run_out() {
        let state = |free, entries| judge_space(free, entries).state;
        assert_eq!(state(FREE_ENOUGH, FREE_ENTRIES_MIN), State::Ok);
        assert_eq!(state(FREE_ENOUGH - 1, u64::MAX), State::Warn);
        assert_eq!(state(FREE_MIN - 1, u64::MAX), State::Fail);
        assert_eq!(state(0, u64::MAX), State::Fail);
        assert_eq!(state(u64::MAX, FREE_ENTRIES_MIN - 1), State::Fail);
    }

    #[test]
    fn another_users_closed_folder_is_a_warning_that_names_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let found = std::fs::metadata(folder.path()).unwrap();
        assert_eq!(rights("x", &found, found.uid()).state, State::Ok);
        let finding = rights("x", &found, found.uid() + 1);
        assert_eq!(finding.state, State::Warn);
        assert!(finding.advice.unwrap().contains(&found.uid().to_string()));
    }
}
