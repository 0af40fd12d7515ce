//! What browsers see of the authority, and how a certificate is looked after over the years.

use super::authority::{AUTHORITY_FILE, AUTHORITY_KEY_FILE, RENEW_BEFORE, first_certificate};
use super::*;
use proptest::prelude::*;
use rcgen::{CertificateParams, Issuer, KeyPair, SanType};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

fn names(texts: &[&str]) -> Vec<ServedName> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn made(folder: &Path, texts: &[&str]) -> Authority {
    let authority = Authority::at(&folder.join(FOLDER));
    authority.init(&names(texts), now()).unwrap();
    authority
}

/// Judges a chain as a browser that has installed the authority does.
fn browser(authority: &Authority, chain: &[CertificateDer<'_>], host: &str, at: OffsetDateTime) -> bool {
    let mut roots = RootCertStore::empty();
    let pem = std::fs::read_to_string(authority.path(AUTHORITY_FILE)).unwrap();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider()));
    let seconds = u64::try_from(at.unix_timestamp()).unwrap();
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    let name = ServerName::try_from(host).unwrap();
    verifier.build().unwrap().verify_server_cert(&chain[0], &chain[1..], &name, &[], at).is_ok()
}

fn chain(authority: &Authority) -> Vec<CertificateDer<'static>> {
    let pem = std::fs::read_to_string(authority.path(SERVER_FILE)).unwrap();
    CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect()
}

#[test]
fn a_browser_takes_the_certificate_for_its_names_and_for_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let authority = made(folder.path(), &["192.168.1.10", "ten.lan", "fd00::10", "phieu.dongvan.gov.vn"]);
    let chain = chain(&authority);
    for host in
        ["192.168.1.10", "ten.lan", "fd00::10", "phieu.dongvan.gov.vn", "localhost", "127.0.0.1", "::1"]
    {
        assert!(browser(&authority, &chain, host, now()), "{host}");
    }
    for host in ["192.168.1.11", "other.lan", "sub.ten.lan", "dongvan.gov.vn"] {
        assert!(!browser(&authority, &chain, host, now()), "{host}");
    }
    let days = |days| now() + Duration::days(days);
    assert!(browser(&authority, &chain, "ten.lan", days(-6)), "clocks are late");
    assert!(browser(&authority, &chain, "ten.lan", days(389)));
    assert!(!browser(&authority, &chain, "ten.lan", days(391)), "browsers take no more than 398 days");
}

#[test]
fn an_authority_that_is_stolen_or_misused_vouches_for_nobody_elses_site() {
    let folder = tempfile::tempdir().unwrap();
    let authority = made(folder.path(), &["192.168.1.10", "phieu.dongvan.gov.vn"]);
    let certificate = std::fs::read_to_string(authority.path(AUTHORITY_FILE)).unwrap();
    let key = std::fs::read_to_string(authority.path(AUTHORITY_KEY_FILE)).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&certificate, KeyPair::from_pem(&key).unwrap()).unwrap();
    let forged = |host: &str| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![match host.parse() {
            Ok(ip) => SanType::IpAddress(ip),
            Err(_) => SanType::DnsName(host.try_into().unwrap()),
        }];
        params.not_before = now() - Duration::days(1);
        params.not_after = now() + Duration::days(1);
        vec![params.signed_by(&key, &issuer).unwrap().der().clone()]
    };
    for host in ["bank.example.com", "gov.vn", "dongvan.gov.vn", "8.8.8.8", "2001:db8::1"] {
        assert!(!browser(&authority, &forged(host), host, now()), "{host}");
        let refused = authority.renew(Some(&names(&[host])), now());
        assert!(matches!(refused, Err(TlsError::Outside { .. })), "{host}");
    }
    for host in ["10.9.8.7", "anything.lan", "printer.local", "phieu.dongvan.gov.vn", "fd12::1"] {
        assert!(browser(&authority, &forged(host), host, now()), "{host}");
        authority.renew(Some(&names(&[host])), now()).unwrap();
        assert!(browser(&authority, &chain(&authority), host, now()), "{host}");
    }
}

#[test]
fn renewal_keeps_authority_pin_and_names_and_takes_a_new_key() {
    let folder = tempfile::tempdir().unwrap();
    let authority = made(folder.path(), &["192.168.1.10"]);
    let (pin, names) = (authority.pin().unwrap(), authority.names().unwrap());
    let old = chain(&authority);
    let later = now() + Duration::days(300);
    let renewed = authority.renew(None, later).unwrap();
    assert_eq!((renewed.pin, &renewed.names), (pin, &names));
    assert_eq!(authority.ends().unwrap(), renewed.ends);
    let new = chain(&authority);
    assert_eq!(new[1], old[1], "the same authority");
    assert_ne!(new[0], old[0]);
    assert!(browser(&authority, &new, "192.168.1.10", later + Duration::days(380)));
    let pins = pins(&authority.path(SERVER_FILE)).unwrap();
    assert!(pins[0].1 != pin && pins[1].1 == pin, "{pins:?}");
}

