//! Voters and teams: casting, trying again after a freeze, comparing sheets, closing.

use super::{Event, World};
use crate::body::{Machine, Pending};
use crate::chance::Chance;
use crate::fault::Fault;
use crate::truth::Lines;
use client_ffi::TabletError;
use std::collections::BTreeMap;
use sync_core::ballot::Marks;
use sync_core::fingerprint;
use sync_core::id::{EnvelopeId, SheetHash, UnitCode};
use sync_core::open_box::InsertError;
use sync_core::package::Voting;
use sync_core::permit::PermitCode;

/// How often a voter comes back before giving up.
const TRIES_MAX: u32 = 30;

impl World {
    /// A voter stands before a tablet.
    pub(super) fn vote(&mut self, voter: usize, at: usize, tries: u32) {
        let unit = self.voters[voter].unit;
        if self.voters[voter].done || tries > TRIES_MAX {
            return;
        }
        let again = |world: &mut Self, body| {
            let wait = 5 + u64::from(tries) * 20;
            world.after(wait, Event::Vote { voter, body, tries: tries + 1 });
        };
        if !self.reread(at) {
            let other = self.other_tablet(voter, unit, at, tries);
            return again(self, other);
        }
        let code = self.round.units[unit].code.clone();
        let marks = self.marks_of(voter, unit, at, tries);
        let sheet = self.bodies[at].tablet.as_ref().and_then(|tablet| tablet.sheet_hash(&code));
        let Some(sheet) = sheet else { return again(self, at) };
        let pending = Pending { unit, voter, marks: marks.clone(), sheet, told: false };
        // Whatever was open before is known by now. This one is noted before it is tried: the tablet may die inside.
        self.close_pending(at);
        self.bodies[at].pending.push(pending.clone());
        let slip = self.slip(unit, voter, sheet).cloned();
        let marks = Marks::new(marks);
        let before = self.own_envelopes(at, &code);
        let done = self.with(at, |tablet| match &slip {
            Some(slip) => tablet.cast(&code, slip, &marks),
            None => tablet.cast_attended(&code, &marks),
        });
        let Some(done) = done else { return };
        let who = format!("voter {}.{}", unit + 1, self.voters[voter].slip + 1);
        let name = self.bodies[at].name.clone();
        self.notes.say(&who, || match &done {
            Ok(()) => format!("casts on {name}"),
            Err(error) => format!("cannot cast on {name}: {error}"),
        });
        match done {
            Ok(()) => {
                self.told(voter, at, unit);
                self.check_cut(at, unit, &before);
                // The tablet froze before the voter saw that the ballot is in the box.
                let other = self.other_tablet(voter, unit, at, 0);
                if other != at {
                    self.voters[voter].done = false;
                    again(self, other);
                }
            }
            Err(TabletError::Box(InsertError::AlreadyUsed)) => {
                // The record was found and attributed when the tablet was looked at.
                self.forget_pending(at, voter);
                self.used_before(voter, at, unit, sheet);
            }
            // The voter was not told anything certain. Where the tablet died, its medium will tell.
            Err(TabletError::Store(_)) => {
                let other = self.other_tablet(voter, unit, at, tries);
                self.reread(at);
                again(self, other);
            }
            Err(TabletError::SheetNotConfirmed) => {
                self.forget_pending(at, voter);
                self.confirm(at, unit);
                again(self, at);
            }
            Err(TabletError::Closed) => {
                self.forget_pending(at, voter);
                let other = self.other_tablet(voter, unit, at, tries + 1);
                again(self, other);
            }
            // The tablet does not have the sheet that the slip belongs to, or does not have one at all.
            Err(TabletError::Permit(_) | TabletError::NoSheet(_) | TabletError::Marks(_)) => {
                self.forget_pending(at, voter);
                self.notes.check("no tablet is stuck", self.truth.reissued.contains(&unit), || {
                    format!("{name} does not take a slip of its own sheet")
                });
                again(self, at);
            }
            Err(error) => {
                self.notes.broken("no tablet is stuck", format!("{who} cannot cast on {name}: {error}"));
            }
        }
    }

    /// The voter was told that the ballot is in the box.
    fn told(&mut self, voter: usize, at: usize, unit: usize) {
        self.voters[voter].done = true;
        // Looking at the tablet has attributed the new record to the pending cast, unless it died right afterwards:
        // then its medium will tell.
        if let Some(open) = self.bodies[at].pending.iter_mut().find(|pending| pending.voter == voter) {
            open.told = true;
            if self.reread(at) {
                self.close_pending(at);
            }
            return;
        }
        let newest = self.truth.casts.iter().rposition(|cast| cast.body == at && cast.unit == unit);
        if let Some(cast) = newest {
            self.truth.casts[cast].told = true;
            let durable = self.is_durable(at, unit, &self.truth.casts[cast].record);
            let name = &self.bodies[at].name;
            self.notes.check("nothing lost", durable, || format!("{name} confirmed before it was durable"));
        }
    }

    /// The tablet says that the slip was used here: then a ballot of it is here.
    fn used_before(&mut self, voter: usize, at: usize, unit: usize, sheet: SheetHash) {
        let Some(nullifier) = self.nullifier(unit, voter, sheet) else {
            self.notes.broken("no tablet is stuck", "an attended ballot counts as used");
            return;
        };
        let device = self.bodies[at].device;
        let mut found = false;
        for cast in self.truth.casts.iter_mut().filter(|cast| cast.unit == unit) {
            if self.bodies[cast.body].device == device && cast.record[..16] == nullifier {
                found = true;
                // Only what this very tablet holds is promised by it; a twin may have learnt of it.
                cast.told |= cast.body == at;
            }
        }
        self.voters[voter].done = true;
        self.notes.check("no tablet is stuck", found, || {
            format!("{} says that a fresh slip was used", self.bodies[at].name)
        });
    }

