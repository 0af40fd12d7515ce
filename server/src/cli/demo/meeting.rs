//! The meetings: each unit's team keeps its record on all its tablets, disagrees, settles, and signs the minutes.
//!
//! What the tablets tell each other in the hall is the record alone, sealed to each other; ballots go their own ways. The
//! unit that never reaches a network opens a network of its own, and there everything passes.

use super::field::Machine;
use super::hall_network;
use super::oversight;
use super::plan::{Fate, UnitPlan, eligible};
use super::{DemoError, in_parallel};
use crate::domain::signs::Sign;
use client_ffi::store::FileStore;
use client_ffi::{Acting, Earlier, Tablet, TabletError};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use sync_core::id::UnitCode;
use sync_core::message::{ItemKind, Message};
use sync_core::record::{EntryRef, FigureKind, Member, PersonId, Post};

/// What is unusual about a unit's minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Minutes {
    /// Nothing that was planted.
    Ordinary,
    /// One slip was taken home after its ballot was cast: a warning, which a second person explains.
    SlipTakenHome,
    /// The slips printed were noted wrong: an error, which is corrected and signed anew.
    NotedWrong,
    /// Somebody who counts stands on the ballot: an error that nothing puts right.
    CounterOnBallot,
}

/// The planted state of the minutes of each unit, by place in the plan: three units do not reconcile.
pub(super) fn minutes(plan: &[UnitPlan]) -> Vec<Minutes> {
    let (isolated, mut places): (Vec<usize>, Vec<usize>) =
        (0..plan.len()).filter(|place| eligible(&plan[*place])).partition(|place| plan[*place].is_isolated());
    // The unit that stays unpublished takes its figures along, so nothing else should be planted there.
    let fates = |place: &usize| plan[*place].tablets.iter().filter(|fate| **fate != Fate::Ordinary).count();
    places.sort_by_key(|place| (plan[*place].rogue, fates(place), *place));
    if places.len() < 3 {
        // In a small round the unit without a network takes what needs no word from the centre.
        let second = places.len().min(1);
        places.splice(second..second, isolated);
    }
    let mut minutes = vec![Minutes::Ordinary; plan.len()];
    let planted = [Minutes::CounterOnBallot, Minutes::SlipTakenHome, Minutes::NotedWrong];
    for (place, what) in places.into_iter().zip(planted) {
        minutes[place] = what;
    }
    minutes
}

/// What the meetings showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct MeetingReport {
    /// Figures that two tablets noted differently, and of these the ones that were settled.
    pub disagreed: (usize, usize),
    /// Voters checked in on two tablets, and of these the ones that were seen and put right.
    pub twice: (usize, usize),
}

const PIN: &str = "4711";
const CHAIR: usize = 0;
const HEAD: usize = 1;

/// Who sits in the hall: chair, counting head, then one person for each tablet. Nobody of them is rated.
fn person(tablet: &Tablet<FileStore>, machine: &Machine, who: usize) -> String {
    const FAMILY: [&str; 8] = ["Giàng", "Vàng", "Sùng", "Lý", "Mua", "Thò", "Hạng", "Ly"];
    const GIVEN: [&str; 8] =
        ["Mí Pó", "Thị Dua", "Mí Lúa", "Thị Súng", "Mí Chá", "Thị Mỷ", "Seo Vư", "Thị Pà"];
    let rated: Vec<PersonId> = tablet
        .sheet(&machine.code)
        .into_iter()
        .flat_map(|sheet| &sheet.officials)
        .map(|official| PersonId::of(&official.name))
        .collect();
    let names = FAMILY.iter().flat_map(|family| GIVEN.iter().map(move |given| format!("{family} {given}")));
    let free: Vec<String> = names.filter(|name| !rated.contains(&PersonId::of(name))).collect();
    free[(machine.unit * 7 + who) % free.len()].clone()
}

/// Somebody joins the team on this tablet and chooses a PIN, or comes back.
pub(super) fn act(
    tablet: &mut Tablet<FileStore>,
    machine: &Machine,
    who: usize,
) -> Result<Acting, DemoError> {
    let unit = &machine.code;
    let name = person(tablet, machine, who);
    let person = tablet.join(unit, &name)?;
    let known = tablet.persons(unit)?.iter().any(|known| known.id == person && known.has_pin);
    if !known {
        tablet.set_pin(unit, &person, None, PIN)?;
    }
    Ok(tablet.act_as(unit, &person, PIN)?)
}

