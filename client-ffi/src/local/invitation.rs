//! The text that brings a tablet to another's session, on a screen as QR.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use sync_core::address::Pin;
use thiserror::Error;

/// Most addresses in an invitation: a tablet may be in several networks, and only one of them is the guest's.
pub const ADDRESSES_MAX: usize = 4;
/// Longest text that is looked at, in bytes.
const TEXT_MAX: usize = 400;
const PREFIX: &str = "HPL1";

/// Where a session is open and whose key it has: `HPL1.<SHA-256 of the public key, 64 hex digits>.<address>[,<address>]`
/// with addresses such as `192.168.43.1:40123` or `[fe80::1]:40123`. The key is what counts: whoever else answers at
/// the address is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pin: Pin,
    addresses: Vec<SocketAddr>,
}

/// The text is no invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "this is no invitation of another tablet (HPL1.…): scan the code on its screen again, from its first letter to its last"
)]
pub struct InvitationError;

impl Invitation {
    /// An invitation to these addresses; `None` if nobody could come: no address, too many, or one that no tablet can
    /// connect to.
    pub fn new(pin: Pin, addresses: Vec<SocketAddr>) -> Option<Self> {
        let usable = |address: &SocketAddr| {
            let ip = address.ip();
            address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast()
        };
        let fits = (1..=ADDRESSES_MAX).contains(&addresses.len()) && addresses.iter().all(usable);
        fits.then_some(Self { pin, addresses })
    }

    /// SHA-256 of the host's public key, as SubjectPublicKeyInfo.
    pub fn pin(&self) -> Pin {
        self.pin
    }

    /// Where to try, in this order.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.addresses.iter().map(SocketAddr::to_string).collect();
        write!(f, "{PREFIX}.{}.{}", self.pin, addresses.join(","))
    }
}

impl FromStr for Invitation {
    type Err = InvitationError;

    /// Reads the text; surrounding blanks do not matter.
    fn from_str(text: &str) -> Result<Self, InvitationError> {
        let text = text.trim();
        if text.len() > TEXT_MAX {
            return Err(InvitationError);
        }
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(InvitationError);
        if next()? != PREFIX {
            return Err(InvitationError);
        }
        let pin = next()?.parse().map_err(|_| InvitationError)?;
        let addresses = next()?.split(',').take(ADDRESSES_MAX + 1);
        let addresses: Result<Vec<SocketAddr>, _> = addresses.map(str::parse).collect();
        Self::new(pin, addresses.map_err(|_| InvitationError)?).ok_or(InvitationError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_invitation_survives_print_and_scan(
            pin in any::<[u8; 32]>(),
            addresses in prop::collection::vec((any::<std::net::IpAddr>(), 1..u16::MAX), 1..=ADDRESSES_MAX),
        ) {
            let addresses: Vec<SocketAddr> = addresses.into_iter().map(SocketAddr::from).collect();
            if let Some(invitation) = Invitation::new(Pin(pin), addresses) {
                prop_assert_eq!(format!(" {invitation}\n").parse(), Ok(invitation));
            }
        }

        #[test]
        fn any_other_text_is_told_to_be_none(text in ".{0,500}") {
            prop_assert_eq!(text.parse::<Invitation>(), Err(InvitationError));
        }
    }

    #[test]
    fn an_invitation_to_nowhere_is_none() {
        let pin = "ab".repeat(32);
        for address in
            ["0.0.0.0:80", "192.168.1.5:0", "192.168.1.5", "", "224.0.0.1:9", "[::]:5", "tablet:80"]
        {
            assert_eq!(
                format!("HPL1.{pin}.{address}").parse::<Invitation>(),
                Err(InvitationError),
                "{address}"
            );
        }
        let many = ["10.0.0.1:1"; 5].join(",");
        assert_eq!(format!("HPL1.{pin}.{many}").parse::<Invitation>(), Err(InvitationError));
        assert!(format!("HPL1.{pin}.10.0.0.1:1,[fe80::1]:2").parse::<Invitation>().is_ok());
    }
}