    fn forget_pending(&mut self, at: usize, voter: usize) {
        self.bodies[at].pending.retain(|pending| pending.voter != voter);
    }

    /// A batch that left at a cast has the smallest size, and at least as many ballots stay behind.
    fn check_cut(&mut self, at: usize, unit: usize, before: &BTreeMap<EnvelopeId, usize>) {
        let code = self.round.units[unit].code.clone();
        let batch_min = self.round.package.value().rules.batch_min as usize;
        let Some(holding) = self.holding(at, unit) else { return };
        let name = &self.bodies[at].name;
        for size in
            self.own_envelopes(at, &code).iter().filter(|(id, _)| !before.contains_key(id)).map(|e| e.1)
        {
            let size = *size;
            self.notes.check("secrecy", size >= batch_min && holding.in_box.len() >= batch_min, || {
                format!(
                    "{name} sealed {size} ballots and left {} in the box; the smallest batch is {batch_min}",
                    holding.in_box.len()
                )
            });
        }
    }

    /// Envelopes that the tablet itself sealed, with their number of ballots.
    fn own_envelopes(&self, at: usize, code: &UnitCode) -> BTreeMap<EnvelopeId, usize> {
        let body = &self.bodies[at];
        let replica = body.tablet.as_ref().and_then(|tablet| tablet.replica(code));
        let own = replica.into_iter().flat_map(|replica| replica.envelopes());
        let own = own.filter(|envelope| envelope.value().device == body.device);
        own.map(|envelope| (envelope.envelope_id(), envelope.value().ballots.len())).collect()
    }

    /// The team compares the sheet on the tablet with its paper: the newest one that the office printed.
    pub(super) fn confirm(&mut self, at: usize, unit: usize) {
        let code = self.round.units[unit].code.clone();
        let paper = if self.truth.reissued.contains(&unit) {
            self.round.units[unit].reissue.sheet.hash()
        } else {
            self.round.units[unit].first.hash()
        };
        let digits = fingerprint::groups(&paper.0);
        let done = self.with(at, |tablet: &mut Machine| {
            tablet.confirm_sheet(&code, &[(0, &digits[0]), (5, &digits[5])])
        });
        if let Some(done) = done {
            let name = &self.bodies[at].name;
            self.notes.say(name, || match done {
                Ok(()) => format!("the team compares the sheet of {code}"),
                Err(error) => format!("the team cannot compare the sheet of {code}: {error}"),
            });
        }
    }

    /// The team closes its box.
    pub(super) fn close(&mut self, at: usize) {
        for unit in self.bodies[at].own.clone() {
            let code = self.round.units[unit].code.clone();
            match self.with(at, |tablet| tablet.close(&code)) {
                Some(Ok(())) => {
                    self.notes.say(&self.bodies[at].name, || format!("closes its box for {code}"));
                }
                Some(Err(TabletError::Store(_) | TabletError::NoSheet(_))) | None => {
                    if self.bodies[at].gone.is_none() && self.mishaps_go_on() {
                        self.after(60, Event::Close { body: at });
                    }
                    return;
                }
                Some(Err(error)) => {
                    let name = &self.bodies[at].name;
                    self.notes.broken("no tablet is stuck", format!("{name} cannot close: {error}"));
                }
            }
        }
    }

    /// A voter whose tablet does not work waits, or goes to another one.
    fn other_tablet(&mut self, voter: usize, unit: usize, at: usize, tries: u32) -> usize {
        let others: Vec<usize> = (0..self.bodies.len())
            .filter(|body| *body != at && self.bodies[*body].own.contains(&unit))
            .collect();
        let mut chance = Chance::of(self.plan.seed, &format!("wait {voter} {tries}"));
        if others.is_empty() {
            return at;
        }
        let moves = self.bodies[at].gone.is_some()
            || self.dice.strikes(Fault::RecastElsewhere, 20)
            || tries > 3 && chance.hits(500);
        if moves { *chance.pick(&others) } else { at }
    }

    /// What the voter marks: the same each time, unless they think again on another tablet.
    fn marks_of(&mut self, voter: usize, unit: usize, at: usize, tries: u32) -> Lines {
        let code = &self.round.units[unit].code;
        let tablet = self.bodies[at].tablet.as_ref();
        let lines = tablet.and_then(|tablet| tablet.sheet(code)).map_or(0, |sheet| sheet.officials.len());
        let second_thoughts = tries > 0
            && self.plan.faults.on(Fault::RecastElsewhere)
            && self.dice.below(Fault::RecastElsewhere, 3) == 0;
        let mut chance = Chance::of(self.plan.seed, &format!("marks {unit} {voter} {second_thoughts}"));
        (0..lines).map(|_| u8::try_from(chance.below(4)).ok().filter(|level| *level < 3)).collect()
    }

    /// The slip that the voter holds for this sheet; none where voting is attended.
    fn slip(&self, unit: usize, voter: usize, sheet: SheetHash) -> Option<&PermitCode> {
        let unit = &self.round.units[unit];
        if unit.voting == Voting::Attended {
            return None;
        }
        let new = unit.reissue.slips.as_ref().filter(|_| sheet == unit.reissue.sheet.hash());
        new.unwrap_or(&unit.slips).get(self.voters[voter].slip)
    }

    /// The nullifier of that slip.
    pub(super) fn nullifier(&self, unit: usize, voter: usize, sheet: SheetHash) -> Option<Vec<u8>> {
        let slip = self.slip(unit, voter, sheet)?;
        Some(slip.nullifier(&crate::round::ROUND, &self.round.units[unit].code).0.to_vec())
    }
}
