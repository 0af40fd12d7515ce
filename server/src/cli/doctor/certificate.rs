//! The certificate that devices and browsers are shown: whether it can be used, and how long it lives.

use super::{Finding, Patient};
use crate::cli::CliError;
use crate::cli::lang::explain;
use crate::tls::{Authority, Certificates, FOLDER, RENEW_BEFORE, SERVER_FILE, Source};
use time::OffsetDateTime;

/// Nothing where no TLS ends here.
pub(super) fn examine(patient: &Patient<'_>) -> Option<Finding> {
    let own = Authority::at(&patient.folder.join(FOLDER));
    let is_own = patient.value("tls-cert").is_none();
    let source = match (patient.path("tls-cert"), patient.path("tls-key")) {
        (Some(certificate), Some(key)) => Source::Files { certificate, key },
        (None, None) if own.path(SERVER_FILE).exists() && !patient.is_on("behind-proxy") => Source::Own(own),
        // One without the other is a fault that `serve` itself refuses; a proxy has a certificate of its own.
        _ => return None,
    };
    Some(match Certificates::load(source) {
        Ok(certificates) => life(certificates.life(), OffsetDateTime::now_utc(), is_own),
        Err(error) => {
            let advice = tr!("doctor-certificate-unusable-advice");
            Finding::fail("certificate", explain::words(&CliError::Tls(error)), advice)
        }
    })
}

/// A serving centre renews its own certificate; somebody else's is somebody's duty.
fn life((begins, ends): (OffsetDateTime, OffsetDateTime), now: OffsetDateTime, is_own: bool) -> Finding {
    let day = |at: OffsetDateTime| at.date().to_string();
    let advice = || {
        if is_own { tr!("doctor-certificate-own-advice") } else { tr!("doctor-certificate-others-advice") }
    };
    if now < begins {
        let found = tr!("doctor-certificate-not-yet", day = day(begins));
        Finding::fail("certificate", found, tr!("doctor-certificate-not-yet-advice"))
    } else if now >= ends {
        Finding::fail("certificate", tr!("doctor-certificate-ended", day = day(ends)), advice())
    } else if now >= ends - RENEW_BEFORE {
        Finding::warn("certificate", tr!("doctor-certificate-good", day = day(ends)), advice())
    } else {
        Finding::ok("certificate", tr!("doctor-certificate-good", day = day(ends)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use time::Duration;

    #[test]
    fn a_certificate_is_too_young_good_nearly_over_or_over() {
        let begins = OffsetDateTime::UNIX_EPOCH;
        let ends = begins + Duration::days(100);
        let state = |day: i64| life((begins, ends), begins + Duration::days(day), true).state;
        assert_eq!(state(-1), State::Fail);
        assert_eq!(state(0), State::Ok);
        assert_eq!(state(60), State::Ok);
        assert_eq!(state(99), State::Warn);
        assert_eq!(state(100), State::Fail);
    }
}
