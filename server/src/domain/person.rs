//! People of the office: roles, what stands against somebody's deciding, what a password must be, and when an account
//! is locked.

use std::collections::BTreeSet;
use sync_core::id::UnitCode;
use thiserror::Error;

/// What somebody may do. One person may have several roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Users, devices, backups; sees no count.
    Administrator,
    /// The organisation board: sets rounds up, publishes, tells people.
    Organiser,
    /// The inspection committee: reads everything, decides what is held.
    Inspector,
    /// Works for one unit and sees that one.
    Unit,
    /// A rated official: the own result and plan.
    Official,
    /// Progress only.
    Observer,
    /// Holds a share; fetches bundles.
    Trustee,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Administrator,
        Self::Organiser,
        Self::Inspector,
        Self::Unit,
        Self::Official,
        Self::Observer,
        Self::Trustee,
    ];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Organiser => "organiser",
            Self::Inspector => "inspector",
            Self::Unit => "unit",
            Self::Official => "official",
            Self::Observer => "observer",
            Self::Trustee => "trustee",
        }
    }

    /// The role with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == text)
    }
}

/// Id of a person: random, from the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonId(pub [u8; 16]);

impl PersonId {
    /// The id as people and programs write it.
    pub fn uuid(self) -> uuid::Uuid {
        uuid::Uuid::from_bytes(self.0)
    }
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// What is typed to sign in.
    pub login: String,
    /// What others read.
    pub name: String,
    /// Roles; somebody without any can only change the own password.
    pub roles: BTreeSet<Role>,
    /// The unit that somebody with the role *unit* works for.
    pub unit: Option<UnitCode>,
    /// The unit in which this person votes, if any.
    pub votes_in: Option<UnitCode>,
    /// Codes under which this person is rated.
    pub officials: BTreeSet<String>,
    /// Whether the account is closed.
    pub disabled: bool,
    /// Grows with every change.
    pub version: u32,
    /// Whether the password was given by somebody else and must be changed first.
    pub must_change: bool,
    /// Whether signing in needs a second factor.
    pub second_factor: bool,
}

/// Why somebody may not decide, explain or publish for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Interest {
    /// Votes in the unit.
    #[error("votes in this unit")]
    VotesThere,
    /// Stands on the unit's ballot.
    #[error("is rated in this unit")]
    RatedThere,
}

impl Person {
    /// Whether the person has a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// What stands against this person's deciding for a unit with these officials.
    pub fn interest<'a>(
        &self,
        unit: &UnitCode,
        mut officials: impl Iterator<Item = &'a str>,
    ) -> Option<Interest> {
        if self.votes_in.as_ref() == Some(unit) {
            return Some(Interest::VotesThere);
        }
        officials.any(|code| self.officials.contains(code)).then_some(Interest::RatedThere)
    }
}

/// What is wrong with what an administrator entered about somebody, or with a new password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PersonError {
    /// No login, or one with other characters.
    #[error(
        "a login has 2 to 40 characters: small letters, digits, dots and dashes, beginning with a letter"
    )]
    Login,
    /// No name, too long, or with control characters.
    #[error("a name has 1 to 100 characters")]
    Name,
    /// The role *unit* without a unit.
    #[error("somebody with the role unit needs the unit they work for")]
    UnitMissing,
    /// A code that is none.
    #[error("{0:?} is not a code: 1 to 32 letters, digits, dots, dashes")]
    Code(String),
    /// Too many codes.
    #[error("a person holds at most {POSTS_MAX} official codes")]
    TooManyPosts,
    /// Too short, too long, or like the login.
    #[error("a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters and is not the login or the name")]
    Password,
}

/// Fewest characters of a password (NIST SP 800-63B asks for 8 with a second factor, 15 without; a district asks for
/// what people will still type).
pub const PASSWORD_MIN: usize = 10;
/// Most characters of a password; hashing cost does not depend on it, memory does.
pub const PASSWORD_MAX: usize = 200;
/// Most official codes that one person holds.
pub const POSTS_MAX: usize = 20;

/// The login in its one form, if it is one.
///
/// # Errors
/// [`PersonError::Login`].
pub fn login(text: &str) -> Result<String, PersonError> {
    let login = text.trim().to_lowercase();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    let good = (2..=40).contains(&login.len())
        && login.bytes().all(plain)
        && login.starts_with(|c: char| c.is_ascii_lowercase());
    if good { Ok(login) } else { Err(PersonError::Login) }
}

