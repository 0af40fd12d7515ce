//! The address to listen on, and who could read along.

use super::{Finding, Patient};
use crate::cli::lang::explain::io_reason;
use crate::cli::serve::default_listen;
use crate::tls::{FOLDER, SERVER_FILE};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};

pub(super) fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let behind_proxy = patient.is_on("behind-proxy");
    let own = patient.folder.join(FOLDER).join(SERVER_FILE).exists();
    let has_tls = patient.value("tls-cert").is_some() || own && !behind_proxy;
    let listen = match patient.value("listen") {
        Some(value) => value.to_str().and_then(|value| value.parse::<SocketAddr>().ok()),
        None => Some(default_listen(has_tls)),
    };
    let Some(listen) = listen else {
        return vec![Finding::fail("listen", tr!("doctor-listen-wrong"), tr!("doctor-settings-advice"))];
    };
    vec![free(listen), exposure(listen.ip(), has_tls, behind_proxy)]
}

fn free(listen: SocketAddr) -> Finding {
    let shown = listen.to_string();
    match TcpListener::bind(listen) {
        Ok(_) => Finding::ok("listen", tr!("doctor-listen-free", address = shown)),
        // Most often the centre itself, which is as it should be.
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::warn(
            "listen",
            tr!("doctor-listen-taken", address = shown),
            tr!("doctor-listen-taken-advice"),
        ),
        Err(error) => {
            let advice = match error.kind() {
                ErrorKind::PermissionDenied => tr!("doctor-listen-low-port"),
                _ => tr!("doctor-listen-not-here"),
            };
            Finding::fail("listen", format!("{shown}: {}", io_reason(&error)), advice)
        }
    }
}

/// Names of officials travel in what the centre answers: beyond this machine only under TLS.
fn exposure(address: IpAddr, has_tls: bool, behind_proxy: bool) -> Finding {
    if address.is_loopback() {
        Finding::ok("exposure", tr!("doctor-exposure-loopback"))
    } else if has_tls {
        Finding::ok("exposure", tr!("doctor-exposure-tls"))
    } else if behind_proxy {
        Finding::warn("exposure", tr!("doctor-exposure-proxy"), tr!("doctor-exposure-proxy-advice"))
    } else {
        Finding::fail("exposure", tr!("doctor-exposure-plain"), tr!("doctor-exposure-plain-advice"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn only_plain_http_beyond_this_machine_is_a_fault() {
        let state = |address: &str, tls, proxy| exposure(address.parse().unwrap(), tls, proxy).state;
        assert_eq!(state("127.0.0.1", false, false), State::Ok);
        assert_eq!(state("::1", false, false), State::Ok);
        assert_eq!(state("192.168.1.10", true, false), State::Ok);
        assert_eq!(state("0.0.0.0", false, true), State::Warn);
        assert_eq!(state("0.0.0.0", false, false), State::Fail);
        assert_eq!(state("::", false, false), State::Fail);
    }

    #[test]
    fn an_address_is_free_or_taken_or_of_another_machine() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        assert_eq!(free(address).state, State::Warn);
        drop(taken);
        assert_eq!(free(address).state, State::Ok);
        // TEST-NET-3 (RFC 5737) belongs to nobody.
        assert_eq!(free("203.0.113.1:8080".parse().unwrap()).state, State::Fail);
    }
}
