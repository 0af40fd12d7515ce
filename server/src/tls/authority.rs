//! An authority of the centre's own, for a network that no public authority knows.
//!
//! Its key signs nothing but certificates for addresses of local networks and those named when it was made, so that
//! whoever installs it gives nobody power over other sites. Tablets pin its key; browsers install its certificate.

use super::certificates::pin_of;
use super::{TlsError, file_error, page};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PublicKeyData, SanType,
};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use sync_core::address::Pin;
use time::{Duration, OffsetDateTime};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

/// The authority's certificate as PEM.
pub const AUTHORITY_FILE: &str = "authority.pem";
/// The same as DER, under a name that Windows and Android open; the hash of this file is the fingerprint.
pub const DOWNLOAD_FILE: &str = "homphieu-authority.crt";
/// The authority's key.
pub const AUTHORITY_KEY_FILE: &str = "authority.key";
/// The server's key and its chain in one file, so that both change at the same moment.
pub const SERVER_FILE: &str = "server.pem";
/// The page that explains how to install the authority.
pub const PAGE_FILE: &str = "install.html";

/// How long an authority lives. Installing it anew on every device is the dear part.
const AUTHORITY_LIFE: Duration = Duration::days(3653);
/// How long a server's certificate lives: browsers take at most 398 days from public authorities, and some hold every
/// authority to it.
const SERVER_LIFE: Duration = Duration::days(397);
/// A certificate begins a little in the past, since clocks of devices are late by hours or days.
const BACKDATED: Duration = Duration::days(7);
/// A server's certificate is renewed when this little of its life is left.
pub const RENEW_BEFORE: Duration = Duration::days(30);

/// Local networks (RFC 1918, RFC 3927, RFC 4193, RFC 4291): an authority may vouch for these.
const LOCAL_NETWORKS: [(&str, u8); 8] = [
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("169.254.0.0", 16),
    ("127.0.0.0", 8),
    ("::1", 128),
    ("fc00::", 7),
    ("fe80::", 10),
];
/// Endings of names that no public authority gives (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`) or that routers
/// use.
const LOCAL_NAMES: [&str; 6] = ["localhost", "local", "lan", "internal", "home.arpa", "test"];

/// A name under which the centre is reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServedName {
    /// An address.
    Ip(IpAddr),
    /// A name of the local network.
    Name(String),
}

impl fmt::Display for ServedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl FromStr for ServedName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_matches(['[', ']']);
        if let Ok(ip) = text.parse::<IpAddr>() {
            if ip.is_unspecified() || ip.is_multicast() {
                return Err(format!("{text} is no address at which anybody reaches this machine"));
            }
            return Ok(Self::Ip(ip.to_canonical()));
        }
        let label = |label: &str| {
            let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
            (1..=63).contains(&label.len())
                && label.chars().all(inside)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // All digits and dots is a mistyped address, which browsers would never look up as a name.
        let numeric = text.chars().all(|c| c.is_ascii_digit() || c == '.');
        if numeric || text.len() > 253 || !text.split('.').all(label) {
            let shape =
                "give an address such as 192.168.1.10 or a name such as ten.lan, without https:// and port";
            return Err(shape.to_owned());
        }
        Ok(Self::Name(text.to_ascii_lowercase()))
    }
}

impl ServedName {
    fn san(&self) -> Result<SanType, TlsError> {
        Ok(match self {
            Self::Ip(ip) => SanType::IpAddress(*ip),
            Self::Name(name) => SanType::DnsName(name.as_str().try_into()?),
        })
    }

    /// Whether only this machine itself reaches it.
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Ip(ip) => ip.is_loopback(),
            Self::Name(name) => name == "localhost",
        }
    }

    /// As it stands in an address.
    pub fn host(&self) -> String {
        match self {
            Self::Ip(IpAddr::V6(ip)) => format!("[{ip}]"),
            other => other.to_string(),
        }
    }
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The authority's pin.
    pub pin: Pin,
    /// Names in the server's certificate.
    pub names: Vec<ServedName>,
    /// When the server's certificate ends.
    pub ends: OffsetDateTime,
}