/// Before anybody votes: each tablet checks in those who stand in its queue. Where a unit has four tablets, the second
/// one counts those present wrongly, and checks somebody in who stands in another queue.
pub(super) fn check_in(plan: &[UnitPlan], machines: &[Machine], bar: &ProgressBar) -> Result<(), DemoError> {
    in_parallel(machines.to_vec(), |machine| {
        let unit = &plan[machine.unit];
        let mut tablet = machine.open()?;
        let who = act(&mut tablet, &machine, 2 + machine.place)?;
        for (number, _) in (1_u32..).zip(&unit.voters).filter(|(_, voter)| voter.tablet == machine.place) {
            tablet.check_in(&who, number, !unit.attended)?;
            bar.inc(1);
        }
        if disagrees(unit, &machine) {
            let present = number(unit.voters.len()) - 1;
            tablet.figure(&who, FigureKind::Present, present, Earlier::Stands, None)?;
            let other = (1_u32..).zip(&unit.voters).find(|(_, voter)| voter.tablet != machine.place);
            if let Some((other, _)) = other {
                tablet.check_in(&who, other, false)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

fn disagrees(unit: &UnitPlan, machine: &Machine) -> bool {
    unit.tablets.len() == 4 && machine.place == 1
}

/// After the boxes are closed: the tablets of each unit tell each other what was noted; what differs is settled, totals
/// are read aloud, and chair and counting head sign on two tablets.
pub(super) fn conclude(
    plan: &[UnitPlan],
    minutes: &[Minutes],
    machines: &[Machine],
    bar: &ProgressBar,
) -> Result<MeetingReport, DemoError> {
    let mut halls: BTreeMap<usize, Vec<Machine>> = BTreeMap::new();
    for machine in machines {
        halls.entry(machine.unit).or_default().push(machine.clone());
    }
    let reports = in_parallel(halls.into_values().collect(), |mut hall: Vec<Machine>| {
        // Chair and head sit at tablets that nothing befalls, where there are such.
        hall.sort_by_key(|machine| {
            (matches!(machine.fate, Fate::NeverClosed | Fate::Revoked | Fate::Late), machine.place)
        });
        let unit = hall[0].unit;
        let report = Hall::open(&plan[unit], hall)?.conclude(minutes[unit])?;
        bar.inc(1);
        Ok(report)
    })?;
    Ok(reports.into_iter().fold(MeetingReport::default(), |sum, one| MeetingReport {
        disagreed: (sum.disagreed.0 + one.disagreed.0, sum.disagreed.1 + one.disagreed.1),
        twice: (sum.twice.0 + one.twice.0, sum.twice.1 + one.twice.1),
    }))
}

/// The tablets of one unit, in one hall. The counting head sits at the first, the chair at the second.
struct Hall<'a> {
    unit: &'a UnitPlan,
    machines: Vec<Machine>,
    tablets: Vec<Tablet<FileStore>>,
}

impl<'a> Hall<'a> {
    fn open(unit: &'a UnitPlan, machines: Vec<Machine>) -> Result<Self, DemoError> {
        let tablets = machines.iter().map(Machine::open).collect::<Result<_, _>>()?;
        Ok(Self { unit, machines, tablets })
    }

    fn code(&self) -> &'a UnitCode {
        &self.unit.code
    }

    /// When something is noted, as the tablets' clocks have it: mostly nobody looks.
    fn at(&self) -> Option<u64> {
        oversight::noted_at(self.unit)
    }

    fn conclude(mut self, minutes: Minutes) -> Result<MeetingReport, DemoError> {
        let head = act(&mut self.tablets[0], &self.machines[0], HEAD)?;
        self.committee(&head, minutes)?;
        self.figures(&head, minutes)?;
        self.share()?;
        let report = self.settle(&head)?;
        if self.unit.shows.contains(&Sign::SignedEarly) {
            self.sign(&head)?;
        }
        self.totals(&head)?;
        self.sign(&head)?;
        Ok(report)
    }

    fn committee(&mut self, head: &Acting, minutes: Minutes) -> Result<(), DemoError> {
        let at = self.at();
        let (tablet, machine) = (&mut self.tablets[0], &self.machines[0]);
        let member = |post, name| Member { post, name };
        let mut members = vec![
            member(Post::MeetingChair, person(tablet, machine, CHAIR)),
            member(Post::CountingHead, person(tablet, machine, HEAD)),
        ];
        if minutes == Minutes::CounterOnBallot {
            let rated = tablet.sheet(&machine.code).and_then(|sheet| sheet.officials.first());
            members.extend(rated.map(|official| member(Post::CountingMember, official.name.clone())));
        }
        tablet.committee(head, members, Earlier::Stands, at)?;
        Ok(())
    }

    fn figures(&mut self, head: &Acting, minutes: Minutes) -> Result<(), DemoError> {
        let (voters, at) = (number(self.unit.voters.len()), self.at());
        let tablet = &mut self.tablets[0];
        let mut note = |kind, value| tablet.figure(head, kind, value, Earlier::Stands, at).map(drop);
        note(FigureKind::Summoned, self.unit.summoned)?;
        note(FigureKind::Present, voters)?;
        if self.unit.attended {
            return Ok(note(FigureKind::Unlocked, voters)?);
        }
        let home = u32::from(minutes == Minutes::SlipTakenHome);
        let wrong = 5 * u32::from(minutes == Minutes::NotedWrong);
        let printed = self.unit.printed;
        note(FigureKind::Printed, printed + wrong)?;
        note(FigureKind::Issued, voters)?;
        note(FigureKind::UsedSlips, voters - home)?;
        note(FigureKind::NotReturned, home)?;
        note(FigureKind::Spoiled, 0)?;
        Ok(note(FigureKind::LeftOver, printed - voters)?)
    }

    /// What two tablets noted differently is settled, and whoever was checked in at the wrong one is not any more.
    fn settle(&mut self, head: &Acting) -> Result<MeetingReport, DemoError> {
        let code = self.code();
        let voters = number(self.unit.voters.len());
        let mut report = MeetingReport::default();
        let tablet = &mut self.tablets[0];
        let state = tablet.record_state(code)?;
        if let Some(topic) = state.figures.get(&FigureKind::Present).filter(|topic| topic.is_conflict()) {
            report.disagreed.0 += 1;
            let right = topic.live.iter().find(|(_, (_, value))| *value == voters).map(|(place, _)| *place);
            tablet.settle(head, right.ok_or(TabletError::NothingToSettle)?, None)?;
        }
        let seat = |number: u32| self.unit.voters[number as usize - 1].tablet;
        for (voter, presence) in state.register.iter().filter(|(_, noted)| noted.check_ins.len() > 1) {
            report.twice.0 += 1;
            let own = self.machines.iter().find(|m| m.place == seat(*voter)).map(|m| m.device);
            let elsewhere = presence.check_ins.iter().map(|noted| noted.entry);
            let wrong: Vec<EntryRef> = elsewhere.filter(|entry| Some(entry.actor.device()) != own).collect();
            for entry in wrong {
                tablet.undo(head, entry)?;
            }
        }
        let after = tablet.record_state(code)?;
        let settled = after.figure(FigureKind::Present) == Some(voters);
        report.disagreed.1 = if settled { report.disagreed.0 } else { 0 };
        let once = after.register.values().all(|noted| noted.check_ins.len() == 1);
        report.twice.1 = if once && after.present() == voters { report.twice.0 } else { 0 };
        Ok(report)
    }

    /// The head asks every tablet for its closing total.
    fn totals(&mut self, head: &Acting) -> Result<(), DemoError> {
        let at = self.at();
        for place in 0..self.machines.len() {
            let machine = &self.machines[place];
            if machine.fate == Fate::NeverClosed {
                continue;
            }
            let mut total = self.tablets[place].counts(&machine.code).cast();
            if machine.fate == Fate::Cloned {
                let copy = Tablet::open(FileStore::open(&machine.clone_folder())?)?;
                total = total.max(copy.counts(&machine.code).cast());
            }
            let device = machine.device;
            self.tablets[0].tablet_total(head, device, number(total), Earlier::Stands, at)?;
        }
        Ok(())
    }

    /// The chair signs at the second tablet, the head at the first.
    fn sign(&mut self, head: &Acting) -> Result<(), DemoError> {
        self.share()?;
        let chair = act(&mut self.tablets[1], &self.machines[1], CHAIR)?;
        let at = self.at();
        self.tablets[1].sign_off(&chair, Post::MeetingChair, at)?;
        self.share()?;
        self.tablets[0].sign_off(head, Post::CountingHead, at)?;
        self.share()
    }

    /// Everybody tells the first tablet, and it tells everybody.
    fn share(&mut self) -> Result<(), DemoError> {
        let code = self.code();
        if self.unit.is_isolated() {
            self.tablets = hall_network::meet(std::mem::take(&mut self.tablets))?;
            return Ok(());
        }
        let Some((first, others)) = self.tablets.split_first_mut() else { return Ok(()) };
        let hub = self.machines[0].device;
        for other in others.iter_mut() {
            take(other, &first.hand_over(code)?, ItemKind::Certificate)?;
            take(first, &other.hand_over(code)?, ItemKind::Certificate)?;
            take(first, &other.hand_over_to(code, &hub)?, ItemKind::SealedRecordChange)?;
        }
        for (other, machine) in others.iter_mut().zip(&self.machines[1..]) {
            take(other, &first.hand_over_to(code, &machine.device)?, ItemKind::SealedRecordChange)?;
        }
        Ok(())
    }
}

/// Takes the items of one kind out of messages.
fn take(tablet: &mut Tablet<FileStore>, messages: &[Message], kind: ItemKind) -> Result<(), DemoError> {
    for message in messages {
        let mut part = message.clone();
        part.give.retain(|item| item.kind == kind);
        tablet.take(&part)?;
    }
    Ok(())
}

/// The head says what was noted wrong and what is right, and both sign the new minutes.
pub(super) fn correct(unit: &UnitPlan, machines: &[Machine]) -> Result<(), DemoError> {
    let mut hall: Vec<Machine> =
        machines.iter().filter(|machine| machine.code == unit.code).cloned().collect();
    hall.sort_by_key(|machine| {
        (matches!(machine.fate, Fate::NeverClosed | Fate::Revoked | Fate::Late), machine.place)
    });
    let mut hall = Hall::open(unit, hall)?;
    let head = act(&mut hall.tablets[0], &hall.machines[0], HEAD)?;
    hall.tablets[0].correct(&head, "ghi nhầm số mã phiếu đã in", None)?;
    hall.tablets[0].figure(&head, FigureKind::Printed, unit.printed, Earlier::Settled, None)?;
    hall.sign(&head)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
