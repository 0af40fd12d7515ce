//! The end of a round: the office says what is over, tablets let go of it while everything goes wrong once more, and
//! nothing else ever goes.

use super::World;
use super::way::Way;
use crate::chance::{Chance, rng_for};
use crate::disk::Strike;
use crate::fault::{Fault, Faults};
use crate::look;
use rand_core::Rng;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::centre::Admission;
use sync_core::cose::{SecretKey, Signed};
use sync_core::finish::{RoundStanding, Unfinished, listed};
use sync_core::id::{EnvelopeId, UnitCode};
use sync_core::message::{Item, ItemKind, Message};
use sync_core::order::{Decision, Ruling};
use sync_core::receipt::RoundStatement;
use sync_core::standing::UnitStanding;

/// Times that the office decides and counts what came in between before it must be able to finish.
const TRIES: usize = 3;

impl World {
    /// A team with its tablet stays away until everything is over.
    pub(super) fn somebody_stays_away(&mut self) {
        let with_box: Vec<usize> = (0..self.bodies.len())
            .filter(|at| self.bodies[*at].gone.is_none() && !self.bodies[*at].own.is_empty())
            .collect();
        if with_box.len() > 1 && self.dice.strikes(Fault::LateTablet, 150) {
            let at = with_box[self.dice.below(Fault::LateTablet, with_box.len())];
            self.notes.say(&self.bodies[at].name, || "stays away".to_owned());
            self.bodies[at].gone = Some("its team stays away");
            self.bodies[at].tablet = None;
            self.away = Some(at);
        }
    }

    /// The round is finished; the word of it travels, while tablets, centre and network fail; at last it is everywhere.
    pub(super) fn end_of_round(&mut self) {
        self.copies_are_made();
        self.somebody_lies_about_the_end();
        self.finish_round();
        self.storm();
        self.calm();
        if !self.all_is_finished() {
            self.finish_round();
        }
        self.settle_down();
        if self.notes.first_broken().is_some() {
            return;
        }
        self.check_let_go();
        for at in 0..self.bodies.len() {
            self.bodies[at].tablet = None;
            self.start(at);
        }
        self.check_let_go();
        self.check_ended();
        self.check_statuses();
        self.check_arrived();
        self.check_receipts();
        (0..self.round.units.len()).for_each(|unit| self.check_told(unit));
        self.check_holds();
    }

    /// Old copies of tablets, from before the end.
    fn copies_are_made(&mut self) {
        if self.plan.faults.on(Fault::RestoredTablet) {
            for at in 0..self.bodies.len() {
                self.copy(at);
            }
        }
    }

    fn all_is_finished(&self) -> bool {
        let statements = self.net.borrow().centre.books.statements.len();
        statements == self.round.units.len()
    }

    /// What stands in the way of the end, by the core's rules.
    fn unfinished(&self) -> Vec<Unfinished> {
        let net = self.net.borrow();
        let books = &net.centre.books;
        let units: Vec<_> = self.round.units.iter().map(|unit| net.centre.standing(&unit.code)).collect();
        let last = books.orders.last().map(|order| (order.value(), books.results.last().map(Signed::value)));
        let number = last.map_or(0, |(order, _)| order.number);
        // Two people leave unpublished whose record does not reconcile; everything else is another matter here, and a
        // unit is published as soon as it is counted.
        let reconciles =
            |unit: &&UnitStanding| !net.centre.findings(unit).iter().any(sync_core::record::Finding::blocks);
        let published: BTreeMap<UnitCode, u32> =
            units.iter().filter(reconciles).map(|unit| (unit.unit.clone(), number)).collect();
        let others = units.iter().filter(|unit| !published.contains_key(&unit.unit));
        let left_unpublished: BTreeSet<UnitCode> = others.map(|unit| unit.unit.clone()).collect();
        RoundStanding { units: &units, last, published: &published, left_unpublished: &left_unpublished }
            .unfinished()
    }

    /// Two people decide what is left, the trustees count again, and the office signs that it is over.
    fn finish_round(&mut self) {
        for _ in 0..TRIES {
            if self.unfinished().is_empty() {
                break;
            }
            self.decide_the_rest();
            self.count();
        }
        let unfinished = self.unfinished();
        self.notes.check("the round ends", unfinished.is_empty(), || format!("{unfinished:?}"));
        self.check_everything_counted();
        if self.notes.first_broken().is_some() {
            return;
        }
        self.back_up();
        self.notes.say("office", || "finishes the round".to_owned());
        for plan in &self.round.units {
            let statement = {
                let net = self.net.borrow();
                let order = net.centre.books.orders.last().expect("it was counted").value();
                let part = order.units.iter().find(|part| part.unit == plan.code).expect("every unit");
                let package = net.centre.package.hash();
                let centre = &net.centre.package.value().centre;
                let admission = Admission { package: &package, unit: &plan.code, centre };
                admission.statement(&listed(part), net.centre.key())
            };
            self.word.give(&statement);
            let books = &mut self.net.borrow_mut().centre.books;
            for id in &statement.value().envelopes {
                if let Some(envelope) = books.envelopes[&plan.code].get(id) {
                    let records = envelope.value().ballots.records().map(|record| record.as_bytes().to_vec());
                    self.truth.let_go.extend(records);
                }
            }
            books.statements.insert(plan.code.clone(), statement);
        }
    }

