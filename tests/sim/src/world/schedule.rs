//! The agenda: who enrols, when meetings are, who votes where, who travels, and which mishaps are due.

use super::rogue::{Act, Rogue};
use super::way::Way;
use super::{Event, Voter, World};
use crate::body::Body;
use crate::chance::{Chance, rng_for};
use crate::disk::Strike;
use crate::fault::Fault;
use client_ffi::Tablet;
use sync_core::cose::SecretKey;
use sync_core::device::Scope;
use sync_core::enrol::{EnrolToken, TokenSecret};
use sync_core::id::{DeviceId, UnitCode};

/// Minutes of a day.
pub const DAY: u64 = 1440;
/// A meeting: from eight in the morning, for so long.
const MEETING: u64 = 300;
/// Ten years in minutes.
const TEN_YEARS: usize = 10 * 365 * 1440;
/// When the last mishap may be due.
pub const MISHAPS_END: u64 = 7 * DAY;

/// What a mishap to one tablet, due at that minute, puts on the agenda.
type Make<'a> = &'a dyn Fn(usize, u64, &super::Dice) -> Vec<(u64, Event)>;

impl World {
    pub(super) fn schedule(&mut self) {
        self.enrol_everybody();
        let starts: Vec<u64> = (0..self.plan.units)
            .map(|unit| {
                let mut chance = Chance::of(self.plan.seed, &format!("meeting {unit}"));
                chance.between(0, 2) * DAY + 480 + chance.between(0, 60)
            })
            .collect();
        self.schedule_voters(&starts);
        self.schedule_teams(&starts);
        self.schedule_notes(&starts);
        self.schedule_mishaps(&starts);
        self.schedule_office(&starts);
    }

    fn enrol_everybody(&mut self) {
        let units = self.plan.units;
        for at in 0..self.plan.tablets {
            let mut chance = Chance::of(self.plan.seed, &format!("tablet {at}"));
            let mut own = vec![at % units];
            if units > 1 && chance.hits(150) {
                let second = (at + 1) % units;
                own.push(second);
                own.sort_unstable();
            }
            let name = format!("tablet {}", at + 1);
            self.enrol(name, own);
        }
        for at in 0..self.plan.couriers {
            self.enrol(format!("courier {}", at + 1), Vec::new());
        }
        self.schedule_rogues();
    }

    fn enrol(&mut self, name: String, own: Vec<usize>) {
        let disk = self.new_disk(&name);
        if own.is_empty() {
            disk.carries_only();
        }
        let mut body = Body::new(name, own, disk);
        let rng = body.next_rng(self.plan.seed);
        let mut tablet = Tablet::open_with(body.disk.clone(), rng).expect("an empty medium");
        let token = EnrolToken {
            centre: self.round.centre.public(),
            secret: TokenSecret([1; 16]),
            address: "http://127.0.0.1:1".to_owned(),
        };
        let request = tablet.enrol_request(&token.to_text()).expect("a fresh tablet");
        let scope = self.scope(&body.own);
        let answer = self.net.borrow_mut().centre.enrol(&request, &scope, &body.name);
        tablet.finish_enrolment(&token.to_text(), &answer).expect("a genuine answer");
        body.device = tablet.device().expect("it has keys");
        self.note_scope(body.device, body.own.clone());
        body.tablet = Some(tablet);
        self.bodies.push(body);
        self.limit_room(self.bodies.len() - 1);
        self.centre_backup = self.net.borrow().centre.books.clone();
    }

    /// The office notes what a device is for.
    pub(super) fn note_scope(&mut self, device: DeviceId, own: Vec<usize>) {
        self.net.borrow_mut().may_fetch.insert(device, self.codes(&own));
        self.truth.scopes.insert(device, own);
    }

    fn scope(&self, own: &[usize]) -> Scope {
        if own.is_empty() { Scope::Courier } else { Scope::Units(self.codes(own)) }
    }

    pub(super) fn codes(&self, own: &[usize]) -> Vec<UnitCode> {
        own.iter().map(|unit| self.round.units[*unit].code.clone()).collect()
    }

