//! Which address a request really comes from.

use axum::http::HeaderMap;
use std::net::IpAddr;
use std::str::FromStr;

/// The address that a request comes from, for limits by address. Never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// A network of one or more addresses, such as `172.18.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || format!("{text:?} is neither an address nor a network such as 172.18.0.0/16");
        let (base, prefix) = text.split_once('/').map_or((text, None), |(base, prefix)| (base, Some(prefix)));
        let base: IpAddr = base.parse().map_err(|_| shape())?;
        let whole = if base.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(whole), str::parse).map_err(|_| shape())?;
        if prefix > whole { Err(shape()) } else { Ok(Self { base, prefix }) }
    }
}

impl Network {
    fn has(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let differ = u32::from(base) ^ u32::from(address);
                differ.checked_shr(32 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let differ = u128::from(base) ^ u128::from(address);
                differ.checked_shr(128 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// Proxies that do TLS before us and say who is behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxies(pub Vec<Network>);

impl Proxies {
    /// Whether somebody who connects is one of them. The machine itself always is.
    pub fn include(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.0.iter().any(|network| network.has(address))
    }

    /// The address behind the proxies: the last one in `X-Forwarded-For` that none of them added for another of them.
    /// What stands before it was said by whoever asks, and proves nothing.
    pub fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines: Vec<_> =
            headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
        let mut client = peer;
        for text in lines.iter().flat_map(|line| line.split(',')).rev() {
            let Some(address) = forwarded(text.trim()) else { break };
            client = address;
            if !self.include(address) {
                break;
            }
        }
        client
    }
}

/// An address as proxies write it, with or without port.
fn forwarded(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

/// An address as it is counted: of IPv6 the network that one household or office has.
pub(in crate::http) fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn headers(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn only_what_a_proxy_itself_added_says_who_asks() {
        let proxies = Proxies(vec!["172.18.0.0/16".parse().unwrap()]);
        let proxy = ip("172.18.0.3");
        let cases: [(&[&str], &str); 8] = [
            (&[], "172.18.0.3"),
            (&["203.0.113.9"], "203.0.113.9"),
            (&["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            (&["1.1.1.1", "203.0.113.9, 172.18.0.9"], "203.0.113.9"),
            (&["203.0.113.9:4711"], "203.0.113.9"),
            (&["[2001:db8::1]:80"], "2001:db8::1"),
            (&["nonsense"], "172.18.0.3"),
            (&["1.1.1.1, nonsense"], "172.18.0.3"),
        ];
        for (lines, client) in cases {
            assert_eq!(proxies.behind(proxy, &headers(lines)), ip(client), "{lines:?}");
        }
    }

    #[test]
    fn a_network_has_its_own_addresses_and_no_others() {
        let cases = [
            ("172.18.0.0/16", "172.18.255.255", true),
            ("172.18.0.0/16", "172.19.0.0", false),
            ("10.0.0.7", "10.0.0.7", true),
            ("10.0.0.7", "10.0.0.8", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "10.0.0.1", false),
        ];
        for (network, address, inside) in cases {
            assert_eq!(network.parse::<Network>().unwrap().has(ip(address)), inside, "{network} {address}");
        }
        for wrong in ["", "x", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        assert!(Proxies(Vec::new()).include(ip("127.0.0.1")));
        assert!(!Proxies(Vec::new()).include(ip("10.0.0.1")));
    }

    #[test]
    fn an_office_with_ipv6_is_one_address() {
        assert_eq!(counted(ip("2001:db8:1:2:3::4")), counted(ip("2001:db8:1:2:ffff::")));
        assert_ne!(counted(ip("2001:db8:1:2::")), counted(ip("2001:db8:1:3::")));
        assert_eq!(counted(ip("::ffff:10.0.0.1")), ip("10.0.0.1"));
    }
}
