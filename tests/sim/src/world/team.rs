//! Teams: what they note together in the record of their unit, each on the tablet at hand.

use super::{Event, World};
use crate::body::Machine;
use crate::centre::Centre;
use crate::chance::{Chance, rng_for};
use crate::look;
use crate::round::{TEAM, person_name};
use crate::truth::{Told, Written};
use client_ffi::store::MemoryStore;
use client_ffi::{Acting, Earlier, Tablet, TabletError};
use std::cell::RefCell;
use std::collections::BTreeMap;
use sync_core::cose::SecretKey;
use sync_core::device::Scope;
use sync_core::enrol::{EnrolToken, TokenSecret};
use sync_core::id::{DeviceId, UnitCode};
use sync_core::package::Voting;
use sync_core::record::{Act, Entry, EntryRef, FigureKind, Finding, Member, Post, Severity, State};

/// How often somebody tries to note something before giving up.
const TRIES_MAX: u32 = 8;
/// Minutes since 1970 at the beginning of every world.
const EPOCH: u64 = 29_000_000;
const PIN: &str = "4711";

/// What somebody does with the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Checks a voter in; where there are slips, one is handed out.
    CheckIn(u32),
    /// Takes back a check-in that stands.
    Undo,
    /// Notes a figure; what was noted before stands, or is settled by it.
    Figure(FigureKind, u32, Earlier),
    /// Settles something about which people disagree.
    Settle,
    /// Notes something unusual.
    Incident,
    /// Notes something, mostly in the place of an earlier note.
    Note,
    /// Names chair and counting head: in the way agreed, or as somebody misheard it.
    Committee { misheard: bool, earlier: Earlier },
    /// Notes the closing total of this tablet.
    OwnTotal,
    /// Notes the closing total of a tablet, for good.
    Total(DeviceId, u32),
    /// Explains something that does not reconcile.
    Explain,
    /// Explains this.
    ExplainThis([u8; 16]),
    /// Signs the minutes.
    Sign(Post),
    /// Says that signed minutes do not hold.
    Correct,
}

/// What is then to stand in the record: an act of this person, or of whoever did the same before.
type Wanted = Option<Act>;

impl World {
    /// Somebody of a team notes something on a tablet.
    pub(super) fn note(&mut self, at: usize, (unit, person): (usize, usize), deed: Deed, tries: u32) {
        if tries > TRIES_MAX || self.bodies[at].gone.is_some() {
            return;
        }
        let again = |world: &mut Self| {
            let event = Event::Note { body: at, unit, person, deed, tries: tries + 1 };
            if world.mishaps_go_on() {
                world.after(7 + 20 * u64::from(tries), event);
            }
        };
        if !self.reread(at) {
            return again(self);
        }
        let acting = self.acting(unit, person);
        self.truth.asked.insert((self.bodies[at].device, unit, acting.person()));
        let mut chance = Chance::of(self.plan.seed, &format!("note {unit} {person} {deed:?} {tries}"));
        let moment = EPOCH + self.notes.now();
        let name = person_name(unit, person);
        let done = self.with(at, |tablet| {
            if person == TEAM.len() - 1 {
                tablet.join(acting.unit(), &name)?;
            }
            perform(tablet, &acting, deed, moment, &mut chance)
        });
        let Some(done) = done else { return again(self) };
        let body = self.bodies[at].name.clone();
        self.notes.say(&name, || match &done {
            Ok(None) => format!("finds nothing to do on {body}: {deed:?}"),
            Ok(Some(_)) => format!("notes on {body}: {deed:?}"),
            Err(error) => format!("cannot note on {body}: {deed:?}: {error}"),
        });
        self.no_twins(at);
        match done {
            Ok(None) => {}
            Ok(Some(act)) => self.entry_told(at, unit, (acting.person(), &act)),
            Err(TabletError::Store(_)) => {
                self.reread(at);
                again(self);
            }
            Err(TabletError::SheetNotConfirmed) => {
                self.confirm(at, unit);
                again(self);
            }
            // The sheet with the team's names has not come yet.
            Err(TabletError::NotOnTeam(_) | TabletError::NoSheet(_))
                if self.truth.reissued.contains(&unit) =>
            {
                again(self);
            }
            Err(error) => {
                use TabletError as E;
                let honest = match deed {
                    Deed::Sign(_) => matches!(error, E::Unsettled(_) | E::NotInPost(_) | E::SaidWrong),
                    Deed::Correct => matches!(error, E::NothingSigned(_)),
                    _ => false,
                };
                self.notes.check("no tablet is stuck", honest, || {
                    format!("{name} cannot note {deed:?} on {body}: {error}")
                });
            }
        }
    }

