//! Paper ballots: two persons enter the numbers of one box on this tablet, and only what both say enters the record.
//!
//! Until then the numbers lie here alone, under a key of their own that is destroyed with them. Each step is stored before
//! it is answered, so a crash loses none. The finished entry is stored by itself before the numbers are destroyed and before the record
//! has it: however often it is then noted, it is one count, for its id follows from its bytes.

use super::Acting;
use crate::error::TabletError;
use crate::store::Store;
use crate::tablet::{Desk, Tablet, UnitState};
use crate::values::{BoxCipher, load, paper_cipher_key, paper_entry_key, paper_key};
use rand_core::CryptoRng;
use sync_core::cbor;
use sync_core::cose::Signed;
use sync_core::id::UnitCode;
use sync_core::package::Package;
use sync_core::record::double_entry::{Cell, Compared, Correction, Difference, DoubleEntry};
use sync_core::record::{
    Act, Entry, EntryRef, Paper, PaperCount, PaperError, PaperForm, PaperPlace, PersonId,
};

/// How far the double entry of a box is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaperView {
    /// Nobody has begun.
    Empty,
    /// One person has entered the numbers; a second one has to.
    First(PersonId),
    /// Two persons have entered different numbers.
    Differing {
        /// Who, the first one first.
        persons: [PersonId; 2],
        /// Each number that differs.
        differences: Vec<Difference>,
    },
    /// Two persons have entered the same numbers, which can be sealed.
    Agreed {
        /// Who, the first one first.
        persons: [PersonId; 2],
        /// Valid ballots.
        valid: u32,
        /// Invalid ballots.
        invalid: u32,
    },
}

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// How far the double entry of a unit is on this tablet.
    ///
    /// # Errors
    /// [`TabletError::NoSheet`], or the store's.
    pub fn paper(&mut self, unit: &UnitCode) -> Result<PaperView, TabletError> {
        self.attempt(|tablet| {
            let mut desk = tablet.desk(unit)?;
            desk.end_seal(unit)?;
            Ok(view(&desk.double_entry(unit)?))
        })
    }

    /// How far the double entry is, as it is stored; nothing is put right that a crash left unfinished.
    pub(super) fn paper_stored(&self, unit: &UnitCode) -> Result<PaperView, TabletError> {
        let package = &self.membership()?.package;
        Ok(view(&stored(&self.store, package, self.state(unit)?, unit)?))
    }

    /// Paper counts that stand in the unit's record, with what of them can be read.
    ///
    /// # Errors
    /// [`TabletError::OtherUnit`].
    pub fn papers(&self, unit: &UnitCode) -> Result<Vec<(EntryRef, Paper)>, TabletError> {
        Ok(self.record_of(unit)?.state().papers.into_iter().collect())
    }

    /// The first person enters the numbers of a box.
    ///
    /// # Errors
    /// [`TabletError::Paper`] with the line that does not add up, [`TabletError::PaperStep`] if somebody has begun.
    pub fn paper_first(&mut self, acting: &Acting, count: PaperCount) -> Result<PaperView, TabletError> {
        self.step(acting, "enter the first numbers", |state| match state {
            DoubleEntry::Empty(empty) => {
                Some(empty.first(acting.person(), count).map(DoubleEntry::First).map_err(|(_, why)| why))
            }
            _ => None,
        })
    }

    /// A second person enters the numbers of the box again, without having seen the first ones.
    ///
    /// # Errors
    /// As [`Tablet::paper_first`].
    pub fn paper_second(&mut self, acting: &Acting, count: PaperCount) -> Result<PaperView, TabletError> {
        self.step(acting, "enter the second numbers", |state| match state {
            DoubleEntry::First(first) => Some(told(first.second(acting.person(), count))),
            _ => None,
        })
    }

    /// One of the two corrects the own numbers where both differ.
    ///
    /// # Errors
    /// [`TabletError::Paper`], [`TabletError::PaperStep`].
    pub fn paper_correct(
        &mut self,
        acting: &Acting,
        correction: Correction,
    ) -> Result<PaperView, TabletError> {
        self.step(acting, "correct numbers", |state| match state {
            DoubleEntry::Differing(both) => Some(told(both.correct(acting.person(), correction))),
            _ => None,
        })
    }

    /// One of the two takes over what the other entered at one difference: that one is kept, the own one corrected.
    ///
    /// # Errors
    /// As [`Tablet::paper_correct`].
    pub fn paper_keep_other(&mut self, acting: &Acting, cell: Cell) -> Result<PaperView, TabletError> {
        self.step(acting, "correct numbers", |state| match state {
            DoubleEntry::Differing(both) => {
                let mut persons = both.persons().into_iter();
                let other = persons.find(|person| *person != acting.person());
                match other.and_then(|other| both.kept(other, cell)) {
                    Some(correction) => Some(told(both.correct(acting.person(), correction))),
                    None => Some(Err(PaperError::Agrees)),
                }
            }
            _ => None,
        })
    }

    /// Gives up what was entered, and destroys it.
    ///
    /// # Errors
    /// [`TabletError::NotOnTeam`], or the store's.
    pub fn paper_discard(&mut self, acting: &Acting) -> Result<(), TabletError> {
        self.attempt(|tablet| {
            let unit = acting.unit();
            if !tablet.on_team(unit, &acting.person())? {
                return Err(TabletError::NotOnTeam(unit.clone()));
            }
            let mut desk = tablet.desk(unit)?;
            desk.end_seal(unit)?;
            desk.destroy_double_entry(unit)
        })
    }

    /// Seals the numbers on which two persons agree and notes the count in the unit's record. `at` is the tablet's clock
    /// in minutes since 1970, a note for people.
    ///
    /// # Errors
    /// [`TabletError::PaperStep`] while there are no two entries that agree.
    pub fn paper_seal(&mut self, acting: &Acting, at: Option<u64>) -> Result<EntryRef, TabletError> {
        self.attempt(|tablet| {
            let unit = acting.unit();
            let mut desk = tablet.record_desk(acting)?;
            if let Some(noted) = desk.end_seal(unit)? {
                return Ok(noted);
            }
            let DoubleEntry::Agreed(agreed) = desk.double_entry(unit)? else {
                return Err(TabletError::PaperStep { what: "seal the count" });
            };
            if let Some(at) = at.filter(|at| *at > u64::from(u32::MAX)) {
                return Err(TabletError::Moment { at });
            }
            let sheet = desk.state.replica.current_sheet();
            let place = PaperPlace { package: &desk.package.hash(), unit, sheet: &sheet };
            let box_key = &desk.package.value().keys.box_key;
            let paper = agreed.seal(&place, box_key, desk.rng).map_err(|(_, why)| why)?;
            let entry = Entry { person: paper.first, at, act: Act::Paper(paper) };
            desk.store.put(&paper_entry_key(unit), &cbor::encode(&entry))?;
            desk.end_seal(unit)?.ok_or(TabletError::PaperStep { what: "seal the count" })
        })
    }

    /// Does a step and stores what it leads to. `None` is a step that is not to be done now.
    fn step(
        &mut self,
        acting: &Acting,
        what: &'static str,
        step: impl FnOnce(DoubleEntry) -> Option<Result<DoubleEntry, PaperError>>,
    ) -> Result<PaperView, TabletError> {
        self.attempt(|tablet| {
            let unit = acting.unit();
            let mut desk = tablet.record_desk(acting)?;
            desk.end_seal(unit)?;
            let state = desk.double_entry(unit)?;
            let state = step(state).ok_or(TabletError::PaperStep { what })??;
            desk.store_double_entry(unit, &state)?;
            Ok(view(&state))
        })
    }
}

