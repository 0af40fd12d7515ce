//! Tablets in one room: sessions over this machine, a link that is cut, and whoever misbehaves in it.

use super::World;
use super::team::Memory;
use client_ffi::local::{Host, HostOptions, Invitation, JoinError, JoinReport, join};
use client_ffi::transport::Transport;
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned, version};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use sync_core::cbor::{self, Writer};
use sync_core::cose::{SecretKey, Signed};
use sync_core::enrol::{EnrolRequest, Enrolment, TokenSecret};

pub type Shared = Arc<Mutex<Memory>>;

pub fn shared(tablet: Memory) -> Shared {
    Arc::new(Mutex::new(tablet))
}

/// The tablet back, after its session has ended.
pub fn alone(tablet: Shared) -> Memory {
    Arc::try_unwrap(tablet).ok().unwrap().into_inner().unwrap()
}

pub fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

pub fn host(tablet: &Shared) -> Host {
    Host::open(Arc::clone(tablet), loopback()).unwrap()
}

pub fn host_with(tablet: &Shared, options: HostOptions) -> Host {
    Host::open_with(Arc::clone(tablet), loopback(), options).unwrap()
}

pub fn meet(tablet: &mut Memory, invitation: &Invitation) -> Result<JoinReport, JoinError> {
    join(tablet, invitation, |_| ControlFlow::Continue(()))
}

/// Passes bytes on to a session, and breaks the connection for good once so many have passed, either way.
pub struct Cut {
    pub invitation: Invitation,
    pub passed: Arc<AtomicUsize>,
    door: Option<thread::JoinHandle<()>>,
}

impl Cut {
    pub fn after(bytes: usize, to: &Invitation) -> Self {
        let listener = TcpListener::bind(loopback()).unwrap();
        let invitation = Invitation::new(to.pin(), vec![listener.local_addr().unwrap()]).unwrap();
        let passed = Arc::new(AtomicUsize::new(0));
        let (target, count) = (to.addresses()[0], Arc::clone(&passed));
        let door = thread::spawn(move || {
            let (guest, _) = listener.accept().unwrap();
            let host = TcpStream::connect(target).unwrap();
            let ways = [(guest.try_clone(), host.try_clone()), (host.try_clone(), guest.try_clone())];
            let ways = ways.map(|(from, to)| {
                let (from, to, count) = (from.unwrap(), to.unwrap(), Arc::clone(&count));
                thread::spawn(move || pass(from, to, &count, bytes))
            });
            ways.into_iter().for_each(|way| way.join().unwrap());
        });
        Self { invitation, passed, door: Some(door) }
    }

    pub fn end(mut self) -> usize {
        self.door.take().unwrap().join().unwrap();
        self.passed.load(Ordering::SeqCst)
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, count: &AtomicUsize, limit: usize) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let before = count.fetch_add(read, Ordering::SeqCst);
        let through = read.min(limit.saturating_sub(before));
        if to.write_all(&buffer[..through]).is_err() || through < read {
            from.shutdown(Shutdown::Both).ok();
            break;
        }
    }
    to.shutdown(Shutdown::Both).ok();
}

/// A device that does what it likes, with a key of its own.
pub struct Rogue {
    pub key: SecretKey,
    /// What the centre certified, if it did.
    pub certificate: Vec<u8>,
}

impl Rogue {
    /// One that the centre knows, as a tablet of unit `A`.
    pub fn certified(world: &World, seed: u8) -> Self {
        let key = SecretKey::from_seed(&[seed; 32]);
        let request =
            EnrolRequest { secret: TokenSecret([b'A'; 16]), sign: key.public(), seal: super::seal_public() };
        let answer = world.post("/api/v1/enrol", Signed::sign(request, &key).bytes()).unwrap();
        let enrolment: Enrolment = cbor::decode(&answer).unwrap();
        Self { key, certificate: enrolment.certificate }
    }

    pub fn hello(&self, world: &World) -> Vec<u8> {
        let mut w = Writer::new();
        w.array(6).uint(0_u8).uint(1_u8).bytes(world.package.hash().as_bytes()).text("Thử");
        w.bytes(&self.certificate).array(0);
        w.finish()
    }

    /// Connects under TLS to a session whose key it does not care about.
    pub fn connect(&self, invitation: &Invitation) -> StreamOwned<ClientConnection, TcpStream> {
        let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        let pkcs8 = [head.as_slice(), self.key.seed().as_ref()].concat();
        let signer = ring::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(pkcs8)).unwrap();
        let head = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
        let spki = [head.as_slice(), &self.key.public().to_bytes()].concat();
        let key = Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], signer));
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key)));
        let socket = TcpStream::connect(invitation.addresses()[0]).unwrap();
        let name = ServerName::from(socket.peer_addr().unwrap().ip());
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket)
    }
}

pub fn write_frame(stream: &mut impl Write, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    stream.write_all(&[&length, bytes].concat()).unwrap();
    stream.flush().unwrap();
}

pub fn read_frame(stream: &mut impl Read) -> Option<Vec<u8>> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).ok()?;
    let mut bytes = vec![0; u32::from_be_bytes(head).try_into().unwrap()];
    stream.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        unreachable!("only TLS 1.3 is offered")
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
