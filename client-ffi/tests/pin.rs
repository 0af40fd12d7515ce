//! Who is taken for the centre: whoever holds a certificate from the pinned key for this name, whatever the clocks say.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use client_ffi::transport::{Http, Transport, TransportError};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, PublicKeyData, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use sync_core::address::{AddressError, Pin};

const SECRET: &[u8] = b"a sealed ballot";
const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

/// A key with its certificate.
struct Holder {
    key: KeyPair,
    params: CertificateParams,
    certificate: Certificate,
}

impl Holder {
    /// Signs itself.
    fn authority(name: &str, years: (i32, i32)) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = params(&[], name, years, true);
        let certificate = params.self_signed(&key).unwrap();
        Self { key, params, certificate }
    }

    fn issues(&self, names: &[&str], years: (i32, i32), authority: bool) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = params(names, "issued", years, authority);
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        Self { key, params, certificate }
    }

    fn pin(&self) -> Pin {
        Pin(Sha256::digest(self.key.subject_public_key_info()).into())
    }
}

fn params(names: &[&str], name: &str, years: (i32, i32), authority: bool) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    if authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

/// What answers at an address, and every byte it was sent after the handshake.
struct Answering {
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/cbor\r\ncontent-length: 4\r\n\r\nfine";

impl Answering {
    fn start(mut serve: impl FnMut(TcpStream, &Mutex<Vec<u8>>) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, heard) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
        let ear = Arc::clone(&heard);
        // Ends with the test.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &ear);
            }
        });
        Self { port, heard }
    }

    fn tls(leaf: &Holder, above: &[&Holder], versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self::tls_saying(leaf, above, versions, OK)
    }

    fn tls_saying(
        leaf: &Holder,
        above: &[&Holder],
        versions: &[&'static SupportedProtocolVersion],
        answer: &'static str,
    ) -> Self {
        let mut chain: Vec<CertificateDer<'static>> = vec![leaf.certificate.der().clone()];
        chain.extend(above.iter().map(|holder| holder.certificate.der().clone()));
        let key = PrivateKeyDer::try_from(leaf.key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        Self::start(move |stream, heard| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            talk(StreamOwned::new(connection, stream), heard, answer);
        })
    }

    fn plain() -> Self {
        Self::start(|stream, heard| talk(stream, heard, OK))
    }

    fn post(&self, pin: Pin) -> Result<Vec<u8>, TransportError> {
        self.post_to("127.0.0.1", pin)
    }

    fn post_to(&self, host: &str, pin: Pin) -> Result<Vec<u8>, TransportError> {
        Http::new(&format!("https://{host}:{}#pin={pin}", self.port)).post("/api/v1/sync", SECRET)
    }

    /// Nothing of what was to be sent arrived.
    fn heard_nothing(&self) -> bool {
        let heard = self.heard.lock().unwrap();
        !heard.windows(SECRET.len()).any(|window| window == SECRET)
    }
}

/// Reads one request, writes one answer. A side that hangs up is none of its concern.
fn talk(mut stream: impl Read + Write, heard: &Mutex<Vec<u8>>, answer: &str) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        let mut heard = heard.lock().unwrap();
        heard.extend_from_slice(&buffer[..count]);
        if heard.ends_with(SECRET) {
            break;
        }
    }
    drop(stream.write_all(answer.as_bytes()));
    drop(stream.flush());
}

fn refused(result: &Result<Vec<u8>, TransportError>) -> bool {
    matches!(result, Err(TransportError::NotTheCentre(_)))
}

const NOW: (i32, i32) = (2020, 2090);
const HERE: &[&str] = &["127.0.0.1", "localhost"];

#[test]
fn the_pinned_key_is_taken_whatever_the_dates_say() {
    let years = [NOW, (2005, 2008), (2080, 2090), (1971, 1972), (2049, 2051)];
    for of_authority in years {
        for of_leaf in years {
            let authority = Holder::authority("Hòm Phiếu", of_authority);
            let leaf = authority.issues(HERE, of_leaf, false);
            let centre = Answering::tls(&leaf, &[&authority], BOTH);
            assert_eq!(centre.post(authority.pin()).unwrap(), b"fine", "{of_authority:?} {of_leaf:?}");
            assert_eq!(centre.post_to("localhost", authority.pin()).unwrap(), b"fine");
        }
    }
}

#[test]
fn a_chain_may_be_longer_and_the_pin_may_be_of_any_key_in_it() {
    let authority = Holder::authority("root", (2005, 2008));
    let between = authority.issues(&[], (2001, 2095), true);
    let leaf = between.issues(HERE, (2080, 2090), false);
    let centre = Answering::tls(&leaf, &[&between, &authority], BOTH);
    for holder in [&authority, &between] {
        assert_eq!(centre.post(holder.pin()).unwrap(), b"fine");
    }
    let alone = Holder { params: params(HERE, "self", NOW, false), ..Holder::authority("self", NOW) };
    let certificate = alone.params.self_signed(&alone.key).unwrap();
    let alone = Holder { certificate, ..alone };
    assert_eq!(Answering::tls(&alone, &[], BOTH).post(alone.pin()).unwrap(), b"fine");
}