    /// The person was told that it is noted: then it survives a power cut now.
    fn entry_told(&mut self, at: usize, unit: usize, (person, act): (sync_core::record::PersonId, &Act)) {
        let code = &self.round.units[unit].code;
        let found = look::changes(&self.bodies[at].disk.durable(), code).into_iter().find_map(|change| {
            let place = change.entries.iter().rposition(|entry| {
                same(&entry.act, act) && (entry.person == person || matches!(act, Act::Undo { .. }))
            })?;
            let index = u8::try_from(place).expect("few entries");
            let at = EntryRef { actor: change.actor, sequence: change.sequence, index };
            Some((at, change.entries[place].clone()))
        });
        let Some((place, entry)) = found else {
            let name = &self.bodies[at].name;
            return self
                .notes
                .broken("nothing noted is lost", format!("{name} confirmed {act:?} before it was durable"));
        };
        // Whoever notes what another tablet noted long ago is told of that very entry.
        if place.actor.device() == self.bodies[at].device {
            self.truth.told.push(Told { unit, body: at, place, entry, excused: None });
        }
    }

    /// What the tablet itself signed is known to the truth, and no number stands under two contents.
    pub(super) fn no_twins(&mut self, at: usize) {
        let device = self.bodies[at].device;
        let values = self.bodies[at].disk.shown();
        for unit in self.bodies[at].own.clone() {
            let changes = look::changes(&values, &self.round.units[unit].code);
            for change in changes.into_iter().filter(|change| change.actor.device() == device) {
                let written = self.truth.written.entry((unit, change.actor, change.sequence)).or_default();
                if !written.iter().any(|known| known.hash == change.hash) {
                    written.push(Written { entries: change.entries, hash: change.hash });
                }
                let name = &self.bodies[at].name;
                self.notes.check("no tablet writes twins", written.len() == 1, || {
                    format!("{name} signed two changes with number {}", change.sequence)
                });
            }
        }
    }

    /// Every entry that a person was told of is there, on the medium itself.
    pub(super) fn no_entry_lost(&mut self, at: usize) {
        let durable = self.bodies[at].disk.durable();
        let mut here: BTreeMap<usize, Vec<EntryRef>> = BTreeMap::new();
        for unit in self.bodies[at].own.clone() {
            let changes = look::changes(&durable, &self.round.units[unit].code);
            here.insert(unit, changes.iter().flat_map(places).collect());
        }
        for told in self.truth.told.iter().filter(|told| told.body == at && told.excused.is_none()) {
            let there = here.get(&told.unit).is_some_and(|places| places.contains(&told.place));
            self.notes.check("nothing noted is lost", there, || {
                format!("{} lost {:?}", self.bodies[at].name, told.entry)
            });
        }
    }

    /// When everybody has heard everything, the teams of most units put their record in order and sign it. Gives the
    /// units whose chair and head signed last.
    pub(super) fn teams_finish(&mut self) {
        for unit in 0..self.round.units.len() {
            let mut chance = Chance::of(self.plan.seed, &format!("team ends {unit}"));
            let owner = (0..self.bodies.len()).find(|at| {
                let body = &self.bodies[*at];
                let trusted = !self.truth.revoked.contains(&body.device);
                body.gone.is_none() && body.tablet.is_some() && body.own.contains(&unit) && trusted
            });
            if let Some(at) = owner.filter(|_| chance.hits(750)) {
                self.team_finishes(at, unit);
            }
        }
    }

