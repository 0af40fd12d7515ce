//! The machine: clock, time zone, limits. No clock decides anything about ballots; but people read times in logs and
//! minutes, browsers refuse certificates by them, and codes of the second factor follow them.

use super::{Finding, Patient};
use rustix::process::{Resource, getrlimit};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 before which no clock can be right: this program was not yet written (2026-11-01).
const WRITTEN: u64 = 1_793_491_200;
/// How far ahead of the clock a file of the centre may lie: two machines that share a disk differ a little.
const AHEAD_MAX: u64 = 5 * 60;
/// Open files that the centre needs: connections of a district's tablets that return at once, and its database.
const FILES_ENOUGH: u64 = 4096;
/// Below this, it turns away tablets in an ordinary round.
const FILES_MIN: u64 = 512;

pub(super) fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let zone = zone(std::env::var("TZ").ok(), Path::new("/etc/localtime"));
    let files = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let core = getrlimit(Resource::Core).current.unwrap_or(u64::MAX);
    vec![examine_clock(patient.folder), judge_zone(zone.as_deref()), judge_files(files), judge_core(core)]
}

pub(super) fn examine_clock(folder: &Path) -> Finding {
    judge_clock(seconds(SystemTime::now()), newest(folder))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// When something in the folder was last written, as the file system says.
fn newest(folder: &Path) -> Option<u64> {
    let entries = std::fs::read_dir(folder).ok()?;
    let times = entries.filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok());
    times.map(seconds).max()
}

fn judge_clock(now: u64, newest_file: Option<u64>) -> Finding {
    let shown = i64::try_from(now).ok().and_then(|now| time::OffsetDateTime::from_unix_timestamp(now).ok());
    let shown = shown.and_then(|now| now.format(&time::format_description::well_known::Rfc3339).ok());
    let shown = shown.unwrap_or_else(|| now.to_string());
    if now < WRITTEN {
        Finding::fail("clock", tr!("doctor-clock-old", now = shown), tr!("doctor-clock-advice"))
    } else if newest_file.is_some_and(|file| file > now.saturating_add(AHEAD_MAX)) {
        Finding::warn("clock", tr!("doctor-clock-behind", now = shown), tr!("doctor-clock-advice"))
    } else {
        Finding::ok("clock", tr!("doctor-clock-plausible", now = shown))
    }
}

/// The name of the time zone: of the variable, else of the file that the system's link leads to.
fn zone(variable: Option<String>, link: &Path) -> Option<String> {
    let named = variable.map(|name| name.trim_start_matches(':').to_owned()).filter(|name| !name.is_empty());
    named.or_else(|| {
        let target = std::fs::canonicalize(link).ok()?;
        let target = target.to_str()?;
        target.split_once("/zoneinfo/").map(|(_, name)| name.to_owned())
    })
}

fn judge_zone(zone: Option<&str>) -> Finding {
    match zone {
        Some(name @ ("Asia/Ho_Chi_Minh" | "Asia/Saigon" | "Asia/Bangkok" | "Asia/Vientiane")) => {
            Finding::ok("zone", name)
        }
        Some(name) => Finding::warn("zone", name, tr!("doctor-zone-advice")),
        None => Finding::warn("zone", tr!("doctor-zone-unknown"), tr!("doctor-zone-advice")),
    }
}

fn judge_files(most: u64) -> Finding {
    let found = tr!("doctor-files-most", most = most.to_string());
    if most < FILES_MIN {
        Finding::fail("files", found, tr!("doctor-files-advice"))
    } else if most < FILES_ENOUGH {
        Finding::warn("files", found, tr!("doctor-files-advice"))
    } else {
        Finding::ok("files", found)
    }
}

/// A core dump holds the centre's key.
fn judge_core(most: u64) -> Finding {
    if most == 0 {
        Finding::ok("core", tr!("doctor-core-off"))
    } else {
        Finding::warn("core", tr!("doctor-core-on"), tr!("doctor-core-advice"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_clock_before_the_program_was_written_is_wrong_and_one_behind_its_own_files_suspect() {
        let state = |now, file| judge_clock(now, file).state;
        assert_eq!(state(0, None), State::Fail);
        assert_eq!(state(WRITTEN - 1, Some(0)), State::Fail);
        assert_eq!(state(WRITTEN, None), State::Ok);
        assert_eq!(state(WRITTEN, Some(WRITTEN + AHEAD_MAX)), State::Ok);
        assert_eq!(state(WRITTEN, Some(WRITTEN + AHEAD_MAX + 1)), State::Warn);
        assert_eq!(state(u64::MAX, Some(u64::MAX)), State::Ok, "no overflow at the end of time");
    }

    #[test]
    fn the_zone_is_the_variables_or_that_of_the_link() {
        let folder = tempfile::tempdir().unwrap();
        let zones = folder.path().join("zoneinfo/Asia");
        std::fs::create_dir_all(&zones).unwrap();
        std::fs::write(zones.join("Ho_Chi_Minh"), b"TZif").unwrap();
        let link = folder.path().join("localtime");
        assert_eq!(zone(None, &link), None);
        std::os::unix::fs::symlink(zones.join("Ho_Chi_Minh"), &link).unwrap();
        assert_eq!(zone(None, &link).as_deref(), Some("Asia/Ho_Chi_Minh"));
        assert_eq!(zone(Some(String::new()), &link).as_deref(), Some("Asia/Ho_Chi_Minh"));
        assert_eq!(zone(Some(":UTC".to_owned()), &link).as_deref(), Some("UTC"));
        assert_eq!(judge_zone(Some("Asia/Ho_Chi_Minh")).state, State::Ok);
        assert_eq!(judge_zone(Some("UTC")).state, State::Warn);
        assert_eq!(judge_zone(None).state, State::Warn);
    }

    #[test]
    fn few_files_and_core_dumps_are_told() {
        assert_eq!(
            [FILES_MIN - 1, FILES_MIN, FILES_ENOUGH, u64::MAX].map(|most| judge_files(most).state),
            [State::Fail, State::Warn, State::Ok, State::Ok]
        );
        assert_eq!(
            [0, 1, u64::MAX].map(|most| judge_core(most).state),
            [State::Ok, State::Warn, State::Warn]
        );
    }
}