/// Checks what is not bounded by its type.
///
/// # Errors
/// [`PersonError`].
pub fn check(person: &Person) -> Result<(), PersonError> {
    login(&person.login)?;
    let long = person.name.chars().count();
    if person.name.trim() != person.name
        || !(1..=100).contains(&long)
        || person.name.chars().any(char::is_control)
    {
        return Err(PersonError::Name);
    }
    if person.has(Role::Unit) && person.unit.is_none() {
        return Err(PersonError::UnitMissing);
    }
    if person.officials.len() > POSTS_MAX {
        return Err(PersonError::TooManyPosts);
    }
    // Official codes are made like unit codes, so that they can stand in one list.
    match person.officials.iter().find(|code| UnitCode::new(code).is_err() || code.contains(',')) {
        Some(code) => Err(PersonError::Code(code.clone())),
        None => Ok(()),
    }
}

/// Checks a new password. What it is made of is free; length is what counts.
///
/// # Errors
/// [`PersonError::Password`].
pub fn check_password(password: &str, login: &str, name: &str) -> Result<(), PersonError> {
    let long = password.chars().count();
    let same = |other: &str| password.trim().to_lowercase() == other.to_lowercase();
    let good = (PASSWORD_MIN..=PASSWORD_MAX).contains(&long) && !same(login) && !same(name);
    if good { Ok(()) } else { Err(PersonError::Password) }
}

/// Wrong passwords in a row that cost nothing.
pub const FREE_FAILURES: u32 = 5;
/// Longest lock in seconds.
pub const LOCK_MAX_SECONDS: i64 = 3600;

/// How long an account is locked after so many failures in a row, in seconds: 30, doubled each time, at most an hour.
pub fn lock_seconds(failures: u32) -> i64 {
    match failures.checked_sub(FREE_FAILURES) {
        None => 0,
        Some(more) => (30_i64 << more.min(12)).min(LOCK_MAX_SECONDS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        Person {
            id: PersonId([1; 16]),
            login: "lan".to_owned(),
            name: "Lan".to_owned(),
            roles: BTreeSet::from([Role::Inspector]),
            unit: None,
            votes_in: UnitCode::new("A").ok(),
            officials: BTreeSet::from(["B7".to_owned()]),
            disabled: false,
            version: 1,
            must_change: false,
            second_factor: false,
        }
    }

    #[test]
    fn nobody_decides_where_they_vote_or_are_rated() {
        let (a, b, c) =
            (UnitCode::new("A").unwrap(), UnitCode::new("B").unwrap(), UnitCode::new("C").unwrap());
        assert_eq!(person().interest(&a, ["A1"].into_iter()), Some(Interest::VotesThere));
        assert_eq!(person().interest(&b, ["B6", "B7"].into_iter()), Some(Interest::RatedThere));
        assert_eq!(person().interest(&c, ["C1"].into_iter()), None);
    }

    #[test]
    fn every_role_is_known_by_its_name() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.code()), Some(role));
        }
        assert_eq!(Role::parse("Administrator"), None);
    }

    #[test]
    fn what_is_entered_about_somebody_is_checked() {
        assert_eq!(check(&person()), Ok(()));
        let with = |change: fn(&mut Person)| {
            let mut changed = person();
            change(&mut changed);
            check(&changed)
        };
        assert_eq!(with(|p| p.login = "Lan!".to_owned()), Err(PersonError::Login));
        assert_eq!(with(|p| p.name = " ".to_owned()), Err(PersonError::Name));
        assert_eq!(with(|p| p.name = "a\0b".to_owned()), Err(PersonError::Name));
        assert_eq!(with(|p| p.roles.extend([Role::Unit])), Err(PersonError::UnitMissing));
        assert!(matches!(with(|p| p.officials.extend(["a,b".to_owned()])), Err(PersonError::Code(_))));
        assert_eq!(login(" Lan.Pham ").as_deref(), Ok("lan.pham"));
        for bad in ["", "a", "1a", "lan pham", "lần", &"x".repeat(41)] {
            assert_eq!(login(bad), Err(PersonError::Login), "{bad:?}");
        }
    }

    #[test]
    fn a_password_is_long_and_not_the_name() {
        assert!(check_password("chín con bò vàng", "lan", "Lan").is_ok());
        for bad in ["ngắn", &"x".repeat(201), "Phạm Thị Lan", "  phạm thị lan "] {
            assert!(check_password(bad, "lan", "Phạm Thị Lan").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn failures_lock_for_longer_each_time_and_never_for_ever() {
        assert_eq!([0, 4, 5, 6, 11, 12, 4_000_000].map(lock_seconds), [0, 0, 30, 60, 1920, 3600, 3600]);
    }
}
