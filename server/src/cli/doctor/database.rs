//! The database: whether it opens, is whole, and fits this program.

use super::{Finding, Patient};
use crate::store::health::{Health, inspect};
use time::OffsetDateTime;

/// Days after which the newest backup is too old: a week of work would have to come back from tablets and notes.
const BACKUP_DAYS_MAX: i64 = 7;

pub(super) async fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let address = patient.value("database-url").map(|value| value.to_string_lossy());
    if address.is_none() && !patient.folder.join("homphieu.db").exists() {
        return vec![Finding::ok("database", tr!("doctor-database-none-yet"))];
    }
    match inspect(patient.folder, address.as_deref()).await {
        Ok(health) => {
            let now = OffsetDateTime::now_utc().unix_timestamp();
            vec![judge(&health), backup(health.newest_backup, now)]
        }
        // What does not open on a server is rarely damaged; nobody should restore over a wrong password.
        Err(error) if address.is_some() => {
            vec![Finding::fail("database", error.to_string(), tr!("doctor-database-server-advice"))]
        }
        Err(error) => vec![Finding::fail("database", error.to_string(), tr!("doctor-database-advice"))],
    }
}

/// How old the newest checked backup is.
fn backup(taken_at: Option<i64>, now: i64) -> Finding {
    let Some(taken_at) = taken_at else {
        return Finding::warn("backup", tr!("doctor-backup-none"), tr!("doctor-backup-advice"));
    };
    let found = tr!("doctor-backup-taken", when = crate::cli::moment(taken_at));
    let age = now.saturating_sub(taken_at);
    // One from days to come tells of a wrong clock, and nothing of its age.
    if (-24 * 3600..=BACKUP_DAYS_MAX * 24 * 3600).contains(&age) {
        Finding::ok("backup", found)
    } else {
        Finding::warn("backup", found, tr!("doctor-backup-advice"))
    }
}

fn judge(health: &Health) -> Finding {
    let list = |numbers: &[i64]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !health.damage.is_empty() {
        Finding::fail("database", health.damage.join("; "), tr!("doctor-database-advice"))
    } else if !health.unknown.is_empty() {
        let found = tr!("doctor-database-newer", numbers = list(&health.unknown));
        Finding::fail("database", found, tr!("doctor-database-newer-advice"))
    } else if !health.missing.is_empty() {
        let found = tr!("doctor-database-older", numbers = list(&health.missing));
        Finding::warn("database", found, tr!("doctor-database-older-advice"))
    } else {
        Finding::ok("database", tr!("doctor-database-whole"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn damage_comes_before_age_and_a_newer_database_before_an_older_one() {
        let state = |damage: &[&str], missing: &[i64], unknown: &[i64]| {
            let damage = damage.iter().map(ToString::to_string).collect();
            let finding = judge(&Health {
                damage,
                missing: missing.to_vec(),
                unknown: unknown.to_vec(),
                newest_backup: None,
            });
            (finding.state, finding.found)
        };
        assert_eq!(state(&[], &[], &[]).0, State::Ok);
        assert_eq!(state(&[], &[2, 3], &[]).0, State::Warn);
        assert!(state(&[], &[2], &[17]).1.contains("17"));
        let backup = |taken_at: Option<i64>| backup(taken_at, 8 * 24 * 3600).state;
        assert_eq!(backup(None), State::Warn);
        assert_eq!(backup(Some(24 * 3600)), State::Ok);
        assert_eq!(backup(Some(10 * 24 * 3600)), State::Warn, "taken in days to come");
        assert_eq!(backup(Some(24 * 3600 - 1)), State::Warn);
        assert_eq!(state(&["page 3"], &[2], &[17]), (State::Fail, "page 3".to_owned()));
    }
}
