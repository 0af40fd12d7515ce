//! How often somebody may try: a token bucket per key, with time as an argument.
//!
//! Each bucket holds `burst` tokens and gets one back every `refill`. It is kept as one number, the moment at which it
//! will be full again (the generic cell rate algorithm, ITU-T I.371), so a bucket that is full needs no memory at all.

use crate::error::AppError;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Tries in a row from one address, before each further one costs [`ADDRESS_REFILL`]: a whole office signs in from one.
pub const ADDRESS_BURST: u32 = 30;
/// Time for one more try from an address.
pub const ADDRESS_REFILL: Duration = Duration::from_secs(10);
/// Tries in a row for one account: people mistype.
pub const ACCOUNT_BURST: u32 = 10;
/// Time for one more try for an account.
pub const ACCOUNT_REFILL: Duration = Duration::from_secs(30);
/// Characters of a login that tell accounts apart here.
const LOGIN_COUNTED: usize = 100;
/// Most keys that are remembered at once; about 100 bytes each.
pub const KEYS_MAX: usize = 50_000;

/// Who tries, or what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// From where: an address of IPv4, or the /64 of one of IPv6.
    Address(IpAddr),
    /// For which account, as it was typed and made uniform, whether there is one or not.
    Account(String),
}

impl Key {
    /// The key of an address.
    pub fn address(address: IpAddr) -> Self {
        Self::Address(super::listen::counted(address))
    }
}

/// Buckets of one kind.
#[derive(Debug)]
pub struct RateLimiter {
    refill: Duration,
    burst: u32,
    keys_max: usize,
    /// When each bucket will be full again.
    full_at: BTreeMap<Key, Duration>,
    by_time: BTreeSet<(Duration, Key)>,
}

impl RateLimiter {
    /// Buckets of `burst` tokens (at least 1) that get one back every `refill`; at most `keys_max` are remembered.
    pub fn new(burst: u32, refill: Duration, keys_max: usize) -> Self {
        let (full_at, by_time) = (BTreeMap::new(), BTreeSet::new());
        Self { refill, burst: burst.max(1), keys_max: keys_max.max(1), full_at, by_time }
    }

    /// Takes a token at a time that is counted from any fixed moment.
    ///
    /// # Errors
    /// How long to wait; nothing was taken.
    pub fn take(&mut self, key: &Key, now: Duration) -> Result<(), Duration> {
        self.forget_full(now);
        let room = self.refill.saturating_mul(self.burst);
        let full_at = self.full_at.get(key).copied().unwrap_or(now).max(now);
        let then = full_at.saturating_add(self.refill);
        if let Some(wait) = then.saturating_sub(now).checked_sub(room)
            && !wait.is_zero()
        {
            return Err(wait);
        }
        self.put(key.clone(), then);
        Ok(())
    }

    /// Gives a key its whole bucket back, as after a success.
    pub fn forgive(&mut self, key: &Key) {
        if let Some(full_at) = self.full_at.remove(key) {
            self.by_time.remove(&(full_at, key.clone()));
        }
    }

    /// Gives back one token that was taken.
    fn give_back(&mut self, key: &Key, now: Duration) {
        if let Some(full_at) = self.full_at.get(key).copied() {
            self.forgive(key);
            let full_at = full_at.saturating_sub(self.refill);
            if full_at > now {
                self.put(key.clone(), full_at);
            }
        }
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.full_at.len()
    }

    /// Whether no key is remembered.
    pub fn is_empty(&self) -> bool {
        self.full_at.is_empty()
    }

    fn put(&mut self, key: Key, full_at: Duration) {
        self.forgive(&key);
        // Short of room, the bucket that is nearest to full goes: least is forgotten with it.
        if self.full_at.len() >= self.keys_max
            && let Some((_, nearest)) = self.by_time.pop_first()
        {
            self.full_at.remove(&nearest);
        }
        self.by_time.insert((full_at, key.clone()));
        self.full_at.insert(key, full_at);
    }

    fn forget_full(&mut self, now: Duration) {
        while let Some((_, key)) = self.by_time.first().filter(|(full_at, _)| *full_at <= now).cloned() {
            self.forgive(&key);
        }
    }
}

/// How often somebody may try to sign in, from one address and for one account.
///
/// An account that is locked after wrong passwords is another matter (`service/sessions.rs`): that one is kept in the
/// database. This one spares the centre the work, as each try costs a whole Argon2id.
#[derive(Debug)]
pub struct LoginRate {
    began: Instant,
    addresses: Mutex<RateLimiter>,
    accounts: Mutex<RateLimiter>,
}