    /// Everything held that nobody decided about yet is decided.
    fn decide_the_rest(&mut self) {
        for plan in &self.round.units {
            let undecided: Vec<EnvelopeId> = {
                let standing = self.net.borrow().centre.standing(&plan.code);
                standing.undecided().into_keys().collect()
            };
            let mut chance = Chance::of(self.plan.seed, &format!("decide the rest {}", plan.code));
            let decisions = undecided.into_iter().map(|id| Decision {
                ruling: if chance.hits(500) { Ruling::Admit(id) } else { Ruling::LeaveOut(id) },
                by: ["Lan".to_owned(), "Minh".to_owned()],
                reason: "Đã hỏi lại tổ".to_owned(),
            });
            let decisions: Vec<Decision> = decisions.collect();
            let books = &mut self.net.borrow_mut().centre.books;
            books.decisions.entry(plan.code.clone()).or_default().extend(decisions);
        }
    }

    /// When the round is finished, the last order knows every envelope, and what is held by the truth was decided.
    fn check_everything_counted(&self) {
        let net = self.net.borrow();
        let books = &net.centre.books;
        for (unit, plan) in self.round.units.iter().enumerate() {
            let order = books
                .orders
                .last()
                .and_then(|order| order.value().units.iter().find(|part| part.unit == plan.code));
            let known: BTreeSet<EnvelopeId> = order.into_iter().flat_map(listed).collect();
            let here: BTreeSet<EnvelopeId> = books.envelopes[&plan.code].keys().copied().collect();
            self.notes.check("nothing ends uncounted", here == known, || {
                format!(
                    "unit {}: {} envelopes are here, the last order knows {}",
                    plan.code,
                    here.len(),
                    known.len()
                )
            });
            let held =
                crate::check::holds::expected(&self.round, &self.truth, unit, &books.envelopes[&plan.code]);
            let decided: BTreeSet<EnvelopeId> = books
                .decisions
                .get(&plan.code)
                .into_iter()
                .flatten()
                .filter_map(|decision| match decision.ruling {
                    Ruling::Admit(id) | Ruling::LeaveOut(id) => Some(id),
                    Ruling::WriteOff(_) => None,
                })
                .collect();
            self.notes.check("nothing ends uncounted", held.keys().all(|id| decided.contains(id)), || {
                format!("unit {}: what is held was not decided", plan.code)
            });
        }
    }

    /// While the word travels: lost and damaged messages, crashes, old copies, a restored centre, a tablet that comes back.
    fn storm(&mut self) {
        self.net.borrow_mut().calm = false;
        self.dice.set_faults(self.plan.faults.clone());
        let mut chance = Chance::of(self.plan.seed, "end");
        let steps = 2 * self.bodies.len() + 6;
        let (restore, back) = (chance.below(steps), chance.below(steps));
        for step in 0..steps {
            if self.notes.first_broken().is_some() {
                return;
            }
            if step == restore && self.dice.strikes(Fault::RestoredCentre, 250) {
                self.restore_centre();
            }
            if step == restore + 4 && !self.all_is_finished() {
                self.finish_round();
            }
            if step == back {
                self.comes_back();
            }
            let at = chance.below(self.bodies.len());
            match chance.below(12) {
                0..=4 => self.sync(at),
                5..=6 => {
                    let to = chance.below(self.bodies.len());
                    if to != at {
                        self.meet(at, to, Way::draw(&mut chance));
                    }
                }
                7 if self.plan.faults.on(Fault::Restart) => self.restart(at),
                7 if self.plan.faults.on(Fault::StickOld) => self.old_stick(at),
                8 => self.somebody_lies_about_the_end(),
                9 if self.plan.faults.on(Fault::RestoredTablet) && chance.hits(300) => self.restore(at),
                10 => self.strike(at, Fault::PowerCut, Strike::PowerCut, &mut chance),
                _ if chance.hits(500) => {
                    self.strike(at, Fault::CrashAtWrite, Strike::CrashBefore, &mut chance);
                }
                _ => {
                    let shows = chance.hits(500);
                    self.strike(at, Fault::WriteFails, Strike::Hiccup { shows }, &mut chance);
                }
            }
            self.drain();
        }
        self.comes_back();
    }

    /// A write of this tablet goes wrong soon, and it speaks with the centre until then.
    fn strike(&mut self, at: usize, fault: Fault, strike: Strike, chance: &mut Chance) {
        if self.plan.faults.on(fault) {
            self.arm(at, chance.below(12), strike);
            self.sync(at);
        }
    }

    /// Who stayed away comes, closes, and finds that the round is over.
    fn comes_back(&mut self) {
        if let Some(at) = self.away.take() {
            self.notes.say(&self.bodies[at].name, || "comes back".to_owned());
            self.bodies[at].gone = None;
            self.start(at);
            self.close(at);
        }
    }

