//! The end of a world: faults stop, everybody finishes, two people decide what is held, the round is counted, and the
//! whole is held against the truth.

use super::way::Way;
use super::{Event, World};
use crate::chance::Chance;
use crate::check::holds;
use crate::look;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::id::{DeviceId, EnvelopeId};
use sync_core::message::ItemKind;
use sync_core::order::{Decision, Ruling};
use sync_core::survey::Gap;
use sync_core::verify::verify;

/// Rounds of everybody finishing after which nothing may change any more.
const ROUNDS_MAX: usize = 10;

impl World {
    /// Everything after the last mishap.
    pub(super) fn settle(&mut self) {
        self.notes.say("world", || "the faults stop; everybody finishes".to_owned());
        self.somebody_stays_away();
        self.calm();
        self.settle_down();
        self.teams_finish();
        self.settle_down();
        for at in 0..self.bodies.len() {
            self.bodies[at].tablet = None;
            self.start(at);
        }
        self.check_finished();
        self.check_converged();
        self.check_arrived();
        self.check_receipts();
        self.check_records();
        self.check_gaps();
        self.check_names();
        self.check_statuses();
        if self.notes.first_broken().is_some() {
            return;
        }
        self.close_round(false);
        self.decide();
        self.count();
        self.check_bundle();
        if self.notes.first_broken().is_none() {
            self.end_of_round();
        }
    }

    /// Everybody meets everybody until nothing changes any more.
    pub(super) fn settle_down(&mut self) {
        let mut before = self.fingerprint();
        let mut rested = false;
        for round in 0..ROUNDS_MAX {
            self.everybody_finishes(round == 0);
            let now = self.fingerprint();
            // A parcel for anyone carries no record, so a round by every way may change nothing and yet leave something.
            rested = round > 0 && now == before;
            if rested || self.notes.first_broken().is_some() {
                break;
            }
            before = now;
        }
        self.notes.check("no tablet is stuck", rested, || {
            format!("after {ROUNDS_MAX} rounds of everybody meeting everybody something still changes")
        });
    }

    /// Everybody starts, closes, reaches the centre, and hands everything to the next: the first time by every way, then
    /// by messages alone. What those still change is what the ways left out.
    fn everybody_finishes(&mut self, by_every_way: bool) {
        let alive: Vec<usize> = (0..self.bodies.len()).filter(|at| self.bodies[*at].gone.is_none()).collect();
        for at in &alive {
            self.start(*at);
            self.reread(*at);
            self.close(*at);
            self.make_room(*at);
        }
        // Some never see the centre: what they have must come by others, and their receipts, too.
        let online = alive.iter().copied().filter(|at| !self.bodies[*at].never_online);
        let online: Vec<usize> = online.collect();
        for at in if online.is_empty() { &alive } else { &online } {
            self.sync(*at);
        }
        let (all, among_readers): (&[Way], &[Way]) = match by_every_way {
            true => (&[Way::Stick, Way::Screen, Way::Given], &[Way::Session]),
            false => (&[Way::Given], &[Way::Given]),
        };
        self.ring(&alive, all);
        // Sheets go to tablets of the unit alone, so those meet once more among themselves.
        for unit in 0..self.round.units.len() {
            let owners: Vec<usize> =
                alive.iter().copied().filter(|at| self.bodies[*at].own.contains(&unit)).collect();
            self.ring(&owners, &[Way::Given]);
            // Nobody seals a record to a revoked tablet, so what passes through one ends there: the others meet, too.
            // What a revoked tablet wrote itself reaches them only if one of them meets it.
            let readers: Vec<usize> = self.readers(unit).collect();
            for from in owners.iter().filter(|at| !readers.contains(at)) {
                if let Some(to) = readers.first() {
                    self.meet(*from, *to, Way::Given);
                    self.drain();
                }
            }
            self.ring(&readers, among_readers);
        }
    }

    /// Two passes around a ring bring everything to everybody.
    fn ring(&mut self, bodies: &[usize], ways: &[Way]) {
        for pass in 0..2 {
            for (place, from) in bodies.iter().enumerate() {
                let to = bodies[(place + 1) % bodies.len()];
                if *from != to {
                    // Another way each time; which, the seed says.
                    let turn = usize::try_from(self.plan.seed % 97).expect("small") + place + pass;
                    self.meet(*from, to, ways[turn % ways.len()]);
                }
                self.drain();
            }
        }
    }

