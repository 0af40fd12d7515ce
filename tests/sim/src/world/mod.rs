//! A world: tablets, couriers, a centre and people in one thread, over virtual time.
//!
//! [`World::new`] draws everything that is planned onto an agenda; [`World::run`] plays it, lets the faults stop, has
//! everybody finish, and calls the checkers.

mod ending;
mod field;
mod foreign;
mod forge;
mod liar;
mod mishaps;
mod office;
mod records;
mod rogue;
mod schedule;
mod screen;
mod session;
mod settle;
mod status;
mod stick;
mod team;
mod travel;
mod votes;
mod way;

use crate::body::Body;
use crate::centre::Centre;
use crate::disk::Disk;
use crate::net::{Dice, Net};
use crate::notes::{Broken, Notes};
use crate::plan::Plan;
use crate::round::Round;
use crate::secrets::Secrets;
use crate::truth::Truth;
use crate::word::Word;
use rogue::Rogue;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
pub(crate) use team::placed;

/// Something that happens at a moment.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A voter comes to a tablet.
    Vote { voter: usize, body: usize, tries: u32 },
    /// A team closes its box.
    Close { body: usize },
    /// A tablet looks for the centre.
    Sync { body: usize },
    /// Two tablets meet.
    Meet { from: usize, to: usize, way: way::Way },
    /// Somebody puts a stick into a tablet.
    Plug { to: usize, file: stick::File },
    /// A stick that was long forgotten turns up.
    OldStick { to: usize },
    /// A stick of another round turns up.
    ForeignStick { to: usize },
    /// A parcel arrives. The number orders those that were sent to one tablet.
    Parcel { to: usize, bytes: Vec<u8>, number: u64, answer_to: Option<usize> },
    /// A tablet is started again, after a crash or as people do.
    Start { body: usize },
    /// A tablet is switched off and on.
    Restart { body: usize },
    /// A write to come goes wrong.
    Arm { body: usize, writes: usize, strike: crate::disk::Strike },
    /// A tablet's memory is full, or free again.
    Full { body: usize, full: bool },
    /// A tablet is copied; later the copy takes its place, or runs beside it.
    Copy { body: usize },
    /// The copy takes the tablet's place.
    Restore { body: usize },
    /// The copy runs beside it.
    Clone { body: usize },
    /// The device key is gone.
    LoseKey { body: usize },
    /// A tablet reaches nobody until then.
    CutOff { body: usize, until: u64 },
    /// Somebody of a team notes something on a tablet.
    Note { body: usize, unit: usize, person: usize, deed: team::Deed, tries: u32 },
    /// A malicious tablet or courier acts.
    Rogue { rogue: usize },
    /// The centre's backup is made.
    BackUp,
    /// The centre is restored from its backup.
    RestoreCentre,
    /// A tablet is revoked.
    Revoke { body: usize },
    /// A unit's sheet is reissued.
    Reissue { unit: usize },
    /// The round is closed.
    CloseRound { count: bool },
    /// The round is opened again.
    OpenRound,
}

/// A voter of a permit unit, or a ballot to come of an attended one.
#[derive(Debug, Clone)]
pub struct Voter {
    /// Index of the unit.
    pub unit: usize,
    /// Index of the slip in the unit's hat.
    pub slip: usize,
    /// Whether the tablet told them that the ballot is in the box, on the first sheet or the reissued one.
    pub done: bool,
}

/// Everything.
pub struct World {
    /// What it was made from.
    pub plan: Plan,
    /// Log, counters, the first broken rule.
    pub notes: Notes,
    /// The round.
    pub round: Round,
    /// Network and centre.
    pub net: Rc<RefCell<Net>>,
    /// Tablets and couriers.
    pub bodies: Vec<Body>,
    /// Voters.
    pub voters: Vec<Voter>,
    /// What really happened.
    pub truth: Truth,
    dice: Dice,
    secrets: Rc<Secrets>,
    agenda: BTreeMap<(u64, u64), Event>,
    planned: u64,
    parcels: u64,
    /// Sticks that lie about.
    old: Vec<stick::File>,
    /// A tablet of another round, once one strays in.
    foreign: Option<(crate::body::Machine, sync_core::cose::PublicKey)>,
    rogues: Vec<Rogue>,
    centre_backup: crate::centre::Books,
    results: Vec<crate::check::tally::Tally>,
    /// The office's word that the round is over.
    word: Word,
    /// Who stays away until it is.
    away: Option<usize>,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The first broken rule.
    pub broken: Option<Broken>,
    /// How often each fault happened.
    pub fired: [u64; crate::fault::FAULTS],
    /// The log, if one was kept.
    pub log: Vec<String>,
    /// Ballots cast, and counted as valid at the end.
    pub cast: usize,
    /// Valid ballots of the last result.
    pub valid: usize,
}

