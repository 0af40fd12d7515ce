//! TLS as an office sets it up: an authority of its own, tablets that pin it, renewal while serving, and every way to
//! get it wrong.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::store::FileStore;
use client_ffi::transport::{Http, Transport, TransportError};
use client_ffi::{Tablet, TabletError};
use homphieu_server::domain::person::Role;
use homphieu_tests::office::{Office, unit};
use homphieu_tests::server::{Server, refused, request, run, succeed};
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn open(folder: &Path) -> Tablet<FileStore> {
    Tablet::open(FileStore::open(folder).unwrap()).unwrap()
}

/// A value of `tls init` or `tls show`.
fn said(text: &str, name: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line[name.len()..].trim().to_owned()
}

fn with_own_tls() -> (Office, String) {
    let office = Office::new();
    let text =
        succeed(&office.folder(), &["tls", "init", "--address", "127.0.0.1", "--address", "ten.lan"], "");
    (office, said(&text, "pin"))
}

/// A tablet that enrols by nothing but its token.
fn enrolled(office: &Office, name: &str, address: &str) -> Tablet<FileStore> {
    let mut tablet = open(&office.home().join(name));
    let token = office.token(&["A"], address);
    tablet.enrol(&token, &Http::for_token(&token).unwrap()).unwrap();
    let paper = sync_core::fingerprint::groups(&tablet.sheet_hash(&unit("A")).unwrap().0);
    tablet.confirm_sheet(&unit("A"), &[(0, &paper[0]), (5, &paper[5])]).unwrap();
    tablet
}

#[test]
fn a_tablet_enrols_casts_and_syncs_by_its_token_alone_and_knows_its_centre_after_a_restart() {
    let (office, pin) = with_own_tls();
    let server = Server::start(&office.folder());
    assert!(server.address.starts_with("https://127.0.0.1:"));
    let mut tablet = enrolled(&office, "tablet", &server.address);
    office.cast(&mut tablet, "A", 0..9);
    drop(tablet);
    let mut tablet = open(&office.home().join("tablet"));
    let address = tablet.address().unwrap().to_owned();
    assert_eq!(address, format!("{}#pin={pin}", server.address));
    tablet.close(&unit("A")).unwrap();
    tablet.sync(&Http::new(&address)).unwrap();
    assert_eq!(tablet.counts(&unit("A")).confirmed, 9);
    server.stop();
}

/// Waits until the server has logged this.
fn logged(office: &Office, text: &str) {
    let log = office.folder().with_extension("log");
    while !std::fs::read_to_string(&log).unwrap().contains(text) {}
}