#[test]
fn another_key_is_refused_before_anything_is_sent() {
    let authority = Holder::authority("Hòm Phiếu", NOW);
    let other = Holder::authority("Hòm Phiếu", NOW);
    let leaf = other.issues(HERE, NOW, false);
    let centre = Answering::tls(&leaf, &[&other], BOTH);
    let result = centre.post(authority.pin());
    assert!(refused(&result) && centre.heard_nothing(), "{result:?}");
    assert_eq!(centre.post(other.pin()).unwrap(), b"fine", "it is a working centre, but another one");
}

#[test]
fn showing_the_pinned_certificate_helps_nobody_who_lacks_its_key() {
    let authority = Holder::authority("Hòm Phiếu", NOW);
    let other = Holder::authority("Hòm Phiếu", NOW);
    let honest = authority.issues(HERE, NOW, false);
    let of_other = other.issues(HERE, NOW, false);
    let by_a_leaf = honest.issues(HERE, NOW, false);
    let by_a_false_authority = honest.issues(HERE, NOW, true).issues(HERE, NOW, false);
    let chains: [(&Holder, &[&Holder]); 4] = [
        (&of_other, &[&authority]),
        (&of_other, &[&other, &authority]),
        (&by_a_leaf, &[&honest, &authority]),
        (&by_a_false_authority, &[&honest, &authority]),
    ];
    for (place, (leaf, above)) in chains.into_iter().enumerate() {
        let centre = Answering::tls(leaf, above, BOTH);
        let result = centre.post(authority.pin());
        assert!(refused(&result) && centre.heard_nothing(), "{place}: {result:?}");
    }
}

#[test]
fn the_right_key_for_another_name_is_refused() {
    let authority = Holder::authority("Hòm Phiếu", NOW);
    for names in [&["192.168.1.10"][..], &["ten.lan"], &["127.0.0.2"], &[]] {
        let leaf = authority.issues(names, NOW, false);
        let centre = Answering::tls(&leaf, &[&authority], BOTH);
        let result = centre.post(authority.pin());
        assert!(refused(&result) && centre.heard_nothing(), "{names:?}: {result:?}");
    }
    let leaf = authority.issues(&["127.0.0.1"], NOW, false);
    let result = Answering::tls(&leaf, &[&authority], BOTH).post_to("localhost", authority.pin());
    assert!(refused(&result), "{result:?}");
}

#[test]
fn an_endless_chain_is_refused() {
    let authority = Holder::authority("Hòm Phiếu", NOW);
    let leaf = authority.issues(HERE, NOW, false);
    let many = vec![&authority; 30];
    let centre = Answering::tls(&leaf, &many, BOTH);
    assert!(refused(&centre.post(authority.pin())) && centre.heard_nothing());
}

#[test]
fn neither_an_older_tls_nor_none_is_taken() {
    let authority = Holder::authority("Hòm Phiếu", NOW);
    let leaf = authority.issues(HERE, NOW, false);
    let old = Answering::tls(&leaf, &[&authority], &[&version::TLS12]);
    let result = old.post(authority.pin());
    assert!(refused(&result) && old.heard_nothing(), "{result:?}");
    let plain = Answering::start(|mut stream, heard| {
        let mut hello = [0; 2048];
        let count = stream.read(&mut hello).unwrap();
        heard.lock().unwrap().extend_from_slice(&hello[..count]);
        stream.write_all(OK.as_bytes()).unwrap();
    });
    let result = plain.post(authority.pin());
    assert!(refused(&result) && plain.heard_nothing(), "{result:?}");
}

#[test]
fn a_centre_cannot_send_a_tablet_elsewhere() {
    let elsewhere = Answering::plain();
    let authority = Holder::authority("Hòm Phiếu", NOW);
    let leaf = authority.issues(HERE, NOW, false);
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
            elsewhere.port
        );
        let centre = Answering::tls_saying(&leaf, &[&authority], BOTH, answer.leak());
        let result = centre.post(authority.pin());
        assert!(matches!(result, Err(TransportError::NotACentre(_))), "{status}: {result:?}");
    }
    assert!(elsewhere.heard.lock().unwrap().is_empty());
}

#[test]
fn an_address_that_protects_nothing_is_not_even_called() {
    let plain = Answering::plain();
    let port = plain.port;
    let cases = [
        (format!("https://127.0.0.1:{port}"), AddressError::NoPin),
        (format!("http://192.0.2.1:{port}"), AddressError::NotProtected),
        (format!("https://127.0.0.1:{port}#pin=00"), AddressError::Pin),
        (String::new(), AddressError::Form),
    ];
    for (address, why) in cases {
        let result = Http::new(&address).post("/api/v1/sync", SECRET);
        assert_eq!(result, Err(TransportError::Address(why)), "{address}");
    }
    assert!(plain.heard_nothing());
    let on_purpose = Http::new(&format!("http://127.0.0.1:{port}#plain")).post("/api/v1/sync", SECRET);
    assert_eq!(on_purpose.unwrap(), b"fine");
}
