//! The database: whether it opens, is whole, and fits this program.

use super::{Finding, Patient};
use crate::store::health::{Health, inspect};

pub(super) async fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let address = patient.value("database-url").map(|value| value.to_string_lossy());
    if address.is_none() && !patient.folder.join("homphieu.db").exists() {
        return vec![Finding::ok("database", tr!("doctor-database-none-yet"))];
    }
    vec![match inspect(patient.folder, address.as_deref()).await {
        Ok(health) => judge(&health),
        Err(error) => Finding::fail("database", error.to_string(), tr!("doctor-database-advice")),
    }]
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
            let finding = judge(&Health { damage, missing: missing.to_vec(), unknown: unknown.to_vec() });
            (finding.state, finding.found)
        };
        assert_eq!(state(&[], &[], &[]).0, State::Ok);
        assert_eq!(state(&[], &[2, 3], &[]).0, State::Warn);
        assert!(state(&[], &[2], &[17]).1.contains("17"));
        assert_eq!(state(&["page 3"], &[2], &[17]), (State::Fail, "page 3".to_owned()));
    }
}
