//! A corrected sheet for one unit: what stands against it, what it changes, and what people should know before it is
//! signed. A misspelt name costs one sheet, not the district.

mod said;
#[cfg(test)]
mod tests;

pub use said::{Change, Note, SheetProblem};

use crate::domain::decision::is_reason;
use crate::roster::RosterUnit;
use std::collections::BTreeMap;
use sync_core::cbor;
use sync_core::id::{Commitment, PackageHash, SheetHash, UnitCode};
use sync_core::package::{
    Official, PermitChange, REPLACEMENTS_MAX, Sheet, SheetReplacement, UnitEntry, Voting,
};
use sync_core::permit::slips_for;

/// What the office asks for.
#[derive(Debug, Clone, Copy)]
pub struct Correction<'a> {
    /// The unit as the corrected roster has it, if it has it.
    pub unit: Option<&'a RosterUnit>,
    /// Commitments, ascending, of new slips that replace all earlier ones; nothing if the slips stay good.
    pub new_permits: Option<&'a [Commitment]>,
    /// Why.
    pub reason: &'a str,
}

/// How the unit stands.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Its entry in the package.
    pub entry: &'a UnitEntry,
    /// The sheet that holds.
    pub sheet: &'a Sheet,
    /// How often it was replaced before.
    pub replaced: u32,
    /// Officials of all other units: codes in capitals, with the unit.
    pub rated_elsewhere: &'a BTreeMap<String, UnitCode>,
    /// What the centre knows of its meeting.
    pub meeting: Meeting,
}

/// What the centre knows of a unit's meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meeting {
    /// Voters who are checked in.
    pub checked_in: u32,
    /// Envelopes that are here.
    pub envelopes: usize,
    /// Sealed ballots in them.
    pub ballots: u64,
}

/// A sheet that may be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// The new sheet.
    pub sheet: Sheet,
    /// Its number among the unit's replacements, from 1.
    pub number: u32,
    /// Whether the slips are the same.
    pub permits: PermitChange,
    /// Why.
    pub reason: String,
    /// What it changes.
    pub changes: Vec<Change>,
    /// What people should know.
    pub notes: Vec<Note>,
}

