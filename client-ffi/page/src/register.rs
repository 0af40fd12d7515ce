//! The register: who came, and who got a slip; never which.

use crate::{Desk, Problem};
use client_ffi::store::Store;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sync_core::id::UnitCode;

/// Something that was noted: where, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Noted {
    /// The entry, to undo it.
    pub entry: String,
    /// The tablet's id.
    pub device: String,
    /// The tablet's name, if it is known here.
    pub tablet: Option<String>,
    /// It was noted on this tablet.
    pub here: bool,
    /// The name of the person, if it is known here.
    pub person: Option<String>,
}

/// A voter of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Voter {
    /// Number on the sheet, from 1.
    pub number: u32,
    /// Name, where the sheet has names.
    pub name: Option<String>,
    /// Check-ins that stand; more than one is to be looked into.
    pub check_ins: Vec<Noted>,
    /// Slips handed out, as above.
    pub slips: Vec<Noted>,
}

/// What a search in the register found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Register {
    /// Voters who are checked in, whatever was searched for.
    pub present: u32,
    /// Slips that were handed out.
    pub slips: u32,
    /// How many voters were found.
    pub found: usize,
    /// The first of them.
    pub voters: Vec<Voter>,
}

/// What was noted of a voter before it was noted now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct CheckedIn {
    /// Check-ins: the voter is here for the second time, or one of them is a mistake.
    pub twice: Vec<Noted>,
    /// Slips: give no second one without asking.
    pub slips_before: Vec<Noted>,
}

impl Noted {
    fn new(seen: client_ffi::Seen, here: &str) -> Self {
        let device = seen.device.to_string();
        Self {
            entry: seen.entry.to_string(),
            here: device == here,
            device,
            tablet: seen.tablet,
            person: seen.name,
        }
    }

    fn all(seen: Vec<client_ffi::Seen>, here: &str) -> Vec<Self> {
        seen.into_iter().map(|seen| Self::new(seen, here)).collect()
    }
}

impl Voter {
    pub(crate) fn new(voter: client_ffi::Voter, here: &str) -> Self {
        Self {
            number: voter.number,
            name: voter.name,
            check_ins: Noted::all(voter.check_ins, here),
            slips: Noted::all(voter.slips, here),
        }
    }
}

impl Register {
    fn new((present, slips): (u32, u32), voters: Vec<client_ffi::Voter>, most: usize, here: &str) -> Self {
        let found = voters.len();
        let voters = voters.into_iter().take(most).map(|voter| Voter::new(voter, here)).collect();
        Self { present, slips, found, voters }
    }
}

impl CheckedIn {
    fn new(before: client_ffi::CheckedIn, here: &str) -> Self {
        let client_ffi::CheckedIn { twice, slips_before } = before;
        Self { twice: Noted::all(twice, here), slips_before: Noted::all(slips_before, here) }
    }
}

impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
    /// The id of this device, to know its own entries.
    pub(crate) fn here(&self) -> String {
        self.tablet.device().map(|device| device.to_string()).unwrap_or_default()
    }
}

pub(crate) fn register<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    search: String,
    most: usize,
) -> Result<Register, Problem> {
    let unit = UnitCode::new(&unit)?;
    let voters = desk.tablet.register(&unit, &search)?;
    let state = desk.tablet.record_state(&unit)?;
    Ok(Register::new((state.present(), state.slips()), voters, most, &desk.here()))
}

pub(crate) fn check_in<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    voter: u32,
    slip: bool,
) -> Result<CheckedIn, Problem> {
    let before = desk.tablet.check_in(&desk.acting(&unit)?, voter, slip)?;
    Ok(CheckedIn::new(before, &desk.here()))
}

pub(crate) fn hand_out_slip<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    voter: u32,
) -> Result<CheckedIn, Problem> {
    let before = desk.tablet.hand_out_slip(&desk.acting(&unit)?, voter)?;
    Ok(CheckedIn::new(before, &desk.here()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_core::id::DeviceId;
    use sync_core::record::{Actor, EntryRef, PersonId};

    fn seen(device: u8) -> client_ffi::Seen {
        let device = DeviceId([device; 16]);
        client_ffi::Seen {
            entry: EntryRef { actor: Actor::new(&device, [9; 8]), sequence: 3, index: 1 },
            device,
            tablet: None,
            person: PersonId([4; 16]),
            name: Some("Lý A Páo".to_owned()),
        }
    }

    #[test]
    fn a_page_gets_as_many_voters_as_it_asks_for_and_how_many_there_are() {
        let voter = |number| client_ffi::Voter { number, name: None, check_ins: vec![], slips: vec![] };
        let register = Register::new((3, 2), (1..=5_000).map(voter).collect(), 60, "");
        assert_eq!((register.found, register.voters.len(), register.voters[59].number), (5_000, 60, 60));
        assert_eq!(Register::new((3, 2), vec![voter(7)], 60, "").found, 1);
    }

    #[test]
    fn an_entry_says_where_it_was_made_and_its_place_reads_back() {
        let [own, other] = [1, 2].map(|device| Noted::new(seen(device), &DeviceId([1; 16]).to_string()));
        assert!(own.here && !other.here);
        assert_eq!(EntryRef::parse(&other.entry), Some(seen(2).entry));
        assert_eq!(other.person.as_deref(), Some("Lý A Páo"));
    }
}