    fn team_finishes(&mut self, at: usize, unit: usize) {
        let code = self.round.units[unit].code.clone();
        let state = |world: &Self| world.bodies[at].tablet.as_ref().and_then(|t| t.record_state(&code).ok());
        for (kind, value) in self.agreed(unit) {
            if state(self).is_some_and(|state| state.figure(kind) != Some(value)) {
                self.note(at, (unit, 0), Deed::Figure(kind, value, Earlier::Settled), 0);
            }
        }
        let committee = state(self).and_then(|state| state.committee.and_then(|t| t.value().cloned()));
        if committee != Some(members(&code, unit, false)) {
            self.note(at, (unit, 0), Deed::Committee { misheard: false, earlier: Earlier::Settled }, 0);
        }
        for _ in 0..16 {
            if state(self).is_some_and(|state| !disputed(&state).is_empty()) {
                self.note(at, (unit, 1), Deed::Settle, 0);
            }
        }
        use sync_core::record::{FindingCode as C, Subject};
        let findings = |world: &Self| {
            let tablet = world.bodies[at].tablet.as_ref();
            tablet.and_then(|tablet| tablet.findings(&code).ok()).unwrap_or_default()
        };
        for finding in findings(self) {
            if let (C::TabletTotal | C::TabletNotNoted, Subject::Tablet(device)) =
                (finding.code, &finding.subject)
            {
                self.note(at, (unit, 1), Deed::Total(*device, finding.values[0]), 0);
            }
        }
        for finding in findings(self).into_iter().filter(|f| f.blocks() && f.severity() == Severity::Warning)
        {
            let known = |person: &usize| {
                !finding.involved.contains(&sync_core::record::PersonId::of(&person_name(unit, *person)))
            };
            if let Some(second) = (0..TEAM.len()).rev().find(known) {
                self.note(at, (unit, second), Deed::ExplainThis(finding.key()), 0);
            }
        }
        let before = self.truth.told.len();
        self.note(at, (unit, 0), Deed::Sign(Post::MeetingChair), 0);
        self.note(at, (unit, 1), Deed::Sign(Post::CountingHead), 0);
        let signs = |told: &Told| matches!(told.entry.act, Act::SignOff { .. });
        if self.truth.told[before..].iter().filter(|told| signs(told)).count() == 2 {
            self.truth.signed.insert(unit);
        }
    }

    /// The figures on which a team agrees in the end. The urn is counted by hand.
    fn agreed(&self, unit: usize) -> Vec<(FigureKind, u32)> {
        let plan = &self.round.units[unit];
        let voters = plan.first.voters;
        let came = self.truth.casts.iter().filter(|cast| cast.unit == unit).map(|cast| &cast.record[..16]);
        let came: std::collections::BTreeSet<&[u8]> = came.collect();
        let used = u32::try_from(came.len()).expect("few ballots").min(voters);
        let mut figures = vec![(FigureKind::Summoned, voters), (FigureKind::Present, voters)];
        match plan.voting {
            Voting::Attended => figures.push((FigureKind::Unlocked, used)),
            Voting::Permit => figures.extend([
                (FigureKind::Printed, voters + 2),
                (FigureKind::Issued, voters),
                (FigureKind::UsedSlips, used),
                (FigureKind::Spoiled, 0),
                (FigureKind::LeftOver, 2),
                (FigureKind::NotReturned, voters - used),
            ]),
        }
        figures
    }

