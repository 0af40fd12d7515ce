//! A tablet's medium: what reads show, what survives a power cut, and faults at chosen writes.
//!
//! It also watches every write: envelopes, certificates and keys are never changed, and never destroyed but by the
//! office's word that the round is over; a chain never goes back, and no permit is ever written in clear.

use crate::chance::Chance;
use crate::fault::Fault;
use crate::notes::Notes;
use crate::secrets::Secrets;
use crate::word::Word;
use client_ffi::store::{Key, Store, StoreError};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use sync_core::message::ItemKind;

/// How a write goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// The program ends before the write.
    CrashBefore,
    /// The program ends when the write is done.
    CrashAfter,
    /// The write shows, but is not durable yet when the power goes.
    PowerCut,
    /// The write fails and the program goes on; whether the value shows is left to the flag.
    Hiccup {
        /// Whether the new value shows.
        shows: bool,
    },
}

/// The values of one medium.
pub type Values = BTreeMap<Key, Vec<u8>>;

/// A handle on a medium; clones are the same medium.
#[derive(Clone)]
pub struct Disk(Rc<RefCell<Medium>>);

struct Medium {
    name: String,
    shows: Values,
    durable: Values,
    plan: Option<(usize, Strike)>,
    full: bool,
    dead: bool,
    failed: bool,
    writes: usize,
    chance: Chance,
    notes: Notes,
    secrets: Rc<Secrets>,
    word: Word,
    courier: bool,
}

impl Disk {
    /// An empty medium.
    pub fn new(name: &str, notes: Notes, secrets: Rc<Secrets>) -> Self {
        Self::holding(name, Values::new(), notes, secrets)
    }

    /// A medium with values, as a copy of another has.
    pub fn holding(name: &str, values: Values, notes: Notes, secrets: Rc<Secrets>) -> Self {
        Self(Rc::new(RefCell::new(Medium {
            name: name.to_owned(),
            shows: values.clone(),
            durable: values,
            plan: None,
            full: false,
            dead: false,
            failed: false,
            writes: 0,
            chance: Chance::of(0, name),
            notes,
            secrets,
            word: Word::default(),
            courier: false,
        })))
    }

    /// Lets things go by the office's word from now on; without it nothing may.
    pub fn heed(&self, word: &Word) {
        self.0.borrow_mut().word = word.clone();
    }

    /// It is a courier's: no name may ever be on it.
    pub fn carries_only(&self) {
        self.0.borrow_mut().courier = true;
    }

    /// The write that comes after `writes` others goes wrong.
    pub fn plan(&self, writes: usize, strike: Strike) {
        self.0.borrow_mut().plan = Some((writes, strike));
    }

    /// Whether the program has ended by a strike.
    pub fn is_dead(&self) -> bool {
        self.0.borrow().dead
    }

    /// Fills the medium, or makes room.
    pub fn set_full(&self, full: bool) {
        self.0.borrow_mut().full = full;
    }

    /// Whether a strike is still to come, or the medium is full.
    pub fn is_faulty(&self) -> bool {
        let medium = self.0.borrow();
        medium.full || medium.plan.is_some() || medium.dead
    }

    /// The program is started anew; planned strikes are over.
    pub fn revive(&self) {
        let mut medium = self.0.borrow_mut();
        medium.dead = false;
        medium.plan = None;
    }

    /// Writes that were tried.
    pub fn writes(&self) -> usize {
        self.0.borrow().writes
    }

    /// Whether a write failed since this was last asked.
    pub fn take_failed(&self) -> bool {
        std::mem::take(&mut self.0.borrow_mut().failed)
    }

    /// No strike is to come any more.
    pub fn heal(&self) {
        self.0.borrow_mut().plan = None;
    }

    /// What survives a power cut now.
    pub fn durable(&self) -> Values {
        self.0.borrow().durable.clone()
    }

    /// What reads show now.
    pub fn shown(&self) -> Values {
        self.0.borrow().shows.clone()
    }

    /// Replaces everything, as restoring a backup does.
    pub fn replace(&self, values: Values) {
        let mut medium = self.0.borrow_mut();
        medium.shows.clone_from(&values);
        medium.durable = values;
    }

    /// Takes a value away behind the program's back.
    pub fn lose(&self, key: &Key) {
        let mut medium = self.0.borrow_mut();
        medium.shows.remove(key);
        medium.durable.remove(key);
    }
}

fn set(values: &mut Values, key: &Key, value: Option<Vec<u8>>) {
    match value {
        Some(value) => values.insert(key.clone(), value),
        None => values.remove(key),
    };
}

fn failed(action: &'static str) -> StoreError {
    let source = std::io::Error::other("planted fault");
    StoreError::Io { action, key: "a value".to_owned(), source }
}