    /// What is on the agenda now happens now: parcels arrive, tablets start.
    pub(super) fn drain(&mut self) {
        while let Some(((minute, _), event)) = self.agenda.pop_first() {
            self.notes.set_now(minute.max(self.notes.now()));
            if self.notes.first_broken().is_none() && !matches!(event, Event::Vote { .. }) {
                self.happen(event);
            }
        }
    }

    /// Everything that must stop changing.
    fn fingerprint(&self) -> Vec<(usize, Vec<u8>)> {
        let mut all = Vec::new();
        for (at, body) in self.bodies.iter().enumerate() {
            for unit in body.tablet.iter().flat_map(|tablet| tablet.held_units()) {
                all.push((at, self.replica_bytes(at, &unit)));
            }
        }
        all
    }

    fn replica_bytes(&self, at: usize, unit: &sync_core::id::UnitCode) -> Vec<u8> {
        let tablet = self.bodies[at].tablet.as_ref();
        tablet.and_then(|tablet| tablet.replica(unit)).map(|r| r.canonical_bytes()).unwrap_or_default()
    }

    /// What all tablets of a unit hold alike: everything but the record, which revoked ones hear nothing of, and what
    /// is carried sealed to others.
    fn shared_bytes(&self, at: usize, unit: &sync_core::id::UnitCode) -> Vec<(ItemKind, Vec<u8>)> {
        let replica = self.bodies[at].tablet.as_ref().and_then(|tablet| tablet.replica(unit));
        let items = replica.into_iter().flat_map(sync_core::replica::Replica::items);
        let apart = [ItemKind::RecordChange, ItemKind::SealedRecordChange];
        let items = items.filter(|item| !apart.contains(&item.kind)).map(|item| (item.kind, item.bytes));
        let mut items: Vec<_> = items.collect();
        items.sort();
        items
    }

    /// How much of each kind a tablet holds.
    fn inventory(&self, at: usize, unit: &sync_core::id::UnitCode) -> String {
        let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let replica = self.bodies[at].tablet.as_ref().and_then(|tablet| tablet.replica(unit));
        for item in replica.into_iter().flat_map(sync_core::replica::Replica::items) {
            let entry = kinds.entry(format!("{:?}", item.kind)).or_default();
            entry.0 += 1;
            entry.1 += item.bytes.len();
        }
        format!("{kinds:?}")
    }

    /// Every tablet that works has closed, and all its ballots are confirmed.
    fn check_finished(&self) {
        for (at, body) in self.bodies.iter().enumerate().filter(|(_, body)| body.gone.is_none()) {
            let Some(tablet) = &body.tablet else {
                self.notes.broken("no tablet is stuck", format!("{} does not run", body.name));
                continue;
            };
            for unit in &body.own {
                let code = &self.round.units[*unit].code;
                let counts = tablet.counts(code);
                let done = tablet.is_closed(code) && counts.cast() == counts.confirmed;
                self.notes.check("no tablet is stuck", done, || {
                    format!("{} has not finished unit {code}: {counts:?}", self.bodies[at].name)
                });
            }
        }
    }

    /// Tablets of one unit hold the same bytes, and every envelope that the centre has.
    fn check_converged(&self) {
        for (unit, plan) in self.round.units.iter().enumerate() {
            let owners: Vec<usize> = (0..self.bodies.len())
                .filter(|at| self.bodies[*at].gone.is_none() && self.bodies[*at].own.contains(&unit))
                .collect();
            let centre: BTreeSet<EnvelopeId> =
                self.net.borrow().centre.books.envelopes[&plan.code].keys().copied().collect();
            // Couriers and revoked tablets get nothing from the centre, only what others hand to them.
            let fetched = owners
                .iter()
                .map(|at| &self.bodies[*at])
                .any(|body| !body.never_online && !self.truth.revoked.contains(&body.device));
            let model = owners.first().copied().unwrap_or_default();
            let first = self.shared_bytes(model, &plan.code);
            for at in owners {
                let name = &self.bodies[at].name;
                let same = self.shared_bytes(at, &plan.code) == first;
                self.notes.check("replicas converge", same, || {
                    let (mine, theirs) = (self.inventory(at, &plan.code), self.inventory(model, &plan.code));
                    format!("{name} differs on unit {}: {mine}, the others {theirs}", plan.code)
                });
                let replica = self.bodies[at].tablet.as_ref().and_then(|tablet| tablet.replica(&plan.code));
                let here: BTreeSet<EnvelopeId> =
                    replica.into_iter().flat_map(|r| r.envelopes()).map(|e| e.envelope_id()).collect();
                let all = here == centre || !fetched && here.is_subset(&centre);
                self.notes.check("replicas converge", all, || {
                    format!(
                        "{name} has {} envelopes of {}, the centre {}",
                        here.len(),
                        plan.code,
                        centre.len()
                    )
                });
            }
        }
    }