/// Whether whoever answers there leads to the pin. What it is asked is nonsense, and refused as such.
fn is_centre(address: &str, pin: &str) -> bool {
    match Http::new(&format!("{address}#pin={pin}")).post("/api/v1/sync", b"x") {
        Err(TransportError::Refused { status: 400, .. }) => true,
        Err(TransportError::NotTheCentre(_)) => false,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart_and_tablets_notice_nothing() {
    let (office, pin) = with_own_tls();
    let server = Server::start(&office.folder());
    let mut tablet = enrolled(&office, "tablet", &server.address);
    let before = std::fs::read(office.folder().join("tls/server.pem")).unwrap();
    let renewed = succeed(&office.folder(), &["tls", "renew"], "");
    assert_eq!(said(&renewed, "pin"), pin, "the authority stays");
    assert_eq!(said(&renewed, "addresses"), "127.0.0.1 ten.lan localhost ::1");
    assert_ne!(std::fs::read(office.folder().join("tls/server.pem")).unwrap(), before);
    server.signal(Signal::HUP);
    logged(&office, "the certificate was read again");
    office.cast(&mut tablet, "A", 0..2);
    tablet.close(&unit("A")).unwrap();
    tablet.sync(&Http::new(tablet.address().unwrap())).unwrap();
    assert_eq!(tablet.counts(&unit("A")).confirmed, 2);
    server.stop();
}

#[test]
fn changed_files_are_taken_up_while_serving_and_bad_ones_change_nothing() {
    let (office, first) = with_own_tls();
    let (other, second) = with_own_tls();
    let file = office.home().join("server.pem");
    let path = file.to_str().unwrap();
    std::fs::copy(office.folder().join("tls/server.pem"), &file).unwrap();
    let server = Server::start_with(&office.folder(), &["--tls-cert", path, "--tls-key", path]);
    assert!(is_centre(&server.address, &first) && !is_centre(&server.address, &second));
    std::fs::copy(other.folder().join("tls/server.pem"), &file).unwrap();
    server.signal(Signal::HUP);
    while !is_centre(&server.address, &second) {}
    assert!(!is_centre(&server.address, &first));
    std::fs::write(&file, "half written").unwrap();
    server.signal(Signal::HUP);
    logged(&office, "the certificate stays as it was");
    assert!(is_centre(&server.address, &second));
    server.stop();
}

#[test]
fn another_centre_at_the_same_address_gets_nothing_and_nothing_is_lost() {
    let (office, _) = with_own_tls();
    let (other, _) = with_own_tls();
    let server = Server::start(&office.folder());
    let mut tablet = enrolled(&office, "tablet", &server.address);
    office.cast(&mut tablet, "A", 0..5);
    tablet.close(&unit("A")).unwrap();
    server.stop();
    let false_centre = Server::start(&other.folder());
    let pin = said(&succeed(&office.folder(), &["tls", "show"], ""), "pin");
    let there = Http::new(&format!("{}#pin={pin}", false_centre.address));
    let error = tablet.sync(&there).unwrap_err();
    assert!(matches!(error, TabletError::Transport(TransportError::NotTheCentre(_))), "{error}");
    assert_eq!(tablet.counts(&unit("A")).sealed, 5);
    let server = Server::start(&office.folder());
    tablet.sync(&Http::new(&format!("{}#pin={pin}", server.address))).unwrap();
    assert_eq!(tablet.counts(&unit("A")).confirmed, 5);
}

#[test]
fn an_authority_is_never_made_over_another_and_its_keys_are_the_owners_alone() {
    let (office, pin) = with_own_tls();
    let files = office.folder().join("tls");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&files), 0o700);
    for secret in ["authority.key", "server.pem"] {
        assert_eq!(mode(&files.join(secret)), 0o600, "{secret}");
    }
    let before: Vec<_> = ["authority.key", "authority.pem", "server.pem", "install.html"]
        .map(|file| std::fs::read(files.join(file)).unwrap())
        .into();
    let why = refused(&office.folder(), &["tls", "init", "--address", "127.0.0.1"], "");
    assert!(why.contains("tls renew"), "{why}");
    let why = refused(&office.folder(), &["tls", "renew", "--address", "bank.example.com"], "");
    assert!(why.contains("bank.example.com") && why.contains("ten.lan"), "{why}");
    let after: Vec<_> = ["authority.key", "authority.pem", "server.pem", "install.html"]
        .map(|file| std::fs::read(files.join(file)).unwrap())
        .into();
    assert_eq!(before, after);
    let left: Vec<_> = std::fs::read_dir(&files).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 5, "no draft is left behind: {left:?}");
    assert_eq!(said(&succeed(&office.folder(), &["tls", "show"], ""), "pin"), pin);
    let pins = succeed(&office.folder(), &["tls", "pin", files.join("server.pem").to_str().unwrap()], "");
    assert!(pins.lines().nth(1).unwrap().starts_with(&pin), "{pins}");
    for wrong in ["https://ten.lan", "10.0.0", "0.0.0.0", "ten lan", "", "-x", "a..b"] {
        let output = run(&office.folder(), &["tls", "init", "--address", wrong], "");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn files_that_do_not_fit_are_refused_with_their_names() {
    let (office, _) = with_own_tls();
    let (other, pin) = with_own_tls();
    let here = |file: &str| office.folder().join("tls").join(file).to_str().unwrap().to_owned();
    let there = other.folder().join("tls/server.pem").to_str().unwrap().to_owned();
    let key_alone = office.home().join("key.pem");
    let text = std::fs::read_to_string(&there).unwrap();
    std::fs::write(&key_alone, text.split("-----BEGIN CERT").next().unwrap()).unwrap();
    let key_alone = key_alone.to_str().unwrap();
    let missing = office.home().join("missing.pem").to_str().unwrap().to_owned();
    let cases = [
        (here("server.pem"), key_alone.to_owned(), "does not belong"),
        (here("server.pem"), here("authority.pem"), "no private key"),
        (key_alone.to_owned(), key_alone.to_owned(), "no certificate"),
        (missing.clone(), key_alone.to_owned(), "cannot read"),
        (here("server.pem"), missing, "cannot read"),
    ];
    for (certificate, key, why) in cases {
        let args = ["serve", "--listen", "127.0.0.1:0", "--tls-cert", &certificate, "--tls-key", &key];
        let said = refused(&office.folder(), &args, "");
        assert!(said.contains(why), "{said}");
        assert!(said.contains(&certificate) || said.contains(&key), "{said}");
    }
    let server = Server::start_with(&office.folder(), &["--tls-cert", &there, "--tls-key", key_alone]);
    assert!(is_centre(&server.address, &pin), "two files that fit are taken");
}

#[test]
fn plain_http_for_a_network_is_refused_unless_a_proxy_does_tls() {
    let office = Office::new();
    let why = refused(&office.folder(), &["serve", "--listen", "0.0.0.0:0"], "");
    assert!(why.contains("tls init") && why.contains("--behind-proxy"), "{why}");
    let why = refused(
        &office.folder(),
        &["device", "enrol", "--courier", "--label", "x", "--address", "http://10.1.1.1"],
        "",
    );
    assert!(why.contains("#plain"), "{why}");
    let why = refused(
        &office.folder(),
        &["device", "enrol", "--courier", "--label", "x", "--address", "https://10.1.1.1"],
        "",
    );
    assert!(why.contains("#pin="), "{why}");

    let (office, _) = with_own_tls();
    let server = Server::start_with(&office.folder(), &["--behind-proxy", "--proxy", "172.18.0.0/16"]);
    assert!(server.address.starts_with("http://"), "the proxy has a certificate of its own");
}

#[test]
fn cookies_are_for_tls_wherever_it_ends() {
    for args in [&["--behind-proxy"][..], &[]] {
        let office = Office::new();
        let server = Server::start_with(&office.folder(), args);
        let password = office.hire("thu-ky", &[Role::Organiser], |_| ());
        let body = serde_json::json!({ "login": "thu-ky", "password": password }).to_string();
        let json = [("content-type", "application/json")];
        let answer = request("POST", &format!("{}/api/v1/session", server.address), &json, body.as_bytes());
        assert_eq!(answer.status, 201, "{answer:?}");
        let cookie = answer.header("set-cookie");
        assert_eq!(cookie.contains("Secure") && cookie.starts_with("__Host-"), !args.is_empty(), "{cookie}");
    }
}

#[test]
fn who_forgets_the_s_of_https_is_told() {
    let (office, _) = with_own_tls();
    let server = Server::start(&office.folder());
    let plain = server.address.replace("https://", "http://");
    let answer = request("GET", &format!("{plain}/health"), &[], b"");
    assert_eq!((answer.status, answer.code().as_str()), (400, "use_https"));
    let answer = request("POST", &format!("{plain}/api/v1/sync"), &[], &[b'x'; 2000]);
    assert_eq!(answer.code(), "use_https");
}