impl Default for LoginRate {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            addresses: Mutex::new(RateLimiter::new(ADDRESS_BURST, ADDRESS_REFILL, KEYS_MAX)),
            accounts: Mutex::new(RateLimiter::new(ACCOUNT_BURST, ACCOUNT_REFILL, KEYS_MAX)),
        }
    }
}

impl LoginRate {
    /// Lets one try through, or says how long to wait. Without an address only the account counts.
    ///
    /// # Errors
    /// [`AppError::Later`] with code `too_many_tries`; the try costs neither of the two then.
    pub fn admit(&self, address: Option<IpAddr>, login: &str) -> Result<(), AppError> {
        let now = self.began.elapsed();
        let account = account_key(login);
        held(&self.accounts).take(&account, now).map_err(too_many)?;
        if let Some(address) = address
            && let Err(wait) = held(&self.addresses).take(&Key::address(address), now)
        {
            held(&self.accounts).give_back(&account, now);
            return Err(too_many(wait));
        }
        Ok(())
    }

    /// After a right password the account's tries count from the beginning again. The address goes on counting: it may
    /// be one that tries many accounts, its own among them.
    pub fn succeeded(&self, login: &str) {
        held(&self.accounts).forgive(&account_key(login));
    }
}

/// Codes of letters in a row from one address, before each further one costs [`LETTER_REFILL`].
pub const LETTER_BURST: u32 = 20;
/// Time for one more try from an address.
pub const LETTER_REFILL: Duration = Duration::from_secs(15);

/// How often somebody may type the code of a letter, from one address. That a single code is tried too often is another
/// matter (`domain/letter.rs`), and kept in the database.
#[derive(Debug)]
pub struct LetterRate {
    began: Instant,
    addresses: Mutex<RateLimiter>,
}

impl Default for LetterRate {
    fn default() -> Self {
        let addresses = Mutex::new(RateLimiter::new(LETTER_BURST, LETTER_REFILL, KEYS_MAX));
        Self { began: Instant::now(), addresses }
    }
}

impl LetterRate {
    /// Lets one try through, or says how long to wait. Without an address all count together.
    ///
    /// # Errors
    /// [`AppError::Later`] with code `too_many_tries`.
    pub fn admit(&self, address: Option<IpAddr>) -> Result<(), AppError> {
        let key = address.map_or(Key::Account(String::new()), Key::address);
        held(&self.addresses).take(&key, self.began.elapsed()).map_err(too_many)
    }
}

fn held(limiter: &Mutex<RateLimiter>) -> MutexGuard<'_, RateLimiter> {
    limiter.lock().expect("no holder of this lock panics")
}

/// As short as a login may be at most, so that long names cost no memory.
fn account_key(login: &str) -> Key {
    Key::Account(login.trim().to_lowercase().chars().take(LOGIN_COUNTED).collect())
}