    /// Every ballot that a voter was told of is in an envelope at the centre, in its unit, and in one only.
    pub(super) fn check_arrived(&self) {
        let net = self.net.borrow();
        let mut at_centre: BTreeMap<Vec<u8>, Vec<(usize, DeviceId)>> = BTreeMap::new();
        for (code, envelopes) in &net.centre.books.envelopes {
            let unit = self.round.unit(code).expect("a unit of the round");
            for envelope in envelopes.values() {
                for record in envelope.value().ballots.records() {
                    let places = at_centre.entry(record.as_bytes().to_vec()).or_default();
                    places.push((unit, envelope.value().device));
                }
            }
        }
        for record in at_centre.keys() {
            let known = self.truth.records.contains_key(record);
            self.notes
                .check("nothing from nowhere", known, || "the centre has a ballot nobody cast".to_owned());
        }
        for cast in &self.truth.casts {
            let body = &self.bodies[cast.body];
            let places = at_centre.get(&cast.record).map_or(&[][..], Vec::as_slice);
            let own =
                places.iter().filter(|(unit, device)| *unit == cast.unit && *device == body.device).count();
            // A tablet that is put aside takes with it what never left it.
            let demanded = cast.told && cast.excused.is_none() && body.gone.is_none();
            self.notes.check("nothing lost", own > 0 || !demanded, || {
                format!("a ballot cast on {} in unit {} never arrived", body.name, cast.unit + 1)
            });
            let forked = self.truth.forked.contains(&body.device);
            self.notes.check("nothing twice", own <= 1 || forked, || {
                format!("a ballot cast on {} arrived in {own} envelopes", body.name)
            });
            let others = places.iter().filter(|(unit, device)| {
                let own = *unit == cast.unit && *device == body.device;
                !own && !self.truth.rogues.contains(device)
            });
            self.notes.check("nothing twice", others.count() == 0, || {
                format!("a ballot cast on {} arrived in somebody else's envelope", body.name)
            });
        }
    }

    /// What was ever confirmed is at the centre. After a restore, at least if anybody still has it.
    pub(super) fn check_receipts(&self) {
        let net = self.net.borrow();
        let here: BTreeSet<EnvelopeId> =
            net.centre.books.envelopes.values().flat_map(BTreeMap::keys).copied().collect();
        for id in net.receipts.difference(&here) {
            let held = self.bodies.iter().filter(|body| body.gone.is_none()).any(|body| {
                let tablet = body.tablet.as_ref();
                tablet.is_some_and(|tablet| {
                    tablet.held_units().iter().any(|unit| tablet.replica(unit).is_some_and(|r| r.holds(id)))
                })
            });
            self.notes.check("nothing lost", !held && self.truth.restores > 0, || {
                format!("envelope {id} was confirmed and is not at the centre")
            });
        }
    }

    /// Nothing of a tablet that works is missing; what is missing of one that is put aside is seen.
    fn check_gaps(&self) {
        let net = self.net.borrow();
        for (unit, plan) in self.round.units.iter().enumerate() {
            let gaps = net.centre.standing(&plan.code).survey.gaps;
            for gap in &gaps {
                let device = gap.device();
                let gone = self.bodies.iter().any(|body| body.device == device && body.gone.is_some());
                let explained =
                    gone || self.truth.rogues.contains(&device) || self.truth.forked.contains(&device);
                self.notes.check("no tablet is stuck", explained, || {
                    format!("unit {}: {gap:?} of a tablet that works", plan.code)
                });
            }
            for body in self.bodies.iter().filter(|body| body.gone.is_some() && body.own.contains(&unit)) {
                let device = body.device;
                let known = net.centre.books.certificates.contains_key(&device);
                let closed = net.centre.books.envelopes[&plan.code]
                    .values()
                    .any(|envelope| envelope.value().device == device && envelope.value().total.is_some());
                let seen = gaps.contains(&Gap::Close { device });
                let excused = closed || !known || self.truth.revoked.contains(&device);
                self.notes.check("gaps are seen", seen || excused, || {
                    format!("unit {}: nobody sees that {} never closed", plan.code, body.name)
                });
            }
        }
    }