#[test]
fn a_centre_renews_in_time_and_also_when_its_clock_was_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let authority = made(folder.path(), &["192.168.1.10"]);
    let certificates = Certificates::load(Source::Own(authority.clone())).unwrap();
    let (begins, ends) = certificates.life();
    assert_eq!(certificates.look_after(begins), None);
    assert_eq!(certificates.look_after(ends - RENEW_BEFORE - Duration::seconds(1)), None);
    assert_eq!(chain(&authority), chain(&authority));
    for at in [ends - RENEW_BEFORE, ends + Duration::days(2000), begins - Duration::days(500)] {
        let words = certificates.look_after(at).unwrap();
        assert!(words.contains("a new one was made"), "{words}");
        assert!(browser(&authority, &chain(&authority), "192.168.1.10", at), "{words}");
        assert_eq!(certificates.look_after(at), None, "once is enough");
    }
    std::fs::remove_file(authority.path(AUTHORITY_KEY_FILE)).unwrap();
    let words = certificates.look_after(certificates.life().1).unwrap();
    assert!(words.contains("no new one could be made") && words.contains(AUTHORITY_KEY_FILE), "{words}");
}

#[test]
fn files_of_others_are_never_written_only_complained_about() {
    let folder = tempfile::tempdir().unwrap();
    let authority = made(folder.path(), &["192.168.1.10"]);
    let file = authority.path(SERVER_FILE);
    let before = std::fs::read(&file).unwrap();
    let source = Source::Files { certificate: file.clone(), key: file.clone() };
    let certificates = Certificates::load(source).unwrap();
    let words = certificates.look_after(certificates.life().1).unwrap();
    assert!(words.contains("ended on") && words.contains("renew it"), "{words}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(!certificates.changed());
    std::fs::write(&file, b"half").unwrap();
    assert!(certificates.changed());
    assert!(certificates.reload().is_err());
    assert!(certificates.changed(), "it is looked at again until it is good");
    std::fs::write(&file, &before).unwrap();
    certificates.reload().unwrap();
    assert!(!certificates.changed());
}

#[test]
fn the_page_carries_the_certificate_and_nothing_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let authority = made(folder.path(), &["192.168.1.10", "ten.lan"]);
    let page = std::fs::read_to_string(authority.path(PAGE_FILE)).unwrap();
    let der = std::fs::read(authority.path(DOWNLOAD_FILE)).unwrap();
    let pem = std::fs::read_to_string(authority.path(AUTHORITY_FILE)).unwrap();
    assert_eq!(der, first_certificate(&pem, Path::new("")).unwrap());
    let digits = authority.fingerprint().unwrap();
    assert_eq!(digits.len(), 16);
    assert!(digits.iter().all(|group| page.contains(&format!("<span>{group}</span>"))));
    assert!(
        page.contains("(https://192.168.1.10:8443, https://ten.lan:8443)")
            && page.contains(&authority.pin().unwrap().to_string())
    );
    let base64 = page.split(";base64,").nth(1).unwrap().split('"').next().unwrap();
    let again = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
    assert_eq!(first_certificate(&again, Path::new("")).unwrap(), der);
    for outside in ["src=", "<script", "url(", "<link", "href=\"http"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let key = std::fs::read_to_string(authority.path(AUTHORITY_KEY_FILE)).unwrap();
    let secret = key.lines().nth(1).unwrap();
    assert!(!page.contains(secret));
}

#[test]
fn of_two_that_make_an_authority_at_once_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::at(folder.path());
    let init = || authority.init(&names(&["10.0.0.1"]), now());
    let results = std::thread::scope(|scope| {
        [scope.spawn(init), scope.spawn(init)].map(|thread| thread.join().unwrap())
    });
    assert!(results.iter().any(Result::is_ok));
    authority.renew(None, now()).unwrap();
    Certificates::load(Source::Own(authority)).unwrap();
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader_of_names(text in "\\PC{0,80}") {
        if let Ok(name) = text.parse::<ServedName>() {
            prop_assert_eq!(name.to_string().parse::<ServedName>().unwrap(), name);
        }
    }

    #[test]
    fn no_file_breaks_the_reader_of_certificates(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0_usize..3000) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let authority = made(folder.path(), &["10.0.0.1"]);
        let mut text = std::fs::read(authority.path(SERVER_FILE)).unwrap();
        text.truncate(cut);
        text.extend(bytes);
        std::fs::write(&file, &text).unwrap();
        drop(Certificates::load(Source::Files { certificate: file.clone(), key: file.clone() }));
        drop(pins(&file));
    }
}