    /// The person as an app knows one who typed the PIN. Nothing in it is of one tablet or one world, and a PIN is slow
    /// on purpose, so each person types it once, on a tablet that does nothing else; PINs have their own tests.
    fn acting(&self, unit: usize, person: usize) -> Acting {
        thread_local! {
            static KNOWN: RefCell<BTreeMap<String, Acting>> = const { RefCell::new(BTreeMap::new()) };
        }
        let name = person_name(unit, person);
        if let Some(known) = KNOWN.with_borrow(|known| known.get(&name).cloned()) {
            return known;
        }
        let code = &self.round.units[unit].code;
        let mut tablet =
            Tablet::open_with(MemoryStore::default(), rng_for(0, "typing PINs")).expect("an empty store");
        let key = SecretKey::from_seed(&self.round.centre.seed());
        let sheets = self.round.units.iter().map(|unit| unit.first.clone()).collect();
        let token = EnrolToken {
            centre: self.round.centre.public(),
            secret: TokenSecret([1; 16]),
            address: "http://127.0.0.1:1".to_owned(),
        };
        let request = tablet.enrol_request(&token.to_text()).expect("a fresh tablet");
        let scope = Scope::Units(vec![code.clone()]);
        let answer = Centre::new(key, self.round.package.clone(), sheets).enrol(&request, &scope, "PIN");
        tablet.finish_enrolment(&token.to_text(), &answer).expect("a genuine answer");
        let id = tablet.join(code, &name).expect("a name");
        tablet.set_pin(code, &id, None, PIN).expect("a PIN");
        let acting = tablet.act_as(code, &id, PIN).expect("the right PIN");
        KNOWN.with_borrow_mut(|known| known.insert(name, acting.clone()));
        acting
    }
}

fn perform(
    tablet: &mut Machine,
    acting: &Acting,
    deed: Deed,
    moment: u64,
    chance: &mut Chance,
) -> Result<Wanted, TabletError> {
    let (code, at) = (acting.unit().clone(), Some(moment));
    let unit = usize::from(code.as_str().as_bytes()[1] - b'1');
    let state = tablet.record_state(&code)?;
    Ok(Some(match deed {
        Deed::CheckIn(voter) => {
            match tablet.check_in(acting, voter, true) {
                Err(TabletError::Attended(_)) => tablet.check_in(acting, voter, false)?,
                done => done?,
            };
            Act::CheckIn { voter }
        }
        Deed::Undo => {
            let noted: Vec<_> = state.register.values().flat_map(|voter| &voter.check_ins).collect();
            if noted.is_empty() {
                return Ok(None);
            }
            let mistake = chance.pick(&noted).entry;
            tablet.undo(acting, mistake)?;
            Act::Undo { entry: mistake }
        }
        Deed::Figure(kind, value, earlier) => {
            tablet.figure(acting, kind, value, earlier, at)?;
            Act::Figure { kind, value }
        }
        Deed::Settle => {
            let Some(holds) = settle(tablet, acting, &state, at, chance)? else { return Ok(None) };
            Act::Settle { entries: Vec::new(), holds }
        }
        Deed::Incident => {
            let text = format!("Mất điện lúc {moment}");
            tablet.incident(acting, &text, at)?;
            Act::Incident { text }
        }
        Deed::Note => {
            let noted: Vec<EntryRef> = state.notes.keys().copied().collect();
            let replaces = (!noted.is_empty()).then(|| *chance.pick(&noted));
            let text = format!("Ghi lại lúc {moment}");
            tablet.note(acting, &text, replaces, at)?;
            Act::Note { text, replaces }
        }
        Deed::Committee { misheard, earlier } => {
            let members = members(&code, unit, misheard);
            tablet.committee(acting, members.clone(), earlier, at)?;
            Act::Committee { members }
        }
        Deed::OwnTotal => {
            let device = tablet.device().expect("it has keys");
            let total = u32::try_from(tablet.counts(&code).cast()).expect("few ballots");
            tablet.tablet_total(acting, device, total, Earlier::Stands, at)?;
            Act::TabletTotal { device, total }
        }
        Deed::Total(device, total) => {
            tablet.tablet_total(acting, device, total, Earlier::Settled, at)?;
            Act::TabletTotal { device, total }
        }
        Deed::Explain => match unexplained(tablet, acting)? {
            open if open.is_empty() => return Ok(None),
            open => explain(tablet, acting, chance.pick(&open).key(), at)?,
        },
        Deed::ExplainThis(finding) => explain(tablet, acting, finding, at)?,
        Deed::Sign(post) => {
            let minutes = tablet.sign_off(acting, post, at)?;
            Act::SignOff { post, heads: Vec::new(), minutes }
        }
        Deed::Correct => {
            let reason = format!("Đếm lại lúc {moment}");
            tablet.correct(acting, &reason, at)?;
            Act::Correct { minutes: sync_core::record::MinutesHash([0; 32]), reason }
        }
    }))
}