    /// Sheets hold names: they lie with tablets of their unit, and with nobody else.
    fn check_names(&self) {
        for body in &self.bodies {
            let own = self.codes(&body.own);
            let values = [body.disk.shown(), body.disk.durable()];
            for value in values.iter().flat_map(BTreeMap::values).filter(|_| body.is_courier()) {
                let leak = self.secrets.in_parcel(value);
                self.notes.check("secrecy", leak.is_none(), || {
                    format!("{} holds {}", body.name, leak.unwrap_or_default())
                });
            }
            for unit in look::units_of_sheets(&body.disk.shown()) {
                let may = own.iter().any(|code| code.as_str() == unit);
                self.notes.check("secrecy", may, || format!("{} holds a sheet of unit {unit}", body.name));
            }
        }
    }

    /// What is held is held for the right reasons, and nothing else is.
    pub(super) fn check_holds(&self) {
        let net = self.net.borrow();
        for (unit, plan) in self.round.units.iter().enumerate() {
            let envelopes = &net.centre.books.envelopes[&plan.code];
            let expected = holds::expected(&self.round, &self.truth, unit, envelopes);
            let found = net.centre.standing(&plan.code).survey.held;
            self.notes.check("held for the right reason", found == expected, || {
                format!("unit {}: held are {found:?}, and should be {expected:?}", plan.code)
            });
            for (id, reasons) in &expected {
                let device = envelopes[id].value().device;
                if self.truth.rogues.contains(&device) || self.truth.forked.contains(&device) {
                    continue;
                }
                use sync_core::survey::HoldReason as R;
                let honest = [R::RevokedDevice, R::Late, R::ReplacedSheet];
                self.notes.check(
                    "held for the right reason",
                    reasons.iter().all(|r| honest.contains(r)),
                    || format!("unit {}: an honest tablet's envelope is held: {reasons:?}", plan.code),
                );
            }
        }
    }

    /// Two people decide most of what is held, and write most of what is missing off.
    fn decide(&mut self) {
        for plan in &self.round.units {
            let standing = self.net.borrow().centre.standing(&plan.code);
            let mut chance = Chance::of(self.plan.seed, &format!("decide {}", plan.code));
            let mut rulings: Vec<Ruling> = Vec::new();
            for id in standing.survey.held.keys() {
                match chance.below(10) {
                    0 => {}
                    1..=3 => rulings.push(Ruling::LeaveOut(*id)),
                    _ => rulings.push(Ruling::Admit(*id)),
                }
            }
            let gaps = standing.survey.gaps.iter();
            rulings.extend(gaps.filter(|_| chance.hits(900)).map(|gap| Ruling::WriteOff(*gap)));
            let decisions = rulings.into_iter().map(|ruling| Decision {
                ruling,
                by: ["Lan".to_owned(), "Minh".to_owned()],
                reason: "Đã đối chiếu biên bản".to_owned(),
            });
            self.net.borrow_mut().centre.books.decisions.insert(plan.code.clone(), decisions.collect());
        }
    }

    /// Nothing stands in the way of a unit but what nobody decided; and the bundle stands before an outsider.
    fn check_bundle(&self) {
        let net = self.net.borrow();
        let books = &net.centre.books;
        let counted = books.orders.last().map(|o| o.value()).zip(books.results.last().map(|r| r.value()));
        for plan in &self.round.units {
            let standing = net.centre.standing_with_record(&plan.code);
            let unit = counted.and_then(|(order, result)| {
                let order = order.units.iter().find(|part| part.unit == plan.code)?;
                Some((order, result.units.iter().find(|part| part.unit == plan.code)?))
            });
            let obstacles = standing.obstacles(unit).len();
            let open = standing.undecided().len() + standing.open_gaps().len();
            let record = standing.findings.iter().filter(|finding| finding.blocks()).count();
            let no_tablet = usize::from(standing.facts.certified.is_empty());
            self.notes.check("publication", obstacles == open + no_tablet + record, || {
                format!("unit {}: {obstacles} obstacles, {open} open questions", plan.code)
            });
        }
        if let Err(error) = verify(&net.centre.bundle().to_bytes(), &[], &mut |_, _| ()) {
            self.notes.broken("verify", format!("an outsider refuses the bundle: {error}"));
        }
    }
}
