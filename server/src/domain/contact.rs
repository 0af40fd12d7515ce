//! Where people are reached: e-mail, phone, and the way that is taken.

use super::text::tidy;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest name in characters.
pub const NAME_MAX: usize = 200;
/// Longest e-mail address in characters (RFC 5321, 4.5.3.1).
pub const EMAIL_MAX: usize = 254;
/// Longest part of one before the at sign.
const LOCAL_MAX: usize = 64;
/// Digits of a phone number with its country (ITU-T E.164), at least and at most.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// What stands before a number of this country that is written with a leading zero.
const COUNTRY: &str = "+84";

/// Whose an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    /// A rated official, by code.
    Official,
    /// A unit, by code: who gets its reminders.
    Unit,
    /// A person of the office, by login.
    Person,
}

impl ContactKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Official, Self::Unit, Self::Person];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Unit => "unit",
            Self::Person => "person",
        }
    }

    /// The kind with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == text)
    }
}

/// The way by which somebody is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A printed letter: the only one that needs no address.
    Letter,
    /// E-mail.
    Email,
    /// A gateway of another kind (SMS, Zalo), by a signed webhook; it needs a phone number.
    Webhook,
}

impl Channel {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Letter, Self::Email, Self::Webhook];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }

    /// The way with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == text)
    }

    /// The way that a person wrote, in either language.
    pub fn read(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "letter" | "thư" | "thư in" | "giấy" => Some(Self::Letter),
            "email" | "e-mail" | "thư điện tử" => Some(Self::Email),
            "webhook" | "sms" | "zalo" | "tin nhắn" | "điện thoại" => Some(Self::Webhook),
            _ => None,
        }
    }
}

/// How somebody is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Whose it is.
    pub kind: ContactKind,
    /// Code of the official or unit, login of the person.
    pub code: String,
    /// Name, as it stands in a greeting; may be empty.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number with its country, as `+84912345678`.
    pub phone: Option<String>,
    /// The way that is taken.
    pub way: Channel,
    /// Grows with every change; 0 before it is stored.
    pub version: u32,
}

/// What is wrong with a contact.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ContactError {
    /// No code.
    #[error("a code has 1 to 40 letters, digits, hyphens, dots or underscores: correct it")]
    Code,
    /// A name that is too long or holds what nobody sees.
    #[error("a name has at most 200 characters, none of them invisible: type it again")]
    Name,
    /// No e-mail address.
    #[error("that is no e-mail address: write it as ten@vidu.vn, in letters without diacritics")]
    Email,
    /// No phone number.
    #[error("that is no phone number: write it as 0912345678 or +84912345678")]
    Phone,
    /// The way needs what is missing.
    #[error("the way {} needs {}: enter one, or another way", .0.code(), match .0 { Channel::Email => "an e-mail address", _ => "a phone number" })]
    WayNeeds(Channel),
}

impl Contact {
    /// Reads what a person entered. Empty addresses are none.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn new(
        kind: ContactKind,
        code: &str,
        name: &str,
        email: &str,
        phone: &str,
        way: Channel,
    ) -> Result<Self, ContactError> {
        let code = code.trim();
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        if !(1..=40).contains(&code.len()) || !code.bytes().all(plain) {
            return Err(ContactError::Code);
        }
        let contact = Self {
            kind,
            code: code.to_owned(),
            name: read_name(name)?,
            email: read_email(email)?,
            phone: read_phone(phone)?,
            way,
            version: 0,
        };
        if way != Channel::Letter && contact.address().is_none() {
            return Err(ContactError::WayNeeds(way));
        }
        Ok(contact)
    }

    /// Where the way that is taken leads; nothing for letters.
    pub fn address(&self) -> Option<&str> {
        match self.way {
            Channel::Letter => None,
            Channel::Email => self.email.as_deref(),
            Channel::Webhook => self.phone.as_deref(),
        }
    }
}

/// A name, which may be empty.
///
/// # Errors
/// [`ContactError::Name`].
pub fn read_name(text: &str) -> Result<String, ContactError> {
    // A hidden character could make two names look alike, and a line break could end a header.
    if text.chars().any(super::text::is_invisible) || text.chars().count() > NAME_MAX {
        return Err(ContactError::Name);
    }
    Ok(tidy(text))
}

