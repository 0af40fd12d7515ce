//! Writing the unit's record: what the team notes, in the name of the person who acts.
//!
//! Each start of the program writes a chain of its own, under a random run number that is drawn at its first entry. An
//! entry is stored before anything else knows of it. After the store failed nobody can say whether the entry is there,
//! so everything is read again and the next entry begins another chain: one number never stands under two contents,
//! whatever became of the write. A copied or restored tablet draws its own number and forks nothing.

mod minutes;
mod paper;
mod people;
mod pin;
mod plans;
mod register;
mod view;

pub use paper::PaperView;
pub use people::{Acting, Person};
pub use pin::{PIN_MAX, PIN_MIN};
pub use plans::{NewPlan, PlanProgressSeen, PlanSeen, PlanVersionSeen};
pub use register::{CheckedIn, Seen, Voter};
pub use view::{FigureView, FindingView, Live, NoteView, PaperSeen, RecordView, TotalView, VersionView};

use super::{Desk, Tablet};
use crate::error::TabletError;
use crate::store::Store;
use crate::values::item_key;
use rand_core::CryptoRng;
use std::collections::BTreeSet;
use sync_core::id::{DeviceId, UnitCode};
use sync_core::message::{Item, ItemKind};
use sync_core::package::TEXT_MAX;
use sync_core::planted::{self, Bug};
use sync_core::record::{
    Act, Actor, CHANGES_PER_ACTOR_MAX, Entry, EntryRef, FigureKind, MEMBERS_MAX, Member, PersonId, Post,
    Record, SETTLED_MAX, State, Topic, Writer,
};
use sync_core::replica::Applied;