impl Medium {
    /// The power goes: of what showed and was not durable, any part may be there afterwards.
    fn cut_power(&mut self) {
        let keys: Vec<Key> = self.shows.keys().chain(self.durable.keys()).cloned().collect();
        for key in keys {
            let (shown, safe) = (self.shows.get(&key).cloned(), self.durable.get(&key).cloned());
            if shown != safe {
                let left = if self.chance.hits(500) { shown } else { safe };
                set(&mut self.shows, &key, left.clone());
                set(&mut self.durable, &key, left);
            }
        }
        self.dead = true;
    }

    fn write(&mut self, key: &Key, value: Option<&[u8]>) -> Result<(), StoreError> {
        if self.dead {
            return Err(failed("write"));
        }
        self.writes += 1;
        if self.full && value.is_some() {
            self.failed = true;
            self.notes.fired(Fault::DiskFull);
            return Err(StoreError::Full);
        }
        self.watch(key, value);
        let value = value.map(<[u8]>::to_vec);
        let strike = match &mut self.plan {
            Some((0, strike)) => Some(*strike),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        let Some(strike) = strike else {
            set(&mut self.shows, key, value.clone());
            set(&mut self.durable, key, value);
            return Ok(());
        };
        self.plan = None;
        self.failed = true;
        self.notes.say(&self.name, || format!("the write of {key} goes wrong: {strike:?}"));
        self.notes.fired(match strike {
            Strike::CrashBefore | Strike::CrashAfter => Fault::CrashAtWrite,
            Strike::PowerCut => Fault::PowerCut,
            Strike::Hiccup { .. } => Fault::WriteFails,
        });
        match strike {
            Strike::CrashBefore => self.dead = true,
            Strike::CrashAfter => {
                set(&mut self.shows, key, value.clone());
                set(&mut self.durable, key, value);
                self.dead = true;
            }
            Strike::PowerCut => {
                set(&mut self.shows, key, value);
                self.cut_power();
            }
            Strike::Hiccup { shows: true } => set(&mut self.shows, key, value),
            Strike::Hiccup { shows: false } => {}
        }
        Err(failed("write"))
    }

    /// What no program of ours may ever write or destroy.
    fn watch(&self, key: &Key, value: Option<&[u8]>) {
        let wrong = |rule, what: &str| self.notes.broken(rule, format!("{}: {key}: {what}", self.name));
        let kind = key.parts()[0];
        let known = match kind {
            "item" | "identity" | "certificate" | "package" | "address" => {
                let before = self.shows.get(key);
                if value.is_none() {
                    if !before.is_none_or(|before| self.may_go(key, before)) {
                        wrong("nothing is deleted", "destroyed");
                    }
                } else if value.is_some_and(|value| !self.is_the_offices(key, value)) {
                    wrong("the office alone ends a round", "a statement that it never signed for this unit");
                } else if before.is_some_and(|before| Some(before.as_slice()) != value) {
                    wrong("nothing is deleted", "overwritten");
                }
                true
            }
            "chain" => {
                if value.is_none() {
                    wrong("nothing is deleted", "destroyed");
                }
                true
            }
            "box" | "boxkey" | "confirmed" | "handed" | "room" => true,
            _ => false,
        };
        if !known {
            wrong("secrecy", "a kind of value that no tablet stores");
        }
        if let Some(leak) = value.and_then(|value| self.secrets.in_value(key.as_str(), value)) {
            wrong("secrecy", leak);
        }
        if self.courier && value.is_some_and(|value| self.secrets.names_somebody(value)) {
            wrong("secrecy", "a name on a courier");
        }
    }
}

impl Medium {
    /// Whether the office's word lets a value go.
    fn may_go(&self, key: &Key, bytes: &[u8]) -> bool {
        let parts = key.parts();
        let ["item", unit, kind, _] = parts.as_slice() else { return false };
        kind_of(kind).is_some_and(|kind| self.word.lets_go(&self.durable, unit, kind, bytes))
    }

    /// Whether a value is no statement, or one of the office for this unit.
    fn is_the_offices(&self, key: &Key, bytes: &[u8]) -> bool {
        match key.parts().as_slice() {
            ["item", unit, kind, _] if kind_of(kind) == Some(ItemKind::RoundStatement) => {
                self.word.is_given(unit, bytes)
            }
            _ => true,
        }
    }
}

fn kind_of(text: &str) -> Option<ItemKind> {
    ItemKind::ALL.get(text.parse::<usize>().ok()?).copied()
}

impl Store for Disk {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.borrow().shows.get(key).cloned())
    }

    fn put(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        self.0.borrow_mut().write(key, Some(value))
    }

    fn destroy(&mut self, key: &Key) -> Result<(), StoreError> {
        self.0.borrow_mut().write(key, None)
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(self.0.borrow().shows.keys().cloned().collect())
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        let mut medium = self.0.borrow_mut();
        if medium.dead {
            return Err(failed("sync"));
        }
        let shows = medium.shows.clone();
        medium.durable = shows;
        Ok(())
    }
}
