//! Where a centre is reached, and how to know that it is the one.
//!
//! `https://192.168.1.10:8443#pin=<64 hexadecimal digits>`: the pin is the SHA-256 of the public key (the DER of its
//! SubjectPublicKeyInfo, as in RFC 7469) that the centre's certificate leads to. Wrong clocks are normal in the field, so
//! the pin and the name decide, never a date. Without TLS an address is good on the same machine only, or where it says
//! `#plain` on purpose.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Longest address in bytes.
pub const ADDRESS_MAX: usize = crate::package::TEXT_MAX;

/// SHA-256 of a public key's SubjectPublicKeyInfo.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pin(pub [u8; 32]);

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({self})")
    }
}

impl FromStr for Pin {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        text.to_ascii_lowercase()
            .parse()
            .map(|id: crate::id::ObjectId| Self(id.0))
            .map_err(|_| AddressError::Pin)
    }
}

/// How whoever answers shows that it is the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Its certificate leads to this key.
    Pinned(Pin),
    /// It is not asked to: the address says so, or is on the same machine.
    Plain,
}

/// The address of a centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CentreAddress {
    base: String,
    trust: Trust,
}

/// Why an address cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It has another form.
    #[error("an address of a centre looks like https://192.168.1.10:8443#pin=…")]
    Form,
    /// It is longer than a token can carry.
    #[error("an address has at most {ADDRESS_MAX} bytes")]
    Length,
    /// The pin is none.
    #[error("a pin has 64 hexadecimal digits; `homphieu tls show` says the centre's")]
    Pin,
    /// TLS without a pin: nothing would tell the centre from somebody between.
    #[error("this address has no pin: the office must make a new token with an address that ends in #pin=…")]
    NoPin,
    /// No TLS over a network.
    #[error(
        "without TLS everybody on the way can read and change what is sent: use an https address with a pin (or end \
         the address in #plain if the network protects it otherwise)"
    )]
    NotProtected,
}

impl CentreAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > ADDRESS_MAX {
            return Err(AddressError::Length);
        }
        let (base, fragment) = text.split_once('#').map_or((text, None), |(base, rest)| (base, Some(rest)));
        let base = base.trim_end_matches('/');
        let (scheme, rest) = base.split_once("://").ok_or(AddressError::Form)?;
        let host = host(rest).ok_or(AddressError::Form)?;
        let trust = match (scheme, fragment) {
            ("https", Some(fragment)) => {
                Trust::Pinned(fragment.strip_prefix("pin=").ok_or(AddressError::Pin)?.parse()?)
            }
            ("https", None) => return Err(AddressError::NoPin),
            ("http", Some("plain")) => Trust::Plain,
            ("http", None) if is_loopback(host) => Trust::Plain,
            ("http", None) => return Err(AddressError::NotProtected),
            _ => return Err(AddressError::Form),
        };
        Ok(Self { base: base.to_owned(), trust })
    }

    /// What paths are appended to, such as `https://192.168.1.10:8443`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// How the centre shows that it is the one.
    pub fn trust(&self) -> Trust {
        self.trust
    }
}

impl fmt::Display for CentreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)?;
        match self.trust {
            Trust::Pinned(pin) => write!(f, "#pin={pin}"),
            Trust::Plain
                if self.base.split_once("://").and_then(|(_, rest)| host(rest)).is_some_and(is_loopback) =>
            {
                Ok(())
            }
            Trust::Plain => f.write_str("#plain"),
        }
    }
}

/// The host of what stands after `://`, if that has the form of host, port and path. No user, no query.
fn host(rest: &str) -> Option<&str> {
    let printable = |c: char| c.is_ascii_graphic() && !matches!(c, '@' | '?' | '\\' | '"' | '<' | '>' | '`');
    if !rest.chars().all(printable) {
        return None;
    }
    let authority = rest.split('/').next()?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(inside) => {
            let end = inside.find(']')? + 2;
            (authority.get(..end)?, authority.get(end..)?)
        }
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    (!host.is_empty() && host != "[]" && port_fits).then_some(host)
}

/// Whether a host is the same machine, whatever a resolver may say.
fn is_loopback(host: &str) -> bool {
    let dotted = |host: &str| {
        let parts: Vec<_> = host.split('.').map(str::parse::<u8>).collect();
        parts.len() == 4 && parts[0] == Ok(127) && parts.iter().all(Result::is_ok)
    };
    host == "localhost" || host == "[::1]" || dotted(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin() -> String {
        "0123456789abcdef".repeat(4)
    }

    #[test]
    fn an_address_says_where_and_whom_to_trust() {
        let pinned = format!("https://192.168.1.10:8443#pin={}", pin());
        let address = CentreAddress::parse(&pinned).unwrap();
        assert_eq!(address.base(), "https://192.168.1.10:8443");
        assert_eq!(address.trust(), Trust::Pinned(pin().parse().unwrap()));
        assert_eq!(address.to_string(), pinned);
        let typed =
            CentreAddress::parse(&format!(" https://ten.lan/#pin={} ", pin().to_uppercase())).unwrap();
        assert_eq!(typed.to_string(), format!("https://ten.lan#pin={}", pin()));
        for plain in
            ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80", "http://10.0.0.9:80#plain"]
        {
            let address = CentreAddress::parse(plain).unwrap();
            assert_eq!((address.trust(), address.to_string()), (Trust::Plain, plain.to_owned()));
        }
    }

    #[test]
    fn what_would_not_be_safe_or_is_no_address_is_refused_with_its_reason() {
        let cases = [
            ("https://192.168.1.10", AddressError::NoPin),
            ("https://192.168.1.10#", AddressError::Pin),
            ("https://192.168.1.10#plain", AddressError::Pin),
            ("https://192.168.1.10#pin=12", AddressError::Pin),
            ("http://192.168.1.10", AddressError::NotProtected),
            ("http://127.0.0.1.example.org", AddressError::NotProtected),
            ("http://127.evil.0.1", AddressError::NotProtected),
            ("http://localhost.example.org", AddressError::NotProtected),
            ("http://127.0.0.1@example.org", AddressError::Form),
            ("http://127.0.0.1:99999", AddressError::Form),
            ("http://127.0.0.1?x", AddressError::Form),
            ("http://[::1", AddressError::Form),
            ("http://[]", AddressError::Form),
            ("http://", AddressError::Form),
            ("http:///x", AddressError::Form),
            ("ftp://127.0.0.1", AddressError::Form),
            ("127.0.0.1:8080", AddressError::Form),
            ("http://127.0.0.1#pin=00", AddressError::Form),
            ("http://127.0.0.1/a b", AddressError::Form),
            ("", AddressError::Form),
        ];
        for (text, why) in cases {
            assert_eq!(CentreAddress::parse(text), Err(why), "{text}");
        }
        let long = format!("http://127.0.0.1/{}", "x".repeat(ADDRESS_MAX));
        assert_eq!(CentreAddress::parse(&long), Err(AddressError::Length));
    }
}