    fn schedule_voters(&mut self, starts: &[u64]) {
        for (unit, start) in starts.iter().enumerate() {
            let tablets: Vec<usize> =
                (0..self.bodies.len()).filter(|body| self.bodies[*body].own.contains(&unit)).collect();
            for slip in 0..self.round.units[unit].voters {
                let mut chance = Chance::of(self.plan.seed, &format!("voter {unit} {slip}"));
                let voter = self.voters.len();
                self.voters.push(Voter { unit, slip, done: false });
                // Some never come.
                if chance.hits(950) {
                    let at = start + chance.between(0, MEETING);
                    self.at(at, Event::Vote { voter, body: *chance.pick(&tablets), tries: 0 });
                }
            }
        }
    }

    fn schedule_teams(&mut self, starts: &[u64]) {
        for body in 0..self.bodies.len() {
            let mut chance = Chance::of(self.plan.seed, &format!("team {body}"));
            let own = self.bodies[body].own.clone();
            let start = own.iter().map(|unit| starts[*unit]).max().unwrap_or(480);
            let mut ahead = 0;
            let mut behind = 0;
            if self.dice.is_due(Fault::WrongClock, 200) {
                let skew = self.dice.below(Fault::WrongClock, 2 * TEN_YEARS);
                (ahead, behind) =
                    (skew.saturating_sub(TEN_YEARS) as u64, TEN_YEARS.saturating_sub(skew) as u64);
            }
            if self.dice.is_due(Fault::NeverCloses, 150) {
                self.bodies[body].closes = false;
                if !own.is_empty() {
                    self.notes.fired(Fault::NeverCloses);
                }
            }
            if !own.is_empty() && self.bodies[body].closes {
                // The team closes when its tablet's clock says so: far ahead, at once; far behind, not before the end.
                let right = start + MEETING + chance.between(0, 120);
                let due = (right + behind).saturating_sub(ahead).max(start + 20);
                if due != right {
                    self.notes.fired(Fault::WrongClock);
                }
                if due < MISHAPS_END {
                    self.at(due, Event::Close { body });
                }
            }
            self.bodies[body].never_online = !own.is_empty() && chance.hits(150);
            let visits = if self.bodies[body].never_online { 0 } else { chance.between(0, 3) };
            for _ in 0..visits {
                let at = start + chance.between(0, 4 * DAY);
                self.at(at, Event::Sync { body });
            }
            for _ in 0..chance.between(0, 2) {
                let to = chance.below(self.bodies.len());
                let at = start + chance.between(0, 3 * DAY);
                let mut ways = Chance::of(self.plan.seed, &format!("way {body} {at}"));
                if to != body {
                    self.at(at, Event::Meet { from: body, to, way: Way::draw(&mut ways) });
                }
            }
        }
    }

