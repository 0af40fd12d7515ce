//! The register: who came, and who got a slip; never which.
//!
//! No entry of the register carries a moment: nothing may tell when a person voted.

use super::{Acting, entry};
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::Tablet;
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::package::Voting;
use sync_core::record::{Act, CheckIn, EntryRef, PersonId, Presence, State, plain};

/// An entry of the register as people see it: where it was made, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The entry, to undo it.
    pub entry: EntryRef,
    /// The tablet.
    pub device: DeviceId,
    /// The tablet's name, if it is known here.
    pub tablet: Option<String>,
    /// The person who noted it.
    pub person: PersonId,
    /// The person's name, if it is known here.
    pub name: Option<String>,
}

/// One voter of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voter {
    /// Number on the sheet, from 1.
    pub number: u32,
    /// Name, where the sheet has names.
    pub name: Option<String>,
    /// Check-ins that stand; more than one is to be looked into.
    pub check_ins: Vec<Seen>,
    /// Slips handed out.
    pub slips: Vec<Seen>,
}

/// A voter was checked in, or got a slip.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckedIn {
    /// Check-ins of this voter that were here before, on whichever tablet: the voter is here for the second time, or
    /// one of them is a mistake.
    pub twice: Vec<Seen>,
    /// Slips that this voter had got before. Give no second one without asking.
    pub slips_before: Vec<Seen>,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Checks a voter in, and notes with it, if so, that a slip was handed out. A voter who is checked in already is not
    /// refused, for tablets without a network cannot know; the answer names tablet and person of each check-in before.
    /// What the same person noted on this tablet already is not noted again.
    ///
    /// # Errors
    /// [`TabletError::UnknownVoter`], [`TabletError::SheetNotConfirmed`], [`TabletError::Attended`] for a slip.
    pub fn check_in(&mut self, acting: &Acting, voter: u32, slip: bool) -> Result<CheckedIn, TabletError> {
        self.register_acts(acting, voter, true, slip)
    }

    /// Notes that a slip was handed out to a voter; never which.
    ///
    /// # Errors
    /// As [`Tablet::check_in`].
    pub fn hand_out_slip(&mut self, acting: &Acting, voter: u32) -> Result<CheckedIn, TabletError> {
        self.register_acts(acting, voter, false, true)
    }

    /// The voters of a unit by number. A search finds numbers that begin with it, and names that contain its words,
    /// with or without diacritics; an empty one finds all. Numbers that somebody noted and no sheet has come last.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`], [`TabletError::NoSheet`].
    pub fn register(&self, unit: &UnitCode, search: &str) -> Result<Vec<Voter>, TabletError> {
        let state = self.record_state(unit)?;
        let sheet = self.sheet(unit).ok_or_else(|| TabletError::NoSheet(unit.clone()))?;
        let people = Lookup::new(self, unit)?;
        let none = Presence::default();
        let beyond = state.register.keys().copied().filter(|number| *number > sheet.voters);
        let voters = (1..=sheet.voters).chain(beyond).map(|number| {
            let noted = state.register.get(&number).unwrap_or(&none);
            let name = number.checked_sub(1).and_then(|at| sheet.voter_names.get(at as usize)).cloned();
            let seen = |all: &[CheckIn]| all.iter().map(|noted| people.seen(noted)).collect();
            Voter { number, name, check_ins: seen(&noted.check_ins), slips: seen(&noted.slips) }
        });
        let search = plain(search);
        Ok(voters.filter(|voter| voter.matches(&search)).collect())
    }

    fn register_acts(
        &mut self,
        acting: &Acting,
        voter: u32,
        check_in: bool,
        slip: bool,
    ) -> Result<CheckedIn, TabletError> {
        self.attempt(|tablet| {
            let unit = acting.unit();
            tablet.record_desk(acting)?;
            tablet.check_voter(unit, voter, slip)?;
            let before = tablet.presence(unit, voter)?;
            let people = Lookup::new(tablet, unit)?;
            let seen =
                |all: &[CheckIn]| -> Vec<Seen> { all.iter().map(|noted| people.seen(noted)).collect() };
            let answer = CheckedIn { twice: seen(&before.check_ins), slips_before: seen(&before.slips) };
            let device = tablet.device();
            let mine = |noted: &CheckIn| {
                noted.person == acting.person() && Some(noted.entry.actor.device()) == device
            };
            let mut acts = Vec::new();
            if check_in && !before.check_ins.iter().any(mine) {
                acts.push(entry(acting, None, Act::CheckIn { voter }));
            }
            if slip && !before.slips.iter().any(mine) {
                acts.push(entry(acting, None, Act::Slip { voter }));
            }
            if !acts.is_empty() {
                tablet.desk(unit)?.note(unit, acts)?;
            }
            Ok(answer)
        })
    }

    /// Numbers mean voters of the sheet that the team compared with paper, and no other.
    fn check_voter(&self, unit: &UnitCode, voter: u32, slip: bool) -> Result<(), TabletError> {
        let state = self.state(unit)?;
        let sheet = state.replica.sheet().ok_or_else(|| TabletError::NoSheet(unit.clone()))?;
        if state.confirmed_sheet != Some(state.replica.current_sheet()) {
            return Err(TabletError::SheetNotConfirmed);
        }
        if voter == 0 || voter > sheet.voters {
            return Err(TabletError::UnknownVoter { unit: unit.clone(), voter, voters: sheet.voters });
        }
        if slip && self.voting(unit)? == Voting::Attended {
            return Err(TabletError::Attended(unit.clone()));
        }
        Ok(())
    }

    fn presence(&self, unit: &UnitCode, voter: u32) -> Result<Presence, TabletError> {
        let record = self.record_of(unit)?;
        let about = |act: &Act| match act {
            Act::CheckIn { voter: of } | Act::Slip { voter: of } => *of == voter,
            Act::Undo { .. } => true,
            _ => false,
        };
        // A check-in is noted while people queue: of a long record only what may concern this voter is folded.
        let mut state = State::fold(record.entries().filter(|(_, entry)| about(&entry.act)));
        Ok(state.register.remove(&voter).unwrap_or_default())
    }

    pub(super) fn voting(&self, unit: &UnitCode) -> Result<Voting, TabletError> {
        let entry = self.membership()?.package.value().unit(unit);
        entry.map(|entry| entry.voting).ok_or_else(|| TabletError::UnknownUnit(unit.clone()))
    }
}