/// An e-mail address in ASCII: every server takes it, and no two look alike. Nothing for an empty text.
///
/// # Errors
/// [`ContactError::Email`].
pub fn read_email(text: &str) -> Result<Option<String>, ContactError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let local = |part: &str| {
        let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
        part.len() <= LOCAL_MAX && part.split('.').all(|atoms| !atoms.is_empty() && atoms.bytes().all(atom))
    };
    match text.rsplit_once('@') {
        Some((user, host)) if text.len() <= EMAIL_MAX && local(user) && is_domain(host) => {
            Ok(Some(format!("{user}@{}", host.to_ascii_lowercase())))
        }
        _ => Err(ContactError::Email),
    }
}

/// Whether a text is a domain of two labels at least.
fn is_domain(text: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let labels: Vec<&str> = text.split('.').collect();
    let numeric = labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    labels.len() >= 2 && !numeric && labels.into_iter().all(label)
}

/// A phone number with its country. Nothing for an empty text.
///
/// # Errors
/// [`ContactError::Phone`].
pub fn read_phone(text: &str) -> Result<Option<String>, ContactError> {
    let kept = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '(' | ')'));
    let kept: String = kept.collect();
    if kept.is_empty() {
        return Ok(None);
    }
    let number = match (kept.strip_prefix('+'), kept.strip_prefix("00"), kept.strip_prefix('0')) {
        (Some(rest), ..) | (None, Some(rest), _) => format!("+{rest}"),
        (None, None, Some(rest)) => format!("{COUNTRY}{rest}"),
        (None, None, None) => return Err(ContactError::Phone),
    };
    let digits = &number[1..];
    if PHONE_DIGITS.contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0')
    {
        Ok(Some(number))
    } else {
        Err(ContactError::Phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_that_every_server_takes_and_no_others() {
        for good in ["a@b.vn", "Ten.Ho+x@mail.dongvan.gov.vn", "o'neil@xn--bcher-kva.example"] {
            assert!(read_email(good).unwrap().is_some(), "{good}");
        }
        assert_eq!(read_email(" An@Dong-Van.VN ").unwrap().as_deref(), Some("An@dong-van.vn"));
        assert_eq!(read_email("  ").unwrap(), None);
        for bad in [
            "a",
            "@b.vn",
            "a@",
            "a@b",
            "a@b.",
            "a@.vn",
            "a..b@c.vn",
            ".a@c.vn",
            "a@-b.vn",
            "a b@c.vn",
            "a@c.vn,d@e.vn",
            "a@c.vn\nBcc: d@e.vn",
            "a@c.vn\r\nx",
            "\"a b\"@c.vn",
            "<a@c.vn>",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "tên@c.vn",
            "a@đồng.vn",
            "a\0@c.vn",
            "a@b@c.vn d",
        ] {
            assert_eq!(read_email(bad), Err(ContactError::Email), "{bad:?}");
        }
        assert!(read_email(&format!("{}@b.vn", "a".repeat(65))).is_err());
        assert!(read_email(&format!("a@{}.vn", "b.".repeat(130))).is_err());
    }

    #[test]
    fn phone_numbers_are_one_however_they_are_written() {
        for same in ["0912345678", "+84 912 345 678", "0084-912-345-678", "(091) 234.5678"] {
            assert_eq!(read_phone(same).unwrap().as_deref(), Some("+84912345678"), "{same}");
        }
        for bad in
            ["912345678", "0912", "+0912345678", "091234567890123456", "09123x5678", "+", "0912345678;1"]
        {
            assert_eq!(read_phone(bad), Err(ContactError::Phone), "{bad}");
        }
    }

    #[test]
    fn a_way_needs_its_address_and_a_name_has_nothing_hidden() {
        let make =
            |email, phone, way| Contact::new(ContactKind::Official, "CB1", "Vàng Mí", email, phone, way);
        assert_eq!(make("", "", Channel::Email), Err(ContactError::WayNeeds(Channel::Email)));
        assert_eq!(make("a@b.vn", "", Channel::Webhook), Err(ContactError::WayNeeds(Channel::Webhook)));
        assert_eq!(make("", "", Channel::Letter).unwrap().address(), None);
        assert_eq!(make("a@b.vn", "", Channel::Email).unwrap().address(), Some("a@b.vn"));
        for hidden in ["a\nb", "a\u{202e}b", "a\u{200b}", "a\0", &"x".repeat(201)] {
            assert_eq!(read_name(hidden), Err(ContactError::Name), "{hidden:?}");
        }
        for code in ["", " ", "a b", "ă", &"x".repeat(41), "a/b"] {
            let made = Contact::new(ContactKind::Unit, code, "", "", "", Channel::Letter);
            assert_eq!(made, Err(ContactError::Code), "{code:?}");
        }
    }
}
