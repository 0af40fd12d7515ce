//! Voting: compare the sheet with paper, cast, close.

use super::Tablet;
use crate::error::TabletError;
use crate::store::Store;
use crate::values::confirmed_key;
use rand_core::CryptoRng;
use sync_core::ballot::{Claim, Form, Marks, Place, seal};
use sync_core::fingerprint;
use sync_core::id::{Nullifier, UnitCode};
use sync_core::open_box::{InsertError, OpenBox};
use sync_core::package::Voting;
use sync_core::permit::{PermitCode, look_up};
use sync_core::planted::{self, Bug};

impl<S: Store, R: CryptoRng> Tablet<S, R> {
    /// The team typed two groups of the sheet's digits from paper (place from 0, and the digits). Until then nothing
    /// can be cast, and again when the sheet is replaced: ballots of the old sheet leave in an envelope first.
    ///
    /// # Errors
    /// [`TabletError::Digits`] with the group that differs, [`TabletError::TwoGroups`], [`TabletError::NoSheet`].
    pub fn confirm_sheet(&mut self, unit: &UnitCode, typed: &[(usize, &str); 2]) -> Result<(), TabletError> {
        self.attempt(|tablet| {
            let mut desk = tablet.own_desk(unit)?;
            let hash = desk.state.replica.current_sheet();
            if desk.state.replica.is_finished() {
                return Err(TabletError::Finished(unit.clone()));
            }
            if desk.state.replica.sheet().is_none() {
                return Err(TabletError::NoSheet(unit.clone()));
            }
            if typed[0].0 == typed[1].0 {
                return Err(TabletError::TwoGroups);
            }
            for (place, digits) in typed {
                fingerprint::confirm(&hash.0, *place, digits)?;
            }
            if desk.state.open_box.as_ref().is_some_and(|open_box| open_box.sheet() != hash) {
                desk.seal_all(unit, false)?;
            }
            desk.store.put(&confirmed_key(unit), hash.as_bytes())?;
            desk.state.confirmed_sheet = Some(hash);
            Ok(())
        })
    }

    /// Whether a ballot can be cast here with this slip, before the voter marks anything. Nothing is changed or noted.
    ///
    /// # Errors
    /// As [`Tablet::cast`]: the slip is not of this unit, or used on this tablet; or nothing can be cast now.
    pub fn check_slip(&self, unit: &UnitCode, code: &PermitCode) -> Result<(), TabletError> {
        self.check_open(unit, Voting::Permit)?;
        let state = self.state(unit)?;
        let sheet = state.replica.sheet().ok_or_else(|| TabletError::NoSheet(unit.clone()))?;
        let nullifier = look_up(code, sheet)?;
        if state.used.contains(&nullifier) {
            return Err(InsertError::AlreadyUsed.into());
        }
        Ok(())
    }

    /// Casts the ballot of a voter with a slip. When this returns, the ballot is sealed and survives a power cut.
    ///
    /// # Errors
    /// [`TabletError`]. After [`TabletError::Store`] the ballot is not confirmed: the voter casts again, and if the
    /// slip then counts as used, the ballot is in the box.
    pub fn cast(&mut self, unit: &UnitCode, code: &PermitCode, marks: &Marks) -> Result<(), TabletError> {
        self.attempt(|tablet| {
            tablet.check_open(unit, Voting::Permit)?;
            let sheet = tablet.sheet(unit).ok_or_else(|| TabletError::NoSheet(unit.clone()))?;
            let nullifier = look_up(code, sheet)?;
            tablet.put_into_box(unit, &Claim::Permit(code.clone()), &nullifier, marks)
        })?;
        self.cut_if_due(unit);
        Ok(())
    }

    /// Casts a ballot that the team unlocked, in a unit that votes attended.
    ///
    /// # Errors
    /// As [`Tablet::cast`].
    pub fn cast_attended(&mut self, unit: &UnitCode, marks: &Marks) -> Result<(), TabletError> {
        self.attempt(|tablet| {
            tablet.check_open(unit, Voting::Attended)?;
            let mut nullifier = Nullifier([0; 16]);
            tablet.rng.fill_bytes(&mut nullifier.0);
            tablet.put_into_box(unit, &Claim::Attended, &nullifier, marks)
        })?;
        self.cut_if_due(unit);
        Ok(())
    }