/// An authority in its folder.
#[derive(Debug, Clone)]
pub struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// The authority that lies, or will lie, in a folder.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Whether there is one.
    pub fn exists(&self) -> bool {
        self.path(AUTHORITY_FILE).exists() || self.path(AUTHORITY_KEY_FILE).exists()
    }

    /// One of its files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Makes an authority and a certificate for these names.
    ///
    /// # Errors
    /// [`TlsError::Exists`], and others; an authority that is there is never touched.
    pub fn init(&self, names: &[ServedName], now: OffsetDateTime) -> Result<Made, TlsError> {
        if names.is_empty() {
            return Err(TlsError::NoAddress);
        }
        if self.exists() {
            return Err(TlsError::Exists { folder: self.folder.clone() });
        }
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|source| file_error("cannot make the folder", &self.folder, source))?;
        let key = KeyPair::generate()?;
        let params = authority_params(&key, names, now)?;
        let certificate = params.self_signed(&key)?;
        // The key first and never over another one: of two that begin at once, one is told.
        let key_file = self.path(AUTHORITY_KEY_FILE);
        write_new(&key_file, 0o600, Zeroizing::new(key.serialize_pem()).as_bytes()).map_err(|source| {
            match source.kind() {
                std::io::ErrorKind::AlreadyExists => TlsError::Exists { folder: self.folder.clone() },
                _ => file_error("cannot write", &key_file, source),
            }
        })?;
        self.replace(AUTHORITY_FILE, 0o644, certificate.pem().as_bytes())?;
        self.renew(Some(names), now)
    }

    /// Makes a new server certificate with a new key, for these names or those of the present one.
    ///
    /// # Errors
    /// [`TlsError::NoAuthority`], [`TlsError::Outside`], and others; the present certificate stays then.
    pub fn renew(&self, names: Option<&[ServedName]>, now: OffsetDateTime) -> Result<Made, TlsError> {
        let authority = self.certificate()?;
        let key_file = self.path(AUTHORITY_KEY_FILE);
        let key = Zeroizing::new(self.read(AUTHORITY_KEY_FILE)?);
        let unusable = |path: &Path, reason: &str| TlsError::Unusable {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        let key = KeyPair::from_pem(&key).map_err(|error| unusable(&key_file, &error.to_string()))?;
        if pin_of_key(&key) != self.pin()? {
            return Err(TlsError::WrongKey { certificate: self.path(AUTHORITY_FILE), key: key_file });
        }
        let mut names = names.map_or_else(|| self.names(), |names| Ok(names.to_vec()))?;
        self.check_inside(&names)?;
        // The machine itself always reaches its centre.
        for own in ["localhost", "127.0.0.1", "::1"] {
            names.extend(
                own.parse::<ServedName>().into_iter().filter(|own| !names.contains(own)).collect::<Vec<_>>(),
            );
        }
        let issuer = Issuer::from_ca_cert_pem(&authority, key)?;
        let server_key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.not_before = now - BACKDATED;
        params.not_after = params.not_before + SERVER_LIFE;
        params.subject_alt_names = names.iter().map(ServedName::san).collect::<Result<_, _>>()?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, names[0].to_string());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let ends = params.not_after;
        let certificate = params.signed_by(&server_key, &issuer)?;
        let both = Zeroizing::new(format!("{}{}{authority}", server_key.serialize_pem(), certificate.pem()));
        self.replace(SERVER_FILE, 0o600, both.as_bytes())?;
        let pin = self.pin()?;
        let der = first_certificate(&authority, &self.path(AUTHORITY_FILE))?;
        self.replace(DOWNLOAD_FILE, 0o644, &der)?;
        self.replace(PAGE_FILE, 0o644, page::install_page(&names, &authority, &der, &pin).as_bytes())?;
        Ok(Made { pin, names, ends })
    }

    /// SHA-256 of the authority's certificate, in groups of four digits as browsers and people compare them.
    ///
    /// # Errors
    /// [`TlsError::NoAuthority`], [`TlsError::NoCertificate`].
    pub fn fingerprint(&self) -> Result<Vec<String>, TlsError> {
        let der = first_certificate(&self.certificate()?, &self.path(AUTHORITY_FILE))?;
        Ok(page::fingerprint(&der))
    }

    /// SHA-256 of the authority's public key, which tablets pin.
    ///
    /// # Errors
    /// [`TlsError::NoAuthority`], [`TlsError::NoCertificate`].
    pub fn pin(&self) -> Result<Pin, TlsError> {
        let path = self.path(AUTHORITY_FILE);
        let der = first_certificate(&self.certificate()?, &path)?;
        let (_, parsed) =
            X509Certificate::from_der(&der).map_err(|_| TlsError::NoCertificate { path: path.clone() })?;
        Ok(pin_of(&parsed))
    }

    /// The names of the present server certificate, in its order.
    ///
    /// # Errors
    /// [`TlsError::NoCertificate`], [`TlsError::File`].
    pub fn names(&self) -> Result<Vec<ServedName>, TlsError> {
        let read = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => Some(ServedName::Name((*name).to_owned())),
            GeneralName::IPAddress(bytes) => ip(bytes).map(ServedName::Ip),
            _ => None,
        };
        self.with_server_certificate(|certificate| {
            let names = certificate.subject_alternative_name().ok().flatten();
            let names = names.map(|names| names.value.general_names.as_slice()).unwrap_or_default();
            names.iter().filter_map(read).collect()
        })
    }

    /// When the present server certificate ends.
    ///
    /// # Errors
    /// [`TlsError::NoCertificate`], [`TlsError::File`].
    pub fn ends(&self) -> Result<OffsetDateTime, TlsError> {
        self.with_server_certificate(|certificate| certificate.validity().not_after.to_datetime())
    }

    fn with_server_certificate<T>(
        &self,
        look: impl FnOnce(&X509Certificate<'_>) -> T,
    ) -> Result<T, TlsError> {
        if !self.exists() {
            return Err(TlsError::NoAuthority { folder: self.folder.clone() });
        }
        let path = self.path(SERVER_FILE);
        let der = first_certificate(&Zeroizing::new(self.read(SERVER_FILE)?), &path)?;
        let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| TlsError::NoCertificate { path })?;
        Ok(look(&parsed))
    }

    fn certificate(&self) -> Result<String, TlsError> {
        if !self.exists() {
            return Err(TlsError::NoAuthority { folder: self.folder.clone() });
        }
        self.read(AUTHORITY_FILE)
    }

    fn read(&self, file: &str) -> Result<String, TlsError> {
        let path = self.path(file);
        std::fs::read_to_string(&path).map_err(|source| file_error("cannot read", &path, source))
    }

    /// Replaces a file whole: a reader sees the old or the new one.
    fn replace(&self, file: &str, mode: u32, bytes: &[u8]) -> Result<(), TlsError> {
        let (path, draft) = (self.path(file), self.path(&format!("{file}.new-{}", std::process::id())));
        let write = || -> std::io::Result<()> {
            write_new(&draft, mode, bytes)?;
            std::fs::rename(&draft, &path)?;
            std::fs::File::open(&self.folder)?.sync_all()
        };
        let written = write();
        if written.is_err() {
            // The draft of a server's key must not stay behind.
            drop(std::fs::remove_file(&draft));
        }
        written.map_err(|source| file_error("cannot write", &path, source))
    }

    /// Refuses names that browsers would refuse under this authority.
    fn check_inside(&self, names: &[ServedName]) -> Result<(), TlsError> {
        let path = self.path(AUTHORITY_FILE);
        let der = first_certificate(&self.certificate()?, &path)?;
        let (_, parsed) =
            X509Certificate::from_der(&der).map_err(|_| TlsError::NoCertificate { path: path.clone() })?;
        let Some(permitted) = parsed
            .name_constraints()
            .ok()
            .flatten()
            .and_then(|constraints| constraints.value.permitted_subtrees.as_ref())
        else {
            return Ok(());
        };
        let inside = |name: &ServedName| {
            permitted.iter().any(|subtree| match (name, &subtree.base) {
                (ServedName::Name(name), GeneralName::DNSName(base)) => {
                    name == base || name.ends_with(&format!(".{base}"))
                }
                (ServedName::Ip(ip), GeneralName::IPAddress(network)) => in_network(*ip, network),
                _ => false,
            })
        };
        let Some(outside) = names.iter().find(|name| !inside(name)) else { return Ok(()) };
        let made_for = self.names().unwrap_or_default();
        let allowed: Vec<_> = made_for.iter().map(ToString::to_string).collect();
        Err(TlsError::Outside { address: outside.to_string(), allowed: allowed.join(", ") })
    }
}