impl<S: Store, R: CryptoRng> Desk<'_, S, R> {
    fn double_entry(&self, unit: &UnitCode) -> Result<DoubleEntry, TabletError> {
        stored(self.store, self.package, self.state, unit)
    }

    fn store_double_entry(&mut self, unit: &UnitCode, state: &DoubleEntry) -> Result<(), TabletError> {
        let key = paper_cipher_key(unit);
        let cipher = match BoxCipher::load(self.store, &key)? {
            Some(cipher) => cipher,
            None => BoxCipher::make(self.store, &key, self.rng)?,
        };
        cipher.save(self.store, &paper_key(unit), unit, state, self.rng)
    }

    /// The key first: without it the numbers are noise, wherever old versions of them survive.
    fn destroy_double_entry(&mut self, unit: &UnitCode) -> Result<(), TabletError> {
        self.store.destroy(&paper_cipher_key(unit))?;
        Ok(self.store.destroy(&paper_key(unit))?)
    }

    /// Brings a finished entry into the record, if one waits, and destroys the numbers it was sealed from. Gives its place.
    fn end_seal(&mut self, unit: &UnitCode) -> Result<Option<EntryRef>, TabletError> {
        let key = paper_entry_key(unit);
        let Some(entry) = load::<Entry>(self.store, &key)? else { return Ok(None) };
        self.destroy_double_entry(unit)?;
        let noted = self.state.replica.record().entries();
        let here = noted.filter(|(_, noted)| noted.act == entry.act).map(|(place, _)| place).min();
        let place = match here {
            Some(place) => place,
            None => self.note(unit, vec![entry])?,
        };
        self.store.destroy(&key)?;
        Ok(Some(place))
    }
}

/// The double entry of a unit as it is stored, or a new one.
fn stored(
    store: &impl Store,
    package: &Signed<Package>,
    state: &UnitState,
    unit: &UnitCode,
) -> Result<DoubleEntry, TabletError> {
    let sheet = state.replica.sheet().ok_or_else(|| TabletError::NoSheet(unit.clone()))?;
    let form = PaperForm { officials: sheet.officials.len(), levels: package.value().levels.len() };
    let hash = state.replica.current_sheet();
    let stored = match BoxCipher::load(store, &paper_cipher_key(unit))? {
        Some(cipher) => cipher.read::<DoubleEntry>(store, &paper_key(unit), unit)?,
        None => None,
    };
    match stored {
        None => Ok(DoubleEntry::new(hash, form)),
        Some(state) if *state.sheet() == hash && state.form() == form => Ok(state),
        Some(_) => Err(TabletError::PaperSheet(unit.clone())),
    }
}

fn told<S>(compared: Result<Compared, (S, PaperError)>) -> Result<DoubleEntry, PaperError> {
    compared.map(DoubleEntry::from).map_err(|(_, why)| why)
}

fn view(state: &DoubleEntry) -> PaperView {
    match state {
        DoubleEntry::Empty(_) => PaperView::Empty,
        DoubleEntry::First(first) => PaperView::First(first.person()),
        DoubleEntry::Differing(both) => {
            PaperView::Differing { persons: both.persons(), differences: both.differences() }
        }
        DoubleEntry::Agreed(both) => PaperView::Agreed {
            persons: both.persons(),
            valid: both.count().valid,
            invalid: both.count().invalid,
        },
    }
}