fn too_many(wait: Duration) -> AppError {
    // Rounded up: who waits as long as they are told gets through.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    AppError::Later {
        code: "too_many_tries",
        detail: "too many tries: wait a little and try again".to_owned(),
        seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn account(name: &str) -> Key {
        Key::Account(name.to_owned())
    }

    #[test]
    fn a_burst_is_free_then_each_try_waits_its_turn() {
        let mut limiter = RateLimiter::new(3, 10 * SECOND, 100);
        let now = 1000 * SECOND;
        for _ in 0..3 {
            assert_eq!(limiter.take(&account("a"), now), Ok(()));
        }
        assert_eq!(limiter.take(&account("a"), now), Err(10 * SECOND));
        assert_eq!(
            limiter.take(&account("a"), now + 4 * SECOND),
            Err(6 * SECOND),
            "a refused try costs nothing"
        );
        assert_eq!(limiter.take(&account("b"), now), Ok(()), "others do not suffer");
        assert_eq!(limiter.take(&account("a"), now + 10 * SECOND), Ok(()));
        assert_eq!(limiter.take(&account("a"), now + 10 * SECOND), Err(10 * SECOND));
        limiter.forgive(&account("a"));
        assert_eq!(limiter.take(&account("a"), now + 10 * SECOND), Ok(()));
    }

    #[test]
    fn a_clock_that_jumps_back_gives_nothing_away_and_one_that_jumps_ahead_only_what_time_gives() {
        let mut limiter = RateLimiter::new(2, 10 * SECOND, 100);
        let now = 1000 * SECOND;
        assert!(limiter.take(&account("a"), now).is_ok() && limiter.take(&account("a"), now).is_ok());
        assert!(limiter.take(&account("a"), Duration::ZERO).is_err());
        assert!(limiter.take(&account("a"), Duration::MAX).is_ok());
        assert!(limiter.len() <= 1);
    }

    #[test]
    fn an_attacker_with_many_names_does_not_make_the_table_grow_nor_wash_himself_clean() {
        let mut limiter = RateLimiter::new(5, 10 * SECOND, 100);
        let now = 1000 * SECOND;
        while limiter.take(&account("tired"), now).is_ok() {}
        for n in 0..10_000 {
            let _: Result<(), Duration> = limiter.take(&account(&n.to_string()), now);
        }
        assert_eq!(limiter.len(), 100);
        assert!(limiter.take(&account("tired"), now).is_err(), "the emptiest buckets are remembered longest");
        let _: Result<(), Duration> = limiter.take(&account("later"), now + 1000 * SECOND);
        assert_eq!(limiter.len(), 1, "full buckets need no memory");
    }

    fn code(result: Result<(), AppError>) -> Option<&'static str> {
        result.err().map(|error| error.code())
    }

    #[test]
    fn an_address_that_tries_many_accounts_waits_and_locks_nobody_out() {
        let rate = LoginRate::default();
        let (office, home): (IpAddr, IpAddr) = ("10.0.0.7".parse().unwrap(), "10.0.0.8".parse().unwrap());
        for n in 0..ADDRESS_BURST {
            assert_eq!(code(rate.admit(Some(office), &n.to_string())), None);
        }
        for _ in 0..3 * ACCOUNT_BURST {
            assert_eq!(code(rate.admit(Some(office), "lan")), Some("too_many_tries"));
        }
        assert_eq!(
            code(rate.admit(Some(home), "lan")),
            None,
            "what was refused for its address costs no account"
        );
    }

    #[test]
    fn an_account_waits_however_its_name_is_written_until_somebody_gets_it_right() {
        let rate = LoginRate::default();
        for n in 0..ACCOUNT_BURST {
            assert_eq!(code(rate.admit(None, if n.is_multiple_of(2) { " LAN" } else { "lan" })), None);
        }
        assert_eq!(code(rate.admit(None, "Lan ")), Some("too_many_tries"));
        assert_eq!(code(rate.admit(None, "hoa")), None);
        rate.succeeded("lan");
        assert_eq!(code(rate.admit(None, "lan")), None);
    }

    #[test]
    fn whoever_tries_codes_of_letters_waits_and_keeps_nobody_else_waiting() {
        let rate = LetterRate::default();
        let (thief, home): (IpAddr, IpAddr) = ("10.0.0.7".parse().unwrap(), "10.0.0.8".parse().unwrap());
        for _ in 0..LETTER_BURST {
            assert_eq!(code(rate.admit(Some(thief))), None);
        }
        assert_eq!(code(rate.admit(Some(thief))), Some("too_many_tries"));
        assert_eq!(code(rate.admit(Some(home))), None);
    }

    #[test]
    fn the_time_to_wait_is_rounded_up() {
        let AppError::Later { seconds, .. } = too_many(Duration::from_millis(1001)) else { panic!() };
        assert_eq!(seconds, 2);
    }

    proptest! {
        #[test]
        fn in_any_stretch_of_time_no_more_goes_through_than_the_burst_and_what_came_back(
            steps in proptest::collection::vec(0_u32..30, 1..200),
        ) {
            let (burst, refill) = (4, 7 * SECOND);
            let mut limiter = RateLimiter::new(burst, refill, 10);
            let mut now = Duration::ZERO;
            let mut taken = Vec::new();
            for step in steps {
                now += step * SECOND;
                match limiter.take(&account("a"), now) {
                    Ok(()) => taken.push(now),
                    Err(wait) => {
                        let mut again = RateLimiter { full_at: limiter.full_at.clone(), by_time: limiter.by_time.clone(), ..RateLimiter::new(burst, refill, 10) };
                        prop_assert!(again.take(&account("a"), now + wait - Duration::from_nanos(1)).is_err());
                        prop_assert!(again.take(&account("a"), now + wait).is_ok(), "the wait is exact");
                    }
                }
            }
            for (i, from) in taken.iter().enumerate() {
                for (j, to) in taken.iter().enumerate().skip(i) {
                    let back = (to.as_secs() - from.as_secs()) / refill.as_secs();
                    prop_assert!((j - i + 1) as u64 <= u64::from(burst) + back);
                }
            }
        }
    }
}