    /// A statement that the office never signed, or of another unit, reaches some tablets.
    fn somebody_lies_about_the_end(&mut self) {
        let package = self.round.package.hash();
        let units: Vec<UnitCode> = self.round.units.iter().map(|unit| unit.code.clone()).collect();
        let mut lies: Vec<(UnitCode, Vec<u8>)> = Vec::new();
        if self.dice.strikes(Fault::ForgedStatement, 250) {
            let mut seed = [0; 32];
            rng_for(self.plan.seed, "false office").fill_bytes(&mut seed);
            let key = SecretKey::from_seed(&seed);
            for unit in &units {
                let envelopes = self.net.borrow().centre.books.envelopes[unit].keys().copied().collect();
                let claim = RoundStatement { package, unit: unit.clone(), envelopes };
                lies.push((unit.clone(), Signed::sign(claim, &key).bytes().to_vec()));
            }
        }
        if units.len() > 1 && self.dice.is_due(Fault::CourierReplays, 250) {
            let net = self.net.borrow();
            let genuine = |unit: &UnitCode| net.centre.books.statements.get(unit).map(|s| s.bytes().to_vec());
            let next = units.iter().cycle().skip(1);
            let replayed = units.iter().zip(next);
            for lie in replayed.filter_map(|(unit, other)| Some((unit.clone(), genuine(other)?))) {
                self.notes.fired(Fault::CourierReplays);
                lies.push(lie);
            }
        }
        for (unit, bytes) in lies {
            let mut message = Message::new(package, unit);
            message.give.push(Item::new(ItemKind::RoundStatement, bytes));
            for to in 0..self.bodies.len() {
                self.send(to, &message, None);
            }
        }
        self.drain();
    }

    /// No tablet or courier that works holds what the office let go, on its medium or in its program; each knows that
    /// it is over, and has kept everything else.
    fn check_let_go(&self) {
        for body in self.bodies.iter().filter(|body| body.gone.is_none()) {
            let Some(tablet) = &body.tablet else { continue };
            let values = body.disk.shown();
            for plan in &self.round.units {
                let listed = self.word.listed(&plan.code);
                let left = look::envelope_ids(&values, &plan.code)
                    .into_iter()
                    .filter(|id| listed.contains(id))
                    .count();
                let replica = tablet.replica(&plan.code);
                let in_memory = replica.into_iter().flat_map(|r| r.envelopes());
                let in_memory = in_memory.filter(|e| listed.contains(&e.envelope_id())).count();
                let knows = replica.is_none_or(|replica| replica.is_finished());
                self.notes.check("what is over goes", left == 0 && in_memory == 0 && knows, || {
                    format!(
                        "{}, unit {}: knows of the end: {knows}; {left} envelopes on its medium, {in_memory} in its program",
                        body.name, plan.code
                    )
                });
            }
        }
    }

    /// Every tablet that works has an empty box, and all of its ballots are finished or confirmed; all of one unit
    /// hold the same, and what no statement lists is still there.
    fn check_ended(&self) {
        for (unit, plan) in self.round.units.iter().enumerate() {
            let owners: Vec<usize> = (0..self.bodies.len())
                .filter(|at| self.bodies[*at].gone.is_none() && self.bodies[*at].own.contains(&unit))
                .collect();
            let listed = self.word.listed(&plan.code);
            let net = self.net.borrow();
            let late: BTreeSet<EnvelopeId> = net.centre.books.envelopes[&plan.code]
                .keys()
                .filter(|id| !listed.contains(id))
                .copied()
                .collect();
            for at in &owners {
                let body = &self.bodies[*at];
                let Some(tablet) = &body.tablet else {
                    self.notes.broken("no tablet is stuck", format!("{} does not run", body.name));
                    continue;
                };
                let counts = tablet.counts(&plan.code);
                let done = counts.in_box == 0 && counts.cast() == counts.confirmed + counts.finished;
                self.notes.check("no tablet is stuck", done, || {
                    format!("{} has not ended unit {}: {counts:?}", body.name, plan.code)
                });
                let own: BTreeSet<EnvelopeId> = tablet
                    .replica(&plan.code)
                    .into_iter()
                    .flat_map(|replica| replica.envelopes())
                    .filter(|envelope| envelope.value().device == body.device)
                    .map(|envelope| envelope.envelope_id())
                    .collect();
                self.notes.check("nothing is deleted", own.is_subset(&late), || {
                    format!("{} holds {own:?} of its own, the centre has {late:?} beyond the end", body.name)
                });
            }
        }
    }
}

impl World {
    /// Nothing goes wrong any more.
    pub(super) fn calm(&mut self) {
        self.net.borrow_mut().calm = true;
        self.net.borrow_mut().deliver_late(u64::MAX);
        self.dice.set_faults(Faults::none());
        for body in &mut self.bodies {
            body.disk.set_full(false);
            body.disk.heal();
            body.cut_off_until = 0;
        }
    }
}