/// Warnings that nobody explained yet, and that this person may explain.
fn unexplained(tablet: &Machine, acting: &Acting) -> Result<Vec<Finding>, TabletError> {
    let mine = |f: &Finding| {
        f.severity() == Severity::Warning && f.explained.is_none() && !f.involved.contains(&acting.person())
    };
    Ok(tablet.findings(acting.unit())?.into_iter().filter(mine).collect())
}

/// Settles something that is in dispute, if anything is; gives what then holds.
fn settle(
    tablet: &mut Machine,
    acting: &Acting,
    state: &State,
    at: Option<u64>,
    chance: &mut Chance,
) -> Result<Option<EntryRef>, TabletError> {
    let live = disputed(state);
    let Some(chosen) = (!live.is_empty()).then(|| *chance.pick(&live)) else { return Ok(None) };
    let noted = tablet.record(acting.unit()).and_then(|record| record.entry(&chosen));
    let holds = match noted.map(|entry| &entry.act) {
        Some(Act::Settle { holds, .. }) => *holds,
        _ => chosen,
    };
    tablet.settle(acting, chosen, at)?;
    Ok(Some(holds))
}

fn explain(
    tablet: &mut Machine,
    acting: &Acting,
    finding: [u8; 16],
    at: Option<u64>,
) -> Result<Act, TabletError> {
    let text = "Đã đối chiếu với danh sách".to_owned();
    tablet.explain(acting, finding, &text, at)?;
    Ok(Act::Explain { finding, text })
}

/// What stands where people disagree, to choose from.
fn disputed(state: &State) -> Vec<EntryRef> {
    let figures =
        state.figures.values().filter(|topic| topic.is_conflict()).flat_map(|topic| topic.live.keys());
    let totals =
        state.totals.values().filter(|topic| topic.is_conflict()).flat_map(|topic| topic.live.keys());
    let committee = state.committee.iter().filter(|topic| topic.is_conflict());
    figures.chain(totals).chain(committee.flat_map(|topic| topic.live.keys())).copied().collect()
}

/// Chair, counting head and a member; somebody who misheard takes the member for the head.
fn members(_: &UnitCode, unit: usize, misheard: bool) -> Vec<Member> {
    let posts = [Post::MeetingChair, Post::CountingHead, Post::CountingMember];
    let persons = if misheard { [0, 2, 1] } else { [0, 1, 2] };
    let mut members: Vec<Member> = posts
        .into_iter()
        .zip(persons)
        .map(|(post, person)| Member { post, name: person_name(unit, person) })
        .collect();
    members.sort();
    members
}

/// Whether what stands is what was meant; of a settlement the asker knows what holds, of a signature the minutes.
fn same(found: &Act, wanted: &Act) -> bool {
    match (found, wanted) {
        (Act::Settle { holds: one, .. }, Act::Settle { holds: two, .. }) => one == two,
        (Act::SignOff { post: one, minutes: first, .. }, Act::SignOff { post: two, minutes: second, .. }) => {
            (one, first) == (two, second)
        }
        (Act::Correct { reason: one, .. }, Act::Correct { reason: two, .. }) => one == two,
        _ => found == wanted,
    }
}