fn authority_params(
    key: &KeyPair,
    names: &[ServedName],
    now: OffsetDateTime,
) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::default();
    params.not_before = now - BACKDATED;
    params.not_after = params.not_before + AUTHORITY_LIFE;
    // Two authorities of one office must not look the same in a list.
    let mark: String = pin_of_key(key).to_string().chars().take(8).collect();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Hòm Phiếu {} ({mark})", names[0]));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let mut permitted: Vec<_> =
        LOCAL_NAMES.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned())).collect();
    for (network, prefix) in LOCAL_NETWORKS {
        if let Ok(network) = network.parse() {
            permitted.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(network, prefix)));
        }
    }
    permitted.extend(names.iter().map(|name| match name {
        ServedName::Name(name) => GeneralSubtree::DnsName(name.clone()),
        ServedName::Ip(ip) => {
            let whole = if ip.is_ipv4() { 32 } else { 128 };
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*ip, whole))
        }
    }));
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    Ok(params)
}

fn pin_of_key(key: &KeyPair) -> Pin {
    Pin(Sha256::digest(key.subject_public_key_info()).into())
}

/// The first certificate of a PEM text, as DER.
pub(super) fn first_certificate(pem: &str, path: &Path) -> Result<Vec<u8>, TlsError> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let first = CertificateDer::pem_slice_iter(pem.as_bytes()).next();
    match first {
        Some(Ok(certificate)) => Ok(certificate.to_vec()),
        _ => Err(TlsError::NoCertificate { path: path.to_owned() }),
    }
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

/// Whether an address lies in a network, written as address and mask one after the other (RFC 5280, 4.2.1.10).
fn in_network(ip: IpAddr, network: &[u8]) -> bool {
    let bytes = match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    if network.len() != 2 * bytes.len() {
        return false;
    }
    let (base, mask) = network.split_at(bytes.len());
    bytes.iter().zip(base).zip(mask).all(|((byte, base), mask)| byte & mask == base & mask)
}

fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
