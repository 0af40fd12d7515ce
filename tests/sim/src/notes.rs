//! What a run notes: a readable log, how often each fault happened, and the first rule that was broken.

use crate::check::RULES;
use crate::fault::{FAULTS, Fault};
use std::cell::RefCell;
use std::rc::Rc;

/// A rule of the design that a checker saw broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The checker.
    pub rule: &'static str,
    /// What it saw.
    pub what: String,
}

/// Shared by everybody in one world.
#[derive(Debug, Clone, Default)]
pub struct Notes(Rc<RefCell<Inner>>);

#[derive(Debug)]
struct Inner {
    now: u64,
    log: Option<Vec<String>>,
    broken: Option<Broken>,
    fired: [u64; FAULTS],
}

impl Default for Inner {
    fn default() -> Self {
        Self { now: 0, log: None, broken: None, fired: [0; FAULTS] }
    }
}

impl Notes {
    /// Notes that keep a log.
    pub fn with_log() -> Self {
        let notes = Self::default();
        notes.0.borrow_mut().log = Some(Vec::new());
        notes
    }

    /// Virtual time moves on, in minutes.
    pub fn set_now(&self, now: u64) {
        self.0.borrow_mut().now = now;
    }

    /// Virtual time in minutes.
    pub fn now(&self) -> u64 {
        self.0.borrow().now
    }

    /// Writes a line into the log: who did what.
    pub fn say(&self, who: &str, what: impl FnOnce() -> String) {
        let mut inner = self.0.borrow_mut();
        let now = inner.now;
        if let Some(log) = &mut inner.log {
            log.push(format!(
                "day {} {:02}:{:02}  {who:<12} {}",
                now / 1440,
                now / 60 % 24,
                now % 60,
                what()
            ));
        }
    }

    /// A fault really happened.
    pub fn fired(&self, fault: Fault) {
        self.0.borrow_mut().fired[fault as usize] += 1;
    }

    /// A rule is broken. The first one counts; what follows is often its consequence.
    pub fn broken(&self, rule: &'static str, what: impl Into<String>) {
        debug_assert!(RULES.contains(&rule), "{rule} is not among the rules");
        let what = what.into();
        self.say("CHECK", || format!("{rule}: {what}"));
        let broken = &mut self.0.borrow_mut().broken;
        if broken.is_none() {
            *broken = Some(Broken { rule, what });
        }
    }

    /// Notes a broken rule unless something holds.
    pub fn check(&self, rule: &'static str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.broken(rule, what());
        }
    }

    /// The first broken rule.
    pub fn first_broken(&self) -> Option<Broken> {
        self.0.borrow().broken.clone()
    }

    /// How often each fault happened.
    pub fn counts(&self) -> [u64; FAULTS] {
        self.0.borrow().fired
    }

    /// The log.
    pub fn log(&self) -> Vec<String> {
        self.0.borrow().log.clone().unwrap_or_default()
    }
}
