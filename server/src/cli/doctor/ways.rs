//! Mail and webhook: whether what `serve` is told can be used. Nothing is sent; `mail test` and `webhook test` do that.

use super::Finding;
use crate::cli::lang::explain;
use crate::cli::ways::WaysArgs;
use std::os::unix::fs::PermissionsExt;

pub(super) fn examine(settings: Option<&WaysArgs>) -> Vec<Finding> {
    // What is wrong with the settings as a whole was told already.
    let Some(settings) = settings else { return Vec::new() };
    let mut findings = vec![match settings.read() {
        Err(error) => Finding::fail("ways", explain::words(&error.into()), tr!("doctor-ways-advice")),
        Ok(ways) => {
            let set_up = [(ways.mail.is_some(), "mail"), (ways.webhook.is_some(), "webhook")];
            let names: Vec<_> = set_up.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect();
            match (names.is_empty(), &ways.address) {
                (true, _) => Finding::ok("ways", tr!("doctor-ways-none")),
                (false, None) => Finding::warn(
                    "ways",
                    tr!("doctor-ways-no-address", ways = names.join(", ")),
                    tr!("doctor-ways-address-advice"),
                ),
                (false, Some(address)) => Finding::ok(
                    "ways",
                    tr!("doctor-ways-set", ways = names.join(", "), address = address.as_str()),
                ),
            }
        }
    }];
    for (setting, path) in settings.secret_files() {
        let open = std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0);
        if open {
            let path = path.display().to_string();
            findings.push(Finding::warn(
                "ways",
                tr!("doctor-ways-readable", setting = setting, path = path.as_str()),
                tr!("doctor-ways-readable-advice", path = path.as_str()),
            ));
        }
    }
    findings
}