/// What becomes of what was noted earlier about the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// It stands; if it says something else, that is a conflict until somebody settles it.
    Stands,
    /// It is settled: what is noted now holds.
    Settled,
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// Notes a figure. `at` is the tablet's clock in minutes since 1970, a note for people.
    ///
    /// # Errors
    /// [`TabletError`].
    pub fn figure(
        &mut self,
        acting: &Acting,
        kind: FigureKind,
        value: u32,
        earlier: Earlier,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        self.about(acting, Act::Figure { kind, value }, earlier, at, |state| {
            state.figures.get(&kind).map(places).unwrap_or_default()
        })
    }

    /// Notes the closing total of a tablet of the unit, as it was read aloud.
    ///
    /// # Errors
    /// [`TabletError::UnknownTablet`] if it is not known as a tablet of the unit.
    pub fn tablet_total(
        &mut self,
        acting: &Acting,
        device: DeviceId,
        total: u32,
        earlier: Earlier,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        let unit = acting.unit();
        if !self.tablets_of(unit)?.iter().any(|(id, _)| *id == device) {
            return Err(TabletError::UnknownTablet(device, unit.clone()));
        }
        self.about(acting, Act::TabletTotal { device, total }, earlier, at, |state| {
            state.totals.get(&device).map(places).unwrap_or_default()
        })
    }

    /// Notes who leads the meeting and who counts: one chair, one counting head, two persons.
    ///
    /// # Errors
    /// [`TabletError::Committee`], [`TabletError::Text`].
    pub fn committee(
        &mut self,
        acting: &Acting,
        mut members: Vec<Member>,
        earlier: Earlier,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        for member in &mut members {
            member.name = words("the name of a member", &member.name)?;
        }
        members.sort_unstable();
        members.dedup();
        let one = |post| {
            let mut of_post = members.iter().filter(move |member| member.post == post);
            let first = of_post.next().map(|member| PersonId::of(&member.name));
            first.filter(|_| of_post.next().is_none())
        };
        let (chair, head) = (one(Post::MeetingChair), one(Post::CountingHead));
        if chair.is_none() || head.is_none() || chair == head || members.len() > MEMBERS_MAX {
            return Err(TabletError::Committee);
        }
        self.about(acting, Act::Committee { members }, earlier, at, |state| {
            state.committee.as_ref().map(places).unwrap_or_default()
        })
    }

    /// Settles a disagreement about a figure, a closing total or the committee: of the entries that stand, `holds` does.
    ///
    /// # Errors
    /// [`TabletError::NoEntry`], or [`TabletError::NothingToSettle`] where all agree.
    pub fn settle(
        &mut self,
        acting: &Acting,
        holds: EntryRef,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        self.attempt(|tablet| {
            let mut desk = tablet.record_desk(acting)?;
            let (unit, record) = (acting.unit(), desk.state.replica.record());
            let state = record.state();
            // What stands may itself be a settlement: then what it chose holds.
            let holds = match record.entry(&holds).map(|entry| &entry.act) {
                Some(Act::Settle { holds, .. }) => *holds,
                Some(_) => holds,
                None => return Err(TabletError::NoEntry(unit.clone())),
            };
            let mut entries = match record.entry(&holds).map(|entry| &entry.act) {
                Some(Act::Figure { kind, .. }) => conflict(state.figures.get(kind)),
                Some(Act::TabletTotal { device, .. }) => conflict(state.totals.get(device)),
                Some(Act::Committee { .. }) => conflict(state.committee.as_ref()),
                _ => None,
            }
            .ok_or(TabletError::NothingToSettle)?;
            entries.truncate(SETTLED_MAX);
            desk.note(unit, vec![entry(acting, at, Act::Settle { entries, holds })])
        })
    }

    /// Notes something unusual.
    ///
    /// # Errors
    /// [`TabletError::Text`] if it says nothing, or too much.
    pub fn incident(
        &mut self,
        acting: &Acting,
        text: &str,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        let text = words("an incident", text)?;
        self.write(acting, at, Act::Incident { text })
    }

    /// Notes something; it may replace an earlier note or incident, which then no longer stands in the minutes.
    ///
    /// # Errors
    /// [`TabletError::Text`], [`TabletError::NotANote`], [`TabletError::NoEntry`].
    pub fn note(
        &mut self,
        acting: &Acting,
        text: &str,
        replaces: Option<EntryRef>,
        at: Option<u64>,
    ) -> Result<EntryRef, TabletError> {
        let text = words("a note", text)?;
        if let Some(replaced) = replaces {
            match self.record_of(acting.unit())?.entry(&replaced).map(|entry| &entry.act) {
                Some(Act::Note { .. } | Act::Incident { .. }) => {}
                Some(_) => return Err(TabletError::NotANote),
                None => return Err(TabletError::NoEntry(acting.unit().clone())),
            }
        }
        self.write(acting, at, Act::Note { text, replaces })
    }

    /// Undoes an entry that was made by mistake, whoever made it. What is undone already stays so, which is success.
    ///
    /// # Errors
    /// [`TabletError::NoEntry`], [`TabletError::NotUndoable`].
    pub fn undo(&mut self, acting: &Acting, mistake: EntryRef) -> Result<(), TabletError> {
        let record = self.record_of(acting.unit())?;
        match record.entry(&mistake) {
            None => return Err(TabletError::NoEntry(acting.unit().clone())),
            Some(found) if !found.act.can_be_undone() => return Err(TabletError::NotUndoable),
            Some(_) => {}
        }
        if record.entries().any(|(_, entry)| entry.act == Act::Undo { entry: mistake }) {
            return Ok(());
        }
        self.write(acting, None, Act::Undo { entry: mistake }).map(drop)
    }

    /// The record of a unit, as far as it is here.
    pub fn record(&self, unit: &UnitCode) -> Option<&Record> {
        self.record_of(unit).ok()
    }

    /// What the entries of a unit amount to.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`] if this tablet is none of the unit.
    pub fn record_state(&self, unit: &UnitCode) -> Result<State, TabletError> {
        Ok(self.record_of(unit)?.state())
    }

    /// Tablets of the unit that are known here, with the name that the office gave them.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`].
    pub fn tablets_of(&self, unit: &UnitCode) -> Result<Vec<(DeviceId, String)>, TabletError> {
        let certificates = self.state(unit)?.replica.certificates().map(|signed| signed.value());
        let of_unit = certificates.filter(|certificate| certificate.scope.covers(unit));
        let tablets: BTreeSet<_> = of_unit.map(|c| (c.device(), c.label.clone())).collect();
        Ok(tablets.into_iter().collect())
    }

    fn record_of(&self, unit: &UnitCode) -> Result<&Record, TabletError> {
        if !self.membership()?.certificate.value().scope.covers(unit) {
            return Err(TabletError::OtherUnit(unit.clone()));
        }
        Ok(self.state(unit)?.replica.record())
    }

    /// Writes one entry.
    fn write(&mut self, acting: &Acting, at: Option<u64>, act: Act) -> Result<EntryRef, TabletError> {
        self.attempt(|tablet| tablet.record_desk(acting)?.note(acting.unit(), vec![entry(acting, at, act)]))
    }

    /// Writes an entry about something that several people may note, and with it, if asked, that it holds. What the
    /// same person noted before in the same words, and what stands alone, is not noted again.
    fn about(
        &mut self,
        acting: &Acting,
        act: Act,
        earlier: Earlier,
        at: Option<u64>,
        standing: impl FnOnce(&State) -> Vec<EntryRef>,
    ) -> Result<EntryRef, TabletError> {
        self.attempt(|tablet| {
            let mut desk = tablet.record_desk(acting)?;
            let record = desk.state.replica.record();
            let mut entries = standing(&record.state());
            let mine = |place: &&EntryRef| {
                let noted = record.entry(place);
                noted.is_some_and(|noted| noted.person == acting.person() && noted.act == act)
            };
            if let Some(noted) = entries.iter().find(mine)
                && (entries.len() == 1 || earlier == Earlier::Stands)
            {
                return Ok(*noted);
            }
            let mut noted = vec![entry(acting, at, act)];
            if earlier == Earlier::Settled && !entries.is_empty() {
                let holds = desk.next_place();
                entries.truncate(SETTLED_MAX - 1);
                entries.push(holds);
                entries.sort_unstable();
                noted.push(entry(acting, at, Act::Settle { entries, holds }));
            }
            desk.note(acting.unit(), noted)
        })
    }

    /// The desk of a unit whose record this person may write now.
    fn record_desk(&mut self, acting: &Acting) -> Result<Desk<'_, S, R>, TabletError> {
        let unit = acting.unit();
        if !self.on_team(unit, &acting.person())? {
            return Err(TabletError::NotOnTeam(unit.clone()));
        }
        let desk = self.desk(unit)?;
        if desk.state.replica.is_finished() {
            return Err(TabletError::Finished(unit.clone()));
        }
        Ok(desk)
    }
}

impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
    /// The place that the first entry of the next change gets.
    fn next_place(&mut self) -> EntryRef {
        let writer = self.writer();
        EntryRef { actor: writer.actor(), sequence: writer.next(), index: 0 }
    }

    /// The writer of this run, drawn when it is first needed, and anew when its chain is full.
    fn writer(&mut self) -> &mut Writer {
        let device = self.identity.device();
        if planted::is(Bug::RecordRunAgain) {
            let again = || Writer::new(Actor::new(&device, [0; 8]));
            return self.state.writer.get_or_insert_with(again);
        }
        if self.state.writer.as_ref().is_none_or(|writer| writer.next() > CHANGES_PER_ACTOR_MAX) {
            let known: BTreeSet<Actor> =
                self.state.replica.record().heads().iter().map(|head| Actor(head.actor)).collect();
            let mut run = [0; 8];
            self.rng.fill_bytes(&mut run);
            // A source of randomness that begins anew with each start, as in a simulation, must not write twins.
            while known.contains(&Actor::new(&device, run)) {
                run = (u64::from_be_bytes(run).wrapping_add(1)).to_be_bytes();
            }
            self.state.writer = None;
            return self.state.writer.insert(Writer::new(Actor::new(&device, run)));
        }
        self.state.writer.get_or_insert_with(|| Writer::new(Actor::new(&device, [0; 8])))
    }

    /// Signs entries as one change, stores it and adds it to the record. Gives the place of the first.
    fn note(&mut self, unit: &UnitCode, entries: Vec<Entry>) -> Result<EntryRef, TabletError> {
        if let Some(at) = entries.iter().filter_map(|entry| entry.at).find(|at| *at > u64::from(u32::MAX)) {
            return Err(TabletError::Moment { at });
        }
        let place = self.next_place();
        let mut writer = self.writer().clone();
        let sheet = self.state.replica.current_sheet();
        let about = (&self.package.hash(), unit, &sheet);
        let change = writer.write(about, entries, &self.identity.sign).ok_or(TabletError::TooMuch)?;
        let item = Item::new(ItemKind::RecordChange, change.bytes());
        if !planted::is(Bug::RecordNotStored) {
            self.store.put(&item_key(unit, &item), &item.bytes)?;
        }
        if self.state.replica.apply(&item).0 != Applied::New {
            // The bounds of the record are the same everywhere: nobody else would take it either.
            self.store.destroy(&item_key(unit, &item))?;
            return Err(TabletError::RecordFull(unit.clone()));
        }
        self.state.writer = Some(writer);
        Ok(place)
    }
}

fn entry(acting: &Acting, at: Option<u64>, act: Act) -> Entry {
    let at = at.filter(|_| !Entry::is_timeless(&act));
    Entry { person: acting.person(), at, act }
}

fn places<T>(topic: &Topic<T>) -> Vec<EntryRef> {
    topic.live.keys().copied().collect()
}

fn conflict<T: PartialEq>(topic: Option<&Topic<T>>) -> Option<Vec<EntryRef>> {
    topic.filter(|topic| topic.is_conflict()).map(places)
}

/// A text that says something, without the spaces around it. A record holds no control characters, so lines that
/// somebody typed below each other are joined by spaces.
fn words(what: &'static str, text: &str) -> Result<String, TabletError> {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX {
        return Err(TabletError::Text { what, found: text.len() });
    }
    Ok(text.to_owned())
}