impl World {
    /// The world of a plan, before its first event.
    pub fn new(plan: Plan, notes: Notes) -> Self {
        let round = Round::of(&plan);
        let secrets = Rc::new(Secrets::of(&crate::round::ROUND, round.permits(), &round.names()));
        let dice = Dice::new(plan.seed, plan.faults.clone(), notes.clone());
        let sheets = round.units.iter().map(|unit| unit.first.clone()).collect();
        let key = sync_core::cose::SecretKey::from_seed(&round.centre.seed());
        let centre = Centre::new(key, round.package.clone(), sheets);
        let centre_backup = centre.books.clone();
        let net = Net::new(centre, notes.clone(), dice.clone(), Rc::clone(&secrets));
        let mut world = Self {
            notes,
            round,
            net: Rc::new(RefCell::new(net)),
            bodies: Vec::new(),
            voters: Vec::new(),
            truth: Truth::default(),
            dice,
            secrets,
            agenda: BTreeMap::new(),
            planned: 0,
            parcels: 0,
            old: Vec::new(),
            foreign: None,
            rogues: Vec::new(),
            centre_backup,
            results: Vec::new(),
            word: Word::default(),
            away: None,
            plan,
        };
        world.schedule();
        world
    }

    /// Plays the world to its end.
    pub fn run(mut self) -> Outcome {
        while let Some(((now, _), event)) = self.agenda.pop_first() {
            self.notes.set_now(now);
            self.net.borrow_mut().deliver_late(now);
            self.happen(event);
            if self.notes.first_broken().is_some() {
                return self.outcome();
            }
        }
        self.settle();
        self.outcome()
    }

    fn outcome(self) -> Outcome {
        let valid = self.results.last().map_or(0, |tally| tally.valid());
        Outcome {
            broken: self.notes.first_broken(),
            fired: self.notes.counts(),
            log: self.notes.log(),
            cast: self.truth.casts.len(),
            valid,
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Vote { voter, body, tries } => self.vote(voter, body, tries),
            Event::Close { body } => self.close(body),
            Event::Sync { body } => self.sync(body),
            Event::Meet { from, to, way } => self.meet(from, to, way),
            Event::Plug { to, file } => self.plug(to, &file),
            Event::OldStick { to } => self.old_stick(to),
            Event::ForeignStick { to } => self.foreign_stick(to),
            Event::Parcel { to, bytes, number, answer_to } => self.parcel(to, &bytes, number, answer_to),
            Event::Start { body } => self.start(body),
            Event::Restart { body } => self.restart(body),
            Event::Arm { body, writes, strike } => self.arm(body, writes, strike),
            Event::Full { body, full } => self.fill(body, full),
            Event::Copy { body } => self.copy(body),
            Event::Restore { body } => self.restore(body),
            Event::Clone { body } => self.clone_body(body),
            Event::LoseKey { body } => self.lose_key(body),
            Event::CutOff { body, until } => self.cut_off(body, until),
            Event::Note { body, unit, person, deed, tries } => self.note(body, (unit, person), deed, tries),
            Event::Rogue { rogue } => self.rogue_acts(rogue),
            Event::BackUp => self.back_up(),
            Event::RestoreCentre => self.restore_centre(),
            Event::Revoke { body } => self.revoke(body),
            Event::Reissue { unit } => self.reissue(unit),
            Event::CloseRound { count } => self.close_round(count),
            Event::OpenRound => self.think_again(),
        }
    }

    /// Whether people still try again by themselves; at the end everybody is made to finish.
    fn mishaps_go_on(&self) -> bool {
        self.notes.now() < schedule::MISHAPS_END
    }

    /// Puts something on the agenda, that many minutes from now.
    fn after(&mut self, minutes: u64, event: Event) {
        self.at(self.notes.now() + minutes, event);
    }

    fn at(&mut self, minute: u64, event: Event) {
        self.planned += 1;
        self.agenda.insert((minute, self.planned), event);
    }

    fn new_disk(&self, name: &str) -> Disk {
        let disk = Disk::new(name, self.notes.clone(), Rc::clone(&self.secrets));
        disk.heed(&self.word);
        disk
    }
}