impl Correction<'_> {
    /// The corrected sheet, with what it changes and what should be known.
    ///
    /// # Errors
    /// Everything that stands against it.
    pub fn apply(&self, situation: &Situation<'_>) -> Result<Corrected, Vec<SheetProblem>> {
        let mut problems = self.problems_of_asking(situation);
        let Some(unit) = self.unit else {
            problems.push(SheetProblem::NotInRoster { unit: situation.entry.code.clone() });
            return Err(problems);
        };
        problems.extend(self.problems_of_unit(unit, situation));
        let old = situation.sheet;
        let sheet = Sheet {
            officials: officials(unit),
            voters: unit.voters,
            // A roster without names says nothing of them.
            voter_names: said(&unit.voter_names, &old.voter_names),
            team: said(&unit.team, &old.team),
            permits: self.new_permits.map_or_else(|| old.permits.clone(), <[Commitment]>::to_vec),
            ..old.clone()
        };
        if sheet == *old {
            problems.push(SheetProblem::Unchanged);
        }
        // What is signed must read back; a sheet that outgrows the format is found here and not on a tablet.
        if problems.is_empty()
            && let Err(error) = cbor::decode::<Sheet>(&cbor::encode(&sheet))
        {
            problems.push(SheetProblem::TooLarge(error.to_string()));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Corrected {
            number: situation.replaced + 1,
            permits: if self.new_permits.is_some() { PermitChange::Replaced } else { PermitChange::Kept },
            reason: self.reason.trim().to_owned(),
            changes: changes(old, &sheet),
            notes: self.notes(unit, situation, &sheet),
            sheet,
        })
    }

    fn problems_of_asking(&self, situation: &Situation<'_>) -> Vec<SheetProblem> {
        let mut problems = Vec::new();
        if !is_reason(self.reason.trim()) {
            problems.push(SheetProblem::Reason);
        }
        let checked_in = situation.meeting.checked_in;
        if checked_in > 0 {
            problems.push(SheetProblem::MeetingBegun { checked_in });
        }
        if situation.replaced >= REPLACEMENTS_MAX {
            problems.push(SheetProblem::TooOften);
        }
        if self.new_permits.is_some() && situation.entry.voting == Voting::Attended {
            problems.push(SheetProblem::Attended);
        }
        problems
    }

    fn problems_of_unit(&self, unit: &RosterUnit, situation: &Situation<'_>) -> Vec<SheetProblem> {
        let mut problems = Vec::new();
        for official in &unit.officials {
            if let Some(other) = situation.rated_elsewhere.get(&official.code.to_ascii_uppercase()) {
                let (code, unit) = (official.code.clone(), other.clone());
                problems.push(SheetProblem::RatedElsewhere { code, unit });
            }
        }
        let (old, voters) = (situation.sheet, unit.voters);
        if situation.entry.voting == Voting::Permit {
            let wanted = slips_for(voters);
            match self.new_permits.map(<[Commitment]>::len) {
                None if old.permits.len() < voters as usize => {
                    problems.push(SheetProblem::TooFewSlips { permits: old.permits.len(), voters });
                }
                Some(printed) if printed != wanted as usize => {
                    problems.push(SheetProblem::WrongSlips { printed, wanted });
                }
                _ => {}
            }
        }
        let names = old.voter_names.len();
        if unit.voter_names.is_empty() && names > 0 && names != voters as usize {
            problems.push(SheetProblem::VoterNames { names, voters });
        }
        problems
    }

    fn notes(&self, unit: &RosterUnit, situation: &Situation<'_>, new: &Sheet) -> Vec<Note> {
        let Meeting { envelopes, ballots, .. } = situation.meeting;
        let (permits, wanted) = (new.permits.len(), slips_for(new.voters));
        let few = situation.entry.voting == Voting::Permit && permits < wanted as usize;
        let signed = &situation.entry.name;
        [
            (*signed != unit.name).then(|| Note::NameStays { signed: signed.clone() }),
            (!new.same_ballot(situation.sheet)).then_some(Note::OtherBallot),
            (envelopes > 0).then_some(Note::Arrived { envelopes, ballots }),
            self.new_permits.map(|_| Note::SlipsVoid),
            few.then_some(Note::FewToSpare { permits, voters: new.voters, wanted }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// What a list says, or what holds if it says nothing.
fn said(new: &[String], old: &[String]) -> Vec<String> {
    if new.is_empty() { old.to_vec() } else { new.to_vec() }
}

impl Corrected {
    /// What the centre signs.
    pub fn statement(&self, package: PackageHash, old: SheetHash) -> SheetReplacement {
        SheetReplacement {
            package,
            unit: self.sheet.unit.clone(),
            number: self.number,
            old,
            new: self.sheet.hash(),
            permits: self.permits,
            reason: self.reason.clone(),
        }
    }
}

fn officials(unit: &RosterUnit) -> Vec<Official> {
    let official = |o: &crate::roster::RosterOfficial| Official {
        code: o.code.clone(),
        name: o.name.clone(),
        post: o.post.clone(),
    };
    unit.officials.iter().map(official).collect()
}

/// What people see changing, in the order of the new ballot; at the end who leaves it, the order, voters and slips.
fn changes(old: &Sheet, new: &Sheet) -> Vec<Change> {
    let find = |sheet: &Sheet, code: &str| sheet.officials.iter().find(|o| o.code == code).cloned();
    let mut changes = Vec::new();
    for (place, Official { code, name, post }) in (1..).zip(new.officials.iter().cloned()) {
        let Some(before) = find(old, &code) else {
            changes.push(Change::Added { code, name, post, place });
            continue;
        };
        if before.name != name {
            changes.push(Change::Name { code: code.clone(), from: before.name, to: name });
        }
        if before.post != post {
            changes.push(Change::Post { code, from: before.post, to: post });
        }
    }
    let gone = old.officials.iter().filter(|official| find(new, &official.code).is_none());
    changes.extend(gone.cloned().map(|Official { code, name, post }| Change::Removed { code, name, post }));
    // Only those on both ballots can have changed places.
    let stay = |sheet: &Sheet, other: &Sheet| -> Vec<String> {
        let both = sheet.officials.iter().filter(|official| find(other, &official.code).is_some());
        both.map(|official| official.code.clone()).collect()
    };
    if stay(old, new) != stay(new, old) {
        changes.push(Change::Order(new.officials.iter().map(|official| official.code.clone()).collect()));
    }
    if old.voters != new.voters {
        changes.push(Change::Voters { from: old.voters, to: new.voters });
    }
    if old.voter_names != new.voter_names {
        let differ =
            new.voter_names.iter().enumerate().filter(|(at, name)| old.voter_names.get(*at) != Some(name));
        changes.push(Change::VoterNames { count: differ.count() });
    }
    if old.team != new.team {
        changes.push(Change::Team(new.team.clone()));
    }
    if old.permits != new.permits {
        changes.push(Change::Slips { from: old.permits.len(), to: new.permits.len() });
    }
    changes
}