    fn schedule_mishaps(&mut self, starts: &[u64]) {
        use Fault as F;
        let count = self.bodies.len();
        let plan = |world: &mut Self, fault: Fault, make: Make<'_>| {
            for _ in 0..world.dice.times(fault) {
                let body = world.dice.below(fault, count);
                let from = world.bodies[body].own.first().map_or(480, |unit| starts[*unit]);
                // Most while people vote, some on the days after.
                let span = if world.dice.below(fault, 3) < 2 { MEETING + 60 } else { 5 * DAY };
                let at = from + world.dice.below(fault, usize::try_from(span).unwrap_or(1)) as u64;
                let dice = world.dice.clone();
                for (at, event) in make(body, at, &dice) {
                    world.at(at, event);
                }
            }
        };
        let strike = |writes: usize, strike| {
            move |body: usize, at: u64, dice: &super::Dice, fault: Fault| {
                vec![(at, Event::Arm { body, writes: dice.below(fault, writes), strike })]
            }
        };
        plan(self, F::CrashAtWrite, &|body, at, dice| {
            let kind =
                if dice.below(F::CrashAtWrite, 2) == 0 { Strike::CrashBefore } else { Strike::CrashAfter };
            strike(9, kind)(body, at, dice, F::CrashAtWrite)
        });
        plan(self, F::PowerCut, &|body, at, dice| strike(9, Strike::PowerCut)(body, at, dice, F::PowerCut));
        plan(self, F::WriteFails, &|body, at, dice| {
            let kind = Strike::Hiccup { shows: dice.below(F::WriteFails, 2) == 0 };
            strike(6, kind)(body, at, dice, F::WriteFails)
        });
        plan(self, F::Restart, &|body, at, _| vec![(at, Event::Restart { body })]);
        plan(self, F::DiskFull, &|body, at, dice| {
            let until = at + 10 + dice.below(F::DiskFull, 300) as u64;
            vec![(at, Event::Full { body, full: true }), (until, Event::Full { body, full: false })]
        });
        plan(self, F::RestoredTablet, &|body, at, dice| {
            let later = at + 10 + dice.below(F::RestoredTablet, 600) as u64;
            vec![(at, Event::Copy { body }), (later, Event::Restore { body })]
        });
        plan(self, F::ClonedTablet, &|body, at, dice| {
            let later = at + dice.below(F::ClonedTablet, 120) as u64;
            vec![(at, Event::Copy { body }), (later, Event::Clone { body })]
        });
        plan(self, F::KeyLost, &|body, at, _| vec![(at, Event::LoseKey { body })]);
        plan(self, F::Partition, &|body, at, dice| {
            let until = at + 60 + dice.below(F::Partition, 2880) as u64;
            vec![(at, Event::CutOff { body, until })]
        });
        plan(self, F::StickOld, &|body, at, dice| {
            vec![(at + DAY + dice.below(F::StickOld, 30 * 1440) as u64, Event::OldStick { to: body })]
        });
        plan(self, F::StickForeign, &|body, at, _| vec![(at, Event::ForeignStick { to: body })]);
        plan(self, F::RevokedTablet, &|body, at, _| vec![(at, Event::Revoke { body })]);
    }

    fn schedule_office(&mut self, starts: &[u64]) {
        use Fault as F;
        for _ in 0..self.dice.times(F::RestoredCentre) {
            let backup = 480 + self.dice.below(F::RestoredCentre, 5 * 1440) as u64;
            let restore = backup + 60 + self.dice.below(F::RestoredCentre, 2880) as u64;
            self.at(backup, Event::BackUp);
            self.at(restore, Event::RestoreCentre);
        }
        for (unit, start) in starts.iter().enumerate() {
            if self.dice.is_due(F::SheetReissued, 150) {
                let at = start.saturating_sub(60) + self.dice.below(F::SheetReissued, 400) as u64;
                self.at(at, Event::Reissue { unit });
            }
        }
        if self.dice.is_due(F::ClosedTooEarly, 250) {
            let at = starts[0] + self.dice.below(F::ClosedTooEarly, 2880) as u64;
            let count = self.dice.below(F::ClosedTooEarly, 2) == 0;
            self.at(at, Event::CloseRound { count });
            let again = at + 30 + self.dice.below(F::ClosedTooEarly, 1440) as u64;
            self.at(again, Event::OpenRound);
        }
        // Some rounds close while envelopes are still on their way; a calm one does not.
        let mut chance = Chance::of(self.plan.seed, "close");
        if self.plan.faults.active().next().is_some() && chance.hits(300) {
            self.at(MISHAPS_END + 30 * DAY, Event::CloseRound { count: false });
        }
    }

    fn schedule_rogues(&mut self) {
        let acts: Vec<Act> = Act::ALL.into_iter().filter(|act| self.plan.faults.on(act.fault())).collect();
        for act in acts {
            let fault = act.fault();
            let times = self.dice.times(fault);
            let key = SecretKey::from_seed(&{
                let mut seed = [0; 32];
                rand_core::Rng::fill_bytes(
                    &mut rng_for(self.plan.seed, &format!("rogue {fault}")),
                    &mut seed,
                );
                seed
            });
            let unit = self.dice.below(fault, self.plan.units);
            let rogue = self.rogues.len();
            let rogue_self = Rogue::new(act, unit, key);
            self.enrol_rogue(rogue_self);
            for _ in 0..times + 1 {
                let at = 500 + self.dice.below(fault, 4 * 1440) as u64;
                self.at(at, Event::Rogue { rogue });
            }
        }
    }
}