    /// Closes the box: every ballot leaves in an envelope, the last of which states the total, even if it is zero.
    /// A closed box stays closed; closing it again is success. So is closing an empty box when the round is finished:
    /// nobody waits for its total any more.
    ///
    /// # Errors
    /// [`TabletError`].
    pub fn close(&mut self, unit: &UnitCode) -> Result<(), TabletError> {
        self.attempt(|tablet| {
            let mut desk = tablet.own_desk(unit)?;
            if desk.state.chain.closed {
                return Ok(());
            }
            let empty = desk.state.open_box.as_ref().is_none_or(OpenBox::is_empty);
            if desk.state.replica.is_finished() && empty {
                return Ok(());
            }
            if planted::is(Bug::EmptyBoxStaysOpen) && desk.state.open_box.is_none() {
                return Ok(());
            }
            if desk.state.open_box.is_none() {
                let Some(sheet) = desk.state.replica.sheet() else {
                    return Err(TabletError::NoSheet(unit.clone()));
                };
                let empty = OpenBox::new(unit.clone(), sheet.hash(), sheet.record_len());
                desk.state.open_box = Some(empty);
            }
            desk.seal_all(unit, true)
        })
    }

    fn check_open(&self, unit: &UnitCode, voting: Voting) -> Result<(), TabletError> {
        let round = self.membership()?;
        if !self.units().contains(unit) {
            return Err(TabletError::OtherUnit(unit.clone()));
        }
        let state = self.state(unit)?;
        if state.replica.is_finished() {
            return Err(TabletError::Finished(unit.clone()));
        }
        if state.chain.closed {
            return Err(TabletError::Closed);
        }
        if state.replica.sheet().is_none() {
            return Err(TabletError::NoSheet(unit.clone()));
        }
        if state.confirmed_sheet != Some(state.replica.current_sheet()) {
            return Err(TabletError::SheetNotConfirmed);
        }
        match round.package.value().unit(unit).map(|entry| entry.voting) {
            Some(found) if found == voting => Ok(()),
            Some(Voting::Permit) => Err(TabletError::NeedsPermit(unit.clone())),
            Some(Voting::Attended) => Err(TabletError::Attended(unit.clone())),
            None => Err(TabletError::UnknownUnit(unit.clone())),
        }
    }

    fn put_into_box(
        &mut self,
        unit: &UnitCode,
        claim: &Claim,
        nullifier: &Nullifier,
        marks: &Marks,
    ) -> Result<(), TabletError> {
        let mut desk = self.own_desk(unit)?;
        if desk.state.used.contains(nullifier) {
            return Err(InsertError::AlreadyUsed.into());
        }
        let Some(sheet) = desk.state.replica.sheet() else {
            return Err(TabletError::NoSheet(unit.clone()));
        };
        let package = desk.package.value();
        let form = Form { officials: sheet.officials.len(), levels: package.levels.len() };
        let (hash, package_hash) = (sheet.hash(), desk.package.hash());
        let place = Place { package: &package_hash, unit, sheet: &hash };
        let record = seal(claim, nullifier, marks, form, place, &package.keys.box_key, desk.rng)?;
        let fresh = || OpenBox::new(unit.clone(), hash, sheet.record_len());
        let mut open_box = desk.state.open_box.clone().unwrap_or_else(fresh);
        open_box.insert(record)?;
        desk.store_box(unit, open_box)?;
        if planted::is(Bug::NotesNullifier) {
            desk.store.put(&crate::store::Key::of(&["handed", "last"]), &nullifier.0)?;
        }
        if let Claim::Permit(code) = claim
            && planted::is(Bug::NotesCode)
        {
            desk.store.put(&crate::store::Key::of(&["handed", "last"]), code.reveal().as_bytes())?;
        }
        desk.state.used.insert(*nullifier);
        Ok(())
    }

    /// The ballot that was just cast is safe in the box already, so a failure here is no failure of the cast: the
    /// batch leaves with the next ballot, or at the close.
    fn cut_if_due(&mut self, unit: &UnitCode) {
        drop(self.attempt(|tablet| tablet.own_desk(unit)?.cut(unit)));
    }

    fn own_desk(&mut self, unit: &UnitCode) -> Result<super::Desk<'_, S, R>, TabletError> {
        let desk = self.desk(unit)?;
        if desk.certificate.value().scope.covers(unit) {
            Ok(desk)
        } else {
            Err(TabletError::OtherUnit(unit.clone()))
        }
    }
}