/// The places of a change's entries.
pub(super) fn places(change: &sync_core::record::RecordChange) -> Vec<EntryRef> {
    let place = |index| EntryRef { actor: change.actor, sequence: change.sequence, index };
    (0_u8..).zip(&change.entries).map(|(index, _)| place(index)).collect()
}

/// Entries of a change with their places.
pub(crate) fn placed(
    actor: sync_core::record::Actor,
    sequence: u32,
    entries: &[Entry],
) -> Vec<(EntryRef, Entry)> {
    let place = |index| EntryRef { actor, sequence, index };
    (0_u8..).zip(entries).map(|(index, entry)| (place(index), entry.clone())).collect()
}

impl World {
    /// What teams note at the meetings, and on the days after.
    pub(super) fn schedule_notes(&mut self, starts: &[u64]) {
        const MEETING: u64 = 300;
        for (unit, start) in starts.iter().enumerate() {
            let tablets: Vec<usize> =
                (0..self.bodies.len()).filter(|body| self.bodies[*body].own.contains(&unit)).collect();
            let mut chance = Chance::of(self.plan.seed, &format!("record {unit}"));
            let persons = 2 + chance.below(TEAM.len() - 1);
            let plan = |world: &mut Self, chance: &mut Chance, at: u64, deed: Deed| {
                let (body, person) = (*chance.pick(&tablets), chance.below(persons));
                world.at(at, Event::Note { body, unit, person, deed, tries: 0 });
            };
            let voters = self.round.units[unit].first.voters;
            for voter in 1..=voters.min(4) {
                let at = start + chance.between(0, MEETING);
                plan(self, &mut chance, at, Deed::CheckIn(voter));
                // Before the tablets met, somebody checks the same voter in on another one.
                if chance.hits(200) {
                    plan(self, &mut chance, at + 1, Deed::CheckIn(voter));
                }
            }
            for (kind, value) in self.agreed(unit) {
                let at = start + chance.between(20, MEETING);
                if chance.hits(700) {
                    plan(self, &mut chance, at, Deed::Figure(kind, value, Earlier::Stands));
                }
                if chance.hits(350) {
                    plan(self, &mut chance, at + 2, Deed::Figure(kind, value + 1, Earlier::Stands));
                }
            }
            let agreed = Deed::Committee { misheard: false, earlier: Earlier::Stands };
            plan(self, &mut chance, start + 10, agreed);
            if chance.hits(200) {
                let misheard = Deed::Committee { misheard: true, earlier: Earlier::Stands };
                plan(self, &mut chance, start + 12, misheard);
            }
            for deed in [Deed::Undo, Deed::Incident, Deed::Note, Deed::Explain, Deed::Correct] {
                let at = start + chance.between(30, 2 * super::schedule::DAY);
                if chance.hits(600) {
                    plan(self, &mut chance, at, deed);
                }
            }
            // Two settle at the same time, on two tablets that may not have met since.
            for _ in 0..1 + chance.below(3) {
                let at = start + chance.between(60, 2 * super::schedule::DAY);
                plan(self, &mut chance, at, Deed::Settle);
                plan(self, &mut chance, at, Deed::Settle);
            }
            for body in tablets.iter().copied() {
                let (person, at) = (chance.below(persons), start + MEETING + 130);
                self.at(at, Event::Note { body, unit, person, deed: Deed::OwnTotal, tries: 0 });
            }
            if chance.hits(400) {
                let at = start + MEETING + 140 + chance.between(0, super::schedule::DAY);
                for (person, post) in [(0, Post::MeetingChair), (1, Post::CountingHead)] {
                    let body = *chance.pick(&tablets);
                    self.at(at, Event::Note { body, unit, person, deed: Deed::Sign(post), tries: 0 });
                }
            }
        }
    }
}