impl Voter {
    /// `search` as [`plain`] gives it.
    fn matches(&self, search: &str) -> bool {
        if search.is_empty() || self.number.to_string().starts_with(search) {
            return true;
        }
        let name = self.name.as_deref().map(plain).unwrap_or_default();
        !name.is_empty() && search.split(' ').all(|word| name.contains(word))
    }
}

/// Names of tablets and persons.
pub(super) struct Lookup {
    tablets: BTreeMap<DeviceId, String>,
    persons: BTreeMap<PersonId, String>,
}

impl Lookup {
    pub fn new<S: Store, R: CryptoRng>(tablet: &Tablet<S, R>, unit: &UnitCode) -> Result<Self, TabletError> {
        Ok(Self { tablets: tablet.tablets_of(unit)?.into_iter().collect(), persons: tablet.names(unit)? })
    }

    pub fn person(&self, person: &PersonId) -> Option<String> {
        self.persons.get(person).cloned()
    }

    pub fn tablet(&self, device: &DeviceId) -> Option<String> {
        self.tablets.get(device).cloned()
    }

    pub fn seen(&self, noted: &CheckIn) -> Seen {
        let device = noted.entry.actor.device();
        Seen {
            entry: noted.entry,
            device,
            tablet: self.tablet(&device),
            person: noted.person,
            name: self.person(&noted.person),
        }
    }
}
