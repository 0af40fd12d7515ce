//! PINs: one for each person on each tablet. They stay there and tell who acts; a stolen tablet they do not protect.
//!
//! Wrong PINs are counted, and after some the next tries are not looked at, right or wrong: more and more of them. The
//! pause is measured in tries and stored, because clocks are wrong here and a restart must not end it.

use super::people::Acting;
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::Tablet;
use crate::values::{load, pin_key};
use argon2::{Algorithm, Argon2, Params, Version};
use rand_core::CryptoRng;
use sync_core::cbor::{self, Format, FormatError, Reader, Writer};
use sync_core::id::UnitCode;
use sync_core::record::PersonId;

/// Fewest digits of a PIN.
pub const PIN_MIN: usize = 4;
/// Most digits of a PIN.
pub const PIN_MAX: usize = 12;

/// Wrong PINs in a row before tries are skipped.
const FREE_TRIES: u32 = 3;
/// Most tries that are skipped at once.
const PAUSE_MAX: u32 = 64;
/// Memory of one hash in KiB: a cheap tablet has it to spare.
const MEMORY_KIB: u32 = 8 * 1024;
const PASSES: u32 = 2;
const FORMAT_VERSION: u64 = 1;

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Sets a person's PIN on this tablet. To change it, the old one is needed; a wrong old one counts as a wrong try.
    ///
    /// # Errors
    /// [`TabletError::PinForm`], [`TabletError::PinSet`], [`TabletError::NotOnTeam`], or as [`Tablet::act_as`].
    pub fn set_pin(
        &mut self,
        unit: &UnitCode,
        person: &PersonId,
        old: Option<&str>,
        new: &str,
    ) -> Result<(), TabletError> {
        if !(PIN_MIN..=PIN_MAX).contains(&new.len()) || !new.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TabletError::PinForm);
        }
        self.attempt(|tablet| {
            if !tablet.on_team(unit, person)? {
                return Err(TabletError::NotOnTeam(unit.clone()));
            }
            match (tablet.store.get(&pin_key(person))?, old) {
                (None, _) => {}
                (Some(_), None) => return Err(TabletError::PinSet),
                (Some(_), Some(old)) => tablet.check_pin(person, old)?,
            }
            let mut salt = [0; 16];
            tablet.rng.fill_bytes(&mut salt);
            let pin = StoredPin { salt, hash: hash(new, &salt)?, wrong: 0, pause: 0 };
            Ok(tablet.store.put(&pin_key(person), &cbor::encode(&pin))?)
        })
    }

    /// The person who types the PIN acts for a unit from now on.
    ///
    /// # Errors
    /// [`TabletError::NotOnTeam`], [`TabletError::NoPin`], [`TabletError::WrongPin`], [`TabletError::PinPause`].
    pub fn act_as(&mut self, unit: &UnitCode, person: &PersonId, pin: &str) -> Result<Acting, TabletError> {
        self.attempt(|tablet| {
            if !tablet.on_team(unit, person)? {
                return Err(TabletError::NotOnTeam(unit.clone()));
            }
            tablet.check_pin(person, pin)?;
            Ok(Acting::new(unit.clone(), *person))
        })
    }

    /// Each try is counted durably before its answer is given.
    fn check_pin(&mut self, person: &PersonId, typed: &str) -> Result<(), TabletError> {
        let key = pin_key(person);
        let mut pin: StoredPin = load(&self.store, &key)?.ok_or(TabletError::NoPin)?;
        let before = (pin.wrong, pin.pause);
        let answer = if pin.pause > 0 {
            pin.pause -= 1;
            Err(TabletError::PinPause { left: pin.pause })
        } else if hash(typed, &pin.salt)? == pin.hash {
            pin.wrong = 0;
            Ok(())
        } else {
            pin.wrong = pin.wrong.saturating_add(1);
            let doubled = pin.wrong.checked_sub(FREE_TRIES);
            pin.pause =
                doubled.map_or(0, |times| 1_u32.checked_shl(times).map_or(PAUSE_MAX, |p| p.min(PAUSE_MAX)));
            Err(TabletError::WrongPin { pause: pin.pause })
        };
        if (pin.wrong, pin.pause) != before {
            self.store.put(&key, &cbor::encode(&pin))?;
        }
        answer
    }
}

/// What is stored of a PIN.
struct StoredPin {
    salt: [u8; 16],
    hash: [u8; 32],
    wrong: u32,
    pause: u32,
}

impl Format for StoredPin {
    const WHAT: &'static str = "PIN";
    const MAX_BYTES: usize = 128;

    fn write(&self, w: &mut Writer) {
        w.array(5).uint(FORMAT_VERSION).bytes(&self.salt).bytes(&self.hash).uint(self.wrong).uint(self.pause);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        r.versioned(5, FORMAT_VERSION, Self::WHAT)?;
        Ok(Self {
            salt: r.fixed(Self::WHAT)?,
            hash: r.fixed(Self::WHAT)?,
            wrong: r.u32(u32::MAX, Self::WHAT)?,
            pause: r.u32(PAUSE_MAX, Self::WHAT)?,
        })
    }
}

/// Argon2id with little memory. A PIN has so few digits that no cost would keep it from whoever has the store.
fn hash(pin: &str, salt: &[u8; 16]) -> Result<[u8; 32], TabletError> {
    let failed = |_| TabletError::NoMemory;
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(failed)?;
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, &mut hash)
        .map_err(failed)?;
    Ok(hash)
}
